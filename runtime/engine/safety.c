/* What protects players. See safety.h. Whatever else an instant holds, these turns come first (fold.c). */
#include "runtime/engine/safety.h"

#include "runtime/engine/effects.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/segments.h"

static bool is_set(const struct engine *engine, const struct player *player, uint32_t slot)
{
    const uint64_t *known = state_known_words(player, engine->newest->program.workspace->player_slot_count);
    return ((known[slot / 64] >> (slot % 64)) & 1) && player->slot[slot] != 0;
}

bool safety_timed_out(const struct engine *engine, const struct player *player)
{
    const struct use *use = engine->newest;
    for (uint32_t i = 0; i < use->program.attribute_count; i++) {
        if (use->protects[i] == SAFETY_TIME_OUT && is_set(engine, player, use->program.attribute[i].slot)) return true;
    }
    return false;
}

void safety_unpause(struct engine *engine, struct player *player, int64_t now)
{
    const struct journey *paused = player->journeys;
    while (paused != NULL && paused->status != JOURNEY_PAUSED) paused = paused->next;
    if (paused == NULL || safety_timed_out(engine, player)) return;
    for (struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        journey_unpause(engine, player, journey, now);
    }
}

bool safety_finish(struct engine *engine, struct player *player, int64_t now)
{
    uint32_t rule = gates_finish_rule(engine, player);
    if (rule == PROGRAM_NONE) return false;
    const struct program *program = &engine->newest->program;
    journey_finish_all(engine, player, program_text(program, program->rule[rule].reason), gates_reason(engine, rule),
                       rule, now);
    return true;
}

void safety_withdraw(struct player *player)
{
    if (player->request != NULL) player->request->withdrawn = true;
}

/* ---------------------------------------------------------------- attributes that last until a moment */

static void set_until(struct engine *engine, struct player *player, const struct bundle_event *event,
                      const struct kept_event *kept)
{
    const struct program *program = &engine->newest->program;
    uint32_t attribute = event->sets, slot = program->attribute[attribute].slot;
    bool was_set = is_set(engine, player, slot);
    int64_t until = STATE_NEVER;
    if (event->until != PROGRAM_NONE) {
        uint32_t field = program->field[event->until].slot;
        if ((kept->known[field / 64] >> (field % 64)) & 1) until = kept->slot[field];
    }
    /* Of two that overlap the longer one protects. */
    int64_t before = was_set ? STATE_NEVER : INT64_MIN;
    for (uint32_t i = 0; i < player->clear_count; i++) {
        if (player->clear[i].attribute != attribute) continue;
        if (was_set) before = player->clear[i].due;
        state_drop_clear(engine, player, i);
        break;
    }
    if (engine->failed != OK) return;
    if (was_set && before > until) until = before;
    state_set_number(engine, player, slot, 1);
    segments_touch_slot(engine, slot);
    if (until == STATE_NEVER) return;
    struct clear clear = {.attribute = attribute, .number = ++player->timers, .due = until};
    if (!state_add_clear(engine, player, clear)) return;
    if (until <= engine->now) {
        struct turn over = {.kind = TURN_CLEAR, .player = player, .number = clear.number, .due = until};
        fold_due_at_once(engine, over);
    }
    state_arm_player(engine, player);
}

void safety_clear(struct engine *engine, struct player *player, uint32_t number)
{
    for (uint32_t i = 0; i < player->clear_count; i++) {
        if (player->clear[i].number != number) continue;
        uint32_t slot = engine->newest->program.attribute[player->clear[i].attribute].slot;
        state_drop_clear(engine, player, i);
        if (engine->failed != OK) return;
        state_set_number(engine, player, slot, 0);
        segments_touch_slot(engine, slot);
        return;
    }
}

/* ---------------------------------------------------------------- the events */

static void time_out(struct engine *engine, struct player *player, bool sets, int64_t now)
{
    for (struct journey *journey = player->journeys, *next; journey != NULL && engine->failed == OK; journey = next) {
        next = journey->next;
        bool pauses = sets && journey->use->program.campaign[journey->campaign].pause_on == SAFETY_TIME_OUT;
        if (pauses) {
            journey_pause(engine, player, journey, now); /* One that asks for a reward pauses at its next wait. */
        } else {
            journey_finish(engine, player, journey, TEXT("TIMED_OUT"), REASON_RG_BLOCKED, PROGRAM_NONE, true, now);
        }
    }
}

void safety_event(struct engine *engine, struct player *player, uint32_t index, const struct kept_event *event,
                  int64_t now)
{
    const struct bundle_event *record = &engine->newest->program.event[index];
    if (record->sets != PROGRAM_NONE) set_until(engine, player, record, event);
    if (record->safety == SAFETY_NONE || engine->failed != OK) return;
    safety_withdraw(player);
    gates_aim(engine, player, now);
    if (safety_finish(engine, player, now)) return;
    switch ((enum safety)record->safety) {
    case SAFETY_SELF_EXCLUSION:
    case SAFETY_CLOSED:
        journey_finish_all(engine, player, TEXT("RG_BLOCKED"), REASON_RG_BLOCKED, PROGRAM_NONE, now);
        break;
    case SAFETY_TIME_OUT: time_out(engine, player, record->sets != PROGRAM_NONE, now); break;
    case SAFETY_HARM_FLAG: /* Policies see the attribute. */
    case SAFETY_NONE:
    case SAFETY_COUNT: break;
    }
}
