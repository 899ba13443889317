/*
 * ast_promotion: nodes of promotions, one function a shape. Next: compiler/ast.h, compiler/ast_build.c.
 */
#include "compiler/ast_promotion.h"

#include "compiler/grammar.h"
#include "vm/civil.h"

/* ---- words that are names elsewhere ---- */

void build_expect_word(struct parser *parser, const struct token *word, const char *wanted)
{
    if (text_equal(word->text, text_of(wanted))) return;
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_WRONG_WORD, word->span, word->text, text_of(wanted), text_of(wanted));
}

/* ---- parts ---- */

struct share *build_counted_share(struct parser *parser, const struct token *name, const struct token *share)
{
    struct share *node = BUILD_NODE(parser, share);
    node->name = build_name(parser, name);
    node->share = build_literal(parser, share)->amount;
    node->span = span_join(name->span, share->span);
    return node;
}

struct share_list build_append_share(struct share_list list, struct share *share)
{
    BUILD_APPEND(&list, share);
    return list;
}

struct usage_limit build_limit(struct parser *parser, const struct token *times, int period)
{
    struct usage_limit limit = {.times = 1, .is_once = times == NULL, .period = (enum period_word)period};
    if (times != NULL) limit.times = build_count(parser, times);
    return limit;
}

struct wall_time build_wall_time(struct parser *parser, const struct token *clock)
{
    return (struct wall_time){.span = clock->span, .weekday_index = -1, .clock = build_literal(parser, clock)};
}

struct wall_time build_weekday_time(struct parser *parser, const struct token *weekday, const struct token *clock)
{
    struct wall_time time = build_wall_time(parser, clock);
    time.span = span_join(weekday->span, clock->span);
    time.weekday = build_name(parser, weekday);
    time.weekday_index = build_weekday(parser, weekday, true);
    return time;
}

struct wall_time build_month_day_time(struct parser *parser, const struct token *day, const struct token *number,
                                      const struct token *clock)
{
    struct wall_time time = build_wall_time(parser, clock);
    time.span = span_join(day->span, clock->span);
    time.month_day = build_count(parser, number);
    if (time.month_day <= 31) return time;
    time.month_day = 31;
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_NUMBER_TOO_LARGE, number->span, number->text,
             TEXT("a month has at most 31 days"));
    return time;
}

struct wall_time build_date_time(struct parser *parser, const struct token *date, const struct token *clock)
{
    struct wall_time time = build_wall_time(parser, clock);
    time.span = span_join(date->span, clock->span);
    time.date = build_literal(parser, date);
    return time;
}

/* ---- lines of offers ---- */

struct line *build_limit_line(struct parser *parser, enum line_kind kind, const struct token *first,
                              const struct token *last, struct usage_limit limit)
{
    struct line *line = build_line(parser, kind, first, last);
    line->as.limit = limit;
    return line;
}

struct line *build_chosen_line(struct parser *parser, enum line_kind kind, const struct token *first,
                               const struct token *last, bool chosen)
{
    struct line *line = build_line(parser, kind, first, last);
    line->as.chosen = chosen;
    return line;
}

struct line *build_counts_line(struct parser *parser, const struct token *first, struct share_list shares)
{
    struct line *line = build_line(parser, LINE_COUNTS, first, first);
    line->as.shares = shares;
    line->span = span_join(first->span, shares.last->span);
    return line;
}

/* `amount at most 5 EUR`: a limit of what has none. */
static void expect_limited(struct parser *parser, const struct token *word, const char *wanted)
{
    if (text_equal(word->text, text_of(wanted))) return;
    parser->is_broken = true;
    struct diagnostic *diagnostic =
        DIAGNOSE(parser->diagnostics, DIAGNOSTIC_WRONG_WORD, word->span, word->text, text_of(wanted), text_of(wanted));
    if (text_distance(word->text, text_of(wanted), 2) <= 2) return;
    diagnostic_set_help(
        parser->diagnostics, diagnostic,
        TEXT("terms limit `deposit at least 20 EUR`, `stake at most 5 EUR` and `win at most 500 EUR`; a "
             "parameter begins with its value: `amount 50% of deposit.amount, at most 60 EUR`"));
}

struct line *build_least_line(struct parser *parser, const struct token *word, struct value *value)
{
    expect_limited(parser, word, "deposit");
    return build_value_line(parser, LINE_DEPOSIT, word, value);
}

struct line *build_most_line(struct parser *parser, const struct token *word, struct value *value, int otherwise,
                             const struct token *last)
{
    if (text_equal(word->text, TEXT("win")) && otherwise == STAKE_UNSAID) {
        return build_value_line(parser, LINE_WIN, word, value);
    }
    expect_limited(parser, word, "stake");
    struct line *line = build_line(parser, LINE_STAKE, word, word);
    line->as.stake.value = value;
    line->as.stake.otherwise = (enum stake_word)otherwise;
    line->span = span_join(word->span, last == NULL ? value->span : last->span);
    return line;
}

/* ---- lines of codes and stacking ---- */

struct line *build_make_line(struct parser *parser, const struct token *first, const struct token *count,
                             const struct token *like, const struct token *from)
{
    struct line *line = build_line(parser, LINE_MAKE, first, from);
    line->as.make.count = build_count(parser, count);
    line->as.make.like = build_name(parser, like);
    line->as.make.from = build_name(parser, from);
    return line;
}

struct line *build_valid_line(struct parser *parser, const struct token *first, const struct token *from,
                              const struct token *through, const struct token *duration, const struct token *last)
{
    struct line *line = build_line(parser, LINE_VALID, first, last);
    if (from != NULL) line->as.valid.from = build_literal(parser, from);
    if (through != NULL) line->as.valid.through = build_literal(parser, through);
    if (duration != NULL) line->as.valid.duration = build_literal(parser, duration);
    return line;
}

struct line *build_quota_line(struct parser *parser, const struct token *first, const struct token *name,
                              const struct token *count, struct condition *condition, const struct token *last)
{
    struct line *line = build_line(parser, LINE_QUOTA, first, last == NULL ? count : last);
    if (last != NULL) build_expect_word(parser, last, "else");
    line->as.quota.name = build_name(parser, name);
    line->as.quota.count = build_count(parser, count);
    line->as.quota.condition = condition;
    if (condition != NULL) line->span = span_join(line->span, condition->span);
    return line;
}

struct line *build_lock_line(struct parser *parser, const struct token *first, const struct token *duration,
                             const struct token *tries, const struct token *within)
{
    struct line *line = build_line(parser, LINE_LOCK, first, within);
    line->as.lock.duration = build_literal(parser, duration);
    line->as.lock.tries = build_count(parser, tries);
    line->as.lock.within = build_literal(parser, within);
    return line;
}

struct line *build_stack_line(struct parser *parser, const struct token *first, const struct token *count,
                              const struct token *kind, bool is_first)
{
    struct line *line = build_line(parser, LINE_STACK, first, kind);
    line->as.stack.is_first = is_first;
    line->as.stack.count = build_count(parser, count);
    line->as.stack.kind = build_name(parser, kind);
    return line;
}

/* ---- lines of tournaments and points ---- */

struct line *build_recurs_line(struct parser *parser, const struct token *first, enum recurs_word kind,
                               struct wall_time from, struct wall_time until)
{
    struct line *line = build_line(parser, LINE_RUNS_EVERY, first, first);
    line->as.recurs.kind = kind;
    line->as.recurs.from = from;
    line->as.recurs.until = until;
    line->span = span_join(first->span, until.span);
    return line;
}

struct line *build_settles_line(struct parser *parser, const struct token *first, struct wall_time at)
{
    struct line *line = build_line(parser, LINE_SETTLES, first, first);
    line->as.wall_time = at;
    line->span = span_join(first->span, at.span);
    return line;
}

struct line *build_fee_line(struct parser *parser, const struct token *first, const struct token *count,
                            const struct token *points)
{
    struct line *line = build_line(parser, LINE_FEE, first, points);
    line->as.fee.count = build_count(parser, count);
    line->as.fee.points = build_name(parser, points);
    return line;
}

struct line *build_earn_line(struct parser *parser, const struct token *first, struct value *amount,
                             const struct event_match *event)
{
    struct line *line = build_line(parser, LINE_EARN, first, first);
    line->as.earn.amount = amount;
    line->as.earn.event = *event;
    line->span = span_join(first->span, event->span);
    return line;
}

/* The event and the field of `deposit.amount`, and the condition on the event. */
static struct event_match split_field(struct parser *parser, const struct token *field, struct condition *where,
                                      struct name *out)
{
    const struct value *path = build_path(parser, field);
    struct event_match event = {.span = field->span, .event = path->owner, .where = where};
    if (where != NULL) event.span = span_join(event.span, where->span);
    *out = path->name;
    return event;
}

struct line *build_earn_of_line(struct parser *parser, const struct token *first, struct value *amount,
                                const struct token *per, const struct token *field, struct conversion_words conversion,
                                struct condition *where)
{
    struct line *line = build_line(parser, LINE_EARN, first, field);
    line->as.earn.amount = amount;
    line->as.earn.per = build_literal(parser, per);
    line->as.earn.event = split_field(parser, field, where, &line->as.earn.field);
    line->as.earn.conversion = conversion;
    if (ast_is_present(&conversion.currency)) line->span = span_join(line->span, conversion.span);
    if (where != NULL) line->span = span_join(line->span, where->span);
    return line;
}

struct line *build_score_line(struct parser *parser, const struct token *first, const struct token *last,
                              enum score_word score)
{
    struct line *line = build_line(parser, LINE_SCORE, first, last);
    line->as.score = score;
    return line;
}

struct line *build_field_size_line(struct parser *parser, const struct token *first, const struct token *count,
                                   const struct token *last, struct statement *otherwise)
{
    struct line *line = build_line(parser, LINE_SMALLEST_FIELD, first, last);
    line->as.smallest_field.players = build_count(parser, count);
    line->as.smallest_field.otherwise = otherwise;
    if (otherwise != NULL) line->span = span_join(line->span, otherwise->span);
    return line;
}

struct line *build_prizes_line(struct parser *parser, const struct token *first, const struct token *kind,
                               struct line_list lines, const struct token *end)
{
    struct declaration *prizes = build_declaration(parser, DECLARATION_PRIZES, first, NULL, kind, lines, end);
    prizes->offer_kind = build_name(parser, kind);
    return build_nested_declaration(parser, LINE_PRIZES, prizes);
}

struct line *build_board_line(struct parser *parser, const struct token *first, struct line_list lines,
                              const struct token *end)
{
    return build_nested_declaration(parser, LINE_BOARD,
                                    build_declaration(parser, DECLARATION_BOARD, first, NULL, first, lines, end));
}

struct line *build_leftover_line(struct parser *parser, const struct token *first, const struct token *last,
                                 const struct token *place)
{
    struct line *line = build_line(parser, LINE_LEFTOVER, first, last);
    if (place != NULL) line->as.count = build_count(parser, place);
    return line;
}

struct line *build_place_line(struct parser *parser, const struct token *first, const struct token *place,
                              const struct token *last, struct value *value)
{
    struct line *line = build_line(parser, LINE_PLACE, first, place);
    line->as.place.first = build_count(parser, place);
    line->as.place.last = last == NULL ? line->as.place.first : build_count(parser, last);
    line->as.place.value = value;
    line->span = span_join(first->span, value->span);
    return line;
}

/* ---- lines of levels ---- */

struct line *build_counts_points_line(struct parser *parser, const struct token *first, const struct token *points,
                                      struct metric *window, struct zone_words zone)
{
    struct line *line = build_line(parser, LINE_COUNTS_POINTS, first, points);
    line->as.counts_points.points = build_name(parser, points);
    line->as.counts_points.window = window;
    window->zone = zone;
    line->span = span_join(line->span, window->window_span);
    if (zone.span.end != 0) line->span = span_join(line->span, zone.span);
    return line;
}

struct line *build_level_line(struct parser *parser, const struct token *first, const struct token *name,
                              const struct token *from, struct block body)
{
    struct line *line = build_line(parser, LINE_LEVEL, first, from);
    line->as.level.name = build_name(parser, name);
    line->as.level.from = build_count(parser, from);
    line->as.level.from_span = from->span;
    line->as.level.body = body;
    return line;
}

struct line *build_down_line(struct parser *parser, const struct token *first, const struct token *last,
                             const struct token *levels, int period)
{
    struct line *line = build_line(parser, LINE_DOWN, first, last);
    if (levels != NULL) line->as.down.levels = build_count(parser, levels);
    line->as.down.period = (enum period_word)period;
    return line;
}

/* ---- lines of missions ---- */

struct line *build_progress_line(struct parser *parser, const struct token *first, struct choice_list cases)
{
    struct line *line = build_line(parser, LINE_PROGRESS, first, first);
    line->as.cases = cases;
    return line;
}

struct choice *build_percent_case(struct parser *parser, const struct token *first, const struct token *percent,
                                  struct block body)
{
    struct choice *choice = build_case(parser, CHOICE_PERCENT, first, percent, body);
    choice->share = build_literal(parser, percent)->amount;
    return choice;
}

struct task *build_task_events(struct parser *parser, const struct token *count, const struct event_match *event)
{
    struct task *task = BUILD_NODE(parser, task);
    task->kind = NEED_EVENTS;
    task->count = build_count(parser, count);
    task->event = *event;
    task->need_span = span_join(count->span, event->span);
    return task;
}

struct task *build_task_different(struct parser *parser, const struct token *count, const struct token *field,
                                  const struct token *each)
{
    struct task *task = BUILD_NODE(parser, task);
    task->kind = NEED_DIFFERENT;
    task->count = build_count(parser, count);
    task->event = split_field(parser, field, NULL, &task->field);
    if (each != NULL) task->each_at_least = build_count(parser, each);
    task->need_span = span_join(count->span, each == NULL ? field->span : each->span);
    return task;
}

struct task *build_task_days(struct parser *parser, enum need_word kind, const struct token *count,
                             const struct event_match *event, struct zone_words zone)
{
    struct task *task = BUILD_NODE(parser, task);
    task->kind = kind;
    if (count->kind == TK_NUMBER) {
        task->count = build_count(parser, count);
    } else {
        /* `3 days` is a duration to the lexer. */
        const struct duration length = build_literal(parser, count)->duration;
        task->count = length.days > 0 ? length.days : 1;
        if (length.days <= 0 || length.months != 0 || length.ms != 0) {
            parser->is_broken = true;
            DIAGNOSE(parser->diagnostics, DIAGNOSTIC_WRONG_WORD, count->span, count->text, TEXT("a number of days"),
                     TEXT("3 days in a row of session"));
        }
    }
    task->event = *event;
    task->zone = zone;
    task->need_span = span_join(count->span, zone.span.end != 0 ? zone.span : event->span);
    return task;
}

struct task *build_task_sum(struct parser *parser, const struct token *amount, const struct token *field,
                            struct conversion_words conversion)
{
    struct task *task = BUILD_NODE(parser, task);
    task->kind = NEED_SUM;
    task->amount = build_literal(parser, amount);
    task->event = split_field(parser, field, NULL, &task->field);
    task->conversion = conversion;
    task->need_span = span_join(amount->span, ast_is_present(&conversion.currency) ? conversion.span : field->span);
    return task;
}

struct line *build_task_line(struct parser *parser, const struct token *first, const struct token *name,
                             struct task *task, struct condition *where)
{
    struct line *line = build_line(parser, LINE_TASK, first, name);
    line->as.task = *task;
    line->as.task.name = build_name(parser, name);
    line->as.task.event.where = where;
    line->span = span_join(line->span, task->need_span);
    if (where == NULL) return line;
    line->as.task.event.span = span_join(task->event.span, where->span);
    line->span = span_join(line->span, where->span);
    return line;
}

/* ---- lines of messages, goals and tests ---- */

struct line *build_subject_line(struct parser *parser, const struct token *first, const struct token *locale,
                                const struct token *text)
{
    struct line *line = build_content_line(parser, first, locale, text, false);
    line->kind = LINE_SUBJECT;
    line->as.content.channel = (struct name){0};
    return line;
}

struct line *build_link_line(struct parser *parser, const struct token *first, const struct token *name,
                             const struct token *address)
{
    struct line *line = build_line(parser, LINE_LINK, first, address);
    line->as.link.name = build_name(parser, name);
    line->as.link.address = build_name(parser, address);
    return line;
}

struct line *build_utm_line(struct parser *parser, const struct token *first, struct argument_list arguments)
{
    struct line *line = build_line(parser, LINE_UTM, first, first);
    line->as.arguments = arguments;
    line->span = span_join(first->span, arguments.last->span);
    return line;
}

struct line *build_measure_line(struct parser *parser, const struct token *first, const struct token *name,
                                const struct token *within, const struct token *field, struct condition *where)
{
    struct line *line = build_line(parser, LINE_MEASURE, first, field);
    line->as.measure.name = build_name(parser, name);
    if (within != NULL) line->as.measure.within = build_literal(parser, within);
    line->as.measure.field = build_path(parser, field);
    line->as.measure.where = where;
    if (where != NULL) line->span = span_join(line->span, where->span);
    return line;
}

struct line *build_given_code_line(struct parser *parser, const struct token *first, const struct token *code,
                                   const struct token *pool)
{
    struct line *line = build_line(parser, LINE_GIVEN_CODE, first, pool);
    line->as.given_code.code = build_name(parser, code);
    line->as.given_code.pool = build_name(parser, pool);
    return line;
}

/* ---- statements and conditions ---- */

struct statement *build_spend(struct parser *parser, const struct token *first, const struct token *amount,
                              const struct token *points, struct name label)
{
    struct statement *statement = build_named(parser, STATEMENT_SPEND, first, points, label);
    statement->as.spend.amount = amount->kind == TK_PATH ? build_path(parser, amount) : build_literal(parser, amount);
    return statement;
}

struct statement *build_give_code(struct parser *parser, const struct token *first, const struct token *pool,
                                  struct name label)
{
    return build_named(parser, STATEMENT_GIVE_CODE, first, pool, label);
}

struct condition *build_has_badge(struct parser *parser, struct value *left, const struct token *has,
                                  const struct token *badge, bool negated)
{
    struct condition *condition = build_predicate(parser, COMPARISON_HAS_BADGE, build_literal(parser, badge), NULL);
    return build_comparison(parser, left, has, condition, negated);
}
