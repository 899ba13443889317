/*
 * format_words: the canonical spelling of tokens and the blanks between them.
 *
 * Numbers get their groups of three, units their plural, symbols their words. Nothing here knows of
 * lines and columns: that is compiler/format.c.
 */
#ifndef PROMO_COMPILER_FORMAT_WORDS_H
#define PROMO_COMPILER_FORMAT_WORDS_H

#include "compiler/lexer.h"
#include "vm/buffer.h"

/* Appends tokens [first, end) with the blanks between them. */
void format_words_write(struct buffer *out, const struct token *tokens, uint32_t first, uint32_t end);

/* How many columns that takes, counted in characters; the arena is left as it was. */
uint32_t format_words_width(struct arena *arena, const struct token *tokens, uint32_t first, uint32_t end);

/* Whether a blank stands between token `at` and the one before it. */
bool format_words_has_space(const struct token *tokens, uint32_t at);

/* Whether a line may go on below after a token of this kind. */
bool format_words_may_break(uint16_t kind);

#endif
