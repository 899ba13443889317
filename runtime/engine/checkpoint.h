/* The bytes of the state: one blob a key group, one for what is shared, one for each program. spec: storage.md
 *
 * Bytes are canonical: equal states give equal bytes, however they came about and however many shards there are. So the
 * digest is made of them. They are versioned and checked on read; a blob that does not hold together is STATUS_CORRUPT.
 */
#ifndef PROMO_RUNTIME_ENGINE_CHECKPOINT_H
#define PROMO_RUNTIME_ENGINE_CHECKPOINT_H

#include "runtime/engine/state.h"

MUST_CHECK enum status checkpoint_write(struct engine *engine, const struct checkpoint_store *store, uint64_t position,
                                        struct error *error);
MUST_CHECK enum status checkpoint_read(struct engine *engine, const struct checkpoint_store *store, uint64_t *position,
                                       struct error *error);
MUST_CHECK enum status checkpoint_digest(struct engine *engine, uint8_t out[32], struct error *error);

#endif
