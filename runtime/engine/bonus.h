/* The life of a bonus: from its grant through wagering to its end. spec: runtime.md#the-life-of-a-bonus
 *
 *   credit granted ──► offered ──claimed──► pending ──its turn──► active ──target──► wagered
 *                         │                    │                    ├──► expired, forfeited (stake, withdrawal, player)
 *                         └──► expired         └──► cancelled       └──► cancelled (by its campaign), revoked (with what brought it)
 *
 * A reward whose offer says how it is played, claimed, queued or when it is over is kept here (reward.h). Cards and coupons have files of
 * their own. What becomes of it is told by announce(); what was never active gives its cost back to the books.
 */
#ifndef PROMO_RUNTIME_ENGINE_BONUS_H
#define PROMO_RUNTIME_ENGINE_BONUS_H

#include "runtime/engine/parts.h"
#include "runtime/engine/reward.h"

extern const struct part bonus_part;

/* Whether the engine keeps what such an offer grants. */
bool bonus_has_life(const struct program *program, const struct bundle_offer *offer);
/* The player was granted the offer as often as it allows. */
bool bonus_is_used_up(const struct request *request);
/* What would bring it was taken back already, by an event that its offer names in `revoke on`. */
bool bonus_is_reversed(struct engine *engine, const struct request *request);
/* Whether what was spent on it may come back to the books. */
bool bonus_is_returnable(const struct request *request);

/* A credit was granted: kept, if its offer has a life. NULL: it is not kept. Its effect leaves now unless it is OFFERED … */
struct reward *bonus_grant(struct engine *engine, const struct request *request);
/* … then it begins: what it is, is told. */
void bonus_begin(struct engine *engine, struct player *player, struct reward *reward);
/* The wallet refused it for good: a credit of this campaign by the offer of this name. */
void bonus_failed(struct engine *engine, struct player *player, const uint8_t id[16], const struct title *title,
                  struct text offer);
/* Self-exclusion or a closed account: nothing new begins, and people decide about what is played. */
void bonus_excluded(struct engine *engine, struct player *player);
/* The player is erased: what was offered and not claimed gives its cost back. */
void bonus_erase(struct engine *engine, struct player *player);
/* A campaign is killed: what nobody plays yet is cancelled. */
void bonus_kill(struct engine *engine, struct player *player, const struct title *title);
/* `cancel`, `freeze`, `unfreeze` of what the journey was granted by this offer (OFFER index of its program). */
void bonus_order(struct engine *engine, struct player *player, const struct journey *journey, enum offer_order order,
                 uint32_t offer);
/* What a code brought is taken back, if it was not played: false where it was. Or there is none of this effect: true. */
bool bonus_take_back(struct engine *engine, struct player *player, const uint8_t id[16]);
/* At the end of a turn: what it changed shows in the attribute `active_bonuses`. */
void bonus_show(struct engine *engine, struct player *player);
/* A deadline has come, or what the player sees of the bonuses has changed. */
void bonus_due(struct engine *engine, const struct turn *turn);

#endif
