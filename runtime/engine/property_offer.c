/* Properties of offers. See property_offer.h. */
#include "runtime/engine/property_offer.h"

#include "runtime/engine/card.h"
#include "vm/round.h"

static const struct reward *find(const struct property_read *read)
{
    if (read->player == NULL) return NULL;
    if (read->journey == NULL) return reward_latest(read->player, NULL, read->object, 0);
    return reward_latest(read->player, read->journey->title, read->object, read->journey->number);
}

/* Whole minor units of the stakes that count; never below zero. */
static int64_t wagered(const struct reward *reward)
{
    int64_t sum = reward->as.bonus.wagered;
    return sum <= 0 ? 0 : (int64_t)round_div128(sum, 1000000, ROUNDING_DOWN);
}

int64_t property_offer_read(const struct property_read *read)
{
    const struct reward *reward = find(read);
    if (reward == NULL) return 0;
    bool bonus = reward->kind == REWARD_BONUS;
    switch ((enum property)read->metric->property) {
    case PROPERTY_OFFER_STATE: return (int64_t)reward_seen_state(read->engine, reward) + 1;
    case PROPERTY_OFFER_PROGRESS: return bonus ? wagered(reward) : reward->amount - reward->as.card.balance;
    case PROPERTY_OFFER_TARGET: return bonus ? reward->as.bonus.target : reward->amount;
    case PROPERTY_OFFER_LEFT:
        if (!bonus) return card_left(reward);
        return reward->as.bonus.target > wagered(reward) ? reward->as.bonus.target - wagered(reward) : 0;
    case PROPERTY_OFFER_BALANCE: return bonus ? 0 : card_left(reward);
    default: break;
    }
    return 0;
}
