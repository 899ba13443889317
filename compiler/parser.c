/*
 * parser: drives the generated grammar line by line.
 *
 * Each line is first run through a probe of the grammar. Only a line that parses whole is fed, so
 * the grammar never sees an error and needs no recovery: a refused line is mended
 * (compiler/repair.c), or left out; if it opens a block, a stand-in header is fed so that the lines
 * inside are still read, and if even that cannot stand there the block is left out whole.
 *
 * Next: compiler/grammar.y.
 */
#include "compiler/parser.h"

#include <stdio.h>

#include "compiler/balance.h"
#include "compiler/grammar.h"
#include "compiler/grammar_probe.h"
#include "compiler/parser_state.h"
#include "compiler/repair.h"
#include "vm/limits.h"

/* Keeps trees shallow and every walk over a line short. */
enum { LINE_TOKENS_MAX = 2000 };

struct driver {
    struct parser parser;
    void *grammar;
    struct balanced_lines lines;
    uint16_t *kinds; /* room for the longest line */
    uint32_t line_max;
};

static bool is_out_of_memory(const struct driver *driver)
{
    return driver->parser.out_of_memory || driver->parser.arena->failed;
}

static void feed_line(struct driver *driver, const struct token *tokens, uint32_t count, const uint16_t *kinds)
{
    for (uint32_t i = 0; i < count && !is_out_of_memory(driver); i++) {
        grammar_feed(driver->grammar, kinds[i], tokens[i], &driver->parser);
        INVARIANT(!driver->parser.syntax_error && !driver->parser.stack_overflowed);
    }
}

/* Feeds the line if all of it can stand where the grammar is; otherwise tells where it stops. */
static bool try_line(struct driver *driver, const struct token *tokens, uint32_t count, uint32_t *refused)
{
    struct grammar_probe probe;
    grammar_probe_start(&probe, driver->grammar);
    const struct grammar_probe start = probe;
    *refused = repair_probe_line(&probe, tokens, count, driver->kinds);
    if (*refused < count && !repair_probe_with_names(&start, tokens, count, *refused, driver->kinds)) return false;
    feed_line(driver, tokens, count, driver->kinds);
    return true;
}

/* ---- stand-ins for headers that cannot be read ---- */

enum { HEADER_MAX = 8 };

static const uint16_t headers[BLOCK_KIND_COUNT][HEADER_MAX] = {
    [BLOCK_WORKSPACE] = {TK_WORKSPACE, TK_STRING},
    [BLOCK_EVENT] = {TK_EVENT, TK_ID},
    [BLOCK_ACTION] = {TK_ACTION, TK_ID},
    [BLOCK_MESSAGE] = {TK_MESSAGE, TK_STRING},
    [BLOCK_BUDGET] = {TK_BUDGET, TK_STRING},
    [BLOCK_OFFER] = {TK_OFFER, TK_ID, TK_STRING},
    [BLOCK_TERMS] = {TK_TERMS, TK_STRING},
    [BLOCK_POLICY] = {TK_POLICY, TK_STRING},
    [BLOCK_RATES] = {TK_RATES, TK_STRING},
    [BLOCK_RULES] = {TK_RULES, TK_FOR, TK_ID, TK_FROM, TK_DATE},
    [BLOCK_HOLIDAYS] = {TK_HOLIDAYS, TK_ID},
    [BLOCK_CODES] = {TK_CODES, TK_STRING},
    [BLOCK_STACKING] = {TK_STACKING, TK_STRING},
    [BLOCK_TOURNAMENT] = {TK_TOURNAMENT, TK_STRING},
    [BLOCK_PRIZES] = {TK_PRIZES, TK_ID},
    [BLOCK_BOARD] = {TK_BOARD},
    [BLOCK_POINTS] = {TK_POINTS, TK_STRING},
    [BLOCK_LEVELS] = {TK_LEVELS, TK_STRING},
    [BLOCK_MISSION] = {TK_MISSION, TK_STRING},
    [BLOCK_BADGE] = {TK_BADGE, TK_STRING},
    [BLOCK_CAMPAIGN] = {TK_CAMPAIGN, TK_STRING},
    [BLOCK_TEST] = {TK_TEST, TK_STRING},
    [BLOCK_TEST_REPEAT] = {TK_REPEAT, TK_NUMBER, TK_TIMES},
    [BLOCK_STEP] = {TK_STEP, TK_STRING},
    [BLOCK_IF] = {TK_IF, TK_YES, TK_IS, TK_YES},
    [BLOCK_WAIT] = {TK_WAIT_UP, TK_TO, TK_DURATION},
    [BLOCK_ASK] = {TK_ASK, TK_STRING, TK_FOR, TK_APPROVAL, TK_COMMA, TK_UP, TK_TO, TK_DURATION},
    [BLOCK_CHOOSE] = {TK_CHOOSE, TK_BY, TK_ID},
    [BLOCK_SPLIT] = {TK_SPLIT, TK_STRING},
    [BLOCK_PROGRESS] = {TK_PROGRESS},
    [BLOCK_REPEAT] = {TK_REPEAT, TK_AT, TK_MOST, TK_NUMBER, TK_TIMES},
};

/* Cases: a header that cannot be read still has a body on the lines below. */
static const uint16_t event_case[HEADER_MAX] = {TK_WHEN, TK_ID};
static const uint16_t time_case[HEADER_MAX] = {TK_WHEN, TK_TIME, TK_IS, TK_UP};
static const uint16_t answer_case[HEADER_MAX] = {TK_WHEN, TK_ANSWERED};
static const uint16_t value_case[HEADER_MAX] = {TK_WHEN, TK_ID};
static const uint16_t otherwise_case[HEADER_MAX] = {TK_OTHERWISE};
static const uint16_t arm_case[HEADER_MAX] = {TK_PERCENT, TK_STRING};
static const uint16_t percent_case[HEADER_MAX] = {TK_WHEN, TK_PERCENT};
static const uint16_t level_case[HEADER_MAX] = {TK_LEVEL, TK_ID, TK_FROM, TK_NUMBER};
static const uint16_t otherwise_if[HEADER_MAX] = {TK_OTHERWISE, TK_IF, TK_YES, TK_IS, TK_YES};

static struct text stand_in_text(uint16_t kind)
{
    switch (kind) {
    case TK_STRING: return TEXT("\"\"");
    case TK_ID: return TEXT("broken");
    case TK_NUMBER: return TEXT("1");
    case TK_DURATION: return TEXT("1 hour");
    case TK_DATE: return TEXT("2000-01-01");
    case TK_PERCENT: return TEXT("0%");
    default: return TEXT("");
    }
}

/* The author's own token of a kind on the line, so that a name keeps its meaning. */
static struct token borrowed_token(const struct balanced_line *line, uint16_t kind)
{
    for (uint32_t i = 0; i < line->count; i++) {
        if (line->tokens[i].kind == kind) return line->tokens[i];
    }
    return (struct token){kind, 0, line->tokens[0].span, stand_in_text(kind)};
}

static bool feed_stand_in(struct driver *driver, const struct balanced_line *line, const uint16_t kinds[HEADER_MAX])
{
    struct token tokens[HEADER_MAX + 1];
    uint32_t count = 0;
    while (count < HEADER_MAX && kinds[count] != 0) {
        tokens[count] = borrowed_token(line, kinds[count]);
        count++;
    }
    if (count == 0) return false;
    tokens[count] = line->tokens[line->count - 1];
    count++;
    uint32_t refused;
    return try_line(driver, tokens, count, &refused);
}

static bool feed_case_stand_in(struct driver *driver, const struct balanced_line *line)
{
    switch (line->inside) {
    case BLOCK_WAIT:
        return line->tokens[0].kind == TK_WHEN &&
               feed_stand_in(driver, line, line->tokens[1].kind == TK_TIME ? time_case : event_case);
    case BLOCK_ASK:
        return line->tokens[0].kind == TK_WHEN &&
               feed_stand_in(driver, line, line->tokens[1].kind == TK_TIME ? time_case : answer_case);
    case BLOCK_CHOOSE:
        if (line->tokens[0].kind == TK_OTHERWISE) return feed_stand_in(driver, line, otherwise_case);
        return line->tokens[0].kind == TK_WHEN && feed_stand_in(driver, line, value_case);
    case BLOCK_SPLIT:
        return (line->tokens[0].kind == TK_PERCENT || line->tokens[0].kind == TK_STRING) &&
               feed_stand_in(driver, line, arm_case);
    case BLOCK_PROGRESS:
        return line->tokens[0].kind == TK_WHEN &&
               feed_stand_in(driver, line, line->tokens[1].kind == TK_TIME ? time_case : percent_case);
    case BLOCK_LEVELS: return line->tokens[0].kind == TK_LEVEL && feed_stand_in(driver, line, level_case);
    case BLOCK_IF:
        if (line->tokens[0].kind != TK_OTHERWISE) return false;
        return feed_stand_in(driver, line, line->tokens[1].kind == TK_NEWLINE ? otherwise_case : otherwise_if);
    default: return false;
    }
}

/* ---- lines ---- */

/* Index of the line after everything that the line opens. */
static uint32_t line_after_block(const struct driver *driver, uint32_t index)
{
    const struct balanced_line *line = &driver->lines.lines[index];
    return line->end > index ? line->end + 1 : index + 1;
}

/* Index of the line after the group of conditions that the line opens by its last word. */
static uint32_t line_after_group(const struct driver *driver, uint32_t index)
{
    uint32_t open = 1;
    uint32_t at = index + 1;
    while (at < driver->lines.count && open > 0) {
        const struct balanced_line *line = &driver->lines.lines[at];
        if (line->opens_group) open++;
        if (line->inside == BLOCK_GROUP && line->tokens[0].kind == TK_END) open--;
        at++;
    }
    return at;
}

/* A line that could not be read or mended; returns the index of the next line to read. */
static uint32_t recover(struct driver *driver, uint32_t index)
{
    const struct balanced_line *line = &driver->lines.lines[index];
    if (line->opens_group && line->opens == BLOCK_TOP) {
        const uint32_t next = line_after_block(driver, index);
        (void)feed_case_stand_in(driver, line);
        return next;
    }
    if (line->opens == BLOCK_TOP) {
        (void)feed_case_stand_in(driver, line);
        return index + 1;
    }
    static const uint16_t nameless_budget[HEADER_MAX] = {TK_BUDGET};
    const uint16_t *header =
        line->opens == BLOCK_BUDGET && line->inside != BLOCK_TOP ? nameless_budget : headers[line->opens];
    const bool stands = feed_stand_in(driver, line, header);
    if (stands && !line->opens_group) return index + 1;
    if (!stands) return line_after_block(driver, index);
    /* `if all of`: the header's own group comes first and is left out. */
    return line_after_group(driver, index);
}

/* The parenthesis that opens one level too many; NULL for none. */
static const struct token *find_too_deep(const struct balanced_line *line)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < line->count; i++) {
        const struct token *token = &line->tokens[i];
        if (token->kind == TK_LEFT_PAREN && ++depth > LIMIT_NESTING) return token;
        if (token->kind == TK_RIGHT_PAREN && depth > 0) depth--;
    }
    return NULL;
}

/* Reports a line that is too large to be read; false where its size is fine. */
static bool is_oversized(struct driver *driver, const struct balanced_line *line)
{
    const struct token *deep = line->count > LINE_TOKENS_MAX ? NULL : find_too_deep(line);
    if (line->count <= LINE_TOKENS_MAX && deep == NULL) return false;
    const enum diagnostic_code code = deep == NULL ? DIAGNOSTIC_LINE_TOO_LONG : DIAGNOSTIC_TOO_DEEP;
    char limit[16];
    (void)snprintf(limit, sizeof limit, "%d", deep == NULL ? LINE_TOKENS_MAX : LIMIT_NESTING);
    driver->parser.is_broken = true;
    DIAGNOSE(driver->parser.diagnostics, code, deep == NULL ? line->tokens[0].span : deep->span, text_of(limit));
    return true;
}

static bool is_case_block(enum block_kind kind)
{
    return kind == BLOCK_WAIT || kind == BLOCK_ASK || kind == BLOCK_CHOOSE || kind == BLOCK_SPLIT ||
           kind == BLOCK_PROGRESS;
}

/* Statements whose case is missing are one mistake: index of the next case, or of the block's `end`. */
static uint32_t line_after_body(const struct driver *driver, uint32_t index)
{
    const enum block_kind inside = driver->lines.lines[index].inside;
    do {
        index = line_after_block(driver, index);
    } while (index < driver->lines.count && driver->lines.lines[index].inside == inside &&
             shape_may_begin(BLOCK_STEP, driver->lines.lines[index].tokens[0].kind));
    return index;
}

/* Whether a case could be read whole although statements that belong to it stand on the lines below. */
static bool has_statement_below(const struct driver *driver, uint32_t index, const struct grammar_probe *start)
{
    const struct balanced_line *line = &driver->lines.lines[index];
    if (!is_case_block(line->inside) || line->opens != BLOCK_TOP || index + 1 == driver->lines.count) return false;
    const struct balanced_line *next = &driver->lines.lines[index + 1];
    if (next->inside != line->inside || !shape_may_begin(BLOCK_STEP, next->tokens[0].kind)) return false;
    struct grammar_probe probe = *start;
    if (repair_probe_line(&probe, line->tokens, line->count, driver->kinds) < line->count) return false;
    return !grammar_probe_feed(&probe, next->tokens[0].kind);
}

/* Reads one line, mended if need be; returns the index of the next line to read. */
static uint32_t read_line(struct driver *driver, uint32_t index)
{
    struct balanced_line *line = &driver->lines.lines[index];
    uint32_t refused;
    if (is_oversized(driver, line)) return recover(driver, index);
    struct grammar_probe probe;
    struct repaired_line repaired;
    grammar_probe_start(&probe, driver->grammar);
    const bool is_mended = has_statement_below(driver, index, &probe)
                               ? repair_case(&repaired, &driver->parser, &probe, line)
                               : repair_readable_line(&repaired, &driver->parser, &probe, line);
    if (is_mended) {
        return try_line(driver, repaired.tokens, repaired.count, &refused) ? index + 1 : recover(driver, index);
    }
    if (try_line(driver, line->tokens, line->count, &refused)) return index + 1;
    driver->parser.is_broken = true;
    if (repair_line(&repaired, &driver->parser, &probe, line, refused) &&
        repaired.count <= driver->line_max + ATTEMPT_GROWTH_MAX) {
        uint32_t again;
        if (try_line(driver, repaired.tokens, repaired.count, &again)) return index + 1;
    }
    const bool lacks_case =
        refused == 0 && is_case_block(line->inside) && shape_may_begin(BLOCK_STEP, line->tokens[0].kind);
    return lacks_case ? line_after_body(driver, index) : recover(driver, index);
}

/* A declaration is broken if one of the messages of this parse lies inside it. */
static void mark_broken(const struct driver *driver, struct declaration_list *declarations)
{
    const uint32_t file = driver->parser.source->file;
    for (const struct diagnostic *at = driver->parser.diagnostics->first; at != NULL; at = at->next) {
        if (at->span.file != file || diagnostic_severity(at->code) != SEVERITY_ERROR) continue;
        for (struct declaration *node = declarations->first; node != NULL; node = node->next) {
            const uint32_t until = node->next != NULL ? node->next->span.start : UINT32_MAX;
            if (at->span.start >= node->span.start && at->span.start < until) node->is_broken = true;
        }
    }
}

/* Nested declarations share the state of the one around them. */
static void mark_nested(struct declaration_list *declarations)
{
    for (struct declaration *node = declarations->first; node != NULL; node = node->next) {
        for (struct line *line = node->lines.first; line != NULL; line = line->next) {
            const bool is_nested = line->kind == LINE_BUDGET || line->kind == LINE_OFFER || line->kind == LINE_TERMS ||
                                   line->kind == LINE_METRIC || line->kind == LINE_PRIZES || line->kind == LINE_BOARD;
            if (is_nested) line->as.declaration->is_broken = node->is_broken;
        }
    }
}

static bool start(struct driver *driver, const struct source *source, struct arena *arena,
                  struct diagnostic_list *diagnostics, struct lexer_lines *lines)
{
    driver->parser.source = source;
    driver->parser.arena = arena;
    driver->parser.diagnostics = diagnostics;
    if (!lexer_read_lines(lines, source, arena, diagnostics)) return false;
    if (!balance_lines(&driver->lines, lines, source, arena, diagnostics)) return false;
    driver->parser.is_broken = lines->has_mistake || driver->lines.has_mistake;
    for (uint32_t i = 0; i < driver->lines.count; i++) {
        if (driver->lines.lines[i].count > driver->line_max) driver->line_max = driver->lines.lines[i].count;
    }
    driver->kinds = ARENA_ARRAY(arena, uint16_t, driver->line_max + ATTEMPT_GROWTH_MAX);
    driver->grammar = arena_alloc(arena, grammar_size());
    if (driver->kinds == NULL || driver->grammar == NULL) return false;
    grammar_start(driver->grammar);
    return true;
}

struct ast_file *parser_parse(const struct source *source, struct arena *arena, struct diagnostic_list *diagnostics)
{
    struct driver driver = {0};
    struct lexer_lines lines;
    struct ast_file *file = ARENA_NEW(arena, struct ast_file);
    if (file == NULL || !start(&driver, source, arena, diagnostics, &lines)) return NULL;
    uint32_t index = 0;
    while (index < driver.lines.count && !is_out_of_memory(&driver)) index = read_line(&driver, index);
    if (is_out_of_memory(&driver)) return NULL;
    const struct token end = {0, 0, {source->file, source->text.size, source->text.size}, TEXT("")};
    grammar_feed(driver.grammar, 0, end, &driver.parser);
    if (is_out_of_memory(&driver) || diagnostics->out_of_memory) return NULL;
    file->source = source;
    file->comments = lines.comments;
    file->declarations = driver.parser.declarations;
    file->is_broken = driver.parser.is_broken;
    mark_broken(&driver, &file->declarations);
    mark_nested(&file->declarations);
    return file;
}
