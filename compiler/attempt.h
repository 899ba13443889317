/*
 * attempt: a line with one change in it, and whether the grammar takes it so.
 *
 * What all changes share: put tokens in, take them out, ask the grammar, show the whole line as it
 * should be written. Private to repair: compiler/repair_attempt.c, repair_phrase.c, repair_form.c.
 */
#ifndef PROMO_COMPILER_ATTEMPT_H
#define PROMO_COMPILER_ATTEMPT_H

#include "compiler/repair.h"

/* Longer lines are reported without attempts. */
enum { REPAIR_TOKENS_MAX = 64, ATTEMPT_TOKENS_MAX = REPAIR_TOKENS_MAX + ATTEMPT_GROWTH_MAX };

struct attempt {
    struct parser *parser;
    const struct grammar_probe *start;
    const struct balanced_line *line;
    uint32_t refused;                        /* the first token that cannot stand */
    struct token tokens[ATTEMPT_TOKENS_MAX]; /* the line with the change in it */
    uint32_t count;
};

/* One kind of change: true where the line now passes; the mistake is then reported. */
typedef bool (*attempt_change)(struct repaired_line *out, struct attempt *attempt);

/* The line as the author wrote it. */
void attempt_reset(struct attempt *attempt);

/* Whether the whole line parses; `with`: and the token at `at` is taken for itself, not for a name. */
bool attempt_passes(const struct attempt *attempt);
bool attempt_passes_with(const struct attempt *attempt, uint32_t at);

void attempt_insert(struct attempt *attempt, uint32_t at, uint16_t kind, struct text text);
void attempt_delete(struct attempt *attempt, uint32_t at, uint32_t how_many);
void attempt_replace(struct attempt *attempt, uint32_t at, uint16_t kind, struct text text);

/* Copies the line as it is now to `out`; false without memory. */
bool attempt_accept(struct repaired_line *out, const struct attempt *attempt);

/* Reports WRONG_WORD or another message of three texts, whose last is the whole mended line, and accepts. */
bool attempt_report(struct repaired_line *out, const struct attempt *attempt, enum diagnostic_code code,
                    struct span span, struct text wrong, struct text cure);

/* The mended line, as the author should write it; of a very long line the part around a token. */
struct text attempt_line(const struct attempt *attempt, uint32_t around);

/* A message with a help line of its own. */
void attempt_say(const struct attempt *attempt, enum diagnostic_code code, struct span span, struct text one,
                 struct text two, struct text help);

#endif
