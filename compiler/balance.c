/*
 * balance: finds missing and superfluous `end`s by the first words of lines.
 *
 * The pass keeps a stack of open blocks. When a line is evidence against the stack, one correction
 * is noted and reported (an `end` dropped, or one inserted) and the pass starts again; after
 * CORRECTIONS_MAX it takes what it has and closes the rest at the end of the file.
 *
 * What may begin a line where is compiler/shape.c; misspelt first words are compiler/first_word.c.
 */
#include "compiler/balance.h"

#include <string.h>

#include "compiler/first_word.h"
#include "compiler/grammar.h"
#include "vm/limits.h"

enum { CORRECTIONS_MAX = 20 };

/* ---- the pass ---- */

struct open_block {
    enum block_kind kind;
    uint32_t opener;       /* index in the source lines */
    uint32_t out_line;     /* index in the result */
    bool is_group_of_line; /* opened by the last word of a line */
    bool is_inserted;      /* its opening line was left out; `opener` is the first line inside */
};

struct closed_block {
    uint32_t opener;
    uint32_t end;
    uint32_t depth; /* how many blocks were open around it */
    enum block_kind kind;
    bool is_inserted;
};

struct insertion {
    uint32_t before; /* source line; the count for the end of the file */
};

struct balance {
    const struct lexer_lines *in;
    const struct source *source;
    struct arena *arena;
    struct diagnostic_list *diagnostics;
    struct first_word words; /* what mends first words */
    struct balanced_lines *out;
    uint32_t out_capacity;
    bool *is_dropped;
    struct insertion insertions[CORRECTIONS_MAX];
    uint32_t insertion_count;
    uint32_t correction_count;
    struct open_block *stack;
    uint32_t depth;
    struct closed_block *closed;
    uint32_t closed_count;
    struct diagnostic *early_end; /* the last `end` that was taken out, and the line whose block it closed */
    uint32_t early_opener;
};

static const struct token *first_token(const struct balance *balance, uint32_t line)
{
    return &balance->in->lines[line].tokens[0];
}

/* ---- corrections ---- */

static uint32_t line_number(const struct balance *balance, uint32_t line)
{
    return source_position_of(balance->source, first_token(balance, line)->span.start).line;
}

static struct text opener_words(const struct balance *balance, uint32_t line, bool group)
{
    const struct lexer_line *opener = &balance->in->lines[line];
    if (group) return opener->tokens[opener->count - 2].text;
    const struct text word = opener->tokens[0].kind == TK_WAIT_UP ? TEXT("wait up to") : opener->tokens[0].text;
    if (opener->tokens[1].kind == TK_STRING || opener->tokens[1].kind == TK_ID) {
        return arena_print(balance->arena, "%.*s %.*s", TEXT_ARGS(word), TEXT_ARGS(opener->tokens[1].text));
    }
    return word;
}

/* Notes that `end` is missing before a line, for the block opened on `opener`. */
static void insert_end(struct balance *balance, uint32_t before, uint32_t opener, bool group)
{
    const struct lexer_line *line = &balance->in->lines[opener];
    const struct span span = group ? line->tokens[line->count - 2].span : line->tokens[0].span;
    balance->out->has_mistake = true;
    const struct shape *shape = group ? NULL : shape_of_opener(line);
    bool has_then = false;
    for (uint32_t i = 0; i + 2 < line->count; i++) has_then = has_then || line->tokens[i].kind == TK_THEN;
    /* `if player.vip is yes send …` on one line. */
    for (uint32_t i = 1; i + 2 < line->count && line->tokens[0].kind == TK_IF; i++) {
        const uint16_t kind = line->tokens[i].kind;
        const uint16_t next = line->tokens[i + 1].kind;
        has_then = has_then || (kind == TK_SEND && next == TK_ID) || (kind == TK_CREDIT && next == TK_STRING) ||
                   (kind == TK_GO && next == TK_TO) || (kind == TK_FINISH && next == TK_AS);
    }
    if (shape != NULL && (!shape_fits_second(shape, line) || has_then)) {
        /* The line is no opener as it stands: it gets a message of its own. */
        balance->insertions[balance->insertion_count++].before = before;
        balance->correction_count++;
        return;
    }
    if (balance->early_end != NULL && balance->early_opener == opener && !group && before < balance->in->count) {
        /* Its `end` stood before some of its lines: one mistake, which was reported there. */
        diagnostic_set_help(balance->diagnostics, balance->early_end,
                            arena_print(balance->arena,
                                        "put it before line %u: the lines in between belong to the `%.*s` of line %u",
                                        line_number(balance, before), TEXT_ARGS(opener_words(balance, opener, false)),
                                        line_number(balance, opener)));
        balance->early_end = NULL;
        balance->insertions[balance->insertion_count++].before = before;
        balance->correction_count++;
        return;
    }
    DIAGNOSE(balance->diagnostics, DIAGNOSTIC_MISSING_END, span, opener_words(balance, opener, group),
             before < balance->in->count
                 ? arena_print(balance->arena, "on a line of its own before line %u", line_number(balance, before))
                 : TEXT("on a line of its own at the end of the file"));
    balance->insertions[balance->insertion_count++].before = before;
    balance->correction_count++;
}

static void drop_end(struct balance *balance, uint32_t line, uint32_t opener)
{
    balance->out->has_mistake = true;
    balance->early_end =
        diagnostics_add(balance->diagnostics, DIAGNOSTIC_EXTRA_END, first_token(balance, line)->span, NULL, 0);
    balance->early_opener = opener;
    balance->is_dropped[line] = true;
    balance->correction_count++;
}

/* The first line after `opener` that is not indented deeper than it, not counting its own middles. */
static uint32_t first_line_back_at(const struct balance *balance, uint32_t opener)
{
    const uint32_t indent = balance->in->lines[opener].indent;
    uint32_t line = opener + 1;
    while (line < balance->in->count) {
        const uint16_t word = balance->in->lines[line].tokens[0].kind;
        const bool is_middle =
            word == TK_OTHERWISE || word == TK_WHEN || word == TK_PERCENT || balance->is_dropped[line];
        if (balance->in->lines[line].indent < indent && !balance->is_dropped[line]) break;
        if (balance->in->lines[line].indent == indent && !is_middle) break;
        line++;
    }
    return line;
}

/*
 * A line (or the end of the file) shows that the blocks above stack[keep] should have been closed.
 * Either an inner block took the `end` of the one around it, which the indentation of that `end`
 * tells, or the innermost open block has none.
 */
static void correct_missing_end(struct balance *balance, uint32_t keep, uint32_t line)
{
    const uint32_t outermost = balance->stack[keep].opener;
    for (uint32_t i = 0; i < balance->closed_count; i++) {
        const struct closed_block *closed = &balance->closed[i];
        if (closed->opener <= outermost || closed->end >= balance->in->count || closed->is_inserted) continue;
        const uint32_t opener_indent = balance->in->lines[closed->opener].indent;
        const uint32_t end_indent = balance->in->lines[closed->end].indent;
        if (end_indent >= opener_indent) continue;
        const uint32_t before = first_line_back_at(balance, closed->opener);
        insert_end(balance, before, closed->opener, closed->kind == BLOCK_GROUP);
        return;
    }
    const struct open_block *top = &balance->stack[balance->depth - 1];
    uint32_t before = line;
    if (balance->in->lines[top->opener].indent > balance->in->lines[outermost].indent || keep + 1 == balance->depth) {
        const uint32_t back = first_line_back_at(balance, top->opener);
        if (back < line && balance->in->lines[top->opener].indent > 0) before = back;
    }
    insert_end(balance, before, top->opener, top->is_group_of_line);
}

/* Whether a line between the two, as deep as the `end`, begins with nothing that is known there. */
static bool has_unknown_opener(const struct balance *balance, const struct closed_block *closed)
{
    for (uint32_t line = closed->opener + 1; line < closed->end; line++) {
        if (balance->in->lines[line].indent != balance->in->lines[closed->end].indent) continue;
        if (first_token(balance, line)->kind == TK_END) continue;
        if (shape_in(closed->kind, &balance->in->lines[line]) == NULL) return true;
    }
    return false;
}

/*
 * One `end` is too many in the lines from `first` on. It is the first that stands deeper than what
 * it closed, otherwise `fallback`. Where it belongs to an opener that was not recognised, that line
 * gets its own message, and this one is spared.
 */
static void correct_extra_end(struct balance *balance, uint32_t first, uint32_t fallback)
{
    for (uint32_t i = 0; i < balance->closed_count; i++) {
        const struct closed_block *closed = &balance->closed[i];
        if (closed->opener < first || closed->end >= balance->in->count || closed->end > fallback) continue;
        if (closed->kind == BLOCK_LATER || closed->is_inserted) continue;
        if (balance->in->lines[closed->end].indent <= balance->in->lines[closed->opener].indent) continue;
        if (has_unknown_opener(balance, closed)) {
            balance->is_dropped[closed->end] = true;
            balance->correction_count++;
        } else {
            drop_end(balance, closed->end, closed->opener);
        }
        return;
    }
    drop_end(balance, fallback, first);
}

/* ---- one pass ---- */

static bool emit(struct balance *balance, const struct lexer_line *line, enum block_kind inside, enum block_kind opens,
                 bool opens_group)
{
    if (balance->out->count == balance->out_capacity) return false;
    struct balanced_line *out = &balance->out->lines[balance->out->count];
    *out = (struct balanced_line){line->tokens, line->count, inside, opens, opens_group, balance->out->count};
    balance->out->count++;
    return true;
}

static void push(struct balance *balance, enum block_kind kind, uint32_t line, bool is_group)
{
    balance->stack[balance->depth++] = (struct open_block){kind, line, balance->out->count - 1, is_group, false};
}

static void pop(struct balance *balance, uint32_t line)
{
    const struct open_block *top = &balance->stack[balance->depth - 1];
    if (top->kind != BLOCK_LATER) balance->out->lines[top->out_line].end = balance->out->count - 1;
    balance->closed[balance->closed_count++] =
        (struct closed_block){top->opener, line, balance->depth - 1, top->kind, top->is_inserted};
    balance->depth--;
}

static enum block_kind current(const struct balance *balance)
{
    return balance->depth == 0 ? BLOCK_TOP : balance->stack[balance->depth - 1].kind;
}

/* `end` of the innermost block: on the line, or inserted before it. */
static bool close_block(struct balance *balance, uint32_t line, bool is_inserted)
{
    struct token *tokens;
    uint32_t count = 2;
    if (!is_inserted) {
        tokens = balance->in->lines[line].tokens;
        count = balance->in->lines[line].count;
    } else {
        tokens = ARENA_ARRAY(balance->arena, struct token, 2);
        if (tokens == NULL) return false;
        const uint32_t place =
            line < balance->in->count ? first_token(balance, line)->span.start : balance->source->text.size;
        const struct span span = {balance->source->file, place, place};
        tokens[0] = (struct token){TK_END, 0, span, TEXT("end")};
        tokens[1] = (struct token){TK_NEWLINE, 0, span, TEXT("\n")};
    }
    const struct lexer_line end = {tokens, count, 0};
    const enum block_kind kind = current(balance);
    if (kind != BLOCK_LATER && !emit(balance, &end, kind, BLOCK_TOP, false)) return false;
    pop(balance, is_inserted ? balance->in->count : line);
    return true;
}

/* Whether a line inside a skipped block opens a block of its own there. */
static bool opens_later_block(const struct lexer_line *line)
{
    static const char *const words[] = {"prizes", "board", "progress", "quota", "task", "ask"};
    const struct token *first = &line->tokens[0];
    if (shape_ends_in_group(line)) return true;
    if (first->kind == TK_BUDGET || first->kind == TK_OFFER || first->kind == TK_TERMS || first->kind == TK_STEP ||
        first->kind == TK_IF || first->kind == TK_WAIT_UP || first->kind == TK_SPLIT || first->kind == TK_CHOOSE ||
        first->kind == TK_REPEAT) {
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!text_equal(first->text, text_of(words[i]))) continue;
        return i < 3 ? line->count <= 3 : i == 5;
    }
    return false;
}

/* What became of one line: done, or a correction was noted and the pass must start again. */
enum outcome { LINE_DONE, LINE_CORRECTED, LINE_FAILED };

static enum outcome take_end(struct balance *balance, uint32_t index)
{
    if (balance->depth == 0) {
        if (balance->correction_count < CORRECTIONS_MAX) {
            correct_extra_end(balance, 0, index);
            return LINE_CORRECTED;
        }
        return LINE_DONE;
    }
    return close_block(balance, index, false) ? LINE_DONE : LINE_FAILED;
}

/* Whether the line shows that blocks should have been closed before it: `keep` is how many stay. */
static bool shows_missing_end(const struct balance *balance, const struct lexer_line *line, uint32_t *keep)
{
    const enum block_kind inside = current(balance);
    const bool strong_only = shape_takes_any_name(inside);
    if (balance->depth == 0 || inside == BLOCK_LATER) return false;
    if (inside != BLOCK_GROUP && shape_is_evidence(inside, line, false)) return false;
    for (uint32_t depth = balance->depth - 1;; depth--) {
        const enum block_kind around = depth == 0 ? BLOCK_TOP : balance->stack[depth - 1].kind;
        if (around != BLOCK_GROUP && shape_is_evidence(around, line, strong_only && inside != BLOCK_GROUP)) {
            *keep = depth;
            return true;
        }
        if (depth == 0) return false;
    }
}

/* The block closed just before the line that would have had a place for it; NULL for none. */
static const struct closed_block *shows_extra_end(const struct balance *balance, uint32_t index)
{
    const struct lexer_line *line = &balance->in->lines[index];
    if (balance->closed_count == 0) return NULL;
    if (shape_is_evidence(current(balance), line, false)) return NULL;
    const struct closed_block *last = &balance->closed[balance->closed_count - 1];
    if (last->depth != balance->depth || last->end >= balance->in->count) return NULL;
    if (last->kind == BLOCK_GROUP || last->kind == BLOCK_LATER) return NULL;
    if (!first_word_is_line_of(line, last->kind)) return NULL;
    const bool deeper = line->indent > balance->in->lines[last->opener].indent;
    return deeper || line->tokens[0].kind == TK_STEP ? last : NULL;
}

/* ---- blocks whose opening line was left out ---- */

enum { OPENER_MAX = 8 };

/* An opening line as a stand-in, and what the author should write. */
struct opener {
    enum block_kind inside; /* BLOCK_STEP: any block of statements */
    enum block_kind opens;
    uint16_t kinds[OPENER_MAX];
    const char *shown;
};

static const struct opener openers[] = {
    {BLOCK_TOP, BLOCK_TEST, {TK_TEST, TK_STRING}, "test \"NAME\""},
    {BLOCK_TOP, BLOCK_CAMPAIGN, {TK_CAMPAIGN, TK_STRING}, "campaign \"NAME\""},
    {BLOCK_TOP, BLOCK_POLICY, {TK_POLICY, TK_STRING}, "policy \"NAME\""},
    {BLOCK_TOP, BLOCK_RATES, {TK_RATES, TK_STRING}, "rates \"NAME\""},
    {BLOCK_TOP, BLOCK_RULES, {TK_RULES, TK_FOR, TK_ID, TK_FROM, TK_DATE}, "rules for GB from 2026-01-19"},
    {BLOCK_TOP, BLOCK_HOLIDAYS, {TK_HOLIDAYS, TK_ID}, "holidays DE"},
    {BLOCK_TOP, BLOCK_MESSAGE, {TK_MESSAGE, TK_STRING}, "message \"NAME\""},
    {BLOCK_TOP, BLOCK_EVENT, {TK_EVENT, TK_ID}, "event NAME"},
    {BLOCK_TOP, BLOCK_ACTION, {TK_ACTION, TK_ID}, "action NAME"},
    {BLOCK_TOP, BLOCK_WORKSPACE, {TK_WORKSPACE, TK_STRING}, "workspace \"NAME\""},
    {BLOCK_TOP, BLOCK_BUDGET, {TK_BUDGET, TK_STRING}, "budget \"NAME\""},
    {BLOCK_TOP, BLOCK_TERMS, {TK_TERMS, TK_STRING}, "terms \"NAME\""},
    {BLOCK_TOP, BLOCK_CODES, {TK_CODES, TK_STRING}, "codes \"NAME\""},
    {BLOCK_TOP, BLOCK_STACKING, {TK_STACKING, TK_STRING}, "stacking \"NAME\""},
    {BLOCK_TOP, BLOCK_TOURNAMENT, {TK_TOURNAMENT, TK_STRING}, "tournament \"NAME\""},
    {BLOCK_TOP, BLOCK_POINTS, {TK_POINTS, TK_STRING}, "points \"NAME\""},
    {BLOCK_TOP, BLOCK_LEVELS, {TK_LEVELS, TK_STRING}, "levels \"NAME\""},
    {BLOCK_TOP, BLOCK_MISSION, {TK_MISSION, TK_STRING}, "mission \"NAME\""},
    {BLOCK_TOP, BLOCK_BADGE, {TK_BADGE, TK_STRING}, "badge \"NAME\""},
    {BLOCK_TOURNAMENT, BLOCK_PRIZES, {TK_PRIZES, TK_ID}, "prizes cash"},
    {BLOCK_TOURNAMENT, BLOCK_BOARD, {TK_BOARD}, "board"},
    {BLOCK_MISSION, BLOCK_PROGRESS, {TK_PROGRESS}, "progress"},
    {BLOCK_CAMPAIGN, BLOCK_BUDGET, {TK_BUDGET}, "budget"},
    {BLOCK_CAMPAIGN, BLOCK_STEP, {TK_STEP, TK_STRING}, "step \"NAME\""},
    {BLOCK_CAMPAIGN, BLOCK_TERMS, {TK_TERMS, TK_STRING}, "offer KIND \"NAME\""},
    {BLOCK_STEP, BLOCK_SPLIT, {TK_SPLIT, TK_STRING}, "split \"NAME\""},
    {BLOCK_STEP, BLOCK_WAIT, {TK_WAIT_UP, TK_TO, TK_DURATION}, "wait up to 3 days"},
    {BLOCK_STEP,
     BLOCK_ASK,
     {TK_ASK, TK_STRING, TK_FOR, TK_APPROVAL, TK_COMMA, TK_UP, TK_TO, TK_DURATION},
     "ask \"NAME\" for approval, up to 24 hours"},
    {BLOCK_STEP, BLOCK_CHOOSE, {TK_CHOOSE, TK_BY, TK_ID}, "choose by VALUE"},
};

/* Whether one of the cases from here on is `when time is up`. */
static bool has_timer(const struct balance *balance, uint32_t index)
{
    for (uint32_t i = index; i < balance->in->count; i++) {
        const struct lexer_line *line = &balance->in->lines[i];
        if (line->tokens[0].kind == TK_END) return false;
        if (line->tokens[0].kind == TK_WHEN && shape_second_kind(line) == TK_TIME) return true;
    }
    return false;
}

/* The opener that must have stood before a line which has no place here; NULL for none. */
static const struct opener *missing_opener(const struct balance *balance, enum block_kind inside, uint32_t index)
{
    const struct lexer_line *line = &balance->in->lines[index];
    const struct opener *best = NULL;
    uint32_t best_count = 0;
    if (shape_is_statements(inside)) inside = BLOCK_STEP;
    for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++) {
        const struct opener *opener = &openers[i];
        const bool is_header =
            shape_is_campaign(inside) && opener->inside == BLOCK_CAMPAIGN && opener->opens != BLOCK_STEP;
        if ((opener->inside != inside && !is_header) || !first_word_is_line_of(line, opener->opens)) continue;
        if (opener->opens == BLOCK_WAIT && !has_timer(balance, index)) continue;
        if (opener->opens == BLOCK_CHOOSE && line->tokens[0].kind != TK_WHEN) continue;
        const uint16_t second = shape_second_kind(line);
        const bool is_answer = second == TK_APPROVED || second == TK_REFUSED || second == TK_ANSWERED;
        if ((opener->opens == BLOCK_ASK) != is_answer) continue;
        const uint32_t count = 1 + first_word_lines_of(&balance->words, line, opener->opens);
        if (count > best_count) {
            best = opener;
            best_count = count;
        }
    }
    /* One line alone may be a mistake of its own, unless its words are plain or the block then ends. */
    const bool ends = index + 1 < balance->in->count && line[1].tokens[0].kind == TK_END;
    const bool is_send = line->tokens[0].kind == TK_SEND && line->count > 3 && line->tokens[2].kind == TK_STRING;
    const bool is_plain = best != NULL && (is_send || shape_is_evidence(best->opens, line, true));
    return best_count > 1 || ends || is_plain ? best : NULL;
}

static struct text stand_in(uint16_t kind)
{
    switch (kind) {
    case TK_STRING: return TEXT("\"\"");
    case TK_DURATION: return TEXT("1 hour");
    case TK_WAIT_UP: return TEXT("wait up");
    case TK_ID: return TEXT("unknown");
    case TK_NEWLINE: return TEXT("\n");
    case TK_COMMA: return TEXT(",");
    case TK_DATE: return TEXT("2026-01-01");
    default: return text_of(lexer_word(kind));
    }
}

/* Puts the opening line before the line at `index` and opens its block. */
static bool insert_opener(struct balance *balance, const struct opener *opener, uint32_t index)
{
    const struct lexer_line *line = &balance->in->lines[index];
    const struct span span = line->tokens[0].span;
    struct token *tokens = ARENA_ARRAY(balance->arena, struct token, OPENER_MAX + 1);
    if (tokens == NULL) return false;
    uint32_t count = 0;
    while (count < OPENER_MAX && opener->kinds[count] != 0) {
        tokens[count] = (struct token){opener->kinds[count], 0, span, stand_in(opener->kinds[count])};
        count++;
    }
    tokens[count++] = (struct token){TK_NEWLINE, 0, span, stand_in(TK_NEWLINE)};
    balance->out->has_mistake = true;
    struct diagnostic *diagnostic =
        DIAGNOSE(balance->diagnostics, DIAGNOSTIC_MISSING_WORD, span, text_of(opener->shown), text_of(opener->shown));
    diagnostic_set_help(balance->diagnostics, diagnostic,
                        arena_print(balance->arena, "write `%s` on the line before", opener->shown));
    const struct lexer_line opening = {tokens, count, line->indent};
    if (!emit(balance, &opening, current(balance), opener->opens, false)) return false;
    push(balance, opener->opens, index, false);
    balance->stack[balance->depth - 1].is_inserted = true;
    return true;
}

/* Whether the indentation of some `end` within the block is not that of its opener. */
static bool has_odd_end(const struct balance *balance, const struct closed_block *block)
{
    for (uint32_t i = 0; i < balance->closed_count; i++) {
        const struct closed_block *closed = &balance->closed[i];
        if (closed->opener < block->opener || closed->end > block->end || closed->is_inserted) continue;
        if (balance->in->lines[closed->end].indent != balance->in->lines[closed->opener].indent) return true;
    }
    return false;
}

/* `when deposit where` got its `all of`: the `end` of that group, if it has none, is put in without a message. */
static void insert_group_end(struct balance *balance, uint32_t index)
{
    const uint32_t before = index + 1 + first_word_conditions_below(&balance->words, &balance->in->lines[index]);
    const bool has_end = before < balance->in->count && first_token(balance, before)->kind == TK_END &&
                         balance->in->lines[before].indent == balance->in->lines[index].indent;
    if (has_end || balance->insertion_count == CORRECTIONS_MAX) return;
    balance->insertions[balance->insertion_count++].before = before;
    balance->correction_count++;
}

/* Whether the lines of a block from here on come to an `end` of their own, as far as first words can tell. */
static bool comes_to_end(const struct balance *balance, uint32_t index, enum block_kind kind)
{
    if (kind == BLOCK_CAMPAIGN || kind == BLOCK_TEST || kind == BLOCK_STEP || kind == BLOCK_IF || kind == BLOCK_REPEAT)
        return true;
    while (index < balance->in->count && first_word_is_line_of(&balance->in->lines[index], kind)) index++;
    return index < balance->in->count && first_token(balance, index)->kind == TK_END;
}

static enum outcome take_line(struct balance *balance, uint32_t index)
{
    struct lexer_line *line = &balance->in->lines[index];
    enum block_kind inside = current(balance);
    if (inside == BLOCK_LATER) {
        if (line->tokens[0].kind == TK_END) return take_end(balance, index);
        if (opens_later_block(line)) {
            balance->stack[balance->depth++] = (struct open_block){BLOCK_LATER, index, 0, false, false};
        }
        return LINE_DONE;
    }
    if (!shape_takes_any_name(inside)) (void)first_word_mend_foreign(&balance->words, inside, line);
    if (shape_is_statements(inside)) first_word_mend_wait(&balance->words, inside, line);
    first_word_mend_if(&balance->words, inside, line);
    if (inside == BLOCK_SPLIT) first_word_mend_arm(&balance->words, line);
    if (first_word_mend_where(&balance->words, line) > 0) insert_group_end(balance, index);
    if (!shape_takes_any_name(inside)) first_word_mend_turned(&balance->words, inside, line);
    if (line->tokens[0].kind == TK_END) return take_end(balance, index);

    uint32_t keep = 0;
    const bool may_correct = balance->correction_count < CORRECTIONS_MAX;
    /* A case `otherwise` of a `wait`, as deep as the others, is no `otherwise` of an `if` around it. */
    const bool is_case = inside == BLOCK_WAIT && line->tokens[0].kind == TK_OTHERWISE &&
                         line->indent > balance->in->lines[balance->stack[balance->depth - 1].opener].indent;
    if (may_correct && !is_case && shows_missing_end(balance, line, &keep)) {
        correct_missing_end(balance, keep, index);
        return LINE_CORRECTED;
    }
    const struct closed_block *extra = may_correct ? shows_extra_end(balance, index) : NULL;
    const struct opener *lacking = extra != NULL ? missing_opener(balance, inside, index) : NULL;
    const bool is_rest =
        lacking != NULL && !comes_to_end(balance, index, extra->kind) &&
        (lacking->opens == extra->kind || (lacking->opens == BLOCK_TERMS && extra->kind == BLOCK_OFFER));
    if (extra != NULL && (lacking == NULL || is_rest || has_odd_end(balance, extra))) {
        correct_extra_end(balance, extra->opener, extra->end);
        return LINE_CORRECTED;
    }

    const struct shape *shape = shape_in(inside, line);
    const bool has_place = shape_takes_any_name(inside) || shape_is_evidence(inside, line, false);
    const struct opener *opener =
        has_place || balance->depth >= LIMIT_NESTING ? NULL : missing_opener(balance, inside, index);
    if (opener != NULL) {
        if (!insert_opener(balance, opener, index)) return LINE_FAILED;
        inside = opener->opens;
        shape = shape_in(inside, line);
    }
    if (shape == NULL && !shape_takes_any_name(inside)) {
        first_word_mend_misspelt(&balance->words, inside, line);
        if (line->tokens[0].kind == TK_END) return take_end(balance, index);
        shape = shape_in(inside, line);
    }
    enum block_kind opens = shape == NULL ? BLOCK_TOP : (enum block_kind)shape->opens;
    const bool opens_group = shape_ends_in_group(line);
    const bool has_cases =
        index + 1 < balance->in->count && line[1].tokens[0].kind == TK_WHEN && line[1].indent > line->indent;
    /* `wait for deposit …` with cases below is a block, however its first line is mended. */
    if (shape_is_statements(inside) && line->tokens[0].kind == TK_WAIT && shape_second_kind(line) != TK_UNTIL &&
        has_cases)
        opens = BLOCK_WAIT;
    if ((opens != BLOCK_TOP || opens_group) && balance->depth >= LIMIT_NESTING) {
        balance->out->has_mistake = true;
        DIAGNOSE(balance->diagnostics, DIAGNOSTIC_TOO_DEEP, line->tokens[0].span,
                 arena_print(balance->arena, "%d", LIMIT_NESTING));
        balance->stack[balance->depth++] = (struct open_block){BLOCK_LATER, index, 0, false, false};
        return LINE_DONE;
    }
    if (!emit(balance, line, inside, opens, opens_group)) return LINE_FAILED;
    if (opens != BLOCK_TOP) push(balance, opens, index, false);
    if (opens_group) push(balance, BLOCK_GROUP, index, true);
    return LINE_DONE;
}

static enum outcome run_pass(struct balance *balance)
{
    balance->out->count = 0;
    balance->depth = 0;
    balance->closed_count = 0;
    for (uint32_t index = 0; index <= balance->in->count; index++) {
        for (uint32_t i = 0; i < balance->insertion_count; i++) {
            if (balance->insertions[i].before != index || balance->depth == 0) continue;
            if (!close_block(balance, index, true)) return LINE_FAILED;
        }
        if (index == balance->in->count) break;
        if (balance->is_dropped[index]) continue;
        const enum outcome outcome = take_line(balance, index);
        if (outcome != LINE_DONE) return outcome;
    }
    while (balance->depth > 0) {
        if (balance->correction_count < CORRECTIONS_MAX) {
            correct_missing_end(balance, 0, balance->in->count);
            return LINE_CORRECTED;
        }
        if (!close_block(balance, balance->in->count, true)) return LINE_FAILED;
    }
    return LINE_DONE;
}

bool balance_lines(struct balanced_lines *out, const struct lexer_lines *lines, const struct source *source,
                   struct arena *arena, struct diagnostic_list *diagnostics)
{
    struct balance balance = {.in = lines,
                              .source = source,
                              .arena = arena,
                              .diagnostics = diagnostics,
                              .words = {lines, source, arena, diagnostics, false},
                              .out = out};
    *out = (struct balanced_lines){0};
    if (lines->count == 0) return true;
    /* A line opens at most two blocks and one that was left out; each takes one more line to close. */
    balance.out_capacity = lines->count * 5 + CORRECTIONS_MAX;
    out->lines = ARENA_ARRAY(arena, struct balanced_line, balance.out_capacity);
    balance.is_dropped = ARENA_ARRAY(arena, bool, lines->count);
    balance.stack = ARENA_ARRAY(arena, struct open_block, (size_t)lines->count * 3 + 2);
    balance.closed = ARENA_ARRAY(arena, struct closed_block, (size_t)lines->count * 3 + 2 + CORRECTIONS_MAX);
    if (out->lines == NULL || balance.is_dropped == NULL || balance.stack == NULL || balance.closed == NULL) {
        return false;
    }
    enum outcome outcome;
    do {
        outcome = run_pass(&balance);
    } while (outcome == LINE_CORRECTED);
    out->has_mistake = out->has_mistake || balance.words.has_mistake;
    return outcome == LINE_DONE;
}
