/*
 * ast: the tree that the parser makes of one file and that checker and formatter read.
 *
 * A file is a list of declarations; a declaration is a name and a list of lines; a line is a
 * tagged union by its first word. Statements, conditions and values are tagged unions too. Every
 * node has a span; all nodes live in the arena that parser_parse was given and are never freed
 * alone. Lists are linked by `next`, in source order. Members named `resolved`, `number` and
 * `type` are zero after parsing and belong to the checker.
 *
 * Nothing here knows what a word means: `country` may turn out to be an attribute or a mistake.
 * Amounts are already in the machine's units (millionths, minor units, milliseconds, days).
 * Values and conditions are in compiler/ast_value.h, what stands between the words of a line in compiler/ast_parts.h.
 * Next: compiler/grammar.y for what stands where, compiler/parser.h for how a tree is made.
 */
#ifndef PROMO_COMPILER_AST_H
#define PROMO_COMPILER_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/ast_parts.h"
#include "compiler/ast_value.h"
#include "compiler/source.h"
#include "vm/round.h"
#include "vm/text.h"

struct statement;
struct line;
struct declaration;

/* ------------------------------------------------------------------ statements */

enum statement_kind {
    STATEMENT_SEND,
    STATEMENT_CREDIT,
    STATEMENT_DO,
    STATEMENT_TAG,
    STATEMENT_UNTAG,
    STATEMENT_REMEMBER,
    STATEMENT_GO_TO,
    STATEMENT_GO_ON, /* `otherwise go on` */
    STATEMENT_FINISH,
    STATEMENT_WAIT,               /* `wait 24 hours` */
    STATEMENT_WAIT_UNTIL,         /* `wait until friday 18:00 in the player's zone` */
    STATEMENT_WAIT_UP_TO,         /* block with cases */
    STATEMENT_ASK,                /* ask: block with cases; name is who is asked, in quotes */
    STATEMENT_TELL,               /* tell: name is the event */
    STATEMENT_WAIT_BUSINESS_DAYS, /* `wait 3 business days`: wait_business_days */
    STATEMENT_IF,
    STATEMENT_CHOOSE,
    STATEMENT_SPLIT,
    STATEMENT_REPEAT,
    STATEMENT_CANCEL,       /* cancel "OFFER" */
    STATEMENT_FREEZE,       /* freeze "OFFER" */
    STATEMENT_UNFREEZE,     /* unfreeze "OFFER" */
    STATEMENT_GIVE_CODE,    /* give code "POOL" [as "LABEL"] */
    STATEMENT_RELEASE_CODE, /* release code of "POOL" */
    STATEMENT_SHOW_OFFER,   /* show offer "OFFER" [as "LABEL"] */
    STATEMENT_SPEND,        /* spend 100 of "stars": name is the points; spend */
    STATEMENT_AWARD_BADGE,  /* award badge "BADGE" */
    STATEMENT_BROKEN,       /* was reported already */
};

/* Statements of one path. `is_inline`: one statement on the line of its case. */
struct block {
    struct statement *first;
    struct statement *last;
    uint32_t count;
    bool is_inline;
    struct span span;
};

struct argument {
    struct name name;
    struct value *value;
    struct span span;
    struct argument *next;
};

struct argument_list {
    struct argument *first;
    struct argument *last;
    uint32_t count;
};

/* One `if` or `otherwise if`. */
struct branch {
    struct span span; /* the line of its condition */
    struct condition *condition;
    struct block body;
    struct branch *next;
};

struct branch_list {
    struct branch *first;
    struct branch *last;
    uint32_t count;
};

enum choice_kind {
    CHOICE_EVENT,      /* when EVENT … : event */
    CHOICE_TIME_IS_UP, /* when time is up */
    CHOICE_VALUE,      /* of `choose by`: condition with left == NULL */
    CHOICE_OTHERWISE,  /* of `choose by`, the last */
    CHOICE_APPROVED,   /* of `ask … for approval` */
    CHOICE_REFUSED,    /* of `ask … for approval` */
    CHOICE_ANSWERED,   /* of `ask … for QUERY` */
    CHOICE_ARM,        /* of `split`: percent in millionths and name */
    CHOICE_PERCENT,    /* of `progress`: share */
};

/* A case of `wait up to`, `choose by` or `split`. */
struct choice {
    enum choice_kind kind;
    struct span span; /* its header, without the body */
    struct event_match event;
    struct condition *condition;
    int64_t share; /* millionths: 50% is 500,000 */
    struct name name;
    struct block body;
    struct choice *next;
    uint32_t number;
};

struct choice_list {
    struct choice *first;
    struct choice *last;
    uint32_t count;
};

struct statement {
    enum statement_kind kind;
    struct span span;            /* its first line, without body and without `otherwise` */
    struct statement *otherwise; /* `, otherwise STATEMENT`; NULL without */
    struct statement *next;
    uint32_t resolved;
    uint32_t number;
    struct name name;  /* message, offer, action, tag, remembered name, step, reason, split, codes, points, badge */
    struct name label; /* `as "LABEL"` of send, credit, do; absent without */
    union {
        struct {
            struct name channel;
        } send;
        struct {
            struct argument_list arguments;
        } action;
        struct {
            struct value *value, *otherwise;
        } remember; /* otherwise may be NULL */
        struct {
            int64_t at_most;
        } go_to; /* 0: no count was written */
        struct {
            struct value *duration;
            bool after_entry; /* `wait until 14 days after entry` */
        } wait;
        struct {
            struct name weekday;   /* absent without */
            int32_t weekday_index; /* monday is 0; -1 without */
            struct value *clock;
            bool in_player_zone;
            bool is_business_day; /* `wait until business day [CLOCK]` */
        } wait_until;
        struct {
            int64_t count;
        } wait_business_days;
        struct {
            struct name query;      /* absent: approval by people */
            int64_t people;         /* how many must approve; at least 1 */
            struct value *duration; /* up to */
            struct choice_list cases;
        } ask;
        struct {
            struct value *player; /* a VALUE_PATH: `player.referrer` */
            struct argument_list arguments;
        } tell;
        struct {
            struct value *duration;
            bool since_entry;
            bool after_entry; /* `wait up to 14 days after entry`: the time counts from the journey's entry */
            struct choice_list cases;
        } wait_up_to;
        struct {
            struct branch_list branches; /* at least one unless broken */
            bool has_otherwise;
            struct span otherwise_span;
            struct block otherwise;
        } branch;
        struct {
            struct value *subject;
            struct choice_list cases;
        } choose;
        struct {
            struct choice_list arms;
        } split;
        struct {
            int64_t at_most;
            struct block body;
        } repeat;
        struct {
            struct value *amount; /* a whole number or a VALUE_PATH */
        } spend;
    } as;
};

/* ------------------------------------------------------------------ lines */

enum line_kind {
    /* several blocks: as.text or as.words or as.word */
    LINE_NOTE,     /* text */
    LINE_OWNER,    /* text */
    LINE_PRODUCT,  /* words: workspace has many, a campaign one */
    LINE_CURRENCY, /* words: workspace has many, a campaign one */
    LINE_TIMEZONE, /* text */
    /* workspace */
    LINE_BRAND,     /* words */
    LINE_CHANNEL,   /* words */
    LINE_TAG,       /* words */
    LINE_LATENESS,  /* value: a duration */
    LINE_RETENTION, /* value: a duration */
    LINE_USE,       /* words: parts of the standard library */
    /* event */
    LINE_ABOUT,          /* word: kind of named thing; in a message: a product */
    LINE_FIELD,          /* field */
    LINE_HAPPENS_AT,     /* word: a field */
    LINE_REVERSES,       /* reverses */
    LINE_SAFETY,         /* word */
    LINE_SETS,           /* sets */
    LINE_MADE_BY_ENGINE, /* nothing else: the runtime makes these events */
    /* action */
    LINE_CLASS,   /* word: reward, message, other; in a message: marketing, service */
    LINE_TAKES,   /* field */
    LINE_COSTS,   /* value; VALUE_NONE for `costs nothing` */
    LINE_CONSENT, /* word: the attribute that must be yes */
    /* message */
    LINE_CONTENT, /* content */
    /* budget */
    LINE_TOTAL,      /* amount */
    LINE_PER_PERIOD, /* amount with a period */
    LINE_PER_PLAYER, /* amount, period may be PERIOD_EVER */
    LINE_PER_OFFER,  /* amount with an offer */
    LINE_FROM_POOL,  /* text */
    LINE_WHEN_EMPTY, /* when_empty */
    /* offer, terms */
    LINE_PARAMETER, /* parameter */
    LINE_WAGERING,  /* wagering */
    LINE_GAMES,     /* words */
    LINE_EXPIRES,   /* expires */
    LINE_FOLLOWS,   /* text: a terms' name */
    LINE_PAYS_IN,   /* text: rates; pays in the player's currency by "RATES" */
    /* policy */
    LINE_FINISH_FOR,   /* finish_for */
    LINE_NEVER,        /* never */
    LINE_SEND_ONLY_TO, /* send_only_to */
    LINE_HOLD_OUT,     /* hold_out */
    /* policy and campaign */
    LINE_GROUP,            /* text: the group's name; in a policy with `one campaign at a time` */
    LINE_MESSAGES_AT_MOST, /* messages */
    LINE_SEND_BETWEEN,     /* send_between */
    /* campaign */
    LINE_PRIORITY,       /* count */
    LINE_LIABILITY,      /* value: a date */
    LINE_JURISDICTION,   /* word; absent for `of the player` */
    LINE_ROUNDING,       /* rounding */
    LINE_LATE_EVENTS,    /* value: a duration */
    LINE_RUNS,           /* runs */
    LINE_BUDGET,         /* declaration */
    LINE_START,          /* event */
    LINE_START_ENTERING, /* text: a segment's name */
    LINE_START_LEAVING,  /* text: a segment's name */
    LINE_START_WITHOUT,  /* without: start after DURATION without EVENT */
    LINE_START_COMMAND,  /* nothing else */
    LINE_START_SCHEDULE, /* schedule */
    LINE_ORDER,          /* orders: order by … */
    LINE_BUSINESS_DAYS,  /* word: a country */
    LINE_ONLY_FOR,       /* condition */
    LINE_ENTER,          /* enter */
    LINE_LEAVE_ON,       /* leave: event */
    LINE_LEAVE_WHEN,     /* leave: condition */
    LINE_PAUSE_ON,       /* word: an event */
    LINE_MOVE,           /* nothing else: running journeys move to this version */
    LINE_GOAL,           /* goal */
    LINE_TERMS,          /* declaration */
    LINE_OFFER,          /* declaration */
    LINE_STEP,           /* step */
    LINE_METRIC,         /* declaration: a DECLARATION_METRIC of this campaign */
    /* rules of a jurisdiction */
    LINE_SOURCE,           /* text */
    LINE_LIMIT_WAGERING,   /* value: a multiple */
    LINE_LIMIT_PRODUCTS,   /* count: at most so many per offer */
    LINE_LIMIT_REWARDS,    /* count: at most so many per player */
    LINE_LIMIT_REWARDS_TO, /* condition on players */
    LINE_LIMIT_EXPIRY,     /* value: a duration */
    LINE_REQUIRE_TERMS,    /* nothing else */
    LINE_REQUIRE_OPT_IN,   /* words: product, channel */
    LINE_FORBID_REWARDS,   /* words: figures, events or attributes that no reward may depend on */
    /* rates of exchange */
    LINE_VERSION,  /* text */
    LINE_EXCHANGE, /* exchange: rate EUR to PLN 4.2651 */
    /* holidays */
    LINE_HOLIDAY, /* holiday: a date and its name */
    LINE_THROUGH, /* value: the last date that the block speaks for */
    /* test */
    LINE_GIVEN_PLAYERS,    /* given_players */
    LINE_GIVEN_PROPERTY,   /* given_property */
    LINE_AT,               /* at */
    LINE_REPEAT_LINES,     /* repeat */
    LINE_EXPECT_EFFECT,    /* expect */
    LINE_EXPECT_MESSAGES,  /* expect: of EFFECT_MESSAGE */
    LINE_EXPECT_CONDITION, /* expect: where, player */
    LINE_EXPECT_SPEND,     /* value: largest spend per player */
    /* event, workspace */
    LINE_ANSWERED_BY_ENGINE, /* nothing else: the platform asks with these events */
    LINE_BONUSES_KEPT_BY,    /* word: engine, platform */
    LINE_LOCALE,             /* words, in quotes */
    LINE_SHORT_LINKS,        /* text: how their addresses begin */
    /* offer, terms */
    LINE_COUNTS,    /* shares */
    LINE_FUNDS,     /* words */
    LINE_GAME_IDS,  /* words: `games "G-101", "G-102"` */
    LINE_STAKE,     /* stake */
    LINE_WIN,       /* value: `win at most 500 EUR` */
    LINE_DEPOSIT,   /* value: `deposit at least 20 EUR` */
    LINE_CLAIM,     /* value: a duration */
    LINE_QUEUE,     /* nothing else: one at a time */
    LINE_CANCEL_ON, /* event */
    LINE_REVOKE_ON, /* event */
    LINE_GRANT,     /* limit, per player */
    LINE_SHORT,     /* nothing else: grant what is left */
    LINE_USE_CARD,  /* chosen: `in parts`; otherwise `at once` */
    LINE_REFUND,    /* chosen: `to the card`; otherwise `nothing` */
    /* codes */
    LINE_MAKE,        /* make */
    LINE_UPLOAD,      /* count: upload up to N */
    LINE_FIXED,       /* text: the one code */
    LINE_READ,        /* words: what is ignored: case, spaces, dashes */
    LINE_VALID,       /* valid */
    LINE_EACH_CODE,   /* limit */
    LINE_EACH_PLAYER, /* limit */
    LINE_IN_ALL,      /* limit */
    LINE_QUOTA,       /* quota */
    LINE_HOLD_CODE,   /* value: a duration */
    LINE_LOCK,        /* lock */
    LINE_ANSWER,      /* text */
    /* stacking */
    LINE_STACK, /* stack */
    /* tournament */
    LINE_RUNS_EVERY,     /* recurs */
    LINE_SETTLES,        /* wall_time */
    LINE_FEE,            /* fee */
    LINE_EARN,           /* earn; of points too */
    LINE_SCORE,          /* score */
    LINE_WINNERS,        /* value: the smallest score that wins */
    LINE_SMALLEST_FIELD, /* smallest_field */
    LINE_PRIZES,         /* declaration: a DECLARATION_PRIZES; offer_kind is what is given */
    LINE_BOARD,          /* declaration: a DECLARATION_BOARD */
    /* prizes */
    LINE_POOL,     /* value: money */
    LINE_LEFTOVER, /* count: `to place N`; 0 for `stays` */
    LINE_PLACE,    /* place */
    /* board */
    LINE_SHOW_TOP, /* count */
    LINE_NAMES,    /* chosen: `masked`; otherwise `in full` */
    LINE_AGE,      /* value: a duration */
    /* points */
    LINE_REST,         /* chosen: `kept by line`; otherwise `dropped` */
    LINE_SPEND_OLDEST, /* nothing else: spend oldest first */
    /* levels */
    LINE_COUNTS_POINTS, /* counts_points */
    LINE_LEVEL,         /* level */
    LINE_UP_AT_ONCE,    /* nothing else */
    LINE_DOWN,          /* down */
    LINE_KEEP,          /* value: a percentage */
    /* mission */
    LINE_COMPLETE, /* limit */
    LINE_LASTS,    /* value: a duration */
    LINE_TASK,     /* task */
    LINE_PROGRESS, /* cases: CHOICE_PERCENT and CHOICE_TIME_IS_UP */
    /* badge */
    LINE_IMAGE,       /* text: a file's name */
    LINE_FOR_PLAYERS, /* condition */
    /* message */
    LINE_SUBJECT, /* content: channel absent */
    LINE_LINK,    /* link */
    LINE_UTM,     /* arguments */
    /* campaign */
    LINE_MEASURE, /* measure */
    /* test */
    LINE_GIVEN_CODE, /* given_code */
    LINE_BROKEN,     /* was reported already */
};

enum refused_word { REFUSED_DROP, REFUSED_DELAY };

enum when_empty_word { WHEN_EMPTY_SUSPEND, WHEN_EMPTY_GO_ON, WHEN_EMPTY_FINISH, WHEN_EMPTY_STOP_RUN };

enum enter_word {
    ENTER_ONCE_PER_PLAYER,
    ENTER_ONCE_PER_PERIOD, /* period */
    ENTER_AT_MOST,         /* times, and `per`: duration or period, or neither (ever) */
    ENTER_EVERY_TIME,
};

enum missing_keys_word { MISSING_KEYS_UNSAID, MISSING_KEYS_ENTER, MISSING_KEYS_REFUSED };

enum never_word { NEVER_MESSAGE, NEVER_REWARD, NEVER_ENTER };

/* `N per DURATION` or `N per PERIOD` of a pressure cap. */
struct rate {
    struct span span;
    int64_t count;
    struct value *duration;  /* NULL where a period was written */
    enum period_word period; /* PERIOD_EVER where a duration was written */
    struct rate *next;
};

struct rate_list {
    struct rate *first;
    struct rate *last;
    uint32_t count;
};

struct step {
    struct name name;
    struct name renamed_from; /* absent without */
    struct block body;
};

struct line_list {
    struct line *first;
    struct line *last;
    uint32_t count;
};

/* A moment of a test. */
enum point_kind {
    POINT_NONE,
    POINT_MOMENT, /* value: VALUE_MOMENT, in the campaign's zone unless is_utc */
    POINT_AFTER,  /* `+50 hours`, `+47:59:59.999`: duration from the first `at` */
};

struct point {
    enum point_kind kind;
    struct span span;
    struct value *moment;
    struct duration after;
};

enum who_kind {
    WHO_EVERY,  /* nothing written: every given player */
    WHO_NAMED,  /* for "A" */
    WHO_OTHERS, /* for the others */
};

enum at_kind {
    AT_EVENT, /* event */
    AT_TIME_PASSES,
    AT_WALLET_REFUSES, /* offer, reason: `wallet refuses "OFFER" because "text"` */
    AT_APPROVAL,       /* name: the campaign; by: who; is_approved */
    AT_ANSWER,         /* name: who was asked; value */
    AT_COMMAND,        /* command; name: the campaign */
    AT_ATTRIBUTE,      /* attribute (a VALUE_PATH `player.x`) is value: an attribute change */
};

enum command_word { WORD_START, WORD_END, WORD_KILL, WORD_SUSPEND, WORD_RESUME };

enum count_kind {
    COUNT_SOME, /* nothing written: at least one */
    COUNT_NO,
    COUNT_AT_MOST, /* count */
    COUNT_EXACTLY, /* count */
};

enum effect_kind {
    EFFECT_SEND,    /* channel, name may be absent */
    EFFECT_CREDIT,  /* name may be absent */
    EFFECT_DO,      /* name: the action */
    EFFECT_TAG,     /* name */
    EFFECT_UNTAG,   /* name */
    EFFECT_FINISH,  /* name: the reason */
    EFFECT_MESSAGE, /* any message */
    EFFECT_EVENT,   /* event */
    EFFECT_ANSWER,  /* name: OK or a reason: what the engine answered */
};

struct line {
    enum line_kind kind;
    struct span span; /* the line, or the header of its block */
    struct line *next;
    uint32_t resolved;
    union {
        struct name text; /* a quoted name or text */
        struct name word;
        struct name_list words;
        struct value *value;
        struct condition *condition;
        struct event_match event;
        struct declaration *declaration;
        struct step step;
        enum rounding rounding;
        struct {
            struct name name;
            struct type_expression *type;
        } field;
        struct {
            struct name event, by;
            struct name at; /* the field that holds when the original happened; absent without */
        } reverses;
        struct {
            struct name attribute, until;
        } sets; /* until may be absent */
        struct {
            struct name channel, locale, text;
            bool is_file;
        } content;
        struct {
            struct value *value;
            enum period_word period;
            struct name offer;
        } amount;
        struct {
            enum when_empty_word kind;
            struct name reason;
        } when_empty;
        struct {
            struct name name;
            struct value *value;
        } parameter;
        struct {
            bool none;
            struct value *multiple;
            bool of_bonus, of_deposit;
        } wagering;
        struct {
            struct value *duration;
            bool after_activation;
        } expires;
        struct {
            struct name reason;
            struct condition *condition;
        } finish_for;
        struct {
            enum never_word kind;
            struct name message_class; /* absent: every class */
            struct condition *condition;
        } never;
        struct {
            struct name channel, product;
            struct condition *condition; /* NULL: to everyone */
        } send_only_to;
        struct {
            struct name message_class; /* absent: every class */
            struct name channel;       /* absent: all channels */
            struct rate_list rates;
            bool in_player_zone; /* for rates of calendar periods */
            enum refused_word otherwise;
        } messages;
        struct {
            struct name message_class; /* absent: every class that the policy holds for */
            struct value *from, *to;
            bool in_player_zone;
            enum refused_word otherwise;
        } send_between;
        struct {
            struct value *from, *through; /* through may be NULL */
            bool then_go_on;              /* running journeys go on */
            struct name then_finish;      /* or finish as this */
        } runs;
        struct {
            enum enter_word kind;
            enum period_word period;
            int64_t times;
            struct value *per;            /* a duration, or NULL */
            int64_t players_at_most;      /* 0: no limit */
            struct name otherwise_reason; /* absent without */
            struct name_list keys;        /* `and per device_id`: attributes; empty without */
            enum missing_keys_word missing_keys;
            int64_t at_once;           /* `, at most 3 at once`; 0: not written */
            struct name restarting_as; /* `, restarting as "NEWER"`; absent without */
        } enter;
        struct {
            struct event_match event;
            struct condition *condition;
            struct statement *then; /* go to, finish as; NULL without */
        } leave;
        struct {
            struct value *duration;
            struct event_match event;
        } without;
        int64_t count;
        struct {
            struct value *share; /* a percentage */
            struct name by;
        } hold_out;
        struct {
            struct name from, to;
            struct value *number; /* how many of `to` one of `from` is worth, in millionths */
        } exchange;
        struct schedule schedule;
        struct order_list orders;
        struct {
            struct value *date;
            struct name name;
        } holiday;
        struct {
            struct name name; /* absent without */
            struct value *within, *after;
            struct event_match event;
        } goal; /* within and after may be NULL */
        struct {
            struct name name;
            struct value *within, *after; /* NULL without */
            struct value *field;          /* a VALUE_PATH */
            struct condition *where;
        } measure;
        struct share_list shares;
        struct usage_limit limit;
        bool chosen;
        struct wall_time wall_time;
        struct task task;
        struct choice_list cases;
        struct argument_list arguments;
        enum score_word score;
        struct {
            struct value *value;
            enum stake_word otherwise;
        } stake;
        struct {
            int64_t count;
            struct name like, from;
        } make;
        struct {
            struct value *from, *through, *duration; /* each may be NULL; a duration counts from being given */
        } valid;
        struct {
            struct name name;
            int64_t count;
            struct condition *condition; /* NULL: for everyone else */
        } quota;
        struct {
            struct value *duration, *within;
            int64_t tries;
        } lock;
        struct {
            bool is_first; /* the word was `first`, not `then` */
            int64_t count;
            struct name kind; /* an action: coupon, gift_card */
        } stack;
        struct {
            enum recurs_word kind;
            struct wall_time from, until;
        } recurs;
        struct {
            int64_t count;
            struct name points;
        } fee;
        struct {
            struct value *amount;     /* how many points or how much score */
            struct value *per;        /* money or a number of the field; NULL: per event */
            struct event_match event; /* its `where` too */
            struct name field;        /* absent where `per` is NULL */
            struct conversion_words conversion;
        } earn;
        struct {
            int64_t players;
            struct statement *otherwise; /* NULL for `otherwise nothing` */
        } smallest_field;
        struct {
            int64_t first, last;
            struct value *value;
        } place;
        struct {
            struct name points;
            struct metric *window; /* only its window, period, duration and zone are filled */
        } counts_points;
        struct {
            struct name name;
            int64_t from;
            struct span from_span;
            struct block body; /* empty without statements */
        } level;
        struct {
            int64_t levels; /* 0: never */
            enum period_word period;
        } down;
        struct {
            struct name name, address;
        } link;
        struct {
            struct name code, pool;
        } given_code;
        struct {
            struct name_list names; /* empty: nameless players */
            int64_t count;          /* how many; at least 1 */
            bool is_test;           /* `given a test player` */
            struct condition *where;
        } given_players;
        struct {
            struct value *property, *value;
        } given_property;
        struct {
            enum at_kind kind;
            struct point point;
            enum who_kind who;
            struct name_list names; /* WHO_NAMED */
            struct event_match event;
            struct name offer, reason;
            struct value *attribute, *value;
            struct name name, by;
            bool is_approved;
            enum command_word command;
        } at;
        struct {
            int64_t times;
            struct line_list lines;
        } repeat;
        struct {
            enum count_kind count_kind;
            int64_t count;
            enum effect_kind effect;
            struct name channel, name;
            struct event_match event; /* EFFECT_EVENT: event, about */
            struct name player;       /* for "A"; absent without */
            struct point point;
            struct name reason; /* because; absent without */
            struct condition *where;
        } expect;
    } as;
};

/* ------------------------------------------------------------------ declarations */

enum declaration_kind {
    DECLARATION_WORKSPACE,
    DECLARATION_EVENT,
    DECLARATION_ATTRIBUTE, /* type */
    DECLARATION_ACTION,
    DECLARATION_MESSAGE,
    DECLARATION_SEGMENT, /* condition */
    DECLARATION_BUDGET,  /* inside a campaign it has no name */
    DECLARATION_OFFER,   /* offer_kind: the action */
    DECLARATION_TERMS,
    DECLARATION_POLICY,
    DECLARATION_CAMPAIGN,
    DECLARATION_TEST,
    DECLARATION_METRIC,   /* metric */
    DECLARATION_QUERY,    /* type: what a host can be asked */
    DECLARATION_RULES,    /* its name is a country; from, through; lines of rules */
    DECLARATION_RATES,    /* lines LINE_EXCHANGE, LINE_VERSION, LINE_SOURCE, LINE_NOTE */
    DECLARATION_HOLIDAYS, /* its name is a country; lines LINE_HOLIDAY, LINE_THROUGH, LINE_NOTE */
    DECLARATION_CODES,
    DECLARATION_STACKING,
    DECLARATION_TOURNAMENT, /* lines of a campaign and its own */
    DECLARATION_POINTS,
    DECLARATION_LEVELS,  /* lines of a campaign and its own */
    DECLARATION_MISSION, /* lines of a campaign and its own */
    DECLARATION_BADGE,
    DECLARATION_PRIZES, /* inside a tournament, without a name; offer_kind: the action */
    DECLARATION_BOARD,  /* inside a tournament, without a name */
    DECLARATION_KIND_COUNT,
};

struct declaration {
    enum declaration_kind kind;
    struct span span;     /* its header */
    struct span end_span; /* its `end`; empty for one-line declarations */
    struct name name;
    struct line_list lines;
    struct type_expression *type;
    struct condition *condition;
    struct metric *metric;  /* DECLARATION_METRIC */
    struct value *from;     /* DECLARATION_RULES: a date */
    struct value *through;  /* DECLARATION_RULES: a date, or NULL */
    struct name offer_kind; /* of an offer and of prizes */
    struct name wire_name;  /* event NAME from "WIRE"; absent without */
    bool is_broken;         /* an error was reported inside: names count, details may be missing */
    bool is_hidden;         /* not written as such: `start after` stands for it (check_start.c), or a badge */
    bool awards;            /* DECLARATION_SEGMENT of a badge's players */
    bool is_mission;        /* DECLARATION_CAMPAIGN that a mission was made into (check_missions.c) */
    struct tournament_words *tournament; /* a campaign that stands for a tournament (tournament.h); otherwise NULL */
    struct declaration *next;
    uint32_t resolved;
};

struct declaration_list {
    struct declaration *first;
    struct declaration *last;
    uint32_t count;
};

struct comment {
    struct span span; /* from `#` up to the end of its line */
    bool has_own_line;
    struct comment *next;
};

struct ast_file {
    const struct source *source;
    struct declaration_list declarations;
    struct comment *comments; /* in source order */
    bool is_broken;           /* at least one error was reported while it was parsed */
};

/* Whether a name was written at all. */
static inline bool ast_is_present(const struct name *name)
{
    return name->span.end != 0;
}

/* The first line of a kind, or NULL; `after` == NULL searches from the start of the list. */
const struct line *ast_find_line(const struct line_list *lines, enum line_kind kind, const struct line *after);

/* The words that begin a line, a statement or a declaration, as the author writes them: `per player`. */
const char *ast_line_word(enum line_kind kind);
const char *ast_statement_word(enum statement_kind kind);
const char *ast_declaration_word(enum declaration_kind kind);

/* Whether two trees say the same, spans and comments aside; used by the tests of the formatter. */
bool ast_equal(const struct ast_file *one, const struct ast_file *other);

#endif
