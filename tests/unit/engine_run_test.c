/*
 * Scheduled runs: rows frozen and served in slices, the same for any number of shards and with a kill between any two slices; budgets in
 * the run's order; players who go; programs that change; runs that were missed. What schedules mean is tests/compiler/schedules.promo's
 * matter, when they are due vm/schedule.h's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "tests/kit/engine_kit.h"

#include "runtime/lab/summary.h"
#include "vm/zone.h"

#define WORKSPACE                                                                                               \
    "workspace \"Runs\"\n  product casino\n  currency EUR\n  channel inbox\n  use events\n  use actions\nend\n" \
    "attribute points whole number up to 100,000, otherwise 0\nattribute home optional time zone\n"             \
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\nend\n"

/* 10 EUR a player for 2,000 of them, in the order of points. */
#define GIFT                                                                                                   \
    "campaign \"Gift\"\n  product casino\n  currency EUR\n  timezone \"Europe/Warsaw\"\n"                      \
    "  budget\n    total 20,000 EUR\n    when empty go on without rewards\n  end\n"                            \
    "  start every monday at 06:00\n  only for players where points is at least 10\n"                          \
    "  order by player.points from largest\n  enter once per week\n"                                           \
    "  offer cash \"gift\"\n    amount 10 EUR\n    wagering none\n  end\n"                                     \
    "  step \"A\"\n    credit \"gift\", otherwise finish as \"NOTHING\"\n    send inbox \"m\"\n    finish as " \
    "\"PAID\"\n  end\nend\n"

/* Those of all days, as the second program. */
#define DAILY                                                                             \
    "campaign \"Gift\"\n  product casino\n  currency EUR\n  timezone \"Europe/Warsaw\"\n" \
    "  start every day at 06:00\n  enter every time\n"                                    \
    "  step \"A\"\n    send inbox \"m\"\n    finish as \"DAILY\"\n  end\nend\n"

static void set_points(struct kit *kit, uint32_t player, uint32_t points, const char *at)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"kind\":\"attributes\",\"id\":\"a%u\",\"player\":\"%u\",\"at\":\"%s\",\"set\":{\"points\":%u}}", player,
             player, at, points);
    kit_line(kit, line);
}

static const char BEFORE[] = "2026-03-29T10:00:00Z";
enum { PLAYERS = 3500, TAKEN = 3500 - 10 };

static void open_empty(struct kit *kit, const char *source, uint32_t shards)
{
    kit_open(kit, WORKSPACE, shards);
    kit_activate(kit, source, INT64_C(1774700000000));
}

static void open_with(struct kit *kit, const char *source, uint32_t shards)
{
    open_empty(kit, source, shards);
    for (uint32_t i = 0; i < PLAYERS; i++) set_points(kit, i, (i * 7919u) % PLAYERS, BEFORE);
}

static void open_with_players(struct kit *kit, uint32_t shards)
{
    open_with(kit, WORKSPACE GIFT, shards);
}

static void assert_same_bytes(const struct buffer *a, const struct buffer *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

/* ---------------------------------------------------------------- slices */

/* Due on monday, 04:00 UTC; four slices. With `kills`, a new engine between each two. */
static void run_whole(struct kit *kit, uint32_t shards, bool kills)
{
    static const char *const ticks[] = {"2026-03-30T04:00:00Z", "2026-03-30T04:00:00.001Z", "2026-03-30T04:00:00.002Z",
                                        "2026-03-30T04:00:00.003Z", "2026-03-30T05:00:00Z"};
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    open_with_players(kit, shards);
    for (uint32_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        kit_tick(kit, ticks[i]);
        kit_settle(kit);
        if (kills) kit_restart(kit, &store, i % 2 == 0 ? 7 : shards);
    }
    store_close(&store);
}

static void slices_and_kills_change_nothing(void **state)
{
    (void)state;
    struct kit whole;
    run_whole(&whole, 1, false);
    uint8_t digest[32], other[32];
    kit_digest(&whole, digest);
    assert_int_equal(kit_count(&whole.effects, "\"effect\":\"credit\""), 2000);
    assert_int_equal(kit_count(&whole.notes, "\"note\":\"finished\""), TAKEN);
    assert_int_equal(kit_count(&whole.notes, "\"as\":\"NOTHING\""), TAKEN - 2000);
    assert_int_equal(kit_count(&whole.notes, "\"note\":\"run\",\"at\":\"2026-03-30T04:00:00.000Z\""), 1);
    assert_int_equal(kit_count(&whole.notes, "\"rows\":3490"), 1);
    assert_int_equal(kit_count(&whole.notes, "\"note\":\"entered\",\"at\":\"2026-03-30T04:00:00.000Z\""), 1000);
    assert_int_equal(kit_count(&whole.notes, "\"note\":\"entered\",\"at\":\"2026-03-30T04:00:00.002Z\""), 1000);
    assert_int_equal(kit_count(&whole.notes, "\"note\":\"entered\",\"at\":\"2026-03-30T04:00:00.003Z\""), 490);
    for (uint32_t i = 0; i < 4; i++) {
        struct kit kit;
        static const uint32_t shards[] = {4, 7, 1, 3};
        run_whole(&kit, shards[i], i >= 2);
        kit_digest(&kit, other);
        assert_memory_equal(digest, other, sizeof digest);
        assert_same_bytes(&whole.effects, &kit.effects);
        assert_same_bytes(&whole.notes, &kit.notes);
        kit_close(&kit);
    }
    kit_close(&whole);
}

/* The budget goes to those with the most points, whatever their ids. */
static void the_order_decides_who_gets_the_last(void **state)
{
    (void)state;
    struct kit kit;
    open_with_players(&kit, 4);
    kit_tick(&kit, "2026-03-30T05:00:00Z");
    kit_settle(&kit);
    for (uint32_t i = 0; i < PLAYERS; i++) {
        char line[96];
        snprintf(line, sizeof line,
                 "\"player\":\"%u\",\"campaign\":\"Gift\",\"journey\":1,\"step\":\"A\",\"as\":\"PAID\"", i);
        uint32_t points = (i * 7919u) % PLAYERS;
        if (i % 50 == 0) assert_int_equal(kit_count(&kit.notes, line), points >= PLAYERS - 2000);
    }
    kit_close(&kit);
}

/* A budget of its own for each run, which ends at the first row that does not fit, and begins anew a week later. */
static void an_empty_run_stays_ended(void **state)
{
    (void)state;
    static const char source[] = WORKSPACE
        "campaign \"Gift\"\n  product casino\n  currency EUR\n  timezone \"Europe/Warsaw\"\n"
        "  budget\n    per run 15,005 EUR\n    when empty stop the run\n  end\n"
        "  start every monday at 06:00\n  only for players where points is at least 10\n"
        "  order by player.points from largest\n  enter once per week\n"
        "  offer cash \"gift\"\n    amount 10 EUR\n    wagering none\n  end\n"
        "  step \"A\"\n    credit \"gift\", otherwise finish as \"NOTHING\"\n    wait 1 hour\n"
        "    credit \"gift\" as \"again\", otherwise finish as \"NO_SECOND\"\n    finish as \"PAID\"\n  end\nend\n";
    static const char *const ticks[] = {"2026-03-30T04:00:00Z", "2026-03-30T04:00:00.001Z", "2026-03-30T04:00:00.002Z",
                                        "2026-03-30T06:00:00Z", "2026-04-06T04:30:00Z"};
    uint8_t digest[2][32];
    struct kit kit[2];
    for (uint32_t k = 0; k < 2; k++) {
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        open_with(&kit[k], source, 1 + 4 * k);
        for (uint32_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
            kit_tick(&kit[k], ticks[i]);
            kit_settle(&kit[k]);
            if (k == 1) kit_restart(&kit[k], &store, 3);
            if (i == 3) {
                /* 1,500 fit; 500 of the second slice ask in vain, the rest does not start; nobody gets a second. */
                assert_int_equal(kit_count(&kit[k].effects, "\"effect\":\"credit\""), 1500);
                assert_int_equal(kit_count(&kit[k].notes, "\"as\":\"NOTHING\""), 500);
                assert_int_equal(kit_count(&kit[k].notes, "\"note\":\"entry_refused\""), 10 + TAKEN - 2000);
                assert_int_equal(kit_count(&kit[k].notes, "\"as\":\"NO_SECOND\""), 1500);
            }
        }
        assert_int_equal(kit_count(&kit[k].effects, "\"effect\":\"credit\""), 3000);
        kit_digest(&kit[k], digest[k]);
        store_close(&store);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    assert_same_bytes(&kit[0].effects, &kit[1].effects);
    assert_same_bytes(&kit[0].notes, &kit[1].notes);
    kit_close(&kit[0]);
    kit_close(&kit[1]);
}

/* A hundred thousand credits; the second engine is killed after forty thousand. */
static void a_large_run_killed_in_the_middle(void **state)
{
    (void)state;
    enum { MANY = 100000, SLICES_BEFORE = 40 };
    static const char source[] = WORKSPACE
        "campaign \"Gift\"\n  product casino\n  currency EUR\n  timezone \"Europe/Warsaw\"\n"
        "  budget\n    per run 999,995 EUR\n    when empty stop the run\n  end\n"
        "  start every monday at 06:00\n  order by player.points from largest\n  enter once per week\n"
        "  offer cash \"gift\"\n    amount 10 EUR\n    wagering none\n  end\n"
        "  step \"A\"\n    credit \"gift\", otherwise finish as \"NOTHING\"\n    finish as \"PAID\"\n  end\nend\n";
    uint8_t digest[2][32];
    struct engine_budget budget[2];
    for (uint32_t k = 0; k < 2; k++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        open_empty(&kit, source, 1 + 3 * k);
        kit.quiet = true;
        for (uint32_t i = 0; i < MANY; i++) set_points(&kit, i, (uint32_t)(i * UINT64_C(7919) % MANY), BEFORE);
        for (uint32_t i = 0; k == 1 && i < SLICES_BEFORE; i++) {
            char at[40];
            snprintf(at, sizeof at, "2026-03-30T04:00:00.%03uZ", i);
            kit_tick(&kit, at);
        }
        if (k == 1) {
            kit_settle(&kit);
            assert_true(engine_budget(kit.engine, 0, &budget[k]));
            assert_int_equal(budget[k].reserved, SLICES_BEFORE * 1000 * 1000);
            kit_restart(&kit, &store, 7);
        }
        kit_tick(&kit, "2026-03-30T05:00:00Z");
        kit_settle(&kit);
        assert_true(engine_budget(kit.engine, 0, &budget[k]));
        assert_int_equal(budget[k].reserved, (MANY - 1) * 1000);
        kit_digest(&kit, digest[k]);
        kit_close(&kit);
        store_close(&store);
    }
    assert_memory_equal(digest[0], digest[1], 32);
}

/* ---------------------------------------------------------------- time that jumps, players who go */

static void a_late_tick_folds_each_run_at_its_own_instant(void **state)
{
    (void)state;
    struct kit dense, sparse;
    kit_open(&dense, WORKSPACE, 1);
    kit_activate(&dense, WORKSPACE DAILY, INT64_C(1774700000000));
    kit_open(&sparse, WORKSPACE, 1);
    kit_activate(&sparse, WORKSPACE DAILY, INT64_C(1774700000000));
    set_points(&dense, 1, 5, BEFORE);
    set_points(&sparse, 1, 5, BEFORE);
    for (uint32_t day = 30; day <= 31; day++) {
        for (uint32_t hour = 0; hour < 24; hour++) {
            char at[32];
            snprintf(at, sizeof at, "2026-03-%02uT%02u:00:00Z", day, hour);
            kit_tick(&dense, at);
            kit_settle(&dense);
        }
    }
    kit_tick(&dense, "2026-04-03T00:00:00Z");
    kit_tick(&sparse, "2026-04-03T00:00:00Z");
    kit_settle(&dense);
    kit_settle(&sparse);
    assert_same_bytes(&dense.effects, &sparse.effects);
    assert_int_equal(kit_count(&sparse.effects, "\"effect\":\"send\""), 4);
    assert_int_equal(kit_count(&sparse.effects, "\"at\":\"2026-04-01T04:00:00.000Z\""), 1);
    kit_close(&dense);
    kit_close(&sparse);
}

static void a_run_that_is_too_old_is_told_and_left_out(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WORKSPACE, 1);
    kit_activate(&kit, WORKSPACE DAILY, INT64_C(1774700000000));
    set_points(&kit, 1, 5, BEFORE);
    /* Down from sunday noon to wednesday 05:00 UTC: wednesday's run is an hour old, tuesday's a day and an hour. */
    kit_line(&kit, "{\"kind\":\"tick\",\"at\":\"2026-04-01T05:00:00Z\",\"catch_up\":true}");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"at\":\"2026-04-01T04:00:00.000Z\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"run_missed\""), 2);
    assert_int_equal(kit_count(&kit.notes, "MISSED_RUN"), 2);
    struct buffer summary = BUFFER_EMPTY;
    summary_print(&summary, kit.engine, (struct summary_style){0});
    if (kit_count(&summary, "runs      2   missed 2\n") != 1) fail_msg("%s", buffer_as_string(&summary));
    buffer_deinit(&summary);
    kit_close(&kit);
}

static void players_may_go_in_the_middle(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    open_with_players(&kit, 3);
    kit_tick(&kit, "2026-03-30T04:00:00Z");
    kit_settle(&kit);
    /* The one with the fewest points of those whom the run takes: the last row. */
    uint32_t last = 0;
    while ((last * 7919u) % PLAYERS != 10) last++;
    char line[128];
    snprintf(line, sizeof line, "{\"kind\":\"erase\",\"id\":\"e\",\"player\":\"%u\",\"at\":\"2026-03-30T04:00:00Z\"}",
             last);
    kit_line(&kit, line);
    kit_settle(&kit);
    kit_restart(&kit, &store, 2);
    kit_tick(&kit, "2026-03-30T05:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"entered\""), TAKEN - 1);
    kit_close(&kit);
    store_close(&store);
}

/* ---------------------------------------------------------------- programs that change */

static void a_new_version_goes_on_from_the_last_run(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WORKSPACE, 2);
    kit_activate(&kit, WORKSPACE DAILY, INT64_C(1774843200000)); /* 2026-03-30T04:00Z, when it would be due: not yet. */
    set_points(&kit, 1, 5, "2026-03-30T04:00:00Z");
    kit_tick(&kit, "2026-03-30T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 0);
    kit_tick(&kit, "2026-03-31T04:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 1);
    /* Another version at the same instant: the run that was is not run again. */
    kit_activate(&kit, WORKSPACE DAILY "segment \"S\" is players where points is 1\n", engine_now(kit.engine));
    kit_tick(&kit, "2026-03-31T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 1);
    /* A version that takes effect at the very instant at which a run is due, before it has run. */
    kit_activate(&kit, WORKSPACE DAILY, INT64_C(1775016000000)); /* 2026-04-01T04:00Z */
    kit_tick(&kit, "2026-04-01T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 2);
    /* Without the campaign nothing runs. */
    kit_activate(&kit, WORKSPACE, engine_now(kit.engine));
    kit_tick(&kit, "2026-04-03T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 2);
    kit_close(&kit);
}

static void rows_wait_through_a_change_of_program(void **state)
{
    (void)state;
    struct kit kit;
    open_with_players(&kit, 2);
    kit_tick(&kit, "2026-03-30T04:00:00Z");
    kit_settle(&kit);
    kit_activate(&kit, WORKSPACE GIFT "segment \"S\" is players where points is 1\n", engine_now(kit.engine));
    kit_tick(&kit, "2026-03-30T05:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"entered\""), TAKEN);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 2000);
    kit_close(&kit);
    /* Where the campaign is gone the rest of the run goes with it. */
    open_with_players(&kit, 2);
    kit_tick(&kit, "2026-03-30T04:00:00Z");
    kit_settle(&kit);
    kit_activate(&kit, WORKSPACE, engine_now(kit.engine));
    kit_tick(&kit, "2026-03-30T05:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"entered\""), 1000);
    kit_close(&kit);
}

/* A program that was checked with the zone rules of another tzdata: told, and nothing else. */
static void other_zone_rules_are_told(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WORKSPACE, 1);
    kit_activate(&kit, WORKSPACE DAILY, INT64_C(1774700000000));
    assert_int_equal(kit_count(&kit.notes, "zone_rules"), 0);
    char *hash = memmem(kit.bundle.bytes, kit.bundle.size, zone_hash(), 32);
    assert_non_null(hash);
    hash[0] = hash[0] == '0' ? '1' : '0';
    bundle_kit_rehash(kit.bundle.bytes, kit.bundle.size);
    struct record record = {.kind = RECORD_ACTIVATE,
                            .now = INT64_C(1774700000000),
                            .bundle = kit.bundle.bytes,
                            .bundle_size = kit.bundle.size};
    kit_record(&kit, &record);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"zone_rules\""), 1);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_and_kills_change_nothing),
        cmocka_unit_test(the_order_decides_who_gets_the_last),
        cmocka_unit_test(an_empty_run_stays_ended),
        cmocka_unit_test(a_large_run_killed_in_the_middle),
        cmocka_unit_test(a_late_tick_folds_each_run_at_its_own_instant),
        cmocka_unit_test(a_run_that_is_too_old_is_told_and_left_out),
        cmocka_unit_test(players_may_go_in_the_middle),
        cmocka_unit_test(a_new_version_goes_on_from_the_last_run),
        cmocka_unit_test(rows_wait_through_a_change_of_program),
        cmocka_unit_test(other_zone_rules_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
