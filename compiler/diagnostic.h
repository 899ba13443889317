/*
 * diagnostic: what the compiler tells the author of a campaign.
 *
 * Every message is a row of spec/diagnostics.def: a number that is never reused, a severity, a
 * message and a help line with holes {0} {1} … The list collects them in any order; rendering
 * sorts them by position and shows the first 20 errors of a file. One mistake, one message: a second
 * error on a line that already has one is dropped.
 *
 * It decides nothing about the language. Next: spec/diagnostics.def.
 */
#ifndef PROMO_COMPILER_DIAGNOSTIC_H
#define PROMO_COMPILER_DIAGNOSTIC_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/source.h"
#include "vm/arena.h"
#include "vm/buffer.h"
#include "vm/text.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

enum diagnostic_code {
#define DIAGNOSTIC(number, severity, name, message, help) DIAGNOSTIC_##name = number,
#include "spec/diagnostics.def"
#undef DIAGNOSTIC
};

enum {
    DIAGNOSTIC_ARGUMENTS_MAX = 6,
};

/* A second place that belongs to the message, with its own words. */
struct diagnostic_note {
    struct span span;
    struct text text;
    struct diagnostic_note *next;
};

struct diagnostic {
    enum diagnostic_code code;
    struct span span;
    struct text arguments[DIAGNOSTIC_ARGUMENTS_MAX];
    uint32_t argument_count;
    struct text help;              /* replaces the row's help line where it is not empty */
    struct diagnostic_note *notes; /* in the order they were added */
    uint32_t order;                /* how many were added before it: breaks ties */
    struct diagnostic *next;
};

struct diagnostic_list {
    struct arena *arena; /* messages and copies of their arguments live here */
    const struct source_set *sources;
    struct diagnostic *first;
    struct diagnostic *last;
    uint32_t count;
    uint32_t error_count;
    uint32_t warning_count;
    uint32_t dropped_count; /* errors past what is kept of a file, 200 */
    bool out_of_memory;     /* a message could not be kept: the compilation failed */
};

/* An empty list; `sources` must hold every file that a span of it names. */
void diagnostics_init(struct diagnostic_list *list, struct arena *arena, const struct source_set *sources);

/*
 * Adds a message; `arguments` fill the holes {0} {1} … and are copied. Returns the message, so
 * that notes or a better help line can be added, or NULL where it was dropped (a duplicate on its
 * line, past the limit, no memory): all functions below accept that NULL and do nothing. A NULL
 * list takes no messages.
 */
struct diagnostic *diagnostics_add(struct diagnostic_list *list, enum diagnostic_code code, struct span span,
                                   const struct text *arguments, uint32_t count);

/* DIAGNOSE(list, DIAGNOSTIC_X, span, TEXT("a"), name) is diagnostics_add with its arguments counted. */
#define DIAGNOSE(list, code, span, ...)                                         \
    diagnostics_add((list), (code), (span), (const struct text[]){__VA_ARGS__}, \
                    (uint32_t)(sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text)))

/* Adds a second place with its words (copied): "first declared here". */
void diagnostic_add_note(struct diagnostic_list *list, struct diagnostic *diagnostic, struct span span,
                         struct text text);

/* Replaces the help line of this one message (copied). */
void diagnostic_set_help(struct diagnostic_list *list, struct diagnostic *diagnostic, struct text help);

/* Whether the line on which the span begins already has an error. */
bool diagnostics_has_error_on_line(const struct diagnostic_list *list, struct span span);

/* Whether all errors on the line of the span are of single tokens that were mended, so that another mistake may show. */
bool diagnostics_may_add_to_line(const struct diagnostic_list *list, struct span span);

/* Severity of a code, its name in capitals, and the code as people see it: `E0101`. */
enum severity diagnostic_severity(enum diagnostic_code code);
const char *diagnostic_name(enum diagnostic_code code);
void diagnostic_label(char out[8], enum diagnostic_code code);

/* The row's message and help line with their holes unfilled; the help may be empty. */
const char *diagnostic_message(enum diagnostic_code code);
const char *diagnostic_help(enum diagnostic_code code);

enum diagnostic_style {
    DIAGNOSTIC_TEXT,        /* one block a message: place, code, source line, carets, help */
    DIAGNOSTIC_TEXT_COLOUR, /* the same with terminal colours */
    DIAGNOSTIC_JSON,        /* one object: {"diagnostics":[…],"errors":n,"warnings":n} */
    DIAGNOSTIC_SARIF,       /* SARIF 2.1.0 */
};

/* Sorts the list by file, position and order of arrival, and appends it to `out` in a style. */
void diagnostics_render(struct diagnostic_list *list, enum diagnostic_style style, struct buffer *out);

/*
 * "Did you mean": the candidate nearest to `name` (at most two typing slips, or one of the two
 * begins with the other), ties to the earlier one; an empty text where none is near.
 */
struct text diagnostic_did_you_mean(struct text name, const struct text *candidates, uint32_t count);

#endif
