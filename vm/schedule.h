/* When a schedule is due next, and what a business day is: the arithmetic of SCHEDULE and HOLIDAYS records in local time.
 *
 * A schedule is a set of local clock times (masks of minutes, hours, days, months, weekdays). It is due at the instants of these: one
 * that a clock change skips is due at the end of the gap, one that comes twice is due the first time, and local times that fall on one
 * instant are due once. Weekends are saturday and sunday.
 * Not here: who is started then (runtime/engine/run.h), and how text becomes masks (compiler/check_schedule.c).
 */
#ifndef VM_SCHEDULE_H
#define VM_SCHEDULE_H

#include "vm/civil.h"
#include "vm/program.h"

#define SCHEDULE_NEVER INT64_MAX

/* Bits of all hours, days of the month, months and weekdays. */
#define SCHEDULE_ALL_MINUTES  ((INT64_C(1) << 60) - 1)
#define SCHEDULE_ALL_HOURS    UINT32_C(0xFFFFFF)
#define SCHEDULE_ALL_DAYS     UINT32_C(0xFFFFFFFE)
#define SCHEDULE_LAST_DAY     UINT32_C(1)
#define SCHEDULE_ALL_MONTHS   UINT32_C(0x1FFE)
#define SCHEDULE_ALL_WEEKDAYS UINT32_C(0x7F)

/* The days that are no business days, beside weekends. */
struct schedule_holidays {
    const struct bundle_holiday *holiday; /* By rising date. */
    uint32_t count;
};

/* A HOLIDAYS record of the program as such a list; PROGRAM_NONE: only weekends. */
struct schedule_holidays schedule_holidays(const struct program *program, uint32_t index);

/* Neither a weekend nor a holiday. */
bool schedule_is_business_day(struct schedule_holidays holidays, int64_t date);

/* Whether the local date is one of the schedule's: of one with holidays only business days are, and its days of the month count them
 * (bit 3: the third). `birthday` is not asked. */
bool schedule_has_day(const struct bundle_schedule *schedule, struct schedule_holidays holidays, int64_t date);

/* The first instant strictly after `after` at which the schedule is due in the zone, or SCHEDULE_NEVER where there is none within
 * fifty years. */
int64_t schedule_next(const struct bundle_schedule *schedule, struct schedule_holidays holidays, uint32_t zone,
                      int64_t after);

/* Whether `date` is a yearly return of the date `of`: the same day and month of a later year; 29 february is 28 february in common
 * years. */
bool schedule_is_anniversary(int64_t of, int64_t date);

/* The `count`-th business day after the local day of the instant, at the same local clock time. `count` is at least 1. */
int64_t schedule_add_business_days(struct schedule_holidays holidays, uint32_t zone, int64_t instant, int64_t count);

/* The first instant strictly after `instant` at which the local clock shows `ms_of_day` on a business day. */
int64_t schedule_next_business_time(struct schedule_holidays holidays, uint32_t zone, int64_t instant,
                                    int64_t ms_of_day);

#endif
