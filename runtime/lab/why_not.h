/*
 * "What would have to differ": the smallest set of reads that, changed, makes a filter accept.
 *
 * Candidates come from the conditions that were judged; every answer has been applied and the filter run again before it
 * is given, so it is never a guess. At most WHY_NOT_CHANGES_MAX values are changed together.
 * Next: runtime/lab/explain.c.
 */
#ifndef PROMO_RUNTIME_LAB_WHY_NOT_H
#define PROMO_RUNTIME_LAB_WHY_NOT_H

#include "vm/buffer.h"
#include "vm/interp.h"

enum { WHY_NOT_CHANGES_MAX = 4 };

/* One read and the value that would do. */
struct why_not_change {
    uint32_t site;  /* SITE index in the program */
    enum bank bank; /* EVENT, PLAYER, JOURNEY or METRIC */
    uint32_t slot;
    int64_t value; /* a handle for text: into the program's bytes */
    bool unknown;  /* the value that would do is "unknown" */
    bool must_not; /* the condition held and should not: it stands under `none of`, or a policy forbids whom it fits */
};

/* Searches for the smallest set of changes that makes the filter at `pc` accept (`wanted` true) or reject; the activation is as a
 * probe gives it and is not changed. Returns how many (1 to WHY_NOT_CHANGES_MAX), or 0 where none was found or the filter says so already. */
unsigned why_not_search(const struct activation *activation, uint32_t pc, bool wanted,
                        struct why_not_change changes[WHY_NOT_CHANGES_MAX]);

/* Appends the changes as people say them: "`amount` is at least 10 GBP (it was 9.99 GBP; 10 GBP would do)". */
void why_not_print(struct buffer *out, const struct activation *activation, const struct why_not_change *changes,
                   unsigned count);

/* Whether a site asks which currency an event's money is in. */
bool why_not_is_currency(const struct program *program, uint32_t site);

/* Appends what a site read: "it was 9.99 GBP", "it is not known". Appends nothing where the site compared something worked out. */
void why_not_print_read(struct buffer *out, const struct activation *activation, uint32_t site);

#endif
