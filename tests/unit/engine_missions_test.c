/* Missions and badges in the engine: the same through shards, restarts and any order of arrival; erasure; another program. What runs count and
 * when is told is tests/compiler/missions.promo's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/clock/clock_kit.h"
#include "tests/kit/engine_kit.h"

#define WORKSPACE                                                                                         \
    "workspace \"Kit\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\n" \
    "  use events\n  use attributes\n  use actions\n  use policies\nend\n"                                \
    "message \"m\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"                                      \
    "badge \"Explorer\"\n  note \"All games\"\nend\n"                                                     \
    "badge \"Loyal\"\n  for players where player has badge \"Explorer\" and age_verified is yes\nend\n"
#define MISSION(limit, need, middle)                                                                        \
    "mission \"Tour\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on session\n" \
    "  complete at most " limit "\n  lasts 7 days\n"                                                        \
    "  task \"games\" needs " need " different bet.game, each at least 2 times\n"                           \
    "  task \"paid\" needs 20 EUR of deposit.amount\n"                                                      \
    "  progress\n    when " middle "  send inbox \"m\"\n    when 100%\n      award badge \"Explorer\"\n"    \
    "      finish as \"COMPLETED\"\n  end\nend\n"

static const char SOURCE[] = WORKSPACE MISSION("2 times per month", "3", "50%");

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

/* One of the story's lines: bets, deposits, new sessions and voided bets of twelve players, many at one instant. */
static void line_of(uint32_t i, char *out, size_t size)
{
    uint32_t x = i * 2654435761u;
    uint32_t player = x >> 8 & 1 ? i % 12 : (x >> 16) % 12, minute = i / 8;
    char at[40];
    snprintf(at, sizeof at, "2026-06-%02uT%02u:%02u:00Z", 1 + minute / 1440, minute / 60 % 24, minute % 60);
    uint32_t kind = (x >> 24) % 10;
    if (kind == 0)
        snprintf(out, size, "{\"event\":\"session.started\",\"id\":\"s%u\",\"player\":\"p%u\",\"at\":\"%s\"}", i,
                 player, at);
    else if (kind == 1)
        snprintf(out, size,
                 "{\"event\":\"deposit\",\"id\":\"d%u\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{\"amount\":\"%u.50 "
                 "EUR\",\"first\":false,\"method\":\"card\"}}",
                 i, player, at, 3 + x % 9);
    else
        snprintf(out, size,
                 "{\"event\":\"bet\",\"id\":\"b%u\",\"player\":\"p%u\",\"at\":\"%s\",\"data\":{\"settled_at\":\"%s\","
                 "\"game\":\"G%u\",\"kind\":\"slots\",\"funds\":\"real\",\"stake\":\"1 EUR\",\"win\":\"0 "
                 "EUR\",\"multiplier\":0}}",
                 i, player, at, at, (x >> 12) % 4);
}

static void any_way_the_same(void **unused)
{
    (void)unused;
    static const uint32_t shards[KIT_RUNS_MAX] = {1, 4, 7};
    enum { LINES = 4000, INSTANT = 8 };
    struct kit_runs runs = {0};
    for (uint32_t run = 0; run < KIT_RUNS_MAX; run++) {
        struct kit kit;
        kit_open(&kit, SOURCE, shards[run]);
        for (uint32_t i = 0; i < LINES; i++) {
            /* Lines of one instant come in another order each time. */
            char line[512];
            line_of(i / INSTANT * INSTANT + (i % INSTANT * (2 * run + 1) + run) % INSTANT, line, sizeof line);
            kit_line(&kit, line);
            if (run > 0 && i % 617 == 616) {
                kit_settle(&kit);
                kit_restart(&kit, &store, shards[(run + i) % KIT_RUNS_MAX]);
            }
        }
        kit_settle(&kit);
        if (run == 0) {
            assert_true(kit_count(&kit.effects, "\"mission.completed\"") > 10);
            assert_true(kit_count(&kit.effects, "\"mission.progress\"") > 40);
            assert_true(kit_count(&kit.notes, "\"COMPLETED_ENOUGH\"") > 3);
            assert_true(kit_count(&kit.effects, "\"effect\":\"award\"") > 3);
            assert_true(kit_count(&kit.effects, "\"effect\":\"award\"") <= 24);
        }
        kit_runs_add(&runs, &kit);
        store_close(&store);
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
    }
    kit_runs_judge(&runs);
}

static void session(struct kit *kit, const char *id, const char *at)
{
    kit_event(kit, id, "session.started", "p", at, "");
}

static void deposit(struct kit *kit, const char *id, const char *at)
{
    kit_event(kit, id, "deposit", "p", at, "\"amount\":\"20 EUR\",\"first\":false,\"method\":\"card\"");
}

static void bet(struct kit *kit, const char *id, const char *game, const char *at)
{
    char data[256];
    snprintf(data, sizeof data,
             "\"settled_at\":\"%s\",\"game\":\"%s\",\"kind\":\"slots\",\"funds\":\"real\",\"stake\":\"1 "
             "EUR\",\"win\":\"0 EUR\",\"multiplier\":0",
             at, game);
    kit_event(kit, id, "bet", "p", at, data);
}

static int64_t property(struct kit *kit, enum property which, const char *of)
{
    return engine_find_property(kit->engine, TEXT(""), TEXT("p"), which, text_of(of));
}

/* A new program: what the run counts goes along where the mission means the same, with the new limit; another mission is only for new runs. */
static void another_program(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, SOURCE, 2);
    session(&kit, "s1", "2026-06-01T10:00:00Z");
    bet(&kit, "b1", "A", "2026-06-01T11:00:00Z");
    bet(&kit, "b2", "A", "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 160000);
    kit_activate(&kit, WORKSPACE MISSION("1 time per month", "3", "50%"), clock_instant("2026-06-01T13:00:00Z"));
    deposit(&kit, "d1", "2026-06-01T14:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 660000);
    assert_int_equal(property(&kit, PROPERTY_TASK_DONE, "games"), 1);
    /* Now two games are enough; the run of before still needs three. */
    kit_activate(&kit, WORKSPACE MISSION("1 time per month", "2", "60%"), clock_instant("2026-06-01T15:00:00Z"));
    bet(&kit, "b3", "B", "2026-06-01T16:00:00Z");
    bet(&kit, "b4", "B", "2026-06-01T17:00:00Z");
    kit_settle(&kit);
    kit_restart(&kit, &store, 3);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 830000);
    bet(&kit, "b5", "C", "2026-06-01T18:00:00Z");
    bet(&kit, "b6", "C", "2026-06-01T19:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 1000000);
    assert_int_equal(property(&kit, PROPERTY_MISSION_COMPLETED, "Tour"), 1);
    session(&kit, "s2", "2026-06-02T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"COMPLETED_ENOUGH\""), 1);
    session(&kit, "s3", "2026-07-01T10:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 0);
    kit_close(&kit);
}

/* A version that takes running journeys over: the run needs what the new one asks for, of what it has counted. */
static void a_run_moves(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, SOURCE, 2);
    session(&kit, "s1", "2026-06-01T10:00:00Z");
    deposit(&kit, "d1", "2026-06-01T11:00:00Z");
    bet(&kit, "b1", "A", "2026-06-01T12:00:00Z");
    bet(&kit, "b2", "A", "2026-06-01T13:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 660000);
    kit_activate(&kit, WORKSPACE MISSION("2 times per month\n  running journeys move to this version", "2", "50%"),
                 clock_instant("2026-06-01T14:00:00Z"));
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_PROGRESS, "Tour"), 750000);
    kit_restart(&kit, &store, 3);
    bet(&kit, "b3", "B", "2026-06-01T15:00:00Z");
    bet(&kit, "b4", "B", "2026-06-01T16:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_MISSION_COMPLETED, "Tour"), 1);
    assert_int_equal(kit_count(&kit.notes, "\"COMPLETED\""), 1);
    kit_close(&kit);
}

/* What is awarded stays through programs that do not know it, and goes with the player. */
static void badges_stay_until_erased(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit, SOURCE, 2);
    kit_set(&kit, "p", "2026-06-01T09:00:00Z", "age_verified", "true");
    session(&kit, "s1", "2026-06-01T10:00:00Z");
    static const char *const games[] = {"A", "A", "B", "B", "C", "C"};
    for (uint32_t i = 0; i < 6; i++) {
        char id[4] = {'b', (char)('0' + i), 0};
        bet(&kit, id, games[i], "2026-06-01T11:00:00Z");
    }
    deposit(&kit, "d1", "2026-06-01T11:00:00Z");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_BADGE_AWARDED, "Explorer"), 1);
    assert_int_equal(property(&kit, PROPERTY_BADGE_AWARDED, "Loyal"), 1);
    assert_int_equal(kit_count(&kit.effects, "\"badge\":\"Loyal\""), 1);
    kit_activate(&kit,
                 "workspace \"Kit\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\n"
                 "  use events\n  use attributes\n  use actions\n  use policies\nend\n",
                 clock_instant("2026-06-01T13:00:00Z"));
    kit_settle(&kit);
    kit_restart(&kit, &store, 3);
    assert_int_equal(property(&kit, PROPERTY_BADGE_AWARDED, "Explorer"), 1);
    kit_activate(&kit, SOURCE, clock_instant("2026-06-01T14:00:00Z"));
    session(&kit, "s2", "2026-06-01T15:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"badge\":\"Loyal\""), 1);
    uint8_t digests[2][32];
    kit_digest(&kit, digests[0]);
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"x\",\"player\":\"p\",\"at\":\"2026-06-01T16:00:00Z\"}");
    kit_settle(&kit);
    assert_int_equal(property(&kit, PROPERTY_BADGE_AWARDED, "Explorer"), 0);
    kit_digest(&kit, digests[1]);
    assert_memory_not_equal(digests[0], digests[1], 32);
    kit_close(&kit);
}

#define PLAIN                                                                                             \
    "workspace \"Kit\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\n" \
    "  use events\n  use attributes\n  use actions\n  use policies\nend\n"                                \
    "metric paid is count of deposit ever\n"
#define NEW_BADGE PLAIN "badge \"Payer\"\n  for players where paid is at least 2\nend\n"

/* A badge that is new is awarded to whoever meets its condition already, a moment later, and once. */
static void a_new_badge_looks_back(void **unused)
{
    (void)unused;
    struct kit_runs runs = {0};
    for (uint32_t run = 0; run < 2; run++) {
        struct kit kit;
        kit_open(&kit, PLAIN, 1 + 6 * run);
        for (uint32_t i = 0; i < 30; i++) {
            char id[8], player[8];
            snprintf(id, sizeof id, "d%u", i);
            snprintf(player, sizeof player, "p%u", i < 20 ? i % 10 : i);
            kit_event(&kit, id, "deposit", player, "2026-06-01T10:00:00Z",
                      "\"amount\":\"20 EUR\",\"first\":false,\"method\":\"card\"");
        }
        kit_activate(&kit, NEW_BADGE, clock_instant("2026-06-01T12:00:00Z"));
        kit_settle(&kit);
        if (run > 0) kit_restart(&kit, &store, 3);
        kit_tick(&kit, "2026-06-01T13:00:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"award\""), 10);
        assert_int_equal(kit_count(&kit.effects, "\"at\":\"2026-06-01T12:00:00.001Z\",\"player\":\"p9\""), 2);
        kit_activate(&kit, NEW_BADGE "badge \"Other\"\nend\n", clock_instant("2026-06-01T14:00:00Z"));
        kit_event(&kit, "d90", "deposit", "p21", "2026-06-01T15:00:00Z",
                  "\"amount\":\"20 EUR\",\"first\":false,\"method\":\"card\"");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"award\""), 11);
        kit_runs_add(&runs, &kit);
    }
    kit_runs_judge(&runs);
}

/* During a time-out a run that pauses for it counts on and says nothing; then it says where it is. */
static void a_pause_says_nothing(void **unused)
{
    (void)unused;
    struct kit kit;
    kit_open(&kit,
             "workspace \"Kit\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\n"
             "  use events\n  use attributes\n  use actions\nend\n"
             "message \"m\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"
             "mission \"Tour\"\n  product casino\n  currency EUR\n  start on session\n  pause on time_out\n"
             "  lasts 7 days\n  task \"paid\" needs 20 EUR of deposit.amount\n"
             "  progress\n    when 100%  finish as \"COMPLETED\"\n  end\nend\n",
             2);
    session(&kit, "s1", "2026-06-01T10:00:00Z");
    kit_event(&kit, "t1", "player.timed_out", "p", "2026-06-01T11:00:00Z", "\"ends_at\":\"2026-06-02T11:00:00Z\"");
    deposit(&kit, "d1", "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"mission.progress\""), 0);
    kit_restart(&kit, &store, 3);
    kit_tick(&kit, "2026-06-02T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"mission.completed\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"COMPLETED\""), 1);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- a recount */

enum { RECOUNTED = 5, GAMES = 6, BETS = 3000 };

/* What is known of a player by writing everything down: bets of the run by game, less what was taken back. */
struct account {
    bool runs, complete;
    int64_t began; /* Minute. */
    int64_t spins[GAMES], paid;
    uint32_t completed, percent;
};

struct noted {
    uint32_t player, game;
    int64_t minute;
    bool voided;
};

static uint64_t dice_state = 7;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(dice_state >> 33) % sides;
}

static void write_at(char out[40], int64_t minute)
{
    snprintf(out, 40, "2026-06-%02dT%02d:%02d:00Z", (int)(1 + minute / 1440), (int)(minute / 60 % 24),
             (int)(minute % 60));
}

/* Three games twice each, and twenty euro: the mean of two shares, of which one has three parts. */
static void recount(struct account *account)
{
    if (!account->runs || account->complete) return;
    uint32_t games = 0;
    for (uint32_t i = 0; i < GAMES; i++) games += account->spins[i] >= 2;
    if (games > 3) games = 3;
    account->percent = 100 * (games + (account->paid >= 2000 ? 3 : 0)) / 6;
    if (account->percent < 100) return;
    account->complete = true;
    account->completed++;
    account->runs = false; /* Its journey ends in the same instant. */
}

static uint32_t cut_short;

static void over(struct account *account, int64_t minute)
{
    if (!account->runs || minute < account->began + 7 * 1440) return;
    cut_short += account->percent > 0;
    *account = (struct account){.completed = account->completed};
}

static void as_counted_by_hand(void **unused)
{
    (void)unused;
    static struct noted bets[BETS];
    struct account accounts[RECOUNTED] = {{0}};
    uint32_t bet_count = 0, seen = 0;
    struct kit kit;
    kit_open(&kit, WORKSPACE MISSION("99 times per month", "3", "50%"), 3);
    for (int64_t minute = 0; minute < 20 * 1440; minute += 1 + dice(40)) {
        uint32_t player = dice(RECOUNTED), kind = dice(12), game = dice(GAMES);
        struct account *account = &accounts[player];
        char id[16], name[8], at[40], original[40], data[300];
        write_at(at, minute);
        snprintf(name, sizeof name, "p%u", player);
        over(account, minute);
        if (kind == 0) {
            snprintf(id, sizeof id, "s%d", (int)minute);
            kit_event(&kit, id, "session.started", name, at, "");
            if (!account->runs)
                *account = (struct account){.runs = true, .began = minute, .completed = account->completed};
        } else if (kind == 1) {
            snprintf(id, sizeof id, "d%d", (int)minute);
            kit_event(&kit, id, "deposit", name, at, "\"amount\":\"2.50 EUR\",\"first\":false,\"method\":\"card\"");
            account->paid += account->runs ? 250 : 0;
        } else if (kind < 5 && bet_count > 0) {
            struct noted *bet = &bets[bet_count - 1 - dice(bet_count < 60 ? bet_count : 60)];
            account = &accounts[bet->player];
            over(account, minute);
            snprintf(name, sizeof name, "p%u", bet->player);
            snprintf(id, sizeof id, "v%d", (int)minute);
            write_at(original, bet->minute);
            snprintf(data, sizeof data,
                     "\"bet_id\":\"b%d\",\"settled_at\":\"%s\",\"game\":\"G%u\",\"kind\":\"slots\",\"funds\":\"real\","
                     "\"stake\":\"1 EUR\",\"win\":\"0 EUR\",\"multiplier\":0",
                     (int)bet->minute, original, bet->game);
            kit_event(&kit, id, "bet.voided", name, at, data);
            if (!bet->voided && account->runs && bet->minute >= account->began) account->spins[bet->game]--;
            bet->voided = true;
        } else if (bet_count < BETS) {
            bets[bet_count++] = (struct noted){.player = player, .game = game, .minute = minute};
            snprintf(id, sizeof id, "b%d", (int)minute);
            snprintf(data, sizeof data,
                     "\"settled_at\":\"%s\",\"game\":\"G%u\",\"kind\":\"slots\",\"funds\":\"real\",\"stake\":\"1 "
                     "EUR\",\"win\":\"0 EUR\",\"multiplier\":0",
                     at, game);
            kit_event(&kit, id, "bet", name, at, data);
            account->spins[game] += account->runs;
        }
        recount(account);
        kit_settle(&kit);
        if (minute % 997 == 0) kit_restart(&kit, &store, 1 + dice(7));
        for (uint32_t i = 0; i < RECOUNTED; i++) {
            char which[8];
            snprintf(which, sizeof which, "p%u", i);
            over(&accounts[i], minute);
            int64_t percent =
                engine_find_property(kit.engine, TEXT(""), text_of(which), PROPERTY_MISSION_PROGRESS, TEXT("Tour"));
            int64_t completed =
                engine_find_property(kit.engine, TEXT(""), text_of(which), PROPERTY_MISSION_COMPLETED, TEXT("Tour"));
            if (percent != accounts[i].percent * 10000 || completed != accounts[i].completed)
                fail_msg("minute %d, player %u: %d percent and %d completed, by hand %u and %u", (int)minute, i,
                         (int)(percent / 10000), (int)completed, accounts[i].percent, accounts[i].completed);
        }
        seen += accounts[player].percent > 0 && accounts[player].percent < 100;
    }
    uint32_t completed = 0;
    for (uint32_t i = 0; i < RECOUNTED; i++) completed += accounts[i].completed;
    assert_true(seen > 200 && completed >= 5 && cut_short >= 3);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_way_the_same, open_store, close_store),
        cmocka_unit_test_setup_teardown(as_counted_by_hand, open_store, close_store),
        cmocka_unit_test_setup_teardown(another_program, open_store, close_store),
        cmocka_unit_test_setup_teardown(a_run_moves, open_store, close_store),
        cmocka_unit_test_setup_teardown(badges_stay_until_erased, open_store, close_store),
        cmocka_unit_test_setup_teardown(a_new_badge_looks_back, open_store, close_store),
        cmocka_unit_test_setup_teardown(a_pause_says_nothing, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
