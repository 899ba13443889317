/* Gift cards, coupons and their orders. See card.h. */
#include "runtime/engine/card.h"

#include "runtime/engine/announce.h"
#include "runtime/engine/answers.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/property.h"
#include "runtime/engine/roles.h"
#include "runtime/engine/till.h"
#include "runtime/engine/wagering.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/zone.h"

/* How long a checkout is held where the event does not say: 15 minutes; at most a day. */
enum { HOLD_MINUTES = 15, HOLD_MINUTES_MOST = 1440 };

/* ---------------------------------------------------------------- what is a card */

static struct text action_of(enum reward_kind kind)
{
    return kind == REWARD_COUPON ? TEXT("coupon") : TEXT("gift_card");
}

static bool is_action(const struct program *program, const struct bundle_offer *offer, enum reward_kind kind)
{
    return text_equal(program_text(program, program->action[offer->action].name), action_of(kind));
}

bool card_is(const struct program *program, const struct bundle_offer *offer)
{
    return is_action(program, offer, REWARD_CARD) || is_action(program, offer, REWARD_COUPON);
}

static bool is_card(const struct reward *reward)
{
    return reward->kind == REWARD_CARD || reward->kind == REWARD_COUPON;
}

/* The card or coupon with this identity; NULL: it is forgotten. */
static struct reward *card_of(const struct player *player, const uint8_t id[16])
{
    struct reward *reward = reward_find(player, id);
    return reward != NULL && is_card(reward) ? reward : NULL;
}

/* What a parameter of its action was when it was granted; `otherwise` where the action has none of that name. Only while it is not over. */
static int64_t parameter(const struct reward *reward, struct text name, int64_t otherwise)
{
    const struct program *program = &reward->use->program;
    const struct bundle_action *action = &program->action[reward_terms(reward)->action];
    for (uint32_t i = 0; i < action->parameter_count && i < reward->value_count; i++) {
        const struct bundle_parameter *one = &program->parameter[action->parameter_first + i];
        if (one->kind != TYPE_TEXT && text_equal(program_text(program, one->name), name)) return reward->values[i];
    }
    return otherwise;
}

int64_t card_left(const struct reward *reward)
{
    return reward_is_over(reward) ? 0 : reward->as.card.balance - reward->as.card.held;
}

static bool is_at_once(const struct reward *reward)
{
    return reward->kind == REWARD_COUPON || reward_terms(reward)->at_once != 0;
}

/* What its money says it is; a frozen one is known by itself. */
static void settle_state(struct engine *engine, struct player *player, struct reward *reward)
{
    const struct reward_card *card = &reward->as.card;
    enum reward_state state = card->balance == 0                                  ? REWARD_USED
                              : card->balance < reward->amount || card->held != 0 ? REWARD_PART_USED
                                                                                  : REWARD_UNUSED;
    engine->group[player->group].changed = true;
    property_changed(engine, player);
    if (reward_is_over(reward)) return;
    if (reward->state == REWARD_FROZEN) {
        reward->as.card.before = (uint8_t)state;
    } else if (reward->state != state) {
        reward_set_state(engine, player, reward, state);
    }
}

/* ---------------------------------------------------------------- codes of cards */

/* 32 signs, none of which is taken for another: without 0, 1, I and O. */
static const char SIGNS[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/* In the field of 32 elements: x^5 + x^2 + 1. */
static uint32_t times_two(uint32_t value)
{
    value <<= 1;
    return value & 32 ? value ^ 0x25 : value;
}

void card_code(const struct engine *engine, const uint8_t id[16], char out[CARD_CODE_SIZE])
{
    uint8_t named[4 + 16] = {'c', 'a', 'r', 'd'};
    memcpy(named + 4, id, 16);
    struct crypto_id hash = crypto_siphash128(named, sizeof named, engine->id_key);
    uint32_t check = 0, at = 0;
    for (uint32_t i = 0; i < 16; i++) {
        if (i > 0 && i % 4 == 0) out[at++] = '-';
        uint32_t bit = i * 5, pair = (uint32_t)hash.bytes[bit / 8] | (uint32_t)hash.bytes[bit / 8 + 1] << 8;
        uint32_t sign = (pair >> bit % 8) & 31;
        /* Each place weighs another power of two: a wrong sign, or two that changed places, show. */
        check = i == 15 ? check : times_two(check) ^ sign;
        out[at++] = SIGNS[i == 15 ? check : sign];
    }
    out[at] = 0;
    INVARIANT(at == CARD_CODE_SIZE - 1);
}

/* Whether the text is this code, typed by a person: in any case, with or without dashes and blanks. */
static bool is_code(struct text text, const char *code)
{
    for (uint32_t i = 0; i < text.size; i++) {
        char sign = text.at[i];
        if (sign == '-' || sign == ' ') continue;
        if (sign >= 'a' && sign <= 'z') sign = (char)(sign - 'a' + 'A');
        if (*code == '-') code++;
        if (*code != sign) return false;
        code++;
    }
    return *code == 0;
}

/* ---------------------------------------------------------------- granting, ending */

static int64_t ends_at(const struct use *use, uint32_t campaign, const struct bundle_offer *offer, int64_t from)
{
    if (offer->expires_kind == WINDOW_NONE) return STATE_NEVER;
    if (offer->expires_kind == WINDOW_EXACT) return from + offer->expires;
    return zone_add_calendar(use->plan[campaign].zone, from, calendar_months(offer->expires),
                             calendar_days(offer->expires), calendar_ms(offer->expires));
}

static uint32_t currency_of(const struct program *program, const char code[3])
{
    for (uint32_t i = 0; i < program->currency_count; i++) {
        if (text_equal(program_text(program, program->currency[i].code), text_make(code, 3))) return i;
    }
    return PROGRAM_NONE;
}

void card_publish(struct engine *engine, struct player *player, const struct journey *journey, struct text metadata)
{
    const struct reward *reward = NULL;
    for (const struct reward *one = player->reward; one != NULL; one = one->next) {
        bool own = one->title == journey->title && one->journey == journey->number;
        if (own && is_card(one) && !reward_is_over(one)) reward = one;
    }
    if (reward == NULL) return;
    char code[CARD_CODE_SIZE];
    card_code(engine, reward->id, code);
    struct announcement what = {.role = ROLE_PUBLICATION_SUCCEEDED,
                                .player = player,
                                .about = reward_offer(reward),
                                .effect = reward->id,
                                .known = 7,
                                .value = {0, reward->amount, 0},
                                .text = {text_of(code), TEXT(""), metadata},
                                .currency = currency_of(&engine->newest->program, reward->currency)};
    if (reward->until != STATE_NEVER) {
        what.known |= 8;
        what.value[3] = reward->until;
    }
    announce(engine, &what);
}

void card_grant(struct engine *engine, struct reward *reward, const struct request *request)
{
    struct player *player = request->player;
    const struct program *program = &reward->use->program;
    const struct bundle_offer *offer = reward_terms(reward);
    reward->kind = is_action(program, offer, REWARD_COUPON) ? REWARD_COUPON : REWARD_CARD;
    reward->left = true;
    reward->activated_at = request->now;
    int64_t smallest = parameter(reward, TEXT("smallest_order"), 0);
    reward->as.card = (struct reward_card){.balance = reward->amount < 0 ? 0 : reward->amount,
                                           .smallest_order = smallest < 0 ? 0 : smallest};
    reward_set_state(engine, player, reward, REWARD_UNUSED);
    settle_state(engine, player, reward);
    reward_set_due(engine, player, reward, ends_at(reward->use, reward->campaign, offer, request->now));
}

/* What open orders hold was promised to the shop and can still be confirmed; the rest is gone. */
static void end(struct engine *engine, struct player *player, struct reward *reward, enum reward_state state,
                int64_t now)
{
    const struct till *till = parts_of(player, PART_CARDS);
    reward->as.card.held = till == NULL ? 0 : till_held_of(till, reward->id);
    reward->as.card.balance = reward->as.card.held;
    reward_end(engine, player, reward, state, now);
}

void card_due(struct engine *engine, struct player *player, struct reward *reward, int64_t now)
{
    end(engine, player, reward, REWARD_EXPIRED, now);
    bonus_tell(engine, player, reward, (struct announcement){.role = ROLE_BONUS_EXPIRED});
}

void card_failed(struct engine *engine, struct player *player, struct reward *reward, int64_t now)
{
    const struct reward_card *card = &reward->as.card;
    if (card->held == 0 && card->balance == reward->amount) {
        reward_remove(engine, player, reward);
    } else {
        end(engine, player, reward, REWARD_REVOKED, now);
    }
}

void card_freeze(struct engine *engine, struct player *player, struct reward *reward, bool frozen)
{
    if (reward_is_over(reward) || (reward->state == REWARD_FROZEN) == frozen) return;
    enum reward_state before = (enum reward_state)reward->as.card.before;
    if (frozen) reward->as.card.before = reward->state;
    reward_set_state(engine, player, reward, frozen ? REWARD_FROZEN : before);
    settle_state(engine, player, reward);
}

bool card_cancel(struct engine *engine, struct player *player, struct reward *reward, int64_t now)
{
    if (reward_is_over(reward)) return false;
    uint8_t state = reward->state == REWARD_FROZEN ? reward->as.card.before : reward->state;
    end(engine, player, reward, REWARD_REVOKED, now);
    return state == REWARD_UNUSED;
}

/* ---------------------------------------------------------------- pricing */

static bool is_named(const struct engine *engine, const struct reward *reward, struct text name)
{
    if (text_equal(reward_offer(reward), name)) return true;
    uint8_t id[16];
    if (crypto_unhex(id, sizeof id, name) && memcmp(id, reward->id, sizeof id) == 0) return true;
    char code[CARD_CODE_SIZE];
    card_code(engine, reward->id, code);
    return is_code(name, code);
}

/* Whether `one` is to be used before `other`: one that has something left, then the one that ends first, then the older. */
static bool is_better(const struct reward *one, const struct reward *other)
{
    bool usable = card_left(one) > 0 && one->state != REWARD_FROZEN;
    bool other_usable = card_left(other) > 0 && other->state != REWARD_FROZEN;
    if (usable != other_usable) return usable;
    if (!usable) return one->number > other->number; /* its refusal is the answer: that of the latest */
    if (one->until != other->until) return one->until < other->until;
    return one->number < other->number;
}

static bool is_laid_down(const struct card_quote *quote, const struct reward *reward)
{
    for (uint32_t i = 0; i < quote->count; i++) {
        if (quote->reward[i] == reward) return true;
    }
    return false;
}

/* The best of those that the name stands for and that do not lie there yet; NULL: there is none. */
static struct reward *find(const struct engine *engine, const struct player *player, enum reward_kind kind,
                           struct text name, const struct card_quote *laid_down)
{
    struct reward *found = NULL;
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (reward->kind != kind || is_laid_down(laid_down, reward) || !is_named(engine, reward, name)) continue;
        if (found == NULL || is_better(reward, found)) found = reward;
    }
    return found;
}

static uint32_t action_index(const struct program *program, enum reward_kind kind)
{
    for (uint32_t i = 0; i < program->action_count; i++) {
        if (text_equal(program_text(program, program->action[i].name), action_of(kind))) return i;
    }
    return PROGRAM_NONE;
}

static struct checkout_item item_of(const struct engine *engine, const struct reward *reward)
{
    const struct program *newest = &engine->newest->program;
    struct checkout_item item = {.kind = action_index(newest, (enum reward_kind)reward->kind),
                                 .currency = currency_of(newest, reward->currency),
                                 .share = 1000000,
                                 .until = reward->until,
                                 .smallest_order = reward->as.card.smallest_order};
    if (reward_is_over(reward)) {
        if (reward->state == REWARD_EXPIRED) item.until = INT64_MIN;
        return item;
    }
    item.share = parameter(reward, TEXT("share"), 1000000);
    item.balance = card_left(reward);
    item.frozen = reward->state == REWARD_FROZEN;
    item.at_once = is_at_once(reward);
    return item;
}

static void refuse(struct card_quote *out, enum reason reason)
{
    if (out->reason == REASON_NONE) out->reason = reason;
}

/* Adds what the text names: one, or several with commas between. A name may itself have commas. */
static void gather(const struct engine *engine, const struct player *player, enum reward_kind kind, struct text names,
                   struct card_quote *out)
{
    static const struct card_quote nothing;
    names = text_trim(names);
    while (names.size > 0) {
        struct reward *reward = find(engine, player, kind, names, out);
        struct text name = names;
        if (reward == NULL) {
            name = text_slice(names, 0, text_find(names, ',', 0));
            reward = find(engine, player, kind, text_trim(name), out);
        }
        if (reward != NULL && out->count < CHECKOUT_ITEMS_MOST) {
            out->item[out->count] = item_of(engine, reward);
            out->reward[out->count++] = reward;
        } else {
            bool again = reward != NULL || find(engine, player, kind, text_trim(name), &nothing) != NULL;
            refuse(out, again ? REASON_STACKING : REASON_UNKNOWN_CARD); /* more than there are, or none at all */
        }
        names = text_trim(text_slice(names, name.size + 1, names.size));
    }
}

/* The stacking order of this name, or, where the program has none called "checkout", one coupon before one card. False: there is none. */
static bool stacking_of(const struct program *program, struct text name, struct checkout_slot *slots, uint32_t *count)
{
    struct text wanted = name.size == 0 ? TEXT("checkout") : name;
    *count = 0;
    for (uint32_t i = 0; i < program->stacking_count; i++) {
        const struct bundle_stacking *stacking = &program->stacking[i];
        if (!text_equal(program_text(program, stacking->name), wanted)) continue;
        for (uint32_t n = 0; n < stacking->stack_count && n < CHECKOUT_SLOTS_MOST; n++) {
            const struct bundle_stack *stack = &program->stack[stacking->stack_first + n];
            slots[(*count)++] = (struct checkout_slot){.kind = stack->action, .most = stack->most};
        }
        return true;
    }
    slots[(*count)++] = (struct checkout_slot){.kind = action_index(program, REWARD_COUPON), .most = 1};
    slots[(*count)++] = (struct checkout_slot){.kind = action_index(program, REWARD_CARD), .most = 1};
    return text_equal(wanted, TEXT("checkout"));
}

void card_quote(const struct engine *engine, const struct player *player, int64_t now, int64_t amount,
                uint32_t currency, struct text coupon, struct text card, struct text stacking, struct card_quote *out)
{
    const struct program *program = &engine->newest->program;
    struct checkout_slot slots[CHECKOUT_SLOTS_MOST];
    struct checkout_order order = {.amount = amount < 0 ? 0 : amount, .currency = currency, .now = now, .slots = slots};
    *out = (struct card_quote){.reason = REASON_NONE};
    if (!stacking_of(program, stacking, slots, &order.slot_count)) refuse(out, REASON_STACKING);
    gather(engine, player, REWARD_COUPON, coupon, out);
    gather(engine, player, REWARD_CARD, card, out);
    checkout_price(&order, out->item, out->count, out->line, &out->price);
    refuse(out, out->price.reason);
}

/* ---------------------------------------------------------------- orders */

static struct slab *slab_of(struct engine *engine, const struct player *player)
{
    return &state_shard(engine, player->group)->slab;
}

/* The player's till, made where it is missing; NULL when memory is out. */
static struct till *need_till(struct engine *engine, struct player *player)
{
    struct till *till = parts_of(player, PART_CARDS);
    if (till != NULL) return till;
    till = slab_alloc(slab_of(engine, player), sizeof *till);
    if (till == NULL) return state_no_memory(engine);
    if (parts_put(engine, player, PART_CARDS, till)) return till;
    slab_free(slab_of(engine, player), till, sizeof *till);
    return NULL;
}

/* What a line of an order that is held keeps from other orders. */
static int64_t kept_by(const struct reward *reward, int64_t taken)
{
    return is_at_once(reward) ? reward->as.card.balance : taken;
}

/* Takes what the lines of the order say, now or, for one that was held, of what it holds. */
static void take(struct engine *engine, struct player *player, const struct till_order *order)
{
    for (uint32_t i = 0; i < order->line_count; i++) {
        struct reward *reward = card_of(player, order->line[i].reward);
        if (reward == NULL) continue;
        struct reward_card *card = &reward->as.card;
        bool all = !reward_is_over(reward) && is_at_once(reward);
        if (order->held) card->held -= all ? card->held : order->line[i].taken;
        card->balance = all ? 0 : card->balance - order->line[i].taken;
        INVARIANT(card->held >= 0 && card->balance >= card->held);
        settle_state(engine, player, reward);
    }
}

/* Lets go of what an open order holds. */
static void release(struct engine *engine, struct player *player, const struct till_order *order)
{
    for (uint32_t i = 0; i < order->line_count; i++) {
        struct reward *reward = card_of(player, order->line[i].reward);
        if (reward == NULL) continue;
        struct reward_card *card = &reward->as.card;
        bool over = reward_is_over(reward);
        int64_t held = !over && is_at_once(reward) ? card->held : order->line[i].taken;
        card->held -= held;
        if (over) card->balance = card->held; /* nobody can spend it any more */
        INVARIANT(card->held >= 0 && card->balance >= card->held);
        settle_state(engine, player, reward);
    }
}

/* What coupons and what cards gave. */
static int64_t sum_of(const struct till_order *order, bool coupons)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < order->line_count; i++) sum += order->line[i].coupon == coupons ? order->line[i].taken : 0;
    return sum;
}

/* An order is done: a made event for each coupon and card that gave something. */
static void tell_priced(struct engine *engine, struct player *player, const struct till_order *order)
{
    for (uint32_t i = 0; i < order->line_count; i++) {
        const struct reward *reward = card_of(player, order->line[i].reward);
        if (reward == NULL || order->line[i].taken == 0) continue;
        struct announcement what = {
            .role = ROLE_CHECKOUT_PRICED,
            .player = player,
            .about = reward_offer(reward),
            .effect = reward->id,
            .key = text_make(order->id, order->id_size),
            .known = 31,
            .value = {0, sum_of(order, true), sum_of(order, false), order->pay, card_left(reward)},
            .text = {text_make(order->id, order->id_size)},
            .currency = currency_of(&engine->newest->program, order->currency)};
        announce(engine, &what);
    }
}

/* ---------------------------------------------------------------- what is asked */

struct asked {
    struct engine *engine;
    const struct turn *turn;
    struct player *player;
    const struct kept_event *event;
    enum role role;
    struct text order; /* Its id; that of the event where none is given. */
};

static void answer(const struct asked *asked, enum reason reason, const struct answer_value *values, uint32_t count)
{
    struct text source = asked->turn->pending == NULL ? TEXT("") : asked->turn->pending->record.source;
    answers_give(asked->engine, asked->player, asked->event, source, reason, TEXT(""), values, count);
}

static struct answer_value money(const char *name, int64_t value, uint32_t currency)
{
    return (struct answer_value){.name = name, .kind = TYPE_MONEY, .of = currency, .value = value, .text = TEXT("")};
}

static void answer_order(const struct asked *asked, const struct till_order *order)
{
    uint32_t currency = currency_of(&asked->engine->newest->program, order->currency);
    struct answer_value values[6] = {
        {.name = "order_id", .kind = TYPE_TEXT, .of = PROGRAM_NONE, .text = text_make(order->id, order->id_size)},
        money("coupon_off", sum_of(order, true), currency),
        money("from_card", sum_of(order, false), currency),
        money("paid", order->pay, currency),
    };
    uint32_t count = 4;
    if (order->held)
        values[count++] = (struct answer_value){
            .name = "until", .kind = TYPE_MOMENT, .of = PROGRAM_NONE, .value = order->until, .text = TEXT("")};
    answer(asked, REASON_NONE, values, count);
}

/* A refusal says of which card or coupon. */
static void answer_refused(const struct asked *asked, const struct card_quote *quote)
{
    if (quote->reason != quote->price.reason || quote->price.refused >= quote->count) {
        answer(asked, quote->reason, NULL, 0);
        return;
    }
    struct answer_value which = {.name = "offer",
                                 .kind = TYPE_TEXT,
                                 .of = PROGRAM_NONE,
                                 .text = reward_offer(quote->reward[quote->price.refused])};
    answer(asked, quote->reason, &which, 1);
}

static int64_t hold_until(const struct asked *asked)
{
    int64_t minutes = HOLD_MINUTES;
    (void)roles_number(asked->engine, asked->role, 5, asked->event, &minutes);
    if (minutes < 1) minutes = 1;
    if (minutes > HOLD_MINUTES_MOST) minutes = HOLD_MINUTES_MOST;
    return asked->engine->now + minutes * 60000;
}

static void confirm(const struct asked *asked, struct till_order *order)
{
    take(asked->engine, asked->player, order);
    order->held = false;
    order->until = 0;
    order->at = asked->engine->now;
    tell_priced(asked->engine, asked->player, order);
    answer_order(asked, order);
    parts_arm(asked->engine, asked->player);
}

/* Prices the order; what it takes is taken, or held. */
static void check_out(const struct asked *asked, bool holds)
{
    struct engine *engine = asked->engine;
    struct player *player = asked->player;
    struct till *till = need_till(engine, player);
    if (till == NULL) return;
    struct till_order *known = till_find(till, asked->order);
    if (known != NULL && known->held && !holds) {
        confirm(asked, known);
        return;
    }
    if (known != NULL) {
        answer(asked, REASON_DUPLICATE, NULL, 0);
        return;
    }
    int64_t amount = 0;
    uint32_t currency = PROGRAM_NONE;
    struct text coupon = TEXT(""), card = TEXT(""), stacking = TEXT("");
    (void)roles_number(engine, asked->role, 0, asked->event, &amount);
    (void)roles_currency(engine, asked->role, 0, asked->event, &currency);
    (void)roles_text(engine, asked->role, 1, asked->event, &coupon);
    (void)roles_text(engine, asked->role, 2, asked->event, &card);
    (void)roles_text(engine, asked->role, 4, asked->event, &stacking);
    if (currency >= engine->newest->program.currency_count) { /* Only a forged program's order has no money. */
        answer(asked, REASON_CURRENCY, NULL, 0);
        return;
    }
    struct card_quote quote;
    card_quote(engine, player, engine->now, amount, currency, coupon, card, stacking, &quote);
    if (quote.reason == REASON_NONE && holds && till_held(till) == TILL_HELD_MOST) quote.reason = REASON_STACKING;
    if (quote.reason != REASON_NONE) {
        answer_refused(asked, &quote);
        return;
    }
    struct till_line lines[CHECKOUT_ITEMS_MOST];
    uint32_t count = 0;
    for (uint32_t i = 0; i < quote.price.line_count; i++) {
        const struct checkout_line *line = &quote.line[i];
        struct reward *reward = quote.reward[line->item];
        if (line->taken == 0) continue;
        lines[count] = (struct till_line){.taken = line->taken, .coupon = reward->kind == REWARD_COUPON};
        memcpy(lines[count++].reward, reward->id, sizeof reward->id);
        if (holds) reward->as.card.held += kept_by(reward, line->taken);
    }
    struct till_order values = {.held = holds,
                                .amount = amount,
                                .pay = quote.price.pay,
                                .at = engine->now,
                                .until = holds ? hold_until(asked) : 0};
    struct text code = program_text(&engine->newest->program, engine->newest->program.currency[currency].code);
    memcpy(values.currency, code.at, sizeof values.currency);
    struct till_order *order = till_add(till, slab_of(engine, player), asked->order, &values, lines, count);
    if (order == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    if (holds) {
        for (uint32_t i = 0; i < count; i++) settle_state(engine, player, card_of(player, lines[i].reward));
    } else {
        take(engine, player, order);
        tell_priced(engine, player, order);
    }
    answer_order(asked, order);
    parts_arm(engine, player);
}

static void refund(const struct asked *asked, struct till_order *order)
{
    struct engine *engine = asked->engine;
    struct player *player = asked->player;
    uint32_t currency = currency_of(&engine->newest->program, order->currency), given = currency;
    int64_t amount = order->amount;
    bool partly = roles_number(engine, asked->role, 1, asked->event, &amount);
    if (partly) (void)roles_currency(engine, asked->role, 1, asked->event, &given);
    if (given != currency) {
        answer(asked, REASON_CURRENCY, NULL, 0);
        return;
    }
    struct till_refund back;
    if (amount <= 0 || !till_refund(order, amount, &back)) {
        answer(asked, REASON_EMPTY, NULL, 0);
        return;
    }
    int64_t to_card = 0, lost = 0;
    bool expired = false;
    for (uint32_t i = 0; i < order->line_count; i++) {
        if (back.to_line[i] == 0) continue;
        struct reward *reward = card_of(player, order->line[i].reward);
        if (reward == NULL || reward_is_over(reward) || reward_terms(reward)->refund_nothing) {
            lost += back.to_line[i];
            expired = expired || reward == NULL || reward_is_over(reward);
            continue;
        }
        reward->as.card.balance += back.to_line[i];
        to_card += back.to_line[i];
        settle_state(engine, player, reward);
    }
    struct answer_value values[] = {
        {.name = "order_id", .kind = TYPE_TEXT, .of = PROGRAM_NONE, .text = asked->order},
        money("to_card", to_card, currency),
        money("to_pay", back.to_pay, currency),
        money("lost", lost, currency),
    };
    /* EXPIRED: nothing comes back, because the time of the card is over. */
    bool nothing = to_card == 0 && back.to_pay == 0;
    answer(asked, nothing && expired ? REASON_EXPIRED : REASON_NONE, values, 4);
    engine->group[player->group].changed = true;
}

/* ---------------------------------------------------------------- the part */

static bool hears(const struct engine *engine, uint32_t event)
{
    switch (roles_of(engine, event)) {
    case ROLE_CHECKOUT:
    case ROLE_CHECKOUT_HELD:
    case ROLE_CHECKOUT_CONFIRMED:
    case ROLE_CHECKOUT_CANCELLED:
    case ROLE_CHECKOUT_REFUNDED: return true;
    default: return false;
    }
}

static void hear(struct engine *engine, const struct turn *turn, struct player *player, const struct kept_event *event)
{
    struct asked asked = {
        .engine = engine, .turn = turn, .player = player, .event = event, .role = roles_of(engine, event->event)};
    bool prices = asked.role == ROLE_CHECKOUT || asked.role == ROLE_CHECKOUT_HELD;
    asked.order = TEXT("");
    (void)roles_text(engine, asked.role, prices ? 3 : 0, event, &asked.order);
    if (asked.order.size == 0) asked.order = roles_id(event);
    asked.order = text_slice(asked.order, 0, 64);
    if (asked.order.size == 0) return; /* Without an id nothing could be answered, or asked again. */
    if (prices) {
        check_out(&asked, asked.role == ROLE_CHECKOUT_HELD);
        return;
    }
    struct till *till = parts_of(player, PART_CARDS);
    struct till_order *order = till == NULL ? NULL : till_find(till, asked.order);
    bool refunds = asked.role == ROLE_CHECKOUT_REFUNDED;
    if (order == NULL || order->held == refunds) {
        /* What is redeemed is not held any more: a shop that asks again learns that it is done, and that only a refund helps. */
        answer(&asked, order == NULL || refunds ? REASON_UNKNOWN_ORDER : REASON_DUPLICATE, NULL, 0);
    } else if (refunds) {
        refund(&asked, order);
    } else if (asked.role == ROLE_CHECKOUT_CONFIRMED) {
        confirm(&asked, order);
    } else {
        release(engine, player, order);
        till_drop(till, slab_of(engine, player), order);
        answer(&asked, REASON_NONE, NULL, 0);
        parts_arm(engine, player);
    }
}

static int64_t due(const struct engine *engine, const struct player *player)
{
    (void)engine;
    return till_next(parts_have(player, PART_CARDS));
}

/* Holds that end. */
static void fire(struct engine *engine, const struct turn *turn, struct player *player)
{
    struct till *till = parts_have(player, PART_CARDS);
    for (uint32_t i = 0; i < till->count;) {
        struct till_order *order = &till->order[i];
        if (!order->held || order->until > turn->due) {
            i++;
            continue;
        }
        struct announcement what = {.role = ROLE_CHECKOUT_RELEASED,
                                    .player = player,
                                    .about = TEXT(""),
                                    .key = text_make(order->id, order->id_size),
                                    .known = 1,
                                    .text = {text_make(order->id, order->id_size)},
                                    .currency = PROGRAM_NONE};
        release(engine, player, order);
        announce(engine, &what);
        till_drop(till, slab_of(engine, player), order);
    }
}

static void free_part(struct engine *engine, struct player *player)
{
    struct till *till = parts_of(player, PART_CARDS);
    till_release(till, slab_of(engine, player));
    slab_free(slab_of(engine, player), till, sizeof *till);
}

static void encode(const struct engine *engine, const struct player *player, struct buffer *out)
{
    (void)engine;
    till_encode(parts_of(player, PART_CARDS), out);
}

/* What open orders hold must be what the cards say is held of them. */
static enum status decode(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    struct till *till = need_till(engine, player);
    if (till == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for a player's orders");
    RETURN_IF_FAILED(till_decode(till, slab_of(engine, player), in, error));
    for (struct reward *reward = player->reward; reward != NULL; reward = reward->next) {
        if (!is_card(reward)) continue;
        int64_t held = till_held_of(till, reward->id);
        bool at_once = !reward_is_over(reward) && is_at_once(reward);
        if (at_once ? (held > 0) != (reward->as.card.held > 0) || held > reward->as.card.held
                    : held != reward->as.card.held)
            return codec_corrupt(error, "a card is held by no order");
        int128 out = reward->as.card.balance;
        for (uint32_t i = 0; i < till->count; i++) {
            const struct till_order *order = &till->order[i];
            for (uint32_t n = 0; !order->held && n < order->line_count; n++) {
                bool own = memcmp(order->line[n].reward, reward->id, sizeof reward->id) == 0;
                out += own ? order->line[n].taken - order->line[n].returned : 0;
            }
        }
        if (!reward_is_over(reward) && out > reward->amount)
            return codec_corrupt(error, "a card gave more than it had");
    }
    return OK;
}

const struct part card_part = {.name = "cards",
                               .free = free_part,
                               .encode = encode,
                               .decode = decode,
                               .due = due,
                               .fire = fire,
                               .hears = hears,
                               .event = hear};
