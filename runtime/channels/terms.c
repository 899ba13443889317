/* The terms of offers in words. See terms.h. */
#include "runtime/channels/terms.h"

#include <stdio.h>

#include "runtime/channels/locale.h"
#include "vm/decimal.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/meaning_tournament.h"

enum wording {
#define WORDING(name, en, de) WORDING_##name,
#include "spec/wording.def"
#undef WORDING
    WORDING_COUNT
};

static const char *const languages[] = {WORDING_LANGUAGES};
enum { LANGUAGE_COUNT = sizeof languages / sizeof languages[0], SENTENCE_MOST = 32 };

static const char *const wordings[WORDING_COUNT][LANGUAGE_COUNT] = {
#define WORDING(name, ...) [WORDING_##name] = {__VA_ARGS__},
#include "spec/wording.def"
#undef WORDING
};

struct text terms_language(unsigned index)
{
    return index < LANGUAGE_COUNT ? text_of(languages[index]) : TEXT("");
}

static unsigned language_of(struct text locale)
{
    const struct text language = text_slice(locale, 0, text_find(locale, '-', 0));
    for (unsigned i = 0; i < LANGUAGE_COUNT; i++) {
        if (text_equal(text_of(languages[i]), language)) return i;
    }
    return 0;
}

static struct text words_of(enum wording wording, struct text locale)
{
    return text_of(wordings[wording][language_of(locale)]);
}

struct text terms_yes_or_no(struct text locale, bool yes)
{
    static const struct {
        struct text language, yes, no;
    } rows[] = {
#define ROW(language, yes, no) {TEXT_INIT(language), TEXT_INIT(yes), TEXT_INIT(no)}
        ROW("bg", "да", "не"),   ROW("cs", "ano", "ne"),   ROW("da", "ja", "nej"),   ROW("el", "ναι", "όχι"),
        ROW("es", "sí", "no"),   ROW("et", "jah", "ei"),   ROW("fi", "kyllä", "ei"), ROW("fr", "oui", "non"),
        ROW("hr", "da", "ne"),   ROW("hu", "igen", "nem"), ROW("it", "sì", "no"),    ROW("lt", "taip", "ne"),
        ROW("lv", "jā", "nē"),   ROW("nb", "ja", "nei"),   ROW("nl", "ja", "nee"),   ROW("no", "ja", "nei"),
        ROW("pl", "tak", "nie"), ROW("pt", "sim", "não"),  ROW("ro", "da", "nu"),    ROW("ru", "да", "нет"),
        ROW("sk", "áno", "nie"), ROW("sl", "da", "ne"),    ROW("sv", "ja", "nej"),   ROW("tr", "evet", "hayır"),
        ROW("uk", "так", "ні"),
#undef ROW
    };
    const struct text language = text_slice(locale, 0, text_find(locale, '-', 0));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (text_equal(rows[i].language, language)) return yes ? rows[i].yes : rows[i].no;
    }
    return words_of(yes ? WORDING_YES : WORDING_NO, locale);
}

/* ------------------------------------------------------------------ one offer's facts */

struct facts {
    const struct program *program;
    struct text locale;
    uint32_t campaign, offer;
    struct buffer *out;
};

/* The next fact of a kind from `*at` on; NULL at the end. */
static const struct bundle_term *next_fact(const struct facts *facts, enum term_kind kind, uint32_t *at)
{
    for (; *at < facts->program->term_count; (*at)++) {
        const struct bundle_term *term = &facts->program->term[*at];
        if (term->campaign == facts->campaign && term->offer == facts->offer && term->kind == kind) {
            (*at)++;
            return term;
        }
    }
    return NULL;
}

static const struct bundle_term *fact(const struct facts *facts, enum term_kind kind)
{
    uint32_t at = 0;
    return next_fact(facts, kind, &at);
}

static struct text text_of_fact(const struct facts *facts, const struct bundle_term *term)
{
    return term->text < facts->program->string_count ? program_text(facts->program, term->text) : TEXT("");
}

/* A fixed amount of a parameter, by the parameter's name. */
static const struct bundle_term *amount_of(const struct facts *facts, struct text name)
{
    uint32_t at = 0;
    const struct bundle_term *term;
    while ((term = next_fact(facts, TERM_AMOUNT, &at)) != NULL) {
        if (text_equal(text_of_fact(facts, term), name)) return term;
    }
    return NULL;
}

static void put_decimal(struct buffer *out, struct text locale, int64_t value, unsigned digits, bool percent)
{
    char text[DECIMAL_SIZE];
    const unsigned size = decimal_format(text, value, digits, DECIMAL_TRIM);
    if (percent)
        locale_percent(out, locale, text_make(text, size));
    else
        locale_number(out, locale, text_make(text, size));
}

static void put_money(struct buffer *out, const struct facts *facts, int64_t minor, uint32_t currency)
{
    char text[DECIMAL_SIZE];
    const struct text code = currency < facts->program->currency_count
                                 ? program_text(facts->program, facts->program->currency[currency].code)
                                 : TEXT("");
    const int digits = decimal_currency_digits(code);
    const unsigned size = decimal_format(text, minor, digits > 0 ? (unsigned)digits : 0, DECIMAL_PLAIN);
    locale_money(out, facts->locale, text_make(text, size), code, true);
}

static void put_duration(struct buffer *out, const struct facts *facts, uint32_t type, int64_t value)
{
    struct buffer words = BUFFER_EMPTY;
    if (type == TYPE_CALENDAR)
        decimal_print_calendar(&words, calendar_months(value), calendar_days(value), calendar_ms(value));
    else
        decimal_print_duration(&words, value);
    locale_duration(out, facts->locale, buffer_as_text(&words));
    buffer_deinit(&words);
}

static void put_country(struct buffer *out, struct text locale, int64_t country)
{
    const char code[2] = {(char)('A' + country / 26 % 26), (char)('A' + country % 26)};
    locale_country(out, locale, text_make(code, 2));
}

/* The number of a fact as its type says. */
static void put_number(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    switch (term->type) {
    case TYPE_MONEY: put_money(out, facts, term->number, term->of); return;
    case TYPE_PERCENT: put_decimal(out, facts->locale, term->number, 4, true); return;
    case TYPE_DECIMAL: put_decimal(out, facts->locale, term->number, 6, false); return;
    case TYPE_DURATION:
    case TYPE_CALENDAR: put_duration(out, facts, term->type, term->number); return;
    case TYPE_DATE: locale_date(out, facts->locale, term->number); return;
    case TYPE_COUNTRY: put_country(out, facts->locale, term->number); return;
    default: put_decimal(out, facts->locale, term->number, 0, false); return;
    }
}

/* A name of the source in words: `free_spins` as "free spins". */
static void put_name(struct buffer *out, struct text name)
{
    for (uint32_t i = 0; i < name.size; i++)
        buffer_u8(out, name.at[i] == '_' || name.at[i] == '.' ? ' ' : (uint8_t)name.at[i]);
}

static void fill(struct buffer *out, struct text locale, enum wording wording, struct text first, struct text second)
{
    const struct text words = words_of(wording, locale);
    for (uint32_t i = 0; i < words.size; i++) {
        if (words.at[i] == '{' && i + 2 < words.size && words.at[i + 2] == '}') {
            buffer_text(out, words.at[i + 1] == '0' ? first : second);
            i += 2;
        } else {
            buffer_u8(out, (uint8_t)words.at[i]);
        }
    }
}

/* ------------------------------------------------------------------ sentences */

/* Ends a sentence: a NUL, which no text holds. */
static void say(const struct facts *facts, enum wording wording, struct buffer *first, struct buffer *second)
{
    fill(facts->out, facts->locale, wording, first != NULL ? buffer_as_text(first) : TEXT(""),
         second != NULL ? buffer_as_text(second) : TEXT(""));
    buffer_u8(facts->out, 0);
}

/* A sentence of one number. */
static void say_number(const struct facts *facts, enum term_kind kind, enum wording wording)
{
    struct buffer words = BUFFER_EMPTY;
    const struct bundle_term *term = fact(facts, kind);
    if (term == NULL) return;
    put_number(&words, facts, term);
    say(facts, wording, &words, NULL);
    buffer_deinit(&words);
}

typedef void (*put_item)(struct buffer *out, const struct facts *facts, const struct bundle_term *term);

/* A sentence of all facts of a kind in a row: "slots, table and live". */
static void say_list(const struct facts *facts, enum term_kind kind, enum wording wording, put_item put)
{
    struct buffer words = BUFFER_EMPTY;
    uint32_t at = 0, count = 0;
    const struct bundle_term *term = next_fact(facts, kind, &at);
    while (term != NULL) {
        const struct bundle_term *next = next_fact(facts, kind, &at);
        if (count > 0) buffer_text(&words, next == NULL ? words_of(WORDING_AND, facts->locale) : TEXT(", "));
        put(&words, facts, term);
        count++;
        term = next;
    }
    if (count > 0) say(facts, wording, &words, NULL);
    buffer_deinit(&words);
}

static void put_text_item(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    put_name(out, text_of_fact(facts, term));
}

static void put_event_item(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    const struct text event = text_of_fact(facts, term);
    if (text_equal(event, TEXT("withdrawal_requested")))
        buffer_text(out, words_of(WORDING_A_WITHDRAWAL, facts->locale));
    else
        put_name(out, event);
}

/* Whether there is one fact of the kind, and it is this event. */
static bool is_only(const struct facts *facts, enum term_kind kind, struct text event)
{
    uint32_t at = 0;
    const struct bundle_term *term = next_fact(facts, kind, &at);
    return term != NULL && text_equal(text_of_fact(facts, term), event) && next_fact(facts, kind, &at) == NULL;
}

static void put_words_item(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    buffer_text(out, text_of_fact(facts, term));
}

static void put_counts_item(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    put_name(out, text_of_fact(facts, term));
    buffer_u8(out, ' ');
    put_number(out, facts, term);
}

static void put_fund_item(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    const struct text fund = text_of_fact(facts, term);
    if (text_equal(fund, TEXT("real")))
        buffer_text(out, words_of(WORDING_FUND_REAL, facts->locale));
    else if (text_equal(fund, TEXT("bonus")))
        buffer_text(out, words_of(WORDING_FUND_BONUS, facts->locale));
    else
        put_name(out, fund);
}

static bool is_prize(const struct facts *facts)
{
    const struct bundle_term *formula = fact(facts, TERM_FORMULA);
    return formula != NULL && text_equal(text_of_fact(facts, formula), TEXT("tournament_placed.prize"));
}

/* "50% of your deposit, at most €60", "€10". */
static void put_amount(struct buffer *out, const struct facts *facts)
{
    const struct bundle_term *share = fact(facts, TERM_SHARE), *formula = fact(facts, TERM_FORMULA);
    const struct bundle_term *fixed = amount_of(facts, TEXT("amount"));
    if (share != NULL) {
        struct buffer number = BUFFER_EMPTY, of = BUFFER_EMPTY;
        const struct text field = text_of_fact(facts, share);
        put_number(&number, facts, share);
        if (text_equal(field, TEXT("deposit.amount"))) {
            buffer_text(&of, words_of(WORDING_YOUR_DEPOSIT, facts->locale));
        } else if (text_equal(field, TEXT("bet.stake"))) {
            buffer_text(&of, words_of(WORDING_YOUR_STAKE, facts->locale));
        } else if (text_starts_with(field, TEXT("player.net_loss"))) {
            buffer_text(&of, words_of(WORDING_YOUR_LOSS, facts->locale));
        } else {
            struct buffer name = BUFFER_EMPTY;
            put_name(&name, text_starts_with(field, TEXT("player.")) ? text_slice(field, 7, field.size) : field);
            fill(&of, facts->locale, WORDING_OF_FIELD, buffer_as_text(&name), TEXT(""));
            buffer_deinit(&name);
        }
        fill(out, facts->locale, WORDING_SHARE_OF, buffer_as_text(&number), buffer_as_text(&of));
        buffer_deinit(&number);
        buffer_deinit(&of);
    } else if (is_prize(facts)) {
        buffer_text(out, words_of(WORDING_YOUR_PRIZE, facts->locale));
    } else if (formula != NULL) {
        buffer_text(out, text_of_fact(facts, formula));
    } else if (fixed != NULL) {
        put_number(out, facts, fixed);
    }
    static const struct {
        enum term_kind kind;
        enum wording wording;
    } clauses[] = {{TERM_AT_MOST, WORDING_COMMA_AT_MOST}, {TERM_AT_LEAST, WORDING_COMMA_AT_LEAST}};
    for (size_t i = 0; i < 2; i++) {
        const struct bundle_term *term = fact(facts, clauses[i].kind);
        struct buffer number = BUFFER_EMPTY;
        if (term != NULL) {
            put_number(&number, facts, term);
            fill(out, facts->locale, clauses[i].wording, buffer_as_text(&number), TEXT(""));
        }
        buffer_deinit(&number);
    }
}

static void say_reward(const struct facts *facts)
{
    static const struct {
        struct text action;
        enum wording wording;
    } rewards[] = {
        {TEXT_INIT("bonus"), WORDING_REWARD_BONUS},         {TEXT_INIT("free_spins"), WORDING_REWARD_FREE_SPINS},
        {TEXT_INIT("free_bet"), WORDING_REWARD_FREE_BET},   {TEXT_INIT("cash"), WORDING_REWARD_CASH},
        {TEXT_INIT("ticket"), WORDING_REWARD_TICKET},       {TEXT_INIT("points"), WORDING_REWARD_POINTS},
        {TEXT_INIT("gift_card"), WORDING_REWARD_GIFT_CARD}, {TEXT_INIT("coupon"), WORDING_REWARD_COUPON},
    };
    const struct bundle_term *reward = fact(facts, TERM_REWARD);
    if (reward == NULL) return;
    struct buffer words = BUFFER_EMPTY, first = BUFFER_EMPTY, second = BUFFER_EMPTY;
    const struct text action = text_of_fact(facts, reward);
    enum wording wording = WORDING_REWARD_OTHER;
    for (size_t i = 0; i < sizeof rewards / sizeof rewards[0]; i++) {
        if (text_equal(rewards[i].action, action)) wording = rewards[i].wording;
    }
    const struct bundle_term *spins = amount_of(facts, TEXT("spins")), *value = amount_of(facts, TEXT("value"));
    if (spins != NULL && value != NULL) {
        put_number(&first, facts, spins);
        put_number(&second, facts, value);
    } else {
        put_amount(&first, facts);
    }
    const struct bundle_term *unit = fact(facts, TERM_UNIT);
    if (wording == WORDING_REWARD_POINTS && unit != NULL) {
        wording = WORDING_REWARD_POINTS_OF;
        buffer_text(&second, text_of_fact(facts, unit));
    }
    if (first.size == 0 && value != NULL) put_number(&first, facts, value);
    if (first.size == 0 && amount_of(facts, TEXT("share")) != NULL)
        put_number(&first, facts, amount_of(facts, TEXT("share")));
    if (first.size == 0 || (spins == NULL && wording == WORDING_REWARD_FREE_SPINS)) wording = WORDING_REWARD_OTHER;
    if (is_prize(facts)) {
        wording = wording == WORDING_REWARD_BONUS       ? WORDING_PRIZE_BONUS
                  : wording == WORDING_REWARD_FREE_BET  ? WORDING_PRIZE_FREE_BET
                  : wording == WORDING_REWARD_TICKET    ? WORDING_PRIZE_TICKET
                  : wording == WORDING_REWARD_GIFT_CARD ? WORDING_PRIZE_GIFT_CARD
                                                        : wording;
    }
    fill(&words, facts->locale, wording, buffer_as_text(&first), buffer_as_text(&second));
    if (wording == WORDING_REWARD_OTHER) {
        buffer_string(&words, " (");
        put_name(&words, action);
        buffer_string(&words, first.size > 0 ? ": " : "");
        buffer_text(&words, buffer_as_text(&first));
        buffer_string(&words, ")");
    }
    say(facts, WORDING_YOU_GET, &words, NULL);
    buffer_deinit(&words);
    buffer_deinit(&first);
    buffer_deinit(&second);
}

/* The prizes of a tournament, place by place. */
static void say_prizes(const struct facts *facts)
{
    const struct program *program = facts->program;
    const struct bundle_tournament *tournament = NULL;
    for (uint32_t i = 0; i < program->tournament_count && is_prize(facts); i++) {
        if (program->tournament[i].campaign == facts->campaign) tournament = &program->tournament[i];
    }
    if (tournament == NULL) return;
    struct buffer all = BUFFER_EMPTY, places = BUFFER_EMPTY, amount = BUFFER_EMPTY;
    for (uint32_t i = 0; i < tournament->prize_count; i++) {
        const struct bundle_prize *prize = &program->prize[tournament->prize_first + i];
        buffer_clear(&places);
        buffer_clear(&amount);
        put_decimal(&places, facts->locale, prize->first, 0, false);
        if (prize->last > prize->first) {
            buffer_string(&places, "–");
            put_decimal(&places, facts->locale, prize->last, 0, false);
        }
        const struct bundle_term term = {.number = tournament_prize(program, tournament, prize->last),
                                         .type = TYPE_MONEY,
                                         .of = program->campaign[facts->campaign].currency};
        put_number(&amount, facts, &term);
        if (i > 0) buffer_string(&all, "; ");
        fill(&all, facts->locale, prize->last > prize->first ? WORDING_PRIZE_OF_PLACES : WORDING_PRIZE_OF_PLACE,
             buffer_as_text(&places), buffer_as_text(&amount));
    }
    say(facts, WORDING_PRIZES, &all, NULL);
    buffer_deinit(&all);
    buffer_deinit(&places);
    buffer_deinit(&amount);
}

static void say_wagering(const struct facts *facts)
{
    const struct bundle_term *term = fact(facts, TERM_WAGERING), *reward = fact(facts, TERM_REWARD);
    if (term == NULL && is_prize(facts)) say(facts, WORDING_WAGERING_NONE, NULL, NULL);
    if (term == NULL) return;
    const bool of_spins = reward != NULL && text_equal(text_of_fact(facts, reward), TEXT("free_spins"));
    struct buffer number = BUFFER_EMPTY, times = BUFFER_EMPTY;
    put_decimal(&number, facts->locale, term->number, 6, false);
    fill(&times, facts->locale, term->number == 1000000 ? WORDING_TIMES_ONE : WORDING_TIMES_MANY,
         buffer_as_text(&number), TEXT(""));
    say(facts,
        term->number == 0  ? WORDING_WAGERING_NONE
        : term->other == 2 ? WORDING_WAGERING_DEPOSIT
        : term->other == 3 ? WORDING_WAGERING_BOTH
        : of_spins         ? WORDING_WAGERING_SPINS
                           : WORDING_WAGERING_BONUS,
        &times, NULL);
    buffer_deinit(&times);
    buffer_deinit(&number);
}

static void say_times(const struct facts *facts)
{
    const struct bundle_term *grant = fact(facts, TERM_GRANT), *enter = fact(facts, TERM_ENTER);
    struct buffer count = BUFFER_EMPTY, window = BUFFER_EMPTY;
    if (grant != NULL) {
        put_decimal(&count, facts->locale, grant->number, 0, false);
        say(facts, grant->number == 1 ? WORDING_GRANT_ONCE : WORDING_GRANT_TIMES, &count, NULL);
    }
    buffer_clear(&count);
    if (enter != NULL && enter->other != ENTER_ALWAYS) {
        static const enum wording wording[ENTER_COUNT] = {
            [ENTER_ONCE] = WORDING_ENTER_ONCE,     [ENTER_DAY] = WORDING_ENTER_DAY,
            [ENTER_WEEK] = WORDING_ENTER_WEEK,     [ENTER_MONTH] = WORDING_ENTER_MONTH,
            [ENTER_WINDOW] = WORDING_ENTER_WINDOW, [ENTER_YEAR] = WORDING_ENTER_YEAR};
        struct buffer number = BUFFER_EMPTY;
        put_decimal(&number, facts->locale, enter->number, 0, false);
        fill(&count, facts->locale, enter->number == 1 ? WORDING_TIMES_ONE : WORDING_TIMES_MANY,
             buffer_as_text(&number), TEXT(""));
        buffer_deinit(&number);
        locale_duration(&window, facts->locale, text_of_fact(facts, enter));
        if (enter->other >= 0 && enter->other < ENTER_COUNT) say(facts, wording[enter->other], &count, &window);
    }
    buffer_deinit(&count);
    buffer_deinit(&window);
}

static void say_days(const struct facts *facts)
{
    const struct bundle_term *from = fact(facts, TERM_FROM), *through = fact(facts, TERM_THROUGH);
    struct buffer first = BUFFER_EMPTY, last = BUFFER_EMPTY;
    if (from != NULL) put_number(&first, facts, from);
    if (through != NULL) put_number(from != NULL ? &last : &first, facts, through);
    if (from != NULL && through != NULL)
        say(facts, WORDING_RUNS_FROM_THROUGH, &first, &last);
    else if (from != NULL || through != NULL)
        say(facts, from != NULL ? WORDING_RUNS_FROM : WORDING_RUNS_THROUGH, &first, NULL);
    buffer_deinit(&first);
    buffer_deinit(&last);
}

/* A coupon: its share, unless it takes all of its value. */
static void say_coupon(const struct facts *facts)
{
    const struct bundle_term *share = amount_of(facts, TEXT("share")), *value = amount_of(facts, TEXT("value"));
    const bool whole = share->number == 1000000;
    struct buffer words = BUFFER_EMPTY, first = BUFFER_EMPTY, second = BUFFER_EMPTY;
    put_number(&first, facts, whole ? value : share);
    put_number(&second, facts, value);
    fill(&words, facts->locale, whole ? WORDING_REWARD_COUPON_ALL : WORDING_REWARD_COUPON_SHARE, buffer_as_text(&first),
         buffer_as_text(&second));
    say(facts, WORDING_YOU_GET, &words, NULL);
    buffer_deinit(&words);
    buffer_deinit(&first);
    buffer_deinit(&second);
}

/* For which orders, and what becomes of the rest. */
static void say_orders(const struct facts *facts)
{
    const struct bundle_term *smallest = amount_of(facts, TEXT("smallest_order")), *card = fact(facts, TERM_CARD);
    struct buffer words = BUFFER_EMPTY;
    if (smallest != NULL && smallest->number > 0) {
        put_number(&words, facts, smallest);
        say(facts, WORDING_SMALLEST_ORDER, &words, NULL);
    }
    buffer_deinit(&words);
    if (card == NULL) return;
    say(facts, card->number == 1 ? WORDING_CARD_AT_ONCE : WORDING_CARD_IN_PARTS, NULL, NULL);
    say(facts, card->other == 1 ? WORDING_CARD_REFUND_NOTHING : WORDING_CARD_REFUND, NULL, NULL);
}

/* All sentences of an offer, each ended by a NUL. */
static void say_all(const struct facts *facts)
{
    const struct bundle_term *reward = fact(facts, TERM_REWARD);
    const bool coupon = reward != NULL && text_equal(text_of_fact(facts, reward), TEXT("coupon")) &&
                        amount_of(facts, TEXT("share")) != NULL && amount_of(facts, TEXT("value")) != NULL;
    if (coupon)
        say_coupon(facts);
    else
        say_reward(facts);
    say_orders(facts);
    say_number(facts, TERM_NOTHING_BELOW, WORDING_NOTHING_BELOW);
    say_list(facts, TERM_PRICE, WORDING_PRICES, put_number);
    say_prizes(facts);
    say_number(facts, TERM_DEPOSIT, WORDING_DEPOSIT);
    say_wagering(facts);
    say_list(facts, TERM_COUNTS, WORDING_COUNTS, put_counts_item);
    say_list(facts, TERM_FUNDS, WORDING_FUNDS, put_fund_item);
    say_list(facts, TERM_GAMES, WORDING_GAMES, put_text_item);
    const struct bundle_term *stake = fact(facts, TERM_STAKE);
    if (stake != NULL)
        say_number(facts, TERM_STAKE,
                   stake->other == 1   ? WORDING_STAKE_FORFEIT
                   : stake->other == 2 ? WORDING_STAKE_NOT_COUNTED
                                       : WORDING_STAKE);
    say_number(facts, TERM_WIN, WORDING_WIN);
    const struct bundle_term *expires = fact(facts, TERM_EXPIRES);
    if (expires != NULL)
        say_number(facts, TERM_EXPIRES, expires->other == 1 ? WORDING_EXPIRES_ACTIVATION : WORDING_EXPIRES_GRANT);
    say_number(facts, TERM_CLAIM, WORDING_CLAIM);
    if (fact(facts, TERM_QUEUE) != NULL) say(facts, WORDING_QUEUE, NULL, NULL);
    if (is_only(facts, TERM_CANCEL_ON, TEXT("withdrawal_requested")))
        say(facts, WORDING_CANCEL_WITHDRAWAL, NULL, NULL);
    else
        say_list(facts, TERM_CANCEL_ON, WORDING_CANCEL_ON, put_event_item);
    if (is_only(facts, TERM_REVOKE_ON, TEXT("deposit_reversed")))
        say(facts, WORDING_REVOKE_DEPOSIT, NULL, NULL);
    else
        say_list(facts, TERM_REVOKE_ON, WORDING_REVOKE_ON, put_event_item);
    say_times(facts);
    say_days(facts);
    say_list(facts, TERM_COUNTRY, WORDING_COUNTRIES, put_number);
    say_number(facts, TERM_AGE, WORDING_AGE);
    say_list(facts, TERM_AUDIENCE, WORDING_AUDIENCE, put_words_item);
    say_number(facts, TERM_JURISDICTION, WORDING_JURISDICTION);
}

/* ------------------------------------------------------------------ formats */

uint32_t terms_find(const struct program *program, struct text campaign, struct text offer, uint32_t *campaign_out)
{
    uint32_t found = PROGRAM_NONE;
    bool own = false;
    for (uint32_t i = 0; i < program->term_count; i++) {
        const struct bundle_term *term = &program->term[i];
        const struct bundle_offer *its = &program->offer[term->offer];
        if (!text_equal(program_text(program, its->name), offer)) continue;
        if (campaign.size > 0 && !text_equal(program_text(program, program->campaign[term->campaign].name), campaign))
            continue;
        if (found != PROGRAM_NONE && (own || its->campaign == PROGRAM_NONE)) continue;
        own = its->campaign != PROGRAM_NONE;
        found = term->offer;
        *campaign_out = term->campaign;
    }
    return found;
}

static struct facts facts_of(const struct program *program, uint32_t campaign, uint32_t offer, struct text locale,
                             struct buffer *out)
{
    const unsigned language = language_of(locale);
    if (!text_starts_with(locale, terms_language(language))) locale = terms_language(language);
    return (struct facts){.program = program, .locale = locale, .campaign = campaign, .offer = offer, .out = out};
}

void terms_sentences(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t offer,
                     struct text locale, struct text line)
{
    struct buffer all = BUFFER_EMPTY;
    const uint64_t lost = memory_lost();
    const struct facts facts = facts_of(program, campaign, offer, locale, &all);
    say_all(&facts);
    for (size_t at = 0; buffer_ok(&all) && at < all.size; at++) {
        const size_t size = strlen((const char *)all.bytes + at);
        if (at > 0) buffer_text(out, line);
        buffer_append(out, all.bytes + at, size);
        at += size;
    }
    if (!buffer_ok(&all) || memory_lost() != lost) out->failed = true;
    buffer_deinit(&all);
}

static void put_escaped(struct buffer *out, struct text text, enum terms_format format)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        if (format == TERMS_HTML && byte == '<') {
            buffer_string(out, "&lt;");
        } else if (format == TERMS_HTML && byte == '>') {
            buffer_string(out, "&gt;");
        } else if (format == TERMS_HTML && byte == '&') {
            buffer_string(out, "&amp;");
        } else {
            if (format == TERMS_MARKDOWN && strchr("\\`*_[]<>#", byte) != NULL) buffer_u8(out, '\\');
            buffer_u8(out, (uint8_t)byte);
        }
    }
}

/* Its number, and what people read for it where the number alone says little. A calendar duration is packed: only its words are told. */
static void put_fact_number(struct buffer *out, const struct facts *facts, const struct bundle_term *term)
{
    if (term->type != TYPE_CALENDAR) {
        buffer_string(out, ",\"number\":");
        buffer_decimal(out, term->number);
    }
    switch (term->type) {
    case TYPE_PERCENT:
    case TYPE_DECIMAL:
    case TYPE_DURATION:
    case TYPE_CALENDAR:
    case TYPE_DATE:
    case TYPE_COUNTRY: break;
    default: return;
    }
    struct buffer words = BUFFER_EMPTY;
    put_number(&words, facts, term);
    buffer_string(out, ",\"words\":");
    buffer_json_text(out, buffer_as_text(&words));
    buffer_deinit(&words);
}

static void write_json(struct buffer *out, const struct facts *facts, struct text sentences)
{
    static const char *const names[] = {
#define TERM(number, name, sentence) [number] = #name,
#include "spec/terms.def"
#undef TERM
    };
    const struct program *program = facts->program;
    buffer_string(out, "{\"campaign\":");
    buffer_json_text(out, program_text(program, program->campaign[facts->campaign].name));
    buffer_string(out, ",\"offer\":");
    buffer_json_text(out, program_text(program, program->offer[facts->offer].name));
    buffer_string(out, ",\"locale\":");
    buffer_json_text(out, terms_language(language_of(facts->locale)));
    buffer_string(out, ",\"facts\":[");
    bool first = true;
    for (uint32_t i = 0; i < program->term_count; i++) {
        const struct bundle_term *term = &program->term[i];
        if (term->campaign != facts->campaign || term->offer != facts->offer) continue;
        buffer_string(out, first ? "{\"fact\":\"" : ",{\"fact\":\"");
        first = false;
        for (const char *at = names[term->kind]; *at != '\0'; at++)
            buffer_u8(out, (uint8_t)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at));
        buffer_u8(out, '"');
        put_fact_number(out, facts, term);
        if (term->type == TYPE_MONEY) {
            buffer_string(out, ",\"currency\":");
            buffer_json_text(out, program_text(program, program->currency[term->of].code));
        }
        if (term->other != 0) {
            buffer_string(out, ",\"other\":");
            buffer_decimal(out, term->other);
        }
        if (text_of_fact(facts, term).size > 0) {
            buffer_string(out, ",\"text\":");
            buffer_json_text(out, text_of_fact(facts, term));
        }
        buffer_u8(out, '}');
    }
    buffer_string(out, "],\"sentences\":[");
    for (uint32_t at = 0; at < sentences.size;) {
        const uint32_t end = text_find(sentences, '\n', at);
        if (at > 0) buffer_u8(out, ',');
        buffer_json_text(out, text_slice(sentences, at, end - at));
        at = end + 1;
    }
    buffer_string(out, "]}\n");
}

void terms_write(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t offer,
                 struct text locale, enum terms_format format)
{
    struct buffer all = BUFFER_EMPTY, heading = BUFFER_EMPTY;
    const uint64_t lost = memory_lost();
    const struct facts facts = facts_of(program, campaign, offer, locale, out);
    terms_sentences(&all, program, campaign, offer, locale, TEXT("\n"));
    fill(&heading, locale, WORDING_HEADING, program_text(program, program->offer[offer].name), TEXT(""));
    if (all.size == 0) buffer_text(&all, words_of(WORDING_NO_TERMS, locale));
    const struct text sentences = buffer_as_text(&all);
    if (format == TERMS_JSON) {
        write_json(out, &facts, sentences);
    } else {
        buffer_string(out, format == TERMS_HTML ? "<h2>" : format == TERMS_MARKDOWN ? "## " : "");
        put_escaped(out, buffer_as_text(&heading), format);
        buffer_string(out, format == TERMS_HTML ? "</h2>\n<ul>\n" : "\n\n");
        for (uint32_t at = 0; at < sentences.size;) {
            const uint32_t end = text_find(sentences, '\n', at);
            buffer_string(out, format == TERMS_HTML ? "<li>" : "- ");
            put_escaped(out, text_slice(sentences, at, end - at), format);
            buffer_string(out, format == TERMS_HTML ? "</li>\n" : "\n");
            at = end + 1;
        }
        if (format == TERMS_HTML) buffer_string(out, "</ul>\n");
    }
    if (!buffer_ok(&all) || !buffer_ok(&heading) || memory_lost() != lost) out->failed = true;
    buffer_deinit(&all);
    buffer_deinit(&heading);
}
