/*
 * damage_tool FILE SEED: damages a database of promo in one place that the seed chooses (a value of a row, a row, a page, the end of the file), and says
 * which. Exit 0, 1 after a failure, 3 where the seed falls on what means nothing (told with a reason). Not a test itself.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return below == 0 ? 0 : (z ^ (z >> 31)) % below;
}

static int fail(const char *what)
{
    fprintf(stderr, "damage_tool: %s\n", what);
    return 1;
}

/* What SQLite itself does not let happen, such as two rows of one key. */
static int refused(sqlite3 *database)
{
    printf("not possible: %s\n", sqlite3_errmsg(database));
    return 3;
}

/* The first column of the first row, as text. */
static void one(sqlite3 *database, char *out, size_t room, const char *query)
{
    sqlite3_stmt *row = NULL;
    out[0] = '\0';
    if (sqlite3_prepare_v2(database, query, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(row, 0);
        if (text != NULL) (void)snprintf(out, room, "%s", text);
    }
    (void)sqlite3_finalize(row);
}

static long long number(sqlite3 *database, const char *query)
{
    char text[64];
    one(database, text, sizeof text, query);
    return strtoll(text, NULL, 10);
}

/* What the place of a row is called in a query: the row's own id, or the key of a table without one. */
static const char *key_of(const char *table)
{
    return strcmp(table, "meta") == 0 || strcmp(table, "view") == 0 || strcmp(table, "word") == 0 ? "name" : "rowid";
}

static int damage_value(sqlite3 *database, const char *table, const char *where)
{
    char query[800], column[100], type[32], name[200];
    (void)snprintf(query, sizeof query, "SELECT count(*) FROM pragma_table_info('%s')", table);
    uint64_t columns = (uint64_t)number(database, query);
    (void)snprintf(query, sizeof query, "SELECT name FROM pragma_table_info('%s') LIMIT 1 OFFSET %" PRIu64, table,
                   draw(columns));
    one(database, column, sizeof column, query);
    (void)snprintf(query, sizeof query, "SELECT typeof(\"%s\") FROM \"%s\" WHERE %s", column, table, where);
    one(database, type, sizeof type, query);
    (void)snprintf(query, sizeof query, "SELECT %s FROM \"%s\" WHERE %s", key_of(table), table, where);
    one(database, name, sizeof name, query);
    if (strcmp(table, "word") == 0 && strcmp(column, "name") == 0) {
        printf("the head of the audit is missing in the keys: as after a crash before it was written there\n");
        return 3;
    }
    static const char *const marks[] = {"serial", "sent", "first_at", "hand_at", "next_at"};
    for (size_t index = 0; strcmp(table, "outbox") == 0 && index < sizeof marks / sizeof marks[0]; index++) {
        if (strcmp(column, marks[index]) != 0) continue;
        printf("a mark of who carries an effect when: the log does not say it\n");
        return 3;
    }
    if (strcmp(table, "checkpoint") == 0 && strcmp(column, "position") == 0) {
        printf("the position of one blob: nothing reads it\n");
        return 3;
    }
    sqlite3_stmt *row = NULL;
    if (strcmp(type, "integer") == 0 || strcmp(type, "real") == 0) {
        (void)snprintf(query, sizeof query, "UPDATE \"%s\" SET \"%s\" = \"%s\" + %" PRIu64 " WHERE %s", table, column,
                       column, 1 + draw(1000), where);
        if (sqlite3_exec(database, query, NULL, NULL, NULL) != SQLITE_OK) return refused(database);
        printf("`%s`.`%s` of %s is another number\n", table, column, name);
        return 0;
    }
    if (strcmp(type, "null") == 0) {
        (void)snprintf(query, sizeof query, "UPDATE \"%s\" SET \"%s\" = 7 WHERE %s", table, column, where);
        if (sqlite3_exec(database, query, NULL, NULL, NULL) != SQLITE_OK) return refused(database);
        printf("`%s`.`%s` of %s is something\n", table, column, name);
        return 0;
    }
    (void)snprintf(query, sizeof query, "SELECT \"%s\" FROM \"%s\" WHERE %s", column, table, where);
    if (sqlite3_prepare_v2(database, query, -1, &row, NULL) != SQLITE_OK || sqlite3_step(row) != SQLITE_ROW)
        return fail(sqlite3_errmsg(database));
    int size = sqlite3_column_bytes(row, 0);
    unsigned char *bytes = malloc((size_t)size + 1);
    if (bytes == NULL) return fail("no memory");
    if (size > 0) memcpy(bytes, sqlite3_column_blob(row, 0), (size_t)size);
    (void)sqlite3_finalize(row);
    bool cut = size > 0 && draw(4) == 0;
    uint64_t at = draw((uint64_t)size);
    if (cut) {
        size--;
    } else if (size == 0) {
        bytes[size++] = 'x';
    } else {
        bytes[at] = (unsigned char)(bytes[at] ^ (1u << draw(strcmp(type, "text") == 0 ? 3 : 8)));
    }
    (void)snprintf(query, sizeof query, "UPDATE \"%s\" SET \"%s\" = ?1 WHERE %s", table, column, where);
    if (sqlite3_prepare_v2(database, query, -1, &row, NULL) != SQLITE_OK) return fail(sqlite3_errmsg(database));
    if (strcmp(type, "text") == 0) {
        (void)sqlite3_bind_text(row, 1, (const char *)bytes, size, SQLITE_STATIC);
    } else {
        (void)sqlite3_bind_blob(row, 1, bytes, size, SQLITE_STATIC);
    }
    int step = sqlite3_step(row);
    (void)sqlite3_finalize(row);
    free(bytes);
    if (step != SQLITE_DONE) return fail(sqlite3_errmsg(database));
    printf("`%s`.`%s` of %s: %s %" PRIu64 "\n", table, column, name, cut ? "cut at the end, not at" : "another byte at",
           at);
    return 0;
}

static int damage_rows(const char *path)
{
    sqlite3 *database = NULL;
    char table[200], query[600], where[300], key[200];
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return fail(sqlite3_errmsg(database));
    uint64_t tables = (uint64_t)number(
        database, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    (void)snprintf(query, sizeof query,
                   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%%' ORDER BY name "
                   "LIMIT 1 OFFSET %" PRIu64,
                   draw(tables));
    one(database, table, sizeof table, query);
    (void)snprintf(query, sizeof query, "SELECT count(*) FROM \"%s\"", table);
    uint64_t rows = (uint64_t)number(database, query);
    int status = 3;
    if (rows == 0) {
        printf("`%s` is empty\n", table);
    } else {
        (void)snprintf(query, sizeof query, "SELECT quote(%s) FROM \"%s\" LIMIT 1 OFFSET %" PRIu64, key_of(table),
                       table, draw(rows));
        one(database, key, sizeof key, query);
        (void)snprintf(where, sizeof where, "%s = %s", key_of(table), key);
        uint64_t kind = strcmp(table, "word") == 0 ? 1 : draw(5);
        if (kind > 0) {
            status = damage_value(database, table, where);
        } else {
            (void)snprintf(query, sizeof query, "DELETE FROM \"%s\" WHERE %s", table, where);
            status = sqlite3_exec(database, query, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(sqlite3_errmsg(database));
            printf("`%s` lacks %s\n", table, key);
        }
    }
    (void)sqlite3_close(database);
    return status;
}

/* Below SQLite: the end of the file is gone, or the first bytes of a page are zeros. No page is free then, so none is without meaning. */
static int damage_file(const char *path)
{
    sqlite3 *database = NULL;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(database, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) != SQLITE_OK) {
        return fail(sqlite3_errmsg(database));
    }
    uint64_t page = (uint64_t)number(database, "PRAGMA page_size");
    (void)sqlite3_close(database);
    FILE *file = fopen(path, "r+b");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) return fail("the file cannot be opened");
    uint64_t size = (uint64_t)ftell(file);
    uint64_t at = draw(size);
    int status = 0;
    if (draw(2) == 0) {
        status = truncate(path, (off_t)at);
        printf("the file ends at byte %" PRIu64 " of %" PRIu64 "\n", at, size);
    } else {
        static const char zeros[512];
        at -= at % page;
        if (fseek(file, (long)at, SEEK_SET) != 0 || fwrite(zeros, 1, sizeof zeros, file) != sizeof zeros)
            status = fail("the file cannot be written");
        printf("512 zeros at byte %" PRIu64 "\n", at);
    }
    (void)fclose(file);
    return status;
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc != 3) return fail("damage_tool FILE SEED");
    seed = strtoull(argv[2], NULL, 10);
    uint64_t kind = draw(10);
    (void)snprintf(path, sizeof path, "%s%s", argv[1], draw(5) == 0 ? "-keys" : "");
    printf("%s: ", path);
    return kind < 8 ? damage_rows(path) : damage_file(path);
}
