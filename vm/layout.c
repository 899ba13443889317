/*
 * The tables as data, and the check of records against them. No record is known here by name but where it must hold
 * more than its fields' kinds say (check_meaning).
 */
#include "vm/layout.h"

#include <stdio.h>

#include "vm/civil.h"
#include "vm/limits.h"
#include "vm/meaning.h"
#include "vm/round.h"
#include "vm/split.h"

#define NO_ARGUMENT(argument)            0
#define SECTION_ARGUMENT(argument)       SECTION_##argument
#define COUNT_ARGUMENT(argument)         (uint32_t)(argument)
#define ARGUMENT_I64(argument)           NO_ARGUMENT(argument)
#define ARGUMENT_TEXT(argument)          NO_ARGUMENT(argument)
#define ARGUMENT_TEXT_OR_NONE(argument)  NO_ARGUMENT(argument)
#define ARGUMENT_NUMBER(argument)        NO_ARGUMENT(argument)
#define ARGUMENT_INDEX(argument)         SECTION_ARGUMENT(argument)
#define ARGUMENT_INDEX_OR_NONE(argument) SECTION_ARGUMENT(argument)
#define ARGUMENT_FLAG(argument)          NO_ARGUMENT(argument)
#define ARGUMENT_FIRST(argument)         SECTION_ARGUMENT(argument)
#define ARGUMENT_COUNT(argument)         SECTION_ARGUMENT(argument)
#define ARGUMENT_ENUM(argument)          COUNT_ARGUMENT(argument)
#define ARGUMENT_PC(argument)            NO_ARGUMENT(argument)
#define ARGUMENT_PC_OR_NONE(argument)    NO_ARGUMENT(argument)
#define ARGUMENT_ZERO(argument)          NO_ARGUMENT(argument)

#define FIELD_ROW(kind, argument, field, sentence) {LAYOUT_##kind, ARGUMENT_##kind(argument), #field},
#define SECTION(number, NAME, name, criticality, sentence) \
    static const struct layout_field name##_fields[] = {BUNDLE_##NAME(FIELD_ROW){LAYOUT_END, 0, NULL}};
#include "spec/bundle.def"

/* Records have no holes, so the offset of a field is the sum of the sizes before it. */
#define SIZE_I64                                    8u
#define SIZE_TEXT                                   4u
#define SIZE_TEXT_OR_NONE                           4u
#define SIZE_NUMBER                                 4u
#define SIZE_INDEX                                  4u
#define SIZE_INDEX_OR_NONE                          4u
#define SIZE_FLAG                                   4u
#define SIZE_FIRST                                  4u
#define SIZE_COUNT                                  4u
#define SIZE_ENUM                                   4u
#define SIZE_PC                                     4u
#define SIZE_PC_OR_NONE                             4u
#define SIZE_ZERO                                   4u
#define FIELD_SIZE(kind, argument, field, sentence) +SIZE_##kind
#define RECORD_SIZE(name)                           ((uint32_t)sizeof(*((const struct program *)0)->name))
#define SECTION(number, NAME, name, criticality, sentence)                                                     \
    _Static_assert((0u BUNDLE_##NAME(FIELD_SIZE)) == 0 || (0u BUNDLE_##NAME(FIELD_SIZE)) == RECORD_SIZE(name), \
                   "a record of " #name " has a hole");
#include "spec/bundle.def"

#define IS_CRITICAL true
#define IS_DEBUG    false
const struct layout_section layout_sections[] = {
#define SECTION(number, NAME, name, criticality, sentence) \
    {number,                                               \
     IS_##criticality,                                     \
     #name,                                                \
     RECORD_SIZE(name),                                    \
     name##_fields,                                        \
     offsetof(struct program, name),                       \
     offsetof(struct program, name##_count)},
#include "spec/bundle.def"
};
const unsigned layout_section_count = sizeof layout_sections / sizeof layout_sections[0];

const struct layout_section *layout_section(uint32_t number)
{
    for (unsigned i = 0; i < layout_section_count; i++) {
        if (layout_sections[i].number == number) return &layout_sections[i];
    }
    return NULL;
}

const void *layout_rows(const struct program *program, const struct layout_section *section)
{
    const void *rows;
    memcpy(&rows, (const char *)program + section->rows_at, sizeof rows);
    return rows;
}

uint32_t layout_count(const struct program *program, const struct layout_section *section)
{
    uint32_t count;
    memcpy(&count, (const char *)program + section->count_at, sizeof count);
    return count;
}

void layout_set(struct program *program, const struct layout_section *section, const void *rows, uint32_t count)
{
    memcpy((char *)program + section->rows_at, &rows, sizeof rows);
    memcpy((char *)program + section->count_at, &count, sizeof count);
}

static const struct layout_opcode opcodes[OPCODE_NUMBERS] = {
#define OPCODE(number, NAME, a, b, c, imm, sentence) \
    [number] = {#NAME, OPERAND_##a, OPERAND_##b, OPERAND_##c, OPERAND_##imm, sentence},
#include "spec/opcodes.def"
#undef OPCODE
};

const struct layout_opcode *layout_opcode(uint32_t op)
{
    return op < OPCODE_NUMBERS && opcodes[op].name != NULL ? &opcodes[op] : NULL;
}

const char *layout_operand_name(enum operand operand)
{
    static const char *const names[OPERAND_COUNT] = {
        [OPERAND_ZERO] = "ZERO",
        [OPERAND_OUT] = "OUT",
        [OPERAND_OUT_TEXT] = "OUT_TEXT",
        [OPERAND_IN] = "IN",
        [OPERAND_IN_TEXT] = "IN_TEXT",
        [OPERAND_EVENT] = "EVENT",
        [OPERAND_PLAYER] = "PLAYER",
        [OPERAND_JOURNEY] = "JOURNEY",
        [OPERAND_EVENT_TEXT] = "EVENT_TEXT",
        [OPERAND_PLAYER_TEXT] = "PLAYER_TEXT",
        [OPERAND_JOURNEY_TEXT] = "JOURNEY_TEXT",
        [OPERAND_EVENT_ANY] = "EVENT_ANY",
        [OPERAND_PLAYER_ANY] = "PLAYER_ANY",
        [OPERAND_JOURNEY_ANY] = "JOURNEY_ANY",
        [OPERAND_SITE] = "SITE",
        [OPERAND_SKIP] = "SKIP",
        [OPERAND_I64] = "I64",
        [OPERAND_TEXT] = "TEXT",
        [OPERAND_BITS] = "BITS",
        [OPERAND_ROUNDING] = "ROUNDING",
        [OPERAND_PLACE] = "PLACE",
        [OPERAND_RATIO] = "RATIO",
        [OPERAND_CONVERSION] = "CONVERSION",
        [OPERAND_CALENDAR] = "CALENDAR",
        [OPERAND_STATE] = "STATE",
        [OPERAND_STEP] = "STEP",
        [OPERAND_SPLIT] = "SPLIT",
        [OPERAND_EFFECT] = "EFFECT",
        [OPERAND_REASON] = "REASON",
        [OPERAND_REGISTERS] = "REGISTERS",
        [OPERAND_REG_IMM] = "REG_IMM",
        [OPERAND_REG_IMM_TEXT] = "REG_IMM_TEXT",
        [OPERAND_METRIC] = "METRIC",
        [OPERAND_METRIC_TEXT] = "METRIC_TEXT",
        [OPERAND_METRIC_ANY] = "METRIC_ANY",
        [OPERAND_OFFER] = "OFFER",
    };
    return (unsigned)operand < OPERAND_COUNT ? names[operand] : "?";
}

/* ---------------------------------------------------------------- the check of records */

/* One field against its kind. `first` is the value of the FIRST field before a COUNT. NULL when fine. */
static const char *field_fault(const struct program *program, const struct layout_field *field, uint32_t value,
                               uint32_t first)
{
    const struct layout_section *other;
    switch (field->kind) {
    case LAYOUT_END:
    case LAYOUT_I64:
    case LAYOUT_NUMBER: return NULL;
    case LAYOUT_TEXT: return value < program->string_count ? NULL : "is no text";
    case LAYOUT_TEXT_OR_NONE: return value == PROGRAM_NONE || value < program->string_count ? NULL : "is no text";
    case LAYOUT_FLAG: return value <= 1 ? NULL : "is neither 0 nor 1";
    case LAYOUT_ENUM: return value < field->argument ? NULL : "is above the largest value";
    case LAYOUT_PC: return value < program->instruction_count ? NULL : "is no instruction";
    case LAYOUT_PC_OR_NONE:
        return value == PROGRAM_NONE || value < program->instruction_count ? NULL : "is no instruction";
    case LAYOUT_ZERO: return value == 0 ? NULL : "must be zero";
    case LAYOUT_INDEX_OR_NONE:
        if (value == PROGRAM_NONE) return NULL;
        __attribute__((fallthrough));
    case LAYOUT_INDEX:
        other = layout_section(field->argument);
        return value < layout_count(program, other) ? NULL : "points outside its section";
    case LAYOUT_FIRST:
    case LAYOUT_COUNT:
        other = layout_section(field->argument);
        if (!other->critical && layout_count(program, other) == 0) return NULL; /* stripped */
        if (field->kind == LAYOUT_FIRST) {
            return value <= layout_count(program, other) ? NULL : "begins outside its section";
        }
        return value <= layout_count(program, other) - first ? NULL : "reaches outside its section";
    }
    return "has an unknown kind";
}

static enum status check_section(const struct program *program, const struct layout_section *section,
                                 struct error *error)
{
    const unsigned char *row = layout_rows(program, section);
    uint32_t count = layout_count(program, section);
    if (section->fields[0].kind == LAYOUT_END) return OK;
    for (uint32_t index = 0; index < count; index++, row += section->record_size) {
        const unsigned char *at = row;
        uint32_t first = 0;
        for (const struct layout_field *field = section->fields; field->kind != LAYOUT_END; field++) {
            if (field->kind != LAYOUT_I64) {
                uint32_t value;
                memcpy(&value, at, sizeof value);
                const char *fault = field_fault(program, field, value, first);
                if (fault != NULL) {
                    return error_set(error, STATUS_REFUSED, "section %s, record %u: field %s %s (it is %u)",
                                     section->name, index, field->name, fault, value);
                }
                first = value;
            }
            at += layout_field_size(field->kind);
        }
    }
    return OK;
}

#define REFUSE(name, index, ...) layout_refuse(error, #name, index, __VA_ARGS__)

enum status layout_refuse(struct error *error, const char *section, uint32_t index, const char *format, ...)
{
    char words[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return error_set(error, STATUS_REFUSED, "section %s, record %u: %s", section, index, words);
}

static enum status check_strings(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->string_count; i++) {
        const struct bundle_string *string = &program->string[i];
        if (string->offset > program->bytes_count || string->size > program->bytes_count - string->offset) {
            return REFUSE(string, i, "the text lies outside BYTES");
        }
        if (string->size > 0xFFFFFF) return REFUSE(string, i, "the text is longer than 16,777,215 bytes");
        struct text text = program_text(program, i);
        if (!text_is_utf8(text)) return REFUSE(string, i, "the text is not UTF-8");
        if (text.size > 0 && memchr(text.at, 0, text.size) != NULL) return REFUSE(string, i, "the text holds a NUL");
    }
    return OK;
}

/* `of`, low and high of a typed thing. NULL when fine. `open_money`: the currency may stand in the slot behind. */
static const char *type_fault(const struct program *program, uint32_t kind, uint32_t of, int64_t low, int64_t high,
                              uint32_t size, bool open_money)
{
    if (low > high) return "its smallest value is above its largest";
    switch ((enum type_kind)kind) {
    case TYPE_ENUM:
        if (of >= program->enumeration_count) return "it is one of a list, and there is no such list";
        if (low < 0 || high >= (int64_t)program->enumeration[of].wording_count) {
            if (low != high) return "its range leaves the list";
        }
        return NULL;
    case TYPE_SET:
        if (of >= program->enumeration_count) return "it is a set, and there is no such list";
        return program->enumeration[of].wording_count <= 64 ? NULL : "it is a set of a list of more than 64 words";
    case TYPE_MONEY:
        if (open_money && of == PROGRAM_NONE) return NULL;
        return of < program->currency_count ? NULL : "it is money, and there is no such currency";
    case TYPE_TEXT: return size <= LIMIT_STRING_BYTES ? NULL : "its text is longer than 4,096 bytes";
    case TYPE_BOOL: return low >= 0 && high <= 1 ? NULL : "a yes or no is 0 or 1";
    case TYPE_CURRENCY:
        if (program->currency_count == 0) return "it is a currency, and there are none";
        return low == high || (low >= 0 && high < (int64_t)program->currency_count) ? NULL
                                                                                    : "its range leaves the currencies";
    case TYPE_COUNTRY: return low >= 0 && high < 676 ? NULL : "a country code is 0 to 675";
    case TYPE_TIME: return low >= 0 && high < CIVIL_DAY_MS ? NULL : "a time of day is below 86,400,000";
    case TYPE_MOMENT:
    case TYPE_DATE:
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_DURATION:
    case TYPE_CALENDAR:
    case TYPE_ZONE: return NULL;
    case TYPE_COUNT: break;
    }
    return "its type is unknown";
}

static enum status check_schema(const struct program *program, struct error *error)
{
    const struct bundle_workspace *workspace = program->workspace;
    if (workspace->player_slot_count < PROGRAM_PLAYER_SLOTS || workspace->player_slot_count > LAYOUT_PLAYER_SLOTS_MAX) {
        return REFUSE(workspace, 0, "a player has 2 to %u slots, not %u", LAYOUT_PLAYER_SLOTS_MAX,
                      workspace->player_slot_count);
    }
    if (workspace->edition != 1) return REFUSE(workspace, 0, "edition %u is not known", workspace->edition);
    if (program->tag_count > 64) return REFUSE(tag, 64, "a workspace has at most 64 tags");
    for (uint32_t i = 0; i < program->currency_count; i++) {
        if (program_text(program, program->currency[i].code).size != 3)
            return REFUSE(currency, i, "its code is not three letters");
        if (program->currency[i].decimals > 3) return REFUSE(currency, i, "a currency has at most 3 decimals");
    }
    for (uint32_t i = 0; i < program->enumeration_count; i++) {
        if (program->enumeration[i].wording_count > LIMIT_ENUM_VALUES)
            return REFUSE(enumeration, i, "it has more than 256 words");
    }
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        if (event->slot_count < PROGRAM_EVENT_SLOTS || event->slot_count > LAYOUT_EVENT_SLOTS_MAX ||
            event->slot_count > workspace->event_slot_count) {
            return REFUSE(event, i, "it has %u slots; 4 to %u are allowed, and no more than the workspace says",
                          event->slot_count, LAYOUT_EVENT_SLOTS_MAX);
        }
    }
    for (uint32_t i = 0; i < program->field_count; i++) {
        const struct bundle_field *field = &program->field[i];
        const char *fault = type_fault(program, field->kind, field->of, field->low, field->high, field->size, true);
        if (fault != NULL) return REFUSE(field, i, "%s", fault);
    }
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        const char *fault = type_fault(program, attribute->kind, attribute->of, attribute->low, attribute->high,
                                       attribute->size, false);
        if (fault != NULL) return REFUSE(attribute, i, "%s", fault);
        if (attribute->slot >= workspace->player_slot_count)
            return REFUSE(attribute, i, "its slot is outside the player");
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        const char *fault =
            type_fault(program, metric->kind, metric->of, metric->low, metric->high, metric->size, false);
        if (fault != NULL) return REFUSE(metric, i, "%s", fault);
    }
    for (uint32_t i = 0; i < program->parameter_count; i++) {
        const struct bundle_parameter *parameter = &program->parameter[i];
        const char *fault =
            type_fault(program, parameter->kind, parameter->of, parameter->low, parameter->high, parameter->size, true);
        if (fault != NULL) return REFUSE(parameter, i, "%s", fault);
    }
    return OK;
}

/* A question has an answer and a time limit, and one for approval may be refused; nothing else asks. */
static const char *ask_fault(const struct program *program, const struct bundle_state *state)
{
    if (state->kind == STATE_CODE)
        return state->ask < program->pool_count ? NULL : "field ask points outside its section";
    if (state->kind != STATE_ASK) return state->ask == 0 ? NULL : "it asks nothing, and names a question";
    if (state->ask >= program->ask_count) return "field ask points outside its section";
    bool approval = program->ask[state->ask].query == PROGRAM_NONE;
    if (state->timeout == PROGRAM_NONE || state->deadline == DEADLINE_NONE) return "a question has a time limit";
    if (state->case_count != 0 || state->since_entry != 0) return "a question waits for no events";
    if (state->granted == PROGRAM_NONE) return "the answer leads nowhere";
    if (approval != (state->declined != PROGRAM_NONE)) return "an approval, and nothing else, can be refused";
    return NULL;
}

static enum status check_campaigns(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        if (campaign->variable_count > LIMIT_REMEMBERED_PER_CAMPAIGN)
            return REFUSE(campaign, i, "it remembers more than 64 values");
        if (campaign->gate_count > 32) return REFUSE(campaign, i, "its effects pass more than 32 gates");
        if (campaign->split_count > LIMIT_SPLITS_PER_CAMPAIGN) return REFUSE(campaign, i, "it has more than 64 splits");
        if (campaign->effect_count > 65535 || campaign->state_count > 65535 || campaign->step_count > 65535)
            return REFUSE(campaign, i, "it has more than 65,535 effects, states or steps");
        if (campaign->text_size > LIMIT_ACTIVATION_ARENA_BYTES)
            return REFUSE(campaign, i, "its journeys keep more than 65,536 bytes of text");
        for (uint32_t v = 0; v < campaign->variable_count; v++) {
            const struct bundle_variable *variable = &program->variable[campaign->variable_first + v];
            if (variable->kind == TYPE_TEXT && (variable->size > campaign->text_size ||
                                                variable->text_offset > campaign->text_size - variable->size)) {
                return REFUSE(variable, campaign->variable_first + v, "its text lies outside the journey's %u bytes",
                              campaign->text_size);
            }
        }
        for (uint32_t e = 0; e < campaign->effect_count; e++) {
            const struct bundle_effect *effect = &program->effect[campaign->effect_first + e];
            if (effect->gate != PROGRAM_NONE && effect->gate >= campaign->gate_count) {
                return REFUSE(effect, campaign->effect_first + e, "its gate is none of its campaign's");
            }
            if (effect->counter != PROGRAM_NONE &&
                (effect->counter >= campaign->variable_count ||
                 program->variable[campaign->variable_first + effect->counter].counter == 0)) {
                return REFUSE(effect, campaign->effect_first + e, "its counter is no counter of its campaign");
            }
        }
        if (campaign->region == 0) return REFUSE(campaign, i, "region 0 holds policies and segments, not a campaign");
    }
    for (uint32_t i = 0; i < program->variable_count; i++) {
        const struct bundle_variable *variable = &program->variable[i];
        const char *fault =
            type_fault(program, variable->kind, variable->of, variable->low, variable->high, variable->size, true);
        if (fault != NULL) return REFUSE(variable, i, "%s", fault);
        if (variable->counter != 0 && (variable->kind != TYPE_WHOLE || variable->low > 0 || variable->high < 0)) {
            return REFUSE(variable, i, "a counter is a whole number that begins at 0");
        }
    }
    for (uint32_t i = 0; i < program->state_count; i++) {
        const struct bundle_state *state = &program->state[i];
        bool wait = state->kind == STATE_WAIT, asks = state->kind == STATE_ASK;
        if (state->clock_ms >= CIVIL_DAY_MS || state->weekday > 7)
            return REFUSE(state, i, "its time of day or weekday does not exist");
        if (wait && (state->granted != PROGRAM_NONE || state->declined != PROGRAM_NONE))
            return REFUSE(state, i, "a wait is not granted or declined");
        if (wait && (state->timeout != PROGRAM_NONE) != (state->deadline != DEADLINE_NONE))
            return REFUSE(state, i, "a deadline and where it leads go together");
        if (wait && state->deadline == DEADLINE_NONE && state->case_count == 0)
            return REFUSE(state, i, "it waits for nothing");
        if (!wait && !asks &&
            (state->timeout != PROGRAM_NONE || state->case_count != 0 || state->deadline != DEADLINE_NONE))
            return REFUSE(state, i, "a request has neither deadline nor cases");
        if (!wait && !asks && (state->granted == PROGRAM_NONE || state->declined == PROGRAM_NONE))
            return REFUSE(state, i, "a request is granted or declined, and one of them leads nowhere");
        const char *fault = ask_fault(program, state);
        if (fault != NULL) return REFUSE(state, i, "%s", fault);
        if (state->case_count > LIMIT_CASES_PER_WAIT) return REFUSE(state, i, "it waits for more than 32 events");
        if (state->deadline == DEADLINE_DURATION && state->duration < 0)
            return REFUSE(state, i, "its deadline lies before its beginning");
    }
    return OK;
}

static enum status check_effects(const struct program *program, struct error *error)
{
    for (uint32_t i = 0; i < program->effect_count; i++) {
        const struct bundle_effect *effect = &program->effect[i];
        uint32_t count = 0;
        switch ((enum act)effect->kind) {
        case ACT_SEND: count = program->message_count; break;
        case ACT_CREDIT: count = program->offer_count; break;
        case ACT_DO: count = program->action_count; break;
        case ACT_TAG:
        case ACT_UNTAG: count = program->tag_count; break;
        case ACT_ASK: count = 1; break;
        case ACT_TELL: count = program->event_count; break;
        case ACT_GIVE_CODE:
        case ACT_RELEASE_CODE: count = program->pool_count; break;
        case ACT_SPEND: count = program->points_count; break;
        case ACT_AWARD: count = program->badge_count; break;
        case EFFECT_COUNT: break;
        }
        if (effect->object >= count)
            return REFUSE(effect, i, "field object points outside its section (it is %u)", effect->object);
        if (effect->kind == ACT_SEND ? effect->channel >= program->channel_count : effect->channel != PROGRAM_NONE) {
            return REFUSE(effect, i, "field channel is wrong: a message has one, nothing else has");
        }
        if (effect->kind == ACT_SPEND && effect->value_count != 1)
            return REFUSE(effect, i, "points are spent by number");
        if (effect->value_count > 16) return REFUSE(effect, i, "it carries more than 16 values");
        bool code = effect->kind == ACT_GIVE_CODE || effect->kind == ACT_RELEASE_CODE;
        const char *bare = effect->kind == ACT_TAG || effect->kind == ACT_UNTAG ? "a tag"
                           : effect->kind == ACT_ASK                            ? "a question"
                           : effect->kind == ACT_AWARD                          ? "a badge"
                           : code                                               ? "a code"
                                                                                : NULL;
        if (bare != NULL && effect->value_count != 0) return REFUSE(effect, i, "%s carries no values", bare);
    }
    for (uint32_t i = 0; i < program->value_count; i++) {
        const struct bundle_value *value = &program->value[i];
        const char *fault = type_fault(program, value->kind, value->of, 0, 0, 0, true);
        if (fault != NULL) return REFUSE(value, i, "%s", fault);
    }
    for (uint32_t i = 0; i < program->term_count; i++) {
        const struct bundle_term *term = &program->term[i];
        const char *fault = type_fault(program, term->type, term->of, term->number, term->number, 0, false);
        if (fault != NULL) return REFUSE(term, i, "%s", fault);
        if (term->type == TYPE_DATE && (term->number < CIVIL_DATE_MIN || term->number > CIVIL_DATE_MAX))
            return REFUSE(term, i, "its day lies outside the calendar");
    }
    for (uint32_t i = 0; i < program->split_count; i++) {
        const struct bundle_split *split = &program->split[i];
        if ((uint64_t)split->seed != split_seed(program_text(program, split->name)))
            return REFUSE(split, i, "its seed is not that of its name");
        uint32_t upto = 0;
        if (split->arm_count < 2 || split->arm_count > LIMIT_SPLIT_ARMS)
            return REFUSE(split, i, "a split has 2 to 16 arms");
        for (uint32_t a = 0; a < split->arm_count; a++) {
            const struct bundle_arm *arm = &program->arm[split->arm_first + a];
            if (arm->upto < upto) return REFUSE(arm, split->arm_first + a, "its share is below zero");
            upto = arm->upto;
        }
        if (upto != 1000000) return REFUSE(split, i, "its arms make %u millionths, not 1,000,000", upto);
    }
    for (uint32_t i = 0; i < program->rule_count; i++) {
        if (program->rule[i].from_ms > CIVIL_DAY_MS || program->rule[i].to_ms > CIVIL_DAY_MS) {
            return REFUSE(rule, i, "its hours lie outside the day");
        }
    }
    return OK;
}

/* Regions follow one another without gaps, and each belongs to the campaign that names it. */
static enum status check_regions(const struct program *program, struct error *error)
{
    uint32_t code = 0, site = 0;
    for (uint32_t i = 0; i < program->region_count; i++) {
        const struct bundle_region *region = &program->region[i];
        if (region->code_first != code || region->site_first != site)
            return REFUSE(region, i, "it does not begin where the one before ends");
        if (region->code_count > LIMIT_INSTRUCTIONS_PER_CAMPAIGN)
            return REFUSE(region, i, "it has more than 65,535 instructions");
        if (region->site_count > LIMIT_CONDITIONS_PER_CAMPAIGN)
            return REFUSE(region, i, "it has more than 1,024 condition sites");
        if (region->register_count > PROGRAM_REGISTERS) return REFUSE(region, i, "it uses more than 64 registers");
        if ((region->campaign == PROGRAM_NONE) != (i == 0))
            return REFUSE(region, i, "region 0 belongs to no campaign, and every other to one");
        if (i > 0 && program->campaign[region->campaign].region != i)
            return REFUSE(region, i, "its campaign names another region");
        code += region->code_count;
        site += region->site_count;
    }
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->region[program->campaign[i].region].campaign != i)
            return REFUSE(campaign, i, "its region belongs to another campaign");
    }
    if (code != program->instruction_count)
        return REFUSE(region, program->region_count, "instructions are left that belong to no region");
    if (program->site_count != 0 && site != program->site_count)
        return REFUSE(region, program->region_count, "sites are left that belong to no region");
    return OK;
}

enum status layout_check(const struct program *program, struct error *error)
{
    if (program->workspace_count != 1) {
        return error_set(error, STATUS_REFUSED, "section workspace has %u records; it must have exactly one",
                         program->workspace_count);
    }
    for (unsigned i = 0; i < layout_section_count; i++) {
        RETURN_IF_FAILED(check_section(program, &layout_sections[i], error));
    }
    RETURN_IF_FAILED(check_strings(program, error));
    RETURN_IF_FAILED(check_schema(program, error));
    RETURN_IF_FAILED(check_campaigns(program, error));
    RETURN_IF_FAILED(check_effects(program, error));
    RETURN_IF_FAILED(check_regions(program, error));
    return meaning_check(program, error);
}
