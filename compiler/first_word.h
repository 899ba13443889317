/*
 * first_word: mends the first words of lines, so that blocks are recognised.
 *
 * Words of other languages, misspelt words, words that were left out. Each change is reported; the
 * line then reads as it was probably meant. Private to compiler/balance.c.
 */
#ifndef PROMO_COMPILER_FIRST_WORD_H
#define PROMO_COMPILER_FIRST_WORD_H

#include "compiler/shape.h"

struct first_word {
    const struct lexer_lines *lines;
    const struct source *source;
    struct arena *arena;
    struct diagnostic_list *diagnostics;
    bool has_mistake; /* something was reported */
};

/* `else`, `endif`, `goto` … as the language says them, `end if` as `end`; whether the line was changed. */
bool first_word_mend_foreign(struct first_word *context, enum block_kind inside, struct lexer_line *line);

/* `wait to 3 days`, and `wait 3 days` before `when …`: `up to` is missing, which would hide the block. */
void first_word_mend_wait(struct first_word *context, enum block_kind inside, struct lexer_line *line);

/* `when player.vip is yes` among the statements of a step is an `if`. */
void first_word_mend_if(struct first_word *context, enum block_kind inside, struct lexer_line *line);

/* `45 "A"` and `"A" 45%` in a split are `45% "A"`. */
void first_word_mend_arm(struct first_word *context, struct lexer_line *line);

/* `when deposit where` with conditions below lacks its `all of`; whether the line was changed: 1 or 0. */
uint32_t first_word_mend_where(struct first_word *context, struct lexer_line *line);

/* How many of the deeper lines below are conditions. */
uint32_t first_word_conditions_below(const struct first_word *context, const struct lexer_line *line);

/* `"Hello" step` is `step "Hello"`. */
void first_word_mend_turned(struct first_word *context, enum block_kind inside, struct lexer_line *line);

/* A first word that may not stand here becomes the near one that may, or the one that was left out. */
void first_word_mend_misspelt(struct first_word *context, enum block_kind inside, struct lexer_line *line);

/* Whether the line can be one of the block, also by its form: `email "en" "…"`, `amount 5 EUR`. */
bool first_word_is_line_of(const struct lexer_line *line, enum block_kind kind);

/* How many of the next lines up to an `end` are lines of the block. */
uint32_t first_word_lines_of(const struct first_word *context, const struct lexer_line *line, enum block_kind kind);

#endif
