/*
 * The lines `expect …` of an in-language test: how often an effect, of which values, or a condition over players, budgets and campaigns.
 * Contract: resolver.h. The judging itself is runtime/lab/test_judge.c.
 */
#include "compiler/check_codes.h"
#include "compiler/check_missions.h"
#include "compiler/check_points.h"
#include "compiler/check_property.h"
#include "compiler/resolver.h"

/* The type of a value that an effect carries, by name. */
static bool effect_value_type(struct resolver *resolver, const struct line *line, const struct name *name,
                              struct text full, struct type *out)
{
    const struct program *program = resolver->program;
    struct names *names = resolver->names;
    struct type money = {TYPE_MONEY, resolver->currency, 0};
    struct text list[32];
    uint32_t count = 0;
    if (line->as.expect.effect == EFFECT_CREDIT) {
        list[count++] = TEXT("cost");
        list[count++] = TEXT("target");
        if (text_equal(name->text, TEXT("cost")) || text_equal(name->text, TEXT("target"))) {
            *out = money;
            return true;
        }
    }
    const struct event_info *told =
        line->as.expect.effect == EFFECT_EVENT ? names_event(names, line->as.expect.event.event.text) : NULL;
    for (uint32_t i = 0; told != NULL && i < told->field_count; i++) {
        if (text_equal(told->fields[i].name.text, name->text)) {
            *out = told->fields[i].type;
            return true;
        }
        if (count < 32) list[count++] = told->fields[i].name.text;
    }
    for (uint32_t i = 0; i < program->effect_count; i++) {
        const struct bundle_effect *effect = &program->effect[i];
        bool fits = (line->as.expect.effect == EFFECT_CREDIT && effect->kind == ACT_CREDIT) ||
                    (line->as.expect.effect == EFFECT_DO && effect->kind == ACT_DO) ||
                    ((line->as.expect.effect == EFFECT_SEND || line->as.expect.effect == EFFECT_MESSAGE) &&
                     effect->kind == ACT_SEND);
        struct text made = program_text(program, effect->kind == ACT_DO ? effect->action : effect->name);
        if (!fits || (ast_is_present(&line->as.expect.name) && !text_equal(made, line->as.expect.name.text))) continue;
        for (uint32_t j = 0; j < effect->value_count; j++) {
            const struct bundle_value *value = &program->value[effect->value_first + j];
            struct text value_name = program_text(program, value->name);
            if (text_equal(value_name, full) || text_equal(value_name, name->text)) {
                *out = (struct type){(enum type_kind)value->kind, value->of, 0};
                return true;
            }
            if (count < 32 && names_index(list, count, value_name) == PROGRAM_NONE) list[count++] = value_name;
        }
    }
    struct text help = count > 0
                           ? arena_print(names->arena, "it carries %.*s", TEXT_ARGS(names_list(names, list, count)))
                           : TEXT("it carries no values");
    REPORT(names, DIAGNOSTIC_TEST_READS, name->span, full, help);
    return false;
}

static const enum test_comparison comparisons[] = {
    [COMPARISON_IS] = TEST_IS,
    [COMPARISON_ONE_OF] = TEST_ONE_OF,
    [COMPARISON_AT_LEAST] = TEST_AT_LEAST,
    [COMPARISON_AT_MOST] = TEST_AT_MOST,
    [COMPARISON_MORE_THAN] = TEST_MORE_THAN,
    [COMPARISON_LESS_THAN] = TEST_LESS_THAN,
    [COMPARISON_BETWEEN] = TEST_BETWEEN,
    [COMPARISON_KNOWN] = TEST_KNOWN,
    [COMPARISON_IN_SEGMENT] = TEST_IS,
    [COMPARISON_WITHIN_LAST] = TEST_IS,
    [COMPARISON_CONTAINS] = TEST_CONTAINS,
    [COMPARISON_CONTAINS_WORD] = TEST_CONTAINS,
    [COMPARISON_HAS_BADGE] = TEST_IS,
};

/* An answer's values have no declaration: the literal says what is expected. */
static struct type type_by_literal(const struct resolver *resolver, const struct value *value)
{
    struct type type = {TYPE_TEXT, PROGRAM_NONE, LIMIT_TEXT_FIELD_BYTES};
    switch (value == NULL ? VALUE_TEXT : value->kind) {
    case VALUE_NUMBER: return (struct type){TYPE_WHOLE, PROGRAM_NONE, 0};
    case VALUE_PERCENT: return (struct type){TYPE_PERCENT, PROGRAM_NONE, 0};
    case VALUE_MONEY: return (struct type){TYPE_MONEY, resolver->currency, 0};
    case VALUE_YES_NO: return (struct type){TYPE_BOOL, PROGRAM_NONE, 0};
    default: return type;
    }
}

/* What cannot be asked for; a bare name of the player is most often `player.NAME`. */
static void report_subject(struct resolver *resolver, const struct value *left)
{
    struct names *names = resolver->names;
    const bool own = left->kind == VALUE_WORD && (names_attribute(names, left->name.text) != NULL ||
                                                  names_metric(names, left->name.text, PROGRAM_NONE) != NULL);
    REPORT(names, DIAGNOSTIC_TEST_EXPECTS, left->span, names_words(names, left->span),
           own ? arena_print(names->arena, "write `player.%.*s`", TEXT_ARGS(left->name.text))
               : TEXT("write what happened, such as `expect finish as \"DONE\"`, or a condition of `player.NAME`, "
                      "`journey.NAME`, a "
                      "segment, a badge, `arm of \"SPLIT\"`, `left of budget` or another property"));
}

/* Fills what a single comparison reads, and its type; false: reported. */
static bool subject_of(struct resolver *resolver, const struct line *line, const struct condition *condition,
                       struct test_condition *out, struct type *type)
{
    struct names *names = resolver->names;
    const struct value *left = condition->left;
    if (left == NULL) return false;
    if (line != NULL &&
        (left->kind == VALUE_WORD || (left->kind == VALUE_PATH && !text_equal(left->owner.text, TEXT("player"))))) {
        struct text full = names_words(names, left->span);
        out->subject = TEST_SUBJECT_VALUE;
        out->name = left->kind == VALUE_WORD ? left->name.text : full;
        if (line->as.expect.effect == EFFECT_ANSWER) {
            *type = type_by_literal(resolver, condition->values.first);
            return true;
        }
        return effect_value_type(resolver, line, &left->name, full, type);
    }
    if (line != NULL && left->kind == VALUE_PATH) { /* a hole `{player.NAME}` of the message */
        struct text full = names_words(names, left->span);
        names->muted++;
        bool carried = effect_value_type(resolver, line, &left->name, full, type);
        names->muted--;
        out->subject = TEST_SUBJECT_VALUE;
        out->name = full;
        if (carried) return true;
    }
    if (condition->comparison == COMPARISON_IN_SEGMENT && condition->values.first != NULL) {
        struct name name = {condition->values.first->name.text, condition->values.first->span, 0};
        struct thing *segment = names_thing(names->segments, names->segment_count, name.text);
        if (segment == NULL || segment->dropped) {
            struct text *list = ARENA_ARRAY(names->arena, struct text, names->segment_count + 1);
            for (uint32_t i = 0; list != NULL && i < names->segment_count; i++) list[i] = names->segments[i].name;
            names_unknown(names, DIAGNOSTIC_UNKNOWN_SEGMENT, &name, list, names->segment_count);
            return false;
        }
        out->subject = TEST_SUBJECT_SEGMENT;
        out->index = segment->index;
        return true;
    }
    if (left->kind == VALUE_PATH) {
        bool player = text_equal(left->owner.text, TEXT("player"));
        const struct metric_info *metric = player ? resolver_metric(names, left->name.text, PROGRAM_NONE) : NULL;
        for (uint32_t i = 0; i < resolver->campaign_count && text_equal(left->owner.text, TEXT("journey")); i++) {
            if (metric == NULL) metric = resolver_metric(names, left->name.text, resolver->campaigns[i]);
        }
        if (metric != NULL) {
            out->subject = TEST_SUBJECT_METRIC;
            out->index = metric->index;
            *type = metric->type;
            return true;
        }
    }
    if (left->kind == VALUE_PATH && text_equal(left->owner.text, TEXT("player"))) {
        out->subject = TEST_SUBJECT_ATTRIBUTE;
        if (text_equal(left->name.text, TEXT("tags"))) {
            out->slot = PROGRAM_SLOT_TAGS;
            *type = (struct type){TYPE_SET, PROGRAM_NONE, 0};
            return true;
        }
        const struct member *attribute = names_need_attribute(names, &left->name);
        if (attribute == NULL) return false;
        out->slot = attribute->slot;
        out->attribute = attribute->index;
        *type = attribute->type;
        return true;
    }
    if (left->kind == VALUE_PROPERTY && property_of(&resolver->emitter, left, &out->property, type)) {
        out->subject = TEST_SUBJECT_PROPERTY;
        out->name = left->owner.text;
        out->kind = (uint32_t)type->kind;
        out->of = type->of;
        return true;
    }
    if (left->kind == VALUE_PROPERTY && text_equal(left->name.text, TEXT("left"))) {
        out->subject = TEST_SUBJECT_LEFT;
        if (!resolver_left_of(resolver, left, &out->index)) return false;
        *type = (struct type){TYPE_MONEY, resolver->program->budget[out->index].currency, 0};
        return true;
    }
    if (left->kind == VALUE_PROPERTY && text_equal(left->name.text, TEXT("arm")) && condition->values.first != NULL) {
        bool split_found = false;
        for (uint32_t i = 0; i < resolver->campaign_count; i++) {
            uint32_t arm = 0;
            const struct value *value = condition->values.first;
            if (!resolver_arm(resolver->program, &resolver->program->campaign[resolver->campaigns[i]], left->owner.text,
                              value->name.text, &out->index, &arm, &split_found))
                continue;
            struct test_value *values = ARENA_NEW(names->arena, struct test_value);
            if (values == NULL) return false;
            *values = (struct test_value){.kind = TYPE_WHOLE, .of = PROGRAM_NONE, .number = arm};
            out->subject = TEST_SUBJECT_ARM;
            out->values = values;
            out->value_count = 1;
            return true;
        }
        resolver_unknown_arm(resolver, &left->owner, split_found ? &condition->values.first->name : NULL);
        return false;
    }
    report_subject(resolver, left);
    return false;
}

/* `player has badge "x"`: the badge's property is yes. */
static bool resolve_badge(struct resolver *resolver, const struct condition *condition, struct test_condition *out)
{
    struct names *names = resolver->names;
    const struct value *badge = condition->values.first;
    struct test_value *yes = ARENA_NEW(names->arena, struct test_value);
    if (badge == NULL || badge->kind != VALUE_TEXT || condition->left == NULL || yes == NULL) return false;
    if (condition->left->kind != VALUE_PLAYER) {
        REPORT(names, DIAGNOSTIC_BADGE_OF_PLAYER, condition->left->span, names_words(names, condition->left->span),
               badge->name.text);
        return false;
    }
    if (badges_need(names, &badge->name) == PROGRAM_NONE) return false;
    *yes = (struct test_value){.kind = TYPE_BOOL, .of = PROGRAM_NONE, .number = 1};
    out->subject = TEST_SUBJECT_PROPERTY;
    out->property = PROPERTY_BADGE_AWARDED;
    out->name = badge->name.text;
    out->kind = TYPE_BOOL;
    out->of = PROGRAM_NONE;
    out->values = yes;
    out->value_count = 1;
    return true;
}

static bool resolve_condition(struct resolver *resolver, const struct line *line, const struct condition *condition,
                              struct test_condition *out)
{
    struct names *names = resolver->names;
    *out = (struct test_condition){
        .words = names_words(names, condition->span), .attribute = PROGRAM_NONE, .index = PROGRAM_NONE};
    if (condition->kind == CONDITION_BROKEN) return false;
    if (condition->kind != CONDITION_COMPARE) {
        struct test_condition *children = ARENA_ARRAY(names->arena, struct test_condition, condition->child_count + 1);
        if (children == NULL) return false;
        uint32_t count = 0;
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            if (!resolve_condition(resolver, line, child, &children[count++])) return false;
        }
        out->subject = condition->kind == CONDITION_ALL   ? TEST_SUBJECT_ALL
                       : condition->kind == CONDITION_ANY ? TEST_SUBJECT_ANY
                                                          : TEST_SUBJECT_NONE;
        out->children = children;
        out->child_count = count;
        return true;
    }
    struct type type = {TYPE_BOOL, PROGRAM_NONE, 0};
    out->comparison = comparisons[condition->comparison];
    out->negated = condition->negated;
    if (condition->comparison == COMPARISON_WITHIN_LAST) {
        REPORT(names, DIAGNOSTIC_TEST_EXPECTS, condition->span, names_words(names, condition->span),
               TEXT("write the moment itself, such as `is 2026-06-10 12:00` or `is at least 2026-06-10 12:00`"));
        return false;
    }
    if (condition->comparison == COMPARISON_HAS_BADGE) return resolve_badge(resolver, condition, out);
    if (!subject_of(resolver, line, condition, out, &type)) return false;
    if (out->subject == TEST_SUBJECT_SEGMENT || out->subject == TEST_SUBJECT_ARM || out->comparison == TEST_KNOWN)
        return true;
    struct test_value *values = ARENA_ARRAY(names->arena, struct test_value, condition->values.count + 1);
    if (values == NULL) return false;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (!resolver_literal(resolver, value, type, names_words(names, condition->left->span),
                              &values[out->value_count]))
            return false;
        out->value_count++;
    }
    out->values = values;
    return true;
}

static bool is_finish_reason(const struct program *program, struct text reason)
{
    for (uint32_t i = 0; i < program->instruction_count; i++) {
        if (program->instruction[i].op == OP_FINISH &&
            text_equal(program_text(program, (uint32_t)program->instruction[i].imm), reason))
            return true;
    }
    for (uint32_t i = 0; i < program->rule_count; i++) {
        if (program->rule[i].reason != PROGRAM_NONE &&
            text_equal(program_text(program, program->rule[i].reason), reason))
            return true;
    }
    for (uint32_t i = 0; i < program->budget_count; i++) {
        if (program->budget[i].reason != PROGRAM_NONE &&
            text_equal(program_text(program, program->budget[i].reason), reason))
            return true;
    }
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].enter_limit_reason != PROGRAM_NONE &&
            text_equal(program_text(program, program->campaign[i].enter_limit_reason), reason))
            return true;
        if (program->campaign[i].runs_end_reason != PROGRAM_NONE &&
            text_equal(program_text(program, program->campaign[i].runs_end_reason), reason))
            return true;
        if (program->campaign[i].restarts &&
            text_equal(program_text(program, program->campaign[i].restart_reason), reason))
            return true;
    }
    return text_equal(reason, TEXT("TIMED_OUT")) || /* of a journey that a time-out ends */
           text_equal(reason, TEXT("ROLLED_BACK")); /* of one whose code support takes back */
}

static void reason_of(struct resolver *resolver, const struct name *name, struct test_step *step)
{
    static const char *const words[] = {
#define REASON(number, name, sentence) [number] = #name,
#include "spec/reasons.def"
#undef REASON
    };
    if (!ast_is_present(name)) return;
    step->has_reason = true;
    step->reason = REASON_COUNT;
    step->reason_text = name->text;
    struct text list[REASON_COUNT];
    uint32_t count = 0; /* numbers of reasons have gaps */
    for (uint32_t i = 1; i < REASON_COUNT; i++) {
        if (words[i] == NULL) continue;
        list[count] = text_of(words[i]);
        if (text_equal(name->text, list[count++])) step->reason = (enum reason)i;
    }
    if (step->reason == REASON_COUNT && !is_finish_reason(resolver->program, name->text)) {
        names_unknown(resolver->names, DIAGNOSTIC_UNKNOWN_REASON, name, list, count);
    }
}

/* `expect answer`, `expect answer OK`, `expect answer ALREADY_USED`. */
static void answer_of(struct resolver *resolver, const struct name *name, struct test_step *step)
{
    static const char *const words[] = {
#define REASON(number, name, sentence) [number] = #name,
#include "spec/reasons.def"
#undef REASON
    };
    struct text list[REASON_COUNT];
    uint32_t count = 0;
    list[count++] = TEXT("OK");
    step->any_answer = !ast_is_present(name);
    if (step->any_answer || text_equal(name->text, list[0])) return;
    for (uint32_t i = 1; i < REASON_COUNT; i++) {
        if (words[i] == NULL) continue;
        list[count++] = text_of(words[i]);
        if (text_equal(name->text, list[count - 1])) step->answer = (enum reason)i;
    }
    if (step->answer == REASON_NONE) names_unknown(resolver->names, DIAGNOSTIC_UNKNOWN_REASON, name, list, count);
}

static void judge_effect_name(struct resolver *resolver, const struct line *line, struct test_step *step)
{
    struct names *names = resolver->names;
    const struct program *program = resolver->program;
    const struct name *name = &line->as.expect.name;
    if (ast_is_present(&line->as.expect.channel)) step->channel = names_need_channel(names, &line->as.expect.channel);
    if (!ast_is_present(name)) return;
    step->name = name->text;
    const uint32_t capacity = program->effect_count + names->tag_count + names->action_count + 64;
    struct text *list = ARENA_ARRAY(names->arena, struct text, capacity + 1);
    if (list == NULL) return;
    uint32_t count = 0;
    enum diagnostic_code code;
    switch (line->as.expect.effect) {
    case EFFECT_SEND: code = DIAGNOSTIC_UNKNOWN_MESSAGE; break;
    case EFFECT_CREDIT: code = DIAGNOSTIC_UNKNOWN_OFFER; break;
    case EFFECT_DO: code = DIAGNOSTIC_UNKNOWN_ACTION; break;
    case EFFECT_TAG:
    case EFFECT_UNTAG: (void)names_need_tag(names, name); return;
    case EFFECT_FINISH:
        /* A reason that nothing ends with is a slip of the pen. */
        for (uint32_t i = 0; i < REASON_COUNT; i++) {
            static const char *const words[] = {
#define REASON(number, name, sentence) [number] = #name,
#include "spec/reasons.def"
#undef REASON
            };
            if (words[i] != NULL && text_equal(text_of(words[i]), name->text)) return;
        }
        if (!is_finish_reason(program, name->text)) {
            for (uint32_t i = 0; i < program->instruction_count && count < capacity; i++) {
                if (program->instruction[i].op != OP_FINISH) continue;
                struct text reason = program_text(program, (uint32_t)program->instruction[i].imm);
                if (names_index(list, count, reason) == PROGRAM_NONE) list[count++] = reason;
            }
            names_unknown(names, DIAGNOSTIC_UNKNOWN_REASON, name, list, count);
        }
        return;
    default: return;
    }
    for (uint32_t i = 0; i < program->effect_count; i++) {
        const struct bundle_effect *effect = &program->effect[i];
        if (effect->kind != (line->as.expect.effect == EFFECT_SEND     ? ACT_SEND
                             : line->as.expect.effect == EFFECT_CREDIT ? ACT_CREDIT
                                                                       : ACT_DO))
            continue;
        struct text made = program_text(program, effect->kind == ACT_DO ? effect->action : effect->name);
        if (names_index(list, count, made) == PROGRAM_NONE) list[count++] = made;
    }
    /* What is declared and never made is no slip of the pen: where it is declared says so. */
    if (code == DIAGNOSTIC_UNKNOWN_MESSAGE && names_message(names, name->text) != NULL) return;
    if (code == DIAGNOSTIC_UNKNOWN_ACTION && names_action(names, name->text) != NULL) return;
    for (uint32_t i = 0; i < program->offer_count && code == DIAGNOSTIC_UNKNOWN_OFFER; i++) {
        if (text_equal(program_text(program, program->offer[i].name), name->text)) return;
    }
    if (names_index(list, count, name->text) == PROGRAM_NONE) names_unknown(names, code, name, list, count);
}

/* What an event is expected to be about; false after a report: nothing is ever called so. */
static bool judge_about(struct resolver *resolver, const struct event_info *event, const struct name *about)
{
    struct names *names = resolver->names;
    const struct program *program = resolver->program;
    if (!ast_is_present(about)) return true;
    if (event->about == ABOUT_POINTS) return points_need(names, about) != PROGRAM_NONE;
    if (event->about == ABOUT_BADGE) return badges_need(names, about) != PROGRAM_NONE;
    if (event->about == ABOUT_CODES) return codes_need(names, about) != NULL;
    if (event->about != ABOUT_CAMPAIGN) return true;
    struct text *list = ARENA_ARRAY(names->arena, struct text, program->campaign_count + 1);
    for (uint32_t i = 0; list != NULL && i < program->campaign_count; i++) {
        list[i] = program_text(program, program->campaign[i].name);
        if (text_equal(list[i], about->text)) return true;
    }
    names_unknown(names, DIAGNOSTIC_UNKNOWN_CAMPAIGN, about, list, program->campaign_count);
    return false;
}

/* Of whom the line speaks: NULL where it names nobody; false after a report. */
static bool expected_player(struct resolver *resolver, const struct line *line, uint32_t **out)
{
    *out = NULL;
    if (!ast_is_present(&line->as.expect.player)) return true;
    *out = ARENA_NEW(resolver->names->arena, uint32_t);
    return *out != NULL && resolver_player(resolver, &line->as.expect.player, *out);
}

void resolver_expect(struct resolver *resolver, struct line *line)
{
    struct names *names = resolver->names;
    static const enum test_count counts[] = {[COUNT_SOME] = TEST_COUNT_SOME,
                                             [COUNT_NO] = TEST_COUNT_NO,
                                             [COUNT_AT_MOST] = TEST_COUNT_AT_MOST,
                                             [COUNT_EXACTLY] = TEST_COUNT_EXACTLY};
    static const enum test_effect effects[] = {
        [EFFECT_SEND] = TEST_EFFECT_SEND,       [EFFECT_CREDIT] = TEST_EFFECT_CREDIT,
        [EFFECT_DO] = TEST_EFFECT_DO,           [EFFECT_TAG] = TEST_EFFECT_TAG,
        [EFFECT_UNTAG] = TEST_EFFECT_UNTAG,     [EFFECT_FINISH] = TEST_EFFECT_FINISH,
        [EFFECT_MESSAGE] = TEST_EFFECT_MESSAGE, [EFFECT_EVENT] = TEST_EFFECT_EVENT,
        [EFFECT_ANSWER] = TEST_EFFECT_ANSWER,
    };
    if (line->kind == LINE_EXPECT_SPEND) {
        struct reading reading;
        struct type money = {TYPE_MONEY, resolver->currency, 0};
        if (line->as.value == NULL ||
            !value_constant(&resolver->emitter, line->as.value, money, TEXT("largest spend per player"), &reading))
            return;
        if (resolver->campaign_count == 0) {
            names_report(names, DIAGNOSTIC_TEST_WITHOUT_CAMPAIGN, line->span, NULL, 0);
            return;
        }
        struct test_step *step = resolver_add_step(resolver, TEST_EXPECT_SPEND, line->span);
        if (step == NULL) return;
        step->campaign = resolver->campaigns[0];
        step->amount = reading.number;
        return;
    }
    if (line->kind == LINE_EXPECT_CONDITION) {
        struct test_condition *condition = ARENA_NEW(names->arena, struct test_condition);
        uint32_t *player = NULL;
        if (condition == NULL || line->as.expect.where == NULL ||
            !resolve_condition(resolver, NULL, line->as.expect.where, condition) ||
            !expected_player(resolver, line, &player))
            return;
        struct test_step *step = resolver_add_step(resolver, TEST_EXPECT_CONDITION, line->span);
        if (step == NULL) return;
        step->condition = condition;
        step->players = player;
        step->player_count = player != NULL;
        return;
    }
    struct test_step step = {.channel = PROGRAM_NONE, .event = PROGRAM_NONE};
    if (line->as.expect.effect == EFFECT_ANSWER) {
        answer_of(resolver, &line->as.expect.name, &step);
    } else {
        judge_effect_name(resolver, line, &step);
    }
    if (line->as.expect.effect == EFFECT_EVENT) {
        const struct event_info *event = names_need_event(names, &line->as.expect.event.event);
        if (event == NULL) return;
        step.event = event->index;
        step.name = line->as.expect.event.about.text;
        if (!judge_about(resolver, event, &line->as.expect.event.about)) return;
    }
    uint32_t *player = NULL;
    if (!expected_player(resolver, line, &player)) return;
    step.players = player;
    step.player_count = player != NULL;
    if (line->as.expect.point.kind != POINT_NONE)
        step.has_at = resolver_point(resolver, &line->as.expect.point, &step.at);
    reason_of(resolver, &line->as.expect.reason, &step);
    if (line->as.expect.where != NULL) {
        struct test_condition *condition = ARENA_NEW(names->arena, struct test_condition);
        if (condition == NULL || !resolve_condition(resolver, line, line->as.expect.where, condition)) return;
        step.condition = condition;
    }
    struct test_step *added = resolver_add_step(resolver, TEST_EXPECT_EFFECT, line->span);
    if (added == NULL) return;
    step.kind = added->kind;
    step.line = added->line;
    step.words = added->words;
    step.campaign = step.split = step.budget = PROGRAM_NONE;
    step.effect = effects[line->as.expect.effect];
    step.count_kind = counts[line->as.expect.count_kind];
    step.count = line->as.expect.count;
    *added = step;
}
