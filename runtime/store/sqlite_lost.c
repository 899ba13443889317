/*
 * The FILE-keys of a life that was lost, read beside a copy of an earlier moment: whose key is gone there was erased since. Contract:
 * runtime/store/sqlite_store.h; who asks: runtime/store/restore.c.
 *
 * Numbers are given once and never change hands, so a number means the same player in both files, as long as both are of one life; keys that both
 * hold must be equal. Nothing is written.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "runtime/store/sqlite_parts.h"

struct lost {
    const struct sqlite_store *store;
    const char *path;
    sqlite3 *keys;
    void (*each)(void *context, uint64_t number);
    void *context;
    uint64_t next; /* number */
    struct sqlite_lost_keys *out;
};

static enum status refused(const struct lost *lost, const char *what, struct error *error)
{
    return error_set(error, STATUS_REFUSED, "`%s` %s; give the FILE-keys of the database that was lost", lost->path,
                     what);
}

static enum status see(struct lost *lost, sqlite3_stmt *rows, struct error *error)
{
    const struct keyring *keyring = lost->store->keyring;
    struct text key = sqlite_column(rows, 1);
    uint64_t number = (uint64_t)sqlite3_column_int64(rows, 0);
    if (sqlite_lost(lost->store, rows, error)) return STATUS_NO_MEMORY;
    if (number != lost->next || (key.size != 0 && key.size != CRYPTO_KEY_SIZE))
        return refused(lost, "is damaged", error);
    lost->next++;
    const struct crypto_key *ours = keyring_key(keyring, number);
    if (number >= keyring_count(keyring)) {
        lost->out->strangers += key.size == 0;
    } else if (ours != NULL && key.size != 0 && memcmp(ours->bytes, key.at, CRYPTO_KEY_SIZE) != 0) {
        return refused(lost,
                       number == 0 ? "belongs to another database" : "belongs to a life that the copy does not begin",
                       error);
    } else if (ours != NULL && key.size == 0) {
        lost->out->erased++;
        lost->each(lost->context, number);
    }
    return OK;
}

static enum status read_rows(struct lost *lost, struct error *error)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(lost->keys, "SELECT number, key FROM player ORDER BY number", -1, &rows, NULL) != SQLITE_OK)
        return refused(lost, "holds no keys of players", error);
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        status = step == SQLITE_ROW ? see(lost, rows, error) : sqlite_failed(lost->store, lost->keys, "reading", error);
    }
    (void)sqlite3_finalize(rows);
    if (status != OK) return status;
    /* An older file than the copy's own knows nothing that the copy does not. */
    if (lost->next < keyring_count(lost->store->keyring)) return refused(lost, "is older than the copy", error);
    return OK;
}

enum status sqlite_store_lost_keys(struct store *store, const char *path, void (*each)(void *context, uint64_t number),
                                   void *context, struct sqlite_lost_keys *out, struct error *error)
{
    struct lost lost = {.store = store->self, .path = path, .each = each, .context = context, .out = out};
    struct stat about;
    *out = (struct sqlite_lost_keys){.erased = 0};
    if (stat(path, &about) != 0) return error_set(error, STATUS_NOT_FOUND, "there is no `%s`", path);
    /* To be written: what a killed run left in its write-ahead log is read only so. */
    enum status status = OK;
    if (sqlite3_open_v2(path, &lost.keys, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        status = sqlite_failed(lost.store, lost.keys, "opening", error);
    if (status == OK) status = read_rows(&lost, error);
    (void)sqlite3_close(lost.keys);
    return status;
}
