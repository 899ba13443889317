/*
 * All memory of the program comes through here, so that a test can fail the N-th allocation.
 *
 * It is a thin skin over malloc: no pools, no counting in production. Blocks that live and die together belong in
 * an arena (vm/arena.h).
 */
#ifndef VM_MEMORY_H
#define VM_MEMORY_H

#include "vm/status.h"

/* Zeroed block of `size` bytes (16-aligned), or NULL when memory is out. A size of 0 gives a block of 1. Release it with
 * memory_release. Safe from any thread. */
void *memory_alloc(size_t size) MUST_CHECK;

/* Zeroed block for `count` things of `size` bytes; NULL as well when the product overflows. */
void *memory_alloc_array(size_t count, size_t size) MUST_CHECK;

/* Grows or shrinks a block (or makes one from NULL). New bytes are not zeroed. On failure NULL; the old block stays. */
void *memory_resize(void *block, size_t size) MUST_CHECK;

/* memory_resize for `count` things of `size` bytes; NULL as well when the product overflows. */
void *memory_resize_array(void *block, size_t count, size_t size) MUST_CHECK;

/* Gives the block back. NULL is allowed. */
void memory_release(void *block);

/* How many allocations of this thread have failed since it began. Whoever makes a text of many small ones asks before and after: a part
 * that was lost on the way must not pass as a text that is short. */
uint64_t memory_lost(void);

/* For tests: the `nth` allocation from now on (1 = the next) and all after it fail, until called with 0, which also
 * is the start. Counts alloc and resize alike, in all threads. */
void memory_fail_from(uint64_t nth);

/* For tests: the `nth` allocation from now on fails, only that one. 0 switches it off. */
void memory_fail_once(uint64_t nth);

/* For tests: allocations tried since the last memory_fail_from or memory_fail_once (from the start when none was). */
uint64_t memory_count(void);

#endif
