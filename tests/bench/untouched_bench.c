/*
 * What an event costs that touches none of 1,000 metrics and 1,000 segments that campaigns start on, against the same event in a program without them.
 *
 * Both programs hear sessions; the metrics and segments of the second are over bets. Every player has bet once, so there is state of
 * all of them. Nanoseconds of processor time a folded event, two runs side by side.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "runtime/engine/engine.h"
#include "tests/bench/bench_kit.h"
#include "vm/crypto.h"

enum { FIGURES = 1000, PLAYERS = 200, EVENTS = 40000, ROUNDS = 9 };

static const char HEAD[] =
    "workspace \"Bench\"\n  product casino\n  currency EUR\n  channel inbox\n  tag at_risk\n  timezone \"UTC\"\n"
    "  use events\n  use attributes\n  use actions\nend\n"
    "campaign \"Heard\"\n  product casino\n  currency EUR\n  start on session where device is known and device is app\n"
    "  enter once per player\n  step \"Only\"\n    wait 1 day\n    finish as \"DONE\"\n  end\nend\n";

struct side {
    struct compiler_output output;
    struct engine *engine;
    int64_t now;
    uint64_t position;
    uint32_t session, bet;
};

static void make_source(struct buffer *out, uint32_t figures)
{
    buffer_string(out, HEAD);
    for (uint32_t i = 0; i < figures; i++) {
        buffer_print(out, "metric m%u is count of bet %s where multiplier is at least %u\n", i,
                     i % 2 == 0 ? "ever" : "over last 30 days", i);
        buffer_print(out, "segment \"S%u\" is players where m%u is at least 2\n", i, i);
        buffer_print(
            out,
            "campaign \"C%u\"\n  product casino\n  currency EUR\n  start on entering \"S%u\"\n  step \"Only\"\n"
            "    finish as \"DONE\"\n  end\nend\n",
            i, i);
    }
}

static void fold(struct side *side, struct record *record)
{
    struct error error = ERROR_NONE;
    record->position = ++side->position;
    record->now = record->at = side->now;
    if (engine_fold(side->engine, record, &error) != OK) {
        fprintf(stderr, "%s\n", error.message);
        abort();
    }
}

static uint32_t find_event(const struct program *program, const char *name)
{
    for (uint32_t i = 0; i < program->event_count; i++) {
        if (text_equal(program_text(program, program->event[i].name), text_of(name))) return i;
    }
    abort();
}

static void fold_event(struct side *side, uint32_t event, uint32_t player)
{
    const struct program *program = &side->output.program;
    int64_t slot[192] = {0};
    uint64_t known[3] = {3, 0, 0};
    char bytes[64];
    int id = snprintf(bytes, sizeof bytes, "e%llu", (unsigned long long)side->position);
    char name[16];
    int name_size = snprintf(name, sizeof name, "p%u", player);
    slot[PROGRAM_SLOT_TIME] = side->now;
    slot[PROGRAM_SLOT_EVENT_ID] = handle_make(BANK_EVENT, (uint32_t)id, 0);
    const struct bundle_event *record = &program->event[event];
    for (uint32_t i = 0; i < record->field_count; i++) {
        const struct bundle_field *field = &program->field[record->field_first + i];
        if (field->optional) continue;
        slot[field->slot] = field->kind == TYPE_TEXT      ? handle_make(BANK_EVENT, 0, 0)
                            : field->kind == TYPE_DECIMAL ? INT64_C(2000000000)
                                                          : field->low;
        known[field->slot / 64] |= UINT64_C(1) << (field->slot % 64);
        if (field->kind == TYPE_MONEY) known[(field->slot + 1) / 64] |= UINT64_C(1) << ((field->slot + 1) % 64);
    }
    struct record out = {.kind = RECORD_EVENT,
                         .player = text_make(name, (uint32_t)name_size),
                         .id = text_make(bytes, (uint32_t)id),
                         .event = event,
                         .slot_count = record->slot_count,
                         .slot = slot,
                         .known = known,
                         .bytes = (const uint8_t *)bytes,
                         .bytes_size = (uint32_t)id,
                         .content = side->position};
    out.group = record_group(out.brand, out.player);
    side->now++;
    fold(side, &out);
}

static void open_side(struct side *side, uint32_t figures)
{
    struct buffer source = BUFFER_EMPTY;
    make_source(&source, figures);
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("bench.promo"), .bytes = text_of(buffer_as_string(&source))};
    if (compiler_compile(&side->output, &input, 1, (struct compiler_options){.default_name = TEXT("Bench")}, &error) !=
            OK ||
        side->output.failed) {
        struct buffer words = BUFFER_EMPTY;
        diagnostics_render(&side->output.diagnostics, DIAGNOSTIC_TEXT, &words);
        fprintf(stderr, "%s%.2000s\n", error.message, buffer_as_string(&words));
        abort();
    }
    buffer_deinit(&source);
    struct engine_options options = {.shards = 1};
    if (engine_open(&side->engine, &options, &error) != OK) abort();
    side->now = INT64_C(1780000000000);
    struct record activate = {
        .kind = RECORD_ACTIVATE, .bundle = side->output.bundle.bytes, .bundle_size = side->output.bundle.size};
    fold(side, &activate);
    side->session = find_event(&side->output.program, "session");
    side->bet = find_event(&side->output.program, "bet");
    side->now++;
    for (uint32_t i = 0; i < PLAYERS; i++) fold_event(side, side->bet, i);
    for (uint32_t i = 0; i < EVENTS; i++) fold_event(side, side->session, i % PLAYERS);
}

static double run(struct side *side)
{
    uint64_t start = bench_cpu();
    for (uint32_t i = 0; i < EVENTS; i++) fold_event(side, side->session, i * 7 % PLAYERS);
    return (double)(bench_cpu() - start) / EVENTS;
}

int main(void)
{
    static struct side with, without;
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 2;
    open_side(&with, FIGURES);
    open_side(&without, 0);
    struct engine_metric figure;
    bench_require(engine_find_metric(with.engine, TEXT(""), TEXT("p7"), TEXT("m999"), &figure) && figure.known &&
                      figure.value == 1,
                  "every player must have bet once");
    double ours[ROUNDS], peer[ROUNDS];
    for (uint32_t i = 0; i < ROUNDS; i++) {
        ours[i] = run(&with);
        peer[i] = run(&without);
    }
    bool met = bench_row("engine: ns an event with 1,000 metrics and segments that it does not touch, with none",
                         bench_median(ours, ROUNDS), bench_median(peer, ROUNDS), 1.1, false);
    engine_close(with.engine);
    engine_close(without.engine);
    compiler_release(&with.output);
    compiler_release(&without.output);
    return met ? 0 : 1;
}
