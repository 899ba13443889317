/* `tell`: an event that a journey makes for another player of the same brand.
 *
 * It happens at the next instant, one millisecond later, as a deadline of that player; a player who is not known yet is made by it,
 * as by any event. A chain of such events that no wait interrupts is at most 16 long. spec: runtime.md#telling-another-player
 */
#ifndef PROMO_RUNTIME_ENGINE_TELLS_H
#define PROMO_RUNTIME_ENGINE_TELLS_H

#include "runtime/engine/fold.h"

/* The activation in engine->body tells somebody: values[0] is the id, then the fields. `id` is the effect's identity. */
void tells_take(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                const struct bundle_effect *effect, const int64_t *values, const uint8_t id[16]);

/* The event that is due, as a record of its own in the instant's memory; NULL where there is none any more, or memory is out. */
struct pending *tells_due(struct engine *engine, struct player *player, uint32_t number);

/* A program was activated: what is under way is read by the newest from now on; what that does not know is dropped. */
void tells_move(struct engine *engine, struct player *player, const struct use *old);

#endif
