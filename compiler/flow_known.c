/*
 * What is known at each node of a campaign's graph: events that every path has passed, variables that it has set; and
 * in words, the way on which one of them is missing.
 *
 * The graph is built in compiler/flow.c, which also says which events prove a read.
 */
#include "compiler/campaign.h"
#include "compiler/shown.h"

static uint64_t counters_of(const struct campaign *campaign)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < campaign->variable_count; i++) {
        if (campaign->variables[i].use == VARIABLE_COUNTER) mask |= UINT64_C(1) << i;
    }
    return mask;
}

static uint64_t known_after(const struct flow *flow, const struct node *node, bool optionals)
{
    uint64_t known = node->known;
    if (node->kind == NODE_EVENT && node->event != NULL) {
        for (uint32_t i = 0; i < flow->read_count; i++) {
            const struct read *read = &flow->reads[i];
            if (read->event != node->event || !read->captured || read->variable == PROGRAM_NONE ||
                (node->live_after >> i & 1) == 0)
                continue;
            if (read->optional && !optionals && (node->proven >> i & 1) == 0) {
                known &= ~(UINT64_C(1) << read->variable);
            } else {
                known |= UINT64_C(1) << read->variable;
            }
        }
    }
    known |= shown_by_event(flow->campaign, node);
    if (node->kind == NODE_CREDIT) known &= ~shown_of_offers(flow->campaign);
    if (node->kind == NODE_REMEMBER || node->kind == NODE_ANSWER) {
        const struct statement *statement = node->statement;
        const struct variable *variable = campaign_remembered(
            flow->campaign, node->kind == NODE_ANSWER ? statement->as.ask.query.text : statement->name.text);
        if (variable != NULL) known |= UINT64_C(1) << (variable - flow->campaign->variables);
    }
    return known;
}

/* A leave line is met wherever the journey rests: it knows what is known at every such place. True where that became less. */
static bool rest_pass(struct flow *flow, uint64_t counters)
{
    uint64_t resting = UINT64_MAX;
    bool rests = false;
    for (uint32_t i = 0; i < flow->order_count; i++) {
        if (flow->order[i]->resume_count == 0) continue;
        resting &= flow->order[i]->known | counters;
        rests = true;
    }
    if (!rests) resting = counters;
    flow->resting = resting;
    bool changed = false;
    for (uint32_t i = 0; i < flow->leave_count; i++) {
        uint64_t known = flow->leaves[i]->known & resting;
        changed = changed || known != flow->leaves[i]->known;
        flow->leaves[i]->known = known;
    }
    return changed;
}

static void known_pass(struct flow *flow, bool optionals)
{
    uint64_t counters = counters_of(flow->campaign);
    for (uint32_t i = 0; i < flow->count; i++) flow->nodes[i]->known = UINT64_MAX;
    if (flow->start != NULL) flow->start->known = counters;
    for (uint32_t i = 0; i < flow->leave_count; i++) flow->leaves[i]->known = UINT64_MAX;
    bool changed = true;
    while (changed) {
        changed = rest_pass(flow, counters);
        for (uint32_t i = 0; i < flow->order_count; i++) {
            struct node *node = flow->order[i];
            uint64_t after = known_after(flow, node, optionals) | counters;
            for (uint32_t j = 0; j < node->next_count + node->resume_count; j++) {
                struct node *to = j < node->next_count ? node->next[j] : node->resume[j - node->next_count];
                const bool granted = node->kind == NODE_CREDIT && j == node->next_count;
                uint64_t met = to->known & (granted ? after | shown_by_credit(flow->campaign, node) : after);
                if (met != to->known) {
                    to->known = met;
                    changed = true;
                }
            }
        }
    }
}

void flow_known(struct flow *flow)
{
    known_pass(flow, false);
}

struct text flow_path_words(struct flow *flow, const struct node *node, uint32_t variable, struct span *span_out)
{
    struct names *names = flow->names;
    struct campaign *campaign = flow->campaign;
    /* Where the variable is set by any event that carries it, known or not: who comes here without? */
    uint64_t bit = UINT64_C(1) << variable;
    uint64_t *saved = ARENA_ARRAY(names->arena, uint64_t, flow->count + 1);
    if (saved == NULL) return TEXT("");
    for (uint32_t i = 0; i < flow->count; i++) saved[i] = flow->nodes[i]->known;
    const uint64_t resting = flow->resting;
    known_pass(flow, true);
    flow->resting = resting;
    const struct node *at = node;
    const struct node *place = NULL;
    const struct node *fork = NULL; /* where the way without it leaves or joins the way with it */
    if ((at->known & bit) == 0) {
        /* Walk back over places that do not have it either, to the entry that lets the path in. */
        for (uint32_t turns = 0; turns < flow->count; turns++) {
            if (at->kind == NODE_EVENT || (at->role != NULL && at->is_entry)) {
                place = at;
                if (at->kind == NODE_EVENT) break;
            }
            const struct node *before = NULL;
            for (uint32_t i = 0; i < flow->order_count && before == NULL; i++) {
                const struct node *candidate = flow->order[i];
                if ((known_after(flow, candidate, true) & bit) != 0) continue;
                for (uint32_t j = 0; j < candidate->next_count && before == NULL; j++)
                    before = candidate->next[j] == at ? candidate : NULL;
                for (uint32_t j = 0; j < candidate->resume_count && before == NULL; j++)
                    before = candidate->resume[j] == at ? candidate : NULL;
            }
            bool mixed = false;
            for (uint32_t i = 0; i < flow->order_count && before != NULL && fork == NULL && !mixed; i++) {
                const struct node *candidate = flow->order[i];
                if ((known_after(flow, candidate, true) & bit) == 0) continue;
                for (uint32_t j = 0; j < candidate->next_count; j++) mixed = mixed || candidate->next[j] == at;
            }
            if (mixed && (before->kind == NODE_IF || before->kind == NODE_CASE)) fork = before;
            if (place != NULL || before == NULL || before == at) break;
            at = before;
        }
    }
    for (uint32_t i = 0; i < flow->count; i++) flow->nodes[i]->known = saved[i];
    if (place == NULL) return TEXT("");
    if (fork != NULL) {
        *span_out = fork->span;
        return TEXT("the journey comes past here when this does not hold");
    }
    *span_out = place->span;
    struct text step = place->step < campaign->step_count ? campaign->steps[place->step]->as.step.name.text : TEXT("");
    if (place->is_leave)
        return place->kind == NODE_EVENT ? arena_print(names->arena, "the journey can come from here, by `%.*s`",
                                                       TEXT_ARGS(place->match->event.text))
                                         : TEXT("the journey can come from here, when the condition holds");
    if (place == flow->start && place->kind != NODE_EVENT)
        return TEXT("the journey comes from its start, which no event begins");
    if (place == flow->start)
        return arena_print(names->arena, "the journey comes from its start, `%.*s`",
                           TEXT_ARGS(place->match->event.text));
    if (place->kind == NODE_EVENT)
        return arena_print(names->arena, "the journey can come from here, by `%.*s` in the step `%.*s`",
                           TEXT_ARGS(place->match->event.text), TEXT_ARGS(step));
    return arena_print(names->arena, "the journey can come from here, when %s in the step `%.*s`", place->role,
                       TEXT_ARGS(step));
}
