/* Dates and clocks, the slow way. See days.h. */
#include "tests/reference/days.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The zone table of the program speaks of these years; before and after it the nearest offset holds. */
#define FIRST_INSTANT INT64_C(820454400000)  /* 1996-01-01 */
#define LAST_INSTANT  INT64_C(2871763199999) /* 2060-12-31 */

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

static int64_t whole(int64_t value, int64_t by)
{
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static struct date date_of(int64_t days)
{
    struct date date = {1970, 1, 1};
    while (days < 0) {
        date.year--;
        days += is_leap(date.year) ? 366 : 365;
    }
    while (days >= (is_leap(date.year) ? 366 : 365)) {
        days -= is_leap(date.year) ? 366 : 365;
        date.year++;
    }
    while (days >= month_days(date.year, date.month)) {
        days -= month_days(date.year, date.month);
        date.month++;
    }
    date.day = (int)days + 1;
    return date;
}

static int64_t days_of(struct date date)
{
    int64_t days = 0;
    for (int64_t year = 1970; year < date.year; year++) days += is_leap(year) ? 366 : 365;
    for (int64_t year = date.year; year < 1970; year++) days -= is_leap(year) ? 366 : 365;
    for (int month = 1; month < date.month; month++) days += month_days(date.year, month);
    return days + date.day - 1;
}

/* Local clock minus UTC, by the C library. */
static int64_t offset_at(const char *zone, int64_t instant)
{
    static char set[64];
    if (instant < FIRST_INSTANT) instant = FIRST_INSTANT;
    if (instant > LAST_INSTANT) instant = LAST_INSTANT;
    if (strcmp(zone, "UTC") == 0) return 0;
    if (strcmp(set, zone) != 0) {
        setenv("TZ", zone, 1);
        tzset();
        strncpy(set, zone, sizeof set - 1);
    }
    time_t seconds = (time_t)whole(instant, 1000);
    struct tm parts;
    if (localtime_r(&seconds, &parts) == NULL) return 0;
    return (int64_t)parts.tm_gmtoff * 1000;
}

int64_t days_local(const char *zone, int64_t instant)
{
    return instant + offset_at(zone, instant);
}

/* The first instant in (from, to] at which the clock shows at least `local`: at `to` it does, at `from` it does not. */
static int64_t first_at_least(const char *zone, int64_t from, int64_t to, int64_t local)
{
    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;
        if (days_local(zone, middle) >= local)
            to = middle;
        else
            from = middle;
    }
    return to;
}

int64_t days_instant(const char *zone, int64_t local)
{
    enum { HOUR = 3600000, QUARTER = HOUR / 4 };
    /* By quarters of an hour, which all offsets are made of, so that none of two equal times is passed by; no clock is 15 hours ahead. */
    int64_t at = local - 15 * (int64_t)HOUR;
    while (days_local(zone, at) < local) at += QUARTER;
    return first_at_least(zone, at - QUARTER, at, local);
}

int64_t days_date(const char *zone, int64_t instant)
{
    return whole(days_local(zone, instant), DAYS_MS);
}

int64_t days_clock(const char *zone, int64_t instant)
{
    return days_local(zone, instant) - days_date(zone, instant) * DAYS_MS;
}

int64_t days_later(const char *zone, int64_t instant, int64_t months, int64_t days, int64_t ms)
{
    if (months == 0 && days == 0) return instant + ms;
    struct date date = date_of(days_date(zone, instant));
    int64_t count = date.year * 12 + (date.month - 1) + months;
    date.year = whole(count, 12);
    date.month = (int)(count - date.year * 12) + 1;
    if (date.day > month_days(date.year, date.month)) date.day = month_days(date.year, date.month);
    return days_instant(zone, (days_of(date) + days) * DAYS_MS + days_clock(zone, instant)) + ms;
}

int64_t days_next(const char *zone, int64_t instant, int64_t clock, bool (*likes)(void *context, int64_t date),
                  void *context)
{
    for (int64_t date = days_date(zone, instant) - 1;; date++) {
        if (likes != NULL && !likes(context, date)) continue;
        int64_t at = days_instant(zone, date * DAYS_MS + clock);
        if (at > instant) return at;
    }
}

int days_weekday(int64_t date)
{
    return (int)(((date + 3) % 7 + 7) % 7);
}

int64_t days_years(int64_t from, int64_t to)
{
    struct date one = date_of(from), other = date_of(to);
    int64_t years = other.year - one.year;
    bool reached = other.month > one.month || (other.month == one.month && other.day >= one.day);
    return reached ? years : years - 1;
}

int64_t days_window(const char *zone, int64_t now, int64_t months, int64_t days, int64_t ms)
{
    int64_t begin = days_later(zone, now, -months, -days, -ms);
    if (months == 0 && days == 0) return begin;
    for (int back = 0; back < 5; back++) { /* the last moment of each day before */
        int64_t end = days_instant(zone, (days_date(zone, now) - back) * DAYS_MS) - 1;
        if (end >= now) continue;
        int64_t then = days_later(zone, end, -months, -days, -ms);
        if (then > begin) begin = then;
    }
    for (int64_t at = now - 3 * 3600000; at < now; at += 60000) { /* and the last one before clocks went back */
        if (days_local(zone, at) <= days_local(zone, at + 60000)) continue;
        int64_t then = days_later(zone, at + 60000 - (at + 60000) % 60000 - 1, -months, -days, -ms);
        if (then > begin) begin = then;
    }
    return begin;
}
