/*
 * Bringing a backup back: a new epoch, what was lost, and nothing leaves until a person says so.
 *
 *   restore_begin     copy ► doctor ► records: epoch, the wallet's word on each credit ► its name; it is held
 *   restore_reconcile the wallet's statement, where there was none or not all of it: afterwards credits are granted again
 *   restore_confirm   what was held leaves with the next run
 *
 * Everything that decides is a record of the log (engine/epoch.h); the hold is a word of FILE, since it is about leaving and not about state.
 * spec: runtime.md#restores, storage.md#restores
 * Thread rules: one thread; nobody else may have the database open to write.
 */
#ifndef PROMO_RUNTIME_STORE_RESTORE_H
#define PROMO_RUNTIME_STORE_RESTORE_H

#include "runtime/engine/engine.h"
#include "vm/status.h"

/* What a budget had left in the copy: at most so much of it the first life can have paid unseen. */
struct restore_left {
    struct text name;
    char currency[4];
    int64_t left; /* minor units */
};

struct restore_options {
    const char *from;      /* the backup; restore_begin alone */
    const char *database;  /* that is made of it, or was */
    const char *statement; /* a file, or NULL: none */
    const char
        *lost_keys; /* the FILE-keys of the database that was lost, or NULL: they are gone too; restore_begin alone */
    const char *by; /* who orders it: 1 to 64 bytes */
    const uint8_t *identity_key; /* 32 bytes, or NULL */
    int64_t clock;               /* ms since 1970: the epoch of restore_begin, and when a confirmation was given */
    /* Each budget with a total, where credits may be unknown. May be NULL. */
    void (*left)(void *context, const struct restore_left *left);
    void *context;
};

struct restore_report {
    uint64_t epoch;
    uint64_t records;          /* that the copy had */
    int64_t last;              /* its last instant */
    uint32_t listed;           /* credits of the statement */
    uint32_t settled;          /* of these: the copy knew them, and has the wallet's word now */
    uint32_t agreed;           /* … knew them, and the word */
    uint32_t lost;             /* … did not know them: booked as spent */
    uint32_t refused;          /* … did not know them, and nothing was paid */
    uint32_t contradicted;     /* … knew them as settled otherwise: nothing was changed */
    uint8_t contradiction[16]; /* the first of these */
    uint64_t erased;           /* players of the copy who were erased since: erased here too */
    uint64_t strangers;        /* who came after the copy, and were erased: nobody knows who they were */
    bool unreconciled;         /* nothing is credited until a statement is whole */
    bool since_too_late;       /* the statement begins later than the copy ends */
};

/* Makes `database` of `from`. STATUS_EXISTS: there is such a file; STATUS_CORRUPT: the backup is not whole; STATUS_INVALID: a line of
 * the statement; whatever fails, nothing is left behind. */
MUST_CHECK enum status restore_begin(const struct restore_options *options, struct restore_report *out,
                                     struct error *error);

/* Applies a statement. STATUS_REFUSED: the database was not restored. */
MUST_CHECK enum status restore_reconcile(const struct restore_options *options, struct restore_report *out,
                                         struct error *error);

/* Lets what is held leave. STATUS_REFUSED: nothing is held. */
MUST_CHECK enum status restore_confirm(const struct restore_options *options, struct restore_report *out,
                                       struct error *error);

#endif
