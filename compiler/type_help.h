/*
 * type_help: how a value of the wrong type was probably meant.
 *
 * `is true` for yes, `is "18"` for 18, `is at least 30 days` for a moment. It judges nothing: the
 * checker found the mismatch. Next: compiler/check_value.c.
 */
#ifndef PROMO_COMPILER_TYPE_HELP_H
#define PROMO_COMPILER_TYPE_HELP_H

#include "compiler/names.h"

/* A help line, in the arena, for a value that stands where the type is wanted; the empty text for none. */
struct text type_help(struct arena *arena, struct type type, const struct value *value);

#endif
