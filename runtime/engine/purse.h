/* A player's points of one currency: what is left, until when, and what was earned on which day.
 *
 *   lot[]   expires, left      what can be spent, the one that expires first in front; points of one day lie in one lot
 *   day[]   date, earned       what was earned less what was taken back, as long as a window of levels may need it
 *   rest[]  line, rest         what each line of `earn` has over, in its own fractions of a point
 *   debt                       points that were taken back after they had been spent; the next ones pay it first
 *
 * Arithmetic alone: no program, no clock. Who earns and what follows: points.h; levels: levels.h. spec: runtime.md#points
 */
#ifndef PROMO_RUNTIME_ENGINE_PURSE_H
#define PROMO_RUNTIME_ENGINE_PURSE_H

#include "runtime/engine/slab.h"
#include "vm/buffer.h"

#define PURSE_NEVER INT64_MAX

/* More than this a player never has, nor owes; what is earned beyond it is lost. */
#define PURSE_MOST INT64_C(1000000000000000)

struct purse_lot {
    int64_t expires; /* The first instant at which they are gone; PURSE_NEVER. */
    int64_t left;    /* Above 0. */
};

struct purse_day {
    int64_t date;
    int64_t earned; /* Not 0; below 0 where more was taken back than was earned. */
};

struct purse_rest {
    uint64_t line;
    int64_t rest; /* Above 0, below the line's `den`. */
};

struct purse {
    uint32_t number; /* Of the points (points.h). */
    uint32_t lot_count, lot_capacity;
    uint32_t day_count, day_capacity;
    uint32_t rest_count, rest_capacity;
    int64_t balance; /* Sum of the lots. */
    int64_t debt;
    int64_t earned; /* Ever, less what was taken back. */
    struct purse_lot *lot;
    struct purse_day *day;
    struct purse_rest *rest;
};

/* Releases what it holds. */
void purse_release(struct purse *purse, struct slab *slab);
/* Whether it says nothing that an empty one does not. */
bool purse_is_empty(const struct purse *purse);

/* Whole points for `value` (of an event that is taken back: less than zero) at num / den points for each; what is over stays with the line, or
 * is dropped. Taking the same value back gives exactly the opposite, whatever came between. False when memory is out. */
MUST_CHECK bool purse_measure(struct purse *purse, struct slab *slab, uint64_t line, int64_t value, int64_t num,
                              int64_t den, bool drops, int64_t *points_out);

/* Points come in (above 0); debts are paid first. False when memory is out. */
MUST_CHECK bool purse_add(struct purse *purse, struct slab *slab, int64_t points, int64_t expires);
/* Points are taken back (above 0): from the lot that they lay in, then from those that expire first; what nobody has any more is owed. */
void purse_take_back(struct purse *purse, int64_t points, int64_t expires);
/* Spends them, those that expire first in front; false, and nothing, where there are fewer. */
MUST_CHECK bool purse_spend(struct purse *purse, int64_t points);
/* Drops what has expired at `now`; how many points that were. */
int64_t purse_expire(struct purse *purse, int64_t now);
/* When the next ones expire; PURSE_NEVER. */
int64_t purse_next(const struct purse *purse);
/* How many expire up to and with `until`. */
int64_t purse_expiring(const struct purse *purse, int64_t until);

/* Counts points as earned on a local date, below 0 as taken back; days before `oldest` go. False when memory is out. */
MUST_CHECK bool purse_count(struct purse *purse, struct slab *slab, int64_t date, int64_t points, int64_t oldest);
/* What was earned on the dates from `low` to `high`, both included; never below 0. */
int64_t purse_counted(const struct purse *purse, int64_t low, int64_t high);

/* Appends it, canonical; reads it back into a zeroed one: STATUS_CORRUPT, STATUS_NO_MEMORY. */
void purse_encode(const struct purse *purse, struct buffer *out);
MUST_CHECK enum status purse_decode(struct purse *purse, struct slab *slab, struct buffer_reader *in,
                                    struct error *error);

#endif
