/*
 * libpromo: runs a compiled campaign bundle durably. The one header that an embedding program needs.
 *
 *     struct promo *promo;
 *     struct promo_options options = {.bundle = bytes, .bundle_size = size, .database = "casino.db", .sink = my_sink};
 *     promo_open(&promo, &options, &error);
 *     promo_submit(promo, line, size, &outcome, &error);      from any thread
 *     promo_close(promo, &error);
 *
 * Records become durable in the database's log before they are folded; effects go to the sink after that, in an order that
 * is a function of the log alone. What was folded since the last checkpoint is folded again at the next start, and its
 * effects leave again with the same ids and bytes: whoever carries them out keeps the ids. spec/runtime.md, spec/storage.md.
 *
 * Thread rules: promo_submit, promo_tick, promo_wallet, promo_board and promo_checkout_price from any threads; everything else from one thread, while none of those runs.
 * The sink is called by one thread at a time, and must not call back into the same struct promo.
 */
#ifndef PROMO_RUNTIME_STORE_PROMO_H
#define PROMO_RUNTIME_STORE_PROMO_H

#include "runtime/engine/engine.h"
#include "runtime/store/intake.h"

struct promo;

/* Where promo_submit takes `now` from. promo_run always takes it from the records. */
enum promo_time {
    PROMO_TIME_CLOCK,  /* the system's clock, never falling */
    PROMO_TIME_RECORDS /* the later of the last `now` and the record's own time: for tests and replays */
};

/* What a person should know although nothing failed. */
enum promo_alarm_kind {
    PROMO_ALARM_UPGRADED,       /* the database was of an older format, and is of this one now */
    PROMO_ALARM_REFOLDED,       /* the checkpoint was of another version: the state was folded from the log again */
    PROMO_ALARM_BUNDLE_REFUSED, /* the bundle that was given does not run; the database's program goes on */
    PROMO_ALARM_HELD,           /* the database was restored and nobody has confirmed it: nothing leaves */
    PROMO_ALARM_CLOCK_STANDS,   /* the clock does not move: time goes on by the steady one */
    PROMO_ALARM_CLOCK_BACK,     /* it was set back: time stands until it is there again */
    PROMO_ALARM_CLOCK_JUMPED,   /* it was set ahead, within the limit: taken */
    PROMO_ALARM_CLOCK_AHEAD,    /* further ahead than the limit: not taken until a person accepts it */
    PROMO_ALARM_CLOCK_GOOD,     /* it is right again */
    PROMO_ALARM_KIND_COUNT
};
typedef void (*promo_alarm)(void *context, enum promo_alarm_kind kind, const char *words);

/* From where a log was folded again. */
struct promo_base {
    uint64_t position; /* of the first record; 1: from its beginning */
    int64_t now;       /* the instant of the state that it began with; INT64_MIN: none */
};

/* Another clock than the system's, for tests and simulations; it must not fall behind itself in `steady`. Both in milliseconds, `wall`
 * since 1970 UTC. Nobody waits for it to move. */
struct promo_clock {
    int64_t (*wall)(void *context); /* NULL: the system's */
    int64_t (*steady)(void *context);
    void *context;
};

struct promo_options {
    const uint8_t *bundle; /* copied; any alignment. NULL: go on with the program that the database has */
    uint64_t bundle_size;
    const char *database;        /* a file, made if there is none (FILE-keys beside it); NULL: nothing is kept */
    uint32_t shards;             /* 1 to 64; 0: 1. Free at every start */
    const uint8_t *identity_key; /* 32 bytes, or NULL: derived from the workspace's name. The same at every start */
    struct engine_sink sink;
    /* Makes durable what the sink was given; called before a checkpoint says that it need not leave again. May be NULL. */
    enum status (*flush)(void *context, struct error *error);
    void *flush_context;
    uint32_t checkpoint_every; /* records; 0: 1,000,000 */
    /* The text of a trust file (store/trust.h): bundles run only if a key of it signed them. Where one is refused and the database has a program, that
     * one goes on (promo_refused). From then on the database itself asks for signatures, also where NULL is given. */
    const char *trust;
    bool unsigned_too;  /* ends that rule; the audit log says so */
    const char *by;     /* who brings the bundle, for the audit log; 64 bytes of it count. NULL: nobody is named */
    bool incomplete;    /* a new program's metrics may begin without all of their history */
    bool refold;        /* the checkpoint is forgotten, and the whole log folded again: all effects leave again */
    bool without_views; /* leaves out the tables for people */
    bool outbox; /* begins the outbox (deliver.h) where the database has none yet; once begun it is always filled */
    enum promo_time time;
    struct promo_clock clock;
    int64_t clock_jump_ms; /* a clock further ahead of the last reading needs a person; 0: a day; -1: never */
    int64_t clock_gap_ms;  /* the same of the first reading, against the log's last instant; 0: 400 days; -1: never */
    promo_alarm alarm;     /* may be NULL; called by the thread that opens, submits or ticks */
    void *alarm_context;
    bool newest;             /* promo_replay begins at the newest checkpoint: for who asks for the state alone */
    struct promo_base *base; /* promo_replay tells here from where it folded; NULL: nobody asks */
};

/* Opens the database, verifies the bundle, restores the newest checkpoint and folds what the log holds beyond it (its effects
 * leave again). A database of an older format is taken up to this one; a checkpoint of another version is replaced by folding the log
 * up to where it stood again, while nothing leaves. A bundle that differs from the active one takes effect with the next record. STATUS_REFUSED: the bundle does not
 * verify, or belongs to another workspace than the database; STATUS_BUSY: another run has the database; STATUS_CORRUPT. */
MUST_CHECK enum status promo_open(struct promo **out, const struct promo_options *options, struct error *error);

/* Writes a last checkpoint (after promo_submit) and closes. The first failure is told, and everything is released anyway. */
enum status promo_close(struct promo *promo, struct error *error);

/* ---------------------------------------------------------------- one record at a time, from any thread */

enum promo_verdict {
    PROMO_APPLIED,     /* durable and folded */
    PROMO_NOT_APPLIED, /* durable, and of no effect: `reason` says why (DUPLICATE, EVENT_ID_REUSED, TOO_LATE) */
    PROMO_REFUSED      /* not a record: `message` says what to mend; nothing was written */
};

struct promo_outcome {
    enum promo_verdict verdict;
    uint64_t position; /* in the log; 0 when refused */
    int64_t now;       /* the instant it belongs to */
    enum reason reason;
    char message[512];    /* REFUSED */
    uint32_t effects;     /* how many effects the player got in that instant */
    struct buffer *lines; /* if not NULL on the call: they are appended here, as they leave (NDJSON) */
};

/* Takes one line (spec/events.md), waits until it is durable and its instant is folded, and says what came of it. Lines of
 * several threads share one flush. OK whatever the verdict; otherwise the world failed and nothing is known to be done. Set
 * out->lines before the call (NULL for none). */
MUST_CHECK enum status promo_submit(struct promo *promo, const char *line, size_t size, struct promo_outcome *out,
                                    struct error *error);

/* Lets time pass up to the clock (PROMO_TIME_CLOCK): deadlines that are due fire. A live service calls it every second or so.
 * Where nothing came for a minute, the service was away: the first call of promo_tick or promo_submit after that lets the
 * deadlines in between fire at their own instants, but judges policies, consents and quiet hours by the clock (a catch-up
 * tick, spec/runtime.md), so nobody is written to at night because a server slept. */
MUST_CHECK enum status promo_tick(struct promo *promo, struct error *error);

/* A person says that the clock is right although it jumped: what `promo_submit` and `promo_tick` stamp follows it again. `by` is who, 1 to 64
 * bytes; it stands in the audit log. From any thread. */
MUST_CHECK enum status promo_clock_accept(struct promo *promo, const char *by, struct error *error);

/* ---------------------------------------------------------------- what a player has, from any thread */

/* What the player has and may use now, as the last folded instant says: rewards with their state, amount, what is left, until when and under which
 * terms, gift cards and coupons with their codes, codes given or reserved. Appended to `out` as one JSON object and a line feed (spec/runtime.md,
 * "Wallet"); a player who is not known has no items. Nothing changes. */
MUST_CHECK enum status promo_wallet(struct promo *promo, struct text brand, struct text player, struct buffer *out,
                                    struct error *error);

/* The board of a tournament as the last folded instant says, at most as old as its `age` line allows; with a player also the own place. Appended to
 * `out` as one JSON object and a line feed (spec/runtime.md, "Tournaments"). `player` and `brand` may be empty. STATUS_NOT_FOUND: no such tournament. */
MUST_CHECK enum status promo_board(struct promo *promo, struct text name, struct text brand, struct text player,
                                   struct buffer *out, struct error *error);

/* An order to be priced: `amount` as in events ("40.00 EUR"); coupons and cards by name, code or effect id, several with commas; `stacking` empty:
 * "checkout". Texts that are not needed are empty. */
struct promo_checkout {
    struct text brand, player;
    struct text amount, coupon, card, stacking;
};

/* Validate without redeeming: what the event `checkout` would answer now, appended to `out` as one JSON object and a line feed. Nothing is taken or
 * held, so an order redeemed later may be answered otherwise. STATUS_NOT_FOUND: no such player; STATUS_INVALID: the amount is none. */
MUST_CHECK enum status promo_checkout_price(struct promo *promo, const struct promo_checkout *checkout,
                                            struct buffer *out, struct error *error);

/* ---------------------------------------------------------------- a stream of records */

/* Gives up to `room` bytes and how many; 0: the end. */
typedef enum status (*promo_reader)(void *context, char *bytes, size_t room, size_t *size_out, struct error *error);

struct promo_counts {
    uint64_t bytes, lines, records; /* lines without blank ones; records were taken */
    uint64_t refused;               /* lines that are no records */
    uint64_t dropped;               /* fields that no program declares, since promo_open */
    uint64_t not_applied
        [REASON_COUNT]; /* records of no effect: TOO_LATE, DUPLICATE, EVENT_ID_REUSED; NONE: about nothing known */
    uint64_t batches, checkpoints;
    int64_t first_now, last_now; /* of the records of this run; 0 when there were none */
};

struct promo_run_options {
    promo_reader reader;
    void *reader_context;
    uint32_t batch; /* records in one durable append; 0: 1,000 */
    bool open_end;  /* the last instant stays open: more of it may come in the next run */
    /* A record that lies further ahead of the one before is refused, since `now` never goes back. 0: ten years; -1: none is. */
    int64_t time_jump_ms;
    /* Each refused line: its number from 1, and what to mend. May be NULL. */
    void (*refused)(void *context, uint64_t line, const char *message);
    /* A record that was taken although it lies more than 400 days ahead of the one before. Only where time_jump_ms is 0. */
    void (*warned)(void *context, uint64_t line, const char *message);
    /* After each batch. May be NULL. */
    void (*progress)(void *context, const struct promo_counts *counts);
    void *context; /* of these three */
};

/* Folds a whole stream: `now` of a record is the later of the one before and its own time. Ends with a checkpoint, unless the
 * end is open. `counts` receives what happened, also on failure. */
MUST_CHECK enum status promo_run(struct promo *promo, const struct promo_run_options *options,
                                 struct promo_counts *counts, struct error *error);

/* A reader of a file descriptor; its context is a pointer to the int. */
enum status promo_read_file(void *context, char *bytes, size_t room, size_t *size_out, struct error *error);

/* ---------------------------------------------------------------- looking inside */

/* Why the bundle that was given does not run, while the database's own program goes on; NULL: it runs. Borrowed. */
const char *promo_refused(const struct promo *promo);

/* How long more than the log is kept; 0: as it was set before (at first 7 years). The log's own is the workspace's `retention`. */
struct promo_retention {
    uint32_t ledger_days; /* at least `retention` */
};
struct promo_retained {
    uint64_t records;     /* of the log that were removed now */
    uint64_t first;       /* the first one that is left */
    uint64_t ledger_rows; /* removed now; messages count as the ledger's */
    uint32_t ledger_days; /* as it is set */
};

/* Removes what is older than it must be kept, by the log's clock; the base moves to the first record that is left. For a log of which a run has
 * ended (records behind the checkpoint stay). STATUS_USAGE for too few days, and nothing was removed. */
MUST_CHECK enum status promo_retain(struct promo *promo, const struct promo_retention *wanted,
                                    struct promo_retained *out, struct error *error);

/* The engine, for engine_summary, engine_digest and the views of players. Borrowed; never fold into it. */
struct engine *promo_engine(struct promo *promo);

/* Whether anything is known of the player: state, or a record of the log whose key is there. */
bool promo_knows(struct promo *promo, struct text brand, struct text player);

/* Intake, for the names of dropped fields; NULL before any program. Borrowed. */
const struct intake *promo_intake(const struct promo *promo);

/* Folds the log of a database from its base, which is its beginning unless a player was erased or records were removed, into a fresh engine:
 * for explanations. Nothing is written. `options` gives sink, shards and identity key; the sink's `record` is told of the program that
 * is active at the base as of an activation. Release the engine with engine_close(). */
MUST_CHECK enum status promo_replay(const char *database, const struct promo_options *options, struct engine **out,
                                    struct error *error);

#endif
