/*
 * Goals and measures become metrics that nobody reads, for as long as their code is made. Contract: check_measures.h.
 */
#include "compiler/check_measures.h"

#include "compiler/check_points.h"

static bool is_measure(const struct line *line)
{
    return line->kind == LINE_MEASURE || (line->kind == LINE_GOAL && ast_is_present(&line->as.goal.name));
}

static const struct name *name_of(const struct line *line)
{
    return line->kind == LINE_GOAL ? &line->as.goal.name : &line->as.measure.name;
}

/* The metric that would count it. */
static struct metric words_of(const struct line *line)
{
    struct metric metric = {.span = line->span,
                            .aggregate = AGGREGATE_WORD_COUNT,
                            .window = WINDOW_WORD_LAST, /* an event that is taken back says when it happened */
                            .window_span = line->span};
    if (line->kind == LINE_GOAL) {
        metric.event = line->as.goal.event.event;
        metric.where = line->as.goal.event.where;
        if (line->as.goal.within != NULL) metric.window_span = line->as.goal.within->span;
        return metric;
    }
    metric.aggregate = AGGREGATE_WORD_SUM;
    metric.event = line->as.measure.field->owner;
    metric.field = line->as.measure.field->name;
    metric.where = line->as.measure.where;
    if (line->as.measure.within != NULL) metric.window_span = line->as.measure.within->span;
    return metric;
}

static uint32_t read_duration(struct names *names, const struct value *value, int64_t *out)
{
    *out = 0;
    if (value == NULL || value->kind != VALUE_DURATION) return WINDOW_NONE;
    if (names_duration_ms(&value->duration) == 0) {
        names_report(names, DIAGNOSTIC_DURATION_ZERO, value->span, NULL, 0);
        return WINDOW_NONE;
    }
    return names_duration(&value->duration, out);
}

static uint32_t currency_of(const struct names *names, const struct declaration *campaign)
{
    const struct line *line = ast_find_line(&campaign->lines, LINE_CURRENCY, NULL);
    if (line == NULL || line->as.words.first == NULL) return 0;
    uint32_t index = names_index(names->currencies, names->currency_count, line->as.words.first->name.text);
    return index == PROGRAM_NONE ? 0 : index;
}

static bool has_sum(struct type type)
{
    switch ((uint32_t)type.kind) {
    case TYPE_WHOLE:
    case TYPE_DECIMAL:
    case TYPE_PERCENT:
    case TYPE_DURATION:
    case TYPE_MONEY: return true;
    default: return false;
    }
}

static void emit_measure(struct emitter *emitter, const struct line *line, uint32_t campaign)
{
    struct names *names = emitter->names;
    struct metric words = words_of(line);
    struct declaration declaration = {
        .kind = DECLARATION_METRIC, .span = line->span, .name = *name_of(line), .metric = &words, .is_hidden = true};
    struct metric_info info = {.declaration = &declaration,
                               .name = declaration.name.text,
                               .campaign = campaign,
                               .each = 1,
                               .currency = currency_of(names, names->campaigns[campaign].declaration),
                               .zone = names->zone};
    struct measure code;
    struct bundle_measure record = {
        .name = builder_text(names->builder, info.name),
        .campaign = campaign,
        .is_goal = line->kind == LINE_GOAL,
        .about = PROGRAM_NONE,
        .line = names_line(names, line->span),
    };
    names_judge_length(names, name_of(line));
    record.within_kind =
        read_duration(names, line->kind == LINE_GOAL ? line->as.goal.within : line->as.measure.within, &record.within);
    record.after_kind =
        read_duration(names, line->kind == LINE_GOAL ? line->as.goal.after : line->as.measure.after, &record.after);
    if (line->kind == LINE_GOAL && ast_is_present(&line->as.goal.event.about))
        record.about = builder_text(names->builder, line->as.goal.event.about.text);
    bool fine = metric_measure(emitter, &info, &code);
    if (fine && !has_sum(code.value.type)) {
        REPORT(names, DIAGNOSTIC_METRIC_FIELD_KIND, words.field.span, words.field.text,
               names_type_words(names, code.value.type));
        fine = false;
    }
    if (!fine) {
        names->muted_errors++;
        return;
    }
    record.event = code.event;
    record.code = code.code;
    record.reversal = code.reversal;
    record.reversal_code = code.reversal_code;
    record.kind = (uint32_t)code.value.type.kind;
    record.of = code.value.type.kind == TYPE_MONEY ? code.value.type.of : PROGRAM_NONE;
    builder_add_measure(names->builder, &record);
}

static void judge_names(struct names *names, const struct declaration *declaration)
{
    uint32_t count = 0;
    for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
        if (!is_measure(line)) continue;
        if (++count == LIMIT_MEASURES_PER_CAMPAIGN + 1)
            REPORT(names, DIAGNOSTIC_TOO_MANY, line->span, TEXT("more than 16"), TEXT("named goals and measures"),
                   TEXT("16"));
        const struct line *first = declaration->lines.first;
        while (first != line && !(is_measure(first) && text_equal(name_of(first)->text, name_of(line)->text)))
            first = first->next;
        if (first == line) continue;
        struct diagnostic *diagnostic = REPORT(names, DIAGNOSTIC_DECLARED_TWICE, name_of(line)->span,
                                               TEXT("the goal or measure"), name_of(line)->text);
        diagnostic_add_note(names->diagnostics, diagnostic, name_of(first)->span, TEXT("the first one is here"));
    }
}

void measures_emit(struct emitter *emitter)
{
    struct names *names = emitter->names;
    for (uint32_t i = 0; i < names->campaign_count; i++) {
        const struct declaration *declaration = names->campaigns[i].declaration;
        judge_names(names, declaration);
        for (const struct line *line = declaration->lines.first; line != NULL; line = line->next) {
            if (is_measure(line)) emit_measure(emitter, line, i);
        }
    }
}

void measures_judge(struct campaign *campaign)
{
    const struct line *line = campaign->declaration->lines.first;
    for (; line != NULL; line = line->next) {
        if (line->kind != LINE_GOAL || !is_measure(line)) continue;
        struct name word = line->as.goal.event.event;
        const struct event_info *event = names_event(campaign->names, word.text);
        if (event != NULL) (void)campaign_about(campaign, &line->as.goal.event, event, false);
    }
}
