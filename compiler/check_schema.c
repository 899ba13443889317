/*
 * The vocabulary, the policies and the shared budgets as records of the bundle.
 *
 * Indices are those of names.h, so records are added in that order. Filters of segments and policies make region 0.
 * A standard policy line that speaks of something this workspace does not have is left out without a word.
 * spec: language.md#policies
 */
#include "compiler/campaign.h"
#include "compiler/check_codes.h"
#include "compiler/check_ask.h"
#include "compiler/check_messages.h"
#include "compiler/check_missions.h"
#include "compiler/check_points.h"
#include "compiler/check_measures.h"
#include "compiler/check_policies.h"
#include "compiler/check_rules.h"
#include "compiler/check_rates.h"
#include "compiler/check_stacking.h"
#include "compiler/check_play.h"
#include "compiler/check_schedule.h"

#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/words.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------ lines that stand once */

static bool stands_once(const struct declaration *declaration, enum line_kind kind)
{
    switch (kind) {
    case LINE_NOTE:
    case LINE_OWNER:
    case LINE_PRODUCT:
    case LINE_CURRENCY:
    case LINE_TIMEZONE: return declaration->kind != DECLARATION_WORKSPACE;
    case LINE_SEND_BETWEEN: return declaration->kind == DECLARATION_CAMPAIGN;
    case LINE_ABOUT:
    case LINE_HAPPENS_AT:
    case LINE_REVERSES:
    case LINE_SAFETY:
    case LINE_SETS:
    case LINE_CLASS:
    case LINE_LOCALE:
    case LINE_SHORT_LINKS:
    case LINE_UTM:
    case LINE_CONSENT:
    case LINE_COSTS:
    case LINE_TOTAL:
    case LINE_PER_PERIOD:
    case LINE_PER_PLAYER:
    case LINE_PER_OFFER:
    case LINE_FROM_POOL:
    case LINE_WHEN_EMPTY:
    case LINE_WAGERING:
    case LINE_GAMES:
    case LINE_EXPIRES:
    case LINE_USE_CARD:
    case LINE_REFUND:
    case LINE_FOLLOWS:
    case LINE_PAYS_IN:
    case LINE_VERSION:
    case LINE_SOURCE:
    case LINE_JURISDICTION:
    case LINE_ROUNDING:
    case LINE_LATE_EVENTS:
    case LINE_RUNS:
    case LINE_BUDGET:
    case LINE_START:
    case LINE_START_ENTERING:
    case LINE_START_LEAVING:
    case LINE_START_WITHOUT:
    case LINE_START_COMMAND:
    case LINE_START_SCHEDULE:
    case LINE_ORDER:
    case LINE_BUSINESS_DAYS:
    case LINE_ONLY_FOR:
    case LINE_ENTER:
    case LINE_PAUSE_ON:
    case LINE_MOVE:
    case LINE_PRIORITY:
    case LINE_LIABILITY:
    case LINE_LIMIT_WAGERING:
    case LINE_LIMIT_PRODUCTS:
    case LINE_LIMIT_REWARDS:
    case LINE_LIMIT_EXPIRY:
    case LINE_REQUIRE_TERMS:
    case LINE_REQUIRE_OPT_IN:
    case LINE_REST:
    case LINE_SPEND_OLDEST:
    case LINE_COMPLETE:
    case LINE_LASTS:
    case LINE_PROGRESS:
    case LINE_IMAGE:
    case LINE_FOR_PLAYERS:
    case LINE_GOAL: return true;
    default: return false;
    }
}

/* A campaign has one start, of whatever kind. */
static bool is_start(enum line_kind kind)
{
    return kind >= LINE_START && kind <= LINE_START_SCHEDULE;
}

static bool same_line(const struct line *left, const struct line *right)
{
    if (is_start(left->kind) && is_start(right->kind)) return true;
    if (left->kind != right->kind) return false;
    if (left->kind == LINE_GOAL) /* those with names are others' affair (check_measures.c) */
        return !ast_is_present(&left->as.goal.name) && !ast_is_present(&right->as.goal.name);
    if (left->kind == LINE_PER_PERIOD || left->kind == LINE_PER_PLAYER)
        return left->as.amount.period == right->as.amount.period;
    return left->kind != LINE_PER_OFFER || text_equal(left->as.amount.offer.text, right->as.amount.offer.text);
}

static struct text line_words(const struct line *line)
{
    static const char *const periods[] = {"ever", "per day", "per week", "per month", "per year", "per run"};
    if (line->kind == LINE_PER_PERIOD) return text_of(periods[line->as.amount.period]);
    if (line->kind == LINE_PER_PLAYER) return TEXT("per player");
    if (line->kind == LINE_PER_OFFER) return TEXT("per offer");
    return text_of(ast_line_word(line->kind));
}

void schema_judge_repeats(struct names *names, const struct declaration *declaration)
{
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (!stands_once(declaration, line->kind)) continue;
        const struct line *first = declaration->lines.first;
        while (first != line && !same_line(first, line)) first = first->next;
        if (first == line) continue;
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_LINE_TWICE, line->span, line_words(line));
        diagnostic_add_note(names->diagnostics, diagnostic, first->span, TEXT("the first one is here"));
    }
}

/* ------------------------------------------------------------------ events, attributes, actions */

static uint32_t of_type(struct type type)
{
    return type.kind == TYPE_ENUM || type.kind == TYPE_SET ? type.of : PROGRAM_NONE;
}

/* A broken type in a record would not be a bundle; there is an error anyway. */
static uint32_t kind_of(struct type type)
{
    return (uint32_t)type.kind < TYPE_COUNT ? type.kind : TYPE_BOOL;
}

static uint32_t find_field(struct names *names, const struct event_info *event, const struct name *name,
                           uint32_t field_first, enum type_kind kind)
{
    const struct member *field = names_need_field(names, event, name);
    if (field == NULL) return PROGRAM_NONE;
    if (field->type.kind != kind && (uint32_t)field->type.kind < TYPE_COUNT) {
        REPORT(names, DIAGNOSTIC_FIELD_KIND, name->span, name->text, names_type_words(names, field->type),
               names_type_words(names, (struct type){kind, PROGRAM_NONE, 0}));
        return PROGRAM_NONE;
    }
    return field_first + (uint32_t)(field - event->fields);
}

static uint32_t emit_events(struct names *names)
{
    struct builder *builder = names->builder;
    uint32_t most = PROGRAM_EVENT_SLOTS;
    for (uint32_t i = 0; i < names->event_count; i++) {
        struct event_info *event = &names->events[i];
        const struct declaration *declaration = event->declaration;
        schema_judge_repeats(names, declaration);
        struct bundle_event record = {
            .name = builder_text(builder, event->name),
            .wire = builder_text(builder,
                                 ast_is_present(&declaration->wire_name) ? declaration->wire_name.text : event->name),
            .field_first = builder_count(builder, SECTION_FIELD),
            .field_count = event->field_count,
            .about = event->about,
            .safety = event->safety,
            .sets = PROGRAM_NONE,
            .until = PROGRAM_NONE,
            .happens_at = PROGRAM_NONE,
            .reverses = PROGRAM_NONE,
            .reverses_by = PROGRAM_NONE,
            .reverses_at = PROGRAM_NONE,
            .slot_count = event->slot_count,
        };
        if (event->slot_count > most) most = event->slot_count;
        /* A standard event may speak of an attribute that this project did not take. */
        bool standard = declaration->span.file >= names->project_file_count;
        if (standard) names->muted++;
        for (uint32_t j = 0; j < i; j++) {
            const struct declaration *other = names->events[j].declaration;
            struct text wire = ast_is_present(&other->wire_name) ? other->wire_name.text : names->events[j].name;
            struct text mine = ast_is_present(&declaration->wire_name) ? declaration->wire_name.text : event->name;
            if (text_equal(wire, mine))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE,
                       ast_is_present(&declaration->wire_name) ? declaration->wire_name.span : declaration->name.span,
                       TEXT("the event on the wire"), mine);
        }
        for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
            switch (line->kind) {
            case LINE_HAPPENS_AT:
                record.happens_at = find_field(names, event, &line->as.word, record.field_first, TYPE_MOMENT);
                break;
            case LINE_REVERSES: {
                struct name other = line->as.reverses.event;
                const struct event_info *reversed = names_need_event(names, &other);
                if (reversed != NULL) record.reverses = reversed->index;
                record.reverses_by = find_field(names, event, &line->as.reverses.by, record.field_first, TYPE_TEXT);
                if (ast_is_present(&line->as.reverses.at))
                    record.reverses_at =
                        find_field(names, event, &line->as.reverses.at, record.field_first, TYPE_MOMENT);
                break;
            }
            case LINE_MADE_BY_ENGINE: record.made_by_engine = !play_is_platforms(names, event->name); break;
            case LINE_ANSWERED_BY_ENGINE: record.answered = 1; break;
            case LINE_SETS: {
                const struct member *attribute = names_need_attribute(names, &line->as.sets.attribute);
                if (attribute != NULL && attribute->type.kind != TYPE_BOOL) {
                    REPORT(names, DIAGNOSTIC_FIELD_KIND, line->as.sets.attribute.span, line->as.sets.attribute.text,
                           names_type_words(names, attribute->type), TEXT("yes or no"));
                } else if (attribute != NULL) {
                    record.sets = attribute->index;
                }
                if (ast_is_present(&line->as.sets.until))
                    record.until = find_field(names, event, &line->as.sets.until, record.field_first, TYPE_MOMENT);
                break;
            }
            default: break;
            }
        }
        names_judge_role(names, event, record.made_by_engine != 0, record.answered != 0);
        for (uint32_t j = 0; j < event->field_count; j++) {
            struct member *field = &event->fields[j];
            field->index = builder_count(builder, SECTION_FIELD);
            struct bundle_field row = {
                .low = field->low,
                .high = field->high,
                .name = builder_text(builder, field->name.text),
                .kind = kind_of(field->type),
                .of = of_type(field->type),
                .size = field->type.kind == TYPE_TEXT ? field->type.size : 0,
                .slot = field->slot,
                .optional = field->optional,
                .privacy = field->privacy,
            };
            builder_add_field(builder, &row);
        }
        builder_add_event(builder, &record);
        if (standard) names->muted--;
    }
    return most;
}

static void emit_attributes(struct names *names)
{
    struct builder *builder = names->builder;
    struct emitter plain = {.names = names, .builder = builder, .dry = true, .zone = names->zone};
    for (uint32_t i = 0; i < names->attribute_count; i++) {
        struct member *attribute = &names->attributes[i];
        struct bundle_attribute record = {
            .low = attribute->low,
            .high = attribute->high,
            .name = builder_text(builder, attribute->name.text),
            .kind = kind_of(attribute->type),
            .of = attribute->type.kind == TYPE_MONEY ? attribute->type.of : of_type(attribute->type),
            .size = attribute->type.kind == TYPE_TEXT ? attribute->type.size : 0,
            .slot = attribute->slot,
            .optional = attribute->optional,
            .privacy = attribute->privacy,
            .preset_text = PROGRAM_NONE,
        };
        if (attribute->preset_value != NULL && !attribute->optional && (uint32_t)attribute->type.kind < TYPE_COUNT) {
            struct reading preset;
            if (value_constant(&plain, attribute->preset_value, attribute->type, attribute->name.text, &preset)) {
                if (attribute->type.kind == TYPE_TEXT || attribute->type.kind == TYPE_ZONE) {
                    record.preset_text = builder_text(builder, preset.text);
                } else if (attribute->type.kind == TYPE_SET) {
                    record.preset = (int64_t)(UINT64_C(1) << preset.number);
                } else {
                    record.preset = preset.number;
                    if (preset.number < attribute->low || preset.number > attribute->high)
                        REPORT(names, DIAGNOSTIC_DEFAULT_OUT_OF_RANGE, attribute->preset_value->span,
                               attribute->name.text);
                }
                attribute->preset = record.preset;
                attribute->preset_text = preset.text;
            }
        }
        builder_add_attribute(builder, &record);
    }
}

static void emit_actions(struct names *names)
{
    struct builder *builder = names->builder;
    for (uint32_t i = 0; i < names->action_count; i++) {
        const struct action_info *action = &names->actions[i];
        schema_judge_repeats(names, action->declaration);
        struct bundle_action record = {
            .name = builder_text(builder, action->name),
            .class = action->class,
            .parameter_first = builder_count(builder, SECTION_PARAMETER),
            .parameter_count = action->parameter_count,
        };
        for (uint32_t j = 0; j < action->parameter_count; j++) {
            const struct member *parameter = &action->parameters[j];
            struct bundle_parameter row = {
                .low = parameter->low,
                .high = parameter->high,
                .name = builder_text(builder, parameter->name.text),
                .kind = kind_of(parameter->type),
                .of = of_type(parameter->type),
                .size = parameter->type.kind == TYPE_TEXT ? parameter->type.size : 0,
            };
            builder_add_parameter(builder, &row);
        }
        builder_add_action(builder, &record);
        /* The formula of its cost must hold for any parameters that an offer may give: names and types here, ranges there. */
        if (action->costs != NULL) {
            struct reading *readings = ARENA_ARRAY(names->arena, struct reading, action->parameter_count + 1);
            for (uint32_t j = 0; readings != NULL && j < action->parameter_count; j++) {
                readings[j] = (struct reading){.type = action->parameters[j].type,
                                               .bank = BANK_REGISTER,
                                               .slot = j,
                                               .range = range_of(0, 1),
                                               .num = 1,
                                               .den = 1};
                if (readings[j].type.kind == TYPE_MONEY) readings[j].type.of = 0;
            }
            struct emitter plain = {.names = names,
                                    .builder = builder,
                                    .dry = true,
                                    .zone = names->zone,
                                    .sight = SIGHT_ACTION,
                                    .action = action,
                                    .parameters = readings,
                                    .next_register = 16};
            struct reading cost;
            if (readings != NULL)
                (void)value_argument(&plain, action->costs, (struct type){TYPE_MONEY, 0, 0}, TEXT("costs"), 15, NULL,
                                     &cost);
        }
        if (action->consent.size > 0) {
            const struct line *line = ast_find_line(&action->declaration->lines, LINE_CONSENT, NULL);
            const struct member *attribute = line != NULL ? names_need_attribute(names, &line->as.word) : NULL;
            if (attribute != NULL && attribute->type.kind != TYPE_BOOL)
                REPORT(names, DIAGNOSTIC_FIELD_KIND, line->as.word.span, line->as.word.text,
                       names_type_words(names, attribute->type), TEXT("yes or no"));
        }
    }
}

void schema_emit(struct names *names)
{
    struct builder *builder = names->builder;
    struct bundle_workspace workspace = {
        .lateness_ms = names->lateness_ms,
        .retention_ms = names->retention_ms,
        .name = builder_text(builder, names->workspace_name),
        .zone = builder_text(builder, text_of(zone_name(names->zone))),
        .zone_attribute = names->zone_attribute,
        .zone_version = builder_text(builder, text_of(zone_version())),
        .zone_hash = builder_text(builder, text_of(zone_hash())),
        .unicode_version = builder_text(builder, text_of(words_unicode_version())),
        .short_links = names->short_links.size > 0 ? builder_text(builder, names->short_links) : PROGRAM_NONE,
        .platform_bonuses = play_platform_keeps(names),
        .player_slot_count = names->player_slot_count,
        .edition = 1,
    };
    for (uint32_t i = 0; i < names->currency_count; i++) {
        struct bundle_currency record = {.code = builder_text(builder, names->currencies[i]),
                                         .decimals = (uint32_t)decimal_currency_digits(names->currencies[i])};
        builder_add_currency(builder, &record);
    }
    schedule_emit_holidays(names);
    rates_emit(names);
    stacking_emit(names);
    for (uint32_t i = 0; i < names->brand_count; i++)
        builder_add_brand(builder, &(struct bundle_brand){.name = builder_text(builder, names->brands[i])});
    for (uint32_t i = 0; i < names->product_count; i++)
        builder_add_product(builder, &(struct bundle_product){.name = builder_text(builder, names->products[i])});
    for (uint32_t i = 0; i < names->channel_count; i++) {
        builder_add_channel(builder, &(struct bundle_channel){.name = builder_text(builder, names->channels[i]),
                                                              .in_app = text_equal(names->channels[i], TEXT("inbox")) ||
                                                                        text_equal(names->channels[i], TEXT("chat"))});
    }
    for (uint32_t i = 0; i < names->tag_count; i++)
        builder_add_tag(builder, &(struct bundle_tag){.name = builder_text(builder, names->tags[i])});
    for (uint32_t i = 0; i < names->enumeration_count; i++) {
        const struct enumeration_info *list = &names->enumerations[i];
        struct bundle_enumeration record = {.wording_first = builder_count(builder, SECTION_WORDING),
                                            .wording_count = list->count,
                                            .ranked = list->ranked};
        for (uint32_t j = 0; j < list->count; j++)
            builder_add_wording(builder, &(struct bundle_wording){.name = builder_text(builder, list->words[j])});
        builder_add_enumeration(builder, &record);
    }
    workspace.event_slot_count = emit_events(names);
    queries_emit(names, &workspace.event_slot_count);
    emit_attributes(names);
    emit_actions(names);
    messages_emit(names);
    badges_emit(names);
    builder_add_workspace(builder, &workspace);
    for (uint32_t i = 0; i < names->sources->count; i++) {
        struct text path = names->sources->sources[i]->name;
        if (i < names->project_file_count && text_starts_with(path, names->root)) {
            path = text_slice(path, names->root.size, path.size - names->root.size);
        }
        builder_add_file(builder, &(struct bundle_file){.path = builder_text(builder, path)});
    }
}

/* ------------------------------------------------------------------ rules */

static bool duration_of(struct names *names, const struct value *value, struct bundle_rule *rule)
{
    if (value == NULL || value->kind != VALUE_DURATION) return false;
    if (names_duration_ms(&value->duration) == 0) {
        names_report(names, DIAGNOSTIC_DURATION_ZERO, value->span, NULL, 0);
        return false;
    }
    rule->window_kind = names_duration(&value->duration, &rule->window);
    return true;
}

struct bundle_rule schema_rule(struct names *names, const struct line *line, uint32_t campaign, struct text name)
{
    return (struct bundle_rule){
        .campaign = campaign,
        .class = PROGRAM_NONE,
        .channel = PROGRAM_NONE,
        .product = PROGRAM_NONE,
        .filter = PROGRAM_NONE,
        .reason = PROGRAM_NONE,
        .country = PROGRAM_NONE,
        .object = PROGRAM_NONE,
        .zone = PROGRAM_NONE,
        .name = builder_text(names->builder, name),
        .file = line->span.file,
        .line = names_line(names, line->span),
    };
}

void schema_emit_member(struct names *names, const struct line *line, uint32_t campaign, struct text name)
{
    policies_emit_member(names, line, schema_rule(names, line, campaign, name));
}

void schema_emit_message_rule(struct names *names, const struct line *line, uint32_t campaign, struct text name)
{
    struct bundle_rule rule = schema_rule(names, line, campaign, name);
    if (line->kind == LINE_MESSAGES_AT_MOST) {
        rule.kind = RULE_PRESSURE;
        rule.otherwise = line->as.messages.otherwise == REFUSED_DELAY ? OTHERWISE_DELAY : OTHERWISE_DROP;
        rule.place = line->as.messages.in_player_zone ? PLACE_PLAYER : PLACE_CAMPAIGN;
        if (!policies_message_class(names, &line->as.messages.message_class, &rule.class)) return;
        if (ast_is_present(&line->as.messages.channel)) {
            rule.channel = names_need_channel(names, &line->as.messages.channel);
            if (rule.channel == PROGRAM_NONE) return;
        }
        for (const struct rate *rate = line->as.messages.rates.first; rate != NULL; rate = rate->next) {
            static const enum window_kind periods[] = {
                [PERIOD_DAY] = WINDOW_DAY, [PERIOD_WEEK] = WINDOW_WEEK, [PERIOD_MONTH] = WINDOW_MONTH};
            if (rate->duration == NULL && rate->period > PERIOD_MONTH) continue;
            rule.window_kind = rate->duration == NULL ? periods[rate->period] : WINDOW_NONE;
            rule.window = 0;
            if (rate->duration != NULL && !duration_of(names, rate->duration, &rule)) continue;
            rule.count = rate->count > 0 && rate->count < 1000000 ? (uint32_t)rate->count : 0;
            builder_add_rule(names->builder, &rule);
        }
        return;
    }
    rule.kind = RULE_QUIET;
    if (!policies_message_class(names, &line->as.send_between.message_class, &rule.class)) return;
    rule.otherwise = line->as.send_between.otherwise == REFUSED_DELAY ? OTHERWISE_DELAY : OTHERWISE_DROP;
    rule.place = line->as.send_between.in_player_zone ? PLACE_PLAYER : PLACE_CAMPAIGN;
    if (line->as.send_between.from == NULL || line->as.send_between.to == NULL) return;
    if (line->as.send_between.from->kind != VALUE_CLOCK || line->as.send_between.to->kind != VALUE_CLOCK) return;
    rule.from_ms = (uint32_t)line->as.send_between.from->amount;
    rule.to_ms = (uint32_t)line->as.send_between.to->amount;
    if (rule.from_ms == rule.to_ms) {
        names_report(names, DIAGNOSTIC_HOURS_EMPTY, line->span, NULL, 0);
        return;
    }
    builder_add_rule(names->builder, &rule);
}

/* A player filter in region 0; with `quiet` (standard rules) PROGRAM_NONE and false where something is not declared. */
bool schema_filter(struct emitter *emitter, const struct condition *condition, bool quiet, uint32_t *out)
{
    *out = PROGRAM_NONE;
    if (condition == NULL) return true;
    if (quiet) {
        struct names *names = emitter->names;
        uint32_t before = names->muted_errors;
        names->muted++;
        emitter->dry = true;
        (void)condition_player_filter(emitter, condition);
        emitter->dry = false;
        names->muted--;
        if (names->muted_errors != before) return false;
    }
    *out = condition_player_filter(emitter, condition);
    return true;
}

static void emit_policy_line(struct emitter *emitter, const struct line *line, const struct thing *policy)
{
    struct names *names = emitter->names;
    struct bundle_rule rule = schema_rule(names, line, PROGRAM_NONE, policy->name);
    bool quiet = policy->standard;
    switch (line->kind) {
    case LINE_FINISH_FOR:
        rule.kind = RULE_FINISH;
        rule.reason = builder_text(names->builder, line->as.finish_for.reason.text);
        if (schema_filter(emitter, line->as.finish_for.condition, quiet, &rule.filter))
            builder_add_rule(names->builder, &rule);
        return;
    case LINE_NEVER:
        rule.kind = line->as.never.kind == NEVER_MESSAGE  ? RULE_NEVER_MESSAGE
                    : line->as.never.kind == NEVER_REWARD ? RULE_NEVER_REWARD
                                                          : RULE_NEVER_ENTER;
        if (!policies_message_class(names, &line->as.never.message_class, &rule.class)) return;
        if (schema_filter(emitter, line->as.never.condition, quiet, &rule.filter))
            builder_add_rule(names->builder, &rule);
        return;
    case LINE_SEND_ONLY_TO:
        rule.kind = RULE_CONSENT;
        if (quiet) names->muted++;
        rule.channel = names_need_channel(names, &line->as.send_only_to.channel);
        rule.product = names_need_product(names, &line->as.send_only_to.product);
        if (quiet) names->muted--;
        if (rule.channel == PROGRAM_NONE || rule.product == PROGRAM_NONE) return;
        if (schema_filter(emitter, line->as.send_only_to.condition, quiet, &rule.filter))
            builder_add_rule(names->builder, &rule);
        return;
    case LINE_GROUP:
    case LINE_HOLD_OUT: policies_emit_line(names, line, rule); return;
    case LINE_MESSAGES_AT_MOST:
    case LINE_SEND_BETWEEN:
        if (quiet) names->muted++;
        schema_emit_message_rule(names, line, PROGRAM_NONE, policy->name);
        if (quiet) names->muted--;
        return;
    default: return;
    }
}

/* ------------------------------------------------------------------ budgets */

static bool amount_of(struct names *names, const struct value *value, uint32_t currency, const char *subject,
                      int64_t *out)
{
    struct emitter plain = {.names = names, .builder = names->builder, .dry = true, .zone = names->zone};
    struct reading reading;
    if (value == NULL ||
        !value_constant(&plain, value, (struct type){TYPE_MONEY, currency, 0}, text_of(subject), &reading))
        return false;
    if (reading.number <= 0) {
        REPORT(names, DIAGNOSTIC_AMOUNT_ZERO, value->span, text_of(subject));
        return false;
    }
    *out = reading.number;
    return true;
}

/* Lines about runs need a campaign that has them. */
static void judge_run(struct names *names, const struct campaign *campaign, const struct line *line)
{
    if (campaign != NULL && campaign->start != NULL && campaign->start->kind == LINE_START_SCHEDULE) return;
    if (campaign != NULL && campaign->declaration->tournament != NULL) return; /* Each instance is one. */
    REPORT(names, DIAGNOSTIC_RUN_WITHOUT_SCHEDULE, line->span, names_words(names, line->span));
}

uint32_t schema_emit_budget(struct names *names, const struct declaration *budget, uint32_t campaign_index,
                            struct campaign *campaign, struct text name, uint32_t currency)
{
    struct builder *builder = names->builder;
    schema_judge_repeats(names, budget);
    struct bundle_budget record = {
        .name = builder_text(builder, name),
        .campaign = campaign_index,
        .currency = currency,
        .limit_first = builder_count(builder, SECTION_LIMIT),
        .when_empty = EMPTY_SUSPEND,
        .reason = PROGRAM_NONE,
    };
    static const enum limit_period periods[] = {
        [PERIOD_EVER] = LIMIT_EVER,   [PERIOD_DAY] = LIMIT_DAY,   [PERIOD_WEEK] = LIMIT_WEEK,
        [PERIOD_MONTH] = LIMIT_MONTH, [PERIOD_YEAR] = LIMIT_YEAR, [PERIOD_RUN] = LIMIT_RUN};
    bool has_pool = false;
    bool has_amount = false;
    for (const struct line *line = budget->lines.first; line != NULL; line = line->next) {
        struct bundle_limit limit = {
            .scope = SCOPE_TOTAL, .period = LIMIT_EVER, .offer = PROGRAM_NONE, .line = names_line(names, line->span)};
        has_amount = has_amount || line->kind == LINE_TOTAL || line->kind == LINE_PER_PERIOD ||
                     line->kind == LINE_PER_PLAYER || line->kind == LINE_PER_OFFER;
        switch (line->kind) {
        case LINE_TOTAL:
            if (!amount_of(names, line->as.amount.value, currency, "total", &limit.amount)) continue;
            break;
        case LINE_PER_PERIOD:
            limit.period = periods[line->as.amount.period];
            if (limit.period == LIMIT_RUN) judge_run(names, campaign, line);
            if (!amount_of(names, line->as.amount.value, currency, "the budget", &limit.amount)) continue;
            break;
        case LINE_PER_PLAYER:
            limit.scope = SCOPE_PLAYER;
            limit.period = periods[line->as.amount.period];
            if (!amount_of(names, line->as.amount.value, currency, "per player", &limit.amount)) continue;
            break;
        case LINE_PER_OFFER: {
            limit.scope = SCOPE_OFFER;
            if (!amount_of(names, line->as.amount.value, currency, "per offer", &limit.amount)) continue;
            struct campaign_offer *offer =
                campaign != NULL ? campaign_offer(campaign, line->as.amount.offer.text) : NULL;
            if (offer == NULL) {
                uint32_t count = campaign != NULL ? campaign->offer_count : 0;
                struct text *list = ARENA_ARRAY(names->arena, struct text, count + 1);
                for (uint32_t i = 0; list != NULL && i < count; i++)
                    list[i] = campaign->offers[i].declaration->name.text;
                names_unknown(names, DIAGNOSTIC_UNKNOWN_OFFER, &line->as.amount.offer, list, count);
                continue;
            }
            limit.offer = offer->index;
            break;
        }
        case LINE_FROM_POOL: has_pool = true; continue;
        case LINE_WHEN_EMPTY:
            record.when_empty = line->as.when_empty.kind == WHEN_EMPTY_SUSPEND  ? EMPTY_SUSPEND
                                : line->as.when_empty.kind == WHEN_EMPTY_GO_ON  ? EMPTY_GO_ON
                                : line->as.when_empty.kind == WHEN_EMPTY_FINISH ? EMPTY_FINISH
                                                                                : EMPTY_STOP_RUN;
            if (record.when_empty == EMPTY_STOP_RUN) judge_run(names, campaign, line);
            if (record.when_empty == EMPTY_FINISH)
                record.reason = builder_text(builder, line->as.when_empty.reason.text);
            continue;
        default: continue;
        }
        builder_add_limit(builder, &limit);
        record.limit_count++;
    }
    const struct line *total = ast_find_line(&budget->lines, LINE_TOTAL, NULL);
    for (const struct line *line = budget->lines.first; line != NULL && total != NULL; line = line->next) {
        const struct value *value = line->kind == LINE_PER_PLAYER ? line->as.amount.value : NULL;
        if (value != NULL && value->kind == VALUE_MONEY && total->as.amount.value != NULL &&
            total->as.amount.value->kind == VALUE_MONEY && value->amount > total->as.amount.value->amount)
            names_report(names, DIAGNOSTIC_PLAYER_ABOVE_TOTAL, line->span, NULL, 0);
    }
    if (!has_amount && !has_pool && !budget->is_broken)
        names_report(names, DIAGNOSTIC_BUDGET_EMPTY, budget->span, NULL, 0);
    return builder_add_budget(builder, &record);
}

static void emit_pools(struct names *names)
{
    for (uint32_t i = 0; i < names->pool_count; i++) {
        const struct declaration *pool = names->pools[i].declaration;
        uint32_t currency = PROGRAM_NONE;
        for (const struct line *line = pool->lines.first; line != NULL && currency == PROGRAM_NONE; line = line->next) {
            bool amount = line->kind == LINE_TOTAL || line->kind == LINE_PER_PERIOD || line->kind == LINE_PER_PLAYER;
            if (amount && line->as.amount.value != NULL && line->as.amount.value->kind == VALUE_MONEY)
                currency = names_need_currency(names, line->as.amount.value->currency, line->as.amount.value->span);
        }
        names->pools[i].index = schema_emit_budget(names, pool, PROGRAM_NONE, NULL, names->pools[i].name,
                                                   currency == PROGRAM_NONE ? 0 : currency);
    }
}

/* Whether a condition asks for the segment, itself or by way of others. */
static bool asks_for(struct names *names, const struct condition *condition, const struct thing *segment,
                     uint32_t depth)
{
    if (condition == NULL || depth > names->segment_count) return false;
    if (condition->kind == CONDITION_COMPARE && condition->comparison == COMPARISON_IN_SEGMENT &&
        condition->values.first != NULL) {
        const struct thing *other =
            names_thing(names->segments, names->segment_count, condition->values.first->name.text);
        if (other == segment) return true;
        if (other != NULL && !other->dropped && asks_for(names, other->declaration->condition, segment, depth + 1))
            return true;
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next) {
        if (asks_for(names, child, segment, depth)) return true;
    }
    return false;
}

/* Segments and policies share one region: tells where there are too many, once, and never of a standard one alone. */
static void judge_conditions(const struct emitter *emitter, const struct thing *thing)
{
    struct names *names = emitter->names;
    if (emitter->site_count <= LIMIT_CONDITIONS_PER_CAMPAIGN || names->too_many_conditions) return;
    for (uint32_t i = names->segment_count; thing->standard && i > 0; i--) {
        if (!names->segments[i - 1].standard) thing = &names->segments[i - 1];
    }
    REPORT(names, DIAGNOSTIC_TOO_MANY, thing->declaration->span, TEXT("from here on more than 1,023"),
           TEXT("conditions, those of all segments and policies together,"),
           names_number(names, LIMIT_CONDITIONS_PER_CAMPAIGN - 1));
    names->too_many_conditions = true;
}

void schema_emit_rules(struct names *names)
{
    const uint32_t errors = names->diagnostics->error_count;
    struct emitter emitter = {.names = names, .builder = names->builder, .zone = names->zone};
    emit_region_begin(&emitter);
    metrics_emit(&emitter);
    points_emit(&emitter);
    uint32_t index = 0;
    for (uint32_t i = 0; i < names->segment_count; i++) {
        struct thing *segment = &names->segments[i];
        uint32_t filter;
        emitter.depth = 1;
        if (asks_for(names, segment->declaration->condition, segment, 0)) {
            REPORT(names, DIAGNOSTIC_SEGMENT_IN_ITSELF, segment->declaration->span, segment->name);
            segment->dropped = true;
            continue;
        }
        if (segment->declaration->condition == NULL ||
            !schema_filter(&emitter, segment->declaration->condition, segment->standard, &filter)) {
            segment->dropped = true;
            continue;
        }
        segment->index = index++;
        struct bundle_segment record = {
            .name = builder_text(names->builder, segment->name),
            .filter = filter,
            .file = segment->declaration->span.file,
            .line = names_line(names, segment->declaration->span),
            .awards = segment->declaration->awards,
        };
        builder_add_segment(names->builder, &record);
        judge_conditions(&emitter, segment);
    }
    emitter.depth = 0;
    for (uint32_t i = 0; i < names->policy_count; i++) {
        schema_judge_repeats(names, names->policies[i].declaration);
        for (const struct line *line = names->policies[i].declaration->lines.first; line != NULL; line = line->next)
            emit_policy_line(&emitter, line, &names->policies[i]);
        judge_conditions(&emitter, &names->policies[i]);
    }
    codes_emit(&emitter);
    rules_emit(&emitter);
    for (uint32_t i = 0; i < names->campaign_count; i++) schedule_emit(&emitter, &names->campaigns[i]);
    measures_emit(&emitter);
    emit_region_end(&emitter, PROGRAM_NONE);
    if (emitter.too_large && emitter.site_count <= LIMIT_CONDITIONS_PER_CAMPAIGN && names->policy_count > 0 &&
        names->diagnostics->error_count == errors) {
        REPORT(names, DIAGNOSTIC_TOO_LARGE, names->policies[names->policy_count - 1].declaration->span,
               TEXT("the policies and segments together"));
    }
    emit_pools(names);
}
