/*
 * repair_attempt: single changes to a line that might mend it; private to compiler/repair.c.
 *
 * Next: compiler/repair_attempt.c for the changes, compiler/repair.c for their order in the whole.
 */
#ifndef PROMO_COMPILER_REPAIR_ATTEMPT_H
#define PROMO_COMPILER_REPAIR_ATTEMPT_H

#include "compiler/attempt.h"

/*
 * Tries all changes in order of likelihood; the first after which the whole line parses is reported
 * and written to `out`. False where none helps, or where the mistake could be reported and not be
 * mended. The line has at most REPAIR_TOKENS_MAX tokens.
 */
bool repair_attempt(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                    const struct balanced_line *line, uint32_t refused);

/* Common slips by their words: spec/phrases.def. */
bool repair_phrase(struct repaired_line *out, struct attempt *attempt);

/* Slips of form: two lines in one, lists, parentheses, names of two words. */
bool repair_form(struct repaired_line *out, struct attempt *attempt);

/* Adds a message and marks the file as broken. Unused arguments are empty texts. */
void repair_report(struct parser *parser, enum diagnostic_code code, struct span span, struct text one, struct text two,
                   struct text three);

#endif
