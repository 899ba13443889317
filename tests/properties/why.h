/* P10: for what did not fire, the answer of "what would have to differ" is applied.
 *
 * At filters that refused (starts, audiences, waits) the smallest set of changes is asked for (runtime/lab/why_not.h), and each answer is applied in two ways that share
 * nothing with the search: to a copy of what the filter reads, where it must accept with all changes and with no fewer of them; and, where only fields of the event and
 * attributes differ, to the story itself, which is told again with the changed record. Where the answer is "none", single values are tried, and none may do.
 */
#ifndef TESTS_PROPERTIES_WHY_H
#define TESTS_PROPERTIES_WHY_H

#include "tests/properties/story.h"

struct why_figures {
    uint64_t applied; /* answers */
    uint64_t folded;  /* of these, told again */
    uint64_t none;
};

/* NULL, or what is wrong; lives until the next call. */
const char *why_judge(const struct story *story, uint64_t seed, bool planted, struct why_figures *figures);

#endif
