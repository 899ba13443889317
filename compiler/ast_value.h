/*
 * ast_value: the nodes of names, values, formulas and conditions; whatever stands for an amount or for yes or no.
 *
 * Part of the tree of compiler/ast.h, which says what holds of all nodes and includes this file.
 */
#ifndef PROMO_COMPILER_AST_VALUE_H
#define PROMO_COMPILER_AST_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/source.h"
#include "vm/round.h"
#include "vm/text.h"

struct type; /* of the checker */
struct condition;
struct value;

/* A bare word or a quoted name; `text` is without the quotes, `span` with them. Absent: size 0 and
 * span.end 0 (an empty quoted name has size 0 but a span: see ast_is_present). */
struct name {
    struct text text;
    struct span span;
    uint32_t resolved; /* the checker's index of what it names */
};

struct name_list {
    struct name_node *first;
    struct name_node *last;
    uint32_t count;
};

struct name_node {
    struct name name;
    struct name_node *next;
};

/* ------------------------------------------------------------------ values and formulas */

enum value_kind {
    VALUE_NUMBER,     /* amount: millionths; is_whole where no decimals were written */
    VALUE_PERCENT,    /* amount: millionths of one: 50% is 500,000 */
    VALUE_MULTIPLE,   /* amount: millionths: 10x is 10,000,000 */
    VALUE_MONEY,      /* amount: minor units of `currency` */
    VALUE_PRICE_LIST, /* prices: `20 EUR or 90 PLN or 18 GBP`, each a VALUE_MONEY by `next` */
    VALUE_DURATION,   /* duration */
    VALUE_DATE,       /* amount: days since 1970-01-01 */
    VALUE_CLOCK,      /* amount: milliseconds of the day */
    VALUE_MOMENT,     /* `2026-06-10 22:30 [UTC]`: days in amount, clock_ms, is_utc */
    VALUE_TEXT,       /* name: a quoted text */
    VALUE_YES_NO,     /* amount: 1 or 0 */
    VALUE_NONE,       /* the word `none`: nothing, or an enumeration value of that name */
    VALUE_WORD,       /* name: a bare word: enumeration value, country, field, attribute … */
    VALUE_PATH,       /* owner.name: `deposit.amount`, `player.level`, `journey.risk` */
    VALUE_PROPERTY,   /* name of "owner": `arm of "x"`; owner absent: `left of budget` */
    VALUE_PLAYER,     /* the word `player` alone, as in `player is in "VIPs"` */
    VALUE_BINARY,     /* left operation right: + - * / */
    VALUE_SHARE_OF,   /* left of right: `50% of deposit.amount`; left is a percent or multiple */
    VALUE_FORMULA,    /* left, then clauses applied in order */
    VALUE_CONVERSION, /* `left in EUR by "ecb"`: name is the currency, owner the rates */
    VALUE_BROKEN,     /* was reported already; stay silent about it */
};

enum operation { OPERATION_ADD, OPERATION_SUBTRACT, OPERATION_MULTIPLY, OPERATION_DIVIDE };

enum clause_kind {
    CLAUSE_AT_MOST,       /* value */
    CLAUSE_AT_LEAST,      /* value */
    CLAUSE_ROUNDED,       /* rounding */
    CLAUSE_NOTHING_BELOW, /* value */
    CLAUSE_OTHERWISE,     /* value: used where the arithmetic has no answer or a name is unknown */
};

struct clause {
    enum clause_kind kind;
    struct span span;
    struct value *value;
    enum rounding rounding;
    struct clause *next;
};

/* `24 hours` has only ms (exact); `1 day`, `2 months` are calendar parts. Weeks are 7 days, years
 * 12 months. Checked to be in 0 … 100 years each. */
struct duration {
    int64_t months;
    int64_t days;
    int64_t ms;
};

struct value {
    enum value_kind kind;
    struct span span;
    int64_t amount;
    int64_t clock_ms;
    bool is_whole;
    bool is_utc;
    struct text currency; /* three capitals */
    struct duration duration;
    struct name owner;
    struct name name;
    enum operation operation;
    struct value *left;
    struct value *right;
    struct clause *clauses;
    struct value *prices;
    struct value *next; /* in a list of values */
    uint32_t resolved;
    const struct type *type;
};

struct value_list {
    struct value *first;
    struct value *last;
    uint32_t count;
};

/* ------------------------------------------------------------------ conditions */

enum condition_kind {
    CONDITION_COMPARE,
    CONDITION_ALL, /* children; is_group: `all of … end`, otherwise a line with `and` */
    CONDITION_ANY,
    CONDITION_NONE,   /* only as a group */
    CONDITION_BROKEN, /* was reported already */
};

enum comparison {
    COMPARISON_IS,       /* values: one */
    COMPARISON_ONE_OF,   /* values: some */
    COMPARISON_AT_LEAST, /* values: one, here and below */
    COMPARISON_AT_MOST,
    COMPARISON_MORE_THAN,
    COMPARISON_LESS_THAN,
    COMPARISON_BETWEEN,     /* values: two, both included */
    COMPARISON_KNOWN,       /* values: none */
    COMPARISON_IN_SEGMENT,  /* values: one VALUE_TEXT, the segment's name */
    COMPARISON_WITHIN_LAST, /* values: one VALUE_DURATION */
    COMPARISON_CONTAINS,    /* values: one */
    COMPARISON_CONTAINS_WORD, /* values: VALUE_TEXTs, one or more: `contains word "x"`, `contains one of words "x", "y"` */
    COMPARISON_HAS_BADGE,     /* values: one VALUE_TEXT, the badge: `player has badge "x"`, `has no badge` negated */
};

struct condition {
    enum condition_kind kind;
    struct span span;
    /* compare */
    struct value *left; /* NULL in a case of `choose`: the subject stands there */
    enum comparison comparison;
    bool negated;              /* `is not …` */
    struct span operator_span; /* `is at least` */
    struct value_list values;
    /* all, any, none */
    bool is_group;
    struct condition *children; /* linked by `next` */
    uint32_t child_count;
    struct condition *next;
    struct text words; /* what people are told it says, where nobody wrote it; otherwise empty */
    uint32_t number;   /* the checker's number of the condition site */
    uint32_t resolved;
};

struct condition_list {
    struct condition *first;
    struct condition *last;
    uint32_t count;
};

/* `deposit of "NAME" where …`; `about` absent without `of`, `where` NULL without a filter. */
struct event_match {
    struct span span;
    struct name event;
    struct name about;
    struct condition *where;
};

#endif
