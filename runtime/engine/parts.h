/* The parts of the state that promotions keep beside journeys: answers, rewards, codes, cards, boards, points, missions, badges.
 *
 *   struct part (one row each in parts.c) ──► what a player has of it (parts_of), what is shared, what of that lies by hash in key groups
 *       free, encode, decode      state.c, checkpoint.c: a part that is empty is not state
 *       due, fire                 fold.c: the player's timers of this part, a turn of class DEADLINE at `due`
 *       hears, event              records.c: events of the player, in their own turn, after metrics and before campaigns
 *       linked                    programs.c: another program is active, or the first after a checkpoint was read
 *
 * A part is one file and its codec; it knows the others by their headers alone. What journeys do with it goes through effects and requests.
 */
#ifndef PROMO_RUNTIME_ENGINE_PARTS_H
#define PROMO_RUNTIME_ENGINE_PARTS_H

#include "runtime/engine/fold.h"
#include "vm/buffer.h"

/* By their places in checkpoints: append. */
enum part_number {
    PART_ANSWERS,
    PART_REWARDS,
    PART_CODES,
    PART_CARDS,
    PART_BOARDS,
    PART_POINTS,
    PART_MISSIONS,
    PART_BADGES,
    PART_EXPERIMENTS,
    PART_PERSONS,
    PART_COUNT
};

/* Every function may be NULL where there is nothing to do. */
struct part {
    const char *name; /* In messages. */
    /* What a player has: its block is the part's own, and not NULL where one of these is called. */
    void (*free)(struct engine *engine, struct player *player);
    void (*encode)(const struct engine *engine, const struct player *player,
                   struct buffer *out); /* Canonical; nothing at all where it is empty at engine->now. */
    enum status (*decode)(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error);
    int64_t (*due)(const struct engine *engine,
                   const struct player *player); /* The earliest timer; STATE_NEVER: none. */
    void (*fire)(struct engine *engine, const struct turn *turn,
                 struct player *player); /* All that is due at turn->due; `now` is turn->due. */
    /* Events. */
    bool (*hears)(const struct engine *engine,
                  uint32_t event); /* EVENT of the newest program; asked when it is linked. */
    void (*event)(struct engine *engine, const struct turn *turn, struct player *player,
                  const struct kept_event *event);
    /* What is shared: engine->shared_part[number], the part's own; may be NULL. */
    void (*free_shared)(struct engine *engine);
    void (*encode_shared)(const struct engine *engine, struct buffer *out);
    enum status (*decode_shared)(struct engine *engine, struct buffer_reader *in, struct error *error);
    /* Of what is shared, what is many: it lies in the key group of a hash, and a checkpoint writes the groups of which `changed` is set. Canonical; nothing at
     * all where it is empty. Groups are read after everything shared, in no order; `decoded` when all have been. */
    void (*encode_group)(const struct engine *engine, uint16_t group, struct buffer *out);
    enum status (*decode_group)(struct engine *engine, uint16_t group, struct buffer_reader *in, struct error *error);
    enum status (*decoded)(struct engine *engine, struct error *error);
    bool (*linked)(struct engine *engine); /* False when memory is out. */
};

/* What the player has of a part; NULL: nothing. */
static inline void *parts_of(const struct player *player, enum part_number number)
{
    return player->parts == NULL ? NULL : player->parts->part[number];
}
/* The same inside the part's own functions, which are only called for players who have it. */
static inline void *parts_have(const struct player *player, enum part_number number)
{
    void *block = parts_of(player, number);
    INVARIANT(block != NULL);
    return block;
}
/* Puts the part's block there (NULL: takes it away; freeing is the part's). Marks the player's group changed. False when memory is out. */
MUST_CHECK bool parts_put(struct engine *engine, struct player *player, enum part_number number, void *block);
/* The player's timers of the part changed. To be called after each change that may make the earliest one earlier. */
void parts_arm(struct engine *engine, struct player *player);

/* ---------------------------------------------------------------- for the files that own the state */

int64_t parts_due(const struct engine *engine, const struct player *player);
/* A turn for each part of the player that has something due at or before `now`. */
void parts_collect(struct engine *engine, struct player *player, int64_t now,
                   void (*add)(struct engine *engine, struct player *player, enum part_number number, int64_t due));
void parts_fire(struct engine *engine, const struct turn *turn);
void parts_event(struct engine *engine, const struct turn *turn, struct player *player, const struct kept_event *event);
void parts_free_player(struct engine *engine, struct player *player);
void parts_free_shared(struct engine *engine);
void parts_encode_player(const struct engine *engine, const struct player *player, struct buffer *out);
MUST_CHECK enum status parts_decode_player(struct engine *engine, struct player *player, struct buffer_reader *in,
                                           struct error *error);
void parts_encode_shared(const struct engine *engine, struct buffer *out);
MUST_CHECK enum status parts_decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error);
/* Nothing at all where no part has anything in this key group. */
void parts_encode_group(const struct engine *engine, uint16_t group, struct buffer *out);
MUST_CHECK enum status parts_decode_group(struct engine *engine, uint16_t group, struct buffer_reader *in,
                                          struct error *error);
MUST_CHECK enum status parts_decoded(struct engine *engine, struct error *error);
MUST_CHECK bool parts_link(struct engine *engine);

#endif
