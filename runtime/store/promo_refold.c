/*
 * A checkpoint of another version, folded from the log again; and what the caller is told. Contract: runtime/store/promo_parts.h.
 *
 *   record 1 … position - 1: folded in silence, since what they caused left before the old checkpoint was written
 *   checkpoint at `position`, in this program's version, in place of the old one
 *   record position …: folded as at every start; their effects leave again
 */
#include "runtime/store/promo_parts.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/store/history.h"
#include "runtime/store/sqlite_store.h"

void promo_tell(const struct promo *promo, enum promo_alarm_kind kind, const char *format, ...)
{
    if (promo->options.alarm == NULL) return;
    char words[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    promo->options.alarm(promo->options.alarm_context, kind, words);
}

static enum status fold_silently(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    const struct promo *promo = context;
    if (position < sqlite_store_base_position(&promo->store)) return OK;
    enum status status = promo_fold_one(context, position, row, error);
    if (status != OK) error_prefix(error, "record %llu of the log", (unsigned long long)position);
    return status;
}

enum status promo_refold(struct promo *promo, uint64_t position, struct error *error)
{
    engine_close(promo->engine);
    promo->engine = NULL;
    RETURN_IF_FAILED(promo_open_engine(promo, error));
    promo->silent = true;
    /* Before the base stand records of players who were erased. */
    enum status status = OK;
    if (sqlite_store_base_position(&promo->store) > 0) {
        struct checkpoint_store base = sqlite_store_base(&promo->store);
        uint64_t from = 0;
        status = engine_restore(promo->engine, &base, &from, error);
        if (status == STATUS_INVALID) status = STATUS_REFUSED; /* There is nothing to make it anew from. */
        if (status == STATUS_REFUSED) {
            error_prefix(error,
                         "`%s`: a player was erased, so the log can only be folded from record %llu on; go on with the "
                         "program that wrote it. The state that was kept",
                         promo->options.database, (unsigned long long)from);
        }
        RETURN_IF_FAILED(status);
    }
    status = history_read(&promo->store.log, position, fold_silently, promo, error);
    if (status == OK) status = engine_settle(promo->engine, error);
    promo->silent = false;
    promo->since_checkpoint = 0;
    if (status != OK) return status;
    if (engine_program(promo->engine) == NULL) {
        return error_set(error, STATUS_CORRUPT,
                         "the log of `%s` is damaged: its checkpoint stands at record %llu, and no program is active "
                         "there; restore the file from a copy",
                         promo->options.database, (unsigned long long)position);
    }
    sqlite_store_renew(&promo->store);
    struct checkpoint_store *plain = &promo->store.checkpoint;
    RETURN_IF_FAILED(engine_checkpoint(promo->engine, plain, position, error));
    promo_tell(promo, PROMO_ALARM_REFOLDED,
               "the checkpoint of `%s` was of another version: the state up to record %llu was folded from the log "
               "again; nothing left twice",
               promo->options.database, (unsigned long long)(position - 1));
    return OK;
}
