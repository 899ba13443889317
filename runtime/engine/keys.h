/* One per household, device or payment method: which keys have entered a campaign.
 *
 * A key is (campaign, attribute, value). Whoever enters first takes those of his that are known, and nobody else enters with them, ever.
 * Kept as a 128-bit keyed hash in the key group of the hash, which is its home; values are not kept, so erasing a player leaves nothing of
 * his but the hash. Versions of a campaign share their keys, by its name. Only serving a request for an entry changes them.
 * Next: requests.c. spec: runtime.md#shared-objects
 */
#ifndef PROMO_RUNTIME_ENGINE_KEYS_H
#define PROMO_RUNTIME_ENGINE_KEYS_H

#include "runtime/engine/state.h"

/* Whether a key that the campaign's entries need is not known of the player. */
bool keys_missing(const struct engine *engine, const struct player *player, uint32_t campaign);

/* Whether some key of the player has entered the campaign before. */
bool keys_used(const struct engine *engine, const struct player *player, uint32_t campaign);

/* Takes the player's keys. Without memory the engine has failed. */
void keys_take(struct engine *engine, const struct player *player, uint32_t campaign);

#endif
