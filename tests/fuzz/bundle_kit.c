/* Building, breaking and running bundles; see the header. */
#include "tests/fuzz/bundle_kit.h"
#include "tests/fuzz/switch_interp.h"

#include <stdio.h>

#include "vm/assemble.h"
#include "vm/bundle.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/interp.h"
#include "vm/memory.h"
#include "vm/verify.h"
#include "vm/zone.h"

enum { HEAD_SIZE = 88, ROW_SIZE = 24, RUNS_PER_ENTRY = 3, WALKS = 6, WALK_LENGTH = 40 };

uint64_t bundle_kit_next(struct bundle_kit_dice *dice)
{
    uint64_t z = (dice->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t bundle_kit_below(struct bundle_kit_dice *dice, uint64_t below)
{
    return bundle_kit_next(dice) % below;
}

/* ---------------------------------------------------------------- the sample */

static void read_into(struct buffer *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    INVARIANT(file != NULL);
    char bytes[4096];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) buffer_append(out, bytes, got);
    (void)fclose(file);
}

/* Puts `to` where the first `from` stands. */
static void replace(struct buffer *text, const char *from, const char *to)
{
    struct buffer result = BUFFER_EMPTY;
    const char *all = buffer_as_string(text), *at = strstr(all, from);
    INVARIANT(at != NULL);
    buffer_append(&result, all, (size_t)(at - all));
    buffer_string(&result, to);
    buffer_string(&result, at + strlen(from));
    buffer_deinit(text);
    *text = result;
}

void bundle_kit_sample(struct buffer *out)
{
    struct buffer source = BUFFER_EMPTY;
    struct builder builder;
    struct program program;
    struct bundle_bound bound;
    struct error error = ERROR_NONE;
    read_into(&source, "tests/bytecode/prelude.asm");
    replace(&source, "start_filter=none", "start_filter=@check leave_count=1");
    replace(&source, "site_count=4", "site_count=16");
    read_into(&source, "tests/fuzz/sample.asm");
    builder_init(&builder);
    enum status status = assemble(&builder, buffer_as_text(&source), &error);
    if (status == OK) status = builder_program(&program, &builder, &error);
    if (status == OK) status = verify_bounds(&program, &bound, &error);
    if (status == OK) {
        builder_add_bound(&builder, &bound);
        status = builder_program(&program, &builder, &error);
    }
    if (status == OK) status = bundle_write(out, &program, &error);
    if (status != OK) (void)fprintf(stderr, "sample.asm: %s\n", error.message);
    INVARIANT(status == OK);
    builder_deinit(&builder);
    buffer_deinit(&source);
}

/* ---------------------------------------------------------------- mutation */

void bundle_kit_mutate(uint8_t *bytes, size_t size, struct bundle_kit_dice *dice)
{
    static const uint32_t telling[] = {0,    1,     2,     63,         64,         255,        256,
                                       1000, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    for (uint64_t left = 1 + bundle_kit_below(dice, 4); left > 0; left--) {
        size_t at = (size_t)bundle_kit_below(dice, size);
        size_t four = at & ~(size_t)3, sixteen = at & ~(size_t)7,
               other = (size_t)bundle_kit_below(dice, size) & ~(size_t)7;
        uint32_t number = telling[bundle_kit_below(dice, sizeof telling / sizeof telling[0])];
        switch (bundle_kit_below(dice, 6)) {
        case 0: bytes[at] ^= (uint8_t)(1u << bundle_kit_below(dice, 8)); break;
        case 1: bytes[at] = (uint8_t)bundle_kit_next(dice); break;
        case 2:
            if (four + 4 <= size) memcpy(bytes + four, &number, 4);
            break;
        case 3: /* a near miss */ bytes[at] = (uint8_t)(bytes[at] + (bundle_kit_below(dice, 2) != 0 ? 1 : 255)); break;
        case 4: /* a record or an instruction over another */
            if (sixteen + 16 <= size && other + 16 <= size) memmove(bytes + sixteen, bytes + other, 16);
            break;
        default:
            number = (uint32_t)bundle_kit_below(dice, 120);
            bytes[at & ~(size_t)7] = (uint8_t)number; /* often the number of an instruction */
            break;
        }
    }
}

void bundle_kit_rehash(uint8_t *bytes, size_t size)
{
    if (size < HEAD_SIZE) return;
    uint32_t count = buffer_load_u32(bytes + 16);
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    for (uint32_t i = 0; i < count && HEAD_SIZE + ((size_t)i + 1) * ROW_SIZE <= size; i++) {
        const uint8_t *row = bytes + HEAD_SIZE + (size_t)i * ROW_SIZE;
        uint64_t offset = buffer_load_u64(row + 8), length = buffer_load_u64(row + 16);
        if (buffer_load_u32(row + 4) == 0 || offset > size || length > size - offset) continue;
        uint64_t head[2] = {buffer_load_u32(row), length};
        crypto_stream_add(&stream, head, sizeof head);
        crypto_stream_add(&stream, bytes + offset, (size_t)length);
    }
    struct crypto_digest semantic = crypto_stream_end(&stream);
    memcpy(bytes + 56, semantic.bytes, 32);
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, bytes, 24);
    crypto_stream_add(&stream, bytes + 56, size - 56);
    struct crypto_digest full = crypto_stream_end(&stream);
    memcpy(bytes + 24, full.bytes, 32);
}

/* ---------------------------------------------------------------- banks of any allowed content */

struct bank_made {
    int64_t *slot;
    uint64_t *known;
    struct buffer bytes;
    uint32_t count;
};

struct run {
    const struct program *program;
    uint32_t campaign;
    struct bundle_kit_dice *dice;
    struct activation *activation;
    struct bank_made event, player;
    int64_t *journey_slot;
    uint8_t *journey_bytes;
    uint64_t counters;
    uint64_t metrics; /* what the metrics of one run are made of */
};

static int64_t between(struct bundle_kit_dice *dice, int64_t low, int64_t high)
{
    switch (bundle_kit_below(dice, 4)) {
    case 0: return low;
    case 1: return high;
    default: break;
    }
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    return span == 0 ? (int64_t)bundle_kit_next(dice) : (int64_t)((uint64_t)low + bundle_kit_next(dice) % span);
}

/* The independent reading of what a number of a type may be. */
static void limits_of(const struct program *program, uint32_t kind, uint32_t of, int64_t *low, int64_t *high)
{
    bool narrow = *low < *high;
    if (kind == TYPE_WHOLE || kind == TYPE_DECIMAL || kind == TYPE_PERCENT || kind == TYPE_MONEY ||
        kind == TYPE_DURATION || narrow)
        return;
    *low = 0;
    if (kind == TYPE_BOOL)
        *high = 1;
    else if (kind == TYPE_ENUM)
        *high = program->enumeration[of].wording_count > 0 ? (int64_t)program->enumeration[of].wording_count - 1 : 0;
    else if (kind == TYPE_CURRENCY)
        *high = program->currency_count > 0 ? (int64_t)program->currency_count - 1 : 0;
    else if (kind == TYPE_COUNTRY)
        *high = 675;
    else if (kind == TYPE_TIME)
        *high = CIVIL_DAY_MS - 1;
    else if (kind == TYPE_ZONE)
        *high = zone_count() - 1;
    else if (kind == TYPE_DATE)
        *low = CIVIL_DATE_MIN, *high = CIVIL_DATE_MAX;
    else if (kind == TYPE_MOMENT)
        *low = CIVIL_INSTANT_MIN, *high = CIVIL_INSTANT_MAX;
    else
        *low = INT64_MIN, *high = INT64_MAX;
}

static void bank_open(struct run *run, struct bank_made *bank, uint32_t count)
{
    *bank = (struct bank_made){.count = count, .bytes = BUFFER_EMPTY};
    bank->slot = memory_alloc_array(count, sizeof *bank->slot);
    bank->known = memory_alloc_array((count + 63) / 64, sizeof *bank->known);
    for (uint32_t i = 0; i < count; i++) bank->slot[i] = (int64_t)bundle_kit_next(run->dice); /* poison */
}

static void bank_close(struct bank_made *bank)
{
    memory_release(bank->slot);
    memory_release(bank->known);
    buffer_deinit(&bank->bytes);
    *bank = (struct bank_made){0};
}

static void bank_put(struct run *run, struct bank_made *bank, enum bank which, uint32_t slot, uint32_t kind,
                     uint32_t of, uint32_t size, int64_t low, int64_t high, bool optional)
{
    if (optional && bundle_kit_below(run->dice, 2) == 0) return;
    bank->known[slot / 64] |= UINT64_C(1) << (slot % 64);
    if (kind == TYPE_TEXT) {
        uint32_t length = (uint32_t)bundle_kit_below(run->dice, (uint64_t)size + 1);
        bank->slot[slot] = handle_make(which, length, (uint32_t)bank->bytes.size);
        buffer_fill(&bank->bytes, (unsigned char)('a' + bundle_kit_below(run->dice, 3)), length);
        return;
    }
    limits_of(run->program, kind, of, &low, &high);
    bank->slot[slot] = between(run->dice, low, high);
}

static void make_event(struct run *run, uint32_t number)
{
    const struct program *program = run->program;
    bank_close(&run->event);
    run->activation->event = (struct bank_read){NULL, NULL, NULL};
    if (number == PROGRAM_NONE) return;
    const struct bundle_event *event = &program->event[number];
    bank_open(run, &run->event, event->slot_count);
    bank_put(run, &run->event, BANK_EVENT, 0, TYPE_MOMENT, 0, 0, 0, 0, false);
    bank_put(run, &run->event, BANK_EVENT, 1, TYPE_TEXT, 0, 64, 0, 0, false);
    bank_put(run, &run->event, BANK_EVENT, 2, TYPE_TEXT, 0, 64, 0, 0, true);
    bank_put(run, &run->event, BANK_EVENT, 3, TYPE_TEXT, 0, 32, 0, 0, true);
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        bank_put(run, &run->event, BANK_EVENT, field->slot, field->kind, field->of, field->size, field->low,
                 field->high, field->optional != 0);
        bool known = (run->event.known[field->slot / 64] >> (field->slot % 64)) & 1;
        if (known && field->kind == TYPE_MONEY && field->of == PROGRAM_NONE) {
            bank_put(run, &run->event, BANK_EVENT, field->slot + 1, TYPE_WHOLE, 0, 0, 0,
                     program->currency_count > 0 ? (int64_t)program->currency_count - 1 : 0, false);
        }
    }
    run->activation->event = (struct bank_read){run->event.slot, run->event.known, run->event.bytes.bytes};
}

static void make_player(struct run *run)
{
    const struct program *program = run->program;
    bank_close(&run->player);
    bank_open(run, &run->player, program->workspace->player_slot_count);
    bank_put(run, &run->player, BANK_PLAYER, 0, TYPE_SET, 0, 0, 0, 0, false);
    bank_put(run, &run->player, BANK_PLAYER, 1, TYPE_TEXT, 0, 64, 0, 0, false);
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        bank_put(run, &run->player, BANK_PLAYER, attribute->slot, attribute->kind, attribute->of, attribute->size,
                 attribute->low, attribute->high, attribute->optional != 0);
    }
    run->activation->player = (struct bank_read){run->player.slot, run->player.known, run->player.bytes.bytes};
}

static const struct bundle_campaign *campaign_of(const struct run *run)
{
    return &run->program->campaign[run->campaign];
}

/* Exactly the variables of `known` hold something; the rest is poison. */
static void make_journey(struct run *run, uint64_t known)
{
    const struct bundle_campaign *campaign = campaign_of(run);
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct bundle_variable *variable = &run->program->variable[campaign->variable_first + i];
        int64_t low = variable->low, high = variable->high;
        run->journey_slot[i] = (int64_t)bundle_kit_next(run->dice);
        if (((known >> i) & 1) == 0) continue;
        if (variable->kind == TYPE_TEXT) {
            run->journey_slot[i] =
                handle_make(BANK_JOURNEY, (uint32_t)bundle_kit_below(run->dice, (uint64_t)variable->size + 1),
                            variable->text_offset);
        } else if (variable->counter != 0) {
            run->journey_slot[i] = between(run->dice, 0, high);
        } else {
            limits_of(run->program, variable->kind, variable->of, &low, &high);
            run->journey_slot[i] = between(run->dice, low, high);
        }
    }
    run->activation->journey_known = known;
}

static void make_gates(struct run *run)
{
    struct activation *activation = run->activation;
    for (unsigned i = 0; i < ACTIVATION_GATES_MAX; i++) {
        activation->gate[i] = (struct gate_state){
            .verdict = bundle_kit_below(run->dice, 4) == 0 ? (uint16_t)bundle_kit_below(run->dice, 8) : 0,
            .detail = 0xFFFF,
            .pressure = (uint32_t)bundle_kit_next(run->dice) & (uint32_t)bundle_kit_next(run->dice),
            .quiet_until = bundle_kit_below(run->dice, 3) == 0 ? 1000 : 0,
            .quiet_drops = bundle_kit_below(run->dice, 2) != 0};
    }
    for (unsigned i = 0; i < ACTIVATION_RULES_MAX; i++) {
        activation->pressure[i] = (struct pressure_state){.left = (uint32_t)bundle_kit_below(run->dice, 4),
                                                          .delays = bundle_kit_below(run->dice, 2) != 0,
                                                          .free_at = 5};
    }
}

/* ---------------------------------------------------------------- running, and what must hold */

static void touch_text(const struct activation *activation, int64_t handle)
{
    struct text text = interp_text(activation, handle);
    volatile char sum = 0;
    for (uint32_t i = 0; i < text.size; i++) sum = (char)(sum ^ text.at[i]);
    (void)sum;
}

static void check_values(const struct run *run, uint32_t effect_number, uint32_t first)
{
    const struct bundle_effect *effect = &run->program->effect[campaign_of(run)->effect_first + effect_number];
    for (uint32_t i = 0; i < effect->value_count; i++) {
        INVARIANT(first + i < run->activation->value_count);
        if (run->program->value[effect->value_first + i].kind == TYPE_TEXT)
            touch_text(run->activation, run->activation->values[first + i]);
    }
}

static void check_journey(const struct run *run)
{
    const struct bundle_campaign *campaign = campaign_of(run);
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct bundle_variable *variable = &run->program->variable[campaign->variable_first + i];
        int64_t value = run->journey_slot[i], low = variable->low, high = variable->high;
        if (((run->activation->journey_known >> i) & 1) == 0) continue;
        if (variable->kind == TYPE_TEXT) {
            INVARIANT(handle_bank(value) == BANK_JOURNEY && handle_size(value) <= variable->size);
            touch_text(run->activation, value);
            continue;
        }
        limits_of(run->program, variable->kind, variable->of, &low, &high);
        INVARIANT(value >= low && value <= high);
    }
}

/* What the credit that has just been asked for costs: it stands behind the parameters of its action. */
static int64_t credit_cost(const struct run *run)
{
    const struct program *program = run->program;
    const struct bundle_effect *effect = &program->effect[campaign_of(run)->effect_first + run->activation->credit];
    uint32_t parameters = program->action[program->offer[effect->object].action].parameter_count;
    INVARIANT(parameters < effect->value_count);
    return run->activation->values[run->activation->credit_values + parameters];
}

/* The same at each reading of one run; now and then what no engine would give. */
static int64_t any_points(void *context, uint32_t points)
{
    const struct run *run = context;
    INVARIANT(points < run->program->points_count);
    struct bundle_kit_dice dice = {run->metrics ^ points};
    return bundle_kit_below(&dice, 8) == 0 ? (int64_t)bundle_kit_next(&dice) : between(&dice, 0, 10000);
}

/* A metric of any allowed value, and now and then one that no engine would give. */
static void any_metric(void *context, uint32_t number, struct metric_read *out)
{
    static char text[8192];
    const struct run *run = context;
    const struct bundle_metric *metric = &run->program->metric[number];
    INVARIANT(number < run->program->metric_count);
    struct bundle_kit_dice dice = {run->metrics ^ number}; /* the same at each reading of one run */
    memset(text, 'm', sizeof text);
    out->known = bundle_kit_below(&dice, 3) != 0;
    out->value =
        bundle_kit_below(&dice, 8) == 0 ? (int64_t)bundle_kit_next(&dice) : between(&dice, metric->low, metric->high);
    out->text = text_make(text, (uint32_t)bundle_kit_below(&dice, (uint64_t)metric->size + 100));
    out->changes_at = bundle_kit_below(&dice, 2) == 0 ? INT64_MAX : run->activation->now + 1 + (int64_t)number;
}

static void run_entry(struct run *run, uint32_t pc, bool filter, uint32_t event)
{
    struct activation *activation = run->activation;
    const struct bundle_bound *bound = run->campaign == PROGRAM_NONE ? NULL : &run->program->bound[run->campaign];
    if (pc == PROGRAM_NONE) return;
    make_event(run, event);
    make_player(run);
    make_gates(run);
    activation->now = between(run->dice, CIVIL_INSTANT_MIN, CIVIL_INSTANT_MAX);
    activation->campaign_zone = (uint32_t)bundle_kit_below(run->dice, zone_count());
    activation->player_zone = (uint32_t)bundle_kit_below(run->dice, zone_count());
    interp_clear_trace(activation);
    run->metrics = bundle_kit_next(run->dice);
    activation->points_left = any_points;
    activation->points_context = run;
    activation->read_metric = any_metric;
    activation->metric_context = run;
    activation->changes_at = INT64_MAX;
    const struct bundle_campaign *campaign = bound == NULL ? NULL : campaign_of(run);
    struct switch_twin twin;
    switch_begin(&twin, activation, campaign == NULL ? 0 : campaign->variable_count,
                 campaign == NULL ? 0 : campaign->text_size, pc, filter);
    if (filter)
        (void)interp_filter(activation, pc);
    else
        interp_run(activation, pc);
    uint32_t steps = switch_end(&twin, activation);
    INVARIANT(activation->changes_at > activation->now);
    bool yielded = activation->outcome == OUTCOME_YIELD;
    INVARIANT(filter == (yielded || activation->outcome == OUTCOME_ACCEPT || activation->outcome == OUTCOME_REJECT));
    INVARIANT(!yielded || bound == NULL);
    if (bound == NULL) return;
    INVARIANT(steps <= bound->instructions);
    if (filter) return;
    INVARIANT(activation->made_count <= bound->effects);
    for (uint32_t i = 0; i < activation->made_count; i++) {
        const struct made *made = &activation->made[i];
        if (made->kind == MADE_EFFECT || made->kind == MADE_DELAYED) check_values(run, made->object, made->value_first);
    }
    if (activation->outcome == OUTCOME_CREDIT) {
        check_values(run, activation->credit, activation->credit_values);
        INVARIANT(credit_cost(run) >= 0);
    }
    check_journey(run);
}

static void run_filter(struct run *run, uint32_t pc, uint32_t event, bool journey)
{
    for (unsigned i = 0; i < RUNS_PER_ENTRY; i++) {
        run->activation->journey_slot = journey ? run->journey_slot : NULL;
        run_entry(run, pc, true, event);
        run->activation->journey_slot = run->journey_slot;
    }
}

/* The event that the answer to a query comes as. */
static uint32_t answer_of(const struct run *run, const struct bundle_state *state)
{
    if (state->kind == STATE_CODE) return run->program->pool[state->ask].given;
    if (state->kind != STATE_ASK || run->program->ask[state->ask].query == PROGRAM_NONE) return PROGRAM_NONE;
    return run->program->query[run->program->ask[state->ask].query].event;
}

/* One journey: from the start, on from each rest by any way that the engine could choose, as long as it lasts. */
static void walk(struct run *run)
{
    const struct program *program = run->program;
    const struct bundle_campaign *campaign = campaign_of(run);
    const struct bundle_bound *bound = &program->bound[run->campaign];
    int64_t spent = 0;
    uint32_t activations = 1;
    make_journey(run, run->counters);
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        if ((run->counters >> i) & 1) run->journey_slot[i] = 0;
    }
    run_entry(run, campaign->start, false, campaign->start_event);
    for (unsigned length = 0; length < WALK_LENGTH; length++) {
        struct activation *activation = run->activation;
        uint32_t pc = PROGRAM_NONE, event = PROGRAM_NONE;
        if (activation->outcome == OUTCOME_FINISH) break;
        const struct bundle_state *state = &program->state[campaign->state_first + activation->state];
        INVARIANT(((uint64_t)state->known & ~activation->journey_known) == 0);
        if (activation->outcome == OUTCOME_CREDIT) {
            bool granted = bundle_kit_below(run->dice, 4) != 0;
            if (granted && __builtin_add_overflow(spent, credit_cost(run), &spent)) spent = INT64_MAX;
            pc = granted ? state->granted : state->declined;
        } else if (activation->outcome == OUTCOME_CODE) {
            bool granted = bundle_kit_below(run->dice, 4) != 0;
            pc = granted ? state->granted : state->declined;
            if (granted) event = answer_of(run, state);
        } else if (activation->outcome == OUTCOME_ASK && bundle_kit_below(run->dice, 3) != 0) {
            bool granted = bundle_kit_below(run->dice, 2) != 0;
            pc = granted || state->declined == PROGRAM_NONE ? state->granted : state->declined;
            if (pc == state->granted) event = answer_of(run, state);
        } else {
            uint64_t choice = bundle_kit_below(run->dice, (uint64_t)state->case_count + campaign->leave_count + 1);
            if (choice < state->case_count) {
                pc = program->wait_case[state->case_first + choice].target;
                event = program->wait_case[state->case_first + choice].event;
            } else if (choice < state->case_count + campaign->leave_count) {
                pc = program->leave[campaign->leave_first + choice - state->case_count].target;
                event = program->leave[campaign->leave_first + choice - state->case_count].event;
            } else {
                pc = state->timeout;
            }
        }
        if (pc == PROGRAM_NONE) break;
        activations++;
        run_entry(run, pc, false, event);
        INVARIANT(bound->spend_journey < 0 || spent <= bound->spend_journey);
        INVARIANT(activations <= bound->activations);
    }
}

static void run_campaign(struct run *run)
{
    const struct program *program = run->program;
    const struct bundle_campaign *campaign = campaign_of(run);
    run->journey_slot = memory_alloc_array((size_t)campaign->variable_count + 1, sizeof *run->journey_slot);
    run->journey_bytes = memory_alloc((size_t)campaign->text_size);
    run->activation->journey_slot = run->journey_slot;
    run->activation->journey_bytes = run->journey_bytes;
    run->counters = 0;
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        if (program->variable[campaign->variable_first + i].counter != 0) run->counters |= UINT64_C(1) << i;
    }
    run->activation->journey_known = 0;
    run_filter(run, campaign->start_filter, campaign->start_event, false);
    run_filter(run, campaign->audience, PROGRAM_NONE, false);
    run_filter(run, campaign->goal_filter, campaign->goal_event, false);
    uint64_t resting = UINT64_MAX;
    for (uint32_t i = 0; i < campaign->state_count; i++) {
        const struct bundle_state *state = &program->state[campaign->state_first + i];
        uint64_t known = (uint64_t)state->known | run->counters;
        const uint32_t plain[3] = {state->timeout, state->granted, state->declined};
        resting &= known;
        for (unsigned n = 0; n < 3; n++) {
            make_journey(run, known);
            run_entry(run, plain[n], false, n == 1 ? answer_of(run, state) : PROGRAM_NONE);
        }
        for (uint32_t n = 0; n < state->case_count; n++) {
            const struct bundle_wait_case *wait_case = &program->wait_case[state->case_first + n];
            make_journey(run, known);
            run_filter(run, wait_case->filter, wait_case->event, true);
            run_entry(run, wait_case->target, false, wait_case->event);
        }
    }
    if (campaign->state_count == 0) resting = run->counters;
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        const struct bundle_leave *leave = &program->leave[campaign->leave_first + i];
        make_journey(run, resting);
        run_filter(run, leave->filter, leave->event, true);
        run_entry(run, leave->target, false, leave->event);
    }
    for (uint32_t i = 0; i < program->offer_count; i++) {
        const struct bundle_offer *offer = &program->offer[i];
        if (offer->campaign == PROGRAM_NONE || &program->campaign[offer->campaign] != campaign) continue;
        for (uint32_t w = 0; w < offer->weight_count; w++) {
            const struct bundle_weight *weight = &program->weight[offer->weight_first + w];
            run_filter(run, weight->filter, weight->event, false);
        }
    }
    for (unsigned i = 0; i < WALKS; i++) walk(run);
    memory_release(run->journey_slot);
    memory_release(run->journey_bytes);
}

/* The code of a metric: what aggregates take as it is lies within the record's range. */
static void run_metric(struct run *run, uint32_t number, uint32_t pc, uint32_t event)
{
    const struct bundle_metric *metric = &run->program->metric[number];
    struct activation *activation = run->activation;
    run_entry(run, pc, true, event);
    if (pc == PROGRAM_NONE || activation->outcome != OUTCOME_YIELD) return;
    bool counts = (metric->aggregate >= AGGREGATE_COUNT_EVENTS && metric->aggregate <= AGGREGATE_SUM) ||
                  metric->aggregate == AGGREGATE_FIRST_TIME || metric->aggregate == AGGREGATE_LAST_TIME ||
                  metric->aggregate == AGGREGATE_DIFFERENT_EACH;
    if (counts) return;
    if (metric->kind == TYPE_TEXT) {
        INVARIANT(handle_size(activation->yielded) <= metric->size);
        touch_text(activation, activation->yielded);
    } else {
        INVARIANT(activation->yielded >= metric->low && activation->yielded <= metric->high);
    }
}

bool bundle_kit_try(const uint8_t *bytes, size_t size, uint64_t seed)
{
    struct program program;
    struct error error = ERROR_NONE;
    if (bundle_open(&program, bytes, size, &error) != OK || verify_program(&program, &error) != OK) {
        INVARIANT(error.message[0] != 0);
        return false;
    }
    struct bundle_kit_dice dice = {seed};
    struct run run = {.program = &program, .dice = &dice};
    run.activation = memory_alloc(sizeof *run.activation);
    INVARIANT(run.activation != NULL);
    run.activation->program = &program;
    run.campaign = run.activation->campaign = PROGRAM_NONE;
    for (uint32_t i = 0; i < program.segment_count; i++) run_entry(&run, program.segment[i].filter, true, PROGRAM_NONE);
    for (uint32_t i = 0; i < program.rule_count; i++) run_entry(&run, program.rule[i].filter, true, PROGRAM_NONE);
    for (uint32_t i = 0; i < program.pool_count; i++) run_entry(&run, program.pool[i].filter, true, PROGRAM_NONE);
    for (uint32_t i = 0; i < program.quota_count; i++) run_entry(&run, program.quota[i].filter, true, PROGRAM_NONE);
    for (uint32_t i = 0; i < program.metric_count; i++) {
        run_metric(&run, i, program.metric[i].code, program.metric[i].event);
        run_metric(&run, i, program.metric[i].reversal_code, program.metric[i].reversal);
    }
    for (uint32_t i = 0; i < program.measure_count; i++) {
        run_entry(&run, program.measure[i].code, true, program.measure[i].event);
        run_entry(&run, program.measure[i].reversal_code, true, program.measure[i].reversal);
    }
    for (uint32_t i = 0; i < program.earn_count; i++) {
        run_entry(&run, program.earn[i].code, true, program.earn[i].event);
        run_entry(&run, program.earn[i].reversal_code, true, program.earn[i].reversal);
    }
    for (uint32_t i = 0; i < program.order_count; i++) run_entry(&run, program.order[i].code, true, PROGRAM_NONE);
    for (uint32_t i = 0; i < program.campaign_count; i++) {
        run.campaign = run.activation->campaign = i;
        run_campaign(&run);
    }
    bank_close(&run.event);
    bank_close(&run.player);
    memory_release(run.activation);
    return true;
}
