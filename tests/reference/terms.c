/* Values of the language as exact fractions. See evaluator.h. */
#include "tests/reference/evaluator.h"

#define MOST ((int128)1 << 100)

static int128 gcd(int128 a, int128 b)
{
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b != 0) {
        int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a == 0 ? 1 : a;
}

static bool fits(int128 number)
{
    return number < MOST && number > -MOST;
}

struct term term_nothing(struct type type)
{
    return (struct term){.type = type, .den = 1};
}

struct term term_number(struct type type, int128 num, int128 den)
{
    if (den < 0) {
        num = -num;
        den = -den;
    }
    int128 by = gcd(num, den);
    return (struct term){.known = true, .type = type, .num = num / by, .den = den / by};
}

struct term term_text(struct text text)
{
    return (struct term){.known = true, .type = {TYPE_TEXT, PROGRAM_NONE, text.size}, .den = 1, .text = text};
}

int64_t term_unit(struct type type)
{
    return type.kind == TYPE_PERCENT || type.kind == TYPE_DECIMAL ? 1000000 : 1;
}

struct term term_of_slot(struct type type, int64_t slot)
{
    return term_number(type, slot, term_unit(type));
}

/* By the four rules, mirrored below zero. */
static int128 rounded(int128 num, int128 den, enum rounding rounding)
{
    bool negative = num < 0;
    int128 size = negative ? -num : num, low = size / den, rest = size % den;
    bool up = false;
    switch (rounding) {
    case ROUNDING_DOWN: up = false; break;
    case ROUNDING_UP: up = rest > 0; break;
    case ROUNDING_HALF_UP: up = 2 * rest >= den; break;
    case ROUNDING_HALF_EVEN: up = 2 * rest > den || (2 * rest == den && low % 2 == 1); break;
    case ROUNDING_COUNT: break;
    }
    low += up ? 1 : 0;
    return negative ? -low : low;
}

struct term term_round(struct reference *reference, struct term term, enum rounding rounding)
{
    if (!term.known || term.type.kind == TYPE_TEXT) return term;
    int64_t unit = term_unit(term.type);
    if (!fits(term.num)) {
        reference_unsure(reference, "a number that is too large to compute with here");
        return term;
    }
    return term_number(term.type, rounded(term.num * unit, term.den, rounding), unit);
}

int64_t term_slot(struct reference *reference, const struct term *term, enum rounding rounding)
{
    struct term whole = term_round(reference, *term, rounding);
    int128 slot = whole.num * (term_unit(whole.type) / whole.den);
    if (slot > INT64_MAX || slot < INT64_MIN) {
        reference_unsure(reference, "a number beyond 64 bits");
        return 0;
    }
    return (int64_t)slot;
}

int term_compare(struct reference *reference, const struct term *left, const struct term *right)
{
    int128 a, b;
    if (left->type.kind == TYPE_TEXT) return text_compare(left->text, right->text);
    if (__builtin_mul_overflow(left->num, right->den, &a) || __builtin_mul_overflow(right->num, left->den, &b)) {
        reference_unsure(reference, "fractions that are too fine to compare here");
        return 0;
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

static bool is_money(const struct term *term)
{
    return term->type.kind == TYPE_MONEY;
}

/* spec: language.md#formulas: money times a number is money, a part of an amount is of the amount's type, whole numbers take the other's. */
static struct type product_type(const struct term *left, const struct term *right, bool share)
{
    if (is_money(left)) return left->type;
    if (is_money(right) || share) return right->type;
    if (left->type.kind == TYPE_WHOLE) return right->type;
    if (right->type.kind == TYPE_WHOLE || left->type.kind == right->type.kind) return left->type;
    return (struct type){TYPE_DECIMAL, PROGRAM_NONE, 0};
}

struct term term_arithmetic(struct scene *scene, enum operation operation, bool share, struct term left,
                            struct term right, bool is_constant)
{
    struct reference *reference = scene->reference;
    struct type type = left.type;
    int128 num = 0, den = 1, a = 0, b = 0;
    bool over = false;
    const struct type decimal = {TYPE_DECIMAL, PROGRAM_NONE, 0};
    switch (operation) {
    case OPERATION_ADD:
    case OPERATION_SUBTRACT:
        if (left.type.kind == TYPE_WHOLE && right.type.kind == TYPE_DECIMAL) type = right.type;
        over = __builtin_mul_overflow(left.num, right.den, &a) || __builtin_mul_overflow(right.num, left.den, &b) ||
               __builtin_mul_overflow(left.den, right.den, &den);
        num = operation == OPERATION_ADD ? a + b : a - b;
        break;
    case OPERATION_MULTIPLY:
        type = product_type(&left, &right, share);
        over = __builtin_mul_overflow(left.num, right.num, &num) || __builtin_mul_overflow(left.den, right.den, &den);
        break;
    case OPERATION_DIVIDE:
        if (left.type.kind == right.type.kind || left.type.kind == TYPE_WHOLE) type = decimal;
        if (right.known && right.num == 0) return term_nothing(type);
        over = __builtin_mul_overflow(left.num, right.den, &num) || __builtin_mul_overflow(left.den, right.num, &den);
        break;
    }
    if (!left.known || !right.known) return term_nothing(type);
    if (over || !fits(num) || !fits(den)) {
        reference_unsure(reference, "arithmetic beyond 128 bits");
        return term_nothing(type);
    }
    struct term result = term_number(type, num, den);
    /* A quotient of two things that only the moment knows is a number of its type: six decimals, or whole minor units. */
    if (operation == OPERATION_DIVIDE && !is_constant) result = term_round(reference, result, scene->rounding);
    return result;
}
