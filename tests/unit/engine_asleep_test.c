/*
 * Players sleep in their checkpoint until they are needed (spec/decisions/0038): whoever is needed first, in whatever order, the effects and the digest are those of
 * an engine that read everything at once; deadlines wake in time, runs find everybody, a checkpoint of sleepers is whole, and damage is told by whoever meets it.
 * promises D5, D6, F5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#include "runtime/engine/state.h"

enum { PLAYERS = 600, EAGER = 1, LAZY = 2 }; /* shards: the kit reads lazily where they are even */

/* clang-format off */
#define WAITS \
    "workspace \"Asleep\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\n  use " \
    "events\n  use actions\nend\n" \
    "attribute points whole number up to 100,000, otherwise 0\n" \
    "attribute timezone optional time zone\n" \
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\nend\n" \
    "campaign \"Wait\"\n  product casino\n  currency EUR\n  start on registration\n" \
    "  step \"A\"\n    wait up to 3 days\n      when deposit     finish as \"PAID\"\n      when time is up  go to " \
    "\"B\"\n    end\n  end\n" \
    "  step \"B\"\n    send inbox \"m\"\n    finish as \"LATE\"\n  end\nend\n"
/* clang-format on */
static const char waits[] = WAITS;
/* And a run, which is about everybody. */
static const char source[] = WAITS
    "campaign \"Morning\"\n  product casino\n  currency EUR\n  start every day at 06:00 in the player's zone\n  only "
    "for players where points is at least 50\n"
    "  enter every time\n  step \"A\"\n    send inbox \"m\"\n    finish as \"GREETED\"\n  end\nend\n";

static void begin_with(struct kit *kit, const char *text, uint32_t shards)
{
    static const char *const zones[] = {"Europe/Malta", "Asia/Tokyo", "America/New_York"};
    kit_open(kit, text, shards);
    for (unsigned i = 0; i < PLAYERS; i++) {
        char line[300], at[32];
        (void)snprintf(at, sizeof at, "2026-06-01T%02u:%02u:00Z", 8 + i / 60, i % 60);
        (void)snprintf(
            line, sizeof line,
            "{\"kind\":\"attributes\",\"id\":\"a%u\",\"player\":\"p%u\",\"at\":\"%s\",\"set\":{\"points\":%u%s%s%s}}",
            i, i, at, i % 100, i % 4 == 3 ? "" : ",\"timezone\":\"", i % 4 == 3 ? "" : zones[i % 4],
            i % 4 == 3 ? "" : "\"");
        kit_line(kit, line);
        (void)snprintf(line, sizeof line, "r%u", i);
        char player[16];
        (void)snprintf(player, sizeof player, "p%u", i);
        kit_event(kit, line, "registration", player, at, "");
    }
    kit_settle(kit);
}

static void begin(struct kit *kit, uint32_t shards)
{
    begin_with(kit, source, shards);
}

/* Deposits of players in an order of the seed, then time passes. */
static void go_on(struct kit *kit, unsigned seed, bool restarts, struct store *store)
{
    uint64_t state = seed;
    for (unsigned n = 0; n < 150; n++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        char id[24], player[16], at[32];
        unsigned i = (unsigned)(state >> 33) % PLAYERS;
        (void)snprintf(id, sizeof id, "d%u-%u", seed, n);
        (void)snprintf(player, sizeof player, "p%u", i);
        (void)snprintf(at, sizeof at, "2026-06-02T%02u:%02u:00Z", n / 60, n % 60);
        kit_event(kit, id, "deposit", player, at, "\"amount\":\"20 EUR\",\"method\":\"card\",\"first\":false");
        if (restarts && n % 50 == 30) {
            /* What sleeps stays in the checkpoint before. */
            kit_settle(kit);
            kit_restart_asleep(kit, store, LAZY);
            assert_true(kit->engine->asleep > 0);
        }
    }
    kit_tick(kit, "2026-06-03T12:00:00Z");
    kit_tick(kit, "2026-06-06T12:00:00Z");
    kit_settle(kit);
}

static void whoever_wakes_first_it_is_the_same(void **unused)
{
    (void)unused;
    for (unsigned seed = 1; seed <= 3; seed++) {
        struct kit_runs runs = {.count = 0};
        for (unsigned way = 0; way < 3; way++) {
            struct kit kit;
            struct store store;
            struct error error = ERROR_NONE;
            assert_int_equal(memory_store_open(&store, &error), OK);
            begin(&kit, EAGER);
            if (way > 0) kit_restart_asleep(&kit, &store, LAZY);
            if (way > 0) assert_true(kit.engine->asleep > PLAYERS / 2);
            go_on(&kit, seed, way == 2, &store);
            kit_runs_add(&runs, &kit);
            store_close(&store);
        }
        kit_runs_judge(&runs);
    }
}

/* Nothing but deadlines wakes them here. */
static void deadlines_wake_in_time(void **unused)
{
    (void)unused;
    struct kit_runs runs = {.count = 0};
    for (unsigned way = 0; way < 2; way++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        begin_with(&kit, waits, EAGER);
        kit_restart_asleep(&kit, &store, way == 0 ? EAGER : LAZY);
        kit_tick(&kit, "2026-06-04T08:30:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), 31);
        if (way == 1) assert_true(kit.engine->asleep > PLAYERS / 2);
        kit_tick(&kit, "2026-06-05T12:00:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"send\""), PLAYERS);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

/* Up again without asking for the digest, so that everybody sleeps. */
struct sleeping {
    struct engine *engine;
    struct store store;
    uint64_t count;
};

static void count_effect(void *context, const struct engine_effect *effect)
{
    (void)effect;
    ((struct sleeping *)context)->count++;
}

static void fall_asleep(struct sleeping *sleeping)
{
    struct kit kit;
    struct error error = ERROR_NONE;
    uint64_t position = 0;
    *sleeping = (struct sleeping){.count = 0};
    assert_int_equal(memory_store_open(&sleeping->store, &error), OK);
    begin(&kit, EAGER);
    assert_int_equal(engine_checkpoint(kit.engine, &sleeping->store.checkpoint, engine_position(kit.engine), &error),
                     OK);
    kit_close(&kit);
    struct engine_options options = {.shards = 3, .lazy = true, .sink = {.context = sleeping, .effect = count_effect}};
    assert_int_equal(engine_open(&sleeping->engine, &options, &error), OK);
    assert_int_equal(engine_restore(sleeping->engine, &sleeping->store.checkpoint, &position, &error), OK);
}

static void wake_up(struct sleeping *sleeping)
{
    engine_close(sleeping->engine);
    store_close(&sleeping->store);
}

static void only_who_is_needed_wakes(void **unused)
{
    (void)unused;
    struct sleeping sleeping;
    fall_asleep(&sleeping);
    uint32_t all = sleeping.engine->asleep;
    assert_true(all > PLAYERS / 2 && all <= PLAYERS);
    assert_int_equal(sleeping.engine->player_count, PLAYERS);
    struct engine_player_view view;
    assert_true(engine_find_player(sleeping.engine, TEXT(""), TEXT("p5"), &view));
    assert_int_equal(view.journey_count, 1);
    assert_int_equal(sleeping.engine->asleep, all - 1);
    assert_int_equal(sleeping.engine->player_count, PLAYERS);
    /* The first deadline: the run at six in Tokyo. It takes everybody into account, so all wake. */
    assert_true(engine_next_deadline(sleeping.engine) < INT64_MAX);
    struct error error = ERROR_NONE;
    struct record tick = {
        .kind = RECORD_TICK, .now = engine_now(sleeping.engine) + 20 * 86400000LL / 24, .position = 100000};
    tick.at = tick.now;
    assert_int_equal(engine_fold(sleeping.engine, &tick, &error), OK);
    assert_int_equal(engine_settle(sleeping.engine, &error), OK);
    assert_int_equal(sleeping.engine->asleep, 0);
    assert_true(sleeping.count > 0);
    wake_up(&sleeping);
}

static void damage_is_told_by_who_meets_it(void **unused)
{
    (void)unused;
    struct sleeping sleeping;
    struct error error = ERROR_NONE;
    fall_asleep(&sleeping);
    uint16_t group = record_group(TEXT(""), TEXT("p7"));
    struct sleepers *sleepers = &sleeping.engine->group[group].sleepers;
    assert_non_null(sleepers->bytes);
    memset(sleepers->bytes + sleepers->size / 2, 0xFF, sleepers->size / 4);
    struct engine_player_view view;
    assert_false(engine_find_player(sleeping.engine, TEXT(""), TEXT("p7"), &view));
    assert_int_equal(engine_wake(sleeping.engine, &error), STATUS_CORRUPT);
    assert_true(error.message[0] != '\0');
    struct record tick = {
        .kind = RECORD_TICK, .now = engine_now(sleeping.engine) + 10 * 86400000LL, .position = 100000};
    tick.at = tick.now;
    assert_int_equal(engine_fold(sleeping.engine, &tick, &error), STATUS_CORRUPT);
    assert_int_equal(sleeping.count, 0);
    wake_up(&sleeping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_wakes_first_it_is_the_same),
        cmocka_unit_test(deadlines_wake_in_time),
        cmocka_unit_test(only_who_is_needed_wakes),
        cmocka_unit_test(damage_is_told_by_who_meets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
