/* The engine: a pure fold over the input log.
 *
 * Records go in, in log order; effects and notes come out when an instant closes, in an order that is a function of the log alone.
 * No clock, no file, no randomness, no host call. State lives in memory, divided into 4,096 key groups over any number of shards;
 * engine_checkpoint writes what changed. Rules: spec/runtime.md. Journeys: journey.c; instants and generations: fold.c; gates: gates.c;
 * budgets: books.c; identities: identity.c.
 * Thread rules: one thread at a time.
 */
#ifndef PROMO_RUNTIME_ENGINE_ENGINE_H
#define PROMO_RUNTIME_ENGINE_ENGINE_H

#include "runtime/engine/log.h"
#include "runtime/engine/record.h"
#include "vm/interp.h"
#include "vm/round.h"

struct engine;

/* An effect on the world, as it leaves. Borrowed for the time of the call. Its bytes (effect_json.h) hold no shard, position, batch or wall clock. */
enum engine_effect_kind {
    ENGINE_SEND,
    ENGINE_CREDIT,
    ENGINE_DO,
    ENGINE_TAG,
    ENGINE_UNTAG,
    ENGINE_SUSPENDED, /* A campaign was suspended; program, campaign, budget set. */
    ENGINE_RECALL,    /* A reward or message already handed out should be taken back. */
    ENGINE_ASK,       /* A question to people or to the host; `ask` says what for, expires_at until when. */
    ENGINE_EVENT,     /* An event that the engine made; `made` says which. No campaign. */
    ENGINE_ANSWER,    /* The answer to an event that asks; `answer`. No campaign. */
    ENGINE_AWARD,     /* A badge. */
};

/* An event as it is kept, by the active program. */
struct engine_event {
    uint32_t event; /* EVENT */
    const int64_t *slot;
    const uint64_t *known;
    const uint8_t *bytes;
};

/* A value of an answer, by a name of the part's own. */
struct answer_value {
    const char *name;
    uint32_t kind; /* enum type_kind: TEXT, MONEY (of: CURRENCY of the newest program), WHOLE, MOMENT, BOOL, PERCENT. */
    uint32_t of;
    int64_t value;
    struct text text;
};
/* An answer. `values` are there only when it is given for the first time; `data` always holds them, in JSON without the braces. */
struct engine_answer {
    uint32_t event;         /* EVENT of the active program: what asked … */
    struct text source, to; /* … and its source and id. */
    enum reason reason;     /* NONE: OK. */
    struct text words;      /* For the player; may be empty. */
    struct text data;
    const struct answer_value *values;
    uint32_t value_count;
};

struct engine_effect {
    enum engine_effect_kind kind;
    uint8_t id[16];
    int64_t at; /* The instant it was decided. */
    struct text player, brand;
    uint64_t number; /* Storage number of the player; 0: not known. Never leaves. */
    const struct program *program;
    uint32_t campaign;
    uint32_t journey;                   /* Number, from 1 by player and campaign. */
    const struct bundle_effect *effect; /* What it is; NULL for SUSPENDED. */
    const int64_t *values;        /* effect->value_count numbers or handles, to be read by engine_effect_text(). */
    const uint8_t *const *banks;  /* Bytes by enum bank for handles. */
    struct text content;          /* SEND: hash of what is written, by the active program; empty: as `program` says. */
    int64_t cost;                 /* CREDIT: minor units. */
    int64_t target;               /* CREDIT: wagering target, 0 without wagering. */
    struct text code;             /* CREDIT of a gift card or coupon: by which the player uses it; otherwise empty. */
    bool pending;                 /* CREDIT: it waits for its turn in the queue. */
    int64_t expires_at;           /* CREDIT: instant, or 0 (no expiry, or counted from activation). */
    uint32_t budget;              /* SUSPENDED: BUDGET index. */
    const struct bundle_ask *ask; /* ASK; otherwise NULL. */
    const struct engine_event *made;    /* EVENT; otherwise NULL. */
    const struct engine_answer *answer; /* ANSWER; otherwise NULL. */
    bool test_player;
    bool
        recallable; /* What must not reach a player who is excluded meanwhile: messages but those of safety, rewards. Outside the bytes. */
    int64_t
        until; /* From this instant on it may not leave any more (quiet hours, an answer's end), or INT64_MAX. Outside the bytes;
                        of messages only where engine_options.untils asks for it. */
};
struct text engine_effect_text(const struct engine_effect *effect, int64_t handle);
/* What tells the type of the n-th value further: its enumeration or its currency, of money too whose currency is told at the moment. */
uint32_t engine_effect_of(const struct engine_effect *effect, uint32_t index);
/* CREDIT: the currency that is paid, which is that of the target too. */
uint32_t engine_effect_paid_currency(const struct engine_effect *effect);

/* Everything else that happened and that people ask for: entries, ends, refusals, ledger rows. */
enum note_kind {
    NOTE_ENTERED,
    NOTE_ENTRY_REFUSED,
    NOTE_FINISHED,
    NOTE_STEP,
    NOTE_EFFECT_REFUSED,
    NOTE_DELAYED,
    NOTE_DROPPED,
    NOTE_EXPOSURE,
    NOTE_CONVERTED,
    NOTE_RESERVED,
    NOTE_COMMITTED,
    NOTE_RELEASED,
    NOTE_SUSPENDED,
    NOTE_RESUMED,
    NOTE_NOT_APPLIED /* too late, duplicate, reused id */,
    NOTE_PAUSED,
    NOTE_UNPAUSED,
    NOTE_CREDIT_FAILED,
    NOTE_RUN,         /* A scheduled run began; `rows`. */
    NOTE_RUN_MISSED,  /* It was due too long ago. */
    NOTE_ZONES,       /* The program that takes effect was checked with other zone rules, of the release `finish`. */
    NOTE_ANSWERED,    /* A question; `detail` says how. */
    NOTE_STOPPED,     /* A campaign was ended or killed by a person; `reason` which. */
    NOTE_MOVED,       /* A running journey went over to this version of its campaign; `step`. */
    NOTE_NOT_MOVED,   /* It was to, and stays in its own; `detail` says why. */
    NOTE_ERASED,      /* A player was forgotten; `number` is the record's. */
    NOTE_METRIC_FULL, /* An event that the metric's window still held fell out: `kept up to` is full. */
    NOTE_LOST,        /* A credit that a restored copy had lost is booked as spent; `amount`. */
    NOTE_PROTECTED, /* By a responsible gaming event of another player of the same person (`event`, `other`, `since`), or by being linked to
                         one who is protected (`attribute`). */
    NOTE_WITHHELD, /* Responsible gaming kept the reward of a scheduled run from a player: `effect`, `amount`. A row of the ledger. */
    NOTE_KIND_COUNT
};
struct engine_note {
    enum note_kind kind;
    int64_t now;
    struct text player, brand;
    uint64_t number; /* Storage number; 0: not known. Outside state and digest. */
    bool test_player;
    const struct program *program;
    uint32_t campaign; /* PROGRAM_NONE where none. */
    uint32_t journey;
    uint32_t step;                      /* STEP index in the program, or PROGRAM_NONE. */
    const struct bundle_effect *effect; /* or NULL */
    enum reason reason;
    const char *detail;          /* BUDGET: total, period, player, offer, pool; otherwise "". */
    uint32_t rule;               /* RULE index that decided, in `rules`, or PROGRAM_NONE. */
    const struct program *rules; /* The active program: policies are never pinned. */
    struct text finish;          /* FINISHED: as what. */
    struct text metric;          /* METRIC_FULL: its name. */
    struct text event;           /* PROTECTED: its name. */
    struct text attribute;       /* PROTECTED: what was set, where no event says so. */
    struct text other;           /* PROTECTED: the brand of the player that it is of; may be empty. */
    int64_t since;               /* PROTECTED: from when it holds. */
    uint32_t split,
        arm; /* EXPOSURE: SPLIT index and arm number. CONVERTED: of a split that the journey passed, or NONE. */
    struct text goal;       /* CONVERTED: its name; empty: the goal that has none. */
    int64_t amount;         /* RESERVED, COMMITTED, RELEASED, and a refusal by BUDGET: minor units. */
    int64_t left;           /* A refusal by BUDGET: what the limit had left. */
    int64_t until;          /* DELAYED: when it is tried again; otherwise 0. */
    uint32_t budget, limit; /* RESERVED …: BUDGET index. */
    uint32_t rows;          /* RUN: how many players it takes. */
    uint8_t effect_id[16];
    uint64_t position; /* Of the record that caused it; 0 for deadlines. Outside state and digest. */
};

/* For explain and coverage: told after each filter and activation, with the banks still in place. */
enum probe_kind {
    PROBE_BEFORE, /* A filter or an activation is about to run: inputs are in place, nothing is judged. */
    PROBE_START_FILTER,
    PROBE_AUDIENCE,
    PROBE_RULE,
    PROBE_CASE,
    PROBE_LEAVE,
    PROBE_GOAL,
    PROBE_BODY
};
/* By which way an activation of a journey begins. */
enum journey_way { WAY_START, WAY_CASE, WAY_TIMEOUT, WAY_GRANTED, WAY_DECLINED, WAY_LEAVE };
struct engine_probe_call {
    enum probe_kind kind;
    enum journey_way way; /* BODY. GRANTED of a question: approved, or answered; DECLINED: refused. */
    const struct activation *activation;
    uint32_t pc;
    bool accepted; /* Filters. */
    struct text player, brand;
    uint32_t campaign; /* Index in activation->program, or NONE (rules). */
    uint32_t journey;  /* 0: none. */
    uint32_t about;    /* RULE index, CASE index, LEAVE index; of a body too, by its way. */
    uint64_t position; /* Record that caused it. */
};

/* What belongs to a player, to one campaign of his or to all, is taken back: he was excluded, the campaign was killed, or he is erased. Effects that
 * ask back what was handed out (RECALL) leave before this is told. */
struct engine_taken {
    struct text player, brand;
    uint64_t number;      /* Storage number; 0: not known. */
    struct text campaign; /* Empty: of all. */
    bool erased;          /* Nothing may be kept of the player. */
    int64_t now;
};

struct engine_sink {
    void *context;
    void (*taken)(void *context, const struct engine_taken *taken);     /* May be NULL. */
    void (*effect)(void *context, const struct engine_effect *effect);  /* May be NULL. */
    void (*note)(void *context, const struct engine_note *note);        /* May be NULL. */
    void (*probe)(void *context, const struct engine_probe_call *call); /* May be NULL; costs time. */
    void (*record)(void *context, const struct record *record,
                   const struct program
                       *program); /* Each record before it is folded, by the schema that is active. May be NULL. */
};

/* Calls `reader` for each record of the log from its base on, in order, to before position `before`. */
typedef enum status (*engine_history)(void *context, uint64_t before, log_reader reader, void *reader_context,
                                      struct error *error);

struct engine_options {
    uint32_t shards;             /* 1 to 64; state is divided, meaning is not. */
    const uint8_t *identity_key; /* 32 bytes, or NULL: derived from the workspace's name. */
    struct engine_sink sink;
    bool untils; /* Effects say until when they may leave; costs time. */
    /* The log as far as it is durable, asked when a program brings new metrics, never else; NULL: there is none, and such a program is refused. */
    engine_history history;
    void *history_context;
    /* After engine_restore() players are read from their group's bytes when first one of the group is needed: a start takes as long as reading the bytes. Damage that hashes of the
     * store do not show is then told by the record that meets it, as STATUS_CORRUPT; such an engine is of no use but to be closed. */
    bool lazy;
};

/* An engine without a program or a player; the caller owns it. `options` is copied; what its callbacks borrow must outlive
 * the engine. STATUS_USAGE for a number of shards that is not possible; STATUS_NO_MEMORY. */
MUST_CHECK enum status engine_open(struct engine **out, const struct engine_options *options, struct error *error);
/* Frees it with all its programs; NULL is taken too. */
void engine_close(struct engine *engine);

/* Folds one record (copied as far as needed). A later `now` closes the instant before. The record ACTIVATE takes a bundle, verifies it and
 * switches to it. STATUS_REFUSED: the record breaks a rule of the log (now falls, no program yet); nothing was changed. */
MUST_CHECK enum status engine_fold(struct engine *engine, const struct record *record, struct error *error);

/* Closes the open instant (end of a file, or a live clock has passed it). Fires no later deadline. */
MUST_CHECK enum status engine_settle(struct engine *engine, struct error *error);

/* The program that is active; NULL before the first ACTIVATE. Its schema is what intake reads by. */
const struct program *engine_program(const struct engine *engine);

/* The bundle of the active program; empty before the first. Borrowed until the next ACTIVATE. */
struct text engine_bundle(const struct engine *engine);

/* Whether this program has metrics that would have to be filled in from history if it were activated now. */
bool engine_brings_metrics(const struct engine *engine, const struct program *program);

/* How often this player was erased. */
uint32_t engine_erasures(const struct engine *engine, struct text brand, struct text player);
/* Whether the player, who may be unknown, is not to be addressed (suppress.h). */
bool engine_suppressed(struct engine *engine, struct text brand, struct text player);

/* The `now` of the open or last instant; the instant of the next deadline, or INT64_MAX. */
int64_t engine_now(const struct engine *engine);
int64_t engine_next_deadline(struct engine *engine);

/* Whether records of the open instant wait for it to close. What changes nothing whatever else comes (a tick, a repetition, a record
 * that is too late) does not wait. */
bool engine_waits(const struct engine *engine);

/* The epoch that identities have from now on (0: no copy was ever restored), and whether nothing is credited until the wallet's statement
 * was whole. */
struct engine_epoch {
    uint64_t epoch;
    int64_t now; /* The instant at which it began. */
    bool unreconciled;
};
struct engine_epoch engine_epoch(const struct engine *engine);

/* What the books know of an effect: a credit that is open, one that is settled, or nothing. */
enum engine_credit_state { ENGINE_CREDIT_UNKNOWN, ENGINE_CREDIT_OPEN, ENGINE_CREDIT_SETTLED };
struct engine_credit {
    enum engine_credit_state state;
    int64_t amount; /* Minor units of its campaign's currency. */
    bool lost;      /* Booked for another life, and not taken over. */
    bool paid;      /* Settled as paid. */
    bool final;     /* Settled, and nothing that was paid can have come back. */
};
struct engine_credit engine_find_credit(const struct engine *engine, const uint8_t effect[16]);

/* The position of the last record that is in the state. Records of the open instant are not: they wait until it closes. */
uint64_t engine_position(const struct engine *engine);

/* Writes all that changed since the last checkpoint, one blob a key group. `position` is engine_position(): where an instant is open
 * its records are not in the checkpoint and must be folded again. */
MUST_CHECK enum status engine_checkpoint(struct engine *engine, const struct checkpoint_store *store, uint64_t position,
                                         struct error *error);
/* Loads the newest checkpoint into a fresh engine; `position` receives where to fold on from. STATUS_INVALID: it is of an older version, and the
 * engine must be closed: the log before `position`, folded from its first record, is the same state. STATUS_REFUSED: it is of a newer one. */
MUST_CHECK enum status engine_restore(struct engine *engine, const struct checkpoint_store *store, uint64_t *position,
                                      struct error *error);

/* Reads what engine_options.lazy left for later: all players are in memory then. STATUS_CORRUPT, STATUS_NO_MEMORY. */
MUST_CHECK enum status engine_wake(struct engine *engine, struct error *error);

/* Digest of the whole state, combined from the key groups: equal for any number of shards. */
MUST_CHECK enum status engine_digest(struct engine *engine, uint8_t out[32], struct error *error);

/* Figures by campaign, for the summary. */
struct engine_figure {
    struct text name, detail;
    uint64_t count;
    int64_t amount;
};
struct engine_campaign_summary {
    struct text name;
    uint32_t campaign;
    uint64_t started, entered, waiting, converted;
    uint64_t runs, runs_missed; /* Of a scheduled campaign. */
    bool suspended;
    enum reason stopped;                               /* ENDED or KILLED by a person; otherwise NONE. */
    int64_t budget_cap, budget_reserved, budget_spent; /* Total limit (-1: none) and its books. */
    const struct engine_figure *finished;
    uint32_t finished_count; /* by reason */
    const struct engine_figure *messages;
    uint32_t messages_count; /* by channel */
    const struct engine_figure *credits;
    uint32_t credits_count; /* by offer; amount = cost */
    const struct engine_figure *refusals;
    uint32_t refusals_count; /* by reason */
    const struct engine_figure *arms;
    uint32_t arms_count; /* by split and arm, in their order: journeys shown it; amount = of these, reached the goal */
    int64_t largest_player_spend;
};
/* Calls back for each campaign of the active program, in its order. Figures are state: they survive restarts. False where
 * memory was out or the state could not be read: the campaigns that were not told are missing. */
MUST_CHECK bool engine_summary(struct engine *engine,
                               void (*each)(void *context, const struct engine_campaign_summary *summary),
                               void *context);

/* What experiments count (experiment.h): of a campaign as a whole each entry, of the arms of a split and the sides of a `hold out` (arms
 * "held out" and "let in"; with an empty campaign: over all of them) each player once. */
enum engine_cell_kind { ENGINE_CELL_ENTRIES, ENGINE_CELL_ARM, ENGINE_CELL_HOLD_OUT };
struct engine_outcome {
    struct text name;
    bool is_goal;
    enum type_kind kind; /* What is summed up … */
    char currency[3];    /* … MONEY: its code. */
    uint64_t reached;    /* Of the exposed: with at least one such event. */
    int128 sum;          /* Over the exposed, of what each has, … */
    uint128 squares;     /* … and of its square. */
};
struct engine_cell {
    enum engine_cell_kind kind;
    struct text campaign, split, arm;
    uint64_t size;
    uint64_t open;     /* Of these: with a window that is not over at the last instant. */
    uint64_t expected; /* Millionths: the shares that this arm had when someone came to the split, summed up. */
    const struct engine_outcome *outcome;
    uint32_t outcome_count; /* In the order in which their names first came. */
};
/* Calls back for each cell, in the order in which they first came. */
void engine_experiments(struct engine *engine, void (*each)(void *context, const struct engine_cell *cell),
                        void *context);

/* Every book balances, and what is reserved is the sum of the open credits. STATUS_CORRUPT with the first that does not; reads all of them. */
MUST_CHECK enum status engine_check_books(struct engine *engine, struct error *error);

/* What a budget of the active program (a BUDGET index: of a campaign, or shared) holds of its total; cap is -1 where it has no total.
 * False where there is no such budget. */
struct engine_budget {
    int64_t cap, reserved, spent;
};
bool engine_budget(const struct engine *engine, uint32_t budget, struct engine_budget *out);

/* Codes of a pool of the active program of which something became, or that were uploaded: in the order of their numbers. */
struct engine_code {
    struct text code; /* As it is printed. */
    uint32_t uses;    /* Redemptions less those taken back. */
    uint32_t held;    /* Reservations that last. */
    int64_t given_at; /* INT64_MIN: it was not given. */
};
void engine_each_code(struct engine *engine, struct text pool,
                      void (*each)(void *context, const struct engine_code *code), void *context);

/* Rows of the view for people: players and journeys in a fixed order. */
struct engine_player_view {
    struct text player, brand;
    const int64_t *slot;
    const uint64_t *known;
    const uint8_t *bytes;
    uint32_t journey_count;
};
struct engine_journey_view {
    struct text player, brand;
    struct text campaign, step, state; /* state: waiting, paused, finished */
    uint32_t journey;
    int64_t entered_at, due_at;
    uint32_t line;
    const struct program *program; /* That the journey is pinned to, its campaign there, and the STATE it rests in. */
    uint32_t campaign_index, state_index;
};
/* False: memory was out, and some were left out. */
bool engine_each_player(struct engine *engine, void (*each)(void *context, const struct engine_player_view *view),
                        void *context);
bool engine_each_journey(struct engine *engine, void (*each)(void *context, const struct engine_journey_view *view),
                         void *context);
/* One player's view; false if unknown. */
bool engine_find_player(struct engine *engine, struct text brand, struct text player, struct engine_player_view *out);

/* A metric of the active program by its name, as it is read at the last instant, FORMULA too; of the player's running journey of its campaign where it counts
 * since the entry. False if the program has no such metric. */
struct engine_metric {
    uint32_t metric; /* METRIC index. */
    bool known;
    int64_t value;
    struct text text;   /* Of a text; borrows from the state until the next record. */
    int64_t changes_at; /* The first later instant at which the passing of time alone may change it, or INT64_MAX. */
    uint64_t fallen;    /* How many events fell out because `kept up to` was full. */
};
bool engine_find_metric(struct engine *engine, struct text brand, struct text player, struct text name,
                        struct engine_metric *out);

/* `WORD of "NAME"` for a player (spec/properties.def), as of the last instant, outside any journey. 0 where nothing is known of him. */
int64_t engine_find_property(struct engine *engine, struct text brand, struct text player, enum property property,
                             struct text object);

/* Whether a player meets a segment (a SEGMENT index) of the active program, as of the last instant. False: there is no such player or segment. */
struct engine_membership {
    bool in;
    int64_t at;         /* As of when. */
    int64_t changes_at; /* The first later instant at which the passing of time alone may change it, or INT64_MAX. */
    const struct activation *activation; /* With the conditions that were judged; as a probe gives it. */
    uint32_t pc;
};
bool engine_find_membership(struct engine *engine, struct text brand, struct text player, uint32_t segment,
                            struct engine_membership *out);

/* The last start that a campaign refused to a player, since the engine was opened; false: none. `trace` holds two bits a condition site
 * of the campaign's region (evaluated, result), site n in byte n / 4 from the low end. For explain; outside state and digest. */
struct engine_refusal {
    enum reason reason;
    int64_t at;
    uint32_t rule; /* RULE index, or PROGRAM_NONE. */
    const uint8_t *trace;
    uint32_t sites;
};
bool engine_find_refusal(struct engine *engine, struct text brand, struct text player, struct text campaign,
                         struct engine_refusal *out);

/* What the language's tests may set directly (runtime/lab only). Not records: never in production. */
void engine_given_arm(struct engine *engine, struct text split, int32_t arm); /* all players; -1: by hash again */
void engine_given_arm_of(struct engine *engine, struct text brand, struct text player, struct text split, int32_t arm);
/* Only these campaigns (indices of the active program) may be entered from now on; NULL: all again. */
void engine_given_campaigns(struct engine *engine, const uint32_t *campaigns, uint32_t count);
/* A metric of the active program (by name) is this for the player from now on, whatever happens; `known` false: it has no value. */
void engine_given_metric(struct engine *engine, struct text brand, struct text player, struct text name, bool known,
                         int64_t value, struct text text);
void engine_given_budget_left(struct engine *engine, struct text campaign_or_pool, int64_t left);
/* The code is one of the pool's, whatever kind of pool it is; the pool or the quota has so many redemptions left. */
void engine_given_code(struct engine *engine, struct text pool, struct text code);
/* The player has earned just so many points of that name, at the last instant, and had none before. */
void engine_given_points(struct engine *engine, struct text brand, struct text player, struct text points,
                         int64_t amount);
void engine_given_codes_left(struct engine *engine, struct text pool_or_quota, int64_t left);

#endif
