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

struct text type_help(struct arena *arena, struct type type, const struct value *value)
{
    if (type.kind == TYPE_BOOL) return help_yes_no(value);
    if (value->kind == VALUE_TEXT && type.kind != TYPE_TEXT && is_value_text(value->name.text)) {
        return arena_print(arena, "write `%.*s`, without quotes", TEXT_ARGS(value->name.text));
    }
    if (type.kind == TYPE_MOMENT && value->kind == VALUE_DURATION) {
        return TEXT("write `is within last 30 days`, or `is not within last 30 days` for longer ago");
    }
    if (type.kind == TYPE_TEXT && (value->kind == VALUE_WORD || value->kind == VALUE_NUMBER)) {
        return TEXT("a text stands between double quotes");
    }
    return TEXT("");
}
