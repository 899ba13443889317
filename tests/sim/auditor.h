/* An accountant of its own, written from spec/runtime.md: it knows what the world told, what left, what the wallet said, and the caps and
 * rates of world.promo. From the records of the log alone it says what must be: books, caps, points, codes, cards, places, gates, answers.
 *
 * It is given the log and its fold (by a fresh engine, from the first record) and judges both, and what left meanwhile, against its own
 * sums. It never asks the engine how it came to a figure. Not thread-safe; out of memory ends the program.
 */
#ifndef TESTS_SIM_AUDITOR_H
#define TESTS_SIM_AUDITOR_H

#include "runtime/engine/engine.h"
#include "tests/sim/world.h"

struct auditor;

struct auditor *auditor_open(const struct world *world);
void auditor_close(struct auditor *auditor);

/* An effect left for the receivers: its line as it went. */
void auditor_left(struct auditor *auditor, const char *line, uint32_t size);
/* The service said that this line is durable. */
void auditor_acknowledged(struct auditor *auditor, uint32_t line, uint64_t position);

/* Effects leave by an outbox, and all that it may carry has been carried: rewards of players whom nothing took back must have left. */
void auditor_carried(struct auditor *auditor);

/* The fold of the whole log: give these to its engine, between begin and judge. `context` is the auditor. */
void auditor_begin(struct auditor *auditor);
void auditor_record(void *context, const struct record *record, const struct program *program);
void auditor_effect(void *context, const struct engine_effect *effect);
void auditor_note(void *context, const struct engine_note *note);
/* The positions that the rows of the table `audit` stand at, in their order: before judge. */
void auditor_audit_row(struct auditor *auditor, uint64_t position);
/* How many effects it has given so far. */
uint32_t auditor_effects(const struct auditor *auditor);
/* `engine` has folded all, and its last instant is closed. The first `left` effects of the fold must have left. */
void auditor_judge(struct auditor *auditor, struct engine *engine, uint32_t left);

/* What was wrong first, or NULL. */
const char *auditor_fault(const struct auditor *auditor);

struct auditor_counts {
    uint64_t judged, records, audit_rows, effects, credits, released, sends, answers, places, points, cards, books,
        seen_again;
};
const struct auditor_counts *auditor_counted(const struct auditor *auditor);

#endif
