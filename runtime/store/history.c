/* See history.h. */
#include "runtime/store/history.h"

#include "runtime/engine/engine.h"
#include "runtime/store/sqlite_store.h"

struct reading {
    uint64_t before;
    log_reader reader;
    void *context;
    bool done;
};

/* A reader can only stop by a failure, so reaching the position is one, which nobody sees. */
static enum status read_one(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct reading *reading = context;
    if (position < reading->before) return reading->reader(reading->context, position, row, error);
    reading->done = true;
    return error_set(error, STATUS_CLOSED, "the history ends before record %llu", (unsigned long long)position);
}

enum status history_read(const struct log *log, uint64_t before, log_reader reader, void *reader_context,
                         struct error *error)
{
    struct reading reading = {.before = before, .reader = reader, .context = reader_context};
    struct error unseen = ERROR_NONE;
    enum status status = log->read(log->self, 1, read_one, &reading, &unseen);
    if (reading.done) return OK;
    if (status != OK && error != NULL) *error = unseen;
    return status;
}

/* The activation that stands for all before the base. */
static enum status read_program(struct store *store, const uint8_t *identity_key, log_reader reader,
                                void *reader_context, struct error *error)
{
    struct engine *engine = NULL;
    struct engine_options options = {.shards = 1, .identity_key = identity_key};
    struct checkpoint_store base = sqlite_store_base(store);
    struct buffer open = BUFFER_EMPTY, secret = BUFFER_EMPTY;
    uint64_t position = 0;
    RETURN_IF_FAILED(engine_open(&engine, &options, error));
    enum status status = engine_restore(engine, &base, &position, error);
    if (status == OK) {
        struct text bundle = engine_bundle(engine);
        struct record record = {.kind = RECORD_ACTIVATE,
                                .now = engine_now(engine),
                                .at = engine_now(engine),
                                .bundle = (const uint8_t *)bundle.at,
                                .bundle_size = bundle.size};
        record.player = record.brand = record.source = record.reason = record.campaign = record.by = TEXT("");
        record.id = TEXT("program");
        status = record_encode(&open, &secret, &record, engine_program(engine));
        if (status != OK) (void)error_set(error, status, "no memory to read the log");
        struct log_record row = {.now = record.now, .kind = RECORD_ACTIVATE};
        row.open = buffer_as_text(&open);
        row.secret = buffer_as_text(&secret);
        row.audit = TEXT("");
        if (status == OK) status = reader(reader_context, position, &row, error);
    }
    engine_close(engine);
    buffer_deinit(&open);
    buffer_deinit(&secret);
    return status;
}

enum status history_of_store(struct store *store, const uint8_t *identity_key, uint64_t before, log_reader reader,
                             void *reader_context, struct error *error)
{
    if (sqlite_store_start(store) <= 1) return history_read(&store->log, before, reader, reader_context, error);
    RETURN_IF_FAILED(read_program(store, identity_key, reader, reader_context, error));
    struct reading reading = {.before = before, .reader = reader, .context = reader_context};
    struct error unseen = ERROR_NONE;
    const struct log *log = &store->log;
    enum status status = log->read(log->self, sqlite_store_base_position(store), read_one, &reading, &unseen);
    if (reading.done) return OK;
    if (status != OK && error != NULL) *error = unseen;
    return status;
}
