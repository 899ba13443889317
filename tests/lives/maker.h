/* Makes lives: lines of the platform for players who do at random what a bundle's own schema allows.
 *
 * Every declared event that may come from outside, with values around the constants that the code compares with and within the declared ranges; `about` of
 * the bundle's own names; codes of its pools; attributes, reversals of earlier events, wallet replies, answers, claims and orders by what has left
 * before; commands, ticks. Each seed has a temper of its own: which events come often, who may what, how fast time goes.
 * It folds nothing and judges nothing: lives_tool.c, ledger.h.
 */
#ifndef TESTS_LIVES_MAKER_H
#define TESTS_LIVES_MAKER_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

struct maker;

/* The first instant is that of maker_start(). `program` must outlive it. Never NULL. */
struct maker *maker_open(const struct program *program, uint64_t seed, uint32_t lives);
void maker_close(struct maker *maker);
int64_t maker_start(const struct maker *maker);
uint32_t maker_random(struct maker *maker, uint32_t below);

/* From now on one of so many lines is of responsible gaming, and some say which players are one person. */
void maker_endanger(struct maker *maker, uint32_t one_of);

/* What leaves the engine may be answered later. */
void maker_hear(struct maker *maker, const struct engine_effect *effect);

/* Of a line: what it means beyond itself. */
enum maker_line {
    MAKER_LINE,
    MAKER_FAILED, /* the wallet says that `effect` failed */
    MAKER_ERASE,  /* `player` is forgotten: to be folded in an instant of its own */
};
struct maker_made {
    enum maker_line kind;
    int64_t now;
    uint8_t effect[16];
    char player[24];
    struct text brand;
};
/* The next line, without its line feed, into `out`, which is cleared first. */
struct maker_made maker_next(struct maker *maker, struct buffer *out);
/* Time passes at once, by so much. */
void maker_pass(struct maker *maker, int64_t ms);

#endif
