/* Which players are one person: what protects one of them protects all. spec: runtime.md#persons
 *
 *   player ──► hash of the person ──► its key group ──► the players of the person, in the order of players
 *
 * A person is a name of the platform's, known by a keyed hash alone. What was linked to it is a part of the state (parts.h): with each
 * player the hash, in the key group of the hash the names of its players. What a responsible gaming event does to one player is
 * safety.c; who else hears it is decided here. Nothing else is shared: journeys, budgets, consents and metrics are each player's own.
 * Thread rules: as the engine's.
 */
#ifndef PROMO_RUNTIME_ENGINE_PERSONS_H
#define PROMO_RUNTIME_ENGINE_PERSONS_H

#include "runtime/engine/parts.h"

/* Players of one person. Borrowed until a player is linked, unlinked or erased. */
struct persons_list {
    struct player **player; /* Those that are known, in the order of players. In the instant's memory. */
    uint32_t count;
};

enum persons_answer { PERSONS_CHANGED, PERSONS_UNCHANGED, PERSONS_FULL };
/* A record of kind PERSON: the player is linked to the person, or to none; to another one he is not linked any more. UNCHANGED also when memory is out;
 * FULL: the person has as many players as may be, and nothing changed. */
enum persons_answer persons_link(struct engine *engine, struct player *player, struct text person);
/* All players of this player's person, himself among them; nobody where he is linked to none. */
struct persons_list persons_of(struct engine *engine, const struct player *player);
/* He is erased: the others stay linked. */
void persons_forget(struct engine *engine, struct player *player);

extern const struct part persons_part;

#endif
