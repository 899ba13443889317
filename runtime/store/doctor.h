/*
 * The doctor: is what a database holds what was written, and does it say the same everywhere?
 *
 * It looks and never mends: what is wrong comes with what to do. A run may go on beside it; what it sees is one moment. The checks,
 * in their order, and what each means: spec/storage.md#promo-doctor. Next: backup.h, which has each copy looked at.
 * Thread rules: none; each call has connections of its own.
 */
#ifndef PROMO_RUNTIME_STORE_DOCTOR_H
#define PROMO_RUNTIME_STORE_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/status.h"

enum doctor_check {
    DOCTOR_FILES,      /* both there, ours, of a format that is known */
    DOCTOR_PAGES,      /* SQLite's own check of both files */
    DOCTOR_KEYS,       /* every row of the keys, and do both files belong together */
    DOCTOR_LOG,        /* every row there, its chain, every seal */
    DOCTOR_CHECKPOINT, /* every blob is what was written */
    DOCTOR_STATE,      /* the checkpoint is what the log before it makes */
    DOCTOR_BOOKS,      /* cap = free + reserved + spent; what is reserved is the open credits */
    DOCTOR_TABLES,     /* the tables for people say what the state says */
    DOCTOR_OUTBOX,     /* what waits to be delivered is what the log says */
    DOCTOR_CLOCK,      /* the log is not ahead of the clock */
    DOCTOR_AUDIT,      /* every row of the audit log, its chain and both heads */
    DOCTOR_RESTORE,    /* nothing waits for a person */
    DOCTOR_CHECK_COUNT
};

enum doctor_verdict {
    DOCTOR_FINE,
    DOCTOR_NOTED,   /* nothing is damaged, and somebody should know */
    DOCTOR_WRONG,   /* damaged, or two places disagree */
    DOCTOR_UNLOOKED /* not looked at; `what` says why */
};

/* Texts live until the callback returns. */
struct doctor_finding {
    enum doctor_check check;
    enum doctor_verdict verdict;
    const char *what;
    const char *cure; /* "" where nothing is to be done */
};

struct doctor_options {
    const char *database;
    const uint8_t *identity_key; /* 32 bytes, or NULL */
    bool quick;                  /* leaves out what reads the whole log: its bodies, and the fold */
    bool unfolded;               /* reads every row and blob, and leaves out the fold */
    int64_t clock;               /* ms since 1970; 0: the log's last instant is not compared with it */
    void (*found)(void *context, const struct doctor_finding *finding);
    void *context;
};

struct doctor_counts {
    uint32_t verdict[4]; /* by enum doctor_verdict */
    uint64_t records, players, blobs, rows;
};

/* The check as a word: "log". Lives for ever. */
const char *doctor_check_name(enum doctor_check check);

/* Looks at everything and calls `found` for each check at least once. OK whatever was found; STATUS_NOT_FOUND: there is no database;
 * STATUS_REFUSED: the identity key is not that of the runs; STATUS_NO_MEMORY, STATUS_BUSY: not all could be looked at. */
MUST_CHECK enum status doctor_look(const struct doctor_options *options, struct doctor_counts *counts,
                                   struct error *error);

#endif
