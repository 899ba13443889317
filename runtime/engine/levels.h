/* Levels: climbed at once when enough points are counted, left at the end of a period with too few. spec: runtime.md#levels
 *
 * The level is an attribute of the player; what is kept besides is when it is judged next (points.h). The active program's LEVELS count.
 */
#ifndef PROMO_RUNTIME_ENGINE_LEVELS_H
#define PROMO_RUNTIME_ENGINE_LEVELS_H

#include "runtime/engine/points.h"

/* Whether the player would climb by what is counted now of these points (POINTS of the newest program). */
bool levels_rises(const struct engine *engine, const struct player *player, uint32_t points);
/* Climbs every level that has been reached, one after the other; false: nothing changed. Within a turn of its own. */
bool levels_climb(struct engine *engine, struct player *player);
/* The ends of periods up to and with `now`: too few points lead down. */
void levels_judge(struct engine *engine, struct player *player, int64_t now);
/* The player's attributes changed, or the program: who stands above the lowest level has a timer. */
void levels_watch(struct engine *engine, struct player *player);
/* The same of all players, when a program has taken effect. */
void levels_watch_all(struct engine *engine);

/* How many points are counted for LEVELS `levels` of the newest program. `changes_at` may be NULL. */
int64_t levels_counted(const struct engine *engine, const struct player *player, uint32_t levels, int64_t now,
                       int64_t *changes_at);
/* For points_list(). */
void levels_show(const struct engine *engine, const struct player *player, uint32_t levels, struct points_item *item);
/* Days before this one are counted by no level over these points (POINTS of the newest program). */
int64_t levels_oldest(const struct engine *engine, uint32_t points);

#endif
