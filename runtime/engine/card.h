/* Gift cards and coupons: their balance and state, and the orders that they pay for. spec: runtime.md#cards-and-checkout
 *
 * A card is a reward (reward.h) whose action is called `gift_card` or `coupon`; it belongs to the player it was granted to, and nobody else can
 * use it. What an order costs is checkout.h, what it took is till.h; here are whose cards they are, what the platform asks, and what follows.
 */
#ifndef PROMO_RUNTIME_ENGINE_CARD_H
#define PROMO_RUNTIME_ENGINE_CARD_H

#include "runtime/engine/checkout.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/reward.h"

/* Orders (till.h) and the events of checkouts. */
extern const struct part card_part;

/* A code for people: four groups of four with dashes, and a NUL. */
#define CARD_CODE_SIZE 20u

/* Whether what such an offer grants is a card or a coupon. */
bool card_is(const struct program *program, const struct bundle_offer *offer);
/* A credit of such an offer was granted as this reward: it begins. */
void card_grant(struct engine *engine, struct reward *reward, const struct request *request);
/* Its deadline has come. */
void card_due(struct engine *engine, struct player *player, struct reward *reward, int64_t now);
/* The wallet refused it for good: it was never there, or, where something of it is used, it is over. */
void card_failed(struct engine *engine, struct player *player, struct reward *reward, int64_t now);
/* `freeze`, `unfreeze`, and `cancel`: the card is over as REVOKED. True where it was unused, so that its cost goes back to the budget. */
void card_freeze(struct engine *engine, struct player *player, struct reward *reward, bool frozen);
bool card_cancel(struct engine *engine, struct player *player, struct reward *reward, int64_t now);

/* The journey's `do publish_card with …`: its latest card lies in the player's wallet, which is told with this. Nothing where it has none. */
void card_publish(struct engine *engine, struct player *player, const struct journey *journey, struct text metadata);

/* The code of a reward, by the identity of its effect: 75 bits that nobody can compute without the engine's key, and a sign that tells a slip of
 * the pen. Letters and digits that cannot be taken for one another. */
void card_code(const struct engine *engine, const uint8_t id[16], char out[CARD_CODE_SIZE]);
/* What can be spent of it: its balance less what open orders hold; 0 where it is over. */
int64_t card_left(const struct reward *reward);

/* What a checkout would do now, without doing it. `stacking` empty: "checkout". */
struct card_quote {
    struct checkout_price price;
    struct checkout_line line[CHECKOUT_ITEMS_MOST]; /* As many as price.line_count. */
    struct reward *reward[CHECKOUT_ITEMS_MOST];     /* By checkout_line.item. */
    struct checkout_item item[CHECKOUT_ITEMS_MOST];
    uint32_t count;
    enum reason reason; /* REASON_NONE, or why the order as a whole is refused: price.reason, UNKNOWN_CARD, STACKING. */
};
/* Prices an order of the player at `now`, not before engine->now. `coupon` and `card`: names of offers, codes, or ids of effects, one or several with commas. */
void card_quote(const struct engine *engine, const struct player *player, int64_t now, int64_t amount,
                uint32_t currency, struct text coupon, struct text card, struct text stacking, struct card_quote *out);

#endif
