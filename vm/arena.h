/*
 * Memory that is taken piece by piece and given back at once.
 *
 *   arena ──► chunk (newest) ──► chunk ──► NULL      each chunk: [ header | used ........ | free .... ]
 *
 * Chunks grow as needed up to a limit of bytes in all. One arena serves one compilation, one activation or one turn;
 * it is not shared between threads.
 */
#ifndef VM_ARENA_H
#define VM_ARENA_H

#include "vm/text.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* the newest, which gives */
    size_t limit;              /* bytes handed out in all may not exceed this; 0 = no limit */
    size_t used;               /* bytes handed out, alignment included */
    size_t chunk_size;         /* of the next chunk; doubles up to 1 MiB */
    bool failed;               /* sticky: some allocation gave NULL since init or reset */
};

/* A place to come back to. Valid until the arena is rewound before it, reset or deinitialised. */
struct arena_mark {
    struct arena_chunk *chunk;
    size_t chunk_used;
    size_t used;
};

/* An empty arena with a limit in bytes (0 = none). Takes no memory yet. */
void arena_init(struct arena *arena, size_t limit);

/* Gives all memory back. The arena may be initialised again. */
void arena_deinit(struct arena *arena);

/* `size` zeroed bytes, 16-aligned, living until reset, rewind or deinit. NULL when the limit or memory is out; then
 * `failed` is set as well, so a caller may look once at the end of a stage. */
void *arena_alloc(struct arena *arena, size_t size) MUST_CHECK;

/* `count` zeroed things of `size` bytes. NULL as above, or when the product overflows. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size) MUST_CHECK;

/* A zeroed `struct type`, as arena_alloc. */
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* `count` zeroed `type`, as arena_alloc_array. */
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

/* A copy of the text in the arena, with a NUL after it (not counted). On failure the empty text with `at` NULL. */
struct text arena_copy_text(struct arena *arena, struct text text);

/* A copy of `size` bytes, 16-aligned, or NULL. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size) MUST_CHECK;

/* Formatted text in the arena, NUL-ended. On failure the empty text with `at` NULL. */
struct text arena_print(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Where the arena stands now. */
struct arena_mark arena_mark(const struct arena *arena);

/* Forgets all that was allocated since the mark. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Forgets everything but keeps the largest chunk for the next round, so a steady load allocates nothing. */
void arena_reset(struct arena *arena);

#endif
