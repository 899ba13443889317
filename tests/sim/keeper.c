/* Keeps keys. Contract: keeper.h. The hash of a row is that of runtime/store/sqlite_keys.c. */
#include "tests/sim/keeper.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "vm/split.h"

static bool give_back(struct keeper *keeper, sqlite3 *database, int64_t number)
{
    /* Another may have the name by now; nothing in the log asks for it. */
    char name[32];
    int size = snprintf(name, sizeof name, "erased-%lld", (long long)number);
    uint64_t hash = split_hash64((const char *)keeper->key[number], 32, (uint64_t)number);
    hash = split_hash64("", 0, hash);
    hash = split_hash64(name, (size_t)size, hash);
    sqlite3_stmt *statement = NULL;
    bool done = sqlite3_prepare_v2(database,
                                   "UPDATE player SET brand = x'', player = ?1, key = ?2, hash = ?3 WHERE number = ?4",
                                   -1, &statement, NULL) == SQLITE_OK;
    if (done) {
        (void)sqlite3_bind_blob(statement, 1, name, size, SQLITE_STATIC);
        (void)sqlite3_bind_blob(statement, 2, keeper->key[number], 32, SQLITE_STATIC);
        (void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)hash);
        (void)sqlite3_bind_int64(statement, 4, number);
        done = sqlite3_step(statement) == SQLITE_DONE;
    }
    (void)sqlite3_finalize(statement);
    return done;
}

static bool mend_keys(struct keeper *keeper, sqlite3 *database)
{
    sqlite3_stmt *rows = NULL;
    int64_t gone[KEEPER_KEYS_MAX];
    int count = 0;
    if (sqlite3_prepare_v2(database, "SELECT number, key FROM player", -1, &rows, NULL) != SQLITE_OK) return false;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        int64_t number = sqlite3_column_int64(rows, 0);
        if (number < 0 || number >= KEEPER_KEYS_MAX) continue;
        const void *key = sqlite3_column_blob(rows, 1);
        if (key != NULL && sqlite3_column_bytes(rows, 1) == 32) {
            memcpy(keeper->key[number], key, 32);
            keeper->known[number] = true;
        } else if (keeper->known[number]) {
            gone[count++] = number;
        }
    }
    (void)sqlite3_finalize(rows);
    for (int index = 0; index < count; index++) {
        if (!give_back(keeper, database, gone[index])) return false;
    }
    return true;
}

static bool forget_base(sqlite3 *database)
{
    return sqlite3_exec(database,
                        "BEGIN; DELETE FROM meta WHERE name = 'base'; DELETE FROM base; DELETE FROM erased; COMMIT",
                        NULL, NULL, NULL) == SQLITE_OK;
}

bool keeper_mend(struct keeper *keeper, const char *copy)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s-keys", copy);
    sqlite3 *keys = NULL, *main = NULL;
    bool done = sqlite3_open_v2(path, &keys, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK && mend_keys(keeper, keys) &&
                sqlite3_open_v2(copy, &main, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK && forget_base(main);
    (void)sqlite3_close(keys);
    (void)sqlite3_close(main);
    return done;
}
