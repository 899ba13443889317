/*
 * What experiments count in the running engine: who was exposed to what, from when and until when events count, what is taken back, both
 * sides of a `hold out`; the same on one shard and on seven, through restarts and over versions. The arithmetic on it has its own test.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LINES                                                                     \
    "  goal \"login\" within 2 days on session\n"                                 \
    "  goal \"large\" within 2 days on deposit where amount is at least 50 EUR\n" \
    "  measure \"revenue\" within 2 days of deposit.amount\n"

#define CAMPAIGN(GOALS, ARMS)                                                                         \
    "campaign \"C\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"                 \
    "  start on registration\n  enter every time\n" GOALS "  step \"One\"\n    split \"salt\"\n" ARMS \
    "    end\n    wait 1 hour\n    finish as \"DONE\"\n  end\nend\n"

#define HALVES "      50% \"A\"  go on\n      50% \"B\"  go on\n"
static const char source[] = CAMPAIGN(LINES, HALVES);

struct seen {
    struct engine_cell cell;
    struct engine_outcome outcome[4];
    char campaign[32], split[32], arm[32];
};
struct seen_list {
    struct seen seen[16];
    uint32_t count;
};

static void copy(char *out, struct text text)
{
    (void)snprintf(out, 32, "%.*s", TEXT_ARGS(text));
}

static void look(void *context, const struct engine_cell *cell)
{
    struct seen_list *list = context;
    assert_true(list->count < 16 && cell->outcome_count <= 4);
    struct seen *seen = &list->seen[list->count++];
    seen->cell = *cell;
    for (uint32_t i = 0; i < cell->outcome_count; i++) seen->outcome[i] = cell->outcome[i];
    copy(seen->campaign, cell->campaign);
    copy(seen->split, cell->split);
    copy(seen->arm, cell->arm);
}

static struct seen_list look_at(struct kit *kit)
{
    struct seen_list list = {0};
    engine_experiments(kit->engine, look, &list);
    return list;
}

/* The cell of an arm of a split; an empty arm: of the campaign as a whole. */
static struct seen find(struct kit *kit, const char *split, const char *arm)
{
    struct seen_list list = look_at(kit);
    for (uint32_t i = 0; i < list.count; i++) {
        if (strcmp(list.seen[i].split, split) == 0 && strcmp(list.seen[i].arm, arm) == 0 &&
            list.seen[i].campaign[0] != '\0')
            return list.seen[i];
    }
    fail_msg("no cell %s %s", split, arm);
    return (struct seen){0};
}

static void enter(struct kit *kit, const char *id, const char *player, const char *at)
{
    kit_event(kit, id, "registered", player, at, "");
}

static void deposit(struct kit *kit, const char *id, const char *player, const char *at, const char *amount)
{
    char data[120];
    (void)snprintf(data, sizeof data, "\"amount\":\"%s\",\"first\":true,\"method\":\"card\"", amount);
    kit_event(kit, id, "deposit", player, at, data);
}

static void reverse(struct kit *kit, const char *id, const char *player, const char *at, const char *original,
                    const char *when, const char *amount)
{
    char data[240];
    (void)snprintf(data, sizeof data,
                   "\"deposit_id\":\"%s\",\"deposited_at\":\"%s\",\"amount\":\"%s\",\"first\":true,\"method\":\"card\"",
                   original, when, amount);
    kit_event(kit, id, "deposit.reversed", player, at, data);
}

static void session(struct kit *kit, const char *id, const char *player, const char *at)
{
    kit_event(kit, id, "session", player, at, "\"device\":\"mobile\"");
}

enum { LOGIN, LARGE, REVENUE };

static void events_count_within_their_windows(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 7);
    session(&kit, "s0", "p1", "2026-06-01T09:00:00Z"); /* Before. */
    enter(&kit, "r1", "p1", "2026-06-01T10:00:00Z");
    session(&kit, "s1", "p1", "2026-06-01T10:00:00Z"); /* In the instant of the exposure: it has not come of it. */
    kit_settle(&kit);
    struct seen seen = find(&kit, "", "");
    assert_int_equal(seen.cell.kind, ENGINE_CELL_ENTRIES);
    assert_int_equal(seen.cell.size, 1);
    assert_int_equal(seen.cell.open, 1);
    assert_int_equal(seen.outcome[LOGIN].reached, 0);
    deposit(&kit, "d1", "p1", "2026-06-01T10:00:01Z", "20.00 EUR");
    deposit(&kit, "d2", "p1", "2026-06-02T10:00:00Z", "60.00 EUR");
    deposit(&kit, "d3", "p1", "2026-06-02T10:00:00Z", "7.00 GBP"); /* Another currency is none of the measure's. */
    session(&kit, "s2", "p1", "2026-06-03T09:59:59.999Z");
    session(&kit, "s3", "p1", "2026-06-03T09:59:59.999Z");
    kit_settle(&kit);
    kit_restart(&kit, &store, 1);
    deposit(&kit, "d4", "p1", "2026-06-03T10:00:00Z", "500.00 EUR"); /* Two days are over. */
    kit_settle(&kit);
    seen = find(&kit, "", "");
    assert_int_equal(seen.cell.open, 0);
    assert_int_equal(seen.outcome[LOGIN].reached, 1);
    assert_int_equal(seen.outcome[LARGE].reached, 1);
    assert_true(seen.outcome[REVENUE].sum == 8000);
    assert_true(seen.outcome[REVENUE].squares == 64000000);
    assert_int_equal(seen.outcome[REVENUE].reached, 1);
    assert_memory_equal(seen.outcome[REVENUE].currency, "EUR", 3);
    /* Told once for the campaign and once for the arm, each goal. */
    assert_int_equal(kit_count(&kit.notes, "\"goal\":\"login\""), 2);
    assert_int_equal(kit_count(&kit.notes, "\"goal\":\"large\""), 2);
    assert_int_equal(kit_count(&kit.notes, "\"goal\":\"revenue\""), 0);
    assert_int_equal(kit_count(&kit.notes, "\"split\":\"salt\",\"arm\":"), 3); /* The exposure, and these two. */
    /* Late, by the lateness, and of within: it counts. */
    kit_line_at(&kit,
                "{\"id\":\"d5\",\"event\":\"deposit\",\"player\":\"p1\",\"at\":\"2026-06-03T08:00:00Z\",\"data\":{"
                "\"amount\":\"1.00 EUR\",\"first\":false,\"method\":\"card\"}}",
                "2026-06-05T08:00:00Z");
    kit_settle(&kit);
    seen = find(&kit, "", "");
    assert_true(seen.outcome[REVENUE].sum == 8100);
    assert_true(seen.outcome[REVENUE].squares == 65610000);
    kit_close(&kit);
    store_close(&store);
}

/* A reversal whose original never counted takes nothing out. */
static void what_never_counted_is_not_taken_back(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 1);
    enter(&kit, "r1", "p1", "2026-06-01T10:00:00Z");
    reverse(&kit, "x1", "p1", "2026-06-01T13:00:00Z", "d9", "2026-06-01T11:00:00Z", "80.00 EUR");
    kit_settle(&kit);
    assert_true(find(&kit, "", "").outcome[REVENUE].sum == 0);
    assert_int_equal(find(&kit, "", "").outcome[REVENUE].reached, 0);
    assert_int_equal(find(&kit, "", "").outcome[LARGE].reached, 0);
    kit_close(&kit);
}

static void what_is_taken_back_does_not_count(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 3);
    deposit(&kit, "d0", "p1", "2026-06-01T09:00:00Z", "100.00 EUR"); /* Before the exposure. */
    enter(&kit, "r1", "p1", "2026-06-01T10:00:00Z");
    deposit(&kit, "d1", "p1", "2026-06-01T11:00:00Z", "80.00 EUR");
    deposit(&kit, "d2", "p1", "2026-06-01T12:00:00Z", "20.00 EUR");
    kit_settle(&kit);
    assert_int_equal(find(&kit, "", "").outcome[LARGE].reached, 1);
    reverse(&kit, "x0", "p1", "2026-06-01T13:00:00Z", "d0", "2026-06-01T09:00:00Z", "100.00 EUR");
    kit_settle(&kit);
    assert_true(find(&kit, "", "").outcome[REVENUE].sum == 10000);
    reverse(&kit, "x1", "p1", "2026-06-01T14:00:00Z", "d1", "2026-06-01T11:00:00Z", "80.00 EUR");
    reverse(&kit, "x2", "p1", "2026-06-01T15:00:00Z", "d1", "2026-06-01T11:00:00Z", "80.00 EUR"); /* Once. */
    kit_settle(&kit);
    struct seen seen = find(&kit, "", "");
    assert_true(seen.outcome[REVENUE].sum == 2000);
    assert_true(seen.outcome[REVENUE].squares == 4000000);
    assert_int_equal(seen.outcome[LARGE].reached, 0);
    /* The window is over: what was counted stays. */
    reverse(&kit, "x3", "p1", "2026-06-04T15:00:00Z", "d2", "2026-06-01T12:00:00Z", "20.00 EUR");
    kit_settle(&kit);
    assert_true(find(&kit, "", "").outcome[REVENUE].sum == 2000);
    kit_close(&kit);
}

static void between_arms_a_player_counts_once(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 1);
    enter(&kit, "r1", "p1", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    kit_tick(&kit, "2026-06-10T09:00:00Z");
    enter(&kit, "r2", "p1", "2026-06-10T10:00:00Z");
    kit_settle(&kit);
    session(&kit, "s1", "p1", "2026-06-10T12:00:00Z");
    kit_settle(&kit);
    struct seen all = find(&kit, "", ""), a = find(&kit, "salt", "A"), b = find(&kit, "salt", "B");
    assert_int_equal(all.cell.size, 2);
    assert_int_equal(all.outcome[LOGIN].reached, 1);
    assert_int_equal(a.cell.size + b.cell.size, 1);
    assert_int_equal(a.cell.expected, 500000);
    assert_int_equal(b.cell.expected, 500000);
    const struct seen *own = a.cell.size == 1 ? &a : &b;
    assert_int_equal(own->outcome[LOGIN].reached, 0); /* The first window was over. */
    kit_close(&kit);
}

/* Another version: the shares are others, a goal is gone, another is new; what was counted stays under its name. */
static void figures_go_on_over_versions(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 1);
    enter(&kit, "r1", "p1", "2026-06-01T10:00:00Z");
    kit_settle(&kit);
    kit_activate(&kit,
                 CAMPAIGN("  goal \"login\" within 2 days on session\n  goal \"again\" within 1 day on session\n",
                          "      20% \"A\"  go on\n      80% \"B\"  go on\n"),
                 engine_now(kit.engine) + 1000);
    deposit(&kit, "d1", "p1", "2026-06-01T12:00:00Z", "70.00 EUR");
    session(&kit, "s1", "p1", "2026-06-01T12:00:00Z");
    enter(&kit, "r2", "p2", "2026-06-01T13:00:00Z");
    session(&kit, "s2", "p2", "2026-06-01T14:00:00Z");
    kit_settle(&kit);
    struct seen all = find(&kit, "", ""), a = find(&kit, "salt", "A"), b = find(&kit, "salt", "B");
    assert_int_equal(all.cell.outcome_count, 4);
    assert_int_equal(all.outcome[LOGIN].reached, 2);
    assert_int_equal(all.outcome[LARGE].reached, 0); /* The program no longer asks for it. */
    assert_int_equal(all.outcome[3].reached, 1);     /* p1 came before it was asked for. */
    assert_int_equal(a.cell.expected, 700000);
    assert_int_equal(b.cell.expected, 1300000);
    kit_close(&kit);
}

#define HOLD_OUT                                                                                      \
    "policy \"House\"\n  hold out 20% by \"everyone\"\nend\n"                                         \
    "message \"m\"\n  class marketing\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"               \
    "campaign \"C\"\n  product casino\n  currency EUR\n  start on registration\n  enter every time\n" \
    "  goal \"login\" within 2 days on session\n"                                                     \
    "  step \"One\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n"                      \
    "campaign \"D\"\n  product casino\n  currency EUR\n  start on session\n  enter every time\n"      \
    "  step \"One\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n"

static void who_is_held_out_is_counted_too(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, HOLD_OUT, 7);
    enum { PLAYERS = 200 };
    for (uint32_t i = 0; i < PLAYERS; i++) {
        char id[16], player[16];
        (void)snprintf(player, sizeof player, "p%u", i);
        (void)snprintf(id, sizeof id, "r%u", i);
        enter(&kit, id, player, "2026-06-01T10:00:00Z");
        (void)snprintf(id, sizeof id, "q%u", i);
        enter(&kit, id, player, "2026-06-01T11:00:00Z"); /* Again: each player counts once. */
    }
    kit_settle(&kit);
    kit_restart(&kit, &store, 2);
    for (uint32_t i = 0; i < PLAYERS; i++) {
        char id[16], player[16];
        (void)snprintf(player, sizeof player, "p%u", i);
        (void)snprintf(id, sizeof id, "s%u", i);
        session(&kit, id, player, "2026-06-01T12:00:00Z");
    }
    kit_settle(&kit);
    struct seen held = find(&kit, "everyone", "held out"), in = find(&kit, "everyone", "let in");
    assert_int_equal(held.cell.size + in.cell.size, PLAYERS);
    assert_true(held.cell.size > 20 && held.cell.size < 60);
    assert_int_equal(held.cell.expected, 200000 * PLAYERS);
    assert_int_equal(in.cell.expected, 800000 * PLAYERS);
    assert_int_equal(held.outcome[0].reached, held.cell.size);
    assert_int_equal(in.outcome[0].reached, in.cell.size);
    /* Over both campaigns. */
    struct seen_list list = look_at(&kit);
    uint64_t all[2] = {0, 0};
    for (uint32_t i = 0; i < list.count; i++) {
        if (list.seen[i].cell.kind != ENGINE_CELL_HOLD_OUT || list.seen[i].campaign[0] != '\0') continue;
        all[strcmp(list.seen[i].arm, "let in") == 0] += list.seen[i].cell.size;
    }
    assert_int_equal(all[0], held.cell.size);
    assert_int_equal(all[1], in.cell.size);
    kit_close(&kit);
    store_close(&store);
}

/* A bonus is active in the instant of its credit: it came of the exposure. A deposit of that instant is what began it. */
static void what_the_engine_makes_at_once_counts(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(
        &kit,
        "campaign \"C\"\n  product casino\n  currency EUR\n  start on deposit\n  enter once per player\n"
        "  budget\n    total 100 EUR\n  end\n"
        "  goal \"activated\" within 2 days on bonus_activated of \"gift\"\n"
        "  goal \"other\" within 2 days on bonus_activated of \"never\"\n"
        "  goal \"deposit\" within 2 days on deposit\n"
        "  offer bonus \"gift\"\n    amount 5 EUR\n    wagering 10x of bonus\n    expires 3 days after grant\n  end\n"
        "  offer bonus \"never\"\n    amount 5 EUR\n    wagering 10x of bonus\n    expires 3 days after grant\n  end\n"
        "  step \"One\"\n    credit \"gift\", otherwise finish as \"NO\"\n    wait 1 hour\n"
        "    credit \"never\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n",
        1);
    kit_set(&kit, "p1", "2026-06-01T09:00:00Z", "age_verified", "true");
    deposit(&kit, "d1", "p1", "2026-06-01T10:00:00Z", "20.00 EUR");
    kit_settle(&kit);
    struct seen seen = find(&kit, "", "");
    assert_int_equal(seen.outcome[0].reached, 1);
    assert_int_equal(seen.outcome[1].reached, 0);
    assert_int_equal(seen.outcome[2].reached, 0);
    kit_close(&kit);
}

/* The third week: it begins 14 days after the exposure, in the campaign's zone, and lasts 7. */
static void a_window_may_begin_later(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, CAMPAIGN("  goal \"retained\" after 14 days within 7 days on session\n", HALVES), 1);
    static const char *const at[] = {"2026-06-15T09:59:59.999Z", "2026-06-15T10:00:00Z", "2026-06-22T09:59:59.999Z",
                                     "2026-06-22T10:00:00Z"};
    for (uint32_t i = 0; i < 4; i++) {
        char id[8], player[8];
        (void)snprintf(id, sizeof id, "r%u", i);
        (void)snprintf(player, sizeof player, "p%u", i);
        enter(&kit, id, player, "2026-06-01T10:00:00Z");
    }
    kit_settle(&kit);
    for (uint32_t i = 0; i < 4; i++) {
        char id[8], player[8];
        (void)snprintf(id, sizeof id, "s%u", i);
        (void)snprintf(player, sizeof player, "p%u", i);
        session(&kit, id, player, at[i]);
        kit_settle(&kit);
        assert_int_equal(find(&kit, "", "").outcome[0].reached, i == 0 ? 0 : i == 1 ? 1 : 2);
    }
    kit_close(&kit);
}

/* Another version of the campaign with the same split: everybody is in the arm that he was in. */
static void arms_are_the_same_in_another_version(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 3);
    char arms[2][60] = {{0}};
    for (uint32_t version = 0; version < 2; version++) {
        if (version == 1)
            kit_activate(&kit,
                         "campaign \"C\"\n  product casino\n  currency EUR\n  start on session\n  enter every time\n"
                         "  step \"Other\"\n    wait 1 minute\n    split \"salt\"\n" HALVES
                         "    end\n    finish as \"DONE\"\n  end\nend\n",
                         engine_now(kit.engine) + 86400000);
        for (uint32_t i = 0; i < 60; i++) {
            char id[16], player[16], what[120];
            (void)snprintf(player, sizeof player, "p%u", i);
            (void)snprintf(id, sizeof id, "v%u-%u", version, i);
            buffer_clear(&kit.notes);
            if (version == 0) {
                enter(&kit, id, player, "2026-06-01T10:00:00Z");
            } else {
                session(&kit, id, player, "2026-06-03T10:00:00Z");
            }
            kit_settle(&kit);
            if (version == 1) continue;
            (void)snprintf(what, sizeof what,
                           "\"player\":\"%s\",\"campaign\":\"C\",\"journey\":1,\"split\":\"salt\",\"arm\":\"A\"",
                           player);
            arms[0][i] = (char)kit_count(&kit.notes, what);
        }
        if (version == 0) continue;
        buffer_clear(&kit.notes);
        kit_tick(&kit, "2026-06-03T11:00:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.notes, "\"note\":\"exposure\""), 60);
        for (uint32_t i = 0; i < 60; i++) {
            char what[120];
            (void)snprintf(what, sizeof what,
                           "\"player\":\"p%u\",\"campaign\":\"C\",\"journey\":2,\"split\":\"salt\",\"arm\":\"A\"", i);
            arms[1][i] = (char)kit_count(&kit.notes, what);
        }
    }
    assert_memory_equal(arms[0], arms[1], sizeof arms[0]);
    uint32_t in_a = 0;
    for (uint32_t i = 0; i < 60; i++) in_a += arms[0][i] != 0 ? 1u : 0u;
    assert_true(in_a > 10 && in_a < 50);
    kit_close(&kit);
}

static void test_players_are_nobody(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 1);
    kit_set(&kit, "p1", "2026-06-01T09:00:00Z", "test_player", "true");
    enter(&kit, "r1", "p1", "2026-06-01T10:00:00Z");
    session(&kit, "s1", "p1", "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    assert_int_equal(look_at(&kit).count, 0);
    kit_close(&kit);
}

/* The same story, whatever the shards, with a restart between any two of its parts. */
static void shards_and_restarts_do_not_show(void **state)
{
    (void)state;
    uint8_t digest[3][32];
    struct seen seen[3];
    for (uint32_t run = 0; run < 3; run++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, source, run == 0 ? 1 : 7);
        for (uint32_t i = 0; i < 40; i++) {
            char id[16], player[16];
            (void)snprintf(player, sizeof player, "p%u", i);
            (void)snprintf(id, sizeof id, "r%u", i);
            enter(&kit, id, player, "2026-06-01T10:00:00Z");
        }
        kit_settle(&kit);
        if (run == 2) kit_restart(&kit, &store, 4);
        for (uint32_t i = 0; i < 40; i += 3) {
            char id[16], player[16], amount[24];
            (void)snprintf(player, sizeof player, "p%u", i);
            (void)snprintf(id, sizeof id, "d%u", i);
            (void)snprintf(amount, sizeof amount, "%u.50 EUR", i + 20);
            deposit(&kit, id, player, "2026-06-02T10:00:00Z", amount);
        }
        kit_tick(&kit, "2026-06-09T10:00:00Z");
        kit_settle(&kit);
        if (run == 2) kit_restart(&kit, &store, 1);
        kit_digest(&kit, digest[run]);
        seen[run] = find(&kit, "salt", "A");
        kit_close(&kit);
        store_close(&store);
    }
    for (uint32_t run = 1; run < 3; run++) {
        assert_memory_equal(digest[run], digest[0], 32);
        assert_int_equal(seen[run].cell.size, seen[0].cell.size);
        assert_true(seen[run].outcome[REVENUE].sum == seen[0].outcome[REVENUE].sum);
        assert_true(seen[run].outcome[REVENUE].squares == seen[0].outcome[REVENUE].squares);
    }
    assert_true(seen[0].outcome[REVENUE].sum > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_count_within_their_windows),
        cmocka_unit_test(what_never_counted_is_not_taken_back),
        cmocka_unit_test(what_is_taken_back_does_not_count),
        cmocka_unit_test(between_arms_a_player_counts_once),
        cmocka_unit_test(figures_go_on_over_versions),
        cmocka_unit_test(who_is_held_out_is_counted_too),
        cmocka_unit_test(test_players_are_nobody),
        cmocka_unit_test(a_window_may_begin_later),
        cmocka_unit_test(arms_are_the_same_in_another_version),
        cmocka_unit_test(what_the_engine_makes_at_once_counts),
        cmocka_unit_test(shards_and_restarts_do_not_show),
    };
    return cmocka_run_group_tests_name("engine: experiments", tests, NULL, NULL);
}
