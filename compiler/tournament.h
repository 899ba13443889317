/*
 * tournament: a `tournament` block as what stands for it, and as records.
 *
 *   tournaments_expand()  the tree: the block becomes a campaign whose journeys wait for the settlement; what gives points becomes hidden
 *                         metrics over the instances; the prizes become an offer of the tournament's name
 *   tournaments_emit()    TOURNAMENT, SCORE, RANK and PRIZE records, once metrics and campaigns have theirs
 *
 * So the ordinary checker knows entry, budget, gates and effects. What an instance is: vm/instance.h; who wins: runtime/engine/board.h.
 * spec: language.md#tournaments
 */
#ifndef PROMO_COMPILER_TOURNAMENT_H
#define PROMO_COMPILER_TOURNAMENT_H

#include "compiler/names.h"
#include "vm/meaning_tournament.h"

/* An `earn` line, what it counts, and when it last did. */
struct tournament_earn {
    const struct line *line;
    struct declaration *metric, *last;
};

/* What a block said that a campaign has no line for. */
struct tournament_words {
    struct declaration *declaration; /* The campaign that stands for it. */
    const struct line *runs, *settles, *fee, *order, *winners, *field, *prizes, *board;
    enum score_word score;
    struct tournament_earn earn[TOURNAMENT_SCORES_MAX];
    uint32_t earn_count;
    struct {
        struct text name; /* As the author wrote it. */
        struct declaration *metric;
    } metric[TOURNAMENT_RANKS_MAX];
    uint32_t metric_count;
};

/* Replaces the blocks of the trees, before names are gathered; reports what can be told without names. */
void tournaments_expand(struct arena *arena, struct ast_file *const *files, uint32_t count,
                        struct diagnostic_list *diagnostics);
/* The TOURNAMENT number of a campaign that stands for one. */
uint32_t tournament_index(const struct names *names, const struct declaration *campaign);
/* Adds the records; to be called after all campaigns, where nothing was reported as an error so far. */
void tournaments_emit(struct names *names);

#endif
