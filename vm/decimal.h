/*
 * Decimal text and back: whole numbers, decimals, money, percents, multiples and durations, exactly as the language
 * and the event lines write them. No floating point, no locale.
 *
 * A "scaled" value is value * 10^digits: money in minor units (2 digits for EUR), percent and decimal in millionths.
 */
#ifndef VM_DECIMAL_H
#define VM_DECIMAL_H

#include "vm/buffer.h"

enum {
    DECIMAL_SIZE = 64,         /* room for any formatted number, NUL included */
    DECIMAL_MILLIONTHS = 6,    /* digits of percent and decimal values */
    DECIMAL_ONE = 1000000,     /* 1.0 as a decimal, 100% as a percent */
    DECIMAL_CURRENCY_NONE = -1 /* not a currency */
};

/* How a number is written; the values add up. */
enum decimal_style {
    DECIMAL_PLAIN = 0,  /* 1234.50 */
    DECIMAL_GROUPS = 1, /* 1,234.50 */
    DECIMAL_TRIM = 2,   /* zeros at the end of the fraction dropped: 1234.5, 1234 */
    DECIMAL_SHORT = 4   /* a fraction of zeros dropped: 1234.50, 1234 */
};

/* Reads "1234.56", "1,234.56", "-3" or "0.20" into value * 10^digits (digits 0 to 9). The whole text must be the number;
 * groups are of exactly three; no sign +, no exponent, no leading or trailing point, no blanks.
 * STATUS_INVALID when it is not a number or has more decimals than `digits`, STATUS_LIMIT when it does not fit. */
enum status decimal_parse(int64_t *out, struct text text, unsigned digits, struct error *error) MUST_CHECK;

/* Writes value / 10^digits with a NUL and returns the length without it. `style` is a sum of enum decimal_style. */
unsigned decimal_format(char out[DECIMAL_SIZE], int64_t value, unsigned digits, unsigned style);

/* decimal_format into a buffer. */
void decimal_print(struct buffer *buffer, int64_t value, unsigned digits, unsigned style);

/* How many decimals a currency has by ISO 4217 (0, 2, 3), or DECIMAL_CURRENCY_NONE when the code is not one. The code is
 * three capitals. */
int decimal_currency_digits(struct text code);

/* The codes in order, for "did you mean": the `index`-th as a NUL-ended string, NULL past the end. Lives for ever. */
const char *decimal_currency_at(unsigned index);

/* Reads "37.50 GBP", "1,234.56 EUR" or "500 JPY" into minor units; one or more spaces before the code.
 * `currency_out` gets the three capitals and a NUL. Fewer decimals than the currency has are fine, more are
 * STATUS_INVALID; so are an unknown currency and a missing one. STATUS_LIMIT when it does not fit. */
enum status decimal_parse_money(int64_t *minor_out, char currency_out[4], struct text text,
                                struct error *error) MUST_CHECK;

/* Money for people and for source text, "1,234.56 EUR", "50,000 EUR" (a fraction of zeros dropped). The currency must be
 * a known one. */
void decimal_print_money(struct buffer *buffer, int64_t minor, const char *currency);

/* Money for events and effects: "1234.56 EUR", "20.00 EUR", "500 JPY". */
void decimal_print_money_wire(struct buffer *buffer, int64_t minor, const char *currency);

/* Reads "50%" or "12.5%" into millionths (500000, 125000); the sign is part of the text. At most 4 decimals. */
enum status decimal_parse_percent(int64_t *out, struct text text, struct error *error) MUST_CHECK;

/* Reads "10x" or "1.5x" into millionths. */
enum status decimal_parse_multiple(int64_t *out, struct text text, struct error *error) MUST_CHECK;

/* "50%", "12.5%", "1,000%" from millionths. */
void decimal_print_percent(struct buffer *buffer, int64_t millionths);

/* "10x", "1.5x" from millionths. */
void decimal_print_multiple(struct buffer *buffer, int64_t millionths);

/* An exact duration in words, largest unit first: "72 hours", "1 hour 30 minutes", "1 second 500 milliseconds", "0 seconds".
 * Hours are the largest unit, since a day is a calendar day. Below zero with "minus " before it. */
void decimal_print_duration(struct buffer *buffer, int64_t milliseconds);

/* A calendar duration in words: "1 year 2 months 3 days 4 hours". A part of 0 is left out; all 0 gives "0 seconds". */
void decimal_print_calendar(struct buffer *buffer, int32_t months, int32_t days, int64_t milliseconds);

/* "3 players", "1 player", "1,200 players": the number with groups and the word, with an s unless it is 1. */
void decimal_print_count(struct buffer *buffer, int64_t count, const char *word);

#endif
