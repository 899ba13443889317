/*
 * The disassembler. Records are printed by the table, field by field, without those that say nothing (zero or none). Code is
 * printed by region with labels where something leads; its comments come from the records around it.
 */
#include "vm/disassemble.h"

#include <stdio.h>

#include "vm/decimal.h"
#include "vm/layout.h"
#include "vm/memory.h"

struct printer {
    struct buffer *out;
    const struct program *program;
    bool *labelled;  /* by pc: something leads here */
    uint32_t *event; /* by pc: the event in the bank, PROGRAM_NONE none or not the same on all ways */
    uint32_t region;
};

#define NOT_SEEN UINT32_C(0xFFFFFFFE)

static void print_quoted(struct buffer *out, struct text text)
{
    INVARIANT(text.at != NULL || text.size == 0);
    buffer_u8(out, '"');
    for (uint32_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte == '"' || byte == '\\')
            buffer_print(out, "\\%c", byte);
        else if (byte == '\n')
            buffer_string(out, "\\n");
        else if (byte < 0x20 || byte == 0x7F)
            buffer_print(out, "\\x%02x", byte);
        else
            buffer_u8(out, byte);
    }
    buffer_u8(out, '"');
}

/* ---------------------------------------------------------------- records */

static void print_field(const struct printer *printer, const struct layout_field *field, const unsigned char *at)
{
    struct buffer *out = printer->out;
    if (field->kind == LAYOUT_I64) {
        int64_t value;
        memcpy(&value, at, sizeof value);
        if (value == 0) return;
        buffer_print(out, " %s=", field->name);
        if (value == INT64_MIN)
            buffer_string(out, "min");
        else if (value == INT64_MAX)
            buffer_string(out, "max");
        else
            buffer_decimal(out, value);
        return;
    }
    uint32_t value;
    memcpy(&value, at, sizeof value);
    bool or_none =
        field->kind == LAYOUT_TEXT_OR_NONE || field->kind == LAYOUT_INDEX_OR_NONE || field->kind == LAYOUT_PC_OR_NONE;
    if (value == (or_none ? PROGRAM_NONE : 0) && field->kind != LAYOUT_TEXT) return;
    buffer_print(out, " %s=", field->name);
    if (value == PROGRAM_NONE)
        buffer_string(out, "none");
    else if (field->kind == LAYOUT_TEXT || field->kind == LAYOUT_TEXT_OR_NONE)
        print_quoted(out, program_text(printer->program, value));
    else if (field->kind == LAYOUT_PC || field->kind == LAYOUT_PC_OR_NONE)
        buffer_print(out, "@L%u", value);
    else
        buffer_decimal(out, value);
}

static void print_record(const struct printer *printer, const struct layout_section *section, uint32_t index)
{
    const unsigned char *at =
        (const unsigned char *)layout_rows(printer->program, section) + (size_t)index * section->record_size;
    buffer_string(printer->out, section->name);
    for (const struct layout_field *field = section->fields; field->kind != LAYOUT_END; field++) {
        bool implied = section->number == SECTION_REGION &&
                       (strcmp(field->name, "code_first") == 0 || strcmp(field->name, "code_count") == 0 ||
                        strcmp(field->name, "site_first") == 0);
        if (!implied) print_field(printer, field, at);
        at += layout_field_size(field->kind);
    }
    buffer_u8(printer->out, '\n');
}

static void print_section(const struct printer *printer, const struct layout_section *section)
{
    uint32_t count = layout_count(printer->program, section);
    if (count == 0) return;
    buffer_print(printer->out, "\n# %u %s\n", count, section->name);
    for (uint32_t i = 0; i < count; i++) {
        if (section->number == SECTION_STRING) {
            buffer_string(printer->out, "string ");
            print_quoted(printer->out, program_text(printer->program, i));
            buffer_u8(printer->out, '\n');
        } else if (section->number == SECTION_WORD) {
            buffer_print(printer->out, "word 0x%016llx\n", (unsigned long long)printer->program->word[i]);
        } else if (section->fields[0].kind != LAYOUT_END) {
            print_record(printer, section, i);
        }
    }
}

/* ---------------------------------------------------------------- names of things */

static const char *field_name(const struct printer *printer, uint32_t event, uint32_t slot, struct text *out)
{
    static const char *const fixed[PROGRAM_EVENT_SLOTS] = {"time", "id", "about", "about effect"};
    const struct program *program = printer->program;
    *out = (struct text){NULL, 0};
    if (slot < PROGRAM_EVENT_SLOTS) {
        *out = text_of(fixed[slot]);
        return "";
    }
    if (event >= program->event_count) return NULL;
    for (uint32_t i = 0; i < program->event[event].field_count; i++) {
        const struct bundle_field *field = &program->field[program->event[event].field_first + i];
        if (field->slot == slot) {
            *out = program_text(program, field->name);
            return "";
        }
        if (field->slot + 1 == slot && field->kind == TYPE_MONEY && field->of == PROGRAM_NONE) {
            *out = program_text(program, field->name);
            return "'s currency";
        }
    }
    return NULL;
}

static void remark_slot(const struct printer *printer, uint32_t pc, enum bank bank, uint32_t slot)
{
    const struct program *program = printer->program;
    struct buffer *out = printer->out;
    struct text name;
    if (bank == BANK_EVENT) {
        uint32_t event = printer->event[pc];
        const char *suffix = field_name(printer, event, slot, &name);
        if (suffix == NULL) return;
        struct text of =
            event < program->event_count ? program_text(program, program->event[event].name) : TEXT("event");
        buffer_print(out, " %.*s.%.*s%s", TEXT_ARGS(of), TEXT_ARGS(name), suffix);
    } else if (bank == BANK_PLAYER) {
        if (slot == PROGRAM_SLOT_TAGS) buffer_string(out, " player.tags");
        if (slot == PROGRAM_SLOT_PLAYER_ID) buffer_string(out, " player.id");
        for (uint32_t i = 0; i < program->attribute_count; i++) {
            if (program->attribute[i].slot == slot)
                buffer_print(out, " player.%.*s", TEXT_ARGS(program_text(program, program->attribute[i].name)));
        }
    } else {
        uint32_t campaign = program->region[printer->region].campaign;
        if (campaign == PROGRAM_NONE || slot >= program->campaign[campaign].variable_count) return;
        name = program_text(program, program->variable[program->campaign[campaign].variable_first + slot].name);
        buffer_print(out, " journey.%.*s", TEXT_ARGS(name));
    }
}

static void remark_campaign_thing(const struct printer *printer, enum operand operand, int64_t value)
{
    const struct program *program = printer->program;
    struct buffer *out = printer->out;
    uint32_t number = program->region[printer->region].campaign;
    if (number == PROGRAM_NONE || value < 0) return;
    const struct bundle_campaign *campaign = &program->campaign[number];
    uint32_t n = (uint32_t)value;
    if (operand == OPERAND_STEP && n < campaign->step_count) {
        const struct bundle_step *step = &program->step[campaign->step_first + n];
        buffer_print(out, " step \"%.*s\", line %u", TEXT_ARGS(program_text(program, step->name)), step->line);
    } else if (operand == OPERAND_SPLIT && n < campaign->split_count) {
        const struct bundle_split *split = &program->split[campaign->split_first + n];
        buffer_print(out, " split \"%.*s\", line %u", TEXT_ARGS(program_text(program, split->name)), split->line);
    } else if (operand == OPERAND_EFFECT && n < campaign->effect_count) {
        const struct bundle_effect *effect = &program->effect[campaign->effect_first + n];
        buffer_print(out, " %.*s \"%.*s\", line %u", TEXT_ARGS(program_text(program, effect->action)),
                     TEXT_ARGS(program_text(program, effect->name)), effect->line);
    } else if (operand == OPERAND_STATE && n < campaign->state_count) {
        const struct bundle_state *state = &program->state[campaign->state_first + n];
        buffer_print(out, " %s of line %u",
                     state->kind == STATE_WAIT  ? "wait"
                     : state->kind == STATE_ASK ? "question"
                                                : "answer",
                     state->line);
    }
}

static void remark_site(const struct printer *printer, uint32_t number)
{
    const struct program *program = printer->program;
    const struct bundle_region *region = &program->region[printer->region];
    if (program->site_count == 0 || number == 0 || number >= region->site_count) return;
    const struct bundle_site *site = &program->site[region->site_first + number];
    buffer_print(printer->out, " `%.*s`, line %u", TEXT_ARGS(program_text(program, site->text)), site->line);
}

static void remark_operand(const struct printer *printer, uint32_t pc, enum operand operand, int64_t value)
{
    struct buffer *out = printer->out;
    size_t before = out->size;
    bool first = before > 0 && buffer_ok(out) && out->bytes[before - 1] == '#';
    if (!first) buffer_u8(out, ';');
    size_t start = out->size;
    switch (operand) {
    case OPERAND_EVENT:
    case OPERAND_EVENT_TEXT:
    case OPERAND_EVENT_ANY: remark_slot(printer, pc, BANK_EVENT, (uint32_t)value); break;
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: remark_slot(printer, pc, BANK_PLAYER, (uint32_t)value); break;
    case OPERAND_JOURNEY:
    case OPERAND_JOURNEY_TEXT:
    case OPERAND_JOURNEY_ANY: remark_slot(printer, pc, BANK_JOURNEY, (uint32_t)value); break;
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY:
        if (value >= 0 && value < (int64_t)printer->program->metric_count) {
            buffer_print(out, " %.*s", TEXT_ARGS(program_text(printer->program, printer->program->metric[value].name)));
        }
        break;
    case OPERAND_SITE: remark_site(printer, (uint32_t)value); break;
    case OPERAND_STATE:
    case OPERAND_STEP:
    case OPERAND_SPLIT:
    case OPERAND_EFFECT: remark_campaign_thing(printer, operand, value); break;
    case OPERAND_OFFER:
        if (value >= 0 && value < (int64_t)printer->program->offer_count)
            buffer_print(out, " \"%.*s\"",
                         TEXT_ARGS(program_text(printer->program, printer->program->offer[value].name)));
        break;
    default: break;
    }
    if (buffer_ok(out) && out->size == start) out->size = before; /* nothing to say, so no separator */
}

/* ---------------------------------------------------------------- code */

static void print_operand(struct buffer *out, const struct program *program, enum operand operand, int64_t value,
                          uint32_t pc, bool labels)
{
    switch (operand) {
    case OPERAND_OUT:
    case OPERAND_OUT_TEXT:
    case OPERAND_IN:
    case OPERAND_IN_TEXT:
    case OPERAND_REGISTERS:
    case OPERAND_REG_IMM:
    case OPERAND_REG_IMM_TEXT: buffer_print(out, "r%lld", (long long)value); return;
    case OPERAND_EVENT:
    case OPERAND_EVENT_TEXT:
    case OPERAND_EVENT_ANY: buffer_print(out, "e%lld", (long long)value); return;
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: buffer_print(out, "p%lld", (long long)value); return;
    case OPERAND_JOURNEY:
    case OPERAND_JOURNEY_TEXT:
    case OPERAND_JOURNEY_ANY: buffer_print(out, "j%lld", (long long)value); return;
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY: buffer_print(out, "m%lld", (long long)value); return;
    case OPERAND_SITE: buffer_print(out, "s%lld", (long long)value); return;
    case OPERAND_BITS: buffer_print(out, "w%lld", (long long)value); return;
    case OPERAND_SKIP:
        if (labels)
            buffer_print(out, "L%llu", (unsigned long long)pc + 1 + (unsigned long long)value);
        else
            buffer_print(out, "+%lld", (long long)value);
        return;
    case OPERAND_TEXT:
        if (value >= 0 && value < (int64_t)program->string_count)
            print_quoted(out, program_text(program, (uint32_t)value));
        else
            buffer_decimal(out, value);
        return;
    case OPERAND_PLACE: buffer_string(out, value == PLACE_PLAYER ? "player" : "campaign"); return;
    case OPERAND_RATIO:
    case OPERAND_CONVERSION:
        buffer_print(out, "%lld/%lu", (long long)(value >> 32), (unsigned long)(uint32_t)value);
        return;
    case OPERAND_CALENDAR:
        buffer_print(out, "%dm%dd%ld", calendar_months(value), calendar_days(value), (long)calendar_ms(value));
        return;
    case OPERAND_ZERO:
    case OPERAND_I64:
    case OPERAND_ROUNDING:
    case OPERAND_STATE:
    case OPERAND_STEP:
    case OPERAND_SPLIT:
    case OPERAND_EFFECT:
    case OPERAND_OFFER:
    case OPERAND_REASON:
    case OPERAND_COUNT: break;
    }
    buffer_decimal(out, value);
}

static void print_instruction(struct buffer *out, const struct program *program, uint32_t pc, bool labels)
{
    const struct instruction *at = &program->instruction[pc];
    const struct layout_opcode *opcode = layout_opcode(at->op);
    if (opcode == NULL) {
        buffer_print(out, "# %u is no instruction", at->op);
        return;
    }
    const enum operand kinds[4] = {opcode->a, opcode->b, opcode->c, opcode->imm};
    const int64_t values[4] = {at->a, at->b, at->c, at->imm};
    const char *separator = " ";
    buffer_string(out, opcode->name);
    for (unsigned i = 0; i < 4; i++) {
        if (kinds[i] == OPERAND_ZERO) continue;
        buffer_string(out, separator);
        separator = ", ";
        print_operand(out, program, kinds[i], values[i], pc,
                      labels && pc + 1 + (uint64_t)at->c < program->instruction_count);
    }
}

void disassemble_instruction(struct buffer *out, const struct program *program, uint32_t pc)
{
    print_instruction(out, program, pc, false);
}

static void remark_instruction(const struct printer *printer, uint32_t pc)
{
    const struct instruction *at = &printer->program->instruction[pc];
    const struct layout_opcode *opcode = layout_opcode(at->op);
    if (opcode == NULL) return;
    remark_operand(printer, pc, opcode->a, at->a);
    remark_operand(printer, pc, opcode->b, at->b);
    remark_operand(printer, pc, opcode->imm, at->imm);
}

/* ---------------------------------------------------------------- which event stands in the bank */

static void meet_event(struct printer *printer, uint32_t pc, uint32_t event)
{
    if (pc >= printer->program->instruction_count) return;
    printer->labelled[pc] = true;
    if (printer->event[pc] == NOT_SEEN)
        printer->event[pc] = event;
    else if (printer->event[pc] != event)
        printer->event[pc] = PROGRAM_NONE;
}

static void flow_event(struct printer *printer, uint32_t pc, uint32_t target, bool label)
{
    bool labelled = target < printer->program->instruction_count && printer->labelled[target];
    meet_event(printer, target, printer->event[pc]);
    if (target < printer->program->instruction_count) printer->labelled[target] = labelled || label;
}

static void mark_entries(struct printer *printer)
{
    const struct program *program = printer->program;
    for (uint32_t i = 0; i < program->segment_count; i++) meet_event(printer, program->segment[i].filter, PROGRAM_NONE);
    for (uint32_t i = 0; i < program->rule_count; i++) meet_event(printer, program->rule[i].filter, PROGRAM_NONE);
    for (uint32_t i = 0; i < program->pool_count; i++) meet_event(printer, program->pool[i].filter, PROGRAM_NONE);
    for (uint32_t i = 0; i < program->quota_count; i++) meet_event(printer, program->quota[i].filter, PROGRAM_NONE);
    for (uint32_t i = 0; i < program->metric_count; i++) {
        meet_event(printer, program->metric[i].code, program->metric[i].event);
        meet_event(printer, program->metric[i].reversal_code, program->metric[i].reversal);
    }
    for (uint32_t i = 0; i < program->earn_count; i++) {
        meet_event(printer, program->earn[i].code, program->earn[i].event);
        meet_event(printer, program->earn[i].reversal_code, program->earn[i].reversal);
    }
    for (uint32_t i = 0; i < program->measure_count; i++) {
        meet_event(printer, program->measure[i].code, program->measure[i].event);
        meet_event(printer, program->measure[i].reversal_code, program->measure[i].reversal);
    }
    for (uint32_t i = 0; i < program->order_count; i++) meet_event(printer, program->order[i].code, PROGRAM_NONE);
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        meet_event(printer, campaign->start_filter, campaign->start_event);
        meet_event(printer, campaign->start, campaign->start_event);
        meet_event(printer, campaign->audience, PROGRAM_NONE);
        meet_event(printer, campaign->goal_filter, campaign->goal_event);
    }
    for (uint32_t i = 0; i < program->leave_count; i++) {
        meet_event(printer, program->leave[i].filter, program->leave[i].event);
        meet_event(printer, program->leave[i].target, program->leave[i].event);
    }
    for (uint32_t i = 0; i < program->weight_count; i++)
        meet_event(printer, program->weight[i].filter, program->weight[i].event);
    for (uint32_t i = 0; i < program->state_count; i++) {
        meet_event(printer, program->state[i].timeout, PROGRAM_NONE);
        meet_event(printer, program->state[i].granted, PROGRAM_NONE);
        meet_event(printer, program->state[i].declined, PROGRAM_NONE);
    }
    for (uint32_t i = 0; i < program->wait_case_count; i++) {
        meet_event(printer, program->wait_case[i].filter, program->wait_case[i].event);
        meet_event(printer, program->wait_case[i].target, program->wait_case[i].event);
    }
    for (uint32_t pc = 0; pc < program->instruction_count; pc++) {
        const struct instruction *at = &program->instruction[pc];
        const struct layout_opcode *opcode = layout_opcode(at->op);
        if (opcode == NULL || printer->event[pc] == NOT_SEEN) continue;
        bool ends = at->op == OP_ACCEPT || at->op == OP_REJECT || at->op == OP_JUMP || at->op == OP_WAIT ||
                    at->op == OP_FINISH || at->op == OP_CREDIT || at->op == OP_ASK || at->op == OP_YIELD ||
                    at->op == OP_YIELD_TEXT || at->op == OP_GIVE_CODE || at->op == OP_RELEASE_CODE;
        if (!ends) flow_event(printer, pc, pc + 1, false);
        if (opcode->c == OPERAND_SKIP) flow_event(printer, pc, pc + 1 + at->c, true);
    }
    for (uint32_t pc = 0; pc < program->instruction_count;
         pc++) { /* skips in code that nothing leads to need labels as well */
        const struct instruction *at = &program->instruction[pc];
        const struct layout_opcode *opcode = layout_opcode(at->op);
        if (opcode != NULL && opcode->c == OPERAND_SKIP && pc + 1 + (uint64_t)at->c < program->instruction_count)
            printer->labelled[pc + 1 + at->c] = true;
    }
}

/* ---------------------------------------------------------------- what enters where */

static void entry_line(const struct printer *printer, uint32_t pc, uint32_t entry, const char *what, uint32_t line)
{
    if (pc != entry) return;
    if (line != 0)
        buffer_print(printer->out, "  # %s, line %u\n", what, line);
    else
        buffer_print(printer->out, "  # %s\n", what);
}

static void campaign_entries(const struct printer *printer, uint32_t pc, const struct bundle_campaign *campaign)
{
    const struct program *program = printer->program;
    char what[160];
    entry_line(printer, pc, campaign->start_filter, "filter of the start", campaign->line);
    entry_line(printer, pc, campaign->audience, "filter of the players", campaign->line);
    entry_line(printer, pc, campaign->start, "the start", campaign->line);
    entry_line(printer, pc, campaign->goal_filter, "filter of the goal", campaign->line);
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        const struct bundle_leave *leave = &program->leave[campaign->leave_first + i];
        entry_line(printer, pc, leave->filter, "filter of a leave line", leave->line);
        entry_line(printer, pc, leave->target, "a leave line", leave->line);
    }
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        if (offer->campaign == PROGRAM_NONE || &program->campaign[offer->campaign] != campaign) continue;
        for (uint32_t w = 0; w < offer->weight_count; w++)
            entry_line(printer, pc, program->weight[offer->weight_first + w].filter, "filter of an offer", 0);
    }
    for (uint32_t i = 0; i < campaign->state_count; i++) {
        const struct bundle_state *state = &program->state[campaign->state_first + i];
        entry_line(printer, pc, state->timeout, "time is up", state->line);
        entry_line(printer, pc, state->granted, "granted", state->line);
        entry_line(printer, pc, state->declined, "declined", state->line);
        for (uint32_t n = 0; n < state->case_count; n++) {
            const struct bundle_wait_case *wait_case = &program->wait_case[state->case_first + n];
            struct text event = program_text(program, program->event[wait_case->event].name);
            (void)snprintf(what, sizeof what, "filter of when %.*s", TEXT_ARGS(event));
            entry_line(printer, pc, wait_case->filter, what, wait_case->line);
            (void)snprintf(what, sizeof what, "when %.*s", TEXT_ARGS(event));
            entry_line(printer, pc, wait_case->target, what, wait_case->line);
        }
    }
}

static void print_entries(const struct printer *printer, uint32_t pc)
{
    const struct program *program = printer->program;
    uint32_t campaign = program->region[printer->region].campaign;
    if (campaign != PROGRAM_NONE) {
        campaign_entries(printer, pc, &program->campaign[campaign]);
        return;
    }
    char what[160];
    for (uint32_t i = 0; i < program->segment_count; i++) {
        (void)snprintf(what, sizeof what, "segment \"%.*s\"",
                       TEXT_ARGS(program_text(program, program->segment[i].name)));
        entry_line(printer, pc, program->segment[i].filter, what, program->segment[i].line);
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        struct text name = program_text(program, metric->name);
        (void)snprintf(what, sizeof what, "metric %.*s", TEXT_ARGS(name));
        entry_line(printer, pc, metric->code, what, metric->line);
        (void)snprintf(what, sizeof what, "metric %.*s, taken back", TEXT_ARGS(name));
        entry_line(printer, pc, metric->reversal_code, what, metric->line);
    }
    for (uint32_t i = 0; i < program->points_count; i++) {
        const struct bundle_points *points = &program->points[i];
        struct text name = program_text(program, points->name);
        for (uint32_t j = points->earn_first; j < points->earn_first + points->earn_count; j++) {
            const struct bundle_earn *earn = &program->earn[j];
            (void)snprintf(what, sizeof what, "points \"%.*s\"", TEXT_ARGS(name));
            entry_line(printer, pc, earn->code, what, earn->line);
            (void)snprintf(what, sizeof what, "points \"%.*s\", taken back", TEXT_ARGS(name));
            entry_line(printer, pc, earn->reversal_code, what, earn->line);
        }
    }
    for (uint32_t i = 0; i < program->measure_count; i++) {
        const struct bundle_measure *measure = &program->measure[i];
        struct text name = program_text(program, measure->name);
        (void)snprintf(what, sizeof what, "%s \"%.*s\"", measure->is_goal != 0 ? "goal" : "measure", TEXT_ARGS(name));
        entry_line(printer, pc, measure->code, what, measure->line);
        (void)snprintf(what, sizeof what, "%s \"%.*s\", taken back", measure->is_goal != 0 ? "goal" : "measure",
                       TEXT_ARGS(name));
        entry_line(printer, pc, measure->reversal_code, what, measure->line);
    }
    for (uint32_t i = 0; i < program->rule_count; i++) {
        (void)snprintf(what, sizeof what, "rule of \"%.*s\"", TEXT_ARGS(program_text(program, program->rule[i].name)));
        entry_line(printer, pc, program->rule[i].filter, what, program->rule[i].line);
    }
    for (uint32_t i = 0; i < program->pool_count; i++) {
        (void)snprintf(what, sizeof what, "codes \"%.*s\"", TEXT_ARGS(program_text(program, program->pool[i].name)));
        entry_line(printer, pc, program->pool[i].filter, what, program->pool[i].line);
    }
    for (uint32_t i = 0; i < program->quota_count; i++) {
        (void)snprintf(what, sizeof what, "quota \"%.*s\"", TEXT_ARGS(program_text(program, program->quota[i].name)));
        entry_line(printer, pc, program->quota[i].filter, what, program->quota[i].line);
    }
}

/* An empty line before what was just written at `at`. */
static void blank_before(struct buffer *out, size_t at)
{
    buffer_u8(out, '\n');
    if (!buffer_ok(out)) return;
    memmove(out->bytes + at + 1, out->bytes + at, out->size - at - 1);
    out->bytes[at] = '\n';
}

/* A campaign's name and what it can do at most. */
static void print_banner(const struct printer *printer, uint32_t number)
{
    const struct program *program = printer->program;
    const struct bundle_campaign *campaign = &program->campaign[number];
    struct buffer *out = printer->out;
    buffer_print(out, "\n# ---- campaign \"%.*s\"\n", TEXT_ARGS(program_text(program, campaign->name)));
    if (number >= program->bound_count) return;
    const struct bundle_bound *bound = &program->bound[number];
    const int64_t spends[3] = {bound->spend_journey, bound->spend_player, bound->spend_campaign};
    static const char *const per[3] = {"a journey", "a player", "in all"};
    buffer_print(out, "# at most %u instructions, %u effects and %u bytes in one activation", bound->instructions,
                 bound->effects, bound->arena_bytes);
    if (bound->activations != PROGRAM_NONE) buffer_print(out, ", %u activations in a journey", bound->activations);
    buffer_string(out, "\n# spends at most");
    for (unsigned i = 0; i < 3; i++) {
        buffer_string(out, i == 0 ? " " : ", ");
        if (spends[i] < 0)
            buffer_string(out, "without limit");
        else
            decimal_print(out, spends[i], program->currency[campaign->currency].decimals, DECIMAL_GROUPS);
        buffer_print(out, " %s", per[i]);
    }
    buffer_print(out, " (%.*s)\n", TEXT_ARGS(program_text(program, program->currency[campaign->currency].code)));
}

static void print_region(struct printer *printer, uint32_t index)
{
    const struct program *program = printer->program;
    const struct bundle_region *region = &program->region[index];
    struct buffer *out = printer->out;
    printer->region = index;
    if (region->campaign == PROGRAM_NONE)
        buffer_string(out, "\n# ---- policies and segments\n");
    else
        print_banner(printer, region->campaign);
    print_record(printer, layout_section(SECTION_REGION), index);
    for (uint32_t i = 0; i < region->code_count; i++) {
        uint32_t pc = region->code_first + i;
        if (printer->labelled[pc]) {
            size_t label_at = out->size;
            print_entries(printer, pc);
            if (out->size != label_at) blank_before(out, label_at);
            buffer_print(out, "L%u:\n", pc);
        }
        buffer_string(out, "    ");
        print_instruction(out, program, pc, true);
        size_t code_end = out->size;
        buffer_string(out, "  #");
        size_t remark_start = out->size;
        remark_instruction(printer, pc);
        if (out->size == remark_start && buffer_ok(out)) out->size = code_end; /* nothing to say */
        buffer_u8(out, '\n');
    }
}

void disassemble(struct buffer *out, const struct program *program)
{
    size_t count = (size_t)program->instruction_count + 1;
    struct printer printer = {.out = out, .program = program};
    printer.labelled = memory_alloc_array(count, sizeof *printer.labelled);
    printer.event = memory_alloc_array(count, sizeof *printer.event);
    if (printer.labelled == NULL || printer.event == NULL) {
        out->failed = true;
    } else {
        for (size_t i = 0; i < count; i++) printer.event[i] = NOT_SEEN;
        mark_entries(&printer);
        char hash[65] = "";
        for (unsigned i = 0; i < 32; i++) (void)snprintf(hash + 2 * i, 3, "%02x", program->semantic_hash[i]);
        buffer_print(
            out, "# workspace \"%.*s\": %u events, %u attributes, %u campaigns, %u instructions\n# semantic hash %s\n",
            TEXT_ARGS(program_text(program, program->workspace->name)), program->event_count, program->attribute_count,
            program->campaign_count, program->instruction_count, hash);
        for (unsigned i = 0; i < layout_section_count; i++) {
            if (layout_sections[i].number == SECTION_CODE || layout_sections[i].number == SECTION_BYTES) continue;
            if (layout_sections[i].number == SECTION_REGION) {
                for (uint32_t r = 0; r < program->region_count; r++) print_region(&printer, r);
            } else {
                print_section(&printer, &layout_sections[i]);
            }
        }
    }
    memory_release(printer.labelled);
    memory_release(printer.event);
}
