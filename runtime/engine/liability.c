/* The walk over reservations and rewards. See liability.h. */
#include "runtime/engine/liability.h"

#include "runtime/engine/reward.h"

struct walk {
    struct engine *engine;
    void (*each)(void *context, const struct liability *liability);
    void *context;
};

/* Of a card what is left of it, in the money that it cost: rounded up, for it may all be used. */
static int64_t open_part(const struct reward *reward)
{
    if (reward->kind != REWARD_CARD || reward->amount <= 0 || reward->as.card.balance >= reward->amount)
        return reward->cost;
    if (reward->as.card.balance <= 0) return 0;
    int128 part = (int128)reward->cost * reward->as.card.balance;
    return (int64_t)((part + reward->amount - 1) / reward->amount);
}

static void tell_rewards(const struct walk *walk, const struct player *player)
{
    struct engine *engine = walk->engine;
    if (player->reward == NULL || state_is_test(engine, player)) return;
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward_is_over(reward)) continue;
        struct books_settled credit = {0};
        bool reserved = books_find(engine->books, reward->id, &credit) == BOOKS_DONE;
        struct liability liability = {.kind = reserved ? LIABILITY_RESERVED : LIABILITY_OPEN,
                                      .campaign = reward->title->name,
                                      .offer = reward_offer(reward),
                                      .amount = reserved ? credit.amount : open_part(reward),
                                      .at = reward->granted_at,
                                      .until = reward->until};
        memcpy(liability.currency, reward->title->currency, sizeof liability.currency);
        memcpy(liability.id, reward->id, sizeof liability.id);
        if (liability.amount > 0) walk->each(walk->context, &liability);
    }
}

static const struct title *title_of(const struct engine *engine, struct text name)
{
    for (uint32_t i = 0; i < engine->title_count; i++) {
        if (text_equal(engine->title[i]->name, name)) return engine->title[i];
    }
    return NULL;
}

/* What no living reward stands for: cash, and what is over before the wallet has answered. */
static void tell_reservation(void *context, const uint8_t effect[16], const struct books_settled *open)
{
    const struct walk *walk = context;
    struct engine *engine = walk->engine;
    const struct player *player =
        open->player.size == 0 ? NULL : state_find_player(engine, open->group, open->brand, open->player);
    const struct reward *reward = player == NULL ? NULL : reward_find(player, effect);
    if (reward != NULL && !reward_is_over(reward)) return;
    struct liability liability = {.kind = LIABILITY_RESERVED,
                                  .campaign = open->campaign,
                                  .offer = open->offer,
                                  .amount = open->amount,
                                  .at = open->reserved_at,
                                  .until = INT64_MAX};
    memcpy(liability.id, effect, sizeof liability.id);
    const struct title *title = title_of(engine, open->campaign);
    if (title != NULL) memcpy(liability.currency, title->currency, sizeof liability.currency);
    if (liability.amount > 0) walk->each(walk->context, &liability);
}

void liability_each(struct engine *engine, void (*each)(void *context, const struct liability *liability),
                    void *context)
{
    struct walk walk = {engine, each, context};
    for (uint32_t group = 0; group < RECORD_GROUPS; group++) {
        const struct group *in = state_group(engine, group);
        for (uint32_t i = 0; i < in->capacity; i++) {
            const struct player *player = in->seat[i].player;
            if (player != NULL) tell_rewards(&walk, player);
        }
    }
    books_each_open(engine->books, tell_reservation, &walk);
}

int64_t liability_booked(const struct engine *engine, struct text campaign)
{
    const struct program *program = engine_program(engine);
    for (uint32_t i = 0; program != NULL && i < program->campaign_count; i++) {
        if (!text_equal(program_text(program, program->campaign[i].name), campaign)) continue;
        struct books_total total = books_campaign_total(engine->books, program, i);
        return total.cap < 0 ? -1 : total.reserved;
    }
    return -1;
}
