/* Finding what is meant: the pool of the newest program, and the code that somebody typed or that comes next in it.
 *
 * An ask is one question about one pool. codes.c judges and changes by it, codes_view.c looks. Nothing here redeems.
 * Texts in an ask live as long as the program and the state stay as they are: for the turn. For the shard's thread alone.
 */
#ifndef PROMO_RUNTIME_ENGINE_CODES_FIND_H
#define PROMO_RUNTIME_ENGINE_CODES_FIND_H

#include "runtime/engine/codes_state.h"
#include "vm/code_word.h"

/* What is asked of one pool. */
struct ask {
    struct engine *engine;
    struct player *player;
    const struct program *program; /* The newest. */
    const struct bundle_pool *record;
    struct pool *pool; /* NULL: nothing became of its codes yet. */
    struct text name;
    uint32_t zone;
    int64_t now;
    struct code_key whose;
    bool test; /* The player is a test player: what he uses is used by him alone. */
    /* The code, once it is found. */
    struct code_key key;
    uint64_t number;
    struct code *code; /* NULL: as it was made. */
    char printed[CODE_WORD_SIZE];
    uint32_t printed_size;
    /* What redeeming would take. */
    uint32_t quota;         /* QUOTA index, or PROGRAM_NONE. */
    uint32_t hold;          /* The player's own reservation: its number in the pool + 1; 0: none. */
    struct text quota_name; /* That counted it, once it is taken. */
};

/* Whether two keys are one. */
bool codes_same_key(struct code_key a, struct code_key b);

/* The keyed hash of a name within a scope: a code in its pool, a player in its brand. */
struct code_key codes_hash_of(const struct engine *engine, struct text scope, struct text name);

/* Fills `ask` for the POOL record `index` at `now`; reservations that are over by then are let go (INT64_MIN: none). `player` may be NULL. */
void codes_aim(struct ask *ask, struct engine *engine, struct player *player, uint32_t index, int64_t now);

/* The pool's part of the state, made where it is not there yet; NULL: memory is out. */
struct pool *codes_own_pool(struct ask *ask);

/* The code that was found, as it is printed; lives in `ask`. */
struct text codes_printed(const struct ask *ask);

/* Makes `text` the code that was found; at most CODE_WORD_SIZE bytes. */
void codes_print(struct ask *ask, struct text text);

/* The key of a code, by its text as it is read (code_word_read). */
struct code_key codes_key_of(const struct ask *ask, struct text read);

/* Finds the n-th code, from 0, of a pool of kind MADE: always true. */
bool codes_nth(struct ask *ask, const struct code_word *word, uint64_t number);

/* Finds the code by what somebody typed; false: the pool has none such. */
bool codes_find_typed(struct ask *ask, struct text typed);

#endif
