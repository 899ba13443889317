/* What became of codes: pools by name, the codes that are not as they were made, reservations. Data and its bytes; rules are codes.c.
 *
 *   codes_state ──► pool (by name) ──► code (by the hash of what is read)      redeemed, given or uploaded; a made code that nobody
 *                        │                                                     touched has none
 *                        ├──► arrival[n]: the n-th uploaded code
 *                        ├──► quota (by name): redemptions that it counted
 *                        └──► hold (by end): reservations
 *
 * A pool is kept for good under its name, whatever programs come; its home is the shared blob of a checkpoint. A code costs about 40 bytes there.
 * What a player used, was given and typed wrongly lies with the player.
 */
#ifndef PROMO_RUNTIME_ENGINE_CODES_STATE_H
#define PROMO_RUNTIME_ENGINE_CODES_STATE_H

#include "runtime/engine/state.h"
#include "vm/pool.h"

/* Which code, or whose: 128 bits of a keyed hash. */
struct code_key {
    uint64_t low, high;
};

struct code {
    struct code_key key;
    uint64_t number;   /* MADE: the n-th; UPLOADED: by order of arrival. */
    struct text text;  /* UPLOADED, and what tests permit: as it is printed; otherwise empty. Owned. */
    uint32_t uses;     /* Redemptions less those taken back … */
    uint32_t day_uses; /* … and of this day: */
    int64_t day;
    int64_t given_at;      /* INT64_MIN: it was not. */
    struct code_key whose; /* Given: to whom. */
};

struct pool_hold {
    int64_t until; /* Holds while now < until. */
    struct code_key code, whose;
    uint32_t quota; /* Number in the pool; PROGRAM_NONE: none. */
};

struct pool_quota {
    struct text name; /* Owned. */
    uint64_t used;
};

struct pool {
    struct text name; /* Owned. */
    uint32_t number;
    uint64_t cursor;      /* Codes before this one are not free to be given. */
    uint64_t used;        /* Redemptions less those taken back … */
    uint64_t period_used; /* … and of the present period: */
    int64_t period;       /* Its first day. */
    uint64_t given;       /* Codes that were given and are not used. */
    struct pool_quota *quota;
    uint32_t quota_count;
    struct pool_hold *hold; /* By until, code, whose. */
    uint32_t hold_count, hold_capacity;
    struct code **place; /* Open addressing. */
    uint32_t code_count, capacity;
    struct code **arrival; /* UPLOADED. */
    uint32_t arrival_count, arrival_capacity;
};

struct codes_state {
    struct pool **pool; /* By number, in order of appearance in the log. */
    uint32_t count;
};

/* What a player has of codes. */
enum player_code_kind { PLAYER_CODE_USED, PLAYER_CODE_GIVEN };
struct player_code {
    uint32_t pool;
    uint8_t kind; /* enum player_code_kind */
    uint8_t began_count;
    struct code_key code;
    int64_t at;
    uint32_t quota; /* USED: which counted it, or PROGRAM_NONE. */
    struct {
        uint32_t title, journey;
    } began[4]; /* Journeys that it began, or that were given it. */
};
struct player_tries {
    uint32_t pool;
    uint32_t count;
    int64_t locked_until; /* INT64_MIN: never was. */
    int64_t at[LIMIT_CODE_TRIES];
};
struct player_codes {
    struct player_code *code; /* The oldest first. */
    uint32_t count, capacity;
    struct player_tries **tries; /* By pool. */
    uint32_t tries_count;
};

/* The pool of this name; made if `make`. NULL: there is none, or memory is out. */
struct pool *codes_pool(struct engine *engine, struct text name, bool make);
/* The code, or NULL. */
struct code *codes_find(const struct pool *pool, struct code_key key);
/* The same, made where it is new. NULL: memory is out. `text` (may be empty) is copied; one with a text is the next to arrive. */
struct code *codes_make(struct engine *engine, struct pool *pool, struct code_key key, uint64_t number,
                        struct text text);
/* The number of a quota in the pool, made where it is new; PROGRAM_NONE: memory is out. */
uint32_t codes_quota(struct engine *engine, struct pool *pool, struct text name);
bool codes_add_hold(struct engine *engine, struct pool *pool, struct pool_hold hold);
void codes_drop_hold(struct pool *pool, uint32_t index);

/* The player's block, made if `make`. */
struct player_codes *codes_of(struct engine *engine, struct player *player, bool make);
struct player_code *codes_add(struct engine *engine, struct player *player, struct player_code code);
void codes_drop(struct player_codes *codes, uint32_t index);
struct player_tries *codes_tries(struct engine *engine, struct player *player, uint32_t pool, bool make);

/* Rows of codes_part. */
void codes_free_player(struct engine *engine, struct player *player);
void codes_encode_player(const struct engine *engine, const struct player *player, struct buffer *out);
MUST_CHECK enum status codes_decode_player(struct engine *engine, struct player *player, struct buffer_reader *in,
                                           struct error *error);
void codes_free_shared(struct engine *engine);
void codes_encode_shared(const struct engine *engine, struct buffer *out);
MUST_CHECK enum status codes_decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error);

#endif
