/*
 * emit_amounts: amounts that a message names by hand right after a credit.
 *
 * Where the offer's amounts are written as numbers, a message that names amounts and not one of them is wrong; where
 * the amount is worked out, it may become wrong and is warned of. Amounts are found as people write them: a currency
 * behind a number, or its sign before or behind it.
 */
#include "compiler/check_messages.h"
#include "compiler/emit_journey.h"

#include "vm/decimal.h"

enum { CREDITED_MAX = 32 };

struct typed {
    int64_t minor;
    struct text currency; /* empty: only that there is an amount is known */
    struct text words;    /* as written in the body */
};

static const struct {
    struct text sign;
    const char *code;
} signs[] = {{TEXT_INIT("\xE2\x82\xAC"), "EUR"}, {TEXT_INIT("\xC2\xA3"), "GBP"}, {TEXT_INIT("$"), "USD"}};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The code of the currency whose sign or capitals begin at `at`; how many bytes they take. */
static struct text currency_at(struct text body, uint32_t at, uint32_t *size)
{
    const struct text rest = text_slice(body, at, body.size - at);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        *size = signs[i].sign.size;
        if (text_starts_with(rest, signs[i].sign)) return text_of(signs[i].code);
    }
    *size = 3;
    const bool ends = rest.size == 3 || (rest.size > 3 && !(rest.at[3] >= 'A' && rest.at[3] <= 'Z') &&
                                         !(rest.at[3] >= 'a' && rest.at[3] <= 'z'));
    if (rest.size < 3 || !ends || decimal_currency_digits(text_slice(rest, 0, 3)) == DECIMAL_CURRENCY_NONE)
        return TEXT("");
    return text_slice(rest, 0, 3);
}

/* The sign that ends right before `at`, a blank aside; the place where it begins. */
static struct text sign_before(struct text body, uint32_t at, uint32_t *start)
{
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        for (uint32_t blank = 0; blank < 2; blank++) {
            const uint32_t size = signs[i].sign.size + blank;
            if (at < size || (blank == 1 && body.at[at - 1] != ' ')) continue;
            if (!text_equal(text_slice(body, at - size, signs[i].sign.size), signs[i].sign)) continue;
            *start = at - size;
            return text_of(signs[i].code);
        }
    }
    return TEXT("");
}

/* The next amount of the body from `*at` on; moves behind it. */
static bool next_typed(struct typed *out, struct text body, uint32_t *at)
{
    while (*at < body.size) {
        uint32_t start = *at;
        if (!is_digit(body.at[start])) {
            (*at)++;
            continue;
        }
        uint32_t end = start;
        while (end < body.size && (is_digit(body.at[end]) || body.at[end] == '.' || body.at[end] == ',')) end++;
        while (!is_digit(body.at[end - 1])) end--;
        const struct text number = text_slice(body, start, end - start);
        uint32_t size = 0;
        struct text currency = sign_before(body, start, &start);
        if (currency.size == 0) {
            const uint32_t blank = end < body.size && body.at[end] == ' ' ? 1 : 0;
            currency = currency_at(body, end + blank, &size);
            if (currency.size > 0) end += blank + size;
        }
        *at = end;
        if (currency.size == 0) continue;
        *out = (struct typed){.words = text_slice(body, start, end - start)};
        const int digits = decimal_currency_digits(currency);
        if (decimal_parse(&out->minor, number, (unsigned)digits, NULL) == OK) out->currency = currency;
        return true;
    }
    return false;
}

/* What a credit gives, in amounts written as numbers. */
struct credited {
    const struct value *amounts[CREDITED_MAX];
    uint32_t amount_count;
    int64_t counts[CREDITED_MAX]; /* 20 spins of 0.20 EUR may be called 4 EUR */
    uint32_t count_count;
    bool is_open; /* something is worked out, so nobody can say now what it will be */
};

static void add_credited(struct credited *credited, const struct value *value)
{
    if (value->kind == VALUE_NUMBER && value->is_whole && credited->count_count < CREDITED_MAX) {
        credited->counts[credited->count_count++] = value->amount / DECIMAL_ONE;
    } else if (value->kind == VALUE_MONEY && credited->amount_count < CREDITED_MAX) {
        credited->amounts[credited->amount_count++] = value;
    } else if (value->kind == VALUE_PRICE_LIST) {
        for (const struct value *price = value->prices; price != NULL; price = price->next)
            add_credited(credited, price);
    } else if (!value_is_literal(value)) {
        credited->is_open = true;
    }
}

static struct credited credited_of(struct campaign *campaign, struct text name)
{
    struct credited credited = {0};
    const struct campaign_offer *offer = campaign_offer(campaign, name);
    if (offer == NULL) return credited;
    for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind == LINE_PAYS_IN) credited.is_open = true;
        if (line->kind == LINE_PARAMETER && line->as.parameter.value != NULL)
            add_credited(&credited, line->as.parameter.value);
    }
    return credited;
}

static bool is_credited(const struct credited *credited, const struct typed *typed)
{
    if (typed->currency.size == 0) return true; /* not readable as one: no accusation */
    for (uint32_t i = 0; i < credited->amount_count; i++) {
        const struct value *amount = credited->amounts[i];
        if (!text_equal(amount->currency, typed->currency)) continue;
        if (amount->amount == typed->minor) return true;
        for (uint32_t j = 0; j < credited->count_count; j++) {
            int64_t product = 0;
            if (!__builtin_mul_overflow(amount->amount, credited->counts[j], &product) && product == typed->minor)
                return true;
        }
    }
    return false;
}

/* Judges one body; false where nothing was said of it. */
static bool judge_body(struct campaign *campaign, const struct credited *credited, const struct line *line,
                       const struct node *node)
{
    struct names *names = campaign->names;
    struct typed typed;
    struct typed first = {0};
    uint32_t at = 0;
    bool is_right = false;
    while (next_typed(&typed, line->as.content.text.text, &at)) {
        if (first.words.size == 0) first = typed;
        is_right = is_right || (!credited->is_open && is_credited(credited, &typed));
    }
    if (first.words.size == 0 || is_right) return false;
    const struct text message = node->statement->name.text;
    struct diagnostic *diagnostic;
    if (credited->is_open || credited->amount_count == 0) {
        diagnostic = REPORT(names, DIAGNOSTIC_AMOUNT_TYPED, node->span, message);
    } else {
        diagnostic = REPORT(names, DIAGNOSTIC_AMOUNT_NOT_CREDITED, node->span, message, first.words,
                            names_words(names, credited->amounts[0]->span));
    }
    diagnostic_add_note(names->diagnostics, diagnostic, line->span, TEXT("the amount is here"));
    return true;
}

void emit_warn_amounts(struct campaign *campaign, const struct node *credit)
{
    const struct credited credited = credited_of(campaign, credit->statement->name.text);
    const struct node *node = credit->resume[0];
    for (uint32_t i = 0; i < campaign->flow.count && node != NULL; i++) {
        const struct message_info *message =
            node->kind == NODE_SEND ? names_message(campaign->names, node->statement->name.text) : NULL;
        const struct line *line = message != NULL ? message->declaration->lines.first : NULL;
        for (; line != NULL; line = line->next) {
            if (!messages_is_body(line)) continue;
            if (judge_body(campaign, &credited, line, node)) return;
        }
        node = node->next_count > 0 ? node->next[0] : NULL;
    }
}
