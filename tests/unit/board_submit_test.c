/*
 * A service with a tournament: sixty-four players play at once while others look at the board; the places are what a count by hand says, before a
 * restart and after it; every prize leaves once, and the table of results says the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>
#include <sqlite3.h>

#include "compiler/compiler.h"
#include "runtime/store/promo.h"
#include "vm/memory.h"

static const char source[] =
    "workspace \"Arcade\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  use events\n  use attributes\n"
    "  use actions\nend\nevent play\n  field points whole number between 0 and 1,000\nend\n"
    "tournament \"Race\"\n  product casino\n  currency EUR\n  runs every day from 10:00 until 22:00\n  settles at "
    "23:00\n"
    "  start on play\n  earn 1 per 1 of play.points\n"
    "  order by entry.score from largest, then player.id from smallest\n"
    "  prizes cash\n    pool 100 EUR\n    place 1 50%\n    place 2 to 3 20%\n    wagering none\n  end\n"
    "  budget\n    per run 100 EUR\n  end\n  board\n    show top 3\n    names in full\n    age up to 5 seconds\n  "
    "end\nend\n";

enum { THREADS = 64, PLAYS = 10 };

static struct promo *promo;
static struct compiler_output compiled;
static char folder[] = "/tmp/promo-board-XXXXXX", path[128];
static atomic_uint failures;
static uint32_t credits;

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)context;
    credits += effect->kind == ENGINE_CREDIT;
}

static int start(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("arcade.promo"), .bytes = text_of(source)};
    struct compiler_options options = {.default_name = TEXT("Arcade")};
    assert_int_equal(compiler_compile(&compiled, &input, 1, options, &error), OK);
    assert_false(compiled.failed);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/arcade.db", folder);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "-wal", "-shm", "-keys", "-keys-wal", "-keys-shm", "-lock"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[160];
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    (void)rmdir(folder);
    compiler_release(&compiled);
    return 0;
}

static void open_promo(uint32_t shards)
{
    struct error error = ERROR_NONE;
    struct promo_options options = {.bundle = compiled.bundle.bytes,
                                    .bundle_size = compiled.bundle.size,
                                    .database = path,
                                    .shards = shards,
                                    .time = PROMO_TIME_RECORDS,
                                    .sink = {.effect = take_effect}};
    if (promo_open(&promo, &options, &error) != OK) fail_msg("%s", error.message);
}

static void submit(const char *line)
{
    struct error error = ERROR_NONE;
    struct promo_outcome outcome = {.lines = NULL};
    bool done = promo_submit(promo, line, strlen(line), &outcome, &error) == OK;
    if (!done || outcome.verdict == PROMO_REFUSED) atomic_fetch_add(&failures, 1);
}

static void look(const char *player, struct buffer *out)
{
    struct error error = ERROR_NONE;
    buffer_clear(out);
    if (promo_board(promo, TEXT("Race"), TEXT(""), text_of(player), out, &error) != OK) atomic_fetch_add(&failures, 1);
}

/* Player n gets n points in ten plays and n more; each play is sent twice. */
static void *arcade(void *context)
{
    unsigned number = *(const unsigned *)context;
    char line[200], player[16];
    struct buffer out = BUFFER_EMPTY;
    (void)snprintf(player, sizeof player, "%u", number);
    for (unsigned i = 0; i < PLAYS; i++) {
        (void)snprintf(
            line, sizeof line,
            "{\"id\":\"%u-%u\",\"event\":\"play\",\"player\":\"%u\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{"
            "\"points\":%u}}",
            number, i, number, number);
        submit(line);
        submit(line);
        if (i == PLAYS / 2) look(player, &out);
    }
    buffer_deinit(&out);
    return NULL;
}

static void sixty_four_players_and_one_board(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    unsigned number[THREADS];
    struct error error = ERROR_NONE;
    struct buffer out = BUFFER_EMPTY;
    open_promo(4);
    for (unsigned i = 0; i < THREADS; i++) {
        number[i] = i + 1;
        assert_int_equal(pthread_create(&thread[i], NULL, arcade, &number[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&failures), 0);
    assert_int_equal(promo_close(promo, &error), OK);

    open_promo(1); /* What was shown before is not kept over a restart. */
    look("5", &out);
    const char *said = buffer_as_string(&out);
    if (strstr(said, "\"players\":64,\"field\":64,\"places\":[{\"place\":1,\"player\":\"64\",\"score\":640,") == NULL ||
        strstr(said, "{\"place\":3,\"player\":\"62\",\"score\":620,") == NULL ||
        strstr(said, "\"own\":{\"place\":60,\"player\":\"5\",\"score\":50,") == NULL)
        fail_msg("%s", said);
    submit("{\"kind\":\"tick\",\"at\":\"2026-06-01T23:30:00Z\"}");
    look("64", &out);
    if (strstr(buffer_as_string(&out), "\"state\":\"settled\"") == NULL ||
        strstr(buffer_as_string(&out), "\"own\":{\"place\":1,\"player\":\"64\",\"score\":640,") == NULL ||
        strstr(buffer_as_string(&out), "\"prize\":\"50.00 EUR\"") == NULL)
        fail_msg("%s", buffer_as_string(&out));
    assert_int_equal(credits, 3);
    assert_int_equal(atomic_load(&failures), 0);
    assert_int_equal(promo_board(promo, TEXT("Rice"), TEXT(""), TEXT(""), &out, &error), STATUS_NOT_FOUND);
    assert_int_equal(promo_close(promo, &error), OK);
    buffer_deinit(&out);

    sqlite3 *database;
    sqlite3_stmt *rows;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    char attach[200];
    (void)snprintf(attach, sizeof attach, "ATTACH '%s-keys' AS keys", path);
    assert_int_equal(sqlite3_exec(database, attach, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database,
                           "SELECT group_concat(place || ':' || player || ':' || score || ':' || prize, ' ') "
                           "FROM (SELECT place, CAST(k.player AS TEXT) AS player, score, prize FROM results JOIN "
                           "keys.player k USING (number) ORDER BY place)",
                           -1, &rows, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(rows, 0),
                        "1:64:640000000:5000 2:63:630000000:2000 3:62:620000000:2000");
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sixty_four_players_and_one_board)};
    return cmocka_run_group_tests(tests, start, stop);
}
