/* Asking policies, consents, caps and hours. See gates.h for the order; spec: language.md#gates-and-reasons
 *
 * A rule's filter runs in region 0 of the newest program over the player's attributes. Answers are kept for the length of one
 * preparation, so that five kinds of messages ask a policy once.
 */
#include "runtime/engine/gates.h"

#include "runtime/engine/jurisdiction.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/suppress.h"
#include "vm/zone.h"

#define RULES_KEPT 256u

int64_t gates_time(const struct engine *engine, int64_t now)
{
    return engine->gate_now > now ? engine->gate_now : now;
}

void gates_aim(struct engine *engine, const struct player *player, int64_t now)
{
    struct activation *judge = engine->judge;
    judge->player = programs_player_bank(engine, engine->newest, player);
    judge->now = gates_time(engine, now);
    metrics_aim(engine, judge, &engine->judge_reads, player, NULL, engine->newest);
    judge->campaign_zone = engine->newest->home_zone;
    judge->player_zone = programs_player_zone(engine, player, engine->newest->home_zone);
}

bool gates_applies(struct engine *engine, const struct player *player, uint32_t rule)
{
    uint32_t pc = engine->newest->program.rule[rule].filter;
    if (pc == PROGRAM_NONE) return true;
    bool accepted = interp_filter(engine->judge, pc);
    if (engine->options.sink.probe != NULL) {
        struct engine_probe_call call = {
            .kind = PROBE_RULE,
            .activation = engine->judge,
            .pc = pc,
            .accepted = accepted,
            .player = state_player_id(player),
            .brand = state_player_brand(player),
            .campaign = PROGRAM_NONE,
            .about = rule,
            .position = engine->cause,
        };
        engine->options.sink.probe(engine->options.sink.context, &call);
    }
    return accepted;
}

uint32_t gates_finish_rule(struct engine *engine, const struct player *player)
{
    const struct use *use = engine->newest;
    for (uint32_t i = 0; i < use->finish_count; i++) {
        if (gates_applies(engine, player, use->finish_rule[i])) return use->finish_rule[i];
    }
    return PROGRAM_NONE;
}

uint32_t gates_enter_rule(struct engine *engine, const struct player *player)
{
    const struct use *use = engine->newest;
    for (uint32_t i = 0; i < use->enter_count; i++) {
        if (gates_applies(engine, player, use->enter_rule[i])) return use->enter_rule[i];
    }
    return PROGRAM_NONE;
}

enum reason gates_reason(const struct engine *engine, uint32_t rule)
{
    const struct program *program = &engine->newest->program;
    if (program->rule[rule].kind == RULE_FINISH) {
        bool blocked = text_equal(program_text(program, program->rule[rule].reason), TEXT("RG_BLOCKED"));
        return blocked ? REASON_RG_BLOCKED : REASON_POLICY;
    }
    return engine->newest->rule_protects[rule] != SAFETY_NONE ? REASON_RG_BLOCKED : REASON_POLICY;
}

/* ---------------------------------------------------------------- one preparation */

/* Answers of rules: 0 not asked, 1 no, 2 yes. */
struct asked {
    uint8_t answer[RULES_KEPT];
    /* Quiet hours by the set of rules that gave them: nearly always one set. */
    uint32_t quiet_first, quiet_count;
    int64_t quiet_until;
    bool quiet_known, quiet_drops;
    bool suppressed;
    uint32_t quiet_rule;
};

static bool applies(struct engine *engine, const struct player *player, struct asked *asked, uint32_t rule)
{
    if (rule >= RULES_KEPT) return gates_applies(engine, player, rule);
    if (asked->answer[rule] == 0) asked->answer[rule] = gates_applies(engine, player, rule) ? 2 : 1;
    return asked->answer[rule] == 2;
}

static uint32_t rule_zone(const struct engine *engine, const struct player *player, uint32_t number, uint32_t zone)
{
    const struct use *newest = engine->newest;
    if (newest->rule_zone[number] != PROGRAM_NONE) return newest->rule_zone[number];
    return newest->program.rule[number].place == PLACE_PLAYER ? programs_player_zone(engine, player, zone) : zone;
}

/* Whether the local time of day lies in [from, to), which may wrap around midnight. */
static bool allows(const struct bundle_rule *rule, uint32_t zone, int64_t at)
{
    int64_t time = civil_ms_of_day(zone_local_ms(zone, at));
    if (rule->from_ms == rule->to_ms) return true;
    if (rule->from_ms < rule->to_ms) return time >= rule->from_ms && time < rule->to_ms;
    return time >= rule->from_ms || time < rule->to_ms;
}

/* The first instant from `now` on that all the rules allow; `drops` if one of those that forbid `now` says so. */
static int64_t next_allowed(const struct engine *engine, const struct player *player, uint32_t zone,
                            const uint32_t *rules, uint32_t count, int64_t now, bool *drops, uint32_t *by)
{
    const struct program *newest = &engine->newest->program;
    int64_t at = now;
    *drops = false;
    *by = PROGRAM_NONE;
    for (uint32_t i = 0; i < count; i++) {
        const struct bundle_rule *rule = &newest->rule[rules[i]];
        if (allows(rule, rule_zone(engine, player, rules[i], zone), now)) continue;
        if (*by == PROGRAM_NONE || (rule->otherwise == OTHERWISE_DROP && !*drops)) *by = rules[i];
        if (rule->otherwise == OTHERWISE_DROP) *drops = true;
    }
    if (*by == PROGRAM_NONE) return now;
    /* Each round moves on to an hour that one rule allows; rules that have an hour in common agree within a few days. */
    for (uint32_t round = 0; round < 64; round++) {
        bool moved = false;
        for (uint32_t i = 0; i < count; i++) {
            const struct bundle_rule *rule = &newest->rule[rules[i]];
            uint32_t where = rule_zone(engine, player, rules[i], zone);
            if (allows(rule, where, at)) continue;
            at = zone_next_time(where, at, rule->from_ms);
            moved = true;
        }
        if (!moved) return at;
    }
    *drops = true; /* No hour in common. */
    return at;
}

int64_t gates_until(const struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                    uint32_t gate, int64_t now)
{
    const struct campaign_plan *plan = &use->plan[campaign];
    const struct gate_plan *which = &plan->gate[gate];
    int64_t until = INT64_MAX;
    if (!which->message || which->outside) return until;
    for (uint32_t i = 0; i < which->quiet_count; i++) {
        uint32_t number = use->rules[which->quiet_first + i];
        const struct bundle_rule *rule = &engine->newest->program.rule[number];
        if (rule->from_ms == rule->to_ms) continue;
        int64_t ends = zone_next_time(rule_zone(engine, player, number, plan->zone), now, rule->to_ms);
        if (ends < until) until = ends;
    }
    return until;
}

/* When an entry of the window no longer counts. */
static int64_t leaves_window(const struct bundle_rule *rule, uint32_t zone, int64_t at)
{
    if (rule->window_kind == WINDOW_EXACT) return at + rule->window;
    return zone_add_calendar(zone, at, calendar_months(rule->window), calendar_days(rule->window),
                             calendar_ms(rule->window));
}

/* First instants of the calendar period that holds `now`, and of the next one. */
static void calendar_period(const struct bundle_rule *rule, uint32_t zone, int64_t now, int64_t *from, int64_t *to)
{
    int64_t date = zone_date(zone, now), next = date + 1;
    if (rule->window_kind == WINDOW_WEEK) {
        date -= (int64_t)civil_weekday(date);
        next = date + 7;
    } else if (rule->window_kind == WINDOW_MONTH) {
        struct civil_date parts = civil_date_parts(date);
        date = civil_date_of(parts.year, parts.month, 1);
        next = civil_add_months(date, 1);
    }
    *from = zone_date_start(zone, date);
    *to = zone_date_start(zone, next);
}

static bool counts(const struct bundle_rule *rule, const struct title *title, const struct sent *sent)
{
    if (rule->campaign != PROGRAM_NONE && sent->title != title->number) return false;
    if (rule->channel != PROGRAM_NONE && sent->channel != rule->channel) return false;
    return rule->class == PROGRAM_NONE || sent->class == rule->class;
}

/* spec: language.md#policies */
static struct pressure_state judge_pressure(const struct engine *engine, const struct player *player,
                                            const struct campaign_plan *plan, uint32_t rule_number, int64_t now)
{
    const struct bundle_rule *rule = &engine->newest->program.rule[rule_number];
    uint32_t zone = rule_zone(engine, player, rule_number, plan->zone);
    bool rolling = rule->window_kind == WINDOW_EXACT || rule->window_kind == WINDOW_CALENDAR;
    int64_t period_from = 0, period_to = 0;
    if (!rolling) calendar_period(rule, zone, now, &period_from, &period_to);
    struct pressure_state state = {.delays = rule->otherwise == OTHERWISE_DELAY};
    /* From the newest back: the count-th is the one that has to leave before another fits. */
    uint32_t used = 0;
    int64_t oldest = now, blocking = now;
    for (uint32_t i = player->sent_count; i-- > 0;) {
        const struct sent *sent = &player->sent[i];
        if (rolling ? leaves_window(rule, zone, sent->at) <= now : sent->at < period_from) break;
        if (!counts(rule, plan->title, sent)) continue;
        used++;
        oldest = sent->at;
        if (used == rule->count) blocking = sent->at;
    }
    state.left = used >= rule->count ? 0 : rule->count - used;
    if (rolling) {
        state.free_at = leaves_window(rule, zone, state.left == 0 ? blocking : oldest);
    } else {
        state.free_at = period_to;
    }
    if (rule->count == 0) state.delays = false; /* It never fits. */
    return state;
}

static enum reason judge_verdict(struct engine *engine, const struct player *player, const struct use *use,
                                 const struct campaign_plan *plan, const struct gate_plan *gate, struct asked *asked,
                                 int64_t now, uint32_t *rule_out)
{
    *rule_out = PROGRAM_NONE;
    for (uint32_t i = 0; i < gate->never_count; i++) {
        uint32_t rule = use->rules[gate->never_first + i];
        if (!applies(engine, player, asked, rule)) continue;
        *rule_out = rule;
        return gates_reason(engine, rule);
    }
    if (gate->message && gate->marketing && asked->suppressed) return REASON_SUPPRESSED;
    if (!gate->message || gate->outside || gate->own_consent) return REASON_NONE;
    if (gate->marketing && !gate->asks) {
        *rule_out = jurisdiction_opt_in(engine, player, plan, now);
        if (*rule_out != PROGRAM_NONE) return REASON_JURISDICTION;
    }
    /* Every line about this channel and product must agree: a policy of the project can tighten the standard one, never loosen it. */
    for (uint32_t i = 0; i < gate->consent_count; i++) {
        uint32_t rule = use->rules[gate->consent_first + i];
        if (applies(engine, player, asked, rule)) continue;
        *rule_out = rule;
        return REASON_SKIPPED_NO_CONSENT;
    }
    return gate->consent_count == 0 ? REASON_SKIPPED_NO_CONSENT : REASON_NONE;
}

static void judge_gate(struct engine *engine, const struct player *player, const struct use *use,
                       const struct campaign_plan *plan, const struct gate_plan *gate, struct asked *asked, int64_t now,
                       struct gate_state *out)
{
    uint32_t rule;
    enum reason verdict = judge_verdict(engine, player, use, plan, gate, asked, now, &rule);
    *out = (struct gate_state){.verdict = (uint16_t)verdict, .detail = rule < UINT16_MAX ? (uint16_t)rule : UINT16_MAX};
    if (verdict != REASON_NONE || !gate->message || gate->outside) return;
    out->pressure = gate->pressure;
    if (gate->quiet_count == 0) return;
    bool same = asked->quiet_known && asked->quiet_count == gate->quiet_count &&
                memcmp(use->rules + asked->quiet_first, use->rules + gate->quiet_first,
                       gate->quiet_count * sizeof(uint32_t)) == 0;
    if (!same) {
        int64_t from = gates_time(engine, now);
        int64_t until = next_allowed(engine, player, plan->zone, use->rules + gate->quiet_first, gate->quiet_count,
                                     from, &asked->quiet_drops, &asked->quiet_rule);
        asked->quiet_until = until == from ? 0 : until;
        asked->quiet_first = gate->quiet_first;
        asked->quiet_count = gate->quiet_count;
        asked->quiet_known = true;
    }
    out->quiet_until = asked->quiet_until;
    out->quiet_drops = asked->quiet_drops;
}

void gates_prepare(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                   int64_t now)
{
    const struct campaign_plan *plan = &use->plan[campaign];
    uint32_t count = use->program.campaign[campaign].gate_count;
    if (count == 0) return;
    struct asked asked;
    memset(&asked, 0, sizeof asked);
    asked.suppressed = suppress_holds(engine, player);
    for (uint32_t i = 0; i < count; i++) {
        judge_gate(engine, player, use, plan, &plan->gate[i], &asked, now, &engine->body->gate[i]);
    }
    for (uint32_t i = 0; i < plan->pressure_count; i++) {
        engine->body->pressure[i] = judge_pressure(engine, player, plan, plan->pressure[i], now);
    }
}

enum reason gates_reward(struct engine *engine, const struct player *player, const struct request *request,
                         uint32_t *rule_out)
{
    *rule_out = PROGRAM_NONE;
    const struct use *use = request->use;
    const struct campaign_plan *plan = &use->plan[request->campaign];
    const struct bundle_campaign *campaign = &use->program.campaign[request->campaign];
    uint32_t gate = use->program.effect[campaign->effect_first + request->effect].gate;
    INVARIANT(gate != PROGRAM_NONE); /* Proven by the verifier. */
    struct asked asked;
    memset(&asked, 0, sizeof asked);
    asked.suppressed = suppress_holds(engine, player);
    enum reason verdict = judge_verdict(engine, player, use, plan, &plan->gate[gate], &asked, request->now, rule_out);
    if (verdict != REASON_NONE) return verdict;
    *rule_out = jurisdiction_reward(engine, player, request);
    return *rule_out == PROGRAM_NONE ? REASON_NONE : REASON_JURISDICTION;
}

enum gates_answer gates_message(struct engine *engine, const struct player *player, const struct use *use,
                                uint32_t campaign, uint32_t gate, int64_t now, struct gates_message *out)
{
    *out = (struct gates_message){.rule = PROGRAM_NONE};
    if (gate == PROGRAM_NONE) return GATES_SEND;
    const struct campaign_plan *plan = &use->plan[campaign];
    struct asked asked;
    memset(&asked, 0, sizeof asked);
    asked.suppressed = suppress_holds(engine, player);
    struct gate_state state;
    judge_gate(engine, player, use, plan, &plan->gate[gate], &asked, now, &state);
    if (state.verdict != REASON_NONE) {
        out->reason = (enum reason)state.verdict;
        out->rule = state.detail == UINT16_MAX ? PROGRAM_NONE : state.detail;
        return GATES_DROP;
    }
    enum gates_answer answer = GATES_SEND;
    for (uint32_t bits = state.pressure; bits != 0; bits &= bits - 1) {
        uint32_t rule = plan->pressure[(unsigned)__builtin_ctz(bits)];
        struct pressure_state pressure = judge_pressure(engine, player, plan, rule, now);
        if (pressure.left > 0) continue;
        out->reason = REASON_PRESSURE;
        out->rule = rule;
        if (!pressure.delays) return GATES_DROP;
        answer = GATES_DELAY;
        if (pressure.free_at > out->until) out->until = pressure.free_at;
    }
    if (state.quiet_until != 0) {
        if (answer == GATES_SEND || state.quiet_drops) {
            out->reason = REASON_QUIET_HOURS;
            out->rule = asked.quiet_rule;
        }
        if (state.quiet_drops) return GATES_DROP;
        answer = GATES_DELAY;
        if (state.quiet_until > out->until) out->until = state.quiet_until;
    }
    return answer;
}

uint32_t gates_pressure_rule(const struct use *use, uint32_t campaign, uint32_t number)
{
    const struct campaign_plan *plan = &use->plan[campaign];
    return number < plan->pressure_count ? plan->pressure[number] : PROGRAM_NONE;
}
