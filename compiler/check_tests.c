/*
 * Resolves in-language tests against the compiled program (check_tests.h).
 *
 * A test's story is flattened: `repeat` is written out, points become instants, fields that were left out get what the
 * language says an omitted field is. What a test may say of players, events and effects is plain `NAME is VALUE`.
 */
#include "compiler/check_tests.h"

#include "compiler/campaign.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

enum { TEST_STEPS_MAX = 200000, TEST_PLAYERS_MAX = 100000, TEST_SLOTS_MAX = 512 };

struct resolver {
    struct names *names;
    const struct program *program;
    struct emitter emitter; /* for value_constant */
    struct compiled_test *test;
    struct test_player *players;
    uint32_t player_count, player_capacity;
    bool *named; /* by player: spoken of by `for "A"` */
    struct test_step *steps;
    uint32_t step_count, step_capacity;
    uint32_t *campaigns;
    uint32_t campaign_count;
    int64_t first_at, last_at;
    bool has_at;
    uint32_t currency; /* of the first campaign */
};

static struct test_step *add_step(struct resolver *resolver, enum test_step_kind kind, struct span span)
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

/* A literal of a type; money may be of any currency in use. A SET's word becomes a mask. */
static bool literal(struct resolver *resolver, const struct value *value, struct type type, struct text subject,
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
        REPORT(names, DIAGNOSTIC_TEST_CONDITION, value->span, names_words(names, value->span));
        return false;
    }
    if (!value_constant(&resolver->emitter, value, type, subject, &reading)) return false;
    if (type.kind == TYPE_SET) reading.number = (int64_t)(UINT64_C(1) << reading.number);
    *out = value_of(&reading);
    return true;
}

/* ------------------------------------------------------------------ slots that a test sets */

struct slot_list {
    struct test_slot slots[TEST_SLOTS_MAX];
    uint32_t count;
};

static void set_slot(struct slot_list *list, struct test_slot slot)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->slots[i].slot == slot.slot && list->slots[i].metric == slot.metric) {
            if (slot.value.kind == TYPE_SET && slot.known) slot.value.number |= list->slots[i].value.number;
            list->slots[i] = slot;
            return;
        }
    }
    if (list->count < TEST_SLOTS_MAX) list->slots[list->count++] = slot;
}

/* A metric that is in the bundle, and not an attribute's name. */
static const struct metric_info *readable_metric(const struct names *names, struct text name, uint32_t campaign)
{
    const struct metric_info *metric = names_metric(names, name, campaign);
    if (metric == NULL || metric->stage != METRIC_READY) return NULL;
    if (campaign != PROGRAM_NONE) return metric->campaign == campaign ? metric : NULL;
    return names_attribute(names, name) == NULL ? metric : NULL;
}

/* `NAME is VALUE and NAME is VALUE`, over attributes (event NULL) or fields. */
static void set_by_condition(struct resolver *resolver, struct slot_list *list, const struct event_info *event,
                             const struct condition *condition)
{
    struct names *names = resolver->names;
    if (condition == NULL || condition->kind == CONDITION_BROKEN) return;
    if (condition->kind == CONDITION_ALL) {
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            set_by_condition(resolver, list, event, child);
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
    if (event == NULL && text_equal(left->name.text, TEXT("tags"))) {
        type = (struct type){TYPE_SET, PROGRAM_NONE, 0};
        slot.slot = PROGRAM_SLOT_TAGS;
    } else if (event == NULL && readable_metric(names, left->name.text, PROGRAM_NONE) != NULL) {
        const struct metric_info *metric = readable_metric(names, left->name.text, PROGRAM_NONE);
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
        set_slot(list, slot);
        return;
    }
    if (event == NULL && type.kind == TYPE_MONEY) {
        struct reading reading;
        if (!value_constant(&resolver->emitter, condition->values.first, type, left->name.text, &reading)) return;
        slot.value = value_of(&reading);
    } else if (!literal(resolver, condition->values.first, type, left->name.text, &slot.value)) {
        return;
    }
    set_slot(list, slot);
    if (event != NULL && type.kind == TYPE_MONEY) {
        struct test_slot currency = {.slot = slot.slot + 1,
                                     .attribute = PROGRAM_NONE,
                                     .known = true,
                                     .value = {TYPE_WHOLE, PROGRAM_NONE, slot.value.of, TEXT("")}};
        set_slot(list, currency);
    }
}

static const struct test_slot *keep_slots(struct resolver *resolver, const struct slot_list *list)
{
    return list->count == 0 ? NULL
                            : arena_copy(resolver->names->arena, list->slots, list->count * sizeof list->slots[0]);
}

/* Every field of an event as it is when a test leaves it out. */
static void omitted_fields(struct resolver *resolver, struct slot_list *list, const struct event_info *event,
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
        set_slot(list, slot);
        if (field->type.kind == TYPE_MONEY) {
            struct test_slot currency = {.slot = field->slot + 1,
                                         .attribute = PROGRAM_NONE,
                                         .known = slot.known,
                                         .value = {TYPE_WHOLE, PROGRAM_NONE, resolver->currency, TEXT("")}};
            set_slot(list, currency);
        }
    }
}

/* ------------------------------------------------------------------ players and points */

static void add_player(struct resolver *resolver, struct text id, const struct slot_list *list)
{
    struct arena *arena = resolver->names->arena;
    if (resolver->player_count == resolver->player_capacity) {
        uint32_t capacity = resolver->player_capacity * 2 + 16;
        struct test_player *grown = ARENA_ARRAY(arena, struct test_player, capacity);
        bool *named = ARENA_ARRAY(arena, bool, capacity);
        if (grown == NULL || named == NULL) return;
        if (resolver->player_count > 0) {
            memcpy(grown, resolver->players, resolver->player_count * sizeof *grown);
            memcpy(named, resolver->named, resolver->player_count * sizeof *named);
        }
        resolver->players = grown;
        resolver->named = named;
        resolver->player_capacity = capacity;
    }
    resolver->players[resolver->player_count++] =
        (struct test_player){.id = id, .slots = keep_slots(resolver, list), .slot_count = list->count};
}

/* `given a test player`: the attribute that says so. */
static void set_test_player(struct resolver *resolver, struct slot_list *list, const struct line *line)
{
    const struct member *attribute = names_attribute(resolver->names, TEXT("test_player"));
    if (attribute == NULL || attribute->type.kind != TYPE_BOOL) {
        names_report(resolver->names, DIAGNOSTIC_NO_TEST_ATTRIBUTE, line->span, NULL, 0);
        return;
    }
    set_slot(list, (struct test_slot){.slot = attribute->slot,
                                      .attribute = attribute->index,
                                      .known = true,
                                      .value = {.kind = TYPE_BOOL, .of = PROGRAM_NONE, .number = 1, .text = TEXT("")}});
}

static void given_players(struct resolver *resolver, const struct line *line)
{
    struct names *names = resolver->names;
    struct slot_list *list = ARENA_NEW(names->arena, struct slot_list);
    if (list == NULL) return;
    set_by_condition(resolver, list, NULL, line->as.given_players.where);
    if (line->as.given_players.is_test) set_test_player(resolver, list, line);
    for (const struct name_node *node = line->as.given_players.names.first; node != NULL; node = node->next) {
        for (uint32_t i = 0; i < resolver->player_count; i++) {
            if (text_equal(resolver->players[i].id, node->name.text))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, node->name.span, TEXT("the player"), node->name.text);
        }
        add_player(resolver, node->name.text, list);
    }
    if (line->as.given_players.names.count > 0) return;
    if (line->as.given_players.count > TEST_PLAYERS_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, names_number(names, line->as.given_players.count),
               TEXT("players of one test"), names_number(names, TEST_PLAYERS_MAX));
        return;
    }
    for (int64_t i = 0; i < line->as.given_players.count; i++) {
        add_player(resolver, arena_print(names->arena, "player-%u", resolver->player_count + 1), list);
    }
}

static bool find_player(struct resolver *resolver, const struct name *name, uint32_t *out)
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

static bool point_of(struct resolver *resolver, const struct point *point, int64_t *out)
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

/* ------------------------------------------------------------------ given */

static bool left_of(struct resolver *resolver, const struct value *property, uint32_t *budget)
{
    struct names *names = resolver->names;
    if (ast_is_present(&property->owner)) {
        struct thing *pool = names_thing(names->pools, names->pool_count, property->owner.text);
        for (uint32_t i = 0; i < resolver->program->campaign_count && pool == NULL; i++) {
            const struct bundle_campaign *campaign = &resolver->program->campaign[i];
            if (campaign->budget == PROGRAM_NONE ||
                !text_equal(program_text(resolver->program, campaign->name), property->owner.text))
                continue;
            *budget = campaign->budget;
            return true;
        }
        if (pool == NULL) {
            struct text *list = ARENA_ARRAY(names->arena, struct text, names->pool_count + 1);
            for (uint32_t i = 0; list != NULL && i < names->pool_count; i++) list[i] = names->pools[i].name;
            names_unknown(names, DIAGNOSTIC_UNKNOWN_BUDGET, &property->owner, list, names->pool_count);
            return false;
        }
        *budget = pool->index;
        return true;
    }
    for (uint32_t i = 0; i < resolver->campaign_count; i++) {
        const struct bundle_campaign *campaign = &resolver->program->campaign[resolver->campaigns[i]];
        if (campaign->budget == PROGRAM_NONE) continue;
        *budget = campaign->budget;
        return true;
    }
    names_report(names, DIAGNOSTIC_TEST_NO_BUDGET, property->span, NULL, 0);
    return false;
}

/* Reports an arm that the split lacks, with those that it has; without `arm` a split that no campaign of the test has. */
static void unknown_arm(struct resolver *resolver, const struct name *split, const struct name *arm)
{
    const struct program *program = resolver->program;
    struct text *list = ARENA_ARRAY(resolver->names->arena, struct text, program->split_count + program->arm_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; list != NULL && i < resolver->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[resolver->campaigns[i]];
        for (uint32_t j = 0; j < campaign->split_count; j++) {
            const struct bundle_split *one = &program->split[campaign->split_first + j];
            if (arm == NULL) list[count++] = program_text(program, one->name);
            if (arm == NULL || !text_equal(program_text(program, one->name), split->text)) continue;
            for (uint32_t k = 0; k < one->arm_count && count < program->split_count + program->arm_count; k++)
                list[count++] = program_text(program, program->arm[one->arm_first + k].name);
        }
    }
    names_unknown(resolver->names, arm == NULL ? DIAGNOSTIC_UNKNOWN_SPLIT : DIAGNOSTIC_UNKNOWN_ARM,
                  arm == NULL ? split : arm, list, count);
}

/* The arm of a split by name in one campaign. */
static bool find_arm(const struct program *program, const struct bundle_campaign *campaign, struct text split,
                     struct text arm, uint32_t *split_out, uint32_t *arm_out, bool *split_found)
{
    for (uint32_t i = campaign->split_first; i < campaign->split_first + campaign->split_count; i++) {
        if (!text_equal(program_text(program, program->split[i].name), split)) continue;
        *split_found = true;
        *split_out = i;
        for (uint32_t j = 0; j < program->split[i].arm_count; j++) {
            if (!text_equal(program_text(program, program->arm[program->split[i].arm_first + j].name), arm)) continue;
            *arm_out = j;
            return true;
        }
    }
    return false;
}

/* The slot that `player.ATTRIBUTE is VALUE` sets; NULL where that was reported as a mistake. */
static struct slot_list *attribute_slot(struct resolver *resolver, const struct value *property,
                                        const struct value *value, struct span span)
{
    struct names *names = resolver->names;
    if (property->kind != VALUE_PATH || !text_equal(property->owner.text, TEXT("player"))) {
        REPORT(names, DIAGNOSTIC_TEST_VALUE, property->span, names_words(names, property->span));
        return NULL;
    }
    struct value left = {.kind = VALUE_WORD, .span = property->span, .name = property->name};
    struct value right = *value;
    right.next = NULL;
    struct condition condition = {.kind = CONDITION_COMPARE,
                                  .span = span,
                                  .left = &left,
                                  .comparison = COMPARISON_IS,
                                  .values = {&right, &right, 1}};
    struct slot_list *list = ARENA_NEW(names->arena, struct slot_list);
    if (list == NULL) return NULL;
    set_by_condition(resolver, list, NULL, &condition);
    return list->count == 0 ? NULL : list;
}

/* `given arm of "global-2026" is "held out"`: the share that a policy holds out is a split of two arms. */
static bool given_held_out(struct resolver *resolver, const struct line *line)
{
    static const struct text arms[] = {TEXT_INIT("held out"), TEXT_INIT("everyone else")};
    const struct value *property = line->as.given_property.property;
    const struct value *value = line->as.given_property.value;
    const struct program *program = resolver->program;
    for (uint32_t i = 0; i < program->rule_count; i++) {
        const struct bundle_rule *rule = &program->rule[i];
        if (rule->kind != RULE_HOLD_OUT || !text_equal(program_text(program, rule->object), property->owner.text))
            continue;
        uint32_t arm = names_index(arms, 2, value->name.text);
        struct name name = {value->name.text, value->span, 0};
        struct test_step *step = arm < 2 ? add_step(resolver, TEST_GIVEN_ARM, line->span) : NULL;
        if (arm >= 2) names_unknown(resolver->names, DIAGNOSTIC_UNKNOWN_ARM, &name, arms, 2);
        if (step == NULL) return true;
        step->split = PROGRAM_NONE;
        step->about = property->owner.text;
        step->arm = arm;
        return true;
    }
    return false;
}

static void given_arm(struct resolver *resolver, const struct line *line)
{
    if (given_held_out(resolver, line)) return;
    const struct value *property = line->as.given_property.property;
    const struct value *value = line->as.given_property.value;
    bool split_found = false;
    bool found = false;
    for (uint32_t i = 0; i < resolver->campaign_count; i++) {
        uint32_t split = 0;
        uint32_t arm = 0;
        if (!find_arm(resolver->program, &resolver->program->campaign[resolver->campaigns[i]], property->owner.text,
                      value->name.text, &split, &arm, &split_found))
            continue;
        found = true;
        struct test_step *step = add_step(resolver, TEST_GIVEN_ARM, line->span);
        if (step == NULL) return;
        step->campaign = resolver->campaigns[i];
        step->split = split;
        step->arm = arm;
    }
    struct name arm_name = {value->name.text, value->span, 0};
    if (!split_found || !found) unknown_arm(resolver, &property->owner, split_found ? &arm_name : NULL);
}

static void given_property(struct resolver *resolver, const struct line *line)
{
    struct names *names = resolver->names;
    const struct value *property = line->as.given_property.property;
    const struct value *value = line->as.given_property.value;
    if (property == NULL || value == NULL) return;
    if (property->kind == VALUE_PROPERTY && text_equal(property->name.text, TEXT("arm"))) {
        given_arm(resolver, line);
        return;
    }
    if (property->kind == VALUE_PROPERTY && text_equal(property->name.text, TEXT("left"))) {
        uint32_t budget = 0;
        if (!left_of(resolver, property, &budget)) return;
        struct reading reading;
        struct type money = {TYPE_MONEY, resolver->program->budget[budget].currency, 0};
        if (!value_constant(&resolver->emitter, value, money, TEXT("left of budget"), &reading)) return;
        struct test_step *step = add_step(resolver, TEST_GIVEN_LEFT, line->span);
        if (step == NULL) return;
        step->budget = budget;
        step->amount = reading.number;
        return;
    }
    struct slot_list *list = attribute_slot(resolver, property, value, line->span);
    if (list == NULL) return;
    if (resolver->has_at) {
        struct test_step *step = add_step(resolver, TEST_ATTRIBUTE, line->span);
        if (step == NULL) return;
        step->at = resolver->last_at;
        step->has_at = true;
        step->slots = keep_slots(resolver, list);
        step->slot_count = list->count;
        return;
    }
    for (uint32_t i = 0; i < resolver->player_count; i++) {
        struct slot_list *all = ARENA_NEW(names->arena, struct slot_list);
        if (all == NULL) return;
        for (uint32_t j = 0; j < resolver->players[i].slot_count; j++) set_slot(all, resolver->players[i].slots[j]);
        for (uint32_t j = 0; j < list->count; j++) set_slot(all, list->slots[j]);
        resolver->players[i].slots = keep_slots(resolver, all);
        resolver->players[i].slot_count = all->count;
    }
}

/* ------------------------------------------------------------------ at */

static bool who_of(struct resolver *resolver, const struct line *line, struct test_step *step)
{
    struct arena *arena = resolver->names->arena;
    if (line->as.at.who == WHO_EVERY) return true;
    uint32_t *players = ARENA_ARRAY(arena, uint32_t, resolver->player_count + line->as.at.names.count + 1);
    if (players == NULL) return false;
    uint32_t count = 0;
    if (line->as.at.who == WHO_NAMED) {
        for (const struct name_node *node = line->as.at.names.first; node != NULL; node = node->next) {
            uint32_t player = 0;
            if (!find_player(resolver, &node->name, &player)) return false;
            resolver->named[player] = true;
            players[count++] = player;
        }
    } else {
        for (uint32_t i = 0; i < resolver->player_count; i++) {
            if (!resolver->named[i]) players[count++] = i;
        }
    }
    step->players = players;
    step->player_count = count;
    return true;
}

/* A campaign of the project by name. */
static bool campaign_of(struct resolver *resolver, const struct name *name, uint32_t *out)
{
    const struct program *program = resolver->program;
    struct text *list = ARENA_ARRAY(resolver->names->arena, struct text, program->campaign_count + 1);
    for (uint32_t i = 0; list != NULL && i < program->campaign_count; i++) {
        list[i] = program_text(program, program->campaign[i].name);
        *out = i;
        if (text_equal(list[i], name->text)) return true;
    }
    names_unknown(resolver->names, DIAGNOSTIC_UNKNOWN_CAMPAIGN, name, list, program->campaign_count);
    return false;
}

/* The answer of a host: a value of the query that this one is asked for. */
static bool answer_of(struct resolver *resolver, const struct line *line, struct test_step *step)
{
    const struct program *program = resolver->program;
    struct names *names = resolver->names;
    struct text *list = ARENA_ARRAY(names->arena, struct text, program->ask_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; list != NULL && i < program->ask_count; i++) {
        const struct bundle_ask *ask = &program->ask[i];
        if (ask->query == PROGRAM_NONE) continue;
        list[count++] = program_text(program, ask->asked);
        if (!text_equal(list[count - 1], line->as.at.name.text)) continue;
        const struct query_info *query = &names->queries[ask->query];
        struct slot_list *slots = ARENA_NEW(names->arena, struct slot_list);
        struct test_value value;
        if (slots == NULL || line->as.at.value == NULL ||
            !literal(resolver, line->as.at.value, query->value.type, query->value.name.text, &value))
            return false;
        set_slot(slots, (struct test_slot){
                            .slot = PROGRAM_EVENT_SLOTS, .attribute = PROGRAM_NONE, .known = true, .value = value});
        step->event = query->event;
        step->slots = keep_slots(resolver, slots);
        step->slot_count = slots->count;
        return true;
    }
    names_unknown(names, DIAGNOSTIC_UNKNOWN_ASKED, &line->as.at.name, list, count);
    return false;
}

static void add_at(struct resolver *resolver, struct line *line)
{
    struct names *names = resolver->names;
    int64_t at = 0;
    if (!point_of(resolver, &line->as.at.point, &at)) return;
    if (!resolver->has_at) resolver->first_at = at;
    resolver->has_at = true;
    if (at > resolver->last_at || resolver->step_count == 0) resolver->last_at = at;
    if (resolver->player_count == 0) {
        names_report(names, DIAGNOSTIC_TEST_WITHOUT_PLAYER, line->span, NULL, 0);
        return;
    }
    static const enum test_step_kind kinds[] = {
        [AT_EVENT] = TEST_EVENT,         [AT_TIME_PASSES] = TEST_TIME_PASSES, [AT_WALLET_REFUSES] = TEST_WALLET_REFUSES,
        [AT_ATTRIBUTE] = TEST_ATTRIBUTE, [AT_APPROVAL] = TEST_APPROVAL,       [AT_ANSWER] = TEST_ANSWER,
        [AT_COMMAND] = TEST_COMMAND};
    struct test_step step = {0};
    if (!who_of(resolver, line, &step)) return;
    if (line->as.at.kind == AT_EVENT) {
        const struct event_info *event = names_need_event(names, &line->as.at.event.event);
        if (event == NULL) return;
        if (ast_find_line(&event->declaration->lines, LINE_MADE_BY_ENGINE, NULL) != NULL)
            REPORT(names, DIAGNOSTIC_MADE_BY_ENGINE, line->as.at.event.event.span, event->name);
        struct slot_list *list = ARENA_NEW(names->arena, struct slot_list);
        if (list == NULL) return;
        omitted_fields(resolver, list, event, at);
        set_by_condition(resolver, list, event, line->as.at.event.where);
        step.event = event->index;
        step.slots = keep_slots(resolver, list);
        step.slot_count = list->count;
        if (ast_is_present(&line->as.at.event.about)) {
            if (event->about == ABOUT_NOTHING)
                REPORT(names, DIAGNOSTIC_EVENT_ABOUT_NOTHING, line->as.at.event.about.span, event->name);
            step.about = line->as.at.event.about.text;
        }
    }
    if (line->as.at.kind == AT_ATTRIBUTE) {
        if (line->as.at.attribute == NULL || line->as.at.value == NULL) return;
        struct slot_list *list = attribute_slot(resolver, line->as.at.attribute, line->as.at.value, line->span);
        if (list == NULL) return;
        step.slots = keep_slots(resolver, list);
        step.slot_count = list->count;
    }
    if (line->as.at.kind == AT_WALLET_REFUSES) {
        bool known = false;
        struct text *list = ARENA_ARRAY(names->arena, struct text, resolver->program->offer_count + 1);
        for (uint32_t i = 0; list != NULL && i < resolver->program->offer_count; i++) {
            list[i] = program_text(resolver->program, resolver->program->offer[i].name);
            known = known || text_equal(list[i], line->as.at.offer.text);
        }
        if (!known)
            names_unknown(names, DIAGNOSTIC_UNKNOWN_OFFER, &line->as.at.offer, list, resolver->program->offer_count);
        step.offer = line->as.at.offer.text;
        step.reason_text = line->as.at.reason.text;
    }
    if (line->as.at.kind == AT_ANSWER && !answer_of(resolver, line, &step)) return;
    if ((line->as.at.kind == AT_APPROVAL || line->as.at.kind == AT_COMMAND) &&
        !campaign_of(resolver, &line->as.at.name, &step.campaign))
        return;
    if (line->as.at.kind == AT_COMMAND && line->as.at.command == COMMAND_START &&
        resolver->program->campaign[step.campaign].start_kind != START_COMMAND)
        REPORT(names, DIAGNOSTIC_NOT_ON_COMMAND, line->as.at.name.span, line->as.at.name.text);
    struct test_step *added = add_step(resolver, kinds[line->as.at.kind], line->span);
    if (added == NULL) return;
    added->campaign = step.campaign;
    added->approved = line->as.at.is_approved;
    added->command = (enum test_command)line->as.at.command; /* in the same order */
    if (line->as.at.kind == AT_APPROVAL) added->name = line->as.at.by.text;
    if (line->as.at.kind == AT_ANSWER) added->name = line->as.at.name.text;
    added->at = at;
    added->has_at = true;
    added->players = step.players;
    added->player_count = step.player_count;
    if (line->as.at.kind == AT_EVENT || line->as.at.kind == AT_ANSWER) added->event = step.event;
    added->slots = step.slots;
    added->slot_count = step.slot_count;
    added->about = step.about;
    added->offer = step.offer;
    added->reason_text = step.reason_text;
}

/* ------------------------------------------------------------------ expect */

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
};

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
        const struct metric_info *metric = player ? readable_metric(names, left->name.text, PROGRAM_NONE) : NULL;
        for (uint32_t i = 0; i < resolver->campaign_count && text_equal(left->owner.text, TEXT("journey")); i++) {
            if (metric == NULL) metric = readable_metric(names, left->name.text, resolver->campaigns[i]);
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
    if (left->kind == VALUE_PROPERTY && text_equal(left->name.text, TEXT("left"))) {
        out->subject = TEST_SUBJECT_LEFT;
        if (!left_of(resolver, left, &out->index)) return false;
        *type = (struct type){TYPE_MONEY, resolver->program->budget[out->index].currency, 0};
        return true;
    }
    if (left->kind == VALUE_PROPERTY && text_equal(left->name.text, TEXT("arm")) && condition->values.first != NULL) {
        bool split_found = false;
        for (uint32_t i = 0; i < resolver->campaign_count; i++) {
            uint32_t arm = 0;
            const struct value *value = condition->values.first;
            if (!find_arm(resolver->program, &resolver->program->campaign[resolver->campaigns[i]], left->owner.text,
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
        unknown_arm(resolver, &left->owner, split_found ? &condition->values.first->name : NULL);
        return false;
    }
    REPORT(names, DIAGNOSTIC_TEST_VALUE, left->span, names_words(names, left->span));
    return false;
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
        REPORT(names, DIAGNOSTIC_TEST_CONDITION, condition->span, names_words(names, condition->span));
        return false;
    }
    if (!subject_of(resolver, line, condition, out, &type)) return false;
    if (out->subject == TEST_SUBJECT_SEGMENT || out->subject == TEST_SUBJECT_ARM || out->comparison == TEST_KNOWN)
        return true;
    struct test_value *values = ARENA_ARRAY(names->arena, struct test_value, condition->values.count + 1);
    if (values == NULL) return false;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (!literal(resolver, value, type, names_words(names, condition->left->span), &values[out->value_count]))
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
    return text_equal(reason, TEXT("TIMED_OUT")); /* of a journey that a time-out ends */
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
    for (uint32_t i = 0; i < REASON_COUNT; i++) {
        list[i] = text_of(words[i]);
        if (i > 0 && text_equal(name->text, list[i])) step->reason = (enum reason)i;
    }
    if (step->reason == REASON_COUNT && !is_finish_reason(resolver->program, name->text)) {
        names_unknown(resolver->names, DIAGNOSTIC_UNKNOWN_REASON, name, list + 1, REASON_COUNT - 1);
    }
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
            if (text_equal(text_of(words[i]), name->text)) return;
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

/* Of whom the line speaks: NULL where it names nobody; false after a report. */
static bool expected_player(struct resolver *resolver, const struct line *line, uint32_t **out)
{
    *out = NULL;
    if (!ast_is_present(&line->as.expect.player)) return true;
    *out = ARENA_NEW(resolver->names->arena, uint32_t);
    return *out != NULL && find_player(resolver, &line->as.expect.player, *out);
}

static void add_expect(struct resolver *resolver, struct line *line)
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
    };
    if (line->kind == LINE_EXPECT_SPEND) {
        struct reading reading;
        struct type money = {TYPE_MONEY, resolver->currency, 0};
        if (line->as.value == NULL ||
            !value_constant(&resolver->emitter, line->as.value, money, TEXT("largest spend per player"), &reading))
            return;
        struct test_step *step = add_step(resolver, TEST_EXPECT_SPEND, line->span);
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
        struct test_step *step = add_step(resolver, TEST_EXPECT_CONDITION, line->span);
        if (step == NULL) return;
        step->condition = condition;
        step->players = player;
        step->player_count = player != NULL;
        return;
    }
    struct test_step step = {.channel = PROGRAM_NONE, .event = PROGRAM_NONE};
    judge_effect_name(resolver, line, &step);
    if (line->as.expect.effect == EFFECT_EVENT) {
        const struct event_info *event = names_need_event(names, &line->as.expect.event.event);
        if (event == NULL) return;
        step.event = event->index;
        step.name = line->as.expect.event.about.text;
    }
    uint32_t *player = NULL;
    if (!expected_player(resolver, line, &player)) return;
    step.players = player;
    step.player_count = player != NULL;
    if (line->as.expect.point.kind != POINT_NONE) step.has_at = point_of(resolver, &line->as.expect.point, &step.at);
    reason_of(resolver, &line->as.expect.reason, &step);
    if (line->as.expect.where != NULL) {
        struct test_condition *condition = ARENA_NEW(names->arena, struct test_condition);
        if (condition == NULL || !resolve_condition(resolver, line, line->as.expect.where, condition)) return;
        step.condition = condition;
    }
    struct test_step *added = add_step(resolver, TEST_EXPECT_EFFECT, line->span);
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

/* ------------------------------------------------------------------ a test */

static void resolve_lines(struct resolver *resolver, struct line *first)
{
    for (struct line *line = first; line != NULL; line = line->next) {
        if (resolver->step_count > TEST_STEPS_MAX || resolver->names->arena->failed) return;
        switch (line->kind) {
        case LINE_GIVEN_PLAYERS: given_players(resolver, line); break;
        case LINE_GIVEN_PROPERTY: given_property(resolver, line); break;
        case LINE_AT: add_at(resolver, line); break;
        case LINE_REPEAT_LINES:
            for (int64_t i = 0; i < line->as.repeat.times && resolver->step_count <= TEST_STEPS_MAX; i++)
                resolve_lines(resolver, line->as.repeat.lines.first);
            break;
        case LINE_EXPECT_EFFECT:
        case LINE_EXPECT_MESSAGES:
        case LINE_EXPECT_CONDITION:
        case LINE_EXPECT_SPEND: add_expect(resolver, line); break;
        default: break;
        }
    }
}

/* What is given stands first, and something is expected. */
static void judge_order(struct names *names, const struct declaration *declaration)
{
    const struct line *at = NULL;
    bool expects = false;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (at == NULL && (line->kind == LINE_AT || line->kind == LINE_REPEAT_LINES)) at = line;
        expects = expects || line->kind == LINE_EXPECT_EFFECT || line->kind == LINE_EXPECT_MESSAGES ||
                  line->kind == LINE_EXPECT_CONDITION || line->kind == LINE_EXPECT_SPEND;
        if (at != NULL && (line->kind == LINE_GIVEN_PLAYERS || line->kind == LINE_GIVEN_PROPERTY)) {
            struct diagnostic *diagnostic = names_report(names, DIAGNOSTIC_GIVEN_AFTER_AT, line->span, NULL, 0);
            diagnostic_add_note(names->diagnostics, diagnostic, at->span, TEXT("the story has begun here"));
        }
    }
    if (!expects) REPORT(names, DIAGNOSTIC_TEST_EXPECTS_NOTHING, declaration->span, declaration->name.text);
}

static void resolve_test(struct names *names, const struct program *program, const struct declaration *declaration,
                         struct compiled_test *test)
{
    struct resolver resolver = {.names = names, .program = program, .test = test, .last_at = INT64_MIN};
    const struct source *source = source_set_get(names->sources, declaration->span.file);
    *test = (struct compiled_test){.name = declaration->name.text,
                                   .path = source != NULL ? source->name : TEXT(""),
                                   .line = names_line(names, declaration->span),
                                   .zone = names->zone};
    resolver.campaigns = ARENA_ARRAY(names->arena, uint32_t, program->campaign_count + 1);
    if (resolver.campaigns == NULL) return;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (names->campaigns[i].declaration->span.file == declaration->span.file)
            resolver.campaigns[resolver.campaign_count++] = i;
    }
    for (uint32_t i = 0; i < program->campaign_count && resolver.campaign_count == 0; i++) {
        for (uint32_t j = 0; j < program->campaign_count; j++) resolver.campaigns[j] = j;
        resolver.campaign_count = program->campaign_count;
    }
    if (resolver.campaign_count == 0) {
        names_report(names, DIAGNOSTIC_TEST_WITHOUT_CAMPAIGN, declaration->span, NULL, 0);
        return;
    }
    const struct bundle_campaign *campaign = &program->campaign[resolver.campaigns[0]];
    int zone = zone_find(program_text(program, campaign->zone));
    if (zone >= 0) test->zone = (uint32_t)zone;
    resolver.currency = campaign->currency;
    resolver.emitter = (struct emitter){.names = names, .builder = names->builder, .dry = true, .zone = test->zone};
    judge_order(names, declaration);
    resolve_lines(&resolver, declaration->lines.first);
    if (resolver.step_count > TEST_STEPS_MAX)
        REPORT(names, DIAGNOSTIC_TOO_MANY, declaration->span, names_number(names, resolver.step_count),
               TEXT("lines of one test, with every repeat written out"), names_number(names, TEST_STEPS_MAX));
    test->campaigns = resolver.campaigns;
    test->campaign_count = resolver.campaign_count;
    test->players = resolver.players;
    test->player_count = resolver.player_count;
    test->steps = resolver.steps;
    test->step_count = resolver.step_count;
}

void tests_resolve(struct names *names, const struct program *program, const struct compiled_test **out,
                   uint32_t *count)
{
    struct compiled_test *tests = ARENA_ARRAY(names->arena, struct compiled_test, names->test_count + 1);
    *out = tests;
    *count = 0;
    if (tests == NULL) return;
    for (uint32_t i = 0; i < names->test_count; i++) {
        if (names->tests[i].declaration->is_broken) continue;
        resolve_test(names, program, names->tests[i].declaration, &tests[(*count)++]);
    }
}
