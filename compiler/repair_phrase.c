/*
 * repair_phrase: common slips by their words, from a table.
 *
 * A row of spec/phrases.def is matched at every place of the line; what it says instead is read by
 * the lexer and judged by the grammar with the rest of the line. The table is tried in its order.
 */
#include <stdio.h>
#include <string.h>

#include "compiler/grammar.h"
#include "compiler/repair_attempt.h"
#include "vm/decimal.h"

/* BLOCK_METRIC: lines that begin with `metric`, wherever they stand. */
enum { BLOCK_ANY = BLOCK_KIND_COUNT, BLOCK_METRIC, CAPTURES_MAX = 8 };

struct phrase {
    uint8_t block;
    bool is_always;
    const char *written;
    const char *meant; /* empty: the row only explains */
    const char *help;  /* empty: that of the message */
};

static const struct phrase phrases[] = {
#define PHRASE(block, written, meant, help)        {BLOCK_##block, false, written, meant, help},
#define PHRASE_ALWAYS(block, written, meant, help) {BLOCK_##block, true, written, meant, help},
#include "spec/phrases.def"
#undef PHRASE
#undef PHRASE_ALWAYS
};

enum { PHRASE_COUNT = sizeof phrases / sizeof phrases[0] };

struct match {
    uint32_t first;
    uint32_t end; /* index after the last token of the match */
    struct text captures[CAPTURES_MAX];
    uint32_t count;
};

static bool is_about(const struct phrase *phrase, const struct balanced_line *line)
{
    const enum block_kind inside = line->inside;
    if (phrase->block == BLOCK_METRIC) return line->tokens[0].kind == TK_METRIC;
    if (phrase->block == BLOCK_ANY) return true;
    if (phrase->block == BLOCK_STEP) {
        return shape_is_statements(inside) || shape_is_below_level(inside, line->tokens[0].kind);
    }
    if (phrase->block == BLOCK_OFFER) {
        return inside == BLOCK_OFFER || inside == BLOCK_TERMS || inside == BLOCK_PRIZES;
    }
    if (phrase->block == BLOCK_CAMPAIGN) return shape_is_campaign(inside);
    return phrase->block == (uint8_t)inside;
}

/* ---- what capitals stand for ---- */

static bool is_word_kind(const struct token *token)
{
    return token->kind == TK_ID || lexer_may_name(token->kind);
}

static bool is_one_of(struct text word, const char *const *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (text_equal(word, text_of(words[i]))) return true;
    }
    return false;
}

static bool is_channel(struct text word)
{
    static const char *const channels[] = {"email", "sms", "push", "inbox", "chat", "webpush", "popup"};
    return is_one_of(word, channels, sizeof channels / sizeof channels[0]);
}

static bool is_value(uint16_t kind)
{
    return kind == TK_MONEY || kind == TK_NUMBER || kind == TK_PERCENT || kind == TK_ID || kind == TK_PATH ||
           kind == TK_DURATION || kind == TK_DATE || kind == TK_CLOCK || kind == TK_MULTIPLE || kind == TK_YES ||
           kind == TK_NO;
}

static bool capture(struct match *match, struct text text)
{
    if (match->count == CAPTURES_MAX) return false;
    match->captures[match->count++] = text;
    return true;
}

/* `daily` is a day. */
static struct text period_of(struct text word)
{
    if (text_equal(word, TEXT("daily"))) return TEXT("day");
    if (text_equal(word, TEXT("weekly"))) return TEXT("week");
    if (text_equal(word, TEXT("monthly"))) return TEXT("month");
    return TEXT("");
}

/* `18.00` as `18:00`; an empty text where it is no time of day. */
static struct text dotted_clock(struct arena *arena, struct text text)
{
    int64_t hour = 0;
    int64_t minute = 0;
    const uint32_t dot = text_find(text, '.', 0);
    if (dot == 0 || dot + 3 != text.size || dot > 2) return TEXT("");
    if (decimal_parse(&hour, text_slice(text, 0, dot), 0, NULL) != OK || hour > 23) return TEXT("");
    if (decimal_parse(&minute, text_slice(text, dot + 1, 2), 0, NULL) != OK || minute > 59) return TEXT("");
    return arena_print(arena, "%02d:%02d", (int)hour, (int)minute);
}

/* `6` as `06:00` and `18:00`. */
static bool capture_hour(struct match *match, struct arena *arena, const struct token *token)
{
    int64_t hour = 0;
    if (token->kind != TK_NUMBER || decimal_parse(&hour, token->text, 0, NULL) != OK || hour < 1 || hour > 12)
        return false;
    return capture(match, arena_print(arena, "%02d:00", (int)(hour % 12))) &&
           capture(match, arena_print(arena, "%02d:00", (int)(hour % 12) + 12));
}

static bool capture_path(struct match *match, const struct token *token, bool of_player)
{
    if (token->kind != TK_PATH || (of_player && !text_starts_with(token->text, TEXT("player.")))) return false;
    uint32_t dot = 0;
    for (uint32_t i = 0; i < token->text.size; i++) {
        if (token->text.at[i] == '.') dot = i;
    }
    return capture(match, token->text) && capture(match, text_slice(token->text, dot + 1, token->text.size - dot - 1));
}

static bool capture_long_clock(struct match *match, const struct token *token)
{
    int64_t hours = 0;
    const uint32_t colon = text_find(token->text, ':', 0);
    if (token->kind != TK_CLOCK || decimal_parse(&hours, text_slice(token->text, 0, colon), 0, NULL) != OK)
        return false;
    return hours >= 24 && text_equal(text_slice(token->text, colon, 3), TEXT(":00")) &&
           capture(match, text_slice(token->text, 0, colon));
}

/* `x10` as `10x`. */
static bool capture_times(struct match *match, struct arena *arena, const struct token *token)
{
    const struct text text = token->text;
    if (token->kind != TK_ID || text.size < 2 || text.size > 6 || (text.at[0] != 'x' && text.at[0] != 'X'))
        return false;
    for (uint32_t i = 1; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
    }
    return capture(match, arena_print(arena, "%.*sx", (int)text.size - 1, text.at + 1));
}

/* `0.333` as `33.3%`. */
static bool capture_fraction(struct match *match, struct arena *arena, const struct token *token)
{
    int64_t millionths = 0;
    char out[DECIMAL_SIZE];
    if (token->kind != TK_NUMBER || decimal_parse(&millionths, token->text, DECIMAL_MILLIONTHS, NULL) != OK)
        return false;
    if (millionths <= 0 || millionths >= DECIMAL_ONE || millionths % 100 != 0) return false;
    const unsigned size = decimal_format(out, millionths / 100, 2, DECIMAL_GROUPS);
    uint32_t end = size;
    while (end > 0 && out[end - 1] == '0') end--;
    if (end > 0 && out[end - 1] == '.') end--;
    return capture(match, arena_print(arena, "%.*s%%", (int)end, out));
}

static bool fits_token(struct match *match, struct arena *arena, struct text word, const struct token *token)
{
    static const char *const units[] = {"second", "minute", "hour", "day", "week", "month", "year"};
    static const char *const periods[] = {"day", "week", "month", "year"};
    const struct text text = token->text;
    if (text_equal(word, TEXT("ID"))) return is_word_kind(token) && capture(match, text);
    if (text_equal(word, TEXT("NAME"))) return is_word_kind(token) && !is_channel(text) && capture(match, text);
    if (text_equal(word, TEXT("TEXT"))) return token->kind == TK_STRING && capture(match, text);
    if (text_equal(word, TEXT("NUMBER"))) return token->kind == TK_NUMBER && capture(match, text);
    if (text_equal(word, TEXT("MONEY"))) return token->kind == TK_MONEY && capture(match, text);
    if (text_equal(word, TEXT("PERCENT"))) return token->kind == TK_PERCENT && capture(match, text);
    if (text_equal(word, TEXT("CLOCK"))) return token->kind == TK_CLOCK && capture(match, text);
    if (text_equal(word, TEXT("OTHERWISE"))) return token->kind == TK_COMMA_OTHERWISE || token->kind == TK_OTHERWISE;
    if (text_equal(word, TEXT("DATE"))) return token->kind == TK_DATE && capture(match, text);
    if (text_equal(word, TEXT("FRACTION"))) return capture_fraction(match, arena, token);
    if (text_equal(word, TEXT("TIMES"))) return capture_times(match, arena, token);
    if (text_equal(word, TEXT("DURATION"))) return token->kind == TK_DURATION && capture(match, text);
    if (text_equal(word, TEXT("VALUE"))) return is_value(token->kind) && capture(match, text);
    if (text_equal(word, TEXT("PATH"))) return capture_path(match, token, false);
    if (text_equal(word, TEXT("PLAYER"))) return capture_path(match, token, true);
    if (text_equal(word, TEXT("PERIOD"))) return is_one_of(text, periods, 4) && capture(match, text);
    if (text_equal(word, TEXT("UNIT"))) return is_one_of(text, units, 7) && capture(match, text);
    if (text_equal(word, TEXT("DAILY"))) return period_of(text).size > 0 && capture(match, period_of(text));
    if (text_equal(word, TEXT("HOUR"))) return capture_hour(match, arena, token);
    if (text_equal(word, TEXT("LONG_CLOCK"))) return capture_long_clock(match, token);
    if (text_equal(word, TEXT("DOTTED"))) {
        const struct text clock = token->kind == TK_NUMBER ? dotted_clock(arena, text) : TEXT("");
        return clock.size > 0 && capture(match, clock);
    }
    return text_equal(word, text);
}

/* ---- matching ---- */

/* Whether the words of a row stand from `first` on. */
static bool fits(struct match *match, const struct phrase *phrase, const struct attempt *attempt, uint32_t first)
{
    const struct balanced_line *line = attempt->line;
    const struct text written = text_of(phrase->written);
    uint32_t at = first;
    uint32_t start = 0;
    *match = (struct match){.first = first};
    while (start < written.size) {
        const uint32_t end = text_find(written, ' ', start);
        const struct text word = text_slice(written, start, end - start);
        start = end + 1;
        if (text_equal(word, TEXT("START"))) {
            if (at != 0) return false;
        } else if (text_equal(word, TEXT("END"))) {
            if (line->tokens[at].kind != TK_NEWLINE) return false;
        } else if (text_equal(word, TEXT("REST"))) {
            const uint32_t last = line->count - 1;
            const struct span span =
                at < last ? span_join(line->tokens[at].span, line->tokens[last - 1].span) : line->tokens[last].span;
            if (!capture(match, at < last ? source_slice(attempt->parser->source, span) : TEXT(""))) return false;
            at = last;
        } else {
            if (at + 1 >= line->count || !fits_token(match, attempt->parser->arena, word, &line->tokens[at]))
                return false;
            at++;
        }
    }
    match->end = at;
    return true;
}

/* A template with its holes {1} {2} … filled, in the arena. */
static struct text fill(struct arena *arena, const char *template_text, const struct match *match)
{
    struct buffer out = BUFFER_EMPTY;
    for (const char *at = template_text; *at != '\0'; at++) {
        const bool is_hole = at[0] == '{' && at[1] >= '1' && at[1] <= '9' && at[2] == '}';
        const uint32_t index = is_hole ? (uint32_t)(at[1] - '1') : 0;
        if (is_hole && index < match->count) {
            buffer_text(&out, match->captures[index]);
            at += 2;
        } else {
            buffer_append(&out, at, 1);
        }
    }
    if (!buffer_ok(&out)) arena->failed = true;
    const struct text text = arena_copy_text(arena, buffer_as_text(&out));
    buffer_deinit(&out);
    return text.at == NULL ? TEXT("") : text;
}

/* Puts the words of a row in the place of what was written; false where they do not fit in. */
static bool rewrite(struct attempt *attempt, const struct match *match, struct text meant, struct span span)
{
    struct token words[CAPTURES_MAX * 4];
    const uint32_t size = match->end - match->first;
    uint32_t count = 0;
    attempt_reset(attempt);
    if (!lexer_read_words(words, sizeof words / sizeof words[0], &count, meant, span, attempt->parser->arena))
        return false;
    if (attempt->count - size + count > ATTEMPT_TOKENS_MAX) return false;
    memmove(&attempt->tokens[match->first + count], &attempt->tokens[match->end],
            (attempt->count - match->end) * sizeof(struct token));
    memcpy(&attempt->tokens[match->first], words, count * sizeof(struct token));
    attempt->count = attempt->count - size + count;
    return true;
}

static bool try_row(struct repaired_line *out, struct attempt *attempt, const struct phrase *phrase, uint32_t first)
{
    struct match match;
    struct arena *arena = attempt->parser->arena;
    if (!fits(&match, phrase, attempt, first) || match.end == match.first) return false;
    const struct span span = span_join(attempt->line->tokens[first].span, attempt->line->tokens[match.end - 1].span);
    const struct text wrong = source_slice(attempt->parser->source, span);
    const struct text help = fill(arena, phrase->help, &match);
    if (phrase->meant[0] == '\0') {
        const struct token *refused = &attempt->line->tokens[attempt->refused];
        const bool is_end = refused->kind == TK_NEWLINE && attempt->refused > 0;
        if (is_end) refused--;
        attempt_say(attempt, is_end ? DIAGNOSTIC_LINE_ENDS_EARLY : DIAGNOSTIC_UNEXPECTED, refused->span, refused->text,
                    TEXT(""), help);
        return true;
    }
    const struct text meant = fill(arena, phrase->meant, &match);
    if (!rewrite(attempt, &match, meant, span) || !attempt_passes(attempt)) return false;
    if (help.size > 0) {
        attempt_say(attempt, DIAGNOSTIC_WRONG_WORD, span, wrong, meant, help);
        return attempt_accept(out, attempt);
    }
    return attempt_report(out, attempt, DIAGNOSTIC_WRONG_WORD, span, wrong, meant);
}

/* One row of the table; a row that only explains leaves `out` without tokens. */
static bool try_rows(struct repaired_line *out, struct attempt *attempt, bool always)
{
    for (uint32_t i = 0; i < PHRASE_COUNT; i++) {
        const struct phrase *phrase = &phrases[i];
        if ((always && !phrase->is_always) || !is_about(phrase, attempt->line)) continue;
        for (uint32_t first = 0; first + 1 < attempt->line->count; first++) {
            if (try_row(out, attempt, phrase, first)) return true;
        }
    }
    return false;
}

bool repair_phrase(struct repaired_line *out, struct attempt *attempt)
{
    *out = (struct repaired_line){0};
    return try_rows(out, attempt, false) && out->tokens != NULL;
}

bool repair_readable_line(struct repaired_line *out, struct parser *parser, const struct grammar_probe *start,
                          const struct balanced_line *line)
{
    static const bool asked[BLOCK_KIND_COUNT] = {
        [BLOCK_OFFER] = true,      [BLOCK_TERMS] = true,    [BLOCK_PRIZES] = true,
        [BLOCK_TOURNAMENT] = true, [BLOCK_LEVELS] = true,   [BLOCK_MISSION] = true,
        [BLOCK_BUDGET] = true,     [BLOCK_CAMPAIGN] = true, [BLOCK_TEST] = true};
    if (line->count > REPAIR_TOKENS_MAX || (!shape_is_statements(line->inside) && !asked[line->inside])) return false;
    struct attempt attempt = {.parser = parser, .start = start, .line = line, .refused = 0};
    *out = (struct repaired_line){0};
    return try_rows(out, &attempt, true) && out->tokens != NULL;
}
