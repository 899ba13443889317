/*
 * What a campaign can cost at most: instructions, effects and memory of one activation; activations and money of a
 * journey, a player, the whole campaign. A part of verify.c, which has walked the code and hands over what it found.
 *
 * spec: bytecode.md#bounds
 */
#ifndef VM_BOUNDS_H
#define VM_BOUNDS_H

#include "vm/program.h"
#include "vm/status.h"

/* What the walk over a campaign's region found, an entry an instruction of the region. */
struct bounds_walk {
    const struct program *program;
    uint32_t region;
    const bool *reached;   /* some path gets here */
    const int64_t *cost;   /* CREDIT: the largest cost that its register can hold; otherwise 0 */
    const uint32_t *arena; /* bytes that it adds to the activation */
};

/* Fills `out`. STATUS_REFUSED when there is no bound: a way back without a count, a circle without a wait, more than 15
 * requests between two waits, more effects or bytes than an activation may have. */
MUST_CHECK enum status bounds_find(struct bundle_bound *out, const struct bounds_walk *walk, struct error *error);

#endif
