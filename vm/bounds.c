/*
 * Bounds by two passes. Backward over the code, which only goes forward: the longest way to an end. Then over the graph of a
 * whole journey, whose nodes are the instructions, the states in which it rests and one hub for leave lines:
 *
 *   WAIT ──► state ──► timeout, cases ──► ...        CREDIT ──cost──► granted
 *               └────► leave hub ──► leave targets   CREDIT ───0────► declined
 *
 * A way back must pass a COUNT. Without the edges of COUNT the graph has no circle, so a journey is at most
 * 1 + sum of the counts such circle-free passages; a counter that is set back inside another's circle multiplies (level
 * by level). Exclusive branches do not add: it is the longest path that counts.
 */
#include "vm/bounds.h"

#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/memory.h"
#include "vm/round.h"

enum {
    JOURNEY_HEAD_BYTES = 64,  /* program, state, number, entered-at, deadline */
    NO_COUNTER = 0xFFFF
};

struct graph {
    const struct bounds_walk *walk;
    const struct bundle_campaign *campaign;
    const struct instruction *code; /* of the region */
    uint32_t code_first;
    uint32_t code_count;
    uint32_t node_count;   /* code, states, hub */
    uint64_t removed;      /* counters whose edges are taken out */
    bool without_waits;    /* edges out of waits are taken out */
    uint32_t *order;       /* nodes in topological order, where there is one */
    uint32_t order_count;
    uint32_t *scratch;     /* a number a node */
    uint32_t *component;   /* by node: strongly connected component */
    bool *live;            /* by node: reachable from the start */
    bool *circular;        /* by node: lies on a circle */
    int128 *longest;       /* by node */
};

struct edge {
    uint32_t to;
    int64_t cost;
    bool rests;       /* the activation ends here */
    uint32_t counter; /* COUNT's way on: which counter; otherwise NO_COUNTER */
};

static uint32_t hub_of(const struct graph *graph)
{
    return graph->node_count - 1;
}

static struct edge plain(uint32_t to)
{
    return (struct edge){.to = to, .counter = NO_COUNTER};
}

/* The `n`-th edge out of a node, as the graph stands without what is taken out. `n` counts possible edges: false at the
 * end; an edge that is not there now has to == PROGRAM_NONE. */
static bool edge_at(const struct graph *graph, uint32_t node, uint32_t n, struct edge *out)
{
    const struct program *program = graph->walk->program;
    *out = plain(PROGRAM_NONE);
    if (node == hub_of(graph)) {
        if (n >= graph->campaign->leave_count) return false;
        uint32_t target = program->leave[graph->campaign->leave_first + n].target;
        if (target != PROGRAM_NONE) out->to = target - graph->code_first;
        return true;
    }
    if (node >= graph->code_count) { /* a state; only waits are nodes that something leads to */
        const struct bundle_state *state = &program->state[graph->campaign->state_first + node - graph->code_count];
        if (n == 0) {
            if (state->timeout != PROGRAM_NONE) out->to = state->timeout - graph->code_first;
        } else if (n == 1) {
            out->to = hub_of(graph);
        } else if (n - 2 < state->case_count) {
            out->to = program->wait_case[state->case_first + n - 2].target - graph->code_first;
        } else {
            return false;
        }
        return true;
    }
    const struct instruction *at = &graph->code[node];
    const struct layout_opcode *opcode = layout_opcode(at->op);
    if (at->op == OP_ACCEPT || at->op == OP_REJECT || at->op == OP_FINISH) return false;
    if (at->op == OP_WAIT) {
        if (n > 0) return false;
        if (!graph->without_waits) {
            out->to = graph->code_count + at->a;
            out->rests = true;
        }
        return true;
    }
    if (at->op == OP_CREDIT) {
        const struct bundle_state *state = &program->state[graph->campaign->state_first + (uint32_t)at->imm];
        if (n > 1) return false;
        out->to = (n == 0 ? state->granted : state->declined) - graph->code_first;
        out->cost = n == 0 ? graph->walk->cost[node] : 0;
        out->rests = true;
        return true;
    }
    if (n == 0) {
        if (at->op == OP_JUMP) return true;
        if (at->op == OP_COUNT) {
            if ((graph->removed >> at->a) & 1) return true;
            out->counter = at->a;
        }
        out->to = node + 1;
        return true;
    }
    if (n > 1 || opcode->c != OPERAND_SKIP) return false;
    out->to = node + 1 + at->c;
    return true;
}

/* Marks what the start can reach. */
static void mark_live(struct graph *graph, uint32_t start)
{
    uint32_t count = 0;
    struct edge edge;
    graph->live[start] = true;
    graph->scratch[count++] = start;
    while (count > 0) {
        uint32_t node = graph->scratch[--count];
        for (uint32_t n = 0; edge_at(graph, node, n, &edge); n++) {
            if (edge.to == PROGRAM_NONE || graph->live[edge.to]) continue;
            graph->live[edge.to] = true;
            graph->scratch[count++] = edge.to;
        }
    }
}

/* Puts the live nodes in topological order; false when there is a circle. */
static bool sort_nodes(struct graph *graph)
{
    struct edge edge;
    uint32_t live = 0;
    memset(graph->scratch, 0, graph->node_count * sizeof *graph->scratch);
    for (uint32_t node = 0; node < graph->node_count; node++) {
        if (!graph->live[node]) continue;
        live++;
        for (uint32_t n = 0; edge_at(graph, node, n, &edge); n++) {
            if (edge.to != PROGRAM_NONE) graph->scratch[edge.to]++;
        }
    }
    graph->order_count = 0;
    for (uint32_t node = 0; node < graph->node_count; node++) {
        if (graph->live[node] && graph->scratch[node] == 0) graph->order[graph->order_count++] = node;
    }
    for (uint32_t i = 0; i < graph->order_count; i++) {
        for (uint32_t n = 0; edge_at(graph, graph->order[i], n, &edge); n++) {
            if (edge.to != PROGRAM_NONE && --graph->scratch[edge.to] == 0) graph->order[graph->order_count++] = edge.to;
        }
    }
    return graph->order_count == live;
}

/* Strongly connected components (Tarjan's way, with a stack of its own): marks the nodes that lie on a circle. */
struct frame {
    uint32_t node;
    uint32_t next; /* edge to look at */
};
static bool find_circles(struct graph *graph)
{
    uint32_t count = graph->node_count, frames = 0, stacked = 0, time = 0, components = 0;
    struct frame *frame = memory_alloc_array(count, sizeof *frame);
    uint32_t *found = memory_alloc_array(count, sizeof *found); /* 0: not yet */
    uint32_t *low = memory_alloc_array(count, sizeof *low);
    uint32_t *stack = memory_alloc_array(count, sizeof *stack);
    bool fine = frame != NULL && found != NULL && low != NULL && stack != NULL;
    struct edge edge;
    memset(graph->circular, 0, count * sizeof *graph->circular);
    memset(graph->component, 0, count * sizeof *graph->component);
    for (uint32_t root = 0; fine && root < count; root++) {
        if (!graph->live[root] || found[root] != 0) continue;
        frame[frames++] = (struct frame){root, 0};
        found[root] = low[root] = ++time;
        stack[stacked++] = root;
        while (frames > 0) {
            struct frame *top = &frame[frames - 1];
            uint32_t node = top->node;
            if (edge_at(graph, node, top->next, &edge)) {
                top->next++;
                if (edge.to == PROGRAM_NONE || graph->component[edge.to] != 0) continue;
                if (found[edge.to] == 0) {
                    found[edge.to] = low[edge.to] = ++time;
                    stack[stacked++] = edge.to;
                    frame[frames++] = (struct frame){edge.to, 0};
                } else if (found[edge.to] < low[node]) {
                    low[node] = found[edge.to];
                }
                continue;
            }
            frames--;
            if (frames > 0 && low[node] < low[frame[frames - 1].node]) low[frame[frames - 1].node] = low[node];
            if (low[node] != found[node]) continue;
            bool several = stack[stacked - 1] != node;
            components++;
            uint32_t member;
            do {
                member = stack[--stacked];
                graph->component[member] = components;
                graph->circular[member] = several; /* nothing leads to itself: code goes forward, waits through a state */
            } while (member != node);
        }
    }
    memory_release(frame);
    memory_release(found);
    memory_release(low);
    memory_release(stack);
    return fine;
}

/* Chooses the counters that break circles now: they count inside one, and nothing inside a circle sets them back. Gives the sum
 * of what they allow. */
static int128 choose_counters(const struct graph *graph, uint64_t *out)
{
    int64_t limit[64] = {0};
    uint32_t resets[64] = {0};
    uint64_t breaking = 0, unfit = 0;
    for (uint32_t node = 0; node < graph->code_count; node++) {
        const struct instruction *at = &graph->code[node];
        if (!graph->live[node]) continue;
        if (at->op == OP_COUNT) {
            if (at->imm > limit[at->a]) limit[at->a] = at->imm;
            if (graph->circular[node] && graph->component[node] == graph->component[node + 1]) breaking |= UINT64_C(1) << at->a;
        }
        if (at->op == OP_STORE) {
            resets[at->a]++;
            if (graph->circular[node]) unfit |= UINT64_C(1) << at->a;
        }
    }
    *out = breaking & ~unfit & ~graph->removed;
    int128 sum = 0;
    for (unsigned i = 0; i < 64; i++) {
        if ((*out >> i) & 1) sum += (int128)limit[i] * (1 + resets[i]);
    }
    return sum;
}

/* The longest way from any of the marked starts, by cost or by rests. */
static int128 longest(struct graph *graph, uint32_t start, bool by_cost)
{
    struct edge edge;
    for (uint32_t i = graph->order_count; i-- > 0;) {
        uint32_t node = graph->order[i];
        graph->longest[node] = 0;
        for (uint32_t n = 0; edge_at(graph, node, n, &edge); n++) {
            if (edge.to == PROGRAM_NONE) continue;
            int128 length = graph->longest[edge.to] + (by_cost ? (int128)edge.cost : edge.rests ? 1 : 0);
            if (length > graph->longest[node]) graph->longest[node] = length;
        }
    }
    int128 most = graph->longest[start];
    for (uint32_t node = 0; node < graph->code_count; node++) { /* where a passage begins after a count */
        if (graph->live[node] && graph->code[node].op == OP_COUNT && ((graph->removed >> graph->code[node].a) & 1) &&
            graph->longest[node + 1] > most) {
            most = graph->longest[node + 1];
        }
    }
    return most;
}

static enum status refuse(const struct graph *graph, struct error *error, uint32_t node, const char *words)
{
    struct text name = program_text(graph->walk->program, graph->campaign->name);
    return error_set(error, STATUS_REFUSED, "campaign `%.*s`, instruction %u: %s", TEXT_ARGS(name), node, words);
}

/* Within an instant: requests may not go round, and at most 15 stand between two waits. */
static enum status check_instant(struct graph *graph, struct error *error)
{
    graph->without_waits = true;
    /* Everything that was reached may begin an instant. */
    bool sorted = sort_nodes(graph);
    enum status status = OK;
    if (!sorted) {
        status = refuse(graph, error, 0, "requests follow one another in a circle without a wait");
    } else {
        struct edge edge;
        for (uint32_t i = graph->order_count; i-- > 0 && status == OK;) {
            uint32_t node = graph->order[i];
            int128 most = 0;
            for (uint32_t n = 0; edge_at(graph, node, n, &edge); n++) {
                if (edge.to != PROGRAM_NONE && graph->longest[edge.to] > most) most = graph->longest[edge.to];
            }
            if (node < graph->code_count && graph->code[node].op == OP_CREDIT) most++;
            graph->longest[node] = most;
            if (most > LIMIT_REQUESTS_BETWEEN_WAITS) status = refuse(graph, error, node, "more than 15 requests can follow without a wait");
        }
    }
    graph->without_waits = false;
    return status;
}

/* How many circle-free passages a journey has at most; leaves the graph cut open and sorted. */
static enum status count_passages(struct graph *graph, int128 *out, struct error *error)
{
    *out = 1;
    while (!sort_nodes(graph)) {
        if (!find_circles(graph)) return error_set(error, STATUS_NO_MEMORY, "no memory to verify the program");
        uint64_t counters;
        int128 sum = choose_counters(graph, &counters);
        if (counters == 0) {
            uint32_t node = 0;
            while (node < graph->code_count && !graph->circular[node]) node++;
            return refuse(graph, error, node, "a way leads back here without a count");
        }
        graph->removed |= counters;
        *out *= 1 + sum;
        if (*out > UINT32_MAX) return refuse(graph, error, 0, "its counts allow more than 4,294,967,295 ways round");
    }
    return OK;
}

/* The smaller of two bounds, where -1 is none. */
static int64_t tighter(int64_t left, int64_t right)
{
    if (left < 0) return right;
    if (right < 0) return left;
    return left < right ? left : right;
}

static int64_t bound_of(int128 value)
{
    return value > INT64_MAX ? -1 : (int64_t)value;
}

/* What the budgets and the number of entries leave of a journey's spend. */
static void bound_spend(const struct program *program, const struct bundle_campaign *campaign, struct bundle_bound *out)
{
    bool once = campaign->enter == ENTER_ONCE;
    uint32_t entries = campaign->enter_count == 0 ? 1 : campaign->enter_count;
    int64_t player = -1, total = -1;
    if (out->spend_journey == 0) player = 0;
    if (once && out->spend_journey >= 0) player = bound_of((int128)out->spend_journey * entries);
    const uint32_t budgets[2] = {campaign->budget, campaign->pool};
    for (unsigned i = 0; i < 2; i++) {
        if (budgets[i] == PROGRAM_NONE) continue;
        const struct bundle_budget *budget = &program->budget[budgets[i]];
        if (budget->currency != campaign->currency) continue;
        for (uint32_t l = 0; l < budget->limit_count; l++) {
            const struct bundle_limit *limit = &program->limit[budget->limit_first + l];
            if (limit->period != LIMIT_EVER || limit->amount < 0) continue;
            if (limit->scope == SCOPE_PLAYER) player = tighter(player, limit->amount);
            if (limit->scope == SCOPE_TOTAL) total = tighter(total, limit->amount);
        }
    }
    out->spend_player = tighter(player, total);
    if (out->spend_journey == 0) total = 0;
    if (campaign->enter_limit != PROGRAM_NONE && player >= 0) {
        total = tighter(total, bound_of((int128)player * campaign->enter_limit));
    }
    out->spend_campaign = total;
}

/* One activation: the longest way through the code, by instructions, by effects, by bytes. */
static enum status bound_activation(const struct graph *graph, struct bundle_bound *out, struct error *error)
{
    struct longest_way {
        uint32_t instructions, made, arena;
    } *way = memory_alloc_array((size_t)graph->code_count + 1, sizeof *way);
    if (way == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to verify the program");
    enum status status = OK;
    for (uint32_t node = graph->code_count; node-- > 0 && status == OK;) {
        const struct instruction *at = &graph->code[node];
        const struct layout_opcode *opcode = layout_opcode(at->op);
        if (!graph->walk->reached[node]) continue;
        struct longest_way longest = {0, 0, 0};
        bool ends = at->op == OP_ACCEPT || at->op == OP_REJECT || at->op == OP_FINISH || at->op == OP_WAIT || at->op == OP_CREDIT;
        for (unsigned n = 0; n < 2 && !ends; n++) {
            if (n == 0 ? at->op == OP_JUMP : opcode->c != OPERAND_SKIP) continue;
            const struct longest_way *next = &way[node + 1 + (n == 0 ? 0 : at->c)];
            if (next->instructions > longest.instructions) longest.instructions = next->instructions;
            if (next->made > longest.made) longest.made = next->made;
            if (next->arena > longest.arena) longest.arena = next->arena;
        }
        way[node].instructions = longest.instructions + 1;
        way[node].made = longest.made + (graph->walk->arena[node] > 0 ? 1 : 0);
        way[node].arena = longest.arena + graph->walk->arena[node];
        if (way[node].made > LIMIT_EFFECTS_PER_ACTIVATION) status = refuse(graph, error, node, "more than 64 effects can be made from here in one activation");
        else if (way[node].arena > LIMIT_ACTIVATION_ARENA_BYTES) status = refuse(graph, error, node, "more than 65,536 bytes can be needed from here in one activation");
        if (way[node].instructions > out->instructions) out->instructions = way[node].instructions;
        if (way[node].made > out->effects) out->effects = way[node].made;
        if (way[node].arena > out->arena_bytes) out->arena_bytes = way[node].arena;
    }
    memory_release(way);
    return status;
}

/* The whole journey: passages times the longest of them. */
static enum status bound_journey(struct graph *graph, struct bundle_bound *out, struct error *error)
{
    uint32_t start = graph->campaign->start - graph->code_first;
    mark_live(graph, start);
    RETURN_IF_FAILED(check_instant(graph, error));
    int128 passages;
    RETURN_IF_FAILED(count_passages(graph, &passages, error));
    out->spend_journey = bound_of(passages * longest(graph, start, true));
    int128 activations = 1 + passages * longest(graph, start, false);
    out->activations = activations >= PROGRAM_NONE ? PROGRAM_NONE : (uint32_t)activations;
    out->journey_bytes = JOURNEY_HEAD_BYTES + 8 * graph->campaign->variable_count + graph->campaign->text_size;
    bound_spend(graph->walk->program, graph->campaign, out);
    return OK;
}

enum status bounds_find(struct bundle_bound *out, const struct bounds_walk *walk, struct error *error)
{
    const struct bundle_region *region = &walk->program->region[walk->region];
    struct graph graph = {
        .walk = walk,
        .campaign = &walk->program->campaign[region->campaign],
        .code = walk->program->instruction + region->code_first,
        .code_first = region->code_first,
        .code_count = region->code_count,
    };
    *out = (struct bundle_bound){0};
    RETURN_IF_FAILED(bound_activation(&graph, out, error));
    graph.node_count = graph.code_count + graph.campaign->state_count + 1;
    graph.order = memory_alloc_array(graph.node_count, sizeof *graph.order);
    graph.scratch = memory_alloc_array(graph.node_count, sizeof *graph.scratch);
    graph.component = memory_alloc_array(graph.node_count, sizeof *graph.component);
    graph.live = memory_alloc_array(graph.node_count, sizeof *graph.live);
    graph.circular = memory_alloc_array(graph.node_count, sizeof *graph.circular);
    graph.longest = memory_alloc_array(graph.node_count, sizeof *graph.longest);
    enum status status;
    if (graph.order == NULL || graph.scratch == NULL || graph.component == NULL || graph.live == NULL ||
        graph.circular == NULL || graph.longest == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "no memory to verify the program");
    } else {
        status = bound_journey(&graph, out, error);
    }
    memory_release(graph.order);
    memory_release(graph.scratch);
    memory_release(graph.component);
    memory_release(graph.live);
    memory_release(graph.circular);
    memory_release(graph.longest);
    return status;
}
