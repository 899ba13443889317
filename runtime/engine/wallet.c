/* What a player has. See wallet.h. */
#include "runtime/engine/wallet.h"

#include "runtime/engine/badges.h"
#include "runtime/engine/card.h"
#include "runtime/engine/codes.h"
#include "runtime/engine/effect_json.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/points.h"
#include "vm/crypto.h"
#include "vm/civil.h"
#include "vm/decimal.h"

static int64_t left_of(const struct reward *reward)
{
    if (reward->kind != REWARD_BONUS) return card_left(reward);
    int64_t wagered = reward->as.bonus.wagered / 1000000;
    if (wagered < 0) wagered = 0;
    return reward->as.bonus.target > wagered ? reward->as.bonus.target - wagered : 0;
}

enum { TERMS_MOST = 32 };

/* What was granted beside the amount and the smallest order, such as spins and their value; false: it is no fact to read. */
static bool put_granted(struct buffer *out, const struct reward *reward, const struct bundle_parameter *parameter,
                        int64_t value)
{
    char code[4] = "";
    switch (parameter->kind) {
    case TYPE_WHOLE: decimal_print(out, value, 0, DECIMAL_GROUPS); return true;
    case TYPE_DECIMAL: decimal_print(out, value, 6, DECIMAL_GROUPS | DECIMAL_TRIM); return true;
    case TYPE_PERCENT: decimal_print_percent(out, value); return true;
    case TYPE_MONEY:
        memcpy(code, reward->currency, sizeof reward->currency);
        decimal_print_money(out, value, code);
        return true;
    case TYPE_TEXT:
        buffer_append(out, reward->bytes + handle_offset(value), handle_size(value));
        return handle_size(value) > 0;
    default: return false;
    }
}

/* Writes them to the terms; their words live in `words`, which may still move: where each ends is in `ends`. */
static uint32_t add_granted(struct buffer *words, const struct reward *reward, struct wallet_term *terms,
                            uint32_t *ends)
{
    const struct program *program = &reward->use->program;
    const struct bundle_offer *offer = reward_terms(reward);
    const struct bundle_action *action = &program->action[offer->action];
    uint32_t count = 0;
    for (uint32_t i = 0; i < action->parameter_count && i < reward->value_count && count < TERMS_MOST; i++) {
        const struct bundle_parameter *parameter = &program->parameter[action->parameter_first + i];
        struct text name = program_text(program, parameter->name);
        if (i == offer->amount_parameter || text_equal(name, TEXT("smallest_order"))) continue;
        if (!put_granted(words, reward, parameter, reward->values[i])) continue;
        terms[count].name = name;
        ends[count++] = (uint32_t)words->size;
    }
    return count;
}

static void give_reward(const struct engine *engine, const struct reward *reward, wallet_taker take, void *context)
{
    const struct program *program = &reward->use->program;
    const struct bundle_offer *offer = reward_terms(reward);
    struct wallet_term terms[TERMS_MOST];
    char code[CARD_CODE_SIZE] = "";
    struct wallet_item item = {.kind = program_text(program, program->action[offer->action].name),
                               .name = reward_offer(reward),
                               .state = reward_state_word((enum reward_state)reward->state),
                               .campaign = reward->title->name,
                               .currency = text_make(reward->currency, sizeof reward->currency),
                               .amount = reward->amount,
                               .left = left_of(reward),
                               .at = reward->granted_at,
                               .until = reward->until,
                               .points = -1,
                               .percent = -1,
                               .terms = terms};
    if (offer->amount_parameter == PROGRAM_NONE) item.currency = TEXT("");
    if (reward->kind == REWARD_BONUS) {
        item.target = reward->as.bonus.target;
        if (item.target == 0) item.left = item.amount;
    } else {
        card_code(engine, reward->id, code);
        item.smallest_order = reward->as.card.smallest_order;
    }
    item.code = text_of(code);
    memcpy(item.id, reward->id, sizeof item.id);
    struct buffer words = BUFFER_EMPTY;
    uint32_t ends[TERMS_MOST], granted = add_granted(&words, reward, terms, ends);
    for (uint32_t i = 0; i < granted && buffer_ok(&words); i++, item.term_count++) {
        uint32_t first = i == 0 ? 0 : ends[i - 1];
        terms[i].value = text_slice(buffer_as_text(&words), first, ends[i] - first);
    }
    for (uint32_t i = 0; i < offer->fact_count && item.term_count < TERMS_MOST; i++) {
        const struct bundle_fact *fact = &program->fact[offer->fact_first + i];
        terms[item.term_count++] =
            (struct wallet_term){program_text(program, fact->name), program_text(program, fact->value)};
    }
    take(context, &item);
    buffer_deinit(&words);
}

struct taker {
    wallet_taker take;
    void *context;
};

static void give_code(void *context, const struct codes_item *code)
{
    const struct taker *to = context;
    struct wallet_item item = {.kind = TEXT("code"),
                               .name = code->pool,
                               .state = code->held ? TEXT("held") : TEXT("given"),
                               .code = code->code,
                               .campaign = TEXT(""),
                               .currency = TEXT(""),
                               .at = code->at,
                               .until = code->until,
                               .points = -1,
                               .percent = -1};
    to->take(to->context, &item);
}

static void put_number(struct buffer *out, const struct program *program, const struct missions_task *task,
                       int64_t number)
{
    char code[4] = "";
    if (task->kind == TYPE_MONEY && task->of < program->currency_count) {
        struct text currency = program_text(program, program->currency[task->of].code);
        memcpy(code, currency.at, currency.size < 3 ? currency.size : 3);
        decimal_print_money(out, number, code);
    } else {
        decimal_print(out, number, task->kind == TYPE_DECIMAL ? 6 : 0, DECIMAL_GROUPS | DECIMAL_TRIM);
    }
}

static void give_mission(void *context, const struct missions_item *mission)
{
    const struct taker *to = context;
    if (!mission->complete && !mission->running) return;
    struct buffer words = BUFFER_EMPTY;
    struct wallet_term terms[TERMS_MOST];
    uint32_t ends[TERMS_MOST], count = mission->task_count < TERMS_MOST ? mission->task_count : TERMS_MOST;
    for (uint32_t i = 0; i < count; i++) {
        const struct missions_task *task = &mission->tasks[i];
        put_number(&words, mission->program, task, task->done);
        buffer_string(&words, " of ");
        put_number(&words, mission->program, task, task->need);
        ends[i] = (uint32_t)words.size;
    }
    for (uint32_t i = 0; i < count && buffer_ok(&words); i++) {
        uint32_t first = i == 0 ? 0 : ends[i - 1];
        terms[i] =
            (struct wallet_term){mission->tasks[i].name, text_slice(buffer_as_text(&words), first, ends[i] - first)};
    }
    struct wallet_item item = {.kind = TEXT("mission"),
                               .name = mission->name,
                               .state = mission->complete ? TEXT("completed") : TEXT("running"),
                               .code = TEXT(""),
                               .campaign = TEXT(""),
                               .currency = TEXT(""),
                               .at = mission->at,
                               .until = mission->until,
                               .points = -1,
                               .percent = (int32_t)mission->percent,
                               .terms = terms,
                               .term_count = buffer_ok(&words) ? count : 0};
    to->take(to->context, &item);
    buffer_deinit(&words);
}

static void put_term(struct wallet_term *terms, uint32_t *count, struct buffer *words, const char *name, int64_t number,
                     struct text more)
{
    uint32_t first = (uint32_t)words->size;
    if (more.size > 0) buffer_print(words, "%.*s from ", TEXT_ARGS(more));
    decimal_print(words, number, 0, DECIMAL_GROUPS);
    terms[(*count)++] = (struct wallet_term){text_of(name), {NULL, (uint32_t)words->size - first}};
}

static void give_points(void *context, const struct points_item *points)
{
    const struct taker *to = context;
    struct buffer words = BUFFER_EMPTY;
    struct wallet_term terms[4];
    struct wallet_item item = {.kind = points->levels ? TEXT("level") : TEXT("points"),
                               .name = points->name,
                               .state = points->levels ? points->level : TEXT("kept"),
                               .code = TEXT(""),
                               .campaign = TEXT(""),
                               .currency = TEXT(""),
                               .at = INT64_MIN,
                               .until = points->goes_at,
                               .points = points->balance,
                               .percent = -1,
                               .terms = terms};
    put_term(terms, &item.term_count, &words, points->levels ? "counted" : "balance", points->balance, TEXT(""));
    if (points->owed > 0) put_term(terms, &item.term_count, &words, "owed", points->owed, TEXT(""));
    if (!points->levels && points->goes_at != INT64_MAX)
        put_term(terms, &item.term_count, &words, "expires next", points->goes, TEXT(""));
    if (points->levels && points->goes > 0)
        put_term(terms, &item.term_count, &words, "next", points->goes, points->next);
    uint32_t at = 0;
    for (uint32_t i = 0; i < item.term_count && buffer_ok(&words); i++) {
        terms[i].value = text_slice(buffer_as_text(&words), at, terms[i].value.size);
        at += terms[i].value.size;
    }
    if (!buffer_ok(&words)) item.term_count = 0;
    to->take(to->context, &item);
    buffer_deinit(&words);
}

static void give_badge(const struct badge_held *badge, wallet_taker take, void *context)
{
    struct wallet_item item = {.kind = TEXT("badge"),
                               .name = text_make(badge->name, badge->size),
                               .state = TEXT("awarded"),
                               .code = TEXT(""),
                               .campaign = TEXT(""),
                               .currency = TEXT(""),
                               .at = badge->at,
                               .until = INT64_MAX,
                               .points = -1,
                               .percent = -1};
    take(context, &item);
}

bool wallet_list(struct engine *engine, struct text brand, struct text player, wallet_taker take, void *context)
{
    struct player *found =
        engine->newest == NULL ? NULL : state_find_player(engine, record_group(brand, player), brand, player);
    if (found == NULL) return false;
    for (const struct reward *reward = found->reward; reward != NULL; reward = reward->next) {
        if (!reward_is_over(reward) && reward->state != REWARD_USED) give_reward(engine, reward, take, context);
    }
    struct taker codes = {take, context};
    codes_list(engine, found, give_code, &codes);
    missions_list(engine, found, give_mission, &codes);
    points_list(engine, found, give_points, &codes);
    for (const struct badge_held *badge = badges_first(found); badge != NULL; badge = badge->next)
        give_badge(badge, take, context);
    return true;
}

/* ---------------------------------------------------------------- as JSON */

static void put_text(struct buffer *out, const char *key, struct text text)
{
    if (text.size == 0) return;
    buffer_print(out, ",\"%s\":", key);
    buffer_json_text(out, text);
}

static void put_money(struct buffer *out, const char *key, int64_t minor, struct text currency)
{
    char code[4] = "";
    memcpy(code, currency.at, currency.size < 3 ? currency.size : 3);
    buffer_print(out, ",\"%s\":\"", key);
    decimal_print_money_wire(out, minor, code);
    buffer_u8(out, '"');
}

static void put_moment(struct buffer *out, const char *key, int64_t at)
{
    if (at == INT64_MAX || at == INT64_MIN) return;
    buffer_print(out, ",\"%s\":", key);
    char moment[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(moment, at);
    buffer_print(out, "\"%s\"", moment);
}

static void put_item(void *context, const struct wallet_item *item)
{
    struct buffer *out = context;
    if (out->bytes[out->size - 1] != '[') buffer_u8(out, ',');
    buffer_string(out, "{\"kind\":");
    buffer_json_text(out, item->kind);
    put_text(out, "name", item->name);
    put_text(out, "state", item->state);
    put_text(out, "code", item->code);
    put_text(out, "campaign", item->campaign);
    if (item->campaign.size > 0) {
        char hex[33];
        crypto_hex(hex, item->id, sizeof item->id);
        put_text(out, "id", text_of(hex));
    }
    if (item->currency.size > 0) {
        put_money(out, "amount", item->amount, item->currency);
        put_money(out, item->target > 0 ? "to_wager" : "left", item->left, item->currency);
        if (item->target > 0) put_money(out, "target", item->target, item->currency);
        if (item->smallest_order > 0) put_money(out, "smallest_order", item->smallest_order, item->currency);
    }
    if (item->points >= 0) buffer_print(out, ",\"points\":%lld", (long long)item->points);
    if (item->percent >= 0) buffer_print(out, ",\"percent\":%d", item->percent);
    put_moment(out, "since", item->at);
    put_moment(out, "until", item->until);
    for (uint32_t i = 0; i < item->term_count; i++) {
        buffer_string(out, i == 0 ? ",\"terms\":{" : ",");
        buffer_json_text(out, item->terms[i].name);
        buffer_u8(out, ':');
        buffer_json_text(out, item->terms[i].value);
    }
    buffer_string(out, item->term_count > 0 ? "}}" : "}");
}

void wallet_json(struct engine *engine, struct text brand, struct text player, struct buffer *out)
{
    buffer_string(out, "{\"player\":");
    buffer_json_text(out, player);
    put_text(out, "brand", brand);
    put_moment(out, "at", engine->now);
    buffer_string(out, ",\"items\":[");
    if (buffer_ok(out)) (void)wallet_list(engine, brand, player, put_item, out);
    buffer_string(out, "]}\n");
}

/* ---------------------------------------------------------------- prices */

static void put_lines(struct buffer *out, const struct card_quote *quote, struct text currency)
{
    buffer_string(out, ",\"lines\":[");
    for (uint32_t i = 0; i < quote->price.line_count; i++) {
        const struct checkout_line *line = &quote->line[i];
        if (i > 0) buffer_u8(out, ',');
        buffer_string(out, "{\"offer\":");
        buffer_json_text(out, reward_offer(quote->reward[line->item]));
        put_text(out, "result", line->reason == REASON_NONE ? TEXT("OK") : text_of(effect_json_reason(line->reason)));
        put_money(out, "taken", line->taken, currency);
        if (line->reason == REASON_NONE) put_money(out, "left", line->left, currency);
        buffer_u8(out, '}');
    }
    buffer_u8(out, ']');
}

enum status wallet_price(struct engine *engine, int64_t now, struct text brand, struct text player, struct text money,
                         struct text coupon, struct text card, struct text stacking, struct buffer *out,
                         struct error *error)
{
    struct player *found =
        engine->newest == NULL ? NULL : state_find_player(engine, record_group(brand, player), brand, player);
    if (found == NULL) return error_set(error, STATUS_NOT_FOUND, "there is no player `%.*s`", TEXT_ARGS(player));
    const struct program *program = &engine->newest->program;
    int64_t amount;
    char code[4];
    RETURN_IF_FAILED(decimal_parse_money(&amount, code, money, error));
    uint32_t currency = 0;
    while (currency < program->currency_count &&
           !text_equal(program_text(program, program->currency[currency].code), text_of(code)))
        currency++;
    if (currency == program->currency_count || amount < 0)
        return error_set(error, STATUS_INVALID, "`%.*s` is no amount of this workspace", TEXT_ARGS(money));
    struct card_quote quote;
    card_quote(engine, found, now > engine->now ? now : engine->now, amount, currency, coupon, card, stacking, &quote);
    int64_t off = 0, from = 0;
    for (uint32_t i = 0; i < quote.price.line_count; i++) {
        bool is_coupon = quote.reward[quote.line[i].item]->kind == REWARD_COUPON;
        *(is_coupon ? &off : &from) += quote.line[i].taken;
    }
    buffer_string(out, "{\"result\":");
    buffer_json_text(out, quote.reason == REASON_NONE ? TEXT("OK") : text_of(effect_json_reason(quote.reason)));
    put_money(out, "coupon_off", off, text_of(code));
    put_money(out, "from_card", from, text_of(code));
    put_money(out, "paid", quote.price.pay, text_of(code));
    put_lines(out, &quote, text_of(code));
    buffer_string(out, "}\n");
    return buffer_ok(out) ? OK : error_set(error, STATUS_NO_MEMORY, "out of memory");
}
