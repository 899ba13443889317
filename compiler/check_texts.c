/*
 * check_texts: finds what looks like a hole of another tool.
 *
 * A hole here is `{player.name}`. What stands between `{{` and `}}`, `[[` and `]]`, or two percent
 * signs is plain text to the language; where it is nothing but a name the author hardly meant that.
 */
#include "compiler/check_texts.h"

static const struct {
    struct text open, close;
} marks[] = {
    {TEXT_INIT("{{"), TEXT_INIT("}}")},
    {TEXT_INIT("[["), TEXT_INIT("]]")},
    {TEXT_INIT("%"), TEXT_INIT("%")},
};

static bool starts_at(struct text text, uint32_t at, struct text part)
{
    return at <= text.size && text_starts_with(text_slice(text, at, text.size - at), part);
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '.';
}

/* Where a name that begins at `at` ends, blanks around it included; its first byte is a letter. 0: no name. */
static uint32_t name_end(struct text text, uint32_t at, struct text *name)
{
    while (at < text.size && text.at[at] == ' ') at++;
    const uint32_t start = at;
    while (at < text.size && is_name_byte(text.at[at])) at++;
    *name = text_slice(text, start, at - start);
    while (at < text.size && text.at[at] == ' ') at++;
    const bool is_name = name->size > 1 && name->at[0] > '9' && name->at[name->size - 1] != '.';
    return is_name ? at : 0;
}

/* The name as a hole has it: an attribute's alone belongs to the player. */
static struct text hole_of(struct names *names, struct text name)
{
    const bool is_qualified = text_find(name, '.', 0) < name.size;
    const bool is_attribute = !is_qualified && names_attribute(names, name) != NULL;
    return arena_print(names->arena, "{%s%.*s}", is_attribute ? "player." : "", TEXT_ARGS(name));
}

void texts_judge(struct names *names, const struct line *content)
{
    const struct text body = content->as.content.text.text;
    const struct span place = content->as.content.text.span;
    for (uint32_t at = 0; at < body.size; at++) {
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            struct text name;
            if (!starts_at(body, at, marks[i].open)) continue;
            const uint32_t end = name_end(body, at + marks[i].open.size, &name);
            if (end == 0 || !starts_at(body, end, marks[i].close)) continue;
            const uint32_t size = end + marks[i].close.size - at;
            const struct span span = {place.file, place.start + 1 + at, place.start + 1 + at + size};
            REPORT(names, DIAGNOSTIC_HOLE_OF_OTHERS, span, text_slice(body, at, size), hole_of(names, name));
            at += size - 1;
            break;
        }
    }
}
