/*
 * Calendar arithmetic and the text forms of dates, times and instants. Contract: vm/civil.h.
 *
 * Days and dates are converted with the usual trick: years begin in March, so that the leap day is a year's last day and
 * the months follow the line (153 * month + 2) / 5; 400 years (an era) are 146,097 days.
 */
#include "vm/civil.h"

enum { ERA_DAYS = 146097, DAYS_0000_03_01_TO_1970 = 719468 };

static int64_t floor_div(int64_t value, int64_t divisor)
{
    int64_t quotient = value / divisor;
    return value % divisor < 0 ? quotient - 1 : quotient;
}

static int64_t floor_mod(int64_t value, int64_t divisor)
{
    int64_t rest = value % divisor;
    return rest < 0 ? rest + divisor : rest;
}

bool civil_is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned civil_days_in_month(int64_t year, unsigned month)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    INVARIANT(month >= 1 && month <= 12);
    return month == 2 && civil_is_leap(year) ? 29 : days[month - 1];
}

bool civil_date_exists(int64_t year, unsigned month, unsigned day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= civil_days_in_month(year, month);
}

int64_t civil_date_of(int64_t year, unsigned month, unsigned day)
{
    INVARIANT(civil_date_exists(year, month, day));
    int64_t march_year = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - DAYS_0000_03_01_TO_1970;
}

struct civil_date civil_date_parts(int64_t date)
{
    int64_t days = date + DAYS_0000_03_01_TO_1970;
    int64_t era = floor_div(days, ERA_DAYS);
    int64_t day_of_era = days - era * ERA_DAYS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return (struct civil_date){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

int64_t civil_date_of_instant(int64_t instant)
{
    return floor_div(instant, CIVIL_DAY_MS);
}

int64_t civil_ms_of_day(int64_t instant)
{
    return floor_mod(instant, CIVIL_DAY_MS);
}

struct civil_time civil_parts(int64_t instant)
{
    int64_t rest = civil_ms_of_day(instant);
    return (struct civil_time){
        .date = civil_date_parts(civil_date_of_instant(instant)),
        .hour = (unsigned)(rest / CIVIL_HOUR_MS),
        .minute = (unsigned)(rest / CIVIL_MINUTE_MS % 60),
        .second = (unsigned)(rest / CIVIL_SECOND_MS % 60),
        .millisecond = (unsigned)(rest % CIVIL_SECOND_MS),
    };
}

int64_t civil_instant_of(struct civil_time time)
{
    INVARIANT(time.hour < 24 && time.minute < 60 && time.second < 60 && time.millisecond < 1000);
    return civil_date_of(time.date.year, time.date.month, time.date.day) * CIVIL_DAY_MS + time.hour * CIVIL_HOUR_MS +
           time.minute * CIVIL_MINUTE_MS + time.second * CIVIL_SECOND_MS + time.millisecond;
}

enum civil_weekday civil_weekday(int64_t date)
{
    return (enum civil_weekday)floor_mod(floor_mod(date, 7) + CIVIL_THURSDAY, 7); /* 1970-01-01 was a Thursday */
}

const char *civil_weekday_name(enum civil_weekday weekday)
{
    static const char *const names[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    INVARIANT(weekday <= CIVIL_SUNDAY);
    return names[weekday];
}

int64_t civil_add_months(int64_t date, int64_t months)
{
    struct civil_date parts = civil_date_parts(date);
    int64_t month_count = parts.year * 12 + (parts.month - 1) + months;
    int64_t year = floor_div(month_count, 12);
    unsigned month = (unsigned)floor_mod(month_count, 12) + 1;
    unsigned days = civil_days_in_month(year, month);
    return civil_date_of(year, month, parts.day < days ? parts.day : days);
}

int64_t civil_years_between(int64_t birth, int64_t today)
{
    struct civil_date from = civil_date_parts(birth);
    struct civil_date to = civil_date_parts(today);
    bool before_birthday = to.month < from.month || (to.month == from.month && to.day < from.day);
    return to.year - from.year - before_birthday;
}

/* ---- reading ---- */

/* Reads exactly `count` digits at `*at` and moves on; -1 when they are not there. */
static int read_digits(struct text text, uint32_t *at, uint32_t count)
{
    if (text.size < count || *at > text.size - count) return -1;
    int value = 0;
    for (uint32_t index = 0; index < count; index++) {
        char digit = text.at[*at + index];
        if (digit < '0' || digit > '9') return -1;
        value = value * 10 + (digit - '0');
    }
    *at += count;
    return value;
}

static bool read_byte(struct text text, uint32_t *at, char byte)
{
    if (*at >= text.size || text.at[*at] != byte) return false;
    (*at)++;
    return true;
}

/* "2026-06-10" at *at. What is wrong is told about the whole text. */
static enum status read_date(int64_t *out, struct text text, uint32_t *at, struct error *error)
{
    int year = read_digits(text, at, 4);
    bool dashes = year >= 0 && read_byte(text, at, '-');
    int month = dashes ? read_digits(text, at, 2) : -1;
    dashes = month >= 0 && read_byte(text, at, '-');
    int day = dashes ? read_digits(text, at, 2) : -1;
    if (day < 0) {
        return error_set(error, STATUS_INVALID, "`%.*s` does not begin with a date like 2026-06-10", TEXT_ARGS(text));
    }
    if (month < 1 || month > 12) {
        return error_set(error, STATUS_INVALID, "`%.*s` has month %02d; months go from 01 to 12", TEXT_ARGS(text),
                         month);
    }
    if (year < 1) {
        return error_set(error, STATUS_INVALID, "`%.*s` has year 0000; years go from 0001 to 9999", TEXT_ARGS(text));
    }
    if (!civil_date_exists(year, (unsigned)month, (unsigned)day)) {
        return error_set(error, STATUS_INVALID, "`%.*s` has day %02d; that month has %u days", TEXT_ARGS(text), day,
                         civil_days_in_month(year, (unsigned)month));
    }
    *out = civil_date_of(year, (unsigned)month, (unsigned)day);
    return OK;
}

/* ".250" at *at, if there is a point: up to `digits_max` digits, those after ms are cut. -1 when no digit follows. */
static int read_fraction(struct text text, uint32_t *at, unsigned digits_max)
{
    if (!read_byte(text, at, '.')) return 0;
    int ms = 0;
    unsigned digits = 0;
    for (int digit; digits < digits_max && (digit = read_digits(text, at, 1)) >= 0; digits++) {
        if (digits < 3) ms = ms * 10 + digit;
    }
    if (digits == 0) return -1;
    for (; digits < 3; digits++) ms *= 10;
    return ms;
}

/* "22:30", then ":15" (needed when `seconds_needed`), then a fraction, at *at. */
static enum status read_time(int64_t *out, struct text text, uint32_t *at, bool seconds_needed, unsigned digits_max,
                             struct error *error)
{
    int hour = read_digits(text, at, 2);
    int minute = hour >= 0 && read_byte(text, at, ':') ? read_digits(text, at, 2) : -1;
    int second = 0;
    int ms = 0;
    bool has_seconds = minute >= 0 && read_byte(text, at, ':');
    if (has_seconds) {
        second = read_digits(text, at, 2);
        if (second >= 0) ms = read_fraction(text, at, digits_max);
    }
    if (minute < 0 || second < 0 || ms < 0 || (seconds_needed && !has_seconds)) {
        return error_set(error, STATUS_INVALID, "`%.*s` has no time of day like %s", TEXT_ARGS(text),
                         seconds_needed ? "08:00:00" : "22:30 or 22:30:15.250");
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return error_set(error, STATUS_INVALID, "`%.*s` has no such time of day; the last is 23:59:59.999",
                         TEXT_ARGS(text));
    }
    *out = hour * CIVIL_HOUR_MS + minute * CIVIL_MINUTE_MS + second * CIVIL_SECOND_MS + ms;
    return OK;
}

/* "Z" or "+02:00" at *at, as ms east of UTC. */
static enum status read_offset(int64_t *out, struct text text, uint32_t *at, struct error *error)
{
    *out = 0;
    if (read_byte(text, at, 'Z') || read_byte(text, at, 'z')) return OK;
    int sign = read_byte(text, at, '+') ? 1 : read_byte(text, at, '-') ? -1 : 0;
    if (sign == 0) {
        return error_set(error, STATUS_INVALID, "`%.*s` has no zone; end it with Z or an offset like +02:00",
                         TEXT_ARGS(text));
    }
    int hours = read_digits(text, at, 2);
    int minutes = hours >= 0 && read_byte(text, at, ':') ? read_digits(text, at, 2) : -1;
    if (minutes < 0 || hours > 23 || minutes > 59) {
        return error_set(error, STATUS_INVALID, "`%.*s` has an offset that is not like +02:00", TEXT_ARGS(text));
    }
    *out = sign * (hours * CIVIL_HOUR_MS + minutes * CIVIL_MINUTE_MS);
    return OK;
}

static enum status require_end(struct text text, uint32_t at, const char *what, struct error *error)
{
    if (at == text.size) return OK;
    return error_set(error, STATUS_INVALID, "`%.*s` has more after the %s", TEXT_ARGS(text), what);
}

enum status civil_parse_instant(int64_t *out, struct text text, struct error *error)
{
    uint32_t at = 0;
    int64_t date = 0;
    int64_t time = 0;
    int64_t offset = 0;
    RETURN_IF_FAILED(read_date(&date, text, &at, error));
    if (!read_byte(text, &at, 'T') && !read_byte(text, &at, 't') && !read_byte(text, &at, ' ')) {
        return error_set(error, STATUS_INVALID, "`%.*s` is not an instant like 2026-06-11T08:00:00Z", TEXT_ARGS(text));
    }
    RETURN_IF_FAILED(read_time(&time, text, &at, true, 9, error));
    RETURN_IF_FAILED(read_offset(&offset, text, &at, error));
    RETURN_IF_FAILED(require_end(text, at, "zone", error));
    int64_t instant = date * CIVIL_DAY_MS + time - offset;
    if (instant < CIVIL_INSTANT_MIN || instant > CIVIL_INSTANT_MAX) {
        return error_set(error, STATUS_INVALID, "`%.*s` is outside the years 0001 to 9999 in UTC", TEXT_ARGS(text));
    }
    *out = instant;
    return OK;
}

enum status civil_parse_date(int64_t *out, struct text text, struct error *error)
{
    uint32_t at = 0;
    int64_t date = 0;
    RETURN_IF_FAILED(read_date(&date, text, &at, error));
    RETURN_IF_FAILED(require_end(text, at, "date", error));
    *out = date;
    return OK;
}

enum status civil_parse_time(int64_t *out, struct text text, struct error *error)
{
    uint32_t at = 0;
    int64_t time = 0;
    RETURN_IF_FAILED(read_time(&time, text, &at, false, 3, error));
    RETURN_IF_FAILED(require_end(text, at, "time", error));
    *out = time;
    return OK;
}

/* ---- writing ---- */

/* Writes `value` (not below 0) in at least `width` digits; gives the next place. */
static char *write_digits(char *at, int64_t value, unsigned width)
{
    char digits[24];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (; width > count; width--) *at++ = '0';
    while (count > 0) *at++ = digits[--count];
    return at;
}

static char *write_date(char *at, struct civil_date date)
{
    if (date.year < 0) {
        *at++ = '-';
    } else if (date.year > 9999) {
        *at++ = '+';
    }
    at = write_digits(at, date.year < 0 ? -date.year : date.year, 4);
    *at++ = '-';
    at = write_digits(at, date.month, 2);
    *at++ = '-';
    return write_digits(at, date.day, 2);
}

unsigned civil_format_date(char out[CIVIL_DATE_SIZE], int64_t date)
{
    INVARIANT(date > -(INT64_C(1) << 48) && date < INT64_C(1) << 48);
    char *at = write_date(out, civil_date_parts(date));
    *at = 0;
    return (unsigned)(at - out);
}

unsigned civil_format_instant(char out[CIVIL_INSTANT_SIZE], int64_t instant)
{
    struct civil_time time = civil_parts(instant);
    char *at = write_date(out, time.date);
    *at++ = 'T';
    at = write_digits(at, time.hour, 2);
    *at++ = ':';
    at = write_digits(at, time.minute, 2);
    *at++ = ':';
    at = write_digits(at, time.second, 2);
    *at++ = '.';
    at = write_digits(at, time.millisecond, 3);
    *at++ = 'Z';
    *at = 0;
    return (unsigned)(at - out);
}

unsigned civil_format_time(char out[CIVIL_TIME_SIZE], int64_t ms_of_day)
{
    INVARIANT(ms_of_day >= 0 && ms_of_day < CIVIL_DAY_MS);
    struct civil_time time = civil_parts(ms_of_day);
    char *at = write_digits(out, time.hour, 2);
    *at++ = ':';
    at = write_digits(at, time.minute, 2);
    if (time.second != 0 || time.millisecond != 0) {
        *at++ = ':';
        at = write_digits(at, time.second, 2);
    }
    if (time.millisecond != 0) {
        *at++ = '.';
        at = write_digits(at, time.millisecond, 3);
    }
    *at = 0;
    return (unsigned)(at - out);
}
