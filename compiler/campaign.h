/*
 * campaign: what is known of one campaign while it is checked and emitted.
 *
 * Filled by check_campaign.c from the lines, by flow.c with the graph, by check_journey.c with effects, by emit_journey.c with states.
 * Indices are the campaign's own (the n-th effect); `…_first` is where they begin in the bundle.
 */
#ifndef PROMO_COMPILER_CAMPAIGN_H
#define PROMO_COMPILER_CAMPAIGN_H

#include "compiler/flow.h"

enum { CAMPAIGN_VARIABLES_MAX = 64, CAMPAIGN_GATES_MAX = 32, CAMPAIGN_SHOWN_MAX = 16 };

enum variable_use {
    VARIABLE_CAPTURED,
    VARIABLE_REMEMBERED,
    VARIABLE_COUNTER,
    VARIABLE_SHOWN /* of a credit or a code, for messages: compiler/shown.h */
};

struct variable {
    enum variable_use use;
    struct text name;
    struct type type;
    struct range range;
    bool typed;                     /* REMEMBERED: its type is known */
    bool optional;                  /* CAPTURED: may be unknown although captured */
    uint32_t rates;                 /* REMEMBERED: rate tables that had a part in it, by number */
    const struct event_info *event; /* CAPTURED */
    uint32_t event_slot;
    const struct statement *statement; /* COUNTER: whose */
    struct span span;
};

struct effect_info {
    enum act act;
    uint32_t step;
    struct text action, name, label;
    const struct node *node; /* the first that makes it */
    struct node *last;       /* the latest seen; the others by `same` */
    uint32_t counter;        /* variable or PROGRAM_NONE */
    uint32_t record;         /* EFFECT index, PROGRAM_NONE until it is emitted */
};

/* A field of a record that gets the pc of a node once all code stands. */
struct patch {
    enum section section;
    uint32_t index;
    size_t offset;
    const struct node *node;
    struct patch *next;
};

struct campaign_offer {
    struct declaration *declaration;
    const struct action_info *action;
    uint32_t index; /* OFFER */
    bool shared;
    bool broken;
    bool told; /* warned that it never fits its budget */
};

struct split_info {
    const struct statement *statement;
    struct text name;
    struct text *arms;
    uint32_t arm_count;
    uint32_t index; /* the campaign's number */
};

struct campaign {
    struct names *names;
    struct declaration *declaration;
    struct text name;
    uint32_t index;
    uint32_t currency;
    uint32_t zone;
    enum rounding rounding;
    uint32_t product;
    const struct declaration *budget; /* the block, or NULL */
    uint32_t pool;                    /* BUDGET index or PROGRAM_NONE */
    uint32_t schedule;                /* SCHEDULE index or PROGRAM_NONE */
    uint32_t holidays;                /* HOLIDAYS index of `business days of`, or PROGRAM_NONE */
    const struct line *start;
    struct declaration **terms;
    uint32_t terms_count;
    struct campaign_offer *offers;
    uint32_t offer_count;
    const struct line **steps;
    uint32_t step_count;
    struct split_info *splits;
    uint32_t split_count;
    struct variable variables[CAMPAIGN_VARIABLES_MAX];
    uint32_t variable_count;
    bool too_many_variables;
    struct shown *shown; /* what messages show of credits and codes: compiler/shown.h */
    uint32_t shown_count;
    struct effect_info *effects;
    uint32_t effect_count, effect_capacity;
    uint32_t effect_first, gate_first, gate_count, state_first, state_count, step_first, split_first, leave_first,
        variable_first;
    struct flow flow;
    struct emitter *emitter;
    struct patch *patches;
    struct label impossible; /* where a check goes that a filter has already made */
};

/* check_campaign.c: everything of one campaign into the builder. */
void campaign_compile(struct names *names, struct thing *thing, uint32_t region_campaign_index);

/* campaign.c: finders and lists. */
/* An offer by name, of the campaign or shared; NULL, unreported. */
struct campaign_offer *campaign_offer(struct campaign *campaign, struct text name);
struct split_info *campaign_split(struct campaign *campaign, struct text name);
struct variable *campaign_remembered(struct campaign *campaign, struct text name);
/* The number of the counter of a statement; makes it. */
uint32_t campaign_counter(struct campaign *campaign, const struct statement *statement);
/* A new variable's number; PROGRAM_NONE past the limit. */
uint32_t campaign_variable(struct campaign *campaign, struct variable variable);
/* The value of an offer's parameter line, or NULL. */
const struct line *campaign_parameter(const struct campaign_offer *offer, struct text name);
/* A terms line (wagering, games, expires) of an offer: its own, else of the terms it follows. */
const struct line *campaign_terms_line(struct campaign *campaign, const struct declaration *offer, enum line_kind kind);

/* The offer that an action shows, by `show offer "NAME"`; otherwise empty. */
struct text campaign_shows(const struct statement *statement);

/* Terms by name, of the campaign or of the workspace; NULL, unreported. */
const struct declaration *campaign_terms(struct campaign *campaign, struct text name);
/* The cases of a wait or of a question. */
const struct choice_list *campaign_cases(const struct statement *statement);
/* The first statement of a block, with the blocks in it, that is of the kind (CREDIT, SEND) and of that name (NULL: any); at depth 0 also
 * the `go to` to a step that holds one. NULL: there is none. */
const struct statement *campaign_find(const struct campaign *campaign, const struct block *block,
                                      enum statement_kind kind, uint32_t depth, const struct text *name);
/* The same for a CREDIT of the offer. */
const struct statement *campaign_credit(const struct campaign *campaign, const struct block *block, uint32_t depth,
                                        const struct text *offer);

/* Notes that the record's field is to get the node's pc. */
void campaign_patch(struct campaign *campaign, enum section section, uint32_t index, size_t offset,
                    const struct node *node);
/* Checks `of "NAME"` of an event; the bundle's text or PROGRAM_NONE. */
uint32_t campaign_about(struct campaign *campaign, const struct event_match *match, const struct event_info *event,
                        bool in_journey);
/* check_circles.c: notes what the campaign may cause, once its graph is built; reports circles, once all campaigns are compiled. */
void circles_note(struct campaign *campaign, const struct bundle_campaign *record);
void circles_judge(struct names *names);
/* check_start.c: what starts it, where that is no event. */
void campaign_read_start(struct campaign *campaign, struct bundle_campaign *record);
/* The money fields (by number) of an event entry that the journey reads later. */
uint64_t campaign_money(const struct campaign *campaign, const struct node *entry);
/* The conversions, at most 64, that the journey makes later of a field of the entry's event: their CONVERSION indices; how many. */
uint32_t campaign_conversions(const struct campaign *campaign, const struct node *entry, const struct member *field,
                              uint32_t out[64]);

/* check_journey.c: variables, counters, labels: before any code. */
void journey_prepare(struct campaign *campaign);
/* emit_journey.c: all nodes as instructions; patches the entries. */
void journey_emit(struct campaign *campaign, struct emitter *emitter);
/* check_journey.c: infers types and ranges of remembered values. */
void journey_infer(struct campaign *campaign, struct emitter *emitter);

#endif
