/*
 * ast_values: nodes of values, formulas, conditions, events and types, and what literals amount to.
 *
 * Here text becomes numbers: money in minor units, percent in millionths, dates in days. A literal
 * that cannot be kept is reported here and becomes a VALUE_BROKEN. Next: vm/decimal.h, vm/civil.h.
 */
#include <stdio.h>
#include <string.h>

#include "compiler/ast_build.h"
#include "compiler/grammar.h"
#include "vm/civil.h"
#include "vm/decimal.h"

static void report(struct parser *parser, enum diagnostic_code code, struct span span, struct text one, struct text two)
{
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, code, span, one, two);
}

/* ---- literals ---- */

static struct value *new_value(struct parser *parser, enum value_kind kind, struct span span)
{
    struct value *value = BUILD_NODE(parser, value);
    value->kind = kind;
    value->span = span;
    return value;
}

static bool has_point(struct text text)
{
    return text_find(text, '.', 0) < text.size;
}

/* A status of vm/decimal.h in the author's words. */
static void report_number(struct parser *parser, enum status status, const struct token *token,
                          const char *decimals_help)
{
    if (status == STATUS_LIMIT) {
        report(parser, DIAGNOSTIC_NUMBER_TOO_LARGE, token->span, token->text, TEXT("the largest is 9,000,000,000,000"));
    } else {
        report(parser, DIAGNOSTIC_TOO_MANY_DECIMALS, token->span, token->text, text_of(decimals_help));
    }
}

static void read_number(struct parser *parser, struct value *value, const struct token *token)
{
    value->is_whole = !has_point(token->text);
    const enum status status = decimal_parse(&value->amount, token->text, DECIMAL_MILLIONTHS, NULL);
    if (status == OK) return;
    report_number(parser, status, token, "a number has at most 6 decimals");
    value->kind = VALUE_BROKEN;
}

/* `200.000 GBP` is two hundred thousand, or two hundred with a nought too many. */
static const char *decimals_help(struct parser *parser, struct text number, struct text currency, int digits)
{
    const uint32_t point = text_find(number, '.', 0);
    const bool is_grouped = point >= 1 && point <= 3 && point + 4 == number.size;
    if (!is_grouped || digits != 2) {
        return arena_print(parser->arena, "%.*s has %d decimals", TEXT_ARGS(currency), digits).at;
    }
    return arena_print(parser->arena, "write `%.*s,%.3s %.*s` for thousands, or `%.*s %.*s`: %.*s has %d decimals",
                       (int)point, number.at, number.at + point + 1, TEXT_ARGS(currency), (int)point + 3, number.at,
                       TEXT_ARGS(currency), TEXT_ARGS(currency), digits)
        .at;
}

/* Number and currency of `1,234.50 EUR`, whatever blanks are between. */
static void read_money(struct parser *parser, struct value *value, struct text text, struct span span)
{
    const struct text trimmed = text_trim(text);
    value->currency = text_slice(trimmed, trimmed.size - 3, 3);
    const struct text number = text_trim(text_slice(trimmed, 0, trimmed.size - 3));
    const int digits = decimal_currency_digits(value->currency);
    if (digits == DECIMAL_CURRENCY_NONE) {
        report(parser, DIAGNOSTIC_UNKNOWN_CURRENCY, span, value->currency, TEXT(""));
        value->kind = VALUE_BROKEN;
        return;
    }
    const enum status status = decimal_parse(&value->amount, number, (unsigned)digits, NULL);
    if (status == OK) return;
    const struct token token = {TK_MONEY, 0, span, trimmed};
    report_number(parser, status, &token, decimals_help(parser, number, value->currency, digits));
    value->kind = VALUE_BROKEN;
}

static void read_prices(struct parser *parser, struct value *list, const struct token *token)
{
    struct value **link = &list->prices;
    uint32_t start = 0;
    const struct text text = token->text;
    while (start < text.size) {
        uint32_t end = start;
        while (end < text.size && !(text.at[end] >= 'A' && text.at[end] <= 'Z')) end++;
        end = end + 3 <= text.size ? end + 3 : text.size;
        const struct text price = text_slice(text, start, end - start);
        const struct span span = {token->span.file, token->span.start + start, token->span.start + end};
        struct value *money = new_value(parser, VALUE_MONEY, span);
        read_money(parser, money, price, span);
        if (money->kind == VALUE_BROKEN) list->kind = VALUE_BROKEN;
        *link = money;
        link = &money->next;
        start = end;
        while (start < text.size && !(text.at[start] >= '0' && text.at[start] <= '9')) start++;
    }
}

struct duration_unit {
    struct text word;
    int64_t months, days, ms;
};

static const struct duration_unit duration_units[] = {
    {TEXT_INIT("millisecond"), 0, 0, 1},
    {TEXT_INIT("second"), 0, 0, CIVIL_SECOND_MS},
    {TEXT_INIT("minute"), 0, 0, CIVIL_MINUTE_MS},
    {TEXT_INIT("hour"), 0, 0, CIVIL_HOUR_MS},
    {TEXT_INIT("day"), 0, 1, 0},
    {TEXT_INIT("week"), 0, 7, 0},
    {TEXT_INIT("month"), 1, 0, 0},
    {TEXT_INIT("year"), 12, 0, 0},
};

const char *build_duration(struct duration *out, struct text text)
{
    const int64_t century_ms = 36525 * CIVIL_DAY_MS;
    uint32_t at = 0;
    while (at < text.size) {
        uint32_t end = at;
        while (end < text.size && text.at[end] != ' ' && text.at[end] != '\t' && (unsigned char)text.at[end] < 0x80)
            end++;
        int64_t count = 0;
        const struct text number = text_slice(text, at, end - at);
        if (has_point(number)) return "write it in whole units: `90 minutes`, not `1.5 hours`";
        if (decimal_parse(&count, number, 0, NULL) != OK || count > century_ms) return "the longest is 100 years";
        while (end < text.size && !(text.at[end] >= 'a' && text.at[end] <= 'z')) end++;
        at = end;
        while (end < text.size && text.at[end] >= 'a' && text.at[end] <= 'z') end++;
        struct text word = text_slice(text, at, end - at);
        if (text_ends_with(word, TEXT("s"))) word.size--;
        for (size_t i = 0; i < sizeof duration_units / sizeof duration_units[0]; i++) {
            if (!text_equal(word, duration_units[i].word)) continue;
            out->months += count * duration_units[i].months;
            out->days += count * duration_units[i].days;
            if (duration_units[i].ms > 0 && count > century_ms / duration_units[i].ms)
                return "the longest is 100 years";
            out->ms += count * duration_units[i].ms;
        }
        if (out->months > 1200 || out->days > 36525 || out->ms > century_ms) return "the longest is 100 years";
        while (end < text.size && !(text.at[end] >= '0' && text.at[end] <= '9')) end++;
        at = end;
    }
    return NULL;
}

static void read_clock(struct parser *parser, struct value *value, const struct token *token)
{
    char padded[16] = "0";
    struct text text = token->text;
    if (text_find(text, ':', 0) == 1 && text.size + 1 < sizeof padded) {
        memcpy(padded + 1, text.at, text.size);
        text = (struct text){padded, text.size + 1};
    }
    if (civil_parse_time(&value->amount, text, NULL) == OK) return;
    report(parser, DIAGNOSTIC_NO_SUCH_CLOCK, token->span, token->text, TEXT(""));
    value->kind = VALUE_BROKEN;
}

struct value *build_literal(struct parser *parser, const struct token *token)
{
    struct value *value = new_value(parser, VALUE_TEXT, token->span);
    enum status status;
    const char *problem;
    switch (token->kind) {
    case TK_NUMBER:
        value->kind = VALUE_NUMBER;
        read_number(parser, value, token);
        break;
    case TK_MONEY:
        value->kind = VALUE_MONEY;
        read_money(parser, value, token->text, token->span);
        break;
    case TK_PRICES:
        value->kind = VALUE_PRICE_LIST;
        read_prices(parser, value, token);
        break;
    case TK_PERCENT:
        value->kind = VALUE_PERCENT;
        status = decimal_parse_percent(&value->amount, token->text, NULL);
        if (status == OK) break;
        report_number(parser, status, token, "a percentage has at most 4 decimals");
        value->kind = VALUE_BROKEN;
        break;
    case TK_MULTIPLE:
        value->kind = VALUE_MULTIPLE;
        status = decimal_parse_multiple(&value->amount, token->text, NULL);
        if (status == OK) break;
        report_number(parser, status, token, "a multiple has at most 6 decimals");
        value->kind = VALUE_BROKEN;
        break;
    case TK_DURATION:
        value->kind = VALUE_DURATION;
        problem = build_duration(&value->duration, token->text);
        if (problem == NULL) break;
        report(parser, DIAGNOSTIC_DURATION_WRONG, token->span, token->text, text_of(problem));
        value->kind = VALUE_BROKEN;
        break;
    case TK_DATE:
        value->kind = VALUE_DATE;
        if (civil_parse_date(&value->amount, token->text, NULL) == OK) break;
        report(parser, DIAGNOSTIC_NO_SUCH_DATE, token->span, token->text, TEXT(""));
        value->kind = VALUE_BROKEN;
        break;
    case TK_CLOCK:
        value->kind = VALUE_CLOCK;
        read_clock(parser, value, token);
        break;
    default: value->name = build_name(parser, token); break;
    }
    return value;
}

/* `-3`: below zero there are only plain numbers. */
struct value *build_negative(struct parser *parser, const struct token *minus, const struct token *number)
{
    struct value *value = build_literal(parser, number);
    value->amount = -value->amount;
    value->span = span_join(minus->span, number->span);
    return value;
}

int64_t build_count(struct parser *parser, const struct token *token)
{
    int64_t count = 0;
    const enum status status = decimal_parse(&count, token->text, 0, NULL);
    if (status == OK && count >= 1 && count <= INT32_MAX) return count;
    if (status == STATUS_LIMIT || count > INT32_MAX) {
        report(parser, DIAGNOSTIC_NUMBER_TOO_LARGE, token->span, token->text,
               TEXT("the largest count is 2,147,483,647"));
    } else {
        const bool is_zero = status == OK && count == 0;
        struct diagnostic *diagnostic =
            DIAGNOSE(parser->diagnostics, DIAGNOSTIC_COUNT_NOT_WHOLE, token->span, token->text);
        parser->is_broken = true;
        if (is_zero) {
            diagnostic_set_help(
                parser->diagnostics, diagnostic,
                TEXT("write a count such as 3; what shall never happen is expected with `expect no …`"));
        }
    }
    return 1;
}

struct value *build_yes_no(struct parser *parser, const struct token *token, int64_t amount)
{
    struct value *value = new_value(parser, VALUE_YES_NO, token->span);
    value->name = build_name(parser, token);
    value->amount = amount;
    return value;
}

struct value *build_none(struct parser *parser, const struct token *token)
{
    struct value *value = new_value(parser, VALUE_NONE, token->span);
    value->name = build_name(parser, token);
    return value;
}

struct value *build_player(struct parser *parser, const struct token *token)
{
    struct value *value = new_value(parser, VALUE_PLAYER, token->span);
    value->name = build_name(parser, token);
    return value;
}

struct value *build_word(struct parser *parser, const struct token *token)
{
    struct value *value = new_value(parser, VALUE_WORD, token->span);
    value->name = build_name(parser, token);
    return value;
}

struct value *build_path(struct parser *parser, const struct token *token)
{
    struct value *value = new_value(parser, VALUE_PATH, token->span);
    const uint32_t dot = text_find(token->text, '.', 0);
    const struct span span = token->span;
    value->owner.text = text_slice(token->text, 0, dot);
    value->owner.span = (struct span){span.file, span.start, span.start + dot};
    value->name.text = text_slice(token->text, dot + 1, token->text.size - dot - 1);
    value->name.span = (struct span){span.file, span.start + dot + 1, span.end};
    return value;
}

struct value *build_property(struct parser *parser, const struct token *property, const struct token *owner)
{
    struct value *value = new_value(parser, VALUE_PROPERTY, span_join(property->span, owner->span));
    value->name = build_name(parser, property);
    if (owner->kind == TK_STRING) value->owner = build_name(parser, owner);
    return value;
}

struct value *build_moment(struct parser *parser, const struct token *date, const struct token *clock,
                           const struct token *utc)
{
    struct value *value = build_literal(parser, date);
    const struct value *time = build_literal(parser, clock);
    if (value->kind == VALUE_DATE && time->kind == VALUE_CLOCK) {
        value->kind = VALUE_MOMENT;
        value->clock_ms = time->amount;
    } else {
        value->kind = VALUE_BROKEN;
    }
    value->is_utc = utc != NULL;
    value->span = span_join(date->span, utc != NULL ? utc->span : clock->span);
    return value;
}

/* `+69:01` is 69 hours and one minute, with seconds and milliseconds as in a clock time. */
static bool read_elapsed(struct duration *out, struct text text)
{
    const uint32_t colon = text_find(text, ':', 0);
    int64_t hours = 0;
    int64_t rest = 0;
    char clock[16] = "00";
    const struct text tail = text_slice(text, colon, text.size - colon);
    if (tail.size + 3 > sizeof clock) return false;
    memcpy(clock + 2, tail.at, tail.size);
    if (decimal_parse(&hours, text_slice(text, 0, colon), 0, NULL) != OK) return false;
    if (civil_parse_time(&rest, (struct text){clock, tail.size + 2}, NULL) != OK) return false;
    out->ms = hours * CIVIL_HOUR_MS + rest;
    return true;
}

struct point *build_point_after(struct parser *parser, const struct token *first, const struct token *after)
{
    struct point *point = BUILD_NODE(parser, point);
    point->kind = POINT_AFTER;
    point->span = span_join(first->span, after->span);
    if (after->kind == TK_DURATION) {
        point->after = build_literal(parser, after)->duration;
    } else if (!read_elapsed(&point->after, after->text)) {
        report(parser, DIAGNOSTIC_NO_SUCH_CLOCK, after->span, after->text, TEXT(""));
    }
    return point;
}

/* ---- formulas ---- */

static struct value *new_pair(struct parser *parser, enum value_kind kind, struct value *left, struct value *right)
{
    struct value *value = new_value(parser, kind, span_join(left->span, right->span));
    value->left = left;
    value->right = right;
    return value;
}

struct value *build_share(struct parser *parser, const struct token *share, const struct token *operator_token,
                          struct value *of)
{
    (void)operator_token;
    return new_pair(parser, VALUE_SHARE_OF, build_literal(parser, share), of);
}

struct value *build_binary(struct parser *parser, enum operation operation, struct value *left,
                           const struct token *operator_token, struct value *right)
{
    (void)operator_token;
    struct value *value = new_pair(parser, VALUE_BINARY, left, right);
    value->operation = operation;
    return value;
}

struct value *build_conversion(struct parser *parser, struct value *left, const struct token *currency,
                               const struct token *rates)
{
    struct value *value = new_value(parser, VALUE_CONVERSION, span_join(left->span, rates->span));
    value->left = left;
    value->name = build_name(parser, currency);
    value->owner = build_name(parser, rates);
    return value;
}

struct value *build_parens(struct parser *parser, const struct token *first, struct value *inside,
                           const struct token *last)
{
    (void)parser;
    inside->span = span_join(first->span, last->span);
    return inside;
}

struct value *build_clause(struct parser *parser, struct value *formula, struct clause *clause)
{
    struct value *value = formula;
    if (formula->kind != VALUE_FORMULA) {
        value = new_value(parser, VALUE_FORMULA, formula->span);
        value->left = formula;
    }
    struct clause **link = &value->clauses;
    while (*link != NULL) link = &(*link)->next;
    *link = clause;
    value->span = span_join(value->span, clause->span);
    return value;
}

struct clause *build_value_clause(struct parser *parser, enum clause_kind kind, const struct token *first,
                                  struct value *value)
{
    struct clause *clause = BUILD_NODE(parser, clause);
    clause->kind = kind;
    clause->value = value;
    clause->span = span_join(first->span, value->span);
    return clause;
}

struct clause *build_rounding_clause(struct parser *parser, const struct token *first, int rounding)
{
    struct clause *clause = BUILD_NODE(parser, clause);
    clause->kind = CLAUSE_ROUNDED;
    clause->rounding = (enum rounding)rounding;
    clause->span = first->span;
    return clause;
}

/* ---- events and conditions ---- */

struct event_match *build_event(struct parser *parser, const struct token *event, const struct token *about)
{
    struct event_match *match = BUILD_NODE(parser, event_match);
    match->event = build_name(parser, event);
    match->span = event->span;
    if (about != NULL) {
        match->about = build_name(parser, about);
        match->span = span_join(event->span, about->span);
    }
    return match;
}

struct event_match *build_event_where(struct event_match *event, struct condition *where)
{
    event->where = where;
    if (where != NULL) event->span = span_join(event->span, where->span);
    return event;
}

static struct condition *new_condition(struct parser *parser, enum condition_kind kind, struct span span)
{
    struct condition *condition = BUILD_NODE(parser, condition);
    condition->kind = kind;
    condition->span = span;
    return condition;
}

struct condition *build_group(struct parser *parser, enum condition_kind kind, const struct token *first,
                              struct condition_list children, const struct token *end)
{
    (void)end;
    struct condition *group = new_condition(parser, kind, first->span);
    group->is_group = true;
    group->children = children.first;
    group->child_count = children.count;
    /* A line that could not be read has been told; it may have been the only one. */
    if (children.count == 0 && parser->diagnostics->error_count == 0)
        report(parser, DIAGNOSTIC_GROUP_EMPTY, first->span, source_slice(parser->source, first->span), TEXT(""));
    return group;
}

struct condition *build_chain(struct parser *parser, struct condition *left, enum condition_kind kind,
                              struct condition *right)
{
    if (left->kind == kind && !left->is_group) {
        struct condition *last = left->children;
        while (last->next != NULL) last = last->next;
        last->next = right;
        left->child_count++;
        left->span = span_join(left->span, right->span);
        return left;
    }
    const struct span span = span_join(left->span, right->span);
    if (left->kind == CONDITION_ALL || left->kind == CONDITION_ANY) {
        report(parser, DIAGNOSTIC_MIXED_AND_OR, span, TEXT(""), TEXT(""));
    }
    struct condition *chain = new_condition(parser, kind, span);
    chain->children = left;
    left->next = right;
    chain->child_count = 2;
    return chain;
}

struct condition *build_comparison(struct parser *parser, struct value *left, const struct token *operator_token,
                                   struct condition *predicate, bool negated)
{
    (void)parser;
    predicate->left = left;
    predicate->negated = negated;
    predicate->operator_span = operator_token->span;
    if (predicate->values.first != NULL) predicate->operator_span.end = predicate->values.first->span.start;
    predicate->span = span_join(left->span, predicate->span);
    return predicate;
}

struct condition *build_symbol(struct parser *parser, struct value *left, const struct token *operator_token,
                               enum comparison comparison, struct value *right, bool negated)
{
    return build_comparison(parser, left, operator_token, build_predicate(parser, comparison, right, NULL), negated);
}

struct condition *build_predicate(struct parser *parser, enum comparison comparison, struct value *one,
                                  struct value *two)
{
    struct condition *condition = new_condition(parser, CONDITION_COMPARE, one->span);
    condition->comparison = comparison;
    condition->values = build_append_value(condition->values, one);
    if (two != NULL) {
        condition->values = build_append_value(condition->values, two);
        condition->span = span_join(one->span, two->span);
    }
    return condition;
}

/* `one of 100,200` reads as one number, and is hardly meant so. */
static void warn_of_one_number(struct parser *parser, const struct value *value)
{
    const struct text text = source_slice(parser->source, value->span);
    const uint32_t comma = text_find(text, ',', 0);
    if (value->kind != VALUE_NUMBER || comma == text.size) return;
    DIAGNOSE(parser->diagnostics, DIAGNOSTIC_ONE_NUMBER, value->span, text,
             arena_print(parser->arena, "%.*s, %.*s", TEXT_ARGS(text_slice(text, 0, comma)),
                         TEXT_ARGS(text_slice(text, comma + 1, text.size))));
}

struct condition *build_one_of(struct parser *parser, struct value_list values)
{
    if (values.count == 1) warn_of_one_number(parser, values.first);
    struct condition *condition =
        new_condition(parser, CONDITION_COMPARE, span_join(values.first->span, values.last->span));
    condition->comparison = COMPARISON_ONE_OF;
    condition->values = values;
    return condition;
}

struct condition *build_known(struct parser *parser, const struct token *first)
{
    struct condition *condition = new_condition(parser, CONDITION_COMPARE, first->span);
    condition->comparison = COMPARISON_KNOWN;
    return condition;
}

/* ---- types ---- */

struct type_expression *build_type(struct parser *parser, enum type_word kind, const struct token *first,
                                   const struct token *last, const struct name_list *words)
{
    struct type_expression *type = BUILD_NODE(parser, type_expression);
    type->kind = kind;
    type->span = span_join(first->span, last->span);
    if (words != NULL) {
        type->words = *words;
        type->span = span_join(type->span, words->last->name.span);
    }
    return type;
}

static const struct {
    struct text word;
    enum type_word kind;
} type_names[] = {
    {TEXT_INIT("whole number"), TYPE_WORD_WHOLE},
    {TEXT_INIT("decimal"), TYPE_WORD_DECIMAL},
    {TEXT_INIT("percent"), TYPE_WORD_PERCENT},
    {TEXT_INIT("money"), TYPE_WORD_MONEY},
    {TEXT_INIT("text"), TYPE_WORD_TEXT},
    {TEXT_INIT("moment"), TYPE_WORD_MOMENT},
    {TEXT_INIT("date"), TYPE_WORD_DATE},
    {TEXT_INIT("time of day"), TYPE_WORD_CLOCK},
    {TEXT_INIT("duration"), TYPE_WORD_DURATION},
    {TEXT_INIT("calendar duration"), TYPE_WORD_CALENDAR_DURATION},
    {TEXT_INIT("country code"), TYPE_WORD_COUNTRY},
    {TEXT_INIT("currency code"), TYPE_WORD_CURRENCY},
    {TEXT_INIT("time zone"), TYPE_WORD_TIME_ZONE},
    {TEXT_INIT("yes or no"), TYPE_WORD_YES_NO},
};

enum { TYPE_NAME_COUNT = sizeof type_names / sizeof type_names[0] };

/* What people call a type elsewhere. */
static const struct {
    struct text word;
    struct text cure;
} foreign_types[] = {
    {TEXT_INIT("integer"), TEXT_INIT("whole number")},
    {TEXT_INIT("int"), TEXT_INIT("whole number")},
    {TEXT_INIT("number"), TEXT_INIT("whole number` or `decimal")},
    {TEXT_INIT("bool"), TEXT_INIT("yes or no")},
    {TEXT_INIT("boolean"), TEXT_INIT("yes or no")},
    {TEXT_INIT("string"), TEXT_INIT("text up to 64")},
    {TEXT_INIT("float"), TEXT_INIT("decimal")},
    {TEXT_INIT("timestamp"), TEXT_INIT("moment")},
    {TEXT_INIT("datetime"), TEXT_INIT("moment")},
    {TEXT_INIT("instant"), TEXT_INIT("moment")},
    {TEXT_INIT("time"), TEXT_INIT("time of day")},
    {TEXT_INIT("percentage"), TEXT_INIT("percent")},
    {TEXT_INIT("country"), TEXT_INIT("country code")},
    {TEXT_INIT("currency"), TEXT_INIT("currency code")},
    {TEXT_INIT("amount"), TEXT_INIT("money up to 1,000,000")},
    {TEXT_INIT("zone"), TEXT_INIT("time zone")},
    {TEXT_INIT("whole"), TEXT_INIT("whole number")},
    {TEXT_INIT("enum"), TEXT_INIT("one of first, second")},
};

static struct text type_help(struct parser *parser, struct text words)
{
    for (size_t i = 0; i < sizeof foreign_types / sizeof foreign_types[0]; i++) {
        if (text_equal(words, foreign_types[i].word)) {
            return arena_print(parser->arena, "write `%.*s`", TEXT_ARGS(foreign_types[i].cure));
        }
    }
    struct text candidates[TYPE_NAME_COUNT];
    for (size_t i = 0; i < TYPE_NAME_COUNT; i++) candidates[i] = type_names[i].word;
    const struct text near = diagnostic_did_you_mean(words, candidates, TYPE_NAME_COUNT);
    if (near.size > 0) return arena_print(parser->arena, "did you mean `%.*s`?", TEXT_ARGS(near));
    return TEXT("types are: yes or no, whole number, decimal, percent, money, text up to N, moment, date, time of day, "
                "duration, calendar duration, one of …, ranked …, set of …, country code, currency code, time zone");
}

struct type_expression *build_named_type(struct parser *parser, const struct token *first, const struct token *last,
                                         const struct type_expression *bounds)
{
    struct type_expression *type = build_type(parser, TYPE_WORD_BROKEN, first, last, NULL);
    struct text words;
    if (first != last) {
        /* The words with one blank between, whatever the author put there. */
        words = text_equal(last->text, TEXT("day"))
                    ? TEXT("time of day")
                    : arena_print(parser->arena, "%.*s %.*s", TEXT_ARGS(first->text), TEXT_ARGS(last->text));
    } else {
        words = first->text;
    }
    for (size_t i = 0; i < TYPE_NAME_COUNT; i++) {
        if (text_equal(words, type_names[i].word)) type->kind = type_names[i].kind;
    }
    if (type->kind == TYPE_WORD_BROKEN) {
        report(parser, DIAGNOSTIC_UNKNOWN_TYPE, type->span, words, type_help(parser, words));
    }
    if (bounds != NULL) {
        type->least = bounds->least;
        type->most = bounds->most;
        type->span = span_join(type->span, bounds->span);
    }
    return type;
}

struct type_expression *build_bounds(struct parser *parser, struct value *least, struct value *most)
{
    struct type_expression *bounds = BUILD_NODE(parser, type_expression);
    bounds->least = least;
    bounds->most = most;
    bounds->span = least == NULL ? most->span : span_join(least->span, most->span);
    return bounds;
}

struct type_expression *build_type_marks(struct type_expression *type, const struct token *first, bool is_optional,
                                         enum privacy_word privacy)
{
    type->is_optional = is_optional;
    type->privacy = privacy;
    type->span = span_join(first->span, type->span);
    return type;
}
