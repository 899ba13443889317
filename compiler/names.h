/*
 * names: what a project declares, by name.
 *
 * It gathers the declarations of all files and of the used parts of the standard library, replaces standard ones by the
 * project's own, gives each an index, and resolves the types of fields, attributes and parameters. The vocabulary goes
 * straight into the bundle's builder in the same order, so an index here is an index there.
 *
 * It looks into no campaign, condition or formula: those are check.h. Next: compiler/check.h.
 */
#ifndef PROMO_COMPILER_NAMES_H
#define PROMO_COMPILER_NAMES_H

#include "compiler/ast.h"
#include "compiler/diagnostic.h"
#include "vm/arena.h"
#include "vm/builder.h"
#include "vm/program.h"
#include "vm/range.h"

/* The type of a value. `of`: the enumeration, the currency; PROGRAM_NONE for tags and for money of any currency. */
struct type {
    enum type_kind kind; /* TYPE_COUNT: broken, was reported; TYPE_ARM: an arm of the split `of` */
    uint32_t of;
    uint32_t size; /* TEXT: largest number of bytes */
};
enum { TYPE_BROKEN = TYPE_COUNT, TYPE_ARM = TYPE_COUNT + 1 };

/* A field, an attribute or a parameter. */
struct member {
    struct name name;
    struct type type;
    int64_t low, high; /* of the slot's number */
    bool optional;
    enum privacy privacy;
    uint32_t slot;
    uint32_t index;                   /* FIELD, ATTRIBUTE or PARAMETER */
    const struct value *preset_value; /* ATTRIBUTE: as written, or NULL */
    int64_t preset;
    struct text preset_text;
};

struct event_info {
    struct declaration *declaration;
    struct text name;
    uint32_t index;
    struct member *fields;
    uint32_t field_count;
    enum about about;
    enum safety safety;
    uint32_t slot_count;
};

struct action_info {
    struct declaration *declaration;
    struct text name;
    uint32_t index;
    enum action_class class;
    struct member *parameters;
    uint32_t parameter_count;
    const struct value *costs; /* NULL: nothing */
    struct text consent;
};

/* What a host can be asked; its answer is an event of one field. */
struct query_info {
    struct declaration *declaration;
    struct member value; /* its name and type */
    uint32_t index;      /* QUERY */
    uint32_t event;      /* EVENT */
};

struct hole {
    struct text owner, name; /* `deposit`, `amount`; `code` and nothing */
    struct span span;
};

struct message_info {
    struct declaration *declaration;
    struct text name;
    uint32_t index;
    enum message_class class;
    uint32_t about;    /* product or PROGRAM_NONE */
    uint64_t channels; /* bit n: has a body for channel n */
    const struct line *first_body;
};

struct enumeration_info {
    struct text *words;
    uint32_t count;
    bool ranked;
};

/* Offers, terms, segments, budgets, policies, campaigns, tests: the declaration, and where it is declared. */
struct thing {
    struct declaration *declaration;
    struct text name;
    uint32_t index;
    bool standard; /* of the standard library: mistakes in it drop it silently */
    bool dropped;
    bool credited;     /* of an offer: some campaign credits it */
    uint32_t schedule; /* of a campaign: its SCHEDULE record, or PROGRAM_NONE */
};

/* A metric: of the workspace, or of the journeys of a campaign. */
enum metric_stage { METRIC_NEW, METRIC_BUSY, METRIC_READY, METRIC_DROPPED };
struct metric_info {
    struct declaration *declaration;
    struct text name;
    uint32_t campaign; /* index in `campaigns`, or PROGRAM_NONE */
    bool standard;
    enum metric_stage stage;
    /* From READY on: */
    uint32_t index; /* METRIC */
    struct type type;
    struct range range;
    bool optional;
    /* While its code is made: */
    const struct event_info *event; /* in the bank: its own, or the one that takes it back; NULL: a formula */
    uint32_t currency;              /* of the event's money, PROGRAM_NONE: not said */
    uint32_t zone;                  /* of its days where it names none */
    int64_t each;                   /* what an event yields of which no field is read */
};

/* What a campaign may cause within the instant of its start (check_circles.c). */
struct cause {
    bool every_time;          /* it may be entered every time */
    bool finishes;            /* before its first wait */
    uint64_t sets, takes;     /* tags that it gives and takes away before its first wait */
    uint64_t by_set, by_take; /* tags that may start it when they are given, or taken away */
    const struct line *start; /* NULL: it was not compiled */
    struct text begun[8];     /* offers that it credits there, of which the engine tells that they begin … */
    bool claimed[8];          /* … by `bonus_offered`; otherwise by `bonus_activated` */
    uint32_t begun_count;
    struct text given[8]; /* pools whose codes it gives there, which `code_given` tells of */
    uint32_t given_count;
};

struct names {
    struct arena *arena;
    struct diagnostic_list *diagnostics;
    struct source_set *sources;
    struct compiler_reader reader; /* of files that campaign files name */
    struct builder *builder;
    struct text root;             /* what paths of the project leave out in the bundle */
    const struct program *before; /* the version before, to compare with; NULL without */
    struct ast_file *const *files;
    uint32_t file_count;
    uint32_t project_file_count; /* files from this number on are the standard library */
    bool too_many_conditions;    /* reported */
    uint32_t muted;              /* > 0: mistakes are counted, not reported */
    uint32_t muted_errors;

    struct text workspace_name;
    uint32_t zone; /* home zone, index in the zone table */
    bool has_zone; /* the project's workspace names it */
    int64_t lateness_ms, retention_ms;
    struct text *locales; /* that each message must have, in the order of the workspace; none: not checked */
    uint32_t locale_count;
    struct text short_links; /* how the addresses of short links begin; empty: links are not shortened */
    struct text *currencies;
    uint32_t currency_count;
    unsigned money_digits; /* most decimals of any currency here */
    struct text *brands;
    uint32_t brand_count;
    struct text *products;
    uint32_t product_count;
    struct text *channels;
    uint32_t channel_count;
    struct cause *causes; /* by campaign, or NULL */
    struct text *tags;
    uint32_t tag_count;
    struct enumeration_info *enumerations;
    struct enumeration_info no_words; /* stands there where memory is out */
    uint32_t enumeration_count, enumeration_capacity;
    struct event_info *events;
    uint32_t event_count;
    struct member *attributes;
    uint32_t attribute_count;
    uint32_t zone_attribute;     /* index or PROGRAM_NONE */
    uint32_t currency_attribute; /* of type currency code: the player's; index or PROGRAM_NONE */
    uint32_t player_slot_count;
    struct query_info *queries;
    uint32_t query_count;
    struct action_info *actions;
    uint32_t action_count;
    struct message_info *messages;
    uint32_t message_count;
    struct name *splits; /* of the campaigns compiled so far */
    uint32_t split_count, split_capacity;
    struct metric_info *metrics; /* those of the workspace first, each in source order, standard ones before */
    uint32_t metric_count;
    struct thing *rates;
    uint32_t rates_count;
    struct thing *codes;
    uint32_t codes_count;
    struct thing *stackings;
    uint32_t stacking_count;
    struct thing *segments, *pools, *offers, *terms, *policies, *profiles, *campaigns, *tests, *holidays, *badges,
        *points, *ladders;
    uint32_t segment_count, pool_count, offer_count, terms_count, policy_count, profile_count, campaign_count,
        test_count, holidays_count, badge_count, points_count, ladder_count;
};

/* check_start.c: adds the segments and metrics that lines `start after … without …` stand for to the trees, before they are gathered. */
void starts_expand(struct arena *arena, struct ast_file *const *files, uint32_t count);

/* check_roles.c: whether an event that the engine makes, answers or reads has the fields for it. */
void names_judge_role(struct names *names, const struct event_info *event, bool made, bool answered);

/* Gathers everything. `files` holds the project's trees, then the standard library's. */
void names_collect(struct names *names, struct ast_file *const *files, uint32_t count, struct text default_name);

/* Reports a mistake (unless muted); arguments as DIAGNOSE. May give NULL. */
struct diagnostic *names_report(struct names *names, enum diagnostic_code code, struct span span,
                                const struct text *arguments, uint32_t count);
#define REPORT(names, code, span, ...)                                        \
    names_report((names), (code), (span), (const struct text[]){__VA_ARGS__}, \
                 (uint32_t)(sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text)))

/* Reports an unknown name with the nearest candidate as help: "did you mean `x`", else what there is. `what`: "event". */
void names_unknown(struct names *names, enum diagnostic_code code, const struct name *name,
                   const struct text *candidates, uint32_t count);

/* Finders: NULL (or PROGRAM_NONE) where there is none; nothing is reported. */
const struct event_info *names_event(const struct names *names, struct text name);
const struct member *names_field(const struct event_info *event, struct text name);
const struct member *names_attribute(const struct names *names, struct text name);
/* The metric of that name: of the campaign (unless PROGRAM_NONE), else of the workspace. */
struct metric_info *names_metric(const struct names *names, struct text name, uint32_t campaign);
const struct action_info *names_action(const struct names *names, struct text name);
const struct message_info *names_message(const struct names *names, struct text name);
struct thing *names_thing(struct thing *things, uint32_t count, struct text name);
uint32_t names_index(const struct text *list, uint32_t count, struct text name);

/* Notes the split of a campaign; warns where another campaign has one of that name. */
void names_note_split(struct names *names, const struct name *name);

/* Reports a name that is longer than a name may be. */
void names_judge_length(struct names *names, const struct name *name);

/* The same, reporting an unknown name with a suggestion. */
const struct event_info *names_need_event(struct names *names, struct name *name);
const struct member *names_need_field(struct names *names, const struct event_info *event, const struct name *name);
const struct member *names_need_attribute(struct names *names, const struct name *name);
uint32_t names_need_product(struct names *names, const struct name *name);
uint32_t names_need_channel(struct names *names, const struct name *name);
uint32_t names_need_tag(struct names *names, const struct name *name);
/* A quoted zone; the zone table's index, or -1 after a report. */
int names_need_zone(struct names *names, const struct name *name);
/* A currency in use; its index or PROGRAM_NONE after a report. */
uint32_t names_need_currency(struct names *names, struct text code, struct span span);

/* Where a span stands, from 1. */
uint32_t names_line(const struct names *names, struct span span);
uint32_t names_column(const struct names *names, struct span span);
/* The text that the span covers, blanks and line ends made single spaces. */
struct text names_words(const struct names *names, struct span span);

/* Whether values of the type can be compared by size: numbers, money, times, words of a ranked list. */
bool names_is_ordered(const struct names *names, struct type type);
/* Whether values of the type are amounts that can be summed and measured: numbers, percentages, money. */
bool names_is_amount(struct type type);
/* A type in words, with its article: "a whole number", "money in EUR", "one of desktop, mobile". In the arena. */
struct text names_type_words(const struct names *names, struct type type);
bool names_same_type(struct type left, struct type right);
/* Smallest and largest value that a type can hold where nothing narrower was declared. */
struct range names_type_range(struct type type);
/* The index in ENUMERATION of these words; makes it where it is new. */
uint32_t names_enumeration(struct names *names, struct text *words, uint32_t count, bool ranked);

/* "a, b, c" or "`a`, `b`" in the arena, at most eight of them. */
struct text names_list(const struct names *names, const struct text *list, uint32_t count);
/* A decimal number, a money amount, a duration in words, in the arena. */
struct text names_number(const struct names *names, int64_t number);
struct text names_money(const struct names *names, int64_t minor, uint32_t currency);

/* A duration as WINDOW_EXACT (ms) or WINDOW_CALENDAR (packed). */
enum window_kind names_duration(const struct duration *duration, int64_t *out);
/* A duration in ms, days of 24 hours, months of 30 days. */
int64_t names_duration_ms(const struct duration *duration);

#endif
