/*
 * Checkpoints: one blob a key, all that changed in one transaction together with its position. Contract: engine/log.h.
 */
#include "runtime/store/sqlite_parts.h"
#include "runtime/store/sqlite_store.h"

#include "vm/split.h"

int64_t sqlite_blob_hash(uint32_t key, struct text bytes)
{
    return (int64_t)split_hash64(bytes.at, bytes.size, key);
}

static enum status read_position(struct sqlite_store *store, uint64_t *position, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(
        sqlite_prepare(store, store->main, "SELECT value FROM meta WHERE name = 'checkpoint'", &statement, error));
    enum status status = OK;
    int step = sqlite3_step(statement);
    *position = 0;
    if (step == SQLITE_ROW) {
        *position = (uint64_t)sqlite3_column_int64(statement, 0);
    } else if (step != SQLITE_DONE) {
        status = sqlite_failed(store, store->main, "reading", error);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* What the blobs of the newest checkpoint must be, all together: how many, and a sum of their hashes. */
static const char seal_query[] = "SELECT count(*) || ':' || sum(hash & 4294967295) FROM checkpoint";

static enum status check_seal(struct sqlite_store *store, struct error *error)
{
    int64_t same = 0;
    char query[200];
    (void)sqlite3_snprintf(sizeof query, query,
                           "SELECT (%s) IS (SELECT value FROM meta WHERE name = 'checkpoint seal')", seal_query);
    RETURN_IF_FAILED(sqlite_number(store, store->main, query, &same, error));
    if (same == 1) return OK;
    return error_set(error, STATUS_CORRUPT,
                     "the checkpoint of `%s` is damaged: parts of it are missing; restore the file from a copy",
                     store->path);
}

/* The position stands in a word of its own; the shared blob, which every checkpoint writes, says it too. So a word that was changed or lost
 * cannot have records passed over, or folded twice. */
static enum status check_position(struct sqlite_store *store, uint64_t position, struct error *error)
{
    int64_t blobs = 0, newest = 0;
    RETURN_IF_FAILED(sqlite_number(store, store->main, "SELECT count(*) FROM checkpoint", &blobs, error));
    RETURN_IF_FAILED(
        sqlite_number(store, store->main, "SELECT coalesce(max(position), 0) FROM checkpoint", &newest, error));
    if (blobs == 0 ? position == 0 : position == (uint64_t)newest) return OK;
    return error_set(error, STATUS_CORRUPT,
                     "the checkpoint of `%s` is damaged: it is said to stand at record %llu, and its parts at %lld; "
                     "restore the file from a copy",
                     store->path, (unsigned long long)position, (long long)newest);
}

enum { SEAL_HEAD = 4 + CRYPTO_NONCE_SIZE };

static void key_bytes(uint8_t out[4], uint32_t key)
{
    for (unsigned i = 0; i < 4; i++) out[i] = (uint8_t)(key >> (8 * i));
}

enum status sqlite_blob_seal(struct sqlite_store *store, uint32_t key, struct text bytes, struct text *out,
                             struct error *error)
{
    struct buffer *blob = &store->blob;
    struct crypto_nonce nonce;
    uint8_t header[4];
    key_bytes(header, key);
    memcpy(nonce.bytes, store->writer.session, 16);
    for (unsigned i = 0; i < 8; i++) nonce.bytes[16 + i] = (uint8_t)(store->blob_counter >> (8 * i));
    store->blob_counter++;
    buffer_clear(blob);
    if (!buffer_reserve(blob, SEAL_HEAD + (size_t)bytes.size + CRYPTO_SEAL_EXTRA))
        return error_set(error, STATUS_NO_MEMORY, "no memory to seal a checkpoint");
    memcpy(blob->bytes, "SEAL", 4);
    memcpy(blob->bytes + 4, nonce.bytes, sizeof nonce.bytes);
    crypto_seal(blob->bytes + SEAL_HEAD, bytes.at, bytes.size, header, sizeof header, &nonce, &store->state_key);
    *out = text_make((const char *)blob->bytes, SEAL_HEAD + (size_t)bytes.size + CRYPTO_SEAL_EXTRA);
    return OK;
}

enum status sqlite_blob_open(struct sqlite_store *store, uint32_t key, struct text bytes, checkpoint_reader reader,
                             void *context, struct error *error)
{
    if (bytes.size < SEAL_HEAD + CRYPTO_SEAL_EXTRA || memcmp(bytes.at, "SEAL", 4) != 0)
        return reader(context, key, bytes, error);
    struct buffer *blob = &store->blob;
    size_t size = bytes.size - SEAL_HEAD;
    struct crypto_nonce nonce;
    uint8_t header[4];
    key_bytes(header, key);
    memcpy(nonce.bytes, bytes.at + 4, sizeof nonce.bytes);
    buffer_clear(blob);
    if (!buffer_reserve(blob, size)) return error_set(error, STATUS_NO_MEMORY, "no memory to open a checkpoint");
    if (crypto_open(blob->bytes, (const uint8_t *)bytes.at + SEAL_HEAD, size, header, sizeof header, &nonce,
                    &store->state_key) != OK) {
        return error_set(error, STATUS_CORRUPT,
                         "the checkpoint of `%s` is damaged at key %u; restore the file from a copy", store->path, key);
    }
    return reader(context, key, text_make((const char *)blob->bytes, size - CRYPTO_SEAL_EXTRA), error);
}

static enum status load_blobs(struct sqlite_store *store, const char *query, checkpoint_reader reader, void *context,
                              struct error *error)
{
    sqlite3_stmt *blobs = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main, query, &blobs, error));
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(blobs)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
            break;
        }
        int64_t key = sqlite3_column_int64(blobs, 0);
        struct text bytes = sqlite_column(blobs, 2);
        if (sqlite_lost(store, blobs, error)) {
            status = STATUS_NO_MEMORY;
        } else if (key < 0 || key > UINT32_MAX ||
                   sqlite3_column_int64(blobs, 1) != sqlite_blob_hash((uint32_t)key, bytes)) {
            status = error_set(error, STATUS_CORRUPT,
                               "the checkpoint of `%s` is damaged at key %lld; restore the file from a copy",
                               store->path, (long long)key);
        } else {
            status = sqlite_blob_open(store, (uint32_t)key, bytes, reader, context, error);
        }
    }
    (void)sqlite3_finalize(blobs);
    return status;
}

/* What is shared goes first, so that the groups can be read where SQLite has them. */
static enum status load(struct sqlite_store *store, uint64_t *position, checkpoint_reader reader, void *context,
                        struct error *error)
{
    RETURN_IF_FAILED(read_position(store, position, error));
    RETURN_IF_FAILED(check_position(store, *position, error));
    if (*position == 0) return OK;
    RETURN_IF_FAILED(check_seal(store, error));
    RETURN_IF_FAILED(load_blobs(store, "SELECT key, hash, bytes FROM checkpoint WHERE key >= 4096 ORDER BY key", reader,
                                context, error));
    return load_blobs(store, "SELECT key, hash, bytes FROM checkpoint WHERE key < 4096 ORDER BY key", reader, context,
                      error);
}

enum status sqlite_checkpoint_load(void *self, uint64_t *position, checkpoint_reader reader, void *context,
                                   struct error *error)
{
    struct sqlite_store *store = self;
    if (store->mode != SQLITE_STORE_READ || sqlite3_get_autocommit(store->main) == 0)
        return load(store, position, reader, context, error);
    /* A run may write the next one meanwhile: all of it is of one moment. */
    RETURN_IF_FAILED(sqlite_run(store, store->main, "BEGIN", "reading", error));
    enum status status = load(store, position, reader, context, error);
    (void)sqlite3_exec(store->main, "COMMIT", NULL, NULL, NULL);
    return status;
}

void sqlite_checkpoint_abandon(struct sqlite_store *store)
{
    if (store->in_checkpoint) (void)sqlite3_exec(store->main, "ROLLBACK", NULL, NULL, NULL);
    store->in_checkpoint = false;
}

enum status sqlite_checkpoint_begin(void *self, uint64_t position, struct error *error)
{
    struct sqlite_store *store = self;
    if (store->mode != SQLITE_STORE_WRITE)
        return error_set(error, STATUS_USAGE, "`%s` is open for reading", store->path);
    sqlite_checkpoint_abandon(store);
    if (store->put_blob == NULL) {
        RETURN_IF_FAILED(sqlite_prepare(store, store->main,
                                        "INSERT INTO checkpoint VALUES(?1, ?2, ?3, ?4) ON CONFLICT(key) DO "
                                        "UPDATE SET position = ?2, hash = ?3, bytes = ?4",
                                        &store->put_blob, error));
        RETURN_IF_FAILED(
            sqlite_prepare(store, store->main, "DELETE FROM checkpoint WHERE key = ?1", &store->drop_blob, error));
    }
    RETURN_IF_FAILED(sqlite_run(store, store->main, "BEGIN IMMEDIATE", "writing", error));
    store->in_checkpoint = true;
    store->checkpoint_position = position;
    enum status status = sqlite_base_begin(store, error);
    if (status == OK && store->renew) status = sqlite_base_keep_all(store, error);
    if (status == OK && store->renew)
        status = sqlite_run(store, store->main, "DELETE FROM checkpoint", "writing", error);
    if (status != OK) sqlite_checkpoint_abandon(store);
    return status;
}

enum status sqlite_checkpoint_put(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct sqlite_store *store = self;
    INVARIANT(store->in_checkpoint);
    enum status status = sqlite_base_keep(store, key, error);
    if (status != OK) {
        sqlite_checkpoint_abandon(store);
        return status;
    }
    if (bytes.size == 0) {
        (void)sqlite3_bind_int64(store->drop_blob, 1, key);
        status = sqlite_step(store, store->drop_blob, "writing", error);
    } else if (bytes.size > INT32_MAX - 1024) {
        status = error_set(error, STATUS_LIMIT, "a key group has grown over 2 GiB");
    } else {
        status = sqlite_blob_seal(store, key, bytes, &bytes, error);
        if (status != OK) {
            sqlite_checkpoint_abandon(store);
            return status;
        }
        (void)sqlite3_bind_int64(store->put_blob, 1, key);
        (void)sqlite3_bind_int64(store->put_blob, 2, (sqlite3_int64)store->checkpoint_position);
        (void)sqlite3_bind_int64(store->put_blob, 3, sqlite_blob_hash(key, bytes));
        (void)sqlite3_bind_blob(store->put_blob, 4, bytes.at, (int)bytes.size, SQLITE_STATIC);
        status = sqlite_step(store, store->put_blob, "writing", error);
        (void)sqlite3_clear_bindings(store->put_blob);
    }
    if (status != OK) sqlite_checkpoint_abandon(store);
    return status;
}

enum status sqlite_checkpoint_commit(void *self, struct error *error)
{
    struct sqlite_store *store = self;
    INVARIANT(store->in_checkpoint);
    RETURN_IF_FAILED(sqlite_base_commit(store, seal_query, error));
    char statement[320];
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "INSERT OR REPLACE INTO meta VALUES('checkpoint', %lld);"
                           "INSERT OR REPLACE INTO meta VALUES('checkpoint seal', (%s)); COMMIT",
                           (long long)store->checkpoint_position, seal_query);
    enum status status = sqlite_run(store, store->main, statement, "writing", error);
    if (status != OK) {
        sqlite_checkpoint_abandon(store);
        return status;
    }
    store->in_checkpoint = false;
    store->renew = false;
    if (store->erasing_count > 0) store->base = store->checkpoint_position;
    return OK;
}

/* Rows of the base take the place of those of the checkpoint; a row without bytes takes one away. */
static enum status back_to_base(struct sqlite_store *store, struct error *error)
{
    sqlite3_stmt *blobs = NULL, *put = NULL;
    char statement[400];
    (void)sqlite3_snprintf(sizeof statement, statement, "INSERT OR REPLACE INTO checkpoint VALUES(?1, %lld, ?2, ?3)",
                           (long long)store->base);
    RETURN_IF_FAILED(
        sqlite_prepare(store, store->main, "SELECT key, bytes FROM base WHERE bytes IS NOT NULL", &blobs, error));
    enum status status = sqlite_prepare(store, store->main, statement, &put, error);
    int step;
    while (status == OK && (step = sqlite3_step(blobs)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
            break;
        }
        uint32_t key = (uint32_t)sqlite3_column_int64(blobs, 0);
        struct text bytes = sqlite_column(blobs, 1);
        (void)sqlite3_bind_int64(put, 1, key);
        (void)sqlite3_bind_int64(put, 2, sqlite_blob_hash(key, bytes));
        (void)sqlite3_bind_blob(put, 3, bytes.at, (int)bytes.size, SQLITE_STATIC);
        status = sqlite_step(store, put, "writing", error);
    }
    (void)sqlite3_finalize(blobs);
    (void)sqlite3_finalize(put);
    if (status != OK) return status;
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "DELETE FROM checkpoint WHERE key IN (SELECT key FROM base WHERE bytes IS NULL);"
                           "DELETE FROM base; INSERT OR REPLACE INTO meta VALUES('checkpoint', %lld);"
                           "INSERT OR REPLACE INTO meta VALUES('checkpoint seal', (%s))",
                           (long long)store->base, seal_query);
    RETURN_IF_FAILED(sqlite_run(store, store->main, statement, "writing", error));
    int64_t same = 0;
    RETURN_IF_FAILED(
        sqlite_number(store, store->main,
                      "SELECT (SELECT value FROM meta WHERE name = 'checkpoint seal') IS (SELECT value FROM "
                      "meta WHERE name = 'base seal')",
                      &same, error));
    return same == 1 ? OK : sqlite_base_damaged(store, error);
}

/* What happened before the base cannot be folded again, so what the tables say of it stays. */
static enum status forget_rows(struct sqlite_store *store, const char *table, struct error *error)
{
    char statement[240];
    int64_t there = 0;
    (void)sqlite3_snprintf(sizeof statement, statement, "SELECT count(*) FROM sqlite_master WHERE name = '%s'", table);
    RETURN_IF_FAILED(sqlite_number(store, store->main, statement, &there, error));
    if (there == 0) return OK;
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "DELETE FROM %s WHERE rowid > coalesce((SELECT value FROM meta WHERE name = 'base %s'), 0)",
                           table, table);
    return sqlite_run(store, store->main, statement, "writing", error);
}

enum status sqlite_store_forget(struct store *store, struct error *error)
{
    struct sqlite_store *self = store->self;
    enum status status = sqlite_run(self, self->main, "BEGIN IMMEDIATE", "writing", error);
    if (status == OK && self->base > 0) {
        status = back_to_base(self, error);
    } else if (status == OK) {
        status = sqlite_run(self, self->main,
                            "DELETE FROM checkpoint; DELETE FROM meta WHERE name IN ('checkpoint', 'checkpoint seal')",
                            "writing", error);
    }
    if (status == OK) status = forget_rows(self, "ledger", error);
    if (status == OK) status = forget_rows(self, "messages", error);
    if (status == OK)
        status = sqlite_run(self, self->main,
                            "DROP TABLE IF EXISTS view; DROP TABLE IF EXISTS players; DROP TABLE IF EXISTS journeys;"
                            "DROP TABLE IF EXISTS budgets; DROP TABLE IF EXISTS figures; DROP TABLE IF EXISTS results;"
                            "DROP TABLE IF EXISTS codes; DROP TABLE IF EXISTS used_codes; DROP TABLE IF EXISTS rewards;"
                            "DROP TABLE IF EXISTS points; DROP TABLE IF EXISTS levels; DROP TABLE IF EXISTS badges;"
                            "DROP TABLE IF EXISTS missions; COMMIT",
                            "writing", error);
    if (status != OK) (void)sqlite3_exec(self->main, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
