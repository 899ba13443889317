/*
 * first_word: what a line most likely began with. Next: compiler/shape.h, compiler/balance.c.
 */
#include "compiler/first_word.h"

#include <string.h>

#include "compiler/format_words.h"
#include "compiler/grammar.h"
#include "vm/decimal.h"

struct foreign_word {
    struct text word;
    const char *cure;
    uint16_t kinds[2];
};

static const struct foreign_word foreign_words[] = {
    {TEXT_INIT("else"), "otherwise", {TK_OTHERWISE, 0}},
    {TEXT_INIT("elseif"), "otherwise if", {TK_OTHERWISE, TK_IF}},
    {TEXT_INIT("elsif"), "otherwise if", {TK_OTHERWISE, TK_IF}},
    {TEXT_INIT("elif"), "otherwise if", {TK_OTHERWISE, TK_IF}},
    {TEXT_INIT("endif"), "end", {TK_END, 0}},
    {TEXT_INIT("fi"), "end", {TK_END, 0}},
    {TEXT_INIT("done"), "end", {TK_END, 0}},
    {TEXT_INIT("goto"), "go to", {TK_GO, TK_TO}},
    {TEXT_INIT("case"), "when", {TK_WHEN, 0}},
    {TEXT_INIT("default"), "otherwise", {TK_OTHERWISE, 0}},
    {TEXT_INIT("switch"), "choose by", {TK_CHOOSE, TK_BY}},
};

static void replace_first(struct first_word *context, struct lexer_line *line, const uint16_t kinds[2])
{
    const bool grows = kinds[1] != 0;
    if (!grows) {
        line->tokens[0].kind = kinds[0];
        line->tokens[0].text = text_of(lexer_word(kinds[0]));
        return;
    }
    struct token *tokens = ARENA_ARRAY(context->arena, struct token, line->count + 1);
    if (tokens == NULL) return;
    memcpy(tokens + 1, line->tokens, line->count * sizeof *tokens);
    tokens[0] = line->tokens[0];
    tokens[0].kind = kinds[0];
    tokens[0].text = text_of(lexer_word(kinds[0]));
    tokens[1].kind = kinds[1];
    tokens[1].text = text_of(lexer_word(kinds[1]));
    line->tokens = tokens;
    line->count++;
}

static void report_first(struct first_word *context, enum diagnostic_code code, const struct token *token,
                         struct text cure)
{
    context->has_mistake = true;
    DIAGNOSE(context->diagnostics, code, token->span, token->text, cure);
}

bool first_word_mend_foreign(struct first_word *context, enum block_kind inside, struct lexer_line *line)
{
    struct token *first = &line->tokens[0];
    const struct text second = line->tokens[1].text;
    const bool is_time = line->tokens[1].kind == TK_TIME;
    const bool is_wait_case = inside == BLOCK_WAIT && (line->tokens[2].kind == TK_WHERE || is_time);
    const bool is_ask_case =
        inside == BLOCK_ASK && (is_time || text_equal(second, TEXT("approved")) ||
                                text_equal(second, TEXT("refused")) || text_equal(second, TEXT("answered")));
    if (first->kind == TK_IF && (is_wait_case || is_ask_case)) {
        /* A case, not a block of its own. */
        const struct span span = first->span;
        first->kind = TK_WHEN;
        first->text = TEXT("when");
        struct buffer words = BUFFER_EMPTY;
        format_words_write(&words, line->tokens, 0, line->count - 1);
        if (!buffer_ok(&words)) context->arena->failed = true;
        context->has_mistake = true;
        DIAGNOSE(context->diagnostics, DIAGNOSTIC_WRONG_WORD, span, TEXT("if"), TEXT("when"), buffer_as_text(&words));
        buffer_deinit(&words);
        return true;
    }
    if (first->kind == TK_END && line->tokens[1].kind == TK_AS) {
        report_first(context, DIAGNOSTIC_FOREIGN_WORD,
                     &(struct token){TK_END, 0, span_join(first->span, line->tokens[1].span), TEXT("end as")},
                     TEXT("finish as"));
        first->kind = TK_FINISH;
        first->text = TEXT("finish");
        return true;
    }
    if (first->kind == TK_END && line->count > 2) {
        /* `end if`, `end step`: the rest is noise. */
        context->has_mistake = true;
        DIAGNOSE(context->diagnostics, DIAGNOSTIC_EXTRA_WORD, line->tokens[1].span, line->tokens[1].text, TEXT("end"));
        line->tokens[1] = line->tokens[line->count - 1];
        line->count = 2;
        return true;
    }
    if (first->kind != TK_ID) return false;
    for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
        if (!text_equal(first->text, foreign_words[i].word)) continue;
        const bool has_if = i == 0 && line->tokens[1].kind == TK_IF;
        if (shape_is_comparison(shape_second_kind(line))) return false;
        report_first(context, DIAGNOSTIC_FOREIGN_WORD, first,
                     has_if ? TEXT("otherwise if") : text_of(foreign_words[i].cure));
        replace_first(context, line, foreign_words[i].kinds);
        return true;
    }
    return false;
}

/* Puts a word before a line that lacks its first. */
static void insert_first(struct first_word *context, struct lexer_line *line, uint16_t kind)
{
    const struct text word = kind == TK_WAIT_UP ? TEXT("wait up") : text_of(lexer_word(kind));
    const struct token first = line->tokens[0];
    struct token *tokens = ARENA_ARRAY(context->arena, struct token, (size_t)line->count + 1);
    if (tokens == NULL) return;
    memcpy(tokens + 1, line->tokens, line->count * sizeof *tokens);
    tokens[0] = (struct token){kind, 0, first.span, word};
    line->tokens = tokens;
    line->count++;
    struct buffer words = BUFFER_EMPTY;
    format_words_write(&words, tokens, 0, line->count - 1);
    if (!buffer_ok(&words)) context->arena->failed = true;
    report_first(context, DIAGNOSTIC_MISSING_WORD, &tokens[0], buffer_as_text(&words));
    buffer_deinit(&words);
}

bool first_word_is_line_of(const struct lexer_line *line, enum block_kind kind)
{
    if (shape_is_evidence(kind, line, false)) return true;
    const uint16_t second = line->tokens[1].kind;
    if (line->tokens[0].kind != TK_ID) return false;
    if (kind == BLOCK_MESSAGE) return second == TK_STRING && line->count == 4 && line->tokens[2].kind == TK_STRING;
    const bool is_amount = second == TK_NUMBER || second == TK_MONEY || second == TK_PERCENT || second == TK_PRICES;
    return kind == BLOCK_TERMS && is_amount;
}

/* How many of the next lines up to an `end` are lines of the block. */
uint32_t first_word_lines_of(const struct first_word *context, const struct lexer_line *line, enum block_kind kind)
{
    const uint32_t index = (uint32_t)(line - context->lines->lines);
    uint32_t count = 0;
    for (uint32_t i = index + 1; i < context->lines->count && i < index + 8; i++) {
        if (context->lines->lines[i].tokens[0].kind == TK_END) break;
        if (context->lines->lines[i].indent > context->lines->lines[index + 1].indent) continue;
        if (first_word_is_line_of(&context->lines->lines[i], kind)) count++;
    }
    return count;
}

/* The opener that a line lacks whose blocks are known by their lines; the first that fits best. */
static uint16_t opener_of_lines(const struct first_word *context, enum block_kind inside, const struct lexer_line *line,
                                uint16_t first)
{
    uint16_t best = 0;
    uint32_t best_count = 0;
    for (size_t i = 0; i < shape_count; i++) {
        const struct shape *shape = &shape_rows[i];
        if (!shape_is_of(shape, inside) || shape->opens == BLOCK_TOP || shape->second != first) continue;
        const bool has_kind = shape->word == TK_OFFER;
        if (has_kind != (first == TK_ID && shape_second_kind(line) == TK_STRING)) continue;
        const uint32_t count = first_word_lines_of(context, line, (enum block_kind)shape->opens);
        if (count > best_count) {
            best = shape->word;
            best_count = count;
        }
    }
    return best;
}

/* The channels that most workspaces have. */
static bool is_channel_word(struct text word)
{
    return text_equal(word, TEXT("email")) || text_equal(word, TEXT("sms")) || text_equal(word, TEXT("push")) ||
           text_equal(word, TEXT("inbox")) || text_equal(word, TEXT("chat"));
}

/* `GB  send inbox "hi"` in a `choose`: a value, and what is done for it. */
static bool is_case_without_when(const struct lexer_line *line)
{
    const struct token *first = &line->tokens[0];
    switch (first->kind) {
    case TK_ID:
    case TK_STRING:
    case TK_NUMBER:
    case TK_MONEY:
    case TK_PERCENT:
    case TK_YES:
    case TK_NO: break;
    default: return false;
    }
    switch (shape_second_kind(line)) {
    case TK_SEND:
    case TK_CREDIT:
    case TK_FINISH:
    case TK_GO:
    case TK_TAG:
    case TK_UNTAG:
    case TK_DO: return true;
    case TK_NEWLINE: return first->kind != TK_ID || (first->text.at[0] >= 'A' && first->text.at[0] <= 'Z');
    default: return false;
    }
}

/* The word that a line lacks at its beginning, told by the rest of it and the lines below; 0 for none. */
static uint16_t missing_first_word(const struct first_word *context, enum block_kind inside,
                                   const struct lexer_line *line)
{
    const uint16_t first = line->tokens[0].kind;
    const uint16_t second = shape_second_kind(line);
    const bool ends = second == TK_NEWLINE || second == TK_FROM || second == TK_RENAMED;
    if (inside == BLOCK_TOP && first == TK_FOR && line->count > 4 && line->tokens[2].kind == TK_FROM) return TK_RULES;
    if (inside == BLOCK_TOP || inside == BLOCK_CAMPAIGN) {
        const bool is_name = (first == TK_STRING || first == TK_ID) && ends;
        const bool is_offer = first == TK_ID && second == TK_STRING && line->count == 3;
        return is_name || is_offer ? opener_of_lines(context, inside, line, first) : 0;
    }
    if (inside == BLOCK_TEST || inside == BLOCK_TEST_REPEAT) {
        return first == TK_NUMBER && (second == TK_TIMES || second == TK_TIME) ? TK_REPEAT : 0;
    }
    if (inside == BLOCK_CHOOSE && is_case_without_when(line)) return TK_WHEN;
    if (inside == BLOCK_WAIT) {
        if (first == TK_TIME && second == TK_IS) return TK_WHEN;
        const bool is_timer = text_equal(line->tokens[0].text, TEXT("timeout"));
        if (first == TK_ID && !is_timer && (second == TK_WHERE || second == TK_GO || second == TK_FINISH))
            return TK_WHEN;
    }
    if (!shape_is_statements(inside)) return 0;
    if (first == TK_ID && second == TK_STRING && is_channel_word(line->tokens[0].text)) return TK_SEND;
    if (first == TK_BY) return TK_CHOOSE;
    if (first == TK_AT && second == TK_MOST) return TK_REPEAT;
    if (first == TK_STRING && second == TK_NEWLINE && line + 1 < context->lines->lines + context->lines->count) {
        return line[1].tokens[0].kind == TK_PERCENT ? TK_SPLIT : 0;
    }
    const bool is_property = first == TK_ID && second == TK_OF && line->count > 4;
    if ((first == TK_PATH || first == TK_ID) && shape_is_comparison(second)) return TK_IF;
    return is_property && shape_is_comparison(line->tokens[3].kind) ? TK_IF : 0;
}

/* A line without its first word, where the rest tells which it was. */
static bool mend_missing_word(struct first_word *context, enum block_kind inside, struct lexer_line *line)
{
    if (shape_is_statements(inside) && line->tokens[0].kind == TK_UP && shape_second_kind(line) == TK_TO) {
        report_first(context, DIAGNOSTIC_MISSING_WORD, &(struct token){TK_WAIT, 0, line->tokens[0].span, TEXT("wait")},
                     TEXT("wait up to"));
        line->tokens[0].text = TEXT("wait up");
        line->tokens[0].kind = TK_WAIT_UP;
        return true;
    }
    const uint16_t kind = missing_first_word(context, inside, line);
    if (kind == 0) return false;
    insert_first(context, line, kind);
    return true;
}

/* Puts a token before the one at `at`, in memory of its own. */
static bool insert_token(struct first_word *context, struct lexer_line *line, uint32_t at, uint16_t kind,
                         struct text text)
{
    struct token *tokens = ARENA_ARRAY(context->arena, struct token, (size_t)line->count + 1);
    if (tokens == NULL) return false;
    memcpy(tokens, line->tokens, at * sizeof *tokens);
    memcpy(tokens + at + 1, line->tokens + at, (line->count - at) * sizeof *tokens);
    tokens[at] = (struct token){kind, 0, line->tokens[at].span, text};
    line->tokens = tokens;
    line->count++;
    return true;
}

/* Whether the next line is a case that can only belong to this one. */
static bool has_case_below(const struct first_word *context, enum block_kind inside, const struct lexer_line *line)
{
    if (line + 1 >= context->lines->lines + context->lines->count || line[1].tokens[0].kind != TK_WHEN) return false;
    bool has_cases = inside == BLOCK_WAIT || inside == BLOCK_CHOOSE || inside == BLOCK_ASK || inside == BLOCK_PROGRESS;
    return !has_cases || line[1].indent > line->indent;
}

void first_word_mend_wait(struct first_word *context, enum block_kind inside, struct lexer_line *line)
{
    if (line->tokens[0].kind != TK_WAIT) return;
    if (shape_second_kind(line) == TK_TO) {
        report_first(context, DIAGNOSTIC_MISSING_WORD, &(struct token){TK_UP, 0, line->tokens[1].span, TEXT("up")},
                     TEXT("wait up to"));
        line->tokens[0].kind = TK_WAIT_UP;
        line->tokens[0].text = TEXT("wait up");
        return;
    }
    const bool has_for = shape_second_kind(line) == TK_FOR;
    const struct token duration = line->tokens[has_for ? 2 : 1];
    if (line->count != (has_for ? 4U : 3U) || duration.kind != TK_DURATION || !has_case_below(context, inside, line))
        return;
    if (!has_for && !insert_token(context, line, 1, TK_TO, TEXT("to"))) return;
    line->tokens[1].kind = TK_TO;
    line->tokens[1].text = TEXT("to");
    line->tokens[0].kind = TK_WAIT_UP;
    line->tokens[0].text = TEXT("wait up");
    context->has_mistake = true;
    struct diagnostic *diagnostic =
        DIAGNOSE(context->diagnostics, DIAGNOSTIC_MISSING_WORD, duration.span, TEXT("up to"), TEXT(""));
    diagnostic_set_help(
        context->diagnostics, diagnostic,
        arena_print(context->arena, "`when` follows, so write `wait up to %.*s`", TEXT_ARGS(duration.text)));
}

/* `45` as `45%`, `0.45` as `45%`. */
static struct text percent_of(struct arena *arena, struct text number)
{
    int64_t hundredths = 0;
    const bool is_part = text_starts_with(number, TEXT("0.")) && decimal_parse(&hundredths, number, 4, NULL) == OK;
    if (is_part && hundredths % 100 != 0)
        return arena_print(arena, "%d.%02d%%", (int)hundredths / 100, (int)hundredths % 100);
    if (is_part) return arena_print(arena, "%d%%", (int)hundredths / 100);
    return arena_print(arena, "%.*s%%", TEXT_ARGS(number));
}

void first_word_mend_if(struct first_word *context, enum block_kind inside, struct lexer_line *line)
{
    const bool is_body = inside == BLOCK_STEP || inside == BLOCK_IF || inside == BLOCK_REPEAT;
    if (!is_body || line->tokens[0].kind != TK_WHEN || line->tokens[1].kind != TK_PATH) return;
    if (!shape_is_comparison(line->tokens[2].kind)) return;
    const struct span rest = span_join(line->tokens[1].span, line->tokens[line->count - 2].span);
    context->has_mistake = true;
    DIAGNOSE(context->diagnostics, DIAGNOSTIC_WRONG_WORD, line->tokens[0].span, TEXT("when"), TEXT("if"),
             arena_print(context->arena, "if %.*s", TEXT_ARGS(source_slice(context->source, rest))));
    line->tokens[0].kind = TK_IF;
    line->tokens[0].text = TEXT("if");
}

void first_word_mend_arm(struct first_word *context, struct lexer_line *line)
{
    struct token *tokens = line->tokens;
    const bool is_turned = tokens[0].kind == TK_STRING && (tokens[1].kind == TK_PERCENT || tokens[1].kind == TK_NUMBER);
    const bool lacks_sign = tokens[0].kind == TK_NUMBER && tokens[1].kind == TK_STRING;
    if (!is_turned && !lacks_sign) return;
    const struct span span = span_join(tokens[0].span, tokens[1].span);
    const struct text written = source_slice(context->source, span);
    if (is_turned) {
        const struct token name = tokens[0];
        tokens[0] = tokens[1];
        tokens[1] = name;
    }
    if (tokens[0].kind == TK_NUMBER) tokens[0].text = percent_of(context->arena, tokens[0].text);
    tokens[0].kind = TK_PERCENT;
    const struct text cure =
        arena_print(context->arena, "%.*s %.*s", TEXT_ARGS(tokens[0].text), TEXT_ARGS(tokens[1].text));
    context->has_mistake = true;
    DIAGNOSE(context->diagnostics, DIAGNOSTIC_WRONG_WORD, span, written, cure, cure);
}

static bool is_condition(const struct lexer_line *line)
{
    const uint16_t first = line->tokens[0].kind;
    if (first != TK_ID && first != TK_PATH && first != TK_PLAYER && !lexer_may_name(first)) return false;
    for (uint32_t i = 1; i < line->count; i++) {
        if (shape_is_comparison(line->tokens[i].kind)) return true;
    }
    return false;
}

uint32_t first_word_conditions_below(const struct first_word *context, const struct lexer_line *line)
{
    const struct lexer_line *end = context->lines->lines + context->lines->count;
    uint32_t count = 0;
    for (const struct lexer_line *at = line + 1; at < end && at->indent > line->indent; at++) {
        const uint16_t first = at->tokens[0].kind;
        const bool is_group =
            first == TK_ALL_OF || first == TK_ANY_OF || first == TK_NONE_OF || (first == TK_END && count > 0);
        if (!is_group && !is_condition(at)) break;
        count++;
    }
    return count;
}

uint32_t first_word_mend_where(struct first_word *context, struct lexer_line *line)
{
    if (line->count < 3 || line->tokens[line->count - 2].kind != TK_WHERE) return 0;
    if (first_word_conditions_below(context, line) == 0) return 0;
    const struct token where = line->tokens[line->count - 2];
    if (!insert_token(context, line, line->count - 1, TK_ALL_OF, TEXT("all of"))) return 0;
    line->tokens[line->count - 2].span = where.span;
    context->has_mistake = true;
    struct diagnostic *diagnostic =
        DIAGNOSE(context->diagnostics, DIAGNOSTIC_MISSING_WORD, where.span, TEXT("all of"), TEXT(""));
    diagnostic_set_help(context->diagnostics, diagnostic,
                        TEXT("write `where all of`, one condition a line, and `end` below them; a single condition may "
                             "stand behind `where`"));
    return 1;
}

/* `"Hello" step` is `step "Hello"`. */
void first_word_mend_turned(struct first_word *context, enum block_kind inside, struct lexer_line *line)
{
    struct token *tokens = line->tokens;
    /* An event may be called as a keyword: `opt_in event`. */
    const bool is_word =
        tokens[0].kind == TK_ID || (lexer_may_name(tokens[0].kind) && lexer_word(tokens[1].kind) != NULL);
    if ((!is_word && tokens[0].kind != TK_STRING) || line->count != 3 || shape_in(inside, line) != NULL) return;
    const uint16_t name_kind = is_word ? TK_ID : TK_STRING;
    for (size_t i = 0; i < shape_count; i++) {
        const struct shape *shape = &shape_rows[i];
        if (!shape_is_of(shape, inside) || shape->opens == BLOCK_TOP || shape->word == TK_OFFER) continue;
        if (shape->word != tokens[1].kind || shape->second != name_kind) continue;
        const struct span span = span_join(tokens[0].span, tokens[1].span);
        const struct text cure =
            arena_print(context->arena, "%.*s %.*s", TEXT_ARGS(tokens[1].text), TEXT_ARGS(tokens[0].text));
        context->has_mistake = true;
        DIAGNOSE(context->diagnostics, DIAGNOSTIC_WRONG_WORD, span, source_slice(context->source, span), cure, cure);
        const struct token name = tokens[0];
        tokens[0] = tokens[1];
        tokens[1] = name;
        return;
    }
}

/* A misspelt first word becomes the near word that may begin a line here. */
void first_word_mend_misspelt(struct first_word *context, enum block_kind inside, struct lexer_line *line)
{
    struct token *first = &line->tokens[0];
    if (first->kind != TK_ID && lexer_word(first->kind) == NULL) {
        (void)mend_missing_word(context, inside, line);
        return;
    }
    if (shape_is_comparison(shape_second_kind(line))) {
        (void)mend_missing_word(context, inside, line);
        return;
    }
    if (inside == BLOCK_CHOOSE && is_case_without_when(line) && text_distance(first->text, TEXT("otherwise"), 3) > 3) {
        (void)mend_missing_word(context, inside, line);
        return;
    }
    uint16_t kinds[96];
    struct text words[96];
    uint32_t count = shape_first_kinds(inside, kinds, 95);
    kinds[count++] = TK_END;
    uint32_t best = count;
    uint32_t best_distance = first->text.size <= 3 ? 2 : 3;
    for (uint32_t i = 0; i < count; i++) {
        const char *word = lexer_word(kinds[i]);
        words[i] = word == NULL ? TEXT("") : text_of(word);
        if (word == NULL || (kinds[i] == TK_END && line->count > 2)) continue;
        const uint32_t distance = text_distance(first->text, words[i], 2);
        const struct lexer_line probe = {(struct token[]){{kinds[i], 0, first->span, words[i]}, line->tokens[1]}, 2, 0};
        const bool fits = kinds[i] == TK_END || shape_is_evidence(inside, &probe, false);
        if (fits && distance < best_distance) {
            best = i;
            best_distance = distance;
        }
    }
    if (best == count || words[best].size < 2 || best_distance >= first->text.size) {
        (void)mend_missing_word(context, inside, line);
        return;
    }
    report_first(context, DIAGNOSTIC_MISSPELT, first, words[best]);
    replace_first(context, line, (const uint16_t[2]){kinds[best], 0});
    if (kinds[best] == TK_WAIT && line->tokens[1].kind == TK_UP) {
        line->tokens[1].kind = TK_WAIT_UP;
        line->tokens++;
        line->count--;
    }
}
