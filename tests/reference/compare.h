/* What the reference evaluator says, beside what the engine did: each filter, each activation, each deadline, each condition's two bits.
 *
 * It hears the engine's probe and notes. The evaluator's own journeys (walk.h) are carried from activation to activation; what the engine tells
 * of the way in is judged too: a case is the first that the event meets, a time-out comes at the deadline that was worked out here.
 * The first difference is kept in words. Used by differ_tool.c.
 */
#ifndef TESTS_REFERENCE_COMPARE_H
#define TESTS_REFERENCE_COMPARE_H

#include "tests/reference/walk.h"

struct compare;

struct compared {
    uint64_t filters, activations, conditions, expected, deeds, values, deadlines, ends, rules, unsure;
};

/* Of one compiled project, which must outlive it. */
struct compare *compare_open(const struct compiler_output *compiled, enum reference_plant plant);
void compare_close(struct compare *comparison);
void compare_probe(struct compare *comparison, const struct engine_probe_call *call);
void compare_note(struct compare *comparison, const struct engine_note *note);
/* Everything up to `now` is folded: nobody rests behind his deadline. */
void compare_settled(struct compare *comparison, int64_t now);
/* An event of the player is about to be folded; the instant is closed. Journeys that wait for any such event, whatever it holds, have moved by then. */
void compare_expect(struct compare *comparison, struct text player, struct text brand, uint32_t event);
void compare_expected(struct compare *comparison);
/* The player is forgotten. */
void compare_forget(struct compare *comparison, struct text player);
/* NULL: no difference. */
const char *compare_fault(const struct compare *comparison);
struct compared compare_counts(const struct compare *comparison);
/* How often each reason was told of, by enum reason. */
const uint64_t *compare_reasons(const struct compare *comparison);
/* What was not compared, and why: prints the reasons with their counts. */
void compare_print(const struct compare *comparison);

#endif
