/* A small model of the rules of order and of shared objects, written from spec/runtime.md alone.
 *
 * It shares no code with the engine and is slow and plain on purpose: a toy world of players and campaigns, where a
 * campaign is a short table of operations. It is there to be compared: with itself (1, 4 and 7 shards, shuffled,
 * repeated, with more ticks), with an auditor that reads only its trace (model_audit.c), with stories worked out by
 * hand (model_test.c), and with the engine (compare_tool.c). Mistakes can be planted in it; the checks must see each.
 * It knows no gates, messages' hours, zones, types or bytes of checkpoints.
 */
#ifndef PROMO_TESTS_MODEL_H
#define PROMO_TESTS_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    MODEL_PLAYERS = 8,
    MODEL_CAMPAIGNS = 4,
    MODEL_OPS = 10,
    MODEL_EVENTS = 4,
    MODEL_TAGS = 3,
    MODEL_INPUTS = 160,
    MODEL_LINES = 6000,
    MODEL_CHAIN_MAX = 16,
    MODEL_TEXT = 192, /* Room for a line in words. */
};
#define MODEL_DAY_MS INT64_C(86400000)

/* ---- what a campaign is */

enum op_kind { OP_SEND, OP_CREDIT, OP_TAG, OP_UNTAG, OP_IF_TAG, OP_WAIT, OP_WAIT_EVENT, OP_WAIT_REPLY, OP_FINISH };
enum declined { DECLINED_GO_ON, DECLINED_FINISH };
struct op {
    enum op_kind kind;
    int64_t amount;         /* CREDIT: cost in minor units; 0: a reward that costs nothing. */
    enum declined declined; /* CREDIT. */
    int tag;                /* TAG, UNTAG, IF_TAG. */
    int64_t wait_ms;        /* WAIT, WAIT_EVENT, WAIT_REPLY. */
    int event, least;       /* WAIT_EVENT: which, and its smallest `n`. */
    int credit;             /* WAIT_REPLY: for the wallet's word about this earlier op … */
    bool failed;            /* … that it failed; otherwise that it was credited. */
    int yes, no;            /* IF_TAG: where to go on; WAIT_EVENT, WAIT_REPLY: met, time is up. Later than this op. */
};

enum when_empty_kind { EMPTY_SUSPENDS, EMPTY_GOES_ON, EMPTY_FINISHES };
struct toy_campaign {
    int start_event, start_least; /* Starts on this event with `n` at least so; -1: never by an event. */
    int start_tag;                /* Starts on this tag; -1: not. The language has no such start yet. */
    bool only_vip, every_time;
    bool pauses;                        /* A time-out stops the clock of its waits; otherwise it ends the journey. */
    bool once_a_day;                    /* With every_time: at most once a day, which begins at midnight UTC. */
    bool leave_as_vip;                  /* Nobody enters as a vip, and who becomes one leaves. */
    int entrants;                       /* At most so many players; 0: any number. */
    int leave_event;                    /* -1: none. */
    int64_t total, per_day, per_player; /* 0: no such limit. */
    bool from_pool;
    enum when_empty_kind when_empty;
    int op_count;
    struct op op[MODEL_OPS];
};

struct world {
    int player_count, campaign_count;
    char player[MODEL_PLAYERS][16];                /* Ids. */
    struct toy_campaign campaign[MODEL_CAMPAIGNS]; /* Named C0, C1 … : order of names is order of numbers. */
    int64_t pool;                                  /* Total of the shared pool; 0: none. */
    enum when_empty_kind pool_when_empty;
};

/* ---- what comes in */

enum input_kind { IN_EVENT, IN_EXCLUDE, IN_VIP, IN_REPLY, IN_SUSPEND, IN_RESUME, IN_TICK, IN_TIME_OUT };
struct input {
    enum input_kind kind;
    int64_t now;
    int player;
    char id[16], source[8];
    int event, n;              /* EVENT. */
    bool yes;                  /* VIP: its value. REPLY: credited, otherwise failed. */
    int campaign, journey, op; /* REPLY: about which credit. SUSPEND, RESUME: campaign. */
    int64_t lasts_ms;          /* TIME_OUT. */
    bool late;                 /* EVENT, EXCLUDE: it happened longer ago than the workspace's lateness. */
    bool in_pause;             /* EXCLUDE: reaches the engine while the player's request is open (a cluster's case). */
};
struct story {
    struct world world;
    int input_count;
    struct input input[MODEL_INPUTS];
};

/* ---- what goes out */

enum line_kind {
    LINE_SEND,
    LINE_CREDIT,
    LINE_TAG,
    LINE_UNTAG,
    LINE_SUSPENDED, /* Effects. */
    LINE_ENTERED,
    LINE_ENTRY_REFUSED,
    LINE_FINISHED,
    LINE_REFUSED,
    LINE_RESERVED,
    LINE_COMMITTED,
    LINE_RELEASED,
    LINE_RESUMED,
    LINE_EXCLUSION_CAME, /* For the auditor: an exclusion reached the engine. */
};
struct line {
    enum line_kind kind;
    int64_t at;
    int player, campaign, journey, op;
    int64_t amount;
    int64_t day;     /* RESERVED, COMMITTED, RELEASED: the period touched. */
    int chain;       /* How long the chain of causes was. */
    char reason[24]; /* FINISHED, REFUSED, ENTRY_REFUSED. */
};
struct trace {
    int count;
    struct line line[MODEL_LINES];
};

/* ---- mistakes that can be planted */

#define MODEL_MISTAKES(X)                                                                      \
    X(NONE, "none")                                                                            \
    X(SHARD_ORDER, "requests are served in the order of shards")                               \
    X(SHARD_OUTPUT, "effects leave in the order of shards")                                    \
    X(RELEASE_TODAY, "a release goes to the period it is now")                                 \
    X(EVENTS_FIRST, "events come before deadlines of the same instant")                        \
    X(EXCLUSION_WAITS, "an exclusion waits for the pause to end")                              \
    X(EXCLUSION_IN_ORDER, "an exclusion is ordered like any other event")                      \
    X(NO_CHAIN_LIMIT, "a chain of causes has no limit")                                        \
    X(IDS_BY_BYTES, "ids are compared by bytes alone")                                         \
    X(OVERTAKES, "a paused player's next turn overtakes the answer")                           \
    X(DOUBLE_COMMIT, "a repeated reply commits again")                                         \
    X(TAG_AT_ONCE, "a tag shows within its own generation")                                    \
    X(PART_GRANTED, "a credit that does not fit is granted in part")                           \
    X(SUSPENDS_EACH_TIME, "each refusal tells of the suspension again")                        \
    X(ARRIVAL_ORDER, "events of an instant are taken as they arrive")                          \
    X(DEADLINE_AT_RECORD, "a deadline is folded at the time of the record that moved time on") \
    X(TWICE, "a repeated event is applied again")                                              \
    X(RELEASE_RESUMES, "a release lifts the suspension")                                       \
    X(SERVED_AT_ONCE, "a request is served in the middle of the generation")                   \
    X(POOL_FORGOTTEN, "the pool is not asked")                                                 \
    X(FAILED_COMMITS, "a refused credit is booked as spent")                                   \
    X(ENTRANTS_PER_SHARD, "each shard counts its own entrants")                                \
    X(LATE_APPLIED, "an event beyond the lateness is applied")                                 \
    X(LATE_EXCLUSION, "a late exclusion is not applied")                                       \
    X(REPLY_TO_ALL, "a reply is told to every journey that waits for one about such an offer") \
    X(VIP_STAYS, "a change of attributes does not end a journey")                              \
    X(DAY_ROLLS, "once a day means once in 24 hours")                                          \
    X(CLOCK_RUNS, "the clock of a wait runs on during a time-out")                             \
    X(PAUSED_MEETS, "an event meets a wait whose clock stands still")

enum mistake {
#define X(name, words) MISTAKE_##name,
    MODEL_MISTAKES(X)
#undef X
        MISTAKE_COUNT
};
const char *model_mistake_words(enum mistake mistake);

/* Tells the whole story on `shards` shards. */
void model_run(const struct story *story, int shards, enum mistake mistake, struct trace *out);

/* One line as text: "12.000 credit p1 C0/1 S3 500". Times are seconds after the model's start. */
void model_print_line(char out[MODEL_TEXT], const struct world *world, const struct line *line);
void model_print_story(FILE *file, const struct story *story);

/* ---- checks */

/* Reads the trace alone: NULL if all is right, otherwise what is wrong (lives until the next call). */
const char *model_audit(const struct story *story, const struct trace *trace);

/* All of a story's checks under a mistake: audit, shards, shuffling, repetition, ticks. NULL or what is wrong. */
const char *model_check_story(const struct story *story, enum mistake mistake, uint64_t seed);

/* ---- stories */

/* A random story by seed. `language_only`: nothing that the campaign language cannot say. */
void model_make_story(struct story *out, uint64_t seed, bool language_only);
/* Which operations any journey can come to. */
void model_reach(const struct toy_campaign *toy, bool reached[MODEL_OPS]);
uint64_t model_random(uint64_t *state);

/* The instant that time 0 of a story stands for: 2026-06-10T23:59:40Z, twenty seconds before a new day. */
#define MODEL_START INT64_C(1781135980000)

#endif
