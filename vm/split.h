/*
 * The published split hash: which arm of a split a player is in. Anyone can recompute it outside the program:
 *
 *   seed      = XXH3_64bits(salt)
 *   h         = XXH3_64bits_withSeed(player id, seed)
 *   millionth = (h * 1,000,000) >> 64        (128-bit product; 0 to 999,999)
 *   arm       = the first, in source order, whose cumulative share is above `millionth`
 *
 * It never changes; spec/split-vectors.tsv holds examples that the tests read.
 */
#ifndef VM_SPLIT_H
#define VM_SPLIT_H

#include "vm/text.h"

/* The seed of a split with this salt (the split's name). */
uint64_t split_seed(struct text salt);

/* Where a player lies, 0 to 999,999. `player` is the id as the platform writes it. */
uint32_t split_millionth(struct text player, uint64_t seed);

/* The arm: index of the first cumulative share (millionths, not falling, the last 1,000,000) above `millionth`. */
unsigned split_arm(const uint32_t *cumulative, unsigned count, uint32_t millionth);

/* XXH3 of any bytes, for hash tables and checks inside one format version. */
uint64_t split_hash64(const void *bytes, size_t size, uint64_t seed);

#endif
