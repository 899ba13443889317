/* Orders and what they took. See till.h. */
#include "runtime/engine/till.h"

#include <string.h>

#include "runtime/engine/codec.h"
#include "vm/round.h"

struct till_order *till_find(const struct till *till, struct text id)
{
    for (uint32_t i = 0; i < till->count; i++) {
        struct till_order *order = &till->order[i];
        if (text_equal(text_make(order->id, order->id_size), id)) return order;
    }
    return NULL;
}

void till_drop(struct till *till, struct slab *slab, struct till_order *order)
{
    uint32_t at = (uint32_t)(order - till->order);
    slab_free(slab, order->line, order->line_count * sizeof *order->line);
    till->count--;
    memmove(order, order + 1, (till->count - at) * sizeof *order);
}

void till_release(struct till *till, struct slab *slab)
{
    while (till->count > 0) till_drop(till, slab, &till->order[till->count - 1]);
    slab_free(slab, till->order, till->capacity * sizeof *till->order);
    *till = (struct till){0};
}

/* Room for one more: a new place, or that of the oldest order that is done. */
static bool make_room(struct till *till, struct slab *slab)
{
    if (till->count >= TILL_ORDERS_MOST) {
        for (uint32_t i = 0; i < till->count; i++) {
            if (till->order[i].held) continue;
            till_drop(till, slab, &till->order[i]);
            break;
        }
    }
    if (till->count < till->capacity) return true;
    uint32_t capacity = till->capacity == 0 ? 2 : till->capacity * 2;
    struct till_order *grown = slab_alloc(slab, capacity * sizeof *grown);
    if (grown == NULL) return false;
    if (till->count > 0) memcpy(grown, till->order, till->count * sizeof *grown);
    slab_free(slab, till->order, till->capacity * sizeof *till->order);
    till->order = grown;
    till->capacity = capacity;
    return true;
}

struct till_order *till_add(struct till *till, struct slab *slab, struct text id, const struct till_order *values,
                            const struct till_line *lines, uint32_t count)
{
    INVARIANT(id.size > 0 && id.size <= sizeof till->order->id && count <= TILL_LINES_MOST);
    struct till_line *line = NULL;
    if (!make_room(till, slab)) return NULL;
    if (count > 0) {
        line = slab_alloc(slab, count * sizeof *line);
        if (line == NULL) return NULL;
        memcpy(line, lines, count * sizeof *line);
    }
    struct till_order *order = &till->order[till->count++];
    *order = *values;
    memset(order->id, 0, sizeof order->id);
    memcpy(order->id, id.at, id.size);
    order->id_size = (uint8_t)id.size;
    order->line = line;
    order->line_count = (uint8_t)count;
    return order;
}

uint32_t till_held(const struct till *till)
{
    uint32_t held = 0;
    for (uint32_t i = 0; i < till->count; i++) held += till->order[i].held;
    return held;
}

int64_t till_next(const struct till *till)
{
    int64_t next = TILL_NEVER;
    for (uint32_t i = 0; i < till->count; i++) {
        if (till->order[i].held && till->order[i].until < next) next = till->order[i].until;
    }
    return next;
}

int64_t till_held_of(const struct till *till, const uint8_t reward[16])
{
    int64_t held = 0;
    for (uint32_t i = 0; i < till->count; i++) {
        const struct till_order *order = &till->order[i];
        for (uint32_t n = 0; order->held && n < order->line_count; n++) {
            if (memcmp(order->line[n].reward, reward, 16) == 0) held += order->line[n].taken;
        }
    }
    return held;
}

bool till_refund(struct till_order *order, int64_t amount, struct till_refund *out)
{
    INVARIANT(!order->held && amount > 0);
    int64_t rest = amount;
    *out = (struct till_refund){0};
    for (uint32_t i = order->line_count; i-- > 0;) {
        struct till_line *line = &order->line[i];
        if (line->coupon) continue;
        int64_t most = line->taken - line->returned;
        out->to_line[i] = rest < most ? rest : most;
        line->returned += out->to_line[i];
        rest -= out->to_line[i];
    }
    int64_t most = order->pay - order->paid_back;
    out->to_pay = rest < most ? rest : most;
    order->paid_back += out->to_pay;
    return rest - out->to_pay < amount;
}

/* ---------------------------------------------------------------- checkpoints */

void till_encode(const struct till *till, struct buffer *out)
{
    if (till->count == 0) return;
    buffer_u32(out, till->count);
    for (uint32_t i = 0; i < till->count; i++) {
        const struct till_order *order = &till->order[i];
        buffer_sized_text(out, text_make(order->id, order->id_size));
        buffer_u8(out, order->held);
        buffer_append(out, order->currency, sizeof order->currency);
        buffer_u8(out, order->line_count);
        buffer_i64(out, order->amount);
        buffer_i64(out, order->pay);
        buffer_i64(out, order->paid_back);
        buffer_i64(out, order->at);
        buffer_i64(out, order->until);
        for (uint32_t n = 0; n < order->line_count; n++) {
            buffer_append(out, order->line[n].reward, sizeof order->line[n].reward);
            buffer_i64(out, order->line[n].taken);
            buffer_i64(out, order->line[n].returned);
            buffer_u8(out, order->line[n].coupon);
        }
    }
}

/* Whether its money adds up. */
static bool adds_up(const struct till_order *order, const struct till_line *lines)
{
    int128 sum = order->pay;
    if (order->pay < 0 || order->paid_back < 0 || order->paid_back > order->pay) return false;
    for (uint32_t i = 0; i < order->line_count; i++) {
        if (lines[i].taken < 0 || lines[i].returned < 0 || lines[i].returned > lines[i].taken) return false;
        if (lines[i].returned > 0 && (order->held || lines[i].coupon)) return false;
        sum += lines[i].taken;
    }
    return sum == order->amount && (!order->held || order->paid_back == 0);
}

enum status till_decode(struct till *till, struct slab *slab, struct buffer_reader *in, struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    if (in->failed || count == 0 || count > TILL_ORDERS_MOST)
        return codec_corrupt(error, "a player has too many orders");
    for (uint32_t i = 0; i < count; i++) {
        struct till_order order = {0};
        struct till_line lines[TILL_LINES_MOST] = {{{0}, 0, 0, false}};
        struct text id = buffer_read_sized_text(in);
        uint8_t held = buffer_read_u8(in);
        const unsigned char *currency = buffer_read_bytes(in, sizeof order.currency);
        order.line_count = buffer_read_u8(in);
        order.amount = buffer_read_i64(in);
        order.pay = buffer_read_i64(in);
        order.paid_back = buffer_read_i64(in);
        order.at = buffer_read_i64(in);
        order.until = buffer_read_i64(in);
        if (in->failed || order.line_count > TILL_LINES_MOST || held > 1)
            return codec_corrupt(error, "an order is cut off");
        order.held = held != 0;
        memcpy(order.currency, currency, sizeof order.currency);
        for (uint32_t n = 0; n < order.line_count; n++) {
            const unsigned char *reward = buffer_read_bytes(in, sizeof lines[n].reward);
            lines[n].taken = buffer_read_i64(in);
            lines[n].returned = buffer_read_i64(in);
            uint8_t coupon = buffer_read_u8(in);
            if (in->failed || coupon > 1) return codec_corrupt(error, "an order is cut off");
            memcpy(lines[n].reward, reward, sizeof lines[n].reward);
            lines[n].coupon = coupon != 0;
        }
        if (id.size == 0 || id.size > sizeof order.id || till_find(till, id) != NULL || !adds_up(&order, lines))
            return codec_corrupt(error, "an order does not add up");
        if (till_add(till, slab, id, &order, lines, order.line_count) == NULL)
            return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    return OK;
}
