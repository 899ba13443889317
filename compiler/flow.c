/*
 * Builds the graph of a campaign and judges it (flow.h).
 *
 * The build goes from the last statement to the first: each statement is made with the node that follows it, so joins
 * need no second pass. A `repeat` that can be entered more than once in a journey (inside another repeat, or on a counted
 * way back) is written out turn by turn, for its counter starts at nothing once only.
 * spec: language.md#steps
 */
#include "compiler/check_money.h"
#include "compiler/check_rates.h"

#include "vm/limits.h"

enum { FLOW_NODES_MAX = 16384 };

static struct node *new_node(struct flow *flow, enum node_kind kind, uint32_t step, struct span span, uint32_t next,
                             uint32_t resume)
{
    struct arena *arena = flow->names->arena;
    struct node *node = ARENA_NEW(arena, struct node);
    if (node == NULL) return NULL;
    *node = (struct node){
        .kind = kind, .number = flow->count, .step = step, .span = span, .next_count = next, .resume_count = resume};
    node->next = ARENA_ARRAY(arena, struct node *, next + 1);
    node->resume = ARENA_ARRAY(arena, struct node *, resume + 1);
    if (flow->count == flow->capacity) {
        uint32_t capacity = flow->capacity * 2 + 64;
        struct node **grown = ARENA_ARRAY(arena, struct node *, capacity);
        if (grown == NULL) return NULL;
        if (flow->count > 0) memcpy(grown, flow->nodes, flow->count * sizeof *grown);
        flow->nodes = grown;
        flow->capacity = capacity;
    }
    flow->nodes[flow->count++] = node;
    return node;
}

struct builder_place {
    uint32_t step;
    struct node *end; /* of the step */
    uint32_t repeats; /* how many repeats surround it */
};

static struct node *build_block(struct flow *flow, const struct block *block, struct node *after,
                                struct builder_place place);

static struct node *find_step(struct flow *flow, const struct name *name)
{
    struct campaign *campaign = flow->campaign;
    for (uint32_t i = 0; i < campaign->step_count; i++) {
        if (text_equal(campaign->steps[i]->as.step.name.text, name->text)) return flow->steps[i];
    }
    struct text *list = ARENA_ARRAY(flow->names->arena, struct text, campaign->step_count + 1);
    if (list != NULL) {
        for (uint32_t i = 0; i < campaign->step_count; i++) list[i] = campaign->steps[i]->as.step.name.text;
        names_unknown(flow->names, DIAGNOSTIC_UNKNOWN_STEP, name, list, campaign->step_count);
    }
    flow->failed = true;
    flow->unknown_step = true;
    return NULL;
}

static struct node *broken_node(struct flow *flow, uint32_t step, struct span span)
{
    return new_node(flow, NODE_BROKEN, step, span, 0, 0);
}

/* A case behind one for the same event without a filter is never taken. */
static void judge_case(struct flow *flow, const struct choice_list *cases, const struct choice *choice)
{
    if (choice->kind != CHOICE_EVENT) return;
    for (const struct choice *before = cases->first; before != choice; before = before->next) {
        if (before->kind != CHOICE_EVENT || before->event.where != NULL ||
            !text_equal(before->event.event.text, choice->event.event.text))
            continue;
        if (ast_is_present(&before->event.about) && !text_equal(before->event.about.text, choice->event.about.text))
            continue;
        struct diagnostic *diagnostic = REPORT(flow->names, DIAGNOSTIC_CASE_NEVER_TAKEN, choice->span,
                                               names_words(flow->names, before->event.span));
        diagnostic_add_note(flow->names->diagnostics, diagnostic, before->span, TEXT("the case above is here"));
        return;
    }
}

static const char *case_word(enum choice_kind kind)
{
    return kind == CHOICE_APPROVED   ? "when approved"
           : kind == CHOICE_REFUSED  ? "when refused"
           : kind == CHOICE_ANSWERED ? "when answered"
                                     : "when time is up";
}

/* One way out of a question; reports where it is missing, or there twice. */
static struct node *build_answer(struct flow *flow, struct statement *statement, enum choice_kind kind,
                                 struct node *after, struct builder_place place)
{
    struct names *names = flow->names;
    const struct choice *found = NULL;
    for (const struct choice *choice = statement->as.ask.cases.first; choice != NULL; choice = choice->next) {
        if (choice->kind != kind) continue;
        if (found != NULL) REPORT(names, DIAGNOSTIC_LINE_TWICE, choice->span, text_of(case_word(kind)));
        found = choice;
    }
    struct node *node = new_node(flow, kind == CHOICE_ANSWERED ? NODE_ANSWER : NODE_PLAIN, place.step,
                                 found != NULL ? found->span : statement->span, 1, 0);
    if (node == NULL) return NULL;
    node->statement = statement;
    node->role = kind == CHOICE_APPROVED   ? "it is approved"
                 : kind == CHOICE_REFUSED  ? "it is refused"
                 : kind == CHOICE_ANSWERED ? "it is answered"
                                           : "time is up";
    node->choice = found;
    node->is_entry = true;
    if (found == NULL) {
        if (!flow->campaign->declaration->is_broken)
            REPORT(names, DIAGNOSTIC_ASK_WITHOUT_CASE, statement->span, text_of(case_word(kind)));
        flow->unknown_step = flow->failed = true;
        node->next[0] = broken_node(flow, place.step, statement->span);
        return node;
    }
    node->next[0] = build_block(flow, &found->body, after, place);
    return node;
}

static struct node *build_ask(struct flow *flow, struct statement *statement, struct node *after,
                              struct builder_place place)
{
    bool approval = !ast_is_present(&statement->as.ask.query);
    static const enum choice_kind kinds[2][3] = {{CHOICE_ANSWERED, CHOICE_TIME_IS_UP},
                                                 {CHOICE_APPROVED, CHOICE_REFUSED, CHOICE_TIME_IS_UP}};
    for (const struct choice *choice = statement->as.ask.cases.first; choice != NULL; choice = choice->next) {
        bool fits = choice->kind == CHOICE_TIME_IS_UP || approval != (choice->kind == CHOICE_ANSWERED);
        if (fits) continue;
        REPORT(flow->names, DIAGNOSTIC_ASK_CASE, choice->span, text_of(case_word(choice->kind)),
               approval ? TEXT("`when approved`, `when refused` and `when time is up`")
                        : TEXT("`when answered` and `when time is up`"));
        flow->failed = true;
    }
    struct node *node = new_node(flow, NODE_ASK, place.step, statement->span, 0, approval ? 3 : 2);
    for (uint32_t i = 0; node != NULL && i < node->resume_count; i++) {
        node->resume[i] = build_answer(flow, statement, kinds[approval][i], after, place);
        if (node->resume[i] == NULL) return NULL;
    }
    return node;
}

static struct node *build_statement(struct flow *flow, struct statement *statement, struct node *after,
                                    struct builder_place place)
{
    struct names *names = flow->names;
    struct node *node = NULL;
    if (flow->count > FLOW_NODES_MAX) return after;
    switch (statement->kind) {
    case STATEMENT_SEND:
    case STATEMENT_TELL:
    case STATEMENT_DO:
        node = new_node(flow,
                        statement->kind == STATEMENT_SEND   ? NODE_SEND
                        : statement->kind == STATEMENT_TELL ? NODE_TELL
                                                            : NODE_DO,
                        place.step, statement->span, 2, 0);
        if (node == NULL) return after;
        node->next[0] = after;
        node->next[1] =
            statement->otherwise != NULL ? build_statement(flow, statement->otherwise, after, place) : after;
        break;
    case STATEMENT_CREDIT: {
        node = new_node(flow, NODE_CREDIT, place.step, statement->span, 1, 2);
        if (node == NULL) return after;
        struct node *granted = new_node(flow, NODE_PLAIN, place.step, statement->span, 1, 0);
        if (granted == NULL) return after;
        struct node *declined = new_node(flow, NODE_PLAIN, place.step, statement->span, 1, 0);
        if (declined == NULL) return after;
        granted->role = "the credit is granted";
        declined->role = "the credit is declined";
        granted->is_entry = declined->is_entry = true;
        granted->next[0] = after;
        declined->next[0] =
            statement->otherwise != NULL ? build_statement(flow, statement->otherwise, after, place) : after;
        node->next[0] = declined;
        node->resume[0] = granted;
        node->resume[1] = declined;
        break;
    }
    case STATEMENT_TAG:
    case STATEMENT_UNTAG:
        node = new_node(flow, NODE_TAG, place.step, statement->span, 1, 0);
        if (node == NULL) return after;
        node->next[0] = after;
        break;
    case STATEMENT_REMEMBER:
        node = new_node(flow, NODE_REMEMBER, place.step, statement->span, 1, 0);
        if (node == NULL) return after;
        node->next[0] = after;
        break;
    case STATEMENT_GO_ON: return after;
    case STATEMENT_GO_TO: {
        struct node *target = find_step(flow, &statement->name);
        if (target == NULL) return broken_node(flow, place.step, statement->span);
        if (statement->as.go_to.at_most == 0) {
            node = new_node(flow, NODE_PLAIN, place.step, statement->span, 1, 0);
            if (node == NULL) return after;
            node->next[0] = target;
            break;
        }
        node = new_node(flow, NODE_COUNT, place.step, statement->span, 2, 0);
        if (node == NULL) return after;
        node->next[0] = target;
        if (statement->otherwise == NULL) {
            REPORT(names, DIAGNOSTIC_COUNT_NEEDS_OTHERWISE, statement->span, statement->name.text);
            node->next[1] = broken_node(flow, place.step, statement->span);
            flow->failed = true;
        } else {
            node->next[1] = build_statement(flow, statement->otherwise, after, place);
        }
        break;
    }
    case STATEMENT_FINISH: node = new_node(flow, NODE_FINISH, place.step, statement->span, 0, 0); break;
    case STATEMENT_ASK: node = build_ask(flow, statement, after, place); break;
    case STATEMENT_WAIT:
    case STATEMENT_WAIT_BUSINESS_DAYS:
    case STATEMENT_WAIT_UNTIL: {
        node = new_node(flow, NODE_WAIT, place.step, statement->span, 0, 1);
        if (node == NULL) return after;
        struct node *up = new_node(flow, NODE_PLAIN, place.step, statement->span, 1, 0);
        if (up == NULL) return after;
        up->role = "the wait is over";
        up->is_entry = true;
        up->next[0] = after;
        node->resume[0] = up;
        break;
    }
    case STATEMENT_WAIT_UP_TO: {
        uint32_t events = 0;
        const struct choice *up = NULL;
        for (const struct choice *choice = statement->as.wait_up_to.cases.first; choice != NULL;
             choice = choice->next) {
            if (choice->kind == CHOICE_EVENT) events++;
            judge_case(flow, &statement->as.wait_up_to.cases, choice);
            if (choice->kind == CHOICE_TIME_IS_UP) {
                if (up != NULL) REPORT(names, DIAGNOSTIC_LINE_TWICE, choice->span, TEXT("when time is up"));
                up = choice;
            }
        }
        if (events > LIMIT_CASES_PER_WAIT)
            REPORT(names, DIAGNOSTIC_TOO_MANY, statement->span, names_number(names, events), TEXT("events of one wait"),
                   names_number(names, LIMIT_CASES_PER_WAIT));
        node = new_node(flow, NODE_WAIT, place.step, statement->span, 0, events + 1);
        if (node == NULL) return after;
        uint32_t at = 0;
        for (struct choice *choice = statement->as.wait_up_to.cases.first; choice != NULL; choice = choice->next) {
            if (choice->kind != CHOICE_EVENT) continue;
            struct node *entry = new_node(flow, NODE_EVENT, place.step, choice->span, 1, 0);
            if (entry == NULL) return after;
            entry->match = &choice->event;
            entry->choice = choice;
            entry->event = names_need_event(names, &choice->event.event);
            entry->is_entry = true;
            entry->next[0] = build_block(flow, &choice->body, after, place);
            node->resume[at++] = entry;
        }
        struct node *late = new_node(flow, NODE_PLAIN, place.step, up != NULL ? up->span : statement->span, 1, 0);
        if (late == NULL) return after;
        late->role = "time is up";
        late->choice = up;
        late->is_entry = true;
        node->resume[at] = late;
        if (up == NULL) {
            if (!flow->campaign->declaration->is_broken)
                names_report(names, DIAGNOSTIC_WAIT_WITHOUT_TIME_IS_UP, statement->span, NULL, 0);
            flow->unknown_step = true; /* the missing case may lead there */
            late->next[0] = broken_node(flow, place.step, statement->span);
            flow->failed = true;
        } else {
            late->next[0] = build_block(flow, &up->body, after, place);
        }
        break;
    }
    case STATEMENT_IF: {
        struct node *no = statement->as.branch.has_otherwise
                              ? build_block(flow, &statement->as.branch.otherwise, after, place)
                              : after;
        /* Branches are linked forward; build them last to first. */
        for (uint32_t i = statement->as.branch.branches.count; i > 0; i--) {
            const struct branch *branch = statement->as.branch.branches.first;
            for (uint32_t j = 1; j < i; j++) branch = branch->next;
            struct node *test = new_node(flow, NODE_IF, place.step, branch->span, 2, 0);
            if (test == NULL) return after;
            test->condition = branch->condition;
            test->statement = statement;
            test->next[0] = build_block(flow, &branch->body, after, place);
            test->next[1] = no;
            no = test;
        }
        statement->number = no->number + 1;
        return no;
    }
    case STATEMENT_CHOOSE: {
        const struct choice *otherwise = NULL;
        uint32_t count = 0;
        for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL; choice = choice->next) {
            if (choice->kind == CHOICE_OTHERWISE) otherwise = choice;
            count++;
        }
        struct node *no = otherwise != NULL ? build_block(flow, &otherwise->body, after, place) : after;
        struct node *unknown = otherwise != NULL ? no : NULL;
        for (uint32_t i = count; i > 0; i--) {
            const struct choice *choice = statement->as.choose.cases.first;
            for (uint32_t j = 1; j < i; j++) choice = choice->next;
            if (choice->kind != CHOICE_VALUE) continue;
            struct node *test = new_node(flow, NODE_CASE, place.step, choice->span, 2, 0);
            if (test == NULL) return after;
            test->condition = choice->condition;
            test->subject = statement->as.choose.subject;
            test->statement = statement;
            test->next[0] = build_block(flow, &choice->body, after, place);
            test->next[1] = no;
            no = test;
        }
        node = new_node(flow, NODE_KNOWN, place.step, statement->span, unknown != NULL ? 2 : 1, 0);
        if (node == NULL) return after;
        node->subject = statement->as.choose.subject;
        node->next[0] = no;
        if (unknown != NULL) node->next[1] = unknown;
        break;
    }
    case STATEMENT_SPLIT: {
        node = new_node(flow, NODE_SPLIT, place.step, statement->span, statement->as.split.arms.count, 0);
        if (node == NULL) return after;
        uint32_t at = 0;
        for (const struct choice *arm = statement->as.split.arms.first; arm != NULL; arm = arm->next) {
            node->next[at++] = build_block(flow, &arm->body, after, place);
        }
        if (at == 0) return after;
        break;
    }
    case STATEMENT_REPEAT: {
        int64_t turns = statement->as.repeat.at_most;
        struct builder_place inside = place;
        inside.repeats++;
        if (place.repeats > 0 || statement->resolved != 0) {
            struct node *follow = after;
            if (turns > 1000) {
                REPORT(names, DIAGNOSTIC_TOO_MANY, statement->span, names_number(names, turns),
                       TEXT("turns of a repeat inside a repeat"), TEXT("1,000"));
                turns = 1;
            }
            for (int64_t i = 0; i < turns && flow->count <= FLOW_NODES_MAX; i++)
                follow = build_block(flow, &statement->as.repeat.body, follow, inside);
            statement->number = follow->number + 1;
            return follow;
        }
        node = new_node(flow, NODE_COUNT, place.step, statement->span, 2, 0);
        if (node == NULL) return after;
        node->statement = statement;
        node->next[1] = after;
        node->next[0] = node;
        node->next[0] = build_block(flow, &statement->as.repeat.body, node, inside);
        break;
    }
    case STATEMENT_BROKEN: flow->failed = true; return after;
    }
    if (node == NULL) return after;
    node->statement = statement;
    statement->number = node->number + 1;
    return node;
}

static struct node *build_block(struct flow *flow, const struct block *block, struct node *after,
                                struct builder_place place)
{
    if (block->count == 0) return after;
    struct statement **list = ARENA_ARRAY(flow->names->arena, struct statement *, block->count + 1);
    uint32_t count = 0;
    for (struct statement *statement = block->first; statement != NULL && list != NULL && count < block->count;
         statement = statement->next)
        list[count++] = statement;
    for (uint32_t i = count; i > 0; i--) after = build_statement(flow, list[i - 1], after, place);
    return after;
}

/* ------------------------------------------------------------------ search */

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

static void mark_reachable(struct flow *flow)
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
        if (counted && (node->kind == NODE_WAIT || node->kind == NODE_CREDIT || node->kind == NODE_ASK)) {
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

/* Depth-first over the graph; cuts and reports edges that close a cycle. `counted`: follow the counted edges too (and stop
 * at waits: such a loop spins); otherwise leave them out (and follow waits: such a loop never ends). */
/* A wait `after entry` may find its time past already: it does not keep a loop from spinning. */
static bool may_be_over(const struct node *node)
{
    if (node->kind != NODE_WAIT || node->statement == NULL) return false;
    if (node->statement->kind == STATEMENT_WAIT_UP_TO) return node->statement->as.wait_up_to.after_entry;
    return node->statement->kind == STATEMENT_WAIT && node->statement->as.wait.after_entry;
}

static bool cut_cycles(struct flow *flow, bool within_activation, struct node **post, uint32_t *post_count)
{
    struct frame *stack = ARENA_ARRAY(flow->names->arena, struct frame, flow->count + 1);
    if (stack == NULL) return false;
    clear_marks(flow);
    bool clean = true;
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
            bool resumes = !within_activation || node->kind == NODE_CREDIT || may_be_over(node);
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
            clean = false;
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
            struct node *cut = broken_node(flow, node->step, node->span);
            if (cut == NULL) return true; /* no memory: told at the end */
            cut->reachable = true;
            *slot = cut;
            stack = ARENA_ARRAY(flow->names->arena, struct frame, flow->count + 1);
            return false;
        }
    }
    return clean;
}

static void judge_requests(struct flow *flow)
{
    uint32_t *most = ARENA_ARRAY(flow->names->arena, uint32_t, flow->count + 1);
    if (most == NULL) return;
    for (uint32_t i = flow->order_count; i > 0; i--) {
        struct node *node = flow->order[i - 1];
        uint32_t largest = 0;
        for (uint32_t j = 0; j < node->next_count; j++)
            largest = most[node->next[j]->number] > largest ? most[node->next[j]->number] : largest;
        if (node->kind == NODE_CREDIT) {
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

/* ------------------------------------------------------------------ every step is reached, every path ends */

static void judge_block(struct flow *flow, const struct block *block);

static bool statement_reached(const struct flow *flow, const struct statement *statement)
{
    if (statement->kind == STATEMENT_GO_ON || statement->kind == STATEMENT_BROKEN || statement->number == 0)
        return true;
    return flow->nodes[statement->number - 1]->reachable;
}

static void judge_inner(struct flow *flow, const struct statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_WAIT_UP_TO:
        for (const struct choice *choice = statement->as.wait_up_to.cases.first; choice != NULL; choice = choice->next)
            judge_block(flow, &choice->body);
        break;
    case STATEMENT_ASK:
        for (const struct choice *choice = statement->as.ask.cases.first; choice != NULL; choice = choice->next)
            judge_block(flow, &choice->body);
        break;
    case STATEMENT_CHOOSE:
        for (const struct choice *choice = statement->as.choose.cases.first; choice != NULL; choice = choice->next)
            judge_block(flow, &choice->body);
        break;
    case STATEMENT_SPLIT:
        for (const struct choice *choice = statement->as.split.arms.first; choice != NULL; choice = choice->next)
            judge_block(flow, &choice->body);
        break;
    case STATEMENT_IF:
        for (const struct branch *branch = statement->as.branch.branches.first; branch != NULL; branch = branch->next)
            judge_block(flow, &branch->body);
        if (statement->as.branch.has_otherwise) judge_block(flow, &statement->as.branch.otherwise);
        break;
    case STATEMENT_REPEAT: judge_block(flow, &statement->as.repeat.body); break;
    default: break;
    }
}

/* The statement above of the same block that says the same on its first line; NULL for none. */
static const struct statement *same_above(const struct flow *flow, const struct block *block,
                                          const struct statement *statement)
{
    const struct text words = names_words(flow->names, statement->span);
    const struct statement *above = block->first;
    while (above != statement && !text_equal(names_words(flow->names, above->span), words)) above = above->next;
    return above == statement ? NULL : above;
}

/* Whether it is a wait that lacks `when time is up`, which is told: that case may lead to what comes below. */
static bool time_up_missing(const struct statement *statement)
{
    if (statement->kind != STATEMENT_WAIT_UP_TO) return false;
    const struct choice *choice = statement->as.wait_up_to.cases.first;
    while (choice != NULL && choice->kind != CHOICE_TIME_IS_UP) choice = choice->next;
    return choice == NULL;
}

static void judge_block(struct flow *flow, const struct block *block)
{
    const struct statement *before = NULL;
    for (const struct statement *statement = block->first; statement != NULL; statement = statement->next) {
        if (!statement_reached(flow, statement)) {
            flow->failed = true;
            if (before != NULL && time_up_missing(before)) return;
            struct diagnostic *diagnostic =
                names_report(flow->names, DIAGNOSTIC_STATEMENT_UNREACHABLE, statement->span, NULL, 0);
            const struct statement *above = same_above(flow, block, statement);
            if (above != NULL) {
                diagnostic_set_help(flow->names->diagnostics, diagnostic,
                                    TEXT("the same stands above: remove it here with all that belongs to it"));
                diagnostic_add_note(flow->names->diagnostics, diagnostic, above->span, TEXT("it is here"));
            }
            return;
        }
        judge_inner(flow, statement);
        before = statement;
    }
}

static void judge_steps(struct flow *flow)
{
    struct names *names = flow->names;
    struct campaign *campaign = flow->campaign;
    for (uint32_t i = 0; i < flow->count; i++) {
        struct node *end = flow->nodes[i];
        if (end->kind != NODE_END || !end->reachable) continue;
        for (uint32_t j = 0; j < flow->count; j++) {
            const struct node *node = flow->nodes[j];
            bool leads = false;
            for (uint32_t k = 0; k < node->next_count; k++) leads = leads || node->next[k] == end;
            if (!leads || !node->reachable || node->kind == NODE_STEP) continue;
            struct text name = campaign->steps[end->step]->as.step.name.text;
            if (!campaign->declaration->is_broken) REPORT(names, DIAGNOSTIC_STEP_NOT_ENDED, node->span, name);
            flow->failed = flow->unknown_step = true;
            break;
        }
        if (flow->steps[end->step]->next[0] == end) {
            if (!campaign->declaration->is_broken)
                REPORT(names, DIAGNOSTIC_STEP_NOT_ENDED, campaign->steps[end->step]->as.step.name.span,
                       campaign->steps[end->step]->as.step.name.text);
            flow->failed = flow->unknown_step = true;
        }
    }
    /* Where a path does not end, its end may be what leads to another step. */
    for (uint32_t i = 0; i < flow->step_count; i++) {
        const struct line *line = campaign->steps[i];
        if (!flow->steps[i]->reachable) {
            if (!flow->unknown_step)
                REPORT(names, DIAGNOSTIC_STEP_UNREACHABLE, line->as.step.name.span, line->as.step.name.text);
            flow->failed = true;
            continue;
        }
        judge_block(flow, &line->as.step.body);
    }
}

/* ------------------------------------------------------------------ reads */

static struct read *find_read(struct flow *flow, const struct event_info *event, uint32_t slot, bool open,
                              uint32_t conversion)
{
    for (uint32_t i = 0; i < flow->read_count; i++) {
        struct read *read = &flow->reads[i];
        if (read->event == event && read->slot == slot && read->open == open && read->conversion == conversion)
            return read;
    }
    return NULL;
}

struct read *flow_read(struct flow *flow, const struct event_info *event, uint32_t slot)
{
    return find_read(flow, event, slot, false, PROGRAM_NONE);
}

struct read *flow_read_open(struct flow *flow, const struct event_info *event, uint32_t slot, uint32_t conversion)
{
    return find_read(flow, event, slot, true, conversion);
}

static void use_read(struct flow *flow, struct node *node, struct read read)
{
    struct read *known = find_read(flow, read.event, read.slot, read.open, read.conversion);
    if (known == NULL) {
        if (flow->read_count == 64) {
            flow->too_many_reads = true;
            return;
        }
        known = &flow->reads[flow->read_count++];
        *known = read;
    }
    node->uses |= UINT64_C(1) << (known - flow->reads);
}

static void use_field(struct flow *flow, struct node *node, const struct event_info *event, struct text name,
                      struct span span)
{
    struct read read = {.event = event, .span = span, .conversion = PROGRAM_NONE, .variable = PROGRAM_NONE};
    if (text_equal(name, TEXT("time"))) {
        read.slot = PROGRAM_SLOT_TIME;
        read.type = (struct type){TYPE_MOMENT, PROGRAM_NONE, 0};
        struct range range = names_type_range(read.type);
        read.low = range_low64(range);
        read.high = range_high64(range);
    } else if (text_equal(name, TEXT("id"))) {
        read.slot = PROGRAM_SLOT_EVENT_ID;
        read.type = (struct type){TYPE_TEXT, PROGRAM_NONE, LIMIT_ID_BYTES};
    } else {
        const struct member *field = names_field(event, name);
        if (field == NULL || (uint32_t)field->type.kind == TYPE_BROKEN) return;
        read.field = field;
        read.slot = field->slot;
        read.type = field->type;
        if (read.type.kind == TYPE_MONEY) read.type.of = flow->campaign->currency;
        read.low = field->low;
        read.high = field->high;
        read.optional = field->optional;
    }
    use_read(flow, node, read);
}

/* Money in whatever currency it came, and that currency. False: it is no such field. */
static bool use_open_money(struct flow *flow, struct node *node, const struct value *value, uint32_t conversion)
{
    const struct event_info *event =
        value != NULL && value->kind == VALUE_PATH ? names_event(flow->names, value->owner.text) : NULL;
    const struct member *field = event != NULL ? names_field(event, value->name.text) : NULL;
    if (field == NULL || field->type.kind != TYPE_MONEY) return false;
    struct read read = {.event = event,
                        .field = field,
                        .slot = field->slot,
                        .type = {TYPE_MONEY, PROGRAM_NONE, 0},
                        .low = field->low,
                        .high = field->high,
                        .optional = field->optional,
                        .open = true,
                        .conversion = conversion,
                        .span = value->span,
                        .variable = PROGRAM_NONE};
    use_read(flow, node, read);
    read.slot = field->slot + 1;
    read.conversion = PROGRAM_NONE;
    read.type = (struct type){TYPE_CURRENCY, PROGRAM_NONE, 0};
    read.low = 0;
    read.high = flow->names->currency_count > 0 ? (int64_t)flow->names->currency_count - 1 : 0;
    use_read(flow, node, read);
    return true;
}

static void use_value(struct flow *flow, struct node *node, const struct value *value)
{
    if (value == NULL) return;
    if (value->kind == VALUE_PATH) {
        const struct event_info *event = names_event(flow->names, value->owner.text);
        if (event != NULL) use_field(flow, node, event, value->name.text, value->span);
        return;
    }
    if (value->kind == VALUE_CONVERSION) {
        flow->names->muted++; /* told where the value is read */
        uint32_t conversion = rates_of_value(flow->names, value);
        flow->names->muted--;
        if (conversion == PROGRAM_NONE || !use_open_money(flow, node, value->left, conversion))
            use_value(flow, node, value->left);
    }
    if (value->kind == VALUE_BINARY || value->kind == VALUE_SHARE_OF || value->kind == VALUE_FORMULA) {
        use_value(flow, node, value->left);
        if (value->kind != VALUE_FORMULA) use_value(flow, node, value->right);
    }
    for (const struct clause *clause = value->clauses; clause != NULL; clause = clause->next)
        use_value(flow, node, clause->value);
}

static void use_condition(struct flow *flow, struct node *node, const struct condition *condition)
{
    if (condition == NULL) return;
    if (!money_is_priced(condition) || !use_open_money(flow, node, condition->left, PROGRAM_NONE))
        use_value(flow, node, condition->left);
    for (const struct value *value = condition->values.first; value != NULL; value = value->next)
        use_value(flow, node, value);
    for (const struct condition *child = condition->children; child != NULL; child = child->next)
        use_condition(flow, node, child);
}

bool flow_shows_open(const struct flow *flow, const struct event_info *event, const struct member *field)
{
    if (field == NULL || field->type.kind != TYPE_MONEY) return false;
    for (uint32_t i = 0; i < flow->count; i++) {
        const struct node *node = flow->nodes[i];
        if (node->kind != NODE_EVENT || node->event != event || node->match == NULL) continue;
        struct money_currencies set = {{0}};
        uint32_t conversions[64];
        if (money_priced_field(flow->names, node->match->where, field->name.text, &set) ||
            rates_of_field(flow->names, node->match->where, field->name.text, conversions, 0) > 0)
            return true;
    }
    return false;
}

static void use_node(struct flow *flow, struct node *node)
{
    struct names *names = flow->names;
    const struct statement *statement = node->statement;
    switch (node->kind) {
    case NODE_SEND: {
        const struct message_info *message = names_message(names, statement->name.text);
        if (message == NULL) return;
        uint32_t count = 0;
        const struct hole *holes =
            schema_holes(names, message,
                         names_index(names->channels, names->channel_count, statement->as.send.channel.text), &count);
        for (uint32_t i = 0; i < count; i++) {
            const struct event_info *event = names_event(names, holes[i].owner);
            if (event == NULL) continue;
            const struct value path = {.kind = VALUE_PATH,
                                       .span = node->span,
                                       .owner = {holes[i].owner, node->span, 0},
                                       .name = {holes[i].name, node->span, 0}};
            if (!flow_shows_open(flow, event, names_field(event, holes[i].name)) ||
                !use_open_money(flow, node, &path, PROGRAM_NONE))
                use_field(flow, node, event, holes[i].name, node->span);
        }
        return;
    }
    case NODE_CREDIT: {
        const struct campaign_offer *offer = campaign_offer(flow->campaign, statement->name.text);
        if (offer == NULL) return;
        for (const struct line *line = offer->declaration->lines.first; line != NULL; line = line->next) {
            if (line->kind == LINE_PARAMETER) use_value(flow, node, line->as.parameter.value);
        }
        const struct line *wagering = campaign_terms_line(flow->campaign, offer->declaration, LINE_WAGERING);
        const struct event_info *deposit = names_event(names, TEXT("deposit"));
        if (wagering != NULL && wagering->as.wagering.of_deposit && deposit != NULL)
            use_field(flow, node, deposit, TEXT("amount"), wagering->span);
        return;
    }
    case NODE_DO:
        for (const struct argument *argument = statement->as.action.arguments.first; argument != NULL;
             argument = argument->next)
            use_value(flow, node, argument->value);
        return;
    case NODE_TELL:
        use_value(flow, node, statement->as.tell.player);
        for (const struct argument *argument = statement->as.tell.arguments.first; argument != NULL;
             argument = argument->next)
            use_value(flow, node, argument->value);
        return;
    case NODE_REMEMBER:
        use_value(flow, node, statement->as.remember.value);
        use_value(flow, node, statement->as.remember.otherwise);
        return;
    case NODE_IF: use_condition(flow, node, node->condition); return;
    case NODE_CASE:
        use_value(flow, node, node->subject);
        use_condition(flow, node, node->condition);
        return;
    case NODE_KNOWN: use_value(flow, node, node->subject); return;
    case NODE_WAIT:
        if (statement->kind != STATEMENT_WAIT_UP_TO) return;
        for (const struct choice *choice = statement->as.wait_up_to.cases.first; choice != NULL;
             choice = choice->next) {
            if (choice->kind == CHOICE_EVENT) use_condition(flow, node, choice->event.where);
        }
        return;
    default: return;
    }
}

/* The reads of its own event that a filter proves known wherever it holds. */
static uint64_t proven_by(const struct flow *flow, const struct event_info *event, const struct condition *condition)
{
    if (condition == NULL) return 0;
    uint64_t mask = condition->kind == CONDITION_ANY ? UINT64_MAX : 0;
    switch (condition->kind) {
    case CONDITION_COMPARE:
        if (condition->comparison != COMPARISON_KNOWN || condition->negated || condition->left == NULL ||
            condition->left->kind != VALUE_WORD)
            return 0;
        for (uint32_t i = 0; i < flow->read_count; i++) {
            const struct read *read = &flow->reads[i];
            if (read->event == event && read->field != NULL &&
                text_equal(read->field->name.text, condition->left->name.text))
                mask |= UINT64_C(1) << i;
        }
        return mask;
    case CONDITION_ALL:
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            mask |= proven_by(flow, event, child);
        return mask;
    case CONDITION_ANY:
        for (const struct condition *child = condition->children; child != NULL; child = child->next)
            mask &= proven_by(flow, event, child);
        return mask;
    default: return 0;
    }
}

static uint64_t reads_of(const struct flow *flow, const struct event_info *event)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < flow->read_count; i++) {
        if (flow->reads[i].event == event) mask |= UINT64_C(1) << i;
    }
    return mask;
}

/* Which event is in the bank, which reads are still to come. */
static void flow_banks(struct flow *flow)
{
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        if (node->is_entry) {
            node->bank = node->kind == NODE_EVENT ? node->event : NULL;
            node->bank_set = true;
        }
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        for (uint32_t j = 0; j < node->next_count; j++) {
            struct node *to = node->next[j];
            if (to->bank_set && to->bank != node->bank) to->bank = NULL;
            if (!to->bank_set) to->bank = node->bank;
            to->bank_set = true;
        }
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = flow->order_count; i > 0; i--) {
            struct node *node = flow->order[i - 1];
            uint64_t live = 0;
            for (uint32_t j = 0; j < node->next_count; j++) live |= node->next[j]->live;
            for (uint32_t j = 0; j < node->resume_count; j++) live |= node->resume[j]->live;
            node->live_after = live;
            if (node->kind == NODE_EVENT && node->event != NULL) live &= ~reads_of(flow, node->event);
            live |= node->uses;
            if (live != node->live) {
                node->live = live;
                changed = true;
            }
        }
    }
    for (uint32_t i = 0; i < flow->order_count; i++) {
        const struct node *node = flow->order[i];
        for (uint32_t j = 0; j < flow->read_count; j++) {
            if ((node->uses >> j & 1) == 0) continue;
            if (node->kind == NODE_WAIT || node->bank != flow->reads[j].event) flow->reads[j].captured = true;
        }
    }
}

/* ------------------------------------------------------------------ all of it */

static void build_nodes(struct flow *flow)
{
    struct campaign *campaign = flow->campaign;
    struct names *names = flow->names;
    flow->count = 0;
    flow->step_count = campaign->step_count;
    flow->steps = ARENA_ARRAY(names->arena, struct node *, campaign->step_count + 1);
    if (flow->steps == NULL) return;
    for (uint32_t i = 0; i < campaign->step_count; i++) {
        flow->steps[i] = new_node(flow, NODE_STEP, i, campaign->steps[i]->as.step.name.span, 1, 0);
        if (flow->steps[i] == NULL) return;
    }
    for (uint32_t i = campaign->step_count; i > 0; i--) {
        struct node *end = new_node(flow, NODE_END, i - 1, campaign->steps[i - 1]->as.step.name.span, 0, 0);
        if (end == NULL) return;
        struct builder_place place = {i - 1, end, 0};
        flow->steps[i - 1]->next[0] = build_block(flow, &campaign->steps[i - 1]->as.step.body, end, place);
    }
    const bool by_event = campaign->start->kind == LINE_START;
    struct node *start = new_node(flow, by_event ? NODE_EVENT : NODE_PLAIN, 0, campaign->start->span, 1, 0);
    if (start == NULL) return;
    if (by_event) {
        start->match = &campaign->start->as.event;
        start->event = names_event(names, campaign->start->as.event.event.text);
    }
    start->is_entry = true;
    start->next[0] = flow->steps[0];
    flow->start = start;
    uint32_t leaves = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL; line = line->next)
        leaves += line->kind == LINE_LEAVE_ON || line->kind == LINE_LEAVE_WHEN;
    flow->leaves = ARENA_ARRAY(names->arena, struct node *, leaves + 1);
    flow->leave_count = 0;
    for (const struct line *line = campaign->declaration->lines.first; line != NULL && flow->leaves != NULL;
         line = line->next) {
        bool on = line->kind == LINE_LEAVE_ON;
        if ((!on && line->kind != LINE_LEAVE_WHEN) || line->as.leave.then == NULL) continue;
        struct node *entry = new_node(flow, on ? NODE_EVENT : NODE_PLAIN, 0, line->span, 1, 0);
        if (entry == NULL) return;
        if (on) {
            entry->match = &line->as.leave.event;
            entry->event = names_event(names, line->as.leave.event.event.text);
        } else {
            entry->role = "this line moves it";
        }
        entry->is_entry = entry->is_leave = true;
        struct node *end = new_node(flow, NODE_BROKEN, 0, line->span, 0, 0);
        if (end == NULL) return;
        struct builder_place place = {0, end, 0};
        entry->next[0] = build_statement(flow, line->as.leave.then, end, place);
        if (line->as.leave.then->kind == STATEMENT_GO_TO && line->as.leave.then->as.go_to.at_most == 0) {
            /* Without a count the line could move a journey that waits there again and again: it moves a journey once. */
            struct node *once = new_node(flow, NODE_COUNT, 0, line->span, 2, 0);
            if (once == NULL) return;
            once->statement = line->as.leave.then;
            once->next[0] = entry->next[0];
            once->next[1] = end;
            entry->next[0] = once;
        }
        flow->leaves[flow->leave_count++] = entry;
    }
}

bool flow_build(struct flow *flow, struct names *names, struct campaign *campaign)
{
    *flow = (struct flow){.names = names, .campaign = campaign, .unknown_step = campaign->declaration->is_broken};
    build_nodes(flow);
    if (flow->count > FLOW_NODES_MAX || names->arena->failed) {
        if (flow->count > FLOW_NODES_MAX)
            REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, names_number(names, flow->count),
                   TEXT("statements, with every repeat written out"), names_number(names, FLOW_NODES_MAX));
        flow->failed = true;
        return false;
    }
    /* A repeat on a way back begins anew each time: write it out. */
    bool again = false;
    for (uint32_t i = 0; i < flow->count; i++) {
        struct node *node = flow->nodes[i];
        if (node->kind != NODE_COUNT || node->statement->kind != STATEMENT_REPEAT) continue;
        if (flow_reaches(flow, node->next[1], node, true)) {
            node->statement->resolved = 1;
            again = true;
        }
    }
    if (again) build_nodes(flow);
    if (names->arena->failed) return false;
    mark_reachable(flow);
    judge_steps(flow);
    uint32_t most = flow->count + 1; /* where circles are cut each edge may get an end of its own, in either order */
    for (uint32_t i = 0; i < flow->count; i++) most += 2 * (flow->nodes[i]->next_count + flow->nodes[i]->resume_count);
    struct node **post = ARENA_ARRAY(names->arena, struct node *, most);
    if (post == NULL) return false;
    uint32_t post_count = 0;
    for (uint32_t tries = 0; tries < 64 && !cut_cycles(flow, false, post, &post_count); tries++) continue;
    for (uint32_t tries = 0; tries < 64 && !cut_cycles(flow, true, post, &post_count); tries++) continue;
    flow->order = ARENA_ARRAY(names->arena, struct node *, post_count + 1);
    if (flow->order == NULL) return false;
    flow->order_count = post_count;
    for (uint32_t i = 0; i < post_count; i++) {
        flow->order[i] = post[post_count - 1 - i];
        flow->order[i]->order = i;
    }
    judge_requests(flow);
    if (names->arena->failed) return false;
    for (uint32_t i = 0; i < flow->order_count; i++) use_node(flow, flow->order[i]);
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        if (node->kind == NODE_EVENT && node->event == NULL) flow->unknown_event = true;
        if (node->kind == NODE_EVENT && node->event != NULL)
            node->proven = proven_by(flow, node->event, node->match->where);
    }
    flow_banks(flow);
    if (flow->too_many_reads) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, TEXT("more than 64"),
               TEXT("event fields read by one campaign"), TEXT("64"));
        flow->failed = true;
    }
    return !names->arena->failed;
}
