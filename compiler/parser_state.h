/*
 * parser_state: what the stages of one parse share; private to compiler/parser.c, the grammar's
 * actions and the node builders.
 *
 * It is not the interface of the parser: that is compiler/parser.h.
 */
#ifndef PROMO_COMPILER_PARSER_STATE_H
#define PROMO_COMPILER_PARSER_STATE_H

#include "compiler/ast.h"
#include "compiler/diagnostic.h"
#include "compiler/lexer.h"

struct parser {
    const struct source *source;
    struct arena *arena;
    struct diagnostic_list *diagnostics;
    struct declaration_list declarations; /* set when the whole file has been read */
    bool is_broken;
    bool stack_overflowed;
    bool syntax_error; /* the grammar refused a token that the probe admitted */
    bool out_of_memory;
    uint32_t attempt_count; /* lines that were tried with changes so far */
    uint32_t scratch_used;  /* words of scratch */
    unsigned long long
        scratch[2048]; /* stands in for the nodes that could not be had: of one token, for then the parse ends */
};

/* Who an `at` line of a test speaks of. */
struct who {
    enum who_kind kind;
    struct name_list names;
};

#endif
