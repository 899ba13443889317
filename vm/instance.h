/* The instances of a tournament: windows [start, end) with the instant at which each is settled. The arithmetic of TOURNAMENT records.
 *
 *      start            end        settles        start of the next
 *   ─────┼───────────────┼────────────┼────────────────┼─────►
 *        what happens here counts …   … if it is known before here
 *
 * Instances never overlap: an end that would lie behind the next start is that start. An instance is settled before the next one ends, so
 * at most two are unsettled at a time. Local times are those of the campaign's zone, where clocks change as schedule.h says.
 * Not here: who takes part and what is counted (runtime/engine/board.h).
 */
#ifndef VM_INSTANCE_H
#define VM_INSTANCE_H

#include "vm/program.h"

/* What no instance holds; no instance starts then. */
#define INSTANCE_NOWHERE INT64_MIN

struct instance {
    int64_t start; /* By which it is known. */
    int64_t end;
    int64_t settles;
    int64_t next; /* When the next one starts; INT64_MAX: there is none. */
};

/* A TOURNAMENT record ready for use. Borrows the program. It remembers what it worked out last, so one thread uses it at a time. */
struct instance_rule {
    const struct program *program;
    const struct bundle_tournament *tournament;
    uint32_t zone;
    struct instance last[2]; /* Worked out last: each is the instance in [start, next) … */
    uint32_t known;          /* … of so many; the one before is asked for with each event. */
    uint32_t older;          /* Which of them goes when another comes. */
    int64_t pinned;          /* Reads are of this instance, or INSTANCE_NOWHERE: of the one that is on. */
};

struct instance_rule instance_rule_make(const struct program *program, uint32_t tournament, uint32_t zone);

/* The latest instance that started at or before `at`. False where there is none. */
bool instance_find(struct instance_rule *rule, int64_t at, struct instance *out);
/* The one that holds `at`; false: none does. */
bool instance_holds(struct instance_rule *rule, int64_t at, struct instance *out);
/* The one that starts at `start`, as it was written down; false where no instance does. */
bool instance_at_start(struct instance_rule *rule, int64_t start, struct instance *out);
/* Whether what happened at `at` and is learnt at `now` counts: some instance holds it and is not settled yet. */
bool instance_counts(struct instance_rule *rule, int64_t at, int64_t now);
/* Which instance people mean at `now`: the latest that has started, unless it is settled. False: none is on. */
bool instance_current(struct instance_rule *rule, int64_t now, struct instance *out);
/* Instances that start before this one are settled before `now`: nothing that is kept of them is needed any more. */
int64_t instance_oldest(struct instance_rule *rule, int64_t now);
/* The first settlement strictly after `after`, and of which instance; false: there is none. */
bool instance_next_settlement(struct instance_rule *rule, int64_t after, struct instance *out);
/* The first instant after `now` at which instance_current() says something else; INT64_MAX: never. */
int64_t instance_changes(struct instance_rule *rule, int64_t now);

#endif
