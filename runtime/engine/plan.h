/* Plans: for each campaign in use what would otherwise be searched for at each turn, such as the rules that concern each of its gates.
 *
 * Made when a program is activated (programs.c), read by gates.c and entry.c, never changed in between.
 */
#ifndef PROMO_RUNTIME_ENGINE_PLAN_H
#define PROMO_RUNTIME_ENGINE_PLAN_H

#include "runtime/engine/state.h"

/* Rules of the newest program that concern one gate: indexes into plan->rule. */
struct gate_plan {
    bool message; /* A message, of any kind; otherwise a reward or another action. */
    bool reward;
    bool outside;                      /* In-app or responsible gaming: no consent, pressure, quiet hours. */
    uint32_t never_first, never_count; /* In use->rules. */
    uint32_t consent_first, consent_count;
    uint32_t quiet_first, quiet_count;
    uint32_t pressure; /* Bit n: plan->pressure[n]. */
    bool own_consent;  /* An action that counts as a message: its own `consent` line was asked before. */
    bool asks;         /* Some consent line asks the player. */
    bool marketing;
};

struct campaign_plan {
    struct title *title;
    uint32_t zone;                 /* Zone index. */
    uint32_t newest;               /* This campaign in the newest program, by name, or PROGRAM_NONE. */
    int64_t runs_from, runs_until; /* Instants: from <= now < until. */
    int country;                   /* Of `jurisdiction GB`, or -1. */
    bool promotes;                 /* Has marketing messages or rewards: who is held out does not enter. */
    bool leaves_when;              /* Has a `leave when` line. */
    bool since_entry;              /* Has a wait `including since entry`. */
    struct gate_plan gate[ACTIVATION_GATES_MAX];
    uint32_t pressure[ACTIVATION_RULES_MAX]; /* RULE indexes in the newest program. */
    uint32_t pressure_count;
    uint64_t *own_counter; /* Bit n: the n-th effect's counter is the engine's, not a `go to`'s. */
};

/* All three are called in this order, by the one thread that folds; false when memory is out, and then the engine is no longer used. */

/* Gives each campaign name its title, with the priority of the newest program that has it, and ranks all titles anew. */
MUST_CHECK bool plan_titles(struct engine *engine);
/* The plans of all campaigns of one program in use, in use->linked. */
MUST_CHECK bool plan_campaigns(struct engine *engine, struct use *use);
/* Of the newest program: by event the campaigns that it may start, in the order of ranks, and whether it is some campaign's goal. */
MUST_CHECK bool plan_starts(struct engine *engine, struct use *use);

#endif
