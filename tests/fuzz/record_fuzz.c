/*
 * Fuzz target: forged rows of the log. An input is a script of edits (tests/forge/forge.h) to rows of an example's log, or whole rows of its own. What is
 * refused says why; what is read must come out as the same bytes when it was written and read once more, and is folded.
 */
#include <stdlib.h>

#include "tests/forge/forge.h"
#include "vm/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct record_space *space, *again;

static void check_round_trip(const struct record *record, const struct program *program)
{
    struct buffer open = BUFFER_EMPTY, secret = BUFFER_EMPTY, open_again = BUFFER_EMPTY, secret_again = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct record read;
    INVARIANT(record_encode(&open, &secret, record, program) == OK);
    enum status status = record_decode(&read, again, buffer_as_text(&open), buffer_as_text(&secret), program, &error);
    if (status != OK) status_invariant_failed(__FILE__, __LINE__, error.message);
    INVARIANT(record_encode(&open_again, &secret_again, &read, program) == OK);
    INVARIANT(text_equal(buffer_as_text(&open), buffer_as_text(&open_again)));
    INVARIANT(text_equal(buffer_as_text(&secret), buffer_as_text(&secret_again)));
    buffer_deinit(&open);
    buffer_deinit(&secret);
    buffer_deinit(&open_again);
    buffer_deinit(&secret_again);
}

static void try_row(struct engine *engine, struct text open, struct text secret, uint64_t position)
{
    struct error error = ERROR_NONE;
    struct record record;
    enum status status = record_decode(&record, space, open, secret, engine_program(engine), &error);
    if (status == OK) {
        check_round_trip(&record, engine_program(engine));
        record.position = position;
        record.number = 1;
        if (record.now < engine_now(engine)) record.now = engine_now(engine);
        status = engine_fold(engine, &record, &error);
    }
    INVARIANT(status == OK || (error.message[0] != 0 && text_is_utf8(text_of(error.message))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096) return -1;
    if (space == NULL) {
        space = memory_alloc(sizeof *space);
        again = memory_alloc(sizeof *again);
        INVARIANT(space != NULL && again != NULL);
        record_space_init(space);
        record_space_init(again);
    }
    struct forge_script script = {data, size, 0};
    const struct forge_sample *sample = forge_sample(forge_u8(&script) % forge_samples());
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    const struct engine_options options = {.shards = 1};
    struct record first = {
        .kind = RECORD_ACTIVATE, .position = 1, .bundle = sample->bundle.bytes, .bundle_size = sample->bundle.size};
    INVARIANT(engine_open(&engine, &options, &error) == OK && engine_fold(engine, &first, &error) == OK);
    for (uint64_t position = 2; !forge_ended(&script) && position < 20; position++) {
        struct buffer open = BUFFER_EMPTY, secret = BUFFER_EMPTY;
        const uint32_t how = forge_u8(&script), number = forge_u16(&script) % sample->row_count;
        if (how < 240) {
            buffer_text(&open, buffer_as_text(&sample->row[number].open));
            buffer_text(&secret, buffer_as_text(&sample->row[number].secret));
        } else {
            buffer_u8(&open, (uint8_t)number);
        }
        for (uint32_t edits = how % 8; edits > 0; edits--)
            forge_edit((forge_u8(&script) & 3) == 0 ? &secret : &open, &script);
        /* Of its exact size, so that a read behind it is seen. */
        char *exact_open = memory_alloc(open.size), *exact_secret = memory_alloc(secret.size);
        INVARIANT(exact_open != NULL && exact_secret != NULL);
        if (open.size > 0) memcpy(exact_open, open.bytes, open.size);
        if (secret.size > 0) memcpy(exact_secret, secret.bytes, secret.size);
        try_row(engine, text_make(exact_open, open.size), text_make(exact_secret, secret.size), position);
        memory_release(exact_open);
        memory_release(exact_secret);
        buffer_deinit(&open);
        buffer_deinit(&secret);
    }
    enum status status = engine_settle(engine, &error);
    INVARIANT(status == OK || error.message[0] != 0);
    engine_close(engine);
    return 0;
}
