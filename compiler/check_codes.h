/*
 * check_codes: blocks `codes` as POOL and QUOTA records, and the statements that give a code and give it back. spec: language.md#codes
 *
 * What a pool is held to besides its lines: codes that can be guessed are refused, by the figures of vm/code_word.h.
 */
#ifndef PROMO_COMPILER_CHECK_CODES_H
#define PROMO_COMPILER_CHECK_CODES_H

#include "compiler/campaign.h"

/* One guess may hit with a chance of 1 in so many: refused where a player's tries of one hour do, warned of where a single one does. */
#define CODES_HOUR_LEAST  UINT64_C(100000)
#define CODES_GUESS_LEAST UINT64_C(1000000)

/* All pools into the builder; within region 0, after segments. */
void codes_emit(struct emitter *emitter);

/* The pool of this name; NULL where there is none (reported). */
const struct thing *codes_need(struct names *names, const struct name *name);

/* `give code`, `release code of`. */
void emit_code(struct campaign *campaign, struct emitter *emitter, struct node *node);

#endif
