/*
 * Conversions against exact rational arithmetic: whatever the rate, the decimals of the two currencies, the amount and the rounding, the
 * result is the one whole number that the definition of the rounding allows, and it lies in the range that was proven.
 *
 * Set PROMO_SEED to repeat a failure.
 */
#include "vm/convert.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROUNDS = 200000 };

static uint64_t dice = 20261120;

static uint64_t next(void)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return dice;
}

static uint64_t below(uint64_t limit)
{
    return next() % limit;
}

/* Numbers of every size, small ones often. */
static int64_t sized(int64_t largest)
{
    int64_t most = 1;
    for (uint64_t digits = below(19); digits > 0 && most <= largest / 10; digits--) most *= 10;
    return (int64_t)below((uint64_t)most) + 1;
}

static struct bundle_currency currency[3];
static struct bundle_rates rates[1];
static struct bundle_rate rate[1];
static const struct program program = {
    .currency = currency, .currency_count = 3, .rates = rates, .rates_count = 1, .rate = rate, .rate_count = 1};

/* The sign of left - right for products of up to 192 bits, in two halves: top * a against bottom * b, all positive. */
static int compare_products(uint128 top, uint64_t a, uint128 bottom, uint64_t b)
{
    uint128 low_top = (uint128)(uint64_t)top * a, low_bottom = (uint128)(uint64_t)bottom * b;
    uint128 high_top = (top >> 64) * a + (low_top >> 64), high_bottom = (bottom >> 64) * b + (low_bottom >> 64);
    if (high_top != high_bottom) return high_top > high_bottom ? 1 : -1;
    uint64_t rest_top = (uint64_t)low_top, rest_bottom = (uint64_t)low_bottom;
    return rest_top == rest_bottom ? 0 : rest_top > rest_bottom ? 1 : -1;
}

static uint64_t power(uint32_t digits)
{
    uint64_t out = 1;
    while (digits-- > 0) out *= 10;
    return out;
}

static void test_rounds_exactly(void **state)
{
    (void)state;
    static const uint32_t decimals[] = {0, 2, 3};
    const char *seed = getenv("PROMO_SEED");
    if (seed != NULL) dice = strtoull(seed, NULL, 0) | 1;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint64_t from_here = dice;
        currency[0].decimals = decimals[below(3)];
        currency[1].decimals = decimals[below(3)];
        rates[0].rate_count = 1;
        rate[0] = (struct bundle_rate){.number = sized(CONVERT_RATE_MAX), .from = 0, .to = 1};
        bool back = below(2) == 0;
        struct bundle_factor factor = convert_factor(&program, 0, back, !back);
        int64_t amount = sized(INT64_C(100000000000000));
        if (below(4) == 0) amount = -amount;
        enum rounding rounding = (enum rounding)below(ROUNDING_COUNT);
        struct range range = convert_range(&factor, range_point(amount), 0, 0, rounding);
        if (!range_fits(range)) continue;
        int64_t got = convert_amount(&factor, amount, rounding);

        /* Exactly, in minor units of the target: amount * p / q with p and q as written, not reduced. */
        uint64_t p = (uint64_t)rate[0].number, q = 1000000;
        uint64_t up = power(currency[1].decimals), down = power(currency[0].decimals);
        uint64_t size = amount < 0 ? (uint64_t)-amount : (uint64_t)amount;
        uint64_t result = got < 0 ? (uint64_t)-got : (uint64_t)got;
        /* exact = size * (p * up) / (q * down), or size * (q * down) / (p * up) on the way back */
        uint64_t num = back ? q * down : p * up, den = back ? p * up : q * down;
        uint128 exact = (uint128)size * num; /* against (result + k / 2) * den */
        int floor = compare_products(exact, 1, (uint128)result * den, 1);
        int half = compare_products(exact, 2, ((uint128)result * 2 + 1) * den, 1);
        int below_half = result == 0 ? 1 : compare_products(exact, 2, ((uint128)result * 2 - 1) * den, 1);
        int ceiling = result == 0 ? 1 : compare_products(exact, 1, (uint128)(result - 1) * den, 1);
        int next_whole = compare_products(exact, 1, ((uint128)result + 1) * den, 1);
        bool right = (got <= 0 || amount > 0) && (got >= 0 || amount < 0);
        switch (rounding) {
        case ROUNDING_DOWN: right = right && floor >= 0 && next_whole < 0; break;
        case ROUNDING_UP: right = right && floor <= 0 && ceiling > 0; break;
        case ROUNDING_HALF_UP: right = right && below_half >= 0 && half < 0; break;
        case ROUNDING_HALF_EVEN:
            right = right && (below_half > 0 || (below_half == 0 && result % 2 == 0)) &&
                    (half < 0 || (half == 0 && result % 2 == 0));
            break;
        case ROUNDING_COUNT: break;
        }
        if (!right || !range_contains(range, got)) {
            print_message("PROMO_SEED=%" PRIu64 ": %" PRId64 " by %" PRId64
                          " millionths (%u to %u decimals%s), rounded %s: %" PRId64 "\n",
                          from_here, amount, rate[0].number, currency[0].decimals, currency[1].decimals,
                          back ? ", back" : "", round_name(rounding), got);
            fail();
        }
    }
}

/* Every value between two amounts, in any of the currencies, lies within the range that was proven. */
static void test_ranges_hold(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS / 10; round++) {
        struct bundle_factor factors[3];
        for (unsigned i = 0; i < 3; i++) {
            factors[i] = (struct bundle_factor){.num = sized(1000000000), .den = sized(1000000000)};
            if (below(5) == 0) factors[i] = (struct bundle_factor){0, 0};
        }
        int64_t low = (int64_t)below(2000000) - 1000000, high = low + (int64_t)below(1000000);
        enum rounding rounding = (enum rounding)below(ROUNDING_COUNT);
        struct range range = convert_range(factors, range_of(low, high), 0, 2, rounding);
        for (unsigned i = 0; i < 3; i++) {
            assert_true(range_contains(range, convert_amount(&factors[i], low, rounding)));
            assert_true(range_contains(range, convert_amount(&factors[i], high, rounding)));
            int64_t between = low + (int64_t)below((uint64_t)(high - low) + 1);
            assert_true(range_contains(range, convert_amount(&factors[i], between, rounding)));
        }
    }
}

static void test_directions(void **state)
{
    (void)state;
    currency[0].decimals = 2;
    currency[1].decimals = 0;
    currency[2].decimals = 3;
    rate[0] = (struct bundle_rate){.number = 163310000, .from = 0, .to = 1};
    struct bundle_factor there = convert_factor(&program, 0, 0, 1), back = convert_factor(&program, 0, 1, 0);
    assert_int_equal(convert_amount(&there, 10000, ROUNDING_DOWN), 16331); /* 100.00 are 16331 */
    assert_int_equal(convert_amount(&back, 16331, ROUNDING_DOWN), 10000);  /* and exactly back */
    assert_int_equal(there.num, back.den);
    assert_int_equal(there.den, back.num);
    assert_int_equal(convert_factor(&program, 0, 2, 2).num, 1);
    assert_int_equal(convert_factor(&program, 0, 0, 2).den, 0); /* no rate, and none over a third currency */
    assert_int_equal(convert_factor(&program, 0, 1, 2).den, 0);
    struct bundle_factor none = convert_factor(&program, 0, 2, 0);
    assert_int_equal(convert_amount(&none, 5, ROUNDING_UP), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_exactly),
        cmocka_unit_test(test_ranges_hold),
        cmocka_unit_test(test_directions),
    };
    return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
