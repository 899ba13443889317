/*
 * The values of `data`, `set` and `answer`, each by its declared type, into slots. Contract: runtime/store/intake_scan.h.
 *
 * The re2c blocks know the forms of our values; the rest is which column they are for. Refusals are worded in intake_words.c.
 */
#include "runtime/store/intake_scan.h"

#include "runtime/store/intake_values.h"
#include "vm/crypto.h"
#include "vm/split.h"
#include "vm/zone.h"

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

/* ---------------------------------------------------------------- values of a type */

/* The value at `start` is not what the column needs: words it, unless it is not even JSON. */
bool scan_refuse(struct intake *intake, const struct schema_column *column, const unsigned char *start, const char *why)
{
    intake->cursor = start;
    if (!scan_skip(intake)) return false;
    return words_value(&intake->words, column->name, start, intake->cursor, why);
}

static bool refuse_range(struct intake *intake, const struct schema_column *column, const unsigned char *start)
{
    char why[160];
    words_range(why, sizeof why, intake->schema.program, column);
    return scan_refuse(intake, column, start, why);
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

bool scan_bool(struct intake *intake, const struct schema_column *column, int64_t *out)
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
    return scan_refuse(intake, column, p, "write true or false, without quotes");
}

static bool read_whole(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    const unsigned char *p = start;
    const unsigned char *marker = p;
    /*!re2c
        integer                        { goto whole; }
        integer ("." digit+) exponent? { return scan_refuse(intake, column, start, "write a whole number, without decimals"); }
        integer exponent               { return scan_refuse(intake, column, start, "write a whole number, without an exponent"); }
        ["] integer ["]                { return scan_refuse(intake, column, start, "write the number without quotes"); }
        *                              { return scan_refuse(intake, column, start, "write a whole number such as 12"); }
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
        integer ("." digit+)? exponent   { return scan_refuse(intake, column, start, "write the number without an exponent"); }
        *                                { return scan_refuse(intake, column, start, words_number_form(column)); }
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
    if (column->kind != TYPE_PERCENT) return scan_refuse(intake, column, start, words_number_form(column));
    scale = 4;
    if (!scaled(start + 1, p - 2, scale, out)) goto decimals;
    intake->cursor = p;
    return true;
decimals:
    return scan_refuse(intake, column, start,
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
        *                                             { return scan_refuse(intake, column, start, words_money_form(start)); }
    */
money:;
    const unsigned char *code = p - 4;
    const unsigned char *end = code;
    while (end[-1] == ' ') end--;
    int32_t currency = schema_currency(&intake->schema, code);
    char why[200];
    if (currency < 0) {
        words_currency(why, sizeof why, intake->schema.program, code);
        return scan_refuse(intake, column, start, why);
    }
    unsigned decimals = intake->schema.program->currency[currency].decimals;
    if (!scaled(start + 1, end, decimals, out)) {
        words_decimals(why, sizeof why, code, decimals);
        return scan_refuse(intake, column, start, why);
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

bool scan_moment(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    const unsigned char *p = start;
    const unsigned char *marker = p;
    int64_t day;
    /*!re2c
        ["] d4 "-" d2 "-" d2 "T" [01] digit ":" [0-5] digit ":" [0-5] digit ("." digit{3})? "Z" ["]    { goto utc; }
        ["] d4 "-" d2 "-" d2 "T" "2" [0-3] ":" [0-5] digit ":" [0-5] digit ("." digit{3})? "Z" ["]     { goto utc; }
        ["] d4 "-" d2 "-" d2 [Tt ] d2 ":" d2 ":" d2 ("." digit+)? ([Zz] | [+-] d2 ":" d2) ["]            { goto other; }
        *                                               { return scan_refuse(intake, column, start, words_moment_form(start)); }
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
        return scan_refuse(intake, column, start, "there is no such day or time of day");
    }
    intake->cursor = p;
    return true;
}

/* What is left: values in quotes that others know how to read. */
bool scan_quoted(struct intake *intake, const struct schema_column *column, struct text *out)
{
    if (*intake->cursor != '"') return scan_refuse(intake, column, intake->cursor, words_quoted_form(column));
    return scan_text(intake, intake->cursor + 1, out);
}

static bool read_word(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    struct text word;
    if (!scan_quoted(intake, column, &word)) return false;
    int32_t ordinal = schema_word(&intake->schema, column->of, word);
    if (ordinal < 0) {
        char why[320];
        words_enumeration(why, sizeof why, intake->schema.program, column->of, word);
        return scan_refuse(intake, column, start, why);
    }
    *out = ordinal;
    return true;
}

static bool read_set(struct intake *intake, const struct schema_column *column, int64_t *out)
{
    const unsigned char *start = intake->cursor;
    if (*start != '[') return scan_refuse(intake, column, start, "write a list of words, as in [\"slots\",\"live\"]");
    uint64_t mask = 0;
    const unsigned char *p = scan_blanks(start + 1);
    if (*p == ']') {
        *out = 0;
        intake->cursor = p + 1;
        return true;
    }
    for (;;) {
        p = scan_blanks(p);
        intake->cursor = p;
        int64_t ordinal;
        if (!read_word(intake, column, &ordinal)) return false;
        mask |= UINT64_C(1) << (ordinal & 63);
        p = scan_blanks(intake->cursor);
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
    if (!scan_quoted(intake, column, &text)) return false;
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
            return scan_refuse(intake, column, start, why);
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
            return scan_refuse(intake, column, start, why);
        }
        break;
    }
    default: break;
    }
    return good || scan_refuse(intake, column, start, words_quoted_form(column));
}

static bool read_text_value(struct intake *intake, const struct schema_column *column, enum bank bank)
{
    const unsigned char *start = intake->cursor;
    struct text text;
    if (!scan_quoted(intake, column, &text)) return false;
    if (text.size > column->size) {
        char why[80];
        words_size(why, sizeof why, text.size, column->size);
        return scan_refuse(intake, column, start, why);
    }
    if (column->role == SCHEMA_EFFECT) {
        uint8_t id[16];
        if (!crypto_unhex(id, sizeof id, text)) {
            return scan_refuse(intake, column, start, "write the effect's id, 32 hexadecimal digits");
        }
    }
    intake->slot[column->slot] = scan_handle(intake, bank, text);
    intake->content += scan_mix(split_hash64(text.at, text.size, column->seed), 3);
    scan_set_known(intake, column->slot);
    return true;
}

/* One declared member of `data` (bank EVENT) or `set` (bank PLAYER). */
static inline bool read_column(struct intake *intake, const struct schema_column *column, enum bank bank)
{
    const unsigned char *start = intake->cursor;
    if (*start == 'n' && memcmp(start, "null", 4) == 0) {
        if (bank == BANK_EVENT && !column->optional) {
            return scan_refuse(intake, column, start, "this field is not optional and needs a value");
        }
        intake->cursor = start + 4;
        return true;
    }
    int64_t value = 0;
    int64_t currency = 0;
    bool read = false;
    switch (column->kind) {
    case TYPE_TEXT: return read_text_value(intake, column, bank);
    case TYPE_BOOL: read = scan_bool(intake, column, &value); break;
    case TYPE_WHOLE: read = read_whole(intake, column, &value); break;
    case TYPE_DECIMAL:
    case TYPE_PERCENT: read = read_millionths(intake, column, &value); break;
    case TYPE_MONEY: read = read_money(intake, column, &value, &currency); break;
    case TYPE_MOMENT: read = scan_moment(intake, column, &value); break;
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
            scan_set_known(intake, column->slot + 1);
            intake->content += scan_mix((uint64_t)currency, column->seed + 1);
        } else if ((uint32_t)currency != column->of) {
            char why[120];
            words_other_currency(why, sizeof why, intake->schema.program, column->of);
            return scan_refuse(intake, column, start, why);
        }
    }
    intake->slot[column->slot] = value;
    scan_set_known(intake, column->slot);
    intake->content += scan_mix((uint64_t)value, column->seed);
    return true;
}

/* ---------------------------------------------------------------- objects */

/* The key at `p`, wherever it stands in the order; `cursor` moves to its value. `member` is a column, or SCHEMA_DROPPED and
 * its number in the list of names nobody declared. */
bool scan_key(struct intake *intake, struct schema_shape *shape, const unsigned char *p, uint32_t *member)
{
    struct text name;
    if (*p != '"') return words_at(&intake->words, p, "expected a key in quotes");
    if (!scan_text(intake, p + 1, &name)) return false;
    p = scan_blanks(intake->cursor);
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

static bool read_field(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    return read_column(intake, &shape->column[index], BANK_EVENT);
}

bool scan_data(struct intake *intake)
{
    const struct program *program = intake->schema.program;
    const struct bundle_event *event = &program->event[intake->event];
    struct schema_shape *shape = &intake->schema.event[intake->event];
    if (*intake->cursor != '{') {
        return words_at(&intake->words, intake->cursor, "`data` must be an object with the event's fields");
    }
    intake->cursor++;
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    if (!scan_members(intake, shape, seen, read_field)) return false;
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
        value = scan_handle(intake, BANK_PLAYER, (struct text){.at = (const char *)intake->escaped, .size = text.size});
        intake->escaped += text.size;
    }
    intake->slot[attribute->slot] = value;
    scan_set_known(intake, attribute->slot);
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

bool scan_attributes(struct intake *intake)
{
    if (*intake->cursor != '{') {
        return words_at(&intake->words, intake->cursor, "`set` must be an object with attributes and their values");
    }
    intake->cursor++;
    memset(intake->slot, 0, intake->schema.program->workspace->player_slot_count * sizeof intake->slot[0]);
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    return scan_members(intake, &intake->schema.player, seen, read_attribute);
}

static bool read_answer_value(struct intake *intake, const struct schema_shape *shape, uint32_t index)
{
    intake->query = index;
    return read_column(intake, &shape->column[index], BANK_EVENT);
}

/* The answer to a query: an object whose one member is called like the query, which says its type. */
bool scan_answer(struct intake *intake)
{
    static const char form[] = "`answer` must be an object with one query and its value, as in {\"odds\":\"85%\"}";
    const unsigned char *start = intake->cursor;
    if (*start != '{') return words_at(&intake->words, start, form);
    intake->cursor++;
    memset(intake->slot, 0, (PROGRAM_EVENT_SLOTS + 2) * sizeof intake->slot[0]);
    uint64_t seen[SCHEMA_SEEN_WORDS] = {0};
    if (!scan_members(intake, &intake->schema.answer, seen, read_answer_value)) return false;
    uint32_t count = 0;
    for (uint32_t word = 0; word < SCHEMA_SEEN_WORDS; word++) count += (uint32_t)__builtin_popcountll(seen[word]);
    if (count == 0 && intake->words.undeclared.size > 0)
        return words_unknown_query(&intake->words, intake->schema.program, intake->words.undeclared);
    return count == 1 || words_at(&intake->words, start, form);
}
