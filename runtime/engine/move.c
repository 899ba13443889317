/* Running journeys that go over to a new version of their campaign. See move.h. */
#include "runtime/engine/move.h"

#include "runtime/engine/effects.h"
#include "runtime/engine/metrics.h"
#include "vm/journey_move.h"

/* ---------------------------------------------------------------- maps, made once for each version */

struct move_map {
    struct move_map *next;
    const struct use *use;
    uint32_t campaign;
    struct journey_move move;
};

static const struct journey_move *map_of(struct engine *engine, struct moves *moves, const struct journey *journey,
                                         uint32_t newest)
{
    for (const struct move_map *map = moves->first; map != NULL; map = map->next) {
        if (map->use == journey->use && map->campaign == journey->campaign) return &map->move;
    }
    struct move_map *map = ARENA_NEW(&moves->arena, struct move_map);
    const struct program *old = &journey->use->program, *new = &engine->newest->program;
    if (map == NULL || !journey_move_make(&moves->arena, old, &old->campaign[journey->campaign], new,
                                          &new->campaign[newest], &map->move))
        return state_no_memory(engine);
    map->use = journey->use;
    map->campaign = journey->campaign;
    map->next = moves->first;
    moves->first = map;
    return &map->move;
}

void moves_begin(struct moves *moves)
{
    *moves = (struct moves){0};
    arena_init(&moves->arena, 0);
}

void moves_end(struct moves *moves)
{
    arena_deinit(&moves->arena);
}

/* ---------------------------------------------------------------- one journey */

static bool is_known(const struct journey *journey, uint32_t variable)
{
    return (journey->known >> variable) & 1;
}

static bool fits(const struct bundle_variable *to, int64_t value)
{
    if (to->kind == TYPE_TEXT) return handle_size(value) <= to->size;
    return value >= to->low && value <= to->high;
}

/* Whether what the journey has now can be held, and what the new wait needs is there. */
static const char *refusal(const struct journey *journey, const struct program *new, const struct bundle_campaign *to,
                           const struct journey_move *move)
{
    static const char *const words[] = {
        [MOVE_FINE] = "",
        [MOVE_NO_REST] = "it waits for an answer",
        [MOVE_STEP_GONE] = "its step is gone",
        [MOVE_WAIT_GONE] = "its step has fewer waits",
        [MOVE_UNKNOWN] = "a value that the new version reads was not kept",
        [MOVE_COUNTS] = "the counted ways are other ones",
    };
    const struct move_state *state = &move->state[journey->state];
    if (state->fault != MOVE_FINE) return words[state->fault];
    uint64_t needed = (uint64_t) new->state[to->state_first + state->to].known;
    for (uint32_t i = 0; i < to->variable_count; i++) {
        const struct bundle_variable *variable = &new->variable[to->variable_first + i];
        uint32_t old = move->variable[i];
        bool held = old != PROGRAM_NONE && is_known(journey, old) && fits(variable, state_journey_slots(journey)[old]);
        if (((needed >> i) & 1) && !variable->counter && !held)
            return "a value is not known, or not within the new range";
        if (variable->counter && old != PROGRAM_NONE && !held) return "a count is beyond the new one";
    }
    return NULL;
}

/* Copies what the journey remembers into the new layout. */
static void copy_values(const struct journey *from, struct journey *onto, const struct program *new,
                        const struct bundle_campaign *to, const struct journey_move *move)
{
    const uint8_t *old_bytes = state_journey_bytes(from);
    for (uint32_t i = 0; i < to->variable_count; i++) {
        const struct bundle_variable *variable = &new->variable[to->variable_first + i];
        uint32_t old = move->variable[i];
        if (old == PROGRAM_NONE || !is_known(from, old)) continue;
        int64_t value = state_journey_slots(from)[old];
        if (!fits(variable, value)) continue;
        if (variable->kind == TYPE_TEXT && handle_bank(value) == BANK_JOURNEY) {
            memcpy(state_journey_bytes(onto) + variable->text_offset, old_bytes + handle_offset(value),
                   handle_size(value));
            value = handle_make(BANK_JOURNEY, handle_size(value), variable->text_offset);
        } else if (variable->kind == TYPE_TEXT) {
            continue; /* a constant of the old program: it would have been copied */
        }
        state_journey_slots(onto)[i] = value;
        onto->known |= UINT64_C(1) << i;
    }
}

/* An effect that was made once and had no counter has been made, should it be counted now. */
static void copy_made(const struct journey *from, struct journey *onto, const struct program *old,
                      const struct program *new, const struct bundle_campaign *was, const struct bundle_campaign *to,
                      const struct journey_move *move)
{
    for (uint32_t i = 0; i < was->effect_count; i++) {
        if (move->effect[i] == PROGRAM_NONE || !((from->made >> (i % 64)) & 1)) continue;
        onto->made |= UINT64_C(1) << (move->effect[i] % 64);
        uint32_t counter = new->effect[to->effect_first + move->effect[i]].counter;
        if (counter != PROGRAM_NONE && old->effect[was->effect_first + i].counter == PROGRAM_NONE)
            state_journey_slots(onto)[counter] = 1;
    }
    for (uint32_t i = 0; i < to->split_count; i++) {
        if (move->split[i] != PROGRAM_NONE) state_journey_arms(onto)[i] = state_journey_arms(from)[move->split[i]];
    }
}

static struct engine_note note_of(struct engine *engine, enum note_kind kind, const struct player *player,
                                  uint32_t campaign, const struct journey *journey)
{
    struct engine_note note = effects_note(engine, kind, player, engine->newest, campaign, engine->now);
    note.journey = journey->number;
    return note;
}

struct journey *moves_journey(struct engine *engine, struct moves *moves, struct player *player,
                              struct journey *journey, uint32_t newest)
{
    struct use *new = engine->newest;
    const struct bundle_campaign *to = &new->program.campaign[newest];
    const struct journey_move *move = map_of(engine, moves, journey, newest);
    if (move == NULL) return journey;
    const char *why = journey->question != NULL ? "it waits for an answer" : refusal(journey, &new->program, to, move);
    if (why != NULL) {
        struct engine_note note = note_of(engine, NOTE_NOT_MOVED, player, newest, journey);
        note.detail = why;
        effects_emit_note(engine, &note);
        return journey;
    }
    const struct program *old = &journey->use->program;
    const struct bundle_campaign *was = &old->campaign[journey->campaign];
    struct journey *onto = state_add_journey(engine, player, new, newest);
    if (onto == NULL) return journey;
    onto->number = journey->number;
    onto->timer = journey->timer;
    onto->status = journey->status;
    onto->run = journey->run;
    onto->entered_at = journey->entered_at;
    onto->due = journey->due;
    onto->fires = journey->fires;
    onto->ends_at = to->runs_end == RUNS_END_END ? new->plan[newest].runs_until : STATE_NEVER;
    onto->remaining = journey->remaining;
    onto->state = move->state[journey->state].to;
    onto->step = new->program.state[to->state_first + onto->state].step - to->step_first;
    copy_values(journey, onto, &new->program, to, move);
    copy_made(journey, onto, old, &new->program, was, to, move);
    metrics_move_journey(engine, player, journey, new, newest);
    onto->metrics = journey->metrics;
    journey->metrics = (struct metric_table){0};
    state_remove_journey(engine, player, journey);
    state_insert_journey(player, onto);
    struct engine_note note = note_of(engine, NOTE_MOVED, player, newest, onto);
    note.step = to->step_first + onto->step;
    effects_emit_note(engine, &note);
    return onto;
}
