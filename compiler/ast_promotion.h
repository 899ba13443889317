/*
 * ast_promotion: makes the nodes of offers' terms, codes, stacking, tournaments, points, levels, missions, badges,
 * goals and messages; a part of ast_build.h, under the same rules, called by the grammar's actions alone.
 */
#ifndef PROMO_COMPILER_AST_PROMOTION_H
#define PROMO_COMPILER_AST_PROMOTION_H

#include "compiler/ast_build.h"

/* ---- words that are names elsewhere ---- */

/* Reports the word where it is not `wanted`. */
void build_expect_word(struct parser *parser, const struct token *word, const char *wanted);

/* ---- parts ---- */

struct share *build_counted_share(struct parser *parser, const struct token *name, const struct token *share);
struct share_list build_append_share(struct share_list list, struct share *share);
struct usage_limit build_limit(struct parser *parser, const struct token *times, int period);
struct wall_time build_wall_time(struct parser *parser, const struct token *clock);
struct wall_time build_weekday_time(struct parser *parser, const struct token *weekday, const struct token *clock);
struct wall_time build_month_day_time(struct parser *parser, const struct token *day, const struct token *number,
                                      const struct token *clock);
struct wall_time build_date_time(struct parser *parser, const struct token *date, const struct token *clock);

/* ---- lines ---- */

struct line *build_limit_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct token *last, struct usage_limit limit);
struct line *build_chosen_line(struct parser *parser, enum line_kind kind, const struct token *first,
                               const struct token *last, bool chosen);
struct line *build_counts_line(struct parser *parser, const struct token *first, struct share_list shares);
/* `deposit at least V`, `win at most V`, `stake at most V`: the word is a name elsewhere. */
struct line *build_least_line(struct parser *parser, const struct token *word, struct value *value);
struct line *build_most_line(struct parser *parser, const struct token *word, struct value *value, int otherwise,
                             const struct token *last);
struct line *build_make_line(struct parser *parser, const struct token *first, const struct token *count,
                             const struct token *like, const struct token *from);
struct line *build_valid_line(struct parser *parser, const struct token *first, const struct token *from,
                              const struct token *through, const struct token *duration, const struct token *last);
struct line *build_quota_line(struct parser *parser, const struct token *first, const struct token *name,
                              const struct token *count, struct condition *condition, const struct token *last);
struct line *build_lock_line(struct parser *parser, const struct token *first, const struct token *duration,
                             const struct token *tries, const struct token *within);
struct line *build_stack_line(struct parser *parser, const struct token *first, const struct token *count,
                              const struct token *kind, bool is_first);
struct line *build_recurs_line(struct parser *parser, const struct token *first, enum recurs_word kind,
                               struct wall_time from, struct wall_time until);
struct line *build_settles_line(struct parser *parser, const struct token *first, struct wall_time at);
struct line *build_fee_line(struct parser *parser, const struct token *first, const struct token *count,
                            const struct token *points);
struct line *build_earn_line(struct parser *parser, const struct token *first, struct value *amount,
                             const struct event_match *event);
struct line *build_earn_of_line(struct parser *parser, const struct token *first, struct value *amount,
                                const struct token *per, const struct token *field, struct conversion_words conversion,
                                struct condition *where);
struct line *build_score_line(struct parser *parser, const struct token *first, const struct token *last,
                              enum score_word score);
struct line *build_field_size_line(struct parser *parser, const struct token *first, const struct token *count,
                                   const struct token *last, struct statement *otherwise);
struct line *build_prizes_line(struct parser *parser, const struct token *first, const struct token *kind,
                               struct line_list lines, const struct token *end);
struct line *build_board_line(struct parser *parser, const struct token *first, struct line_list lines,
                              const struct token *end);
struct line *build_leftover_line(struct parser *parser, const struct token *first, const struct token *last,
                                 const struct token *place);
struct line *build_place_line(struct parser *parser, const struct token *first, const struct token *place,
                              const struct token *last, struct value *value);
struct line *build_counts_points_line(struct parser *parser, const struct token *first, const struct token *points,
                                      struct metric *window, struct zone_words zone);
struct line *build_level_line(struct parser *parser, const struct token *first, const struct token *name,
                              const struct token *from, struct block body);
struct line *build_down_line(struct parser *parser, const struct token *first, const struct token *last,
                             const struct token *levels, int period);
struct line *build_progress_line(struct parser *parser, const struct token *first, struct choice_list cases);
struct choice *build_percent_case(struct parser *parser, const struct token *first, const struct token *percent,
                                  struct block body);
struct line *build_subject_line(struct parser *parser, const struct token *first, const struct token *locale,
                                const struct token *text);
struct line *build_link_line(struct parser *parser, const struct token *first, const struct token *name,
                             const struct token *address);
struct line *build_utm_line(struct parser *parser, const struct token *first, struct argument_list arguments);
struct line *build_measure_line(struct parser *parser, const struct token *first, const struct token *name,
                                const struct token *within, const struct token *field, struct condition *where);
struct line *build_given_code_line(struct parser *parser, const struct token *first, const struct token *code,
                                   const struct token *pool);

/* ---- tasks ---- */

struct task *build_task_events(struct parser *parser, const struct token *count, const struct event_match *event);
struct task *build_task_different(struct parser *parser, const struct token *count, const struct token *field,
                                  const struct token *each);
struct task *build_task_days(struct parser *parser, enum need_word kind, const struct token *count,
                             const struct event_match *event, struct zone_words zone);
struct task *build_task_sum(struct parser *parser, const struct token *amount, const struct token *field,
                            struct conversion_words conversion);
struct line *build_task_line(struct parser *parser, const struct token *first, const struct token *name,
                             struct task *task, struct condition *where);

/* ---- statements and conditions ---- */

struct statement *build_spend(struct parser *parser, const struct token *first, const struct token *amount,
                              const struct token *points, struct name label);
struct statement *build_give_code(struct parser *parser, const struct token *first, const struct token *pool,
                                  struct name label);
struct condition *build_has_badge(struct parser *parser, struct value *left, const struct token *has,
                                  const struct token *badge, bool negated);

#endif
