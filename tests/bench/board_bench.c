/*
 * A tournament of 1,000,000 players (ENTRANTS=N: so many): its board made anew, against qsort of as many rows by the same three values; then the settlement,
 * with every player told. Nanoseconds of processor time a player; the board has the same first places as the sorted rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "runtime/engine/board_view.h"
#include "runtime/engine/engine.h"
#include "tests/bench/bench_kit.h"
#include "vm/civil.h"

enum { TOP = 50 };

static const char SOURCE[] =
    "workspace \"Bench\"\n  product poker\n  currency EUR\n  channel inbox\n  timezone \"UTC\"\n"
    "  use events\n  use attributes\n  use actions\nend\n"
    "event play\n  field points whole number between 0 and 1,000,000\nend\n"
    "tournament \"Race\"\n  product poker\n  currency EUR\n  runs every week from monday 12:00 until sunday 22:00\n"
    "  settles at monday 00:00\n  start on play\n  earn 1 per 1 of play.points\n"
    "  order by entry.score from largest, then entry.last_score from earliest, then player.id from smallest\n"
    "  prizes cash\n    pool 10,000 EUR\n    place 1 to 10 10%\n    wagering none\n  end\n"
    "  budget\n    per run 10,000 EUR\n  end\n  board\n    show top 50\n    names in full\n    age up to 5 seconds\n  "
    "end\nend\n";

struct row {
    int64_t score, last;
    char id[8];
    uint8_t size;
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    if (a->last != b->last) return a->last < b->last ? -1 : 1;
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    return memcmp(a->id, b->id, a->size);
}

struct seen {
    uint64_t effects;
    struct row first[TOP];
    uint32_t count;
};

static void take_effect(void *context, const struct engine_effect *effect)
{
    (void)effect;
    ((struct seen *)context)->effects++;
}

static void take_board(void *context, const struct board_view *view)
{
    struct seen *seen = context;
    seen->count = view->count;
    for (uint32_t i = 0; i < view->count && i < TOP; i++) {
        struct row *row = &seen->first[i];
        *row = (struct row){.score = view->place[i].score / 1000000, .last = view->place[i].last};
        row->size = (uint8_t)view->place[i].player.size;
        memcpy(row->id, view->place[i].player.at, row->size);
    }
}

static void fold(struct engine *engine, struct record *record)
{
    struct error error = ERROR_NONE;
    if (engine_fold(engine, record, &error) == OK) return;
    fprintf(stderr, "%s\n", error.message);
    abort();
}

int main(void)
{
    const char *asked = getenv("ENTRANTS");
    uint32_t entrants = asked == NULL ? 1000000 : (uint32_t)strtoul(asked, NULL, 10);
    struct compiler_input input = {.path = TEXT("bench.promo"), .bytes = TEXT(SOURCE)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    bench_require(
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("Bench")}, &error) == OK &&
            !output.failed,
        "the campaign compiles");
    struct seen seen = {.effects = 0};
    struct engine *engine;
    struct engine_options options = {.shards = 4, .sink = {.context = &seen, .effect = take_effect}};
    bench_require(engine_open(&engine, &options, &error) == OK, "the engine opens");
    int64_t start = civil_date_of(2026, 6, 15) * CIVIL_DAY_MS + 12 * CIVIL_HOUR_MS, now = start;
    uint64_t position = 1;
    struct record activate = {.kind = RECORD_ACTIVATE,
                              .position = position,
                              .now = now,
                              .at = now,
                              .bundle = output.bundle.bytes,
                              .bundle_size = output.bundle.size};
    fold(engine, &activate);
    const struct program *program = engine_program(engine);
    uint32_t play = 0;
    while (!text_equal(program_text(program, program->event[play].name), TEXT("play"))) play++;
    struct row *rows = calloc(entrants, sizeof *rows);
    bench_require(rows != NULL, "there is memory");
    uint64_t dice = 4;
    for (uint32_t i = 0; i < entrants; i++) {
        struct row *row = &rows[i];
        char id[24], name[24];
        now = start + 1 + (int64_t)(i / 64);
        int64_t slot[8] = {0};
        uint64_t known[1] = {1 | UINT64_C(1) << PROGRAM_EVENT_SLOTS};
        row->size = (uint8_t)snprintf(name, sizeof name, "%u", i);
        memcpy(row->id, name, row->size);
        row->score = (int64_t)(bench_random(&dice) % 5000) + 1;
        row->last = now;
        slot[PROGRAM_SLOT_TIME] = now;
        slot[PROGRAM_EVENT_SLOTS] = row->score;
        int id_size = snprintf(id, sizeof id, "e%u", i);
        slot[PROGRAM_SLOT_EVENT_ID] = handle_make(BANK_EVENT, (uint32_t)id_size, 0);
        known[0] |= UINT64_C(1) << PROGRAM_SLOT_EVENT_ID;
        struct record record = {.kind = RECORD_EVENT,
                                .position = ++position,
                                .now = now,
                                .at = now,
                                .id = text_make(id, (uint32_t)id_size),
                                .player = text_make(name, row->size),
                                .content = position,
                                .event = play,
                                .slot = slot,
                                .slot_count = program->event[play].slot_count,
                                .known = known,
                                .bytes = (const uint8_t *)id,
                                .bytes_size = (uint32_t)id_size};
        record.group = record_group(record.brand, record.player);
        fold(engine, &record);
    }
    bench_require(engine_settle(engine, &error) == OK, "the last instant closes");
    double ours[3], peers[3];
    for (uint32_t round = 0; round < 3; round++) {
        struct row *copy = malloc(entrants * sizeof *copy);
        bench_require(copy != NULL, "there is memory");
        memcpy(copy, rows, entrants * sizeof *copy);
        uint64_t began = bench_cpu();
        qsort(copy, entrants, sizeof *copy, compare_rows);
        peers[round] = (double)(bench_cpu() - began) / entrants;
        began = bench_cpu();
        bench_require(board_view(engine, TEXT("Race"), INT64_MIN, TEXT(""), TEXT(""), 100000 * (round + 1), take_board,
                                 &seen, &error) == OK,
                      "there is a board");
        ours[round] = (double)(bench_cpu() - began) / entrants;
        for (uint32_t i = 0; i < seen.count; i++)
            bench_require(compare_rows(&copy[i], &seen.first[i]) == 0, "the places are those of the sorted rows");
        free(copy);
    }
    double board = bench_median(ours, 3), sorted = bench_median(peers, 3);
    (void)bench_row("board_ns_per_player", board, sorted, 10, false);
    uint64_t before = seen.effects, began = bench_cpu();
    struct record tick = {
        .kind = RECORD_TICK, .position = ++position, .now = start + 7 * CIVIL_DAY_MS, .at = start + 7 * CIVIL_DAY_MS};
    fold(engine, &tick);
    bench_require(engine_settle(engine, &error) == OK, "it is settled");
    bench_note("settlement_ns_per_player", (double)(bench_cpu() - began) / entrants, sorted);
    bench_require(seen.effects - before == entrants + 10, "every player is told, and ten are paid");
    began = bench_cpu();
    bench_require(board_view(engine, TEXT("Race"), INT64_MIN, TEXT(""), TEXT(""), 0, take_board, &seen, &error) == OK,
                  "there is a result");
    free(rows);
    engine_close(engine);
    compiler_release(&output);
    return 0;
}
