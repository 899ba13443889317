/* Who stands where in an instance of a tournament, from the state as it is: the score, the written order, the first places.
 *
 * Points are metrics of span INSTANCE, kept for every player whether he takes part or not; who takes part has a journey whose `run` is
 * the start of the instance. So nothing is added when somebody enters, and orders of arrival never show.
 * What is settled, and when: settlement.h. Windows: vm/instance.h. spec: runtime.md#tournaments
 */
#ifndef PROMO_RUNTIME_ENGINE_BOARD_H
#define PROMO_RUNTIME_ENGINE_BOARD_H

#include "runtime/engine/programs.h"
#include "vm/instance.h"
#include "vm/meaning_tournament.h"

#define BOARD_POINT INT64_C(1000000) /* Scores are millionths of points. */

/* The TOURNAMENT of a title in the newest program, or PROGRAM_NONE. */
uint32_t board_tournament(const struct engine *engine, const struct title *title);

/* The instance that a start by `event` (NULL: none) at engine->now enters; false: none is open for it. */
bool board_entered(struct engine *engine, uint32_t tournament, const struct bank_read *event, struct instance *out);
/* Whether the player is in this instance already. */
bool board_has(const struct player *player, const struct title *title, int64_t start);
/* Whether the event that starts the campaign is one that it counts: then every one of them is a start, and only the first matters. */
bool board_starts_by_counting(const struct program *program, const struct bundle_tournament *tournament);

/* A player of an instance. */
struct board_row {
    struct player *player;
    const struct journey *journey;
    int64_t score;                       /* Millionths. */
    int64_t value[TOURNAMENT_RANKS_MAX]; /* By RANK … */
    uint32_t known;                      /* … where bit n is set. */
    bool blocked;                        /* May not win: a policy ends his journeys or keeps rewards from him. */
};

/* All players of the instance, in no order, in a block to memory_release(); NULL when memory is out. `judge` finds out who is blocked. */
struct board_row *board_collect(struct engine *engine, uint32_t tournament, const struct title *title, int64_t start,
                                bool judge, uint32_t *count_out);
/* The written order; never 0 for different players. */
int board_compare(const struct program *program, const struct bundle_tournament *tournament, const struct board_row *a,
                  const struct board_row *b);
/* The rows in that order. */
void board_sort(const struct program *program, const struct bundle_tournament *tournament, struct board_row *rows,
                uint32_t count);
/* The time of the last event that counted; false: none did. */
bool board_last(struct engine *engine, uint32_t tournament, const struct player *player, int64_t start, int64_t *out);
/* A player's score, millionths. */
int64_t board_score(struct engine *engine, uint32_t tournament, const struct player *player, int64_t start);

#endif
