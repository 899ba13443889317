/*
 * Effects as lines of a file, durable before a checkpoint says that they need not leave again.
 *
 * Give its functions to struct promo_options: sink.effect = effect_lines_effect, flush = effect_lines_flush, both with it as
 * context. A file that a killed run left with half a line is cut back to its last whole one when it is opened: that
 * effect was not behind a checkpoint yet and leaves again. Whoever reads the file keeps the ids and does each effect once.
 * Thread rules: one thread at a time, as the sink.
 */
#ifndef PROMO_RUNTIME_STORE_EFFECT_LINES_H
#define PROMO_RUNTIME_STORE_EFFECT_LINES_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

struct effect_lines {
    const char *path; /* borrowed; for messages */
    int descriptor;
    struct buffer pending;
    struct error failure; /* a sink cannot fail: told at the next flush */
};

/* Opens the file for appending, or makes it; "-" is standard output. STATUS_IO. */
MUST_CHECK enum status effect_lines_open(struct effect_lines *lines, const char *path, struct error *error);
/* Closes without flushing. */
void effect_lines_close(struct effect_lines *lines);

/* Appends the effect's line (effect_json.h). `context` is the struct effect_lines. */
void effect_lines_effect(void *context, const struct engine_effect *effect);

/* Writes what is pending and makes it durable. STATUS_IO; then nothing behind it may be counted as left. */
enum status effect_lines_flush(void *context, struct error *error);

/* Cuts a regular file, open for reading and writing, back to its last line feed. Anything else stays as it is. */
MUST_CHECK enum status effect_lines_mend(int descriptor, const char *path, struct error *error);

#endif
