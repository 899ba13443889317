/*
 * The price of an order after coupons and gift cards: the published rows, the edges of each refusal, and a hundred thousand
 * random orders against what must hold of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "runtime/engine/checkout.h"

enum { COUPON = 3, CARD = 7, TICKET = 9, EURO = 0, POUND = 1 };

static const struct checkout_slot usual[] = {{COUPON, 1}, {CARD, 1}};
static struct checkout_line lines[CHECKOUT_ITEMS_MOST];

static struct checkout_item card(int64_t balance)
{
    return (struct checkout_item){
        .kind = CARD, .share = 1000000, .balance = balance, .smallest_order = 1000, .until = 5000};
}

static struct checkout_item coupon(int64_t share, int64_t most)
{
    return (struct checkout_item){.kind = COUPON, .share = share, .balance = most, .until = INT64_MAX};
}

static struct checkout_price price(int64_t amount, int64_t now, const struct checkout_item *items, uint32_t count)
{
    struct checkout_order order = {
        .amount = amount, .currency = EURO, .now = now, .slots = usual, .slot_count = sizeof usual / sizeof usual[0]};
    struct checkout_price out;
    checkout_price(&order, items, count, lines, &out);
    assert_int_equal(out.line_count, count);
    assert_int_equal(out.taken + out.pay, amount);
    return out;
}

/* Order, card's balance: what the card gives, what is paid. */
static void a_card_is_spent_in_parts(void **state)
{
    (void)state;
    static const struct {
        int64_t order, balance, taken, pay;
        enum reason reason;
    } rows[] = {
        {1000, 2500, 1000, 0, REASON_NONE},
        {2000, 1500, 1500, 500, REASON_NONE},
        {999, 2500, 0, 999, REASON_MIN_ORDER},
        {2500, 2500, 2500, 0, REASON_NONE},
        {2501, 2500, 2500, 1, REASON_NONE},
        {1000, 0, 0, 1000, REASON_EMPTY},
        {INT64_MAX, 1, 1, INT64_MAX - 1, REASON_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct checkout_item item = card(rows[i].balance);
        struct checkout_price out = price(rows[i].order, 0, &item, 1);
        assert_int_equal(out.taken, rows[i].taken);
        assert_int_equal(out.pay, rows[i].pay);
        assert_int_equal(out.reason, rows[i].reason);
        assert_int_equal(out.refused, rows[i].reason == REASON_NONE ? 1 : 0);
        assert_int_equal(lines[0].left, rows[i].reason == REASON_NONE ? rows[i].balance - rows[i].taken : 0);
    }
}

/* The coupon comes first whichever was laid down first; its share is rounded down, and never more than its value. */
static void a_coupon_comes_before_the_card(void **state)
{
    (void)state;
    struct checkout_item items[] = {card(2500), coupon(100000, 1000)};
    struct checkout_price out = price(4000, 0, items, 2);
    assert_int_equal(out.pay, 1100);
    assert_int_equal(lines[0].item, 1);
    assert_int_equal(lines[0].taken, 400);
    assert_int_equal(lines[1].item, 0);
    assert_int_equal(lines[1].taken, 2500);

    items[1] = coupon(100000, 399);
    assert_int_equal(price(4000, 0, items, 2).pay, 4000 - 399 - 2500);
    items[1] = coupon(333333, 100000);
    price(1000, 0, items, 2);
    assert_int_equal(lines[0].taken, 333);
    items[1] = coupon(1000000, 500);
    assert_int_equal(price(1200, 0, items, 2).taken, 1200);
    assert_int_equal(lines[1].taken, 700);

    /* The order is measured before anything is taken off; a coupon that takes all leaves the card as it is. */
    items[1] = coupon(1000000, 100000);
    out = price(1000, 0, items, 2);
    assert_int_equal(out.reason, REASON_NONE);
    assert_int_equal(out.pay, 0);
    assert_int_equal(lines[1].taken, 0);
    assert_int_equal(lines[1].left, 2500);
}

static void every_refusal_has_its_reason(void **state)
{
    (void)state;
    struct checkout_item items[] = {card(2500), card(2500), coupon(100000, 1000)};
    struct checkout_price out = price(2000, 0, items, 2);
    assert_int_equal(out.reason, REASON_STACKING);
    assert_int_equal(out.refused, 1);
    assert_int_equal(out.taken, 2000);

    items[1].kind = TICKET; /* no line for it */
    out = price(2000, 0, items, 3);
    assert_int_equal(out.reason, REASON_STACKING);
    assert_int_equal(lines[2].item, 1);
    assert_int_equal(out.taken, 2000);

    assert_int_equal(price(2000, 4999, items, 1).reason, REASON_NONE);
    assert_int_equal(price(2000, 5000, items, 1).reason, REASON_EXPIRED);
    items[0].frozen = true;
    assert_int_equal(price(2000, 5000, items, 1).reason, REASON_FROZEN);
    items[0].currency = POUND;
    assert_int_equal(price(2000, 5000, items, 1).reason, REASON_CURRENCY);

    /* A refused card has used its place: the next one does not step into it. */
    items[1] = card(2500);
    out = price(2000, 0, items, 2);
    assert_int_equal(out.reason, REASON_CURRENCY);
    assert_int_equal(out.taken, 0);
    assert_int_equal(lines[1].reason, REASON_STACKING);
    assert_int_equal(price(0, 0, NULL, 0).pay, 0);
}

static void used_at_once_means_that_the_rest_is_lost(void **state)
{
    (void)state;
    struct checkout_item item = card(2500);
    item.at_once = true;
    assert_int_equal(price(1000, 0, &item, 1).taken, 1000);
    assert_int_equal(lines[0].left, 0);
    struct checkout_item items[] = {item, coupon(1000000, 100000)};
    price(1000, 0, items, 2);
    assert_int_equal(lines[1].left, 2500); /* it was not needed */
}

static uint64_t random_state = 20261122;

static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* The same order by a second way: item by item, sorted by the place of its kind, with long division of the share. */
static int64_t model_pay(int64_t amount, const struct checkout_slot *slots, uint32_t slot_count,
                         const struct checkout_item *items, uint32_t count, int64_t now)
{
    int64_t pay = amount;
    uint32_t used[CHECKOUT_SLOTS_MOST] = {0};
    for (uint32_t s = 0; s < slot_count; s++) {
        for (uint32_t i = 0; i < count; i++) {
            if (items[i].kind != slots[s].kind || used[s]++ >= slots[s].most) continue;
            if (items[i].frozen || items[i].currency != EURO || now >= items[i].until) continue;
            if (amount < items[i].smallest_order) continue;
            int64_t off = pay / 1000000 * items[i].share + pay % 1000000 * items[i].share / 1000000;
            pay -= off < items[i].balance ? off : items[i].balance;
        }
    }
    return pay;
}

static void random_orders_hold(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 100000; round++) {
        struct checkout_slot slots[4];
        uint32_t slot_count = (uint32_t)(next_random() % 5);
        for (uint32_t s = 0; s < slot_count; s++) {
            slots[s] = (struct checkout_slot){.kind = s, .most = 1 + (uint32_t)(next_random() % 3)};
        }
        struct checkout_item items[CHECKOUT_ITEMS_MOST];
        uint32_t count = (uint32_t)(next_random() % (CHECKOUT_ITEMS_MOST + 1));
        for (uint32_t i = 0; i < count; i++) {
            items[i] = (struct checkout_item){.kind = (uint32_t)(next_random() % 5),
                                              .currency = next_random() % 8 == 0 ? POUND : EURO,
                                              .share = (int64_t)(next_random() % 1000001),
                                              .balance = (int64_t)(next_random() % 3000),
                                              .smallest_order = (int64_t)(next_random() % 4000),
                                              .until = (int64_t)(next_random() % 100),
                                              .frozen = next_random() % 8 == 0,
                                              .at_once = next_random() % 2 == 0};
        }
        struct checkout_order order = {.amount = (int64_t)(next_random() >> (1 + next_random() % 63)),
                                       .currency = EURO,
                                       .now = (int64_t)(next_random() % 100),
                                       .slots = slots,
                                       .slot_count = slot_count};
        struct checkout_price out;
        checkout_price(&order, items, count, lines, &out);
        assert_int_equal(out.line_count, count);
        int64_t taken = 0;
        uint32_t seen = 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct checkout_item *item = &items[lines[i].item];
            assert_int_equal(seen >> lines[i].item & 1, 0);
            seen |= 1u << lines[i].item;
            assert_true(lines[i].taken >= 0 && lines[i].taken <= item->balance && lines[i].left >= 0);
            if (lines[i].reason != REASON_NONE) assert_int_equal(lines[i].taken, 0);
            taken += lines[i].taken;
        }
        assert_int_equal(taken, out.taken);
        assert_int_equal(order.amount - taken, out.pay);
        assert_int_equal(out.pay, model_pay(order.amount, slots, slot_count, items, count, order.now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_spent_in_parts),     cmocka_unit_test(a_coupon_comes_before_the_card),
        cmocka_unit_test(every_refusal_has_its_reason), cmocka_unit_test(used_at_once_means_that_the_rest_is_lost),
        cmocka_unit_test(random_orders_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
