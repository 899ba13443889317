/* What the records of tournaments must hold beyond the kinds of their fields: windows that are some, prizes without a gap, no more than
 * the whole pool, an order that never ties. Part of meaning_check (vm/meaning.h), after schedules and metrics. */
#ifndef VM_MEANING_TOURNAMENT_H
#define VM_MEANING_TOURNAMENT_H

#include "vm/program.h"
#include "vm/status.h"

enum {
    TOURNAMENT_SCORES_MAX = 8,
    TOURNAMENT_RANKS_MAX = 8,
    TOURNAMENT_PLACES_MAX = 100000,
    TOURNAMENT_BOARD_MAX = 1000
};

/* STATUS_REFUSED with section, record and what is wrong. */
MUST_CHECK enum status meaning_check_tournaments(const struct program *program, struct error *error);

/* What place `place` (from 1) of the tournament wins, minor units; 0: nothing. A share is rounded down; place 1 gets what rounding leaves
 * where the tournament says so. */
int64_t tournament_prize(const struct program *program, const struct bundle_tournament *tournament, uint32_t place);
/* The largest number of a place that wins something. */
uint32_t tournament_places(const struct program *program, const struct bundle_tournament *tournament);
/* The largest prize of any place, minor units. */
int64_t tournament_largest(const struct program *program, const struct bundle_tournament *tournament);
/* The most that one instance gives out in prizes, minor units: what bounds its spend beside a consolation. */
int64_t tournament_prizes(const struct program *program, const struct bundle_tournament *tournament);

#endif
