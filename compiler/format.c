/*
 * format: writes the lines of a file in their one form.
 *
 * It works on tokens, not on the tree: what a line says stays word for word, only blanks, spelling
 * of numbers, symbols and columns change, so nothing can get lost. A line is cut into at most three
 * cells; cells of neighbouring lines that belong together share a column. Lines wider than
 * WIDTH_MAX are broken after a comma, `and` or `or`, where the lexer joins them again.
 *
 * Next: compiler/format_words.c for the spelling of one token.
 */
#include "compiler/format.h"

#include "compiler/balance.h"
#include "compiler/format_explicit.h"
#include "compiler/format_words.h"
#include "compiler/grammar.h"

enum { WIDTH_MAX = 120, CELLS_MAX = 3, STEP_COLUMNS = 2 };

/* Lines with equal numbers share a column; GROUP_NONE only leaves two blanks. */
enum { GROUP_NONE = 0 };

struct format_line {
    const struct balanced_line *line;
    uint32_t indent; /* columns */
    uint32_t cell_count;
    uint32_t starts[CELLS_MAX + 1]; /* first token of each cell, then the NEWLINE */
    uint32_t groups[CELLS_MAX];     /* of the column that follows the cell */
    bool is_amount;                 /* the cell after the first begins with money to be aligned right */
};

struct group {
    uint32_t column; /* where the cell after it begins */
    uint32_t amount; /* width of the widest money in it */
};

struct formatter {
    struct buffer *out;
    const struct source *source;
    struct arena *arena;
    struct format_line *lines;
    uint32_t count;
    struct group *groups;
    uint32_t group_count;
    const struct comment *comment; /* the next one that has not been written */
};

/* ---- where cells begin ---- */

static void cut(struct format_line *line, uint32_t token, uint32_t group)
{
    if (token >= line->line->count - 1) return;
    line->groups[line->cell_count - 1] = group;
    line->starts[line->cell_count++] = token;
}

/* Whether a statement begins at the token of a case's line. */
static bool begins_statement(const struct balanced_line *line, uint32_t at)
{
    const uint16_t kind = line->tokens[at].kind;
    const uint16_t before = line->tokens[at - 1].kind;
    const uint16_t after = line->tokens[at + 1].kind;
    if (before == TK_WHERE || before == TK_AND || before == TK_OR || before == TK_OF || before == TK_IS) return false;
    switch (kind) {
    case TK_SEND:
    case TK_DO:
    case TK_TAG:
    case TK_UNTAG:
    case TK_REMEMBER: return after == TK_ID || lexer_may_name(after);
    case TK_TELL: return after == TK_PATH;
    case TK_GIVE:
    case TK_RELEASE: return after == TK_CODE;
    case TK_SHOW: return after == TK_OFFER;
    case TK_AWARD: return after == TK_BADGE;
    case TK_SPEND: return after == TK_NUMBER || after == TK_PATH;
    case TK_CANCEL:
    case TK_FREEZE:
    case TK_UNFREEZE:
    case TK_CREDIT: return after == TK_STRING;
    case TK_GO: return after == TK_TO || after == TK_ON;
    case TK_FINISH: return after == TK_AS;
    case TK_WAIT: return after == TK_DURATION || after == TK_UNTIL || after == TK_NUMBER;
    default: return false;
    }
}

static bool is_case_block(enum block_kind kind)
{
    return kind == BLOCK_WAIT || kind == BLOCK_ASK || kind == BLOCK_CHOOSE || kind == BLOCK_SPLIT ||
           kind == BLOCK_PROGRESS;
}

static bool is_case(const struct balanced_line *line)
{
    const uint16_t first = line->tokens[0].kind;
    if (line->inside == BLOCK_SPLIT) return first == TK_PERCENT;
    return is_case_block(line->inside) && (first == TK_WHEN || first == TK_OTHERWISE);
}

/* The token after the moment of an `at` line. */
static uint32_t after_point(const struct balanced_line *line)
{
    uint32_t at = 3;
    if (line->tokens[1].kind == TK_DATE && line->tokens[3].kind == TK_UTC) at = 4;
    return at;
}

static bool is_heading(uint16_t first)
{
    return first == TK_NOTE || first == TK_OWNER || first == TK_PRODUCT || first == TK_JURISDICTION ||
           first == TK_CURRENCY || first == TK_TIMEZONE || first == TK_ROUNDING || first == TK_RUNS ||
           first == TK_GROUP || first == TK_PRIORITY || first == TK_LIABILITY;
}

/* First words of tournaments, levels and missions alone. */
static bool is_own_key(uint16_t first)
{
    return first == TK_SETTLES || first == TK_FEE || first == TK_EARN || first == TK_SCORE || first == TK_WINNERS ||
           first == TK_FIELD || first == TK_COMPLETE || first == TK_LASTS || first == TK_SETS || first == TK_COUNTS ||
           first == TK_UP || first == TK_DOWN || first == TK_KEEP;
}

/* Lines that name one of several: `quota "VIP"`, `place 6 to 9`, `task "A"`, `level gold`; the token after the name, 0 for others. */
static uint32_t row_size(const struct balanced_line *line)
{
    const uint16_t first = line->tokens[0].kind;
    switch (line->inside) {
    case BLOCK_CODES: return first == TK_QUOTA ? 2 : 0;
    case BLOCK_PRIZES:
        if (first != TK_PLACE) return 0;
        return line->tokens[2].kind == TK_TO ? 4 : 2;
    case BLOCK_MISSION: return first == TK_TASK ? 2 : 0;
    case BLOCK_LEVELS: return first == TK_LEVEL ? 2 : 0;
    default: return 0;
    }
}

static uint32_t key_size(const struct balanced_line *line)
{
    const uint16_t first = line->tokens[0].kind;
    switch (line->inside) {
    case BLOCK_WORKSPACE:
    case BLOCK_ACTION:
    case BLOCK_STACKING:
    case BLOCK_BOARD:
    case BLOCK_POINTS: return 1;
    case BLOCK_BADGE: return first == TK_FOR ? 0 : 1;
    case BLOCK_OFFER:
    case BLOCK_TERMS: return first == TK_CANCEL || first == TK_REVOKE ? 2 : 1;
    case BLOCK_PRIZES: return first == TK_PLACE ? 0 : 1;
    case BLOCK_CODES:
        if (first == TK_QUOTA || first == TK_ONLY) return 0;
        return first == TK_EACH || first == TK_IN ? 2 : 1;
    case BLOCK_EVENT: return first == TK_FIELD ? 2 : 0;
    case BLOCK_MESSAGE: return first == TK_NOTE || first == TK_CLASS || first == TK_ABOUT ? 1 : 0;
    case BLOCK_RATES:
    case BLOCK_RULES: return first == TK_VERSION || first == TK_NOTE || first == TK_SOURCE ? 1 : 0;
    case BLOCK_POLICY: return first == TK_NOTE || first == TK_OWNER ? 1 : 0;
    case BLOCK_BUDGET:
        if (first == TK_PER) return line->tokens[1].kind == TK_OFFER ? 3 : 2;
        return first == TK_WHEN ? 2 : 1;
    case BLOCK_TOURNAMENT:
    case BLOCK_LEVELS:
    case BLOCK_MISSION:
        if (is_own_key(first)) return 1;
        if (first == TK_LATE) return 2;
        return is_heading(first) ? 1 : 0;
    case BLOCK_CAMPAIGN:
        if (first == TK_LATE) return 2;
        return is_heading(first) ? 1 : 0;
    case BLOCK_TOP: return first == TK_ATTRIBUTE || first == TK_QUERY ? 2 : 0;
    default: return 0;
    }
}

/* ---- indentation ---- */

/* The groups that the lines at hand would go on with. */
struct runs {
    uint32_t test;
    uint32_t key;
    uint32_t name;
    uint32_t cases;
};

static uint32_t indent_of(const struct balanced_line *line, const uint32_t *stack, uint32_t depth)
{
    const uint16_t first = line->tokens[0].kind;
    if (depth == 0) return 0;
    const uint32_t around = stack[depth - 1];
    if (first == TK_END || (first == TK_OTHERWISE && line->inside == BLOCK_IF)) return around;
    const bool is_in_case = is_case_block(line->inside) && !is_case(line);
    if (is_in_case || shape_is_below_level(line->inside, first)) return around + 2 * STEP_COLUMNS;
    return around + STEP_COLUMNS;
}

/* Whether something stands between two lines: a blank line or a comment ends a run of columns. */
static bool has_gap(const struct formatter *formatter, const struct balanced_line *before,
                    const struct balanced_line *line)
{
    const uint32_t start = line->tokens[0].span.start;
    for (uint32_t at = before->tokens[before->count - 1].span.end; at < start; at++) {
        if (formatter->source->text.at[at] == '\n') return true;
    }
    return false;
}

static void cut_key(struct formatter *formatter, struct format_line *out, struct runs *runs, uint32_t key, bool goes_on)
{
    if (!goes_on) {
        runs->key = ++formatter->group_count;
        runs->name = ++formatter->group_count;
    }
    cut(out, key, runs->key);
    out->is_amount = out->line->inside == BLOCK_BUDGET && out->line->tokens[key].kind == TK_MONEY;
    if (out->line->tokens[0].kind == TK_TAKES) cut(out, key + 1, runs->name);
}

/* The first token of the statement on the line, or the line's last. */
static uint32_t find_statement(const struct balanced_line *line)
{
    uint32_t at = 1;
    while (at + 1 < line->count && !begins_statement(line, at)) at++;
    return at;
}

static void cut_at_line(struct format_line *out, uint32_t group)
{
    const struct balanced_line *line = out->line;
    const uint32_t fact = after_point(line);
    cut(out, fact, group);
    if (line->tokens[fact].kind != TK_FOR) return;
    uint32_t at = fact + 1;
    while (line->tokens[at].kind == TK_STRING || line->tokens[at].kind == TK_COMMA || line->tokens[at].kind == TK_THE ||
           line->tokens[at].kind == TK_OTHERS) {
        at++;
    }
    cut(out, at, GROUP_NONE);
}

static void cut_line(struct formatter *formatter, struct format_line *out, const struct format_line *previous,
                     struct runs *runs)
{
    const struct balanced_line *line = out->line;
    const uint16_t first = line->tokens[0].kind;
    const bool goes_on = previous != NULL && previous->line->inside == line->inside &&
                         previous->indent == out->indent && previous->cell_count > 1 &&
                         !has_gap(formatter, previous->line, line);
    const uint32_t key = first == TK_END ? 0 : key_size(line);
    if (key > 0) {
        cut_key(formatter, out, runs, key, goes_on && key_size(previous->line) > 0);
    } else if (row_size(line) > 0) {
        if (!goes_on || row_size(previous->line) == 0) {
            runs->cases = ++formatter->group_count;
            runs->name = ++formatter->group_count;
        }
        cut(out, row_size(line), runs->cases);
        if (first == TK_LEVEL) cut(out, find_statement(line), runs->name);
    } else if (is_case(line)) {
        if (!goes_on || !is_case(previous->line)) runs->cases = ++formatter->group_count;
        cut(out, find_statement(line), runs->cases);
    } else if (first == TK_AT && (line->inside == BLOCK_TEST || line->inside == BLOCK_TEST_REPEAT)) {
        cut_at_line(out, runs->test);
    } else if (first == TK_STEP && line->inside == BLOCK_CAMPAIGN) {
        cut(out, 2, GROUP_NONE);
    } else if (first == TK_LEAVE && line->inside == BLOCK_CAMPAIGN) {
        cut(out, find_statement(line), GROUP_NONE);
    }
}

/* Indentation of every line, and which lines belong to one column. */
static void shape_lines(struct formatter *formatter, const struct balanced_lines *lines, uint32_t *stack)
{
    uint32_t depth = 0;
    struct runs runs = {GROUP_NONE, GROUP_NONE, GROUP_NONE, GROUP_NONE};
    for (uint32_t i = 0; i < lines->count; i++) {
        const struct balanced_line *line = &lines->lines[i];
        struct format_line *out = &formatter->lines[i];
        out->line = line;
        out->cell_count = 1;
        out->indent = indent_of(line, stack, depth);
        cut_line(formatter, out, i == 0 ? NULL : out - 1, &runs);
        out->starts[out->cell_count] = line->count - 1;
        if (line->opens == BLOCK_TEST) runs.test = ++formatter->group_count;
        if (line->tokens[0].kind == TK_END) {
            depth--;
        } else {
            if (line->opens != BLOCK_TOP) stack[depth++] = out->indent;
            if (line->opens_group) stack[depth++] = out->indent;
        }
    }
}

/* ---- columns ---- */

static uint32_t cell_width(struct formatter *formatter, const struct format_line *line, uint32_t cell)
{
    return format_words_width(formatter->arena, line->line->tokens, line->starts[cell], line->starts[cell + 1]);
}

static void measure(struct formatter *formatter)
{
    for (uint32_t i = 0; i < formatter->count; i++) {
        const struct format_line *line = &formatter->lines[i];
        uint32_t column = line->indent;
        for (uint32_t cell = 0; cell + 1 < line->cell_count; cell++) {
            struct group *group = &formatter->groups[line->groups[cell]];
            column += cell_width(formatter, line, cell) + 2;
            if (line->groups[cell] == GROUP_NONE) continue;
            if (column > group->column) group->column = column;
            column = group->column;
        }
        if (line->is_amount) {
            struct group *group = &formatter->groups[line->groups[0]];
            const uint32_t width =
                format_words_width(formatter->arena, line->line->tokens, line->starts[1], line->starts[1] + 1);
            if (width > group->amount) group->amount = width;
        }
    }
    /* A second column starts where the widest first column lets it. */
    for (uint32_t i = 0; i < formatter->count; i++) {
        const struct format_line *line = &formatter->lines[i];
        if (line->cell_count < 3 || line->groups[1] == GROUP_NONE) continue;
        struct group *group = &formatter->groups[line->groups[1]];
        const uint32_t column = formatter->groups[line->groups[0]].column + cell_width(formatter, line, 1) + 2;
        if (column > group->column) group->column = column;
    }
}

/* ---- writing ---- */

/* Writes tokens from `first` to `end` and breaks the line where it grows too wide. */
static uint32_t write_cell(struct formatter *formatter, const struct format_line *line, uint32_t first, uint32_t end,
                           uint32_t column)
{
    const struct token *tokens = line->line->tokens;
    uint32_t at = first;
    while (at < end) {
        /* A stretch runs up to the next place where the line may be broken. */
        uint32_t stop = at + 1;
        while (stop < end && !format_words_may_break(tokens[stop - 1].kind)) stop++;
        const uint32_t width = format_words_width(formatter->arena, tokens, at, stop);
        const bool has_space = at > first && format_words_has_space(tokens, at);
        if (at > first && column + width + 1 > WIDTH_MAX && format_words_may_break(tokens[at - 1].kind)) {
            buffer_string(formatter->out, "\n");
            buffer_fill(formatter->out, ' ', (size_t)line->indent + 2 * STEP_COLUMNS);
            column = line->indent + 2 * STEP_COLUMNS;
        } else if (has_space) {
            buffer_string(formatter->out, " ");
            column++;
        }
        format_words_write(formatter->out, tokens, at, stop);
        column += width;
        at = stop;
    }
    return column;
}

static void write_comment(struct formatter *formatter, const struct comment *comment)
{
    buffer_text(formatter->out, text_trim(source_slice(formatter->source, comment->span)));
}

/* Comments on lines of their own before an offset, each at the indentation, blank lines kept. */
static void write_own_comments(struct formatter *formatter, uint32_t until, uint32_t indent, uint32_t *last_end,
                               bool *is_block_start)
{
    while (formatter->comment != NULL && formatter->comment->span.start < until) {
        const struct comment *comment = formatter->comment;
        uint32_t newlines = 0;
        for (uint32_t at = *last_end; at < comment->span.start; at++) {
            newlines += formatter->source->text.at[at] == '\n';
        }
        if (newlines > 1 && !*is_block_start) buffer_string(formatter->out, "\n");
        buffer_fill(formatter->out, ' ', indent);
        write_comment(formatter, comment);
        buffer_string(formatter->out, "\n");
        *last_end = comment->span.end;
        *is_block_start = false;
        formatter->comment = comment->next;
    }
}

/* Comments that stand inside a line which goes on below: the last may follow it, others precede it. */
static const struct comment *take_inner_comments(struct formatter *formatter, const struct format_line *line)
{
    const struct span end = line->line->tokens[line->line->count - 1].span;
    const struct comment *trailing = NULL;
    while (formatter->comment != NULL && formatter->comment->span.start <= end.start) {
        if (trailing != NULL) {
            buffer_fill(formatter->out, ' ', line->indent);
            write_comment(formatter, trailing);
            buffer_string(formatter->out, "\n");
        }
        trailing = formatter->comment;
        formatter->comment = formatter->comment->next;
    }
    return trailing;
}

static bool is_block_declaration(const struct format_line *line)
{
    return line->line->inside == BLOCK_TOP && (line->line->opens != BLOCK_TOP || line->line->opens_group);
}

static void write_line(struct formatter *formatter, const struct format_line *line)
{
    const struct comment *trailing = take_inner_comments(formatter, line);
    if (formatter->arena->failed) return; /* widths were lost: columns would be anywhere */
    buffer_fill(formatter->out, ' ', line->indent);
    uint32_t column = line->indent;
    for (uint32_t cell = 0; cell < line->cell_count; cell++) {
        if (cell == 1 && line->is_amount) {
            const uint32_t width =
                format_words_width(formatter->arena, line->line->tokens, line->starts[1], line->starts[1] + 1);
            const uint32_t amount = formatter->groups[line->groups[0]].amount;
            const uint32_t pad = amount > width ? amount - width : 0;
            buffer_fill(formatter->out, ' ', pad);
            column += pad;
        }
        column = write_cell(formatter, line, line->starts[cell], line->starts[cell + 1], column);
        if (cell + 1 == line->cell_count) break;
        const uint32_t target =
            line->groups[cell] == GROUP_NONE ? column + 2 : formatter->groups[line->groups[cell]].column;
        if (target > column) buffer_fill(formatter->out, ' ', target - column);
        column = target;
    }
    if (trailing != NULL) {
        buffer_string(formatter->out, "  ");
        write_comment(formatter, trailing);
    }
    buffer_string(formatter->out, "\n");
}

static void write_all(struct formatter *formatter)
{
    uint32_t last_end = 0;
    bool is_block_start = true;
    for (uint32_t i = 0; i < formatter->count; i++) {
        const struct format_line *line = &formatter->lines[i];
        const uint32_t start = line->line->tokens[0].span.start;
        const bool closes = line->line->tokens[0].kind == TK_END;
        const uint32_t comment_indent = closes ? line->indent + STEP_COLUMNS : line->indent;
        /* One blank line between declarations of several lines, even where the author had none. */
        if (i > 0 && line->line->inside == BLOCK_TOP && !closes) {
            const struct format_line *previous = &formatter->lines[i - 1];
            const bool after_block = previous->line->tokens[0].kind == TK_END;
            uint32_t newlines = 0;
            const uint32_t until = formatter->comment != NULL && formatter->comment->span.start < start
                                       ? formatter->comment->span.start
                                       : start;
            for (uint32_t at = last_end; at < until; at++) newlines += formatter->source->text.at[at] == '\n';
            if (newlines <= 1 && (after_block || is_block_declaration(line))) buffer_string(formatter->out, "\n");
        }
        write_own_comments(formatter, start, comment_indent, &last_end, &is_block_start);
        uint32_t newlines = 0;
        for (uint32_t at = last_end; at < start; at++) newlines += formatter->source->text.at[at] == '\n';
        if (newlines > 1 && !is_block_start && !closes) buffer_string(formatter->out, "\n");
        write_line(formatter, line);
        const uint32_t line_end = line->line->tokens[line->line->count - 1].span.start;
        last_end = line_end;
        is_block_start = line->line->opens != BLOCK_TOP || line->line->opens_group;
    }
    write_own_comments(formatter, UINT32_MAX, 0, &last_end, &is_block_start);
}

enum status format_source(struct buffer *out, const struct source *source, struct arena *arena,
                          struct format_options options, struct error *error)
{
    const struct arena_mark mark = arena_mark(arena);
    const struct source **slots = ARENA_ARRAY(arena, const struct source *, (size_t)source->file + 1);
    if (slots == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to format `%.*s`", TEXT_ARGS(source->name));
    slots[source->file] = source;
    struct source_set set = {arena, (struct source **)(uintptr_t)slots, source->file + 1, source->file + 1};
    struct diagnostic_list diagnostics;
    struct lexer_lines lines;
    struct balanced_lines balanced;
    struct formatter formatter = {.out = out, .source = source, .arena = arena};
    enum status status = OK;
    diagnostics_init(&diagnostics, arena, &set);
    if (!lexer_read_lines(&lines, source, arena, &diagnostics) ||
        !balance_lines(&balanced, &lines, source, arena, &diagnostics)) {
        status = error_set(error, STATUS_NO_MEMORY, "no memory to format `%.*s`", TEXT_ARGS(source->name));
        goto done;
    }
    if (lines.has_mistake || balanced.has_mistake) {
        status = error_set(error, STATUS_INVALID, "`%.*s` has mistakes: mend them first", TEXT_ARGS(source->name));
        goto done;
    }
    if (options.is_explicit && !format_explicit(&balanced, arena)) {
        status = error_set(error, STATUS_NO_MEMORY, "no memory to format `%.*s`", TEXT_ARGS(source->name));
        goto done;
    }
    formatter.count = balanced.count;
    formatter.comment = lines.comments;
    if (balanced.count > 0) {
        uint32_t *stack = ARENA_ARRAY(arena, uint32_t, (size_t)balanced.count * 2 + 2);
        formatter.lines = ARENA_ARRAY(arena, struct format_line, balanced.count);
        formatter.groups = ARENA_ARRAY(arena, struct group, (size_t)balanced.count * 2 + 2);
        if (stack == NULL || formatter.lines == NULL || formatter.groups == NULL) {
            status = error_set(error, STATUS_NO_MEMORY, "no memory to format `%.*s`", TEXT_ARGS(source->name));
            goto done;
        }
        shape_lines(&formatter, &balanced, stack);
        measure(&formatter);
    }
    write_all(&formatter);
    if (!buffer_ok(out) || arena->failed) {
        status = error_set(error, STATUS_NO_MEMORY, "no memory to format `%.*s`", TEXT_ARGS(source->name));
    }
done:
    arena_rewind(arena, mark);
    return status;
}
