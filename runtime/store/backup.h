/*
 * Backup: a copy of both files of a database while a run writes them.
 *
 * The copy is of one moment: its log is the beginning of the database's own, and its keys know every player that it names. It is
 * looked at by the doctor before it gets its name, so a file that has the name is whole. Bringing one back: restore.h.
 * The identity key, where the runs have one, is no part of it.
 * Thread rules: any thread or process, beside the one that writes.
 */
#ifndef PROMO_RUNTIME_STORE_BACKUP_H
#define PROMO_RUNTIME_STORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/status.h"

struct backup_options {
    const char *database;
    const char *to;              /* a file that is not there yet */
    const uint8_t *identity_key; /* 32 bytes, or NULL: of the runs; for the doctor */
    bool whole;                  /* the doctor folds the copy's log, too; otherwise it reads every row and blob */
    uint32_t pages;              /* copied in one step; 0: 1,000. Between steps others get the disk */
};

struct backup_report {
    uint64_t records, players;
    int64_t bytes; /* of both files */
};

/* Writes TO and TO-keys, durable, or neither. STATUS_EXISTS: there is one of that name; STATUS_NOT_FOUND: no database; STATUS_CORRUPT:
 * the copy is not whole, as the database is not: the words are the doctor's; STATUS_IO, STATUS_BUSY. */
MUST_CHECK enum status backup_write(const struct backup_options *options, struct backup_report *out,
                                    struct error *error);

/* Removes FILE, FILE-keys and what SQLite and the lock leave beside them. What is not there is no failure. */
void backup_remove(const char *path);

#endif
