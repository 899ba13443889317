/*
 * What an order costs after coupons and gift cards: a pure function of the order, the things that the player lays down and
 * the stacking order. It reads no state and changes none; card.c calls it to price and to redeem, promo.h offers it for
 * "validate without redeeming".
 *
 * Not here: whose a card is, what is held of it, what was taken (card.c). Read next: spec/runtime.md, "Checkout".
 */
#ifndef RUNTIME_ENGINE_CHECKOUT_H
#define RUNTIME_ENGINE_CHECKOUT_H

#include "runtime/engine/record.h"
#include "vm/round.h"

enum { CHECKOUT_ITEMS_MOST = 16, CHECKOUT_SLOTS_MOST = 16 };

/* A line of a `stacking` block: at most so many of this kind. Lines are applied in their order. */
struct checkout_slot {
    uint32_t kind; /* any number that items of that kind share: the action's */
    uint32_t most; /* at least 1 */
};

/* What a coupon or card takes off the amount that is left when its turn comes. */
struct checkout_item {
    uint32_t kind;     /* which line of the stacking order it belongs to */
    uint32_t currency; /* of its amounts; must be the order's */
    int64_t share;     /* millionths of what is left to pay, rounded down: 10% is 100,000; 1,000,000: all of it */
    int64_t balance;   /* never more than this, minor units; a card's balance without what is held, a coupon's value */
    int64_t smallest_order; /* of the whole order, before anything is taken off */
    int64_t until;          /* the first instant at which it is no longer accepted; INT64_MAX: never */
    bool frozen;            /* it exists and may not be used now */
    bool at_once;           /* used once: what is left of the balance is lost */
};

struct checkout_order {
    int64_t amount; /* minor units, at least 0 */
    uint32_t currency;
    int64_t now;
    const struct checkout_slot *slots; /* in stacking order; a kind stands there once */
    uint32_t slot_count;
};

/* What one item does. Lines come in the order in which they are applied, whichever way the items were laid down. */
struct checkout_line {
    uint32_t item;      /* index of the item */
    enum reason reason; /* REASON_NONE, or why it is refused; then nothing is taken */
    int64_t taken;      /* 0 to its balance */
    int64_t left;       /* of its balance afterwards; 0 where it is used at once */
};

struct checkout_price {
    int64_t taken;       /* by all lines together, never more than the order */
    int64_t pay;         /* order - taken, at least 0 */
    enum reason reason;  /* REASON_NONE, or that of the first refused line in stacking order */
    uint32_t refused;    /* index of that item, or the number of items */
    uint32_t line_count; /* as many as items */
};

/* Prices the order. `lines` has room for `count` (at most CHECKOUT_ITEMS_MOST) lines. An item that is refused takes nothing, and the
 * others are priced as if it were not there: whoever redeems refuses the whole where price.reason is not NONE.
 *
 * Refusals, the first that applies: STACKING (its kind has no line, or more items than the line allows were laid down before it),
 * CURRENCY, FROZEN, EXPIRED, MIN_ORDER, EMPTY. An item whose turn comes when nothing is left to pay takes 0 and is not refused. */
void checkout_price(const struct checkout_order *order, const struct checkout_item *items, uint32_t count,
                    struct checkout_line *lines, struct checkout_price *out);

#endif
