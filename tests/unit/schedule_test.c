/*
 * Schedules against a clock on the wall: for random masks and zones every minute of weeks around clock changes is looked at, and the
 * minutes at which the wall shows a scheduled time (for the first time, or jumps over one) must be those that schedule_next() names.
 * Business days and anniversaries by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/clock/clock_kit.h"
#include "vm/schedule.h"
#include "vm/zone.h"

static const struct schedule_holidays no_holidays = {NULL, 0};

static int64_t day(const char *text)
{
    int64_t date = 0;
    struct error error = ERROR_NONE;
    if (civil_parse_date(&date, text_of(text), &error) != OK) fail_msg("%s", error.message);
    return date;
}

static void assert_same_instant(int64_t got, const char *expected)
{
    char text[CIVIL_INSTANT_SIZE];
    civil_format_instant(text, got);
    assert_string_equal(text, expected);
}

/* Every day at this time. */
static struct bundle_schedule daily(uint32_t hour, uint32_t minute)
{
    return (struct bundle_schedule){.minutes = INT64_C(1) << minute,
                                    .hours = UINT32_C(1) << hour,
                                    .days = SCHEDULE_ALL_DAYS,
                                    .months = SCHEDULE_ALL_MONTHS,
                                    .weekdays = SCHEDULE_ALL_WEEKDAYS,
                                    .zone = PROGRAM_NONE,
                                    .birthday = PROGRAM_NONE,
                                    .holidays = PROGRAM_NONE};
}

/* ---------------------------------------------------------------- brute force */

static uint64_t seed = 20261101;
static uint32_t rolled(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* Whether the wall's date and time are scheduled, told from the parts alone. */
static bool is_scheduled(const struct bundle_schedule *schedule, int64_t local)
{
    struct civil_time time = civil_parts(local);
    bool minute = (schedule->minutes >> time.minute) & 1, hour = (schedule->hours >> time.hour) & 1;
    bool month = (schedule->months >> time.date.month) & 1;
    int64_t tomorrow = civil_date_of_instant(local) + 1;
    bool last = civil_date_parts(tomorrow).day == 1;
    bool number = (schedule->days >> time.date.day) & 1;
    if (last && (schedule->days & 1)) number = true;
    for (unsigned lacking = time.date.day + 1; last && schedule->short_months && lacking <= 31; lacking++)
        if ((schedule->days >> lacking) & 1) number = true;
    bool weekday = (schedule->weekdays >> civil_weekday(tomorrow - 1)) & 1;
    return minute && hour && month && (schedule->either ? number || weekday : number && weekday);
}

/* Whether it is due at this minute: the wall shows a scheduled time that it did not show before, or has just jumped over one. */
static bool is_due(const struct bundle_schedule *schedule, unsigned zone, int64_t instant)
{
    int64_t local = zone_local_ms(zone, instant);
    bool shown_before = false;
    for (int back = 1; back <= 180 && is_scheduled(schedule, local); back++)
        shown_before = shown_before || zone_local_ms(zone, instant - back * CIVIL_MINUTE_MS) == local;
    if (is_scheduled(schedule, local) && !shown_before) return true;
    int64_t jumped = zone_local_ms(zone, instant - CIVIL_MINUTE_MS) + CIVIL_MINUTE_MS;
    for (; jumped < local; jumped += CIVIL_MINUTE_MS)
        if (is_scheduled(schedule, jumped)) return true;
    return false;
}

static struct bundle_schedule random_schedule(void)
{
    struct bundle_schedule schedule = daily(rolled(24), rolled(60));
    if (rolled(2)) schedule.minutes |= INT64_C(1) << rolled(60);
    if (rolled(4) == 0) schedule.minutes = SCHEDULE_ALL_MINUTES;
    schedule.hours |= UINT32_C(1) << rolled(5);
    if (rolled(4) == 0) schedule.hours = SCHEDULE_ALL_HOURS;
    if (rolled(2)) schedule.weekdays = 1 + rolled(127);
    if (rolled(3) == 0) schedule.days = UINT32_C(1) << rolled(32);
    if (rolled(3) == 0) schedule.days |= UINT32_C(1) << rolled(32);
    if (rolled(4) == 0) schedule.months = UINT32_C(2) << rolled(12) | UINT32_C(1) << 3 | UINT32_C(1) << 10;
    schedule.either = rolled(3) == 0;
    schedule.short_months = rolled(2);
    return schedule;
}

static void compare_weeks(unsigned zone, int64_t from)
{
    struct bundle_schedule schedule = random_schedule();
    int64_t next = schedule_next(&schedule, no_holidays, zone, from);
    for (int64_t at = from + CIVIL_MINUTE_MS; at < from + 5 * CIVIL_DAY_MS; at += CIVIL_MINUTE_MS) {
        bool due = is_due(&schedule, zone, at);
        if (due == (next == at)) {
            if (due) next = schedule_next(&schedule, no_holidays, zone, at);
            continue;
        }
        char shown[CIVIL_INSTANT_SIZE], expected[CIVIL_INSTANT_SIZE];
        civil_format_instant(shown, at);
        civil_format_instant(expected, next);
        fail_msg("%s: at %s it is %sdue, and the next is said to be %s", zone_name(zone), shown, due ? "" : "not ",
                 expected);
    }
    /* From anywhere in between the answer is the same. */
    int64_t middle = from + (int64_t)rolled(5 * 86400) * 1000,
            after = schedule_next(&schedule, no_holidays, zone, middle);
    for (int64_t at = middle - middle % CIVIL_MINUTE_MS + CIVIL_MINUTE_MS; at < from + 5 * CIVIL_DAY_MS;
         at += CIVIL_MINUTE_MS) {
        if (!is_due(&schedule, zone, at)) continue;
        assert_int_equal(after, at);
        break;
    }
}

static void the_clock_on_the_wall_agrees(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *around;
    } changes[] = {
        {"Europe/Warsaw", "2026-03-29T01:00:00Z"},       {"Europe/Warsaw", "2026-10-25T01:00:00Z"},
        {"America/New_York", "2026-03-08T07:00:00Z"},    {"America/New_York", "2026-11-01T06:00:00Z"},
        {"Pacific/Auckland", "2026-04-04T14:00:00Z"},    {"Pacific/Auckland", "2026-09-26T14:00:00Z"},
        {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
        {"Antarctica/Troll", "2026-03-29T01:00:00Z"},    {"Antarctica/Troll", "2026-10-25T01:00:00Z"},
        {"America/Havana", "2026-03-08T05:00:00Z"},      {"America/Havana", "2026-11-01T05:00:00Z"},
        {"Asia/Kolkata", "2026-02-27T05:00:00Z"},        {"UTC", "2028-02-28T00:00:00Z"},
    };
    for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
        int64_t from = clock_instant(changes[i].around) - 2 * CIVIL_DAY_MS;
        for (unsigned round = 0; round < 12; round++) compare_weeks(clock_zone(changes[i].zone), from);
    }
}

/* ---------------------------------------------------------------- by hand */

static void gaps_and_overlaps(void **state)
{
    (void)state;
    unsigned warsaw = clock_zone("Europe/Warsaw");
    struct bundle_schedule at_half_past_two = daily(2, 30);
    /* 02:30 does not exist on 29 march: 03:00 summer time. */
    int64_t due = schedule_next(&at_half_past_two, no_holidays, warsaw, clock_instant("2026-03-28T12:00:00Z"));
    assert_same_instant(due, "2026-03-29T01:00:00.000Z");
    due = schedule_next(&at_half_past_two, no_holidays, warsaw, due);
    assert_same_instant(due, "2026-03-30T00:30:00.000Z");
    /* It comes twice on 25 october: the first. */
    due = schedule_next(&at_half_past_two, no_holidays, warsaw, clock_instant("2026-10-24T12:00:00Z"));
    assert_same_instant(due, "2026-10-25T00:30:00.000Z");
    due = schedule_next(&at_half_past_two, no_holidays, warsaw, due);
    assert_same_instant(due, "2026-10-26T01:30:00.000Z");
    /* A week of 167 and one of 169 hours. */
    struct bundle_schedule mondays = daily(6, 0);
    mondays.weekdays = 1;
    int64_t march = schedule_next(&mondays, no_holidays, warsaw, clock_instant("2026-03-22T12:00:00Z"));
    assert_same_instant(march, "2026-03-23T05:00:00.000Z");
    int64_t next = schedule_next(&mondays, no_holidays, warsaw, march);
    assert_same_instant(next, "2026-03-30T04:00:00.000Z");
    assert_int_equal(next - march, 167 * CIVIL_HOUR_MS);
    int64_t october = schedule_next(&mondays, no_holidays, warsaw, clock_instant("2026-10-18T12:00:00Z"));
    next = schedule_next(&mondays, no_holidays, warsaw, october);
    assert_same_instant(next, "2026-10-26T05:00:00.000Z");
    assert_int_equal(next - october, 169 * CIVIL_HOUR_MS);
}

static void days_of_months(void **state)
{
    (void)state;
    unsigned zone = clock_zone("UTC");
    struct bundle_schedule monthly = daily(9, 0);
    monthly.days = UINT32_C(1) << 31;
    int64_t after = clock_instant("2027-01-31T09:00:00Z");
    assert_same_instant(schedule_next(&monthly, no_holidays, zone, after), "2027-03-31T09:00:00.000Z");
    monthly.short_months = 1;
    assert_same_instant(schedule_next(&monthly, no_holidays, zone, after), "2027-02-28T09:00:00.000Z");
    monthly.days = SCHEDULE_LAST_DAY;
    monthly.short_months = 0;
    assert_same_instant(schedule_next(&monthly, no_holidays, zone, after), "2027-02-28T09:00:00.000Z");
    monthly.days = UINT32_C(1) << 30;
    monthly.months = UINT32_C(1) << 2;
    assert_true(schedule_next(&monthly, no_holidays, zone, after) == SCHEDULE_NEVER);
    monthly.days = UINT32_C(1) << 29;
    assert_same_instant(schedule_next(&monthly, no_holidays, zone, after), "2028-02-29T09:00:00.000Z");
    monthly.weekdays = 1;
    assert_same_instant(schedule_next(&monthly, no_holidays, zone, after), "2044-02-29T09:00:00.000Z");
}

static void business_days(void **state)
{
    (void)state;
    const struct bundle_holiday list[] = {{.date = day("2026-12-25")},
                                          {.date = day("2026-12-26")},
                                          {.date = day("2027-01-01")},
                                          {.date = day("2027-03-26")}};
    struct schedule_holidays holidays = {list, 4};
    assert_true(schedule_is_business_day(holidays, day("2026-12-24")));
    assert_false(schedule_is_business_day(holidays, day("2026-12-25")));
    assert_false(schedule_is_business_day(holidays, day("2026-12-27")));
    assert_true(schedule_is_business_day(holidays, day("2026-12-28")));
    assert_false(schedule_is_business_day(holidays, day("2027-03-26")));
    assert_true(schedule_is_business_day(no_holidays, day("2026-12-25")));

    struct bundle_schedule monthly = daily(9, 0);
    monthly.holidays = 0;
    monthly.days = SCHEDULE_LAST_DAY;
    unsigned utc_zone = clock_zone("UTC");
    int64_t due = schedule_next(&monthly, holidays, utc_zone, clock_instant("2027-02-01T00:00:00Z"));
    assert_same_instant(due, "2027-02-26T09:00:00.000Z");
    monthly.days = UINT32_C(1) << 1;
    due = schedule_next(&monthly, holidays, utc_zone, clock_instant("2026-12-31T00:00:00Z"));
    assert_same_instant(due, "2027-01-04T09:00:00.000Z");
    monthly.days = UINT32_C(1) << 21; /* February 2027 has 20, March 22 of them. */
    due = schedule_next(&monthly, holidays, utc_zone, clock_instant("2027-02-01T00:00:00Z"));
    assert_same_instant(due, "2027-03-30T09:00:00.000Z");
    monthly.short_months = 1;
    due = schedule_next(&monthly, holidays, utc_zone, clock_instant("2027-02-01T00:00:00Z"));
    assert_same_instant(due, "2027-02-26T09:00:00.000Z");
    monthly.days = SCHEDULE_ALL_DAYS;
    due = schedule_next(&monthly, holidays, utc_zone, clock_instant("2027-03-25T09:00:00Z"));
    assert_same_instant(due, "2027-03-29T09:00:00.000Z");

    unsigned berlin = clock_zone("Europe/Berlin");
    int64_t at = schedule_add_business_days(holidays, berlin, clock_instant("2026-12-23T14:00:00Z"), 3);
    assert_same_instant(at, "2026-12-29T14:00:00.000Z");
    at = schedule_add_business_days(holidays, berlin, clock_instant("2027-03-25T14:00:00Z"),
                                    1); /* Good friday, then the clock changes. */
    assert_same_instant(at, "2027-03-29T13:00:00.000Z");
    at = schedule_next_business_time(holidays, berlin, clock_instant("2026-12-24T07:59:59Z"), 9 * CIVIL_HOUR_MS);
    assert_same_instant(at, "2026-12-24T08:00:00.000Z");
    at = schedule_next_business_time(holidays, berlin, at, 9 * CIVIL_HOUR_MS);
    assert_same_instant(at, "2026-12-28T08:00:00.000Z");

    struct bundle_schedule schedule = daily(9, 0);
    schedule.holidays = 0;
    at = schedule_next(&schedule, holidays, berlin, clock_instant("2026-12-24T12:00:00Z"));
    assert_same_instant(at, "2026-12-28T08:00:00.000Z");
}

static void anniversaries(void **state)
{
    (void)state;
    assert_true(schedule_is_anniversary(day("1990-05-17"), day("2026-05-17")));
    assert_false(schedule_is_anniversary(day("1990-05-17"), day("2026-05-18")));
    assert_false(schedule_is_anniversary(day("2026-05-17"), day("2026-05-17")));
    assert_true(schedule_is_anniversary(day("2026-05-17"), day("2027-05-17")));
    assert_true(schedule_is_anniversary(day("2000-02-29"), day("2026-02-28")));
    assert_false(schedule_is_anniversary(day("2000-02-29"), day("2028-02-28")));
    assert_true(schedule_is_anniversary(day("2000-02-29"), day("2028-02-29")));
    assert_true(schedule_is_anniversary(day("2001-02-28"), day("2028-02-28")));
    assert_false(schedule_is_anniversary(day("2001-02-28"), day("2028-02-29")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_on_the_wall_agrees),
        cmocka_unit_test(gaps_and_overlaps),
        cmocka_unit_test(days_of_months),
        cmocka_unit_test(business_days),
        cmocka_unit_test(anniversaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
