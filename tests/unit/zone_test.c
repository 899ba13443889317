/*
 * Zone rules: weeks with clock changes by hand, and the whole table against GLib, which reads tzdata on its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/clock/clock_kit.h"
#include "vm/zone.h"

/* A local clock time as local ms. */
static int64_t local(const char *text)
{
    char with_zone[48];
    g_snprintf(with_zone, sizeof with_zone, "%sZ", text);
    return clock_instant(with_zone);
}

static void assert_same_instant(int64_t got, const char *expected)
{
    char text[CIVIL_INSTANT_SIZE];
    civil_format_instant(text, got);
    assert_string_equal(text, expected);
}

static void the_table_is_recent(void **state)
{
    (void)state;
    assert_true(strcmp(zone_version(), "2026a") >= 0);
    assert_int_equal(strlen(zone_hash()), 32);
    assert_true(zone_count() > 400);
}

static void names_are_found(void **state)
{
    (void)state;
    for (unsigned zone = 0; zone < zone_count(); zone++) {
        assert_int_equal(zone_find(text_of(zone_name(zone))), zone);
        if (zone > 0) assert_true(strcmp(zone_name(zone - 1), zone_name(zone)) < 0);
        assert_int_equal(zone_canonical(zone_canonical(zone)), zone_canonical(zone));
    }
    assert_int_equal(zone_find(TEXT("Europe/Atlantis")), -1);
    assert_int_equal(zone_find(TEXT("")), -1);
    assert_int_equal(zone_find(TEXT("europe/malta")), -1);
    assert_int_equal(zone_find_near(TEXT("europe/malta")), clock_zone("Europe/Malta"));
    assert_int_equal(zone_find_near(TEXT("Warsaw")), clock_zone("Europe/Warsaw"));
    assert_int_equal(zone_find_near(TEXT("Europe/Londn")), clock_zone("Europe/London"));
    assert_int_equal(zone_find_near(TEXT("Middle-earth/Shire")), -1);
    assert_string_equal(zone_name(zone_canonical(clock_zone("GB"))), "Europe/London");
    assert_string_equal(zone_name(zone_utc()), "UTC");
    assert_int_equal(zone_find_or_utc(TEXT("Europe/Malta")), clock_zone("Europe/Malta"));
    assert_int_equal(zone_find_or_utc(TEXT("Europe/Atlantis")), zone_utc());
}

static void weeks_of_other_lengths(void **state)
{
    (void)state;
    unsigned warsaw = clock_zone("Europe/Warsaw");
    int64_t spring = zone_date_start(warsaw, civil_date_of(2026, 3, 23));
    int64_t autumn = zone_date_start(warsaw, civil_date_of(2026, 10, 19));
    assert_same_instant(spring, "2026-03-22T23:00:00.000Z");
    assert_same_instant(autumn, "2026-10-18T22:00:00.000Z");
    assert_int_equal(zone_add_calendar(warsaw, spring, 0, 7, 0) - spring, 167 * CIVIL_HOUR_MS);
    assert_int_equal(zone_add_calendar(warsaw, autumn, 0, 7, 0) - autumn, 169 * CIVIL_HOUR_MS);
    assert_int_equal(zone_add_calendar(warsaw, spring, 0, 0, 168 * CIVIL_HOUR_MS) - spring, 168 * CIVIL_HOUR_MS);
}

static void offsets_by_hand(void **state)
{
    (void)state;
    unsigned london = clock_zone("Europe/London");
    unsigned auckland = clock_zone("Pacific/Auckland");
    unsigned angeles = clock_zone("America/Los_Angeles");
    unsigned kolkata = clock_zone("Asia/Kolkata");
    assert_int_equal(zone_offset_ms(london, clock_instant("2026-06-10T21:30:00Z")), CIVIL_HOUR_MS);
    assert_int_equal(zone_offset_ms(london, clock_instant("2026-03-29T00:59:59.999Z")), 0);
    assert_int_equal(zone_offset_ms(london, clock_instant("2026-03-29T01:00:00Z")), CIVIL_HOUR_MS);
    assert_int_equal(zone_offset_ms(auckland, clock_instant("2026-01-15T00:00:00Z")), 13 * CIVIL_HOUR_MS);
    assert_int_equal(zone_offset_ms(auckland, clock_instant("2026-07-15T00:00:00Z")), 12 * CIVIL_HOUR_MS);
    assert_int_equal(zone_offset_ms(angeles, clock_instant("2026-01-15T00:00:00Z")), -8 * CIVIL_HOUR_MS);
    assert_int_equal(zone_offset_ms(angeles, clock_instant("2026-07-15T00:00:00Z")), -7 * CIVIL_HOUR_MS);
    assert_int_equal(zone_offset_ms(kolkata, clock_instant("2026-07-15T00:00:00Z")), 330 * CIVIL_MINUTE_MS);
    assert_int_equal(zone_offset_ms(zone_utc(), clock_instant("2026-07-15T00:00:00Z")), 0);
    /* The quiet-hours case: 22:30 local becomes 09:00 the next day, British Summer Time. */
    assert_same_instant(zone_next_time(london, clock_instant("2026-06-10T21:30:00Z"), 9 * CIVIL_HOUR_MS),
                        "2026-06-11T08:00:00.000Z");
}

static void skipped_and_double_times(void **state)
{
    (void)state;
    unsigned warsaw = clock_zone("Europe/Warsaw");
    assert_same_instant(zone_to_instant(warsaw, local("2026-03-29T02:30:00")), "2026-03-29T01:00:00.000Z");
    assert_same_instant(zone_to_instant(warsaw, local("2026-03-29T03:00:00")), "2026-03-29T01:00:00.000Z");
    assert_same_instant(zone_to_instant(warsaw, local("2026-03-29T01:59:59.999")), "2026-03-29T00:59:59.999Z");
    assert_same_instant(zone_to_instant(warsaw, local("2026-10-25T02:30:00")), "2026-10-25T00:30:00.000Z");
    assert_same_instant(zone_to_instant(warsaw, local("2026-10-25T03:00:00")), "2026-10-25T02:00:00.000Z");
    assert_int_equal(zone_local_kind(warsaw, local("2026-03-29T02:30:00")), ZONE_LOCAL_SKIPPED);
    assert_int_equal(zone_local_kind(warsaw, local("2026-10-25T02:30:00")), ZONE_LOCAL_TWICE);
    assert_int_equal(zone_local_kind(warsaw, local("2026-10-25T03:00:00")), ZONE_LOCAL_ONCE);
    /* Samoa skipped 30 December 2011 whole. */
    unsigned apia = clock_zone("Pacific/Apia");
    assert_same_instant(zone_date_start(apia, civil_date_of(2011, 12, 30)), "2011-12-30T10:00:00.000Z");
    assert_same_instant(zone_date_start(apia, civil_date_of(2011, 12, 31)), "2011-12-30T10:00:00.000Z");
    /* The second 02:30 keeps its place when nothing but exact time is added. */
    int64_t second = clock_instant("2026-10-25T01:30:00Z");
    assert_int_equal(zone_add_calendar(warsaw, second, 0, 0, 1), second + 1);
}

static void calendar_addition(void **state)
{
    (void)state;
    unsigned malta = clock_zone("Europe/Malta");
    assert_same_instant(zone_add_calendar(malta, clock_instant("2026-01-31T10:15:00Z"), 1, 0, 0),
                        "2026-02-28T10:15:00.000Z");
    assert_same_instant(zone_add_calendar(malta, clock_instant("2026-01-31T10:15:00Z"), 6, 1, 500),
                        "2026-08-01T09:15:00.500Z");
    assert_same_instant(zone_add_calendar(malta, clock_instant("2026-03-28T01:30:00Z"), 0, 1, 0),
                        "2026-03-29T01:00:00.000Z");
    assert_same_instant(zone_day_start(malta, clock_instant("2026-03-29T22:30:00Z")), "2026-03-29T22:00:00.000Z");
    assert_same_instant(zone_day_start(malta, clock_instant("2026-03-29T21:30:00Z")), "2026-03-28T23:00:00.000Z");
    assert_int_equal(zone_date(malta, clock_instant("2026-03-29T22:30:00Z")), civil_date_of(2026, 3, 30));
}

static void next_times(void **state)
{
    (void)state;
    unsigned warsaw = clock_zone("Europe/Warsaw");
    int64_t nine = 9 * CIVIL_HOUR_MS;
    assert_same_instant(zone_next_time(warsaw, clock_instant("2026-06-10T07:00:00Z"), nine),
                        "2026-06-11T07:00:00.000Z");
    assert_same_instant(zone_next_time(warsaw, clock_instant("2026-06-10T06:59:59.999Z"), nine),
                        "2026-06-10T07:00:00.000Z");
    assert_same_instant(zone_next_time(warsaw, clock_instant("2026-03-29T00:30:00Z"), local("1970-01-01T02:30:00")),
                        "2026-03-29T01:00:00.000Z");
    assert_same_instant(
        zone_next_weekday(warsaw, clock_instant("2026-03-25T12:00:00Z"), CIVIL_MONDAY, 6 * CIVIL_HOUR_MS),
        "2026-03-30T04:00:00.000Z");
    assert_same_instant(
        zone_next_weekday(warsaw, clock_instant("2026-03-30T04:00:00Z"), CIVIL_MONDAY, 6 * CIVIL_HOUR_MS),
        "2026-04-06T04:00:00.000Z");
}

/* Offsets of every zone at 300 instants and of 60 zones every six hours, up to 2037. (After it GLib 2.74 unrolls rules with
 * a negative summer time wrongly: Dublin gets two hours.) */
static void agrees_with_glib(void **state)
{
    (void)state;
    int64_t begin = clock_instant("1996-01-01T00:00:00Z") / 1000;
    int64_t end = clock_instant("2037-01-01T00:00:00Z") / 1000;
    unsigned compared = 0;
    for (unsigned zone = 0; zone < zone_count(); zone++) {
        GTimeZone *peer = g_time_zone_new_identifier(zone_name(zone));
        assert_non_null(peer);
        bool dense = zone % (zone_count() / 60) == 0;
        int64_t step = dense ? 6 * 3600 + 7 : (end - begin) / 300;
        for (int64_t second = begin; second < end; second += step) {
            int interval = g_time_zone_find_interval(peer, G_TIME_TYPE_UNIVERSAL, second);
            int64_t expected = g_time_zone_get_offset(peer, interval);
            int64_t got = zone_offset_ms(zone, second * 1000) / 1000;
            if (got != expected) {
                fail_msg("%s at %lld: %lld, GLib says %lld", zone_name(zone), (long long)second, (long long)got,
                         (long long)expected);
            }
            compared++;
        }
        g_time_zone_unref(peer);
    }
    assert_true(compared > 1000000);
}

/* A third reader, the C library, for the years after 2037 that come from the zone's rule. */
static void agrees_with_the_c_library(void **state)
{
    (void)state;
    int64_t begin = clock_instant("2030-01-01T00:00:00Z") / 1000;
    int64_t end = clock_instant("2060-12-31T00:00:00Z") / 1000;
    for (unsigned zone = 0; zone < zone_count(); zone++) {
        assert_int_equal(setenv("TZ", zone_name(zone), 1), 0);
        tzset();
        for (int64_t second = begin; second < end; second += 3 * 86400 + 4001) {
            time_t at = (time_t)second;
            struct tm shown;
            assert_non_null(localtime_r(&at, &shown));
            int64_t got = zone_offset_ms(zone, second * 1000) / 1000;
            if (got != shown.tm_gmtoff) {
                fail_msg("%s at %lld: %lld, the C library says %ld", zone_name(zone), (long long)second, (long long)got,
                         shown.tm_gmtoff);
            }
        }
    }
}

/* For any local time, the instant shows that time, or it was skipped and nothing shows it; nothing earlier does. */
static void local_times_come_back(void **state)
{
    (void)state;
    for (unsigned zone = 0; zone < zone_count(); zone += 7) {
        int64_t begin = local("2025-01-01T00:00:00");
        for (int64_t at = begin; at < begin + 400 * CIVIL_DAY_MS; at += 20 * CIVIL_MINUTE_MS + 1) {
            int64_t instant = zone_to_instant(zone, at);
            int64_t shown = zone_local_ms(zone, instant);
            enum zone_local kind = zone_local_kind(zone, at);
            if (kind == ZONE_LOCAL_SKIPPED) {
                assert_true(shown > at && zone_local_ms(zone, instant - 1) < at);
            } else {
                assert_true(shown == at);
                for (int64_t back = 1; back <= 3; back++) {
                    assert_true(zone_local_ms(zone, instant - back * CIVIL_HOUR_MS) != at);
                }
                bool later = zone_local_ms(zone, instant + CIVIL_HOUR_MS) == at ||
                             zone_local_ms(zone, instant + CIVIL_HOUR_MS / 2) == at ||
                             zone_local_ms(zone, instant + 2 * CIVIL_HOUR_MS) == at;
                assert_int_equal(later, kind == ZONE_LOCAL_TWICE);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_recent),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(weeks_of_other_lengths),
        cmocka_unit_test(offsets_by_hand),
        cmocka_unit_test(skipped_and_double_times),
        cmocka_unit_test(calendar_addition),
        cmocka_unit_test(next_times),
        cmocka_unit_test(agrees_with_glib),
        cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(local_times_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
