/*
 * Memory that runs out on order, in the whole process: our own allocations and those of SQLite, cmark, libsodium, utf8proc and the C library
 * (not ICU's: lose.c says why).
 *
 * Without sanitizers malloc and its kin are defined here, so every library comes through; live blocks are counted, so leaks are seen. With the
 * address sanitizer (which has its own) our objects are wrapped by the linker and SQLite by its configuration; leaks are the sanitizer's matter then.
 */
#ifndef TESTS_OOM_LOSE_H
#define TESTS_OOM_LOSE_H

#include <stdbool.h>
#include <stdint.h>

/* Call once, before anything else. */
void lose_begin(void);

/* From now on the `nth` allocation (1: the next) fails, and with `for_ever` all after it. */
void lose_arm(uint64_t nth, bool for_ever);
/* Memory is there again. Returns how many allocations were tried since lose_arm. */
uint64_t lose_disarm(void);
/* How many of them failed. */
uint64_t lose_failed(void);

/* From the next arena_init on: each block of an arena is an allocation of its own, or (as everywhere else) they share chunks. */
void lose_apart(bool apart);

/* From lose_arm on the places that allocate are told apart by who called them: the first allocation of each place is listed that was not
 * listed since the last lose_forget_places(). */
void lose_learn(bool learn);
/* The numbers of those allocations, ascending, until the next lose_learn(true); their count. */
uint32_t lose_places(const uint64_t **out);
void lose_forget_places(void);

/* Blocks that live now; always 0 where they are not counted. */
int64_t lose_live(void);

#endif
