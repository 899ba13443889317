/*
 * Money from one currency into another, exactly: factors between minor units, and what a conversion can come to.
 *
 * A rate table says how many of one currency one of another is, in millionths. What is written may be used both ways: the other way is
 * divided by the same number, never multiplied by a rounded one. Rates are not chained over a third currency. A conversion rounds
 * once, from 128 bits, into whole minor units of the currency that it leads to.
 *
 * Which table a line names is the compiler's matter (compiler/check_money.h). spec: language.md#several-currencies
 */
#ifndef VM_CONVERT_H
#define VM_CONVERT_H

#include "vm/program.h"
#include "vm/range.h"

/* The largest rate, in millionths: with it no product of an amount and a factor leaves 128 bits. */
#define CONVERT_RATE_MAX INT64_C(1000000000000000)

/* The operand of CONVERT and IF_RATE. */
static inline uint32_t convert_index(int64_t operand)
{
    return (uint32_t)(uint64_t)operand;
}
static inline enum rounding convert_rounding(int64_t operand)
{
    return (enum rounding)((uint64_t)operand >> 32);
}
static inline int64_t convert_operand(uint32_t conversion, enum rounding rounding)
{
    return (int64_t)((uint64_t)rounding << 32 | conversion);
}

/* The factor from one currency (by index) to another by a table: 1/1 for the same, den 0 where the table has no rate for the pair. */
struct bundle_factor convert_factor(const struct program *program, uint32_t rates, uint32_t from, uint32_t to);

/* The same for the n-th currency of a conversion, whichever way it leads, with what the formula scales it by. A factor that leaves 64 bits
 * is none. */
struct bundle_factor convert_factor_of(const struct program *program, const struct bundle_conversion *conversion,
                                       uint32_t currency);

/* What the factor makes of an amount; 0 for a factor without a denominator. The result fits where convert_range does. */
int64_t convert_amount(const struct bundle_factor *factor, int64_t amount, enum rounding rounding);

/* All that a conversion can give for these amounts and currencies (indices, all within its factors). */
struct range convert_range(const struct bundle_factor *factors, struct range amount, uint32_t low, uint32_t high,
                           enum rounding rounding);

#endif
