/*
 * Retention: a base that is written from outside a checkpoint, and rows that go. Contract: runtime/store/sqlite_parts.h.
 *
 *   the base moves (one transaction) ──► rows of the log before it go, slice by slice ──► rows of the ledger and of messages
 *
 * What is left is bound to what went: `log start` of `meta` has the position of the first record that is left, and the chain value
 * before it. A kill leaves rows that the next pass removes. Who calls this, and why what: promo_retain.c.
 */
#include "runtime/store/sqlite_parts.h"

enum { SLICE = 256 }; /* rows in one transaction */

/* ---------------------------------------------------------------- the first record that is left */

enum status sqlite_start_open(struct sqlite_store *store, struct error *error)
{
    struct buffer word = BUFFER_EMPTY;
    store->start = 1;
    memset(&store->start_chain, 0, sizeof store->start_chain);
    enum status status = sqlite_get_meta(store, "log start", &word, error);
    if (status == STATUS_NOT_FOUND) {
        status = OK;
    } else if (status == OK && word.size != 8 + sizeof store->start_chain.bytes) {
        status = error_set(error, STATUS_CORRUPT,
                           "`%s` is damaged: where its log begins cannot be read; restore it from a copy", store->path);
    } else if (status == OK) {
        store->start = buffer_load_u64(word.bytes);
        memcpy(store->start_chain.bytes, word.bytes + 8, sizeof store->start_chain.bytes);
    }
    buffer_deinit(&word);
    return status;
}

static enum status write_start(struct sqlite_store *store, uint64_t start, const struct crypto_digest *chain,
                               struct error *error)
{
    uint8_t word[8 + sizeof chain->bytes];
    for (unsigned i = 0; i < 8; i++) word[i] = (uint8_t)(start >> (8 * i));
    memcpy(word + 8, chain->bytes, sizeof chain->bytes);
    return sqlite_set_meta(store, "log start", text_make((const char *)word, sizeof word), error);
}

/* Removes up to SLICE rows that end before `position`. */
static enum status trim_slice(struct sqlite_store *store, uint64_t position, bool *any, struct error *error)
{
    sqlite3_stmt *rows = NULL;
    uint64_t start = store->start;
    struct crypto_digest chain = store->start_chain;
    RETURN_IF_FAILED(sqlite_prepare(
        store, store->main, "SELECT first + count, chain FROM log WHERE first + count <= ?1 ORDER BY first LIMIT ?2",
        &rows, error));
    (void)sqlite3_bind_int64(rows, 1, (sqlite3_int64)position);
    (void)sqlite3_bind_int64(rows, 2, SLICE);
    enum status status = OK;
    int step;
    *any = false;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        struct text bytes = step == SQLITE_ROW ? sqlite_column(rows, 1) : TEXT("");
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
        } else if (sqlite_lost(store, rows, error)) {
            status = STATUS_NO_MEMORY;
        } else if (bytes.size != sizeof chain.bytes) {
            status = error_set(error, STATUS_CORRUPT, "the log of `%s` is damaged; restore the file from a copy",
                               store->path);
        } else {
            start = (uint64_t)sqlite3_column_int64(rows, 0);
            memcpy(chain.bytes, bytes.at, sizeof chain.bytes);
            *any = true;
        }
    }
    (void)sqlite3_finalize(rows);
    if (status != OK || !*any) return status;
    char statement[120];
    (void)sqlite3_snprintf(sizeof statement, statement, "DELETE FROM log WHERE first < %lld", (long long)start);
    RETURN_IF_FAILED(sqlite_run(store, store->main, "BEGIN IMMEDIATE", "writing", error));
    status = sqlite_run(store, store->main, statement, "writing", error);
    if (status == OK) status = write_start(store, start, &chain, error);
    if (status == OK) status = sqlite_run(store, store->main, "COMMIT", "writing", error);
    if (status != OK) {
        (void)sqlite3_exec(store->main, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    store->start = start;
    store->start_chain = chain;
    return OK;
}

enum status sqlite_store_trim(struct store *of, uint64_t position, struct error *error)
{
    struct sqlite_store *store = of->self;
    INVARIANT(position <= store->base);
    for (bool any = true; any;) RETURN_IF_FAILED(trim_slice(store, position, &any, error));
    (void)sqlite3_wal_checkpoint_v2(store->main, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return OK;
}

uint64_t sqlite_store_start(const struct store *store)
{
    return ((const struct sqlite_store *)store->self)->start;
}

uint64_t sqlite_store_checkpoint_position(const struct store *store)
{
    const struct sqlite_store *self = store->self;
    int64_t position = 0;
    enum status status = sqlite_number(
        self, self->main, "SELECT coalesce((SELECT value FROM meta WHERE name = 'checkpoint'), 0)", &position, NULL);
    return status == OK ? (uint64_t)position : 0;
}

enum status sqlite_store_trim_table(struct store *of, const char *table, struct text before, uint64_t *removed,
                                    struct error *error)
{
    struct sqlite_store *store = of->self;
    char statement[240];
    int64_t there = 0;
    *removed = 0;
    (void)sqlite3_snprintf(sizeof statement, statement, "SELECT count(*) FROM sqlite_master WHERE name = '%s'", table);
    RETURN_IF_FAILED(sqlite_number(store, store->main, statement, &there, error));
    if (there == 0) return OK;
    (void)sqlite3_snprintf(sizeof statement, statement, "DELETE FROM %s WHERE now < '%.*s'", table, (int)before.size,
                           before.at);
    RETURN_IF_FAILED(sqlite_run(store, store->main, statement, "writing", error));
    *removed = (uint64_t)sqlite3_changes64(store->main);
    return OK;
}

/* ---------------------------------------------------------------- writing the base */

static void rollback(struct sqlite_store *store)
{
    (void)sqlite3_exec(store->main, "ROLLBACK", NULL, NULL, NULL);
}

/* The base that was, whole; what changed since is put over it. */
static enum status begin_base(void *self, uint64_t position, struct error *error)
{
    struct sqlite_store *store = self;
    RETURN_IF_FAILED(sqlite_run(store, store->main, "BEGIN IMMEDIATE", "writing", error));
    store->checkpoint_position = position;
    enum status status = sqlite_run(
        store, store->main,
        store->base == 0 ? "DELETE FROM base"
                         : "INSERT INTO base SELECT key, bytes FROM checkpoint WHERE key NOT IN (SELECT key FROM base)",
        "writing", error);
    if (status != OK) rollback(store);
    return status;
}

static enum status put_base(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct sqlite_store *store = self;
    sqlite3_stmt *put = NULL;
    struct text sealed = TEXT("");
    enum status status = bytes.size == 0 ? OK : sqlite_blob_seal(store, key, bytes, &sealed, error);
    if (status == OK)
        status = sqlite_prepare(store, store->main, "INSERT OR REPLACE INTO base VALUES(?1, ?2)", &put, error);
    if (status == OK) {
        (void)sqlite3_bind_int64(put, 1, key);
        if (sealed.size > 0) (void)sqlite3_bind_blob(put, 2, sealed.at, (int)sealed.size, SQLITE_STATIC);
        status = sqlite_step(store, put, "writing", error);
    }
    (void)sqlite3_finalize(put);
    if (status != OK) rollback(store);
    return status;
}

/* As seal_query of sqlite_checkpoint.c has it of the checkpoint: how many, and a sum of their hashes. */
static enum status seal_of(struct sqlite_store *store, char out[64], struct error *error)
{
    sqlite3_stmt *rows = NULL;
    uint64_t count = 0, sum = 0;
    RETURN_IF_FAILED(
        sqlite_prepare(store, store->main, "SELECT key, bytes FROM base WHERE bytes IS NOT NULL", &rows, error));
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        struct text bytes = step == SQLITE_ROW ? sqlite_column(rows, 1) : TEXT("");
        if (step != SQLITE_ROW) status = sqlite_failed(store, store->main, "reading", error);
        if (status == OK && sqlite_lost(store, rows, error)) status = STATUS_NO_MEMORY;
        sum += (uint64_t)sqlite_blob_hash((uint32_t)sqlite3_column_int64(rows, 0), bytes) & UINT32_MAX;
        count++;
    }
    (void)sqlite3_finalize(rows);
    (void)sqlite3_snprintf(64, out, "%llu:%llu", (unsigned long long)count, (unsigned long long)sum);
    return status;
}

static enum status commit_base(void *self, struct error *error)
{
    struct sqlite_store *store = self;
    char statement[640], seal[64] = "";
    enum status status = sqlite_run(
        store, store->main, "INSERT INTO base SELECT key, NULL FROM checkpoint WHERE key NOT IN (SELECT key FROM base)",
        "writing", error);
    if (status == OK) status = seal_of(store, seal, error);
    if (status == OK) {
        (void)sqlite3_snprintf(sizeof statement, statement,
                               "INSERT OR REPLACE INTO meta VALUES('base', %lld);"
                               "INSERT OR REPLACE INTO meta VALUES('base seal', '%s');"
                               "INSERT OR REPLACE INTO meta VALUES('base outbox', %lld);",
                               (long long)store->checkpoint_position, seal, (long long)store->retain_steps);
        status = sqlite_run(store, store->main, statement, "writing", error);
    }
    static const char *const tables[] = {"ledger", "messages"};
    for (size_t i = 0; i < 2 && status == OK; i++) {
        int64_t there = 0;
        (void)sqlite3_snprintf(sizeof statement, statement, "SELECT count(*) FROM sqlite_master WHERE name = '%s'",
                               tables[i]);
        status = sqlite_number(store, store->main, statement, &there, error);
        if (status != OK || there == 0) continue;
        (void)sqlite3_snprintf(
            sizeof statement, statement,
            "INSERT OR REPLACE INTO meta SELECT 'base %s', coalesce(max(rowid), 0) FROM %s WHERE now <= '%s'",
            tables[i], tables[i], store->retain_now);
        status = sqlite_run(store, store->main, statement, "writing", error);
    }
    if (status == OK) status = sqlite_run(store, store->main, "COMMIT", "writing", error);
    if (status != OK) {
        rollback(store);
        return status;
    }
    store->base = store->checkpoint_position;
    return OK;
}

struct checkpoint_store sqlite_store_new_base(struct store *of, uint64_t steps, struct text now)
{
    struct sqlite_store *store = of->self;
    store->retain_steps = steps;
    (void)sqlite3_snprintf(sizeof store->retain_now, store->retain_now, "%.*s", (int)now.size, now.at);
    return (struct checkpoint_store){.self = store, .begin = begin_base, .put = put_base, .commit = commit_base};
}
