/* Running journeys that go over to a new version of their campaign, where it says `running journeys  move to this version`. spec: language.md#versions
 *
 * By names, wait by wait (vm/journey_move.h). What does not fit stays in its own version, and a note says why. What an event that came before the move
 * would have meant for a wait `including since entry` is forgotten.
 */
#ifndef PROMO_RUNTIME_ENGINE_MOVE_H
#define PROMO_RUNTIME_ENGINE_MOVE_H

#include "runtime/engine/programs.h"

/* The maps of one activation. */
struct move_map;
struct moves {
    struct arena arena;
    struct move_map *first;
};
void moves_begin(struct moves *moves);
void moves_end(struct moves *moves);

/* Moves one journey of a player to the campaign `newest` of the newest program; gives the journey as it stands then: the same one if it
 * stays. Memory: engine->failed. */
struct journey *moves_journey(struct engine *engine, struct moves *moves, struct player *player,
                              struct journey *journey, uint32_t newest);

#endif
