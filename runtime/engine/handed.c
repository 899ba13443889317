/* What was handed out and may be taken back. See handed.h. */
#include "runtime/engine/handed.h"

#include "runtime/engine/effects.h"

static void forget(struct engine *engine, struct player *player, uint32_t index)
{
    whose_remove(&engine->whose, player->handed[index].id, player);
    player->handed_count--;
    memmove(player->handed + index, player->handed + index + 1,
            (size_t)(player->handed_count - index) * sizeof *player->handed);
    engine->group[player->group].changed = true;
}

/* Too old a message: nothing will be heard of it any more. */
static bool is_stale(const struct engine *engine, const struct handed *handed)
{
    return !handed->reward && handed->at <= engine->now - engine->newest->program.workspace->lateness_ms;
}

void handed_out(struct engine *engine, struct player *player, const struct title *title, uint32_t journey,
                const uint8_t id[16], bool reward, int64_t now)
{
    while (player->handed_count == HANDED_MAX || (player->handed_count > 0 && is_stale(engine, &player->handed[0])))
        forget(engine, player, 0);
    struct handed handed = {.at = now, .title = title->number, .journey = journey, .reward = reward};
    memcpy(handed.id, id, sizeof handed.id);
    state_add_handed(engine, player, handed);
}

void handed_confirm(struct engine *engine, struct player *player, const uint8_t id[16])
{
    for (uint32_t i = 0; i < player->handed_count; i++) {
        if (memcmp(player->handed[i].id, id, 16) != 0) continue;
        forget(engine, player, i);
        return;
    }
}

/* A program that knows the campaign, the newest before others: an effect names its campaign by it. */
static const struct use *program_with(const struct engine *engine, const struct title *title, uint32_t *campaign)
{
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        if (!programs_needed(engine, use)) continue; /* when those go shows nowhere */
        for (uint32_t i = 0; i < use->program.campaign_count; i++) {
            *campaign = i;
            if (use->plan[i].title == title) return use;
        }
    }
    return NULL;
}

static void ask_back(struct engine *engine, const struct player *player, const struct title *title, uint32_t journey,
                     const uint8_t id[16], int64_t now)
{
    uint32_t campaign;
    const struct use *use = program_with(engine, title, &campaign);
    if (use != NULL) effects_recall(engine, player, use, campaign, journey, id, now);
}

void handed_recall(struct engine *engine, struct player *player, const struct title *title, int64_t now)
{
    for (uint32_t i = 0; i < player->handed_count;) {
        struct handed handed = player->handed[i];
        if (title != NULL && handed.title != title->number) {
            i++;
            continue;
        }
        forget(engine, player, i);
        if (is_stale(engine, &handed)) continue;
        ask_back(engine, player, engine->title[handed.title], handed.journey, handed.id, now);
    }
    handed_tell(engine, player, title == NULL ? TEXT("") : title->name, false, now);
}

void handed_tell(struct engine *engine, const struct player *player, struct text campaign, bool erased, int64_t now)
{
    if (engine->options.sink.taken == NULL) return;
    const struct engine_taken taken = {.player = state_player_id(player),
                                       .number = player->number,
                                       .brand = state_player_brand(player),
                                       .campaign = campaign,
                                       .erased = erased,
                                       .now = now};
    engine->options.sink.taken(engine->options.sink.context, &taken);
}
