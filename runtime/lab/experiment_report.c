/*
 * Tables and sentences of experiments. Contract: experiment_report.h.
 */
#include "runtime/lab/experiment_report.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/lab/statistics.h"
#include "vm/decimal.h"
#include "vm/memory.h"

#define ALARM    0.001 /* Sizes that come by chance in less than one of 1,000 experiments. */
#define TAILS    0.05  /* Of intervals and, over all comparisons, of decisions. */
#define POWER    0.4   /* Both tails of the z of 80% power. */
#define EXPECTED 5.0   /* A chi-square needs so many in each field. */

/* ------------------------------------------------------------------ cells */

static struct text keep(struct experiment_cells *cells, struct text text)
{
    char *copy = memory_alloc((size_t)text.size + 1);
    if (copy == NULL) {
        cells->failed = true;
        return (struct text){NULL, 0};
    }
    if (text.size > 0) memcpy(copy, text.at, text.size);
    return text_make(copy, text.size);
}

static void release(struct text text)
{
    memory_release((void *)(uintptr_t)text.at);
}

void experiment_cells_add(void *context, const struct engine_cell *cell)
{
    struct experiment_cells *cells = context;
    if (cells->failed) return;
    if (cells->count == cells->capacity) {
        uint32_t capacity = cells->capacity == 0 ? 16 : cells->capacity * 2;
        struct engine_cell *grown = memory_resize_array(cells->cell, capacity, sizeof *grown);
        if (grown == NULL) {
            cells->failed = true;
            return;
        }
        cells->cell = grown;
        cells->capacity = capacity;
    }
    struct engine_outcome *outcomes = memory_alloc_array(cell->outcome_count + 1, sizeof *outcomes);
    if (outcomes == NULL) {
        cells->failed = true;
        return;
    }
    for (uint32_t i = 0; i < cell->outcome_count; i++) {
        outcomes[i] = cell->outcome[i];
        outcomes[i].name = keep(cells, cell->outcome[i].name);
    }
    struct engine_cell *copy = &cells->cell[cells->count++];
    *copy = *cell;
    copy->campaign = keep(cells, cell->campaign);
    copy->split = keep(cells, cell->split);
    copy->arm = keep(cells, cell->arm);
    copy->outcome = outcomes;
}

void experiment_cells_release(struct experiment_cells *cells)
{
    for (uint32_t i = 0; i < cells->count; i++) {
        struct engine_cell *cell = &cells->cell[i];
        for (uint32_t j = 0; j < cell->outcome_count; j++) release(cell->outcome[j].name);
        memory_release((void *)(uintptr_t)cell->outcome);
        release(cell->campaign);
        release(cell->split);
        release(cell->arm);
    }
    memory_release(cells->cell);
    *cells = (struct experiment_cells){0};
}

/* ------------------------------------------------------------------ one experiment */

struct experiment {
    const struct engine_cell *arm[EXPERIMENT_ARMS_MOST];
    uint32_t count, control;
    uint64_t players, open;
    struct statistics_test sizes;
    bool alarm;
};

/* An arm against the control, in one outcome. */
struct comparison {
    bool is_goal;
    const struct engine_cell *arm, *control;
    struct statistics_interval difference, lift;
    struct statistics_test test;
    double threshold;
    bool too_few;
};

static const struct engine_outcome *find_outcome(const struct engine_cell *cell, struct text name)
{
    for (uint32_t i = 0; i < cell->outcome_count; i++) {
        if (text_equal(cell->outcome[i].name, name)) return &cell->outcome[i];
    }
    return NULL;
}

/* What nobody of an arm has done yet. */
static struct engine_outcome outcome_of(const struct engine_cell *cell, const struct engine_outcome *like)
{
    const struct engine_outcome *found = find_outcome(cell, like->name);
    if (found != NULL) return *found;
    struct engine_outcome none = *like;
    none.reached = 0;
    none.sum = 0;
    none.squares = 0;
    return none;
}

static bool is_control(struct text arm)
{
    return text_equal(arm, TEXT("holdout")) || text_equal(arm, TEXT("control")) || text_equal(arm, TEXT("held out"));
}

static void gather(struct experiment *experiment, const struct experiment_cells *cells, enum engine_cell_kind kind,
                   struct text campaign, struct text split)
{
    uint64_t observed[EXPERIMENT_ARMS_MOST];
    double weight[EXPERIMENT_ARMS_MOST];
    *experiment = (struct experiment){.control = UINT32_MAX};
    for (uint32_t i = 0; i < cells->count && experiment->count < EXPERIMENT_ARMS_MOST; i++) {
        const struct engine_cell *cell = &cells->cell[i];
        if (cell->kind != kind || !text_equal(cell->campaign, campaign) || !text_equal(cell->split, split)) continue;
        if (experiment->control == UINT32_MAX && is_control(cell->arm)) experiment->control = experiment->count;
        observed[experiment->count] = cell->size;
        weight[experiment->count] = (double)cell->expected;
        experiment->arm[experiment->count++] = cell;
        experiment->players += cell->size;
        experiment->open += cell->open;
    }
    if (experiment->control == UINT32_MAX) experiment->control = 0;
    experiment->sizes = statistics_fit(observed, weight, experiment->count);
    experiment->alarm = experiment->sizes.valid && experiment->sizes.p < ALARM;
}

static struct statistics_sample sample_of(const struct engine_cell *cell, const struct engine_outcome *outcome)
{
    return statistics_sample_of(cell->size, outcome->sum, outcome->squares);
}

static struct comparison compare(const struct experiment *experiment, uint32_t arm, const struct engine_outcome *like)
{
    struct comparison out = {.is_goal = like->is_goal,
                             .arm = experiment->arm[arm],
                             .control = experiment->arm[experiment->control],
                             .threshold = TAILS / (double)(experiment->count - 1)};
    const struct engine_outcome a = outcome_of(out.arm, like), b = outcome_of(out.control, like);
    uint64_t size_a = out.arm->size, size_b = out.control->size;
    if (!like->is_goal) {
        struct statistics_sample x = sample_of(out.arm, &a), y = sample_of(out.control, &b);
        out.difference = statistics_mean_difference(x, y, TAILS);
        out.test = statistics_welch(x, y);
        out.too_few = size_a < 2 || size_b < 2 || !out.test.valid;
        return out;
    }
    const uint64_t yes[2] = {a.reached, b.reached}, size[2] = {size_a, size_b};
    out.difference = statistics_difference(a.reached, size_a, b.reached, size_b, TAILS);
    out.lift = statistics_lift(a.reached, size_a, b.reached, size_b, TAILS);
    out.test = statistics_independence(yes, size, 2);
    double all = (double)size_a + (double)size_b, reached = (double)a.reached + (double)b.reached;
    double rare = reached < all - reached ? reached : all - reached,
           small = size_a < size_b ? (double)size_a : (double)size_b;
    out.too_few = all <= 0 || !out.test.valid || rare * small / all < EXPECTED;
    return out;
}

enum verdict { VERDICT_TOO_FEW, VERDICT_NOT_SHOWN, VERDICT_BETTER, VERDICT_WORSE };

static enum verdict verdict_of(const struct comparison *comparison)
{
    if (comparison->too_few) return VERDICT_TOO_FEW;
    if (comparison->test.p >= comparison->threshold) return VERDICT_NOT_SHOWN;
    return comparison->difference.estimate > 0 ? VERDICT_BETTER : VERDICT_WORSE;
}

/* ------------------------------------------------------------------ numbers for people */

static void print_count(struct buffer *out, uint64_t number)
{
    decimal_print(out, number > INT64_MAX ? INT64_MAX : (int64_t)number, 0, DECIMAL_GROUPS);
}

/* 0.768, 0.00081, 2.3e-7. */
static void print_p(struct buffer *out, double p)
{
    char text[40];
    if (p >= 0.1) {
        (void)snprintf(text, sizeof text, "%.3f", p);
    } else if (p >= 0.00001) {
        int digits = p < 0.0001 ? 6 : p < 0.001 ? 5 : p < 0.01 ? 4 : 3;
        (void)snprintf(text, sizeof text, "%.*f", digits, p);
    } else if (p < DBL_MIN) {
        (void)snprintf(text, sizeof text, "below 1e-300");
    } else {
        (void)snprintf(text, sizeof text, "%.1e", p);
        char *at = strstr(text, "e-0"); /* 2.3e-07 */
        if (at != NULL) memmove(at + 2, at + 3, strlen(at + 3) + 1);
    }
    buffer_print(out, "p %s", text);
}

static void print_share(struct buffer *out, double share)
{
    buffer_print(out, "%.2f%%", share * 100);
}

static void print_points(struct buffer *out, double share)
{
    buffer_print(out, "%+.2f", share * 100);
}

/* A number of the measure's type from one in its units; `sign`: with + where it is positive. */
static void print_value(struct buffer *out, const struct engine_outcome *outcome, double value, bool sign)
{
    const char *plus = sign && value >= 0 ? "+" : "";
    struct text code = text_make(outcome->currency, 3);
    int digits;
    switch ((uint32_t)outcome->kind) {
    case TYPE_MONEY:
        digits = decimal_currency_digits(code);
        if (digits < 0) digits = 0;
        for (int i = 0; i < digits; i++) value /= 10;
        buffer_print(out, "%s%.*f", plus, digits, value);
        buffer_print(out, " %.*s", TEXT_ARGS(code));
        return;
    case TYPE_PERCENT:
        buffer_print(out, "%s%.*f", plus, 2, value / 10000);
        buffer_string(out, "%");
        return;
    case TYPE_DECIMAL: buffer_print(out, "%s%.*f", plus, 4, value / 1000000); return;
    case TYPE_DURATION:
        buffer_print(out, "%s%.*f", plus, 1, value / 60000);
        buffer_string(out, " minutes");
        return;
    default: buffer_print(out, "%s%.*f", plus, 4, value); return;
    }
}

/* ------------------------------------------------------------------ sentences */

static void print_sizes(struct buffer *out, const struct experiment *experiment)
{
    double weights = 0;
    for (uint32_t i = 0; i < experiment->count; i++) weights += (double)experiment->arm[i]->expected;
    buffer_string(out, "  players  ");
    for (uint32_t i = 0; i < experiment->count; i++) {
        const struct engine_cell *arm = experiment->arm[i];
        buffer_print(out, "%s%.*s ", i == 0 ? "" : ", ", TEXT_ARGS(arm->arm));
        print_count(out, arm->size);
        if (experiment->players == 0 || weights <= 0) continue;
        buffer_string(out, " (");
        print_share(out, (double)arm->size / (double)experiment->players);
        buffer_string(out, " for ");
        print_share(out, (double)arm->expected / weights);
        buffer_string(out, ")");
    }
    buffer_string(out, "\n");
    if (experiment->sizes.valid) {
        buffer_print(out, "  sizes    chi-square %.3f with %.0f degree%s, ", experiment->sizes.statistic,
                     experiment->sizes.freedom, experiment->sizes.freedom > 1 ? "s" : "");
        print_p(out, experiment->sizes.p);
        buffer_string(out, experiment->alarm ? ": ALARM\n" : ": as their shares say\n");
    }
    if (experiment->open > 0) {
        buffer_string(out, "  open     the windows of ");
        print_count(out, experiment->open);
        buffer_string(out, " are not over yet: what follows may change\n");
    }
}

static void print_alarm(struct buffer *out)
{
    buffer_string(
        out, "  The arms have not the sizes that their shares give; so large a difference comes by chance in less "
             "than one of 1,000 experiments.\n"
             "  Something lets players in, or leaves them out, by their arm, and no arm is compared. Look for a step "
             "before the split that asks for what the\n"
             "  arms do, for two campaigns with one split name and different entries, for players whose ids "
             "changed, and for counts of several databases.\n");
}

static void print_interval(struct buffer *out, const struct comparison *comparison,
                           const struct engine_outcome *outcome)
{
    const struct statistics_interval *difference = &comparison->difference, *lift = &comparison->lift;
    if (!difference->valid) return;
    if (comparison->is_goal) {
        print_points(out, difference->estimate);
        buffer_string(out, " points [");
        print_points(out, difference->low);
        buffer_string(out, ", ");
        print_points(out, difference->high);
        buffer_string(out, "]");
        if (lift->valid)
            buffer_print(out, ", lift %+.1f%% [%+.1f%%, %+.1f%%]", lift->estimate * 100, lift->low * 100,
                         lift->high * 100);
    } else {
        print_value(out, outcome, difference->estimate, true);
        buffer_string(out, " [");
        print_value(out, outcome, difference->low, true);
        buffer_string(out, ", ");
        print_value(out, outcome, difference->high, true);
        buffer_string(out, "]");
    }
    if (!comparison->test.valid) return;
    if (comparison->is_goal)
        buffer_print(out, ", chi-square %.3f, ", comparison->test.statistic);
    else
        buffer_print(out, ", t %.3f with %.1f degrees, ", comparison->test.statistic, comparison->test.freedom);
    print_p(out, comparison->test.p);
}

/* The smallest difference that these sizes would show four times of five. */
static double shown_from(const struct comparison *comparison, const struct engine_outcome *outcome)
{
    double z = statistics_normal_quantile(comparison->threshold) + statistics_normal_quantile(POWER);
    const struct engine_outcome a = outcome_of(comparison->arm, outcome), b = outcome_of(comparison->control, outcome);
    double size_a = (double)comparison->arm->size, size_b = (double)comparison->control->size;
    if (comparison->is_goal) {
        double share = ((double)a.reached + (double)b.reached) / (size_a + size_b);
        return z * sqrt(share * (1 - share) * (1 / size_a + 1 / size_b));
    }
    return z * sqrt(sample_of(comparison->arm, &a).variance / size_a +
                    sample_of(comparison->control, &b).variance / size_b);
}

static void print_verdict(struct buffer *out, const struct comparison *comparison, const struct engine_outcome *outcome)
{
    struct text arm = comparison->arm->arm, control = comparison->control->arm;
    enum verdict verdict = verdict_of(comparison);
    double difference = fabs(comparison->difference.estimate);
    buffer_string(out, "           ");
    switch (verdict) {
    case VERDICT_TOO_FEW:
        buffer_print(out, "Not enough yet: too few players of %.*s and %.*s to compare them.\n", TEXT_ARGS(arm),
                     TEXT_ARGS(control));
        return;
    case VERDICT_NOT_SHOWN:
        buffer_print(out, "Not enough yet: between %.*s and %.*s no difference is shown; with these numbers one of ",
                     TEXT_ARGS(arm), TEXT_ARGS(control));
        if (comparison->is_goal)
            buffer_print(out, "%.2f points", shown_from(comparison, outcome) * 100);
        else
            print_value(out, outcome, shown_from(comparison, outcome), false);
        buffer_string(out, " would show.\n");
        return;
    case VERDICT_BETTER:
    case VERDICT_WORSE: break;
    }
    buffer_print(out, "%.*s %s %.*s by ", TEXT_ARGS(arm), verdict == VERDICT_BETTER ? "beats" : "falls short of",
                 TEXT_ARGS(control));
    if (comparison->is_goal)
        buffer_print(out, "%.2f points", difference * 100);
    else
        print_value(out, outcome, difference, false);
    buffer_string(out, " (");
    print_p(out, comparison->test.p);
    buffer_print(out, ", below %.3g).\n", comparison->threshold);
}

static void print_outcome(struct buffer *out, const struct experiment *experiment, const struct engine_outcome *like)
{
    buffer_print(out, "  %s \"%.*s\"\n           ", like->is_goal ? "goal" : "measure", TEXT_ARGS(like->name));
    for (uint32_t i = 0; i < experiment->count; i++) {
        const struct engine_cell *arm = experiment->arm[i];
        const struct engine_outcome outcome = outcome_of(arm, like);
        buffer_print(out, "%s%.*s ", i == 0 ? "" : ", ", TEXT_ARGS(arm->arm));
        if (like->is_goal) {
            print_count(out, outcome.reached);
            buffer_string(out, " of ");
            print_count(out, arm->size);
            if (arm->size == 0) continue;
            buffer_string(out, " (");
            print_share(out, (double)outcome.reached / (double)arm->size);
            buffer_string(out, ")");
            continue;
        }
        struct statistics_sample sample = sample_of(arm, &outcome);
        print_value(out, like, sample.mean, false);
        buffer_string(out, " a player");
        if (arm->size < 2) continue;
        buffer_string(out, " (standard deviation ");
        print_value(out, like, sqrt(sample.variance), false);
        buffer_string(out, ")");
    }
    buffer_string(out, "\n");
    for (uint32_t i = 0; i < experiment->count && !experiment->alarm; i++) {
        if (i == experiment->control) continue;
        struct comparison comparison = compare(experiment, i, like);
        if (comparison.difference.valid) {
            buffer_print(out, "           %.*s against %.*s: ", TEXT_ARGS(comparison.arm->arm),
                         TEXT_ARGS(comparison.control->arm));
            print_interval(out, &comparison, like);
            buffer_string(out, "\n");
        }
        print_verdict(out, &comparison, like);
    }
}

/* ------------------------------------------------------------------ numbers for programs */

static void put_number(struct buffer *out, const char *key, double value)
{
    buffer_print(out, ",\"%s\":", key);
    if (isfinite(value))
        buffer_print(out, "%.17g", value);
    else
        buffer_string(out, "null");
}

static void put_interval(struct buffer *out, const char *key, const struct statistics_interval *interval)
{
    if (!interval->valid) return;
    char name[40];
    put_number(out, key, interval->estimate);
    (void)snprintf(name, sizeof name, "%s_low", key);
    put_number(out, name, interval->low);
    (void)snprintf(name, sizeof name, "%s_high", key);
    put_number(out, name, interval->high);
}

static void json_comparison(struct buffer *out, const struct comparison *comparison)
{
    static const char *const verdicts[] = {[VERDICT_TOO_FEW] = "too_few",
                                           [VERDICT_NOT_SHOWN] = "not_shown",
                                           [VERDICT_BETTER] = "better",
                                           [VERDICT_WORSE] = "worse"};
    buffer_string(out, "{\"arm\":");
    buffer_json_text(out, comparison->arm->arm);
    buffer_string(out, ",\"against\":");
    buffer_json_text(out, comparison->control->arm);
    put_interval(out, "difference", &comparison->difference);
    put_interval(out, "lift", &comparison->lift);
    if (comparison->test.valid) {
        put_number(out, comparison->is_goal ? "chi_square" : "t", comparison->test.statistic);
        put_number(out, "freedom", comparison->test.freedom);
        put_number(out, "p", comparison->test.p);
    }
    put_number(out, "below", comparison->threshold);
    buffer_print(out, ",\"verdict\":\"%s\"}", verdicts[verdict_of(comparison)]);
}

static void json_outcome(struct buffer *out, const struct experiment *experiment, const struct engine_outcome *like)
{
    buffer_string(out, "{\"name\":");
    buffer_json_text(out, like->name);
    buffer_print(out, ",\"kind\":\"%s\"", like->is_goal ? "goal" : "measure");
    if (like->kind == TYPE_MONEY) buffer_print(out, ",\"currency\":\"%.3s\"", like->currency);
    buffer_string(out, ",\"arms\":[");
    for (uint32_t i = 0; i < experiment->count; i++) {
        const struct engine_outcome outcome = outcome_of(experiment->arm[i], like);
        buffer_string(out, i == 0 ? "{\"arm\":" : ",{\"arm\":");
        buffer_json_text(out, experiment->arm[i]->arm);
        buffer_print(out, ",\"reached\":%llu", (unsigned long long)outcome.reached);
        if (like->is_goal) {
            struct statistics_interval rate = statistics_proportion(outcome.reached, experiment->arm[i]->size, TAILS);
            put_interval(out, "rate", &rate);
        } else {
            struct statistics_sample sample = sample_of(experiment->arm[i], &outcome);
            put_number(out, "mean", sample.mean);
            if (sample.size > 1) put_number(out, "deviation", sqrt(sample.variance));
        }
        buffer_string(out, "}");
    }
    buffer_string(out, "],\"comparisons\":[");
    bool first = true;
    for (uint32_t i = 0; i < experiment->count && !experiment->alarm; i++) {
        if (i == experiment->control) continue;
        struct comparison comparison = compare(experiment, i, like);
        if (!first) buffer_string(out, ",");
        json_comparison(out, &comparison);
        first = false;
    }
    buffer_string(out, "]}");
}

static void json_sizes(struct buffer *out, const struct experiment *experiment)
{
    double weights = 0;
    for (uint32_t i = 0; i < experiment->count; i++) weights += (double)experiment->arm[i]->expected;
    buffer_string(out, ",\"arms\":[");
    for (uint32_t i = 0; i < experiment->count; i++) {
        const struct engine_cell *arm = experiment->arm[i];
        buffer_string(out, i == 0 ? "{\"arm\":" : ",{\"arm\":");
        buffer_json_text(out, arm->arm);
        buffer_print(out, ",\"players\":%llu,\"open\":%llu", (unsigned long long)arm->size,
                     (unsigned long long)arm->open);
        if (weights > 0) put_number(out, "share", (double)arm->expected / weights);
        buffer_string(out, "}");
    }
    buffer_string(out, "]");
    if (!experiment->sizes.valid) return;
    buffer_string(out, ",\"sizes\":{\"alarm\":");
    buffer_string(out, experiment->alarm ? "true" : "false");
    put_number(out, "chi_square", experiment->sizes.statistic);
    put_number(out, "freedom", experiment->sizes.freedom);
    put_number(out, "p", experiment->sizes.p);
    buffer_string(out, "}");
}

/* ------------------------------------------------------------------ all that were chosen */

/* Every outcome that some arm has, in the order of the first arm that has it. */
static void each_outcome(struct buffer *out, const struct experiment *experiment, bool json)
{
    bool first = true;
    for (uint32_t i = 0; i < experiment->count; i++) {
        for (uint32_t j = 0; j < experiment->arm[i]->outcome_count; j++) {
            const struct engine_outcome *outcome = &experiment->arm[i]->outcome[j];
            bool seen = false;
            for (uint32_t k = 0; k < i && !seen; k++) seen = find_outcome(experiment->arm[k], outcome->name) != NULL;
            if (seen) continue;
            if (json && !first) buffer_string(out, ",");
            if (json)
                json_outcome(out, experiment, outcome);
            else
                print_outcome(out, experiment, outcome);
            first = false;
        }
    }
}

static void write_one(struct buffer *out, const struct experiment_cells *cells, const struct engine_cell *cell,
                      bool json)
{
    struct experiment experiment;
    bool hold_out = cell->kind == ENGINE_CELL_HOLD_OUT;
    gather(&experiment, cells, cell->kind, cell->campaign, cell->split);
    if (json) {
        buffer_string(out, "{\"campaign\":");
        buffer_json_text(out, cell->campaign);
        if (cell->kind != ENGINE_CELL_ENTRIES) {
            buffer_string(out, hold_out ? ",\"hold_out\":" : ",\"split\":");
            buffer_json_text(out, cell->split);
            buffer_string(out, ",\"control\":");
            buffer_json_text(out, experiment.arm[experiment.control]->arm);
        }
        json_sizes(out, &experiment);
        buffer_string(out, ",\"outcomes\":[");
        each_outcome(out, &experiment, true);
        buffer_string(out, "]}");
        return;
    }
    if (cell->kind == ENGINE_CELL_ENTRIES) {
        buffer_print(out, "Campaign \"%.*s\": ", TEXT_ARGS(cell->campaign));
        print_count(out, cell->size);
        buffer_string(out, cell->size == 1 ? " entry\n" : " entries\n");
    } else {
        buffer_print(out, "%s \"%.*s\"", hold_out ? "Hold out" : "Split", TEXT_ARGS(cell->split));
        if (cell->campaign.size > 0)
            buffer_print(out, " of the campaign \"%.*s\"", TEXT_ARGS(cell->campaign));
        else
            buffer_string(out, ", all campaigns");
        buffer_print(out, ", against \"%.*s\"\n", TEXT_ARGS(experiment.arm[experiment.control]->arm));
        print_sizes(out, &experiment);
        if (experiment.alarm) print_alarm(out);
    }
    each_outcome(out, &experiment, false);
}

static bool is_chosen(const struct engine_cell *cell, struct experiment_choice choice)
{
    if (choice.hold_out.size > 0) return cell->kind == ENGINE_CELL_HOLD_OUT && text_equal(cell->split, choice.hold_out);
    if (cell->kind == ENGINE_CELL_HOLD_OUT || !text_equal(cell->campaign, choice.campaign)) return false;
    return choice.split.size == 0 || text_equal(cell->split, choice.split);
}

/* Whether a cell before it belongs to the same experiment. */
static bool is_written(const struct experiment_cells *cells, uint32_t index)
{
    const struct engine_cell *cell = &cells->cell[index];
    for (uint32_t i = 0; i < index; i++) {
        const struct engine_cell *before = &cells->cell[i];
        if (before->kind == cell->kind && text_equal(before->campaign, cell->campaign) &&
            text_equal(before->split, cell->split))
            return true;
    }
    return false;
}

bool experiment_report(const struct experiment_cells *cells, struct experiment_choice choice, bool json,
                       struct buffer *out)
{
    bool any = false;
    for (uint32_t i = 0; i < cells->count; i++) {
        if (!is_chosen(&cells->cell[i], choice) || is_written(cells, i)) continue;
        buffer_string(out, json ? (any ? "," : "{\"experiments\":[") : any ? "\n" : "");
        write_one(out, cells, &cells->cell[i], json);
        any = true;
    }
    if (json && any) buffer_string(out, "]}\n");
    return any;
}
