/*
 * What people see of a tournament: the live board with a player's own place, how long it is kept, results, erasure; and programs that
 * change in the middle of an instance. Who wins: engine_tournament_test.c. As the program prints it: tests/cli/run.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#include "runtime/engine/board_view.h"
#include "vm/memory.h"

#define HEAD                                                                                              \
    "workspace \"Boards\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  channel inbox\n"       \
    "  use events, attributes, actions, policies\nend\nattribute age_verified yes or no, otherwise yes\n" \
    "event play\n  field points whole number between 0 and 1,000\nend\n"                                  \
    "event play_voided\n  reverses play by play_id at played_at\n  field play_id text up to 20\n"         \
    "  field played_at moment\n  field points whole number between 0 and 1,000\nend\n"

#define RACE(score, first, wagering)                                                                                \
    "tournament \"Race\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  runs every day from 10:00 until " \
    "22:00\n  settles at 23:00\n  start on play\n  score " score "\n  earn play.points * 1 per play\n"              \
    "  order by entry.score from largest, then entry.last_score from earliest, then player.id from smallest\n"      \
    "  field at least 2 players, otherwise nothing\n  prizes cash\n    place 1 " first "\n    place 2 to 3 5 EUR\n" \
    "    " wagering "\n  end\n  budget\n    per run 100 EUR\n  end\n  board\n    show top 2\n    names masked\n"    \
    "    age up to 5 seconds\n  end\nend\n"

static void play(struct kit *kit, const char *id, const char *player, const char *at, int points)
{
    char data[64];
    snprintf(data, sizeof data, "\"points\":%d", points);
    kit_event(kit, id, "play", player, at, data);
}

static void put_json(void *context, const struct board_view *view)
{
    board_view_json(context, view);
}

static void look(struct kit *kit, const char *player, int64_t clock, struct buffer *out)
{
    struct error error = ERROR_NONE;
    buffer_clear(out);
    kit_settle(kit);
    assert_int_equal(
        board_view(kit->engine, TEXT("Race"), INT64_MIN, TEXT(""), text_of(player), clock, put_json, out, &error), OK);
}

#define assert_says(out, words)                                                                                  \
    do {                                                                                                         \
        if (strstr(buffer_as_string(out), words) == NULL) fail_msg("no %s in %s", words, buffer_as_string(out)); \
    } while (0)

static void live(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer out = BUFFER_EMPTY;
    kit_open(&kit, HEAD RACE("sum", "10 EUR", "wagering none"), 4);
    kit_tick(&kit, "2026-06-01T09:00:00Z");
    look(&kit, "", 0, &out);
    assert_says(&out, "\"state\":\"none\"");
    play(&kit, "1", "anna", "2026-06-01T10:00:00Z", 5);
    look(&kit, "", 10000, &out);
    assert_says(&out, "\"state\":\"running\"");
    assert_says(&out, "\"prize\":\"0.00 EUR\""); /* The field is too small. */
    play(&kit, "2", "\xC3\xA4\xC3\xB6\xC3\xBC", "2026-06-01T10:01:00Z", 7);
    play(&kit, "3", "carl", "2026-06-01T10:02:00Z", 5);
    play(&kit, "4", "dora", "2026-06-01T10:03:00Z", 9);
    look(&kit, "carl", 20000, &out);
    assert_says(&out, "\"players\":4,\"field\":4,\"places\":[{\"place\":1,\"player\":\"do***\",\"score\":9,");
    assert_says(&out,
                "{\"place\":2,\"player\":\"\xC3\xA4\xC3\xB6***\",\"score\":7,\"last\":\"2026-06-01T10:01:00.000Z\","
                "\"prize\":\"5.00 EUR\"}]");
    assert_says(&out, "\"own\":{\"place\":4,\"player\":\"carl\",\"score\":5,");
    /* Within the age the order is the one of before; after it is sorted anew. Points are those of now. */
    play(&kit, "5", "carl", "2026-06-01T10:04:00Z", 20);
    look(&kit, "carl", 24999, &out);
    assert_says(&out, "\"own\":{\"place\":4,\"player\":\"carl\",\"score\":25,");
    look(&kit, "carl", 25000, &out);
    assert_says(&out, "\"own\":{\"place\":1,\"player\":\"carl\",\"score\":25,");
    /* Who may not be rewarded is not shown. */
    kit_event(&kit, "6", "player.harm_flagged", "carl", "2026-06-01T10:05:00Z", "");
    look(&kit, "carl", 40000, &out);
    assert_says(&out, "\"players\":3,");
    assert_null(strstr(buffer_as_string(&out), "\"own\""));
    kit_tick(&kit, "2026-06-01T22:30:00Z");
    look(&kit, "anna", 50000, &out);
    assert_says(&out, "\"state\":\"ended\"");
    assert_says(&out, "\"own\":{\"place\":3,\"player\":\"anna\"");
    struct error error = ERROR_NONE;
    assert_int_equal(board_view(kit.engine, TEXT("Rice"), INT64_MIN, TEXT(""), TEXT(""), 0, put_json, &out, &error),
                     STATUS_NOT_FOUND);
    buffer_deinit(&out);
    kit_close(&kit);
}

static void results_and_erasure(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, HEAD RACE("sum", "10 EUR", "wagering none"), 1);
    kit_tick(&kit, "2026-06-01T09:00:00Z");
    play(&kit, "1", "anna", "2026-06-01T10:00:00Z", 5);
    play(&kit, "2", "bela", "2026-06-01T10:00:00Z", 9);
    play(&kit, "3", "carl", "2026-06-01T10:00:00Z", 1);
    look(&kit, "bela", 0, &out); /* An order is kept that bela is in. */
    kit_tick(&kit, "2026-06-01T23:00:01Z");
    look(&kit, "bela", 0, &out);
    assert_says(&out, "\"state\":\"settled\"");
    assert_says(&out, "\"own\":{\"place\":1,\"player\":\"bela\",\"score\":9,\"last\":\"2026-06-01T10:00:00.000Z\","
                      "\"prize\":\"10.00 EUR\"}");
    struct record erase = {
        .kind = RECORD_ERASE, .now = engine_now(kit.engine) + 1, .player = TEXT("bela"), .id = TEXT("x")};
    erase.at = erase.now;
    erase.group = record_group(erase.brand, erase.player);
    kit_record(&kit, &erase);
    kit_settle(&kit);
    kit_restart(&kit, &store, 7);
    look(&kit, "bela", 100000, &out);
    assert_says(&out, "{\"place\":1,\"player\":\"***\",\"score\":9,");
    assert_null(strstr(buffer_as_string(&out), "\"own\""));
    assert_null(strstr(buffer_as_string(&out), "be***"));
    look(&kit, "anna", 100000, &out);
    assert_says(&out, "\"own\":{\"place\":2,\"player\":\"anna\",\"score\":5,");
    buffer_deinit(&out);
    kit_close(&kit);
    store_close(&store);
}

/* In the middle of a window: a tournament that comes, prizes that change, a tournament that goes. */
static void programs_change(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer out = BUFFER_EMPTY;
    kit_open(&kit, HEAD, 4);
    play(&kit, "1", "anna", "2026-06-01T10:00:00Z", 5);
    play(&kit, "2", "bela", "2026-06-01T10:30:00Z", 9);
    kit_activate(&kit, HEAD RACE("sum", "10 EUR", "wagering none"), engine_now(kit.engine) + 1000);
    play(&kit, "3", "anna", "2026-06-01T11:00:00Z", 1);
    play(&kit, "4", "bela", "2026-06-01T11:00:00Z", 1);
    look(&kit, "anna", 0, &out); /* What was played before was filled in. */
    assert_says(&out, "\"own\":{\"place\":2,\"player\":\"anna\",\"score\":6,");
    kit_activate(&kit, HEAD RACE("sum", "40 EUR", "wagering none"), engine_now(kit.engine) + 1000);
    kit_tick(&kit, "2026-06-01T23:00:01Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"amount\":\"40.00 EUR\""), 1);
    /* Where a journey keeps to its program, no more than that program pays is told, and paid. */
    play(&kit, "5", "anna", "2026-06-02T10:00:00Z", 5);
    play(&kit, "6", "bela", "2026-06-02T10:30:00Z", 9);
    kit_settle(&kit);
    kit_activate(&kit, HEAD RACE("sum", "90 EUR", "wagering 10x of bonus"), engine_now(kit.engine) + 1000);
    kit_tick(&kit, "2026-06-02T23:00:01Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"amount\":\"40.00 EUR\""), 2);
    assert_int_equal(kit_count(&kit.effects, "\"prize\":\"40.00 EUR\""), 2);
    assert_int_equal(kit_count(&kit.effects, "90.00 EUR"), 0);
    /* Gone: nothing is settled, and the journeys end by themselves. */
    play(&kit, "7", "anna", "2026-06-03T10:00:00Z", 5);
    play(&kit, "8", "bela", "2026-06-03T10:30:00Z", 9);
    kit_settle(&kit);
    kit_activate(&kit, HEAD, engine_now(kit.engine) + 1000);
    kit_tick(&kit, "2026-06-08T00:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "tournament.placed"), 4);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"NOT_SETTLED\""), 2);
    buffer_deinit(&out);
    kit_close(&kit);
}

/* The best event is taken back, and the next best counts; then one of before its original comes. */
static void the_best_event(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer out = BUFFER_EMPTY;
    kit_open(&kit, HEAD RACE("largest", "10 EUR", "wagering none"), 1);
    kit_tick(&kit, "2026-06-01T09:00:00Z");
    for (int i = 1; i <= 70; i++) { /* More than are kept. */
        char id[8], at[32];
        snprintf(id, sizeof id, "p%d", i);
        snprintf(at, sizeof at, "2026-06-01T%02d:%02d:00Z", 10 + i / 60, i % 60);
        play(&kit, id, "anna", at, i);
    }
    play(&kit, "b", "bela", "2026-06-01T11:30:00Z", 69);
    kit_event(&kit, "v70", "play_voided", "anna", "2026-06-01T12:00:00Z",
              "\"play_id\":\"p70\",\"played_at\":\"2026-06-01T11:10:00Z\",\"points\":70");
    look(&kit, "anna", 0, &out);
    assert_says(&out, "\"own\":{\"place\":1,\"player\":\"anna\",\"score\":69,\"last\":\"2026-06-01T11:09:00.000Z\"");
    kit_event(&kit, "v69", "play_voided", "anna", "2026-06-01T12:01:00Z",
              "\"play_id\":\"p69\",\"played_at\":\"2026-06-01T11:09:00Z\",\"points\":69");
    kit_event(&kit, "vx", "play_voided", "anna", "2026-06-01T12:02:00Z",
              "\"play_id\":\"x\",\"played_at\":\"2026-06-01T11:59:00Z\",\"points\":900");
    look(&kit, "anna", 100000, &out);
    assert_says(&out, "\"own\":{\"place\":2,\"player\":\"anna\",\"score\":68,\"last\":\"2026-06-01T11:08:00.000Z\"");
    kit_line_at(&kit,
                "{\"id\":\"x\",\"event\":\"play\",\"player\":\"anna\",\"at\":\"2026-06-01T11:59:00Z\",\"data\":{"
                "\"points\":900}}",
                "2026-06-01T12:03:00Z");
    look(&kit, "anna", 200000, &out);
    assert_says(&out, "\"own\":{\"place\":2,\"player\":\"anna\",\"score\":68,");
    buffer_deinit(&out);
    kit_close(&kit);
}

/* Who entered before is in no instance of the new windows, and may enter one. */
static void windows_change(void **state)
{
    (void)state;
    static const char before[] = HEAD RACE("sum", "10 EUR", "wagering none");
    char after[sizeof before];
    struct kit kit;
    memcpy(after, before, sizeof before);
    char *from = strstr(after, "from 10:00");
    assert_non_null(from);
    memcpy(from, "from 11:00", 10);
    kit_open(&kit, before, 4);
    kit_tick(&kit, "2026-06-01T09:00:00Z");
    play(&kit, "1", "anna", "2026-06-01T10:30:00Z", 5);
    play(&kit, "2", "bela", "2026-06-01T11:30:00Z", 9);
    kit_activate(&kit, after, engine_now(kit.engine) + 1000);
    play(&kit, "3", "anna", "2026-06-01T12:00:00Z", 7);
    play(&kit, "4", "bela", "2026-06-01T12:00:00Z", 1);
    kit_tick(&kit, "2026-06-08T00:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"NOT_SETTLED\""), 2);
    assert_int_equal(kit_count(&kit.effects, "tournament.placed"), 2);
    assert_int_equal(kit_count(&kit.effects, "\"started\":\"2026-06-01T11:00:00.000Z\",\"place\":1,\"score\":10,"), 1);
    assert_int_equal(kit_count(&kit.effects, "\"started\":\"2026-06-01T11:00:00.000Z\",\"place\":2,\"score\":7,"), 1);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live),           cmocka_unit_test(results_and_erasure), cmocka_unit_test(programs_change),
        cmocka_unit_test(windows_change), cmocka_unit_test(the_best_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
