/*
 * Numbers, money, percents and durations as text. Contract: vm/decimal.h.
 */
#include "vm/decimal.h"

struct currency {
    char code[4];
    unsigned char digits;
};

/* ISO 4217: currencies in use, in order. Codes withdrawn since 2023 (ANG, BGN, HRK) stay, so that recorded events can be
 * read; metals, funds and test codes are left out. */
static const struct currency currencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2},
    {"BOB", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2},
    {"CHF", 2}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0},
    {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2},
    {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2},
    {"HNL", 2}, {"HRK", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2},
    {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2},
    {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2},
    {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2},
    {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2},
    {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2},
    {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2},
    {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2},
    {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2},
    {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"UYU", 2}, {"UZS", 2},
    {"VED", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};

enum { CURRENCY_COUNT = sizeof currencies / sizeof currencies[0], DIGITS_MAX = 9 };

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static enum status not_a_number(struct text text, struct error *error)
{
    return error_set(error, STATUS_INVALID, "`%.*s` is not a number like 1,234.56", TEXT_ARGS(text));
}

static enum status does_not_fit(struct text text, struct error *error)
{
    return error_set(error, STATUS_LIMIT, "`%.*s` is too large a number", TEXT_ARGS(text));
}

/* Adds a digit to an amount below zero (which reaches one further than above); false when it does not fit. */
static bool push_digit(int64_t *negated, int digit)
{
    return !__builtin_mul_overflow(*negated, (int64_t)10, negated) &&
           !__builtin_sub_overflow(*negated, (int64_t)digit, negated);
}

/* Whether the commas of the whole part [at, end) stand before groups of exactly three. */
static bool groups_are_good(struct text text, uint32_t at, uint32_t end)
{
    uint32_t first = text_find(text, ',', at);
    if (first >= end) return true;
    if (first == at || first - at > 3) return false;
    for (uint32_t comma = first; comma < end; comma += 4) {
        if (end - comma < 4 || text.at[comma] != ',') return false;
        for (uint32_t index = 1; index <= 3; index++) {
            if (!is_digit(text.at[comma + index])) return false;
        }
    }
    return true;
}

enum status decimal_parse(int64_t *out, struct text text, unsigned digits, struct error *error)
{
    INVARIANT(digits <= DIGITS_MAX);
    uint32_t at = 0;
    bool negative = text.size > 0 && text.at[0] == '-';
    if (negative) at++;
    uint32_t point = text_find(text, '.', at);
    if (point == at || point + 1 == text.size || !groups_are_good(text, at, point)) return not_a_number(text, error);
    int64_t negated = 0;
    bool fits = true;
    for (; at < point; at++) {
        if (text.at[at] == ',') continue;
        if (!is_digit(text.at[at])) return not_a_number(text, error);
        fits = fits && push_digit(&negated, text.at[at] - '0');
    }
    unsigned decimals = 0;
    for (at = point + 1; at < text.size; at++) {
        if (!is_digit(text.at[at])) return not_a_number(text, error);
        decimals++;
        if (decimals <= digits) fits = fits && push_digit(&negated, text.at[at] - '0');
    }
    if (decimals > digits) {
        if (digits == 0) {
            return error_set(error, STATUS_INVALID, "`%.*s` must be a whole number", TEXT_ARGS(text));
        }
        return error_set(error, STATUS_INVALID, "`%.*s` has %u decimals; at most %u are possible here", TEXT_ARGS(text),
                         decimals, digits);
    }
    for (; decimals < digits; decimals++) fits = fits && push_digit(&negated, 0);
    if (!fits || (!negative && negated == INT64_MIN)) return does_not_fit(text, error);
    *out = negative ? negated : -negated;
    return OK;
}

unsigned decimal_format(char out[DECIMAL_SIZE], int64_t value, unsigned digits, unsigned style)
{
    INVARIANT(digits <= DIGITS_MAX);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char backwards[DECIMAL_SIZE];
    unsigned count = 0;
    bool dropping = (style & DECIMAL_TRIM) != 0;
    if ((style & DECIMAL_SHORT) != 0) {
        uint64_t one = 1;
        for (unsigned index = 0; index < digits; index++) one *= 10;
        dropping = dropping || rest % one == 0;
    }
    for (unsigned index = 0; index < digits; index++) {
        char digit = (char)('0' + rest % 10);
        rest /= 10;
        if (dropping && digit == '0') continue;
        dropping = false;
        backwards[count++] = digit;
    }
    if (count > 0) backwards[count++] = '.';
    unsigned whole = 0;
    do {
        if ((style & DECIMAL_GROUPS) != 0 && whole > 0 && whole % 3 == 0) backwards[count++] = ',';
        backwards[count++] = (char)('0' + rest % 10);
        rest /= 10;
        whole++;
    } while (rest != 0);
    if (value < 0) backwards[count++] = '-';
    for (unsigned index = 0; index < count; index++) out[index] = backwards[count - 1 - index];
    out[count] = 0;
    return count;
}

void decimal_print(struct buffer *buffer, int64_t value, unsigned digits, unsigned style)
{
    char text[DECIMAL_SIZE];
    buffer_append(buffer, text, decimal_format(text, value, digits, style));
}

int decimal_currency_digits(struct text code)
{
    if (code.size != 3) return DECIMAL_CURRENCY_NONE;
    unsigned low = 0;
    unsigned high = CURRENCY_COUNT;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = memcmp(code.at, currencies[middle].code, 3);
        if (order == 0) return currencies[middle].digits;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return DECIMAL_CURRENCY_NONE;
}

const char *decimal_currency_at(unsigned index)
{
    return index < CURRENCY_COUNT ? currencies[index].code : NULL;
}

enum status decimal_parse_money(int64_t *minor_out, char currency_out[4], struct text text, struct error *error)
{
    uint32_t blank = text_find(text, ' ', 0);
    uint32_t code_at = blank;
    while (code_at < text.size && text.at[code_at] == ' ') code_at++;
    struct text code = text_slice(text, code_at, text.size);
    if (blank == 0 || code.size == 0) {
        return error_set(error, STATUS_INVALID, "`%.*s` is not an amount with its currency like 37.50 GBP",
                         TEXT_ARGS(text));
    }
    int digits = decimal_currency_digits(code);
    if (digits == DECIMAL_CURRENCY_NONE) {
        return error_set(error, STATUS_INVALID, "`%.*s` has no known currency; write three capitals like EUR",
                         TEXT_ARGS(text));
    }
    struct text number = text_slice(text, 0, blank);
    int64_t minor = 0;
    enum status status = decimal_parse(&minor, number, (unsigned)digits, error);
    if (status != OK) {
        error_prefix(error, "`%.*s`", TEXT_ARGS(text));
        return status;
    }
    *minor_out = minor;
    memcpy(currency_out, code.at, 3);
    currency_out[3] = 0;
    return OK;
}

static void print_money(struct buffer *buffer, int64_t minor, const char *currency, unsigned style)
{
    int digits = decimal_currency_digits(text_of(currency));
    INVARIANT(digits != DECIMAL_CURRENCY_NONE);
    decimal_print(buffer, minor, (unsigned)digits, style);
    buffer_u8(buffer, ' ');
    buffer_append(buffer, currency, 3);
}

void decimal_print_money(struct buffer *buffer, int64_t minor, const char *currency)
{
    print_money(buffer, minor, currency, DECIMAL_GROUPS | DECIMAL_SHORT);
}

void decimal_print_money_wire(struct buffer *buffer, int64_t minor, const char *currency)
{
    print_money(buffer, minor, currency, DECIMAL_PLAIN);
}

/* A number with one mark at its end; `digits` decimals may be written, the result is in millionths. */
static enum status parse_marked(int64_t *out, struct text text, char mark, unsigned digits, const char *example,
                                struct error *error)
{
    if (text.size < 2 || text.at[text.size - 1] != mark) {
        return error_set(error, STATUS_INVALID, "`%.*s` is not written like %s", TEXT_ARGS(text), example);
    }
    int64_t value = 0;
    enum status status = decimal_parse(&value, text_slice(text, 0, text.size - 1), digits, error);
    if (status == STATUS_LIMIT) return does_not_fit(text, error);
    if (status == OK) *out = value;
    return status;
}

enum status decimal_parse_percent(int64_t *out, struct text text, struct error *error)
{
    return parse_marked(out, text, '%', DECIMAL_MILLIONTHS - 2, "50% or 12.5%", error);
}

enum status decimal_parse_multiple(int64_t *out, struct text text, struct error *error)
{
    return parse_marked(out, text, 'x', DECIMAL_MILLIONTHS, "10x or 1.5x", error);
}

void decimal_print_percent(struct buffer *buffer, int64_t millionths)
{
    decimal_print(buffer, millionths, DECIMAL_MILLIONTHS - 2, DECIMAL_GROUPS | DECIMAL_TRIM);
    buffer_u8(buffer, '%');
}

void decimal_print_multiple(struct buffer *buffer, int64_t millionths)
{
    decimal_print(buffer, millionths, DECIMAL_MILLIONTHS, DECIMAL_GROUPS | DECIMAL_TRIM);
    buffer_u8(buffer, 'x');
}

void decimal_print_count(struct buffer *buffer, int64_t count, const char *word)
{
    decimal_print(buffer, count, 0, DECIMAL_GROUPS);
    buffer_u8(buffer, ' ');
    buffer_string(buffer, word);
    if (count != 1) buffer_u8(buffer, 's');
}

/* One part of a duration, with a blank before it unless it is the first. Parts of 0 are left out. */
static void print_part(struct buffer *buffer, bool *first, uint64_t count, const char *word)
{
    if (count == 0) return;
    if (!*first) buffer_u8(buffer, ' ');
    *first = false;
    decimal_print_count(buffer, (int64_t)count, word);
}

static void print_clock_parts(struct buffer *buffer, bool *first, uint64_t ms)
{
    print_part(buffer, first, ms / 3600000, "hour");
    print_part(buffer, first, ms / 60000 % 60, "minute");
    print_part(buffer, first, ms / 1000 % 60, "second");
    print_part(buffer, first, ms % 1000, "millisecond");
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void decimal_print_duration(struct buffer *buffer, int64_t milliseconds)
{
    decimal_print_calendar(buffer, 0, 0, milliseconds);
}

void decimal_print_calendar(struct buffer *buffer, int32_t months, int32_t days, int64_t milliseconds)
{
    if (months == 0 && days == 0 && milliseconds == 0) {
        buffer_string(buffer, "0 seconds");
        return;
    }
    if (months < 0 || days < 0 || milliseconds < 0) buffer_string(buffer, "minus ");
    bool first = true;
    uint64_t all_months = magnitude(months);
    print_part(buffer, &first, all_months / 12, "year");
    print_part(buffer, &first, all_months % 12, "month");
    print_part(buffer, &first, magnitude(days), "day");
    print_clock_parts(buffer, &first, magnitude(milliseconds));
}
