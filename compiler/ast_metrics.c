/*
 * ast_metrics: nodes of metrics, and the zones and conversions that other lines share with them.
 *
 * The parts of a metric arrive one by one, each in a struct metric of its own with nothing but its
 * part filled; build_metric_parts puts them together. What they mean is the checker's work.
 * Next: compiler/ast.h, compiler/grammar.y.
 */
#include "compiler/ast_build.h"
#include "compiler/grammar.h"

#include "vm/civil.h"

/* ---- zones and conversions ---- */

struct zone_words build_zone_words(struct parser *parser, const struct token *first, const struct token *name,
                                   const struct token *last)
{
    struct zone_words zone = {.in_player_zone = name == NULL, .span = span_join(first->span, last->span)};
    if (name != NULL) zone.name = build_name(parser, name);
    return zone;
}

struct conversion_words build_conversion_words(struct parser *parser, const struct token *currency,
                                               const struct token *rates)
{
    struct conversion_words words = {.currency = build_name(parser, currency), .span = currency->span};
    if (rates == NULL) return words;
    words.rates = build_name(parser, rates);
    words.span = span_join(words.span, rates->span);
    return words;
}

/* ---- aggregates and windows ---- */

struct declaration *build_metric(struct parser *parser, const struct token *first, const struct token *name,
                                 struct metric *metric)
{
    struct declaration *node =
        build_declaration(parser, DECLARATION_METRIC, first, name, name, (struct line_list){0}, NULL);
    node->metric = metric;
    node->span = span_join(node->span, metric->span);
    return node;
}

struct metric *build_metric_formula(struct parser *parser, struct value *formula)
{
    struct metric *metric = BUILD_NODE(parser, metric);
    metric->aggregate = AGGREGATE_WORD_FORMULA;
    metric->formula = formula;
    metric->span = formula->span;
    return metric;
}

struct metric *build_aggregate(struct parser *parser, enum aggregate_word aggregate, const struct token *first,
                               const struct token *event_or_field)
{
    struct metric *metric = BUILD_NODE(parser, metric);
    metric->aggregate = aggregate;
    metric->span = span_join(first->span, event_or_field->span);
    if (event_or_field->kind == TK_PATH) {
        const struct value *path = build_path(parser, event_or_field);
        metric->event = path->owner;
        metric->field = path->name;
    } else {
        metric->event = build_name(parser, event_or_field);
    }
    return metric;
}

struct metric *build_field_aggregate(struct parser *parser, enum aggregate_word aggregate, const struct token *first,
                                     const struct token *field, struct conversion_words conversion)
{
    struct metric *metric = build_aggregate(parser, aggregate, first, field);
    metric->conversion = conversion;
    if (ast_is_present(&conversion.currency)) metric->span = span_join(metric->span, conversion.span);
    return metric;
}

struct metric *build_window(struct parser *parser, enum window_word window, const struct token *first,
                            const struct token *last)
{
    struct metric *metric = BUILD_NODE(parser, metric);
    metric->window = window;
    metric->window_span = span_join(first->span, last->span);
    return metric;
}

struct metric *build_window_last(struct parser *parser, const struct token *first, const struct token *duration,
                                 int grain)
{
    struct metric *metric = build_window(parser, WINDOW_WORD_LAST, first, duration);
    metric->duration = build_literal(parser, duration);
    metric->grain = (enum grain_word)grain;
    return metric;
}

struct metric *build_metric_parts(struct metric *aggregate, const struct metric *window, struct zone_words zone,
                                  const struct metric *clauses, struct condition *where)
{
    struct metric *metric = aggregate;
    metric->window = window->window;
    metric->window_span = window->window_span;
    metric->duration = window->duration;
    metric->grain = window->grain;
    metric->period = window->period;
    metric->zone = zone;
    metric->span = span_join(metric->span, window->window_span);
    if (zone.span.end != 0) metric->span = span_join(metric->span, zone.span);
    if (clauses != NULL) {
        metric->kept_up_to = clauses->kept_up_to;
        metric->kept_span = clauses->kept_span;
        metric->is_rounded = clauses->is_rounded;
        metric->rounding = clauses->rounding;
        metric->otherwise = clauses->otherwise;
        metric->span = span_join(metric->span, clauses->span);
    }
    metric->where = where;
    if (where != NULL) metric->span = span_join(metric->span, where->span);
    return metric;
}

/* ---- clauses ---- */

static struct metric *with_clause(struct parser *parser, struct metric *clauses, struct span span)
{
    if (clauses != NULL) {
        clauses->span = span_join(clauses->span, span);
        return clauses;
    }
    struct metric *metric = BUILD_NODE(parser, metric);
    metric->span = span;
    return metric;
}

static void report_twice(struct parser *parser, bool is_twice, const struct token *first, const char *words)
{
    if (!is_twice) return;
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_LINE_TWICE, first->span, text_of(words));
}

struct metric *build_metric_kept(struct parser *parser, struct metric *clauses, const struct token *first,
                                 const struct token *count)
{
    const struct span span = span_join(first->span, count->span);
    struct metric *metric = with_clause(parser, clauses, span);
    report_twice(parser, metric->kept_up_to != 0, first, "kept up to");
    metric->kept_up_to = build_count(parser, count);
    metric->kept_span = span;
    return metric;
}

struct metric *build_metric_rounded(struct parser *parser, struct metric *clauses, const struct token *first,
                                    int rounding)
{
    struct metric *metric = with_clause(parser, clauses, first->span);
    report_twice(parser, metric->is_rounded, first, "rounded");
    metric->is_rounded = true;
    metric->rounding = (enum rounding)rounding;
    return metric;
}

struct metric *build_metric_otherwise(struct parser *parser, struct metric *clauses, const struct token *first,
                                      struct value *value)
{
    struct metric *metric = with_clause(parser, clauses, span_join(first->span, value->span));
    report_twice(parser, metric->otherwise != NULL, first, ", otherwise");
    metric->otherwise = value;
    return metric;
}

enum grain_word ast_default_grain(const struct duration *duration)
{
    const int64_t ms = duration->ms + (duration->days + 30 * duration->months) * CIVIL_DAY_MS;
    if (ms <= 2 * CIVIL_DAY_MS) return GRAIN_WORD_MINUTE;
    return ms <= 31 * CIVIL_DAY_MS ? GRAIN_WORD_HOUR : GRAIN_WORD_DAY;
}
