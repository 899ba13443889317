/*
 * check: the shared floor of the checker and the emitter.
 *
 * Checking and emitting are one walk: a condition is typed, proven and turned into instructions by the same function, so
 * what was checked is what runs. A struct emitter is the place in the code where the walk stands: the region, what is
 * known there (facts), whose event is in the bank, which journey variables are known. `dry` walks type values without
 * leaving a trace.
 *
 *   check_value.c      names and constants                 flow.c            a campaign as a graph of nodes
 *   check_formula.c    formulas, over arithmetic.h         campaign.h        what is known of one campaign
 *   check_metric.c     metrics and their formulas
 *   check_condition.c  conditions and filters              emit_journey.c    each node as instructions
 *   emit.c             instructions, labels, sites         check_campaign.c  a campaign's lines as records
 *   check_schema.c     vocabulary, policies, segments      check_tests.c     in-language tests
 *   check_start.c      starts without an event
 *
 * Read next: compiler/flow.h.
 */
#ifndef PROMO_COMPILER_CHECK_H
#define PROMO_COMPILER_CHECK_H

#include "compiler/names.h"
#include "vm/limits.h"

struct campaign;
struct node;

/* Slots that are proven known at a place in the code. */
struct facts {
    uint64_t event[LAYOUT_EVENT_SLOTS_MAX / 64];
    uint64_t player[LAYOUT_PLAYER_SLOTS_MAX / 64];
    uint64_t journey;
    uint64_t metric[LIMIT_METRICS / 64];
};

/* A place that is jumped to before it is known. */
struct fixup {
    uint32_t pc;
    struct fixup *next;
};
struct label {
    struct fixup *fixups;
    bool used; /* something jumps to it, or would if the walk were not dry */
};

enum sight {
    SIGHT_PLAYER,  /* bare names are attributes: `players where …`, segments, policies */
    SIGHT_FILTER,  /* bare names are fields of `event`: `deposit where …` */
    SIGHT_METRIC,  /* bare names are metrics: `metric net is staked - won` */
    SIGHT_JOURNEY, /* names are qualified: steps, offers, messages */
    SIGHT_ACTION,  /* bare names are the parameters of `action`, which stand in registers: `costs spins * value` */
};

struct emitter {
    struct names *names;
    struct builder *builder;
    struct campaign *campaign; /* NULL in region 0 */
    bool dry;
    bool assumes; /* facts are taken for granted: what `otherwise` says counts although no name seems to be unknown */
    enum sight sight;
    const struct event_info *event; /* the event in the bank, or NULL */
    const struct metric_info
        *metric;          /* whose code is made: it reads its event alone (a formula: metrics), and has no sites */
    bool any_currency;    /* money of an event is read in whatever currency it came (check_money.h) … */
    uint32_t conversion;  /* … for this conversion, or PROGRAM_NONE for price lists */
    uint32_t rates;       /* rate tables that had a part in what was read, by number */
    bool own_event_first; /* `deposit.amount` in a filter of deposit is that deposit (a start: no journey yet) */
    uint64_t known;       /* journey variables known here on every path */
    const struct statement *use; /* the `send` or `credit` whose message or offer is read, for messages; or NULL */
    const struct node *node;     /* for messages about paths; may be NULL */
    struct facts facts;
    const struct action_info *action;
    const struct reading *parameters; /* SIGHT_ACTION: values by parameter */
    uint32_t next_register, register_high;
    uint32_t code_first, site_first, site_count;
    uint32_t bound; /* where the latest label was bound: what stands before may not be merged with what follows */
    enum rounding rounding; /* of the formula that is read */
    bool has_rounding;
    uint32_t target; /* with has_target: the register a text formula should end in */
    bool has_target;
    struct label *below;   /* where `nothing below` goes, or NULL */
    struct label *unknown; /* where a value with `otherwise` goes when it has no answer; or NULL */
    uint32_t depth;        /* of segments in segments */
    uint32_t zone;         /* of clock times and days here */
    struct text subject;   /* words of a case of `choose by`: "journey.risk is less than 20%"; otherwise empty */
    bool too_large;
};

/* What a value turned out to be: a constant, a slot that was not loaded yet, or a register. Numbers are
 * raw * num / den in the units of the type, exact until they are rounded. */
struct reading {
    struct type type;
    enum bank bank;     /* BANK_CONSTANT, EVENT, PLAYER, JOURNEY, METRIC, REGISTER */
    uint32_t slot;      /* or the register */
    int64_t number;     /* BANK_CONSTANT */
    struct text text;   /* BANK_CONSTANT of type TEXT, or the words of a ZONE */
    struct range range; /* of the raw number */
    int64_t num, den;
    bool optional; /* a slot that may be unknown here */
    bool contact;
    bool converts;       /* is converted when it is rounded (check_rates.h): … */
    uint32_t conversion; /* … by this, … */
    enum bank currency_bank;
    uint32_t currency_slot; /* … from the currency that stands here */
    struct span span;
};

static inline bool reading_is_broken(const struct reading *reading)
{
    return (uint32_t)reading->type.kind == TYPE_BROKEN;
}

/* ------------------------------------------------------------------ emit.c */

/* From here on code is of a new region. */
void emit_region_begin(struct emitter *emitter);
/* Adds the REGION record and gives its index. */
uint32_t emit_region_end(struct emitter *emitter, uint32_t campaign);
uint32_t emit_pc(const struct emitter *emitter);
/* Where an entry at `pc` really begins, once all labels are bound: jumps are followed. */
uint32_t emit_entry(const struct emitter *emitter, uint32_t pc);
void emit(struct emitter *emitter, enum opcode op, uint32_t a, uint32_t b, uint32_t c, int64_t imm);
/* An instruction whose skip (c) goes to the label. */
void emit_skip(struct emitter *emitter, enum opcode op, uint32_t a, uint32_t b, struct label *label, int64_t imm);
void emit_jump(struct emitter *emitter, struct label *label);
void emit_bind(struct emitter *emitter, struct label *label);
uint32_t emit_register(struct emitter *emitter);
/* A condition site, and its number in the region. `words`: what the author wrote. */
uint32_t emit_site(struct emitter *emitter, struct span span, struct text words, const struct reading *reading);

/* The instruction that asks whether a slot of the bank is known. */
enum opcode emit_known_opcode(enum bank bank);

/* Which slots of a bank are known to hold a value here; where two paths meet, only what both know. */
bool facts_has(const struct facts *facts, enum bank bank, uint32_t slot);
void facts_add(struct facts *facts, enum bank bank, uint32_t slot);
void facts_meet(struct facts *facts, const struct facts *other);

/* ------------------------------------------------------------------ check_value.c, check_formula.c */

/* A reading that was reported; a constant. */
struct reading reading_broken(struct span span);
struct reading reading_constant(struct span span, enum type_kind kind, uint32_t of, int64_t number);

/* Types a value and reads it as far as needed; mistakes are reported and give a broken reading. `want` helps a bare word and
 * a plain number to find their type; NULL where nothing is expected. */
struct reading value_read(struct emitter *emitter, const struct value *value, const struct type *want);
/* The same for a slot only (a word or a path): nothing is emitted, an unknown optional is fine. */
struct reading value_slot(struct emitter *emitter, const struct value *value);
/* Makes sure that the reading's slot is known here: a fact, or the `otherwise` in force; else reports. False: broken. */
bool value_need_known(struct emitter *emitter, struct reading *reading);
/* Puts a number (rounded) or a text into a register: `target`, or a new one for PROGRAM_NONE. */
uint32_t value_into(struct emitter *emitter, struct reading *reading, enum rounding rounding, uint32_t target);
/* A constant of exactly this type: literals, enumeration words, countries. Reports and gives false if it is none.
 * `subject`: what it is compared with or given to, for messages. */
bool value_constant(struct emitter *emitter, const struct value *value, struct type type, struct text subject,
                    struct reading *out);
/* Whether the value is written as a literal or bare word that value_constant should judge. */
bool value_is_literal(const struct value *value);
/* Reads a value for a parameter or variable of `type`, into the register `target`; false: broken. `below` is where to go when
 * `nothing below` strikes; NULL: the clause is refused. */
bool value_argument(struct emitter *emitter, const struct value *value, struct type type, struct text subject,
                    uint32_t target, struct label *below, struct reading *out);
/* Rounds by the campaign, or down. */
enum rounding value_rounding(const struct emitter *emitter);
/* A country code as a number, or -1. */
int value_country(struct text code);
/* A test's or condition's moment in a zone, as an instant. */
int64_t value_moment(const struct value *value, uint32_t zone);
/* "`deposit.amount`" without quotes marks: the words of a value. */
struct text value_words(const struct emitter *emitter, const struct value *value);

/* ------------------------------------------------------------------ check_metric.c */

/* Region 0: every metric, before anything that may read one. */
void metrics_emit(struct emitter *emitter);
/* A metric that can be read here, as a slot of BANK_METRIC. */
struct reading metric_reading(const struct emitter *emitter, const struct metric_info *metric, struct span span);
/* Reports a path in a metric: neither its own event's field, which is written bare, nor a metric. */
struct reading metric_refuses(struct emitter *emitter, const struct value *value);
/* SIGHT_METRIC: the metric of that name in the formula that is read; another formula by its own formula. */
struct reading metric_in_formula(struct emitter *emitter, const struct value *value);

/* ------------------------------------------------------------------ check_compare.c */

/* Emits one comparison: goes on where it holds, to `no` where it does not. `left_value` is the condition's own left side, or what a case
 * of `choose by` compares; reports whatever does not fit together, and emits nothing then. */
void condition_compare(struct emitter *emitter, const struct condition *condition, const struct value *left_value,
                       struct label *no);

/* ------------------------------------------------------------------ check_condition.c */

/* The money fields (by number) that a condition compares with one amount. */
uint64_t condition_money(const struct event_info *event, const struct condition *condition);

/* Emits a condition: goes on where it holds, to `no` where it does not. Facts that it proves hold afterwards. */
void condition_emit(struct emitter *emitter, const struct condition *condition, struct label *no);
/* A case of `choose by`: the condition has no left side; `subject` stands there. */
void condition_case(struct emitter *emitter, const struct condition *condition, struct span line,
                    const struct value *subject, struct label *no);
/* The segment of this name; NULL where there is none (reported) or its own mistakes were. */
struct thing *condition_segment(struct names *names, struct text name, struct span span);
/* Emits a filter over players (audience, policy, segment); its pc. */
uint32_t condition_player_filter(struct emitter *emitter, const struct condition *condition);
/* Emits a filter of an event: `where` (may be NULL), after what is asked of the currency of the money fields that it reads, and that the
 * journey reads behind `entry` (NULL: no journey goes on there). PROGRAM_NONE where nothing is to be judged. */
uint32_t condition_event_filter(struct emitter *emitter, const struct event_info *event, const struct condition *where,
                                const struct node *entry);

/* ------------------------------------------------------------------ the rest */

/* check_schema.c: workspace, events, attributes, actions, messages into the builder. */
void schema_emit(struct names *names);
/* check_schema.c: reports lines of the declaration that stand once and are there again. */
void schema_judge_repeats(struct names *names, const struct declaration *declaration);
/* check_schema.c: region 0 with segments, policies and shared budgets. */
void schema_emit_rules(struct names *names);
/* check_schema.c: `messages at most` and `send only between` as RULE records. */
void schema_emit_message_rule(struct names *names, const struct line *line, uint32_t campaign, struct text name);
/* check_schema.c: a RULE record with place and name, of no campaign for PROGRAM_NONE. */
struct bundle_rule schema_rule(struct names *names, const struct line *line, uint32_t campaign, struct text name);
/* check_schema.c: a filter over players in region 0; with `quiet` (standard rules) false where something in it is not declared. */
bool schema_filter(struct emitter *emitter, const struct condition *condition, bool quiet, uint32_t *out);
/* check_schema.c: `group "x"` of a campaign as a RULE record. */
void schema_emit_member(struct names *names, const struct line *line, uint32_t campaign, struct text name);
/* check_schema.c: limits and the BUDGET record of a budget block; `offers` finds `per offer`. Its index. */
struct campaign;
uint32_t schema_emit_budget(struct names *names, const struct declaration *budget, uint32_t campaign_index,
                            struct campaign *campaign, struct text name, uint32_t currency);
/* The holes of a message's bodies for a channel (PROGRAM_NONE: all), without repetitions. */
struct hole *schema_holes(struct names *names, const struct message_info *message, uint32_t channel, uint32_t *count);

#endif
