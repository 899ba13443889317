/*
 * The outbox of a service: what is due is taken, and what came of it becomes records. Contract: runtime/store/promo_outbox.h.
 */
#include "runtime/store/promo_outbox.h"

#include <stdio.h>
#include <time.h>

#include "runtime/store/promo_parts.h"
#include "vm/split.h"

enum { OUTAGE_MS = 60000, OVER_AT_ONCE = 256, REASON_MAX = 1024 };

bool promo_has_outbox(const struct promo *promo)
{
    return promo->outbox.on;
}

int64_t promo_outbox_time(struct promo *promo)
{
    return promo->options.time == PROMO_TIME_CLOCK ? promo_clock_now(promo) : promo->any ? promo->last_now : 0;
}

static enum status usable(struct promo *promo, struct error *error)
{
    RETURN_IF_FAILED(promo_usable(promo, error));
    if (promo->outbox.on) return OK;
    return error_set(error, STATUS_REFUSED, "`%s` has no outbox; `promo run --db %s --outbox` begins one",
                     promo->options.database == NULL ? "" : promo->options.database,
                     promo->options.database == NULL ? "FILE" : promo->options.database);
}

static enum status not_held(struct promo *promo, struct error *error)
{
    struct buffer why = BUFFER_EMPTY;
    enum status status = outbox_held(&promo->store, &why, error);
    if (status == STATUS_NOT_FOUND) {
        if (error != NULL) *error = (struct error)ERROR_NONE;
        status = OK;
    } else if (status == OK) {
        struct text words = buffer_as_text(&why);
        status =
            error_set(error, STATUS_REFUSED, "nothing leaves `%s`: %.*s", promo->options.database, TEXT_ARGS(words));
    }
    buffer_deinit(&why);
    return status;
}

enum status promo_outbox_take(struct promo *promo, int64_t now, outbox_chooser choose, void *context,
                              struct error *error)
{
    promo_lead(promo);
    enum status status = usable(promo, error);
    if (status == OK) status = not_held(promo, error);
    if (status == OK) status = promo_outbox_write(promo, error);
    if (status == OK) status = outbox_take(&promo->store, now, choose, context, error);
    promo_lead_end(promo);
    return status;
}

enum status promo_outbox_next(struct promo *promo, int64_t *next_out, struct error *error)
{
    promo_lead(promo);
    enum status status = usable(promo, error);
    if (status == OK) status = promo_outbox_write(promo, error);
    if (status == OK) status = outbox_next(&promo->store, next_out, error);
    promo_lead_end(promo);
    return status;
}

/* ---------------------------------------------------------------- words */

static enum status see_row(void *context, const struct outbox_row *row, struct error *error)
{
    struct outbox_row *out = context;
    (void)error;
    *out = *row;
    return OK;
}

/* The record of one word. Its id is a function of effect and attempt, so that a doubled one is a duplicate. */
static enum status add_word(struct promo *promo, const struct outbox_word *word, int64_t now, uint32_t *added,
                            struct error *error)
{
    struct outbox_row row;
    enum status status = outbox_find(&promo->store, word->id, see_row, &row, error);
    if (status == STATUS_NOT_FOUND) { /* A reply or an erasure was quicker. */
        if (error != NULL) *error = (struct error)ERROR_NONE;
        return OK;
    }
    RETURN_IF_FAILED(status);
    struct record record = {
        .kind = RECORD_DELIVERY,
        .now = now,
        .at = now,
        .source = TEXT("outbox"),
        .outcome = (uint8_t)word->outcome,
        .status = word->status,
        .attempt = word->attempt,
        .next_at = word->next_at,
        .reason = text_slice(word->reason, 0, word->reason.size < REASON_MAX ? word->reason.size : REASON_MAX)};
    /* A word about the effect that was asked back: only of a reward there is one to say. */
    if (word->of_reward && row.kind != ENGINE_CREDIT) return OK;
    record.campaign = record.player = record.brand = TEXT("");
    memcpy(record.effect, word->id, sizeof record.effect);
    struct text brand, player;
    if (row.number != 0 && keyring_key(promo->store.keyring, row.number) != NULL &&
        keyring_name(promo->store.keyring, row.number, &brand, &player)) {
        record.brand = brand;
        record.player = player;
        record.group = record_group(brand, player);
    }
    char id[65], hex[33];
    crypto_hex(hex, word->id, 16);
    int size = snprintf(id, sizeof id, "%s/%u%s", hex, word->attempt,
                        word->outcome == DELIVERY_EXPIRED    ? "/expired"
                        : word->outcome == DELIVERY_RECALLED ? "/recalled"
                                                             : "");
    INVARIANT(size > 0 && (size_t)size < sizeof id);
    record.id = text_make(id, (size_t)size);
    record.content = split_hash64(word->id, 16, (uint64_t)word->outcome << 8 | word->status);
    ++*added;
    return promo_add(promo, &record, error);
}

static enum status say(struct promo *promo, const struct outbox_word *words, uint32_t count, int64_t now,
                       struct error *error)
{
    bool clocked = promo->options.time == PROMO_TIME_CLOCK;
    if (clocked) now = promo_clock_now(promo);
    if (clocked && promo->any_stamped && now - promo->stamped_now >= OUTAGE_MS)
        RETURN_IF_FAILED(promo_add_catch_up(promo, now - 1, error));
    uint32_t added = 0;
    for (uint32_t i = 0; i < count; i++) RETURN_IF_FAILED(add_word(promo, &words[i], now, &added, error));
    if (added == 0) {
        promo_abandon(promo);
        return OK;
    }
    promo->submitted = true;
    promo_close_batch(promo);
    RETURN_IF_FAILED(promo_commit(promo, error));
    struct timespec little = {.tv_nsec = 200000};
    bool waits = clocked && promo_clock_is_own(promo);
    for (int64_t read = 0; waits; waits = read <= promo->last_now && promo->last_now - read < CLOCK_SLACK_MS) {
        if (read > 0) (void)nanosleep(&little, NULL);
        read = promo_clock_now(promo);
    }
    return OK;
}

/* While we lead. */
static enum status say_durably(struct promo *promo, const struct outbox_word *words, uint32_t count, int64_t now,
                               struct error *error)
{
    enum status status = promo_outbox_write(promo, error);
    if (status == OK) status = say(promo, words, count, now, error);
    if (status != OK) promo_abandon(promo);
    return status;
}

enum status promo_outbox_say(struct promo *promo, const struct outbox_word *words, uint32_t count, int64_t now,
                             struct error *error)
{
    if (count == 0) return OK;
    promo_lead(promo);
    enum status status = usable(promo, error);
    if (status == OK) status = say_durably(promo, words, count, now, error);
    promo_lead_end(promo);
    return status;
}

struct over {
    struct outbox_word word[2 * OVER_AT_ONCE];
    uint32_t count, expired;
};

static enum status see_over(void *context, const struct outbox_row *row, struct error *error)
{
    struct over *over = context;
    (void)error;
    if (over->count == sizeof over->word / sizeof over->word[0]) return OK;
    bool recalled = row->state == OUTBOX_RECALLED;
    struct outbox_word *word = &over->word[over->count++];
    *word = (struct outbox_word){.outcome = recalled ? DELIVERY_RECALLED : DELIVERY_EXPIRED,
                                 .status = DELIVERY_NO_REPLY,
                                 .attempt = row->attempts,
                                 .reason =
                                     recalled ? TEXT("taken back before it left") : TEXT("it may not leave any more")};
    if (recalled && row->kind == ENGINE_CREDIT) word->status = REPLY_FAILED;
    if (!recalled && row->kind == ENGINE_SEND) word->status = REPLY_BOUNCED;
    memcpy(word->id, row->id, sizeof word->id);
    if (!recalled) over->expired++;
    return OK;
}

enum status promo_outbox_over(struct promo *promo, int64_t now, uint32_t *expired_out, uint32_t *recalled_out,
                              struct error *error)
{
    struct over over = {.count = 0};
    promo_lead(promo);
    enum status status = usable(promo, error);
    if (status == OK)
        status = not_held(
            promo,
            error); /* What is too late is decided, too, and a person may move the clock or throw the copy away. */
    if (status == OK) status = promo_outbox_write(promo, error);
    if (status == OK) status = outbox_each_over(&promo->store, now, OVER_AT_ONCE, see_over, &over, error);
    if (status == OK && over.count > 0) status = say_durably(promo, over.word, over.count, now, error);
    promo_lead_end(promo);
    *expired_out = over.expired;
    *recalled_out = over.count - over.expired;
    return status;
}
