/* Taking results out of an activation, and messages that wait. See effects.h. */
#include "runtime/engine/effects.h"

#include "runtime/engine/experiment.h"
#include "runtime/engine/badges.h"
#include "runtime/engine/bonus.h"
#include "runtime/engine/card.h"
#include "runtime/engine/effect_json.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/handed.h"
#include "runtime/engine/points.h"
#include "runtime/engine/tells.h"
#include "vm/meaning.h"
#include "vm/round.h"
#include "vm/zone.h"

/* ---------------------------------------------------------------- notes */

struct engine_note effects_note(const struct engine *engine, enum note_kind kind, const struct player *player,
                                const struct use *use, uint32_t campaign, int64_t now)
{
    struct engine_note note = {.kind = kind,
                               .now = now,
                               .program = use == NULL ? NULL : &use->program,
                               .campaign = campaign,
                               .step = PROGRAM_NONE,
                               .detail = "",
                               .rule = PROGRAM_NONE,
                               .rules = engine->newest == NULL ? NULL : &engine->newest->program,
                               .finish = {"", 0},
                               .goal = {"", 0},
                               .event = {"", 0},
                               .attribute = {"", 0},
                               .other = {"", 0},
                               .split = PROGRAM_NONE,
                               .arm = PROGRAM_NONE,
                               .budget = PROGRAM_NONE,
                               .limit = PROGRAM_NONE,
                               .position = engine->cause};
    if (player != NULL) {
        note.test_player = state_is_test(engine, player);
        note.player = state_player_id(player);
        note.brand = state_player_brand(player);
        note.number = player->number;
    }
    return note;
}

void effects_emit_note(struct engine *engine, const struct engine_note *note)
{
    if (engine->options.sink.note != NULL) engine->options.sink.note(engine->options.sink.context, note);
}

int64_t effects_cost(const struct program *program, const struct bundle_effect *effect, const int64_t *values)
{
    const struct bundle_offer *offer = &program->offer[effect->object];
    int64_t cost = values[meaning_credit(program, effect).cost];
    bool nothing = offer->amount_parameter != PROGRAM_NONE && values[offer->amount_parameter] <= 0;
    return cost < 0 || nothing ? 0 : cost;
}

void effects_withheld(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                      uint32_t journey, uint32_t effect, int64_t cost, uint32_t rule, int64_t now)
{
    effects_refused(engine, player, use->plan[campaign].title, REASON_WITHHELD_RG, "");
    struct engine_note note = effects_note(engine, NOTE_WITHHELD, player, use, campaign, now);
    note.journey = journey;
    note.effect = &use->program.effect[use->program.campaign[campaign].effect_first + effect];
    note.step = note.effect->step;
    note.reason = REASON_WITHHELD_RG;
    note.rule = rule;
    note.amount = cost;
    effects_emit_note(engine, &note);
}

void effects_refused(struct engine *engine, const struct player *player, struct title *title, enum reason reason,
                     const char *detail)
{
    if (player != NULL && state_is_test(engine, player)) return;
    if (!figures_add(&title->figures.refusals, text_of(effect_json_reason(reason)), text_of(detail), 1, 0))
        (void)state_no_memory(engine);
}

/* ---------------------------------------------------------------- identities */

void effects_identity(const struct engine *engine, uint8_t out[16], const struct use *use, uint32_t campaign,
                      const struct player *player, uint32_t journey, uint32_t effect, uint64_t nth)
{
    const struct bundle_campaign *record = &use->program.campaign[campaign];
    struct identity_parts parts = {.brand = state_player_brand(player),
                                   .player = state_player_id(player),
                                   .journey = journey,
                                   .nth = nth,
                                   .life = player->life};
    identity_fill(&parts, &use->program, campaign, &use->program.effect[record->effect_first + effect]);
    identity_effect(out, &engine->identity, &parts);
}

static bool counts_itself(const struct use *use, uint32_t campaign, uint32_t effect)
{
    return (use->plan[campaign].own_counter[effect / 64] >> (effect % 64)) & 1;
}

uint64_t effects_count(struct engine *engine, const struct use *use, uint32_t campaign, uint32_t effect)
{
    const struct bundle_campaign *record = &use->program.campaign[campaign];
    uint32_t counter = use->program.effect[record->effect_first + effect].counter;
    if (counter == PROGRAM_NONE) return 1;
    int64_t *slot = &engine->journey_slot[counter];
    if (!counts_itself(use, campaign, effect)) return (uint64_t)*slot + 1;
    if (*slot < use->program.variable[record->variable_first + counter].high) ++*slot;
    return (uint64_t)*slot;
}

bool effects_of_journey(const struct engine *engine, const struct player *player, const struct journey *journey,
                        enum about about, struct text name, struct text id)
{
    const struct program *program = &journey->use->program;
    const struct bundle_campaign *campaign = &program->campaign[journey->campaign];
    uint8_t wanted[16];
    bool identified = id.size > 0;
    if (identified && !crypto_unhex(wanted, sizeof wanted, id)) return false;
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        const struct bundle_effect *effect = &program->effect[campaign->effect_first + i];
        if ((about == ABOUT_OFFER && effect->kind != ACT_CREDIT) ||
            (about == ABOUT_MESSAGE && effect->kind != ACT_SEND))
            continue;
        if (!((journey->made >> (i % 64)) & 1) || !text_equal(program_text(program, effect->name), name)) continue;
        if (!identified) return true;
        uint64_t times = 1;
        if (effect->counter != PROGRAM_NONE) times = (uint64_t)state_journey_slots(journey)[effect->counter] + 1;
        for (uint64_t nth = 1; nth <= times && nth <= 1000; nth++) {
            uint8_t made[16];
            effects_identity(engine, made, journey->use, journey->campaign, player, journey->number, i, nth);
            if (memcmp(made, wanted, sizeof made) == 0) return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- values */

static bool is_text(const struct program *program, const struct bundle_effect *effect, uint32_t index)
{
    return program->value[effect->value_first + index].kind == TYPE_TEXT;
}

/* Sum of the bytes of an effect's text values. */
static uint32_t text_bytes(const struct program *program, const struct bundle_effect *effect, const int64_t *values)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < effect->value_count; i++) {
        if (is_text(program, effect, i)) size += handle_size(values[i]);
    }
    return size;
}

static void move_values(const struct activation *activation, const struct bundle_effect *effect, const int64_t *from,
                        int64_t *to, uint8_t *bytes)
{
    uint32_t end = 0;
    for (uint32_t i = 0; i < effect->value_count; i++) {
        to[i] = from[i];
        if (!is_text(activation->program, effect, i)) continue;
        struct text text = interp_text(activation, from[i]);
        if (text.size > 0) memcpy(bytes + end, text.at, text.size);
        to[i] = handle_make(BANK_JOURNEY, text.size, end);
        end += text.size;
    }
}

bool effects_copy_values(struct engine *engine, const struct activation *activation, const struct bundle_effect *effect,
                         uint32_t first, int64_t **values_out, uint8_t **bytes_out, uint32_t *size_out)
{
    const int64_t *values = activation->values + first;
    *size_out = text_bytes(activation->program, effect, values);
    *values_out = ARENA_ARRAY(&engine->instant, int64_t, effect->value_count + 1);
    *bytes_out = ARENA_ARRAY(&engine->instant, uint8_t, *size_out + 1);
    if (*values_out == NULL || *bytes_out == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    move_values(activation, effect, values, *values_out, *bytes_out);
    return true;
}

/* ---------------------------------------------------------------- leaving */

uint32_t engine_effect_paid_currency(const struct engine_effect *effect)
{
    const struct meaning_credit credit = meaning_credit(effect->program, effect->effect);
    if (credit.currency != PROGRAM_NONE) return (uint32_t)effect->values[credit.currency];
    return effect->program->offer[effect->effect->object].currency;
}

uint32_t engine_effect_of(const struct engine_effect *effect, uint32_t index)
{
    const struct bundle_value *value = &effect->program->value[effect->effect->value_first + index];
    if (value->kind != TYPE_MONEY || value->of != PROGRAM_NONE) return value->of;
    return effect->kind == ENGINE_CREDIT ? engine_effect_paid_currency(effect) : (uint32_t)effect->values[index + 1];
}

struct text engine_effect_text(const struct engine_effect *effect, int64_t handle)
{
    enum bank bank = handle_bank(handle);
    const uint8_t *bytes = bank < BANK_COUNT ? effect->banks[bank] : NULL;
    if (bytes == NULL || handle_size(handle) == 0) return (struct text){"", 0};
    return text_make((const char *)bytes + handle_offset(handle), handle_size(handle));
}

static void leave(struct engine *engine, const struct engine_effect *effect)
{
    if (engine->failed != OK) return; /* It was decided on a state that is not whole. */
    if (engine->options.sink.effect != NULL) engine->options.sink.effect(engine->options.sink.context, effect);
}

static const enum engine_effect_kind kind_of[EFFECT_COUNT] = {
    [ACT_SEND] = ENGINE_SEND,   [ACT_CREDIT] = ENGINE_CREDIT, [ACT_DO] = ENGINE_DO,       [ACT_TAG] = ENGINE_TAG,
    [ACT_UNTAG] = ENGINE_UNTAG, [ACT_ASK] = ENGINE_ASK,       [ACT_AWARD] = ENGINE_AWARD,
};

static uint16_t newest_channel(const struct engine *engine, const struct use *use, uint32_t channel)
{
    if (channel == PROGRAM_NONE) return UINT16_MAX;
    if (use == engine->newest) return (uint16_t)channel;
    const struct program *newest = &engine->newest->program;
    struct text name = program_text(&use->program, use->program.channel[channel].name);
    for (uint32_t i = 0; i < newest->channel_count; i++) {
        if (text_equal(program_text(newest, newest->channel[i].name), name)) return (uint16_t)i;
    }
    return UINT16_MAX;
}

/* A message was sent: it counts in the figures and, unless it is outside the caps, for pressure. */
static void count_message(struct engine *engine, struct player *player, const struct use *use, uint32_t campaign,
                          const struct bundle_effect *effect, int64_t now)
{
    const struct campaign_plan *plan = &use->plan[campaign];
    struct text channel = program_text(&use->program, effect->action);
    if (effect->kind == ACT_SEND && !state_is_test(engine, player) &&
        !figures_add(&plan->title->figures.messages, channel, (struct text){"", 0}, 1, 0)) {
        (void)state_no_memory(engine);
    }
    if (effect->gate == PROGRAM_NONE || engine->newest->longest_pressure == 0) return;
    const struct gate_plan *gate = &plan->gate[effect->gate];
    if (!gate->message || gate->outside) return;
    const struct bundle_gate *record = &use->program.gate[use->program.campaign[campaign].gate_first + effect->gate];
    struct sent sent = {.at = now,
                        .title = plan->title->number,
                        .channel = newest_channel(engine, use, record->channel),
                        .class = (uint16_t)record->message_class};
    state_add_sent(engine, player, sent);
}

static bool same_values(const struct program *a, const struct bundle_effect *left, const struct program *b,
                        const struct bundle_effect *right)
{
    if (left->value_count != right->value_count) return false;
    for (uint32_t i = 0; i < left->value_count; i++) {
        const struct bundle_value *one = &a->value[left->value_first + i], *other = &b->value[right->value_first + i];
        if (one->kind != other->kind || !program_same_text(a, one->name, b, other->name)) return false;
    }
    return true;
}

/* What is written is never pinned: an older journey sends the message as the newest program has it, where that one fills the same
 * holes; otherwise its own. Empty for what is no message. */
static struct text content_of(const struct engine *engine, const struct use *use, const struct bundle_effect *effect)
{
    if (effect->kind != ACT_SEND) return (struct text){"", 0};
    const struct program *program = &use->program, *newest = &engine->newest->program;
    struct text name = program_text(program, effect->name), channel = program_text(program, effect->action);
    for (uint32_t i = 0; use != engine->newest && i < newest->effect_count; i++) {
        const struct bundle_effect *other = &newest->effect[i];
        if (other->kind != ACT_SEND || !text_equal(program_text(newest, other->name), name)) continue;
        if (!text_equal(program_text(newest, other->action), channel) || !same_values(program, effect, newest, other))
            continue;
        return program_text(newest, newest->message[other->object].content);
    }
    return program_text(program, program->message[effect->object].content);
}

/* Messages of responsible gaming stay; what else speaks to a player or rewards him is taken back. */
static bool is_recallable(const struct program *program, const struct bundle_effect *effect)
{
    if (effect->kind == ACT_SEND) return program->message[effect->object].class != MESSAGE_CLASS_SAFETY;
    if (effect->kind != ACT_DO || effect->object >= program->action_count) return false;
    return program->action[effect->object].class != CLASS_OTHER;
}

/* Until when a message may leave: the next quiet hours. */
static int64_t until_of(const struct engine *engine, const struct player *player, const struct use *use,
                        uint32_t campaign, const struct bundle_effect *effect, int64_t now)
{
    if (!engine->options.untils || effect->gate == PROGRAM_NONE) return INT64_MAX;
    return gates_until(engine, player, use, campaign, effect->gate, now);
}

static void take_effect(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                        const struct made *made)
{
    const struct activation *body = engine->body;
    const struct use *use = journey->use;
    uint32_t campaign = journey->campaign;
    const struct bundle_effect *effect =
        &use->program.effect[use->program.campaign[campaign].effect_first + made->object];
    uint64_t nth = effects_count(engine, use, campaign, made->object);
    journey->made |= UINT64_C(1) << (made->object % 64);
    uint8_t id[16];
    bool named = effect->kind == ACT_TELL || effect->kind == ACT_SPEND || effect->kind == ACT_SEND ||
                 engine->options.sink.effect != NULL;
    if (named) effects_identity(engine, id, use, campaign, player, journey->number, made->object, nth);
    if (effect->kind == ACT_AWARD) {
        struct text badge = program_text(&use->program, effect->name);
        if (!badges_award(engine, player, badge, body->now)) return; /* He has it. */
    }
    if (effect->kind == ACT_SPEND) {
        const struct program *program = &use->program;
        int64_t points = body->values[made->value_first];
        bool spent = points_spend(engine, player, program_text(program, program->points[effect->object].name), points,
                                  id, TEXT(""));
        INVARIANT(spent || engine->failed != OK); /* The activation has asked what was left. */
        return;
    }
    if (effect->kind == ACT_TELL) {
        tells_take(engine, turn, player, journey, effect, body->values + made->value_first, id);
        return;
    }
    if (effect->kind == ACT_SEND && use->program.message[effect->object].class != MESSAGE_CLASS_SAFETY)
        handed_out(engine, player, journey->title, journey->number, id, false, body->now);
    if (engine->options.sink.effect != NULL) {
        const uint8_t *banks[BANK_COUNT] = {
            use->program.bytes, body->event.bytes, player->bytes, engine->journey_bytes, NULL, body->metric_bytes};
        struct engine_effect out = {
            .kind = kind_of[effect->kind],
            .at = body->now,
            .player = state_player_id(player),
            .brand = state_player_brand(player),
            .number = player->number,
            .program = &use->program,
            .campaign = campaign,
            .journey = journey->number,
            .effect = effect,
            .values = body->values + made->value_first,
            .banks = banks,
            .content = content_of(engine, use, effect),
            .budget = PROGRAM_NONE,
            .test_player = state_is_test(engine, player),
            .recallable = is_recallable(&use->program, effect),
            .until = until_of(engine, player, use, campaign, effect, body->now),
        };
        memcpy(out.id, id, sizeof out.id);
        leave(engine, &out);
    }
    if (effect->kind == ACT_DO && text_equal(program_text(&use->program, effect->action), TEXT("publish_card"))) {
        bool texts = effect->value_count > 0 && is_text(&use->program, effect, 0);
        card_publish(engine, player, journey, texts ? interp_text(body, body->values[made->value_first]) : TEXT(""));
    }
    if (effect->kind == ACT_SEND || effect->kind == ACT_DO)
        count_message(engine, player, use, campaign, effect, body->now);
    if (effect->kind == ACT_TAG || effect->kind == ACT_UNTAG) {
        /* The tag by name in the newest program, whose bits a player's tags are. */
        struct text name = program_text(&use->program, use->program.tag[effect->object].name);
        const struct program *newest = &engine->newest->program;
        for (uint32_t i = 0; i < newest->tag_count; i++) {
            if (!text_equal(program_text(newest, newest->tag[i].name), name)) continue;
            struct turn shows = {.kind = TURN_TAGS,
                                 .player = player,
                                 .rank = turn->rank,
                                 .tag = i,
                                 .on = effect->kind == ACT_TAG,
                                 .title = journey->title,
                                 .journey = journey->number};
            fold_cause(engine, turn, shows);
            break;
        }
    }
}

static void take_delayed(struct engine *engine, struct player *player, struct journey *journey, const struct made *made)
{
    const struct activation *body = engine->body;
    struct use *use = journey->use;
    uint32_t campaign = journey->campaign;
    const struct bundle_effect *effect =
        &use->program.effect[use->program.campaign[campaign].effect_first + made->object];
    const int64_t *values = body->values + made->value_first;
    uint64_t nth = effects_count(engine, use, campaign, made->object);
    journey->made |= UINT64_C(1) << (made->object % 64);
    struct delayed *delayed =
        state_add_delayed(engine, player, effect->value_count, text_bytes(&use->program, effect, values));
    if (delayed == NULL) return;
    move_values(body, effect, values, (int64_t *)(uintptr_t)delayed->values, (uint8_t *)(uintptr_t)delayed->bytes);
    delayed->title = journey->title;
    delayed->use = use;
    use->pins++;
    delayed->campaign = campaign;
    delayed->effect = made->object;
    delayed->journey = journey->number;
    delayed->number = ++player->timers;
    delayed->due = made->until;
    effects_identity(engine, delayed->id, use, campaign, player, journey->number, made->object, nth);
    struct engine_note note = effects_note(engine, NOTE_DELAYED, player, use, campaign, body->now);
    note.journey = journey->number;
    note.effect = effect;
    note.step = effect->step;
    note.reason = (enum reason)made->reason;
    note.until = delayed->due;
    memcpy(note.effect_id, delayed->id, sizeof note.effect_id);
    effects_emit_note(engine, &note);
    if (delayed->due <= engine->now) {
        struct turn turn = {.kind = TURN_DELAYED,
                            .player = player,
                            .title = delayed->title,
                            .journey = delayed->journey,
                            .number = delayed->number,
                            .due = delayed->due};
        fold_due_at_once(engine, turn);
    }
}

static void take_refused(struct engine *engine, struct player *player, struct journey *journey, const struct made *made)
{
    const struct use *use = journey->use;
    const struct bundle_effect *effect =
        &use->program.effect[use->program.campaign[journey->campaign].effect_first + made->object];
    struct engine_note note =
        effects_note(engine, NOTE_EFFECT_REFUSED, player, use, journey->campaign, engine->body->now);
    note.journey = journey->number;
    note.effect = effect;
    note.step = effect->step;
    note.reason = (enum reason)made->reason;
    if (made->reason == REASON_PRESSURE) {
        note.rule = gates_pressure_rule(use, journey->campaign, made->value_first);
    } else if (effect->gate != PROGRAM_NONE && made->reason != REASON_QUIET_HOURS && made->value_first != UINT16_MAX &&
               engine->body->gate[effect->gate].verdict == made->reason) {
        note.rule = made->value_first;
    }
    effects_refused(engine, player, journey->title, note.reason, "");
    effects_emit_note(engine, &note);
}

void effects_count_arm(struct engine *engine, struct title *title, const struct program *program, struct passed passed,
                       uint32_t exposed, uint32_t converted)
{
    const struct bundle_split *split = &program->split[passed.split];
    struct text arm = program_text(program, program->arm[split->arm_first + passed.arm].name);
    if (!figures_add(&title->figures.arms, program_text(program, split->name), arm, exposed, converted))
        (void)state_no_memory(engine);
}

/* A journey that passes a split again is still one, in the arm that it had. */
static void expose(struct engine *engine, struct player *player, struct journey *journey, uint32_t split, uint32_t arm)
{
    const struct program *program = &journey->use->program;
    uint8_t *kept = &state_journey_arms(journey)[split];
    if (*kept != 0) return;
    *kept = (uint8_t)(arm + 1);
    struct passed passed = {program->campaign[journey->campaign].split_first + split, arm};
    effects_count_arm(engine, journey->title, program, passed, 1, 0);
    experiment_exposed(engine, player, journey, split, arm);
}

void effects_take(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey)
{
    const struct activation *body = engine->body;
    const struct bundle_campaign *campaign = &journey->use->program.campaign[journey->campaign];
    for (uint32_t i = 0; i < body->made_count; i++) {
        const struct made *made = &body->made[i];
        struct engine_note note;
        switch ((enum made_kind)made->kind) {
        case MADE_EFFECT: take_effect(engine, turn, player, journey, made); break;
        case MADE_DELAYED: take_delayed(engine, player, journey, made); break;
        case MADE_REFUSED: take_refused(engine, player, journey, made); break;
        case MADE_EXPOSURE:
            if (state_is_test(engine, player)) break; /* Nobody of the experiment. */
            expose(engine, player, journey, made->object, made->value_first);
            note = effects_note(engine, NOTE_EXPOSURE, player, journey->use, journey->campaign, body->now);
            note.journey = journey->number;
            note.split = campaign->split_first + made->object;
            note.arm = made->value_first;
            effects_emit_note(engine, &note);
            break;
        case MADE_OFFER:
            bonus_order(engine, player, journey, (enum offer_order)made->object, (uint32_t)made->until);
            break;
        case MADE_STEP:
            journey->step = made->object;
            note = effects_note(engine, NOTE_STEP, player, journey->use, journey->campaign, body->now);
            note.journey = journey->number;
            note.step = campaign->step_first + made->object;
            effects_emit_note(engine, &note);
            break;
        }
    }
}

/* ---------------------------------------------------------------- questions, and what is asked back */

void effects_ask(struct engine *engine, const struct player *player, const struct journey *journey,
                 const struct bundle_ask *ask, const uint8_t id[16], int64_t now)
{
    static const uint8_t *const banks[BANK_COUNT] = {NULL};
    const struct program *program = &journey->use->program;
    struct engine_effect out = {
        .kind = ENGINE_ASK,
        .at = now,
        .player = state_player_id(player),
        .brand = state_player_brand(player),
        .number = player->number,
        .program = program,
        .campaign = journey->campaign,
        .journey = journey->number,
        .effect = &program->effect[program->campaign[journey->campaign].effect_first + ask->effect],
        .banks = banks,
        .ask = ask,
        .expires_at = journey->due == STATE_NEVER ? 0 : journey->due,
        .until = journey->due == STATE_NEVER ? INT64_MAX : journey->due,
        .budget = PROGRAM_NONE,
        .test_player = state_is_test(engine, player),
    };
    memcpy(out.id, id, sizeof out.id);
    leave(engine, &out);
}

void effects_recall(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                    uint32_t journey, const uint8_t id[16], int64_t now)
{
    static const uint8_t *const banks[BANK_COUNT] = {NULL};
    struct engine_effect out = {
        .kind = ENGINE_RECALL,
        .at = now,
        .until = INT64_MAX,
        .player = state_player_id(player),
        .brand = state_player_brand(player),
        .number = player->number,
        .program = &use->program,
        .campaign = campaign,
        .journey = journey,
        .banks = banks,
        .budget = PROGRAM_NONE,
        .test_player = state_is_test(engine, player),
    };
    memcpy(out.id, id, sizeof out.id);
    leave(engine, &out);
}

/* ---------------------------------------------------------------- rewards */

/* In the currency that is paid, as the bonus and the deposit are. */
int64_t effects_target(const struct request *request, int64_t multiple, uint32_t of)
{
    const struct program *program = &request->use->program;
    const struct bundle_campaign *campaign = &program->campaign[request->campaign];
    const struct bundle_effect *effect = &program->effect[campaign->effect_first + request->effect];
    const struct bundle_offer *offer = &program->offer[effect->object];
    struct meaning_credit credit = meaning_credit(program, effect);
    uint32_t paid = credit.paid != PROGRAM_NONE ? credit.paid : credit.cost;
    int64_t bonus = request->values[offer->amount_parameter == PROGRAM_NONE ? paid : offer->amount_parameter];
    int64_t deposit = credit.deposit != PROGRAM_NONE ? request->values[credit.deposit] : 0;
    int64_t base = 0;
    if (of == WAGERING_BONUS || of == WAGERING_BOTH) base += bonus;
    if (of == WAGERING_DEPOSIT || of == WAGERING_BOTH) base += deposit;
    int64_t target = 0;
    return round_mul_div(&target, base, multiple, 1000000, ROUNDING_DOWN) ? target : INT64_MAX;
}

/* Points that the engine keeps are there as soon as the reward leaves. */
static void give_points(struct engine *engine, const struct request *request, const struct bundle_offer *offer,
                        int64_t expires_at)
{
    struct text name;
    int64_t points;
    if (points_of_credit(&request->use->program, offer, request->values, request->bytes, &name, &points))
        (void)points_reward(engine, request->player, name, points, expires_at);
}

/* What was granted to a test player took nothing from the books, and stays a test when it is claimed later, whoever the player is by then;
 * and the other way round. */
static bool is_test_credit(const struct engine *engine, const struct request *request, int64_t cost)
{
    struct books_settled reserved;
    if (cost > 0 && books_find(engine->books, request->id, &reserved) != BOOKS_UNKNOWN) return reserved.amount == 0;
    return state_is_test(engine, request->player);
}

void effects_credit(struct engine *engine, const struct request *request, bool pending)
{
    const struct use *use = request->use;
    const struct program *program = &use->program;
    const struct bundle_campaign *campaign = &program->campaign[request->campaign];
    const struct bundle_effect *effect = &program->effect[campaign->effect_first + request->effect];
    const struct bundle_offer *offer = &program->offer[effect->object];
    int64_t cost = request->values[meaning_credit(program, effect).cost];
    const bool test = is_test_credit(engine, request, cost);
    const uint8_t *banks[BANK_COUNT] = {program->bytes, NULL, request->player->bytes, request->bytes, NULL};
    struct engine_effect out = {
        .kind = ENGINE_CREDIT,
        .at = request->now,
        .recallable = true,
        .until = INT64_MAX,
        .player = state_player_id(request->player),
        .brand = state_player_brand(request->player),
        .number = request->player->number,
        .program = program,
        .campaign = request->campaign,
        .journey = request->journey,
        .effect = effect,
        .values = request->values,
        .banks = banks,
        .cost = cost,
        .pending = pending,
        .budget = PROGRAM_NONE,
        .test_player = test,
    };
    memcpy(out.id, request->id, sizeof out.id);
    char code[CARD_CODE_SIZE] = "";
    if (card_is(program, offer)) card_code(engine, request->id, code);
    out.code = text_of(code);
    if (offer->wagering_of != WAGERING_NONE) out.target = effects_target(request, offer->wagering, offer->wagering_of);
    if (offer->expires_kind != WINDOW_NONE && !offer->expires_after_activation) {
        out.expires_at =
            offer->expires_kind == WINDOW_EXACT
                ? request->now + offer->expires
                : zone_add_calendar(use->plan[request->campaign].zone, request->now, calendar_months(offer->expires),
                                    calendar_days(offer->expires), calendar_ms(offer->expires));
    }
    give_points(engine, request, offer, out.expires_at);
    struct title *title = use->plan[request->campaign].title;
    if (!test &&
        !figures_add(&title->figures.credits, program_text(program, offer->name), (struct text){"", 0}, 1, cost)) {
        (void)state_no_memory(engine);
    }
    leave(engine, &out);
}

static struct engine_effect of_player(const struct engine *engine, enum engine_effect_kind kind,
                                      const struct player *player, int64_t at)
{
    static const uint8_t *const banks[BANK_COUNT] = {NULL};
    return (struct engine_effect){.kind = kind,
                                  .at = at,
                                  .until = INT64_MAX,
                                  .program = &engine->newest->program,
                                  .campaign = PROGRAM_NONE,
                                  .banks = banks,
                                  .budget = PROGRAM_NONE,
                                  .player = state_player_id(player),
                                  .brand = state_player_brand(player),
                                  .number = player->number,
                                  .test_player = state_is_test(engine, player)};
}

void effects_event(struct engine *engine, const struct player *player, const struct kept_event *made,
                   const uint8_t id[16])
{
    const struct engine_event event = {
        .event = made->event, .slot = made->slot, .known = made->known, .bytes = made->bytes};
    struct engine_effect out = of_player(engine, ENGINE_EVENT, player, engine->now);
    out.made = &event;
    memcpy(out.id, id, sizeof out.id);
    leave(engine, &out);
}

void effects_answer(struct engine *engine, const struct player *player, const struct engine_answer *answer,
                    uint64_t low, uint64_t high, int64_t at, bool test)
{
    struct engine_effect out = of_player(engine, ENGINE_ANSWER, player, at);
    out.test_player = test;
    out.answer = answer;
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, "answer", 6);
    crypto_stream_add(&stream, &low, sizeof low);
    crypto_stream_add(&stream, &high, sizeof high);
    struct crypto_digest digest = crypto_stream_end(&stream);
    memcpy(out.id, digest.bytes, sizeof out.id);
    leave(engine, &out);
}

void effects_suspended(struct engine *engine, const struct use *use, uint32_t campaign, uint32_t budget, int64_t now)
{
    static const uint8_t *const banks[BANK_COUNT] = {NULL};
    struct engine_effect out = {.kind = ENGINE_SUSPENDED,
                                .at = now,
                                .until = INT64_MAX,
                                .program = &use->program,
                                .campaign = campaign,
                                .banks = banks,
                                .budget = budget,
                                .player = {"", 0},
                                .brand = {"", 0}};
    identity_suspension(out.id, &engine->identity, use->plan[campaign].title->name, now);
    leave(engine, &out);
}

/* ---------------------------------------------------------------- delayed messages */

void effects_drop(struct engine *engine, struct player *player, struct delayed *delayed, enum reason reason,
                  uint32_t rule, int64_t now)
{
    const struct use *use = delayed->use;
    struct engine_note note = effects_note(engine, NOTE_DROPPED, player, use, delayed->campaign, now);
    note.journey = delayed->journey;
    note.effect = &use->program.effect[use->program.campaign[delayed->campaign].effect_first + delayed->effect];
    note.step = note.effect->step;
    note.reason = reason;
    note.rule = rule;
    memcpy(note.effect_id, delayed->id, sizeof note.effect_id);
    effects_refused(engine, player, delayed->title, reason, "");
    state_remove_delayed(engine, player, delayed);
    engine->group[player->group].changed = true;
    effects_emit_note(engine, &note);
}

void effects_delayed_due(struct engine *engine, struct player *player, struct delayed *delayed, int64_t now)
{
    const struct use *use = delayed->use;
    uint32_t campaign = delayed->campaign;
    const struct bundle_effect *effect =
        &use->program.effect[use->program.campaign[campaign].effect_first + delayed->effect];
    struct gates_message answer;
    switch (gates_message(engine, player, use, campaign, effect->gate, now, &answer)) {
    case GATES_DROP: effects_drop(engine, player, delayed, answer.reason, answer.rule, now); return;
    case GATES_DELAY: {
        delayed->due = answer.until;
        delayed->number = ++player->timers;
        struct engine_note note = effects_note(engine, NOTE_DELAYED, player, use, campaign, now);
        note.journey = delayed->journey;
        note.effect = effect;
        note.step = effect->step;
        note.reason = answer.reason;
        note.rule = answer.rule;
        note.until = delayed->due;
        memcpy(note.effect_id, delayed->id, sizeof note.effect_id);
        effects_emit_note(engine, &note);
        return;
    }
    case GATES_SEND: break;
    }
    const uint8_t *banks[BANK_COUNT] = {use->program.bytes, NULL, player->bytes, delayed->bytes, NULL};
    struct engine_effect out = {
        .kind = kind_of[effect->kind],
        .at = now,
        .player = state_player_id(player),
        .brand = state_player_brand(player),
        .number = player->number,
        .program = &use->program,
        .campaign = campaign,
        .journey = delayed->journey,
        .effect = effect,
        .values = delayed->values,
        .banks = banks,
        .content = content_of(engine, use, effect),
        .budget = PROGRAM_NONE,
        .test_player = state_is_test(engine, player),
        .recallable = is_recallable(&use->program, effect),
        .until = until_of(engine, player, use, campaign, effect, now),
    };
    memcpy(out.id, delayed->id, sizeof out.id);
    if (effect->kind == ACT_SEND && use->program.message[effect->object].class != MESSAGE_CLASS_SAFETY)
        handed_out(engine, player, delayed->title, delayed->journey, delayed->id, false, now);
    count_message(engine, player, use, campaign, effect, now);
    leave(engine, &out);
    state_remove_delayed(engine, player, delayed);
}
