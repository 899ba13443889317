/*
 * What the files of the service share. For runtime/store/promo*.c alone.
 *
 *   promo.c         opening, recovery, batches, checkpoints, closing
 *   promo_run.c     a stream: lines, batches, progress
 *   promo_submit.c  lines of many threads: one leader folds a batch for all
 *   promo_replay.c  the log from its beginning, for explanations
 */
#ifndef PROMO_RUNTIME_STORE_PROMO_PARTS_H
#define PROMO_RUNTIME_STORE_PROMO_PARTS_H

#include <pthread.h>

#include "runtime/store/promo.h"
#include "runtime/store/store.h"
#include "runtime/store/views.h"
#include "vm/limits.h"

/* A record of the batch, by where its parts stand in batch->bytes. */
struct batch_record {
    struct log_record record; /* texts filled in when the batch is complete */
    size_t open_at, secret_at;
};

struct batch {
    struct batch_record *record;
    struct log_record *rows; /* what the log is given */
    uint32_t count, room;
    struct buffer open, secret;
    int64_t last_now;  /* what promo->last_now becomes */
    bool has_activate; /* what promo->activate_waits stops being */
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

struct promo {
    struct promo_options options;
    struct store store;
    bool stored;
    struct engine *engine;
    uint8_t *bundle; /* own copy, aligned; NULL when the database's program goes on */
    struct program own;
    const struct program *program; /* what intake reads by */
    bool activate_waits;           /* `own` takes effect before the next record */
    struct intake *intake;
    struct record_space space;
    struct batch batch;
    struct views *views; /* NULL: none */
    uint64_t next;       /* position after the last record */
    bool any;            /* there is a record: last_now counts */
    int64_t last_now;
    bool closed;         /* the last record is the tick that closed an instant */
    int64_t settled_now; /* an instant that was folded while no later record was there; nothing may join it */
    uint64_t since_checkpoint;
    uint64_t checkpoints;
    struct checkpoint_store wrapped; /* writes the views before it commits */
    uint64_t checkpoint_position;
    bool full_views; /* this checkpoint writes players and journeys too */
    bool broken;     /* state and log went apart: open again */
    bool submitted;  /* something came by promo_submit: promo_close writes a checkpoint */
    /* promo_submit */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct submit_request *waiting, **waiting_end;
    struct submit_request *folding; /* the leader's batch */
    bool leading;
};

/* Adds a record to the batch; stamps `now`, gives the player a number. */
MUST_CHECK enum status promo_add(struct promo *promo, struct record *record, struct error *error);

/* Appends the batch durably and folds it; the batch is empty afterwards. `first` may be NULL. On failure of the append nothing
 * happened; on any other the promo is broken. */
MUST_CHECK enum status promo_commit(struct promo *promo, uint64_t *first, struct error *error);

/* Forgets what was added since the last commit. */
void promo_abandon(struct promo *promo);

/* Closes the open instant by a tick behind it, and writes a checkpoint. */
MUST_CHECK enum status promo_finish(struct promo *promo, struct error *error);

/* Closes the open instant in the engine without a record behind it (the clock has passed it). */
MUST_CHECK enum status promo_settle(struct promo *promo, struct error *error);

/* Refuses with words when the promo is broken. */
MUST_CHECK enum status promo_usable(const struct promo *promo, struct error *error);

/* Told by the sink while a batch of promo_submit is folded. */
void promo_submit_effect(struct promo *promo, const struct engine_effect *effect);
void promo_submit_note(struct promo *promo, const struct engine_note *note);

#endif
