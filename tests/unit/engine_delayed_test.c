/* What becomes of a message that waits for the morning when its journey ends: sent after `finish as` and when nothing ended it;
 * dropped after a policy, a time-out, a `leave` line of either kind, the end of `runs` and an erasure. Restarts in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#define SCHEMA                                                                                                    \
    "workspace \"Nights\"\n  product casino\n  currency EUR\n  channel email, inbox\n  tag seen\n"                \
    "  timezone \"Europe/Malta\"\n  use events\nend\n"                                                            \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"              \
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"                  \
    "message \"m\"\n  about casino\n  email \"en\" \"Good morning\"\nend\n"                                       \
    "policy \"Consent\"\n  send email about casino to everyone\nend\n"                                            \
    "policy \"Safe\"\n  finish as \"RG_BLOCKED\" for players where self_excluded is yes\n"                        \
    "  never message players where timed_out is yes\n  never message marketing to players where harm_flagged is " \
    "yes\nend\n"                                                                                                  \
    "policy \"Quiet\"\n  send only between 09:00 and 21:00 in the player's zone, otherwise delay\nend\n"

#define CAMPAIGN(name, lines)                                                                                  \
    "campaign \"" name "\"\n  currency EUR\n  start on session\n" lines "  step \"S\"\n    send email \"m\"\n" \
    "    wait up to 10 days\n      when withdrawal_paid   finish as \"PAID\"\n"                                \
    "      when time is up        finish as \"DONE\"\n    end\n  end\n"

static const char NIGHTS[] =
    SCHEMA CAMPAIGN("Plain", "") "end\n" CAMPAIGN("Leave", "  leave on deposit\n") "end\n" CAMPAIGN(
        "Leave as",
        "  leave on deposit  finish as \"GONE\"\n") "end\n" CAMPAIGN("Leave to",
                                                                     "  leave on deposit  go to "
                                                                     "\"Bye\"\n") "  step \"Bye\"\n    "
                                                                                  "finish as \"BYE\"\n "
                                                                                  " end\nend"
                                                                                  "\n" CAMPAIGN("Run", "  "
                                                                                                       "runs "
                                                                                                       "from "
                                                                                                       "2026-"
                                                                                                       "06-01 "
                                                                                                       "throug"
                                                                                                       "h "
                                                                                                       "2026-"
                                                                                                       "06-01,"
                                                                                                       " then "
                                                                                                       "finish"
                                                                                                       " as "
                                                                                                       "\"OVER"
                                                                                                       "\"\n") "end\n";

static void restart(struct kit *kit, struct store *store)
{
    kit_settle(kit);
    kit_restart(kit, store, kit->shards == 7 ? 1 : 7);
}

/* 22:00 in Malta, what happens in the night, and the morning. */
static void night(struct kit *kit, struct store *store, const char *event, const char *data)
{
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(store, &error), OK);
    kit_open(kit, NIGHTS, 1);
    kit_event(kit, "s1", "session.started", "p", "2026-06-01T20:00:00Z", "");
    restart(kit, store);
    assert_int_equal(kit_count(&kit->notes, "\"note\":\"delayed\""), 5);
    if (event != NULL) kit_event(kit, "e1", event, "p", "2026-06-01T21:00:00Z", data);
    restart(kit, store);
}

static void morning(struct kit *kit, struct store *store)
{
    kit_tick(kit, "2026-06-02T08:00:00Z");
    restart(kit, store);
}

static void finish(struct kit *kit, struct store *store)
{
    kit_close(kit);
    store_close(store);
}

static bool sent(const struct kit *kit, const char *campaign)
{
    char text[96];
    (void)snprintf(text, sizeof text, "\"campaign\":\"%s\"", campaign);
    return kit_count(&kit->effects, text) == 1;
}

static void test_leave(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    night(&kit, &store, "deposit", "\"amount\":\"5 EUR\",\"first\":true,\"method\":\"card\"");
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"dropped\""), 2);
    morning(&kit, &store);
    assert_true(sent(&kit, "Plain"));
    assert_true(sent(&kit, "Leave to")); /* Its step ended it. */
    assert_false(sent(&kit, "Leave"));
    assert_false(sent(&kit, "Leave as"));
    assert_false(sent(&kit, "Run")); /* Ended at midnight. */
    finish(&kit, &store);
}

static void test_finish_as(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    night(&kit, &store, "withdrawal.paid", "\"amount\":\"5 EUR\"");
    assert_int_equal(kit_count(&kit.notes, "\"PAID\""), 5);
    morning(&kit, &store);
    assert_int_equal(kit_count(&kit.effects, "\"channel\":\"email\""), 5);
    assert_int_equal(kit_count(&kit.effects, "\"at\":\"2026-06-02T07:00:00.000Z\""), 5);
    finish(&kit, &store);
}

static void test_policy(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    night(&kit, &store, "player.self_excluded", "");
    morning(&kit, &store);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"dropped\""), 5);
    assert_int_equal(kit_count(&kit.effects, "\"channel\":\"email\""), 0);
    finish(&kit, &store);
}

static void test_time_out(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    night(&kit, &store, "player.timed_out", "\"ends_at\":\"2026-06-02T05:00:00Z\"");
    morning(&kit, &store); /* The time-out is over by then, and yet. */
    assert_int_equal(kit_count(&kit.effects, "\"channel\":\"email\""), 0);
    finish(&kit, &store);
}

/* The journeys go on, and the gates are asked again in the morning. */
static void test_harm_flag(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    night(&kit, &store, "player.harm_flagged", "");
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"dropped\""), 0);
    morning(&kit, &store);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"dropped\""), 5); /* That of `Run` at midnight. */
    assert_int_equal(kit_count(&kit.effects, "\"channel\":\"email\""), 0);
    finish(&kit, &store);
}

static void test_erasure(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    night(&kit, &store, NULL, NULL);
    struct record record = {.kind = RECORD_ERASE,
                            .now = engine_now(kit.engine) + 1000,
                            .at = engine_now(kit.engine) + 1000,
                            .id = TEXT("erase"),
                            .player = TEXT("p")};
    record.group = record_group(record.brand, record.player);
    kit_record(&kit, &record);
    restart(&kit, &store);
    morning(&kit, &store);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"dropped\""), 5);
    assert_int_equal(kit_count(&kit.effects, "\"channel\":\"email\""), 0);
    finish(&kit, &store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leave),    cmocka_unit_test(test_finish_as), cmocka_unit_test(test_policy),
        cmocka_unit_test(test_time_out), cmocka_unit_test(test_harm_flag), cmocka_unit_test(test_erasure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
