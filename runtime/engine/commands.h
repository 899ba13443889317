/* What a person orders about a campaign: suspend, resume, end, kill, and the end of journeys of another version.
 *
 * What each does to entries, journeys, messages and rewards is a table: spec/runtime.md#commands. A command is a control record: it runs
 * before all else of its instant, while nothing is asked of shared objects.
 */
#ifndef PROMO_RUNTIME_ENGINE_COMMANDS_H
#define PROMO_RUNTIME_ENGINE_COMMANDS_H

#include "runtime/engine/fold.h"

/* Does it; what names no campaign is noted. */
void commands_run(struct engine *engine, const struct record *record);

#endif
