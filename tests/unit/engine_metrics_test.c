/* Metrics in the engine: what comes from where, and when it is there. What they count is tests/property/metrics_test.c's matter.
 * Each test drives a campaign through the kit and reads the player's figures or looks at what left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/clock/clock_kit.h"
#include "tests/kit/engine_kit.h"
#include "vm/civil.h"

#define WORKSPACE                                                                                                  \
    "workspace \"Kit\"\n  product casino\n  currency EUR\n  channel email, inbox\n  timezone \"Europe/Malta\"\n"   \
    "  use events\n  use attributes\n  use actions\nend\n"                                                         \
    "event play\n  field points whole number between 0 and 1,000\n  field game text up to 20\nend\n"               \
    "event play_voided\n  reverses play by play_id at played_at\n  field play_id text up to 64\n"                  \
    "  field played_at moment\n  field points whole number between 0 and 1,000\n  field game text up to 20\nend\n" \
    "message \"m\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"
#define CAMPAIGN                                                                                             \
    "campaign \"C\"\n  product casino\n  currency EUR\n  start on session\n  enter every time\n"             \
    "  metric plays is count of play since entry\n  metric after is sum of play.points since entry\n"        \
    "  step \"S\"\n    wait up to 30 days\n      when withdrawal_requested\n        if journey.plays is at " \
    "least 2\n"                                                                                              \
    "          send inbox \"m\"\n          finish as \"MANY\"\n        otherwise\n          finish as "      \
    "\"FEW\"\n        end\n      when time is up  finish as \"LATE\"\n    end\n  end\nend\n"

static int64_t value_of(struct kit *kit, const char *player, const char *name)
{
    struct engine_metric metric;
    assert_true(engine_find_metric(kit->engine, TEXT(""), text_of(player), text_of(name), &metric));
    assert_true(metric.known);
    return metric.value;
}

static void play(struct kit *kit, const char *id, const char *player, const char *at, int points)
{
    char data[64];
    snprintf(data, sizeof data, "\"points\":%d,\"game\":\"book\"", points);
    kit_event(kit, id, "play", player, at, data);
}

static void withdraw(struct kit *kit, const char *id, const char *player, const char *at)
{
    kit_event(kit, id, "withdrawal_requested", player, at, "\"amount\":\"5 EUR\"");
}

static void session(struct kit *kit, const char *id, const char *player, const char *at)
{
    kit_event(kit, id, "session", player, at, "");
}

/* One store a test: a checkpoint writes what changed since the last one. */
static struct store store;

static int open_store(void **unused)
{
    (void)unused;
    struct error error = ERROR_NONE;
    return memory_store_open(&store, &error) == OK ? 0 : -1;
}

static int close_store(void **unused)
{
    (void)unused;
    store_close(&store);
    return 0;
}

static void checkpoint(struct kit *kit, uint32_t shards)
{
    kit_settle(kit);
    kit_restart(kit, &store, shards);
}

static void since_entry_goes_with_the_journey(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE CAMPAIGN, 2);
    play(&kit, "1", "p", "2026-06-01T08:00:00Z", 10);
    session(&kit, "2", "p", "2026-06-01T09:00:00Z");
    play(&kit, "3", "p", "2026-06-01T10:00:00Z", 20);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "plays"), 1); /* Not what was before the entry. */
    checkpoint(&kit, 5);
    /* Told late, but it happened before the entry. */
    kit_line_at(
        &kit,
        "{\"id\":\"4\",\"event\":\"play\",\"player\":\"p\",\"at\":\"2026-06-01T08:30:00Z\",\"data\":{\"points\":1,"
        "\"game\":\"x\"}}",
        "2026-06-01T11:00:00Z");
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "plays"), 1);
    withdraw(&kit, "5", "p", "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"FEW\""), 1);
    /* The next journey counts anew, and goes over to a program in which the campaign means the same. */
    session(&kit, "6", "p", "2026-06-02T09:00:00Z");
    play(&kit, "7", "p", "2026-06-02T10:00:00Z", 5);
    kit_settle(&kit);
    int64_t now = clock_instant("2026-06-02T11:00:00Z");
    kit_activate(&kit, WORKSPACE "metric spare is count of session ever\n" CAMPAIGN, now);
    play(&kit, "8", "p", "2026-06-02T12:00:00Z", 6);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "plays"), 2);
    assert_int_equal(value_of(&kit, "p", "after"), 11);
    assert_int_equal(value_of(&kit, "p", "spare"), 2); /* Filled in. */
    checkpoint(&kit, 1);
    withdraw(&kit, "9", "p", "2026-06-02T13:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"MANY\""), 1);
    kit_close(&kit);
}

static void an_event_counts_in_its_own_turn(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit,
             WORKSPACE "metric total is sum of play.points ever\n"
                       "campaign \"C\"\n  product casino\n  currency EUR\n  start on play where player.total is at "
                       "least 100\n  enter once per player\n  step \"S\"\n    send inbox \"m\"\n    finish as "
                       "\"DONE\"\n  end\nend\n",
             1);
    play(&kit, "1", "p", "2026-06-01T08:00:00Z", 60);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"send\""), 0);
    play(&kit, "2", "p", "2026-06-01T08:00:01Z", 40);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"send\""), 1);
    kit_close(&kit);
}

static void a_reversal_counts_once(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit,
             WORKSPACE
             "metric total is sum of play.points ever\nmetric best is largest of play.points ever, kept up to "
             "3, otherwise 0\n",
             1);
    play(&kit, "a", "p", "2026-06-01T08:00:00Z", 60);
    play(&kit, "b", "p", "2026-06-01T08:01:00Z", 40);
    static const char void_a[] =
        "\"play_id\":\"a\",\"played_at\":\"2026-06-01T08:00:00Z\",\"points\":60,\"game\":\"book\"";
    kit_event(&kit, "v1", "play_voided", "p", "2026-06-01T09:00:00Z", void_a);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "total"), 40);
    assert_int_equal(value_of(&kit, "p", "best"), 40);
    assert_int_equal(kit_count(&kit.notes, "taken back before"), 0);
    checkpoint(&kit, 3);
    kit_event(&kit, "v2", "play_voided", "p", "2026-07-20T09:00:00Z", void_a);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "total"), 40);
    assert_int_equal(kit_count(&kit.notes, "taken back before"), 1);
    /* Told of the wrong player first: the right one's still counts. */
    kit_event(&kit, "w1", "play_voided", "q", "2026-07-20T09:30:00Z",
              "\"play_id\":\"b\",\"played_at\":\"2026-06-01T08:01:00Z\",\"points\":40,\"game\":\"book\"");
    kit_event(&kit, "w2", "play_voided", "p", "2026-07-20T09:31:00Z",
              "\"play_id\":\"b\",\"played_at\":\"2026-06-01T08:01:00Z\",\"points\":40,\"game\":\"book\"");
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "total"), 0);
    assert_int_equal(kit_count(&kit.notes, "taken back before"), 1);
    play(&kit, "d", "p", "2026-07-20T09:32:00Z", 40);
    /* Before the original: the sum is right when both are there. */
    kit_event(&kit, "v3", "play_voided", "p", "2026-07-20T10:00:00Z",
              "\"play_id\":\"c\",\"played_at\":\"2026-07-20T09:59:00Z\",\"points\":90,\"game\":\"book\"");
    checkpoint(&kit, 1);
    kit_line_at(
        &kit,
        "{\"id\":\"c\",\"event\":\"play\",\"player\":\"p\",\"at\":\"2026-07-20T09:59:00Z\",\"data\":{\"points\":90,"
        "\"game\":\"book\"}}",
        "2026-07-20T10:01:00Z");
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "total"), 40);
    assert_int_equal(value_of(&kit, "p", "best"), 40);
    kit_close(&kit);
}

static void what_falls_out_is_told(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE "metric games is count of different play.game ever, kept up to 2\n", 1);
    play(&kit, "1", "p", "2026-06-01T08:00:00Z", 1);
    play(&kit, "2", "p", "2026-06-01T08:00:01Z", 1);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "metric_full"), 0);
    play(&kit, "3", "p", "2026-06-01T08:00:02Z", 1);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"reason\":\"METRIC_FULL\",\"metric\":\"games\""), 1);
    struct engine_metric metric;
    assert_true(engine_find_metric(kit.engine, TEXT(""), TEXT("p"), TEXT("games"), &metric));
    assert_int_equal(metric.fallen, 1);
    kit_close(&kit);
}

static void history_feeds_metrics_alone(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit,
             WORKSPACE "metric total is sum of play.points ever\nmetric week is count of play over last 7 days by day\n"
                       "campaign \"C\"\n  product casino\n  currency EUR\n  start on play\n  enter every time\n"
                       "  step \"S\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n",
             1);
    kit_tick(&kit, "2026-06-10T00:00:00Z");
    static const char row[] =
        "{\"import\":\"old\",\"row\":\"1\",\"event\":\"play\",\"player\":\"p\",\"at\":\"2025-02-01T08:00:"
        "00Z\",\"data\":{\"points\":7,\"game\":\"book\"}}";
    kit_line(&kit, row);
    kit_line(&kit, row);
    kit_line(&kit,
             "{\"import\":\"old\",\"row\":\"2\",\"event\":\"play\",\"player\":\"p\",\"at\":\"2026-06-08T08:00:00Z\","
             "\"data\":{\"points\":5,\"game\":\"book\"}}");
    /* The same word as an id is another thing. */
    kit_line(&kit,
             "{\"id\":\"2\",\"source\":\"old\",\"event\":\"play\",\"player\":\"p\",\"at\":\"2026-06-10T08:00:00Z\","
             "\"data\":{\"points\":1,\"game\":\"book\"}}");
    kit_line(&kit, "{\"import\":\"old\",\"row\":\"3\",\"player\":\"p\",\"at\":\"2026-01-01T08:00:00Z\",\"set\":{"
                   "\"timezone\":\"Asia/"
                   "Tokyo\"}}");
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "total"), 13);
    assert_int_equal(value_of(&kit, "p", "week"), 2);
    assert_int_equal(kit_count(&kit.effects, "\"send\""), 1);
    assert_int_equal(kit_count(&kit.notes, "DUPLICATE"), 1);
    kit_line(&kit, row); /* What brings nothing new does not even open an instant. */
    assert_false(engine_waits(kit.engine));
    /* A metric that comes later reads it too. */
    int64_t now = engine_now(kit.engine) + 1;
    kit_activate(&kit,
                 WORKSPACE
                 "metric first is first time of play ever, kept up to 9\nmetric total is sum of play.points ever\n",
                 now);
    kit_tick(&kit, "2026-06-11T00:00:00Z");
    kit_settle(&kit);
    int64_t first = clock_instant("2025-02-01T08:00:00Z");
    assert_int_equal(value_of(&kit, "p", "first"), first);
    assert_int_equal(value_of(&kit, "p", "total"), 13);
    kit_close(&kit);
}

static void what_no_program_reads_is_dropped(void **unused)
{
    (void)unused;
    struct kit kit, fresh;
    uint8_t one[32], other[32];
    kit_open(&kit, WORKSPACE "metric a is sum of play.points ever\n", 1);
    play(&kit, "1", "p", "2026-06-01T08:00:00Z", 60);
    kit_settle(&kit);
    kit_digest(&kit, one);
    kit_activate(&kit, WORKSPACE, engine_now(kit.engine) + 1);
    kit_settle(&kit);
    kit_digest(&kit, other);
    assert_memory_not_equal(one, other, sizeof one);
    /* Back again: filled in anew, under another name. */
    kit_activate(&kit, WORKSPACE "metric b is sum of play.points ever\n", engine_now(kit.engine) + 1);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "b"), 60);
    checkpoint(&kit, 2);
    assert_int_equal(value_of(&kit, "p", "b"), 60);
    kit_close(&kit);
    /* Without a log a program may not bring metrics, unless that is accepted. */
    kit_open(&fresh, WORKSPACE "metric b is sum of play.points ever\n", 1);
    play(&fresh, "1", "p", "2026-06-01T08:00:00Z", 60);
    kit_settle(&fresh);
    struct buffer bundle = BUFFER_EMPTY;
    buffer_append(&bundle, fresh.bundle.bytes, fresh.bundle.size);
    kit_close(&fresh);
    kit_open(&fresh, WORKSPACE, 1);
    play(&fresh, "1", "p", "2026-06-01T08:00:00Z", 60);
    kit_settle(&fresh);
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    struct engine_options options = {.shards = 1};
    assert_int_equal(engine_open(&engine, &options, &error), OK);
    struct record first = {.kind = RECORD_ACTIVATE, .bundle = fresh.bundle.bytes, .bundle_size = fresh.bundle.size};
    assert_int_equal(engine_fold(engine, &first, &error), OK);
    struct record second = {.kind = RECORD_ACTIVATE, .now = 1, .bundle = bundle.bytes, .bundle_size = bundle.size};
    assert_int_equal(engine_fold(engine, &second, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "metric `b`"));
    second.incomplete = true;
    assert_int_equal(engine_fold(engine, &second, &error), OK);
    engine_close(engine);
    kit_close(&fresh);
    buffer_deinit(&bundle);
}

/* From Auckland to Los Angeles: the second of June comes twice, and is one day. */
static void a_day_counts_once_on_the_way_east(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit,
             WORKSPACE "metric row is days in a row of play ever in the player's zone, kept up to 60\n"
                       "metric days is count of different days of play ever in the player's zone, kept up to 60\n"
                       "metric today is count of play over this day in the player's zone\n",
             1);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"h1\",\"player\":\"p\",\"at\":\"2026-05-30T00:00:00Z\",\"set\":"
                   "{\"timezone\":\"Pacific/Auckland\"}}");
    play(&kit, "1", "p", "2026-05-31T20:00:00Z", 1); /* 1 June, 08:00 in Auckland. */
    play(&kit, "2", "p", "2026-06-01T20:00:00Z", 1); /* 2 June, 08:00. */
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "row"), 2);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"h2\",\"player\":\"p\",\"at\":\"2026-06-02T06:00:00Z\",\"set\":"
                   "{\"timezone\":\"America/Los_Angeles\"}}");
    /* 1 June, 23:00 in Los Angeles: what was counted for 2 June lies ahead. */
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "row"), 2);
    assert_int_equal(value_of(&kit, "p", "today"), 1); /* That of 1 June in Auckland. */
    play(&kit, "3", "p", "2026-06-02T20:00:00Z", 1);   /* 2 June, 13:00 there. */
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "row"), 2);
    assert_int_equal(value_of(&kit, "p", "days"), 2);
    assert_int_equal(value_of(&kit, "p", "today"), 2);
    play(&kit, "4", "p", "2026-06-03T20:00:00Z", 1);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "row"), 3);
    kit_tick(&kit, "2026-06-05T06:59:59.999Z"); /* 4 June, the last millisecond. */
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "row"), 3);
    kit_tick(&kit, "2026-06-05T07:00:00Z"); /* 5 June: yesterday there was none. */
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "row"), 0);
    kit_close(&kit);
}

static void erasure_drops_them(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, WORKSPACE "metric total is sum of play.points ever\n", 1);
    play(&kit, "1", "p", "2026-06-01T08:00:00Z", 60);
    kit_settle(&kit);
    struct record erase = {
        .kind = RECORD_ERASE, .now = engine_now(kit.engine) + 1, .player = TEXT("p"), .id = TEXT("x")};
    erase.at = erase.now;
    erase.group = record_group(erase.brand, erase.player);
    kit_record(&kit, &erase);
    kit_settle(&kit);
    struct engine_metric metric;
    assert_false(engine_find_metric(kit.engine, TEXT(""), TEXT("p"), TEXT("total"), &metric));
    play(&kit, "2", "p", "2026-06-01T09:00:00Z", 5);
    kit_settle(&kit);
    assert_int_equal(value_of(&kit, "p", "total"), 5);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(since_entry_goes_with_the_journey, open_store, close_store),
        cmocka_unit_test_setup_teardown(an_event_counts_in_its_own_turn, open_store, close_store),
        cmocka_unit_test_setup_teardown(a_reversal_counts_once, open_store, close_store),
        cmocka_unit_test_setup_teardown(what_falls_out_is_told, open_store, close_store),
        cmocka_unit_test_setup_teardown(history_feeds_metrics_alone, open_store, close_store),
        cmocka_unit_test_setup_teardown(what_no_program_reads_is_dropped, open_store, close_store),
        cmocka_unit_test_setup_teardown(a_day_counts_once_on_the_way_east, open_store, close_store),
        cmocka_unit_test_setup_teardown(erasure_drops_them, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
