/*
 * Verifying metrics: what their code may read and what it yields, who may read them, and windows that count back from now.
 * Contract: vm/verify_parts.h; the pass is in vm/verify.c. spec: bytecode.md#proof
 */
#include "vm/verify_parts.h"

/* A metric as a slot. Those of a journey can be read where there is one, of their campaign. */
enum status verify_find_metric(const struct verify *verify, uint32_t pc, const struct facts *facts, uint32_t number,
                               struct slot *out)
{
    const struct program *program = verify->program;
    const struct bundle_metric *metric = &program->metric[number];
    *out = (struct slot){.class = metric->kind == TYPE_TEXT ? SLOT_TEXT : SLOT_NUMBER,
                         .optional = metric->optional != 0,
                         .proof = number,
                         .low = metric->low, /* of a text nobody reads it */
                         .high = metric->kind == TYPE_TEXT ? metric->size : metric->high};
    if (facts->entered == AS_METRIC || facts->entered == AS_MEASURE)
        return verify_refuse(verify, pc, "a metric is kept from its event alone");
    if (facts->entered == AS_FORMULA) {
        if (metric->aggregate == AGGREGATE_FORMULA) return verify_refuse(verify, pc, "a formula cannot read a formula");
        if (metric->campaign != PROGRAM_NONE && metric->campaign != program->metric[facts->metric].campaign)
            return verify_refuse(verify, pc, "metric %u belongs to the journeys of another campaign", number);
        return OK;
    }
    if (metric->campaign == PROGRAM_NONE) return OK;
    if (!facts->journey || verify->campaign != &program->campaign[metric->campaign])
        return verify_refuse(verify, pc, "metric %u belongs to the journeys of another campaign", number);
    return OK;
}

/* Texts of metrics are copied into the activation, one behind another. */
enum status verify_copied(const struct verify *verify, uint32_t pc, struct facts *facts, int64_t size)
{
    facts->copied += (uint32_t)size; /* a text has at most 4,096 bytes, and before there were at most 8,192 */
    if (facts->copied <= LIMIT_METRIC_TEXT_BYTES) return OK;
    (void)verify_refuse(verify, pc, "the texts of metrics that are read can be longer than %u bytes together",
                        LIMIT_METRIC_TEXT_BYTES);
    return verify->error->status = STATUS_LIMIT; /* sound, and too much: a compiler says it in its own words */
}

/* What is counted back from now, on the calendar. */
enum status verify_window(const struct verify *verify, uint32_t pc, const struct facts *facts)
{
    const struct instruction *at = &code_of(verify)[pc];
    bool dates = at->op == OP_IF_WITHIN_DATES || at->op == OP_IF_BEYOND_DATES;
    if (at->imm == 0 || calendar_months(at->imm) < 0 || calendar_days(at->imm) < 0 || calendar_ms(at->imm) < 0)
        return verify_refuse(verify, pc, "it reaches back for no time at all, or forward");
    int64_t far = dates ? DATE_FAR : MOMENT_FAR;
    if (!range_holds(range_of(-far, far), register_range(facts, at->a)))
        return verify_refuse(verify, pc, "register %u can be too far from now for the calendar", at->a);
    return OK;
}

/* What aggregates take as it is must fit the record; counts, sums and times are kept within it by the engine. */
static bool yields_its_value(uint32_t aggregate)
{
    return aggregate == AGGREGATE_FORMULA || aggregate == AGGREGATE_AVERAGE || aggregate == AGGREGATE_SMALLEST ||
           aggregate == AGGREGATE_LARGEST || aggregate == AGGREGATE_FIRST || aggregate == AGGREGATE_LAST ||
           aggregate == AGGREGATE_FAVOURITE;
}

enum status verify_yield(const struct verify *verify, uint32_t pc, const struct facts *facts)
{
    const struct instruction *at = &code_of(verify)[pc];
    bool text = at->op == OP_YIELD_TEXT;
    if (facts->entered == AS_JOURNEY || facts->entered == AS_FILTER)
        return verify_refuse(verify, pc, "only metrics and orders give a value");
    if (facts->entered == AS_MEASURE)
        return text ? verify_refuse(verify, pc, "what is earned or measured is a number") : OK;
    if (facts->entered == AS_ORDER) return text ? verify_refuse(verify, pc, "an order is by numbers") : OK;
    const struct bundle_metric *metric = &verify->program->metric[facts->metric];
    if (text && facts->high[at->a] > (int64_t)metric->size)
        return verify_refuse(verify, pc, "register %u can be longer than the %u bytes of metric %u", at->a,
                             metric->size, facts->metric);
    if (text != (metric->size > 0))
        return verify_refuse(verify, pc, "metric %u is made of %s", facts->metric, text ? "numbers" : "texts");
    if (text || !yields_its_value(metric->aggregate)) return OK;
    if (facts->low[at->a] < metric->low || facts->high[at->a] > metric->high) {
        return verify_refuse(verify, pc, "register %u can hold [%lld, %lld], metric %u only [%lld, %lld]", at->a,
                             (long long)facts->low[at->a], (long long)facts->high[at->a], facts->metric,
                             (long long)metric->low, (long long)metric->high);
    }
    return OK;
}

/* What the code of a metric gives depends on its event alone, a formula on metrics alone: not on now, not on the player. */
enum status verify_pure(const struct verify *verify, uint32_t pc, const struct facts *facts)
{
    const struct instruction *at = &code_of(verify)[pc];
    if (facts->entered != AS_METRIC && facts->entered != AS_FORMULA && facts->entered != AS_MEASURE) return OK;
    switch ((enum opcode)at->op) {
    case OP_LOAD_NOW:
    case OP_YEARS_SINCE:
    case OP_IF_WITHIN_EVENT:
    case OP_IF_BEYOND_EVENT:
    case OP_IF_WITHIN_CONST:
    case OP_IF_BEYOND_CONST:
    case OP_IF_WITHIN_CALENDAR:
    case OP_IF_BEYOND_CALENDAR:
    case OP_IF_WITHIN_DATES:
    case OP_IF_BEYOND_DATES: return verify_refuse(verify, pc, "a metric cannot depend on now");
    default: break;
    }
    if (layout_opcode(at->op)->c == OPERAND_PLACE && at->c == PLACE_PLAYER)
        return verify_refuse(verify, pc, "a metric cannot read the player");
    return OK;
}
