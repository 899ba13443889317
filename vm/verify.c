/*
 * The verifier. Code goes forward only, so one pass from the first instruction of a region to the last meets every
 * instruction after all that lead to it: facts flow along, join where ways meet, and are checked at each instruction.
 *
 *   facts at an entry ──► instruction ──► facts ──► next instruction
 *                              └── skip ──► waiting[target]   (joined there with what else arrives)
 *
 * A fact is: which registers hold a number or a text, within which range or size; which optional slots are known; which
 * event stands in the event bank; whether there is a journey. Numbers come from declared ranges, which intake enforces.
 *
 * Not here: what one instruction may do (vm/verify_code.c), slots (vm/verify_slots.c), the records (vm/layout.c), the ways
 * of a whole journey (vm/bounds.c). spec: bytecode.md
 */
#include "vm/verify.h"

#include <stdio.h>

#include "vm/bounds.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/verify_parts.h"

#define refuse verify_refuse /* it stands on every second line */

enum {
    WAITING_MAX = 16384, /* facts that wait for their instruction at one time; bounds the verifier's memory */
    WORDS_SIZE = 256,    /* of a message, and … */
    WHERE_SIZE = 160,    /* … of what it says of the place; longer ones are cut */
};

enum status verify_refuse(const struct verify *verify, uint32_t pc, const char *format, ...)
{
    char words[WORDS_SIZE], where[WHERE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (verify->campaign == NULL) {
        (void)snprintf(where, sizeof where, "policies and segments");
    } else {
        (void)snprintf(where, sizeof where, "campaign `%.*s`",
                       TEXT_ARGS(program_text(verify->program, verify->campaign->name)));
    }
    if (pc >= verify->region->code_count)
        return error_set(verify->error, STATUS_REFUSED, "%s: %s", where, words); /* of no instruction */
    const struct layout_opcode *opcode = layout_opcode(code_of(verify)[pc].op);
    return error_set(verify->error, STATUS_REFUSED, "%s, instruction %u%s%s: %s", where,
                     verify->region->code_first + pc, opcode != NULL ? " " : "", opcode != NULL ? opcode->name : "",
                     words);
}

enum status verify_no_memory(const struct verify *verify)
{
    return error_set(verify->error, STATUS_NO_MEMORY, "no memory to verify the program");
}

/* ---------------------------------------------------------------- facts */

/* What holds on both ways. False when they cannot meet. */
static bool join(struct facts *into, const struct facts *other)
{
    if (into->entered != other->entered || into->metric != other->metric) return false;
    if (other->copied > into->copied) into->copied = other->copied;
    into->journey = into->journey && other->journey;
    if (into->event != other->event) into->event = PROGRAM_NONE; /* and nobody asks what is known of it */
    for (unsigned i = 0; i < EVENT_WORDS; i++) into->event_known[i] &= other->event_known[i];
    for (unsigned i = 0; i < PLAYER_WORDS; i++) into->player_known[i] &= other->player_known[i];
    for (unsigned i = 0; i < METRIC_WORDS; i++) into->metric_known[i] &= other->metric_known[i];
    into->journey_known &= other->journey_known;
    into->carried |= other->carried;
    into->defined &= other->defined & ~(into->texts ^ other->texts);
    for (uint64_t mask = into->defined; mask != 0; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctzll(mask);
        into->borrowed[i] |= other->borrowed[i];
        if (other->low[i] < into->low[i]) into->low[i] = other->low[i];
        if (other->high[i] > into->high[i]) into->high[i] = other->high[i];
    }
    return true;
}

enum status verify_leave(struct verify *verify, uint32_t from, uint32_t target, const struct facts *facts)
{
    struct facts **place = &verify->waiting[target];
    if (*place != NULL) {
        if (!join(*place, facts)) return refuse(verify, target, "code of two kinds, or of two metrics, meets here");
        return OK;
    }
    if (verify->waiting_count == WAITING_MAX) return refuse(verify, from, "more than 16,384 ways are open at once");
    struct facts *copy = verify->free;
    if (copy != NULL) {
        verify->free = copy->next_free;
    } else {
        copy = memory_alloc(sizeof *copy);
        if (copy == NULL) return verify_no_memory(verify);
    }
    *copy = *facts;
    *place = copy;
    verify->waiting_count++;
    return OK;
}

/* ---------------------------------------------------------------- the pass */

/* One entry: facts that hold when the engine comes in there. */
static enum status enter_with(struct verify *verify, uint32_t pc, struct facts facts)
{
    if (pc == PROGRAM_NONE) return OK;
    if (pc < verify->region->code_first || pc - verify->region->code_first >= verify->region->code_count) {
        return refuse(verify, verify->region->code_count, "an entry lies in another region (instruction %u of all)",
                      pc);
    }
    return verify_leave(verify, verify->region->code_count, pc - verify->region->code_first, &facts);
}

/* Where a journey goes on, or where its filter is asked. */
static enum status enter(struct verify *verify, uint32_t pc, bool filter, uint32_t event, uint64_t journey_known)
{
    return enter_with(verify, pc,
                      (struct facts){.entered = filter ? AS_FILTER : AS_JOURNEY,
                                     .journey = true,
                                     .event = event,
                                     .journey_known = journey_known});
}

/* A filter where there is no journey. */
static enum status enter_filter(struct verify *verify, uint32_t pc, uint32_t event)
{
    return enter_with(verify, pc, (struct facts){.entered = AS_FILTER, .event = event});
}

static enum status enter_state(struct verify *verify, const struct bundle_state *state)
{
    const struct program *program = verify->program;
    uint64_t known = (uint64_t)state->known | verify->counters;
    uint64_t all =
        verify->campaign->variable_count == 64 ? UINT64_MAX : (UINT64_C(1) << verify->campaign->variable_count) - 1;
    if ((known & ~all) != 0)
        return refuse(verify, verify->region->code_count, "a state knows a variable that does not exist");
    RETURN_IF_FAILED(enter(verify, state->timeout, false, PROGRAM_NONE, known));
    uint32_t answer = PROGRAM_NONE;
    if (state->kind == STATE_ASK && program->ask[state->ask].query != PROGRAM_NONE)
        answer = program->query[program->ask[state->ask].query].event;
    if (state->kind == STATE_CODE) answer = program->pool[state->ask].given;
    RETURN_IF_FAILED(enter(verify, state->granted, false, answer, known));
    RETURN_IF_FAILED(enter(verify, state->declined, false, PROGRAM_NONE, known));
    for (uint32_t i = 0; i < state->case_count; i++) {
        const struct bundle_wait_case *wait_case = &program->wait_case[state->case_first + i];
        RETURN_IF_FAILED(enter(verify, wait_case->filter, true, wait_case->event, known));
        RETURN_IF_FAILED(enter(verify, wait_case->target, false, wait_case->event, known));
    }
    return OK;
}

static enum status enter_campaign(struct verify *verify)
{
    const struct program *program = verify->program;
    const struct bundle_campaign *campaign = verify->campaign;
    RETURN_IF_FAILED(enter_filter(verify, campaign->start_filter, campaign->start_event));
    RETURN_IF_FAILED(enter_filter(verify, campaign->audience, PROGRAM_NONE));
    RETURN_IF_FAILED(enter(verify, campaign->start, false, campaign->start_event, verify->counters));
    RETURN_IF_FAILED(enter_filter(verify, campaign->goal_filter, campaign->goal_event));
    uint64_t resting = UINT64_MAX; /* known wherever a journey rests */
    for (uint32_t i = 0; i < campaign->state_count; i++) {
        const struct bundle_state *state = &program->state[campaign->state_first + i];
        RETURN_IF_FAILED(enter_state(verify, state));
        resting &= (uint64_t)state->known | verify->counters;
    }
    if (campaign->state_count == 0) resting = verify->counters;
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        const struct bundle_leave *leave = &program->leave[campaign->leave_first + i];
        RETURN_IF_FAILED(enter(verify, leave->filter, true, leave->event, resting));
        RETURN_IF_FAILED(enter(verify, leave->target, false, leave->event, resting));
    }
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        if (offer->campaign == PROGRAM_NONE || &program->campaign[offer->campaign] != campaign) continue;
        for (uint32_t w = 0; w < offer->weight_count; w++) {
            const struct bundle_weight *weight = &program->weight[offer->weight_first + w];
            RETURN_IF_FAILED(enter_filter(verify, weight->filter, weight->event));
        }
    }
    return OK;
}

static enum status enter_shared(struct verify *verify)
{
    const struct program *program = verify->program;
    for (uint32_t i = 0; i < program->segment_count; i++) {
        RETURN_IF_FAILED(enter_filter(verify, program->segment[i].filter, PROGRAM_NONE));
    }
    for (uint32_t i = 0; i < program->rule_count; i++) {
        RETURN_IF_FAILED(enter_filter(verify, program->rule[i].filter, PROGRAM_NONE));
    }
    for (uint32_t i = 0; i < program->pool_count; i++)
        RETURN_IF_FAILED(enter_filter(verify, program->pool[i].filter, PROGRAM_NONE));
    for (uint32_t i = 0; i < program->quota_count; i++)
        RETURN_IF_FAILED(enter_filter(verify, program->quota[i].filter, PROGRAM_NONE));
    for (uint32_t i = 0; i < program->metric_count; i++) {
        const struct bundle_metric *metric = &program->metric[i];
        struct facts facts = {.entered = AS_METRIC, .metric = i, .event = metric->event};
        if (metric->aggregate == AGGREGATE_FORMULA) facts.entered = AS_FORMULA;
        RETURN_IF_FAILED(enter_with(verify, metric->code, facts));
        facts.event = metric->reversal;
        RETURN_IF_FAILED(enter_with(verify, metric->reversal_code, facts));
    }
    for (uint32_t i = 0; i < program->earn_count; i++) {
        struct facts facts = {.entered = AS_MEASURE, .event = program->earn[i].event};
        RETURN_IF_FAILED(enter_with(verify, program->earn[i].code, facts));
        facts.event = program->earn[i].reversal;
        RETURN_IF_FAILED(enter_with(verify, program->earn[i].reversal_code, facts));
    }
    for (uint32_t i = 0; i < program->measure_count; i++) {
        struct facts facts = {.entered = AS_MEASURE, .event = program->measure[i].event};
        RETURN_IF_FAILED(enter_with(verify, program->measure[i].code, facts));
        facts.event = program->measure[i].reversal;
        RETURN_IF_FAILED(enter_with(verify, program->measure[i].reversal_code, facts));
    }
    for (uint32_t i = 0; i < program->order_count; i++) {
        struct facts facts = {.entered = AS_ORDER, .event = PROGRAM_NONE};
        RETURN_IF_FAILED(enter_with(verify, program->order[i].code, facts));
    }
    return OK;
}

/* The linear pass over the region that `verify` stands at. */
static enum status walk_region(struct verify *verify)
{
    uint32_t count = verify->region->code_count;
    struct facts facts;
    bool falls = false; /* the instruction before goes on here, with `facts` */
    for (uint32_t pc = 0; pc < count; pc++) {
        RETURN_IF_FAILED(verify_static(verify, pc));
        struct facts *waited = verify->waiting[pc];
        if (waited != NULL) {
            verify->waiting[pc] = NULL;
            verify->waiting_count--;
            waited->next_free = verify->free;
            verify->free = waited;
            if (!falls)
                facts = *waited;
            else if (!join(&facts, waited))
                return refuse(verify, pc, "code of two kinds, or of two metrics, meets here");
        } else if (!falls) {
            continue; /* nothing comes here */
        }
        verify->reached[pc] = true;
        bool ends;
        RETURN_IF_FAILED(verify_instruction(verify, pc, &facts, &ends));
        falls = !ends;
    }
    return OK;
}

static enum status verify_region(struct verify *verify, uint32_t index, struct bundle_bound *out)
{
    const struct program *program = verify->program;
    verify->region_index = index;
    verify->region = &program->region[index];
    verify->campaign = verify->region->campaign == PROGRAM_NONE ? NULL : &program->campaign[verify->region->campaign];
    verify->counters = 0;
    verify->waiting_count = 0;
    for (uint32_t i = 0; verify->campaign != NULL && i < verify->campaign->variable_count; i++) {
        if (program->variable[verify->campaign->variable_first + i].counter != 0) verify->counters |= UINT64_C(1) << i;
    }
    size_t count = verify->region->code_count;
    verify->waiting = memory_alloc_array(count, sizeof *verify->waiting);
    verify->reached = memory_alloc_array(count, sizeof *verify->reached);
    verify->cost = memory_alloc_array(count, sizeof *verify->cost);
    verify->arena = memory_alloc_array(count, sizeof *verify->arena);
    enum status status = OK;
    if (verify->waiting == NULL || verify->reached == NULL || verify->cost == NULL || verify->arena == NULL)
        status = verify_no_memory(verify);
    if (status == OK) status = verify->campaign != NULL ? enter_campaign(verify) : enter_shared(verify);
    if (status == OK) status = walk_region(verify);
    if (status == OK && verify->campaign != NULL) {
        struct bounds_walk walk = {program, index, verify->reached, verify->cost, verify->arena};
        status = bounds_find(out, &walk, verify->error);
    }
    for (size_t i = 0; verify->waiting != NULL && i < count; i++) memory_release(verify->waiting[i]);
    memory_release(verify->waiting);
    memory_release(verify->reached);
    memory_release(verify->cost);
    memory_release(verify->arena);
    return status;
}

enum status verify_bounds(const struct program *program, struct bundle_bound *out, struct error *error)
{
    RETURN_IF_FAILED(layout_check(program, error));
    struct verify verify = {.program = program, .error = error};
    enum status status = verify_slots(&verify);
    for (uint32_t i = 0; status == OK && i < program->region_count; i++) {
        struct bundle_bound unused;
        status = verify_region(&verify, i, i == 0 ? &unused : &out[program->region[i].campaign]);
    }
    while (verify.free != NULL) {
        struct facts *next = verify.free->next_free;
        memory_release(verify.free);
        verify.free = next;
    }
    memory_release(verify.player);
    memory_release(verify.event);
    memory_release(verify.event_first);
    return status;
}

/* Which field of the BOUND record differs, in words. */
static enum status compare_bounds(const struct program *program, const struct bundle_bound *found, struct error *error)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_bound *said = &program->bound[i];
        struct text name = program_text(program, program->campaign[i].name);
#define COMPARE_I64(field)    COMPARE(field)
#define COMPARE_NUMBER(field) COMPARE(field)
#define COMPARE_ENUM(field)   COMPARE(field)
#define COMPARE_ZERO(field)
#define COMPARE(field)                                                                                                \
    if (said->field != found[i].field) {                                                                              \
        return error_set(error, STATUS_REFUSED,                                                                       \
                         "campaign `%.*s`: the bundle says that " #field " is %lld, but it is %lld", TEXT_ARGS(name), \
                         (long long)said->field, (long long)found[i].field);                                          \
    }
#define COMPARE_FIELD(kind, argument, field, sentence) COMPARE_##kind(field)
        BUNDLE_BOUND(COMPARE_FIELD)
    }
    return OK;
}

enum status verify_program(const struct program *program, struct error *error)
{
    if (program->bound_count != program->campaign_count) {
        return error_set(error, STATUS_REFUSED, "the bundle states bounds of %u campaigns and has %u",
                         program->bound_count, program->campaign_count);
    }
    struct bundle_bound *found = memory_alloc_array(program->campaign_count, sizeof *found);
    if (found == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to verify the program");
    enum status status = verify_bounds(program, found, error);
    if (status == OK) status = compare_bounds(program, found, error);
    memory_release(found);
    return status;
}
