/*
 * diagnostic: keeps messages and finds near names. What they look like is compiler/diagnostic_render.c.
 *
 * The list is short by design (20 errors a file), so finding a duplicate is a walk over it.
 */
#include "compiler/diagnostic.h"

#include <stdio.h>

/* More than are shown, because the first in the file are not always the first to be found. */
enum { KEPT_PER_FILE_MAX = 200 };

struct row {
    int number;
    enum severity severity;
    const char *name;
    const char *message;
    const char *help;
};

static const struct row rows[] = {
#define DIAGNOSTIC(number, severity, name, message, help) {number, SEVERITY_##severity, #name, message, help},
#include "spec/diagnostics.def"
#undef DIAGNOSTIC
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static const struct row *row_of(enum diagnostic_code code)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].number == (int)code) return &rows[i];
    }
    INVARIANT(false);
    return NULL;
}

enum severity diagnostic_severity(enum diagnostic_code code)
{
    return row_of(code)->severity;
}

const char *diagnostic_name(enum diagnostic_code code)
{
    return row_of(code)->name;
}

const char *diagnostic_message(enum diagnostic_code code)
{
    return row_of(code)->message;
}

const char *diagnostic_help(enum diagnostic_code code)
{
    return row_of(code)->help;
}

void diagnostic_label(char out[8], enum diagnostic_code code)
{
    (void)snprintf(out, 8, "%c%04u", diagnostic_severity(code) == SEVERITY_ERROR ? 'E' : 'W', (unsigned)code % 10000U);
}

/* ---- the list ---- */

void diagnostics_init(struct diagnostic_list *list, struct arena *arena, const struct source_set *sources)
{
    *list = (struct diagnostic_list){.arena = arena, .sources = sources};
}

static uint32_t line_of(const struct diagnostic_list *list, struct span span)
{
    const struct source *source = source_set_get(list->sources, span.file);
    return source == NULL ? 0 : source_position_of(source, span.start).line;
}

bool diagnostics_has_error_on_line(const struct diagnostic_list *list, struct span span)
{
    const uint32_t line = line_of(list, span);
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        if (at->span.file == span.file && diagnostic_severity(at->code) == SEVERITY_ERROR &&
            line_of(list, at->span) == line) {
            return true;
        }
    }
    return false;
}

/* How a message may stand beside others of its line. */
enum company {
    COMPANY_NONE,    /* alone: it may be the consequence of another, or the cause */
    COMPANY_STYLE,   /* of one token, which was mended; the line goes on as if nothing had been */
    COMPANY_MENDED,  /* of one place of a line that parses with the cure */
    COMPANY_MEANING, /* of one name or value; what is wrong with it is said of nothing else */
};

static enum company company_of(enum diagnostic_code code)
{
    switch (code) {
    case DIAGNOSTIC_QUOTE_STYLE:
    case DIAGNOSTIC_MONEY_STYLE:
    case DIAGNOSTIC_DATE_STYLE:
    case DIAGNOSTIC_MOMENT_STYLE:
    case DIAGNOSTIC_NUMBER_GROUPS:
    case DIAGNOSTIC_NUMBER_WITH_LETTERS:
    case DIAGNOSTIC_SYMBOL_FOR_WORD:
    case DIAGNOSTIC_GLUED_SIGN: return COMPANY_STYLE;
    case DIAGNOSTIC_MISSPELT:
    case DIAGNOSTIC_MISSING_WORD:
    case DIAGNOSTIC_EXTRA_WORD:
    case DIAGNOSTIC_FOREIGN_WORD:
    case DIAGNOSTIC_WRONG_WORD:
    case DIAGNOSTIC_NAME_NEEDS_QUOTES:
    case DIAGNOSTIC_WORD_WITH_QUOTES: return COMPANY_MENDED;
    case DIAGNOSTIC_UNKNOWN_EVENT:
    case DIAGNOSTIC_UNKNOWN_FIELD:
    case DIAGNOSTIC_UNKNOWN_ATTRIBUTE:
    case DIAGNOSTIC_UNKNOWN_ACTION:
    case DIAGNOSTIC_UNKNOWN_MESSAGE:
    case DIAGNOSTIC_UNKNOWN_SEGMENT:
    case DIAGNOSTIC_UNKNOWN_OFFER:
    case DIAGNOSTIC_UNKNOWN_STEP:
    case DIAGNOSTIC_UNKNOWN_CHANNEL:
    case DIAGNOSTIC_UNKNOWN_PRODUCT:
    case DIAGNOSTIC_UNKNOWN_TAG:
    case DIAGNOSTIC_UNKNOWN_COUNTRY:
    case DIAGNOSTIC_UNKNOWN_WORD:
    case DIAGNOSTIC_TYPE_MISMATCH:
    case DIAGNOSTIC_OPTIONAL_UNCHECKED:
    case DIAGNOSTIC_BARE_NUMBER:
    case DIAGNOSTIC_NUMBER_FOR_PERCENT:
    case DIAGNOSTIC_QUOTED_WORD:
    case DIAGNOSTIC_WORD_FOR_TEXT: return COMPANY_MEANING;
    default: return COMPANY_NONE;
    }
}

static bool may_stand_beside(enum diagnostic_code one, enum diagnostic_code other)
{
    const enum company left = company_of(one);
    const enum company right = company_of(other);
    if (left == COMPANY_NONE || right == COMPANY_NONE) return false;
    if (left == COMPANY_STYLE || right == COMPANY_STYLE) return left != COMPANY_MEANING && right != COMPANY_MEANING;
    return left == COMPANY_MEANING && right == COMPANY_MEANING;
}

static bool overlap(struct span one, struct span other)
{
    return one.start < other.end && other.start < one.end;
}

/* Whether a message says nothing new: its line has an error that may be the same mistake, or it stands there already. */
static bool is_repeated(const struct diagnostic_list *list, enum diagnostic_code code, struct span span)
{
    const uint32_t line = line_of(list, span);
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        if (at->span.file != span.file || line_of(list, at->span) != line) continue;
        if (at->code == code && at->span.start == span.start) return true;
        if (diagnostic_severity(at->code) != SEVERITY_ERROR) continue;
        if (overlap(at->span, span) || !may_stand_beside(at->code, code)) return true;
    }
    return false;
}

bool diagnostics_may_add_to_line(const struct diagnostic_list *list, struct span span)
{
    const uint32_t line = line_of(list, span);
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        const bool is_there = at->span.file == span.file && diagnostic_severity(at->code) == SEVERITY_ERROR &&
                              line_of(list, at->span) == line;
        if (is_there && company_of(at->code) != COMPANY_STYLE) return false;
    }
    return true;
}

static uint32_t errors_in_file(const struct diagnostic_list *list, uint32_t file)
{
    uint32_t count = 0;
    for (const struct diagnostic *at = list->first; at != NULL; at = at->next) {
        count += at->span.file == file && diagnostic_severity(at->code) == SEVERITY_ERROR;
    }
    return count;
}

/* Copies a text; an empty text is one without memory, so that only a real failure counts as one. */
static struct text keep_text(struct diagnostic_list *list, struct text text)
{
    if (text.size == 0) return (struct text){"", 0};
    const struct text copy = arena_copy_text(list->arena, text);
    if (copy.at == NULL) {
        list->out_of_memory = true;
        return (struct text){"", 0};
    }
    return copy;
}

struct diagnostic *diagnostics_add(struct diagnostic_list *list, enum diagnostic_code code, struct span span,
                                   const struct text *arguments, uint32_t count)
{
    INVARIANT(count <= DIAGNOSTIC_ARGUMENTS_MAX);
    if (list == NULL) return NULL;
    const bool is_error = diagnostic_severity(code) == SEVERITY_ERROR;
    if (is_error && errors_in_file(list, span.file) >= KEPT_PER_FILE_MAX) {
        list->dropped_count++;
        return NULL;
    }
    if (is_repeated(list, code, span)) return NULL;
    struct diagnostic *diagnostic = ARENA_NEW(list->arena, struct diagnostic);
    if (diagnostic == NULL) {
        list->out_of_memory = true;
        if (is_error) list->error_count++;
        return NULL;
    }
    diagnostic->code = code;
    diagnostic->span = span;
    for (uint32_t i = 0; i < count; i++) diagnostic->arguments[i] = keep_text(list, arguments[i]);
    diagnostic->argument_count = count;
    diagnostic->order = list->count++;
    if (list->first == NULL) {
        list->first = diagnostic;
    } else {
        list->last->next = diagnostic;
    }
    list->last = diagnostic;
    if (is_error) {
        list->error_count++;
    } else {
        list->warning_count++;
    }
    return diagnostic;
}

void diagnostic_add_note(struct diagnostic_list *list, struct diagnostic *diagnostic, struct span span,
                         struct text text)
{
    if (diagnostic == NULL) return;
    struct diagnostic_note *note = ARENA_NEW(list->arena, struct diagnostic_note);
    if (note == NULL) {
        list->out_of_memory = true;
        return;
    }
    note->span = span;
    note->text = keep_text(list, text);
    struct diagnostic_note **link = &diagnostic->notes;
    while (*link != NULL) link = &(*link)->next;
    *link = note;
}

void diagnostic_set_help(struct diagnostic_list *list, struct diagnostic *diagnostic, struct text help)
{
    if (diagnostic == NULL) return;
    diagnostic->help = keep_text(list, help);
}

/* ---- did you mean ---- */

static bool shares_prefix(struct text one, struct text other)
{
    const struct text shorter = one.size < other.size ? one : other;
    const struct text longer = one.size < other.size ? other : one;
    return shorter.size >= 3 && text_starts_with(longer, shorter);
}

/* `withdrawl` and `withdrawal_requested`: at least six letters and three quarters of the name are the same. */
static bool begins_alike(struct text name, struct text candidate)
{
    uint32_t same = 0;
    while (same < name.size && same < candidate.size && name.at[same] == candidate.at[same]) same++;
    return same >= 6 && same * 4 >= name.size * 3;
}

struct text diagnostic_did_you_mean(struct text name, const struct text *candidates, uint32_t count)
{
    struct text best = {NULL, 0};
    /* Of four letters two would be half the word: `name` is no `age`. */
    const uint32_t limit = name.size <= 4 ? 1 : 2;
    uint32_t best_distance = limit + 1;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t distance = text_distance(name, candidates[i], limit);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    if (best.size > 0) return best;
    for (uint32_t i = 0; i < count; i++) {
        if (shares_prefix(name, candidates[i])) return candidates[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (begins_alike(name, candidates[i])) return candidates[i];
    }
    return (struct text){NULL, 0};
}
