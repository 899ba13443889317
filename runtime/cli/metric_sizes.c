/* Sizes of metrics in words (metric_sizes.h). */
#include "runtime/cli/metric_sizes.h"

#include <string.h>

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
        [METRIC_KEY_HOUR] = "by hour",  [METRIC_KEY_DATE] = "by day",  [METRIC_KEY_PERIOD] = "by period",
        [METRIC_KEY_VALUE] = "by value"};
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
    case METRIC_VALUES:
        buffer_string(out, "the first ");
        decimal_print_count(out, rule->kept, "value");
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

/* ------------------------------------------------------------------ too much for a player */

static struct span line_span(const struct source *source, uint32_t line)
{
    const struct text text = source_line(source, line);
    uint32_t first = 0;
    while (first < text.size && text.at[first] == ' ') {
        first++;
    }
    const uint32_t start = text.size == 0 ? 0 : (uint32_t)(text.at - source->text.at);
    return (struct span){source->file, start + first, start + text.size};
}

static bool is_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* Where the project's files name it for the first time: they cannot change a line of the standard library. False: nowhere. */
static bool find_mention(struct span *out, const struct source_set *sources, uint32_t files, struct text name)
{
    for (uint32_t i = 0; i < files && i < sources->count && name.size > 0; i++) {
        const struct text all = sources->sources[i]->text;
        const char *at = all.at, *end = all.at + all.size;
        while ((at = memmem(at, (size_t)(end - at), name.at, name.size)) != NULL) {
            const bool begins = at == all.at || !is_word(at[-1]);
            if (begins && (at + name.size == end || !is_word(at[name.size]))) {
                const uint32_t start = (uint32_t)(at - all.at);
                *out = (struct span){i, start, start + name.size};
                return true;
            }
            at++;
        }
    }
    return false;
}

/* How many events or days fit: a round number. */
static uint32_t kept_that_fits(const struct metric_rule *rule)
{
    struct metric_rule smaller = *rule;
    while (smaller.kept > 1 && metric_bytes_most(&smaller) > METRIC_BYTES_MANY) {
        smaller.kept -= smaller.kept > 1000 ? smaller.kept / 10 : smaller.kept > 100 ? 10 : 1;
    }
    if (smaller.kept > 1000) {
        smaller.kept -= smaller.kept % 100;
    } else if (smaller.kept > 100) {
        smaller.kept -= smaller.kept % 10;
    }
    return smaller.kept;
}

/* The finest coarser grain with which it fits, or NULL. */
static const char *grain_that_fits(const struct program *program, const struct bundle_metric *metric)
{
    static const char *const words[] = {[GRAIN_HOUR] = "by hour", [GRAIN_DAY] = "by day"};
    for (uint32_t grain = GRAIN_HOUR; grain <= GRAIN_DAY && metric->span == SPAN_ROLLING; grain++) {
        struct bundle_metric coarser = *metric;
        coarser.grain = grain;
        coarser.kept = 0;
        const struct metric_rule rule = rule_of(program, &coarser);
        if (grain > metric->grain && rule.shape == METRIC_TOTALS && metric_bytes_most(&rule) <= METRIC_BYTES_MANY) {
            return words[grain];
        }
    }
    return NULL;
}

static void print_cure(struct buffer *out, const struct program *program, const struct metric_rule *rule, bool standard)
{
    const char *grain = grain_that_fits(program, rule->metric);
    if (text_starts_with(program_text(program, rule->metric->name), TEXT("task \""))) {
        buffer_string(out, "let the task need less: it remembers each different value of a run");
        return;
    }
    buffer_string(out, standard ? "declare a metric of your own like the one that `promo stdlib metrics` prints, with "
                                : "write ");
    if (rule->shape == METRIC_EVENTS || rule->shape == METRIC_DAYS || rule->shape == METRIC_VALUES) {
        buffer_print(out, "%s`kept up to ", rule->metric->kept > 0 ? "a smaller number: " : "");
        decimal_print(out, kept_that_fits(rule), 0, DECIMAL_GROUPS);
        buffer_string(out, "`");
        if (grain != NULL) {
            buffer_print(out, "; or a grain instead of it: `%s`", grain);
        }
    } else if (grain != NULL) {
        buffer_print(out, "a coarser grain: `%s`", grain);
    } else {
        buffer_string(out, "a shorter window");
    }
}

void metric_sizes_judge(struct compiler_output *output, uint32_t files)
{
    const struct program *program = &output->program;
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        const struct metric_rule rule = rule_of(program, metric);
        const struct source *source = source_set_get(&output->sources, metric->file);
        const uint64_t bytes = metric_bytes_most(&rule);
        if (bytes <= METRIC_BYTES_MANY || source == NULL) {
            continue;
        }
        const bool standard = metric->file >= files;
        struct span span = line_span(source, metric->line);
        if (standard) {
            (void)find_mention(&span, &output->sources, files, program_text(program, metric->name));
        }
        struct buffer size = BUFFER_EMPTY, how = BUFFER_EMPTY, cure = BUFFER_EMPTY;
        decimal_print_count(&size, bytes < INT64_MAX ? (int64_t)bytes : INT64_MAX, "byte");
        buffer_string(&how, rule.shape == METRIC_TOTALS ? "sums " : "");
        print_how(&how, &rule);
        print_cure(&cure, program, &rule, standard);
        DIAGNOSE(&output->diagnostics, DIAGNOSTIC_METRIC_LARGE, span, program_text(program, metric->name),
                 buffer_as_text(&size), metric->campaign == PROGRAM_NONE ? TEXT("player") : TEXT("journey"),
                 buffer_as_text(&how), buffer_as_text(&cure));
        buffer_deinit(&size);
        buffer_deinit(&how);
        buffer_deinit(&cure);
    }
}

/* ------------------------------------------------------------------ all of them */

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
