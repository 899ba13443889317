/*
 * The outbox: what must still be carried to its receiver, and how far that has come. Table `outbox` of FILE; spec/runtime.md, "Delivery".
 *
 *   effect leaves the engine ─┐
 *   delivery, reply, command ─┼─► steps, counted ─► one transaction ─► rows        deliver.h carries what is due,
 *   exclusion, erasure ───────┘   (this file)       (sqlite_outbox.c)              and what came of it returns as a record
 *
 * A step is a function of the log alone, and so is its number: after a crash the same steps come again with the same numbers, and those that the table
 * has seen are left out. So the table is the fold of the steps, each exactly once, with one mark beside them: what is in a receiver's hands. It is never
 * read by the engine.
 * Thread rules: those of struct promo; the table is written only while the store is ours.
 */
#ifndef PROMO_RUNTIME_STORE_OUTBOX_H
#define PROMO_RUNTIME_STORE_OUTBOX_H

#include "runtime/engine/engine.h"
#include "runtime/store/store.h"

enum outbox_state {
    OUTBOX_QUEUED,    /* waits for an attempt, or is in hand (`hand_at`) */
    OUTBOX_DELIVERED, /* a reward: the receiver has it, the wallet has not spoken yet */
    OUTBOX_DEAD,      /* nobody tries any more; a person must look */
    OUTBOX_RECALLED,  /* taken back: never carried again */
    OUTBOX_STATE_COUNT
};
const char *outbox_state_word(enum outbox_state state);

/* One row, as people and the carrier see it. Texts are borrowed for the time of the call. */
struct outbox_row {
    uint8_t id[16];
    uint64_t number; /* the player's storage number; 0: none, or erased */
    enum engine_effect_kind kind;
    enum outbox_state state;
    struct text recipient; /* "send/email", "credit/bonus", "do/notify_crm", "ask/vip team", "cancel" … */
    struct text campaign;  /* may be empty */
    int64_t at;            /* when it was decided */
    int64_t next_at;       /* when its next attempt is due; of a dead one since when it is dead */
    int64_t first_at;      /* of its first attempt, since it was queued or tried anew; 0: none yet */
    int64_t until;         /* it may not leave from then on, or INT64_MAX */
    int64_t hand_at;       /* since when it is in a receiver's hands; 0: it is not */
    bool left;             /* it was handed over at least once, whatever came of it */
    uint32_t attempts;     /* with an answer */
    uint32_t base;         /* of these, before a person had it tried anew */
    struct text bytes;     /* the effect's line without its line feed; empty where the player is erased */
    struct text error;     /* what the last attempt was answered with */
};

/* ---------------------------------------------------------------- steps */

/* `made` counts the steps of the log up to here, `applied` those that the table has seen. */
struct outbox {
    bool on;
    bool counting; /* the record that is folded lies behind `from` */
    uint64_t from; /* position of the first record whose effects it takes */
    uint64_t made, applied;
    const struct keyring *keyring; /* of the store */
    struct buffer steps, texts;    /* not yet in the table */
    struct error failure;          /* a sink cannot fail: told at the next write */
    uint64_t erased;               /* the number under which the last who was erased has his rows */
};

void outbox_init(struct outbox *outbox);
void outbox_deinit(struct outbox *outbox);

/* From the sink. */
void outbox_effect(struct outbox *outbox, const struct engine_effect *effect);
void outbox_taken(struct outbox *outbox, const struct engine_taken *taken);
/* An erasure is folded, and the player's life is not over yet (keyring_end_life): what comes of it from now on is nobody's. */
void outbox_erased(struct outbox *outbox, struct text brand, struct text player);
/* A record that was folded: attempts, replies, retries. Others do nothing. */
void outbox_record(struct outbox *outbox, const struct record *record);

/* Whether so much waits that it should be written now. */
bool outbox_is_full(const struct outbox *outbox);

/* ---------------------------------------------------------------- the table: sqlite_outbox.c; stores of sqlite_store.h alone */

/* Reads where it stands; with `begin` it is begun at the record behind the log's end where there is none yet. What was in hand when the last run ended
 * waits again. STATUS_REFUSED where the store is open for reading and `begin` is given. */
MUST_CHECK enum status outbox_open(struct outbox *outbox, struct store *store, bool begin, struct error *error);

/* Writes the steps that wait, in one transaction. STATUS_CORRUPT: an effect comes with other bytes than before. */
MUST_CHECK enum status outbox_write(struct outbox *outbox, struct store *store, struct error *error);

/* For the transaction of a checkpoint: as many steps were made up to it. */
MUST_CHECK enum status outbox_checkpoint(const struct outbox *outbox, struct store *store, struct error *error);

typedef enum status (*outbox_reader)(void *context, const struct outbox_row *row, struct error *error);

/* Rows in the order in which they came; of one state (OUTBOX_STATE_COUNT: all). `sealed`: bytes and errors stay closed and come empty. */
MUST_CHECK enum status outbox_each(struct store *store, enum outbox_state state, bool sealed, outbox_reader reader,
                                   void *context, struct error *error);
/* One row; STATUS_NOT_FOUND. */
MUST_CHECK enum status outbox_find(struct store *store, const uint8_t id[16], outbox_reader reader, void *context,
                                   struct error *error);

/* What may be carried now: queued, in nobody's hands, due by `now`, not beyond its `until`, by recipient and due time. `choose` says what to do with each:
 * it is taken (and marked as in hand, durably, before this returns), left, or left with the rest of its recipient. */
enum outbox_choice { OUTBOX_TAKE, OUTBOX_LEAVE, OUTBOX_NEXT_RECIPIENT };
typedef enum outbox_choice (*outbox_chooser)(void *context, const struct outbox_row *row);
MUST_CHECK enum status outbox_take(struct store *store, int64_t now, outbox_chooser choose, void *context,
                                   struct error *error);

/* Rows about which the log must hear a word without an attempt: taken back before they left, or beyond their `until` by `now`. At most `most` rows. */
MUST_CHECK enum status outbox_each_over(struct store *store, int64_t now, uint32_t most, outbox_reader reader,
                                        void *context, struct error *error);

/* When the next attempt of what is queued is due, or INT64_MAX. */
MUST_CHECK enum status outbox_next(struct store *store, int64_t *next_out, struct error *error);

/* How many rows there are of each recipient and state, by recipient. */
struct outbox_count {
    struct text recipient;
    enum outbox_state state;
    uint64_t rows, in_hand;
    int64_t oldest; /* `at` of the oldest */
};
MUST_CHECK enum status outbox_counts(struct store *store, void (*each)(void *context, const struct outbox_count *count),
                                     void *context, struct error *error);

/* Nothing leaves while this is set (after a restore, until a person confirms); empty: nothing holds it. The words say why. */
MUST_CHECK enum status outbox_hold(struct store *store, struct text why, struct error *error);
/* STATUS_NOT_FOUND: nothing holds it. `out` receives why. */
enum status outbox_held(struct store *store, struct buffer *out, struct error *error);

/* ---------------------------------------------------------------- inside: steps as sqlite_outbox.c reads them */

enum outbox_step_kind { STEP_EFFECT, STEP_RECALL, STEP_TAKEN, STEP_DELIVERY, STEP_REPLY, STEP_RETRY, STEP_DROP };

struct outbox_step {
    uint8_t kind; /* enum outbox_step_kind */
    uint8_t effect;
    bool recallable, erased;
    bool seen; /* the table has it: its bytes are compared, and that is all */
    uint8_t outcome, status;
    uint8_t id[16];
    uint64_t number;
    int64_t now, until, next_at;
    uint32_t attempt;
    /* in `texts`, one behind the other from `texts_at` on */
    size_t texts_at;
    uint32_t brand_size, player_size, recipient_size, campaign_size, bytes_size;
};

#endif
