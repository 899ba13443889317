/*
 * What is known about a whole number: that it lies in a closed interval. The checker and the verifier both compute
 * with these functions, so what one proves the other proves too.
 *
 * Bounds are 128-bit and each function gives the smallest interval that holds every result; a bound that would leave
 * ±2^126 stops there (it is far outside int64 in any case, so range_fits still says no). Every argument must be
 * non-empty (low <= high).
 */
#ifndef VM_RANGE_H
#define VM_RANGE_H

#include "vm/round.h"

struct range {
    int128 low;
    int128 high; /* inclusive */
};

/* [low, high] of two 64-bit numbers; low <= high. */
struct range range_of(int64_t low, int64_t high);

/* [value, value]. */
struct range range_point(int64_t value);

/* All of int64: nothing is known. */
struct range range_any(void);

struct range range_add(struct range left, struct range right);
struct range range_sub(struct range left, struct range right);
struct range range_neg(struct range value);
struct range range_mul(struct range left, struct range right);

/* left * right / 1,000,000, rounded: the interval of round_scale. */
struct range range_scale(struct range left, struct range right, enum rounding mode);

/* left / right, rounded. False when `right` holds 0. */
bool range_div(struct range *out, struct range left, struct range right, enum rounding mode) MUST_CHECK;

/* left * right / divisor, rounded: the interval of round_mul_div. False when `divisor` holds 0. */
bool range_mul_div(struct range *out, struct range left, struct range right, struct range divisor,
                   enum rounding mode) MUST_CHECK;

/* The interval of min(left, right) and of max(left, right), value by value. */
struct range range_min(struct range left, struct range right);
struct range range_max(struct range left, struct range right);

/* The smallest interval that holds both (where two paths meet). */
struct range range_join(struct range left, struct range right);

/* What lies in both; false when nothing does. */
bool range_meet(struct range *out, struct range left, struct range right) MUST_CHECK;

bool range_equal(struct range left, struct range right);
bool range_contains(struct range range, int64_t value);

/* Whether every value of `inner` lies in `outer`. */
bool range_holds(struct range outer, struct range inner);

/* Whether every value fits in a signed 64-bit register. */
bool range_fits(struct range range);

/* The bounds cut to int64, for messages and the bounds section. */
int64_t range_low64(struct range range);
int64_t range_high64(struct range range);

#endif
