/*
 * Tells a test's story to an engine: given players become imported attributes, each `at` line becomes records at its instant, and
 * before an `expect` is judged the instant is closed, so that all that is due by then has happened and nothing later.
 *
 * Judging is in test_judge.c.
 */
#include "runtime/lab/test_runner.h"

#include <stdio.h>

#include "runtime/lab/test_story.h"
#include "vm/buffer.h"
#include "vm/split.h"

static struct text keep(struct story *story, struct text text)
{
    if (text.size == 0) {
        return TEXT("");
    }
    char *copy = arena_alloc(story->arena, text.size);
    if (copy == NULL) {
        story->out_of_memory = true;
        return TEXT("");
    }
    memcpy(copy, text.at, text.size);
    return (struct text){.at = copy, .size = text.size};
}

static struct story_value *add_value(struct story_effect *effect, struct text name, enum type_kind kind, uint32_t of,
                                     int64_t number)
{
    struct story_value *value = &effect->values[effect->value_count++];
    *value = (struct story_value){.name = name, .kind = kind, .of = of, .number = number};
    return value;
}

static void keep_values(struct story *story, struct story_effect *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct bundle_effect *made = effect->effect;
    for (uint32_t i = 0; i < made->value_count; i++) {
        const struct bundle_value *named = &program->value[made->value_first + i];
        if (program_text(program, named->name).size == 0) continue; /* the currency of what stands before it */
        struct story_value *value = add_value(out, program_text(program, named->name), (enum type_kind)named->kind,
                                              engine_effect_of(effect, i), effect->values[i]);
        if (named->kind == TYPE_TEXT) {
            value->text = keep(story, engine_effect_text(effect, effect->values[i]));
        }
    }
    if (effect->kind == ENGINE_CREDIT) {
        const uint32_t currency = program->offer[made->object].currency;
        bool has_cost = false;
        for (uint32_t i = 0; i < out->value_count; i++) {
            has_cost = has_cost || text_equal(out->values[i].name, TEXT("cost"));
        }
        if (!has_cost) {
            add_value(out, TEXT("cost"), TYPE_MONEY, currency, effect->cost);
        }
        if (effect->target != 0) {
            add_value(out, TEXT("target"), TYPE_MONEY, engine_effect_paid_currency(effect), effect->target);
        }
        if (effect->expires_at != 0) {
            add_value(out, TEXT("expires_at"), TYPE_MOMENT, PROGRAM_NONE, effect->expires_at);
        }
    }
}

/* An event that the engine made: its fields by their names. */
static void keep_made(struct story *story, struct story_effect *out, const struct engine_effect *effect)
{
    const struct program *program = effect->program;
    const struct engine_event *made = effect->made;
    const struct bundle_event *event = &program->event[made->event];
    out->event = made->event;
    if ((made->known[0] >> PROGRAM_SLOT_ABOUT) & 1) {
        int64_t about = made->slot[PROGRAM_SLOT_ABOUT];
        out->name = keep(story, text_make((const char *)made->bytes + handle_offset(about), handle_size(about)));
    }
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (!((made->known[field->slot / 64] >> (field->slot % 64)) & 1)) continue;
        uint32_t of = field->kind == TYPE_MONEY ? (uint32_t)made->slot[field->slot + 1] : field->of;
        int64_t number = made->slot[field->slot];
        struct story_value *value =
            add_value(out, program_text(program, field->name), (enum type_kind)field->kind, of, number);
        if (field->kind == TYPE_TEXT)
            value->text =
                keep(story, text_make((const char *)made->bytes + handle_offset(number), handle_size(number)));
    }
}

static void keep_answer(struct story *story, struct story_effect *out, const struct engine_answer *answer)
{
    out->event = answer->event;
    out->reason = answer->reason;
    for (uint32_t i = 0; i < answer->value_count; i++) {
        const struct answer_value *from = &answer->values[i];
        struct story_value *value =
            add_value(out, text_of(from->name), (enum type_kind)from->kind, from->of, from->value);
        if (from->kind == TYPE_TEXT) value->text = keep(story, from->text);
    }
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct story *story = context;
    if (story->coverage != NULL) {
        coverage_effect(story->coverage, effect);
    }
    struct story_effect *copy = arena_alloc(story->arena, sizeof *copy);
    uint32_t room = (effect->effect != NULL ? effect->effect->value_count : 0) + 4;
    if (effect->made != NULL) room += effect->program->event[effect->made->event].field_count;
    if (effect->answer != NULL) room += effect->answer->value_count;
    struct story_value *values = arena_alloc(story->arena, room * sizeof *values);
    if (copy == NULL || values == NULL) {
        story->out_of_memory = true;
        return;
    }
    copy->kind = effect->kind;
    memcpy(copy->id, effect->id, sizeof copy->id);
    copy->at = effect->at;
    copy->player = keep(story, effect->player);
    copy->channel = PROGRAM_NONE;
    copy->event = PROGRAM_NONE;
    copy->values = values;
    if (effect->made != NULL) keep_made(story, copy, effect);
    if (effect->answer != NULL) keep_answer(story, copy, effect->answer);
    if (effect->campaign != PROGRAM_NONE) {
        copy->campaign = keep(story, program_text(effect->program, effect->program->campaign[effect->campaign].name));
    }
    if (effect->effect != NULL) {
        const struct bundle_effect *made = effect->effect;
        const bool is_do = effect->kind == ENGINE_DO;
        copy->name = keep(story, program_text(effect->program, is_do ? made->action : made->name));
        copy->channel = effect->kind == ENGINE_SEND ? made->channel : PROGRAM_NONE;
        keep_values(story, copy, effect);
    }
    copy->approval = effect->ask != NULL && effect->ask->query == PROGRAM_NONE;
    *story->effects_end = copy;
    story->effects_end = &copy->next;
}

static void on_note(void *context, const struct engine_note *note)
{
    struct story *story = context;
    if (story->coverage != NULL) {
        coverage_note(story->coverage, note);
    }
    struct story_note *copy = arena_alloc(story->arena, sizeof *copy);
    if (copy == NULL) {
        story->out_of_memory = true;
        return;
    }
    copy->kind = note->kind;
    copy->reason = note->reason;
    copy->now = note->now;
    copy->player = keep(story, note->player);
    copy->finish = keep(story, note->finish);
    copy->detail = keep(story, text_of(note->detail));
    if (note->campaign != PROGRAM_NONE && note->program != NULL) {
        copy->campaign = keep(story, program_text(note->program, note->program->campaign[note->campaign].name));
    }
    if (note->effect != NULL && note->program != NULL) {
        const struct text name = program_text(note->program, note->effect->name);
        copy->name = keep(story, name.size > 0 ? name : program_text(note->program, note->effect->action));
    }
    *story->notes_end = copy;
    story->notes_end = &copy->next;
}

static void on_probe(void *context, const struct engine_probe_call *call)
{
    const struct story *story = context;
    coverage_probe(story->coverage, call);
}

/* Slots of a record under way: the event's or the player's. */
struct draft {
    int64_t slot[512];
    uint64_t known[8];
    uint64_t given[8];
    struct buffer bytes;
};

static void draft_clear(struct draft *draft)
{
    memset(draft->slot, 0, sizeof draft->slot);
    memset(draft->known, 0, sizeof draft->known);
    memset(draft->given, 0, sizeof draft->given);
    buffer_clear(&draft->bytes);
}

static void draft_set(struct draft *draft, uint32_t slot, enum bank bank, const struct test_value *value, bool known)
{
    const uint64_t bit = UINT64_C(1) << (slot % 64);
    draft->given[slot / 64] |= bit;
    if (!known) {
        return;
    }
    draft->known[slot / 64] |= bit;
    if (value->kind == TYPE_TEXT) {
        draft->slot[slot] = handle_make(bank, value->text.size, (uint32_t)draft->bytes.size);
        buffer_text(&draft->bytes, value->text);
    } else {
        draft->slot[slot] = value->number;
    }
}

static void draft_set_text(struct draft *draft, uint32_t slot, enum bank bank, struct text text)
{
    const struct test_value value = {.kind = TYPE_TEXT, .of = PROGRAM_NONE, .text = text};
    draft_set(draft, slot, bank, &value, true);
}

static void draft_attach(const struct draft *draft, struct record *record, uint32_t slot_count)
{
    record->slot_count = slot_count;
    record->slot = draft->slot;
    record->known = draft->known;
    record->given = draft->given;
    record->bytes = draft->bytes.bytes;
    record->bytes_size = (uint32_t)draft->bytes.size;
}

struct teller {
    struct story *story;
    struct draft *draft;
    struct text bundle;
    int64_t clock;
    uint64_t position;
    bool open; /* an instant is open */
};

static enum status fold(struct teller *teller, struct record *record, struct error *error)
{
    record->position = ++teller->position;
    record->now = teller->clock;
    teller->open = true;
    return engine_fold(teller->story->engine, record, error);
}

/* An id that no other record of the test has. */
static struct text record_id(char out[32], const struct teller *teller)
{
    const int size = snprintf(out, 32, "t%llu", (unsigned long long)teller->position + 1);
    return (struct text){.at = out, .size = (uint32_t)size};
}

static void give_metric(struct story *story, const struct test_player *player, const struct test_slot *slot)
{
    struct text name = program_text(story->program, story->program->metric[slot->slot].name);
    engine_given_metric(story->engine, TEXT(""), player->id, name, slot->known, slot->value.number, slot->value.text);
}

/* `kind`: RECORD_ATTRIBUTES, or RECORD_IMPORT for what was so before the story: it starts nothing. */
static enum status tell_attributes(struct teller *teller, enum record_kind kind, const struct test_player *player,
                                   const struct test_slot *slots, uint32_t count, struct error *error)
{
    char id[32];
    struct record record = {.kind = (uint8_t)kind,
                            .at = teller->clock,
                            .player = player->id,
                            .id = record_id(id, teller),
                            .group = record_group(TEXT(""), player->id)};
    draft_clear(teller->draft);
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i].metric) {
            give_metric(teller->story, player, &slots[i]);
            continue;
        }
        draft_set(teller->draft, slots[i].slot, BANK_PLAYER, &slots[i].value, slots[i].known);
    }
    draft_attach(teller->draft, &record, teller->story->program->workspace->player_slot_count);
    record.content = teller->position + 1;
    return fold(teller, &record, error);
}

static enum status tell_event(struct teller *teller, const struct test_step *step, const struct test_player *player,
                              struct error *error)
{
    const struct program *program = teller->story->program;
    char id[32];
    struct record record = {.kind = RECORD_EVENT,
                            .at = step->at,
                            .player = player->id,
                            .id = record_id(id, teller),
                            .event = step->event,
                            .group = record_group(TEXT(""), player->id)};
    struct draft *draft = teller->draft;
    draft_clear(draft);
    for (uint32_t i = 0; i < step->slot_count; i++) {
        if (step->slots[i].slot == PROGRAM_SLOT_EVENT_ID) {
            record.id = step->slots[i].value.text; /* the author repeats an event */
        }
    }
    const struct test_value time = {.kind = TYPE_MOMENT, .of = PROGRAM_NONE, .number = step->at};
    draft_set(draft, PROGRAM_SLOT_TIME, BANK_EVENT, &time, true);
    draft_set_text(draft, PROGRAM_SLOT_EVENT_ID, BANK_EVENT, record.id);
    if (step->about.size > 0) {
        draft_set_text(draft, PROGRAM_SLOT_ABOUT, BANK_EVENT, step->about);
    }
    for (uint32_t i = 0; i < step->slot_count; i++) {
        if (step->slots[i].slot != PROGRAM_SLOT_EVENT_ID) {
            draft_set(draft, step->slots[i].slot, BANK_EVENT, &step->slots[i].value, step->slots[i].known);
        }
    }
    draft_attach(draft, &record, program->event[step->event].slot_count);
    record.content = split_hash64(draft->slot, record.slot_count * sizeof draft->slot[0], step->event);
    record.content ^= split_hash64(draft->bytes.bytes, draft->bytes.size, 1);
    return fold(teller, &record, error);
}

static enum status tell_refusal(struct teller *teller, const struct test_step *step, const struct test_player *player,
                                struct error *error)
{
    const struct story_effect *credit = NULL;
    for (const struct story_effect *effect = teller->story->effects; effect != NULL; effect = effect->next) {
        if (effect->kind == ENGINE_CREDIT && text_equal(effect->name, step->offer) &&
            text_equal(effect->player, player->id)) {
            credit = effect;
        }
    }
    if (credit == NULL) {
        return OK;
    }
    char id[32];
    struct record record = {.kind = RECORD_REPLY,
                            .at = step->at,
                            .player = player->id,
                            .id = record_id(id, teller),
                            .group = record_group(TEXT(""), player->id),
                            .status = REPLY_FAILED,
                            .reason = step->reason_text};
    memcpy(record.effect, credit->id, sizeof record.effect);
    record.content = teller->position + 1;
    return fold(teller, &record, error);
}

/* The latest question to be answered by this step, or NULL. */
static const struct story_effect *find_question(const struct teller *teller, const struct test_step *step,
                                                const struct test_player *player)
{
    const struct program *program = teller->story->program;
    const struct story_effect *found = NULL;
    const bool approval = step->kind == TEST_APPROVAL;
    for (const struct story_effect *effect = teller->story->effects; effect != NULL; effect = effect->next) {
        if (effect->kind != ENGINE_ASK || effect->approval != approval || !text_equal(effect->player, player->id)) {
            continue;
        }
        const bool fits =
            approval ? text_equal(effect->campaign, program_text(program, program->campaign[step->campaign].name))
                     : text_equal(effect->name, step->name);
        if (fits) {
            found = effect;
        }
    }
    return found;
}

static enum status tell_answer(struct teller *teller, const struct test_step *step, const struct test_player *player,
                               struct error *error)
{
    const struct story_effect *question = find_question(teller, step, player);
    if (question == NULL) {
        return OK;
    }
    char id[32];
    struct record record = {.kind = RECORD_REPLY, .at = step->at, .id = record_id(id, teller)};
    memcpy(record.effect, question->id, sizeof record.effect);
    record.content = teller->position + 1;
    if (step->kind == TEST_APPROVAL) {
        record.status = step->approved ? REPLY_APPROVED : REPLY_REFUSED;
        record.reason = step->name;
        return fold(teller, &record, error);
    }
    record.status = REPLY_ANSWERED;
    record.event = step->event;
    struct draft *draft = teller->draft;
    draft_clear(draft);
    const struct test_value time = {.kind = TYPE_MOMENT, .of = PROGRAM_NONE, .number = step->at};
    draft_set(draft, PROGRAM_SLOT_TIME, BANK_EVENT, &time, true);
    draft_set_text(draft, PROGRAM_SLOT_EVENT_ID, BANK_EVENT, record.id);
    draft_set(draft, step->slots[0].slot, BANK_EVENT, &step->slots[0].value, true);
    draft_attach(draft, &record, teller->story->program->event[step->event].slot_count);
    return fold(teller, &record, error);
}

static enum status tell_start(struct teller *teller, const struct test_step *step, const struct test_player *player,
                              struct error *error)
{
    const struct program *program = teller->story->program;
    char id[32];
    struct record record = {.kind = RECORD_COMMAND,
                            .at = step->at,
                            .player = player->id,
                            .id = record_id(id, teller),
                            .group = record_group(TEXT(""), player->id),
                            .command = COMMAND_START,
                            .campaign = program_text(program, program->campaign[step->campaign].name)};
    record.content = teller->position + 1;
    return fold(teller, &record, error);
}

static enum status tell_command(struct teller *teller, const struct test_step *step, struct error *error)
{
    static const enum command_kind commands[] = {[TEST_COMMAND_END] = COMMAND_END,
                                                 [TEST_COMMAND_KILL] = COMMAND_KILL,
                                                 [TEST_COMMAND_SUSPEND] = COMMAND_SUSPEND,
                                                 [TEST_COMMAND_RESUME] = COMMAND_RESUME};
    const struct program *program = teller->story->program;
    char id[32];
    struct record record = {.kind = RECORD_COMMAND,
                            .at = step->at,
                            .id = record_id(id, teller),
                            .command = (uint8_t)commands[step->command],
                            .campaign = program_text(program, program->campaign[step->campaign].name)};
    record.content = teller->position + 1;
    return fold(teller, &record, error);
}

static enum status settle(struct teller *teller, struct error *error)
{
    if (!teller->open) {
        return OK;
    }
    teller->open = false;
    return engine_settle(teller->story->engine, error);
}

static enum status each_player(struct teller *teller, const struct test_step *step,
                               enum status (*tell)(struct teller *, const struct test_step *,
                                                   const struct test_player *, struct error *),
                               struct error *error)
{
    const struct compiled_test *test = teller->story->test;
    const uint32_t count = step->players == NULL ? test->player_count : step->player_count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = step->players == NULL ? i : step->players[i];
        const enum status status = tell(teller, step, &test->players[index], error);
        if (status != OK) {
            return status;
        }
    }
    return OK;
}

static enum status tell_attribute_step(struct teller *teller, const struct test_step *step,
                                       const struct test_player *player, struct error *error)
{
    return tell_attributes(teller, RECORD_ATTRIBUTES, player, step->slots, step->slot_count, error);
}

static enum status tell_tick(struct teller *teller, const struct test_step *step, struct error *error)
{
    struct record record = {.kind = RECORD_TICK, .at = step->at};
    return fold(teller, &record, error);
}

static enum status tell_step(struct teller *teller, const struct test_step *step, struct test_result *result,
                             struct error *error)
{
    struct story *story = teller->story;
    const struct program *program = story->program;
    switch (step->kind) {
    case TEST_GIVEN_ARM:
        engine_given_arm(story->engine,
                         step->split == PROGRAM_NONE ? step->about
                                                     : program_text(program, program->split[step->split].name),
                         (int32_t)step->arm);
        return OK;
    case TEST_GIVEN_LEFT:
        engine_given_budget_left(story->engine, program_text(program, program->budget[step->budget].name),
                                 step->amount);
        return OK;
    case TEST_GIVEN_CODE: engine_given_code(story->engine, step->about, step->name); return OK;
    case TEST_GIVEN_POINTS:
        for (uint32_t i = 0; i < story->test->player_count; i++)
            engine_given_points(story->engine, TEXT(""), story->test->players[i].id, step->about, step->amount);
        return OK;
    case TEST_GIVEN_CODES_LEFT: engine_given_codes_left(story->engine, step->about, step->amount); return OK;
    case TEST_ATTRIBUTE:
    case TEST_EVENT:
    case TEST_TIME_PASSES:
    case TEST_WALLET_REFUSES:
    case TEST_APPROVAL:
    case TEST_ANSWER:
    case TEST_COMMAND:
        if (step->kind == TEST_WALLET_REFUSES) {
            /* The credit that is refused must have left before. */
            RETURN_IF_FAILED(settle(teller, error));
        }
        teller->clock = step->at > teller->clock ? step->at : teller->clock;
        if (step->kind == TEST_EVENT) {
            return each_player(teller, step, tell_event, error);
        }
        if (step->kind == TEST_ATTRIBUTE) {
            return each_player(teller, step, tell_attribute_step, error);
        }
        if (step->kind == TEST_WALLET_REFUSES) {
            return each_player(teller, step, tell_refusal, error);
        }
        if (step->kind == TEST_COMMAND && step->command == TEST_COMMAND_START) {
            return each_player(teller, step, tell_start, error);
        }
        if (step->kind == TEST_COMMAND) {
            return tell_command(teller, step, error);
        }
        if (step->kind == TEST_APPROVAL || step->kind == TEST_ANSWER) {
            /* What is due up to then is due before: the question may be asked by it. */
            RETURN_IF_FAILED(tell_tick(teller, step, error));
            RETURN_IF_FAILED(settle(teller, error));
            return each_player(teller, step, tell_answer, error);
        }
        return tell_tick(teller, step, error);
    case TEST_EXPECT_EFFECT:
    case TEST_EXPECT_CONDITION:
    case TEST_EXPECT_SPEND:
        RETURN_IF_FAILED(settle(teller, error));
        result->expects++;
        story_judge(story, step, result);
        return OK;
    }
    return OK;
}

/* The first instant of the story; the given players are there a millisecond before. */
static int64_t first_instant(const struct compiled_test *test)
{
    for (uint32_t i = 0; i < test->step_count; i++) {
        switch (test->steps[i].kind) {
        case TEST_EVENT:
        case TEST_TIME_PASSES:
        case TEST_ATTRIBUTE:
        case TEST_COMMAND:
        case TEST_WALLET_REFUSES:
        case TEST_APPROVAL:
        case TEST_ANSWER: return test->steps[i].at;
        default: break;
        }
    }
    return INT64_C(1767225600000); /* 2026-01-01, for a test without an `at` */
}

static enum status tell(struct teller *teller, struct test_result *result, struct error *error)
{
    struct story *story = teller->story;
    const struct compiled_test *test = story->test;
    teller->clock = first_instant(test) - 1;
    struct record activate = {.kind = RECORD_ACTIVATE,
                              .at = teller->clock,
                              .bundle = (const uint8_t *)teller->bundle.at,
                              .bundle_size = teller->bundle.size};
    RETURN_IF_FAILED(fold(teller, &activate, error));
    RETURN_IF_FAILED(settle(teller, error));
    engine_given_campaigns(story->engine, test->campaigns, test->campaign_count);
    /* A share that is held out would make a test depend on the names of its players: nobody is, unless the test says so. */
    for (uint32_t i = 0; i < story->program->rule_count; i++) {
        const struct bundle_rule *rule = &story->program->rule[i];
        if (rule->kind == RULE_HOLD_OUT) engine_given_arm(story->engine, program_text(story->program, rule->object), 1);
    }
    for (uint32_t i = 0; i < test->player_count; i++) {
        const struct test_player *player = &test->players[i];
        RETURN_IF_FAILED(tell_attributes(teller, RECORD_IMPORT, player, player->slots, player->slot_count, error));
    }
    RETURN_IF_FAILED(settle(teller, error));
    for (uint32_t i = 0; i < test->step_count; i++) {
        RETURN_IF_FAILED(tell_step(teller, &test->steps[i], result, error));
    }
    RETURN_IF_FAILED(settle(teller, error));
    if (result->expects == 0) {
        /* It would pass whatever the campaigns do. */
        const struct test_step nothing = {.line = test->line, .words = test->name};
        story_fail(story, &nothing, result, TEXT("at least one line `expect …`; this test expects nothing"));
    }
    return OK;
}

enum status test_run(struct test_result *out, const struct compiled_test *test, const struct program *program,
                     struct text bundle, struct coverage *coverage, struct arena *arena, struct error *error)
{
    *out = (struct test_result){.test = test};
    struct story story = {.test = test, .program = program, .arena = arena, .coverage = coverage};
    story.effects_end = &story.effects;
    story.notes_end = &story.notes;
    const struct engine_options options = {
        .shards = 1,
        .sink = {.context = &story, .effect = on_effect, .note = on_note, .probe = coverage != NULL ? on_probe : NULL},
    };
    struct draft *draft = arena_alloc(arena, sizeof *draft);
    if (draft == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "memory is out");
    }
    buffer_init(&draft->bytes, 0);
    enum status status = engine_open(&story.engine, &options, error);
    if (status == OK) {
        struct teller teller = {.story = &story, .draft = draft, .bundle = bundle};
        status = tell(&teller, out, error);
        engine_close(story.engine);
    }
    buffer_deinit(&draft->bytes);
    if (status == OK && story.out_of_memory) {
        status = error_set(error, STATUS_NO_MEMORY, "memory is out");
    }
    return status;
}
