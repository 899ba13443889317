/*
 * Exact rounding with 128-bit intermediates. Contract: vm/round.h.
 */
#include "vm/round.h"

const char *round_name(enum rounding mode)
{
    switch (mode) {
    case ROUNDING_DOWN: return "down";
    case ROUNDING_UP: return "up";
    case ROUNDING_HALF_UP: return "half up";
    case ROUNDING_HALF_EVEN: return "half even";
    case ROUNDING_COUNT: break;
    }
    return "unknown rounding";
}

int128 round_div128(int128 numerator, int128 denominator, enum rounding mode)
{
    INVARIANT(denominator != 0);
    bool negative = (numerator < 0) != (denominator < 0);
    uint128 top = numerator < 0 ? 0 - (uint128)numerator : (uint128)numerator;
    uint128 bottom = denominator < 0 ? 0 - (uint128)denominator : (uint128)denominator;
    uint128 quotient;
    uint128 rest;
    if (top <= UINT64_MAX && bottom <= UINT64_MAX) { /* the common case, without the 128-bit division routine */
        quotient = (uint64_t)top / (uint64_t)bottom;
        rest = (uint64_t)top % (uint64_t)bottom;
    } else {
        quotient = top / bottom;
        rest = top % bottom;
    }
    if (rest != 0) {
        uint128 other_half = bottom - rest; /* rest is above, at or below the half as it is above, at or below this */
        bool up = false;
        switch (mode) {
        case ROUNDING_DOWN: break;
        case ROUNDING_UP: up = true; break;
        case ROUNDING_HALF_UP: up = rest >= other_half; break;
        case ROUNDING_HALF_EVEN: up = rest > other_half || (rest == other_half && (quotient & 1) != 0); break;
        case ROUNDING_COUNT: INVARIANT(false); break;
        }
        if (up) quotient++;
    }
    return negative ? -(int128)quotient : (int128)quotient;
}

bool round_mul_div(int64_t *out, int64_t a, int64_t b, int64_t c, enum rounding mode)
{
    if (c == 0) return false;
    int128 result = round_div128((int128)a * b, c, mode);
    if (result < INT64_MIN || result > INT64_MAX) return false;
    *out = (int64_t)result;
    return true;
}

bool round_scale(int64_t *out, int64_t value, int64_t millionths, enum rounding mode)
{
    return round_mul_div(out, value, millionths, 1000000, mode);
}
