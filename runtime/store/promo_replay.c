/*
 * The log of a database from its beginning, into a fresh engine. Contract: runtime/store/promo.h.
 */
#include "runtime/store/promo.h"

#include "runtime/store/history.h"
#include "runtime/store/sqlite_store.h"

struct replay {
    struct engine *engine;
    struct record_space space;
};

static enum status fold_record(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct replay *replay = context;
    struct record record;
    enum status status =
        record_decode(&record, &replay->space, row->open, row->secret, engine_program(replay->engine), error);
    record.position = position;
    record.number = row->number;
    if (status == OK) status = engine_fold(replay->engine, &record, error);
    if (status != OK) error_prefix(error, "record %llu of the log", (unsigned long long)position);
    return status;
}

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error)
{
    const struct store *store = context;
    return history_read(&store->log, before, reader, reader_context, error);
}

enum status promo_replay(const char *database, const struct promo_options *options, struct engine **out,
                         struct error *error)
{
    struct store store;
    RETURN_IF_FAILED(sqlite_store_open(&store, database, SQLITE_STORE_READ, error));
    struct replay replay = {.engine = NULL};
    record_space_init(&replay.space);
    struct engine_options engine_options = {.shards = options->shards == 0 ? 1 : options->shards,
                                            .identity_key = options->identity_key,
                                            .sink = options->sink,
                                            .history = read_history,
                                            .history_context = &store};
    enum status status = engine_open(&replay.engine, &engine_options, error);
    if (status == OK) status = store.log.read(store.log.self, 1, fold_record, &replay, error);
    if (status == OK && engine_program(replay.engine) == NULL) {
        status = error_set(error, STATUS_NOT_FOUND, "the log of `%s` is empty; run some events first", database);
    }
    if (status != OK) {
        if (replay.engine != NULL) engine_close(replay.engine);
        replay.engine = NULL;
    }
    *out = replay.engine;
    record_space_deinit(&replay.space);
    store_close(&store);
    return status;
}
