/*
 * What a store is: a log, checkpoints, and the keys of the players, behind interfaces that the engine and promo.h know.
 *
 * Two implementations: memory_store.h keeps everything in memory (tests, short runs), sqlite_store.h in a SQLite file and
 * its FILE-keys. One conformance suite runs against both: tests/unit/store_test.c. Layout: spec/storage.md.
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_STORE_STORE_H
#define PROMO_RUNTIME_STORE_STORE_H

#include "runtime/engine/log.h"
#include "runtime/store/audit.h"
#include "runtime/store/keyring.h"

struct store {
    struct log log;
    struct checkpoint_store checkpoint;
    struct keyring *keyring; /* owned by the store */
    void *self;
    /* A word of the store about itself (workspace, identity), kept for ever; `out` receives it. STATUS_NOT_FOUND. */
    enum status (*get_meta)(void *self, const char *name, struct buffer *out, struct error *error);
    enum status (*set_meta)(void *self, const char *name, struct text value, struct error *error);
    /* Writes a row of the audit log that belongs to no record: audit_append. NULL: no audit is kept. */
    enum status (*audit)(void *self, const struct audit_entry *entry, struct error *error);
    void (*close)(void *self);
};

static inline void store_close(struct store *store)
{
    if (store->close != NULL) store->close(store->self);
    store->close = NULL;
}

#endif
