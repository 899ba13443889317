/* Wagering, queues, claims, ends. See bonus.h. */
#include "runtime/engine/bonus.h"

#include "runtime/engine/card.h"
#include "runtime/engine/effects.h"
#include "vm/civil.h"
#include "vm/meaning.h"
#include "vm/zone.h"

bool bonus_has_life(const struct program *program, const struct bundle_offer *offer)
{
    (void)program;
    return offer->wagering_of != WAGERING_NONE || offer->expires_kind != WINDOW_NONE;
}

/* When what expires so much after `from` does. */
static int64_t expires_at(const struct use *use, uint32_t campaign, const struct bundle_offer *offer, int64_t from)
{
    if (offer->expires_kind == WINDOW_NONE) return STATE_NEVER;
    if (offer->expires_kind == WINDOW_EXACT) return from + offer->expires;
    return zone_add_calendar(use->plan[campaign].zone, from, calendar_months(offer->expires),
                             calendar_days(offer->expires), calendar_ms(offer->expires));
}

static void activate(struct engine *engine, struct player *player, struct reward *reward, int64_t now)
{
    const struct bundle_offer *offer = reward_terms(reward);
    reward_set_state(engine, player, reward, REWARD_ACTIVE);
    reward->activated_at = now;
    int64_t from = offer->expires_after_activation ? now : reward->granted_at;
    reward_set_due(engine, player, reward, expires_at(reward->use, reward->campaign, offer, from));
}

void bonus_grant(struct engine *engine, const struct request *request)
{
    const struct program *program = &request->use->program;
    const struct bundle_effect *effect =
        &program->effect[program->campaign[request->campaign].effect_first + request->effect];
    const struct bundle_offer *offer = &program->offer[effect->object];
    if (!bonus_has_life(program, offer)) return;
    struct reward *reward = reward_add(engine, request);
    if (reward == NULL) return;
    reward->kind = REWARD_BONUS;
    reward->left = true;
    if (offer->wagering_of != WAGERING_NONE)
        reward->as.bonus.target = effects_target(request, offer->wagering, offer->wagering_of);
    activate(engine, request->player, reward, request->now);
}

void bonus_failed(struct engine *engine, struct player *player, const uint8_t id[16])
{
    struct reward *reward = reward_find(player, id);
    if (reward == NULL || reward_is_over(reward)) return;
    if (reward->kind != REWARD_BONUS) {
        card_failed(engine, player, reward, engine->now);
        return;
    }
    reward_remove(engine, player, reward);
}

void bonus_due(struct engine *engine, const struct turn *turn)
{
    struct reward *reward = reward_find_timer(turn->player, turn->number);
    if (reward == NULL) return;
    if (reward->kind != REWARD_BONUS) {
        card_due(engine, turn->player, reward, turn->due);
        return;
    }
    reward_end(engine, turn->player, reward, REWARD_EXPIRED, turn->due);
}

void bonus_order(struct engine *engine, const struct turn *turn, struct player *player, const struct journey *journey,
                 enum offer_order order, uint32_t offer)
{
    struct text name = program_text(&journey->use->program, journey->use->program.offer[offer].name);
    (void)turn;
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward_is_over(reward) || reward->title != journey->title || reward->journey != journey->number ||
            !text_equal(reward_offer(reward), name))
            continue;
        if (order == OFFER_CANCEL) reward_end(engine, player, reward, REWARD_CANCELLED, engine->now);
        if (order == OFFER_FREEZE) reward->as.bonus.frozen = true;
        if (order == OFFER_UNFREEZE) reward->as.bonus.frozen = false;
    }
}
