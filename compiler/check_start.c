/*
 * check_start: what begins a journey where no event does: entering or leaving a segment, a time without an event, a command, a
 * schedule.
 *
 * `start after 7 days without session` stands for a metric, the last time of such an event, and a segment, the players of whom it is known
 * and not within the last 7 days; both are added to the tree under names that nobody can write, with the spans of the author's line.
 * Campaigns that say the same share both.
 * An event that starts is read by check_campaign.c, a schedule's days and times by
 * check_schedule.c. spec: language.md#starting
 */
#include "compiler/campaign.h"

#define KEPT_WITHOUT 100 /* events that can be taken back are kept, so that the last one that stands is known */

/* ------------------------------------------------------------------ a time without an event */

/* Two lines without `where` that say the same stand for one segment, named after what they say; any other has that of its campaign. */
static struct text segment_name(struct arena *arena, struct text campaign, const struct line *line)
{
    if (line->as.without.event.where != NULL || ast_is_present(&line->as.without.event.about))
        return arena_print(arena, "start of \"%.*s\"", TEXT_ARGS(campaign));
    const struct duration *duration = &line->as.without.duration->duration;
    return arena_print(arena, "start of \"\" after %lld months %lld days %lld ms without %.*s",
                       (long long)duration->months, (long long)duration->days, (long long)duration->ms,
                       TEXT_ARGS(line->as.without.event.event.text));
}

static struct text metric_name(struct arena *arena, struct text campaign, const struct line *line)
{
    const struct event_match *match = &line->as.without.event;
    if (match->where != NULL || ast_is_present(&match->about))
        return arena_print(arena, "last time of %.*s for \"%.*s\"", TEXT_ARGS(match->event.text), TEXT_ARGS(campaign));
    return arena_print(arena, "last time of %.*s", TEXT_ARGS(match->event.text));
}

static bool is_there(struct ast_file *const *files, uint32_t count, enum declaration_kind kind, struct text name)
{
    for (uint32_t i = 0; i < count; i++) {
        for (const struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            if (at->is_hidden && at->kind == kind && text_equal(at->name.text, name)) return true;
        }
    }
    return false;
}

static bool is_reversible(struct ast_file *const *files, uint32_t count, struct text event)
{
    for (uint32_t i = 0; i < count; i++) {
        for (const struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            const struct line *line =
                at->kind == DECLARATION_EVENT ? ast_find_line(&at->lines, LINE_REVERSES, NULL) : NULL;
            if (line != NULL && text_equal(line->as.reverses.event.text, event)) return true;
        }
    }
    return false;
}

static void append(struct ast_file *file, struct declaration *declaration)
{
    declaration->next = NULL;
    file->declarations.last->next = declaration;
    file->declarations.last = declaration;
    file->declarations.count++;
}

static struct condition *compare(struct arena *arena, const struct line *line, struct text metric,
                                 enum comparison comparison)
{
    struct condition *condition = ARENA_NEW(arena, struct condition);
    struct value *left = ARENA_NEW(arena, struct value);
    if (condition == NULL || left == NULL) return NULL;
    *left = (struct value){.kind = VALUE_WORD, .span = line->span, .name = {metric, line->span, 0}};
    *condition = (struct condition){.kind = CONDITION_COMPARE,
                                    .span = line->span,
                                    .left = left,
                                    .comparison = comparison,
                                    .operator_span = line->span};
    return condition;
}

/* The metric is known, and not within the last DURATION. */
static struct condition *silent(struct arena *arena, const struct line *line, struct text metric)
{
    struct condition *all = ARENA_NEW(arena, struct condition);
    struct condition *known = compare(arena, line, metric, COMPARISON_KNOWN);
    struct condition *within = compare(arena, line, metric, COMPARISON_WITHIN_LAST);
    struct value *duration = ARENA_NEW(arena, struct value);
    if (all == NULL || known == NULL || within == NULL || duration == NULL) return NULL;
    *duration = *line->as.without.duration;
    duration->next = NULL;
    within->negated = true;
    within->values = (struct value_list){duration, duration, 1};
    known->next = within;
    if (line->as.without.event.span.end > 0) known->span = line->as.without.event.span;
    *all = (struct condition){
        .kind = CONDITION_ALL, .span = line->span, .is_group = true, .children = known, .child_count = 2};
    return all;
}

static void expand(struct arena *arena, struct ast_file *const *files, uint32_t count, struct ast_file *file,
                   const struct declaration *campaign, const struct line *line)
{
    const struct event_match *match = &line->as.without.event;
    if (line->as.without.duration == NULL || line->as.without.duration->kind != VALUE_DURATION) return;
    struct declaration *metric = ARENA_NEW(arena, struct declaration);
    struct declaration *segment = ARENA_NEW(arena, struct declaration);
    struct metric *written = ARENA_NEW(arena, struct metric);
    if (metric == NULL || segment == NULL || written == NULL) return;
    *written = (struct metric){
        .aggregate = AGGREGATE_WORD_LAST_TIME,
        .span = line->span,
        .event = match->event,
        .window = WINDOW_WORD_EVER,
        .window_span = line->span,
        .kept_span = line->span,
        .kept_up_to = is_reversible(files, count, match->event.text) ? KEPT_WITHOUT : 0,
        .where = match->where,
    };
    const struct text name = metric_name(arena, campaign->name.text, line);
    const struct text silence = segment_name(arena, campaign->name.text, line);
    *metric = (struct declaration){.kind = DECLARATION_METRIC,
                                   .span = line->span,
                                   .name = {name, line->span, 0},
                                   .metric = written,
                                   .is_hidden = true};
    *segment = (struct declaration){.kind = DECLARATION_SEGMENT,
                                    .span = line->span,
                                    .name = {silence, line->span, 0},
                                    .condition = silent(arena, line, name),
                                    .is_hidden = true};
    if (!is_there(files, count, DECLARATION_METRIC, name)) append(file, metric);
    if (!is_there(files, count, DECLARATION_SEGMENT, silence)) append(file, segment);
}

void starts_expand(struct arena *arena, struct ast_file *const *files, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct declaration *last = files[i]->declarations.last;
        for (const struct declaration *at = files[i]->declarations.first; at != NULL; at = at->next) {
            const struct line *line = NULL;
            if (at->kind == DECLARATION_CAMPAIGN) line = ast_find_line(&at->lines, LINE_START_WITHOUT, NULL);
            if (line != NULL) expand(arena, files, count, files[i], at, line);
            if (at == last) break;
        }
    }
}

/* ------------------------------------------------------------------ the line as a record */

static void read_segment(struct campaign *campaign, const struct line *line, struct bundle_campaign *record)
{
    const struct thing *segment = condition_segment(campaign->names, line->as.text.text, line->as.text.span);
    record->start_kind = line->kind == LINE_START_ENTERING ? START_ENTERING : START_LEAVING;
    if (segment != NULL) record->start_segment = segment->index;
}

static void read_without(struct campaign *campaign, const struct line *line, struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const struct thing *segment =
        line->as.without.duration == NULL || line->as.without.duration->kind != VALUE_DURATION
            ? NULL
            : names_thing(names->segments, names->segment_count, segment_name(names->arena, campaign->name, line));
    record->start_kind = START_ENTERING;
    if (segment != NULL) record->start_segment = segment->index;
    if (ast_is_present(&line->as.without.event.about))
        names_report(names, DIAGNOSTIC_WITHOUT_OF, line->as.without.event.about.span, NULL, 0);
}

void campaign_read_start(struct campaign *campaign, struct bundle_campaign *record)
{
    const struct line *line = campaign->start;
    switch (line->kind) {
    case LINE_START_ENTERING:
    case LINE_START_LEAVING: read_segment(campaign, line, record); break;
    case LINE_START_SCHEDULE:
        record->start_kind = START_SCHEDULE;
        record->start_schedule = campaign->schedule;
        break;
    case LINE_START_WITHOUT: read_without(campaign, line, record); break;
    case LINE_START_COMMAND: record->start_kind = START_COMMAND; break;
    default: break;
    }
}
