/*
 * The lines `given …` of an in-language test: players, attributes, arms, what is left of budgets. Contract: resolver.h.
 */
#include "compiler/check_property.h"
#include "compiler/resolver.h"

#include "compiler/check_codes.h"
#include "vm/pool.h"

static void add_player(struct resolver *resolver, struct text id, const struct resolver_slots *list)
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
        (struct test_player){.id = id, .slots = resolver_keep_slots(resolver, list), .slot_count = list->count};
}

/* `given a test player`: the attribute that says so. */
static void set_test_player(struct resolver *resolver, struct resolver_slots *list, const struct line *line)
{
    const struct member *attribute = names_attribute(resolver->names, TEXT("test_player"));
    if (attribute == NULL || attribute->type.kind != TYPE_BOOL) {
        names_report(resolver->names, DIAGNOSTIC_NO_TEST_ATTRIBUTE, line->span, NULL, 0);
        return;
    }
    resolver_set_slot(
        list, (struct test_slot){.slot = attribute->slot,
                                 .attribute = attribute->index,
                                 .known = true,
                                 .value = {.kind = TYPE_BOOL, .of = PROGRAM_NONE, .number = 1, .text = TEXT("")}});
}

void resolver_given_players(struct resolver *resolver, const struct line *line)
{
    struct names *names = resolver->names;
    struct resolver_slots *list = ARENA_NEW(names->arena, struct resolver_slots);
    if (list == NULL) return;
    resolver_set_by_condition(resolver, list, NULL, line->as.given_players.where);
    if (line->as.given_players.is_test) set_test_player(resolver, list, line);
    for (const struct name_node *node = line->as.given_players.names.first; node != NULL; node = node->next) {
        for (uint32_t i = 0; i < resolver->player_count; i++) {
            if (text_equal(resolver->players[i].id, node->name.text))
                REPORT(names, DIAGNOSTIC_DECLARED_TWICE, node->name.span, TEXT("the player"), node->name.text);
        }
        add_player(resolver, node->name.text, list);
    }
    if (line->as.given_players.names.count > 0) return;
    if (line->as.given_players.count > RESOLVER_PLAYERS_MAX) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, names_number(names, line->as.given_players.count),
               TEXT("players of one test"), names_number(names, RESOLVER_PLAYERS_MAX));
        return;
    }
    for (int64_t i = 0; i < line->as.given_players.count; i++) {
        add_player(resolver, arena_print(names->arena, "player-%u", resolver->player_count + 1), list);
    }
}

/* The pool's code, whatever it makes or takes. */
void resolver_given_code(struct resolver *resolver, const struct line *line)
{
    const struct thing *pool = codes_need(resolver->names, &line->as.given_code.pool);
    if (pool == NULL) return;
    enum code_word_fault fault =
        code_word_judge(line->as.given_code.code.text, pool_reading(&resolver->program->pool[pool->index]));
    if (fault != CODE_WORD_FINE) {
        REPORT(resolver->names, DIAGNOSTIC_CODE_WORD, line->as.given_code.code.span, line->as.given_code.code.text);
        return;
    }
    struct test_step *step = resolver_add_step(resolver, TEST_GIVEN_CODE, line->span);
    if (step == NULL) return;
    step->about = pool->name;
    step->name = line->as.given_code.code.text;
}

/* `given left of "POOL" is 3`, of a quota too. False: it is about a budget. */
static bool given_codes_left(struct resolver *resolver, const struct line *line)
{
    const struct value *property = line->as.given_property.property;
    const struct value *value = line->as.given_property.value;
    const struct program *program = resolver->program;
    struct text name = property->owner.text;
    bool found = pool_find(program, name) != PROGRAM_NONE;
    for (uint32_t i = 0; i < program->quota_count && !found; i++)
        found = text_equal(program_text(program, program->quota[i].name), name);
    if (!found) return false;
    struct reading reading;
    struct type whole = {TYPE_WHOLE, PROGRAM_NONE, 0};
    if (!value_constant(&resolver->emitter, value, whole, TEXT("left of codes"), &reading)) return true;
    struct test_step *step = resolver_add_step(resolver, TEST_GIVEN_CODES_LEFT, line->span);
    if (step == NULL) return true;
    step->about = name;
    step->amount = reading.number;
    return true;
}

bool resolver_left_of(struct resolver *resolver, const struct value *property, uint32_t *budget)
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

void resolver_unknown_arm(struct resolver *resolver, const struct name *split, const struct name *arm)
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

bool resolver_arm(const struct program *program, const struct bundle_campaign *campaign, struct text split,
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

struct resolver_slots *resolver_attribute_slot(struct resolver *resolver, const struct value *property,
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
    struct resolver_slots *list = ARENA_NEW(names->arena, struct resolver_slots);
    if (list == NULL) return NULL;
    resolver_set_by_condition(resolver, list, NULL, &condition);
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
        struct test_step *step = arm < 2 ? resolver_add_step(resolver, TEST_GIVEN_ARM, line->span) : NULL;
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
        if (!resolver_arm(resolver->program, &resolver->program->campaign[resolver->campaigns[i]], property->owner.text,
                          value->name.text, &split, &arm, &split_found))
            continue;
        found = true;
        struct test_step *step = resolver_add_step(resolver, TEST_GIVEN_ARM, line->span);
        if (step == NULL) return;
        step->campaign = resolver->campaigns[i];
        step->split = split;
        step->arm = arm;
    }
    struct name arm_name = {value->name.text, value->span, 0};
    if (!split_found || !found) resolver_unknown_arm(resolver, &property->owner, split_found ? &arm_name : NULL);
}

/* What all given players have from the beginning. */
static void set_for_all(struct resolver *resolver, const struct resolver_slots *list)
{
    for (uint32_t i = 0; i < resolver->player_count; i++) {
        struct resolver_slots *all = ARENA_NEW(resolver->names->arena, struct resolver_slots);
        if (all == NULL) return;
        for (uint32_t j = 0; j < resolver->players[i].slot_count; j++)
            resolver_set_slot(all, resolver->players[i].slots[j]);
        for (uint32_t j = 0; j < list->count; j++) resolver_set_slot(all, list->slots[j]);
        resolver->players[i].slots = resolver_keep_slots(resolver, all);
        resolver->players[i].slot_count = all->count;
    }
}

/* `given balance of "POINTS" is 999`: earned just before the story begins. False: it is of no points, nothing was reported. */
static bool given_balance(struct resolver *resolver, const struct line *line, const struct value *property,
                          const struct value *value)
{
    enum property which;
    struct type type;
    if (!property_of(&resolver->emitter, property, &which, &type) || which != PROPERTY_POINTS_BALANCE) return false;
    struct reading reading;
    if (!value_constant(&resolver->emitter, value, type, names_words(resolver->names, property->span), &reading))
        return true;
    struct test_step *step = resolver_add_step(resolver, TEST_GIVEN_POINTS, line->span);
    if (step == NULL) return true;
    step->about = property->owner.text;
    step->amount = reading.number;
    return true;
}

/* `given progress of "MISSION" is 100%`: each run that begins is as far as that. False: it is no mission, nothing was reported. */
static bool given_progress(struct resolver *resolver, const struct value *property, const struct value *value)
{
    const struct program *program = resolver->program;
    enum property which;
    struct type type;
    if (!property_of(&resolver->emitter, property, &which, &type) || which != PROPERTY_MISSION_PROGRESS) return false;
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        if (metric->property != PROPERTY_MISSION_PROGRESS ||
            !text_equal(program_text(program, metric->object), property->owner.text))
            continue;
        struct reading reading;
        if (!value_constant(&resolver->emitter, value, type, names_words(resolver->names, property->span), &reading))
            return true;
        struct resolver_slots *list = ARENA_NEW(resolver->names->arena, struct resolver_slots);
        if (list == NULL) return true;
        resolver_set_slot(
            list, (struct test_slot){.slot = i,
                                     .metric = true,
                                     .attribute = PROGRAM_NONE,
                                     .known = true,
                                     .value = {.kind = TYPE_PERCENT, .of = PROGRAM_NONE, .number = reading.number}});
        set_for_all(resolver, list);
        return true;
    }
    return false;
}

void resolver_given_property(struct resolver *resolver, const struct line *line)
{
    const struct value *property = line->as.given_property.property;
    const struct value *value = line->as.given_property.value;
    if (property == NULL || value == NULL) return;
    if (property->kind == VALUE_PROPERTY && text_equal(property->name.text, TEXT("arm"))) {
        given_arm(resolver, line);
        return;
    }
    if (property->kind == VALUE_PROPERTY && text_equal(property->name.text, TEXT("left"))) {
        uint32_t budget = 0;
        if (ast_is_present(&property->owner) && given_codes_left(resolver, line)) return;
        if (!resolver_left_of(resolver, property, &budget)) return;
        struct reading reading;
        struct type money = {TYPE_MONEY, resolver->program->budget[budget].currency, 0};
        if (!value_constant(&resolver->emitter, value, money, TEXT("left of budget"), &reading)) return;
        struct test_step *step = resolver_add_step(resolver, TEST_GIVEN_LEFT, line->span);
        if (step == NULL) return;
        step->budget = budget;
        step->amount = reading.number;
        return;
    }
    if (property->kind == VALUE_PROPERTY && given_progress(resolver, property, value)) return;
    if (property->kind == VALUE_PROPERTY && given_balance(resolver, line, property, value)) return;
    struct resolver_slots *list = resolver_attribute_slot(resolver, property, value, line->span);
    if (list == NULL) return;
    if (resolver->has_at) {
        struct test_step *step = resolver_add_step(resolver, TEST_ATTRIBUTE, line->span);
        if (step == NULL) return;
        step->at = resolver->last_at;
        step->has_at = true;
        step->slots = resolver_keep_slots(resolver, list);
        step->slot_count = list->count;
        return;
    }
    set_for_all(resolver, list);
}
