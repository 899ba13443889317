/*
 * lexer_lines: tokens to lines.
 *
 * A line goes on after a comma, `and` or `or` at its end and nowhere else. Four phrases become one
 * token, because one token of lookahead cannot tell them from their first word: `, otherwise`,
 * `wait up`, and a closing `all of`, `any of`, `none of`. Comments are kept apart. Each mistake of
 * the lexer is reported here, once, with its cure; the mended token goes on.
 *
 * Next: compiler/balance.c.
 */
#include <stddef.h>
#include <string.h>

#include "compiler/grammar.h"
#include "compiler/mend.h"
#include "compiler/shape.h"
#include "vm/decimal.h"

static bool keep_comment(struct reader *reader, const struct token *token, bool has_own_line)
{
    struct comment *comment = ARENA_NEW(reader->arena, struct comment);
    if (comment == NULL) return false;
    comment->span = token->span;
    comment->has_own_line = has_own_line;
    if (reader->last_comment == NULL) {
        reader->out->comments = comment;
    } else {
        reader->last_comment->next = comment;
    }
    reader->last_comment = comment;
    return true;
}

static bool keep_token(struct reader *reader, const struct token *token)
{
    if (reader->count == reader->capacity) {
        const uint32_t capacity = reader->capacity == 0 ? 256 : reader->capacity * 2;
        struct token *tokens = ARENA_ARRAY(reader->arena, struct token, capacity);
        if (tokens == NULL) return false;
        if (reader->count > 0) memcpy(tokens, reader->tokens, reader->count * sizeof *tokens);
        reader->tokens = tokens;
        reader->capacity = capacity;
    }
    reader->tokens[reader->count++] = *token;
    return true;
}

/* Merges the last two tokens into one of the kind. */
static void merge_last(struct reader *reader, uint16_t kind)
{
    struct token *first = &reader->tokens[reader->count - 2];
    first->span.end = reader->tokens[reader->count - 1].span.end;
    first->kind = kind;
    first->text = source_slice(reader->source, first->span);
    reader->count--;
}

/* The phrase that the word before `of` makes at the end of a line, or 0. */
static uint16_t group_kind(uint16_t kind)
{
    switch (kind) {
    case TK_ALL: return TK_ALL_OF;
    case TK_ANY: return TK_ANY_OF;
    case TK_NONE: return TK_NONE_OF;
    default: return 0;
    }
}

static const struct {
    struct text word;
    const char *code;
} currency_names[] = {
    {TEXT_INIT("euro"), "EUR"},   {TEXT_INIT("euros"), "EUR"},  {TEXT_INIT("pound"), "GBP"},
    {TEXT_INIT("pounds"), "GBP"}, {TEXT_INIT("dollar"), "USD"}, {TEXT_INIT("dollars"), "USD"},
    {TEXT_INIT("zloty"), "PLN"},  {TEXT_INIT("yen"), "JPY"},    {TEXT_INIT("kronor"), "SEK"},
    {TEXT_INIT("forint"), "HUF"}, {TEXT_INIT("lei"), "RON"},    {TEXT_INIT("leva"), "BGN"},
};

/* The currency that a word names: three letters in any case, or its name; an empty text for none. */
static struct text currency_of_word(struct reader *reader, struct text word)
{
    for (size_t i = 0; i < sizeof currency_names / sizeof currency_names[0]; i++) {
        if (word.size == currency_names[i].word.size && text_distance(word, currency_names[i].word, 0) == 0) {
            return text_of(currency_names[i].code);
        }
    }
    if (word.size != 3) return TEXT("");
    char code[4] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        const char byte = word.at[i];
        code[i] = byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
    }
    if (decimal_currency_digits((struct text){code, 3}) == DECIMAL_CURRENCY_NONE) return TEXT("");
    return arena_copy_text(reader->arena, (struct text){code, 3});
}

static const struct {
    struct text word;
    const char *number;
} number_words[] = {
    {TEXT_INIT("one"), "1"},       {TEXT_INIT("two"), "2"},         {TEXT_INIT("three"), "3"},
    {TEXT_INIT("four"), "4"},      {TEXT_INIT("five"), "5"},        {TEXT_INIT("six"), "6"},
    {TEXT_INIT("seven"), "7"},     {TEXT_INIT("eight"), "8"},       {TEXT_INIT("nine"), "9"},
    {TEXT_INIT("ten"), "10"},      {TEXT_INIT("fifteen"), "15"},    {TEXT_INIT("twenty"), "20"},
    {TEXT_INIT("thirty"), "30"},   {TEXT_INIT("forty"), "40"},      {TEXT_INIT("fifty"), "50"},
    {TEXT_INIT("hundred"), "100"}, {TEXT_INIT("thousand"), "1000"},
};

/* The number that a word stands for; an empty text for none. */
static struct text number_of_word(struct text word)
{
    for (size_t i = 0; i < sizeof number_words / sizeof number_words[0]; i++) {
        if (text_equal(word, number_words[i].word)) return text_of(number_words[i].number);
    }
    return TEXT("");
}

/* `20 eur`, `20 Euro` and `twenty EUR` are money in the wrong letters. */
static bool mend_money_words(struct reader *reader)
{
    struct token *word = &reader->tokens[reader->count - 1];
    struct token *number = word - 1;
    if (word->kind != TK_ID) return false;
    const struct text amount = number->kind == TK_NUMBER ? number->text : number_of_word(number->text);
    const struct text currency = amount.size > 0 ? currency_of_word(reader, word->text) : TEXT("");
    if (currency.size == 0) return false;
    const struct text written = source_slice(reader->source, span_join(number->span, word->span));
    const bool was_reported = number->mistake != 0;
    number->text = arena_print(reader->arena, "%.*s %.*s", TEXT_ARGS(amount), TEXT_ARGS(currency));
    number->kind = TK_MONEY;
    number->span.end = word->span.end;
    reader->count--;
    reader->out->has_mistake = true;
    if (!was_reported) DIAGNOSE(reader->diagnostics, DIAGNOSTIC_MONEY_STYLE, number->span, written, number->text);
    return true;
}

/* The unit that a misspelt word of at least four letters was meant as; NULL for none. */
static const char *near_unit(struct text word)
{
    static const char *const units[] = {"days",   "hours", "minutes", "seconds", "weeks",
                                        "months", "years", "week",    "month",   "hour"};
    static const char *const whole[] = {"days",   "hours", "minutes", "seconds", "weeks",
                                        "months", "years", "weeks",   "months",  "hours"};
    /* German, French, Spanish, Italian: some of them look like another English unit. */
    static const struct {
        struct text word;
        const char *unit;
    } abroad[] = {
        {TEXT_INIT("tag"), "days"},        {TEXT_INIT("tage"), "days"},      {TEXT_INIT("tagen"), "days"},
        {TEXT_INIT("jour"), "days"},       {TEXT_INIT("jours"), "days"},     {TEXT_INIT("dia"), "days"},
        {TEXT_INIT("dias"), "days"},       {TEXT_INIT("giorno"), "days"},    {TEXT_INIT("giorni"), "days"},
        {TEXT_INIT("stunde"), "hours"},    {TEXT_INIT("stunden"), "hours"},  {TEXT_INIT("heure"), "hours"},
        {TEXT_INIT("heures"), "hours"},    {TEXT_INIT("hora"), "hours"},     {TEXT_INIT("horas"), "hours"},
        {TEXT_INIT("ora"), "hours"},       {TEXT_INIT("ore"), "hours"},      {TEXT_INIT("minuten"), "minutes"},
        {TEXT_INIT("minutos"), "minutes"}, {TEXT_INIT("minuti"), "minutes"}, {TEXT_INIT("woche"), "weeks"},
        {TEXT_INIT("wochen"), "weeks"},    {TEXT_INIT("semaine"), "weeks"},  {TEXT_INIT("semaines"), "weeks"},
        {TEXT_INIT("semana"), "weeks"},    {TEXT_INIT("semanas"), "weeks"},  {TEXT_INIT("settimana"), "weeks"},
        {TEXT_INIT("settimane"), "weeks"}, {TEXT_INIT("monat"), "months"},   {TEXT_INIT("monate"), "months"},
        {TEXT_INIT("monaten"), "months"},  {TEXT_INIT("mois"), "months"},    {TEXT_INIT("mes"), "months"},
        {TEXT_INIT("meses"), "months"},    {TEXT_INIT("mese"), "months"},    {TEXT_INIT("mesi"), "months"},
        {TEXT_INIT("jahr"), "years"},      {TEXT_INIT("jahre"), "years"},    {TEXT_INIT("anno"), "years"},
        {TEXT_INIT("anni"), "years"},
    };
    for (size_t i = 0; i < sizeof abroad / sizeof abroad[0]; i++) {
        if (word.size == abroad[i].word.size && text_distance(word, abroad[i].word, 0) == 0) return abroad[i].unit;
    }
    if (word.size < 4) return NULL;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text_distance(word, text_of(units[i]), 1) <= 1) return whole[i];
    }
    return NULL;
}

/* `3 Days`, `3 hrs` and `three days` are durations in other words. */
static bool mend_unit(struct reader *reader)
{
    static const struct text counts[] = {TEXT_INIT("zero"), TEXT_INIT("one"),  TEXT_INIT("two"), TEXT_INIT("three"),
                                         TEXT_INIT("four"), TEXT_INIT("five"), TEXT_INIT("six"), TEXT_INIT("seven")};
    struct token *word = &reader->tokens[reader->count - 1];
    struct token *number = word - 1;
    const bool is_word = word->kind == TK_ID || lexer_may_name(word->kind);
    const char *unit = is_word ? mend_unit_of(word->text) : NULL;
    if (unit == NULL && word->kind == TK_ID && number->kind == TK_NUMBER) unit = near_unit(word->text);
    if (unit == NULL || word->text.size < 3) return false;
    struct text count = number->kind == TK_NUMBER ? number->text : (struct text){NULL, 0};
    for (uint32_t i = 1; i < sizeof counts / sizeof counts[0]; i++) {
        if (text_equal(number->text, counts[i])) count = arena_print(reader->arena, "%u", i);
    }
    if (count.size == 0) return false;
    const struct span span = span_join(number->span, word->span);
    number->kind = TK_DURATION;
    number->text = mend_counted_unit(reader, count, unit);
    number->span = span;
    reader->count--;
    reader->out->has_mistake = true;
    DIAGNOSE(reader->diagnostics, DIAGNOSTIC_FOREIGN_WORD, span, source_slice(reader->source, span), number->text);
    return true;
}

/* `wait upto`, `wait op to`: the block must be seen, whatever became of `up`. */
static bool mend_wait_up(struct reader *reader)
{
    struct token *last = &reader->tokens[reader->count - 1];
    const bool is_glued =
        last->kind == TK_ID && (text_equal(last->text, TEXT("upto")) || text_equal(last->text, TEXT("max")) ||
                                text_equal(last->text, TEXT("maximum")));
    const bool is_near =
        last->kind == TK_TO && last[-1].kind == TK_ID && text_distance(last[-1].text, TEXT("up"), 1) <= 1;
    if (!is_glued && !is_near) return false;
    struct token *wait = is_glued ? last - 1 : last - 2;
    if (wait->kind != TK_WAIT) return false;
    reader->out->has_mistake = true;
    DIAGNOSE(reader->diagnostics, DIAGNOSTIC_FOREIGN_WORD, wait[1].span, wait[1].text,
             is_glued ? TEXT("up to") : TEXT("up"));
    const struct span to = last->span;
    wait->kind = TK_WAIT_UP;
    wait->span.end = wait[1].span.end;
    wait->text = TEXT("wait up");
    wait[1] = (struct token){TK_TO, 0, to, TEXT("to")};
    reader->count = (uint32_t)(wait + 2 - reader->tokens);
    return true;
}

/* `20 EUR or £18`, and `20 EUR or` with `90 PLN` on the next line: a price list one of whose prices had to be mended, or that goes on
 * below, is one all the same. */
static void merge_prices(struct reader *reader, uint32_t line_start)
{
    if (reader->count - line_start < 3) return;
    struct token *last = &reader->tokens[reader->count - 1];
    struct token *list = last - 2;
    const bool is_list =
        (list->kind == TK_MONEY || list->kind == TK_PRICES) && last[-1].kind == TK_OR && last->kind == TK_MONEY;
    if (!is_list) return;
    const bool is_mended = list->mistake != 0 || last->mistake != 0;
    list->kind = TK_PRICES;
    list->text = arena_print(reader->arena, "%.*s or %.*s", TEXT_ARGS(list->text), TEXT_ARGS(last->text));
    list->span = span_join(list->span, last->span);
    list->mistake = is_mended ? DIAGNOSTIC_MONEY_STYLE : 0;
    reader->count -= 2;
    if (reader->joint > reader->count) reader->joint = 0;
}

static void merge_phrases(struct reader *reader, uint32_t line_start)
{
    merge_prices(reader, line_start);
    if (reader->count - line_start < 2) return;
    if (reader->tokens[line_start].kind == TK_WAIT && reader->count - line_start <= 3 &&
        (reader->count - line_start == 3 || reader->tokens[line_start + 1].kind == TK_ID) && mend_wait_up(reader)) {
        return;
    }
    const uint16_t before = reader->tokens[reader->count - 2].kind;
    const uint16_t last = reader->tokens[reader->count - 1].kind;
    if (before == TK_COMMA && last == TK_OTHERWISE) {
        merge_last(reader, TK_COMMA_OTHERWISE);
    } else if (before == TK_WAIT && last == TK_UP) {
        merge_last(reader, TK_WAIT_UP);
    } else if ((before == TK_NUMBER || before == TK_ID || before == TK_ONE) && last == TK_ID &&
               mend_money_words(reader)) {
        return;
    } else if (before == TK_NUMBER || before == TK_ID || before == TK_ONE) {
        (void)mend_unit(reader);
    }
}

/* `all of` and its like at the end of a line become one token; a half of it after `where` is mended. */
static void close_group_phrase(struct reader *reader, uint32_t line_start)
{
    if (reader->count - line_start < 2) return;
    struct token *last = &reader->tokens[reader->count - 1];
    const uint16_t whole = last->kind == TK_OF ? group_kind(last[-1].kind) : 0;
    if (whole != 0) {
        merge_last(reader, whole);
        return;
    }
    if (reader->count - line_start > 2 && group_kind(last->kind) != 0 && last[-1].kind == TK_OF &&
        last[-2].kind == TK_WHERE) {
        /* `where of all` */
        const uint16_t kind = group_kind(last->kind);
        const struct text words = arena_print(reader->arena, "%.*s of", TEXT_ARGS(last->text));
        const struct span span = span_join(last[-1].span, last->span);
        reader->out->has_mistake = true;
        DIAGNOSE(reader->diagnostics, DIAGNOSTIC_WRONG_WORD, span, source_slice(reader->source, span), words, words);
        last[-1] = (struct token){kind, 0, span, words};
        reader->count--;
        return;
    }
    const uint16_t half = last->kind == TK_OF ? TK_ALL_OF : group_kind(last->kind);
    if (last[-1].kind != TK_WHERE || half == 0) return;
    const struct text cure = half == TK_ALL_OF ? TEXT("all of") : half == TK_ANY_OF ? TEXT("any of") : TEXT("none of");
    reader->out->has_mistake = true;
    DIAGNOSE(reader->diagnostics, DIAGNOSTIC_MISSING_WORD, last->span, last->kind == TK_OF ? TEXT("all") : TEXT("of"),
             cure);
    last->kind = half;
    last->text = cure;
}

static uint32_t indent_of(const struct source *source, uint32_t offset)
{
    uint32_t start = offset;
    while (start > 0 && source->text.at[start - 1] != '\n') start--;
    uint32_t column = 0;
    /* Of a line that was divided both parts stand where the whole stood. */
    for (uint32_t i = start; i < offset && (source->text.at[i] == ' ' || source->text.at[i] == '\t' || i + 1 == offset);
         i++) {
        column = source->text.at[i] == '\t' ? (column / 8 + 1) * 8 : column + 1;
    }
    return column;
}

static bool goes_on(uint16_t kind)
{
    return kind == TK_COMMA || kind == TK_AND || kind == TK_OR;
}

/* Whether two tokens can only be the beginning of a line of their own; `line` is the line that was to go on. */
static bool begins_line(const struct token *tokens, const struct token *line)
{
    const uint16_t second = tokens[1].kind;
    switch (tokens[0].kind) {
    case TK_NOTE:
    case TK_OWNER:
    case TK_TIMEZONE:
    case TK_TERMS:
    case TK_MESSAGE:
    case TK_FOLLOWS:
    case TK_WORKSPACE:
        /* `do call with note "…"` has parameters of any name. */
        return second == TK_STRING && line->kind != TK_DO;
    case TK_FIELD:
    case TK_TAKES:
    case TK_EVENT:
    case TK_ATTRIBUTE:
    case TK_QUERY:
    case TK_ACTION:
    case TK_METRIC:
    case TK_PRODUCT:
    case TK_CURRENCY:
    case TK_CHANNEL:
    case TK_BRAND:
    case TK_CLASS:
    case TK_ABOUT: return second == TK_ID && line->kind != TK_DO;
    case TK_LATENESS:
    case TK_RETENTION:
    case TK_EXPIRES: return second == TK_DURATION && line->kind != TK_DO;
    case TK_BUDGET: return second == TK_STRING || second == TK_NEWLINE;
    case TK_OFFER: return second == TK_ID;
    case TK_RUNS: return second == TK_FROM;
    case TK_WAGERING: return second == TK_MULTIPLE || second == TK_NONE;
    case TK_MESSAGES: return second == TK_AT || second == TK_BY;
    case TK_NEVER: return second == TK_MESSAGE || second == TK_REWARD || second == TK_ENTER;
    case TK_END: return second == TK_NEWLINE;
    case TK_STEP:
    case TK_CREDIT:
    case TK_ASK:
    case TK_SPLIT:
    case TK_CAMPAIGN:
    case TK_TEST:
    case TK_POLICY:
    case TK_SEGMENT: return second == TK_STRING;
    case TK_TELL: return second == TK_PATH;
    case TK_GO: return second == TK_TO;
    case TK_FINISH: return second == TK_AS;
    case TK_SEND: return second == TK_ID || second == TK_ONLY;
    case TK_CHOOSE: return second == TK_BY;
    case TK_ENTER: return second == TK_ONCE || second == TK_AT || second == TK_EVERY;
    case TK_START: return second == TK_ON || second == TK_EVERY || second == TK_AFTER;
    case TK_PRIORITY: return second == TK_NUMBER && line->kind != TK_DO;
    case TK_GROUP:
    case TK_RATES:
    case TK_VERSION:
    case TK_SOURCE: return second == TK_STRING && line->kind != TK_DO;
    case TK_LIABILITY: return second == TK_THROUGH;
    case TK_HOLD: return second == TK_OUT;
    case TK_RULES: return second == TK_FOR;
    case TK_LIMIT: return second == TK_WAGERING || second == TK_PRODUCTS || second == TK_REWARDS || second == TK_EXPIRY;
    case TK_REQUIRE: return second == TK_TERMS || second == TK_OPT_IN;
    case TK_FORBID: return second == TK_REWARDS;
    case TK_ORDER: return second == TK_BY;
    case TK_HOLIDAYS: return second == TK_ID && line->kind != TK_DO;
    case TK_PAUSE: return second == TK_ON;
    case TK_RUNNING: return second == TK_JOURNEYS;
    case TK_ONLY: return second == TK_FOR;
    case TK_LEAVE: return second == TK_ON || second == TK_WHEN;
    case TK_GOAL: return second == TK_ON || second == TK_WITHIN;
    case TK_AT: return second == TK_DATE || second == TK_PLUS;
    case TK_WAIT: return second == TK_DURATION || second == TK_UNTIL || second == TK_UP;
    case TK_WHEN:
    case TK_IF:
    case TK_EXPECT:
    case TK_GIVEN: return true;
    default: return false;
    }
}

/* Whether tokens begin a condition: a name and a comparison. */
static bool begins_condition(const struct token *tokens)
{
    const uint16_t first = tokens[0].kind;
    return (first == TK_ID || first == TK_PATH || first == TK_PLAYER || lexer_may_name(first)) &&
           shape_is_comparison(tokens[1].kind);
}

/* A comma, `and` or `or` too many at the end of a line: the next line is one of its own after all. */
static void undo_joint(struct reader *reader, uint32_t *line_start)
{
    const uint32_t joint = reader->joint;
    struct token *last = &reader->tokens[joint - 1];
    reader->joint = 0;
    if (joint <= *line_start + 1 || !goes_on(last->kind)) return;
    /* Only a group has lines of conditions: a comma says nothing there, and `and` might turn it round. */
    const bool in_group = last->kind == TK_COMMA && begins_condition(&reader->tokens[*line_start]) &&
                          begins_condition(&reader->tokens[joint]);
    if (!in_group && !begins_line(&reader->tokens[joint], &reader->tokens[*line_start])) return;
    reader->out->has_mistake = true;
    DIAGNOSE(reader->diagnostics, DIAGNOSTIC_DANGLING_LINE, last->span, last->text);
    last->kind = TK_NEWLINE;
    *line_start = joint;
}

/* Numbers with units keep their blanks; those pasted from elsewhere may be of another kind. */
static bool use_plain_blanks(struct reader *reader, struct token *token)
{
    const bool has_blanks =
        token->kind == TK_MONEY || token->kind == TK_PRICES || token->kind == TK_DURATION || token->kind == TK_PERCENT;
    bool is_plain = true;
    for (uint32_t i = 0; i < token->text.size; i++) is_plain = is_plain && (unsigned char)token->text.at[i] < 0x80;
    if (!has_blanks || is_plain || token->mistake == DIAGNOSTIC_MONEY_STYLE) return true;
    char *plain = ARENA_ARRAY(reader->arena, char, token->text.size + 1);
    if (plain == NULL) return false;
    uint32_t size = 0;
    for (uint32_t i = 0; i < token->text.size; i++) {
        const unsigned char byte = (unsigned char)token->text.at[i];
        if (byte < 0x80) plain[size++] = (char)byte;
        if (byte >= 0xC0) plain[size++] = ' ';
    }
    plain[size] = '\0';
    token->text = (struct text){plain, size};
    return true;
}

/* The line goes on where the last one ended: `where`, `and`, `or` or a comma begin none. */
static void join_upward(struct reader *reader, const struct token *token, uint32_t *line_start)
{
    const bool begins = reader->count == *line_start && reader->count > 0;
    const uint16_t kind = token->kind;
    if (!begins || (kind != TK_WHERE && kind != TK_AND && kind != TK_OR && kind != TK_COMMA)) return;
    uint32_t start = reader->count - 1;
    while (start > 0 && reader->tokens[start - 1].kind != TK_NEWLINE) start--;
    const struct text help =
        kind == TK_WHERE
            ? TEXT("write it on the line above: what belongs together stands on one line")
            : arena_print(reader->arena, "write `%.*s` at the end of the line above", TEXT_ARGS(token->text));
    reader->out->has_mistake = true;
    DIAGNOSE(reader->diagnostics, DIAGNOSTIC_LINE_CONTINUED, token->span, token->text, help);
    reader->count--;
    *line_start = start;
}

/* `all of` alone below a line that ends in `where` belongs to that line. */
static void join_group(struct reader *reader, uint32_t *line_start)
{
    const uint32_t first = *line_start;
    if (reader->count != first + 1 || first < 2 || reader->tokens[first - 2].kind != TK_WHERE) return;
    const struct token group = reader->tokens[first];
    if (group.kind != TK_ALL_OF && group.kind != TK_ANY_OF && group.kind != TK_NONE_OF) return;
    reader->out->has_mistake = true;
    struct diagnostic *diagnostic = DIAGNOSE(reader->diagnostics, DIAGNOSTIC_LINE_ENDS_EARLY,
                                             reader->tokens[first - 2].span, TEXT("where"), TEXT(""));
    diagnostic_set_help(reader->diagnostics, diagnostic,
                        arena_print(reader->arena, "write `where %.*s` on one line", TEXT_ARGS(group.text)));
    reader->tokens[first - 1] = group;
    reader->count--;
    uint32_t start = first - 1;
    while (start > 0 && reader->tokens[start - 1].kind != TK_NEWLINE) start--;
    *line_start = start;
}

/* Whether a token within a line can only be the first of a block, or the `end` of one; `last` is the NEWLINE. */
static bool begins_block(const struct token *tokens, const struct token *first, const struct token *last)
{
    const struct token *before = tokens - 1;
    const bool is_open = lexer_word(before->kind) != NULL && !lexer_may_name(before->kind) && before->kind != TK_UP &&
                         before->kind != TK_ON && before->kind != TK_KNOWN && before->kind != TK_END;
    const ptrdiff_t rest = last - tokens;
    if (first->kind == TK_UTM) return false; /* `utm source "promo", campaign "spring"` */
    if (is_open || before->kind == TK_COMMA_OTHERWISE || before->kind == TK_ARTICLE || before->kind == TK_THE)
        return false;
    switch (tokens[0].kind) {
    case TK_END: return rest == 1;
    case TK_BUDGET: return rest == 1 && before->kind != TK_END;
    case TK_STEP:
    case TK_SPLIT:
    case TK_CAMPAIGN:
    case TK_TEST:
    case TK_POLICY:
    case TK_TERMS:
    case TK_MESSAGE: return rest == 2 && tokens[1].kind == TK_STRING;
    case TK_OFFER: return rest == 3 && tokens[1].kind == TK_ID && tokens[2].kind == TK_STRING;
    case TK_CHOOSE: return rest >= 3 && tokens[1].kind == TK_BY;
    case TK_WAIT_UP: return rest >= 3 && tokens[1].kind == TK_TO;
    case TK_REPEAT: return rest == 5 && tokens[1].kind == TK_AT;
    case TK_IF:
        /* `credit "ten", if not finish as …` means `otherwise`. */
        if (tokens[1].kind == TK_NOT &&
            (tokens[2].kind == TK_FINISH || tokens[2].kind == TK_GO || tokens[2].kind == TK_SEND))
            return false;
        return first->kind == TK_STEP || first->kind == TK_TAG || first->kind == TK_UNTAG || first->kind == TK_SEND ||
               first->kind == TK_WAIT || (first->kind == TK_CREDIT && rest > 2);
    case TK_WHEN: return first->kind == TK_WAIT_UP || first->kind == TK_ASK || first->kind == TK_CHOOSE;
    case TK_PERCENT: return first->kind == TK_SPLIT && before->kind == TK_STRING && tokens[1].kind == TK_STRING;
    default: return false;
    }
}

/* `A/B test "offer"` is a `split`. */
static void mend_split(struct reader *reader, uint32_t line_start)
{
    struct token *tokens = &reader->tokens[line_start];
    if (reader->count - line_start != 6 || tokens[1].kind != TK_SLASH || tokens[3].kind != TK_TEST ||
        tokens[4].kind != TK_STRING)
        return;
    const struct span span = span_join(tokens[0].span, tokens[3].span);
    reader->out->has_mistake = true;
    DIAGNOSE(reader->diagnostics, DIAGNOSTIC_FOREIGN_WORD, span, source_slice(reader->source, span), TEXT("split"));
    tokens[0] = (struct token){TK_SPLIT, 0, span, TEXT("split")};
    tokens[1] = tokens[4];
    tokens[2] = tokens[5];
    reader->count = line_start + 3;
}

/* A block that begins or ends within a line gets a line of its own, or all lines after it would be misread. */
static bool divide_line(struct reader *reader, uint32_t line_start)
{
    mend_split(reader, line_start);
    for (uint32_t at = line_start + 1; at + 1 < reader->count; at++) {
        const uint32_t last = reader->count - 1;
        if (!begins_block(&reader->tokens[at], &reader->tokens[line_start], &reader->tokens[last])) continue;
        const struct token token = reader->tokens[at];
        if (!keep_token(reader, &token)) return false;
        memmove(&reader->tokens[at + 1], &reader->tokens[at], (last + 1 - at) * sizeof token);
        reader->tokens[at] =
            (struct token){TK_NEWLINE, 0, {token.span.file, token.span.start, token.span.start}, TEXT("\n")};
        reader->out->has_mistake = true;
        DIAGNOSE(reader->diagnostics, DIAGNOSTIC_TWO_LINES, token.span, token.text);
        at++;
    }
    return true;
}

/* The closing quote of a text that began on the line above: one mistake, which was reported there. */
static bool ends_open_text(struct reader *reader, const struct token *token)
{
    const struct text all = reader->source->text;
    if (token->mistake != DIAGNOSTIC_UNCLOSED_TEXT || reader->open_text == NULL || text_trim(token->text).size != 1)
        return false;
    const uint32_t line_end = text_find(all, '\n', reader->open_text_end);
    if (line_end >= token->span.start || text_find(all, '\n', line_end + 1) < token->span.start) return false;
    diagnostic_set_help(reader->diagnostics, reader->open_text,
                        TEXT("a text stands on one line: bring the two lines together"));
    reader->open_text = NULL;
    return true;
}

/* `- product casino` and `* …`: the sign of a list, pasted with its line. */
static bool is_list_sign(struct reader *reader, const struct token *token, uint32_t line_start)
{
    if (reader->count != line_start ||
        (token->kind != TK_MINUS && token->kind != TK_STAR && token->kind != TK_GREATER_SIGN))
        return false;
    if (reader->diagnostics == NULL) return false;
    reader->out->has_mistake = true;
    if (diagnostics_has_error_on_line(reader->diagnostics, token->span)) return true;
    struct diagnostic *diagnostic =
        DIAGNOSE(reader->diagnostics, DIAGNOSTIC_EXTRA_WORD, token->span, token->text, TEXT(""));
    diagnostic_set_help(reader->diagnostics, diagnostic,
                        arena_print(reader->arena, "remove it: no line begins with `%.*s`", TEXT_ARGS(token->text)));
    return true;
}

static bool is_capitals(struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.at[i] < 'A' || text.at[i] > 'Z') return false;
    }
    return text.size == 3;
}

/* `rate EUR to PLN 4.2651`: there a currency before a number is no money. */
static void divide_rate(const struct reader *reader, struct lexer *lexer, struct token *token, uint32_t line_start)
{
    const struct token *line = &reader->tokens[line_start];
    const uint32_t count = reader->count - line_start;
    const bool is_misspelt = count == 3 && line[1].kind == TK_ID && line[2].kind == TK_TO;
    const bool lacks_word = count == 2 && line[0].kind == TK_ID && is_capitals(line[0].text) && line[1].kind == TK_TO;
    const bool is_rate = is_misspelt || lacks_word || (count > 0 && line[0].kind == TK_RATE);
    if (!is_rate || token->mistake != DIAGNOSTIC_MONEY_STYLE || token->text.size < 4) return;
    for (uint32_t i = 0; i < 3; i++) {
        if (token->text.at[i] < 'A' || token->text.at[i] > 'Z') return;
    }
    token->kind = TK_ID;
    token->mistake = 0;
    token->text = text_slice(token->text, 0, 3);
    token->span.end = token->span.start + 3;
    lexer->cursor = token->span.end;
}

/* `place 1 200 EUR`: the number of the place is no part of the money. */
static void divide_place(const struct reader *reader, struct lexer *lexer, struct token *token, uint32_t line_start)
{
    const struct token *line = &reader->tokens[line_start];
    const uint32_t count = reader->count - line_start;
    const bool is_place = (count == 1 || (count == 3 && line[2].kind == TK_TO)) && line[0].kind == TK_PLACE;
    if (!is_place || token->kind != TK_MONEY || token->mistake != DIAGNOSTIC_NUMBER_GROUPS) return;
    uint32_t size = 0;
    while (size < token->text.size && token->text.at[size] >= '0' && token->text.at[size] <= '9') size++;
    if (size == 0 || size == token->text.size || (token->text.at[size] != ' ' && token->text.at[size] != '\t')) return;
    token->kind = TK_NUMBER;
    token->mistake = 0;
    token->text = text_slice(token->text, 0, size);
    token->span.end = token->span.start + size;
    lexer->cursor = token->span.end;
}

/* The whole text as one row of tokens; every line ends in NEWLINE, empty lines are left out. */
static bool read_tokens(struct reader *reader)
{
    struct lexer lexer = {reader->source, 0};
    uint32_t line_start = 0;
    bool own_line = true;
    struct token token;
    while (lexer_next(&token, &lexer)) {
        divide_rate(reader, &lexer, &token, line_start);
        divide_place(reader, &lexer, &token, line_start);
        if (!use_plain_blanks(reader, &token)) return false;
        if (ends_open_text(reader, &token)) {
            reader->count = line_start;
            reader->joint = 0;
            continue;
        }
        if (token.mistake != 0) mend_token(reader, &token);
        if (token.kind == TK_INVALID || is_list_sign(reader, &token, line_start)) continue;
        if (token.kind == TK_COMMENT) {
            if (!keep_comment(reader, &token, own_line)) return false;
            continue;
        }
        if (token.kind == TK_NEWLINE) {
            own_line = true;
            if (reader->count == line_start) continue;
            if (goes_on(reader->tokens[reader->count - 1].kind)) {
                reader->joint = reader->count;
                continue;
            }
            close_group_phrase(reader, line_start);
            join_group(reader, &line_start);
        } else {
            own_line = false;
            if (token.kind == TK_ID) {
                const uint16_t keyword = lexer_keyword(token.text);
                if (keyword != 0) token.kind = keyword;
            }
            join_upward(reader, &token, &line_start);
        }
        if (!keep_token(reader, &token)) return false;
        if (reader->joint != 0 && reader->count == reader->joint + 2) undo_joint(reader, &line_start);
        if (token.kind == TK_NEWLINE) {
            if (!divide_line(reader, line_start)) return false;
            line_start = reader->count;
        } else {
            merge_phrases(reader, line_start);
        }
    }
    if (reader->count > line_start) {
        const uint32_t end = reader->source->text.size;
        close_group_phrase(reader, line_start);
        token = (struct token){TK_NEWLINE, 0, {reader->source->file, end, end}, TEXT("\n")};
        return keep_token(reader, &token) && divide_line(reader, line_start);
    }
    return true;
}

bool lexer_read_lines(struct lexer_lines *out, const struct source *source, struct arena *arena,
                      struct diagnostic_list *diagnostics)
{
    struct reader reader = {.source = source, .arena = arena, .diagnostics = diagnostics, .out = out};
    *out = (struct lexer_lines){0};
    if (!read_tokens(&reader)) return false;
    for (uint32_t i = 0; i < reader.count; i++) out->count += reader.tokens[i].kind == TK_NEWLINE;
    if (out->count == 0) return true;
    out->lines = ARENA_ARRAY(arena, struct lexer_line, out->count);
    if (out->lines == NULL) return false;
    uint32_t start = 0;
    uint32_t line = 0;
    for (uint32_t i = 0; i < reader.count; i++) {
        if (reader.tokens[i].kind != TK_NEWLINE) continue;
        out->lines[line].tokens = &reader.tokens[start];
        out->lines[line].count = i + 1 - start;
        out->lines[line].indent = indent_of(source, reader.tokens[start].span.start);
        start = i + 1;
        line++;
    }
    return true;
}

bool lexer_read_words(struct token *out, uint32_t capacity, uint32_t *count, struct text words, struct span span,
                      struct arena *arena)
{
    const struct source source = {.file = span.file, .text = words};
    struct lexer_lines lines = {0};
    struct reader reader = {.source = &source, .arena = arena, .out = &lines};
    if (!read_tokens(&reader)) return false;
    if (reader.count > 0 && reader.tokens[reader.count - 1].kind == TK_NEWLINE) reader.count--;
    if (reader.count > capacity) return false;
    for (uint32_t i = 0; i < reader.count; i++) {
        out[i] = reader.tokens[i];
        out[i].span = span;
    }
    *count = reader.count;
    return true;
}
