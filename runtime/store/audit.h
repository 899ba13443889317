/*
 * The audit log: who changed what, one row each, bound to the row before by a digest.
 *
 *   record ──► audit_of_record ──► entry, as bytes beside the record ──► the store writes both in one transaction
 *   what is no record (a refused bundle, a message sent again by hand) ──► audit_append
 *
 * Here are the entry, what the audit says of each kind of record, and the digest; the table and its checks are sqlite_audit.c,
 * the layout spec/storage.md#the-audit-log. Entries hold no personal values: players stand in them by their storage number.
 * Thread rules: as of struct store.
 */
#ifndef PROMO_RUNTIME_STORE_AUDIT_H
#define PROMO_RUNTIME_STORE_AUDIT_H

#include "runtime/engine/record.h"
#include "vm/crypto.h"

enum { AUDIT_TEXT_BYTES = 1024 }; /* of who, action, subject and detail, each; what is longer is cut */

/* What happened. Texts are borrowed. */
struct audit_entry {
    int64_t at;          /* ms since 1970 UTC: the record's `now`, or the clock where there is no record */
    uint64_t position;   /* of the record in the log; 0: there is none */
    struct text who;     /* the operator; where nobody is named, the source of the line; may be empty */
    struct text action;  /* "activate", "suspend", "erase" … */
    struct text subject; /* a campaign, a program, an effect … */
    bool of_player;      /* the subject is "player N", the record's storage number */
    struct text detail;
    struct text
        reference; /* the same reference makes one row, however often it comes; empty: none. Kept as a keyed hash */
};

/* The entry as bytes and back; only within one process. False: the bytes are none. */
void audit_encode(struct buffer *out, const struct audit_entry *entry);
MUST_CHECK bool audit_decode(struct audit_entry *out, struct text bytes);

/* Appends the entry of a record that the audit tells of, as bytes for struct log_record; nothing for all others. `program` is the active one (NULL before
 * any). at, position and player are the store's to fill in. */
void audit_of_record(struct buffer *out, const struct record *record, const struct program *program);

/* A row as it stands in the table. */
struct audit_row {
    uint64_t seq; /* from 1, without a gap */
    int64_t at;
    uint64_t position;
    struct text who, action, subject, detail;
    struct text reference; /* 16 bytes, or empty */
    struct text chain;     /* 32 bytes */
};

/* The chain value of a row, made from the one before (zeros before the first). */
struct crypto_digest audit_chain(const struct crypto_digest *before, const struct audit_row *row);

/* ---------------------------------------------------------------- of a store */

struct store;

/* Writes a row about what is no record, durably: in a transaction of its own, or in the one that is open. Nothing happens in a store that keeps no audit
 * (memory). */
MUST_CHECK enum status audit_append(struct store *store, const struct audit_entry *entry, struct error *error);

/* Calls `reader` for each row from the instant `since` on, in order. The store is a SQLite store. */
typedef enum status (*audit_reader)(void *context, const struct audit_row *row, struct error *error);
MUST_CHECK enum status audit_read(struct store *store, int64_t since, audit_reader reader, void *context,
                                  struct error *error);

/* What audit_verify found. */
struct audit_report {
    uint64_t rows;             /* how many there are */
    uint64_t base;             /* rows before this one and with it were removed by retention; 0: none */
    uint64_t last;             /* number of the last row */
    struct crypto_digest head; /* its chain value */
    uint64_t noted_at;         /* the row whose chain value the noted head is; 0: none was given, or not found */
    uint32_t faults;           /* what is wrong; told one by one through `fault` */
};

/* Reads all rows and holds them against their chain, the head in FILE and the head in FILE-keys; with `noted`, a head that somebody wrote down, also
 * against that (the zero digest of an empty audit is any audit's). OK whatever it found, which is in report->faults; `fault` is told each in words. */
MUST_CHECK enum status audit_verify(struct store *store, const struct crypto_digest *noted, struct audit_report *report,
                                    void (*fault)(void *context, const char *words), void *context,
                                    struct error *error);

/* How many days rows are kept at least: AUDIT_DAYS_LEAST to AUDIT_DAYS_MOST; 0: for ever, which it is until somebody says otherwise. Setting it is a row
 * itself, of `who` at `at`. STATUS_INVALID for any other number. */
enum { AUDIT_DAYS_LEAST = 366, AUDIT_DAYS_MOST = 36600 };
MUST_CHECK enum status audit_keep(struct store *store, uint32_t days, struct text who, int64_t at, struct error *error);
MUST_CHECK enum status audit_kept(struct store *store, uint32_t *days, struct error *error);

/* Removes what may go at the instant `now`, and tells it in a row, where there is anything. */
MUST_CHECK enum status audit_retain(struct store *store, int64_t now, struct error *error);

/* Removes the rows before the instant `before` (from the first one on, without a gap); the base remembers their chain. `removed` receives how many. */
MUST_CHECK enum status audit_prune(struct store *store, int64_t before, uint64_t *removed, struct error *error);

#endif
