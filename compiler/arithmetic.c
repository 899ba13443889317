/*
 * Exact arithmetic on readings (arithmetic.h). spec: language.md#formulas
 */
#include "compiler/arithmetic.h"

#include "compiler/check_rates.h"
#include "vm/decimal.h"

int64_t arithmetic_unit(struct type type)
{
    return type.kind == TYPE_PERCENT || type.kind == TYPE_DECIMAL ? DECIMAL_ONE : 1;
}

static bool is_number(struct type type)
{
    return type.kind == TYPE_WHOLE || type.kind == TYPE_DECIMAL || type.kind == TYPE_PERCENT || type.kind == TYPE_MONEY;
}

static int128 gcd128(int128 a, int128 b)
{
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b != 0) {
        int128 t = a % b;
        a = b;
        b = t;
    }
    return a == 0 ? 1 : a;
}

/* A 128-bit number with grouped digits. */
static struct text wide_words(const struct names *names, int128 number)
{
    char digits[64];
    size_t at = sizeof digits;
    bool negative = number < 0;
    uint128 rest = negative ? (uint128)-number : (uint128)number;
    unsigned written = 0;
    do {
        if (written > 0 && written % 3 == 0) digits[--at] = ',';
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
        written++;
    } while (rest > 0);
    if (negative) digits[--at] = '-';
    return arena_copy_text(names->arena, text_make(digits + at, sizeof digits - at));
}

static struct text range_words(const struct names *names, struct type type, struct range range)
{
    int128 unit = arithmetic_unit(type);
    struct text after = TEXT("");
    if (type.kind == TYPE_MONEY && type.of < names->currency_count) {
        after = names->currencies[type.of];
        for (int digits = decimal_currency_digits(after); digits > 0; digits--) unit *= 10;
    }
    struct text words = wide_words(names, range.low / unit);
    if (range.low != range.high) {
        struct text high = wide_words(names, range.high / unit);
        words = arena_print(names->arena, "%.*s to %.*s", TEXT_ARGS(words), TEXT_ARGS(high));
    }
    return after.size > 0 ? arena_print(names->arena, "%.*s %.*s", TEXT_ARGS(words), TEXT_ARGS(after)) : words;
}

static struct reading out_of_range(struct emitter *emitter, const struct reading *at, struct range range)
{
    struct names *names = emitter->names;
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_ARITHMETIC_RANGE, at->span, names_words(names, at->span),
                                           range_words(names, at->type, range));
    /* What is written out is no smaller for an `otherwise`. */
    if (diagnostic != NULL && range.low == range.high)
        diagnostic_set_help(names->diagnostics, diagnostic, TEXT("write smaller numbers"));
    return reading_broken(at->span);
}

/* The factors of a value, multiplied exactly, do not fit: it is not the value that is too large. */
static struct reading too_fine(struct emitter *emitter, const struct reading *at)
{
    REPORT(emitter->names, DIAGNOSTIC_ARITHMETIC_EXACT, at->span, names_words(emitter->names, at->span));
    return reading_broken(at->span);
}

/* Nothing is left to `otherwise` where the divisor is written out. */
static struct reading divided_by_nothing(struct emitter *emitter, const struct reading *divisor, struct span span)
{
    struct names *names = emitter->names;
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_DIVISION_BY_ZERO, span, names_words(names, divisor->span));
    if (diagnostic != NULL && divisor->bank == BANK_CONSTANT)
        diagnostic_set_help(names->diagnostics, diagnostic, TEXT("it always is: write another divisor"));
    return reading_broken(span);
}

/* Loads a slot or a constant, unscaled, into a register. */
void arithmetic_load(struct emitter *emitter, struct reading *reading)
{
    uint32_t target = PROGRAM_NONE;
    if (reading->converts) (void)rates_settle(emitter, reading, value_rounding(emitter));
    switch (reading->bank) {
    case BANK_REGISTER: return;
    case BANK_CONSTANT:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_CONST, target, 0, 0, reading->number);
        break;
    case BANK_EVENT:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_EVENT, target, reading->slot, 0, 0);
        break;
    case BANK_PLAYER:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_PLAYER, target, reading->slot, 0, 0);
        break;
    case BANK_METRIC:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_METRIC, target, reading->slot, 0, 0);
        break;
    default:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_JOURNEY, target, reading->slot, 0, 0);
        break;
    }
    reading->bank = BANK_REGISTER;
    reading->slot = target;
}

bool arithmetic_scale(struct reading *reading, int128 num, int128 den)
{
    if (den < 0) {
        num = -num;
        den = -den;
    }
    int128 divisor = gcd128(num, den);
    num /= divisor;
    den /= divisor;
    if (num > INT64_C(4000000000000000000) || num < -INT64_C(4000000000000000000) || den > INT64_C(4000000000000000000))
        return false;
    reading->num = (int64_t)num;
    reading->den = (int64_t)den;
    return true;
}

/* Narrows a register to [low, high], going to `otherwise` for what lies outside; false where there is no otherwise. */
static bool guard(struct emitter *emitter, struct reading *reading, int64_t low, int64_t high)
{
    if (range_holds(range_of(low, high), reading->range)) return true;
    if (emitter->unknown == NULL) return false;
    arithmetic_load(emitter, reading);
    uint32_t target = emit_register(emitter);
    emit_skip(emitter, OP_IF_LE_CONST, reading->slot, 0, emitter->unknown, high);
    emit_skip(emitter, OP_IF_GE_CONST, reading->slot, 0, emitter->unknown, low);
    emit(emitter, OP_MIN_CONST, target, reading->slot, 0, high);
    emit(emitter, OP_MAX_CONST, target, target, 0, low);
    reading->slot = target;
    reading->range = range_max(range_min(reading->range, range_point(high)), range_point(low));
    return true;
}

/* raw * by, by a constant; gives a register. */
static bool times(struct emitter *emitter, struct reading *reading, int64_t by)
{
    arithmetic_load(emitter, reading);
    if (by == 1) return true;
    struct range range = range_mul(reading->range, range_point(by));
    if (!range_fits(range)) {
        int64_t most = by == 0 ? INT64_MAX : INT64_MAX / (by < 0 ? -by : by);
        if (!guard(emitter, reading, -most, most)) {
            (void)out_of_range(emitter, reading, range);
            return false;
        }
        range = range_mul(reading->range, range_point(by));
    }
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_MUL_CONST, target, reading->slot, 0, by);
    reading->slot = target;
    reading->range = range;
    return true;
}

/* Makes num/den 1 by rounding; constants stay constants. */
bool arithmetic_settle(struct emitter *emitter, struct reading *reading, enum rounding rounding)
{
    if (reading->converts) return rates_settle(emitter, reading, rounding);
    if (reading->num == 1 && reading->den == 1) return true;
    if (reading->bank == BANK_CONSTANT) {
        int128 rounded = round_div128((int128)reading->number * reading->num, reading->den, rounding);
        if (rounded > INT64_MAX || rounded < INT64_MIN) {
            (void)out_of_range(emitter, reading, (struct range){rounded, rounded});
            return false;
        }
        reading->number = (int64_t)rounded;
        reading->range = range_point(reading->number);
        reading->num = reading->den = 1;
        return true;
    }
    int64_t num = reading->num;
    int64_t den = reading->den;
    if (den == 1 || num <= 0 || num > INT32_MAX || den > (int64_t)UINT32_MAX) {
        if (!times(emitter, reading, num)) return false;
        num = 1;
    }
    arithmetic_load(emitter, reading);
    if (den != 1) {
        struct range range;
        if (!range_mul_div(&range, reading->range, range_point(num), range_point(den), rounding) ||
            !range_fits(range)) {
            (void)out_of_range(emitter, reading, reading->range);
            return false;
        }
        uint32_t target = emit_register(emitter);
        if (den > (int64_t)UINT32_MAX) {
            uint32_t divisor = emit_register(emitter);
            emit(emitter, OP_LOAD_CONST, divisor, 0, 0, den);
            emit(emitter, OP_DIV, target, reading->slot, rounding, divisor);
        } else {
            emit(emitter, OP_SCALE, target, reading->slot, rounding, (int64_t)((uint64_t)num << 32 | (uint64_t)den));
        }
        reading->slot = target;
        reading->range = range;
    }
    reading->num = reading->den = 1;
    return true;
}

struct reading arithmetic_refuse(struct emitter *emitter, const struct reading *left, const struct reading *right,
                                 const char *verb, struct span span)
{
    struct names *names = emitter->names;
    if (left->type.kind == TYPE_MONEY && right->type.kind == TYPE_MONEY && left->type.of != right->type.of) {
        REPORT(names, DIAGNOSTIC_CURRENCIES_JOINED, span, names_type_words(names, left->type),
               names_type_words(names, right->type));
    } else {
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_ARITHMETIC_TYPES, span, names_words(names, left->span),
                                               names_type_words(names, left->type), names_words(names, right->span),
                                               names_type_words(names, right->type), text_of(verb));
        const struct reading *money = left->type.kind == TYPE_MONEY ? left : right;
        const struct reading *plain = money == left ? right : left;
        if (diagnostic != NULL && money->type.kind == TYPE_MONEY && plain->bank == BANK_CONSTANT &&
            (plain->type.kind == TYPE_WHOLE || plain->type.kind == TYPE_DECIMAL) &&
            money->type.of < names->currency_count)
            diagnostic_set_help(names->diagnostics, diagnostic,
                                arena_print(names->arena, "write `%.*s %.*s`",
                                            TEXT_ARGS(names_words(names, plain->span)),
                                            TEXT_ARGS(names->currencies[money->type.of])));
    }
    return reading_broken(span);
}

/* What is converted is rounded before it meets a number that only the run knows. */
static bool settle_both(struct emitter *emitter, struct reading *left, struct reading *right)
{
    return rates_settle(emitter, left, value_rounding(emitter)) &&
           rates_settle(emitter, right, value_rounding(emitter));
}

/*
 * left * right where either may be so large that not every product fits: a way each for the sizes of the left number, 8 bits
 * apart, with all the right numbers that fit beside it. What no way takes goes to `otherwise`; every product below 2^55 is made.
 */
static struct range multiply_by_size(struct emitter *emitter, struct reading left, struct reading right,
                                     uint32_t target)
{
    enum { STEP_BITS = 8 };
    int128 largest = left.range.high > -left.range.low ? left.range.high : -left.range.low;
    int64_t most = largest > INT64_MAX ? INT64_MAX : (int64_t)largest;
    struct range out = range_point(0);
    struct label done = {0};
    uint32_t registers = emitter->next_register;
    for (unsigned bits = STEP_BITS;; bits += STEP_BITS) {
        bool last = bits >= 62 || INT64_C(1) << bits >= most;
        int64_t size = last ? most : INT64_C(1) << bits;
        struct reading small = left;
        struct reading other = right;
        struct label next = {0};
        struct label *unknown = emitter->unknown;
        if (!last) emitter->unknown = &next;
        (void)guard(emitter, &small, -size, size);
        emitter->unknown = unknown;
        (void)guard(emitter, &other, -(INT64_MAX / size), INT64_MAX / size);
        emit(emitter, OP_MUL, target, small.slot, other.slot, 0);
        out = range_join(out, range_mul(small.range, other.range));
        emitter->next_register = registers;
        if (last) break;
        emit_jump(emitter, &done);
        emit_bind(emitter, &next);
    }
    emit_bind(emitter, &done);
    return out;
}

struct reading arithmetic_multiply(struct emitter *emitter, struct reading left, struct reading right, bool share,
                                   struct span span)
{
    struct type type;
    bool money = left.type.kind == TYPE_MONEY || right.type.kind == TYPE_MONEY;
    if (!is_number(left.type) || !is_number(right.type) ||
        (left.type.kind == TYPE_MONEY && right.type.kind == TYPE_MONEY)) {
        return arithmetic_refuse(emitter, &left, &right, "multiplied", span);
    }
    if (money) {
        type = left.type.kind == TYPE_MONEY ? left.type : right.type;
    } else if (share) {
        type = right.type;
    } else if (left.type.kind == TYPE_WHOLE) {
        type = right.type;
    } else if (right.type.kind == TYPE_WHOLE || left.type.kind == right.type.kind) {
        type = left.type;
    } else {
        type = (struct type){TYPE_DECIMAL, PROGRAM_NONE, 0};
    }
    int128 unit_num = arithmetic_unit(type);
    int128 unit_den = (int128)arithmetic_unit(left.type) * arithmetic_unit(right.type);
    if (left.bank == BANK_CONSTANT) {
        struct reading swap = left;
        left = right;
        right = swap;
    }
    struct reading out = left;
    out.type = type;
    out.span = span;
    bool fits;
    if (right.bank == BANK_CONSTANT) {
        int128 factor = right.number == 0 ? unit_den : gcd128(right.number, unit_den);
        fits = arithmetic_scale(&out, (int128)left.num * right.num * (right.number / factor) * unit_num,
                                (int128)left.den * right.den * (unit_den / factor));
        if (fits && right.number == 0) {
            out = reading_constant(span, type.kind, type.of, 0);
        }
        return fits ? out : too_fine(emitter, &out);
    }
    if (!settle_both(emitter, &left, &right)) return reading_broken(span);
    out.converts = false;
    arithmetic_load(emitter, &left);
    arithmetic_load(emitter, &right);
    struct range range = range_mul(left.range, right.range);
    uint32_t target = emit_register(emitter);
    if (range_fits(range)) {
        emit(emitter, OP_MUL, target, left.slot, right.slot, 0);
    } else {
        out.range = range;
        if (emitter->unknown == NULL) return out_of_range(emitter, &out, range);
        range = multiply_by_size(emitter, left, right, target);
    }
    out.bank = BANK_REGISTER;
    out.slot = target;
    out.range = range;
    out.optional = false;
    /* Both were settled or are as they are kept: num and den are units alone. */
    if (!arithmetic_scale(&out, (int128)left.num * right.num * unit_num, (int128)left.den * right.den * unit_den))
        return too_fine(emitter, &out);
    return out;
}

/* A division whose divisor can be zero: `otherwise` for zero, and a way each for what is above and below it. */
static struct reading divide_guarded(struct emitter *emitter, struct reading left, struct reading right, int128 num,
                                     int128 den, struct type type, struct span span)
{
    struct reading out = {
        .type = type, .bank = BANK_REGISTER, .slot = emit_register(emitter), .num = 1, .den = 1, .span = span};
    struct label done = {0};
    bool below = right.range.low < 0;
    bool first = true;
    if (!times(emitter, &left, (int64_t)num)) return reading_broken(span);
    for (int side = 0; side < (below ? 2 : 1); side++) {
        struct label next = {0};
        struct reading divisor = right;
        if (right.range.high <= 0 && side == 0) continue;
        bool last = side == 1 || !below;
        emit_skip(emitter, side == 0 ? OP_IF_GT_CONST : OP_IF_LT_CONST, right.slot, 0, last ? emitter->unknown : &next,
                  0);
        divisor.slot = emit_register(emitter);
        emit(emitter, side == 0 ? OP_MAX_CONST : OP_MIN_CONST, divisor.slot, right.slot, 0, side == 0 ? 1 : -1);
        divisor.range = side == 0 ? range_max(right.range, range_point(1)) : range_min(right.range, range_point(-1));
        struct range range;
        if (!times(emitter, &divisor, (int64_t)den)) return reading_broken(span);
        if (!range_div(&range, left.range, divisor.range, value_rounding(emitter)) || !range_fits(range))
            return out_of_range(emitter, &out, left.range);
        emit(emitter, OP_DIV, out.slot, left.slot, value_rounding(emitter), divisor.slot);
        out.range = first ? range : range_join(out.range, range);
        first = false;
        if (!last) emit_jump(emitter, &done);
        emit_bind(emitter, &next);
    }
    emit_bind(emitter, &done);
    if (first) return reading_broken(span);
    return out;
}

struct reading arithmetic_divide(struct emitter *emitter, struct reading left, struct reading right, struct span span)
{
    if (right.bank != BANK_CONSTANT && !settle_both(emitter, &left, &right)) return reading_broken(span);
    struct type type = left.type;
    if (!is_number(left.type) || !is_number(right.type) ||
        (right.type.kind == TYPE_MONEY && !names_same_type(left.type, right.type))) {
        return arithmetic_refuse(emitter, &left, &right, "divided", span);
    }
    if (left.type.kind == right.type.kind || (left.type.kind == TYPE_WHOLE))
        type = (struct type){TYPE_DECIMAL, PROGRAM_NONE, 0};
    /* left/ul : right/ur, in units of the result */
    int128 num = (int128)left.num * right.den * arithmetic_unit(right.type);
    int128 den = (int128)left.den * right.num * arithmetic_unit(left.type);
    int128 unit = arithmetic_unit(type);
    int128 factor = gcd128(num * unit, den);
    num = num * unit / factor;
    den /= factor;
    struct reading out = left;
    out.type = type;
    out.span = span;
    if (right.bank == BANK_CONSTANT) {
        if (right.number == 0) return divided_by_nothing(emitter, &right, span);
        int128 part = gcd128(num, right.number);
        return arithmetic_scale(&out, num / part, den * (right.number / part)) ? out : too_fine(emitter, &out);
    }
    arithmetic_load(emitter, &left);
    arithmetic_load(emitter, &right);
    if (num > INT64_MAX || den > INT64_MAX || den < INT64_MIN) return too_fine(emitter, &out);
    if (right.range.low <= 0 && right.range.high >= 0) {
        if (emitter->unknown == NULL) return divided_by_nothing(emitter, &right, span);
        return divide_guarded(emitter, left, right, num, den, type, span);
    }
    if (!times(emitter, &left, (int64_t)num) || !times(emitter, &right, (int64_t)den)) return reading_broken(span);
    struct range range;
    if (!range_div(&range, left.range, right.range, value_rounding(emitter)) || !range_fits(range))
        return out_of_range(emitter, &out, left.range);
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_DIV, target, left.slot, value_rounding(emitter), right.slot);
    out.bank = BANK_REGISTER;
    out.slot = target;
    out.range = range;
    out.num = out.den = 1;
    out.optional = false;
    return out;
}

struct reading arithmetic_add(struct emitter *emitter, struct reading left, struct reading right, bool subtract,
                              struct span span)
{
    if (!settle_both(emitter, &left, &right)) return reading_broken(span);
    if (left.type.kind == TYPE_WHOLE && right.type.kind == TYPE_DECIMAL &&
        arithmetic_scale(&left, (int128)left.num * DECIMAL_ONE, left.den))
        left.type = right.type;
    if (right.type.kind == TYPE_WHOLE && left.type.kind == TYPE_DECIMAL &&
        arithmetic_scale(&right, (int128)right.num * DECIMAL_ONE, right.den))
        right.type = left.type;
    if (!is_number(left.type) || !names_same_type(left.type, right.type))
        return arithmetic_refuse(emitter, &left, &right, subtract ? "subtracted" : "added", span);
    int128 a = (int128)left.num * right.den;
    int128 b = (int128)right.num * left.den;
    int128 den = (int128)left.den * right.den;
    int128 factor = gcd128(gcd128(a, b), den);
    a /= factor;
    b /= factor;
    den /= factor;
    if (subtract) b = -b;
    struct reading out = left;
    out.span = span;
    if (a > INT64_MAX || b > INT64_MAX || b < -(int128)INT64_MAX || den > INT64_MAX) return too_fine(emitter, &out);
    if (left.bank == BANK_CONSTANT && right.bank == BANK_CONSTANT) {
        int128 sum = left.number * a + right.number * b;
        if (sum > INT64_MAX || sum < INT64_MIN) return out_of_range(emitter, &out, (struct range){sum, sum});
        out.number = (int64_t)sum;
        out.range = range_point(out.number);
        out.num = 1;
        out.den = (int64_t)den;
        return out;
    }
    if (!times(emitter, &left, (int64_t)a) || !times(emitter, &right, (int64_t)b)) return reading_broken(span);
    struct range range = range_add(left.range, right.range);
    if (!range_fits(range)) {
        int64_t most = INT64_MAX / 2;
        out.range = range;
        if (!guard(emitter, &left, -most, most) || !guard(emitter, &right, -most, most))
            return out_of_range(emitter, &out, range);
        range = range_add(left.range, right.range);
    }
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_ADD, target, left.slot, right.slot, 0);
    out.bank = BANK_REGISTER;
    out.slot = target;
    out.range = range;
    out.num = 1;
    out.den = (int64_t)den;
    out.optional = false;
    return out;
}
