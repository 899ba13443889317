/* Asking, and what an answer does. See questions.h. */
#include "runtime/engine/questions.h"

#include "runtime/engine/effects.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/records.h"
#include "runtime/engine/safety.h"

static const struct bundle_state *state_of(const struct journey *journey)
{
    const struct program *program = &journey->use->program;
    return &program->state[program->campaign[journey->campaign].state_first + journey->state];
}

static const struct bundle_ask *ask_of(const struct journey *journey)
{
    return &journey->use->program.ask[state_of(journey)->ask];
}

void questions_ask(struct engine *engine, struct player *player, struct journey *journey, uint32_t effect, uint64_t nth,
                   int64_t now)
{
    uint8_t id[16];
    effects_identity(engine, id, journey->use, journey->campaign, player, journey->number, effect, nth);
    journey->made |= UINT64_C(1) << (effect % 64);
    if (!state_add_question(engine, player, journey, id)) return;
    effects_ask(engine, player, journey, ask_of(journey), id, now);
}

/* ---------------------------------------------------------------- answers */

static struct journey *asking(const struct player *player, const uint8_t id[16])
{
    struct journey *journey = player->journeys;
    while (journey != NULL && (journey->question == NULL || memcmp(journey->question->id, id, 16) != 0))
        journey = journey->next;
    return journey;
}

static void tell(struct engine *engine, const struct player *player, const struct journey *journey, const char *detail)
{
    const struct program *program = &journey->use->program;
    const struct bundle_campaign *campaign = &program->campaign[journey->campaign];
    struct engine_note note = effects_note(engine, NOTE_ANSWERED, player, journey->use, journey->campaign, engine->now);
    note.journey = journey->number;
    note.effect = &program->effect[campaign->effect_first + ask_of(journey)->effect];
    note.step = note.effect->step;
    note.detail = detail;
    memcpy(note.effect_id, journey->question->id, sizeof note.effect_id);
    effects_emit_note(engine, &note);
}

/* Four eyes: who has approved already does not count again. True when enough different people have. */
static bool approve(struct engine *engine, struct player *player, struct journey *journey, struct text by)
{
    struct question *question = journey->question;
    uint64_t who = dedupe_hash(engine->id_key, TEXT("approval"), by).low;
    for (uint32_t i = 0; i < question->count; i++) {
        if (question->people[i] != who) continue;
        tell(engine, player, journey, "approved before by the same person");
        return false;
    }
    INVARIANT(question->count < PROGRAM_PEOPLE);
    question->people[question->count++] = who;
    engine->group[player->group].changed = true;
    tell(engine, player, journey, "approved");
    return question->count >= ask_of(journey)->people;
}

void questions_reply(struct engine *engine, const struct turn *turn)
{
    const struct record *record = &turn->pending->record;
    struct player *player = state_whose(engine, record->effect);
    struct journey *journey = player == NULL ? NULL : asking(player, record->effect);
    if (journey == NULL) {
        records_not_applied(engine, record, REASON_NOT_ASKED, "");
        return;
    }
    const struct bundle_ask *ask = ask_of(journey);
    const struct bundle_state *state = state_of(journey);
    bool answered = record->status == REPLY_ANSWERED;
    struct bank_read bank = {NULL, NULL, NULL};
    uint32_t own = PROGRAM_NONE;
    if (answered && ask->query != PROGRAM_NONE)
        bank = programs_event_bank(engine, journey->use, record->event, &turn->pending->event, &own);
    bool fits = answered ? ask->query != PROGRAM_NONE && own == journey->use->program.query[ask->query].event
                         : ask->query == PROGRAM_NONE;
    if (!fits) {
        records_not_applied(engine, record, REASON_NOT_ASKED, "something else was asked");
        return;
    }
    if (journey->status == JOURNEY_PAUSED) {
        records_not_applied(engine, record, REASON_PAUSED, "");
        return;
    }
    gates_aim(engine, player, engine->now);
    if (safety_finish(engine, player, engine->now)) return;
    uint32_t pc = state->granted;
    if (answered) {
        tell(engine, player, journey, "answered");
    } else if (record->status == REPLY_REFUSED) {
        tell(engine, player, journey, "refused");
        pc = state->declined;
    } else if (!approve(engine, player, journey, record->reason)) {
        return;
    }
    journey_answered(engine, turn, player, journey, pc, answered ? &bank : NULL);
    if (engine->failed == OK) state_arm_player(engine, player);
}
