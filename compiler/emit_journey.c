/*
 * Each node of a campaign as instructions, in the order of flow.h.
 *
 * A node's code begins where its label is bound and ends by falling into the next node or by a jump. Nothing lives in a
 * register from one node to the next, so a node can be reached from anywhere; what lasts is in journey variables, and
 * which of them are known stands in node->known, as the verifier will find it too.
 * Next: emit_effects.c (messages, actions, credits), emit_wait.c (waits), check_journey.c (what is prepared before).
 */
#include "compiler/emit_journey.h"
#include "compiler/shown.h"

#include "compiler/check_codes.h"
#include "compiler/check_missions.h"
#include "compiler/check_points.h"
#include "compiler/check_play.h"

void emit_pass_facts(const struct facts *facts, struct node *to)
{
    if (to == NULL) return;
    if (!to->facts_set) {
        to->facts = *facts;
        to->facts_set = true;
    } else {
        facts_meet(&to->facts, facts);
    }
}

void emit_go_on(struct campaign *campaign, struct emitter *emitter, const struct node *node, struct node *to)
{
    const struct flow *flow = &campaign->flow;
    if (node->order + 1 < flow->order_count && flow->order[node->order + 1] == to) return;
    emit_jump(emitter, &to->label);
}

uint32_t emit_state(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                    struct bundle_state state)
{
    uint64_t all = campaign->variable_count >= 64 ? UINT64_MAX : (UINT64_C(1) << campaign->variable_count) - 1;
    uint64_t known = node->known | (node->kind == NODE_CREDIT ? shown_by_credit(campaign, node) : 0);
    state.known = (int64_t)(known & all);
    state.step = campaign->step_first + node->step;
    state.timeout = state.granted = state.declined = PROGRAM_NONE;
    state.line = names_line(campaign->names, node->span);
    state.case_first = builder_count(emitter->builder, SECTION_CASE);
    builder_add_state(emitter->builder, &state);
    return campaign->state_count++;
}

static void emit_split(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct split_info *split = campaign_split(campaign, node->statement->name.text);
    if (split == NULL) return;
    uint32_t arm = emit_register(emitter);
    emit(emitter, OP_SPLIT, arm, 0, 0, split->index);
    for (uint32_t i = 0; i < node->next_count; i++) {
        emit_pass_facts(&emitter->facts, node->next[i]);
        if (i + 1 == node->next_count) {
            emit_go_on(campaign, emitter, node, node->next[i]);
            continue;
        }
        emit_skip(emitter, OP_IF_NE_CONST, arm, 0, &node->next[i]->label, i);
    }
}

static void emit_remember(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    struct variable *variable = campaign_remembered(campaign, node->statement->name.text);
    if (variable == NULL || node->statement->as.remember.value == NULL) return;
    uint32_t slot = (uint32_t)(variable - campaign->variables);
    struct reading reading =
        journey_read_remembered(emitter, node->statement, variable->typed ? &variable->type : NULL);
    if (!reading_is_broken(&reading) && variable->typed) {
        if (!names_same_type(reading.type, variable->type) || reading.type.kind == TYPE_SET) {
            REPORT(names, DIAGNOSTIC_REMEMBER_TYPES, node->span, variable->name,
                   names_type_words(names, variable->type), names_type_words(names, reading.type));
        } else {
            emit(emitter, reading.type.kind == TYPE_TEXT ? OP_STORE_TEXT : OP_STORE, slot, reading.slot, 0, 0);
        }
    }
    emit_pass_facts(&emitter->facts, node->next[0]);
    emit_go_on(campaign, emitter, node, node->next[0]);
}

/* One case of `choose` as an interval of the subject's raw numbers; false where it is not a constant. */
static bool case_interval(struct emitter *emitter, const struct condition *condition, const struct reading *subject,
                          const struct value *value, struct range *out)
{
    struct reading first;
    struct reading second;
    if (!value_is_literal(value) || !value_constant(emitter, value, subject->type, TEXT("this"), &first)) return false;
    struct range low = {-(int128)INT64_MAX, (int128)first.number};
    struct range high = {(int128)first.number, (int128)INT64_MAX};
    switch (condition->comparison) {
    case COMPARISON_IS:
    case COMPARISON_ONE_OF: *out = range_point(first.number); return true;
    case COMPARISON_AT_LEAST: *out = high; return true;
    case COMPARISON_MORE_THAN: *out = (struct range){high.low + 1, high.high}; return true;
    case COMPARISON_AT_MOST: *out = low; return true;
    case COMPARISON_LESS_THAN: *out = (struct range){low.low, low.high - 1}; return true;
    case COMPARISON_BETWEEN:
        if (value->next == NULL || !value_constant(emitter, value->next, subject->type, TEXT("this"), &second) ||
            second.number < first.number)
            return false;
        *out = range_of(first.number, second.number);
        return true;
    default: return false;
    }
}

/* Warns of a `choose` without `otherwise` whose cases leave values open. */
static void warn_open_choice(struct campaign *campaign, const struct emitter *emitter, const struct node *node)
{
    struct names *names = campaign->names;
    struct emitter dry = *emitter;
    struct range intervals[64];
    uint32_t count = 0;
    dry.dry = true;
    names->muted++;
    struct reading subject = value_read(&dry, node->subject, NULL);
    bool judged =
        !reading_is_broken(&subject) && subject.type.kind != TYPE_TEXT && subject.num == 1 && subject.den == 1;
    bool open_negation = false;
    bool wrong = false;
    for (const struct choice *choice = node->statement->as.choose.cases.first; choice != NULL && judged;
         choice = choice->next) {
        if (choice->kind != CHOICE_VALUE || choice->condition == NULL) continue;
        open_negation = open_negation || choice->condition->negated;
        for (const struct value *value = choice->condition->values.first; value != NULL && count < 64;
             value = value->next) {
            if (choice->condition->negated) break;
            if (!case_interval(&dry, choice->condition, &subject, value, &intervals[count])) {
                wrong = true; /* a mistake that is reported where it stands, or a value that only the run knows */
                break;
            }
            count++;
            if (choice->condition->comparison == COMPARISON_BETWEEN) break;
        }
    }
    names->muted--;
    if (reading_is_broken(&subject) || open_negation || wrong || count == 64) return;
    if ((uint32_t)subject.type.kind == TYPE_ARM) {
        /* An arm whose players never come here need not be named. */
        struct flow *flow = &campaign->flow;
        for (uint32_t i = 0; i < flow->order_count; i++) {
            const struct node *split = flow->order[i];
            if (split->kind != NODE_SPLIT ||
                campaign_split(campaign, split->statement->name.text) != &campaign->splits[subject.type.of])
                continue;
            for (uint32_t arm = 0; arm < split->next_count && count < 64; arm++) {
                if (split->next[arm] != node && !flow_reaches(flow, split->next[arm], node, true))
                    intervals[count++] = range_point(arm);
            }
        }
    }
    int128 next = judged ? subject.range.low : 0;
    for (bool moved = judged; moved;) {
        moved = false;
        for (uint32_t i = 0; i < count; i++) {
            if (intervals[i].low > next || intervals[i].high < next) continue;
            next = intervals[i].high + 1;
            moved = true;
        }
    }
    if (judged && next > subject.range.high) return;
    struct text which = TEXT("");
    if (subject.type.kind == TYPE_ENUM)
        which = arena_print(names->arena, "for instance `%.*s`, ",
                            TEXT_ARGS(names->enumerations[subject.type.of].words[next]));
    if ((uint32_t)subject.type.kind == TYPE_ARM)
        which = arena_print(names->arena, "for instance \"%.*s\", ",
                            TEXT_ARGS(campaign->splits[subject.type.of].arms[next]));
    REPORT(names, DIAGNOSTIC_CHOOSE_OPEN, node->span, names_words(names, node->subject->span), which);
}

static void emit_known(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct value *subject = node->subject;
    if (subject != NULL &&
        (subject->kind == VALUE_TEXT || subject->kind == VALUE_NUMBER || subject->kind == VALUE_PERCENT ||
         subject->kind == VALUE_MONEY || subject->kind == VALUE_YES_NO || subject->kind == VALUE_DATE ||
         subject->kind == VALUE_CLOCK || subject->kind == VALUE_DURATION)) {
        struct text words = names_words(names, subject->span);
        bool is_split = subject->kind == VALUE_TEXT && campaign_split(campaign, subject->name.text) != NULL;
        REPORT(names, DIAGNOSTIC_CHOOSE_CONSTANT, subject->span, words,
               is_split ? arena_print(names->arena, "write `choose by arm of %.*s`", TEXT_ARGS(words))
                        : TEXT("name a value that differs, such as `choose by player.level`"));
        campaign->flow.failed = true;
        return;
    }
    if (subject != NULL && (subject->kind == VALUE_PATH || subject->kind == VALUE_WORD)) {
        names->muted++;
        struct reading reading = value_slot(emitter, subject);
        names->muted--;
        if (!reading_is_broken(&reading) && reading.optional) {
            if (node->next_count < 2) {
                REPORT(names, DIAGNOSTIC_CHOOSE_NEEDS_OTHERWISE, node->span, names_words(names, subject->span));
                facts_add(&emitter->facts, reading.bank, reading.slot);
            } else {
                struct facts before = emitter->facts;
                struct text words =
                    arena_print(names->arena, "%.*s is known", TEXT_ARGS(names_words(names, subject->span)));
                emit_skip(emitter, emit_known_opcode(reading.bank), reading.slot,
                          emit_site(emitter, subject->span, words, &reading), &node->next[1]->label, 0);
                emit_pass_facts(&before, node->next[1]);
                facts_add(&emitter->facts, reading.bank, reading.slot);
            }
        }
    }
    if (node->next_count < 2 && subject != NULL) warn_open_choice(campaign, emitter, node);
    emit_pass_facts(&emitter->facts, node->next[0]);
    emit_go_on(campaign, emitter, node, node->next[0]);
}

static void emit_captures(struct campaign *campaign, struct emitter *emitter, const struct node *node)
{
    const struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < flow->read_count; i++) {
        const struct read *read = &flow->reads[i];
        if (read->event != node->event || (node->live_after >> i & 1) == 0) continue;
        if (read->optional && (node->proven >> i & 1) != 0) {
            /* The filter has checked it; the code says so again, for the verifier proves each entry by itself. */
            emit_skip(emitter, OP_IF_KNOWN_EVENT, read->slot, 0, &campaign->impossible, 0);
            facts_add(&emitter->facts, BANK_EVENT, read->slot);
        }
        if (!read->captured) continue;
        emit(emitter, OP_CAPTURE, read->variable, read->slot, 0, 0);
    }
    shown_capture(campaign, emitter, node);
}

static void emit_node(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    node->pc = emit_pc(emitter);
    emit_bind(emitter, &node->label);
    emitter->node = node;
    emitter->use = NULL;
    emitter->event = node->bank;
    emitter->known = node->known;
    static const struct facts nothing;
    emitter->facts = node->is_entry || !node->facts_set ? nothing : node->facts;
    emitter->next_register = 0;
    emitter->sight = SIGHT_JOURNEY;
    switch (node->kind) {
    case NODE_STEP: emit(emitter, OP_STEP, node->step, 0, 0, 0); break;
    case NODE_EVENT: emit_captures(campaign, emitter, node); break;
    case NODE_PLAIN: break;
    case NODE_TAG: {
        uint32_t tag = names_need_tag(names, &node->statement->name);
        struct bundle_effect record = {.object = tag, .channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
        uint32_t effect = tag == PROGRAM_NONE ? 0 : emit_effect(campaign, emitter, node, record, NULL, 0);
        emit(emitter, node->statement->kind == STATEMENT_TAG ? OP_TAG : OP_UNTAG, effect, 0, 0, 0);
        break;
    }
    case NODE_ORDER: {
        uint32_t offer = play_ordered(campaign, node->statement);
        enum opcode op = node->statement->kind == STATEMENT_CANCEL   ? OP_CANCEL_OFFER
                         : node->statement->kind == STATEMENT_FREEZE ? OP_FREEZE_OFFER
                                                                     : OP_UNFREEZE_OFFER;
        if (offer != PROGRAM_NONE) emit(emitter, op, 0, 0, 0, offer);
        break;
    }
    case NODE_AWARD: {
        uint32_t badge = badges_need(names, &node->statement->name);
        struct bundle_effect record = {.object = badge, .channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
        uint32_t effect = badge == PROGRAM_NONE ? 0 : emit_effect(campaign, emitter, node, record, NULL, 0);
        emit(emitter, OP_AWARD, effect, 0, 0, 0);
        break;
    }
    case NODE_SEND:
        emitter->use = node->statement;
        emit_send(campaign, emitter, node);
        emit_pass_facts(&emitter->facts, node->next[0]);
        emit_pass_facts(&emitter->facts, node->next[1]);
        return;
    case NODE_DO:
        emit_do(campaign, emitter, node);
        emit_pass_facts(&emitter->facts, node->next[0]);
        emit_pass_facts(&emitter->facts, node->next[1]);
        return;
    case NODE_CREDIT:
        emitter->use = node->statement;
        emit_credit(campaign, emitter, node);
        emit_warn_after_credit(campaign, node);
        emit_warn_amounts(campaign, node);
        return;
    case NODE_CODE: emit_code(campaign, emitter, node); return;
    case NODE_REMEMBER: emit_remember(campaign, emitter, node); return;
    case NODE_COUNT: {
        uint32_t counter = campaign_counter(campaign, node->statement);
        int64_t most = node->statement->kind == STATEMENT_REPEAT ? node->statement->as.repeat.at_most
                                                                 : node->statement->as.go_to.at_most;
        bool leaves =
            node->statement->kind == STATEMENT_GO_TO && most == 0; /* a `leave on … go to` moves a journey once */
        if (leaves) most = 1;
        struct text words =
            leaves ? TEXT("once in a journey") : arena_print(names->arena, "at most %lld times", (long long)most);
        uint32_t site = emit_site(emitter, node->span, words, NULL);
        emit_skip(emitter, OP_COUNT, counter, site, &node->next[1]->label, most);
        emit_pass_facts(&emitter->facts, node->next[0]);
        emit_pass_facts(&emitter->facts, node->next[1]);
        emit_go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    case NODE_IF:
    case NODE_CASE: {
        struct facts before = emitter->facts;
        if (node->kind == NODE_IF) {
            if (node->condition != NULL) condition_emit(emitter, node->condition, &node->next[1]->label);
        } else if (node->condition != NULL && node->subject != NULL) {
            condition_case(emitter, node->condition, node->span, node->subject, &node->next[1]->label);
        }
        emit_pass_facts(&before, node->next[1]);
        emit_pass_facts(&emitter->facts, node->next[0]);
        emit_go_on(campaign, emitter, node, node->next[0]);
        return;
    }
    case NODE_KNOWN: emit_known(campaign, emitter, node); return;
    case NODE_SPLIT: emit_split(campaign, emitter, node); return;
    case NODE_WAIT: emit_wait(campaign, emitter, node); return;
    case NODE_ASK: emit_ask(campaign, emitter, node); return;
    case NODE_ANSWER: emit_answer(campaign, emitter, node); break;
    case NODE_TELL: emit_tell(campaign, emitter, node); return;
    case NODE_SPEND: emit_spend(campaign, emitter, node); return;
    case NODE_FINISH:
        names_judge_length(names, &node->statement->name);
        emit(emitter, OP_FINISH, 0, 0, 0, builder_text(emitter->builder, node->statement->name.text));
        return;
    case NODE_END:
    case NODE_BROKEN: emit(emitter, OP_FINISH, 0, 0, 0, builder_text(emitter->builder, TEXT(""))); return;
    }
    if (node->next_count > 0) {
        emit_pass_facts(&emitter->facts, node->next[0]);
        emit_go_on(campaign, emitter, node, node->next[0]);
    }
}

void journey_emit(struct campaign *campaign, struct emitter *emitter)
{
    struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        struct bundle_effect reserved = {.kind = ACT_TAG};
        builder_add_effect(emitter->builder, &reserved);
    }
    for (uint32_t i = 0; i < flow->order_count; i++) emit_node(campaign, emitter, flow->order[i]);
    if (campaign->impossible.used) {
        emit_bind(emitter, &campaign->impossible);
        emit(emitter, OP_FINISH, 0, 0, 0, builder_text(emitter->builder, TEXT("TRAP")));
    }
    for (const struct patch *patch = campaign->patches; patch != NULL; patch = patch->next) {
        char *record = builder_at(emitter->builder, patch->section, patch->index);
        const uint32_t pc = emit_entry(emitter, patch->node->pc);
        if (record != NULL) memcpy(record + patch->offset, &pc, sizeof pc);
    }
}
