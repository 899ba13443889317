/* How a running journey goes over to another version. See journey_move.h. */
#include "vm/journey_move.h"

struct pair {
    const struct program *old, *new;
    const struct bundle_campaign *from, *to;
};

static bool same_text(const struct pair *pair, uint32_t old, uint32_t new)
{
    if (old == PROGRAM_NONE || new == PROGRAM_NONE) return old == new;
    return text_equal(program_text(pair->old, old), program_text(pair->new, new));
}

/* ---------------------------------------------------------------- values */

static bool same_words(const struct pair *pair, uint32_t old, uint32_t new)
{
    const struct bundle_enumeration *a = &pair->old->enumeration[old], *b = &pair->new->enumeration[new];
    if (a->wording_count != b->wording_count) return false;
    for (uint32_t i = 0; i < a->wording_count; i++) {
        if (!same_text(pair, pair->old->wording[a->wording_first + i].name,
                       pair->new->wording[b->wording_first + i].name))
            return false;
    }
    return true;
}

static bool same_type(const struct pair *pair, const struct bundle_variable *a, const struct bundle_variable *b)
{
    if (a->kind != b->kind || a->counter != b->counter) return false;
    switch ((enum type_kind)a->kind) {
    case TYPE_ENUM:
    case TYPE_SET:
        if (a->of == PROGRAM_NONE || b->of == PROGRAM_NONE) return a->of == b->of;
        return same_words(pair, a->of, b->of);
    case TYPE_MONEY:
        if (a->of == PROGRAM_NONE || b->of == PROGRAM_NONE) return a->of == b->of;
        return same_text(pair, pair->old->currency[a->of].code, pair->new->currency[b->of].code);
    case TYPE_CURRENCY: return false; /* its numbers are the program's own */
    default: return true;
    }
}

static const struct bundle_variable *old_variable(const struct pair *pair, uint32_t n)
{
    return &pair->old->variable[pair->from->variable_first + n];
}

static const struct bundle_variable *new_variable(const struct pair *pair, uint32_t n)
{
    return &pair->new->variable[pair->to->variable_first + n];
}

/* Values by their names; counters have none. */
static void map_values(const struct pair *pair, uint32_t *variable)
{
    for (uint32_t i = 0; i < pair->to->variable_count; i++) {
        const struct bundle_variable *mine = new_variable(pair, i);
        variable[i] = PROGRAM_NONE;
        for (uint32_t j = 0; j < pair->from->variable_count && !mine->counter; j++) {
            const struct bundle_variable *other = old_variable(pair, j);
            if (same_text(pair, other->name, mine->name) && same_type(pair, other, mine)) variable[i] = j;
        }
    }
}

/* ---------------------------------------------------------------- effects and counters */

static struct text step_identity(const struct program *program, uint32_t step)
{
    const struct bundle_step *record = &program->step[step];
    return program_text(program, record->renamed_from != PROGRAM_NONE ? record->renamed_from : record->name);
}

static bool same_effect(const struct pair *pair, const struct bundle_effect *a, const struct bundle_effect *b)
{
    return a->kind == b->kind && same_text(pair, a->action, b->action) && same_text(pair, a->name, b->name) &&
           same_text(pair, a->label, b->label) &&
           text_equal(step_identity(pair->old, a->step), step_identity(pair->new, b->step));
}

static bool counts_effect(const struct program *program, const struct bundle_campaign *campaign, uint32_t variable)
{
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        if (program->effect[campaign->effect_first + i].counter == variable) return true;
    }
    return false;
}

/* Counters of repetitions go with their effects; those of ways with their order, if there are as many. */
static bool map_counters(const struct pair *pair, const uint32_t *effect, uint32_t *variable)
{
    for (uint32_t i = 0; i < pair->from->effect_count; i++) {
        if (effect[i] == PROGRAM_NONE) continue;
        uint32_t mine = pair->old->effect[pair->from->effect_first + i].counter;
        uint32_t other = pair->new->effect[pair->to->effect_first + effect[i]].counter;
        if (mine != PROGRAM_NONE && other != PROGRAM_NONE) variable[other] = mine;
    }
    uint32_t next = 0;
    for (uint32_t i = 0; i < pair->to->variable_count; i++) {
        if (!new_variable(pair, i)->counter || counts_effect(pair->new, pair->to, i)) continue;
        while (next < pair->from->variable_count &&
               (!old_variable(pair, next)->counter || counts_effect(pair->old, pair->from, next)))
            next++;
        if (next == pair->from->variable_count) return false;
        variable[i] = next++;
    }
    for (; next < pair->from->variable_count; next++) {
        if (old_variable(pair, next)->counter && !counts_effect(pair->old, pair->from, next)) return false;
    }
    return true;
}

static void map_effects(const struct pair *pair, uint32_t *effect)
{
    for (uint32_t i = 0; i < pair->from->effect_count; i++) {
        effect[i] = PROGRAM_NONE;
        for (uint32_t j = 0; j < pair->to->effect_count; j++) {
            if (same_effect(pair, &pair->old->effect[pair->from->effect_first + i],
                            &pair->new->effect[pair->to->effect_first + j]))
                effect[i] = j;
        }
    }
}

static bool same_arms(const struct pair *pair, const struct bundle_split *a, const struct bundle_split *b)
{
    if (a->arm_count != b->arm_count) return false;
    for (uint32_t i = 0; i < a->arm_count; i++) {
        if (!same_text(pair, pair->old->arm[a->arm_first + i].name, pair->new->arm[b->arm_first + i].name))
            return false;
    }
    return true;
}

static void map_splits(const struct pair *pair, uint32_t *split)
{
    for (uint32_t i = 0; i < pair->to->split_count; i++) {
        const struct bundle_split *mine = &pair->new->split[pair->to->split_first + i];
        split[i] = PROGRAM_NONE;
        for (uint32_t j = 0; j < pair->from->split_count; j++) {
            const struct bundle_split *other = &pair->old->split[pair->from->split_first + j];
            if (same_text(pair, other->name, mine->name) && same_arms(pair, other, mine)) split[i] = j;
        }
    }
}

/* ---------------------------------------------------------------- waits */

/* Which step of the new campaign an old one became; STEP index, or NONE. */
static uint32_t step_of(const struct pair *pair, uint32_t old)
{
    struct text name = program_text(pair->old, pair->old->step[old].name), identity = step_identity(pair->old, old);
    for (uint32_t i = pair->to->step_first; i < pair->to->step_first + pair->to->step_count; i++) {
        const struct bundle_step *step = &pair->new->step[i];
        bool renamed =
            step->renamed_from != PROGRAM_NONE && (text_equal(program_text(pair->new, step->renamed_from), name) ||
                                                   text_equal(program_text(pair->new, step->renamed_from), identity));
        if (renamed || text_equal(program_text(pair->new, step->name), name)) return i;
    }
    return PROGRAM_NONE;
}

/* Which wait of its step a state is, from 1. */
static uint32_t wait_number(const struct program *program, const struct bundle_campaign *campaign, uint32_t state)
{
    uint32_t number = 0, step = program->state[campaign->state_first + state].step;
    for (uint32_t i = 0; i <= state; i++) {
        const struct bundle_state *each = &program->state[campaign->state_first + i];
        number += each->step == step && each->kind == STATE_WAIT;
    }
    return number;
}

static uint32_t find_wait(const struct pair *pair, uint32_t step, uint32_t number)
{
    for (uint32_t i = 0; i < pair->to->state_count; i++) {
        const struct bundle_state *state = &pair->new->state[pair->to->state_first + i];
        if (state->step == step && state->kind == STATE_WAIT && wait_number(pair->new, pair->to, i) == number) return i;
    }
    return PROGRAM_NONE;
}

static struct move_state move_of(const struct pair *pair, const struct journey_move *move, uint32_t number, bool counts)
{
    const struct bundle_state *old = &pair->old->state[pair->from->state_first + number];
    struct move_state out = {.to = PROGRAM_NONE, .variable = PROGRAM_NONE};
    if (old->kind != STATE_WAIT) {
        out.fault = MOVE_NO_REST;
        return out;
    }
    out.wait = wait_number(pair->old, pair->from, number);
    uint32_t step = step_of(pair, old->step);
    uint32_t to = step == PROGRAM_NONE ? PROGRAM_NONE : find_wait(pair, step, out.wait);
    if (to == PROGRAM_NONE || !counts) {
        out.fault = step == PROGRAM_NONE ? MOVE_STEP_GONE : to == PROGRAM_NONE ? MOVE_WAIT_GONE : MOVE_COUNTS;
        return out;
    }
    uint64_t needed = (uint64_t)pair->new->state[pair->to->state_first + to].known;
    for (uint32_t i = 0; i < pair->to->variable_count; i++) {
        if (!((needed >> i) & 1) || new_variable(pair, i)->counter) continue;
        if (move->variable[i] != PROGRAM_NONE && (((uint64_t)old->known >> move->variable[i]) & 1)) continue;
        out.fault = MOVE_UNKNOWN;
        out.variable = i;
        return out;
    }
    out.to = to;
    return out;
}

bool journey_move_make(struct arena *arena, const struct program *old, const struct bundle_campaign *from,
                       const struct program *new, const struct bundle_campaign *to, struct journey_move *out)
{
    const struct pair pair = {old, new, from, to};
    out->state = ARENA_ARRAY(arena, struct move_state, from->state_count + 1);
    out->variable = ARENA_ARRAY(arena, uint32_t, to->variable_count + 1);
    out->effect = ARENA_ARRAY(arena, uint32_t, from->effect_count + 1);
    out->split = ARENA_ARRAY(arena, uint32_t, to->split_count + 1);
    if (out->state == NULL || out->variable == NULL || out->effect == NULL || out->split == NULL) return false;
    map_values(&pair, out->variable);
    map_effects(&pair, out->effect);
    bool counts = map_counters(&pair, out->effect, out->variable);
    map_splits(&pair, out->split);
    for (uint32_t i = 0; i < from->state_count; i++) out->state[i] = move_of(&pair, out, i, counts);
    return true;
}
