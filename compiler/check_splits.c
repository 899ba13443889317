/*
 * Splits of a campaign: which there are, their arms and shares. Contract: check_splits.h.
 *
 * What an arm does is flow.c, like all statements.
 */
#include "compiler/check_splits.h"

#include "vm/decimal.h"

static bool is_holdout(struct text name)
{
    return text_equal(name, TEXT("holdout")) || text_equal(name, TEXT("control")) ||
           text_equal(name, TEXT("Holdout")) || text_equal(name, TEXT("Control"));
}

static void add_split(struct campaign *campaign, const struct statement *statement)
{
    struct names *names = campaign->names;
    const struct split_info *before = campaign_split(campaign, statement->name.text);
    if (before != NULL) {
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, statement->name.span, TEXT("the split"), statement->name.text);
        diagnostic_add_note(names->diagnostics, diagnostic, before->statement->span, TEXT("the first one is here"));
        return;
    }
    names_judge_length(names, &statement->name);
    names_note_split(names, &statement->name);
    struct split_info *split = &campaign->splits[campaign->split_count];
    *split =
        (struct split_info){.statement = statement, .name = statement->name.text, .index = campaign->split_count++};
    split->arms = ARENA_ARRAY(names->arena, struct text, statement->as.split.arms.count + 1);
    if (split->arms == NULL) return;
    int64_t sum = 0;
    for (const struct choice *arm = statement->as.split.arms.first; arm != NULL; arm = arm->next) {
        if (names_index(split->arms, split->arm_count, arm->name.text) != PROGRAM_NONE)
            REPORT(names, DIAGNOSTIC_DECLARED_TWICE, arm->name.span, TEXT("the arm"), arm->name.text);
        names_judge_length(names, &arm->name);
        split->arms[split->arm_count++] = arm->name.text;
        sum += arm->share;
        if (arm->share <= 0) REPORT(names, DIAGNOSTIC_ARM_EMPTY, arm->span, arm->name.text);
        const struct statement *credit =
            is_holdout(arm->name.text) ? campaign_credit(campaign, &arm->body, 0, NULL) : NULL;
        if (credit != NULL) REPORT(names, DIAGNOSTIC_REWARD_IN_HOLDOUT, credit->span, arm->name.text, split->name);
        const struct statement *send =
            is_holdout(arm->name.text) ? campaign_find(campaign, &arm->body, STATEMENT_SEND, 0, NULL) : NULL;
        if (send != NULL) REPORT(names, DIAGNOSTIC_MESSAGE_IN_HOLDOUT, send->span, arm->name.text, split->name);
    }
    if (sum != DECIMAL_ONE && !campaign->declaration->is_broken) {
        struct buffer words;
        buffer_init(&words, 0);
        decimal_print_percent(&words, sum);
        REPORT(names, DIAGNOSTIC_SPLIT_SUM, statement->span, buffer_as_text(&words));
        buffer_deinit(&words);
    } else if (sum == DECIMAL_ONE && (split->arm_count < 2 || split->arm_count > LIMIT_SPLIT_ARMS)) {
        REPORT(names, DIAGNOSTIC_SPLIT_ARMS, statement->span, names_number(names, split->arm_count));
    }
}

void splits_find(struct campaign *campaign, const struct block *block, uint32_t *count, bool add)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next) {
        for (const struct statement *one = statement; one != NULL; one = one->otherwise) {
            switch (one->kind) {
            case STATEMENT_SPLIT:
                (*count)++;
                if (add) add_split(campaign, one);
                for (const struct choice *arm = one->as.split.arms.first; arm != NULL; arm = arm->next)
                    splits_find(campaign, &arm->body, count, add);
                break;
            case STATEMENT_IF:
                for (const struct branch *branch = one->as.branch.branches.first; branch != NULL; branch = branch->next)
                    splits_find(campaign, &branch->body, count, add);
                if (one->as.branch.has_otherwise) splits_find(campaign, &one->as.branch.otherwise, count, add);
                break;
            case STATEMENT_CHOOSE:
                for (const struct choice *choice = one->as.choose.cases.first; choice != NULL; choice = choice->next)
                    splits_find(campaign, &choice->body, count, add);
                break;
            case STATEMENT_WAIT_UP_TO:
            case STATEMENT_ASK:
                for (const struct choice *choice = campaign_cases(one)->first; choice != NULL; choice = choice->next)
                    splits_find(campaign, &choice->body, count, add);
                break;
            case STATEMENT_REPEAT: splits_find(campaign, &one->as.repeat.body, count, add); break;
            default: break;
            }
        }
    }
}

void splits_emit(struct campaign *campaign)
{
    struct builder *builder = campaign->names->builder;
    for (uint32_t i = 0; i < campaign->split_count; i++) {
        const struct split_info *split = &campaign->splits[i];
        struct bundle_split record = {.name = builder_text(builder, split->name),
                                      .arm_first = builder_count(builder, SECTION_ARM),
                                      .arm_count = split->arm_count,
                                      .line = names_line(campaign->names, split->statement->span)};
        uint32_t upto = 0;
        for (const struct choice *arm = split->statement->as.split.arms.first; arm != NULL; arm = arm->next) {
            upto += (uint32_t)arm->share;
            builder_add_arm(builder, &(struct bundle_arm){.name = builder_text(builder, arm->name.text), .upto = upto});
        }
        builder_add_split(builder, &record);
    }
}
