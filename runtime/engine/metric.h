/* What is kept of one metric for one player (or one journey), and what is read from it.
 *
 *   METRIC_TOTALS, METRIC_DAYS,
 *   METRIC_VALUES                entry.total[]   key, count, sum: one for each key at which something happened
 *   METRIC_BEST, METRIC_EVENTS   entry.event[]   key, at, id, value: the events themselves
 *
 * What no window can need any more goes when the next event comes; until then it stays and is neither written nor counted, so that when it
 * goes never shows. Rolling totals follow the window: reading costs what has left it since the last time.
 * Keys and windows: metric_rule.h. Players, programs, reversals: metrics.h. Writing and reading back: metric_codec.c.
 */
#ifndef PROMO_RUNTIME_ENGINE_METRIC_H
#define PROMO_RUNTIME_ENGINE_METRIC_H

#include "runtime/engine/metric_rule.h"
#include "runtime/engine/slab.h"
#include "vm/buffer.h"
#include "vm/round.h"

/* A text that an event brought. */
struct metric_text {
    uint32_t size;
    char at[];
};

struct metric_total {
    int64_t key;
    int64_t count;
    int128 sum;
};

struct metric_event {
    int64_t key;
    int64_t at;
    uint64_t id;              /* Hash of (source, id). */
    int64_t value;            /* Numbers. */
    struct metric_text *text; /* Texts. */
    uint64_t taken;           /* 1: it was taken back before it came, and will not count when it comes. */
};

/* What saves work between two reads; outside state. */
struct metric_cache {
    uint32_t first; /* Rolling totals: index of the first entry that is in `sum` and `count` … */
    int64_t low;    /* … those with this key or a later one. */
    int64_t count;
    int128 sum;
    bool judged; /* What follows holds from `from` until before `until`. */
    bool known;
    uint32_t zone;
    int64_t from, until;
    int64_t value;
    struct text text;
};

struct metric_state {
    uint32_t number; /* Of the meter (metrics.h), or of the metric in its program: by which it is found. */
    uint32_t count, capacity;
    uint32_t skipped; /* Entries that have left in front of the first. */
    union {
        struct metric_total *total; /* By key. */
        struct metric_event *event; /* By (at, id). */
    } entry;
    struct metric_cache *cache; /* Beside the first entry. */
    uint64_t fallen;            /* How many fell out because `kept` was full. */
    int64_t base_count;         /* EVER, ENTRY, and BEFORE of what lies in every window. */
    int128 base_sum;
};

/* What an event brings. */
struct metric_item {
    int64_t at;
    int64_t key;
    uint64_t id;
    int64_t value;    /* Numbers. */
    struct text text; /* Texts; borrowed. */
};

/* METRIC_VALUES: the key under which the item's value is counted; of a text its 64-bit hash. */
int64_t metric_value_key(const struct metric_rule *rule, const struct metric_item *item);

/* Adds an event, or takes one back: at the key of the original, by its id. `now` is the instant of the fold. False when memory is out.
 * `full` becomes true if something that the window still held fell out. */
MUST_CHECK bool metric_add(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                           const struct metric_item *item, uint32_t zone, int64_t now, bool *full);
MUST_CHECK bool metric_take_back(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                                 const struct metric_item *item, uint32_t zone, int64_t now, bool *full);

/* What is read at `now`, in the zone whose days count. `state` may be NULL: nothing ever happened. `text` borrows from the state. `changes_at` is the
 * first instant after `now` at which the passing of time alone may change it, or INT64_MAX. False when memory is out. */
struct metric_value {
    bool known;
    int64_t value;
    struct text text;
    int64_t changes_at;
};
MUST_CHECK bool metric_read(struct metric_state *state, const struct metric_rule *rule, uint32_t zone, int64_t now,
                            struct metric_value *out);

/* Releases the entries. */
void metric_release(struct metric_state *state, const struct metric_rule *rule, struct slab *slab);

/* Whether anything is left of it at `now`. What is empty is not state. */
bool metric_is_empty(const struct metric_state *state, const struct metric_rule *rule, int64_t now);
/* Appends what counts at `now`; canonical. */
void metric_encode(const struct metric_state *state, const struct metric_rule *rule, int64_t now, struct buffer *out);
/* Reads it back into a zeroed state. STATUS_CORRUPT with what is wrong, STATUS_NO_MEMORY. */
MUST_CHECK enum status metric_decode(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                                     struct buffer_reader *in, struct error *error);
/* A copy in other memory: of what is filled in from history. False when memory is out. */
MUST_CHECK bool metric_copy(struct metric_state *to, const struct metric_state *from, const struct metric_rule *rule,
                            struct slab *slab);

/* The largest number of bytes that a player can need for it in memory. */
uint64_t metric_bytes_most(const struct metric_rule *rule);

/* BEST: which of two events is kept; below zero for `a`. */
int metric_compare(const struct metric_rule *rule, const struct metric_event *a, const struct metric_event *b);

/* For metric_codec.c: room for `more` entries. */
MUST_CHECK bool metric_reserve(struct metric_state *state, const struct metric_rule *rule, struct slab *slab,
                               uint32_t more);
MUST_CHECK struct metric_text *metric_keep_text(struct slab *slab, struct text text);

#endif
