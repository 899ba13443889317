/*
 * The life of a bonus in the running engine: granted, wagered, queued, claimed, expired, forfeited, cancelled and revoked; the same on one
 * shard and on seven, and through a restart. Stories go in as event lines, as the platform sends them.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/engine/reward.h"

#define WORKSPACE                                           \
    "workspace \"bonus\"\n"                                 \
    "  product   casino\n"                                  \
    "  currency  EUR\n"                                     \
    "  use       events\n  use attributes\n  use actions\n" \
    "end\n"

#define SIMPLE                                                                                                  \
    WORKSPACE "campaign \"C\"\n  product casino\n  currency EUR\n"                                              \
              "  budget\n    total 100 EUR\n    per player 60 EUR\n  end\n"                                     \
              "  start on registration\n"                                                                       \
              "  offer bonus \"gift\"\n    amount 20 EUR\n    wagering 10x of bonus\n    expires 3 days after " \
              "grant\n  end\n"                                                                                  \
              "  step \"One\"\n"                                                                                \
              "    credit \"gift\", otherwise finish as \"NO\"\n"                                               \
              "    finish as \"DONE\"\n  end\nend\n"

/* The n-th reward of a player, from 0. */
static const struct reward *reward_of(const struct kit *kit, const char *player, uint32_t n)
{
    struct text id = text_of(player), brand = TEXT("");
    struct player *found = state_find_player(kit->engine, record_group(brand, id), brand, id);
    assert_non_null(found);
    const struct reward *reward = found->reward;
    while (reward != NULL && n-- > 0) reward = reward->next;
    assert_non_null(reward);
    return reward;
}

static void a_granted_bonus_is_kept_and_expires(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, SIMPLE, shards);
        kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        const struct reward *reward = reward_of(&kit, "p1", 0);
        assert_int_equal(reward->state, REWARD_ACTIVE);
        assert_int_equal(reward->amount, 2000);
        assert_int_equal(reward->as.bonus.target, 20000);
        assert_true(text_equal(reward_offer(reward), TEXT("gift")));
        uint8_t before[32], after[32];
        kit_digest(&kit, before);
        kit_restart(&kit, &store, 8 - shards);
        kit_digest(&kit, after);
        assert_memory_equal(before, after, sizeof before);
        kit_tick(&kit, "2026-06-04T09:59:59Z");
        kit_tick(&kit, "2026-06-04T10:00:00Z");
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_ACTIVE);
        kit_settle(&kit);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_EXPIRED);
        assert_null(reward_of(&kit, "p1", 0)->use);
        kit_restart(&kit, &store, shards);
        assert_int_equal(reward_of(&kit, "p1", 0)->state, REWARD_EXPIRED);
        kit_close(&kit);
        store_close(&store);
    }
}

static void what_the_wallet_refuses_was_never_there(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, SIMPLE, 1);
    kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    char id[33], line[256];
    kit_effect_id(&kit, "\"gift\"", 0, id);
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"r\",\"effect\":\"%s\",\"at\":\"2026-06-01T11:00:00Z\",\"status\":\"failed\"}",
        id);
    kit_line(&kit, line);
    kit_settle(&kit);
    struct text player = TEXT("p1");
    assert_null(state_find_player(kit.engine, record_group(TEXT(""), player), TEXT(""), player)->reward);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_granted_bonus_is_kept_and_expires),
        cmocka_unit_test(what_the_wallet_refuses_was_never_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
