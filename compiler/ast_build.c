/*
 * ast_build: nodes of names and lists, of declarations and of their lines.
 *
 * One function a shape; they copy what the grammar hands them into a fresh node and work out its
 * span. Values, conditions and types are in compiler/ast_values.c, statements in compiler/ast_statement.c,
 * tests in compiler/ast_test.c. Next: compiler/ast.h.
 */
#include "compiler/ast_build.h"

#include <string.h>

#include "compiler/grammar.h"
#include "vm/limits.h"

/* Nodes that could not be had are made here, one behind the other: what the same token still builds of them must not find another kind of
 * node in its place. Large enough for any. */
enum { SCRATCH_SIZE = 1024 };
_Static_assert(sizeof(struct line) <= SCRATCH_SIZE, "a line fits the scratch node");
_Static_assert(sizeof(struct declaration) <= SCRATCH_SIZE, "a declaration fits the scratch node");
_Static_assert(sizeof(struct statement) <= SCRATCH_SIZE, "a statement fits the scratch node");

void *build_node(struct parser *parser, size_t size)
{
    INVARIANT(size <= SCRATCH_SIZE);
    void *node = arena_alloc(parser->arena, size);
    if (node != NULL) return node;
    parser->out_of_memory = true;
    const uint32_t words = (uint32_t)((size + sizeof *parser->scratch - 1) / sizeof *parser->scratch);
    if (parser->scratch_used + words > sizeof parser->scratch / sizeof *parser->scratch) parser->scratch_used = 0;
    void *stand_in = &parser->scratch[parser->scratch_used];
    memset(stand_in, 0, words * sizeof *parser->scratch);
    parser->scratch_used += words;
    return stand_in;
}

/* ---- names and lists ---- */

struct span build_token_span(struct parser *parser, const struct token *token)
{
    (void)parser;
    return token->span;
}

struct name build_name(struct parser *parser, const struct token *token)
{
    struct text text = token->text;
    if (token->kind == TK_STRING && text.size >= 2) text = text_slice(text, 1, text.size - 2);
    if (text.size > LIMIT_STRING_BYTES) {
        parser->is_broken = true;
        DIAGNOSE(parser->diagnostics, DIAGNOSTIC_TEXT_OVERSIZED, token->span,
                 arena_print(parser->arena, "%u", text.size), arena_print(parser->arena, "%d", LIMIT_STRING_BYTES));
    }
    return (struct name){text, token->span, 0};
}

/* Stand-ins for names that could not be read cover other words. */
struct name build_given_name(struct parser *parser, const struct token *token)
{
    if (token->kind == TK_STRING && token->text.size == 2 && token->span.end - token->span.start == 2) {
        parser->is_broken = true;
        diagnostics_add(parser->diagnostics, DIAGNOSTIC_EMPTY_NAME, token->span, NULL, 0);
    }
    return build_name(parser, token);
}

struct name_list build_names(struct parser *parser, const struct name_list *before, const struct token *token)
{
    struct name_list list = {0};
    if (before != NULL) list = *before;
    struct name_node *node = BUILD_NODE(parser, name_node);
    node->name = build_name(parser, token);
    BUILD_APPEND(&list, node);
    return list;
}

const struct name_list *build_one_name(struct parser *parser, const struct token *token)
{
    struct name_list *list = BUILD_NODE(parser, name_list);
    *list = build_names(parser, NULL, token);
    return list;
}

void build_append_declaration(struct declaration_list *list, struct declaration *declaration)
{
    BUILD_APPEND(list, declaration);
}

void build_append_line(struct line_list *list, struct line *line)
{
    BUILD_APPEND(list, line);
}

void build_append_statement(struct block *block, struct statement *statement)
{
    block->span = block->first == NULL ? statement->span : span_join(block->span, statement->span);
    BUILD_APPEND(block, statement);
}

void build_append_choice(struct choice_list *list, struct choice *choice)
{
    BUILD_APPEND(list, choice);
}

void build_append_condition(struct condition_list *list, struct condition *condition)
{
    BUILD_APPEND(list, condition);
}

struct value_list build_append_value(struct value_list list, struct value *value)
{
    BUILD_APPEND(&list, value);
    return list;
}

struct argument_list build_append_argument(struct argument_list list, struct argument *argument)
{
    BUILD_APPEND(&list, argument);
    return list;
}

struct rate_list build_append_rate(struct rate_list list, struct rate *rate)
{
    BUILD_APPEND(&list, rate);
    return list;
}

/* ---- declarations ---- */

struct declaration *build_declaration(struct parser *parser, enum declaration_kind kind, const struct token *first,
                                      const struct token *name, const struct token *last, struct line_list lines,
                                      const struct token *end)
{
    struct declaration *node = BUILD_NODE(parser, declaration);
    node->kind = kind;
    node->span = span_join(first->span, last->span);
    if (name != NULL) node->name = build_given_name(parser, name);
    node->lines = lines;
    node->end_span = (struct span){node->span.file, node->span.end, node->span.end};
    if (end != NULL) node->end_span = end->span;
    return node;
}

struct declaration *build_rules(struct parser *parser, const struct token *first, const struct token *country,
                                const struct token *from, const struct token *through, struct line_list lines,
                                const struct token *end)
{
    struct declaration *node =
        build_declaration(parser, DECLARATION_RULES, first, country, through == NULL ? from : through, lines, end);
    node->from = build_literal(parser, from);
    if (through != NULL) node->through = build_literal(parser, through);
    return node;
}

struct declaration *build_finish_declaration(struct declaration *declaration, struct line_list lines,
                                             const struct token *end)
{
    declaration->lines = lines;
    declaration->end_span = end->span;
    return declaration;
}

struct declaration *build_attribute(struct parser *parser, const struct token *first, const struct token *name,
                                    struct type_expression *type, struct value *otherwise)
{
    struct declaration *node =
        build_declaration(parser, DECLARATION_ATTRIBUTE, first, name, name, (struct line_list){0}, NULL);
    type->otherwise = otherwise;
    node->type = type;
    node->span = span_join(node->span, otherwise == NULL ? type->span : otherwise->span);
    return node;
}

struct declaration *build_query(struct parser *parser, const struct token *first, const struct token *name,
                                struct type_expression *type)
{
    struct declaration *node =
        build_declaration(parser, DECLARATION_QUERY, first, name, name, (struct line_list){0}, NULL);
    node->type = type;
    node->span = span_join(node->span, type->span);
    return node;
}

/* ---- lines of declarations ---- */

struct line *build_line(struct parser *parser, enum line_kind kind, const struct token *first, const struct token *last)
{
    struct line *line = BUILD_NODE(parser, line);
    line->kind = kind;
    line->span = span_join(first->span, last->span);
    return line;
}

struct line *build_text_line(struct parser *parser, enum line_kind kind, const struct token *first,
                             const struct token *text)
{
    struct line *line = build_line(parser, kind, first, text);
    line->as.text = build_name(parser, text);
    return line;
}

struct line *build_word_line(struct parser *parser, enum line_kind kind, const struct token *first,
                             const struct token *word)
{
    struct line *line = build_line(parser, kind, first, word);
    line->as.word = build_name(parser, word);
    return line;
}

struct line *build_words_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              struct name_list words)
{
    struct line *line = build_line(parser, kind, first, first);
    line->as.words = words;
    line->span = span_join(first->span, words.last->name.span);
    return line;
}

struct line *build_one_word_line(struct parser *parser, enum line_kind kind, const struct token *first,
                                 const struct token *word)
{
    return build_words_line(parser, kind, first, build_names(parser, NULL, word));
}

struct line *build_value_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              struct value *value)
{
    struct line *line = build_line(parser, kind, first, first);
    line->as.value = value;
    line->span = span_join(first->span, value->span);
    return line;
}

struct line *build_condition_line(struct parser *parser, enum line_kind kind, const struct token *first,
                                  struct condition *condition)
{
    struct line *line = build_line(parser, kind, first, first);
    line->as.condition = condition;
    line->span = span_join(first->span, condition->span);
    return line;
}

struct line *build_event_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct event_match *event)
{
    struct line *line = build_line(parser, kind, first, first);
    line->as.event = *event;
    line->span = span_join(first->span, event->span);
    return line;
}

struct line *build_field_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct token *name, struct type_expression *type)
{
    struct line *line = build_line(parser, kind, first, name);
    line->as.field.name = build_name(parser, name);
    line->as.field.type = type;
    line->span = span_join(first->span, type->span);
    return line;
}

struct line *build_reverses_line(struct parser *parser, const struct token *first, const struct token *event,
                                 const struct token *by, const struct token *at)
{
    struct line *line = build_line(parser, LINE_REVERSES, first, at == NULL ? by : at);
    line->as.reverses.event = build_name(parser, event);
    line->as.reverses.by = build_name(parser, by);
    if (at != NULL) line->as.reverses.at = build_name(parser, at);
    return line;
}

struct line *build_sets_line(struct parser *parser, const struct token *first, const struct token *attribute,
                             const struct token *until)
{
    struct line *line = build_line(parser, LINE_SETS, first, until == NULL ? attribute : until);
    line->as.sets.attribute = build_name(parser, attribute);
    if (until != NULL) line->as.sets.until = build_name(parser, until);
    return line;
}

/* A hole that is not closed would swallow the text behind it: the text is cut before it. */
static void check_holes(struct parser *parser, struct name *content)
{
    const struct text text = content->text;
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.at[i] != '{') continue;
        if (i + 1 < text.size && text.at[i + 1] == '{') {
            i++;
            continue;
        }
        const uint32_t close = text_find(text, '}', i);
        const uint32_t second = text_find(text, '{', i + 1);
        if (close < text.size && close < second) {
            i = close;
            continue;
        }
        uint32_t end = i + 1;
        while (end < text.size && end < i + 24 && text.at[end] != ' ' && text.at[end] != '{') end++;
        const struct span span = {content->span.file, content->span.start + 1 + i, content->span.start + 1 + end};
        parser->is_broken = true;
        DIAGNOSE(parser->diagnostics, DIAGNOSTIC_HOLE_NOT_CLOSED, span, text_slice(text, i, end - i));
        content->text = text_slice(text, 0, i);
        return;
    }
}

struct line *build_content_line(struct parser *parser, const struct token *channel, const struct token *locale,
                                const struct token *text, bool is_file)
{
    struct line *line = build_line(parser, LINE_CONTENT, channel, text);
    line->as.content.channel = build_name(parser, channel);
    line->as.content.locale = build_given_name(parser, locale);
    line->as.content.text = build_given_name(parser, text);
    line->as.content.is_file = is_file;
    if (!is_file) check_holes(parser, &line->as.content.text);
    return line;
}

struct line *build_nested_line(struct parser *parser, enum line_kind kind, const struct token *first,
                               const struct token *last, struct declaration *declaration)
{
    struct line *line = build_line(parser, kind, first, last);
    line->as.declaration = declaration;
    return line;
}

struct line *build_nested_declaration(struct parser *parser, enum line_kind kind, struct declaration *declaration)
{
    struct line *line = BUILD_NODE(parser, line);
    line->kind = kind;
    line->span = declaration->span;
    line->as.declaration = declaration;
    return line;
}

struct line *build_amount_line(struct parser *parser, enum line_kind kind, const struct token *first,
                               struct value *value, int period, const struct token *offer)
{
    struct line *line = build_line(parser, kind, first, first);
    line->as.amount.value = value;
    line->as.amount.period = (enum period_word)period;
    if (offer != NULL) line->as.amount.offer = build_name(parser, offer);
    line->span = span_join(first->span, value->span);
    return line;
}

struct line *build_when_empty_line(struct parser *parser, const struct token *first, const struct token *last,
                                   enum when_empty_word kind, const struct token *reason)
{
    struct line *line = build_line(parser, LINE_WHEN_EMPTY, first, last);
    line->as.when_empty.kind = kind;
    if (reason != NULL) line->as.when_empty.reason = build_given_name(parser, reason);
    return line;
}

struct line *build_parameter_line(struct parser *parser, const struct token *name, struct value *value)
{
    struct line *line = build_line(parser, LINE_PARAMETER, name, name);
    line->as.parameter.name = build_name(parser, name);
    line->as.parameter.value = value;
    line->span = span_join(name->span, value->span);
    return line;
}

static void wagering_base(struct parser *parser, struct line *line, const struct token *base)
{
    if (text_equal(base->text, TEXT("bonus"))) {
        line->as.wagering.of_bonus = true;
    } else if (text_equal(base->text, TEXT("deposit"))) {
        line->as.wagering.of_deposit = true;
    } else {
        parser->is_broken = true;
        DIAGNOSE(parser->diagnostics, DIAGNOSTIC_WAGERING_BASE, base->span, base->text);
    }
}

struct line *build_wagering_line(struct parser *parser, const struct token *first, const struct token *multiple,
                                 const struct token *of, const struct token *and_or_none)
{
    struct line *line = build_line(parser, LINE_WAGERING, first, and_or_none != NULL ? and_or_none : of);
    if (multiple == NULL) {
        line->as.wagering.none = true;
        return line;
    }
    line->as.wagering.multiple = build_literal(parser, multiple);
    wagering_base(parser, line, of);
    if (and_or_none != NULL) wagering_base(parser, line, and_or_none);
    return line;
}

struct line *build_expires_line(struct parser *parser, const struct token *first, const struct token *duration,
                                const struct token *last, bool after_activation)
{
    struct line *line = build_line(parser, LINE_EXPIRES, first, last);
    line->as.expires.duration = build_literal(parser, duration);
    line->as.expires.after_activation = after_activation;
    return line;
}

struct line *build_finish_for_line(struct parser *parser, const struct token *first, const struct token *reason,
                                   struct condition *condition)
{
    struct line *line = build_line(parser, LINE_FINISH_FOR, first, reason);
    line->as.finish_for.reason = build_given_name(parser, reason);
    line->as.finish_for.condition = condition;
    line->span = span_join(line->span, condition->span);
    return line;
}

struct line *build_never_line(struct parser *parser, const struct token *first, enum never_word kind,
                              const struct token *message_class, struct condition *condition)
{
    struct line *line = build_line(parser, LINE_NEVER, first, first);
    line->as.never.kind = kind;
    if (message_class != NULL) line->as.never.message_class = build_name(parser, message_class);
    line->as.never.condition = condition;
    line->span = span_join(line->span, condition->span);
    return line;
}

struct line *build_send_only_to_line(struct parser *parser, const struct token *first, const struct token *channel,
                                     const struct token *product, struct condition *condition, const struct token *last)
{
    struct line *line = build_line(parser, LINE_SEND_ONLY_TO, first, last == NULL ? product : last);
    line->as.send_only_to.channel = build_name(parser, channel);
    line->as.send_only_to.product = build_name(parser, product);
    line->as.send_only_to.condition = condition;
    if (condition != NULL) line->span = span_join(line->span, condition->span);
    return line;
}

struct line *build_messages_line(struct parser *parser, const struct token *first, struct name channel,
                                 struct rate_list rates, int refused)
{
    struct line *line = build_line(parser, LINE_MESSAGES_AT_MOST, first, first);
    line->as.messages.channel = channel;
    line->as.messages.rates = rates;
    line->as.messages.otherwise = refused < 0 ? REFUSED_DROP : (enum refused_word)refused;
    line->span = span_join(line->span, rates.last->span);
    return line;
}

struct line *build_send_between_line(struct parser *parser, const struct token *first, const struct token *from,
                                     const struct token *to, int zone, int refused)
{
    struct line *line = build_line(parser, LINE_SEND_BETWEEN, first, to);
    line->as.send_between.from = build_literal(parser, from);
    line->as.send_between.to = build_literal(parser, to);
    line->as.send_between.in_player_zone = zone != 0;
    line->as.send_between.otherwise = refused < 0 ? REFUSED_DELAY : (enum refused_word)refused;
    return line;
}

struct line *build_group_line(struct parser *parser, const struct token *first, const struct token *name,
                              const struct token *last)
{
    struct line *line = build_line(parser, LINE_GROUP, first, last);
    line->as.text = build_given_name(parser, name);
    return line;
}

struct line *build_hold_out_line(struct parser *parser, const struct token *first, const struct token *share,
                                 const struct token *by)
{
    struct line *line = build_line(parser, LINE_HOLD_OUT, first, by);
    line->as.hold_out.share = build_literal(parser, share);
    line->as.hold_out.by = build_given_name(parser, by);
    return line;
}

struct line *build_exchange_line(struct parser *parser, const struct token *first, const struct token *from,
                                 const struct token *to, const struct token *number)
{
    struct line *line = build_line(parser, LINE_EXCHANGE, first, number);
    line->as.exchange.from = build_name(parser, from);
    line->as.exchange.to = build_name(parser, to);
    line->as.exchange.number = build_literal(parser, number);
    return line;
}

struct line *build_count_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct token *count, const struct token *last)
{
    struct line *line = build_line(parser, kind, first, last);
    line->as.count = build_count(parser, count);
    return line;
}

struct line *build_rounding_line(struct parser *parser, const struct token *first, int rounding)
{
    struct line *line = build_line(parser, LINE_ROUNDING, first, first);
    line->as.rounding = (enum rounding)rounding;
    return line;
}

struct line *build_runs_line(struct parser *parser, const struct token *first, const struct token *from,
                             const struct token *through, const struct token *last)
{
    const struct token *end = last != NULL ? last : through != NULL ? through : from;
    struct line *line = build_line(parser, LINE_RUNS, first, end);
    line->as.runs.from = build_literal(parser, from);
    if (through != NULL) line->as.runs.through = build_literal(parser, through);
    return line;
}

struct line *build_enter_line(struct parser *parser, const struct token *first, const struct token *last,
                              enum enter_word kind, const struct token *times, const struct token *per, int period)
{
    struct line *line = build_line(parser, LINE_ENTER, first, last);
    line->as.enter.kind = kind;
    line->as.enter.period = (enum period_word)period;
    if (times != NULL) line->as.enter.times = build_count(parser, times);
    if (per != NULL) line->as.enter.per = build_literal(parser, per);
    return line;
}

struct line *build_enter_limit(struct parser *parser, struct line *line, const struct token *players,
                               const struct token *last, const struct token *reason)
{
    line->as.enter.players_at_most = build_count(parser, players);
    if (reason != NULL) line->as.enter.otherwise_reason = build_given_name(parser, reason);
    line->span = span_join(line->span, last->span);
    return line;
}

struct line *build_leave_line(struct parser *parser, const struct token *first, const struct event_match *event,
                              struct condition *condition, struct statement *then)
{
    struct line *line = build_line(parser, event != NULL ? LINE_LEAVE_ON : LINE_LEAVE_WHEN, first, first);
    if (event != NULL) line->as.leave.event = *event;
    line->as.leave.condition = condition;
    line->as.leave.then = then;
    line->span = span_join(line->span, event != NULL ? event->span : condition->span);
    if (then != NULL) line->span = span_join(line->span, then->span);
    return line;
}

struct line *build_goal_line(struct parser *parser, const struct token *first, const struct token *within,
                             const struct event_match *event)
{
    struct line *line = build_line(parser, LINE_GOAL, first, first);
    if (within != NULL) line->as.goal.within = build_literal(parser, within);
    line->as.goal.event = *event;
    line->span = span_join(line->span, event->span);
    return line;
}

struct line *build_step_line(struct parser *parser, const struct token *first, const struct token *name,
                             const struct token *renamed_from, struct block body, const struct token *end)
{
    struct line *line = build_line(parser, LINE_STEP, first, renamed_from == NULL ? name : renamed_from);
    line->as.step.name = build_given_name(parser, name);
    if (renamed_from != NULL) line->as.step.renamed_from = build_name(parser, renamed_from);
    line->as.step.body = body;
    if (body.first == NULL) line->as.step.body.span = end->span;
    return line;
}

struct rate *build_rate(struct parser *parser, const struct token *count, const struct token *duration)
{
    struct rate *rate = BUILD_NODE(parser, rate);
    rate->count = build_count(parser, count);
    rate->duration = build_literal(parser, duration);
    rate->span = span_join(count->span, duration->span);
    return rate;
}

struct rate *build_calendar_rate(struct parser *parser, const struct token *count, int period)
{
    struct rate *rate = BUILD_NODE(parser, rate);
    rate->count = build_count(parser, count);
    rate->period = (enum period_word)period;
    rate->span = count->span;
    return rate;
}
