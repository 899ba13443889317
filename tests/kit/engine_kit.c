/* Driving an engine from texts. See engine_kit.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#include "compiler/compiler.h"
#include "runtime/engine/effect_json.h"
#include "runtime/store/history.h"
#include "runtime/store/intake.h"
#include "vm/civil.h"
#include "vm/memory.h"

static void take_effect(void *context, const struct engine_effect *effect)
{
    struct kit *kit = context;
    if (!kit->quiet) effect_json_write(&kit->effects, effect);
}

void (*kit_hear_note)(const struct engine_note *note);

static void take_note(void *context, const struct engine_note *note)
{
    struct kit *kit = context;
    if (kit_hear_note != NULL) kit_hear_note(note);
    if (!kit->quiet) effect_json_note(&kit->notes, note);
}

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error)
{
    const struct kit *kit = context;
    return history_read(&kit->log.log, before, reader, reader_context, error);
}

static void append(struct kit *kit, const struct record *record)
{
    struct error error = ERROR_NONE;
    struct buffer open = BUFFER_EMPTY, secret = BUFFER_EMPTY;
    assert_int_equal(record_encode(&open, &secret, record, engine_program(kit->engine)), OK);
    struct log_record row = {.now = record->now,
                             .number = record->number,
                             .group = record->group,
                             .kind = record->kind,
                             .open = buffer_as_text(&open),
                             .secret = buffer_as_text(&secret)};
    uint64_t first = 0;
    if (kit->log.log.append(kit->log.log.self, &row, 1, &first, &error) != OK) fail_msg("%s", error.message);
    assert_int_equal(first, record->position);
    buffer_deinit(&open);
    buffer_deinit(&secret);
}

static void open_engine(struct kit *kit, uint32_t shards)
{
    struct error error = ERROR_NONE;
    struct engine_options options = {.shards = shards,
                                     .sink = {.context = kit, .effect = take_effect, .note = take_note},
                                     .lazy = shards % 2 == 0,
                                     .history = read_history,
                                     .history_context = kit};
    if (engine_open(&kit->engine, &options, &error) != OK) fail_msg("%s", error.message);
    kit->shards = shards;
}

static void compile(struct kit *kit, const char *source)
{
    struct error error = ERROR_NONE;
    struct compiler_output output;
    struct compiler_input input = {.path = TEXT("test.promo"), .bytes = text_of(source)};
    struct compiler_options options = {.default_name = TEXT("Kit")};
    if (compiler_compile(&output, &input, 1, options, &error) != OK) fail_msg("%s", error.message);
    if (output.failed) {
        struct buffer words = BUFFER_EMPTY;
        diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
        fail_msg("the source has mistakes:\n%s", buffer_as_string(&words));
    }
    buffer_clear(&kit->bundle);
    buffer_append(&kit->bundle, output.bundle.bytes, output.bundle.size);
    compiler_release(&output);
}

void kit_record(struct kit *kit, struct record *record)
{
    struct error error = ERROR_NONE;
    int64_t before = engine_now(kit->engine);
    if (record->now < before) record->now = before;
    record->position = ++kit->position;
    append(kit, record);
    if (engine_fold(kit->engine, record, &error) != OK) fail_msg("%s", error.message);
}

void kit_activate(struct kit *kit, const char *source, int64_t now)
{
    compile(kit, source);
    struct record record = {
        .kind = RECORD_ACTIVATE, .now = now, .at = now, .bundle = kit->bundle.bytes, .bundle_size = kit->bundle.size};
    kit_record(kit, &record);
    intake_close(kit->intake);
    struct error error = ERROR_NONE;
    if (intake_open(&kit->intake, engine_program(kit->engine), &error) != OK) fail_msg("%s", error.message);
}

void kit_open(struct kit *kit, const char *source, uint32_t shards)
{
    *kit = (struct kit){.bundle = BUFFER_EMPTY, .effects = BUFFER_EMPTY, .notes = BUFFER_EMPTY};
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) fail_msg("%s", error.message);
    if (memory_store_open(&kit->log, &error) != OK) fail_msg("%s", error.message);
    open_engine(kit, shards);
    compile(kit, source);
    struct record record = {.kind = RECORD_ACTIVATE, .bundle = kit->bundle.bytes, .bundle_size = kit->bundle.size};
    kit_record(kit, &record);
    if (intake_open(&kit->intake, engine_program(kit->engine), &error) != OK) fail_msg("%s", error.message);
}

static void read_line(struct kit *kit, const char *line, size_t size, const char *now)
{
    struct error error = ERROR_NONE;
    struct record record;
    if (intake_line(kit->intake, line, size, &record, &error) != OK)
        fail_msg("%.*s\n%s", (int)size, line, error.message);
    if (now != NULL) assert_int_equal(civil_parse_instant(&record.now, text_of(now), &error), OK);
    kit_record(kit, &record);
}

void kit_line(struct kit *kit, const char *line)
{
    read_line(kit, line, strlen(line), NULL);
}

void kit_line_at(struct kit *kit, const char *line, const char *now)
{
    read_line(kit, line, strlen(line), now);
}

void kit_lines(struct kit *kit, const char *lines)
{
    for (const char *end; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
        if (end > lines) read_line(kit, lines, (size_t)(end - lines), NULL);
    }
}

void kit_event(struct kit *kit, const char *id, const char *event, const char *player, const char *at, const char *data)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_print(&line, "{\"id\":\"%s\",\"event\":\"%s\",\"player\":\"%s\",\"at\":\"%s\",\"data\":{%s}}", id, event,
                 player, at, data);
    kit_line(kit, buffer_as_string(&line));
    buffer_deinit(&line);
}

void kit_set(struct kit *kit, const char *player, const char *at, const char *attribute, const char *value)
{
    char line[400];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"a-%s\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{\"%s\":%s}}",
                   player, player, at, attribute, value);
    kit_line(kit, line);
}

void kit_tick(struct kit *kit, const char *at)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_print(&line, "{\"kind\":\"tick\",\"at\":\"%s\"}", at);
    kit_line(kit, buffer_as_string(&line));
    buffer_deinit(&line);
}

void kit_settle(struct kit *kit)
{
    struct error error = ERROR_NONE;
    if (engine_settle(kit->engine, &error) != OK) fail_msg("%s", error.message);
}

void kit_digest(struct kit *kit, uint8_t out[32])
{
    struct error error = ERROR_NONE;
    if (engine_digest(kit->engine, out, &error) != OK) fail_msg("%s", error.message);
}

void kit_restart_asleep(struct kit *kit, struct store *store, uint32_t shards)
{
    struct error error = ERROR_NONE;
    uint64_t position = engine_position(kit->engine), restored = 0;
    if (engine_checkpoint(kit->engine, &store->checkpoint, position, &error) != OK) fail_msg("%s", error.message);
    engine_close(kit->engine);
    intake_close(kit->intake);
    open_engine(kit, shards);
    if (engine_restore(kit->engine, &store->checkpoint, &restored, &error) != OK) fail_msg("%s", error.message);
    assert_int_equal(restored, position);
    if (intake_open(&kit->intake, engine_program(kit->engine), &error) != OK) fail_msg("%s", error.message);
}

void kit_restart(struct kit *kit, struct store *store, uint32_t shards)
{
    uint8_t before[32], after[32];
    kit_digest(kit, before);
    kit_restart_asleep(kit, store, shards);
    kit_digest(kit, after);
    assert_memory_equal(before, after, sizeof before);
}

void kit_close(struct kit *kit)
{
    engine_close(kit->engine);
    intake_close(kit->intake);
    store_close(&kit->log);
    buffer_deinit(&kit->bundle);
    buffer_deinit(&kit->effects);
    buffer_deinit(&kit->notes);
}

uint32_t kit_count(const struct buffer *in, const char *text)
{
    uint32_t count = 0;
    size_t size = strlen(text);
    const char *at = (const char *)in->bytes, *end = at + in->size;
    while (at != NULL && (at = memmem(at, (size_t)(end - at), text, size)) != NULL) {
        count++;
        at += size;
    }
    return count;
}

void kit_effect_id(const struct kit *kit, const char *text, uint32_t nth, char out[33])
{
    const char *line = (const char *)kit->effects.bytes, *end = line + kit->effects.size;
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)(next - line);
        if (memmem(line, size, text, strlen(text)) != NULL && nth-- == 0) {
            const char *id = memmem(line, size, "\"id\":\"", 6);
            assert_non_null(id);
            memcpy(out, id + 6, 32);
            out[32] = '\0';
            return;
        }
        line = next + 1;
    }
    fail_msg("no effect with %s", text);
}

void kit_runs_add(struct kit_runs *runs, struct kit *kit)
{
    assert_true(runs->count < KIT_RUNS_ROOM);
    buffer_init(&runs->effects[runs->count], 0);
    buffer_append(&runs->effects[runs->count], kit->effects.bytes, kit->effects.size);
    kit_digest(kit, runs->digest[runs->count++]);
    kit_close(kit);
}

void kit_runs_judge(struct kit_runs *runs)
{
    assert_true(runs->count > 1 && runs->effects[0].size > 0);
    for (uint32_t i = 1; i < runs->count; i++) {
        assert_int_equal(runs->effects[i].size, runs->effects[0].size);
        assert_memory_equal(runs->effects[i].bytes, runs->effects[0].bytes, runs->effects[0].size);
        assert_memory_equal(runs->digest[i], runs->digest[0], sizeof runs->digest[0]);
    }
    for (uint32_t i = 0; i < runs->count; i++) buffer_deinit(&runs->effects[i]);
}
