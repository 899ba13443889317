/*
 * check_circles: campaigns that start one another again and again within one instant.
 *
 * A campaign may cause the start of another before its first wait: by finishing (`start on campaign_finished`), by a reward that begins
 * (`start on bonus_activated`), by a code that it gives (`start on code_given`), or by a tag that a segment asks for (`start on entering`). Where such starts form a circle, and each of its campaigns may be entered every time, nothing ends it but the engine's
 * limit on a chain of causes; so it is an error. Any limit of entries, or a wait, breaks the circle.
 * spec: language.md#starting
 */
#include "compiler/campaign.h"
#include "compiler/check_play.h"

/* Tags that a condition over players asks for, by way of other segments too: those that must be there in tags[0], those that must not in
 * tags[1]; under a negation it is the other way round. */
static void ask_tags(struct names *names, const struct condition *condition, bool negated, uint32_t depth,
                     uint64_t tags[2])
{
    if (condition == NULL || depth > names->segment_count) return;
    bool turned = negated != (condition->kind == CONDITION_NONE || condition->negated);
    const struct value *value = condition->values.first;
    if (condition->kind == CONDITION_COMPARE && value != NULL) {
        const struct value *left = condition->left;
        if (left != NULL && text_equal(left->name.text, TEXT("tags"))) {
            for (; value != NULL; value = value->next) {
                uint32_t tag = names_index(names->tags, names->tag_count, value->name.text);
                if (tag < 64) tags[turned] |= UINT64_C(1) << tag;
            }
        } else if (condition->comparison == COMPARISON_IN_SEGMENT) {
            const struct thing *segment = names_thing(names->segments, names->segment_count, value->name.text);
            if (segment != NULL) ask_tags(names, segment->declaration->condition, turned, depth + 1, tags);
        }
    }
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        ask_tags(names, child, turned, depth, tags);
}

/* A reward that is played begins within the instant, which the engine tells. */
static void note_credit(struct campaign *campaign, const struct statement *credit, struct cause *cause)
{
    const struct campaign_offer *offer = campaign_offer(campaign, credit->name.text);
    if (offer == NULL || !play_has_life(campaign, offer->declaration)) return;
    if (cause->begun_count == sizeof cause->begun / sizeof *cause->begun) return;
    cause->claimed[cause->begun_count] = campaign_terms_line(campaign, offer->declaration, LINE_CLAIM) != NULL;
    cause->begun[cause->begun_count++] = credit->name.text;
}

/* A code is given within the instant, if there is one left. */
static void note_code(const struct statement *give, struct cause *cause)
{
    if (give->kind != STATEMENT_GIVE_CODE || cause->given_count == sizeof cause->given / sizeof *cause->given) return;
    cause->given[cause->given_count++] = give->name.text;
}

/* What the campaign does between its start and the first wait on each path. A credit is answered in the same instant. */
static void follow(struct campaign *campaign, struct cause *cause)
{
    struct flow *flow = &campaign->flow;
    struct names *names = campaign->names;
    bool *seen = ARENA_ARRAY(names->arena, bool, flow->count + 1);
    struct node **stack = flow_stack(flow);
    if (seen == NULL || stack == NULL || flow->start == NULL) return;
    uint32_t count = 0;
    stack[count++] = flow->start;
    seen[flow->start->number] = true;
    while (count > 0) {
        const struct node *node = stack[--count];
        if (node->kind == NODE_FINISH) cause->finishes = true;
        if (node->kind == NODE_CREDIT && node->statement != NULL) note_credit(campaign, node->statement, cause);
        if (node->kind == NODE_CODE && node->statement != NULL) note_code(node->statement, cause);
        if (node->kind == NODE_TAG && node->statement != NULL) {
            uint32_t tag = names_index(names->tags, names->tag_count, node->statement->name.text);
            bool takes = node->statement->kind == STATEMENT_UNTAG;
            if (tag < 64) *(takes ? &cause->takes : &cause->sets) |= UINT64_C(1) << tag;
        }
        uint32_t resumes = flow_is_request(node) ? node->resume_count : 0;
        for (uint32_t i = 0; i < node->next_count + resumes; i++) {
            struct node *next = i < node->next_count ? node->next[i] : node->resume[i - node->next_count];
            if (next == NULL || next->number >= flow->count || seen[next->number]) continue;
            seen[next->number] = true;
            stack[count++] = next;
        }
    }
}

void circles_note(struct campaign *campaign, const struct bundle_campaign *record)
{
    struct names *names = campaign->names;
    if (names->causes == NULL) names->causes = ARENA_ARRAY(names->arena, struct cause, names->campaign_count + 1);
    if (names->causes == NULL || campaign->index >= names->campaign_count) return;
    struct cause *cause = &names->causes[campaign->index];
    *cause = (struct cause){.every_time = record->enter == ENTER_ALWAYS, .start = campaign->start};
    follow(campaign, cause);
    uint64_t tags[2] = {0};
    for (uint32_t i = 0; i < names->segment_count; i++) {
        const struct thing *segment = &names->segments[i];
        if (record->start_segment != PROGRAM_NONE && segment->index == record->start_segment && !segment->dropped)
            ask_tags(names, segment->declaration->condition, false, 0, tags);
    }
    bool leaving = record->start_kind == START_LEAVING;
    cause->by_set = tags[leaving];
    cause->by_take = tags[!leaving];
}

/* Whether the first campaign may cause the start of the second within the instant. */
static bool causes(const struct names *names, uint32_t from, uint32_t to)
{
    const struct cause *first = &names->causes[from], *second = &names->causes[to];
    if (!first->every_time || !second->every_time || second->start == NULL) return false;
    if ((first->sets & second->by_set) != 0 || (first->takes & second->by_take) != 0) return true;
    if (second->start->kind != LINE_START) return false;
    const struct event_match *match = &second->start->as.event;
    for (uint32_t i = 0; i < first->begun_count; i++) {
        if (text_equal(match->event.text, first->claimed[i] ? TEXT("bonus_offered") : TEXT("bonus_activated")) &&
            (!ast_is_present(&match->about) || text_equal(match->about.text, first->begun[i])))
            return true;
    }
    for (uint32_t i = 0; i < first->given_count; i++) {
        if (text_equal(match->event.text, TEXT("code_given")) &&
            (!ast_is_present(&match->about) || text_equal(match->about.text, first->given[i])))
            return true;
    }
    if (!first->finishes) return false;
    return text_equal(match->event.text, TEXT("campaign_finished")) &&
           (!ast_is_present(&match->about) || text_equal(match->about.text, names->campaigns[from].name));
}

/* All that `from` leads to, one step or more; `by` gets for each where it was first reached from. */
static void reach(const struct names *names, uint32_t from, bool *reached, uint32_t *by, uint32_t *queue)
{
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < names->campaign_count; i++) reached[i] = false;
    queue[tail++] = from;
    while (head < tail) {
        uint32_t at = queue[head++];
        for (uint32_t next = 0; next < names->campaign_count; next++) {
            if (reached[next] || !causes(names, at, next)) continue;
            reached[next] = true;
            by[next] = at;
            if (next != from) queue[tail++] = next;
        }
    }
}

void circles_judge(struct names *names)
{
    uint32_t count = names->campaign_count;
    bool *reached = ARENA_ARRAY(names->arena, bool, count + 1), *told = ARENA_ARRAY(names->arena, bool, count + 1);
    uint32_t *by = ARENA_ARRAY(names->arena, uint32_t, count + 1),
             *queue = ARENA_ARRAY(names->arena, uint32_t, count + 1);
    if (names->causes == NULL || reached == NULL || told == NULL || by == NULL || queue == NULL) return;
    for (uint32_t i = 0; i < count; i++) {
        if (told[i] || !names->causes[i].every_time) continue;
        reach(names, i, reached, by, queue);
        if (!reached[i]) continue;
        struct text way = TEXT("");
        for (uint32_t at = by[i]; at != i; at = by[at]) {
            told[at] = true;
            way = arena_print(names->arena, "%s`%.*s`%s%.*s", "", TEXT_ARGS(names->campaigns[at].name),
                              way.size > 0 ? " and " : "", TEXT_ARGS(way));
        }
        struct text words = TEXT("by itself");
        if (way.size > 0) words = arena_print(names->arena, "by way of %.*s", TEXT_ARGS(way));
        REPORT(names, DIAGNOSTIC_START_CIRCLE, names->causes[i].start->span, names->campaigns[i].name, words);
    }
}
