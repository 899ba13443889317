/* Messages and rewards that were handed to the host and of which nothing was heard since, and what can still be taken back.
 *
 * A message is remembered until a reply or an event says what became of it, at most for the workspace's lateness; a reward until the
 * wallet answers; of both the last 64 of a player. Where a policy, an
 * exclusion or `kill` ends what it belongs to, the host is asked to take it back: ENGINE_RECALL. A reward that the wallet has not
 * confirmed is asked back likewise; its reservation stays until the wallet answers, so the books stay true. spec: runtime.md#taking-back
 */
#ifndef PROMO_RUNTIME_ENGINE_HANDED_H
#define PROMO_RUNTIME_ENGINE_HANDED_H

#include "runtime/engine/fold.h"

/* A message, or a reward, has left. */
void handed_out(struct engine *engine, struct player *player, const struct title *title, uint32_t journey,
                const uint8_t id[16], bool reward, int64_t now);
/* The host has told what became of it. Does nothing where it is not awaited. */
void handed_confirm(struct engine *engine, struct player *player, const uint8_t id[16]);
/* Asks back what the player's journeys of one campaign (NULL: of all) have handed out, in the order in which it left. */
void handed_recall(struct engine *engine, struct player *player, const struct title *title, int64_t now);
/* Tells the sink that what the player has of the campaign (empty: of all) is taken back. */
void handed_tell(struct engine *engine, const struct player *player, struct text campaign, bool erased, int64_t now);

#endif
