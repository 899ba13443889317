/*
 * Restores. Contract: runtime/store/restore.h.
 *
 * All records of a restore are one batch, so they are durable together or not at all. They stand in the copy's last instant, and being about
 * the workspace they run before everything else in it: what an instant that was still open decides is decided in the new epoch.
 */
#include "runtime/store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/audit.h"
#include "runtime/store/backup.h"
#include "runtime/store/outbox.h"
#include "runtime/store/promo_parts.h"
#include "runtime/store/sqlite_store.h"
#include "runtime/store/statement.h"
#include "vm/civil.h"

enum { PATH_ROOM = 4096 };
static const struct text source = {.at = "promo restore", .size = 13};

/* ---------------------------------------------------------------- records */

static struct record make_record(const struct restore_options *options, const struct promo *promo,
                                 enum record_kind kind)
{
    struct record record = {.kind = (uint8_t)kind, .now = promo->stamped_now, .at = promo->stamped_now};
    record.brand = record.player = record.id = record.reason = record.campaign = record.offer = TEXT("");
    record.source = source;
    record.by = text_of(options->by);
    return record;
}

/* The wallet's word on a credit that is known: a reply like any other. */
static enum status add_reply(const struct restore_options *options, struct promo *promo,
                             const struct statement_credit *credit, struct error *error)
{
    char id[40];
    struct record record = make_record(options, promo, RECORD_REPLY);
    crypto_hex(id, credit->effect, sizeof credit->effect);
    (void)snprintf(id + 32, sizeof id - 32, " %s", credit->status == STATEMENT_CREDITED ? "paid" : "not");
    record.by = TEXT("");
    record.id = text_of(id);
    record.status = credit->status == STATEMENT_CREDITED ? REPLY_CREDITED : REPLY_FAILED;
    record.reason = credit->status == STATEMENT_CREDITED ? TEXT("") : TEXT("the wallet's statement");
    memcpy(record.effect, credit->effect, sizeof record.effect);
    return promo_add(promo, &record, error);
}

static enum status add_lost(const struct restore_options *options, struct promo *promo,
                            const struct statement_credit *credit, struct error *error)
{
    char id[33];
    struct record record = make_record(options, promo, RECORD_LOST);
    crypto_hex(id, credit->effect, sizeof credit->effect);
    record.id = text_of(id);
    record.at = credit->at;
    /* Who was erased gets no number again: the money is booked, and is nobody's. */
    if (promo_knows(promo, credit->brand, credit->player) ||
        engine_erasures(promo->engine, credit->brand, credit->player) == 0) {
        record.brand = credit->brand;
        record.player = credit->player;
    }
    record.group = record_group(record.brand, record.player);
    record.campaign = credit->campaign;
    record.offer = credit->offer;
    record.amount = credit->cost;
    memcpy(record.effect, credit->effect, sizeof record.effect);
    return promo_add(promo, &record, error);
}

/* A credit is kept in its campaign's currency; in another one the books would mix. */
static enum status check_currency(const struct program *program, const struct statement_credit *credit,
                                  struct error *error)
{
    for (uint32_t index = 0; index < program->campaign_count; index++) {
        const struct bundle_campaign *campaign = &program->campaign[index];
        if (!text_equal(program_text(program, campaign->name), credit->campaign)) continue;
        struct text code = program_text(program, program->currency[campaign->currency].code);
        if (text_equal(code, text_of(credit->currency))) return OK;
        return error_set(error, STATUS_INVALID,
                         "line %llu of the statement: its cost is in %s, and the campaign's books are in %.*s; say the "
                         "effect's `cost`",
                         (unsigned long long)credit->line, credit->currency, TEXT_ARGS(code));
    }
    return OK;
}

/* The wallet paid what the books hold as given back, or the other way round. What came back after it was paid says nothing. */
static bool contradicts(const struct engine_credit *known, const struct statement_credit *credit)
{
    if (known->state != ENGINE_CREDIT_SETTLED || !known->final || known->lost) return false;
    return credit->status != STATEMENT_PENDING && known->paid != (credit->status == STATEMENT_CREDITED);
}

/* Adds what the statement says: first what comes free, then what was lost. */
static enum status add_statement(const struct restore_options *options, struct promo *promo,
                                 const struct statement *statement, struct restore_report *out, struct error *error)
{
    out->listed = statement->count;
    for (uint32_t index = 0; index < statement->count; index++) {
        const struct statement_credit *credit = &statement->credit[index];
        RETURN_IF_FAILED(check_currency(promo->program, credit, error));
        struct engine_credit known = engine_find_credit(promo->engine, credit->effect);
        if (contradicts(&known, credit)) {
            if (out->contradicted++ == 0) memcpy(out->contradiction, credit->effect, sizeof credit->effect);
        } else if (known.state == ENGINE_CREDIT_UNKNOWN) {
            if (credit->status == STATEMENT_FAILED) {
                out->refused++;
            } else if (credit->at < promo->stamped_now - promo->program->workspace->retention_ms) {
                out->agreed++; /* Settled, and forgotten since: what was lost came after the copy. */
            } else {
                out->lost++;
                RETURN_IF_FAILED(add_lost(options, promo, credit, error));
            }
        } else if (credit->status == STATEMENT_PENDING ||
                   (known.state == ENGINE_CREDIT_SETTLED && !(known.lost && credit->status == STATEMENT_FAILED))) {
            out->agreed++;
        } else {
            out->settled++;
            RETURN_IF_FAILED(add_reply(options, promo, credit, error));
        }
    }
    return OK;
}

/* A statement covers the copy when it begins before the copy ends. */
static bool covers(const struct statement *statement, const struct promo *promo, struct restore_report *out)
{
    out->since_too_late = statement->complete && statement->since > promo->stamped_now;
    return statement->complete && !out->since_too_late;
}

static void tell_left(const struct restore_options *options, const struct promo *promo)
{
    const struct program *program = promo->program;
    if (options->left == NULL) return;
    for (uint32_t index = 0; index < program->budget_count; index++) {
        struct engine_budget budget;
        if (!engine_budget(promo->engine, index, &budget) || budget.cap < 0) continue;
        struct restore_left left = {.name = program_text(program, program->budget[index].name),
                                    .left = budget.cap - budget.reserved - budget.spent};
        struct text code = program_text(program, program->currency[program->budget[index].currency].code);
        memcpy(left.currency, code.at, code.size < 3 ? code.size : 3);
        if (left.left > 0) options->left(options->context, &left);
    }
}

static enum status open_promo(struct promo **out, const struct restore_options *options, const char *database,
                              struct error *error)
{
    const struct promo_options open = {.database = database, .identity_key = options->identity_key};
    return promo_open(out, &open, error);
}

/* All that was added becomes durable, and its instant is closed, so that it is state. */
static enum status close_instant(struct promo *promo, struct error *error)
{
    promo_close_batch(promo);
    return promo_commit(promo, error);
}

static void report(struct restore_report *out, const struct promo *promo)
{
    out->epoch = engine_epoch(promo->engine).epoch;
    out->records = promo->next - 1;
    out->last = promo->stamped_now;
    out->unreconciled = engine_epoch(promo->engine).unreconciled;
}

/* ---------------------------------------------------------------- who was erased since */

struct erasing {
    const struct restore_options *options;
    struct promo *promo;
    enum status status;
    struct error *error;
};

/* The order stands at the clock: what the platform sends again of the time before it brings nobody back. */
static void add_erasure(void *context, uint64_t number)
{
    struct erasing *erasing = context;
    struct promo *promo = erasing->promo;
    struct record record = make_record(erasing->options, promo, RECORD_ERASE);
    char id[64];
    if (erasing->status != OK || !keyring_name(promo->store.keyring, number, &record.brand, &record.player)) return;
    /* Erased in the copy already, where its own key has not gone yet. */
    if (keyring_find(promo->store.keyring, record.brand, record.player) != number) return;
    (void)snprintf(id, sizeof id, "erased before %lld, %llu", (long long)erasing->options->clock,
                   (unsigned long long)number);
    record.id = text_of(id);
    if (erasing->options->clock > record.at) record.at = erasing->options->clock;
    record.group = record_group(record.brand, record.player);
    erasing->status = promo_add(promo, &record, erasing->error);
}

/* After the statement: a lost credit of who was erased takes no new number. */
static enum status add_erasures(const struct restore_options *options, struct promo *promo, struct restore_report *out,
                                struct error *error)
{
    struct erasing erasing = {.options = options, .promo = promo, .status = OK, .error = error};
    struct sqlite_lost_keys found;
    if (options->lost_keys == NULL) return OK;
    RETURN_IF_FAILED(sqlite_store_lost_keys(&promo->store, options->lost_keys, add_erasure, &erasing, &found, error));
    out->erased = found.erased;
    out->strangers = found.strangers;
    return erasing.status;
}

/* ---------------------------------------------------------------- the copy */

static enum status set_hold(const char *database, struct text value, struct error *error)
{
    struct store store;
    RETURN_IF_FAILED(sqlite_store_open(&store, database, SQLITE_STORE_WRITE, error));
    enum status status = outbox_hold(&store, value, error);
    store_close(&store);
    return status;
}

static enum status begin_epoch(const struct restore_options *options, const struct statement *statement,
                               const char *database, struct restore_report *out, struct error *error)
{
    struct promo *promo = NULL;
    RETURN_IF_FAILED(open_promo(&promo, options, database, error));
    enum status status = OK;
    report(out, promo);
    if (!promo->any) status = error_set(error, STATUS_NOT_FOUND, "the log of `%s` is empty", options->from);
    uint64_t epoch = engine_epoch(promo->engine).epoch;
    if (status == OK && options->clock <= (int64_t)epoch) {
        status = error_set(error, STATUS_REFUSED,
                           "the copy was restored before, at a later moment than this machine's clock shows; set the "
                           "clock and restore again");
    }
    if (status == OK) {
        struct record record = make_record(options, promo, RECORD_EPOCH);
        record.epoch = (uint64_t)options->clock;
        record.unreconciled = !covers(statement, promo, out);
        char id[32];
        (void)snprintf(id, sizeof id, "epoch %lld", (long long)options->clock);
        record.id = text_of(id);
        status = promo_add(promo, &record, error);
        if (status == OK) status = add_statement(options, promo, statement, out, error);
        if (status == OK) status = add_erasures(options, promo, out, error);
        if (status == OK && record.unreconciled) tell_left(options, promo);
    }
    uint64_t records = out->records;
    int64_t last = out->last;
    if (status == OK) status = close_instant(promo, error);
    report(out, promo);
    out->records = records;
    out->last = last;
    promo_abandon(promo);
    enum status closed = promo_close(promo, status == OK ? error : NULL);
    return status == OK ? closed : status;
}

static enum status sync_and_rename(const char *from, const char *to, struct error *error)
{
    int file = open(from, O_RDONLY | O_CLOEXEC);
    bool synced = file >= 0 && fsync(file) == 0;
    if (file >= 0) (void)close(file);
    if (synced && rename(from, to) == 0) return OK;
    return error_set(error, STATUS_IO, "naming `%s` failed: %s", to, strerror(errno));
}

/* Only the file itself gets the name. What SQLite could not bring into it when it was closed (the disk was full, memory was out) lies
 * in its write-ahead log: it is tried once more, and where that fails the copy is none. */
static enum status settle_log(const char *path, struct error *error)
{
    char log[PATH_ROOM + 16];
    struct stat about;
    (void)snprintf(log, sizeof log, "%s-wal", path);
    if (stat(log, &about) != 0 || about.st_size == 0) return OK;
    sqlite3 *file = NULL;
    int code = sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE, NULL);
    /* A connection sees the log with its first reading. */
    if (code == SQLITE_OK) code = sqlite3_exec(file, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = sqlite3_wal_checkpoint_v2(file, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    int closed = sqlite3_close(file);
    if (code == SQLITE_OK) code = closed;
    if (code == SQLITE_OK && (stat(log, &about) != 0 || about.st_size == 0)) return OK;
    if (code == SQLITE_NOMEM) return error_set(error, STATUS_NO_MEMORY, "there is no memory left");
    return error_set(error, STATUS_IO,
                     "what was restored could not be written to the end of `%s`: %s; make room and restore again", path,
                     code == SQLITE_OK ? "its log is in use" : sqlite3_errstr(code));
}

static enum status name_copy(const char *part, const char *database, struct error *error)
{
    char from[PATH_ROOM + 8], to[PATH_ROOM + 8], folder[PATH_ROOM];
    (void)snprintf(from, sizeof from, "%s-keys", part);
    (void)snprintf(to, sizeof to, "%s-keys", database);
    RETURN_IF_FAILED(settle_log(from, error));
    RETURN_IF_FAILED(settle_log(part, error));
    RETURN_IF_FAILED(sync_and_rename(from, to, error));
    RETURN_IF_FAILED(sync_and_rename(part, database, error));
    (void)snprintf(folder, sizeof folder, "%s", database);
    int opened = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened >= 0) {
        (void)fsync(opened);
        (void)close(opened);
    }
    return OK;
}

static enum status check_by(const struct restore_options *options, struct error *error)
{
    size_t size = options->by == NULL ? 0 : strlen(options->by);
    if (size >= 1 && size <= 64) return OK;
    return error_set(error, STATUS_USAGE, "say who orders it, in 1 to 64 bytes: --by NAME");
}

enum status restore_begin(const struct restore_options *options, struct restore_report *out, struct error *error)
{
    char part[PATH_ROOM], keys[PATH_ROOM], why[120];
    struct stat about;
    memset(out, 0, sizeof *out);
    RETURN_IF_FAILED(check_by(options, error));
    if (snprintf(part, sizeof part, "%s.restoring", options->database) >= (int)sizeof part - 16)
        return error_set(error, STATUS_USAGE, "the name of the database is too long");
    (void)snprintf(keys, sizeof keys, "%s-keys", options->database);
    if (stat(options->database, &about) == 0 || stat(keys, &about) == 0) {
        return error_set(error, STATUS_EXISTS,
                         "there is a `%s` already; a restore replaces nothing: move it and its keys away first (and "
                         "give the keys: --keys), or name another file",
                         options->database);
    }
    struct statement statement = {0};
    enum status status = options->statement == NULL ? OK : statement_read(&statement, options->statement, error);
    if (status == OK) {
        backup_remove(part); /* what a killed restore left */
        const struct backup_options copy = {
            .database = options->from, .to = part, .identity_key = options->identity_key, .whole = true};
        struct backup_report copied;
        status = backup_write(&copy, &copied, error);
    }
    char epoch[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(epoch, options->clock);
    (void)snprintf(why, sizeof why, "it was restored as epoch %s, and `promo restore confirm` lets it leave", epoch);
    if (status == OK) status = set_hold(part, text_of(why), error);
    if (status == OK) status = begin_epoch(options, &statement, part, out, error);
    if (status == OK) status = name_copy(part, options->database, error);
    backup_remove(part);
    statement_deinit(&statement);
    return status;
}

/* ---------------------------------------------------------------- later */

enum status restore_reconcile(const struct restore_options *options, struct restore_report *out, struct error *error)
{
    memset(out, 0, sizeof *out);
    RETURN_IF_FAILED(check_by(options, error));
    struct statement statement = {0};
    struct promo *promo = NULL;
    enum status status = statement_read(&statement, options->statement, error);
    if (status == OK) status = open_promo(&promo, options, options->database, error);
    if (status == OK && engine_epoch(promo->engine).epoch == 0)
        status = error_set(error, STATUS_REFUSED, "`%s` was never restored: there is nothing to reconcile",
                           options->database);
    if (status == OK) {
        report(out, promo);
        status = add_statement(options, promo, &statement, out, error);
        /* The statement must reach back to the copy's end: the epoch's own instant or before. */
        out->since_too_late = statement.complete && statement.since > engine_epoch(promo->engine).now;
        if (status == OK && out->unreconciled && statement.complete && !out->since_too_late) {
            struct record record = make_record(options, promo, RECORD_RECONCILED);
            char id[64];
            (void)snprintf(id, sizeof id, "reconciled %llu", (unsigned long long)out->epoch);
            record.id = text_of(id);
            status = promo_add(promo, &record, error);
        }
    }
    if (status == OK && promo->batch.count > 0) status = close_instant(promo, error);
    if (status == OK) report(out, promo);
    if (promo != NULL) {
        promo_abandon(promo);
        enum status closed = promo_close(promo, status == OK ? error : NULL);
        if (status == OK) status = closed;
    }
    statement_deinit(&statement);
    return status;
}

enum status restore_confirm(const struct restore_options *options, struct restore_report *out, struct error *error)
{
    struct store store;
    struct buffer hold = BUFFER_EMPTY;
    memset(out, 0, sizeof *out);
    RETURN_IF_FAILED(check_by(options, error));
    RETURN_IF_FAILED(crypto_start(error));
    RETURN_IF_FAILED(sqlite_store_open(&store, options->database, SQLITE_STORE_WRITE, error));
    enum status status = outbox_held(&store, &hold, error);
    if (status == STATUS_NOT_FOUND) {
        status = error_set(error, STATUS_REFUSED, "nothing is held in `%s`: it was not restored, or is confirmed",
                           options->database);
    }
    const struct audit_entry entry = {.at = options->clock,
                                      .who = text_of(options->by),
                                      .action = TEXT("confirm_restore"),
                                      .subject = TEXT("all effects"),
                                      .detail = buffer_as_text(&hold)};
    if (status == OK) status = audit_append(&store, &entry, error);
    if (status == OK) status = outbox_hold(&store, TEXT(""), error);
    buffer_deinit(&hold);
    store_close(&store);
    return status;
}
