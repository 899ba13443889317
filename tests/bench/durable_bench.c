/*
 * Durable end to end: event lines in, effects out, everything kept, against a SQLite database that is written with a row per
 * player per event. Both make a batch of 1,000 durable with one flush (WAL, synchronous = FULL).
 *
 * Ours: promo_run with a database: intake, sealing, log, fold, effects as lines, checkpoint, tables for people.
 * The peer reads the same lines with the same intake, so that reading does not count for us, and then updates the player's row
 * (a state of 120 bytes). It decides nothing, makes no effects, seals nothing: it is what storing state costs by itself.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/promo.h"
#include "tests/bench/bench_kit.h"
#include "vm/civil.h"

enum { PLAYERS = 100000, EVENTS = 1000000, BATCH = 1000, ROUNDS = 2, STATE = 120 };

static struct compiler_output compiled;
static struct buffer players, events; /* lines */
static char folder[] = "/tmp/promo-durable-XXXXXX";

static void compile(void)
{
    uint32_t size = 0;
    char *source = bench_read("tests/bench/durable.promo", &size);
    struct compiler_input input = {.path = TEXT("durable.promo"), .bytes = {.at = source, .size = size}};
    struct compiler_options options = {.default_name = TEXT("bench")};
    struct error error = ERROR_NONE;
    enum status status = compiler_compile(&compiled, &input, 1, options, &error);
    bench_require(status == OK && !compiled.failed, "durable.promo must compile");
    free(source);
}

static void make_lines(void)
{
    static const char *const countries[] = {"DE", "AT", "FI", "SE", "NO", "MT", "FR", "GB", "US", "JP"};
    uint64_t state = 7;
    for (uint32_t player = 0; player < PLAYERS; player++) {
        uint64_t random = bench_random(&state);
        buffer_print(
            &players,
            "{\"kind\":\"attributes\",\"id\":\"a%u\",\"player\":\"player-%u\",\"at\":\"2026-06-01T00:00:00Z\",\"set\":{"
            "\"country\":\"%s\",\"vip_level\":%u,\"lifetime\":%u,\"last_login\":\"2026-05-%02uT10:00:00Z\",\"casino_"
            "push\":%s}}\n",
            player, player, countries[random % 10], (unsigned)(random >> 8) % 5, (unsigned)(random >> 16) % 1000,
            1 + (unsigned)(random >> 32) % 28, (random >> 40 & 3) != 0 ? "true" : "false");
    }
    int64_t start = civil_date_of(2026, 6, 2) * CIVIL_DAY_MS;
    for (uint32_t event = 0; event < EVENTS; event++) {
        uint64_t random = bench_random(&state);
        char at[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(at, start + (int64_t)event * 250);
        buffer_print(&events,
                     "{\"id\":\"deposit-%u\",\"event\":\"deposit\",\"player\":\"player-%u\",\"at\":\"%s\",\"data\":{"
                     "\"amount\":\"%u.%02u EUR\","
                     "\"nth\":%u,\"ip\":\"10.0.0.%u\"}}\n",
                     event, (unsigned)(random % PLAYERS), at, (unsigned)(random >> 20) % 200,
                     (unsigned)(random >> 30) % 100, (unsigned)(random >> 40) % 25, (unsigned)(random >> 50) % 256);
    }
    bench_require(buffer_ok(&players) && buffer_ok(&events), "the lines must fit into memory");
}

struct lines {
    const unsigned char *at;
    size_t size;
};

static enum status read_lines(void *context, char *bytes, size_t room, size_t *size_out, struct error *error)
{
    (void)error;
    struct lines *lines = context;
    size_t size = lines->size < room ? lines->size : room;
    memcpy(bytes, lines->at, size);
    lines->at += size;
    lines->size -= size;
    *size_out = size;
    return OK;
}

static void database_path(char out[128], const char *name, unsigned round)
{
    (void)snprintf(out, 128, "%s/%s-%u.db", folder, name, round);
}

struct written {
    FILE *file;
    struct buffer line;
    uint64_t count;
};

static void write_effect(void *context, const struct engine_effect *effect)
{
    struct written *written = context;
    buffer_clear(&written->line);
    effect_json_write(&written->line, effect);
    (void)fwrite(written->line.bytes, 1, written->line.size, written->file);
    written->count++;
}

static enum status flush_effects(void *context, struct error *error)
{
    struct written *written = context;
    if (fflush(written->file) != 0 || fsync(fileno(written->file)) != 0)
        return error_set(error, STATUS_IO, "the effects did not fit");
    return OK;
}

static void run(struct promo *promo, const struct buffer *text, uint64_t expected)
{
    struct lines lines = {.at = text->bytes, .size = text->size};
    struct promo_run_options options = {.reader = read_lines, .reader_context = &lines, .batch = BATCH};
    struct promo_counts counts;
    struct error error = ERROR_NONE;
    enum status status = promo_run(promo, &options, &counts, &error);
    if (status != OK) fprintf(stderr, "%s\n", error.message);
    bench_require(status == OK && counts.records == expected, "every line must become a record");
}

/* Nanoseconds an event; the players are told before the clock starts. */
static double run_ours(unsigned round, uint64_t *effects_out)
{
    char path[128];
    char effects[128];
    database_path(path, "ours", round);
    database_path(effects, "effects", round);
    struct written written = {.file = fopen(effects, "w")};
    bench_require(written.file != NULL, "the folder for the databases must be writable");
    struct promo_options options = {.bundle = compiled.bundle.bytes,
                                    .bundle_size = compiled.bundle.size,
                                    .database = path,
                                    .sink = {.context = &written, .effect = write_effect},
                                    .flush = flush_effects,
                                    .flush_context = &written};
    struct promo *promo;
    struct error error = ERROR_NONE;
    bench_require(promo_open(&promo, &options, &error) == OK, "the database must open");
    run(promo, &players, PLAYERS);
    uint64_t start = bench_now();
    run(promo, &events, EVENTS);
    uint64_t end = bench_now();
    bench_require(promo_close(promo, &error) == OK, "the database must close");
    *effects_out = written.count;
    buffer_deinit(&written.line);
    (void)fclose(written.file);
    return (double)(end - start) / EVENTS;
}

static void exec(sqlite3 *database, const char *statement)
{
    bench_require(sqlite3_exec(database, statement, NULL, NULL, NULL) == SQLITE_OK, statement);
}

/* The peer's whole run over some lines: a row for each event's player. */
static void write_rows(sqlite3 *database, sqlite3_stmt *put, struct intake *intake, const struct buffer *text)
{
    unsigned char state[STATE] = {0};
    const char *at = (const char *)text->bytes;
    const char *end = at + text->size;
    uint32_t in_batch = 0;
    exec(database, "BEGIN");
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        struct record record;
        struct error error = ERROR_NONE;
        bench_require(intake_line(intake, at, (size_t)(line_end - at), &record, &error) == OK,
                      "every line must be a record");
        memcpy(state, &record.at, sizeof record.at);
        memcpy(state + 8, record.slot, 32);
        (void)sqlite3_bind_text(put, 1, record.player.at, (int)record.player.size, SQLITE_STATIC);
        (void)sqlite3_bind_int64(put, 2, record.at);
        (void)sqlite3_bind_blob(put, 3, state, STATE, SQLITE_STATIC);
        bench_require(sqlite3_step(put) == SQLITE_DONE, "the peer must write");
        (void)sqlite3_reset(put);
        if (++in_batch == BATCH) {
            in_batch = 0;
            exec(database, "COMMIT; BEGIN");
        }
        at = line_end + 1;
    }
    exec(database, "COMMIT");
}

static double run_peer(unsigned round)
{
    char path[128];
    database_path(path, "peer", round);
    sqlite3 *database;
    sqlite3_stmt *put;
    struct intake *intake;
    struct error error = ERROR_NONE;
    bench_require(intake_open(&intake, &compiled.program, &error) == OK, "intake must open");
    bench_require(sqlite3_open(path, &database) == SQLITE_OK, "the peer's database must open");
    exec(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
                   "CREATE TABLE state(player TEXT PRIMARY KEY, updated INTEGER, bytes BLOB) WITHOUT ROWID");
    bench_require(sqlite3_prepare_v2(
                      database,
                      "INSERT INTO state VALUES(?1, ?2, ?3) ON CONFLICT(player) DO UPDATE SET updated = ?2, bytes = ?3",
                      -1, &put, NULL) == SQLITE_OK,
                  "the peer's statement must prepare");
    write_rows(database, put, intake, &players);
    uint64_t start = bench_now();
    write_rows(database, put, intake, &events);
    uint64_t end = bench_now();
    (void)sqlite3_finalize(put);
    (void)sqlite3_close(database);
    intake_close(intake);
    return (double)(end - start) / EVENTS;
}

int main(void)
{
    bench_require(mkdtemp(folder) != NULL, "a folder for the databases must be there");
    compile();
    make_lines();
    double ours[ROUNDS];
    double peer[ROUNDS];
    uint64_t effects = 0;
    for (unsigned round = 0; round < ROUNDS; round++) { /* interleaved */
        ours[round] = run_ours(round, &effects);
        peer[round] = run_peer(round);
    }
    fprintf(stderr, "  %llu effects of %d events\n", (unsigned long long)effects, EVENTS);
    bool met = bench_row("durable end to end, ns an event, a SQLite row a player and event", bench_median(ours, ROUNDS),
                         bench_median(peer, ROUNDS), 1.0 / 3.0, false);
    buffer_deinit(&players);
    buffer_deinit(&events);
    compiler_release(&compiled);
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) != 0) fprintf(stderr, "  %s stays behind\n", folder);
    return met ? 0 : 1;
}
