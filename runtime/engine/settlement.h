/* Tournaments are settled: the order is frozen, prizes are worked out, every player of the instance is told, and the result is kept.
 *
 *   due at T ──► rows: all players of the instance, blocked ones removed, in the written order; result kept for good (retention)
 *            ──► told in slices of RUN_SLICE rows at T, T + 1 ms, …: tournament_placed or tournament_cancelled, on which journeys go on
 *
 * Rows that wait and results are state: shared_part[PART_BOARDS]. When something is due follows from the schedules, engine->folded_until and
 * each title's runs_after, as for runs (run.h). Who stands where: board.h. spec: runtime.md#tournaments
 */
#ifndef PROMO_RUNTIME_ENGINE_SETTLEMENT_H
#define PROMO_RUNTIME_ENGINE_SETTLEMENT_H

#include "runtime/engine/board.h"
#include "runtime/engine/parts.h"

extern const struct part settlement_part;

/* When the next settlement, or the next slice of one, is due; STATE_NEVER: none. */
int64_t settlement_next_due(struct engine *engine);
/* Serves what is due at engine->now, in the order of the campaigns' names. Once an instant, after runs. */
void settlement_serve(struct engine *engine);
/* A program has been activated: tournaments that were none before are settled from now on. */
void settlement_activated(struct engine *engine);
/* The player is erased: results keep the place and lose the name. */
void settlement_forget_player(struct engine *engine, const struct player *player);

/* Whether the event tells of another instance than the journey is in. `event` is by the newest program. */
bool settlement_is_of_another(const struct engine *engine, const struct journey *journey,
                              const struct kept_event *event);

#endif
