/* How often a pool of codes can be redeemed: by codes, totals, periods of its days and quotas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vm/civil.h"
#include "vm/pool.h"

static struct bundle_pool pool_of(uint32_t each, enum limit_period each_per, uint32_t total,
                                  enum limit_period total_per)
{
    return (struct bundle_pool){.codes = 10,
                                .valid_from = INT64_MIN,
                                .valid_through = INT64_MAX,
                                .code_count = each,
                                .code_period = each_per,
                                .total_count = total,
                                .total_period = total_per};
}

static void set_days(struct bundle_pool *pool, unsigned from_month, unsigned from_day, unsigned month, unsigned day)
{
    pool->valid_from = civil_date_of(2026, from_month, from_day);
    pool->valid_through = civil_date_of(2026, month, day);
}

static void codes_and_totals_bound(void **state)
{
    (void)state;
    struct bundle_pool pool = pool_of(1, LIMIT_EVER, 0, LIMIT_EVER);
    assert_int_equal(pool_redemptions(NULL, &pool), 10);
    pool = pool_of(3, LIMIT_EVER, 25, LIMIT_EVER);
    assert_int_equal(pool_redemptions(NULL, &pool), 25);
    pool = pool_of(0, LIMIT_EVER, 0, LIMIT_EVER);
    assert_int_equal(pool_redemptions(NULL, &pool), INT64_MAX);
    pool = pool_of(2, LIMIT_DAY, 0, LIMIT_EVER);
    assert_int_equal(pool_redemptions(NULL, &pool), INT64_MAX); /* valid for good */
    set_days(&pool, 3, 1, 3, 5);
    assert_int_equal(pool_redemptions(NULL, &pool), 10 * 2 * 5);
    struct bundle_quota quotas[] = {{.amount = 4}, {.amount = 3}};
    struct program program = {.quota = quotas, .quota_count = 2};
    pool.quota_count = 2;
    assert_int_equal(pool_redemptions(&program, &pool), 7);
}

/* Every calendar period that one of its days lies in counts whole. */
static void periods_are_those_that_days_touch(void **state)
{
    (void)state;
    struct bundle_pool pool = pool_of(0, LIMIT_EVER, 7, LIMIT_WEEK);
    set_days(&pool, 6, 7, 6, 8); /* a sunday and a monday */
    assert_int_equal(pool_redemptions(NULL, &pool), 14);
    set_days(&pool, 6, 8, 6, 14); /* monday to sunday */
    assert_int_equal(pool_redemptions(NULL, &pool), 7);
    pool.total_period = LIMIT_MONTH;
    set_days(&pool, 1, 31, 3, 1);
    assert_int_equal(pool_redemptions(NULL, &pool), 21);
    pool.total_period = LIMIT_YEAR;
    assert_int_equal(pool_redemptions(NULL, &pool), 7);
    pool.player_count = 2;
    pool.player_period = LIMIT_DAY;
    assert_int_equal(pool_redemptions_of_player(&pool), 2 * 30);
    pool.player_count = 0;
    assert_int_equal(pool_redemptions_of_player(&pool), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_and_totals_bound),
        cmocka_unit_test(periods_are_those_that_days_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
