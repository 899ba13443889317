/*
 * Values in the author's words: "37.50 GBP", "2026-06-11 09:00 UTC", "gold", "yes".
 *
 * Used by explain, the test runner and the summary. It prints for people; the wire form is effect_json's matter.
 */
#ifndef PROMO_RUNTIME_LAB_VALUE_TEXT_H
#define PROMO_RUNTIME_LAB_VALUE_TEXT_H

#include "vm/buffer.h"
#include "vm/program.h"

/* Appends a value of a type (enum type_kind). `of` is the enumeration or the currency's index, or PROGRAM_NONE (a bare amount then). `text` is
 * what a TEXT handle stands for; other kinds ignore it. */
void value_text_print(struct buffer *out, const struct program *program, uint32_t kind, uint32_t of, int64_t value,
                      struct text text);

/* Appends an instant as "2026-06-11 08:00:00 UTC", milliseconds only where there are some. */
void value_text_instant(struct buffer *out, int64_t instant);

/* Appends an instant by the clock of a zone (index of the zone table), without naming the zone: "2026-06-11 10:00", seconds and milliseconds
 * only where there are some. */
void value_text_local(struct buffer *out, uint32_t zone, int64_t instant);

/* The sentence of a reason: "it does not fit into the budget". Lives for ever. */
const char *value_text_reason(enum reason reason);
/* The reason's word: "BUDGET". Lives for ever. */
const char *value_text_reason_word(enum reason reason);

#endif
