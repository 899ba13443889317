/*
 * The calendar: days, clock times and instants, all proleptic Gregorian and without leap seconds. Pure arithmetic; which
 * zone a clock time belongs to is vm/zone.h's matter.
 *
 * instant = ms since 1970-01-01T00:00:00Z; date = days since 1970-01-01; local time = ms of the day;
 * local ms = ms since 1970-01-01T00:00 on the local clock (as if that clock were UTC).
 */
#ifndef VM_CIVIL_H
#define VM_CIVIL_H

#include "vm/text.h"

enum {
    CIVIL_INSTANT_SIZE = 40, /* room for a formatted instant, NUL included */
    CIVIL_DATE_SIZE = 24,
    CIVIL_TIME_SIZE = 16,
};

#define CIVIL_SECOND_MS INT64_C(1000)
#define CIVIL_MINUTE_MS INT64_C(60000)
#define CIVIL_HOUR_MS   INT64_C(3600000)
#define CIVIL_DAY_MS    INT64_C(86400000)

/* Dates and instants that may be read or computed: the years 0001 to 9999. */
#define CIVIL_DATE_MIN    INT64_C(-719162)
#define CIVIL_DATE_MAX    INT64_C(2932896)
#define CIVIL_INSTANT_MIN (CIVIL_DATE_MIN * CIVIL_DAY_MS)
#define CIVIL_INSTANT_MAX ((CIVIL_DATE_MAX + 1) * CIVIL_DAY_MS - 1)

/* The earlier of two instants, dates or times. */
static inline int64_t civil_earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Weekdays begin with Monday (ISO 8601). */
enum civil_weekday {
    CIVIL_MONDAY = 0,
    CIVIL_TUESDAY,
    CIVIL_WEDNESDAY,
    CIVIL_THURSDAY,
    CIVIL_FRIDAY,
    CIVIL_SATURDAY,
    CIVIL_SUNDAY
};

struct civil_date {
    int64_t year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

struct civil_time {
    struct civil_date date;
    unsigned hour, minute, second, millisecond;
};

bool civil_is_leap(int64_t year);

/* 28 to 31. `month` is 1 to 12. */
unsigned civil_days_in_month(int64_t year, unsigned month);

/* Whether the month and the day exist in that year. */
bool civil_date_exists(int64_t year, unsigned month, unsigned day);

/* Date (days since 1970) of an existing year, month and day, and back. */
int64_t civil_date_of(int64_t year, unsigned month, unsigned day);
struct civil_date civil_date_parts(int64_t date);

/* Parts of an instant in UTC (or of local ms), and back. */
struct civil_time civil_parts(int64_t instant);
int64_t civil_instant_of(struct civil_time time);

/* Date and ms of the day of an instant in UTC (or of local ms), rounded toward the past. */
int64_t civil_date_of_instant(int64_t instant);
int64_t civil_ms_of_day(int64_t instant);

enum civil_weekday civil_weekday(int64_t date);

/* "monday" ... "sunday". */
const char *civil_weekday_name(enum civil_weekday weekday);

/* The same day of the month `months` later (or earlier); a day that the month lacks becomes its last: 31 January plus one
 * month is 28 or 29 February. */
int64_t civil_add_months(int64_t date, int64_t months);

/* Whole years between two dates: the age on `today` of someone born on `birth` (29 February counts from 1 March). */
int64_t civil_years_between(int64_t birth, int64_t today);

/* Reads RFC 3339, "2026-06-11T08:00:00Z", "2026-06-11T10:00:00.250+02:00"; a zone is needed, the fraction has 1 to 9
 * digits and is cut after ms, "T" may be "t" or a space, "Z" may be "z". A second of 60 is refused.
 * STATUS_INVALID with words on what is wrong. */
enum status civil_parse_instant(int64_t *out, struct text text, struct error *error) MUST_CHECK;

/* Reads "2026-06-10". */
enum status civil_parse_date(int64_t *out, struct text text, struct error *error) MUST_CHECK;

/* Reads "22:30", "22:30:15" or "22:30:15.250" into ms of the day. "24:00" is refused. */
enum status civil_parse_time(int64_t *out, struct text text, struct error *error) MUST_CHECK;

/* "2026-06-11T08:00:00.000Z" with a NUL; gives the length. Years outside 0000 to 9999 get a sign. */
unsigned civil_format_instant(char out[CIVIL_INSTANT_SIZE], int64_t instant);

/* "2026-06-11" with a NUL; gives the length. */
unsigned civil_format_date(char out[CIVIL_DATE_SIZE], int64_t date);

/* The shortest of "22:30", "22:30:15", "22:30:15.250" with a NUL; gives the length. */
unsigned civil_format_time(char out[CIVIL_TIME_SIZE], int64_t ms_of_day);

#endif
