/* Carries effects. Contract: carrier.h. */
#include "tests/sim/carrier.h"

#include <string.h>

enum { HANDS = 8, LINE_MAX_BYTES = 4096 };

struct taken {
    struct carrier *carrier;
    uint32_t count, most;
    uint8_t id[HANDS][16];
    uint32_t attempt[HANDS];
    char line[HANDS][LINE_MAX_BYTES];
    uint32_t size[HANDS];
};

static uint32_t draw(struct carrier *carrier, uint32_t below)
{
    uint64_t x = carrier->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % below);
}

static enum outbox_choice choose(void *context, const struct outbox_row *row)
{
    struct taken *taken = context;
    if (taken->count == taken->most || row->bytes.size == 0 || row->bytes.size >= LINE_MAX_BYTES) return OUTBOX_LEAVE;
    if (!taken->carrier->patient && draw(taken->carrier, 5) == 0) return OUTBOX_NEXT_RECIPIENT;
    uint32_t hand = taken->count++;
    memcpy(taken->id[hand], row->id, sizeof row->id);
    taken->attempt[hand] = row->attempts + 1;
    memcpy(taken->line[hand], row->bytes.at, row->bytes.size);
    taken->line[hand][row->bytes.size] = 0;
    taken->size[hand] = (uint32_t)row->bytes.size;
    return OUTBOX_TAKE;
}

enum status carrier_step(struct carrier *carrier, struct promo *promo, bool *moved_out, struct error *error)
{
    static struct taken taken;
    taken.carrier = carrier;
    taken.count = 0;
    taken.most = 1 + draw(carrier, HANDS);
    int64_t now = promo_outbox_time(promo);
    uint32_t expired = 0, recalled = 0;
    *moved_out = false;
    RETURN_IF_FAILED(promo_outbox_over(promo, now, &expired, &recalled, error));
    carrier->over += expired + recalled;
    RETURN_IF_FAILED(promo_outbox_take(promo, now, choose, &taken, error));
    *moved_out = taken.count > 0 || expired + recalled > 0;
    struct outbox_word word[HANDS];
    uint32_t words = 0;
    for (uint32_t hand = 0; hand < taken.count; hand++) {
        uint32_t luck = carrier->patient ? 9 : draw(carrier, 10);
        carrier->carried++;
        /* Not even handed over, handed over and not answered, or answered. */
        if (luck > 0) carrier->receive(carrier->context, taken.line[hand], taken.size[hand]);
        if (luck == 1) {
            carrier->unsaid++;
            continue;
        }
        struct outbox_word *out = &word[words++];
        *out = (struct outbox_word){.outcome = luck < 4 ? DELIVERY_AGAIN : DELIVERY_DONE,
                                    .status = DELIVERY_NO_REPLY,
                                    .attempt = taken.attempt[hand],
                                    .reason = TEXT("")};
        memcpy(out->id, taken.id[hand], sizeof out->id);
        if (luck >= 4) continue;
        carrier->failed++;
        out->next_at = now + 5000 + (int64_t)draw(carrier, 600000);
        out->reason = TEXT("not now");
    }
    if (words == 0) return OK;
    return promo_outbox_say(promo, word, words, now, error);
}
