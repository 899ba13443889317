/* What bets do to bonuses that are played: exact sums of stakes by their weights, and the target. spec: runtime.md#wagering
 *
 * Sums are kept in millionths of minor units, so nothing is lost to rounding. Queues, claims and ends are bonus.c.
 */
#ifndef PROMO_RUNTIME_ENGINE_WAGERING_H
#define PROMO_RUNTIME_ENGINE_WAGERING_H

#include "runtime/engine/announce.h"
#include "runtime/engine/reward.h"

/* A settled bet, or one that was void: in its own turn. `role` is BET or BET_VOIDED. */
void wagering_bet(struct engine *engine, struct player *player, enum role role, const struct kept_event *event);
/* Ends it as wagered if its target is reached: one of nothing to wager at once, if it does not say when it expires. */
void wagering_judge(struct engine *engine, struct player *player, struct reward *reward);
/* What was wagered of it: whole minor units, from 0 to the target. */
int64_t wagering_done(const struct reward *reward);

/* For wagering.c, of bonus.c: tells of it; ends it; the queue goes on; the index of its currency in the newest program or PROGRAM_NONE. */
void bonus_tell(struct engine *engine, struct player *player, const struct reward *reward, struct announcement what);
void bonus_end(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state,
               struct announcement what);
void bonus_forfeit(struct engine *engine, struct player *player, struct reward *reward, const char *reason);
void bonus_freed(struct engine *engine, struct player *player);
void bonus_changed(struct engine *engine, struct player *player);
uint32_t bonus_currency(const struct engine *engine, const struct reward *reward);

#endif
