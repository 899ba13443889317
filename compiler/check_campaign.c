/*
 * The lines of a campaign as records, and the order in which a campaign is made:
 * what it says of itself, offers, budget, graph (flow.c), then its region: filters first, then the journey.
 * spec: language.md#campaigns
 */

#include <stddef.h>

#include "compiler/emit_terms.h"
#include "compiler/check_measures.h"
#include "compiler/check_ask.h"
#include "compiler/check_missions.h"
#include "compiler/check_habits.h"
#include "compiler/check_offers.h"
#include "compiler/check_play.h"
#include "compiler/check_policies.h"
#include "compiler/check_rules.h"
#include "compiler/check_schedule.h"
#include "compiler/check_splits.h"
#include "compiler/check_versions.h"
#include "compiler/check_zones.h"
#include "vm/zone.h"

/* The first amount of money in a value. */
static const struct value *money_in(const struct value *value)
{
    if (value == NULL || value->kind == VALUE_MONEY) return value;
    const struct value *found = NULL;
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF || value->kind == VALUE_FORMULA)
        found = money_in(value->left);
    if (found == NULL && (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF)) found = money_in(value->right);
    for (const struct clause *clause = value->clauses; clause != NULL && found == NULL; clause = clause->next)
        found = money_in(clause->value);
    return found;
}

/* Whether every amount in the lines is in one currency: that of *out, or the first that is met. */
static bool one_currency(const struct line_list *lines, const struct value **out)
{
    for (const struct line *line = lines->first; line != NULL; line = line->next) {
        const struct value *value = NULL;
        switch (line->kind) {
        case LINE_TOTAL:
        case LINE_PER_PERIOD:
        case LINE_PER_PLAYER:
        case LINE_PER_OFFER: value = money_in(line->as.amount.value); break;
        case LINE_PARAMETER: value = money_in(line->as.parameter.value); break;
        case LINE_BUDGET:
        case LINE_OFFER:
            if (!one_currency(&line->as.declaration->lines, out)) return false;
            break;
        default: break;
        }
        if (value == NULL) continue;
        if (*out != NULL && !text_equal((*out)->currency, value->currency)) return false;
        if (*out == NULL) *out = value;
    }
    return true;
}

/* A campaign without a currency that can be read has that of its amounts: one message instead of one for each of them. */
static void judge_currency(struct campaign *campaign, bool reported)
{
    struct names *names = campaign->names;
    const struct value *money = NULL;
    if (!one_currency(&campaign->declaration->lines, &money) || money == NULL) return;
    uint32_t currency = names_index(names->currencies, names->currency_count, money->currency);
    if (currency == PROGRAM_NONE || currency == campaign->currency) return;
    if (!reported && !campaign->declaration->is_broken)
        REPORT(names, DIAGNOSTIC_CAMPAIGN_CURRENCY, money->span, money->currency,
               names->currencies[campaign->currency]);
    campaign->currency = currency;
}

static void read_enter(struct campaign *campaign, const struct line *line, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    record->enter = ENTER_ONCE;
    record->enter_count = 1;
    record->enter_limit = PROGRAM_NONE;
    record->enter_limit_reason = PROGRAM_NONE;
    if (line == NULL) return;
    static const enum enter periods[] = {[PERIOD_EVER] = ENTER_ONCE,
                                         [PERIOD_DAY] = ENTER_DAY,
                                         [PERIOD_WEEK] = ENTER_WEEK,
                                         [PERIOD_MONTH] = ENTER_MONTH,
                                         [PERIOD_YEAR] = ENTER_YEAR};
    switch (line->as.enter.kind) {
    case ENTER_ONCE_PER_PLAYER: break;
    case ENTER_ONCE_PER_PERIOD: record->enter = periods[line->as.enter.period]; break;
    case ENTER_EVERY_TIME: record->enter = ENTER_ALWAYS; break;
    case ENTER_AT_MOST:
        record->enter = periods[line->as.enter.period];
        record->enter_count =
            line->as.enter.times > 0 && line->as.enter.times < 1000000 ? (uint32_t)line->as.enter.times : 1;
        if (line->as.enter.per != NULL && line->as.enter.per->kind == VALUE_DURATION) {
            record->enter = ENTER_WINDOW;
            record->enter_window_kind = names_duration(&line->as.enter.per->duration, &record->enter_window);
            if (names_duration_ms(&line->as.enter.per->duration) == 0)
                names_report(names, DIAGNOSTIC_DURATION_ZERO, line->as.enter.per->span, NULL, 0);
        }
        break;
    }
    if (line->as.enter.players_at_most > 0)
        record->enter_limit = line->as.enter.players_at_most < (int64_t)PROGRAM_NONE
                                  ? (uint32_t)line->as.enter.players_at_most
                                  : PROGRAM_NONE;
    if (ast_is_present(&line->as.enter.otherwise_reason))
        record->enter_limit_reason = builder_text(names->builder, line->as.enter.otherwise_reason.text);
    enter_read_again(names, line, record);
    enter_read_keys(names, line, record);
}

static void read_heading(struct campaign *campaign, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    struct builder *builder = names->builder;
    for (struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        switch (line->kind) {
        case LINE_NOTE: record->note = builder_text(builder, line->as.text.text); break;
        case LINE_OWNER: record->owner = builder_text(builder, line->as.text.text); break;
        case LINE_PRODUCT:
            if (line->as.words.first != NULL)
                campaign->product = names_need_product(names, &line->as.words.first->name);
            break;
        case LINE_CURRENCY:
            if (line->as.words.first != NULL &&
                line == ast_find_line(&campaign->declaration->lines, LINE_CURRENCY, NULL)) {
                uint32_t currency =
                    names_need_currency(names, line->as.words.first->name.text, line->as.words.first->name.span);
                if (currency != PROGRAM_NONE) campaign->currency = currency;
            }
            break;
        case LINE_TIMEZONE: {
            int zone = names_need_zone(names, &line->as.text);
            if (zone >= 0) campaign->zone = (uint32_t)zone;
            break;
        }
        case LINE_JURISDICTION:
            if (!ast_is_present(&line->as.word)) break;
            if (value_country(line->as.word.text) < 0) {
                struct diagnostic *diagnostic =
                    REPORT(names, DIAGNOSTIC_UNKNOWN_COUNTRY, line->as.word.span, line->as.word.text);
                if (text_equal(line->as.word.text, TEXT("UK")))
                    diagnostic_set_help(names->diagnostics, diagnostic, TEXT("the United Kingdom is `GB`"));
            }
            record->jurisdiction = builder_text(builder, line->as.word.text);
            break;
        case LINE_ROUNDING: campaign->rounding = line->as.rounding; break;
        case LINE_LATE_EVENTS:
            if (line->as.value != NULL && line->as.value->kind == VALUE_DURATION)
                record->late_ms = names_duration_ms(&line->as.value->duration);
            break;
        case LINE_RUNS:
            if (line->as.runs.from != NULL && line->as.runs.from->kind == VALUE_DATE)
                record->runs_from = line->as.runs.from->amount;
            if (line->as.runs.through != NULL && line->as.runs.through->kind == VALUE_DATE)
                record->runs_through = line->as.runs.through->amount;
            if (record->runs_from > record->runs_through)
                names_report(names, DIAGNOSTIC_RUNS_EMPTY, line->span, NULL, 0);
            record->runs_end = ast_is_present(&line->as.runs.then_finish) ? RUNS_END_END : RUNS_END_GO_ON;
            if (record->runs_end == RUNS_END_END)
                record->runs_end_reason = builder_text(builder, line->as.runs.then_finish.text);
            break;
        case LINE_MOVE: record->moves = 1; break;
        case LINE_PAUSE_ON: {
            const struct event_info *event = names_need_event(names, &line->as.word);
            if (event != NULL && event->safety != SAFETY_TIME_OUT)
                REPORT(names, DIAGNOSTIC_PAUSE_ON, line->as.word.span, line->as.word.text);
            record->pause_on = SAFETY_TIME_OUT;
            break;
        }
        case LINE_BUDGET: campaign->budget = line->as.declaration; break;
        case LINE_START:
        case LINE_START_ENTERING:
        case LINE_START_LEAVING:
        case LINE_START_WITHOUT:
        case LINE_START_COMMAND:
        case LINE_START_SCHEDULE: campaign->start = line; break;
        default: break;
        }
    }
}

static void read_goal(struct campaign *campaign, struct line *line, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const struct event_info *event = names_need_event(names, &line->as.goal.event.event);
    if (event != NULL) record->goal_event = event->index;
    if (line->as.goal.within != NULL && line->as.goal.within->kind == VALUE_DURATION) {
        record->goal_kind = names_duration(&line->as.goal.within->duration, &record->goal_within);
        if (names_duration_ms(&line->as.goal.within->duration) == 0)
            names_report(names, DIAGNOSTIC_DURATION_ZERO, line->as.goal.within->span, NULL, 0);
    }
}

/* Caps that concern the campaign: its own and those of all policies. */
static void judge_caps(struct campaign *campaign)
{
    struct names *names = campaign->names;
    uint32_t count = 0;
    for (uint32_t i = 0; i <= names->policy_count; i++) {
        const struct declaration *declaration =
            i < names->policy_count ? names->policies[i].declaration : campaign->declaration;
        for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_MESSAGES_AT_MOST) count += line->as.messages.rates.count;
        }
    }
    if (count > LIMIT_CAPS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, count),
               TEXT("caps of messages, those of all policies among them,"),
               names_number(names, LIMIT_CAPS_PER_CAMPAIGN));
}

static void emit_variables(struct campaign *campaign, struct bundle_campaign *record)
{
    struct builder *builder = campaign->names->builder;
    record->variable_first = builder_count(builder, SECTION_VARIABLE);
    record->variable_count = campaign->variable_count;
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct variable *variable = &campaign->variables[i];
        struct bundle_variable row = {
            .low = range_low64(variable->range),
            .high = range_high64(variable->range),
            .name = builder_text(builder, variable->name),
            .kind = (uint32_t)variable->type.kind < TYPE_COUNT ? variable->type.kind : TYPE_BOOL,
            .of =
                variable->type.kind == TYPE_ENUM || variable->type.kind == TYPE_SET || variable->type.kind == TYPE_MONEY
                    ? variable->type.of
                    : PROGRAM_NONE,
            .counter = variable->use == VARIABLE_COUNTER,
        };
        if (variable->type.kind == TYPE_TEXT) {
            row.low = row.high = 0;
            row.size = variable->type.size > 0 ? variable->type.size : 1;
            row.text_offset = record->text_size;
            record->text_size += row.size;
        }
        builder_add_variable(builder, &row);
    }
}

/* A line that moves a journey once says so where it is explained. */
static uint32_t leave_site(struct emitter *emitter, const struct line *line)
{
    return emit_site(emitter, line->span, TEXT("once in a journey"), NULL);
}

static void emit_leaves(struct campaign *campaign, struct emitter *emitter, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    record->leave_first = builder_count(names->builder, SECTION_LEAVE);
    uint32_t with_target = 0;
    for (struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_LEAVE_ON && line->kind != LINE_LEAVE_WHEN) continue;
        struct bundle_leave leave = {.event = PROGRAM_NONE,
                                     .about = PROGRAM_NONE,
                                     .filter = PROGRAM_NONE,
                                     .target = PROGRAM_NONE,
                                     .line = names_line(names, line->span)};
        emitter->node = NULL;
        emitter->known = campaign->flow.resting;
        emitter->event = NULL;
        const struct statement *then = line->as.leave.then;
        const struct node *entry = then != NULL ? campaign->flow.leaves[with_target++] : NULL;
        /* Without a count it moves a journey once. */
        bool once = then != NULL && then->kind == STATEMENT_GO_TO && then->as.go_to.at_most == 0;
        if (line->kind == LINE_LEAVE_WHEN) {
            struct label no = {0};
            leave.filter = emit_pc(emitter);
            emitter->sight = SIGHT_JOURNEY;
            emitter->facts = (struct facts){0};
            emitter->next_register = 0;
            if (once)
                emit_skip(emitter, OP_IF_LT_JOURNEY, campaign_counter(campaign, then), leave_site(emitter, line), &no,
                          1);
            if (line->as.leave.condition != NULL) condition_emit(emitter, line->as.leave.condition, &no);
            emit(emitter, OP_ACCEPT, 0, 0, 0, 0);
            if (no.used) {
                emit_bind(emitter, &no);
                emit(emitter, OP_REJECT, 0, 0, 0, 0);
            }
        } else {
            const struct event_info *event = names_need_event(names, &line->as.leave.event.event);
            if (event != NULL) {
                leave.event = event->index;
                leave.about = campaign_about(campaign, &line->as.leave.event, event, true);
                uint32_t first = emit_pc(emitter);
                if (once) { /* It has moved this journey before: the event passes by. */
                    struct label not_yet = {0};
                    emit_skip(emitter, OP_IF_GE_JOURNEY, campaign_counter(campaign, then), 0, &not_yet, 1);
                    emit(emitter, OP_REJECT, 0, 0, 0, 0);
                    emit_bind(emitter, &not_yet);
                }
                leave.filter = condition_event_filter(emitter, event, line->as.leave.event.where, entry);
                if (once && leave.filter == PROGRAM_NONE) emit(emitter, OP_ACCEPT, 0, 0, 0, 0);
                if (once) leave.filter = first;
            }
        }
        uint32_t index = builder_add_leave(names->builder, &leave);
        if (entry != NULL) campaign_patch(campaign, SECTION_LEAVE, index, offsetof(struct bundle_leave, target), entry);
        record->leave_count++;
    }
}

static void emit_region(struct campaign *campaign, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const uint32_t errors = names->diagnostics->error_count;
    struct emitter emitter = {.names = names,
                              .builder = names->builder,
                              .campaign = campaign,
                              .zone = campaign->zone,
                              .sight = SIGHT_JOURNEY};
    campaign->emitter = &emitter;
    journey_prepare(campaign);
    journey_infer(campaign, &emitter);
    flow_known(&campaign->flow);
    emit_region_begin(&emitter);

    const struct line *start = campaign->start;
    struct node *entry = campaign->flow.start;
    emitter.own_event_first = true;
    if (entry->event != NULL) {
        record->start_event = entry->event->index;
        record->start_about = campaign_about(campaign, &start->as.event, entry->event, false);
        record->start_filter = condition_event_filter(&emitter, entry->event, start->as.event.where, entry);
    }
    const struct line *audience = ast_find_line(&campaign->declaration->lines, LINE_ONLY_FOR, NULL);
    if (audience != NULL) record->audience = condition_player_filter(&emitter, audience->as.condition);
    const struct line *goal = ast_find_line(&campaign->declaration->lines, LINE_GOAL, NULL);
    while (goal != NULL && ast_is_present(&goal->as.goal.name))
        goal = ast_find_line(&campaign->declaration->lines, LINE_GOAL, goal);
    if (goal != NULL && record->goal_event != PROGRAM_NONE) {
        record->goal_filter =
            condition_event_filter(&emitter, &names->events[record->goal_event], goal->as.goal.event.where, NULL);
        if (ast_is_present(&goal->as.goal.event.about))
            names_report(names, DIAGNOSTIC_GOAL_OF, goal->as.goal.event.about.span, NULL, 0);
    }
    play_emit_filters(campaign, &emitter);
    emitter.own_event_first = false;
    emit_leaves(campaign, &emitter, record);
    journey_emit(campaign, &emitter);
    record->start = entry->pc;
    record->region = emit_region_end(&emitter, campaign->index);
    if (emitter.too_large && names->diagnostics->error_count == errors)
        REPORT(names, DIAGNOSTIC_TOO_LARGE, campaign->declaration->span,
               arena_print(names->arena, "the campaign `%.*s`", TEXT_ARGS(campaign->name)));
    campaign->emitter = NULL;
}

void campaign_compile(struct names *names, struct thing *thing, uint32_t index)
{
    struct builder *builder = names->builder;
    const uint32_t errors = names->diagnostics->error_count;
    struct campaign *campaign = ARENA_NEW(names->arena, struct campaign);
    if (campaign == NULL) return;
    *campaign = (struct campaign){
        .names = names,
        .declaration = thing->declaration,
        .name = thing->name,
        .index = index,
        .zone = names->zone,
        .rounding = ROUNDING_DOWN,
        .product = PROGRAM_NONE,
        .pool = PROGRAM_NONE,
        .schedule = thing->schedule,
        .holidays = schedule_country(names, thing->declaration),
    };
    struct bundle_campaign record = {
        .runs_from = INT64_MIN,
        .runs_through = INT64_MAX,
        .name = builder_text(builder, thing->name),
        .note = PROGRAM_NONE,
        .owner = PROGRAM_NONE,
        .jurisdiction = PROGRAM_NONE,
        .priority = 1000,
        .start_event = PROGRAM_NONE,
        .start_about = PROGRAM_NONE,
        .start_segment = PROGRAM_NONE,
        .start_schedule = PROGRAM_NONE,
        .start_filter = PROGRAM_NONE,
        .audience = PROGRAM_NONE,
        .goal_event = PROGRAM_NONE,
        .goal_filter = PROGRAM_NONE,
        .budget = PROGRAM_NONE,
        .pool = PROGRAM_NONE,
        .runs_end_reason = PROGRAM_NONE,
        .file = thing->declaration->span.file,
        .line = names_line(names, thing->declaration->span),
    };
    schema_judge_repeats(names, thing->declaration);
    zones_judge(names, thing->declaration);
    habits_judge(names, thing->declaration);
    versions_judge(names, thing->declaration, names->before);
    for (uint32_t i = 0; i < names->pool_count; i++) {
        if (!text_equal(names->pools[i].name, thing->name)) continue;
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_DECLARED_TWICE, thing->declaration->name.span,
                                               TEXT("as campaign and shared budget, the name"), thing->name);
        diagnostic_add_note(names->diagnostics, diagnostic, names->pools[i].declaration->name.span,
                            TEXT("the shared budget is here"));
    }
    read_heading(campaign, &record);
    const struct line *currency = ast_find_line(&campaign->declaration->lines, LINE_CURRENCY, NULL);
    const struct name_node *code = currency != NULL ? currency->as.words.first : NULL;
    if (code == NULL || names_index(names->currencies, names->currency_count, code->name.text) == PROGRAM_NONE)
        judge_currency(campaign, currency != NULL);
    read_enter(campaign, ast_find_line(&campaign->declaration->lines, LINE_ENTER, NULL), &record);
    for (struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_GOAL && !ast_is_present(&line->as.goal.name)) read_goal(campaign, line, &record);
        if (line->kind == LINE_SEND_BETWEEN) policies_judge_hours(names, line, campaign->zone);
        if (line->kind == LINE_PRIORITY) record.priority = policies_priority(names, line);
        if (line->kind == LINE_GROUP) schema_emit_member(names, line, index, campaign->name);
        if (line->kind == LINE_MESSAGES_AT_MOST || line->kind == LINE_SEND_BETWEEN)
            schema_emit_message_rule(names, line, index, campaign->name);
    }
    judge_caps(campaign);
    record.product = campaign->product;
    record.currency = campaign->currency;
    record.zone = builder_text(builder, text_of(zone_name(campaign->zone)));
    record.rounding = campaign->rounding;

    offers_collect(campaign);
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        if (!campaign->offers[i].shared) offers_emit(campaign, &campaign->offers[i]);
    }
    measures_judge(campaign);
    if (campaign->offer_count > LIMIT_OFFERS_PER_CAMPAIGN + names->offer_count)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span,
               names_number(names, campaign->offer_count - names->offer_count), TEXT("offers"),
               names_number(names, LIMIT_OFFERS_PER_CAMPAIGN));
    campaign->steps = ARENA_ARRAY(names->arena, const struct line *, campaign->declaration->lines.count + 1);
    if (campaign->steps == NULL) return;
    uint32_t splits = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_STEP) continue;
        for (uint32_t i = 0; i < campaign->step_count; i++) {
            if (text_equal(campaign->steps[i]->as.step.name.text, line->as.step.name.text))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, line->as.step.name.span, TEXT("the step"),
                       line->as.step.name.text);
        }
        names_judge_length(names, &line->as.step.name);
        campaign->steps[campaign->step_count++] = line;
        splits_find(campaign, &line->as.step.body, &splits, false);
    }
    campaign->splits = ARENA_ARRAY(names->arena, struct split_info, splits + 1);
    if (campaign->splits == NULL) return;
    for (uint32_t i = 0; i < campaign->step_count; i++)
        splits_find(campaign, &campaign->steps[i]->as.step.body, &splits, true);
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        bool credited = false;
        for (uint32_t j = 0; j < campaign->step_count && campaign->offers[i].shared; j++)
            credited = credited || campaign_credit(campaign, &campaign->steps[j]->as.step.body, 1,
                                                   &campaign->offers[i].declaration->name.text) != NULL;
        if (!credited) continue;
        names_thing(names->offers, names->offer_count, campaign->offers[i].declaration->name.text)->credited = true;
        offers_emit(campaign, &campaign->offers[i]);
    }

    if (campaign->budget != NULL) {
        const struct line *from = ast_find_line(&campaign->budget->lines, LINE_FROM_POOL, NULL);
        if (from != NULL) {
            const struct thing *pool = names_thing(names->pools, names->pool_count, from->as.text.text);
            if (pool == NULL) {
                struct text *list = ARENA_ARRAY(names->arena, struct text, names->pool_count + 1);
                for (uint32_t i = 0; list != NULL && i < names->pool_count; i++) list[i] = names->pools[i].name;
                names_unknown(names, DIAGNOSTIC_UNKNOWN_BUDGET, &from->as.text, list, names->pool_count);
            } else {
                record.pool = pool->index;
                const struct bundle_budget *budget = builder_at(builder, SECTION_BUDGET, pool->index);
                if (budget != NULL && budget->currency != campaign->currency) {
                    REPORT(names, DIAGNOSTIC_POOL_CURRENCY, from->span, pool->name, names->currencies[budget->currency],
                           names->currencies[campaign->currency]);
                }
            }
        }
        record.budget =
            schema_emit_budget(names, campaign->budget, index, campaign, campaign->name, campaign->currency);
    }
    bool whole = !campaign->declaration->is_broken;
    if (campaign->start == NULL && whole)
        REPORT(names, DIAGNOSTIC_NO_START, campaign->declaration->span, campaign->name);
    if (campaign->step_count == 0 && whole)
        REPORT(names, DIAGNOSTIC_NO_STEP, campaign->declaration->span, campaign->name);
    if (campaign->step_count > LIMIT_STEPS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, campaign->step_count),
               TEXT("steps"), names_number(names, LIMIT_STEPS_PER_CAMPAIGN));
    if (campaign->split_count > LIMIT_SPLITS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, campaign->split_count),
               TEXT("splits"), names_number(names, LIMIT_SPLITS_PER_CAMPAIGN));
    if (campaign->start == NULL || campaign->step_count == 0) return;
    if (campaign->start->kind == LINE_START) {
        struct name start_name = campaign->start->as.event.event;
        (void)names_need_event(names, &start_name); /* reported where it is unknown; the rest is still judged */
    }
    campaign_read_start(campaign, &record);

    record.step_first = campaign->step_first = builder_count(builder, SECTION_STEP);
    record.step_count = campaign->step_count;
    for (uint32_t i = 0; i < campaign->step_count; i++) {
        const struct step *step = &campaign->steps[i]->as.step;
        struct bundle_step row = {
            .name = builder_text(builder, step->name.text),
            .renamed_from =
                ast_is_present(&step->renamed_from) ? builder_text(builder, step->renamed_from.text) : PROGRAM_NONE,
            .line = names_line(names, campaign->steps[i]->span),
        };
        builder_add_step(builder, &row);
    }
    record.split_first = campaign->split_first = builder_count(builder, SECTION_SPLIT);
    record.split_count = campaign->split_count;
    splits_emit(campaign);
    record.effect_first = campaign->effect_first = builder_count(builder, SECTION_EFFECT);
    record.gate_first = campaign->gate_first = builder_count(builder, SECTION_GATE);
    record.state_first = campaign->state_first = builder_count(builder, SECTION_STATE);
    if (!flow_build(&campaign->flow, names, campaign)) return;
    emit_region(campaign, &record);
    record.effect_count = campaign->effect_count;
    record.gate_count = campaign->gate_count;
    record.state_count = campaign->state_count;
    if (campaign->state_count > LIMIT_WAITS_PER_CAMPAIGN)
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, campaign->state_count),
               TEXT("waits and credits, with every repeat written out,"),
               names_number(names, LIMIT_WAITS_PER_CAMPAIGN));
    emit_variables(campaign, &record);
    if (names->diagnostics->error_count == errors && !campaign->declaration->is_broken) {
        rules_judge_campaign(campaign, &record);
        rules_judge_liability(campaign, &record);
    }
    circles_note(campaign, &record);
    if (names->diagnostics->error_count == errors && !campaign->declaration->is_broken)
        terms_emit(campaign, &record, index);
    builder_add_campaign(builder, &record);
    missions_emit(names, campaign->declaration, index);
    for (uint32_t i = 0;
         i < campaign->offer_count && names->diagnostics->error_count == errors && !campaign->declaration->is_broken;
         i++) {
        bool credited = campaign->offers[i].shared;
        for (uint32_t j = 0; j < campaign->step_count && !credited; j++)
            credited = campaign_credit(campaign, &campaign->steps[j]->as.step.body, 1,
                                       &campaign->offers[i].declaration->name.text) != NULL;
        if (credited) continue;
        REPORT(names, DIAGNOSTIC_OFFER_NOT_CREDITED, campaign->offers[i].declaration->span,
               campaign->offers[i].declaration->name.text);
        offers_judge_names(campaign, campaign->offers[i].declaration);
    }
}
