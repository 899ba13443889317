/* Whose effect it was: effects that have left and of which a word is awaited, by their identity.
 *
 * An open question waits for its answer, a message that was handed out for its delivery. A reply names nothing but the effect, so
 * this finds the player. It is made from the players' own state when the first such reply comes (state_whose), and kept from then on;
 * it is in no checkpoint.
 * Not here: what the answer does (questions.c), what is taken back (handed.c). Credits are found in the books.
 */
#ifndef PROMO_RUNTIME_ENGINE_WHOSE_H
#define PROMO_RUNTIME_ENGINE_WHOSE_H

#include <stdbool.h>
#include <stdint.h>

struct player;

struct whose_seat {
    uint8_t id[16];
    struct player *player; /* NULL: free. */
};

struct whose {
    struct whose_seat *seat; /* Open addressing; a power of two, or none. */
    uint32_t count, capacity;
    bool kept; /* Made: until then nothing is added. */
};

/* Frees the memory. */
void whose_deinit(struct whose *whose);
/* False when memory is out. Does nothing until the table is kept. An identity that is there already keeps its first player. */
bool whose_add(struct whose *whose, const uint8_t id[16], struct player *player);
/* The player, or NULL. */
struct player *whose_find(const struct whose *whose, const uint8_t id[16]);
/* Forgets it, if it is there and this player's. */
void whose_remove(struct whose *whose, const uint8_t id[16], const struct player *player);

#endif
