/*
 * What the files of the SQLite store share: the connections and their errors. The only header that includes sqlite3.h; for
 * runtime/store/sqlite_*.c and views.c alone.
 *
 *   sqlite_store.c       opening, formats, meta          sqlite_log.c         rows of batches and their chain
 *   sqlite_checkpoint.c  blobs by key                    sqlite_keys.c        FILE-keys
 *   sqlite_pair.c        do the two files belong together  upgrade.c       from an older format to ours
 *   sqlite_audit.c       who changed what
 */
#ifndef PROMO_RUNTIME_STORE_SQLITE_PARTS_H
#define PROMO_RUNTIME_STORE_SQLITE_PARTS_H

#include <sqlite3.h>

#include "runtime/store/sealed.h"
#include "runtime/store/sqlite_store.h"

/* A row of the audit log by its number (0: before the first) and chain value. */
struct sqlite_audit_head {
    uint64_t seq;
    struct crypto_digest chain;
};

struct sqlite_store {
    char *path;
    enum sqlite_store_mode mode;
    sqlite3 *main, *keys;
    int lock; /* of FILE-lock, held while we write; -1: none */
    sqlite3_stmt *append, *put_blob, *drop_blob, *put_key;
    struct keyring *keyring;
    struct sealed_writer writer;
    struct buffer space;        /* of opened secrets */
    struct crypto_digest chain; /* behind the last row */
    uint64_t next;              /* position after the last record */
    uint64_t numbers;      /* numbers of players that the log may name, 0 included, when its last row was written */
    int64_t upgraded_from; /* 0: not at this opening */
    bool renew;            /* the next checkpoint keeps no blob of the one before */
    struct sqlite_audit_head audit;       /* the last row of the audit log */
    struct sqlite_audit_head audit_saved; /* what FILE-keys knows of it */
    uint64_t base;     /* the log can be folded from this record on, with the state of `base`; 0: from the first */
    uint64_t *erasing; /* numbers whose keys the next checkpoint gives up */
    uint32_t erasing_count;
    sqlite3_stmt *keep_blob;
    struct crypto_key state_key; /* seals blobs; made of the workspace's key */
    uint64_t blob_counter;
    struct buffer blob;
    uint64_t start; /* position of the first record that is left, and the chain before it */
    struct crypto_digest start_chain;
    uint64_t retain_steps; /* of the base that is being written */
    char retain_now[32];
    bool in_checkpoint;
    uint64_t checkpoint_position;
};

/* The store's status for SQLite's result, with words: what was being done, to which file, what to do about it. */
enum status sqlite_failed(const struct sqlite_store *store, sqlite3 *database, const char *doing, struct error *error);

/* Runs statements without results. */
MUST_CHECK enum status sqlite_run(const struct sqlite_store *store, sqlite3 *database, const char *statements,
                                  const char *doing, struct error *error);

/* The number that a query gives in its first row. */
MUST_CHECK enum status sqlite_number(const struct sqlite_store *store, sqlite3 *database, const char *query,
                                     int64_t *out, struct error *error);

/* A word of FILE's table `meta`; STATUS_NOT_FOUND. */
enum status sqlite_get_meta(void *self, const char *name, struct buffer *out, struct error *error);
enum status sqlite_set_meta(void *self, const char *name, struct text value, struct error *error);

/* Opens one of the two files, and checks that it is ours and of our format. */
MUST_CHECK enum status sqlite_open_main(struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_open_keys(struct sqlite_store *store, struct error *error);

/* Prepares one; steps one that gives no rows and resets it. */
MUST_CHECK enum status sqlite_prepare(const struct sqlite_store *store, sqlite3 *database, const char *statement,
                                      sqlite3_stmt **out, struct error *error);
MUST_CHECK enum status sqlite_step(const struct sqlite_store *store, sqlite3_stmt *statement, const char *doing,
                                   struct error *error);

/* Bytes of a column as text; borrowed until the statement moves. Empty where memory is out, which sqlite_lost tells: who finds that bytes are not
 * as they should be asks it before calling them damaged. */
struct text sqlite_column(sqlite3_stmt *statement, int column);

/* Whether the statement's last step or column failed for want of memory; then `error` says so. */
bool sqlite_lost(const struct sqlite_store *store, sqlite3_stmt *statement, struct error *error);

/* sqlite_log.c */
MUST_CHECK enum status sqlite_log_open(struct sqlite_store *store, struct error *error);
enum status sqlite_log_append(void *self, const struct log_record *records, uint32_t count, uint64_t *first,
                              struct error *error);
enum status sqlite_log_read(void *self, uint64_t from, log_reader reader, void *context, struct error *error);
uint64_t sqlite_log_end(void *self);

/* sqlite_checkpoint.c */
enum status sqlite_checkpoint_load(void *self, uint64_t *position, checkpoint_reader reader, void *context,
                                   struct error *error);
enum status sqlite_checkpoint_begin(void *self, uint64_t position, struct error *error);
enum status sqlite_checkpoint_put(void *self, uint32_t key, struct text bytes, struct error *error);
enum status sqlite_checkpoint_commit(void *self, struct error *error);
void sqlite_checkpoint_abandon(struct sqlite_store *store);

/* What tells a blob from another under its key. */
int64_t sqlite_blob_hash(uint32_t key, struct text bytes);
/* Blobs at rest: "SEAL" nonce:24 and the sealed bytes, bound to the key of the blob. What sqlite_blob_seal gives lives until the next call. */
MUST_CHECK enum status sqlite_blob_seal(struct sqlite_store *store, uint32_t key, struct text bytes, struct text *out,
                                        struct error *error);
/* A blob as the reader gets it, opened where it is sealed; those of before were not. */
MUST_CHECK enum status sqlite_blob_open(struct sqlite_store *store, uint32_t key, struct text bytes,
                                        checkpoint_reader reader, void *context, struct error *error);

/* sqlite_base.c. Opening finishes what a killed run began to erase. Begin, keep (of a blob that is about to be replaced) and commit run inside the
 * transaction of a checkpoint; destroy when it is durable. */
MUST_CHECK enum status sqlite_base_open(struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_base_erase(struct sqlite_store *store, const uint64_t *numbers, uint32_t count,
                                         struct error *error);
MUST_CHECK enum status sqlite_base_begin(struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_base_keep(struct sqlite_store *store, uint32_t key, struct error *error);
MUST_CHECK enum status sqlite_base_keep_all(struct sqlite_store *store, struct error *error);
/* Its blobs are not those that it was sealed with. */
enum status sqlite_base_damaged(const struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_base_commit(struct sqlite_store *store, const char *seal_query, struct error *error);
MUST_CHECK enum status sqlite_base_destroy(struct sqlite_store *store, struct error *error);

/* sqlite_retain.c: where the log begins. */
MUST_CHECK enum status sqlite_start_open(struct sqlite_store *store, struct error *error);

/* sqlite_keys.c: FILE-keys. Saving puts every number that is not saved yet into one durable transaction. */
MUST_CHECK enum status sqlite_keys_open(struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_keys_save(struct sqlite_store *store, struct error *error);

/* sqlite_audit.c: the rows of a batch go into the transaction of its append (which must be rolled back if this fails, and store->audit set back); FILE-keys
 * is told once that is durable. */
MUST_CHECK enum status sqlite_audit_open(struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_audit_batch(struct sqlite_store *store, const struct log_record *records, uint32_t count,
                                          uint64_t first, struct error *error);
void sqlite_audit_durable(struct sqlite_store *store);
enum status sqlite_audit_append(void *self, const struct audit_entry *entry, struct error *error);

/* sqlite_pair.c: do FILE and FILE-keys belong together. The first call comes before anything is made, and refuses one file
 * without the other; the second one when both are open and read. A new pair is marked there. */
MUST_CHECK enum status sqlite_pair_begin(struct sqlite_store *store, struct error *error);
MUST_CHECK enum status sqlite_pair_check(struct sqlite_store *store, struct error *error);

#endif
