/* What became of codes: pools by name, the codes that are not as they were made, reservations. Data and its bytes; rules are codes.c.
 *
 *   codes_state ──► pool (by name): counters, cursor, quotas               the shared blob of a checkpoint
 *        │             ├──► arrival[n]: the n-th uploaded code
 *        │             └──► hold (by end): reservations
 *        └──► group[0 … 4095] ──► code (by pool and hash of what is read)  the key group of the hash
 *                                  redeemed, given, reserved or uploaded; a made code that nobody touched has none
 *
 * A pool is kept for good under its name, whatever programs come. What is kept of one code lies in the key group of its hash, not of a player: so a
 * checkpoint writes the groups of the codes that changed, however many there are. What that costs is in spec/storage.md.
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

struct code_given {
    int64_t at;
    struct code_key whose;
};
struct code_text {
    uint32_t size;
    char at[];
};

/* Of 64 bytes, because there may be millions. All that hangs from it lies in the slab of codes_state. */
struct code {
    struct code_key key;
    uint64_t number; /* MADE: the n-th; UPLOADED: by order of arrival. */
    uint32_t pool;
    uint32_t uses;          /* Redemptions less those taken back … */
    uint32_t day_uses;      /* … and of this day: */
    int32_t day;            /* INT32_MIN: it never was. */
    struct code_text *text; /* UPLOADED, and what tests permit: as it is printed; otherwise NULL. */
    struct code_given *given;
    struct pool_hold *hold; /* Its reservations, by until and whose. */
};

struct pool_hold {
    int64_t until; /* Holds while now < until. */
    struct code *code;
    struct code_key whose;
    uint32_t quota; /* Number in the pool; PROGRAM_NONE: none. */
    struct pool_hold *next;
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
    struct pool_hold **hold; /* By until, code, whose. */
    uint32_t hold_count, hold_capacity;
    uint64_t code_count;   /* In all key groups. */
    uint64_t awaited;      /* While a checkpoint is read: so many codes its key groups must hold. */
    struct code **arrival; /* UPLOADED. */
    uint32_t arrival_count, arrival_capacity;
};

struct code_table {
    struct code **place; /* Open addressing. */
    uint32_t count, capacity;
};

struct codes_state {
    struct pool **pool; /* By number, in order of appearance in the log. */
    uint32_t count;
    struct slab slab;
    struct code_table group[RECORD_GROUPS]; /* By the low bits of the code's key. */
};

/* As it is printed; empty: it follows from the pool. */
static inline struct text code_printed(const struct code *code)
{
    return code->text == NULL ? (struct text){"", 0} : text_make(code->text->at, code->text->size);
}

/* What a player has of codes. */
enum player_code_kind {
    PLAYER_CODE_USED,
    PLAYER_CODE_GIVEN,
    /* As a test player: the pool knows nothing of it. */
    PLAYER_CODE_TEST_USED,
    PLAYER_CODE_TEST_GIVEN,
    PLAYER_CODE_TEST_HELD /* `at`: until then. */
};
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
/* Something is to be changed of this code: the next checkpoint writes its key group. */
static inline void codes_touch(struct engine *engine, const struct code *code)
{
    engine->group[code->key.low % RECORD_GROUPS].changed = true;
}
/* The code, or NULL. */
struct code *codes_find(const struct engine *engine, const struct pool *pool, struct code_key key);
/* The same, made where it is new. NULL: memory is out. `text` (may be empty) is copied; one with a text is the next to arrive. */
struct code *codes_make(struct engine *engine, struct pool *pool, struct code_key key, uint64_t number,
                        struct text text);
/* The code is of this player now; false: memory is out. And of nobody again. */
bool codes_set_given(struct engine *engine, struct code *code, int64_t at, struct code_key whose);
void codes_clear_given(struct engine *engine, struct code *code);
/* All codes of the pool in no order, `pool->code_count` of them: the caller's to release. NULL: memory is out. */
struct code **codes_all(const struct engine *engine, const struct pool *pool) MUST_CHECK;
/* The number of a quota in the pool, made where it is new; PROGRAM_NONE: memory is out. */
uint32_t codes_quota(struct engine *engine, struct pool *pool, struct text name);
/* Reserves `hold.code`, of the pool. False: memory is out. */
bool codes_add_hold(struct engine *engine, struct pool *pool, struct pool_hold hold);
void codes_drop_hold(struct engine *engine, struct pool *pool, uint32_t index);
/* Drops what is over. It was not state any more: nothing is to be written. */
void codes_expire_holds(struct engine *engine, struct pool *pool, int64_t now);

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
void codes_encode_group(const struct engine *engine, uint16_t group, struct buffer *out);
MUST_CHECK enum status codes_decode_group(struct engine *engine, uint16_t group, struct buffer_reader *in,
                                          struct error *error);
MUST_CHECK enum status codes_decoded(struct engine *engine, struct error *error);

#endif
