/* Live segments: who is in which, and what a change of membership starts. spec: runtime.md#segments
 *
 * A watched segment is one that a campaign of the newest program starts on entering or leaving; of the others nothing is kept, they
 * are asked where they stand. A program's list of them is in the order of their names. For each the code says what it reads: slots of
 * the player, and metrics, so events. Whoever changes one of those touches the segment, and the player's membership is judged again
 * before the turn goes on; what the passing of time alone may change is judged at the instant that the filter's run told.
 *
 *   event, attribute, tag, clear ──touch──► judge ──► member? next check? ──changed──► a turn of the next generation for each campaign
 *   deadline (the earliest check of the player) ──────┘
 *
 * A player has an entry only for segments he is in, or whose answer time alone may change.
 * Not here: what a start then asks (entry.c).
 */
#ifndef PROMO_RUNTIME_ENGINE_SEGMENTS_H
#define PROMO_RUNTIME_ENGINE_SEGMENTS_H

#include "runtime/engine/fold.h"
#include "vm/buffer.h"

/* Works out a program's watched segments and what touches them, into use->memory. False when memory is out. */
bool segments_prepare(struct use *use);
/* Room for what a turn touches, as wide as the newest program. False when memory is out. */
bool segments_make_room(struct engine *engine);

/* Notes that this slot of the turn's player changed; that an event of the newest program was applied to the metrics of the turn's player. */
void segments_touch_slot(struct engine *engine, uint32_t slot);
void segments_touch_event(struct engine *engine, uint32_t event);

/* Judges what was touched since the last call, for this player at `now`; all watched segments if this is the player's first record.
 * What changed causes starts in the next generation; with `turn` NULL it is set and starts nothing. */
void segments_judge(struct engine *engine, const struct turn *turn, struct player *player, int64_t now);
/* The same for those whose check is due at `now`. */
void segments_due(struct engine *engine, const struct turn *turn, struct player *player, int64_t now);
/* Judges every watched segment and starts nothing: players that a test gives. */
void segments_set(struct engine *engine, struct player *player, int64_t now);

/* After a change of programs: membership of segments that mean the same is kept, that of the others is set, and starts nothing.
 * False when memory is out. */
bool segments_move_players(struct engine *engine, const struct use *old);

/* Whether the player meets the filter of a segment of the newest program at `now`; `changes_at` receives the first later instant at
 * which time alone may change that. Afterwards engine->judge holds its trace. */
bool segments_holds(struct engine *engine, struct player *player, uint32_t segment, int64_t now, int64_t *changes_at);

/* A player's memberships for a checkpoint, and back again. */
void segments_write(const struct player *player, struct buffer *out);
/* STATUS_CORRUPT where an entry is not the program's; STATUS_NO_MEMORY. */
MUST_CHECK enum status segments_read(struct engine *engine, struct player *player, struct buffer_reader *in,
                                     struct error *error);

#endif
