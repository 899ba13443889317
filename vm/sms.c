/* Alphabets and parts of text messages. See sms.h. */
#include "vm/sms.h"

#include <utf8proc.h>

/* GSM 03.38, beyond the characters that ASCII has in the same place. */
static const uint16_t basic[] = {
    0x00A3, 0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC, 0x00F2, 0x00C7, 0x00D8, 0x00F8, 0x00C5, 0x00E5, 0x0394,
    0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8, 0x03A3, 0x0398, 0x039E, 0x00C6, 0x00E6, 0x00DF, 0x00C9,
    0x00A4, 0x00A1, 0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7, 0x00BF, 0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0,
};

/* Septets of a character: 1, 2 with the escape, 0 outside. */
static uint32_t septets(uint32_t letter)
{
    switch (letter) {
    case '\f':
    case '^':
    case '{':
    case '}':
    case '\\':
    case '[':
    case '~':
    case ']':
    case '|':
    case 0x20AC: return 2;
    case '`': return 0;
    case '\n':
    case '\r': return 1;
    default: break;
    }
    if (letter >= 0x20 && letter < 0x7F) return 1;
    for (size_t i = 0; i < sizeof basic / sizeof basic[0]; i++) {
        if (basic[i] == letter) return 1;
    }
    return 0;
}

/* The character at `at` and its bytes. */
static uint32_t letter_at(struct text text, uint32_t at, uint32_t *size)
{
    utf8proc_int32_t letter = 0xFFFD;
    *size = text_utf8_size(text, at);
    if (*size == 0) {
        *size = 1;
        return 0xFFFD;
    }
    (void)utf8proc_iterate((const utf8proc_uint8_t *)text.at + at, (utf8proc_ssize_t)*size, &letter);
    return letter < 0 ? 0xFFFD : (uint32_t)letter;
}

uint32_t sms_room(bool is_wide, uint32_t parts)
{
    if (is_wide) return parts > 1 ? 67 : 70;
    return parts > 1 ? 153 : 160;
}

struct sms sms_measure(struct text text)
{
    struct sms sms = {.parts = 1, .wide_at = text.size};
    uint32_t size;
    for (uint32_t at = 0; at < text.size && !sms.is_wide; at += size) {
        const uint32_t letter = letter_at(text, at, &size);
        if (septets(letter) > 0) continue;
        sms.is_wide = true;
        sms.wide_at = at;
        sms.wide_letter = letter;
    }
    uint32_t in_part = 0, parts = 1;
    for (uint32_t at = 0; at < text.size; at += size) {
        const uint32_t letter = letter_at(text, at, &size);
        const uint32_t units = sms.is_wide ? (letter > 0xFFFF ? 2 : 1) : septets(letter);
        sms.units += units;
        if (in_part + units > sms_room(sms.is_wide, 2)) {
            parts++;
            in_part = 0;
        }
        in_part += units;
    }
    if (sms.units > sms_room(sms.is_wide, 1)) sms.parts = parts;
    return sms;
}

struct text sms_instead(uint32_t letter)
{
    static const struct {
        uint32_t letter;
        struct text instead;
    } rows[] = {
        {0x2018, TEXT_INIT("'")},   {0x2019, TEXT_INIT("'")},   {0x201A, TEXT_INIT("'")},   {0x201C, TEXT_INIT("\"")},
        {0x201D, TEXT_INIT("\"")},  {0x201E, TEXT_INIT("\"")},  {0x00AB, TEXT_INIT("\"")},  {0x00BB, TEXT_INIT("\"")},
        {0x2013, TEXT_INIT("-")},   {0x2014, TEXT_INIT("-")},   {0x2012, TEXT_INIT("-")},   {0x2011, TEXT_INIT("-")},
        {0x2026, TEXT_INIT("...")}, {0x00A0, TEXT_INIT(" ")},   {0x202F, TEXT_INIT(" ")},   {0x2009, TEXT_INIT(" ")},
        {0x2022, TEXT_INIT("*")},   {0x00D7, TEXT_INIT("x")},   {0x0060, TEXT_INIT("'")},   {0x00B4, TEXT_INIT("'")},
        {0x0142, TEXT_INIT("l")},   {0x0141, TEXT_INIT("L")},   {0x0131, TEXT_INIT("i")},   {0x00B0, TEXT_INIT("o")},
        {0x0009, TEXT_INIT(" ")},   {0x2212, TEXT_INIT("-")},   {0x20BA, TEXT_INIT("TRY")}, {0x00A9, TEXT_INIT("(c)")},
        {0x2122, TEXT_INIT("TM")},  {0x00AE, TEXT_INIT("(R)")}, {0x00E7, TEXT_INIT("c")},   {0x00AA, TEXT_INIT("a")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].letter == letter) return rows[i].instead;
    }
    /* A letter with a mark: without it. */
    utf8proc_int32_t parts[4];
    int boundary = 0;
    if (letter > 0x10FFFF || (letter >= 0xD800 && letter < 0xE000)) return TEXT("");
    const utf8proc_ssize_t count =
        utf8proc_decompose_char((utf8proc_int32_t)letter, parts, 4, UTF8PROC_DECOMPOSE, &boundary);
    if (count < 2 || count > 4 || parts[0] < 'A' || parts[0] > 'z') return TEXT("");
    if (parts[0] > 'Z' && parts[0] < 'a') return TEXT("");
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ......abcdefghijklmnopqrstuvwxyz";
    return text_make(alphabet + (parts[0] - 'A'), 1);
}
