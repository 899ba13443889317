/* Points of players: what events earn by the lines of `points`, what is spent, what expires. spec: runtime.md#points
 *
 * The part PART_POINTS of the state: a purse (purse.h) for each points currency that a player has, by its name, and the timers of
 * levels (levels.h). Lines of `earn` are the active program's: an event runs the code of those over its kind, an event that takes
 * another back runs the same over its own fields and takes exactly so much away.
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_ENGINE_POINTS_H
#define PROMO_RUNTIME_ENGINE_POINTS_H

#include "runtime/engine/metric_rule.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/programs.h"
#include "runtime/engine/purse.h"

extern const struct part points_part;

/* A ladder of levels that a player stands on. */
struct ladder {
    uint32_t number; /* Of the levels, by name. */
    int64_t due;     /* The end of the period after which the level is judged; STATE_NEVER: on the lowest. */
};

/* What a player has of this part. */
struct points_book {
    uint32_t purse_count, purse_capacity;
    uint32_t ladder_count, ladder_capacity;
    struct purse *purse;   /* By number. */
    struct ladder *ladder; /* By number. */
};

/* A line of `earn` over a kind of event. */
struct points_feed {
    uint32_t points, earn; /* POINTS and EARN of the newest program. */
    bool reversal;
};

/* LEVELS of the newest program, ready for use. */
struct points_ladder {
    struct bundle_metric counted, period; /* What the rules below borrow. */
    struct metric_rule rule;              /* Over which dates it counts … */
    struct metric_rule down;              /* … and the periods at whose ends it judges. */
    uint32_t zone;
    uint32_t number;
    uint32_t slot; /* The attribute's. */
};

/* What is shared: the names that were ever used, which are state, and what is worked out of the newest program. */
struct points_shared {
    struct text *name; /* Owned; points and levels by number, by first appearance in the log. */
    uint32_t name_count, name_capacity;
    struct arena linked;
    uint32_t *feed_first; /* By event, event_count + 1 entries. */
    struct points_feed *feed;
    uint64_t *line;               /* By EARN: under which name its rest is kept. */
    uint32_t *number;             /* By POINTS … */
    uint32_t *zone;               /* … its zone. */
    struct points_ladder *ladder; /* By LEVELS. */
};

/* How many the player can spend of the points of this name; 0 where there are none. */
int64_t points_balance(const struct engine *engine, const struct player *player, struct text name);
/* Spends them, whole or not at all: false where there are fewer, or no such points. `effect` (16 bytes) is what they were spent by, or NULL;
 * `key` tells it from other spending of the instant. Within a turn. */
MUST_CHECK bool points_spend(struct engine *engine, struct player *player, struct text name, int64_t points,
                             const uint8_t *effect, struct text key);
/* A reward of points was granted: if the newest program has points of that name they can be spent from now on, until `expires` (0: as the points
 * say). They count as earned for no level. False: no such points. */
bool points_reward(struct engine *engine, struct player *player, struct text name, int64_t points, int64_t expires);

/* Whether a credit of this offer gives points: of which name, and how many. Texts of the values lie in `bytes`. */
bool points_of_credit(const struct program *program, const struct bundle_offer *offer, const int64_t *values,
                      const uint8_t *bytes, struct text *name_out, int64_t *points_out);
/* Such a reward is cancelled, forfeited or revoked: what it gave is taken back, as far as it has not expired. `expires`: as in points_reward; `effect`: the reward's. */
void points_reward_back(struct engine *engine, struct player *player, struct text name, int64_t points, int64_t expires,
                        int64_t granted_at, const uint8_t effect[16]);

/* What stands behind `balance of "…"`, `earned of "…"`, `expiring of "…"` and, of levels, `counted of "…"`. */
enum points_figure { POINTS_BALANCE, POINTS_EARNED, POINTS_EXPIRING, POINTS_COUNTED };
/* `changes_at`: the first later instant at which the passing of time alone may change it. */
int64_t points_figure(const struct engine *engine, const struct player *player, struct text name,
                      enum points_figure figure, int64_t now, int64_t *changes_at);

/* A player's points and levels, for people (wallet.c): each name that has something, by number; then each block `levels`. */
struct points_item {
    struct text name;
    bool levels; /* A block `levels`: `level` is the player's word, `balance` what is counted. */
    int64_t balance, owed;
    int64_t goes,
        goes_at; /* How many expire next, and when (PURSE_NEVER). Levels: how many the next level needs (0: none), and at … */
    struct text level, next; /* … `next`. */
};
void points_list(struct engine *engine, const struct player *player,
                 void (*take)(void *context, const struct points_item *item), void *context);

/* For an activation whose points_context is its struct metric_reads. */
int64_t points_left(void *context, uint32_t points);

/* Tests: the player has earned just so many, now. */
void points_given(struct engine *engine, struct player *player, struct text name, int64_t points);

/* For levels.c. */
struct points_shared *points_shared(const struct engine *engine);
/* The number of a name; PROGRAM_NONE: it never was used. */
uint32_t points_number(const struct engine *engine, struct text name);
/* The player's book; NULL: none, or memory is out where it is to be made. */
struct points_book *points_book(struct engine *engine, struct player *player, bool make);
const struct purse *points_purse(const struct player *player, uint32_t number);

#endif
