/* The price of an order. See checkout.h. */
#include "runtime/engine/checkout.h"

/* Why the item may not be used at all; its place in the stacking order has been judged. */
static enum reason refuse(const struct checkout_order *order, const struct checkout_item *item)
{
    if (item->currency != order->currency) return REASON_CURRENCY;
    if (item->frozen) return REASON_FROZEN;
    if (order->now >= item->until) return REASON_EXPIRED;
    if (order->amount < item->smallest_order) return REASON_MIN_ORDER;
    return item->balance > 0 ? REASON_NONE : REASON_EMPTY;
}

/* What it takes of `rest`: its share, rounded down, but never more than its balance. */
static int64_t take(const struct checkout_item *item, int64_t rest)
{
    int64_t share = item->share < 0 ? 0 : item->share > 1000000 ? 1000000 : item->share;
    int64_t wanted = (int64_t)((int128)rest * share / 1000000);
    return wanted < item->balance ? wanted : item->balance;
}

static void add_line(struct checkout_price *out, struct checkout_line *lines, uint32_t item, enum reason reason)
{
    lines[out->line_count++] = (struct checkout_line){.item = item, .reason = reason};
    if (reason == REASON_NONE || out->reason != REASON_NONE) return;
    out->reason = reason;
    out->refused = item;
}

void checkout_price(const struct checkout_order *order, const struct checkout_item *items, uint32_t count,
                    struct checkout_line *lines, struct checkout_price *out)
{
    INVARIANT(order->amount >= 0 && count <= CHECKOUT_ITEMS_MOST && order->slot_count <= CHECKOUT_SLOTS_MOST);
    *out = (struct checkout_price){.pay = order->amount, .refused = count};
    uint64_t placed = 0; /* bit n: item n has its line */
    for (uint32_t s = 0; s < order->slot_count; s++) {
        uint32_t used = 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct checkout_item *item = &items[i];
            if (item->kind != order->slots[s].kind || (placed >> i & 1) != 0) continue;
            placed |= UINT64_C(1) << i;
            enum reason reason = used == order->slots[s].most ? REASON_STACKING : refuse(order, item);
            add_line(out, lines, i, reason);
            if (reason != REASON_STACKING) used++;
            if (reason != REASON_NONE) continue;
            struct checkout_line *line = &lines[out->line_count - 1];
            line->taken = take(item, out->pay);
            line->left = item->at_once && line->taken > 0 ? 0 : item->balance - line->taken;
            out->pay -= line->taken;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if ((placed >> i & 1) == 0) add_line(out, lines, i, REASON_STACKING);
    }
    out->taken = order->amount - out->pay;
    INVARIANT(out->pay >= 0 && out->taken >= 0);
}
