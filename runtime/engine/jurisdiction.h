/* What the rules of a jurisdiction (`rules for GB from …`) say of a reward or a message at run time.
 *
 * In force for a player are the lines of the jurisdiction that the attribute `jurisdiction` says, and of the one that the campaign
 * names; on days of the campaign's zone. They are those of the newest program, like all policies. What the compiler has proven
 * of a reward (two products, a forbidden figure) stands in BREACH.
 * Read next: gates.c, which asks. spec: runtime.md#gates
 */
#ifndef PROMO_RUNTIME_ENGINE_JURISDICTION_H
#define PROMO_RUNTIME_ENGINE_JURISDICTION_H

#include "runtime/engine/fold.h"
#include "runtime/engine/programs.h"

/* The RULE that forbids the reward that is asked for, or PROGRAM_NONE. After gates_aim(). */
uint32_t jurisdiction_reward(struct engine *engine, const struct player *player, const struct request *request);

/* The OPT_IN rule that wants a consent line, for marketing that no consent line asks about; or PROGRAM_NONE. */
uint32_t jurisdiction_opt_in(const struct engine *engine, const struct player *player, const struct campaign_plan *plan,
                             int64_t now);

#endif
