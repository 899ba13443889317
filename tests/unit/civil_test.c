/*
 * Dates, instants and clock times: every day of 800 years against a day-by-day count, texts against their parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vm/civil.h"

static void dates_count_day_by_day(void **state)
{
    (void)state;
    int64_t date = civil_date_of(1600, 1, 1);
    enum civil_weekday weekday = CIVIL_SATURDAY;
    for (int64_t year = 1600; year < 2400; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            for (unsigned day = 1; day <= civil_days_in_month(year, month); day++) {
                assert_int_equal(civil_date_of(year, month, day), date);
                struct civil_date parts = civil_date_parts(date);
                assert_int_equal(parts.year, year);
                assert_int_equal(parts.month, month);
                assert_int_equal(parts.day, day);
                assert_int_equal(civil_weekday(date), weekday);
                date++;
                weekday = weekday == CIVIL_SUNDAY ? CIVIL_MONDAY : weekday + 1;
            }
        }
    }
    assert_int_equal(civil_date_of(1970, 1, 1), 0);
    assert_int_equal(civil_date_of(1, 1, 1), CIVIL_DATE_MIN);
    assert_int_equal(civil_date_of(9999, 12, 31), CIVIL_DATE_MAX);
    assert_int_equal(civil_weekday(civil_date_of(2026, 11, 22)), CIVIL_SUNDAY);
    assert_string_equal(civil_weekday_name(CIVIL_MONDAY), "monday");
}

static void dates_exist_or_not(void **state)
{
    (void)state;
    assert_true(civil_date_exists(2024, 2, 29));
    assert_false(civil_date_exists(2026, 2, 29));
    assert_false(civil_date_exists(1900, 2, 29));
    assert_true(civil_date_exists(2000, 2, 29));
    assert_false(civil_date_exists(2026, 13, 1));
    assert_false(civil_date_exists(2026, 0, 1));
    assert_false(civil_date_exists(2026, 4, 31));
    assert_false(civil_date_exists(2026, 4, 0));
}

static void months_clamp(void **state)
{
    (void)state;
    int64_t january = civil_date_of(2026, 1, 31);
    assert_int_equal(civil_add_months(january, 1), civil_date_of(2026, 2, 28));
    assert_int_equal(civil_add_months(january, 25), civil_date_of(2028, 2, 29));
    assert_int_equal(civil_add_months(january, -2), civil_date_of(2025, 11, 30));
    assert_int_equal(civil_add_months(january, 12), civil_date_of(2027, 1, 31));
    assert_int_equal(civil_add_months(january, -13), civil_date_of(2024, 12, 31));
    assert_int_equal(civil_add_months(civil_date_of(2024, 2, 29), 12), civil_date_of(2025, 2, 28));
}

static void ages(void **state)
{
    (void)state;
    int64_t birth = civil_date_of(2008, 6, 10);
    assert_int_equal(civil_years_between(birth, civil_date_of(2026, 6, 9)), 17);
    assert_int_equal(civil_years_between(birth, civil_date_of(2026, 6, 10)), 18);
    assert_int_equal(civil_years_between(civil_date_of(2008, 2, 29), civil_date_of(2026, 2, 28)), 17);
    assert_int_equal(civil_years_between(civil_date_of(2008, 2, 29), civil_date_of(2026, 3, 1)), 18);
}

static void assert_instant(const char *text, int64_t expected)
{
    int64_t instant = -1;
    struct error error = ERROR_NONE;
    if (civil_parse_instant(&instant, text_of(text), &error) != OK) fail_msg("%s", error.message);
    assert_true(instant == expected);
}

static void instants_parse(void **state)
{
    (void)state;
    assert_instant("1970-01-01T00:00:00Z", 0);
    assert_instant("2026-06-11T08:00:00Z", INT64_C(1781164800000));
    assert_instant("2026-06-11T10:00:00+02:00", INT64_C(1781164800000));
    assert_instant("2026-06-11t08:00:00.25z", INT64_C(1781164800250));
    assert_instant("2026-06-11 08:00:00.123456789Z", INT64_C(1781164800123));
    assert_instant("2026-06-11T02:30:00.001-05:30", INT64_C(1781164800001));
    assert_instant("1969-12-31T23:59:59.999Z", -1);
    assert_instant("0001-01-01T00:00:00Z", CIVIL_INSTANT_MIN);
    assert_instant("9999-12-31T23:59:59.999Z", CIVIL_INSTANT_MAX);
}

static void assert_refused(enum status (*parse)(int64_t *, struct text, struct error *), const char *text,
                           const char *words)
{
    int64_t value = -1;
    struct error error = ERROR_NONE;
    assert_int_equal(parse(&value, text_of(text), &error), STATUS_INVALID);
    if (strstr(error.message, words) == NULL) fail_msg("`%s` gave: %s", text, error.message);
    assert_int_equal(value, -1);
}

static void instants_refuse(void **state)
{
    (void)state;
    assert_refused(civil_parse_instant, "", "does not begin with a date");
    assert_refused(civil_parse_instant, "11.06.2026", "does not begin with a date");
    assert_refused(civil_parse_instant, "2026-6-11T08:00:00Z", "does not begin with a date");
    assert_refused(civil_parse_instant, "2026-13-11T08:00:00Z", "has month 13");
    assert_refused(civil_parse_instant, "2026-02-29T08:00:00Z", "that month has 28 days");
    assert_refused(civil_parse_instant, "0000-02-28T08:00:00Z", "year 0000");
    assert_refused(civil_parse_instant, "2026-06-11", "is not an instant");
    assert_refused(civil_parse_instant, "2026-06-11T08:00", "no time of day like 08:00:00");
    assert_refused(civil_parse_instant, "2026-06-11T24:00:00Z", "no such time of day");
    assert_refused(civil_parse_instant, "2026-06-11T23:59:60Z", "no such time of day");
    assert_refused(civil_parse_instant, "2026-06-11T08:00:00", "has no zone");
    assert_refused(civil_parse_instant, "2026-06-11T08:00:00.Z", "no time of day");
    assert_refused(civil_parse_instant, "2026-06-11T08:00:00+2", "offset that is not like");
    assert_refused(civil_parse_instant, "2026-06-11T08:00:00+24:00", "offset that is not like");
    assert_refused(civil_parse_instant, "2026-06-11T08:00:00Z ", "more after the zone");
    assert_refused(civil_parse_instant, "0001-01-01T00:00:00+01:00", "outside the years");
}

static void dates_and_times_parse(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_int_equal(civil_parse_date(&value, TEXT("2026-06-10"), NULL), OK);
    assert_int_equal(value, civil_date_of(2026, 6, 10));
    assert_int_equal(civil_parse_time(&value, TEXT("22:30"), NULL), OK);
    assert_int_equal(value, 22 * CIVIL_HOUR_MS + 30 * CIVIL_MINUTE_MS);
    assert_int_equal(civil_parse_time(&value, TEXT("23:59:59.999"), NULL), OK);
    assert_int_equal(value, CIVIL_DAY_MS - 1);
    assert_refused(civil_parse_date, "2026-06-10T", "more after the date");
    assert_refused(civil_parse_time, "24:00", "no such time of day");
    assert_refused(civil_parse_time, "9:00", "no time of day like 22:30");
    assert_refused(civil_parse_time, "09:00:", "no time of day");
    assert_refused(civil_parse_time, "09:00:00.1234", "more after the time");
    assert_refused(civil_parse_time, "09:00 pm", "more after the time");
}

static void instants_come_back(void **state)
{
    (void)state;
    char text[CIVIL_INSTANT_SIZE];
    int64_t step = INT64_C(86399877) * 977;
    for (int64_t instant = CIVIL_INSTANT_MIN; instant <= CIVIL_INSTANT_MAX - step; instant += step) {
        struct text written = text_make(text, civil_format_instant(text, instant));
        int64_t back = 0;
        assert_int_equal(civil_parse_instant(&back, written, NULL), OK);
        assert_true(back == instant);
        assert_true(civil_instant_of(civil_parts(instant)) == instant);
        assert_true(civil_date_of_instant(instant) * CIVIL_DAY_MS + civil_ms_of_day(instant) == instant);
    }
    assert_int_equal(civil_format_instant(text, INT64_C(1781164800000)), 24);
    assert_string_equal(text, "2026-06-11T08:00:00.000Z");
    assert_true(civil_format_instant(text, INT64_MAX) < CIVIL_INSTANT_SIZE);
    assert_true(civil_format_instant(text, INT64_MIN) < CIVIL_INSTANT_SIZE);
}

static void dates_and_times_format(void **state)
{
    (void)state;
    char date[CIVIL_DATE_SIZE];
    char time[CIVIL_TIME_SIZE];
    civil_format_date(date, civil_date_of(2026, 6, 1));
    assert_string_equal(date, "2026-06-01");
    civil_format_time(time, 9 * CIVIL_HOUR_MS);
    assert_string_equal(time, "09:00");
    civil_format_time(time, 9 * CIVIL_HOUR_MS + 5000);
    assert_string_equal(time, "09:00:05");
    civil_format_time(time, CIVIL_DAY_MS - 1);
    assert_string_equal(time, "23:59:59.999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_count_day_by_day), cmocka_unit_test(dates_exist_or_not),
        cmocka_unit_test(months_clamp),           cmocka_unit_test(ages),
        cmocka_unit_test(instants_parse),         cmocka_unit_test(instants_refuse),
        cmocka_unit_test(dates_and_times_parse),  cmocka_unit_test(instants_come_back),
        cmocka_unit_test(dates_and_times_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
