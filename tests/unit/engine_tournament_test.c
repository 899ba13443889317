/*
 * Tournaments in the engine: the ten cases of a weekly race, the same bytes whatever the order of arrival, the number of shards and
 * kills, and places against an independent recount of random stories with late and reversed events.
 * Windows alone: instance_test.c. What compiles: tests/compiler/tournaments.promo, tests/diagnostics.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "tests/kit/engine_kit.h"

#include "vm/civil.h"
#include "vm/memory.h"

#define HEAD                                                                                                      \
    "workspace \"Poker\"\n  product poker\n  currency EUR\n  timezone \"Europe/Malta\"\n  channel inbox\n"        \
    "  use events, attributes, actions, policies\nend\nattribute age_verified yes or no, otherwise yes\n"         \
    "event rake_taken from \"rake.taken\"\n  field amount money up to 100,000\n  field hands whole number up to " \
    "1,000,000\nend\n"                                                                                            \
    "event rake_reversed from \"rake.reversed\"\n  reverses rake_taken by rake_id at taken_at\n"                  \
    "  field rake_id text up to 64\n  field taken_at moment\n  field amount money up to 100,000\n"                \
    "  field hands whole number up to 1,000,000\nend\n"                                                           \
    "offer ticket \"consolation\"\n  amount 5 EUR\n  wagering none\n  expires 30 days after grant\nend\n"

#define LINES(start, field, pool, per_run)                                                                       \
    "tournament \"Race\"\n  product poker\n  currency EUR\n  timezone \"Europe/Malta\"\n"                        \
    "  runs every week from monday 12:00 until sunday 22:00\n  settles at monday 00:00\n  start on " start "\n"  \
    "  earn 1 per 0.01 EUR of rake_taken.amount\n  metric hands is sum of rake_taken.hands since entry\n"        \
    "  order by entry.score from largest, then entry.last_score from earliest, then entry.hands from smallest, " \
    "then player.id from smallest\n  winners at least 1,000\n  field at least " field                            \
    " players, otherwise credit \"consolation\"\n  prizes cash\n    pool " pool "\n    leftover to place 1\n"    \
    "    place 1 30%\n    place 2 20%\n    place 3 12%\n    place 4 8%\n    place 5 6%\n    place 6 to 9 5%\n"   \
    "    place 10 4%\n  end\n  budget\n    per run " per_run "\n    when empty suspend the campaign\n  end\nend\n"

#define RACE  HEAD LINES("opt_in of \"Race\"", "20", "10,000 EUR", "10,000 EUR")
#define CENTS HEAD LINES("opt_in of \"Race\"", "20", "3,333.33 EUR", "3,333.33 EUR")
#define OPEN  HEAD LINES("rake_taken", "2", "10,000 EUR", "10,000 EUR")

/* The instance of 2026-06-15, 10:00 UTC to 2026-06-21, 20:00; settled at 22:00. */
#define BEFORE  "2026-06-15T09:00:00Z"
#define START   "2026-06-15T10:00:00Z"
#define SETTLES "2026-06-21T22:00:00Z"
#define AFTER   "2026-06-21T22:00:01Z"

static void opt_in(struct kit *kit, const char *player, const char *at)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"id\":\"o-%s\",\"event\":\"campaign.opted_in\",\"player\":\"%s\",\"at\":\"%s\",\"data\":{\"campaign\":"
             "\"Race\"}}",
             player, player, at);
    kit_line(kit, line);
}

static void rake(struct kit *kit, const char *id, const char *player, const char *at, const char *amount, int hands)
{
    char data[128];
    snprintf(data, sizeof data, "\"amount\":\"%s EUR\",\"hands\":%d", amount, hands);
    kit_event(kit, id, "rake.taken", player, at, data);
}

static void reverse(struct kit *kit, const char *id, const char *of, const char *player, const char *at,
                    const char *taken_at, const char *amount, int hands)
{
    char data[256];
    snprintf(data, sizeof data, "\"rake_id\":\"%s\",\"taken_at\":\"%s\",\"amount\":\"%s EUR\",\"hands\":%d", of,
             taken_at, amount, hands);
    kit_event(kit, id, "rake.reversed", player, at, data);
}

/* Players 1 to `count` enter and have 1,000 points more the smaller their number: player 1 first. */
static void field(struct kit *kit, uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        char player[8];
        snprintf(player, sizeof player, "%u", i);
        opt_in(kit, player, START);
    }
    for (uint32_t i = 1; i <= count; i++) {
        char player[8], id[16], amount[16];
        snprintf(player, sizeof player, "%u", i);
        snprintf(id, sizeof id, "r-%u", i);
        snprintf(amount, sizeof amount, "%u.00", (count - i + 1) * 10);
        rake(kit, id, player, "2026-06-16T10:00:00Z", amount, 10);
    }
}

static void settle(struct kit *kit)
{
    kit_tick(kit, SETTLES);
    kit_tick(kit, AFTER);
    kit_settle(kit);
}

static bool is_paid(const struct kit *kit, const char *player, const char *amount)
{
    char begin[96], money[64];
    snprintf(begin, sizeof begin, "\"player\":\"%s\"", player);
    snprintf(money, sizeof money, "\"amount\":\"%s EUR\"", amount);
    const char *at = (const char *)kit->effects.bytes, *end = at + kit->effects.size;
    while (at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((next == NULL ? end : next) - at);
        if (memmem(at, size, "\"effect\":\"credit\"", 17) != NULL && memmem(at, size, begin, strlen(begin)) != NULL &&
            memmem(at, size, money, strlen(money)) != NULL)
            return true;
        at += size + 1;
    }
    return false;
}

static uint32_t credits(const struct kit *kit)
{
    return kit_count(&kit->effects, "\"effect\":\"credit\"");
}

/* ---------------------------------------------------------------- the ten cases */

static void prizes_of_a_full_field(void **state)
{
    (void)state;
    static const char *const prizes[] = {"3000.00", "2000.00", "1200.00", "800.00", "600.00",
                                         "500.00",  "500.00",  "500.00",  "500.00", "400.00"};
    static const char *const cents[] = {"1000.06", "666.66", "399.99", "266.66", "199.99",
                                        "166.66",  "166.66", "166.66", "166.66", "133.33"};
    for (uint32_t k = 0; k < 2; k++) {
        struct kit kit;
        kit_open(&kit, k == 0 ? RACE : CENTS, 4);
        kit_tick(&kit, BEFORE);
        field(&kit, 25);
        settle(&kit);
        assert_int_equal(credits(&kit), 10);
        for (uint32_t i = 0; i < 10; i++) {
            char player[8];
            snprintf(player, sizeof player, "%u", i + 1);
            assert_true(is_paid(&kit, player, k == 0 ? prizes[i] : cents[i]));
        }
        assert_int_equal(kit_count(&kit.effects, "tournament.placed"), 25);
        assert_int_equal(kit_count(&kit.notes, "\"as\":\"UNPLACED\""), 15);
        kit_close(&kit);
    }
}

static void equal_points(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, RACE, 1);
    kit_tick(&kit, BEFORE);
    field(&kit, 20);
    opt_in(&kit, "A", START);
    opt_in(&kit, "B", START);
    opt_in(&kit, "C", START);
    opt_in(&kit, "77", START);
    opt_in(&kit, "112", START);
    /* The earlier last rake; then fewer hands; then the smaller id. */
    rake(&kit, "t1", "C", "2026-06-21T19:09:59.999Z", "500.00", 300);
    rake(&kit, "t2", "A", "2026-06-21T19:10:00.000Z", "500.00", 300);
    rake(&kit, "t3", "B", "2026-06-21T19:10:00.000Z", "500.00", 280);
    rake(&kit, "t4", "112", "2026-06-21T19:10:00.000Z", "500.00", 280);
    rake(&kit, "t5", "77", "2026-06-21T19:10:00.000Z", "500.00", 280);
    settle(&kit);
    assert_true(is_paid(&kit, "C", "3000.00"));
    assert_true(is_paid(&kit, "B", "2000.00"));
    assert_true(is_paid(&kit, "77", "1200.00"));
    assert_true(is_paid(&kit, "112", "800.00"));
    assert_true(is_paid(&kit, "A", "600.00"));
    kit_close(&kit);
}

static void reversals_and_edges(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, RACE, 1);
    kit_tick(&kit, BEFORE);
    field(&kit, 20);
    opt_in(&kit, "A", START);
    opt_in(&kit, "C", START);
    opt_in(&kit, "late", START);
    rake(&kit, "a1", "A", "2026-06-17T10:00:00Z", "499.00", 1);
    rake(&kit, "a2", "A", "2026-06-17T11:00:00Z", "1.00", 1);
    rake(&kit, "c1", "C", "2026-06-17T10:00:00Z", "499.50", 1);
    rake(&kit, "x1", "late", "2026-06-21T20:00:00.000Z", "5000.00", 1); /* at the end: not counted */
    reverse(&kit, "a3", "a2", "A", "2026-06-21T21:00:00Z", "2026-06-17T11:00:00Z", "1.00", 1);
    reverse(&kit, "a3", "a2", "A", "2026-06-21T21:00:01Z", "2026-06-17T11:00:00Z", "1.00", 1); /* again */
    /* After the end, of before the end: it counts until the settlement. */
    kit_line_at(&kit,
                "{\"id\":\"a4\",\"event\":\"rake.taken\",\"player\":\"3\",\"at\":\"2026-06-21T19:59:59.999Z\","
                "\"data\":{\"amount\":\"1000.00 EUR\",\"hands\":1}}",
                "2026-06-21T21:59:59.999Z");
    kit_line_at(&kit,
                "{\"id\":\"a5\",\"event\":\"rake.taken\",\"player\":\"4\",\"at\":\"2026-06-21T19:59:59.999Z\","
                "\"data\":{\"amount\":\"9000.00 EUR\",\"hands\":1}}",
                SETTLES);
    settle(&kit);
    assert_true(is_paid(&kit, "3", "3000.00"));
    assert_true(is_paid(&kit, "C", "2000.00"));
    assert_true(is_paid(&kit, "A", "1200.00"));
    assert_true(is_paid(&kit, "1", "800.00"));
    assert_false(is_paid(&kit, "late", "3000.00"));
    assert_int_equal(kit_count(&kit.effects, "\"player\":\"late\""), 1); /* its place, without a prize */
    kit_close(&kit);
}

static void who_is_excluded_makes_room(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, RACE, 7);
    kit_tick(&kit, BEFORE);
    field(&kit, 25);
    kit_event(&kit, "s1", "player.self_excluded", "2", "2026-06-21T21:00:00Z", "");
    kit_event(&kit, "s2", "player.closed", "5", "2026-06-21T21:30:00Z", "");
    settle(&kit);
    assert_int_equal(credits(&kit), 10);
    assert_true(is_paid(&kit, "1", "3000.00"));
    assert_true(is_paid(&kit, "3", "2000.00"));
    assert_true(is_paid(&kit, "4", "1200.00"));
    assert_true(is_paid(&kit, "6", "800.00"));
    assert_true(is_paid(&kit, "12", "400.00"));
    assert_false(is_paid(&kit, "2", "2000.00"));
    kit_close(&kit);
}

static void a_small_field_is_cancelled(void **state)
{
    (void)state;
    for (uint32_t players = 19; players <= 20; players++) {
        struct kit kit;
        kit_open(&kit, RACE, 4);
        kit_tick(&kit, BEFORE);
        field(&kit, players);
        opt_in(&kit, "idle", START); /* no point: neither counted nor consoled */
        settle(&kit);
        assert_int_equal(credits(&kit), players == 19 ? 19 : 10);
        assert_int_equal(kit_count(&kit.effects, "\"offer\":\"consolation\""), players == 19 ? 19 : 0);
        assert_int_equal(kit_count(&kit.notes, "\"as\":\"CANCELLED\""), players == 19 ? 20 : 0);
        kit_close(&kit);
    }
}

/* Six of thirty have 1,000 points: places 7 to 10 are nobody's. */
static void few_winners(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, RACE, 4);
    kit_tick(&kit, BEFORE);
    for (uint32_t i = 1; i <= 30; i++) {
        char player[8], id[16];
        snprintf(player, sizeof player, "%u", i);
        snprintf(id, sizeof id, "r-%u", i);
        opt_in(&kit, player, START);
        rake(&kit, id, player, "2026-06-16T10:00:00Z", i <= 6 ? "10.00" : "9.99", 1);
    }
    settle(&kit);
    assert_int_equal(credits(&kit), 6);
    assert_true(is_paid(&kit, "1", "3000.00"));
    assert_true(is_paid(&kit, "6", "500.00"));
    kit_close(&kit);
}

/* ---------------------------------------------------------------- entering */

static void entries(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, RACE, 1);
    kit_tick(&kit, BEFORE);
    opt_in(&kit, "early", "2026-06-15T09:59:59.999Z");
    opt_in(&kit, "first", START);
    opt_in(&kit, "last", "2026-06-21T19:59:59.999Z");
    kit_line(&kit, "{\"id\":\"o2\",\"event\":\"campaign.opted_in\",\"player\":\"first\","
                   "\"at\":\"2026-06-21T19:59:59.999Z\",\"data\":{\"campaign\":\"Race\"}}");
    opt_in(&kit, "end", "2026-06-21T20:00:00Z");
    kit_line_at(&kit,
                "{\"id\":\"o3\",\"event\":\"campaign.opted_in\",\"player\":\"told late\","
                "\"at\":\"2026-06-20T10:00:00Z\",\"data\":{\"campaign\":\"Race\"}}",
                "2026-06-21T21:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"entered\""), 3);
    assert_int_equal(kit_count(&kit.notes, "\"reason\":\"NOT_OPEN\""), 2);
    assert_int_equal(kit_count(&kit.notes, "\"reason\":\"ALREADY_RUNNING\""), 1);
    kit_close(&kit);
}

/* Whoever rakes is in it; every instance anew, with what happened in it alone. */
static void entered_by_what_counts(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, OPEN, 4);
    kit_tick(&kit, BEFORE);
    rake(&kit, "0", "1", "2026-06-15T09:30:00Z", "90.00", 1); /* before it starts */
    rake(&kit, "1", "1", "2026-06-15T10:30:00Z", "10.00", 1);
    rake(&kit, "2", "1", "2026-06-15T11:30:00Z", "10.00", 1);
    rake(&kit, "3", "2", "2026-06-15T12:30:00Z", "30.00", 1);
    kit_tick(&kit, "2026-06-22T09:00:00Z");
    rake(&kit, "4", "1", "2026-06-22T10:30:00Z", "11.00", 1);
    rake(&kit, "5", "2", "2026-06-22T10:30:00Z", "10.00", 1);
    kit_tick(&kit, "2026-06-28T22:00:01Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"entered\""), 4);
    assert_int_equal(kit_count(&kit.notes, "entry_refused"), 0);
    assert_int_equal(credits(&kit), 4);
    assert_int_equal(kit_count(&kit.effects, "\"score\":20"), 1);
    assert_true(is_paid(&kit, "2", "3000.00"));
    assert_true(is_paid(&kit, "1", "3000.00"));
    kit_close(&kit);
}

/* ---------------------------------------------------------------- orders of arrival */

enum { STORY_PLAYERS = 40, STORY_RAKES = 300, STORY_LINES = STORY_PLAYERS + 2 * STORY_RAKES };

struct told {
    char line[320];
};

struct counted {
    uint32_t player;
    int64_t at, cents;
    int hands;
    bool reversed;
};

static void write_instant(char out[32], int64_t instant)
{
    int64_t date = civil_date_of_instant(instant), ms = instant - date * CIVIL_DAY_MS;
    struct civil_date parts = civil_date_parts(date);
    snprintf(out, 32, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", (int)parts.year, parts.month, parts.day,
             (unsigned)(ms / CIVIL_HOUR_MS), (unsigned)(ms / CIVIL_MINUTE_MS % 60), (unsigned)(ms / 1000 % 60),
             (unsigned)(ms % 1000));
}

/* Random rakes around the window, a third of them reversed; every player opts in somewhere. */
static uint32_t tell_story(struct told *told, struct counted *counted, uint64_t seed)
{
    struct bundle_kit_dice dice = {seed};
    int64_t start = civil_date_of(2026, 6, 15) * CIVIL_DAY_MS + 10 * CIVIL_HOUR_MS,
            end = civil_date_of(2026, 6, 21) * CIVIL_DAY_MS + 20 * CIVIL_HOUR_MS;
    uint32_t lines = 0;
    char at[32];
    for (uint32_t i = 0; i < STORY_PLAYERS; i++) {
        write_instant(at, start + (int64_t)bundle_kit_below(&dice, (uint64_t)(end - start)));
        snprintf(told[lines++].line, sizeof told->line,
                 "{\"id\":\"o%u\",\"event\":\"campaign.opted_in\",\"player\":\"%u\",\"at\":\"%s\",\"data\":{"
                 "\"campaign\":\"Race\"}}",
                 i, i + 1, at);
    }
    for (uint32_t i = 0; i < STORY_RAKES; i++) {
        struct counted *rake = &counted[i];
        /* Few different instants, amounts and numbers of hands, so that there are equals. */
        rake->at = start - CIVIL_DAY_MS + (int64_t)bundle_kit_below(&dice, 170) * CIVIL_HOUR_MS;
        if (bundle_kit_below(&dice, 10) == 0) rake->at = end - (int64_t)bundle_kit_below(&dice, 2);
        rake->player = (uint32_t)bundle_kit_below(&dice, STORY_PLAYERS);
        rake->cents = (int64_t)(bundle_kit_below(&dice, 4) + 1) * 500;
        rake->hands = (int)bundle_kit_below(&dice, 3);
        rake->reversed = bundle_kit_below(&dice, 3) == 0;
        write_instant(at, rake->at);
        snprintf(told[lines++].line, sizeof told->line,
                 "{\"id\":\"r%u\",\"event\":\"rake.taken\",\"player\":\"%u\",\"at\":\"%s\",\"data\":{\"amount\":\"%lld."
                 "%02lld EUR\","
                 "\"hands\":%d}}",
                 i, rake->player + 1, at, (long long)rake->cents / 100, (long long)rake->cents % 100, rake->hands);
        if (!rake->reversed) continue;
        snprintf(
            told[lines++].line, sizeof told->line,
            "{\"id\":\"v%u\",\"event\":\"rake.reversed\",\"player\":\"%u\",\"at\":\"%s\",\"data\":{\"rake_id\":\"r%u\","
            "\"taken_at\":\"%s\",\"amount\":\"%lld.%02lld EUR\",\"hands\":%d}}",
            i, rake->player + 1, at, i, at, (long long)rake->cents / 100, (long long)rake->cents % 100, rake->hands);
    }
    return lines;
}

/* In a random order, all after the end and before the settlement. */
static void run_story(struct kit *kit, const struct told *told, uint32_t lines, uint64_t shuffle, uint32_t shards,
                      struct store *store)
{
    struct bundle_kit_dice dice = {shuffle};
    uint32_t *order = memory_alloc_array(lines, sizeof *order);
    assert_non_null(order);
    for (uint32_t i = 0; i < lines; i++) order[i] = i;
    for (uint32_t i = lines; i > 1 && shuffle != 0; i--) {
        uint32_t other = (uint32_t)bundle_kit_below(&dice, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    kit_open(kit, RACE, shards);
    kit_tick(kit, "2026-06-14T09:00:00Z");
    for (uint32_t i = 0; i < lines; i++) {
        char now[32];
        write_instant(now, civil_date_of(2026, 6, 21) * CIVIL_DAY_MS + 20 * CIVIL_HOUR_MS + 60000 + (int64_t)i * 1000);
        kit_line_at(kit, told[order[i]].line, now);
        if (store != NULL && i == lines / 2) {
            kit_settle(kit);
            kit_restart(kit, store, shards == 1 ? 7 : 1);
        }
    }
    kit_tick(kit, SETTLES);
    if (store != NULL) {
        kit_settle(kit);
        kit_restart(kit, store, 3);
    }
    kit_tick(kit, AFTER);
    kit_settle(kit);
    memory_release(order);
}

static void arrival_shards_and_kills_change_nothing(void **state)
{
    (void)state;
    struct told *told = memory_alloc_array(STORY_LINES, sizeof *told);
    struct counted *counted = memory_alloc_array(STORY_RAKES, sizeof *counted);
    assert_non_null(told);
    assert_non_null(counted);
    uint32_t lines = tell_story(told, counted, 4);
    struct kit first;
    run_story(&first, told, lines, 0, 1, NULL);
    assert_int_equal(credits(&first), 10);
    static const uint32_t shards[] = {1, 4, 7};
    for (uint64_t seed = 1; seed <= 10; seed++) {
        for (uint32_t k = 0; k < 3; k++) {
            struct kit kit;
            struct store store;
            struct error error = ERROR_NONE;
            assert_int_equal(memory_store_open(&store, &error), OK);
            run_story(&kit, told, lines, seed, shards[k], k == 1 && seed % 3 == 0 ? &store : NULL);
            assert_int_equal(kit.effects.size, first.effects.size);
            assert_memory_equal(kit.effects.bytes, first.effects.bytes, first.effects.size);
            kit_close(&kit);
            store_close(&store);
        }
    }
    kit_close(&first);
    memory_release(told);
    memory_release(counted);
}

/* ---------------------------------------------------------------- an independent recount */

struct standing {
    uint32_t player;
    int64_t cents, last;
    int64_t hands;
    bool any;
};

static int compare_standings(const void *left, const void *right)
{
    const struct standing *a = left, *b = right;
    if (a->cents != b->cents) return a->cents > b->cents ? -1 : 1;
    if (a->any != b->any) return a->any ? -1 : 1;
    if (a->any && a->last != b->last) return a->last < b->last ? -1 : 1;
    if (a->hands != b->hands) return a->hands < b->hands ? -1 : 1;
    return a->player < b->player ? -1 : 1;
}

static void places_are_those_of_a_recount(void **state)
{
    (void)state;
    struct told *told = memory_alloc_array(STORY_LINES, sizeof *told);
    struct counted *counted = memory_alloc_array(STORY_RAKES, sizeof *counted);
    assert_non_null(told);
    assert_non_null(counted);
    int64_t start = civil_date_of(2026, 6, 15) * CIVIL_DAY_MS + 10 * CIVIL_HOUR_MS,
            end = civil_date_of(2026, 6, 21) * CIVIL_DAY_MS + 20 * CIVIL_HOUR_MS;
    for (uint64_t seed = 100; seed < 112; seed++) {
        uint32_t lines = tell_story(told, counted, seed);
        struct standing standing[STORY_PLAYERS];
        for (uint32_t i = 0; i < STORY_PLAYERS; i++) standing[i] = (struct standing){.player = i + 1};
        for (uint32_t i = 0; i < STORY_RAKES; i++) {
            const struct counted *rake = &counted[i];
            if (rake->reversed || rake->at < start || rake->at >= end) continue;
            struct standing *row = &standing[rake->player];
            if (!row->any || rake->at > row->last) row->last = rake->at;
            row->any = true;
            row->cents += rake->cents;
            row->hands += rake->hands;
        }
        qsort(standing, STORY_PLAYERS, sizeof *standing, compare_standings);
        struct kit kit;
        run_story(&kit, told, lines, seed, 1 + (uint32_t)(seed % 5), NULL);
        for (uint32_t i = 0; i < STORY_PLAYERS; i++) {
            char wanted[160];
            snprintf(wanted, sizeof wanted,
                     "\"player\":\"%u\",\"event\":\"tournament.placed\",\"of\":\"Race\",\"data\":{\"started\":\"2026-"
                     "06-15T10:00:00.000Z\",\"place\":%u,\"score\":%lld,",
                     standing[i].player, i + 1, (long long)standing[i].cents);
            if (kit_count(&kit.effects, wanted) != 1) {
                print_error("seed %llu: no %s in\n%.*s\n", (unsigned long long)seed, wanted, 2000,
                            (const char *)kit.effects.bytes);
                fail();
            }
        }
        kit_close(&kit);
    }
    memory_release(told);
    memory_release(counted);
}

/* ---------------------------------------------------------------- many players */

/* Three slices; killed after each. */
static void a_large_field_killed_between_slices(void **state)
{
    (void)state;
    enum { MANY = 2500 };
    struct buffer effects[2] = {BUFFER_EMPTY, BUFFER_EMPTY};
    uint8_t digest[2][32];
    static const char *const ticks[] = {SETTLES, "2026-06-21T22:00:00.001Z", "2026-06-21T22:00:00.002Z", AFTER};
    for (uint32_t k = 0; k < 2; k++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, OPEN, 1 + 3 * k);
        kit_tick(&kit, BEFORE);
        for (uint32_t i = 1; i <= MANY; i++) {
            char player[8], id[16], amount[16];
            snprintf(player, sizeof player, "%u", i);
            snprintf(id, sizeof id, "r-%u", i);
            snprintf(amount, sizeof amount, "%u.00", 20 + (i * 7919u) % MANY);
            rake(&kit, id, player, "2026-06-16T10:00:00Z", amount, 10);
        }
        for (uint32_t i = 0; i < 4; i++) {
            kit_tick(&kit, ticks[i]);
            kit_settle(&kit);
            if (k == 1) kit_restart(&kit, &store, i % 2 == 0 ? 7 : 3);
        }
        assert_int_equal(credits(&kit), 10);
        assert_int_equal(kit_count(&kit.effects, "tournament.placed"), MANY);
        assert_int_equal(kit_count(&kit.effects, "\"at\":\"2026-06-21T22:00:00.002Z\""), MANY - 2000);
        kit_digest(&kit, digest[k]);
        buffer_append(&effects[k], kit.effects.bytes, kit.effects.size);
        kit_close(&kit);
        store_close(&store);
    }
    assert_int_equal(effects[0].size, effects[1].size);
    assert_memory_equal(effects[0].bytes, effects[1].bytes, effects[0].size);
    assert_memory_equal(digest[0], digest[1], 32);
    buffer_deinit(&effects[0]);
    buffer_deinit(&effects[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prizes_of_a_full_field),
        cmocka_unit_test(equal_points),
        cmocka_unit_test(reversals_and_edges),
        cmocka_unit_test(who_is_excluded_makes_room),
        cmocka_unit_test(a_small_field_is_cancelled),
        cmocka_unit_test(few_winners),
        cmocka_unit_test(entries),
        cmocka_unit_test(entered_by_what_counts),
        cmocka_unit_test(arrival_shards_and_kills_change_nothing),
        cmocka_unit_test(places_are_those_of_a_recount),
        cmocka_unit_test(a_large_field_killed_between_slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
