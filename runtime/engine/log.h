/* The two interfaces between the engine and what is durable: the input log and the checkpoint store.
 *
 * runtime/store implements both in memory and in SQLite; one conformance suite (tests/unit/store_test.c) runs against each.
 * Thread rules: one writer; readers only while it is not writing.
 */
#ifndef PROMO_RUNTIME_ENGINE_LOG_H
#define PROMO_RUNTIME_ENGINE_LOG_H

#include <stdint.h>

#include "vm/status.h"
#include "vm/text.h"

/* One record as the log keeps it. */
struct log_record {
    int64_t now;
    uint64_t number; /* Player's storage number; 0: no player. The store seals `secret` with this player's key. */
    uint16_t group;
    uint8_t kind; /* enum record_kind. */
    struct text open;
    struct text secret; /* In the clear here; sealed at rest. */
    struct text
        audit; /* What the audit log says of it, written in the same transaction (store/audit.h); empty: nothing. Not read back. */
};

typedef enum status (*log_reader)(void *context, uint64_t position, const struct log_record *record,
                                  struct error *error);

struct log {
    void *self;
    /* Appends a batch in one durable write: all of it or nothing. `first` receives the first record's position. */
    enum status (*append)(void *self, const struct log_record *records, uint32_t count, uint64_t *first,
                          struct error *error);
    /* Calls `reader` for each record from `from` on, in order; stops at its first failure. STATUS_CORRUPT where the log is damaged. */
    enum status (*read)(void *self, uint64_t from, log_reader reader, void *context, struct error *error);
    /* The position after the last record. */
    uint64_t (*end)(void *self);
};

/* Keys of a checkpoint: 0 … 4095 key groups, then these. */
#define CHECKPOINT_SHARED  4096u /* Shared objects, programs in use by hash, clock. */
#define CHECKPOINT_PROGRAM 4097u /* CHECKPOINT_PROGRAM + n: bundles. */

typedef enum status (*checkpoint_reader)(void *context, uint32_t key, struct text bytes, struct error *error);

struct checkpoint_store {
    void *self;
    /* The position of the newest whole checkpoint (0: none), its blobs through `reader`: best from CHECKPOINT_SHARED on first, then the groups, which
     * are then read as they come; in another order they are copied. */
    enum status (*load)(void *self, uint64_t *position, checkpoint_reader reader, void *context, struct error *error);
    /* begin, put for each key that changed (empty bytes: remove), commit: all or nothing; unchanged keys stay. */
    enum status (*begin)(void *self, uint64_t position, struct error *error);
    enum status (*put)(void *self, uint32_t key, struct text bytes, struct error *error);
    enum status (*commit)(void *self, struct error *error);
};

#endif
