/*
 * The log of a database from its base, into a fresh engine. Contract: runtime/store/promo.h.
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
    if (status == OK && row->number != 0 && row->secret.size == 0)
        return error_set(error, STATUS_BUSY, "a player was erased while the log was read; try again");
    if (status == OK) status = engine_fold(replay->engine, &record, error);
    if (status != OK) error_prefix(error, "record %llu of the log", (unsigned long long)position);
    return status;
}

struct looking {
    struct store *store;
    const uint8_t *identity_key;
};

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error)
{
    const struct looking *looking = context;
    return history_of_store(looking->store, looking->identity_key, before, reader, reader_context, error);
}

/* The state at the base, if it is not the beginning. */
static enum status begin_at_base(struct engine *engine, struct store *store, const struct engine_sink *sink,
                                 struct promo_base *base, struct error *error)
{
    *base = (struct promo_base){.position = 1, .now = INT64_MIN};
    if (sqlite_store_base_position(store) == 0) return OK;
    struct checkpoint_store blobs = sqlite_store_base(store);
    enum status status = engine_restore(engine, &blobs, &base->position, error);
    if (status == STATUS_REFUSED)
        error_prefix(error, "the log can only be folded from record %llu on, and the state that was kept of it",
                     (unsigned long long)sqlite_store_base_position(store));
    RETURN_IF_FAILED(status);
    base->now = engine_now(engine);
    struct text bundle = engine_bundle(engine);
    struct record record = {.kind = RECORD_ACTIVATE,
                            .now = base->now,
                            .at = base->now,
                            .bundle = (const uint8_t *)bundle.at,
                            .bundle_size = bundle.size};
    record.player = record.brand = record.id = record.source = record.reason = record.campaign = TEXT("");
    if (sink->record != NULL) sink->record(sink->context, &record, engine_program(engine));
    return OK;
}

/* The state of the newest checkpoint; where there is none that can be read, a fresh engine again: the log tells the same. */
static enum status begin_at_newest(struct engine **engine, struct store *store, const struct engine_options *options,
                                   struct promo_base *base, struct error *error)
{
    struct error unread = ERROR_NONE;
    *base = (struct promo_base){.position = 0, .now = INT64_MIN};
    enum status status = engine_restore(*engine, &store->checkpoint, &base->position, &unread);
    if (status == OK && base->position > 0) {
        base->now = engine_now(*engine);
        return OK;
    }
    engine_close(*engine);
    *engine = NULL;
    RETURN_IF_FAILED(engine_open(engine, options, error));
    return begin_at_base(*engine, store, &options->sink, base, error);
}

enum status promo_replay(const char *database, const struct promo_options *options, struct engine **out,
                         struct error *error)
{
    struct promo_base base = {.now = INT64_MIN};
    struct store store;
    RETURN_IF_FAILED(sqlite_store_open(&store, database, SQLITE_STORE_READ, error));
    struct replay replay = {.engine = NULL};
    struct looking looking = {.store = &store, .identity_key = options->identity_key};
    record_space_init(&replay.space);
    struct engine_options engine_options = {.shards = options->shards == 0 ? 1 : options->shards,
                                            .identity_key = options->identity_key,
                                            .sink = options->sink,
                                            .history = read_history,
                                            .history_context = &looking};
    enum status status = engine_open(&replay.engine, &engine_options, error);
    if (status == OK && options->newest) {
        status = begin_at_newest(&replay.engine, &store, &engine_options, &base, error);
    } else if (status == OK) {
        status = begin_at_base(replay.engine, &store, &options->sink, &base, error);
    }
    if (status == OK) status = store.log.read(store.log.self, base.position, fold_record, &replay, error);
    if (status == OK && engine_program(replay.engine) == NULL) {
        status = error_set(error, STATUS_NOT_FOUND, "the log of `%s` is empty; run some events first", database);
    }
    if (status != OK) {
        if (replay.engine != NULL) engine_close(replay.engine);
        replay.engine = NULL;
    }
    *out = replay.engine;
    if (status == OK && options->base != NULL) *options->base = base;
    record_space_deinit(&replay.space);
    store_close(&store);
    return status;
}
