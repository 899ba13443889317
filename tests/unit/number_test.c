/*
 * Rounding, ranges, decimal text and money: exactness at the edges, and text that comes back as itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "vm/decimal.h"
#include "vm/range.h"

static uint64_t random_state = 20261122;

/* xorshift64*: seeded, the same on every machine. */
static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* A number of any size: small ones as likely as large ones. */
static int64_t any_number(void)
{
    int64_t value = (int64_t)(next_random() >> (next_random() % 64));
    return (next_random() & 1) != 0 ? value : -value;
}

static int64_t divided(int64_t a, int64_t b, int64_t c, enum rounding mode)
{
    int64_t out = 0;
    assert_true(round_mul_div(&out, a, b, c, mode));
    return out;
}

static void rounding_table(void **state)
{
    (void)state;
    static const struct {
        int64_t halves; /* the number times two */
        int64_t down, up, half_up, half_even;
    } rows[] = {
        {0, 0, 0, 0, 0}, {1, 0, 1, 1, 0},    {2, 1, 1, 1, 1},      {3, 1, 2, 2, 2},      {5, 2, 3, 3, 2},
        {7, 3, 4, 4, 4}, {-1, 0, -1, -1, 0}, {-3, -1, -2, -2, -2}, {-5, -2, -3, -3, -2}, {-4, -2, -2, -2, -2},
    };
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        assert_int_equal(divided(rows[index].halves, 1, 2, ROUNDING_DOWN), rows[index].down);
        assert_int_equal(divided(rows[index].halves, 1, 2, ROUNDING_UP), rows[index].up);
        assert_int_equal(divided(rows[index].halves, 1, 2, ROUNDING_HALF_UP), rows[index].half_up);
        assert_int_equal(divided(rows[index].halves, 1, 2, ROUNDING_HALF_EVEN), rows[index].half_even);
        assert_int_equal(divided(rows[index].halves, 1, -2, ROUNDING_HALF_EVEN), -rows[index].half_even);
    }
    assert_int_equal(divided(10, 1, 3, ROUNDING_UP), 4);
    assert_int_equal(divided(10, 1, 3, ROUNDING_HALF_UP), 3);
    assert_int_equal(divided(11, 1, 3, ROUNDING_HALF_EVEN), 4);
}

static void rounding_of_money(void **state)
{
    (void)state;
    int64_t out = 0;
    assert_true(round_scale(&out, 123456, 150000, ROUNDING_DOWN)); /* 15% of 1,234.56 */
    assert_int_equal(out, 18518);
    assert_true(round_scale(&out, 3750, 1000000, ROUNDING_DOWN));
    assert_int_equal(out, 3750);
    assert_true(round_scale(&out, 1, 999999, ROUNDING_DOWN));
    assert_int_equal(out, 0);
}

static void rounding_reports_overflow(void **state)
{
    (void)state;
    int64_t out = 7;
    assert_false(round_mul_div(&out, INT64_MAX, 2, 1, ROUNDING_DOWN));
    assert_false(round_mul_div(&out, INT64_MIN, -1, 1, ROUNDING_DOWN));
    assert_false(round_mul_div(&out, 1, 1, 0, ROUNDING_DOWN));
    assert_int_equal(out, 7);
    assert_true(round_mul_div(&out, INT64_MIN, 1, 1, ROUNDING_UP));
    assert_true(out == INT64_MIN);
    assert_true(round_mul_div(&out, INT64_MAX, INT64_MAX, INT64_MAX, ROUNDING_UP));
    assert_true(out == INT64_MAX);
    assert_true(round_mul_div(&out, INT64_MIN, INT64_MIN, INT64_MIN, ROUNDING_HALF_EVEN));
    assert_true(out == INT64_MIN);
}

static void ranges_by_hand(void **state)
{
    (void)state;
    struct range out;
    assert_true(range_equal(range_mul(range_of(-2, 3), range_of(-5, 4)), range_of(-15, 12)));
    assert_true(range_equal(range_sub(range_of(1, 2), range_of(10, 20)), range_of(-19, -8)));
    assert_true(range_equal(range_scale(range_of(0, 10000), range_point(500000), ROUNDING_DOWN), range_of(0, 5000)));
    assert_true(range_div(&out, range_of(-7, 7), range_of(2, 3), ROUNDING_UP));
    assert_true(range_equal(out, range_of(-4, 4)));
    assert_false(range_div(&out, range_of(1, 2), range_of(-1, 1), ROUNDING_DOWN));
    assert_false(range_div(&out, range_of(1, 2), range_of(0, 1), ROUNDING_DOWN));
    assert_true(range_equal(range_min(range_of(0, 100), range_point(60)), range_of(0, 60)));
    assert_true(range_equal(range_max(range_of(0, 100), range_point(60)), range_of(60, 100)));
    assert_true(range_equal(range_join(range_point(1), range_point(9)), range_of(1, 9)));
    assert_true(range_meet(&out, range_of(1, 5), range_of(4, 9)));
    assert_true(range_equal(out, range_of(4, 5)));
    assert_false(range_meet(&out, range_of(1, 3), range_of(4, 9)));
    assert_true(range_holds(range_any(), range_of(1, 3)));
    assert_false(range_holds(range_of(1, 3), range_of(1, 4)));
}

static void ranges_at_the_edge(void **state)
{
    (void)state;
    struct range sum = range_add(range_any(), range_point(1));
    assert_false(range_fits(sum));
    assert_true(range_high64(sum) == INT64_MAX);
    assert_true(range_fits(range_any()));
    assert_false(range_fits(range_neg(range_any())));
    struct range huge = range_any();
    for (int round = 0; round < 20; round++) {
        huge = range_mul(huge, huge);
        huge = range_add(huge, huge);
        huge = range_sub(huge, huge);
        huge = range_scale(huge, range_any(), ROUNDING_UP);
    }
    assert_false(range_fits(huge));
    assert_true(huge.low <= INT64_MIN && huge.high >= INT64_MAX);
}

/* Every result of values inside the arguments lies inside the range; the corners of small boxes are reached. */
static void ranges_hold_every_result(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        int64_t low = any_number() % 40;
        int64_t high = low + (int64_t)(next_random() % 12);
        int64_t low2 = any_number() % 40;
        int64_t high2 = low2 + (int64_t)(next_random() % 12);
        enum rounding mode = (enum rounding)(next_random() % ROUNDING_COUNT);
        struct range left = range_of(low, high);
        struct range right = range_of(low2, high2);
        struct range product = range_mul(left, right);
        struct range quotient = range_point(0);
        bool divides = range_div(&quotient, left, right, mode);
        bool low_met = false;
        bool high_met = false;
        bool quotient_low_met = false;
        bool quotient_high_met = false;
        for (int64_t a = low; a <= high; a++) {
            for (int64_t b = low2; b <= high2; b++) {
                assert_true(range_contains(product, a * b));
                low_met = low_met || product.low == a * b;
                high_met = high_met || product.high == a * b;
                assert_true(range_contains(range_sub(left, right), a - b));
                assert_true(range_contains(range_min(left, right), a < b ? a : b));
                assert_true(range_contains(range_max(left, right), a > b ? a : b));
                if (!divides) continue;
                int64_t result = divided(a, 1, b, mode);
                assert_true(range_contains(quotient, result));
                quotient_low_met = quotient_low_met || quotient.low == result;
                quotient_high_met = quotient_high_met || quotient.high == result;
            }
        }
        assert_true(low_met && high_met);
        assert_true(!divides || (quotient_low_met && quotient_high_met));
    }
}

static void ranges_hold_large_results(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t a = any_number();
        int64_t b = any_number();
        int64_t spread = (int64_t)(next_random() >> 40);
        if (a > INT64_MAX - spread || b > INT64_MAX - spread) continue;
        enum rounding mode = (enum rounding)(next_random() % ROUNDING_COUNT);
        struct range scaled = range_scale(range_of(a, a + spread), range_of(b, b + spread), mode);
        int64_t result = 0;
        if (round_scale(&result, a + spread / 2, b + spread / 3, mode)) assert_true(range_contains(scaled, result));
    }
}

static void assert_parses(const char *text, unsigned digits, int64_t expected)
{
    int64_t value = -999;
    struct error error = ERROR_NONE;
    enum status status = decimal_parse(&value, text_of(text), digits, &error);
    if (status != OK) fail_msg("`%s`: %s", text, error.message);
    assert_true(value == expected);
}

static void assert_refuses(const char *text, unsigned digits, enum status expected, const char *words)
{
    int64_t value = -999;
    struct error error = ERROR_NONE;
    assert_int_equal(decimal_parse(&value, text_of(text), digits, &error), expected);
    if (strstr(error.message, words) == NULL) fail_msg("`%s`: %s", text, error.message);
    assert_int_equal(value, -999);
}

static void decimals_parse(void **state)
{
    (void)state;
    assert_parses("0", 2, 0);
    assert_parses("1,234.56", 2, 123456);
    assert_parses("1234.5", 2, 123450);
    assert_parses("-0.20", 2, -20);
    assert_parses("1,000,000", 0, 1000000);
    assert_parses("100,200", 0, 100200);
    assert_parses("1.5", 6, 1500000);
    assert_parses("9223372036854775807", 0, INT64_MAX);
    assert_parses("-9223372036854775808", 0, INT64_MIN);
    assert_parses("-92,233,720,368,547,758.08", 2, INT64_MIN);
    assert_parses("000000000000000000000001", 0, 1);
}

static void decimals_refuse(void **state)
{
    (void)state;
    static const char *const broken[] = {"",       "-",   ".",     "1.",      ".5",        "+1",         "1e3",
                                         " 1",     "1 ",  "1,23",  "1,2345",  "12345,678", ",123",       "1,,234",
                                         "1,234,", "--1", "1.2.3", "1.2,345", "0x10",      "1,234,56.00"};
    for (size_t index = 0; index < sizeof broken / sizeof broken[0]; index++) {
        assert_refuses(broken[index], 6, STATUS_INVALID, "is not a number");
    }
    assert_refuses("1.234", 2, STATUS_INVALID, "has 3 decimals; at most 2 are possible here");
    assert_refuses("1.5", 0, STATUS_INVALID, "must be a whole number");
    assert_refuses("9223372036854775808", 0, STATUS_LIMIT, "too large");
    assert_refuses("-9223372036854775809", 0, STATUS_LIMIT, "too large");
    assert_refuses("92233720368547758.08", 2, STATUS_LIMIT, "too large");
    assert_refuses("99999999999999999999999999999999", 0, STATUS_LIMIT, "too large");
}

static void assert_prints(int64_t value, unsigned digits, unsigned style, const char *expected)
{
    char text[DECIMAL_SIZE];
    assert_int_equal(decimal_format(text, value, digits, style), strlen(expected));
    assert_string_equal(text, expected);
}

static void decimals_format(void **state)
{
    (void)state;
    assert_prints(0, 2, DECIMAL_PLAIN, "0.00");
    assert_prints(0, 2, DECIMAL_TRIM, "0");
    assert_prints(123456, 2, DECIMAL_GROUPS, "1,234.56");
    assert_prints(-123456, 2, DECIMAL_PLAIN, "-1234.56");
    assert_prints(100000, 2, DECIMAL_SHORT | DECIMAL_GROUPS, "1,000");
    assert_prints(100050, 2, DECIMAL_SHORT, "1000.50");
    assert_prints(100050, 2, DECIMAL_TRIM, "1000.5");
    assert_prints(5, 3, DECIMAL_PLAIN, "0.005");
    assert_prints(999, 0, DECIMAL_GROUPS, "999");
    assert_prints(INT64_MIN, 0, DECIMAL_GROUPS, "-9,223,372,036,854,775,808");
    assert_prints(INT64_MIN, 9, DECIMAL_GROUPS, "-9,223,372,036.854775808");
}

static void decimals_come_back(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t value = any_number();
        unsigned digits = (unsigned)(next_random() % 10);
        unsigned style = (unsigned)(next_random() % 8);
        char text[DECIMAL_SIZE];
        struct text written = text_make(text, decimal_format(text, value, digits, style));
        int64_t back = 0;
        assert_int_equal(decimal_parse(&back, written, digits, NULL), OK);
        assert_true(back == value);
    }
}

static void currencies_are_sorted(void **state)
{
    (void)state;
    unsigned count = 0;
    for (; decimal_currency_at(count) != NULL; count++) {
        if (count > 0) assert_true(strcmp(decimal_currency_at(count - 1), decimal_currency_at(count)) < 0);
        int digits = decimal_currency_digits(text_of(decimal_currency_at(count)));
        assert_true(digits == 0 || digits == 2 || digits == 3);
    }
    assert_true(count > 150);
    assert_int_equal(decimal_currency_digits(TEXT("JPY")), 0);
    assert_int_equal(decimal_currency_digits(TEXT("KWD")), 3);
    assert_int_equal(decimal_currency_digits(TEXT("EUR")), 2);
    assert_int_equal(decimal_currency_digits(TEXT("eur")), DECIMAL_CURRENCY_NONE);
    assert_int_equal(decimal_currency_digits(TEXT("EURO")), DECIMAL_CURRENCY_NONE);
}

static void assert_money(const char *text, int64_t minor, const char *currency, const char *human, const char *wire)
{
    int64_t value = 0;
    char code[4];
    struct error error = ERROR_NONE;
    if (decimal_parse_money(&value, code, text_of(text), &error) != OK) fail_msg("`%s`: %s", text, error.message);
    assert_true(value == minor);
    assert_string_equal(code, currency);
    struct buffer buffer = BUFFER_EMPTY;
    decimal_print_money(&buffer, value, code);
    assert_string_equal(buffer_as_string(&buffer), human);
    buffer_clear(&buffer);
    decimal_print_money_wire(&buffer, value, code);
    assert_string_equal(buffer_as_string(&buffer), wire);
    buffer_deinit(&buffer);
}

static void assert_no_money(const char *text, const char *words)
{
    int64_t value = 0;
    char code[4];
    struct error error = ERROR_NONE;
    assert_int_not_equal(decimal_parse_money(&value, code, text_of(text), &error), OK);
    if (strstr(error.message, words) == NULL) fail_msg("`%s`: %s", text, error.message);
}

static void money_text(void **state)
{
    (void)state;
    assert_money("37.50 GBP", 3750, "GBP", "37.50 GBP", "37.50 GBP");
    assert_money("1,234.56  EUR", 123456, "EUR", "1,234.56 EUR", "1234.56 EUR");
    assert_money("50,000 EUR", 5000000, "EUR", "50,000 EUR", "50000.00 EUR");
    assert_money("500 JPY", 500, "JPY", "500 JPY", "500 JPY");
    assert_money("1.005 KWD", 1005, "KWD", "1.005 KWD", "1.005 KWD");
    assert_money("-0.01 USD", -1, "USD", "-0.01 USD", "-0.01 USD");
    assert_no_money("37.50", "with its currency");
    assert_no_money("37.50 ", "with its currency");
    assert_no_money(" EUR", "with its currency");
    assert_no_money("37.50 EURO", "no known currency");
    assert_no_money("37.50 QQQ", "no known currency");
    assert_no_money("0.5 JPY", "must be a whole number");
    assert_no_money("0.005 EUR", "at most 2");
    assert_no_money("x EUR", "is not a number");
    assert_no_money("99999999999999999999 EUR", "too large");
}

static void percents_and_multiples(void **state)
{
    (void)state;
    int64_t value = 0;
    struct error error = ERROR_NONE;
    assert_int_equal(decimal_parse_percent(&value, TEXT("50%"), &error), OK);
    assert_int_equal(value, 500000);
    assert_int_equal(decimal_parse_percent(&value, TEXT("12.5%"), &error), OK);
    assert_int_equal(value, 125000);
    assert_int_equal(decimal_parse_percent(&value, TEXT("0.0001%"), &error), OK);
    assert_int_equal(value, 1);
    assert_int_equal(decimal_parse_percent(&value, TEXT("0.00001%"), &error), STATUS_INVALID);
    assert_int_equal(decimal_parse_percent(&value, TEXT("50"), &error), STATUS_INVALID);
    assert_int_equal(decimal_parse_percent(&value, TEXT("%"), &error), STATUS_INVALID);
    assert_int_equal(decimal_parse_multiple(&value, TEXT("10x"), &error), OK);
    assert_int_equal(value, 10000000);
    assert_int_equal(decimal_parse_multiple(&value, TEXT("99999999999999999x"), &error), STATUS_LIMIT);

    struct buffer buffer = BUFFER_EMPTY;
    decimal_print_percent(&buffer, 500000);
    buffer_u8(&buffer, ' ');
    decimal_print_percent(&buffer, 125000);
    buffer_u8(&buffer, ' ');
    decimal_print_percent(&buffer, 10000000);
    buffer_u8(&buffer, ' ');
    decimal_print_multiple(&buffer, 1500000);
    assert_string_equal(buffer_as_string(&buffer), "50% 12.5% 1,000% 1.5x");
    buffer_deinit(&buffer);
}

static void assert_duration(int32_t months, int32_t days, int64_t ms, const char *expected)
{
    struct buffer buffer = BUFFER_EMPTY;
    decimal_print_calendar(&buffer, months, days, ms);
    assert_string_equal(buffer_as_string(&buffer), expected);
    buffer_deinit(&buffer);
}

static void durations_in_words(void **state)
{
    (void)state;
    assert_duration(0, 0, 0, "0 seconds");
    assert_duration(0, 3, 0, "3 days");
    assert_duration(0, 1, 7200000, "1 day 2 hours");
    assert_duration(14, 0, 0, "1 year 2 months");
    assert_duration(0, 0, 72 * INT64_C(3600000), "72 hours");
    assert_duration(0, 0, 90061001, "25 hours 1 minute 1 second 1 millisecond");
    assert_duration(0, -1, 0, "minus 1 day");
    struct buffer buffer = BUFFER_EMPTY;
    decimal_print_duration(&buffer, -1500);
    buffer_u8(&buffer, ' ');
    decimal_print_count(&buffer, 1200, "player");
    assert_string_equal(buffer_as_string(&buffer), "minus 1 second 500 milliseconds 1,200 players");
    buffer_deinit(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding_table),
        cmocka_unit_test(rounding_of_money),
        cmocka_unit_test(rounding_reports_overflow),
        cmocka_unit_test(ranges_by_hand),
        cmocka_unit_test(ranges_at_the_edge),
        cmocka_unit_test(ranges_hold_every_result),
        cmocka_unit_test(ranges_hold_large_results),
        cmocka_unit_test(decimals_parse),
        cmocka_unit_test(decimals_refuse),
        cmocka_unit_test(decimals_format),
        cmocka_unit_test(decimals_come_back),
        cmocka_unit_test(currencies_are_sorted),
        cmocka_unit_test(money_text),
        cmocka_unit_test(percents_and_multiples),
        cmocka_unit_test(durations_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
