/*
 * Steps, literals, slots, players and points of an in-language test. Contract: resolver.h.
 *
 * What a test may say of players, events and effects is plain `NAME is VALUE`; fields that were left out get what the language
 * says an omitted field is. spec: language.md#tests
 */
#include "compiler/resolver.h"

#include "vm/zone.h"

struct test_step *resolver_add_step(struct resolver *resolver, enum test_step_kind kind, struct span span)
{
    struct arena *arena = resolver->names->arena;
    if (resolver->step_count == resolver->step_capacity) {
        uint32_t capacity = resolver->step_capacity * 2 + 16;
        struct test_step *grown = ARENA_ARRAY(arena, struct test_step, capacity);
        if (grown == NULL) return NULL;
        if (resolver->step_count > 0) memcpy(grown, resolver->steps, resolver->step_count * sizeof *grown);
        resolver->steps = grown;
        resolver->step_capacity = capacity;
    }
    struct test_step *step = &resolver->steps[resolver->step_count++];
    *step = (struct test_step){
        .kind = kind,
        .line = names_line(resolver->names, span),
        .words = names_words(resolver->names, span),
        .event = PROGRAM_NONE,
        .campaign = PROGRAM_NONE,
        .split = PROGRAM_NONE,
        .budget = PROGRAM_NONE,
        .channel = PROGRAM_NONE,
        .reason = REASON_NONE,
    };
    return step;
}

static struct test_value value_of(const struct reading *reading)
{
    struct type type = reading->type;
    bool has_of = type.kind == TYPE_ENUM || type.kind == TYPE_SET || type.kind == TYPE_MONEY;
    return (struct test_value){
        .kind = type.kind, .of = has_of ? type.of : PROGRAM_NONE, .number = reading->number, .text = reading->text};
}

bool resolver_literal(struct resolver *resolver, const struct value *value, struct type type, struct text subject,
                      struct test_value *out)
{
    struct names *names = resolver->names;
    struct reading reading;
    bool any_money = type.kind == TYPE_MONEY;
    if (any_money && value->kind == VALUE_MONEY) {
        uint32_t currency = names_need_currency(names, value->currency, value->span);
        if (currency == PROGRAM_NONE) return false;
        type.of = currency;
    } else if (any_money) {
        type.of = resolver->currency;
    }
    if (!value_is_literal(value)) {
        REPORT(names, DIAGNOSTIC_TEST_LITERAL, value->span, names_words(names, value->span));
        return false;
    }
    if (!value_constant(&resolver->emitter, value, type, subject, &reading)) return false;
    if (type.kind == TYPE_SET) reading.number = (int64_t)(UINT64_C(1) << reading.number);
    *out = value_of(&reading);
    return true;
}

/* ------------------------------------------------------------------ slots that a test sets */

void resolver_set_slot(struct resolver_slots *list, struct test_slot slot)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->slots[i].slot == slot.slot && list->slots[i].metric == slot.metric) {
            if (slot.value.kind == TYPE_SET && slot.known) slot.value.number |= list->slots[i].value.number;
            list->slots[i] = slot;
            return;
        }
    }
    if (list->count < RESOLVER_SLOTS_MAX) list->slots[list->count++] = slot;
}

const struct metric_info *resolver_metric(const struct names *names, struct text name, uint32_t campaign)
{
    const struct metric_info *metric = names_metric(names, name, campaign);
    if (metric == NULL || metric->stage != METRIC_READY) return NULL;
    if (campaign != PROGRAM_NONE) return metric->campaign == campaign ? metric : NULL;
    return names_attribute(names, name) == NULL ? metric : NULL;
}

void resolver_set_by_condition(struct resolver *resolver, struct resolver_slots *list, const struct event_info *event,
                               const struct condition *condition)
{
    struct names *names = resolver->names;
    if (condition == NULL || condition->kind == CONDITION_BROKEN) return;
    if (condition->kind == CONDITION_ALL) {
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            resolver_set_by_condition(resolver, list, event, child);
        return;
    }
    const struct value *left = condition->left;
    bool plain =
        condition->kind == CONDITION_COMPARE && left != NULL && (left->kind == VALUE_WORD || left->kind == VALUE_PATH);
    bool unknown = plain && condition->comparison == COMPARISON_KNOWN && condition->negated;
    bool is = plain && !condition->negated &&
              (condition->comparison == COMPARISON_IS || condition->comparison == COMPARISON_CONTAINS) &&
              condition->values.first != NULL;
    if (!is && !unknown) {
        REPORT(names, DIAGNOSTIC_TEST_CONDITION, condition->span, names_words(names, condition->span));
        return;
    }
    struct type type;
    struct test_slot slot = {.attribute = PROGRAM_NONE, .known = !unknown};
    bool optional = true;
    const struct metric_info *metric = event == NULL ? resolver_metric(names, left->name.text, PROGRAM_NONE) : NULL;
    if (event == NULL && text_equal(left->name.text, TEXT("tags"))) {
        type = (struct type){TYPE_SET, PROGRAM_NONE, 0};
        slot.slot = PROGRAM_SLOT_TAGS;
    } else if (metric != NULL) {
        type = metric->type;
        slot.slot = metric->index;
        slot.metric = true;
        optional = metric->optional;
    } else if (event == NULL) {
        const struct member *attribute = names_need_attribute(names, &left->name);
        if (attribute == NULL) return;
        type = attribute->type;
        slot.slot = attribute->slot;
        slot.attribute = attribute->index;
        optional = attribute->optional;
    } else if (text_equal(left->name.text, TEXT("id"))) {
        type = (struct type){TYPE_TEXT, PROGRAM_NONE, 64};
        slot.slot = PROGRAM_SLOT_EVENT_ID;
        optional = false;
    } else {
        const struct member *field = names_need_field(names, event, &left->name);
        if (field == NULL) return;
        type = field->type;
        slot.slot = field->slot;
        optional = field->optional;
    }
    if (unknown) {
        if (!optional) REPORT(names, DIAGNOSTIC_ALWAYS_KNOWN, condition->span, left->name.text);
        slot.value.kind = type.kind;
        resolver_set_slot(list, slot);
        return;
    }
    if (event == NULL && type.kind == TYPE_MONEY) {
        struct reading reading;
        if (!value_constant(&resolver->emitter, condition->values.first, type, left->name.text, &reading)) return;
        slot.value = value_of(&reading);
    } else if (!resolver_literal(resolver, condition->values.first, type, left->name.text, &slot.value)) {
        return;
    }
    resolver_set_slot(list, slot);
    if (event != NULL && type.kind == TYPE_MONEY) {
        struct test_slot currency = {.slot = slot.slot + 1,
                                     .attribute = PROGRAM_NONE,
                                     .known = true,
                                     .value = {TYPE_WHOLE, PROGRAM_NONE, slot.value.of, TEXT("")}};
        resolver_set_slot(list, currency);
    }
}

const struct test_slot *resolver_keep_slots(struct resolver *resolver, const struct resolver_slots *list)
{
    return list->count == 0 ? NULL
                            : arena_copy(resolver->names->arena, list->slots, list->count * sizeof list->slots[0]);
}

void resolver_omit_fields(struct resolver *resolver, struct resolver_slots *list, const struct event_info *event,
                          int64_t at)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct member *field = &event->fields[i];
        struct test_slot slot = {.slot = field->slot,
                                 .attribute = PROGRAM_NONE,
                                 .known = !field->optional,
                                 .value = {.kind = field->type.kind, .of = PROGRAM_NONE, .text = TEXT("")}};
        if (field->type.kind == TYPE_ENUM || field->type.kind == TYPE_SET) slot.value.of = field->type.of;
        if (field->type.kind == TYPE_MOMENT) slot.value.number = at;
        if (field->type.kind == TYPE_MONEY) slot.value.of = resolver->currency;
        if (field->type.kind == TYPE_COUNTRY) slot.value.number = value_country(TEXT("ZZ"));
        if (slot.value.number < field->low && (field->type.kind == TYPE_WHOLE || field->type.kind == TYPE_DECIMAL))
            slot.value.number = field->low;
        resolver_set_slot(list, slot);
        if (field->type.kind == TYPE_MONEY) {
            struct test_slot currency = {.slot = field->slot + 1,
                                         .attribute = PROGRAM_NONE,
                                         .known = slot.known,
                                         .value = {TYPE_WHOLE, PROGRAM_NONE, resolver->currency, TEXT("")}};
            resolver_set_slot(list, currency);
        }
    }
}

/* ------------------------------------------------------------------ players and points */

bool resolver_player(struct resolver *resolver, const struct name *name, uint32_t *out)
{
    for (uint32_t i = 0; i < resolver->player_count; i++) {
        if (text_equal(resolver->players[i].id, name->text)) {
            *out = i;
            return true;
        }
    }
    struct text *list = ARENA_ARRAY(resolver->names->arena, struct text, resolver->player_count + 1);
    for (uint32_t i = 0; list != NULL && i < resolver->player_count; i++) list[i] = resolver->players[i].id;
    names_unknown(resolver->names, DIAGNOSTIC_UNKNOWN_PLAYER, name, list, resolver->player_count);
    return false;
}

bool resolver_point(struct resolver *resolver, const struct point *point, int64_t *out)
{
    if (point->kind == POINT_MOMENT && point->moment != NULL) {
        *out = value_moment(point->moment, resolver->test->zone);
        return true;
    }
    if (point->kind == POINT_AFTER) {
        if (!resolver->has_at) {
            names_report(resolver->names, DIAGNOSTIC_TEST_WITHOUT_MOMENT, point->span, NULL, 0);
            return false;
        }
        *out = zone_add_calendar(resolver->test->zone, resolver->first_at, (int32_t)point->after.months,
                                 (int32_t)point->after.days, point->after.ms);
        return true;
    }
    return false;
}
