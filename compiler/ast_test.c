/*
 * ast_test: nodes of the lines of a test: who is given, what happens when, what is expected.
 *
 * Next: compiler/ast.h, compiler/compiled_test.h for what becomes of them.
 */
#include "compiler/ast_build.h"
#include "compiler/grammar.h"

struct line *build_given_line(struct parser *parser, const struct token *first, const struct token *last,
                              const struct token *count, const struct name_list *names, struct condition *where,
                              int is_test)
{
    struct line *line = build_line(parser, LINE_GIVEN_PLAYERS, first, last);
    line->as.given_players.is_test = is_test != 0;
    line->as.given_players.count = 1;
    if (count != NULL) line->as.given_players.count = build_count(parser, count);
    if (names != NULL) {
        line->as.given_players.names = *names;
        line->as.given_players.count = names->count;
        line->span = span_join(line->span, names->last->name.span);
    }
    line->as.given_players.where = where;
    if (where != NULL) line->span = span_join(line->span, where->span);
    return line;
}

struct line *build_given_property_line(struct parser *parser, const struct token *first, struct value *property,
                                       struct value *value)
{
    struct line *line = build_line(parser, LINE_GIVEN_PROPERTY, first, first);
    line->as.given_property.property = property;
    line->as.given_property.value = value;
    line->span = span_join(line->span, value->span);
    return line;
}

struct line *build_at_line(struct line *line, const struct token *first, const struct point *point, struct who who)
{
    line->as.at.point = *point;
    line->as.at.who = who.kind;
    line->as.at.names = who.names;
    line->span = span_join(first->span, line->span);
    return line;
}

struct line *build_at_event(struct parser *parser, const struct event_match *event)
{
    struct line *line = BUILD_NODE(parser, line);
    line->kind = LINE_AT;
    line->span = event->span;
    line->as.at.kind = AT_EVENT;
    line->as.at.event = *event;
    return line;
}

struct line *build_at_time_passes(struct parser *parser, const struct token *first, const struct token *last)
{
    struct line *line = build_line(parser, LINE_AT, first, last);
    line->as.at.kind = AT_TIME_PASSES;
    return line;
}

struct line *build_at_wallet(struct parser *parser, const struct token *first, const struct token *offer,
                             const struct token *reason)
{
    struct line *line = build_line(parser, LINE_AT, first, reason);
    line->as.at.kind = AT_WALLET_REFUSES;
    line->as.at.offer = build_name(parser, offer);
    line->as.at.reason = build_name(parser, reason);
    return line;
}

struct line *build_at_attribute(struct parser *parser, const struct token *path, struct value *value)
{
    struct line *line = build_line(parser, LINE_AT, path, path);
    line->as.at.kind = AT_ATTRIBUTE;
    line->as.at.attribute = build_path(parser, path);
    line->as.at.value = value;
    line->span = span_join(path->span, value->span);
    return line;
}

struct point *build_point_moment(struct parser *parser, struct value *moment)
{
    struct point *point = BUILD_NODE(parser, point);
    point->kind = POINT_MOMENT;
    point->span = moment->span;
    point->moment = moment;
    return point;
}

struct line *build_repeat_lines(struct parser *parser, const struct token *first, const struct token *times,
                                const struct token *last, struct line_list lines)
{
    struct line *line = build_line(parser, LINE_REPEAT_LINES, first, last);
    line->as.repeat.times = build_count(parser, times);
    line->as.repeat.lines = lines;
    return line;
}

struct line *build_expectation(struct parser *parser, struct name player, const struct point *point, struct name reason,
                               struct condition *where)
{
    struct line *line = BUILD_NODE(parser, line);
    line->kind = LINE_EXPECT_EFFECT;
    line->as.expect.player = player;
    if (point != NULL) line->as.expect.point = *point;
    line->as.expect.reason = reason;
    line->as.expect.where = where;
    return line;
}

/* The span from `first` through the last part that was written. */
static struct span expectation_span(struct span span, const struct line *line)
{
    if (ast_is_present(&line->as.expect.player)) span = span_join(span, line->as.expect.player.span);
    if (line->as.expect.point.kind != POINT_NONE) span = span_join(span, line->as.expect.point.span);
    if (ast_is_present(&line->as.expect.reason)) span = span_join(span, line->as.expect.reason.span);
    if (line->as.expect.where != NULL) span = span_join(span, line->as.expect.where->span);
    return span;
}

struct line *build_effect(struct parser *parser, struct line *line, enum effect_kind effect, const struct token *first,
                          const struct token *channel, const struct token *name)
{
    line->as.expect.effect = effect;
    struct span span = first->span;
    if (channel != NULL) {
        line->as.expect.channel = build_name(parser, channel);
        span = span_join(span, channel->span);
    }
    if (name != NULL) {
        line->as.expect.name = build_name(parser, name);
        span = span_join(span, name->span);
    }
    line->span = expectation_span(span, line);
    return line;
}

struct line *build_event_effect(struct parser *parser, struct line *line, const struct event_match *event)
{
    (void)parser;
    line->as.expect.effect = EFFECT_EVENT;
    line->as.expect.event = *event;
    line->span = expectation_span(event->span, line);
    return line;
}

struct line *build_expect_line(struct parser *parser, const struct token *first, struct line *line,
                               enum count_kind kind, const struct token *count)
{
    line->as.expect.count_kind = kind;
    if (count != NULL) line->as.expect.count = build_count(parser, count);
    line->span = span_join(first->span, line->span);
    return line;
}

struct line *build_expect_messages(struct parser *parser, const struct token *first, const struct token *count,
                                   const struct token *last, struct line *line, enum count_kind kind)
{
    line->kind = LINE_EXPECT_MESSAGES;
    line->as.expect.effect = EFFECT_MESSAGE;
    line->as.expect.count_kind = kind;
    line->as.expect.count = build_count(parser, count);
    line->span = expectation_span(span_join(first->span, last->span), line);
    return line;
}

struct line *build_expect_condition(struct parser *parser, const struct token *first, struct condition *condition,
                                    struct name player)
{
    struct line *line = build_line(parser, LINE_EXPECT_CONDITION, first, first);
    line->as.expect.where = condition;
    line->as.expect.player = player;
    line->span = span_join(first->span, ast_is_present(&player) ? player.span : condition->span);
    return line;
}
