/*
 * Builds the graph of a campaign and judges it (flow.h).
 *
 * The build goes from the last statement to the first: each statement is made with the node that follows it, so joins
 * need no second pass. A `repeat` that can be entered more than once in a journey (inside another repeat, or on a counted
 * way back) is written out turn by turn, for its counter starts at nothing once only.
 * Circles and order are flow_order.c, reads of events flow_reads.c. spec: language.md#steps
 */
#include "compiler/flow.h"

#include "compiler/check_rates.h"

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
    if (node->next == NULL || node->resume == NULL) return NULL;
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

struct node *flow_broken_node(struct flow *flow, uint32_t step, struct span span)
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
        node->next[0] = flow_broken_node(flow, place.step, statement->span);
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
    const uint32_t ways = approval ? 3 : 2;
    struct node *node = new_node(flow, NODE_ASK, place.step, statement->span, 0, ways);
    for (uint32_t i = 0; node != NULL && i < ways; i++) {
        node->resume[i] = build_answer(flow, statement, kinds[approval][i], after, place);
        if (node->resume[i] == NULL) return NULL;
    }
    return node;
}

static struct node *build_statement(struct flow *flow, struct statement *statement, struct node *after,
                                    struct builder_place place);

/* A code is given as the event `code_given`, which the journey goes on with; giving back leads on in any case. */
static struct node *build_code(struct flow *flow, struct statement *statement, struct node *after,
                               struct builder_place place)
{
    bool gives = statement->kind == STATEMENT_GIVE_CODE;
    struct node *node = new_node(flow, NODE_CODE, place.step, statement->span, 0, gives ? 2 : 1);
    struct node *first = new_node(flow, gives ? NODE_EVENT : NODE_PLAIN, place.step, statement->span, 1, 0);
    struct event_match *match = ARENA_NEW(flow->names->arena, struct event_match);
    if (node == NULL || first == NULL || match == NULL) return NULL;
    first->role = "the code is given back";
    first->is_entry = true;
    first->next[0] = after;
    node->resume[0] = first;
    if (!gives) return node;
    *match = (struct event_match){.span = statement->span, .event = {TEXT("code_given"), statement->span, 0}};
    first->match = match;
    first->event = names_event(flow->names, TEXT("code_given"));
    struct node *declined = new_node(flow, NODE_PLAIN, place.step, statement->span, 1, 0);
    if (declined == NULL) return NULL;
    declined->role = "no code is given";
    declined->is_entry = true;
    declined->next[0] =
        statement->otherwise != NULL ? build_statement(flow, statement->otherwise, after, place) : after;
    node->resume[1] = declined;
    return node;
}

/* `show offer "X"` is `do show_offer with offer "X"`. */
static void show_as_action(struct flow *flow, struct statement *statement)
{
    struct argument *argument = ARENA_NEW(flow->names->arena, struct argument);
    struct value *value = ARENA_NEW(flow->names->arena, struct value);
    if (argument == NULL || value == NULL) return;
    *value = (struct value){.kind = VALUE_TEXT, .span = statement->name.span, .name = statement->name};
    *argument =
        (struct argument){.name = {TEXT("offer"), statement->name.span, 0}, .value = value, .span = value->span};
    statement->kind = STATEMENT_DO;
    statement->name = (struct name){TEXT("show_offer"), statement->span, 0};
    statement->as.action.arguments = (struct argument_list){argument, argument, 1};
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
    case STATEMENT_SPEND:
    case STATEMENT_SHOW_OFFER:
    case STATEMENT_DO:
        if (statement->kind == STATEMENT_SHOW_OFFER) show_as_action(flow, statement);
        node = new_node(flow,
                        statement->kind == STATEMENT_SEND    ? NODE_SEND
                        : statement->kind == STATEMENT_TELL  ? NODE_TELL
                        : statement->kind == STATEMENT_SPEND ? NODE_SPEND
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
    case STATEMENT_AWARD_BADGE:
        node = new_node(flow, NODE_AWARD, place.step, statement->span, 1, 0);
        if (node == NULL) return after;
        node->next[0] = after;
        break;
    case STATEMENT_GIVE_CODE:
    case STATEMENT_RELEASE_CODE: node = build_code(flow, statement, after, place); break;
    case STATEMENT_CANCEL:
    case STATEMENT_FREEZE:
    case STATEMENT_UNFREEZE:
        node = new_node(flow, NODE_ORDER, place.step, statement->span, 1, 0);
        if (node == NULL) return after;
        node->next[0] = after;
        break;
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
        if (target == NULL) return flow_broken_node(flow, place.step, statement->span);
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
            node->next[1] = flow_broken_node(flow, place.step, statement->span);
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
            late->next[0] = flow_broken_node(flow, place.step, statement->span);
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
        statement->number = node->number + 1;
        struct node *entry = new_node(flow, NODE_PLAIN, place.step, statement->span, 1, 0);
        if (entry == NULL) return after;
        entry->next[0] = node;
        node->entry = entry;
        return entry;
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
        if (flow_reaches(flow, node, node->entry, true)) {
            node->statement->resolved = 1;
            again = true;
        }
    }
    if (again) build_nodes(flow);
    if (names->arena->failed) return false;
    flow_mark_reachable(flow);
    judge_steps(flow);
    uint32_t most = flow->count + 1; /* where circles are cut each edge may get an end of its own, in either order */
    for (uint32_t i = 0; i < flow->count; i++) most += 2 * (flow->nodes[i]->next_count + flow->nodes[i]->resume_count);
    struct node **post = ARENA_ARRAY(names->arena, struct node *, most);
    if (post == NULL) return false;
    uint32_t post_count = 0;
    for (uint32_t tries = 0; tries < 64 && !flow_cut_cycles(flow, false, post, &post_count); tries++) continue;
    for (uint32_t tries = 0; tries < 64 && !flow_cut_cycles(flow, true, post, &post_count); tries++) continue;
    flow->order = ARENA_ARRAY(names->arena, struct node *, post_count + 1);
    if (flow->order == NULL) return false;
    flow->order_count = post_count;
    for (uint32_t i = 0; i < post_count; i++) {
        flow->order[i] = post[post_count - 1 - i];
        flow->order[i]->order = i;
    }
    flow_judge_requests(flow);
    if (names->arena->failed) return false;
    for (uint32_t i = 0; i < flow->order_count; i++) flow_use(flow, flow->order[i]);
    flow_use_leaves(flow);
    for (uint32_t i = 0; i < flow->order_count; i++) {
        struct node *node = flow->order[i];
        if (node->kind == NODE_EVENT && node->event == NULL) flow->unknown_event = true;
        if (node->kind == NODE_EVENT && node->event != NULL)
            node->proven = flow_proven(flow, node->event, node->match->where);
    }
    flow_banks(flow);
    if (flow->too_many_reads) {
        REPORT(names, DIAGNOSTIC_TOO_MANY, campaign->declaration->span, TEXT("more than 64"),
               TEXT("event fields read by one campaign"), TEXT("64"));
        flow->failed = true;
    }
    return !names->arena->failed;
}
