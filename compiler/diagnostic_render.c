/*
 * diagnostic_render: messages as text for people, JSON for programs, SARIF for code hosts.
 *
 * The text form of one message:
 *
 *   welcome.promo:12:5: error[E0122]: the language has no word `crdit` at this place
 *     12 |     crdit "welcome"
 *        |     ^^^^^
 *        = help: did you mean `credit`?
 *
 * Tabs of the source line are shown as single spaces so that the carets stand under their text.
 */
#include "compiler/diagnostic.h"
#include "vm/limits.h"
#include "vm/memory.h"

/* ---- holes ---- */

/* Fills {0} {1} … of a row's text. */
static void fill(struct buffer *out, const char *text, const struct diagnostic *diagnostic)
{
    for (const char *at = text; *at != '\0'; at++) {
        const bool is_hole = at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '}';
        if (!is_hole) {
            buffer_append(out, at, 1);
            continue;
        }
        const uint32_t index = (uint32_t)(at[1] - '0');
        if (index < diagnostic->argument_count) buffer_text(out, diagnostic->arguments[index]);
        at += 2;
    }
}

static void message_of(struct buffer *out, const struct diagnostic *diagnostic)
{
    fill(out, diagnostic_message(diagnostic->code), diagnostic);
}

static void help_of(struct buffer *out, const struct diagnostic *diagnostic)
{
    if (diagnostic->help.size > 0) {
        buffer_text(out, diagnostic->help);
    } else {
        fill(out, diagnostic_help(diagnostic->code), diagnostic);
    }
}

/* ---- order ---- */

static bool comes_before(const struct diagnostic *one, const struct diagnostic *other)
{
    if (one->span.file != other->span.file) return one->span.file < other->span.file;
    if (one->span.start != other->span.start) return one->span.start < other->span.start;
    return one->order < other->order;
}

static void sort(struct diagnostic_list *list)
{
    struct diagnostic *sorted = NULL;
    struct diagnostic *next;
    for (struct diagnostic *at = list->first; at != NULL; at = next) {
        next = at->next;
        struct diagnostic **link = &sorted;
        while (*link != NULL && comes_before(*link, at)) link = &(*link)->next;
        at->next = *link;
        *link = at;
    }
    list->first = sorted;
    list->last = sorted;
    while (list->last != NULL && list->last->next != NULL) list->last = list->last->next;
}

/* ---- the first errors of each file ---- */

struct shown {
    uint32_t file;
    uint32_t errors; /* of this file, so far */
    uint32_t hidden; /* of all files */
};

/* Whether the next message in order is shown; counts those that are not. */
static bool is_shown(struct shown *shown, const struct diagnostic *diagnostic)
{
    if (diagnostic->span.file != shown->file) {
        shown->file = diagnostic->span.file;
        shown->errors = 0;
    }
    if (diagnostic_severity(diagnostic->code) == SEVERITY_ERROR) {
        if (shown->errors >= LIMIT_DIAGNOSTICS_PER_FILE) {
            shown->hidden++;
            return false;
        }
        shown->errors++;
    }
    return true;
}

/* ---- text ---- */

struct palette {
    const char *error, *warning, *bold, *place, *help, *reset;
};

static const struct palette colours = {"\033[1;31m", "\033[1;33m", "\033[1m", "\033[36m", "\033[32m", "\033[0m"};
static const struct palette plain = {"", "", "", "", "", ""};

static uint32_t characters_in(struct text text)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < text.size; i++) count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return count;
}

/* The source line with every control character as one space. */
static void show_line(struct buffer *out, struct text line)
{
    for (uint32_t i = 0; i < line.size; i++) {
        const char byte = (unsigned char)line.at[i] < 0x20 || line.at[i] == 0x7F ? ' ' : line.at[i];
        buffer_append(out, &byte, 1);
    }
}

/* Lines longer than this are shown in part. */
enum { LINE_SHOWN_MAX = 160, LINE_SHOWN_BEFORE = 40 };

/* The end of the character that the byte offset lies in, within the text. */
static uint32_t character_end(struct text text, uint32_t at)
{
    while (at < text.size && ((unsigned char)text.at[at] & 0xC0) == 0x80) at++;
    return at;
}

/* Source line and carets; `mark` is '^' or, for second places, '-'. */
static void render_place(struct buffer *out, const struct source *source, struct span span, char mark,
                         struct text words, const struct palette *palette)
{
    const struct source_position start = source_position_of(source, span.start);
    const struct text line = source_line(source, start.line);
    const uint32_t line_start = source->line_starts[start.line - 1];
    const uint32_t first = span.start - line_start < line.size ? span.start - line_start : line.size;
    uint32_t end = span.end - line_start < line.size ? span.end - line_start : line.size;
    uint32_t from = 0;
    uint32_t to = line.size;
    if (line.size > LINE_SHOWN_MAX) {
        from = first > LINE_SHOWN_BEFORE ? character_end(line, first - LINE_SHOWN_BEFORE) : 0;
        to = from + LINE_SHOWN_MAX < line.size ? character_end(line, from + LINE_SHOWN_MAX) : line.size;
    }
    if (end < first) end = first;
    if (end > to) end = to;
    uint32_t width = characters_in(text_slice(line, first, end - first));
    if (width == 0) width = 1;
    const char *before = from > 0 ? "…" : "";
    buffer_print(out, "%s%5u |%s %s", palette->place, start.line, palette->reset, before);
    show_line(out, text_slice(line, from, to - from));
    buffer_print(out, "%s\n%s      |%s ", to < line.size ? "…" : "", palette->place, palette->reset);
    buffer_fill(out, ' ', characters_in(text_slice(line, from, first - from)) + (from > 0 ? 1 : 0));
    buffer_string(out, mark == '^' ? palette->error : palette->place);
    buffer_fill(out, (unsigned char)mark, width);
    if (words.size > 0) {
        buffer_string(out, " ");
        buffer_text(out, words);
    }
    buffer_print(out, "%s\n", palette->reset);
}

static void render_text(struct diagnostic_list *list, const struct palette *palette, struct buffer *out)
{
    struct shown shown = {0, 0, list->dropped_count};
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        const struct source *source = source_set_get(list->sources, at->span.file);
        if (source == NULL || !is_shown(&shown, at)) continue;
        const struct source_position position = source_position_of(source, at->span.start);
        const bool is_error = diagnostic_severity(at->code) == SEVERITY_ERROR;
        char label[8];
        diagnostic_label(label, at->code);
        buffer_print(out, "%s%.*s:%u:%u:%s %s%s[%s]%s%s: ", palette->bold, TEXT_ARGS(source->name), position.line,
                     position.column, palette->reset, is_error ? palette->error : palette->warning,
                     is_error ? "error" : "warning", label, palette->reset, palette->bold);
        message_of(out, at);
        buffer_print(out, "%s\n", palette->reset);
        render_place(out, source, at->span, '^', (struct text){NULL, 0}, palette);
        for (const struct diagnostic_note *note = at->notes; note != NULL; note = note->next) {
            const struct source *other = source_set_get(list->sources, note->span.file);
            if (other == NULL) continue;
            if (other != source) {
                const struct source_position place = source_position_of(other, note->span.start);
                buffer_print(out, "%s      ::: %.*s:%u:%u%s\n", palette->place, TEXT_ARGS(other->name), place.line,
                             place.column, palette->reset);
            }
            render_place(out, other, note->span, '-', note->text, palette);
        }
        if (at->help.size > 0 || diagnostic_help(at->code)[0] != '\0') {
            buffer_print(out, "%s      =%s %shelp:%s ", palette->place, palette->reset, palette->help, palette->reset);
            help_of(out, at);
            buffer_string(out, "\n");
        }
    }
    if (shown.hidden > 0) {
        buffer_print(out, "%u more %s not shown, for at most %d of a file are: mend these first\n", shown.hidden,
                     shown.hidden == 1 ? "error is" : "errors are", LIMIT_DIAGNOSTICS_PER_FILE);
    }
}

/* ---- JSON and SARIF ---- */

typedef void (*writer)(struct buffer *out, const struct diagnostic *diagnostic);

static void json_words(struct buffer *out, writer write, const struct diagnostic *diagnostic)
{
    struct buffer words = BUFFER_EMPTY;
    write(&words, diagnostic);
    buffer_json_text(out, buffer_as_text(&words));
    buffer_deinit(&words);
}

static void render_json(struct diagnostic_list *list, struct buffer *out)
{
    buffer_string(out, "{\"diagnostics\":[");
    const char *separator = "";
    struct shown shown = {0, 0, list->dropped_count};
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        const struct source *source = source_set_get(list->sources, at->span.file);
        if (source == NULL || !is_shown(&shown, at)) continue;
        const struct source_position start = source_position_of(source, at->span.start);
        const struct source_position end = source_position_of(source, at->span.end);
        char label[8];
        diagnostic_label(label, at->code);
        buffer_print(out, "%s{\"code\":\"%s\",\"severity\":\"%s\",\"path\":", separator, label,
                     diagnostic_severity(at->code) == SEVERITY_ERROR ? "error" : "warning");
        buffer_json_text(out, source->name);
        buffer_print(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u,\"message\":", start.line,
                     start.column, end.line, end.column);
        json_words(out, message_of, at);
        buffer_string(out, ",\"help\":");
        json_words(out, help_of, at);
        buffer_string(out, ",\"notes\":[");
        const char *comma = "";
        for (const struct diagnostic_note *note = at->notes; note != NULL; note = note->next) {
            const struct source *other = source_set_get(list->sources, note->span.file);
            if (other == NULL) continue;
            const struct source_position place = source_position_of(other, note->span.start);
            buffer_print(out, "%s{\"path\":", comma);
            buffer_json_text(out, other->name);
            buffer_print(out, ",\"line\":%u,\"column\":%u,\"message\":", place.line, place.column);
            buffer_json_text(out, note->text);
            buffer_string(out, "}");
            comma = ",";
        }
        buffer_string(out, "]}");
        separator = ",";
    }
    buffer_print(out, "],\"errors\":%u,\"warnings\":%u,\"not_shown\":%u}\n", list->error_count, list->warning_count,
                 shown.hidden);
}

static void sarif_location(struct buffer *out, const struct source *source, struct span span)
{
    const struct source_position start = source_position_of(source, span.start);
    const struct source_position end = source_position_of(source, span.end);
    buffer_string(out, "{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
    buffer_json_text(out, source->name);
    buffer_print(out, "},\"region\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,\"endColumn\":%u}}", start.line,
                 start.column, end.line, end.column);
}

static void message_and_help(struct buffer *out, const struct diagnostic *diagnostic)
{
    message_of(out, diagnostic);
    if (diagnostic->help.size == 0 && diagnostic_help(diagnostic->code)[0] == '\0') return;
    buffer_string(out, "; ");
    help_of(out, diagnostic);
}

static void render_sarif(struct diagnostic_list *list, struct buffer *out)
{
    buffer_string(out,
                  "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
                  "\"tool\":{\"driver\":{\"name\":\"promo\",\"rules\":[]}},\"columnKind\":\"unicodeCodePoints\","
                  "\"results\":[");
    const char *separator = "";
    struct shown shown = {0, 0, list->dropped_count};
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        const struct source *source = source_set_get(list->sources, at->span.file);
        if (source == NULL || !is_shown(&shown, at)) continue;
        char label[8];
        diagnostic_label(label, at->code);
        buffer_print(out, "%s{\"ruleId\":\"%s\",\"level\":\"%s\",\"message\":{\"text\":", separator, label,
                     diagnostic_severity(at->code) == SEVERITY_ERROR ? "error" : "warning");
        json_words(out, message_and_help, at);
        buffer_string(out, "},\"locations\":[");
        sarif_location(out, source, at->span);
        buffer_string(out, "}]");
        if (at->notes != NULL) {
            buffer_string(out, ",\"relatedLocations\":[");
            const char *comma = "";
            for (const struct diagnostic_note *note = at->notes; note != NULL; note = note->next) {
                const struct source *other = source_set_get(list->sources, note->span.file);
                if (other == NULL) continue;
                buffer_string(out, comma);
                sarif_location(out, other, note->span);
                buffer_string(out, ",\"message\":{\"text\":");
                buffer_json_text(out, note->text);
                buffer_string(out, "}}");
                comma = ",";
            }
            buffer_string(out, "]");
        }
        buffer_string(out, "}");
        separator = ",";
    }
    buffer_string(out, "]}]}\n");
}

void diagnostics_render(struct diagnostic_list *list, enum diagnostic_style style, struct buffer *out)
{
    const uint64_t lost = memory_lost();
    sort(list);
    switch (style) {
    case DIAGNOSTIC_TEXT: render_text(list, &plain, out); break;
    case DIAGNOSTIC_TEXT_COLOUR: render_text(list, &colours, out); break;
    case DIAGNOSTIC_JSON: render_json(list, out); break;
    case DIAGNOSTIC_SARIF: render_sarif(list, out); break;
    }
    if (memory_lost() != lost) out->failed = true;
}
