/*
 * The pass that keeps what must be kept and removes the rest. Contract: runtime/store/promo.h; spec/storage.md#retention.
 *
 *   cut = the log's clock - `retention`
 *   base ── folded in an engine of its own, nothing leaves ──► the first record behind the cut: the new base
 *   records before it go; the ledger by a retention of its own (the audit log has one too: audit.h)
 */
#include "runtime/store/promo_parts.h"

#include <stdio.h>

#include "runtime/store/audit.h"
#include "runtime/store/sqlite_store.h"
#include "vm/civil.h"

enum { LEDGER_DAYS = 2557 };

/* ---------------------------------------------------------------- how long */

static enum status read_days(struct promo *promo, const char *name, uint32_t otherwise, uint32_t *out,
                             struct error *error)
{
    struct buffer word = BUFFER_EMPTY;
    enum status status = promo->store.get_meta(promo->store.self, name, &word, error);
    *out = otherwise;
    if (status == OK) {
        uint64_t days = 0;
        for (size_t i = 0; i < word.size && word.bytes[i] >= '0' && word.bytes[i] <= '9' && days < 1000000; i++)
            days = days * 10 + (uint64_t)(word.bytes[i] - '0');
        if (days > 0) *out = (uint32_t)days;
    }
    buffer_deinit(&word);
    return status == STATUS_NOT_FOUND ? OK : status;
}

/* A person's setting; the audit tells of it. */
static enum status set_days(struct promo *promo, const char *name, uint32_t days, struct text by, struct error *error)
{
    char words[32];
    int size = snprintf(words, sizeof words, "%u", days);
    struct text value = text_make(words, (size_t)size);
    struct audit_entry entry = {.at = engine_now(promo->engine),
                                .who = by,
                                .action = TEXT("retention"),
                                .subject = text_of(name),
                                .detail = value,
                                .reference = TEXT("")};
    RETURN_IF_FAILED(audit_append(&promo->store, &entry, error));
    return promo->store.set_meta(promo->store.self, name, value, error);
}

static enum status settle_days(struct promo *promo, const struct promo_retention *wanted, struct promo_retained *out,
                               struct error *error)
{
    int64_t log_ms = promo->program->workspace->retention_ms;
    struct text by = promo->options.by == NULL ? TEXT("") : text_of(promo->options.by);
    if (wanted->ledger_days > 0 && wanted->ledger_days * CIVIL_DAY_MS < log_ms) {
        return error_set(error, STATUS_USAGE,
                         "the ledger is kept at least as long as the log, %lld days; %u are too few",
                         (long long)((log_ms + CIVIL_DAY_MS - 1) / CIVIL_DAY_MS), wanted->ledger_days);
    }
    if (wanted->ledger_days > 0) RETURN_IF_FAILED(set_days(promo, "ledger retention", wanted->ledger_days, by, error));
    RETURN_IF_FAILED(read_days(promo, "ledger retention", LEDGER_DAYS, &out->ledger_days, error));
    if (out->ledger_days * CIVIL_DAY_MS < log_ms) out->ledger_days = (uint32_t)(log_ms / CIVIL_DAY_MS) + 1;
    return OK;
}

/* ---------------------------------------------------------------- where to cut */

/* Records go up to the first one behind the cut. An activation behind it may have been filled in from what goes, so what is folded again
 * begins behind the last of these. */
struct search {
    int64_t cut, activated;
    uint64_t found; /* the first record behind the cut: an instant ends before it */
    uint64_t base;  /* the first record behind the last activation behind the cut; 0: it is to come */
};

static enum status find_record(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct search *search = context;
    (void)error;
    if (row->now <= search->cut) return OK;
    if (search->found == 0) search->found = search->base = position;
    if (search->base == 0 && row->now > search->activated) search->base = position;
    if (row->kind != RECORD_ACTIVATE) return OK;
    search->activated = row->now;
    search->base = 0;
    return OK;
}

static enum status find_cut(struct promo *promo, int64_t cut, struct search *out, struct error *error)
{
    *out = (struct search){.cut = cut};
    const struct log *log = &promo->store.log;
    return log->read(log->self, sqlite_store_start(&promo->store), find_record, out, error);
}

/* ---------------------------------------------------------------- the fold up to there */

struct retaining {
    struct engine *engine;
    struct outbox outbox; /* counts the steps alone */
    struct record_space space;
    uint64_t until;
    bool done;
};

static void count_effect(void *context, const struct engine_effect *effect)
{
    struct retaining *retaining = context;
    outbox_effect(&retaining->outbox, effect);
    buffer_clear(&retaining->outbox.steps);
    buffer_clear(&retaining->outbox.texts);
}

static void count_taken(void *context, const struct engine_taken *taken)
{
    struct retaining *retaining = context;
    outbox_taken(&retaining->outbox, taken);
    buffer_clear(&retaining->outbox.steps);
    buffer_clear(&retaining->outbox.texts);
}

static enum status fold_record(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct retaining *retaining = context;
    struct outbox *outbox = &retaining->outbox;
    if (position >= retaining->until) {
        retaining->done = true;
        return error_set(error, STATUS_CLOSED, "done");
    }
    if (outbox->on && !outbox->counting && position >= outbox->from) {
        RETURN_IF_FAILED(engine_settle(retaining->engine, error));
        outbox->counting = true;
    }
    struct record record;
    RETURN_IF_FAILED(
        record_decode(&record, &retaining->space, row->open, row->secret, engine_program(retaining->engine), error));
    record.position = position;
    record.number = row->number;
    RETURN_IF_FAILED(engine_fold(retaining->engine, &record, error));
    if (!outbox->on) return OK;
    outbox_record(outbox, &record);
    buffer_clear(&outbox->steps);
    buffer_clear(&outbox->texts);
    return OK;
}

static enum status move_base(struct promo *promo, struct retaining *retaining, struct error *error)
{
    struct store *store = &promo->store;
    uint64_t from = 1;
    if (sqlite_store_base_position(store) > 0) {
        struct checkpoint_store base = sqlite_store_base(store);
        RETURN_IF_FAILED(engine_restore(retaining->engine, &base, &from, error));
        retaining->outbox.counting = retaining->outbox.on && from > retaining->outbox.from;
    }
    struct error unseen = ERROR_NONE;
    enum status status = store->log.read(store->log.self, from, fold_record, retaining, &unseen);
    if (status != OK && !retaining->done) {
        if (error != NULL) *error = unseen;
        return status;
    }
    RETURN_IF_FAILED(engine_settle(retaining->engine, error));
    char now[CIVIL_INSTANT_SIZE];
    unsigned size = civil_format_instant(now, engine_now(retaining->engine));
    struct checkpoint_store writer =
        sqlite_store_new_base(store, retaining->outbox.made, (struct text){.at = now, .size = size});
    return engine_checkpoint(retaining->engine, &writer, retaining->until, error);
}

static enum status fold_until(struct promo *promo, uint64_t until, struct error *error)
{
    struct retaining retaining = {.until = until};
    struct engine_options options = {.shards = promo->options.shards,
                                     .identity_key = promo->options.identity_key,
                                     .history = promo_read_history,
                                     .history_context = promo,
                                     .untils = promo->outbox.on};
    outbox_init(&retaining.outbox);
    retaining.outbox.on = promo->outbox.on;
    retaining.outbox.from = promo->outbox.from;
    retaining.outbox.keyring = promo->store.keyring;
    retaining.outbox.made = sqlite_store_base_steps(&promo->store);
    retaining.outbox.applied = UINT64_MAX;
    options.sink.context = &retaining;
    if (promo->outbox.on) options.sink.effect = count_effect;
    if (promo->outbox.on) options.sink.taken = count_taken;
    record_space_init(&retaining.space);
    enum status status = engine_open(&retaining.engine, &options, error);
    if (status == OK) status = move_base(promo, &retaining, error);
    if (retaining.engine != NULL) engine_close(retaining.engine);
    record_space_deinit(&retaining.space);
    outbox_deinit(&retaining.outbox);
    return status;
}

/* ---------------------------------------------------------------- the pass */

static enum status trim_log(struct promo *promo, int64_t now, struct promo_retained *out, struct error *error)
{
    struct store *store = &promo->store;
    uint64_t first = sqlite_store_start(store), checkpoint = sqlite_store_checkpoint_position(store);
    struct search search;
    RETURN_IF_FAILED(find_cut(promo, now - promo->program->workspace->retention_ms, &search, error));
    /* What a start needs stays: the records behind the checkpoint. */
    if (search.base == 0 || search.base > checkpoint) search.base = checkpoint;
    if (search.found > first && search.found <= checkpoint) {
        if (search.base > sqlite_store_base_position(store)) RETURN_IF_FAILED(fold_until(promo, search.base, error));
        RETURN_IF_FAILED(sqlite_store_trim(store, search.found, error));
    }
    out->records = sqlite_store_start(store) - first;
    out->first = sqlite_store_start(store);
    return OK;
}

enum status promo_retain(struct promo *promo, const struct promo_retention *wanted, struct promo_retained *out,
                         struct error *error)
{
    memset(out, 0, sizeof *out);
    RETURN_IF_FAILED(promo_usable(promo, error));
    if (!promo->stored || !promo->any) return error_set(error, STATUS_USAGE, "there is no log to remove records from");
    RETURN_IF_FAILED(settle_days(promo, wanted, out, error));
    int64_t now = promo->last_now;
    RETURN_IF_FAILED(trim_log(promo, now, out, error));
    char before[CIVIL_INSTANT_SIZE];
    unsigned size = civil_format_instant(before, now - out->ledger_days * CIVIL_DAY_MS);
    struct text instant = {.at = before, .size = size};
    uint64_t messages = 0;
    RETURN_IF_FAILED(sqlite_store_trim_table(&promo->store, "ledger", instant, &out->ledger_rows, error));
    RETURN_IF_FAILED(sqlite_store_trim_table(&promo->store, "messages", instant, &messages, error));
    out->ledger_rows += messages;
    return OK;
}
