/*
 * repair_attempt: tries single changes to a line.
 *
 * Order of the attempts is order of likelihood: words and habits of other languages, quotes, a near
 * word anywhere up to the refused token, a missing word or phrase, a superfluous word, the one word
 * that fits. Every attempt is judged by the grammar itself (compiler/grammar_probe.h), so what is
 * suggested always parses.
 */
#include "compiler/repair_attempt.h"

#include <stdio.h>
#include <string.h>

#include "compiler/format_words.h"
#include "compiler/grammar.h"
#include "vm/decimal.h"

/* ---- one attempt ---- */

static struct text token_word(uint16_t kind)
{
    if (kind == TK_COMMA) return TEXT(",");
    const char *word = lexer_word(kind);
    return word == NULL ? (struct text){NULL, 0} : text_of(word);
}

/* ---- attempts ---- */

/* `, else` and `goto` inside a line, `then` after a condition. */
static bool try_foreign(struct repaired_line *out, struct attempt *attempt)
{
    attempt_reset(attempt);
    struct token wrong = {0};
    struct text cure = {NULL, 0};
    for (uint32_t i = 0; i < attempt->count && attempt->count < REPAIR_TOKENS_MAX; i++) {
        const struct token token = attempt->tokens[i];
        const bool is_else = token.kind == TK_ID && text_equal(token.text, TEXT("else"));
        if (token.kind == TK_ID && text_equal(token.text, TEXT("goto"))) {
            attempt_replace(attempt, i, TK_GO, TEXT("go"));
            attempt_insert(attempt, i + 1, TK_TO, TEXT("to"));
            cure = TEXT("go to");
        } else if (is_else && i > 0 && attempt->tokens[i - 1].kind == TK_COMMA) {
            attempt_replace(attempt, i - 1, TK_COMMA_OTHERWISE, TEXT(", otherwise"));
            attempt_delete(attempt, i, 1);
            cure = TEXT(", otherwise");
        } else if ((is_else || token.kind == TK_OTHERWISE) && i > 0) {
            attempt_replace(attempt, i, TK_COMMA_OTHERWISE, TEXT(", otherwise"));
            cure = TEXT(", otherwise");
        } else if (token.kind == TK_THEN) {
            attempt_delete(attempt, i, 1);
            cure = TEXT("");
        } else {
            continue;
        }
        wrong = token;
        if (attempt_passes(attempt)) break;
    }
    if (wrong.kind == 0 || !attempt_passes(attempt)) return false;
    if (cure.size == 0) {
        repair_report(attempt->parser, DIAGNOSTIC_EXTRA_WORD, wrong.span, wrong.text, attempt_line(attempt, 0),
                      TEXT(""));
    } else if (wrong.kind == TK_OTHERWISE) {
        repair_report(attempt->parser, DIAGNOSTIC_MISSING_WORD, wrong.span, TEXT(","), cure, TEXT(""));
    } else {
        repair_report(attempt->parser, DIAGNOSTIC_FOREIGN_WORD, wrong.span, wrong.text, cure, TEXT(""));
    }
    return attempt_accept(out, attempt);
}

static bool is_plain_word(struct text text)
{
    if (text.size == 0 || !((text.at[0] >= 'a' && text.at[0] <= 'z') || (text.at[0] >= 'A' && text.at[0] <= 'Z')))
        return false;
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
              byte == '_')) {
            return false;
        }
    }
    return true;
}

/* Whether a token may be part of a name that was written without quotes. */
static bool is_name_part(const struct token *token)
{
    switch (token->kind) {
    case TK_ID:
    case TK_NUMBER:
    case TK_SLASH:
    case TK_PATH:
    case TK_MINUS:
    case TK_ONE: return true;
    default: return lexer_may_name(token->kind);
    }
}

/* `send "email" "x"` and `go to Reward`: quotes where none belong, or none where they belong. */
static bool try_quotes(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token token = attempt->line->tokens[at];
    attempt_reset(attempt);
    if (token.kind == TK_STRING && token.text.size > 2) {
        const struct text inside = text_slice(token.text, 1, token.text.size - 2);
        const uint16_t keyword = lexer_keyword(inside);
        attempt_replace(attempt, at, keyword != 0 ? keyword : TK_ID, inside);
        if (!is_plain_word(inside) || !attempt_passes(attempt)) return false;
        repair_report(attempt->parser, DIAGNOSTIC_WORD_WITH_QUOTES, token.span, token.text, inside, TEXT(""));
        return attempt_accept(out, attempt);
    }
    /* The shortest run of words that, quoted, lets the line pass. */
    for (uint32_t run = 1; run <= 6 && at + run < attempt->line->count; run++) {
        if (!is_name_part(&attempt->line->tokens[at + run - 1])) break;
        attempt_reset(attempt);
        const struct span span = span_join(token.span, attempt->line->tokens[at + run - 1].span);
        const struct text name = source_slice(attempt->parser->source, span);
        attempt->tokens[at].span = span;
        attempt_replace(attempt, at, TK_STRING, arena_print(attempt->parser->arena, "\"%.*s\"", TEXT_ARGS(name)));
        attempt_delete(attempt, at + 1, run - 1);
        if (!attempt_passes(attempt)) continue;
        repair_report(attempt->parser, DIAGNOSTIC_NAME_NEEDS_QUOTES, span, name, TEXT(""), TEXT(""));
        return attempt_accept(out, attempt);
    }
    return false;
}

/* ---- habits ---- */

/* One or two words as people write them, and the words of the language for them. */
struct habit {
    const char *words[2];
    const char *cure;
    uint16_t kinds[4];
};

static const struct habit habits[] = {
    {{"max", NULL}, ", at most", {TK_COMMA, TK_AT, TK_MOST}},
    {{"max", NULL}, "at most", {TK_AT, TK_MOST}},
    {{"maximum", NULL}, ", at most", {TK_COMMA, TK_AT, TK_MOST}},
    {{"maximum", NULL}, "at most", {TK_AT, TK_MOST}},
    {{"up", "to"}, ", at most", {TK_COMMA, TK_AT, TK_MOST}},
    {{"up", "to"}, "at most", {TK_AT, TK_MOST}},
    {{"at", "most"}, ", at most", {TK_COMMA, TK_AT, TK_MOST}},
    {{"min", NULL}, ", at least", {TK_COMMA, TK_AT, TK_LEAST}},
    {{"min", NULL}, "at least", {TK_AT, TK_LEAST}},
    {{"minimum", NULL}, "at least", {TK_AT, TK_LEAST}},
    {{"over", NULL}, "more than", {TK_MORE, TK_THAN}},
    {{"above", NULL}, "more than", {TK_MORE, TK_THAN}},
    {{"greater", "than"}, "more than", {TK_MORE, TK_THAN}},
    {{"under", NULL}, "less than", {TK_LESS, TK_THAN}},
    {{"below", NULL}, "less than", {TK_LESS, TK_THAN}},
    {{"in", NULL}, "is one of", {TK_IS, TK_ONE, TK_OF}},
    {{"are", NULL}, "is", {TK_IS}},
    {{"equals", NULL}, "is", {TK_IS}},
    {{"has", NULL}, "contains", {TK_CONTAINS}},
    {{"with", NULL}, "where", {TK_WHERE}},
    {{"if", NULL}, "where", {TK_WHERE}},
    {{"jump", NULL}, "go", {TK_GO}},
    {{"move", NULL}, "go", {TK_GO}},
    {{"continue", "with"}, "go to", {TK_GO, TK_TO}},
    {{"stop", NULL}, "finish", {TK_FINISH}},
    {{"exit", NULL}, "finish", {TK_FINISH}},
    {{"on", NULL}, "when", {TK_WHEN}},
    {{"on", NULL}, "start on", {TK_START, TK_ON}},
    {{"otherwise", NULL}, "when time is up", {TK_WHEN, TK_TIME, TK_IS, TK_UP}},
    {{"timeout", NULL}, "when time is up", {TK_WHEN, TK_TIME, TK_IS, TK_UP}},
    {{"when", "timeout"}, "when time is up", {TK_WHEN, TK_TIME, TK_IS, TK_UP}},
};

/* Whether the words of a habit stand at a place; how many tokens they are. */
static uint32_t habit_size(const struct habit *habit, const struct balanced_line *line, uint32_t at)
{
    if (!text_equal(line->tokens[at].text, text_of(habit->words[0]))) return 0;
    if (habit->words[1] == NULL) return 1;
    return text_equal(line->tokens[at + 1].text, text_of(habit->words[1])) ? 2 : 0;
}

/* A first word that may stand here was meant: what is put before it would make another line of it. */
static bool is_first_kept(const struct attempt *attempt, uint32_t at)
{
    return at == 0 && shape_may_begin(attempt->line->inside, attempt->line->tokens[0].kind);
}

static bool try_habits(struct repaired_line *out, struct attempt *attempt)
{
    const struct balanced_line *line = attempt->line;
    const uint32_t refused = attempt->refused;
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
        for (uint32_t back = 0; back <= 2 && back <= refused; back++) {
            const uint32_t at = refused - back;
            const uint32_t size = habit_size(&habits[i], line, at);
            if (size == 0 || at + size >= line->count || is_first_kept(attempt, at)) continue;
            const struct token wrong = line->tokens[at];
            attempt_reset(attempt);
            attempt_delete(attempt, at, size);
            for (uint32_t k = 4; k-- > 0;) {
                if (habits[i].kinds[k] != 0)
                    attempt_insert(attempt, at, habits[i].kinds[k], token_word(habits[i].kinds[k]));
            }
            if (!attempt_passes_with(attempt, at)) continue;
            const struct span span = span_join(wrong.span, line->tokens[at + size - 1].span);
            repair_report(attempt->parser, DIAGNOSTIC_WRONG_WORD, span, source_slice(attempt->parser->source, span),
                          text_of(habits[i].cure), attempt_line(attempt, at));
            return attempt_accept(out, attempt);
        }
    }
    return false;
}

static const struct text count_words[] = {TEXT_INIT("zero"),  TEXT_INIT("one"),  TEXT_INIT("two"), TEXT_INIT("three"),
                                          TEXT_INIT("four"),  TEXT_INIT("five"), TEXT_INIT("six"), TEXT_INIT("seven"),
                                          TEXT_INIT("eight"), TEXT_INIT("nine"), TEXT_INIT("ten")};

/* `two messages` and `between 9 and 21`: a number where it was a word, a time of day where it was a number. */
static bool try_numbers(struct repaired_line *out, struct attempt *attempt)
{
    attempt_reset(attempt);
    struct token wrong = {0};
    struct text cure = {NULL, 0};
    for (uint32_t at = 0; at < attempt->count; at++) {
        const struct token token = attempt->tokens[at];
        uint16_t kind = 0;
        struct text text = {NULL, 0};
        int64_t hour = 0;
        for (uint32_t i = 1; i < sizeof count_words / sizeof count_words[0]; i++) {
            if (!text_equal(token.text, count_words[i])) continue;
            kind = TK_NUMBER;
            text = arena_print(attempt->parser->arena, "%u", i);
        }
        if (token.kind == TK_NUMBER && decimal_parse(&hour, token.text, 0, NULL) == OK && hour < 24) {
            kind = TK_CLOCK;
            text = arena_print(attempt->parser->arena, "%02d:00", (int)hour);
        }
        if (kind == 0) continue;
        attempt_replace(attempt, at, kind, text);
        if (wrong.kind == 0) {
            wrong = token;
            cure = text;
        }
        if (!attempt_passes(attempt)) continue;
        repair_report(attempt->parser, DIAGNOSTIC_WRONG_WORD, wrong.span, wrong.text, cure, attempt_line(attempt, at));
        return attempt_accept(out, attempt);
    }
    return false;
}

/* `expect email "welcome"` lacks its `send`, `expect 2 messages` and `expect one message` their `exactly`. */
static bool try_expectation(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused - (attempt->refused > 0 ? 1 : 0);
    const struct token before = attempt->line->tokens[at];
    if (attempt->line->tokens[0].kind != TK_EXPECT || at == 0) return false;
    attempt_reset(attempt);
    if (attempt->line->tokens[attempt->refused].kind == TK_STRING && before.kind == TK_ID) {
        attempt_insert(attempt, at, TK_SEND, TEXT("send"));
    } else if (before.kind == TK_NUMBER || before.kind == TK_ONE) {
        if (before.kind == TK_ONE) attempt_replace(attempt, at, TK_NUMBER, TEXT("1"));
        attempt_insert(attempt, at, TK_EXACTLY, TEXT("exactly"));
    } else {
        return false;
    }
    if (!attempt_passes(attempt)) return false;
    repair_report(attempt->parser, DIAGNOSTIC_MISSING_WORD, before.span, attempt->tokens[at].text,
                  attempt_line(attempt, at), TEXT(""));
    return attempt_accept(out, attempt);
}

/* `when deposit.amount is …` is about a deposit: `when deposit where amount is …`. */
static bool try_path(struct repaired_line *out, struct attempt *attempt)
{
    for (uint32_t back = 0; back <= 1 && back <= attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        const struct token path = attempt->line->tokens[at];
        if (path.kind != TK_PATH) continue;
        const uint32_t dot = text_find(path.text, '.', 0);
        attempt_reset(attempt);
        attempt_replace(attempt, at, TK_ID, text_slice(path.text, dot + 1, path.text.size - dot - 1));
        attempt_insert(attempt, at, TK_WHERE, TEXT("where"));
        attempt_insert(attempt, at, TK_ID, text_slice(path.text, 0, dot));
        if (!attempt_passes(attempt)) continue;
        repair_report(attempt->parser, DIAGNOSTIC_WRONG_WORD, path.span, path.text,
                      arena_print(attempt->parser->arena, "%.*s where %.*s", TEXT_ARGS(attempt->tokens[at].text),
                                  TEXT_ARGS(attempt->tokens[at + 2].text)),
                      attempt_line(attempt, at + 1));
        return attempt_accept(out, attempt);
    }
    return false;
}

/* Parentheses belong to formulas; conditions have none. */
static bool try_parentheses(struct repaired_line *out, struct attempt *attempt)
{
    attempt_reset(attempt);
    struct token first = {0};
    uint32_t open = 0;
    uint32_t closed = 0;
    for (uint32_t at = 0; at < attempt->count; at++) {
        open += attempt->tokens[at].kind == TK_LEFT_PAREN;
        closed += attempt->tokens[at].kind == TK_RIGHT_PAREN;
    }
    if (open != closed) return false;
    for (uint32_t at = attempt->count; at-- > 0;) {
        if (attempt->tokens[at].kind != TK_LEFT_PAREN && attempt->tokens[at].kind != TK_RIGHT_PAREN) continue;
        first = attempt->tokens[at];
        attempt_delete(attempt, at, 1);
    }
    if (first.kind == 0 || !attempt_passes(attempt)) return false;
    repair_report(attempt->parser, DIAGNOSTIC_EXTRA_WORD, first.span, first.text, attempt_line(attempt, 0), TEXT(""));
    return attempt_accept(out, attempt);
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
        if (is_first_kept(attempt, at)) continue;
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
            attempt_reset(attempt);
            attempt_replace(attempt, at, kind, candidate);
            if (!attempt_passes_with(attempt, at)) continue;
            best_cost = cost;
            best_at = at;
            best_kind = kind;
        }
    }
    if (best_cost == UINT32_MAX) return false;
    const struct token token = attempt->line->tokens[best_at];
    attempt_reset(attempt);
    attempt_replace(attempt, best_at, best_kind, text_of(lexer_word(best_kind)));
    repair_report(attempt->parser, DIAGNOSTIC_MISSPELT, token.span, token.text, text_of(lexer_word(best_kind)),
                  TEXT(""));
    return attempt_accept(out, attempt);
}

/* Words that people leave out, the likeliest first. */
static const uint16_t left_out[] = {TK_EXACTLY, TK_ARTICLE, TK_IS,      TK_TO,    TK_AS,    TK_ON,      TK_BY,
                                    TK_OF,      TK_AT,      TK_FOR,     TK_PER,   TK_MOST,  TK_LEAST,   TK_UP,
                                    TK_THAN,    TK_AND,     TK_WHERE,   TK_COMMA, TK_TIMES, TK_PLAYERS, TK_PLAYER,
                                    TK_FROM,    TK_IN,      TK_THE,     TK_ZONE,  TK_UNTIL, TK_ONCE,    TK_WITHIN,
                                    TK_AFTER,   TK_WITH,    TK_BETWEEN, TK_LAST,  TK_ONE,   TK_OR};

/* Phrases that people leave out. */
static const uint16_t left_out_phrases[][4] = {
    {TK_AT, TK_MOST},           {TK_ONE, TK_OF},         {TK_PER, TK_PLAYER}, {TK_PLAYERS, TK_WHERE},
    {TK_AFTER, TK_GRANT},       {TK_OF, TK_ID},          {TK_IS, TK_YES},     {TK_FOR, TK_PLAYERS, TK_WHERE},
    {TK_ONLY, TK_BETWEEN},      {TK_EXACTLY, TK_NUMBER}, {TK_IN, TK_THE},     {TK_START, TK_ON},
    {TK_COMMA, TK_AT, TK_MOST},
};

/* What is put for a token that is no keyword: only `of bonus` and `exactly 1` come here. */
static struct text phrase_word(uint16_t kind)
{
    if (kind == TK_ID) return TEXT("bonus");
    if (kind == TK_NUMBER) return TEXT("1");
    return token_word(kind);
}

static void report_missing(struct attempt *attempt, uint32_t at, uint32_t size)
{
    struct span span = attempt->line->tokens[at].span;
    if (attempt->line->tokens[at].kind == TK_NEWLINE && at > 0) {
        span.start = attempt->line->tokens[at - 1].span.end;
        span.end = span.start;
    }
    struct buffer words = BUFFER_EMPTY;
    format_words_write(&words, attempt->tokens, at, at + size);
    if (!buffer_ok(&words)) attempt->parser->arena->failed = true;
    repair_report(attempt->parser, DIAGNOSTIC_MISSING_WORD, span,
                  arena_copy_text(attempt->parser->arena, buffer_as_text(&words)), attempt_line(attempt, at), TEXT(""));
    buffer_deinit(&words);
}

/* Words that would make sense to the grammar alone: `20% of finish`, `amount is player`. */
static bool is_wild_insertion(const struct attempt *attempt, uint32_t at, uint16_t kind)
{
    const uint16_t next = attempt->line->tokens[at].kind;
    if (kind == TK_OF) return lexer_word(next) != NULL;
    if (kind == TK_PLAYER) return next == TK_NEWLINE || next == TK_MINUS || next == TK_PLUS;
    return false;
}

/* One word is missing at the refused token or just before it. */
static bool try_insertion(struct repaired_line *out, struct attempt *attempt)
{
    for (uint32_t back = 0; back <= 1 && back <= attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        if (is_first_kept(attempt, at)) continue;
        for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
            const uint16_t kind = left_out[i];
            if (is_wild_insertion(attempt, at, kind)) continue;
            attempt_reset(attempt);
            attempt_insert(attempt, at, kind, token_word(kind));
            if (!attempt_passes_with(attempt, at)) continue;
            report_missing(attempt, at, 1);
            return attempt_accept(out, attempt);
        }
    }
    return false;
}

/* A phrase of two or three words is missing there. */
static bool try_phrase(struct repaired_line *out, struct attempt *attempt)
{
    for (uint32_t back = 0; back <= 1 && back <= attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        if (is_first_kept(attempt, at)) continue;
        for (size_t i = 0; i < sizeof left_out_phrases / sizeof left_out_phrases[0]; i++) {
            const uint16_t *phrase = left_out_phrases[i];
            uint32_t size = 0;
            while (size < 4 && phrase[size] != 0) size++;
            if (phrase[0] == TK_START && attempt->line->count <= 2) continue;
            if (phrase[0] == TK_COMMA && attempt->line->tokens[at].kind == TK_ID) continue;
            attempt_reset(attempt);
            for (uint32_t k = size; k-- > 0;) attempt_insert(attempt, at, phrase[k], phrase_word(phrase[k]));
            if (!attempt_passes_with(attempt, at)) continue;
            report_missing(attempt, at, size);
            return attempt_accept(out, attempt);
        }
    }
    return false;
}

/* What a line says must never be lost by a repair: amounts, units, names, the words that turn a meaning round. */
static bool is_noise(const struct token *token)
{
    static const char *const meaning[] = {"daily", "weekly", "monthly", "no",    "not", "never",
                                          "first", "last",   "next",    "until", "per"};
    if (token->kind != TK_ID && lexer_word(token->kind) == NULL)
        return token->kind == TK_COMMA || token->kind == TK_COMMA_OTHERWISE;
    for (size_t i = 0; i < sizeof meaning / sizeof meaning[0]; i++) {
        if (text_equal(token->text, text_of(meaning[i]))) return false;
    }
    for (uint32_t i = 0; i < token->text.size; i++) {
        if (token->text.at[i] < 'A' || token->text.at[i] > 'Z') return true;
    }
    return false; /* capitals: a currency or a country */
}

/* The refused token, or the one before it, is too many. */
static bool try_deletion(struct repaired_line *out, struct attempt *attempt)
{
    /* `start on the registration`: a keyword that was taken for a name is the likelier one. */
    const uint32_t refused = attempt->refused;
    if (attempt->line->tokens[refused].kind == TK_NEWLINE) return false;
    const struct text before = refused > 0 ? attempt->line->tokens[refused - 1].text : TEXT("");
    const bool is_article =
        text_equal(before, TEXT("a")) || text_equal(before, TEXT("an")) || text_equal(before, TEXT("the"));
    const bool before_first = refused > 0 && attempt->line->tokens[refused].kind == TK_ID &&
                              (is_article || lexer_word(attempt->line->tokens[refused - 1].kind) != NULL);
    for (uint32_t turn = 0; turn <= 1 && turn <= refused; turn++) {
        const uint32_t at = refused - (before_first ? 1 - turn : turn);
        const struct token token = attempt->line->tokens[at];
        if (at == 0 || token.kind == TK_NEWLINE || attempt->line->count <= 2 || !is_noise(&token)) continue;
        attempt_reset(attempt);
        attempt_delete(attempt, at, 1);
        if (!attempt_passes(attempt)) continue;
        repair_report(attempt->parser, DIAGNOSTIC_EXTRA_WORD, token.span, token.text, attempt_line(attempt, at),
                      TEXT(""));
        return attempt_accept(out, attempt);
    }
    return false;
}

/* Two keywords are too many: `enter at most 2 times per player`. */
static bool try_pair_deletion(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t refused = attempt->refused;
    for (uint32_t turn = 0; turn <= 1 && turn < refused; turn++) {
        const uint32_t at = refused - turn;
        if (at == 0 || at + 2 >= attempt->line->count) continue;
        const struct token *pair = &attempt->line->tokens[at];
        if (lexer_word(pair[0].kind) == NULL || lexer_word(pair[1].kind) == NULL) continue;
        if (pair[0].kind == TK_NOT || pair[0].kind == TK_NO) continue;
        attempt_reset(attempt);
        attempt_delete(attempt, at, 2);
        if (!attempt_passes(attempt)) continue;
        const struct span span = span_join(pair[0].span, pair[1].span);
        repair_report(attempt->parser, DIAGNOSTIC_EXTRA_WORD, span, source_slice(attempt->parser->source, span),
                      attempt_line(attempt, at), TEXT(""));
        return attempt_accept(out, attempt);
    }
    return false;
}

/* Exactly one keyword would let the line pass in place of the refused word. */
static bool try_only_word(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token token = attempt->line->tokens[at];
    const bool is_word = token.kind == TK_ID || lexer_word(token.kind) != NULL;
    if (at == 0 || (!is_word && token.kind != TK_COMMA) || token.kind == TK_NOT) return false;
    uint16_t only = 0;
    for (uint16_t kind = 1; kind <= grammar_token_max(); kind++) {
        if (token_word(kind).size == 0 || (kind == TK_COMMA && token.kind == TK_ID)) continue;
        attempt_reset(attempt);
        attempt_replace(attempt, at, kind, token_word(kind));
        if (!attempt_passes_with(attempt, at)) continue;
        if (only != 0) return false;
        only = kind;
    }
    if (only == 0) return false;
    attempt_reset(attempt);
    attempt_replace(attempt, at, only, token_word(only));
    repair_report(attempt->parser, DIAGNOSTIC_WRONG_WORD, token.span, token.text, token_word(only),
                  attempt_line(attempt, at));
    return attempt_accept(out, attempt);
}

/* The common slips by their words come first: what they say is never a guess by the grammar alone. */
bool repair_attempt(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                    const struct balanced_line *line, uint32_t refused)
{
    static const attempt_change changes[] = {repair_phrase,     repair_form,     try_foreign,   try_quotes,
                                             try_expectation,   try_path,        try_near_word, try_numbers,
                                             try_insertion,     try_habits,      try_phrase,    try_deletion,
                                             try_pair_deletion, try_parentheses, try_only_word};
    struct attempt attempt = {.parser = parser, .start = start, .line = line, .refused = refused};
    const uint32_t said = parser->diagnostics->error_count;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (changes[i](out, &attempt)) return true;
        if (parser->diagnostics->error_count > said) return false;
    }
    return false;
}
