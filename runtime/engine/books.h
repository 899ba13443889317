/* The books: what every budget has left, who holds a reservation, which campaigns are suspended, how many entered.
 *
 * A book is the account of one limit of one budget. It is known by names (budget, scope, period, offer), never by
 * an index, so it survives a change of the program:
 *
 *     cap = unallocated + reserved + spent          every term >= 0, checked at each change
 *
 * Books of totals, periods, offers and pools are shared objects (the engine serves requests on them one at a time,
 * in turn order). Books per player and reservations belong to a player's key group. Nothing here knows of shards.
 * It decides no order, makes no effect and reads no clock. Read next: identity.h, then fold.c for who calls.
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_ENGINE_BOOKS_H
#define PROMO_RUNTIME_ENGINE_BOOKS_H

#include "vm/buffer.h"
#include "vm/program.h"

struct books;

/* Empty books, which the caller owns. STATUS_NO_MEMORY. */
MUST_CHECK enum status books_open(struct books **out, struct error *error);
/* Frees them; NULL is taken too. */
void books_close(struct books *books);

/* A credit that asks for its cost. Everything is borrowed for the time of the call. */
struct books_request {
    const struct program *program; /* The newest one that has the campaign: its limits count. */
    uint32_t campaign;             /* Index in it. */
    struct text offer;             /* Name. */
    struct text brand, player;     /* Whose. */
    uint16_t group;                /* Key group of the player. */
    uint32_t journey;              /* Number of the journey that asks; kept for the ledger. */
    int64_t now;                   /* The instant that the calendar periods are taken at. */
    int64_t run;                   /* When the run was due that started the journey; INT64_MIN: none did. */
    int64_t runs_from;      /* Runs that were due before are over: their limits grant nothing and may be forgotten. */
    int64_t earliest;       /* No later request will have a `now` before this one: older periods may be forgotten. */
    unsigned campaign_zone; /* Zone index for the campaign's own periods … */
    unsigned home_zone;     /* … and for those of a shared pool. */
    int64_t cost;           /* Minor units, >= 0. The caller has refused anything below zero. */
    uint8_t effect[16];     /* The effect's identity: at most one reservation each, ever. */
    bool returnable;        /* What the wallet has credited may still come back: books_return(). */
};

enum books_answer {
    BOOKS_GRANTED,  /* Everything asked is reserved in every book that it concerns. */
    BOOKS_REFUSED,  /* Nothing was changed; `refusal` says which limit. */
    BOOKS_REPEATED, /* This effect has been reserved before; nothing was changed. */
    BOOKS_NO_MEMORY /* Nothing was changed. */
};

/* Which limit refused. Limits are asked in this order: per player, per offer, per period, total, pool; the first that
 * does not fit is named, so a player at the own limit never suspends a campaign. */
struct books_refusal {
    const char *detail; /* "player", "offer", "period", "total" or "pool" (the total of a pool). Lives for ever. */
    uint32_t budget;    /* BUDGET index in the request's program; NONE only where a test has set what is left. */
    uint32_t limit;     /* LIMIT index; NONE likewise. */
    bool empty;         /* Total, pool, or a run's limit: `when empty` of that budget applies. */
    int64_t cost, left; /* Minor units: what was asked for, and what that limit had left. */
};

/* Reserves whole or refuses. `refusal` is written only for BOOKS_REFUSED. */
MUST_CHECK enum books_answer books_reserve(struct books *books, const struct books_request *request,
                                           struct books_refusal *refusal);

/* What a settlement settled. Texts borrow from the books until their next change. */
struct books_settled {
    int64_t amount;            /* Minor units. */
    struct text campaign;      /* Name. */
    struct text offer;         /* Name. */
    struct text brand, player; /* Both empty after an erasure. */
    uint16_t group;
    uint32_t journey;
    int64_t reserved_at;
    bool lost; /* Booked by books_lose, and not taken over. */
    bool back; /* Released: nothing is spent for it. */
    bool returnable;
};

/* Books what another life of this log paid (epoch.h) as spent, at once and in every limit it falls under, whether it fits or not. The program may not
 * know the campaign (request->campaign PROGRAM_NONE): then in the books that every campaign has. An empty player: nobody's, in what all share. REPEATED: the effect is known; never REFUSED. */
MUST_CHECK enum books_answer books_lose(struct books *books, const struct books_request *request, struct text campaign);
/* The oldest credit of this player, campaign and offer that books_lose booked becomes the reservation of the request's journey, with its own
 * effect and amount, which `request` receives. False: there is none. */
bool books_adopt(struct books *books, struct books_request *request, struct text campaign);

enum books_outcome {
    BOOKS_DONE,    /* Committed or released now. */
    BOOKS_ALREADY, /* Committed or released before, either way: nothing was changed. */
    BOOKS_UNKNOWN  /* No such reservation. */
};

/* Turns a reservation into money spent, or gives it back; in the periods in which it was made, whatever period it is
 * now. Once: the first of the two wins. `out` (may be NULL) is written for DONE and ALREADY. */
enum books_outcome books_commit(struct books *books, const uint8_t effect[16], struct books_settled *out);
enum books_outcome books_release(struct books *books, const uint8_t effect[16], struct books_settled *out);

/* Gives back what a returnable reservation holds, be it still reserved or spent, in the periods in which it was made. Once: ALREADY
 * where it was given back, released or closed before. */
enum books_outcome books_return(struct books *books, const uint8_t effect[16], struct books_settled *out);
/* What was spent stays spent from now on. Does nothing where it is not returnable. */
void books_close_return(struct books *books, const uint8_t effect[16]);

/* Each reservation that is neither committed nor given back, in no particular order. */
void books_each_open(const struct books *books,
                     void (*each)(void *context, const uint8_t effect[16], const struct books_settled *open),
                     void *context);

/* Whose credit an effect is, settled or not; BOOKS_UNKNOWN if nobody's, otherwise DONE (still reserved) or ALREADY. */
enum books_outcome books_find(const struct books *books, const uint8_t effect[16], struct books_settled *out);

/* Gives each credit that a journey of the player was granted and that was not released or given back. */
void books_of_journey(const struct books *books, uint16_t group, struct text brand, struct text player,
                      struct text campaign, uint32_t journey, void (*each)(void *context, const uint8_t effect[16]),
                      void *context);

/* Forgets settled reservations that were made before `before`: a repeated reply is then BOOKS_UNKNOWN, which does
 * nothing either. For the engine to call at instants that the log fixes (retention). */
void books_trim(struct books *books, int64_t before);

/* Forgets a player: the books per player go, reservations stay settleable under an empty name, shared books keep
 * their sums. */
MUST_CHECK enum status books_erase_player(struct books *books, uint16_t group, struct text brand, struct text player,
                                          struct error *error);

/* The total of a campaign. `cap` is -1 where the program sets none. All zero (cap by the program) before its first credit. */
struct books_total {
    int64_t cap, reserved, spent;
};
struct books_total books_campaign_total(const struct books *books, const struct program *program, uint32_t campaign);
/* The total of a BUDGET of the program, pools included. */
struct books_total books_budget_total(const struct books *books, const struct program *program, uint32_t budget);
/* The most that a single player has reserved or spent in the campaign. Reads every player: for summaries. */
int64_t books_largest_player(const struct books *books, struct text campaign);

/* For tests in the language: from now on exactly `left` minor units are left of the total of the campaign or pool of
 * this name, whatever its limit says. STATUS_NOT_FOUND if the program has neither. */
MUST_CHECK enum status books_given_left(struct books *books, const struct program *program,
                                        struct text campaign_or_pool, int64_t left, struct error *error);

/* The suspended flag of a campaign, by name. Each call is a change of a shared object. */
enum books_change { BOOKS_CHANGED, BOOKS_UNCHANGED, BOOKS_CHANGE_NO_MEMORY };
/* BOOKS_CHANGED once per suspension: the time to tell. `reason` is an enum reason, kept for people. */
MUST_CHECK enum books_change books_suspend(struct books *books, struct text campaign, uint16_t reason, int64_t now);
MUST_CHECK enum books_change books_resume(struct books *books, struct text campaign);
bool books_is_suspended(const struct books *books, struct text campaign);
/* Why and since when; false when it is not suspended. */
bool books_suspension(const struct books *books, struct text campaign, uint16_t *reason, int64_t *since);

/* Entrants of a campaign, for `at most N players`: counts one if there are fewer than `limit` (PROGRAM_NONE: no
 * limit). UNCHANGED: full. The caller asks once per player, at the first entry. */
MUST_CHECK enum books_change books_enter(struct books *books, struct text campaign, uint32_t limit);
uint64_t books_entrants(const struct books *books, struct text campaign);

/* Checkpoints. The shared blob holds shared books, suspensions and entrants; a group's blob its players' books and
 * reservations. The bytes are canonical: equal states give equal bytes, whatever way they came about. An empty group
 * gives no bytes. STATUS_NO_MEMORY is the only failure of encoding. */
MUST_CHECK enum status books_encode_shared(const struct books *books, struct buffer *out, struct error *error);
MUST_CHECK enum status books_encode_group(const struct books *books, uint16_t group, struct buffer *out,
                                          struct error *error);
/* Reads blobs back into fresh books, in any order; then books_check. STATUS_CORRUPT with what is wrong. */
MUST_CHECK enum status books_decode_shared(struct books *books, struct text bytes, struct error *error);
MUST_CHECK enum status books_decode_group(struct books *books, uint16_t group, struct text bytes, struct error *error);
/* Every book balances and its `reserved` is the sum of the open reservations in it. STATUS_CORRUPT if not. Reads all. */
MUST_CHECK enum status books_check(struct books *books, struct error *error);

/* Whether a group's part changed since the mark was last cleared: what a checkpoint must write. What is shared it writes always. */
bool books_group_changed(const struct books *books, uint16_t group);
void books_clear_changed(struct books *books);

#endif
