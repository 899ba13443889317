/*
 * The eligibility workload: 1,000,000 typed events, 100,000 players, about twelve conditions, a split, a match bonus, a budget, two effects;
 * once decided by the interpreter over prepared typed reads, once by the same decision in native C, interleaved in one run and with equal
 * checksums. Then the whole fold in memory beside it, with where its time goes.
 *
 * Data: eligibility_data.c; campaign: eligibility.promo.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/compiler.h"
#include "runtime/engine/engine.h"
#include "tests/bench/bench_kit.h"
#include "tests/bench/eligibility_data.h"
#include "vm/interp.h"
#include "vm/split.h"

enum { REPEATS = 9, AHEAD = 12 };
#define BUDGET INT64_C(90000000000)

struct totals {
    uint64_t effects;
    uint64_t spent;
    uint64_t sum; /* over every effect, its player and its amount */
};

static void note_effect(struct totals *totals, uint64_t kind, uint64_t player, int64_t amount)
{
    totals->effects++;
    totals->sum = (totals->sum ^ (kind + player * 3 + (uint64_t)amount * 7)) * UINT64_C(0x9E3779B97F4A7C15);
    totals->sum ^= totals->sum >> 29;
}

/* ------------------------------------------------------------------ native C */

/* 676 bits, the listed countries. */
static uint64_t listed[11];

static void list_countries(void)
{
    static const char *const codes[] = {"DE", "AT", "FI", "SE", "NO", "MT", "IE", "NL", "CA", "NZ", "PT", "ES"};
    for (unsigned i = 0; i < 12; i++) {
        const unsigned bit = (unsigned)(codes[i][0] - 'A') * 26 + (unsigned)(codes[i][1] - 'A');
        listed[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

/* Both loops look up the player some events ahead, as a batch does. */
static uint32_t ahead(uint32_t event)
{
    return event + AHEAD < ELIGIBILITY_EVENTS ? event + AHEAD : event;
}

/* A campaign written in C for the same host: the host asks the filter, runs the activation, decides the budget and resumes, by pointers as
 * any engine with many campaigns must; an activation makes a list of effects that the host takes. */
struct native_effect {
    uint32_t kind; /* 1 credit asked for, 2 message, 3 control group */
    int64_t amount;
};
struct native_activation {
    uint32_t count;
    struct native_effect effect[4];
};
struct native_campaign {
    bool (*filter)(const struct native_event *event, const struct native_player *player);
    void (*start)(const struct native_event *event, const struct native_player *player, uint64_t seed,
                  struct native_activation *out);
    void (*granted)(const struct native_event *event, const struct native_player *player,
                    struct native_activation *out);
};

static bool native_filter(const struct native_event *event, const struct native_player *player)
{
    return event->currency == 0 && event->amount >= 2000 && event->nth <= 20 &&
           (listed[player->country / 64] >> (player->country % 64) & 1u) != 0 && player->vip_level >= 2 &&
           player->lifetime >= 500 && player->last_login <= event->at - INT64_C(604800000) &&
           player->casino_push != 0 && player->reactivation != 0 && player->bonus_abuse == 0 &&
           player->registered_at <= event->at - INT64_C(2592000000);
}

static void native_start(const struct native_event *event, const struct native_player *player, uint64_t seed,
                         struct native_activation *out)
{
    const uint32_t millionth = split_millionth((struct text){.at = player->id, .size = player->id_size}, seed);
    out->count = 1;
    if (millionth >= 800000) {
        out->effect[0] = (struct native_effect){3, 0};
        return;
    }
    const int64_t amount = player->vip_level >= 5 ? event->amount : event->amount / 2;
    out->effect[0] = (struct native_effect){1, amount < 10000 ? amount : 10000};
}

static void native_granted(const struct native_event *event, const struct native_player *player,
                           struct native_activation *out)
{
    (void)event;
    (void)player;
    out->count = 1;
    out->effect[0] = (struct native_effect){2, 0};
}

static const struct native_campaign *volatile native_campaign =
    &(const struct native_campaign){native_filter, native_start, native_granted};

static struct totals run_native(const struct eligibility *data)
{
    struct totals totals = {0};
    int64_t left = BUDGET;
    const uint64_t seed = split_seed(TEXT("eligibility-2026"));
    const struct native_campaign *campaign = native_campaign;
    struct native_activation activation;
    for (uint32_t i = 0; i < ELIGIBILITY_EVENTS; i++) {
        const struct native_event *event = &data->events[i];
        __builtin_prefetch(&data->events[ahead(i + AHEAD)]);
        __builtin_prefetch(&data->players[data->events[ahead(i)].player]);
        if (event->type != data->deposit) {
            continue;
        }
        const struct native_player *player = &data->players[event->player];
        if (!campaign->filter(event, player)) {
            continue;
        }
        campaign->start(event, player, seed, &activation);
        const int64_t cost = activation.effect[0].amount;
        if (activation.effect[0].kind == 3) {
            note_effect(&totals, 3, event->player, 0);
        } else if (cost <= left) {
            left -= cost;
            totals.spent += (uint64_t)cost;
            note_effect(&totals, 1, event->player, cost);
            campaign->granted(event, player, &activation);
            for (uint32_t k = 0; k < activation.count; k++) {
                note_effect(&totals, activation.effect[k].kind, event->player, activation.effect[k].amount);
            }
        }
    }
    return totals;
}

/* ------------------------------------------------------------------ the interpreter */

static void take_made(const struct activation *activation, uint32_t player, struct totals *totals)
{
    for (uint32_t i = 0; i < activation->made_count; i++) {
        const struct made *made = &activation->made[i];
        if (made->kind == MADE_EFFECT) {
            note_effect(totals, 2, player, 0);
        }
    }
}

static struct totals run_interpreter(const struct eligibility *data, struct activation *activation)
{
    struct totals totals = {0};
    int64_t left = BUDGET;
    const struct program *program = &data->program;
    const struct bundle_campaign campaign = program->campaign[0];
    const struct bundle_state *states = &program->state[campaign.state_first];
    const struct native_event *events = data->events;
    const struct banked_player *players = data->banked;
    static int64_t variables[64];
    static int64_t bank[PROGRAM_EVENT_SLOTS + 4]; /* the event's reads, prepared anew for each, as intake does */
    const uint64_t known = ~UINT64_C(0);
    const uint32_t amount = data->slot_of_amount;
    const uint32_t nth = data->slot_of_nth;
    activation->event = (struct bank_read){bank, &known, NULL};
    activation->program = program;
    activation->campaign = 0;
    activation->journey_slot = variables;
    for (uint32_t i = 0; i < ELIGIBILITY_EVENTS; i++) {
        const struct native_event *event = &events[i];
        const struct banked_player *next = &players[events[ahead(i)].player];
        __builtin_prefetch(&events[ahead(i + AHEAD)]);
        __builtin_prefetch(next);
        __builtin_prefetch(&next->known);
        if (event->type != campaign.start_event) {
            continue;
        }
        const struct banked_player *player = &players[event->player];
        bank[PROGRAM_SLOT_TIME] = event->at;
        bank[amount] = event->amount;
        bank[amount + 1] = event->currency;
        bank[nth] = event->nth;
        activation->player = (struct bank_read){player->slot, &player->known, player->bytes};
        activation->now = event->at;
        if (!interp_filter(activation, campaign.start_filter) || !interp_filter(activation, campaign.audience)) {
            continue;
        }
        activation->journey_known = 0;
        interp_run(activation, campaign.start);
        if (activation->outcome != OUTCOME_CREDIT) {
            note_effect(&totals, 3, event->player, 0);
            continue;
        }
        const int64_t cost = activation->values[activation->credit_values + 1];
        if (cost > left) {
            interp_run(activation, states[activation->state].declined);
            continue;
        }
        left -= cost;
        totals.spent += (uint64_t)cost;
        note_effect(&totals, 1, event->player, cost);
        interp_run(activation, states[activation->state].granted);
        take_made(activation, event->player, &totals);
    }
    return totals;
}

/* ------------------------------------------------------------------ the whole fold */

struct fold_count {
    uint64_t effects;
    uint64_t notes;
};

static void count_effect(void *context, const struct engine_effect *effect)
{
    (void)effect;
    ((struct fold_count *)context)->effects++;
}

static void fold(struct engine *engine, const struct record *record)
{
    struct error error = ERROR_NONE;
    bench_require(engine_fold(engine, record, &error) == OK, error.message);
}

/* Folds the players, then `count` events; nanoseconds of an event. `type` other than the data's: events that no campaign starts on. */
static double run_fold(const struct eligibility *data, bool foreign, struct fold_count *count)
{
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    const struct engine_options options = {.shards = 1, .sink = {.context = count, .effect = count_effect}};
    bench_require(engine_open(&engine, &options, &error) == OK, error.message);
    fold(engine, &(struct record){.kind = RECORD_ACTIVATE,
                                  .position = 1,
                                  .now = ELIGIBILITY_NOW - 2,
                                  .at = ELIGIBILITY_NOW - 2,
                                  .bundle = data->output.bundle.bytes,
                                  .bundle_size = data->output.bundle.size});
    uint64_t given[8];
    memset(given, 0xFF, sizeof given);
    given[0] &= ~UINT64_C(3); /* tags and id are no attributes */
    char id[24];
    for (uint32_t i = 0; i < ELIGIBILITY_PLAYERS; i++) {
        const struct native_player *player = &data->players[i];
        const int size = snprintf(id, sizeof id, "a%u", i);
        struct record record = {.kind = RECORD_ATTRIBUTES,
                                .position = 2 + i,
                                .now = ELIGIBILITY_NOW - 1,
                                .at = ELIGIBILITY_NOW - 1,
                                .player = {player->id, player->id_size},
                                .id = {id, (uint32_t)size},
                                .slot_count = data->player_slots,
                                .slot = data->banked[i].slot,
                                .bytes = data->banked[i].bytes,
                                .bytes_size = 12,
                                .known = &data->banked[i].known,
                                .given = given,
                                .content = i + 1};
        record.group = record_group(record.brand, record.player);
        fold(engine, &record);
    }
    bench_require(engine_settle(engine, &error) == OK, error.message);
    const uint64_t begin = bench_cpu();
    for (uint32_t i = 0; i < ELIGIBILITY_EVENTS; i++) {
        const struct native_event *event = &data->events[i];
        const struct native_player *player = &data->players[event->player];
        const int size = snprintf(id, sizeof id, "e%u", i);
        struct record record = {.kind = RECORD_EVENT,
                                .position = 200000 + i,
                                .now = event->at,
                                .at = event->at,
                                .player = {player->id, player->id_size},
                                .id = {id, (uint32_t)size},
                                .event = foreign ? data->deposit + 1 : event->type,
                                .slot = data->event_slot + (size_t)i * data->event_slots,
                                .known = data->event_known + i,
                                .bytes = (const uint8_t *)id,
                                .bytes_size = (uint32_t)size,
                                .content = i + 1};
        record.slot_count = data->program.event[record.event].slot_count;
        record.group = record_group(record.brand, record.player);
        fold(engine, &record);
    }
    bench_require(engine_settle(engine, &error) == OK, error.message);
    const double each = (double)(bench_cpu() - begin) / ELIGIBILITY_EVENTS;
    engine_close(engine);
    return each;
}

/* ------------------------------------------------------------------ */

static bool measure(const char *name, bool full, bool folds)
{
    static struct eligibility data;
    struct activation *activation = calloc(1, sizeof *activation);
    bench_require(activation != NULL, "memory is out");
    eligibility_make(&data, "tests/bench/eligibility.promo", full, 7);
    double ours[REPEATS];
    double peer[REPEATS];
    struct totals native = {0};
    for (unsigned i = 0; i < REPEATS; i++) {
        uint64_t begin = bench_cpu();
        native = run_native(&data);
        peer[i] = (double)(bench_cpu() - begin) / ELIGIBILITY_EVENTS;
        begin = bench_cpu();
        const struct totals interpreted = run_interpreter(&data, activation);
        ours[i] = (double)(bench_cpu() - begin) / ELIGIBILITY_EVENTS;
        bench_require(interpreted.effects == native.effects && interpreted.spent == native.spent &&
                          interpreted.sum == native.sum,
                      "native C and the interpreter differ");
    }
    char metric[96];
    snprintf(metric, sizeof metric, "decision, %s stream, ns an event, against native C", name);
    const bool met = bench_row(metric, bench_median(ours, REPEATS), bench_median(peer, REPEATS), 2.5, false);
    fprintf(stderr, "  %s: %llu effects, %llu minor units, checksum %016llx\n", name,
            (unsigned long long)native.effects, (unsigned long long)native.spent, (unsigned long long)native.sum);
    if (!folds) {
        free(activation);
        eligibility_release(&data);
        return met;
    }
    struct fold_count count = {0};
    const double whole = run_fold(&data, false, &count);
    bench_require(count.effects >= native.effects / 2, "the fold made too few effects to be the same workload");
    struct fold_count none = {0};
    const double bare = run_fold(&data, true, &none);
    snprintf(metric, sizeof metric, "whole fold in memory, %s stream, ns an event (beside the decision)", name);
    bench_note(metric, whole, ours[REPEATS / 2]);
    snprintf(metric, sizeof metric, "  of it: order, de-duplication, player lookup, %s stream", name);
    bench_note(metric, bare, whole);
    snprintf(metric, sizeof metric, "  of it: decision, %s stream", name);
    bench_note(metric, ours[REPEATS / 2], whole);
    snprintf(metric, sizeof metric, "  of it: journeys, gates, budget, ledger, identities, explanation, %s stream",
             name);
    bench_note(metric, whole - bare - ours[REPEATS / 2], whole);
    free(activation);
    eligibility_release(&data);
    return met;
}

/* With the word `decision` it leaves out the folds. */
int main(int argc, char **argv)
{
    const bool folds = argc < 2 || strcmp(argv[1], "decision") != 0;
    list_countries();
    const bool mixed = measure("mixed", false, folds);
    const bool full = measure("full", true, folds);
    return mixed && full ? 0 : 1;
}
