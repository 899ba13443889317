/*
 * Fuzz target: forged checkpoints. An input is a script of edits (tests/forge/forge.h) to the blobs of an example's checkpoint: those of key groups,
 * the shared one, the program's. What is refused says why; what is read must be canonical after it was written once more, and the rest of the example's log
 * folds on over it. The first byte chooses the example; each edit is led by a byte that chooses the blob.
 */
#include <stdlib.h>

#include "runtime/engine/programs.h"
#include "runtime/engine/state.h"
#include "tests/forge/forge.h"
#include "vm/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_blobs(struct forge_blob *to, const struct forge_sample *sample)
{
    for (uint32_t i = 0; i < sample->blob_count; i++) {
        to[i] = (struct forge_blob){sample->blob[i].key, BUFFER_EMPTY};
        buffer_text(&to[i].bytes, buffer_as_text(&sample->blob[i].bytes));
        INVARIANT(buffer_ok(&to[i].bytes));
    }
}

static void write_all(struct engine *engine, struct forge_sample *out)
{
    struct error error = ERROR_NONE;
    struct checkpoint_store writer = forge_writer(out);
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) engine->group[i].changed = true;
    for (struct use *use = engine->uses; use != NULL; use = use->next) use->stored = false;
    enum status status = engine_checkpoint(engine, &writer, engine_position(engine), &error);
    INVARIANT(status == OK);
}

/* What was read is written, read again and written again: the same bytes. */
static void check_canonical(struct engine *engine)
{
    static struct forge_sample once, twice;
    struct engine *again = NULL;
    struct error error = ERROR_NONE;
    const struct engine_options options = {.shards = 3};
    write_all(engine, &once);
    uint64_t position = 0;
    struct checkpoint_store reader = forge_reader(once.blob, once.blob_count, &once.position);
    enum status status = engine_open(&again, &options, &error);
    INVARIANT(status == OK);
    status = engine_restore(again, &reader, &position, &error);
    if (status != OK) status_invariant_failed(__FILE__, __LINE__, error.message);
    write_all(again, &twice);
    INVARIANT(once.blob_count == twice.blob_count);
    for (uint32_t i = 0; i < once.blob_count; i++) {
        INVARIANT(once.blob[i].key == twice.blob[i].key);
        INVARIANT(text_equal(buffer_as_text(&once.blob[i].bytes), buffer_as_text(&twice.blob[i].bytes)));
    }
    engine_close(again);
}

static void fold_on(struct engine *engine, const struct forge_sample *sample)
{
    struct record_space *space = memory_alloc(sizeof *space);
    struct error error = ERROR_NONE;
    INVARIANT(space != NULL);
    record_space_init(space);
    enum status status = OK;
    for (uint32_t i = sample->cut; i < sample->row_count && i < sample->cut + 60 && status == OK; i++) {
        const struct forge_row *row = &sample->row[i];
        struct record record;
        status = record_decode(&record, space, buffer_as_text(&row->open), buffer_as_text(&row->secret),
                               engine_program(engine), &error);
        if (status != OK) break; /* Another program may stand in the blobs. */
        record.position = i + 1;
        record.number = row->number;
        if (record.now < engine_now(engine)) record.now = engine_now(engine);
        status = engine_fold(engine, &record, &error);
    }
    if (status == OK) status = engine_settle(engine, &error);
    INVARIANT(status == OK || error.message[0] != 0);
    record_space_deinit(space);
    memory_release(space);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct forge_blob blob[FORGE_BLOBS_MAX];
    struct forge_script script = {data, size, 0};
    const struct forge_sample *sample = forge_sample(forge_u8(&script) % forge_samples());
    struct engine *engine = NULL;
    struct error error = ERROR_NONE;
    /* Every other input is read as a service does it: players when they are needed, damage when it is met. */
    const struct engine_options options = {.shards = 2, .lazy = size % 2 == 1};
    uint64_t position = sample->position;
    if (size > 4096) return -1;
    copy_blobs(blob, sample);
    while (!forge_ended(&script)) forge_edit(&blob[forge_u8(&script) % sample->blob_count].bytes, &script);
    enum status status = engine_open(&engine, &options, &error);
    INVARIANT(status == OK);
    struct checkpoint_store reader = forge_reader(blob, sample->blob_count, &position);
    status = engine_restore(engine, &reader, &position, &error);
    if (status == OK) {
        if (!options.lazy) check_canonical(engine);
        fold_on(engine, sample);
        status = engine_wake(engine, &error);
        INVARIANT(status == OK || error.message[0] != 0);
    } else {
        INVARIANT(error.message[0] != 0 && text_is_utf8(text_of(error.message)));
    }
    engine_close(engine);
    for (uint32_t i = 0; i < sample->blob_count; i++) buffer_deinit(&blob[i].bytes);
    return 0;
}
