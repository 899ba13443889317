/*
 * The outbox: effects as lines of a file, durable before a checkpoint says that they need not leave again.
 *
 * Give its functions to struct promo_options: sink.effect = outbox_effect, flush = outbox_flush, both with the outbox as
 * context. A file that a killed run left with half a line is cut back to its last whole one when it is opened: that
 * effect was not behind a checkpoint yet and leaves again. Whoever reads the file keeps the ids and does each effect once.
 * Thread rules: one thread at a time, as the sink.
 */
#ifndef PROMO_RUNTIME_STORE_OUTBOX_H
#define PROMO_RUNTIME_STORE_OUTBOX_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

struct outbox {
    const char *path; /* borrowed; for messages */
    int descriptor;
    struct buffer pending;
    struct error failure; /* a sink cannot fail: told at the next flush */
};

/* Opens the file for appending, or makes it; "-" is standard output. STATUS_IO. */
MUST_CHECK enum status outbox_open(struct outbox *outbox, const char *path, struct error *error);
/* Closes without flushing. */
void outbox_close(struct outbox *outbox);

/* Appends the effect's line (effect_json.h). `context` is the outbox. */
void outbox_effect(void *context, const struct engine_effect *effect);

/* Writes what is pending and makes it durable. STATUS_IO; then nothing behind it may be counted as left. */
enum status outbox_flush(void *context, struct error *error);

/* Cuts a regular file, open for reading and writing, back to its last line feed. Anything else stays as it is. */
MUST_CHECK enum status outbox_mend(int descriptor, const char *path, struct error *error);

#endif
