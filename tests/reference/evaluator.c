/* Names and formulas. See evaluator.h. spec: language.md#values-and-types, language.md#formulas */
#include "tests/reference/evaluator.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/reference/days.h"
#include "tests/reference/walk.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/split.h"
#include "vm/zone.h"

void reference_fail(struct reference *reference, const char *format, ...)
{
    if (reference->failure[0] != '\0') return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reference->failure, sizeof reference->failure, format, arguments);
    va_end(arguments);
}

void reference_unsure(struct reference *reference, const char *because)
{
    reference->unsure = true;
    reference->because = because;
}

void reference_mark(struct reference *reference, const void *node, bool yes)
{
    if (reference->mark_count == reference->mark_capacity) {
        reference->mark_capacity = reference->mark_capacity * 2 + 64;
        reference->mark = realloc(reference->mark, reference->mark_capacity * sizeof *reference->mark);
        if (reference->mark == NULL) abort();
    }
    reference->mark[reference->mark_count++] = (struct mark){node, yes};
}

void reference_begin(struct reference *reference)
{
    reference->mark_count = 0;
    reference->unsure = false;
    reference->because = "";
}

static bool slot_known(const uint64_t *known, uint32_t slot)
{
    return (known[slot / 64] >> (slot % 64) & 1) != 0;
}

const struct line *reference_line(const struct declaration *declaration, enum line_kind kind)
{
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == kind) return line;
    }
    return NULL;
}

struct scene reference_scene(struct reference *reference, const struct thing *campaign, const struct activation *inputs,
                             int64_t now)
{
    const struct names *names = reference->names;
    struct scene scene = {.reference = reference,
                          .campaign = campaign,
                          .inputs = inputs,
                          .now = now,
                          .sight = SEES_JOURNEY,
                          .rounding = ROUNDING_DOWN,
                          .zone = zone_name(names->zone)};
    scene.player_zone = scene.zone;
    if (campaign == NULL) return scene;
    const struct line *rounding = reference_line(campaign->declaration, LINE_ROUNDING);
    const struct line *currency = reference_line(campaign->declaration, LINE_CURRENCY);
    const struct line *zone = reference_line(campaign->declaration, LINE_TIMEZONE);
    if (rounding != NULL) scene.rounding = rounding->as.rounding;
    if (reference->plant == PLANTED_ROUND_UP && rounding == NULL) scene.rounding = ROUNDING_UP;
    if (currency != NULL && currency->as.words.first != NULL)
        scene.currency = names_index(names->currencies, names->currency_count, currency->as.words.first->name.text);
    if (zone != NULL) {
        int index = zone_find(zone->as.text.text);
        if (index >= 0) scene.zone = zone_name((unsigned)index);
    }
    scene.player_zone = scene.zone;
    if (names->zone_attribute != PROGRAM_NONE) {
        const struct member *member = &names->attributes[names->zone_attribute];
        if (slot_known(inputs->player.known, member->slot))
            scene.player_zone = zone_name((unsigned)inputs->player.slot[member->slot]);
    }
    return scene;
}

/* ------------------------------------------------------------------ names */

static struct term slot_term(const struct scene *scene, struct type type, int64_t slot)
{
    if (type.kind == TYPE_TEXT) return term_text(interp_text(scene->inputs, slot));
    return term_of_slot(type, slot);
}

static struct term attribute(struct scene *scene, struct text name)
{
    const struct names *names = scene->reference->names;
    const struct bank_read *bank = &scene->inputs->player;
    if (text_equal(name, TEXT("id")))
        return slot_term(scene, (struct type){TYPE_TEXT, PROGRAM_NONE, 64}, bank->slot[PROGRAM_SLOT_PLAYER_ID]);
    if (text_equal(name, TEXT("tags")))
        return term_of_slot((struct type){TYPE_SET, PROGRAM_NONE, 0}, bank->slot[PROGRAM_SLOT_TAGS]);
    const struct member *member = names_attribute(names, name);
    if (member == NULL) {
        const struct metric_info *metric = names_metric(names, name, PROGRAM_NONE);
        if (metric == NULL) {
            reference_fail(scene->reference, "nothing is called player.%.*s", TEXT_ARGS(name));
            return term_nothing((struct type){TYPE_WHOLE, PROGRAM_NONE, 0});
        }
        return reference_metric(scene, (uint32_t)(metric - names->metrics), metric->type);
    }
    if (!slot_known(bank->known, member->slot)) return term_nothing(member->type);
    return slot_term(scene, member->type, bank->slot[member->slot]);
}

static struct type field_type(const struct scene *scene, const struct member *field)
{
    struct type type = field->type;
    if (type.kind == TYPE_MONEY) type.of = scene->currency;
    return type;
}

/* Out of the event at hand, or of one that the journey keeps. */
struct term reference_field(struct scene *scene, const struct event_info *event, struct text name)
{
    const struct type moment = {TYPE_MOMENT, PROGRAM_NONE, 0}, text = {TYPE_TEXT, PROGRAM_NONE, 64};
    const struct member *field = names_field(event, name);
    struct type type = field != NULL ? field_type(scene, field) : text_equal(name, TEXT("time")) ? moment : text;
    uint32_t slot = field != NULL                    ? field->slot
                    : text_equal(name, TEXT("time")) ? PROGRAM_SLOT_TIME
                                                     : PROGRAM_SLOT_EVENT_ID;
    bool at_hand = scene->event == event && (scene->sight == SEES_EVENT || scene->own_first);
    if (at_hand) {
        const struct bank_read *bank = &scene->inputs->event;
        if (!slot_known(bank->known, slot)) return term_nothing(type);
        return slot_term(scene, type, bank->slot[slot]);
    }
    const struct told *told = scene->course != NULL ? course_told(scene->course, event) : NULL;
    if (told == NULL) {
        reference_fail(scene->reference, "%.*s.%.*s is read, and no such event has passed", TEXT_ARGS(event->name),
                       TEXT_ARGS(name));
        return term_nothing(type);
    }
    if (!slot_known(told->known, slot)) return term_nothing(type);
    if (type.kind != TYPE_TEXT) return term_of_slot(type, told->slot[slot]);
    return term_text(
        text_make((const char *)told->bytes + handle_offset(told->slot[slot]), handle_size(told->slot[slot])));
}

/* A metric's own formula; its parts are metrics of the same place, by their bare names. */
static struct term metric_formula(struct scene *scene, const struct metric_info *info)
{
    const struct metric *metric = info->declaration->metric;
    struct scene inner = *scene;
    inner.sight = SEES_METRICS;
    inner.below = false;
    if (info->campaign == PROGRAM_NONE) {
        inner.campaign = NULL;
        inner.rounding = ROUNDING_DOWN;
    } else {
        inner.campaign = &scene->reference->names->campaigns[info->campaign];
    }
    if (metric->is_rounded) inner.rounding = metric->rounding;
    if (inner.depth++ > 32) {
        reference_fail(scene->reference, "metrics in a circle");
        return term_nothing(info->type);
    }
    struct term term = reference_value(&inner, metric->formula, &info->type);
    if (term.known) {
        term = term_round(scene->reference, term, inner.rounding);
        term.type = info->type;
    }
    return term;
}

struct term reference_metric(struct scene *scene, uint32_t index, struct type type)
{
    struct reference *reference = scene->reference;
    const struct metric_info *info = &reference->names->metrics[index];
    struct term term;
    if (info->declaration->metric->aggregate == AGGREGATE_WORD_FORMULA) {
        term = metric_formula(scene, info);
    } else {
        struct metric_read read = {.text = {"", 0}};
        if (scene->inputs->read_metric != NULL)
            scene->inputs->read_metric(scene->inputs->metric_context, info->index, &read);
        term = term_nothing(type);
        if (read.known) {
            term = type.kind == TYPE_TEXT ? term_text(arena_copy_text(reference->names->arena, read.text))
                                          : term_of_slot(type, read.value);
        }
    }
    const struct value *otherwise = info->declaration->metric->otherwise;
    if (!term.known && otherwise != NULL) term = reference_constant(scene, otherwise, type);
    if (!term.known && !info->optional) { /* counts and sums are 0 without any event */
        term = term_number(type, 0, 1);
    }
    if (term.known && type.kind != TYPE_TEXT) {
        struct term low = term_number(type, info->range.low, term_unit(type));
        struct term high = term_number(type, info->range.high, term_unit(type));
        if (term_compare(reference, &term, &low) < 0) term = low;
        if (term_compare(reference, &term, &high) > 0) term = high;
    }
    return term;
}

static struct term journey_value(struct scene *scene, struct text name)
{
    struct term *term = scene->course != NULL ? course_remembered(scene->course, name) : NULL;
    if (term != NULL) return *term;
    uint32_t campaign = scene->campaign != NULL ? (uint32_t)(scene->campaign - scene->reference->names->campaigns) : 0;
    const struct metric_info *metric = names_metric(scene->reference->names, name, campaign);
    if (metric != NULL)
        return reference_metric(scene, (uint32_t)(metric - scene->reference->names->metrics), metric->type);
    return term_nothing((struct type){(enum type_kind)TYPE_BROKEN, PROGRAM_NONE, 0});
}

static struct term bare(struct scene *scene, const struct value *value)
{
    const struct names *names = scene->reference->names;
    struct text name = value->name.text;
    switch (scene->sight) {
    case SEES_EVENT: return reference_field(scene, scene->event, name);
    case SEES_PLAYER: return attribute(scene, name);
    case SEES_PARAMETERS:
        for (uint32_t i = 0; i < scene->action->parameter_count; i++) {
            if (text_equal(scene->action->parameters[i].name.text, name)) return scene->parameters[i];
        }
        break;
    case SEES_METRICS: {
        uint32_t campaign = scene->campaign != NULL ? (uint32_t)(scene->campaign - names->campaigns) : PROGRAM_NONE;
        const struct metric_info *metric = names_metric(names, name, campaign);
        if (metric != NULL) return reference_metric(scene, (uint32_t)(metric - names->metrics), metric->type);
        break;
    }
    case SEES_JOURNEY: break;
    }
    reference_fail(scene->reference, "nothing is called %.*s here", TEXT_ARGS(name));
    return term_nothing((struct type){TYPE_WHOLE, PROGRAM_NONE, 0});
}

static struct term path(struct scene *scene, const struct value *value)
{
    if (text_equal(value->owner.text, TEXT("player"))) return attribute(scene, value->name.text);
    if (text_equal(value->owner.text, TEXT("journey"))) return journey_value(scene, value->name.text);
    const struct event_info *event = names_event(scene->reference->names, value->owner.text);
    if (event != NULL) {
        struct scene outer = *scene;
        if (outer.sight == SEES_EVENT && !outer.own_first) outer.event = NULL; /* an earlier one */
        return reference_field(&outer, event, value->name.text);
    }
    reference_fail(scene->reference, "nothing is called %.*s", TEXT_ARGS(value->owner.text));
    return term_nothing((struct type){TYPE_WHOLE, PROGRAM_NONE, 0});
}

struct term reference_arm(struct scene *scene, struct text name)
{
    const struct declaration *campaign = scene->campaign->declaration;
    struct text id = interp_text(scene->inputs, scene->inputs->player.slot[PROGRAM_SLOT_PLAYER_ID]);
    uint32_t millionth = split_millionth(id, split_seed(name));
    (void)campaign;
    struct term term = term_number((struct type){(enum type_kind)TYPE_ARM, PROGRAM_NONE, 0}, millionth, 1);
    term.text = name;
    return term;
}

/* `WORD of "NAME"`: what the engine knows of a thing, as it tells it. */
static struct term property(struct scene *scene, const struct value *value)
{
    const struct program *program = scene->reference->program;
    if (text_equal(value->name.text, TEXT("arm")) && scene->campaign != NULL)
        return reference_arm(scene, value->owner.text);
    char name[400];
    snprintf(name, sizeof name, "%.*s of \"%.*s\"", TEXT_ARGS(value->name.text), TEXT_ARGS(value->owner.text));
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        if (metric->aggregate != AGGREGATE_PROPERTY || !text_equal(program_text(program, metric->name), text_of(name)))
            continue;
        struct metric_read read = {.text = {"", 0}};
        if (scene->inputs->read_metric != NULL) scene->inputs->read_metric(scene->inputs->metric_context, i, &read);
        int64_t slot = read.known ? read.value : 0;
        if (slot < metric->low) slot = metric->low;
        if (slot > metric->high) slot = metric->high;
        return term_of_slot((struct type){(enum type_kind)metric->kind, metric->of, 0}, slot);
    }
    reference_fail(scene->reference, "nothing has %s", name);
    return term_nothing((struct type){TYPE_WHOLE, PROGRAM_NONE, 0});
}

bool reference_known(struct scene *scene, const struct value *value)
{
    if (value->kind == VALUE_PATH) return path(scene, value).known;
    if (value->kind == VALUE_WORD) return bare(scene, value).known;
    return reference_value(scene, value, NULL).known;
}

/* ------------------------------------------------------------------ constants */

static int64_t word_number(struct scene *scene, struct text word, struct type type)
{
    const struct names *names = scene->reference->names;
    uint32_t index = PROGRAM_NONE;
    if (type.kind == TYPE_COUNTRY) return (word.at[0] - 'A') * 26 + (word.at[1] - 'A');
    if (type.kind == TYPE_CURRENCY) index = names_index(names->currencies, names->currency_count, word);
    if (type.kind == TYPE_SET && type.of == PROGRAM_NONE) index = names_index(names->tags, names->tag_count, word);
    if ((type.kind == TYPE_ENUM || type.kind == TYPE_SET) && type.of != PROGRAM_NONE)
        index = names_index(names->enumerations[type.of].words, names->enumerations[type.of].count, word);
    if (index == PROGRAM_NONE) reference_fail(scene->reference, "%.*s is no word of its list", TEXT_ARGS(word));
    return index;
}

struct term reference_constant(struct scene *scene, const struct value *value, struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_MOMENT: {
        int64_t local = value->amount * DAYS_MS + (value->kind == VALUE_MOMENT ? value->clock_ms : 0);
        if (value->kind != VALUE_MOMENT && value->kind != VALUE_DATE) break;
        return term_number(type, value->is_utc ? local : days_instant(scene->zone, local), 1);
    }
    case TYPE_ENUM:
    case TYPE_SET:
    case TYPE_COUNTRY:
    case TYPE_CURRENCY:
        if (value->kind == VALUE_WORD) return term_number(type, word_number(scene, value->name.text, type), 1);
        if (value->kind == VALUE_NONE) return term_number(type, word_number(scene, TEXT("none"), type), 1);
        break;
    case TYPE_CALENDAR:
        if (value->kind == VALUE_DURATION) {
            int64_t ms = value->duration.ms;
            return term_number(type,
                               calendar_pack((int16_t)value->duration.months,
                                             (int16_t)(value->duration.days + ms / DAYS_MS), (int32_t)(ms % DAYS_MS)),
                               1);
        }
        break;
    case TYPE_ZONE: {
        int index = value->kind == VALUE_TEXT ? zone_find(value->name.text) : 0;
        return term_number(type, index, 1);
    }
    case TYPE_DECIMAL:
        if (value->kind == VALUE_NUMBER || value->kind == VALUE_MULTIPLE)
            return term_number(type, value->amount, 1000000);
        break;
    default: break;
    }
    return reference_value(scene, value, &type);
}

/* ------------------------------------------------------------------ rates */

static int64_t minor_units(struct text currency)
{
    int64_t units = 1;
    for (int digits = decimal_currency_digits(currency); digits > 0; digits--) units *= 10;
    return units;
}

bool reference_rate(const struct reference *reference, struct text rates, uint32_t from, uint32_t to, int128 *num,
                    int128 *den)
{
    const struct names *names = reference->names;
    const struct thing *table = names_thing(names->rates, names->rates_count, rates);
    if (table == NULL || from >= names->currency_count || to >= names->currency_count) return false;
    struct text one = names->currencies[from], other = names->currencies[to];
    *num = minor_units(other);
    *den = minor_units(one);
    if (from == to) return true;
    for (const struct line *line = table->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_EXCHANGE) continue;
        int64_t millionths = line->as.exchange.number->amount;
        if (text_equal(line->as.exchange.from.text, one) && text_equal(line->as.exchange.to.text, other)) {
            *num *= millionths;
            *den *= 1000000;
            return true;
        }
        if (text_equal(line->as.exchange.from.text, other) && text_equal(line->as.exchange.to.text, one)) {
            *num *= 1000000;
            *den *= millionths;
            return true;
        }
    }
    return false;
}

/* `ping.amount in EUR by "ecb"`: whichever currency it came in. */
static struct term conversion(struct scene *scene, const struct value *value)
{
    struct reference *reference = scene->reference;
    const struct names *names = reference->names;
    uint32_t to = names_index(names->currencies, names->currency_count, value->name.text);
    struct type type = {TYPE_MONEY, to, 0};
    const struct value *left = value->left;
    const struct event_info *event = left->kind == VALUE_WORD ? scene->event : NULL;
    if (left->kind == VALUE_PATH) event = names_event(names, left->owner.text);
    const struct member *field = event != NULL ? names_field(event, left->name.text) : NULL;
    if (field == NULL || field->type.kind != TYPE_MONEY) {
        reference_unsure(reference, "a conversion of something else than an event's money");
        return term_nothing(type);
    }
    struct term amount = reference_value(scene, left, NULL);
    bool at_hand = left->kind == VALUE_WORD || (scene->event == event && scene->own_first);
    const struct told *told = at_hand || scene->course == NULL ? NULL : course_told(scene->course, event);
    int64_t from = at_hand        ? scene->inputs->event.slot[field->slot + 1]
                   : told != NULL ? told->slot[field->slot + 1]
                                  : (int64_t)PROGRAM_NONE;
    int128 num, den;
    if (!amount.known || !reference_rate(reference, value->owner.text, (uint32_t)from, to, &num, &den))
        return term_nothing(type);
    struct term term = term_number(type, amount.num * num, amount.den * den);
    term.converts = true;
    return term;
}

/* ------------------------------------------------------------------ formulas */

/* Whether it stands in the text as it is: no name in it. */
static bool is_written(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER:
    case VALUE_PERCENT:
    case VALUE_MULTIPLE:
    case VALUE_MONEY: return true;
    case VALUE_BINARY:
    case VALUE_SHARE_OF: return is_written(value->left) && is_written(value->right);
    default: return false;
    }
}

static const struct clause *rounded_from(const struct clause *clause)
{
    while (clause != NULL && clause->kind != CLAUSE_ROUNDED) clause = clause->next;
    return clause;
}

static struct term limit_of(struct scene *scene, const struct value *value, struct type type)
{
    struct term term =
        is_written(value) ? reference_constant(scene, value, type) : reference_value(scene, value, &type);
    if (type.kind == TYPE_DECIMAL && term.type.kind == TYPE_WHOLE) term.type = type;
    return term;
}

static struct term formula(struct scene *scene, const struct value *value, const struct type *want)
{
    struct reference *reference = scene->reference;
    const enum rounding outer = scene->rounding;
    const struct clause *otherwise = NULL;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        if (clause->kind == CLAUSE_OTHERWISE) otherwise = clause;
    }
    const struct clause *rounded = rounded_from(value->clauses);
    if (rounded != NULL) scene->rounding = rounded->rounding;
    struct term term = reference_value(scene, value->left, want);
    for (const struct clause *clause = value->clauses; clause != NULL && term.known && !scene->below;
         clause = clause->next) {
        if (clause->kind == CLAUSE_OTHERWISE) continue;
        if (clause->kind == CLAUSE_ROUNDED) {
            term = term_round(reference, term, clause->rounding);
            rounded = rounded_from(clause->next);
            scene->rounding = rounded != NULL ? rounded->rounding : outer;
            continue;
        }
        struct term limit = limit_of(scene, clause->value, term.type);
        if (!limit.known) {
            term = term_nothing(term.type);
            break;
        }
        int order = term_compare(reference, &term, &limit);
        bool cap = reference->plant != PLANTED_CAP;
        if (clause->kind == CLAUSE_AT_MOST && order > 0 && cap) term = term_number(term.type, limit.num, limit.den);
        if (clause->kind == CLAUSE_AT_LEAST && order < 0) term = term_number(term.type, limit.num, limit.den);
        if (clause->kind == CLAUSE_NOTHING_BELOW) {
            reference_mark(reference, clause, order >= 0);
            scene->below = order < 0;
        }
    }
    if (!term.known && otherwise != NULL) {
        struct type type = term.type;
        term = limit_of(scene, otherwise->value, type);
        if (value->left->kind != VALUE_PATH && otherwise->value->kind == VALUE_TEXT) term.type = type;
        if (term.known && (uint32_t)type.kind < TYPE_COUNT && type.kind != TYPE_TEXT) term.type = type;
        if ((type.kind == TYPE_ENUM || type.kind == TYPE_COUNTRY || type.kind == TYPE_CURRENCY) &&
            (otherwise->value->kind == VALUE_WORD || otherwise->value->kind == VALUE_NONE))
            term = reference_constant(scene, otherwise->value, type);
    }
    scene->rounding = outer;
    return term;
}

struct term reference_value(struct scene *scene, const struct value *value, const struct type *want)
{
    struct reference *reference = scene->reference;
    const struct names *names = reference->names;
    const struct type whole = {TYPE_WHOLE, PROGRAM_NONE, 0}, decimal = {TYPE_DECIMAL, PROGRAM_NONE, 0};
    switch (value->kind) {
    case VALUE_NUMBER: {
        bool is_whole = value->is_whole && value->amount % 1000000 == 0;
        if (want != NULL && want->kind == TYPE_DECIMAL) is_whole = false;
        return term_number(is_whole ? whole : decimal, value->amount, 1000000);
    }
    case VALUE_PERCENT: return term_number((struct type){TYPE_PERCENT, PROGRAM_NONE, 0}, value->amount, 1000000);
    case VALUE_MULTIPLE: return term_number(decimal, value->amount, 1000000);
    case VALUE_MONEY:
        return term_number(
            (struct type){TYPE_MONEY, names_index(names->currencies, names->currency_count, value->currency), 0},
            value->amount, 1);
    case VALUE_DURATION:
        if (value->duration.months == 0 && value->duration.days == 0)
            return term_number((struct type){TYPE_DURATION, PROGRAM_NONE, 0}, value->duration.ms, 1);
        return reference_constant(scene, value, (struct type){TYPE_CALENDAR, PROGRAM_NONE, 0});
    case VALUE_DATE: return term_number((struct type){TYPE_DATE, PROGRAM_NONE, 0}, value->amount, 1);
    case VALUE_CLOCK: return term_number((struct type){TYPE_TIME, PROGRAM_NONE, 0}, value->amount, 1);
    case VALUE_MOMENT: return reference_constant(scene, value, (struct type){TYPE_MOMENT, PROGRAM_NONE, 0});
    case VALUE_YES_NO: return term_number((struct type){TYPE_BOOL, PROGRAM_NONE, 0}, value->amount, 1);
    case VALUE_TEXT: return term_text(value->name.text);
    case VALUE_NONE:
    case VALUE_WORD:
        if (want != NULL && (value->kind == VALUE_NONE || scene->sight == SEES_JOURNEY)) {
            if (want->kind == TYPE_ENUM || want->kind == TYPE_COUNTRY || want->kind == TYPE_CURRENCY)
                return reference_constant(scene, value, *want);
        }
        return bare(scene, value);
    case VALUE_PATH: return path(scene, value);
    case VALUE_PROPERTY: return property(scene, value);
    case VALUE_BINARY:
    case VALUE_SHARE_OF: {
        struct term left = reference_value(scene, value->left, want);
        struct term right = reference_value(scene, value->right, want);
        bool share = value->kind == VALUE_SHARE_OF;
        /* What is converted is rounded before it meets what only the moment tells. */
        bool exact = (share || value->operation == OPERATION_MULTIPLY || value->operation == OPERATION_DIVIDE) &&
                     (is_written(value->left) || is_written(value->right));
        bool converts = exact && (left.converts || right.converts);
        if (!exact && left.converts) left = term_round(reference, left, scene->rounding);
        if (!exact && right.converts) right = term_round(reference, right, scene->rounding);
        struct term result = term_arithmetic(scene, share ? OPERATION_MULTIPLY : value->operation, share, left, right,
                                             is_written(value->right));
        result.converts = converts;
        return result;
    }
    case VALUE_FORMULA: return formula(scene, value, want);
    case VALUE_CONVERSION: return conversion(scene, value);
    case VALUE_PRICE_LIST: reference_unsure(reference, "a price list"); break;
    case VALUE_PLAYER:
    case VALUE_BROKEN: reference_fail(reference, "a value that is none"); break;
    }
    return term_nothing((struct type){TYPE_WHOLE, PROGRAM_NONE, 0});
}

struct term reference_argument(struct scene *scene, const struct value *value, struct type type)
{
    struct term term;
    switch (value->kind) {
    case VALUE_FORMULA:
    case VALUE_BINARY:
    case VALUE_SHARE_OF:
    case VALUE_PATH:
    case VALUE_PROPERTY:
    case VALUE_CONVERSION:
    case VALUE_PRICE_LIST: term = reference_value(scene, value, &type); break;
    case VALUE_WORD:
        term = scene->sight == SEES_PARAMETERS ? reference_value(scene, value, &type)
                                               : reference_constant(scene, value, type);
        break;
    default: term = reference_constant(scene, value, type); break;
    }
    if (scene->below || scene->reference->unsure) return term;
    if (!term.known) {
        reference_fail(scene->reference, "an argument has no value");
        return term;
    }
    if (type.kind == TYPE_DECIMAL && term.type.kind == TYPE_WHOLE) term.type = type;
    const struct names *names = scene->reference->names;
    if (type.kind == TYPE_TEXT && term.type.kind == TYPE_ENUM) /* a word of a list is its text */
        return term_text(names->enumerations[term.type.of].words[term.num]);
    if (type.kind == TYPE_TEXT && term.type.kind == TYPE_CURRENCY) return term_text(names->currencies[term.num]);
    return term_round(scene->reference, term, scene->rounding);
}
