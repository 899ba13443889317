/* Pieces of intake that know nothing of a line: escapes of JSON, characters as UTF-8, durations in words.
 *
 * For intake_json.re and intake_data.re, which scan; here is what it hands on. Nothing fails but by its result, nothing allocates.
 */
#ifndef PROMO_RUNTIME_STORE_INTAKE_VALUES_H
#define PROMO_RUNTIME_STORE_INTAKE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/text.h"

/* Four hexadecimal digits, which must be such. */
unsigned values_hex4(const unsigned char *at);
/* Writes a character (up to 4 bytes), or what `\\n` and the like stand for (1 byte); gives the place behind it. */
unsigned char *values_put_utf8(unsigned char *out, unsigned code);
unsigned char *values_put_escape(unsigned char *out, unsigned char letter);

/* Exact durations in words: "72 hours", "1 hour 30 minutes", as milliseconds. Calendar durations also hold years, months, weeks, days,
 * packed. False where it is none, or does not fit. */
bool values_duration(struct text text, bool calendar, int64_t *out);

#endif
