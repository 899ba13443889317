/*
 * The one door to malloc, with a test's hand on it. Contract: vm/memory.h.
 *
 * The counter is atomic and costs a few cycles per allocation; nothing on a hot path allocates.
 */
#include "vm/memory.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_uint_fast64_t tried;
static atomic_uint_fast64_t fail_from;
static atomic_uint_fast64_t fail_once;
static _Thread_local uint64_t lost;

void memory_fail_from(uint64_t nth)
{
    atomic_store(&tried, 0);
    atomic_store(&fail_once, 0);
    atomic_store(&fail_from, nth);
}

void memory_fail_once(uint64_t nth)
{
    atomic_store(&tried, 0);
    atomic_store(&fail_from, 0);
    atomic_store(&fail_once, nth);
}

uint64_t memory_count(void)
{
    return atomic_load(&tried);
}

/* Counts one try; true when a test wants it to fail. */
static bool must_fail(void)
{
    uint64_t count = atomic_fetch_add_explicit(&tried, 1, memory_order_relaxed) + 1;
    uint64_t from = atomic_load_explicit(&fail_from, memory_order_relaxed);
    uint64_t once = atomic_load_explicit(&fail_once, memory_order_relaxed);
    return (from != 0 && count >= from) || (once != 0 && count == once);
}

/* Every block that is given out passes here. */
static void *counted(void *block)
{
    if (block == NULL) lost++;
    return block;
}

uint64_t memory_lost(void)
{
    return lost;
}

void *memory_alloc(size_t size)
{
    return counted(must_fail() || size > PTRDIFF_MAX ? NULL : calloc(1, size == 0 ? 1 : size));
}

void *memory_alloc_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return counted(NULL);
    return memory_alloc(count * size);
}

void *memory_resize(void *block, size_t size)
{
    return counted(must_fail() || size > PTRDIFF_MAX ? NULL : realloc(block, size == 0 ? 1 : size));
}

void *memory_resize_array(void *block, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return counted(NULL);
    return memory_resize(block, count * size);
}

void memory_release(void *block)
{
    free(block);
}
