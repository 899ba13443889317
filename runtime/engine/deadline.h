/* The deadlines of all players of a shard: a heap with one entry a player, 16 bytes each.
 *
 * An entry says: at `due` this player has something to do. It is lazily deleted: player->heap_due tells which of a player's
 * entries counts, and whoever pops one looks up what is really due (journey.c). So moving a deadline further away costs
 * nothing and moving it nearer costs one push.
 * Not here: which deadlines there are, and their order within an instant (fold.c).
 */
#ifndef PROMO_RUNTIME_ENGINE_DEADLINE_H
#define PROMO_RUNTIME_ENGINE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/status.h"

#define DEADLINE_NEVER INT64_MAX

struct player;

struct deadline_entry {
    int64_t due;
    struct player *player;
};

struct deadline_heap {
    struct deadline_entry *entry;
    uint32_t count, capacity;
};

void deadline_init(struct deadline_heap *heap);
void deadline_deinit(struct deadline_heap *heap);

/* False when memory is out. */
bool deadline_push(struct deadline_heap *heap, int64_t due, struct player *player) MUST_CHECK;
/* The earliest due, or DEADLINE_NEVER. May be one that no longer counts. */
int64_t deadline_first(const struct deadline_heap *heap);
/* Takes out the earliest; the heap must not be empty. */
struct deadline_entry deadline_pop(struct deadline_heap *heap);
/* Takes out every entry of a player who goes (erasure). Reads the whole heap. */
void deadline_remove(struct deadline_heap *heap, const struct player *player);

#endif
