/* Events that the engine makes: `campaign_finished`. spec: runtime.md#events-of-the-engine
 *
 * Such an event is a turn of the next generation for its player, like any other event of that player: metrics count it, waits and
 * starts are met by it. None is made where no program in use listens for it.
 */
#ifndef PROMO_RUNTIME_ENGINE_ANNOUNCE_H
#define PROMO_RUNTIME_ENGINE_ANNOUNCE_H

#include "runtime/engine/fold.h"

/* Finds out who listens; to be called when programs are linked. */
void announce_link(struct engine *engine);

/* A journey of this campaign ended as `reason`, within the turn that engine->turn points at. */
void announce_finished(struct engine *engine, struct player *player, const struct title *title, uint32_t journey,
                       struct text reason);

#endif
