/*
 * What should have happened and has not: journeys past their deadline, effects that nobody carries, rewards of which the wallet says nothing.
 *
 * Read off a state and, where there is one, an outbox; nothing changes. spec/runtime.md, "Stuck". Thread rules: as the engine's.
 */
#ifndef PROMO_RUNTIME_STORE_STUCK_H
#define PROMO_RUNTIME_STORE_STUCK_H

#include "runtime/engine/engine.h"
#include "runtime/store/store.h"

enum stuck_kind {
    STUCK_JOURNEY, /* a deadline has passed by the clock, and time has not in the log */
    STUCK_QUEUED,  /* an effect is due and nobody carries it */
    STUCK_IN_HAND, /* it was handed over, and nothing was heard */
    STUCK_DEAD,    /* nobody tries it any more */
    STUCK_TAKEN,   /* a reward was asked back, and the wallet has not said whether it was paid */
    STUCK_REWARD,  /* a reservation of which the wallet says nothing */
    STUCK_HELD,    /* nothing leaves until a person confirms */
    STUCK_KIND_COUNT
};
const char *stuck_word(enum stuck_kind kind);
/* What to do about it, in a sentence without its full stop. */
const char *stuck_advice(enum stuck_kind kind);

/* Texts are borrowed for the time of the call; those that do not apply are empty. */
struct stuck {
    enum stuck_kind kind;
    int64_t since; /* the deadline, when it was due, handed over, given up, granted */
    struct text player, brand, campaign;
    uint32_t journey;
    struct text step, recipient, offer;
    uint8_t id[16]; /* of effects */
    int64_t amount; /* REWARD: minor units of … */
    char currency[4];
    struct text why; /* HELD */
};

struct stuck_options {
    int64_t now;       /* by the clock */
    int64_t older_ms;  /* what is younger is no matter */
    int64_t wallet_ms; /* REWARD and TAKEN: the same */
    bool outbox;       /* the store has one */
};

/* Tells each, by kind. `store` is one of sqlite_store.h, or NULL: neither its hold nor an outbox is looked at. STATUS_NO_MEMORY or
 * STATUS_CORRUPT where the journeys cannot all be seen. */
MUST_CHECK enum status stuck_each(struct engine *engine, struct store *store, const struct stuck_options *options,
                                  void (*each)(void *context, const struct stuck *stuck), void *context,
                                  struct error *error);

#endif
