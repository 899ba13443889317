/* Price lists and currencies of the moment. Contract: check_money.h. */
#include "compiler/check_money.h"

#include "compiler/check_rates.h"

struct text money_words(const struct names *names, const struct money_currencies *set, const char *word)
{
    struct text out = TEXT("");
    uint32_t left = 0;
    for (uint32_t i = 0; i < names->currency_count; i++) left += money_has(set, i);
    for (uint32_t i = 0; i < names->currency_count; i++) {
        if (!money_has(set, i)) continue;
        left--;
        struct text before = out.size == 0 ? TEXT("") : left > 0 ? TEXT(", ") : arena_print(names->arena, " %s ", word);
        out = arena_print(names->arena, "%.*s%.*s%.*s", TEXT_ARGS(out), TEXT_ARGS(before),
                          TEXT_ARGS(names->currencies[i]));
    }
    return out;
}

static void add(struct money_currencies *set, uint32_t currency)
{
    if (currency < MONEY_CURRENCIES_MAX) set->bits[currency / 64] |= UINT64_C(1) << (currency % 64);
}

static bool equal(const struct money_currencies *left, const struct money_currencies *right)
{
    return memcmp(left->bits, right->bits, sizeof left->bits) == 0;
}

bool money_list(struct names *names, const struct value *list, struct money_currencies *out)
{
    *out = (struct money_currencies){{0}};
    bool fine = true;
    for (const struct value *price = list->prices; price != NULL; price = price->next) {
        if (price->kind != VALUE_MONEY) return false; /* reported while it was read */
        uint32_t currency = names_need_currency(names, price->currency, price->span);
        if (currency == PROGRAM_NONE) {
            fine = false;
            continue;
        }
        if (money_has(out, currency)) {
            REPORT(names, DIAGNOSTIC_PRICE_TWICE, price->span, price->currency);
            fine = false;
        }
        add(out, currency);
    }
    return fine;
}

const struct value *money_price(const struct names *names, const struct value *list, uint32_t currency)
{
    for (const struct value *price = list->prices; price != NULL; price = price->next) {
        if (price->kind == VALUE_MONEY && currency < names->currency_count &&
            text_equal(price->currency, names->currencies[currency]))
            return price;
    }
    return NULL;
}

/* ------------------------------------------------------------------ conditions */

bool money_is_priced(const struct condition *condition)
{
    for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
        if (value->kind == VALUE_PRICE_LIST) return true;
    }
    return false;
}

bool money_priced_field(const struct names *names, const struct condition *condition, struct text field,
                        struct money_currencies *out)
{
    if (condition == NULL) return false;
    bool found = false;
    if (condition->kind == CONDITION_COMPARE && condition->left != NULL && condition->left->kind == VALUE_WORD &&
        text_equal(condition->left->name.text, field) && money_is_priced(condition)) {
        found = true;
        for (const struct value *value = condition->values.first; value != NULL; value = value->next) {
            for (const struct value *price = value->prices; price != NULL; price = price->next) {
                uint32_t currency = names_index(names->currencies, names->currency_count, price->currency);
                if (currency != PROGRAM_NONE) add(out, currency);
            }
        }
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        found = money_priced_field(names, child, field, out) || found;
    return found;
}

void money_ask_currency(struct emitter *emitter, uint32_t slot, const struct money_currencies *set, uint32_t site,
                        struct label *no)
{
    if (emitter->names->currency_count <= 64) {
        emit_skip(emitter, OP_IF_IN_EVENT, slot, site, no, (int64_t)set->bits[0]);
        return;
    }
    uint32_t first = 0;
    for (uint32_t i = 0; i < MONEY_CURRENCIES_MAX / 64 && !emitter->dry; i++) {
        uint32_t word = builder_add_word(emitter->builder, &set->bits[i]);
        if (i == 0) first = word;
    }
    emit_skip(emitter, OP_IF_BITS_EVENT, slot, site, no, first);
}

bool money_read(struct emitter *emitter, const struct value *value, uint32_t conversion, struct reading *amount,
                struct reading *currency)
{
    bool outer = emitter->any_currency;
    emitter->any_currency = true;
    emitter->conversion = conversion;
    *amount = value_slot(emitter, value);
    emitter->any_currency = outer;
    if (!value_need_known(emitter, amount)) return false;
    if (amount->type.kind != TYPE_MONEY || amount->type.of != PROGRAM_NONE) return false;
    *currency = (struct reading){
        .type = {TYPE_CURRENCY, PROGRAM_NONE, 0},
        .bank = amount->bank,
        .slot = amount->slot + 1,
        .range = range_of(0, emitter->names->currency_count > 0 ? (int64_t)emitter->names->currency_count - 1 : 0),
        .num = 1,
        .den = 1,
        .span = amount->span,
    };
    if (amount->bank != BANK_JOURNEY) return true;
    const struct variable *kept = &emitter->campaign->variables[amount->slot];
    const struct read *read = flow_read_open(&emitter->campaign->flow, kept->event, kept->event_slot + 1, PROGRAM_NONE);
    if (read == NULL || read->variable == PROGRAM_NONE) return false;
    currency->slot = read->variable;
    return true;
}

/* ------------------------------------------------------------------ offers */

static const struct value *value_of(const struct campaign_offer *offer, uint32_t parameter)
{
    const struct line *line = campaign_parameter(offer, offer->action->parameters[parameter].name.text);
    return line != NULL ? line->as.parameter.value : NULL;
}

/* Price lists of one offer name the same currencies, the campaign's among them; then all its money has one. */
static bool judge_lists(struct names *names, const struct campaign *campaign, const struct campaign_offer *offer,
                        struct money_offer *out)
{
    const struct action_info *action = offer->action;
    const struct member *first = NULL;
    for (uint32_t i = 0; i < action->parameter_count; i++) {
        const struct value *value = value_of(offer, i);
        if (value == NULL || value->kind != VALUE_PRICE_LIST || action->parameters[i].type.kind != TYPE_MONEY) continue;
        struct money_currencies set;
        if (!money_list(names, value, &set)) return false;
        if (!money_has(&set, campaign->currency)) {
            REPORT(names, DIAGNOSTIC_PRICE_CAMPAIGN, value->span, names->currencies[campaign->currency]);
            return false;
        }
        if (first != NULL && !equal(&set, &out->lists)) {
            REPORT(names, DIAGNOSTIC_PRICES_DIFFER, value->span, action->parameters[i].name.text,
                   money_words(names, &set, "and"), first->name.text, money_words(names, &out->lists, "and"));
            return false;
        }
        for (const struct value *price = value->prices; price != NULL; price = price->next) {
            if (price->amount > 0) continue;
            REPORT(names, DIAGNOSTIC_PRICE_NOTHING, price->span, names_words(names, price->span));
            return false;
        }
        if (first == NULL) first = &action->parameters[i];
        out->lists = set;
    }
    out->has_lists = first != NULL;
    for (uint32_t i = 0; i < action->parameter_count && first != NULL; i++) {
        const struct value *value = value_of(offer, i);
        if (value == NULL || value->kind == VALUE_PRICE_LIST || action->parameters[i].type.kind != TYPE_MONEY) continue;
        REPORT(names, DIAGNOSTIC_PRICE_ALONE, value->span, action->parameters[i].name.text,
               names->currencies[campaign->currency], first->name.text);
        return false;
    }
    return true;
}

/* `pays in the player's currency by "ecb"` */
static bool judge_pays(struct emitter *emitter, const struct campaign_offer *offer, const struct line *pays,
                       struct money_offer *out)
{
    struct names *names = emitter->names;
    bool money = false;
    for (uint32_t i = 0; i < offer->action->parameter_count; i++)
        money = money || offer->action->parameters[i].type.kind == TYPE_MONEY;
    if (out->has_lists || !money) {
        REPORT(names, out->has_lists ? DIAGNOSTIC_PAYS_AND_PRICES : DIAGNOSTIC_PAYS_NO_MONEY, pays->span,
               offer->declaration->name.text);
        return false;
    }
    uint32_t rates = rates_need(names, &pays->as.text);
    if (rates == PROGRAM_NONE) return false;
    out->conversion = rates_conversion(names, rates, emitter->campaign->currency, true);
    return true;
}

bool money_offer_convert(struct emitter *emitter, const struct money_offer *money, const struct reading *amount,
                         uint32_t currency, uint32_t target, struct reading *out)
{
    struct names *names = emitter->names;
    const struct reading which = {.type = {TYPE_CURRENCY, PROGRAM_NONE, 0},
                                  .bank = BANK_REGISTER,
                                  .slot = currency,
                                  .range = range_of(0, (int64_t)names->currency_count - 1),
                                  .num = 1,
                                  .den = 1,
                                  .span = amount->span};
    *out = rates_convert(emitter, amount, &which, money->conversion, amount->span);
    value_into(emitter, out, value_rounding(emitter), target);
    return !reading_is_broken(out);
}

bool money_offer_begin(struct emitter *emitter, const struct campaign_offer *offer, struct money_offer *out)
{
    struct names *names = emitter->names;
    struct campaign *campaign = emitter->campaign;
    *out = (struct money_offer){.conversion = PROGRAM_NONE};
    if (!judge_lists(names, campaign, offer, out)) return false;
    const struct line *pays = ast_find_line(&offer->declaration->lines, LINE_PAYS_IN, NULL);
    if (pays != NULL && !judge_pays(emitter, offer, pays, out)) return false;
    out->open = out->has_lists || out->conversion != PROGRAM_NONE;
    out->own = ARENA_ARRAY(names->arena, struct reading, offer->action->parameter_count + 1);
    out->paid = ARENA_ARRAY(names->arena, struct reading, offer->action->parameter_count + 1);
    if (out->own == NULL || out->paid == NULL) return false;
    if (!out->open) return true;
    if (names->currency_attribute == PROGRAM_NONE) {
        names_report(names, DIAGNOSTIC_NO_CURRENCY_ATTRIBUTE, offer->declaration->span, NULL, 0);
        return false;
    }
    const struct line *wagering = campaign_terms_line(campaign, offer->declaration, LINE_WAGERING);
    if (out->has_lists && wagering != NULL && wagering->as.wagering.of_deposit) {
        REPORT(names, DIAGNOSTIC_PRICES_AND_DEPOSIT, wagering->span, names->currencies[campaign->currency]);
        return false;
    }
    return true;
}

/* The player's currency, or the campaign's where it is not known. */
static void load_currency(struct emitter *emitter, uint32_t target)
{
    const struct member *attribute = &emitter->names->attributes[emitter->names->currency_attribute];
    if (attribute->optional) {
        emit(emitter, OP_LOAD_PLAYER_OR, target, attribute->slot, 0, emitter->campaign->currency);
    } else {
        emit(emitter, OP_LOAD_PLAYER, target, attribute->slot, 0, 0);
    }
}

static struct reading in_register(struct span span, uint32_t slot, uint32_t currency, struct range range)
{
    return (struct reading){.type = {TYPE_MONEY, currency, 0},
                            .bank = BANK_REGISTER,
                            .slot = slot,
                            .range = range,
                            .num = 1,
                            .den = 1,
                            .span = span};
}

/* Of a list that judge_lists has let pass: all lists of the offer have the same currencies, the campaign's among them. */
static int64_t amount_in(const struct names *names, const struct value *list, uint32_t currency)
{
    const struct value *price = money_price(names, list, currency);
    INVARIANT(price != NULL);
    return price->amount;
}

void money_offer_pick(struct emitter *emitter, const struct campaign_offer *offer, struct money_offer *money,
                      uint32_t base, uint32_t currency)
{
    struct names *names = emitter->names;
    const struct action_info *action = offer->action;
    const uint32_t home = emitter->campaign->currency;
    load_currency(emitter, currency);
    struct label done = {0};
    if (money->conversion != PROGRAM_NONE) {
        struct label none = {0};
        struct reading which = in_register(offer->declaration->span, currency, PROGRAM_NONE, range_any());
        rates_ask(emitter, &which, money->conversion, 0, &none);
        emit_jump(emitter, &done);
        emit_bind(emitter, &none);
        emit(emitter, OP_LOAD_CONST, currency, 0, 0, home);
        emit_bind(emitter, &done);
        return;
    }
    for (uint32_t i = 0; i < names->currency_count; i++) {
        if (i == home || !money_has(&money->lists, i)) continue;
        struct label next = {0};
        emit_skip(emitter, OP_IF_EQ_CONST, currency, 0, &next, i);
        for (uint32_t j = 0; j < action->parameter_count; j++) {
            const struct value *value = value_of(offer, j);
            if (value == NULL || value->kind != VALUE_PRICE_LIST) continue;
            emit(emitter, OP_LOAD_CONST, base + j, 0, 0, amount_in(names, value, i));
        }
        emit_jump(emitter, &done);
        emit_bind(emitter, &next);
    }
    emit(emitter, OP_LOAD_CONST, currency, 0, 0, home);
    for (uint32_t j = 0; j < action->parameter_count; j++) {
        const struct value *value = value_of(offer, j);
        if (value == NULL || value->kind != VALUE_PRICE_LIST) continue;
        emit(emitter, OP_LOAD_CONST, base + j, 0, 0, amount_in(names, value, home));
    }
    emit_bind(emitter, &done);
    for (uint32_t j = 0; j < action->parameter_count; j++) {
        const struct value *value = value_of(offer, j);
        if (value == NULL || value->kind != VALUE_PRICE_LIST) continue;
        struct range range = range_point(value->prices->amount);
        for (const struct value *price = value->prices; price != NULL; price = price->next)
            range = range_join(range, range_point(price->amount));
        money->paid[j] = in_register(value->span, base + j, PROGRAM_NONE, range);
        /* The campaign spends the price in its own currency, whichever is paid. */
        int64_t own = money_price(names, value, home)->amount;
        uint32_t slot = emit_register(emitter);
        emit(emitter, OP_LOAD_CONST, slot, 0, 0, own);
        money->own[j] = in_register(value->span, slot, home, range_point(own));
    }
}
