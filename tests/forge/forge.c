/* Real logs and checkpoints, and edits. See forge.h. */
#include "tests/forge/forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/cli/compile.h"
#include "vm/crypto.h"
#include "vm/memory.h"

static const char *const folders[] = {
    "examples/hello",
    "examples/c01-welcome",
    "examples/c03-cashback",
    "examples/c04-rake-race",
    "examples/c05-spring-codes",
    "examples/c07-gift-card",
    "examples/c08-reactivation",
    "examples/c09-mission",
    "examples/c10-levels",
    "examples/c11-self-exclusion",
    "examples/referral",
    "examples/quiet-hours",
    "examples/weekly-reload",
    "examples/churn-drip",
};

uint32_t forge_samples(void)
{
    return sizeof folders / sizeof folders[0];
}

/* ---------------------------------------------------------------- scripts */

uint8_t forge_u8(struct forge_script *script)
{
    return script->at < script->size ? script->bytes[script->at++] : 0;
}

uint32_t forge_u16(struct forge_script *script)
{
    const uint32_t low = forge_u8(script);
    return low | (uint32_t)forge_u8(script) << 8;
}

uint64_t forge_u64(struct forge_script *script)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) value |= (uint64_t)forge_u8(script) << (8 * i);
    return value;
}

bool forge_ended(const struct forge_script *script)
{
    return script->at >= script->size;
}

static const uint64_t telling[] = {0,
                                   1,
                                   2,
                                   UINT8_MAX,
                                   UINT16_MAX,
                                   INT32_MAX,
                                   UINT32_MAX,
                                   UINT64_C(1) << 32,
                                   INT64_MAX,
                                   (uint64_t)INT64_MAX - 1,
                                   (uint64_t)INT64_MIN,
                                   (uint64_t)INT64_MIN + 1,
                                   UINT64_MAX,
                                   UINT64_C(1000000000000000),
                                   4096,
                                   64};

static void put(struct buffer *bytes, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size && at + i < bytes->size; i++) bytes->bytes[at + i] = (unsigned char)(value >> (8 * i));
}

/* The bytes from `at` on move by `more`, which are copies of those that stand at `from`. */
static void insert(struct buffer *bytes, size_t at, size_t more)
{
    if (!buffer_reserve(bytes, more)) return;
    memmove(bytes->bytes + at + more, bytes->bytes + at, bytes->size - at);
    memset(bytes->bytes + at, 0, more);
    bytes->size += more;
}

static void take_out(struct buffer *bytes, size_t at, size_t count)
{
    if (count > bytes->size - at) count = bytes->size - at;
    memmove(bytes->bytes + at, bytes->bytes + at + count, bytes->size - at - count);
    bytes->size -= count;
}

void forge_edit(struct buffer *bytes, struct forge_script *script)
{
    const uint8_t what = forge_u8(script);
    size_t at = forge_u16(script);
    if (bytes->size > 65536) at = at * 16 + (what >> 4);
    if (bytes->size == 0) {
        for (unsigned left = what; left > 0 && !forge_ended(script); left--) buffer_u8(bytes, forge_u8(script));
        return;
    }
    at %= bytes->size;
    switch (what % 12) {
    case 0: bytes->bytes[at] ^= (unsigned char)(1u << (forge_u8(script) & 7)); break;
    case 1: bytes->bytes[at] = forge_u8(script); break;
    case 2: put(bytes, at, telling[forge_u8(script) & 15], 4); break;
    case 3: put(bytes, at, telling[forge_u8(script) & 15], 8); break;
    case 4: put(bytes, at, forge_u64(script), 8); break;
    case 5: take_out(bytes, at, 1 + forge_u8(script) % 32u); break;
    case 6: insert(bytes, at, 1 + forge_u8(script) % 32u); break;
    case 7: { /* What stands elsewhere, once more: twice the same player, an entry out of order. */
        const size_t from = forge_u16(script) % bytes->size, wanted = 1 + (size_t)forge_u8(script);
        const size_t count = wanted > bytes->size - from ? bytes->size - from : wanted;
        unsigned char copy[256];
        memcpy(copy, bytes->bytes + from, count);
        insert(bytes, at, count);
        memcpy(bytes->bytes + at, copy, count);
        break;
    }
    case 8: { /* Over what is there. */
        const size_t from = forge_u16(script) % bytes->size, wanted = 1 + (size_t)forge_u8(script) % 64u;
        const size_t later = from > at ? from : at;
        memmove(bytes->bytes + at, bytes->bytes + from, wanted > bytes->size - later ? bytes->size - later : wanted);
        break;
    }
    case 9: bytes->bytes[at]++; break;
    case 10: bytes->bytes[at]--; break;
    default: bytes->size = at; break;
    }
}

/* ---------------------------------------------------------------- checkpoints over blobs */

struct given {
    struct forge_blob *blob;
    uint32_t count;
    uint64_t *position;
};

static enum status give(void *self, uint64_t *position, checkpoint_reader reader, void *context, struct error *error)
{
    const struct given *given = self;
    enum status status = OK;
    *position = *given->position;
    for (uint32_t i = 0; i < given->count && status == OK; i++)
        status = reader(context, given->blob[i].key, buffer_as_text(&given->blob[i].bytes), error);
    return status;
}

struct checkpoint_store forge_reader(struct forge_blob *blob, uint32_t count, uint64_t *position)
{
    static struct given given;
    given = (struct given){blob, count, position};
    return (struct checkpoint_store){.self = &given, .load = give};
}

static enum status begin(void *self, uint64_t position, struct error *error)
{
    struct forge_sample *sample = self;
    (void)error;
    sample->position = position;
    sample->blob_count = 0;
    return OK;
}

static enum status put_blob(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct forge_sample *sample = self;
    (void)error;
    if (bytes.size == 0) return OK;
    INVARIANT(sample->blob_count < FORGE_BLOBS_MAX);
    struct forge_blob *blob = &sample->blob[sample->blob_count++];
    blob->key = key;
    buffer_clear(&blob->bytes);
    buffer_text(&blob->bytes, bytes);
    INVARIANT(buffer_ok(&blob->bytes));
    return OK;
}

static enum status commit(void *self, struct error *error)
{
    (void)self;
    (void)error;
    return OK;
}

struct checkpoint_store forge_writer(struct forge_sample *sample)
{
    return (struct checkpoint_store){.self = sample, .begin = begin, .put = put_blob, .commit = commit};
}

/* ---------------------------------------------------------------- samples */

/* The first lines of the example's stream, as many as there are rows. */
static void read_lines(struct forge_sample *sample)
{
    char path[256], line[65536];
    (void)snprintf(path, sizeof path, "%s/events.ndjson", sample->folder);
    FILE *file = fopen(path, "r");
    INVARIANT(file != NULL);
    for (uint32_t count = 1; count + 1 < FORGE_ROWS_MAX && fgets(line, sizeof line, file) != NULL; count++)
        buffer_string(&sample->lines, line);
    (void)fclose(file);
    INVARIANT(buffer_ok(&sample->lines));
}

static void add_row(struct forge_sample *sample, struct record *record, const struct program *program)
{
    struct forge_row *row = &sample->row[sample->row_count++];
    *row = (struct forge_row){.now = record->now,
                              .number = record->number,
                              .group = record->group,
                              .kind = record->kind,
                              .open = BUFFER_EMPTY,
                              .secret = BUFFER_EMPTY};
    INVARIANT(record_encode(&row->open, &row->secret, record, program) == OK);
}

static void fold(struct engine *engine, struct record *record)
{
    struct error error = ERROR_NONE;
    if (engine_fold(engine, record, &error) != OK) (void)fprintf(stderr, "forge: %s\n", error.message);
    INVARIANT(error.status == OK);
}

static void make(struct forge_sample *sample)
{
    struct engine *engine = NULL;
    struct intake *intake = NULL;
    struct error error = ERROR_NONE;
    const struct engine_options options = {.shards = 1};
    INVARIANT(crypto_start(&error) == OK);
    INVARIANT(compile_bundle(&sample->bundle, sample->folder) == CLI_FINE);
    INVARIANT(engine_open(&engine, &options, &error) == OK);
    read_lines(sample);
    struct record first = {
        .kind = RECORD_ACTIVATE, .position = 1, .bundle = sample->bundle.bytes, .bundle_size = sample->bundle.size};
    fold(engine, &first);
    add_row(sample, &first, engine_program(engine));
    INVARIANT(intake_open(&intake, engine_program(engine), &error) == OK);
    uint32_t lines = 0;
    for (size_t i = 0; i < sample->lines.size; i++) lines += sample->lines.bytes[i] == '\n';
    const char *line = (const char *)sample->lines.bytes;
    bool whole = false;
    for (uint32_t number = 0; number < lines; number++) {
        const char *end = memchr(line, '\n', sample->lines.size - (size_t)(line - (const char *)sample->lines.bytes));
        struct record record;
        /* In the middle of the story, so that a tail is left to go on with. */
        if (!whole && number >= lines * 2 / 3) {
            struct checkpoint_store writer = forge_writer(sample);
            INVARIANT(engine_settle(engine, &error) == OK);
            INVARIANT(engine_checkpoint(engine, &writer, engine_position(engine), &error) == OK);
            sample->cut = sample->row_count;
            whole = true;
        }
        if (intake_line(intake, line, (size_t)(end - line), &record, &error) == OK) {
            if (record.now < engine_now(engine)) record.now = engine_now(engine);
            record.position = (uint64_t)sample->row_count + 1;
            add_row(sample, &record, engine_program(engine));
            fold(engine, &record);
        }
        line = end + 1;
    }
    INVARIANT(sample->blob_count > 0);
    intake_close(intake);
    engine_close(engine);
}

const struct forge_sample *forge_sample(uint32_t number)
{
    static struct forge_sample *kept[sizeof folders / sizeof folders[0]];
    INVARIANT(number < forge_samples());
    if (kept[number] == NULL) {
        kept[number] = calloc(1, sizeof *kept[number]);
        INVARIANT(kept[number] != NULL);
        kept[number]->folder = folders[number];
        make(kept[number]);
    }
    return kept[number];
}
