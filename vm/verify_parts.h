/* What the verifier's files share: the facts that flow along the code, and how an instruction is refused.
 *
 * For the files vm/verify*.c alone; everybody else includes vm/verify.h.
 */
#ifndef PROMO_VM_VERIFY_PARTS_H
#define PROMO_VM_VERIFY_PARTS_H

#include <stdbool.h>

#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/range.h"

enum verify_words {
    EVENT_WORDS = LAYOUT_EVENT_SLOTS_MAX / 64,
    PLAYER_WORDS = LAYOUT_PLAYER_SLOTS_MAX / 64,
    METRIC_WORDS = LIMIT_METRICS / 64,
};

/* Moments that calendar arithmetic is defined for; far beyond the years 1 to 9999. */
#define MOMENT_FAR (INT64_C(1) << 56)
#define DATE_FAR   (INT64_C(1) << 30)

/* As what code was entered: what it may read, and how it ends. */
enum entered {
    AS_JOURNEY, /* a journey goes on */
    AS_FILTER,  /* ACCEPT or REJECT, and nothing done */
    AS_METRIC,  /* REJECT or YIELD; reads the event alone */
    AS_FORMULA, /* REJECT or YIELD; reads metrics that are no formulas */
    AS_MEASURE, /* the same, of a number that is nobody's but the reader's: what an event earns, what an experiment sums up */
    AS_ORDER, /* REJECT (who has no value comes last) or YIELD; reads the player and metrics */
};

struct facts {
    struct facts *next_free;
    enum entered entered;
    bool journey;    /* there is a journey */
    uint32_t metric; /* AS_METRIC, AS_FORMULA: whose code it is */
    uint32_t copied; /* bytes of metrics' texts copied at most on the ways here */
    uint32_t event;  /* in the event bank, or PROGRAM_NONE */
    uint64_t defined;
    uint64_t texts; /* of the defined ones; of others it says nothing */
    uint64_t event_known[EVENT_WORDS];
    uint64_t player_known[PLAYER_WORDS];
    uint64_t metric_known[METRIC_WORDS];
    uint64_t journey_known;
    uint64_t carried;                     /* text variables whose bytes an effect carries on some way here */
    uint64_t borrowed[PROGRAM_REGISTERS]; /* text variables whose bytes the register may point at */
    int64_t low[PROGRAM_REGISTERS];
    int64_t high[PROGRAM_REGISTERS]; /* of a text: its largest size */
};

enum slot_class { SLOT_NONE, SLOT_NUMBER, SLOT_TEXT };
struct slot {
    enum slot_class class;
    bool optional;
    uint32_t proof; /* the slot whose presence proves this one's: itself, or the amount of a currency */
    int64_t low;
    int64_t high; /* of a text: its largest size */
};

struct verify {
    const struct program *program;
    struct error *error;
    struct slot *player; /* player_slot_count */
    struct slot *event;  /* all events' slots; an event's begin at event_first */
    uint32_t *event_first;
    const struct bundle_region *region;
    uint32_t region_index;
    const struct bundle_campaign *campaign; /* NULL in region 0 */
    uint64_t counters;                      /* journey variables that are counters: known from the start */
    struct facts **waiting;                 /* by instruction of the region */
    struct facts *free;
    uint32_t waiting_count;
    bool *reached;
    int64_t *cost;
    uint32_t *arena;
};

static inline const struct instruction *code_of(const struct verify *verify)
{
    return verify->program->instruction + verify->region->code_first;
}

static inline struct range register_range(const struct facts *facts, uint32_t number)
{
    return range_of(facts->low[number], facts->high[number]);
}

/* Refuses with the place as `promo disasm` numbers it: through all regions. */
enum status verify_refuse(const struct verify *verify, uint32_t pc, const char *format, ...) PRINTF_LIKE(3, 4);

/* STATUS_NO_MEMORY. */
MUST_CHECK enum status verify_no_memory(const struct verify *verify);
/* Leaves facts for an instruction further on (or an entry), joined with those that wait there. */
MUST_CHECK enum status verify_leave(struct verify *verify, uint32_t from, uint32_t target, const struct facts *facts);

/* verify_slots.c */

/* Fills the slots of players and events; whoever deinits `verify` releases them, filled or not. Refuses two things in one slot. */
MUST_CHECK enum status verify_slots(struct verify *verify);
/* A variable of the campaign that is walked, as a slot; `number` below its variable_count. */
struct slot verify_journey_slot(const struct verify *verify, uint32_t number);

/* verify_code.c */

/* What holds of an instruction whatever the facts: its opcode, zeros, numbers of records, forward skips. */
MUST_CHECK enum status verify_static(const struct verify *verify, uint32_t pc);
/* Everything else about one instruction: `facts` before it become those of its next; *ends when there is none, and what the skip
 * leads to is left there. */
MUST_CHECK enum status verify_instruction(struct verify *verify, uint32_t pc, struct facts *facts, bool *ends);

/* verify_metric.c */

/* A metric as a slot. Those of a journey can be read where there is one, of their campaign. */
MUST_CHECK enum status verify_find_metric(const struct verify *verify, uint32_t pc, const struct facts *facts,
                                          uint32_t number, struct slot *out);
/* Texts of metrics are copied into the activation, one behind another. */
MUST_CHECK enum status verify_copied(const struct verify *verify, uint32_t pc, struct facts *facts, int64_t size);
/* What is counted back from now, on the calendar. */
MUST_CHECK enum status verify_window(const struct verify *verify, uint32_t pc, const struct facts *facts);
/* YIELD and YIELD_TEXT. */
MUST_CHECK enum status verify_yield(const struct verify *verify, uint32_t pc, const struct facts *facts);
/* What the code of a metric gives depends on its event alone, a formula on metrics alone: not on now, not on the player. */
MUST_CHECK enum status verify_pure(const struct verify *verify, uint32_t pc, const struct facts *facts);

#endif
