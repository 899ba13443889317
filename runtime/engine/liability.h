/* What is promised and not settled: credits that the wallet has not answered yet, and rewards that are granted and not played out.
 *
 * Read off the books and the rewards of players, changing nothing. Every credit is told once: as RESERVED as long as its reservation is open
 * (then the amounts of a campaign add up to what its books have reserved), afterwards as OPEN as long as its reward lives.
 * Test players cost nothing and are not told. Thread rules: one thread at a time. spec: runtime.md#liability
 */
#ifndef PROMO_RUNTIME_ENGINE_LIABILITY_H
#define PROMO_RUNTIME_ENGINE_LIABILITY_H

#include "runtime/engine/engine.h"

enum liability_kind { LIABILITY_RESERVED, LIABILITY_OPEN, LIABILITY_KIND_COUNT };

struct liability {
    enum liability_kind kind;
    struct text campaign, offer; /* Live during the call. */
    char currency[3];            /* Code: of the campaign. */
    int64_t amount; /* Minor units: what it cost; of a gift card the part of it that is not used, rounded up. */
    int64_t at;     /* When it was granted. */
    uint8_t id[16]; /* Of the credit. */
    int64_t until;  /* When it falls away; INT64_MAX: no end is known. */
};
/* Tells each, in no particular order. */
void liability_each(struct engine *engine, void (*each)(void *context, const struct liability *liability),
                    void *context);
/* What the books of a campaign have reserved by their total, or -1 where the active program has no such campaign, or no total for it. */
int64_t liability_booked(const struct engine *engine, struct text campaign);

#endif
