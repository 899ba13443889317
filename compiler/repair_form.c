/*
 * repair_form: slips of form that no single word explains.
 *
 * Two lines in one, lists without commas, a parenthesis that is not closed, a name in two parts, a
 * keyword taken for a name. As everywhere in repair, the grammar judges the mended line.
 */
#include <string.h>

#include "compiler/grammar.h"
#include "compiler/repair_attempt.h"
#include "compiler/stdlib_files.h"

static bool is_name(const struct token *token)
{
    return token->kind == TK_ID || lexer_may_name(token->kind);
}

/* ---- two lines in one ---- */

static bool begins_statement(const struct attempt *attempt, uint32_t at)
{
    const struct token *tokens = attempt->line->tokens;
    switch (tokens[at].kind) {
    case TK_GO: return tokens[at + 1].kind == TK_TO || tokens[at + 1].kind == TK_ON;
    case TK_FINISH: return tokens[at + 1].kind == TK_AS;
    case TK_END: return tokens[at + 1].kind == TK_NEWLINE;
    case TK_NUMBER:
    case TK_PERCENT:
    case TK_OTHERWISE: return false;
    default:
        return shape_may_begin(BLOCK_STEP, tokens[at].kind) || shape_may_begin(attempt->line->inside, tokens[at].kind);
    }
}

static void break_at(struct attempt *attempt, uint32_t at)
{
    attempt_insert(attempt, at, TK_NEWLINE, TEXT("\n"));
}

static bool report_break(struct repaired_line *out, struct attempt *attempt, uint32_t at)
{
    const struct token *token = &attempt->line->tokens[at];
    repair_report(attempt->parser, DIAGNOSTIC_TWO_LINES, token->span, token->text, TEXT(""), TEXT(""));
    return attempt_accept(out, attempt);
}

/* `credit "ten", go to "Spins"`: what may be declined says what happens `otherwise`. */
static bool try_otherwise(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token token = attempt->line->tokens[at];
    if (at == 0 || token.kind != TK_COMMA || !begins_statement(attempt, at + 1)) return false;
    attempt_reset(attempt);
    attempt_replace(attempt, at, TK_COMMA_OTHERWISE, TEXT(", otherwise"));
    if (!attempt_passes(attempt)) return false;
    repair_report(attempt->parser, DIAGNOSTIC_MISSING_WORD, token.span, TEXT("otherwise"), attempt_line(attempt, at),
                  TEXT(""));
    return attempt_accept(out, attempt);
}

/* `send inbox "more" go to "Again"`; in a case, what stands behind `when …` may have to go below it too. */
static bool try_break(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token *tokens = attempt->line->tokens;
    /* `wait 2 days, then send …` and `… and tag loyal`: the joint goes. */
    uint32_t joint = 0;
    while (joint < 2 && (tokens[at + joint].kind == TK_AND || tokens[at + joint].kind == TK_COMMA ||
                         tokens[at + joint].kind == TK_THEN))
        joint++;
    if (at == 0 || !begins_statement(attempt, at + joint)) return false;
    attempt_reset(attempt);
    attempt_delete(attempt, at, joint);
    /* `when 1 then go to …`: without `then` it may stand where it is. */
    if (joint == 1 && tokens[at].kind == TK_THEN && attempt_passes(attempt)) return false;
    break_at(attempt, at);
    if (attempt_passes(attempt)) return report_break(out, attempt, at + joint);
    for (uint32_t body = 1; body < at; body++) {
        if (!begins_statement(attempt, body)) continue;
        attempt_reset(attempt);
        attempt_delete(attempt, at, joint);
        break_at(attempt, at);
        break_at(attempt, body);
        if (attempt_passes(attempt)) return report_break(out, attempt, body);
    }
    return false;
}

bool repair_case(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                 const struct balanced_line *line)
{
    struct attempt attempt = {.parser = parser, .start = start, .line = line, .refused = 0};
    if (line->count > REPAIR_TOKENS_MAX) return false;
    for (uint32_t body = 1; body + 1 < line->count; body++) {
        if (!begins_statement(&attempt, body)) continue;
        attempt_reset(&attempt);
        break_at(&attempt, body);
        if (attempt_passes(&attempt)) return report_break(out, &attempt, body);
    }
    return false;
}

/* ---- lists ---- */

/* `one of GB or IE`: the members of a list stand between commas. */
static bool try_list_words(struct repaired_line *out, struct attempt *attempt)
{
    bool in_list = false;
    struct token wrong = {0};
    attempt_reset(attempt);
    for (uint32_t i = 1; i < attempt->count; i++) {
        in_list = in_list || (attempt->tokens[i].kind == TK_OF && attempt->tokens[i - 1].kind == TK_ONE) ||
                  (attempt->tokens[i].kind == TK_WITH && attempt->tokens[0].kind == TK_DO);
        const uint16_t kind = attempt->tokens[i].kind;
        if (!in_list || (kind != TK_OR && kind != TK_AND)) continue;
        if (wrong.kind == 0) wrong = attempt->tokens[i];
        attempt_replace(attempt, i, TK_COMMA, TEXT(","));
        if (attempt_passes(attempt))
            return attempt_report(out, attempt, DIAGNOSTIC_WRONG_WORD, wrong.span, wrong.text, TEXT(","));
    }
    return false;
}

/* `ranked small big huge`: names in a row are a list. */
static bool try_list_commas(struct repaired_line *out, struct attempt *attempt)
{
    attempt_reset(attempt);
    struct span place = {0};
    uint32_t missing = 0;
    for (uint32_t i = 1; i < attempt->count && attempt->count < REPAIR_TOKENS_MAX; i++) {
        if (i < attempt->refused && missing == 0) continue;
        const struct token before = attempt->tokens[i - 1];
        const struct token token = attempt->tokens[i];
        const bool names = is_name(&before) && is_name(&token);
        const bool texts = before.kind == TK_STRING && token.kind == TK_STRING;
        if (!names && !texts) continue;
        if (missing++ == 0) place = token.span;
        attempt_insert(attempt, i, TK_COMMA, TEXT(","));
        i++;
    }
    if (missing == 0 || !attempt_passes(attempt)) return false;
    repair_report(attempt->parser, DIAGNOSTIC_MISSING_WORD, place, TEXT(","), attempt_line(attempt, 0), TEXT(""));
    return attempt_accept(out, attempt);
}

/* `amount is 10 EUR, method is card`: conditions are joined by `and`. */
static bool try_and(struct repaired_line *out, struct attempt *attempt)
{
    for (uint32_t back = 0; back <= attempt->refused && back <= 4; back++) {
        const uint32_t at = attempt->refused - back;
        const struct token token = attempt->line->tokens[at];
        if (token.kind != TK_COMMA || at == 0) continue;
        attempt_reset(attempt);
        attempt_replace(attempt, at, TK_AND, TEXT("and"));
        if (!attempt_passes(attempt)) continue;
        return attempt_report(out, attempt, DIAGNOSTIC_WRONG_WORD, token.span, token.text, TEXT("and"));
    }
    return false;
}

/* ---- parentheses ---- */

/* One more `(` than `)`: the other stands before the refused token or, if not, anywhere behind the first. */
static bool try_closing(struct repaired_line *out, struct attempt *attempt)
{
    uint32_t open = 0;
    uint32_t closed = 0;
    uint32_t first = 0;
    for (uint32_t i = 0; i < attempt->line->count; i++) {
        const uint16_t kind = attempt->line->tokens[i].kind;
        if (kind == TK_LEFT_PAREN && open++ == 0) first = i;
        closed += kind == TK_RIGHT_PAREN;
    }
    if (open != closed + 1) return false;
    for (uint32_t back = 0; back <= attempt->refused - first && first <= attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        attempt_reset(attempt);
        attempt_insert(attempt, at, TK_RIGHT_PAREN, TEXT(")"));
        if (!attempt_passes(attempt)) continue;
        repair_report(attempt->parser, DIAGNOSTIC_MISSING_WORD, attempt->line->tokens[at].span, TEXT(")"),
                      attempt_line(attempt, at), TEXT(""));
        return attempt_accept(out, attempt);
    }
    return false;
}

/* ---- names ---- */

/* `at-risk` and `phone ok` are one word: `at_risk`. */
static bool try_one_name(struct repaired_line *out, struct attempt *attempt)
{
    const struct token *tokens = attempt->line->tokens;
    const uint16_t head = tokens[0].kind;
    const bool declares = head == TK_ATTRIBUTE || head == TK_FIELD || head == TK_TAKES || head == TK_EVENT ||
                          head == TK_ACTION || head == TK_TAG || head == TK_UNTAG || head == TK_REMEMBER;
    for (uint32_t at = 1; at <= attempt->refused && at + 1 < attempt->line->count; at++) {
        const bool is_word = is_name(&tokens[at]) || lexer_word(tokens[at].kind) != NULL;
        if (!is_word) continue;
        const bool dashed = tokens[at + 1].kind == TK_MINUS && tokens[at].span.end == tokens[at + 1].span.start &&
                            tokens[at + 1].span.end == tokens[at + 2].span.start &&
                            (is_name(&tokens[at + 2]) || lexer_word(tokens[at + 2].kind) != NULL);
        const bool divided = declares && at == 1 && is_name(&tokens[at + 1]);
        if (!dashed && !divided) continue;
        const uint32_t size = dashed ? 3 : 2;
        const struct token *last = &tokens[at + size - 1];
        const struct span span = span_join(tokens[at].span, last->span);
        const struct text name =
            arena_print(attempt->parser->arena, "%.*s_%.*s", TEXT_ARGS(tokens[at].text), TEXT_ARGS(last->text));
        attempt_reset(attempt);
        attempt->tokens[at].span = span;
        attempt_replace(attempt, at, TK_ID, name);
        attempt_delete(attempt, at + 1, size - 1);
        if (!attempt_passes(attempt)) continue;
        return attempt_report(out, attempt, DIAGNOSTIC_WRONG_WORD, span, source_slice(attempt->parser->source, span),
                              name);
    }
    return false;
}

/* Whether `event`, `attribute` or `field` stands before the place, on its line. */
static bool follows_head(struct text all, uint32_t at)
{
    static const char *const heads[] = {"event", "attribute", "field"};
    uint32_t end = at;
    while (end > 0 && all.at[end - 1] == ' ') end--;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        const struct text head = text_of(heads[i]);
        if (end < at && end >= head.size && text_equal(text_slice(all, end - head.size, head.size), head)) return true;
    }
    return false;
}

/* Whether a text declares the word as an event, a field or an attribute. */
static bool is_declared_in(struct text all, struct text word)
{
    uint32_t from = 0;
    while (word.size > 0 && from < all.size) {
        const char *found = memmem(all.at + from, all.size - from, word.at, word.size);
        if (found == NULL) return false;
        const uint32_t at = (uint32_t)(found - all.at);
        const uint32_t end = at + word.size;
        const bool is_whole = end == all.size || all.at[end] == ' ' || all.at[end] == '\n' || all.at[end] == '\r';
        if (is_whole && follows_head(all, at)) return true;
        from = at + 1;
    }
    return false;
}

/* Whether this file or the standard library declares the word. */
static bool is_declared(const struct parser *parser, struct text word)
{
    if (is_declared_in(parser->source->text, word)) return true;
    for (unsigned k = 0; k < stdlib_file_count; k++) {
        if (is_declared_in((struct text){stdlib_files[k].bytes, stdlib_files[k].size}, word)) return true;
    }
    return false;
}

static struct text small_letters(struct arena *arena, struct text text)
{
    char *out = ARENA_ARRAY(arena, char, text.size + 1);
    if (out == NULL) return TEXT("");
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        out[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    out[text.size] = '\0';
    return (struct text){out, text.size};
}

/* `age verified is yes` and `when KYC passed`: two words that together are a declared one. `deposit amount` is a field. */
static bool try_declared_name(struct repaired_line *out, struct attempt *attempt)
{
    struct arena *arena = attempt->parser->arena;
    const struct token *tokens = attempt->line->tokens;
    for (uint32_t back = 0; back <= 2 && back < attempt->refused; back++) {
        const uint32_t at = attempt->refused - back;
        const struct token *before = &tokens[at - 1];
        const bool is_path = before->kind == TK_PATH;
        if ((!is_path && !is_name(before)) || !is_name(&tokens[at])) continue;
        const struct span span = span_join(before->span, tokens[at].span);
        const struct text first = small_letters(arena, before->text);
        const struct text second = small_letters(arena, tokens[at].text);
        const uint32_t dot = is_path ? text_find(first, '.', 0) + 1 : 0;
        const struct text joined = arena_print(arena, "%.*s_%.*s", TEXT_ARGS(first), TEXT_ARGS(second));
        const struct text field = arena_print(arena, "%.*s.%.*s", TEXT_ARGS(first), TEXT_ARGS(second));
        const bool is_word = is_declared(attempt->parser, text_slice(joined, dot, joined.size - dot));
        const bool is_field = !is_path && is_declared(attempt->parser, first) && is_declared(attempt->parser, second);
        for (uint32_t turn = is_word ? 0 : 1; turn < (is_field ? 2U : 1U); turn++) {
            const struct text name = turn == 0 ? joined : field;
            attempt_reset(attempt);
            attempt->tokens[at - 1].span = span;
            attempt_replace(attempt, at - 1, turn == 0 && !is_path ? TK_ID : TK_PATH, name);
            attempt_delete(attempt, at, 1);
            if (!attempt_passes(attempt)) continue;
            return attempt_report(out, attempt, DIAGNOSTIC_WRONG_WORD, span,
                                  source_slice(attempt->parser->source, span), name);
        }
    }
    return false;
}

/* `do open_task with title call the player`: words in a row behind a parameter's name are a text. */
static bool try_text_of_words(struct repaired_line *out, struct attempt *attempt)
{
    const struct token *tokens = attempt->line->tokens;
    if (tokens[0].kind != TK_DO) return false;
    for (uint32_t at = attempt->refused; at > 2 && at + 2 > attempt->refused; at--) {
        uint32_t end = at;
        while (end + 1 < attempt->line->count && (is_name(&tokens[end]) || lexer_word(tokens[end].kind) != NULL)) end++;
        for (; end > at + 1; end--) {
            const struct span span = span_join(tokens[at].span, tokens[end - 1].span);
            const struct text words = source_slice(attempt->parser->source, span);
            attempt_reset(attempt);
            attempt->tokens[at].span = span;
            attempt_replace(attempt, at, TK_STRING, arena_print(attempt->parser->arena, "\"%.*s\"", TEXT_ARGS(words)));
            attempt_delete(attempt, at + 1, end - at - 1);
            if (!attempt_passes(attempt)) continue;
            repair_report(attempt->parser, DIAGNOSTIC_NAME_NEEDS_QUOTES, span, words, TEXT(""), TEXT(""));
            return attempt_accept(out, attempt);
        }
    }
    return false;
}

/* `takes when text up to 20`: a keyword of conditions is no name. */
static bool try_keyword_name(struct repaired_line *out, struct attempt *attempt)
{
    const uint32_t at = attempt->refused;
    const struct token token = attempt->line->tokens[at];
    const uint16_t head = attempt->line->tokens[0].kind;
    const bool declares = head == TK_ATTRIBUTE || head == TK_FIELD || head == TK_TAKES || head == TK_EVENT ||
                          head == TK_ACTION || head == TK_REMEMBER || head == TK_TAG || head == TK_DO ||
                          head == TK_BRAND || head == TK_CHANNEL || head == TK_PRODUCT;
    if (at == 0 || !declares || lexer_word(token.kind) == NULL || lexer_may_name(token.kind)) return false;
    attempt_reset(attempt);
    attempt_replace(attempt, at, TK_ID, token.text);
    if (!attempt_passes(attempt)) return false;
    repair_report(attempt->parser, DIAGNOSTIC_RESERVED_NAME, token.span, token.text, TEXT(""), TEXT(""));
    return attempt_accept(out, attempt);
}

bool repair_form(struct repaired_line *out, struct attempt *attempt)
{
    static const attempt_change changes[] = {
        try_otherwise,     try_break,         try_list_words,   try_closing,     try_one_name,
        try_declared_name, try_text_of_words, try_keyword_name, try_list_commas, try_and};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (changes[i](out, attempt)) return true;
    }
    return false;
}
