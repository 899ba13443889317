/* Days, then clock times within them. See schedule.h.
 *
 * The instant of a local time never falls while the local time rises (vm/zone.h), so only later local times than the one at `after`
 * can be due after it, and the first that is, in local order, is the next.
 */
#include "vm/schedule.h"

#include "vm/zone.h"

/* 29 february on a given weekday comes at least every 40 years. */
#define DAYS_AHEAD (50 * 366)

struct schedule_holidays schedule_holidays(const struct program *program, uint32_t index)
{
    if (index == PROGRAM_NONE) return (struct schedule_holidays){NULL, 0};
    const struct bundle_holidays *list = &program->holidays[index];
    return (struct schedule_holidays){program->holiday + list->holiday_first, list->holiday_count};
}

static bool is_holiday(struct schedule_holidays holidays, int64_t date)
{
    uint32_t low = 0, high = holidays.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (holidays.holiday[middle].date == date) return true;
        if (holidays.holiday[middle].date < date) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool schedule_is_business_day(struct schedule_holidays holidays, int64_t date)
{
    enum civil_weekday weekday = civil_weekday(date);
    return weekday != CIVIL_SATURDAY && weekday != CIVIL_SUNDAY && !is_holiday(holidays, date);
}

/* The how-manieth business day of its month `date`, itself one, is, and how many the month has. */
struct business_place {
    unsigned number, last;
};

static struct business_place business_place(struct schedule_holidays holidays, int64_t date)
{
    struct civil_date parts = civil_date_parts(date);
    int64_t before = date - parts.day, days = civil_days_in_month(parts.year, parts.month);
    struct business_place place = {0, 0};
    for (int64_t day = 1; day <= days; day++) {
        place.last += schedule_is_business_day(holidays, before + day);
        if (before + day == date) place.number = place.last;
    }
    return place;
}

bool schedule_has_day(const struct bundle_schedule *schedule, struct schedule_holidays holidays, int64_t date)
{
    struct civil_date parts = civil_date_parts(date);
    if (!((schedule->months >> parts.month) & 1)) return false;
    unsigned number = parts.day, last = civil_days_in_month(parts.year, parts.month);
    if (schedule->holidays != PROGRAM_NONE) {
        if (!schedule_is_business_day(holidays, date)) return false;
        struct business_place place = business_place(holidays, date);
        number = place.number;
        last = place.last;
    }
    bool by_number = (schedule->days >> number) & 1;
    if (number == last) {
        by_number = by_number || (schedule->days & SCHEDULE_LAST_DAY) != 0;
        by_number = by_number || (schedule->short_months && last < 31 && (schedule->days >> (last + 1)) != 0);
    }
    bool by_weekday = (schedule->weekdays >> civil_weekday(date)) & 1;
    return schedule->either ? by_number || by_weekday : by_number && by_weekday;
}

/* The first of the schedule's clock times of a day whose instant is after `after`; those up to `from_ms` of the day are passed over. */
static int64_t first_of_day(const struct bundle_schedule *schedule, uint32_t zone, int64_t date, int64_t from_ms,
                            int64_t after)
{
    for (uint32_t hour = 0; hour < 24; hour++) {
        if (!((schedule->hours >> hour) & 1) || (hour + 1) * CIVIL_HOUR_MS <= from_ms) continue;
        for (uint32_t minute = 0; minute < 60; minute++) {
            if (!((schedule->minutes >> minute) & 1)) continue;
            int64_t clock = hour * CIVIL_HOUR_MS + minute * CIVIL_MINUTE_MS;
            if (clock <= from_ms) continue;
            int64_t instant = zone_to_instant(zone, date * CIVIL_DAY_MS + clock);
            if (instant > after) return instant;
        }
    }
    return SCHEDULE_NEVER;
}

int64_t schedule_next(const struct bundle_schedule *schedule, struct schedule_holidays holidays, uint32_t zone,
                      int64_t after)
{
    if (after < CIVIL_INSTANT_MIN) after = CIVIL_INSTANT_MIN;
    int64_t local = zone_local_ms(zone, after), first = civil_date_of_instant(local);
    int64_t last = first + DAYS_AHEAD < CIVIL_DATE_MAX ? first + DAYS_AHEAD : CIVIL_DATE_MAX;
    for (int64_t date = first; date <= last; date++) {
        if (!schedule_has_day(schedule, holidays, date)) continue;
        int64_t due = first_of_day(schedule, zone, date, date == first ? civil_ms_of_day(local) : -1, after);
        if (due != SCHEDULE_NEVER) return due;
    }
    return SCHEDULE_NEVER;
}

bool schedule_is_anniversary(int64_t of, int64_t date)
{
    struct civil_date then = civil_date_parts(of), now = civil_date_parts(date);
    if (now.year <= then.year || now.month != then.month) return false;
    unsigned last = civil_days_in_month(now.year, now.month);
    return now.day == (then.day > last ? last : then.day);
}

int64_t schedule_add_business_days(struct schedule_holidays holidays, uint32_t zone, int64_t instant, int64_t count)
{
    int64_t local = zone_local_ms(zone, instant), date = civil_date_of_instant(local);
    while (count > 0 && date < CIVIL_DATE_MAX) count -= schedule_is_business_day(holidays, ++date);
    return zone_to_instant(zone, date * CIVIL_DAY_MS + civil_ms_of_day(local));
}

int64_t schedule_next_business_time(struct schedule_holidays holidays, uint32_t zone, int64_t instant,
                                    int64_t ms_of_day)
{
    for (int64_t date = zone_date(zone, instant); date < CIVIL_DATE_MAX; date++) {
        if (!schedule_is_business_day(holidays, date)) continue;
        int64_t next = zone_to_instant(zone, date * CIVIL_DAY_MS + ms_of_day);
        if (next > instant) return next;
    }
    return SCHEDULE_NEVER;
}
