/*
 * Gift cards and coupons in the running engine: the published rows of the review campaign, holds and their ends, refunds, frozen and
 * cancelled cards, refusals, repetitions; the same on one shard and on seven, and through restarts. Random stories against a small model:
 * never more taken than was given, never a balance below zero.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/engine/card.h"
#include "runtime/engine/till.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_spent_in_parts_and_comes_back_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
