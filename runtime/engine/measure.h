/* Running code that measures an event: what it earns, what an experiment sums up. Such code reads the event alone.
 *
 * For the shard's thread alone; uses engine->measure. Next: runtime/engine/metrics.h for code of metrics, which is kept for each player.
 */
#ifndef PROMO_RUNTIME_ENGINE_MEASURE_H
#define PROMO_RUNTIME_ENGINE_MEASURE_H

#include "runtime/engine/state.h"

/* Runs the code at `pc` of the newest program over an event, dates in `zone`, now as engine->now. False: it does not count, and `out` is
 * as it was. */
bool measure_event(struct engine *engine, uint32_t pc, const struct kept_event *event, uint32_t zone, int64_t *out);

#endif
