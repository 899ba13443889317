/*
 * Prints engine_summary() for people and for programs.
 */
#include "runtime/lab/summary.h"

#include "runtime/engine/effect_json.h"

#include "runtime/lab/spend_text.h"
#include "runtime/lab/value_text.h"
#include "vm/decimal.h"

enum { BAR_CELLS = 20, FIGURES_SHOWN = 8 };

struct printing {
    struct buffer *out;
    const struct program *program;
    struct summary_style style;
    bool first;
};

static void print_money(struct printing *printing, uint32_t campaign, int64_t amount)
{
    value_text_print(printing->out, printing->program, TYPE_MONEY, printing->program->campaign[campaign].currency,
                     amount, TEXT(""));
}

static void print_number(struct buffer *out, uint64_t number)
{
    decimal_print(out, (int64_t)number, 0, DECIMAL_GROUPS);
}

static void print_label(struct buffer *out, const char *label)
{
    buffer_print(out, "  %-10s", label);
}

static void print_figures(struct printing *printing, uint32_t campaign, const char *label,
                          const struct engine_figure *figures, uint32_t count, bool money)
{
    if (count == 0) {
        return;
    }
    struct buffer *out = printing->out;
    print_label(out, label);
    for (uint32_t i = 0; i < count && i < FIGURES_SHOWN; i++) {
        buffer_string(out, i == 0 ? "" : "   ");
        buffer_text(out, figures[i].name);
        if (figures[i].detail.size > 0) {
            buffer_print(out, " (%.*s)", TEXT_ARGS(figures[i].detail));
        }
        buffer_string(out, " ");
        print_number(out, figures[i].count);
        if (money) {
            buffer_string(out, " for ");
            print_money(printing, campaign, figures[i].amount);
        }
    }
    if (count > FIGURES_SHOWN) {
        buffer_print(out, "   and %u more kinds", count - FIGURES_SHOWN);
    }
    buffer_string(out, "\n");
}

static void print_bar(struct printing *printing, int64_t used, int64_t cap)
{
    const unsigned filled = cap <= 0 ? 0 : (unsigned)((uint64_t)used * BAR_CELLS / (uint64_t)cap);
    if (printing->style.colour) {
        buffer_string(printing->out, used >= cap ? "\033[31m" : "\033[32m");
    }
    for (unsigned i = 0; i < BAR_CELLS; i++) {
        buffer_string(printing->out, i < filled ? "█" : "░");
    }
    if (printing->style.colour) {
        buffer_string(printing->out, "\033[0m");
    }
}

static void print_share(struct buffer *out, uint64_t part, uint64_t whole)
{
    if (whole > 0) {
        const uint64_t tenths = part * 1000 / whole;
        buffer_print(out, " (%llu.%llu%%)", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
    }
}

/* What a person ordered: the line of the budget tells a suspension already, where there is one. */
static void print_state(struct printing *printing, const struct engine_campaign_summary *summary)
{
    const char *words = summary->stopped == REASON_KILLED               ? "killed by a person: nobody enters"
                        : summary->stopped == REASON_ENDED              ? "ended by a person: nobody enters"
                        : summary->suspended && summary->budget_cap < 0 ? "suspended: nobody enters"
                                                                        : NULL;
    if (words != NULL) {
        print_label(printing->out, "state");
        buffer_print(printing->out, "%s\n", words);
    }
}

static void print_budget(struct printing *printing, const struct engine_campaign_summary *summary)
{
    if (summary->budget_cap < 0) {
        return;
    }
    struct buffer *out = printing->out;
    const int64_t used = summary->budget_reserved + summary->budget_spent;
    print_label(out, "budget");
    print_money(printing, summary->campaign, used);
    buffer_string(out, " of ");
    print_money(printing, summary->campaign, summary->budget_cap);
    buffer_string(out, "  ");
    print_bar(printing, used, summary->budget_cap);
    print_share(out, (uint64_t)used, (uint64_t)summary->budget_cap);
    if (summary->suspended) {
        buffer_string(out, "  suspended");
    }
    buffer_string(out, "\n");
}

static void print_bounds(struct printing *printing, const struct engine_campaign_summary *summary)
{
    if (summary->credits_count == 0 && summary->budget_cap < 0) {
        return;
    }
    const struct bundle_bound *bound = &printing->program->bound[summary->campaign];
    struct buffer *out = printing->out;
    const int64_t spent = summary->budget_reserved + summary->budget_spent; /* what the wallet refused is given back */
    print_label(out, "proven");
    spend_text_print(out, printing->program, summary->campaign, bound->spend_player, SCOPE_PLAYER, "at most ",
                     "no bound");
    buffer_string(out, " on a player; the largest was ");
    print_money(printing, summary->campaign, summary->largest_player_spend);
    if (spend_text_has_period(printing->program, summary->campaign, bound->spend_player, SCOPE_PLAYER)) {
        buffer_string(out, " over all time");
    }
    spend_text_print(out, printing->program, summary->campaign, bound->spend_campaign, SCOPE_TOTAL, ". At most ",
                     ". No bound");
    buffer_string(out, " in all; it was ");
    print_money(printing, summary->campaign, spent);
    if (spend_text_has_period(printing->program, summary->campaign, bound->spend_campaign, SCOPE_TOTAL)) {
        buffer_string(out, " over all time");
    }
    buffer_string(out, "\n");
}

/* A line a split, its arms one after another. */
static void print_splits(struct printing *printing, const struct engine_campaign_summary *summary)
{
    struct buffer *out = printing->out;
    const bool has_goal = printing->program->campaign[summary->campaign].goal_event != PROGRAM_NONE;
    for (uint32_t i = 0; i < summary->arms_count; i++) {
        const struct engine_figure *arm = &summary->arms[i];
        const bool first = i == 0 || !text_equal(arm->name, arm[-1].name);
        if (first) {
            print_label(out, "split");
            buffer_print(out, "\"%.*s\"  ", TEXT_ARGS(arm->name));
        } else {
            buffer_string(out, "   ");
        }
        buffer_print(out, "%.*s ", TEXT_ARGS(arm->detail));
        print_number(out, arm->count);
        if (has_goal || arm->amount > 0) {
            buffer_string(out, ", ");
            print_number(out, (uint64_t)arm->amount);
            buffer_string(out, first ? " reached the goal" : "");
            print_share(out, (uint64_t)arm->amount, arm->count);
        }
        if (i + 1 == summary->arms_count || !text_equal(arm->name, arm[1].name)) {
            buffer_string(out, "\n");
        }
    }
}

static void print_text(struct printing *printing, const struct engine_campaign_summary *summary)
{
    struct buffer *out = printing->out;
    buffer_print(out, "%s%s%.*s%s\n", printing->first ? "" : "\n", printing->style.colour ? "\033[1m" : "",
                 TEXT_ARGS(summary->name), printing->style.colour ? "\033[0m" : "");
    print_label(out, "entered");
    print_number(out, summary->entered);
    buffer_string(out, "   waiting ");
    print_number(out, summary->waiting);
    if (printing->program->campaign[summary->campaign].goal_event != PROGRAM_NONE) {
        buffer_string(out, "   reached the goal ");
        print_number(out, summary->converted);
        print_share(out, summary->converted, summary->entered);
    }
    buffer_string(out, "\n");
    if (summary->runs > 0 || summary->runs_missed > 0) {
        print_label(out, "runs");
        print_number(out, summary->runs);
        if (summary->runs_missed > 0) {
            buffer_string(out, "   missed ");
            print_number(out, summary->runs_missed);
        }
        buffer_string(out, "\n");
    }
    print_splits(printing, summary);
    print_figures(printing, summary->campaign, "finished", summary->finished, summary->finished_count, false);
    print_figures(printing, summary->campaign, "messages", summary->messages, summary->messages_count, false);
    print_figures(printing, summary->campaign, "credits", summary->credits, summary->credits_count, true);
    print_state(printing, summary);
    print_budget(printing, summary);
    print_figures(printing, summary->campaign, "refused", summary->refusals, summary->refusals_count, false);
    print_bounds(printing, summary);
}

static void print_json_figures(struct printing *printing, const char *name, const struct engine_figure *figures,
                               uint32_t count, bool money)
{
    struct buffer *out = printing->out;
    buffer_print(out, ",\"%s\":[", name);
    for (uint32_t i = 0; i < count; i++) {
        buffer_string(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        buffer_json_text(out, figures[i].name);
        if (figures[i].detail.size > 0) {
            buffer_string(out, ",\"detail\":");
            buffer_json_text(out, figures[i].detail);
        }
        buffer_print(out, ",\"count\":%llu", (unsigned long long)figures[i].count);
        if (money) {
            buffer_print(out, ",\"minor_units\":%lld", (long long)figures[i].amount);
        }
        buffer_string(out, "}");
    }
    buffer_string(out, "]");
}

static void print_json_splits(struct printing *printing, const struct engine_campaign_summary *summary)
{
    struct buffer *out = printing->out;
    buffer_string(out, ",\"splits\":[");
    for (uint32_t i = 0; i < summary->arms_count; i++) {
        buffer_string(out, i == 0 ? "{\"split\":" : ",{\"split\":");
        buffer_json_text(out, summary->arms[i].name);
        buffer_string(out, ",\"arm\":");
        buffer_json_text(out, summary->arms[i].detail);
        buffer_print(out, ",\"exposed\":%llu,\"converted\":%lld}", (unsigned long long)summary->arms[i].count,
                     (long long)summary->arms[i].amount);
    }
    buffer_string(out, "]");
}

static void print_json(struct printing *printing, const struct engine_campaign_summary *summary)
{
    struct buffer *out = printing->out;
    const struct program *program = printing->program;
    const struct bundle_bound *bound = &program->bound[summary->campaign];
    buffer_string(out, printing->first ? "{\"campaign\":" : ",{\"campaign\":");
    buffer_json_text(out, summary->name);
    buffer_string(out, ",\"currency\":");
    buffer_json_text(out, program_text(program, program->currency[program->campaign[summary->campaign].currency].code));
    buffer_print(out, ",\"started\":%llu,\"entered\":%llu,\"waiting\":%llu,\"converted\":%llu,\"suspended\":%s",
                 (unsigned long long)summary->started, (unsigned long long)summary->entered,
                 (unsigned long long)summary->waiting, (unsigned long long)summary->converted,
                 summary->suspended ? "true" : "false");
    if (summary->stopped != REASON_NONE) {
        buffer_print(out, ",\"stopped\":\"%s\"", effect_json_reason(summary->stopped));
    }
    if (printing->program->campaign[summary->campaign].start_kind == START_SCHEDULE) {
        buffer_print(out, ",\"runs\":%llu,\"runs_missed\":%llu", (unsigned long long)summary->runs,
                     (unsigned long long)summary->runs_missed);
    }
    print_json_splits(printing, summary);
    print_json_figures(printing, "finished", summary->finished, summary->finished_count, false);
    print_json_figures(printing, "messages", summary->messages, summary->messages_count, false);
    print_json_figures(printing, "credits", summary->credits, summary->credits_count, true);
    print_json_figures(printing, "refused", summary->refusals, summary->refusals_count, false);
    buffer_print(out,
                 ",\"budget\":{\"cap\":%lld,\"reserved\":%lld,\"spent\":%lld},\"largest_player_spend\":%lld,"
                 "\"proven\":{\"journey\":%lld,\"player\":%lld,\"campaign\":%lld}}",
                 (long long)summary->budget_cap, (long long)summary->budget_reserved, (long long)summary->budget_spent,
                 (long long)summary->largest_player_spend, (long long)bound->spend_journey,
                 (long long)bound->spend_player, (long long)bound->spend_campaign);
}

/* Shared budgets stand below the campaigns that draw from them. */
static void print_pools(struct printing *printing, struct engine *engine)
{
    struct buffer *out = printing->out;
    for (uint32_t i = 0; i < printing->program->budget_count; i++) {
        const struct bundle_budget *budget = &printing->program->budget[i];
        struct engine_budget books;
        if (budget->campaign != PROGRAM_NONE || !engine_budget(engine, i, &books) || books.cap < 0) {
            continue;
        }
        const int64_t used = books.reserved + books.spent;
        buffer_print(out, "\n%sShared budget \"%.*s\"%s\n", printing->style.colour ? "\033[1m" : "",
                     TEXT_ARGS(program_text(printing->program, budget->name)), printing->style.colour ? "\033[0m" : "");
        print_label(out, "used");
        value_text_print(out, printing->program, TYPE_MONEY, budget->currency, used, TEXT(""));
        buffer_string(out, " of ");
        value_text_print(out, printing->program, TYPE_MONEY, budget->currency, books.cap, TEXT(""));
        buffer_string(out, "  ");
        print_bar(printing, used, books.cap);
        print_share(out, (uint64_t)used, (uint64_t)books.cap);
        buffer_string(out, "\n");
    }
}

static void on_campaign(void *context, const struct engine_campaign_summary *summary)
{
    struct printing *printing = context;
    if (printing->style.json) {
        print_json(printing, summary);
    } else {
        print_text(printing, summary);
    }
    printing->first = false;
}

void summary_print(struct buffer *out, struct engine *engine, struct summary_style style)
{
    struct printing printing = {.out = out, .program = engine_program(engine), .style = style, .first = true};
    if (style.json) {
        buffer_string(out, "[");
    }
    if (printing.program != NULL) {
        if (!engine_summary(engine, on_campaign, &printing)) out->failed = true;
        if (!style.json) {
            print_pools(&printing, engine);
        }
    }
    if (style.json) {
        buffer_string(out, "]");
    }
}
