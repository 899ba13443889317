/*
 * arithmetic: exact numbers while a formula is compiled.
 *
 * A number is carried as raw * num / den, in the units of its type, until somebody needs it whole; so a chain of
 * percentages is one SCALE at its end, with the rounding that the formula or the campaign states. Every range is computed by
 * vm/range.h, the same functions the verifier proves with: what passes here passes there. What cannot be proven to fit is
 * reported, or goes to the formula's `otherwise` where it has one.
 *
 * Used by check_formula.c and check_value.c alone.
 */
#ifndef PROMO_COMPILER_ARITHMETIC_H
#define PROMO_COMPILER_ARITHMETIC_H

#include "compiler/check.h"

/* How many units make one: 1,000,000 for percent and decimal, else 1. */
int64_t arithmetic_unit(struct type type);

/* Loads a slot or a constant, unscaled, into a register. */
void arithmetic_load(struct emitter *emitter, struct reading *reading);

/* Sets num/den in lowest terms; false where they grow beyond what is kept. */
bool arithmetic_scale(struct reading *reading, int128 num, int128 den);

/* Makes num/den 1 by rounding; constants stay constants. False after a report. */
bool arithmetic_settle(struct emitter *emitter, struct reading *reading, enum rounding rounding);

/* Reports two types that cannot be joined; `verb`: "added". A broken reading. */
struct reading arithmetic_refuse(struct emitter *emitter, const struct reading *left, const struct reading *right,
                                 const char *verb, struct span span);

/* The operations; a broken reading after a report. `share`: `50% of x`, whose type is that of x. */
struct reading arithmetic_multiply(struct emitter *emitter, struct reading left, struct reading right, bool share,
                                   struct span span);
struct reading arithmetic_divide(struct emitter *emitter, struct reading left, struct reading right, struct span span);
struct reading arithmetic_add(struct emitter *emitter, struct reading left, struct reading right, bool subtract,
                              struct span span);

#endif
