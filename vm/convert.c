/* Exact factors between currencies. Contract: vm/convert.h. */
#include "vm/convert.h"

static int64_t power_of_ten(uint32_t digits)
{
    int64_t power = 1;
    for (uint32_t i = 0; i < digits; i++) power *= 10;
    return power;
}

static int128 common_divisor(int128 a, int128 b)
{
    while (b != 0) {
        int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct bundle_factor convert_factor(const struct program *program, uint32_t rates, uint32_t from, uint32_t to)
{
    if (from == to) return (struct bundle_factor){.num = 1, .den = 1};
    const struct bundle_rates *table = &program->rates[rates];
    for (uint32_t i = 0; i < table->rate_count; i++) {
        const struct bundle_rate *rate = &program->rate[table->rate_first + i];
        bool written = rate->from == from && rate->to == to;
        if (!written && (rate->from != to || rate->to != from)) continue;
        if (rate->number <= 0 || rate->number > CONVERT_RATE_MAX) break;
        /* One whole unit is `number` millionths of the other: minor units of both go into the factor. */
        int64_t num = rate->number * power_of_ten(program->currency[rate->to].decimals);
        int64_t den = 1000000 * power_of_ten(program->currency[rate->from].decimals);
        int64_t divisor = (int64_t)common_divisor(num, den);
        struct bundle_factor factor = {.num = num / divisor, .den = den / divisor};
        return written ? factor : (struct bundle_factor){.num = factor.den, .den = factor.num};
    }
    return (struct bundle_factor){.num = 0, .den = 0};
}

struct bundle_factor convert_factor_of(const struct program *program, const struct bundle_conversion *conversion,
                                       uint32_t currency)
{
    const struct bundle_factor none = {.num = 0, .den = 0};
    struct bundle_factor factor = conversion->outward
                                      ? convert_factor(program, conversion->rates, conversion->currency, currency)
                                      : convert_factor(program, conversion->rates, currency, conversion->currency);
    if (factor.den == 0 || conversion->num <= 0 || conversion->den <= 0) return none;
    int128 num = (int128)factor.num * conversion->num, den = (int128)factor.den * conversion->den;
    int128 divisor = common_divisor(num, den);
    num /= divisor;
    den /= divisor;
    if (num > INT64_MAX || den > INT64_MAX) return none;
    return (struct bundle_factor){.num = (int64_t)num, .den = (int64_t)den};
}

int64_t convert_amount(const struct bundle_factor *factor, int64_t amount, enum rounding rounding)
{
    if (factor->den == 0) return 0;
    return (int64_t)round_div128((int128)amount * factor->num, factor->den, rounding);
}

struct range convert_range(const struct bundle_factor *factors, struct range amount, uint32_t low, uint32_t high,
                           enum rounding rounding)
{
    struct range out = range_point(0);
    bool first = true;
    for (uint32_t i = low; i <= high; i++) {
        struct range one = range_point(0);
        if (factors[i].den != 0) {
            bool divides =
                range_mul_div(&one, amount, range_point(factors[i].num), range_point(factors[i].den), rounding);
            INVARIANT(divides);
        }
        out = first ? one : range_join(out, one);
        first = false;
    }
    return out;
}
