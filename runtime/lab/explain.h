/*
 * "Why did this player (not) get it": follows one player through a fold and tells the story in the author's words.
 *
 * The caller folds the log again into a fresh engine whose sink is explain_sink(); the explainer keeps what concerns its player:
 * journeys, effects, refusals, each condition that was judged with its line and the value it read, and what would have to differ (why_not.h).
 * It changes nothing in the fold.
 */
#ifndef PROMO_RUNTIME_LAB_EXPLAIN_H
#define PROMO_RUNTIME_LAB_EXPLAIN_H

#include "runtime/engine/engine.h"
#include "vm/arena.h"

struct explain;

/* Follows `player` (of `brand`, may be empty); `campaign` empty: all. Texts are copied. NULL when memory is out. */
struct explain *explain_new(struct arena *arena, struct text player, struct text brand, struct text campaign);

/* The sink to open the engine with. */
struct engine_sink explain_sink(struct explain *explain);

/* Whether any record was of this player. */
bool explain_player_seen(const struct explain *explain);

enum explain_form {
    EXPLAIN_SHORT, /* for people: the latest of each kind in full, and so many facts a campaign as a screen or two hold */
    EXPLAIN_ALL,   /* for people, everything */
    EXPLAIN_JSON, /* one JSON object, everything */
};

/* The story so far. `engine` gives where the player's journeys stand now. False when memory was out. */
bool explain_render(struct explain *explain, struct engine *engine, enum explain_form form, struct buffer *out);

#endif
