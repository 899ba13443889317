/* Activations, waits and ends. See journey.h; the order of turns is fold.c's matter. spec: runtime.md#journeys */
#include "runtime/engine/journey.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/card.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/handed.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/questions.h"
#include "runtime/engine/safety.h"
#include "runtime/engine/settlement.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/schedule.h"
#include "vm/zone.h"

static const struct bundle_campaign *record_of(const struct journey *journey)
{
    return &journey->use->program.campaign[journey->campaign];
}

static const struct bundle_state *state_of(const struct journey *journey)
{
    return &journey->use->program.state[record_of(journey)->state_first + journey->state];
}

/* ---------------------------------------------------------------- aiming */

static void aim_arms(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign)
{
    engine->body->arm_given = NULL;
    if (!engine->arms_given) return;
    const struct bundle_campaign *record = &use->program.campaign[campaign];
    for (uint32_t i = 0; i < record->split_count && i < sizeof engine->arm_given; i++) {
        struct text name = program_text(&use->program, use->program.split[record->split_first + i].name);
        engine->arm_given[i] = -1;
        for (const struct arm_given *arm = engine->arms; arm != NULL; arm = arm->next) {
            if (text_equal(arm->split, name)) engine->arm_given[i] = (int8_t)arm->arm;
        }
        for (const struct arm_given *arm = player->arms; arm != NULL; arm = arm->next) {
            if (text_equal(arm->split, name)) engine->arm_given[i] = (int8_t)arm->arm;
        }
    }
    engine->body->arm_given = engine->arm_given;
}

void journey_aim(struct engine *engine, const struct player *player, struct use *use, uint32_t campaign,
                 const struct bank_read *event, int64_t now)
{
    struct activation *body = engine->body;
    body->program = &use->program;
    body->campaign = campaign;
    body->event = event != NULL ? *event : (struct bank_read){NULL, NULL, NULL};
    body->player = programs_player_bank(engine, use, player);
    body->journey_slot = NULL;
    body->journey_known = 0;
    body->journey_bytes = NULL;
    body->now = now;
    body->campaign_zone = use->plan[campaign].zone;
    body->player_zone = programs_player_zone(engine, player, body->campaign_zone);
    metrics_aim(engine, body, &engine->body_reads, player, NULL, use);
    aim_arms(engine, player, use, campaign);
}

/* The activation works on a copy of the variables; what came of it is put back when it has ended. */
void journey_lend(struct engine *engine, const struct journey *journey)
{
    struct activation *body = engine->body;
    const struct bundle_campaign *campaign = record_of(journey);
    if (campaign->text_size > engine->journey_bytes_capacity) {
        uint8_t *bytes = memory_resize(engine->journey_bytes, campaign->text_size);
        if (bytes == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        engine->journey_bytes = bytes;
        engine->journey_bytes_capacity = campaign->text_size;
    }
    memcpy(engine->journey_slot, state_journey_slots(journey), campaign->variable_count * sizeof(int64_t));
    if (campaign->text_size > 0) memcpy(engine->journey_bytes, state_journey_bytes(journey), campaign->text_size);
    body->journey_slot = engine->journey_slot;
    body->journey_known = journey->known;
    body->journey_bytes = engine->journey_bytes;
    engine->body_reads.journey = journey;
}

static void take_back(struct engine *engine, struct journey *journey)
{
    const struct bundle_campaign *campaign = record_of(journey);
    memcpy(state_journey_slots(journey), engine->journey_slot, campaign->variable_count * sizeof(int64_t));
    if (campaign->text_size > 0) memcpy(state_journey_bytes(journey), engine->journey_bytes, campaign->text_size);
    journey->known = engine->body->journey_known;
}

static void probe(struct engine *engine, const struct player *player, uint32_t pc, enum probe_kind kind,
                  enum journey_way way, bool accepted, uint32_t number, uint32_t about)
{
    if (engine->options.sink.probe == NULL) return;
    struct engine_probe_call call = {
        .kind = kind,
        .way = way,
        .activation = engine->body,
        .pc = pc,
        .accepted = accepted,
        .player = state_player_id(player),
        .brand = state_player_brand(player),
        .campaign = engine->body->campaign,
        .journey = number,
        .about = about,
        .position = engine->cause,
    };
    engine->options.sink.probe(engine->options.sink.context, &call);
}

bool journey_filter(struct engine *engine, const struct player *player, uint32_t pc, enum probe_kind kind,
                    uint32_t number, uint32_t about)
{
    if (pc == PROGRAM_NONE) return true;
    probe(engine, player, pc, PROBE_BEFORE, WAY_START, false, number, about);
    bool accepted = interp_filter(engine->body, pc);
    probe(engine, player, pc, kind, WAY_START, accepted, number, about);
    return accepted;
}

/* The conditions of the activation, two bits each: evaluated, result. */
static void keep_trace(struct engine *engine, const struct player *player, struct journey *journey)
{
    state_keep_trace(engine, player, &journey->trace, &journey->trace_sites,
                     journey->use->program.region[record_of(journey)->region].site_count);
}

/* ---------------------------------------------------------------- outcomes */

static uint32_t own_zone(const struct engine *engine, const struct bundle_state *state)
{
    return state->place == PLACE_PLAYER ? engine->body->player_zone : engine->body->campaign_zone;
}

static int64_t later_by_calendar(uint32_t zone, int64_t instant, int64_t packed)
{
    return zone_add_calendar(zone, instant, calendar_months(packed), calendar_days(packed), calendar_ms(packed));
}

/* A deadline counted from the entry that is past already is now. */
static int64_t deadline_of(const struct engine *engine, const struct bundle_state *state, int64_t entered_at,
                           int64_t now)
{
    int64_t due;
    switch ((enum deadline_kind)state->deadline) {
    case DEADLINE_DURATION: return now + state->duration;
    case DEADLINE_CALENDAR: return later_by_calendar(own_zone(engine, state), now, state->duration);
    case DEADLINE_ENTRY_DURATION: due = entered_at + state->duration; return due > now ? due : now;
    case DEADLINE_ENTRY_CALENDAR:
        due = later_by_calendar(own_zone(engine, state), entered_at, state->duration);
        return due > now ? due : now;
    case DEADLINE_CLOCK:
        if (state->weekday == 0) return zone_next_time(own_zone(engine, state), now, state->clock_ms);
        return zone_next_weekday(own_zone(engine, state), now, (enum civil_weekday)(state->weekday - 1),
                                 state->clock_ms);
    case DEADLINE_BUSINESS_DAYS:
        return schedule_add_business_days(schedule_holidays(engine->body->program, state->holidays),
                                          own_zone(engine, state), now, state->duration);
    case DEADLINE_BUSINESS_CLOCK:
        return schedule_next_business_time(schedule_holidays(engine->body->program, state->holidays),
                                           own_zone(engine, state), now, state->clock_ms);
    case DEADLINE_NONE:
    case DEADLINE_COUNT: break;
    }
    return STATE_NEVER;
}

/* Deadlines of event waits fire later by the campaign's grace; `now` is still when they were due. */
static void set_deadline(struct engine *engine, struct player *player, struct journey *journey, int64_t due)
{
    journey->due = due;
    journey->fires = due;
    if (due != STATE_NEVER && state_of(journey)->kind == STATE_WAIT && state_of(journey)->case_count > 0)
        journey->fires = due + record_of(journey)->late_ms;
    journey->timer = ++player->timers;
    if (journey->fires <= engine->now) {
        struct turn turn = {.kind = TURN_WAIT,
                            .player = player,
                            .title = journey->title,
                            .journey = journey->number,
                            .number = journey->timer,
                            .due = journey->due};
        fold_due_at_once(engine, turn);
    }
}

/* An event of before that already meets the wait, the earliest first. */
static void look_back(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                      int64_t now)
{
    const struct bundle_state *state = state_of(journey);
    if (!state->since_entry) return;
    for (const struct since *since = journey->since; since != NULL; since = since->next) {
        if (since->wait_case < state->case_first || since->wait_case >= state->case_first + state->case_count) continue;
        struct turn met = {.kind = TURN_SINCE,
                           .player = player,
                           .title = journey->title,
                           .journey = journey->number,
                           .number = journey->timer,
                           .rank = turn->rank,
                           .since = since,
                           .now = now};
        fold_cause(engine, turn, met);
        return;
    }
}

/* When the `leave when` lines just judged are judged again: at the first instant at which time alone may change one. */
static void arm_leave(struct engine *engine, struct player *player, struct journey *journey)
{
    int64_t at = engine->body->changes_at;
    journey->leaves_at = at > engine->now ? at : engine->now + 1;
    engine->group[player->group].changed = true;
}

/* The journey rests with other variables and at another time: what its `leave when` lines say now does not end it, that is for later
 * turns, but when that changes counts from here. */
static void look_ahead(struct engine *engine, struct player *player, struct journey *journey)
{
    const struct bundle_campaign *campaign = record_of(journey);
    if (!journey->use->plan[journey->campaign].leaves_when) return;
    engine->body->changes_at = STATE_NEVER;
    for (uint32_t i = campaign->leave_first; i < campaign->leave_first + campaign->leave_count; i++) {
        const struct bundle_leave *leave = &journey->use->program.leave[i];
        if (leave->event == PROGRAM_NONE && leave->filter != PROGRAM_NONE)
            (void)interp_filter(engine->body, leave->filter);
    }
    arm_leave(engine, player, journey);
}

void journey_look_ahead(struct engine *engine, struct player *player)
{
    for (struct journey *journey = player->journeys; journey != NULL && engine->failed == OK; journey = journey->next) {
        if (!journey->use->plan[journey->campaign].leaves_when || journey->status == JOURNEY_REQUESTING)
            continue; /* Its answer judges. */
        journey_aim(engine, player, journey->use, journey->campaign, NULL, engine->now);
        journey_lend(engine, journey);
        if (engine->failed == OK) look_ahead(engine, player, journey);
    }
}

static void rest(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                 int64_t now)
{
    journey->status = JOURNEY_WAITING;
    journey->state = engine->body->state;
    set_deadline(engine, player, journey, deadline_of(engine, state_of(journey), journey->entered_at, now));
    look_back(engine, turn, player, journey, now);
    if (record_of(journey)->pause_on == SAFETY_TIME_OUT && safety_timed_out(engine, player))
        journey_pause(engine, player, journey, now);
    look_ahead(engine, player, journey);
    state_arm_player(engine, player);
}

static void ask(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                int64_t now)
{
    const struct activation *body = engine->body;
    const struct bundle_effect *effect = &journey->use->program.effect[record_of(journey)->effect_first + body->credit];
    uint64_t nth = effects_count(engine, journey->use, journey->campaign, body->credit);
    journey->status = JOURNEY_REQUESTING;
    journey->state = body->state;
    journey->due = journey->fires = journey->leaves_at = STATE_NEVER;
    journey->timer = ++player->timers;
    struct request *request = fold_request(engine, turn, player);
    if (request == NULL) return;
    request->kind = body->outcome == OUTCOME_CODE ? REQUEST_CODE : REQUEST_CREDIT;
    request->use = journey->use;
    request->campaign = journey->campaign;
    request->journey = journey->number;
    request->now = now;
    request->effect = body->credit;
    request->value_count = effect->value_count;
    effects_identity(engine, request->id, journey->use, journey->campaign, player, journey->number, body->credit, nth);
    uint32_t size;
    if (effect->value_count == 0) return;
    (void)effects_copy_values(engine, body, effect, body->credit_values, &request->values, &request->bytes, &size);
}

void journey_run(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                 uint32_t pc, enum journey_way way, uint32_t about, const struct bank_read *event, int64_t now)
{
    struct use *use = journey->use;
    engine->group[player->group].changed = true;
    journey_aim(engine, player, use, journey->campaign, event, now);
    journey_lend(engine, journey);
    if (engine->failed != OK) return;
    gates_prepare(engine, player, use, journey->campaign, now);
    probe(engine, player, pc, PROBE_BEFORE, way, false, journey->number, about);
    interp_run(engine->body, pc);
    state_drop_question(engine, player, journey);
    probe(engine, player, pc, PROBE_BODY, way, true, journey->number, about);
    effects_take(engine, turn, player, journey);
    keep_trace(engine, player, journey);
    switch (engine->body->outcome) {
    case OUTCOME_WAIT:
        take_back(engine, journey);
        rest(engine, turn, player, journey, now);
        break;
    case OUTCOME_ASK: {
        uint32_t effect = engine->body->credit;
        uint64_t nth = effects_count(engine, use, journey->campaign, effect);
        take_back(engine, journey);
        rest(engine, turn, player, journey, now);
        questions_ask(engine, player, journey, effect, nth, now);
        break;
    }
    case OUTCOME_CODE:
    case OUTCOME_CREDIT:
        ask(engine, turn, player, journey, now);
        take_back(engine, journey);
        break;
    case OUTCOME_FINISH:
    case OUTCOME_ACCEPT:
    case OUTCOME_REJECT:
    case OUTCOME_YIELD: {
        struct text as =
            engine->body->outcome == OUTCOME_FINISH ? program_text(&use->program, engine->body->finish) : TEXT("TRAP");
        enum reason reason = engine->body->outcome == OUTCOME_FINISH ? REASON_NONE : REASON_TRAP;
        journey_finish(engine, player, journey, as, reason, PROGRAM_NONE, false, now);
        break;
    }
    }
    state_arm_player(engine, player);
}

bool journey_would_credit(struct engine *engine, struct player *player, struct use *use, uint32_t campaign,
                          uint32_t number, int64_t now, uint32_t *effect_out, int64_t *cost_out)
{
    const struct program *program = &use->program;
    const struct bundle_campaign *record = &program->campaign[campaign];
    struct journey *journey = state_add_journey(engine, player, use, campaign);
    if (journey == NULL) return false;
    journey->number = number;
    journey->entered_at = now;
    state_insert_journey(player, journey);
    journey_aim(engine, player, use, campaign, NULL, now);
    journey_lend(engine, journey);
    bool asks = false;
    *cost_out = 0;
    if (engine->failed == OK) {
        gates_prepare(engine, player, use, campaign, now);
        for (uint32_t i = 0; i < record->gate_count; i++) {
            if (engine->body->gate[i].verdict == REASON_RG_BLOCKED) engine->body->gate[i] = (struct gate_state){0};
        }
        interp_run(engine->body, record->start);
        asks = engine->body->outcome == OUTCOME_CREDIT;
    }
    if (asks) {
        const struct bundle_effect *effect = &program->effect[record->effect_first + engine->body->credit];
        int64_t *values = NULL;
        uint8_t *bytes;
        uint32_t size;
        *effect_out = engine->body->credit;
        asks = effect->value_count > 0 &&
               effects_copy_values(engine, engine->body, effect, engine->body->credit_values, &values, &bytes, &size);
        if (asks) *cost_out = effects_cost(program, effect, values);
    }
    state_remove_journey(engine, player, journey);
    return asks && *cost_out > 0;
}

/* ---------------------------------------------------------------- reacting */

/* `of "NAME"`: the event is about this name, and in a journey about what this journey made. */
static bool is_about(const struct engine *engine, const struct player *player, const struct journey *journey,
                     uint32_t event, uint32_t about, const struct bank_read *bank)
{
    if (about == PROGRAM_NONE) return true;
    const struct program *program = &journey->use->program;
    bool named = (bank->known[0] >> PROGRAM_SLOT_ABOUT) & 1,
         identified = (bank->known[0] >> PROGRAM_SLOT_ABOUT_EFFECT) & 1;
    struct text wanted = program_text(program, about);
    if (named && !text_equal(interp_text(engine->body, bank->slot[PROGRAM_SLOT_ABOUT]), wanted)) return false;
    enum about kind = (enum about)program->event[event].about;
    if (kind != ABOUT_OFFER && kind != ABOUT_MESSAGE) return named;
    if (!named && !identified) return false;
    struct text id = {"", 0};
    if (identified) id = interp_text(engine->body, bank->slot[PROGRAM_SLOT_ABOUT_EFFECT]);
    return effects_of_journey(engine, player, journey, kind, wanted, id);
}

/* The journey's messages that wait for their hour are not sent any more. */
static void drop_delayed(struct engine *engine, struct player *player, const struct journey *journey,
                         enum reason reason, uint32_t rule, int64_t now)
{
    for (struct delayed *delayed = player->delayed, *next; delayed != NULL; delayed = next) {
        next = delayed->next;
        if (delayed->title == journey->title && delayed->journey == journey->number)
            effects_drop(engine, player, delayed, reason, rule, now);
    }
}

/* Nobody waits for the answer any more. */
static void take_question_back(struct engine *engine, struct player *player, struct journey *journey, int64_t now)
{
    if (journey->question == NULL) return;
    effects_recall(engine, player, journey->use, journey->campaign, journey->number, journey->question->id, now);
    state_drop_question(engine, player, journey);
}

/* The `leave` lines. True if the journey left (it may be gone). */
static bool leaves(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                   uint32_t event, const struct bank_read *bank, int64_t now)
{
    const struct program *program = &journey->use->program;
    const struct bundle_campaign *campaign = record_of(journey);
    engine->body->changes_at = STATE_NEVER;
    for (uint32_t i = 0; i < campaign->leave_count; i++) {
        const struct bundle_leave *leave = &program->leave[campaign->leave_first + i];
        if (leave->event != PROGRAM_NONE) {
            if (bank == NULL || leave->event != event || !is_about(engine, player, journey, event, leave->about, bank))
                continue;
        } else if (leave->filter == PROGRAM_NONE) {
            continue;
        }
        if (!journey_filter(engine, player, leave->filter, PROBE_LEAVE, journey->number, campaign->leave_first + i))
            continue;
        if (leave->target == PROGRAM_NONE) {
            journey_finish(engine, player, journey, TEXT("LEFT"), REASON_LEFT, PROGRAM_NONE, true, now);
            return true;
        }
        if (journey->status == JOURNEY_PAUSED) continue; /* It stands still until the time-out is over. */
        /* `leave … finish as` ends it here, like a bare `leave`; with `go to` it is the step that ends it. */
        if (program->instruction[leave->target].op == OP_FINISH)
            drop_delayed(engine, player, journey, REASON_LEFT, PROGRAM_NONE, now);
        take_question_back(engine, player, journey, now);
        struct bank_read event_bank = bank != NULL ? *bank : (struct bank_read){NULL, NULL, NULL};
        journey_run(engine, turn, player, journey, leave->target, WAY_LEAVE, campaign->leave_first + i,
                    leave->event != PROGRAM_NONE ? &event_bank : NULL, now);
        return true;
    }
    if (journey->use->plan[journey->campaign].leaves_when) {
        arm_leave(engine, player, journey);
    } else {
        journey->leaves_at =
            STATE_NEVER; /* A program that says it means the same has no such line: only a forged one. */
    }
    return false;
}

/* Keeps the event for waits `including since entry` that come later. */
static void remember(struct engine *engine, struct player *player, struct journey *journey, uint32_t event,
                     const struct kept_event *kept, const struct bank_read *bank, int64_t now)
{
    const struct program *program = &journey->use->program;
    const struct bundle_campaign *campaign = record_of(journey);
    for (uint32_t i = 0; i < campaign->state_count; i++) {
        const struct bundle_state *state = &program->state[campaign->state_first + i];
        if (!state->since_entry) continue;
        for (uint32_t n = state->case_first; n < state->case_first + state->case_count; n++) {
            const struct bundle_wait_case *wait_case = &program->wait_case[n];
            if (wait_case->event != event || !is_about(engine, player, journey, event, wait_case->about, bank))
                continue;
            struct since **end = &journey->since;
            while (*end != NULL && (*end)->wait_case != n) end = &(*end)->next;
            if (*end != NULL) continue; /* The first one counts. */
            if (!journey_filter(engine, player, wait_case->filter, PROBE_CASE, journey->number, n)) continue;
            struct kept_event copy = {.event = event,
                                      .slot_count = program->event[event].slot_count,
                                      .bytes_size = kept->bytes_size,
                                      .now = now,
                                      .slot = bank->slot,
                                      .known = bank->known,
                                      .bytes = bank->bytes};
            struct since *since = state_add_since(engine, player, journey, n, &copy);
            if (since == NULL) return;
            /* In the order in which they came. */
            journey->since = since->next;
            since->next = NULL;
            end = &journey->since;
            while (*end != NULL) end = &(*end)->next;
            *end = since;
            engine->group[player->group].changed = true;
        }
    }
}

/* The open wait, if the event meets one of its cases: the first in source order. */
static void meet(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                 uint32_t event, const struct bank_read *bank, int64_t now)
{
    const struct program *program = &journey->use->program;
    const struct bundle_state *state = state_of(journey);
    if (state->kind != STATE_WAIT) return;
    if (journey->fires <= now) return; /* Its time is up; what the event meets is what comes next. */
    for (uint32_t i = state->case_first; i < state->case_first + state->case_count; i++) {
        const struct bundle_wait_case *wait_case = &program->wait_case[i];
        if (wait_case->event != event || !is_about(engine, player, journey, event, wait_case->about, bank)) continue;
        if (!journey_filter(engine, player, wait_case->filter, PROBE_CASE, journey->number, i)) continue;
        journey_run(engine, turn, player, journey, wait_case->target, WAY_CASE, i, bank, now);
        return;
    }
}

void journey_react(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                   uint32_t index, const struct kept_event *event, int64_t now)
{
    struct use *use = journey->use;
    const struct campaign_plan *plan = &use->plan[journey->campaign];
    uint32_t own = PROGRAM_NONE;
    struct bank_read bank = {NULL, NULL, NULL};
    if (event != NULL && settlement_is_of_another(engine, journey, event)) return;
    if (event != NULL) bank = programs_event_bank(engine, use, index, event, &own);
    bool has_event = event != NULL && own != PROGRAM_NONE;
    if (!has_event && !plan->leaves_when) return;
    /* Its answer is on the way: `leave when` is judged then. */
    if (!has_event && journey->status == JOURNEY_REQUESTING) return;
    journey_aim(engine, player, use, journey->campaign, has_event ? &bank : NULL, now);
    interp_clear_trace(engine->body);
    journey_lend(engine, journey);
    if (engine->failed != OK) return;
    /* What came before is judged before the journey moves: a wait that opens in this turn may count this event. */
    if (has_event && plan->since_entry && journey->status != JOURNEY_PAUSED) {
        remember(engine, player, journey, own, event, &bank, now);
        if (engine->failed != OK) return;
    }
    if (leaves(engine, turn, player, journey, own, has_event ? &bank : NULL, now)) return;
    if (has_event && journey->status == JOURNEY_WAITING) meet(engine, turn, player, journey, own, &bank, now);
}

void journey_timeout(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey)
{
    int64_t now = journey->due;
    struct use *use = journey->use;
    if (use->plan[journey->campaign].leaves_when) {
        journey_aim(engine, player, use, journey->campaign, NULL, now);
        interp_clear_trace(engine->body);
        journey_lend(engine, journey);
        if (engine->failed != OK || leaves(engine, turn, player, journey, PROGRAM_NONE, NULL, now)) return;
    } else {
        engine->body->program = &use->program;
        engine->body->campaign = journey->campaign;
        interp_clear_trace(engine->body);
    }
    uint32_t pc = state_of(journey)->timeout;
    if (pc == PROGRAM_NONE) {
        journey_finish(engine, player, journey, TEXT("TRAP"), REASON_TRAP, PROGRAM_NONE, true, now);
        return;
    }
    journey_run(engine, turn, player, journey, pc, WAY_TIMEOUT, PROGRAM_NONE, NULL, now);
}

void journey_leave(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey)
{
    journey_aim(engine, player, journey->use, journey->campaign, NULL, turn->due);
    interp_clear_trace(engine->body);
    journey_lend(engine, journey);
    if (engine->failed == OK) (void)leaves(engine, turn, player, journey, PROGRAM_NONE, NULL, turn->due);
}

void journey_since(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey)
{
    const struct since *since = turn->since;
    struct bank_read bank = {.slot = since->event.slot, .known = since->event.known, .bytes = since->event.bytes};
    engine->body->program = &journey->use->program;
    engine->body->campaign = journey->campaign;
    interp_clear_trace(engine->body);
    uint32_t pc = journey->use->program.wait_case[since->wait_case].target;
    journey_run(engine, turn, player, journey, pc, WAY_CASE, since->wait_case, &bank, turn->now);
}

/* The code of a card that was granted, where the campaign shows it: its variable `offer.code`. */
static void keep_code(const struct engine *engine, const struct player *player, struct journey *journey,
                      const struct request *request)
{
    const struct program *program = &journey->use->program;
    const struct bundle_campaign *campaign = record_of(journey);
    const struct reward *reward = reward_find(player, request->id);
    if (reward == NULL || reward->kind == REWARD_BONUS) return;
    char code[CARD_CODE_SIZE];
    card_code(engine, request->id, code);
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        const struct bundle_variable *variable = &program->variable[campaign->variable_first + i];
        if (variable->kind != TYPE_TEXT || variable->size < CARD_CODE_SIZE - 1 || variable->counter) continue;
        if (!text_equal(program_text(program, variable->name), TEXT("offer.code"))) continue;
        memcpy(state_journey_bytes(journey) + variable->text_offset, code, CARD_CODE_SIZE - 1);
        state_journey_slots(journey)[i] = handle_make(BANK_JOURNEY, CARD_CODE_SIZE - 1, variable->text_offset);
        journey->known |= UINT64_C(1) << i;
    }
}

void journey_answer(struct engine *engine, const struct turn *turn, struct player *player)
{
    const struct request *request = turn->request;
    struct title *title = request->use->plan[request->campaign].title;
    struct journey *journey = state_find_journey(player, title, request->journey);
    if (journey == NULL || journey->status != JOURNEY_REQUESTING) return; /* It has ended in the meantime. */
    const struct bundle_state *state = state_of(journey);
    if (request->granted) journey->made |= UINT64_C(1) << (request->effect % 64);
    if (request->granted) keep_code(engine, player, journey, request);
    if (journey->use->plan[journey->campaign].leaves_when) {
        journey_aim(engine, player, journey->use, journey->campaign, NULL, request->now);
        interp_clear_trace(engine->body);
        journey_lend(engine, journey);
        if (engine->failed != OK || leaves(engine, turn, player, journey, PROGRAM_NONE, NULL, request->now)) return;
    } else {
        engine->body->program = &journey->use->program;
        engine->body->campaign = journey->campaign;
        interp_clear_trace(engine->body);
    }
    const struct kept_event *with = request->granted ? request->answer : NULL;
    struct bank_read bank = {NULL, NULL, NULL};
    if (with != NULL) bank = (struct bank_read){.slot = with->slot, .known = with->known, .bytes = with->bytes};
    journey_run(engine, turn, player, journey, request->granted ? state->granted : state->declined,
                request->granted ? WAY_GRANTED : WAY_DECLINED, PROGRAM_NONE, with == NULL ? NULL : &bank, request->now);
}

void journey_answered(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                      uint32_t pc, const struct bank_read *event)
{
    int64_t now = engine->now;
    state_drop_question(engine, player, journey); /* It is answered. */
    if (journey->use->plan[journey->campaign].leaves_when) {
        journey_aim(engine, player, journey->use, journey->campaign, NULL, now);
        interp_clear_trace(engine->body);
        journey_lend(engine, journey);
        if (engine->failed != OK || leaves(engine, turn, player, journey, PROGRAM_NONE, NULL, now)) return;
    } else {
        engine->body->program = &journey->use->program;
        engine->body->campaign = journey->campaign;
        interp_clear_trace(engine->body);
    }
    enum journey_way way = pc == state_of(journey)->granted ? WAY_GRANTED : WAY_DECLINED;
    journey_run(engine, turn, player, journey, pc, way, PROGRAM_NONE, event, now);
}

/* ---------------------------------------------------------------- ends and pauses */

/* The splits that the journey has passed are kept with its goal: a conversion may come after its end. */
static void keep_passed(struct engine *engine, const struct player *player, const struct journey *journey,
                        struct goal *goal)
{
    const struct bundle_campaign *campaign = record_of(journey);
    const uint8_t *arm = state_journey_arms(journey);
    uint32_t count = 0;
    for (uint32_t i = 0; i < campaign->split_count; i++) count += arm[i] != 0;
    if (count == 0) return;
    struct passed *passed = slab_alloc(&state_shard(engine, player->group)->slab, count * sizeof *passed);
    if (passed == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    goal->passed = passed;
    goal->passed_count = count;
    for (uint32_t i = 0; i < campaign->split_count; i++) {
        if (arm[i] == 0) continue;
        *passed = (struct passed){campaign->split_first + i, arm[i] - 1u};
        if (!programs_newest_arm(engine, journey->title, &journey->use->program, passed)) passed->split = PROGRAM_NONE;
        passed++;
    }
}

static void keep_goal(struct engine *engine, struct player *player, const struct journey *journey)
{
    struct passage *passage = state_passage(engine, player, journey->title, false);
    for (uint32_t i = 0; passage != NULL && i < passage->goal_count; i++) {
        if (passage->goal[i].journey == journey->number) keep_passed(engine, player, journey, &passage->goal[i]);
    }
}

void journey_finish(struct engine *engine, struct player *player, struct journey *journey, struct text as,
                    enum reason reason, uint32_t rule, bool drop, int64_t now)
{
    struct title *title = journey->title;
    struct use *use = journey->use;
    engine->group[player->group].changed = true;
    if (!state_is_test(engine, player) && !figures_add(&title->figures.finished, as, (struct text){"", 0}, 1, 0))
        (void)state_no_memory(engine);
    struct engine_note note = effects_note(engine, NOTE_FINISHED, player, use, journey->campaign, now);
    note.journey = journey->number;
    note.step = record_of(journey)->step_first + journey->step;
    note.finish = as;
    note.reason = reason;
    note.rule = rule;
    effects_emit_note(engine, &note);
    take_question_back(engine, player, journey, now);
    keep_goal(engine, player, journey);
    struct request *request = player->request;
    if (request != NULL && request->kind != REQUEST_ENTER && request->event == NULL &&
        request->journey == journey->number && request->use->plan[request->campaign].title == title) {
        request->withdrawn = true;
    }
    if (drop) drop_delayed(engine, player, journey, reason, rule, now);
    uint32_t number = journey->number;
    missions_ended(engine, player, journey);
    state_remove_journey(engine, player, journey);
    announce_finished(engine, player, title, number, as);
}

void journey_finish_all(struct engine *engine, struct player *player, struct text as, enum reason reason, uint32_t rule,
                        int64_t now)
{
    while (player->journeys != NULL && engine->failed == OK) {
        journey_finish(engine, player, player->journeys, as, reason, rule, true, now);
    }
    while (player->delayed != NULL && engine->failed == OK)
        effects_drop(engine, player, player->delayed, reason, rule, now);
    if (engine->failed == OK) handed_recall(engine, player, NULL, now);
}

void journey_pause(struct engine *engine, struct player *player, struct journey *journey, int64_t now)
{
    if (journey->status != JOURNEY_WAITING) return;
    journey->status = JOURNEY_PAUSED;
    journey->remaining = STATE_NEVER;
    if (journey->due != STATE_NEVER) journey->remaining = journey->due > now ? journey->due - now : 0;
    journey->due = journey->fires = STATE_NEVER;
    journey->timer = ++player->timers; /* Turns of the old deadline find another number. */
    engine->group[player->group].changed = true;
    struct engine_note note = effects_note(engine, NOTE_PAUSED, player, journey->use, journey->campaign, now);
    note.journey = journey->number;
    note.step = record_of(journey)->step_first + journey->step;
    note.reason = REASON_PAUSED;
    effects_emit_note(engine, &note);
}

void journey_unpause(struct engine *engine, struct player *player, struct journey *journey, int64_t now)
{
    if (journey->status != JOURNEY_PAUSED) return;
    journey->status = JOURNEY_WAITING;
    set_deadline(engine, player, journey, journey->remaining == STATE_NEVER ? STATE_NEVER : now + journey->remaining);
    journey->remaining = 0;
    engine->group[player->group].changed = true;
    struct engine_note note = effects_note(engine, NOTE_UNPAUSED, player, journey->use, journey->campaign, now);
    note.journey = journey->number;
    note.step = record_of(journey)->step_first + journey->step;
    effects_emit_note(engine, &note);
    missions_look(engine, player, journey); /* What was counted in the meantime. */
    state_arm_player(engine, player);
}

/* ---------------------------------------------------------------- goals */

/* Every split that the journey passed converts, each in its arm; a journey without one converts alone. */
static void convert(struct engine *engine, struct player *player, struct passage *passage, struct goal *goal,
                    int64_t now)
{
    struct use *use = engine->newest;
    const struct journey *journey = state_find_journey(player, passage->title, goal->journey);
    bool test = state_is_test(engine, player), told = false;
    if (journey != NULL) keep_passed(engine, player, journey, goal);
    if (!test) passage->title->figures.converted++;
    struct engine_note note = effects_note(engine, NOTE_CONVERTED, player, use, passage->title->campaign, now);
    note.journey = goal->journey;
    for (uint32_t i = 0; i < goal->passed_count && engine->failed == OK; i++) {
        if (goal->passed[i].split == PROGRAM_NONE) continue; /* The program has no such arm any more. */
        if (!test) effects_count_arm(engine, passage->title, &use->program, goal->passed[i], 0, 1);
        note.split = goal->passed[i].split;
        note.arm = goal->passed[i].arm;
        effects_emit_note(engine, &note);
        told = true;
    }
    if (!told) effects_emit_note(engine, &note);
    state_free_passed(&state_shard(engine, player->group)->slab, goal);
}

void journey_goals(struct engine *engine, struct player *player, uint32_t index, const struct kept_event *event,
                   int64_t now)
{
    struct use *use = engine->newest;
    for (struct passage *passage = player->passages; passage != NULL; passage = passage->next) {
        uint32_t campaign = passage->title->campaign;
        if (passage->goal_count == 0 || campaign == PROGRAM_NONE || use->program.campaign[campaign].goal_event != index)
            continue;
        struct bank_read bank = {.slot = event->slot, .known = event->known, .bytes = event->bytes};
        journey_aim(engine, player, use, campaign, &bank, now);
        interp_clear_trace(engine->body);
        bool met =
            journey_filter(engine, player, use->program.campaign[campaign].goal_filter, PROBE_GOAL, 0, PROGRAM_NONE);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < passage->goal_count; i++) {
            struct goal *goal = &passage->goal[i];
            if (now >= goal->until)
                state_free_passed(&state_shard(engine, player->group)->slab, goal); /* Its time is over. */
            else if (met)
                convert(engine, player, passage, goal, now);
            else
                passage->goal[kept++] = *goal;
        }
        passage->goal_count = kept;
        engine->group[player->group].changed = true;
    }
}
