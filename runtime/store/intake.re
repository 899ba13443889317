/*
 * The scanner of event lines: JSON with the declared schema in hand. Contract: runtime/store/intake.h.
 *
 *   line ──► members of the top level ──► `data` by the event's shape, `set` by the player's ──► slots
 *
 * The line is copied once, with zeros behind it, so that words of 8 bytes may be read past its end. Texts stay where they
 * stand in that copy (handles point into it); only escapes are written anew, into the room behind the line.
 * The re2c blocks know the forms of JSON and of our values; the rest is which column they are for. Refusals are worded in
 * intake_words.c.
 */
#include "runtime/store/intake_members.h"
#include "runtime/store/intake_values.h"
#include "runtime/store/intake_words.h"

#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"
#include "vm/memory.h"
#include "vm/split.h"
#include "vm/zone.h"

enum {
    LINE_PAD = 8 * SCHEMA_KEY_WORDS + 16,          /* zeros that may be read past the end */
    ESCAPED_AT = LIMIT_EVENT_LINE_BYTES + LINE_PAD, /* where texts with escapes are written */
    LINE_ROOM = 2 * LIMIT_EVENT_LINE_BYTES + 2 * LINE_PAD,
    DEPTH_MAX = LIMIT_NESTING,
    SLOTS_MAX = 256 + 8
};

struct intake {
    struct schema schema;
    struct intake_words words; /* the line, and the message when it is refused */
    const unsigned char *cursor;
    unsigned char *escaped; /* where the next text with escapes goes */
    uint32_t last_event;    /* of the line before: the first guess */
    uint64_t day_word;      /* the last date read, "2026-06-" … */
    uint64_t day_tail;      /* … "10", and its days since 1970 */
    int64_t day;
    /* What the line says. */
    uint32_t kind, event;
    bool event_known;
    struct text id, source, player, brand, reason, campaign;
    int64_t at, happened;
    bool happened_known;
    uint8_t effect[16], status, command;
    uint32_t query; /* of `answer` */
    bool catch_up;
    uint64_t top_seen;
    const unsigned char *data; /* where `data` stands; NULL: nowhere */
    bool data_waits;           /* it came before `event`: read when the event is known */
    uint64_t content;
    int64_t slot[SLOTS_MAX];
    uint64_t known[5], given[5];
    unsigned char line[LINE_ROOM];
};

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = p;
    re2c:define:YYMARKER = marker;
    re2c:yyfill:enable = 0;
    re2c:flags:b = 1;

    digit   = [0-9];
    d2      = digit digit;
    d4      = d2 d2;
    blank   = [ \t\r\n];
    integer = "-"? ("0" | [1-9] digit*);
    exponent = [eE] [+-]? digit+;
    hex     = [0-9a-fA-F];
    tail    = [\x80-\xBF];
    utf8    = [\xC2-\xDF] tail | "\xE0" [\xA0-\xBF] tail | [\xE1-\xEC\xEE\xEF] tail tail | "\xED" [\x80-\x9F] tail
            | "\xF0" [\x90-\xBF] tail tail | [\xF1-\xF3] tail tail tail | "\xF4" [\x80-\x8F] tail tail;
*/

/* ---------------------------------------------------------------- pieces of JSON */

/* The first byte from `p` on that is not plain ASCII text: a quote, a backslash, a control byte or a byte of UTF-8.
 * A word of 8 at a time; the zeros behind the line end it. */
static inline const unsigned char *plain_end(const unsigned char *p)
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

static inline const unsigned char *skip_blanks(const unsigned char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') p++;
    return p;
}

/* The rest of a text that is not plain. UTF-8 alone stays in place; from the first escape on the text is written anew. */
static bool read_text_slowly(struct intake *intake, const unsigned char *start, const unsigned char *p, struct text *out)
{
    const unsigned char *marker = p;
    unsigned char *begin = intake->escaped;
    unsigned char *to = NULL; /* NULL: nothing had to be written anew so far */
    for (;;) {
        const unsigned char *from = p;
        /*!re2c
            ["]  {
                const unsigned char *at = to != NULL ? begin : start;
                const unsigned char *end = to != NULL ? to : from;
                *out = (struct text){.at = (const char *)at, .size = (uint32_t)(end - at)};
                if (to != NULL) intake->escaped = to;
                intake->cursor = p;
                return true;
            }
            [\x20-\x7F]\["\\] | utf8 { goto keep; }
            "\\" ["\\/bfnrt]         { goto escape; }
            "\\u0000"                { return words_at(&intake->words, from, "a text may not hold the character \\u0000"); }
            "\\u" ([dD] [89abAB] hex{2}) "\\u" ([dD] [cdefCDEF] hex{2}) { goto pair; }
            "\\u" [dD] [89abcdefABCDEF] hex{2} {
                return words_at(&intake->words, from, "half of a surrogate pair; write both halves or the character itself");
            }
            "\\u" hex{4}             { goto code; }
            "\\"                     { return words_at(&intake->words, from, "an escape that JSON does not have"); }
            [\x00-\x1F]              { return words_control(&intake->words, from); }
            *                        { return words_at(&intake->words, from, "bytes that are not UTF-8"); }
        */
    keep:
        if (to != NULL) {
            memcpy(to, from, (size_t)(p - from));
            to += p - from;
        }
        continue;
    escape:
    pair:
    code:
        if (to == NULL) {
            memcpy(begin, start, (size_t)(from - start));
            to = begin + (from - start);
        }
        if (from[1] != 'u') {
            to = values_put_escape(to, from[1]);
        } else if (p - from == 12) {
            to = values_put_utf8(to, 0x10000 + ((values_hex4(from + 2) - 0xD800) << 10) + (values_hex4(from + 8) - 0xDC00));
        } else {
            to = values_put_utf8(to, values_hex4(from + 2));
        }
    }
}

/* A text whose opening quote lies behind `p`. */
static inline bool read_text(struct intake *intake, const unsigned char *p, struct text *out)
{
    const unsigned char *end = plain_end(p);
    if (*end == '"') {
        *out = (struct text){.at = (const char *)p, .size = (uint32_t)(end - p)};
        intake->cursor = end + 1;
        return true;
    }
    return read_text_slowly(intake, p, end, out);
}

/* Any value, structurally: `cursor` moves behind it. An undeclared field is checked as JSON too, up to a depth. */
static bool skip_value(struct intake *intake)
{
    const unsigned char *p = intake->cursor;
    const unsigned char *marker = p;
    uint64_t objects = 0; /* bit n: level n is an object */
    unsigned depth = 0;
    unsigned char *room = intake->escaped; /* what is skipped needs no room */
    struct text text;
value:
    p = skip_blanks(p);
    intake->cursor = p;
    /*!re2c
        ["]                                       { goto string; }
        integer ("." digit+)? exponent?           { goto after; }
        "true" | "false" | "null"                 { goto after; }
        "{"                                       { goto object; }
        "["                                       { goto array; }
        *                                         { return words_expected_value(&intake->words, p - 1); }
    */
string:
    if (!read_text(intake, p, &text)) return false;
    intake->escaped = room;
    p = intake->cursor;
    goto after;
array:
    if (depth == DEPTH_MAX) return words_at(&intake->words, p - 1, "lists and objects nested too deeply");
    objects &= ~(UINT64_C(1) << depth);
    depth++;
    p = skip_blanks(p);
    if (*p != ']') goto value;
    p++;
    depth--;
    goto after;
object:
    if (depth == DEPTH_MAX) return words_at(&intake->words, p - 1, "lists and objects nested too deeply");
    objects |= UINT64_C(1) << depth;
    depth++;
    p = skip_blanks(p);
    if (*p != '}') goto key;
    p++;
    depth--;
    goto after;
key:
    p = skip_blanks(p);
    if (*p != '"') return words_at(&intake->words, p, "expected a key in quotes");
    if (!read_text(intake, p + 1, &text)) return false;
    intake->escaped = room;
    p = skip_blanks(intake->cursor);
    if (*p != ':') return words_at(&intake->words, p, "expected `:` behind the key");
    p++;
    goto value;
after:
    if (depth == 0) {
        intake->cursor = p;
        return true;
    }
    p = skip_blanks(p);
    bool in_object = (objects >> (depth - 1) & 1) != 0;
    if (*p == ',') {
        p++;
        if (in_object) goto key;
        goto value;
    }
    if (*p != (in_object ? '}' : ']')) {
        return words_at(&intake->words, p, in_object ? "expected `,` or `}`" : "expected `,` or `]`");
    }
    p++;
    depth--;
    goto after;
}

/* ---------------------------------------------------------------- values of a type */

/* The value at `start` is not what the column needs: words it, unless it is not even JSON. */
static bool refuse(struct intake *intake, const struct schema_column *column, const unsigned char *start, const char *why)
{
    intake->cursor = start;
    if (!skip_value(intake)) return false;
    return words_value(&intake->words, column->name, start, intake->cursor, why);
}

static bool refuse_range(struct intake *intake, const struct schema_column *column, const unsigned char *start)
{
    char why[160];
    words_range(why, sizeof why, intake->schema.program, column);
    return refuse(intake, column, start, why);
}

static inline int64_t digits_value(const unsigned char *at, const unsigned char *end)
{
    int64_t value = 0;
    while (at < end) value = value * 10 + (*at++ - '0');
    return value;
}

/* Digits of a number with at most `scale` decimals, times ten to the scale. False: too many digits or decimals. */
static bool scaled(const unsigned char *at, const unsigned char *end, unsigned scale, int64_t *out)
{
    bool minus = *at == '-';
    if (minus) at++;
    int64_t value = 0;
    unsigned digits = 0;
    unsigned decimals = 0;
    bool fraction = false;
    for (; at < end; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (fraction && decimals == scale) {
            if (*at != '0') return false;
            continue;
        }
        value = value * 10 + (*at - '0');
        if (value != 0) digits++;
        decimals += fraction ? 1 : 0;
        if (digits > 18) return false;
    }
    for (; decimals < scale; decimals++) {
        if (value != 0 && ++digits > 18) return false;
        value *= 10;
    }
    *out = minus ? -value : value;
    return true;
}

static bool read_bool(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *p = intake->cursor;
    if (memcmp(p, "true", 4) == 0) {
        *out = 1;
        intake->cursor = p + 4;
        return true;
    }
    if (memcmp(p, "false", 5) == 0) {
        *out = 0;
        intake->cursor = p + 5;
        return true;
    }
    return refuse(intake, column, p, "write true or false, without quotes");
}

static bool read_whole(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    const unsigned char *p = start;
    const unsigned char *marker = p;
    /*!re2c
        integer                        { goto whole; }
        integer ("." digit+) exponent? { return refuse(intake, column, start, "write a whole number, without decimals"); }
        integer exponent               { return refuse(intake, column, start, "write a whole number, without an exponent"); }
        ["] integer ["]                { return refuse(intake, column, start, "write the number without quotes"); }
        *                              { return refuse(intake, column, start, "write a whole number such as 12"); }
    */
whole:
    if (!scaled(start, p, 0, out)) return refuse_range(intake, column, start);
    intake->cursor = p;
    return true;
}

/* Decimals and percents: a number, or the same in quotes; a percent also with its sign. */
static bool read_millionths(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    const unsigned char *p = start;
    const unsigned char *marker = p;
    unsigned scale = 6;
    /*!re2c
        integer ("." digit+)?            { goto number; }
        ["] integer ("." digit+)? ["]    { goto quoted; }
        ["] integer ("." digit+)? "%" ["] { goto percent; }
        integer ("." digit+)? exponent   { return refuse(intake, column, start, "write the number without an exponent"); }
        *                                { return refuse(intake, column, start, words_number_form(column)); }
    */
number:
    if (!scaled(start, p, scale, out)) goto decimals;
    intake->cursor = p;
    return true;
quoted:
    if (!scaled(start + 1, p - 1, scale, out)) goto decimals;
    intake->cursor = p;
    return true;
percent:
    if (column->kind != TYPE_PERCENT) return refuse(intake, column, start, words_number_form(column));
    scale = 4;
    if (!scaled(start + 1, p - 2, scale, out)) goto decimals;
    intake->cursor = p;
    return true;
decimals:
    return refuse(intake, column, start,
                  scale == 6 ? "at most six decimals and twelve digits before them are possible; round it"
                             : "at most four decimals are possible before the percent sign; round it");
}

/* Money, "37.50 GBP". `currency` receives its index in the program. */
static bool read_money(struct intake *intake, const struct schema_column *column, int64_t *out, int64_t *currency_out)
{
    const unsigned char *start = intake->cursor;
    const unsigned char *p = start;
    const unsigned char *marker = p;
    /*!re2c
        ["] "-"? digit+ ("." digit+)? " "+ [A-Z]{3} ["] { goto money; }
        *                                             { return refuse(intake, column, start, words_money_form(start)); }
    */
money:;
    const unsigned char *code = p - 4;
    const unsigned char *end = code;
    while (end[-1] == ' ') end--;
    int32_t currency = schema_currency(&intake->schema, code);
    char why[200];
    if (currency < 0) {
        words_currency(why, sizeof why, intake->schema.program, code);
        return refuse(intake, column, start, why);
    }
    unsigned decimals = intake->schema.program->currency[currency].decimals;
    if (!scaled(start + 1, end, decimals, out)) {
        words_decimals(why, sizeof why, code, decimals);
        return refuse(intake, column, start, why);
    }
    intake->cursor = p;
    *currency_out = currency;
    return true;
}

/* The days of a date at `at`, "2026-06-10"; the same as the last one in most lines. False: there is no such day. */
static inline bool day_of(struct intake *intake, const unsigned char *at, int64_t *out)
{
    uint64_t word = schema_load(at);
    uint64_t tail = (uint64_t)at[8] << 8 | at[9];
    if (word != intake->day_word || tail != intake->day_tail) {
        int64_t year = digits_value(at, at + 4);
        unsigned month = (unsigned)digits_value(at + 5, at + 7);
        unsigned day = (unsigned)digits_value(at + 8, at + 10);
        if (year == 0 || !civil_date_exists(year, month, day)) return false;
        intake->day = civil_date_of(year, month, day);
        intake->day_word = word;
        intake->day_tail = tail;
    }
    *out = intake->day;
    return true;
}

static bool read_moment(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    const unsigned char *p = start;
    const unsigned char *marker = p;
    int64_t day;
    /*!re2c
        ["] d4 "-" d2 "-" d2 "T" [01] digit ":" [0-5] digit ":" [0-5] digit ("." digit{3})? "Z" ["]    { goto utc; }
        ["] d4 "-" d2 "-" d2 "T" "2" [0-3] ":" [0-5] digit ":" [0-5] digit ("." digit{3})? "Z" ["]     { goto utc; }
        ["] d4 "-" d2 "-" d2 [Tt ] d2 ":" d2 ":" d2 ("." digit+)? ([Zz] | [+-] d2 ":" d2) ["]            { goto other; }
        *                                               { return refuse(intake, column, start, words_moment_form(start)); }
    */
utc:
    if (!day_of(intake, start + 1, &day)) goto other;
    *out = day * CIVIL_DAY_MS + digits_value(start + 12, start + 14) * CIVIL_HOUR_MS +
           digits_value(start + 15, start + 17) * CIVIL_MINUTE_MS + digits_value(start + 18, start + 20) * CIVIL_SECOND_MS;
    if (start[20] == '.') *out += digits_value(start + 21, start + 24);
    intake->cursor = p;
    return true;
other:;
    struct error error = ERROR_NONE;
    struct text text = {.at = (const char *)start + 1, .size = (uint32_t)(p - start - 2)};
    if (civil_parse_instant(out, text, &error) != OK) {
        return refuse(intake, column, start, "there is no such day or time of day");
    }
    intake->cursor = p;
    return true;
}

/* What is left: values in quotes that others know how to read. */
static bool read_quoted(struct intake *intake, const struct schema_column *column, struct text *out)
{
    if (*intake->cursor != '"') return refuse(intake, column, intake->cursor, words_quoted_form(column));
    return read_text(intake, intake->cursor + 1, out);
}

static bool read_word(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    struct text word;
    if (!read_quoted(intake, column, &word)) return false;
    int32_t ordinal = schema_word(&intake->schema, column->of, word);
    if (ordinal < 0) {
        char why[320];
        words_enumeration(why, sizeof why, intake->schema.program, column->of, word);
        return refuse(intake, column, start, why);
    }
    *out = ordinal;
    return true;
}

static bool read_set(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    if (*start != '[') return refuse(intake, column, start, "write a list of words, as in [\"slots\",\"live\"]");
    uint64_t mask = 0;
    const unsigned char *p = skip_blanks(start + 1);
    if (*p == ']') {
        *out = 0;
        intake->cursor = p + 1;
        return true;
    }
    for (;;) {
        p = skip_blanks(p);
        intake->cursor = p;
        int64_t ordinal;
        if (!read_word(intake, column, &ordinal)) return false;
        mask |= UINT64_C(1) << (ordinal & 63);
        p = skip_blanks(intake->cursor);
        if (*p == ']') break;
        if (*p != ',') return words_at(&intake->words, p, "expected `,` or `]`");
        p++;
    }
    *out = (int64_t)mask;
    intake->cursor = p + 1;
    return true;
}

static bool read_other(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    struct text text;
    if (!read_quoted(intake, column, &text)) return false;
    bool good = false;
    switch (column->kind) {
    case TYPE_DATE: good = civil_parse_date(out, text, NULL) == OK; break;
    case TYPE_TIME: good = civil_parse_time(out, text, NULL) == OK; break;
    case TYPE_DURATION: good = values_duration(text, false, out); break;
    case TYPE_CALENDAR: good = values_duration(text, true, out); break;
    case TYPE_CURRENCY: {
        int32_t currency = text.size == 3 ? schema_currency(&intake->schema, (const unsigned char *)text.at) : -1;
        good = currency >= 0;
        *out = currency;
        if (text.size == 3 && !good) {
            char why[200];
            words_currency(why, sizeof why, intake->schema.program, (const unsigned char *)text.at);
            return refuse(intake, column, start, why);
        }
        break;
    }
    case TYPE_COUNTRY:
        good = text.size == 2 && text.at[0] >= 'A' && text.at[0] <= 'Z' && text.at[1] >= 'A' && text.at[1] <= 'Z';
        if (good) *out = (text.at[0] - 'A') * 26 + (text.at[1] - 'A');
        break;
    case TYPE_ZONE: {
        int zone = zone_find(text);
        good = zone >= 0;
        *out = zone;
        int near = good ? -1 : zone_find_near(text);
        if (near >= 0) {
            char why[120];
            words_did_you_mean(why, sizeof why, "no such time zone", text_of(zone_name((unsigned)near)));
            return refuse(intake, column, start, why);
        }
        break;
    }
    default: break;
    }
    return good || refuse(intake, column, start, words_quoted_form(column));
}

static inline uint64_t mix(uint64_t value, uint64_t seed)
{
    value = (value ^ seed) * UINT64_C(0x9E3779B97F4A7C15);
    value ^= value >> 32;
    value *= UINT64_C(0xD6E8FEB86659FD93);
    return value ^ value >> 29;
}

static inline void set_known(struct intake *intake, uint32_t slot)
{
    intake->known[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* A text that is in the line, or written anew behind it, as a handle. */
static inline int64_t handle_of(const struct intake *intake, enum bank bank, struct text text)
{
    if (text.size == 0) return handle_make(bank, 0, 0);
    return handle_make(bank, text.size, (uint32_t)((const unsigned char *)text.at - intake->line));
}

static bool read_text_value(struct intake *intake, const struct schema_column *column, enum bank bank)
{
    const unsigned char *start = intake->cursor;
    struct text text;
    if (!read_quoted(intake, column, &text)) return false;
    if (text.size > column->size) {
        char why[80];
        words_size(why, sizeof why, text.size, column->size);
        return refuse(intake, column, start, why);
    }
    if (column->role == SCHEMA_EFFECT) {
        uint8_t id[16];
        if (!crypto_unhex(id, sizeof id, text)) {
            return refuse(intake, column, start, "write the effect's id, 32 hexadecimal digits");
        }
    }
    intake->slot[column->slot] = handle_of(intake, bank, text);
    intake->content += mix(split_hash64(text.at, text.size, column->seed), 3);
    set_known(intake, column->slot);
    return true;
}

/* One declared member of `data` (bank EVENT) or `set` (bank PLAYER). */
static inline bool read_column(struct intake *intake, const struct schema_column *column, enum bank bank)
{
    const unsigned char *start = intake->cursor;
    if (*start == 'n' && memcmp(start, "null", 4) == 0) {
        if (bank == BANK_EVENT && !column->optional) {
            return refuse(intake, column, start, "this field is not optional and needs a value");
        }
        intake->cursor = start + 4;
        return true;
    }
    int64_t value = 0;
    int64_t currency = 0;
    bool read = false;
    switch (column->kind) {
    case TYPE_TEXT: return read_text_value(intake, column, bank);
    case TYPE_BOOL: read = read_bool(intake, column, &value); break;
    case TYPE_WHOLE: read = read_whole(intake, column, &value); break;
    case TYPE_DECIMAL:
    case TYPE_PERCENT: read = read_millionths(intake, column, &value); break;
    case TYPE_MONEY: read = read_money(intake, column, &value, &currency); break;
    case TYPE_MOMENT: read = read_moment(intake, column, &value); break;
    case TYPE_ENUM: read = read_word(intake, column, &value); break;
    case TYPE_SET: read = read_set(intake, column, &value); break;
    default: read = read_other(intake, column, &value); break;
    }
    if (!read) return false;
    if (!record_value_fits(intake->schema.program, column->kind, column->of, column->low, column->high, value)) {
        return refuse_range(intake, column, start);
    }
    if (column->kind == TYPE_MONEY) {
        if (bank == BANK_EVENT) {
            intake->slot[column->slot + 1] = currency;
            set_known(intake, column->slot + 1);
            intake->content += mix((uint64_t)currency, column->seed + 1);
        } else if ((uint32_t)currency != column->of) {
            char why[120];
            words_other_currency(why, sizeof why, intake->schema.program, column->of);
            return refuse(intake, column, start, why);
        }
    }
    intake->slot[column->slot] = value;
    set_known(intake, column->slot);
    intake->content += mix((uint64_t)value, column->seed);
    return true;
}

/* ---------------------------------------------------------------- objects */

typedef bool (*member_reader)(struct intake *intake, const struct schema_shape *shape, uint32_t index);

/* The key at `p`, wherever it stands in the order; `cursor` moves to its value. `member` is a column, or SCHEMA_DROPPED and
 * its number in the list of names nobody declared. */
static bool read_key(struct intake *intake, struct schema_shape *shape, const unsigned char *p, uint32_t *member)
{
    struct text name;
    if (*p != '"') return words_at(&intake->words, p, "expected a key in quotes");
    if (!read_text(intake, p + 1, &name)) return false;
    p = skip_blanks(intake->cursor);
    if (*p != ':') return words_at(&intake->words, p, "expected `:` behind the key");
    intake->cursor = p + 1;
    uint32_t found = name.size == 0 ? SCHEMA_NONE : schema_column(shape, name);
    if (found == SCHEMA_NONE) {
        words_undeclared(&intake->words, name);
        found = SCHEMA_DROPPED | schema_drop(&intake->schema, name);
    }
    *member = found;
    return true;
}

/* All members of an object whose `{` lies behind the cursor. A key that follows the one it followed last time is known by
 * one comparison; others are looked up. */
static inline __attribute__((always_inline)) bool read_members(struct intake *intake, struct schema_shape *shape,
                                                               uint64_t seen[SCHEMA_SEEN_WORDS], member_reader reader)
{
    const unsigned char *p = skip_blanks(intake->cursor);
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
            if (!read_key(intake, shape, p, &member)) return false;
            if (member != (SCHEMA_DROPPED | INTAKE_DROPPED_NAMES)) shape->next[place] = (uint16_t)member;
        }
        intake->cursor = skip_blanks(intake->cursor);
        if (member < SCHEMA_DROPPED) {
            uint64_t bit = UINT64_C(1) << (member % 64);
            if ((seen[member / 64] & bit) != 0) {
                return words_twice(&intake->words, key_at, shape->column[member].name);
            }
            seen[member / 64] |= bit;
            if (!reader(intake, shape, member)) return false;
            place = 1 + member;
        } else {
            if (!skip_value(intake)) return false;
            place = 1 + shape->count + (member - SCHEMA_DROPPED);
        }
        p = skip_blanks(intake->cursor);
        if (*p == '}') break;
        if (*p != ',') return words_at(&intake->words, p, "expected `,` or `}`");
        p = skip_blanks(p + 1);
    }
    intake->cursor = p + 1;
    return true;
}

static bool read_field(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    return read_column(intake, &shape->column[index], BANK_EVENT);
}

static bool read_data(struct intake *intake)
{
    const struct program *program = intake->schema.program;
    const struct bundle_event *event = &program->event[intake->event];
    struct schema_shape *shape = &intake->schema.event[intake->event];
    if (*intake->cursor != '{') {
        return words_at(&intake->words, intake->cursor, "`data` must be an object with the event's fields");
    }
    intake->cursor++;
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    if (!read_members(intake, shape, seen, read_field)) return false;
    for (uint32_t word = 0; word < SCHEMA_SEEN_WORDS; word++) {
        uint64_t missing = shape->required[word] & ~seen[word];
        if (missing == 0) continue;
        uint32_t column = word * 64 + (uint32_t)__builtin_ctzll(missing);
        return words_missing_field(&intake->words, program_text(program, event->name), shape->column[column].name);
    }
    return true;
}

static void preset_attribute(struct intake *intake, const struct bundle_attribute *attribute)
{
    int64_t value = attribute->preset;
    struct text text = program_text(intake->schema.program, attribute->preset_text);
    if (attribute->kind == TYPE_ZONE) {
        value = (int64_t)zone_find_or_utc(text);
    } else if (attribute->kind == TYPE_TEXT) {
        memcpy(intake->escaped, text.at, text.size);
        value = handle_of(intake, BANK_PLAYER, (struct text){.at = (const char *)intake->escaped, .size = text.size});
        intake->escaped += text.size;
    }
    intake->slot[attribute->slot] = value;
    set_known(intake, attribute->slot);
}

static bool read_attribute(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    const struct schema_column *column = &shape->column[index];
    intake->given[column->slot / 64] |= UINT64_C(1) << (column->slot % 64);
    intake->content += column->seed;
    bool null = *intake->cursor == 'n';
    if (!read_column(intake, column, BANK_PLAYER)) return false;
    /* Unknown again; an attribute that is never unknown gets its default back. The room behind the line holds each
     * default once, since no key comes twice. */
    if (null && !column->optional) {
        const struct bundle_attribute *attribute = &intake->schema.program->attribute[index];
        if (program_text(intake->schema.program, attribute->preset_text).size > LIMIT_TEXT_FIELD_BYTES ||
            intake->escaped + LIMIT_TEXT_FIELD_BYTES > intake->line + sizeof intake->line) {
            return words_at(&intake->words, intake->cursor, "too many defaults in one line; send several records");
        }
        preset_attribute(intake, attribute);
    }
    return true;
}

static bool read_set_of_attributes(struct intake *intake)
{
    if (*intake->cursor != '{') {
        return words_at(&intake->words, intake->cursor, "`set` must be an object with attributes and their values");
    }
    intake->cursor++;
    memset(intake->slot, 0, intake->schema.program->workspace->player_slot_count * sizeof intake->slot[0]);
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    return read_members(intake, &intake->schema.player, seen, read_attribute);
}

static bool read_answer_value(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    intake->query = index;
    return read_column(intake, &shape->column[index], BANK_EVENT);
}

/* The answer to a query: an object whose one member is called like the query, which says its type. */
static bool read_answer(struct intake *intake)
{
    static const char form[] = "`answer` must be an object with one query and its value, as in {\"odds\":\"85%\"}";
    const unsigned char *start = intake->cursor;
    if (*start != '{') return words_at(&intake->words, start, form);
    intake->cursor++;
    memset(intake->slot, 0, (PROGRAM_EVENT_SLOTS + 2) * sizeof intake->slot[0]);
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    if (!read_members(intake, &intake->schema.answer, seen, read_answer_value)) return false;
    uint32_t count = 0;
    for (uint32_t word = 0; word < SCHEMA_SEEN_WORDS; word++) count += (uint32_t)__builtin_popcountll(seen[word]);
    if (count == 0 && intake->words.undeclared.size > 0)
        return words_unknown_query(&intake->words, intake->schema.program, intake->words.undeclared);
    return count == 1 || words_at(&intake->words, start, form);
}

/* ---------------------------------------------------------------- the top level */

static bool read_id(struct intake *intake, struct text name, struct text *out, uint32_t smallest)
{
    const unsigned char *start = intake->cursor;
    struct schema_column column = {.name = name, .kind = TYPE_TEXT};
    if (!read_quoted(intake, &column, out)) return false;
    if (out->size < smallest) return refuse(intake, &column, start, "write 1 to 64 bytes");
    if (out->size > LIMIT_ID_BYTES) return refuse(intake, &column, start, "longer than 64 bytes");
    for (uint32_t index = 0; index < out->size; index++) {
        if ((unsigned char)out->at[index] < 0x20) return refuse(intake, &column, start, "holds a control character");
    }
    return true;
}

/* A word of a fixed list. */
static bool read_choice(struct intake *intake, struct text name, const char *const *choices, uint32_t count, uint32_t *out)
{
    const unsigned char *start = intake->cursor;
    struct schema_column column = {.name = name, .kind = TYPE_ENUM};
    struct text word;
    if (!read_quoted(intake, &column, &word)) return false;
    for (uint32_t index = 0; index < count; index++) {
        if (text_equal(word, text_of(choices[index]))) {
            *out = index;
            return true;
        }
    }
    char why[160];
    words_choice(why, sizeof why, choices, count);
    return refuse(intake, &column, start, why);
}

static bool read_event_name(struct intake *intake)
{
    const unsigned char *start = intake->cursor;
    const struct schema *schema = &intake->schema;
    if (intake->last_event < schema->program->event_count) {
        const struct schema_key *value = &schema->event_value[intake->last_event];
        if (schema_key_is(value, start)) {
            intake->event = intake->last_event;
            intake->cursor = start + value->size;
            intake->event_known = true;
        }
    }
    if (!intake->event_known) {
        struct schema_column column = {.name = TEXT("event"), .kind = TYPE_ENUM};
        struct text word;
        if (!read_quoted(intake, &column, &word)) return false;
        intake->event = schema_event(schema, word);
        if (intake->event == PROGRAM_NONE) return words_unknown_event(&intake->words, schema->program, word);
        intake->event_known = true;
        intake->last_event = intake->event;
    }
    const struct bundle_event *event = &schema->program->event[intake->event];
    /* Attributes of the same line would be read into the same slots; such a line is refused later, by its keys. */
    memset(intake->slot, 0, event->slot_count * sizeof intake->slot[0]);
    return true;
}

static const char *const status_words[REPLY_STATUS_COUNT] = {"credited", "failed",   "delivered", "bounced", "opened",
                                                             "clicked",  "approved", "refused",   "answered"};
static const char *const command_words[COMMAND_KIND_COUNT] = {"resume", "suspend", "end", "kill", "end_journeys",
                                                               "start"};

static bool read_kind(struct intake *intake)
{
    static const char *const choices[] = {"event", "attributes", "tick", "reply", "command", "erase"};
    static const uint8_t kinds[] = {RECORD_EVENT, RECORD_ATTRIBUTES, RECORD_TICK, RECORD_REPLY, RECORD_COMMAND,
                                    RECORD_ERASE};
    uint32_t choice = 0;
    if (!read_choice(intake, TEXT("kind"), choices, sizeof choices / sizeof choices[0], &choice)) return false;
    intake->kind = kinds[choice];
    return true;
}

static bool read_top(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    static const struct schema_column at = {.name = TEXT_INIT("at"), .kind = TYPE_MOMENT};
    (void)shape;
    intake->top_seen |= UINT64_C(1) << index;
    uint32_t choice = 0;
    switch ((enum schema_top)index) {
    case TOP_KIND: return read_kind(intake);
    case TOP_ID: return read_id(intake, TEXT("id"), &intake->id, 1);
    case TOP_SOURCE: return read_id(intake, TEXT("source"), &intake->source, 0);
    case TOP_EVENT: return read_event_name(intake);
    case TOP_PLAYER: return read_id(intake, TEXT("player"), &intake->player, 1);
    case TOP_BRAND: return read_id(intake, TEXT("brand"), &intake->brand, 0);
    case TOP_AT: return read_moment(intake, &at, &intake->at);
    case TOP_DATA:
        intake->data = intake->cursor;
        intake->data_waits = !intake->event_known;
        return intake->data_waits ? skip_value(intake) : read_data(intake);
    case TOP_SET: return read_set_of_attributes(intake);
    case TOP_ANSWER: return read_answer(intake);
    case TOP_IMPORT: return read_id(intake, TEXT("import"), &intake->source, 1);
    case TOP_ROW: return read_id(intake, TEXT("row"), &intake->id, 1);
    case TOP_BY: return read_id(intake, TEXT("by"), &intake->reason, 1);
    case TOP_EFFECT: {
        const unsigned char *start = intake->cursor;
        struct schema_column column = {.name = TEXT("effect"), .kind = TYPE_TEXT};
        struct text digits;
        if (!read_quoted(intake, &column, &digits)) return false;
        return crypto_unhex(intake->effect, sizeof intake->effect, digits) ||
               refuse(intake, &column, start, "write the effect's id, 32 hexadecimal digits");
    }
    case TOP_STATUS:
        if (!read_choice(intake, TEXT("status"), status_words, REPLY_STATUS_COUNT, &choice)) return false;
        intake->status = (uint8_t)choice;
        return true;
    case TOP_REASON: {
        struct schema_column column = {.name = TEXT("reason"), .kind = TYPE_TEXT};
        const unsigned char *start = intake->cursor;
        if (memcmp(start, "null", 4) == 0) {
            intake->cursor = start + 4;
            return true;
        }
        if (!read_quoted(intake, &column, &intake->reason)) return false;
        return intake->reason.size <= LIMIT_TEXT_FIELD_BYTES || refuse(intake, &column, start, "longer than 1024 bytes");
    }
    case TOP_COMMAND:
        if (!read_choice(intake, TEXT("command"), command_words, COMMAND_KIND_COUNT, &choice)) return false;
        intake->command = (uint8_t)choice;
        return true;
    case TOP_CAMPAIGN: {
        struct schema_column column = {.name = TEXT("campaign"), .kind = TYPE_TEXT};
        return read_quoted(intake, &column, &intake->campaign);
    }
    case TOP_CATCH_UP: {
        static const struct schema_column column = {.name = TEXT_INIT("catch_up"), .kind = TYPE_BOOL};
        int64_t value = 0;
        if (!read_bool(intake, &column, &value)) return false;
        intake->catch_up = value != 0;
        return true;
    }
    case TOP_COUNT: break;
    }
    return true;
}

#define TOP(name) (UINT64_C(1) << TOP_##name)

static bool check_members(struct intake *intake)
{
    intake->kind = members_kind(intake->kind, intake->top_seen);
    if (intake->kind == 0) return words_no_kind(&intake->words);
    uint32_t missing = members_missing(intake->kind, intake->top_seen);
    const struct schema_column *columns = intake->schema.top.column;
    if (missing < TOP_COUNT)
        return words_missing_member(&intake->words, members_word(intake->kind), columns[missing].name);
    uint32_t strange = members_strange(intake->kind, intake->top_seen);
    return strange == TOP_COUNT ||
           words_strange_member(&intake->words, members_word(intake->kind), columns[strange].name);
}

static bool check_brand(struct intake *intake)
{
    const struct program *program = intake->schema.program;
    /* The only brand there is needs no saying; among several, a player without one is a player of none of them. */
    if (intake->brand.size == 0 && program->brand_count == 1) intake->brand = program_text(program, program->brand[0].name);
    if (intake->brand.size == 0) return program->brand_count == 0 || words_no_brand(&intake->words, program);
    for (uint32_t index = 0; index < program->brand_count; index++) {
        if (text_equal(program_text(program, program->brand[index].name), intake->brand)) return true;
    }
    return words_brand(&intake->words, program, intake->brand);
}

/* A start is about a player; every other command is about a whole campaign. */
static bool check_whom(struct intake *intake)
{
    bool named = (intake->top_seen & TOP(PLAYER)) != 0;
    if (intake->command == COMMAND_START && !named)
        return words_missing_member(&intake->words, "start command", TEXT("player"));
    if (intake->command == COMMAND_START || !(named || (intake->top_seen & TOP(BRAND)) != 0)) return true;
    return words_strange_member(&intake->words, command_words[intake->command], named ? TEXT("player") : TEXT("brand"));
}

static bool check_campaign(struct intake *intake)
{
    const struct program *program = intake->schema.program;
    /* Journeys of an earlier bundle may be of a campaign that this one has no more. */
    if (intake->command == COMMAND_END_JOURNEYS) return true;
    for (uint32_t index = 0; index < program->campaign_count; index++) {
        if (text_equal(program_text(program, program->campaign[index].name), intake->campaign)) return true;
    }
    return words_unknown_campaign(&intake->words, program, intake->campaign);
}

/* The time of an event is a field of it where the declaration says so. */
static bool finish_event(struct intake *intake, struct record *out)
{
    const struct program *program = intake->schema.program;
    const struct bundle_event *event = &program->event[intake->event];
    if (intake->data == NULL) {
        intake->cursor = (const unsigned char *)"{}";
        if (!read_data(intake)) return false;
    }
    bool timed = (intake->top_seen & TOP(AT)) != 0;
    out->at = intake->at;
    out->now = intake->at;
    if (event->happens_at != PROGRAM_NONE) {
        uint32_t slot = program->field[event->happens_at].slot;
        if ((intake->known[slot / 64] >> (slot % 64) & 1) != 0) {
            out->at = intake->slot[slot];
            if (!timed || out->now < out->at) out->now = out->at;
            timed = true;
        }
    }
    if (!timed) return words_missing_member(&intake->words, "event", TEXT("at"));
    if (event->about != ABOUT_NOTHING && (intake->known[0] & (UINT64_C(3) << PROGRAM_SLOT_ABOUT)) == 0) {
        const struct schema_shape *shape = &intake->schema.event[intake->event];
        return words_missing_about(&intake->words, program_text(program, event->name), shape->column[event->field_count].name,
                                   event->about != ABOUT_CAMPAIGN);
    }
    intake->slot[PROGRAM_SLOT_TIME] = out->at;
    intake->slot[PROGRAM_SLOT_EVENT_ID] = handle_of(intake, BANK_EVENT, intake->id);
    intake->known[0] |= UINT64_C(3);
    out->event = intake->event;
    out->slot_count = event->slot_count;
    intake->content += mix((uint64_t)out->at, intake->schema.event_seed[intake->event]);
    return true;
}

/* Who decides says who it is, and an answer is the event that its query says. */
static bool finish_reply(struct intake *intake, struct record *out)
{
    bool decides = intake->status == REPLY_APPROVED || intake->status == REPLY_REFUSED;
    bool answers = intake->status == REPLY_ANSWERED;
    uint64_t needed = decides ? TOP(BY) : answers ? TOP(ANSWER) : 0;
    uint64_t strange = intake->top_seen & (TOP(BY) | TOP(ANSWER)) & ~needed;
    if (decides) strange |= intake->top_seen & TOP(REASON);
    const struct schema_column *columns = intake->schema.top.column;
    if (strange != 0)
        return words_strange_member(&intake->words, status_words[intake->status],
                                    columns[(uint32_t)__builtin_ctzll(strange)].name);
    if ((intake->top_seen & needed) != needed)
        return words_missing_member(&intake->words, status_words[intake->status],
                                    columns[(uint32_t)__builtin_ctzll(needed)].name);
    out->status = intake->status;
    out->reason = intake->reason;
    if (!answers) return true;
    const struct program *program = intake->schema.program;
    out->event = program->query[intake->query].event;
    out->slot_count = program->event[out->event].slot_count;
    intake->slot[PROGRAM_SLOT_TIME] = out->at;
    intake->slot[PROGRAM_SLOT_EVENT_ID] = handle_of(intake, BANK_EVENT, intake->id);
    intake->known[0] |= UINT64_C(3);
    return true;
}

static bool finish(struct intake *intake, struct record *out)
{
    if (!check_members(intake)) return false;
    *out = (struct record){.kind = (uint8_t)intake->kind, .now = intake->at, .at = intake->at, .id = intake->id,
                           .source = intake->source, .reason = TEXT(""), .campaign = TEXT("")};
    out->player = out->brand = TEXT("");
    switch (intake->kind) {
    case RECORD_EVENT:
    case RECORD_HISTORY:
        if (!finish_event(intake, out)) return false;
        break;
    case RECORD_ATTRIBUTES:
    case RECORD_IMPORT:
        out->slot_count = intake->schema.program->workspace->player_slot_count;
        intake->content += mix((uint64_t)out->at, 5);
        break;
    case RECORD_REPLY:
        memcpy(out->effect, intake->effect, sizeof out->effect);
        if (!finish_reply(intake, out)) return false;
        intake->content += mix(split_hash64(intake->effect, sizeof intake->effect, intake->status), (uint64_t)out->at);
        intake->content += split_hash64(intake->reason.at, intake->reason.size, 6);
        break;
    case RECORD_TICK: out->catch_up = intake->catch_up; break;
    case RECORD_COMMAND:
        if (!check_campaign(intake) || !check_whom(intake)) return false;
        out->command = intake->command;
        out->campaign = intake->campaign;
        intake->content = mix(split_hash64(intake->campaign.at, intake->campaign.size, intake->command), (uint64_t)out->at);
        break;
    default: break;
    }
    if (intake->player.size > 0) {
        if (!check_brand(intake)) return false;
        out->player = intake->player;
        out->brand = intake->brand;
        out->group = record_group(out->brand, out->player);
    }
    out->content = intake->content;
    out->slot = intake->slot;
    out->known = intake->known;
    out->given = intake->given;
    out->bytes = intake->line;
    out->bytes_size = (uint32_t)(intake->escaped - intake->line);
    return true;
}

static bool read_line(struct intake *intake, struct record *out)
{
    const unsigned char *p = skip_blanks(intake->cursor);
    if (*p != '{') return words_not_an_object(&intake->words, p);
    intake->cursor = p + 1;
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    if (!read_members(intake, &intake->schema.top, seen, read_top)) return false;
    p = skip_blanks(intake->cursor);
    if (p != intake->words.end) return words_at(&intake->words, p, "something stands behind the closing `}`");
    if (intake->data_waits && intake->event_known) {
        intake->cursor = intake->data;
        if (!read_data(intake)) return false;
    }
    return finish(intake, out);
}

enum status intake_line(struct intake *intake, const char *line, size_t size, struct record *out, struct error *error)
{
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r')) size--;
    if (size > LIMIT_EVENT_LINE_BYTES) {
        return error_set(error, STATUS_LIMIT, "the line is longer than %d bytes; send less in one record",
                         LIMIT_EVENT_LINE_BYTES);
    }
    memcpy(intake->line, line, size);
    memset(intake->line + size, 0, LINE_PAD);
    intake->words = (struct intake_words){.line = intake->line, .end = intake->line + size, .error = error};
    if (error != NULL) error->status = STATUS_INVALID;
    intake->cursor = intake->line;
    intake->escaped = intake->line + ESCAPED_AT;
    intake->kind = 0;
    intake->event = PROGRAM_NONE;
    intake->event_known = false;
    intake->id = intake->source = intake->player = intake->brand = intake->reason = intake->campaign = TEXT("");
    intake->at = 0;
    intake->catch_up = false;
    intake->top_seen = 0;
    intake->data = NULL;
    intake->data_waits = false;
    intake->content = 0;
    memset(intake->known, 0, sizeof intake->known);
    memset(intake->given, 0, sizeof intake->given);
    bool taken = read_line(intake, out);
    if (intake->schema.line_total > 0) schema_line_taken(&intake->schema, taken);
    return taken ? OK : STATUS_INVALID;
}

bool intake_is_blank(const char *line, size_t size)
{
    for (size_t index = 0; index < size; index++) {
        if (line[index] != ' ' && line[index] != '\t' && line[index] != '\r' && line[index] != '\n') return false;
    }
    return true;
}

enum status intake_open(struct intake **out, const struct program *program, struct error *error)
{
    struct intake *intake = memory_alloc(sizeof *intake);
    if (intake == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for intake");
    enum status status = schema_init(&intake->schema, program, error);
    if (status == OK && (program->workspace->player_slot_count > SLOTS_MAX || program->workspace->event_slot_count > SLOTS_MAX)) {
        schema_deinit(&intake->schema);
        status = error_set(error, STATUS_LIMIT, "the program has more slots than allowed");
    }
    if (status != OK) {
        memory_release(intake);
        return status;
    }
    intake->last_event = PROGRAM_NONE;
    *out = intake;
    return OK;
}

void intake_close(struct intake *intake)
{
    if (intake == NULL) return;
    schema_deinit(&intake->schema);
    memory_release(intake);
}

uint64_t intake_dropped_total(const struct intake *intake)
{
    return intake->schema.dropped_total;
}

bool intake_dropped_name(const struct intake *intake, uint32_t index, struct intake_dropped *out)
{
    if (index >= intake->schema.dropped_count) return false;
    *out = (struct intake_dropped){.name = intake->schema.dropped[index].name, .count = intake->schema.dropped[index].count};
    return true;
}
