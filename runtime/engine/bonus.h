/* The life of a bonus: from its grant through wagering to its end. spec: runtime.md#the-life-of-a-bonus
 *
 * A reward whose offer says how it is played, claimed, queued or when it is over is kept here (reward.h). Cards and coupons have files of
 * their own. What the engine tells of it leaves by announce().
 */
#ifndef PROMO_RUNTIME_ENGINE_BONUS_H
#define PROMO_RUNTIME_ENGINE_BONUS_H

#include "runtime/engine/reward.h"

/* Whether the engine keeps what such an offer grants. */
bool bonus_has_life(const struct program *program, const struct bundle_offer *offer);
/* A credit was granted. */
void bonus_grant(struct engine *engine, const struct request *request);
/* The wallet refused it for good. */
void bonus_failed(struct engine *engine, struct player *player, const uint8_t id[16]);
/* `cancel`, `freeze`, `unfreeze` of what the journey was granted by this offer (OFFER index of its program). */
void bonus_order(struct engine *engine, const struct turn *turn, struct player *player, const struct journey *journey,
                 enum offer_order order, uint32_t offer);
/* A deadline has come; does nothing where it does not stand any more. */
void bonus_due(struct engine *engine, const struct turn *turn);

#endif
