/* Journeys: entry, waits, deadlines, leaves, pauses, goals, in the words of campaigns. The order of turns has its own test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

static const char HELLO[] =
    "message \"hello\"\n  about casino\n  inbox \"en\" \"Hello\"\n  email \"en\" \"Hello\"\nend\n"
    "campaign \"C\"\n"
    "  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  budget\n    total 100 EUR\n    per player 60 EUR\n  end\n"
    "  start on registration\n"
    "  enter once per player\n"
    "  goal within 2 days on session\n"
    "  offer cash \"gift\"\n    amount deposit.amount, at most 60 EUR\n  end\n"
    "  step \"Hello\"\n"
    "    send inbox \"hello\"\n"
    "    send email \"hello\"\n"
    "    wait up to 24 hours\n"
    "      when deposit where amount is at least 10 EUR  go to \"Pay\"\n"
    "      when time is up  finish as \"NO\"\n"
    "    end\n"
    "  end\n"
    "  step \"Pay\"\n"
    "    credit \"gift\", otherwise finish as \"DRY\"\n"
    "    finish as \"PAID\"\n"
    "  end\n"
    "end\n";

static void verified(struct kit *kit, const char *player, const char *at)
{
    kit_set(kit, player, at, "age_verified", "true");
}

static void test_enter_wait_pay(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, HELLO, 1);
    verified(&kit, "p1", "2026-06-01T08:00:00Z");
    kit_event(&kit, "e1", "registered", "p1", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "e2", "deposit", "p1", "2026-06-01T11:00:00Z",
              "\"amount\":\"5 EUR\",\"first\":true,\"method\":\"card\"");
    kit_event(&kit, "e3", "deposit", "p1", "2026-06-01T12:00:00Z",
              "\"amount\":\"37.50 EUR\",\"first\":false,\"method\":\"card\"");
    kit_event(&kit, "e4", "session.started", "p1", "2026-06-01T13:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 1); /* The inbox alone: no consent for email. */
    HAS(notes, "SKIPPED_NO_CONSENT");
    TIMES(effects, "\"effect\":\"credit\"", 1);
    HAS(effects, "\"amount\":\"37.50 EUR\"");
    HAS(notes, "PAID");
    TIMES(notes, "\"note\":\"converted\"", 1);
    kit_close(&kit);
}

static void test_time_is_up(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, HELLO, 3);
    verified(&kit, "p1", "2026-06-01T08:00:00Z");
    kit_event(&kit, "e1", "registered", "p1", "2026-06-01T10:00:00Z", "");
    /* At the very instant of the deadline the timer comes first. */
    kit_event(&kit, "e3", "deposit", "p1", "2026-06-02T10:00:00Z",
              "\"amount\":\"37.50 EUR\",\"first\":false,\"method\":\"card\"");
    kit_settle(&kit);
    HAS(notes, "\"NO\"");
    NONE(effects, "\"credit\"");
    kit_event(&kit, "e5", "registered", "p1", "2026-06-02T11:00:00Z", "");
    kit_settle(&kit);
    HAS(notes, "ALREADY_ENTERED");
    kit_close(&kit);
}

static void test_budget_runs_dry(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, HELLO, 2);
    const char *players[] = {"p1", "p2", "p3"};
    for (int i = 0; i < 3; i++) verified(&kit, players[i], "2026-06-01T08:00:00Z");
    for (int i = 0; i < 3; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "r%d", i);
        kit_event(&kit, id, "registered", players[i], "2026-06-01T10:00:00Z", "");
    }
    for (int i = 0; i < 3; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "d%d", i);
        kit_event(&kit, id, "deposit", players[i], "2026-06-01T11:00:00Z",
                  "\"amount\":\"45 EUR\",\"first\":true,\"method\":\"card\"");
    }
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    TIMES(effects, "campaign_suspended", 1);
    TIMES(notes, "\"DRY\"", 1);
    HAS(notes, "total");
    verified(&kit, "p4", "2026-06-01T12:00:00Z");
    kit_event(&kit, "r9", "registered", "p4", "2026-06-01T12:00:00Z", "");
    kit_settle(&kit);
    HAS(notes, "SUSPENDED");
    kit_close(&kit);
}

static void test_same_for_any_shards_and_restarts(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    const uint32_t shards[3] = {1, 4, 7};
    for (int run = 0; run < 3; run++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, HELLO, shards[run]);
        for (int i = 0; i < 40; i++) {
            char id[16], player[16], at[32], data[64];
            (void)snprintf(player, sizeof player, "p%d", i % 17);
            (void)snprintf(id, sizeof id, "e%d", i);
            (void)snprintf(at, sizeof at, "2026-06-01T%02d:00:00Z", 8 + i / 4);
            if (i < 17) verified(&kit, player, at);
            (void)snprintf(data, sizeof data, "\"amount\":\"%d EUR\",\"first\":true,\"method\":\"card\"", 5 + i);
            if (i < 20)
                kit_event(&kit, id, "registered", player, at, "");
            else
                kit_event(&kit, id, "deposit", player, at, data);
            if (run > 0 && i == 25) {
                kit_settle(&kit);
                kit_restart(&kit, &store, shards[3 - run]);
            }
        }
        kit_tick(&kit, "2026-07-01T00:00:00Z");
        kit_settle(&kit);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enter_wait_pay),
        cmocka_unit_test(test_time_is_up),
        cmocka_unit_test(test_budget_runs_dry),
        cmocka_unit_test(test_same_for_any_shards_and_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
