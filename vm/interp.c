/*
 * The interpreter: one function, one jump a instruction, no check that the verifier has made needless.
 *
 * What it relies on, verify.h has proven: every operand lies in its bank, arithmetic stays in 64 bits, code goes forward and
 * ends, and not more effects are made than `struct activation` has room for. Compiled with PROMO_SWITCH it uses a
 * switch instead of computed goto and counts the instructions, which the tests hold against the bounds.
 * Read next: spec/bytecode.md for what each instruction means.
 */
#include "vm/interp.h"

#include "vm/changes.h"
#include "vm/civil.h"
#include "vm/convert.h"
#include "vm/layout.h"
#include "vm/round.h"
#include "vm/split.h"
#include "vm/words.h"
#include "vm/zone.h"

/* Run now and then: apart from the loop, whose registers they would take. */
#define APART __attribute__((noinline))

struct text interp_text(const struct activation *activation, int64_t handle)
{
    const uint8_t *bytes = NULL;
    switch (handle_bank(handle)) {
    case BANK_CONSTANT: bytes = activation->program->bytes; break;
    case BANK_EVENT: bytes = activation->event.bytes; break;
    case BANK_PLAYER: bytes = activation->player.bytes; break;
    case BANK_JOURNEY: bytes = activation->journey_bytes; break;
    case BANK_METRIC: bytes = activation->metric_bytes; break;
    case BANK_REGISTER:
    case BANK_COUNT: break;
    }
    uint32_t size = handle_size(handle);
    if (bytes == NULL || size == 0) return (struct text){.at = "", .size = 0};
    return (struct text){.at = (const char *)bytes + handle_offset(handle), .size = size};
}

static inline bool is_known(const uint64_t *known, unsigned slot)
{
    return (known[slot >> 6] >> (slot & 63)) & 1;
}

static int64_t constant_text(const struct program *program, int64_t index)
{
    const struct bundle_string *string = &program->string[index];
    return handle_make(BANK_CONSTANT, string->size, string->offset);
}

static unsigned zone_of(const struct activation *activation, unsigned place)
{
    return place == PLACE_PLAYER ? activation->player_zone : activation->campaign_zone;
}

/* b * num / den in 64 bits where that is enough, which is nearly always. */
static inline int64_t scale(int64_t value, int64_t numerator, int64_t denominator, unsigned rounding)
{
    int64_t product, result = 0;
    if (rounding == ROUNDING_DOWN && !__builtin_mul_overflow(value, numerator, &product)) {
        /* Halves and quarters are common, and a division costs as much as ten instructions. */
        bool power = product >= 0 && (denominator & (denominator - 1)) == 0;
        return power ? product >> __builtin_ctzll((uint64_t)denominator) : product / denominator;
    }
    bool fits = round_mul_div(&result, value, numerator, denominator, (enum rounding)rounding);
    (void)fits; /* proven */
    return result;
}

/* The factor of a currency in a conversion. */
static inline const struct bundle_factor *factor_of(const struct program *program, int64_t operand, int64_t currency)
{
    return program->factor + program->conversion[convert_index(operand)].factor_first + currency;
}

/* Whether bit `value` of the set is set. */
static inline bool in_bits(const uint64_t *words, int64_t value)
{
    return (words[(uint64_t)value >> 6] >> ((uint64_t)value & 63)) & 1;
}

/* Whether `moment` lies in (now - ms, now]: one unsigned comparison, since what is later than now wraps to a huge age. */
static inline bool is_within(int64_t now, int64_t moment, int64_t ms)
{
    return (uint64_t)now - (uint64_t)moment < (uint64_t)ms;
}

/* The result of this run may be another one from `instant` on. */
static inline void lower(struct activation *activation, int64_t instant)
{
    if (instant < activation->changes_at) activation->changes_at = instant;
}

/* is_within, and when that flips by the passing of time: at the moment itself while it lies ahead, then `ms` later. */
static inline bool judge_within(struct activation *activation, int64_t moment, int64_t ms)
{
    bool within = is_within(activation->now, moment, ms);
    if (within || moment > activation->now) lower(activation, changes_within(activation->now, moment, ms));
    return within;
}

static bool within_calendar(struct activation *activation, int64_t moment, int64_t packed)
{
    int64_t changes;
    bool within = changes_within_calendar(activation->campaign_zone, activation->now, moment, packed, &changes);
    lower(activation, changes);
    return within;
}

static bool within_dates(struct activation *activation, int64_t date, int64_t packed)
{
    int64_t changes;
    bool within = changes_within_dates(activation->campaign_zone, activation->now, date, packed, &changes);
    lower(activation, changes);
    return within;
}

static int64_t years_since(struct activation *activation, int64_t date, unsigned place)
{
    int64_t changes, years = changes_years_since(zone_of(activation, place), activation->now, date, &changes);
    lower(activation, changes);
    return years;
}

/* Asks for a metric. No value: the metric's own `otherwise`, where it has one, or false. */
static bool read_metric(struct activation *activation, uint32_t number, struct metric_read *out)
{
    const struct bundle_metric *metric = &activation->program->metric[number];
    *out = (struct metric_read){.text = {"", 0}, .changes_at = INT64_MAX};
    if (activation->read_metric != NULL) activation->read_metric(activation->metric_context, number, out);
    lower(activation, out->changes_at);
    if (!out->known) {
        if (metric->optional) return false;
        out->value = metric->preset;
        out->text = program_text(activation->program, metric->preset_text);
    }
    if (out->value < metric->low) out->value = metric->low;
    if (out->value > metric->high) out->value = metric->high;
    if (out->text.size > metric->size) out->text.size = metric->size;
    return true;
}

static bool metric_known(struct activation *activation, uint32_t number)
{
    struct metric_read read;
    return read_metric(activation, number, &read);
}

static int64_t load_metric(struct activation *activation, uint32_t number, int64_t otherwise)
{
    struct metric_read read;
    return read_metric(activation, number, &read) ? read.value : otherwise;
}

/* The bytes are copied, since what the engine keeps may move. That there is room for them is proven. */
static int64_t load_metric_text(struct activation *activation, uint32_t number, uint32_t otherwise)
{
    struct metric_read read;
    if (!read_metric(activation, number, &read)) {
        return otherwise == PROGRAM_NONE ? handle_make(BANK_METRIC, 0, 0)
                                         : constant_text(activation->program, otherwise);
    }
    uint32_t at = activation->metric_byte_count;
    if (read.text.size > 0) memcpy(activation->metric_bytes + at, read.text.at, read.text.size);
    activation->metric_byte_count = at + read.text.size;
    return handle_make(BANK_METRIC, read.text.size, at);
}

static bool contains(struct text text, struct text part)
{
    return part.size == 0 || (part.size <= text.size && memmem(text.at, text.size, part.at, part.size) != NULL);
}

static struct made *make(struct activation *activation, enum made_kind kind, unsigned object)
{
    struct made *made = &activation->made[activation->made_count++];
    *made = (struct made){.kind = (uint8_t)kind, .object = (uint16_t)object};
    return made;
}

/* Copies an effect's values out of the registers; gives where they lie. */
static uint16_t take_values(struct activation *activation, const struct bundle_effect *effect, const int64_t *registers)
{
    uint16_t first = activation->value_count;
    int64_t *to = activation->values + first;
    to[0] = registers[0]; /* most effects carry none, one or two, and a loop costs more than a copy too many */
    to[1] = registers[1];
    for (uint32_t i = 2; i < effect->value_count; i++) to[i] = registers[i];
    activation->value_count = (uint16_t)(first + effect->value_count);
    return first;
}

static void refuse(struct activation *activation, unsigned object, unsigned reason, unsigned detail)
{
    struct made *made = make(activation, MADE_REFUSED, object);
    made->reason = (uint16_t)reason;
    made->value_first = (uint16_t)detail;
}

/* What the pressure rules of a mask say. A rule that drops wins over one that delays. */
enum pressure { PRESSURE_FREE, PRESSURE_DELAYS, PRESSURE_DROPS };
static enum pressure judge_pressure(const struct activation *activation, uint32_t mask, int64_t *until, unsigned *rule)
{
    enum pressure verdict = PRESSURE_FREE;
    for (; mask != 0; mask &= mask - 1) {
        unsigned number = (unsigned)__builtin_ctz(mask);
        const struct pressure_state *pressure = &activation->pressure[number];
        if (pressure->left > 0) continue;
        if (!pressure->delays) {
            *rule = number;
            return PRESSURE_DROPS;
        }
        if (verdict == PRESSURE_FREE || pressure->free_at > *until) {
            *until = pressure->free_at;
            *rule = number;
        }
        verdict = PRESSURE_DELAYS;
    }
    return verdict;
}

/* The gates of a message or action, in order: verdict, pressure, quiet hours. True when it was made or delayed. That it has a gate
 * is proven; that of an action which is no message never has a cap or hours. */
static bool pass_gates(struct activation *activation, const struct bundle_effect *effect, unsigned object,
                       const int64_t *registers)
{
    const struct gate_state *gate = &activation->gate[effect->gate];
    int64_t until = 0;
    unsigned rule = 0xFFFF;
    if (gate->verdict != REASON_NONE) {
        refuse(activation, object, gate->verdict, gate->detail);
        return false;
    }
    enum pressure pressure =
        gate->pressure == 0 ? PRESSURE_FREE : judge_pressure(activation, gate->pressure, &until, &rule);
    if (pressure == PRESSURE_DROPS) {
        refuse(activation, object, REASON_PRESSURE, rule);
        return false;
    }
    if (gate->quiet_until != 0 && gate->quiet_drops) {
        refuse(activation, object, REASON_QUIET_HOURS, 0xFFFF);
        return false;
    }
    struct made *made = make(activation, MADE_EFFECT, object);
    made->value_first = take_values(activation, effect, registers);
    if (pressure == PRESSURE_DELAYS) {
        made->kind = MADE_DELAYED;
        made->reason = REASON_PRESSURE;
        made->until = until;
    }
    if (gate->quiet_until != 0 && (made->kind == MADE_EFFECT || gate->quiet_until > until)) {
        made->kind = MADE_DELAYED;
        made->reason = REASON_QUIET_HOURS;
        made->until = gate->quiet_until;
    }
    if (made->kind == MADE_EFFECT) {
        for (uint32_t mask = gate->pressure; mask != 0; mask &= mask - 1)
            activation->pressure[__builtin_ctz(mask)].left--;
    }
    return true;
}

/* The same where nothing stands in the way, as mostly. */
static inline bool send(struct activation *activation, const struct bundle_effect *effect, unsigned object,
                        const int64_t *registers)
{
    const struct gate_state *gate = &activation->gate[effect->gate];
    if ((gate->verdict | gate->pressure) != 0 || gate->quiet_until != 0)
        return pass_gates(activation, effect, object, registers);
    make(activation, MADE_EFFECT, object)->value_first = take_values(activation, effect, registers);
    return true;
}

/* An event for another player, who is named first. */
APART static bool tell(struct activation *activation, const struct bundle_effect *effect, unsigned object,
                       const int64_t *registers)
{
    struct text whom = interp_text(activation, registers[0]);
    if (whom.size == 0 || text_equal(whom, interp_text(activation, activation->player.slot[PROGRAM_SLOT_PLAYER_ID]))) {
        refuse(activation, object, REASON_OWN_ID, 0xFFFF);
        return false;
    }
    make(activation, MADE_EFFECT, object)->value_first = take_values(activation, effect, registers);
    return true;
}

static inline const struct bundle_campaign *campaign_of(const struct activation *activation)
{
    return &activation->program->campaign[activation->campaign];
}

static inline const struct bundle_effect *effect_of(const struct activation *activation, unsigned number)
{
    return &activation->program->effect[campaign_of(activation)->effect_first + number];
}

/* Points of the player, less what this activation has spent of them before. */
APART static bool spend(struct activation *activation, const struct bundle_effect *effect, unsigned object,
                        const int64_t *registers)
{
    int64_t left =
        activation->points_left == NULL ? 0 : activation->points_left(activation->points_context, effect->object);
    for (uint32_t i = 0; i < activation->made_count && left >= registers[0]; i++) {
        const struct made *made = &activation->made[i];
        if (made->kind != MADE_EFFECT) continue;
        const struct bundle_effect *before = effect_of(activation, made->object);
        if (before->kind == ACT_SPEND && before->object == effect->object)
            left -= activation->values[made->value_first];
    }
    if (left < registers[0]) {
        refuse(activation, object, REASON_INSUFFICIENT, 0xFFFF);
        return false;
    }
    make(activation, MADE_EFFECT, object)->value_first = take_values(activation, effect, registers);
    return true;
}

/* The player's arm of the campaign's n-th split. */
static int64_t arm_of(const struct activation *activation, const struct bundle_split *split, int64_t number)
{
    if (activation->arm_given != NULL && activation->arm_given[number] >= 0) return activation->arm_given[number];
    int64_t handle = activation->player.slot[PROGRAM_SLOT_PLAYER_ID];
    struct text id = {.at = (const char *)activation->player.bytes + handle_offset(handle),
                      .size = handle_size(handle)};
    if (handle_bank(handle) != BANK_PLAYER) id = interp_text(activation, handle);
    uint32_t millionth = split_millionth(id, (uint64_t)split->seed);
    const struct bundle_arm *arm = activation->program->arm + split->arm_first;
    int64_t at = 0;
    while (at + 1 < (int64_t)split->arm_count && arm[at].upto <= millionth) at++;
    return at;
}

/* Copies a text into the journey's place for that variable. */
APART static void keep_text(struct activation *activation, const struct bundle_variable *variable, unsigned slot,
                            int64_t handle)
{
    struct text text = interp_text(activation, handle);
    if (text.size > 0) memmove(activation->journey_bytes + variable->text_offset, text.at, text.size);
    activation->journey_slot[slot] = handle_make(BANK_JOURNEY, text.size, variable->text_offset);
}

static inline const struct bundle_split *split_of(const struct activation *activation, int64_t number)
{
    return &activation->program->split[campaign_of(activation)->split_first + number];
}

static const struct bundle_variable *variables_of(const struct activation *activation)
{
    return activation->program->variable + campaign_of(activation)->variable_first;
}

/* CAPTURE: the field as it is, known or not. */
static void capture(struct activation *activation, unsigned variable, unsigned field)
{
    uint64_t bit = UINT64_C(1) << variable;
    const struct bundle_variable *row = variables_of(activation) + variable;
    if (!is_known(activation->event.known, field)) {
        activation->journey_known &= ~bit;
        return;
    }
    activation->journey_known |= bit;
    if (row->kind == TYPE_TEXT) {
        keep_text(activation, row, variable, activation->event.slot[field]);
    } else {
        activation->journey_slot[variable] = activation->event.slot[field];
    }
}

/* ---------------------------------------------------------------- the loop */

#ifdef PROMO_SWITCH
#define INSTRUCTION(NAME) case OP_##NAME
#define DISPATCH          continue
#else
#define INSTRUCTION(NAME) label_##NAME
#define DISPATCH          goto *labels[at->op]
#endif

/* On with the next instruction; on with the one behind `c` more. */
#define NEXT \
    at++;    \
    DISPATCH
#define SKIP                 \
    at += 1 + (size_t)at->c; \
    DISPATCH
#define IF(NAME, condition)               \
    INSTRUCTION(NAME) :                   \
    {                                     \
        if (condition) {                  \
            activation->trace[at->b] = 3; \
            NEXT;                         \
        }                                 \
        activation->trace[at->b] = 2;     \
        SKIP;                             \
    }
#define IF_BANK(BANK, slots)                                                         \
    IF(IF_EQ_##BANK, (slots)[at->a] == at->imm)                                      \
    IF(IF_NE_##BANK, (slots)[at->a] != at->imm)                                      \
    IF(IF_LT_##BANK, (slots)[at->a] < at->imm)                                       \
    IF(IF_LE_##BANK, (slots)[at->a] <= at->imm)                                      \
    IF(IF_GT_##BANK, (slots)[at->a] > at->imm)                                       \
    IF(IF_GE_##BANK, (slots)[at->a] >= at->imm)                                      \
    IF(IF_IN_##BANK, ((uint64_t)at->imm >> ((uint64_t)(slots)[at->a] & 63)) & 1)     \
    IF(IF_BITS_##BANK, in_bits(activation->program->word + at->imm, (slots)[at->a])) \
    IF(IF_ANY_##BANK, ((slots)[at->a] & at->imm) != 0)

bool interp_enter(struct activation *activation, uint32_t pc)
{
#ifndef PROMO_SWITCH
    static const void *const labels[OPCODE_NUMBERS] = {
#define OPCODE(number, NAME, a, b, c, imm, sentence) [number] = &&label_##NAME,
#include "spec/opcodes.def"
#undef OPCODE
    };
#endif
    /* Few locals: each costs a push and a pop of every run, and most runs are short. All else is asked of the activation. */
    const struct instruction *at = activation->program->instruction + pc;
    const int64_t *player = activation->player.slot;
    int64_t registers[PROGRAM_REGISTERS + 2]; /* take_values looks two ahead */
    activation->metric_byte_count = 0;

#ifdef PROMO_SWITCH
    activation->steps = 0;
    for (;;) {
        activation->steps++;
        switch ((enum opcode)at->op) {
        case OPCODE_NUMBERS:
        default: goto label_none;
#else
    {
        {
            DISPATCH;
#endif
            INSTRUCTION(ACCEPT) : activation->outcome = OUTCOME_ACCEPT;
            return true;
            INSTRUCTION(REJECT) : activation->outcome = OUTCOME_REJECT;
            return false;
            INSTRUCTION(JUMP) : SKIP;
            INSTRUCTION(STEP) : (void)make(activation, MADE_STEP, at->a);
            NEXT;
            INSTRUCTION(WAIT) : activation->outcome = OUTCOME_WAIT;
            activation->state = at->a;
            return false;
            INSTRUCTION(FINISH) : activation->outcome = OUTCOME_FINISH;
            activation->finish = (uint32_t)at->imm;
            return false;
            INSTRUCTION(CREDIT) : activation->outcome = OUTCOME_CREDIT;
            activation->credit = at->a;
            activation->credit_values = take_values(activation, effect_of(activation, at->a), registers + at->b);
            activation->state = (uint32_t)at->imm;
            return false;
            INSTRUCTION(GIVE_CODE) : INSTRUCTION(RELEASE_CODE) : activation->outcome = OUTCOME_CODE;
            activation->credit = at->a;
            activation->state = (uint32_t)at->imm;
            return false;
            INSTRUCTION(ASK) : activation->outcome = OUTCOME_ASK;
            activation->credit = at->a;
            activation->state = (uint32_t)at->imm;
            return false;
            INSTRUCTION(TELL) : if (tell(activation, effect_of(activation, at->a), at->a, registers + at->b))
            {
                NEXT;
            }
            SKIP;
            INSTRUCTION(SPEND) : if (spend(activation, effect_of(activation, at->a), at->a, registers + at->b))
            {
                NEXT;
            }
            SKIP;
            INSTRUCTION(REFUSE) : refuse(activation, at->a, at->b, 0xFFFF);
            NEXT;
            INSTRUCTION(SEND) : if (send(activation, effect_of(activation, at->a), at->a, registers + at->b))
            {
                NEXT;
            }
            SKIP;
            INSTRUCTION(DO) : if (send(activation, effect_of(activation, at->a), at->a, registers + at->b))
            {
                NEXT;
            }
            SKIP;
            INSTRUCTION(TAG) : (void)make(activation, MADE_EFFECT, at->a);
            NEXT;
            INSTRUCTION(UNTAG) : (void)make(activation, MADE_EFFECT, at->a);
            NEXT;
            INSTRUCTION(AWARD) : (void)make(activation, MADE_EFFECT, at->a);
            NEXT;
            INSTRUCTION(CANCEL_OFFER) : make(activation, MADE_OFFER, OFFER_CANCEL)->until = at->imm;
            NEXT;
            INSTRUCTION(FREEZE_OFFER) : make(activation, MADE_OFFER, OFFER_FREEZE)->until = at->imm;
            NEXT;
            INSTRUCTION(UNFREEZE_OFFER) : make(activation, MADE_OFFER, OFFER_UNFREEZE)->until = at->imm;
            NEXT;
            INSTRUCTION(COUNT) : if (activation->journey_slot[at->a] < at->imm)
            {
                activation->journey_slot[at->a]++;
                activation->trace[at->b] = 3;
                NEXT;
            }
            activation->trace[at->b] = 2;
            SKIP;
            INSTRUCTION(SPLIT) : registers[at->a] = arm_of(activation, split_of(activation, at->imm), at->imm);
            make(activation, MADE_EXPOSURE, (unsigned)at->imm)->value_first = (uint16_t)registers[at->a];
            NEXT;
            INSTRUCTION(ARM) : registers[at->a] = arm_of(activation, split_of(activation, at->imm), at->imm);
            NEXT;

            INSTRUCTION(LOAD_CONST) : registers[at->a] = at->imm;
            NEXT;
            INSTRUCTION(LOAD_TEXT) : registers[at->a] = constant_text(activation->program, at->imm);
            NEXT;
            INSTRUCTION(LOAD_NOW) : registers[at->a] = activation->now;
            lower(activation, activation->now + 1);
            NEXT;
            INSTRUCTION(LOAD_EVENT) : registers[at->a] = activation->event.slot[at->b];
            NEXT;
            INSTRUCTION(LOAD_PLAYER) : registers[at->a] = player[at->b];
            NEXT;
            INSTRUCTION(LOAD_JOURNEY) : registers[at->a] = activation->journey_slot[at->b];
            NEXT;
            INSTRUCTION(LOAD_EVENT_TEXT) : registers[at->a] = activation->event.slot[at->b];
            NEXT;
            INSTRUCTION(LOAD_PLAYER_TEXT) : registers[at->a] = player[at->b];
            NEXT;
            INSTRUCTION(LOAD_JOURNEY_TEXT) : registers[at->a] = activation->journey_slot[at->b];
            NEXT;
            INSTRUCTION(LOAD_EVENT_OR)
                : registers[at->a] = is_known(activation->event.known, at->b) ? activation->event.slot[at->b] : at->imm;
            NEXT;
            INSTRUCTION(LOAD_PLAYER_OR)
                : registers[at->a] = is_known(activation->player.known, at->b) ? player[at->b] : at->imm;
            NEXT;
            INSTRUCTION(LOAD_JOURNEY_OR)
                : registers[at->a] =
                      is_known(&activation->journey_known, at->b) ? activation->journey_slot[at->b] : at->imm;
            NEXT;
            INSTRUCTION(LOAD_EVENT_TEXT_OR)
                : registers[at->a] =
                      is_known(activation->event.known, at->b) ? activation->event.slot[at->b]
                                                               : constant_text(activation->program, at->imm);
            NEXT;
            INSTRUCTION(LOAD_PLAYER_TEXT_OR)
                : registers[at->a] =
                      is_known(activation->player.known, at->b) ? player[at->b]
                                                                : constant_text(activation->program, at->imm);
            NEXT;
            INSTRUCTION(LOAD_JOURNEY_TEXT_OR)
                : registers[at->a] =
                      is_known(&activation->journey_known, at->b) ? activation->journey_slot[at->b]
                                                                  : constant_text(activation->program, at->imm);
            NEXT;
            INSTRUCTION(STORE) : activation->journey_slot[at->a] = registers[at->b];
            activation->journey_known |= UINT64_C(1) << at->a;
            NEXT;
            INSTRUCTION(STORE_TEXT) : keep_text(activation, variables_of(activation) + at->a, at->a, registers[at->b]);
            activation->journey_known |= UINT64_C(1) << at->a;
            NEXT;
            INSTRUCTION(CAPTURE) : capture(activation, at->a, at->b);
            NEXT;
            INSTRUCTION(MOVE) : registers[at->a] = registers[at->b];
            NEXT;
            INSTRUCTION(ADD) : registers[at->a] = registers[at->b] + registers[at->c];
            NEXT;
            INSTRUCTION(SUB) : registers[at->a] = registers[at->b] - registers[at->c];
            NEXT;
            INSTRUCTION(MUL) : registers[at->a] = registers[at->b] * registers[at->c];
            NEXT;
            INSTRUCTION(ADD_CONST) : registers[at->a] = registers[at->b] + at->imm;
            NEXT;
            INSTRUCTION(MUL_CONST) : registers[at->a] = registers[at->b] * at->imm;
            NEXT;
            INSTRUCTION(SCALE)
                : registers[at->a] = scale(registers[at->b], at->imm >> 32, (int64_t)(uint32_t)at->imm, at->c);
            NEXT;
            INSTRUCTION(DIV) : registers[at->a] = scale(registers[at->b], 1, registers[at->imm], at->c);
            NEXT;
            INSTRUCTION(MIN)
                : registers[at->a] = registers[at->b] < registers[at->c] ? registers[at->b] : registers[at->c];
            NEXT;
            INSTRUCTION(MAX)
                : registers[at->a] = registers[at->b] > registers[at->c] ? registers[at->b] : registers[at->c];
            NEXT;
            INSTRUCTION(MIN_CONST) : registers[at->a] = registers[at->b] < at->imm ? registers[at->b] : at->imm;
            NEXT;
            INSTRUCTION(MAX_CONST) : registers[at->a] = registers[at->b] > at->imm ? registers[at->b] : at->imm;
            NEXT;
            INSTRUCTION(ADD_CALENDAR)
                : registers[at->a] =
                      zone_add_calendar(zone_of(activation, at->c), registers[at->b], calendar_months(at->imm),
                                        calendar_days(at->imm), calendar_ms(at->imm));
            NEXT;
            INSTRUCTION(SUB_CALENDAR)
                : registers[at->a] =
                      zone_add_calendar(zone_of(activation, at->c), registers[at->b],
                                        -(int32_t)calendar_months(at->imm), -(int32_t)calendar_days(at->imm),
                                        -(int64_t)calendar_ms(at->imm));
            NEXT;
            INSTRUCTION(DATE_OF) : registers[at->a] = zone_date(zone_of(activation, at->c), registers[at->b]);
            NEXT;
            INSTRUCTION(TIME_OF)
                : registers[at->a] = civil_ms_of_day(zone_local_ms(zone_of(activation, at->c), registers[at->b]));
            NEXT;
            INSTRUCTION(YEARS_SINCE) : registers[at->a] = years_since(activation, registers[at->b], at->c);
            NEXT;
            INSTRUCTION(MUL_RATIO)
                : registers[at->a] = scale(registers[at->b], registers[at->c], 1000000, ROUNDING_DOWN);
            NEXT;
            INSTRUCTION(YIELD) : INSTRUCTION(YIELD_TEXT) : activation->outcome = OUTCOME_YIELD;
            activation->yielded = registers[at->a];
            return true;
            INSTRUCTION(LOAD_METRIC) : registers[at->a] = load_metric(activation, at->b, 0);
            NEXT;
            INSTRUCTION(LOAD_METRIC_OR) : registers[at->a] = load_metric(activation, at->b, at->imm);
            NEXT;
            INSTRUCTION(LOAD_METRIC_TEXT) : registers[at->a] = load_metric_text(activation, at->b, PROGRAM_NONE);
            NEXT;
            INSTRUCTION(LOAD_METRIC_TEXT_OR)
                : registers[at->a] = load_metric_text(activation, at->b, (uint32_t)at->imm);
            NEXT;

            INSTRUCTION(CONVERT)
                : registers[at->a] = convert_amount(factor_of(activation->program, at->imm, registers[at->c]),
                                                    registers[at->b], convert_rounding(at->imm));
            NEXT;
            IF(IF_RATE, factor_of(activation->program, at->imm, registers[at->a])->den != 0)

            IF_BANK(EVENT, activation->event.slot)
            IF_BANK(PLAYER, player)
            IF_BANK(JOURNEY, activation->journey_slot)
            IF(IF_KNOWN_EVENT, is_known(activation->event.known, at->a))
            IF(IF_KNOWN_PLAYER, is_known(activation->player.known, at->a))
            IF(IF_KNOWN_JOURNEY, is_known(&activation->journey_known, at->a))
            IF(IF_WITHIN_EVENT, judge_within(activation, activation->event.slot[at->a], at->imm))
            IF(IF_WITHIN_PLAYER, judge_within(activation, player[at->a], at->imm))
            IF(IF_WITHIN_JOURNEY, judge_within(activation, activation->journey_slot[at->a], at->imm))
            IF(IF_BEYOND_EVENT, !judge_within(activation, activation->event.slot[at->a], at->imm))
            IF(IF_BEYOND_PLAYER, !judge_within(activation, player[at->a], at->imm))
            IF(IF_BEYOND_JOURNEY, !judge_within(activation, activation->journey_slot[at->a], at->imm))
            IF(IF_KNOWN_METRIC, metric_known(activation, at->a))
            IF(IF_IN_CONST, ((uint64_t)at->imm >> ((uint64_t)registers[at->a] & 63)) & 1)
            IF(IF_BITS_CONST, in_bits(activation->program->word + at->imm, registers[at->a]))
            IF(IF_WITHIN_CONST, judge_within(activation, registers[at->a], at->imm))
            IF(IF_BEYOND_CONST, !judge_within(activation, registers[at->a], at->imm))
            IF(IF_WITHIN_CALENDAR, within_calendar(activation, registers[at->a], at->imm))
            IF(IF_BEYOND_CALENDAR, !within_calendar(activation, registers[at->a], at->imm))
            IF(IF_WITHIN_DATES, within_dates(activation, registers[at->a], at->imm))
            IF(IF_BEYOND_DATES, !within_dates(activation, registers[at->a], at->imm))
            IF(IF_EQ_CONST, registers[at->a] == at->imm)
            IF(IF_NE_CONST, registers[at->a] != at->imm)
            IF(IF_LT_CONST, registers[at->a] < at->imm)
            IF(IF_LE_CONST, registers[at->a] <= at->imm)
            IF(IF_GT_CONST, registers[at->a] > at->imm)
            IF(IF_GE_CONST, registers[at->a] >= at->imm)
            IF(IF_EQ, registers[at->a] == registers[at->imm])
            IF(IF_NE, registers[at->a] != registers[at->imm])
            IF(IF_LT, registers[at->a] < registers[at->imm])
            IF(IF_LE, registers[at->a] <= registers[at->imm])
            IF(IF_GT, registers[at->a] > registers[at->imm])
            IF(IF_GE, registers[at->a] >= registers[at->imm])
            IF(IF_TEXT_EQ, text_equal(interp_text(activation, registers[at->a]),
                                      program_text(activation->program, (uint32_t)at->imm)))
            IF(IF_TEXT_SAME,
               text_equal(interp_text(activation, registers[at->a]), interp_text(activation, registers[at->imm])))
            IF(IF_TEXT_HAS, contains(interp_text(activation, registers[at->a]),
                                     program_text(activation->program, (uint32_t)at->imm)))
            IF(IF_TEXT_WORDS, words_contain(interp_text(activation, registers[at->a]),
                                            program_text(activation->program, (uint32_t)at->imm)))
        }
    }
#ifdef PROMO_SWITCH
label_none:
    status_invariant_failed(__FILE__, __LINE__, "an instruction that the verifier lets pass");
#endif
}

void interp_clear_trace(struct activation *activation)
{
    const struct program *program = activation->program;
    uint32_t region = activation->campaign == PROGRAM_NONE ? 0 : program->campaign[activation->campaign].region;
    memset(activation->trace, 0, program->region[region].site_count);
}
