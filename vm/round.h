/*
 * Rounding. Every division of money names one of these four; nothing in the program uses floating point for amounts.
 */
#ifndef VM_ROUND_H
#define VM_ROUND_H

#include "vm/status.h"

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

/* The numbers stand in bundles and are permanent. For values below zero the rules mirror: -2.5 behaves as 2.5 does. */
enum rounding {
    ROUNDING_DOWN = 0,      /* toward zero: 2.9 -> 2, -2.9 -> -2 */
    ROUNDING_UP = 1,        /* away from zero: 2.1 -> 3, -2.1 -> -3 */
    ROUNDING_HALF_UP = 2,   /* to the nearest, a half away from zero: 2.5 -> 3, -2.5 -> -3 */
    ROUNDING_HALF_EVEN = 3, /* to the nearest, a half to the even one: 2.5 -> 2, 3.5 -> 4 */
    ROUNDING_COUNT
};

/* "down", "up", "half up", "half even": the words of the language. */
const char *round_name(enum rounding mode);

/* numerator / denominator, exactly rounded. The denominator is not 0; both are within ±2^126. */
int128 round_div128(int128 numerator, int128 denominator, enum rounding mode);

/* a * b / c, exactly rounded, with the product in 128 bits. False (and *out untouched) when c is 0 or the result does
 * not fit in 64 bits. */
bool round_mul_div(int64_t *out, int64_t a, int64_t b, int64_t c, enum rounding mode) MUST_CHECK;

/* value * millionths / 1,000,000: "50% of deposit.amount". False when the result does not fit in 64 bits. */
bool round_scale(int64_t *out, int64_t value, int64_t millionths, enum rounding mode) MUST_CHECK;

#endif
