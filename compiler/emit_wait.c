/*
 * A wait as records and one instruction: STATE (its deadline), a CASE for each `when` (event, filter, target), and WAIT,
 * which ends the activation. Where the journey goes on are entries of their own.
 *
 * How it is proven: vm/verify.c (check_rest, enter_state); how it rests and resumes: runtime/engine/journey.c.
 */
#include "compiler/emit_journey.h"

#include "compiler/check_schedule.h"

#include <stddef.h>

#include "vm/civil.h"
#include "vm/limits.h"
#include "vm/zone.h"

enum { BUSINESS_DAYS_MAX = 1000 };

bool emit_wait_duration(struct names *names, const struct value *value, bool after_entry, struct bundle_state *state)
{
    if (value == NULL || value->kind != VALUE_DURATION) return false;
    if (value->duration.months == 0 && value->duration.days == 0 && value->duration.ms == 0) {
        names_report(names, DIAGNOSTIC_DURATION_ZERO, value->span, NULL, 0);
        return false;
    }
    bool exact = names_duration(&value->duration, &state->duration) == WINDOW_EXACT;
    state->deadline = after_entry ? exact ? DEADLINE_ENTRY_DURATION : DEADLINE_ENTRY_CALENDAR
                      : exact     ? DEADLINE_DURATION
                                  : DEADLINE_CALENDAR;
    return true;
}

/* A clock time that a change of clocks skips or repeats somewhere in the coming years. */
static void warn_clock(struct campaign *campaign, const struct value *clock)
{
    int64_t first = civil_date_of(2026, 1, 1);
    for (int64_t day = first; day < first + 366; day++) {
        enum zone_local kind = zone_local_kind(campaign->zone, day * CIVIL_DAY_MS + clock->amount);
        if (kind == ZONE_LOCAL_ONCE) continue;
        char date[CIVIL_DATE_SIZE];
        civil_format_date(date, day);
        REPORT(campaign->names, kind == ZONE_LOCAL_SKIPPED ? DIAGNOSTIC_CLOCK_SKIPPED : DIAGNOSTIC_CLOCK_TWICE,
               clock->span, names_words(campaign->names, clock->span), text_of(zone_name(campaign->zone)),
               text_of(date));
        return;
    }
}

/* So many; at least 1, and at most a thousand. */
static int64_t business_days(struct campaign *campaign, const struct statement *statement)
{
    int64_t count = statement->as.wait_business_days.count;
    if (count >= 1 && count <= BUSINESS_DAYS_MAX) return count;
    REPORT(campaign->names, DIAGNOSTIC_TOO_MANY, statement->span, names_number(campaign->names, count),
           TEXT("business days"), names_number(campaign->names, BUSINESS_DAYS_MAX));
    return 1;
}

void emit_wait(struct campaign *campaign, struct emitter *emitter, struct node *node)
{
    struct names *names = campaign->names;
    const struct statement *statement = node->statement;
    struct bundle_state state = {.kind = STATE_WAIT, .holidays = PROGRAM_NONE};
    uint32_t cases = 0;
    switch (statement->kind) {
    case STATEMENT_WAIT:
        (void)emit_wait_duration(names, statement->as.wait.duration, statement->as.wait.after_entry, &state);
        break;
    case STATEMENT_WAIT_BUSINESS_DAYS:
        state.deadline = DEADLINE_BUSINESS_DAYS;
        state.holidays = schedule_need_country(names, campaign->declaration, statement->span);
        state.duration = business_days(campaign, statement);
        break;
    case STATEMENT_WAIT_UNTIL:
        state.deadline = DEADLINE_CLOCK;
        state.place = statement->as.wait_until.in_player_zone ? PLACE_PLAYER : PLACE_CAMPAIGN;
        state.weekday = (uint32_t)(statement->as.wait_until.weekday_index + 1);
        if (statement->as.wait_until.is_business_day) {
            state.deadline = DEADLINE_BUSINESS_CLOCK;
            state.weekday = 0;
            state.holidays = schedule_need_country(names, campaign->declaration, statement->span);
        }
        if (statement->as.wait_until.clock != NULL && statement->as.wait_until.clock->kind == VALUE_CLOCK) {
            state.clock_ms = (uint32_t)statement->as.wait_until.clock->amount;
            if (state.place == PLACE_CAMPAIGN) warn_clock(campaign, statement->as.wait_until.clock);
        }
        break;
    default:
        (void)emit_wait_duration(names, statement->as.wait_up_to.duration, statement->as.wait_up_to.after_entry,
                                 &state);
        state.since_entry = statement->as.wait_up_to.since_entry;
        cases = node->resume_count - 1;
        break;
    }
    if (cases > LIMIT_CASES_PER_WAIT) cases = LIMIT_CASES_PER_WAIT; /* reported */
    state.case_count = cases;
    uint32_t number = emit_state(campaign, emitter, node, state);
    emit(emitter, OP_WAIT, number, 0, 0, 0);
    campaign_patch(campaign, SECTION_STATE, campaign->state_first + number, offsetof(struct bundle_state, timeout),
                   node->resume[node->resume_count - 1]);
    uint32_t case_first = builder_count(emitter->builder, SECTION_CASE);
    for (uint32_t i = 0; i < cases; i++) {
        struct node *entry = node->resume[i];
        struct bundle_wait_case record = {
            .about = PROGRAM_NONE, .filter = PROGRAM_NONE, .line = names_line(names, entry->span)};
        if (entry->event != NULL) {
            record.event = entry->event->index;
            record.about = campaign_about(campaign, entry->match, entry->event, true);
        }
        builder_add_wait_case(emitter->builder, &record);
        campaign_patch(campaign, SECTION_CASE, case_first + i, offsetof(struct bundle_wait_case, target), entry);
    }
    for (uint32_t i = 0; i < cases; i++) {
        struct node *entry = node->resume[i];
        if (entry->event == NULL) continue;
        uint32_t filter = condition_event_filter(emitter, entry->event, entry->match->where, entry);
        struct bundle_wait_case *record = builder_at(emitter->builder, SECTION_CASE, case_first + i);
        if (record != NULL) record->filter = filter;
    }
}
