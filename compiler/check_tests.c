/*
 * Resolves in-language tests against the compiled program (check_tests.h).
 *
 * A test's story is flattened: `repeat` is written out, points become instants. The parts of a line are resolver.h.
 */
#include "compiler/check_tests.h"

#include "compiler/check_play.h"
#include "compiler/resolver.h"
#include "vm/zone.h"

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
            if (!resolver_player(resolver, &node->name, &player)) return false;
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
        struct resolver_slots *slots = ARENA_NEW(names->arena, struct resolver_slots);
        struct test_value value;
        if (slots == NULL || line->as.at.value == NULL ||
            !resolver_literal(resolver, line->as.at.value, query->value.type, query->value.name.text, &value))
            return false;
        resolver_set_slot(
            slots,
            (struct test_slot){.slot = PROGRAM_EVENT_SLOTS, .attribute = PROGRAM_NONE, .known = true, .value = value});
        step->event = query->event;
        step->slots = resolver_keep_slots(resolver, slots);
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
    if (!resolver_point(resolver, &line->as.at.point, &at)) return;
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
        if (ast_find_line(&event->declaration->lines, LINE_MADE_BY_ENGINE, NULL) != NULL &&
            !play_is_platforms(names, event->name))
            REPORT(names, DIAGNOSTIC_MADE_BY_ENGINE, line->as.at.event.event.span, event->name);
        struct resolver_slots *list = ARENA_NEW(names->arena, struct resolver_slots);
        if (list == NULL) return;
        resolver_omit_fields(resolver, list, event, at);
        resolver_set_by_condition(resolver, list, event, line->as.at.event.where);
        step.event = event->index;
        step.slots = resolver_keep_slots(resolver, list);
        step.slot_count = list->count;
        if (ast_is_present(&line->as.at.event.about)) {
            if (event->about == ABOUT_NOTHING)
                REPORT(names, DIAGNOSTIC_EVENT_ABOUT_NOTHING, line->as.at.event.about.span, event->name);
            step.about = line->as.at.event.about.text;
        }
    }
    if (line->as.at.kind == AT_ATTRIBUTE) {
        if (line->as.at.attribute == NULL || line->as.at.value == NULL) return;
        struct resolver_slots *list =
            resolver_attribute_slot(resolver, line->as.at.attribute, line->as.at.value, line->span);
        if (list == NULL) return;
        step.slots = resolver_keep_slots(resolver, list);
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
    if (line->as.at.kind == AT_COMMAND && line->as.at.command == WORD_START &&
        resolver->program->campaign[step.campaign].start_kind != START_COMMAND)
        REPORT(names, DIAGNOSTIC_NOT_ON_COMMAND, line->as.at.name.span, line->as.at.name.text);
    struct test_step *added = resolver_add_step(resolver, kinds[line->as.at.kind], line->span);
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

/* ------------------------------------------------------------------ a test */

static void resolve_lines(struct resolver *resolver, struct line *first)
{
    for (struct line *line = first; line != NULL; line = line->next) {
        if (resolver->step_count > RESOLVER_STEPS_MAX || resolver->names->arena->failed) return;
        switch (line->kind) {
        case LINE_GIVEN_PLAYERS: resolver_given_players(resolver, line); break;
        case LINE_GIVEN_PROPERTY: resolver_given_property(resolver, line); break;
        case LINE_GIVEN_CODE: resolver_given_code(resolver, line); break;
        case LINE_AT: add_at(resolver, line); break;
        case LINE_REPEAT_LINES:
            for (int64_t i = 0; i < line->as.repeat.times && resolver->step_count <= RESOLVER_STEPS_MAX; i++)
                resolve_lines(resolver, line->as.repeat.lines.first);
            break;
        case LINE_EXPECT_EFFECT:
        case LINE_EXPECT_MESSAGES:
        case LINE_EXPECT_CONDITION:
        case LINE_EXPECT_SPEND: resolver_expect(resolver, line); break;
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
    bool other = program->points_count > 0 || program->pool_count > 0; /* they do something without any */
    if (resolver.campaign_count == 0 && !other) {
        names_report(names, DIAGNOSTIC_TEST_WITHOUT_CAMPAIGN, declaration->span, NULL, 0);
        return;
    }
    uint32_t home = PROGRAM_NONE;
    if (resolver.campaign_count > 0) {
        const struct bundle_campaign *campaign = &program->campaign[resolver.campaigns[0]];
        home = campaign->zone;
        resolver.currency = campaign->currency;
    } else if (program->points_count > 0) {
        home = program->points[0].zone;
        resolver.currency = program->points[0].currency;
    }
    int zone = home == PROGRAM_NONE ? -1 : zone_find(program_text(program, home));
    if (zone >= 0) test->zone = (uint32_t)zone;
    resolver.emitter = (struct emitter){.names = names, .builder = names->builder, .dry = true, .zone = test->zone};
    judge_order(names, declaration);
    resolve_lines(&resolver, declaration->lines.first);
    if (resolver.step_count > RESOLVER_STEPS_MAX)
        REPORT(names, DIAGNOSTIC_TOO_MANY, declaration->span, names_number(names, resolver.step_count),
               TEXT("lines of one test, with every repeat written out"), names_number(names, RESOLVER_STEPS_MAX));
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
