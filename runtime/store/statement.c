/*
 * Lines of the wallet's statement. Contract: runtime/store/statement.h.
 *
 * A line is one flat JSON object of texts and whole numbers. Members that are not known are refused: whoever means them means
 * something that would not happen.
 */
#include "runtime/store/statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/store/intake_values.h"
#include "vm/buffer.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"

enum { LINE_MAX_BYTES = 4096, CREDITS_MAX = 10000000 };

enum member {
    MEMBER_CREDIT,
    MEMBER_PLAYER,
    MEMBER_BRAND,
    MEMBER_CAMPAIGN,
    MEMBER_OFFER,
    MEMBER_COST,
    MEMBER_AT,
    MEMBER_STATUS,
    MEMBER_STATEMENT,
    MEMBER_SINCE,
    MEMBER_CREDITS,
    MEMBER_COUNT
};
static const char *const member_names[MEMBER_COUNT] = {"credit", "player", "brand",     "campaign", "offer",  "cost",
                                                       "at",     "status", "statement", "since",    "credits"};

struct reader {
    const unsigned char *at, *end;
    struct arena *arena;
    struct text value[MEMBER_COUNT]; /* numbers as their digits; at NULL: not there */
};

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r')) reader->at++;
}

static bool take(struct reader *reader, char letter)
{
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != (unsigned char)letter) return false;
    reader->at++;
    return true;
}

static bool is_hex(const unsigned char *at)
{
    for (unsigned index = 0; index < 4; index++) {
        unsigned char digit = at[index] | 0x20;
        if (!(at[index] >= '0' && at[index] <= '9') && !(digit >= 'a' && digit <= 'f')) return false;
    }
    return true;
}

/* \uXXXX, two of them for what lies behind the first plane. */
static bool take_unicode(struct reader *reader, unsigned char **out)
{
    if (reader->end - reader->at < 4 || !is_hex(reader->at)) return false;
    unsigned code = values_hex4(reader->at);
    reader->at += 4;
    if (code >= 0xDC00 && code < 0xE000) return false;
    if (code >= 0xD800 && code < 0xDC00) {
        if (reader->end - reader->at < 6 || reader->at[0] != '\\' || reader->at[1] != 'u' || !is_hex(reader->at + 2))
            return false;
        unsigned low = values_hex4(reader->at + 2);
        if (low < 0xDC00 || low >= 0xE000) return false;
        reader->at += 6;
        code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
    }
    if (code == 0) return false;
    *out = values_put_utf8(*out, code);
    return true;
}

/* A text between quotes, into the arena. */
static bool take_text(struct reader *reader, struct text *out)
{
    if (!take(reader, '"')) return false;
    unsigned char *bytes = arena_alloc(reader->arena, (size_t)(reader->end - reader->at) + 1), *to = bytes;
    if (bytes == NULL) return false;
    while (reader->at < reader->end && *reader->at != '"') {
        unsigned char letter = *reader->at++;
        if (letter < 0x20) return false;
        if (letter != '\\') {
            *to++ = letter;
            continue;
        }
        if (reader->at == reader->end) return false;
        letter = *reader->at++;
        if (letter == 'u') {
            if (!take_unicode(reader, &to)) return false;
        } else if (strchr("\"\\/bfnrt", letter) != NULL) {
            to = values_put_escape(to, letter);
        } else {
            return false;
        }
    }
    if (reader->at == reader->end) return false;
    reader->at++;
    *out = text_make((const char *)bytes, (size_t)(to - bytes));
    return true;
}

static bool take_value(struct reader *reader, struct text *out)
{
    skip_blanks(reader);
    if (reader->at < reader->end && *reader->at == '"') return take_text(reader, out);
    const unsigned char *first = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') reader->at++;
    *out = text_make((const char *)first, (size_t)(reader->at - first));
    return out->size > 0;
}

static enum status read_members(struct reader *reader, struct error *error)
{
    static const char shape[] = "it is no JSON object of texts, as in {\"credit\":\"77ab…\",\"player\":\"p1\", …}";
    if (!take(reader, '{')) return error_set(error, STATUS_INVALID, "%s", shape);
    bool more = !take(reader, '}');
    while (more) {
        struct text name, value;
        if (!take_text(reader, &name) || !take(reader, ':') || !take_value(reader, &value))
            return error_set(error, STATUS_INVALID, "%s", shape);
        uint32_t member = 0;
        while (member < MEMBER_COUNT && !text_equal(name, text_of(member_names[member]))) member++;
        if (member == MEMBER_COUNT)
            return error_set(
                error, STATUS_INVALID,
                "`%.*s` is no member of a statement; leave it out (credit, player, brand, campaign, offer, "
                "cost, at, status)",
                TEXT_ARGS(name));
        if (reader->value[member].at != NULL)
            return error_set(error, STATUS_INVALID, "`%s` stands in it twice", member_names[member]);
        reader->value[member] = value;
        more = take(reader, ',');
        if (!more && !take(reader, '}')) return error_set(error, STATUS_INVALID, "%s", shape);
    }
    skip_blanks(reader);
    return reader->at == reader->end ? OK : error_set(error, STATUS_INVALID, "%s", shape);
}

static enum status need(const struct reader *reader, enum member member, struct text *out, struct error *error)
{
    *out = reader->value[member].at == NULL ? TEXT("") : reader->value[member];
    if (out->size == 0) return error_set(error, STATUS_INVALID, "it has no `%s`; it is needed", member_names[member]);
    if (out->size > 255) return error_set(error, STATUS_INVALID, "`%s` is longer than 255 bytes", member_names[member]);
    return OK;
}

static bool read_id(uint8_t out[16], struct text text)
{
    if (text.size != 32) return false;
    for (unsigned index = 0; index < 32; index += 4) {
        const unsigned char *at = (const unsigned char *)text.at + index;
        if (!is_hex(at)) return false;
        unsigned four = values_hex4(at);
        out[index / 2] = (uint8_t)(four >> 8);
        out[index / 2 + 1] = (uint8_t)four;
    }
    return true;
}

static enum status read_credit(const struct reader *reader, struct statement_credit *out, struct error *error)
{
    static const char *const words[] = {"credited", "failed", "pending"};
    struct text id, cost, at, status;
    RETURN_IF_FAILED(need(reader, MEMBER_CREDIT, &id, error));
    RETURN_IF_FAILED(need(reader, MEMBER_PLAYER, &out->player, error));
    RETURN_IF_FAILED(need(reader, MEMBER_CAMPAIGN, &out->campaign, error));
    RETURN_IF_FAILED(need(reader, MEMBER_OFFER, &out->offer, error));
    RETURN_IF_FAILED(need(reader, MEMBER_COST, &cost, error));
    RETURN_IF_FAILED(need(reader, MEMBER_AT, &at, error));
    RETURN_IF_FAILED(need(reader, MEMBER_STATUS, &status, error));
    out->brand = reader->value[MEMBER_BRAND].at == NULL ? TEXT("") : reader->value[MEMBER_BRAND];
    if (out->player.size > 64 || out->brand.size > 64)
        return error_set(error, STATUS_INVALID, "a player's id and brand have at most 64 bytes");
    if (!read_id(out->effect, id))
        return error_set(error, STATUS_INVALID, "`credit` is `%.*s`; it is the effect's id, 32 hexadecimal digits",
                         TEXT_ARGS(id));
    struct error found = ERROR_NONE;
    if (decimal_parse_money(&out->cost, out->currency, cost, &found) != OK)
        return error_set(error, STATUS_INVALID, "`cost`: %s", found.message);
    if (out->cost < 0 || out->cost > INT64_C(1000000000000000))
        return error_set(error, STATUS_INVALID, "`cost` is `%.*s`; no credit costs that", TEXT_ARGS(cost));
    if (civil_parse_instant(&out->at, at, &found) != OK)
        return error_set(error, STATUS_INVALID, "`at`: %s", found.message);
    for (uint32_t index = 0; index < sizeof words / sizeof words[0]; index++) {
        if (!text_equal(status, text_of(words[index]))) continue;
        out->status = (enum statement_status)index;
        return OK;
    }
    return error_set(error, STATUS_INVALID, "`status` is `%.*s`; it is credited, failed or pending", TEXT_ARGS(status));
}

static enum status read_closing(struct statement *statement, const struct reader *reader, struct error *error)
{
    struct text word, since, credits;
    struct error found = ERROR_NONE;
    int64_t count = 0;
    RETURN_IF_FAILED(need(reader, MEMBER_STATEMENT, &word, error));
    RETURN_IF_FAILED(need(reader, MEMBER_SINCE, &since, error));
    RETURN_IF_FAILED(need(reader, MEMBER_CREDITS, &credits, error));
    if (!text_equal(word, TEXT("complete")))
        return error_set(error, STATUS_INVALID, "`statement` is `%.*s`; a closing line says `complete`",
                         TEXT_ARGS(word));
    if (civil_parse_instant(&statement->since, since, &found) != OK)
        return error_set(error, STATUS_INVALID, "`since`: %s", found.message);
    if (decimal_parse(&count, credits, 0, &found) != OK)
        return error_set(error, STATUS_INVALID, "`credits`: %s", found.message);
    if (count != (int64_t)statement->count)
        return error_set(error, STATUS_INVALID,
                         "the closing line counts %lld credits, and %u stand before it; ask for the statement again",
                         (long long)count, statement->count);
    statement->complete = true;
    return OK;
}

static enum status read_line(struct statement *statement, uint32_t *room, uint64_t number, const char *line,
                             size_t size, struct error *error)
{
    struct reader reader = {
        .at = (const unsigned char *)line, .end = (const unsigned char *)line + size, .arena = &statement->arena};
    skip_blanks(&reader);
    if (reader.at == reader.end) return OK;
    if (statement->complete) return error_set(error, STATUS_INVALID, "it stands behind the closing line");
    RETURN_IF_FAILED(read_members(&reader, error));
    if (reader.value[MEMBER_STATEMENT].at != NULL) return read_closing(statement, &reader, error);
    if (statement->count == *room) {
        uint32_t more = *room == 0 ? 256 : *room * 2;
        if (more > CREDITS_MAX) return error_set(error, STATUS_LIMIT, "a statement has at most 10,000,000 credits");
        struct statement_credit *grown = ARENA_ARRAY(&statement->arena, struct statement_credit, more);
        if (grown == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the statement");
        if (statement->count > 0) memcpy(grown, statement->credit, statement->count * sizeof *grown);
        statement->credit = grown;
        *room = more;
    }
    struct statement_credit *credit = &statement->credit[statement->count];
    *credit = (struct statement_credit){.line = number};
    RETURN_IF_FAILED(read_credit(&reader, credit, error));
    statement->count++;
    return OK;
}

static int compare_credits(const void *a, const void *b)
{
    const struct statement_credit *one = *(const struct statement_credit *const *)a;
    const struct statement_credit *other = *(const struct statement_credit *const *)b;
    int order = memcmp(one->effect, other->effect, sizeof one->effect);
    return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

/* A credit that stands in it twice may say two things, and nobody here could tell which is true. */
static enum status check_once(struct statement *statement, struct error *error)
{
    if (statement->count < 2) return OK;
    const struct statement_credit **sorted =
        ARENA_ARRAY(&statement->arena, const struct statement_credit *, statement->count);
    if (sorted == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the statement");
    for (uint32_t i = 0; i < statement->count; i++) sorted[i] = &statement->credit[i];
    qsort(sorted, statement->count, sizeof *sorted, compare_credits);
    for (uint32_t i = 1; i < statement->count; i++) {
        if (memcmp(sorted[i]->effect, sorted[i - 1]->effect, sizeof sorted[i]->effect) != 0) continue;
        char hex[33];
        crypto_hex(hex, sorted[i]->effect, sizeof sorted[i]->effect);
        return error_set(error, STATUS_INVALID,
                         "line %llu of the statement: the credit %s stands in line %llu too; each credit stands in it "
                         "once, with what became of it in the end",
                         (unsigned long long)sorted[i]->line, hex, (unsigned long long)sorted[i - 1]->line);
    }
    return OK;
}

enum status statement_read(struct statement *out, const char *path, struct error *error)
{
    memset(out, 0, sizeof *out);
    arena_init(&out->arena, 0);
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (file == NULL)
        return error_set(error, STATUS_IO, "the statement `%s` cannot be read: %s", path, strerror(errno));
    char *line = NULL;
    size_t room = 0;
    uint32_t credits = 0;
    uint64_t number = 0;
    enum status status = OK;
    ssize_t size;
    while (status == OK && (size = getline(&line, &room, file)) >= 0) {
        number++;
        if (size > 0 && line[size - 1] == '\n') size--;
        status = size > LINE_MAX_BYTES ? error_set(error, STATUS_INVALID, "it is longer than 4,096 bytes")
                                       : read_line(out, &credits, number, line, (size_t)size, error);
        if (status == OK && out->arena.failed) status = error_set(error, STATUS_NO_MEMORY, "no memory for it");
        if (status != OK) error_prefix(error, "line %llu of the statement", (unsigned long long)number);
    }
    if (status == OK && ferror(file))
        status = error_set(error, STATUS_IO, "the statement `%s` cannot be read: %s", path, strerror(errno));
    free(line);
    if (file != stdin) (void)fclose(file);
    return status == OK ? check_once(out, error) : status;
}

void statement_deinit(struct statement *statement)
{
    arena_deinit(&statement->arena);
    statement->credit = NULL;
    statement->count = 0;
}
