/*
 * What a campaign can spend, in words.
 */
#include "runtime/lab/spend_text.h"

#include "runtime/lab/value_text.h"

static const struct bundle_tournament *tournament_of(const struct program *program, uint32_t campaign)
{
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        if (program->tournament[i].campaign == campaign) return &program->tournament[i];
    }
    return NULL;
}

/* What one instance of a tournament that is held again and again can cost, where nothing else is said; -1: it is none, or unbounded. */
static int64_t instance_of(const struct program *program, uint32_t campaign, enum scope scope)
{
    const struct bundle_tournament *tournament = tournament_of(program, campaign);
    if (tournament == NULL || tournament->start == PROGRAM_NONE) return -1;
    const struct bundle_bound *bound = &program->bound[campaign];
    return scope == SCOPE_PLAYER ? bound->spend_journey : bound->spend_run;
}

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

static void print_limit(struct buffer *out, const struct program *program, uint32_t campaign,
                        const struct bundle_limit *limit)
{
    const uint32_t currency = program->campaign[campaign].currency;
    static const char *const periods[PERIOD_COUNT] = {[LIMIT_DAY] = " a day",
                                                      [LIMIT_WEEK] = " a week",
                                                      [LIMIT_MONTH] = " a month",
                                                      [LIMIT_YEAR] = " a year",
                                                      [LIMIT_RUN] = " a run"};
    value_text_print(out, program, TYPE_MONEY, currency, limit->amount, TEXT(""));
    if (limit->period == LIMIT_RUN && tournament_of(program, campaign) != NULL) {
        buffer_string(out, " an instance");
    } else if (limit->period < PERIOD_COUNT && periods[limit->period] != NULL) {
        buffer_string(out, periods[limit->period]);
    }
}

bool spend_text_has_period(const struct program *program, uint32_t campaign, int64_t amount, enum scope scope)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    const struct bundle_limit *limit = period_limit(program, record->budget, scope);
    if (limit == NULL) limit = period_limit(program, record->pool, scope);
    if (limit == NULL) return amount < 0 && instance_of(program, campaign, scope) > 0;
    return amount < 0 || limit->amount < amount;
}

void spend_text_print(struct buffer *out, const struct program *program, uint32_t campaign, int64_t amount,
                      enum scope scope, const char *before, const char *nothing)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    const struct bundle_limit *limit = period_limit(program, record->budget, scope);
    if (limit == NULL) limit = period_limit(program, record->pool, scope);
    const int64_t instance = instance_of(program, campaign, scope);
    if (amount < 0 && limit == NULL && instance <= 0) {
        buffer_string(out, nothing);
        return;
    }
    buffer_string(out, before);
    if (amount < 0 && limit == NULL) {
        value_text_print(out, program, TYPE_MONEY, record->currency, instance, TEXT(""));
        buffer_string(out, " an instance");
        return;
    }
    if (amount < 0) {
        print_limit(out, program, campaign, limit);
        return;
    }
    value_text_print(out, program, TYPE_MONEY, record->currency, amount, TEXT(""));
    if (limit != NULL && limit->amount < amount) {
        buffer_string(out, " (");
        print_limit(out, program, campaign, limit);
        buffer_string(out, ")");
    }
}

/* ------------------------------------------------------------------ what bounds it */

static const struct words {
    const char *word;
    const char *reason;
} words[BOUND_BY_COUNT] = {
    [BOUND_NOTHING] = {"none", ""},
    [BOUND_NO_SPEND] = {"nothing", "no reward costs money"},
    [BOUND_ENTRIES] = {"entries", "a player enters only so often (`enter`)"},
    [BOUND_GRANTS] = {"grants", "each offer is granted to a player only so often (`grant`)"},
    [BOUND_REDEMPTIONS] = {"codes", "codes are redeemed only so often"},
    [BOUND_ENTRANTS] = {"entrants", "only so many players enter"},
    [BOUND_PRIZES] = {"prizes", "the prizes of an instance"},
    [BOUND_PLAYER_BUDGET] = {"player_budget", "`per player` of the budget"},
    [BOUND_OFFER_BUDGETS] = {"offer_budgets", "`per offer` of the budget, for each offer"},
    [BOUND_TOTAL_BUDGET] = {"total_budget", "`total` of the budget"},
    [BOUND_SHARED_BUDGET] = {"shared_budget", "`total` of the shared budget"},
    [BOUND_RUN_BUDGET] = {"run_budget", "`per run` of the budget"},
};

const char *spend_text_word(enum bound_by by)
{
    return words[by].word;
}

static void print_bound(struct buffer *out, const struct program *program, uint32_t campaign, const char *of,
                        int64_t amount, enum bound_by by)
{
    buffer_print(out, "  %-11s  at most ", of);
    value_text_print(out, program, TYPE_MONEY, program->campaign[campaign].currency, amount, TEXT(""));
    const struct bundle_campaign *record = &program->campaign[campaign];
    const bool ever =
        record->enter == ENTER_ONCE || (record->enter == ENTER_WINDOW && record->enter_window_kind == WINDOW_NONE);
    const bool by_runs = by == BOUND_ENTRIES && !ever;
    if (by_runs) {
        buffer_string(out, ": a player enters only so often (`enter`) on the days of `runs`");
    } else if (words[by].reason[0] != 0) {
        buffer_print(out, ": %s", words[by].reason);
    }
}

/* Behind a bound for good: what a period allows, where that is less. */
static void print_period(struct buffer *out, const struct program *program, uint32_t campaign, int64_t amount,
                         enum scope scope)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    const struct bundle_limit *limit = period_limit(program, record->budget, scope);
    if (limit == NULL) limit = period_limit(program, record->pool, scope);
    if (limit == NULL || limit->amount >= amount) return;
    buffer_string(out, "; ");
    print_limit(out, program, campaign, limit);
}

static void print_unbounded(struct buffer *out, const struct program *program, uint32_t campaign, const char *of,
                            enum scope scope)
{
    const struct bundle_campaign *record = &program->campaign[campaign];
    const struct bundle_limit *limit = period_limit(program, record->budget, scope);
    if (limit == NULL) limit = period_limit(program, record->pool, scope);
    buffer_print(out, "  %-11s  ", of);
    if (limit != NULL) {
        buffer_string(out, "at most ");
        print_limit(out, program, campaign, limit);
        buffer_string(out, ", and unbounded over time because ");
    } else {
        buffer_string(out, "unbounded because ");
    }
    if (scope == SCOPE_TOTAL) {
        buffer_string(out, limit != NULL ? "each period begins anew" : "the budget has no `total`");
        buffer_string(out, record->enter_limit != PROGRAM_NONE ? ", and those who entered may enter again and again"
                                                               : ", and neither players nor codes are limited");
        return;
    }
    if (program->bound[campaign].spend_journey < 0) {
        buffer_string(out, "a reward has no largest amount (`at most`)");
    } else {
        buffer_string(out, "a player may enter again and again");
    }
    buffer_string(out, limit != NULL ? ", and each period begins anew" : ", and no budget says `per player`");
}

/* A tournament whose instances follow one another: each is bounded, all of them are not. */
static void print_instances(struct buffer *out, const struct program *program, uint32_t campaign, const char *of,
                            int64_t amount)
{
    buffer_print(out, "  %-11s  at most ", of);
    value_text_print(out, program, TYPE_MONEY, program->campaign[campaign].currency, amount, TEXT(""));
    buffer_string(out, " an instance, and unbounded over time because instances follow one another");
}

void spend_text_explain(struct buffer *out, const struct program *program, uint32_t campaign)
{
    const struct bundle_bound *bound = &program->bound[campaign];
    const struct bundle_tournament *tournament = tournament_of(program, campaign);
    bool again = tournament != NULL && tournament->start != PROGRAM_NONE;
    if (bound->spend_journey == 0) {
        buffer_string(out, "  nothing that it credits costs money\n");
        return;
    }
    if (bound->spend_journey > 0) {
        print_bound(out, program, campaign, "a journey", bound->spend_journey, BOUND_NOTHING);
    } else {
        buffer_string(out, "  a journey    unbounded because a reward has no largest amount (`at most`)");
    }
    buffer_u8(out, '\n');
    if (bound->spend_player >= 0) {
        print_bound(out, program, campaign, "a player", bound->spend_player, (enum bound_by)bound->player_by);
        print_period(out, program, campaign, bound->spend_player, SCOPE_PLAYER);
    } else if (again && bound->spend_journey > 0) {
        print_instances(out, program, campaign, "a player", bound->spend_journey);
    } else {
        print_unbounded(out, program, campaign, "a player", SCOPE_PLAYER);
    }
    buffer_u8(out, '\n');
    if (bound->spend_run >= 0) {
        print_bound(out, program, campaign, tournament != NULL ? "an instance" : "a run", bound->spend_run,
                    (enum bound_by)bound->run_by);
        buffer_u8(out, '\n');
    }
    if (bound->spend_campaign >= 0) {
        print_bound(out, program, campaign, "in all", bound->spend_campaign, (enum bound_by)bound->campaign_by);
        print_period(out, program, campaign, bound->spend_campaign, SCOPE_TOTAL);
    } else if (again && bound->spend_run >= 0) {
        print_instances(out, program, campaign, "in all", bound->spend_run);
    } else {
        print_unbounded(out, program, campaign, "in all", SCOPE_TOTAL);
    }
    buffer_u8(out, '\n');
}
