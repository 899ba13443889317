/*
 * Keywords: the rows of spec/keywords.def, which stand in the order of their words, by word and by token. Contract: lexer.h.
 */
#include "compiler/grammar.h"
#include "compiler/lexer.h"

enum keyword_rank { KEYWORD_RESERVED, KEYWORD_MAY_NAME };

struct keyword {
    struct text word;
    uint16_t kind;
    uint8_t rank;
};

static const struct keyword keywords[] = {
#define KEYWORD(word, token, rank, position) {TEXT_INIT(#word), TK_##token, KEYWORD_##rank},
#include "spec/keywords.def"
#undef KEYWORD
};

enum { KEYWORD_COUNT = sizeof keywords / sizeof keywords[0] };

static const struct keyword *find_keyword(struct text word)
{
    size_t low = 0;
    size_t high = KEYWORD_COUNT;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = text_compare(keywords[middle].word, word);
        if (order == 0) return &keywords[middle];
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

uint16_t lexer_keyword(struct text word)
{
    const struct keyword *keyword = find_keyword(word);
    return keyword == NULL ? 0 : keyword->kind;
}

static const struct keyword *keyword_of_kind(uint16_t kind)
{
    for (size_t i = 0; i < KEYWORD_COUNT; i++) {
        if (keywords[i].kind == kind) return &keywords[i];
    }
    return NULL;
}

bool lexer_may_name(uint16_t kind)
{
    const struct keyword *keyword = keyword_of_kind(kind);
    return keyword != NULL && keyword->rank == KEYWORD_MAY_NAME;
}

const char *lexer_word(uint16_t kind)
{
    const struct keyword *keyword = keyword_of_kind(kind);
    return keyword == NULL ? NULL : keyword->word.at;
}
