/* Sums of fractions. See percent.h. */
#include "runtime/engine/percent.h"

#include <stdbool.h>

#include "vm/limits.h"
#include "vm/memory.h"

/* 16 needs of 30 bits each, and 100 tasks' worth on top: 480 + 5 + 7 bits. Words from the low end. */
enum { WORDS = 16 };
struct wide {
    uint32_t word[WORDS];
};

static struct wide times(const struct wide *a, uint32_t factor)
{
    struct wide out;
    uint64_t carry = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        carry += (uint64_t)a->word[i] * factor;
        out.word[i] = (uint32_t)carry;
        carry >>= 32;
    }
    INVARIANT(carry == 0);
    return out;
}

static struct wide plus(const struct wide *a, const struct wide *b)
{
    struct wide out;
    uint64_t carry = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        carry += (uint64_t)a->word[i] + b->word[i];
        out.word[i] = (uint32_t)carry;
        carry >>= 32;
    }
    INVARIANT(carry == 0);
    return out;
}

static bool at_most(const struct wide *a, const struct wide *b)
{
    for (unsigned i = WORDS; i-- > 0;) {
        if (a->word[i] != b->word[i]) return a->word[i] < b->word[i];
    }
    return true;
}

uint32_t percent_mean(const struct percent_part *parts, uint32_t count)
{
    INVARIANT(count >= 1 && count <= LIMIT_TASKS_PER_MISSION);
    struct wide over = {{0}}, under = {{1}}; /* The sum so far is over / under. */
    for (uint32_t i = 0; i < count; i++) {
        INVARIANT(parts[i].need >= 1 && parts[i].need <= LIMIT_TASK_PARTS && parts[i].done <= parts[i].need);
        struct wide grown = times(&over, parts[i].need), share = times(&under, parts[i].done);
        over = plus(&grown, &share);
        under = times(&under, parts[i].need);
    }
    struct wide hundred = times(&over, 100), each = times(&under, count);
    uint32_t low = 0, high = 100;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        struct wide part = times(&each, middle);
        if (at_most(&part, &hundred)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}
