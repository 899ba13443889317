/*
 * The interpreter once more, from the same source but with a switch for computed goto: it counts its instructions, and the
 * tests run it beside the other to see that both do the same.
 */
#ifndef TESTS_FUZZ_SWITCH_INTERP_H
#define TESTS_FUZZ_SWITCH_INTERP_H

#include "vm/interp.h"

bool switch_enter(struct activation *activation, uint32_t pc);
struct text switch_text(const struct activation *activation, int64_t handle);
void switch_clear_trace(struct activation *activation);

/* Runs a copy of the activation (and of its journey: `slots` variables, `bytes` of text) with the switch; INVARIANT fails where
 * the result of the original, which has just been run from the same start, differs. Use: switch_begin, run the original, switch_end. */
struct switch_twin {
    struct activation *activation;
    int64_t *slot;
    uint8_t *bytes;
    uint32_t slot_count;
    uint32_t byte_count;
};
void switch_begin(struct switch_twin *twin, const struct activation *activation, uint32_t slots, uint32_t bytes,
                  uint32_t pc, bool filter);
/* Gives the number of instructions that it took. */
uint32_t switch_end(struct switch_twin *twin, const struct activation *activation);

#endif
