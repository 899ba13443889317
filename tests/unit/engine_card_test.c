/*
 * Gift cards and coupons in the running engine: the published rows of the review campaign, holds and their ends, refunds, frozen and
 * cancelled cards, refusals, repetitions; the same on one shard and on seven, and through restarts. Random stories against a small model:
 * never more taken than was given, never a balance below zero.
 */
#include "tests/kit/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/card.h"
#include "runtime/engine/checkpoint.h"
#include "runtime/engine/till.h"
#include "vm/memory.h"

#define WORKSPACE                                           \
    "workspace \"cards\"\n"                                 \
    "  product   casino\n"                                  \
    "  currency  EUR, GBP\n"                                \
    "  tag       reviewers\n"                               \
    "  use       events\n  use attributes\n  use actions\n" \
    "end\n"                                                 \
    "stacking \"checkout\"\n  first  at most 1 coupon\n  then   at most 1 gift_card\nend\n"

#define CARDS                                                                                             \
    WORKSPACE                                                                                             \
    "campaign \"Card\"\n  product casino\n  currency EUR\n"                                               \
    "  budget\n    total 100 EUR\n  end\n"                                                                \
    "  start on review_left\n  enter every time\n"                                                        \
    "  offer gift_card \"review card\"\n    amount 25 EUR\n    smallest_order 10 EUR\n    use in parts\n" \
    "    refund to the card\n    expires 365 days after grant\n  end\n"                                   \
    "  step \"One\"\n    credit \"review card\", otherwise finish as \"NO\"\n"                            \
    "    do publish_card with review review_left.review_id\n    finish as \"DONE\"\n  end\nend\n"         \
    "campaign \"Coupon\"\n  product casino\n  currency EUR\n  budget\n    total 1,000 EUR\n  end\n"       \
    "  start on registration\n"                                                                           \
    "  offer coupon \"ten off\"\n    share 10%\n    value 10 EUR\n    smallest_order 0 EUR\n"             \
    "    expires 30 days after grant\n  end\n"                                                            \
    "  step \"One\"\n    credit \"ten off\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n"

/* One card, which events of the platform freeze, thaw and cancel. */
#define MODERATED                                                                                                   \
    WORKSPACE "campaign \"Card\"\n  product casino\n  currency EUR\n"                                               \
              "  budget\n    total 100 EUR\n  end\n"                                                                \
              "  start on review_left\n"                                                                            \
              "  offer gift_card \"review card\"\n    amount 25 EUR\n    smallest_order 10 EUR\n"                   \
              "    expires 20 days after grant\n  end\n"                                                            \
              "  step \"One\"\n    credit \"review card\", otherwise finish as \"NO\"\n    go to \"Keep\"\n  end\n" \
              "  step \"Keep\"\n    wait up to 100 days\n      when kyc_failed      go to \"Freeze\"\n"             \
              "      when kyc_passed      go to \"Thaw\"\n      when review_removed  go to \"End\"\n"               \
              "      when time is up      finish as \"OVER\"\n    end\n  end\n"                                     \
              "  step \"Freeze\"\n    freeze \"review card\"\n"                                                     \
              "    go to \"Keep\", at most 500 times, otherwise finish as \"NO\"\n  end\n"                          \
              "  step \"Thaw\"\n    unfreeze \"review card\"\n"                                                     \
              "    go to \"Keep\", at most 500 times, otherwise finish as \"NO\"\n  end\n"                          \
              "  step \"End\"\n    cancel \"review card\"\n    finish as \"END\"\n  end\nend\n"

#define TAKEN_AWAY                                                                                               \
    WORKSPACE                                                                                                    \
    "campaign \"Card\"\n  product casino\n  currency EUR\n  budget\n    total 100 EUR\n  end\n"                  \
    "  start on deposit\n  enter every time\n"                                                                   \
    "  offer gift_card \"bought\"\n    amount 50% of deposit.amount, at most 25 EUR\n    smallest_order 1 EUR\n" \
    "    revoke on deposit_reversed\n    cancel on withdrawal_requested where amount is at least 100 EUR\n"      \
    "    expires 30 days after grant\n  end\n"                                                                   \
    "  step \"One\"\n    credit \"bought\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n"

static struct player *find_player(const struct kit *kit, const char *player)
{
    struct text id = text_of(player), brand = TEXT("");
    struct player *found = state_find_player(kit->engine, record_group(brand, id), brand, id);
    assert_non_null(found);
    return found;
}

/* The n-th reward of a player, from 0. */
static struct reward *reward_of(const struct kit *kit, const char *player, uint32_t n)
{
    struct reward *reward = find_player(kit, player)->reward;
    while (reward != NULL && n-- > 0) reward = reward->next;
    assert_non_null(reward);
    return reward;
}

static void review(struct kit *kit, const char *player, const char *at)
{
    char id[64];
    snprintf(id, sizeof id, "review-%s-%s", player, at);
    kit_event(kit, id, "review.left", player, at,
              "\"review_id\":\"r1\",\"product_id\":\"s1\",\"length\":80,\"bought\":true");
}

static void expect(const struct kit *kit, const char *text, uint32_t count)
{
    uint32_t found = kit_count(&kit->effects, text);
    if (found == count) return;
    fail_msg("`%s` stands there %u times, not %u:\n%.*s", text, found, count, (int)kit->effects.size,
             (const char *)kit->effects.bytes);
}

static void a_card_is_spent_in_parts_and_comes_back_once(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, CARDS, shards);
        review(&kit, "p1", "2026-06-01T10:00:00Z");
        kit_settle(&kit);
        expect(&kit, "\"event\":\"publication.succeeded\"", 1);
        expect(&kit, "\"metadata\":\"r1\"", 1);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_UNUSED);
        kit_event(&kit, "o1", "checkout", "p1", "2026-06-02T10:00:00Z",
                  "\"amount\":\"10.00 EUR\",\"card\":\"review card\"");
        kit_settle(&kit);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_PART_USED);
        assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 1500);
        kit_event(&kit, "o2", "checkout", "p1", "2026-06-03T10:00:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        kit_settle(&kit);
        kit_restart(&kit, &store, 8 - shards);
        expect(&kit, "\"from_card\":\"15.00 EUR\",\"paid\":\"5.00 EUR\"", 2); /* the answer and the event */
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_USED);
        kit_event(&kit, "o3", "checkout", "p1", "2026-06-03T11:00:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        kit_event(&kit, "b1", "checkout.refunded", "p1", "2026-06-04T10:00:00Z", "\"order_id\":\"o2\"");
        kit_event(&kit, "b1", "checkout.refunded", "p1", "2026-06-04T10:00:00Z", "\"order_id\":\"o2\"");
        kit_event(&kit, "b2", "checkout.refunded", "p1", "2026-06-04T10:00:01Z", "\"order_id\":\"o2\"");
        kit_settle(&kit);
        expect(&kit, "\"result\":\"EMPTY\"", 2);
        expect(&kit, "\"to_card\":\"15.00 EUR\",\"to_pay\":\"5.00 EUR\"", 2); /* the repetition is answered again */
        assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 1500);
        kit_event(&kit, "o4", "checkout", "p1", "2026-06-05T10:00:00Z",
                  "\"amount\":\"9.99 EUR\",\"card\":\"review card\"");
        kit_settle(&kit);
        expect(&kit, "\"result\":\"MIN_ORDER\"", 1);
        kit_event(&kit, "o5", "checkout", "p1", "2027-06-01T10:00:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        kit_event(&kit, "b3", "checkout.refunded", "p1", "2027-06-01T10:00:00Z", "\"order_id\":\"o1\"");
        kit_settle(&kit);
        expect(&kit, "\"result\":\"EXPIRED\"", 2);
        kit_close(&kit);
        store_close(&store);
    }
}

/* The answer's result to the request with this id; empty: there is none yet. */
static void result_of(const struct kit *kit, const char *id, char out[32])
{
    char needle[96];
    snprintf(needle, sizeof needle, "\"to\":\"%s\"", id);
    *out = 0;
    struct text left = text_make((const char *)kit->effects.bytes, kit->effects.size);
    for (uint32_t i = 0; i + strlen(needle) <= left.size; i++) {
        if (memcmp(left.at + i, needle, strlen(needle)) != 0) continue;
        const char *result = strstr(left.at + i, "\"result\":\"");
        assert_non_null(result);
        sscanf(result + 10, "%31[A-Z_]", out);
        return;
    }
}

static void answered(const struct kit *kit, const char *id, const char *result)
{
    char found[32];
    result_of(kit, id, found);
    if (strcmp(found, result) != 0) fail_msg("request %s was answered `%s`, not `%s`", id, found, result);
}

static void check_out(struct kit *kit, const char *id, const char *at, const char *data)
{
    kit_event(kit, id, "checkout", "p1", at, data);
    kit_settle(kit);
}

static void a_coupon_and_a_card_stack(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, CARDS, 1);
    review(&kit, "p1", "2026-06-01T10:00:00Z");
    kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
    check_out(&kit, "o1", "2026-06-02T10:00:00Z",
              "\"amount\":\"40.00 EUR\",\"card\":\"review card\",\"coupon\":\"ten off\",\"order_id\":\"A1\"");
    answered(&kit, "o1", "OK");
    expect(&kit, "\"order_id\":\"A1\",\"coupon_off\":\"4.00 EUR\",\"from_card\":\"25.00 EUR\",\"paid\":\"11.00 EUR\"",
           3);
    expect(&kit, "\"of\":\"ten off\"", 1);
    check_out(&kit, "o2", "2026-06-02T11:00:00Z", "\"amount\":\"40.00 EUR\",\"coupon\":\"ten off\"");
    answered(&kit, "o2", "EMPTY"); /* used once */
    check_out(&kit, "o3", "2026-06-02T12:00:00Z", "\"amount\":\"40.00 EUR\",\"order_id\":\"A1\"");
    answered(&kit, "o3", "DUPLICATE");
    /* What the coupon took off is no money: a refund brings back 25 and 11. */
    kit_event(&kit, "b1", "checkout.refunded", "p1", "2026-06-03T10:00:00Z",
              "\"order_id\":\"A1\",\"amount\":\"30.00 EUR\"");
    kit_event(&kit, "b2", "checkout.refunded", "p1", "2026-06-03T10:00:01Z", "\"order_id\":\"A1\"");
    kit_settle(&kit);
    expect(&kit, "\"to_card\":\"25.00 EUR\",\"to_pay\":\"5.00 EUR\"", 1);
    expect(&kit, "\"to_card\":\"0.00 EUR\",\"to_pay\":\"6.00 EUR\"", 1);
    assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_USED);
    assert_int_equal(reward_of(&kit, "p1", 1)->state, REWARD_UNUSED);
    kit_close(&kit);
}

static void refusals_take_nothing(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, CARDS, 1);
    review(&kit, "p1", "2026-06-01T10:00:00Z");
    review(&kit, "p1", "2026-06-01T11:00:00Z");
    review(&kit, "p2", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    char mine[CARD_CODE_SIZE], other[CARD_CODE_SIZE], data[256];
    card_code(kit.engine, reward_of(&kit, "p1", 1)->id, mine);
    card_code(kit.engine, reward_of(&kit, "p2", 0)->id, other);
    check_out(&kit, "o1", "2026-06-02T10:00:00Z", "\"amount\":\"20.00 EUR\",\"card\":\"revew card\"");
    answered(&kit, "o1", "UNKNOWN_CARD");
    snprintf(data, sizeof data, "\"amount\":\"20.00 EUR\",\"card\":\"%s\"", other);
    check_out(&kit, "o2", "2026-06-02T10:00:01Z", data); /* another player's card is unknown here */
    answered(&kit, "o2", "UNKNOWN_CARD");
    snprintf(data, sizeof data, "\"amount\":\"20.00 EUR\",\"card\":\"review card, %s\"", mine);
    check_out(&kit, "o3", "2026-06-02T10:00:02Z", data);
    answered(&kit, "o3", "STACKING");
    check_out(&kit, "o4", "2026-06-02T10:00:03Z", "\"amount\":\"20.00 GBP\",\"card\":\"review card\"");
    answered(&kit, "o4", "CURRENCY");
    check_out(&kit, "o5", "2026-06-02T10:00:04Z", "\"amount\":\"20.00 EUR\",\"stacking\":\"other\"");
    answered(&kit, "o5", "STACKING");
    kit_event(&kit, "c1", "checkout.confirmed", "p1", "2026-06-02T10:00:05Z", "\"order_id\":\"o1\"");
    kit_event(&kit, "c2", "checkout.refunded", "p1", "2026-06-02T10:00:05Z", "\"order_id\":\"o1\"");
    kit_settle(&kit);
    answered(&kit, "c1", "UNKNOWN_ORDER");
    answered(&kit, "c2", "UNKNOWN_ORDER");
    assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 2500);
    assert_int_equal(card_left(reward_of(&kit, "p1", 1)), 2500);
    assert_int_equal(card_left(reward_of(&kit, "p2", 0)), 2500);
    /* By the code, as people type it: the second card. Slips of the pen are no card. */
    for (char *sign = mine; *sign != 0; sign++) *sign = (char)(*sign == '-' ? ' ' : *sign >= 'A' ? *sign + 32 : *sign);
    snprintf(data, sizeof data, "\"amount\":\"20.00 EUR\",\"card\":\" %s \"", mine);
    check_out(&kit, "o6", "2026-06-02T10:00:06Z", data);
    answered(&kit, "o6", "OK");
    assert_int_equal(card_left(reward_of(&kit, "p1", 1)), 500);
    assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 2500);
    mine[0] = mine[0] == 'a' ? 'b' : 'a';
    snprintf(data, sizeof data, "\"amount\":\"20.00 EUR\",\"card\":\"%s\"", mine);
    check_out(&kit, "o7", "2026-06-02T10:00:07Z", data);
    answered(&kit, "o7", "UNKNOWN_CARD");
    kit_close(&kit);
}

static void a_hold_keeps_what_it_takes_until_it_ends(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, CARDS, shards);
        review(&kit, "p1", "2026-06-01T10:00:00Z");
        kit_event(&kit, "h1", "checkout.held", "p1", "2026-06-02T10:00:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        kit_event(&kit, "h2", "checkout.held", "p1", "2026-06-02T10:00:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\",\"minutes\":30");
        kit_settle(&kit);
        assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 0);
        assert_int_equal(reward_of(&kit, "p1", 0)->as.card.balance, 2500);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_PART_USED);
        kit_restart(&kit, &store, 8 - shards);
        check_out(&kit, "o1", "2026-06-02T10:14:59Z", "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        answered(&kit, "o1", "EMPTY");
        check_out(&kit, "o2", "2026-06-02T10:15:00Z", "\"amount\":\"12.00 EUR\",\"card\":\"review card\"");
        answered(&kit, "o2", "OK");
        expect(&kit, "\"event\":\"checkout.released\"", 1);
        expect(&kit, "\"data\":{\"order_id\":\"h1\"}", 1);
        assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 800);
        /* A checkout of an order that is held confirms it, at what was priced. */
        check_out(&kit, "o3", "2026-06-02T10:20:00Z", "\"amount\":\"20.00 EUR\",\"order_id\":\"h2\"");
        answered(&kit, "o3", "OK");
        expect(&kit,
               "\"order_id\":\"h2\",\"coupon_off\":\"0.00 EUR\",\"from_card\":\"5.00 EUR\",\"paid\":\"15.00 EUR\"", 3);
        kit_event(&kit, "c1", "checkout.confirmed", "p1", "2026-06-02T10:21:00Z", "\"order_id\":\"h2\"");
        kit_event(&kit, "h3", "checkout.held", "p1", "2026-06-02T10:22:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        kit_event(&kit, "x3", "checkout.cancelled", "p1", "2026-06-02T10:23:00Z", "\"order_id\":\"h3\"");
        kit_settle(&kit);
        answered(&kit, "c1", "DUPLICATE"); /* It is redeemed: nothing is left to confirm. */
        answered(&kit, "x3", "OK");
        assert_int_equal(card_left(reward_of(&kit, "p1", 0)), 800);
        /* What is held when the card's time is over can still be confirmed; what comes back then is gone. */
        kit_event(&kit, "h4", "checkout.held", "p1", "2027-06-01T09:59:00Z",
                  "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        kit_event(&kit, "c4", "checkout.confirmed", "p1", "2027-06-01T10:01:00Z", "\"order_id\":\"h4\"");
        kit_settle(&kit);
        answered(&kit, "c4", "OK");
        expect(&kit, "\"from_card\":\"8.00 EUR\",\"paid\":\"12.00 EUR\"", 4); /* h3 too */
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_EXPIRED);
        assert_int_equal(reward_of(&kit, "p1", 0)->as.card.held, 0);
        kit_restart(&kit, &store, shards);
        kit_close(&kit);
        store_close(&store);
    }
}

/* Two orders of the same instant: whichever line comes first, the first by id is served first, and never more than the balance is taken. */
static void orders_of_one_instant_share_a_card(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (uint32_t turned = 0; turned < 2; turned++) {
        struct kit kit;
        kit_open(&kit, CARDS, turned == 0 ? 1 : 7);
        review(&kit, "p1", "2026-06-01T10:00:00Z");
        for (uint32_t i = 0; i < 2; i++) {
            const char *id = (i ^ turned) == 0 ? "o1" : "o2";
            kit_event(&kit, id, "checkout", "p1", "2026-06-02T10:00:00Z",
                      "\"amount\":\"20.00 EUR\",\"card\":\"review card\"");
        }
        kit_settle(&kit);
        expect(&kit, "\"from_card\":\"20.00 EUR\",\"paid\":\"0.00 EUR\"", 2);
        expect(&kit, "\"from_card\":\"5.00 EUR\",\"paid\":\"15.00 EUR\"", 2);
        kit_runs_add(&runs, &kit);
    }
    kit_runs_judge(&runs);
}

static void events_take_cards_away(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, TAKEN_AWAY, 1);
    for (uint32_t i = 1; i <= 4; i++) {
        char id[8], at[32];
        snprintf(id, sizeof id, "d%u", i);
        snprintf(at, sizeof at, "2026-06-01T10:0%u:00Z", i);
        kit_event(&kit, id, "deposit", "p1", at, "\"amount\":\"20.00 EUR\",\"first\":false,\"method\":\"card\"");
    }
    kit_event(&kit, "o1", "checkout", "p1", "2026-06-02T10:00:00Z", "\"amount\":\"3.00 EUR\",\"card\":\"bought\"");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_PART_USED);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"released\""), 0);
    /* With its deposit goes the card, by itself: the cost of an unused one comes back. */
    kit_event(
        &kit, "v2", "deposit.reversed", "p1", "2026-06-02T11:00:00Z",
        "\"deposit_id\":\"d2\",\"deposited_at\":\"2026-06-01T10:02:00Z\",\"amount\":\"20.00 EUR\",\"first\":false,"
        "\"method\":\"card\"");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 1)->state, REWARD_REVOKED);
    assert_int_equal(reward_of(&kit, "p1", 2)->state, REWARD_UNUSED);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"released\""), 1);
    expect(&kit, "\"event\":\"bonus.revoked\"", 1);
    kit_event(
        &kit, "v1", "deposit.reversed", "p1", "2026-06-02T11:30:00Z",
        "\"deposit_id\":\"d1\",\"deposited_at\":\"2026-06-01T10:01:00Z\",\"amount\":\"20.00 EUR\",\"first\":false,"
        "\"method\":\"card\"");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_REVOKED); /* used in part: nothing comes back */
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"released\""), 1);
    kit_event(&kit, "w1", "withdrawal.requested", "p1", "2026-06-03T10:00:00Z", "\"amount\":\"99.99 EUR\"");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 2)->state, REWARD_UNUSED);
    kit_event(&kit, "w2", "withdrawal.requested", "p1", "2026-06-03T11:00:00Z", "\"amount\":\"100.00 EUR\"");
    kit_settle(&kit);
    assert_int_equal(reward_of(&kit, "p1", 2)->state, REWARD_REVOKED);
    assert_int_equal(reward_of(&kit, "p1", 3)->state, REWARD_REVOKED);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"released\""), 3);
    expect(&kit, "\"event\":\"bonus.cancelled\"", 2);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- random stories */

static uint64_t random_state;

static uint32_t below(uint32_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % limit;
}

enum { ORDERS = 200, MINUTE = 60000 };

/* The model: one card, in plain words. */
struct model_order {
    char id[16];
    bool held, done;
    int64_t taken, pay, returned, paid_back, until;
};
struct model {
    int64_t balance; /* What nobody has redeemed, in minor units. */
    bool frozen, over;
    bool moderated, cancelled;
    int64_t ends; /* When its time is over. */
    struct model_order order[ORDERS];
    uint32_t count;
};

static int64_t held_by(const struct model *model)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < model->count; i++) sum += model->order[i].held ? model->order[i].taken : 0;
    return sum;
}

static void pass_time(struct model *model, int64_t now)
{
    for (uint32_t i = 0; i < model->count; i++) {
        if (model->order[i].held && model->order[i].until <= now) model->order[i] = (struct model_order){0};
    }
    if (model->over) model->balance = held_by(model);
}

static const char *step(struct kit *kit, struct model *model, uint32_t n, int64_t minutes)
{
    char id[24], at[32], data[160];
    snprintf(id, sizeof id, "s%u", n);
    snprintf(at, sizeof at, "2026-06-%02uT%02u:%02u:00Z", 2 + (unsigned)(minutes / 1440), (unsigned)(minutes / 60 % 24),
             (unsigned)(minutes % 60));
    pass_time(model, minutes * MINUTE);
    if (!model->over && minutes >= model->ends) {
        model->over = true;
        model->balance = held_by(model);
    }
    uint32_t kind = below(model->moderated ? 9 : 6);
    if (kind == 6 || kind == 7) {
        kit_event(kit, id, kind == 6 ? "kyc.failed" : "kyc.passed", "p1", at, "");
        kit_settle(kit);
        model->frozen = kind == 6;
        return NULL;
    }
    if (kind == 8) {
        if (n < 200) {
            kit_tick(kit, at);
            kit_settle(kit);
            return NULL;
        }
        kit_event(kit, id, "review.removed", "p1", at, "\"review_id\":\"r1\"");
        kit_settle(kit);
        if (model->over) return NULL;
        model->over = model->cancelled = true;
        model->balance = held_by(model);
        return NULL;
    }
    if (kind <= 1 && model->count < ORDERS) {
        int64_t amount = 500 + below(1500), left = model->balance - held_by(model);
        snprintf(data, sizeof data, "\"amount\":\"%d.%02d EUR\",\"card\":\"review card\"", (int)(amount / 100),
                 (int)(amount % 100));
        kit_event(kit, id, kind == 0 ? "checkout" : "checkout.held", "p1", at, data);
        kit_settle(kit);
        if (model->frozen && !model->over) return "FROZEN";
        if (model->over && !model->cancelled) return "EXPIRED";
        if (amount < 1000) return "MIN_ORDER";
        if (left == 0 || model->over) return "EMPTY";
        struct model_order *order = &model->order[model->count++];
        *order = (struct model_order){.held = kind == 1, .done = kind == 0, .taken = amount < left ? amount : left};
        order->pay = amount - order->taken;
        order->until = (minutes + 15) * MINUTE;
        memcpy(order->id, id, sizeof order->id);
        if (kind == 0) model->balance -= order->taken;
        return "OK";
    }
    if (model->count == 0) {
        kit_tick(kit, at);
        kit_settle(kit);
        return NULL;
    }
    struct model_order *order = &model->order[below(model->count)];
    bool refund = kind == 2 || kind == 5;
    int64_t amount = 1 + below(2000);
    snprintf(data, sizeof data, "\"order_id\":\"%s\"", order->id[0] == 0 ? "none" : order->id);
    if (refund && kind == 2)
        snprintf(data + strlen(data), sizeof data - strlen(data), ",\"amount\":\"%d.%02d EUR\"", (int)(amount / 100),
                 (int)(amount % 100));
    kit_event(kit, id,
              refund      ? "checkout.refunded"
              : kind == 3 ? "checkout.confirmed"
                          : "checkout.cancelled",
              "p1", at, data);
    kit_settle(kit);
    if (!refund && order->done) return "DUPLICATE";
    if (refund ? !order->done : !order->held) return "UNKNOWN_ORDER";
    if (kind == 5) amount = order->taken + order->pay;
    if (refund) {
        int64_t back = order->taken - order->returned < amount ? order->taken - order->returned : amount;
        int64_t paid = order->pay - order->paid_back < amount - back ? order->pay - order->paid_back : amount - back;
        order->returned += back;
        order->paid_back += paid;
        if (!model->over) model->balance += back;
        return back + paid == 0 ? "EMPTY" : model->over && paid == 0 ? "EXPIRED" : "OK";
    }
    if (kind == 3) model->balance -= order->taken;
    if (kind == 3) order->done = true;
    if (kind == 4) *order = (struct model_order){0};
    order->held = false;
    if (model->over) model->balance = held_by(model);
    return "OK";
}

static void random_stories_hold(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++) {
        struct kit_runs runs = {0};
        for (uint32_t shards = 1; shards <= 7; shards += 6) {
            random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
            struct kit kit;
            struct store store;
            struct error error = ERROR_NONE;
            static struct model model;
            bool moderated = seed % 2 == 0;
            model = (struct model){.balance = 2500, .moderated = moderated, .ends = INT64_MAX};
            assert_int_equal(memory_store_open(&store, &error), OK);
            kit_open(&kit, moderated ? MODERATED : CARDS, shards);
            review(&kit, "p1", "2026-06-01T10:00:00Z");
            kit_settle(&kit);
            /* By the clock of the story, which begins on the second of June; twenty days after the review. */
            if (moderated) model.ends = 19 * 1440 + 600;
            int64_t minutes = 0;
            for (uint32_t n = 0; n < 300; n++) {
                minutes += below(n == 250 && seed % 4 == 0 ? 20 * 1440 : 12);
                const char *result = step(&kit, &model, n, minutes);
                const struct reward *card = reward_of(&kit, "p1", 0);
                char id[24];
                snprintf(id, sizeof id, "s%u", n);
                if (result != NULL) answered(&kit, id, result);
                if (card->as.card.balance != model.balance || card->as.card.held != held_by(&model))
                    fail_msg("seed %u, step %u: balance %ld, held %ld, not %ld and %ld", seed, n,
                             (long)card->as.card.balance, (long)card->as.card.held, (long)model.balance,
                             (long)held_by(&model));
                assert_true(card->as.card.held >= 0 && card->as.card.balance >= card->as.card.held);
                assert_true(card->as.card.balance <= 2500);
                bool frozen = !reward_is_over(card) && card->state == REWARD_FROZEN;
                assert_int_equal(frozen, model.frozen && !model.over);
                if (shards == 7 && n % 50 == 49) kit_restart(&kit, &store, n % 100 == 49 ? 1 : 7);
            }
            kit_runs_add(&runs, &kit);
            store_close(&store);
        }
        kit_runs_judge(&runs);
    }
}

/* ---------------------------------------------------------------- memory and damage */

/* The n-th line of a story in which all requests come. */
static int story_line(char line[400], int n)
{
    static const char *const names[] = {"checkout", "checkout.held", "checkout.confirmed", "checkout.refunded",
                                        "checkout.cancelled"};
    if (n < 4)
        return snprintf(
            line, 400,
            "{\"event\":\"review.left\",\"id\":\"r%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T09:00:00Z\",\"data\":{"
            "\"review_id\":\"r\",\"product_id\":\"x\",\"length\":80,\"bought\":true}}",
            n, n % 2);
    const char *name = names[n % 5];
    if (n % 5 < 2)
        return snprintf(
            line, 400,
            "{\"event\":\"%s\",\"id\":\"e%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T10:%02d:00Z\",\"data\":{"
            "\"amount\":\"11.00 EUR\",\"card\":\"review card\",\"order_id\":\"o%d\"}}",
            name, n, n / 5 % 2, n % 60, n);
    return snprintf(line, 400,
                    "{\"event\":\"%s\",\"id\":\"e%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T10:%02d:00Z\",\"data\":{"
                    "\"order_id\":\"o%d\"}}",
                    name, n, n / 5 % 2, n % 60, n / 5 * 5 + (n % 5 == 3 ? 0 : 1));
}

static void memory_runs_out(void **state)
{
    (void)state;
    damage_memory(CARDS, story_line);
}

/* Whatever byte of a player's state is wrong, it is refused, or read as something that goes on without harm. */
static void a_damaged_checkpoint_does_no_harm(void **state)
{
    (void)state;
    static struct damage damage;
    random_state = 7;
    damage_take(&damage, CARDS, story_line, 27);
    for (int round = 0; round < 4000; round++) {
        uint32_t which = below(damage.count);
        while (damage.blob[which].key >= RECORD_GROUPS || damage.blob[which].size < 400) which = below(damage.count);
        unsigned char *byte = &damage.blob[which].bytes[below((uint32_t)damage.blob[which].size)], before = *byte;
        *byte = below(3) == 0 ? 0xFF : (unsigned char)(before + 1 + below(254));
        damage_try(&damage, story_line, 27);
        *byte = before;
    }
    if (damage.refused < 100 || damage.read < 100) fail_msg("refused %u, read %u", damage.refused, damage.read);
    damage_release(&damage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_spent_in_parts_and_comes_back_once),
        cmocka_unit_test(a_coupon_and_a_card_stack),
        cmocka_unit_test(refusals_take_nothing),
        cmocka_unit_test(a_hold_keeps_what_it_takes_until_it_ends),
        cmocka_unit_test(orders_of_one_instant_share_a_card),
        cmocka_unit_test(events_take_cards_away),
        cmocka_unit_test(random_stories_hold),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(a_damaged_checkpoint_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
