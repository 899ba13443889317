/*
 * lexer: bytes to tokens, and tokens to lines.
 *
 * lexer.re reads one token at a time and never fails: what it cannot read is TK_INVALID, what it
 * can read but the language writes otherwise carries its `mistake`. lexer_lines.c makes lines of
 * the tokens: it joins lines that go on after a comma, `and` or `or`, merges the few phrases that
 * are one token, keeps comments apart and reports the mistakes.
 *
 * Token kinds are the TK_* numbers of the grammar; there is no second list. Next: compiler/balance.h.
 */
#ifndef PROMO_COMPILER_LEXER_H
#define PROMO_COMPILER_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/ast.h"
#include "compiler/diagnostic.h"
#include "compiler/source.h"
#include "vm/arena.h"
#include "vm/text.h"

struct token {
    uint16_t kind;    /* TK_* of build/gen/compiler/grammar.h */
    uint16_t mistake; /* a diagnostic code, or 0 */
    struct span span;
    struct text text; /* as written, or as it should have been written where it was mended */
};

struct lexer {
    const struct source *source;
    uint32_t cursor; /* offset of the next byte */
};

/* Reads the next token, NEWLINE and COMMENT included; false at the end of the text. */
bool lexer_next(struct token *out, struct lexer *lexer);

/* The token kind of a keyword, or 0 where the word is none. */
uint16_t lexer_keyword(struct text word);

/* Whether a keyword's token may also be read as a name. */
bool lexer_may_name(uint16_t kind);

/* The word of a keyword's token, or NULL where the kind is no keyword. */
const char *lexer_word(uint16_t kind);

/* A line as the grammar sees it; its last token is always NEWLINE. */
struct lexer_line {
    struct token *tokens;
    uint32_t count;  /* at least 2 */
    uint32_t indent; /* columns before its first token; a tab counts to the next multiple of 8 */
};

struct lexer_lines {
    struct lexer_line *lines;
    uint32_t count;
    struct comment *comments;
    bool has_mistake; /* at least one error was reported */
};

/* Reads a whole source. False where the arena is exhausted. */
bool lexer_read_lines(struct lexer_lines *out, const struct source *source, struct arena *arena,
                      struct diagnostic_list *diagnostics);

/*
 * Reads words that stand in for something in a source: all tokens get its span. No messages. False
 * where they do not fit into `capacity` or memory; `words` must have a NUL behind them.
 */
bool lexer_read_words(struct token *out, uint32_t capacity, uint32_t *count, struct text words, struct span span,
                      struct arena *arena);

#endif
