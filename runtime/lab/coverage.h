/*
 * What the tests of a project reach: steps, effects, ends, and whether each condition was seen to hold and not to hold.
 *
 * One struct gathers over any number of tests of one program; nothing is judged here. Filled by test_runner.c through the engine's sink,
 * printed by runtime/cli/command_test.c.
 */
#ifndef PROMO_RUNTIME_LAB_COVERAGE_H
#define PROMO_RUNTIME_LAB_COVERAGE_H

#include "runtime/engine/engine.h"
#include "vm/arena.h"

struct coverage;

/* For the tests of `program`, which must outlive it. In the arena; NULL when memory is out. */
struct coverage *coverage_new(struct arena *arena, const struct program *program);

/* Three parts of a sink: what an engine that runs this program says. */
void coverage_effect(struct coverage *coverage, const struct engine_effect *effect);
void coverage_note(struct coverage *coverage, const struct engine_note *note);
void coverage_probe(struct coverage *coverage, const struct engine_probe_call *call);

/* How much of one campaign was reached; a condition counts twice, for yes and for no. */
struct coverage_count {
    uint32_t steps, steps_reached;
    uint32_t effects, effects_reached;
    uint32_t ends, ends_reached;
    uint32_t ways, ways_reached;
};
struct coverage_count coverage_of(const struct coverage *coverage, uint32_t campaign);

/* Calls back for each thing of the campaign that was not reached, in the order of their lines (0: it has none). `words` lives for the call. */
void coverage_missing(const struct coverage *coverage, uint32_t campaign,
                      void (*each)(void *context, uint32_t line, struct text words), void *context);

#endif
