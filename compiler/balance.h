/*
 * balance: gives every block its `end` before the grammar sees a token.
 *
 * A pass over the first words of the lines finds where an `end` is missing or one too many. The
 * evidence, in order: a word that cannot stand this deep (`step` in a `step`); a word that this
 * block has no line for but one around it has; only then the indentation, to choose the place. A
 * sound file never needs indentation. First words that are misspelt are mended here, because a
 * block whose opener is not recognised would swallow the rest of the file.
 *
 * It looks at first words only. Next: compiler/repair.h for the rest of a line.
 */
#ifndef PROMO_COMPILER_BALANCE_H
#define PROMO_COMPILER_BALANCE_H

#include "compiler/lexer.h"
#include "compiler/shape.h"

struct balanced_line {
    struct token *tokens;
    uint32_t count;
    enum block_kind inside; /* the block that the line stands in; that of its opener for `end` */
    enum block_kind opens;  /* BLOCK_TOP where the line opens none */
    bool opens_group;       /* its last word opens a group of conditions (inside what it opens) */
    uint32_t end;           /* index of the line that closes what it opens, otherwise its own */
};

struct balanced_lines {
    struct balanced_line *lines;
    uint32_t count;
    bool has_mistake;
};

/*
 * Balances the lines of a file; constructs of later versions are reported and left out. False where
 * the arena is exhausted. Every block of the result is closed.
 */
bool balance_lines(struct balanced_lines *out, const struct lexer_lines *lines, const struct source *source,
                   struct arena *arena, struct diagnostic_list *diagnostics);

#endif
