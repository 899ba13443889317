/*
 * Lines of many threads: whoever finds no leader becomes one, takes every line that waits, makes them durable in one append
 * and folds them. The others wait for their outcome. Contract: runtime/store/promo.h.
 *
 *   waiting ──► leader: intake, append (one flush), fold, close the instant ──► outcomes, next leader
 *
 * There is no thread of our own: an idle service does nothing.
 */
#include "runtime/store/promo_parts.h"

#include <stdio.h>
#include <time.h>

#include "runtime/engine/effect_json.h"

/* A service that heard nothing for so long was not there, as far as players can tell: what fell due meanwhile is caught up. */
enum { OUTAGE_MS = 60000 };

static void sleep_a_little(void)
{
    struct timespec time = {.tv_nsec = 200000};
    (void)nanosleep(&time, NULL);
}

/* ---------------------------------------------------------------- what the sink tells */

static bool is_of(const struct submit_request *request, struct text brand, struct text player)
{
    return request->player.size > 0 && text_equal(request->player, player) && text_equal(request->brand, brand);
}

void promo_submit_effect(struct promo *promo, const struct engine_effect *effect)
{
    for (struct submit_request *request = promo->folding; request != NULL; request = request->next) {
        if (!is_of(request, effect->brand, effect->player)) continue;
        request->outcome->effects++;
        if (request->outcome->lines != NULL) effect_json_write(request->outcome->lines, effect);
    }
}

void promo_submit_note(struct promo *promo, const struct engine_note *note)
{
    if (note->kind != NOTE_NOT_APPLIED) return;
    for (struct submit_request *request = promo->folding; request != NULL; request = request->next) {
        if (request->outcome == NULL || request->outcome->position == 0 || request->outcome->position != note->position)
            continue;
        request->outcome->verdict = PROMO_NOT_APPLIED;
        request->outcome->reason = note->reason;
    }
}

/* ---------------------------------------------------------------- a batch */

static struct text keep_name(char *to, struct text text)
{
    INVARIANT(text.size <= LIMIT_ID_BYTES);
    if (text.size > 0) memcpy(to, text.at, text.size);
    return (struct text){.at = to, .size = text.size};
}

/* Adds one request's record to the batch; a refused line is done at once. The position is an offset until the append. */
static enum status take_request(struct promo *promo, struct submit_request *request, int64_t clock, struct error *error)
{
    struct record record = {.kind = RECORD_TICK, .now = clock, .at = clock};
    if (!request->tick) {
        struct error refusal = ERROR_NONE;
        if (intake_line(promo->intake, request->line, request->size, &record, &refusal) != OK) {
            request->outcome->verdict = PROMO_REFUSED;
            (void)snprintf(request->outcome->message, sizeof request->outcome->message, "%s", refusal.message);
            return OK;
        }
        if (promo->options.time == PROMO_TIME_CLOCK) record.now = clock;
    }
    if (promo->options.time == PROMO_TIME_CLOCK && promo->batch.count == 0 && promo->any_stamped &&
        clock - promo->stamped_now >= OUTAGE_MS) {
        RETURN_IF_FAILED(promo_add_catch_up(promo, clock - 1, error));
    }
    request->brand = keep_name(request->names, record.brand);
    request->player = keep_name(request->names + LIMIT_ID_BYTES, record.player);
    RETURN_IF_FAILED(promo_add(promo, &record, error));
    if (request->outcome != NULL) {
        request->outcome->position = promo->batch.count;
        request->outcome->now = record.now;
    }
    return OK;
}

static enum status fold_requests(struct promo *promo, struct error *error)
{
    RETURN_IF_FAILED(promo_usable(promo, error));
    int64_t clock = promo->options.time == PROMO_TIME_CLOCK ? promo_clock_now(promo) : 0;
    for (struct submit_request *request = promo->folding; request != NULL; request = request->next) {
        enum status status = take_request(promo, request, clock, error);
        if (status != OK) {
            promo_abandon(promo);
            return status;
        }
    }
    if (promo->batch.count == 0) return OK;
    promo->submitted = true;
    uint64_t before = promo->next;
    for (struct submit_request *request = promo->folding; request != NULL; request = request->next) {
        if (request->outcome != NULL && request->outcome->position > 0) request->outcome->position += before - 1;
    }
    /* The effects of the batch leave now, so its instant must be over, for ever: the log says so. */
    promo_close_batch(promo);
    RETURN_IF_FAILED(promo_commit(promo, error));
    /* The next batch has a later `now`: who leads waits until the clock is there too, unless it was set back. */
    bool waits = promo->options.time == PROMO_TIME_CLOCK && promo_clock_is_own(promo);
    for (int64_t now = 0; waits; waits = now <= promo->last_now && promo->last_now - now < CLOCK_SLACK_MS) {
        if (now > 0) sleep_a_little();
        now = promo_clock_now(promo);
    }
    return promo_destroy_keys(promo, error);
}

/* The leader's work, without the mutex. Every request of the batch shares the fate of the append. */
static void lead(struct promo *promo)
{
    struct error error = ERROR_NONE;
    enum status status = fold_requests(promo, &error);
    for (struct submit_request *request = promo->folding; request != NULL; request = request->next) {
        bool refused = request->outcome != NULL && request->outcome->verdict == PROMO_REFUSED;
        request->status = refused ? OK : status;
        if (status != OK && !refused) request->error = error;
    }
}

static enum status submit(struct promo *promo, struct submit_request *request, struct error *error)
{
    (void)pthread_mutex_lock(&promo->mutex);
    *promo->waiting_end = request;
    promo->waiting_end = &request->next;
    while (!request->done) {
        if (promo->leading) {
            (void)pthread_cond_wait(&promo->changed, &promo->mutex);
            continue;
        }
        promo->leading = true;
        promo->folding = promo->waiting;
        promo->waiting = NULL;
        promo->waiting_end = &promo->waiting;
        (void)pthread_mutex_unlock(&promo->mutex);
        lead(promo);
        (void)pthread_mutex_lock(&promo->mutex);
        for (struct submit_request *done = promo->folding; done != NULL;) {
            struct submit_request *next = done->next; /* Its owner may return as soon as it is done. */
            done->done = true;
            done = next;
        }
        promo->folding = NULL;
        promo->leading = false;
        (void)pthread_cond_broadcast(&promo->changed);
    }
    (void)pthread_mutex_unlock(&promo->mutex);
    if (request->status != OK && error != NULL) *error = request->error;
    return request->status;
}

enum status promo_submit(struct promo *promo, const char *line, size_t size, struct promo_outcome *out,
                         struct error *error)
{
    struct buffer *lines = out->lines;
    memset(out, 0, sizeof *out);
    out->lines = lines;
    struct submit_request request = {.line = line, .size = size, .outcome = out};
    return submit(promo, &request, error);
}

enum status promo_tick(struct promo *promo, struct error *error)
{
    if (promo->options.time != PROMO_TIME_CLOCK) {
        return error_set(error, STATUS_USAGE, "time comes from the records here; submit a tick record instead");
    }
    struct promo_outcome outcome = {.verdict = PROMO_APPLIED};
    struct submit_request request = {.tick = true, .outcome = &outcome};
    return submit(promo, &request, error);
}
