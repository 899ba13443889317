/* Stories: the lines of one random life of a workspace, and telling them to an engine in other ways.
 *
 * story_make() lets tests/lives/maker.h write lines for a bundle while an engine folds them, so that replies name effects that left. A telling folds the same lines
 * again: in another order, some twice, through the log, killed and restored, with another program in the middle. What came out is kept as bytes. Nothing here
 * judges, but for telling_same(); the properties do (properties_tool.c, safe.c, why.c).
 */
#ifndef TESTS_PROPERTIES_STORY_H
#define TESTS_PROPERTIES_STORY_H

#include "runtime/engine/engine.h"
#include "runtime/store/intake.h"
#include "runtime/store/memory_store.h"
#include "tests/lives/maker.h"

struct story_line {
    char *text;
    uint32_t size;
    int64_t now;
    bool alone;   /* its instant is its own (an erasure) */
    bool control; /* a command, tick or upload: keeps its place in its instant */
    char player[24];
};

struct story {
    const struct program *program;
    const uint8_t *bundle;
    size_t bundle_size;
    uint64_t seed;
    int64_t start;
    struct story_line *line;
    uint32_t count, room;
};

struct telling;

/* What a telling does otherwise. All zero: as it was. */
struct way {
    uint64_t seed;
    uint32_t shards;
    uint32_t lines;       /* only so many, and no time after them; 0: all */
    bool twice;           /* some lines come again, at once or later */
    bool shuffled;        /* lines of one instant in another order */
    bool killed;          /* dies now and then; goes on from its last checkpoint */
    bool logged;          /* records go through their bytes into a log, which is kept */
    bool probed;          /* conditions are hashed */
    const char *without;  /* by player: 1, his lines are left out; may be NULL */
    const uint8_t *other; /* another bundle that takes effect in the middle, and the first again later; may be NULL */
    size_t other_size;
    const struct telling *expected; /* what left before a death must be the same bytes as here; may be NULL */
};

struct telling_hooks {
    void *context;
    void (*before)(void *context, struct telling *telling, uint32_t line, struct record *record);
    void (*after)(void *context, struct telling *telling, const struct record *record);
    void (*effect)(void *context, const struct engine_effect *effect);
    void (*note)(void *context, const struct engine_note *note);
    void (*probe)(void *context, const struct engine_probe_call *call);
};

struct telling {
    const struct story *story;
    struct way way;
    struct telling_hooks hooks;
    struct engine *engine;
    struct intake *intake;
    struct store store; /* of checkpoints and of the log */
    struct buffer effects, notes;
    uint64_t effect_count, conditions, condition_count, kills, repeated, moved, activations;
    uint64_t position;
    size_t effects_kept; /* as of the last checkpoint */
    uint32_t line_kept;  /* the line to go on with after it */
    uint64_t position_kept;
    bool checkpointed;
    uint8_t digest[32];
    char fault[700];
    uint64_t state;
};

/* Lines for `lives` players, `lines` of them. Frees with story_free(). Ends the program where the engine refuses what it should take. */
void story_make(struct story *story, const struct program *program, const uint8_t *bundle, size_t size, uint64_t seed,
                uint32_t lives, uint32_t lines);
/* The lines of a file that intake can read, and a year after them a tick. False: it cannot be opened, or holds none. */
bool story_read(struct story *story, const struct program *program, const uint8_t *bundle, size_t size,
                const char *path);
void story_free(struct story *story);
/* Adds a line in front of all others. */
void story_put_first(struct story *story, const char *text, const char *player);

/* The whole story in this way; `fault` says what went wrong. `hooks` may be NULL. Closes the engine unless `leave_open`. Free with telling_free(). */
void telling_tell(struct telling *telling, const struct story *story, struct way way, const struct telling_hooks *hooks,
                  bool leave_open);
/* A second engine folds the log that `told` kept. */
void telling_replay(struct telling *telling, const struct telling *told, uint32_t shards);
void telling_free(struct telling *telling);
/* One record, at the next position; false: `fault` says why. */
bool telling_fold(struct telling *telling, struct record *record);
bool telling_settle(struct telling *telling);

/* The same effects in the same order, lines that come again left out; false: `words` says where they part. */
bool telling_same(const struct telling *one, const struct telling *other, char words[600]);

#endif
