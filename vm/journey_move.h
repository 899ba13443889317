/* How a running journey goes over from one version of its campaign to another, by names: `running journeys move to this version`.
 *
 * A journey that rests at the n-th wait of a step goes to the n-th wait of the step that has that name, or was renamed from it. It keeps its deadline, its
 * number, what it remembers, what it was granted. So that nothing is unknown where the new version reads it, each value that the new wait needs
 * must have been there at the old one. Pure: the compiler asks it of two bundles (`check --against`), the engine when a program is activated.
 * spec: language.md#versions
 */
#ifndef PROMO_VM_JOURNEY_MOVE_H
#define PROMO_VM_JOURNEY_MOVE_H

#include "vm/arena.h"
#include "vm/program.h"

/* Why journeys in a state cannot go over. */
enum move_fault {
    MOVE_FINE,
    MOVE_NO_REST,   /* Nothing rests in it: a question, whose answer belongs to its version, or a request. */
    MOVE_STEP_GONE, /* The step is not there any more. */
    MOVE_WAIT_GONE, /* It has fewer waits now. */
    MOVE_UNKNOWN,   /* A value that the new wait needs was not there. */
    MOVE_COUNTS,    /* The counted ways (`repeat`, `go to … at most`) are other ones. */
};

struct move_state {
    uint32_t to; /* The new campaign's n-th STATE; NONE where `fault` says why. */
    enum move_fault fault;
    uint32_t variable; /* UNKNOWN: the new campaign's n-th VARIABLE. */
    uint32_t wait;     /* Which wait of its step it is, from 1. */
};

struct journey_move {
    struct move_state *state; /* By the old campaign's STATE. */
    uint32_t *variable;       /* By the new campaign's VARIABLE: the old one's, or NONE. */
    uint32_t *effect;         /* By the old campaign's EFFECT: the new one's of the same identity, or NONE. */
    uint32_t *split;          /* By the new campaign's SPLIT: the old one's of the same name and arms, or NONE. */
};

/* Fills `out` in the arena's memory; false when it is out. */
MUST_CHECK bool journey_move_make(struct arena *arena, const struct program *old, const struct bundle_campaign *from,
                                  const struct program *new, const struct bundle_campaign *to,
                                  struct journey_move *out);

#endif
