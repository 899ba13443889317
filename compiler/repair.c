/*
 * repair: finds out what is wrong with a line and says so.
 *
 * First the constructs of later versions, then single changes (compiler/repair_attempt.c), then
 * what may stand at the place, with a line of the same kind as a model (spec/forms.def).
 */
#include "compiler/repair.h"

#include <stdio.h>

#include "compiler/grammar.h"
#include "compiler/later.h"
#include "compiler/repair_attempt.h"
#include "vm/limits.h"

/* ATTEMPT_LINES_MAX keeps the time for a file of nothing but mistakes short. */
enum { ATTEMPT_LINES_MAX = 64, EXPECTED_MAX = 8, NAMES_TRIED_MAX = 4, NAMES_MAX = 3 };

/* ---- probing ---- */

static bool feed(struct grammar_probe *probe, uint16_t kind, uint16_t *taken)
{
    *taken = kind;
    if (grammar_probe_feed(probe, kind)) return true;
    if (probe->overflowed || !lexer_may_name(kind)) return false;
    *taken = TK_ID;
    return grammar_probe_feed(probe, TK_ID);
}

uint32_t repair_probe_line(struct grammar_probe *probe, const struct token *tokens, uint32_t count, uint16_t *kinds)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!feed(probe, tokens[i].kind, &kinds[i])) return i;
    }
    return count;
}

/* As repair_probe_line, with some tokens read as names. */
static uint32_t probe_with_names(struct grammar_probe *probe, const struct token *tokens, uint32_t count,
                                 const uint32_t *names, uint32_t name_count, uint16_t *kinds)
{
    for (uint32_t i = 0; i < count; i++) {
        bool is_name = false;
        for (uint32_t j = 0; j < name_count; j++) is_name = is_name || names[j] == i;
        kinds[i] = TK_ID;
        if (is_name ? !grammar_probe_feed(probe, TK_ID) : !feed(probe, tokens[i].kind, &kinds[i])) return i;
    }
    return count;
}

bool repair_probe_with_names(const struct grammar_probe *start, const struct token *tokens, uint32_t count,
                             uint32_t refused, uint16_t *kinds)
{
    uint32_t names[NAMES_MAX] = {0};
    for (uint32_t known = 0; known < NAMES_MAX; known++) {
        uint32_t best = refused;
        for (uint32_t back = 1; back <= NAMES_TRIED_MAX && back < refused; back++) {
            const uint16_t kind = tokens[refused - back].kind;
            /* `expect no finish because …` lacks something; nobody calls an event `finish`. */
            if (!lexer_may_name(kind) || shape_may_begin(BLOCK_STEP, kind)) continue;
            struct grammar_probe probe = *start;
            const uint32_t before = names[known];
            names[known] = refused - back;
            const uint32_t reached = probe_with_names(&probe, tokens, count, names, known + 1, kinds);
            if (reached == count) return true;
            if (reached > best) {
                best = reached;
            } else {
                names[known] = before;
            }
        }
        if (best == refused) return false;
        refused = best;
    }
    return false;
}

void repair_report(struct parser *parser, enum diagnostic_code code, struct span span, struct text one, struct text two,
                   struct text three)
{
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, code, span, one, two, three);
}

/* ---- lines of later versions ---- */

static bool report_later(struct parser *parser, const struct balanced_line *line)
{
    const char *shown = later_line(line->inside, line->tokens, line->count);
    if (shown == NULL) return false;
    repair_report(parser, DIAGNOSTIC_LATER_VERSION, line->tokens[0].span, text_of(shown), TEXT("the line was left out"),
                  TEXT(""));
    return true;
}

/* ---- what may stand at a place ---- */

static const struct {
    uint16_t kind;
    const char *words;
} token_phrases[] = {
    {TK_STRING, "a name between double quotes"},
    {TK_ID, "a word"},
    {TK_NUMBER, "a number such as 3"},
    {TK_MONEY, "an amount such as `20 EUR`"},
    {TK_PERCENT, "a percentage such as `50%`"},
    {TK_MULTIPLE, "a multiple such as `10x`"},
    {TK_DURATION, "a duration such as `3 days`"},
    {TK_DATE, "a date such as `2026-12-01`"},
    {TK_CLOCK, "a time of day such as `09:00`"},
    {TK_PATH, "a field such as `deposit.amount`"},
    {TK_RIGHT_PAREN, "`)`"},
    {TK_COMMA, "`,`"},
    {TK_COMMA_OTHERWISE, "`, otherwise`"},
    {TK_PLAYERS_OWN, "`player's`"},
    {TK_ALL_OF, "`all of`"},
    {TK_ANY_OF, "`any of`"},
    {TK_NEWLINE, "the end of the line"},
};

static bool is_value_token(uint16_t kind)
{
    switch (kind) {
    case TK_ID:
    case TK_NUMBER:
    case TK_MONEY:
    case TK_PRICES:
    case TK_PERCENT:
    case TK_MULTIPLE:
    case TK_DURATION:
    case TK_DATE:
    case TK_CLOCK:
    case TK_PATH:
    case TK_STRING:
    case TK_YES:
    case TK_NO:
    case TK_NONE:
    case TK_PLAYER:
    case TK_LEFT_PAREN: return true;
    default: return false;
    }
}

static bool may_stand(const struct grammar_probe *probe, uint16_t kind)
{
    struct grammar_probe copy = *probe;
    return grammar_probe_feed(&copy, kind);
}

/* All that may stand where the probe is, in words. */
static struct text expected_words(struct parser *parser, const struct grammar_probe *probe)
{
    struct text text = {"", 0};
    uint32_t count = 0;
    const bool any_value = may_stand(probe, TK_MONEY) && may_stand(probe, TK_ID) && may_stand(probe, TK_STRING);
    const bool any_comparison = may_stand(probe, TK_IS) && may_stand(probe, TK_EQUAL);
    if (any_value) {
        text = TEXT("a value");
        count++;
    }
    for (size_t i = 0; i < sizeof token_phrases / sizeof token_phrases[0]; i++) {
        const uint16_t kind = token_phrases[i].kind;
        if ((any_value && is_value_token(kind)) || !may_stand(probe, kind)) continue;
        text = arena_print(parser->arena, "%.*s%s%s", TEXT_ARGS(text), count == 0 ? "" : ", ", token_phrases[i].words);
        count++;
    }
    for (uint16_t kind = 1; kind <= grammar_token_max(); kind++) {
        const char *word = lexer_word(kind);
        if (word == NULL || (any_value && is_value_token(kind)) || !may_stand(probe, kind)) continue;
        if (any_comparison && kind != TK_IS && kind != TK_CONTAINS && count > 4) continue;
        if (count >= EXPECTED_MAX) {
            return arena_print(parser->arena, "%.*s …", TEXT_ARGS(text));
        }
        text = arena_print(parser->arena, "%.*s%s`%s`", TEXT_ARGS(text), count == 0 ? "" : ", ", word);
        count++;
    }
    if (count == 0) return TEXT("nothing");
    return text;
}

/* ---- a line of the same kind as a model ---- */

static const struct {
    enum block_kind inside;
    uint16_t first;
    const char *model;
} forms[] = {
#define FORM(block, word, model) {BLOCK_##block, TK_##word, model},
#include "spec/forms.def"
#undef FORM
};

/* How many of the model's words the line has. */
static uint32_t shared_words(struct parser *parser, const struct balanced_line *line, const char *model)
{
    struct token words[REPAIR_TOKENS_MAX];
    uint32_t count = 0;
    uint32_t shared = 0;
    if (!lexer_read_words(words, REPAIR_TOKENS_MAX, &count, text_of(model), line->tokens[0].span, parser->arena))
        return 0;
    for (uint32_t i = 1; i < count; i++) {
        bool is_there = false;
        bool was_counted = false;
        for (uint32_t j = 1; j < i; j++) was_counted = was_counted || words[j].kind == words[i].kind;
        if (was_counted && lexer_word(words[i].kind) != NULL) continue;
        for (uint32_t j = 1; j + 1 < line->count && !is_there; j++) {
            const bool is_word = lexer_word(words[i].kind) != NULL && words[i].kind == line->tokens[j].kind;
            const bool is_near = words[i].text.size > 4 && text_distance(words[i].text, line->tokens[j].text, 1) <= 1;
            is_there = is_word || is_near;
        }
        shared += is_there;
    }
    return shared;
}

/* The model for lines that begin with a word in a block, the likest of several; NULL for none. */
static const char *find_form(struct parser *parser, const struct balanced_line *line, enum block_kind inside,
                             uint16_t first)
{
    const char *best = NULL;
    uint32_t best_shared = 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (forms[i].inside != inside || forms[i].first != first) continue;
        const uint32_t shared = shared_words(parser, line, forms[i].model);
        if (best != NULL && shared <= best_shared) continue;
        best = forms[i].model;
        best_shared = shared;
    }
    return best;
}

static const char *form_of(struct parser *parser, const struct balanced_line *line, uint32_t refused)
{
    const uint16_t first = line->tokens[0].kind;
    enum block_kind inside = line->inside;
    if (inside == BLOCK_TERMS) inside = BLOCK_OFFER;
    if (inside == BLOCK_TEST_REPEAT) inside = BLOCK_TEST;
    const uint16_t wrong = line->tokens[refused].kind;
    const bool waits_for_event =
        first == TK_WAIT && (line->opens == BLOCK_WAIT || wrong == TK_FOR || wrong == TK_ON || wrong == TK_WHEN);
    if (waits_for_event) return find_form(parser, line, BLOCK_STEP, TK_WAIT_UP);
    const char *form = find_form(parser, line, inside, first);
    if (form == NULL && shape_is_campaign(inside)) form = find_form(parser, line, BLOCK_CAMPAIGN, first);
    if (form == NULL && (shape_is_statements(inside) || inside == BLOCK_LEVELS))
        form = find_form(parser, line, BLOCK_STEP, first);
    if (form == NULL && inside == BLOCK_PRIZES) form = find_form(parser, line, BLOCK_OFFER, first);
    if (form == NULL && (inside == BLOCK_OFFER || inside == BLOCK_MESSAGE))
        form = find_form(parser, line, inside, TK_ID);
    return form;
}

/* What may stand at a place and, where there is one, a whole line to go by. */
static struct text expected_with_form(struct parser *parser, const struct grammar_probe *at,
                                      const struct balanced_line *line, uint32_t refused)
{
    const struct text expected = expected_words(parser, at);
    const char *form = form_of(parser, line, refused);
    if (form == NULL) return expected;
    const char *rest = line->opens == BLOCK_TOP ? "" : ", with its lines below and `end` after them";
    return arena_print(parser->arena, "%.*s; for example `%s`%s", TEXT_ARGS(expected), form, rest);
}

/* `wait for friday` is about a time, however it is written. */
static bool is_day_word(struct text word)
{
    static const char *const words[] = {"monday",   "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
                                        "midnight", "noon",    "tomorrow",  "business", "next",   "the",      "a"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_equal(word, text_of(words[i]))) return true;
    }
    return false;
}

/* `ask "vip-team" for approval by 2 people` lacks how long the answer is waited for. */
static bool report_ask(struct parser *parser, const struct balanced_line *line)
{
    if (line->count < 5 || line->tokens[1].kind != TK_STRING || line->tokens[2].kind != TK_FOR) return false;
    for (uint32_t i = 3; i < line->count; i++) {
        if (line->tokens[i].kind == TK_DURATION || line->tokens[i].kind == TK_COMMA) return false;
    }
    const struct span span = span_join(line->tokens[0].span, line->tokens[line->count - 2].span);
    const struct text help =
        arena_print(parser->arena, "write `%.*s, up to 24 hours`", TEXT_ARGS(source_slice(parser->source, span)));
    repair_report(parser, DIAGNOSTIC_WAIT_WITHOUT_LIMIT, line->tokens[0].span, help, TEXT(""), TEXT(""));
    return true;
}

/* `repeat` without a count and `wait` without a time: what they lack is a limit, whatever else may stand there. */
static bool report_unlimited(struct parser *parser, const struct balanced_line *line)
{
    const struct token *first = &line->tokens[0];
    const struct token *second = &line->tokens[1];
    if (!shape_is_statements(line->inside)) return false;
    if (first->kind == TK_ASK) return report_ask(parser, line);
    for (uint32_t i = 1; i < line->count; i++) {
        const uint16_t kind = line->tokens[i].kind;
        if (kind == TK_NUMBER || kind == TK_DURATION || kind == TK_CLOCK || kind == TK_DATE || kind == TK_WHERE) {
            if (first->kind == TK_REPEAT || kind != TK_WHERE) return false;
            break;
        }
    }
    if (first->kind == TK_REPEAT) {
        repair_report(parser, DIAGNOSTIC_REPEAT_WITHOUT_COUNT, first->span, TEXT(""), TEXT(""), TEXT(""));
        return true;
    }
    const bool is_wait = first->kind == TK_WAIT || first->kind == TK_WAIT_UP;
    const bool has_event = (second->kind == TK_FOR || second->kind == TK_ON || second->kind == TK_WHEN) &&
                           line->count > 3 && line->tokens[2].kind == TK_ID && !is_day_word(line->tokens[2].text);
    if (!is_wait || (second->kind != TK_NEWLINE && !has_event)) return false;
    const struct text help =
        has_event
            ? arena_print(parser->arena,
                          "write `wait up to 3 days`, below it the lines `when %.*s …` and `when time is up …`, "
                          "and `end`",
                          TEXT_ARGS(line->tokens[2].text))
            : TEXT("write `wait 3 days`, or `wait up to 3 days` with lines `when …` and `when time is up …` below");
    repair_report(parser, DIAGNOSTIC_WAIT_WITHOUT_LIMIT, first->span, help, TEXT(""), TEXT(""));
    return true;
}

static void report_unexpected(struct parser *parser, const struct grammar_probe *at, const struct balanced_line *line,
                              uint32_t refused)
{
    const struct token *token = &line->tokens[refused];
    if (refused == 0) {
        repair_report(parser, DIAGNOSTIC_UNKNOWN_LINE, token->span, token->text,
                      text_of(shape_block_name(line->inside)),
                      shape_first_words(line->inside, token->kind, parser->arena));
        return;
    }
    const struct text expected = expected_with_form(parser, at, line, refused);
    if (token->kind == TK_NEWLINE) {
        const struct token *last = &line->tokens[refused - 1];
        repair_report(parser, DIAGNOSTIC_LINE_ENDS_EARLY, last->span, last->text, expected, TEXT(""));
        return;
    }
    repair_report(parser, DIAGNOSTIC_UNEXPECTED, token->span, token->text, expected, TEXT(""));
}

bool repair_line(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                 const struct balanced_line *line, uint32_t refused)
{
    struct grammar_probe at = *start;
    uint16_t taken;
    for (uint32_t i = 0; i < refused; i++) (void)feed(&at, line->tokens[i].kind, &taken);
    if (feed(&at, line->tokens[refused].kind, &taken) == false && at.overflowed) {
        char limit[16];
        (void)snprintf(limit, sizeof limit, "%d", LIMIT_NESTING);
        repair_report(parser, DIAGNOSTIC_TOO_DEEP, line->tokens[refused].span, text_of(limit), TEXT(""), TEXT(""));
        return false;
    }
    if (report_later(parser, line)) return false;
    const struct span span = line->tokens[refused].span;
    const bool waits_for_event =
        line->tokens[0].kind == TK_WAIT &&
        (line->tokens[1].kind == TK_FOR || line->tokens[1].kind == TK_WHEN || line->tokens[1].kind == TK_ON);
    if (waits_for_event && report_unlimited(parser, line)) return false;
    const bool may_add = diagnostics_may_add_to_line(parser->diagnostics, span);
    if (line->count <= REPAIR_TOKENS_MAX && may_add && parser->attempt_count < ATTEMPT_LINES_MAX) {
        const uint32_t said = parser->diagnostics->error_count;
        parser->attempt_count++;
        if (repair_attempt(out, parser, start, line, refused)) return true;
        if (parser->diagnostics->error_count > said) return false;
    }
    if (report_unlimited(parser, line)) return false;
    report_unexpected(parser, &at, line, refused);
    return false;
}
