/* Serving requests: credits and limited entries, one at a time, in turn order. spec: runtime.md#shared-objects
 *
 * A reward passes responsible gaming and the `never` lines, the suspended flag, then the books. Each answer makes the player
 * go on in the next generation of the same instant.
 */
#ifndef PROMO_RUNTIME_ENGINE_REQUESTS_H
#define PROMO_RUNTIME_ENGINE_REQUESTS_H

#include "runtime/engine/fold.h"

void requests_serve(struct engine *engine, struct request *request);

/* Suspends a campaign, or lets it go on; told by a note, and by an effect if `budget` (BUDGET index of `use`) ran out. */
void requests_suspend(struct engine *engine, const struct use *use, uint32_t campaign, uint32_t budget, int64_t now);
void requests_resume(struct engine *engine, const struct use *use, uint32_t campaign, int64_t now);

#endif
