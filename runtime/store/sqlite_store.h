/*
 * The store in a SQLite database: FILE holds log, checkpoints and the views for people, FILE-keys the players' numbers and
 * keys. Layout and promises: spec/storage.md.
 *
 * One writer at a time: it holds FILE-keys locked for as long as it is open; a second one gets STATUS_BUSY. Others may read
 * FILE's tables meanwhile. A file of an older format is taken up to ours by a writer (upgrade.h); one of an unknown format is refused
 * and left as it is.
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_STORE_SQLITE_STORE_H
#define PROMO_RUNTIME_STORE_SQLITE_STORE_H

#include "runtime/store/store.h"

enum sqlite_store_mode {
    SQLITE_STORE_WRITE, /* makes the files if there are none */
    SQLITE_STORE_READ   /* an existing one, to read it; append and begin are refused */
};

/* Opens or makes the database. STATUS_BUSY: another run has it. STATUS_REFUSED: not ours, or another format. STATUS_CORRUPT,
 * STATUS_IO, STATUS_NOT_FOUND (reading) with what is wrong and what to do. */
MUST_CHECK enum status sqlite_store_open(struct store *out, const char *path, enum sqlite_store_mode mode,
                                         struct error *error);

/* The format that the files had before this opening took them up to this program's; 0: they were of it, or are new. */
int64_t sqlite_store_upgraded(const struct store *store);

/* The next checkpoint replaces all blobs of the one before, not only those that it puts: its state was made otherwise. */
void sqlite_store_renew(struct store *store);

/* The log can be folded from this record on, with the state that sqlite_store_base loads; 0: from its first record. */
uint64_t sqlite_store_base_position(const struct store *store);
uint64_t sqlite_store_base_steps(const struct store *store);    /* of the outbox, before it */
struct checkpoint_store sqlite_store_base(struct store *store); /* `load` alone */

/* The next checkpoint, in which these players are erased, becomes the base: from then on nothing before it is read. When it is written,
 * sqlite_store_erased destroys the keys of these numbers and of older ones of the same players, overwritten in both files. */
MUST_CHECK enum status sqlite_store_erase(struct store *store, const uint64_t *numbers, uint32_t count,
                                          struct error *error);
MUST_CHECK enum status sqlite_store_erased(struct store *store, struct error *error);

/* Retention (sqlite_retain.c). The first record that is left; where the newest checkpoint stands; a store that a whole state is checkpointed into as
 * the new base, with the steps of the outbox and the instant before it; then rows of the log that end before `position`, which is not after the
 * base, go. Of a table for people the rows go whose `now` is before an instant. */
uint64_t sqlite_store_start(const struct store *store);
uint64_t sqlite_store_checkpoint_position(const struct store *store);
struct checkpoint_store sqlite_store_new_base(struct store *store, uint64_t steps, struct text now);
MUST_CHECK enum status sqlite_store_trim(struct store *store, uint64_t position, struct error *error);
MUST_CHECK enum status sqlite_store_trim_table(struct store *store, const char *table, struct text before,
                                               uint64_t *removed, struct error *error);

/* Reads the FILE-keys of a later moment of the same life (sqlite_lost.c), and tells `each` number whose key is gone there and here still. STATUS_REFUSED:
 * these are keys of another database, of another life, or older ones; STATUS_NOT_FOUND. */
struct sqlite_lost_keys {
    uint64_t erased;    /* that were told */
    uint64_t strangers; /* came after this store's moment, and were erased: nobody knows who they were */
};
MUST_CHECK enum status sqlite_store_lost_keys(struct store *store, const char *path,
                                              void (*each)(void *context, uint64_t number), void *context,
                                              struct sqlite_lost_keys *out, struct error *error);

/* Forgets the checkpoint and the tables for people, for the log to be folded again from its first record. The keys and the log stay. The store is one that
 * sqlite_store_open opened to write. */
MUST_CHECK enum status sqlite_store_forget(struct store *store, struct error *error);

#endif
