/* Rules of jurisdictions at run time. See jurisdiction.h. */
#include "runtime/engine/jurisdiction.h"

#include "runtime/engine/effects.h"
#include "runtime/engine/gates.h"
#include "vm/zone.h"

/* The player's jurisdiction, or -1 where it is not known. */
static int64_t country_of(const struct engine *engine, const struct player *player)
{
    uint32_t slot = engine->newest->jurisdiction_slot;
    if (slot == PROGRAM_NONE) return -1;
    const uint64_t *known = state_known_words(player, engine->newest->program.workspace->player_slot_count);
    return (known[slot / 64] >> (slot % 64)) & 1 ? player->slot[slot] : -1;
}

static bool in_force(const struct engine *engine, const struct player *player, const struct campaign_plan *plan,
                     const struct bundle_rule *rule, int64_t now)
{
    if ((int64_t)rule->country != plan->country && (int64_t)rule->country != country_of(engine, player)) return false;
    int64_t day = zone_date(plan->zone, gates_time(engine, now));
    return day >= rule->from_day && day <= rule->through_day;
}

/* The player's credit as the compiler saw it: in the newest program by the offer's name, if it is of another. */
static bool is_breach(const struct engine *engine, const struct request *request, uint32_t rule)
{
    const struct program *newest = &engine->newest->program, *program = &request->use->program;
    uint32_t effect = program->campaign[request->campaign].effect_first + request->effect;
    uint32_t campaign = request->use->plan[request->campaign].newest;
    for (uint32_t i = 0; i < newest->breach_count; i++) {
        const struct bundle_breach *breach = &newest->breach[i];
        if (breach->rule != rule) continue;
        if (program == newest) {
            if (breach->effect == effect) return true;
            continue;
        }
        if (campaign == PROGRAM_NONE) continue;
        const struct bundle_campaign *same = &newest->campaign[campaign];
        if (breach->effect < same->effect_first || breach->effect - same->effect_first >= same->effect_count) continue;
        if (text_equal(program_text(newest, newest->effect[breach->effect].name),
                       program_text(program, program->effect[effect].name)))
            return true;
    }
    return false;
}

/* The latest end of what is granted now against the latest that the rule allows. */
static bool ends_too_late(const struct request *request, const struct bundle_offer *offer,
                          const struct bundle_rule *rule)
{
    if (offer->expires_kind == WINDOW_NONE || offer->expires_after_activation) return true;
    uint32_t zone = request->use->plan[request->campaign].zone;
    const int64_t spans[2] = {offer->expires, rule->window};
    const uint32_t kinds[2] = {offer->expires_kind, rule->window_kind};
    int64_t ends[2];
    for (unsigned i = 0; i < 2; i++) {
        ends[i] = kinds[i] == WINDOW_EXACT ? request->now + spans[i]
                                           : zone_add_calendar(zone, request->now, calendar_months(spans[i]),
                                                               calendar_days(spans[i]), calendar_ms(spans[i]));
    }
    return ends[0] > ends[1];
}

static bool states_wagering(const struct program *program, const struct bundle_offer *offer)
{
    for (uint32_t i = 0; i < offer->fact_count; i++) {
        if (text_equal(program_text(program, program->fact[offer->fact_first + i].name), TEXT("wagering"))) return true;
    }
    return false;
}

static bool forbids(struct engine *engine, const struct player *player, const struct request *request, uint32_t number)
{
    const struct program *program = &request->use->program;
    const struct bundle_campaign *campaign = &program->campaign[request->campaign];
    const struct bundle_offer *offer =
        &program->offer[program->effect[campaign->effect_first + request->effect].object];
    const struct bundle_rule *rule = &engine->newest->program.rule[number];
    switch ((enum rule_kind)rule->kind) {
    case RULE_WAGERING:
        return offer->wagering_of != WAGERING_NONE && effects_target(request, offer->wagering, offer->wagering_of) >
                                                          effects_target(request, rule->amount, WAGERING_BONUS);
    case RULE_REWARDS: return player->rewards >= rule->count;
    case RULE_PLAYERS: return !gates_applies(engine, player, number);
    case RULE_EXPIRY: return ends_too_late(request, offer, rule);
    case RULE_TERMS: return !states_wagering(program, offer);
    case RULE_PRODUCTS:
    case RULE_FIGURES: return is_breach(engine, request, number);
    default: return false;
    }
}

uint32_t jurisdiction_reward(struct engine *engine, const struct player *player, const struct request *request)
{
    const struct use *newest = engine->newest;
    const struct campaign_plan *plan = &request->use->plan[request->campaign];
    for (uint32_t i = 0; i < newest->profile_count; i++) {
        uint32_t rule = newest->profile_rule[i];
        if (!in_force(engine, player, plan, &newest->program.rule[rule], request->now)) continue;
        if (forbids(engine, player, request, rule)) return rule;
    }
    return PROGRAM_NONE;
}

uint32_t jurisdiction_opt_in(const struct engine *engine, const struct player *player, const struct campaign_plan *plan,
                             int64_t now)
{
    const struct use *newest = engine->newest;
    for (uint32_t i = 0; i < newest->profile_count; i++) {
        const struct bundle_rule *rule = &newest->program.rule[newest->profile_rule[i]];
        if (rule->kind == RULE_OPT_IN && in_force(engine, player, plan, rule, now)) return newest->profile_rule[i];
    }
    return PROGRAM_NONE;
}
