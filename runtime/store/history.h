/* The log up to a position, for an engine that fills in new metrics (engine_options.history).
 * A thin layer over a store's log; what is read of it is runtime/engine/backfill.h.
 */
#ifndef PROMO_RUNTIME_STORE_HISTORY_H
#define PROMO_RUNTIME_STORE_HISTORY_H

#include "runtime/engine/log.h"

/* Calls `reader` for each record of the log before position `before`, from its beginning on, in order; stops at its first failure. */
MUST_CHECK enum status history_read(const struct log *log, uint64_t before, log_reader reader, void *reader_context,
                                    struct error *error);

#endif
