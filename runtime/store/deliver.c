/*
 * The rounds of a delivery: lanes, what is in hand, answers, the schedule. Contract: runtime/store/deliver.h.
 *
 *   outbox ──► choose: room in all, room in the lane, lane not resting, no other of this player in the lane ──► mark, hand over
 *   answers, time-outs ──► words ──► records of one batch
 *
 * A lane is a recipient ("send/email"). It rests after TRIP failures one after the other, so that a receiver that is down costs one attempt a while and the
 * attempts of what waits are not used up; one failing effect among others that arrive never makes it rest.
 */
#include "runtime/store/deliver.h"

#include <stdio.h>
#include <time.h>

#include "runtime/store/promo_outbox.h"
#include "vm/memory.h"
#include "vm/split.h"

enum {
    IN_HAND = 256,
    IN_HAND_MAX = 4096,
    OF_RECIPIENT = 32,
    ANSWER_MS = 30000,
    TRIP = 10,
    REST_MS = 1000,
    REST_MAX_MS = 60000
};

struct held {
    uint8_t id[16];
    enum engine_effect_kind kind;
    uint64_t number;
    uint32_t lane;
    uint32_t attempt, base;
    int64_t first_at, until;
    int64_t since; /* of the steady clock */
    size_t bytes_at;
    uint32_t bytes_size;
};

struct lane {
    char name[160];
    uint32_t in_hand;
    uint32_t failures; /* one after the other */
    uint32_t rests;
    int64_t rests_until;
};

struct deliver {
    struct promo *promo;
    struct carrier carrier;
    struct deliver_options options;
    struct held *held;
    uint32_t count;
    struct lane *lane;
    uint32_t lane_count, lane_room;
    struct buffer words, texts, bytes;
    int64_t passed; /* time that was let pass, where records carry it */
    struct deliver_counts *counts;
    bool no_memory;
};

static int64_t steady_now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- the schedule */

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

struct schedule {
    int64_t base, cap, horizon;
};

static struct schedule schedule_of(enum engine_effect_kind kind)
{
    const int64_t day = INT64_C(24) * HOUR;
    switch (kind) {
    case ENGINE_CREDIT:
    case ENGINE_RECALL: return (struct schedule){5 * SECOND, HOUR, 7 * day};
    case ENGINE_SEND: return (struct schedule){5 * SECOND, 15 * MINUTE, day};
    case ENGINE_ASK: return (struct schedule){5 * SECOND, 15 * MINUTE, 3 * day};
    case ENGINE_DO:
    case ENGINE_TAG:
    case ENGINE_UNTAG:
    case ENGINE_SUSPENDED:
    case ENGINE_EVENT:
    case ENGINE_ANSWER:
    case ENGINE_AWARD: break;
    }
    return (struct schedule){5 * SECOND, HOUR, 3 * day};
}

int64_t deliver_horizon(enum engine_effect_kind kind)
{
    return schedule_of(kind).horizon;
}

int64_t deliver_delay(enum engine_effect_kind kind, const uint8_t id[16], uint32_t attempt)
{
    const struct schedule schedule = schedule_of(kind);
    int64_t delay = schedule.base;
    for (uint32_t n = 1; n < attempt && delay < schedule.cap; n++) delay *= 2;
    if (delay > schedule.cap) delay = schedule.cap;
    int64_t half = delay / 2;
    return delay - (int64_t)(split_hash64(id, 16, attempt) % (uint64_t)(half + 1));
}

/* ---------------------------------------------------------------- opening */

enum status deliver_open(struct deliver **out, struct promo *promo, const struct carrier *carrier,
                         const struct deliver_options *options, struct error *error)
{
    if (!promo_has_outbox(promo))
        return error_set(error, STATUS_REFUSED, "the database has no outbox; `promo run --outbox` begins one");
    if (options->in_hand > IN_HAND_MAX)
        return error_set(error, STATUS_USAGE, "at most %d effects can be in hand at once", IN_HAND_MAX);
    struct deliver *deliver = memory_alloc(sizeof *deliver);
    if (deliver == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to deliver");
    *deliver = (struct deliver){.promo = promo, .carrier = *carrier, .options = *options, .passed = INT64_MIN};
    if (deliver->options.in_hand == 0) deliver->options.in_hand = IN_HAND;
    if (deliver->options.of_recipient == 0) deliver->options.of_recipient = OF_RECIPIENT;
    if (deliver->options.answer_ms == 0) deliver->options.answer_ms = ANSWER_MS;
    buffer_init(&deliver->words, 0);
    buffer_init(&deliver->texts, 0);
    buffer_init(&deliver->bytes, 0);
    deliver->held = memory_resize_array(NULL, deliver->options.in_hand, sizeof *deliver->held);
    if (deliver->held == NULL) {
        deliver_close(deliver);
        return error_set(error, STATUS_NO_MEMORY, "no memory to deliver");
    }
    *out = deliver;
    return OK;
}

void deliver_close(struct deliver *deliver)
{
    if (deliver == NULL) return;
    buffer_deinit(&deliver->words);
    buffer_deinit(&deliver->texts);
    buffer_deinit(&deliver->bytes);
    memory_release(deliver->held);
    memory_release(deliver->lane);
    memory_release(deliver);
}

uint32_t deliver_in_hand(const struct deliver *deliver)
{
    return deliver->count;
}

int64_t deliver_now(const struct deliver *deliver)
{
    int64_t now = promo_outbox_time(deliver->promo);
    return now > deliver->passed ? now : deliver->passed;
}

void deliver_pass(struct deliver *deliver, int64_t until)
{
    if (until > deliver->passed) deliver->passed = until;
}

enum status deliver_next(struct deliver *deliver, int64_t *next_out, struct error *error)
{
    RETURN_IF_FAILED(promo_outbox_next(deliver->promo, next_out, error));
    int64_t now = deliver_now(deliver), rests = INT64_MAX;
    for (uint32_t i = 0; i < deliver->lane_count; i++) {
        const struct lane *lane = &deliver->lane[i];
        if (lane->rests_until > now && lane->rests_until < rests) rests = lane->rests_until;
    }
    /* What is due already waits for its lane. */
    if (*next_out <= now && rests != INT64_MAX) *next_out = rests;
    return OK;
}

/* ---------------------------------------------------------------- words */

static struct outbox_word *add_word(struct deliver *deliver, const uint8_t id[16], enum delivery_outcome outcome)
{
    struct outbox_word word = {.outcome = outcome, .status = DELIVERY_NO_REPLY, .reason = TEXT("")};
    memcpy(word.id, id, sizeof word.id);
    size_t at = deliver->words.size;
    buffer_append(&deliver->words, &word, sizeof word);
    if (buffer_ok(&deliver->words)) return (struct outbox_word *)(void *)(deliver->words.bytes + at);
    deliver->no_memory = true;
    return NULL;
}

/* Reasons lie in `texts` until the words are said; words point there once nothing is added any more, so their places are kept as sizes. */
static void keep_reason(struct deliver *deliver, struct outbox_word *word, struct text reason)
{
    if (reason.size > 1024) reason = text_slice(reason, 0, 1024);
    while (reason.size > 0 && ((unsigned char)reason.at[reason.size - 1] & 0xC0) == 0x80) reason.size--;
    buffer_text(&deliver->texts, reason);
    if (!buffer_ok(&deliver->texts)) deliver->no_memory = true;
    word->reason.size = reason.size;
}

static uint8_t reply_of(enum engine_effect_kind kind, const struct carrier_answer *answer)
{
    bool done = answer->outcome == CARRIED_DONE;
    if (kind == ENGINE_SEND) return done ? REPLY_DELIVERED : REPLY_BOUNCED;
    if (kind == ENGINE_CREDIT) return !done ? REPLY_FAILED : answer->credited ? REPLY_CREDITED : DELIVERY_NO_REPLY;
    return DELIVERY_NO_REPLY;
}

static void failed(struct lane *lane, int64_t now)
{
    if (++lane->failures < TRIP) return;
    int64_t rest = REST_MS;
    for (uint32_t i = 0; i < lane->rests && rest < REST_MAX_MS; i++) rest *= 2;
    if (rest > REST_MAX_MS) rest = REST_MAX_MS;
    lane->rests_until = now + rest;
    lane->rests++;
}

/* The attempt of what stands at `index` is over. */
static void conclude(struct deliver *deliver, uint32_t index, const struct carrier_answer *answer)
{
    struct held held = deliver->held[index];
    struct lane *lane = &deliver->lane[held.lane];
    int64_t now = deliver_now(deliver);
    deliver->held[index] = deliver->held[--deliver->count];
    lane->in_hand--;
    struct outbox_word *word = add_word(deliver, held.id, DELIVERY_DONE);
    if (word == NULL) return;
    word->attempt = held.attempt;
    if (answer->outcome == CARRIED_AGAIN) {
        failed(lane, now);
        int64_t delay = deliver_delay(held.kind, held.id, held.attempt - held.base);
        if (answer->after_ms > delay) delay = answer->after_ms;
        int64_t first = held.first_at == 0 ? now : held.first_at;
        bool last = now + delay - first > deliver_horizon(held.kind);
        word->outcome = last ? DELIVERY_DEAD : DELIVERY_AGAIN;
        word->next_at = now + delay;
        if (last) {
            deliver->counts->dead++;
        } else {
            deliver->counts->again++;
        }
        keep_reason(deliver, word, answer->reason);
        return;
    }
    lane->failures = lane->rests = 0;
    lane->rests_until = 0;
    word->status = reply_of(held.kind, answer);
    if (answer->outcome == CARRIED_REFUSED) {
        word->outcome = DELIVERY_REFUSED;
        deliver->counts->refused++;
        /* Nobody is told of it by a reply, so it lies with the dead. */
        if (word->status == DELIVERY_NO_REPLY && held.kind != ENGINE_RECALL) deliver->counts->dead++;
        keep_reason(deliver, word, answer->reason);
        return;
    }
    deliver->counts->done++;
    if (held.kind != ENGINE_RECALL || !answer->taken_back) return;
    uint8_t subject[16];
    for (unsigned i = 0; i < 16; i++) subject[i] = (uint8_t)~held.id[i];
    word = add_word(deliver, subject, DELIVERY_RECALLED);
    if (word == NULL) return;
    word->status = REPLY_FAILED;
    word->of_reward = true;
    keep_reason(deliver, word, TEXT("taken back"));
}

static void take_answer(void *taker, const struct carrier_answer *answer)
{
    struct deliver *deliver = taker;
    for (uint32_t i = 0; i < deliver->count; i++) {
        if (memcmp(deliver->held[i].id, answer->id, sizeof answer->id) != 0) continue;
        conclude(deliver, i, answer);
        return;
    }
    deliver->counts->strange++;
}

static void time_out(struct deliver *deliver)
{
    int64_t now = steady_now();
    char words[64];
    (void)snprintf(words, sizeof words, "no answer in %lld seconds", (long long)(deliver->options.answer_ms / 1000));
    const struct carrier_answer none = {.outcome = CARRIED_AGAIN, .reason = text_of(words)};
    for (uint32_t i = 0; i < deliver->count;) {
        if (now - deliver->held[i].since < deliver->options.answer_ms) {
            i++;
        } else {
            conclude(deliver, i, &none);
        }
    }
}

static enum status say(struct deliver *deliver, struct error *error)
{
    if (deliver->no_memory) return error_set(error, STATUS_NO_MEMORY, "no memory for what came of the deliveries");
    struct outbox_word *words = (struct outbox_word *)(void *)deliver->words.bytes;
    uint32_t count = (uint32_t)(deliver->words.size / sizeof *words);
    const char *at = (const char *)deliver->texts.bytes;
    for (uint32_t i = 0; i < count; i++) {
        words[i].reason = words[i].reason.size == 0 ? TEXT("") : text_make(at, words[i].reason.size);
        at += words[i].reason.size;
    }
    RETURN_IF_FAILED(promo_outbox_say(deliver->promo, words, count, deliver_now(deliver), error));
    buffer_clear(&deliver->words);
    buffer_clear(&deliver->texts);
    return OK;
}

/* ---------------------------------------------------------------- handing over */

static uint32_t lane_of(struct deliver *deliver, struct text recipient)
{
    for (uint32_t i = 0; i < deliver->lane_count; i++) {
        if (text_equal(text_of(deliver->lane[i].name), recipient)) return i;
    }
    if (deliver->lane_count == deliver->lane_room) {
        uint32_t room = deliver->lane_room == 0 ? 16 : deliver->lane_room * 2;
        void *lane = memory_resize_array(deliver->lane, room, sizeof *deliver->lane);
        if (lane == NULL) return UINT32_MAX;
        deliver->lane = lane;
        deliver->lane_room = room;
    }
    struct lane *lane = &deliver->lane[deliver->lane_count];
    *lane = (struct lane){.in_hand = 0};
    if (recipient.size >= sizeof lane->name) return UINT32_MAX;
    memcpy(lane->name, recipient.at, recipient.size);
    return deliver->lane_count++;
}

static enum outbox_choice choose(void *context, const struct outbox_row *row)
{
    struct deliver *deliver = context;
    if (deliver->count == deliver->options.in_hand) return OUTBOX_NEXT_RECIPIENT;
    if (row->bytes.size == 0) return OUTBOX_LEAVE; /* its player was erased */
    uint32_t number = lane_of(deliver, row->recipient);
    if (number == UINT32_MAX) {
        deliver->no_memory = true;
        return OUTBOX_NEXT_RECIPIENT;
    }
    struct lane *lane = &deliver->lane[number];
    /* After a rest one goes ahead. */
    uint32_t room = lane->rests > 0 ? 1 : deliver->options.of_recipient;
    if (lane->in_hand >= room || lane->rests_until > deliver_now(deliver)) return OUTBOX_NEXT_RECIPIENT;
    for (uint32_t i = 0; i < deliver->count && row->number != 0; i++) {
        if (deliver->held[i].number == row->number && deliver->held[i].lane == number) return OUTBOX_LEAVE;
    }
    struct held *held = &deliver->held[deliver->count];
    *held = (struct held){.kind = row->kind,
                          .number = row->number,
                          .lane = number,
                          .attempt = row->attempts + 1,
                          .base = row->base,
                          .first_at = row->first_at,
                          .until = row->until,
                          .bytes_at = deliver->bytes.size,
                          .bytes_size = row->bytes.size};
    memcpy(held->id, row->id, sizeof held->id);
    buffer_text(&deliver->bytes, row->bytes);
    if (!buffer_ok(&deliver->bytes)) {
        deliver->no_memory = true;
        return OUTBOX_NEXT_RECIPIENT;
    }
    deliver->count++;
    lane->in_hand++;
    return OUTBOX_TAKE;
}

static enum status hand_out(struct deliver *deliver, struct error *error)
{
    uint32_t before = deliver->count;
    buffer_clear(&deliver->bytes);
    enum status status = promo_outbox_take(deliver->promo, deliver_now(deliver), choose, deliver, error);
    if (status == OK && deliver->no_memory) status = error_set(error, STATUS_NO_MEMORY, "no memory to deliver");
    if (status != OK) {
        while (deliver->count > before) deliver->lane[deliver->held[--deliver->count].lane].in_hand--;
        return status;
    }
    uint32_t taken = deliver->count - before;
    int64_t since = steady_now();
    for (uint32_t i = before; i < deliver->count; i++) deliver->held[i].since = since;
    for (uint32_t index = before, i = 0; i < taken; i++) {
        struct held *held = &deliver->held[index];
        struct delivery delivery = {
            .kind = held->kind,
            .recipient = text_of(deliver->lane[held->lane].name),
            .bytes = text_make((const char *)deliver->bytes.bytes + held->bytes_at, held->bytes_size),
            .attempt = held->attempt,
            .until = held->until};
        memcpy(delivery.id, held->id, sizeof delivery.id);
        const char *reason = "it could not be handed over";
        deliver->counts->handed++;
        if (deliver->carrier.hand(deliver->carrier.context, &delivery, &reason)) {
            index++;
            continue;
        }
        struct carrier_answer answer = {.outcome = CARRIED_AGAIN, .reason = text_of(reason)};
        memcpy(answer.id, held->id, sizeof answer.id);
        conclude(
            deliver, index,
            &answer); /* the last one takes its place: the order among those of one round is no matter of players */
    }
    return OK;
}

enum status deliver_step(struct deliver *deliver, int64_t wait_ms, struct deliver_counts *counts, struct error *error)
{
    deliver->counts = counts;
    uint32_t expired = 0, recalled = 0;
    RETURN_IF_FAILED(promo_outbox_over(deliver->promo, deliver_now(deliver), &expired, &recalled, error));
    counts->expired += expired;
    counts->recalled += recalled;
    bool ready = deliver->carrier.ready == NULL || deliver->carrier.ready(deliver->carrier.context);
    if (ready) RETURN_IF_FAILED(hand_out(deliver, error));
    if (deliver->words.size > 0) wait_ms = 0;
    enum status status = deliver->carrier.answers(deliver->carrier.context, wait_ms, take_answer, deliver, error);
    time_out(deliver);
    /* What was answered is said even where the carrier is gone. */
    struct error later = ERROR_NONE;
    enum status said = say(deliver, &later);
    if (status == OK && said != OK && error != NULL) *error = later;
    return status == OK ? said : status;
}
