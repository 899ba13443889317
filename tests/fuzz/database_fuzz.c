/*
 * Fuzz target: damaged databases. An input is a script of edits (tests/forge/forge.h): to bytes of FILE or FILE-keys, or to single values of rows through
 * SQLite, so that what follows is reached too. The database is then opened as a service opens it, takes two more events and is closed: every refusal says
 * why, and nothing else happens. What was written with hashes is not read once a byte of it was changed.
 * promise F5
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/store/promo.h"
#include "tests/forge/forge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 2 };

static const char *const endings[] = {"",      "-keys",     "-wal",      "-shm",         "-journal",
                                      "-lock", "-keys-wal", "-keys-shm", "-keys-journal"};
static char path[128];
static struct buffer whole[FILES]; /* FILE and FILE-keys as they were written */

static void file_path(char out[160], unsigned ending)
{
    (void)snprintf(out, 160, "%s%s", path, endings[ending]);
}

static void remove_all(void)
{
    char name[160];
    for (unsigned i = 0; i < sizeof endings / sizeof *endings; i++) {
        file_path(name, i);
        INVARIANT(unlink(name) == 0 || errno == ENOENT);
    }
}

static void write_file(unsigned ending, const struct buffer *bytes)
{
    char name[160];
    file_path(name, ending);
    const int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    INVARIANT(file >= 0 && write(file, bytes->bytes, bytes->size) == (ssize_t)bytes->size);
    (void)close(file);
}

static void read_file(struct buffer *out, unsigned ending)
{
    char name[160], bytes[4096];
    file_path(name, ending);
    const int file = open(name, O_RDONLY);
    INVARIANT(file >= 0);
    for (ssize_t got; (got = read(file, bytes, sizeof bytes)) > 0;) buffer_append(out, bytes, (size_t)got);
    (void)close(file);
    INVARIANT(buffer_ok(out) && out->size > 0);
}

static void submit(struct promo *promo, const struct forge_sample *sample, uint32_t first, uint32_t count)
{
    const char *line = (const char *)sample->lines.bytes;
    const char *end = line + sample->lines.size;
    for (uint32_t i = 0; line < end && i < first + count; i++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        struct promo_outcome outcome = {.lines = NULL};
        struct error error = ERROR_NONE;
        if (i >= first) {
            enum status status = promo_submit(promo, line, (size_t)(stop - line), &outcome, &error);
            INVARIANT(status == OK || error.message[0] != 0);
            if (status != OK) return;
        }
        line = stop + 1;
    }
}

static struct promo_options options_of(const struct forge_sample *sample)
{
    return (struct promo_options){.bundle = sample->bundle.bytes,
                                  .bundle_size = sample->bundle.size,
                                  .database = path,
                                  .checkpoint_every = 8,
                                  .time = PROMO_TIME_RECORDS};
}

static void clean_up(void)
{
    char *slash = strrchr(path, '/');
    remove_all();
    *slash = 0;
    (void)rmdir(path);
}

static void make(const struct forge_sample *sample)
{
    char folder[] = "/tmp/promo-fuzz-XXXXXX", quick[] = "/dev/shm/promo-fuzz-XXXXXX";
    const char *made = mkdtemp(quick);
    if (made == NULL) made = mkdtemp(folder);
    INVARIANT(made != NULL);
    (void)snprintf(path, sizeof path, "%s/a.db", made);
    INVARIANT(atexit(clean_up) == 0);
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = options_of(sample);
    enum status status = promo_open(&promo, &options, &error);
    INVARIANT(status == OK);
    submit(promo, sample, 0, 24);
    status = promo_close(promo, &error);
    INVARIANT(status == OK);
    read_file(&whole[0], 0);
    read_file(&whole[1], 1);
}

/* One value of one row, through SQLite. */
static void edit_row(struct forge_script *script)
{
    static const char *const columns[][2] = {
        {"meta", "value"},     {"log", "body"},         {"log", "chain"},           {"log", "numbers"},
        {"log", "count"},      {"checkpoint", "bytes"}, {"checkpoint", "position"}, {"checkpoint", "hash"},
        {"checkpoint", "key"}, {"player", "player"},    {"player", "key"},          {"player", "hash"},
        {"player", "number"},  {"player", "brand"},     {"log", "first"},           {"meta", "name"}};
    const char *const *column = columns[forge_u8(script) % 16];
    const unsigned row = forge_u8(script);
    char name[160], sql[200];
    file_path(name, strcmp(column[0], "player") == 0 ? 1 : 0);
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_open(name, &database) == SQLITE_OK) {
        (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s LIMIT 1 OFFSET %u", column[1], column[0], row % 40);
        struct buffer bytes = BUFFER_EMPTY;
        bool is_number = false, found = false;
        sqlite3_int64 number = 0;
        if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW) {
            found = true;
            is_number = sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
            number = sqlite3_column_int64(statement, 0);
            buffer_append(&bytes, sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0));
        }
        (void)sqlite3_finalize(statement);
        statement = NULL;
        if (is_number) {
            buffer_clear(&bytes);
            buffer_i64(&bytes, number);
        }
        if (found) forge_edit(&bytes, script);
        (void)snprintf(sql, sizeof sql, "UPDATE OR REPLACE %s SET %s = ?1 WHERE %s = ?2", column[0], column[1],
                       column[1]);
        if (found && is_number && sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK) {
            int64_t changed = 0;
            memcpy(&changed, bytes.bytes, bytes.size < 8 ? bytes.size : 8);
            (void)sqlite3_bind_int64(statement, 1, changed);
            (void)sqlite3_bind_int64(statement, 2, number);
            (void)sqlite3_step(statement);
            (void)sqlite3_finalize(statement);
        } else if (found) {
            (void)snprintf(sql, sizeof sql,
                           "UPDATE OR REPLACE %s SET %s = ?1 WHERE %s = (SELECT %s FROM %s LIMIT 1 OFFSET %u)",
                           column[0], column[1], column[1], column[1], column[0], row % 40);
            if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK) {
                (void)sqlite3_bind_blob(statement, 1, bytes.bytes, (int)bytes.size, SQLITE_STATIC);
                (void)sqlite3_step(statement);
            }
            (void)sqlite3_finalize(statement);
        }
        buffer_deinit(&bytes);
    }
    (void)sqlite3_close(database);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1024) return -1;
    const struct forge_sample *sample = forge_sample(1);
    if (whole[0].size == 0) make(sample);
    struct forge_script script = {data, size, 0};
    remove_all();
    struct buffer file[FILES] = {BUFFER_EMPTY, BUFFER_EMPTY};
    for (unsigned i = 0; i < FILES; i++) buffer_append(&file[i], whole[i].bytes, whole[i].size);
    const bool by_rows = (forge_u8(&script) & 1) != 0;
    while (!by_rows && !forge_ended(&script)) forge_edit(&file[forge_u8(&script) & 1], &script);
    for (unsigned i = 0; i < FILES; i++) write_file(i, &file[i]);
    while (by_rows && !forge_ended(&script)) edit_row(&script);
    struct promo *promo = NULL;
    struct error error = ERROR_NONE;
    const struct promo_options options = options_of(sample);
    enum status status = promo_open(&promo, &options, &error);
    if (status == OK) {
        submit(promo, sample, 24, 2);
        (void)promo_close(promo, &error);
    } else {
        INVARIANT(error.message[0] != 0 && text_is_utf8(text_of(error.message)));
    }
    for (unsigned i = 0; i < FILES; i++) buffer_deinit(&file[i]);
    return 0;
}
