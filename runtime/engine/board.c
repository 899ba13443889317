/* Scores and orders. See board.h. */
#include "runtime/engine/board.h"

#include <stdlib.h>

#include "runtime/engine/gates.h"
#include "runtime/engine/metrics.h"
#include "vm/memory.h"

uint32_t board_tournament(const struct engine *engine, const struct title *title)
{
    return title->campaign == PROGRAM_NONE ? PROGRAM_NONE : engine->newest->tournament_of[title->campaign];
}

/* ---------------------------------------------------------------- who takes part */

bool board_entered(struct engine *engine, uint32_t tournament, const struct bank_read *event, struct instance *out)
{
    int64_t at = engine->now;
    if (event != NULL && event->known != NULL && event->slot[PROGRAM_SLOT_TIME] < at)
        at = event->slot[PROGRAM_SLOT_TIME];
    return instance_holds(&engine->newest->instance[tournament], at, out) && engine->now < out->settles;
}

static const struct journey *journey_in(const struct player *player, const struct title *title, int64_t start)
{
    for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
        if (journey->title == title && journey->run == start) return journey;
    }
    return NULL;
}

bool board_has(const struct player *player, const struct title *title, int64_t start)
{
    return journey_in(player, title, start) != NULL;
}

bool board_starts_by_counting(const struct program *program, const struct bundle_tournament *tournament)
{
    uint32_t event = program->campaign[tournament->campaign].start_event;
    for (uint32_t i = 0; i < tournament->score_count && event != PROGRAM_NONE; i++) {
        if (program->metric[program->score[tournament->score_first + i].metric].event == event) return true;
    }
    return false;
}

/* ---------------------------------------------------------------- scores */

/* Reads between these are of this instance. */
static void pin(struct engine *engine, uint32_t tournament, int64_t start)
{
    engine->newest->instance[tournament].pinned = start;
}

static struct metric_read read(struct engine *engine, const struct player *player, uint32_t metric)
{
    struct metric_read out;
    metrics_read(engine, player, NULL, engine->newest, metric, engine->now, &out);
    return out;
}

static int64_t points_of(const struct bundle_score *score, int64_t counted)
{
    if (counted <= 0) return 0;
    int128 points = (int128)counted * score->num / score->den;
    if (score->whole) points -= points % BOARD_POINT;
    return points > INT64_MAX ? INT64_MAX : (int64_t)points;
}

static int64_t read_score(struct engine *engine, const struct bundle_tournament *tournament,
                          const struct player *player)
{
    const struct program *program = &engine->newest->program;
    int64_t total = 0;
    for (uint32_t i = 0; i < tournament->score_count; i++) {
        const struct bundle_score *score = &program->score[tournament->score_first + i];
        struct metric_read counted = read(engine, player, score->metric);
        int64_t points = counted.known ? points_of(score, counted.value) : 0;
        if (tournament->largest) {
            if (points > total) total = points;
        } else {
            total = points > INT64_MAX - total ? INT64_MAX : total + points;
        }
    }
    return total;
}

static bool read_last(struct engine *engine, const struct bundle_tournament *tournament, const struct player *player,
                      int64_t *out)
{
    const struct program *program = &engine->newest->program;
    bool known = false;
    for (uint32_t i = 0; i < tournament->score_count; i++) {
        struct metric_read last = read(engine, player, program->score[tournament->score_first + i].last);
        if (!last.known || (known && last.value <= *out)) continue;
        *out = last.value;
        known = true;
    }
    return known;
}

int64_t board_score(struct engine *engine, uint32_t tournament, const struct player *player, int64_t start)
{
    pin(engine, tournament, start);
    int64_t score = read_score(engine, &engine->newest->program.tournament[tournament], player);
    pin(engine, tournament, INSTANCE_NOWHERE);
    return score;
}

bool board_last(struct engine *engine, uint32_t tournament, const struct player *player, int64_t start, int64_t *out)
{
    pin(engine, tournament, start);
    bool known = read_last(engine, &engine->newest->program.tournament[tournament], player, out);
    pin(engine, tournament, INSTANCE_NOWHERE);
    return known;
}

/* ---------------------------------------------------------------- rows */

static void read_row(struct engine *engine, const struct bundle_tournament *tournament, struct board_row *row)
{
    const struct program *program = &engine->newest->program;
    row->score = read_score(engine, tournament, row->player);
    for (uint32_t i = 0; i < tournament->rank_count; i++) {
        const struct bundle_rank *rank = &program->rank[tournament->rank_first + i];
        bool known = false;
        switch ((enum rank_kind)rank->kind) {
        case RANK_BY_SCORE:
            known = true;
            row->value[i] = row->score;
            break;
        case RANK_BY_LAST_SCORE: known = read_last(engine, tournament, row->player, &row->value[i]); break;
        case RANK_BY_METRIC: {
            struct metric_read value = read(engine, row->player, rank->metric);
            known = value.known;
            row->value[i] = value.value;
            break;
        }
        case RANK_BY_PLAYER:
        case RANK_BY_COUNT: break;
        }
        if (known) row->known |= 1u << i;
    }
}

/* A policy ends his journeys, or keeps what this campaign rewards from him. */
static bool is_blocked(struct engine *engine, const struct board_row *row)
{
    gates_aim(engine, row->player, engine->now);
    if (state_is_test(engine, row->player) || gates_finish_rule(engine, row->player) != PROGRAM_NONE) return true;
    const struct use *use = row->journey->use;
    uint32_t campaign = row->journey->campaign;
    const struct bundle_campaign *record = &use->program.campaign[campaign];
    gates_prepare(engine, row->player, use, campaign, engine->now);
    for (uint32_t i = 0; i < record->gate_count; i++) {
        if (use->program.gate[record->gate_first + i].class == CLASS_REWARD &&
            engine->body->gate[i].verdict != REASON_NONE)
            return true;
    }
    return false;
}

/* Waiting for memory is most of the time here: players are asked for ahead, then what hangs on them. */
static void ask_ahead(const struct group *group, uint32_t at)
{
    if (at + 12 < group->capacity) __builtin_prefetch(group->seat[at + 12].player);
    const struct player *near = at + 5 < group->capacity ? group->seat[at + 5].player : NULL;
    if (near == NULL) return;
    __builtin_prefetch(near->journeys);
    __builtin_prefetch(near->metrics.state);
    __builtin_prefetch(near->slot);
}

struct board_row *board_collect(struct engine *engine, uint32_t tournament, const struct title *title, int64_t start,
                                bool judge, uint32_t *count_out)
{
    const struct bundle_tournament *record = &engine->newest->program.tournament[tournament];
    uint32_t count = 0, capacity = 64;
    struct board_row *rows = memory_alloc_array(capacity, sizeof *rows);
    pin(engine, tournament, start);
    for (uint32_t i = 0; i < RECORD_GROUPS && rows != NULL && engine->failed == OK; i++) {
        const struct group *group = state_group(engine, i);
        for (uint32_t j = 0; j < group->capacity && rows != NULL; j++) {
            ask_ahead(group, j);
            struct player *player = group->seat[j].player;
            const struct journey *journey = player == NULL ? NULL : journey_in(player, title, start);
            if (journey == NULL) continue;
            if (count == capacity) {
                struct board_row *grown = memory_resize_array(rows, (size_t)capacity * 2, sizeof *grown);
                if (grown == NULL) memory_release(rows);
                rows = grown;
                capacity *= 2;
                if (rows == NULL) break;
            }
            struct board_row *row = &rows[count++];
            *row = (struct board_row){.player = player, .journey = journey};
            read_row(engine, record, row);
            row->blocked = judge && is_blocked(engine, row);
        }
    }
    pin(engine, tournament, INSTANCE_NOWHERE);
    *count_out = count;
    return rows;
}

int board_compare(const struct program *program, const struct bundle_tournament *tournament, const struct board_row *a,
                  const struct board_row *b)
{
    for (uint32_t i = 0; i < tournament->rank_count; i++) {
        uint32_t bit = 1u << i;
        if (((a->known ^ b->known) & bit) != 0)
            return (a->known & bit) != 0 ? -1 : 1; /* Who has no value comes last. */
        if ((a->known & bit) == 0 || a->value[i] == b->value[i]) continue;
        bool smaller = a->value[i] < b->value[i],
             largest_first = program->rank[tournament->rank_first + i].largest_first != 0;
        return smaller != largest_first ? -1 : 1;
    }
    return state_compare_players(state_player_id(a->player), state_player_brand(a->player), state_player_id(b->player),
                                 state_player_brand(b->player));
}

struct written_order {
    const struct program *program;
    const struct bundle_tournament *tournament;
};

static int compare_rows(const void *left, const void *right, void *context)
{
    const struct written_order *order = context;
    return board_compare(order->program, order->tournament, left, right);
}

void board_sort(const struct program *program, const struct bundle_tournament *tournament, struct board_row *rows,
                uint32_t count)
{
    struct written_order order = {program, tournament};
    if (count > 1) qsort_r(rows, count, sizeof *rows, compare_rows, &order);
}
