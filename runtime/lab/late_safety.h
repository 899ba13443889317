/*
 * The report on late news: effects that were decided after a responsible gaming event took effect and before it was known.
 *
 * An exclusion stops everything from the moment it is folded; what left before that, and after the moment from which it holds, is
 * listed here for people to act on. Two passes over the log: the first finds the players with late news, the second their effects.
 */
#ifndef PROMO_RUNTIME_LAB_LATE_SAFETY_H
#define PROMO_RUNTIME_LAB_LATE_SAFETY_H

#include "runtime/engine/engine.h"
#include "vm/arena.h"

struct late_safety;

/* Everything it keeps lives in `arena`. NULL when memory is out. */
struct late_safety *late_safety_new(struct arena *arena);

/* The sinks of the two passes, each over the whole log. */
struct engine_sink late_safety_first(struct late_safety *report);
struct engine_sink late_safety_second(struct late_safety *report);

/* Appends the report, for people or as one JSON object. False when memory was out on the way. */
bool late_safety_render(const struct late_safety *report, bool json, struct buffer *out);

#endif
