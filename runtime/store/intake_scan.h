/* One line while it is scanned: what intake.c, intake_json.re, intake_data.re and intake_record.c share. Nobody else includes it.
 *
 *   line │ zeros: words of 8 bytes may be read past its end │ texts that were written anew, and defaults
 *
 * intake->cursor is the place in the line; a function that reads moves it behind what it read. False from any function: the line is
 * refused, and intake->words has said why. One thread uses an intake at a time. What runs for each byte or member is inline.
 */
#ifndef PROMO_RUNTIME_STORE_INTAKE_SCAN_H
#define PROMO_RUNTIME_STORE_INTAKE_SCAN_H

#include "runtime/engine/contact.h"
#include "runtime/store/intake.h"
#include "runtime/store/intake_words.h"
#include "runtime/store/schema.h"

enum {
    SCAN_LINE_PAD = 8 * SCHEMA_KEY_WORDS + 16,                /* zeros that may be read past the end */
    SCAN_ESCAPED_AT = LIMIT_EVENT_LINE_BYTES + SCAN_LINE_PAD, /* where texts with escapes are written */
    SCAN_LINE_ROOM = 2 * LIMIT_EVENT_LINE_BYTES + 2 * SCAN_LINE_PAD,
    SCAN_DEPTH_MAX = LIMIT_NESTING,
    SCAN_SLOTS_MAX = 256 + 8
};

struct intake {
    struct schema schema;
    struct intake_words words; /* the line, and the message when it is refused */
    const unsigned char *cursor;
    unsigned char *escaped; /* where the next text with escapes goes */
    uint32_t last_event;    /* of the line before: the first guess */
    struct crypto_key contact_key;
    uint64_t day_word; /* the last date read, "2026-06-" … */
    uint64_t day_tail; /* … "10", and its days since 1970 */
    int64_t day;
    /* What the line says. */
    uint32_t kind, event;
    bool event_known;
    struct text id, source, player, brand, reason, by, campaign, person;
    int64_t at;
    uint8_t effect[16], status, command;
    struct text effect_digits; /* `effect` as it was written */
    uint32_t query;            /* of `answer` */
    bool catch_up;
    uint64_t top_seen;
    const unsigned char *data; /* where `data` stands; NULL: nowhere */
    bool data_waits;           /* it came before `event`: read when the event is known */
    uint64_t content;
    int64_t slot[SCAN_SLOTS_MAX];
    uint64_t known[5], given[5];
    unsigned char line[SCAN_LINE_ROOM];
};

/* ---------------------------------------------------------------- pieces of JSON: intake_json.re */

/* The rest of a text that is not plain: it began at `start`, and `p` is its first byte that is not. UTF-8 alone stays in place; from the
 * first escape on the text is written anew. */
bool scan_text_slowly(struct intake *intake, const unsigned char *start, const unsigned char *p, struct text *out);
/* Any value, structurally. An undeclared field is checked as JSON too, up to a depth. */
bool scan_skip(struct intake *intake);

/* The first byte from `p` on that is not plain ASCII text: a quote, a backslash, a control byte or a byte of UTF-8.
 * A word of 8 at a time; the zeros behind the line end it. */
static inline const unsigned char *scan_plain_end(const unsigned char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    for (;; p += 8) {
        uint64_t word = schema_load(p);
        uint64_t quote = word ^ (ones * '"');
        uint64_t slash = word ^ (ones * '\\');
        uint64_t special = (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | (word - ones * 0x20) | word) & tops;
        if (special == 0) continue;
        /* A borrow may mark a byte too many behind a true one, never one too few: look from the lowest on. */
        while (special != 0) {
            const unsigned char *at = p + (unsigned)__builtin_ctzll(special) / 8;
            if (*at == '"' || *at == '\\' || *at < 0x20 || *at >= 0x80) return at;
            special &= special - 1;
        }
    }
}

static inline const unsigned char *scan_blanks(const unsigned char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') p++;
    return p;
}

/* A text whose opening quote lies behind `p`. */
static inline bool scan_text(struct intake *intake, const unsigned char *p, struct text *out)
{
    const unsigned char *end = scan_plain_end(p);
    if (*end == '"') {
        *out = (struct text){.at = (const char *)p, .size = (uint32_t)(end - p)};
        intake->cursor = end + 1;
        return true;
    }
    return scan_text_slowly(intake, p, end, out);
}

/* ---------------------------------------------------------------- values and objects: intake_data.re */

/* Always false: the value at `start` is not what the column needs, for the reason `why`, unless it is not even JSON. */
bool scan_refuse(struct intake *intake, const struct schema_column *column, const unsigned char *start,
                 const char *why);
/* true or false, as 1 or 0; a moment as ms since 1970 UTC; a text, which lies in the line. */
bool scan_bool(struct intake *intake, const struct schema_column *column, int64_t *out);
bool scan_moment(struct intake *intake, const struct schema_column *column, int64_t *out);
bool scan_quoted(struct intake *intake, const struct schema_column *column, struct text *out);
/* The key at `p`, wherever it stands in the order; `cursor` moves to its value. `member` is a column, or SCHEMA_DROPPED and
 * its number in the list of names nobody declared. */
bool scan_key(struct intake *intake, struct schema_shape *shape, const unsigned char *p, uint32_t *member);
/* The objects of `data` (the event is known), `set` and `answer`. */
bool scan_data(struct intake *intake);
bool scan_attributes(struct intake *intake);
bool scan_answer(struct intake *intake);

/* Mixes a value into the hash of a content; the order of members does not count, for the results are added. */
static inline uint64_t scan_mix(uint64_t value, uint64_t seed)
{
    value = (value ^ seed) * UINT64_C(0x9E3779B97F4A7C15);
    value ^= value >> 32;
    value *= UINT64_C(0xD6E8FEB86659FD93);
    return value ^ value >> 29;
}

static inline void scan_set_known(struct intake *intake, uint32_t slot)
{
    intake->known[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* A text that is in the line, or written anew behind it, as a handle. */
static inline int64_t scan_handle(const struct intake *intake, enum bank bank, struct text text)
{
    if (text.size == 0) return handle_make(bank, 0, 0);
    return handle_make(bank, text.size, (uint32_t)((const unsigned char *)text.at - intake->line));
}

/* Reads one member of an object, whose column is `index` of the shape. */
typedef bool (*scan_member)(struct intake *intake, const struct schema_shape *shape, uint32_t index);

/* All members of an object whose `{` lies behind the cursor. A key that follows the one it followed last time is known by
 * one comparison; others are looked up. */
static inline __attribute__((always_inline)) bool scan_members(struct intake *intake, struct schema_shape *shape,
                                                               uint64_t seen[SCHEMA_SEEN_WORDS], scan_member reader)
{
    const unsigned char *p = scan_blanks(intake->cursor);
    if (*p == '}') {
        intake->cursor = p + 1;
        return true;
    }
    uint32_t place = 0;
    for (;;) {
        uint32_t member = shape->next[place];
        const struct schema_key *key = NULL;
        if (member < SCHEMA_DROPPED) {
            key = &shape->column[member].key;
        } else if (member != SCHEMA_NONE) {
            key = &intake->schema.dropped[member - SCHEMA_DROPPED].key;
        }
        const unsigned char *key_at = p;
        if (key != NULL && schema_key_is(key, p)) {
            intake->cursor = p + key->size;
            if (member >= SCHEMA_DROPPED) {
                schema_drop_known(&intake->schema, member - SCHEMA_DROPPED);
                words_undeclared(&intake->words, intake->schema.dropped[member - SCHEMA_DROPPED].name);
            }
        } else {
            if (!scan_key(intake, shape, p, &member)) return false;
            if (member != (SCHEMA_DROPPED | INTAKE_DROPPED_NAMES)) shape->next[place] = (uint16_t)member;
        }
        intake->cursor = scan_blanks(intake->cursor);
        if (member < SCHEMA_DROPPED) {
            uint64_t bit = UINT64_C(1) << (member % 64);
            if ((seen[member / 64] & bit) != 0) {
                return words_twice(&intake->words, key_at, shape->column[member].name);
            }
            seen[member / 64] |= bit;
            if (!reader(intake, shape, member)) return false;
            place = 1 + member;
        } else {
            if (!scan_skip(intake)) return false;
            place = 1 + shape->count + (member - SCHEMA_DROPPED);
        }
        p = scan_blanks(intake->cursor);
        if (*p == '}') break;
        if (*p != ',') return words_at(&intake->words, p, "expected `,` or `}`");
        p = scan_blanks(p + 1);
    }
    intake->cursor = p + 1;
    return true;
}

/* ---------------------------------------------------------------- the record: intake_record.c */

/* The words of `status` and `command`, by their number. */
extern const char *const scan_status_words[REPLY_STATUS_COUNT];
extern const char *const scan_command_words[COMMAND_KIND_COUNT];

/* Judges the members of a line that was read whole, and makes the record of them; it borrows from the intake. */
bool scan_finish(struct intake *intake, struct record *out);

#endif
