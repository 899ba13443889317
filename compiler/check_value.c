/*
 * Values: names to slots, literals to constants, formulas to exact arithmetic.
 *
 * A number is carried as raw * num / den, in the units of its type, until somebody needs it whole; so a chain of
 * percentages is one SCALE at its end, with the rounding that the formula or the campaign states. Caps and floors may
 * come before that rounding as well as after it, for rounding never turns an order round.
 *
 * Every range is computed by vm/range.h, the same functions the verifier proves with: what passes here passes there.
 * spec: language.md#formulas
 */
#include "compiler/campaign.h"

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------ small helpers */

static struct reading broken(struct span span)
{
    return (struct reading){.type = {(enum type_kind)TYPE_BROKEN, PROGRAM_NONE, 0}, .num = 1, .den = 1, .span = span};
}

static struct reading constant(struct span span, enum type_kind kind, uint32_t of, int64_t number)
{
    return (struct reading){.type = {kind, of, 0}, .bank = BANK_CONSTANT, .number = number, .range = range_point(number), .num = 1, .den = 1, .span = span};
}

struct text value_words(const struct emitter *emitter, const struct value *value)
{
    return names_words(emitter->names, value->span);
}

enum rounding value_rounding(const struct emitter *emitter)
{
    if (emitter->has_rounding) return emitter->rounding;
    return emitter->campaign != NULL ? emitter->campaign->rounding : ROUNDING_DOWN;
}

int value_country(struct text code)
{
    static const char codes[] =
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD "
        "CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF "
        "GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
        "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
        "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
        "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
        "VN VU WF WS XK YE YT ZA ZM ZW ZZ ";
    if (code.size != 2) return -1;
    for (size_t i = 0; i + 2 < sizeof codes; i += 3) {
        if (codes[i] == code.at[0] && codes[i + 1] == code.at[1]) return (code.at[0] - 'A') * 26 + (code.at[1] - 'A');
    }
    return -1;
}

int64_t value_moment(const struct value *value, uint32_t zone)
{
    int64_t local = value->amount * CIVIL_DAY_MS + (value->kind == VALUE_MOMENT ? value->clock_ms : 0);
    return value->kind == VALUE_MOMENT && value->is_utc ? local : zone_to_instant(zone, local);
}

bool value_is_literal(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER: case VALUE_PERCENT: case VALUE_MULTIPLE: case VALUE_MONEY: case VALUE_PRICE_LIST: case VALUE_DURATION:
    case VALUE_DATE: case VALUE_CLOCK: case VALUE_MOMENT: case VALUE_TEXT: case VALUE_YES_NO: case VALUE_NONE: case VALUE_WORD:
    case VALUE_BROKEN: return true;
    default: return false;
    }
}

/* ------------------------------------------------------------------ names to slots */

static struct reading member_reading(const struct emitter *emitter, const struct member *member, enum bank bank, struct span span)
{
    struct reading reading = {
        .type = member->type, .bank = bank, .slot = member->slot, .num = 1, .den = 1, .span = span,
        .optional = member->optional && !facts_has(&emitter->facts, bank, member->slot),
        .contact = member->privacy == FIELD_CONTACT,
    };
    if ((uint32_t)member->type.kind < TYPE_COUNT) reading.range = range_of(member->low, member->high);
    if (bank == BANK_EVENT && member->type.kind == TYPE_MONEY) {
        reading.type.of = emitter->campaign != NULL ? emitter->campaign->currency : 0;
    }
    return reading;
}

static struct reading text_slot(const struct emitter *emitter, enum bank bank, uint32_t slot, struct span span)
{
    (void)emitter;
    return (struct reading){.type = {TYPE_TEXT, PROGRAM_NONE, 64}, .bank = bank, .slot = slot, .num = 1, .den = 1, .span = span};
}

static struct reading variable_reading(const struct emitter *emitter, uint32_t number, struct span span)
{
    const struct variable *variable = &emitter->campaign->variables[number];
    return (struct reading){
        .type = variable->type, .bank = BANK_JOURNEY, .slot = number, .range = variable->range, .num = 1, .den = 1, .span = span,
        .optional = variable->optional && (emitter->known >> number & 1) == 0 && !facts_has(&emitter->facts, BANK_JOURNEY, number),
    };
}

static struct reading attribute_reading(struct emitter *emitter, const struct name *name, struct span span)
{
    if (text_equal(name->text, TEXT("id"))) return text_slot(emitter, BANK_PLAYER, PROGRAM_SLOT_PLAYER_ID, span);
    if (text_equal(name->text, TEXT("tags"))) {
        return (struct reading){.type = {TYPE_SET, PROGRAM_NONE, 0}, .bank = BANK_PLAYER, .slot = PROGRAM_SLOT_TAGS, .range = range_any(), .num = 1, .den = 1, .span = span};
    }
    const struct member *attribute = names_need_attribute(emitter->names, name);
    if (attribute == NULL) return broken(span);
    return member_reading(emitter, attribute, BANK_PLAYER, span);
}

/* A field of the event in the bank. */
static struct reading own_field(struct emitter *emitter, const struct event_info *event, const struct name *name, struct span span)
{
    if (text_equal(name->text, TEXT("id"))) return text_slot(emitter, BANK_EVENT, PROGRAM_SLOT_EVENT_ID, span);
    if (text_equal(name->text, TEXT("time"))) {
        struct type moment = {TYPE_MOMENT, PROGRAM_NONE, 0};
        return (struct reading){.type = moment, .bank = BANK_EVENT, .slot = PROGRAM_SLOT_TIME, .range = names_type_range(moment), .num = 1, .den = 1, .span = span};
    }
    const struct member *field = names_need_field(emitter->names, event, name);
    if (field == NULL) return broken(span);
    return member_reading(emitter, field, BANK_EVENT, span);
}

/* `deposit.amount`: from the bank where that deposit is in it, else what the journey kept of it. */
static struct reading event_reading(struct emitter *emitter, struct name *owner, const struct name *name, struct span span)
{
    struct names *names = emitter->names;
    if (names_event(names, owner->text) == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->event_count + 2);
        if (list == NULL) return broken(span);
        for (uint32_t i = 0; i < names->event_count; i++) list[i] = names->events[i].name;
        list[names->event_count] = TEXT("player");
        list[names->event_count + 1] = TEXT("journey");
        names_unknown(names, DIAGNOSTIC_UNKNOWN_EVENT, owner, list, names->event_count + 2);
        return broken(span);
    }
    const struct event_info *event = names_need_event(names, owner);
    bool in_bank = emitter->event == event && (emitter->sight == SIGHT_JOURNEY || emitter->own_event_first);
    struct reading own = own_field(emitter, event, name, span);
    if (in_bank || reading_is_broken(&own)) return own;
    struct campaign *campaign = emitter->campaign;
    struct read *read = campaign != NULL ? flow_read(&campaign->flow, event, own.slot) : NULL;
    if (read != NULL && read->captured && (emitter->known >> read->variable & 1) != 0) {
        return variable_reading(emitter, read->variable, span);
    }
    if (read != NULL && read->captured && read->optional && emitter->node != NULL) {
        /* An optional field is never "known on every path": what counts is that the event passed, which its time tells. */
        struct span place = {0, 0, 0};
        if (flow_path_words(&campaign->flow, emitter->node, read->variable, &place).size == 0) return variable_reading(emitter, read->variable, span);
    }
    if (campaign != NULL && (campaign->declaration->is_broken || campaign->flow.unknown_event)) return broken(span);
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_EVENT_NOT_PASSED, span, names_words(names, span), event->name);
    if (diagnostic != NULL && read != NULL && read->captured && emitter->node != NULL) {
        struct span place = {0, 0, 0};
        struct text words = flow_path_words(&campaign->flow, emitter->node, read->variable, &place);
        if (words.size > 0) diagnostic_add_note(names->diagnostics, diagnostic, place, words);
    }
    return broken(span);
}

static struct reading remembered_reading(struct emitter *emitter, const struct name *name, struct span span)
{
    struct names *names = emitter->names;
    struct campaign *campaign = emitter->campaign;
    struct variable *variable = campaign != NULL ? campaign_remembered(campaign, name->text) : NULL;
    if (variable == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, CAMPAIGN_VARIABLES_MAX);
        uint32_t count = 0;
        for (uint32_t i = 0; campaign != NULL && list != NULL && i < campaign->variable_count; i++) {
            if (campaign->variables[i].use == VARIABLE_REMEMBERED) list[count++] = campaign->variables[i].name;
        }
        if (campaign == NULL || !campaign->declaration->is_broken) names_unknown(names, DIAGNOSTIC_UNKNOWN_REMEMBERED, name, list, count);
        return broken(span);
    }
    uint32_t number = (uint32_t)(variable - campaign->variables);
    if (!variable->typed) return broken(span);
    struct reading reading = variable_reading(emitter, number, span);
    reading.optional = (emitter->known >> number & 1) == 0 && !facts_has(&emitter->facts, BANK_JOURNEY, number);
    return reading;
}

static struct reading bare_reading(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    switch (emitter->sight) {
    case SIGHT_PLAYER: return attribute_reading(emitter, &value->name, value->span);
    case SIGHT_FILTER: return own_field(emitter, emitter->event, &value->name, value->span);
    case SIGHT_ACTION:
        for (uint32_t i = 0; i < emitter->action->parameter_count; i++) {
            if (!text_equal(emitter->action->parameters[i].name.text, value->name.text)) continue;
            struct reading reading = emitter->parameters[i];
            reading.span = value->span;
            return reading;
        }
        {
            struct text *list = ARENA_ARRAY(names->arena, struct text, emitter->action->parameter_count + 1);
            if (list == NULL) return broken(value->span);
            for (uint32_t i = 0; i < emitter->action->parameter_count; i++) list[i] = emitter->action->parameters[i].name.text;
            if (!emitter->action->declaration->is_broken) names_unknown(names, DIAGNOSTIC_UNKNOWN_PARAMETER, &value->name, list, emitter->action->parameter_count);
        }
        return broken(value->span);
    case SIGHT_JOURNEY: break;
    }
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_NAME, value->span, value->name.text);
    if (diagnostic == NULL) return broken(value->span);
    struct text help = TEXT("");
    if (names_attribute(names, value->name.text) != NULL) {
        help = arena_print(names->arena, "for the player's own write `player.%.*s`", TEXT_ARGS(value->name.text));
    } else if (emitter->campaign != NULL && campaign_remembered(emitter->campaign, value->name.text) != NULL) {
        help = arena_print(names->arena, "for what the journey remembers write `journey.%.*s`", TEXT_ARGS(value->name.text));
    } else if (emitter->event != NULL && names_field(emitter->event, value->name.text) != NULL) {
        help = arena_print(names->arena, "for the event's field write `%.*s.%.*s`", TEXT_ARGS(emitter->event->name), TEXT_ARGS(value->name.text));
    }
    if (help.size > 0) diagnostic_set_help(names->diagnostics, diagnostic, help);
    return broken(value->span);
}

struct reading value_slot(struct emitter *emitter, const struct value *value)
{
    if (value->kind == VALUE_WORD) return bare_reading(emitter, value);
    if (value->kind == VALUE_PLAYER) {
        names_report(emitter->names, DIAGNOSTIC_PLAYER_ALONE, value->span, NULL, 0);
        return broken(value->span);
    }
    if (value->kind != VALUE_PATH) return broken(value->span);
    if (text_equal(value->owner.text, TEXT("player"))) return attribute_reading(emitter, &value->name, value->span);
    if (text_equal(value->owner.text, TEXT("journey"))) return remembered_reading(emitter, &value->name, value->span);
    struct name owner = value->owner;
    return event_reading(emitter, &owner, &value->name, value->span);
}

bool value_need_known(struct emitter *emitter, struct reading *reading)
{
    if (reading_is_broken(reading)) return false;
    if (!reading->optional || reading->bank == BANK_REGISTER || reading->bank == BANK_CONSTANT) return true;
    if (emitter->unknown != NULL) {
        enum opcode op = reading->bank == BANK_EVENT ? OP_IF_KNOWN_EVENT : reading->bank == BANK_PLAYER ? OP_IF_KNOWN_PLAYER : OP_IF_KNOWN_JOURNEY;
        emit_skip(emitter, op, reading->slot, 0, emitter->unknown, 0);
        facts_add(&emitter->facts, reading->bank, reading->slot);
        reading->optional = false;
        return true;
    }
    struct names *names = emitter->names;
    bool remembered = reading->bank == BANK_JOURNEY && emitter->campaign->variables[reading->slot].use == VARIABLE_REMEMBERED;
    if (remembered && emitter->campaign->declaration->is_broken) return false;
    struct diagnostic *diagnostic = REPORT(names, remembered ? DIAGNOSTIC_NOT_REMEMBERED : DIAGNOSTIC_OPTIONAL_UNCHECKED, reading->span, names_words(names, reading->span));
    struct text words = names_words(names, reading->span);
    if (words.size > 2 && words.at[0] == '{') words = text_slice(words, 1, words.size - 2);
    if (!remembered && emitter->sight == SIGHT_JOURNEY) {
        diagnostic_set_help(names->diagnostics, diagnostic, arena_print(names->arena, "check it before with `if %.*s is known`, or keep it with `remember x as %.*s, otherwise …` and read `journey.x`", TEXT_ARGS(words), TEXT_ARGS(words)));
    }
    if (remembered && diagnostic != NULL && emitter->node != NULL) {
        struct span place = {0, 0, 0};
        struct text path = flow_path_words(&emitter->campaign->flow, emitter->node, reading->slot, &place);
        if (path.size > 0) diagnostic_add_note(names->diagnostics, diagnostic, place, path);
    }
    return false;
}

/* ------------------------------------------------------------------ constants */

static void mismatch(struct emitter *emitter, struct text subject, struct type type, const struct value *value, struct text what)
{
    struct names *names = emitter->names;
    REPORT(names, DIAGNOSTIC_TYPE_MISMATCH, value->span, subject, names_type_words(names, type), value_words(emitter, value), what);
}

static struct text value_kind_words(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER: return value->is_whole ? TEXT("a whole number") : TEXT("a decimal");
    case VALUE_PERCENT: return TEXT("a percentage");
    case VALUE_MULTIPLE: return TEXT("a multiple");
    case VALUE_MONEY: case VALUE_PRICE_LIST: return TEXT("money");
    case VALUE_DURATION: return TEXT("a duration");
    case VALUE_DATE: return TEXT("a date");
    case VALUE_CLOCK: return TEXT("a time of day");
    case VALUE_MOMENT: return TEXT("a moment");
    case VALUE_TEXT: return TEXT("a text");
    case VALUE_YES_NO: return TEXT("yes or no");
    default: return TEXT("a word");
    }
}

static bool constant_word(struct emitter *emitter, const struct value *value, struct type type, struct text subject, struct reading *out)
{
    struct names *names = emitter->names;
    struct text word = value->kind == VALUE_NONE ? TEXT("none") : value->name.text;
    struct name name = {word, value->span, 0};
    if (type.kind == TYPE_COUNTRY) {
        int code = value_country(word);
        if (code < 0) {
            struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_COUNTRY, value->span, word);
            if (diagnostic != NULL && text_equal(word, TEXT("UK"))) diagnostic_set_help(names->diagnostics, diagnostic, TEXT("the United Kingdom is `GB`"));
            return false;
        }
        out->number = code;
        return true;
    }
    if (type.kind == TYPE_SET && type.of == PROGRAM_NONE) {
        uint32_t tag = names_need_tag(names, &name);
        if (tag == PROGRAM_NONE) return false;
        out->number = tag;
        return true;
    }
    const struct enumeration_info *list = &names->enumerations[type.of];
    uint32_t index = names_index(list->words, list->count, word);
    if (index == PROGRAM_NONE) {
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_WORD, value->span, word, subject);
        struct text near = diagnostic_did_you_mean(word, list->words, list->count);
        if (diagnostic != NULL) {
            struct text help = near.size > 0 ? arena_print(names->arena, "did you mean `%.*s`?", TEXT_ARGS(near))
                                             : arena_print(names->arena, "its values: %.*s", TEXT_ARGS(names_list(names, list->words, list->count)));
            diagnostic_set_help(names->diagnostics, diagnostic, help);
        }
        return false;
    }
    out->number = index;
    return true;
}

bool value_constant(struct emitter *emitter, const struct value *value, struct type type, struct text subject, struct reading *out)
{
    struct names *names = emitter->names;
    *out = constant(value->span, type.kind, type.of, value->amount);
    out->type = type;
    if (value->kind == VALUE_BROKEN || (uint32_t)type.kind == TYPE_BROKEN) return false;
    if (value->kind == VALUE_PRICE_LIST) {
        names_report(names, DIAGNOSTIC_PRICE_LIST, value->span, NULL, 0);
        return false;
    }
    bool fits = false;
    switch ((uint32_t)type.kind) {
    case TYPE_BOOL: fits = value->kind == VALUE_YES_NO; break;
    case TYPE_WHOLE:
        fits = value->kind == VALUE_NUMBER && value->amount % DECIMAL_ONE == 0;
        out->number = value->amount / DECIMAL_ONE;
        break;
    case TYPE_DECIMAL: fits = value->kind == VALUE_NUMBER || value->kind == VALUE_MULTIPLE; break;
    case TYPE_PERCENT:
        fits = value->kind == VALUE_PERCENT;
        if (value->kind == VALUE_NUMBER) {
            REPORT(names, DIAGNOSTIC_NUMBER_FOR_PERCENT, value->span, subject, value_words(emitter, value));
            return false;
        }
        break;
    case TYPE_MONEY:
        if (value->kind == VALUE_NUMBER) {
            struct text currency = type.of < names->currency_count ? names->currencies[type.of] : TEXT("EUR");
            REPORT(names, DIAGNOSTIC_BARE_NUMBER, value->span, subject, value_words(emitter, value), currency);
            return false;
        }
        if (value->kind == VALUE_WORD && decimal_currency_digits(value->name.text) >= 0) {
            REPORT(names, DIAGNOSTIC_MONEY_WITHOUT_NUMBER, value->span, value->name.text);
            return false;
        }
        fits = value->kind == VALUE_MONEY;
        if (fits && type.of != PROGRAM_NONE && !text_equal(value->currency, names->currencies[type.of])) {
            if (names_need_currency(names, value->currency, value->span) != PROGRAM_NONE) {
                REPORT(names, DIAGNOSTIC_CURRENCY_MIX, value->span, value_words(emitter, value), subject, names->currencies[type.of]);
            }
            return false;
        }
        break;
    case TYPE_DURATION:
        fits = value->kind == VALUE_DURATION && value->duration.days == 0 && value->duration.months == 0;
        out->number = value->duration.ms;
        if (value->kind == VALUE_DURATION && !fits) {
            REPORT(names, DIAGNOSTIC_EXACT_DURATION, value->span, subject, value_words(emitter, value));
            return false;
        }
        break;
    case TYPE_CALENDAR:
        fits = value->kind == VALUE_DURATION;
        if (fits) {
            int64_t ms = value->duration.ms;
            out->number = calendar_pack((int16_t)value->duration.months, (int16_t)(value->duration.days + ms / CIVIL_DAY_MS), (int32_t)(ms % CIVIL_DAY_MS));
        }
        break;
    case TYPE_MOMENT:
        fits = value->kind == VALUE_MOMENT || value->kind == VALUE_DATE;
        if (fits) out->number = value_moment(value, emitter->zone);
        break;
    case TYPE_DATE: fits = value->kind == VALUE_DATE; break;
    case TYPE_TIME: fits = value->kind == VALUE_CLOCK; break;
    case TYPE_TEXT:
        fits = value->kind == VALUE_TEXT;
        out->text = value->name.text;
        out->type.size = value->name.text.size;
        if (fits && type.size > 0 && value->name.text.size > type.size) {
            REPORT(names, DIAGNOSTIC_TEXT_TOO_LONG, value->span, subject, names_number(names, type.size), names_number(names, value->name.text.size));
            return false;
        }
        break;
    case TYPE_ZONE:
        fits = value->kind == VALUE_TEXT;
        if (fits) {
            int zone = names_need_zone(names, &(struct name){value->name.text, value->span, 0});
            if (zone < 0) return false;
            out->number = zone;
            out->text = value->name.text;
        }
        break;
    case TYPE_ENUM: case TYPE_COUNTRY: case TYPE_SET:
        if (value->kind == VALUE_WORD || value->kind == VALUE_NONE) {
            if (!constant_word(emitter, value, type, subject, out)) return false;
            fits = true;
        } else if (value->kind == VALUE_TEXT) {
            REPORT(names, DIAGNOSTIC_QUOTED_WORD, value->span, subject, value->name.text);
            return false;
        }
        break;
    case TYPE_ARM: {
        const struct split_info *split = &emitter->campaign->splits[type.of];
        fits = value->kind == VALUE_TEXT;
        if (fits) {
            uint32_t arm = names_index(split->arms, split->arm_count, value->name.text);
            if (arm == PROGRAM_NONE) {
                names_unknown(names, DIAGNOSTIC_UNKNOWN_ARM, &(struct name){value->name.text, value->span, 0}, split->arms, split->arm_count);
                return false;
            }
            out->number = arm;
        }
        break;
    }
    default: break;
    }
    if (!fits) {
        if (value->kind == VALUE_WORD && (type.kind == TYPE_TEXT || (uint32_t)type.kind == TYPE_ARM)) {
            REPORT(names, DIAGNOSTIC_WORD_FOR_TEXT, value->span, subject, value->name.text);
        } else {
            mismatch(emitter, subject, type, value, value_kind_words(value));
        }
        return false;
    }
    out->range = range_point(out->number);
    return true;
}

/* ------------------------------------------------------------------ arithmetic */

static int64_t unit_of(struct type type)
{
    return type.kind == TYPE_PERCENT || type.kind == TYPE_DECIMAL ? DECIMAL_ONE : 1;
}

static bool is_number(struct type type)
{
    return type.kind == TYPE_WHOLE || type.kind == TYPE_DECIMAL || type.kind == TYPE_PERCENT || type.kind == TYPE_MONEY;
}

static int128 gcd128(int128 a, int128 b)
{
    if (a < 0) a = -a;
    if (b < 0) b = -b;
    while (b != 0) {
        int128 t = a % b;
        a = b;
        b = t;
    }
    return a == 0 ? 1 : a;
}

/* A 128-bit number with grouped digits. */
static struct text wide_words(const struct names *names, int128 number)
{
    char digits[64];
    size_t at = sizeof digits;
    bool negative = number < 0;
    uint128 rest = negative ? (uint128)-number : (uint128)number;
    unsigned written = 0;
    do {
        if (written > 0 && written % 3 == 0) digits[--at] = ',';
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
        written++;
    } while (rest > 0);
    if (negative) digits[--at] = '-';
    return arena_copy_text(names->arena, text_make(digits + at, sizeof digits - at));
}

static struct text range_words(const struct names *names, struct type type, struct range range)
{
    int128 unit = unit_of(type);
    const char *after = "";
    if (type.kind == TYPE_MONEY && type.of < names->currency_count) {
        for (int digits = decimal_currency_digits(names->currencies[type.of]); digits > 0; digits--) unit *= 10;
        after = names->currencies[type.of].at;
    }
    return arena_print(names->arena, "%.*s to %.*s%s%.*s", TEXT_ARGS(wide_words(names, range.low / unit)), TEXT_ARGS(wide_words(names, range.high / unit)),
                       after[0] != '\0' ? " " : "", after[0] != '\0' ? 3 : 0, after);
}

static struct reading out_of_range(struct emitter *emitter, const struct reading *at, struct range range)
{
    REPORT(emitter->names, DIAGNOSTIC_ARITHMETIC_RANGE, at->span, names_words(emitter->names, at->span), range_words(emitter->names, at->type, range));
    return broken(at->span);
}

/* Loads a slot or a constant, unscaled, into a register. */
static void load(struct emitter *emitter, struct reading *reading)
{
    uint32_t target = PROGRAM_NONE;
    switch (reading->bank) {
    case BANK_REGISTER: return;
    case BANK_CONSTANT:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_CONST, target, 0, 0, reading->number);
        break;
    case BANK_EVENT:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_EVENT, target, reading->slot, 0, 0);
        break;
    case BANK_PLAYER:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_PLAYER, target, reading->slot, 0, 0);
        break;
    default:
        target = emit_register(emitter);
        emit(emitter, OP_LOAD_JOURNEY, target, reading->slot, 0, 0);
        break;
    }
    reading->bank = BANK_REGISTER;
    reading->slot = target;
}

static bool set_ratio(struct reading *reading, int128 num, int128 den)
{
    if (den < 0) {
        num = -num;
        den = -den;
    }
    int128 divisor = gcd128(num, den);
    num /= divisor;
    den /= divisor;
    if (num > INT64_C(4000000000000000000) || num < -INT64_C(4000000000000000000) || den > INT64_C(4000000000000000000)) return false;
    reading->num = (int64_t)num;
    reading->den = (int64_t)den;
    return true;
}

/* Narrows a register to [low, high], going to `otherwise` for what lies outside; false where there is no otherwise. */
static bool guard(struct emitter *emitter, struct reading *reading, int64_t low, int64_t high)
{
    if (range_holds(range_of(low, high), reading->range)) return true;
    if (emitter->unknown == NULL) return false;
    load(emitter, reading);
    uint32_t target = emit_register(emitter);
    emit_skip(emitter, OP_IF_LE_CONST, reading->slot, 0, emitter->unknown, high);
    emit_skip(emitter, OP_IF_GE_CONST, reading->slot, 0, emitter->unknown, low);
    emit(emitter, OP_MIN_CONST, target, reading->slot, 0, high);
    emit(emitter, OP_MAX_CONST, target, target, 0, low);
    reading->slot = target;
    reading->range = range_max(range_min(reading->range, range_point(high)), range_point(low));
    return true;
}

/* raw * by, by a constant; gives a register. */
static bool times(struct emitter *emitter, struct reading *reading, int64_t by)
{
    load(emitter, reading);
    if (by == 1) return true;
    struct range range = range_mul(reading->range, range_point(by));
    if (!range_fits(range)) {
        int64_t most = by == 0 ? INT64_MAX : INT64_MAX / (by < 0 ? -by : by);
        if (!guard(emitter, reading, -most, most)) {
            (void)out_of_range(emitter, reading, range);
            return false;
        }
        range = range_mul(reading->range, range_point(by));
    }
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_MUL_CONST, target, reading->slot, 0, by);
    reading->slot = target;
    reading->range = range;
    return true;
}

/* Makes num/den 1 by rounding; constants stay constants. */
static bool settle(struct emitter *emitter, struct reading *reading, enum rounding rounding)
{
    if (reading->num == 1 && reading->den == 1) return true;
    if (reading->bank == BANK_CONSTANT) {
        int128 rounded = round_div128((int128)reading->number * reading->num, reading->den, rounding);
        if (rounded > INT64_MAX || rounded < INT64_MIN) {
            (void)out_of_range(emitter, reading, range_any());
            return false;
        }
        reading->number = (int64_t)rounded;
        reading->range = range_point(reading->number);
        reading->num = reading->den = 1;
        return true;
    }
    int64_t num = reading->num;
    int64_t den = reading->den;
    if (den == 1 || num <= 0 || num > INT32_MAX || den > (int64_t)UINT32_MAX) {
        if (!times(emitter, reading, num)) return false;
        num = 1;
    }
    load(emitter, reading);
    if (den != 1) {
        struct range range;
        if (!range_mul_div(&range, reading->range, range_point(num), range_point(den), rounding) || !range_fits(range)) {
            (void)out_of_range(emitter, reading, reading->range);
            return false;
        }
        uint32_t target = emit_register(emitter);
        if (den > (int64_t)UINT32_MAX) {
            uint32_t divisor = emit_register(emitter);
            emit(emitter, OP_LOAD_CONST, divisor, 0, 0, den);
            emit(emitter, OP_DIV, target, reading->slot, rounding, divisor);
        } else {
            emit(emitter, OP_SCALE, target, reading->slot, rounding, (int64_t)((uint64_t)num << 32 | (uint64_t)den));
        }
        reading->slot = target;
        reading->range = range;
    }
    reading->num = reading->den = 1;
    return true;
}

static struct reading arithmetic_types(struct emitter *emitter, const struct reading *left, const struct reading *right, const char *verb, struct span span)
{
    struct names *names = emitter->names;
    if (left->type.kind == TYPE_MONEY && right->type.kind == TYPE_MONEY && left->type.of != right->type.of) {
        REPORT(names, DIAGNOSTIC_CURRENCIES_JOINED, span, names_type_words(names, left->type), names_type_words(names, right->type));
    } else {
        REPORT(names, DIAGNOSTIC_ARITHMETIC_TYPES, span, names_words(names, left->span), names_type_words(names, left->type), names_words(names, right->span), names_type_words(names, right->type), text_of(verb));
    }
    return broken(span);
}

static struct reading multiply(struct emitter *emitter, struct reading left, struct reading right, bool share, struct span span)
{
    struct type type;
    bool money = left.type.kind == TYPE_MONEY || right.type.kind == TYPE_MONEY;
    if (!is_number(left.type) || !is_number(right.type) || (left.type.kind == TYPE_MONEY && right.type.kind == TYPE_MONEY)) {
        return arithmetic_types(emitter, &left, &right, "multiplied", span);
    }
    if (money) {
        type = left.type.kind == TYPE_MONEY ? left.type : right.type;
    } else if (share) {
        type = right.type;
    } else if (left.type.kind == TYPE_WHOLE) {
        type = right.type;
    } else if (right.type.kind == TYPE_WHOLE || left.type.kind == right.type.kind) {
        type = left.type;
    } else {
        type = (struct type){TYPE_DECIMAL, PROGRAM_NONE, 0};
    }
    int128 unit_num = unit_of(type);
    int128 unit_den = (int128)unit_of(left.type) * unit_of(right.type);
    if (left.bank == BANK_CONSTANT) {
        struct reading swap = left;
        left = right;
        right = swap;
    }
    struct reading out = left;
    out.type = type;
    out.span = span;
    bool fits;
    if (right.bank == BANK_CONSTANT) {
        int128 factor = gcd128(right.number, unit_den);
        if (right.number == 0) factor = unit_den;
        fits = set_ratio(&out, (int128)left.num * right.num * (right.number / factor) * unit_num, (int128)left.den * right.den * (unit_den / factor));
        if (fits && right.number == 0) {
            out = constant(span, type.kind, type.of, 0);
        }
        if (!fits) return out_of_range(emitter, &out, out.range);
        return out;
    }
    load(emitter, &left);
    load(emitter, &right);
    struct range range = range_mul(left.range, right.range);
    if (!range_fits(range)) {
        int128 most = right.range.high > -right.range.low ? right.range.high : -right.range.low;
        int64_t limit = most <= 0 ? INT64_MAX : (int64_t)(INT64_MAX / most);
        out.range = range;
        if (limit < 1 || !guard(emitter, &left, -limit, limit)) return out_of_range(emitter, &out, range);
        range = range_mul(left.range, right.range);
    }
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_MUL, target, left.slot, right.slot, 0);
    out.bank = BANK_REGISTER;
    out.slot = target;
    out.range = range;
    out.optional = false;
    if (!set_ratio(&out, (int128)left.num * right.num * unit_num, (int128)left.den * right.den * unit_den)) return out_of_range(emitter, &out, range);
    return out;
}

/* A division whose divisor can be zero: `otherwise` for zero, and a way each for what is above and below it. */
static struct reading divide_guarded(struct emitter *emitter, struct reading left, struct reading right, int128 num, int128 den, struct type type, struct span span)
{
    struct reading out = {.type = type, .bank = BANK_REGISTER, .slot = emit_register(emitter), .num = 1, .den = 1, .span = span};
    struct label done = {0};
    bool below = right.range.low < 0;
    bool first = true;
    if (!times(emitter, &left, (int64_t)num)) return broken(span);
    for (int side = 0; side < (below ? 2 : 1); side++) {
        struct label next = {0};
        struct reading divisor = right;
        if (right.range.high <= 0 && side == 0) continue;
        bool last = side == 1 || !below;
        emit_skip(emitter, side == 0 ? OP_IF_GT_CONST : OP_IF_LT_CONST, right.slot, 0, last ? emitter->unknown : &next, 0);
        divisor.slot = emit_register(emitter);
        emit(emitter, side == 0 ? OP_MAX_CONST : OP_MIN_CONST, divisor.slot, right.slot, 0, side == 0 ? 1 : -1);
        divisor.range = side == 0 ? range_max(right.range, range_point(1)) : range_min(right.range, range_point(-1));
        struct range range;
        if (!times(emitter, &divisor, (int64_t)den)) return broken(span);
        if (!range_div(&range, left.range, divisor.range, value_rounding(emitter)) || !range_fits(range)) return out_of_range(emitter, &out, left.range);
        emit(emitter, OP_DIV, out.slot, left.slot, value_rounding(emitter), divisor.slot);
        out.range = first ? range : range_join(out.range, range);
        first = false;
        if (!last) emit_jump(emitter, &done);
        emit_bind(emitter, &next);
    }
    emit_bind(emitter, &done);
    if (first) return broken(span);
    return out;
}

static struct reading divide(struct emitter *emitter, struct reading left, struct reading right, struct span span)
{
    struct type type = left.type;
    if (!is_number(left.type) || !is_number(right.type) || (right.type.kind == TYPE_MONEY && !names_same_type(left.type, right.type))) {
        return arithmetic_types(emitter, &left, &right, "divided", span);
    }
    if (left.type.kind == right.type.kind || (left.type.kind == TYPE_WHOLE)) type = (struct type){TYPE_DECIMAL, PROGRAM_NONE, 0};
    /* left/ul : right/ur, in units of the result */
    int128 num = (int128)left.num * right.den * unit_of(right.type);
    int128 den = (int128)left.den * right.num * unit_of(left.type);
    int128 unit = unit_of(type);
    int128 factor = gcd128(num * unit, den);
    num = num * unit / factor;
    den /= factor;
    struct reading out = left;
    out.type = type;
    out.span = span;
    if (right.bank == BANK_CONSTANT) {
        if (right.number == 0) {
            REPORT(emitter->names, DIAGNOSTIC_DIVISION_BY_ZERO, span, names_words(emitter->names, right.span));
            return broken(span);
        }
        int128 part = gcd128(num, right.number);
        if (!set_ratio(&out, num / part, den * (right.number / part))) return out_of_range(emitter, &out, out.range);
        return out;
    }
    load(emitter, &left);
    load(emitter, &right);
    if (num > INT64_MAX || den > INT64_MAX || den < INT64_MIN) return out_of_range(emitter, &out, left.range);
    if (right.range.low <= 0 && right.range.high >= 0) {
        if (emitter->unknown == NULL) {
            REPORT(emitter->names, DIAGNOSTIC_DIVISION_BY_ZERO, span, names_words(emitter->names, right.span));
            return broken(span);
        }
        return divide_guarded(emitter, left, right, num, den, type, span);
    }
    if (!times(emitter, &left, (int64_t)num) || !times(emitter, &right, (int64_t)den)) return broken(span);
    struct range range;
    if (!range_div(&range, left.range, right.range, value_rounding(emitter)) || !range_fits(range)) return out_of_range(emitter, &out, left.range);
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_DIV, target, left.slot, value_rounding(emitter), right.slot);
    out.bank = BANK_REGISTER;
    out.slot = target;
    out.range = range;
    out.num = out.den = 1;
    out.optional = false;
    return out;
}

static struct reading add(struct emitter *emitter, struct reading left, struct reading right, bool subtract, struct span span)
{
    if (left.type.kind == TYPE_WHOLE && right.type.kind == TYPE_DECIMAL && set_ratio(&left, (int128)left.num * DECIMAL_ONE, left.den)) left.type = right.type;
    if (right.type.kind == TYPE_WHOLE && left.type.kind == TYPE_DECIMAL && set_ratio(&right, (int128)right.num * DECIMAL_ONE, right.den)) right.type = left.type;
    if (!is_number(left.type) || !names_same_type(left.type, right.type)) return arithmetic_types(emitter, &left, &right, subtract ? "subtracted" : "added", span);
    int128 a = (int128)left.num * right.den;
    int128 b = (int128)right.num * left.den;
    int128 den = (int128)left.den * right.den;
    int128 factor = gcd128(gcd128(a, b), den);
    a /= factor;
    b /= factor;
    den /= factor;
    if (subtract) b = -b;
    struct reading out = left;
    out.span = span;
    if (a > INT64_MAX || b > INT64_MAX || b < -(int128)INT64_MAX || den > INT64_MAX) return out_of_range(emitter, &out, range_any());
    if (left.bank == BANK_CONSTANT && right.bank == BANK_CONSTANT) {
        int128 sum = left.number * a + right.number * b;
        if (sum > INT64_MAX || sum < INT64_MIN) return out_of_range(emitter, &out, range_any());
        out.number = (int64_t)sum;
        out.range = range_point(out.number);
        out.num = 1;
        out.den = (int64_t)den;
        return out;
    }
    if (!times(emitter, &left, (int64_t)a) || !times(emitter, &right, (int64_t)b)) return broken(span);
    struct range range = range_add(left.range, right.range);
    if (!range_fits(range)) {
        int64_t most = INT64_MAX / 2;
        out.range = range;
        if (!guard(emitter, &left, -most, most) || !guard(emitter, &right, -most, most)) return out_of_range(emitter, &out, range);
        range = range_add(left.range, right.range);
    }
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_ADD, target, left.slot, right.slot, 0);
    out.bank = BANK_REGISTER;
    out.slot = target;
    out.range = range;
    out.num = 1;
    out.den = (int64_t)den;
    out.optional = false;
    return out;
}

/* ------------------------------------------------------------------ formulas */

static bool same_kind(struct emitter *emitter, const struct reading *left, struct reading *right)
{
    if (reading_is_broken(left) || reading_is_broken(right)) return false;
    if (left->type.kind == TYPE_DECIMAL && right->type.kind == TYPE_WHOLE && set_ratio(right, (int128)right->num * DECIMAL_ONE, right->den)) right->type = left->type;
    if (names_same_type(left->type, right->type)) return true;
    (void)arithmetic_types(emitter, left, right, "compared", right->span);
    return false;
}

static bool clause_limit(struct emitter *emitter, struct reading *left, const struct clause *clause)
{
    struct reading limit;
    if (value_is_literal(clause->value) && clause->value->kind != VALUE_WORD) {
        if (!value_constant(emitter, clause->value, left->type, names_words(emitter->names, left->span), &limit)) return false;
    } else {
        limit = value_read(emitter, clause->value, &left->type);
        if (!value_need_known(emitter, &limit) || !same_kind(emitter, left, &limit)) return false;
    }
    bool most = clause->kind == CLAUSE_AT_MOST;
    if (!settle(emitter, left, value_rounding(emitter)) || !settle(emitter, &limit, value_rounding(emitter))) return false;
    load(emitter, left);
    uint32_t target;
    if (limit.bank == BANK_CONSTANT) {
        target = emit_register(emitter);
        emit(emitter, most ? OP_MIN_CONST : OP_MAX_CONST, target, left->slot, 0, limit.number);
    } else {
        load(emitter, &limit);
        target = emit_register(emitter);
        emit(emitter, most ? OP_MIN : OP_MAX, target, left->slot, limit.slot, 0);
    }
    left->slot = target;
    left->range = most ? range_min(left->range, limit.range) : range_max(left->range, limit.range);
    return true;
}

static bool clause_below(struct emitter *emitter, struct reading *left, const struct clause *clause)
{
    if (emitter->below == NULL) {
        names_report(emitter->names, DIAGNOSTIC_NOTHING_BELOW, clause->span, NULL, 0);
        return false;
    }
    struct reading limit;
    if (!value_constant(emitter, clause->value, left->type, names_words(emitter->names, left->span), &limit)) return false;
    /* The exact value is below a whole limit just when its floor is. */
    struct reading floor = *left;
    if (!settle(emitter, &floor, ROUNDING_DOWN)) return false;
    load(emitter, &floor);
    emit_skip(emitter, OP_IF_GE_CONST, floor.slot, emit_site(emitter, clause->span, names_words(emitter->names, clause->span), &floor), emitter->below, limit.number);
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
    bool fine = value_need_known(emitter, &left);
    for (const struct clause *clause = value->clauses; clause != NULL && fine; clause = clause->next) {
        switch (clause->kind) {
        case CLAUSE_AT_MOST: case CLAUSE_AT_LEAST: fine = clause_limit(emitter, &left, clause); break;
        case CLAUSE_NOTHING_BELOW: fine = clause_below(emitter, &left, clause); break;
        case CLAUSE_ROUNDED:
            fine = settle(emitter, &left, clause->rounding);
            emitter->has_rounding = outer_has;
            emitter->rounding = outer_rounding;
            for (const struct clause *later = clause->next; later != NULL && !emitter->has_rounding; later = later->next) {
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
    if (fine && otherwise != NULL && unknown.used) {
        fine = settle(emitter, &left, value_rounding(emitter));
        uint32_t target = has_target ? emitter->target : emit_register(emitter);
        struct label done = {0};
        value_into(emitter, &left, value_rounding(emitter), target);
        emit_jump(emitter, &done);
        emit_bind(emitter, &unknown);
        emitter->facts = facts;
        struct reading other;
        if (value_is_literal(otherwise->value) && otherwise->value->kind != VALUE_PATH) {
            fine = fine && value_constant(emitter, otherwise->value, left.type, names_words(emitter->names, value->left->span), &other);
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
    if (!fine) return broken(value->span);
    return left;
}

static struct reading property(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    struct campaign *campaign = emitter->campaign;
    if (!text_equal(value->name.text, TEXT("arm")) || campaign == NULL) {
        REPORT(names, DIAGNOSTIC_PROPERTY_HERE, value->span, names_words(names, value->span));
        return broken(value->span);
    }
    struct split_info *split = campaign_split(campaign, value->owner.text);
    if (split == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, campaign->split_count + 1);
        if (list == NULL) return broken(value->span);
        for (uint32_t i = 0; i < campaign->split_count; i++) list[i] = campaign->splits[i].name;
        names_unknown(names, DIAGNOSTIC_UNKNOWN_SPLIT, &value->owner, list, campaign->split_count);
        return broken(value->span);
    }
    uint32_t target = emit_register(emitter);
    emit(emitter, OP_ARM, target, 0, 0, split->index);
    return (struct reading){.type = {(enum type_kind)TYPE_ARM, split->index, 0}, .bank = BANK_REGISTER, .slot = target,
                            .range = range_of(0, split->arm_count > 0 ? (int64_t)split->arm_count - 1 : 0), .num = 1, .den = 1, .span = value->span};
}

struct reading value_read(struct emitter *emitter, const struct value *value, const struct type *want)
{
    struct names *names = emitter->names;
    switch (value->kind) {
    case VALUE_NUMBER:
        if (value->is_whole && value->amount % DECIMAL_ONE == 0) return constant(value->span, TYPE_WHOLE, PROGRAM_NONE, value->amount / DECIMAL_ONE);
        return constant(value->span, TYPE_DECIMAL, PROGRAM_NONE, value->amount);
    case VALUE_PERCENT: return constant(value->span, TYPE_PERCENT, PROGRAM_NONE, value->amount);
    case VALUE_MULTIPLE: return constant(value->span, TYPE_DECIMAL, PROGRAM_NONE, value->amount);
    case VALUE_MONEY: {
        uint32_t currency = names_need_currency(names, value->currency, value->span);
        if (currency == PROGRAM_NONE) return broken(value->span);
        return constant(value->span, TYPE_MONEY, currency, value->amount);
    }
    case VALUE_PRICE_LIST: names_report(names, DIAGNOSTIC_PRICE_LIST, value->span, NULL, 0); return broken(value->span);
    case VALUE_DURATION: {
        int64_t number = 0;
        enum window_kind kind = names_duration(&value->duration, &number);
        return constant(value->span, kind == WINDOW_EXACT ? TYPE_DURATION : TYPE_CALENDAR, PROGRAM_NONE, number);
    }
    case VALUE_DATE: return constant(value->span, TYPE_DATE, PROGRAM_NONE, value->amount);
    case VALUE_CLOCK: return constant(value->span, TYPE_TIME, PROGRAM_NONE, value->amount);
    case VALUE_MOMENT: return constant(value->span, TYPE_MOMENT, PROGRAM_NONE, value_moment(value, emitter->zone));
    case VALUE_YES_NO: return constant(value->span, TYPE_BOOL, PROGRAM_NONE, value->amount);
    case VALUE_TEXT: {
        struct reading reading = constant(value->span, TYPE_TEXT, PROGRAM_NONE, 0);
        reading.text = value->name.text;
        reading.type.size = value->name.text.size;
        return reading;
    }
    case VALUE_NONE: case VALUE_WORD:
        if (want != NULL && (want->kind == TYPE_ENUM || want->kind == TYPE_COUNTRY)) {
            struct reading reading;
            if (value->kind == VALUE_NONE || emitter->sight == SIGHT_JOURNEY) {
                return value_constant(emitter, value, *want, TEXT("this"), &reading) ? reading : broken(value->span);
            }
        }
        return value->kind == VALUE_NONE ? broken(value->span) : value_slot(emitter, value);
    case VALUE_PATH: case VALUE_PLAYER: return value_slot(emitter, value);
    case VALUE_PROPERTY: return property(emitter, value);
    case VALUE_BINARY: case VALUE_SHARE_OF: {
        struct reading left = value_read(emitter, value->left, want);
        struct reading right = value_read(emitter, value->right, want);
        if (!value_need_known(emitter, &left) || !value_need_known(emitter, &right)) return broken(value->span);
        if (value->kind == VALUE_SHARE_OF) return multiply(emitter, left, right, true, value->span);
        switch (value->operation) {
        case OPERATION_ADD: return add(emitter, left, right, false, value->span);
        case OPERATION_SUBTRACT: return add(emitter, left, right, true, value->span);
        case OPERATION_MULTIPLY: return multiply(emitter, left, right, false, value->span);
        case OPERATION_DIVIDE: return divide(emitter, left, right, value->span);
        }
        return broken(value->span);
    }
    case VALUE_FORMULA: return formula(emitter, value, want);
    case VALUE_BROKEN: break;
    }
    return broken(value->span);
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
        case BANK_CONSTANT: emit(emitter, OP_LOAD_TEXT, target, 0, 0, builder_text(emitter->builder, reading->text)); break;
        case BANK_EVENT: emit(emitter, OP_LOAD_EVENT_TEXT, target, reading->slot, 0, 0); break;
        case BANK_PLAYER: emit(emitter, OP_LOAD_PLAYER_TEXT, target, reading->slot, 0, 0); break;
        case BANK_JOURNEY: emit(emitter, OP_LOAD_JOURNEY_TEXT, target, reading->slot, 0, 0); break;
        default: return reading->slot;
        }
        reading->bank = BANK_REGISTER;
        reading->slot = target;
        return target;
    }
    if (!settle(emitter, reading, rounding)) {
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
        default: emit(emitter, OP_LOAD_JOURNEY, target, reading->slot, 0, 0); break;
        }
    }
    reading->bank = BANK_REGISTER;
    reading->slot = target;
    return target;
}

/* The word of an enumeration as a text, by a chain of comparisons. */
static bool word_as_text(struct emitter *emitter, struct reading *reading, struct type type, struct text subject, uint32_t target)
{
    const struct enumeration_info *list = &emitter->names->enumerations[reading->type.of];
    uint32_t size = 0;
    for (uint32_t i = 0; i < list->count; i++) size = list->words[i].size > size ? list->words[i].size : size;
    if (size > type.size) {
        REPORT(emitter->names, DIAGNOSTIC_TEXT_TOO_LONG, reading->span, subject, names_number(emitter->names, type.size), names_number(emitter->names, size));
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
    *reading = (struct reading){.type = {TYPE_TEXT, PROGRAM_NONE, size}, .bank = BANK_REGISTER, .slot = target, .num = 1, .den = 1, .span = reading->span};
    return true;
}

bool value_argument(struct emitter *emitter, const struct value *value, struct type type, struct text subject, uint32_t target, struct label *below, struct reading *out)
{
    struct names *names = emitter->names;
    struct label *outer = emitter->below;
    emitter->below = below;
    *out = broken(value->span);
    bool fine = true;
    /* `10` for money and the like get their own words before the formula is judged. */
    const struct value *head = value->kind == VALUE_FORMULA ? value->left : value;
    if (value_is_literal(head) && head->kind != VALUE_WORD && value->kind != VALUE_FORMULA) {
        fine = value_constant(emitter, head, type, subject, out);
    } else if (head->kind == VALUE_WORD && (type.kind == TYPE_ENUM || type.kind == TYPE_COUNTRY || type.kind == TYPE_TEXT) && emitter->sight == SIGHT_JOURNEY) {
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
        *out = broken(value->span);
        return false;
    }
    if (out->type.kind == TYPE_ENUM && type.kind == TYPE_TEXT) return word_as_text(emitter, out, type, subject, target);
    if (out->type.kind == TYPE_WHOLE && type.kind == TYPE_DECIMAL && set_ratio(out, (int128)out->num * DECIMAL_ONE, out->den)) out->type = type;
    if (!names_same_type(out->type, type)) {
        if (out->type.kind == TYPE_MONEY && type.kind == TYPE_MONEY) {
            REPORT(names, DIAGNOSTIC_CURRENCY_MIX, value->span, names_words(names, value->span), subject, names->currencies[type.of]);
        } else {
            REPORT(names, DIAGNOSTIC_TYPE_MISMATCH, value->span, subject, names_type_words(names, type), names_words(names, value->span), names_type_words(names, out->type));
        }
        *out = broken(value->span);
        return false;
    }
    if (type.kind == TYPE_TEXT && out->type.size > type.size && type.size > 0) {
        REPORT(names, DIAGNOSTIC_TEXT_TOO_LONG, value->span, subject, names_number(names, type.size), names_number(names, out->type.size));
        *out = broken(value->span);
        return false;
    }
    value_into(emitter, out, value_rounding(emitter), target);
    return !reading_is_broken(out);
}
