/* See history.h. */
#include "runtime/store/history.h"

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
