/*
 * Opening and closing the SQLite store, its formats and its words about itself. Contract: runtime/store/sqlite_store.h.
 */
#include "runtime/store/sqlite_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/store/upgrade.h"
#include "vm/memory.h"

/* "PRMO" and "PRMK": what these files are, for file(1) and for us. The format number is SQLite's user_version (upgrade.h). */
enum { MAIN_ID = 0x50524D4F, KEYS_ID = 0x50524D4B };

enum status sqlite_failed(const struct sqlite_store *store, sqlite3 *database, const char *doing, struct error *error)
{
    int code = database != NULL ? sqlite3_errcode(database) : SQLITE_NOMEM;
    const char *words = database != NULL ? sqlite3_errmsg(database) : "out of memory";
    const char *file = database != NULL && database == store->keys ? "-keys" : "";
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* held for so long that even a reader gave up */
        return error_set(error, STATUS_BUSY, "`%s%s` is in use by another run; wait for it to end", store->path, file);
    case SQLITE_NOMEM: return error_set(error, STATUS_NO_MEMORY, "no memory while %s `%s%s`", doing, store->path, file);
    case SQLITE_FULL:
        return error_set(error, STATUS_IO, "the disk is full while %s `%s%s`; make room and run again", doing,
                         store->path, file);
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* a table or column is gone: our own statements are right */
        return error_set(error, STATUS_CORRUPT, "`%s%s` is damaged (%s); restore it from a copy", store->path, file,
                         words);
    case SQLITE_NOTADB:
        return error_set(error, STATUS_REFUSED, "`%s%s` is not a database of promo; name another file", store->path,
                         file);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return error_set(error, STATUS_IO, "cannot write `%s%s` (%s); check the folder and its permissions",
                         store->path, file, words);
    default: return error_set(error, STATUS_IO, "%s `%s%s` failed: %s", doing, store->path, file, words);
    }
}

enum status sqlite_run(const struct sqlite_store *store, sqlite3 *database, const char *statements, const char *doing,
                       struct error *error)
{
    if (sqlite3_exec(database, statements, NULL, NULL, NULL) == SQLITE_OK) return OK;
    return sqlite_failed(store, database, doing, error);
}

enum status sqlite_prepare(const struct sqlite_store *store, sqlite3 *database, const char *statement,
                           sqlite3_stmt **out, struct error *error)
{
    if (sqlite3_prepare_v3(database, statement, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK) return OK;
    return sqlite_failed(store, database, "reading", error);
}

enum status sqlite_step(const struct sqlite_store *store, sqlite3_stmt *statement, const char *doing,
                        struct error *error)
{
    enum status status = OK;
    if (sqlite3_step(statement) != SQLITE_DONE)
        status = sqlite_failed(store, sqlite3_db_handle(statement), doing, error);
    (void)sqlite3_reset(statement);
    return status;
}

struct text sqlite_column(sqlite3_stmt *statement, int column)
{
    const void *at = sqlite3_column_blob(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    return at == NULL ? TEXT("") : text_make(at, (size_t)size);
}

bool sqlite_lost(const struct sqlite_store *store, sqlite3_stmt *statement, struct error *error)
{
    sqlite3 *database = sqlite3_db_handle(statement);
    if ((sqlite3_errcode(database) & 0xFF) != SQLITE_NOMEM) return false;
    (void)sqlite_failed(store, database, "reading", error);
    return true;
}

enum status sqlite_number(const struct sqlite_store *store, sqlite3 *database, const char *query, int64_t *out,
                          struct error *error)
{
    sqlite3_stmt *statement = NULL;
    enum status status = sqlite_prepare(store, database, query, &statement, error);
    if (status == OK) {
        if (sqlite3_step(statement) == SQLITE_ROW) {
            *out = sqlite3_column_int64(statement, 0);
        } else {
            status = sqlite_failed(store, database, "reading", error);
        }
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* An empty file becomes ours; anything else must be ours already, in our format or in one that we can take up. A reader takes an
 * older one as it is: the log is the same. */
static enum status check_format(struct sqlite_store *store, sqlite3 *database, int64_t id, struct error *error)
{
    bool keys = database == store->keys;
    const char *file = keys ? "-keys" : "";
    int64_t found = 0, format = 0, tables = 0;
    RETURN_IF_FAILED(sqlite_number(store, database, "PRAGMA application_id", &found, error));
    RETURN_IF_FAILED(sqlite_number(store, database, "PRAGMA user_version", &format, error));
    RETURN_IF_FAILED(sqlite_number(store, database, "SELECT count(*) FROM sqlite_master", &tables, error));
    bool writing = store->mode == SQLITE_STORE_WRITE;
    if (found == 0 && tables == 0 && writing) return upgrade_file(store, database, id, 0, error);
    if (found != id) {
        return error_set(error, STATUS_REFUSED, "`%s%s` is a database of something else; name another file",
                         store->path, file);
    }
    int64_t ours = keys ? UPGRADE_KEYS_FORMAT : UPGRADE_MAIN_FORMAT;
    if (!upgrade_knows(keys, format)) {
        return error_set(error, STATUS_REFUSED,
                         "`%s%s` has format %lld, and this program knows formats 1 to %lld; use the program that made "
                         "it, or a newer one",
                         store->path, file, (long long)format, (long long)ours);
    }
    if (format == ours || !writing) return OK;
    store->upgraded_from = format;
    return upgrade_file(store, database, id, format, error);
}

static enum status open_database(struct sqlite_store *store, const char *suffix, sqlite3 **out, struct error *error)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s%s", store->path, suffix) >= (int)sizeof path) {
        return error_set(error, STATUS_USAGE, "the name of the database is too long");
    }
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (store->mode == SQLITE_STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path, out, flags, NULL) != SQLITE_OK) return sqlite_failed(store, *out, "opening", error);
    (void)sqlite3_extended_result_codes(*out, 1);
    (void)sqlite3_busy_timeout(*out, 200);
    return OK;
}

/* Batches are large rows, so pages are large; a write-ahead log with a flush at each commit. */
enum status sqlite_open_main(struct sqlite_store *store, struct error *error)
{
    RETURN_IF_FAILED(open_database(store, "", &store->main, error));
    if (store->mode == SQLITE_STORE_WRITE) {
        RETURN_IF_FAILED(sqlite_run(
            store, store->main,
            "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
            "PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -16384;",
            "opening", error));
    }
    return check_format(store, store->main, MAIN_ID, error);
}

enum status sqlite_open_keys(struct sqlite_store *store, struct error *error)
{
    RETURN_IF_FAILED(open_database(store, "-keys", &store->keys, error));
    if (store->mode == SQLITE_STORE_WRITE) {
        RETURN_IF_FAILED(sqlite_run(store, store->keys,
                                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
                                    "opening", error));
    }
    return check_format(store, store->keys, KEYS_ID, error);
}

enum status sqlite_get_meta(void *self, const char *name, struct buffer *out, struct error *error)
{
    struct sqlite_store *store = self;
    sqlite3_stmt *statement = NULL;
    enum status status =
        sqlite_prepare(store, store->main, "SELECT value FROM meta WHERE name = ?1", &statement, error);
    if (status == OK) {
        (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        int step = sqlite3_step(statement);
        if (step == SQLITE_ROW) {
            buffer_clear(out);
            buffer_text(out, sqlite_column(statement, 0));
            if (!buffer_ok(out) || sqlite_lost(store, statement, error))
                status = error_set(error, STATUS_NO_MEMORY, "no memory to read `%s`", store->path);
        } else if (step == SQLITE_DONE) {
            status = error_set(error, STATUS_NOT_FOUND, "`%s` says nothing of `%s`", store->path, name);
        } else {
            status = sqlite_failed(store, store->main, "reading", error);
        }
    }
    (void)sqlite3_finalize(statement);
    return status;
}

enum status sqlite_set_meta(void *self, const char *name, struct text value, struct error *error)
{
    struct sqlite_store *store = self;
    sqlite3_stmt *statement = NULL;
    enum status status =
        sqlite_prepare(store, store->main, "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2",
                       &statement, error);
    if (status == OK) {
        (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_blob(statement, 2, value.at, (int)value.size, SQLITE_STATIC);
        status = sqlite_step(store, statement, "writing", error);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static void close_store(void *self)
{
    struct sqlite_store *store = self;
    sqlite_checkpoint_abandon(store);
    (void)sqlite3_finalize(store->append);
    (void)sqlite3_finalize(store->put_blob);
    (void)sqlite3_finalize(store->drop_blob);
    (void)sqlite3_finalize(store->put_key);
    (void)sqlite3_finalize(store->keep_blob);
    (void)sqlite3_close(store->main);
    (void)sqlite3_close(store->keys);
    if (store->lock >= 0) (void)close(store->lock); /* the lock goes with it */
    keyring_close(store->keyring);
    sealed_deinit(&store->writer);
    buffer_deinit(&store->space);
    memory_release(store->erasing);
    buffer_deinit(&store->blob);
    crypto_wipe(&store->state_key, sizeof store->state_key);
    memory_release(store->path);
    memory_release(store);
}

/* FILE-lock says that somebody writes; the system takes the lock back when the process ends, however it ends. A lock of its
 * own lets others read both databases meanwhile. */
static enum status take_lock(struct sqlite_store *store, struct error *error)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s-lock", store->path) >= (int)sizeof path) {
        return error_set(error, STATUS_USAGE, "the name of the database is too long");
    }
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (store->lock < 0) {
        return error_set(error, STATUS_IO, "cannot write `%s` (%s); check the folder and its permissions", path,
                         strerror(errno));
    }
    if (flock(store->lock, LOCK_EX | LOCK_NB) == 0) return OK;
    if (errno == EWOULDBLOCK) {
        return error_set(error, STATUS_BUSY, "`%s` is in use by another run; wait for it to end", store->path);
    }
    return error_set(error, STATUS_IO, "cannot lock `%s` (%s)", path, strerror(errno));
}

/* Keyed by the workspace's key itself: FILE says its digest, so nothing that is made of that is a secret. */
static void make_state_key(struct sqlite_store *store)
{
    const struct crypto_key *key = keyring_key(store->keyring, 0);
    struct crypto_id low = crypto_keyed128("state at rest, low", 18, key);
    struct crypto_id high = crypto_keyed128("state at rest, high", 19, key);
    memcpy(store->state_key.bytes, low.bytes, 16);
    memcpy(store->state_key.bytes + 16, high.bytes, 16);
    crypto_wipe(&low, sizeof low);
    crypto_wipe(&high, sizeof high);
}

/* A reader looks at one moment of the log, and at the keys as they are after it: keys are durable before their records. */
static enum status open_files(struct sqlite_store *store, struct error *error)
{
    if (store->mode == SQLITE_STORE_WRITE) RETURN_IF_FAILED(take_lock(store, error));
    RETURN_IF_FAILED(sqlite_pair_begin(store, error));
    if (store->main == NULL) RETURN_IF_FAILED(sqlite_open_main(store, error));
    if (store->mode == SQLITE_STORE_READ) RETURN_IF_FAILED(sqlite_run(store, store->main, "BEGIN", "reading", error));
    RETURN_IF_FAILED(sqlite_start_open(store, error));
    RETURN_IF_FAILED(sqlite_log_open(store, error));
    if (store->keys == NULL) {
        RETURN_IF_FAILED(sqlite_open_keys(store, error));
        RETURN_IF_FAILED(sqlite_keys_open(store, error));
    }
    RETURN_IF_FAILED(sqlite_pair_check(store, error));
    make_state_key(store);
    RETURN_IF_FAILED(sqlite_base_open(store, error));
    return sqlite_audit_open(store, error);
}

int64_t sqlite_store_upgraded(const struct store *store)
{
    return ((const struct sqlite_store *)store->self)->upgraded_from;
}

void sqlite_store_renew(struct store *store)
{
    ((struct sqlite_store *)store->self)->renew = true;
}

enum status sqlite_store_open(struct store *out, const char *path, enum sqlite_store_mode mode, struct error *error)
{
    struct sqlite_store *store = memory_alloc(sizeof *store);
    if (store == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to open `%s`", path);
    store->mode = mode;
    store->lock = -1;
    store->path = memory_alloc(strlen(path) + 1);
    enum status status = store->path == NULL ? error_set(error, STATUS_NO_MEMORY, "no memory to open `%s`", path) : OK;
    if (status == OK) {
        memcpy(store->path, path, strlen(path) + 1);
        status = keyring_open(&store->keyring, error);
    }
    if (status == OK) {
        sealed_init(&store->writer);
        status = open_files(store, error);
    }
    if (status != OK) {
        close_store(store);
        return status;
    }
    *out = (struct store){
        .log = {.self = store, .append = sqlite_log_append, .read = sqlite_log_read, .end = sqlite_log_end},
        .checkpoint = {.self = store,
                       .load = sqlite_checkpoint_load,
                       .begin = sqlite_checkpoint_begin,
                       .put = sqlite_checkpoint_put,
                       .commit = sqlite_checkpoint_commit},
        .keyring = store->keyring,
        .self = store,
        .get_meta = sqlite_get_meta,
        .set_meta = sqlite_set_meta,
        .audit = sqlite_audit_append,
        .close = close_store,
    };
    return OK;
}
