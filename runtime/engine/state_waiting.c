/* What waits with a player: messages that are delayed or were handed out, clears, questions, what others told. See state.h for the picture.
 *
 * Nothing here decides anything; when memory ends the engine is marked as failed (state_no_memory).
 */
#include "runtime/engine/state.h"

#include "runtime/engine/programs.h"

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

static bool keep_whose(struct engine *engine)
{
    if (!state_wake_all(engine)) return false;
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
