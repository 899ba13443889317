/*
 * check_start: what begins a journey where no event does: entering or leaving a segment, a command, a schedule.
 *
 * An event that starts is read by check_campaign.c, a schedule's days and times by check_schedule.c. spec: language.md#starting
 */
#include "compiler/campaign.h"

static void read_segment(struct campaign *campaign, const struct line *line, struct bundle_campaign *record)
{
    const struct thing *segment = condition_segment(campaign->names, line->as.text.text, line->as.text.span);
    record->start_kind = line->kind == LINE_START_ENTERING ? START_ENTERING : START_LEAVING;
    if (segment != NULL) record->start_segment = segment->index;
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
    case LINE_START_COMMAND: record->start_kind = START_COMMAND; break;
    default: break;
    }
}
