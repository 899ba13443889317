/*
 * check_pending: reports what parses and is not checked yet, once for each line.
 *
 * A kind that a stage begins to read is taken out of its function here, and nothing else changes.
 */
#include "compiler/check_pending.h"

struct pending {
    struct diagnostic_list *diagnostics;
};

static bool is_pending_declaration(enum declaration_kind kind)
{
    switch (kind) {
    default: return false;
    }
}

static bool is_pending_line(const struct line *line)
{
    switch (line->kind) {
    case LINE_AT: return line->as.at.kind == AT_COMMAND && line->as.at.command == COMMAND_START;
    default: return false;
    }
}

static void report(const struct pending *pending, struct span span, const char *words)
{
    DIAGNOSE(pending->diagnostics, DIAGNOSTIC_LATER_VERSION, span, text_of(words), TEXT("the line was left out"));
}

static void judge_lines(const struct pending *pending, const struct line_list *lines)
{
    for (const struct line *line = lines->first; line != NULL; line = line->next) {
        if (is_pending_line(line)) report(pending, line->span, ast_line_word(line->kind));
        const bool is_nested = line->kind == LINE_OFFER || line->kind == LINE_TERMS;
        if (is_nested) judge_lines(pending, &line->as.declaration->lines);
    }
}

void pending_judge(struct diagnostic_list *diagnostics, struct ast_file *const *files, uint32_t count)
{
    const struct pending pending = {diagnostics};
    for (uint32_t i = 0; i < count; i++) {
        for (const struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            if (is_pending_declaration(at->kind)) report(&pending, at->span, ast_declaration_word(at->kind));
            judge_lines(&pending, &at->lines);
        }
    }
}
