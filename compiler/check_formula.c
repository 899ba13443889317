/*
 * Formulas: a value, then clauses from left to right, and what becomes of them: a register, an argument.
 *
 * Caps and floors may come before the rounding as well as after it, for rounding never turns an order round; so a formula is
 * settled at its first clause that needs whole units, with the rounding that is stated next.
 * spec: language.md#formulas
 */
#include "compiler/arithmetic.h"
#include "compiler/check_property.h"
#include "compiler/check_rates.h"

#include "vm/decimal.h"

static bool same_kind(struct emitter *emitter, const struct reading *left, struct reading *right)
{
    if (reading_is_broken(left) || reading_is_broken(right)) return false;
    if (left->type.kind == TYPE_DECIMAL && right->type.kind == TYPE_WHOLE &&
        arithmetic_scale(right, (int128)right->num * DECIMAL_ONE, right->den))
        right->type = left->type;
    if (names_same_type(left->type, right->type)) return true;
    (void)arithmetic_refuse(emitter, left, right, "compared", right->span);
    return false;
}

static bool clause_limit(struct emitter *emitter, struct reading *left, const struct clause *clause)
{
    struct reading limit;
    if (!names_is_ordered(emitter->names, left->type)) {
        struct diagnostic *diagnostic =
            REPORT(emitter->names, DIAGNOSTIC_NOT_ORDERED, clause->span, names_words(emitter->names, left->span),
                   names_type_words(emitter->names, left->type),
                   clause->kind == CLAUSE_AT_MOST ? TEXT("at most") : TEXT("at least"));
        diagnostic_set_help(emitter->names->diagnostics, diagnostic,
                            TEXT("remove it: only numbers, amounts, times and ranked lists have a largest value"));
        return false;
    }
    if (value_is_literal(clause->value) && clause->value->kind != VALUE_WORD) {
        if (!value_constant(emitter, clause->value, left->type, names_words(emitter->names, left->span), &limit))
            return false;
    } else {
        limit = value_read(emitter, clause->value, &left->type);
        if (!value_need_known(emitter, &limit) || !same_kind(emitter, left, &limit)) return false;
    }
    bool most = clause->kind == CLAUSE_AT_MOST;
    if (!arithmetic_settle(emitter, left, value_rounding(emitter)) ||
        !arithmetic_settle(emitter, &limit, value_rounding(emitter)))
        return false;
    arithmetic_load(emitter, left);
    uint32_t target;
    if (limit.bank == BANK_CONSTANT) {
        target = emit_register(emitter);
        emit(emitter, most ? OP_MIN_CONST : OP_MAX_CONST, target, left->slot, 0, limit.number);
    } else {
        arithmetic_load(emitter, &limit);
        target = emit_register(emitter);
        emit(emitter, most ? OP_MIN : OP_MAX, target, left->slot, limit.slot, 0);
    }
    left->slot = target;
    left->range = most ? range_min(left->range, limit.range) : range_max(left->range, limit.range);
    return true;
}

/* Whether `nothing below` will ask for the exact value, and a limit before it would round it. */
static bool needs_floor(const struct emitter *emitter, const struct reading *left, const struct clause *clause)
{
    bool whole = !left->converts && left->num == 1 && left->den == 1;
    if (whole || value_rounding(emitter) == ROUNDING_DOWN) return false;
    while (clause != NULL && clause->kind != CLAUSE_NOTHING_BELOW && clause->kind != CLAUSE_ROUNDED)
        clause = clause->next;
    return clause != NULL && clause->kind == CLAUSE_NOTHING_BELOW;
}

/* The limit for the floor of the exact value, which is kept beside the rounded one. */
static bool clause_limit_floor(struct emitter *emitter, struct reading *floor, const struct clause *clause)
{
    bool has_rounding = emitter->has_rounding;
    enum rounding rounding = emitter->rounding;
    emitter->has_rounding = true;
    emitter->rounding = ROUNDING_DOWN;
    bool fine = clause_limit(emitter, floor, clause);
    emitter->has_rounding = has_rounding;
    emitter->rounding = rounding;
    return fine;
}

/* `exact`: what `left` was before a limit rounded it, or its floor; else `left` itself. */
static bool clause_below(struct emitter *emitter, struct reading *left, const struct reading *exact,
                         const struct clause *clause)
{
    if (emitter->below == NULL) {
        names_report(emitter->names, DIAGNOSTIC_NOTHING_BELOW, clause->span, NULL, 0);
        return false;
    }
    struct reading limit;
    if (!value_constant(emitter, clause->value, left->type, names_words(emitter->names, left->span), &limit))
        return false;
    /* The exact value is below a whole limit just when its floor is. */
    struct reading floor = *exact;
    if (!arithmetic_settle(emitter, &floor, ROUNDING_DOWN)) return false;
    arithmetic_load(emitter, &floor);
    emit_skip(emitter, OP_IF_GE_CONST, floor.slot,
              emit_site(emitter, clause->span, names_words(emitter->names, clause->span), &floor), emitter->below,
              limit.number);
    if (left->range.low >= 0) return true;
    /* From here on it is no less than the limit, however it is rounded: said once more where that proves something. */
    if (!arithmetic_settle(emitter, left, value_rounding(emitter))) return false;
    arithmetic_load(emitter, left);
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_MAX_CONST, target, left->slot, 0, limit.number);
    left->slot = target;
    left->range = range_max(left->range, range_point(limit.number));
    return true;
}

static struct reading formula(struct emitter *emitter, const struct value *value, const struct type *want)
{
    const struct clause *otherwise = NULL;
    const struct clause *first_rounded = NULL;
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        if (clause->kind == CLAUSE_OTHERWISE) otherwise = clause;
        if (clause->kind == CLAUSE_ROUNDED && first_rounded == NULL) first_rounded = clause;
    }
    struct label unknown = {0};
    struct label *outer = emitter->unknown;
    bool outer_has = emitter->has_rounding;
    enum rounding outer_rounding = emitter->rounding;
    struct facts facts = emitter->facts;
    bool has_target = emitter->has_target;
    emitter->has_target = false;
    if (otherwise != NULL) emitter->unknown = &unknown;
    if (first_rounded != NULL) {
        emitter->has_rounding = true;
        emitter->rounding = first_rounded->rounding;
    }
    struct reading left = value_read(emitter, value->left, want);
    struct reading floor = left;
    bool has_floor = false;
    bool fine = value_need_known(emitter, &left);
    for (const struct clause *clause = value->clauses; clause != NULL && fine; clause = clause->next) {
        switch (clause->kind) {
        case CLAUSE_AT_MOST:
        case CLAUSE_AT_LEAST:
            if (!has_floor && needs_floor(emitter, &left, clause->next)) {
                has_floor = true;
                floor = left;
            }
            fine = clause_limit(emitter, &left, clause) && (!has_floor || clause_limit_floor(emitter, &floor, clause));
            break;
        case CLAUSE_NOTHING_BELOW: fine = clause_below(emitter, &left, has_floor ? &floor : &left, clause); break;
        case CLAUSE_ROUNDED:
            has_floor = false;
            fine = arithmetic_settle(emitter, &left, clause->rounding);
            emitter->has_rounding = outer_has;
            emitter->rounding = outer_rounding;
            for (const struct clause *later = clause->next; later != NULL && !emitter->has_rounding;
                 later = later->next) {
                if (later->kind != CLAUSE_ROUNDED) continue;
                emitter->has_rounding = true;
                emitter->rounding = later->rounding;
            }
            break;
        case CLAUSE_OTHERWISE: break;
        }
    }
    emitter->unknown = outer;
    left.span = value->span;
    if (fine && otherwise != NULL && (unknown.used || emitter->assumes)) {
        fine = arithmetic_settle(emitter, &left, value_rounding(emitter));
        uint32_t target = has_target ? emitter->target : emit_register(emitter);
        struct label done = {0};
        value_into(emitter, &left, value_rounding(emitter), target);
        emit_jump(emitter, &done);
        emit_bind(emitter, &unknown);
        emitter->facts = facts;
        struct reading other;
        if (value_is_literal(otherwise->value) && otherwise->value->kind != VALUE_PATH) {
            fine = fine && value_constant(emitter, otherwise->value, left.type,
                                          names_words(emitter->names, value->left->span), &other);
        } else {
            other = value_read(emitter, otherwise->value, &left.type);
            fine = fine && value_need_known(emitter, &other) && same_kind(emitter, &left, &other);
        }
        if (fine) {
            value_into(emitter, &other, value_rounding(emitter), target);
            left.range = range_join(left.range, other.range);
            if (left.type.kind == TYPE_TEXT && other.type.size > left.type.size) left.type.size = other.type.size;
        }
        emit_bind(emitter, &done);
        left.bank = BANK_REGISTER;
        left.slot = target;
        left.optional = false;
        left.num = left.den = 1;
    }
    emitter->has_rounding = outer_has;
    emitter->rounding = outer_rounding;
    if (!fine) return reading_broken(value->span);
    return left;
}

/* Whether some path to the node has passed the split. */
static bool split_passed(struct campaign *campaign, const struct split_info *split, const struct node *node)
{
    struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *other = flow->order[i];
        if (other->kind == NODE_SPLIT && campaign_split(campaign, other->statement->name.text) == split &&
            flow_reaches(flow, other, node, true))
            return true;
    }
    return false;
}

static struct reading property(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    struct campaign *campaign = emitter->campaign;
    if (!text_equal(value->name.text, TEXT("arm")) || campaign == NULL) return property_reading(emitter, value);
    struct split_info *split = campaign_split(campaign, value->owner.text);
    if (split == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, campaign->split_count + 1);
        if (list == NULL) return reading_broken(value->span);
        for (uint32_t i = 0; i < campaign->split_count; i++) list[i] = campaign->splits[i].name;
        names_unknown(names, DIAGNOSTIC_UNKNOWN_SPLIT, &value->owner, list, campaign->split_count);
        return reading_broken(value->span);
    }
    if (emitter->node != NULL && !emitter->dry && !split_passed(campaign, split, emitter->node))
        REPORT(names, DIAGNOSTIC_ARM_BEFORE_SPLIT, value->span, split->name);
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_ARM, target, 0, 0, split->index);
    return (struct reading){.type = {(enum type_kind)TYPE_ARM, split->index, 0},
                            .bank = BANK_REGISTER,
                            .slot = target,
                            .range = range_of(0, split->arm_count > 0 ? (int64_t)split->arm_count - 1 : 0),
                            .num = 1,
                            .den = 1,
                            .span = value->span};
}

struct reading value_read(struct emitter *emitter, const struct value *value, const struct type *want)
{
    struct names *names = emitter->names;
    switch (value->kind) {
    case VALUE_NUMBER:
        if (value->is_whole && value->amount % DECIMAL_ONE == 0)
            return reading_constant(value->span, TYPE_WHOLE, PROGRAM_NONE, value->amount / DECIMAL_ONE);
        return reading_constant(value->span, TYPE_DECIMAL, PROGRAM_NONE, value->amount);
    case VALUE_PERCENT: return reading_constant(value->span, TYPE_PERCENT, PROGRAM_NONE, value->amount);
    case VALUE_MULTIPLE: return reading_constant(value->span, TYPE_DECIMAL, PROGRAM_NONE, value->amount);
    case VALUE_MONEY: {
        uint32_t currency = names_need_currency(names, value->currency, value->span);
        if (currency == PROGRAM_NONE) return reading_broken(value->span);
        return reading_constant(value->span, TYPE_MONEY, currency, value->amount);
    }
    case VALUE_PRICE_LIST:
        names_report(names, DIAGNOSTIC_PRICE_LIST, value->span, NULL, 0);
        return reading_broken(value->span);
    case VALUE_DURATION: {
        int64_t number = 0;
        enum window_kind kind = names_duration(&value->duration, &number);
        return reading_constant(value->span, kind == WINDOW_EXACT ? TYPE_DURATION : TYPE_CALENDAR, PROGRAM_NONE,
                                number);
    }
    case VALUE_DATE: return reading_constant(value->span, TYPE_DATE, PROGRAM_NONE, value->amount);
    case VALUE_CLOCK: return reading_constant(value->span, TYPE_TIME, PROGRAM_NONE, value->amount);
    case VALUE_MOMENT:
        return reading_constant(value->span, TYPE_MOMENT, PROGRAM_NONE, value_moment(value, emitter->zone));
    case VALUE_YES_NO: return reading_constant(value->span, TYPE_BOOL, PROGRAM_NONE, value->amount);
    case VALUE_TEXT: {
        struct reading reading = reading_constant(value->span, TYPE_TEXT, PROGRAM_NONE, 0);
        reading.text = value->name.text;
        reading.type.size = value->name.text.size;
        return reading;
    }
    case VALUE_NONE:
    case VALUE_WORD:
        if (want != NULL && (want->kind == TYPE_ENUM || want->kind == TYPE_COUNTRY || want->kind == TYPE_CURRENCY)) {
            struct reading reading;
            if (value->kind == VALUE_NONE || emitter->sight == SIGHT_JOURNEY) {
                return value_constant(emitter, value, *want, TEXT("this"), &reading) ? reading
                                                                                     : reading_broken(value->span);
            }
        }
        return value->kind == VALUE_NONE ? reading_broken(value->span) : value_slot(emitter, value);
    case VALUE_PATH:
    case VALUE_PLAYER: return value_slot(emitter, value);
    case VALUE_PROPERTY: return property(emitter, value);
    case VALUE_BINARY:
    case VALUE_SHARE_OF: {
        struct reading left = value_read(emitter, value->left, want);
        struct reading right = value_read(emitter, value->right, want);
        if (!value_need_known(emitter, &left) || !value_need_known(emitter, &right)) return reading_broken(value->span);
        if (value->kind == VALUE_SHARE_OF) return arithmetic_multiply(emitter, left, right, true, value->span);
        switch (value->operation) {
        case OPERATION_ADD: return arithmetic_add(emitter, left, right, false, value->span);
        case OPERATION_SUBTRACT: return arithmetic_add(emitter, left, right, true, value->span);
        case OPERATION_MULTIPLY: return arithmetic_multiply(emitter, left, right, false, value->span);
        case OPERATION_DIVIDE: return arithmetic_divide(emitter, left, right, value->span);
        }
        return reading_broken(value->span);
    }
    case VALUE_FORMULA: return formula(emitter, value, want);
    case VALUE_CONVERSION: return rates_read(emitter, value);
    case VALUE_BROKEN: break;
    }
    return reading_broken(value->span);
}

/* Lets the instruction just emitted write `target` where it wrote a passing register (those come after their target). */
static bool retarget(struct emitter *emitter, uint32_t from, uint32_t target)
{
    const uint32_t pc = emit_pc(emitter);
    if (emitter->dry || from <= target || pc == emitter->code_first || pc == emitter->bound) return false;
    struct instruction *last = builder_at(emitter->builder, SECTION_CODE, pc - 1);
    if (last == NULL || last->a != from || layout_opcode(last->op)->a != OPERAND_OUT) return false;
    last->a = (uint16_t)target;
    return true;
}

uint32_t value_into(struct emitter *emitter, struct reading *reading, enum rounding rounding, uint32_t target)
{
    if (reading_is_broken(reading)) return target == PROGRAM_NONE ? 0 : target;
    if (reading->type.kind == TYPE_TEXT) {
        if (target == PROGRAM_NONE) target = emit_register(emitter);
        switch (reading->bank) {
        case BANK_CONSTANT:
            emit(emitter, OP_LOAD_TEXT, target, 0, 0, builder_text(emitter->builder, reading->text));
            break;
        case BANK_EVENT: emit(emitter, OP_LOAD_EVENT_TEXT, target, reading->slot, 0, 0); break;
        case BANK_PLAYER: emit(emitter, OP_LOAD_PLAYER_TEXT, target, reading->slot, 0, 0); break;
        case BANK_JOURNEY: emit(emitter, OP_LOAD_JOURNEY_TEXT, target, reading->slot, 0, 0); break;
        case BANK_METRIC: emit(emitter, OP_LOAD_METRIC_TEXT, target, reading->slot, 0, 0); break;
        default: return reading->slot;
        }
        reading->bank = BANK_REGISTER;
        reading->slot = target;
        return target;
    }
    if (!arithmetic_settle(emitter, reading, rounding)) {
        reading->type.kind = (enum type_kind)TYPE_BROKEN;
        return target == PROGRAM_NONE ? 0 : target;
    }
    if (reading->bank == BANK_REGISTER) {
        if (target == PROGRAM_NONE || target == reading->slot) return reading->slot;
        if (!retarget(emitter, reading->slot, target)) emit(emitter, OP_MOVE, target, reading->slot, 0, 0);
    } else {
        if (target == PROGRAM_NONE) target = emit_register(emitter);
        switch (reading->bank) {
        case BANK_CONSTANT: emit(emitter, OP_LOAD_CONST, target, 0, 0, reading->number); break;
        case BANK_EVENT: emit(emitter, OP_LOAD_EVENT, target, reading->slot, 0, 0); break;
        case BANK_PLAYER: emit(emitter, OP_LOAD_PLAYER, target, reading->slot, 0, 0); break;
        case BANK_METRIC: emit(emitter, OP_LOAD_METRIC, target, reading->slot, 0, 0); break;
        default: emit(emitter, OP_LOAD_JOURNEY, target, reading->slot, 0, 0); break;
        }
    }
    reading->bank = BANK_REGISTER;
    reading->slot = target;
    return target;
}

/* The word of an enumeration, or the code of a currency, as a text, by a chain of comparisons. */
static bool word_as_text(struct emitter *emitter, struct reading *reading, struct type type, struct text subject,
                         uint32_t target)
{
    const struct names *names = emitter->names;
    const struct enumeration_info currencies = {.words = names->currencies, .count = names->currency_count};
    const struct enumeration_info *list =
        reading->type.kind == TYPE_CURRENCY ? &currencies : &names->enumerations[reading->type.of];
    uint32_t size = 0;
    for (uint32_t i = 0; i < list->count; i++) size = list->words[i].size > size ? list->words[i].size : size;
    if (size > type.size) {
        REPORT(emitter->names, DIAGNOSTIC_TEXT_TOO_LONG, reading->span, subject,
               names_number(emitter->names, type.size), names_number(emitter->names, size));
        return false;
    }
    uint32_t number = value_into(emitter, reading, ROUNDING_DOWN, PROGRAM_NONE);
    struct label done = {0};
    for (uint32_t i = 0; i < list->count; i++) {
        struct label next = {0};
        bool last = i + 1 == list->count;
        if (!last) emit_skip(emitter, OP_IF_EQ_CONST, number, 0, &next, i);
        emit(emitter, OP_LOAD_TEXT, target, 0, 0, builder_text(emitter->builder, list->words[i]));
        if (!last) emit_jump(emitter, &done);
        emit_bind(emitter, &next);
    }
    emit_bind(emitter, &done);
    *reading = (struct reading){.type = {TYPE_TEXT, PROGRAM_NONE, size},
                                .bank = BANK_REGISTER,
                                .slot = target,
                                .num = 1,
                                .den = 1,
                                .span = reading->span};
    return true;
}

bool value_argument(struct emitter *emitter, const struct value *value, struct type type, struct text subject,
                    uint32_t target, struct label *below, struct reading *out)
{
    struct names *names = emitter->names;
    struct label *outer = emitter->below;
    emitter->below = below;
    *out = reading_broken(value->span);
    bool fine = true;
    /* `10` for money and the like get their own words before the formula is judged. */
    const struct value *head = value->kind == VALUE_FORMULA ? value->left : value;
    if (value_is_literal(head) && head->kind != VALUE_WORD && value->kind != VALUE_FORMULA) {
        fine = value_constant(emitter, head, type, subject, out);
    } else if (head->kind == VALUE_WORD &&
               (type.kind == TYPE_ENUM || type.kind == TYPE_COUNTRY || type.kind == TYPE_CURRENCY ||
                type.kind == TYPE_TEXT) &&
               emitter->sight == SIGHT_JOURNEY) {
        fine = value_constant(emitter, head, type, subject, out);
    } else if (type.kind == TYPE_MONEY && head->kind == VALUE_NUMBER) {
        fine = value_constant(emitter, head, type, subject, out);
    } else {
        emitter->has_target = target != PROGRAM_NONE;
        emitter->target = target;
        *out = value_read(emitter, value, &type);
        emitter->has_target = false;
        fine = value_need_known(emitter, out);
        if (fine && out->contact) {
            REPORT(names, DIAGNOSTIC_CONTACT_READ, out->span, names_words(names, out->span));
            fine = false;
        }
    }
    emitter->below = outer;
    if (!fine) {
        *out = reading_broken(value->span);
        return false;
    }
    if ((out->type.kind == TYPE_ENUM || out->type.kind == TYPE_CURRENCY) && type.kind == TYPE_TEXT)
        return word_as_text(emitter, out, type, subject, target);
    if (out->type.kind == TYPE_WHOLE && type.kind == TYPE_DECIMAL &&
        arithmetic_scale(out, (int128)out->num * DECIMAL_ONE, out->den))
        out->type = type;
    if (!names_same_type(out->type, type)) {
        if (out->type.kind == TYPE_MONEY && type.kind == TYPE_MONEY) {
            REPORT(names, DIAGNOSTIC_CURRENCY_MIX, value->span, names_words(names, value->span), subject,
                   names->currencies[type.of]);
        } else {
            REPORT(names, DIAGNOSTIC_TYPE_MISMATCH, value->span, subject, names_type_words(names, type),
                   names_words(names, value->span), names_type_words(names, out->type));
        }
        *out = reading_broken(value->span);
        return false;
    }
    if (type.kind == TYPE_TEXT && out->type.size > type.size && type.size > 0) {
        REPORT(names, DIAGNOSTIC_TEXT_TOO_LONG, value->span, subject, names_number(names, type.size),
               names_number(names, out->type.size));
        *out = reading_broken(value->span);
        return false;
    }
    value_into(emitter, out, value_rounding(emitter), target);
    return !reading_is_broken(out);
}
