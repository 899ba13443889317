/* The log up to a position, for an engine that fills in new metrics (engine_options.history).
 * A thin layer over a store's log; what is read of it is runtime/engine/backfill.h.
 */
#ifndef PROMO_RUNTIME_STORE_HISTORY_H
#define PROMO_RUNTIME_STORE_HISTORY_H

#include "runtime/engine/log.h"
#include "runtime/store/store.h"

/* Calls `reader` for each record of the log before position `before`, from its beginning on, in order; stops at its first failure. */
MUST_CHECK enum status history_read(const struct log *log, uint64_t before, log_reader reader, void *reader_context,
                                    struct error *error);

/* The same of a SQLite store whose log may have lost its beginning to retention: then it begins at the base, with an activation of the program that is
 * active there at the base's position. `identity_key`: as the engine's. */
MUST_CHECK enum status history_of_store(struct store *store, const uint8_t *identity_key, uint64_t before,
                                        log_reader reader, void *reader_context, struct error *error);

#endif
