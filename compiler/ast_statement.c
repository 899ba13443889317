/*
 * ast_statement: nodes of statements and of their cases, one function a shape.
 *
 * Journeys' questions and tellings are in compiler/ast_journey.c. Next: compiler/ast.h, compiler/ast_build.c.
 */
#include "compiler/ast_build.h"
#include "compiler/grammar.h"

struct statement *build_statement(struct parser *parser, enum statement_kind kind, const struct token *first,
                                  const struct token *last)
{
    struct statement *statement = BUILD_NODE(parser, statement);
    statement->kind = kind;
    statement->span = span_join(first->span, last->span);
    return statement;
}

struct statement *build_named(struct parser *parser, enum statement_kind kind, const struct token *first,
                              const struct token *name, struct name label)
{
    struct statement *statement = build_statement(parser, kind, first, name);
    statement->name = build_given_name(parser, name);
    statement->label = label;
    if (ast_is_present(&label)) statement->span = span_join(statement->span, label.span);
    return statement;
}

struct statement *build_send(struct parser *parser, const struct token *first, const struct token *channel,
                             const struct token *message, struct name label)
{
    struct statement *statement = build_named(parser, STATEMENT_SEND, first, message, label);
    statement->as.send.channel = build_name(parser, channel);
    return statement;
}

struct statement *build_do(struct parser *parser, const struct token *first, const struct token *action,
                           struct argument_list arguments, struct name label)
{
    struct statement *statement = build_named(parser, STATEMENT_DO, first, action, label);
    statement->as.action.arguments = arguments;
    statement->span = span_join(statement->span, arguments.last->span);
    return statement;
}

struct statement *build_go_to(struct parser *parser, const struct token *first, const struct token *step,
                              const struct token *times, const struct token *last)
{
    struct statement *statement = build_statement(parser, STATEMENT_GO_TO, first, last);
    statement->name = build_name(parser, step);
    if (times != NULL) statement->as.go_to.at_most = build_count(parser, times);
    return statement;
}

struct statement *build_remember(struct parser *parser, const struct token *first, const struct token *name,
                                 struct value *value)
{
    struct statement *statement = build_named(parser, STATEMENT_REMEMBER, first, name, (struct name){0});
    statement->span = span_join(statement->span, value->span);
    /* A last `, otherwise W` is the statement's own, so that `remember x as V, otherwise W` has one shape. */
    struct clause **last = &value->clauses;
    while (value->kind == VALUE_FORMULA && *last != NULL && (*last)->next != NULL) last = &(*last)->next;
    if (value->kind == VALUE_FORMULA && *last != NULL && (*last)->kind == CLAUSE_OTHERWISE) {
        statement->as.remember.otherwise = (*last)->value;
        *last = NULL;
        if (value->clauses == NULL) {
            value = value->left;
        } else {
            value->span = value->left->span;
            for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next)
                value->span = span_join(value->span, clause->span);
        }
    }
    statement->as.remember.value = value;
    return statement;
}

struct statement *build_wait(struct parser *parser, const struct token *first, const struct token *duration)
{
    struct statement *statement = build_statement(parser, STATEMENT_WAIT, first, duration);
    statement->as.wait.duration = build_literal(parser, duration);
    return statement;
}

struct statement *build_wait_until_after_entry(struct parser *parser, const struct token *first,
                                               const struct token *duration, const struct token *last)
{
    struct statement *statement = build_statement(parser, STATEMENT_WAIT, first, last);
    statement->as.wait.duration = build_literal(parser, duration);
    statement->as.wait.after_entry = true;
    return statement;
}

int32_t build_weekday(struct parser *parser, const struct token *word, bool of_schedule)
{
    static const struct text names[] = {TEXT_INIT("monday"),   TEXT_INIT("tuesday"), TEXT_INIT("wednesday"),
                                        TEXT_INIT("thursday"), TEXT_INIT("friday"),  TEXT_INIT("saturday"),
                                        TEXT_INIT("sunday")};
    for (int32_t i = 0; i < 7; i++) {
        if (text_equal(word->text, names[i])) return i;
    }
    const struct text near = diagnostic_did_you_mean(word->text, names, 7);
    parser->is_broken = true;
    DIAGNOSE(
        parser->diagnostics, DIAGNOSTIC_UNKNOWN_WEEKDAY, word->span, word->text,
        near.size == 0 && of_schedule
            ? TEXT("write `monday` to `sunday`, as in `start every monday at 09:00`; for a month write `start every "
                   "month on day 1 at 09:00`, or `on last day`")
        : near.size == 0 ? TEXT("write `monday` to `sunday`, or a time such as `wait until 18:00`; for an event "
                                "write `wait up to 3 days` "
                                "and `when` lines below")
                         : arena_print(parser->arena, "did you mean `%.*s`?", TEXT_ARGS(near)));
    return 0;
}

struct statement *build_wait_until(struct parser *parser, const struct token *first, const struct token *weekday,
                                   const struct token *clock, int zone)
{
    const struct token *last = first;
    if (weekday != NULL) last = weekday;
    if (clock != NULL) last = clock;
    struct statement *statement = build_statement(parser, STATEMENT_WAIT_UNTIL, first, last);
    statement->as.wait_until.weekday_index = -1;
    if (weekday != NULL) {
        statement->as.wait_until.weekday = build_name(parser, weekday);
        statement->as.wait_until.weekday_index = build_weekday(parser, weekday, false);
    }
    if (clock != NULL) statement->as.wait_until.clock = build_literal(parser, clock);
    statement->as.wait_until.in_player_zone = zone != 0;
    return statement;
}

struct statement *build_wait_up_to(struct parser *parser, const struct token *first, const struct token *duration,
                                   int since_entry, struct choice_list cases)
{
    struct statement *statement = build_statement(parser, STATEMENT_WAIT_UP_TO, first, duration);
    statement->as.wait_up_to.duration = build_literal(parser, duration);
    statement->as.wait_up_to.since_entry = since_entry != 0;
    statement->as.wait_up_to.cases = cases;
    return statement;
}

struct statement *build_if(struct parser *parser, struct branch_list branches, struct block otherwise)
{
    struct statement *statement = BUILD_NODE(parser, statement);
    statement->kind = STATEMENT_IF;
    statement->span = branches.first->span;
    statement->as.branch.branches = branches;
    statement->as.branch.has_otherwise = otherwise.span.end != 0;
    statement->as.branch.otherwise_span = otherwise.span;
    statement->as.branch.otherwise = otherwise;
    return statement;
}

struct branch_list build_branch(struct parser *parser, const struct branch_list *before, const struct token *first,
                                struct condition *condition, struct block body)
{
    struct branch_list list = {0};
    if (before != NULL) list = *before;
    struct branch *branch = BUILD_NODE(parser, branch);
    branch->span = span_join(first->span, condition->span);
    branch->condition = condition;
    branch->body = body;
    BUILD_APPEND(&list, branch);
    return list;
}

/* `otherwise` takes all that is left, so nothing may stand behind it. */
static void check_last_case(struct parser *parser, const struct choice_list *cases)
{
    bool is_taken = false;
    for (const struct choice *at = cases->first; at != NULL; at = at->next) {
        if (is_taken) {
            parser->is_broken = true;
            diagnostics_add(parser->diagnostics, DIAGNOSTIC_CASE_AFTER_OTHERWISE, at->span, NULL, 0);
            return;
        }
        is_taken = at->kind == CHOICE_OTHERWISE;
    }
}

struct statement *build_choose(struct parser *parser, const struct token *first, struct value *subject,
                               struct choice_list cases)
{
    struct statement *statement = build_statement(parser, STATEMENT_CHOOSE, first, first);
    statement->span = span_join(first->span, subject->span);
    statement->as.choose.subject = subject;
    check_last_case(parser, &cases);
    statement->as.choose.cases = cases;
    return statement;
}

struct statement *build_split(struct parser *parser, const struct token *first, const struct token *name,
                              struct choice_list arms)
{
    struct statement *statement = build_named(parser, STATEMENT_SPLIT, first, name, (struct name){0});
    statement->as.split.arms = arms;
    return statement;
}

struct statement *build_repeat(struct parser *parser, const struct token *first, const struct token *times,
                               const struct token *last, struct block body)
{
    struct statement *statement = build_statement(parser, STATEMENT_REPEAT, first, last);
    statement->as.repeat.at_most = build_count(parser, times);
    statement->as.repeat.body = body;
    return statement;
}

struct block build_inline_body(struct statement *statement)
{
    struct block block = {0};
    build_append_statement(&block, statement);
    block.is_inline = true;
    return block;
}

struct argument *build_argument(struct parser *parser, const struct token *name, struct value *value)
{
    struct argument *argument = BUILD_NODE(parser, argument);
    argument->name = build_name(parser, name);
    argument->value = value;
    argument->span = span_join(name->span, value->span);
    return argument;
}

struct choice *build_case(struct parser *parser, enum choice_kind kind, const struct token *first,
                          const struct token *last, struct block body)
{
    struct choice *choice = BUILD_NODE(parser, choice);
    choice->kind = kind;
    choice->span = span_join(first->span, last->span);
    choice->body = body;
    return choice;
}

struct choice *build_event_case(struct parser *parser, const struct token *first, const struct event_match *event,
                                struct block body)
{
    struct choice *choice = build_case(parser, CHOICE_EVENT, first, first, body);
    choice->event = *event;
    choice->span = span_join(first->span, event->span);
    return choice;
}

static bool is_plain_value(const struct value *value)
{
    return value->kind == VALUE_NUMBER || value->kind == VALUE_PERCENT || value->kind == VALUE_MULTIPLE ||
           value->kind == VALUE_MONEY || value->kind == VALUE_DURATION || value->kind == VALUE_DATE ||
           value->kind == VALUE_CLOCK;
}

/* `when 20% - 49.9999%`: written as a range, read as a subtraction. */
static void check_range(struct parser *parser, const struct condition *condition)
{
    const struct value *value = condition->values.first;
    if (condition->kind != CONDITION_COMPARE || condition->comparison != COMPARISON_IS || value == NULL) return;
    if (value->kind != VALUE_BINARY || value->operation != OPERATION_SUBTRACT) return;
    if (!is_plain_value(value->left) || !is_plain_value(value->right)) return;
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_RANGE_BY_MINUS, value->span,
             source_slice(parser->source, value->left->span), source_slice(parser->source, value->right->span));
}

struct choice *build_value_case(struct parser *parser, const struct token *first, struct condition *condition,
                                struct block body)
{
    struct choice *choice = build_case(parser, CHOICE_VALUE, first, first, body);
    choice->condition = condition;
    choice->span = span_join(first->span, condition->span);
    condition->operator_span = condition->span;
    check_range(parser, condition);
    return choice;
}

struct choice *build_arm(struct parser *parser, const struct token *share, const struct token *name, struct block body)
{
    struct choice *choice = build_case(parser, CHOICE_ARM, share, name, body);
    choice->share = build_literal(parser, share)->amount;
    choice->name = build_given_name(parser, name);
    return choice;
}
