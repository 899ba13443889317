/*
 * What a campaign can spend, in words: the proven bound, and what its budgets allow in each period. Not the proof (vm/bounds.h).
 *
 * Next: runtime/cli/command_cost.c, command_check.c and runtime/lab/summary.c, which print it.
 */
#ifndef PROMO_RUNTIME_LAB_SPEND_TEXT_H
#define PROMO_RUNTIME_LAB_SPEND_TEXT_H

#include "vm/buffer.h"
#include "vm/program.h"

/*
 * Prints `amount`, a bound of that campaign or -1 where there is none, as "1,000 EUR", as "60 EUR (20 EUR a week)" where its
 * budget or pool allows less in a period, as "20 EUR a week" where that is all there is: `before` and that, or `nothing`
 * where nothing bounds it. `scope` is SCOPE_PLAYER or SCOPE_TOTAL.
 */
void spend_text_print(struct buffer *out, const struct program *program, uint32_t campaign, int64_t amount,
                      enum scope scope, const char *before, const char *nothing);

/* Whether spend_text_print names a period or a run for it: what was spent over all time may then be more than is named. */
bool spend_text_has_period(const struct program *program, uint32_t campaign, int64_t amount, enum scope scope);

/* Prints a line each for a journey, a player, a run or instance (where there are any) and the whole campaign: at most how much and what bounds it, or
 * why nothing does. Each begins with two blanks. */
void spend_text_explain(struct buffer *out, const struct program *program, uint32_t campaign);

/* What bounds a spend, as a word for machines: "entries", "codes" …; "none". */
const char *spend_text_word(enum bound_by by);

#endif
