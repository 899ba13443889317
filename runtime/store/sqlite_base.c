/*
 * The base: the state from which the log can be folded, and the keys that an erasure destroys. Contract: runtime/store/sqlite_parts.h.
 *
 *   records 1 … base - 1: some cannot be opened any more     base …: all can
 *   state at the base = blobs of the newest checkpoint, but for those that were replaced since: these lie in `base`
 *
 *   base(key, bytes)     a blob as it was at the base; NULL: there was none
 *   erased(number)       whose keys are still to be destroyed; written with the checkpoint that moves the base
 *
 * So an erasure costs a row, not a copy of the state. A kill between the checkpoint and the destruction leaves the row, and the next
 * start goes on there. Next: sqlite_checkpoint.c, which calls this inside its transaction.
 */
#include "runtime/store/sqlite_parts.h"

#include "vm/memory.h"

enum status sqlite_base_open(struct sqlite_store *store, struct error *error)
{
    int64_t base = 0;
    RETURN_IF_FAILED(sqlite_number(store, store->main,
                                   "SELECT coalesce((SELECT value FROM meta WHERE name = 'base'), 0)", &base, error));
    store->base = (uint64_t)base;
    if (store->mode != SQLITE_STORE_WRITE) return OK;
    return sqlite_base_destroy(store, error);
}

enum status sqlite_base_erase(struct sqlite_store *store, const uint64_t *numbers, uint32_t count, struct error *error)
{
    uint64_t *kept = memory_resize_array(store->erasing, count + 1, sizeof *kept);
    if (kept == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to erase players");
    if (count > 0) memcpy(kept, numbers, count * sizeof *kept);
    store->erasing = kept;
    store->erasing_count = count;
    return OK;
}

/* ---------------------------------------------------------------- inside the transaction of a checkpoint */

enum status sqlite_base_begin(struct sqlite_store *store, struct error *error)
{
    if (store->erasing_count > 0) return sqlite_run(store, store->main, "DELETE FROM base", "writing", error);
    if (store->base == 0 || store->keep_blob != NULL) return OK;
    return sqlite_prepare(store, store->main,
                          "INSERT INTO base SELECT ?1, (SELECT bytes FROM checkpoint WHERE key = ?1) WHERE NOT EXISTS "
                          "(SELECT 1 FROM base WHERE key = ?1)",
                          &store->keep_blob, error);
}

enum status sqlite_base_keep(struct sqlite_store *store, uint32_t key, struct error *error)
{
    if (store->base == 0 || store->erasing_count > 0) return OK;
    (void)sqlite3_bind_int64(store->keep_blob, 1, key);
    return sqlite_step(store, store->keep_blob, "writing", error);
}

enum status sqlite_base_keep_all(struct sqlite_store *store, struct error *error)
{
    if (store->base == 0 || store->erasing_count > 0) return OK;
    return sqlite_run(store, store->main,
                      "INSERT INTO base SELECT key, bytes FROM checkpoint WHERE key NOT IN (SELECT key FROM base)",
                      "writing", error);
}

/* Up to which row a table for people tells of what lies before the base. */
static enum status mark_rows(struct sqlite_store *store, const char *table, struct error *error)
{
    char statement[160];
    int64_t there = 0;
    (void)sqlite3_snprintf(sizeof statement, statement, "SELECT count(*) FROM sqlite_master WHERE name = '%s'", table);
    RETURN_IF_FAILED(sqlite_number(store, store->main, statement, &there, error));
    if (there == 0) return OK;
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "INSERT OR REPLACE INTO meta SELECT 'base %s', coalesce(max(rowid), 0) FROM %s", table,
                           table);
    return sqlite_run(store, store->main, statement, "writing", error);
}

enum status sqlite_base_commit(struct sqlite_store *store, const char *seal_query, struct error *error)
{
    char statement[320];
    enum status status = OK;
    if (store->erasing_count == 0) return OK;
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "INSERT OR REPLACE INTO meta VALUES('base', %lld); "
                           "INSERT OR REPLACE INTO meta VALUES('base seal', (%s))",
                           (long long)store->checkpoint_position, seal_query);
    status = sqlite_run(store, store->main, statement, "writing", error);
    if (status == OK)
        status = sqlite_run(store, store->main,
                            "DELETE FROM meta WHERE name = 'base outbox'; INSERT INTO meta SELECT 'base outbox', value "
                            "FROM meta WHERE name = 'outbox checkpoint'",
                            "writing", error);
    if (status == OK) status = mark_rows(store, "ledger", error);
    if (status == OK) status = mark_rows(store, "messages", error);
    for (uint32_t i = 0; i < store->erasing_count && status == OK; i++) {
        (void)sqlite3_snprintf(sizeof statement, statement, "INSERT OR IGNORE INTO erased VALUES(%lld)",
                               (long long)store->erasing[i]);
        status = sqlite_run(store, store->main, statement, "writing", error);
    }
    return status;
}

/* ---------------------------------------------------------------- after it */

struct destroying {
    struct sqlite_store *store;
    enum status status;
    struct error *error;
};

/* The row stays, so that numbers have no gap; what it held is overwritten. */
static void forget_key(void *context, uint64_t number)
{
    struct destroying *destroying = context;
    if (destroying->status != OK) return;
    char statement[160];
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "UPDATE player SET brand = x'', player = x'', key = NULL, hash = NULL WHERE number = %lld",
                           (long long)number);
    destroying->status =
        sqlite_run(destroying->store, destroying->store->keys, statement, "writing", destroying->error);
}

static enum status read_erased(struct sqlite_store *store, struct error *error)
{
    sqlite3_stmt *rows = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main, "SELECT number FROM erased ORDER BY number", &rows, error));
    store->erasing_count = 0;
    uint32_t room = 0;
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
            break;
        }
        if (store->erasing_count >= room) {
            room = room == 0 ? 16 : room * 2;
            uint64_t *grown = memory_resize_array(store->erasing, room, sizeof *grown);
            if (grown == NULL) status = error_set(error, STATUS_NO_MEMORY, "no memory to erase players");
            if (grown == NULL) break;
            store->erasing = grown;
        }
        store->erasing[store->erasing_count++] = (uint64_t)sqlite3_column_int64(rows, 0);
    }
    (void)sqlite3_finalize(rows);
    return status;
}

/* What is overwritten lies in the write-ahead logs too until these are emptied. A reader may hold one open: then it goes when the last
 * connection closes, or with the next pass. */
static void empty_logs(struct sqlite_store *store)
{
    (void)sqlite3_wal_checkpoint_v2(store->keys, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_wal_checkpoint_v2(store->main, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

enum status sqlite_base_destroy(struct sqlite_store *store, struct error *error)
{
    RETURN_IF_FAILED(read_erased(store, error));
    if (store->erasing_count == 0) return OK;
    struct destroying destroying = {.store = store, .status = OK, .error = error};
    RETURN_IF_FAILED(sqlite_run(store, store->keys, "BEGIN IMMEDIATE", "writing", error));
    for (uint32_t i = 0; i < store->erasing_count; i++) {
        keyring_destroy(store->keyring, store->erasing[i], forget_key, &destroying);
    }
    enum status status = destroying.status;
    if (status == OK) status = sqlite_run(store, store->keys, "COMMIT", "writing", error);
    if (status != OK) {
        (void)sqlite3_exec(store->keys, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    store->erasing_count = 0;
    RETURN_IF_FAILED(sqlite_run(store, store->main, "DELETE FROM erased", "writing", error));
    empty_logs(store);
    return OK;
}

/* ---------------------------------------------------------------- reading the state at the base */

struct sealing {
    uint64_t count, sum;
};

static enum status add_to_seal(void *context, uint32_t key, struct text bytes, struct error *error)
{
    struct sealing *sealing = context;
    (void)error;
    sealing->count++;
    sealing->sum += (uint64_t)sqlite_blob_hash(key, bytes) & UINT32_MAX;
    return OK;
}

/* `raw`: as they lie there; otherwise opened. */
static enum status read_blobs(struct sqlite_store *store, bool raw, checkpoint_reader reader, void *context,
                              struct error *error)
{
    sqlite3_stmt *blobs = NULL;
    RETURN_IF_FAILED(
        sqlite_prepare(store, store->main,
                       "SELECT key, bytes FROM (SELECT key, bytes FROM base WHERE bytes IS NOT NULL UNION ALL "
                       "SELECT key, bytes FROM checkpoint WHERE key NOT IN (SELECT key FROM base)) ORDER BY "
                       "key < 4096, key",
                       &blobs, error));
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(blobs)) != SQLITE_DONE) {
        int64_t key = step == SQLITE_ROW ? sqlite3_column_int64(blobs, 0) : -1;
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
        } else if (key < 0 || key > UINT32_MAX) {
            status = error_set(error, STATUS_CORRUPT,
                               "the base of `%s` is damaged at key %lld; restore the file from a copy", store->path,
                               (long long)key);
        } else {
            struct text bytes = sqlite_column(blobs, 1);
            status = raw ? reader(context, (uint32_t)key, bytes, error)
                         : sqlite_blob_open(store, (uint32_t)key, bytes, reader, context, error);
        }
    }
    (void)sqlite3_finalize(blobs);
    return status;
}

enum status sqlite_base_damaged(const struct sqlite_store *store, struct error *error)
{
    return error_set(error, STATUS_CORRUPT,
                     "the base of `%s` is damaged: parts of it are missing or changed; restore the file from a copy",
                     store->path);
}

static enum status load_base(void *self, uint64_t *position, checkpoint_reader reader, void *context,
                             struct error *error)
{
    struct sqlite_store *store = self;
    *position = store->base;
    if (store->base == 0) return OK;
    /* Its blobs lie in two tables, and a row that is gone from one looks like one that was never replaced: so all of them are counted first. */
    struct sealing sealing = {.count = 0};
    RETURN_IF_FAILED(read_blobs(store, true, add_to_seal, &sealing, error));
    char query[160];
    int64_t same = 0;
    (void)sqlite3_snprintf(sizeof query, query,
                           "SELECT '%llu:%llu' IS (SELECT value FROM meta WHERE name = 'base seal')",
                           (unsigned long long)sealing.count, (unsigned long long)sealing.sum);
    RETURN_IF_FAILED(sqlite_number(store, store->main, query, &same, error));
    if (same != 1) return sqlite_base_damaged(store, error);
    return read_blobs(store, false, reader, context, error);
}

struct checkpoint_store sqlite_store_base(struct store *store)
{
    return (struct checkpoint_store){.self = store->self, .load = load_base};
}

uint64_t sqlite_store_base_position(const struct store *store)
{
    return ((const struct sqlite_store *)store->self)->base;
}

uint64_t sqlite_store_base_steps(const struct store *store)
{
    const struct sqlite_store *self = store->self;
    int64_t steps = 0;
    enum status status = sqlite_number(
        self, self->main, "SELECT coalesce((SELECT value FROM meta WHERE name = 'base outbox'), 0)", &steps, NULL);
    return status == OK ? (uint64_t)steps : 0;
}

enum status sqlite_store_erase(struct store *store, const uint64_t *numbers, uint32_t count, struct error *error)
{
    return sqlite_base_erase(store->self, numbers, count, error);
}

enum status sqlite_store_erased(struct store *store, struct error *error)
{
    struct sqlite_store *self = store->self;
    return sqlite_base_destroy(self, error);
}
