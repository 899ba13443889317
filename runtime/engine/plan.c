/* Plans of campaigns. Contract: plan.h.
 *
 *   programs in use, oldest first ──► titles: priority, rank ──► plans: gates with their rules ──► by event: which campaigns it starts
 *
 * What depends on the newest program lies in use->linked and is made anew at each activation, because policies are never pinned.
 */
#include "runtime/engine/plan.h"

#include <stdlib.h>

#include "runtime/engine/programs.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/zone.h"

static int compare_titles(const void *left, const void *right)
{
    const struct title *a = *(struct title *const *)left, *b = *(struct title *const *)right;
    if (a->priority != b->priority) return a->priority < b->priority ? -1 : 1;
    return text_compare(a->name, b->name);
}

bool plan_titles(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->title_count; i++) engine->title[i]->campaign = PROGRAM_NONE;
    /* Oldest first, so that titles are numbered in the order in which they came. */
    struct use *order[256];
    uint32_t count = 0;
    for (struct use *use = engine->uses; use != NULL && count < 256; use = use->next) order[count++] = use;
    while (count-- > 0) {
        const struct program *program = &order[count]->program;
        for (uint32_t i = 0; i < program->campaign_count; i++) {
            struct title *title = state_title(engine, program_text(program, program->campaign[i].name), true);
            if (title == NULL) return false;
            if (order[count] != engine->newest) continue; /* Its priority stays as the last program with it said. */
            title->priority = program->campaign[i].priority;
            title->campaign = i;
        }
    }
    struct title **sorted = memory_alloc_array(engine->title_count + 1, sizeof(struct title *));
    if (sorted == NULL) return false;
    if (engine->title_count > 0) memcpy(sorted, engine->title, engine->title_count * sizeof(struct title *));
    qsort(sorted, engine->title_count, sizeof(struct title *), compare_titles);
    for (uint32_t i = 0; i < engine->title_count; i++) {
        sorted[i]->rank = i;
        engine->ranked[i] = sorted[i]->number;
        sorted[i]->suspended = books_is_suspended(engine->books, sorted[i]->name);
    }
    memory_release(sorted);
    return true;
}

/* Whether a rule's channel and product (of the newest program) are a gate's (of `program`). */
static bool concerns(const struct program *newest, const struct bundle_rule *rule, const struct program *program,
                     const struct bundle_gate *gate)
{
    if (rule->class != PROGRAM_NONE && rule->class != gate->message_class) return false;
    if (rule->channel != PROGRAM_NONE) {
        if (gate->channel == PROGRAM_NONE) return false;
        if (!program_same_text(newest, newest->channel[rule->channel].name, program,
                               program->channel[gate->channel].name))
            return false;
    }
    if (rule->product != PROGRAM_NONE) {
        if (gate->product == PROGRAM_NONE) return false;
        if (!program_same_text(newest, newest->product[rule->product].name, program,
                               program->product[gate->product].name))
            return false;
    }
    return true;
}

static bool add_rule(struct use *use, uint32_t rule)
{
    if (use->rules_count == use->rules_capacity) {
        uint32_t capacity = use->rules_capacity == 0 ? 64 : use->rules_capacity * 2;
        uint32_t *grown = ARENA_ARRAY(&use->linked, uint32_t, capacity);
        if (grown == NULL) return false;
        if (use->rules_count > 0) memcpy(grown, use->rules, use->rules_count * sizeof *grown);
        use->rules = grown;
        use->rules_capacity = capacity;
    }
    use->rules[use->rules_count++] = rule;
    return true;
}

static bool collect(struct use *use, const struct program *newest, const struct bundle_gate *gate,
                    uint32_t newest_campaign, enum rule_kind kind, uint32_t *first, uint32_t *count)
{
    *first = use->rules_count;
    for (uint32_t i = 0; i < newest->rule_count; i++) {
        const struct bundle_rule *rule = &newest->rule[i];
        if (rule->kind != kind || (rule->campaign != PROGRAM_NONE && rule->campaign != newest_campaign)) continue;
        if (!concerns(newest, rule, &use->program, gate)) continue;
        if (!add_rule(use, i)) return false;
    }
    *count = use->rules_count - *first;
    return true;
}

static bool plan_gate(struct use *use, const struct program *newest, struct campaign_plan *plan,
                      const struct bundle_gate *gate, struct gate_plan *out)
{
    out->message = gate->class == CLASS_MESSAGE;
    out->reward = gate->class == CLASS_REWARD;
    bool in_app = gate->channel != PROGRAM_NONE && use->program.channel[gate->channel].in_app;
    out->outside = in_app || gate->message_class == MESSAGE_CLASS_SAFETY;
    out->marketing = out->message && gate->message_class == MESSAGE_CLASS_MARKETING;
    out->own_consent = gate->channel == PROGRAM_NONE;
    if (out->marketing || out->reward) plan->promotes = true;
    uint32_t campaign = plan->newest;
    if (!out->message) {
        return !out->reward ||
               collect(use, newest, gate, campaign, RULE_NEVER_REWARD, &out->never_first, &out->never_count);
    }
    if (!collect(use, newest, gate, campaign, RULE_NEVER_MESSAGE, &out->never_first, &out->never_count)) return false;
    if (out->outside) return true;
    for (uint32_t i = 0; i < plan->pressure_count; i++) {
        if (concerns(newest, &newest->rule[plan->pressure[i]], &use->program, gate)) out->pressure |= UINT32_C(1) << i;
    }
    if (!collect(use, newest, gate, campaign, RULE_CONSENT, &out->consent_first, &out->consent_count)) return false;
    for (uint32_t i = 0; i < out->consent_count; i++) {
        out->asks = out->asks || newest->rule[use->rules[out->consent_first + i]].filter != PROGRAM_NONE;
    }
    return collect(use, newest, gate, campaign, RULE_QUIET, &out->quiet_first, &out->quiet_count);
}

static bool plan_counters(struct use *use, struct campaign_plan *plan, const struct bundle_campaign *campaign)
{
    const struct program *program = &use->program;
    plan->own_counter = ARENA_ARRAY(&use->linked, uint64_t, campaign->effect_count / 64 + 1);
    if (plan->own_counter == NULL) return false;
    const struct bundle_region *region = &program->region[campaign->region];
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        uint32_t counter = program->effect[campaign->effect_first + i].counter;
        if (counter == PROGRAM_NONE) continue;
        bool counted = false;
        for (uint32_t pc = region->code_first; pc < region->code_first + region->code_count && !counted; pc++) {
            counted = program->instruction[pc].op == OP_COUNT && program->instruction[pc].a == counter;
        }
        if (!counted) plan->own_counter[i / 64] |= UINT64_C(1) << (i % 64);
    }
    return true;
}

/* A country code as values of type COUNTRY are; -1 for none. */
static int country_of(struct text code)
{
    if (code.size != 2 || code.at[0] < 'A' || code.at[0] > 'Z' || code.at[1] < 'A' || code.at[1] > 'Z') return -1;
    return (code.at[0] - 'A') * 26 + (code.at[1] - 'A');
}

static bool plan_campaign(struct engine *engine, struct use *use, uint32_t number)
{
    const struct program *program = &use->program, *newest = &engine->newest->program;
    const struct bundle_campaign *campaign = &program->campaign[number];
    struct campaign_plan *plan = &use->plan[number];
    plan->title = state_title(engine, program_text(program, campaign->name), true);
    if (plan->title == NULL) return false;
    plan->newest = plan->title->campaign;
    plan->zone = zone_find_or_utc(program_text(program, campaign->zone));
    if (use == engine->newest)
        memcpy(plan->title->currency, program_text(program, program->currency[campaign->currency].code).at,
               sizeof plan->title->currency);
    plan->country = country_of(program_text(program, campaign->jurisdiction));
    plan->runs_from = INT64_MIN;
    plan->runs_until = INT64_MAX;
    if (campaign->runs_from > CIVIL_DATE_MIN) plan->runs_from = zone_date_start(plan->zone, campaign->runs_from);
    if (campaign->runs_through < CIVIL_DATE_MAX)
        plan->runs_until = zone_date_start(plan->zone, campaign->runs_through + 1);
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        plan->leaves_when |= program->leave[campaign->leave_first + i].event == PROGRAM_NONE;
    }
    for (uint32_t i = 0; i < campaign->state_count; i++)
        plan->since_entry |= program->state[campaign->state_first + i].since_entry;
    for (uint32_t i = 0; i < newest->rule_count && plan->pressure_count < ACTIVATION_RULES_MAX; i++) {
        const struct bundle_rule *rule = &newest->rule[i];
        if (rule->kind != RULE_PRESSURE || (rule->campaign != PROGRAM_NONE && rule->campaign != plan->newest)) continue;
        plan->pressure[plan->pressure_count++] = i;
    }
    for (uint32_t i = 0; i < campaign->gate_count && i < ACTIVATION_GATES_MAX; i++) {
        if (!plan_gate(use, newest, plan, &program->gate[campaign->gate_first + i], &plan->gate[i])) return false;
    }
    return plan_counters(use, plan, campaign);
}

bool plan_campaigns(struct engine *engine, struct use *use)
{
    use->rules = NULL;
    use->rules_count = use->rules_capacity = 0;
    use->plan = ARENA_ARRAY(&use->linked, struct campaign_plan, use->program.campaign_count + 1);
    if (use->plan == NULL) return false;
    for (uint32_t i = 0; i < use->program.campaign_count; i++) {
        if (!plan_campaign(engine, use, i)) return false;
    }
    return true;
}

bool plan_starts(struct engine *engine, struct use *use)
{
    const struct program *program = &use->program;
    use->start_first = ARENA_ARRAY(&use->linked, uint32_t, program->event_count + 1);
    use->start_campaign = ARENA_ARRAY(&use->linked, uint32_t, program->campaign_count + 1);
    use->converts = ARENA_ARRAY(&use->linked, uint8_t, program->event_count + 1);
    if (use->linked.failed) return false;
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].goal_event != PROGRAM_NONE) use->converts[program->campaign[i].goal_event] = 1;
    }
    uint32_t next = 0;
    for (uint32_t event = 0; event < program->event_count; event++) {
        use->start_first[event] = next;
        for (uint32_t i = 0; i < engine->title_count; i++) {
            uint32_t campaign = engine->title[engine->ranked[i]]->campaign;
            if (campaign != PROGRAM_NONE && program->campaign[campaign].start_event == event)
                use->start_campaign[next++] = campaign;
        }
    }
    use->start_first[program->event_count] = next;
    return true;
}
