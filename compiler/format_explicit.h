/*
 * format_explicit: the defaults that an author left out, written as lines and clauses.
 *
 * Only defaults that the language itself fixes and one file shows are written: not the zone or the
 * currency of the workspace. What is written means what was meant before. Next: compiler/format.h.
 */
#ifndef PROMO_COMPILER_FORMAT_EXPLICIT_H
#define PROMO_COMPILER_FORMAT_EXPLICIT_H

#include "compiler/balance.h"

/* Replaces the lines by lines with their defaults written out. False where the arena is exhausted. */
bool format_explicit(struct balanced_lines *lines, struct arena *arena);

#endif
