/* Moving players to a new program: their attributes are laid out anew, journeys and delayed messages whose campaign means the same go
 * over to it, and whatever holds a number of the old program gets that of the new one. Contract: programs_move_players in programs.h.
 *
 * Maps of values are value_map.c; metrics and segments move with their own files.
 */
#include "runtime/engine/programs.h"

#include "runtime/engine/journey.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/move.h"
#include "runtime/engine/reward.h"
#include "runtime/engine/tells.h"

/* Lays one player's attributes out by the new program. */
static bool relay_player(struct engine *engine, struct player *player, const struct use *old, const struct use *new,
                         const struct value_map *maps)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    uint32_t old_slots = old->program.workspace->player_slot_count,
             new_slots = new->program.workspace->player_slot_count;
    size_t size = (size_t)(new_slots + 2 * new->words) * sizeof(int64_t);
    int64_t *slot = slab_alloc(slab, size);
    if (slot == NULL) return false;
    uint64_t *known = (uint64_t *)(void *)(slot + new_slots), *set = known + new->words;
    const uint64_t *old_set = (const uint64_t *)(const void *)(player->slot + old_slots) + old->words;
    memcpy(slot, new->preset, new_slots * sizeof *slot);
    memcpy(known, new->preset_known, new->words * sizeof *known);
    for (uint32_t i = 0; i < new_slots; i++) {
        const struct value_map *map = &maps[i];
        if (map->from == VALUE_MAP_GONE) continue;
        bool always = i == PROGRAM_SLOT_TAGS || i == PROGRAM_SLOT_PLAYER_ID;
        if (!always && !((old_set[map->from / 64] >> (map->from % 64)) & 1)) continue;
        int64_t value;
        if (!value_map_apply(map, player->slot[map->from], &value)) continue;
        slot[i] = value;
        known[i / 64] |= UINT64_C(1) << (i % 64);
        set[i / 64] |= UINT64_C(1) << (i % 64);
    }
    slab_free(slab, player->slot, player->slot_size);
    player->slot = slot;
    player->slot_size = (uint32_t)size;
    return true;
}

static uint32_t find_attribute(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (text_equal(program_text(program, program->attribute[i].name), name)) return i;
    }
    return PROGRAM_NONE;
}

static uint16_t find_channel(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->channel_count; i++) {
        if (text_equal(program_text(program, program->channel[i].name), name)) return (uint16_t)i;
    }
    return UINT16_MAX;
}

/* Whether a journey of one campaign can be read by the other: the semantic hash says so of what our compiler wrote, and this of
 * everything else. All that a journey's state is read by must be alike. */
static bool same_layout(const struct program *a, const struct bundle_campaign *from, const struct program *b,
                        const struct bundle_campaign *to)
{
    if (from->variable_count != to->variable_count || from->text_size != to->text_size ||
        from->state_count != to->state_count || from->effect_count != to->effect_count ||
        from->split_count != to->split_count) {
        return false;
    }
    for (uint32_t i = 0; i < from->variable_count; i++) {
        const struct bundle_variable *x = &a->variable[from->variable_first + i],
                                     *y = &b->variable[to->variable_first + i];
        if (x->kind != y->kind || x->low != y->low || x->high != y->high || x->size != y->size ||
            x->text_offset != y->text_offset || x->counter != y->counter) {
            return false;
        }
    }
    for (uint32_t i = 0; i < from->state_count; i++) {
        const struct bundle_state *x = &a->state[from->state_first + i], *y = &b->state[to->state_first + i];
        uint32_t place_x = x->case_first - a->state[from->state_first].case_first;
        uint32_t place_y = y->case_first - b->state[to->state_first].case_first;
        if (x->kind != y->kind || x->known != y->known || x->case_count != y->case_count || place_x != place_y)
            return false;
    }
    for (uint32_t i = 0; i < from->effect_count; i++) {
        const struct bundle_effect *x = &a->effect[from->effect_first + i], *y = &b->effect[to->effect_first + i];
        if (x->kind != y->kind || x->value_count != y->value_count) return false;
        for (uint32_t v = 0; v < x->value_count; v++) {
            if (a->value[x->value_first + v].kind != b->value[y->value_first + v].kind) return false;
        }
    }
    for (uint32_t i = 0; i < from->split_count; i++) {
        if (a->split[from->split_first + i].arm_count != b->split[to->split_first + i].arm_count) return false;
    }
    return true;
}

/* The campaign of the newest program that means the same as this one, or PROGRAM_NONE. */
static uint32_t same_meaning(const struct engine *engine, const struct use *use, uint32_t campaign)
{
    uint32_t newest = use->plan[campaign].newest;
    if (newest == PROGRAM_NONE) return PROGRAM_NONE;
    const struct bundle_campaign *a = &use->program.campaign[campaign], *b = &engine->newest->program.campaign[newest];
    bool same = a->semantic_0 == b->semantic_0 && a->semantic_1 == b->semantic_1 &&
                same_layout(&use->program, a, &engine->newest->program, b);
    return same ? newest : PROGRAM_NONE;
}

/* What was kept since the entry, by the numbers of the new program's events; an event that it could not hold is dropped. */
static void move_since(struct engine *engine, struct player *player, struct journey *journey,
                       const struct bundle_campaign *from, const struct bundle_campaign *to)
{
    const struct program *new = &engine->newest->program;
    uint32_t first_from = journey->use->program.state[from->state_first].case_first;
    uint32_t first_to = new->state[to->state_first].case_first;
    struct since *rest = journey->since, *kept = NULL, **end = &kept;
    while (rest != NULL) {
        struct since *since = rest;
        rest = since->next;
        struct kept_event event = since->event;
        uint32_t wait_case = first_to + (since->wait_case - first_from);
        if (engine->failed == OK && programs_event_onto(engine, journey->use, &event) &&
            event.event == new->wait_case[wait_case].event) {
            journey->since = NULL;
            struct since *moved = state_add_since(engine, player, journey, wait_case, &event);
            if (moved != NULL) {
                *end = moved;
                end = &moved->next;
            }
        }
        state_free_since(engine, player, since);
    }
    journey->since = kept;
}

/* Journeys of campaigns that say so go over to their new meaning. */
static void move_by_name(struct engine *engine, struct moves *moves, struct player *player)
{
    struct use *new = engine->newest;
    bool moved = false;
    for (struct journey *journey = player->journeys, *next; journey != NULL && engine->failed == OK; journey = next) {
        next = journey->next;
        uint32_t newest = journey->use == new ? PROGRAM_NONE : journey->use->plan[journey->campaign].newest;
        if (newest == PROGRAM_NONE || !new->program.campaign[newest].moves) continue;
        moved = moves_journey(engine, moves, player, journey, newest) != journey || moved;
    }
    if (moved && engine->failed == OK) journey_look_ahead(engine, player); /* `leave when` by time */
}

static void move_journeys(struct engine *engine, struct moves *moves, struct player *player)
{
    struct use *new = engine->newest;
    for (struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        uint32_t newest = journey->use == new ? PROGRAM_NONE : same_meaning(engine, journey->use, journey->campaign);
        if (newest == PROGRAM_NONE) continue;
        const struct bundle_campaign *from = &journey->use->program.campaign[journey->campaign],
                                     *to = &new->program.campaign[newest];
        move_since(engine, player, journey, from, to);
        if (engine->failed != OK) return;
        metrics_move_journey(engine, player, journey, new, newest);
        journey->use->pins--;
        new->pins++;
        journey->use = new;
        journey->campaign = newest;
    }
    for (struct delayed *delayed = player->delayed; delayed != NULL; delayed = delayed->next) {
        uint32_t newest = delayed->use == new ? PROGRAM_NONE : same_meaning(engine, delayed->use, delayed->campaign);
        if (newest == PROGRAM_NONE) continue;
        /* Texts of the old program's constants were copied when the message was queued. */
        delayed->use->pins--;
        new->pins++;
        delayed->use = new;
        delayed->campaign = newest;
    }
    move_by_name(engine, moves, player);
    reward_move(engine, player, same_meaning);
    state_sort_journeys(player);
}

static void move_lists(struct engine *engine, struct player *player, const struct use *old)
{
    const struct program *new = &engine->newest->program;
    for (struct passage *passage = player->passages; passage != NULL; passage = passage->next) {
        for (uint32_t i = 0; i < passage->goal_count; i++) {
            struct goal *goal = &passage->goal[i];
            for (uint32_t j = 0; j < goal->passed_count; j++) {
                struct passed *passed = &goal->passed[j];
                if (passed->split != PROGRAM_NONE &&
                    !programs_newest_arm(engine, passage->title, &old->program, passed))
                    passed->split = PROGRAM_NONE;
            }
        }
    }
    for (uint32_t i = 0; i < player->sent_count; i++) {
        uint16_t channel = player->sent[i].channel;
        if (channel == UINT16_MAX) continue;
        player->sent[i].channel = find_channel(new, program_text(&old->program, old->program.channel[channel].name));
    }
    for (uint32_t i = 0; i < player->clear_count;) {
        struct text name = program_text(&old->program, old->program.attribute[player->clear[i].attribute].name);
        uint32_t attribute = find_attribute(new, name);
        if (attribute == PROGRAM_NONE) {
            state_drop_clear(engine, player, i);
            if (engine->failed != OK) return;
        } else {
            player->clear[i++].attribute = attribute;
        }
    }
}

bool programs_move_players(struct engine *engine, const struct use *old)
{
    struct arena scratch;
    struct moves moves;
    arena_init(&scratch, 0);
    moves_begin(&moves);
    const struct use *new = engine->newest;
    struct value_map *maps = value_map_players(&scratch, &old->program, &new->program);
    bool moved = maps != NULL;
    for (uint32_t i = 0; i < RECORD_GROUPS && moved; i++) {
        struct group *group = state_group(engine, i);
        group->changed = group->changed || group->count > 0;
        for (uint32_t j = 0; j < group->capacity && moved; j++) {
            struct player *player = group->seat[j].player;
            if (player == NULL) continue;
            moved = relay_player(engine, player, old, new, maps);
            if (!moved) break;
            move_journeys(engine, &moves, player);
            move_lists(engine, player, old);
            tells_move(engine, player, old);
            moved = engine->failed == OK;
        }
        arena_reset(&engine->instant); /* It holds nothing but what was just moved: no instant is open. */
    }
    moves_end(&moves);
    arena_deinit(&scratch);
    return moved;
}
