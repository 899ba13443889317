/* What a METRIC record means: which parts of a player's events it keeps, under which keys, and which keys a window holds.
 *
 * Whatever is kept has a key: an instant, the number of a minute or hour, a local date, the first date of a local week, month
 * or year, or the start of a tournament's instance; where values are counted one by one, the value itself or the hash of a text. A window
 * is a range of keys, so `over last 30 days by hour`, `over previous week` and `ever` are read alike.
 * Pure arithmetic over zones and calendars; what is kept is metric.h, who keeps it metrics.h. spec: runtime.md#metrics
 */
#ifndef PROMO_RUNTIME_ENGINE_METRIC_RULE_H
#define PROMO_RUNTIME_ENGINE_METRIC_RULE_H

#include "vm/instance.h"

/* How much of the events is kept. */
enum metric_shape {
    METRIC_NOTHING, /* Nothing: computed when it is read. */
    METRIC_TOTALS,  /* Sum and count by key. */
    METRIC_DAYS,    /* Count by local date. */
    METRIC_BEST,    /* The one event that counts, by key: the smallest, largest, first or last. */
    METRIC_EVENTS,  /* The events themselves, as many as `kept` says, the newest of them. */
    METRIC_VALUES,  /* Count by value, of as many values as `kept` says, those that came first. */
};

enum metric_key {
    METRIC_KEY_ALL,
    METRIC_KEY_AT,
    METRIC_KEY_MINUTE,
    METRIC_KEY_HOUR,
    METRIC_KEY_DATE,
    METRIC_KEY_PERIOD,
    METRIC_KEY_VALUE,
    METRIC_KEY_INSTANCE, /* The start of the tournament's instance. */
};

/* Largest number of local dates that a metric keeps where it names no number itself: ten years. */
#define METRIC_DAYS_MOST 3660u

/* A METRIC record, ready for use. Borrows the record. */
struct metric_rule {
    const struct bundle_metric *metric;
    uint8_t shape;                  /* enum metric_shape */
    uint8_t key;                    /* enum metric_key */
    bool texts;                     /* Its values are texts. */
    uint32_t kept;                  /* DAYS, EVENTS, VALUES: at most so many. */
    uint32_t zone;                  /* Whose days; of the player where players_zone, then this where that is unknown. */
    struct instance_rule *instance; /* INSTANCE: of which tournament; set by metrics_prepare(). Otherwise NULL. */
};

struct metric_range {
    int64_t low, high; /* Both included. */
};

/* Reads the record. `zone` is the index of its zone. */
struct metric_rule metric_rule_make(const struct bundle_metric *metric, uint32_t zone);

/* The key of what happened at `at`. */
int64_t metric_rule_key(const struct metric_rule *rule, uint32_t zone, int64_t at);

/* The keys that the window holds at `now`. The lower end never moves back as time passes in one zone, also where clocks do. */
struct metric_range metric_rule_range(const struct metric_rule *rule, uint32_t zone, int64_t now);

/* ROLLING: the first instant after `now` at which a key that the window holds now has left it. INT64_MAX: beyond the calendar. */
int64_t metric_rule_leaves(const struct metric_rule *rule, uint32_t zone, int64_t now, int64_t key);

/* THIS, PREVIOUS, BEFORE: the first instant of the next period; INSTANCE: when another instance is read. */
int64_t metric_rule_turns(const struct metric_rule *rule, uint32_t zone, int64_t now);

/* Keys below this one lie in no window from `now` on, in whatever zone (BEFORE: they lie in each of them). Never falls as time passes. */
int64_t metric_rule_oldest(const struct metric_rule *rule, int64_t now);

#endif
