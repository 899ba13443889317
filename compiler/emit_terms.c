/* Terms of offers as records. See emit_terms.h. */
#include "compiler/emit_terms.h"

#include "vm/decimal.h"

struct terms {
    struct campaign *campaign;
    struct names *names;
    const struct campaign_offer *offer;
    uint32_t index; /* of the campaign */
};

static void add(const struct terms *terms, enum term_kind kind, struct type type, int64_t number, int64_t other,
                struct text text)
{
    struct builder *builder = terms->names->builder;
    builder_add_term(builder, &(struct bundle_term){
                                  .number = number,
                                  .other = other,
                                  .campaign = terms->index,
                                  .offer = terms->offer->index,
                                  .kind = kind,
                                  .type = type.kind,
                                  .of = type.kind == TYPE_MONEY ? type.of : PROGRAM_NONE,
                                  .text = text.size > 0 ? builder_text(builder, text) : PROGRAM_NONE,
                              });
}

static void add_number(const struct terms *terms, enum term_kind kind, enum type_kind type, int64_t number,
                       int64_t other)
{
    add(terms, kind, (struct type){type, PROGRAM_NONE, 0}, number, other, TEXT(""));
}

/* Money, a number, a percentage or a duration as it is written; false: it is worked out. */
static bool add_value(const struct terms *terms, enum term_kind kind, const struct value *value, int64_t other,
                      struct text text)
{
    int64_t duration = 0;
    if (value == NULL) return false;
    switch (value->kind) {
    case VALUE_MONEY: {
        const uint32_t currency = names_index(terms->names->currencies, terms->names->currency_count, value->currency);
        if (currency == PROGRAM_NONE) return false;
        add(terms, kind, (struct type){TYPE_MONEY, currency, 0}, value->amount, other, text);
        return true;
    }
    case VALUE_NUMBER:
        add(terms, kind, (struct type){value->is_whole ? TYPE_WHOLE : TYPE_DECIMAL, PROGRAM_NONE, 0},
            value->is_whole ? value->amount / DECIMAL_ONE : value->amount, other, text);
        return true;
    case VALUE_PERCENT:
        add(terms, kind, (struct type){TYPE_PERCENT, PROGRAM_NONE, 0}, value->amount, other, text);
        return true;
    case VALUE_DURATION: {
        const enum window_kind window = names_duration(&value->duration, &duration);
        add(terms, kind, (struct type){window == WINDOW_CALENDAR ? TYPE_CALENDAR : TYPE_DURATION, PROGRAM_NONE, 0},
            duration, other, text);
        return true;
    }
    default: return false;
    }
}

static const struct line *line_of(const struct terms *terms, enum line_kind kind)
{
    return campaign_terms_line(terms->campaign, terms->offer->declaration, kind);
}

/* `50% of deposit.amount, at most 60 EUR, nothing below 5 EUR`. */
static void add_formula(const struct terms *terms, const struct value *value)
{
    const struct value *base = value->kind == VALUE_FORMULA ? value->left : value;
    if (base == NULL) return;
    if (base->kind == VALUE_SHARE_OF && base->left != NULL && base->left->kind == VALUE_PERCENT &&
        base->right != NULL && base->right->kind == VALUE_PATH) {
        const struct text field = arena_print(terms->names->arena, "%.*s.%.*s", TEXT_ARGS(base->right->owner.text),
                                              TEXT_ARGS(base->right->name.text));
        add(terms, TERM_SHARE, (struct type){TYPE_PERCENT, PROGRAM_NONE, 0}, base->left->amount, 0, field);
    } else if (!add_value(terms, TERM_AMOUNT, base, 0, TEXT("amount"))) {
        add(terms, TERM_FORMULA, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0,
            base->kind == VALUE_PATH
                ? arena_print(terms->names->arena, "%.*s.%.*s", TEXT_ARGS(base->owner.text), TEXT_ARGS(base->name.text))
                : names_words(terms->names, base->span));
    }
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next) {
        if (clause->kind == CLAUSE_AT_MOST) (void)add_value(terms, TERM_AT_MOST, clause->value, 0, TEXT(""));
        if (clause->kind == CLAUSE_AT_LEAST) (void)add_value(terms, TERM_AT_LEAST, clause->value, 0, TEXT(""));
        if (clause->kind == CLAUSE_NOTHING_BELOW)
            (void)add_value(terms, TERM_NOTHING_BELOW, clause->value, 0, TEXT(""));
    }
}

static void add_parameters(const struct terms *terms)
{
    for (const struct line *line = terms->offer->declaration->lines.first; line != NULL; line = line->next) {
        const struct value *value = line->kind == LINE_PARAMETER ? line->as.parameter.value : NULL;
        const struct text name = line->kind == LINE_PARAMETER ? line->as.parameter.name.text : TEXT("");
        if (value == NULL) continue;
        if (value->kind == VALUE_TEXT) {
            if (text_equal(name, TEXT("game")))
                add(terms, TERM_GAMES, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0, value->name.text);
            if (text_equal(name, TEXT("unit")))
                add(terms, TERM_UNIT, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0, value->name.text);
        } else if (value->kind == VALUE_PRICE_LIST) {
            const uint32_t own = terms->campaign->currency;
            for (int turn = 0; turn < 2; turn++) {
                for (const struct value *price = value->prices; price != NULL; price = price->next) {
                    const bool is_own =
                        names_index(terms->names->currencies, terms->names->currency_count, price->currency) == own;
                    if (is_own == (turn == 0))
                        (void)add_value(terms, turn == 0 ? TERM_AMOUNT : TERM_PRICE, price, 0, name);
                }
            }
        } else if (!add_value(terms, TERM_AMOUNT, value, 0, name) && text_equal(name, TEXT("amount"))) {
            add_formula(terms, value);
        }
    }
}

/* The smallest deposit by the start of the campaign: `deposit where amount is at least 20 EUR`. */
static const struct value *start_deposit(const struct condition *condition)
{
    if (condition == NULL || condition->negated) return NULL;
    if (condition->kind == CONDITION_ALL) {
        for (const struct condition *child = condition->children; child != NULL; child = child->next) {
            const struct value *found = start_deposit(child);
            if (found != NULL) return found;
        }
        return NULL;
    }
    if (condition->kind != CONDITION_COMPARE || condition->comparison != COMPARISON_AT_LEAST ||
        condition->left == NULL || condition->left->kind != VALUE_WORD ||
        !text_equal(condition->left->name.text, TEXT("amount")))
        return NULL;
    return condition->values.first;
}

static void add_names(const struct terms *terms, enum term_kind term, enum line_kind kind)
{
    const struct line *line = line_of(terms, kind);
    for (const struct name_node *node = line != NULL ? line->as.words.first : NULL; node != NULL; node = node->next)
        add(terms, term, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0, node->name.text);
}

/* `withdrawal_requested`, or `withdrawal_requested where …` in the author's words; of every line of the kind. */
static void add_events(const struct terms *terms, enum term_kind term, enum line_kind kind)
{
    for (const struct line *line = line_of(terms, kind); line != NULL; line = line->next) {
        if (line->kind != kind) continue;
        const struct condition *where = line->as.event.where;
        struct text event = line->as.event.event.text;
        if (where != NULL) {
            const struct text words = names_words(terms->names, where->span);
            event = arena_print(terms->names->arena, "%.*s where %.*s", TEXT_ARGS(event), TEXT_ARGS(words));
        }
        add(terms, term, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0, event);
    }
}

static void add_terms(const struct terms *terms)
{
    const struct line *line = line_of(terms, LINE_DEPOSIT), *start = terms->campaign->start;
    if (line != NULL)
        (void)add_value(terms, TERM_DEPOSIT, line->as.value, 0, TEXT(""));
    else if (start != NULL && start->kind == LINE_START && text_equal(start->as.event.event.text, TEXT("deposit")))
        (void)add_value(terms, TERM_DEPOSIT, start_deposit(start->as.event.where), 0, TEXT(""));
    line = line_of(terms, LINE_WAGERING);
    if (line != NULL) {
        const struct value *multiple = line->as.wagering.none ? NULL : line->as.wagering.multiple;
        add_number(terms, TERM_WAGERING, TYPE_DECIMAL,
                   multiple != NULL && multiple->kind == VALUE_MULTIPLE ? multiple->amount : 0,
                   (line->as.wagering.of_bonus ? 1 : 0) + (line->as.wagering.of_deposit ? 2 : 0));
    }
    line = line_of(terms, LINE_COUNTS);
    for (const struct share *share = line != NULL ? line->as.shares.first : NULL; share != NULL; share = share->next)
        add(terms, TERM_COUNTS, (struct type){TYPE_PERCENT, PROGRAM_NONE, 0}, share->share, 0, share->name.text);
    add_names(terms, TERM_FUNDS, LINE_FUNDS);
    add_names(terms, TERM_GAMES, LINE_GAMES);
    add_names(terms, TERM_GAMES, LINE_GAME_IDS);
    line = line_of(terms, LINE_STAKE);
    if (line != NULL)
        (void)add_value(terms, TERM_STAKE, line->as.stake.value,
                        line->as.stake.otherwise == STAKE_FORFEIT       ? 1
                        : line->as.stake.otherwise == STAKE_NOT_COUNTED ? 2
                                                                        : 0,
                        TEXT(""));
    line = line_of(terms, LINE_WIN);
    if (line != NULL) (void)add_value(terms, TERM_WIN, line->as.value, 0, TEXT(""));
    line = line_of(terms, LINE_EXPIRES);
    if (line != NULL)
        (void)add_value(terms, TERM_EXPIRES, line->as.expires.duration, line->as.expires.after_activation ? 1 : 0,
                        TEXT(""));
    line = line_of(terms, LINE_CLAIM);
    if (line != NULL) (void)add_value(terms, TERM_CLAIM, line->as.value, 0, TEXT(""));
    if (line_of(terms, LINE_QUEUE) != NULL) add_number(terms, TERM_QUEUE, TYPE_WHOLE, 0, 0);
    add_events(terms, TERM_CANCEL_ON, LINE_CANCEL_ON);
    add_events(terms, TERM_REVOKE_ON, LINE_REVOKE_ON);
    if (text_equal(terms->offer->action->name, TEXT("gift_card"))) {
        const struct line *use = line_of(terms, LINE_USE_CARD), *refund = line_of(terms, LINE_REFUND);
        add_number(terms, TERM_CARD, TYPE_WHOLE, use != NULL && !use->as.chosen, refund != NULL && !refund->as.chosen);
    }
    line = line_of(terms, LINE_GRANT);
    if (line != NULL) add_number(terms, TERM_GRANT, TYPE_WHOLE, line->as.limit.times, 0);
}

/* Who may take part: countries, an age, and all else in the author's words. */
static void add_audience(const struct terms *terms, const struct condition *condition)
{
    if (condition == NULL) return;
    if (condition->kind == CONDITION_ALL && !condition->negated) {
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            add_audience(terms, child);
        return;
    }
    const bool plain = condition->kind == CONDITION_COMPARE && !condition->negated && condition->left != NULL &&
                       condition->left->kind == VALUE_WORD;
    const struct member *attribute = plain ? names_attribute(terms->names, condition->left->name.text) : NULL;
    const struct value *first = condition->values.first;
    if (attribute != NULL && attribute->type.kind == TYPE_COUNTRY &&
        (condition->comparison == COMPARISON_ONE_OF || condition->comparison == COMPARISON_IS)) {
        for (const struct value *value = first; value != NULL; value = value->next) {
            const int country = value_country(value->name.text);
            if (country >= 0) add_number(terms, TERM_COUNTRY, TYPE_COUNTRY, country, 0);
        }
        return;
    }
    if (plain && text_equal(condition->left->name.text, TEXT("age")) && condition->comparison == COMPARISON_AT_LEAST &&
        first != NULL && first->kind == VALUE_NUMBER && first->is_whole) {
        add_number(terms, TERM_AGE, TYPE_WHOLE, first->amount / DECIMAL_ONE, 0);
        return;
    }
    add(terms, TERM_AUDIENCE, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0,
        names_words(terms->names, condition->span));
}

/* Who begins by a code can do so on the days of its pool. */
static void narrow_by_codes(const struct terms *terms, int64_t *from, int64_t *through)
{
    const struct line *start = terms->campaign->start;
    if (start == NULL || start->kind != LINE_START || !text_equal(start->as.event.event.text, TEXT("code_redeemed")) ||
        !ast_is_present(&start->as.event.about))
        return;
    const struct thing *pool = names_thing(terms->names->codes, terms->names->codes_count, start->as.event.about.text);
    const struct line *valid = pool != NULL ? ast_find_line(&pool->declaration->lines, LINE_VALID, NULL) : NULL;
    if (valid == NULL) return;
    const struct value *first = valid->as.valid.from, *last = valid->as.valid.through;
    if (first != NULL && first->amount > *from) *from = first->amount;
    if (last != NULL && last->amount < *through) *through = last->amount;
}

static void add_campaign(const struct terms *terms, const struct bundle_campaign *record)
{
    const struct line_list *lines = &terms->campaign->declaration->lines;
    const struct line *enter = ast_find_line(lines, LINE_ENTER, NULL),
                      *audience = ast_find_line(lines, LINE_ONLY_FOR, NULL);
    const struct line *jurisdiction = ast_find_line(lines, LINE_JURISDICTION, NULL);
    const struct value *per = enter != NULL ? enter->as.enter.per : NULL;
    add(terms, TERM_ENTER, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0},
        record->enter == ENTER_ONCE ? 1 : record->enter_count, record->enter,
        per != NULL ? names_words(terms->names, per->span) : TEXT(""));
    int64_t from = record->runs_from, through = record->runs_through;
    narrow_by_codes(terms, &from, &through);
    if (from != INT64_MIN) add_number(terms, TERM_FROM, TYPE_DATE, from, 0);
    if (through != INT64_MAX) add_number(terms, TERM_THROUGH, TYPE_DATE, through, 0);
    if (audience != NULL) add_audience(terms, audience->as.condition);
    if (jurisdiction != NULL && ast_is_present(&jurisdiction->as.word)) {
        const int country = value_country(jurisdiction->as.word.text);
        if (country >= 0) add_number(terms, TERM_JURISDICTION, TYPE_COUNTRY, country, 0);
    }
}

void terms_emit(struct campaign *campaign, const struct bundle_campaign *record, uint32_t index)
{
    const struct flow *flow = &campaign->flow;
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        const struct campaign_offer *offer = &campaign->offers[i];
        bool credited = false;
        for (uint32_t j = 0; j < flow->order_count && !credited; j++)
            credited = (flow->order[j]->kind == NODE_DO &&
                        text_equal(campaign_shows(flow->order[j]->statement), offer->declaration->name.text)) ||
                       (flow->order[j]->kind == NODE_CREDIT &&
                        campaign_offer(campaign, flow->order[j]->statement->name.text) == offer);
        if (!credited || offer->action == NULL || offer->broken) continue;
        const struct terms terms = {.campaign = campaign, .names = campaign->names, .offer = offer, .index = index};
        add(&terms, TERM_REWARD, (struct type){TYPE_WHOLE, PROGRAM_NONE, 0}, 0, 0, offer->action->name);
        add_parameters(&terms);
        add_terms(&terms);
        add_campaign(&terms, record);
    }
}
