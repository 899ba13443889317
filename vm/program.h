/* A compiled program in memory: the records of spec/bundle.def as C structs, and the small enumerations they use.
 *
 * `struct program` points into the bundle's bytes (or into a builder's arrays); it owns nothing but its own block.
 * bundle.h reads and writes it, verify.h proves it, interp.h runs it. Nothing here allocates.
 */
#ifndef PROMO_VM_PROGRAM_H
#define PROMO_VM_PROGRAM_H

#include <stdint.h>

#include "spec/bundle.def"
#include "vm/text.h"

#define PROGRAM_NONE              UINT32_C(0xFFFFFFFF)
#define PROGRAM_REGISTERS         64u
#define PROGRAM_SLOT_TAGS         0u /* Player slot 0: tags, a bit mask. */
#define PROGRAM_SLOT_PLAYER_ID    1u /* Player slot 1: the id, text. */
#define PROGRAM_PLAYER_SLOTS      2u /* First attribute's slot. */
#define PROGRAM_SLOT_TIME         0u /* Event slot 0: when it happened. */
#define PROGRAM_SLOT_EVENT_ID     1u /* Event slot 1: its id, text. */
#define PROGRAM_SLOT_ABOUT        2u /* Event slot 2: the name it is about, text; unknown if none. */
#define PROGRAM_SLOT_ABOUT_EFFECT 3u /* Event slot 3: the effect it is about, 32 hex digits, text; unknown if none. */
#define PROGRAM_EVENT_SLOTS       4u /* First field's slot. */
#define PROGRAM_PEOPLE            8u /* So many people approve at most. */

enum type_kind {
#define TYPE(number, name, word, sentence) TYPE_##name = number,
#include "spec/types.def"
#undef TYPE
    TYPE_COUNT
};

enum reason {
#define REASON(number, name, sentence) REASON_##name = number,
#include "spec/reasons.def"
#undef REASON
    REASON_COUNT
};

enum about {
    ABOUT_NOTHING,
    ABOUT_OFFER,
    ABOUT_MESSAGE,
    ABOUT_CODES,
    ABOUT_CAMPAIGN,
    ABOUT_POINTS,
    ABOUT_BADGE,
    ABOUT_COUNT
};
enum safety { SAFETY_NONE, SAFETY_SELF_EXCLUSION, SAFETY_TIME_OUT, SAFETY_HARM_FLAG, SAFETY_CLOSED, SAFETY_COUNT };
enum privacy { FIELD_PLAIN, FIELD_PERSONAL, FIELD_CONTACT, PRIVACY_COUNT };
enum action_class { CLASS_MESSAGE, CLASS_REWARD, CLASS_OTHER, CLASS_COUNT };
enum message_class { MESSAGE_CLASS_MARKETING, MESSAGE_CLASS_SERVICE, MESSAGE_CLASS_SAFETY, MESSAGE_CLASS_COUNT };
/* How a body was written. */
enum body_format { BODY_PLAIN, BODY_MARKDOWN, BODY_HTML, BODY_SUBJECT, BODY_FORMAT_COUNT };
/* What a TERM record says. */
enum term_kind {
#define TERM(number, name, sentence) TERM_##name = number,
#include "spec/terms.def"
#undef TERM
    TERM_COUNT
};
/* What bounds a spend. */
enum bound_by {
    BOUND_NOTHING,
    BOUND_NO_SPEND,      /* There is nothing to spend. */
    BOUND_ENTRIES,       /* How often a player enters. */
    BOUND_GRANTS,        /* How often offers are granted to a player. */
    BOUND_REDEMPTIONS,   /* How often codes are redeemed. */
    BOUND_ENTRANTS,      /* How many players enter. */
    BOUND_PRIZES,        /* The prizes of an instance. */
    BOUND_PLAYER_BUDGET, /* Lines of budgets. */
    BOUND_OFFER_BUDGETS,
    BOUND_TOTAL_BUDGET,
    BOUND_SHARED_BUDGET,
    BOUND_RUN_BUDGET,
    BOUND_BY_COUNT
};
enum when_empty { EMPTY_SUSPEND, EMPTY_GO_ON, EMPTY_FINISH, EMPTY_STOP_RUN, WHEN_EMPTY_COUNT };
enum scope { SCOPE_TOTAL, SCOPE_PLAYER, SCOPE_OFFER, SCOPE_COUNT };
enum limit_period { LIMIT_EVER, LIMIT_DAY, LIMIT_WEEK, LIMIT_MONTH, LIMIT_RUN, LIMIT_YEAR, PERIOD_COUNT };
enum rule_kind {
    RULE_FINISH,
    RULE_NEVER_MESSAGE,
    RULE_NEVER_REWARD,
    RULE_NEVER_ENTER,
    RULE_CONSENT,
    RULE_PRESSURE,
    RULE_QUIET,
    RULE_GROUP,    /* One campaign of the group at a time. */
    RULE_MEMBER,   /* A campaign is in the group. */
    RULE_HOLD_OUT, /* A share of all players enters no campaign that promotes or rewards. */
    /* Of `rules for`, by jurisdiction and day. */
    RULE_WAGERING, /* A target of at most so many times the bonus. */
    RULE_PRODUCTS, /* Products that one offer may join. */
    RULE_REWARDS,  /* So many rewards for a player, over all campaigns. */
    RULE_PLAYERS,  /* Rewards only to players who meet the filter. */
    RULE_EXPIRY,   /* A reward ends so soon after its grant. */
    RULE_TERMS,    /* A reward says what has to be wagered. */
    RULE_OPT_IN,   /* Marketing only where a consent line asks the player. */
    RULE_FIGURES,  /* What no reward may depend on. */
    RULE_COUNT
};
enum window_kind { WINDOW_NONE, WINDOW_EXACT, WINDOW_CALENDAR, WINDOW_DAY, WINDOW_WEEK, WINDOW_MONTH, WINDOW_COUNT };
enum otherwise { OTHERWISE_DROP, OTHERWISE_DELAY, OTHERWISE_COUNT };
enum place { PLACE_CAMPAIGN, PLACE_PLAYER, PLACE_COUNT };
enum start_kind { START_EVENT, START_SCHEDULE, START_ENTERING, START_LEAVING, START_COMMAND, START_COUNT };
enum property {
    PROPERTY_NONE,
#define PROPERTY(number, NAME, word, OBJECT, TYPE, words, sentence) PROPERTY_##NAME = number,
#include "spec/properties.def"
    PROPERTY_COUNT
};
enum property_object {
    PROPERTY_OF_NOTHING,
    PROPERTY_OF_OFFER,
    PROPERTY_OF_CODES,
    PROPERTY_OF_QUOTA,
    PROPERTY_OF_POINTS,
    PROPERTY_OF_LEVELS,
    PROPERTY_OF_MISSION,
    PROPERTY_OF_TASK,
    PROPERTY_OF_TOURNAMENT,
    PROPERTY_OF_BADGE,
};
enum aggregate {
    AGGREGATE_FORMULA,
    AGGREGATE_COUNT_EVENTS,
    AGGREGATE_DIFFERENT, /* How many different values. */
    AGGREGATE_DIFFERENT_DAYS,
    AGGREGATE_DAYS_IN_A_ROW, /* Days with an event, up to today or yesterday, without a gap. */
    AGGREGATE_SUM,
    AGGREGATE_AVERAGE,
    AGGREGATE_SMALLEST,
    AGGREGATE_LARGEST,
    AGGREGATE_FIRST, /* The value of the first event, by time, then id. */
    AGGREGATE_LAST,
    AGGREGATE_FIRST_TIME,
    AGGREGATE_LAST_TIME,
    AGGREGATE_FAVOURITE,      /* The value that comes most often; of equals the one that came last. */
    AGGREGATE_DIFFERENT_EACH, /* How many different values came at least so often each. */
    AGGREGATE_PROPERTY,       /* `WORD of "NAME"`: what the engine knows of a thing. */
    AGGREGATE_COUNT
};
enum metric_span {
    SPAN_EVER,
    SPAN_ROLLING,
    SPAN_THIS,
    SPAN_PREVIOUS,
    SPAN_BEFORE,
    SPAN_ENTRY,
    SPAN_INSTANCE,
    SPAN_COUNT
};
/* By what a tournament orders players. */
enum rank_kind { RANK_BY_SCORE, RANK_BY_LAST_SCORE, RANK_BY_METRIC, RANK_BY_PLAYER, RANK_BY_COUNT };
enum grain { GRAIN_EVENT, GRAIN_MINUTE, GRAIN_HOUR, GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_YEAR, GRAIN_COUNT };
enum runs_end { RUNS_END_GO_ON, RUNS_END_END, RUNS_END_COUNT };
enum enter { ENTER_ONCE, ENTER_DAY, ENTER_WEEK, ENTER_MONTH, ENTER_WINDOW, ENTER_ALWAYS, ENTER_YEAR, ENTER_COUNT };
enum state_kind { STATE_WAIT, STATE_CREDIT, STATE_ASK, STATE_CODE, STATE_COUNT };
enum pool_kind { POOL_MADE, POOL_UPLOADED, POOL_FIXED, POOL_KIND_COUNT };
enum deadline_kind {
    DEADLINE_NONE,
    DEADLINE_DURATION,
    DEADLINE_CALENDAR,
    DEADLINE_CLOCK,
    DEADLINE_BUSINESS_DAYS,
    DEADLINE_BUSINESS_CLOCK,
    DEADLINE_ENTRY_DURATION, /* Counted from the journey's entry. */
    DEADLINE_ENTRY_CALENDAR,
    DEADLINE_COUNT
};
enum weight { WEIGHT_COUNT_KIND, WEIGHT_KIND, WEIGHT_GAME, WEIGHT_FUNDS, WEIGHT_CANCEL, WEIGHT_REVOKE, WEIGHT_COUNT };
enum wagering { WAGERING_NONE, WAGERING_BONUS, WAGERING_DEPOSIT, WAGERING_BOTH, WAGERING_COUNT };
enum act {
    ACT_SEND,
    ACT_CREDIT,
    ACT_DO,
    ACT_TAG,
    ACT_UNTAG,
    ACT_ASK,
    ACT_TELL,
    ACT_GIVE_CODE,
    ACT_RELEASE_CODE,
    ACT_SPEND,
    ACT_AWARD,
    EFFECT_COUNT
};
enum bank { BANK_CONSTANT, BANK_EVENT, BANK_PLAYER, BANK_JOURNEY, BANK_REGISTER, BANK_METRIC, BANK_COUNT };
/* ROUNDING_COUNT: enum rounding is in vm/round.h. */

/* One instruction: 16 bytes.
 *
 *   0        2        4        6        8                                16
 *   +--------+--------+--------+--------+--------------------------------+
 *   | op     | a      | b      | c      | imm                            |
 *   +--------+--------+--------+--------+--------------------------------+
 *
 * What a, b, c and imm hold stands in spec/opcodes.def. A skip counts instructions from the next one on and is
 * unsigned: code can only go forward.
 */
struct instruction {
    uint16_t op;
    uint16_t a;
    uint16_t b;
    uint16_t c;
    int64_t imm;
};

/* Every record struct: struct bundle_<name>, field by field as in the table. */
#define PROGRAM_FIELD_I64(field)                       int64_t field;
#define PROGRAM_FIELD_TEXT(field)                      uint32_t field;
#define PROGRAM_FIELD_TEXT_OR_NONE(field)              uint32_t field;
#define PROGRAM_FIELD_NUMBER(field)                    uint32_t field;
#define PROGRAM_FIELD_INDEX(field)                     uint32_t field;
#define PROGRAM_FIELD_INDEX_OR_NONE(field)             uint32_t field;
#define PROGRAM_FIELD_FLAG(field)                      uint32_t field;
#define PROGRAM_FIELD_FIRST(field)                     uint32_t field;
#define PROGRAM_FIELD_COUNT(field)                     uint32_t field;
#define PROGRAM_FIELD_ENUM(field)                      uint32_t field;
#define PROGRAM_FIELD_PC(field)                        uint32_t field;
#define PROGRAM_FIELD_PC_OR_NONE(field)                uint32_t field;
#define PROGRAM_FIELD_ZERO(field)                      uint32_t field;
#define PROGRAM_FIELD(kind, argument, field, sentence) PROGRAM_FIELD_##kind(field)

#define BUNDLE_BYTES(F)
#define BUNDLE_WORD(F)
#define BUNDLE_CODE(F)
struct bundle_workspace {
    BUNDLE_WORKSPACE(PROGRAM_FIELD)
};
struct bundle_string {
    BUNDLE_STRING(PROGRAM_FIELD)
};
struct bundle_currency {
    BUNDLE_CURRENCY(PROGRAM_FIELD)
};
struct bundle_brand {
    BUNDLE_BRAND(PROGRAM_FIELD)
};
struct bundle_product {
    BUNDLE_PRODUCT(PROGRAM_FIELD)
};
struct bundle_channel {
    BUNDLE_CHANNEL(PROGRAM_FIELD)
};
struct bundle_tag {
    BUNDLE_TAG(PROGRAM_FIELD)
};
struct bundle_enumeration {
    BUNDLE_ENUMERATION(PROGRAM_FIELD)
};
struct bundle_wording {
    BUNDLE_WORDING(PROGRAM_FIELD)
};
struct bundle_event {
    BUNDLE_EVENT(PROGRAM_FIELD)
};
struct bundle_field {
    BUNDLE_FIELD(PROGRAM_FIELD)
};
struct bundle_attribute {
    BUNDLE_ATTRIBUTE(PROGRAM_FIELD)
};
struct bundle_action {
    BUNDLE_ACTION(PROGRAM_FIELD)
};
struct bundle_parameter {
    BUNDLE_PARAMETER(PROGRAM_FIELD)
};
struct bundle_message {
    BUNDLE_MESSAGE(PROGRAM_FIELD)
};
struct bundle_body {
    BUNDLE_BODY(PROGRAM_FIELD)
};
struct bundle_segment {
    BUNDLE_SEGMENT(PROGRAM_FIELD)
};
struct bundle_budget {
    BUNDLE_BUDGET(PROGRAM_FIELD)
};
struct bundle_limit {
    BUNDLE_LIMIT(PROGRAM_FIELD)
};
struct bundle_rule {
    BUNDLE_RULE(PROGRAM_FIELD)
};
struct bundle_campaign {
    BUNDLE_CAMPAIGN(PROGRAM_FIELD)
};
struct bundle_leave {
    BUNDLE_LEAVE(PROGRAM_FIELD)
};
struct bundle_step {
    BUNDLE_STEP(PROGRAM_FIELD)
};
struct bundle_state {
    BUNDLE_STATE(PROGRAM_FIELD)
};
struct bundle_wait_case {
    BUNDLE_CASE(PROGRAM_FIELD)
};
struct bundle_variable {
    BUNDLE_VARIABLE(PROGRAM_FIELD)
};
struct bundle_weight {
    BUNDLE_WEIGHT(PROGRAM_FIELD)
};
struct bundle_offer {
    BUNDLE_OFFER(PROGRAM_FIELD)
};
struct bundle_fact {
    BUNDLE_FACT(PROGRAM_FIELD)
};
struct bundle_effect {
    BUNDLE_EFFECT(PROGRAM_FIELD)
};
struct bundle_value {
    BUNDLE_VALUE(PROGRAM_FIELD)
};
struct bundle_gate {
    BUNDLE_GATE(PROGRAM_FIELD)
};
struct bundle_split {
    BUNDLE_SPLIT(PROGRAM_FIELD)
};
struct bundle_arm {
    BUNDLE_ARM(PROGRAM_FIELD)
};
struct bundle_region {
    BUNDLE_REGION(PROGRAM_FIELD)
};
struct bundle_bound {
    BUNDLE_BOUND(PROGRAM_FIELD)
};
struct bundle_site {
    BUNDLE_SITE(PROGRAM_FIELD)
};
struct bundle_file {
    BUNDLE_FILE(PROGRAM_FIELD)
};
struct bundle_metric {
    BUNDLE_METRIC(PROGRAM_FIELD)
};
struct bundle_schedule {
    BUNDLE_SCHEDULE(PROGRAM_FIELD)
};
struct bundle_order {
    BUNDLE_ORDER(PROGRAM_FIELD)
};
struct bundle_holidays {
    BUNDLE_HOLIDAYS(PROGRAM_FIELD)
};
struct bundle_holiday {
    BUNDLE_HOLIDAY(PROGRAM_FIELD)
};
struct bundle_stacking {
    BUNDLE_STACKING(PROGRAM_FIELD)
};
struct bundle_stack {
    BUNDLE_STACK(PROGRAM_FIELD)
};
struct bundle_link {
    BUNDLE_LINK(PROGRAM_FIELD)
};
struct bundle_term {
    BUNDLE_TERM(PROGRAM_FIELD)
};
struct bundle_points {
    BUNDLE_POINTS(PROGRAM_FIELD)
};
struct bundle_earn {
    BUNDLE_EARN(PROGRAM_FIELD)
};
struct bundle_levels {
    BUNDLE_LEVELS(PROGRAM_FIELD)
};
struct bundle_level {
    BUNDLE_LEVEL(PROGRAM_FIELD)
};
struct bundle_rates {
    BUNDLE_RATES(PROGRAM_FIELD)
};
struct bundle_rate {
    BUNDLE_RATE(PROGRAM_FIELD)
};
struct bundle_conversion {
    BUNDLE_CONVERSION(PROGRAM_FIELD)
};
struct bundle_factor {
    BUNDLE_FACTOR(PROGRAM_FIELD)
};
struct bundle_key {
    BUNDLE_KEY(PROGRAM_FIELD)
};

struct bundle_breach {
    BUNDLE_BREACH(PROGRAM_FIELD)
};
struct bundle_query {
    BUNDLE_QUERY(PROGRAM_FIELD)
};
struct bundle_ask {
    BUNDLE_ASK(PROGRAM_FIELD)
};
struct bundle_measure {
    BUNDLE_MEASURE(PROGRAM_FIELD)
};
struct bundle_mission {
    BUNDLE_MISSION(PROGRAM_FIELD)
};
struct bundle_task {
    BUNDLE_TASK(PROGRAM_FIELD)
};
struct bundle_badge {
    BUNDLE_BADGE(PROGRAM_FIELD)
};
struct bundle_pool {
    BUNDLE_POOL(PROGRAM_FIELD)
};
struct bundle_quota {
    BUNDLE_QUOTA(PROGRAM_FIELD)
};
struct bundle_tournament {
    BUNDLE_TOURNAMENT(PROGRAM_FIELD)
};
struct bundle_prize {
    BUNDLE_PRIZE(PROGRAM_FIELD)
};
struct bundle_score {
    BUNDLE_SCORE(PROGRAM_FIELD)
};
struct bundle_rank {
    BUNDLE_RANK(PROGRAM_FIELD)
};

/* A program: for each section the records and their number. Read only; shared by any number of threads. */
struct program {
    const struct bundle_workspace *workspace;
    uint32_t workspace_count;
    const struct bundle_string *string;
    uint32_t string_count;
    const uint8_t *bytes;
    uint32_t bytes_count;
    const uint64_t *word;
    uint32_t word_count;
    const struct bundle_currency *currency;
    uint32_t currency_count;
    const struct bundle_brand *brand;
    uint32_t brand_count;
    const struct bundle_product *product;
    uint32_t product_count;
    const struct bundle_channel *channel;
    uint32_t channel_count;
    const struct bundle_tag *tag;
    uint32_t tag_count;
    const struct bundle_enumeration *enumeration;
    uint32_t enumeration_count;
    const struct bundle_wording *wording;
    uint32_t wording_count;
    const struct bundle_event *event;
    uint32_t event_count;
    const struct bundle_field *field;
    uint32_t field_count;
    const struct bundle_attribute *attribute;
    uint32_t attribute_count;
    const struct bundle_action *action;
    uint32_t action_count;
    const struct bundle_parameter *parameter;
    uint32_t parameter_count;
    const struct bundle_message *message;
    uint32_t message_count;
    const struct bundle_body *body;
    uint32_t body_count;
    const struct bundle_segment *segment;
    uint32_t segment_count;
    const struct bundle_budget *budget;
    uint32_t budget_count;
    const struct bundle_limit *limit;
    uint32_t limit_count;
    const struct bundle_rule *rule;
    uint32_t rule_count;
    const struct bundle_campaign *campaign;
    uint32_t campaign_count;
    const struct bundle_leave *leave;
    uint32_t leave_count;
    const struct bundle_step *step;
    uint32_t step_count;
    const struct bundle_state *state;
    uint32_t state_count;
    const struct bundle_wait_case *wait_case;
    uint32_t wait_case_count;
    const struct bundle_variable *variable;
    uint32_t variable_count;
    const struct bundle_offer *offer;
    uint32_t offer_count;
    const struct bundle_fact *fact;
    uint32_t fact_count;
    const struct bundle_effect *effect;
    uint32_t effect_count;
    const struct bundle_value *value;
    uint32_t value_count;
    const struct bundle_gate *gate;
    uint32_t gate_count;
    const struct bundle_split *split;
    uint32_t split_count;
    const struct bundle_arm *arm;
    uint32_t arm_count;
    const struct bundle_region *region;
    uint32_t region_count;
    const struct instruction *instruction;
    uint32_t instruction_count;
    const struct bundle_bound *bound;
    uint32_t bound_count;
    const struct bundle_site *site;
    uint32_t site_count;
    const struct bundle_file *file;
    uint32_t file_count;
    const struct bundle_metric *metric;
    uint32_t metric_count;
    const struct bundle_schedule *schedule;
    uint32_t schedule_count;
    const struct bundle_order *order;
    uint32_t order_count;
    const struct bundle_weight *weight;
    uint32_t weight_count;
    const struct bundle_breach *breach;
    uint32_t breach_count;
    const struct bundle_holidays *holidays;
    uint32_t holidays_count;
    const struct bundle_holiday *holiday;
    uint32_t holiday_count;
    const struct bundle_link *link;
    uint32_t link_count;
    const struct bundle_term *term;
    uint32_t term_count;
    const struct bundle_points *points;
    uint32_t points_count;
    const struct bundle_earn *earn;
    uint32_t earn_count;
    const struct bundle_levels *levels;
    uint32_t levels_count;
    const struct bundle_level *level;
    uint32_t level_count;
    const struct bundle_rates *rates;
    uint32_t rates_count;
    const struct bundle_rate *rate;
    uint32_t rate_count;
    const struct bundle_conversion *conversion;
    uint32_t conversion_count;
    const struct bundle_factor *factor;
    uint32_t factor_count;
    const struct bundle_key *key;
    uint32_t key_count;
    const struct bundle_query *query;
    uint32_t query_count;
    const struct bundle_ask *ask;
    uint32_t ask_count;
    const struct bundle_pool *pool;
    uint32_t pool_count;
    const struct bundle_quota *quota;
    uint32_t quota_count;
    const struct bundle_stacking *stacking;
    uint32_t stacking_count;
    const struct bundle_stack *stack;
    uint32_t stack_count;
    const struct bundle_measure *measure;
    uint32_t measure_count;
    const struct bundle_mission *mission;
    uint32_t mission_count;
    const struct bundle_task *task;
    uint32_t task_count;
    const struct bundle_badge *badge;
    uint32_t badge_count;
    const struct bundle_tournament *tournament;
    uint32_t tournament_count;
    const struct bundle_prize *prize;
    uint32_t prize_count;
    const struct bundle_score *score;
    uint32_t score_count;
    const struct bundle_rank *rank;
    uint32_t rank_count;
    uint8_t full_hash[32];     /* Of the whole bundle. */
    uint8_t semantic_hash[32]; /* Of its CRITICAL sections. */
};

/* The text with this index; an empty text for PROGRAM_NONE. Borrows from the program. */
static inline struct text program_text(const struct program *program, uint32_t index)
{
    if (index == PROGRAM_NONE) {
        return (struct text){.at = "", .size = 0};
    }
    return (struct text){.at = (const char *)program->bytes + program->string[index].offset,
                         .size = program->string[index].size};
}

/* Whether text `index_a` of one program and `index_b` of the other say the same. */
static inline bool program_same_text(const struct program *a, uint32_t index_a, const struct program *b,
                                     uint32_t index_b)
{
    return text_equal(program_text(a, index_a), program_text(b, index_b));
}

/* A packed calendar duration: months, days, milliseconds (each may be 0, none negative but by subtraction of the VM). */
static inline int64_t calendar_pack(int16_t months, int16_t days, int32_t ms)
{
    return (int64_t)(((uint64_t)(uint16_t)months << 48) | ((uint64_t)(uint16_t)days << 32) | (uint64_t)(uint32_t)ms);
}
static inline int16_t calendar_months(int64_t packed)
{
    return (int16_t)(uint16_t)((uint64_t)packed >> 48);
}
static inline int16_t calendar_days(int64_t packed)
{
    return (int16_t)(uint16_t)((uint64_t)packed >> 32);
}
static inline int32_t calendar_ms(int64_t packed)
{
    return (int32_t)(uint32_t)(uint64_t)packed;
}

/* A text handle: which bank's bytes, how many, from where. */
static inline int64_t handle_make(enum bank bank, uint32_t size, uint32_t offset)
{
    return (int64_t)(((uint64_t)bank << 56) | ((uint64_t)(size & 0xFFFFFFu) << 32) | (uint64_t)offset);
}
static inline enum bank handle_bank(int64_t handle)
{
    return (enum bank)((uint64_t)handle >> 56);
}
static inline uint32_t handle_size(int64_t handle)
{
    return (uint32_t)((uint64_t)handle >> 32) & 0xFFFFFFu;
}
static inline uint32_t handle_offset(int64_t handle)
{
    return (uint32_t)(uint64_t)handle;
}

#endif
