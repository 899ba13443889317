/* Properties of offers. See property_offer.h. */
#include "runtime/engine/property_offer.h"

#include "runtime/engine/card.h"
#include "runtime/engine/wagering.h"

static const struct reward *find(const struct property_read *read)
{
    if (read->player == NULL) return NULL;
    if (read->journey == NULL) return reward_latest(read->player, NULL, read->object, 0);
    return reward_latest(read->player, read->journey->title, read->object, read->journey->number);
}

int64_t property_offer_read(const struct property_read *read)
{
    const struct reward *reward = find(read);
    if (reward == NULL) return 0;
    bool bonus = reward->kind == REWARD_BONUS;
    switch ((enum property)read->metric->property) {
    case PROPERTY_OFFER_STATE: return (int64_t)reward_seen_state(read->engine, reward) + 1;
    case PROPERTY_OFFER_PROGRESS: return bonus ? wagering_done(reward) : reward->amount - reward->as.card.balance;
    case PROPERTY_OFFER_TARGET: return bonus ? reward->as.bonus.target : reward->amount;
    case PROPERTY_OFFER_LEFT:
        if (!bonus) return card_left(reward);
        return reward->as.bonus.target - wagering_done(reward);
    case PROPERTY_OFFER_BALANCE: return bonus ? 0 : card_left(reward);
    default: break;
    }
    return 0;
}
