/*
 * Schedules, holidays and waits for business days in forged bundles: each mistake in a record is refused with words for it.
 * What such bundles do when they pass is engine_forged_test's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "tests/kit/engine_kit.h"

#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/schedule.h"
#include "vm/verify.h"

static const char SOURCE[] =
    "workspace \"Forged\"\n  product casino\n  currency EUR\n  channel inbox\n  use events\n  use actions\nend\n"
    "attribute points whole number up to 1,000, otherwise 0\nattribute born optional date\n"
    "holidays DE\n  day 2026-05-01 \"Labour Day\"\n  day 2026-05-25 \"Whit Monday\"\n  through 2026-12-31\nend\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\nend\n"
    "campaign \"A\"\n  product casino\n  currency EUR\n  timezone \"Europe/Berlin\"\n  business days of DE\n"
    "  start every year on player.born at 09:00\n  order by player.points from largest\n"
    "  step \"S\"\n    wait 2 business days\n    wait until business day 10:00\n    send inbox \"m\"\n    wait 1 day\n"
    "    finish as \"DONE\"\n  end\nend\n";

/* A change of one record, and what the refusal says. */
struct forgery {
    void (*change)(struct bundle_schedule *schedule, struct bundle_state *state, struct bundle_holiday *holiday);
    const char *words;
};
#define CHANGE(name, statement)                                                                                    \
    static void name(struct bundle_schedule *schedule, struct bundle_state *state, struct bundle_holiday *holiday) \
    {                                                                                                              \
        (void)schedule, (void)state, (void)holiday;                                                                \
        statement;                                                                                                 \
    }
CHANGE(no_minute, schedule->minutes = 0)
CHANGE(minute_sixty, schedule->minutes |= INT64_C(1) << 60)
CHANGE(no_hour, schedule->hours = 0)
CHANGE(hour_twenty_four, schedule->hours |= UINT32_C(1) << 24)
CHANGE(month_zero, schedule->months |= 1)
CHANGE(no_weekday, schedule->weekdays = 0)
CHANGE(eighth_weekday, schedule->weekdays = 255)
CHANGE(no_day, schedule->days = 0)
CHANGE(missed_for_ever, schedule->missed_ms = -1)
CHANGE(two_zones, schedule->players_zone = 1; schedule->zone = schedule->text)
CHANGE(birthday_of_points, schedule->birthday = 0)
CHANGE(order_beyond, schedule->order_count = 2)
CHANGE(not_of_its_country, state[0].holidays = PROGRAM_NONE)
CHANGE(exact_with_holidays, state[2].holidays = 0)
CHANGE(no_business_day, state[0].duration = 0)
CHANGE(too_many_business_days, state[0].duration = 1001)
CHANGE(clock_beyond_the_day, state[1].clock_ms = (uint32_t)CIVIL_DAY_MS)
CHANGE(holidays_backwards, holiday[0].date = holiday[1].date)
CHANGE(holiday_beyond_the_list, holiday[1].date += 366)

static const struct forgery forgeries[] = {
    {no_minute, "minutes"},
    {minute_sixty, "minutes"},
    {no_hour, "hours"},
    {hour_twenty_four, "hours"},
    {month_zero, "months"},
    {no_weekday, "no day"},
    {eighth_weekday, "weekdays"},
    {no_day, "no day"},
    {missed_for_ever, "no duration"},
    {two_zones, "two zones"},
    {birthday_of_points, "no date"},
    {order_beyond, "order"},
    {not_of_its_country, "list of holidays"},
    {exact_with_holidays, "list of holidays"},
    {no_business_day, "no time at all"},
    {too_many_business_days, "too long"},
    {clock_beyond_the_day, "time of day"},
    {holidays_backwards, "the one before it"},
    {holiday_beyond_the_list, "the one before it"},
};

static enum status judge(const struct forgery *forgery, const struct buffer *bundle, struct error *error)
{
    struct buffer copy = BUFFER_EMPTY;
    buffer_append(&copy, bundle->bytes, bundle->size);
    struct program program;
    assert_int_equal(bundle_open(&program, copy.bytes, copy.size, error), OK);
    if (forgery != NULL) {
        forgery->change((struct bundle_schedule *)(uintptr_t)program.schedule,
                        (struct bundle_state *)(uintptr_t)program.state,
                        (struct bundle_holiday *)(uintptr_t)program.holiday);
        bundle_kit_rehash(copy.bytes, copy.size);
    }
    enum status status = bundle_open(&program, copy.bytes, copy.size, error);
    if (status == OK) status = verify_program(&program, error);
    buffer_deinit(&copy);
    return status;
}

static void forged_records_are_refused(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, SOURCE, 1);
    struct error error = ERROR_NONE;
    assert_int_equal(judge(NULL, &kit.bundle, &error), OK);
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        error = (struct error)ERROR_NONE;
        if (judge(&forgeries[i], &kit.bundle, &error) == OK) fail_msg("forgery %zu (%s) passes", i, forgeries[i].words);
        if (strstr(error.message, forgeries[i].words) == NULL)
            fail_msg("forgery %zu: `%s` does not say `%s`", i, error.message, forgeries[i].words);
    }
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forged_records_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
