/*
 * Delivery: what the outbox holds is carried to its receivers, and what came of it returns as records.
 *
 *     struct carrier carrier = {.context = mine, .hand = hand, .answers = answers};
 *     deliver_open(&deliver, promo, &carrier, &options, &error);
 *     while (serving) deliver_step(deliver, 1000, &counts, &error);
 *     deliver_close(deliver);
 *
 * At least once, always with the same id and bytes; an effect is marked as in hand, durably, before a carrier sees it. Each attempt is a record
 * (RECORD_DELIVERY) that says what came of it and when the next one is due, so a replay of the log knows the same schedule. What fails delays itself
 * alone: its recipient's others go on, until so many fail one after the other that the recipient rests. spec/runtime.md, "Delivery".
 * Thread rules: one thread for each struct deliver; others may submit to the same struct promo meanwhile.
 */
#ifndef PROMO_RUNTIME_STORE_DELIVER_H
#define PROMO_RUNTIME_STORE_DELIVER_H

#include "runtime/store/outbox.h"
#include "runtime/store/promo.h"

/* One effect on its way; borrowed for the time of the call. */
struct delivery {
    uint8_t id[16];
    enum engine_effect_kind kind;
    struct text recipient;
    struct text bytes; /* the effect's line without a line feed: the same at every attempt */
    uint32_t attempt;  /* from 1 */
    int64_t until;     /* it may not leave from then on, or INT64_MAX */
};

enum carried {
    CARRIED_DONE,   /* the receiver has it */
    CARRIED_AGAIN,  /* not this time */
    CARRIED_REFUSED /* it never will */
};

struct carrier_answer {
    uint8_t id[16];
    enum carried outcome;
    struct text reason; /* of AGAIN and REFUSED, for people; at most 1,024 bytes are kept */
    int64_t after_ms;   /* AGAIN: not before so long; 0: by the schedule */
    bool credited;      /* DONE of a reward: the wallet has paid it */
    bool taken_back;    /* DONE of what asks back: it was, so nothing was paid */
};
typedef void (*carrier_taker)(void *taker, const struct carrier_answer *answer);

/* How effects reach their receivers. Neither call may block for long, or everything else waits with it. */
struct carrier {
    void *context;
    /* Hands one over; its answer comes later. False: it cannot be handed over now, which is an attempt that failed; `reason` then says why (static or the
     * carrier's own). */
    bool (*hand)(void *context, const struct delivery *delivery, const char **reason);
    /* Whether anything can be handed over now; where not, nothing is tried, and no attempt is used up. May be NULL. */
    bool (*ready)(void *context);
    /* Gives the answers that have come, waiting for the first one `wait_ms` at most. A failure is one of the world: nothing can be carried any more. */
    enum status (*answers)(void *context, int64_t wait_ms, carrier_taker take, void *taker, struct error *error);
};

struct deliver_options {
    uint32_t in_hand;      /* at most so many at once; 0: 256, largest 4,096 */
    uint32_t of_recipient; /* of one recipient; 0: 32 */
    int64_t answer_ms;     /* an answer that takes longer is none; 0: 30 seconds */
};

struct deliver_counts {
    uint64_t handed, done, again, refused, dead, expired, recalled; /* refused ones that are dead count as both */
    uint64_t strange;                                               /* answers about nothing that is in hand */
};

struct deliver;

/* STATUS_REFUSED where the database has no outbox (promo_options.outbox). `promo` and what the carrier points to must outlive it. */
MUST_CHECK enum status deliver_open(struct deliver **out, struct promo *promo, const struct carrier *carrier,
                                    const struct deliver_options *options, struct error *error);
/* What is in hand stays marked until the next start, and is carried again then. */
void deliver_close(struct deliver *deliver);

/* One round: says what is over, hands out what is due, waits for answers for `wait_ms` at most, and makes them durable. `counts` is added to.
 * STATUS_REFUSED: the outbox is held (a restore waits for a person's word); the message says why. */
MUST_CHECK enum status deliver_step(struct deliver *deliver, int64_t wait_ms, struct deliver_counts *counts,
                                    struct error *error);

/* How much is in hand, and when the next attempt is due (INT64_MAX: never; in the time of the promo's records or clock). */
uint32_t deliver_in_hand(const struct deliver *deliver);
MUST_CHECK enum status deliver_next(struct deliver *deliver, int64_t *next_out, struct error *error);

/* PROMO_TIME_RECORDS: time stands where the log stands; this lets it pass for deliveries. */
void deliver_pass(struct deliver *deliver, int64_t until);
/* The time by which it works. */
int64_t deliver_now(const struct deliver *deliver);

/* ---------------------------------------------------------------- the schedule */

/* How long after the attempt-th failure (from 1, since it was queued or tried anew) the next attempt is due: it doubles up to a cap; a keyed hash of effect
 * and attempt spreads it over the upper half. */
int64_t deliver_delay(enum engine_effect_kind kind, const uint8_t id[16], uint32_t attempt);
/* How long after its first attempt an effect is given up. */
int64_t deliver_horizon(enum engine_effect_kind kind);

#endif
