/* What players were granted and still have, or had: bonuses, free spins, claims, cards, coupons. One list for each player.
 *
 * A reward begins when a `credit` is granted and lives until it is played, used, over or taken away. Its terms are those that it was
 * granted by: it is pinned to that program (`use`, `campaign`, `effect`) until it is over; a new program in which the campaign means the
 * same takes it along. Afterwards the latest of each offer stays, so that its state can be asked; so do those of running journeys.
 * This file keeps the list, its deadlines and its bytes. Rules are elsewhere: bonus.c (wagering, queues, claims).
 * Thread rules: one thread at a time. spec: runtime.md#rewards
 */
#ifndef PROMO_RUNTIME_ENGINE_REWARD_H
#define PROMO_RUNTIME_ENGINE_REWARD_H

#include "runtime/engine/fold.h"

enum reward_kind { REWARD_BONUS, REWARD_CARD, REWARD_COUPON, REWARD_KIND_COUNT };

/* Numbers are in checkpoints. The first eight are the states of a bonus as the language orders them; cards have the next four,
 * and EXPIRED and REVOKED too. */
enum reward_state {
    REWARD_PENDING, /* Waits for the one before it in its queue. */
    REWARD_OFFERED, /* Waits to be claimed. */
    REWARD_ACTIVE,
    REWARD_WAGERED, /* Over, like all that follow up to REVOKED. */
    REWARD_EXPIRED,
    REWARD_FORFEITED,
    REWARD_CANCELLED,
    REWARD_REVOKED,
    REWARD_UNUSED, /* Of cards and coupons. */
    REWARD_PART_USED,
    REWARD_USED, /* Not over: an order that is refunded may bring it back. */
    REWARD_FROZEN,
    REWARD_STATE_COUNT
};

struct reward_bonus {
    int64_t target; /* Minor units to be wagered; 0: none. */
    int64_t
        wagered; /* Millionths of minor units: stakes by their weights, less what was voided. May be below zero for a while. */
    int64_t balance; /* What the bets say is left of bonus and winnings, minor units. */
    uint8_t tenths;  /* How many tenths of the target were told. */
    bool frozen;     /* Bets do not count. */
};
struct reward_card {
    int64_t balance; /* Minor units. */
    int64_t held;    /* Of it, held by checkouts that are open. */
    int64_t smallest_order;
    uint8_t before; /* enum reward_state: FROZEN: what it was. */
};

struct reward {
    struct reward *next; /* Of the player, by number. */
    struct title *title;
    struct use *use;   /* The program that it is pinned to; NULL once it is over. */
    uint32_t campaign; /* In `use` … */
    uint32_t effect;   /* … and the campaign's n-th effect, a CREDIT. */
    uint32_t journey;
    uint32_t number;  /* Of the player, from 1 by grant; never used again. */
    uint32_t timer;   /* Number of its deadline; 0: it has none. */
    uint8_t id[16];   /* The effect's identity. */
    uint8_t kind;     /* enum reward_kind */
    uint8_t state;    /* enum reward_state */
    bool left;        /* The effect has left: the wallet knows of it. */
    char currency[3]; /* Of `amount` and of what the kind keeps: what is paid. */
    int64_t granted_at;
    int64_t activated_at;       /* INT64_MIN: not yet. */
    int64_t ended_at;           /* INT64_MIN: not over. */
    int64_t until;              /* `now` of its deadline; STATE_NEVER: none. */
    int64_t amount;             /* Minor units; 0 where the reward is no money. */
    int64_t cost;               /* In the campaign's currency: what the books hold of it. */
    struct dedupe_entry funded; /* Which event brought what its formula read; zeros: none is kept. */
    union {
        struct reward_bonus bonus;
        struct reward_card card;
    } as;
    /* Within an instant: what it was before the turn that changed it, for those who read in that turn. Outside state. */
    const void *changed_by;
    uint64_t changed_in; /* Serial of the instant. */
    uint8_t state_before;
    /* The values of the credit, by which an effect that waits leaves; then bytes of texts (bank JOURNEY), then the offer's name. */
    uint32_t value_count, bytes_size, name_size, size;
    const int64_t *values;
    const uint8_t *bytes;
    const char *name;
};

/* The offer's name. */
static inline struct text reward_offer(const struct reward *reward)
{
    return text_make(reward->name, reward->name_size);
}
static inline bool reward_is_over(const struct reward *reward)
{
    return reward->ended_at != INT64_MIN;
}
/* Its offer's record; only while it is not over. */
const struct bundle_offer *reward_terms(const struct reward *reward);
const struct bundle_effect *reward_effect(const struct reward *reward);

/* The state as `state of` writes it: "part_used". */
struct text reward_state_word(enum reward_state state);

/* A reward for a granted credit, at the end of the player's list, pinned; values and name are copied. Its kind and state are the caller's to
 * set. What is over and of the same offer goes, unless its journey still runs. NULL when memory is out. */
struct reward *reward_add(struct engine *engine, const struct request *request);
/* It is over as `state`: unpinned, without a deadline. */
void reward_end(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state,
                int64_t now);
/* Forgets it as if it had never been. */
void reward_remove(struct engine *engine, struct player *player, struct reward *reward);
/* Frees all of a player. */
void reward_free_all(struct engine *engine, struct player *player);
/* Sets its deadline; STATE_NEVER: none. Due at once is a turn of the next generation. */
void reward_set_due(struct engine *engine, struct player *player, struct reward *reward, int64_t until);
/* Marks a change of state by the turn that runs: its readers see what was before. */
void reward_set_state(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state);
/* The state as the turn that runs may see it. */
enum reward_state reward_seen_state(const struct engine *engine, const struct reward *reward);

/* By the effect's identity; by the deadline's number; the player's latest of this offer, of this journey only where `journey` is not 0
 * (then of this campaign too). NULL: none. */
struct reward *reward_find(const struct player *player, const uint8_t id[16]);
struct reward *reward_find_timer(const struct player *player, uint32_t timer);
struct reward *reward_latest(const struct player *player, const struct title *title, struct text offer,
                             uint32_t journey);
/* The earliest deadline, or STATE_NEVER. */
int64_t reward_next_due(const struct player *player);

/* After an activation: those whose campaign means the same go over; `newest` is that campaign. */
void reward_move(struct engine *engine, struct player *player,
                 uint32_t (*same)(const struct engine *engine, const struct use *use, uint32_t campaign));

/* How often the player was granted an offer that counts it, over all journeys and for good. `title` is NULL for an offer of the workspace. */
struct grants {
    struct grants *next;
    const struct title *title;
    uint32_t count;
    uint32_t name_size;
    char name[];
};
uint32_t reward_grants(const struct player *player, const struct title *title, struct text offer);
/* One more, or one less. */
void reward_count_grant(struct engine *engine, struct player *player, const struct title *title, struct text offer,
                        int32_t by);

/* Checkpoints. */
void reward_write(const struct player *player, struct buffer *out);
MUST_CHECK enum status reward_read(struct engine *engine, struct player *player, struct buffer_reader *in,
                                   struct error *error);

#endif
