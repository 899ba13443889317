/* For tests of the engine: a story told while memory runs out, and over checkpoints in which a byte is wrong.
 *
 * A story is lines by number, the same ones each time. Next: tests/kit/engine_kit.h.
 */
#ifndef TESTS_KIT_DAMAGE_H
#define TESTS_KIT_DAMAGE_H

#include "tests/kit/engine_kit.h"

enum { DAMAGE_LINE_MAX = 400 };

/* Writes the n-th line of the story, from 0; its size. */
typedef int (*damage_story)(char line[DAMAGE_LINE_MAX], int n);

/* Folds the first 40 lines over and over, each time with a later allocation failing: nothing else may come of it than STATUS_NO_MEMORY,
 * for good. Ends when all 40 need fewer allocations than that. */
void damage_memory(const char *source, damage_story story);

/* Copies of a checkpoint's blobs, of which the test changes bytes. Begins as zeros. */
struct damage {
    struct {
        uint32_t key;
        unsigned char *bytes;
        size_t size;
    } blob[4200];
    uint32_t count;
    uint64_t position;
    uint32_t refused, read; /* By damage_try. */
};

/* Folds the first `lines` of the story and copies the checkpoint. */
void damage_take(struct damage *damage, const char *source, damage_story story, int lines);
/* Restores from the blobs as they are, and goes on with the story from line `from` up to 60; counts whether the blobs were refused or read. */
void damage_try(struct damage *damage, damage_story story, int from);
void damage_release(struct damage *damage);

#endif
