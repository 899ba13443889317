/* What segments read. See segment_reads.h. */
#include "runtime/lab/segment_reads.h"

#include "runtime/lab/membership.h"
#include "vm/layout.h"
#include "vm/memory.h"

struct reads {
    const struct program *program;
    bool *slot, *event; /* by player slot, by EVENT */
    bool *property;     /* by METRIC: of the aggregate PROPERTY */
    bool *reached;      /* by instruction of region 0; twice, for formulas */
    bool time, within;
};

static void read_code(struct reads *reads, uint32_t pc);

static void read_metric(struct reads *reads, uint32_t number)
{
    const struct program *program = reads->program;
    const struct bundle_metric *metric = &program->metric[number];
    if (metric->aggregate == AGGREGATE_PROPERTY) {
        reads->property[number] = true;
        return;
    }
    if (metric->event != PROGRAM_NONE) {
        reads->event[metric->event] = true;
    }
    if (metric->reversal != PROGRAM_NONE) {
        reads->event[metric->reversal] = true;
    }
    if (metric->players_zone && program->workspace->zone_attribute != PROGRAM_NONE) {
        reads->slot[program->attribute[program->workspace->zone_attribute].slot] = true;
    }
    if (metric->aggregate == AGGREGATE_FORMULA) {
        if (!reads->within) {
            reads->within = true;
            read_code(reads, metric->code);
            reads->within = false;
        }
        return;
    }
    reads->time = reads->time || metric->span == SPAN_ROLLING || metric->span == SPAN_THIS ||
                  metric->span == SPAN_PREVIOUS || metric->span == SPAN_BEFORE ||
                  metric->aggregate == AGGREGATE_DAYS_IN_A_ROW;
}

static void read_operand(struct reads *reads, enum operand kind, int64_t operand)
{
    const struct program *program = reads->program;
    if (kind == OPERAND_PLAYER || kind == OPERAND_PLAYER_TEXT || kind == OPERAND_PLAYER_ANY) {
        reads->slot[operand] = true;
    } else if (kind == OPERAND_METRIC || kind == OPERAND_METRIC_TEXT || kind == OPERAND_METRIC_ANY) {
        read_metric(reads, (uint32_t)operand);
    } else if (kind == OPERAND_PLACE && operand == PLACE_PLAYER && program->workspace->zone_attribute != PROGRAM_NONE) {
        reads->slot[program->attribute[program->workspace->zone_attribute].slot] = true;
    }
}

static bool asks_time(uint16_t op)
{
    return op == OP_LOAD_NOW || op == OP_YEARS_SINCE || (op >= OP_IF_WITHIN_EVENT && op <= OP_IF_BEYOND_JOURNEY) ||
           (op >= OP_IF_WITHIN_CONST && op <= OP_IF_BEYOND_DATES);
}

/* All code that can be reached: skips go forward, so one pass finds it. */
static void read_code(struct reads *reads, uint32_t pc)
{
    const struct bundle_region *region = &reads->program->region[0];
    const uint32_t first = region->code_first, count = region->code_count;
    bool *reached = reads->reached + (reads->within ? count : 0);
    memset(reached, 0, count * sizeof *reached);
    if (pc < first || pc - first >= count) {
        return;
    }
    reached[pc - first] = true;
    for (uint32_t i = pc - first; i < count; i++) {
        const struct instruction *at = &reads->program->instruction[first + i];
        const struct layout_opcode *row = layout_opcode(at->op);
        if (!reached[i] || row == NULL) {
            continue;
        }
        reads->time = reads->time || asks_time(at->op);
        read_operand(reads, row->a, at->a);
        read_operand(reads, row->b, at->b);
        read_operand(reads, row->c, at->c);
        read_operand(reads, row->imm, at->imm);
        if (row->c == OPERAND_SKIP && i + 1 + at->c < count) {
            reached[i + 1 + at->c] = true;
        }
        const bool ends = at->op == OP_ACCEPT || at->op == OP_REJECT || at->op == OP_JUMP || at->op == OP_YIELD ||
                          at->op == OP_YIELD_TEXT;
        if (!ends && i + 1 < count) {
            reached[i + 1] = true;
        }
    }
}

static void print_name(struct buffer *out, bool *first, struct text name)
{
    buffer_print(out, "%s%.*s", *first ? "" : ", ", TEXT_ARGS(name));
    *first = false;
}

static void print_reads(struct buffer *out, const struct reads *reads)
{
    const struct program *program = reads->program;
    bool first = true;
    if (reads->slot[PROGRAM_SLOT_TAGS]) {
        print_name(out, &first, TEXT("tags"));
    }
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        if (reads->slot[program->attribute[i].slot]) {
            print_name(out, &first, program_text(program, program->attribute[i].name));
        }
    }
    for (uint32_t i = 0; i < program->event_count; i++) {
        if (reads->event[i]) {
            print_name(out, &first, program_text(program, program->event[i].name));
        }
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        if (reads->property[i]) {
            print_name(out, &first, program_text(program, program->metric[i].name));
        }
    }
    if (reads->time) {
        print_name(out, &first, TEXT("time alone"));
    }
    if (first) {
        buffer_string(out, "nothing");
    }
}

bool segment_reads_print(struct buffer *out, const struct program *program)
{
    const uint32_t slots = program->workspace->player_slot_count, events = program->event_count;
    struct reads reads = {.program = program};
    reads.slot = memory_alloc_array(slots + 1, sizeof *reads.slot);
    reads.event = memory_alloc_array(events + 1, sizeof *reads.event);
    reads.property = memory_alloc_array(program->metric_count + 1, sizeof *reads.property);
    reads.reached = memory_alloc_array((size_t)program->region[0].code_count * 2 + 1, sizeof *reads.reached);
    const bool room = reads.slot != NULL && reads.event != NULL && reads.property != NULL && reads.reached != NULL;
    for (uint32_t i = 0; room && i < program->segment_count; i++) {
        uint32_t starts = 0;
        for (uint32_t j = 0; j < program->campaign_count; j++) {
            starts += program->campaign[j].start_segment == i;
        }
        if (starts == 0) {
            continue;
        }
        memset(reads.slot, 0, slots * sizeof *reads.slot);
        memset(reads.event, 0, events * sizeof *reads.event);
        memset(reads.property, 0, program->metric_count * sizeof *reads.property);
        reads.time = false;
        read_code(&reads, program->segment[i].filter);
        buffer_string(out, membership_is_of_line(program, i) ? "  " : "  segment ");
        membership_name(out, program, i);
        buffer_print(out, " starts %u %s; it changes by ", starts, starts == 1 ? "campaign" : "campaigns");
        print_reads(out, &reads);
        buffer_string(out, "\n");
    }
    memory_release(reads.slot);
    memory_release(reads.event);
    memory_release(reads.property);
    memory_release(reads.reached);
    return room;
}
