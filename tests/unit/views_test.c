/*
 * The tables for people, read as BI reads them: what players hold (rewards, points, levels, badges, missions) and what is left of codes, after a
 * small story; for one shard and for seven, over a restart, folded anew; what a checkpoint in the middle brings up to date, and what only the
 * end of a run does; no test player, no erased player, no whole code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "compiler/compiler.h"
#include "runtime/store/promo.h"
#include "vm/memory.h"

static const char source[] =
    "workspace \"Club\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  use events\n  use attributes\n  use "
    "actions\nend\n"
    "badge \"Guest\"\nend\n"
    "attribute secret  personal ranked low, high, otherwise low\n"
    "points \"stars\"\n  earn 5 per session\n  expires 30 days after grant\nend\n"
    "levels \"Ladder\"\n  product casino\n  currency EUR\n  sets level\n  counts \"stars\" earned over this month\n"
    "  down 1 level per month\n  level silver from 5\n  level gold from 1,000\nend\n"
    "levels \"Hidden\"\n  product casino\n  currency EUR\n  sets secret\n  counts \"stars\" earned ever\n  down never\n"
    "  level high from 5\nend\n"
    "mission \"Tour\"\n  product casino\n  currency EUR\n  start on session\n  enter every time\n  lasts 7 days\n"
    "  task \"deposits\" needs 2 deposit\nend\n"
    "codes \"paper\"\n  upload up to 9\n  each code once\n  quota \"SHARED\" 3 for everyone else\nend\n"
    "codes \"poster\"\n  fixed \"POSTER26\"\n  quota \"SHARED\" 7 for everyone else\nend\n"
    "codes \"open\"\n  fixed \"OPEN\"\nend\n"
    "campaign \"Welcome\"\n  product casino\n  currency EUR\n  budget\n    total 1,000 EUR\n  end\n  start on deposit\n"
    "  enter every time\n"
    "  offer bonus \"match\"\n    amount 100% of deposit.amount, at most 100 EUR\n    wagering 2x of bonus\n"
    "    expires 3 days after grant\n  end\n"
    "  offer gift_card \"card\"\n    amount 25 EUR\n    smallest_order 1 EUR\n    use in parts\n    expires 365 days "
    "after grant\n  end\n"
    "  offer free_spins \"spins\"\n    spins 10\n    value 0.20 EUR\n    game \"G\"\n    expires 7 days after grant\n  "
    "end\n"
    "  step \"Give\"\n    award badge \"Guest\"\n    credit \"match\", otherwise finish as \"NO\"\n"
    "    credit \"card\", otherwise finish as \"NO\"\n    credit \"spins\", otherwise finish as \"NO\"\n"
    "    finish as \"DONE\"\n  end\nend\n";

static const char *const story[] = {
    "{\"codes\":\"paper\",\"code\":\"LION-1\",\"at\":\"2026-06-01T08:00:00Z\"}",
    "{\"codes\":\"paper\",\"code\":\"LION-2\",\"at\":\"2026-06-01T08:00:00Z\"}",
    "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"ann\",\"at\":\"2026-06-01T09:00:00Z\",\"set\":{\"age_"
    "verified\":true}}",
    "{\"kind\":\"attributes\",\"id\":\"a2\",\"player\":\"test\",\"at\":\"2026-06-01T09:00:00Z\","
    "\"set\":{\"age_verified\":true,\"test_player\":true}}",
    "{\"kind\":\"attributes\",\"id\":\"a3\",\"player\":\"gone\",\"at\":\"2026-06-01T09:00:00Z\",\"set\":{\"age_"
    "verified\":true}}",
    "{\"id\":\"1\",\"event\":\"session.started\",\"player\":\"ann\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}",
    "{\"id\":\"2\",\"event\":\"session.started\",\"player\":\"test\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}",
    "{\"id\":\"3\",\"event\":\"session.started\",\"player\":\"gone\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}",
    "{\"id\":\"4\",\"event\":\"deposit\",\"player\":\"ann\",\"at\":\"2026-06-01T11:00:00Z\","
    "\"data\":{\"amount\":\"40.00 EUR\",\"first\":true,\"method\":\"card\"}}",
    "{\"id\":\"5\",\"event\":\"deposit\",\"player\":\"test\",\"at\":\"2026-06-01T11:00:00Z\","
    "\"data\":{\"amount\":\"40.00 EUR\",\"first\":true,\"method\":\"card\"}}",
    "{\"id\":\"6\",\"event\":\"deposit\",\"player\":\"gone\",\"at\":\"2026-06-01T11:00:00Z\","
    "\"data\":{\"amount\":\"40.00 EUR\",\"first\":true,\"method\":\"card\"}}",
    "{\"id\":\"7\",\"event\":\"bet\",\"player\":\"ann\",\"at\":\"2026-06-01T12:00:00Z\",\"data\":{\"settled_at\":"
    "\"2026-06-01T12:00:00Z\",\"game\":\"G\",\"kind\":\"slots\",\"funds\":\"bonus\",\"stake\":\"30.00 "
    "EUR\",\"win\":\"20.00 "
    "EUR\",\"multiplier\":0.6}}",
    "{\"id\":\"8\",\"event\":\"checkout\",\"player\":\"ann\",\"at\":\"2026-06-01T13:00:00Z\","
    "\"data\":{\"amount\":\"10.00 EUR\",\"card\":\"card\"}}",
    "{\"id\":\"9\",\"event\":\"code.entered\",\"player\":\"ann\",\"at\":\"2026-06-01T14:00:00Z\",\"data\":{\"code\":"
    "\"LION-2\"}}",
    "{\"id\":\"10\",\"event\":\"code.entered\",\"player\":\"ann\",\"at\":\"2026-06-01T14:00:00Z\",\"data\":{\"code\":"
    "\"POSTER26\"}}",
    "{\"id\":\"11\",\"kind\":\"erase\",\"player\":\"gone\",\"at\":\"2026-06-01T15:00:00Z\"}",
    /* Here a checkpoint is written. */
    "{\"id\":\"12\",\"event\":\"code.entered\",\"player\":\"ann\",\"at\":\"2026-06-01T16:00:00Z\",\"data\":{\"code\":"
    "\"OPEN\"}}",
};
enum { STORY = sizeof story / sizeof *story };

static struct promo *promo;
static struct compiler_output compiled;
static char folder[] = "/tmp/promo-views-XXXXXX", path[128];

static void forget(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-keys", "-keys-wal", "-keys-shm", "-lock"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[160];
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

static int start(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("club.promo"), .bytes = text_of(source)};
    struct compiler_options options = {.default_name = TEXT("Club")};
    assert_int_equal(compiler_compile(&compiled, &input, 1, options, &error), OK);
    assert_false(compiled.failed);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/club.db", folder);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    forget();
    (void)rmdir(folder);
    compiler_release(&compiled);
    return 0;
}

static void open_promo(uint32_t shards, uint32_t checkpoint_every, bool refold)
{
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = compiled.bundle.bytes,
                                    .bundle_size = compiled.bundle.size,
                                    .database = path,
                                    .shards = shards,
                                    .checkpoint_every = checkpoint_every,
                                    .refold = refold,
                                    .time = PROMO_TIME_RECORDS};
    if (promo_open(&promo, &options, &error) != OK) fail_msg("%s", error.message);
}

static void close_promo(void)
{
    struct error error = ERROR_NONE;
    if (promo_close(promo, &error) != OK) fail_msg("%s", error.message);
}

static void submit(unsigned first, unsigned last)
{
    for (unsigned i = first; i < last; i++) {
        struct error error = ERROR_NONE;
        struct promo_outcome outcome = {.lines = NULL};
        if (promo_submit(promo, story[i], strlen(story[i]), &outcome, &error) != OK || outcome.verdict == PROMO_REFUSED)
            fail_msg("%s: %s", story[i], error.message);
    }
}

static void rows_are(const char *query, const char *wanted)
{
    sqlite3 *database;
    sqlite3_stmt *rows;
    char found[2048] = "";
    size_t size = 0;
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    char attach[200];
    (void)snprintf(attach, sizeof attach, "ATTACH '%s-keys' AS keys", path);
    assert_int_equal(sqlite3_exec(database, attach, NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(database, query, -1, &rows, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(database));
    while (sqlite3_step(rows) == SQLITE_ROW && size < sizeof found) {
        for (int i = 0; i < sqlite3_column_count(rows) && size < sizeof found; i++) {
            const char *text = (const char *)sqlite3_column_text(rows, i);
            const char *end = i + 1 < sqlite3_column_count(rows) ? "|" : "\n";
            size += (size_t)snprintf(found + size, sizeof found - size, "%s%s", text == NULL ? "-" : text, end);
        }
    }
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(database);
    if (strcmp(found, wanted) != 0) fail_msg("%s\nfound:\n%swanted:\n%s", query, found, wanted);
}

#define OF " JOIN keys.player USING (number) " /* who has which number */

static void tables_are_whole(void)
{
    rows_are(
        "SELECT player, campaign, offer, kind, action, state, rewards.currency, amount, target, progress, balance, "
        "granted_at, until, ended_at, length(effect) FROM rewards" OF "ORDER BY rewards.rowid",
        "ann|Welcome|match|bonus|bonus|active|EUR|4000|8000|3000|3000|2026-06-01T11:00:00.000Z|"
        "2026-06-04T11:00:00.000Z|-|32\n"
        "ann|Welcome|card|card|gift_card|part_used|EUR|2500|-|-|1500|2026-06-01T11:00:00.000Z|"
        "2027-06-01T11:00:00.000Z|-|32\n"
        "ann|Welcome|spins|bonus|free_spins|active|EUR|-|0|0|0|2026-06-01T11:00:00.000Z|"
        "2026-06-08T11:00:00.000Z|-|32\n");
    rows_are("SELECT player, name, balance, earned, owed, expiring, expires_at FROM points" OF,
             "ann|stars|5|5|0|5|2026-07-01T00:00:00.000Z\n");
    rows_are("SELECT player, name, level, counted, next, next_from FROM levels" OF "ORDER BY name",
             "ann|Hidden||5||-\nann|Ladder|silver|5|gold|1000\n");
    rows_are("SELECT player, badge, awarded_at FROM badges" OF, "ann|Guest|2026-06-01T11:00:00.000Z\n");
    rows_are("SELECT player, mission, state, percent, completed, started_at, until FROM missions" OF,
             "ann|Tour|running|50|0|2026-06-01T10:00:00.000Z|2026-06-08T10:00:00.000Z\n");
    rows_are("SELECT * FROM codes", "paper||1|1\npaper|SHARED|1|2\nposter||1|-\nposter|SHARED|1|6\nopen||1|-\n");
    rows_are("SELECT * FROM used_codes", "paper|LI***|1|0|-\nposter|POSTER26|1|0|-\nopen|OPEN|1|0|-\n");
    rows_are(
        "SELECT count(*), count(DISTINCT position), min(position) > 0 FROM view WHERE name IN ('rewards', 'points', "
        "'levels', 'badges', 'missions', 'codes', 'used_codes', 'players')",
        "8|1|1\n");
}

static void tables_say_what_players_hold(void **state)
{
    (void)state;
    static const uint32_t shards[] = {1, 7};
    for (size_t i = 0; i < 2; i++) {
        forget();
        open_promo(shards[i], 0, false);
        submit(0, STORY / 2);
        close_promo();
        open_promo(shards[1 - i], 0, false);
        submit(STORY / 2, STORY);
        close_promo();
        tables_are_whole();
        open_promo(shards[i], 0, true);
        submit(STORY - 1, STORY); /* Once more, which changes nothing. */
        close_promo();
        tables_are_whole();
    }
}

/* A checkpoint costs what is few: pools and quotas; what is as large as the players are many comes when the run ends. */
static void a_checkpoint_in_the_middle_writes_what_is_few(void **state)
{
    (void)state;
    forget();
    open_promo(1, 1, false); /* after each record */
    submit(0, STORY);
    rows_are("SELECT * FROM codes", "paper||1|1\npaper|SHARED|1|2\nposter||1|-\nposter|SHARED|1|6\nopen||0|-\n");
    rows_are("SELECT count(*) FROM rewards", "0\n");
    rows_are("SELECT count(*) FROM used_codes", "0\n");
    close_promo();
    tables_are_whole();
}

/* What is over is told: how a bonus and a run ended, until nothing is owed any more. */
static void what_is_over_stays_told(void **state)
{
    (void)state;
    forget();
    open_promo(1, 0, false);
    submit(0, STORY);
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    static const char tick[] = "{\"kind\":\"tick\",\"at\":\"2026-07-02T10:00:00Z\"}";
    assert_int_equal(promo_submit(promo, tick, sizeof tick - 1, &outcome, &error), OK);
    close_promo();
    rows_are("SELECT offer, action, state, balance, until, ended_at FROM rewards WHERE offer <> 'card' ORDER BY offer",
             "match|bonus|expired|0|-|2026-06-04T11:00:00.000Z\n"
             "spins|free_spins|expired|0|-|2026-06-08T11:00:00.000Z\n");
    rows_are("SELECT balance, earned, expiring, expires_at FROM points", "0|5|0|-\n");
    rows_are("SELECT name, level, counted FROM levels ORDER BY name", "Hidden||5\nLadder|silver|0\n");
    rows_are("SELECT count(*) FROM missions", "0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_say_what_players_hold),
        cmocka_unit_test(a_checkpoint_in_the_middle_writes_what_is_few),
        cmocka_unit_test(what_is_over_stays_told),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
