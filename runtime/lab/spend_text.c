/*
 * What a campaign can spend, in words.
 */
#include "runtime/lab/spend_text.h"

#include "runtime/lab/value_text.h"

/* The limit of a budget over a period of time, NULL: it has none for this scope. */
static const struct bundle_limit *period_limit(const struct program *program, uint32_t budget, enum scope scope)
{
    if (budget == PROGRAM_NONE) return NULL;
    const struct bundle_budget *record = &program->budget[budget];
    for (uint32_t i = 0; i < record->limit_count; i++) {
        const struct bundle_limit *limit = &program->limit[record->limit_first + i];
        if (limit->scope == scope && limit->period != LIMIT_EVER) return limit;
    }
    return NULL;
}

static void print_limit(struct buffer *out, const struct program *program, uint32_t currency,
                        const struct bundle_limit *limit)
{
    static const char *const periods[PERIOD_COUNT] = {[LIMIT_DAY] = " a day",
                                                      [LIMIT_WEEK] = " a week",
                                                      [LIMIT_MONTH] = " a month",
                                                      [LIMIT_YEAR] = " a year",
                                                      [LIMIT_RUN] = " a run"};
    value_text_print(out, program, TYPE_MONEY, currency, limit->amount, TEXT(""));
    if (limit->period < PERIOD_COUNT && periods[limit->period] != NULL) buffer_string(out, periods[limit->period]);
}

bool spend_text_has_period(const struct program *program, uint32_t campaign, int64_t amount, enum scope scope)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    const struct bundle_limit *limit = period_limit(program, record->budget, scope);
    if (limit == NULL) limit = period_limit(program, record->pool, scope);
    return limit != NULL && (amount < 0 || limit->amount < amount);
}

void spend_text_print(struct buffer *out, const struct program *program, uint32_t campaign, int64_t amount,
                      enum scope scope, const char *before, const char *nothing)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    const struct bundle_limit *limit = period_limit(program, record->budget, scope);
    if (limit == NULL) limit = period_limit(program, record->pool, scope);
    if (amount < 0 && limit == NULL) {
        buffer_string(out, nothing);
        return;
    }
    buffer_string(out, before);
    if (amount < 0) {
        print_limit(out, program, record->currency, limit);
        return;
    }
    value_text_print(out, program, TYPE_MONEY, record->currency, amount, TEXT(""));
    if (limit != NULL && limit->amount < amount) {
        buffer_string(out, " (");
        print_limit(out, program, record->currency, limit);
        buffer_string(out, ")");
    }
}
