/* Bookkeeping of players, journeys and what hangs on them. See state.h for the picture.
 *
 * Nothing here decides anything. Every allocation may fail: then the engine is marked as failed, once, and the fold stops
 * with STATUS_NO_MEMORY; its state is whole again from the last checkpoint.
 */
#include "runtime/engine/state.h"

#include <stdlib.h>

#include "runtime/engine/metrics.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/programs.h"
#include "runtime/engine/reward.h"
#include "runtime/engine/suppress.h"
#include "vm/memory.h"
#include "vm/split.h"
#include "vm/zone.h"

void *state_no_memory(struct engine *engine)
{
    engine->failed = STATUS_NO_MEMORY;
    return NULL;
}

/* ---------------------------------------------------------------- players */

struct text state_player_id(const struct player *player)
{
    return text_make((const char *)player->name, player->id_size);
}

struct text state_player_brand(const struct player *player)
{
    return text_make((const char *)player->name + player->id_size, player->brand_size);
}

int state_compare_players(struct text id_a, struct text brand_a, struct text id_b, struct text brand_b)
{
    int order = text_compare_id(id_a, id_b);
    return order != 0 ? order : text_compare_id(brand_a, brand_b);
}

uint64_t state_hash_player(struct text brand, struct text id)
{
    return split_hash64(id.at, id.size, brand.size == 0 ? 0 : split_hash64(brand.at, brand.size, 1));
}

static struct seat *place_of(const struct group *group, uint64_t hash, struct text brand, struct text id)
{
    uint32_t place = (uint32_t)(hash >> 32) & (group->capacity - 1);
    for (;; place = (place + 1) & (group->capacity - 1)) {
        struct seat *at = &group->seat[place];
        if (at->player == NULL) return at;
        if (at->hash != hash) continue;
        if (text_equal(state_player_id(at->player), id) && text_equal(state_player_brand(at->player), brand)) return at;
    }
}

void state_hint_place(const struct engine *engine, uint16_t group, uint64_t hash)
{
    const struct group *in = &engine->group[group];
    if (in->capacity > 0) __builtin_prefetch(&in->seat[(uint32_t)(hash >> 32) & (in->capacity - 1)]);
}

const struct player *state_hint_player(const struct engine *engine, uint16_t group, uint64_t hash)
{
    const struct group *in = &engine->group[group];
    if (in->capacity == 0) return NULL;
    for (uint32_t place = (uint32_t)(hash >> 32) & (in->capacity - 1);; place = (place + 1) & (in->capacity - 1)) {
        const struct seat *at = &in->seat[place];
        if (at->player != NULL && at->hash != hash) continue;
        const char *player = (const char *)at->player;
        for (size_t i = 0; player != NULL && i < sizeof(struct player); i += 64) __builtin_prefetch(player + i);
        return at->player;
    }
}

void state_hint_parts(const struct player *player)
{
    const char *slot = (const char *)player->slot;
    for (size_t i = 0; i < player->slot_size && i < 512; i += 64) __builtin_prefetch(slot + i);
    if (player->passages != NULL) __builtin_prefetch(player->passages);
    if (player->journeys != NULL) {
        __builtin_prefetch(player->journeys);
        __builtin_prefetch((const char *)player->journeys + 64);
        __builtin_prefetch((const char *)player->journeys + 128);
    }
}

struct player *state_find_player(struct engine *engine, uint16_t group, struct text brand, struct text id)
{
    const struct group *in = state_group(engine, group);
    if (in->capacity == 0 || engine->failed == STATUS_CORRUPT) return NULL; /* half of a group is no group */
    return place_of(in, state_hash_player(brand, id), brand, id)->player;
}

static bool grow_group(struct group *group)
{
    if (group->capacity != 0 && (group->count + 1) * 4 <= group->capacity * 3) return true;
    struct group grown = *group;
    grown.capacity = group->capacity == 0 ? 8 : group->capacity * 2;
    grown.seat = memory_alloc_array(grown.capacity, sizeof *grown.seat);
    if (grown.seat == NULL) return false;
    for (uint32_t i = 0; i < group->capacity; i++) {
        struct seat *place = &group->seat[i];
        if (place->player == NULL) continue;
        *place_of(&grown, place->hash, state_player_brand(place->player), state_player_id(place->player)) = *place;
    }
    memory_release(group->seat);
    *group = grown;
    return true;
}

static size_t slot_bytes(const struct use *use)
{
    return (size_t)(use->program.workspace->player_slot_count + 2 * use->words) * sizeof(int64_t);
}

static uint64_t *known_words(const struct engine *engine, const struct player *player)
{
    return (uint64_t *)(void *)(player->slot + engine->newest->program.workspace->player_slot_count);
}

bool state_is_test(const struct engine *engine, const struct player *player)
{
    uint32_t slot = engine->newest == NULL ? PROGRAM_NONE : engine->newest->test_slot;
    return slot != PROGRAM_NONE && ((known_words(engine, player)[slot / 64] >> (slot % 64)) & 1) != 0 &&
           player->slot[slot] != 0;
}

static uint64_t *set_words(const struct engine *engine, const struct player *player)
{
    return known_words(engine, player) + engine->newest->words;
}

uint32_t state_zone_place(const struct engine *engine, const struct player *player)
{
    uint32_t slot = engine->newest->zone_slot;
    if (slot == PROGRAM_NONE || !((known_words(engine, player)[slot / 64] >> (slot % 64)) & 1)) return zone_count();
    int64_t zone = player->slot[slot];
    return zone >= 0 && zone < (int64_t)zone_count() ? (uint32_t)zone : zone_count();
}

void state_count_sleepers(struct engine *engine, const struct sleepers *sleepers, bool come)
{
    struct buffer_reader in = buffer_read(sleepers->bytes, sleepers->size);
    uint32_t zones = buffer_read_u32(&in), rest = sleepers->count;
    for (uint32_t i = 0; i <= zones; i++) {
        int zone = i == zones ? -1 : zone_find(buffer_read_sized_text(&in));
        uint32_t count = i == zones ? rest : buffer_read_u32(&in);
        uint32_t *players = &engine->zone_players[zone < 0 ? zone_count() : (uint32_t)zone];
        if (i < zones) rest -= count;
        if (count == 0) continue;
        *players = come ? *players + count : *players - count;
        engine->zones_changed = true;
    }
}

/* Players who sleep in their group's bytes; checkpoint_wake() reads them. */
void state_sleep(struct engine *engine, uint16_t number, const struct sleepers *sleepers)
{
    engine->group[number].sleepers = *sleepers;
    engine->asleep++;
    engine->player_count += sleepers->count;
    state_count_sleepers(engine, sleepers, true);
    engine->asleep_due = engine->asleep == 1 ? sleepers->due : civil_earlier(engine->asleep_due, sleepers->due);
}

void state_wake_due(struct engine *engine, int64_t now)
{
    while (engine->asleep > 0 && engine->asleep_due <= now && engine->failed == OK) {
        int64_t due = STATE_NEVER;
        for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
            const struct sleepers *sleepers = &engine->group[i].sleepers;
            if (sleepers->bytes == NULL) continue;
            if (sleepers->due <= now) {
                (void)state_group(engine, i);
            } else {
                due = civil_earlier(due, sleepers->due);
            }
        }
        engine->asleep_due = due;
    }
}

bool state_wake_all(struct engine *engine)
{
    for (uint32_t i = 0; i < RECORD_GROUPS && engine->asleep > 0 && engine->failed == OK; i++)
        (void)state_group(engine, i);
    return engine->failed == OK;
}

static void enter_zone(struct engine *engine, const struct player *player)
{
    if (engine->zone_players[state_zone_place(engine, player)]++ == 0) engine->zones_changed = true;
}

static void leave_zone(struct engine *engine, const struct player *player)
{
    uint32_t *count = &engine->zone_players[state_zone_place(engine, player)];
    INVARIANT(*count > 0);
    if (--*count == 0) engine->zones_changed = true;
}

void state_count_zones(struct engine *engine)
{
    memset(engine->zone_players, 0, (zone_count() + 1) * sizeof *engine->zone_players);
    engine->zones_changed = true;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
        const struct group *group = state_group(engine, i);
        for (uint32_t j = 0; j < group->capacity; j++) {
            if (group->seat[j].player != NULL) enter_zone(engine, group->seat[j].player);
        }
    }
}

struct player *state_player(struct engine *engine, uint16_t group, struct text brand, struct text id, uint64_t number)
{
    return state_player_by_hash(engine, group, state_hash_player(brand, id), brand, id, number);
}

static size_t player_size(const struct player *player)
{
    return sizeof *player + player->id_size + player->brand_size;
}

struct player *state_player_by_hash(struct engine *engine, uint16_t group, uint64_t hash, struct text brand,
                                    struct text id, uint64_t number)
{
    struct group *in = state_group(engine, group);
    if (engine->failed != OK) return NULL;
    if (in->capacity == 0 && !grow_group(in)) return state_no_memory(engine);
    struct seat *place = place_of(in, hash, brand, id);
    if (place->player != NULL) {
        if (place->player->number == 0) place->player->number = number;
        return place->player;
    }
    if (!grow_group(in)) return state_no_memory(engine);
    place = place_of(in, hash, brand, id);
    INVARIANT(id.size <= UINT8_MAX && brand.size <= UINT8_MAX);
    struct slab *slab = &state_shard(engine, group)->slab;
    const struct use *use = engine->newest;
    size_t size = sizeof(struct player) + id.size + brand.size;
    struct player *player = slab_alloc(slab, size);
    int64_t *slot = slab_alloc(slab, slot_bytes(use));
    if (player == NULL || slot == NULL) {
        slab_free(slab, player, size);
        slab_free(slab, slot, slot_bytes(use));
        return state_no_memory(engine);
    }
    if (id.size > 0) memcpy(player->name, id.at, id.size);
    if (brand.size > 0) memcpy(player->name + id.size, brand.at, brand.size);
    player->hash = hash;
    player->number = number;
    player->life = suppress_life(engine, brand, id);
    player->group = group;
    player->id_size = (uint8_t)id.size;
    player->brand_size = (uint8_t)brand.size;
    player->bytes = player->name;
    player->bytes_size = id.size + brand.size;
    player->slot = slot;
    player->slot_size = (uint32_t)slot_bytes(use);
    player->heap_due = player->members_due = STATE_NEVER;
    memcpy(slot, use->preset, use->program.workspace->player_slot_count * sizeof *slot);
    memcpy(known_words(engine, player), use->preset_known, use->words * sizeof(uint64_t));
    slot[PROGRAM_SLOT_PLAYER_ID] = handle_make(BANK_PLAYER, id.size, 0);
    *place = (struct seat){hash, player};
    in->count++;
    in->changed = true;
    engine->player_count++;
    enter_zone(engine, player);
    return player;
}

/* Releases all that hangs on the player, and the player. */
void state_free_player(struct engine *engine, struct player *player)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    while (player->journeys != NULL) state_remove_journey(engine, player, player->journeys);
    while (player->delayed != NULL) state_remove_delayed(engine, player, player->delayed);
    while (player->passages != NULL) {
        struct passage *passage = player->passages;
        player->passages = passage->next;
        state_free_passage(slab, passage);
    }
    while (player->told != NULL) state_remove_told(engine, player, player->told);
    for (uint32_t i = 0; i < player->handed_count; i++) whose_remove(&engine->whose, player->handed[i].id, player);
    slab_free(slab, player->handed, player->handed_capacity * sizeof *player->handed);
    slab_free(slab, player->clear, player->clear_count * sizeof *player->clear);
    slab_free(slab, player->sent, player->sent_capacity * sizeof *player->sent);
    slab_free(slab, player->member, player->member_capacity * sizeof *player->member);
    reward_free_all(engine, player);
    metrics_free_player(engine, player);
    parts_free_player(engine, player);
    while (player->given != NULL) {
        struct metric_given *given = player->given;
        player->given = given->next;
        memory_release(given);
    }
    while (player->arms != NULL) {
        struct arm_given *arm = player->arms;
        player->arms = arm->next;
        memory_release(arm);
    }
    if (player->bytes != player->name) slab_free(slab, player->bytes, player->bytes_size);
    slab_free(slab, player->slot, player->slot_size);
    slab_free(slab, player, player_size(player));
}

void state_remove_player(struct engine *engine, struct player *player)
{
    struct group *group = &engine->group[player->group];
    struct seat *place = place_of(group, player->hash, state_player_brand(player), state_player_id(player));
    INVARIANT(place->player == player);
    leave_zone(engine, player);
    place->player = NULL;
    group->count--;
    group->changed = true;
    engine->player_count--;
    /* Those behind it move up, so that probing finds them. */
    uint32_t mask = group->capacity - 1;
    for (uint32_t i = ((uint32_t)(place - group->seat) + 1) & mask; group->seat[i].player != NULL; i = (i + 1) & mask) {
        struct seat moved = group->seat[i];
        group->seat[i].player = NULL;
        *place_of(group, moved.hash, state_player_brand(moved.player), state_player_id(moved.player)) = moved;
    }
    deadline_remove(&state_shard(engine, player->group)->heap, player);
    state_free_player(engine, player);
}

static int compare_places(const void *left, const void *right)
{
    const struct player *a = *(struct player *const *)left, *b = *(struct player *const *)right;
    return state_compare_players(state_player_id(a), state_player_brand(a), state_player_id(b), state_player_brand(b));
}

struct player **state_sorted_players(const struct group *group, uint32_t *count_out)
{
    struct player **sorted = memory_alloc_array(group->count == 0 ? 1 : group->count, sizeof(struct player *));
    if (sorted == NULL) return NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->capacity; i++) {
        if (group->seat[i].player != NULL) sorted[count++] = group->seat[i].player;
    }
    if (count > 1) qsort(sorted, count, sizeof(struct player *), compare_places);
    *count_out = count;
    return sorted;
}

/* ---------------------------------------------------------------- attributes */

static void mark(uint64_t *words, uint32_t bit, bool on)
{
    if (on) {
        words[bit / 64] |= UINT64_C(1) << (bit % 64);
    } else {
        words[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
    }
}

void state_set_number(struct engine *engine, struct player *player, uint32_t slot, int64_t value)
{
    bool zone = slot == engine->newest->zone_slot;
    if (zone) leave_zone(engine, player);
    player->slot[slot] = value;
    mark(known_words(engine, player), slot, true);
    mark(set_words(engine, player), slot, true);
    if (zone) enter_zone(engine, player);
    engine->group[player->group].changed = true;
}

/* Lays the player's bytes out anew with `text` as the text of `slot` (empty: without one of its own). */
static void lay_texts(struct engine *engine, struct player *player, uint32_t slot, struct text text)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    const struct program *program = &engine->newest->program;
    uint32_t fixed = (uint32_t)player->id_size + player->brand_size, size = fixed + text.size;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (attribute->kind != TYPE_TEXT || attribute->slot == slot) continue;
        if (handle_bank(player->slot[attribute->slot]) == BANK_PLAYER)
            size += handle_size(player->slot[attribute->slot]);
    }
    uint8_t *bytes = slab_alloc(slab, size);
    if (bytes == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    memcpy(bytes, player->bytes, fixed);
    uint32_t end = fixed;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (attribute->kind != TYPE_TEXT) continue;
        struct text part = text;
        if (attribute->slot != slot) {
            int64_t handle = player->slot[attribute->slot];
            if (handle_bank(handle) != BANK_PLAYER) continue;
            part = text_make((const char *)player->bytes + handle_offset(handle), handle_size(handle));
        } else if (text.at == NULL) {
            continue;
        }
        if (part.size > 0) memcpy(bytes + end, part.at, part.size);
        player->slot[attribute->slot] = handle_make(BANK_PLAYER, part.size, end);
        end += part.size;
    }
    if (player->bytes != player->name) slab_free(slab, player->bytes, player->bytes_size);
    player->bytes = bytes;
    player->bytes_size = size;
}

void state_set_text(struct engine *engine, struct player *player, uint32_t slot, struct text text)
{
    if (text.at == NULL) text.at = "";
    lay_texts(engine, player, slot, text);
    mark(known_words(engine, player), slot, true);
    mark(set_words(engine, player), slot, true);
    engine->group[player->group].changed = true;
}

void state_unset(struct engine *engine, struct player *player, uint32_t slot)
{
    const struct use *use = engine->newest;
    uint32_t attribute = use->attribute_of[slot];
    bool own_text = attribute != PROGRAM_NONE && use->program.attribute[attribute].kind == TYPE_TEXT &&
                    handle_bank(player->slot[slot]) == BANK_PLAYER;
    if (own_text) lay_texts(engine, player, slot, (struct text){NULL, 0});
    bool zone = slot == use->zone_slot;
    if (zone) leave_zone(engine, player);
    player->slot[slot] = use->preset[slot];
    mark(known_words(engine, player), slot, (use->preset_known[slot / 64] >> (slot % 64)) & 1);
    mark(set_words(engine, player), slot, false);
    if (zone) enter_zone(engine, player);
    engine->group[player->group].changed = true;
}

/* ---------------------------------------------------------------- deadlines */

int64_t state_player_due(const struct player *player)
{
    int64_t due = civil_earlier(player->members_due, reward_next_due(player));
    for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        due = civil_earlier(due, civil_earlier(journey->fires, civil_earlier(journey->ends_at, journey->leaves_at)));
    }
    for (const struct delayed *delayed = player->delayed; delayed != NULL; delayed = delayed->next) {
        due = civil_earlier(due, delayed->due);
    }
    for (uint32_t i = 0; i < player->clear_count; i++) due = civil_earlier(due, player->clear[i].due);
    if (player->parts != NULL) due = civil_earlier(due, player->parts->due);
    return player->told == NULL ? due : civil_earlier(due, player->told->due); /* Each is due right after it is told. */
}

void state_arm_player(struct engine *engine, struct player *player)
{
    int64_t due = state_player_due(player);
    if (due >= player->heap_due) return;
    if (!deadline_push(&state_shard(engine, player->group)->heap, due, player)) {
        (void)state_no_memory(engine);
        return;
    }
    player->heap_due = due;
}

int64_t state_next_due(const struct engine *engine)
{
    int64_t due = STATE_NEVER;
    for (uint32_t i = 0; i < engine->shard_count; i++) due = civil_earlier(due, deadline_first(&engine->shard[i].heap));
    if (engine->asleep > 0) due = civil_earlier(due, engine->asleep_due);
    return due;
}

/* ---------------------------------------------------------------- titles */

struct title *state_title(struct engine *engine, struct text name, bool make)
{
    for (uint32_t i = 0; i < engine->title_count; i++) {
        if (text_equal(engine->title[i]->name, name)) return engine->title[i];
    }
    if (!make) return NULL;
    if (engine->title_count == engine->title_capacity) {
        uint32_t capacity = engine->title_capacity == 0 ? 16 : engine->title_capacity * 2;
        struct title **grown = memory_resize_array(engine->title, capacity, sizeof *grown);
        if (grown == NULL) return state_no_memory(engine);
        engine->title = grown;
        uint32_t *ranked = memory_resize_array(engine->ranked, capacity, sizeof *ranked);
        if (ranked == NULL) return state_no_memory(engine);
        engine->ranked = ranked;
        engine->title_capacity = capacity;
    }
    struct title *title = memory_alloc(sizeof *title + name.size);
    if (title == NULL) return state_no_memory(engine);
    char *copy = (char *)(title + 1);
    if (name.size > 0) memcpy(copy, name.at, name.size);
    title->name = text_make(copy, name.size);
    title->number = engine->title_count;
    title->campaign = PROGRAM_NONE;
    title->runs_after = INT64_MIN;
    title->priority = 1000;
    engine->title[engine->title_count++] = title;
    return title;
}
