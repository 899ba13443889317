/*
 * ast_journey: nodes of what a journey asks and tells others, of who may enter, and of their tests.
 *
 * Next: compiler/ast.h; the other statements are in compiler/ast_statement.c.
 */
#include "compiler/ast_build.h"
#include "compiler/grammar.h"

/* ---- who may enter ---- */

void build_enter_keys(struct line *line, struct name_list keys)
{
    line->as.enter.keys = keys;
    line->span = span_join(line->span, keys.last->name.span);
}

struct line *build_enter_at_once(struct parser *parser, struct line *line, const struct token *count,
                                 const struct token *last)
{
    line->as.enter.at_once = build_count(parser, count);
    line->span = span_join(line->span, last->span);
    return line;
}

struct line *build_enter_restarting(struct parser *parser, struct line *line, const struct token *reason)
{
    line->as.enter.restarting_as = build_name(parser, reason);
    line->span = span_join(line->span, reason->span);
    return line;
}

struct line *build_enter_missing(struct line *line, const struct token *last, enum missing_keys_word missing)
{
    line->as.enter.missing_keys = missing;
    line->span = span_join(line->span, last->span);
    return line;
}

/* ---- ask and tell ---- */

struct statement *build_ask(struct parser *parser, const struct token *first, const struct token *asked,
                            const struct token *query, const struct token *duration, struct choice_list cases)
{
    struct statement *statement = build_named(parser, STATEMENT_ASK, first, asked, (struct name){0});
    statement->span = span_join(statement->span, duration->span);
    if (query != NULL) statement->as.ask.query = build_name(parser, query);
    statement->as.ask.people = 1;
    statement->as.ask.duration = build_literal(parser, duration);
    statement->as.ask.cases = cases;
    return statement;
}

struct statement *build_tell(struct parser *parser, const struct token *first, const struct token *player,
                             const struct token *event, struct argument_list arguments, struct name label)
{
    struct statement *statement = build_named(parser, STATEMENT_TELL, first, event, label);
    statement->as.tell.player = build_path(parser, player);
    statement->as.tell.arguments = arguments;
    if (arguments.last != NULL) statement->span = span_join(statement->span, arguments.last->span);
    return statement;
}

/* ---- tests ---- */

struct line *build_at_approval(struct parser *parser, const struct token *first, const struct token *campaign,
                               const struct token *by, bool is_approved)
{
    struct line *line = build_line(parser, LINE_AT, first, by);
    line->as.at.kind = AT_APPROVAL;
    line->as.at.name = build_name(parser, campaign);
    line->as.at.by = build_name(parser, by);
    line->as.at.is_approved = is_approved;
    return line;
}

struct line *build_at_answer(struct parser *parser, const struct token *first, const struct token *asked,
                             struct value *value)
{
    struct line *line = build_line(parser, LINE_AT, first, asked);
    line->as.at.kind = AT_ANSWER;
    line->as.at.name = build_name(parser, asked);
    line->as.at.value = value;
    line->span = span_join(line->span, value->span);
    return line;
}

struct line *build_at_command(struct parser *parser, const struct token *first, int command,
                              const struct token *campaign)
{
    struct line *line = build_line(parser, LINE_AT, first, campaign);
    line->as.at.kind = AT_COMMAND;
    line->as.at.command = (enum command_word)command;
    line->as.at.name = build_name(parser, campaign);
    return line;
}
