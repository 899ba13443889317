/*
 * Messages of intake. Contract: runtime/store/intake_words.h.
 */
#include "runtime/store/intake_words.h"

#include <stdio.h>

#include "vm/civil.h"
#include "vm/decimal.h"

enum { EXCERPT = 48 };

/* User text in one line: cut on a character, control bytes and what is not UTF-8 as `?`. */
static const char *excerpt(char out[EXCERPT + 8], struct text text)
{
    uint32_t at = 0;
    uint32_t to = 0;
    while (at < text.size) {
        uint32_t size = text_utf8_size(text, at);
        if (to + (size == 0 ? 1 : size) > EXCERPT) {
            memcpy(out + to, "...", 4);
            return out;
        }
        if (size == 0 || (unsigned char)text.at[at] < 0x20 || text.at[at] == '`') {
            out[to++] = '?';
            at++;
        } else {
            memcpy(out + to, text.at + at, size);
            to += size;
            at += size;
        }
    }
    out[to] = 0;
    return out;
}

static bool say(struct intake_words *words, const char *format, ...) PRINTF_LIKE(2, 3);
static bool say(struct intake_words *words, const char *format, ...)
{
    if (words->said) return false;
    words->said = true;
    if (words->error == NULL) return false;
    char message[sizeof words->error->message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    (void)error_set(words->error, STATUS_INVALID, "%s", message);
    return false;
}

bool words_at(struct intake_words *words, const unsigned char *at, const char *what)
{
    if (at >= words->end) return say(words, "the line ends in the middle of the record; is it cut off?");
    return say(words, "column %td: %s", at - words->line + 1, what);
}

bool words_control(struct intake_words *words, const unsigned char *at)
{
    if (at >= words->end) return say(words, "the line ends inside a text; is it cut off, or a quote missing?");
    return say(words, "column %td: a control character inside a text; write it as \\u%04x", at - words->line + 1, *at);
}

bool words_expected_value(struct intake_words *words, const unsigned char *at)
{
    if (at >= words->end) return words_at(words, at, "");
    if (*at == '\'') return words_at(words, at, "JSON takes double quotes");
    if (*at == 'T' || *at == 'F' || *at == 'N')
        return words_at(words, at, "write true, false or null in small letters");
    if (*at == '+' || *at == '.') return words_at(words, at, "a number begins with a digit or `-`");
    return words_at(words, at, "expected a value: a text in quotes, a number, true, false, null, `{` or `[`");
}

bool words_not_an_object(struct intake_words *words, const unsigned char *at)
{
    if (at >= words->end) return say(words, "the line is empty; write one JSON object a line");
    if (at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF) {
        return say(words, "the file begins with a byte order mark; write UTF-8 without one");
    }
    if (*at == '[') return say(words, "column %td: write one JSON object a line, not a list", at - words->line + 1);
    return say(words, "column %td: expected `{`: one JSON object a line", at - words->line + 1);
}

bool words_twice(struct intake_words *words, const unsigned char *at, struct text name)
{
    return say(words, "column %td: `%.*s` stands twice in the same object; keep one", at - words->line + 1,
               TEXT_ARGS(name));
}

bool words_value(struct intake_words *words, struct text name, const unsigned char *start, const unsigned char *end,
                 const char *why)
{
    struct text value = {.at = (const char *)start, .size = (uint32_t)(end - start)};
    /* A text is shown without its quotes, anything else as it stands. */
    bool quoted = value.size >= 2 && *start == '"';
    if (quoted) value = text_slice(value, 1, value.size - 2);
    char shown[EXCERPT + 8];
    if (value.size == 0) return say(words, "`%.*s` is empty; %s", TEXT_ARGS(name), why);
    return say(words, "`%.*s` is `%s`; %s", TEXT_ARGS(name), excerpt(shown, value), why);
}

bool words_no_kind(struct intake_words *words)
{
    if (words->undeclared.size > 0) {
        char shown[EXCERPT + 8];
        return say(words,
                   "the record has neither `event` nor `kind`, but `%s`; say which event it is, as in "
                   "\"event\":\"deposit\"",
                   excerpt(shown, words->undeclared));
    }
    return say(words, "the record has neither `event` nor `kind`; say which event it is, as in \"event\":\"deposit\"");
}

static bool is_near(struct text given, struct text name)
{
    uint32_t limit = text_distance_limit(name);
    return given.size > 0 && text_distance(given, name, limit) <= limit;
}

static bool say_missing(struct intake_words *words, const char *what, struct text owner, struct text name)
{
    if (is_near(words->undeclared, name)) {
        char shown[EXCERPT + 8];
        return say(words, "%s`%.*s` has no `%.*s`, but `%s`; did you mean `%.*s`?", what, TEXT_ARGS(owner),
                   TEXT_ARGS(name), excerpt(shown, words->undeclared), TEXT_ARGS(name));
    }
    return say(words, "%s`%.*s` has no `%.*s`; it is needed", what, TEXT_ARGS(owner), TEXT_ARGS(name));
}

bool words_missing_member(struct intake_words *words, const char *kind, struct text name)
{
    return say_missing(words, "a record of kind ", text_of(kind), name);
}

bool words_missing_field(struct intake_words *words, struct text event, struct text field)
{
    return say_missing(words, "the `data` of ", event, field);
}

bool words_missing_about(struct intake_words *words, struct text event, struct text key, bool by_effect)
{
    if (!by_effect) {
        return say(words, "the `data` of `%.*s` does not say what it is about; name it by `%.*s`", TEXT_ARGS(event),
                   TEXT_ARGS(key));
    }
    if (key.size == 0) key = TEXT("effect");
    return say(words, "the `data` of `%.*s` does not say what it is about; name it by `%.*s`, or exactly by `effect`",
               TEXT_ARGS(event), TEXT_ARGS(key));
}

bool words_strange_member(struct intake_words *words, const char *kind, struct text name)
{
    return say(words, "a record of kind `%s` has no `%.*s`; leave it out, or send a record of its own", kind,
               TEXT_ARGS(name));
}

bool words_whom(struct intake_words *words, const char *kind)
{
    return say(words,
               "a record of kind `%s` names either a `player` or a `contact`; write one of the two, e.g. "
               "\"contact\":\"mia@example.com\"",
               kind);
}

bool words_unknown_event(struct intake_words *words, const struct program *program, struct text name)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, name);
    struct text best = TEXT("");
    uint32_t best_distance = UINT32_MAX;
    for (uint32_t index = 0; index < program->event_count; index++) {
        const struct bundle_event *event = &program->event[index];
        bool named = text_equal(program_text(program, event->wire), name) ||
                     text_equal(program_text(program, event->name), name);
        if (event->made_by_engine && named &&
            (text_equal(name, TEXT("credited")) || text_equal(name, TEXT("credit_failed"))))
            return say(words,
                       "`%s` is an event that the engine makes of the wallet's reply; send that: "
                       "\"kind\":\"reply\",\"effect\":\"…\",\"status\":\"%s\"",
                       shown, text_equal(name, TEXT("credited")) ? "credited" : "failed");
        if (event->made_by_engine && named)
            return say(words, "`%s` is an event that the engine makes itself; leave such lines out", shown);
        if (event->made_by_engine) continue;
        for (uint32_t which = 0; which < 2; which++) {
            struct text candidate =
                program_text(program, which == 0 ? program->event[index].wire : program->event[index].name);
            uint32_t limit = text_distance_limit(candidate);
            uint32_t distance = text_distance(name, candidate, limit);
            if (distance <= limit && distance < best_distance) {
                best = candidate;
                best_distance = distance;
            }
        }
    }
    if (best.size > 0) {
        return say(words, "`%s` is not an event of this workspace; did you mean `%.*s`?", shown, TEXT_ARGS(best));
    }
    if (name.size == 0) return say(words, "`event` is empty; say which event it is, as in \"event\":\"deposit\"");
    return say(words, "`%s` is not an event of this workspace; declare it, as in: event %s", shown,
               text_find(name, '.', 0) == name.size ? shown : "NAME from \"its.name\"");
}

bool words_unknown_query(struct intake_words *words, const struct program *program, struct text name)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, name);
    for (uint32_t index = 0; index < program->query_count; index++) {
        struct text candidate = program_text(program, program->query[index].name);
        if (is_near(name, candidate))
            return say(words, "`%s` is no query of this workspace; did you mean `%.*s`?", shown, TEXT_ARGS(candidate));
    }
    return say(words, "`%s` is no query of this workspace; declare it, as in: query %s percent", shown, shown);
}

bool words_unknown_campaign(struct intake_words *words, const struct program *program, struct text name)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, name);
    for (uint32_t index = 0; index < program->campaign_count; index++) {
        struct text candidate = program_text(program, program->campaign[index].name);
        if (is_near(name, candidate)) {
            return say(words, "there is no campaign `%s`; did you mean `%.*s`?", shown, TEXT_ARGS(candidate));
        }
    }
    return say(words, "there is no campaign `%s` in this workspace; write its name exactly as in the source", shown);
}

bool words_not_on_command(struct intake_words *words, struct text campaign)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, campaign);
    return say(
        words,
        "the campaign `%s` does not start on command; let what it starts on happen, or write `start on command` in it",
        shown);
}

bool words_no_brand(struct intake_words *words, const struct program *program)
{
    char list[200];
    size_t used = 0;
    for (uint32_t index = 0; index < program->brand_count && index < 8 && used < sizeof list; index++) {
        struct text name = program_text(program, program->brand[index].name);
        const char *between = index == 0 ? "" : index + 1 == program->brand_count ? " or " : ", ";
        used += (size_t)snprintf(list + used, sizeof list - used, "%s\"%.*s\"", between, TEXT_ARGS(name));
    }
    return say(words, "the record names no `brand`, and the workspace has several; say which: \"brand\":%s", list);
}

bool words_brand(struct intake_words *words, const struct program *program, struct text brand)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, brand);
    if (program->brand_count == 0) {
        return say(words, "`brand` is `%s`, but the workspace declares no brands; add a line: brand %s", shown, shown);
    }
    char list[160];
    const char *names[8];
    char copies[8][LIMIT_NAME_BYTES + 1];
    uint32_t count = program->brand_count < 8 ? program->brand_count : 8;
    for (uint32_t index = 0; index < count; index++) {
        struct text name = program_text(program, program->brand[index].name);
        (void)snprintf(copies[index], sizeof copies[index], "%.*s", TEXT_ARGS(name));
        names[index] = copies[index];
    }
    words_choice(list, sizeof list, names, count);
    return say(words, "`brand` is `%s`; %s", shown, list);
}

bool words_codes(struct intake_words *words, const struct program *program, struct text name)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, name);
    for (uint32_t i = 0; i < program->pool_count; i++) {
        if (text_equal(program_text(program, program->pool[i].name), name))
            return say(words, "the codes `%s` are not uploaded; only those with a line `upload up to …` take some",
                       shown);
    }
    return say(words, "the program has no codes `%s`", shown);
}

bool words_code(struct intake_words *words, struct text code)
{
    char shown[EXCERPT + 8];
    (void)excerpt(shown, code);
    return say(words, "`code` is `%s`; a code has 1 to 64 letters, digits and signs of a plain keyboard", shown);
}

/* ---------------------------------------------------------------- what would have been right */

const char *words_number_form(const struct schema_column *column)
{
    return column->kind == TYPE_PERCENT ? "write a percentage such as \"12.5%\", or 0.125"
                                        : "write a number such as 2.5";
}

const char *words_quoted_form(const struct schema_column *column)
{
    switch (column->kind) {
    case TYPE_DATE: return "write a date such as \"2026-06-10\"";
    case TYPE_TIME: return "write a time of day such as \"21:30:00\"";
    case TYPE_DURATION: return "write a duration such as \"72 hours\" or \"1 hour 30 minutes\"";
    case TYPE_CALENDAR: return "write a duration such as \"3 days\" or \"1 month\"";
    case TYPE_CURRENCY: return "write a currency as three capitals, such as \"EUR\"";
    case TYPE_COUNTRY: return "write a country as two capitals, such as \"DE\"";
    case TYPE_ZONE: return "write a time zone of the tz database, such as \"Europe/Malta\"";
    case TYPE_ENUM:
    case TYPE_SET: return "write one of its words in quotes";
    default: return "write a text in quotes";
    }
}

/* A look at the value, to say what is amiss: a bare number, a comma, no currency, the currency first. */
const char *words_money_form(const unsigned char *start)
{
    if (*start != '"') return "money is a text with its currency, such as \"37.50 GBP\", never a number";
    bool digit = false, comma = false, letter = false, small = false;
    for (const unsigned char *at = start + 1; *at != '"' && *at >= 0x20; at++) {
        digit = digit || (*at >= '0' && *at <= '9');
        comma = comma || *at == ',';
        letter = letter || (*at >= 'A' && *at <= 'Z');
        small = small || (*at >= 'a' && *at <= 'z');
    }
    if (comma) return "write money with a point and without groups, as in \"1234.50 EUR\"";
    if (digit && !letter && !small && start[1] != 0xC2 && start[1] != 0xE2) {
        return "money needs a currency, as in \"37.50 GBP\"";
    }
    if (small) return "write the currency as three capitals, as in \"37.50 GBP\"";
    return "write money as a number, a space and three capitals, as in \"37.50 GBP\"";
}

const char *words_moment_form(const unsigned char *start)
{
    if (*start != '"') return "a moment is a text such as \"2026-06-10T21:30:00Z\", never a number";
    size_t size = 0;
    while (start[1 + size] != '"' && start[1 + size] >= 0x20) size++;
    bool zone = size > 0 && (start[size] == 'Z' || start[size] == 'z');
    if (size >= 16 && !zone && start[5] == '-' && start[8] == '-') {
        return "write a moment with seconds and its zone, such as \"2026-06-10T21:30:00Z\" or "
               "\"2026-06-10T23:30:00+02:00\"";
    }
    return "write a moment such as \"2026-06-10T21:30:00Z\"";
}

static void print_value(struct buffer *buffer, const struct program *program, const struct schema_column *column,
                        int64_t value)
{
    char text[CIVIL_INSTANT_SIZE];
    switch (column->kind) {
    case TYPE_MONEY: {
        /* Fields take any currency: the bound is in minor units of one with two decimals. */
        bool known = column->of < program->currency_count;
        decimal_print(buffer, value, known ? program->currency[column->of].decimals : 2,
                      DECIMAL_GROUPS | DECIMAL_SHORT);
        break;
    }
    case TYPE_DECIMAL: decimal_print(buffer, value, 6, DECIMAL_GROUPS | DECIMAL_TRIM); break;
    case TYPE_PERCENT: decimal_print_percent(buffer, value); break;
    case TYPE_MOMENT: buffer_append(buffer, text, civil_format_instant(text, value)); break;
    case TYPE_DATE: buffer_append(buffer, text, civil_format_date(text, value)); break;
    case TYPE_DURATION: decimal_print_duration(buffer, value); break;
    default: decimal_print(buffer, value, 0, DECIMAL_GROUPS); break;
    }
}

void words_range(char *out, size_t room, const struct program *program, const struct schema_column *column)
{
    struct buffer buffer;
    buffer_init(&buffer, room - 1);
    if (column->low == 0 && column->high == 0) {
        buffer_string(&buffer, "it does not fit");
    } else {
        buffer_string(&buffer, "it must lie between ");
        print_value(&buffer, program, column, column->low);
        buffer_string(&buffer, " and ");
        print_value(&buffer, program, column, column->high);
    }
    (void)snprintf(out, room, "%s", buffer_as_string(&buffer));
    buffer_deinit(&buffer);
}

void words_size(char *out, size_t room, uint32_t size, uint32_t largest)
{
    (void)snprintf(out, room, "it has %u bytes; at most %u are declared", size, largest);
}

void words_currency(char *out, size_t room, const struct program *program, const unsigned char *code)
{
    char list[128];
    size_t used = 0;
    list[0] = 0;
    uint32_t shown = 0;
    for (uint32_t index = 0; index < program->currency_count && used + 8 < sizeof list; index++) {
        struct text name = program_text(program, program->currency[index].code);
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s", index == 0 ? "" : ", ", TEXT_ARGS(name));
        shown++;
    }
    struct text text = {.at = (const char *)code, .size = 3};
    (void)snprintf(out, room, "%.3s is %s; declared are %s%s", (const char *)code,
                   decimal_currency_digits(text) == DECIMAL_CURRENCY_NONE ? "not a currency"
                                                                          : "not a currency of this workspace",
                   list, shown < program->currency_count ? " ..." : "");
}

void words_other_currency(char *out, size_t room, const struct program *program, uint32_t currency)
{
    struct text code =
        currency < program->currency_count ? program_text(program, program->currency[currency].code) : TEXT("");
    (void)snprintf(out, room, "this attribute is kept in %.*s", TEXT_ARGS(code));
}

void words_decimals(char *out, size_t room, const unsigned char *code, unsigned decimals)
{
    if (decimals == 0) {
        (void)snprintf(out, room, "%.3s has no decimals, and amounts have at most 18 digits", (const char *)code);
    } else {
        (void)snprintf(out, room, "%.3s has %u decimals, and amounts have at most 18 digits", (const char *)code,
                       decimals);
    }
}

void words_choice(char *out, size_t room, const char *const *choices, uint32_t count)
{
    size_t used = (size_t)snprintf(out, room, "write one of ");
    for (uint32_t index = 0; index < count && used < room; index++) {
        if (choices[index] == NULL) continue;
        used += (size_t)snprintf(out + used, room - used, "%s%s", index == 0 ? "" : ", ", choices[index]);
    }
}

void words_did_you_mean(char *out, size_t room, const char *what, struct text near)
{
    (void)snprintf(out, room, "%s; did you mean `%.*s`?", what, TEXT_ARGS(near));
}

void words_enumeration(char *out, size_t room, const struct program *program, uint32_t enumeration, struct text word)
{
    const struct bundle_enumeration *list = &program->enumeration[enumeration];
    for (uint32_t index = 0; index < list->wording_count; index++) {
        struct text candidate = program_text(program, program->wording[list->wording_first + index].name);
        if (is_near(word, candidate)) {
            words_did_you_mean(out, room, "that is not one of its words", candidate);
            return;
        }
    }
    size_t used = (size_t)snprintf(out, room, "write one of ");
    uint32_t index = 0;
    for (; index < list->wording_count && used + LIMIT_NAME_BYTES + 8 < room; index++) {
        struct text candidate = program_text(program, program->wording[list->wording_first + index].name);
        used += (size_t)snprintf(out + used, room - used, "%s%.*s", index == 0 ? "" : ", ", TEXT_ARGS(candidate));
    }
    if (index < list->wording_count && used < room) (void)snprintf(out + used, room - used, " ...");
}
