/* What protects players. See safety.h. Whatever else an instant holds, these turns come first (fold.c). */
#include "runtime/engine/safety.h"

#include "runtime/engine/bonus.h"
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

/* Sets the attribute until then. Of two ends that overlap the later one protects. False: it was set at least as long before. */
static bool protect(struct engine *engine, struct player *player, uint32_t attribute, int64_t until)
{
    uint32_t slot = engine->newest->program.attribute[attribute].slot;
    bool was_set = is_set(engine, player, slot);
    int64_t before = was_set ? STATE_NEVER : INT64_MIN;
    for (uint32_t i = 0; i < player->clear_count; i++) {
        if (player->clear[i].attribute != attribute) continue;
        if (was_set) before = player->clear[i].due;
        state_drop_clear(engine, player, i);
        break;
    }
    if (engine->failed != OK) return false;
    bool longer = before < until;
    if (!longer) until = before;
    state_set_number(engine, player, slot, 1);
    segments_touch_slot(engine, slot);
    if (until == STATE_NEVER) return longer;
    struct clear clear = {.attribute = attribute, .number = ++player->timers, .due = until};
    if (!state_add_clear(engine, player, clear)) return false;
    if (until <= engine->now) {
        struct turn over = {.kind = TURN_CLEAR, .player = player, .number = clear.number, .due = until};
        fold_due_at_once(engine, over);
    }
    state_arm_player(engine, player);
    return longer;
}

static void set_until(struct engine *engine, struct player *player, const struct bundle_event *event,
                      const struct kept_event *kept)
{
    int64_t until = STATE_NEVER;
    if (event->until != PROGRAM_NONE) {
        uint32_t field = engine->newest->program.field[event->until].slot;
        if ((kept->known[field / 64] >> (field % 64)) & 1) until = kept->slot[field];
    }
    (void)protect(engine, player, event->sets, until);
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

/* What a responsible gaming event does to journeys, once the attribute that it sets is set. */
static void strike(struct engine *engine, struct player *player, enum safety kind, bool sets, int64_t now)
{
    safety_withdraw(player);
    gates_aim(engine, player, now);
    if (safety_finish(engine, player, now)) return;
    switch (kind) {
    case SAFETY_SELF_EXCLUSION:
    case SAFETY_CLOSED:
        journey_finish_all(engine, player, TEXT("RG_BLOCKED"), REASON_RG_BLOCKED, PROGRAM_NONE, now);
        break;
    case SAFETY_TIME_OUT: time_out(engine, player, sets, now); break;
    case SAFETY_HARM_FLAG: /* Policies see the attribute. */
    case SAFETY_NONE:
    case SAFETY_COUNT: break;
    }
}

void safety_event(struct engine *engine, struct player *player, uint32_t index, const struct kept_event *event,
                  int64_t now)
{
    const struct bundle_event *record = &engine->newest->program.event[index];
    if (record->sets != PROGRAM_NONE) set_until(engine, player, record, event);
    if (record->safety == SAFETY_NONE || engine->failed != OK) return;
    strike(engine, player, (enum safety)record->safety, record->sets != PROGRAM_NONE, now);
}

/* ---------------------------------------------------------------- players who are one person */

/* Until when the attribute protects the player; INT64_MIN: it does not. */
static int64_t protected_until(const struct engine *engine, const struct player *player, uint32_t attribute)
{
    if (!is_set(engine, player, engine->newest->program.attribute[attribute].slot)) return INT64_MIN;
    for (uint32_t i = 0; i < player->clear_count; i++) {
        if (player->clear[i].attribute == attribute) return player->clear[i].due;
    }
    return STATE_NEVER;
}

static void share(struct engine *engine, struct player *player, uint32_t attribute, int64_t until, bool *changed)
{
    if (!protect(engine, player, attribute, until)) return;
    *changed = true;
    const struct program *program = &engine->newest->program;
    struct engine_note note = effects_note(engine, NOTE_PROTECTED, player, engine->newest, PROGRAM_NONE, engine->now);
    note.attribute = program_text(program, program->attribute[attribute].name);
    note.since = engine->now;
    effects_emit_note(engine, &note);
    enum safety kind = (enum safety)engine->newest->protects[attribute];
    strike(engine, player, kind, true, engine->now);
    if (engine->failed == OK && (kind == SAFETY_SELF_EXCLUSION || kind == SAFETY_CLOSED))
        bonus_excluded(engine, player);
}

void safety_share(struct engine *engine, struct player *const *player, bool *changed_out, uint32_t count)
{
    const struct use *use = engine->newest;
    for (uint32_t i = 0; i < use->program.attribute_count; i++) {
        if (use->protects[i] == SAFETY_NONE) continue;
        int64_t latest = INT64_MIN;
        for (uint32_t j = 0; j < count; j++) {
            int64_t until = protected_until(engine, player[j], i);
            if (until > latest) latest = until;
        }
        for (uint32_t j = 0; j < count && latest != INT64_MIN && engine->failed == OK; j++) {
            if (protected_until(engine, player[j], i) < latest) share(engine, player[j], i, latest, &changed_out[j]);
        }
    }
}
