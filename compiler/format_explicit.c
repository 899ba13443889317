/*
 * format_explicit: `promo fmt --explicit`.
 *
 * Works on the balanced lines of a file without mistakes, before they are laid out. New tokens take
 * the place of the line break before them, so that comments and blank lines stay where they were.
 */
#include "compiler/format_explicit.h"

#include <string.h>

#include "compiler/ast_build.h"
#include "compiler/grammar.h"

enum { WORDS_MAX = 40 };

/* The line that a block gets when none of its lines begins with the word. */
struct default_line {
    enum block_kind block;
    uint16_t first;
    uint16_t unless; /* nor with this word; 0: none */
    const char *words;
};

/* Those of a workspace are the lines of stdlib/workspace.promo. */
static const struct default_line default_lines[] = {
    {BLOCK_WORKSPACE, TK_PRODUCT, 0, "product casino, slots, live, bingo, poker, sports"},
    {BLOCK_WORKSPACE, TK_CURRENCY, 0,
     "currency EUR, GBP, USD, CAD, AUD, NZD, SEK, NOK, DKK, PLN, CZK, HUF, RON, CHF, BRL, JPY"},
    {BLOCK_WORKSPACE, TK_CHANNEL, 0, "channel email, sms, push, inbox, chat"},
    {BLOCK_WORKSPACE, TK_TAG, 0, "tag at_risk, reactivated, loyal, reviewers"},
    {BLOCK_WORKSPACE, TK_TIMEZONE, 0, "timezone \"UTC\""},
    {BLOCK_WORKSPACE, TK_LATENESS, 0, "lateness 7 days"},
    {BLOCK_WORKSPACE, TK_RETENTION, 0, "retention 400 days"},
    {BLOCK_MESSAGE, TK_CLASS, 0, "class marketing"},
    {BLOCK_OFFER, TK_WAGERING, TK_FOLLOWS, "wagering none"},
    {BLOCK_CAMPAIGN, TK_ROUNDING, 0, "rounding down"},
    {BLOCK_CAMPAIGN, TK_PRIORITY, 0, "priority 1,000"},
    {BLOCK_CAMPAIGN, TK_ENTER, 0, "enter once per player"},
    {BLOCK_BUDGET, TK_WHEN, 0, "when empty suspend the campaign"},
    {BLOCK_CODES, TK_HOLD, 0, "hold 15 minutes"},
    {BLOCK_TOURNAMENT, TK_SCORE, 0, "score sum"},
    {BLOCK_TOURNAMENT, TK_WINNERS, 0, "winners at least 1"},
    {BLOCK_BOARD, TK_SHOW, 0, "show top 50"},
    {BLOCK_BOARD, TK_NAMES, 0, "names masked"},
    {BLOCK_BOARD, TK_AGE, 0, "age up to 5 seconds"},
    {BLOCK_POINTS, TK_REST, 0, "rest kept by line"},
    {BLOCK_POINTS, TK_SPEND, 0, "spend oldest first"},
};

enum { DEFAULT_LINE_COUNT = sizeof default_lines / sizeof default_lines[0] };

struct writer {
    struct arena *arena;
    const struct token *zone; /* of the campaign at hand, as quoted; NULL: it is not in this file */
    struct balanced_line *lines;
    uint32_t count;
};

/* ---- lines ---- */

/* Whether the block opened at `opener` has a line that begins with the word. */
static bool has_line(const struct balanced_lines *lines, uint32_t opener, uint16_t word)
{
    const struct balanced_line *block = &lines->lines[opener];
    for (uint32_t i = opener + 1; i < block->end; i++) {
        if (lines->lines[i].inside == block->opens && lines->lines[i].tokens[0].kind == word) return true;
    }
    return false;
}

static bool is_heading(uint16_t kind)
{
    return kind == TK_NOTE || kind == TK_OWNER || kind == TK_PRODUCT || kind == TK_JURISDICTION ||
           kind == TK_CURRENCY || kind == TK_TIMEZONE;
}

/* Index of the line after which a default of the block is written. */
static uint32_t place_of(const struct balanced_lines *lines, uint32_t opener, const struct default_line *row)
{
    const struct balanced_line *block = &lines->lines[opener];
    uint32_t place = opener;
    if (row->block != BLOCK_CAMPAIGN) {
        /* At the end of the block; a group of conditions never stands in these. */
        return row->first == TK_CLASS ? opener : block->end - 1;
    }
    for (uint32_t i = opener + 1; i < block->end; i++) {
        const struct balanced_line *line = &lines->lines[i];
        const uint16_t kind = line->tokens[0].kind;
        const bool is_after = row->first == TK_ENTER && (kind == TK_START || kind == TK_ONLY || kind == TK_RUNS ||
                                                         kind == TK_ROUNDING || kind == TK_LATE);
        const bool is_block = line->opens != BLOCK_TOP || line->opens_group;
        const uint32_t last = is_block ? line->end : i;
        if (is_heading(kind) || is_after) place = last;
        i = last;
    }
    return place;
}

static bool write_default(struct writer *writer, const struct default_line *row, const struct balanced_line *before)
{
    struct token *tokens = ARENA_ARRAY(writer->arena, struct token, WORDS_MAX + 1);
    if (tokens == NULL) return false;
    const struct token newline = before->tokens[before->count - 1];
    const struct span span = {newline.span.file, newline.span.start, newline.span.start};
    uint32_t count = 0;
    if (!lexer_read_words(tokens, WORDS_MAX, &count, text_of(row->words), span, writer->arena)) return false;
    tokens[count++] = newline;
    writer->lines[writer->count++] = (struct balanced_line){tokens, count, row->block, BLOCK_TOP, false, 0};
    return true;
}

/* ---- clauses ---- */

/* Before the token `place` of the line. */
static bool insert_words(struct writer *writer, struct balanced_line *line, uint32_t place, uint32_t count,
                         const uint16_t *kinds, const char *const *words)
{
    struct token *tokens = ARENA_ARRAY(writer->arena, struct token, (size_t)line->count + count);
    if (tokens == NULL) return false;
    const struct token behind = line->tokens[place];
    memcpy(tokens, line->tokens, place * sizeof *tokens);
    for (uint32_t i = 0; i < count; i++) {
        const struct span span = {behind.span.file, behind.span.start, behind.span.start};
        tokens[place + i] = (struct token){kinds[i], 0, span, text_of(words[i])};
    }
    memcpy(tokens + place + count, line->tokens + place, (line->count - place) * sizeof *tokens);
    line->tokens = tokens;
    line->count += count;
    return true;
}

static bool append_words(struct writer *writer, struct balanced_line *line, uint32_t count, const uint16_t *kinds,
                         const char *const *words)
{
    return insert_words(writer, line, line->count - 1, count, kinds, words);
}

static bool append_otherwise(struct writer *writer, struct balanced_line *line, uint16_t kind, const char *word)
{
    const uint16_t kinds[] = {TK_COMMA_OTHERWISE, kind};
    const char *const words[] = {", otherwise", word};
    return append_words(writer, line, 2, kinds, words);
}

/* Whether the last statement of the line's chain is a `credit` that says nothing of its refusal. */
static bool ends_in_credit(const struct balanced_line *line)
{
    const struct token *tokens = line->tokens;
    for (uint32_t i = line->count - 1; i-- > 0;) {
        if (tokens[i].kind == TK_COMMA_OTHERWISE) return tokens[i + 1].kind == TK_CREDIT;
        if (tokens[i].kind == TK_CREDIT && tokens[i + 1].kind == TK_STRING) return true;
    }
    return false;
}

static bool has_word(const struct balanced_line *line, uint16_t kind)
{
    for (uint32_t i = 0; i < line->count; i++) {
        if (line->tokens[i].kind == kind) return true;
    }
    return false;
}

/* How a metric's rolling window is cut, and how an average is rounded. */
static bool complete_metric(struct writer *writer, struct balanced_line *line)
{
    static const uint16_t grain_kinds[] = {
        [GRAIN_WORD_MINUTE] = TK_MINUTE, [GRAIN_WORD_HOUR] = TK_HOUR, [GRAIN_WORD_DAY] = TK_DAY};
    static const char *const grain_words[] = {
        [GRAIN_WORD_MINUTE] = "minute", [GRAIN_WORD_HOUR] = "hour", [GRAIN_WORD_DAY] = "day"};
    for (uint32_t i = 1; i + 1 < line->count && !has_word(line, TK_KEPT); i++) {
        const struct token *token = &line->tokens[i];
        struct duration duration = {0};
        if (token->kind != TK_DURATION || token[-1].kind != TK_LAST || token[1].kind == TK_BY) continue;
        if (build_duration(&duration, token->text) != NULL) return true; /* it has a mistake */
        const enum grain_word grain = ast_default_grain(&duration);
        const uint16_t kinds[] = {TK_BY, grain_kinds[grain]};
        const char *const words[] = {"by", grain_words[grain]};
        if (!insert_words(writer, line, i + 1, 2, kinds, words)) return false;
        break;
    }
    if (line->tokens[3].kind != TK_AVERAGE || has_word(line, TK_ROUNDED)) return true;
    uint32_t place = 4;
    while (place + 1 < line->count && line->tokens[place].kind != TK_COMMA_OTHERWISE &&
           line->tokens[place].kind != TK_WHERE)
        place++;
    const uint16_t kinds[] = {TK_COMMA, TK_ROUNDED, TK_DOWN};
    const char *const words[] = {",", "rounded", "down"};
    return insert_words(writer, line, place, 3, kinds, words);
}

/* The zone of a schedule is that of its campaign, otherwise of the workspace where it stands in the same file. */
static const struct token *zone_of(const struct balanced_lines *lines, uint32_t campaign)
{
    const struct token *workspace = NULL;
    for (uint32_t i = 0; i < lines->count; i++) {
        const struct balanced_line *line = &lines->lines[i];
        if (line->tokens[0].kind != TK_TIMEZONE) continue;
        if (line->inside == BLOCK_CAMPAIGN && i > campaign && i < lines->lines[campaign].end) return &line->tokens[1];
        if (line->inside == BLOCK_WORKSPACE) workspace = &line->tokens[1];
    }
    return workspace;
}

/* In whose zone a schedule is, and how late it still begins. */
static bool complete_schedule(struct writer *writer, struct balanced_line *line)
{
    const bool has_missed = has_word(line, TK_MISSED);
    if (!has_missed) {
        const uint16_t kinds[] = {TK_COMMA, TK_MISSED, TK_UP, TK_TO, TK_DURATION};
        const char *const words[] = {",", "missed", "up", "to", "24 hours"};
        if (!append_words(writer, line, 5, kinds, words)) return false;
    }
    if (has_word(line, TK_IN) || writer->zone == NULL) return true;
    const uint16_t kinds[] = {TK_IN, TK_STRING};
    const char *const words[] = {"in", arena_copy_text(writer->arena, writer->zone->text).at};
    return words[1] != NULL && insert_words(writer, line, line->count - 6, 2, kinds, words);
}

static bool is_schedule(const struct balanced_line *line)
{
    if (!shape_is_campaign(line->inside) || line->tokens[0].kind != TK_START || line->count < 5) return false;
    return line->tokens[1].kind == TK_EVERY ||
           (line->tokens[2].kind == TK_SCHEDULE && line->tokens[3].kind == TK_STRING);
}

static bool add_clause(struct writer *writer, struct balanced_line *line)
{
    const uint16_t first = line->tokens[0].kind;
    if (is_schedule(line)) return complete_schedule(writer, line);
    if (first == TK_METRIC && line->count > 4) return complete_metric(writer, line);
    bool has_otherwise = false;
    bool has_then = false;
    for (uint32_t i = 0; i < line->count; i++) {
        has_otherwise = has_otherwise || line->tokens[i].kind == TK_COMMA_OTHERWISE;
        has_then = has_then || line->tokens[i].kind == TK_THEN;
    }
    const bool is_rule = shape_is_campaign(line->inside) || line->inside == BLOCK_POLICY;
    if (is_rule && first == TK_MESSAGES && !has_otherwise) return append_otherwise(writer, line, TK_DROP, "drop");
    if (is_rule && first == TK_SEND && has_word(line, TK_BETWEEN) && !has_word(line, TK_WHERE) && !has_otherwise) {
        return append_otherwise(writer, line, TK_DELAY, "delay");
    }
    const bool has_dates = shape_is_campaign(line->inside) && line->inside != BLOCK_TOURNAMENT;
    if (has_dates && first == TK_RUNS && !has_then && line->count > 5) {
        const uint16_t kinds[] = {TK_COMMA, TK_THEN, TK_RUNNING, TK_JOURNEYS, TK_GO, TK_ON};
        const char *const words[] = {",", "then", "running", "journeys", "go", "on"};
        return append_words(writer, line, 6, kinds, words);
    }
    const bool is_statement =
        shape_is_statements(line->inside) || shape_is_below_level(line->inside, first) || first == TK_LEVEL;
    if (is_statement && ends_in_credit(line)) {
        const uint16_t kinds[] = {TK_COMMA_OTHERWISE, TK_GO, TK_ON};
        const char *const words[] = {", otherwise", "go", "on"};
        return append_words(writer, line, 3, kinds, words);
    }
    return true;
}

/* ---- all lines ---- */

/* Which defaults a line is followed by; found for each block when its opener is met. */
static void plan_block(const struct balanced_lines *lines, uint32_t opener, uint32_t *plan)
{
    for (uint32_t row = 0; row < DEFAULT_LINE_COUNT; row++) {
        const struct default_line *line = &default_lines[row];
        if (line->block != lines->lines[opener].opens || has_line(lines, opener, line->first)) continue;
        if (line->unless != 0 && has_line(lines, opener, line->unless)) continue;
        plan[place_of(lines, opener, line)] |= 1u << row;
    }
}

bool format_explicit(struct balanced_lines *lines, struct arena *arena)
{
    struct writer writer = {.arena = arena};
    if (lines->count == 0) return true;
    uint32_t *plan = ARENA_ARRAY(arena, uint32_t, lines->count);
    writer.lines = ARENA_ARRAY(arena, struct balanced_line, (size_t)lines->count * (DEFAULT_LINE_COUNT + 1));
    if (plan == NULL || writer.lines == NULL) return false;
    for (uint32_t i = 0; i < lines->count; i++) {
        if (lines->lines[i].opens != BLOCK_TOP) plan_block(lines, i, plan);
    }
    for (uint32_t i = 0; i < lines->count; i++) {
        struct balanced_line line = lines->lines[i];
        if (shape_is_campaign(line.opens)) writer.zone = zone_of(lines, i);
        if (!add_clause(&writer, &line)) return false;
        writer.lines[writer.count++] = line;
        for (uint32_t row = 0; row < DEFAULT_LINE_COUNT; row++) {
            if ((plan[i] & (1u << row)) == 0) continue;
            if (!write_default(&writer, &default_lines[row], &line)) return false;
        }
    }
    lines->lines = writer.lines;
    lines->count = writer.count;
    return true;
}
