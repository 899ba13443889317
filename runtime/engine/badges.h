/* Badges: what a player was awarded, by name, and when. For good: only erasure takes them away.
 *
 * A badge is known by its name over all programs, so one that a later program drops is still the player's. Who awards it is a campaign
 * (`award badge`, effects.c). Thread rules: one thread at a time. spec: runtime.md#badges
 */
#ifndef PROMO_RUNTIME_ENGINE_BADGES_H
#define PROMO_RUNTIME_ENGINE_BADGES_H

#include "runtime/engine/parts.h"

/* Of a player, by name. */
struct badge_held {
    struct badge_held *next;
    int64_t at; /* When it was awarded, milliseconds since 1970 UTC. */
    uint32_t size;
    char name[];
};

/* The first of the player's badges, in the order of their names; NULL: none. */
const struct badge_held *badges_first(const struct player *player);
/* The player's badge of this name, or NULL. */
const struct badge_held *badges_find(const struct player *player, struct text name);
/* Awards it at `now` and announces it, within the turn that engine->turn points at. False where the player has it already, or memory is
 * out (engine->failed). */
bool badges_award(struct engine *engine, struct player *player, struct text name, int64_t now);

extern const struct part badges_part;

#endif
