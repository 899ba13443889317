/* A table from identities to players. See whose.h. Identities are keyed hashes, so their first bytes are a hash already. */
#include "runtime/engine/whose.h"

#include <string.h>

#include "vm/memory.h"

void whose_deinit(struct whose *whose)
{
    memory_release(whose->seat);
    *whose = (struct whose){0};
}

static uint32_t home_of(const struct whose *whose, const uint8_t id[16])
{
    uint32_t hash;
    memcpy(&hash, id, sizeof hash);
    return hash & (whose->capacity - 1);
}

/* Where the identity stands, or the free seat that it would take. */
static struct whose_seat *seat_of(const struct whose *whose, const uint8_t id[16])
{
    uint32_t at = home_of(whose, id);
    while (whose->seat[at].player != NULL && memcmp(whose->seat[at].id, id, 16) != 0)
        at = (at + 1) & (whose->capacity - 1);
    return &whose->seat[at];
}

bool whose_add(struct whose *whose, const uint8_t id[16], struct player *player)
{
    if (!whose->kept) return true;
    if ((whose->count + 1) * 4 > whose->capacity * 3) {
        struct whose grown = {
            .capacity = whose->capacity == 0 ? 64 : whose->capacity * 2, .count = whose->count, .kept = true};
        grown.seat = memory_alloc_array(grown.capacity, sizeof *grown.seat);
        if (grown.seat == NULL) return false;
        for (uint32_t i = 0; i < whose->capacity; i++) {
            if (whose->seat[i].player != NULL) *seat_of(&grown, whose->seat[i].id) = whose->seat[i];
        }
        memory_release(whose->seat);
        *whose = grown;
    }
    struct whose_seat *seat = seat_of(whose, id);
    if (seat->player != NULL) return true;
    memcpy(seat->id, id, sizeof seat->id);
    seat->player = player;
    whose->count++;
    return true;
}

struct player *whose_find(const struct whose *whose, const uint8_t id[16])
{
    return whose->capacity == 0 ? NULL : seat_of(whose, id)->player;
}

void whose_remove(struct whose *whose, const uint8_t id[16], const struct player *player)
{
    if (whose->capacity == 0) return;
    struct whose_seat *seat = seat_of(whose, id);
    if (seat->player == NULL || seat->player != player) return;
    seat->player = NULL;
    whose->count--;
    /* Those behind it move up, so that probing finds them. */
    uint32_t mask = whose->capacity - 1;
    for (uint32_t i = ((uint32_t)(seat - whose->seat) + 1) & mask; whose->seat[i].player != NULL; i = (i + 1) & mask) {
        struct whose_seat moved = whose->seat[i];
        whose->seat[i].player = NULL;
        *seat_of(whose, moved.id) = moved;
    }
}
