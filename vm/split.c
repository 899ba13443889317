/*
 * The published split hash over XXH3 (the only file that includes xxhash.h). Contract: vm/split.h.
 */
#include "vm/split.h"

#include "vm/round.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t split_hash64(const void *bytes, size_t size, uint64_t seed)
{
    static const char nothing[1];
    return XXH3_64bits_withSeed(size == 0 ? nothing : bytes, size, seed);
}

uint64_t split_seed(struct text salt)
{
    return split_hash64(salt.at, salt.size, 0); /* seed 0 is XXH3_64bits */
}

/* spec: language.md#split-hash */
uint32_t split_millionth(struct text player, uint64_t seed)
{
    uint64_t hash = split_hash64(player.at, player.size, seed);
    return (uint32_t)(((uint128)hash * 1000000) >> 64);
}

unsigned split_arm(const uint32_t *cumulative, unsigned count, uint32_t millionth)
{
    INVARIANT(count > 0 && cumulative[count - 1] == 1000000 && millionth < 1000000);
    unsigned arm = 0;
    while (cumulative[arm] <= millionth) arm++;
    return arm;
}
