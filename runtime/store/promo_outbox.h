/*
 * What deliver.c needs of a service: rows that are due, and words about them that become records. For embedding programs there is deliver.h.
 *
 * Thread rules: from any thread; each call takes the leader's place for its time, as promo_submit does.
 */
#ifndef PROMO_RUNTIME_STORE_PROMO_OUTBOX_H
#define PROMO_RUNTIME_STORE_PROMO_OUTBOX_H

#include "runtime/store/outbox.h"
#include "runtime/store/promo.h"

/* What came of an attempt. */
struct outbox_word {
    uint8_t id[16];
    enum delivery_outcome outcome;
    uint8_t status; /* enum reply_status, or DELIVERY_NO_REPLY */
    uint32_t attempt;
    int64_t next_at;
    struct text reason;
    bool of_reward; /* leave it out where the effect is none */
};

bool promo_has_outbox(const struct promo *promo);
/* The clock, or the log's last instant (PROMO_TIME_RECORDS). */
int64_t promo_outbox_time(struct promo *promo);

/* outbox_take of what the fold has told up to now. STATUS_REFUSED: no outbox, or it is held. */
MUST_CHECK enum status promo_outbox_take(struct promo *promo, int64_t now, outbox_chooser choose, void *context,
                                         struct error *error);
MUST_CHECK enum status promo_outbox_next(struct promo *promo, int64_t *next_out, struct error *error);

/* Makes the words durable as records of one batch, and folds them. Words about effects that the outbox holds no more are left out. */
MUST_CHECK enum status promo_outbox_say(struct promo *promo, const struct outbox_word *words, uint32_t count,
                                        int64_t now, struct error *error);
/* The same for some of what is over without an attempt: taken back before it left, or too old by `now`. STATUS_REFUSED: no outbox, or it is
 * held: such rows wait. */
MUST_CHECK enum status promo_outbox_over(struct promo *promo, int64_t now, uint32_t *expired_out,
                                         uint32_t *recalled_out, struct error *error);

#endif
