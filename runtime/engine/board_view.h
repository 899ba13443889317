/* What people see of a tournament: the live board or a result, the first places and a player's own. Read off the state, changing nothing.
 * Names may be masked; who may not win is left out. Who stands where: board.h. spec: runtime.md#tournaments
 */
#ifndef PROMO_RUNTIME_ENGINE_BOARD_VIEW_H
#define PROMO_RUNTIME_ENGINE_BOARD_VIEW_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

struct board_place {
    uint32_t place;
    struct text player, brand; /* As the platform writes them; empty: erased. */
    int64_t score;             /* Millionths of points. */
    bool has_last;
    int64_t last;  /* When the last event that counted happened. */
    int64_t prize; /* Minor units: what it wins, or would if it were settled now. */
};

enum board_state {
    BOARD_NONE,      /* No instance has started yet, or none is kept. */
    BOARD_RUNNING,   /* What happens counts. */
    BOARD_ENDED,     /* It waits for its settlement; what is told late counts. */
    BOARD_SETTLED,   /* A result. */
    BOARD_CANCELLED, /* A result: the field was too small. */
};

struct board_view {
    struct text name, currency;
    enum board_state state;
    int64_t start, end, settles;
    int64_t as_of;           /* The instant of which this is. */
    uint32_t players, field; /* Who is ranked; who of them has a point. */
    bool masked;
    uint32_t age_ms; /* So old may it be shown. */
    const struct board_place *place;
    uint32_t count;
    bool has_own;
    struct board_place own;
};

/* Gives the view to `take`, which may use it during the call. `started`: of the instance that started then; INT64_MIN: the one that is on,
 * otherwise the last result. `player` empty: nobody's own place. `clock`: the caller's time in milliseconds; a board of the same clock is
 * kept and shown for as long as the tournament allows (outside state). STATUS_NOT_FOUND: no such tournament; STATUS_NO_MEMORY. */
MUST_CHECK enum status board_view(struct engine *engine, struct text name, int64_t started, struct text brand,
                                  struct text player, int64_t clock,
                                  void (*take)(void *context, const struct board_view *view), void *context,
                                  struct error *error);

/* The name as it is shown: whole, or the first two characters and `***`. */
void board_view_name(struct buffer *out, const struct board_view *view, struct text player);
/* The view as one JSON object and a line feed. */
void board_view_json(struct buffer *out, const struct board_view *view);
/* "running", "settled" … */
const char *board_view_state(enum board_state state);

/* Every place of every result that is kept, by tournament, instance and place. */
struct board_result {
    struct text name, currency;
    int64_t start, end, settled_at;
    bool cancelled;
    struct board_place place;
};
void board_each_result(struct engine *engine, void (*each)(void *context, const struct board_result *result),
                       void *context);

#endif
