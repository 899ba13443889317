/* Starts: whether an event lets a player into a campaign, and the first activation.
 *
 * The checks come in a fixed order, and the first that objects is recorded with its reason: filter (or currency), run, suspension,
 * policies, audience, the `enter` rule, the number of entrants. spec: language.md#campaigns
 */
#ifndef PROMO_RUNTIME_ENGINE_ENTRY_H
#define PROMO_RUNTIME_ENGINE_ENTRY_H

#include "runtime/engine/fold.h"

/* Tries to enter the newest program's campaign by this event; NULL: it starts by itself, as a run does. `running`: so many
 * journeys the player had there when the turn began. */
void entry_try(struct engine *engine, const struct turn *turn, struct player *player, uint32_t campaign,
               const struct kept_event *event, uint32_t running);
/* Whether the player is in the audience of a campaign that starts by itself; otherwise the refusal is told and kept. */
bool entry_in_audience(struct engine *engine, const struct turn *turn, struct player *player, uint32_t campaign);
/* Whether so many running journeys leave no room for another, and none is ended for it. */
bool entry_is_full(const struct use *use, uint32_t campaign, uint32_t running);
/* Goes on where a limited entry was granted or refused. */
void entry_answer(struct engine *engine, const struct turn *turn, struct player *player);

#endif
