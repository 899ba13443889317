/*
 * libFuzzer target: any bytes as an event line. Read or refused with words, never read past the end; what was read
 * survives the way through the log's bytes unchanged.
 * promise F6
 */
#include <stdint.h>
#include <stdlib.h>

#include "runtime/store/intake.h"
#include "tests/unit/sample_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct builder builder;
    static struct program program;
    static struct intake *intake;
    static struct record_space space;
    static struct buffer open, secret;
    struct error error = ERROR_NONE;
    if (intake == NULL) {
        sample_schema(&builder, &program);
        record_space_init(&space);
        if (intake_open(&intake, &program, &error) != OK) abort();
    }
    struct record record;
    /* A copy of the exact size, so that a read behind it is seen. */
    char *line = malloc(size + 1);
    if (line == NULL) return 0;
    if (size > 0) memcpy(line, bytes, size);
    enum status status = intake_line(intake, line, size, &record, &error);
    free(line);
    if (status != OK) {
        INVARIANT(error.message[0] != 0 && text_is_utf8(text_of(error.message)));
        return 0;
    }
    buffer_clear(&open);
    buffer_clear(&secret);
    if (record_encode(&open, &secret, &record, &program) != OK) abort();
    struct record read;
    status = record_decode(&read, &space, buffer_as_text(&open), buffer_as_text(&secret), &program, &error);
    INVARIANT(status == OK);
    INVARIANT(read.content == record.content && read.at == record.at && read.now == record.now);
    INVARIANT(text_equal(read.player, record.player) && text_equal(read.id, record.id));
    return 0;
}
