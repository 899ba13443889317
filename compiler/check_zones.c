/*
 * check_zones: finds a time of day without a zone.
 *
 * `18:00` is the campaign's, and without a line `timezone` there the workspace's. Where neither says one it would
 * silently be UTC, which no author means: so a campaign that has local times has to say whose they are. Dates and
 * calendar periods go by the same zone and ask for nothing, because a day is a day.
 */
#include "compiler/check_zones.h"

struct search {
    struct span span; /* of the first local time; end 0: none yet */
};

static void note(struct search *search, struct span span)
{
    if (search->span.end == 0) search->span = span;
}

static void search_block(struct search *search, const struct block *block);

static void search_choices(struct search *search, const struct choice_list *cases)
{
    for (const struct choice *at = cases->first; at != NULL; at = at->next) search_block(search, &at->body);
}

static void search_statement(struct search *search, const struct statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_WAIT_UNTIL:
        if (statement->as.wait_until.in_player_zone) break;
        note(search, statement->as.wait_until.clock != NULL ? statement->as.wait_until.clock->span : statement->span);
        break;
    case STATEMENT_WAIT_UP_TO: search_choices(search, &statement->as.wait_up_to.cases); break;
    case STATEMENT_ASK: search_choices(search, &statement->as.ask.cases); break;
    case STATEMENT_CHOOSE: search_choices(search, &statement->as.choose.cases); break;
    case STATEMENT_SPLIT: search_choices(search, &statement->as.split.arms); break;
    case STATEMENT_REPEAT: search_block(search, &statement->as.repeat.body); break;
    case STATEMENT_IF:
        for (const struct branch *at = statement->as.branch.branches.first; at != NULL; at = at->next)
            search_block(search, &at->body);
        search_block(search, &statement->as.branch.otherwise);
        break;
    default: break;
    }
    if (statement->otherwise != NULL) search_statement(search, statement->otherwise);
}

static void search_block(struct search *search, const struct block *block)
{
    for (const struct statement *at = block->first; at != NULL; at = at->next) search_statement(search, at);
}

static void search_line(struct search *search, const struct line *line)
{
    switch (line->kind) {
    case LINE_SEND_BETWEEN:
        if (!line->as.send_between.in_player_zone && line->as.send_between.from != NULL)
            note(search, line->as.send_between.from->span);
        break;
    case LINE_START_SCHEDULE:
        if (line->as.schedule.zone.span.end != 0) break;
        note(search, line->as.schedule.clock != NULL ? line->as.schedule.clock->span : line->as.schedule.cron.span);
        break;
    case LINE_STEP: search_block(search, &line->as.step.body); break;
    default: break;
    }
}

void zones_judge(struct names *names, const struct declaration *campaign)
{
    struct search search = {{0, 0, 0}};
    if (names->has_zone || campaign->is_broken || ast_find_line(&campaign->lines, LINE_TIMEZONE, NULL) != NULL) return;
    for (const struct line *line = campaign->lines.first; line != NULL && search.span.end == 0; line = line->next)
        search_line(&search, line);
    if (search.span.end != 0) REPORT(names, DIAGNOSTIC_TIME_WITHOUT_ZONE, search.span, names_words(names, search.span));
}
