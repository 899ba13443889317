/* The state of the fold: players, their journeys, and what is shared. Seen by the files of this folder only.
 *
 *   engine ──► programs in use (programs.h) ──► plans of their campaigns
 *          ──► titles: campaigns by name, over all programs
 *          ──► group[4096] ──► players (open addressing) ──► journeys, passages, delayed messages, sends
 *          │              └──► applied ids (dedupe.h)
 *          ──► shard[n]: memory and the deadlines of the players of its groups
 *
 * A shard owns the groups with group % shards == its number. It divides memory and deadlines, never the order of turns.
 * What is here is data and its bookkeeping; rules live in fold.c, journey.c, entry.c, gates.c, safety.c.
 */
#ifndef PROMO_RUNTIME_ENGINE_STATE_H
#define PROMO_RUNTIME_ENGINE_STATE_H

#include "runtime/engine/books.h"
#include "runtime/engine/deadline.h"
#include "runtime/engine/dedupe.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/figures.h"
#include "runtime/engine/identity.h"
#include "runtime/engine/slab.h"
#include "runtime/engine/whose.h"
#include "vm/arena.h"
#include "vm/limits.h"

#define STATE_NEVER   INT64_MAX
#define STATE_CASCADE ((uint32_t)LIMIT_CASCADE) /* Longest chain of causes within an instant. */

struct use;
struct request;
struct meter;
struct metric_state;
struct reward;
struct grants;

/* What is kept of metrics (metrics.h), by number. */
struct metric_table {
    struct metric_state *state;
    uint32_t count, capacity;
};

/* A test's word on a metric of the newest program. */
struct metric_given {
    struct metric_given *next;
    uint32_t metric;
    bool known;
    int64_t value;
    struct text text;
};

/* Whose metrics an activation reads (metrics.c). */
struct metric_reads {
    struct engine *engine;
    const struct activation *activation;
    const struct player *player;
    const struct journey *journey; /* NULL: none. */
    const struct use *use;
};

/* A person's word on a campaign beyond suspending it: nobody enters until `resume`. */
enum title_stopped { TITLE_OPEN, TITLE_ENDED, TITLE_KILLED };

/* A campaign by its name. Kept for good: journey numbers, entrants and figures go on over versions. */
struct title {
    struct text name;   /* Owned by the engine. */
    uint32_t number;    /* Index in engine->title, by first appearance in the log. */
    uint32_t priority;  /* As the newest program that has it says. */
    uint32_t rank;      /* Place among all titles by priority, then name. */
    uint32_t campaign;  /* In the newest program, or PROGRAM_NONE. */
    bool suspended;     /* Mirrors the books. */
    int64_t *empty_run; /* When those runs were due that ended because a budget was empty. */
    uint32_t empty_run_count;
    int64_t
        runs_after; /* Of a scheduled campaign: runs are due only after this instant; INT64_MIN: it never was scheduled. */
    uint8_t stopped;  /* enum title_stopped */
    char currency[3]; /* Code: what its books are kept in, whatever the version. */
    struct figures figures;
};

/* An event kept for `including since entry`, or for a turn that moved to a later generation. */
struct kept_event {
    uint32_t event; /* Index in the journey's program. */
    uint32_t slot_count, bytes_size;
    int64_t now;
    const int64_t *slot;
    const uint64_t *known;
    const uint8_t *bytes;
};

/* The first event of each case of `including since entry` waits, since entry. */
struct since {
    struct since *next;
    uint32_t wait_case;      /* CASE index in the journey's program. */
    uint32_t block_size;     /* Bytes of this whole block. */
    struct kept_event event; /* Points into this block. */
};

/* A question whose answer a journey waits for, and who has approved so far (keyed hashes of their names). */
struct question {
    uint8_t id[16];
    uint32_t count;
    uint64_t people[PROGRAM_PEOPLE];
};

/* An event that another player's journey has made for this one; its parts follow it. Numbered by the newest program. */
struct told {
    struct told *next; /* Of the player, by number. */
    uint32_t number;   /* Of its timer. */
    uint32_t size;
    int64_t due;
    uint8_t hops; /* How many such events led to it. */
    uint8_t id[16];
    struct kept_event event; /* Points into this block. */
};

#define HANDED_MAX 64u /* Of a player. */

/* A message or a reward that was handed to the host; until it is heard of it may be asked back. */
struct handed {
    uint8_t id[16];
    int64_t at;
    uint32_t title, journey;
    bool reward; /* Waited for as long as it takes; a message for the workspace's lateness. */
};

enum journey_status { JOURNEY_WAITING, JOURNEY_REQUESTING, JOURNEY_PAUSED };

/* A running journey. Its variables follow it: slot[variable_count], then text_size bytes; then a byte for each split of the campaign:
 * the arm and 1 more once the journey has passed it. */
struct journey {
    struct journey *next; /* Of the player, by rank of the title. */
    struct title *title;
    struct use *use;   /* The program it is pinned to … */
    uint32_t campaign; /* … and its campaign there. */
    uint32_t number;
    uint32_t state; /* The campaign's n-th STATE. */
    uint32_t step;  /* The campaign's n-th STEP. */
    uint32_t timer; /* Number of its wait, by which a turn knows that it still stands. */
    uint8_t status; /* enum journey_status */
    int64_t run;    /* When the run was due that started it; INT64_MIN: none did. */
    int64_t entered_at;
    int64_t due;       /* `now` of its deadline; STATE_NEVER: none. */
    int64_t fires;     /* When it is folded: due plus the campaign's grace. */
    int64_t ends_at;   /* When the campaign's run ends it. */
    int64_t leaves_at; /* When its `leave when` lines are judged again, because time alone may have changed them. */
    int64_t remaining; /* PAUSED: how long the wait still has. */
    uint64_t known;    /* Variables. */
    uint64_t made;     /* Bit n % 64: the campaign's n-th effect was made. */
    struct since *since;
    struct question *question;   /* In an ASK state: what for. */
    struct metric_table metrics; /* Since its entry. */
    uint8_t *trace;              /* Its last activation's conditions, two bits each; outside state and digest. */
    uint32_t trace_sites;
    uint32_t size; /* Of this block. */
};

/* A split that a journey passed, by the newest program: SPLIT index and arm number. */
struct passed {
    uint32_t split, arm; /* `split` PROGRAM_NONE: the program has no such arm any more. */
};

/* What a conversion is still open for. */
struct goal {
    uint32_t journey;
    uint32_t passed_count; /* Kept when the journey ends. */
    struct passed *passed;
    int64_t until; /* Counts before this instant. */
};

/* A player and a campaign, over all journeys. */
struct passage {
    struct passage *next; /* Of the player, by title number. */
    struct title *title;
    uint32_t journeys; /* Entered so far: the number of the latest. */
    uint32_t entered_count, entered_capacity;
    int64_t *entered; /* The latest entries, as many as the campaign's rule looks at. */
    uint32_t goal_count, goal_capacity;
    struct goal *goal;
    int64_t entered_at; /* The instant of the latest entry. */
    int64_t spent;      /* Granted less released, minor units. */
    /* Of a mission (missions.h). */
    uint8_t percent;      /* As it was told last, 0 to 100. */
    bool complete;        /* The run, or the last one. */
    uint32_t completions; /* Runs completed so far. */
    uint32_t completed_count, completed_capacity;
    int64_t *completed; /* When the latest were, as many as the limit looks at. */
    int64_t
        run_local; /* What the player's clock showed at the last run in the own zone that took this player; INT64_MIN: none. */
    /* The last refusal of a start, for explain; outside state and digest. */
    int64_t refused_at;
    uint16_t refused; /* enum reason */
    uint32_t refused_rule;
    uint32_t refused_sites;
    uint8_t *refused_trace;
};

/* A message that waits for its hour. Its values follow it: numbers, then bytes of texts (bank JOURNEY). */
struct delayed {
    struct delayed *next; /* Of the player, by number. */
    struct title *title;
    struct use *use;
    uint32_t campaign;
    uint32_t effect; /* The campaign's n-th. */
    uint32_t journey;
    uint32_t number; /* Of its timer. */
    int64_t due;
    uint8_t id[16];
    uint32_t value_count, bytes_size, size;
    const int64_t *values;
    const uint8_t *bytes;
};

/* An attribute that an event set until a moment. */
struct clear {
    uint32_t attribute; /* ATTRIBUTE index in the newest program. */
    uint32_t number;
    int64_t due;
};

/* A watched segment that the player is in, or whose answer the passing of time alone may change. */
struct member {
    int64_t check;  /* When it is judged again; STATE_NEVER: time alone changes nothing. */
    uint32_t watch; /* Number among the newest program's watched segments. */
    bool in;
};

/* A message that counts for pressure. */
struct sent {
    int64_t at;
    uint32_t title;   /* Number. */
    uint16_t channel; /* In the newest program; 0xFFFF: gone, or none. */
    uint16_t class;
};

#define STATE_PARTS 10u /* enum part_number has so many. */

/* What a player has of the parts (parts.h), and the earliest of their timers. */
struct player_parts {
    void *part[STATE_PARTS];
    int64_t due;
};

struct role_event;

struct player {
    /* What nearly every turn touches. */
    uint8_t *bytes; /* Id, brand, then text attributes; `name` while there are none of these. */
    int64_t *slot;  /* Slots; then words of `known`, then words of `set`, as wide as the newest program says. */
    struct journey *journeys;
    struct passage *passages;
    struct delayed *delayed;
    struct request *request;    /* Within an instant: it has paused. */
    int64_t heap_due;           /* Which heap entry counts. */
    int64_t members_due;        /* The earliest check of `member`. */
    struct player_parts *parts; /* NULL: none. */
    uint16_t group;
    uint8_t id_size, brand_size;
    uint32_t timers;        /* Numbers given to timers so far. */
    uint32_t life;          /* How often a player of this name was erased before; in identities of effects. */
    uint32_t suppress_seen; /* The engine's serial by which `suppressed` was judged. */
    /* The rest. */
    uint64_t hash;
    uint64_t number; /* Storage number; in no effect, sort, hash or digest. */
    uint32_t bytes_size;
    uint32_t slot_size; /* Bytes of the block that `slot` begins. */
    struct clear *clear;
    struct sent *sent;             /* Oldest first. */
    struct told *told, *told_last; /* By when they are due. */
    struct handed *handed;         /* Oldest first. */
    uint16_t clear_count, sent_count, sent_capacity, journey_count;
    struct reward *reward; /* What was granted and lives, by number (reward.h). */
    struct grants *grants; /* How often, where an offer counts it (reward.h). */
    uint32_t reward_serial;
    uint32_t rewards;      /* Granted less released, over all campaigns and for good. */
    struct member *member; /* By number of the watched segment. */
    uint32_t member_count, member_capacity;
    uint16_t handed_count, handed_capacity;
    struct metric_table metrics;
    int64_t attributes_at;      /* The latest time of an attribute change. */
    struct arm_given *arms;     /* Tests. */
    struct metric_given *given; /* Tests. */
    bool bonus_stale;           /* Within a turn: `active_bonuses` is not what it says. */
    bool property_stale;        /* Within an instant: a turn will judge what reads properties. */
    bool suppressed;            /* See suppress_seen. */
    bool judged;                /* His membership was judged once: before, he was in no segment. */
    uint8_t name[];             /* Id, then brand. */
};

/* A test's word on a split. */
struct arm_given {
    struct arm_given *next;
    struct text split;
    int32_t arm;
};

/* Where a player is found: the hash beside the pointer, so that only a hit touches the player. */
struct seat {
    uint64_t hash;
    struct player *player; /* NULL: free. */
};

/* The players of a group as the checkpoint has them: read when first one of them is needed (checkpoint_wake). What must be known of all players at all times is
 * told beside. */
struct sleepers {
    uint8_t *bytes; /* NULL: nobody sleeps. To be released. */
    size_t size;
    int64_t due; /* The earliest instant at which one of them has something to do. */
    uint32_t count;
};

struct group {
    struct sleepers sleepers; /* While there are any, there is no seat. */
    struct seat *seat;        /* Open addressing. Through state_group() alone. */
    uint32_t count, capacity;
    struct dedupe_table ids;
    struct dedupe_table keys;       /* Of entries (keys.h); they never expire. */
    struct dedupe_table suppressed; /* Of players and contact values (suppress.h); they never expire. */
    bool changed;                   /* Since the last checkpoint. */
};

struct shard {
    struct slab slab;
    struct deadline_heap heap;
};

struct engine {
    struct engine_options options;
    struct identity identity;
    bool has_identity;
    char *workspace; /* NUL-ended; the identity's name borrows it. */
    uint8_t given_key[32];
    uint8_t id_key[CRYPTO_SIP_KEY_SIZE];
    struct crypto_key suppress_key;
    uint64_t suppressed_count; /* Entries of all groups. */
    uint32_t suppress_serial;  /* Goes up with each change, from 1; outside state. */
    struct books *books;
    struct use *newest; /* The active program; older ones follow in `older`. */
    struct use *uses;   /* All in use, newest first. */
    uint32_t use_serial;
    uint32_t *stored; /* Numbers of the programs in the checkpoint store. */
    uint32_t stored_count;
    struct title **title;
    uint32_t title_count, title_capacity;
    uint32_t *ranked;    /* Title numbers by rank. */
    struct group *group; /* RECORD_GROUPS of them. */
    struct shard *shard;
    uint32_t shard_count;
    uint64_t player_count;
    uint32_t asleep;    /* Groups whose players sleep … */
    int64_t asleep_due; /* … and the earliest instant at which one of these has something to do, or before it. */
    struct error asleep_error; /* FAILED is not OK since one could not be read. */
    struct whose whose;        /* Questions and messages of which a word is awaited. */
    /* The clock. */
    int64_t now;      /* The open or last instant; INT64_MIN before the first. */
    int64_t gate_now; /* By which gates that protect people judge: later than now in a catch-up. */
    bool open;        /* An instant is open: records wait in `pending`. */
    struct pending *pending, *pending_last;
    uint32_t paused;           /* Players who wait for an answer. */
    struct arena instant;      /* What lives until the instant closes. */
    uint64_t instants;         /* Closed so far; outside state. */
    struct turn_queue *queue;  /* fold.c */
    uint64_t position;         /* Of the last record that is in the state. */
    uint64_t pending_position; /* Of the last record taken. */
    uint64_t cause;            /* Position of the record that is being folded; 0 in deadlines. */
    const struct turn *turn;   /* The one that runs, or whose request is served; NULL between turns. */
    struct role_event *roles;  /* By role (roles.h), of the newest program … */
    uint8_t *role_of;          /* … and the role of each of its events. */
    bool role_heard[128];      /* By role: somebody waits for its event or counts it. */
    bool reads_properties;     /* Some program in use reads `WORD of "NAME"`. */
    uint16_t *hearers;         /* By event of the newest program: bit n, part n hears it (parts.h). */
    void *shared_part[STATE_PARTS];
    uint32_t bonus_slot; /* Player slot of the attribute `active_bonuses`, or PROGRAM_NONE. */
    int64_t ids_from;    /* Ids of events from before this instant may be forgotten, whatever the lateness is by now. */
    struct meter *meter; /* Metrics by identity (metrics.h). */
    uint32_t meter_count, meter_capacity;
    struct use *fill;         /* This engine only reads history, for new metrics of this program (backfill.c). */
    uint64_t refused_records; /* Duplicates, too late, reused. */
    uint64_t refused_waiting; /* The same of the open instant; outside state until it closes. */
    bool reverses;            /* The event that metrics_event took last is the first to take its original back … */
    int64_t original_at;      /* … which happened then. */
    /* Work space. */
    struct activation *body;    /* Activations and filters of campaigns. */
    struct activation *judge;   /* Policies and segments: region 0 of the newest program. */
    struct activation *measure; /* Code of metrics: region 0 of the program that has them. */
    struct metric_reads body_reads, judge_reads;
    uint32_t *touched; /* Watched segments that the turn touched … */
    uint32_t touched_count;
    bool *is_touched;      /* … and whether one is among them. */
    int64_t *journey_slot; /* The copy an activation works on. */
    uint8_t *journey_bytes;
    uint32_t journey_bytes_capacity;
    int64_t *old_player_slot, *old_event_slot; /* Reads as an older program numbers them. */
    uint64_t old_player_known[8], old_event_known[8];
    int8_t arm_given[LIMIT_SPLITS_PER_CAMPAIGN];
    struct arm_given *arms;   /* Tests: of all players. */
    bool arms_given;          /* Any at all. */
    uint8_t *campaigns_given; /* Tests: by campaign of the newest program, whether it starts; NULL: all do. */
    uint32_t campaigns_given_count;
    struct run_table *runs; /* run.c */
    int64_t folded_until;   /* All deadlines up to this instant are folded. */
    uint32_t *zone_players; /* How many players are in each zone; the last place: in none that is known. */
    bool zones_changed;     /* A zone got its first player or lost its last. */
    int64_t epoch_now;      /* When it began; 0: never. */
    bool unreconciled;      /* A restore lost credits, perhaps: nothing is credited (epoch.h). */
    enum status failed;     /* Sticky: memory ran out in the middle of a fold. */
};

/* ---- players and their parts (state.c) */

/* His id as the platform writes it; borrows from the player. */
struct text state_player_id(const struct player *player);
/* Whether his attribute `test_player` is yes: he runs live, and stays out of budgets, figures, experiments and numbers of players. */
bool state_is_test(const struct engine *engine, const struct player *player);
struct text state_player_brand(const struct player *player);
/* The order of players in turns: by id (length, then bytes), then brand. */
int state_compare_players(struct text id_a, struct text brand_a, struct text id_b, struct text brand_b);

static inline struct shard *state_shard(struct engine *engine, uint16_t group)
{
    return &engine->shard[group % engine->shard_count];
}

/* Marks the engine as failed for memory; every later call returns that. Gives NULL for `return`. */
void *state_no_memory(struct engine *engine);

/* The group with its players awake. Where they cannot be read the engine is marked as failed, and nobody is in it. */
void checkpoint_wake(struct engine *engine, uint16_t number);
static inline struct group *state_group(const struct engine *engine, uint32_t number)
{
    struct group *group = &engine->group[number];
    if (__builtin_expect(group->sleepers.bytes != NULL, false))
        checkpoint_wake((struct engine *)(uintptr_t)engine, (uint16_t)number);
    return group;
}
/* Keeps the players of a group for later; takes the bytes over. */
void state_sleep(struct engine *engine, uint16_t number, const struct sleepers *sleepers);
/* Counts them into their zones (`come`), or out again: the bytes begin with zones, a number, then name and number of players each. */
void state_count_sleepers(struct engine *engine, const struct sleepers *sleepers, bool come);
/* Wakes whom something is due by `now`. */
void state_wake_due(struct engine *engine, int64_t now);
/* Wakes all; false: the engine has failed. */
bool state_wake_all(struct engine *engine);

/* The hash by which a player is found in the group. */
uint64_t state_hash_player(struct text brand, struct text id);
/* Waiting for memory is most of an event's time, so what a record will need is asked for ahead, in three steps: its place in the
 * group when it comes, its player one record later, what hangs on the player when its turn is near. All three only hint. */
void state_hint_place(const struct engine *engine, uint16_t group, uint64_t hash);
const struct player *state_hint_player(const struct engine *engine, uint16_t group, uint64_t hash);
void state_hint_parts(const struct player *player);
/* The player, or NULL. */
struct player *state_find_player(struct engine *engine, uint16_t group, struct text brand, struct text id);
/* The player, made with the newest program's defaults if new; NULL when memory is out. */
struct player *state_player(struct engine *engine, uint16_t group, struct text brand, struct text id, uint64_t number);
/* The same by its hash, where the caller has it. */
struct player *state_player_by_hash(struct engine *engine, uint16_t group, uint64_t hash, struct text brand,
                                    struct text id, uint64_t number);
void state_remove_player(struct engine *engine, struct player *player);
/* Releases a player and all that hangs on it, without taking it out of its group: for closing. */
void state_free_player(struct engine *engine, struct player *player);
/* All players of a group in the order of their ids, in a block to memory_release(); count in `count_out`. NULL when memory is out. */
struct player **state_sorted_players(const struct group *group, uint32_t *count_out);

/* Sets an attribute's number (known, set). */
void state_set_number(struct engine *engine, struct player *player, uint32_t slot, int64_t value);
/* Sets a text attribute; a copy is kept. */
void state_set_text(struct engine *engine, struct player *player, uint32_t slot, struct text text);
/* Back to the default, or unknown. */
void state_unset(struct engine *engine, struct player *player, uint32_t slot);

/* The passage of the player through the campaign; made if `make`. NULL if there is none, or memory is out. */
struct passage *state_passage(struct engine *engine, struct player *player, struct title *title, bool make);
/* How many journeys of the campaign run. */
uint32_t state_count_journeys(const struct player *player, const struct title *title);
struct journey *state_find_journey(const struct player *player, const struct title *title, uint32_t number);
/* A journey with room for the campaign's variables, counters known at 0; not yet in the player's list, where
 * state_insert_journey puts it once it has its number. NULL when memory is out. */
struct journey *state_add_journey(struct engine *engine, struct player *player, struct use *use, uint32_t campaign);
void state_insert_journey(struct player *player, struct journey *journey);
void state_remove_journey(struct engine *engine, struct player *player, struct journey *journey);
/* Frees the splits that are kept with a goal. */
void state_free_passed(struct slab *slab, struct goal *goal);
void state_free_passage(struct slab *slab, struct passage *passage);
int64_t *state_journey_slots(const struct journey *journey);
uint8_t *state_journey_bytes(const struct journey *journey);
uint8_t *state_journey_arms(const struct journey *journey);
/* The player's list in the order of ranks again, after these changed. */
void state_sort_journeys(struct player *player);

/* Keeps the conditions of the activation just judged (engine->body) for explain, two bits a site; where memory is out nothing is kept, since
 * explanations are outside state. */
void state_keep_trace(struct engine *engine, const struct player *player, uint8_t **kept, uint32_t *kept_sites,
                      uint32_t sites);

/* A zeroed delayed message with room for its values, in the player's list. */
struct delayed *state_add_delayed(struct engine *engine, struct player *player, uint32_t value_count,
                                  uint32_t bytes_size);
void state_remove_delayed(struct engine *engine, struct player *player, struct delayed *delayed);
/* A message counts for pressure from now on; those that no rule looks back to any more go. */
void state_add_sent(struct engine *engine, struct player *player, struct sent sent);
/* The same, and none goes: what was kept under another program's rules reads back as it was written. */
void state_insert_sent(struct engine *engine, struct player *player, struct sent sent);
/* Whose journey asks this question, or whose message this is; NULL: nobody's. Made of all players when it is first asked. */
struct player *state_whose(struct engine *engine, const uint8_t id[16]);
/* The journey waits for the answer to this question. False when memory is out. */
bool state_add_question(struct engine *engine, struct player *player, struct journey *journey, const uint8_t id[16]);
/* It does not any more; does nothing where it did not. */
void state_drop_question(struct engine *engine, struct player *player, struct journey *journey);
/* A copy of the event with all its parts, in the player's list under the next timer's number. False when memory is out. */
bool state_add_told(struct engine *engine, struct player *player, const struct told *told);
void state_remove_told(struct engine *engine, struct player *player, struct told *told);
/* Releases one that is in no list. */
void state_free_told(struct engine *engine, struct player *player, struct told *told);
void state_add_handed(struct engine *engine, struct player *player, struct handed handed);
void state_drop_clear(struct engine *engine, struct player *player, uint32_t index);
bool state_add_clear(struct engine *engine, struct player *player, struct clear clear);
struct since *state_add_since(struct engine *engine, struct player *player, struct journey *journey, uint32_t wait_case,
                              const struct kept_event *event);

/* Releases one that is in no list. */
void state_free_since(struct engine *engine, struct player *player, struct since *since);

/* The earliest instant at which the player has something to do. */
int64_t state_player_due(const struct player *player);
/* Makes sure that the heap knows of it. To be called after each change of a deadline. */
void state_arm_player(struct engine *engine, struct player *player);
/* The earliest deadline of all, or STATE_NEVER. May be one that has moved away; whoever folds it finds nothing. */
int64_t state_next_due(const struct engine *engine);

/* The place in engine->zone_players of the player's own zone; zone_count(): none that is known. */
uint32_t state_zone_place(const struct engine *engine, const struct player *player);
/* Counts the players of each zone anew: after a program has laid them out. */
void state_count_zones(struct engine *engine);

/* The title of this name; made if new. NULL when memory is out. */
struct title *state_title(struct engine *engine, struct text name, bool make);

static inline const uint64_t *state_known_words(const struct player *player, uint32_t slot_count)
{
    return (const uint64_t *)(const void *)(player->slot + slot_count);
}

#endif
