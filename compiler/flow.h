/*
 * flow: a campaign as a graph.
 *
 * Every statement becomes a node (or a few); `next` leads on inside one activation, `resume` leads on after a wait or a
 * credit has ended it. The graph answers what the language promises: every step is reached and ends, loops wait and are
 * counted, no path makes the same effect twice under one name, and which event every path has passed.
 *
 *   NODE_EVENT ─► NODE_STEP ─► NODE_SEND ─► NODE_WAIT ~resume~► NODE_EVENT ─► …
 *                                                    ~resume~► NODE_PLAIN (time is up) ─► …
 *
 * It types nothing and emits nothing. Next: compiler/emit_journey.c.
 */
#ifndef PROMO_COMPILER_FLOW_H
#define PROMO_COMPILER_FLOW_H

#include "compiler/check.h"

enum node_kind {
    NODE_PLAIN, /* goes on: time is up, granted, declined, an uncounted go to */
    NODE_EVENT, /* an event starts or resumes the journey: `match` */
    NODE_STEP,
    NODE_SEND,   /* next: made, not made */
    NODE_CREDIT, /* next: declined (below the smallest); resume: granted, declined */
    NODE_CODE,   /* resume: given (the event code_given) and declined, or given back */
    NODE_DO,     /* next: made, not made */
    NODE_TAG,    /* tag and untag */
    NODE_AWARD,  /* award badge */
    NODE_SPEND,  /* next: spent, not spent */
    NODE_ORDER,  /* cancel, freeze, unfreeze an offer */
    NODE_REMEMBER,
    NODE_COUNT,  /* next: counted (go back, one more turn), used up */
    NODE_IF,     /* next: holds, does not */
    NODE_CASE,   /* of choose; next: fits, does not */
    NODE_KNOWN,  /* the subject of choose; next: known, unknown */
    NODE_SPLIT,  /* next: by arm */
    NODE_WAIT,   /* resume: the cases, then time is up */
    NODE_ASK,    /* resume: approved and refused, or answered; then time is up */
    NODE_ANSWER, /* goes on: a query was answered */
    NODE_TELL,   /* next: made, not made */
    NODE_FINISH,
    NODE_END,    /* the end of a step that must not be reached */
    NODE_BROKEN, /* stands for what was reported */
};

struct node {
    enum node_kind kind;
    uint32_t number;
    struct span span;
    uint32_t step;                     /* its step's number in the campaign */
    struct statement *statement;       /* NULL for some plain nodes */
    const struct event_match *match;   /* EVENT */
    const struct event_info *event;    /* EVENT: NULL where unknown */
    const struct condition *condition; /* IF, CASE */
    const struct value *subject;       /* CASE, KNOWN */
    const struct choice *choice;       /* EVENT, time is up */
    const char *role;                  /* for people: "time is up", "the credit is declined" */
    struct node **next;
    uint32_t next_count;
    struct node **resume;
    uint32_t resume_count;
    bool is_entry; /* of the region: a start, a resume, a leave target */
    bool is_leave; /* what a `leave` line leads to; it is in no step */
    bool reachable;
    bool repeats;                  /* makes what another statement of its path has made */
    uint32_t order;                /* place in flow.order; PROGRAM_NONE: not reachable */
    const struct event_info *bank; /* the event in the bank on every path, or NULL */
    bool bank_set;
    uint64_t proven;                 /* EVENT: reads that its filter has checked to be known */
    uint64_t uses, live, live_after; /* reads, by number */
    uint64_t known;                  /* variables known before it */
    struct facts facts;
    bool facts_set;
    struct label label;
    uint32_t pc;
    struct node *entry; /* COUNT of a repeat: by which it is entered; its turns end at the node itself */
    struct node *same;  /* an earlier node that makes the same effect, or NULL */
    uint32_t effect;    /* the campaign's number of its effect + 1; 0: makes none */
    uint32_t mark;
    struct node *from; /* of a search */
};

/* A field of an event that the journey reads outside that event's own filter. */
struct read {
    const struct event_info *event;
    const struct member *field; /* NULL: `time` (slot 0) or `id` (slot 1) */
    uint32_t slot;
    struct type type;
    int64_t low, high;
    bool optional;
    bool open;           /* money in whatever currency it came, or that currency (the slot behind it) */
    uint32_t conversion; /* open money: what it is converted by; otherwise PROGRAM_NONE */
    struct span span;    /* where it was first read */
    bool told;           /* a mistake of it was reported */
    bool captured;       /* somewhere it is read when the event is no longer in the bank */
    uint32_t variable;   /* then: the journey variable */
};

struct flow {
    struct names *names;
    struct campaign *campaign;
    struct node **nodes;
    uint32_t count, capacity;
    struct node **stack; /* for searches; room for every node */
    uint32_t stack_size;
    struct node *start;  /* NODE_EVENT of the start */
    struct node **steps; /* by number */
    uint32_t step_count;
    struct node **
        leaves; /* what `leave` lines with `go to` or `finish as` lead to, in their order: EVENT, or PLAIN for `when` */
    uint32_t leave_count;
    uint64_t leave_uses; /* reads in the conditions of `leave` lines, which are asked wherever the journey rests */
    uint64_t resting;    /* variables that are known wherever it rests */
    struct node **order; /* topological order of everything reachable, without the edges out of waits */
    uint32_t order_count;
    struct read reads[64];
    uint32_t read_count;
    bool unknown_step;  /* lines were reported: what is not reached or ended may be no mistake */
    bool unknown_event; /* a start or a wait was reported: paths that seem to lack an event may have it */
    bool too_many_reads;
    bool failed;
};

/* Builds and judges the graph of a campaign. False where it cannot be emitted (mistakes were reported). */
bool flow_build(struct flow *flow, struct names *names, struct campaign *campaign);

/* Which variables each node can rely on; needs the variables of reads and remembered values. */
void flow_known(struct flow *flow);

/* Notes what the conditions of `leave` lines read of other events than their own. */
void flow_use_leaves(struct flow *flow);

/* The read of an event's slot, or NULL. */
struct read *flow_read(struct flow *flow, const struct event_info *event, uint32_t slot);

/* The same for money that is read in whatever currency it came, by the conversion it is read for (PROGRAM_NONE: for price lists, and for
 * the currency itself). */
struct read *flow_read_open(struct flow *flow, const struct event_info *event, uint32_t slot, uint32_t conversion);

/* Whether some line of the campaign takes this money in several currencies: then messages show it in the one that it came in. */
bool flow_shows_open(const struct flow *flow, const struct event_info *event, const struct member *field);

/* Words for a path that reaches `node` without variable `variable` being known: the place that lets it in.
 * `span_out` gets the place. */
struct text flow_path_words(struct flow *flow, const struct node *node, uint32_t variable, struct span *span_out);

/* Whether the node ends the activation with a request that is answered in the same instant. */
static inline bool flow_is_request(const struct node *node)
{
    return node->kind == NODE_CREDIT || node->kind == NODE_CODE;
}

/* Room for a search over all nodes, one search at a time; NULL without memory. */
struct node **flow_stack(struct flow *flow);

/* Whether `to` can follow `from` on one path: with `counted`, also over counted loops and leave lines. Without `to` it marks
 * everything that can follow, and gives false. */
bool flow_reaches(struct flow *flow, const struct node *from, const struct node *to, bool counted);

/* ---- parts of flow_build, for the files of flow alone ---- */

/* flow.c: a node that stands for what was reported. */
struct node *flow_broken_node(struct flow *flow, uint32_t step, struct span span);

/* flow_order.c. */
/* Sets `reachable` of every node by what leads there from the start and the leave lines. */
void flow_mark_reachable(struct flow *flow);
/* Goes depth-first over what is reachable, within one activation or over waits too, and puts each node into `post` (room for all) once
 * all that follows it is there. False where a circle was reported and cut: then it is to be called again. */
bool flow_cut_cycles(struct flow *flow, bool within_activation, struct node **post, uint32_t *post_count);
/* Reports where more than LIMIT_REQUESTS_BETWEEN_WAITS credits are asked for one after the other between waits; needs flow->order. */
void flow_judge_requests(struct flow *flow);

/* flow_reads.c. */
/* Notes the reads of one node in flow->reads and in its `uses`. */
void flow_use(struct flow *flow, struct node *node);
/* The reads of its own event that a filter proves known wherever it holds; bit n: read n. */
uint64_t flow_proven(const struct flow *flow, const struct event_info *event, const struct condition *condition);
/* Which event is in the bank of each node, which reads are still to come after it, and so which reads are captured. */
void flow_banks(struct flow *flow);

#endif
