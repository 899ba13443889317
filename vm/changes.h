/* When a judgement about now changes by the passing of time alone.
 *
 * Each function judges at `now` and gives the first instant after now at which the same judgement may come out otherwise.
 * That instant is never later than the true one (segments would be wrong); where clocks change it may be earlier, and
 * then judging again there gives a later one. INT64_MAX: never. Pure; zones as in vm/zone.h. Not here: metrics, whose
 * changes the engine knows. Read next: vm/interp.c.
 */
#ifndef VM_CHANGES_H
#define VM_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

/* Of `moment lies in (now - ms, now]` where it lies within, or ahead of now: the end of the window, or the moment. */
static inline int64_t changes_within(int64_t now, int64_t moment, int64_t ms)
{
    int64_t end;
    if (moment > now) return moment;
    return __builtin_add_overflow(moment, ms, &end) ? INT64_MAX : end;
}

/* The instant after which the window of `packed` that ends now begins. What has left a window does not come back: in an hour that comes
 * twice, and on the last days of a month that is longer than the one counted back to, the beginning stays at what was reached before. */
int64_t changes_window_begin(unsigned zone, int64_t now, int64_t packed);

/* Whether the moment lies in (now - duration, now], counted back on the zone's clock. `packed`: months, days, ms, none
 * negative and not all zero. */
bool changes_within_calendar(unsigned zone, int64_t now, int64_t moment, int64_t packed, int64_t *changes);

/* Whether the date is after the local date of now - duration, and not after the local date of now. */
bool changes_within_dates(unsigned zone, int64_t now, int64_t date, int64_t packed, int64_t *changes);

/* Whole years from the date to the local date of now. */
int64_t changes_years_since(unsigned zone, int64_t now, int64_t date, int64_t *changes);

/* The first instant after now at which the zone's date may be another one. */
int64_t changes_of_date(unsigned zone, int64_t now);

#endif
