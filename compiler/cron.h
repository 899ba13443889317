/*
 * cron: the five fields of a cron text as masks.
 *
 * Minute (0 to 59), hour (0 to 23), day of the month (1 to 31, `L` for the last), month (1 to 12 or jan to dec) and weekday (0 to 7 or
 * sun to sat, 0 and 7 are sunday). A field is `*`, a number, a range, a list, each with a step. Where both the day and the weekday are
 * limited (neither begins with `*`), one of them is enough, as cron has it.
 */
#ifndef PROMO_COMPILER_CRON_H
#define PROMO_COMPILER_CRON_H

#include "vm/program.h"

/* What is wrong with a text. */
struct cron_fault {
    const char *field;   /* "minute", …; NULL: the number of fields is wrong. */
    uint32_t count;      /* Then: how many there are. */
    struct text text;    /* The field as written. */
    const char *what;    /* "has a number outside 0 to 59" */
    const char *allowed; /* "numbers from 0 to 59" */
};

/* Fills minutes, hours, days, months, weekdays and either. False with the fault. */
bool cron_read(struct bundle_schedule *out, struct text text, struct cron_fault *fault);

#endif
