/* Runs one activation, or one filter, of a verified program.
 *
 * Pure: no clock, no allocation, no host call, no failure. Only programs that verify.h has accepted may run.
 * The engine prepares the reads as banks of 8-byte slots and takes the effects from the result.
 * Thread rules: any number of threads, each with its own struct activation.
 */
#ifndef PROMO_VM_INTERP_H
#define PROMO_VM_INTERP_H

#include <stdbool.h>

#include "vm/program.h"

#define ACTIVATION_EFFECTS_MAX  64u /* spec/limits.def: effects_per_activation; the verifier refuses more. */
#define ACTIVATION_RULES_MAX    32u /* Pressure rules that can concern one campaign. */
#define ACTIVATION_GATES_MAX    32u
#define ACTIVATION_SITES_MAX    1024u
#define ACTIVATION_METRIC_BYTES 8192u /* spec/limits.def: metric_text_bytes; the verifier refuses more. */

/* A bank: slots, which are known (bit n of word n / 64), and the bytes its text handles point into. */
struct bank_read {
    const int64_t *slot;
    const uint64_t *known;
    const uint8_t *bytes;
};

/* What the gates say of one kind of effect at this instant; prepared by the engine for each gate of the campaign.
 * Order of judgement: verdict (responsible gaming, policies, consent), then pressure, then quiet hours. */
struct gate_state {
    uint16_t verdict;    /* enum reason; REASON_NONE lets it pass. */
    uint16_t detail;     /* Index of the rule (RULE section) that gave the verdict, or 0xFFFF. */
    uint32_t pressure;   /* Bit n: pressure rule n counts this effect. */
    int64_t quiet_until; /* Not in quiet hours: 0. Otherwise the first instant after them. */
    bool quiet_drops;    /* Quiet hours drop instead of delaying. */
};
struct pressure_state {
    uint32_t left;   /* Messages that still fit. The interpreter counts down. */
    bool delays;     /* Otherwise delay (until free_at) instead of drop. */
    int64_t free_at; /* When the next one fits again. */
};

/* What a metric is at this instant: as the engine's callback finds it. The interpreter puts the metric's `otherwise` in
 * the place of no value, and keeps numbers within the record's low and high. */
struct metric_read {
    bool known;
    int64_t value;      /* A number; the bank-less contents of a text stand in `text`. */
    struct text text;   /* Of a TEXT: copied before the callback is called again. */
    int64_t changes_at; /* First instant after now at which the passing of time alone may change this: early is sound,
                           late is a mistake. INT64_MAX: never. */
};

enum outcome {
    OUTCOME_ACCEPT,
    OUTCOME_REJECT,
    OUTCOME_WAIT,
    OUTCOME_FINISH,
    OUTCOME_CREDIT,
    OUTCOME_YIELD,
    OUTCOME_ASK,
    OUTCOME_CODE /* A request about a code: credit and state, as of CREDIT. */
};

/* What a journey orders about what it was granted. */
enum offer_order { OFFER_CANCEL, OFFER_FREEZE, OFFER_UNFREEZE };

enum made_kind { MADE_EFFECT, MADE_DELAYED, MADE_REFUSED, MADE_EXPOSURE, MADE_STEP, MADE_OFFER };
/* Something an activation did, in order. */
struct made {
    uint8_t kind;    /* enum made_kind. */
    uint16_t reason; /* REFUSED: enum reason. DELAYED: QUIET_HOURS or PRESSURE. */
    uint16_t
        object; /* EFFECT, DELAYED, REFUSED: effect's number in the campaign. EXPOSURE: split's. STEP: step's. OFFER: enum offer_order. */
    uint16_t value_first; /* EFFECT, DELAYED: its values in activation.values; EXPOSURE: the arm;
                             REFUSED: the rule (gate's detail; PRESSURE: the pressure rule's number), or 0xFFFF. */
    int64_t until;        /* DELAYED: when it is due. OFFER: OFFER index. */
};

/* One activation: input above, result below the line. The same struct is reused; interp_run() resets the result. */
struct activation {
    const struct program *program;
    uint32_t campaign;      /* Index, or PROGRAM_NONE: region 0 (policies, segments). */
    struct bank_read event; /* slot NULL when there is no event. */
    struct bank_read player;
    int64_t *journey_slot; /* The journey's variables; written in place. NULL for filters before entry. */
    uint64_t journey_known;
    uint8_t *journey_bytes;
    int64_t now;
    uint32_t campaign_zone;  /* Zone index; where the program says PLACE_CAMPAIGN. */
    uint32_t player_zone;    /* The player's, or the campaign's where unknown. */
    const int8_t *arm_given; /* Tests: arm by the campaign's split number, -1 = by hash; NULL: all by hash. */
    struct gate_state gate[ACTIVATION_GATES_MAX];
    struct pressure_state pressure[ACTIVATION_RULES_MAX];
    /* Metrics: asked for each that is read, FORMULA too (its record's code reads metrics that are none). NULL: none has
     * a value. */
    void (*read_metric)(void *context, uint32_t metric, struct metric_read *out);
    void *metric_context;
    /* How many points the player has, of POINTS n of the program. NULL: none. */
    int64_t (*points_left)(void *context, uint32_t points);
    void *points_context;
    /* The first instant after now at which the passing of time alone may change what was judged and read here. The
     * caller sets it to INT64_MAX before; every run lowers it: early is sound, late would be a mistake. */
    int64_t changes_at;
    /* ---- result */
    int64_t yielded;            /* YIELD: the number. YIELD_TEXT: a handle. */
    uint32_t metric_byte_count; /* Of the run that was entered last, as are the handles into them. */
    enum outcome outcome;
    uint32_t state;         /* WAIT, CREDIT, ASK: the campaign's state number. */
    uint32_t finish;        /* FINISH: text index of the reason. */
    uint32_t credit;        /* CREDIT, ASK: the effect's number. */
    uint16_t credit_values; /* CREDIT: first of its values. */
    uint16_t made_count;
    uint16_t value_count;
    uint32_t steps; /* Instructions run; counted by the build with PROMO_SWITCH alone (the tests' bounds). */
    struct made made[ACTIVATION_EFFECTS_MAX];
    int64_t values[ACTIVATION_EFFECTS_MAX * 16];   /* Numbers, or text handles. */
    uint8_t trace[ACTIVATION_SITES_MAX];           /* By site: 0 not judged, 2 judged no, 3 judged yes. */
    uint8_t metric_bytes[ACTIVATION_METRIC_BYTES]; /* Texts of metrics (BANK_METRIC). */
};

/* What both functions below call, and what runs the code of a metric or an order: runs from `pc` to the end; true if that was
 * ACCEPT or YIELD. */
bool interp_enter(struct activation *activation, uint32_t pc);

/* Runs from `pc` (an entry of the campaign's region) to the end of the activation. Resets the result but not the trace: a turn
 * that judges filters and then runs keeps them all; call interp_clear_trace() when a turn begins. */
static inline void interp_run(struct activation *activation, uint32_t pc)
{
    activation->made_count = 0;
    activation->value_count = 0;
    (void)interp_enter(activation, pc);
}

/* Runs a filter; true if it accepts. Notes conditions in activation.trace; does not clear it (interp_clear_trace does). */
static inline bool interp_filter(struct activation *activation, uint32_t pc)
{
    return interp_enter(activation, pc);
}

/* Zeroes the trace of the campaign's region. */
void interp_clear_trace(struct activation *activation);

/* The text a handle of this activation stands for; borrows from its bank. */
struct text interp_text(const struct activation *activation, int64_t handle);

#endif
