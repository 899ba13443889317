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
    const struct group *in = &engine->group[group];
    if (in->capacity == 0) return NULL;
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

/* The place in engine->zone_players of the player's own zone. */
static uint32_t zone_place(const struct engine *engine, const struct player *player)
{
    uint32_t slot = engine->newest->zone_slot;
    if (slot == PROGRAM_NONE || !((known_words(engine, player)[slot / 64] >> (slot % 64)) & 1)) return zone_count();
    int64_t zone = player->slot[slot];
    return zone >= 0 && zone < (int64_t)zone_count() ? (uint32_t)zone : zone_count();
}

static void enter_zone(struct engine *engine, const struct player *player)
{
    if (engine->zone_players[zone_place(engine, player)]++ == 0) engine->zones_changed = true;
}

static void leave_zone(struct engine *engine, const struct player *player)
{
    uint32_t *count = &engine->zone_players[zone_place(engine, player)];
    INVARIANT(*count > 0);
    if (--*count == 0) engine->zones_changed = true;
}

void state_count_zones(struct engine *engine)
{
    memset(engine->zone_players, 0, (zone_count() + 1) * sizeof *engine->zone_players);
    engine->zones_changed = true;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
        const struct group *group = &engine->group[i];
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
    struct group *in = &engine->group[group];
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

void state_free_passed(struct slab *slab, struct goal *goal)
{
    slab_free(slab, goal->passed, goal->passed_count * sizeof *goal->passed);
    goal->passed = NULL;
    goal->passed_count = 0;
}

static void free_passage(struct slab *slab, struct passage *passage)
{
    slab_free(slab, passage->entered, passage->entered_capacity * sizeof *passage->entered);
    slab_free(slab, passage->completed, passage->completed_capacity * sizeof *passage->completed);
    for (uint32_t i = 0; i < passage->goal_count; i++) state_free_passed(slab, &passage->goal[i]);
    slab_free(slab, passage->goal, passage->goal_capacity * sizeof *passage->goal);
    slab_free(slab, passage->refused_trace, (passage->refused_sites + 3) / 4);
    slab_free(slab, passage, sizeof *passage);
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
        free_passage(slab, passage);
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

/* ---------------------------------------------------------------- passages and journeys */

struct passage *state_passage(struct engine *engine, struct player *player, struct title *title, bool make)
{
    struct passage **at = &player->passages;
    while (*at != NULL && (*at)->title->number < title->number) at = &(*at)->next;
    if (*at != NULL && (*at)->title == title) return *at;
    if (!make) return NULL;
    struct passage *passage = slab_alloc(&state_shard(engine, player->group)->slab, sizeof *passage);
    if (passage == NULL) return state_no_memory(engine);
    passage->title = title;
    passage->refused_rule = PROGRAM_NONE;
    passage->run_local = INT64_MIN;
    passage->next = *at;
    *at = passage;
    return passage;
}

uint32_t state_count_journeys(const struct player *player, const struct title *title)
{
    uint32_t count = 0;
    for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next)
        count += journey->title == title;
    return count;
}

struct journey *state_find_journey(const struct player *player, const struct title *title, uint32_t number)
{
    for (struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        if (journey->title == title && journey->number == number) return journey;
    }
    return NULL;
}

int64_t *state_journey_slots(const struct journey *journey)
{
    return (int64_t *)(uintptr_t)(journey + 1);
}

uint8_t *state_journey_bytes(const struct journey *journey)
{
    return (uint8_t *)(state_journey_slots(journey) + journey->use->program.campaign[journey->campaign].variable_count);
}

uint8_t *state_journey_arms(const struct journey *journey)
{
    return state_journey_bytes(journey) + journey->use->program.campaign[journey->campaign].text_size;
}

static bool goes_before(const struct journey *a, const struct journey *b)
{
    if (a->title->rank != b->title->rank) return a->title->rank < b->title->rank;
    return a->number < b->number;
}

void state_insert_journey(struct player *player, struct journey *journey)
{
    struct journey **at = &player->journeys;
    while (*at != NULL && goes_before(*at, journey)) at = &(*at)->next;
    journey->next = *at;
    *at = journey;
}

struct journey *state_add_journey(struct engine *engine, struct player *player, struct use *use, uint32_t campaign)
{
    const struct bundle_campaign *record = &use->program.campaign[campaign];
    size_t size =
        sizeof(struct journey) + record->variable_count * sizeof(int64_t) + record->text_size + record->split_count;
    struct journey *journey = slab_alloc(&state_shard(engine, player->group)->slab, size);
    if (journey == NULL) return state_no_memory(engine);
    journey->title = use->plan[campaign].title;
    journey->use = use;
    journey->campaign = campaign;
    journey->size = (uint32_t)size;
    journey->run = INT64_MIN;
    journey->due = journey->fires = journey->ends_at = journey->leaves_at = STATE_NEVER;
    for (uint32_t i = 0; i < record->variable_count; i++) {
        if (use->program.variable[record->variable_first + i].counter) journey->known |= UINT64_C(1) << i;
    }
    use->pins++;
    journey->title->figures.waiting++;
    player->journey_count++;
    return journey;
}

static void free_since(struct slab *slab, struct journey *journey)
{
    while (journey->since != NULL) {
        struct since *since = journey->since;
        journey->since = since->next;
        slab_free(slab, since, since->block_size);
    }
}

void state_remove_journey(struct engine *engine, struct player *player, struct journey *journey)
{
    struct journey **at = &player->journeys;
    while (*at != journey) at = &(*at)->next;
    *at = journey->next;
    struct slab *slab = &state_shard(engine, player->group)->slab;
    free_since(slab, journey);
    state_drop_question(engine, player, journey);
    metrics_free_journey(engine, player, journey);
    slab_free(slab, journey->trace, (journey->trace_sites + 3) / 4);
    INVARIANT(journey->use->pins > 0 && journey->title->figures.waiting > 0);
    journey->use->pins--;
    journey->title->figures.waiting--;
    player->journey_count--;
    slab_free(slab, journey, journey->size);
}

void state_sort_journeys(struct player *player)
{
    struct journey *rest = player->journeys;
    player->journeys = NULL;
    while (rest != NULL) {
        struct journey *next = rest->next;
        state_insert_journey(player, rest);
        rest = next;
    }
}

void state_free_since(struct engine *engine, struct player *player, struct since *since)
{
    slab_free(&state_shard(engine, player->group)->slab, since, since->block_size);
}

struct since *state_add_since(struct engine *engine, struct player *player, struct journey *journey, uint32_t wait_case,
                              const struct kept_event *event)
{
    uint32_t words = (event->slot_count + 63) / 64;
    size_t size =
        sizeof(struct since) + event->slot_count * sizeof(int64_t) + words * sizeof(uint64_t) + event->bytes_size;
    struct since *since = slab_alloc(&state_shard(engine, player->group)->slab, size);
    if (since == NULL) return state_no_memory(engine);
    int64_t *slot = (int64_t *)(void *)(since + 1);
    uint64_t *known = (uint64_t *)(void *)(slot + event->slot_count);
    uint8_t *bytes = (uint8_t *)(known + words);
    memcpy(slot, event->slot, event->slot_count * sizeof *slot);
    memcpy(known, event->known, words * sizeof *known);
    if (event->bytes_size > 0) memcpy(bytes, event->bytes, event->bytes_size);
    since->wait_case = wait_case;
    since->block_size = (uint32_t)size;
    since->event = *event;
    since->event.slot = slot;
    since->event.known = known;
    since->event.bytes = bytes;
    since->next = journey->since;
    journey->since = since;
    return since;
}

/* ---------------------------------------------------------------- messages and clears */

struct delayed *state_add_delayed(struct engine *engine, struct player *player, uint32_t value_count,
                                  uint32_t bytes_size)
{
    size_t size = sizeof(struct delayed) + value_count * sizeof(int64_t) + bytes_size;
    struct delayed *delayed = slab_alloc(&state_shard(engine, player->group)->slab, size);
    if (delayed == NULL) return state_no_memory(engine);
    delayed->size = (uint32_t)size;
    delayed->value_count = value_count;
    delayed->bytes_size = bytes_size;
    delayed->values = (int64_t *)(void *)(delayed + 1);
    delayed->bytes = (uint8_t *)(uintptr_t)(delayed->values + value_count);
    struct delayed **at = &player->delayed;
    while (*at != NULL) at = &(*at)->next;
    *at = delayed;
    return delayed;
}

void state_remove_delayed(struct engine *engine, struct player *player, struct delayed *delayed)
{
    struct delayed **at = &player->delayed;
    while (*at != delayed) at = &(*at)->next;
    *at = delayed->next;
    INVARIANT(delayed->use == NULL || delayed->use->pins > 0);
    if (delayed->use != NULL) delayed->use->pins--;
    slab_free(&state_shard(engine, player->group)->slab, delayed, delayed->size);
}

/* ---------------------------------------------------------------- questions, events from others, messages handed out */

static bool keep_whose(struct engine *engine)
{
    engine->whose.kept = true;
    for (uint32_t group = 0; group < RECORD_GROUPS; group++) {
        for (uint32_t i = 0; i < engine->group[group].capacity; i++) {
            struct player *player = engine->group[group].seat[i].player;
            if (player == NULL) continue;
            for (uint32_t j = 0; j < player->handed_count; j++) {
                const struct handed *handed = &player->handed[j];
                if (!handed->reward && !whose_add(&engine->whose, handed->id, player)) return false;
            }
            for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
                if (journey->question != NULL && !whose_add(&engine->whose, journey->question->id, player))
                    return false;
            }
        }
    }
    return true;
}

struct player *state_whose(struct engine *engine, const uint8_t id[16])
{
    if (!engine->whose.kept && !keep_whose(engine)) return state_no_memory(engine);
    return whose_find(&engine->whose, id);
}

bool state_add_question(struct engine *engine, struct player *player, struct journey *journey, const uint8_t id[16])
{
    state_drop_question(engine, player, journey);
    struct question *question = slab_alloc(&state_shard(engine, player->group)->slab, sizeof *question);
    if (question == NULL || !whose_add(&engine->whose, id, player)) {
        slab_free(&state_shard(engine, player->group)->slab, question, sizeof *question);
        (void)state_no_memory(engine);
        return false;
    }
    memcpy(question->id, id, sizeof question->id);
    journey->question = question;
    engine->group[player->group].changed = true;
    return true;
}

void state_drop_question(struct engine *engine, struct player *player, struct journey *journey)
{
    if (journey->question == NULL) return;
    whose_remove(&engine->whose, journey->question->id, player);
    slab_free(&state_shard(engine, player->group)->slab, journey->question, sizeof *journey->question);
    journey->question = NULL;
}

bool state_add_told(struct engine *engine, struct player *player, const struct told *told)
{
    const struct kept_event *event = &told->event;
    uint32_t words = event->slot_count / 64 + 1;
    size_t size = sizeof *told + event->slot_count * sizeof(int64_t) + words * sizeof(uint64_t) + event->bytes_size;
    struct told *added = slab_alloc(&state_shard(engine, player->group)->slab, size);
    if (added == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    int64_t *slot = (int64_t *)(void *)(added + 1);
    uint64_t *known = (uint64_t *)(void *)(slot + event->slot_count);
    uint8_t *bytes = (uint8_t *)(known + words);
    *added = *told;
    memcpy(slot, event->slot, event->slot_count * sizeof *slot);
    memcpy(known, event->known, words * sizeof *known);
    if (event->bytes_size > 0) memcpy(bytes, event->bytes, event->bytes_size);
    added->event.slot = slot;
    added->event.known = known;
    added->event.bytes = bytes;
    added->size = (uint32_t)size;
    added->number = ++player->timers;
    added->next = NULL;
    if (player->told == NULL) {
        player->told = added;
    } else {
        player->told_last->next = added;
    }
    player->told_last = added;
    engine->group[player->group].changed = true;
    return true;
}

void state_free_told(struct engine *engine, struct player *player, struct told *told)
{
    slab_free(&state_shard(engine, player->group)->slab, told, told->size);
}

void state_remove_told(struct engine *engine, struct player *player, struct told *told)
{
    struct told **at = &player->told, *before = NULL;
    while (*at != told) {
        before = *at;
        at = &before->next;
    }
    *at = told->next;
    if (player->told_last == told) player->told_last = before;
    engine->group[player->group].changed = true;
    state_free_told(engine, player, told);
}

void state_add_handed(struct engine *engine, struct player *player, struct handed handed)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    if (player->handed_count == player->handed_capacity) {
        uint16_t capacity = player->handed_capacity == 0 ? 2 : (uint16_t)(player->handed_capacity * 2);
        struct handed *grown = slab_alloc(slab, capacity * sizeof *grown);
        if (grown == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        if (player->handed_count > 0) memcpy(grown, player->handed, player->handed_count * sizeof *grown);
        slab_free(slab, player->handed, player->handed_capacity * sizeof *player->handed);
        player->handed = grown;
        player->handed_capacity = capacity;
    }
    if (!handed.reward && !whose_add(&engine->whose, handed.id, player)) {
        (void)state_no_memory(engine);
        return;
    }
    player->handed[player->handed_count++] = handed;
    engine->group[player->group].changed = true;
}

void state_keep_trace(struct engine *engine, const struct player *player, uint8_t **kept, uint32_t *kept_sites,
                      uint32_t sites)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    const uint8_t *trace = engine->body->trace;
    if (*kept == NULL || *kept_sites != sites) {
        slab_free(slab, *kept, (*kept_sites + 3) / 4);
        *kept = slab_alloc(slab, (sites + 3) / 4);
        *kept_sites = *kept == NULL ? 0 : sites;
    }
    for (uint32_t i = 0; i < *kept_sites; i += 4) {
        uint8_t four = (uint8_t)(trace[i] & 3u);
        for (uint32_t j = 1; j < 4 && i + j < *kept_sites; j++)
            four = (uint8_t)(four | ((trace[i + j] & 3u) << (j * 2)));
        (*kept)[i / 4] = four;
    }
}

void state_add_sent(struct engine *engine, struct player *player, struct sent sent)
{
    /* What no rule looks back to goes first. */
    int64_t window = engine->newest->longest_pressure;
    uint16_t gone = 0;
    while (gone < player->sent_count && player->sent[gone].at <= sent.at - window) gone++;
    if (gone > 0) {
        memmove(player->sent, player->sent + gone, (size_t)(player->sent_count - gone) * sizeof *player->sent);
        player->sent_count = (uint16_t)(player->sent_count - gone);
    }
    if (window != 0) state_insert_sent(engine, player, sent);
}

void state_insert_sent(struct engine *engine, struct player *player, struct sent sent)
{
    if (player->sent_count == player->sent_capacity) {
        if (player->sent_capacity >= 16384) return; /* No rule counts so far. */
        struct slab *slab = &state_shard(engine, player->group)->slab;
        uint16_t capacity = player->sent_capacity == 0 ? 4 : (uint16_t)(player->sent_capacity * 2);
        struct sent *grown = slab_alloc(slab, capacity * sizeof *grown);
        if (grown == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        if (player->sent_count > 0) memcpy(grown, player->sent, player->sent_count * sizeof *grown);
        slab_free(slab, player->sent, player->sent_capacity * sizeof *player->sent);
        player->sent = grown;
        player->sent_capacity = capacity;
    }
    /* Nearly always the newest; a deadline of the past with grace may be a little older. */
    uint16_t at = player->sent_count;
    while (at > 0 && player->sent[at - 1].at > sent.at) {
        player->sent[at] = player->sent[at - 1];
        at--;
    }
    player->sent[at] = sent;
    player->sent_count++;
}

bool state_add_clear(struct engine *engine, struct player *player, struct clear clear)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    struct clear *grown = slab_alloc(slab, (size_t)(player->clear_count + 1) * sizeof *grown);
    if (grown == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    if (player->clear_count > 0) memcpy(grown, player->clear, player->clear_count * sizeof *grown);
    slab_free(slab, player->clear, player->clear_count * sizeof *grown);
    grown[player->clear_count++] = clear;
    player->clear = grown;
    return true;
}

void state_drop_clear(struct engine *engine, struct player *player, uint32_t index)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    INVARIANT(index < player->clear_count);
    struct clear *old = player->clear;
    struct clear *kept = NULL;
    if (player->clear_count > 1) {
        kept = slab_alloc(slab, (size_t)(player->clear_count - 1) * sizeof *kept);
        if (kept == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        uint32_t count = 0;
        for (uint32_t i = 0; i < player->clear_count; i++) {
            if (i != index) kept[count++] = old[i];
        }
    }
    slab_free(slab, old, player->clear_count * sizeof *old);
    player->clear = kept;
    player->clear_count--;
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
