/*
 * When judgements about now change, against a walk through the instants between: before the instant that is named nothing
 * may flip (a segment would miss it), and asked again there it must get on, so that a chain of instants finds every flip.
 * Where no clock changes the instant is the flip itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "vm/changes.h"
#include "vm/program.h"
#include "vm/zone.h"

enum { CASES = 8000, SAMPLES = 400 };

static const char *const zones[] = {"UTC",          "Europe/Warsaw",       "America/Los_Angeles", "Pacific/Auckland",
                                    "Pacific/Apia", "America/Havana",      "Asia/Kathmandu",      "Africa/Cairo",
                                    "America/Nuuk", "Australia/Lord_Howe", "Atlantic/Azores",     "America/St_Johns",
                                    "Asia/Tehran",  "Africa/Casablanca",   "America/Asuncion",    "Asia/Beirut"};

enum judgement { EXACT, CALENDAR, DATES, YEARS, JUDGEMENTS };

static bool within_exact(int64_t now, int64_t moment, int64_t ms)
{
    return moment <= now && now - moment < ms;
}

static int64_t back(unsigned zone, int64_t now, int64_t packed)
{
    return zone_add_calendar(zone, now, -(int32_t)calendar_months(packed), -(int32_t)calendar_days(packed),
                             -(int64_t)calendar_ms(packed));
}

/* The latest instant that counting back has reached by now: it is looked for at the end of each stretch in which it rises. */
static int64_t reached(unsigned zone, int64_t now, int64_t packed)
{
    int64_t most = back(zone, now, packed);
    for (int64_t day = 0; day < 4; day++) {
        int64_t there = back(zone, zone_date_start(zone, zone_date(zone, now) - day) - 1, packed);
        if (there > most) most = there;
    }
    for (int64_t at = zone_next_change(zone, now - 4 * CIVIL_DAY_MS); at <= now; at = zone_next_change(zone, at)) {
        int64_t there = back(zone, at - 1, packed);
        if (there > most) most = there;
    }
    return most;
}

/* The judgement at an instant, by the plain words of its meaning. */
static int64_t judge(enum judgement kind, unsigned zone, int64_t now, int64_t thing, int64_t packed)
{
    int64_t since = back(zone, now, packed);
    switch (kind) {
    case EXACT: return within_exact(now, thing, packed);
    case CALENDAR: return reached(zone, now, packed) < thing && thing <= now;
    case DATES: return zone_date(zone, since) < thing && thing <= zone_date(zone, now);
    case YEARS: return civil_years_between(thing, zone_date(zone, now));
    case JUDGEMENTS: break;
    }
    return 0;
}

static int64_t ask(enum judgement kind, unsigned zone, int64_t now, int64_t thing, int64_t packed, int64_t *changes)
{
    switch (kind) {
    case EXACT: {
        bool within = within_exact(now, thing, packed);
        *changes = within || thing > now ? changes_within(now, thing, packed) : INT64_MAX;
        return within;
    }
    case CALENDAR: return changes_within_calendar(zone, now, thing, packed, changes);
    case DATES: return changes_within_dates(zone, now, thing, packed, changes);
    case YEARS: return changes_years_since(zone, now, thing, changes);
    case JUDGEMENTS: break;
    }
    return 0;
}

/* Instants at which something flips if it flips: around clock changes, midnights and the end of the window. */
static int64_t telling(struct bundle_kit_dice *dice, unsigned zone, int64_t from, int64_t to, int64_t end)
{
    int64_t at = from + (int64_t)bundle_kit_below(dice, (uint64_t)(to - from));
    switch (bundle_kit_below(dice, 5)) {
    case 0: at = zone_next_change(zone, at) == INT64_MAX ? at : zone_next_change(zone, at); break;
    case 1: at = zone_day_start(zone, at); break;
    case 2: at = end; break;
    case 3: at = from + (int64_t)bundle_kit_below(dice, 5000); break;
    default: break;
    }
    at += (int64_t)bundle_kit_below(dice, 5) - 2;
    if (at < from) at = from;
    return at >= to ? to - 1 : at;
}

static void check_case(struct bundle_kit_dice *dice, enum judgement kind)
{
    unsigned zone = (unsigned)zone_find(text_of(zones[bundle_kit_below(dice, sizeof zones / sizeof zones[0])]));
    int64_t now = INT64_C(1583000000000) + (int64_t)bundle_kit_below(dice, UINT64_C(300000000000));
    if (bundle_kit_below(dice, 2) == 0 && zone_next_change(zone, now) != INT64_MAX) {
        now = zone_next_change(zone, now) + (int64_t)bundle_kit_below(dice, 6 * CIVIL_HOUR_MS) - 3 * CIVIL_HOUR_MS;
    }
    int16_t months = bundle_kit_below(dice, 2) == 0 ? 0 : (int16_t)bundle_kit_below(dice, 14);
    int16_t days = bundle_kit_below(dice, 3) == 0 ? 0 : (int16_t)bundle_kit_below(dice, 60);
    int32_t ms = bundle_kit_below(dice, 2) == 0 ? 0 : (int32_t)bundle_kit_below(dice, 3 * CIVIL_DAY_MS);
    int64_t packed = calendar_pack(months, days, ms);
    if (packed == 0 || kind == EXACT) packed = 1 + (int64_t)bundle_kit_below(dice, 40 * CIVIL_DAY_MS) % INT32_MAX;
    /* The thing lies near one end of the window, mostly. */
    int64_t since = zone_add_calendar(zone, now, -months, -days, -(int64_t)ms);
    if (kind == EXACT) since = now - packed;
    int64_t near = bundle_kit_below(dice, 2) == 0 ? since : now;
    int64_t thing = near + (int64_t)bundle_kit_below(dice, 8 * CIVIL_DAY_MS) - 4 * CIVIL_DAY_MS;
    if (kind == DATES) thing = zone_date(zone, thing);
    if (kind == YEARS) thing = zone_date(zone, now) - (int64_t)bundle_kit_below(dice, 12) * 365 - 2;
    for (unsigned links = 0; links < 12; links++) {
        int64_t changes, first = ask(kind, zone, now, thing, packed, &changes);
        assert_int_equal(first, judge(kind, zone, now, thing, packed));
        assert_true(changes > now);
        int64_t to = changes == INT64_MAX ? now + 900 * CIVIL_DAY_MS : changes;
        for (unsigned i = 0; i < SAMPLES / 12; i++) {
            int64_t at = telling(dice, zone, now, to, changes == INT64_MAX ? now : changes);
            if (judge(kind, zone, at, thing, packed) != first) {
                fail_msg(
                    "kind %d in %s: at %lld the judgement on %lld with %d months %d days %d ms is %lld and is said to "
                    "hold until %lld, but flips by %lld",
                    (int)kind, zone_name(zone), (long long)now, (long long)thing, months, days, ms, (long long)first,
                    (long long)changes, (long long)at);
            }
        }
        if (changes == INT64_MAX) return;
        now = changes;
    }
}

static void nothing_flips_before(void **unused)
{
    (void)unused;
    struct bundle_kit_dice dice = {7};
    for (enum judgement kind = EXACT; kind < JUDGEMENTS; kind++) {
        for (unsigned i = 0; i < CASES; i++) check_case(&dice, kind);
    }
}

/* In UTC no clock changes: the chain has no idle links but midnights of months and dates. */
static void the_instant_is_the_flip(void **unused)
{
    (void)unused;
    unsigned utc = zone_utc();
    int64_t now = INT64_C(1781128800000), changes; /* 2026-06-10T22:00Z */
    int64_t thirty = calendar_pack(0, 30, 0), month = calendar_pack(1, 0, 0);
    assert_true(changes_within_calendar(utc, now, now - 5, thirty, &changes));
    assert_int_equal(changes, now - 5 + 30 * CIVIL_DAY_MS);
    assert_false(changes_within_calendar(utc, now, now - 30 * CIVIL_DAY_MS, thirty, &changes));
    assert_int_equal(changes, INT64_MAX);
    assert_false(changes_within_calendar(utc, now, now + 77, thirty, &changes));
    assert_int_equal(changes, now + 77);
    assert_true(changes_within_calendar(utc, now, now - CIVIL_DAY_MS, month, &changes));
    assert_true(changes <= now + 29 * CIVIL_DAY_MS && changes > now + 20 * CIVIL_DAY_MS);
    assert_true(changes_within_dates(utc, now, civil_date_of_instant(now), thirty, &changes));
    assert_true(changes > now + 20 * CIVIL_DAY_MS);
    /* A birthday in 20 days. */
    assert_int_equal(changes_years_since(utc, now, civil_date_of_instant(now) + 20 - 365 * 4 - 1, &changes), 3);
    assert_int_equal(changes, (civil_date_of_instant(now) + 20) * CIVIL_DAY_MS);
    assert_int_equal(changes_of_date(utc, now), now + 2 * CIVIL_HOUR_MS);
}

/* What has left a window does not come back: not in an hour that comes twice, not on the last days of a longer month. */
static void nothing_comes_back(void **unused)
{
    (void)unused;
    unsigned warsaw = (unsigned)zone_find(TEXT("Europe/Warsaw"));
    int64_t two_days = calendar_pack(0, 2, 0), month = calendar_pack(1, 0, 0), changes;
    int64_t moment = INT64_C(1792715400000), out = INT64_C(1792888200000); /* 2026-10-23T00:30Z, 2026-10-25T00:30Z */
    assert_true(changes_within_calendar(warsaw, out - 1, moment, two_days, &changes));
    for (int64_t at = out; at < out + 5 * CIVIL_HOUR_MS; at += 60000)
        assert_false(changes_within_calendar(warsaw, at, moment, two_days, &changes));
    moment = INT64_C(1772276400000), out = INT64_C(1774692000000); /* 2026-02-28T11:00Z, 2026-03-28T10:00Z and 11:00Z */
    assert_true(changes_within_calendar(warsaw, out, moment, month, &changes));
    for (int64_t at = out + CIVIL_HOUR_MS; at < out + 5 * CIVIL_DAY_MS; at += 600000)
        assert_false(changes_within_calendar(warsaw, at, moment, month, &changes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_flips_before),
        cmocka_unit_test(the_instant_is_the_flip),
        cmocka_unit_test(nothing_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
