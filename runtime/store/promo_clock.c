/*
 * Time as the service takes it from its clock. Contract: runtime/store/promo_parts.h; the rules: spec/runtime.md#the-clock.
 *
 *                      good ◄────────────── within the limit again, or accepted ─┐
 *   reading ─► compare with (last good reading + what the steady clock says) ────┤
 *                      stands: the wall clock has not moved for a while          │ time goes on by the steady clock
 *                      ahead:  it jumped further than the limit                  ┘
 *                      back:   told, and time stands until the clock is there again
 */
#include "runtime/store/promo_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/store/audit.h"
#include "vm/civil.h"

enum { STANDS_MS = 10000, BACK_MS = 1000, JUMP_TOLD_MS = 60000 };

static int64_t read_clock(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int64_t wall_of(const struct promo *promo)
{
    const struct promo_clock *clock = &promo->options.clock;
    return clock->wall != NULL ? clock->wall(clock->context) : read_clock(CLOCK_REALTIME);
}

/* One that also counts while the machine sleeps. */
static int64_t steady_of(const struct promo *promo)
{
    const struct promo_clock *clock = &promo->options.clock;
    return clock->steady != NULL ? clock->steady(clock->context) : read_clock(CLOCK_BOOTTIME);
}

static void begin_again(struct clock_state *state, int64_t wall, int64_t steady)
{
    state->wall = wall;
    state->steady = steady;
}

static void tell_ahead(struct promo *promo, int64_t wall, int64_t expected, const char *how)
{
    char shown[CIVIL_INSTANT_SIZE], kept[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(shown, wall);
    (void)civil_format_instant(kept, expected);
    promo_tell(promo, PROMO_ALARM_CLOCK_AHEAD,
               "the clock shows %s, %s of %s; until a person accepts it (promo clock accept) time goes on from there",
               shown, how, kept);
}

/* The first reading: a log that ends long ago may mean a clock that is wrong. */
static void begin(struct promo *promo, struct clock_state *state, int64_t wall, int64_t steady)
{
    int64_t gap = promo->options.clock_gap_ms == 0 ? 400 * CIVIL_DAY_MS : promo->options.clock_gap_ms;
    state->begun = true;
    state->last_wall = wall;
    state->moved_at = steady;
    begin_again(state, wall, steady);
    if (gap < 0 || !promo->any_stamped || wall - promo->stamped_now <= gap) return;
    bool accepted = state->accepted > promo->stamped_now && llabs(wall - state->accepted) <= CIVIL_DAY_MS;
    if (accepted) return;
    begin_again(state, promo->stamped_now, steady);
    state->trouble = CLOCK_AHEAD;
    tell_ahead(promo, wall, promo->stamped_now, "long after the log's last instant");
}

static int64_t judge(struct promo *promo, struct clock_state *state, int64_t wall, int64_t steady)
{
    int64_t limit = promo->options.clock_jump_ms == 0 ? CIVIL_DAY_MS : promo->options.clock_jump_ms;
    int64_t expected = state->wall + (steady - state->steady);
    int64_t ahead = wall - expected;
    char shown[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(shown, wall);
    bool moved = wall != state->last_wall;
    if (moved) {
        state->last_wall = wall;
        state->moved_at = steady;
    }
    if (steady - state->moved_at >= STANDS_MS) {
        if (state->trouble != CLOCK_STANDS)
            promo_tell(promo, PROMO_ALARM_CLOCK_STANDS,
                       "the clock stands still at %s; time goes on by the machine's steady clock", shown);
        state->trouble = CLOCK_STANDS;
        return expected;
    }
    if (limit >= 0 && ahead > limit) {
        if (state->trouble != CLOCK_AHEAD) tell_ahead(promo, wall, expected, "far ahead");
        state->trouble = CLOCK_AHEAD;
        return expected;
    }
    if (!moved && ahead < 0) return wall; /* Coarse, or about to be found standing. */
    if (ahead < -BACK_MS) {
        promo_tell(promo, PROMO_ALARM_CLOCK_BACK,
                   "the clock was set back by %lld seconds, to %s; time never goes back, so it stands until the clock "
                   "is there again",
                   (long long)(-ahead / 1000), shown);
        state->trouble = CLOCK_GOOD;
    } else if (state->trouble != CLOCK_GOOD) {
        promo_tell(promo, PROMO_ALARM_CLOCK_GOOD, "the clock is right again: %s", shown);
        state->trouble = CLOCK_GOOD;
    } else if (ahead > JUMP_TOLD_MS) {
        promo_tell(promo, PROMO_ALARM_CLOCK_JUMPED, "the clock was set ahead by %lld seconds, to %s; it was taken",
                   (long long)(ahead / 1000), shown);
    }
    begin_again(state, wall, steady);
    return wall;
}

int64_t promo_clock_now(struct promo *promo)
{
    struct clock_state *state = &promo->clock;
    (void)pthread_mutex_lock(&state->mutex);
    int64_t wall = wall_of(promo), steady = steady_of(promo);
    if (!state->begun) begin(promo, state, wall, steady);
    int64_t now = judge(promo, state, wall, steady);
    (void)pthread_mutex_unlock(&state->mutex);
    return now;
}

/* Whoever gives a clock of his own moves it himself: waiting for it would last for ever. */
bool promo_clock_is_own(const struct promo *promo)
{
    return promo->options.clock.wall == NULL;
}

enum status promo_clock_load(struct promo *promo, struct error *error)
{
    struct buffer word = BUFFER_EMPTY;
    enum status status = promo->store.get_meta(promo->store.self, PROMO_CLOCK_WORD, &word, error);
    buffer_u8(&word, 0);
    if (status == OK && buffer_ok(&word)) promo->clock.accepted = strtoll((const char *)word.bytes, NULL, 10);
    buffer_deinit(&word);
    return status == STATUS_NOT_FOUND ? OK : status;
}

enum status promo_clock_write(struct store *store, const char *by, int64_t wall, struct error *error)
{
    char shown[CIVIL_INSTANT_SIZE], word[32];
    (void)civil_format_instant(shown, wall);
    int size = snprintf(word, sizeof word, "%lld", (long long)wall);
    INVARIANT(size > 0);
    const struct audit_entry entry = {
        .at = wall, .who = text_of(by), .action = TEXT("accept_clock"), .subject = text_of(shown)};
    RETURN_IF_FAILED(audit_append(store, &entry, error));
    return store->set_meta(store->self, PROMO_CLOCK_WORD, text_make(word, (size_t)size), error);
}

enum status promo_clock_accept(struct promo *promo, const char *by, struct error *error)
{
    if (by == NULL || strlen(by) < 1 || strlen(by) > 64)
        return error_set(error, STATUS_USAGE, "say who accepts the clock, in 1 to 64 bytes");
    promo_lead(promo);
    int64_t wall = wall_of(promo);
    enum status status = promo_usable(promo, error);
    if (status == OK && promo->stored) status = promo_clock_write(&promo->store, by, wall, error);
    if (status == OK) {
        (void)pthread_mutex_lock(&promo->clock.mutex);
        promo->clock.begun = true;
        promo->clock.trouble = CLOCK_GOOD;
        promo->clock.last_wall = wall;
        promo->clock.moved_at = steady_of(promo);
        begin_again(&promo->clock, wall, promo->clock.moved_at);
        (void)pthread_mutex_unlock(&promo->clock.mutex);
    }
    promo_lead_end(promo);
    return status;
}
