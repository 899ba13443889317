/* The graph of a journey, as vm/bounds.c walks it and vm/bounds_spend.c looks through it. Seen by these two alone.
 */
#ifndef PROMO_VM_BOUNDS_GRAPH_H
#define PROMO_VM_BOUNDS_GRAPH_H

#include "vm/bounds.h"
#include "vm/layout.h"
#include "vm/round.h"

#define NO_COUNTER 0xFFFFu

/* What a walk is measured by. */
enum measure {
    BY_COST,     /* money of granted requests */
    BY_RESTS,    /* activations that end in a wait or a request */
    BY_REQUESTS, /* requests without a wait between */
};

/* From here on a number is as good as none; products of it with a count stay in 128 bits. */
#define BEYOND ((int128)1 << 63)

struct graph {
    const struct bounds_walk *walk;
    const struct bundle_campaign *campaign;
    const struct instruction *code; /* of the region */
    uint32_t code_first;
    uint32_t code_count;
    uint32_t node_count; /* code, states, hub */
    enum measure measure;
    uint64_t removed; /* counters whose edges are taken out */
    uint32_t groups;  /* numbers given out to parts so far */
    uint32_t *group;  /* by node: the part it was last found in; numbers only rise */
    uint32_t *local;  /* by node: its place in the list that is being divided */
    bool *live;       /* by node: reachable from the start */
    int128 *best;     /* by node: the costliest walk from it */
    struct error *error;
};

struct edge {
    uint32_t to;
    int64_t weight;   /* by the graph's measure */
    uint32_t counter; /* COUNT's way on: which counter; otherwise NO_COUNTER */
};

/* The `n`-th edge out of a node, as the graph stands without what is taken out. `n` counts possible edges: false at the
 * end; an edge that is not there now has to == PROGRAM_NONE. */
bool bounds_edge(const struct graph *graph, uint32_t node, uint32_t n, struct edge *out);

/* What budgets, entries, codes, grants and prizes leave of out->spend_journey: for a player, for the campaign, for a run. STATUS_NO_MEMORY. */
MUST_CHECK enum status bounds_spend(struct graph *graph, struct bundle_bound *out);

#endif
