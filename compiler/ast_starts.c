/*
 * ast_starts: nodes of starts, schedules, the order of a fan-out, holidays and business days.
 *
 * Whether a day of a month exists is judged here, because a number says so by itself; cron texts,
 * zones, segments and attributes are the checker's work. Next: compiler/ast.h.
 */
#include "compiler/ast_build.h"
#include "compiler/grammar.h"

struct line *build_without_line(struct parser *parser, const struct token *first, const struct token *duration,
                                const struct event_match *event)
{
    struct line *line = build_line(parser, LINE_START_WITHOUT, first, duration);
    line->as.without.duration = build_literal(parser, duration);
    line->as.without.event = *event;
    line->span = span_join(line->span, event->span);
    return line;
}

/* ---- schedules ---- */

struct line *build_schedule(struct parser *parser, enum schedule_word kind, const struct token *first,
                            const struct token *last, const struct token *clock)
{
    struct line *line = build_line(parser, LINE_START_SCHEDULE, first, clock == NULL ? last : clock);
    line->as.schedule.kind = kind;
    if (clock != NULL) line->as.schedule.clock = build_literal(parser, clock);
    return line;
}

struct line *build_weekday_schedule(struct parser *parser, const struct token *first, struct name_list weekdays,
                                    const struct token *clock)
{
    struct line *line = build_schedule(parser, SCHEDULE_WORD_WEEKDAYS, first, clock, clock);
    line->as.schedule.weekdays = weekdays;
    for (const struct name_node *at = weekdays.first; at != NULL; at = at->next) {
        const struct token word = {TK_ID, 0, at->name.span, at->name.text};
        line->as.schedule.weekday_mask |= 1u << (uint32_t)build_weekday(parser, &word, true);
    }
    return line;
}

struct line *build_month_schedule(struct parser *parser, const struct token *first, const struct token *day,
                                  const struct token *clock)
{
    struct line *line = build_schedule(parser, SCHEDULE_WORD_MONTH_DAY, first, clock, clock);
    line->as.schedule.month_day = build_count(parser, day);
    line->as.schedule.month_day_span = day->span;
    if (line->as.schedule.month_day <= 31) return line;
    line->as.schedule.month_day = 31;
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_NUMBER_TOO_LARGE, day->span, day->text,
             TEXT("a month has at most 31 days; for the last one write `every month on last day`"));
    return line;
}

struct line *build_business_schedule(struct parser *parser, const struct token *first, const struct token *day,
                                     const struct token *clock)
{
    struct line *line = build_schedule(parser, SCHEDULE_WORD_MONTH_BUSINESS_DAY, first, clock, clock);
    line->as.schedule.month_day = build_count(parser, day);
    line->as.schedule.month_day_span = day->span;
    if (line->as.schedule.month_day <= 23) return line;
    line->as.schedule.month_day = 23;
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_NUMBER_TOO_LARGE, day->span, day->text,
             TEXT("a month has at most 23 business days; for the last one write `every month on last business day`"));
    return line;
}

struct line *build_year_schedule(struct parser *parser, const struct token *first, const struct token *attribute,
                                 const struct token *clock)
{
    struct line *line = build_schedule(parser, SCHEDULE_WORD_YEAR, first, clock, clock);
    line->as.schedule.attribute = build_path(parser, attribute);
    return line;
}

struct line *build_cron_schedule(struct parser *parser, const struct token *first, const struct token *text)
{
    struct line *line = build_schedule(parser, SCHEDULE_WORD_CRON, first, text, NULL);
    line->as.schedule.cron = build_name(parser, text);
    return line;
}

struct line *build_schedule_line(struct line *line, const struct token *first, struct zone_words zone,
                                 struct value *missed)
{
    line->span = span_join(first->span, line->span);
    line->as.schedule.zone = zone;
    if (zone.span.end != 0) line->span = span_join(line->span, zone.span);
    line->as.schedule.missed = missed;
    if (missed != NULL) line->span = span_join(line->span, missed->span);
    return line;
}

/* ---- order by ---- */

struct order *build_order(struct parser *parser, struct value *value, int direction)
{
    struct order *order = BUILD_NODE(parser, order);
    order->span = value->span;
    order->value = value;
    order->direction = (enum order_word)direction;
    return order;
}

struct order_list build_append_order(struct order_list list, struct order *order)
{
    BUILD_APPEND(&list, order);
    return list;
}

struct line *build_order_line(struct parser *parser, const struct token *first, struct order_list orders)
{
    struct line *line = build_line(parser, LINE_ORDER, first, first);
    line->as.orders = orders;
    line->span = span_join(first->span, orders.last->span);
    return line;
}

/* ---- holidays and business days ---- */

struct line *build_holiday_line(struct parser *parser, const struct token *first, const struct token *date,
                                const struct token *name)
{
    struct line *line = build_line(parser, LINE_HOLIDAY, first, name);
    line->as.holiday.date = build_literal(parser, date);
    line->as.holiday.name = build_name(parser, name);
    return line;
}

struct statement *build_wait_business_days(struct parser *parser, const struct token *first, const struct token *count,
                                           const struct token *last)
{
    struct statement *statement = build_statement(parser, STATEMENT_WAIT_BUSINESS_DAYS, first, last);
    statement->as.wait_business_days.count = build_count(parser, count);
    return statement;
}

struct statement *build_wait_until_business_day(struct parser *parser, const struct token *first,
                                                const struct token *last, const struct token *clock, int zone)
{
    struct statement *statement = build_wait_until(parser, first, NULL, clock == NULL ? last : clock, zone);
    statement->as.wait_until.is_business_day = true;
    if (clock == NULL) statement->as.wait_until.clock = NULL;
    return statement;
}

/* ---- words in a text ---- */

static struct value *word_value(struct parser *parser, const struct name_node *word)
{
    struct value *text = BUILD_NODE(parser, value);
    text->kind = VALUE_TEXT;
    text->span = word->name.span;
    text->name = word->name;
    return text;
}

/* The grammar has one word at least. */
struct condition *build_contains_word(struct parser *parser, struct value *left, const struct token *operator_token,
                                      struct name_list words)
{
    struct condition *condition =
        build_predicate(parser, COMPARISON_CONTAINS_WORD, word_value(parser, words.first), NULL);
    for (const struct name_node *at = words.first->next; at != NULL; at = at->next) {
        condition->values = build_append_value(condition->values, word_value(parser, at));
        condition->span = span_join(condition->span, at->name.span);
    }
    return build_comparison(parser, left, operator_token, condition, false);
}
