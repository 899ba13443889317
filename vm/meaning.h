/*
 * What records must hold beyond the kinds of their fields: a default lies in its attribute's range, an offer's amount is one of
 * its action's parameters, a wait takes time, and the like. Part of layout_check (vm/layout.h); whoever runs a program relies on it
 * and asks no more. Single fields and spans are checked in layout.c before, code in verify.c after.
 */
#ifndef VM_MEANING_H
#define VM_MEANING_H

#include "vm/program.h"
#include "vm/status.h"

/* Fields have been checked by their kinds. STATUS_REFUSED with section, record and what is wrong. */
MUST_CHECK enum status meaning_check(const struct program *program, struct error *error);

/* Where a credit's values lie among those of its effect; PROGRAM_NONE: it carries none. */
struct meaning_credit {
    uint32_t parameters; /* so many come first */
    uint32_t cost;       /* in the currency of the campaign */
    uint32_t deposit;    /* that wagering counts, in the currency that is paid */
    uint32_t paid;       /* the cost in the currency that is paid, where that is told at the moment … */
    uint32_t currency;   /* … and that currency: money among the parameters without a currency is in it */
    uint32_t source; /* the id of the event that brought what its formula read, where the offer is revoked with it */
};
struct meaning_credit meaning_credit(const struct program *program, const struct bundle_effect *effect);

/* A duration by its kind; the calendar periods hold none. Sums with any instant of the calendar stay numbers. */
bool meaning_is_window(uint32_t kind, int64_t window);

/* Points and levels (meaning_points.c). */
MUST_CHECK enum status meaning_points_check(const struct program *program, struct error *error);

/* The numbers that a value of this type can be: as declared, or all that the type has where nothing narrower is. */
void meaning_range(const struct program *program, uint32_t kind, uint32_t of, int64_t *low, int64_t *high);

#endif
