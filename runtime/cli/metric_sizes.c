/* Sizes of metrics in words (metric_sizes.h). */
#include "runtime/cli/metric_sizes.h"

#include "runtime/engine/metric.h"
#include "vm/decimal.h"
#include "vm/zone.h"

static struct metric_rule rule_of(const struct program *program, const struct bundle_metric *metric)
{
    return metric_rule_make(metric, zone_find_or_utc(program_text(program, metric->zone)));
}

/* What is kept, in a few words: "by hour", "200 events". */
static void print_how(struct buffer *out, const struct metric_rule *rule)
{
    static const char *const keys[] = {
        [METRIC_KEY_ALL] = "one total", [METRIC_KEY_AT] = "one total", [METRIC_KEY_MINUTE] = "by minute",
        [METRIC_KEY_HOUR] = "by hour",  [METRIC_KEY_DATE] = "by day",  [METRIC_KEY_PERIOD] = "by period"};
    switch ((enum metric_shape)rule->shape) {
    case METRIC_NOTHING: buffer_string(out, "computed when it is read"); return;
    case METRIC_EVENTS:
        buffer_string(out, "the last ");
        decimal_print_count(out, rule->kept, "event");
        if (rule->key == METRIC_KEY_MINUTE || rule->key == METRIC_KEY_HOUR || rule->key == METRIC_KEY_DATE) {
            buffer_print(out, ", %s", keys[rule->key]);
        }
        return;
    case METRIC_DAYS:
        buffer_string(out, "the last ");
        decimal_print_count(out, rule->kept, "day");
        return;
    case METRIC_BEST: buffer_string(out, rule->key == METRIC_KEY_ALL ? "one event" : "one event by period"); return;
    case METRIC_TOTALS: buffer_string(out, keys[rule->key]); return;
    }
}

static void print_bytes(struct buffer *out, uint64_t bytes)
{
    buffer_string(out, "at most ");
    decimal_print_count(out, bytes < INT64_MAX ? (int64_t)bytes : INT64_MAX, "byte");
}

void metric_sizes_print(struct buffer *out, const struct program *program, bool each)
{
    uint64_t player = 0, journey = 0;
    uint32_t of_journeys = 0;
    if (program->metric_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        const struct metric_rule rule = rule_of(program, metric);
        if (metric->campaign == PROGRAM_NONE) {
            player += metric_bytes_most(&rule);
        } else {
            journey += metric_bytes_most(&rule);
            of_journeys++;
        }
    }
    buffer_string(out, "  ");
    decimal_print_count(out, program->metric_count, "metric");
    buffer_string(out, ": ");
    print_bytes(out, player);
    buffer_string(out, " for a player");
    if (of_journeys > 0) {
        buffer_string(out, ", ");
        print_bytes(out, journey);
        buffer_string(out, " for their journeys");
    }
    buffer_string(out, "\n");
    for (uint32_t i = 0; i < program->metric_count && each; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        const struct metric_rule rule = rule_of(program, metric);
        buffer_print(out, "    %s.%.*s: ", metric->campaign == PROGRAM_NONE ? "player" : "journey",
                     TEXT_ARGS(program_text(program, metric->name)));
        if (rule.shape != METRIC_NOTHING) {
            print_bytes(out, metric_bytes_most(&rule));
            buffer_string(out, ", ");
        }
        print_how(out, &rule);
        buffer_string(out, "\n");
    }
}
