/* Stacking orders and terms of gift cards. Contract: check_stacking.h. */
#include "compiler/check_stacking.h"

#include "compiler/check_money.h"

/* What is laid down at a checkout: the engine knows these two by their names. */
static bool is_laid_down(struct text action)
{
    return text_equal(action, TEXT("coupon")) || text_equal(action, TEXT("gift_card"));
}

/* The kind that the line names; PROGRAM_NONE after a report. */
static uint32_t need_kind(struct names *names, const struct name *kind)
{
    const struct action_info *action = names_action(names, kind->text);
    if (action != NULL && action->class == CLASS_REWARD && is_laid_down(action->name)) return action->index;
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->action_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; list != NULL && i < names->action_count; i++) {
        if (is_laid_down(names->actions[i].name)) list[count++] = names->actions[i].name;
    }
    names_unknown(names, action == NULL ? DIAGNOSTIC_UNKNOWN_REWARD : DIAGNOSTIC_STACKING_KIND, kind, list, count);
    return PROGRAM_NONE;
}

static bool is_twice(const struct declaration *stacking, const struct line *line)
{
    for (const struct line *other = stacking->lines.first; other != line; other = other->next) {
        if (other->kind == LINE_STACK && text_equal(other->as.stack.kind.text, line->as.stack.kind.text)) return true;
    }
    return false;
}

static void emit_line(struct names *names, const struct declaration *stacking, const struct line *line,
                      struct bundle_stacking *record)
{
    uint32_t kind = need_kind(names, &line->as.stack.kind);
    if (line->as.stack.count < 1 || line->as.stack.count > 16) {
        REPORT(names, DIAGNOSTIC_STACKING_COUNT, line->span, line->as.stack.kind.text);
    } else if (is_twice(stacking, line)) {
        REPORT(names, DIAGNOSTIC_STACKING_TWICE, line->span, line->as.stack.kind.text);
    } else if (line->as.stack.is_first != (record->stack_count == 0)) {
        REPORT(names, DIAGNOSTIC_STACKING_ORDER, line->span, record->stack_count == 0 ? TEXT("first") : TEXT("then"));
    }
    struct bundle_stack stack = {.action = kind == PROGRAM_NONE ? 0 : kind, .most = (uint32_t)line->as.stack.count};
    builder_add_stack(names->builder, &stack);
    record->stack_count++;
}

void stacking_emit(struct names *names)
{
    for (uint32_t i = 0; i < names->stacking_count; i++) {
        const struct declaration *stacking = names->stackings[i].declaration;
        schema_judge_repeats(names, stacking);
        struct bundle_stacking record = {.name = builder_text(names->builder, stacking->name.text),
                                         .stack_first = builder_count(names->builder, SECTION_STACK),
                                         .line = names_line(names, stacking->span)};
        for (const struct line *line = stacking->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_STACK) emit_line(names, stacking, line, &record);
        }
        if (record.stack_count == 0 && !stacking->is_broken)
            REPORT(names, DIAGNOSTIC_STACKING_EMPTY, stacking->span, stacking->name.text);
        if (record.stack_count > 16) REPORT(names, DIAGNOSTIC_STACKING_COUNT, stacking->span, stacking->name.text);
        builder_add_stacking(names->builder, &record);
    }
}

void stacking_card_terms(struct campaign *campaign, const struct declaration *offer, const struct action_info *action,
                         struct bundle_offer *record)
{
    const struct line *use = campaign_terms_line(campaign, offer, LINE_USE_CARD);
    const struct line *refund = campaign_terms_line(campaign, offer, LINE_REFUND);
    const bool card = text_equal(action->name, TEXT("gift_card"));
    if (use != NULL && !card) REPORT(campaign->names, DIAGNOSTIC_TERM_OF_CARDS, use->span, TEXT("use"), action->name);
    if (refund != NULL && !card)
        REPORT(campaign->names, DIAGNOSTIC_TERM_OF_CARDS, refund->span, TEXT("refund"), action->name);
    static const enum line_kind played[] = {LINE_COUNTS, LINE_FUNDS, LINE_GAME_IDS, LINE_STAKE,
                                            LINE_WIN,    LINE_CLAIM, LINE_QUEUE,    LINE_WAGERING};
    for (size_t i = 0; i < sizeof played / sizeof *played && is_laid_down(action->name); i++) {
        const struct line *line = campaign_terms_line(campaign, offer, played[i]);
        if (line == NULL || (line->kind == LINE_WAGERING && line->as.wagering.none)) continue;
        REPORT(campaign->names, DIAGNOSTIC_TERM_OF_BONUSES, line->span, text_of(ast_line_word(line->kind)),
               action->name);
    }
    record->at_once = use != NULL && !use->as.chosen;
    record->refund_nothing = refund != NULL && !refund->as.chosen;
}
