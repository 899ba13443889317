/*
 * Judges the `expect` lines of a test against what was recorded, and says in the author's words what happened instead.
 *
 * `expect no X because R` holds if no X was made and a refusal, a skip, an entry refusal or a journey's end with reason R is recorded.
 */
#include "runtime/lab/test_story.h"
#include "runtime/lab/value_text.h"
#include "vm/decimal.h"
#include "vm/split.h"
#include "vm/zone.h"

enum { FACTS_MAX = 12 };

/* ------------------------------------------------------------------ words */

static struct text finish_text(struct story *story, struct buffer *buffer)
{
    const struct text text = arena_copy_text(story->arena, buffer_as_text(buffer));
    buffer_deinit(buffer);
    return text;
}

static void print_player(struct buffer *out, const struct story *story, struct text player)
{
    if (story->test->player_count > 1 && player.size > 0) {
        buffer_string(out, " for \"");
        buffer_text(out, player);
        buffer_string(out, "\"");
    }
}

static void print_effect(struct buffer *out, const struct story *story, const struct story_effect *effect)
{
    switch (effect->kind) {
    case ENGINE_SEND:
        buffer_string(out, "send ");
        buffer_text(out, program_text(story->program, story->program->channel[effect->channel].name));
        break;
    case ENGINE_CREDIT: buffer_string(out, "credit"); break;
    case ENGINE_DO: buffer_string(out, "do"); break;
    case ENGINE_TAG: buffer_string(out, "tag"); break;
    case ENGINE_UNTAG: buffer_string(out, "untag"); break;
    case ENGINE_SUSPENDED: buffer_string(out, "campaign_suspended"); break;
    case ENGINE_RECALL: buffer_string(out, "recall"); break;
    case ENGINE_ASK: buffer_string(out, "ask"); break;
    case ENGINE_EVENT:
        buffer_text(out, program_text(story->program, story->program->event[effect->event].name));
        if (effect->name.size > 0) buffer_string(out, " of");
        break;
    case ENGINE_ANSWER:
        buffer_print(out, "answer %s", effect->reason == REASON_NONE ? "OK" : value_text_reason_word(effect->reason));
        break;
    case ENGINE_AWARD: buffer_string(out, "award badge"); break;
    }
    if (effect->name.size > 0) {
        buffer_string(out, " \"");
        buffer_text(out, effect->name);
        buffer_string(out, "\"");
    }
    if (effect->kind == ENGINE_SUSPENDED) {
        buffer_print(out, " of \"%.*s\"", TEXT_ARGS(effect->campaign));
    }
    print_player(out, story, effect->player);
    buffer_string(out, " at ");
    value_text_local(out, story->test->zone, effect->at);
    for (uint32_t i = 0; i < effect->value_count; i++) {
        const struct story_value *value = &effect->values[i];
        buffer_string(out, i == 0 ? " where " : " and ");
        buffer_text(out, value->name);
        buffer_string(out, " is ");
        value_text_print(out, story->program, value->kind, value->of, value->number, value->text);
    }
}

/* Of a long story the latest lines are shown. */
static void print_left_out(struct buffer *out, unsigned count, const char *of)
{
    if (count > FACTS_MAX) buffer_print(out, "(of %s the last %d; %u more before)\n", of, FACTS_MAX, count - FACTS_MAX);
}

static void print_note(struct buffer *out, const struct story *story, const struct story_note *note)
{
    switch (note->kind) {
    case NOTE_ENTRY_REFUSED: buffer_string(out, "not entered, because "); break;
    case NOTE_FINISHED:
        buffer_string(out, "finished as \"");
        buffer_text(out, note->finish);
        buffer_string(out, "\"");
        break;
    case NOTE_EFFECT_REFUSED:
        buffer_string(out, "\"");
        buffer_text(out, note->name);
        buffer_string(out, "\" not made, because ");
        break;
    case NOTE_WITHHELD:
        buffer_string(out, "\"");
        buffer_text(out, note->name);
        buffer_string(out, "\" withheld, because ");
        break;
    case NOTE_DROPPED:
        buffer_string(out, "\"");
        buffer_text(out, note->name);
        buffer_string(out, "\" dropped, because ");
        break;
    case NOTE_DELAYED:
        buffer_string(out, "\"");
        buffer_text(out, note->name);
        buffer_string(out, "\" delayed, because ");
        break;
    case NOTE_NOT_APPLIED: buffer_string(out, "event not applied, because "); break;
    default: buffer_string(out, "because "); break;
    }
    if (note->kind != NOTE_FINISHED) {
        buffer_string(out, value_text_reason_word(note->reason));
        if (note->detail.size > 0) {
            buffer_string(out, " (");
            buffer_text(out, note->detail);
            buffer_string(out, ")");
        }
        buffer_string(out, ": ");
        buffer_string(out, value_text_reason(note->reason));
    }
    print_player(out, story, note->player);
    buffer_string(out, " at ");
    value_text_local(out, story->test->zone, note->now);
}

static bool is_telling(const struct story_note *note)
{
    switch (note->kind) {
    case NOTE_ENTRY_REFUSED:
    case NOTE_FINISHED:
    case NOTE_EFFECT_REFUSED:
    case NOTE_WITHHELD:
    case NOTE_DELAYED:
    case NOTE_DROPPED:
    case NOTE_NOT_APPLIED:
    case NOTE_CREDIT_FAILED: return true;
    default: return false;
    }
}

void story_fail(struct story *story, const struct test_step *step, struct test_result *result, struct text expected)
{
    struct test_failure *failure = arena_alloc(story->arena, sizeof *failure);
    if (failure == NULL) {
        story->out_of_memory = true;
        return;
    }
    struct buffer facts = BUFFER_EMPTY;
    unsigned effects = 0, notes = 0;
    for (const struct story_effect *effect = story->effects; effect != NULL; effect = effect->next) effects++;
    for (const struct story_note *note = story->notes; note != NULL; note = note->next) notes += is_telling(note);
    const unsigned count = effects + notes;
    print_left_out(&facts, effects, "what was made");
    for (const struct story_effect *effect = story->effects; effect != NULL; effect = effect->next) {
        if (effects-- > FACTS_MAX) continue;
        print_effect(&facts, story, effect);
        buffer_string(&facts, "\n");
    }
    print_left_out(&facts, notes, "ends and refusals");
    for (const struct story_note *note = story->notes; note != NULL; note = note->next) {
        if (!is_telling(note) || notes-- > FACTS_MAX) continue;
        print_note(&facts, story, note);
        buffer_string(&facts, "\n");
    }
    if (count > 0) {
        buffer_print(&facts, "(times by the clock of %s)\n", zone_name(story->test->zone));
    }
    if (count == 0) {
        buffer_string(&facts, "nothing: no effect, no refusal, no journey's end\n");
    }
    failure->line = step->line;
    failure->words = step->words;
    failure->expected = expected;
    failure->happened = finish_text(story, &facts);
    struct test_failure **end = &result->failures;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = failure;
    result->failed++;
}

/* ------------------------------------------------------------------ conditions */

static bool compare_numbers(const struct test_condition *condition, int64_t number)
{
    const struct test_value *values = condition->values;
    switch (condition->comparison) {
    case TEST_IS: return number == values[0].number;
    case TEST_ONE_OF:
        for (uint32_t i = 0; i < condition->value_count; i++) {
            if (number == values[i].number) {
                return true;
            }
        }
        return false;
    case TEST_AT_LEAST: return number >= values[0].number;
    case TEST_AT_MOST: return number <= values[0].number;
    case TEST_MORE_THAN: return number > values[0].number;
    case TEST_LESS_THAN: return number < values[0].number;
    case TEST_BETWEEN: return number >= values[0].number && number <= values[1].number;
    case TEST_CONTAINS: return (number & values[0].number) != 0;
    case TEST_KNOWN: return true;
    }
    return false;
}

static bool text_contains(struct text whole, struct text part)
{
    if (part.size == 0) {
        return true;
    }
    return whole.size >= part.size && memmem(whole.at, whole.size, part.at, part.size) != NULL;
}

static bool compare_texts(const struct test_condition *condition, struct text text)
{
    switch (condition->comparison) {
    case TEST_IS: return text_equal(text, condition->values[0].text);
    case TEST_ONE_OF:
        for (uint32_t i = 0; i < condition->value_count; i++) {
            if (text_equal(text, condition->values[i].text)) {
                return true;
            }
        }
        return false;
    case TEST_CONTAINS: return text_contains(text, condition->values[0].text);
    case TEST_KNOWN: return true;
    default: return false;
    }
}

static bool compare_value(const struct test_condition *condition, enum type_kind kind, uint32_t of, int64_t number,
                          struct text text, bool known)
{
    if (!known) {
        return condition->negated && condition->comparison == TEST_KNOWN;
    }
    bool holds = kind == TYPE_TEXT ? compare_texts(condition, text) : compare_numbers(condition, number);
    if (holds && kind == TYPE_MONEY && condition->value_count > 0 && condition->values[0].kind == TYPE_MONEY) {
        holds = condition->values[0].of == of;
    }
    return holds != condition->negated;
}

struct subject_player {
    struct story *story;
    struct engine_player_view view;
    bool known;
};

/* What a metric of the player is; its `otherwise` where it has no value. False: no value. */
static bool metric_of(const struct subject_player *player, uint32_t index, struct metric_read *out)
{
    const struct program *program = player->story->program;
    const struct bundle_metric *metric = &program->metric[index];
    struct engine_metric found = {0};
    const bool there = engine_find_metric(player->story->engine, TEXT(""), player->view.player,
                                          program_text(program, metric->name), &found);
    *out = (struct metric_read){there && found.known, found.value, found.text, INT64_MAX};
    if (!out->known && !metric->optional) {
        out->known = true;
        out->value = metric->preset;
        out->text = program_text(program, metric->preset_text);
    }
    return out->known;
}

static void read_metric(void *context, uint32_t metric, struct metric_read *out)
{
    (void)metric_of(context, metric, out);
}

static bool in_segment(const struct subject_player *player, uint32_t segment)
{
    const struct program *program = player->story->program;
    struct activation *activation = arena_alloc(player->story->arena, sizeof *activation);
    if (activation == NULL) {
        player->story->out_of_memory = true;
        return false;
    }
    activation->program = program;
    activation->campaign = PROGRAM_NONE;
    activation->player = (struct bank_read){player->view.slot, player->view.known, player->view.bytes};
    activation->now = engine_now(player->story->engine);
    activation->campaign_zone = player->story->test->zone;
    activation->player_zone = player->story->test->zone;
    activation->read_metric = read_metric;
    activation->metric_context = &(struct subject_player){player->story, player->view, player->known};
    return interp_filter(activation, program->segment[segment].filter);
}

/* What the total of a budget has left; false where it has no total. */
static bool left_of(const struct story *story, uint32_t budget, int64_t *left)
{
    struct engine_budget books;
    if (!engine_budget(story->engine, budget, &books) || books.cap < 0) {
        return false;
    }
    *left = books.cap - books.reserved - books.spent;
    return true;
}

static uint32_t arm_of(const struct story *story, uint32_t split, struct text player)
{
    for (uint32_t i = 0; i < story->test->step_count; i++) {
        const struct test_step *step = &story->test->steps[i];
        if (step->kind == TEST_GIVEN_ARM && step->split == split) {
            return step->arm;
        }
    }
    const struct program *program = story->program;
    const uint32_t millionth = split_millionth(player, split_seed(program_text(program, program->split[split].name)));
    for (uint32_t i = 0; i < program->split[split].arm_count; i++) {
        if (millionth < program->arm[program->split[split].arm_first + i].upto) {
            return i;
        }
    }
    return 0;
}

static bool holds_for_player(struct subject_player *player, const struct test_condition *condition);

static bool children_hold(struct subject_player *player, const struct test_condition *condition)
{
    uint32_t yes = 0;
    for (uint32_t i = 0; i < condition->child_count; i++) {
        yes += holds_for_player(player, &condition->children[i]) ? 1 : 0;
    }
    const bool holds = condition->subject == TEST_SUBJECT_ALL   ? yes == condition->child_count
                       : condition->subject == TEST_SUBJECT_ANY ? yes > 0
                                                                : yes == 0;
    return holds != condition->negated;
}

static bool holds_for_player(struct subject_player *player, const struct test_condition *condition)
{
    const struct program *program = player->story->program;
    switch (condition->subject) {
    case TEST_SUBJECT_ATTRIBUTE: {
        const uint32_t slot = condition->slot;
        const bool known = (player->view.known[slot / 64] >> (slot % 64) & 1u) != 0;
        if (condition->attribute == PROGRAM_NONE) {
            if (slot == PROGRAM_SLOT_PLAYER_ID) {
                return compare_value(condition, TYPE_TEXT, PROGRAM_NONE, 0, player->view.player, true);
            }
            return compare_value(condition, TYPE_SET, PROGRAM_NONE, player->view.slot[slot], TEXT(""), true);
        }
        const struct bundle_attribute *attribute = &program->attribute[condition->attribute];
        struct text text = TEXT("");
        if (attribute->kind == TYPE_TEXT && known) {
            const int64_t handle = player->view.slot[slot];
            text = (struct text){.at = (const char *)player->view.bytes + handle_offset(handle),
                                 .size = handle_size(handle)};
        }
        return compare_value(condition, (enum type_kind)attribute->kind, attribute->of, player->view.slot[slot], text,
                             known);
    }
    case TEST_SUBJECT_METRIC: {
        const struct bundle_metric *metric = &program->metric[condition->index];
        struct metric_read read;
        const bool known = metric_of(player, condition->index, &read);
        return compare_value(condition, (enum type_kind)metric->kind, metric->of, read.value, read.text, known);
    }
    case TEST_SUBJECT_PROPERTY:
        return compare_value(condition, (enum type_kind)condition->kind, condition->of,
                             engine_find_property(player->story->engine, TEXT(""), player->view.player,
                                                  condition->property, condition->name),
                             TEXT(""), true);
    case TEST_SUBJECT_SEGMENT: return in_segment(player, condition->index) != condition->negated;
    case TEST_SUBJECT_LEFT: {
        int64_t left = 0;
        return left_of(player->story, condition->index, &left) &&
               compare_value(condition, TYPE_MONEY, program->budget[condition->index].currency, left, TEXT(""), true);
    }
    case TEST_SUBJECT_ARM:
        return compare_numbers(condition, (int64_t)arm_of(player->story, condition->index, player->view.player)) !=
               condition->negated;
    case TEST_SUBJECT_ALL:
    case TEST_SUBJECT_ANY:
    case TEST_SUBJECT_NONE: return children_hold(player, condition);
    case TEST_SUBJECT_VALUE: return false;
    }
    return false;
}

static bool holds_for_effect(const struct story_effect *effect, const struct test_condition *condition)
{
    if (condition->subject == TEST_SUBJECT_ALL || condition->subject == TEST_SUBJECT_ANY ||
        condition->subject == TEST_SUBJECT_NONE) {
        uint32_t yes = 0;
        for (uint32_t i = 0; i < condition->child_count; i++) {
            yes += holds_for_effect(effect, &condition->children[i]) ? 1 : 0;
        }
        const bool holds = condition->subject == TEST_SUBJECT_ALL   ? yes == condition->child_count
                           : condition->subject == TEST_SUBJECT_ANY ? yes > 0
                                                                    : yes == 0;
        return holds != condition->negated;
    }
    for (uint32_t i = 0; i < effect->value_count; i++) {
        const struct story_value *value = &effect->values[i];
        if (text_equal(value->name, condition->name)) {
            return compare_value(condition, value->kind, value->of, value->number, value->text, true);
        }
    }
    return compare_value(condition, TYPE_BOOL, PROGRAM_NONE, 0, TEXT(""), false);
}

/* ------------------------------------------------------------------ effects */

static bool concerns_player(const struct story *story, const struct test_step *step, struct text player)
{
    if (step->players == NULL) {
        return true;
    }
    for (uint32_t i = 0; i < step->player_count; i++) {
        if (text_equal(story->test->players[step->players[i]].id, player)) {
            return true;
        }
    }
    return false;
}

static bool kind_matches(const struct story *story, const struct test_step *step, const struct story_effect *effect)
{
    switch (step->effect) {
    case TEST_EFFECT_SEND:
        return effect->kind == ENGINE_SEND && (step->channel == PROGRAM_NONE || step->channel == effect->channel);
    case TEST_EFFECT_MESSAGE: return effect->kind == ENGINE_SEND;
    case TEST_EFFECT_CREDIT: return effect->kind == ENGINE_CREDIT;
    case TEST_EFFECT_DO: return effect->kind == ENGINE_DO;
    case TEST_EFFECT_TAG: return effect->kind == ENGINE_TAG;
    case TEST_EFFECT_UNTAG: return effect->kind == ENGINE_UNTAG;
    case TEST_EFFECT_EVENT:
        if (effect->kind == ENGINE_EVENT) return step->event == effect->event;
        return effect->kind == ENGINE_SUSPENDED && step->event != PROGRAM_NONE &&
               text_equal(program_text(story->program, story->program->event[step->event].name),
                          TEXT("campaign_suspended"));
    case TEST_EFFECT_ANSWER:
        return effect->kind == ENGINE_ANSWER && (step->any_answer || effect->reason == step->answer);
    case TEST_EFFECT_FINISH: return false;
    }
    return false;
}

static int64_t count_effects(struct story *story, const struct test_step *step)
{
    int64_t count = 0;
    if (step->effect == TEST_EFFECT_FINISH) {
        for (const struct story_note *note = story->notes; note != NULL; note = note->next) {
            count += note->kind == NOTE_FINISHED && concerns_player(story, step, note->player) &&
                             (step->name.size == 0 || text_equal(note->finish, step->name)) &&
                             (!step->has_at || note->now == step->at)
                         ? 1
                         : 0;
        }
        return count;
    }
    for (const struct story_effect *effect = story->effects; effect != NULL; effect = effect->next) {
        const struct text name = effect->kind == ENGINE_SUSPENDED ? effect->campaign : effect->name;
        const bool about_all = effect->player.size == 0;
        if (kind_matches(story, step, effect) && (about_all || concerns_player(story, step, effect->player)) &&
            (step->name.size == 0 || text_equal(name, step->name)) && (!step->has_at || effect->at == step->at) &&
            (step->condition == NULL || holds_for_effect(effect, step->condition))) {
            count++;
        }
    }
    return count;
}

static bool reason_recorded(const struct story *story, const struct test_step *step)
{
    for (const struct story_note *note = story->notes; note != NULL; note = note->next) {
        if (!concerns_player(story, step, note->player) || !is_telling(note)) {
            continue;
        }
        if (step->reason == REASON_COUNT) {
            if (note->kind == NOTE_FINISHED && text_equal(note->finish, step->reason_text)) {
                return true;
            }
        } else if (note->reason == step->reason ||
                   (note->kind == NOTE_FINISHED &&
                    text_equal(note->finish, text_of(value_text_reason_word(step->reason))))) {
            return true;
        }
    }
    return false;
}

static void judge_count(struct story *story, const struct test_step *step, struct test_result *result, int64_t count,
                        const char *what)
{
    struct buffer words = BUFFER_EMPTY;
    bool holds = true;
    switch (step->count_kind) {
    case TEST_COUNT_SOME:
        holds = count > 0;
        buffer_print(&words, "at least one %s, there was none", what);
        break;
    case TEST_COUNT_NO:
        holds = count == 0;
        buffer_print(&words, "no %s, there %s %lld", what, count == 1 ? "was" : "were", (long long)count);
        if (holds && step->has_reason) {
            holds = reason_recorded(story, step);
            buffer_clear(&words);
            buffer_print(&words, "a refusal with this reason; no %s was made, but not for it", what);
        }
        break;
    case TEST_COUNT_AT_MOST:
        holds = count <= step->count;
        buffer_print(&words, "at most %lld, there were %lld", (long long)step->count, (long long)count);
        break;
    case TEST_COUNT_EXACTLY:
        holds = count == step->count;
        buffer_print(&words, "exactly %lld, there %s %lld", (long long)step->count, count == 1 ? "was" : "were",
                     (long long)count);
        break;
    }
    const struct text expected = finish_text(story, &words);
    if (!holds) {
        story_fail(story, step, result, expected);
    }
}

/* "; it is 3 EUR": what a condition read, where it read one thing. */
static void print_found(struct buffer *out, const struct subject_player *player, const struct test_condition *condition)
{
    const struct program *program = player->story->program;
    const uint32_t slot = condition->slot;
    switch (condition->subject) {
    case TEST_SUBJECT_ATTRIBUTE: {
        const bool known = (player->view.known[slot / 64] >> (slot % 64) & 1u) != 0;
        const int64_t value = player->view.slot[slot];
        const bool built_in = condition->attribute == PROGRAM_NONE;
        const uint32_t kind = !built_in                        ? program->attribute[condition->attribute].kind
                              : slot == PROGRAM_SLOT_PLAYER_ID ? (uint32_t)TYPE_TEXT
                                                               : (uint32_t)TYPE_SET;
        struct text text = TEXT("");
        if (kind == TYPE_TEXT && known) {
            text = (struct text){.at = (const char *)player->view.bytes + handle_offset(value),
                                 .size = handle_size(value)};
        }
        buffer_string(out, "; it is ");
        if (known || built_in) {
            value_text_print(out, program, kind, built_in ? PROGRAM_NONE : program->attribute[condition->attribute].of,
                             value, text);
        } else {
            buffer_string(out, "not known");
        }
        return;
    }
    case TEST_SUBJECT_METRIC: {
        const struct bundle_metric *metric = &program->metric[condition->index];
        struct metric_read read;
        buffer_string(out, "; it is ");
        if (metric_of(player, condition->index, &read)) {
            value_text_print(out, program, metric->kind, metric->of, read.value, read.text);
        } else {
            buffer_string(out, "not known");
        }
        return;
    }
    case TEST_SUBJECT_PROPERTY:
        buffer_string(out, "; it is ");
        value_text_print(out, program, condition->kind, condition->of,
                         engine_find_property(player->story->engine, TEXT(""), player->view.player, condition->property,
                                              condition->name),
                         TEXT(""));
        return;
    case TEST_SUBJECT_LEFT: {
        int64_t left = 0;
        if (left_of(player->story, condition->index, &left)) {
            buffer_string(out, "; there is ");
            value_text_print(out, program, TYPE_MONEY, program->budget[condition->index].currency, left, TEXT(""));
        }
        return;
    }
    case TEST_SUBJECT_ARM: {
        const struct bundle_split *split = &program->split[condition->index];
        const uint32_t arm = arm_of(player->story, condition->index, player->view.player);
        buffer_print(out, "; it is \"%.*s\"",
                     TEXT_ARGS(program_text(program, program->arm[split->arm_first + arm].name)));
        return;
    }
    default: return;
    }
}

static void judge_condition(struct story *story, const struct test_step *step, struct test_result *result)
{
    const struct compiled_test *test = story->test;
    const uint32_t count = step->players == NULL ? test->player_count : step->player_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct test_player *player = &test->players[step->players == NULL ? i : step->players[i]];
        struct subject_player subject = {.story = story};
        subject.known = engine_find_player(story->engine, TEXT(""), player->id, &subject.view);
        if (subject.known && holds_for_player(&subject, step->condition)) {
            continue;
        }
        struct buffer words = BUFFER_EMPTY;
        buffer_string(&words, "this to hold");
        print_player(&words, story, player->id);
        if (subject.known) {
            print_found(&words, &subject, step->condition);
        }
        story_fail(story, step, result, finish_text(story, &words));
        return;
    }
}

static void judge_spend(struct story *story, const struct test_step *step, struct test_result *result)
{
    const struct program *program = story->program;
    const struct bundle_bound *bound = &program->bound[step->campaign];
    if (bound->spend_player == step->amount) {
        return;
    }
    struct buffer words = BUFFER_EMPTY;
    buffer_string(&words, "this bound; the proven one is ");
    if (bound->spend_player < 0) {
        buffer_string(&words, "none: nothing limits the spend on one player");
    } else {
        value_text_print(&words, program, TYPE_MONEY, program->campaign[step->campaign].currency, bound->spend_player,
                         TEXT(""));
    }
    story_fail(story, step, result, finish_text(story, &words));
}

void story_judge(struct story *story, const struct test_step *step, struct test_result *result)
{
    static const char *const whats[] = {
        [TEST_EFFECT_SEND] = "such message", [TEST_EFFECT_CREDIT] = "such credit", [TEST_EFFECT_DO] = "such action",
        [TEST_EFFECT_TAG] = "such tag",      [TEST_EFFECT_UNTAG] = "such untag",   [TEST_EFFECT_FINISH] = "such end",
        [TEST_EFFECT_MESSAGE] = "message",   [TEST_EFFECT_EVENT] = "such event",   [TEST_EFFECT_ANSWER] = "such answer",
    };
    switch (step->kind) {
    case TEST_EXPECT_EFFECT: judge_count(story, step, result, count_effects(story, step), whats[step->effect]); break;
    case TEST_EXPECT_CONDITION: judge_condition(story, step, result); break;
    case TEST_EXPECT_SPEND: judge_spend(story, step, result); break;
    default: break;
    }
}
