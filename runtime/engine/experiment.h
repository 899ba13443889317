/* What experiments count: who was exposed to which arm, and what they did within the windows of the campaign's goals and measures.
 *
 *   cell      (shared) a campaign as a whole, an arm of a split, a side of a `hold out`: how many were exposed, and for each goal and
 *             measure the exact count, sum and sum of squares over the exposed
 *   exposure  (of a player) a cell that he belongs to since an instant, with the windows that are still open
 *
 * Between arms and sides each player counts once, from the first exposure; of a campaign as a whole each entry counts. An event counts by
 * its own time; one that takes another back takes it out as long as the window is open. Test players are nobody of an experiment.
 * Figures are state and go on over versions: a goal is known by its name. What follows from them is runtime/lab's matter.
 * Thread rules: one thread at a time. spec: runtime.md#experiments
 */
#ifndef PROMO_RUNTIME_ENGINE_EXPERIMENT_H
#define PROMO_RUNTIME_ENGINE_EXPERIMENT_H

#include "runtime/engine/parts.h"

/* A journey entered: its goals and measures count from now, and the player is let in by every `hold out` if this is the campaign's first. */
void experiment_entered(struct engine *engine, struct player *player, const struct use *use, uint32_t campaign,
                        uint32_t journey);
/* The journey passed a split (the campaign's n-th) for the first time. */
void experiment_exposed(struct engine *engine, struct player *player, const struct journey *journey, uint32_t split,
                        uint32_t arm);
/* The `hold out` line at RULE index `rule` of the newest program kept the player from the campaign. */
void experiment_held_out(struct engine *engine, struct player *player, uint32_t campaign, uint32_t rule);

extern const struct part experiment_part;

#endif
