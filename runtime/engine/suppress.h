/* Who is not to be addressed: players who were erased or whom a person named, known by keyed hashes alone.
 *
 * Two kinds of hashes: of (brand, id), and of a contact value (an email address, a telephone number). Each lies in the key group of its
 * hash, so shards never show. The hash of a player also counts the lives: how often the player was erased, which goes into the
 * identities of effects (identity.h), so that none ever comes again with other bytes.
 * The hashes are made by contact.h. What a suppressed player does not
 * get is decided in entry.c (campaigns that promote or reward) and gates.c (marketing messages).
 * Thread rules: as the engine's. spec: runtime.md#erasure-and-suppression
 */
#ifndef PROMO_RUNTIME_ENGINE_SUPPRESS_H
#define PROMO_RUNTIME_ENGINE_SUPPRESS_H

#include "runtime/engine/contact.h"
#include "runtime/engine/record.h"
#include "runtime/engine/state.h"

/* How often this player was erased. */
uint32_t suppress_life(const struct engine *engine, struct text brand, struct text player);

/* Whether the player is suppressed: by (brand, id) or by a contact value that is known of him. Kept with the player until one of
 * them changes, so asking again is cheap. */
bool suppress_holds(struct engine *engine, const struct player *player);

/* Whether (brand, id) alone is suppressed. */
bool suppress_names(const struct engine *engine, struct text brand, struct text player);

/* A contact value of the player changed. */
void suppress_touch(struct player *player);

/* The player is erased: suppresses (brand, id) and, if known, all his contact values; one life more. */
void suppress_erased(struct engine *engine, struct text brand, struct text id, const struct player *player);

/* A person's word: SUPPRESS and UNSUPPRESS of a player (with his contact values) or of a hash of a contact value. */
void suppress_record(struct engine *engine, const struct record *record);

#endif
