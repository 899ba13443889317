/*
 * The semantic hash of each campaign and of each segment, and the identity of each metric (semantic.h).
 *
 * Indices in a bundle move when a stranger adds an event or an attribute; meaning does not. So every operand of the code
 * is hashed as what it points at: a slot as its owner's name and type, a text as its bytes, an effect as its identity. The
 * table of operand kinds (spec/opcodes.def) says which is which, so a new instruction needs nothing here.
 * spec: language.md#versions
 */
#include "compiler/semantic.h"

#include "vm/convert.h"
#include "vm/crypto.h"
#include "vm/layout.h"

struct hasher {
    const struct program *program;
    const struct bundle_campaign *campaign; /* NULL for what lies in region 0. */
    struct crypto_stream stream;
};

static void hash_number(struct hasher *hasher, int64_t number)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    crypto_stream_add(&hasher->stream, bytes, sizeof bytes);
}

static void hash_text(struct hasher *hasher, uint32_t index)
{
    if (index == PROGRAM_NONE) {
        hash_number(hasher, -1);
        return;
    }
    struct text text = program_text(hasher->program, index);
    hash_number(hasher, text.size);
    crypto_stream_add(&hasher->stream, text.at, text.size);
}

static void hash_type(struct hasher *hasher, uint32_t kind, uint32_t of, uint32_t size)
{
    const struct program *program = hasher->program;
    hash_number(hasher, kind);
    hash_number(hasher, size);
    if ((kind == TYPE_ENUM || kind == TYPE_SET) && of != PROGRAM_NONE) {
        const struct bundle_enumeration *list = &program->enumeration[of];
        for (uint32_t i = 0; i < list->wording_count; i++)
            hash_text(hasher, program->wording[list->wording_first + i].name);
    }
    if (kind == TYPE_CURRENCY) { /* its value is a place in this list */
        for (uint32_t i = 0; i < program->currency_count; i++) hash_text(hasher, program->currency[i].code);
    }
    if (kind == TYPE_MONEY && of != PROGRAM_NONE) hash_text(hasher, program->currency[of].code);
}

static void hash_event_slot(struct hasher *hasher, const struct bundle_event *event, uint32_t slot)
{
    const struct program *program = hasher->program;
    hash_number(hasher, slot < PROGRAM_EVENT_SLOTS ? (int64_t)slot : -1);
    for (uint32_t i = 0; event != NULL && i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (field->slot != slot && !(field->kind == TYPE_MONEY && field->slot + 1 == slot)) continue;
        hash_number(hasher, slot - field->slot);
        hash_text(hasher, field->name);
        hash_type(hasher, field->kind, field->of, field->size);
        return;
    }
}

static void hash_player_slot(struct hasher *hasher, uint32_t slot)
{
    const struct program *program = hasher->program;
    if (slot < PROGRAM_PLAYER_SLOTS) {
        hash_number(hasher, slot);
        return;
    }
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (attribute->slot != slot) continue;
        hash_text(hasher, attribute->name);
        hash_type(hasher, attribute->kind, attribute->of, attribute->size);
        hash_number(hasher, attribute->preset);
        hash_text(hasher, attribute->preset_text);
    }
}

static void hash_offer(struct hasher *hasher, const struct bundle_offer *offer)
{
    const struct program *program = hasher->program;
    hash_text(hasher, offer->name);
    hash_text(hasher, program->action[offer->action].name);
    hash_number(hasher, offer->wagering);
    hash_number(hasher, offer->wagering_of);
    hash_number(hasher, offer->expires);
    hash_number(hasher, offer->expires_kind);
    hash_number(hasher, offer->stake_most);
    hash_number(hasher, offer->win_most);
    hash_number(hasher, offer->claim);
    hash_number(hasher, offer->claim_kind);
    hash_number(hasher, offer->stake_forfeits | offer->queued << 1 | offer->short_grant << 2);
    hash_number(hasher, offer->grants_most);
    for (uint32_t i = 0; i < offer->weight_count; i++) {
        const struct bundle_weight *weight = &program->weight[offer->weight_first + i];
        hash_number(hasher, weight->what);
        hash_number(hasher, weight->share);
        hash_text(hasher, weight->word);
        if (weight->event != PROGRAM_NONE) hash_text(hasher, program->event[weight->event].name);
    }
    hash_number(hasher, offer->at_once << 1 | offer->refund_nothing);
    for (uint32_t i = 0; i < offer->fact_count; i++) {
        hash_text(hasher, program->fact[offer->fact_first + i].name);
        hash_text(hasher, program->fact[offer->fact_first + i].value);
    }
}

static void hash_effect(struct hasher *hasher, const struct bundle_effect *effect)
{
    const struct program *program = hasher->program;
    hash_number(hasher, effect->kind);
    hash_text(hasher, program->step[effect->step].name);
    hash_text(hasher, program->step[effect->step].renamed_from);
    hash_text(hasher, effect->action);
    hash_text(hasher, effect->name);
    hash_text(hasher, effect->label);
    hash_number(hasher, effect->counter);
    for (uint32_t i = 0; i < effect->value_count; i++) {
        const struct bundle_value *value = &program->value[effect->value_first + i];
        hash_text(hasher, value->name);
        hash_type(hasher, value->kind, value->of, 0);
    }
    if (effect->kind == ACT_CREDIT) hash_offer(hasher, &program->offer[effect->object]);
    if (effect->kind == ACT_TELL) hash_text(hasher, program->event[effect->object].name);
    if (effect->kind == ACT_GIVE_CODE || effect->kind == ACT_RELEASE_CODE)
        hash_text(hasher, program->pool[effect->object].name);
    if (effect->kind == ACT_SPEND) hash_text(hasher, program->points[effect->object].name);
}

/* What is asked of whom; gives the event that a query's answer is, or NULL. */
static const struct bundle_event *hash_ask(struct hasher *hasher, const struct bundle_ask *ask)
{
    const struct program *program = hasher->program;
    hash_text(hasher, ask->asked);
    hash_number(hasher, ask->effect);
    hash_number(hasher, ask->people);
    if (ask->query == PROGRAM_NONE) return NULL;
    const struct bundle_event *answer = &program->event[program->query[ask->query].event];
    const struct bundle_field *field = &program->field[answer->field_first];
    hash_text(hasher, program->query[ask->query].name);
    hash_type(hasher, field->kind, field->of, field->size);
    return answer;
}

static void hash_split(struct hasher *hasher, const struct bundle_split *split)
{
    const struct program *program = hasher->program;
    hash_text(hasher, split->name);
    for (uint32_t i = 0; i < split->arm_count; i++) {
        hash_text(hasher, program->arm[split->arm_first + i].name);
        hash_number(hasher, program->arm[split->arm_first + i].upto);
    }
}

/* A metric as it is read: what is kept, and what stands for no value. */
static void hash_metric_operand(struct hasher *hasher, uint32_t index)
{
    const struct bundle_metric *metric = &hasher->program->metric[index];
    hash_number(hasher, metric->identity_0);
    hash_number(hasher, metric->identity_1);
    hash_number(hasher, metric->low);
    hash_number(hasher, metric->high);
    hash_number(hasher, metric->optional);
    hash_number(hasher, metric->preset);
    hash_text(hasher, metric->preset_text);
    hash_number(hasher, metric->rounding);
    hash_number(hasher, metric->property);
    hash_text(hasher, metric->object);
}

static void hash_operand(struct hasher *hasher, enum operand kind, const struct bundle_event *event, int64_t operand)
{
    const struct program *program = hasher->program;
    switch (kind) {
    case OPERAND_SITE: return; /* where a condition stands is not what it says */
    case OPERAND_EVENT:
    case OPERAND_EVENT_TEXT:
    case OPERAND_EVENT_ANY: hash_event_slot(hasher, event, (uint32_t)operand); return;
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: hash_player_slot(hasher, (uint32_t)operand); return;
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY: hash_metric_operand(hasher, (uint32_t)operand); return;
    case OPERAND_TEXT: hash_text(hasher, (uint32_t)operand); return;
    case OPERAND_OFFER: hash_text(hasher, program->offer[operand].name); return;
    case OPERAND_CONVERSION: { /* by which table, never by which of its numbers: rates are not pinned */
        const struct bundle_conversion *conversion = &program->conversion[convert_index(operand)];
        hash_text(hasher, program->rates[conversion->rates].name);
        hash_text(hasher, program->currency[conversion->currency].code);
        hash_number(hasher, conversion->outward);
        hash_number(hasher, conversion->num);
        hash_number(hasher, conversion->den);
        hash_number(hasher, convert_rounding(operand));
        return;
    }
    case OPERAND_BITS:
        for (uint32_t i = 0; i < 11 && (uint64_t)operand + i < program->word_count; i++)
            hash_number(hasher, (int64_t)program->word[(uint64_t)operand + i]);
        return;
    default: hash_number(hasher, operand); return;
    }
}

static void hash_instruction(struct hasher *hasher, const struct instruction *instruction,
                             const struct bundle_event *event)
{
    const struct layout_opcode *row = layout_opcode(instruction->op);
    hash_number(hasher, instruction->op);
    if (row == NULL) return;
    hash_operand(hasher, row->a, event, instruction->a);
    hash_operand(hasher, row->b, event, instruction->b);
    hash_operand(hasher, row->c, event, instruction->c);
    hash_operand(hasher, row->imm, event, instruction->imm);
}

/* The text of the currency that an amount is asked to be in, or PROGRAM_NONE where something else is compared. */
static uint32_t asked_currency(const struct program *program, const struct bundle_event *event,
                               const struct instruction *at)
{
    for (uint32_t i = 0; event != NULL && at->op == OP_IF_EQ_EVENT && i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (field->kind == TYPE_MONEY && field->slot + 1 == at->a && at->imm < program->currency_count)
            return program->currency[at->imm].code;
    }
    return PROGRAM_NONE;
}

/* An amount's currency is compared by its code, not by its place. */
static void hash_over_event(struct hasher *hasher, const struct instruction *at, const struct bundle_event *event)
{
    uint32_t code = asked_currency(hasher->program, event, at);
    if (code == PROGRAM_NONE) {
        hash_instruction(hasher, at, event);
        return;
    }
    hash_number(hasher, at->op);
    hash_event_slot(hasher, event, at->a);
    hash_number(hasher, at->c);
    hash_text(hasher, code);
}

/* Prizes are never pinned: the largest of them bounds the credit on which a player who was placed goes on. */
static bool bounds_prize(const struct program *program, const struct bundle_campaign *campaign,
                         const struct instruction *at, const struct bundle_event *event)
{
    if (at->op != OP_MIN_CONST || event == NULL ||
        !text_equal(program_text(program, event->name), TEXT("tournament_placed")))
        return false;
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        if (&program->campaign[program->tournament[i].campaign] == campaign) return true;
    }
    return false;
}

/* The code of a stretch; `event` names the slots of the bank (NULL: unknown, slots go by their numbers). */
static void hash_code(struct hasher *hasher, const struct bundle_event *const *events)
{
    const struct program *program = hasher->program;
    const struct bundle_region *region = &program->region[hasher->campaign->region];
    for (uint32_t i = 0; i < region->code_count; i++) {
        struct instruction at = program->instruction[region->code_first + i];
        if (bounds_prize(program, hasher->campaign, &at, events[i])) at.imm = 0;
        hash_over_event(hasher, &at, events[i]);
    }
}

static void hash_pc(struct hasher *hasher, uint32_t pc)
{
    hash_number(hasher,
                pc == PROGRAM_NONE ? -1 : (int64_t)(pc - hasher->program->region[hasher->campaign->region].code_first));
}

/* Whose event is in the bank at each instruction: from each entry forward, as far as its code reaches. */
static void spread_event(const struct program *program, const struct bundle_region *region,
                         const struct bundle_event **events, uint32_t pc, const struct bundle_event *event,
                         bool *reached)
{
    if (pc == PROGRAM_NONE || pc < region->code_first) return;
    for (uint32_t i = 0; i < region->code_count; i++) reached[i] = false;
    reached[pc - region->code_first] = true;
    for (uint32_t i = pc - region->code_first; i < region->code_count; i++) {
        if (!reached[i]) continue;
        if (events[i] == NULL) events[i] = event;
        const struct instruction *instruction = &program->instruction[region->code_first + i];
        const struct layout_opcode *row = layout_opcode(instruction->op);
        uint32_t skip = i + 1 + instruction->c;
        if (row != NULL && row->c == OPERAND_SKIP && skip < region->code_count) reached[skip] = true;
        switch (instruction->op) {
        case OP_ACCEPT:
        case OP_REJECT:
        case OP_JUMP:
        case OP_WAIT:
        case OP_FINISH:
        case OP_CREDIT:
        case OP_ASK:
        case OP_GIVE_CODE:
        case OP_RELEASE_CODE:
        case OP_YIELD:
        case OP_YIELD_TEXT: break;
        default:
            if (i + 1 < region->code_count) reached[i + 1] = true;
            break;
        }
    }
}

static void hash_event(struct hasher *hasher, uint32_t index)
{
    const struct program *program = hasher->program;
    if (index == PROGRAM_NONE) {
        hash_number(hasher, -1);
        return;
    }
    hash_text(hasher, program->event[index].name);
    hash_number(hasher, program->event[index].about);
}

/* What a run of the campaign has to do. How often it may be done is of no journey. */
static void hash_tasks(struct hasher *hasher)
{
    const struct program *program = hasher->program;
    for (uint32_t i = 0; i < program->mission_count; i++) {
        const struct bundle_mission *mission = &program->mission[i];
        if (&program->campaign[mission->campaign] != hasher->campaign) continue;
        for (uint32_t j = mission->task_first; j < mission->task_first + mission->task_count; j++) {
            const struct bundle_task *task = &program->task[j];
            hash_number(hasher, task->need);
            hash_number(hasher, task->in_parts);
            hash_text(hasher, task->name);
            hash_number(hasher, program->metric[task->metric].identity_0);
            hash_number(hasher, program->metric[task->metric].identity_1);
        }
    }
}

static enum status hash_campaign(struct hasher *hasher, struct arena *arena, struct error *error)
{
    const struct program *program = hasher->program;
    const struct bundle_campaign *campaign = hasher->campaign;
    const struct bundle_region *region = &program->region[campaign->region];
    const struct bundle_event **events = ARENA_ARRAY(arena, const struct bundle_event *, region->code_count + 1);
    bool *reached = ARENA_ARRAY(arena, bool, region->code_count + 1);
    if (events == NULL || reached == NULL) return error_set(error, STATUS_NO_MEMORY, "out of memory");
    crypto_stream_begin(&hasher->stream);

    hash_text(hasher, campaign->name);
    hash_text(hasher, program->currency[campaign->currency].code);
    hash_text(hasher, campaign->zone);
    const int64_t numbers[] = {
        campaign->rounding,    campaign->late_ms,      campaign->enter,
        campaign->enter_count, campaign->enter_window, campaign->enter_window_kind,
        campaign->goal_within, campaign->goal_kind,    campaign->pause_on,
        campaign->moves,       campaign->runs_from,    campaign->runs_through,
        campaign->runs_end,    campaign->start_kind,
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) hash_number(hasher, numbers[i]);
    for (uint32_t i = campaign->key_first; i < campaign->key_first + campaign->key_count; i++)
        hash_text(hasher, program->attribute[program->key[i].attribute].name);
    hash_number(hasher, campaign->keys_needed);
    hash_text(hasher, campaign->runs_end_reason);
    hash_event(hasher, campaign->start_event);
    if (campaign->start_segment != PROGRAM_NONE) hash_text(hasher, program->segment[campaign->start_segment].name);
    hash_text(hasher, campaign->start_about);
    hash_event(hasher, campaign->goal_event);
    hash_pc(hasher, campaign->start);
    hash_pc(hasher, campaign->start_filter);
    hash_pc(hasher, campaign->audience);
    hash_pc(hasher, campaign->goal_filter);

    const struct bundle_event *start =
        campaign->start_event == PROGRAM_NONE ? NULL : &program->event[campaign->start_event];
    spread_event(program, region, events, campaign->start, start, reached);
    if (start != NULL) spread_event(program, region, events, campaign->start_filter, start, reached);
    if (campaign->goal_event != PROGRAM_NONE)
        spread_event(program, region, events, campaign->goal_filter, &program->event[campaign->goal_event], reached);
    for (uint32_t i = campaign->leave_first; i < campaign->leave_first + campaign->leave_count; i++) {
        const struct bundle_leave *leave = &program->leave[i];
        hash_event(hasher, leave->event);
        hash_text(hasher, leave->about);
        hash_pc(hasher, leave->filter);
        hash_pc(hasher, leave->target);
        if (leave->event == PROGRAM_NONE) continue;
        spread_event(program, region, events, leave->filter, &program->event[leave->event], reached);
        spread_event(program, region, events, leave->target, &program->event[leave->event], reached);
    }
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        if (offer->campaign == PROGRAM_NONE || &program->campaign[offer->campaign] != campaign) continue;
        for (uint32_t w = offer->weight_first; w < offer->weight_first + offer->weight_count; w++) {
            const struct bundle_weight *weight = &program->weight[w];
            hash_pc(hasher, weight->filter);
            if (weight->event != PROGRAM_NONE)
                spread_event(program, region, events, weight->filter, &program->event[weight->event], reached);
        }
    }
    for (uint32_t i = campaign->state_first; i < campaign->state_first + campaign->state_count; i++) {
        const struct bundle_state *state = &program->state[i];
        const int64_t parts[] = {state->duration, state->known, state->kind,        state->deadline,  state->clock_ms,
                                 state->weekday,  state->place, state->since_entry, state->case_count};
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++) hash_number(hasher, parts[j]);
        if (state->holidays != PROGRAM_NONE) hash_text(hasher, program->holidays[state->holidays].name);
        hash_text(hasher, program->step[state->step].name);
        hash_pc(hasher, state->timeout);
        hash_pc(hasher, state->granted);
        hash_pc(hasher, state->declined);
        if (state->kind == STATE_ASK) {
            const struct bundle_event *answer = hash_ask(hasher, &program->ask[state->ask]);
            if (answer != NULL) spread_event(program, region, events, state->granted, answer, reached);
        }
        if (state->kind == STATE_CODE) {
            const struct bundle_pool *pool = &program->pool[state->ask];
            hash_text(hasher, pool->name);
            hash_event(hasher, pool->given);
            if (pool->given != PROGRAM_NONE)
                spread_event(program, region, events, state->granted, &program->event[pool->given], reached);
        }
        for (uint32_t j = state->case_first; j < state->case_first + state->case_count; j++) {
            const struct bundle_wait_case *wait_case = &program->wait_case[j];
            hash_event(hasher, wait_case->event);
            hash_text(hasher, wait_case->about);
            hash_pc(hasher, wait_case->filter);
            hash_pc(hasher, wait_case->target);
            spread_event(program, region, events, wait_case->filter, &program->event[wait_case->event], reached);
            spread_event(program, region, events, wait_case->target, &program->event[wait_case->event], reached);
        }
    }
    for (uint32_t i = campaign->step_first; i < campaign->step_first + campaign->step_count; i++) {
        hash_text(hasher, program->step[i].name);
        hash_text(hasher, program->step[i].renamed_from);
    }
    for (uint32_t i = campaign->variable_first; i < campaign->variable_first + campaign->variable_count; i++) {
        const struct bundle_variable *variable = &program->variable[i];
        hash_text(hasher, variable->name);
        hash_type(hasher, variable->kind, variable->of, variable->size);
        hash_number(hasher, variable->low);
        hash_number(hasher, variable->high);
    }
    for (uint32_t i = campaign->effect_first; i < campaign->effect_first + campaign->effect_count; i++)
        hash_effect(hasher, &program->effect[i]);
    for (uint32_t i = campaign->split_first; i < campaign->split_first + campaign->split_count; i++)
        hash_split(hasher, &program->split[i]);
    hash_code(hasher, events);
    hash_tasks(hasher);
    return OK;
}

/* A filter of region 0: as far as its code reaches. Calendar days there are the home zone's. */
static void hash_segment(struct hasher *hasher, const struct bundle_segment *segment,
                         const struct bundle_event **events, bool *reached)
{
    const struct program *program = hasher->program;
    const struct bundle_region *region = &program->region[0];
    crypto_stream_begin(&hasher->stream);
    hash_text(hasher, segment->name);
    hash_text(hasher, program->workspace->zone);
    if (program->workspace->zone_attribute != PROGRAM_NONE)
        hash_player_slot(hasher, program->attribute[program->workspace->zone_attribute].slot);
    spread_event(program, region, events, segment->filter, NULL, reached);
    for (uint32_t i = 0; i < region->code_count; i++) {
        if (reached[i]) hash_instruction(hasher, &program->instruction[region->code_first + i], NULL);
    }
}

/* The code of a metric over its event. */
static void hash_metric_code(struct hasher *hasher, uint32_t pc, const struct bundle_event *event,
                             const struct bundle_event **events, bool *reached)
{
    const struct program *program = hasher->program;
    const struct bundle_region *region = &program->region[0];
    hash_number(hasher, pc == PROGRAM_NONE ? 0 : 1);
    if (pc == PROGRAM_NONE) return;
    spread_event(program, region, events, pc, event, reached);
    for (uint32_t i = 0; i < region->code_count; i++) {
        const struct instruction *at = &program->instruction[region->code_first + i];
        if (!reached[i]) continue;
        hash_over_event(hasher, at, event);
    }
}

/* The windows of a tournament: when its instances begin, end and are settled, and by which clock. */
static void hash_instances(struct hasher *hasher, const struct bundle_tournament *tournament)
{
    const struct program *program = hasher->program;
    const uint32_t schedules[] = {tournament->start, tournament->end, tournament->settle};
    hash_text(hasher, program->campaign[tournament->campaign].zone);
    hash_number(hasher, tournament->from);
    hash_number(hasher, tournament->until);
    hash_number(hasher, tournament->settles);
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
        if (schedules[i] == PROGRAM_NONE) continue;
        const struct bundle_schedule *schedule = &program->schedule[schedules[i]];
        const int64_t parts[] = {schedule->minutes,  schedule->hours,  schedule->days,        schedule->months,
                                 schedule->weekdays, schedule->either, schedule->short_months};
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++) hash_number(hasher, parts[j]);
    }
}

/* What is kept for a player is kept under this: the definition, not its name, its file or its place. */
static void hash_metric(struct hasher *hasher, const struct bundle_metric *metric, const struct bundle_event **events,
                        bool *reached)
{
    const struct program *program = hasher->program;
    crypto_stream_begin(&hasher->stream);
    const int64_t numbers[] = {metric->aggregate, metric->span, metric->rolling_kind, metric->window,
                               metric->grain,     metric->kept, metric->players_zone, metric->size};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) hash_number(hasher, numbers[i]);
    hash_type(hasher, metric->kind, metric->of, 0);
    hash_text(hasher, metric->zone);
    if (metric->campaign != PROGRAM_NONE) hash_text(hasher, program->campaign[metric->campaign].name);
    if (metric->tournament != PROGRAM_NONE) hash_instances(hasher, &program->tournament[metric->tournament]);
    const struct bundle_event *event = metric->event == PROGRAM_NONE ? NULL : &program->event[metric->event];
    const struct bundle_event *reversal = metric->reversal == PROGRAM_NONE ? NULL : &program->event[metric->reversal];
    if (event != NULL) hash_text(hasher, event->wire);
    if (reversal != NULL) {
        hash_text(hasher, reversal->wire);
        hash_text(hasher,
                  reversal->reverses_by == PROGRAM_NONE ? PROGRAM_NONE : program->field[reversal->reverses_by].name);
        hash_text(hasher,
                  reversal->reverses_at == PROGRAM_NONE ? PROGRAM_NONE : program->field[reversal->reverses_at].name);
    }
    hash_metric_code(hasher, metric->code, event, events, reached);
    hash_metric_code(hasher, metric->reversal_code, reversal, events, reached);
}

/* In the order of the records: a formula stands behind what it names. */
static enum status hash_metrics(const struct program *program, struct builder *builder, struct arena *arena,
                                struct error *error)
{
    uint32_t count = program->region[0].code_count;
    bool *reached = ARENA_ARRAY(arena, bool, count + 1);
    const struct bundle_event **events = ARENA_ARRAY(arena, const struct bundle_event *, count + 1);
    if (events == NULL || reached == NULL) return error_set(error, STATUS_NO_MEMORY, "out of memory");
    for (uint32_t i = 0; i < program->metric_count; i++) {
        struct hasher hasher = {.program = program};
        hash_metric(&hasher, &program->metric[i], events, reached);
        struct crypto_digest digest = crypto_stream_end(&hasher.stream);
        struct bundle_metric *record = builder_at(builder, SECTION_METRIC, i);
        memcpy(&record->identity_0, digest.bytes, sizeof record->identity_0);
        memcpy(&record->identity_1, digest.bytes + 8, sizeof record->identity_1);
    }
    return OK;
}

enum status semantic_hashes(struct builder *builder, struct arena *arena, struct error *error)
{
    struct program program;
    RETURN_IF_FAILED(builder_program(&program, builder, error));
    RETURN_IF_FAILED(hash_metrics(&program, builder, arena, error));
    for (uint32_t i = 0; i < program.campaign_count; i++) {
        struct hasher hasher = {.program = &program, .campaign = &program.campaign[i]};
        RETURN_IF_FAILED(hash_campaign(&hasher, arena, error));
        struct crypto_digest digest = crypto_stream_end(&hasher.stream);
        struct bundle_campaign *record = builder_at(builder, SECTION_CAMPAIGN, i);
        memcpy(&record->semantic_0, digest.bytes, sizeof record->semantic_0);
        memcpy(&record->semantic_1, digest.bytes + 8, sizeof record->semantic_1);
    }
    if (program.segment_count == 0) return OK;
    const struct bundle_event **events =
        ARENA_ARRAY(arena, const struct bundle_event *, program.region[0].code_count + 1);
    bool *reached = ARENA_ARRAY(arena, bool, program.region[0].code_count + 1);
    if (events == NULL || reached == NULL) return error_set(error, STATUS_NO_MEMORY, "out of memory");
    for (uint32_t i = 0; i < program.segment_count; i++) {
        struct hasher hasher = {.program = &program};
        hash_segment(&hasher, &program.segment[i], events, reached);
        struct crypto_digest digest = crypto_stream_end(&hasher.stream);
        struct bundle_segment *record = builder_at(builder, SECTION_SEGMENT, i);
        memcpy(&record->semantic_0, digest.bytes, sizeof record->semantic_0);
        memcpy(&record->semantic_1, digest.bytes + 8, sizeof record->semantic_1);
    }
    return OK;
}
