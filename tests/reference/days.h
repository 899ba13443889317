/* Dates and clocks, the slow way: days are counted year by year, what a zone's clock shows is asked of the C library.
 *
 * Nothing of vm/civil.c or vm/zone.c is used: this is what their results are held against. Instants are ms since 1970 UTC, dates are
 * days since 1970-01-01, local times are ms as if the clock on the wall showed UTC. The reference evaluator (evaluator.h) asks it.
 */
#ifndef TESTS_REFERENCE_DAYS_H
#define TESTS_REFERENCE_DAYS_H

#include <stdbool.h>
#include <stdint.h>

enum { DAYS_MS = 86400000 };

/* What the clock on the wall of the zone shows at the instant. Not thread-safe: it sets TZ. */
int64_t days_local(const char *zone, int64_t instant);
/* The first instant at which it shows this; of a time that is skipped the first one behind the gap. */
int64_t days_instant(const char *zone, int64_t local);
/* The date that it shows; the time of its day. */
int64_t days_date(const char *zone, int64_t instant);
int64_t days_clock(const char *zone, int64_t instant);
/* Months later (the last day of a shorter month), then days, on the clock of the zone; then ms. */
int64_t days_later(const char *zone, int64_t instant, int64_t months, int64_t days, int64_t ms);
/* The first instant after `instant` that is `clock` on a day that the caller likes. */
int64_t days_next(const char *zone, int64_t instant, int64_t clock, bool (*likes)(void *context, int64_t date),
                  void *context);
/* 0 is monday. */
int days_weekday(int64_t date);
/* Whole years from a date to another one. */
int64_t days_years(int64_t from, int64_t to);
/* When the window that reaches back so far begins. It never begins earlier than it did a moment ago: where clocks go back, or where
 * a long month counts back to a short one, its beginning stays where it was. */
int64_t days_window(const char *zone, int64_t now, int64_t months, int64_t days, int64_t ms);

#endif
