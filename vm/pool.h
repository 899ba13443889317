/*
 * Pools of codes in a bundle: what their records must hold, and what is worked out of them. The codes themselves are vm/code_word.h's matter, what
 * became of them runtime/engine/codes.h's.
 */
#ifndef VM_POOL_H
#define VM_POOL_H

#include "vm/code_word.h"
#include "vm/program.h"

/* Part of meaning_check: STATUS_REFUSED with section, record and what is wrong. */
MUST_CHECK enum status pool_check(const struct program *program, struct error *error);

/* What the pool ignores where it reads a code. */
struct code_reading pool_reading(const struct bundle_pool *pool);

/* The pattern of a pool of kind MADE, ready; false where no codes can be made of it (never after pool_check). */
bool pool_word(const struct program *program, const struct bundle_pool *pool, struct code_word *out);

/* How many calendar days, weeks, months or years its valid days touch (EVER: 1); INT64_MAX: it is valid without end. */
int64_t pool_periods(const struct bundle_pool *pool, uint32_t period);
/* How many redemptions the pool lets through at most over all time: codes times uses, its total, its quotas, whichever is least; INT64_MAX:
 * nothing bounds them. What campaigns that start on its `code_redeemed` can cost is bounded by it. */
int64_t pool_redemptions(const struct program *program, const struct bundle_pool *pool);
/* The same of one player. */
int64_t pool_redemptions_of_player(const struct bundle_pool *pool);

/* The pool of this name, or PROGRAM_NONE. */
uint32_t pool_find(const struct program *program, struct text name);

#endif
