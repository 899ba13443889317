/* What metrics and segments cost those that they do not touch, and what one costs that it does.
 *
 * Two workspaces that differ in 1,000 metrics over one kind of event and 1,000 segments that read them. Players who have figures of all of
 * them send another kind of event: that must cost what it costs where there is none. Then the event itself, under metrics with short and
 * long windows: the length of the window must not show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "runtime/engine/engine.h"
#include "tests/bench/bench_kit.h"
#include "vm/civil.h"

enum { REPEATS = 5, PLAYERS = 500, EVENTS = 50000, METRICS = 1000 };
#define START INT64_C(1780300800000)

static const char HEAD[] =
    "workspace \"Bench\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"Europe/Malta\"\nend\n"
    "event ping\n  field points whole number between 0 and 1,000\nend\n"
    "event play\n  field points whole number between 0 and 1,000\nend\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"
    "campaign \"C\"\n  product casino\n  currency EUR\n  start on ping where points is 1,000\n  enter once per player\n"
    "  step \"S\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n";

static void compile(struct compiler_output *out, const struct buffer *source)
{
    struct error error = ERROR_NONE;
    struct compiler_input input = {.path = TEXT("bench.promo"), .bytes = buffer_as_text(source)};
    bench_require(compiler_compile(out, &input, 1, (struct compiler_options){.default_name = TEXT("Bench")}, &error) ==
                      OK,
                  error.message);
    if (out->failed) {
        struct buffer words = BUFFER_EMPTY;
        diagnostics_render(&out->diagnostics, DIAGNOSTIC_TEXT, &words);
        bench_require(false, buffer_as_string(&words));
    }
}

static void fold(struct engine *engine, const struct record *record)
{
    struct error error = ERROR_NONE;
    bench_require(engine_fold(engine, record, &error) == OK, error.message);
}

static uint32_t find_event(const struct program *program, const char *name)
{
    for (uint32_t i = 0; i < program->event_count; i++) {
        if (text_equal(program_text(program, program->event[i].name), text_of(name))) return i;
    }
    bench_require(false, "there is no such event");
    return 0;
}

static uint64_t serial;

static void send(struct engine *engine, uint32_t event, uint32_t player, int64_t now)
{
    char name[16], id[32];
    const int name_size = snprintf(name, sizeof name, "p%u", player);
    const int id_size = snprintf(id, sizeof id, "%llu", (unsigned long long)++serial);
    const struct bundle_event *record = &engine_program(engine)->event[event];
    int64_t slot[8] = {
        [PROGRAM_SLOT_TIME] = now, [PROGRAM_SLOT_EVENT_ID] = handle_make(BANK_EVENT, (uint32_t)id_size, 0)};
    slot[PROGRAM_EVENT_SLOTS] = player % 999;
    const uint64_t known[1] = {UINT64_C(3) | UINT64_C(1) << PROGRAM_EVENT_SLOTS};
    struct record event_record = {.kind = RECORD_EVENT,
                                  .position = serial,
                                  .now = now,
                                  .at = now,
                                  .player = {name, (uint32_t)name_size},
                                  .id = {id, (uint32_t)id_size},
                                  .event = event,
                                  .slot_count = record->slot_count,
                                  .slot = slot,
                                  .known = known,
                                  .bytes = (const uint8_t *)id,
                                  .bytes_size = (uint32_t)id_size,
                                  .content = serial};
    event_record.group = record_group(event_record.brand, event_record.player);
    fold(engine, &event_record);
}

/* An engine whose players have all played. */
static struct engine *open_engine(const struct compiler_output *program)
{
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    const struct engine_options options = {.shards = 1};
    bench_require(engine_open(&engine, &options, &error) == OK, error.message);
    fold(engine, &(struct record){.kind = RECORD_ACTIVATE,
                                  .position = 1,
                                  .now = START - CIVIL_HOUR_MS,
                                  .at = START - CIVIL_HOUR_MS,
                                  .bundle = program->bundle.bytes,
                                  .bundle_size = program->bundle.size});
    const uint32_t play = find_event(engine_program(engine), "play");
    for (uint32_t i = 0; i < PLAYERS; i++) send(engine, play, i, START - CIVIL_HOUR_MS + 1 + i);
    bench_require(engine_settle(engine, &error) == OK, error.message);
    return engine;
}

/* Nanoseconds of an event. */
static double run(struct engine *engine, const char *name, int64_t *now, int64_t step)
{
    struct error error = ERROR_NONE;
    const uint32_t event = find_event(engine_program(engine), name);
    const uint64_t begin = bench_cpu();
    for (uint32_t i = 0; i < EVENTS; i++) send(engine, event, i * 7919u % PLAYERS, *now += step);
    bench_require(engine_settle(engine, &error) == OK, error.message);
    return (double)(bench_cpu() - begin) / EVENTS;
}

static void print_metrics(struct buffer *source, const char *window)
{
    for (uint32_t i = 0; i < METRICS; i++) {
        buffer_print(source, "metric m%u is sum of play.points %s where points is at least %u\n", i, window, i % 1000);
        buffer_print(source, "segment \"S%u\" is players where m%u is at least %u\n", i, i, i + 1);
    }
}

static bool compare_untouched(void)
{
    struct buffer bare = BUFFER_EMPTY, full = BUFFER_EMPTY;
    buffer_string(&bare, HEAD);
    buffer_string(&full, HEAD);
    print_metrics(&full, "over last 30 days by day");
    struct compiler_output without, with;
    compile(&without, &bare);
    compile(&with, &full);
    struct engine *none = open_engine(&without), *many = open_engine(&with);
    int64_t now_none = START, now_many = START;
    double ours[REPEATS], peer[REPEATS];
    for (uint32_t i = 0; i < REPEATS; i++) {
        peer[i] = run(none, "ping", &now_none, 20);
        ours[i] = run(many, "ping", &now_many, 20);
    }
    const bool met =
        bench_row("event that 1,000 metrics and segments do not concern, ns, against the same without them",
                  bench_median(ours, REPEATS), bench_median(peer, REPEATS), 1.15, false);
    engine_close(none);
    engine_close(many);
    compiler_release(&without);
    compiler_release(&with);
    buffer_deinit(&bare);
    buffer_deinit(&full);
    return met;
}

/* Ten metrics over the event, with short and with long windows, filled to the brim. What lies in memory is larger, so the caches show; the number of
 * entries must not. */
static bool compare_windows(void)
{
    static const char *const windows[] = {"over last 60 minutes by minute", "over last 30 days by minute"};
    struct compiler_output program[2];
    struct engine *engine[2];
    int64_t now[2] = {START, START};
    double value[2][REPEATS];
    for (uint32_t w = 0; w < 2; w++) {
        struct buffer source = BUFFER_EMPTY;
        buffer_string(&source, HEAD);
        for (uint32_t i = 0; i < 10; i++)
            buffer_print(&source, "metric m%u is sum of play.points %s where points is at least %u\n", i, windows[w],
                         i);
        buffer_string(&source, "segment \"S\" is players where m0 is at least 5 and m9 is at least 7\n");
        compile(&program[w], &source);
        buffer_deinit(&source);
        engine[w] = open_engine(&program[w]);
        for (uint32_t i = 0; i < 8; i++) (void)run(engine[w], "play", &now[w], 3000);
    }
    for (uint32_t i = 0; i < REPEATS; i++) {
        for (uint32_t w = 0; w < 2; w++) value[w][i] = run(engine[w], "play", &now[w], 3000);
    }
    const bool met = bench_row("event under ten metrics over 30 days, ns, against windows 720 times shorter",
                               bench_median(value[1], REPEATS), bench_median(value[0], REPEATS), 4.0, false);
    for (uint32_t w = 0; w < 2; w++) {
        engine_close(engine[w]);
        compiler_release(&program[w]);
    }
    return met;
}

int main(void)
{
    const bool untouched = compare_untouched();
    const bool windows = compare_windows();
    return untouched && windows ? 0 : 1;
}
