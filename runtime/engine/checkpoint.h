/* The bytes of the state: one blob a key group, one for what is shared, one for each program. spec: storage.md
 *
 * Bytes are canonical: equal states give equal bytes, however they came about and however many shards there are. So the
 * digest is made of them. They are versioned and checked on read; a blob that does not hold together is STATUS_CORRUPT.
 */
#ifndef PROMO_RUNTIME_ENGINE_CHECKPOINT_H
#define PROMO_RUNTIME_ENGINE_CHECKPOINT_H

#include "runtime/engine/state.h"

/* Hands the whole state to the store, blob by blob, as of `position` in the log: only groups that changed since the last time.
 * STATUS_USAGE before the first program, STATUS_NO_MEMORY, or whatever the store says; the state is as before, and the next
 * checkpoint writes what this one did not. */
MUST_CHECK enum status checkpoint_write(struct engine *engine, const struct checkpoint_store *store, uint64_t position,
                                        struct error *error);

/* Fills an empty engine from the store and says in `position` from where on the log is to be folded. STATUS_CORRUPT, STATUS_REFUSED (of
 * another version) or STATUS_NO_MEMORY: the engine is then of no use but to be closed. */
MUST_CHECK enum status checkpoint_read(struct engine *engine, const struct checkpoint_store *store, uint64_t *position,
                                       struct error *error);

/* The digest of the state: equal for equal states, however many shards they are kept in. STATUS_NO_MEMORY. */
MUST_CHECK enum status checkpoint_digest(struct engine *engine, uint8_t out[32], struct error *error);

#endif
