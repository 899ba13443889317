/* Answers to requests. See requests.h. */
#include "runtime/engine/requests.h"

#include "runtime/engine/bonus.h"
#include "runtime/engine/codes.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/handed.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/keys.h"
#include "runtime/engine/run.h"
#include "vm/civil.h"
#include "vm/meaning.h"
#include "vm/round.h"

/* ---------------------------------------------------------------- the suspended flag */

void requests_suspend(struct engine *engine, const struct use *use, uint32_t campaign, uint32_t budget, int64_t now)
{
    struct title *title = use->plan[campaign].title;
    enum reason reason = budget == PROGRAM_NONE ? REASON_NONE : REASON_BUDGET;
    switch (books_suspend(engine->books, title->name, (uint16_t)reason, now)) {
    case BOOKS_CHANGED: break;
    case BOOKS_UNCHANGED: return;
    case BOOKS_CHANGE_NO_MEMORY: (void)state_no_memory(engine); return;
    }
    title->suspended = true;
    struct engine_note note = effects_note(engine, NOTE_SUSPENDED, NULL, use, campaign, now);
    note.reason = reason;
    note.budget = budget;
    effects_emit_note(engine, &note);
    if (budget != PROGRAM_NONE) effects_suspended(engine, use, campaign, budget, now);
}

void requests_resume(struct engine *engine, const struct use *use, uint32_t campaign, int64_t now)
{
    struct title *title = use->plan[campaign].title;
    switch (books_resume(engine->books, title->name)) {
    case BOOKS_CHANGED: break;
    case BOOKS_UNCHANGED: return;
    case BOOKS_CHANGE_NO_MEMORY: (void)state_no_memory(engine); return;
    }
    title->suspended = false;
    struct engine_note note = effects_note(engine, NOTE_RESUMED, NULL, use, campaign, now);
    effects_emit_note(engine, &note);
}

/* ---------------------------------------------------------------- credits */

static const struct bundle_effect *effect_of(const struct request *request)
{
    const struct program *program = &request->use->program;
    return &program->effect[program->campaign[request->campaign].effect_first + request->effect];
}

/* A declined credit: a note, and a figure. */
static void decline(struct engine *engine, struct request *request, enum reason reason, uint32_t rule,
                    const struct books_refusal *refusal)
{
    request->granted = false;
    request->reason = reason;
    const char *detail = refusal == NULL ? "" : refusal->detail;
    effects_refused(engine, request->player, request->use->plan[request->campaign].title, reason, detail);
    struct engine_note note =
        effects_note(engine, NOTE_EFFECT_REFUSED, request->player, request->use, request->campaign, request->now);
    note.journey = request->journey;
    note.effect = effect_of(request);
    note.step = note.effect->step;
    note.reason = reason;
    note.rule = rule;
    note.detail = detail;
    if (refusal != NULL) {
        note.amount = refusal->cost;
        note.left = refusal->left;
    }
    if (refusal != NULL && request->use == engine->newest) {
        note.budget = refusal->budget;
        note.limit = refusal->limit;
    }
    memcpy(note.effect_id, request->id, sizeof note.effect_id);
    effects_emit_note(engine, &note);
}

static void grant(struct engine *engine, struct request *request, int64_t cost)
{
    request->granted = true;
    struct title *title = request->use->plan[request->campaign].title;
    struct passage *passage = state_passage(engine, request->player, title, true);
    if (passage == NULL) return;
    passage->spent += cost;
    request->player->rewards++;
    engine->group[request->player->group].changed = true;
    if (cost > 0) {
        struct engine_note note =
            effects_note(engine, NOTE_RESERVED, request->player, request->use, request->campaign, request->now);
        note.journey = request->journey;
        note.effect = effect_of(request);
        note.step = note.effect->step;
        note.amount = cost;
        note.budget = request->use->program.campaign[request->campaign].budget;
        memcpy(note.effect_id, request->id, sizeof note.effect_id);
        effects_emit_note(engine, &note);
    }
    struct reward *reward = bonus_grant(engine, request);
    if (reward == NULL || reward->state != REWARD_OFFERED) {
        handed_out(engine, request->player, title, request->journey, request->id, true, request->now);
        effects_credit(engine, request, reward != NULL && reward->state == REWARD_PENDING);
    }
    if (reward != NULL) bonus_begin(engine, request->player, reward);
}

/* The total or a pool refused: `when empty` of that budget. True where the journey ends. */
static bool run_dry(struct engine *engine, const struct request *request, const struct use *use, uint32_t campaign,
                    uint32_t number)
{
    const struct bundle_budget *budget = &use->program.budget[number];
    switch ((enum when_empty)budget->when_empty) {
    case EMPTY_SUSPEND: requests_suspend(engine, use, campaign, number, request->now); return false;
    case EMPTY_FINISH: {
        struct title *title = use->plan[campaign].title;
        struct journey *journey = state_find_journey(request->player, title, request->journey);
        if (journey == NULL) return true;
        struct text as = program_text(&use->program, budget->reason);
        journey_finish(engine, request->player, journey, as, REASON_BUDGET, PROGRAM_NONE, false, request->now);
        return true;
    }
    case EMPTY_STOP_RUN: {
        struct title *title = use->plan[campaign].title;
        const struct journey *journey = state_find_journey(request->player, title, request->journey);
        if (journey != NULL) run_stop(engine, title, journey->run);
        return false;
    }
    case EMPTY_GO_ON:
    case WHEN_EMPTY_COUNT: break;
    }
    return false;
}

/* No credit will be asked for at an instant before this one: deadlines come late by their campaign's grace at most, and clocks of
 * campaigns lie less than two days apart. */
static int64_t earliest_request(const struct engine *engine)
{
    int64_t grace = 0;
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        if (programs_needed(engine, use) && use->longest_grace > grace) grace = use->longest_grace;
    }
    return engine->now - grace - 2 * CIVIL_DAY_MS;
}

/* Only a part of the cost fits: so does the amount, which is the cost, and what is paid of it in another currency. */
static void shorten(struct request *request, int64_t cost)
{
    const struct program *program = &request->use->program;
    const struct bundle_offer *offer = &program->offer[effect_of(request)->object];
    const struct meaning_credit credit = meaning_credit(program, effect_of(request));
    int64_t before = request->values[credit.cost];
    const uint32_t scaled[] = {offer->amount_parameter, credit.paid};
    for (size_t i = 0; i < sizeof scaled / sizeof *scaled; i++) {
        if (scaled[i] == PROGRAM_NONE) continue;
        int64_t part;
        if (!round_mul_div(&part, request->values[scaled[i]], cost, before, ROUNDING_DOWN)) part = 0;
        request->values[scaled[i]] = part;
    }
    request->values[credit.cost] = cost;
}

/* What a run would have paid stands in the ledger. */
static void withhold(struct engine *engine, const struct request *request, uint32_t rule)
{
    const struct program *program = &request->use->program;
    const struct title *title = request->use->plan[request->campaign].title;
    const struct journey *journey = state_find_journey(request->player, title, request->journey);
    if (journey == NULL || journey->run == INT64_MIN) return;
    if (program->campaign[request->campaign].start_kind != START_SCHEDULE) return;
    int64_t cost = effects_cost(program, effect_of(request), request->values);
    if (cost > 0)
        effects_withheld(engine, request->player, request->use, request->campaign, request->journey, request->effect,
                         cost, rule, request->now);
}

/* True where the journey ended with the answer. */
static bool serve_credit(struct engine *engine, struct request *request)
{
    const struct program *program = &request->use->program;
    const struct bundle_effect *effect = effect_of(request);
    const struct bundle_offer *offer = &program->offer[effect->object];
    struct campaign_plan *plan = &request->use->plan[request->campaign];
    gates_aim(engine, request->player, request->now);
    uint32_t rule;
    enum reason verdict = gates_reward(engine, request->player, request, &rule);
    if (verdict != REASON_NONE) {
        decline(engine, request, verdict, rule, NULL);
        if (verdict == REASON_RG_BLOCKED) withhold(engine, request, rule);
        return false;
    }
    if (plan->title->suspended) {
        decline(engine, request, REASON_SUSPENDED, PROGRAM_NONE, NULL);
        return false;
    }
    int64_t cost = request->values[program->action[offer->action].parameter_count];
    bool nothing = offer->amount_parameter != PROGRAM_NONE && request->values[offer->amount_parameter] <= 0;
    if (cost < 0 || nothing) {
        decline(engine, request, REASON_AMOUNT_ZERO, PROGRAM_NONE, NULL);
        return false;
    }
    if (bonus_is_used_up(request)) {
        decline(engine, request, REASON_ALREADY_GRANTED, PROGRAM_NONE, NULL);
        return false;
    }
    if (bonus_is_reversed(engine, request)) {
        decline(engine, request, REASON_REVERSED, PROGRAM_NONE, NULL);
        return false;
    }
    /* What costs nothing fits always; it is kept in the books all the same, so that the wallet's word finds its journey.
     * Budgets are never pinned: the newest program's count, where it still has the campaign. */
    const struct use *use = plan->newest == PROGRAM_NONE ? request->use : engine->newest;
    uint32_t campaign = plan->newest == PROGRAM_NONE ? request->campaign : plan->newest;
    const struct journey *journey = state_find_journey(request->player, plan->title, request->journey);
    int64_t run = journey == NULL ? INT64_MIN : journey->run;
    if (run != INT64_MIN && run_is_stopped(plan->title, run)) {
        decline(engine, request, REASON_BUDGET, PROGRAM_NONE, NULL);
        return false;
    }
    struct books_request asked = {
        .program = &use->program,
        .campaign = campaign,
        .offer = program_text(program, offer->name),
        .brand = state_player_brand(request->player),
        .player = state_player_id(request->player),
        .group = request->player->group,
        .journey = request->journey,
        .now = request->now,
        .run = run,
        .runs_from = run_oldest(engine),
        .earliest = earliest_request(engine),
        .campaign_zone = use->plan[campaign].zone,
        .home_zone = engine->newest->home_zone,
        .returnable = bonus_is_returnable(request),
        .cost =
            state_is_test(engine, request->player) ? 0 : cost, /* A test is kept for its answer, and takes nothing. */
    };
    memcpy(asked.effect, request->id, sizeof asked.effect);
    if (epoch_adopts(engine, request, &asked, plan->title->name)) {
        if (asked.cost != cost && asked.cost > 0 && cost > 0) shorten(request, asked.cost);
        grant(engine, request, asked.cost);
        return false;
    }
    if (engine->unreconciled && asked.cost > 0) {
        decline(engine, request, REASON_UNRECONCILED, PROGRAM_NONE, NULL);
        return false;
    }
    struct books_refusal refusal;
    enum books_answer answer = books_reserve(engine->books, &asked, &refusal);
    /* What is left, in every limit that it falls under. */
    while (answer == BOOKS_REFUSED && offer->short_grant && refusal.left > 0 && refusal.left < asked.cost) {
        asked.cost = refusal.left;
        answer = books_reserve(engine->books, &asked, &refusal);
    }
    if (answer == BOOKS_GRANTED && asked.cost < cost && asked.cost > 0) shorten(request, asked.cost);
    switch (answer) {
    case BOOKS_GRANTED: grant(engine, request, asked.cost); return false;
    case BOOKS_REPEATED: decline(engine, request, REASON_DUPLICATE, PROGRAM_NONE, NULL); return false;
    case BOOKS_NO_MEMORY: (void)state_no_memory(engine); return false;
    case BOOKS_REFUSED: break;
    }
    refusal.cost = cost; /* What the reward asks for, not what was tried last. */
    decline(engine, request, REASON_BUDGET, PROGRAM_NONE, &refusal);
    return refusal.empty && run_dry(engine, request, use, campaign, refusal.budget);
}

static void serve_entry(struct engine *engine, struct request *request)
{
    const struct use *use = request->use;
    const struct bundle_campaign *campaign = &use->program.campaign[request->campaign];
    if (use->plan[request->campaign].title->suspended) {
        request->reason = REASON_SUSPENDED; /* By a request that was served before this one. */
        return;
    }
    if (state_is_test(engine, request->player)) {
        request->granted = true; /* Beside the number of players. */
        return;
    }
    /* Nobody else enters with one of his keys; he takes them only where he has a place too. */
    if (keys_used(engine, request->player, request->campaign)) {
        request->reason = REASON_KEY_USED;
        return;
    }
    if (campaign->enter_limit == PROGRAM_NONE) {
        request->granted = true;
        keys_take(engine, request->player, request->campaign);
        return;
    }
    switch (books_enter(engine->books, use->plan[request->campaign].title->name, campaign->enter_limit)) {
    case BOOKS_CHANGED:
        request->granted = true;
        keys_take(engine, request->player, request->campaign);
        break;
    case BOOKS_UNCHANGED: request->reason = REASON_ENTRANTS; break;
    case BOOKS_CHANGE_NO_MEMORY: (void)state_no_memory(engine); break;
    }
}

void requests_serve(struct engine *engine, struct request *request)
{
    request->player->request = NULL;
    engine->paused--;
    bool ended = false;
    if (request->withdrawn) {
        if (request->kind == REQUEST_CREDIT || (request->kind == REQUEST_CODE && request->event == NULL)) {
            decline(engine, request, REASON_WITHDRAWN, PROGRAM_NONE, NULL);
        } else if (request->kind == REQUEST_CODE) {
            codes_serve(engine, request);
        } else {
            request->reason = REASON_WITHDRAWN;
        }
    } else if (request->kind == REQUEST_CREDIT) {
        ended = serve_credit(engine, request);
    } else if (request->kind == REQUEST_CODE) {
        codes_serve(engine, request);
        if (request->event == NULL && !request->granted) decline(engine, request, request->reason, PROGRAM_NONE, NULL);
    } else {
        serve_entry(engine, request);
    }
    if (engine->failed == OK) bonus_show(engine, request->player);
    if (ended || engine->failed != OK) return;
    struct turn resume = {
        .kind = TURN_RESUME, .player = request->player, .rank = request->turn.rank, .request = request};
    fold_cause(engine, &request->turn, resume);
}
