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
void kit_tick(struct kit *kit, const char *at);
void kit_settle(struct kit *kit);
void kit_digest(struct kit *kit, uint8_t out[32]);
/* Checkpoints into `store`, closes, and opens again from it with `shards`; what was collected stays. */
void kit_restart(struct kit *kit, struct store *store, uint32_t shards);
void kit_close(struct kit *kit);

/* How often a text stands in what was collected. */
uint32_t kit_count(const struct buffer *in, const char *text);
/* The id of the n-th effect line that holds `text` (from 0), 32 digits and a NUL. */
void kit_effect_id(const struct kit *kit, const char *text, uint32_t nth, char out[33]);

#endif
