/*
 * vm/arena.c once more, in place of the library's: on order each block of an arena is an allocation of its own. In whole chunks the N-th
 * allocation fails at the ends of chunks alone, and hardly any of the places that ask an arena for memory is ever refused. See lose.h.
 */
#include "tests/oom/lose.h"

#include <stddef.h>

static size_t chunk_first = 4096, chunk_max = 1 << 20;
#define ARENA_CHUNK_FIRST chunk_first
#define ARENA_CHUNK_MAX   chunk_max

#include "vm/arena.c"

void lose_apart(bool apart)
{
    chunk_first = apart ? 1 : 4096;
    chunk_max = apart ? 1 : 1 << 20;
}
