/* What `WORD of "NAME"` is for a player: the switch from a property to the file that knows it. spec: properties.def
 */
#ifndef PROMO_RUNTIME_ENGINE_PROPERTY_H
#define PROMO_RUNTIME_ENGINE_PROPERTY_H

#include "runtime/engine/metric.h"
#include "runtime/engine/programs.h"

/* What is asked: `metric` is a record of the aggregate PROPERTY in the program of `use`. */
struct property_read {
    struct engine *engine;
    const struct player *player;   /* NULL: of nobody, where what is asked is shared. */
    const struct journey *journey; /* NULL: outside a journey. */
    const struct use *use;
    const struct bundle_metric *metric;
    struct text object; /* NAME */
    int64_t now;
};

/* Reads it: known, with a value within the record's range, and the first later instant at which time alone may change it. */
void property_read(const struct property_read *read, struct metric_value *out);

/* A part changed something that properties show: watched segments that read any are judged again with the turn that runs. */
void property_changed(struct engine *engine);

#endif
