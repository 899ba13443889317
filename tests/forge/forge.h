/*
 * For tests that forge bytes which only the program itself should write: real logs and checkpoints of the examples, and scripts of edits
 * to them. A script is itself any bytes, so a fuzzer can learn which edits matter.
 *
 * Not a test itself. Run from the repository root. Next: tests/fuzz/state_fuzz.c.
 */
#ifndef TESTS_FORGE_FORGE_H
#define TESTS_FORGE_FORGE_H

#include "runtime/engine/engine.h"
#include "runtime/store/intake.h"
#include "runtime/store/store.h"

enum { FORGE_ROWS_MAX = 400, FORGE_BLOBS_MAX = 600 };

struct forge_row {
    int64_t now;
    uint64_t number;
    uint16_t group;
    uint8_t kind;
    struct buffer open, secret;
};
struct forge_blob {
    uint32_t key;
    struct buffer bytes;
};

/* One example, folded: what its log and its checkpoint hold. */
struct forge_sample {
    const char *folder;
    struct buffer bundle;
    struct buffer lines;                  /* events.ndjson, at most FORGE_ROWS_MAX lines, each ended by a line feed */
    struct forge_row row[FORGE_ROWS_MAX]; /* The first one activates the bundle. */
    uint32_t row_count;
    uint32_t cut; /* The checkpoint holds rows before this one. */
    struct forge_blob blob[FORGE_BLOBS_MAX];
    uint32_t blob_count;
    uint64_t position; /* Of the checkpoint. */
};

/* How many samples there are. */
uint32_t forge_samples(void);
/* The sample of a number below that, made at the first call and kept for ever. Fails by INVARIANT. */
const struct forge_sample *forge_sample(uint32_t number);

/* Bytes that say what to do, taken from the front; 0 where they have run out. */
struct forge_script {
    const uint8_t *bytes;
    size_t size, at;
};
uint8_t forge_u8(struct forge_script *script);
uint32_t forge_u16(struct forge_script *script);
uint64_t forge_u64(struct forge_script *script);
bool forge_ended(const struct forge_script *script);

/* One edit: a bit, byte, 4-byte or 8-byte number changed, bytes taken out, put in or copied from elsewhere in them, or cut off. */
void forge_edit(struct buffer *bytes, struct forge_script *script);

/* A checkpoint store over blobs; reads them, refuses to write. */
struct checkpoint_store forge_reader(struct forge_blob *blob, uint32_t count, uint64_t *position);
/* A checkpoint store that writes into `sample`'s blobs (of which it keeps none before) and its position. */
struct checkpoint_store forge_writer(struct forge_sample *sample);

#endif
