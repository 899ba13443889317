/*
 * Interval arithmetic for the checker and the verifier. Contract: vm/range.h.
 *
 * All bounds stay within ±2^126, so sums of two never overflow 128 bits. Rounded division is monotone in the exact
 * quotient in every mode, so the extremes of a quotient or a product lie at the corners of the box of arguments.
 */
#include "vm/range.h"

#define BOUND ((int128)1 << 126)

static int128 cut(int128 value)
{
    if (value > BOUND) return BOUND;
    if (value < -BOUND) return -BOUND;
    return value;
}

static int128 smaller(int128 left, int128 right)
{
    return left < right ? left : right;
}

static int128 larger(int128 left, int128 right)
{
    return left > right ? left : right;
}

static uint128 magnitude(int128 value)
{
    return value < 0 ? 0 - (uint128)value : (uint128)value;
}

/* The product, cut to the bound. */
static int128 multiply(int128 left, int128 right)
{
    if (left == 0 || right == 0) return 0;
    bool negative = (left < 0) != (right < 0);
    if (magnitude(right) > (uint128)BOUND / magnitude(left)) return negative ? -BOUND : BOUND;
    return left * right;
}

static struct range around(const int128 *values, unsigned count)
{
    struct range range = {values[0], values[0]};
    for (unsigned index = 1; index < count; index++) {
        range.low = smaller(range.low, values[index]);
        range.high = larger(range.high, values[index]);
    }
    return (struct range){cut(range.low), cut(range.high)};
}

static void require_values(struct range range)
{
    INVARIANT(range.low <= range.high && range.low >= -BOUND && range.high <= BOUND);
}

struct range range_of(int64_t low, int64_t high)
{
    INVARIANT(low <= high);
    return (struct range){low, high};
}

struct range range_point(int64_t value)
{
    return (struct range){value, value};
}

struct range range_any(void)
{
    return (struct range){INT64_MIN, INT64_MAX};
}

/* The sum, cut to the bound. 2^126 + 2^126 is one more than int128 holds, so the halves are looked at first. */
static int128 add(int128 left, int128 right)
{
    int128 half = left / 2 + right / 2;
    if (half >= BOUND / 2) return BOUND;
    if (half <= -BOUND / 2) return -BOUND;
    return left + right;
}

struct range range_add(struct range left, struct range right)
{
    require_values(left);
    require_values(right);
    return (struct range){add(left.low, right.low), add(left.high, right.high)};
}

struct range range_neg(struct range value)
{
    require_values(value);
    return (struct range){-value.high, -value.low};
}

struct range range_sub(struct range left, struct range right)
{
    return range_add(left, range_neg(right));
}

struct range range_mul(struct range left, struct range right)
{
    require_values(left);
    require_values(right);
    int128 corners[4] = {
        multiply(left.low, right.low),
        multiply(left.low, right.high),
        multiply(left.high, right.low),
        multiply(left.high, right.high),
    };
    return around(corners, 4);
}

bool range_mul_div(struct range *out, struct range left, struct range right, struct range divisor, enum rounding mode)
{
    require_values(divisor);
    if (divisor.low <= 0 && divisor.high >= 0) return false;
    struct range product = range_mul(left, right);
    int128 corners[4] = {
        round_div128(product.low, divisor.low, mode),
        round_div128(product.low, divisor.high, mode),
        round_div128(product.high, divisor.low, mode),
        round_div128(product.high, divisor.high, mode),
    };
    *out = around(corners, 4);
    return true;
}

bool range_div(struct range *out, struct range left, struct range right, enum rounding mode)
{
    return range_mul_div(out, left, range_point(1), right, mode);
}

struct range range_scale(struct range left, struct range right, enum rounding mode)
{
    struct range out;
    bool divided = range_mul_div(&out, left, right, range_point(1000000), mode);
    INVARIANT(divided);
    return out;
}

struct range range_min(struct range left, struct range right)
{
    require_values(left);
    require_values(right);
    return (struct range){smaller(left.low, right.low), smaller(left.high, right.high)};
}

struct range range_max(struct range left, struct range right)
{
    require_values(left);
    require_values(right);
    return (struct range){larger(left.low, right.low), larger(left.high, right.high)};
}

struct range range_join(struct range left, struct range right)
{
    require_values(left);
    require_values(right);
    return (struct range){smaller(left.low, right.low), larger(left.high, right.high)};
}

bool range_meet(struct range *out, struct range left, struct range right)
{
    require_values(left);
    require_values(right);
    struct range both = {larger(left.low, right.low), smaller(left.high, right.high)};
    if (both.low > both.high) return false;
    *out = both;
    return true;
}

bool range_equal(struct range left, struct range right)
{
    return left.low == right.low && left.high == right.high;
}

bool range_contains(struct range range, int64_t value)
{
    return range.low <= value && value <= range.high;
}

bool range_holds(struct range outer, struct range inner)
{
    return outer.low <= inner.low && inner.high <= outer.high;
}

bool range_fits(struct range range)
{
    return range.low >= INT64_MIN && range.high <= INT64_MAX;
}

static int64_t cut64(int128 value)
{
    if (value > INT64_MAX) return INT64_MAX;
    if (value < INT64_MIN) return INT64_MIN;
    return (int64_t)value;
}

int64_t range_low64(struct range range)
{
    return cut64(range.low);
}

int64_t range_high64(struct range range)
{
    return cut64(range.high);
}
