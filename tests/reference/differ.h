/* One project, many lives, two answers: the engine's and the reference evaluator's.
 *
 * A story is a source and lines (the lives maker of tests/lives makes them, by a seed). It is compiled, folded with restarts from checkpoints on
 * other shards, and compared probe by probe (compare.h). The first difference ends it. A story can be told again from its lines alone, so
 * it can be made smaller (differ_shrink): fewer lines, fewer blocks and statements of the source, as long as something differs.
 */
#ifndef TESTS_REFERENCE_DIFFER_H
#define TESTS_REFERENCE_DIFFER_H

#include "tests/reference/compare.h"
#include "tests/reference/coverage.h"
#include "vm/buffer.h"

enum { DIFFER_FILES_MAX = 64 };

struct differ_line {
    char *text; /* NULL: a restart */
    int64_t now;
    bool settle; /* the instant is closed behind it */
    uint32_t shards;
    bool failed; /* the wallet says that `effect` failed, or an operator takes it back */
    uint8_t effect[16];
};
struct differ_story {
    struct compiler_input file[DIFFER_FILES_MAX];
    uint32_t file_count;
    struct differ_line *line;
    uint32_t line_count, line_capacity;
};
struct differ_result {
    bool compiled;
    struct buffer diagnostics; /* where it does not compile */
    char fault[1800];          /* empty: both say the same */
    char last[600];            /* the line at which it differs */
    struct compared counts;
    uint64_t reasons[REASON_COUNT];
    uint64_t opcodes[512]; /* in the code of the campaigns */
    struct coverage_counts coverage;
    uint64_t lines, restarts;
    uint64_t credits, refusals; /* judged by the ledger of tests/lives */
};

/* Makes `lines` lines by the seed into the story (whose lines are emptied before), and tells it. */
void differ_live(struct differ_story *story, uint64_t seed, uint32_t lives, uint32_t lines, enum reference_plant plant,
                 struct differ_result *result);
/* Tells it again from its lines. */
void differ_tell(const struct differ_story *story, enum reference_plant plant, struct differ_result *result);
/* Makes it smaller as long as it differs, at most `tries` times told; `source` holds its first file. The result is that of the smallest. */
void differ_shrink(struct differ_story *story, struct buffer *source, enum reference_plant plant, uint32_t tries,
                   struct differ_result *result);
void differ_free(struct differ_story *story);
void differ_result_free(struct differ_result *result);

#endif
