/*
 * Single comparisons: `bet.stake is at least 5 EUR`, `segment is "Resting"`, `name contains …`: typed, proven, and emitted.
 *
 * A comparison falls through where it holds and goes to `no` where it does not. Where it takes several instructions (between, one
 * of), the last one judged leaves the right note. What cannot be noted directly (`is not known`, `is not in`) becomes 0 or 1 in a
 * register first. Trees of comparisons are in check_condition.c. spec: language.md#conditions
 */
#include "compiler/check_missions.h"
#include "compiler/check_money.h"
#include "compiler/check_property.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/words.h"

enum { SEGMENT_DEPTH_MAX = 16 };

enum relation { RELATION_EQ, RELATION_NE, RELATION_LT, RELATION_LE, RELATION_GT, RELATION_GE };

static const enum relation opposite[] = {
    [RELATION_EQ] = RELATION_NE, [RELATION_NE] = RELATION_EQ, [RELATION_LT] = RELATION_GE,
    [RELATION_LE] = RELATION_GT, [RELATION_GT] = RELATION_LE, [RELATION_GE] = RELATION_LT,
};

/* reading RELATION constant */
static void against_constant(struct emitter *emitter, const struct reading *reading, enum relation relation,
                             int64_t number, uint32_t site, struct label *no)
{
    enum opcode first = OP_IF_EQ_CONST;
    if (reading->bank == BANK_EVENT) first = OP_IF_EQ_EVENT;
    if (reading->bank == BANK_PLAYER) first = OP_IF_EQ_PLAYER;
    if (reading->bank == BANK_JOURNEY) first = OP_IF_EQ_JOURNEY;
    uint32_t a = reading->slot;
    if (reading->bank == BANK_CONSTANT) {
        a = emit_register(emitter);
        emit(emitter, OP_LOAD_CONST, a, 0, 0, reading->number);
    }
    emit_skip(emitter, (enum opcode)((uint32_t)first + (uint32_t)relation), a, site, no, number);
}

static void against_register(struct emitter *emitter, uint32_t left, enum relation relation, uint32_t right,
                             uint32_t site, struct label *no)
{
    emit_skip(emitter, (enum opcode)((uint32_t)OP_IF_EQ + (uint32_t)relation), left, site, no, right);
}

/* Turns "goes to `otherwise`" into its opposite, noted at `site`: call with the positive form already emitted up to here. */
static void noted_negation(struct emitter *emitter, struct label *failed, uint32_t site, struct label *no)
{
    struct label done = {0};
    uint32_t answer = emit_register(emitter);
    emit(emitter, OP_LOAD_CONST, answer, 0, 0, 0);
    emit_jump(emitter, &done);
    emit_bind(emitter, failed);
    emit(emitter, OP_LOAD_CONST, answer, 0, 0, 1);
    emit_bind(emitter, &done);
    emit_skip(emitter, OP_IF_EQ_CONST, answer, site, no, 1);
}

static void known_skip(struct emitter *emitter, const struct reading *reading, uint32_t site, struct label *no)
{
    emit_skip(emitter, emit_known_opcode(reading->bank), reading->slot, site, no, 0);
}

struct compare {
    const struct condition *condition;
    const struct value *left_value;
    struct text words;   /* of the whole comparison */
    struct text subject; /* of its left side */
};

static void compare_known(struct emitter *emitter, const struct compare *compare, struct label *no)
{
    struct names *names = emitter->names;
    struct reading left = value_slot(emitter, compare->left_value);
    if (reading_is_broken(&left)) return;
    bool always = left.bank == BANK_CONSTANT || left.bank == BANK_REGISTER;
    if (always || (!left.optional && !facts_has(&emitter->facts, left.bank, left.slot))) {
        REPORT(names, DIAGNOSTIC_ALWAYS_KNOWN, compare->condition->span, compare->subject);
    }
    uint32_t site = emit_site(emitter, compare->condition->span, compare->words, &left);
    if (!compare->condition->negated) {
        known_skip(emitter, &left, site, no);
        facts_add(&emitter->facts, left.bank, left.slot);
        return;
    }
    struct label unknown = {0};
    known_skip(emitter, &left, 0, &unknown);
    noted_negation(emitter, &unknown, site, no);
}

static void compare_segment(struct emitter *emitter, const struct compare *compare, struct label *no)
{
    struct names *names = emitter->names;
    const struct value *value = compare->condition->values.first;
    bool player =
        compare->left_value->kind == VALUE_PLAYER ||
        (compare->left_value->kind == VALUE_WORD && text_equal(compare->left_value->name.text, TEXT("player")));
    if (emitter->metric != NULL) {
        REPORT(names, DIAGNOSTIC_METRIC_READS_OTHER, compare->condition->span, emitter->metric->name,
               names_words(names, compare->condition->span));
        return;
    }
    if (!player) {
        REPORT(names, DIAGNOSTIC_ONLY_PLAYER_IN, compare->left_value->span, compare->subject);
        return;
    }
    if (value == NULL || value->kind != VALUE_TEXT) return;
    const struct thing *segment = condition_segment(names, value->name.text, value->span);
    if (segment == NULL) return;
    if (emitter->depth >= SEGMENT_DEPTH_MAX) {
        /* Told even within a segment, whose own mistakes are told where it is declared: alone it may be short enough. */
        uint32_t muted = names->muted;
        names->muted = 0;
        if (!emitter->too_large)
            REPORT(names, DIAGNOSTIC_TOO_MANY, compare->condition->span, TEXT("more than 16"),
                   TEXT("segments that ask for one another in a row"), TEXT("16"));
        names->muted = muted;
        emitter->too_large = true;
        return;
    }
    uint32_t site = emit_site(emitter, compare->condition->span, compare->words, NULL);
    enum sight sight = emitter->sight;
    struct facts facts = emitter->facts;
    struct label *unknown = emitter->unknown;
    struct text subject = emitter->subject;
    struct label outside = {0};
    emitter->sight = SIGHT_PLAYER;
    emitter->unknown = NULL;
    emitter->subject = TEXT("");
    emitter->depth++;
    names->muted++; /* its own mistakes are reported where it is declared */
    if (segment->declaration->condition != NULL) condition_emit(emitter, segment->declaration->condition, &outside);
    names->muted--;
    emitter->depth--;
    emitter->sight = sight;
    emitter->unknown = unknown;
    emitter->subject = subject;
    if (compare->condition->negated) {
        emitter->facts = facts;
        noted_negation(emitter, &outside, site, no);
        return;
    }
    struct label done = {0};
    uint32_t answer = emit_register(emitter);
    emit(emitter, OP_LOAD_CONST, answer, 0, 0, 1);
    emit_jump(emitter, &done);
    emit_bind(emitter, &outside);
    emit(emitter, OP_LOAD_CONST, answer, 0, 0, 0);
    emit_bind(emitter, &done);
    emit_skip(emitter, OP_IF_EQ_CONST, answer, site, no, 1);
    emitter->facts = facts;
}

static void compare_within(struct emitter *emitter, const struct compare *compare, struct reading *left,
                           struct label *no)
{
    struct names *names = emitter->names;
    const struct value *value = compare->condition->values.first;
    if (left->type.kind != TYPE_MOMENT && left->type.kind != TYPE_DATE) {
        REPORT(names, DIAGNOSTIC_NOT_A_MOMENT, compare->condition->span, compare->subject,
               names_type_words(names, left->type));
        return;
    }
    if (value == NULL || value->kind != VALUE_DURATION) return;
    if (names_duration_ms(&value->duration) == 0) {
        names_report(names, DIAGNOSTIC_DURATION_ZERO, value->span, NULL, 0);
        return;
    }
    if (emitter->metric != NULL) {
        REPORT(names, DIAGNOSTIC_METRIC_ASKS_NOW, compare->condition->span, emitter->metric->name,
               names_words(names, compare->condition->span));
        return;
    }
    uint32_t site = emit_site(emitter, compare->condition->span, compare->words, left);
    bool negated = compare->condition->negated;
    bool exact = value->duration.months == 0 && value->duration.days == 0;
    if (exact && left->type.kind == TYPE_MOMENT && left->bank >= BANK_EVENT && left->bank <= BANK_JOURNEY) {
        enum opcode first = negated ? OP_IF_BEYOND_EVENT : OP_IF_WITHIN_EVENT;
        emit_skip(emitter, (enum opcode)(first + (left->bank - BANK_EVENT)), left->slot, site, no, value->duration.ms);
        return;
    }
    uint32_t what = value_into(emitter, left, ROUNDING_DOWN, PROGRAM_NONE);
    if (exact && left->type.kind == TYPE_MOMENT) {
        emit_skip(emitter, negated ? OP_IF_BEYOND_CONST : OP_IF_WITHIN_CONST, what, site, no, value->duration.ms);
        return;
    }
    int64_t days = exact && value->duration.ms <= INT32_MAX ? 0 : value->duration.ms / CIVIL_DAY_MS;
    int64_t packed = calendar_pack((int16_t)value->duration.months, (int16_t)(value->duration.days + days),
                                   (int32_t)(value->duration.ms - days * CIVIL_DAY_MS));
    enum opcode op = left->type.kind == TYPE_DATE ? (negated ? OP_IF_BEYOND_DATES : OP_IF_WITHIN_DATES)
                                                  : (negated ? OP_IF_BEYOND_CALENDAR : OP_IF_WITHIN_CALENDAR);
    emit_skip(emitter, op, what, site, no, packed);
}

static void compare_contains(struct emitter *emitter, const struct compare *compare, struct reading *left,
                             struct label *no)
{
    struct names *names = emitter->names;
    const struct value *value = compare->condition->values.first;
    if (value == NULL) return;
    if (left->type.kind != TYPE_SET && left->type.kind != TYPE_TEXT) {
        REPORT(names, DIAGNOSTIC_NOT_A_SET, compare->condition->span, compare->subject,
               names_type_words(names, left->type));
        return;
    }
    struct reading part;
    struct type type = left->type;
    type.size = 0;
    if (!value_constant(emitter, value, type, compare->subject, &part)) return;
    INVARIANT(!compare->condition->negated); /* no words for it: `none of` says it */
    uint32_t site = emit_site(emitter, compare->condition->span, compare->words, left);
    if (left->type.kind == TYPE_TEXT) {
        uint32_t text = value_into(emitter, left, ROUNDING_DOWN, PROGRAM_NONE);
        emit_skip(emitter, OP_IF_TEXT_HAS, text, site, no, builder_text(emitter->builder, part.text));
    } else {
        enum opcode op = left->bank == BANK_EVENT    ? OP_IF_ANY_EVENT
                         : left->bank == BANK_PLAYER ? OP_IF_ANY_PLAYER
                                                     : OP_IF_ANY_JOURNEY;
        emit_skip(emitter, op, left->slot, site, no, (int64_t)(UINT64_C(1) << part.number));
    }
}

/* `contains word "x"`, `contains one of words "x", "y"`: each folded here, the text when it is judged. */
static void compare_words(struct emitter *emitter, const struct compare *compare, struct reading *left,
                          struct label *no)
{
    struct names *names = emitter->names;
    const struct condition *condition = compare->condition;
    if (left->type.kind != TYPE_TEXT) {
        REPORT(names, DIAGNOSTIC_NO_WORDS_IN, condition->span, compare->subject, names_type_words(names, left->type));
        return;
    }
    uint32_t site = emit_site(emitter, condition->span, compare->words, left);
    uint32_t text = value_into(emitter, left, ROUNDING_DOWN, PROGRAM_NONE);
    INVARIANT(!condition->negated);
    struct label found = {0};
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        bool last = value->next == NULL;
        struct label next = {0};
        struct buffer folded = BUFFER_EMPTY;
        if (!words_fold(&folded, value->name.text))
            REPORT(names, DIAGNOSTIC_WORD_WITHOUT_LETTERS, value->span, value->name.text);
        emit_skip(emitter, OP_IF_TEXT_WORDS, text, site, last ? no : &next,
                  builder_text(emitter->builder, buffer_as_text(&folded)));
        buffer_deinit(&folded);
        if (!last) {
            emit_jump(emitter, &found);
            emit_bind(emitter, &next);
        }
    }
    emit_bind(emitter, &found);
}

/* The right side of a comparison: a constant where it can be one. */
static bool read_right(struct emitter *emitter, const struct compare *compare, const struct reading *left,
                       const struct value *value, struct reading *out)
{
    struct names *names = emitter->names;
    bool words_first = left->type.kind == TYPE_ENUM || left->type.kind == TYPE_COUNTRY ||
                       left->type.kind == TYPE_CURRENCY || left->type.kind == TYPE_SET ||
                       (uint32_t)left->type.kind == TYPE_ARM;
    if (value->kind == VALUE_WORD && !words_first && emitter->sight != SIGHT_JOURNEY) {
        bool is_name = emitter->sight == SIGHT_PLAYER ? names_attribute(names, value->name.text) != NULL ||
                                                            names_metric(names, value->name.text, PROGRAM_NONE) != NULL
                                                      : names_field(emitter->event, value->name.text) != NULL ||
                                                            text_equal(value->name.text, TEXT("time"));
        if (!is_name) return value_constant(emitter, value, left->type, compare->subject, out);
    } else if (value_is_literal(value)) {
        return value_constant(emitter, value, left->type, compare->subject, out);
    }
    *out = value_read(emitter, value, &left->type);
    if (!value_need_known(emitter, out)) return false;
    if (out->type.kind == TYPE_WHOLE && left->type.kind == TYPE_DECIMAL && out->bank == BANK_CONSTANT) {
        out->number *= DECIMAL_ONE;
        out->type = left->type;
    }
    if (!names_same_type(left->type, out->type)) {
        if (left->type.kind == TYPE_MONEY && out->type.kind == TYPE_MONEY) {
            REPORT(names, DIAGNOSTIC_CURRENCY_MIX, value->span, names_words(names, value->span), compare->subject,
                   names->currencies[left->type.of]);
        } else {
            REPORT(names, DIAGNOSTIC_TYPE_MISMATCH, value->span, compare->subject, names_type_words(names, left->type),
                   names_words(names, value->span), names_type_words(names, out->type));
        }
        return false;
    }
    return true;
}

static void compare_texts(struct emitter *emitter, const struct compare *compare, struct reading *left,
                          struct label *no)
{
    const struct condition *condition = compare->condition;
    uint32_t site = emit_site(emitter, condition->span, compare->words, left);
    uint32_t text = value_into(emitter, left, ROUNDING_DOWN, PROGRAM_NONE);
    struct label none = {0};
    struct label found = {0};
    bool negated = condition->negated;
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        bool last = value->next == NULL;
        struct label next = {0};
        struct label *away = !last ? &next : negated ? &none : no;
        struct reading right;
        if (!read_right(emitter, compare, left, value, &right)) return;
        if (right.bank == BANK_CONSTANT) {
            emit_skip(emitter, OP_IF_TEXT_EQ, text, negated ? 0 : site, away,
                      builder_text(emitter->builder, right.text));
        } else {
            uint32_t other = value_into(emitter, &right, ROUNDING_DOWN, PROGRAM_NONE);
            emit_skip(emitter, OP_IF_TEXT_SAME, text, negated ? 0 : site, away, other);
        }
        if (!last) {
            emit_jump(emitter, &found);
            emit_bind(emitter, &next);
        }
    }
    emit_bind(emitter, &found);
    if (negated) noted_negation(emitter, &none, site, no);
}

/* `is one of` over words of an enumeration or countries, as a bit set. False: the caller compares one by one. */
static bool compare_bits(struct emitter *emitter, const struct compare *compare, struct reading *left, struct label *no)
{
    const struct condition *condition = compare->condition;
    bool slot = left->bank == BANK_EVENT || left->bank == BANK_PLAYER || left->bank == BANK_JOURNEY ||
                left->bank == BANK_METRIC;
    bool words = left->type.kind == TYPE_ENUM || left->type.kind == TYPE_COUNTRY || left->type.kind == TYPE_CURRENCY;
    if (!words || !slot) return false;
    uint64_t bits[11] = {0};
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        struct reading right;
        if (!value_is_literal(value)) return false;
        if (!value_constant(emitter, value, left->type, compare->subject, &right)) return true;
        bits[right.number / 64] |= UINT64_C(1) << (right.number % 64);
    }
    uint32_t count = left->type.kind == TYPE_COUNTRY    ? 676
                     : left->type.kind == TYPE_CURRENCY ? emitter->names->currency_count
                                                        : emitter->names->enumerations[left->type.of].count;
    if (condition->negated) {
        for (uint32_t i = 0; i < 11; i++) bits[i] = ~bits[i];
        for (uint32_t i = count; i < 704; i++) bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
    }
    uint32_t site = emit_site(emitter, condition->span, compare->words, left);
    uint32_t bank = left->bank == BANK_EVENT ? 0 : left->bank == BANK_PLAYER ? 10 : 20;
    enum opcode in = (enum opcode)(OP_IF_IN_EVENT + bank), bits_in = (enum opcode)(OP_IF_BITS_EVENT + bank);
    if (left->bank == BANK_METRIC) {
        in = OP_IF_IN_CONST;
        bits_in = OP_IF_BITS_CONST;
        (void)value_into(emitter, left, ROUNDING_DOWN, PROGRAM_NONE);
    }
    if (count <= 64) {
        emit_skip(emitter, in, left->slot, site, no, (int64_t)bits[0]);
        return true;
    }
    uint32_t first = 0;
    for (uint32_t i = 0; i < (left->type.kind == TYPE_COUNTRY ? 11u : 4u) && !emitter->dry; i++) {
        uint32_t word = builder_add_word(emitter->builder, &bits[i]);
        if (i == 0) first = word;
    }
    emit_skip(emitter, bits_in, left->slot, site, no, first);
    return true;
}

/* Warns of a comparison that no value which the left side can have meets. */
static void warn_never(struct emitter *emitter, const struct compare *compare, const struct reading *left,
                       enum relation relation, int64_t number)
{
    bool bounded = left->type.kind == TYPE_MONEY || left->type.kind == TYPE_WHOLE || left->type.kind == TYPE_DECIMAL ||
                   left->type.kind == TYPE_PERCENT;
    bool never = false;
    if (!bounded || left->num != 1 || left->den != 1 || left->bank == BANK_CONSTANT) return;
    switch (relation) {
    case RELATION_EQ: never = number < left->range.low || number > left->range.high; break;
    case RELATION_GE: never = left->range.high < number; break;
    case RELATION_GT: never = left->range.high <= number; break;
    case RELATION_LE: never = left->range.low > number; break;
    case RELATION_LT: never = left->range.low >= number; break;
    case RELATION_NE: break;
    }
    if (never) REPORT(emitter->names, DIAGNOSTIC_NEVER_HOLDS, compare->condition->span, compare->subject);
}

static struct text day_words(const struct names *names, int64_t day)
{
    struct civil_date date = civil_date_parts(day);
    return arena_print(names->arena, "%04d-%02u-%02u", (int)date.year, (unsigned)date.month, (unsigned)date.day);
}

/* Warns where a moment is held against a date, which is its midnight, and the whole day was likely meant. */
static void warn_midnight(struct emitter *emitter, const struct compare *compare)
{
    struct names *names = emitter->names;
    const struct condition *condition = compare->condition;
    const bool no = condition->negated;
    const struct value *value = condition->values.first;
    struct text cure, means, of = compare->subject;
    struct arena *arena = names->arena;
    if (condition->comparison == COMPARISON_BETWEEN && value != NULL) value = value->next;
    while (value != NULL && value->kind != VALUE_DATE) value = value->next;
    if (value == NULL) return;
    struct text day = day_words(names, value->amount), next = day_words(names, value->amount + 1);
    switch (condition->comparison) {
    case COMPARISON_IS:
    case COMPARISON_ONE_OF:
        means = no ? TEXT("only that instant is left out") : TEXT("of that day only this instant counts");
        cure = no ? arena_print(arena, "%.*s is less than %.*s or %.*s is at least %.*s", TEXT_ARGS(of), TEXT_ARGS(day),
                                TEXT_ARGS(of), TEXT_ARGS(next))
                  : arena_print(arena, "%.*s is at least %.*s and %.*s is less than %.*s", TEXT_ARGS(of),
                                TEXT_ARGS(day), TEXT_ARGS(of), TEXT_ARGS(next));
        break;
    case COMPARISON_BETWEEN: {
        struct text first = names_words(names, condition->values.first->span);
        means = no ? TEXT("the rest of that day is outside") : TEXT("the rest of that day does not count");
        cure = no ? arena_print(arena, "%.*s is less than %.*s or %.*s is at least %.*s", TEXT_ARGS(of),
                                TEXT_ARGS(first), TEXT_ARGS(of), TEXT_ARGS(next))
                  : arena_print(arena, "%.*s is at least %.*s and %.*s is less than %.*s", TEXT_ARGS(of),
                                TEXT_ARGS(first), TEXT_ARGS(of), TEXT_ARGS(next));
        break;
    }
    case COMPARISON_MORE_THAN:
    case COMPARISON_AT_MOST: {
        const bool after = (condition->comparison == COMPARISON_MORE_THAN) != no;
        means = after ? TEXT("the rest of that day counts as after it") : TEXT("the rest of that day does not count");
        cure = arena_print(arena, "%.*s is %s %.*s", TEXT_ARGS(of), after ? "at least" : "less than", TEXT_ARGS(next));
        break;
    }
    default: return;
    }
    REPORT(names, DIAGNOSTIC_MIDNIGHT, condition->span, of, day, means, cure);
}

static void compare_numbers(struct emitter *emitter, const struct compare *compare, struct reading *left,
                            struct label *no)
{
    struct names *names = emitter->names;
    const struct condition *condition = compare->condition;
    static const enum relation relations[] = {
        [COMPARISON_IS] = RELATION_EQ,      [COMPARISON_ONE_OF] = RELATION_EQ,    [COMPARISON_AT_LEAST] = RELATION_GE,
        [COMPARISON_AT_MOST] = RELATION_LE, [COMPARISON_MORE_THAN] = RELATION_GT, [COMPARISON_LESS_THAN] = RELATION_LT,
        [COMPARISON_BETWEEN] = RELATION_GE,
    };
    bool set = left->type.kind == TYPE_SET;
    bool needs_order = condition->comparison != COMPARISON_IS && condition->comparison != COMPARISON_ONE_OF;
    if (set || (needs_order && !names_is_ordered(names, left->type))) {
        REPORT(names, set ? DIAGNOSTIC_SET_COMPARED : DIAGNOSTIC_NOT_ORDERED, condition->span, compare->subject,
               names_type_words(names, left->type), names_words(names, condition->operator_span));
        return;
    }
    if (condition->comparison == COMPARISON_ONE_OF && compare_bits(emitter, compare, left, no)) return;
    /* People are told what came in, not what was made of it. */
    struct reading shown = *left;
    bool came_in = left->converts && left->bank == BANK_EVENT;
    if (left->num != 1 || left->den != 1 || left->converts) {
        value_into(emitter, left, value_rounding(emitter), PROGRAM_NONE);
        if (reading_is_broken(left)) return;
    }
    const struct value *one = condition->values.first;
    if (condition->comparison == COMPARISON_IS && !condition->negated && left->bank == BANK_PLAYER &&
        left->type.kind == TYPE_WHOLE && one != NULL && one->kind == VALUE_NUMBER && one->amount == DECIMAL_ONE &&
        text_ends_with(compare->subject, TEXT("_count"))) {
        names_report(names, DIAGNOSTIC_COUNTED_TO_ONE, condition->span, NULL, 0);
    }
    if (left->type.kind == TYPE_MOMENT) warn_midnight(emitter, compare);
    /* All right sides first, so that mistakes of one line come together. */
    enum { MOST = 256 };
    struct reading right[2] = {{.num = 1, .den = 1}, {.num = 1, .den = 1}};
    uint32_t site = emit_site(emitter, condition->span, compare->words, came_in ? &shown : left);
    if (left->bank == BANK_METRIC) (void)value_into(emitter, left, ROUNDING_DOWN, PROGRAM_NONE); /* asked for once */
    bool between = condition->comparison == COMPARISON_BETWEEN;
    bool negated = condition->negated;
    struct label found = {0};
    struct label outside = {0};
    bool chain = !between && !negated && condition->values.count > 1;
    uint32_t position = 0;
    for (const struct value *value = condition->values.first; value != NULL && position < MOST;
         value = value->next, position++) {
        struct reading *side = &right[between && position == 1 ? 1 : 0];
        if (!read_right(emitter, compare, left, value, side)) return;
        enum relation relation = relations[condition->comparison];
        if (between && position == 1) relation = RELATION_LE;
        struct label next = {0};
        struct label *away = chain && value->next != NULL ? &next : no;
        uint32_t noted = site;
        if (negated && between) {
            away = &outside;
            noted = 0;
        } else if (negated) {
            relation = opposite[relation];
        }
        if (side->bank == BANK_CONSTANT && !negated && !between && condition->values.count == 1)
            warn_never(emitter, compare, left, relation, side->number);
        if (side->bank == BANK_CONSTANT) {
            against_constant(emitter, left, relation, side->number, noted, away);
        } else {
            uint32_t other = value_into(emitter, side, value_rounding(emitter), PROGRAM_NONE);
            struct reading copy = *left;
            uint32_t mine = value_into(emitter, &copy, value_rounding(emitter), PROGRAM_NONE);
            against_register(emitter, mine, relation, other, noted, away);
        }
        if (chain && value->next != NULL) {
            emit_jump(emitter, &found);
            emit_bind(emitter, &next);
        }
    }
    if (between && right[0].bank == BANK_CONSTANT && right[1].bank == BANK_CONSTANT &&
        right[0].number > right[1].number) {
        names_report(names, DIAGNOSTIC_BOUNDS_TURNED, condition->span, NULL, 0);
    }
    emit_bind(emitter, &found);
    if (negated && between) noted_negation(emitter, &outside, site, no);
}

/* `amount is at least 20 EUR or 90 PLN`: by the price in the currency that the money is in; no price, and it does not hold. */
static void compare_prices(struct emitter *emitter, const struct compare *compare, struct label *no)
{
    struct names *names = emitter->names;
    const struct condition *condition = compare->condition;
    const struct value *first = condition->values.first;
    INVARIANT(first != NULL);
    bool between = condition->comparison == COMPARISON_BETWEEN;
    bool fits = compare->left_value->kind == VALUE_WORD
                    ? emitter->sight == SIGHT_FILTER || emitter->sight == SIGHT_PLAYER
                    : compare->left_value->kind == VALUE_PATH;
    if (condition->comparison == COMPARISON_ONE_OF || !fits || condition->left == NULL) {
        names_report(names, DIAGNOSTIC_PRICE_LIST, first->span, NULL, 0);
        return;
    }
    struct reading amount;
    struct reading currency;
    uint32_t errors = names->diagnostics->error_count + names->muted_errors;
    if (!money_read(emitter, compare->left_value, PROGRAM_NONE, &amount, &currency)) {
        if (names->diagnostics->error_count + names->muted_errors != errors || reading_is_broken(&amount)) return;
        if (amount.type.kind == TYPE_MONEY) {
            REPORT(names, DIAGNOSTIC_PRICES_OF_ONE, first->span, compare->subject,
                   names->currencies[amount.type.of < names->currency_count ? amount.type.of : 0]);
        } else {
            REPORT(names, DIAGNOSTIC_TYPE_MISMATCH, first->span, compare->subject, names_type_words(names, amount.type),
                   names_words(names, first->span), TEXT("money"));
        }
        return;
    }
    struct money_currencies sets[2] = {{{0}}, {{0}}};
    uint32_t count = 0;
    for (const struct value *value = first; value != NULL && count < 2; value = value->next, count++) {
        if (value->kind != VALUE_PRICE_LIST) {
            names_report(names, DIAGNOSTIC_PRICE_LIST, first->span, NULL, 0);
            return;
        }
        if (!money_list(names, value, &sets[count])) return;
    }
    if (between && count == 2 && memcmp(&sets[0], &sets[1], sizeof sets[0]) != 0) {
        REPORT(names, DIAGNOSTIC_PRICES_DIFFER, first->next->span, names_words(names, first->next->span),
               money_words(names, &sets[1], "and"), names_words(names, first->span),
               money_words(names, &sets[0], "and"));
        return;
    }
    static const enum relation relations[] = {
        [COMPARISON_IS] = RELATION_EQ,        [COMPARISON_AT_LEAST] = RELATION_GE,  [COMPARISON_AT_MOST] = RELATION_LE,
        [COMPARISON_MORE_THAN] = RELATION_GT, [COMPARISON_LESS_THAN] = RELATION_LT, [COMPARISON_BETWEEN] = RELATION_GE,
    };
    uint32_t site = emit_site(emitter, condition->span, compare->words, &amount);
    struct label found = {0};
    for (const struct value *price = first->prices; price != NULL; price = price->next) {
        uint32_t index = names_index(names->currencies, names->currency_count, price->currency);
        struct label next = {0};
        struct label outside = {0};
        against_constant(emitter, &currency, RELATION_EQ, index, site, price->next == NULL ? no : &next);
        if (between) {
            struct label *away = condition->negated ? &outside : no;
            uint32_t noted = condition->negated ? 0 : site;
            against_constant(emitter, &amount, RELATION_GE, price->amount, noted, away);
            against_constant(emitter, &amount, RELATION_LE, money_price(names, first->next, index)->amount, noted,
                             away);
            if (condition->negated) noted_negation(emitter, &outside, site, no);
        } else {
            enum relation relation = relations[condition->comparison];
            if (condition->negated) relation = opposite[relation];
            against_constant(emitter, &amount, relation, price->amount, site, no);
        }
        if (price->next != NULL) {
            emit_jump(emitter, &found);
            emit_bind(emitter, &next);
        }
    }
    emit_bind(emitter, &found);
}

/* `player has badge "x"`: the property `awarded` of the badge. */
static void compare_badge(struct emitter *emitter, const struct compare *compare, struct label *no)
{
    const struct condition *condition = compare->condition;
    const struct value *badge = condition->values.first;
    if (badge == NULL || badge->kind != VALUE_TEXT) return;
    if (compare->left_value->kind != VALUE_PLAYER) {
        REPORT(emitter->names, DIAGNOSTIC_BADGE_OF_PLAYER, compare->left_value->span,
               names_words(emitter->names, compare->left_value->span), badge->name.text);
        return;
    }
    if (badges_need(emitter->names, &badge->name) == PROGRAM_NONE) return;
    const struct value awarded = {.kind = VALUE_PROPERTY,
                                  .span = condition->span,
                                  .owner = badge->name,
                                  .name = {TEXT("awarded"), condition->span, 0}};
    uint32_t registers = emitter->next_register;
    struct reading reading = property_reading(emitter, &awarded);
    if (reading_is_broken(&reading)) return;
    uint32_t site = emit_site(emitter, condition->span, compare->words, &reading);
    uint32_t has = value_into(emitter, &reading, ROUNDING_DOWN, PROGRAM_NONE);
    emit_skip(emitter, OP_IF_EQ_CONST, has, site, no, condition->negated ? 0 : 1);
    emitter->next_register = registers;
}

void condition_compare(struct emitter *emitter, const struct condition *condition, const struct value *left_value,
                       struct label *no)
{
    struct names *names = emitter->names;
    struct compare compare = {
        .condition = condition, .left_value = left_value, .words = names_words(names, condition->span)};
    if (left_value == NULL || left_value->kind == VALUE_BROKEN) return;
    if (condition->comparison == COMPARISON_HAS_BADGE) {
        compare_badge(emitter, &compare, no);
        return;
    }
    compare.subject = names_words(names, left_value->span);
    if (condition->words.size > 0) compare.words = condition->words;
    if (emitter->subject.size > 0) compare.words = emitter->subject;
    if (condition->comparison == COMPARISON_KNOWN) {
        compare_known(emitter, &compare, no);
        return;
    }
    if (condition->comparison == COMPARISON_IN_SEGMENT) {
        compare_segment(emitter, &compare, no);
        return;
    }
    if (money_is_priced(condition)) {
        compare_prices(emitter, &compare, no);
        return;
    }
    uint32_t registers = emitter->next_register;
    struct reading left = value_read(emitter, left_value, NULL);
    if (left.contact && !reading_is_broken(&left)) {
        REPORT(names, DIAGNOSTIC_CONTACT_READ, left.span, compare.subject);
        return;
    }
    if (!value_need_known(emitter, &left)) return;
    if (condition->comparison == COMPARISON_WITHIN_LAST) {
        compare_within(emitter, &compare, &left, no);
    } else if (condition->comparison == COMPARISON_CONTAINS) {
        compare_contains(emitter, &compare, &left, no);
    } else if (condition->comparison == COMPARISON_CONTAINS_WORD) {
        compare_words(emitter, &compare, &left, no);
    } else if (left.type.kind == TYPE_TEXT) {
        if (condition->comparison != COMPARISON_IS && condition->comparison != COMPARISON_ONE_OF) {
            REPORT(names, DIAGNOSTIC_NOT_ORDERED, condition->span, compare.subject, names_type_words(names, left.type),
                   names_words(names, condition->operator_span));
        } else {
            compare_texts(emitter, &compare, &left, no);
        }
    } else {
        compare_numbers(emitter, &compare, &left, no);
    }
    emitter->next_register = registers;
}
