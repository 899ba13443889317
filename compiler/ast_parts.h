/*
 * ast_parts: what stands within a line and is neither a value nor a statement: types, metrics, schedules, shares, tasks.
 *
 * Part of the tree of compiler/ast.h, which says what holds of all nodes and includes this file.
 */
#ifndef PROMO_COMPILER_AST_PARTS_H
#define PROMO_COMPILER_AST_PARTS_H

#include "compiler/ast_value.h"

/* ------------------------------------------------------------------ types of fields, attributes, parameters */

enum type_word {
    TYPE_WORD_YES_NO,
    TYPE_WORD_WHOLE,   /* `whole number [up to N | between A and B]` */
    TYPE_WORD_DECIMAL, /* `decimal [up to N | between A and B]` */
    TYPE_WORD_PERCENT, /* `percent [up to N | between A and B]` */
    TYPE_WORD_MONEY,   /* `money up to N`: N in whole currency units, any currency */
    TYPE_WORD_TEXT,    /* `text up to N` bytes */
    TYPE_WORD_MOMENT,
    TYPE_WORD_DATE,
    TYPE_WORD_CLOCK, /* `time of day` */
    TYPE_WORD_DURATION,
    TYPE_WORD_CALENDAR_DURATION, /* `calendar duration` */
    TYPE_WORD_ONE_OF,            /* words: unordered enumeration */
    TYPE_WORD_RANKED,            /* words: ordered enumeration, lowest first */
    TYPE_WORD_SET_OF,            /* words: `set of a, b, c` */
    TYPE_WORD_COUNTRY,           /* `country code` */
    TYPE_WORD_CURRENCY,          /* `currency code` */
    TYPE_WORD_TIME_ZONE,         /* `time zone` */
    TYPE_WORD_BROKEN,
};

enum privacy_word { PRIVACY_PLAIN, PRIVACY_PERSONAL, PRIVACY_CONTACT };

struct type_expression {
    enum type_word kind;
    struct span span;
    bool is_optional;
    enum privacy_word privacy;
    struct value *least; /* NULL without a bound */
    struct value *most;  /* `up to N`; NULL without */
    struct name_list words;
    struct value *otherwise; /* default; NULL without */
};

/* ------------------------------------------------------------------ zones and metrics */

/* `in the player's zone`, `in "Europe/Warsaw"`, or nothing. */
struct zone_words {
    bool in_player_zone;
    struct name name; /* a zone's name in quotes; absent without */
    struct span span; /* end 0 where nothing was written */
};

/* `in EUR by "RATES"`: both absent without; rates absent where only the currency was written. */
struct conversion_words {
    struct name currency;
    struct name rates;
    struct span span;
};

enum period_word { PERIOD_EVER, PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_YEAR, PERIOD_RUN };

enum aggregate_word {
    AGGREGATE_WORD_FORMULA,         /* no aggregate: `metric net is staked - won`; only `formula` is filled */
    AGGREGATE_WORD_COUNT,           /* count of EVENT */
    AGGREGATE_WORD_COUNT_DIFFERENT, /* count of different EVENT.FIELD */
    AGGREGATE_WORD_DIFFERENT_DAYS,  /* count of different days of EVENT */
    AGGREGATE_WORD_DAYS_IN_A_ROW,   /* days in a row of EVENT */
    AGGREGATE_WORD_SUM,             /* sum of EVENT.FIELD, here and below with a conversion where one is written */
    AGGREGATE_WORD_AVERAGE,
    AGGREGATE_WORD_SMALLEST,
    AGGREGATE_WORD_LARGEST,
    AGGREGATE_WORD_FIRST,
    AGGREGATE_WORD_LAST,
    AGGREGATE_WORD_FAVOURITE,
    AGGREGATE_WORD_FIRST_TIME,     /* first time of EVENT */
    AGGREGATE_WORD_LAST_TIME,      /* last time of EVENT */
    AGGREGATE_WORD_DIFFERENT_EACH, /* only of tasks: 5 different EVENT.FIELD, each at least 20 times */
};

enum window_word {
    WINDOW_WORD_EVER,
    WINDOW_WORD_LAST,        /* over last DURATION, with a grain or without */
    WINDOW_WORD_THIS,        /* over this PERIOD, here and below: period */
    WINDOW_WORD_PREVIOUS,    /* over previous PERIOD */
    WINDOW_WORD_BEFORE_THIS, /* before this PERIOD */
    WINDOW_WORD_SINCE_ENTRY, /* only inside a campaign */
    WINDOW_WORD_INSTANCE,    /* not written as such: over an instance of `tournament` (tournament.h) */
};

enum grain_word { GRAIN_WORD_NONE, GRAIN_WORD_MINUTE, GRAIN_WORD_HOUR, GRAIN_WORD_DAY };

/* How finely a rolling window is cut where no grain is written and no events are kept. */
enum grain_word ast_default_grain(const struct duration *duration);

/* What stands behind `metric NAME is`. */
struct metric {
    enum aggregate_word aggregate;
    struct value *formula; /* AGGREGATE_WORD_FORMULA: a value, or a VALUE_FORMULA with its clauses */
    struct span span;
    struct name event;
    struct name field; /* absent for aggregates of whole events */
    struct conversion_words conversion;
    enum window_word window;
    struct span window_span;
    struct value *duration; /* WINDOW_WORD_LAST */
    enum grain_word grain;
    enum period_word period;
    struct zone_words zone;
    int64_t kept_up_to; /* 0: not written */
    int64_t each;       /* AGGREGATE_WORD_DIFFERENT_EACH: at least so often */
    struct span kept_span;
    bool is_rounded; /* `, rounded …` was written */
    enum rounding rounding;
    struct value *otherwise;              /* NULL without */
    struct condition *where;              /* NULL without; bare names are fields of the event */
    const struct declaration *tournament; /* WINDOW_WORD_INSTANCE: of the campaign that stands for it */
    bool earns;                           /* only what is above 0 counts: points (tournament.h) */
    struct value *earned;                 /* with `earns`: what an event is worth, where that is no field; or NULL */
};

/* ------------------------------------------------------------------ schedules */

enum schedule_word {
    SCHEDULE_WORD_DAY,                /* every day at 11:00 */
    SCHEDULE_WORD_WEEKDAYS,           /* every monday, thursday at 06:00: weekdays */
    SCHEDULE_WORD_BUSINESS_DAY,       /* every business day at 09:00 */
    SCHEDULE_WORD_MONTH_BUSINESS_DAY, /* every month on business day 3 at 09:00: month_day */
    SCHEDULE_WORD_LAST_BUSINESS_DAY,  /* every month on last business day at 09:00 */
    SCHEDULE_WORD_MONTH_DAY,          /* every month on day 31 at 09:00: month_day */
    SCHEDULE_WORD_LAST_DAY,           /* every month on last day at 09:00 */
    SCHEDULE_WORD_YEAR,               /* every year on player.birth_date at 09:00: attribute */
    SCHEDULE_WORD_CRON,               /* on schedule "0 6 * * 1": cron; no clock */
};

/* What stands behind `start` in LINE_START_SCHEDULE. */
struct schedule {
    enum schedule_word kind;
    struct name_list weekdays; /* as written */
    uint32_t weekday_mask;     /* bit 0 is monday */
    int64_t month_day;         /* 1 … 31; of business days 1 … 23 */
    struct span month_day_span;
    struct value *attribute; /* a VALUE_PATH */
    struct name cron;
    struct value *clock; /* NULL for cron */
    struct zone_words zone;
    struct value *missed; /* a duration; NULL without */
};

enum order_word { ORDER_WORD_LARGEST, ORDER_WORD_SMALLEST, ORDER_WORD_EARLIEST, ORDER_WORD_LATEST };

/* `VALUE from largest` of `order by`. */
struct order {
    struct span span;
    struct value *value;
    enum order_word direction;
    struct order *next;
};

struct order_list {
    struct order *first;
    struct order *last;
    uint32_t count;
};

/* ------------------------------------------------------------------ parts of promotions */

/* `slots 100%` of `counts`: how much of a stake on such games counts, in millionths. */
struct share {
    struct span span;
    struct name name;
    int64_t share;
    struct share *next;
};

struct share_list {
    struct share *first;
    struct share *last;
    uint32_t count;
};

/* `once`, `at most 3 times`, `at most 1 time per week`. */
struct usage_limit {
    int64_t times;           /* at least 1 */
    bool is_once;            /* the word `once` was written */
    enum period_word period; /* PERIOD_EVER without */
};

/* `monday 12:00`, `10:00`, `day 28 23:30`, `2026-06-01 12:00`: a moment of a clock on the wall. */
struct wall_time {
    struct span span;
    struct name weekday;   /* absent without */
    int32_t weekday_index; /* monday is 0; -1 without */
    int64_t month_day;     /* 1 … 31; 0 without */
    struct value *date;    /* NULL without */
    struct value *clock;
};

enum recurs_word { RECURS_ONCE, RECURS_DAY, RECURS_WEEK, RECURS_MONTH };

/* What a task counts. */
enum need_word {
    NEED_EVENTS,         /* 3 bet: count, event */
    NEED_DIFFERENT,      /* 5 different bet.game [, each at least 20 times]: count, event, field, each_at_least */
    NEED_DIFFERENT_DAYS, /* 5 different days of session: count, event, zone */
    NEED_DAYS_IN_A_ROW,  /* 3 days in a row of session: count, event, zone */
    NEED_SUM,            /* 20 EUR of deposit.amount, 100 of rake.hands: amount, event, field, conversion */
};

struct task {
    struct name name;
    enum need_word kind;
    struct span need_span; /* what stands behind `needs`, without `where` */
    int64_t count;
    struct value *amount;
    struct event_match event; /* its `where` too: bare names there are fields of the event */
    struct name field;        /* absent for whole events */
    int64_t each_at_least;    /* 0: not written */
    struct zone_words zone;
    struct conversion_words conversion;
};

enum stake_word { STAKE_UNSAID, STAKE_FORFEIT, STAKE_NOT_COUNTED };

enum score_word { SCORE_SUM, SCORE_LARGEST };

#endif
