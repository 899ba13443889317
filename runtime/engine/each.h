/* What players hold, row by row, for tables: rewards, points, levels, badges, missions; and what is left of codes. Read off the state, changing
 * nothing. What a single player may use now is wallet.h, what money stands open liability.h.
 *
 * Test players are left out, since their money is nobody's. Thread rules: one thread at a time. spec: storage.md#the-tables-for-people
 */
#ifndef PROMO_RUNTIME_ENGINE_EACH_H
#define PROMO_RUNTIME_ENGINE_EACH_H

#include "runtime/engine/engine.h"

/* Texts live during the call. A player is named as the platform writes him. */

struct each_reward {
    struct text player, brand, campaign, offer;
    struct text kind;     /* "bonus", "card" or "coupon". */
    struct text action;   /* What credits it ("free_spins"), as long as a program has the offer; otherwise empty. */
    struct text state;    /* As `state of` says it. */
    struct text currency; /* Of all the amounts, which are minor units. */
    bool is_money;        /* Otherwise `amount` says nothing: so many spins. */
    int64_t amount;
    bool is_played;           /* A bonus: it has a target and progress towards it. */
    int64_t target, progress; /* To be wagered; wagered, from 0 to the target. */
    int64_t
        balance; /* What is left: of bonus and winnings as the bets say, of a card or coupon what no checkout holds. 0 once over. */
    int64_t granted_at;
    int64_t until;    /* Of the state that it is in; INT64_MAX: no end. */
    int64_t ended_at; /* INT64_MIN: not over. */
    uint8_t id[16];   /* The effect's identity. */
};

struct each_points {
    struct text player, brand, points;
    int64_t balance;
    int64_t earned; /* Ever, less what was taken back. */
    int64_t owed;
    int64_t expiring, expires_at; /* How many expire next, and when (INT64_MAX: none do). */
};

/* Of who has earned something that counts, or whose level is known. */
struct each_level {
    struct text player, brand, levels;
    struct text level; /* The player's word; empty where the attribute is personal or contact. */
    int64_t counted;
    struct text next; /* The level above, and how many it needs; empty: there is none. */
    int64_t next_from;
};

struct each_badge {
    struct text player, brand, badge;
    int64_t awarded_at;
};

/* Of a mission of which a run goes on, or one was completed. */
struct each_mission {
    struct text player, brand, mission;
    struct text state;  /* "running", "completed", "ended": the last run was not completed, one before it was. */
    uint32_t percent;   /* Of the run that goes on, or of the last one. */
    uint32_t completed; /* How often. */
    int64_t started_at; /* The latest run. */
    int64_t until;      /* When the wait of a running one is over; INT64_MAX: it is in none. */
};

/* Who is asked for nothing is NULL. */
struct each_takers {
    void (*reward)(void *context, const struct each_reward *reward);
    void (*points)(void *context, const struct each_points *points);
    void (*level)(void *context, const struct each_level *level);
    void (*badge)(void *context, const struct each_badge *badge);
    void (*mission)(void *context, const struct each_mission *mission);
};

/* All that players hold, in a fixed order of players; of a player rewards by grant, points by first use, levels as the active program has
 * them, badges by name, missions by first entry. One walk over all players. Nothing before the first ACTIVATE. STATUS_NO_MEMORY. */
MUST_CHECK enum status engine_each_held(struct engine *engine, const struct each_takers *takers, void *context,
                                        struct error *error);

/* Of the active program: each block of codes as a whole, then each of its quotas, in their order. */
struct each_codes {
    struct text pool, quota; /* `quota` empty: the whole. */
    int64_t used;            /* Redemptions less those taken back. */
    bool bounded;            /* Otherwise `left` says nothing. */
    int64_t left;            /* Redemptions still possible, less reservations and codes that were given. */
};
void engine_each_codes(struct engine *engine, void (*each)(void *context, const struct each_codes *codes),
                       void *context);

#endif
