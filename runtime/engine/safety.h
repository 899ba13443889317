/* Responsible gaming: what its events do to a player at once, and policies that end journeys.
 *
 * Self-exclusion and a closed account end every journey; a time-out ends it or pauses it; a harm flag works through policies.
 * Attributes that such an event sets are set in its own turn and cleared by a deadline. spec: language.md#gates-and-reasons
 */
#ifndef PROMO_RUNTIME_ENGINE_SAFETY_H
#define PROMO_RUNTIME_ENGINE_SAFETY_H

#include "runtime/engine/fold.h"

/* Sets what the event sets and, for a responsible gaming event, ends or pauses journeys and withdraws a request. */
void safety_event(struct engine *engine, struct player *player, uint32_t index, const struct kept_event *event,
                  int64_t now);
/* These players are one person since now: what an event set on one of them, and that protects, is set on all, until the latest of its ends;
 * journeys end or pause as by such an event. `changed_out` says of each whether anything is new. */
void safety_share(struct engine *engine, struct player *const *player, bool *changed_out, uint32_t count);
/* The attribute's `until` has come. */
void safety_clear(struct engine *engine, struct player *player, uint32_t number);
/* Ends all journeys if a FINISH rule applies now; after gates_aim(). True if one does. */
bool safety_finish(struct engine *engine, struct player *player, int64_t now);
/* Whether a time-out holds. */
bool safety_timed_out(const struct engine *engine, const struct player *player);
/* Starts the clocks of paused journeys again when the time-out is over. */
void safety_unpause(struct engine *engine, struct player *player, int64_t now);
/* Takes back the request that the player waits for. */
void safety_withdraw(struct player *player);

#endif
