/*
 * Cron texts: which masks they give, and which field a mistake is told of. When masks are due is schedule_test's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/cron.h"
#include "vm/schedule.h"

static struct bundle_schedule read_text(const char *text)
{
    struct bundle_schedule schedule = {0};
    struct cron_fault fault;
    if (!cron_read(&schedule, text_of(text), &fault))
        fail_msg("%s: the %s %s", text, fault.field == NULL ? "number of fields" : fault.field, fault.what);
    return schedule;
}

static uint32_t bits(const char *numbers)
{
    uint32_t mask = 0;
    for (; *numbers != '\0'; numbers++) mask |= UINT32_C(1) << (*numbers - '0');
    return mask;
}

static void masks(void **state)
{
    (void)state;
    struct bundle_schedule all = read_text("* * * * *");
    assert_true(all.minutes == SCHEDULE_ALL_MINUTES);
    assert_int_equal(all.hours, SCHEDULE_ALL_HOURS);
    assert_int_equal(all.days, SCHEDULE_ALL_DAYS);
    assert_int_equal(all.months, SCHEDULE_ALL_MONTHS);
    assert_int_equal(all.weekdays, SCHEDULE_ALL_WEEKDAYS);
    assert_int_equal(all.either, 0);

    assert_int_equal(read_text("5 0 * * *").minutes, 1 << 5);
    assert_int_equal(read_text("0-3,7 0 * * *").minutes, bits("01237"));
    assert_int_equal(read_text("1-8/3 0 * * *").minutes, bits("147"));
    assert_true(read_text("50/4 0 * * *").minutes == (INT64_C(1) << 50 | INT64_C(1) << 54 | INT64_C(1) << 58));
    assert_int_equal(read_text("0 */6 * * *").hours, 1 | 1 << 6 | 1 << 12 | 1 << 18);
    assert_int_equal(read_text("  0\t6  L  * * ").days, SCHEDULE_LAST_DAY);
    assert_int_equal(read_text("0 6 1,l * *").days, bits("1") | SCHEDULE_LAST_DAY);
    assert_int_equal(read_text("0 6 * jan,MAR-may *").months, bits("1345"));
    assert_int_equal(read_text("0 6 * 2-9/2 *").months, bits("2468"));
    /* The bundle's week begins with monday. */
    assert_int_equal(read_text("0 6 * * 1").weekdays, bits("0"));
    assert_int_equal(read_text("0 6 * * 0").weekdays, bits("6"));
    assert_int_equal(read_text("0 6 * * 7").weekdays, bits("6"));
    assert_int_equal(read_text("0 6 * * 5-7").weekdays, bits("456"));
    assert_int_equal(read_text("0 6 * * Mon-Fri").weekdays, bits("01234"));
}

static void days_of_either_kind(void **state)
{
    (void)state;
    assert_int_equal(read_text("0 6 1 * 1").either, 1);
    assert_int_equal(read_text("0 6 1 * *").either, 0);
    assert_int_equal(read_text("0 6 * * 1").either, 0);
    assert_int_equal(read_text("0 6 */2 * 1").either, 0);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field, *what;
    } rows[] = {
        {"", NULL, ""},
        {"0 6 * *", NULL, ""},
        {"0 0 6 * * 1", NULL, ""},
        {"60 6 * * *", "minute", "does not exist"},
        {"0 24 * * *", "hour", "does not exist"},
        {"0 6 0 * *", "day of the month", "does not exist"},
        {"0 6 32 * *", "day of the month", "does not exist"},
        {"0 6 * 13 *", "month", "does not exist"},
        {"0 6 * * 8", "weekday", "does not exist"},
        {"0 6 * * monday", "weekday", "cannot be read"},
        {"0 6 * foo *", "month", "cannot be read"},
        {"0 6 * * mon-", "weekday", "cannot be read"},
        {"9-3 6 * * *", "minute", "ends before it begins"},
        {"*/0 6 * * *", "minute", "step"},
        {"*/ 6 * * *", "minute", "step"},
        {"1, 6 * * *", "minute", "cannot be read"},
        {"**  6 * * *", "minute", "cannot be read"},
        {"0 L * * *", "hour", "cannot be read"},
        {"99999999999999999999 6 * * *", "minute", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle_schedule schedule = {0};
        struct cron_fault fault;
        if (cron_read(&schedule, text_of(rows[i].text), &fault)) fail_msg("`%s` is taken", rows[i].text);
        if (rows[i].field == NULL) {
            assert_null(fault.field);
            continue;
        }
        assert_string_equal(fault.field, rows[i].field);
        if (strstr(fault.what, rows[i].what) == NULL) fail_msg("`%s`: %s", rows[i].text, fault.what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks),
        cmocka_unit_test(days_of_either_kind),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
