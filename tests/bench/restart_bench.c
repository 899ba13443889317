/*
 * Up again with a million waiting journeys: opening the database until the first record can be taken, against reading the same bytes from SQLite and doing
 * nothing with them. Both in processor time, since the machine does other things too; the seconds that passed are told as well.
 *
 *   restart_bench [PLAYERS] [FOLDER]      1,000,000; a folder of its own
 *
 * What is measured is promo_open(): keys, checkpoint, end of the log. Then one player's wait is met, so that it is seen that players woke: decision 0038.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/store/promo.h"
#include "tests/bench/bench_kit.h"

enum { ROUNDS = 3 };

static struct compiler_output compiled;
static uint32_t players = 1000000, next_line;
static char database[300];

static void compile(void)
{
    uint32_t size = 0;
    char *source = bench_read("tests/bench/restart.promo", &size);
    struct compiler_input input = {.path = TEXT("restart.promo"), .bytes = {.at = source, .size = size}};
    struct compiler_options options = {.default_name = TEXT("bench")};
    struct error error = ERROR_NONE;
    enum status status = compiler_compile(&compiled, &input, 1, options, &error);
    bench_require(status == OK && !compiled.failed, "restart.promo must compile");
    free(source);
}

/* One deposit of each player, made as they are read. */
static enum status read_lines(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    (void)context;
    (void)error;
    *size_out = 0;
    while (next_line < players && room - *size_out > 200) {
        *size_out += (size_t)snprintf(
            bytes + *size_out, 200,
            "{\"event\":\"deposit\",\"id\":\"d%u\",\"player\":\"player-%u\",\"at\":\"2026-06-%02uT%02u:%02u:00Z\","
            "\"data\":{\"amount\":\"20.00 EUR\"}}\n",
            next_line, next_line, 1 + next_line / 600000 % 28, next_line / 25000 % 24, next_line / 500 % 50);
        next_line++;
    }
    return OK;
}

static struct promo *open_database(bool with_bundle)
{
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    struct promo_options options = {.database = database, .without_views = true, .time = PROMO_TIME_RECORDS};
    if (with_bundle) options.bundle = compiled.bundle.bytes;
    if (with_bundle) options.bundle_size = compiled.bundle.size;
    enum status status = promo_open(&promo, &options, &error);
    if (status != OK) fprintf(stderr, "%s\n", error.message);
    bench_require(status == OK, "the database must open");
    return promo;
}

static void fill(void)
{
    struct promo *promo = open_database(true);
    struct promo_run_options options = {.reader = read_lines, .batch = 10000};
    struct promo_counts counts;
    struct error error = ERROR_NONE;
    bench_require(promo_run(promo, &options, &counts, &error) == OK && counts.records == players,
                  "every line must become a record");
    bench_require(promo_close(promo, &error) == OK, "the database must close");
}

/* Processor time of the whole process, nanoseconds: the store may use threads. */
static uint64_t cpu(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
}

static double restart(double *seconds)
{
    uint64_t wall = bench_now(), start = cpu();
    struct promo *promo = open_database(false);
    uint64_t end = cpu();
    *seconds = (double)(bench_now() - wall) / 1e9;
    struct engine_player_view view;
    bench_require(engine_find_player(promo_engine(promo), TEXT(""), TEXT("player-77"), &view) &&
                      view.journey_count == 1,
                  "a player must be there and wait");
    struct error error = ERROR_NONE;
    bench_require(promo_close(promo, &error) == OK, "the database must close");
    return (double)(end - start);
}

static uint64_t read_all(const char *path, const char *query, int column)
{
    sqlite3 *file = NULL;
    sqlite3_stmt *rows = NULL;
    uint64_t sum = 0;
    bench_require(sqlite3_open_v2(path, &file, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, path);
    bench_require(sqlite3_prepare_v2(file, query, -1, &rows, NULL) == SQLITE_OK, query);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *bytes = sqlite3_column_blob(rows, column);
        int size = sqlite3_column_bytes(rows, column);
        for (int i = 0; i < size; i += 4096) sum += (uint8_t)bytes[i];
        sum += (uint64_t)size;
    }
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(file);
    return sum;
}

static double read_raw(void)
{
    char keys[310];
    (void)snprintf(keys, sizeof keys, "%s-keys", database);
    uint64_t start = cpu();
    uint64_t size = read_all(database, "SELECT bytes FROM checkpoint ORDER BY key", 0) +
                    read_all(keys, "SELECT brand, player, key, hash FROM player ORDER BY number", 2);
    bench_require(size > 1000, "there must be something to read");
    return (double)(cpu() - start);
}

int main(int count, char **arguments)
{
    char folder[] = "/tmp/promo-restart-XXXXXX";
    if (count > 1) players = (uint32_t)strtoul(arguments[1], NULL, 10);
    if (count > 2) {
        (void)snprintf(database, sizeof database, "%s/restart.db", arguments[2]);
    } else {
        bench_require(mkdtemp(folder) != NULL, "a folder for the database must be there");
        (void)snprintf(database, sizeof database, "%s/restart.db", folder);
    }
    compile();
    fill();
    double ours[ROUNDS], raw[ROUNDS], seconds[ROUNDS];
    for (unsigned round = 0; round < ROUNDS; round++) { /* interleaved */
        ours[round] = restart(&seconds[round]) / players;
        raw[round] = read_raw() / players;
    }
    double best = seconds[0];
    for (unsigned round = 1; round < ROUNDS; round++) best = seconds[round] < best ? seconds[round] : best;
    fprintf(stderr, "  restart: %.3f seconds with %u waiting journeys, %.3f of processor time\n", best, players,
            bench_median(ours, ROUNDS) * players / 1e9);
    bool met = bench_row("restart, ns of processor time a waiting journey, reading the same bytes from SQLite",
                         bench_median(ours, ROUNDS), bench_median(raw, ROUNDS), 5.0, false);
    compiler_release(&compiled);
    char command[1600];
    (void)snprintf(command, sizeof command, "rm -f %s %s-keys %s-lock %s-wal %s-shm", database, database, database,
                   database, database);
    if (system(command) != 0) fprintf(stderr, "  %s stays behind\n", database);
    if (count < 3) (void)rmdir(folder);
    return met ? 0 : 1;
}
