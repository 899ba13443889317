/* Runs: scheduled campaigns over their audience. spec: runtime.md#runs
 *
 *   due at T ──► rows: all players of the audience, in the order of `order by`, then by id; frozen
 *            ──► served in slices: RUN_SLICE rows at T, the next at T + 1 ms, … each row is an ordinary start of that player
 *
 * When runs are due follows from the schedules, the players' zones, engine->folded_until and each title's runs_after; so nothing is
 * due twice, whatever is restarted. Rows that wait for their slice are state.
 * Whether a player enters is entry.c's matter; when a schedule is due vm/schedule.h's.
 */
#ifndef PROMO_RUNTIME_ENGINE_RUN_H
#define PROMO_RUNTIME_ENGINE_RUN_H

#include "runtime/engine/fold.h"

#define RUN_SLICE 1000u /* Rows of one instant. */

/* The runs of a new engine, none so far; false when memory is out. */
bool run_open(struct engine *engine);
/* Frees them with their rows. */
void run_release(struct engine *engine);

/* Runs that were due before this instant are over: the `retention` of the workspace ago. */
int64_t run_oldest(const struct engine *engine);
/* Lists the scheduled campaigns of the newest program. False when memory is out. */
bool run_link(struct engine *engine);
/* A program has been activated: campaigns that were not scheduled before run from now on, and runs of those that are not any more end. */
void run_activated(struct engine *engine);

/* When the next run, or the next slice of one, is due; STATE_NEVER: none. */
int64_t run_next_due(struct engine *engine);
/* Serves what is due at engine->now, in the order of the campaigns' names. Once an instant. */
void run_serve(struct engine *engine);
/* Ends a run because a budget is empty: its rows that wait, and all it has started, get nothing more. */
void run_stop(struct engine *engine, struct title *title, int64_t due);
bool run_is_stopped(const struct title *title, int64_t due);
/* A row whose player had paused. */
void run_row(struct engine *engine, const struct turn *turn);
/* The player is erased. */
void run_forget_player(struct engine *engine, const struct player *player);

/* The rows that wait, as bytes of the shared blob. Players are found when they have been read: run_find_players(). */
void run_encode(const struct engine *engine, struct buffer *out);
MUST_CHECK enum status run_decode(struct engine *engine, struct buffer_reader *in, struct error *error);
MUST_CHECK enum status run_find_players(struct engine *engine, struct error *error);

#endif
