/*
 * Search over the graph of a campaign: what can follow what, circles that never rest, the order in which nodes are written, the requests
 * between two waits. Contract: flow.h. spec: language.md#steps
 */
#include "compiler/flow.h"

#include "compiler/campaign.h"
#include "vm/limits.h"

static void clear_marks(struct flow *flow)
{
    for (uint32_t i = 0; i < flow->count; i++) flow->nodes[i]->mark = 0;
}

struct search {
    struct node **stack;
    uint32_t count;
};

static void push(struct search *search, struct node *node, struct node *from)
{
    if (node == NULL || node->mark != 0) return;
    node->mark = 1;
    node->from = from;
    search->stack[search->count++] = node;
}

struct node **flow_stack(struct flow *flow)
{
    if (flow->stack == NULL || flow->stack_size < flow->count + 1) {
        flow->stack_size = flow->count + 1;
        flow->stack = ARENA_ARRAY(flow->names->arena, struct node *, flow->stack_size);
    }
    return flow->stack;
}

void flow_mark_reachable(struct flow *flow)
{
    struct search search = {flow_stack(flow), 0};
    if (search.stack == NULL) return;
    clear_marks(flow);
    push(&search, flow->start, NULL);
    for (uint32_t i = 0; i < flow->leave_count; i++) push(&search, flow->leaves[i], NULL);
    while (search.count > 0) {
        struct node *node = search.stack[--search.count];
        node->reachable = true;
        for (uint32_t i = 0; i < node->next_count; i++) push(&search, node->next[i], node);
        for (uint32_t i = 0; i < node->resume_count; i++) push(&search, node->resume[i], node);
    }
}

bool flow_reaches(struct flow *flow, const struct node *from, const struct node *to, bool counted)
{
    struct search search = {flow_stack(flow), 0};
    if (search.stack == NULL) return false;
    clear_marks(flow);
    const struct node *node = from;
    for (;;) {
        for (uint32_t i = 0; i < node->next_count; i++) {
            if (node->kind == NODE_COUNT && i == 0 && !counted) continue;
            push(&search, node->next[i], NULL);
        }
        for (uint32_t i = 0; i < node->resume_count; i++) push(&search, node->resume[i], NULL);
        if (counted && (node->kind == NODE_WAIT || flow_is_request(node) || node->kind == NODE_ASK)) {
            for (uint32_t i = 0; i < flow->leave_count; i++) push(&search, flow->leaves[i], NULL);
        }
        if (to != NULL && to->mark != 0) return true;
        if (search.count == 0) return false;
        node = search.stack[--search.count];
    }
}

/* ------------------------------------------------------------------ loops and order */

struct frame {
    struct node *node;
    uint32_t edge;
};

/* A wait `after entry` may find its time past already: it does not keep a loop from spinning. */
static bool may_be_over(const struct node *node)
{
    if (node->kind != NODE_WAIT || node->statement == NULL) return false;
    if (node->statement->kind == STATEMENT_WAIT_UP_TO) return node->statement->as.wait_up_to.after_entry;
    return node->statement->kind == STATEMENT_WAIT && node->statement->as.wait.after_entry;
}

/* Within an activation it follows counted edges too and stops at waits: a loop that it meets spins. Otherwise it leaves them out and follows
 * waits: such a loop never ends. */
bool flow_cut_cycles(struct flow *flow, bool within_activation, struct node **post, uint32_t *post_count)
{
    struct frame *stack = ARENA_ARRAY(flow->names->arena, struct frame, flow->count + 1);
    if (stack == NULL) return false;
    clear_marks(flow);
    *post_count = 0;
    /* The order is the reverse of what is finished: so within an activation the start comes last, and entries as they were
     * built (the last step's first). Over whole journeys the start comes first, so that a way back is seen as one. */
    for (uint32_t turn = 0; turn <= flow->count; turn++) {
        uint32_t first = within_activation ? flow->count : 0;
        struct node *root = turn == first ? flow->start : flow->nodes[within_activation ? turn : turn - 1];
        if (root != flow->start && !root->is_entry) continue;
        if (root == flow->start && turn != first) continue;
        if (root == NULL || root->mark != 0 || !root->reachable) continue;
        uint32_t depth = 0;
        stack[depth++] = (struct frame){root, 0};
        root->mark = 1;
        while (depth > 0) {
            struct frame *frame = &stack[depth - 1];
            struct node *node = frame->node;
            bool resumes = !within_activation || flow_is_request(node) || may_be_over(node);
            uint32_t edges = node->next_count + (resumes ? node->resume_count : 0);
            if (frame->edge >= edges) {
                node->mark = 2;
                post[(*post_count)++] = node;
                depth--;
                continue;
            }
            /* Later successors first, so that the reversed order keeps the first one next to its node. */
            uint32_t edge = edges - 1 - frame->edge++;
            struct node **slot = edge < node->next_count ? &node->next[edge] : &node->resume[edge - node->next_count];
            if (!within_activation && node->kind == NODE_COUNT && edge == 0) continue;
            struct node *to = *slot;
            if (to == NULL || to->mark == 2) continue;
            if (to->mark == 0) {
                to->mark = 1;
                stack[depth++] = (struct frame){to, 0};
                continue;
            }
            const struct node *blame = node;
            if (within_activation) {
                /* A turn of a repeat may close its circle at any of its nodes; it is told once. */
                const struct node *loop = NULL;
                for (uint32_t i = depth; i > 0; i--) {
                    const struct node *candidate = stack[i - 1].node;
                    if (candidate->kind == NODE_COUNT && candidate->statement != NULL &&
                        candidate->statement->kind == STATEMENT_REPEAT)
                        loop = candidate;
                    if (candidate == to) break;
                }
                if (loop != NULL) {
                    if ((loop->statement->resolved & 2) == 0)
                        names_report(flow->names, DIAGNOSTIC_REPEAT_WITHOUT_WAIT, loop->span, NULL, 0);
                    loop->statement->resolved |= 2;
                } else {
                    names_report(flow->names, DIAGNOSTIC_LOOP_WITHOUT_WAIT, blame->span, NULL, 0);
                }
            } else {
                for (uint32_t i = depth;
                     i > 0 && (blame->statement == NULL || blame->statement->kind != STATEMENT_GO_TO); i--)
                    blame = stack[i - 1].node;
                struct text name = blame->statement != NULL && blame->statement->kind == STATEMENT_GO_TO
                                       ? blame->statement->name.text
                                       : flow->campaign->steps[to->step]->as.step.name.text;
                REPORT(flow->names, DIAGNOSTIC_GO_BACK_WITHOUT_COUNT, blame->span, name);
            }
            flow->failed = true;
            struct node *cut = flow_broken_node(flow, node->step, node->span);
            if (cut == NULL) return true; /* no memory: told at the end */
            cut->reachable = true;
            *slot = cut;
            return false;
        }
    }
    return true;
}

void flow_judge_requests(struct flow *flow)
{
    uint32_t *most = ARENA_ARRAY(flow->names->arena, uint32_t, flow->count + 1);
    if (most == NULL) return;
    for (uint32_t i = flow->order_count; i > 0; i--) {
        struct node *node = flow->order[i - 1];
        uint32_t largest = 0;
        for (uint32_t j = 0; j < node->next_count; j++)
            largest = most[node->next[j]->number] > largest ? most[node->next[j]->number] : largest;
        if (flow_is_request(node)) {
            for (uint32_t j = 0; j < node->resume_count; j++) {
                uint32_t there = most[node->resume[j]->number] + 1;
                largest = there > largest ? there : largest;
            }
            if (largest == LIMIT_REQUESTS_BETWEEN_WAITS + 1) {
                names_report(flow->names, DIAGNOSTIC_TOO_MANY_REQUESTS, node->span, NULL, 0);
                flow->failed = true;
            }
        }
        most[node->number] = largest;
    }
}
