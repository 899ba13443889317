/*
 * The chunked arena. Contract and picture: vm/arena.h.
 */
#include "vm/arena.h"

#include <stdio.h>

#include "vm/memory.h"

/* tests/oom/apart.c takes a chunk for each block. */
#ifndef ARENA_CHUNK_FIRST
#define ARENA_CHUNK_FIRST 4096
#define ARENA_CHUNK_MAX   (1 << 20)
#endif

enum { ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *next; /* older */
    size_t size;              /* bytes for use, after this header */
    size_t used;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.chunk = NULL, .limit = limit, .used = 0, .chunk_size = ARENA_CHUNK_FIRST, .failed = false};
}

static void release_until(struct arena *arena, const struct arena_chunk *last)
{
    while (arena->chunk != last) {
        struct arena_chunk *next = arena->chunk->next;
        memory_release(arena->chunk);
        arena->chunk = next;
    }
}

void arena_deinit(struct arena *arena)
{
    release_until(arena, NULL);
    arena_init(arena, arena->limit);
}

static bool add_chunk(struct arena *arena, size_t size)
{
    size_t chunk_size = arena->chunk_size;
    if (chunk_size < size) chunk_size = size;
    if (chunk_size > SIZE_MAX - sizeof(struct arena_chunk)) return false;
    struct arena_chunk *chunk = memory_alloc(sizeof *chunk + chunk_size);
    if (chunk == NULL) return false;
    chunk->next = arena->chunk;
    chunk->size = chunk_size;
    chunk->used = 0;
    arena->chunk = chunk;
    if (arena->chunk_size < ARENA_CHUNK_MAX) arena->chunk_size *= 2;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    INVARIANT(arena->chunk_size != 0);
    if (size == 0) size = 1;
    if (size > SIZE_MAX - ALIGNMENT) goto failed;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (arena->limit != 0 && (arena->used > arena->limit || size > arena->limit - arena->used)) goto failed;
    if (arena->chunk == NULL || arena->chunk->size - arena->chunk->used < size) {
        if (!add_chunk(arena, size)) goto failed;
    }
    struct arena_chunk *chunk = arena->chunk;
    void *block = chunk->bytes + chunk->used;
    chunk->used += size;
    arena->used += size;
    memset(block, 0, size);
    return block;
failed:
    arena->failed = true;
    return NULL;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        arena->failed = true;
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_alloc(arena, size);
    if (copy != NULL && size > 0) memcpy(copy, bytes, size);
    return copy;
}

struct text arena_copy_text(struct arena *arena, struct text text)
{
    char *copy = arena_alloc(arena, (size_t)text.size + 1);
    if (copy == NULL) return (struct text){NULL, 0};
    if (text.size > 0) memcpy(copy, text.at, text.size);
    return (struct text){.at = copy, .size = text.size};
}

struct text arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    INVARIANT(size >= 0);
    char *copy = arena_alloc(arena, (size_t)size + 1);
    if (copy == NULL) return (struct text){NULL, 0};
    va_start(arguments, format);
    (void)vsnprintf(copy, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return text_make(copy, (size_t)size);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){
        .chunk = arena->chunk,
        .chunk_used = arena->chunk == NULL ? 0 : arena->chunk->used,
        .used = arena->used,
    };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    INVARIANT(mark.used <= arena->used);
    release_until(arena, mark.chunk);
    if (arena->chunk != NULL) arena->chunk->used = mark.chunk_used;
    arena->used = mark.used;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *largest = NULL;
    while (arena->chunk != NULL) {
        struct arena_chunk *chunk = arena->chunk;
        arena->chunk = chunk->next;
        if (largest == NULL || chunk->size > largest->size) {
            memory_release(largest);
            largest = chunk;
        } else {
            memory_release(chunk);
        }
    }
    if (largest != NULL) {
        largest->next = NULL;
        largest->used = 0;
    }
    arena->chunk = largest;
    arena->used = 0;
    arena->failed = false;
}
