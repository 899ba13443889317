/* Live segments: what touches a membership, when time alone changes it, what starts, what is kept over restarts and activations. */
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

#define HEAD          "  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
#define SEND(message) "  step \"Only\"\n    send inbox \"" message "\"\n    finish as \"DONE\"\n  end\nend\n"
#define MESSAGES                                                                                                   \
    "message \"in\"\n  about casino\n  inbox \"en\" \"In\"\nend\nmessage \"out\"\n  about casino\n  inbox \"en\" " \
    "\"Out\"\nend\n"

static const char IDLE[] =
    MESSAGES "segment \"Idle\" is players where all of\n"
             "  last_seen_at is known\n"
             "  last_seen_at is not within last 168 hours\n"
             "  player.tags contains at_risk\n"
             "end\n"
             "campaign \"In\"\n" HEAD "  start on entering \"Idle\"\n  enter every time\n" SEND(
                 "in") "campaign \"Out\"\n" HEAD
                       "  start on leaving \"Idle\"\n  enter every time\n" SEND(
                           "out") "campaign \"Tag\"\n" HEAD "  start on session\n  enter every time\n"
                                  "  step \"Only\"\n    tag at_risk\n    finish as \"TAGGED\"\n  end\nend\n";

static void seen(struct kit *kit, const char *player, const char *at)
{
    static int number;
    char line[300];
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"attributes\",\"id\":\"a%d\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{\"last_seen_at\":\"%s\"}}",
        ++number, player, at, at);
    kit_line(kit, line);
}

static void test_time_alone_changes_membership(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, IDLE, 2);
    seen(&kit, "p1", "2026-06-01T10:00:00Z");
    kit_event(&kit, "s1", "session.started", "p1", "2026-06-01T11:00:00Z", "");
    kit_tick(&kit, "2026-06-08T09:59:59.999Z");
    kit_settle(&kit);
    NONE(effects, "\"in\"");
    kit_tick(&kit, "2026-06-09T10:00:00Z"); /* The check fires at its own instant, whatever tick comes. */
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1);
    HAS(effects, "\"at\":\"2026-06-08T10:00:00.000Z\"");
    kit_tick(&kit, "2026-08-09T10:00:00Z");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1); /* Being in is no entering. */
    NONE(effects, "\"message\":\"out\"");
    seen(&kit, "p1", "2026-08-10T10:00:00Z");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"out\"", 1);
    kit_close(&kit);
}

static void test_a_tag_changes_membership(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, IDLE, 1);
    seen(&kit, "p1", "2026-06-01T10:00:00Z");
    kit_tick(&kit, "2026-06-20T10:00:00Z");
    kit_settle(&kit);
    NONE(effects, "\"message\":\"in\"");
    kit_event(&kit, "s1", "session.started", "p1", "2026-06-20T11:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1); /* In the same instant, two generations later. */
    HAS(effects, "\"at\":\"2026-06-20T11:00:00.000Z\"");
    kit_close(&kit);
}

static const char VIP[] =
    MESSAGES "segment \"V\" is players where vip is yes\n"
             "campaign \"In\"\n" HEAD "  start on entering \"V\"\n  enter every time\n" SEND(
                 "in") "campaign \"Out\"\n" HEAD "  start on leaving \"V\"\n  enter every time\n" SEND("out");

static void vip(struct kit *kit, const char *id, const char *player, const char *at, const char *value)
{
    char line[300];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"%s\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{\"vip\":%s}}", id,
                   player, at, value);
    kit_line(kit, line);
}

/* A first record brings a player into the segments that fit; those who were inside when a watch begins do not enter. */
static void test_a_new_watch_is_set_silently(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, VIP, 3);
    vip(&kit, "a1", "p1", "2026-06-01T10:00:00Z", "true");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1);
    static const char wider[] =
        MESSAGES "segment \"V\" is players where vip is yes\n"
                 "segment \"A\" is players where age is less than 18\n"
                 "campaign \"In\"\n" HEAD "  start on entering \"V\"\n  enter every time\n" SEND(
                     "in") "campaign \"Young\"\n" HEAD "  start on entering \"A\"\n  enter every time\n" SEND("out");
    kit_activate(&kit, wider, INT64_C(1780311600000)); /* 2026-06-01 11:00 UTC */
    vip(&kit, "a2", "p1", "2026-06-01T12:00:00Z", "true");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1); /* Still in: membership of what means the same is kept. */
    NONE(effects, "\"message\":\"out\"");    /* In from the beginning of the watch. */
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"b1\",\"player\":\"p1\",\"at\":\"2026-06-02T10:00:00Z\",\"set\":{"
                   "\"age\":30}}");
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"b2\",\"player\":\"p1\",\"at\":\"2026-06-03T10:00:00Z\",\"set\":{"
                   "\"age\":17}}");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"out\"", 1);
    kit_close(&kit);
}

/* Both changes of one instant start in their order. */
static void test_in_and_out_in_one_instant(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, VIP, 1);
    vip(&kit, "a1", "p1", "2026-06-01T10:00:00Z", "true");
    vip(&kit, "a2", "p1", "2026-06-01T10:00:00Z", "false");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1);
    TIMES(effects, "\"message\":\"out\"", 1);
    kit_close(&kit);
}

/* A tag that a start on entering takes away again, and so on: with `enter every time` the compiler refuses it, else the chain of causes ends. */
static void test_a_circle_ends(void **state)
{
    (void)state;
    static const char circle[] = "segment \"T\" is players where player.tags contains at_risk\n"
                                 "campaign \"On\"\n" HEAD "  start on leaving \"T\"\n  enter at most 500 times\n"
                                 "  step \"Only\"\n    tag at_risk\n    finish as \"ON\"\n  end\nend\n"
                                 "campaign \"Off\"\n" HEAD "  start on entering \"T\"\n  enter at most 500 times\n"
                                 "  step \"Only\"\n    untag at_risk\n    finish as \"OFF\"\n  end\nend\n"
                                 "campaign \"Begin\"\n" HEAD "  start on session\n  enter at most 500 times\n"
                                 "  step \"Only\"\n    tag at_risk\n    finish as \"BEGUN\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, circle, 1);
    kit_event(&kit, "s1", "session.started", "p1", "2026-06-01T11:00:00Z", "");
    kit_settle(&kit);
    assert_true(kit_count(&kit.notes, "\"finished\"") < 20);
    TIMES(notes, "CASCADE_LIMIT", 1);
    kit_close(&kit);
}

static void test_leave_when_by_time(void **state)
{
    (void)state;
    static const char source[] =
        "campaign \"C\"\n" HEAD "  start on session\n  enter every time\n"
        "  leave when player.last_seen_at is known and player.last_seen_at is not within last 48 hours\n"
        "  step \"Only\"\n    wait 30 days\n    finish as \"DONE\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 1);
    seen(&kit, "p1", "2026-06-01T10:00:00Z");
    kit_event(&kit, "s1", "session.started", "p1", "2026-06-01T10:00:00Z", "");
    seen(&kit, "p1", "2026-06-02T10:00:00Z");
    kit_tick(&kit, "2026-06-04T09:59:59.999Z");
    kit_settle(&kit);
    NONE(notes, "LEFT");
    kit_tick(&kit, "2026-07-04T10:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"finished\"", 1);
    HAS(notes, "LEFT");
    HAS(notes, "2026-06-04T10:00:00.000Z");
    kit_close(&kit);
}

/* History ends nothing, but from when on time alone ends a journey follows from it. */
static void test_history_moves_what_time_does(void **state)
{
    (void)state;
    static const char source[] =
        "metric last_bet is last time of bet ever, kept up to 5\n"
        "segment \"Q\" is players where last_bet is known and last_bet is not within last 48 hours\n"
        "campaign \"C\"\n" HEAD "  start on session\n  enter every time\n"
        "  leave when player.last_bet is known and player.last_bet is not within last 72 hours\n"
        "  step \"Only\"\n    wait 30 days\n    finish as \"DONE\"\n  end\nend\n"
        "campaign \"Q\"\n" HEAD "  start on entering \"Q\"\n  enter every time\n"
        "  step \"Only\"\n    finish as \"QUIET\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 1);
    kit_event(&kit, "s1", "session.started", "p1", "2026-06-01T10:00:00Z", "");
    kit_line_at(
        &kit,
        "{\"import\":\"w\",\"row\":\"1\",\"event\":\"bet\",\"player\":\"p1\",\"at\":\"2026-05-31T12:00:00Z\",\"data\":{"
        "\"settled_at\":\"2026-05-31T12:00:00Z\",\"game\":\"g\",\"kind\":\"slots\",\"funds\":\"real\",\"stake\":\"1 "
        "EUR\","
        "\"win\":\"0 EUR\",\"multiplier\":1}}",
        "2026-06-01T11:00:00Z");
    kit_tick(&kit, "2026-06-10T10:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"LEFT\"");
    HAS(notes, "2026-06-03T12:00:00.000Z");
    HAS(notes, "\"QUIET\"");
    HAS(notes, "2026-06-02T12:00:00.000Z");
    kit_close(&kit);
}

/* A journey's end is an event of the player's: waits and starts are met by it, in the next generation of the same instant. */
static void test_an_end_is_an_event(void **state)
{
    (void)state;
    static const char source[] = MESSAGES
        "campaign \"First\"\n" HEAD "  start on session\n  enter every time\n"
        "  step \"Only\"\n    wait 2 hours\n    finish as \"BORED\"\n  end\nend\n"
        "campaign \"Second\"\n" HEAD "  start on campaign_finished of \"First\" where reason is \"BORED\"\n"
        "  enter every time\n" SEND("in") "campaign \"Watch\"\n" HEAD "  start on session\n  enter every time\n"
                                          "  step \"Only\"\n    wait up to 5 days\n"
                                          "      when campaign_finished of \"Second\"  send inbox \"out\"\n"
                                          "      when time is up  go on\n    end\n    finish as \"SEEN\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 2);
    kit_event(&kit, "s1", "session.started", "p1", "2026-06-01T10:00:00Z", "");
    kit_tick(&kit, "2026-06-02T10:00:00Z");
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 1);
    TIMES(effects, "\"message\":\"out\"", 1);
    TIMES(effects, "2026-06-01T12:00:00.000Z", 2);
    NONE(notes, "2026-06-02");
    struct error error = ERROR_NONE;
    struct record record;
    static const char line[] =
        "{\"id\":\"x\",\"event\":\"campaign.finished\",\"player\":\"p1\",\"at\":\"2026-06-03T10:00:00Z\","
        "\"data\":{\"campaign\":\"First\",\"reason\":\"BORED\"}}";
    assert_int_not_equal(intake_line(kit.intake, line, sizeof line - 1, &record, &error), OK);
    assert_non_null(strstr(error.message, "the engine makes itself"));
    kit_close(&kit);
}

static void test_a_start_on_command(void **state)
{
    (void)state;
    static const char source[] = MESSAGES
        "campaign \"Call\"\n" HEAD
        "  start on command\n  only for players where vip is yes\n  enter once per player, at most 2 players\n" SEND(
            "in") "campaign \"Other\"\n" HEAD "  start on session\n" SEND("out");
    struct kit kit;
    kit_open(&kit, source, 2);
    vip(&kit, "a1", "p1", "2026-06-01T10:00:00Z", "true");
    vip(&kit, "a2", "p2", "2026-06-01T10:00:00Z", "true");
    static const char form[] = "{\"kind\":\"command\",\"id\":\"%s\",\"at\":\"2026-06-01T11:00:00Z\",\"command\":"
                               "\"start\",\"campaign\":\"%s\",\"player\":\"%s\"}";
    static const char *const rows[][3] = {
        {"c1", "Call", "p1"}, {"c2", "Call", "p1"}, {"c1", "Call", "p1"}, {"c3", "Call", "p2"}, {"c4", "Call", "p3"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[300];
        (void)snprintf(line, sizeof line, form, rows[i][0], rows[i][1], rows[i][2]);
        kit_line(&kit, line);
    }
    kit_settle(&kit);
    TIMES(effects, "\"message\":\"in\"", 2);
    NONE(effects, "\"message\":\"out\"");
    TIMES(notes, "ALREADY_ENTERED", 1);
    TIMES(notes, "NOT_IN_AUDIENCE", 1);
    TIMES(notes, "\"DUPLICATE\"", 1);
    struct error error = ERROR_NONE;
    struct record record;
    static const char *const bad[] = {"{\"kind\":\"command\",\"id\":\"x\",\"at\":\"2026-06-03T10:00:00Z\",\"command\":"
                                      "\"start\",\"campaign\":\"Call\"}",
                                      "{\"kind\":\"command\",\"id\":\"x\",\"at\":\"2026-06-03T10:00:00Z\",\"command\":"
                                      "\"suspend\",\"campaign\":\"Call\",\"player\":\"p1\"}",
                                      "{\"kind\":\"command\",\"id\":\"x\",\"at\":\"2026-06-03T10:00:00Z\",\"command\":"
                                      "\"start\",\"campaign\":\"Other\",\"player\":\"p1\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_not_equal(intake_line(kit.intake, bad[i], strlen(bad[i]), &record, &error), OK);
        assert_non_null(strstr(error.message, i < 2 ? "player" : "does not start on command"));
    }
    kit_close(&kit);
}

/* What was there before a segment was watched, what is imported: membership without a start. Then shards, restarts: the same bytes. */
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
        kit_open(&kit, IDLE, shards[run]);
        for (int i = 0; i < 120; i++) {
            char id[16], player[16], at[40], line[300];
            (void)snprintf(player, sizeof player, "p%d", i * 7 % 17);
            (void)snprintf(id, sizeof id, "e%d", i);
            (void)snprintf(at, sizeof at, "2026-06-%02dT%02d:00:00Z", 1 + i / 6, i % 6 * 4);
            if (i % 5 == 0) {
                kit_event(&kit, id, "session.started", player, at, "");
            } else {
                (void)snprintf(line, sizeof line,
                               "{\"kind\":\"attributes\",\"id\":\"%s\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{"
                               "\"last_seen_at\":\"%s\"}}",
                               id, player, at, at);
                kit_line(&kit, line);
            }
            if (run > 0 && (i == 40 || i == 90)) {
                kit_settle(&kit);
                kit_restart(&kit, &store, shards[3 - run]);
            }
        }
        kit_tick(&kit, "2026-09-01T00:00:00Z");
        kit_settle(&kit);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_alone_changes_membership),
        cmocka_unit_test(test_a_tag_changes_membership),
        cmocka_unit_test(test_a_new_watch_is_set_silently),
        cmocka_unit_test(test_in_and_out_in_one_instant),
        cmocka_unit_test(test_a_circle_ends),
        cmocka_unit_test(test_leave_when_by_time),
        cmocka_unit_test(test_history_moves_what_time_does),
        cmocka_unit_test(test_an_end_is_an_event),
        cmocka_unit_test(test_a_start_on_command),
        cmocka_unit_test(test_same_for_any_shards_and_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
