/*
 * The table `audit` of FILE: appending, reading, verifying, pruning. Contract: runtime/store/audit.h; layout: spec/storage.md.
 *
 *   seq | at | position | who | action | subject | detail | reference | chain = digest(chain of the row before, all others)
 *
 * The newest chain value, the head, stands in FILE's word `audit head`, written with the row, and in FILE-keys, written after it. So whoever can
 * write FILE alone can neither cut the end off nor make a chain of his own. The copy in FILE-keys may stand behind (a kill between the two): it
 * must be the chain value of its row.
 */
#include "runtime/store/audit.h"

#include <stdio.h>

#include "runtime/store/sqlite_parts.h"

enum { HEAD_SIZE = 8 + CRYPTO_DIGEST_SIZE };

static const char head_name[] = "audit head";
static const char base_name[] = "audit base";

/* ---------------------------------------------------------------- heads */

/* A row's number and its chain value, as the words of both files hold them. */
static void put_head(uint8_t out[HEAD_SIZE], const struct sqlite_audit_head *head)
{
    for (unsigned index = 0; index < 8; index++) out[index] = (uint8_t)(head->seq >> (8 * index));
    memcpy(out + 8, head->chain.bytes, sizeof head->chain.bytes);
}

/* The head that a word holds; all zero where there is none (`found`, which may be NULL, says so). */
static enum status read_word(struct sqlite_store *store, sqlite3 *database, const char *table, const char *name,
                             struct sqlite_audit_head *out, bool *found, struct error *error)
{
    char query[120];
    sqlite3_stmt *statement = NULL;
    memset(out, 0, sizeof *out);
    if (found != NULL) *found = false;
    (void)snprintf(query, sizeof query, "SELECT value FROM %s WHERE name = ?1", table);
    RETURN_IF_FAILED(sqlite_prepare(store, database, query, &statement, error));
    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    enum status status = OK;
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW) {
        struct text value = sqlite_column(statement, 0);
        if (found != NULL) *found = true;
        if (sqlite_lost(store, statement, error)) {
            status = STATUS_NO_MEMORY;
        } else if (value.size == HEAD_SIZE) {
            out->seq = buffer_load_u64((const unsigned char *)value.at);
            memcpy(out->chain.bytes, value.at + 8, sizeof out->chain.bytes);
        } else {
            out->seq = UINT64_MAX; /* no row has this number: found to be wrong by whoever looks */
        }
    } else if (step != SQLITE_DONE) {
        status = sqlite_failed(store, database, "reading", error);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static enum status has_table(struct sqlite_store *store, sqlite3 *database, const char *name, bool *out,
                             struct error *error)
{
    char query[120];
    int64_t count = 0;
    (void)snprintf(query, sizeof query, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '%s'",
                   name);
    enum status status = sqlite_number(store, database, query, &count, error);
    *out = count > 0;
    return status;
}

static enum status read_keys_head(struct sqlite_store *store, struct sqlite_audit_head *out, bool *found,
                                  struct error *error)
{
    bool there = false;
    memset(out, 0, sizeof *out);
    *found = false;
    RETURN_IF_FAILED(has_table(store, store->keys, "word", &there, error));
    return there ? read_word(store, store->keys, "word", head_name, out, found, error) : OK;
}

static bool same_head(const struct sqlite_audit_head *left, const struct sqlite_audit_head *right)
{
    return left->seq == right->seq && memcmp(left->chain.bytes, right->chain.bytes, sizeof left->chain.bytes) == 0;
}

/* The last row's head; that of the base where retention left no row. */
static enum status read_last(struct sqlite_store *store, struct sqlite_audit_head *out, struct error *error)
{
    sqlite3_stmt *last = NULL;
    RETURN_IF_FAILED(read_word(store, store->main, "meta", base_name, out, NULL, error));
    RETURN_IF_FAILED(
        sqlite_prepare(store, store->main, "SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1", &last, error));
    enum status status = OK;
    int step = sqlite3_step(last);
    if (step == SQLITE_ROW) {
        struct text chain = sqlite_column(last, 1);
        if (sqlite_lost(store, last, error)) status = STATUS_NO_MEMORY;
        memset(out, 0, sizeof *out);
        out->seq = (uint64_t)sqlite3_column_int64(last, 0);
        if (chain.size == sizeof out->chain.bytes) memcpy(out->chain.bytes, chain.at, chain.size);
    } else if (step != SQLITE_DONE) {
        status = sqlite_failed(store, store->main, "reading", error);
    }
    (void)sqlite3_finalize(last);
    return status;
}

static enum status damaged(const struct sqlite_store *store, struct error *error)
{
    return error_set(error, STATUS_CORRUPT,
                     "the audit log of `%s` was cut or changed; `promo audit verify --db %s` says where; restore both "
                     "files from one copy",
                     store->path, store->path);
}

/* FILE-keys' copy of the head. */
static enum status save_keys_head(struct sqlite_store *store, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    uint8_t head[HEAD_SIZE];
    put_head(head, &store->audit);
    enum status status =
        sqlite_prepare(store, store->keys, "INSERT INTO word VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2",
                       &statement, error);
    if (status == OK) {
        (void)sqlite3_bind_text(statement, 1, head_name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_blob(statement, 2, head, sizeof head, SQLITE_STATIC);
        status = sqlite_step(store, statement, "writing", error);
        if (status == OK) store->audit_saved = store->audit;
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* Is a head the chain value of its row (or of the base)? */
static enum status is_of_row(struct sqlite_store *store, const struct sqlite_audit_head *head, bool *out,
                             struct error *error)
{
    struct sqlite_audit_head base;
    RETURN_IF_FAILED(read_word(store, store->main, "meta", base_name, &base, NULL, error));
    /* Older than what is kept: nothing can be said of it. */
    *out = head->seq == 0 || head->seq < base.seq || same_head(head, &base);
    if (*out || head->seq > INT64_MAX) return OK;
    sqlite3_stmt *row = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main, "SELECT chain FROM audit WHERE seq = ?1", &row, error));
    (void)sqlite3_bind_int64(row, 1, (sqlite3_int64)head->seq);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW) {
        struct text chain = sqlite_column(row, 0);
        *out = chain.size == sizeof head->chain.bytes && memcmp(chain.at, head->chain.bytes, chain.size) == 0;
    }
    enum status status = OK;
    if (sqlite_lost(store, row, error))
        status = STATUS_NO_MEMORY;
    else if (step != SQLITE_ROW && step != SQLITE_DONE)
        status = sqlite_failed(store, store->main, "reading", error);
    (void)sqlite3_finalize(row);
    return status;
}

enum status sqlite_audit_open(struct sqlite_store *store, struct error *error)
{
    if (store->mode != SQLITE_STORE_WRITE) return OK;
    struct sqlite_audit_head head, keys;
    bool fine = false, there = false, copied = false;
    RETURN_IF_FAILED(read_keys_head(store, &keys, &copied, error));
    RETURN_IF_FAILED(has_table(store, store->main, "audit", &there, error));
    if (!there) return damaged(store, error);
    RETURN_IF_FAILED(read_word(store, store->main, "meta", head_name, &head, NULL, error));
    RETURN_IF_FAILED(read_last(store, &store->audit, error));
    RETURN_IF_FAILED(is_of_row(store, &keys, &fine, error));
    /* The copy is there before the first row is: from then on it cannot be missing. */
    if (!fine || !same_head(&head, &store->audit) || (!copied && store->audit.seq > 0)) return damaged(store, error);
    store->audit_saved = keys;
    return copied && same_head(&keys, &store->audit) ? OK : save_keys_head(store, error);
}

/* ---------------------------------------------------------------- appending */

/* Was this told before? */
static enum status is_known(struct sqlite_store *store, const struct crypto_id *reference, bool *out,
                            struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main,
                                    "SELECT 1 FROM audit WHERE reference = ?1 AND reference <> x'' LIMIT 1", &statement,
                                    error));
    (void)sqlite3_bind_blob(statement, 1, reference->bytes, sizeof reference->bytes, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    *out = step == SQLITE_ROW;
    enum status status =
        step == SQLITE_ROW || step == SQLITE_DONE ? OK : sqlite_failed(store, store->main, "reading", error);
    (void)sqlite3_finalize(statement);
    return status;
}

static void bind_text(sqlite3_stmt *statement, int index, struct text text)
{
    (void)sqlite3_bind_text(statement, index, text.size == 0 ? "" : text.at, (int)text.size, SQLITE_STATIC);
}

/* One row, in the transaction that is open; store->audit moves on. */
static enum status insert(struct sqlite_store *store, const struct audit_entry *entry, uint64_t player,
                          struct error *error)
{
    struct crypto_id reference = {{0}};
    struct audit_row row = {.seq = store->audit.seq + 1,
                            .at = entry->at,
                            .position = entry->position,
                            .who = entry->who,
                            .action = entry->action,
                            .subject = entry->subject,
                            .detail = entry->detail,
                            .reference = TEXT("")};
    if (entry->reference.size > 0) {
        bool known = false;
        const struct crypto_key *key = keyring_key(store->keyring, 0);
        INVARIANT(key != NULL);
        reference = crypto_keyed128(entry->reference.at, entry->reference.size, key);
        RETURN_IF_FAILED(is_known(store, &reference, &known, error));
        if (known) return OK;
        row.reference = text_make((const char *)reference.bytes, sizeof reference.bytes);
    }
    char subject[40];
    if (entry->of_player) {
        int size = snprintf(subject, sizeof subject, "player %llu", (unsigned long long)player);
        row.subject = text_make(subject, (size_t)size);
    }
    struct crypto_digest chain = audit_chain(&store->audit.chain, &row);
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main, "INSERT INTO audit VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                                    &statement, error));
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)row.seq);
    (void)sqlite3_bind_int64(statement, 2, row.at);
    (void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)row.position);
    bind_text(statement, 4, row.who);
    bind_text(statement, 5, row.action);
    bind_text(statement, 6, row.subject);
    bind_text(statement, 7, row.detail);
    (void)sqlite3_bind_blob(statement, 8, row.reference.size == 0 ? "" : row.reference.at, (int)row.reference.size,
                            SQLITE_STATIC);
    (void)sqlite3_bind_blob(statement, 9, chain.bytes, sizeof chain.bytes, SQLITE_STATIC);
    enum status status = sqlite_step(store, statement, "writing", error);
    (void)sqlite3_finalize(statement);
    if (status != OK) return status;
    store->audit = (struct sqlite_audit_head){.seq = row.seq, .chain = chain};
    return OK;
}

static enum status write_head(struct sqlite_store *store, const char *name, const struct sqlite_audit_head *head,
                              struct error *error)
{
    uint8_t bytes[HEAD_SIZE];
    put_head(bytes, head);
    return sqlite_set_meta(store, name, text_make((const char *)bytes, sizeof bytes), error);
}

enum status sqlite_audit_batch(struct sqlite_store *store, const struct log_record *records, uint32_t count,
                               uint64_t first, struct error *error)
{
    uint64_t before = store->audit.seq;
    for (uint32_t index = 0; index < count; index++) {
        const struct log_record *record = &records[index];
        struct audit_entry entry;
        if (record->audit.size == 0) continue;
        bool whole = audit_decode(&entry, record->audit);
        INVARIANT(whole);
        entry.at = record->now;
        entry.position = first + index;
        RETURN_IF_FAILED(insert(store, &entry, record->number, error));
    }
    return store->audit.seq == before ? OK : write_head(store, head_name, &store->audit, error);
}

void sqlite_audit_durable(struct sqlite_store *store)
{
    /* What fails here is made up for by the next row or the next start, so nobody is told. */
    struct error unseen = ERROR_NONE;
    if (!same_head(&store->audit, &store->audit_saved)) (void)(save_keys_head(store, &unseen) == OK);
}

enum status sqlite_audit_append(void *self, const struct audit_entry *entry, struct error *error)
{
    struct sqlite_store *store = self;
    if (store->mode != SQLITE_STORE_WRITE)
        return error_set(error, STATUS_USAGE, "`%s` is open for reading", store->path);
    bool own = sqlite3_get_autocommit(store->main) != 0;
    struct sqlite_audit_head before = store->audit;
    struct buffer bytes = BUFFER_EMPTY;
    struct audit_entry cut;
    audit_encode(&bytes, entry); /* which cuts texts that are too long */
    enum status status =
        buffer_ok(&bytes) ? OK : error_set(error, STATUS_NO_MEMORY, "no memory for a row of the audit log");
    if (status == OK) {
        bool whole = audit_decode(&cut, buffer_as_text(&bytes));
        INVARIANT(whole && !cut.of_player);
        if (own) status = sqlite_run(store, store->main, "BEGIN IMMEDIATE", "writing", error);
    }
    if (status == OK) status = insert(store, &cut, 0, error);
    if (status == OK) status = write_head(store, head_name, &store->audit, error);
    if (status == OK && own) status = sqlite_run(store, store->main, "COMMIT", "writing", error);
    if (status != OK) {
        store->audit = before;
        if (own) (void)sqlite3_exec(store->main, "ROLLBACK", NULL, NULL, NULL);
    } else if (own) {
        sqlite_audit_durable(store);
    }
    buffer_deinit(&bytes);
    return status;
}

/* ---------------------------------------------------------------- reading */

static struct audit_row row_of(sqlite3_stmt *statement)
{
    return (struct audit_row){.seq = (uint64_t)sqlite3_column_int64(statement, 0),
                              .at = sqlite3_column_int64(statement, 1),
                              .position = (uint64_t)sqlite3_column_int64(statement, 2),
                              .who = sqlite_column(statement, 3),
                              .action = sqlite_column(statement, 4),
                              .subject = sqlite_column(statement, 5),
                              .detail = sqlite_column(statement, 6),
                              .reference = sqlite_column(statement, 7),
                              .chain = sqlite_column(statement, 8)};
}

static enum status read_rows(struct sqlite_store *store, int64_t since, audit_reader reader, void *context,
                             struct error *error)
{
    sqlite3_stmt *rows = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main,
                                    "SELECT seq, at, position, who, action, subject, detail, reference, chain FROM "
                                    "audit WHERE at >= ?1 ORDER BY seq",
                                    &rows, error));
    (void)sqlite3_bind_int64(rows, 1, since);
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
            break;
        }
        struct audit_row row = row_of(rows);
        status = sqlite_lost(store, rows, error) ? STATUS_NO_MEMORY : reader(context, &row, error);
    }
    (void)sqlite3_finalize(rows);
    return status;
}

static enum status no_audit(const struct sqlite_store *store, struct error *error)
{
    return error_set(error, STATUS_NOT_FOUND,
                     "`%s` has no audit log: it was last written by a program that kept none; the next `promo run` "
                     "begins one",
                     store->path);
}

enum status audit_read(struct store *of, int64_t since, audit_reader reader, void *context, struct error *error)
{
    struct sqlite_store *store = of->self;
    bool there = false;
    INVARIANT(of->audit != NULL);
    RETURN_IF_FAILED(has_table(store, store->main, "audit", &there, error));
    return there ? read_rows(store, since, reader, context, error) : no_audit(store, error);
}

/* ---------------------------------------------------------------- verifying */

struct checking {
    struct audit_report *report;
    const struct crypto_digest *noted;
    struct sqlite_audit_head before; /* of the row before */
    struct sqlite_audit_head keys;   /* FILE-keys' */
    bool keys_met, keys_copied;
    void (*fault)(void *context, const char *words);
    void *context;
};

static void tell(struct checking *checking, const char *format, ...) PRINTF_LIKE(2, 3);
static void tell(struct checking *checking, const char *format, ...)
{
    enum { TOLD = 20 };
    char words[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (checking->report->faults++ < TOLD && checking->fault != NULL) checking->fault(checking->context, words);
}

static enum status check_row(void *context, const struct audit_row *row, struct error *error)
{
    (void)error;
    struct checking *checking = context;
    struct audit_report *report = checking->report;
    struct sqlite_audit_head *before = &checking->before;
    bool follows = row->seq == before->seq + 1;
    if (!follows && row->seq == before->seq + 2) {
        tell(checking, "row %llu is missing", (unsigned long long)before->seq + 1);
    } else if (!follows) {
        tell(checking, "rows %llu to %llu are missing", (unsigned long long)before->seq + 1,
             (unsigned long long)row->seq - 1);
    }
    struct crypto_digest chain = audit_chain(&before->chain, row);
    bool whole = row->chain.size == sizeof chain.bytes;
    if (follows && (!whole || memcmp(row->chain.at, chain.bytes, sizeof chain.bytes) != 0)) {
        tell(checking,
             "row %llu is not the one that was written: it, or the chain value of the row before, was changed",
             (unsigned long long)row->seq);
    }
    before->seq = row->seq;
    if (whole) memcpy(before->chain.bytes, row->chain.at, sizeof before->chain.bytes);
    if (checking->noted != NULL && whole &&
        memcmp(checking->noted->bytes, row->chain.at, sizeof checking->noted->bytes) == 0)
        report->noted_at = row->seq;
    if (same_head(before, &checking->keys)) checking->keys_met = true;
    report->rows++;
    return OK;
}

static void check_heads(struct checking *checking, const struct sqlite_audit_head *head)
{
    const struct sqlite_audit_head *last = &checking->before;
    const struct audit_report *report = checking->report;
    const struct sqlite_audit_head *keys = &checking->keys;
    if (head->seq > last->seq && head->seq != UINT64_MAX) {
        tell(checking, "the end was cut off: the last row is %llu, and row %llu was written",
             (unsigned long long)last->seq, (unsigned long long)head->seq);
    } else if (head->seq < last->seq) {
        tell(checking, "the rows from %llu on were added by something else", (unsigned long long)head->seq + 1);
    } else if (!same_head(head, last)) {
        tell(checking, "the last row, %llu, is not the one that was written last", (unsigned long long)last->seq);
    }
    if (!checking->keys_copied && last->seq > 0)
        tell(checking, "the keys do not know of any row: their copy of the head is gone");
    if (checking->keys_met || keys->seq < report->base || keys->seq == 0) return;
    if (keys->seq > last->seq && keys->seq != UINT64_MAX) {
        tell(checking, "the end was cut off: the last row is %llu, and the keys know of row %llu",
             (unsigned long long)last->seq, (unsigned long long)keys->seq);
    } else {
        tell(checking, "row %llu is not the one that the keys know: the rows up to it were written anew",
             (unsigned long long)keys->seq);
    }
}

enum status audit_verify(struct store *of, const struct crypto_digest *noted, struct audit_report *report,
                         void (*fault)(void *context, const char *words), void *context, struct error *error)
{
    struct sqlite_store *store = of->self;
    struct checking checking = {.report = report, .noted = noted, .fault = fault, .context = context};
    struct sqlite_audit_head head, base;
    static const struct crypto_digest nothing;
    bool there = false;
    INVARIANT(of->audit != NULL);
    memset(report, 0, sizeof *report);
    /* First the keys, then a moment of FILE that is not older: rows are written there first. */
    RETURN_IF_FAILED(read_keys_head(store, &checking.keys, &checking.keys_copied, error));
    if (store->mode == SQLITE_STORE_READ)
        RETURN_IF_FAILED(sqlite_run(store, store->main, "COMMIT; BEGIN", "reading", error));
    RETURN_IF_FAILED(has_table(store, store->main, "audit", &there, error));
    RETURN_IF_FAILED(read_word(store, store->main, "meta", head_name, &head, NULL, error));
    RETURN_IF_FAILED(read_word(store, store->main, "meta", base_name, &base, NULL, error));
    if (!there && head.seq == 0 && checking.keys.seq == 0) return no_audit(store, error);
    checking.before = base;
    report->base = base.seq;
    checking.keys_met = same_head(&checking.keys, &base);
    if (there) {
        RETURN_IF_FAILED(read_rows(store, INT64_MIN, check_row, &checking, error));
    } else {
        tell(&checking, "the table `audit` is gone");
    }
    check_heads(&checking, &head);
    report->last = checking.before.seq;
    report->head = checking.before.chain;
    if (noted != NULL && report->noted_at == 0 && memcmp(noted, &nothing, sizeof nothing) != 0) {
        if (base.seq > 0 && memcmp(noted->bytes, base.chain.bytes, sizeof noted->bytes) == 0) {
            report->noted_at = base.seq;
        } else {
            tell(&checking, "no row has the noted head: the audit log was written anew or cut since%s",
                 base.seq > 0 ? ", or the row is older than what is kept" : "");
        }
    }
    return OK;
}

/* ---------------------------------------------------------------- retention */

enum status audit_prune(struct store *of, int64_t before, uint64_t *removed, struct error *error)
{
    struct sqlite_store *store = of->self;
    INVARIANT(of->audit != NULL && store->mode == SQLITE_STORE_WRITE);
    int64_t last = 0;
    char query[200];
    *removed = 0;
    (void)snprintf(query, sizeof query,
                   "SELECT coalesce((SELECT min(seq) FROM audit WHERE at >= %lld), (SELECT max(seq) + 1 FROM audit), "
                   "0) - 1",
                   (long long)before);
    RETURN_IF_FAILED(sqlite_number(store, store->main, query, &last, error));
    struct sqlite_audit_head base;
    RETURN_IF_FAILED(read_word(store, store->main, "meta", base_name, &base, NULL, error));
    if (last <= 0 || (uint64_t)last <= base.seq) return OK;
    uint64_t first = base.seq;
    sqlite3_stmt *row = NULL;
    RETURN_IF_FAILED(sqlite_prepare(store, store->main, "SELECT chain FROM audit WHERE seq = ?1", &row, error));
    (void)sqlite3_bind_int64(row, 1, last);
    struct text chain = sqlite3_step(row) == SQLITE_ROW ? sqlite_column(row, 0) : TEXT("");
    bool whole = chain.size == sizeof base.chain.bytes, lost = sqlite_lost(store, row, error);
    base.seq = (uint64_t)last;
    if (whole) memcpy(base.chain.bytes, chain.at, chain.size);
    (void)sqlite3_finalize(row);
    if (lost) return STATUS_NO_MEMORY;
    if (!whole) return damaged(store, error);
    bool own = sqlite3_get_autocommit(store->main) != 0;
    enum status status = own ? sqlite_run(store, store->main, "BEGIN IMMEDIATE", "writing", error) : OK;
    (void)snprintf(query, sizeof query, "DELETE FROM audit WHERE seq <= %lld", (long long)last);
    if (status == OK) status = sqlite_run(store, store->main, query, "writing", error);
    if (status == OK) status = write_head(store, base_name, &base, error);
    if (status == OK && own) status = sqlite_run(store, store->main, "COMMIT", "writing", error);
    if (status != OK && own) (void)sqlite3_exec(store->main, "ROLLBACK", NULL, NULL, NULL);
    if (status == OK) *removed = (uint64_t)last - first;
    return status;
}
