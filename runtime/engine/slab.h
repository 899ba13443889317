/* Small blocks of memory for the engine's state: players, journeys, histories.
 *
 * Blocks come from chunks of 64 KiB in size classes of 16 bytes up to 1,024; larger ones go to vm/memory.h. A freed block
 * goes on the list of its class. So a player costs what it holds and no header, and a steady load allocates nothing.
 * Sizes are the caller's to remember. Not for things that live for one instant: those lie in an arena (fold.c).
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_ENGINE_SLAB_H
#define PROMO_RUNTIME_ENGINE_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include "vm/status.h"

#define SLAB_GRAIN   16u
#define SLAB_LARGEST 1024u

struct slab_block;
struct slab_chunk;

struct slab {
    struct slab_block *free[SLAB_LARGEST / SLAB_GRAIN + 1]; /* By size class. */
    struct slab_chunk *chunks;
    uint8_t *next; /* Unused rest of the newest chunk. */
    size_t left;
};

void slab_init(struct slab *slab);
/* Gives back all chunks. Blocks above SLAB_LARGEST must have been freed one by one. */
void slab_deinit(struct slab *slab);

/* A zeroed block, 16-aligned; NULL when memory is out. A size of 0 gives a block of 16. */
void *slab_alloc(struct slab *slab, size_t size) MUST_CHECK;
/* Gives a block of exactly this size back. NULL is allowed. */
void slab_free(struct slab *slab, void *block, size_t size);

#endif
