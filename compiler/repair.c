/*
 * repair: tries single changes to a line and words the report.
 *
 * Order of the attempts is order of likelihood: words of other languages, quotes, a near word
 * anywhere up to the refused token, a missing word, a superfluous word, the one word that fits.
 * Every attempt is judged by the grammar itself (compiler/grammar_probe.h), so a suggestion always
 * parses. Lines longer than ATTEMPT_TOKENS_MAX are reported without attempts.
 */
#include "compiler/repair.h"

#include <stdio.h>
#include <string.h>

#include "compiler/grammar.h"
#include "vm/limits.h"

/* ATTEMPT_LINES_MAX keeps the time for a file of nothing but mistakes short. */
enum { ATTEMPT_TOKENS_MAX = 64, ATTEMPT_LINES_MAX = 64, EXPECTED_MAX = 10 };

/* ---- probing ---- */

static bool feed(struct grammar_probe *probe, uint16_t kind, uint16_t *taken)
{
    *taken = kind;
    if (grammar_probe_feed(probe, kind)) return true;
    if (probe->overflowed || !lexer_may_name(kind)) return false;
    *taken = TK_ID;
    return grammar_probe_feed(probe, TK_ID);
}

uint32_t repair_probe_line(struct grammar_probe *probe, const struct token *tokens, uint32_t count,
                           uint16_t *kinds)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!feed(probe, tokens[i].kind, &kinds[i])) return i;
    }
    return count;
}

/* ---- one attempt ---- */

struct attempt {
    struct parser *parser;
    const struct grammar_probe *start;
    const struct balanced_line *line;
    uint32_t refused;
    struct token tokens[ATTEMPT_TOKENS_MAX + 8];
    uint32_t count;
};

static bool passes(const struct attempt *attempt)
{
    uint16_t kinds[ATTEMPT_TOKENS_MAX + 8];
    struct grammar_probe probe = *attempt->start;
    return repair_probe_line(&probe, attempt->tokens, attempt->count, kinds) == attempt->count;
}

/* The same, and the word put at a place is taken for itself, not for a name. */
static bool passes_with(const struct attempt *attempt, uint32_t at)
{
    uint16_t kinds[ATTEMPT_TOKENS_MAX + 8];
    struct grammar_probe probe = *attempt->start;
    return repair_probe_line(&probe, attempt->tokens, attempt->count, kinds) == attempt->count &&
           kinds[at] == attempt->tokens[at].kind;
}

static void reset(struct attempt *attempt)
{
    memcpy(attempt->tokens, attempt->line->tokens, attempt->line->count * sizeof(struct token));
    attempt->count = attempt->line->count;
}

static void insert_at(struct attempt *attempt, uint32_t at, uint16_t kind, struct text text)
{
    const struct span before = attempt->tokens[at].span;
    memmove(&attempt->tokens[at + 1], &attempt->tokens[at], (attempt->count - at) * sizeof(struct token));
    attempt->tokens[at] = (struct token){kind, 0, {before.file, before.start, before.start}, text};
    attempt->count++;
}

static void delete_at(struct attempt *attempt, uint32_t at, uint32_t how_many)
{
    memmove(&attempt->tokens[at], &attempt->tokens[at + how_many],
            (attempt->count - at - how_many) * sizeof(struct token));
    attempt->count -= how_many;
}

static void replace_at(struct attempt *attempt, uint32_t at, uint16_t kind, struct text text)
{
    attempt->tokens[at].kind = kind;
    attempt->tokens[at].text = text;
}

static bool accept(struct repaired_line *out, const struct attempt *attempt)
{
    out->tokens = arena_copy(attempt->parser->arena, attempt->tokens, attempt->count * sizeof(struct token));
    out->count = attempt->count;
    return out->tokens != NULL;
}

/* Part of the mended line around a token, as the author should write it. */
static struct text shown_line(const struct attempt *attempt, uint32_t around)
{
    struct arena *arena = attempt->parser->arena;
    uint32_t first = 0;
    uint32_t last = attempt->count - 1;
    uint32_t size = 0;
    for (uint32_t i = 0; i < last; i++) size += attempt->tokens[i].text.size + 1;
    if (size > 72) {
        first = around > 2 ? around - 2 : 0;
        last = around + 3 < last ? around + 3 : last;
    }
    struct text text = {"", 0};
    for (uint32_t i = first; i < last; i++) {
        const struct token *token = &attempt->tokens[i];
        const bool is_comma = token->kind == TK_COMMA || token->kind == TK_COMMA_OTHERWISE;
        text = arena_print(arena, "%.*s%s%.*s", TEXT_ARGS(text), text.size == 0 || is_comma ? "" : " ",
                           TEXT_ARGS(token->text));
    }
    return text;
}

static void report(struct parser *parser, enum diagnostic_code code, struct span span, struct text one,
                   struct text two, struct text three)
{
    parser->is_broken = true;
    DIAGNOSE(parser->diagnostics, code, span, one, two, three);
}

/* ---- lines of later versions ---- */

struct later_line {
    enum block_kind inside;
    const char *first;
    const char *second;   /* NULL: any */
    const char *shown;
};

static const struct later_line later_lines[] = {
    {BLOCK_CAMPAIGN, "group", NULL, "group"},
    {BLOCK_CAMPAIGN, "metric", NULL, "metric"},
    {BLOCK_CAMPAIGN, "order", NULL, "order by"},
    {BLOCK_CAMPAIGN, "codes", NULL, "codes"},
    {BLOCK_CAMPAIGN, "hold", NULL, "hold"},
    {BLOCK_CAMPAIGN, "start", "every", "start every"},
    {BLOCK_CAMPAIGN, "start", "after", "start after"},
    {BLOCK_CAMPAIGN, "start", "on", "start on entering"},
    {BLOCK_POLICY, "order", NULL, "order messages"},
    {BLOCK_POLICY, "group", NULL, "group"},
    {BLOCK_POLICY, "hold", NULL, "hold out"},
    {BLOCK_BUDGET, "per", "run", "per run"},
    {BLOCK_BUDGET, "when", "empty", "stop the run"},
    {BLOCK_OFFER, "counts", NULL, "counts"},
    {BLOCK_OFFER, "stake", NULL, "stake"},
    {BLOCK_OFFER, "queue", NULL, "queue"},
    {BLOCK_OFFER, "cancel", "on", "cancel on"},
    {BLOCK_OFFER, "revoke", "on", "revoke on"},
    {BLOCK_OFFER, "claim", NULL, "claim"},
    {BLOCK_OFFER, "grant", NULL, "grant"},
    {BLOCK_OFFER, "use", NULL, "use"},
    {BLOCK_OFFER, "refund", NULL, "refund"},
    {BLOCK_OFFER, "short", NULL, "short"},
    {BLOCK_STEP, "cancel", NULL, "cancel"},
    {BLOCK_STEP, "freeze", NULL, "freeze"},
    {BLOCK_STEP, "release", NULL, "release"},
    {BLOCK_STEP, "give", NULL, "give"},
    {BLOCK_STEP, "tell", NULL, "tell"},
    {BLOCK_TEST, "given", "code", "given code"},
};

static bool is_word(const struct token *token, const char *word)
{
    return word == NULL || text_equal(token->text, text_of(word));
}

static bool report_later(struct parser *parser, const struct balanced_line *line)
{
    enum block_kind inside = line->inside;
    if (inside == BLOCK_TERMS) inside = BLOCK_OFFER;
    if (inside == BLOCK_TEST_REPEAT) inside = BLOCK_TEST;
    if (inside >= BLOCK_STEP && inside <= BLOCK_REPEAT) inside = BLOCK_STEP;
    for (size_t i = 0; i < sizeof later_lines / sizeof later_lines[0]; i++) {
        const struct later_line *later = &later_lines[i];
        if (later->inside != inside || !is_word(&line->tokens[0], later->first)) continue;
        if (!is_word(&line->tokens[1], later->second)) continue;
        if (is_word(&line->tokens[0], "start") && later->second[0] == 'o' &&
            !is_word(&line->tokens[2], "entering") && !is_word(&line->tokens[2], "leaving")) {
            continue;
        }
        if (is_word(&line->tokens[0], "when") && !is_word(&line->tokens[2], "stop")) continue;
        report(parser, DIAGNOSTIC_LATER_VERSION, line->tokens[0].span, text_of(later->shown),
               TEXT("the line was left out"), TEXT(""));
        return true;
    }
    return false;
}

/* ---- attempts ---- */

/* `, else` and `goto` inside a line, `then` after a condition. */
static bool try_foreign(struct repaired_line *out, struct attempt *attempt)
{
    reset(attempt);
    struct token wrong = {0};
    struct text cure = {NULL, 0};
    for (uint32_t i = 0; i < attempt->count && attempt->count < ATTEMPT_TOKENS_MAX; i++) {
        const struct token token = attempt->tokens[i];
        const bool is_else = token.kind == TK_ID && text_equal(token.text, TEXT("else"));
        if (token.kind == TK_ID && text_equal(token.text, TEXT("goto"))) {
            replace_at(attempt, i, TK_GO, TEXT("go"));
            insert_at(attempt, i + 1, TK_TO, TEXT("to"));
            cure = TEXT("go to");
        } else if (is_else && i > 0 && attempt->tokens[i - 1].kind == TK_COMMA) {
            replace_at(attempt, i - 1, TK_COMMA_OTHERWISE, TEXT(", otherwise"));
            delete_at(attempt, i, 1);
            cure = TEXT(", otherwise");
        } else if ((is_else || token.kind == TK_OTHERWISE) && i > 0) {
            replace_at(attempt, i, TK_COMMA_OTHERWISE, TEXT(", otherwise"));
            cure = TEXT(", otherwise");
        } else if (token.kind == TK_THEN) {
            delete_at(attempt, i, 1);
            cure = TEXT("");
        } else {
            continue;
        }
        wrong = token;
        if (passes(attempt)) break;
    }
    if (wrong.kind == 0 || !passes(attempt)) return false;
    if (cure.size == 0) {
        report(attempt->parser, DIAGNOSTIC_EXTRA_WORD, wrong.span, wrong.text, shown_line(attempt, 0), TEXT(""));
    } else if (wrong.kind == TK_OTHERWISE) {
        report(attempt->parser, DIAGNOSTIC_MISSING_WORD, wrong.span, TEXT(","), cure, TEXT(""));
    } else {
        report(attempt->parser, DIAGNOSTIC_FOREIGN_WORD, wrong.span, wrong.text, cure, TEXT(""));
    }
    return accept(out, attempt);
}

static bool is_plain_word(struct text text)
{
    if (text.size == 0 || !((text.at[0] >= 'a' && text.at[0] <= 'z') || (text.at[0] >= 'A' && text.at[0] <= 'Z'))) return false;
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_')) {
            return false;
        }
    }
    return true;
}

/* `send "email" "x"` and `go to Reward`: quotes where none belong, or none where they belong. */
static bool try_quotes(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token token = attempt->line->tokens[at];
    reset(attempt);
    if (token.kind == TK_STRING && token.text.size > 2) {
        const struct text inside = text_slice(token.text, 1, token.text.size - 2);
        replace_at(attempt, at, TK_ID, inside);
        if (!is_plain_word(inside) || !passes(attempt)) return false;
        report(attempt->parser, DIAGNOSTIC_WORD_WITH_QUOTES, token.span, token.text, inside, TEXT(""));
        return accept(out, attempt);
    }
    /* The longest run of words that, quoted, lets the line pass. */
    uint32_t run = 0;
    while (at + run + 1 < attempt->line->count && run < 6 &&
           (attempt->line->tokens[at + run].kind == TK_ID || attempt->line->tokens[at + run].kind == TK_NUMBER ||
            lexer_word(attempt->line->tokens[at + run].kind) != NULL)) {
        run++;
    }
    for (; run > 0; run--) {
        reset(attempt);
        const struct span span = span_join(token.span, attempt->line->tokens[at + run - 1].span);
        const struct text name = source_slice(attempt->parser->source, span);
        attempt->tokens[at].span = span;
        replace_at(attempt, at, TK_STRING, arena_print(attempt->parser->arena, "\"%.*s\"", TEXT_ARGS(name)));
        delete_at(attempt, at + 1, run - 1);
        if (!passes(attempt)) continue;
        report(attempt->parser, DIAGNOSTIC_NAME_NEEDS_QUOTES, span, name, TEXT(""), TEXT(""));
        return accept(out, attempt);
    }
    return false;
}

/* A word up to the refused one that is nearly a keyword. */
static bool try_near_word(struct repaired_line *out, struct attempt *attempt)
{
    uint32_t best_at = 0;
    uint16_t best_kind = 0;
    uint32_t best_cost = UINT32_MAX;
    for (uint32_t back = 0; back <= attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        const struct token *token = &attempt->line->tokens[at];
        if (token->kind != TK_ID && lexer_word(token->kind) == NULL) continue;
        /* A first word that may stand here was meant: another would make another line of it. */
        if (at == 0 && balance_may_begin(attempt->line->inside, token->kind)) continue;
        for (uint16_t kind = 1; kind <= grammar_token_max(); kind++) {
            const char *word = lexer_word(kind);
            if (word == NULL || kind == token->kind) continue;
            const struct text candidate = text_of(word);
            const uint32_t limit = token->text.size <= 3 ? 1 : 2;
            const uint32_t distance = text_distance(token->text, candidate, limit);
            if (distance > limit || distance >= token->text.size) continue;
            /* A word that has a meaning of its own is less likely a slip. */
            const uint32_t cost = distance * 4 + back + (token->kind == TK_ID ? 0 : 3);
            if (cost >= best_cost) continue;
            reset(attempt);
            replace_at(attempt, at, kind, candidate);
            if (!passes_with(attempt, at)) continue;
            best_cost = cost;
            best_at = at;
            best_kind = kind;
        }
    }
    if (best_cost == UINT32_MAX) return false;
    const struct token token = attempt->line->tokens[best_at];
    reset(attempt);
    replace_at(attempt, best_at, best_kind, text_of(lexer_word(best_kind)));
    report(attempt->parser, DIAGNOSTIC_MISSPELT, token.span, token.text, text_of(lexer_word(best_kind)), TEXT(""));
    return accept(out, attempt);
}

static struct text token_word(uint16_t kind)
{
    if (kind == TK_COMMA) return TEXT(",");
    const char *word = lexer_word(kind);
    return word == NULL ? (struct text){NULL, 0} : text_of(word);
}

/* Words that people leave out, the likeliest first. */
static const uint16_t left_out[] = {TK_IS,   TK_TO,   TK_AS,   TK_ON,    TK_BY,     TK_OF,    TK_AT,      TK_FOR,
                                    TK_PER,  TK_MOST, TK_LEAST, TK_UP,   TK_THAN,   TK_AND,   TK_WHERE,   TK_COMMA,
                                    TK_TIMES, TK_PLAYERS, TK_PLAYER, TK_FROM, TK_IN, TK_THE,  TK_ZONE,    TK_UNTIL,
                                    TK_ONCE, TK_WITHIN, TK_AFTER, TK_WITH, TK_BETWEEN, TK_LAST, TK_ONE,   TK_OR};

/* One word is missing at the refused token or just before it. */
static bool try_insertion(struct repaired_line *out, struct attempt *attempt)
{
    for (uint32_t back = 0; back <= 1 && back <= attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
            const uint16_t kind = left_out[i];
            reset(attempt);
            insert_at(attempt, at, kind, token_word(kind));
            if (!passes_with(attempt, at)) continue;
            struct span span = attempt->line->tokens[at].span;
            if (attempt->line->tokens[at].kind == TK_NEWLINE && at > 0) {
                span.start = attempt->line->tokens[at - 1].span.end;
                span.end = span.start;
            }
            report(attempt->parser, DIAGNOSTIC_MISSING_WORD, span, token_word(kind), shown_line(attempt, at), TEXT(""));
            return accept(out, attempt);
        }
    }
    return false;
}

/* The refused token, or the one before it, is too many. */
static bool try_deletion(struct repaired_line *out, struct attempt *attempt)
{
    /* `start on the registration`: a keyword that was taken for a name is the likelier one. */
    const uint32_t refused = attempt->refused;
    if (attempt->line->tokens[refused].kind == TK_NEWLINE) return false;
    const bool before_first = refused > 0 && attempt->line->tokens[refused].kind == TK_ID &&
                              lexer_word(attempt->line->tokens[refused - 1].kind) != NULL;
    for (uint32_t turn = 0; turn <= 1 && turn <= refused; turn++) {
        const uint32_t at = refused - (before_first ? 1 - turn : turn);
        const struct token token = attempt->line->tokens[at];
        if (token.kind == TK_NEWLINE || attempt->line->count <= 2) continue;
        reset(attempt);
        delete_at(attempt, at, 1);
        if (!passes(attempt)) continue;
        report(attempt->parser, DIAGNOSTIC_EXTRA_WORD, token.span, token.text, shown_line(attempt, at), TEXT(""));
        return accept(out, attempt);
    }
    return false;
}

/* Exactly one keyword would let the line pass in place of the refused word. */
static bool try_only_word(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token token = attempt->line->tokens[at];
    if (at == 0 || token.kind == TK_NEWLINE || token.kind == TK_STRING) return false;
    uint16_t only = 0;
    for (uint16_t kind = 1; kind <= grammar_token_max(); kind++) {
        if (token_word(kind).size == 0) continue;
        reset(attempt);
        replace_at(attempt, at, kind, token_word(kind));
        if (!passes_with(attempt, at)) continue;
        if (only != 0) return false;
        only = kind;
    }
    if (only == 0) return false;
    reset(attempt);
    replace_at(attempt, at, only, token_word(only));
    report(attempt->parser, DIAGNOSTIC_WRONG_WORD, token.span, token.text, token_word(only), shown_line(attempt, at));
    return accept(out, attempt);
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
    case TK_ID: case TK_NUMBER: case TK_MONEY: case TK_PRICES: case TK_PERCENT: case TK_MULTIPLE:
    case TK_DURATION: case TK_DATE: case TK_CLOCK: case TK_PATH: case TK_STRING: case TK_YES:
    case TK_NO: case TK_NONE: case TK_PLAYER: case TK_LEFT_PAREN:
        return true;
    default:
        return false;
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

static void report_unexpected(struct parser *parser, const struct grammar_probe *at,
                              const struct balanced_line *line, uint32_t refused)
{
    const struct token *token = &line->tokens[refused];
    if (refused == 0) {
        report(parser, DIAGNOSTIC_UNKNOWN_LINE, token->span, token->text,
               text_of(balance_block_name(line->inside)), balance_first_words(line->inside, parser->arena));
        return;
    }
    const struct text expected = expected_words(parser, at);
    if (token->kind == TK_NEWLINE) {
        const struct token *last = &line->tokens[refused - 1];
        report(parser, DIAGNOSTIC_LINE_ENDS_EARLY, last->span, last->text, expected, TEXT(""));
        return;
    }
    report(parser, DIAGNOSTIC_UNEXPECTED, token->span, token->text, expected, TEXT(""));
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
        report(parser, DIAGNOSTIC_TOO_DEEP, line->tokens[refused].span, text_of(limit), TEXT(""), TEXT(""));
        return false;
    }
    if (report_later(parser, line)) return false;
    const struct span span = line->tokens[refused].span;
    const bool was_reported = diagnostics_has_error_on_line(parser->diagnostics, span);
    if (line->count <= ATTEMPT_TOKENS_MAX && !was_reported && parser->attempt_count < ATTEMPT_LINES_MAX) {
        parser->attempt_count++;
        struct attempt attempt = {.parser = parser, .start = start, .line = line, .refused = refused};
        if (try_foreign(out, &attempt)) return true;
        if (try_quotes(out, &attempt)) return true;
        if (try_near_word(out, &attempt)) return true;
        if (try_insertion(out, &attempt)) return true;
        if (try_deletion(out, &attempt)) return true;
        if (try_only_word(out, &attempt)) return true;
    }
    report_unexpected(parser, &at, line, refused);
    return false;
}
