/* Values of event lines that need no scanner. See intake_values.h. */
#include "runtime/store/intake_values.h"

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/program.h"

static unsigned hex_value(unsigned char digit)
{
    return digit <= '9' ? (unsigned)digit - '0' : ((unsigned)digit | 0x20) - 'a' + 10;
}

unsigned values_hex4(const unsigned char *at)
{
    return hex_value(at[0]) << 12 | hex_value(at[1]) << 8 | hex_value(at[2]) << 4 | hex_value(at[3]);
}

unsigned char *values_put_utf8(unsigned char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (unsigned char)code;
    } else if (code < 0x800) {
        *out++ = (unsigned char)(0xC0 | code >> 6);
        *out++ = (unsigned char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (unsigned char)(0xE0 | code >> 12);
        *out++ = (unsigned char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (unsigned char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (unsigned char)(0xF0 | code >> 18);
        *out++ = (unsigned char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (unsigned char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (unsigned char)(0x80 | (code & 0x3F));
    }
    return out;
}

unsigned char *values_put_escape(unsigned char *out, unsigned char letter)
{
    switch (letter) {
    case 'b': *out = '\b'; break;
    case 'f': *out = '\f'; break;
    case 'n': *out = '\n'; break;
    case 'r': *out = '\r'; break;
    case 't': *out = '\t'; break;
    default: *out = letter; break;
    }
    return out + 1;
}

bool values_duration(struct text text, bool calendar, int64_t *out)
{
    static const struct {
        const char *word;
        int64_t months, days, ms;
    } units[] = {{"year", 12, 0, 0},
                 {"month", 1, 0, 0},
                 {"week", 0, 7, 0},
                 {"day", 0, 1, 0},
                 {"hour", 0, 0, CIVIL_HOUR_MS},
                 {"minute", 0, 0, CIVIL_MINUTE_MS},
                 {"second", 0, 0, CIVIL_SECOND_MS},
                 {"millisecond", 0, 0, 1}};
    int64_t months = 0, days = 0, ms = 0;
    uint32_t at = 0;
    if (text.size == 0) return false;
    while (at < text.size) {
        uint32_t blank = text_find(text, ' ', at);
        uint32_t next = text_find(text, ' ', blank + 1 > text.size ? text.size : blank + 1);
        int64_t count;
        if (blank >= text.size || decimal_parse(&count, text_slice(text, at, blank - at), 0, NULL) != OK) return false;
        if (count < 0 || count > INT64_C(1000000000)) return false;
        struct text word = text_slice(text, blank + 1, next - blank - 1);
        if (word.size > 1 && word.at[word.size - 1] == 's') word.size--;
        size_t unit = 0;
        while (unit < sizeof units / sizeof units[0] && !text_equal(word, text_of(units[unit].word))) unit++;
        if (unit == sizeof units / sizeof units[0]) return false;
        months += count * units[unit].months;
        days += count * units[unit].days;
        ms += count * units[unit].ms;
        at = next + 1;
    }
    if (!calendar) {
        *out = days * CIVIL_DAY_MS + ms;
        return months == 0;
    }
    if (months > INT16_MAX || days > INT16_MAX || ms > INT32_MAX) return false;
    *out = calendar_pack((int16_t)months, (int16_t)days, (int32_t)ms);
    return true;
}
