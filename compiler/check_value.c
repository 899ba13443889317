/*
 * Values that need no arithmetic: names to slots, literals to constants of the type that is expected.
 *
 * A name that is wrong here is told with what it may have meant; a literal of the wrong type with what to write.
 * Formulas are check_formula.c. spec: language.md#values-and-types
 */
#include "compiler/campaign.h"
#include "compiler/type_help.h"

#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

/* ------------------------------------------------------------------ small helpers */

struct reading reading_broken(struct span span)
{
    return (struct reading){.type = {(enum type_kind)TYPE_BROKEN, PROGRAM_NONE, 0}, .num = 1, .den = 1, .span = span};
}

struct reading reading_constant(struct span span, enum type_kind kind, uint32_t of, int64_t number)
{
    return (struct reading){.type = {kind, of, 0},
                            .bank = BANK_CONSTANT,
                            .number = number,
                            .range = range_point(number),
                            .num = 1,
                            .den = 1,
                            .span = span};
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
    static const char codes[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN "
                                "BO BQ BR BS BT BV BW BY BZ CA CC CD "
                                "CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES "
                                "ET FI FJ FK FM FO FR GA GB GD GE GF "
                                "GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
                                "IS IT JE JM JO JP KE KG KH KI KM KN "
                                "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
                                "MP MQ MR MS MT MU MV MW MX MY MZ NA "
                                "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE "
                                "RO RS RU RW SA SB SC SD SE SG SH SI "
                                "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
                                "TZ UA UG UM US UY UZ VA VC VE VG VI "
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
    case VALUE_NUMBER:
    case VALUE_PERCENT:
    case VALUE_MULTIPLE:
    case VALUE_MONEY:
    case VALUE_PRICE_LIST:
    case VALUE_DURATION:
    case VALUE_DATE:
    case VALUE_CLOCK:
    case VALUE_MOMENT:
    case VALUE_TEXT:
    case VALUE_YES_NO:
    case VALUE_NONE:
    case VALUE_WORD:
    case VALUE_BROKEN: return true;
    default: return false;
    }
}

/* ------------------------------------------------------------------ names to slots */

static struct reading member_reading(const struct emitter *emitter, const struct member *member, enum bank bank,
                                     struct span span)
{
    struct reading reading = {
        .type = member->type,
        .bank = bank,
        .slot = member->slot,
        .num = 1,
        .den = 1,
        .span = span,
        .optional = member->optional && !facts_has(&emitter->facts, bank, member->slot),
        .contact = member->privacy == FIELD_CONTACT,
    };
    if ((uint32_t)member->type.kind < TYPE_COUNT) reading.range = range_of(member->low, member->high);
    if (bank == BANK_EVENT && member->type.kind == TYPE_MONEY) {
        reading.type.of = emitter->any_currency       ? PROGRAM_NONE
                          : emitter->metric != NULL   ? emitter->metric->currency
                          : emitter->campaign != NULL ? emitter->campaign->currency
                                                      : 0;
    }
    return reading;
}

static struct reading text_slot(const struct emitter *emitter, enum bank bank, uint32_t slot, struct span span)
{
    (void)emitter;
    return (struct reading){
        .type = {TYPE_TEXT, PROGRAM_NONE, 64}, .bank = bank, .slot = slot, .num = 1, .den = 1, .span = span};
}

static struct reading variable_reading(const struct emitter *emitter, uint32_t number, struct span span)
{
    const struct variable *variable = &emitter->campaign->variables[number];
    return (struct reading){
        .type = variable->type,
        .bank = BANK_JOURNEY,
        .slot = number,
        .range = variable->range,
        .num = 1,
        .den = 1,
        .span = span,
        .optional = variable->optional && (emitter->known >> number & 1) == 0 &&
                    !facts_has(&emitter->facts, BANK_JOURNEY, number),
    };
}

static struct reading attribute_reading(struct emitter *emitter, const struct name *name, struct span span)
{
    if (text_equal(name->text, TEXT("id"))) return text_slot(emitter, BANK_PLAYER, PROGRAM_SLOT_PLAYER_ID, span);
    if (text_equal(name->text, TEXT("tags"))) {
        return (struct reading){.type = {TYPE_SET, PROGRAM_NONE, 0},
                                .bank = BANK_PLAYER,
                                .slot = PROGRAM_SLOT_TAGS,
                                .range = range_any(),
                                .num = 1,
                                .den = 1,
                                .span = span};
    }
    const struct metric_info *metric = names_metric(emitter->names, name->text, PROGRAM_NONE);
    /* A standard one that speaks of what this project does not have is not there. */
    if (metric != NULL && (metric->stage == METRIC_READY || !metric->standard) &&
        names_attribute(emitter->names, name->text) == NULL)
        return metric_reading(emitter, metric, span);
    const struct member *attribute = names_need_attribute(emitter->names, name);
    if (attribute == NULL) return reading_broken(span);
    return member_reading(emitter, attribute, BANK_PLAYER, span);
}

/* A field of the event in the bank. */
static struct reading own_field(struct emitter *emitter, const struct event_info *event, const struct name *name,
                                struct span span)
{
    if (text_equal(name->text, TEXT("id"))) return text_slot(emitter, BANK_EVENT, PROGRAM_SLOT_EVENT_ID, span);
    if (text_equal(name->text, TEXT("time"))) {
        struct type moment = {TYPE_MOMENT, PROGRAM_NONE, 0};
        return (struct reading){.type = moment,
                                .bank = BANK_EVENT,
                                .slot = PROGRAM_SLOT_TIME,
                                .range = names_type_range(moment),
                                .num = 1,
                                .den = 1,
                                .span = span};
    }
    const struct member *field = names_need_field(emitter->names, event, name);
    if (field == NULL) return reading_broken(span);
    return member_reading(emitter, field, BANK_EVENT, span);
}

/* The words of a value; a hole of a message without its braces. */
static struct text plain_words(const struct emitter *emitter, struct span span)
{
    struct text words = names_words(emitter->names, span);
    bool hole = words.size > 2 && words.at[0] == '{';
    return hole ? text_slice(words, 1, words.size - 2) : words;
}

/* A message or an offer stands elsewhere: says which line makes it. */
static void note_use(struct emitter *emitter, struct diagnostic *diagnostic)
{
    if (emitter->use == NULL) return;
    struct text words =
        emitter->use->kind == STATEMENT_SEND ? TEXT("the message is sent here") : TEXT("the offer is credited here");
    diagnostic_add_note(emitter->names->diagnostics, diagnostic, emitter->use->span, words);
}

/* `deposit.amount`: from the bank where that deposit is in it, else what the journey kept of it. */
static struct reading event_reading(struct emitter *emitter, struct name *owner, const struct name *name,
                                    struct span span)
{
    struct names *names = emitter->names;
    if (names_event(names, owner->text) == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, names->event_count + 2);
        if (list == NULL) return reading_broken(span);
        for (uint32_t i = 0; i < names->event_count; i++) list[i] = names->events[i].name;
        list[names->event_count] = TEXT("player");
        list[names->event_count + 1] = TEXT("journey");
        names_unknown(names, DIAGNOSTIC_UNKNOWN_EVENT, owner, list, names->event_count + 2);
        return reading_broken(span);
    }
    const struct event_info *event = names_need_event(names, owner);
    bool in_bank = emitter->event == event && (emitter->sight == SIGHT_JOURNEY || emitter->own_event_first);
    struct reading own = own_field(emitter, event, name, span);
    if (in_bank || reading_is_broken(&own)) return own;
    struct campaign *campaign = emitter->campaign;
    bool open = emitter->any_currency && own.type.kind == TYPE_MONEY;
    struct read *read = campaign == NULL ? NULL
                        : open           ? flow_read_open(&campaign->flow, event, own.slot, emitter->conversion)
                                         : flow_read(&campaign->flow, event, own.slot);
    if (read != NULL && read->captured && (emitter->known >> read->variable & 1) != 0) {
        return variable_reading(emitter, read->variable, span);
    }
    if (read != NULL && read->captured && read->optional && emitter->node != NULL) {
        /* An optional field is never "known on every path": what counts is that the event passed, which its time tells. */
        struct span place = {0, 0, 0};
        if (flow_path_words(&campaign->flow, emitter->node, read->variable, &place).size == 0)
            return variable_reading(emitter, read->variable, span);
    }
    if (campaign != NULL && (campaign->declaration->is_broken || campaign->flow.unknown_event))
        return reading_broken(span);
    struct diagnostic *diagnostic =
        REPORT(names, DIAGNOSTIC_EVENT_NOT_PASSED, span, plain_words(emitter, span), event->name);
    note_use(emitter, diagnostic);
    if (diagnostic != NULL && read != NULL && read->captured && emitter->node != NULL) {
        struct span place = {0, 0, 0};
        struct text words = flow_path_words(&campaign->flow, emitter->node, read->variable, &place);
        if (words.size > 0) diagnostic_add_note(names->diagnostics, diagnostic, place, words);
    }
    return reading_broken(span);
}

static struct reading remembered_reading(struct emitter *emitter, const struct name *name, struct span span)
{
    struct names *names = emitter->names;
    struct campaign *campaign = emitter->campaign;
    struct variable *variable = campaign != NULL ? campaign_remembered(campaign, name->text) : NULL;
    const struct metric_info *metric = campaign != NULL ? names_metric(names, name->text, campaign->index) : NULL;
    if (variable == NULL && metric != NULL && metric->campaign != PROGRAM_NONE)
        return metric_reading(emitter, metric, span);
    if (variable == NULL) {
        struct text *list = ARENA_ARRAY(names->arena, struct text, CAMPAIGN_VARIABLES_MAX + names->metric_count);
        uint32_t count = 0;
        for (uint32_t i = 0; campaign != NULL && list != NULL && i < names->metric_count; i++) {
            if (names->metrics[i].campaign == campaign->index) list[count++] = names->metrics[i].name;
        }
        for (uint32_t i = 0; campaign != NULL && list != NULL && i < campaign->variable_count; i++) {
            if (campaign->variables[i].use == VARIABLE_REMEMBERED) list[count++] = campaign->variables[i].name;
        }
        if (campaign == NULL || !campaign->declaration->is_broken)
            names_unknown(names, DIAGNOSTIC_UNKNOWN_REMEMBERED, name, list, count);
        return reading_broken(span);
    }
    uint32_t number = (uint32_t)(variable - campaign->variables);
    if (!variable->typed) {
        /* Its value was reported where it is made; unless it is made of itself alone. */
        if ((emitter->known >> number & 1) == 0) {
            struct reading nothing = {.type = {TYPE_BOOL, PROGRAM_NONE, 0},
                                      .bank = BANK_JOURNEY,
                                      .slot = number,
                                      .optional = true,
                                      .span = span};
            (void)value_need_known(emitter, &nothing);
        }
        return reading_broken(span);
    }
    struct reading reading = variable_reading(emitter, number, span);
    emitter->rates |= variable->rates;
    reading.optional = (emitter->known >> number & 1) == 0 && !facts_has(&emitter->facts, BANK_JOURNEY, number);
    return reading;
}

static struct reading bare_reading(struct emitter *emitter, const struct value *value)
{
    struct names *names = emitter->names;
    switch (emitter->sight) {
    case SIGHT_PLAYER: return attribute_reading(emitter, &value->name, value->span);
    case SIGHT_METRIC: return metric_in_formula(emitter, value);
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
            if (list == NULL) return reading_broken(value->span);
            for (uint32_t i = 0; i < emitter->action->parameter_count; i++)
                list[i] = emitter->action->parameters[i].name.text;
            if (!emitter->action->declaration->is_broken)
                names_unknown(names, DIAGNOSTIC_UNKNOWN_PARAMETER, &value->name, list,
                              emitter->action->parameter_count);
        }
        return reading_broken(value->span);
    case SIGHT_JOURNEY: break;
    }
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_NAME, value->span, value->name.text);
    if (diagnostic == NULL) return reading_broken(value->span);
    struct text help = TEXT("");
    if (names_attribute(names, value->name.text) != NULL ||
        names_metric(names, value->name.text, PROGRAM_NONE) != NULL) {
        help = arena_print(names->arena, "for the player's own write `player.%.*s`", TEXT_ARGS(value->name.text));
    } else if (emitter->campaign != NULL && campaign_remembered(emitter->campaign, value->name.text) != NULL) {
        help = arena_print(names->arena, "for what the journey remembers write `journey.%.*s`",
                           TEXT_ARGS(value->name.text));
    } else if (emitter->event != NULL && names_field(emitter->event, value->name.text) != NULL) {
        help = arena_print(names->arena, "for the event's field write `%.*s.%.*s`", TEXT_ARGS(emitter->event->name),
                           TEXT_ARGS(value->name.text));
    }
    if (help.size > 0) diagnostic_set_help(names->diagnostics, diagnostic, help);
    return reading_broken(value->span);
}

struct reading value_slot(struct emitter *emitter, const struct value *value)
{
    if (value->kind == VALUE_WORD) return bare_reading(emitter, value);
    if (value->kind == VALUE_PLAYER) {
        names_report(emitter->names, DIAGNOSTIC_PLAYER_ALONE, value->span, NULL, 0);
        return reading_broken(value->span);
    }
    if (value->kind != VALUE_PATH) return reading_broken(value->span);
    if (emitter->metric != NULL) return metric_refuses(emitter, value);
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
        emit_skip(emitter, emit_known_opcode(reading->bank), reading->slot, 0, emitter->unknown, 0);
        facts_add(&emitter->facts, reading->bank, reading->slot);
        reading->optional = false;
        return true;
    }
    struct names *names = emitter->names;
    if (reading->contact) { /* asking whether it is known would not help */
        REPORT(names, DIAGNOSTIC_CONTACT_READ, reading->span, plain_words(emitter, reading->span));
        return false;
    }
    bool remembered =
        reading->bank == BANK_JOURNEY && emitter->campaign->variables[reading->slot].use == VARIABLE_REMEMBERED;
    if (remembered && emitter->campaign->declaration->is_broken) return false;
    struct diagnostic *diagnostic =
        REPORT(names, remembered ? DIAGNOSTIC_NOT_REMEMBERED : DIAGNOSTIC_OPTIONAL_UNCHECKED, reading->span,
               plain_words(emitter, reading->span));
    note_use(emitter, diagnostic);
    struct text words = plain_words(emitter, reading->span);
    if (!remembered && emitter->sight == SIGHT_JOURNEY) {
        diagnostic_set_help(names->diagnostics, diagnostic,
                            arena_print(names->arena,
                                        "check it before with `if %.*s is known`, or keep it with `remember x as %.*s, "
                                        "otherwise …` and read `journey.x`",
                                        TEXT_ARGS(words), TEXT_ARGS(words)));
    }
    if (remembered && diagnostic != NULL && emitter->node != NULL) {
        struct span place = {0, 0, 0};
        struct text path = flow_path_words(&emitter->campaign->flow, emitter->node, reading->slot, &place);
        if (path.size > 0) diagnostic_add_note(names->diagnostics, diagnostic, place, path);
    }
    return false;
}

/* ------------------------------------------------------------------ constants */

static void mismatch(struct emitter *emitter, struct text subject, struct type type, const struct value *value,
                     struct text what)
{
    struct names *names = emitter->names;
    struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_TYPE_MISMATCH, value->span, subject,
                                           names_type_words(names, type), value_words(emitter, value), what);
    struct text help = type_help(names->arena, type, value);
    if (help.size > 0) diagnostic_set_help(names->diagnostics, diagnostic, help);
}

static struct text value_kind_words(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NUMBER: return value->is_whole ? TEXT("a whole number") : TEXT("a decimal");
    case VALUE_PERCENT: return TEXT("a percentage");
    case VALUE_MULTIPLE: return TEXT("a multiple");
    case VALUE_MONEY:
    case VALUE_PRICE_LIST: return TEXT("money");
    case VALUE_DURATION: return TEXT("a duration");
    case VALUE_DATE: return TEXT("a date");
    case VALUE_CLOCK: return TEXT("a time of day");
    case VALUE_MOMENT: return TEXT("a moment");
    case VALUE_TEXT: return TEXT("a text");
    case VALUE_YES_NO: return TEXT("yes or no");
    default: return TEXT("a word");
    }
}

static bool constant_word(struct emitter *emitter, const struct value *value, struct type type, struct text subject,
                          struct reading *out)
{
    struct names *names = emitter->names;
    struct text word = value->kind == VALUE_NONE ? TEXT("none") : value->name.text;
    struct name name = {word, value->span, 0};
    if (type.kind == TYPE_COUNTRY) {
        int code = value_country(word);
        if (code < 0) {
            struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_UNKNOWN_COUNTRY, value->span, word);
            if (diagnostic != NULL && text_equal(word, TEXT("UK")))
                diagnostic_set_help(names->diagnostics, diagnostic, TEXT("the United Kingdom is `GB`"));
            return false;
        }
        out->number = code;
        return true;
    }
    if (type.kind == TYPE_CURRENCY) {
        uint32_t currency = names_index(names->currencies, names->currency_count, word);
        if (currency == PROGRAM_NONE && decimal_currency_digits(word) >= 0) {
            (void)names_need_currency(names, word, value->span);
            return false;
        }
        if (currency == PROGRAM_NONE) {
            names_unknown(names, DIAGNOSTIC_NO_CURRENCY, &name, names->currencies, names->currency_count);
            return false;
        }
        out->number = currency;
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
                                             : arena_print(names->arena, "its values: %.*s",
                                                           TEXT_ARGS(names_list(names, list->words, list->count)));
            diagnostic_set_help(names->diagnostics, diagnostic, help);
        }
        return false;
    }
    out->number = index;
    return true;
}

bool value_constant(struct emitter *emitter, const struct value *value, struct type type, struct text subject,
                    struct reading *out)
{
    struct names *names = emitter->names;
    *out = reading_constant(value->span, type.kind, type.of, value->amount);
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
            struct diagnostic *diagnostic =
                REPORT(names, DIAGNOSTIC_NUMBER_FOR_PERCENT, value->span, subject, value_words(emitter, value));
            /* `0.6` is how others write 60%. */
            if (value->amount > 0 && value->amount < DECIMAL_ONE && value->amount % 10000 == 0) {
                diagnostic_set_help(names->diagnostics, diagnostic,
                                    arena_print(names->arena, "write `%d%%`", (int)(value->amount / 10000)));
            }
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
                REPORT(names, DIAGNOSTIC_CURRENCY_MIX, value->span, value_words(emitter, value), subject,
                       names->currencies[type.of]);
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
            out->number =
                calendar_pack((int16_t)value->duration.months, (int16_t)(value->duration.days + ms / CIVIL_DAY_MS),
                              (int32_t)(ms % CIVIL_DAY_MS));
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
            REPORT(names, DIAGNOSTIC_TEXT_TOO_LONG, value->span, subject, names_number(names, type.size),
                   names_number(names, value->name.text.size));
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
    case TYPE_ENUM:
    case TYPE_COUNTRY:
    case TYPE_CURRENCY:
    case TYPE_SET:
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
                /* The line of the arm may be the broken one. */
                if (emitter->campaign->declaration->is_broken) return false;
                names_unknown(names, DIAGNOSTIC_UNKNOWN_ARM, &(struct name){value->name.text, value->span, 0},
                              split->arms, split->arm_count);
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
