/* Metrics in the engine: which there are, what an event does to them, and how they are read.
 *
 * A metric is known by its identity, the hash of its definition: over programs and names the same identity is the same state. A *meter* is an identity
 * that some program in use reads; an event runs the code of those over its kind and of no others. What is kept lies with the player, and for
 * `since entry` with the journey.
 * One metric's entries: metric.h. Filling in a new one from the log: backfill.h. spec: runtime.md#metrics
 */
#ifndef PROMO_RUNTIME_ENGINE_METRICS_H
#define PROMO_RUNTIME_ENGINE_METRICS_H

#include "runtime/engine/metric.h"
#include "runtime/engine/programs.h"

/* A metric of players by its identity; numbered by first appearance in the log. */
struct meter {
    int64_t identity_0, identity_1;
    struct use
        *use; /* Whose code it runs: the newest that has it. NULL: no program in use reads it, and nothing is kept. */
    uint32_t metric; /* METRIC index there. */
    struct metric_rule rule;
};

/* One of the meters over a kind of event. */
struct meter_feed {
    uint32_t meter;
    uint32_t event; /* In the meter's program. */
    bool reversal;
};

/* Works out, when a program is opened, what its METRIC records mean. False when memory is out. */
MUST_CHECK bool metrics_prepare(struct use *use);
/* Lists the meters over each event of the newest program; to be called when programs or meters changed. False when memory is out. */
MUST_CHECK bool metrics_link(struct engine *engine);

/* Whether a program may take effect: new metrics need history, or the record's word that it may be incomplete. */
MUST_CHECK enum status metrics_admit(const struct engine *engine, const struct use *use, bool incomplete,
                                     struct error *error);
/* The number of the meter with this identity, or PROGRAM_NONE; whether players are to keep this metric and do not yet. */
uint32_t metrics_find(const struct engine *engine, const struct bundle_metric *metric);
bool metrics_is_new(const struct engine *engine, const struct bundle_metric *metric);
/* Whether the program has a metric of players that is not kept yet. */
bool metrics_any_new(const struct engine *engine, const struct use *use);
/* After a program took effect: meters of programs that nothing needs go, with what players keep under them; those of the newest come. False when
 * memory is out. */
MUST_CHECK bool metrics_activate(struct engine *engine);

/* Applies an event to the metrics of its player and of the player's journeys, before the campaigns see it. `event` is by the newest program;
 * `source` is that of its record and `id` the hash of (source, id). Events that take others back do so, once. */
void metrics_event(struct engine *engine, struct player *player, const struct kept_event *event, struct text source,
                   uint64_t id);
/* That hash, of a key that is at hand (dedupe.h). */
uint64_t metrics_id(const struct dedupe_entry *entry);

/* Points an activation's reads at this player and journey (or NULL); `use` is the activation's program. `now` of a read is the activation's, or the
 * instant that is being folded where a deadline's own lies before it. */
void metrics_aim(struct engine *engine, struct activation *activation, struct metric_reads *reads,
                 const struct player *player, const struct journey *journey, const struct use *use);
/* Reads a metric of a program in use, FORMULA too. */
void metrics_read(struct engine *engine, const struct player *player, const struct journey *journey,
                  const struct use *use, uint32_t metric, int64_t now, struct metric_read *out);

/* How many events fell out of a metric of the newest program. */
uint64_t metrics_fallen(const struct engine *engine, const struct player *player, const struct journey *journey,
                        uint32_t metric);

/* Releases what hangs on a player or a journey. */
void metrics_free_player(struct engine *engine, struct player *player);
void metrics_free_journey(struct engine *engine, const struct player *player, struct journey *journey);
/* A journey moves to a program in which its campaign means the same: its metrics are found by identity. */
void metrics_move_journey(struct engine *engine, const struct player *player, struct journey *journey,
                          const struct use *to, uint32_t campaign);

/* Checkpoints (metrics_codec.c). */
void metrics_encode_meters(const struct engine *engine, struct buffer *out);
MUST_CHECK enum status metrics_decode_meters(struct engine *engine, struct buffer_reader *in, struct error *error);
void metrics_encode_player(const struct engine *engine, const struct player *player, struct buffer *out);
MUST_CHECK enum status metrics_decode_player(struct engine *engine, struct player *player, struct buffer_reader *in,
                                             struct error *error);
void metrics_encode_journey(const struct engine *engine, const struct journey *journey, struct buffer *out);
MUST_CHECK enum status metrics_decode_journey(struct engine *engine, const struct player *player,
                                              struct journey *journey, struct buffer_reader *in, struct error *error);

/* The state under this number, in its place by number; made if `make`. NULL if there is none, or memory is out (state_no_memory). */
struct metric_state *metrics_state(struct engine *engine, struct metric_table *table, uint16_t group, uint32_t number,
                                   bool make);

#endif
