/* What a player has and may use now: rewards with their terms, gift cards and coupons with their codes, codes given or reserved, missions that run
 * or are complete, points, levels, badges. Read off the state, changing nothing. spec: runtime.md#wallet
 */
#ifndef PROMO_RUNTIME_ENGINE_WALLET_H
#define PROMO_RUNTIME_ENGINE_WALLET_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

struct wallet_term {
    struct text name, value; /* In the author's words. */
};

struct wallet_item {
    struct text
        kind; /* The offer's action ("gift_card", "bonus" …), or "code", "mission", "points", "level", "badge". */
    struct text name; /* The offer's, the pool's, the mission's, the badge's. */
    struct text
        state; /* As `state of` says it; of a code "given" or "held"; "running", "completed"; "kept"; the level; "awarded". */
    struct text code;     /* By which it is used; empty: without one. Lives during the call. */
    struct text campaign; /* Empty for codes. */
    uint8_t id[16];       /* The effect's identity; zeros for codes. */
    struct text currency; /* Code; empty where it is no money. */
    int64_t amount, left; /* Minor units; of a bonus that is wagered what is left to wager. */
    int64_t target;       /* Of a bonus that is wagered: all that is to be wagered; otherwise 0. */
    int64_t smallest_order;
    int64_t points;  /* Of points the balance, of levels what is counted; otherwise -1. */
    int32_t percent; /* Of missions, 0 to 100; otherwise -1. */
    int64_t at;      /* Since when. */
    int64_t until;   /* INT64_MAX: no end. */
    const struct wallet_term *
        terms; /* Of a reward what was granted (spins, their value), then its terms; of a mission its tasks: "3 of 5"; of points and levels their figures. */
    uint32_t term_count;
};

typedef void (*wallet_taker)(void *context, const struct wallet_item *item);

/* Gives each to `take`: rewards by grant, codes, missions by first entry, points, levels, badges by name. False: the engine knows no such player, or has no program. */
bool wallet_list(struct engine *engine, struct text brand, struct text player, wallet_taker take, void *context);

/* The same as one JSON object and a line feed: {"player":…,"at":…,"items":[…]}; without items for a player who is not known. */
void wallet_json(struct engine *engine, struct text brand, struct text player, struct buffer *out);

/* What a checkout would cost at `now`, or at engine->now if that is later (card.h), redeeming nothing: {"result":"OK","coupon_off":…,"from_card":…,"paid":…,"lines":[…]} and a line feed.
 * `money` as in events ("40.00 EUR"). STATUS_INVALID: `money` is none; STATUS_NOT_FOUND: no such player. */
MUST_CHECK enum status wallet_price(struct engine *engine, int64_t now, struct text brand, struct text player,
                                    struct text money, struct text coupon, struct text card, struct text stacking,
                                    struct buffer *out, struct error *error);

#endif
