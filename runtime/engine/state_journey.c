/* Journeys of a player: where they are kept, what hangs on them, what their campaign remembers. See state.h for the picture.
 *
 * Nothing here decides anything; when memory ends the engine is marked as failed (state_no_memory).
 */
#include "runtime/engine/state.h"

#include "runtime/engine/metrics.h"
#include "runtime/engine/programs.h"

void state_free_passed(struct slab *slab, struct goal *goal)
{
    slab_free(slab, goal->passed, goal->passed_count * sizeof *goal->passed);
    goal->passed = NULL;
    goal->passed_count = 0;
}

void state_free_passage(struct slab *slab, struct passage *passage)
{
    slab_free(slab, passage->entered, passage->entered_capacity * sizeof *passage->entered);
    slab_free(slab, passage->completed, passage->completed_capacity * sizeof *passage->completed);
    for (uint32_t i = 0; i < passage->goal_count; i++) state_free_passed(slab, &passage->goal[i]);
    slab_free(slab, passage->goal, passage->goal_capacity * sizeof *passage->goal);
    slab_free(slab, passage->refused_trace, (passage->refused_sites + 3) / 4);
    slab_free(slab, passage, sizeof *passage);
}

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
