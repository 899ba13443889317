/* Instants, generations, turns and requests: the order of everything. spec: runtime.md#order
 *
 *   instant (all records with one `now`, and the deadlines due then)
 *     generation 0: turns of the records and deadlines, sorted
 *        run each turn ──► effects leave ──► what it causes goes to the next generation
 *        a journey that asks for a credit (or a limited entry) pauses its player: later turns of that player move on
 *        then the requests are served, one at a time, in turn order ──► a resume each in the next generation
 *     generation 1 … until nothing is left
 *
 * The order is a function of the log alone; shards do not show. What a turn does is told in journey.c, entry.c and safety.c.
 */
#ifndef PROMO_RUNTIME_ENGINE_FOLD_H
#define PROMO_RUNTIME_ENGINE_FOLD_H

#include "runtime/engine/programs.h"

/* A record of the open instant, copied into the instant's memory. */
struct pending {
    struct pending *next;
    struct record record;
    struct kept_event event;   /* EVENT, and replies that became events. */
    struct dedupe_entry id;    /* Hash of source and id. */
    uint64_t player_hash;      /* Of brand and player, by which it is found. */
    const struct player *hint; /* Who it probably is; only to ask memory ahead. */
};

enum turn_class { TURN_CONTROL, TURN_PERSON, TURN_SAFETY, TURN_ATTRIBUTES, TURN_DEADLINE, TURN_OTHER, TURN_RUN };
enum turn_kind {
    TURN_RESUME,   /* A request was answered. First, so that it runs before what moved behind it. */
    TURN_RECORD,   /* A record, from its beginning. */
    TURN_REST,     /* The rest of a player's reaction, from `rank` on. */
    TURN_TAGS,     /* A tag shows. */
    TURN_CLEAR,    /* An attribute's `until` has come. */
    TURN_WAIT,     /* A wait's time is up. */
    TURN_RUN_END,  /* The campaign's run is over. */
    TURN_LEAVE,    /* Time may have changed a `leave when`. */
    TURN_DELAYED,  /* A delayed message is due. */
    TURN_SINCE,    /* A wait `including since entry` is met by an event of before. */
    TURN_ROW,      /* A player whom a scheduled run takes. */
    TURN_MEMBERS,  /* Time may have changed in which segments the player is. */
    TURN_START,    /* A campaign starts without an event: by a segment or a command. */
    TURN_TOLD,     /* An event that another player's journey made. */
    TURN_MADE,     /* An event that the engine made. */
    TURN_REWARD,   /* A reward's deadline. */
    TURN_PROPERTY, /* Something that properties of the player show has changed. */
    TURN_PART,     /* A timer of a part of the player's state; `number` says which (parts.h). */
    TURN_LEVELS,   /* The player may have climbed a level (levels.h). */
    TURN_GONE,     /* Its player was erased. */
};

/* A turn. The first part is its place in the order; what a turn causes inherits it. */
struct turn {
    uint8_t class;
    uint8_t kind;
    uint8_t depth;           /* Length of its chain of causes. */
    bool on;                 /* TAGS: set or take away. */
    bool quiet;              /* REST: of a reaction to changed attributes or tags, though an event is at its root. */
    uint32_t rank;           /* Within one player and cause: which campaign's part. */
    int64_t due;             /* DEADLINE; RUN: when the run was due. */
    struct pending *pending; /* The record at the root of it; NULL in deadlines. */
    struct player *player;   /* NULL in records: looked up in the turn. */
    struct title *key_title; /* DEADLINE, RUN: its place … */
    uint32_t key_journey;
    uint32_t key_number;
    uint32_t tag;        /* TAGS: TAG index in the newest program. */
    struct title *title; /* WAIT, RUN_END, LEAVE, DELAYED, SINCE: whose. TAGS: who set it. START: which. */
    uint32_t journey;
    uint32_t number;               /* The timer's. */
    const struct kept_event *made; /* MADE, and REST of its reaction: the event. */
    struct request *request;       /* RESUME. */
    const struct since *since;     /* SINCE: by which event … */
    int64_t now;                   /* … and when its wait began. */
    uint64_t serial;               /* By creation; the last word between equals. */
};

enum request_kind { REQUEST_ENTER, REQUEST_CREDIT, REQUEST_CODE };

/* Something asked of a shared object. */
struct request {
    struct request *next;
    enum request_kind kind;
    struct turn turn; /* The turn that asked. */
    struct player *player;
    struct use *use;
    uint32_t campaign;
    uint32_t journey;               /* CREDIT */
    int64_t now;                    /* Of the activation that asked. */
    const struct kept_event *event; /* ENTER: by which event; NULL: by none. CODE: which asks; NULL: a journey does. */
    struct text source;             /* CODE: of that event. */
    const struct kept_event
        *answer;     /* CODE of a journey: with what it goes on, as its own program has it; NULL: nothing. */
    uint32_t effect; /* CREDIT: the campaign's n-th … */
    uint8_t id[16];
    uint32_t value_count;
    int64_t *values; /* … its values, texts in `bytes` (bank JOURNEY). */
    uint8_t *bytes;
    bool withdrawn;
    bool granted;
    enum reason reason; /* Refused: why. */
};

/* Takes one record into the open instant; closes the one before if `now` moved on. */
MUST_CHECK enum status fold_take(struct engine *engine, const struct record *record, struct error *error);
/* Closes the open instant, if any. */
MUST_CHECK enum status fold_close(struct engine *engine, struct error *error);
/* Folds every deadline before `now`, each at its own instant. */
MUST_CHECK enum status fold_deadlines_before(struct engine *engine, int64_t now, struct error *error);

/* For the files that run turns: puts a turn into the next generation. It inherits place and chain of `cause`. */
void fold_cause(struct engine *engine, const struct turn *cause, struct turn turn);
/* The same for a deadline that is due at once: a place of its own, and waiting does not lengthen the chain. */
void fold_due_at_once(struct engine *engine, struct turn turn);
/* Moves a turn, as it is, to the next generation: its player has paused. */
void fold_defer(struct engine *engine, const struct turn *turn);
/* Pauses the player with a request made by `cause`; NULL when memory is out. The caller fills it in. */
struct request *fold_request(struct engine *engine, const struct turn *cause, struct player *player);
/* The turns of a player who is erased find nobody. */
void fold_forget_player(struct engine *engine, const struct player *player);

/* The queue of turns of a new engine; false when memory is out. */
bool fold_open(struct engine *engine);
/* Frees it. */
void fold_release(struct engine *engine);

#endif
