/* Where two things meet that are each tested alone: a player whom another one's journey made and segments, restarts and programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/clock/clock_kit.h"
#include "tests/kit/engine_kit.h"

#include "vm/civil.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

#define HEAD(name) "campaign \"" name "\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"

/* ---------------------------------------------------------------- told players and segments */

#define TOLD                                                                                                          \
    "attribute referrer optional text up to 64\n"                                                                     \
    "event friend_joined\n  field friend text up to 64\nend\n"                                                        \
    "message \"hello\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"                                              \
    "metric deposits is count of deposit ever\n"                                                                      \
    "segment \"Fresh\" is players where deposits is 0\n" HEAD(                                                        \
        "Tell") "  start on session\n  enter every time\n  step \"Tell\"\n    if player.referrer is known\n"          \
                "      tell player.referrer friend_joined with friend player.id\n    end\n    finish as \"TOLD\"\n  " \
                "end\nend\n" HEAD("Fresh") "  start on entering \"Fresh\"\n  enter every time\n  step \"S\"\n    "    \
                                           "send inbox \"hello\"\n    finish as \"S\"\n"                              \
                                           "  end\nend\n"

static void refer(struct kit *kit)
{
    kit_line(kit, "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{"
                  "\"referrer\":\"q\"}}");
    kit_event(kit, "s", "session.started", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(kit);
}

/* Who is made by `tell` has not been judged when the checkpoint is written a millisecond before the event comes. */
static void test_told_and_stopped(void **state)
{
    (void)state;
    uint8_t digest[2][32];
    for (unsigned stops = 0; stops < 2; stops++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, TOLD, 1);
        refer(&kit);
        if (stops == 1) kit_restart(&kit, &store, 7);
        kit_tick(&kit, "2026-06-01T10:00:01Z");
        kit_settle(&kit);
        TIMES(effects, "\"message\":\"hello\"", 2);
        HAS(effects, "\"player\":\"q\"");
        kit_digest(&kit, digest[stops]);
        kit_close(&kit);
        store_close(&store);
    }
    assert_memory_equal(digest[0], digest[1], 32);
}

/* The same where another program takes effect in that millisecond: he is still in no segment. */
static void test_told_and_activated(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, TOLD, 1);
    refer(&kit);
    kit_activate(&kit, TOLD "segment \"Other\" is players where deposits is 1\n",
                 clock_instant("2026-06-01T10:00:00Z"));
    kit_tick(&kit, "2026-06-01T10:00:01Z");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"hello\"", 2);
    kit_close(&kit);
}

/* Thousands tell the same one at one instant: each event comes once, in the order in which it was told, also after a restart. */
static void test_many_tell_one(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(
        &kit,
        TOLD HEAD("Thanks") "  start on friend_joined\n  enter every time\n  step \"S\"\n    send inbox \"hello\"\n"
                            "    finish as \"THANKED\"\n  end\nend\n",
        3);
    for (int i = 0; i < MANY; i++) {
        char line[200];
        (void)snprintf(
            line, sizeof line,
            "{\"kind\":\"attributes\",\"id\":\"a%d\",\"player\":\"p%d\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{"
            "\"referrer\":\"q\"}}",
            i, i);
        kit_line(&kit, line);
    }
    for (int i = 0; i < MANY; i++) {
        char id[16], player[16];
        (void)snprintf(id, sizeof id, "s%d", i);
        (void)snprintf(player, sizeof player, "p%d", i);
        kit_event(&kit, id, "session.started", player, "2026-06-01T10:00:00Z", "");
    }
    kit_settle(&kit);
    kit_restart(&kit, &store, 7);
    kit_tick(&kit, "2026-06-01T10:00:01Z");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"THANKED\"", MANY);
    kit_close(&kit);
    store_close(&store);
}

/* ---------------------------------------------------------------- priorities of campaigns that are gone */

#define MESSAGES                                                                                                      \
    "message \"x\"\n  about casino\n  inbox \"en\" \"X\"\nend\nmessage \"y\"\n  about casino\n  inbox \"en\" \"Y\"\n" \
    "end\n"
#define WAITS(name, priority, finish)                                                                      \
    HEAD(name)                                                                                             \
    "  priority " priority "\n  start on registration\n  step \"S\"\n    wait up to 30 days\n"             \
    "      when session     send inbox \"" name "\"\n      when time is up  finish as \"LATE\"\n    end\n" \
    "    finish as \"" finish "\"\n  end\nend\n"

/* Journeys go on by the order that the last program with their campaign gave it, also when that program is not needed any more. */
static void test_order_of_what_is_gone(void **state)
{
    (void)state;
    for (unsigned stops = 0; stops < 2; stops++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, MESSAGES WAITS("x", "10", "A") WAITS("y", "20", "A"), 1);
        kit_event(&kit, "r", "registration", "p", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        kit_activate(&kit, MESSAGES WAITS("x", "30", "B") WAITS("y", "20", "B"), clock_instant("2026-06-02T10:00:00Z"));
        kit_activate(&kit, MESSAGES, clock_instant("2026-06-03T10:00:00Z"));
        if (stops == 1) kit_restart(&kit, &store, 7);
        kit_event(&kit, "s", "session.started", "p", "2026-06-04T10:00:00Z", "");
        kit_settle(&kit);
        const char *x = strstr(buffer_as_string(&kit.effects), "\"message\":\"x\"");
        const char *y = strstr(buffer_as_string(&kit.effects), "\"message\":\"y\"");
        assert_non_null(x);
        assert_non_null(y);
        assert_true(y < x);
        kit_close(&kit);
        store_close(&store);
    }
}

/* ---------------------------------------------------------------- what was kept for a wait, and events declared otherwise */

#define PING(fields)                                                                                              \
    "event ping\n" fields "  field n whole number between 0 and 100\n  field word text up to 20\nend\n"           \
    "message \"got\"\n  about casino\n  inbox \"en\" \"{ping.n} {ping.word}\"\nend\n" HEAD(                       \
        "Since") "  start on registration\n  step \"S\"\n    wait 1 hour\n    wait up to 1 day, including since " \
                 "entry\n"                                                                                        \
                 "      when ping where n is at least 5  send inbox \"got\"\n"                                    \
                 "      when time is up                  finish as \"LATE\"\n    end\n    finish as \"GOT\"\n  "  \
                 "end\nend\n"

/* A campaign that means the same goes on with what happened since the entry, wherever the new program keeps its fields. */
static void test_since_entry_over_programs(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, PING(""), 1);
    kit_event(&kit, "r", "registration", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "e", "ping", "p", "2026-06-01T10:10:00Z", "\"n\":7,\"word\":\"seven\"");
    kit_settle(&kit);
    kit_activate(&kit,
                 PING("  field code optional text up to 30\n  field grade optional whole number between 0 and 9\n"),
                 clock_instant("2026-06-01T10:20:00Z"));
    kit_tick(&kit, "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    HAS(effects, "n\":7");
    HAS(effects, "word\":\"seven\"");
    kit_close(&kit);
    /* An event that now must have what the old one has not is none that counts. */
    kit_open(&kit, PING(""), 1);
    kit_event(&kit, "r", "registration", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "e", "ping", "p", "2026-06-01T10:10:00Z", "\"n\":7,\"word\":\"seven\"");
    kit_settle(&kit);
    kit_activate(&kit, PING("  field code text up to 30\n"), clock_instant("2026-06-01T10:20:00Z"));
    kit_tick(&kit, "2026-06-03T12:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"as\":\"LATE\"");
    kit_close(&kit);
}

/* ---------------------------------------------------------------- questions and `leave` */

#define ASKS(leave, more)                                                                                       \
    HEAD("Ask")                                                                                                 \
    "  start on session\n  enter every time\n  leave on registration" leave "\n  step \"Ask\"\n"                \
    "    ask \"crm\" for approval by 1 person, up to 24 hours\n      when approved    finish as \"YES\"\n"      \
    "      when refused     finish as \"NO\"\n      when time is up  finish as \"LATE\"\n    end\n  end\n" more \
    "end\n"
#define AWAY "  step \"Away\"\n    wait 1 day\n    finish as \"AWAY\"\n  end\n"

/* However a journey leaves its question behind, nobody is left with one that leads nowhere. */
static void test_left_questions_are_asked_back(void **state)
{
    (void)state;
    static const char *const sources[] = {ASKS("", ""), ASKS("  finish as \"GONE\"", ""),
                                          ASKS("  go to \"Away\"", AWAY)};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct kit kit;
        kit_open(&kit, sources[i], 1);
        kit_event(&kit, "s", "session.started", "p", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        TIMES(effects, "\"effect\":\"ask\"", 1);
        kit_event(&kit, "r", "registration", "p", "2026-06-01T11:00:00Z", "");
        kit_settle(&kit);
        TIMES(effects, "\"effect\":\"cancel\"", 1);
        kit_close(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told_and_stopped),
        cmocka_unit_test(test_told_and_activated),
        cmocka_unit_test(test_many_tell_one),
        cmocka_unit_test(test_order_of_what_is_gone),
        cmocka_unit_test(test_since_entry_over_programs),
        cmocka_unit_test(test_left_questions_are_asked_back),
    };
    return cmocka_run_group_tests_name("engine_seams", tests, NULL, NULL);
}
