/* The bytes of the state: one blob a key group, one for what is shared, one for each program. spec: storage.md
 *
 * Bytes are canonical: equal states give equal bytes, however they came about and however many shards there are. So the
 * digest is made of them. They are versioned and checked on read; a blob that does not hold together is STATUS_CORRUPT.
 */
#ifndef PROMO_RUNTIME_ENGINE_CHECKPOINT_H
#define PROMO_RUNTIME_ENGINE_CHECKPOINT_H

#include "runtime/engine/state.h"

/* The form of the bytes. Whoever changes what a blob holds appends a version here, named after what it brought, and goes on reading the older ones: a
 * decoder asks its reader (`if (in->version >= CHECKPOINT_EPOCHS)`; buffer_read_part passes it on). A state whose log is gone (an
 * erasure or retention has moved the base) is in no other place, so versions that were given out are read for ever: tests/formats holds one of each.
 * Parts of the state have no other version; the books, which another program may keep, have one of their own inside. */
enum checkpoint_version {
    CHECKPOINT_OLDEST = 17,     /* That is read. Older ones are folded from the log again. */
    CHECKPOINT_EPOCHS = 18,     /* The epoch stands behind the clock; a reservation may be a lost one. */
    CHECKPOINT_PERSONS = 19,    /* Which players are one person: a part that older ones have not. */
    CHECKPOINT_TEST_CODES = 20, /* What a test player used, was given or holds of codes lies with him alone. */
    CHECKPOINT_VERSION = CHECKPOINT_TEST_CODES /* That is written. */
};

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
