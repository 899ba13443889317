/* Whether a player enters. See entry.h for the order of the checks. */
#include "runtime/engine/entry.h"

#include "runtime/engine/experiment.h"
#include "runtime/engine/board.h"
#include "runtime/engine/codes.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/keys.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/run.h"
#include "runtime/engine/suppress.h"
#include "vm/split.h"
#include "vm/zone.h"

/* What an entry needs throughout. */
struct start {
    struct engine *engine;
    const struct turn *turn;
    struct player *player;
    struct use *use;
    uint32_t campaign;
    const struct bundle_campaign *record;
    struct campaign_plan *plan;
    struct bank_read event;
    int64_t now;
    uint32_t tournament;      /* Or PROGRAM_NONE … */
    struct instance instance; /* … and which of its instances is entered … */
    bool is_open;             /* … if any. */
};

/* ---------------------------------------------------------------- refusals */

/* The refusal is kept for explain: reason, rule and the conditions that were judged. */
static void keep_refusal(const struct start *start, enum reason reason, uint32_t rule)
{
    struct engine *engine = start->engine;
    struct passage *passage = state_passage(engine, start->player, start->plan->title, true);
    if (passage == NULL) return;
    passage->refused = (uint16_t)reason;
    passage->refused_at = start->now;
    passage->refused_rule = rule;
    state_keep_trace(engine, start->player, &passage->refused_trace, &passage->refused_sites,
                     start->use->program.region[start->record->region].site_count);
}

static void tell_refusal(const struct start *start, enum reason reason, uint32_t rule, struct text finish)
{
    struct engine *engine = start->engine;
    if (engine->options.sink.note == NULL) return;
    struct engine_note note =
        effects_note(engine, NOTE_ENTRY_REFUSED, start->player, start->use, start->campaign, start->now);
    note.reason = reason;
    note.rule = rule;
    note.finish = finish;
    effects_emit_note(engine, &note);
}

static void refuse(const struct start *start, enum reason reason, uint32_t rule, struct text finish)
{
    keep_refusal(start, reason, rule);
    if (!state_is_test(start->engine, start->player)) start->plan->title->figures.entries_refused[reason]++;
    tell_refusal(start, reason, rule, finish);
}

/* ---------------------------------------------------------------- checks */

/* A filter that reads money first asks for its currency, which stands in the slot behind the amount. */
static bool refused_by_currency(const struct start *start)
{
    const struct program *program = &start->use->program;
    const struct bundle_region *region = &program->region[start->record->region];
    if (start->record->start_event == PROGRAM_NONE) return false;
    const struct bundle_event *event = &program->event[start->record->start_event];
    for (uint32_t i = 0; i < region->site_count; i++) {
        const struct bundle_site *site = &program->site[region->site_first + i];
        if (start->engine->body->trace[i] != 2 || site->bank != BANK_EVENT) continue;
        for (uint32_t j = 0; j < event->field_count; j++) {
            const struct bundle_field *field = &program->field[event->field_first + j];
            if (field->kind == TYPE_MONEY && site->slot == field->slot + 1) return true;
        }
    }
    return false;
}

static bool is_about(const struct start *start)
{
    if (start->record->start_about == PROGRAM_NONE || start->event.known == NULL) return true;
    struct text wanted = program_text(&start->use->program, start->record->start_about);
    if ((start->event.known[0] >> PROGRAM_SLOT_ABOUT) & 1) {
        return text_equal(interp_text(start->engine->body, start->event.slot[PROGRAM_SLOT_ABOUT]), wanted);
    }
    /* Only the effect is known: the books tell the offer of a credit. */
    if (!((start->event.known[0] >> PROGRAM_SLOT_ABOUT_EFFECT) & 1)) return false;
    struct text hex = interp_text(start->engine->body, start->event.slot[PROGRAM_SLOT_ABOUT_EFFECT]);
    uint8_t effect[16];
    struct books_settled settled;
    return start->use->program.event[start->record->start_event].about == ABOUT_OFFER &&
           crypto_unhex(effect, sizeof effect, hex) &&
           books_find(start->engine->books, effect, &settled) != BOOKS_UNKNOWN &&
           text_equal(settled.player, state_player_id(start->player)) &&
           text_equal(settled.brand, state_player_brand(start->player)) && text_equal(settled.offer, wanted);
}

/* The `hold out` line that keeps the player from all that promotes or rewards, or PROGRAM_NONE. */
static uint32_t held_out_by(const struct start *start)
{
    const struct use *use = start->use;
    if (!start->plan->promotes || state_is_test(start->engine, start->player)) return PROGRAM_NONE;
    for (uint32_t i = 0; i < use->hold_out_count; i++) {
        const struct bundle_rule *rule = &use->program.rule[use->hold_out_rule[i]];
        struct text salt = program_text(&use->program, rule->object);
        bool held = split_millionth(state_player_id(start->player), split_seed(salt)) < rule->amount;
        for (const struct arm_given *arm = start->engine->arms; arm != NULL; arm = arm->next) {
            if (text_equal(arm->split, salt)) held = arm->arm == 0;
        }
        if (held) return use->hold_out_rule[i];
    }
    return PROGRAM_NONE;
}

/* Whether another campaign of the group has the player: a journey that runs, or one that began at this very instant. */
static bool has_other(const struct start *start, uint32_t rule)
{
    const struct use *use = start->use;
    const struct player *player = start->player;
    for (const struct passage *passage = player->passages; passage != NULL; passage = passage->next) {
        uint32_t other = passage->title->campaign;
        if (other == PROGRAM_NONE || other == start->campaign) continue;
        bool member = false;
        for (uint32_t i = use->group_of[other]; i < use->group_of[other + 1]; i++)
            member = member || use->group_rule[i] == rule;
        if (!member) continue;
        if (passage->journeys > 0 && passage->entered_at == start->now) return true;
        for (const struct journey *journey = player->journeys; journey != NULL; journey = journey->next) {
            if (journey->title == passage->title) return true;
        }
    }
    return false;
}

/* The group that has no room for the player in this campaign, or PROGRAM_NONE. */
static uint32_t group_taken(const struct start *start)
{
    const struct use *use = start->use;
    for (uint32_t i = use->group_of[start->campaign]; i < use->group_of[start->campaign + 1]; i++) {
        if (has_other(start, use->group_rule[i])) return use->group_rule[i];
    }
    return PROGRAM_NONE;
}

/* The first day of the calendar period that holds a date. */
static int64_t period_of(enum enter enter, int64_t date)
{
    if (enter == ENTER_WEEK) return date - (int64_t)civil_weekday(date);
    if (enter == ENTER_MONTH || enter == ENTER_YEAR) {
        struct civil_date parts = civil_date_parts(date);
        return civil_date_of(parts.year, enter == ENTER_YEAR ? 1 : parts.month, 1);
    }
    return date;
}

static uint32_t enter_count(const struct bundle_campaign *campaign)
{
    return campaign->enter_count == 0 ? 1 : campaign->enter_count;
}

/* The `enter` line. */
static bool may_enter(const struct start *start, const struct passage *passage)
{
    if (passage == NULL || passage->journeys == 0) return true;
    enum enter enter = (enum enter)start->record->enter;
    uint32_t most = enter_count(start->record);
    bool ever = enter == ENTER_ONCE || (enter == ENTER_WINDOW && start->record->enter_window_kind == WINDOW_NONE);
    if (enter == ENTER_ALWAYS) return true;
    if (ever) return passage->journeys < most;
    uint32_t zone = start->plan->zone;
    int64_t period = period_of(enter, zone_date(zone, start->now));
    uint32_t used = 0;
    for (uint32_t i = 0; i < passage->entered_count; i++) {
        int64_t at = passage->entered[i];
        if (enter != ENTER_WINDOW) {
            used += period_of(enter, zone_date(zone, at)) == period;
        } else if (start->record->enter_window_kind == WINDOW_EXACT) {
            used += at + start->record->enter_window > start->now;
        } else {
            int64_t packed = start->record->enter_window;
            used += zone_add_calendar(zone, at, calendar_months(packed), calendar_days(packed), calendar_ms(packed)) >
                    start->now;
        }
    }
    return used < most;
}

/* Keeps the latest entries, as many as the rule counts. */
static bool keep_entry(const struct start *start, struct passage *passage)
{
    enum enter enter = (enum enter)start->record->enter;
    if (enter == ENTER_ONCE || enter == ENTER_ALWAYS) return true;
    uint32_t most = enter_count(start->record);
    struct slab *slab = &state_shard(start->engine, start->player->group)->slab;
    if (passage->entered_count == passage->entered_capacity && passage->entered_count < most) {
        uint32_t capacity = passage->entered_capacity == 0 ? 2 : passage->entered_capacity * 2;
        if (capacity > most) capacity = most;
        int64_t *entered = slab_alloc(slab, capacity * sizeof *entered);
        if (entered == NULL) return false;
        if (passage->entered_count > 0) memcpy(entered, passage->entered, passage->entered_count * sizeof *entered);
        slab_free(slab, passage->entered, passage->entered_capacity * sizeof *entered);
        passage->entered = entered;
        passage->entered_capacity = capacity;
    }
    if (passage->entered_count >= most) {
        uint32_t gone = passage->entered_count - most + 1;
        memmove(passage->entered, passage->entered + gone, (passage->entered_count - gone) * sizeof *passage->entered);
        passage->entered_count -= gone;
    }
    passage->entered[passage->entered_count++] = start->now;
    return true;
}

static bool open_goal(const struct start *start, struct passage *passage, uint32_t journey)
{
    const struct bundle_campaign *campaign = start->record;
    if (campaign->goal_event == PROGRAM_NONE) return true;
    int64_t until = STATE_NEVER, packed = campaign->goal_within;
    if (campaign->goal_kind == WINDOW_EXACT) until = start->now + packed;
    if (campaign->goal_kind == WINDOW_CALENDAR) {
        until = zone_add_calendar(start->plan->zone, start->now, calendar_months(packed), calendar_days(packed),
                                  calendar_ms(packed));
    }
    struct slab *slab = &state_shard(start->engine, start->player->group)->slab;
    /* Those whose time is over make room. */
    uint32_t kept = 0;
    for (uint32_t i = 0; i < passage->goal_count; i++) {
        if (passage->goal[i].until > start->now)
            passage->goal[kept++] = passage->goal[i];
        else
            state_free_passed(slab, &passage->goal[i]);
    }
    passage->goal_count = kept;
    if (passage->goal_count == passage->goal_capacity) {
        uint32_t capacity = passage->goal_capacity + 1;
        struct goal *goal = slab_alloc(slab, capacity * sizeof *goal);
        if (goal == NULL) return false;
        if (passage->goal_count > 0) memcpy(goal, passage->goal, passage->goal_count * sizeof *goal);
        slab_free(slab, passage->goal, passage->goal_capacity * sizeof *goal);
        passage->goal = goal;
        passage->goal_capacity = capacity;
    }
    passage->goal[passage->goal_count++] = (struct goal){.journey = journey, .until = until};
    return true;
}

/* ---------------------------------------------------------------- entering */

static uint32_t at_once(const struct bundle_campaign *campaign)
{
    return campaign->at_once == 0 ? 1 : campaign->at_once;
}

bool entry_is_full(const struct use *use, uint32_t campaign, uint32_t running)
{
    const struct bundle_campaign *record = &use->program.campaign[campaign];
    return running >= at_once(record) && !record->restarts;
}

/* `restarting as`: the oldest journeys make room for the new one. */
static void make_room(const struct start *start)
{
    struct engine *engine = start->engine;
    struct title *title = start->plan->title;
    struct text as = program_text(&start->use->program, start->record->restart_reason);
    for (;;) {
        struct journey *oldest = NULL;
        uint32_t count = 0;
        for (struct journey *journey = start->player->journeys; journey != NULL; journey = journey->next) {
            if (journey->title != title) continue;
            if (count++ == 0) oldest = journey;
        }
        if (count < at_once(start->record) || engine->failed != OK) return;
        journey_finish(engine, start->player, oldest, as, REASON_RESTARTED, PROGRAM_NONE, true, start->now);
    }
}

static void enter(const struct start *start)
{
    struct engine *engine = start->engine;
    struct player *player = start->player;
    if (start->record->restarts) make_room(start);
    struct passage *passage = state_passage(engine, player, start->plan->title, true);
    if (passage == NULL) return;
    uint32_t number = passage->journeys + 1;
    if (!keep_entry(start, passage) || !open_goal(start, passage, number)) {
        (void)state_no_memory(engine);
        return;
    }
    struct journey *journey = state_add_journey(engine, player, start->use, start->campaign);
    if (journey == NULL) return;
    missions_entered(start->use, start->campaign, passage);
    passage->journeys = number;
    passage->entered_at = start->now;
    journey->number = number;
    journey->entered_at = start->now;
    journey->run =
        start->turn->class == TURN_RUN && start->turn->key_title == start->plan->title ? start->turn->due : INT64_MIN;
    if (start->tournament != PROGRAM_NONE) journey->run = start->instance.start;
    if (start->record->runs_end == RUNS_END_END) journey->ends_at = start->plan->runs_until;
    state_insert_journey(player, journey);
    if (start->record->start_event != PROGRAM_NONE)
        codes_began(engine, player, journey, start->record->start_event, &start->event);
    if (!state_is_test(engine, player)) start->plan->title->figures.entered++;
    struct engine_note note = effects_note(engine, NOTE_ENTERED, player, start->use, start->campaign, start->now);
    note.journey = number;
    effects_emit_note(engine, &note);
    experiment_entered(engine, player, start->use, start->campaign, number);
    missions_look(engine, player, journey); /* Where a test lets it begin elsewhere. */
    journey_run(engine, start->turn, player, journey, start->record->start, WAY_START, PROGRAM_NONE, &start->event,
                start->now);
}

/* A row of a run that responsible gaming alone keeps out: what it would have been paid at once stands in the ledger, once for each run. */
static void withhold(const struct start *start, uint32_t rule, uint32_t running)
{
    struct engine *engine = start->engine;
    struct title *title = start->plan->title;
    if (start->turn->class != TURN_RUN || start->turn->title != title || run_is_stopped(title, start->turn->due))
        return;
    struct passage *passage = state_passage(engine, start->player, title, false);
    if (entry_is_full(start->use, start->campaign, running) || !may_enter(start, passage)) return;
    if (held_out_by(start) != PROGRAM_NONE || group_taken(start) != PROGRAM_NONE) return;
    uint32_t number = passage == NULL ? 1 : passage->journeys + 1, effect;
    int64_t cost;
    if (journey_would_credit(engine, start->player, start->use, start->campaign, number, start->now, &effect, &cost))
        effects_withheld(engine, start->player, start->use, start->campaign, 0, effect, cost, rule, start->now);
}

static void set_out(struct start *start, struct engine *engine, const struct turn *turn, struct player *player,
                    uint32_t campaign, const struct kept_event *event)
{
    struct use *use = engine->newest;
    *start = (struct start){
        .engine = engine,
        .turn = turn,
        .player = player,
        .use = use,
        .campaign = campaign,
        .record = &use->program.campaign[campaign],
        .plan = &use->plan[campaign],
        .now = engine->now,
    };
    if (event != NULL)
        start->event = (struct bank_read){.slot = event->slot, .known = event->known, .bytes = event->bytes};
    start->tournament = use->tournament_of[campaign];
    if (start->tournament != PROGRAM_NONE)
        start->is_open = board_entered(engine, start->tournament, &start->event, &start->instance);
    journey_aim(engine, player, use, campaign, &start->event, start->now);
}

/* A tournament that players enter by what it counts is entered by the first of an instance; the others are no starts. */
static bool is_counted(const struct start *start)
{
    if (start->tournament == PROGRAM_NONE) return false;
    const struct program *program = &start->use->program;
    return board_starts_by_counting(program, &program->tournament[start->tournament]) &&
           (!start->is_open || board_has(start->player, start->plan->title, start->instance.start));
}

bool entry_in_audience(struct engine *engine, const struct turn *turn, struct player *player, uint32_t campaign)
{
    struct start start;
    set_out(&start, engine, turn, player, campaign, NULL);
    interp_clear_trace(engine->body);
    if (journey_filter(engine, player, start.record->audience, PROBE_AUDIENCE, 0, PROGRAM_NONE)) return true;
    keep_refusal(&start, REASON_NOT_IN_AUDIENCE, PROGRAM_NONE);
    tell_refusal(&start, REASON_NOT_IN_AUDIENCE, PROGRAM_NONE, (struct text){"", 0});
    return false;
}

void entry_try(struct engine *engine, const struct turn *turn, struct player *player, uint32_t campaign,
               const struct kept_event *event, uint32_t running)
{
    static const struct text nothing = {"", 0};
    if (engine->campaigns_given != NULL && campaign < engine->campaigns_given_count &&
        !engine->campaigns_given[campaign])
        return;
    struct start start;
    set_out(&start, engine, turn, player, campaign, event);
    if (!is_about(&start) || is_counted(&start)) return;
    interp_clear_trace(engine->body);
    struct title *title = start.plan->title;
    if (!journey_filter(engine, player, start.record->start_filter, PROBE_START_FILTER, 0, PROGRAM_NONE)) {
        refuse(&start, refused_by_currency(&start) ? REASON_CURRENCY : REASON_FILTER, PROGRAM_NONE, nothing);
        return;
    }
    if (!state_is_test(engine, player)) title->figures.started++;
    if (turn->depth > STATE_CASCADE) {
        refuse(&start, REASON_CASCADE_LIMIT, PROGRAM_NONE, nothing);
        return;
    }
    if (start.now < start.plan->runs_from || start.now >= start.plan->runs_until) {
        refuse(&start, REASON_OUTSIDE_RUNS, PROGRAM_NONE, nothing);
        return;
    }
    if (start.tournament != PROGRAM_NONE && !start.is_open) {
        refuse(&start, REASON_NOT_OPEN, PROGRAM_NONE, nothing);
        return;
    }
    if (title->suspended) {
        refuse(&start, REASON_SUSPENDED, PROGRAM_NONE, nothing);
        return;
    }
    if (title->stopped != TITLE_OPEN) {
        refuse(&start, title->stopped == TITLE_ENDED ? REASON_ENDED : REASON_KILLED, PROGRAM_NONE, nothing);
        return;
    }
    if (start.plan->promotes && suppress_holds(engine, player)) {
        refuse(&start, REASON_SUPPRESSED, PROGRAM_NONE, nothing);
        return;
    }
    gates_aim(engine, player, start.now);
    uint32_t rule = gates_finish_rule(engine, player);
    if (rule == PROGRAM_NONE) rule = gates_enter_rule(engine, player);
    if (rule != PROGRAM_NONE) {
        refuse(&start, gates_reason(engine, rule), rule, nothing);
        if (gates_reason(engine, rule) == REASON_RG_BLOCKED) withhold(&start, rule, running);
        return;
    }
    /* The audience of a run was judged when its rows were frozen. */
    bool judged = turn->class == TURN_RUN && turn->title == title;
    if (judged && run_is_stopped(title, turn->due)) {
        refuse(&start, REASON_BUDGET, PROGRAM_NONE, nothing);
        return;
    }
    if (!judged && !journey_filter(engine, player, start.record->audience, PROBE_AUDIENCE, 0, PROGRAM_NONE)) {
        refuse(&start, REASON_NOT_IN_AUDIENCE, PROGRAM_NONE, nothing);
        return;
    }
    rule = held_out_by(&start);
    if (rule != PROGRAM_NONE) {
        experiment_held_out(engine, player, campaign, rule);
        refuse(&start, REASON_HELD_OUT, rule, nothing);
        return;
    }
    bool has = start.tournament != PROGRAM_NONE && board_has(player, title, start.instance.start);
    if (has || entry_is_full(start.use, campaign, running)) {
        refuse(&start, REASON_ALREADY_RUNNING, PROGRAM_NONE, nothing);
        return;
    }
    struct passage *passage = state_passage(engine, player, title, false);
    if (!may_enter(&start, passage)) {
        refuse(&start, REASON_ALREADY_ENTERED, PROGRAM_NONE, nothing);
        return;
    }
    if (!missions_may_enter(start.use, campaign, passage, start.plan->zone, start.now)) {
        refuse(&start, REASON_COMPLETED_ENOUGH, PROGRAM_NONE, nothing);
        return;
    }
    rule = group_taken(&start);
    if (rule != PROGRAM_NONE) {
        refuse(&start, REASON_GROUP, rule, nothing);
        return;
    }
    bool makes_room = start.record->restarts && running >= at_once(start.record);
    if (player->journey_count >= LIMIT_JOURNEYS_PER_PLAYER && !makes_room) {
        refuse(&start, REASON_JOURNEYS_LIMIT, PROGRAM_NONE, nothing);
        return;
    }
    if (keys_missing(engine, player, campaign) && !state_is_test(engine, player)) {
        refuse(&start, REASON_KEY_MISSING, PROGRAM_NONE, nothing);
        return;
    }
    bool first = passage == NULL || passage->journeys == 0;
    if (first && (start.record->enter_limit != PROGRAM_NONE || start.record->key_count > 0)) {
        struct request *request = fold_request(engine, turn, player);
        if (request == NULL) return;
        request->kind = REQUEST_ENTER;
        request->use = start.use;
        request->campaign = campaign;
        request->now = start.now;
        request->event = event;
        return;
    }
    enter(&start);
}

void entry_answer(struct engine *engine, const struct turn *turn, struct player *player)
{
    const struct request *request = turn->request;
    struct start start;
    set_out(&start, engine, turn, player, request->campaign, request->event);
    if (request->granted && start.tournament != PROGRAM_NONE && !start.is_open) {
        interp_clear_trace(engine->body);
        refuse(&start, REASON_NOT_OPEN, PROGRAM_NONE, (struct text){"", 0});
        return;
    }
    if (request->granted) {
        interp_clear_trace(engine->body);
        enter(&start);
        return;
    }
    struct text finish = {"", 0};
    if (request->reason == REASON_ENTRANTS)
        finish = program_text(&start.use->program, start.record->enter_limit_reason);
    interp_clear_trace(engine->body);
    refuse(&start, request->reason, PROGRAM_NONE, finish);
    if (finish.size == 0) return;
    if (!state_is_test(engine, player) &&
        !figures_add(&start.plan->title->figures.finished, finish, (struct text){"", 0}, 1, 0))
        (void)state_no_memory(engine);
    struct engine_note note = effects_note(engine, NOTE_FINISHED, player, start.use, start.campaign, start.now);
    note.finish = finish;
    note.reason = REASON_ENTRANTS;
    effects_emit_note(engine, &note);
}
