/* Queues, claims, deadlines and ends. See bonus.h. Bets are in wagering.c. */
#include "runtime/engine/bonus.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/answers.h"
#include "runtime/engine/card.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/handed.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/points.h"
#include "runtime/engine/property.h"
#include "runtime/engine/segments.h"
#include "runtime/engine/wagering.h"
#include "vm/civil.h"
#include "vm/meaning.h"
#include "vm/round.h"
#include "vm/zone.h"

bool bonus_has_life(const struct program *program, const struct bundle_offer *offer)
{
    (void)program;
    return offer->wagering_of != WAGERING_NONE || offer->expires_kind != WINDOW_NONE ||
           offer->claim_kind != WINDOW_NONE || offer->queued || offer->stake_most > 0 || offer->win_most > 0 ||
           offer->weight_count > 0;
}

static const struct bundle_effect *effect_of(const struct request *request)
{
    const struct program *program = &request->use->program;
    return &program->effect[program->campaign[request->campaign].effect_first + request->effect];
}

static const struct bundle_offer *offer_of(const struct request *request)
{
    return &request->use->program.offer[effect_of(request)->object];
}

static const struct title *counted_by(const struct bundle_offer *offer, const struct title *title)
{
    return offer->shared ? NULL : title;
}

bool bonus_is_used_up(const struct request *request)
{
    const struct bundle_offer *offer = offer_of(request);
    if (offer->grants_most == 0) return false;
    const struct title *title = counted_by(offer, request->use->plan[request->campaign].title);
    struct text name = program_text(&request->use->program, offer->name);
    return reward_grants(request->player, title, name) >= offer->grants_most;
}

bool bonus_is_returnable(const struct request *request)
{
    const struct program *program = &request->use->program;
    return bonus_has_life(program, offer_of(request)) || card_is(program, offer_of(request));
}

/* ---------------------------------------------------------------- telling */

uint32_t bonus_currency(const struct engine *engine, const struct reward *reward)
{
    const struct program *program = &engine->newest->program;
    struct text code = text_make(reward->currency, sizeof reward->currency);
    for (uint32_t i = 0; i < program->currency_count; i++) {
        if (text_equal(program_text(program, program->currency[i].code), code)) return i;
    }
    return PROGRAM_NONE;
}

void bonus_tell(struct engine *engine, struct player *player, const struct reward *reward, struct announcement what)
{
    what.player = player;
    what.about = reward_offer(reward);
    what.effect = reward->id;
    what.currency = bonus_currency(engine, reward);
    announce(engine, &what);
}

static void tell(struct engine *engine, struct player *player, const struct reward *reward, enum role role)
{
    bonus_tell(engine, player, reward, (struct announcement){.role = role});
}

/* Later turns see it, this one does not; segments and lines that watch are asked in the next generation. */
void bonus_changed(struct engine *engine, struct player *player)
{
    engine->group[player->group].changed = true;
    player->bonus_stale = true;
    if (engine->turn == NULL) return;
    struct turn shows = {.kind = TURN_REWARD, .player = player, .number = 0};
    fold_cause(engine, engine->turn, shows);
}

/* ---------------------------------------------------------------- money that comes back */

/* What it cost is free again. Once, whatever the wallet says later. */
static void give_back(struct engine *engine, struct player *player, const struct reward *reward, enum reason reason)
{
    struct books_settled settled;
    if (books_return(engine->books, reward->id, &settled) != BOOKS_DONE) return;
    int64_t amount = settled.amount;
    struct passage *passage = state_passage(engine, player, reward->title, false);
    if (passage != NULL) passage->spent -= amount;
    if (player->rewards > 0) player->rewards--;
    struct engine_note note =
        effects_note(engine, NOTE_RELEASED, player, engine->newest, reward->title->campaign, engine->now);
    note.journey = reward->journey;
    note.amount = amount;
    note.reason = reason;
    memcpy(note.effect_id, reward->id, sizeof note.effect_id);
    effects_emit_note(engine, &note);
}

static void uncount(struct engine *engine, struct player *player, const struct reward *reward)
{
    const struct bundle_offer *offer = reward_terms(reward);
    if (offer->grants_most > 0)
        reward_count_grant(engine, player, counted_by(offer, reward->title), reward_offer(reward), -1);
}

/* ---------------------------------------------------------------- beginnings and ends */

static int64_t after(const struct use *use, uint32_t campaign, uint32_t kind, int64_t duration, int64_t from)
{
    if (kind == WINDOW_NONE) return STATE_NEVER;
    if (kind == WINDOW_EXACT) return from + duration;
    return zone_add_calendar(use->plan[campaign].zone, from, calendar_months(duration), calendar_days(duration),
                             calendar_ms(duration));
}

static bool platform_keeps(const struct engine *engine)
{
    return engine->newest->program.workspace->platform_bonuses != 0;
}

/* When it expires, where that counts from `from`. */
static int64_t expiry(const struct reward *reward, int64_t from)
{
    const struct bundle_offer *offer = reward_terms(reward);
    return after(reward->use, reward->campaign, offer->expires_kind, offer->expires, from);
}

static bool queue_is_taken(const struct player *player, const struct reward *but)
{
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward != but && reward->kind == REWARD_BONUS && reward->state == REWARD_ACTIVE &&
            !reward_is_over(reward) && reward_terms(reward)->queued)
            return true;
    }
    return false;
}

/* What it is once it is granted, or claimed: its turn, or the queue. Sets its deadline. */
static void place(struct engine *engine, struct player *player, struct reward *reward, int64_t now)
{
    const struct bundle_offer *offer = reward_terms(reward);
    bool waits = offer->queued && queue_is_taken(player, reward);
    reward_set_state(engine, player, reward, waits ? REWARD_PENDING : REWARD_ACTIVE);
    if (!waits) reward->activated_at = now;
    int64_t until = STATE_NEVER;
    if (!offer->expires_after_activation) until = expiry(reward, reward->granted_at);
    if (offer->expires_after_activation && !waits) until = expiry(reward, now);
    if (platform_keeps(engine)) until = STATE_NEVER;
    reward_set_due(engine, player, reward, until);
}

/* The id of the event which brought what its formula reads; false: none did. */
static bool read_source(const struct request *request, struct text *id_out)
{
    const struct meaning_credit credit = meaning_credit(&request->use->program, effect_of(request));
    if (credit.source == PROGRAM_NONE) return false;
    int64_t handle = request->values[credit.source];
    *id_out = text_make((const char *)request->bytes + handle_offset(handle), handle_size(handle));
    return true;
}

static void note_source(const struct engine *engine, struct reward *reward, const struct request *request)
{
    struct text id;
    if (read_source(request, &id)) reward->funded = dedupe_hash(engine->id_key, TEXT(""), id);
}

/* That an event took back another of the player is remembered under an id that no record can have: a source with a zero byte. */
static struct dedupe_entry reversal_of(const struct engine *engine, const struct player *player, struct text event,
                                       struct text id)
{
    char name[2 + 3 + LIMIT_STRING_BYTES + 2 * LIMIT_ID_BYTES] = "\0r";
    uint32_t size = 2;
    const struct text parts[] = {event, state_player_brand(player), state_player_id(player)};
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        name[size++] = '\0';
        for (uint32_t i = 0; i < parts[part].size && size < sizeof name; i++) name[size++] = parts[part].at[i];
    }
    return dedupe_hash(engine->id_key, text_make(name, size), id);
}

bool bonus_is_reversed(struct engine *engine, const struct request *request)
{
    const struct program *program = &request->use->program;
    const struct bundle_offer *offer = offer_of(request);
    struct text id;
    if (offer->weight_count == 0 || !read_source(request, &id)) return false;
    for (uint32_t i = 0; i < offer->weight_count; i++) {
        const struct bundle_weight *weight = &program->weight[offer->weight_first + i];
        if (weight->what != WEIGHT_REVOKE || weight->filter != PROGRAM_NONE) continue;
        struct text event = program_text(program, program->event[weight->event].name);
        struct dedupe_entry entry = reversal_of(engine, request->player, event, id);
        if (dedupe_holds(&engine->group[entry.low % RECORD_GROUPS].ids, entry, engine->now)) return true;
    }
    return false;
}

struct reward *bonus_grant(struct engine *engine, const struct request *request)
{
    const struct bundle_offer *offer = offer_of(request);
    struct player *player = request->player;
    if (offer->grants_most > 0)
        reward_count_grant(engine, player, counted_by(offer, request->use->plan[request->campaign].title),
                           program_text(&request->use->program, offer->name), 1);
    bool card = card_is(&request->use->program, offer);
    if (!card && !bonus_has_life(&request->use->program, offer)) return NULL;
    struct reward *reward = reward_add(engine, request);
    if (reward == NULL) return NULL;
    note_source(engine, reward, request);
    if (card) {
        card_grant(engine, reward, request);
        return NULL;
    }
    reward->kind = REWARD_BONUS;
    if (offer->wagering_of != WAGERING_NONE)
        reward->as.bonus.target = effects_target(request, offer->wagering, offer->wagering_of);
    reward->as.bonus.balance = reward->amount;
    if (offer->claim_kind != WINDOW_NONE) {
        reward_set_state(engine, player, reward, REWARD_OFFERED);
        reward_set_due(engine, player, reward,
                       after(reward->use, reward->campaign, offer->claim_kind, offer->claim, request->now));
    } else {
        reward->left = true;
        place(engine, player, reward, request->now);
    }
    return reward;
}

static void tell_active(struct engine *engine, struct player *player, struct reward *reward)
{
    struct announcement what = {.role = ROLE_BONUS_ACTIVATED};
    if (reward->until != STATE_NEVER) {
        what.known |= 1u;
        what.value[0] = reward->until;
    }
    if (reward->as.bonus.target > 0) {
        what.known |= 2u;
        what.value[1] = reward->as.bonus.target;
    }
    bonus_tell(engine, player, reward, what);
}

void bonus_begin(struct engine *engine, struct player *player, struct reward *reward)
{
    if (reward->state == REWARD_OFFERED) {
        struct announcement what = {.role = ROLE_BONUS_OFFERED, .known = 1, .value = {reward->until}};
        if (reward->amount > 0) {
            what.known |= 2u;
            what.value[1] = reward->amount;
        }
        bonus_tell(engine, player, reward, what);
    }
    if (reward->state == REWARD_ACTIVE) {
        tell_active(engine, player, reward);
        wagering_judge(engine, player, reward);
    }
    bonus_changed(engine, player);
}

/* The queue is free: the first who waits in it is played. */
static void next_of_queue(struct engine *engine, struct player *player)
{
    if (platform_keeps(engine)) return;
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->kind != REWARD_BONUS || reward->state != REWARD_PENDING || reward_is_over(reward)) continue;
        if (reward->as.bonus.frozen || queue_is_taken(player, reward)) continue;
        place(engine, player, reward, engine->now);
        bonus_begin(engine, player, reward);
    }
}

/* Points that it gave, unless they expire anyway. */
static void take_points(struct engine *engine, struct player *player, const struct reward *reward,
                        enum reward_state state)
{
    struct text name;
    int64_t points;
    bool taken = state == REWARD_CANCELLED || state == REWARD_FORFEITED || state == REWARD_REVOKED;
    const struct bundle_offer *offer = reward_terms(reward);
    if (!taken || !reward->left ||
        !points_of_credit(&reward->use->program, offer, reward->values, reward->bytes, &name, &points))
        return;
    points_reward_back(engine, player, name, points, offer->expires_kind == WINDOW_NONE ? 0 : reward->until,
                       reward->granted_at, reward->id);
}

void bonus_end(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state,
               struct announcement what)
{
    bool played = reward->activated_at != INT64_MIN, revoked = state == REWARD_REVOKED;
    if (!played || revoked) {
        give_back(engine, player, reward,
                  revoked                   ? REASON_NONE
                  : state == REWARD_EXPIRED ? REASON_EXPIRED
                                            : REASON_WITHDRAWN);
        if (!reward->left) uncount(engine, player, reward);
    } else {
        books_close_return(engine->books, reward->id);
    }
    take_points(engine, player, reward, state);
    reward_end(engine, player, reward, state, engine->now);
    if (what.role != ROLE_NONE) bonus_tell(engine, player, reward, what);
    bonus_changed(engine, player);
}

static void end(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state,
                enum role role)
{
    bonus_end(engine, player, reward, state, (struct announcement){.role = role});
}

void bonus_forfeit(struct engine *engine, struct player *player, struct reward *reward, const char *reason)
{
    struct announcement what = {.role = ROLE_BONUS_FORFEITED, .known = 1, .text = {text_of(reason)}};
    bonus_end(engine, player, reward, REWARD_FORFEITED, what);
}

void bonus_freed(struct engine *engine, struct player *player)
{
    if (engine->failed == OK) next_of_queue(engine, player);
}

static bool lives(const struct reward *reward)
{
    return reward->kind == REWARD_BONUS && !reward_is_over(reward);
}

/* The grant is not counted any more, be it by the campaign's own offer or by one of the workspace. */
static void uncount_refused(struct engine *engine, struct player *player, const struct title *title, struct text offer)
{
    const struct title *by = reward_grants(player, title, offer) > 0 ? title : NULL;
    if (reward_grants(player, by, offer) > 0) reward_count_grant(engine, player, by, offer, -1);
}

void bonus_failed(struct engine *engine, struct player *player, const uint8_t id[16], const struct title *title,
                  struct text offer)
{
    uncount_refused(engine, player, title, offer);
    struct reward *reward = reward_find(player, id);
    if (reward == NULL || reward_is_over(reward)) return;
    if (reward->kind != REWARD_BONUS) {
        card_failed(engine, player, reward, engine->now);
        return;
    }
    reward_remove(engine, player, reward);
    bonus_changed(engine, player);
    next_of_queue(engine, player);
}

void bonus_erase(struct engine *engine, struct player *player)
{
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (lives(reward) && !reward->left) give_back(engine, player, reward, REASON_LEFT);
    }
}

void bonus_kill(struct engine *engine, struct player *player, const struct title *title)
{
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (!lives(reward) || reward->title != title || reward->state == REWARD_ACTIVE) continue;
        end(engine, player, reward, REWARD_CANCELLED, ROLE_BONUS_CANCELLED);
    }
}

/* A card or coupon is taken away: of one that was not used the cost comes back. */
static void end_card(struct engine *engine, struct player *player, struct reward *reward, enum role role)
{
    if (card_cancel(engine, player, reward, engine->now)) give_back(engine, player, reward, REASON_WITHDRAWN);
    tell(engine, player, reward, role);
    bonus_changed(engine, player);
}

static bool is_live_card(const struct reward *reward)
{
    return reward->kind != REWARD_BONUS && !reward_is_over(reward);
}

bool bonus_take_back(struct engine *engine, struct player *player, const uint8_t id[16])
{
    struct reward *reward = reward_find(player, id);
    if (reward == NULL) return true;
    if (reward->kind != REWARD_BONUS && !reward_is_over(reward)) {
        if (reward->state != REWARD_UNUSED) return false;
        end_card(engine, player, reward, ROLE_BONUS_REVOKED);
        return true;
    }
    if (reward_is_over(reward)) return reward->state == REWARD_CANCELLED || reward->state == REWARD_REVOKED;
    if (reward->kind != REWARD_BONUS) {
        if (reward->state != REWARD_UNUSED) return false;
        if (card_cancel(engine, player, reward, engine->now)) give_back(engine, player, reward, REASON_WITHDRAWN);
        bonus_changed(engine, player);
        return true;
    }
    if (reward->as.bonus.wagered != 0) return false;
    end(engine, player, reward, REWARD_REVOKED, ROLE_BONUS_REVOKED);
    next_of_queue(engine, player);
    return true;
}

static void order_card(struct engine *engine, struct player *player, struct reward *reward, enum offer_order order)
{
    if (order == OFFER_CANCEL) {
        end_card(engine, player, reward, ROLE_BONUS_CANCELLED);
        return;
    }
    card_freeze(engine, player, reward, order == OFFER_FREEZE);
    bonus_changed(engine, player);
}

/* Where the platform keeps bonuses, what has left is its own: it says itself what became of it, and only then the books follow. */
static bool is_the_platforms(const struct engine *engine, const struct reward *reward)
{
    return reward->kind == REWARD_BONUS && reward->left && platform_keeps(engine);
}

void bonus_order(struct engine *engine, struct player *player, const struct journey *journey, enum offer_order order,
                 uint32_t offer)
{
    const struct program *program = &journey->use->program;
    struct text name = program_text(program, program->offer[offer].name);
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward_is_over(reward) || reward->title != journey->title || reward->journey != journey->number ||
            !text_equal(reward_offer(reward), name))
            continue;
        if (reward->kind != REWARD_BONUS) {
            order_card(engine, player, reward, order);
            continue;
        }
        switch (order) {
        case OFFER_CANCEL:
            if (!is_the_platforms(engine, reward)) end(engine, player, reward, REWARD_CANCELLED, ROLE_BONUS_CANCELLED);
            break;
        case OFFER_FREEZE: reward->as.bonus.frozen = true; break;
        case OFFER_UNFREEZE: reward->as.bonus.frozen = false; break;
        }
        engine->group[player->group].changed = true;
    }
    next_of_queue(engine, player);
}

/* ---------------------------------------------------------------- deadlines */

/* How many bonuses are played, as the attribute `active_bonuses` says it. */
void bonus_show(struct engine *engine, struct player *player)
{
    if (!player->bonus_stale) return;
    player->bonus_stale = false;
    uint32_t slot = engine->bonus_slot;
    if (slot == PROGRAM_NONE || platform_keeps(engine)) return;
    const struct bundle_attribute *attribute = &engine->newest->program.attribute[engine->newest->attribute_of[slot]];
    int64_t count = 0;
    for (const struct reward *reward = player->reward; reward != NULL; reward = reward->next)
        count += lives(reward) && reward->state == REWARD_ACTIVE;
    if (count < attribute->low) count = attribute->low;
    if (count > attribute->high) count = attribute->high;
    const uint64_t *known = state_known_words(player, engine->newest->program.workspace->player_slot_count);
    if (((known[slot / 64] >> (slot % 64)) & 1) && player->slot[slot] == count) return;
    state_set_number(engine, player, slot, count);
}

void bonus_due(struct engine *engine, const struct turn *turn)
{
    if (turn->number == 0) {
        bonus_show(engine, turn->player);
        property_touch(engine);
        if (engine->bonus_slot != PROGRAM_NONE) segments_touch_slot(engine, engine->bonus_slot);
        return;
    }
    struct reward *reward = reward_find_timer(turn->player, turn->number);
    if (reward == NULL) return;
    if (reward->kind != REWARD_BONUS) {
        card_due(engine, turn->player, reward, turn->due);
        return;
    }
    if (!lives(reward)) return;
    end(engine, turn->player, reward, REWARD_EXPIRED, ROLE_BONUS_EXPIRED);
    next_of_queue(engine, turn->player);
}

/* ---------------------------------------------------------------- what players ask */

/* The one that an event is about: by the effect's id where it names one, otherwise the latest of the offer's name that is `wanted`, or the latest. */
static struct reward *asked_for(const struct player *player, const struct kept_event *event, enum reward_state wanted)
{
    uint8_t id[16];
    struct text name;
    if (roles_about_effect(event, id)) {
        struct reward *reward = reward_find(player, id);
        return reward != NULL && reward->kind == REWARD_BONUS ? reward : NULL;
    }
    if (!roles_about(event, &name)) return NULL;
    struct reward *found = NULL;
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->kind != REWARD_BONUS || !text_equal(reward_offer(reward), name)) continue;
        if (found == NULL || reward->state == wanted || found->state != (uint8_t)wanted) found = reward;
    }
    return found;
}

/* What asked for the reward, as gates and the effect read it; it borrows the reward's values. */
static struct request request_again(const struct engine *engine, struct player *player, const struct reward *reward)
{
    struct request request = {.kind = REQUEST_CREDIT,
                              .player = player,
                              .use = reward->use,
                              .campaign = reward->campaign,
                              .journey = reward->journey,
                              .now = engine->now,
                              .effect = reward->effect,
                              .value_count = reward->value_count,
                              .values = (int64_t *)(uintptr_t)reward->values,
                              .bytes = (uint8_t *)(uintptr_t)reward->bytes};
    memcpy(request.id, reward->id, sizeof request.id);
    return request;
}

static void claim(struct engine *engine, struct player *player, struct reward *reward)
{
    struct title *title = reward->title;
    reward->granted_at = engine->now;
    reward->left = true;
    place(engine, player, reward, engine->now);
    struct request request = request_again(engine, player, reward);
    handed_out(engine, player, title, reward->journey, reward->id, true, engine->now);
    effects_credit(engine, &request, reward->state == REWARD_PENDING);
    bonus_begin(engine, player, reward);
}

/* May the player take it now? Gates are asked again: much may have happened since it was granted. */
static enum reason claim_verdict(struct engine *engine, struct player *player, const struct reward *reward)
{
    if (reward == NULL) return REASON_NOT_OFFERED;
    if (reward->state == REWARD_EXPIRED) return REASON_EXPIRED;
    if (reward->state != REWARD_OFFERED) return reward->left ? REASON_ALREADY_CLAIMED : REASON_NOT_OFFERED;
    if (reward->as.bonus.frozen) return REASON_FROZEN;
    struct request request = request_again(engine, player, reward);
    uint32_t rule;
    gates_aim(engine, player, engine->now);
    enum reason verdict = gates_reward(engine, player, &request, &rule);
    if (verdict != REASON_NONE || !reward->title->suspended) return verdict;
    /* Where the budget is empty, what is offered has its part of it; a person's word stops that, too. */
    uint16_t why = REASON_NONE;
    bool by_person = books_suspension(engine->books, reward->title->name, &why, NULL) && why == REASON_NONE;
    return by_person ? REASON_SUSPENDED : REASON_NONE;
}

static struct text source_of(const struct turn *turn)
{
    return turn->pending == NULL ? TEXT("") : turn->pending->record.source;
}

static void hear_claim(struct engine *engine, const struct turn *turn, struct player *player,
                       const struct kept_event *event)
{
    struct reward *reward = asked_for(player, event, REWARD_OFFERED);
    enum reason reason = claim_verdict(engine, player, reward);
    struct answer_value amount = {.name = "amount", .kind = TYPE_MONEY};
    uint32_t values = 0;
    if (reason == REASON_NONE) {
        amount.of = bonus_currency(engine, reward);
        amount.value = reward->amount;
        values = reward->amount > 0 && amount.of != PROGRAM_NONE ? 1 : 0;
        claim(engine, player, reward);
    }
    answers_give(engine, player, event, source_of(turn), reason, TEXT(""), &amount, values);
}

static void hear_forfeit(struct engine *engine, const struct turn *turn, struct player *player,
                         const struct kept_event *event)
{
    struct reward *reward = asked_for(player, event, REWARD_ACTIVE);
    bool active = reward != NULL && lives(reward) && reward->state == REWARD_ACTIVE;
    if (active) {
        bonus_forfeit(engine, player, reward, "by_player");
        next_of_queue(engine, player);
    }
    answers_give(engine, player, event, source_of(turn), active ? REASON_NONE : REASON_NOT_ACTIVE, TEXT(""), NULL, 0);
}

/* ---------------------------------------------------------------- what takes it away */

/* Whether the offer names this event under `what`, and the event meets the line's filter. */
static bool names_event(struct engine *engine, const struct player *player, const struct reward *reward,
                        enum weight what, const struct kept_event *event)
{
    const struct bundle_offer *offer = reward_terms(reward);
    const struct program *program = &reward->use->program;
    for (uint32_t i = 0; i < offer->weight_count; i++) {
        const struct bundle_weight *weight = &program->weight[offer->weight_first + i];
        if (weight->what != (uint32_t)what) continue;
        uint32_t own;
        struct bank_read bank = programs_event_bank(engine, reward->use, event->event, event, &own);
        if (own != weight->event) continue;
        if (weight->filter == PROGRAM_NONE) return true;
        journey_aim(engine, player, reward->use, reward->campaign, &bank, engine->now);
        interp_clear_trace(engine->body);
        if (engine->failed == OK &&
            journey_filter(engine, player, weight->filter, PROBE_CASE, reward->journey, PROGRAM_NONE))
            return true;
    }
    return false;
}

/* A withdrawal, say: what is played is lost, and with it what waits behind it and names the event too. With nothing played it does nothing. */
static void hear_cancel(struct engine *engine, struct player *player, const struct kept_event *event)
{
    bool any = false;
    for (struct reward *reward = player->reward; reward != NULL && engine->failed == OK; reward = reward->next) {
        if (is_live_card(reward) && names_event(engine, player, reward, WEIGHT_CANCEL, event))
            end_card(engine, player, reward, ROLE_BONUS_CANCELLED);
    }
    for (struct reward *reward = player->reward; reward != NULL && !any; reward = reward->next) {
        any = lives(reward) && reward->state == REWARD_ACTIVE && !is_the_platforms(engine, reward) &&
              names_event(engine, player, reward, WEIGHT_CANCEL, event);
    }
    if (!any) return;
    const struct program *program = &engine->newest->program;
    struct text name = program_text(program, program->event[event->event].name);
    bool withdrawal = name.size >= 10 && memcmp(name.at, "withdrawal", 10) == 0;
    for (struct reward *reward = player->reward; reward != NULL && engine->failed == OK; reward = reward->next) {
        if (!lives(reward) || is_the_platforms(engine, reward) ||
            !names_event(engine, player, reward, WEIGHT_CANCEL, event))
            continue;
        if (reward->state == REWARD_ACTIVE) {
            bonus_forfeit(engine, player, reward, withdrawal ? "by_withdrawal" : "by_event");
        } else {
            end(engine, player, reward, REWARD_CANCELLED, ROLE_BONUS_CANCELLED);
        }
    }
    bonus_freed(engine, player);
}

/* The id of what the event takes back; false: it takes back nothing. */
static bool read_reversed(const struct engine *engine, const struct kept_event *event, struct text *id_out)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_event *record = &program->event[event->event];
    if (record->reverses_by == PROGRAM_NONE) return false;
    uint32_t slot = program->field[record->reverses_by].slot;
    if (!((event->known[slot / 64] >> (slot % 64)) & 1)) return false;
    int64_t handle = event->slot[slot];
    *id_out = text_make((const char *)event->bytes + handle_offset(handle), handle_size(handle));
    return true;
}

/* A reward that comes later is not given for what is taken back now. */
static void remember_reversal(struct engine *engine, const struct player *player, const struct kept_event *event)
{
    const struct program *program = &engine->newest->program;
    struct text id;
    if (!read_reversed(engine, event, &id)) return;
    struct dedupe_entry entry =
        reversal_of(engine, player, program_text(program, program->event[event->event].name), id);
    entry.until = engine->now + program->workspace->retention_ms;
    struct group *group = &engine->group[entry.low % RECORD_GROUPS];
    if (dedupe_add(&group->ids, entry, engine->now) == DEDUPE_NO_MEMORY) (void)state_no_memory(engine);
    group->changed = true;
}

/* The event takes back what brought the reward. */
static void hear_revoke(struct engine *engine, struct player *player, const struct kept_event *event)
{
    struct text id;
    if (!read_reversed(engine, event, &id)) return;
    struct dedupe_entry funded = dedupe_hash(engine->id_key, TEXT(""), id);
    bool any = false;
    for (struct reward *reward = player->reward; reward != NULL && engine->failed == OK; reward = reward->next) {
        if (reward_is_over(reward) || reward->funded.low != funded.low || reward->funded.high != funded.high) continue;
        if (is_the_platforms(engine, reward) || !names_event(engine, player, reward, WEIGHT_REVOKE, event)) continue;
        if (reward->kind != REWARD_BONUS) {
            end_card(engine, player, reward, ROLE_BONUS_REVOKED);
            continue;
        }
        end(engine, player, reward, REWARD_REVOKED, ROLE_BONUS_REVOKED);
        any = true;
    }
    if (any) bonus_freed(engine, player);
}

void bonus_excluded(struct engine *engine, struct player *player)
{
    for (struct reward *reward = player->reward; reward != NULL && engine->failed == OK; reward = reward->next) {
        if (!lives(reward) || is_the_platforms(engine, reward)) continue;
        if (reward->state == REWARD_ACTIVE) {
            tell(engine, player, reward, ROLE_BONUS_REVIEW_REQUIRED);
        } else {
            end(engine, player, reward, REWARD_CANCELLED, ROLE_BONUS_CANCELLED);
        }
    }
}

/* ---------------------------------------------------------------- where the platform keeps bonuses */

static const struct {
    const char *event;
    enum reward_state state;
} told_state[] = {
    {"bonus_activated", REWARD_ACTIVE},    {"bonus_wagered", REWARD_WAGERED},     {"bonus_expired", REWARD_EXPIRED},
    {"bonus_forfeited", REWARD_FORFEITED}, {"bonus_cancelled", REWARD_CANCELLED}, {"bonus_revoked", REWARD_REVOKED},
};

static int told_by(const struct program *program, uint32_t event)
{
    struct text name = program_text(program, program->event[event].name);
    for (size_t i = 0; i < sizeof told_state / sizeof *told_state; i++) {
        if (text_equal(name, text_of(told_state[i].event))) return (int)i;
    }
    return -1;
}

/* Its state follows the platform's word. */
static void hear_platform(struct engine *engine, struct player *player, const struct kept_event *event)
{
    int told = told_by(&engine->newest->program, event->event);
    struct reward *reward = told < 0 ? NULL : asked_for(player, event, REWARD_ACTIVE);
    if (reward == NULL || !lives(reward)) return;
    enum reward_state state = told_state[told].state;
    if (state == REWARD_ACTIVE) {
        reward_set_state(engine, player, reward, state);
        reward->activated_at = engine->now;
    } else if (state == REWARD_REVOKED || reward->activated_at == INT64_MIN) {
        give_back(engine, player, reward, REASON_NONE);
        reward_end(engine, player, reward, state, engine->now);
    } else {
        books_close_return(engine->books, reward->id);
        reward_end(engine, player, reward, state, engine->now);
    }
    bonus_changed(engine, player);
}

/* ---------------------------------------------------------------- the part */

static bool is_exclusion(const struct bundle_event *event)
{
    return event->safety == SAFETY_SELF_EXCLUSION || event->safety == SAFETY_CLOSED;
}

/* Whether an offer of a program in use names the event. */
static bool takes_away(const struct engine *engine, uint32_t event)
{
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        uint32_t own = use == engine->newest ? event : use->event_of[event];
        for (uint32_t i = 0; own != PROGRAM_NONE && i < use->program.weight_count; i++) {
            if (use->program.weight[i].event == own) return true;
        }
    }
    return false;
}

static bool hears(const struct engine *engine, uint32_t event)
{
    const struct program *program = &engine->newest->program;
    switch ((int)roles_of(engine, event)) {
    case ROLE_BET:
    case ROLE_BET_VOIDED:
    case ROLE_REWARD_CLAIMED:
    case ROLE_BONUS_FORFEIT_ASKED: return true;
    default: break;
    }
    if (is_exclusion(&program->event[event]) || takes_away(engine, event)) return true;
    return platform_keeps(engine) && told_by(program, event) >= 0;
}

static void hear(struct engine *engine, const struct turn *turn, struct player *player, const struct kept_event *event)
{
    const struct program *program = &engine->newest->program;
    switch ((int)roles_of(engine, event->event)) {
    case ROLE_REWARD_CLAIMED: hear_claim(engine, turn, player, event); return;
    case ROLE_BONUS_FORFEIT_ASKED: hear_forfeit(engine, turn, player, event); return;
    default: break;
    }
    bool reverses = program->event[event->event].reverses_by != PROGRAM_NONE;
    if (reverses && takes_away(engine, event->event)) remember_reversal(engine, player, event);
    if (player->reward == NULL || engine->failed != OK) return;
    if (platform_keeps(engine)) {
        hear_platform(engine, player, event);
    } else {
        enum role role = roles_of(engine, event->event);
        if (role == ROLE_BET || role == ROLE_BET_VOIDED) wagering_bet(engine, player, role, event);
    }
    if (engine->failed == OK && is_exclusion(&program->event[event->event])) bonus_excluded(engine, player);
    if (engine->failed == OK && takes_away(engine, event->event)) {
        hear_revoke(engine, player, event);
        hear_cancel(engine, player, event);
    }
}

static bool linked(struct engine *engine)
{
    const struct program *program = &engine->newest->program;
    engine->bonus_slot = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (attribute->kind == TYPE_WHOLE && text_equal(program_text(program, attribute->name), TEXT("active_bonuses")))
            engine->bonus_slot = attribute->slot;
    }
    return true;
}

const struct part bonus_part = {.name = "bonuses", .hears = hears, .event = hear, .linked = linked};
