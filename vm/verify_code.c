/* What one instruction may do: its operands, whatever the facts and by them, and the facts that it leaves. See verify.c for the pass.
 *
 * Metrics and formulas are in vm/verify_metric.c. spec: bytecode.md
 */
#include "vm/verify_parts.h"

#include <stdlib.h>

#include "vm/civil.h"
#include "vm/convert.h"
#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/meaning.h"
#include "vm/range.h"

#define refuse verify_refuse /* it stands on every second line */

enum { MADE_BYTES = 16 }; /* what an effect takes of the arena before what it carries */

static bool bit_of(const uint64_t *words, uint32_t bit)
{
    return (words[bit / 64] >> (bit % 64)) & 1;
}

static void set_bit(uint64_t *words, uint32_t bit)
{
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

#define ANY_NUMBER (-1)

/* The largest value + 1 that an operand of this kind may have, or ANY_NUMBER. Slots and metrics fit the words of facts: layout_check has seen
 * to that. */
static int64_t operand_limit(const struct verify *verify, enum operand operand)
{
    const struct program *program = verify->program;
    const struct bundle_campaign *campaign = verify->campaign;
    switch (operand) {
    case OPERAND_ZERO: return 1;
    case OPERAND_OUT:
    case OPERAND_OUT_TEXT:
    case OPERAND_IN:
    case OPERAND_IN_TEXT:
    case OPERAND_REG_IMM:
    case OPERAND_REG_IMM_TEXT: return verify->region->register_count;
    case OPERAND_REGISTERS: return (int64_t)verify->region->register_count + 1;
    case OPERAND_EVENT:
    case OPERAND_EVENT_TEXT:
    case OPERAND_EVENT_ANY: return program->workspace->event_slot_count;
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: return program->workspace->player_slot_count;
    case OPERAND_JOURNEY:
    case OPERAND_JOURNEY_TEXT:
    case OPERAND_JOURNEY_ANY: return campaign == NULL ? 0 : campaign->variable_count;
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY: return program->metric_count;
    case OPERAND_SITE: return verify->region->site_count;
    case OPERAND_SKIP: return verify->region->code_count;
    case OPERAND_TEXT: return program->string_count;
    case OPERAND_BITS: return program->word_count;
    case OPERAND_ROUNDING: return ROUNDING_COUNT;
    case OPERAND_PLACE: return PLACE_COUNT;
    case OPERAND_STATE: return campaign == NULL ? 0 : campaign->state_count;
    case OPERAND_STEP: return campaign == NULL ? 0 : campaign->step_count;
    case OPERAND_SPLIT: return campaign == NULL ? 0 : campaign->split_count;
    case OPERAND_EFFECT: return campaign == NULL ? 0 : campaign->effect_count;
    case OPERAND_OFFER: return campaign == NULL ? 0 : program->offer_count;
    case OPERAND_REASON: return REASON_COUNT;
    case OPERAND_I64:
    case OPERAND_RATIO:
    case OPERAND_CALENDAR:
    case OPERAND_CONVERSION:
    case OPERAND_COUNT: break;
    }
    return ANY_NUMBER;
}

static enum status check_operand(const struct verify *verify, uint32_t pc, enum operand operand, int64_t value,
                                 char name)
{
    int64_t limit = operand_limit(verify, operand);
    if (limit != ANY_NUMBER && (value < 0 || value >= limit)) {
        if (operand == OPERAND_ZERO) return refuse(verify, pc, "operand %c must be zero", name);
        return refuse(verify, pc, "operand %c (%s) is %lld; there are %lld", name, layout_operand_name(operand),
                      (long long)value, (long long)limit);
    }
    if (operand == OPERAND_RATIO && (uint32_t)value == 0) return refuse(verify, pc, "operand %c divides by zero", name);
    if (operand == OPERAND_CONVERSION &&
        (convert_index(value) >= verify->program->conversion_count || (uint64_t)value >> 32 >= ROUNDING_COUNT))
        return refuse(verify, pc, "operand %c is no conversion of the bundle", name);
    if (operand == OPERAND_OFFER && verify->program->offer[value].campaign != PROGRAM_NONE &&
        &verify->program->campaign[verify->program->offer[value].campaign] != verify->campaign)
        return refuse(verify, pc, "operand %c is an offer of another campaign", name);
    return OK;
}

enum status verify_static(const struct verify *verify, uint32_t pc)
{
    const struct instruction *at = &code_of(verify)[pc];
    const struct layout_opcode *opcode = layout_opcode(at->op);
    if (opcode == NULL) return refuse(verify, pc, "%u is no instruction", at->op);
    RETURN_IF_FAILED(check_operand(verify, pc, opcode->a, at->a, 'a'));
    RETURN_IF_FAILED(check_operand(verify, pc, opcode->b, at->b, 'b'));
    RETURN_IF_FAILED(check_operand(verify, pc, opcode->c, at->c, 'c'));
    return check_operand(verify, pc, opcode->imm, at->imm, 'i');
}

static enum status check_register(const struct verify *verify, uint32_t pc, const struct facts *facts, uint32_t number,
                                  bool text)
{
    uint64_t bit = UINT64_C(1) << number;
    if ((facts->defined & bit) == 0) return refuse(verify, pc, "register %u holds nothing on some way here", number);
    if (((facts->texts & bit) != 0) != text)
        return refuse(verify, pc, "register %u holds a %s, not a %s", number, text ? "number" : "text",
                      text ? "text" : "number");
    return OK;
}

/* The slot that an operand names, and whether it is certainly known. */
static enum status find_slot(const struct verify *verify, uint32_t pc, const struct facts *facts, enum bank bank,
                             uint32_t number, struct slot *out, bool *known)
{
    *known = false;                           /* for the compiler */
    *out = (struct slot){.class = SLOT_NONE}; /* for the compiler */
    if (bank == BANK_EVENT) {
        if (facts->event == PROGRAM_NONE)
            return refuse(verify, pc, "there is no event here, or not the same on all ways");
        if (number >= verify->program->event[facts->event].slot_count)
            return refuse(verify, pc, "the event has no slot %u", number);
        *out = verify->event[verify->event_first[facts->event] + number];
        *known = bit_of(facts->event_known, number) || bit_of(facts->event_known, out->proof);
    } else if (bank == BANK_PLAYER) {
        *out = verify->player[number];
        *known = bit_of(facts->player_known, number);
        if (facts->entered == AS_METRIC || facts->entered == AS_FORMULA || facts->entered == AS_MEASURE)
            return refuse(verify, pc, "a metric cannot read the player");
    } else if (bank == BANK_METRIC) {
        RETURN_IF_FAILED(verify_find_metric(verify, pc, facts, number, out));
        *known = bit_of(facts->metric_known, number);
    } else {
        if (!facts->journey) return refuse(verify, pc, "there is no journey here");
        *out = verify_journey_slot(verify, number);
        *known = (facts->journey_known >> number) & 1;
    }
    if (out->class == SLOT_NONE) return refuse(verify, pc, "slot %u holds nothing", number);
    if (!out->optional) *known = true;
    return OK;
}

/* What an operand reads: its bank and what it must be. False for operands that read no slot. */
static bool slot_operand(enum operand operand, enum bank *bank, enum slot_class *class)
{
    switch (operand) {
    case OPERAND_EVENT: *bank = BANK_EVENT, *class = SLOT_NUMBER; return true;
    case OPERAND_PLAYER: *bank = BANK_PLAYER, *class = SLOT_NUMBER; return true;
    case OPERAND_JOURNEY: *bank = BANK_JOURNEY, *class = SLOT_NUMBER; return true;
    case OPERAND_EVENT_TEXT: *bank = BANK_EVENT, *class = SLOT_TEXT; return true;
    case OPERAND_PLAYER_TEXT: *bank = BANK_PLAYER, *class = SLOT_TEXT; return true;
    case OPERAND_JOURNEY_TEXT: *bank = BANK_JOURNEY, *class = SLOT_TEXT; return true;
    case OPERAND_METRIC: *bank = BANK_METRIC, *class = SLOT_NUMBER; return true;
    case OPERAND_METRIC_TEXT: *bank = BANK_METRIC, *class = SLOT_TEXT; return true;
    case OPERAND_METRIC_ANY: *bank = BANK_METRIC, *class = SLOT_NONE; return true;
    case OPERAND_EVENT_ANY: *bank = BANK_EVENT, *class = SLOT_NONE; return true;
    case OPERAND_PLAYER_ANY: *bank = BANK_PLAYER, *class = SLOT_NONE; return true;
    case OPERAND_JOURNEY_ANY: *bank = BANK_JOURNEY, *class = SLOT_NONE; return true;
    default: return false;
    }
}

static enum status check_read(const struct verify *verify, uint32_t pc, const struct facts *facts, enum operand operand,
                              int64_t value, struct slot *slot)
{
    enum bank bank;
    enum slot_class class;
    if (operand == OPERAND_IN || operand == OPERAND_REG_IMM)
        return check_register(verify, pc, facts, (uint32_t)value, false);
    if (operand == OPERAND_IN_TEXT || operand == OPERAND_REG_IMM_TEXT)
        return check_register(verify, pc, facts, (uint32_t)value, true);
    if (!slot_operand(operand, &bank, &class)) return OK;
    bool known;
    RETURN_IF_FAILED(find_slot(verify, pc, facts, bank, (uint32_t)value, slot, &known));
    if (class == SLOT_NONE) return OK;
    if (slot->class != class)
        return refuse(verify, pc, "slot %u holds a %s", (uint32_t)value, slot->class == SLOT_TEXT ? "text" : "number");
    if (!known) return refuse(verify, pc, "slot %u may be unknown here", (uint32_t)value);
    return OK;
}

static void define_number(struct facts *facts, uint32_t number, int64_t low, int64_t high)
{
    facts->defined |= UINT64_C(1) << number;
    facts->texts &= ~(UINT64_C(1) << number);
    facts->borrowed[number] = 0;
    facts->low[number] = low;
    facts->high[number] = high;
}

static void define_text(struct facts *facts, uint32_t number, int64_t size)
{
    define_number(facts, number, 0, size);
    facts->texts |= UINT64_C(1) << number;
}

static enum status define_range(const struct verify *verify, uint32_t pc, struct facts *facts, uint32_t number,
                                struct range range)
{
    if (!range_fits(range)) return refuse(verify, pc, "the result can leave 64 bits");
    define_number(facts, number, range_low64(range), range_high64(range));
    return OK;
}

static struct range calendar_reach(int64_t packed)
{
    int64_t months = llabs(calendar_months(packed)), days = llabs(calendar_days(packed)),
            ms = llabs(calendar_ms(packed));
    int64_t reach = (months * 31 + days + 3) * CIVIL_DAY_MS + ms; /* zones are within a day; month ends within three */
    return range_of(-reach, reach);
}

static enum status check_arithmetic(const struct verify *verify, uint32_t pc, struct facts *facts)
{
    const struct instruction *at = &code_of(verify)[pc];
    /* Only where b is a register: elsewhere it is a site or a slot, which may be any number. */
    struct range b = layout_opcode(at->op)->b == OPERAND_IN ? register_range(facts, at->b) : range_any(), range;
    struct range far = range_of(-MOMENT_FAR, MOMENT_FAR);
    enum rounding rounding = (enum rounding)at->c;
    switch ((enum opcode)at->op) {
    case OP_MOVE: range = b; break;
    case OP_ADD: range = range_add(b, register_range(facts, at->c)); break;
    case OP_SUB: range = range_sub(b, register_range(facts, at->c)); break;
    case OP_MUL: range = range_mul(b, register_range(facts, at->c)); break;
    case OP_ADD_CONST: range = range_add(b, range_point(at->imm)); break;
    case OP_MUL_CONST: range = range_mul(b, range_point(at->imm)); break;
    case OP_SCALE:
        if (!range_mul_div(&range, b, range_point(at->imm >> 32), range_point((int64_t)(uint32_t)at->imm), rounding))
            return refuse(verify, pc, "it divides by zero");
        break;
    case OP_DIV:
        if (!range_div(&range, b, register_range(facts, (uint32_t)at->imm), rounding))
            return refuse(verify, pc, "register %u can be zero", (uint32_t)at->imm);
        break;
    case OP_MIN: range = range_min(b, register_range(facts, at->c)); break;
    case OP_MAX: range = range_max(b, register_range(facts, at->c)); break;
    case OP_MIN_CONST: range = range_min(b, range_point(at->imm)); break;
    case OP_MAX_CONST: range = range_max(b, range_point(at->imm)); break;
    case OP_MUL_RATIO: range = range_scale(b, register_range(facts, at->c), ROUNDING_DOWN); break;
    case OP_ADD_CALENDAR:
    case OP_SUB_CALENDAR:
        if (!range_holds(far, b))
            return refuse(verify, pc, "register %u can be too far from now for the calendar", at->b);
        range = range_add(b, calendar_reach(at->imm));
        break;
    case OP_DATE_OF:
        if (!range_holds(far, b))
            return refuse(verify, pc, "register %u can be too far from now for the calendar", at->b);
        range = range_of(facts->low[at->b] / CIVIL_DAY_MS - 3, facts->high[at->b] / CIVIL_DAY_MS + 3);
        break;
    case OP_TIME_OF:
        if (!range_holds(far, b))
            return refuse(verify, pc, "register %u can be too far from now for the calendar", at->b);
        range = range_of(0, CIVIL_DAY_MS - 1);
        break;
    case OP_YEARS_SINCE:
        if (!range_holds(range_of(-DATE_FAR, DATE_FAR), b))
            return refuse(verify, pc, "register %u can be too far from now for the calendar", at->b);
        range =
            range_of((CIVIL_DATE_MIN - facts->high[at->b]) / 365 - 2, (CIVIL_DATE_MAX - facts->low[at->b]) / 365 + 2);
        break;
    default: return OK;
    }
    return define_range(verify, pc, facts, at->a, range);
}

/* The register holds a currency that the conversion has a factor for, even if that says that there is no rate. */
static enum status check_conversion(const struct verify *verify, uint32_t pc, struct facts *facts)
{
    const struct instruction *at = &code_of(verify)[pc];
    const struct bundle_conversion *conversion = &verify->program->conversion[convert_index(at->imm)];
    uint32_t currency = at->op == OP_CONVERT ? at->c : at->a;
    if (facts->low[currency] < 0 || facts->high[currency] >= (int64_t)conversion->factor_count)
        return refuse(verify, pc, "register %u may hold what is no currency", currency);
    if (at->op == OP_IF_RATE) return OK;
    struct range range =
        convert_range(verify->program->factor + conversion->factor_first, register_range(facts, at->b),
                      (uint32_t)facts->low[currency], (uint32_t)facts->high[currency], convert_rounding(at->imm));
    return define_range(verify, pc, facts, at->a, range);
}

static enum status check_load(const struct verify *verify, uint32_t pc, struct facts *facts, struct slot slot)
{
    const struct instruction *at = &code_of(verify)[pc];
    switch ((enum opcode)at->op) {
    case OP_LOAD_CONST: define_number(facts, at->a, at->imm, at->imm); return OK;
    case OP_LOAD_TEXT: define_text(facts, at->a, verify->program->string[at->imm].size); return OK;
    case OP_LOAD_NOW: define_number(facts, at->a, CIVIL_INSTANT_MIN, CIVIL_INSTANT_MAX); return OK;
    case OP_LOAD_EVENT:
    case OP_LOAD_PLAYER:
    case OP_LOAD_METRIC:
    case OP_LOAD_JOURNEY: define_number(facts, at->a, slot.low, slot.high); return OK;
    case OP_LOAD_EVENT_TEXT:
    case OP_LOAD_PLAYER_TEXT: define_text(facts, at->a, slot.high); return OK;
    case OP_LOAD_JOURNEY_TEXT:
        define_text(facts, at->a, slot.high);
        facts->borrowed[at->a] = UINT64_C(1) << at->b;
        return OK;
    case OP_LOAD_EVENT_OR:
    case OP_LOAD_PLAYER_OR:
    case OP_LOAD_JOURNEY_OR:
    case OP_LOAD_METRIC_OR:
        if (slot.class != SLOT_NUMBER) return refuse(verify, pc, "slot %u holds a text", at->b);
        define_number(facts, at->a, at->imm < slot.low ? at->imm : slot.low, at->imm > slot.high ? at->imm : slot.high);
        return OK;
    case OP_LOAD_EVENT_TEXT_OR:
    case OP_LOAD_PLAYER_TEXT_OR:
    case OP_LOAD_JOURNEY_TEXT_OR:
    case OP_LOAD_METRIC_TEXT_OR: {
        if (slot.class != SLOT_TEXT) return refuse(verify, pc, "slot %u holds a number", at->b);
        int64_t size = verify->program->string[at->imm].size;
        define_text(facts, at->a, size > slot.high ? size : slot.high);
        if (at->op == OP_LOAD_JOURNEY_TEXT_OR) facts->borrowed[at->a] = UINT64_C(1) << at->b;
        return at->op == OP_LOAD_METRIC_TEXT_OR ? verify_copied(verify, pc, facts, slot.high) : OK;
    }
    case OP_LOAD_METRIC_TEXT: define_text(facts, at->a, slot.high); return verify_copied(verify, pc, facts, slot.high);
    default: return OK;
    }
}

/* The bytes of a text variable are written over: no register may point at them any longer, and no effect may carry them. */
static enum status overwrite_text(const struct verify *verify, uint32_t pc, struct facts *facts, uint32_t variable)
{
    if ((facts->carried >> variable) & 1)
        return refuse(verify, pc, "an effect made before carries the text of variable %u", variable);
    for (uint64_t mask = facts->defined & facts->texts; mask != 0; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctzll(mask);
        if ((facts->borrowed[i] >> variable) & 1) facts->defined &= ~(UINT64_C(1) << i);
    }
    return OK;
}

/* Writes to the journey: STORE, STORE_TEXT and CAPTURE fit the variable, counters are only counted and set back. */
static enum status check_store(const struct verify *verify, uint32_t pc, struct facts *facts, struct slot slot_of_b)
{
    const struct instruction *at = &code_of(verify)[pc];
    struct slot variable = verify_journey_slot(verify, at->a);
    bool counter = (verify->counters >> at->a) & 1;
    uint64_t bit = UINT64_C(1) << at->a;
    if (at->op == OP_CAPTURE) {
        bool known =
            !slot_of_b.optional || bit_of(facts->event_known, at->b) || bit_of(facts->event_known, slot_of_b.proof);
        if (counter) return refuse(verify, pc, "a counter cannot keep a field");
        if (variable.class != slot_of_b.class)
            return refuse(verify, pc, "variable %u and field %u are a number and a text", at->a, at->b);
        if (slot_of_b.low < variable.low || slot_of_b.high > variable.high)
            return refuse(verify, pc, "field %u can hold more than variable %u may", at->b, at->a);
        facts->journey_known = known ? facts->journey_known | bit : facts->journey_known & ~bit;
        return variable.class == SLOT_TEXT ? overwrite_text(verify, pc, facts, at->a) : OK;
    }
    bool text = at->op == OP_STORE_TEXT;
    if ((variable.class == SLOT_TEXT) != text)
        return refuse(verify, pc, "variable %u holds a %s", at->a, text ? "number" : "text");
    if (facts->high[at->b] > variable.high || (!text && facts->low[at->b] < variable.low)) {
        return refuse(verify, pc, "register %u can hold [%lld, %lld], variable %u only [%lld, %lld]", at->b,
                      (long long)facts->low[at->b], (long long)facts->high[at->b], at->a, (long long)variable.low,
                      (long long)variable.high);
    }
    if (counter && facts->low[at->b] < 0) return refuse(verify, pc, "a counter cannot be set below 0");
    facts->journey_known |= bit;
    return text ? overwrite_text(verify, pc, facts, at->a) : OK;
}

/* Nothing leaves without being asked for as what it is: the gate's class, channel, product and message class are those that the
 * effect itself has, so that no policy is asked about something else. */
static enum status check_gate(const struct verify *verify, uint32_t pc, const struct bundle_effect *effect)
{
    const struct program *program = verify->program;
    uint32_t number = code_of(verify)[pc].a, class = CLASS_MESSAGE, message_class = MESSAGE_CLASS_SERVICE;
    uint32_t channel = PROGRAM_NONE, product = verify->campaign->product;
    if (effect->kind == ACT_SEND) {
        const struct bundle_message *message = &program->message[effect->object];
        message_class = message->class;
        channel = effect->channel;
        if (message->about != PROGRAM_NONE) product = message->about;
    } else if (effect->kind == ACT_CREDIT) {
        class = CLASS_REWARD;
    } else {
        class = program->action[effect->object].class;
    }
    if (effect->gate == PROGRAM_NONE) return refuse(verify, pc, "effect %u passes no gate", number);
    const struct bundle_gate *gate = &program->gate[verify->campaign->gate_first + effect->gate];
    if (effect->kind == ACT_DO && class == CLASS_MESSAGE && gate->channel != PROGRAM_NONE &&
        program->channel[gate->channel].in_app &&
        text_equal(program_text(program, program->action[effect->object].name), TEXT("show_offer"))) {
        channel = gate->channel; /* an offer is shown where the player is, and it is marketing */
        message_class = MESSAGE_CLASS_MARKETING;
    }
    if (gate->class != class || gate->channel != channel || gate->product != product ||
        (class == CLASS_MESSAGE && gate->message_class != message_class)) {
        return refuse(verify, pc, "effect %u passes the gate of something else", number);
    }
    if (effect->kind == ACT_DO && class == CLASS_REWARD)
        return refuse(verify, pc, "effect %u is a reward, which is asked for by CREDIT", number);
    return OK;
}

/* What an event for another player carries lies in the ranges of its fields, so that its readers may rely on them. */
static enum status check_told(const struct verify *verify, uint32_t pc, const struct facts *facts,
                              const struct bundle_effect *effect)
{
    const struct program *program = verify->program;
    const struct bundle_event *event = &program->event[effect->object];
    uint32_t base = code_of(verify)[pc].b;
    if (facts->high[base] > LIMIT_ID_BYTES) return refuse(verify, pc, "an id is at most %d bytes long", LIMIT_ID_BYTES);
    for (uint32_t i = 1; i < effect->value_count; i++) {
        struct text name = program_text(program, program->value[effect->value_first + i].name);
        for (uint32_t n = 0; n < event->field_count; n++) {
            const struct bundle_field *field = &program->field[event->field_first + n];
            if (!text_equal(program_text(program, field->name), name)) continue;
            struct slot slot = verify->event[verify->event_first[effect->object] + field->slot];
            if (facts->high[base + i] > slot.high || (slot.class == SLOT_NUMBER && facts->low[base + i] < slot.low))
                return refuse(verify, pc, "value %u can be more than the event's field may hold", i);
        }
    }
    return OK;
}

static enum status check_effect(const struct verify *verify, uint32_t pc, struct facts *facts, enum act kind)
{
    const struct program *program = verify->program;
    const struct instruction *at = &code_of(verify)[pc];
    const struct bundle_effect *effect = &program->effect[verify->campaign->effect_first + at->a];
    uint32_t bytes = MADE_BYTES;
    if (effect->kind != (uint32_t)kind) return refuse(verify, pc, "effect %u is of another kind", at->a);
    if (kind == ACT_TAG || kind == ACT_UNTAG || kind == ACT_ASK || kind == ACT_AWARD || kind == ACT_GIVE_CODE ||
        kind == ACT_RELEASE_CODE) {
        verify->arena[pc] = bytes;
        return OK;
    }
    if (at->b + effect->value_count > verify->region->register_count)
        return refuse(verify, pc, "the values of effect %u reach beyond the registers", at->a);
    for (uint32_t i = 0; i < effect->value_count; i++) {
        bool text = program->value[effect->value_first + i].kind == TYPE_TEXT;
        RETURN_IF_FAILED(check_register(verify, pc, facts, at->b + i, text));
        if (text) facts->carried |= facts->borrowed[at->b + i];
        if (program->value[effect->value_first + i].kind == TYPE_CURRENCY &&
            (facts->low[at->b + i] < 0 || facts->high[at->b + i] >= program->currency_count))
            return refuse(verify, pc, "effect %u may carry what is no currency", at->a);
        bytes += 8 + (text ? (uint32_t)facts->high[at->b + i] : 0);
    }
    verify->arena[pc] = bytes;
    if (kind == ACT_TELL) return check_told(verify, pc, facts, effect);
    if (kind == ACT_SPEND) {
        bool whole = program->value[effect->value_first].kind == TYPE_WHOLE;
        return whole && facts->low[at->b] >= 0 ? OK : refuse(verify, pc, "what it spends is no number of points");
    }
    RETURN_IF_FAILED(check_gate(verify, pc, effect));
    if (kind == ACT_CREDIT) {
        struct meaning_credit credit = meaning_credit(program, effect);
        const struct bundle_value *cost = &program->value[effect->value_first + credit.cost];
        uint32_t last = at->b + credit.cost;
        INVARIANT(cost->kind == TYPE_MONEY); /* layout_check */
        if (cost->of != verify->campaign->currency)
            return refuse(verify, pc, "the cost of effect %u is not money of the campaign", at->a);
        if (facts->low[last] < 0) return refuse(verify, pc, "the cost of effect %u can be below zero", at->a);
        verify->cost[pc] = facts->high[last];
    }
    return OK;
}

static enum status check_rest(const struct verify *verify, uint32_t pc, const struct facts *facts, uint32_t number,
                              enum state_kind kind)
{
    const struct bundle_state *state = &verify->program->state[verify->campaign->state_first + number];
    if (state->kind != (uint32_t)kind) return refuse(verify, pc, "state %u is of the other kind", number);
    if (((uint64_t)state->known & ~facts->journey_known) != 0) {
        return refuse(verify, pc, "state %u says that variable %d is known, which it may not be", number,
                      __builtin_ctzll((uint64_t)state->known & ~facts->journey_known));
    }
    return OK;
}

/* Bits of a set are looked up by the value read: it must lie within. `what`: where that value stands. */
static enum status check_bits(const struct verify *verify, uint32_t pc, int64_t low, int64_t high, const char *what)
{
    const struct instruction *at = &code_of(verify)[pc];
    bool words = layout_opcode(at->op)->imm == OPERAND_BITS;
    int64_t bits = words ? ((int64_t)verify->program->word_count - at->imm) * 64 : 64;
    if (low < 0 || high >= bits) return refuse(verify, pc, "%s %u can hold more than the set has bits", what, at->a);
    return OK;
}

/* After a comparison of a register with a number each way knows more. A way that cannot be taken keeps what was known. */
static void narrow(struct facts *facts, const struct instruction *at, bool held)
{
    int64_t low = facts->low[at->a], high = facts->high[at->a], imm = at->imm;
    enum opcode op = (enum opcode)at->op;
    if (!held) {
        op = op == OP_IF_EQ_CONST   ? OP_IF_NE_CONST
             : op == OP_IF_NE_CONST ? OP_IF_EQ_CONST
             : op == OP_IF_LT_CONST ? OP_IF_GE_CONST
             : op == OP_IF_GE_CONST ? OP_IF_LT_CONST
             : op == OP_IF_LE_CONST ? OP_IF_GT_CONST
             : op == OP_IF_GT_CONST ? OP_IF_LE_CONST
                                    : op;
    }
    switch (op) {
    case OP_IF_EQ_CONST:
        if (imm >= low && imm <= high) low = high = imm;
        break;
    case OP_IF_NE_CONST:
        if (imm == low && low < high)
            low++;
        else if (imm == high && low < high)
            high--;
        break;
    case OP_IF_LT_CONST:
        if (imm > low && imm <= high) high = imm - 1;
        break;
    case OP_IF_LE_CONST:
        if (imm >= low && imm < high) high = imm;
        break;
    case OP_IF_GT_CONST:
        if (imm >= low && imm < high) low = imm + 1;
        break;
    case OP_IF_GE_CONST:
        if (imm > low && imm <= high) low = imm;
        break;
    default: return;
    }
    facts->low[at->a] = low;
    facts->high[at->a] = high;
}

static enum status check_mode(const struct verify *verify, uint32_t pc, const struct facts *facts, bool filter)
{
    if ((facts->entered == AS_FILTER) == filter && (facts->entered == AS_JOURNEY) != filter) return OK;
    if (filter && facts->entered == AS_JOURNEY) return refuse(verify, pc, "a journey does not accept or reject");
    return refuse(verify, pc,
                  facts->entered == AS_FILTER ? "a filter only judges"
                                              : "the code of a metric or an order only gives a value");
}

enum status verify_instruction(struct verify *verify, uint32_t pc, struct facts *facts, bool *ends)
{
    const struct program *program = verify->program;
    const struct instruction *at = &code_of(verify)[pc];
    const struct layout_opcode *opcode = layout_opcode(at->op);
    struct slot slot_a = {.class = SLOT_NONE}, slot_b = {.class = SLOT_NONE}, unused;
    *ends = false;
    RETURN_IF_FAILED(check_read(verify, pc, facts, opcode->a, at->a, &slot_a));
    RETURN_IF_FAILED(check_read(verify, pc, facts, opcode->b, at->b, &slot_b));
    RETURN_IF_FAILED(check_read(verify, pc, facts, opcode->c, at->c, &unused));
    RETURN_IF_FAILED(check_read(verify, pc, facts, opcode->imm, at->imm, &unused));
    RETURN_IF_FAILED(verify_pure(verify, pc, facts));
    bool makes = (at->op >= OP_STEP && at->op <= OP_SPLIT) || at->op == OP_ASK || at->op == OP_TELL ||
                 (at->op >= OP_CANCEL_OFFER && at->op <= OP_RELEASE_CODE) || at->op == OP_SPEND || at->op == OP_AWARD;
    if (makes) RETURN_IF_FAILED(check_mode(verify, pc, facts, false));
    struct facts skipped;
    bool skips = opcode->c == OPERAND_SKIP;
    if (skips) skipped = *facts;
    switch ((enum opcode)at->op) {
    case OP_REJECT:
        if (facts->entered != AS_JOURNEY && facts->entered != AS_FILTER) return *ends = true, OK;
        __attribute__((fallthrough));
    case OP_ACCEPT: *ends = true; return check_mode(verify, pc, facts, true);
    case OP_JUMP: *ends = true; break;
    case OP_STEP:
    case OP_CANCEL_OFFER:
    case OP_FREEZE_OFFER:
    case OP_UNFREEZE_OFFER:
    case OP_REFUSE: verify->arena[pc] = MADE_BYTES; break;
    case OP_WAIT: *ends = true; return check_rest(verify, pc, facts, at->a, STATE_WAIT);
    case OP_FINISH: *ends = true; return OK;
    case OP_CREDIT:
        *ends = true;
        RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_CREDIT));
        return check_rest(verify, pc, facts, (uint32_t)at->imm, STATE_CREDIT);
    case OP_GIVE_CODE: {
        *ends = true;
        RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_GIVE_CODE));
        RETURN_IF_FAILED(check_rest(verify, pc, facts, (uint32_t)at->imm, STATE_CODE));
        uint32_t pool = program->effect[verify->campaign->effect_first + at->a].object;
        if (program->state[verify->campaign->state_first + (uint32_t)at->imm].ask != pool)
            return refuse(verify, pc, "its state waits for a code of another pool");
        return OK;
    }
    case OP_RELEASE_CODE:
        *ends = true;
        RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_RELEASE_CODE));
        return check_rest(verify, pc, facts, (uint32_t)at->imm, STATE_CREDIT);
    case OP_ASK: {
        *ends = true;
        RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_ASK));
        RETURN_IF_FAILED(check_rest(verify, pc, facts, (uint32_t)at->imm, STATE_ASK));
        const struct bundle_state *state = &program->state[verify->campaign->state_first + (uint32_t)at->imm];
        if (program->ask[state->ask].effect != at->a)
            return refuse(verify, pc, "its state waits for the answer to another question");
        return OK;
    }
    case OP_TELL: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_TELL)); break;
    case OP_SPEND: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_SPEND)); break;
    case OP_SEND: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_SEND)); break;
    case OP_DO: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_DO)); break;
    case OP_TAG: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_TAG)); break;
    case OP_UNTAG: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_UNTAG)); break;
    case OP_AWARD: RETURN_IF_FAILED(check_effect(verify, pc, facts, ACT_AWARD)); break;
    case OP_COUNT:
        if (((verify->counters >> at->a) & 1) == 0) return refuse(verify, pc, "variable %u is no counter", at->a);
        if (at->imm > slot_a.high) return refuse(verify, pc, "the counter cannot reach %lld", (long long)at->imm);
        break;
    case OP_SPLIT: verify->arena[pc] = MADE_BYTES; __attribute__((fallthrough));
    case OP_ARM:
        define_number(facts, at->a, 0,
                      (int64_t)program->split[verify->campaign->split_first + (uint32_t)at->imm].arm_count - 1);
        break;
    case OP_STORE:
    case OP_STORE_TEXT:
    case OP_CAPTURE:
        RETURN_IF_FAILED(check_mode(verify, pc, facts, false));
        RETURN_IF_FAILED(check_store(verify, pc, facts, slot_b));
        break;
    case OP_IF_IN_EVENT:
    case OP_IF_IN_PLAYER:
    case OP_IF_IN_JOURNEY:
    case OP_IF_BITS_EVENT:
    case OP_IF_BITS_PLAYER:
    case OP_IF_BITS_JOURNEY: RETURN_IF_FAILED(check_bits(verify, pc, slot_a.low, slot_a.high, "slot")); break;
    case OP_IF_IN_CONST:
    case OP_IF_BITS_CONST:
        RETURN_IF_FAILED(check_bits(verify, pc, facts->low[at->a], facts->high[at->a], "register"));
        break;
    case OP_IF_WITHIN_CALENDAR:
    case OP_IF_BEYOND_CALENDAR:
    case OP_IF_WITHIN_DATES:
    case OP_IF_BEYOND_DATES: RETURN_IF_FAILED(verify_window(verify, pc, facts)); break;
    case OP_IF_WITHIN_EVENT:
    case OP_IF_WITHIN_PLAYER:
    case OP_IF_WITHIN_JOURNEY:
    case OP_IF_BEYOND_EVENT:
    case OP_IF_BEYOND_PLAYER:
    case OP_IF_BEYOND_JOURNEY:
    case OP_IF_WITHIN_CONST:
    case OP_IF_BEYOND_CONST:
        if (at->imm < 1) return refuse(verify, pc, "it reaches back %lld ms", (long long)at->imm);
        break;
    case OP_IF_KNOWN_EVENT: set_bit(facts->event_known, at->a); break;
    case OP_IF_KNOWN_PLAYER: set_bit(facts->player_known, at->a); break;
    case OP_IF_KNOWN_JOURNEY: set_bit(&facts->journey_known, at->a); break;
    case OP_IF_KNOWN_METRIC: set_bit(facts->metric_known, at->a); break;
    case OP_YIELD:
    case OP_YIELD_TEXT: *ends = true; return verify_yield(verify, pc, facts);
    case OP_IF_EQ_CONST:
    case OP_IF_NE_CONST:
    case OP_IF_LT_CONST:
    case OP_IF_LE_CONST:
    case OP_IF_GT_CONST:
    case OP_IF_GE_CONST:
        narrow(facts, at, true);
        narrow(&skipped, at, false);
        break;
    case OP_CONVERT:
    case OP_IF_RATE: RETURN_IF_FAILED(check_conversion(verify, pc, facts)); break;
    default:
        RETURN_IF_FAILED(check_load(verify, pc, facts, slot_b));
        RETURN_IF_FAILED(check_arithmetic(verify, pc, facts));
        break;
    }
    if (skips) {
        if ((uint64_t)pc + 1 + at->c >= verify->region->code_count)
            return refuse(verify, pc, "it skips beyond the end");
        RETURN_IF_FAILED(verify_leave(verify, pc, pc + 1 + at->c, &skipped));
    }
    if (!*ends && pc + 1 >= verify->region->code_count) return refuse(verify, pc, "the code goes on beyond its end");
    return OK;
}
