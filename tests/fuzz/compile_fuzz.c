/*
 * libFuzzer target: any bytes are a campaign file. It is compiled with the standard library; what compiles must verify, must
 * come out byte for byte the same a second time, is run from every entry (tests/fuzz/bundle_kit.h), and folds a few lines.
 *
 * A bundle that the verifier refuses is a defect of the compiler and ends the run. Next: compiler/compiler.h.
 */
#include <stdlib.h>

#include "compiler/compiler.h"
#include "tests/forge/forge.h"
#include "tests/fuzz/bundle_kit.h"
#include "tests/lives/maker.h"
#include "vm/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool compile(struct buffer *bundle, const uint8_t *data, size_t size)
{
    struct compiler_input input = {TEXT("fuzz.promo"), text_make((const char *)data, size)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    enum status status =
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("fuzz")}, &error);
    if (status == STATUS_REFUSED) abort();
    bool compiled = status == OK && !output.failed;
    if (compiled && output.bundle.size == 0) abort();
    if (compiled) buffer_append(bundle, output.bundle.bytes, output.bundle.size);
    struct buffer words = BUFFER_EMPTY;
    if (status == OK) diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
    buffer_deinit(&words);
    compiler_release(&output);
    return compiled;
}

static void hear(void *context, const struct engine_effect *effect)
{
    maker_hear(context, effect);
}

/* A few lines of chance (tests/lives/maker.h) are read and folded, and a checkpoint in the middle changes nothing. */
static void live(const struct buffer *bundle, uint64_t seed)
{
    static struct forge_sample whole;
    struct engine *engine = NULL;
    struct intake *intake = NULL;
    struct error error = ERROR_NONE;
    struct program program;
    struct buffer line = BUFFER_EMPTY;
    INVARIANT(bundle_open(&program, bundle->bytes, bundle->size, &error) == OK);
    struct maker *maker = maker_open(&program, seed, 3);
    struct engine_options options = {.shards = 2, .sink = {.context = maker, .effect = hear}};
    struct record first = {.kind = RECORD_ACTIVATE,
                           .position = 1,
                           .now = maker_start(maker),
                           .at = maker_start(maker),
                           .bundle = bundle->bytes,
                           .bundle_size = bundle->size};
    INVARIANT(engine_open(&engine, &options, &error) == OK);
    enum status status = engine_fold(engine, &first, &error);
    for (uint64_t i = 0; i < 16 && status == OK; i++) {
        struct record record;
        if (intake == NULL) INVARIANT(intake_open(&intake, engine_program(engine), &error) == OK);
        const struct maker_made made = maker_next(maker, &line);
        if (intake_line(intake, buffer_as_string(&line), line.size, &record, &error) != OK) continue;
        record.now = made.now > engine_now(engine) ? made.now : engine_now(engine);
        record.position = i + 2;
        status = engine_fold(engine, &record, &error);
        INVARIANT(status == OK);
        if (i != 8) continue;
        uint8_t before[32], after[32];
        uint64_t position = 0;
        struct checkpoint_store writer = forge_writer(&whole);
        INVARIANT(engine_settle(engine, &error) == OK && engine_digest(engine, before, &error) == OK);
        INVARIANT(engine_checkpoint(engine, &writer, engine_position(engine), &error) == OK);
        engine_close(engine);
        intake_close(intake);
        intake = NULL;
        options.shards = 5;
        struct checkpoint_store reader = forge_reader(whole.blob, whole.blob_count, &whole.position);
        INVARIANT(engine_open(&engine, &options, &error) == OK);
        status = engine_restore(engine, &reader, &position, &error);
        if (status != OK) status_invariant_failed(__FILE__, __LINE__, error.message);
        INVARIANT(engine_digest(engine, after, &error) == OK && memcmp(before, after, 32) == 0);
        maker_pass(maker, 1);
    }
    INVARIANT(engine_settle(engine, &error) == OK);
    intake_close(intake);
    engine_close(engine);
    maker_close(maker);
    buffer_deinit(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer first = BUFFER_EMPTY;
    struct buffer second = BUFFER_EMPTY;
    if (size > 65536) return -1;
    if (compile(&first, data, size)) {
        if (!compile(&second, data, size) || !text_equal(buffer_as_text(&first), buffer_as_text(&second))) abort();
        if (!bundle_kit_try(first.bytes, first.size, size)) abort();
        live(&first, size);
    }
    buffer_deinit(&first);
    buffer_deinit(&second);
    return 0;
}
