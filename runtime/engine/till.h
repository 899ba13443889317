/* A player's orders: what each took from coupons and cards, what of it is only held, and what was given back.
 *
 *   order[]   id, held or done, amount = Σ taken + pay
 *     line[]  which reward, what it gave, what of it came back
 *
 * Arithmetic and memory alone: no program, no clock. The price of an order: checkout.h; whose cards, and what follows: card.h.
 * spec: runtime.md#cards-and-checkout
 */
#ifndef PROMO_RUNTIME_ENGINE_TILL_H
#define PROMO_RUNTIME_ENGINE_TILL_H

#include "runtime/engine/slab.h"
#include "vm/buffer.h"
#include "vm/text.h"

/* So many orders are kept of one player, the latest; so many of them may be held at once. */
#define TILL_ORDERS_MOST 256u
#define TILL_HELD_MOST   32u
#define TILL_LINES_MOST  16u
#define TILL_NEVER       INT64_MAX

struct till_line {
    uint8_t reward[16]; /* The effect's identity. */
    int64_t taken;      /* 0 or more. */
    int64_t returned;   /* Of it, by refunds: 0 to taken. */
    bool coupon;        /* A reduction: no refund brings it back. */
};

struct till_order {
    char id[64];
    uint8_t id_size;
    bool held;        /* Not redeemed yet: `until` ends it. */
    char currency[3]; /* Code. */
    uint8_t line_count;
    int64_t amount;
    int64_t pay; /* What was left to pay. */
    int64_t paid_back;
    int64_t at;             /* When it was priced. */
    int64_t until;          /* HELD: the first instant at which it is over. */
    struct till_line *line; /* In the order in which they took. */
};

struct till {
    struct till_order *order; /* By when they were priced. */
    uint32_t count, capacity;
};

/* What a refund gives back. */
struct till_refund {
    int64_t to_line[TILL_LINES_MOST]; /* For each line. */
    int64_t to_pay;                   /* In money. */
};

/* The order with this id, or NULL. Borrowed until one is added or dropped. */
struct till_order *till_find(const struct till *till, struct text id);
/* Adds an order with `count` lines; id, at most 64 bytes, and lines are copied. Where TILL_ORDERS_MOST are kept the oldest that is done goes;
 * the caller sees to it that at most TILL_HELD_MOST are held. NULL when memory is out. */
MUST_CHECK struct till_order *till_add(struct till *till, struct slab *slab, struct text id,
                                       const struct till_order *values, const struct till_line *lines, uint32_t count);
void till_drop(struct till *till, struct slab *slab, struct till_order *order);
/* Releases all. */
void till_release(struct till *till, struct slab *slab);

/* How many are held; the earliest end of a hold, or TILL_NEVER. */
uint32_t till_held(const struct till *till);
int64_t till_next(const struct till *till);
/* What open orders hold of this reward. */
int64_t till_held_of(const struct till *till, const uint8_t reward[16]);

/* Gives back up to `amount` (above 0) of an order that is done: first what cards gave, the last to take first, then what was paid. Counts it as
 * given back; never more in all than was taken and paid. False where nothing of it is left to give back. */
bool till_refund(struct till_order *order, int64_t amount, struct till_refund *out);

/* Appends it, canonical, nothing where it is empty; reads it into a zeroed one: STATUS_CORRUPT, STATUS_NO_MEMORY. */
void till_encode(const struct till *till, struct buffer *out);
MUST_CHECK enum status till_decode(struct till *till, struct slab *slab, struct buffer_reader *in, struct error *error);

#endif
