/*
 * The table `outbox`: what each step does to it, and what can be asked of it. Contract: runtime/store/outbox.h; layout: spec/storage.md.
 *
 * Bodies and errors are sealed with the player's key, those of nobody and of what asks back with the workspace's: nonce (24) and sealed bytes, bound to
 * the effect's id. `serial` is the order in which rows came.
 */
#include <stdio.h>
#include <time.h>

#include "runtime/store/outbox.h"
#include "runtime/store/sqlite_parts.h"
#include "vm/memory.h"

static struct sqlite_store *of(struct store *store)
{
    return store->self;
}

/* ---------------------------------------------------------------- sealing */

struct sealer {
    struct crypto_key session;
    uint64_t counter;
    struct buffer space;
};

static struct text seal(struct sealer *sealer, const struct keyring *keyring, uint64_t number, const uint8_t id[16],
                        struct text bytes)
{
    const struct crypto_key *key = keyring_key(keyring, number);
    INVARIANT(key != NULL);
    struct crypto_nonce nonce;
    memcpy(nonce.bytes, sealer->session.bytes, 16);
    for (unsigned i = 0; i < 8; i++) nonce.bytes[16 + i] = (uint8_t)(sealer->counter >> (8 * i));
    sealer->counter++;
    buffer_clear(&sealer->space);
    if (!buffer_reserve(&sealer->space, CRYPTO_NONCE_SIZE + (size_t)bytes.size + CRYPTO_SEAL_EXTRA)) return TEXT("");
    uint8_t *to = sealer->space.bytes;
    memcpy(to, nonce.bytes, CRYPTO_NONCE_SIZE);
    crypto_seal(to + CRYPTO_NONCE_SIZE, bytes.at, bytes.size, id, 16, &nonce, key);
    return text_make((const char *)to, CRYPTO_NONCE_SIZE + (size_t)bytes.size + CRYPTO_SEAL_EXTRA);
}

/* Opened into the space behind what is there; empty where there is nothing, or no key any more. */
static enum status open_sealed(struct buffer *space, const struct keyring *keyring, uint64_t number,
                               const uint8_t id[16], struct text sealed, struct text *out)
{
    *out = TEXT("");
    if (sealed.size == 0) return OK;
    const struct crypto_key *key = keyring_key(keyring, number);
    if (key == NULL) return OK; /* It was erased with the player. */
    if (sealed.size < CRYPTO_NONCE_SIZE + CRYPTO_SEAL_EXTRA) return STATUS_CORRUPT;
    size_t size = sealed.size - CRYPTO_NONCE_SIZE - CRYPTO_SEAL_EXTRA, at = space->size;
    if (!buffer_reserve(space, size + 1)) return STATUS_NO_MEMORY;
    struct crypto_nonce nonce;
    memcpy(nonce.bytes, sealed.at, sizeof nonce.bytes);
    const uint8_t *from = (const uint8_t *)sealed.at + CRYPTO_NONCE_SIZE;
    if (crypto_open(space->bytes + at, from, size + CRYPTO_SEAL_EXTRA, id, 16, &nonce, key) != OK)
        return STATUS_CORRUPT;
    space->size += size;
    *out = text_make((const char *)space->bytes + at, size);
    return OK;
}

static enum status damaged(const struct sqlite_store *store, const uint8_t id[16], const char *what,
                           struct error *error)
{
    char hex[33];
    crypto_hex(hex, id, 16);
    return error_set(error, STATUS_CORRUPT,
                     "the outbox of `%s` is damaged at the effect %s: %s; restore the file from a copy", store->path,
                     hex, what);
}

/* What opens a row's body: an effect that asks back outlives its player. */
static uint64_t sealed_by(enum engine_effect_kind kind, uint64_t number)
{
    return kind == ENGINE_RECALL ? 0 : number;
}

/* ---------------------------------------------------------------- reading rows */

#define COLUMNS                                                                                                   \
    "id, number, kind, state, recipient, campaign, at, next_at, first_at, until, hand_at, sent, attempts, base, " \
    "body, error, serial"

static enum status read_row(struct sqlite_store *store, sqlite3_stmt *statement, bool sealed, struct buffer *space,
                            struct outbox_row *out, struct error *error)
{
    struct text id = sqlite_column(statement, 0);
    memset(out, 0, sizeof *out);
    if (sqlite_lost(store, statement, error)) return STATUS_NO_MEMORY;
    if (id.size != sizeof out->id) return damaged(store, out->id, "an id is no id", error);
    memcpy(out->id, id.at, sizeof out->id);
    out->number = (uint64_t)sqlite3_column_int64(statement, 1);
    int64_t kind = sqlite3_column_int64(statement, 2), state = sqlite3_column_int64(statement, 3);
    if (kind < 0 || kind > ENGINE_AWARD || state < 0 || state >= OUTBOX_STATE_COUNT)
        return damaged(store, out->id, "its kind or state cannot be", error);
    out->kind = (enum engine_effect_kind)kind;
    out->state = (enum outbox_state)state;
    out->recipient = sqlite_column(statement, 4);
    out->campaign = sqlite_column(statement, 5);
    out->at = sqlite3_column_int64(statement, 6);
    out->next_at = sqlite3_column_int64(statement, 7);
    out->first_at = sqlite3_column_int64(statement, 8);
    out->until = sqlite3_column_int64(statement, 9);
    out->hand_at = sqlite3_column_int64(statement, 10);
    out->left = sqlite3_column_int64(statement, 11) != 0;
    out->attempts = (uint32_t)sqlite3_column_int64(statement, 12);
    out->base = (uint32_t)sqlite3_column_int64(statement, 13);
    out->bytes = out->error = TEXT("");
    if (sealed) return OK;
    uint64_t by = sealed_by(out->kind, out->number);
    buffer_clear(space);
    struct text body = sqlite_column(statement, 14), words = sqlite_column(statement, 15);
    if (sqlite_lost(store, statement, error)) return STATUS_NO_MEMORY;
    if (!buffer_reserve(space, (size_t)body.size + words.size + 1))
        return error_set(error, STATUS_NO_MEMORY, "no memory for the outbox");
    enum status status = open_sealed(space, store->keyring, by, out->id, body, &out->bytes);
    if (status == OK) status = open_sealed(space, store->keyring, by, out->id, words, &out->error);
    if (status == STATUS_NO_MEMORY) return error_set(error, status, "no memory for the outbox");
    return status == OK ? OK : damaged(store, out->id, "its bytes are not those that were written", error);
}

/* Every row that the statement gives; it is finalized. */
static enum status each_row(struct sqlite_store *store, sqlite3_stmt *statement, bool sealed, outbox_reader reader,
                            void *context, uint64_t *count_out, struct error *error)
{
    struct buffer space = BUFFER_EMPTY;
    enum status status = OK;
    int step;
    *count_out = 0;
    while (status == OK && (step = sqlite3_step(statement)) != SQLITE_DONE) {
        struct outbox_row row;
        if (step != SQLITE_ROW) {
            status = sqlite_failed(store, store->main, "reading", error);
            break;
        }
        status = read_row(store, statement, sealed, &space, &row, error);
        if (status == OK) status = reader(context, &row, error);
        ++*count_out;
    }
    buffer_deinit(&space);
    (void)sqlite3_finalize(statement);
    return status;
}

enum status outbox_each(struct store *store, enum outbox_state state, bool sealed, outbox_reader reader, void *context,
                        struct error *error)
{
    sqlite3_stmt *statement = NULL;
    uint64_t count;
    RETURN_IF_FAILED(sqlite_prepare(of(store), of(store)->main,
                                    state == OUTBOX_STATE_COUNT ? "SELECT " COLUMNS " FROM outbox ORDER BY serial"
                                                                : "SELECT " COLUMNS
                                                                  " FROM outbox WHERE state = ?1 ORDER BY serial",
                                    &statement, error));
    if (state != OUTBOX_STATE_COUNT) (void)sqlite3_bind_int64(statement, 1, state);
    return each_row(of(store), statement, sealed, reader, context, &count, error);
}

enum status outbox_find(struct store *store, const uint8_t id[16], outbox_reader reader, void *context,
                        struct error *error)
{
    sqlite3_stmt *statement = NULL;
    uint64_t count;
    RETURN_IF_FAILED(
        sqlite_prepare(of(store), of(store)->main, "SELECT " COLUMNS " FROM outbox WHERE id = ?1", &statement, error));
    (void)sqlite3_bind_blob(statement, 1, id, 16, SQLITE_STATIC);
    RETURN_IF_FAILED(each_row(of(store), statement, false, reader, context, &count, error));
    if (count > 0) return OK;
    char hex[33];
    crypto_hex(hex, id, 16);
    return error_set(error, STATUS_NOT_FOUND, "the outbox of `%s` holds no effect %s", of(store)->path, hex);
}

enum status outbox_each_over(struct store *store, int64_t now, uint32_t most, outbox_reader reader, void *context,
                             struct error *error)
{
    /* Of a reward that may have arrived only the wallet can say what became of it. */
    sqlite3_stmt *statement = NULL;
    uint64_t count;
    RETURN_IF_FAILED(
        sqlite_prepare(of(store), of(store)->main,
                       "SELECT " COLUMNS " FROM outbox WHERE serial IN (SELECT serial FROM outbox WHERE state > "
                       "0 AND state = 3 AND hand_at = 0 AND NOT (kind = 1 AND sent = 1) LIMIT ?2) UNION ALL "
                       "SELECT " COLUMNS " FROM outbox WHERE serial IN (SELECT serial FROM outbox WHERE state = "
                       "0 AND hand_at = 0 AND until < 9223372036854775807 AND until <= ?1 LIMIT ?2)",
                       &statement, error));
    _Static_assert(OUTBOX_RECALLED == 3 && ENGINE_CREDIT == 1 && OUTBOX_QUEUED == 0, "the numbers of the statements");
    (void)sqlite3_bind_int64(statement, 1, now);
    (void)sqlite3_bind_int64(statement, 2, most);
    return each_row(of(store), statement, true, reader, context, &count, error);
}

/* Recipients by the index, one step each, however much waits. */
static const char next_query[] =
    "WITH RECURSIVE r(x) AS (SELECT min(recipient) FROM outbox WHERE state = 0 AND hand_at = 0 UNION ALL "
    "SELECT (SELECT min(recipient) FROM outbox WHERE state = 0 AND hand_at = 0 AND recipient > x) FROM r WHERE x IS "
    "NOT "
    "NULL) SELECT min(coalesce((SELECT min((SELECT min(next_at) FROM outbox WHERE state = 0 AND hand_at = 0 AND "
    "recipient "
    "= x)) FROM r WHERE x IS NOT NULL), 9223372036854775807), coalesce((SELECT min(until) FROM outbox WHERE state = 0 "
    "AND "
    "hand_at = 0 AND until < 9223372036854775807), 9223372036854775807))";

enum status outbox_next(struct store *store, int64_t *next_out, struct error *error)
{
    return sqlite_number(of(store), of(store)->main, next_query, next_out, error);
}

enum status outbox_counts(struct store *store, void (*each)(void *context, const struct outbox_count *count),
                          void *context, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(sqlite_prepare(of(store), of(store)->main,
                                    "SELECT recipient, state, count(*), sum(hand_at > 0), min(at) FROM outbox GROUP BY "
                                    "recipient, state ORDER BY recipient, state",
                                    &statement, error));
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(statement)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            status = sqlite_failed(of(store), of(store)->main, "reading", error);
            break;
        }
        struct outbox_count count = {.recipient = sqlite_column(statement, 0),
                                     .state = (enum outbox_state)sqlite3_column_int64(statement, 1),
                                     .rows = (uint64_t)sqlite3_column_int64(statement, 2),
                                     .in_hand = (uint64_t)sqlite3_column_int64(statement, 3),
                                     .oldest = sqlite3_column_int64(statement, 4)};
        if (count.state < OUTBOX_STATE_COUNT) each(context, &count);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* ---------------------------------------------------------------- opening */

static enum status read_count(struct sqlite_store *store, const char *name, uint64_t *out, struct error *error)
{
    char query[160];
    int64_t number = 0;
    (void)sqlite3_snprintf(sizeof query, query, "SELECT coalesce((SELECT value FROM meta WHERE name = %Q), 0)", name);
    RETURN_IF_FAILED(sqlite_number(store, store->main, query, &number, error));
    *out = (uint64_t)number;
    return OK;
}

static enum status begin_outbox(struct sqlite_store *store, struct error *error)
{
    char statement[160];
    (void)sqlite3_snprintf(sizeof statement, statement, "INSERT INTO meta VALUES('outbox', %lld)",
                           (long long)store->next);
    return sqlite_run(store, store->main, statement, "writing", error);
}

enum status outbox_open(struct outbox *outbox, struct store *store, bool begin, struct error *error)
{
    struct sqlite_store *self = of(store);
    outbox->keyring = store->keyring;
    RETURN_IF_FAILED(read_count(self, "outbox", &outbox->from, error));
    if (outbox->from == 0 && !begin) return OK;
    bool writing = self->mode == SQLITE_STORE_WRITE;
    if (outbox->from == 0) {
        if (!writing) return error_set(error, STATUS_REFUSED, "`%s` is open for reading", self->path);
        RETURN_IF_FAILED(begin_outbox(self, error));
        outbox->from = self->next;
    }
    outbox->on = true;
    RETURN_IF_FAILED(read_count(self, "outbox steps", &outbox->applied, error));
    RETURN_IF_FAILED(read_count(self, "outbox checkpoint", &outbox->made, error));
    if (!writing) return OK;
    return sqlite_run(self, self->main, "UPDATE outbox SET hand_at = 0 WHERE hand_at > 0", "writing", error);
}

enum status outbox_checkpoint(const struct outbox *outbox, struct store *store, struct error *error)
{
    char statement[160];
    INVARIANT(outbox->steps.size == 0);
    (void)sqlite3_snprintf(sizeof statement, statement, "INSERT OR REPLACE INTO meta VALUES('outbox checkpoint', %lld)",
                           (long long)outbox->made);
    return sqlite_run(of(store), of(store)->main, statement, "writing", error);
}

enum status outbox_hold(struct store *store, struct text why, struct error *error)
{
    if (why.size > 0) return store->set_meta(store->self, "outbox hold", why, error);
    return sqlite_run(of(store), of(store)->main, "DELETE FROM meta WHERE name = 'outbox hold'", "writing", error);
}

enum status outbox_held(struct store *store, struct buffer *out, struct error *error)
{
    return store->get_meta(store->self, "outbox hold", out, error);
}

/* ---------------------------------------------------------------- steps */

enum change {
    INSERT,
    FIND,
    SET_STATE,
    TAKEN_BACK,
    TAKEN_BACK_OF,
    FORGET_ASKED,
    FORGET_CREDITS,
    FORGET,
    FIND_OPEN,
    FIND_NOBODYS,
    FORGET_CREDIT,
    AGAIN,
    DELIVERED,
    DEAD,
    GONE,
    RETRY,
    DROP,
    CHANGES
};

/* 0 queued, 1 delivered, 2 dead, 3 recalled; kind 1 a credit, 6 what asks back. */
static const char *const changes[CHANGES] = {
    [INSERT] = "INSERT INTO outbox(id, number, kind, recallable, recipient, campaign, state, at, next_at, until, body) "
               "VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?7, ?8, ?9)",
    [FIND] = "SELECT " COLUMNS " FROM outbox WHERE id = ?1",
    [SET_STATE] = "UPDATE outbox SET state = ?2 WHERE id = ?1",
    [TAKEN_BACK] = "UPDATE outbox SET state = 3 WHERE number = ?1 AND recallable = 1 AND state IN (0, 2)",
    [TAKEN_BACK_OF] =
        "UPDATE outbox SET state = 3 WHERE number = ?1 AND recallable = 1 AND state IN (0, 2) AND campaign = ?2",
    [FORGET_ASKED] = "UPDATE outbox SET number = 0 WHERE number = ?1 AND kind = 6",
    [FORGET_CREDITS] =
        "UPDATE outbox SET number = 0, body = NULL, error = NULL, state = CASE WHEN state = 1 THEN 1 ELSE 3 END "
        "WHERE number = ?1 AND kind = 1",
    [FORGET] = "DELETE FROM outbox WHERE number = ?1",
    [FIND_OPEN] = "SELECT " COLUMNS " FROM outbox WHERE number = 0 AND recallable = 1 AND state IN (0, 2)",
    [FIND_NOBODYS] = "SELECT " COLUMNS " FROM outbox WHERE number = 0 AND kind <> 6 AND body IS NOT NULL",
    [FORGET_CREDIT] = "UPDATE outbox SET body = NULL, error = NULL, state = CASE WHEN state = 1 THEN 1 ELSE 3 END "
                      "WHERE id = ?1",
    [AGAIN] =
        "UPDATE outbox SET attempts = ?2, first_at = CASE WHEN first_at = 0 THEN ?3 ELSE first_at END, next_at = ?4, "
        "hand_at = 0, error = ?5 WHERE id = ?1",
    [DELIVERED] = "UPDATE outbox SET attempts = ?2, next_at = ?3, hand_at = 0, state = 1, error = NULL WHERE id = ?1",
    [DEAD] = "UPDATE outbox SET attempts = ?2, next_at = ?3, hand_at = 0, error = ?5, state = CASE WHEN state = 3 THEN "
             "3 ELSE 2 END WHERE id = ?1",
    [GONE] = "DELETE FROM outbox WHERE id = ?1",
    [RETRY] = "UPDATE outbox SET state = 0, next_at = ?2, first_at = 0, base = attempts, until = 9223372036854775807 "
              "WHERE id = "
              "?1 AND state = 2",
    [DROP] = "UPDATE outbox SET state = 3, sent = 0 WHERE id = ?1 AND state = 2",
};
_Static_assert(ENGINE_RECALL == 6 && OUTBOX_DELIVERED == 1 && OUTBOX_DEAD == 2, "the numbers of the statements");

struct writing {
    struct outbox *outbox;
    struct sqlite_store *store;
    struct sealer sealer;
    struct buffer space;
    sqlite3_stmt *statement[CHANGES];
};

static enum status get(struct writing *writing, enum change change, sqlite3_stmt **out, struct error *error)
{
    sqlite3_stmt **place = &writing->statement[change];
    if (*place == NULL)
        RETURN_IF_FAILED(sqlite_prepare(writing->store, writing->store->main, changes[change], place, error));
    *out = *place;
    return OK;
}

static void bind_text(sqlite3_stmt *statement, int place, struct text text)
{
    (void)sqlite3_bind_text(statement, place, text.size == 0 ? "" : text.at, (int)text.size, SQLITE_TRANSIENT);
}

static enum status change_by_id(struct writing *writing, enum change change, const uint8_t id[16], int64_t second,
                                struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(get(writing, change, &statement, error));
    (void)sqlite3_bind_blob(statement, 1, id, 16, SQLITE_TRANSIENT);
    if (sqlite3_bind_parameter_count(statement) > 1) (void)sqlite3_bind_int64(statement, 2, second);
    return sqlite_step(writing->store, statement, "writing", error);
}

static enum status change_by_number(struct writing *writing, enum change change, uint64_t number, struct text campaign,
                                    struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(get(writing, change, &statement, error));
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)number);
    if (sqlite3_bind_parameter_count(statement) > 1) bind_text(statement, 2, campaign);
    return sqlite_step(writing->store, statement, "writing", error);
}

/* `found` false: there is no such row. Its bytes lie in writing->space. */
static enum status find(struct writing *writing, const uint8_t id[16], bool sealed, struct outbox_row *out, bool *found,
                        struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(get(writing, FIND, &statement, error));
    (void)sqlite3_bind_blob(statement, 1, id, 16, SQLITE_TRANSIENT);
    int step = sqlite3_step(statement);
    enum status status = OK;
    *found = step == SQLITE_ROW;
    if (*found) {
        status = read_row(writing->store, statement, sealed, &writing->space, out, error);
    } else if (step != SQLITE_DONE) {
        status = sqlite_failed(writing->store, writing->store->main, "reading", error);
    }
    (void)sqlite3_reset(statement);
    return status;
}

struct words {
    struct text brand, player, recipient, campaign, bytes;
};

static struct words words_of(const struct outbox *outbox, const struct outbox_step *step)
{
    struct words words;
    const char *at = (const char *)outbox->texts.bytes + step->texts_at;
    words.brand = text_make(at, step->brand_size);
    at += step->brand_size;
    words.player = text_make(at, step->player_size);
    at += step->player_size;
    words.recipient = text_make(at, step->recipient_size);
    at += step->recipient_size;
    words.campaign = text_make(at, step->campaign_size);
    at += step->campaign_size;
    words.bytes = text_make(at, step->bytes_size);
    return words;
}

/* The same effect again, as a recovery gives it, must be the same. */
static enum status compare(struct writing *writing, const struct outbox_step *step, struct text bytes, bool *found,
                           struct error *error)
{
    struct outbox_row row;
    uint8_t id[16];
    memcpy(id, step->id, sizeof id);
    RETURN_IF_FAILED(find(writing, id, false, &row, found, error));
    if (!*found || row.bytes.size == 0 || text_equal(row.bytes, bytes)) return OK;
    return damaged(writing->store, id, "the log gives it with other bytes than it had", error);
}

static enum status insert(struct writing *writing, const struct outbox_step *step, const struct words *words,
                          struct error *error)
{
    bool found = false;
    RETURN_IF_FAILED(compare(writing, step, words->bytes, &found, error));
    if (found || step->seen) return OK;
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(get(writing, INSERT, &statement, error));
    uint64_t by = sealed_by((enum engine_effect_kind)step->effect, step->number);
    (void)sqlite3_bind_blob(statement, 1, step->id, 16, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)step->number);
    (void)sqlite3_bind_int64(statement, 3, step->effect);
    (void)sqlite3_bind_int64(statement, 4, step->recallable ? 1 : 0);
    bind_text(statement, 5, words->recipient);
    bind_text(statement, 6, words->campaign);
    (void)sqlite3_bind_int64(statement, 7, step->now);
    (void)sqlite3_bind_int64(statement, 8, step->until);
    struct text sealed = seal(&writing->sealer, writing->store->keyring, by, step->id, words->bytes);
    if (sealed.size == 0) return error_set(error, STATUS_NO_MEMORY, "no memory for the outbox");
    (void)sqlite3_bind_blob(statement, 9, sealed.at, (int)sealed.size, SQLITE_STATIC);
    return sqlite_step(writing->store, statement, "writing", error);
}

/* What has not left is dropped, and nothing needs to be asked back. */
static enum status recall(struct writing *writing, const struct outbox_step *step, const struct words *words,
                          struct error *error)
{
    struct outbox_step asks = *step;
    uint8_t subject[16];
    memcpy(subject, step->id, sizeof subject);
    for (unsigned i = 0; i < 16; i++) asks.id[i] = (uint8_t)~step->id[i];
    if (!step->seen) {
        struct outbox_row row;
        bool found = false;
        RETURN_IF_FAILED(find(writing, subject, true, &row, &found, error));
        bool open = found && (row.state == OUTBOX_QUEUED || row.state == OUTBOX_DEAD);
        if (open) RETURN_IF_FAILED(change_by_id(writing, SET_STATE, subject, OUTBOX_RECALLED, error));
        if (found && !row.left) return OK;
    }
    return insert(writing, &asks, words, error);
}

static const char player_member[] = ",\"player\":", brand_member[] = ",\"brand\":";

/* Whether an effect's bytes are for him. The first such member is the effect's own: quotes in texts are escaped. */
static bool names(struct text bytes, struct text member, bool branded)
{
    const char *at = memmem(bytes.at, bytes.size, player_member, sizeof player_member - 1);
    if (at == NULL) return false;
    size_t left = bytes.size - (size_t)(at - bytes.at);
    if (left < member.size || memcmp(at, member.at, member.size) != 0) return false;
    left -= member.size;
    return branded || left < sizeof brand_member ||
           memcmp(at + member.size, brand_member, sizeof brand_member - 1) != 0;
}

static enum status find_names(struct writing *writing, enum change change, const struct outbox_step *step,
                              const struct words *words, struct text member, struct buffer *out, struct error *error)
{
    sqlite3_stmt *rows = NULL;
    RETURN_IF_FAILED(get(writing, change, &rows, error));
    enum status status = OK;
    int result;
    while (status == OK && (result = sqlite3_step(rows)) != SQLITE_DONE) {
        struct outbox_row row;
        if (result != SQLITE_ROW) {
            status = sqlite_failed(writing->store, writing->store->main, "reading", error);
            break;
        }
        status = read_row(writing->store, rows, false, &writing->space, &row, error);
        if (status != OK || !names(row.bytes, member, words->brand.size > 0)) continue;
        if (!step->erased && words->campaign.size > 0 && !text_equal(row.campaign, words->campaign)) continue;
        buffer_append(out, row.id, sizeof row.id);
        buffer_u8(out, (uint8_t)row.kind);
    }
    (void)sqlite3_reset(rows);
    return status;
}

/* What was made for him before a record of his own gave him a number: such rows lie under nobody's, and tell in their bytes whose they are. */
static enum status taken_by_name(struct writing *writing, const struct outbox_step *step, const struct words *words,
                                 struct error *error)
{
    if (words->player.size == 0) return OK;
    struct buffer member = BUFFER_EMPTY, found = BUFFER_EMPTY;
    buffer_string(&member, player_member);
    buffer_json_text(&member, words->player);
    if (words->brand.size > 0) {
        buffer_string(&member, brand_member);
        buffer_json_text(&member, words->brand);
    }
    enum status status = OK;
    if (buffer_ok(&member))
        status = find_names(writing, step->erased ? FIND_NOBODYS : FIND_OPEN, step, words, buffer_as_text(&member),
                            &found, error);
    if (!buffer_ok(&member) || !buffer_ok(&found))
        status = error_set(error, STATUS_NO_MEMORY, "no memory for the outbox");
    for (size_t at = 0; at < found.size && status == OK; at += 17) {
        const uint8_t *id = found.bytes + at;
        enum change change = !step->erased ? SET_STATE : id[16] == ENGINE_CREDIT ? FORGET_CREDIT : GONE;
        status = change_by_id(writing, change, id, OUTBOX_RECALLED, error);
    }
    buffer_deinit(&member);
    buffer_deinit(&found);
    return status;
}

static enum status taken(struct writing *writing, const struct outbox_step *step, const struct words *words,
                         struct error *error)
{
    uint64_t number = step->number;
    RETURN_IF_FAILED(taken_by_name(writing, step, words, error));
    if (number == 0) return OK;
    if (!step->erased) {
        enum change change = words->campaign.size > 0 ? TAKEN_BACK_OF : TAKEN_BACK;
        return change_by_number(writing, change, number, words->campaign, error);
    }
    RETURN_IF_FAILED(change_by_number(writing, FORGET_ASKED, number, TEXT(""), error));
    RETURN_IF_FAILED(change_by_number(writing, FORGET_CREDITS, number, TEXT(""), error));
    return change_by_number(writing, FORGET, number, TEXT(""), error);
}

static enum status attempt(struct writing *writing, const struct outbox_step *step, const struct outbox_row *row,
                           enum change change, struct text words, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    RETURN_IF_FAILED(get(writing, change, &statement, error));
    (void)sqlite3_bind_blob(statement, 1, step->id, 16, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int64(statement, 2, step->attempt);
    (void)sqlite3_bind_int64(statement, 3, step->now);
    if (sqlite3_bind_parameter_count(statement) > 3) (void)sqlite3_bind_int64(statement, 4, step->next_at);
    struct text sealed = TEXT("");
    if (words.size > 0 && keyring_key(writing->store->keyring, row->number) != NULL)
        sealed = seal(&writing->sealer, writing->store->keyring, sealed_by(row->kind, row->number), step->id, words);
    if (sqlite3_bind_parameter_count(statement) > 4) {
        if (sealed.size > 0) {
            (void)sqlite3_bind_blob(statement, 5, sealed.at, (int)sealed.size, SQLITE_TRANSIENT);
        } else {
            (void)sqlite3_bind_null(statement, 5);
        }
    }
    return sqlite_step(writing->store, statement, "writing", error);
}

static enum status delivery(struct writing *writing, const struct outbox_step *given, struct text words,
                            struct error *error)
{
    struct outbox_row row;
    bool found = false;
    RETURN_IF_FAILED(find(writing, given->id, true, &row, &found, error));
    if (!found) return OK;
    const struct outbox_step *step = given;
    bool credit = row.kind == ENGINE_CREDIT, says = step->status != DELIVERY_NO_REPLY;
    switch ((enum delivery_outcome)step->outcome) {
    case DELIVERY_DONE:
        return credit && !says ? attempt(writing, step, &row, DELIVERED, words, error)
                               : change_by_id(writing, GONE, step->id, 0, error);
    case DELIVERY_AGAIN: return attempt(writing, step, &row, AGAIN, words, error);
    case DELIVERY_REFUSED:
        if (says || row.kind == ENGINE_RECALL) return change_by_id(writing, GONE, step->id, 0, error);
        return attempt(writing, step, &row, DEAD, words, error);
    case DELIVERY_DEAD: return attempt(writing, step, &row, DEAD, words, error);
    case DELIVERY_EXPIRED:
    case DELIVERY_RECALLED: return change_by_id(writing, GONE, step->id, 0, error);
    case DELIVERY_OUTCOME_COUNT: break;
    }
    return OK;
}

static enum status apply(struct writing *writing, struct outbox_step *step, struct error *error)
{
    struct words words = words_of(writing->outbox, step);
    const struct keyring *keyring = writing->store->keyring;
    /* Nothing is written for whom has no key any more. */
    bool inserts = step->kind == STEP_EFFECT || step->kind == STEP_RECALL;
    if (inserts && keyring_key(keyring, step->number) == NULL) step->number = 0;
    switch ((enum outbox_step_kind)step->kind) {
    case STEP_EFFECT: return insert(writing, step, &words, error);
    case STEP_RECALL: return recall(writing, step, &words, error);
    case STEP_TAKEN: return taken(writing, step, &words, error);
    case STEP_DELIVERY: return delivery(writing, step, words.bytes, error);
    case STEP_REPLY: return change_by_id(writing, GONE, step->id, 0, error);
    case STEP_RETRY: return change_by_id(writing, RETRY, step->id, step->now, error);
    case STEP_DROP: return change_by_id(writing, DROP, step->id, 0, error);
    }
    return OK;
}

static enum status write_steps(struct writing *writing, struct error *error)
{
    struct outbox *outbox = writing->outbox;
    struct outbox_step *steps = (struct outbox_step *)(void *)outbox->steps.bytes;
    size_t count = outbox->steps.size / sizeof *steps;
    RETURN_IF_FAILED(sqlite_run(writing->store, writing->store->main, "BEGIN IMMEDIATE", "writing", error));
    enum status status = OK;
    for (size_t i = 0; i < count && status == OK; i++) status = apply(writing, &steps[i], error);
    char statement[160];
    uint64_t applied = outbox->made > outbox->applied ? outbox->made : outbox->applied;
    (void)sqlite3_snprintf(sizeof statement, statement,
                           "INSERT OR REPLACE INTO meta VALUES('outbox steps', %lld); COMMIT", (long long)applied);
    if (status == OK) status = sqlite_run(writing->store, writing->store->main, statement, "writing", error);
    if (status != OK) {
        (void)sqlite3_exec(writing->store->main, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    outbox->applied = applied;
    return OK;
}

enum status outbox_write(struct outbox *outbox, struct store *store, struct error *error)
{
    if (outbox->failure.status != OK) {
        if (error != NULL) *error = outbox->failure;
        return outbox->failure.status;
    }
    if (outbox->steps.size == 0) return OK;
    struct writing writing = {.outbox = outbox, .store = of(store)};
    crypto_random_key(&writing.sealer.session);
    enum status status = write_steps(&writing, error);
    for (unsigned i = 0; i < CHANGES; i++) (void)sqlite3_finalize(writing.statement[i]);
    crypto_wipe(&writing.sealer.session, sizeof writing.sealer.session);
    buffer_deinit(&writing.sealer.space);
    buffer_deinit(&writing.space);
    if (status != OK) return status;
    buffer_clear(&outbox->steps);
    buffer_clear(&outbox->texts);
    return OK;
}

/* ---------------------------------------------------------------- taking in hand */

static int64_t clock_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct taking {
    struct sqlite_store *store;
    sqlite3_stmt *due, *mark;
    struct buffer space, chosen; /* serials, 8 bytes each */
    int64_t now, clock;
};

/* The due rows of one recipient, as far as `choose` goes. */
static enum status take_of(struct taking *taking, struct text recipient, outbox_chooser choose, void *context,
                           struct error *error)
{
    bind_text(taking->due, 1, recipient);
    (void)sqlite3_bind_int64(taking->due, 2, taking->now);
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(taking->due)) != SQLITE_DONE) {
        struct outbox_row row;
        if (step != SQLITE_ROW) {
            status = sqlite_failed(taking->store, taking->store->main, "reading", error);
            break;
        }
        status = read_row(taking->store, taking->due, false, &taking->space, &row, error);
        if (status != OK) break;
        enum outbox_choice choice = choose(context, &row);
        if (choice == OUTBOX_NEXT_RECIPIENT) break;
        if (choice == OUTBOX_LEAVE) continue;
        buffer_i64(&taking->chosen, sqlite3_column_int64(taking->due, 16));
    }
    (void)sqlite3_reset(taking->due);
    if (status == OK && !buffer_ok(&taking->chosen))
        status = error_set(error, STATUS_NO_MEMORY, "no memory for the outbox");
    /* The index that was read is the one that they leave. */
    for (size_t at = 0; at < taking->chosen.size && status == OK; at += 8) {
        (void)sqlite3_bind_int64(taking->mark, 1, (int64_t)buffer_load_u64(taking->chosen.bytes + at));
        (void)sqlite3_bind_int64(taking->mark, 2, taking->clock);
        status = sqlite_step(taking->store, taking->mark, "writing", error);
    }
    buffer_clear(&taking->chosen);
    return status;
}

/* Recipients one after the other, by the index. */
static enum status take_all(struct taking *taking, outbox_chooser choose, void *context, struct error *error)
{
    sqlite3_stmt *next = NULL;
    struct buffer last = BUFFER_EMPTY;
    bool any = false;
    enum status status =
        sqlite_prepare(taking->store, taking->store->main,
                       "SELECT min(recipient) FROM outbox WHERE state = 0 AND hand_at = 0 AND (?2 = 0 OR "
                       "recipient > ?1)",
                       &next, error);
    while (status == OK) {
        bind_text(next, 1, buffer_as_text(&last));
        (void)sqlite3_bind_int64(next, 2, any ? 1 : 0);
        int step = sqlite3_step(next);
        if (step != SQLITE_ROW) {
            status = sqlite_failed(taking->store, taking->store->main, "reading", error);
            break;
        }
        bool none = sqlite3_column_type(next, 0) == SQLITE_NULL;
        buffer_clear(&last);
        buffer_text(&last, sqlite_column(next, 0));
        (void)sqlite3_reset(next);
        if (none) break;
        any = true;
        status = buffer_ok(&last) ? take_of(taking, buffer_as_text(&last), choose, context, error)
                                  : error_set(error, STATUS_NO_MEMORY, "no memory for the outbox");
    }
    buffer_deinit(&last);
    (void)sqlite3_finalize(next);
    return status;
}

enum status outbox_take(struct store *store, int64_t now, outbox_chooser choose, void *context, struct error *error)
{
    struct taking taking = {.store = of(store), .now = now, .clock = clock_now()};
    enum status status = sqlite_prepare(
        taking.store, taking.store->main,
        "SELECT " COLUMNS " FROM outbox WHERE state = 0 AND hand_at = 0 AND recipient = ?1 AND next_at <= ?2 "
        "AND until > ?2 ORDER BY next_at, serial",
        &taking.due, error);
    if (status == OK)
        status = sqlite_prepare(taking.store, taking.store->main,
                                "UPDATE outbox SET hand_at = ?2, sent = 1 WHERE serial = ?1", &taking.mark, error);
    if (status == OK) status = sqlite_run(taking.store, taking.store->main, "BEGIN IMMEDIATE", "writing", error);
    if (status == OK) {
        status = take_all(&taking, choose, context, error);
        if (status == OK) status = sqlite_run(taking.store, taking.store->main, "COMMIT", "writing", error);
        if (status != OK) (void)sqlite3_exec(taking.store->main, "ROLLBACK", NULL, NULL, NULL);
    }
    (void)sqlite3_finalize(taking.due);
    (void)sqlite3_finalize(taking.mark);
    buffer_deinit(&taking.space);
    buffer_deinit(&taking.chosen);
    return status;
}
