/* Filling new metrics from the log when a program takes effect.
 *
 * A second engine folds the log from its base to the activation: records are turned away as they were, attributes change as they did, so that an
 * event counts on the day that it had then; but no campaign sees anything. What it kept of the new metrics becomes the players'.
 * What the engine itself made (`credited`, `credit_failed` and the like) is in no log, so metrics over these begin with the activation.
 * Thread rules: as the engine's. spec: runtime.md#new-metrics
 */
#ifndef PROMO_RUNTIME_ENGINE_BACKFILL_H
#define PROMO_RUNTIME_ENGINE_BACKFILL_H

#include "runtime/engine/metrics.h"

/* Reads history for the metrics of `use` that are not kept yet. `activation` is the record that brings the program. `filled` receives the engine that
 * read it, to be handed to backfill_move() and engine_close(); NULL where there is nothing to read. STATUS_REFUSED where the log no longer begins with
 * its first record and the activation does not say that it may be incomplete; nothing was changed. */
MUST_CHECK enum status backfill_read(struct engine *engine, const struct use *use, const struct record *activation,
                                     struct engine **filled, struct error *error);

/* Gives the players what was read, after the program took effect. False when memory is out. */
MUST_CHECK bool backfill_move(struct engine *engine, const struct engine *filled);

#endif
