/* The evaluator beside the engine. See compare.h. */
#include "tests/reference/compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/civil.h"

enum { UNSURE_KINDS = 24, EXPECTED_MOST = 16 };

/* A wait's case by its CASE number; a leave line by its LEAVE number. */
struct entry {
    const struct statement *wait;
    const struct choice *choice;
    uint32_t ordinal; /* among its wait's cases with events */
    const struct line *leave;
    const struct thing *campaign;
};
/* Where in the text something stands that has a condition site. */
struct spot {
    const void *node;
    uint32_t file, line, column;
    struct text words;
    bool begins; /* the site's text only begins with `words` */
    uint32_t
        same; /* the first that stands at the same place with the same words: the tree of a mission repeats what was written once */
};

struct compare {
    struct reference reference;
    struct compared counts;
    struct entry *wait_case, *leave;
    struct spot *place;
    uint32_t place_count, place_capacity;
    const void **site_node; /* by SITE */
    struct course *courses;
    uint8_t trace[ACTIVATION_SITES_MAX];
    struct gate_state gate[ACTIVATION_GATES_MAX];
    struct pressure_state pressure[ACTIVATION_RULES_MAX];
    struct answer answer;
    uint64_t reasons[REASON_COUNT];
    const char *unsure_why[UNSURE_KINDS];
    uint64_t unsure_count[UNSURE_KINDS];
    int64_t now;
    struct expected {
        const struct thing *campaign;
        uint32_t journey, line;
        uint64_t activations;
    } expected[EXPECTED_MOST];
    uint32_t expected_count;
    bool not_applied; /* since then something was too late, or known already */
    char expected_player[80], expected_brand[80];
    char fault[1600];
};

static void complain(struct compare *comparison, const struct engine_probe_call *call, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(struct compare *comparison, const struct engine_probe_call *call, const char *format, ...)
{
    if (comparison->fault[0] != '\0') return;
    char words[900], when[CIVIL_INSTANT_SIZE] = "";
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    civil_format_instant(when, call != NULL ? call->activation->now : comparison->now);
    const struct names *names = comparison->reference.names;
    struct text campaign =
        call != NULL && call->campaign < names->campaign_count ? names->campaigns[call->campaign].name : TEXT("");
    (void)snprintf(comparison->fault, sizeof comparison->fault, "%s, campaign \"%.*s\", player %.*s, journey %u: %s",
                   when, TEXT_ARGS(campaign), TEXT_ARGS(call != NULL ? call->player : TEXT("-")),
                   call != NULL ? call->journey : 0, words);
}

static void not_compared(struct compare *comparison)
{
    const char *why = comparison->reference.because;
    comparison->counts.unsure++;
    for (uint32_t i = 0; i < UNSURE_KINDS; i++) {
        if (comparison->unsure_why[i] == NULL) comparison->unsure_why[i] = why;
        if (strcmp(comparison->unsure_why[i], why) != 0) continue;
        comparison->unsure_count[i]++;
        return;
    }
}

/* ------------------------------------------------------------------ where things stand */

static void add_place(struct compare *comparison, const void *node, struct span span, struct text words, bool begins)
{
    if (comparison->place_count == comparison->place_capacity) {
        comparison->place_capacity = comparison->place_capacity * 2 + 64;
        comparison->place = realloc(comparison->place, comparison->place_capacity * sizeof *comparison->place);
        if (comparison->place == NULL) abort();
    }
    const struct names *names = comparison->reference.names;
    struct spot spot = {node,  span.file, names_line(names, span), names_column(names, span),
                        words, begins,    comparison->place_count};
    for (uint32_t i = 0; i < comparison->place_count && spot.same == comparison->place_count; i++) {
        const struct spot *other = &comparison->place[i];
        if (other->line == spot.line && other->column == spot.column && other->file == spot.file &&
            other->begins == begins && text_equal(other->words, words))
            spot.same = i;
    }
    comparison->place[comparison->place_count++] = spot;
}

/* What stands for the node among those of its place; NULL: it has none. */
static const void *first_of(const struct compare *comparison, const void *node)
{
    for (uint32_t i = 0; i < comparison->place_count; i++) {
        if (comparison->place[i].node == node) return comparison->place[comparison->place[i].same].node;
    }
    return NULL;
}

static struct text words_of(const struct compare *comparison, struct span span)
{
    return names_words(comparison->reference.names, span);
}

static void place_value(struct compare *comparison, const struct value *value)
{
    if (value == NULL) return;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        if (clause->kind == CLAUSE_NOTHING_BELOW)
            add_place(comparison, clause, clause->span, words_of(comparison, clause->span), false);
    }
    place_value(comparison, value->left);
    place_value(comparison, value->right);
}

static void place_condition(struct compare *comparison, const struct condition *condition)
{
    if (condition == NULL) return;
    if (condition->kind == CONDITION_COMPARE)
        add_place(comparison, condition, condition->span,
                  condition->words.size > 0 ? condition->words : words_of(comparison, condition->span), false);
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        place_condition(comparison, child);
}

static void place_block(struct compare *comparison, const struct thing *campaign, const struct block *block);

static void place_cases(struct compare *comparison, const struct thing *campaign, const struct statement *statement,
                        const struct choice_list *cases)
{
    const struct program *program = comparison->reference.program;
    const struct bundle_campaign *record = &program->campaign[campaign - comparison->reference.names->campaigns];
    for (uint32_t i = 0; i < record->state_count; i++) {
        const struct bundle_state *state = &program->state[record->state_first + i];
        if (state->kind != STATE_WAIT || state->line != names_line(comparison->reference.names, statement->span))
            continue;
        uint32_t at = state->case_first;
        for (const struct choice *choice = cases->first; choice != NULL; choice = choice->next) {
            if (choice->kind != CHOICE_EVENT || at >= state->case_first + state->case_count) continue;
            comparison->wait_case[at] = (struct entry){
                .wait = statement, .choice = choice, .campaign = campaign, .ordinal = at - state->case_first};
            at++;
        }
    }
    for (const struct choice *choice = cases->first; choice != NULL; choice = choice->next) {
        if (choice->kind == CHOICE_EVENT) place_condition(comparison, choice->event.where);
        place_block(comparison, campaign, &choice->body);
    }
}

static void place_statement(struct compare *comparison, const struct thing *campaign, const struct statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_WAIT_UP_TO: place_cases(comparison, campaign, statement, &statement->as.wait_up_to.cases); break;
    case STATEMENT_ASK: place_cases(comparison, campaign, statement, &statement->as.ask.cases); break;
    case STATEMENT_SPLIT: place_cases(comparison, campaign, statement, &statement->as.split.arms); break;
    case STATEMENT_REPEAT:
        add_place(comparison, statement, statement->span, TEXT("at most "), true);
        place_block(comparison, campaign, &statement->as.repeat.body);
        break;
    case STATEMENT_GO_TO:
        if (statement->as.go_to.at_most > 0) add_place(comparison, statement, statement->span, TEXT("at most "), true);
        break;
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL; branch = branch->next) {
            place_condition(comparison, branch->condition);
            place_block(comparison, campaign, &branch->body);
        }
        if (statement->as.branch.has_otherwise) place_block(comparison, campaign, &statement->as.branch.otherwise);
        break;
    case STATEMENT_CHOOSE: {
        const struct value *subject = statement->as.choose.subject;
        char begins[300];
        int size = snprintf(begins, sizeof begins, "%.*s is known", TEXT_ARGS(words_of(comparison, subject->span)));
        struct arena *arena = comparison->reference.names->arena;
        add_place(comparison, subject, subject->span, arena_copy_text(arena, text_make(begins, (size_t)size)), true);
        for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL; choice = choice->next) {
            if (choice->kind == CHOICE_VALUE) {
                size = snprintf(begins, sizeof begins, "%.*s is ", TEXT_ARGS(words_of(comparison, subject->span)));
                add_place(comparison, choice->condition, choice->condition->span,
                          arena_copy_text(arena, text_make(begins, (size_t)size)), true);
            }
            place_block(comparison, campaign, &choice->body);
        }
        break;
    }
    case STATEMENT_CREDIT:
    case STATEMENT_DO: add_place(comparison, &statement->name, statement->span, TEXT("player."), true); break;
    case STATEMENT_REMEMBER: place_value(comparison, statement->as.remember.value); break;
    default: break;
    }
    if (statement->otherwise != NULL) place_statement(comparison, campaign, statement->otherwise);
}

static void place_block(struct compare *comparison, const struct thing *campaign, const struct block *block)
{
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next)
        place_statement(comparison, campaign, statement);
}

static void place_offer(struct compare *comparison, const struct declaration *offer)
{
    for (const struct line *line = offer->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PARAMETER) place_value(comparison, line->as.parameter.value);
    }
}

static void place_campaign(struct compare *comparison, const struct thing *campaign)
{
    const struct program *program = comparison->reference.program;
    const struct names *names = comparison->reference.names;
    const struct bundle_campaign *record = &program->campaign[campaign - names->campaigns];
    uint32_t leave = record->leave_first;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next) {
        switch (line->kind) {
        case LINE_START: place_condition(comparison, line->as.event.where); break;
        case LINE_ONLY_FOR: place_condition(comparison, line->as.condition); break;
        case LINE_GOAL: place_condition(comparison, line->as.goal.event.where); break;
        case LINE_LEAVE_ON:
        case LINE_LEAVE_WHEN:
            place_condition(comparison,
                            line->kind == LINE_LEAVE_ON ? line->as.leave.event.where : line->as.leave.condition);
            if (leave < record->leave_first + record->leave_count)
                comparison->leave[leave++] = (struct entry){.leave = line, .campaign = campaign};
            break;
        case LINE_OFFER: place_offer(comparison, line->as.declaration); break;
        case LINE_STEP: place_block(comparison, campaign, &line->as.step.body); break;
        default: break;
        }
    }
}

static void find_sites(struct compare *comparison)
{
    const struct program *program = comparison->reference.program;
    comparison->site_node = calloc(program->site_count + 1, sizeof *comparison->site_node);
    if (comparison->site_node == NULL) abort();
    for (uint32_t i = 0; i < program->site_count; i++) {
        const struct bundle_site *site = &program->site[i];
        struct text words = program_text(program, site->text);
        for (uint32_t j = 0; j < comparison->place_count; j++) {
            const struct spot *place = &comparison->place[j];
            if (place->line != site->line || place->column != site->column || place->file != site->file) continue;
            if (place->begins ? text_starts_with(words, place->words) : text_equal(words, place->words))
                comparison->site_node[i] = comparison->place[place->same].node;
        }
    }
}

struct compare *compare_open(const struct compiler_output *compiled, enum reference_plant plant)
{
    struct compare *comparison = calloc(1, sizeof *comparison);
    if (comparison == NULL) abort();
    const struct names *names = compiled->names;
    const struct program *program = &compiled->program;
    comparison->reference = (struct reference){.names = names, .program = program, .plant = plant};
    comparison->wait_case = calloc(program->wait_case_count + 1, sizeof *comparison->wait_case);
    comparison->leave = calloc(program->leave_count + 1, sizeof *comparison->leave);
    if (comparison->wait_case == NULL || comparison->leave == NULL) abort();
    for (uint32_t i = 0; i < names->campaign_count; i++) place_campaign(comparison, &names->campaigns[i]);
    for (uint32_t i = 0; i < names->segment_count; i++)
        place_condition(comparison, names->segments[i].declaration->condition);
    for (uint32_t i = 0; i < names->offer_count; i++) place_offer(comparison, names->offers[i].declaration);
    for (uint32_t i = 0; i < names->policy_count; i++) {
        for (const struct line *line = names->policies[i].declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_FINISH_FOR) place_condition(comparison, line->as.finish_for.condition);
            if (line->kind == LINE_NEVER) place_condition(comparison, line->as.never.condition);
            if (line->kind == LINE_SEND_ONLY_TO) place_condition(comparison, line->as.send_only_to.condition);
        }
    }
    find_sites(comparison);
    return comparison;
}

void compare_close(struct compare *comparison)
{
    while (comparison->courses != NULL) {
        struct course *next = comparison->courses->next;
        course_close(comparison->courses);
        comparison->courses = next;
    }
    free(comparison->reference.mark);
    free(comparison->wait_case);
    free(comparison->leave);
    free(comparison->place);
    free(comparison->site_node);
    free(comparison);
}

/* ------------------------------------------------------------------ traces */

static const struct bundle_region *region_of(const struct compare *comparison, const struct activation *activation)
{
    const struct program *program = comparison->reference.program;
    return &program->region[activation->campaign == PROGRAM_NONE ? 0 : program->campaign[activation->campaign].region];
}

static bool is_marked(const struct reference *reference, const void *node)
{
    for (uint32_t i = 0; i < reference->mark_count; i++) {
        if (reference->mark[i].node == node) return true;
    }
    return false;
}

static void name_marks(struct compare *comparison)
{
    struct reference *reference = &comparison->reference;
    for (uint32_t i = 0; i < reference->mark_count; i++)
        reference->mark[i].node = first_of(comparison, reference->mark[i].node);
}

static struct text site_words(const struct compare *comparison, uint32_t site)
{
    return program_text(comparison->reference.program, comparison->reference.program->site[site].text);
}

/* Each condition that was judged here was judged there, with the same result; and no other. */
static void compare_trace(struct compare *comparison, const struct engine_probe_call *call)
{
    const struct reference *reference = &comparison->reference;
    const struct bundle_region *region = region_of(comparison, call->activation);
    name_marks(comparison);
    for (uint32_t i = 0; i < reference->mark_count; i++) {
        const void *node = reference->mark[i].node;
        if (node == NULL) continue;
        uint32_t sites = 0, at = 0, seen = 0;
        bool last = reference->mark[i].yes;
        for (uint32_t j = i; j < reference->mark_count; j++) {
            if (reference->mark[j].node == node) last = reference->mark[j].yes;
        }
        for (uint32_t s = 1; s < region->site_count && s < ACTIVATION_SITES_MAX; s++) {
            if (comparison->site_node[region->site_first + s] != node) continue;
            sites++;
            at = s;
            seen |= 1u << call->activation->trace[s];
        }
        comparison->counts.conditions++;
        if (sites == 0) continue;
        uint8_t trace = call->activation->trace[at];
        if (sites == 1 && trace != (last ? 3 : 2)) {
            complain(comparison, call, "condition `%.*s` (line %u) is %s here and %s in the engine",
                     TEXT_ARGS(site_words(comparison, region->site_first + at)),
                     reference->program->site[region->site_first + at].line, last ? "yes" : "no",
                     trace == 0   ? "not judged"
                     : trace == 3 ? "yes"
                                  : "no");
            return;
        }
        if (sites > 1 && (seen >> (reference->mark[i].yes ? 3 : 2) & 1) == 0) {
            complain(comparison, call, "condition `%.*s` is %s here and never so in the engine",
                     TEXT_ARGS(site_words(comparison, region->site_first + at)), reference->mark[i].yes ? "yes" : "no");
            return;
        }
    }
    for (uint32_t s = 1; s < region->site_count && s < ACTIVATION_SITES_MAX; s++) {
        const void *node = comparison->site_node[region->site_first + s];
        if (call->activation->trace[s] == comparison->trace[s] || node == NULL || is_marked(reference, node)) continue;
        complain(comparison, call, "condition `%.*s` (line %u) was judged by the engine and not here",
                 TEXT_ARGS(site_words(comparison, region->site_first + s)),
                 reference->program->site[region->site_first + s].line);
        return;
    }
}

/* ------------------------------------------------------------------ filters */

static struct course *find_course(const struct compare *comparison, const struct thing *campaign, struct text player,
                                  struct text brand, uint32_t number)
{
    for (struct course *course = comparison->courses; course != NULL; course = course->next) {
        if (course->campaign == campaign && course->number == number && text_equal(text_of(course->player), player) &&
            text_equal(text_of(course->brand), brand))
            return course;
    }
    return NULL;
}

static void drop_course(struct compare *comparison, struct course *gone)
{
    for (struct course **at = &comparison->courses; *at != NULL; at = &(*at)->next) {
        if (*at != gone) continue;
        *at = gone->next;
        course_close(gone);
        return;
    }
}

/* The case of a CASE number in the wait that the journey rests at: of a mission several waits stand at one line. */
static const struct choice *case_of(const struct compare *comparison, const struct course *course, uint32_t number)
{
    const struct entry *entry = &comparison->wait_case[number];
    const struct names *names = comparison->reference.names;
    if (entry->choice == NULL || course == NULL || course->rests == NULL || course->rests == entry->wait ||
        course->rests->kind != STATEMENT_WAIT_UP_TO ||
        names_line(names, course->rests->span) != names_line(names, entry->wait->span))
        return entry->choice;
    uint32_t at = 0;
    for (const struct choice *choice = course->rests->as.wait_up_to.cases.first; choice != NULL;
         choice = choice->next) {
        if (choice->kind == CHOICE_EVENT && at++ == entry->ordinal) return choice;
    }
    return entry->choice;
}

/* What a filter should have said: 1, 0 (-2: whatever was asked), or -1: that is not known here. */
static int judge_filter(struct compare *comparison, const struct engine_probe_call *call)
{
    struct reference *reference = &comparison->reference;
    const struct names *names = reference->names;
    const struct thing *campaign = &names->campaigns[call->campaign];
    struct scene scene = reference_scene(reference, campaign, call->activation, call->activation->now);
    const struct event_match *match = NULL;
    const struct line *line;
    switch (call->kind) {
    case PROBE_START_FILTER:
        line = reference_line(campaign->declaration, LINE_START);
        if (line == NULL) return -1;
        match = &line->as.event;
        scene.own_first = true;
        break;
    case PROBE_AUDIENCE:
        line = reference_line(campaign->declaration, LINE_ONLY_FOR);
        if (line == NULL) return -1;
        scene.sight = SEES_PLAYER;
        return reference_condition(&scene, line->as.condition, NULL);
    case PROBE_GOAL:
        line = reference_line(campaign->declaration, LINE_GOAL);
        while (line != NULL && (line->kind != LINE_GOAL || ast_is_present(&line->as.goal.name))) line = line->next;
        if (line == NULL) return -1;
        match = &line->as.goal.event;
        break;
    case PROBE_CASE:
        if (call->about == PROGRAM_NONE || comparison->wait_case[call->about].choice == NULL) {
            reference_unsure(reference, "what revokes or cancels an offer");
            return -1;
        }
        scene.course = find_course(comparison, campaign, call->player, call->brand, call->journey);
        match = &case_of(comparison, scene.course, call->about)->event;
        break;
    case PROBE_LEAVE: {
        line = comparison->leave[call->about].leave;
        if (line == NULL) return -1;
        scene.course = find_course(comparison, campaign, call->player, call->brand, call->journey);
        if (scene.course == NULL) return -1;
        const struct statement *then = line->as.leave.then;
        bool once = then != NULL && then->kind == STATEMENT_GO_TO && then->as.go_to.at_most == 0;
        for (uint32_t i = 0; once && i < scene.course->counted_count; i++) {
            if (scene.course->counted[i].node == line && scene.course->counted[i].times > 0) return 0;
        }
        if (line->kind == LINE_LEAVE_WHEN) return reference_condition(&scene, line->as.leave.condition, NULL);
        match = &line->as.leave.event;
        break;
    }
    default: return -1;
    }
    scene.sight = SEES_EVENT;
    scene.event = names_event(names, match->event.text);
    if (call->activation->event.slot == NULL || scene.event == NULL) return -1;
    int meets = reference_meets(&scene, scene.event, match->where);
    if (meets == -1) reference_unsure(reference, "an event with money in another currency");
    return meets;
}

static bool failed(struct compare *comparison, const struct engine_probe_call *call)
{
    if (comparison->reference.failure[0] == '\0') return false;
    complain(comparison, call, "the evaluator says: %s", comparison->reference.failure);
    return true;
}

static void compare_filter(struct compare *comparison, const struct engine_probe_call *call)
{
    reference_begin(&comparison->reference);
    int meets = judge_filter(comparison, call);
    static const char *const kinds[] = {[PROBE_START_FILTER] = "the start's filter",
                                        [PROBE_AUDIENCE] = "`only for`",
                                        [PROBE_CASE] = "a case",
                                        [PROBE_LEAVE] = "a leave line",
                                        [PROBE_GOAL] = "the goal",
                                        [PROBE_RULE] = "a policy"};
    if (comparison->reference.unsure || meets == -1) {
        if (comparison->reference.unsure) not_compared(comparison);
        comparison->reference.failure[0] = '\0';
        return;
    }
    if (failed(comparison, call)) return;
    comparison->counts.filters++;
    if ((meets == 1) != call->accepted) {
        complain(comparison, call, "%s holds here: %s, in the engine: %s", kinds[call->kind], meets == 1 ? "yes" : "no",
                 call->accepted ? "yes" : "no");
        return;
    }
    if (meets != -2) compare_trace(comparison, call);
}

static const struct condition *rule_condition(const struct compare *comparison, const struct bundle_rule *rule)
{
    const struct names *names = comparison->reference.names;
    for (uint32_t i = 0; i < names->policy_count; i++) {
        if (!text_equal(names->policies[i].name, program_text(comparison->reference.program, rule->name))) continue;
        for (const struct line *line = names->policies[i].declaration->lines.first; line != NULL; line = line->next) {
            if (names_line(names, line->span) != rule->line || line->span.file != rule->file) continue;
            if (line->kind == LINE_FINISH_FOR) return line->as.finish_for.condition;
            if (line->kind == LINE_NEVER) return line->as.never.condition;
            if (line->kind == LINE_SEND_ONLY_TO) return line->as.send_only_to.condition;
        }
    }
    return NULL;
}

static void compare_rule(struct compare *comparison, const struct engine_probe_call *call)
{
    struct reference *reference = &comparison->reference;
    const struct condition *condition = rule_condition(comparison, &reference->program->rule[call->about]);
    if (condition == NULL) return;
    reference_begin(reference);
    struct scene scene = reference_scene(reference, NULL, call->activation, call->activation->now);
    scene.sight = SEES_PLAYER;
    bool yes = reference_condition(&scene, condition, NULL);
    if (reference->unsure) {
        not_compared(comparison);
        reference->failure[0] = '\0';
        return;
    }
    if (failed(comparison, call)) return;
    comparison->counts.rules++;
    if (yes != call->accepted)
        complain(comparison, call, "the policy \"%.*s\" (line %u) holds here: %s, in the engine: %s",
                 TEXT_ARGS(program_text(reference->program, reference->program->rule[call->about].name)),
                 reference->program->rule[call->about].line, yes ? "yes" : "no", call->accepted ? "yes" : "no");
}

/* ------------------------------------------------------------------ deeds */

static const char *const made_words[] = {
    [MADE_EFFECT] = "an effect",  [MADE_DELAYED] = "a delayed message",
    [MADE_REFUSED] = "a refusal", [MADE_EXPOSURE] = "an exposure",
    [MADE_STEP] = "a step",       [MADE_OFFER] = "an order",
};

static struct text label_of(const struct program *program, const struct bundle_effect *effect)
{
    return effect->label == PROGRAM_NONE ? TEXT("") : program_text(program, effect->label);
}

static bool same_value(struct reference *reference, const struct activation *activation,
                       const struct bundle_value *record, const struct term *term, int64_t slot)
{
    if (record->kind == TYPE_TEXT) return text_equal(interp_text(activation, slot), term->text);
    if (record->kind == TYPE_ZONE || record->kind == TYPE_CALENDAR) return true;
    struct type type = {(enum type_kind)record->kind, record->of, 0};
    int128 wanted = term->num * term_unit(type);
    (void)reference;
    return wanted % term->den == 0 && wanted / term->den == slot;
}

static void compare_values(struct compare *comparison, const struct engine_probe_call *call, const struct deed *deed,
                           const struct bundle_effect *effect, uint32_t first)
{
    const struct program *program = comparison->reference.program;
    if (deed->act == ACT_CREDIT && deed->step != 0) return; /* paid in a currency of the moment */
    for (uint32_t i = 0; i < effect->value_count; i++) {
        const struct bundle_value *record = &program->value[effect->value_first + i];
        struct text name = program_text(program, record->name);
        const struct term *term = NULL;
        for (uint32_t j = 0; j < deed->value_count; j++) {
            if (text_equal(deed->value[j].name, name)) term = &deed->value[j].term;
        }
        if (term == NULL) continue; /* of an offer or a code: not predicted */
        comparison->counts.values++;
        int64_t slot = call->activation->values[first + i];
        if (same_value(&comparison->reference, call->activation, record, term, slot)) continue;
        if (record->kind == TYPE_TEXT) {
            complain(comparison, call, "%.*s \"%.*s\": %.*s is \"%.*s\" here and \"%.*s\" in the engine",
                     TEXT_ARGS(deed->action), TEXT_ARGS(deed->name), TEXT_ARGS(name), TEXT_ARGS(term->text),
                     TEXT_ARGS(interp_text(call->activation, slot)));
        } else {
            complain(comparison, call, "%.*s \"%.*s\": %.*s is %lld/%lld here and %lld in the engine",
                     TEXT_ARGS(deed->action), TEXT_ARGS(deed->name), TEXT_ARGS(name), (long long)term->num,
                     (long long)term->den, (long long)slot);
        }
        return;
    }
}

static void compare_deed(struct compare *comparison, const struct engine_probe_call *call, const struct deed *deed,
                         const struct made *made)
{
    const struct program *program = comparison->reference.program;
    const struct bundle_campaign *campaign = &program->campaign[call->campaign];
    comparison->counts.deeds++;
    if (deed->kind != (enum made_kind)made->kind) {
        complain(comparison, call, "%s of \"%.*s\" here (reason %u) is %s in the engine (reason %u)",
                 made_words[deed->kind], TEXT_ARGS(deed->name), deed->reason, made_words[made->kind], made->reason);
        return;
    }
    if (deed->kind == MADE_STEP) {
        if (deed->step != made->object)
            complain(comparison, call, "step %u here, %u in the engine", deed->step, made->object);
        return;
    }
    if (deed->kind == MADE_EXPOSURE) {
        struct text split = program_text(program, program->split[campaign->split_first + made->object].name);
        if (!text_equal(split, deed->name) || deed->number != made->value_first)
            complain(comparison, call, "arm %u of \"%.*s\" here, %u of \"%.*s\" in the engine", deed->number,
                     TEXT_ARGS(deed->name), made->value_first, TEXT_ARGS(split));
        return;
    }
    if (deed->kind == MADE_OFFER) {
        struct text offer = program_text(program, program->offer[made->until].name);
        if (deed->number != made->object || !text_equal(offer, deed->name))
            complain(comparison, call, "order %u of \"%.*s\" here, %u of \"%.*s\" in the engine", deed->number,
                     TEXT_ARGS(deed->name), made->object, TEXT_ARGS(offer));
        return;
    }
    const struct bundle_effect *effect = &program->effect[campaign->effect_first + made->object];
    struct text action = program_text(program, effect->action), name = program_text(program, effect->name);
    if ((enum act)effect->kind != deed->act || !text_equal(name, deed->name) ||
        !text_equal(label_of(program, effect), deed->label) ||
        (deed->act == ACT_SEND && !text_equal(action, deed->action))) {
        complain(comparison, call, "%.*s \"%.*s\" here is %.*s \"%.*s\" in the engine", TEXT_ARGS(deed->action),
                 TEXT_ARGS(deed->name), TEXT_ARGS(action), TEXT_ARGS(name));
        return;
    }
    if ((deed->kind != MADE_EFFECT && deed->reason != (enum reason)made->reason) ||
        (deed->kind == MADE_DELAYED && deed->until != made->until)) {
        complain(comparison, call, "%.*s \"%.*s\": reason %u until %lld here, %u until %lld in the engine",
                 TEXT_ARGS(deed->action), TEXT_ARGS(deed->name), deed->reason, (long long)deed->until, made->reason,
                 (long long)made->until);
        return;
    }
    if (deed->kind != MADE_EFFECT) comparison->reasons[made->reason]++;
    if (deed->kind != MADE_REFUSED) compare_values(comparison, call, deed, effect, made->value_first);
}

static void compare_end(struct compare *comparison, const struct engine_probe_call *call, const struct answer *answer)
{
    const struct activation *activation = call->activation;
    const struct program *program = comparison->reference.program;
    const struct bundle_campaign *campaign = &program->campaign[call->campaign];
    static const enum outcome outcomes[] = {
        [REST_NONE] = OUTCOME_REJECT, [REST_WAIT] = OUTCOME_WAIT, [REST_CREDIT] = OUTCOME_CREDIT,
        [REST_CODE] = OUTCOME_CODE,   [REST_ASK] = OUTCOME_ASK,   [REST_FINISH] = OUTCOME_FINISH};
    static const char *const words[] = {"a yes",    "a no",      "a wait",     "an end",
                                        "a credit", "a measure", "a question", "a code"};
    comparison->counts.ends++;
    if (outcomes[answer->rest] != activation->outcome) {
        complain(comparison, call, "it comes to %s here (line %u) and to %s in the engine",
                 words[outcomes[answer->rest]],
                 answer->at != NULL ? names_line(comparison->reference.names, answer->at->span) : 0,
                 words[activation->outcome]);
        return;
    }
    if (answer->rest == REST_FINISH) {
        struct text finish = program_text(program, activation->finish);
        if (!text_equal(finish, answer->finish))
            complain(comparison, call, "it ends as \"%.*s\" here and as \"%.*s\" in the engine",
                     TEXT_ARGS(answer->finish), TEXT_ARGS(finish));
        return;
    }
    const struct bundle_state *state = &program->state[campaign->state_first + activation->state];
    uint32_t line = names_line(comparison->reference.names, answer->at->span);
    if (state->line != line) {
        complain(comparison, call, "it rests at line %u here and at line %u in the engine", line, state->line);
        return;
    }
    if (answer->rest != REST_CREDIT) return;
    const struct bundle_effect *effect = &program->effect[campaign->effect_first + activation->credit];
    if (!text_equal(program_text(program, effect->name), answer->request.name) ||
        !text_equal(label_of(program, effect), answer->request.label)) {
        complain(comparison, call, "it asks for \"%.*s\" here and for \"%.*s\" in the engine",
                 TEXT_ARGS(answer->request.name), TEXT_ARGS(program_text(program, effect->name)));
        return;
    }
    compare_values(comparison, call, &answer->request, effect, activation->credit_values);
}

/* What it remembers, there and here. */
static void compare_memory(struct compare *comparison, const struct engine_probe_call *call, struct course *course)
{
    const struct program *program = comparison->reference.program;
    const struct activation *activation = call->activation;
    const struct bundle_campaign *campaign = &program->campaign[call->campaign];
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct bundle_variable *variable = &program->variable[campaign->variable_first + i];
        struct text name = program_text(program, variable->name);
        const struct term *term = course_remembered(course, name);
        bool known = (activation->journey_known >> i & 1) != 0;
        if (variable->counter || name.size == 0 || (term == NULL && !known)) continue;
        if (text_find(name, '.', 0) < name.size || text_equal(name, TEXT("code")))
            continue; /* a field: read where it is used */
        if (term == NULL || !term->known || !known) {
            complain(comparison, call, "journey.%.*s is %s here and %s in the engine", TEXT_ARGS(name),
                     term == NULL || !term->known ? "unknown" : "known", known ? "known" : "unknown");
            return;
        }
        struct bundle_value record = {.kind = variable->kind, .of = variable->of};
        comparison->counts.values++;
        if (same_value(&comparison->reference, activation, &record, term, activation->journey_slot[i])) continue;
        complain(comparison, call, "journey.%.*s is %lld/%lld here and %lld in the engine", TEXT_ARGS(name),
                 (long long)term->num, (long long)term->den, (long long)activation->journey_slot[i]);
        return;
    }
}

/* ------------------------------------------------------------------ the way in */

static bool enter_case(struct compare *comparison, const struct engine_probe_call *call, struct course *course)
{
    const struct entry *entry = &comparison->wait_case[call->about];
    const struct names *names = comparison->reference.names;
    if (entry->choice == NULL || course->rests == NULL ||
        names_line(names, course->rests->span) != names_line(names, entry->wait->span)) {
        complain(comparison, call, "a case of line %u goes on, and it rests at line %u here",
                 entry->wait == NULL ? 0 : names_line(names, entry->wait->span),
                 course->rests == NULL ? 0 : names_line(names, course->rests->span));
        return false;
    }
    const struct statement *wait = course->rests;
    const struct choice *chosen = case_of(comparison, course, call->about);
    int64_t grace = comparison->reference.program->campaign[call->campaign].late_ms;
    if (call->activation->now >= course->due + grace && !wait->as.wait_up_to.since_entry) {
        complain(comparison, call, "an event meets a wait that was over %lld ms ago",
                 (long long)(call->activation->now - course->due));
        return false;
    }
    struct text event = chosen->event.event.text;
    for (const struct choice *before = wait->as.wait_up_to.cases.first; before != chosen; before = before->next) {
        if (before->kind != CHOICE_EVENT || !text_equal(before->event.event.text, event) ||
            before->event.where != NULL || ast_is_present(&before->event.about) || wait->as.wait_up_to.since_entry)
            continue;
        complain(comparison, call, "the case of line %u is met before that of line %u", names_line(names, before->span),
                 names_line(names, chosen->span));
        return false;
    }
    if (comparison->reference.plant == PLANTED_CASE) {
        for (const struct choice *later = chosen->next; later != NULL; later = later->next) {
            if (later->kind == CHOICE_EVENT) chosen = later;
        }
    }
    course_tell(course, call->activation, names_event(names, event));
    walk_into(course, &chosen->body);
    return true;
}

static bool enter_timeout(struct compare *comparison, const struct engine_probe_call *call, struct course *course)
{
    const struct names *names = comparison->reference.names;
    const struct statement *rests = course->rests;
    comparison->counts.deadlines++;
    if (rests == NULL || call->activation->now != course->due) {
        char here[CIVIL_INSTANT_SIZE] = "";
        civil_format_instant(here, course->due);
        complain(comparison, call, "time is up, and the wait of line %u is over at %s here",
                 rests == NULL ? 0 : names_line(names, rests->span), here);
        return false;
    }
    const struct choice_list *cases = rests->kind == STATEMENT_WAIT_UP_TO ? &rests->as.wait_up_to.cases
                                      : rests->kind == STATEMENT_ASK      ? &rests->as.ask.cases
                                                                          : NULL;
    for (const struct choice *choice = cases == NULL ? NULL : cases->first; choice != NULL; choice = choice->next) {
        if (choice->kind == CHOICE_TIME_IS_UP) walk_into(course, &choice->body);
    }
    return true;
}

static void remember_answer(struct compare *comparison, const struct engine_probe_call *call, struct course *course,
                            struct text query)
{
    const struct names *names = comparison->reference.names;
    const struct bank_read *bank = &call->activation->event;
    for (uint32_t i = 0; i < names->query_count && bank->slot != NULL; i++) {
        const struct member *value = &names->queries[i].value;
        if (!text_equal(value->name.text, query)) continue;
        int64_t slot = bank->slot[PROGRAM_EVENT_SLOTS];
        struct term term = value->type.kind == TYPE_TEXT ? term_text(interp_text(call->activation, slot))
                                                         : term_of_slot(value->type, slot);
        course_remember(course, query, term);
    }
}

static bool enter_answer(struct compare *comparison, const struct engine_probe_call *call, struct course *course)
{
    const struct names *names = comparison->reference.names;
    const struct statement *rests = course->rests;
    bool granted = call->way == WAY_GRANTED;
    if (rests == NULL) {
        complain(comparison, call, "an answer comes, and nothing was asked here");
        return false;
    }
    switch (rests->kind) {
    case STATEMENT_CREDIT:
        if (granted) {
            course->credited = course->asked;
            course->shown_count = course->asked_shown_count;
            memcpy(course->shown, course->asked_shown, sizeof course->shown);
        }
        break;
    case STATEMENT_GIVE_CODE:
        if (granted && call->activation->event.slot != NULL)
            course_tell(course, call->activation, names_event(names, TEXT("code_given")));
        break;
    case STATEMENT_RELEASE_CODE: break;
    case STATEMENT_ASK: {
        bool approval = !ast_is_present(&rests->as.ask.query);
        enum choice_kind kind = !granted ? CHOICE_REFUSED : approval ? CHOICE_APPROVED : CHOICE_ANSWERED;
        if (!approval) remember_answer(comparison, call, course, rests->as.ask.query.text);
        for (const struct choice *choice = rests->as.ask.cases.first; choice != NULL; choice = choice->next) {
            if (choice->kind == kind) walk_into(course, &choice->body);
        }
        return true;
    }
    default:
        complain(comparison, call, "an answer comes, and it rests at line %u here", names_line(names, rests->span));
        return false;
    }
    if (!granted && rests->otherwise != NULL) walk_one(course, rests->otherwise);
    return true;
}

static bool enter_leave(struct compare *comparison, const struct engine_probe_call *call, struct course *course)
{
    const struct line *line = comparison->leave[call->about].leave;
    const struct names *names = comparison->reference.names;
    if (line == NULL || line->as.leave.then == NULL) {
        complain(comparison, call, "a leave line without more goes on");
        return false;
    }
    if (line->kind == LINE_LEAVE_ON && call->activation->event.slot != NULL)
        course_tell(course, call->activation, names_event(names, line->as.leave.event.event.text));
    course->depth = 0;
    walk_one(course, line->as.leave.then);
    if (line->as.leave.then->kind == STATEMENT_GO_TO && line->as.leave.then->as.go_to.at_most == 0 &&
        course->counted_count < COURSE_NAMES)
        course->counted[course->counted_count++] = (struct counted){line, 1};
    return true;
}

static bool enter(struct compare *comparison, const struct engine_probe_call *call, struct course *course)
{
    switch (call->way) {
    case WAY_START: {
        uint32_t number;
        const struct line *line = reference_line(course->campaign->declaration, LINE_START);
        const struct line *step = walk_step(course->campaign, TEXT(""), &number);
        if (line != NULL && call->activation->event.slot != NULL)
            course_tell(course, call->activation, names_event(comparison->reference.names, line->as.event.event.text));
        if (step == NULL) return false;
        walk_to_step(course, step);
        course->entered_at = call->activation->now;
        return true;
    }
    case WAY_CASE: return enter_case(comparison, call, course);
    case WAY_TIMEOUT: return enter_timeout(comparison, call, course);
    case WAY_GRANTED:
    case WAY_DECLINED: return enter_answer(comparison, call, course);
    case WAY_LEAVE: return enter_leave(comparison, call, course);
    }
    return false;
}

static void compare_body(struct compare *comparison, const struct engine_probe_call *call)
{
    struct reference *reference = &comparison->reference;
    const struct thing *campaign = &reference->names->campaigns[call->campaign];
    struct course *course = find_course(comparison, campaign, call->player, call->brand, call->journey);
    if (call->way == WAY_START && course == NULL) {
        course = course_open(campaign, call->player, call->brand, call->journey);
        course->next = comparison->courses;
        comparison->courses = course;
    } else if (course == NULL) {
        return; /* it was given up before */
    }
    reference_begin(reference);
    if (!enter(comparison, call, course)) return;
    struct scene scene = reference_scene(reference, campaign, call->activation, call->activation->now);
    scene.course = course;
    scene.gate = comparison->gate;
    scene.pressure = comparison->pressure;
    struct answer *answer = &comparison->answer;
    walk_on(&scene, answer, call->way == WAY_START);
    course->activations++;
    if (reference->unsure) {
        not_compared(comparison);
        reference->failure[0] = '\0';
        drop_course(comparison, course);
        return;
    }
    if (failed(comparison, call)) return;
    comparison->counts.activations++;
    const struct activation *activation = call->activation;
    for (uint32_t i = 0; i < answer->deed_count && i < activation->made_count; i++) {
        compare_deed(comparison, call, &answer->deed[i], &activation->made[i]);
        if (comparison->fault[0] != '\0') return;
    }
    if (answer->deed_count != activation->made_count) {
        uint32_t first = answer->deed_count < activation->made_count ? answer->deed_count : activation->made_count;
        complain(comparison, call, "%u things are done here, %u in the engine; the next: %s", answer->deed_count,
                 activation->made_count,
                 answer->deed_count > first ? made_words[answer->deed[first].kind]
                                            : made_words[activation->made[first].kind]);
        return;
    }
    compare_end(comparison, call, answer);
    compare_memory(comparison, call, course);
    compare_trace(comparison, call);
    if (answer->rest == REST_FINISH) drop_course(comparison, course);
}

/* ------------------------------------------------------------------ hearing */

void compare_probe(struct compare *comparison, const struct engine_probe_call *call)
{
    if (comparison->fault[0] != '\0') return;
    if (call->kind == PROBE_BEFORE) {
        memcpy(comparison->trace, call->activation->trace, sizeof comparison->trace);
        memcpy(comparison->gate, call->activation->gate, sizeof comparison->gate);
        memcpy(comparison->pressure, call->activation->pressure, sizeof comparison->pressure);
        return;
    }
    if (call->kind == PROBE_RULE)
        compare_rule(comparison, call);
    else if (call->kind == PROBE_BODY)
        compare_body(comparison, call);
    else
        compare_filter(comparison, call);
}

void compare_note(struct compare *comparison, const struct engine_note *note)
{
    const struct names *names = comparison->reference.names;
    if ((uint32_t)note->reason < REASON_COUNT) comparison->reasons[note->reason]++;
    if (note->kind == NOTE_NOT_APPLIED) comparison->not_applied = true;
    if (note->campaign >= names->campaign_count || note->journey == 0) return;
    struct course *course =
        find_course(comparison, &names->campaigns[note->campaign], note->player, note->brand, note->journey);
    if (course == NULL) return;
    if (note->kind == NOTE_FINISHED) drop_course(comparison, course);
    if (note->kind == NOTE_PAUSED) {
        course->remaining = course->due > note->now ? course->due - note->now : 0;
        course->due = INT64_MAX;
    }
    if (note->kind == NOTE_UNPAUSED && course->remaining >= 0) {
        course->due = note->now + course->remaining;
        course->remaining = -1;
    }
}

void compare_settled(struct compare *comparison, int64_t now)
{
    comparison->now = now;
    for (const struct course *course = comparison->courses; course != NULL; course = course->next) {
        const struct names *names = comparison->reference.names;
        const struct bundle_campaign *record =
            &comparison->reference.program->campaign[course->campaign - names->campaigns];
        if (course->due == INT64_MAX || course->due + record->late_ms >= now) continue;
        complain(comparison, NULL, "\"%.*s\" of player %s rests at line %u, and its time was up %lld ms ago",
                 TEXT_ARGS(course->campaign->name), course->player,
                 course->rests == NULL ? 0 : names_line(names, course->rests->span), (long long)(now - course->due));
        return;
    }
}

/* Money in another currency may keep an event from a line. */
static bool may_be_kept_away(const struct compare *comparison, const struct thing *campaign,
                             const struct event_info *event)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        if (event->fields[i].type.kind == TYPE_MONEY &&
            reference_mentions(&comparison->reference, campaign, event->name, event->fields[i].name.text) !=
                MENTION_NONE)
            return true;
    }
    return false;
}

void compare_expect(struct compare *comparison, struct text player, struct text brand, uint32_t event)
{
    const struct names *names = comparison->reference.names;
    comparison->expected_count = 0;
    comparison->not_applied = false;
    if (event >= names->event_count) return;
    snprintf(comparison->expected_player, sizeof comparison->expected_player, "%.*s", TEXT_ARGS(player));
    snprintf(comparison->expected_brand, sizeof comparison->expected_brand, "%.*s", TEXT_ARGS(brand));
    for (const struct course *course = comparison->courses; course != NULL; course = course->next) {
        if (course->rests == NULL || course->rests->kind != STATEMENT_WAIT_UP_TO || course->remaining >= 0 ||
            !text_equal(text_of(course->player), player) || !text_equal(text_of(course->brand), brand) ||
            comparison->expected_count == EXPECTED_MOST)
            continue;
        for (const struct choice *choice = course->rests->as.wait_up_to.cases.first; choice != NULL;
             choice = choice->next) {
            if (choice->kind != CHOICE_EVENT || choice->event.where != NULL || ast_is_present(&choice->event.about) ||
                (!text_equal(choice->event.event.text, names->events[event].name) &&
                 comparison->reference.plant != PLANTED_AWAITED) ||
                may_be_kept_away(comparison, course->campaign, &names->events[event]))
                continue;
            comparison->expected[comparison->expected_count++] = (struct expected){
                course->campaign, course->number, names_line(names, choice->span), course->activations};
            break;
        }
    }
}

void compare_expected(struct compare *comparison)
{
    for (uint32_t i = 0; i < comparison->expected_count && !comparison->not_applied; i++) {
        const struct expected *expected = &comparison->expected[i];
        const struct course *course = find_course(comparison, expected->campaign, text_of(comparison->expected_player),
                                                  text_of(comparison->expected_brand), expected->journey);
        comparison->counts.expected++;
        if (course != NULL && course->activations == expected->activations && course->remaining < 0)
            complain(comparison, NULL, "\"%.*s\" of player %s waits for any such event (line %u), and goes on waiting",
                     TEXT_ARGS(expected->campaign->name), comparison->expected_player, expected->line);
    }
    comparison->expected_count = 0;
}

void compare_forget(struct compare *comparison, struct text player)
{
    for (struct course *course = comparison->courses, *next; course != NULL; course = next) {
        next = course->next;
        if (text_equal(text_of(course->player), player)) drop_course(comparison, course);
    }
}

const char *compare_fault(const struct compare *comparison)
{
    return comparison->fault[0] == '\0' ? NULL : comparison->fault;
}

struct compared compare_counts(const struct compare *comparison)
{
    return comparison->counts;
}

const uint64_t *compare_reasons(const struct compare *comparison)
{
    return comparison->reasons;
}

void compare_print(const struct compare *comparison)
{
    for (uint32_t i = 0; i < UNSURE_KINDS && comparison->unsure_why[i] != NULL; i++)
        printf("  not compared: %s: %" PRIu64 "\n", comparison->unsure_why[i], comparison->unsure_count[i]);
}
