/*
 * mend: a token as it should have been written, with the message that says so.
 *
 * struct reader is what lexer_lines.c knows while it makes lines of a source; here its arena, diagnostics and source are used.
 */
#ifndef PROMO_COMPILER_MEND_H
#define PROMO_COMPILER_MEND_H

#include "compiler/lexer.h"

struct reader {
    const struct source *source;
    struct arena *arena;
    struct diagnostic_list *diagnostics;
    struct token *tokens;
    uint32_t count;
    uint32_t capacity;
    struct comment *last_comment;
    struct diagnostic *open_text; /* the last text without its closing quote, and where its line ended */
    uint32_t open_text_end;
    uint32_t joint; /* the first token after the last line break that was joined; 0: none */
    struct lexer_lines *out;
};

/* `1 day`, `3 days`. */
struct text mend_counted_unit(struct reader *reader, struct text number, const char *unit);

/* Reports the mistake of a token and gives it the text it should have had. */
void mend_token(struct reader *reader, struct token *token);

/* The unit of time that a word stands for, in any case; NULL for none. */
const char *mend_unit_of(struct text word);

#endif
