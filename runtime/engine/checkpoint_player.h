/* What a checkpoint holds of one player. For checkpoint.c alone; its bytes stand in a key group's blob.
 *
 * Next: runtime/engine/checkpoint.h for the blob around them, runtime/engine/codec.h for the errors.
 */
#ifndef PROMO_RUNTIME_ENGINE_CHECKPOINT_PLAYER_H
#define PROMO_RUNTIME_ENGINE_CHECKPOINT_PLAYER_H

#include "runtime/engine/state.h"

/* Appends the player; the storage number is state, but in no digest. Where memory ends `out` says so (buffer_ok). */
void checkpoint_write_player(const struct engine *engine, const struct player *player, bool digest, struct buffer *out);

/* Reads one player into the group, armed. STATUS_CORRUPT, or STATUS_NO_MEMORY; what was read by then stays in the engine. */
MUST_CHECK enum status checkpoint_read_player(struct engine *engine, uint16_t group, struct buffer_reader *in,
                                              struct error *error);

#endif
