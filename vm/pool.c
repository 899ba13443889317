/*
 * What the records of pools must hold. Contract: pool.h.
 */
#include "vm/pool.h"

#include "vm/civil.h"
#include "vm/layout.h"
#include "vm/limits.h"

#define REFUSE(name, index, ...) layout_refuse(error, #name, index, __VA_ARGS__)

struct code_reading pool_reading(const struct bundle_pool *pool)
{
    return (struct code_reading){pool->ignore_case != 0, pool->ignore_spaces != 0, pool->ignore_dashes != 0};
}

bool pool_word(const struct program *program, const struct bundle_pool *pool, struct code_word *out)
{
    return code_word_make(out, program_text(program, pool->pattern), program_text(program, pool->alphabet),
                          pool_reading(pool)) == CODE_WORD_FINE;
}

uint32_t pool_find(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->pool_count; i++) {
        if (text_equal(program_text(program, program->pool[i].name), name)) return i;
    }
    return PROGRAM_NONE;
}

int64_t pool_periods(const struct bundle_pool *pool, uint32_t period)
{
    if (period == LIMIT_EVER) return 1;
    if (pool->valid_from == INT64_MIN || pool->valid_through == INT64_MAX) return INT64_MAX;
    if (pool->valid_from > pool->valid_through) return 0;
    struct civil_date from = civil_date_parts(pool->valid_from), through = civil_date_parts(pool->valid_through);
    switch ((enum limit_period)period) {
    case LIMIT_DAY: return pool->valid_through - pool->valid_from + 1;
    case LIMIT_WEEK: {
        int64_t monday = pool->valid_from - (int64_t)civil_weekday(pool->valid_from);
        return (pool->valid_through - monday) / 7 + 1;
    }
    case LIMIT_MONTH:
        return ((int64_t)through.year - from.year) * 12 + (int64_t)through.month - (int64_t)from.month + 1;
    case LIMIT_YEAR: return (int64_t)through.year - from.year + 1;
    default: return INT64_MAX;
    }
}

/* So many in each of those periods; INT64_MAX: without limit. */
static int64_t times_of(const struct bundle_pool *pool, uint32_t count, uint32_t period)
{
    int64_t periods = pool_periods(pool, period), times;
    if (count == 0 || periods == INT64_MAX) return INT64_MAX;
    return __builtin_mul_overflow((int64_t)count, periods, &times) ? INT64_MAX : times;
}

int64_t pool_redemptions(const struct program *program, const struct bundle_pool *pool)
{
    int64_t each = times_of(pool, pool->code_count, pool->code_period), most = INT64_MAX;
    if (each != INT64_MAX && __builtin_mul_overflow(pool->codes, each, &most)) most = INT64_MAX;
    int64_t total = times_of(pool, pool->total_count, pool->total_period);
    if (total < most) most = total;
    int64_t sum = 0;
    for (uint32_t i = 0; i < pool->quota_count; i++) sum += program->quota[pool->quota_first + i].amount;
    return pool->quota_count > 0 && sum < most ? sum : most;
}

int64_t pool_redemptions_of_player(const struct bundle_pool *pool)
{
    return times_of(pool, pool->player_count, pool->player_period);
}

/* ---------------------------------------------------------------- checks */

static bool is_day_or(int64_t date, int64_t open)
{
    return date == open || (date >= CIVIL_DATE_MIN && date <= CIVIL_DATE_MAX);
}

static bool is_span(int64_t ms)
{
    return ms >= 0 && ms <= CIVIL_INSTANT_MAX - CIVIL_INSTANT_MIN;
}

static bool is_calendar(int64_t packed)
{
    return calendar_months(packed) >= 0 && calendar_days(packed) >= 0 && calendar_ms(packed) >= 0;
}

static const char *codes_fault(const struct program *program, const struct bundle_pool *pool)
{
    struct code_word word;
    if (pool->codes < 1 || (uint64_t)pool->codes > CODE_WORD_SPACE_MOST) return "it has no code, or too many";
    if (pool->kind == POOL_MADE && !pool_word(program, pool, &word)) return "no codes can be made of its pattern";
    if (pool->kind == POOL_MADE && (uint64_t)pool->codes > word.space)
        return "it makes more codes than fit its pattern";
    if (pool->kind == POOL_UPLOADED && pool->codes > LIMIT_CODES_UPLOADED) return "it takes too many codes";
    if (pool->kind != POOL_FIXED) return NULL;
    if (code_word_judge(program_text(program, pool->pattern), pool_reading(pool)) != CODE_WORD_FINE)
        return "its code is none";
    return pool->codes == 1 ? NULL : "a fixed code is one code";
}

static const char *times_fault(const struct bundle_pool *pool)
{
    if (!is_day_or(pool->valid_from, INT64_MIN) || !is_day_or(pool->valid_through, INT64_MAX))
        return "its first or last day lies outside the calendar";
    if (pool->given_kind > WINDOW_CALENDAR || (pool->given_kind == WINDOW_EXACT && !is_span(pool->given_for)) ||
        (pool->given_kind == WINDOW_CALENDAR && !is_calendar(pool->given_for)))
        return "how long a given code is valid is no duration";
    if (pool->hold_ms < 1 || !is_span(pool->hold_ms)) return "a reservation lasts for no time at all";
    if (!is_span(pool->lock_ms) || !is_span(pool->lock_within_ms) || pool->lock_tries > LIMIT_CODE_TRIES ||
        (pool->lock_tries > 0 && (pool->lock_ms < 1 || pool->lock_within_ms < 1)))
        return "its lock is none";
    if (pool->code_period != LIMIT_EVER && pool->code_period != LIMIT_DAY)
        return "a code is counted by the day or for good";
    if (pool->player_period == LIMIT_RUN || pool->total_period == LIMIT_RUN)
        return "redemptions are counted by the day, week, month or year, or for good";
    return NULL;
}

static const char *quotas_fault(const struct program *program, const struct bundle_pool *pool)
{
    int64_t sum = 0;
    if (pool->quota_count > LIMIT_CODE_QUOTAS) return "it has too many quotas";
    for (uint32_t i = 0; i < pool->quota_count; i++) {
        const struct bundle_quota *quota = &program->quota[pool->quota_first + i];
        if (quota->amount < 0 || __builtin_add_overflow(sum, quota->amount, &sum))
            return "a quota is below zero, or all together are too many";
        if (quota->filter == PROGRAM_NONE && i + 1 < pool->quota_count) return "everyone else does not come last";
    }
    if (pool->given == PROGRAM_NONE) return NULL;
    const struct bundle_event *event = &program->event[pool->given];
    return event->made_by_engine && event->about == ABOUT_CODES
               ? NULL
               : "what tells of a given code is no event of the engine";
}

enum status pool_check(const struct program *program, struct error *error)
{
    if (program->pool_count > LIMIT_POOLS) return REFUSE(pool, LIMIT_POOLS, "there are more than 256 pools");
    for (uint32_t i = 0; i < program->pool_count; i++) {
        const struct bundle_pool *pool = &program->pool[i];
        const char *fault = codes_fault(program, pool);
        if (fault == NULL) fault = times_fault(pool);
        if (fault == NULL) fault = quotas_fault(program, pool);
        if (fault != NULL) return REFUSE(pool, i, "%s", fault);
        if (pool_find(program, program_text(program, pool->name)) != i)
            return REFUSE(pool, i, "another pool has its name");
    }
    return OK;
}
