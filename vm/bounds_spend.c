/*
 * What is left of a journey's largest spend when everything that limits it is counted: budgets, entries, entrants, codes, grants, prizes.
 *
 * Each limit gives a bound of its own; the smallest counts, and the record says which it was. A bound holds for the rewards that are granted and not
 * given back: a credit that the wallet refused returns what it took.
 *
 *   a player     journeys × entries (of a period: × the periods of `runs`) · redemptions of a code × journeys · grants × cost · `per player` · whatever bounds the whole campaign
 *   in all       `total` · shared pool · entrants × a player · redemptions × a journey · limits by offer · the prizes of a single instance
 *   a run        `per run` · prizes, or the consolation of the largest field that is too small
 */
#include "vm/bounds_graph.h"

#include "vm/civil.h"
#include "vm/meaning_tournament.h"
#include "vm/memory.h"
#include "vm/pool.h"

/* A bound with its reason; below zero: none. */
struct bound {
    int64_t most;
    enum bound_by by;
};

static struct bound bound_of(int128 value, enum bound_by by)
{
    if (value < 0 || value > INT64_MAX) return (struct bound){-1, BOUND_NOTHING};
    return (struct bound){(int64_t)value, by};
}

static void tighten(struct bound *bound, struct bound other)
{
    if (other.most >= 0 && (bound->most < 0 || other.most < bound->most)) *bound = other;
}

/* ---------------------------------------------------------------- credits */

static bool is_credit(const struct graph *graph, uint32_t node)
{
    return graph->walk->reached[node] && graph->code[node].op == OP_CREDIT && graph->walk->cost[node] > 0;
}

static uint32_t offer_of(const struct graph *graph, uint32_t node)
{
    const struct program *program = graph->walk->program;
    return program->effect[graph->campaign->effect_first + graph->code[node].a].object;
}

/* The largest cost of one grant of the offer in this campaign; 0: it credits none. */
static int64_t cost_of_offer(const struct graph *graph, uint32_t offer)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < graph->code_count; i++) {
        if (is_credit(graph, i) && offer_of(graph, i) == offer && graph->walk->cost[i] > most)
            most = graph->walk->cost[i];
    }
    return most;
}

/* The limit `per offer` of the campaign's own budget for good, or below zero. */
static int64_t limit_of_offer(const struct program *program, const struct bundle_campaign *campaign, uint32_t offer)
{
    int64_t most = -1;
    if (campaign->budget == PROGRAM_NONE) return -1;
    const struct bundle_budget *budget = &program->budget[campaign->budget];
    for (uint32_t i = 0; i < budget->limit_count && budget->currency == campaign->currency; i++) {
        const struct bundle_limit *limit = &program->limit[budget->limit_first + i];
        bool own = limit->scope == SCOPE_OFFER && limit->period == LIMIT_EVER && limit->offer == offer;
        if (own && limit->amount >= 0 && (most < 0 || limit->amount < most)) most = limit->amount;
    }
    return most;
}

/* Sums over the offers that cost something: of grants × cost for a player, and of their limits in all. */
static void bound_offers(const struct graph *graph, struct bound *player, struct bound *total)
{
    const struct program *program = graph->walk->program;
    int128 granted = 0, limited = 0;
    bool all_granted = true, all_limited = true;
    for (uint32_t offer = 0; offer < program->offer_count; offer++) {
        int64_t cost = cost_of_offer(graph, offer);
        if (cost == 0) continue;
        uint32_t grants = program->offer[offer].grants_most;
        int64_t limit = limit_of_offer(program, graph->campaign, offer);
        all_granted = all_granted && grants > 0;
        all_limited = all_limited && limit >= 0;
        granted += (int128)cost * grants;
        limited += limit;
    }
    if (all_granted) tighten(player, bound_of(granted, BOUND_GRANTS));
    if (all_limited) tighten(total, bound_of(limited, BOUND_OFFER_BUDGETS));
}

/* ---------------------------------------------------------------- codes */

/* Whether the event tells that a credit of this offer came to nothing: what it took is back by then. One that may come from outside tells nothing:
 * whoever sends it has given nothing back. */
static bool is_failure_of(const struct program *program, uint32_t event, uint32_t about, struct text offer)
{
    if (event == PROGRAM_NONE || about == PROGRAM_NONE || !program->event[event].made_by_engine) return false;
    return text_equal(program_text(program, program->event[event].name), TEXT("credit_failed")) &&
           program->event[event].about == ABOUT_OFFER && text_equal(program_text(program, about), offer);
}

/* Whether the n-th edge out of a state or the hub is taken only after the offer's credit failed. */
static bool is_after_failure(const struct graph *graph, uint32_t node, uint32_t n, struct text offer)
{
    const struct program *program = graph->walk->program;
    if (node + 1 == graph->node_count) {
        const struct bundle_leave *leave = &program->leave[graph->campaign->leave_first + n];
        return is_failure_of(program, leave->event, leave->about, offer);
    }
    if (node < graph->code_count || n < 2) return false;
    const struct bundle_state *state = &program->state[graph->campaign->state_first + node - graph->code_count];
    if (state->kind == STATE_ASK || n - 2 >= state->case_count) return false;
    const struct bundle_wait_case *wait_case = &program->wait_case[state->case_first + n - 2];
    return is_failure_of(program, wait_case->event, wait_case->about, offer);
}

/* Whether a code can be given back after this credit was granted and kept: then one redemption may pay twice. */
static bool gives_back_after(struct graph *graph, uint32_t credit, uint32_t *list)
{
    const struct program *program = graph->walk->program;
    struct text offer = program_text(program, program->offer[offer_of(graph, credit)].name);
    uint32_t count = 0;
    struct edge edge;
    memset(graph->live, 0, graph->node_count * sizeof *graph->live);
    if (!bounds_edge(graph, credit, 0, &edge) || edge.to == PROGRAM_NONE) return false;
    graph->live[edge.to] = true;
    list[count++] = edge.to;
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] < graph->code_count && graph->code[list[i]].op == OP_RELEASE_CODE) return true;
        for (uint32_t n = 0; bounds_edge(graph, list[i], n, &edge); n++) {
            if (edge.to == PROGRAM_NONE || graph->live[edge.to] || is_after_failure(graph, list[i], n, offer)) continue;
            graph->live[edge.to] = true;
            list[count++] = edge.to;
        }
    }
    return false;
}

/* The pool whose redemptions start the campaign; NULL: others may, or may not. */
static const struct bundle_pool *pool_of(const struct program *program, const struct bundle_campaign *campaign)
{
    if (campaign->start_kind != START_EVENT || campaign->start_event == PROGRAM_NONE) return NULL;
    const struct bundle_event *event = &program->event[campaign->start_event];
    bool redeemed = event->made_by_engine && event->about == ABOUT_CODES &&
                    text_equal(program_text(program, event->name), TEXT("code_redeemed"));
    if (!redeemed || campaign->start_about == PROGRAM_NONE) return NULL;
    for (uint32_t i = 0; i < program->pool_count; i++) {
        if (text_equal(program_text(program, program->pool[i].name), program_text(program, campaign->start_about)))
            return &program->pool[i];
    }
    return NULL;
}

static enum status bound_codes(struct graph *graph, int64_t journey, struct bound *player, struct bound *total)
{
    const struct program *program = graph->walk->program;
    const struct bundle_pool *pool = pool_of(program, graph->campaign);
    if (pool == NULL || journey < 0) return OK;
    /* Another campaign on the same codes may give one back that this one has paid for. */
    for (uint32_t i = 0; i < program->effect_count; i++) {
        const struct bundle_effect *effect = &program->effect[i];
        bool own =
            i >= graph->campaign->effect_first && i - graph->campaign->effect_first < graph->campaign->effect_count;
        if (effect->kind == ACT_RELEASE_CODE && !own && &program->pool[effect->object] == pool) return OK;
    }
    uint32_t *list = memory_alloc_array(graph->node_count, sizeof *list);
    if (list == NULL) return error_set(graph->error, STATUS_NO_MEMORY, "no memory to verify the program");
    bool twice = false;
    for (uint32_t i = 0; i < graph->code_count && !twice; i++)
        twice = is_credit(graph, i) && gives_back_after(graph, i, list);
    memory_release(list);
    if (twice) return OK;
    int64_t redemptions = pool_redemptions(program, pool), of_player = pool_redemptions_of_player(pool);
    if (redemptions != INT64_MAX) tighten(total, bound_of((int128)redemptions * journey, BOUND_REDEMPTIONS));
    if (of_player != INT64_MAX) tighten(player, bound_of((int128)of_player * journey, BOUND_REDEMPTIONS));
    return OK;
}

/* ---------------------------------------------------------------- prizes */

static const struct bundle_tournament *tournament_of(const struct program *program,
                                                     const struct bundle_campaign *campaign)
{
    for (uint32_t i = 0; i < program->tournament_count; i++) {
        if (&program->campaign[program->tournament[i].campaign] == campaign) return &program->tournament[i];
    }
    return NULL;
}

/* All that one instance can pay: its prizes, or to the largest field that is too small the costliest other credit of a journey. */
static struct bound bound_instance(const struct graph *graph, const struct bundle_tournament *tournament)
{
    const struct program *program = graph->walk->program;
    struct text name = program_text(program, graph->campaign->name);
    int128 prizes = tournament_prizes(program, tournament), others = 0;
    for (uint32_t offer = 0; offer < program->offer_count; offer++) {
        bool prize = text_equal(program_text(program, program->offer[offer].name), name) &&
                     program->offer[offer].campaign != PROGRAM_NONE;
        if (!prize) others += cost_of_offer(graph, offer);
    }
    int128 consolation = tournament->least_field == 0 ? 0 : others * (tournament->least_field - 1);
    return bound_of(prizes > consolation ? prizes : consolation, BOUND_PRIZES);
}

/* ---------------------------------------------------------------- all of it */

static void bound_budget(const struct program *program, const struct bundle_campaign *campaign, uint32_t number,
                         bool shared, struct bound *player, struct bound *total, struct bound *run)
{
    if (number == PROGRAM_NONE || program->budget[number].currency != campaign->currency) return;
    const struct bundle_budget *budget = &program->budget[number];
    for (uint32_t i = 0; i < budget->limit_count; i++) {
        const struct bundle_limit *limit = &program->limit[budget->limit_first + i];
        if (limit->amount < 0) continue;
        if (limit->period == LIMIT_RUN) tighten(run, bound_of(limit->amount, BOUND_RUN_BUDGET));
        if (limit->period != LIMIT_EVER) continue;
        if (limit->scope == SCOPE_PLAYER) tighten(player, bound_of(limit->amount, BOUND_PLAYER_BUDGET));
        if (limit->scope == SCOPE_TOTAL)
            tighten(total, bound_of(limit->amount, shared ? BOUND_SHARED_BUDGET : BOUND_TOTAL_BUDGET));
    }
}

/* How many calendar periods the days of `runs` touch. */
static int64_t periods_of(enum enter enter, int64_t from, int64_t through)
{
    struct civil_date first = civil_date_parts(from), last = civil_date_parts(through);
    if (enter == ENTER_DAY) return through - from + 1;
    if (enter == ENTER_WEEK)
        return (through - (int64_t)civil_weekday(through) - (from - (int64_t)civil_weekday(from))) / 7 + 1;
    if (enter == ENTER_YEAR) return last.year - first.year + 1;
    return (last.year - first.year) * 12 + (int64_t)last.month - (int64_t)first.month + 1;
}

/* Into how many pieces of the rolling time the days of `runs` can be cut: in none of them are more entries than the rule lets in. 0: unknown. */
static int64_t pieces_of(const struct bundle_campaign *campaign)
{
    int64_t window = campaign->enter_window, days = campaign->runs_through - campaign->runs_from + 1;
    enum { DAY_MS = 86400000 };
    if (campaign->enter_window_kind == WINDOW_EXACT) {
        /* A day more: clocks may be set back on the way. */
        return window <= 0 ? 0 : ((days + 1) * DAY_MS + window - 1) / window;
    }
    if (campaign->enter_window_kind != WINDOW_CALENDAR || calendar_ms(window) != 0) return 0;
    if (calendar_months(window) < 0 || calendar_days(window) < 0 || window == 0) return 0;
    int64_t pieces = 0;
    for (int64_t at = campaign->runs_from; at <= campaign->runs_through; pieces++)
        at = civil_add_months(at, calendar_months(window)) + calendar_days(window);
    return pieces;
}

/* How often one player can enter, ever; 0: without a limit. Entries are counted by the local days of the campaign, as `runs` is. */
static int64_t entries_of(const struct bundle_campaign *campaign)
{
    enum { DAYS_MOST = 36525 };
    int64_t count = campaign->enter_count == 0 ? 1 : campaign->enter_count;
    if (campaign->enter == ENTER_ONCE) return count;
    if (campaign->enter == ENTER_WINDOW && campaign->enter_window_kind == WINDOW_NONE) return count;
    bool dated = campaign->runs_from > CIVIL_DATE_MIN && campaign->runs_through < CIVIL_DATE_MAX &&
                 campaign->runs_through >= campaign->runs_from &&
                 campaign->runs_through - campaign->runs_from < DAYS_MOST;
    if (!dated || campaign->enter == ENTER_ALWAYS) return 0;
    if (campaign->enter == ENTER_WINDOW) return count * pieces_of(campaign);
    return count * periods_of((enum enter)campaign->enter, campaign->runs_from, campaign->runs_through);
}

enum status bounds_spend(struct graph *graph, struct bundle_bound *out)
{
    const struct program *program = graph->walk->program;
    const struct bundle_campaign *campaign = graph->campaign;
    int64_t journey = out->spend_journey;
    struct bound player = {-1, BOUND_NOTHING}, total = player, run = player;
    int64_t entries = entries_of(campaign);
    if (entries > 0 && journey >= 0) tighten(&player, bound_of((int128)journey * entries, BOUND_ENTRIES));
    bound_offers(graph, &player, &total);
    RETURN_IF_FAILED(bound_codes(graph, journey, &player, &total));
    bound_budget(program, campaign, campaign->budget, false, &player, &total, &run);
    bound_budget(program, campaign, campaign->pool, true, &player, &total, &run);
    const struct bundle_tournament *tournament = tournament_of(program, campaign);
    if (tournament != NULL) {
        struct bound instance = bound_instance(graph, tournament);
        tighten(&run, instance);
        if (tournament->start == PROGRAM_NONE) tighten(&total, instance);
        if (tournament->start == PROGRAM_NONE && journey >= 0) tighten(&player, bound_of(journey, BOUND_PRIZES));
    }
    tighten(&player, total);
    if (campaign->enter_limit != PROGRAM_NONE && player.most >= 0)
        tighten(&total, bound_of((int128)player.most * campaign->enter_limit, BOUND_ENTRANTS));
    if (journey == 0) player = total = (struct bound){0, BOUND_NO_SPEND};
    if (journey == 0 && run.most >= 0) run = total;
    out->spend_player = player.most;
    out->player_by = player.by;
    out->spend_campaign = total.most;
    out->campaign_by = total.by;
    out->spend_run = run.most;
    out->run_by = run.by;
    return OK;
}
