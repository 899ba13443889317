/* Records of tournaments together, and what places win. See meaning_tournament.h. */
#include "vm/meaning_tournament.h"

#include "vm/civil.h"
#include "vm/layout.h"
#include "vm/range.h"

#define REFUSE(name, index, ...) layout_refuse(error, #name, index, __VA_ARGS__)

enum { WHOLE_POOL = 1000000 }; /* millionths */

/* ---------------------------------------------------------------- prizes */

static const struct bundle_prize *prize_of(const struct program *program, const struct bundle_tournament *tournament,
                                           uint32_t place)
{
    for (uint32_t i = 0; i < tournament->prize_count; i++) {
        const struct bundle_prize *prize = &program->prize[tournament->prize_first + i];
        if (place >= prize->first && place <= prize->last) return prize;
    }
    return NULL;
}

static int64_t share(int64_t pool, int64_t millionths)
{
    return (int64_t)((int128)pool * millionths / WHOLE_POOL);
}

static int64_t amount_of(const struct bundle_tournament *tournament, const struct bundle_prize *prize)
{
    return tournament->pool == 0 ? prize->amount : share(tournament->pool, prize->amount);
}

/* All places, each rounded down. */
static int64_t sum_of(const struct program *program, const struct bundle_tournament *tournament, int64_t *shares_out)
{
    int128 sum = 0, shares = 0;
    for (uint32_t i = 0; i < tournament->prize_count; i++) {
        const struct bundle_prize *prize = &program->prize[tournament->prize_first + i];
        int64_t places = (int64_t)prize->last - prize->first + 1;
        sum += (int128)amount_of(tournament, prize) * places;
        shares += (int128)prize->amount * places;
    }
    *shares_out = shares > WHOLE_POOL ? WHOLE_POOL : (int64_t)shares;
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

/* What rounding leaves of the part of the pool that places share. */
static int64_t leftover_of(const struct program *program, const struct bundle_tournament *tournament)
{
    if (tournament->pool == 0 || !tournament->leftover_first) return 0;
    int64_t shares, sum = sum_of(program, tournament, &shares);
    return share(tournament->pool, shares) - sum;
}

int64_t tournament_prize(const struct program *program, const struct bundle_tournament *tournament, uint32_t place)
{
    const struct bundle_prize *prize = prize_of(program, tournament, place);
    if (prize == NULL) return 0;
    return amount_of(tournament, prize) + (place == 1 ? leftover_of(program, tournament) : 0);
}

int64_t tournament_largest(const struct program *program, const struct bundle_tournament *tournament)
{
    int64_t largest = tournament_prize(program, tournament, 1);
    for (uint32_t i = 0; i < tournament->prize_count; i++) {
        int64_t prize = amount_of(tournament, &program->prize[tournament->prize_first + i]);
        if (prize > largest) largest = prize;
    }
    return largest;
}

uint32_t tournament_places(const struct program *program, const struct bundle_tournament *tournament)
{
    return program->prize[tournament->prize_first + tournament->prize_count - 1].last;
}

int64_t tournament_prizes(const struct program *program, const struct bundle_tournament *tournament)
{
    int64_t shares, sum = sum_of(program, tournament, &shares);
    return sum + leftover_of(program, tournament);
}

/* ---------------------------------------------------------------- records */

static const char *schedule_fault(const struct program *program, uint32_t index)
{
    const struct bundle_schedule *schedule = &program->schedule[index];
    if (schedule->players_zone || schedule->zone != PROGRAM_NONE || schedule->birthday != PROGRAM_NONE ||
        schedule->holidays != PROGRAM_NONE)
        return "its times are not those of its own zone";
    return NULL;
}

static const char *window_fault(const struct program *program, const struct bundle_tournament *tournament)
{
    uint32_t first = tournament->start;
    if ((first == PROGRAM_NONE) != (tournament->end == PROGRAM_NONE) ||
        (first == PROGRAM_NONE) != (tournament->settle == PROGRAM_NONE))
        return "it has a start without an end or a settlement";
    if (first == PROGRAM_NONE) {
        bool inside = tournament->from >= CIVIL_INSTANT_MIN && tournament->settles <= CIVIL_INSTANT_MAX;
        bool ordered = tournament->from < tournament->until && tournament->until <= tournament->settles;
        return inside && ordered ? NULL : "it does not end after its start, or is settled before its end";
    }
    if (tournament->from != 0 || tournament->until != 0 || tournament->settles != 0) return "it has two windows";
    const char *fault = schedule_fault(program, first);
    if (fault == NULL) fault = schedule_fault(program, tournament->end);
    return fault != NULL ? fault : schedule_fault(program, tournament->settle);
}

static const char *prize_fault(const struct program *program, const struct bundle_tournament *tournament)
{
    uint32_t before = 0;
    int128 sum = 0;
    if (tournament->prize_count == 0) return "it has no prize";
    if (tournament->pool < 0) return "its pool is less than nothing";
    for (uint32_t i = 0; i < tournament->prize_count; i++) {
        const struct bundle_prize *prize = &program->prize[tournament->prize_first + i];
        if (prize->first != before + 1 || prize->last < prize->first || prize->last > TOURNAMENT_PLACES_MAX)
            return "its places have a gap, or are too many";
        if (prize->amount < 0) return "a prize is less than nothing";
        before = prize->last;
        sum += (int128)prize->amount * ((int64_t)prize->last - prize->first + 1);
    }
    if (tournament->pool > 0 && sum > WHOLE_POOL) return "its places share out more than the whole pool";
    return sum > INT64_MAX ? "its prizes are more than a number holds" : NULL;
}

static bool is_of(const struct program *program, uint32_t metric, uint32_t tournament)
{
    return metric != PROGRAM_NONE && program->metric[metric].span == SPAN_INSTANCE &&
           program->metric[metric].tournament == tournament;
}

static const char *score_fault(const struct program *program, uint32_t index)
{
    const struct bundle_tournament *tournament = &program->tournament[index];
    if (tournament->score_count == 0 || tournament->score_count > TOURNAMENT_SCORES_MAX)
        return "it gives points for nothing, or for too much";
    for (uint32_t i = 0; i < tournament->score_count; i++) {
        const struct bundle_score *score = &program->score[tournament->score_first + i];
        if (score->num <= 0 || score->den <= 0) return "it gives points at no rate";
        if (!is_of(program, score->metric, index) || !is_of(program, score->last, index))
            return "its points are counted over other windows";
        uint32_t aggregate = program->metric[score->metric].aggregate;
        bool fits = tournament->largest ? aggregate == AGGREGATE_LARGEST
                                        : aggregate == AGGREGATE_SUM || aggregate == AGGREGATE_COUNT_EVENTS;
        if (!fits || program->metric[score->last].aggregate != AGGREGATE_LAST_TIME)
            return "its points are counted otherwise than it says";
    }
    return NULL;
}

static const char *rank_fault(const struct program *program, uint32_t index)
{
    const struct bundle_tournament *tournament = &program->tournament[index];
    if (tournament->rank_count == 0 || tournament->rank_count > TOURNAMENT_RANKS_MAX)
        return "it orders players by nothing, or by too much";
    for (uint32_t i = 0; i < tournament->rank_count; i++) {
        const struct bundle_rank *rank = &program->rank[tournament->rank_first + i];
        bool last = i + 1 == tournament->rank_count;
        if ((rank->kind == RANK_BY_PLAYER) != last) return "its order does not end with the player's id";
        if ((rank->kind == RANK_BY_METRIC) != (rank->metric != PROGRAM_NONE)) return "its order lacks a metric";
        if (rank->kind == RANK_BY_METRIC &&
            (!is_of(program, rank->metric, index) || program->metric[rank->metric].kind == TYPE_TEXT))
            return "it orders by what is counted over other windows, or by a text";
        if (last && rank->largest_first) return "the smallest id comes first";
    }
    return NULL;
}

enum status meaning_check_tournaments(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        bool formula = metric->aggregate == AGGREGATE_FORMULA;
        if ((!formula && metric->span == SPAN_INSTANCE) != (metric->tournament != PROGRAM_NONE))
            return REFUSE(metric, i, "it counts over the windows of no tournament");
        bool days = metric->aggregate == AGGREGATE_DIFFERENT_DAYS || metric->aggregate == AGGREGATE_DAYS_IN_A_ROW ||
                    metric->aggregate == AGGREGATE_DIFFERENT_EACH;
        if (metric->tournament != PROGRAM_NONE && days)
            return REFUSE(metric, i, "a tournament counts neither days nor values one by one");
        if (metric->tournament != PROGRAM_NONE && metric->players_zone)
            return REFUSE(metric, i, "the windows of a tournament are not those of the player's zone");
    }
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        const struct bundle_tournament *tournament = &program->tournament[i];
        const char *fault = window_fault(program, tournament);
        if (fault == NULL) fault = prize_fault(program, tournament);
        if (fault == NULL) fault = score_fault(program, i);
        if (fault == NULL) fault = rank_fault(program, i);
        if (fault == NULL && tournament->least_score < 0) fault = "its smallest score is less than nothing";
        if (fault == NULL && tournament->board_top > TOURNAMENT_BOARD_MAX) fault = "its board is too long";
        for (uint32_t j = 0; j < i && fault == NULL; j++) {
            if (program->tournament[j].campaign == tournament->campaign) fault = "its campaign has another tournament";
        }
        if (fault != NULL) return REFUSE(tournament, i, "%s", fault);
    }
    return OK;
}
