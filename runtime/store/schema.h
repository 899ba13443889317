/*
 * The declared schema as intake needs it: which word is which event, field, attribute or enumeration value.
 *
 * A shape is one kind of JSON object: the top level of a line, the data of one event, the `set` of an attribute record.
 * Its columns are its members. Keys are kept as they stand in the line, `"amount":`, in words of 8 bytes, so that a key
 * in its usual place is one or two comparisons: `next` remembers which member followed which last time.
 * For the files of intake_scan.h alone. One thread at a time (the memory of `next` changes with every line).
 */
#ifndef PROMO_RUNTIME_STORE_SCHEMA_H
#define PROMO_RUNTIME_STORE_SCHEMA_H

#include "runtime/store/intake.h"
#include "vm/arena.h"
#include "vm/limits.h"

enum {
    SCHEMA_KEY_WORDS = (LIMIT_NAME_BYTES + 3 + 7) / 8,
    SCHEMA_NONE = 0xFFFF,      /* no member known to follow */
    SCHEMA_LINE_DROPPED = 256, /* dropped names of one line that are counted by name */
    SCHEMA_DROPPED = 0x8000,   /* in `next`: an undeclared name, by its number in the list of dropped ones */
    SCHEMA_COLUMNS_MAX = 256,
    SCHEMA_ABOUT_BYTES = 255, /* of a name that an event is about */
    SCHEMA_EFFECT_DIGITS = 32,
    SCHEMA_SEEN_WORDS = SCHEMA_COLUMNS_MAX / 64
};

/* A key as bytes of the line, padded with zeros that the mask leaves out. */
struct schema_key {
    uint64_t word[SCHEMA_KEY_WORDS];
    uint64_t mask[SCHEMA_KEY_WORDS];
    uint32_t words;
    uint32_t size;
};

/* What stands in the data of an event beside its fields: the name of what it is about, and the effect's id. */
enum schema_role { SCHEMA_FIELD, SCHEMA_ABOUT, SCHEMA_EFFECT };

struct schema_column {
    struct schema_key key;
    struct text name;
    int64_t low, high;
    uint32_t kind, of, size, slot;
    bool optional;
    enum schema_role role;
    uint64_t seed; /* of its part in the content hash: made from its name */
};

struct schema_shape {
    struct schema_column *column;
    uint32_t count;
    uint32_t table_mask;
    uint16_t *table; /* open addressing: column + 1, 0 is free */
    uint16_t *next;  /* by the last member: 0 none yet, 1 + column, 1 + count + dropped name; the last for any other */
    uint64_t required[SCHEMA_SEEN_WORDS];
};

/* Members of the top level. */
enum schema_top {
    TOP_KIND,
    TOP_ID,
    TOP_SOURCE,
    TOP_EVENT,
    TOP_PLAYER,
    TOP_BRAND,
    TOP_AT,
    TOP_DATA,
    TOP_SET,
    TOP_EFFECT,
    TOP_STATUS,
    TOP_REASON,
    TOP_COMMAND,
    TOP_CAMPAIGN,
    TOP_CATCH_UP,
    TOP_BY,
    TOP_ANSWER,
    TOP_IMPORT,
    TOP_ROW,
    TOP_CODES,
    TOP_CODE,
    TOP_CONTACT,
    TOP_PERSON,
    TOP_COUNT
};

struct schema {
    const struct program *program;
    struct arena arena;
    struct schema_shape top, player;
    struct schema_shape answer;     /* a member for each query */
    struct schema_shape *event;     /* by event */
    struct schema_key *event_value; /* `"deposit"` by event, without a colon */
    uint64_t *event_seed;           /* part of the content hash */
    uint32_t *event_table;          /* open addressing over wire names and names: 2 * event + which + 1 */
    uint32_t event_mask;
    uint32_t *word_table; /* open addressing over (enumeration, word): index into WORDING + 1 */
    uint32_t word_mask;
    uint8_t *currency; /* by three capitals: 26 * 26 * 26 indices, 0xFF where not declared */
    struct {
        struct schema_key key;
        struct text name;
        uint64_t count;
    } dropped[INTAKE_DROPPED_NAMES];
    char dropped_bytes[INTAKE_DROPPED_NAMES][LIMIT_NAME_BYTES];
    uint32_t dropped_count;
    uint64_t dropped_total;
    uint16_t line[SCHEMA_LINE_DROPPED]; /* the first names dropped in this line; taken back when it is refused */
    uint32_t line_count, line_total;
};

/* Fills in the tables; the arena holds them. */
MUST_CHECK enum status schema_init(struct schema *schema, const struct program *program, struct error *error);
void schema_deinit(struct schema *schema);

/* The member with this name, or SCHEMA_NONE. */
uint32_t schema_column(const struct schema_shape *shape, struct text name);

/* The event with this wire name or name, or PROGRAM_NONE. */
uint32_t schema_event(const struct schema *schema, struct text name);

/* The ordinal of a word in an enumeration, or -1. */
int32_t schema_word(const struct schema *schema, uint32_t enumeration, struct text word);

/* The currency's index in the program, or -1; `code` is three capitals. */
static inline int32_t schema_currency(const struct schema *schema, const unsigned char code[3])
{
    uint8_t index = schema->currency[(code[0] - 'A') * 676 + (code[1] - 'A') * 26 + (code[2] - 'A')];
    return index == 0xFF ? -1 : index;
}

/* Counts a name that nobody declared; gives its number in the list, or INTAKE_DROPPED_NAMES when the list is full. Counts of a
 * line stand when the line is taken. */
uint32_t schema_drop(struct schema *schema, struct text name);
void schema_line_taken(struct schema *schema, bool taken);

/* The same for a name of the list. */
static inline void schema_drop_known(struct schema *schema, uint32_t index)
{
    schema->line_total++;
    if (schema->line_count == SCHEMA_LINE_DROPPED) return;
    schema->dropped[index].count++;
    schema->line[schema->line_count++] = (uint16_t)index;
}

static inline uint64_t schema_load(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Whether the key stands at `at`, which must be readable for SCHEMA_KEY_WORDS words. */
static inline bool schema_key_is(const struct schema_key *key, const unsigned char *at)
{
    uint64_t difference = 0;
    for (uint32_t index = 0; index < key->words; index++) {
        difference |= (schema_load(at + 8 * index) ^ key->word[index]) & key->mask[index];
    }
    return difference == 0;
}

#endif
