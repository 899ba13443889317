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
    case DECLARATION_QUERY:
    case DECLARATION_RULES: return true;
    default: return false;
    }
}

static bool is_pending_line(const struct line *line)
{
    switch (line->kind) {
    case LINE_LIABILITY: return true;
    case LINE_ENTER:
        return line->as.enter.keys.count > 0 || line->as.enter.missing_keys != MISSING_KEYS_UNSAID ||
               line->as.enter.at_once != 0 || ast_is_present(&line->as.enter.restarting_as);
    case LINE_GIVEN_PLAYERS: return line->as.given_players.is_test;
    case LINE_AT:
        return line->as.at.kind == AT_APPROVAL || line->as.at.kind == AT_ANSWER || line->as.at.kind == AT_COMMAND;
    default: return false;
    }
}

static bool is_pending_statement(const struct statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_ASK:
    case STATEMENT_TELL: return true;
    default: return false;
    }
}

static void report(const struct pending *pending, struct span span, const char *words)
{
    DIAGNOSE(pending->diagnostics, DIAGNOSTIC_LATER_VERSION, span, text_of(words), TEXT("the line was left out"));
}

static void judge_block(const struct pending *pending, const struct block *block);

static void judge_choices(const struct pending *pending, const struct choice_list *cases)
{
    for (const struct choice *at = cases->first; at != NULL; at = at->next) judge_block(pending, &at->body);
}

static void judge_statement(const struct pending *pending, const struct statement *statement)
{
    if (is_pending_statement(statement)) report(pending, statement->span, ast_statement_word(statement->kind));
    switch (statement->kind) {
    case STATEMENT_WAIT_UP_TO: judge_choices(pending, &statement->as.wait_up_to.cases); break;
    case STATEMENT_ASK: judge_choices(pending, &statement->as.ask.cases); break;
    case STATEMENT_CHOOSE: judge_choices(pending, &statement->as.choose.cases); break;
    case STATEMENT_SPLIT: judge_choices(pending, &statement->as.split.arms); break;
    case STATEMENT_REPEAT: judge_block(pending, &statement->as.repeat.body); break;
    case STATEMENT_IF:
        for (const struct branch *at = statement->as.branch.branches.first; at != NULL; at = at->next)
            judge_block(pending, &at->body);
        judge_block(pending, &statement->as.branch.otherwise);
        break;
    default: break;
    }
    if (statement->otherwise != NULL) judge_statement(pending, statement->otherwise);
}

static void judge_block(const struct pending *pending, const struct block *block)
{
    for (const struct statement *at = block->first; at != NULL; at = at->next) judge_statement(pending, at);
}

static void judge_lines(const struct pending *pending, const struct line_list *lines)
{
    for (const struct line *line = lines->first; line != NULL; line = line->next) {
        if (is_pending_line(line)) report(pending, line->span, ast_line_word(line->kind));
        const bool is_nested = line->kind == LINE_OFFER || line->kind == LINE_TERMS;
        if (is_nested) judge_lines(pending, &line->as.declaration->lines);
        if (line->kind == LINE_STEP) judge_block(pending, &line->as.step.body);
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
