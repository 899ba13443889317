/* For tests of the engine: a campaign as text, events as lines, what came out as text.
 *
 * It compiles the source, opens an engine with a number of shards, reads lines by the intake and collects effects and notes as
 * NDJSON. A checkpoint goes through the memory store. Nothing here judges; the tests do. Not a test itself.
 */
#ifndef TESTS_KIT_ENGINE_KIT_H
#define TESTS_KIT_ENGINE_KIT_H

#include "runtime/engine/engine.h"
#include "runtime/store/intake.h"
#include "runtime/store/memory_store.h"

enum { KIT_RUNS_MAX = 3, KIT_RUNS_ROOM = 8 };

struct kit {
    struct engine *engine;
    struct intake *intake;
    struct buffer bundle;  /* Of the program that was activated last. */
    struct buffer effects; /* NDJSON, in the order they left. */
    struct buffer notes;
    uint64_t position;
    struct store log; /* What was folded, so that new metrics are filled in. */
    uint32_t shards;
    bool quiet; /* Collect nothing. */
};

/* Where a test sets it, each note comes here too, with what its line does not say. */
extern void (*kit_hear_note)(const struct engine_note *note);

/* Compiles and activates. Fails the test with the compiler's words if the source has mistakes. */
void kit_open(struct kit *kit, const char *source, uint32_t shards);
/* Activates another source at `now`. */
void kit_activate(struct kit *kit, const char *source, int64_t now);
/* Any record, at the next position and not before the last `now`. */
void kit_record(struct kit *kit, struct record *record);
/* One line of the stream; its `now` is max(previous, at). */
void kit_line(struct kit *kit, const char *line);
/* The same with a `now` of its own (a late arrival). */
void kit_line_at(struct kit *kit, const char *line, const char *now);
/* Several lines, each ended by a line feed. */
void kit_lines(struct kit *kit, const char *lines);
/* An event with data as JSON members, e.g. kit_event(kit, "d1", "deposit", "p1", "2026-06-01T10:00:00Z", "\"amount\":\"5 EUR\""). */
void kit_event(struct kit *kit, const char *id, const char *event, const char *player, const char *at,
               const char *data);
/* Sets one attribute by a line with the id "a-PLAYER"; `value` is JSON: kit_set(kit, "p1", "2026-06-01T09:00:00Z", "vip", "true"). */
void kit_set(struct kit *kit, const char *player, const char *at, const char *attribute, const char *value);
void kit_tick(struct kit *kit, const char *at);
void kit_settle(struct kit *kit);
void kit_digest(struct kit *kit, uint8_t out[32]);
/* Checkpoints into `store`, closes, and opens again from it with `shards`; what was collected stays. */
void kit_restart(struct kit *kit, struct store *store, uint32_t shards);
/* The same without a digest, which would wake all players: those of an even number of shards sleep (decision 0038). */
void kit_restart_asleep(struct kit *kit, struct store *store, uint32_t shards);
void kit_close(struct kit *kit);

/* Runs of one story that must come out the same whatever shards, restarts and orders of lines they had. Begins as zeros. */
struct kit_runs {
    struct buffer effects[KIT_RUNS_ROOM];
    uint8_t digest[KIT_RUNS_ROOM][32];
    uint32_t count;
};
/* A run is over: keeps its effects and digest, and closes it. */
void kit_runs_add(struct kit_runs *runs, struct kit *kit);
/* Fails the test unless there were effects, and all runs have the same ones and the same digest. Frees what was kept. */
void kit_runs_judge(struct kit_runs *runs);

/* How often a text stands in what was collected. */
uint32_t kit_count(const struct buffer *in, const char *text);
/* The id of the n-th effect line that holds `text` (from 0), 32 digits and a NUL. */
void kit_effect_id(const struct kit *kit, const char *text, uint32_t nth, char out[33]);

#endif
