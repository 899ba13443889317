/* Effects and notes as lines of NDJSON, byte for byte the same wherever they are made.
 *
 * Keys come in a fixed order; money is text ("37.50 GBP"), a percent is text ("50%"), instants are RFC 3339 with
 * milliseconds and Z. A parameter that has the name of a fixed key is written with "with_" before it. The form is
 * written down in spec/events.md. Nothing is sent from here; the outbox (runtime/store) does that.
 * Thread rules: any number of threads, each with its own buffer.
 */
#ifndef PROMO_RUNTIME_ENGINE_EFFECT_JSON_H
#define PROMO_RUNTIME_ENGINE_EFFECT_JSON_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

/* Appends the effect as one line with its line feed. Memory failures stay in the buffer (buffer_ok). */
void effect_json_write(struct buffer *out, const struct engine_effect *effect);

/* Appends the note as one line with its line feed: {"note":"finished","at":…,"player":…,…}. */
void effect_json_note(struct buffer *out, const struct engine_note *note);

/* The word of a note ("effect_refused"), of an effect ("send") and of a reason ("RG_BLOCKED"). Live for ever. */
const char *effect_json_note_word(enum note_kind kind);
const char *effect_json_effect_word(enum engine_effect_kind kind);
const char *effect_json_reason(enum reason reason);

/* Appends a value as JSON: by type, `of` as in the VALUE section; `text` is what a TEXT handle stands for. */
void effect_json_value(struct buffer *out, const struct program *program, uint32_t kind, uint32_t of, int64_t value,
                       struct text text);

#endif
