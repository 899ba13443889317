/* How far a mission has come: the mean of its tasks' shares as a whole percentage, rounded down, exact.
 *
 * The share of a task is a fraction, done of need. Fractions are added as fractions, in numbers as long as they need, so that 4/5 and 1 and 0
 * of three tasks are 60 and never 59. Pure arithmetic; what the tasks count is missions.h's matter. spec: runtime.md#missions
 */
#ifndef PROMO_RUNTIME_ENGINE_PERCENT_H
#define PROMO_RUNTIME_ENGINE_PERCENT_H

#include <stdint.h>

struct percent_part {
    uint32_t done, need; /* done is at most need; need is 1 to LIMIT_TASK_PARTS. */
};

/* 0 to 100: the largest p with p/100 <= the mean of the parts. `count` is 1 to LIMIT_TASKS_PER_MISSION. */
uint32_t percent_mean(const struct percent_part *parts, uint32_t count);

#endif
