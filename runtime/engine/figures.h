/* Figures of a campaign for the summary: counts that only grow, by word.
 *
 * They are additive: shards could keep parts and the sum would be the same. They are state and survive restarts. Words
 * (reasons, channels, offers) are kept as texts, so figures go on over versions of a program.
 */
#ifndef PROMO_RUNTIME_ENGINE_FIGURES_H
#define PROMO_RUNTIME_ENGINE_FIGURES_H

#include "runtime/engine/engine.h"

struct figure_list {
    struct engine_figure *figure; /* In order of first appearance until sorted; texts owned. */
    uint32_t count, capacity;
};

struct figures {
    uint64_t started, entered, converted, waiting, runs, runs_missed;
    uint64_t entries_refused[REASON_COUNT]; /* Kept apart from the list: there may be one at nearly every event. */
    struct figure_list finished, messages, credits, refusals;
    struct figure_list arms; /* By split and arm: journeys shown it; amount: how many of them reached the goal. */
};

/* Frees the memory. */
void figures_deinit(struct figures *figures);

/* Adds to the figure of this name and detail. False when memory is out. */
bool figures_add(struct figure_list *list, struct text name, struct text detail, uint64_t count,
                 int64_t amount) MUST_CHECK;

/* Puts all lists in the order for people: the most first, then by name and detail; arms by split and arm. It does not depend on what came first. */
void figures_sort(struct figures *figures);

/* Canonical bytes: sorted by name and detail. */
void figures_encode(const struct figures *figures, struct buffer *out);
MUST_CHECK enum status figures_decode(struct figures *figures, struct buffer_reader *reader, struct error *error);

#endif
