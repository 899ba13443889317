/*
 * check_habits: an `if` over segments that leaves somebody out.
 *
 * Segments that divide all players (`VIPs`, `Regulars`, …) are asked for one after the other; whoever is in none of
 * them gets nothing, and nobody is told so. An `otherwise`, were it only `go on`, says that this is meant.
 */
#include "compiler/check_habits.h"

static void judge_block(struct names *names, const struct block *block);

static void judge_choices(struct names *names, const struct choice_list *cases)
{
    for (const struct choice *at = cases->first; at != NULL; at = at->next) judge_block(names, &at->body);
}

/* Whether every branch asks for one segment and nothing else. */
static bool is_partition(const struct branch_list *branches)
{
    if (branches->count < 2) return false;
    for (const struct branch *at = branches->first; at != NULL; at = at->next) {
        const struct condition *condition = at->condition;
        if (condition->kind != CONDITION_COMPARE || condition->comparison != COMPARISON_IN_SEGMENT) return false;
        if (condition->negated) return false;
    }
    return true;
}

static void judge_statement(struct names *names, const struct statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_IF:
        if (!statement->as.branch.has_otherwise && is_partition(&statement->as.branch.branches))
            names_report(names, DIAGNOSTIC_PARTITION_OPEN, statement->span, NULL, 0);
        for (const struct branch *at = statement->as.branch.branches.first; at != NULL; at = at->next)
            judge_block(names, &at->body);
        judge_block(names, &statement->as.branch.otherwise);
        break;
    case STATEMENT_WAIT_UP_TO: judge_choices(names, &statement->as.wait_up_to.cases); break;
    case STATEMENT_ASK: judge_choices(names, &statement->as.ask.cases); break;
    case STATEMENT_CHOOSE: judge_choices(names, &statement->as.choose.cases); break;
    case STATEMENT_SPLIT: judge_choices(names, &statement->as.split.arms); break;
    case STATEMENT_REPEAT: judge_block(names, &statement->as.repeat.body); break;
    default: break;
    }
}

static void judge_block(struct names *names, const struct block *block)
{
    for (const struct statement *at = block->first; at != NULL; at = at->next) judge_statement(names, at);
}

void habits_judge(struct names *names, const struct declaration *campaign)
{
    for (const struct line *line = campaign->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_STEP) judge_block(names, &line->as.step.body);
    }
}
