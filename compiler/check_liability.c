/*
 * How long a campaign's rewards can live: the last entry, the longest way of a journey from there, the expiry of its offers.
 * Everything is rounded up, so what passes is certain. spec: language.md#liability
 */
#include "compiler/check_rules.h"

#include <string.h>

#include "vm/civil.h"
#include "vm/zone.h"

#define NOWHERE (-2)                                /* The way to the end does not lead there. */
#define FAR_MS  (INT64_C(400) * 366 * CIVIL_DAY_MS) /* Beyond what anybody is liable for. */

static int64_t bounded(int64_t ms)
{
    return ms < FAR_MS ? ms : FAR_MS;
}

/* A duration at its longest: months of 31 days, days of 25 hours at most once. */
static int64_t longest(const struct value *value)
{
    if (value == NULL || value->kind != VALUE_DURATION) return 0;
    const struct duration *duration = &value->duration;
    if (duration->months > 4800 || duration->days > 146400 || duration->ms > FAR_MS) return FAR_MS;
    return bounded((duration->months * 31 + duration->days) * CIVIL_DAY_MS + duration->ms);
}

static int64_t wait_of(const struct node *node)
{
    const struct statement *statement = node->statement;
    if (node->kind != NODE_WAIT || statement == NULL) return 0;
    switch (statement->kind) {
    case STATEMENT_WAIT: return longest(statement->as.wait.duration);
    case STATEMENT_WAIT_UP_TO: return longest(statement->as.wait_up_to.duration);
    case STATEMENT_ASK: return longest(statement->as.ask.duration);
    case STATEMENT_WAIT_UNTIL: return (statement->as.wait_until.weekday_index >= 0 ? 8 : 2) * CIVIL_DAY_MS;
    default: return 31 * CIVIL_DAY_MS; /* Business days: a month of holidays. */
    }
}

/* The longest way from a node to an end, or with `to` until that node; -1 where it leads back, NOWHERE where it never comes to it. `memory`
 * holds 1 + what was found, -1 while it is looked for, or NOWHERE. */
static int64_t longest_way(const struct node *node, const struct node *to, int64_t *memory)
{
    if (memory[node->number] > 0) return memory[node->number] - 1;
    if (memory[node->number] < 0) return memory[node->number];
    memory[node->number] = -1;
    int64_t most = to == NULL || node == to ? 0 : NOWHERE;
    for (uint32_t i = 0; i < node->next_count + node->resume_count; i++) {
        const struct node *next = i < node->next_count ? node->next[i] : node->resume[i - node->next_count];
        int64_t way = longest_way(next, to, memory);
        if (way == -1) return -1;
        if (way > most) most = way;
    }
    if (most != NOWHERE) most = bounded(most + wait_of(node));
    memory[node->number] = most == NOWHERE ? NOWHERE : most + 1;
    return most;
}

/* Where there are ways back: every wait (a repeat inside a repeat is written out in the graph), as often as all counts together let it
 * come. */
static int64_t all_turns(const struct flow *flow)
{
    int64_t waits = 0, turns = 1;
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct node *node = flow->nodes[i];
        waits = bounded(waits + wait_of(node));
        if (node->kind != NODE_COUNT || node->statement == NULL) continue;
        bool repeat = node->statement->kind == STATEMENT_REPEAT;
        int64_t count = repeat ? node->statement->as.repeat.at_most : node->statement->as.go_to.at_most + 1;
        if (count > 1) turns *= count;
        if (turns > 1000000) return FAR_MS;
    }
    return waits > FAR_MS / turns ? FAR_MS : waits * turns;
}

/* The longest journey, or with `to` the longest until that node. */
static int64_t longest_journey(struct campaign *campaign, const struct node *to)
{
    const struct flow *flow = &campaign->flow;
    uint32_t highest = 0;
    for (uint32_t i = 0; i < flow->count; i++) {
        if (flow->nodes[i]->number > highest) highest = flow->nodes[i]->number;
    }
    int64_t *memory = ARENA_ARRAY(campaign->names->arena, int64_t, (size_t)highest + 1);
    if (memory == NULL) return 0;
    memset(memory, 0, sizeof *memory * ((size_t)highest + 1));
    int64_t most = longest_way(flow->start, to, memory);
    if (most == -1) return all_turns(flow);
    int64_t before = to == NULL || flow->leave_count == 0 ? most : longest_journey(campaign, NULL);
    for (uint32_t i = 0; i < flow->leave_count; i++) {
        /* It may be taken as late as the journey lasts. */
        int64_t way = longest_way(flow->leaves[i], to, memory);
        if (way == -1) return all_turns(flow);
        if (way != NOWHERE && bounded(before + way) > most) most = bounded(before + way);
        if (to == NULL) before = most;
    }
    return most > 0 ? most : 0;
}

int64_t rules_last_day(struct campaign *campaign, const struct node *node, const struct bundle_campaign *record)
{
    if (record->runs_through == INT64_MAX || record->runs_end != RUNS_END_GO_ON) return record->runs_through;
    if (record->pause_on != SAFETY_NONE) return INT64_MAX;
    int64_t journey_ms = bounded(longest_journey(campaign, node) + record->late_ms);
    return record->runs_through + (CIVIL_DAY_MS - 1 + journey_ms) / CIVIL_DAY_MS;
}

static void judge_offer(struct campaign *campaign, const struct line *liability, const struct campaign_offer *offer,
                        int64_t last_day, int64_t journey_ms)
{
    struct names *names = campaign->names;
    struct text name = offer->declaration->name.text;
    const struct line *expires = campaign_terms_line(campaign, offer->declaration, LINE_EXPIRES);
    if (expires == NULL || expires->as.expires.after_activation) {
        REPORT(names, DIAGNOSTIC_LIABILITY_OPEN, expires != NULL ? expires->span : offer->declaration->span,
               arena_print(names->arena,
                           expires == NULL ? "the reward `%.*s` never expires"
                                           : "the reward `%.*s` expires a time after its activation",
                           TEXT_ARGS(name)),
               TEXT("write a line such as `expires 7 days after grant`"));
        return;
    }
    const struct value *duration = expires->as.expires.duration;
    int64_t span = longest(duration);
    /* Exact hours reach one further where clocks go forward in between. */
    bool exact = duration != NULL && duration->kind == VALUE_DURATION && duration->duration.ms > 0;
    if (exact && campaign->zone != zone_utc()) span += CIVIL_HOUR_MS;
    int64_t day = last_day + (CIVIL_DAY_MS - 1 + bounded(journey_ms + span)) / CIVIL_DAY_MS;
    if (day <= liability->as.value->amount) return;
    struct civil_date date = civil_date_parts(day);
    struct diagnostic *diagnostic =
        REPORT(names, DIAGNOSTIC_LIABILITY, liability->span, name,
               arena_print(names->arena, "%04d-%02u-%02u", (int)date.year, (unsigned)date.month, (unsigned)date.day));
    diagnostic_add_note(names->diagnostics, diagnostic, expires->span, TEXT("it expires as this line says"));
}

void rules_judge_liability(struct campaign *campaign, const struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    const struct line *liability = ast_find_line(&campaign->declaration->lines, LINE_LIABILITY, NULL);
    if (liability == NULL || liability->as.value == NULL || liability->as.value->kind != VALUE_DATE) return;
    if (record->runs_through == INT64_MAX) {
        REPORT(names, DIAGNOSTIC_LIABILITY_OPEN, liability->span, TEXT("the campaign has no last day"),
               TEXT("write `runs from … through …` with the last day of entries"));
        return;
    }
    int64_t journey_ms = 0;
    if (record->runs_end == RUNS_END_GO_ON) {
        if (record->pause_on != SAFETY_NONE) {
            REPORT(names, DIAGNOSTIC_LIABILITY_OPEN,
                   ast_find_line(&campaign->declaration->lines, LINE_PAUSE_ON, NULL)->span,
                   TEXT("a time-out can pause a journey for any time"),
                   TEXT("end what still runs: `runs … through …, then finish as \"…\"`"));
            return;
        }
        journey_ms = bounded(longest_journey(campaign, NULL) + record->late_ms);
    }
    for (uint32_t i = 0; i < campaign->offer_count; i++) {
        for (uint32_t n = 0; n < campaign->flow.count; n++) {
            const struct node *node = campaign->flow.nodes[n];
            if (node->kind != NODE_CREDIT || !node->reachable ||
                campaign_offer(campaign, node->statement->name.text) != &campaign->offers[i])
                continue;
            judge_offer(campaign, liability, &campaign->offers[i], record->runs_through, journey_ms);
            break;
        }
    }
}
