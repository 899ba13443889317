/*
 * What the files of the service share. For runtime/store/promo*.c alone.
 *
 *   promo.c         opening, recovery, batches, checkpoints, closing
 *   promo_run.c     a stream: lines, batches, progress
 *   promo_submit.c  lines of many threads: one leader folds a batch for all
 *   promo_replay.c  the log from its beginning, for explanations
 *   promo_look.c    what a player has, without writing
 *   promo_clock.c   whether the clock can be trusted
 *   promo_refold.c  a checkpoint of another version, from the log
 *   promo_outbox.c  what is carried, and what came of it
 */
#ifndef PROMO_RUNTIME_STORE_PROMO_PARTS_H
#define PROMO_RUNTIME_STORE_PROMO_PARTS_H

#include <pthread.h>

#include "runtime/store/outbox.h"
#include "runtime/store/promo.h"
#include "runtime/store/store.h"
#include "runtime/store/views.h"
#include "vm/limits.h"

/* A record of the batch, by where its parts stand in batch->bytes. */
struct batch_record {
    struct log_record record; /* texts filled in when the batch is complete */
    size_t open_at, secret_at, audit_at;
    uint32_t brand_size, player_size; /* the secret part begins with both: size:8 and bytes each (engine/record.c) */
    uint32_t hint;
};

struct batch {
    struct batch_record *record;
    struct log_record *rows; /* what the log is given */
    uint32_t count, room;
    struct buffer open, secret, audit;
    uint64_t first; /* position of its first record, when it has been handed to the log */
    int64_t last_now;
    bool has_activate; /* what promo->activate_waits stops being */
};

/* The thread that makes batches durable while the one before is folded and the next one is read. It runs during promo_run
 * alone. While `busy`, the store belongs to it; nobody else changes the keyring. */
struct writer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool running, busy, stop;
    enum status status; /* of the last append */
    struct error error;
};

struct submit_request {
    struct submit_request *next;
    const char *line;
    size_t size;
    bool tick;
    struct promo_outcome *outcome;
    struct text brand, player; /* of the record, while its instant is folded; in `names` */
    char names[2 * LIMIT_ID_BYTES];
    enum status status;
    struct error error;
    bool done;
};

/* What was last read off the clock, and whether it can be trusted (promo_clock.c). */
struct clock_state {
    pthread_mutex_t mutex;
    bool begun;
    enum { CLOCK_GOOD, CLOCK_STANDS, CLOCK_AHEAD } trouble;
    int64_t wall, steady;        /* of the last good reading */
    int64_t last_wall, moved_at; /* the last reading, and when (steady) the clock was seen to move */
    int64_t accepted;            /* the moment that a person accepted last; 0: none */
};

struct promo {
    struct promo_options options;
    struct store store;
    bool stored;
    struct clock_state clock;
    struct engine *engine;
    uint8_t *bundle; /* own copy, aligned; NULL when the database's program goes on */
    struct program own;
    struct trust *trust;           /* NULL: nobody is asked for */
    char refused[512];             /* why the bundle that was given does not run; empty: it does */
    char refused_name[80];         /* what the audit calls it */
    const struct program *program; /* what intake reads by */
    bool activate_waits;           /* `own` takes effect before the next record */
    struct intake *intake;
    struct record_space space;
    struct batch batch;  /* is filled */
    struct batch flying; /* is being made durable by the writer, or is durable and not folded yet */
    struct writer writer;
    struct views *views; /* NULL: none */
    struct outbox outbox;
    uint64_t next;    /* position after the last record */
    bool any;         /* there is a record: last_now counts */
    int64_t last_now; /* of the last record that was folded */
    bool any_stamped; /* the same for records that were handed to the log */
    int64_t stamped_now;
    bool closed;         /* a tick closed the last instant, and nothing that counts came since */
    int64_t settled_now; /* an instant that was folded while no later record was there; nothing may join it */
    uint64_t not_applied[REASON_COUNT]; /* records of no effect, since the run began */
    uint64_t since_checkpoint;
    uint64_t checkpoints;
    uint64_t *erased; /* storage numbers of players whose erasure is folded and whose keys are still there */
    uint32_t erased_count, erased_room;
    bool erased_failed;              /* memory was out: told at the next checkpoint */
    struct checkpoint_store wrapped; /* writes the views before it commits */
    uint64_t checkpoint_position;
    bool full_views; /* this checkpoint writes the tables of players and what they hold too */
    bool held;       /* a restored copy that nobody has confirmed: nothing leaves, and no checkpoint is written */
    bool silent;     /* what is folded left before: nothing leaves, and no table is told */
    bool broken;     /* state and log went apart: open again */
    bool submitted;  /* something came by promo_submit: promo_close writes a checkpoint */
    /* promo_submit */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct submit_request *waiting, **waiting_end;
    struct submit_request *folding; /* the leader's batch */
    bool leading;
};

/* A fresh engine with our sink; the one before must be closed. */
MUST_CHECK enum status promo_open_engine(struct promo *promo, struct error *error);

/* The records before `position` into a fresh engine, in silence, and a checkpoint of this program's version there. */
MUST_CHECK enum status promo_refold(struct promo *promo, uint64_t position, struct error *error);

/* One record as the log has it. */
MUST_CHECK enum status promo_fold_one(struct promo *promo, uint64_t position, const struct log_record *row,
                                      struct error *error);

/* promo_trust.c: copies, judges and proves the bundle that was given, first of all; then, when the active program is known (NULL: none), what the database
 * asks for, and what becomes of a refusal. */
MUST_CHECK enum status promo_take_bundle(struct promo *promo, struct error *error);
MUST_CHECK enum status promo_settle_trust(struct promo *promo, const struct program *active, struct error *error);

/* Writes what the outbox has been told and the table has not seen; waits for the writer. */
MUST_CHECK enum status promo_outbox_write(struct promo *promo, struct error *error);

/* Who looks or carries takes the leader's place for that time, so that nobody folds meanwhile. */
void promo_lead(struct promo *promo);
void promo_lead_end(struct promo *promo);

/* Time for PROMO_TIME_CLOCK: the wall clock's, as long as it can be trusted. From any thread. */
int64_t promo_clock_now(struct promo *promo);
/* Whether it is the system's, which moves by itself. */
bool promo_clock_is_own(const struct promo *promo);
/* FILE's word of the moment that a person accepted last. */
#define PROMO_CLOCK_WORD "clock accepted"
MUST_CHECK enum status promo_clock_load(struct promo *promo, struct error *error);
MUST_CHECK enum status promo_clock_write(struct store *store, const char *by, int64_t wall, struct error *error);
/* Removes rows of the audit log that are older than they are kept, by the log's time or the clock's, whichever is earlier. */
MUST_CHECK enum status promo_retain_audit(struct promo *promo, struct error *error);

/* Tells the caller's alarm. */
void promo_tell(const struct promo *promo, enum promo_alarm_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* If a player was erased whose key is still there: writes a checkpoint behind a tick, and destroys the key. */
MUST_CHECK enum status promo_destroy_keys(struct promo *promo, struct error *error);

/* For engine_options: the log before a position, as far as it is there. */
enum status promo_read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                               struct error *error);

/* Adds a record to the batch and stamps its `now`. The players get their numbers when it is complete. */
MUST_CHECK enum status promo_add(struct promo *promo, struct record *record, struct error *error);

/* Adds a catch-up tick to an empty batch: what was due before `now` fires by rules that judge by `now`. */
MUST_CHECK enum status promo_add_catch_up(struct promo *promo, int64_t now, struct error *error);

/* Appends the batch durably and folds it; the batch is empty afterwards. On failure of the append nothing happened; on any other
 * the promo is broken. */
MUST_CHECK enum status promo_commit(struct promo *promo, struct error *error);

/* With a writer: hands the batch over, and folds the one before meanwhile. promo_drain waits for the last one and folds it.
 * A failed append is told by the next call; what was handed over before it is folded. */
MUST_CHECK enum status promo_send(struct promo *promo, struct error *error);
MUST_CHECK enum status promo_drain(struct promo *promo, struct error *error);
MUST_CHECK enum status promo_start_writer(struct promo *promo, struct error *error);
void promo_stop_writer(struct promo *promo);

/* Forgets what was added since the last commit. */
void promo_abandon(struct promo *promo);

/* Closes the open instant by a tick behind it, and writes a checkpoint. */
MUST_CHECK enum status promo_finish(struct promo *promo, struct error *error);

/* Closes the open instant in the engine without a record behind it. What leaves by it may leave otherwise after a crash: whoever calls it keeps that from
 * happening. */
MUST_CHECK enum status promo_settle(struct promo *promo, struct error *error);

/* `now` may be this far ahead of the clock, and who leads waits for it; further only where the clock was set back: then nobody waits. */
enum { CLOCK_SLACK_MS = 1000 };

/* The batch, which is not empty, closes its last instant: its last record says so, and nothing that comes later joins it, also after a crash. */
void promo_close_batch(struct promo *promo);

/* Refuses with words when the promo is broken. */
MUST_CHECK enum status promo_usable(const struct promo *promo, struct error *error);

/* Told by the sink while a batch of promo_submit is folded. */
void promo_submit_effect(struct promo *promo, const struct engine_effect *effect);
void promo_submit_note(struct promo *promo, const struct engine_note *note);

#endif
