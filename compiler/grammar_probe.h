/*
 * grammar_probe: asks the generated parser what it would do, without doing it.
 *
 * A probe is a copy of the parser's states. Feeding it tokens runs the same automaton without
 * actions, so that a line is known to parse before the first node is made, a change to a line can
 * be tried, and the set of tokens that may stand at a place is exact.
 *
 * Implemented in compiler/grammar_probe.inc, which the grammar includes to see its tables.
 */
#ifndef PROMO_COMPILER_GRAMMAR_PROBE_H
#define PROMO_COMPILER_GRAMMAR_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parser;
struct token;

enum { GRAMMAR_DEPTH_MAX = 256 };

struct grammar_probe {
    uint32_t depth;
    bool overflowed;
    uint16_t states[GRAMMAR_DEPTH_MAX];
};

/* Bytes that one parser needs, 16-aligned. */
size_t grammar_size(void);

/* Starts a parser in `grammar_size()` bytes. It owns nothing and needs no end. */
void grammar_start(void *grammar);

/* Feeds one token, 0 for the end of the file. Only tokens that a probe accepted belong here. */
void grammar_feed(void *grammar, uint16_t kind, struct token token, struct parser *parser);

/* A probe at the place where the parser stands. */
void grammar_probe_start(struct grammar_probe *out, const void *grammar);

/* Moves the probe past a token; false, and the probe stays, where the token cannot stand. */
bool grammar_probe_feed(struct grammar_probe *probe, uint16_t kind);

/* The largest token kind. */
uint16_t grammar_token_max(void);

#endif
