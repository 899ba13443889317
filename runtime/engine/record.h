/* One record of the input log, decoded, and its bytes.
 *
 * Intake (runtime/store) makes records from the platform's lines; the log keeps their bytes; the engine folds them.
 * In the bytes the header is open; the player's id, event ids and every personal or contact field lie in a second part that the
 * store seals with the player's key. Nothing else ever enters the engine.
 */
#ifndef PROMO_RUNTIME_ENGINE_RECORD_H
#define PROMO_RUNTIME_ENGINE_RECORD_H

#include "vm/buffer.h"
#include "vm/program.h"
#include "vm/status.h"

#define RECORD_AMOUNT_MAX INT64_C(1000000000000000)
#define RECORD_GROUPS     4096u /* Key groups: hash of (brand, player id). */

enum record_kind {
    RECORD_EVENT = 1,  /* Something a player did. */
    RECORD_ATTRIBUTES, /* New values of a player's attributes. */
    RECORD_IMPORT,     /* History: attributes that nothing newer is known of; never starts, resumes or ends anything. */
    RECORD_TICK,       /* Time passes. */
    RECORD_COMMAND,    /* An operator's word: resume, suspend, start … */
    RECORD_REPLY,      /* What became of an effect: credited, failed, delivered … */
    RECORD_ACTIVATE,   /* A program takes effect. */
    RECORD_ERASE,      /* A player is forgotten. */
    RECORD_HISTORY,    /* History: an event of before, for metrics alone; by (import, row) in `source` and `id`. */
    RECORD_CODE,       /* A code for a pool of uploaded ones: `campaign` is the pool, `reason` the code. */
    RECORD_SUPPRESS = 11,   /* A player, or a contact value (`effect`: its hash), is not addressed any more. */
    RECORD_UNSUPPRESS = 12, /* … is addressed again. */
    RECORD_PERSON = 13,     /* A player is one of a person's, of `person`; empty: of nobody's any more. */
    RECORD_DELIVERY = 14,   /* An attempt to hand an effect to its receiver, and what came of it. */
    RECORD_EPOCH =
        16, /* A restored copy goes on: `epoch` is in all identities from here, `unreconciled` says that credits may be lost. */
    RECORD_LOST =
        17, /* A credit that the wallet paid and this log does not know: `effect`, `campaign`, `offer`, `amount`, `at`. */
    RECORD_RECONCILED = 18, /* The wallet's statement was whole: no credit is unknown any more. */
    RECORD_KIND_COUNT
};

enum reply_status {
    REPLY_CREDITED,
    REPLY_FAILED,
    REPLY_DELIVERED,
    REPLY_BOUNCED,
    REPLY_OPENED,
    REPLY_CLICKED,
    REPLY_APPROVED, /* A person's word on a question; `reason` is who. */
    REPLY_REFUSED,
    REPLY_ANSWERED, /* A host's answer: `event` is the query's, with its value. */
    REPLY_STATUS_COUNT
};

/* What came of an attempt. Only DONE, REFUSED, EXPIRED and RECALLED may be replies too (`status`). */
enum delivery_outcome {
    DELIVERY_DONE,     /* The receiver has it. */
    DELIVERY_AGAIN,    /* Not this time: another attempt follows. */
    DELIVERY_REFUSED,  /* The receiver will never take it. */
    DELIVERY_DEAD,     /* Not this time, and that was the last attempt: a person must look. */
    DELIVERY_EXPIRED,  /* It may not leave any more: quiet hours have begun, or it is too old. */
    DELIVERY_RECALLED, /* It was taken back before it left. */
    DELIVERY_OUTCOME_COUNT
};
enum { DELIVERY_NO_REPLY = 255 };

enum command_kind {
    COMMAND_RESUME,
    COMMAND_SUSPEND,
    COMMAND_END,          /* Nobody enters any more; who is on the way goes on. */
    COMMAND_KILL,         /* Nobody enters any more, and all journeys end now. */
    COMMAND_END_JOURNEYS, /* Journeys that are pinned to another program than the active one end now. */
    COMMAND_START,      /* A player begins a campaign that starts on command. Alone among commands it names a player. */
    COMMAND_RETRY = 15, /* A dead effect is tried again: `campaign` is its id, in hexadecimal digits. */
    COMMAND_DROP,       /* A dead effect is given up; a reward's reservation comes back. */
    COMMAND_KIND_COUNT
};

/* Borrowed everywhere: what it points to must outlive the call it is passed to. Members that do not belong to the kind are zero. */
struct record {
    uint64_t position;  /* In the log, from 1; 0 until appended. */
    int64_t now;        /* When the engine learnt it; never falls. */
    int64_t at;         /* When it happened. */
    uint8_t kind;       /* enum record_kind. */
    bool catch_up;      /* TICK after an outage. */
    bool closes;        /* Its instant is closed behind it: nothing that comes later belongs to it. */
    uint16_t group;     /* Key group of the player. */
    uint64_t number;    /* The player's storage number; in no effect, sort or hash. */
    struct text player; /* Id, 1 to 64 bytes. */
    struct text brand;  /* May be empty. */
    struct text id;     /* 1 to 64 bytes; empty for ticks. */
    struct text source; /* May be empty. */
    uint64_t content;   /* Hash of the content, to tell a repetition from a reused id. */
    struct text
        by; /* Who ordered it, 0 to 64 bytes: of commands, activations, erasures … For the audit alone, never for state. */
    /* EVENT: slots as of program->event[event]; slot 0 to 3 filled in too. ATTRIBUTES, IMPORT: slots as of the player,
   * `given` says which are set by this record (known bit clear: unknown from now on). */
    uint32_t event;
    uint32_t slot_count;
    const int64_t *slot;
    const uint64_t *known;
    const uint64_t *given;
    const uint8_t *bytes; /* Text handles (BANK_EVENT or BANK_PLAYER) point in here. */
    uint32_t bytes_size;
    /* REPLY; ANSWERED also has an event's slots. SUPPRESS, UNSUPPRESS without a player: the hash of a contact value. */
    uint8_t effect[16];
    uint8_t status; /* enum reply_status; of DELIVERY also DELIVERY_NO_REPLY. */
    struct text reason;
    /* DELIVERY; `effect`, `status` and `reason` as of REPLY. */
    uint8_t outcome;  /* enum delivery_outcome. */
    uint32_t attempt; /* From 1; 0: it never left. */
    int64_t next_at;  /* AGAIN: when the next attempt is due. */
    /* COMMAND */
    uint8_t command; /* enum command_kind. */
    struct text campaign;
    /* PERSON */
    struct text person; /* 1 to 64 bytes; empty: none. */
    /* EPOCH */
    uint64_t epoch;    /* The moment of the restore, ms since 1970: later than any before it. */
    bool unreconciled; /* Nothing is credited until a statement was whole. */
    /* LOST */
    struct text offer;
    int64_t amount; /* Minor units, 0 to RECORD_AMOUNT_MAX. */
    /* ACTIVATE: the bundle, 8-byte aligned. `incomplete`: new metrics may begin without all of their history. */
    bool incomplete;
    const uint8_t *bundle;
    uint64_t bundle_size;
};

/* The key group of a player: a fixed hash of brand and id. */
uint16_t record_group(struct text brand, struct text player);

/* Appends the open and the secret part of a record. `program` tells which slots are private. Fails only for memory. */
MUST_CHECK enum status record_encode(struct buffer *open, struct buffer *secret, const struct record *record,
                                     const struct program *program);

/* Says of an encoded record, by its open part, that it closes its instant: the last one of a batch that is folded at once. */
void record_close(uint8_t *open);

/* Whether a number may stand in a slot of this type: the declared range (low and high both 0: none), and what the type itself
 * allows (ordinals, days, instants). Texts always fit; their size is checked where it is known. */
bool record_value_fits(const struct program *program, uint32_t kind, uint32_t of, int64_t low, int64_t high,
                       int64_t value);

/* Storage that a decoded record points into; reused from record to record. */
struct record_space {
    int64_t slot[256 + 8];
    uint64_t known[5];
    uint64_t given[5];
    struct buffer bytes;
};
void record_space_init(struct record_space *space);
void record_space_deinit(struct record_space *space);

/* Reads a record back; `program` is the one active at its position (its schema). The result points into `space` and the two parts.
 * STATUS_CORRUPT with what is wrong. A record whose secret part was forgotten (erased key) decodes with empty ids. */
MUST_CHECK enum status record_decode(struct record *out, struct record_space *space, struct text open,
                                     struct text secret, const struct program *program, struct error *error);

#endif
