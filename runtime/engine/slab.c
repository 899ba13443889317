/* Size classes over chunks. See slab.h for what it promises.
 *
 * A free block holds the pointer to the next one of its class. Chunks are never given back before the end: state grows and
 * shrinks by players, and what one gives up the next one takes.
 */
#include "runtime/engine/slab.h"

#include <string.h>

#include "vm/memory.h"

#define CHUNK_SIZE ((size_t)1 << 16)

struct slab_block {
    struct slab_block *next;
};

struct slab_chunk {
    struct slab_chunk *next;
    uint64_t pad;
};

void slab_init(struct slab *slab)
{
    memset(slab, 0, sizeof *slab);
}

void slab_deinit(struct slab *slab)
{
    struct slab_chunk *chunk = slab->chunks;
    while (chunk != NULL) {
        struct slab_chunk *next = chunk->next;
        memory_release(chunk);
        chunk = next;
    }
    slab_init(slab);
}

static size_t class_of(size_t size)
{
    return size == 0 ? 1 : (size + SLAB_GRAIN - 1) / SLAB_GRAIN;
}

void *slab_alloc(struct slab *slab, size_t size)
{
    if (size > SLAB_LARGEST) return memory_alloc(size);
    size_t class = class_of(size), bytes = class * SLAB_GRAIN;
    struct slab_block *block = slab->free[class];
    if (block != NULL) {
        slab->free[class] = block->next;
        memset(block, 0, bytes);
        return block;
    }
    if (slab->left < bytes) {
        /* The rest of the old chunk is put to use as one block of its size. */
        if (slab->left >= SLAB_GRAIN) {
            struct slab_block *rest = (struct slab_block *)(void *)slab->next;
            rest->next = slab->free[slab->left / SLAB_GRAIN];
            slab->free[slab->left / SLAB_GRAIN] = rest;
            slab->left = 0;
        }
        struct slab_chunk *chunk = memory_alloc(CHUNK_SIZE);
        if (chunk == NULL) return NULL;
        chunk->next = slab->chunks;
        slab->chunks = chunk;
        slab->next = (uint8_t *)chunk + sizeof *chunk;
        slab->left = CHUNK_SIZE - sizeof *chunk;
    }
    void *result = slab->next;
    slab->next += bytes;
    slab->left -= bytes;
    return result;
}

void slab_free(struct slab *slab, void *block, size_t size)
{
    if (block == NULL) return;
    if (size > SLAB_LARGEST) {
        memory_release(block);
        return;
    }
    size_t class = class_of(size);
    struct slab_block *freed = block;
    freed->next = slab->free[class];
    slab->free[class] = freed;
}
