/*
 * not_yet: the table of what has a syntax and no meaning yet. A row goes when its meaning comes.
 */
#include "compiler/not_yet.h"

/* ---- the table ---- */

static bool is_declaration(enum declaration_kind kind)
{
    switch (kind) {
    default: return false;
    }
}

static bool is_statement(enum statement_kind kind)
{
    switch (kind) {
    default: return false;
    }
}

static bool is_line(const struct line *line)
{
    switch (line->kind) {
    case LINE_MEASURE: return true;
    case LINE_GOAL: return ast_is_present(&line->as.goal.name);
    default: return false;
    }
}

/* ---- the walk ---- */

static void refuse(struct diagnostic_list *diagnostics, struct span span, const char *word, const char *what)
{
    DIAGNOSE(diagnostics, DIAGNOSTIC_LATER_VERSION, span, text_of(word), text_of(what));
}

static void judge_block(struct block *block, struct diagnostic_list *diagnostics);

static void judge_choices(struct choice_list *choices, struct diagnostic_list *diagnostics)
{
    for (struct choice *at = choices->first; at != NULL; at = at->next) judge_block(&at->body, diagnostics);
}

static void judge_statement(struct statement *statement, struct diagnostic_list *diagnostics)
{
    if (statement->otherwise != NULL) judge_statement(statement->otherwise, diagnostics);
    switch (statement->kind) {
    case STATEMENT_IF:
        for (struct branch *at = statement->as.branch.branches.first; at != NULL; at = at->next) {
            judge_block(&at->body, diagnostics);
        }
        judge_block(&statement->as.branch.otherwise, diagnostics);
        return;
    case STATEMENT_WAIT_UP_TO: judge_choices(&statement->as.wait_up_to.cases, diagnostics); return;
    case STATEMENT_ASK: judge_choices(&statement->as.ask.cases, diagnostics); return;
    case STATEMENT_CHOOSE: judge_choices(&statement->as.choose.cases, diagnostics); return;
    case STATEMENT_SPLIT: judge_choices(&statement->as.split.arms, diagnostics); return;
    case STATEMENT_REPEAT: judge_block(&statement->as.repeat.body, diagnostics); return;
    default: break;
    }
    if (!is_statement(statement->kind)) return;
    refuse(diagnostics, statement->span, ast_statement_word(statement->kind), "the line was left out");
    statement->kind = STATEMENT_BROKEN;
}

static void judge_block(struct block *block, struct diagnostic_list *diagnostics)
{
    for (struct statement *at = block->first; at != NULL; at = at->next) judge_statement(at, diagnostics);
}

static void judge_lines(struct line_list *lines, struct diagnostic_list *diagnostics)
{
    for (struct line *at = lines->first; at != NULL; at = at->next) {
        if (is_line(at)) {
            refuse(diagnostics, at->span, ast_line_word(at->kind), "the line was left out");
            at->kind = LINE_BROKEN;
            continue;
        }
        switch (at->kind) {
        case LINE_STEP: judge_block(&at->as.step.body, diagnostics); break;
        case LINE_OFFER:
        case LINE_TERMS:
        case LINE_PRIZES:
        case LINE_BOARD: judge_lines(&at->as.declaration->lines, diagnostics); break;
        case LINE_REPEAT_LINES: judge_lines(&at->as.repeat.lines, diagnostics); break;
        case LINE_LEVEL: judge_block(&at->as.level.body, diagnostics); break;
        case LINE_PROGRESS: judge_choices(&at->as.cases, diagnostics); break;
        case LINE_LEAVE_ON:
        case LINE_LEAVE_WHEN:
            if (at->as.leave.then != NULL) judge_statement(at->as.leave.then, diagnostics);
            break;
        default: break;
        }
    }
}

void not_yet_judge(struct ast_file *const *files, uint32_t count, struct diagnostic_list *diagnostics)
{
    for (uint32_t i = 0; i < count; i++) {
        for (struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            if (is_declaration(at->kind)) {
                refuse(diagnostics, at->span, ast_declaration_word(at->kind), "its block up to `end` was left out");
                at->is_broken = true;
            } else {
                judge_lines(&at->lines, diagnostics);
            }
        }
    }
}
