/*
 * What one token that the lexer could not read, or that the language writes otherwise, should have been. Contract: mend.h.
 *
 * A form here is one that people really write or paste: prices and dates of their countries, quotes of word processors, signs of other
 * languages. Words that together make a slip are lexer_lines.c and spec/phrases.def.
 */
#include "compiler/mend.h"

#include <string.h>

#include "compiler/grammar.h"
#include "vm/decimal.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The digits, separators and points of a mistaken number, without signs and letters. */
static struct text number_part(struct text text)
{
    uint32_t start = 0;
    while (start < text.size && !is_digit(text.at[start])) start++;
    uint32_t end = start;
    while (end < text.size && (is_digit(text.at[end]) || text.at[end] == ',' || text.at[end] == '.')) end++;
    return text_slice(text, start, end - start);
}

/* The same with blanks between groups of digits: all before the currency. */
static struct text spaced_part(struct text text)
{
    uint32_t end = text.size;
    while (end > 0 && !is_digit(text.at[end - 1])) end--;
    return text_slice(text, 0, end);
}

/* `37,50` was meant as 37.50; `1,2000` and `12.000.000` as whole numbers. Gives the number without its groups. */
static struct text mended_number(struct reader *reader, struct text number)
{
    char plain[DECIMAL_SIZE] = "";
    uint32_t size = 0;
    uint32_t commas = 0;
    uint32_t after_comma = 0;
    uint32_t points = 0;
    bool point_first = false;
    for (uint32_t i = 0; i < number.size; i++) {
        if (number.at[i] == ',') {
            commas++;
            after_comma = number.size - i - 1;
        }
        if (number.at[i] == '.') {
            points++;
            if (commas == 0) point_first = true;
        }
    }
    const bool grouped_by_points = points > 1 || (point_first && commas == 1);
    const bool decimal_comma =
        commas == 1 && (points == 0 || grouped_by_points) && (after_comma == 1 || after_comma == 2);
    for (uint32_t i = 0; i < number.size && size + 1 < sizeof plain; i++) {
        if (number.at[i] == ',') {
            if (decimal_comma) plain[size++] = '.';
        } else if (is_digit(number.at[i]) || (number.at[i] == '.' && !grouped_by_points)) {
            plain[size++] = number.at[i];
        }
    }
    if (size > 0 && plain[size - 1] == '.') size--; /* `20.- EUR` */
    return arena_copy_text(reader->arena, (struct text){plain, size});
}

/* The number with groups of three as it should be written, for messages. */
static struct text shown_number(struct reader *reader, struct text number)
{
    int64_t value = 0;
    unsigned digits = 0;
    const uint32_t point = text_find(number, '.', 0);
    if (point < number.size) digits = number.size - point - 1;
    if (digits > 6 || decimal_parse(&value, number, digits, NULL) != OK) return number;
    char out[DECIMAL_SIZE];
    const unsigned size = decimal_format(out, value, digits, DECIMAL_GROUPS);
    return arena_copy_text(reader->arena, (struct text){out, size});
}

static const char *currency_of_sign(struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.at[i];
        if (byte == '$') return "USD";
        if (byte == 0xE2) return "EUR";
        if (byte == 0xC2 && i + 1 < text.size) return (unsigned char)text.at[i + 1] == 0xA5 ? "JPY" : "GBP";
    }
    return NULL;
}

/* Three capitals somewhere in the text, or the currency of its sign. */
static struct text currency_part(struct text text)
{
    for (uint32_t i = 0; i + 3 <= text.size; i++) {
        bool is_code = true;
        for (uint32_t j = i; j < i + 3; j++) is_code = is_code && text.at[j] >= 'A' && text.at[j] <= 'Z';
        if (is_code) return text_slice(text, i, 3);
    }
    const char *sign = currency_of_sign(text);
    return sign == NULL ? TEXT("EUR") : text_of(sign);
}

/* Year, month and day of `01.06.2026`, `1/6/2026` or `2026/06/01`, as `2026-06-01`. */
static struct text mended_date(struct reader *reader, struct text text)
{
    unsigned parts[3] = {0, 0, 0};
    unsigned index = 0;
    bool year_first = false;
    uint32_t size = 0;
    for (uint32_t i = 0; i < text.size; i++) {
        if (!is_digit(text.at[i])) {
            if (index == 0) year_first = size == 4;
            index = index < 2 ? index + 1 : 2;
            size = 0;
        } else {
            parts[index] = parts[index] * 10 + (unsigned)(text.at[i] - '0');
            size++;
        }
    }
    const unsigned year = year_first ? parts[0] : parts[2];
    const unsigned day = year_first ? parts[2] : parts[0];
    return arena_print(reader->arena, "%04u-%02u-%02u", year % 10000, parts[1] % 100, day % 100);
}

static struct text first_character(struct text text)
{
    uint32_t size = 1;
    while (size < text.size && ((unsigned char)text.at[size] & 0xC0) == 0x80) size++;
    return text_slice(text, 0, size);
}

/* The text between quotes of any style. */
static struct text unquoted(struct text text)
{
    static const struct text entity = TEXT_INIT("&quot;");
    uint32_t start = 0;
    uint32_t end = text.size;
    if (text_starts_with(text, entity)) return text_slice(text, entity.size, text.size - 2 * entity.size);
    if (end > 0 && (text.at[0] == '"' || text.at[0] == '\'')) {
        start = 1;
    } else {
        start = first_character(text).size;
    }
    if (end > start) {
        end--;
        while (end > start && ((unsigned char)text.at[end] & 0xC0) == 0x80) end--;
    }
    return text_slice(text, start, end - start);
}

/* What a control character or a broken byte looks like in a message. */
static struct text shown_character(struct reader *reader, struct text text)
{
    const unsigned char byte = (unsigned char)text.at[0];
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !text_is_utf8(text))) {
        return arena_print(reader->arena, "byte %u", (unsigned)byte);
    }
    return text;
}

static const struct {
    struct text word;
    const char *unit;
} short_units[] = {
    {TEXT_INIT("d"), "days"},          {TEXT_INIT("day"), "days"},      {TEXT_INIT("days"), "days"},
    {TEXT_INIT("h"), "hours"},         {TEXT_INIT("hr"), "hours"},      {TEXT_INIT("hrs"), "hours"},
    {TEXT_INIT("hour"), "hours"},      {TEXT_INIT("hours"), "hours"},   {TEXT_INIT("m"), "minutes"},
    {TEXT_INIT("min"), "minutes"},     {TEXT_INIT("mins"), "minutes"},  {TEXT_INIT("minute"), "minutes"},
    {TEXT_INIT("minutes"), "minutes"}, {TEXT_INIT("s"), "seconds"},     {TEXT_INIT("sec"), "seconds"},
    {TEXT_INIT("w"), "weeks"},         {TEXT_INIT("week"), "weeks"},    {TEXT_INIT("weeks"), "weeks"},
    {TEXT_INIT("month"), "months"},    {TEXT_INIT("months"), "months"}, {TEXT_INIT("year"), "years"},
    {TEXT_INIT("years"), "years"},
};

const char *mend_unit_of(struct text word)
{
    for (size_t i = 0; i < sizeof short_units / sizeof short_units[0]; i++) {
        if (word.size == short_units[i].word.size && text_distance(word, short_units[i].word, 0) == 0)
            return short_units[i].unit;
    }
    return NULL;
}

struct text mend_counted_unit(struct reader *reader, struct text number, const char *unit)
{
    struct text word = text_of(unit);
    if (text_equal(number, TEXT("1"))) word.size--;
    return arena_print(reader->arena, "%.*s %.*s", TEXT_ARGS(number), TEXT_ARGS(word));
}

/* Behind `until`, `at` and `between` a time of day stands: `18h` is no duration there. */
static bool follows_clock_word(const struct reader *reader)
{
    if (reader->count == 0) return false;
    const struct text before = reader->tokens[reader->count - 1].text;
    return text_equal(before, TEXT("until")) || text_equal(before, TEXT("at")) || text_equal(before, TEXT("between"));
}

/* `h30` behind the hour, as in `9h30`. */
static bool is_hour_of_french(struct text rest)
{
    return rest.size == 3 && rest.at[0] == 'h' && rest.at[1] >= '0' && rest.at[1] <= '5' && rest.at[2] >= '0' &&
           rest.at[2] <= '9';
}

/* `2times` is `2 times`, `9am` and `9h00` are `09:00`, `72h` is `72 hours`: the help line; the token is mended where it can be. */
static struct text divide_number(struct reader *reader, struct token *token)
{
    const struct text text = token->text;
    const struct text number = number_part(text);
    const struct text rest = text_slice(text, number.size, text.size - number.size);
    const bool is_pm = text_equal(rest, TEXT("pm"));
    const char *unit = mend_unit_of(rest);
    int64_t hour = 0;
    token->text = number;
    if ((is_pm || text_equal(rest, TEXT("am"))) && decimal_parse(&hour, number, 0, NULL) == OK && hour <= 12) {
        token->kind = TK_CLOCK;
        token->text = arena_print(reader->arena, "%02d:00", (int)(hour % 12 + (is_pm ? 12 : 0)));
        return arena_print(reader->arena, "write `%.*s`", TEXT_ARGS(token->text));
    }
    if (is_hour_of_french(rest) && decimal_parse(&hour, number, 0, NULL) == OK && hour <= 23) {
        token->kind = TK_CLOCK;
        token->text = arena_print(reader->arena, "%02d:%.*s", (int)hour, TEXT_ARGS(text_slice(rest, 1, 2)));
        return arena_print(reader->arena, "write `%.*s`", TEXT_ARGS(token->text));
    }
    if (text_equal(rest, TEXT("h")) && follows_clock_word(reader) && decimal_parse(&hour, number, 0, NULL) == OK &&
        hour <= 23) {
        token->kind = TK_CLOCK;
        token->text = arena_print(reader->arena, "%02d:00", (int)hour);
        return arena_print(reader->arena, "write `%.*s`", TEXT_ARGS(token->text));
    }
    if (unit != NULL) {
        token->kind = TK_DURATION;
        token->text = mend_counted_unit(reader, number, unit);
        return arena_print(reader->arena, "write `%.*s`", TEXT_ARGS(token->text));
    }
    const uint64_t factor = text_equal(rest, TEXT("k")) || text_equal(rest, TEXT("K"))   ? 1000
                            : text_equal(rest, TEXT("m")) || text_equal(rest, TEXT("M")) ? 1000000
                                                                                         : 0;
    int64_t thousands = 0;
    if (factor != 0 && decimal_parse(&thousands, number, 0, NULL) == OK && thousands < 1000000) {
        char out[DECIMAL_SIZE];
        const unsigned size = decimal_format(out, thousands * (int64_t)factor, 0, DECIMAL_GROUPS);
        token->text = arena_copy_text(reader->arena, (struct text){out, size});
        return arena_print(reader->arena, "write `%.*s`", TEXT_ARGS(token->text));
    }
    if (text_equal(rest, TEXT("st")) || text_equal(rest, TEXT("nd")) || text_equal(rest, TEXT("rd")) ||
        text_equal(rest, TEXT("th")))
        return arena_print(reader->arena, "write `%.*s`; a day of the month is `day %.*s`, a place `place %.*s`",
                           TEXT_ARGS(number), TEXT_ARGS(number), TEXT_ARGS(number));
    return arena_print(reader->arena, "write `%.*s %.*s`, or begin the word with a letter", TEXT_ARGS(number),
                       TEXT_ARGS(rest));
}

/* What stands for a character that only looks like one of the language; an empty text: nothing. */
static struct text help_for_character(const struct reader *reader, const struct token *token)
{
    static const char *const statements[] = {"send",  "credit", "go ",  "finish", "tag",
                                             "untag", "do ",    "wait", "when",   "remember"};
    const struct text all = reader->source->text;
    uint32_t at = token->span.end;
    if (text_equal(token->text, TEXT("&nbsp;"))) return TEXT("write a blank");
    if (text_equal(token->text, TEXT("\xC3\x97"))) return TEXT("write `*` to multiply");
    const bool is_dash = text_equal(token->text, TEXT("\xE2\x80\x93")) || text_equal(token->text, TEXT("\xE2\x80\x94"));
    if (is_dash && at < all.size && token->span.start > 0 && is_digit(all.at[token->span.start - 1]) &&
        is_digit(all.at[at])) {
        return TEXT("write `and` between two bounds: `between 09:00 and 18:00`");
    }
    if (!text_equal(token->text, TEXT(";"))) return TEXT("");
    while (at < all.size && (all.at[at] == ' ' || all.at[at] == '\t' || all.at[at] == '\r')) at++;
    if (at == all.size || all.at[at] == '\n' || all.at[at] == '#') return TEXT("");
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        if (text_starts_with(text_slice(all, at, all.size - at), text_of(statements[i])))
            return TEXT("begin a new line");
    }
    return TEXT("write `,`");
}

/* Whether nothing else stands on the line of the token. */
static bool is_alone(const struct source *source, const struct token *token)
{
    uint32_t start = token->span.start;
    while (start > 0 && source->text.at[start - 1] != '\n') start--;
    const uint32_t end = text_find(source->text, '\n', token->span.end);
    return text_trim(text_slice(source->text, start, end - start)).size == token->text.size;
}

/* A `}` on its own line is the `end` of other languages. */
static void report_character(struct reader *reader, struct token *token)
{
    struct text help = help_for_character(reader, token);
    const struct token *before = reader->count > 0 ? &reader->tokens[reader->count - 1] : NULL;
    const struct text all = reader->source->text;
    if (text_equal(token->text, TEXT(":")) && token->span.end < all.size && all.at[token->span.end] == ' ' &&
        before != NULL && before->span.end == token->span.start && before->span.end > before->span.start)
        help = arena_print(reader->arena,
                           "remove it: what belongs to `%.*s` stands behind it with a blank between, as in "
                           "`total 100 EUR`",
                           TEXT_ARGS(before->text));
    if (text_equal(token->text, TEXT("}")) && is_alone(reader->source, token)) {
        help = TEXT("write `end`");
        token->kind = TK_ID;
    }
    struct diagnostic *diagnostic =
        DIAGNOSE(reader->diagnostics, DIAGNOSTIC_UNKNOWN_CHARACTER, token->span, shown_character(reader, token->text));
    if (help.size > 0) diagnostic_set_help(reader->diagnostics, diagnostic, help);
    if (token->kind == TK_ID) token->text = TEXT("end");
}

static struct text symbol_cure(uint16_t kind)
{
    switch (kind) {
    case TK_AND: return TEXT("and");
    case TK_OR: return TEXT("or");
    case TK_LESS_SIGN: return TEXT("<");
    case TK_LESS_EQUAL: return TEXT("<=");
    case TK_GREATER_SIGN: return TEXT(">");
    default: return TEXT(">=");
    }
}

void mend_token(struct reader *reader, struct token *token)
{
    const struct text written = token->text;
    const enum diagnostic_code code = (enum diagnostic_code)token->mistake;
    struct text cure = {NULL, 0};
    reader->out->has_mistake = true;
    switch (code) {
    case DIAGNOSTIC_UNKNOWN_CHARACTER: report_character(reader, token); return;
    case DIAGNOSTIC_UNCLOSED_TEXT: {
        const struct text inside = text_trim(text_slice(written, 1, written.size - 1));
        token->text = arena_print(reader->arena, "\"%.*s\"", TEXT_ARGS(inside));
        reader->open_text = DIAGNOSE(reader->diagnostics, code, token->span, text_trim(text_slice(written, 0, 24)));
        reader->open_text_end = token->span.end;
        return;
    }
    case DIAGNOSTIC_QUOTE_STYLE:
        cure = unquoted(written);
        token->text = arena_print(reader->arena, "\"%.*s\"", TEXT_ARGS(cure));
        DIAGNOSE(reader->diagnostics, code, token->span, cure);
        return;
    case DIAGNOSTIC_NUMBER_GROUPS: {
        const struct text number = token->kind == TK_MONEY ? spaced_part(written) : number_part(written);
        cure = mended_number(reader, number);
        const struct text shown = shown_number(reader, cure);
        const struct text currency = token->kind == TK_MONEY ? currency_part(written) : (struct text){NULL, 0};
        const char *space = currency.size > 0 ? " " : token->kind == TK_PERCENT ? "%" : "";
        token->text = arena_print(reader->arena, "%.*s%s%.*s", TEXT_ARGS(cure), space, TEXT_ARGS(currency));
        DIAGNOSE(reader->diagnostics, code, token->span, number,
                 arena_print(reader->arena, "%.*s%s%.*s", TEXT_ARGS(shown), space, TEXT_ARGS(currency)));
        return;
    }
    case DIAGNOSTIC_NAME_NEEDS_QUOTES:
        token->text = arena_print(reader->arena, "\"%.*s\"", TEXT_ARGS(written));
        DIAGNOSE(reader->diagnostics, code, token->span, written);
        return;
    case DIAGNOSTIC_GLUED_SIGN: cure = arena_print(reader->arena, "%.*s%%", TEXT_ARGS(number_part(written))); break;
    case DIAGNOSTIC_MONEY_STYLE: {
        const struct text number = mended_number(reader, number_part(written));
        const struct text currency = currency_part(written);
        token->text = arena_print(reader->arena, "%.*s %.*s", TEXT_ARGS(number), TEXT_ARGS(currency));
        cure = arena_print(reader->arena, "%.*s %.*s", TEXT_ARGS(shown_number(reader, number)), TEXT_ARGS(currency));
        DIAGNOSE(reader->diagnostics, code, token->span, written, cure);
        return;
    }
    case DIAGNOSTIC_DATE_STYLE: cure = mended_date(reader, written); break;
    case DIAGNOSTIC_MOMENT_STYLE:
        cure = text_slice(written, 0, 10);
        token->text = cure;
        DIAGNOSE(reader->diagnostics, code, token->span, written,
                 arena_print(reader->arena, "%.*s %.*s%s", TEXT_ARGS(cure), 5, written.at + 11,
                             text_ends_with(written, TEXT("Z")) ? " UTC" : ""));
        return;
    case DIAGNOSTIC_NUMBER_WITH_LETTERS:
        cure = divide_number(reader, token);
        DIAGNOSE(reader->diagnostics, code, token->span, written, cure);
        return;
    case DIAGNOSTIC_COMMENT_STYLE: DIAGNOSE(reader->diagnostics, code, token->span, text_slice(written, 0, 2)); return;
    case DIAGNOSTIC_SYMBOL_FOR_WORD: cure = symbol_cure(token->kind); break;
    default: INVARIANT(false);
    }
    token->text = cure;
    DIAGNOSE(reader->diagnostics, code, token->span, written, cure);
}
