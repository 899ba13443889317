/*
 * ast_build: makes the nodes of the tree; called by the grammar's actions and by nobody else.
 *
 * A function never fails: where the arena is exhausted it notes that in the parser and hands out a
 * scratch node, and the parse is thrown away. Amounts are worked out here, so a number that does
 * not fit, a date that does not exist or a currency that is none is reported here.
 *
 * `first` and `last` are the tokens that the node's span runs from and to. Next: compiler/ast.h.
 */
#ifndef PROMO_COMPILER_AST_BUILD_H
#define PROMO_COMPILER_AST_BUILD_H

#include "compiler/ast.h"
#include "compiler/lexer.h"
#include "compiler/parser_state.h"

/* ---- names and lists ---- */

/* All lists of nodes are { first, last, count } linked by `next`. */
#define BUILD_APPEND(list, node)         \
    do {                                 \
        if ((list)->first == NULL) {     \
            (list)->first = (node);      \
        } else {                         \
            (list)->last->next = (node); \
        }                                \
        (list)->last = (node);           \
        (list)->count++;                 \
    } while (0)

struct name build_name(struct parser *parser, const struct token *token);
/* The name that an author gives to a thing; an empty one is reported. */
struct name build_given_name(struct parser *parser, const struct token *token);
struct name_list build_names(struct parser *parser, const struct name_list *before, const struct token *token);
const struct name_list *build_one_name(struct parser *parser, const struct token *token);
struct span build_token_span(struct parser *parser, const struct token *token);

void build_append_declaration(struct declaration_list *list, struct declaration *declaration);
void build_append_line(struct line_list *list, struct line *line);
void build_append_statement(struct block *block, struct statement *statement);
void build_append_choice(struct choice_list *list, struct choice *choice);
void build_append_condition(struct condition_list *list, struct condition *condition);
struct value_list build_append_value(struct value_list list, struct value *value);
struct argument_list build_append_argument(struct argument_list list, struct argument *argument);
struct rate_list build_append_rate(struct rate_list list, struct rate *rate);

/* ---- declarations ---- */

struct declaration *build_declaration(struct parser *parser, enum declaration_kind kind, const struct token *first,
                                      const struct token *name, const struct token *last, struct line_list lines,
                                      const struct token *end);
struct declaration *build_rules(struct parser *parser, const struct token *first, const struct token *country,
                                const struct token *from, const struct token *through, struct line_list lines,
                                const struct token *end);
struct declaration *build_finish_declaration(struct declaration *declaration, struct line_list lines,
                                             const struct token *end);
struct declaration *build_attribute(struct parser *parser, const struct token *first, const struct token *name,
                                    struct type_expression *type, struct value *otherwise);

struct declaration *build_query(struct parser *parser, const struct token *first, const struct token *name,
                                struct type_expression *type);

struct type_expression *build_type(struct parser *parser, enum type_word kind, const struct token *first,
                                   const struct token *last, const struct name_list *words);
struct type_expression *build_named_type(struct parser *parser, const struct token *first, const struct token *last,
                                         const struct type_expression *bounds);
struct type_expression *build_bounds(struct parser *parser, struct value *least, struct value *most);
struct type_expression *build_type_marks(struct type_expression *type, const struct token *first, bool is_optional,
                                         enum privacy_word privacy);

/* ---- lines ---- */

struct line *build_line(struct parser *parser, enum line_kind kind, const struct token *first,
                        const struct token *last);
struct line *build_text_line(struct parser *parser, enum line_kind kind, const struct token *first,
                             const struct token *text);
struct line *build_word_line(struct parser *parser, enum line_kind kind, const struct token *first,
                             const struct token *word);
struct line *build_one_word_line(struct parser *parser, enum line_kind kind, const struct token *first,
                                 const struct token *word);
struct line *build_words_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              struct name_list words);
struct line *build_value_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              struct value *value);
struct line *build_condition_line(struct parser *parser, enum line_kind kind, const struct token *first,
                                  struct condition *condition);
struct line *build_event_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct event_match *event);
struct line *build_field_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct token *name, struct type_expression *type);
struct line *build_reverses_line(struct parser *parser, const struct token *first, const struct token *event,
                                 const struct token *by, const struct token *at);
struct line *build_sets_line(struct parser *parser, const struct token *first, const struct token *attribute,
                             const struct token *until);
struct line *build_content_line(struct parser *parser, const struct token *channel, const struct token *locale,
                                const struct token *text, bool is_file);
struct line *build_nested_line(struct parser *parser, enum line_kind kind, const struct token *first,
                               const struct token *last, struct declaration *declaration);
struct line *build_nested_declaration(struct parser *parser, enum line_kind kind, struct declaration *declaration);
struct line *build_amount_line(struct parser *parser, enum line_kind kind, const struct token *first,
                               struct value *value, int period, const struct token *offer);
struct line *build_when_empty_line(struct parser *parser, const struct token *first, const struct token *last,
                                   enum when_empty_word kind, const struct token *reason);
struct line *build_parameter_line(struct parser *parser, const struct token *name, struct value *value);
struct line *build_wagering_line(struct parser *parser, const struct token *first, const struct token *multiple,
                                 const struct token *of, const struct token *and_or_none);
struct line *build_expires_line(struct parser *parser, const struct token *first, const struct token *duration,
                                const struct token *last, bool after_activation);
struct line *build_finish_for_line(struct parser *parser, const struct token *first, const struct token *reason,
                                   struct condition *condition);
struct line *build_never_line(struct parser *parser, const struct token *first, enum never_word kind,
                              const struct token *message_class, struct condition *condition);
struct line *build_send_only_to_line(struct parser *parser, const struct token *first, const struct token *channel,
                                     const struct token *product, struct condition *condition,
                                     const struct token *last);
struct line *build_messages_line(struct parser *parser, const struct token *first, struct name channel,
                                 struct rate_list rates, int refused);
struct line *build_group_line(struct parser *parser, const struct token *first, const struct token *name,
                              const struct token *last);
struct line *build_hold_out_line(struct parser *parser, const struct token *first, const struct token *share,
                                 const struct token *by);
struct line *build_exchange_line(struct parser *parser, const struct token *first, const struct token *from,
                                 const struct token *to, const struct token *number);
struct line *build_count_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct token *count, const struct token *last);
struct line *build_send_between_line(struct parser *parser, const struct token *first, const struct token *from,
                                     const struct token *to, int zone, int refused);
struct line *build_rounding_line(struct parser *parser, const struct token *first, int rounding);
struct line *build_runs_line(struct parser *parser, const struct token *first, const struct token *from,
                             const struct token *through, const struct token *last);
struct line *build_enter_line(struct parser *parser, const struct token *first, const struct token *last,
                              enum enter_word kind, const struct token *times, const struct token *per, int period);
struct line *build_enter_limit(struct parser *parser, struct line *line, const struct token *players,
                               const struct token *last, const struct token *reason);
void build_enter_keys(struct line *line, struct name_list keys);
struct line *build_enter_at_once(struct parser *parser, struct line *line, const struct token *count,
                                 const struct token *last);
struct line *build_enter_restarting(struct parser *parser, struct line *line, const struct token *reason);
struct line *build_enter_missing(struct line *line, const struct token *last, enum missing_keys_word missing);
struct line *build_leave_line(struct parser *parser, const struct token *first, const struct event_match *event,
                              struct condition *condition, struct statement *then);
struct line *build_goal_line(struct parser *parser, const struct token *first, const struct token *within,
                             const struct event_match *event);
struct line *build_step_line(struct parser *parser, const struct token *first, const struct token *name,
                             const struct token *renamed_from, struct block body, const struct token *end);
struct rate *build_rate(struct parser *parser, const struct token *count, const struct token *duration);
struct rate *build_calendar_rate(struct parser *parser, const struct token *count, int period);

/* ---- tests ---- */

struct line *build_given_line(struct parser *parser, const struct token *first, const struct token *last,
                              const struct token *count, const struct name_list *names, struct condition *where,
                              int is_test);
struct line *build_given_property_line(struct parser *parser, const struct token *first, struct value *property,
                                       struct value *value);
struct line *build_at_line(struct line *line, const struct token *first, const struct point *point, struct who who);
struct line *build_at_event(struct parser *parser, const struct event_match *event);
struct line *build_at_time_passes(struct parser *parser, const struct token *first, const struct token *last);
struct line *build_at_wallet(struct parser *parser, const struct token *first, const struct token *offer,
                             const struct token *reason);
struct line *build_at_approval(struct parser *parser, const struct token *first, const struct token *campaign,
                               const struct token *by, bool is_approved);
struct line *build_at_answer(struct parser *parser, const struct token *first, const struct token *asked,
                             struct value *value);
struct line *build_at_command(struct parser *parser, const struct token *first, int command,
                              const struct token *campaign);
struct line *build_at_attribute(struct parser *parser, const struct token *path, struct value *value);
struct point *build_point_moment(struct parser *parser, struct value *moment);
struct point *build_point_after(struct parser *parser, const struct token *first, const struct token *after);
struct line *build_repeat_lines(struct parser *parser, const struct token *first, const struct token *times,
                                const struct token *last, struct line_list lines);
struct line *build_expectation(struct parser *parser, struct name player, const struct point *point, struct name reason,
                               struct condition *where);
struct line *build_effect(struct parser *parser, struct line *line, enum effect_kind effect, const struct token *first,
                          const struct token *channel, const struct token *name);
struct line *build_event_effect(struct parser *parser, struct line *line, const struct event_match *event);
struct line *build_expect_line(struct parser *parser, const struct token *first, struct line *line,
                               enum count_kind kind, const struct token *count);
struct line *build_expect_messages(struct parser *parser, const struct token *first, const struct token *count,
                                   const struct token *last, struct line *line, enum count_kind kind);
struct line *build_expect_condition(struct parser *parser, const struct token *first, struct condition *condition,
                                    struct name player);

/* ---- statements ---- */

struct statement *build_statement(struct parser *parser, enum statement_kind kind, const struct token *first,
                                  const struct token *last);
struct statement *build_named(struct parser *parser, enum statement_kind kind, const struct token *first,
                              const struct token *name, struct name label);
struct statement *build_send(struct parser *parser, const struct token *first, const struct token *channel,
                             const struct token *message, struct name label);
struct statement *build_do(struct parser *parser, const struct token *first, const struct token *action,
                           struct argument_list arguments, struct name label);
struct statement *build_go_to(struct parser *parser, const struct token *first, const struct token *step,
                              const struct token *times, const struct token *last);
struct statement *build_remember(struct parser *parser, const struct token *first, const struct token *name,
                                 struct value *value);
struct statement *build_wait(struct parser *parser, const struct token *first, const struct token *duration);
struct statement *build_wait_until_after_entry(struct parser *parser, const struct token *first,
                                               const struct token *duration, const struct token *last);
struct statement *build_wait_until(struct parser *parser, const struct token *first, const struct token *weekday,
                                   const struct token *clock, int zone);
struct statement *build_wait_up_to(struct parser *parser, const struct token *first, const struct token *duration,
                                   int since_entry, struct choice_list cases);
struct statement *build_ask(struct parser *parser, const struct token *first, const struct token *asked,
                            const struct token *query, const struct token *duration, struct choice_list cases);
struct statement *build_tell(struct parser *parser, const struct token *first, const struct token *player,
                             const struct token *event, struct argument_list arguments, struct name label);
struct statement *build_if(struct parser *parser, struct branch_list branches, struct block otherwise);
struct branch_list build_branch(struct parser *parser, const struct branch_list *before, const struct token *first,
                                struct condition *condition, struct block body);
struct statement *build_choose(struct parser *parser, const struct token *first, struct value *subject,
                               struct choice_list cases);
struct statement *build_split(struct parser *parser, const struct token *first, const struct token *name,
                              struct choice_list arms);
struct statement *build_repeat(struct parser *parser, const struct token *first, const struct token *times,
                               const struct token *last, struct block body);
struct block build_inline_body(struct statement *statement);
struct argument *build_argument(struct parser *parser, const struct token *name, struct value *value);
struct choice *build_case(struct parser *parser, enum choice_kind kind, const struct token *first,
                          const struct token *last, struct block body);
struct choice *build_event_case(struct parser *parser, const struct token *first, const struct event_match *event,
                                struct block body);
struct choice *build_value_case(struct parser *parser, const struct token *first, struct condition *condition,
                                struct block body);
struct choice *build_arm(struct parser *parser, const struct token *share, const struct token *name, struct block body);

/* ---- events and conditions ---- */

struct event_match *build_event(struct parser *parser, const struct token *event, const struct token *about);
struct event_match *build_event_where(struct event_match *event, struct condition *where);
struct condition *build_group(struct parser *parser, enum condition_kind kind, const struct token *first,
                              struct condition_list children, const struct token *end);
struct condition *build_chain(struct parser *parser, struct condition *left, enum condition_kind kind,
                              struct condition *right);
struct condition *build_comparison(struct parser *parser, struct value *left, const struct token *operator_token,
                                   struct condition *predicate, bool negated);
struct condition *build_symbol(struct parser *parser, struct value *left, const struct token *operator_token,
                               enum comparison comparison, struct value *right, bool negated);
struct condition *build_predicate(struct parser *parser, enum comparison comparison, struct value *one,
                                  struct value *two);
struct condition *build_one_of(struct parser *parser, struct value_list values);
struct condition *build_known(struct parser *parser, const struct token *first);

/* ---- values ---- */

struct value *build_literal(struct parser *parser, const struct token *token);
/* `7 days 1 hour`, added to the three parts of `out`; NULL where it is fine, otherwise what is wrong with it. */
const char *build_duration(struct duration *out, struct text text);
struct value *build_negative(struct parser *parser, const struct token *minus, const struct token *number);
struct value *build_yes_no(struct parser *parser, const struct token *token, int64_t amount);
struct value *build_none(struct parser *parser, const struct token *token);
struct value *build_player(struct parser *parser, const struct token *token);
struct value *build_word(struct parser *parser, const struct token *token);
struct value *build_path(struct parser *parser, const struct token *token);
struct value *build_property(struct parser *parser, const struct token *property, const struct token *owner);
struct value *build_moment(struct parser *parser, const struct token *date, const struct token *clock,
                           const struct token *utc);
struct value *build_share(struct parser *parser, const struct token *share, const struct token *operator_token,
                          struct value *of);
struct value *build_binary(struct parser *parser, enum operation operation, struct value *left,
                           const struct token *operator_token, struct value *right);
struct value *build_conversion(struct parser *parser, struct value *left, const struct token *currency,
                               const struct token *rates);
struct value *build_parens(struct parser *parser, const struct token *first, struct value *inside,
                           const struct token *last);
struct value *build_clause(struct parser *parser, struct value *formula, struct clause *clause);
struct clause *build_value_clause(struct parser *parser, enum clause_kind kind, const struct token *first,
                                  struct value *value);
struct clause *build_rounding_clause(struct parser *parser, const struct token *first, int rounding);

/* ---- metrics ---- */

struct zone_words build_zone_words(struct parser *parser, const struct token *first, const struct token *name,
                                   const struct token *last);
struct conversion_words build_conversion_words(struct parser *parser, const struct token *currency,
                                               const struct token *rates);
struct declaration *build_metric(struct parser *parser, const struct token *first, const struct token *name,
                                 struct metric *metric);
struct metric *build_metric_formula(struct parser *parser, struct value *formula);
struct metric *build_metric_parts(struct metric *aggregate, const struct metric *window, struct zone_words zone,
                                  const struct metric *clauses, struct condition *where);
struct metric *build_aggregate(struct parser *parser, enum aggregate_word aggregate, const struct token *first,
                               const struct token *event_or_field);
struct metric *build_field_aggregate(struct parser *parser, enum aggregate_word aggregate, const struct token *first,
                                     const struct token *field, struct conversion_words conversion);
struct metric *build_window(struct parser *parser, enum window_word window, const struct token *first,
                            const struct token *last);
struct metric *build_window_last(struct parser *parser, const struct token *first, const struct token *duration,
                                 int grain);
/* Clauses of a metric are gathered in a metric of their own, NULL while there is none. */
struct metric *build_metric_kept(struct parser *parser, struct metric *clauses, const struct token *first,
                                 const struct token *count);
struct metric *build_metric_rounded(struct parser *parser, struct metric *clauses, const struct token *first,
                                    int rounding);
struct metric *build_metric_otherwise(struct parser *parser, struct metric *clauses, const struct token *first,
                                      struct value *value);

/* ---- starts, schedules, holidays ---- */

struct line *build_without_line(struct parser *parser, const struct token *first, const struct token *duration,
                                const struct event_match *event);
struct line *build_schedule(struct parser *parser, enum schedule_word kind, const struct token *first,
                            const struct token *last, const struct token *clock);
struct line *build_weekday_schedule(struct parser *parser, const struct token *first, struct name_list weekdays,
                                    const struct token *clock);
struct line *build_month_schedule(struct parser *parser, const struct token *first, const struct token *day,
                                  const struct token *clock);
struct line *build_business_schedule(struct parser *parser, const struct token *first, const struct token *day,
                                     const struct token *clock);
struct line *build_year_schedule(struct parser *parser, const struct token *first, const struct token *attribute,
                                 const struct token *clock);
struct line *build_cron_schedule(struct parser *parser, const struct token *first, const struct token *text);
struct line *build_schedule_line(struct line *line, const struct token *first, struct zone_words zone,
                                 struct value *missed);
struct order *build_order(struct parser *parser, struct value *value, int direction);
struct order_list build_append_order(struct order_list list, struct order *order);
struct line *build_order_line(struct parser *parser, const struct token *first, struct order_list orders);
struct line *build_holiday_line(struct parser *parser, const struct token *first, const struct token *date,
                                const struct token *name);
struct condition *build_contains_word(struct parser *parser, struct value *left, const struct token *operator_token,
                                      struct name_list words);
struct statement *build_wait_business_days(struct parser *parser, const struct token *first, const struct token *count,
                                           const struct token *last);
struct statement *build_wait_until_business_day(struct parser *parser, const struct token *first,
                                                const struct token *last, const struct token *clock, int zone);

/* The number of a weekday, monday is 0; reports any other word, in the words of a schedule or of a wait, and gives 0. */
int32_t build_weekday(struct parser *parser, const struct token *word, bool of_schedule);

/* A whole number of at least 1; reports anything else and gives 1. */
int64_t build_count(struct parser *parser, const struct token *token);

/* A zeroed node of the size; a scratch node, and `out_of_memory`, where the arena is exhausted. */
void *build_node(struct parser *parser, size_t size);
#define BUILD_NODE(parser, type) ((struct type *)build_node((parser), sizeof(struct type)))

#endif
