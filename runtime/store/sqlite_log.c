/*
 * The log as rows of batches, each bound to the one before by a digest. Contract: engine/log.h; layout: spec/storage.md.
 *
 *   first | count | numbers | body (sealed.h) | chain = digest(chain of the row before, first, count, numbers, body)
 *   numbers: how many players' numbers the records of this row and of all before it may name
 */
#include "runtime/store/sqlite_parts.h"

static enum status damaged(const struct sqlite_store *store, uint64_t position, const char *what, struct error *error)
{
    return error_set(error, STATUS_CORRUPT,
                     "the log of `%s` is damaged at record %llu: %s; restore the file from a copy", store->path,
                     (unsigned long long)position, what);
}

/* The last row says where the log ends and which chain value stands there. */
enum status sqlite_log_open(struct sqlite_store *store, struct error *error)
{
    sqlite3_stmt *last = NULL;
    RETURN_IF_FAILED(sqlite_prepare(
        store, store->main, "SELECT first, count, numbers, chain FROM log ORDER BY first DESC LIMIT 1", &last, error));
    enum status status = OK;
    int step = sqlite3_step(last);
    store->next = 1;
    if (step == SQLITE_ROW) {
        struct text chain = sqlite_column(last, 3);
        store->next = (uint64_t)sqlite3_column_int64(last, 0) + (uint64_t)sqlite3_column_int64(last, 1);
        store->numbers = (uint64_t)sqlite3_column_int64(last, 2);
        if (chain.size == sizeof store->chain) {
            memcpy(store->chain.bytes, chain.at, chain.size);
        } else if (!sqlite_lost(store, last, error)) {
            status = damaged(store, store->next, "its chain value is missing", error);
        } else {
            status = STATUS_NO_MEMORY;
        }
    } else if (step != SQLITE_DONE) {
        status = sqlite_failed(store, store->main, "reading", error);
    }
    (void)sqlite3_finalize(last);
    if (status != OK || store->mode != SQLITE_STORE_WRITE) return status;
    return sqlite_prepare(store, store->main, "INSERT INTO log VALUES(?1, ?2, ?3, ?4, ?5)", &store->append, error);
}

/* The bound row, and with it the rows of the audit log that its records make: one transaction. */
static enum status append_row(struct sqlite_store *store, const struct log_record *records, uint32_t count,
                              struct error *error)
{
    bool audited = false;
    for (uint32_t index = 0; index < count && !audited; index++) audited = records[index].audit.size > 0;
    if (!audited) return sqlite_step(store, store->append, "writing", error);
    struct sqlite_audit_head before = store->audit;
    RETURN_IF_FAILED(sqlite_run(store, store->main, "BEGIN IMMEDIATE", "writing", error));
    enum status status = sqlite_step(store, store->append, "writing", error);
    if (status == OK) status = sqlite_audit_batch(store, records, count, store->next, error);
    if (status == OK) status = sqlite_run(store, store->main, "COMMIT", "writing", error);
    if (status != OK) {
        (void)sqlite3_exec(store->main, "ROLLBACK", NULL, NULL, NULL);
        store->audit = before;
    }
    return status;
}

/* Keys first, so that no record is ever durable whose key is not. */
enum status sqlite_log_append(void *self, const struct log_record *records, uint32_t count, uint64_t *first,
                              struct error *error)
{
    struct sqlite_store *store = self;
    if (store->mode != SQLITE_STORE_WRITE)
        return error_set(error, STATUS_USAGE, "`%s` is open for reading", store->path);
    INVARIANT(!store->in_checkpoint && count > 0);
    RETURN_IF_FAILED(sqlite_keys_save(store, error));
    RETURN_IF_FAILED(sealed_write(&store->writer, store->keyring, records, count, error));
    if (store->writer.body.size > INT32_MAX) {
        return error_set(error, STATUS_LIMIT, "a batch of %u records is too large; append fewer at once", count);
    }
    struct text body = buffer_as_text(&store->writer.body);
    uint64_t numbers = keyring_count(store->keyring);
    struct crypto_digest chain = sealed_chain(&store->chain, store->next, count, numbers, body);
    (void)sqlite3_bind_int64(store->append, 1, (sqlite3_int64)store->next);
    (void)sqlite3_bind_int64(store->append, 2, count);
    (void)sqlite3_bind_int64(store->append, 3, (sqlite3_int64)numbers);
    (void)sqlite3_bind_blob(store->append, 4, body.at, (int)body.size, SQLITE_STATIC);
    (void)sqlite3_bind_blob(store->append, 5, chain.bytes, sizeof chain.bytes, SQLITE_STATIC);
    enum status status = append_row(store, records, count, error);
    (void)sqlite3_clear_bindings(store->append);
    if (status != OK) return status;
    *first = store->next;
    store->next += count;
    store->numbers = numbers;
    store->chain = chain;
    sqlite_audit_durable(store);
    return OK;
}

/* One row: is it the one that must come now, are its bytes those that were written, then its records. */
static enum status read_row(struct sqlite_store *store, sqlite3_stmt *row, uint64_t from, uint64_t *expected,
                            struct crypto_digest *chain, bool *first_row, log_reader reader, void *context,
                            struct error *error)
{
    uint64_t first = (uint64_t)sqlite3_column_int64(row, 0);
    int64_t count = sqlite3_column_int64(row, 1);
    uint64_t numbers = (uint64_t)sqlite3_column_int64(row, 2);
    struct text body = sqlite_column(row, 3);
    struct text said = sqlite_column(row, 4);
    if (sqlite_lost(store, row, error)) return STATUS_NO_MEMORY;
    if (!*first_row && first != *expected) return damaged(store, *expected, "records are missing", error);
    if (count <= 0 || count > UINT32_MAX || said.size != sizeof chain->bytes) {
        return damaged(store, first, "the row cannot be", error);
    }
    struct crypto_digest computed = sealed_chain(chain, first, (uint32_t)count, numbers, body);
    if (!crypto_equal(computed.bytes, said.at, sizeof computed.bytes)) {
        return damaged(store, first, "the bytes are not those that were written", error);
    }
    *chain = computed;
    *first_row = false;
    *expected = first + (uint64_t)count;
    return sealed_read(body, first, (uint32_t)count, from, store->keyring, &store->space, reader, context, error);
}

/* The chain value before the row that holds `from`: zeros at the beginning of all. */
static enum status chain_before(struct sqlite_store *store, uint64_t row_first, struct crypto_digest *out,
                                struct error *error)
{
    sqlite3_stmt *before = NULL;
    memset(out, 0, sizeof *out);
    if (row_first == store->start) {
        *out = store->start_chain;
        return OK;
    }
    RETURN_IF_FAILED(sqlite_prepare(store, store->main,
                                    "SELECT chain, first + count FROM log WHERE first < ?1 ORDER BY first DESC LIMIT 1",
                                    &before, error));
    (void)sqlite3_bind_int64(before, 1, (sqlite3_int64)row_first);
    enum status status = OK;
    int step = sqlite3_step(before);
    if (step == SQLITE_ROW) {
        struct text chain = sqlite_column(before, 0);
        if (sqlite_lost(store, before, error)) status = STATUS_NO_MEMORY;
        if (chain.size == sizeof out->bytes) memcpy(out->bytes, chain.at, chain.size);
        if (sqlite3_column_int64(before, 1) != (sqlite3_int64)row_first) {
            status = damaged(store, row_first, "records are missing", error);
        }
    } else if (step != SQLITE_DONE) {
        status = sqlite_failed(store, store->main, "reading", error);
    }
    (void)sqlite3_finalize(before);
    return status;
}

/* Is each row of the log there, from the first record on? Only the heads of the rows are read. Rows cannot overlap. */
static enum status check_rows(struct sqlite_store *store, struct error *error)
{
    int64_t records = 0;
    RETURN_IF_FAILED(sqlite_number(store, store->main, "SELECT coalesce(sum(count), 0) FROM log", &records, error));
    if ((uint64_t)records + store->start == store->next) return OK;
    int64_t gap = 0;
    char query[300];
    (void)sqlite3_snprintf(
        sizeof query, query,
        "SELECT coalesce(min(first + count), %lld) FROM log AS row WHERE (SELECT min(first) FROM log) = %lld AND "
        "NOT EXISTS (SELECT 1 FROM log WHERE first = row.first + row.count)",
        (long long)store->start, (long long)store->start);
    RETURN_IF_FAILED(sqlite_number(store, store->main, query, &gap, error));
    return damaged(store, (uint64_t)gap, "records are missing", error);
}

enum status sqlite_log_read(void *self, uint64_t from, log_reader reader, void *context, struct error *error)
{
    struct sqlite_store *store = self;
    RETURN_IF_FAILED(check_rows(store, error));
    if (from < store->start) from = store->start;
    if (from >= store->next) return OK;
    sqlite3_stmt *rows = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main,
                                    "SELECT first, count, numbers, body, chain FROM log WHERE first >= (SELECT "
                                    "max(first) FROM log WHERE first <= ?1) ORDER BY first",
                                    &rows, error));
    (void)sqlite3_bind_int64(rows, 1, (sqlite3_int64)from);
    struct crypto_digest chain;
    uint64_t expected = 0;
    bool first_row = true;
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
            break;
        }
        if (first_row) {
            uint64_t first = (uint64_t)sqlite3_column_int64(rows, 0);
            if (first > from) status = damaged(store, from, "records are missing", error);
            if (status == OK) status = chain_before(store, first, &chain, error);
        }
        if (status == OK) {
            status = read_row(store, rows, from, &expected, &chain, &first_row, reader, context, error);
        }
    }
    (void)sqlite3_finalize(rows);
    if (status == OK && expected != store->next) status = damaged(store, from, "records are missing", error);
    return status;
}

uint64_t sqlite_log_end(void *self)
{
    const struct sqlite_store *store = self;
    return store->next;
}
