/* Numbers, money and dates by ICU. See locale.h. */
#include "runtime/channels/locale.h"

#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include <stdio.h>

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

enum { NAME_SIZE = 96, WIDE_SIZE = 256 };

/* The locale as ICU names it. */
static const char *icu_name(char out[NAME_SIZE], struct text locale)
{
    char tag[NAME_SIZE];
    UErrorCode code = U_ZERO_ERROR;
    snprintf(tag, sizeof tag, "%.*s", locale.size < NAME_SIZE ? (int)locale.size : 0, locale.size > 0 ? locale.at : "");
    int32_t read = 0;
    const int32_t size = uloc_forLanguageTag(tag, out, NAME_SIZE, &read, &code);
    if (U_FAILURE(code) || size <= 0 || size >= NAME_SIZE) out[0] = '\0';
    return out;
}

static void put_wide(struct buffer *out, const UChar *wide, int32_t size)
{
    char bytes[WIDE_SIZE * 3 + 1];
    int32_t written = 0;
    UErrorCode code = U_ZERO_ERROR;
    if (size > WIDE_SIZE) size = WIDE_SIZE;
    u_strToUTF8WithSub(bytes, (int32_t)sizeof bytes, &written, wide, size, 0xFFFD, NULL, &code);
    if (U_SUCCESS(code)) buffer_append(out, bytes, (size_t)written);
}

/* Digits with at most one point, perhaps a minus: all that ICU is given. */
static bool is_number(struct text number)
{
    uint32_t digits = 0, points = 0;
    for (uint32_t i = 0; i < number.size; i++) {
        const char byte = number.at[i];
        if (byte >= '0' && byte <= '9')
            digits++;
        else if (byte == '.' && digits > 0)
            points++;
        else if (byte != '-' || i > 0)
            return false;
    }
    return digits > 0 && points <= 1 && number.size <= DECIMAL_SIZE && number.at[number.size - 1] != '.';
}

/* A number by one of ICU's skeletons; with `category` (room for 16) its plural category instead. False: ICU could not. */
static bool put_skeleton(struct buffer *out, struct text locale, struct text number, const char *skeleton,
                         char *category)
{
    char name[NAME_SIZE];
    UChar wide[WIDE_SIZE];
    UErrorCode code = U_ZERO_ERROR;
    u_uastrcpy(wide, skeleton);
    UNumberFormatter *formatter = unumf_openForSkeletonAndLocale(wide, -1, icu_name(name, locale), &code);
    UFormattedNumber *result = unumf_openResult(&code);
    if (U_SUCCESS(code)) unumf_formatDecimal(formatter, number.at, (int32_t)number.size, result, &code);
    if (category != NULL) {
        UPluralRules *rules = uplrules_openForType(name, UPLURAL_TYPE_CARDINAL, &code);
        const int32_t size = U_SUCCESS(code) ? uplrules_selectFormatted(rules, result, wide, WIDE_SIZE, &code) : 0;
        if (U_SUCCESS(code) && size < 16) u_UCharsToChars(wide, category, size), category[size] = '\0';
        uplrules_close(rules);
    } else {
        const int32_t size = U_SUCCESS(code) ? unumf_resultToString(result, wide, WIDE_SIZE, &code) : 0;
        if (U_SUCCESS(code)) put_wide(out, wide, size);
    }
    unumf_closeResult(result);
    unumf_close(formatter);
    return U_SUCCESS(code);
}

static void put_number(struct buffer *out, struct text locale, struct text number, const char *skeleton)
{
    if (!is_number(number) || !put_skeleton(out, locale, number, skeleton, NULL)) buffer_text(out, number);
}

void locale_number(struct buffer *out, struct text locale, struct text number)
{
    put_number(out, locale, number, ".######");
}

void locale_percent(struct buffer *out, struct text locale, struct text number)
{
    put_number(out, locale, number, "percent .######");
}

void locale_money(struct buffer *out, struct text locale, struct text number, struct text currency, bool is_short)
{
    char skeleton[64];
    bool fits = currency.size == 3 && is_number(number);
    for (uint32_t i = 0; i < currency.size; i++) fits = fits && currency.at[i] >= 'A' && currency.at[i] <= 'Z';
    const uint32_t point = fits ? text_find(number, '.', 0) : 0;
    bool is_whole = is_short && fits;
    for (uint32_t i = point + 1; is_whole && i < number.size; i++) is_whole = number.at[i] == '0';
    snprintf(skeleton, sizeof skeleton, "currency/%.*s%s", fits ? 3 : 0, fits ? currency.at : "",
             is_whole ? " precision-integer" : "");
    if (fits && put_skeleton(out, locale, number, skeleton, NULL)) return;
    buffer_text(out, number);
    buffer_u8(out, ' ');
    buffer_text(out, currency);
}

struct text locale_plural(struct text locale, struct text number)
{
    static const struct text known[] = {TEXT_INIT("zero"), TEXT_INIT("one"),  TEXT_INIT("two"),
                                        TEXT_INIT("few"),  TEXT_INIT("many"), TEXT_INIT("other")};
    char category[16] = "other";
    if (is_number(number)) (void)put_skeleton(NULL, locale, number, ".######", category);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (text_equal(known[i], text_of(category))) return known[i];
    }
    return known[5];
}

/* A moment of the calendar of ICU's UTC: the caller has moved it by the zone's offset. */
static void put_date(struct buffer *out, struct text locale, int64_t local_ms, UDateFormatStyle date,
                     UDateFormatStyle time)
{
    char name[NAME_SIZE];
    UChar wide[WIDE_SIZE], utc[4];
    UErrorCode code = U_ZERO_ERROR;
    u_uastrcpy(utc, "UTC");
    UDateFormat *format = udat_open(time, date, icu_name(name, locale), utc, -1, NULL, 0, &code);
    const int32_t size = U_SUCCESS(code) ? udat_format(format, (UDate)local_ms, wide, WIDE_SIZE, NULL, &code) : 0;
    if (U_SUCCESS(code)) put_wide(out, wide, size);
    udat_close(format);
}

void locale_date(struct buffer *out, struct text locale, int64_t date)
{
    if (date < CIVIL_DATE_MIN || date > CIVIL_DATE_MAX) return;
    put_date(out, locale, date * CIVIL_DAY_MS, UDAT_LONG, UDAT_NONE);
}

void locale_time(struct buffer *out, struct text locale, int64_t ms_of_day)
{
    put_date(out, locale, ms_of_day, UDAT_NONE, UDAT_SHORT);
}

void locale_moment(struct buffer *out, struct text locale, uint32_t zone, int64_t instant)
{
    if (instant < CIVIL_INSTANT_MIN + CIVIL_DAY_MS || instant > CIVIL_INSTANT_MAX - CIVIL_DAY_MS) return;
    put_date(out, locale, zone_local_ms(zone, instant), UDAT_LONG, UDAT_SHORT);
}

void locale_duration(struct buffer *out, struct text locale, struct text words)
{
    static const char *const units[] = {"year", "month", "week", "day", "hour", "minute", "second", "millisecond"};
    struct text number = TEXT("");
    bool first = true;
    for (uint32_t at = 0; at < words.size;) {
        const uint32_t end = text_find(words, ' ', at);
        struct text word = text_slice(words, at, end - at);
        at = end + 1;
        if (number.size == 0) {
            number = word;
            continue;
        }
        char skeleton[80], digits[DECIMAL_SIZE];
        unsigned size = 0;
        for (uint32_t i = 0; i < number.size && size + 1 < sizeof digits; i++) {
            if (number.at[i] != ',') digits[size++] = number.at[i];
        }
        if (word.size > 0 && word.at[word.size - 1] == 's') word.size--;
        const char *unit = NULL;
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            if (text_equal(word, text_of(units[i]))) unit = units[i];
        }
        if (!first) buffer_u8(out, ' ');
        first = false;
        snprintf(skeleton, sizeof skeleton, "measure-unit/duration-%s unit-width-full-name",
                 unit != NULL ? unit : "day");
        if (unit == NULL || !is_number(text_make(digits, size)) ||
            !put_skeleton(out, locale, text_make(digits, size), skeleton, NULL)) {
            buffer_text(out, number);
            buffer_u8(out, ' ');
            buffer_text(out, word);
        }
        number = TEXT("");
    }
    buffer_text(out, number);
}

void locale_country(struct buffer *out, struct text locale, struct text code)
{
    char name[NAME_SIZE], of[8];
    UChar wide[WIDE_SIZE];
    UErrorCode status = U_ZERO_ERROR;
    snprintf(of, sizeof of, "und_%.2s", code.size == 2 ? code.at : "ZZ");
    const int32_t size = uloc_getDisplayCountry(of, icu_name(name, locale), wide, WIDE_SIZE, &status);
    if (code.size == 2 && U_SUCCESS(status) && size > 0)
        put_wide(out, wide, size);
    else
        buffer_text(out, code);
}

bool locale_is_backwards(struct text locale)
{
    char name[NAME_SIZE];
    return uloc_isRightToLeft(icu_name(name, locale)) != 0;
}
