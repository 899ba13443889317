/*
 * type_help: the cure for the common mismatches. Next: compiler/check_value.c.
 */
#include "compiler/type_help.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* A word in any case, from a list that ends in NULL. */
static bool is_word_of(struct text word, const char *const *words)
{
    for (uint32_t i = 0; words[i] != NULL; i++) {
        const struct text candidate = text_of(words[i]);
        if (word.size == candidate.size && text_distance(word, candidate, 0) == 0) return true;
    }
    return false;
}

static struct text help_yes_no(const struct value *value)
{
    static const char *const yes_words[] = {"yes", "true", "y", "on", "1", NULL};
    static const char *const no_words[] = {"no", "false", "n", "off", "0", NULL};
    if (value->kind == VALUE_NUMBER) {
        if (value->amount == 0) return TEXT("write `no`");
        return value->amount == 1000000 ? TEXT("write `yes`") : TEXT("write `yes` or `no`");
    }
    if (value->kind != VALUE_WORD && value->kind != VALUE_TEXT) return TEXT("write `yes` or `no`");
    if (is_word_of(value->name.text, yes_words)) return TEXT("write `yes`");
    if (is_word_of(value->name.text, no_words)) return TEXT("write `no`");
    return TEXT("write `yes` or `no`");
}

/* Whether a text between quotes looks like a value that stands without them. */
static bool is_value_text(struct text text)
{
    bool has_digit = false;
    for (uint32_t i = 0; i < text.size; i++) {
        const unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20 || byte >= 0x7F || byte == '"') return false;
        has_digit = has_digit || is_digit(text.at[i]);
    }
    return has_digit && is_digit(text.at[0]);
}

/* How a value of the type is written; an empty text where the type alone does not tell. */
static const char *how_written(struct type type)
{
    switch (type.kind) {
    case TYPE_WHOLE: return "write a whole number, such as `3`";
    case TYPE_DECIMAL: return "write a number, such as `1.5`";
    case TYPE_PERCENT: return "write a percentage, such as `50%`";
    case TYPE_MONEY: return "write an amount with its currency, such as `20 EUR`";
    case TYPE_DATE: return "write a date, such as `2026-06-10`";
    case TYPE_MOMENT: return "write a date and a time, such as `2026-06-10 12:00`, or `within last 30 days`";
    case TYPE_TIME: return "write a time of day, such as `18:00`";
    case TYPE_DURATION: return "write an exact duration, such as `24 hours`";
    case TYPE_CALENDAR: return "write a duration, such as `2 months`";
    case TYPE_COUNTRY: return "write a country code, such as `DE`";
    case TYPE_CURRENCY: return "write a currency, such as `EUR`";
    case TYPE_ENUM: return "write one of its words, without quotes";
    case TYPE_SET:
        return type.of == PROGRAM_NONE ? "write a tag, such as `loyal`" : "write one of its words, without quotes";
    case TYPE_ZONE: return "write a time zone, such as \"Europe/Malta\"";
    case TYPE_TEXT: return "a text stands between double quotes";
    default: return "";
    }
}

/* Whether the value was written out, so that it can be written otherwise. */
static bool is_written_out(enum value_kind kind)
{
    return kind <= VALUE_WORD && kind != VALUE_PRICE_LIST && kind != VALUE_NONE;
}

struct text type_help(struct arena *arena, struct type type, const struct value *value)
{
    if (type.kind == TYPE_BOOL) return help_yes_no(value);
    if (value->kind == VALUE_TEXT && type.kind != TYPE_TEXT && is_value_text(value->name.text)) {
        return arena_print(arena, "write `%.*s`, without quotes", TEXT_ARGS(value->name.text));
    }
    if (type.kind == TYPE_MOMENT && value->kind == VALUE_DURATION) {
        return TEXT("write `is within last 30 days`, or `is not within last 30 days` for longer ago");
    }
    return is_written_out(value->kind) ? text_of(how_written(type)) : TEXT("");
}
