/*
 * Orders kept: refunds in their order and never beyond what was given, holds that end, bytes that come back, and damaged bytes refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/engine/till.h"

static struct slab slab;
static struct till till;

static int start(void **state)
{
    (void)state;
    slab_init(&slab);
    till = (struct till){0};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    till_release(&till, &slab);
    slab_deinit(&slab);
    return 0;
}

/* An order with a coupon (400) and two cards (1500, 1000); the rest is paid. */
static struct till_order *add(const char *id, int64_t amount, bool held, int64_t until)
{
    struct till_line lines[] = {{{1}, 400, 0, true}, {{2}, 1500, 0, false}, {{3}, 1000, 0, false}};
    struct till_order values = {
        .held = held, .currency = "EUR", .amount = amount, .pay = amount - 2900, .at = 5, .until = until};
    struct till_order *order = till_add(&till, &slab, text_of(id), &values, lines, 3);
    assert_non_null(order);
    return order;
}

static void a_refund_goes_back_the_way_it_came(void **state)
{
    (void)state;
    struct till_order *order = add("o1", 4000, false, 0);
    struct till_refund out;
    assert_true(till_refund(order, 1200, &out));
    assert_int_equal(out.to_line[0], 0);
    assert_int_equal(out.to_line[1], 200);
    assert_int_equal(out.to_line[2], 1000);
    assert_int_equal(out.to_pay, 0);
    assert_true(till_refund(order, 2000, &out));
    assert_int_equal(out.to_line[1], 1300);
    assert_int_equal(out.to_line[2], 0);
    assert_int_equal(out.to_pay, 700);
    /* 4,000 - 400 of the coupon: what is left is 400 of what was paid. */
    assert_true(till_refund(order, INT64_MAX, &out));
    assert_int_equal(out.to_pay, 400);
    assert_false(till_refund(order, 1, &out));
}

static void holds_are_found_by_their_end(void **state)
{
    (void)state;
    assert_int_equal(till_next(&till), TILL_NEVER);
    add("a", 4000, true, 90);
    add("b", 5000, false, 0);
    add("c", 6000, true, 70);
    assert_int_equal(till_next(&till), 70);
    assert_int_equal(till_held(&till), 2);
    assert_int_equal(till_held_of(&till, (const uint8_t[16]){2}), 3000);
    assert_int_equal(till_held_of(&till, (const uint8_t[16]){9}), 0);
    till_drop(&till, &slab, till_find(&till, TEXT("c")));
    assert_null(till_find(&till, TEXT("c")));
    assert_int_equal(till_find(&till, TEXT("b"))->amount, 5000);
    assert_int_equal(till_next(&till), 90);
}

static void the_oldest_done_makes_room(void **state)
{
    (void)state;
    char id[16];
    add("held", 4000, true, 90);
    for (uint32_t i = 0; i < TILL_ORDERS_MOST + 10; i++) {
        snprintf(id, sizeof id, "o%u", i);
        add(id, 3000, false, 0);
    }
    assert_int_equal(till.count, TILL_ORDERS_MOST);
    assert_non_null(till_find(&till, TEXT("held")));
    assert_null(till_find(&till, TEXT("o10")));
    assert_non_null(till_find(&till, TEXT("o11")));
}

static void bytes_come_back(void **state)
{
    (void)state;
    struct buffer bytes = BUFFER_EMPTY, again = BUFFER_EMPTY;
    till_encode(&till, &bytes);
    assert_int_equal(bytes.size, 0);
    struct till_refund out;
    add("a", 4000, true, 90);
    assert_true(till_refund(add("b", 5000, false, 0), 3000, &out));
    till_encode(&till, &bytes);
    struct till read = {0};
    struct buffer_reader in = buffer_read(bytes.bytes, bytes.size);
    struct error error = ERROR_NONE;
    assert_int_equal(till_decode(&read, &slab, &in, &error), OK);
    assert_int_equal(in.at, in.size);
    till_encode(&read, &again);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.size);
    till_release(&read, &slab);

    /* Cut off anywhere, and with any bit turned over: refused, or sound. */
    for (size_t size = 0; size < bytes.size; size++) {
        in = buffer_read(bytes.bytes, size);
        assert_int_equal(till_decode(&read, &slab, &in, &error), STATUS_CORRUPT);
        till_release(&read, &slab);
    }
    uint32_t refused = 0;
    for (size_t bit = 0; bit < bytes.size * 8; bit++) {
        bytes.bytes[bit / 8] ^= (unsigned char)(1u << (bit % 8));
        in = buffer_read(bytes.bytes, bytes.size);
        if (till_decode(&read, &slab, &in, &error) != OK) refused++;
        for (uint32_t i = 0; i < read.count; i++) {
            int64_t sum = read.order[i].pay;
            for (uint32_t n = 0; n < read.order[i].line_count; n++) sum += read.order[i].line[n].taken;
            assert_int_equal(sum, read.order[i].amount);
        }
        till_release(&read, &slab);
        bytes.bytes[bit / 8] ^= (unsigned char)(1u << (bit % 8));
    }
    assert_true(refused > 500);
    buffer_deinit(&bytes);
    buffer_deinit(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refund_goes_back_the_way_it_came, start, stop),
        cmocka_unit_test_setup_teardown(holds_are_found_by_their_end, start, stop),
        cmocka_unit_test_setup_teardown(the_oldest_done_makes_room, start, stop),
        cmocka_unit_test_setup_teardown(bytes_come_back, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
