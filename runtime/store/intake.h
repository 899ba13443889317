/*
 * Intake: one line of the platform's NDJSON becomes one struct record, straight into the slots that the program declares.
 *
 * No tree and no allocation a line: the scanner (intake_scan.h) goes over the line once, by tables that schema.c makes of the program. Every
 * byte is checked; what is refused says where, what and how to mend it. The form of the lines: spec/events.md.
 * Not here: the time stamp `now` of the log, storage numbers, de-duplication (the engine), reading files (promo_run.c).
 */
#ifndef PROMO_RUNTIME_STORE_INTAKE_H
#define PROMO_RUNTIME_STORE_INTAKE_H

#include "runtime/engine/record.h"

struct intake;

/* Makes the tables for this program, which must outlive the intake. STATUS_NO_MEMORY, or STATUS_LIMIT for a program beyond
 * spec/limits.def. One thread at a time; several intakes may share a program. */
MUST_CHECK enum status intake_open(struct intake **out, const struct program *program, struct error *error);
void intake_close(struct intake *intake);

/* By which contact values are hashed (contact.h): 32 bytes as the engine has them, or NULL, which is how an intake begins. */
void intake_set_key(struct intake *intake, const uint8_t *identity_key);

/* Reads one line (without or with its line feed). OK: `out` is filled in and borrows from the intake until the next call;
 * now = the later of the line's `at` and the event's own time; position and number are 0. STATUS_INVALID or STATUS_LIMIT:
 * the message says what to mend; nothing else changed. */
MUST_CHECK enum status intake_line(struct intake *intake, const char *line, size_t size, struct record *out,
                                   struct error *error);

/* Whether a line holds nothing but blanks: readers pass over it. */
bool intake_is_blank(const char *line, size_t size);

/* Fields that no program declares are dropped and counted: how many in all, and the first names with their counts. */
struct intake_dropped {
    struct text name;
    uint64_t count;
};
enum { INTAKE_DROPPED_NAMES = 32 };
uint64_t intake_dropped_total(const struct intake *intake);
/* The `index`-th name in the order of their coming; false past the end. Borrows from the intake. */
bool intake_dropped_name(const struct intake *intake, uint32_t index, struct intake_dropped *out);

#endif
