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

/* A part changed something of the player that properties show. Watched segments that read any are judged with the player's turn that runs; and where the
 * change came beside such a turn (a request was served, an activation made it) by a turn of the next generation, which `leave when` lines hear of too. */
void property_changed(struct engine *engine, struct player *player);
/* That turn, and any other of the player that judges: the watched segments that read properties are to be judged. */
void property_touch(struct engine *engine);

#endif
