/* What must come of lost memory and wrong bytes. See damage.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/damage.h"

#include "vm/memory.h"

enum { STORY_MEMORY = 40, STORY_END = 60 };

/* One line, not before the last; lines that the program refuses are passed over. */
static enum status fold_line(struct engine *engine, struct intake *intake, damage_story story, int n)
{
    char line[DAMAGE_LINE_MAX];
    struct error error = ERROR_NONE;
    struct record record;
    int size = story(line, n);
    if (intake_line(intake, line, (size_t)size, &record, &error) != OK) return OK;
    if (record.now < engine_now(engine)) record.now = engine_now(engine);
    return engine_fold(engine, &record, &error);
}

void damage_memory(const char *source, damage_story story)
{
    for (uint64_t nth = 1; nth < 2000; nth += 1 + nth / 40) {
        struct kit kit;
        kit_open(&kit, source, 2);
        struct error error = ERROR_NONE;
        enum status status = OK;
        memory_fail_from(nth);
        for (int i = 0; i < STORY_MEMORY && status == OK; i++) status = fold_line(kit.engine, kit.intake, story, i);
        uint64_t used = memory_count();
        memory_fail_from(0);
        if (status != OK) {
            assert_int_equal(status, STATUS_NO_MEMORY);
            assert_int_equal(engine_settle(kit.engine, &error), STATUS_NO_MEMORY);
        }
        kit_close(&kit);
        if (status == OK && used < nth) return;
    }
}

static enum status take_blob(void *context, uint32_t key, struct text bytes, struct error *error)
{
    (void)error;
    struct damage *damage = context;
    unsigned char *copy = memory_alloc(bytes.size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes.at, bytes.size);
    damage->blob[damage->count].key = key;
    damage->blob[damage->count].bytes = copy;
    damage->blob[damage->count++].size = bytes.size;
    return OK;
}

static enum status give_blobs(void *self, uint64_t *at, checkpoint_reader reader, void *context, struct error *error)
{
    struct damage *damage = self;
    *at = damage->position;
    enum status status = OK;
    for (uint32_t i = 0; i < damage->count && status == OK; i++)
        status = reader(context, damage->blob[i].key,
                        text_make((const char *)damage->blob[i].bytes, damage->blob[i].size), error);
    return status;
}

void damage_take(struct damage *damage, const char *source, damage_story story, int lines)
{
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 1);
    for (int i = 0; i < lines; i++) {
        char line[DAMAGE_LINE_MAX];
        (void)story(line, i);
        kit_line(&kit, line);
    }
    kit_settle(&kit);
    assert_int_equal(engine_checkpoint(kit.engine, &store.checkpoint, engine_position(kit.engine), &error), OK);
    assert_int_equal(store.checkpoint.load(store.checkpoint.self, &damage->position, take_blob, damage, &error), OK);
    kit_close(&kit);
    store_close(&store);
}

void damage_try(struct damage *damage, damage_story story, int from)
{
    struct checkpoint_store given = {.self = damage, .load = give_blobs};
    struct engine *engine = NULL;
    struct engine_options options = {.shards = 1};
    struct error error = ERROR_NONE;
    uint64_t position;
    assert_int_equal(engine_open(&engine, &options, &error), OK);
    enum status status = engine_restore(engine, &given, &position, &error);
    damage->refused += status != OK;
    damage->read += status == OK;
    if (status == OK) {
        struct intake *intake = NULL;
        assert_int_equal(intake_open(&intake, engine_program(engine), &error), OK);
        for (int i = from; i < STORY_END && status == OK; i++) status = fold_line(engine, intake, story, i);
        if (engine_settle(engine, &error) != OK) damage->refused++;
        intake_close(intake);
    }
    engine_close(engine);
}

void damage_release(struct damage *damage)
{
    for (uint32_t i = 0; i < damage->count; i++) memory_release(damage->blob[i].bytes);
}
