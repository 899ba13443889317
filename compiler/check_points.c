/*
 * `points` and `levels` as records, and `spend` as an instruction.
 *
 * A line of `earn` is code over its event, as a metric's is (check_metric.c); the rate stands beside it, exact. What the records must hold
 * besides is in vm/meaning_points.c. Contract: check_points.h.
 */
#include "compiler/check_points.h"

#include "compiler/emit_journey.h"
#include "vm/civil.h"
#include "vm/decimal.h"
#include "vm/zone.h"

#define RATE_MOST INT64_C(1000000000000000) /* as in vm/meaning_points.c */

/* ------------------------------------------------------------------ campaigns of levels */

static bool is_of_levels(enum line_kind kind)
{
    switch (kind) {
    case LINE_SETS:
    case LINE_COUNTS_POINTS:
    case LINE_UP_AT_ONCE:
    case LINE_DOWN:
    case LINE_KEEP:
    case LINE_LEVEL: return true;
    default: return false;
    }
}

/* They start by themselves; told in emit_levels. */
static bool is_start(enum line_kind kind)
{
    return kind >= LINE_START && kind <= LINE_START_SCHEDULE;
}

static void add_line(struct line_list *list, struct line *line)
{
    if (line == NULL) return;
    line->next = NULL;
    if (list->last == NULL) {
        list->first = line;
    } else {
        list->last->next = line;
    }
    list->last = line;
    list->count++;
}

static struct line *copy_line(struct arena *arena, const struct line *line)
{
    struct line *copy = ARENA_NEW(arena, struct line);
    if (copy != NULL) *copy = *line;
    return copy;
}

static struct line *new_line(struct arena *arena, enum line_kind kind, struct span span)
{
    struct line *line = ARENA_NEW(arena, struct line);
    if (line != NULL) *line = (struct line){.kind = kind, .span = span};
    return line;
}

/* `level_reached.level is "silver"` */
static struct condition *is_level(struct arena *arena, const struct line *line)
{
    struct condition *condition = ARENA_NEW(arena, struct condition);
    struct value *left = ARENA_NEW(arena, struct value);
    struct value *word = ARENA_NEW(arena, struct value);
    if (condition == NULL || left == NULL || word == NULL) return NULL;
    const struct span span = line->as.level.name.span;
    *left = (struct value){
        .kind = VALUE_PATH, .span = span, .owner = {TEXT("level_reached"), span, 0}, .name = {TEXT("level"), span, 0}};
    *word = (struct value){.kind = VALUE_TEXT, .span = span, .name = line->as.level.name};
    *condition = (struct condition){.kind = CONDITION_COMPARE,
                                    .span = span,
                                    .left = left,
                                    .comparison = COMPARISON_IS,
                                    .operator_span = span,
                                    .values = {word, word, 1}};
    return condition;
}

/* One step: what the level's line does, then the end. */
static struct line *give(struct arena *arena, const struct declaration *levels)
{
    struct line *step = new_line(arena, LINE_STEP, levels->span);
    struct statement *chosen = ARENA_NEW(arena, struct statement), *end = ARENA_NEW(arena, struct statement);
    if (step == NULL || chosen == NULL || end == NULL) return NULL;
    *chosen = (struct statement){.kind = STATEMENT_IF, .span = levels->span};
    struct branch_list *branches = &chosen->as.branch.branches;
    for (const struct line *line = levels->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_LEVEL || line->as.level.body.first == NULL) continue;
        struct branch *branch = ARENA_NEW(arena, struct branch);
        if (branch == NULL) return NULL;
        *branch = (struct branch){.span = line->span, .condition = is_level(arena, line), .body = line->as.level.body};
        if (branches->last == NULL) {
            branches->first = branch;
        } else {
            branches->last->next = branch;
        }
        branches->last = branch;
        branches->count++;
    }
    *end = (struct statement){.kind = STATEMENT_FINISH, .span = levels->span, .name = {TEXT("GIVEN"), levels->span, 0}};
    step->as.step.name = (struct name){TEXT("Give"), levels->span, 0};
    step->as.step.body.span = levels->span;
    step->as.step.body.first = branches->count > 0 ? chosen : end;
    if (branches->count > 0) chosen->next = end;
    step->as.step.body.last = end;
    step->as.step.body.count = branches->count > 0 ? 2 : 1;
    return step;
}

static struct declaration *campaign_of(struct arena *arena, const struct declaration *levels)
{
    struct declaration *campaign = ARENA_NEW(arena, struct declaration);
    if (campaign == NULL) return NULL;
    *campaign = *levels;
    campaign->kind = DECLARATION_CAMPAIGN;
    campaign->is_hidden = true;
    campaign->next = NULL;
    campaign->lines = (struct line_list){0};
    uint32_t count = 0;
    bool enters = false;
    for (const struct line *line = levels->lines.first; line != NULL; line = line->next) {
        count += line->kind == LINE_LEVEL;
        enters = enters || line->kind == LINE_ENTER;
        if (!is_of_levels(line->kind) && !is_start(line->kind)) add_line(&campaign->lines, copy_line(arena, line));
    }
    struct line *start = new_line(arena, LINE_START, levels->span), *enter = NULL;
    if (start != NULL) {
        start->as.event = (struct event_match){.span = levels->span,
                                               .event = {TEXT("level_reached"), levels->span, 0},
                                               .about = {levels->name.text, levels->span, 0}};
    }
    add_line(&campaign->lines, start);
    if (!enters) enter = new_line(arena, LINE_ENTER, levels->span);
    if (enter != NULL) {
        /* Several levels may be reached in one instant, and what one of them does may take its time. */
        enter->as.enter.kind = ENTER_EVERY_TIME;
        if (count > 1) enter->as.enter.at_once = count;
    }
    add_line(&campaign->lines, enter);
    add_line(&campaign->lines, give(arena, levels));
    return campaign;
}

void levels_expand(struct arena *arena, struct ast_file *const *files, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct declaration_list *list = &files[i]->declarations;
        const struct declaration *last = list->last;
        for (const struct declaration *at = list->first; at != NULL; at = at->next) {
            if (at->kind == DECLARATION_LEVELS) {
                struct declaration *campaign = campaign_of(arena, at);
                if (campaign == NULL) return;
                list->last->next = campaign;
                list->last = campaign;
                list->count++;
            }
            if (at == last) break;
        }
    }
}

/* ------------------------------------------------------------------ lines of both */

static uint32_t currency_of(struct names *names, const struct declaration *declaration)
{
    const struct line *line = ast_find_line(&declaration->lines, LINE_CURRENCY, NULL);
    if (line == NULL || line->as.words.first == NULL) return 0;
    return names_need_currency(names, line->as.words.first->name.text, line->span);
}

static uint32_t zone_of(struct names *names, const struct declaration *declaration)
{
    const struct line *line = ast_find_line(&declaration->lines, LINE_TIMEZONE, NULL);
    if (line == NULL) return names->zone;
    int zone = names_need_zone(names, &line->as.text);
    return zone < 0 ? names->zone : (uint32_t)zone;
}

static uint32_t text_line(struct names *names, const struct declaration *declaration, enum line_kind kind)
{
    const struct line *line = ast_find_line(&declaration->lines, kind, NULL);
    return line == NULL ? PROGRAM_NONE : builder_text(names->builder, line->as.text.text);
}

uint32_t points_need(struct names *names, const struct name *name)
{
    for (uint32_t i = 0; i < names->points_count; i++) {
        if (text_equal(names->points[i].name, name->text)) return i;
    }
    struct text *list = ARENA_ARRAY(names->arena, struct text, names->points_count + 1);
    for (uint32_t i = 0; list != NULL && i < names->points_count; i++) list[i] = names->points[i].name;
    names_unknown(names, DIAGNOSTIC_UNKNOWN_POINTS, name, list, list == NULL ? 0 : names->points_count);
    return PROGRAM_NONE;
}

/* ------------------------------------------------------------------ earn */

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The value's number in millionths; false after a report. */
static bool read_amount(struct names *names, const struct value *value, int64_t *out)
{
    static const struct span nowhere;
    bool fixed = value != NULL && value->kind == VALUE_NUMBER && value->amount > 0;
    if (value != NULL && value->kind == VALUE_BROKEN) return false;
    if (fixed) fixed = value->amount <= RATE_MOST;
    if (!fixed) {
        REPORT(names, DIAGNOSTIC_EARN_AMOUNT, value == NULL ? nowhere : value->span,
               value == NULL ? TEXT("") : names_words(names, value->span));
        return false;
    }
    *out = value->amount;
    return true;
}

/* The rate: `num` points for `den` of what the code yields. False after a report. */
static bool read_rate(struct emitter *emitter, const struct line *line, const struct reading *value, int64_t *num,
                      int64_t *den)
{
    struct names *names = emitter->names;
    if (!read_amount(names, line->as.earn.amount, num)) return false;
    *den = DECIMAL_ONE; /* the amount is in millionths */
    if (line->as.earn.per != NULL) {
        if (!names_is_amount(value->type)) {
            REPORT(names, DIAGNOSTIC_EARN_FIELD, line->as.earn.field.span, line->as.earn.field.text,
                   names_type_words(names, value->type));
            return false;
        }
        struct reading per;
        if (!value_constant(emitter, line->as.earn.per, value->type, line->as.earn.field.text, &per)) return false;
        if (per.number <= 0 || per.number > RATE_MOST / DECIMAL_ONE) {
            REPORT(names, DIAGNOSTIC_EARN_AMOUNT, line->as.earn.per->span, names_words(names, line->as.earn.per->span));
            return false;
        }
        *den = per.number * DECIMAL_ONE;
    }
    int64_t divisor = common_divisor(*num, *den);
    *num /= divisor;
    *den /= divisor;
    return true;
}

/* Points by one line; false after a report. */
/* What points make known when they are earned would earn points, and so on. */
static bool earned_by_points(struct names *names, const struct name *event)
{
    bool loops = text_equal(event->text, TEXT("points_earned")) || text_equal(event->text, TEXT("points_taken_back"));
    if (loops) REPORT(names, DIAGNOSTIC_EARN_BY_POINTS, event->span, event->text);
    return loops;
}

static bool emit_earn(struct emitter *emitter, const struct thing *points, const struct line *line, uint32_t currency,
                      uint32_t zone)
{
    struct names *names = emitter->names;
    struct metric written = {
        .aggregate = line->as.earn.per == NULL ? AGGREGATE_WORD_COUNT : AGGREGATE_WORD_SUM,
        .span = line->span,
        .event = line->as.earn.event.event,
        .field = line->as.earn.field,
        .conversion = line->as.earn.conversion,
        .window = WINDOW_WORD_EVER,
        .window_span = line->span,
        .where = line->as.earn.event.where,
    };
    /* A line is for the money that it names. */
    const struct value *per = line->as.earn.per;
    if (ast_is_present(&line->as.earn.conversion.currency)) {
        const struct name *word = &line->as.earn.conversion.currency;
        currency = names_need_currency(names, word->text, word->span);
    } else if (per != NULL && per->kind == VALUE_MONEY) {
        currency = names_need_currency(names, per->currency, per->span);
    }
    if (currency == PROGRAM_NONE) return false;
    if (ast_is_present(&line->as.earn.event.about)) {
        REPORT(names, DIAGNOSTIC_EARN_ABOUT, line->as.earn.event.about.span, line->as.earn.event.event.text);
        return false;
    }
    struct declaration declaration = {
        .kind = DECLARATION_METRIC, .span = line->span, .name = points->declaration->name, .metric = &written};
    struct metric_info info = {.declaration = &declaration,
                               .name = points->name,
                               .campaign = PROGRAM_NONE,
                               .each = 1,
                               .currency = currency,
                               .zone = zone};
    struct measure measure;
    if (earned_by_points(names, &line->as.earn.event.event) || !metric_measure(emitter, &info, &measure)) return false;
    struct bundle_earn record = {.event = measure.event,
                                 .code = measure.code,
                                 .reversal = measure.reversal,
                                 .reversal_code = measure.reversal_code,
                                 .line = names_line(names, line->span)};
    if (!read_rate(emitter, line, &measure.value, &record.num, &record.den)) return false;
    builder_add_earn(names->builder, &record);
    return true;
}

static void emit_points(struct emitter *emitter, const struct thing *points)
{
    struct names *names = emitter->names;
    struct declaration *declaration = points->declaration;
    schema_judge_repeats(names, declaration);
    const struct line *product = ast_find_line(&declaration->lines, LINE_PRODUCT, NULL);
    const struct line *rest = ast_find_line(&declaration->lines, LINE_REST, NULL);
    const struct line *expires = ast_find_line(&declaration->lines, LINE_EXPIRES, NULL);
    uint32_t zone = zone_of(names, declaration), currency = currency_of(names, declaration);
    struct bundle_points record = {
        .name = builder_text(names->builder, points->name),
        .note = text_line(names, declaration, LINE_NOTE),
        .owner = text_line(names, declaration, LINE_OWNER),
        .product = PROGRAM_NONE,
        .currency = currency == PROGRAM_NONE ? 0 : currency,
        .zone = builder_text(names->builder, text_of(zone_name(zone))),
        .rest_dropped = rest != NULL && !rest->as.chosen,
        .earn_first = builder_count(names->builder, SECTION_EARN),
        .file = declaration->span.file,
        .line = names_line(names, declaration->span),
    };
    if (product != NULL && product->as.words.first != NULL)
        record.product = names_need_product(names, &product->as.words.first->name);
    if (expires != NULL && expires->as.expires.duration->kind == VALUE_DURATION) {
        const struct duration *duration = &expires->as.expires.duration->duration;
        if (names_duration_ms(duration) == 0) {
            names_report(names, DIAGNOSTIC_DURATION_ZERO, expires->as.expires.duration->span, NULL, 0);
        } else {
            record.expires_kind = names_duration(duration, &record.expires);
        }
    }
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_EARN) continue;
        if (record.earn_count == LIMIT_EARN_LINES) {
            REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, TEXT("more than 64"), TEXT("lines `earn` of one block"),
                   names_number(names, LIMIT_EARN_LINES));
            break;
        }
        record.earn_count += emit_earn(emitter, points, line, record.currency, zone);
    }
    builder_add_points(names->builder, &record);
}

/* ------------------------------------------------------------------ levels */

static const enum grain grains[] = {
    [PERIOD_EVER] = GRAIN_DAY,    [PERIOD_DAY] = GRAIN_DAY,   [PERIOD_WEEK] = GRAIN_WEEK,
    [PERIOD_MONTH] = GRAIN_MONTH, [PERIOD_YEAR] = GRAIN_YEAR,
};

static const struct line *need_line(struct names *names, const struct declaration *levels, enum line_kind kind,
                                    const char *word, const char *example)
{
    const struct line *line = ast_find_line(&levels->lines, kind, NULL);
    if (line == NULL && !levels->is_broken)
        REPORT(names, DIAGNOSTIC_LINE_MISSING, levels->span, TEXT("block `levels`"), text_of(word), text_of(example));
    return line;
}

/* What is counted, over which days. False after a report. */
static bool read_window(struct names *names, const struct line *counts, struct bundle_levels *record)
{
    const struct metric *window = counts->as.counts_points.window;
    record->points = points_need(names, &counts->as.counts_points.points);
    record->grain = GRAIN_DAY;
    if (ast_is_present(&window->zone.name)) {
        struct name zone = window->zone.name;
        int found = names_need_zone(names, &zone);
        if (found >= 0) record->zone = builder_text(names->builder, text_of(zone_name((unsigned)found)));
    }
    bool fine = record->points != PROGRAM_NONE && !window->zone.in_player_zone;
    switch (window->window) {
    case WINDOW_WORD_EVER: record->span = SPAN_EVER; break;
    case WINDOW_WORD_THIS:
        record->span = SPAN_THIS;
        record->grain = grains[window->period];
        if (record->grain == GRAIN_DAY) fine = false;
        break;
    case WINDOW_WORD_LAST:
        record->span = SPAN_ROLLING;
        if (window->duration->kind != VALUE_DURATION) return false;
        if (names_duration_ms(&window->duration->duration) == 0) {
            names_report(names, DIAGNOSTIC_DURATION_ZERO, window->duration->span, NULL, 0);
            return false;
        }
        record->rolling_kind = names_duration(&window->duration->duration, &record->window);
        break;
    default: fine = false; break;
    }
    if (!fine && record->points != PROGRAM_NONE) names_report(names, DIAGNOSTIC_LEVELS_WINDOW, counts->span, NULL, 0);
    return fine;
}

/* The attribute that is set. NULL after a report. */
static const struct member *read_attribute(struct names *names, const struct thing *levels, const struct line *sets,
                                           uint32_t number)
{
    const struct name *name = &sets->as.sets.attribute;
    const struct member *attribute = names_need_attribute(names, name);
    if (attribute == NULL) return NULL;
    if (attribute->type.kind != TYPE_ENUM || !names->enumerations[attribute->type.of].ranked) {
        REPORT(names, DIAGNOSTIC_LEVELS_ATTRIBUTE, name->span, name->text, names_type_words(names, attribute->type));
        return NULL;
    }
    for (uint32_t i = 0; i < number; i++) {
        const struct line *other = ast_find_line(&names->ladders[i].declaration->lines, LINE_SETS, NULL);
        if (other == NULL || !text_equal(other->as.sets.attribute.text, name->text)) continue;
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_LEVELS_SET_TWICE, name->span, name->text, levels->name, names->ladders[i].name);
        diagnostic_add_note(names->diagnostics, diagnostic, other->span, TEXT("here"));
        return NULL;
    }
    return attribute;
}

static bool emit_level(struct names *names, const struct line *line, const struct member *attribute,
                       const struct line *before)
{
    const struct enumeration_info *words = &names->enumerations[attribute->type.of];
    const struct name *name = &line->as.level.name;
    uint32_t word = names_index(words->words, words->count, name->text);
    if (word == PROGRAM_NONE) {
        names_unknown(names, DIAGNOSTIC_LEVEL_WORD, name, words->words, words->count);
        return false;
    }
    if (word == 0) {
        REPORT(names, DIAGNOSTIC_LEVEL_LOWEST, name->span, name->text, attribute->name.text);
        return false;
    }
    uint32_t below = before == NULL ? 0 : names_index(words->words, words->count, before->as.level.name.text);
    bool rises =
        line->as.level.from > 0 && (before == NULL || (word > below && line->as.level.from > before->as.level.from));
    if (!rises || line->as.level.from > RATE_MOST) {
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_LEVEL_ORDER, line->as.level.from_span, name->text,
                                               before == NULL ? TEXT("nothing") : before->as.level.name.text);
        if (before != NULL)
            diagnostic_add_note(names->diagnostics, diagnostic, before->span, TEXT("the level below is here"));
        return false;
    }
    struct bundle_level record = {.from = line->as.level.from, .word = word, .line = names_line(names, line->span)};
    builder_add_level(names->builder, &record);
    return true;
}

static void read_down(struct names *names, const struct declaration *declaration, const struct metric *window,
                      struct bundle_levels *record)
{
    const struct line *down = ast_find_line(&declaration->lines, LINE_DOWN, NULL);
    const struct line *keep = ast_find_line(&declaration->lines, LINE_KEEP, NULL);
    record->down_grain = GRAIN_DAY;
    record->keep = DECIMAL_ONE;
    if (keep != NULL) {
        record->keep = keep->as.value->amount;
        if (keep->as.value->kind != VALUE_PERCENT || record->keep < 0 || record->keep > DECIMAL_ONE) {
            REPORT(names, DIAGNOSTIC_LEVELS_KEEP, keep->span, names_words(names, keep->as.value->span));
            record->keep = DECIMAL_ONE;
        }
    }
    if (down == NULL || down->as.down.levels == 0) {
        if (keep != NULL) names_report(names, DIAGNOSTIC_LEVELS_KEEP_IDLE, keep->span, NULL, 0);
        return;
    }
    record->down = down->as.down.levels > LIMIT_LEVELS ? LIMIT_LEVELS : (uint32_t)down->as.down.levels;
    record->down_grain = grains[down->as.down.period];
    bool same = record->span != SPAN_THIS || record->down_grain == record->grain;
    if (record->down_grain == GRAIN_DAY || !same) {
        static const char *const words[] = {"all time", "day", "week", "month", "year", "run"};
        struct text counted = record->span == SPAN_THIS ? arena_print(names->arena, "this %s", words[window->period])
                                                        : TEXT("more than a day");
        REPORT(names, DIAGNOSTIC_LEVELS_DOWN, down->span, text_of(words[down->as.down.period]), counted);
        record->down = 0;
        record->down_grain = GRAIN_DAY;
    }
}

/* The lines that its campaign has too are judged there. */
static void judge_repeats(struct names *names, const struct declaration *declaration)
{
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (!is_of_levels(line->kind) || line->kind == LINE_LEVEL) continue;
        const struct line *first = declaration->lines.first;
        while (first->kind != line->kind) first = first->next;
        if (first == line) continue;
        struct diagnostic *diagnostic =
            REPORT(names, DIAGNOSTIC_LINE_TWICE, line->span, text_of(ast_line_word(line->kind)));
        diagnostic_add_note(names->diagnostics, diagnostic, first->span, TEXT("the first one is here"));
    }
}

static void emit_levels(struct names *names, struct thing *levels, uint32_t number)
{
    const struct declaration *declaration = levels->declaration;
    judge_repeats(names, declaration);
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (is_start(line->kind)) REPORT(names, DIAGNOSTIC_LEVELS_START, line->span, levels->name);
    }
    const struct line *sets = need_line(names, declaration, LINE_SETS, "sets", "`sets  level`");
    const struct line *counts =
        need_line(names, declaration, LINE_COUNTS_POINTS, "counts", "`counts  \"stars\" earned over this month`");
    const struct line *first = need_line(names, declaration, LINE_LEVEL, "level", "`level silver  from 1,000`");
    struct bundle_levels record = {
        .name = builder_text(names->builder, levels->name),
        .zone = builder_text(names->builder, text_of(zone_name(zone_of(names, declaration)))),
        .level_first = builder_count(names->builder, SECTION_LEVEL),
        .file = declaration->span.file,
        .line = names_line(names, declaration->span),
    };
    if (sets == NULL || counts == NULL || first == NULL) return;
    const struct member *attribute = read_attribute(names, levels, sets, number);
    bool fine = read_window(names, counts, &record);
    if (attribute == NULL || !fine) return;
    record.attribute = attribute->index;
    read_down(names, declaration, counts->as.counts_points.window, &record);
    const struct line *before = NULL;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (line->kind != LINE_LEVEL) continue;
        if (record.level_count == LIMIT_LEVELS) {
            REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, TEXT("more than 64"), TEXT("levels"),
                   names_number(names, LIMIT_LEVELS));
            break;
        }
        if (declaration->is_broken && line->as.level.from <= 0) continue;
        if (!emit_level(names, line, attribute, before)) continue;
        record.level_count++;
        before = line;
    }
    levels->index = builder_count(names->builder, SECTION_LEVELS);
    builder_add_levels(names->builder, &record);
}

void points_emit(struct emitter *emitter)
{
    struct names *names = emitter->names;
    for (uint32_t i = 0; i < names->points_count; i++) emit_points(emitter, &names->points[i]);
    for (uint32_t i = 0; i < names->ladder_count; i++) emit_levels(names, &names->ladders[i], i);
}

/* ------------------------------------------------------------------ spend */

void emit_spend(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    uint32_t points = points_need(names, &statement->name);
    struct type whole = {TYPE_WHOLE, PROGRAM_NONE, 0};
    uint32_t base = emit_register(emitter);
    struct reading reading;
    bool fine = points != PROGRAM_NONE && statement->as.spend.amount != NULL &&
                value_argument(emitter, statement->as.spend.amount, whole, statement->name.text, base, NULL, &reading);
    if (fine && (reading.type.kind != TYPE_WHOLE || reading.range.low < 0)) {
        REPORT(names, DIAGNOSTIC_SPEND_AMOUNT, statement->as.spend.amount->span,
               names_words(names, statement->as.spend.amount->span));
        fine = false;
    }
    if (!fine) {
        emit_go_on(campaign, emitter, node, node->next[0]);
        campaign->flow.failed = true;
        return;
    }
    struct bundle_value value = {
        .name = builder_text(emitter->builder, TEXT("points")), .kind = TYPE_WHOLE, .of = PROGRAM_NONE};
    struct bundle_effect record = {.object = points, .channel = PROGRAM_NONE, .gate = PROGRAM_NONE};
    uint32_t effect = emit_effect(campaign, emitter, node, record, &value, 1);
    emit_skip(emitter, OP_SPEND, effect, base, &node->next[1]->label, 0);
    emit_pass_facts(&emitter->facts, node->next[0]);
    emit_pass_facts(&emitter->facts, node->next[1]);
    emit_go_on(campaign, emitter, node, node->next[0]);
}
