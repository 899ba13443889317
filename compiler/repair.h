/*
 * repair: what is wrong with one line, in words, and the line as it was probably meant.
 *
 * A line that the grammar refuses is tried with one small change: a near word, a missing word, a
 * superfluous word, quotes put on or taken off. The first change after which the whole line parses
 * is reported as the mistake; otherwise the report says what may stand at the place.
 *
 * It works on tokens of one line; blocks are the matter of compiler/balance.h.
 */
#ifndef PROMO_COMPILER_REPAIR_H
#define PROMO_COMPILER_REPAIR_H

#include "compiler/balance.h"
#include "compiler/grammar_probe.h"
#include "compiler/parser_state.h"

/*
 * Moves a probe over a line and writes what each token is taken for (a keyword may be a name) to
 * `kinds`, which has room for all. Returns the index of the token that cannot stand there, or
 * `count`.
 */
uint32_t repair_probe_line(struct grammar_probe *probe, const struct token *tokens, uint32_t count, uint16_t *kinds);

/*
 * A line that is refused at `refused` may use words before it as names, though a keyword could
 * stand there too: `player.tags contains one`. True where it then parses whole; fills `kinds`.
 */
bool repair_probe_with_names(const struct grammar_probe *start, const struct token *tokens, uint32_t count,
                             uint32_t refused, uint16_t *kinds);

/* How many tokens a mended line may have more than the line. */
enum { ATTEMPT_GROWTH_MAX = 32 };

struct repaired_line {
    struct token *tokens;
    uint32_t count;
};

/*
 * Reports the mistake in a line that the probe refuses at token `refused`. True where the line was
 * mended: `out` then parses from `start`.
 */
bool repair_line(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                 const struct balanced_line *line, uint32_t refused);

/* The same for a line that can be read and still cannot be meant, such as `when timeout`. */
bool repair_readable_line(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                          const struct balanced_line *line);

/*
 * The same for a case with a statement on its line and more of them below: all belong below. The line
 * can be read.
 */
bool repair_case(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                 const struct balanced_line *line);

#endif
