/*
 * What an explanation is made of: facts in the order they happened, each with the conditions that decided it.
 *
 * Filled by explain.c, printed by explain_render.c.
 */
#ifndef PROMO_RUNTIME_LAB_EXPLAIN_FACTS_H
#define PROMO_RUNTIME_LAB_EXPLAIN_FACTS_H

#include "runtime/lab/explain.h"

struct explain_condition {
    uint32_t line;
    struct text path;
    struct text words;
    bool held;
    struct text read; /* "it was 9.99 GBP" */
    struct explain_condition *next;
};

enum explain_fact_kind {
    FACT_NOTE,         /* words */
    FACT_EFFECT,       /* words */
    FACT_REFUSED,      /* an entry: words, conditions, differ */
    FACT_CASE_REFUSED, /* an event did not meet a wait: conditions, differ */
    FACT_CASE_MET,     /* it did */
    FACT_LEAVE,        /* a leave line held */
    FACT_STAYED,       /* an event of a leave line did not meet it: conditions, differ */
    FACT_CHOSE,        /* conditions of an activation's ifs and chooses */
};

struct explain_fact {
    enum explain_fact_kind kind;
    int64_t at;
    struct text campaign;
    struct text path; /* of the campaign's file */
    uint32_t zone;    /* of the campaign, in the zone table */
    uint32_t journey;
    uint32_t line;
    enum reason reason;
    struct text words;
    struct text cause;  /* " (deposit, event e7)" or empty */
    struct text differ; /* what would have to differ, or empty */
    struct explain_condition *conditions;
    uint8_t effect[16]; /* EFFECT: its identity, by which a reply finds it */
    struct text name;   /* EFFECT: of the offer, message, action or tag */
    struct text reply;  /* EFFECT: what the wallet said, or empty */
    struct explain_fact *next;
};

struct explain_cause {
    uint64_t position;
    struct text name;
    struct text id;
    struct explain_cause *next;
};

/* The engine asks a policy once and remembers the answer while what it read stays the same. */
struct explain_rule {
    uint32_t rule;
    const struct program *program;
    struct explain_condition *conditions;
    struct text differ;
    struct explain_rule *next;
};

enum { EXPLAIN_BRANDS_MAX = 8 };

struct explain {
    struct arena *arena;
    struct text player, brand, campaign;
    bool seen;
    struct text brands[EXPLAIN_BRANDS_MAX]; /* in which the player was seen */
    uint32_t brand_count;
    bool out_of_memory;
    uint64_t lost; /* memory_lost() when it began */
    struct explain_fact *facts, **facts_end;
    struct explain_cause *causes, **causes_end;
    struct explain_condition *pending; /* of the start filter and audience that the next entry note is about */
    struct text pending_differ;
    const struct explain_condition *last_case; /* what the line that led to the activation has told */
    struct explain_rule *rules;                /* the latest judgement of each policy that stood in the way */
};

#endif
