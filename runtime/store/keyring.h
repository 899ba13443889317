/*
 * The players of a log: a storage number and a key for each.
 *
 * Records in the log carry the number; what tells who somebody is lies sealed with the player's key (sealed.h). The map and
 * the keys are kept apart from the log, so that destroying a key forgets the player. Number 0 is the workspace itself:
 * ticks, commands, programs. In memory here; sqlite_keys.c loads and saves it.
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_STORE_KEYRING_H
#define PROMO_RUNTIME_STORE_KEYRING_H

#include "vm/buffer.h"
#include "vm/crypto.h"

struct keyring;

/* An empty keyring with a fresh key for number 0. */
MUST_CHECK enum status keyring_open(struct keyring **out, struct error *error);
void keyring_close(struct keyring *keyring); /* wipes the keys */

/* The number of a player; the first time it makes one, with a random key. STATUS_NO_MEMORY, STATUS_LIMIT. */
MUST_CHECK enum status keyring_number(struct keyring *keyring, struct text brand, struct text player,
                                      uint64_t *number_out, struct error *error);

/* For batches: the memory that a look-up will need is fetched ahead, so that the look-ups of a batch do not wait for it one by
 * one. First keyring_hint for each player of the batch, then keyring_hint_name for each with what it gave, then
 * keyring_number. They change nothing, and may be left out. */
uint32_t keyring_hint(const struct keyring *keyring, struct text brand, struct text player);
void keyring_hint_name(const struct keyring *keyring, uint32_t hint);
void keyring_hint_key(const struct keyring *keyring, uint64_t number);

/* The life in which the fold finds a player: names are numbered, and retired, when a batch is read, ahead of the fold. The oldest number that has
 * the name and whose erasure was not folded yet, or 0; where an order of erasure came twice one life may have several numbers, and this is the one that it
 * is kept under. */
uint64_t keyring_life(const struct keyring *keyring, struct text brand, struct text player);

/* The erasure of this number, which is retired, was folded: it and all older ones of the name are of a life that is over. */
void keyring_end_life(struct keyring *keyring, uint64_t number);

/* Whether its life is over. */
bool keyring_is_past(const struct keyring *keyring, uint64_t number);

/* The number of a player who has one, or 0. */
uint64_t keyring_find(const struct keyring *keyring, struct text brand, struct text player);

/* The key of a number, or NULL: never given out, or destroyed. Borrowed until the next keyring_number. */
const struct crypto_key *keyring_key(const struct keyring *keyring, uint64_t number);

/* Who has the number; false if nobody. Borrowed until the next keyring_number. */
bool keyring_name(const struct keyring *keyring, uint64_t number, struct text *brand_out, struct text *player_out);

/* How many numbers have been given out, 0 included: the next one. */
uint64_t keyring_count(const struct keyring *keyring);

/* An erasure of the player stands in the log: who comes from now on under this name gets a number and a key of its own. Does nothing for a
 * number that was retired before. STATUS_NO_MEMORY. */
MUST_CHECK enum status keyring_retire(struct keyring *keyring, uint64_t number, struct error *error);

/* The erasure does not stand in the log after all: the name leads to the number again. Does nothing for a number that is not retired. */
void keyring_revive(struct keyring *keyring, uint64_t number);

/* Wipes the key and the name of this number and of all older ones that the same player had; tells `each` of them. What is saved of
 * them is the caller's. */
void keyring_destroy(struct keyring *keyring, uint64_t number, void (*each)(void *context, uint64_t number),
                     void *context);

/* So many players will be loaded: makes room at once. STATUS_NO_MEMORY. */
MUST_CHECK enum status keyring_expect(struct keyring *keyring, uint64_t count, struct error *error);

/* For loading: the next number in order with its key; number 0 first, which replaces the fresh key. A NULL key: destroyed, and then
 * it has no name any more. */
MUST_CHECK enum status keyring_load(struct keyring *keyring, struct text brand, struct text player,
                                    const struct crypto_key *key, struct error *error);

/* Numbers below this one are saved; the saver moves it. Starts at 0. */
uint64_t keyring_saved(const struct keyring *keyring);
void keyring_set_saved(struct keyring *keyring, uint64_t count);

#endif
