/*
 * Bounds by two passes. Backward over the code, which only goes forward: the longest way to an end. Then over the graph of a
 * whole journey, whose nodes are the instructions, the states in which it rests and one hub for leave lines:
 *
 *   WAIT, ASK ──► state ──► timeout, cases, answers ──► ...   CREDIT ──cost──► granted
 *               └────► leave hub ──► leave targets   CREDIT ───0────► declined
 *                                                    CREDIT ──cost──► targets of `leave when`
 *
 * The costliest walk is found part by part, a part being a set of nodes that reach one another (a circle, or one node alone).
 * A walk passes each part once. Within a circle it must go through a COUNT to come round again: taking the edges of its
 * counters out leaves smaller parts, of which it makes one passage from where it came in and, for each counter, at most so
 * many more from behind the COUNT. A counter that is set back inside the circle cannot serve for it, but may for a
 * circle within; so counts multiply where they nest and add where they do not. Branches that exclude each other do not
 * add at all.
 * What budgets, entries, codes and prizes leave of that: bounds_spend.c.
 */
#include "vm/bounds_graph.h"

#include "vm/layout.h"
#include "vm/limits.h"
#include "vm/memory.h"
#include "vm/round.h"

enum {
    JOURNEY_HEAD_BYTES = 64, /* program, state, number, entered-at, deadline */
};

static uint32_t hub_of(const struct graph *graph)
{
    return graph->node_count - 1;
}

static struct edge plain(uint32_t to)
{
    return (struct edge){.to = to, .counter = NO_COUNTER};
}

bool bounds_edge(const struct graph *graph, uint32_t node, uint32_t n, struct edge *out)
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
        } else if (state->kind == STATE_ASK) {
            uint32_t answer = n == 2 ? state->granted : state->declined;
            if (n > 3) return false;
            if (answer != PROGRAM_NONE) out->to = answer - graph->code_first;
        } else if (n - 2 < state->case_count) {
            out->to = program->wait_case[state->case_first + n - 2].target - graph->code_first;
        } else {
            return false;
        }
        return true;
    }
    const struct instruction *at = &graph->code[node];
    const struct layout_opcode *opcode = layout_opcode(at->op);
    if (at->op == OP_ACCEPT || at->op == OP_REJECT || at->op == OP_FINISH || at->op == OP_YIELD ||
        at->op == OP_YIELD_TEXT)
        return false;
    if (at->op == OP_WAIT || at->op == OP_ASK) {
        if (n > 0) return false;
        uint32_t state = at->op == OP_WAIT ? at->a : (uint32_t)at->imm;
        if (graph->measure != BY_REQUESTS) out->to = graph->code_count + state;
        out->weight = graph->measure == BY_RESTS;
        return true;
    }
    if (at->op == OP_CREDIT || at->op == OP_GIVE_CODE || at->op == OP_RELEASE_CODE) {
        const struct bundle_state *state = &program->state[graph->campaign->state_first + (uint32_t)at->imm];
        out->weight = graph->measure != BY_COST ? 1 : n != 1 ? graph->walk->cost[node] : 0;
        if (n > 1) { /* `leave when` is judged when the answer comes, also after a grant */
            if (n - 2 >= graph->campaign->leave_count) return false;
            const struct bundle_leave *leave = &program->leave[graph->campaign->leave_first + n - 2];
            if (leave->event == PROGRAM_NONE && leave->target != PROGRAM_NONE)
                out->to = leave->target - graph->code_first;
            return true;
        }
        out->to = (n == 0 ? state->granted : state->declined) - graph->code_first;
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

static enum status refuse(const struct graph *graph, uint32_t node, const char *words)
{
    struct text name = program_text(graph->walk->program, graph->campaign->name);
    return error_set(graph->error, STATUS_REFUSED, "campaign `%.*s`, instruction %u: %s", TEXT_ARGS(name),
                     graph->code_first + (node < graph->code_count ? node : 0), words);
}

/* What is sound and still more than one activation may do: STATUS_LIMIT, so that a compiler can say it in its own words. */
static enum status too_much(const struct graph *graph, uint32_t node, const char *words)
{
    enum status status = refuse(graph, node, words);
    graph->error->status = STATUS_LIMIT;
    return status == OK ? OK : STATUS_LIMIT;
}

static enum status no_memory(const struct graph *graph)
{
    return error_set(graph->error, STATUS_NO_MEMORY, "no memory to verify the program");
}

static int128 capped(int128 value)
{
    return value < BEYOND ? value : BEYOND;
}

/* Lists what the start can reach; gives how many nodes that are. */
static uint32_t list_live(struct graph *graph, uint32_t start, uint32_t *list)
{
    uint32_t count = 0;
    struct edge edge;
    graph->live[start] = true;
    list[count++] = start;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t n = 0; bounds_edge(graph, list[i], n, &edge); n++) {
            if (edge.to == PROGRAM_NONE || graph->live[edge.to]) continue;
            graph->live[edge.to] = true;
            list[count++] = edge.to;
        }
    }
    return count;
}

/* ---------------------------------------------------------------- parts */

struct frame {
    uint32_t node;
    uint32_t next; /* edge to look at */
};
struct division {
    struct frame *frame;
    uint32_t *found; /* by place in the list: when it was first seen; 0 not yet */
    uint32_t *low;   /* by place: the earliest that it reaches */
    uint32_t *stack;
};

static bool is_in(const struct graph *graph, uint32_t node, const uint32_t *nodes, uint32_t count)
{
    return graph->local[node] < count && nodes[graph->local[node]] == node;
}

/* Tarjan's way with a stack of its own. Writes the nodes to `order`, part behind part, each part behind those that it leads to;
 * group[] gets a rising number a part. */
static void divide_with(struct graph *graph, const uint32_t *nodes, uint32_t count, uint32_t base,
                        struct division *work, uint32_t *order)
{
    uint32_t frames = 0, stacked = 0, time = 0, ordered = 0;
    struct edge edge;
    for (uint32_t i = 0; i < count; i++) graph->local[nodes[i]] = i;
    for (uint32_t i = 0; i < count; i++) {
        if (work->found[i] != 0) continue;
        work->frame[frames++] = (struct frame){nodes[i], 0};
        work->found[i] = work->low[i] = ++time;
        work->stack[stacked++] = nodes[i];
        while (frames > 0) {
            struct frame *top = &work->frame[frames - 1];
            uint32_t node = top->node, place = graph->local[node];
            if (bounds_edge(graph, node, top->next, &edge)) {
                top->next++;
                if (edge.to == PROGRAM_NONE || !is_in(graph, edge.to, nodes, count) || graph->group[edge.to] >= base)
                    continue;
                uint32_t other = graph->local[edge.to];
                if (work->found[other] == 0) {
                    work->found[other] = work->low[other] = ++time;
                    work->stack[stacked++] = edge.to;
                    work->frame[frames++] = (struct frame){edge.to, 0};
                } else if (work->found[other] < work->low[place]) {
                    work->low[place] = work->found[other];
                }
                continue;
            }
            frames--;
            if (frames > 0) {
                uint32_t before = graph->local[work->frame[frames - 1].node];
                if (work->low[place] < work->low[before]) work->low[before] = work->low[place];
            }
            if (work->low[place] != work->found[place]) continue;
            uint32_t member, number = graph->groups++;
            do {
                member = work->stack[--stacked];
                graph->group[member] = number;
                order[ordered++] = member;
            } while (member != node);
        }
    }
}

static bool divide(struct graph *graph, const uint32_t *nodes, uint32_t count, uint32_t base, uint32_t *order)
{
    struct division work = {
        memory_alloc_array(count, sizeof *work.frame),
        memory_alloc_array(count, sizeof *work.found),
        memory_alloc_array(count, sizeof *work.low),
        memory_alloc_array(count, sizeof *work.stack),
    };
    bool fine = work.frame != NULL && work.found != NULL && work.low != NULL && work.stack != NULL;
    if (fine) divide_with(graph, nodes, count, base, &work, order);
    memory_release(work.frame);
    memory_release(work.found);
    memory_release(work.low);
    memory_release(work.stack);
    return fine;
}

/* ---------------------------------------------------------------- the costliest walk */

static enum status walk_parts(struct graph *graph, const uint32_t *nodes, uint32_t count);

/* The counters that keep this circle from going round for ever: they count inside it and nothing inside sets them back. `limit` gets
 * how often each may. */
static uint64_t counters_of(const struct graph *graph, const uint32_t *nodes, uint32_t count, int64_t limit[64])
{
    uint64_t counting = 0, set_back = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (nodes[i] >= graph->code_count) continue;
        const struct instruction *at = &graph->code[nodes[i]];
        if (at->op == OP_STORE) set_back |= UINT64_C(1) << at->a;
        if (at->op != OP_COUNT || graph->group[nodes[i]] != graph->group[nodes[i] + 1]) continue;
        counting |= UINT64_C(1) << at->a;
        if (at->imm > limit[at->a]) limit[at->a] = at->imm;
    }
    return counting & ~set_back & ~graph->removed;
}

/* Whether the circle goes through the target of a `leave when` line: such a line moves a journey once, and no circle is left without it. */
static bool leaves_again(const struct graph *graph, const uint32_t *nodes, uint32_t count)
{
    const struct program *program = graph->walk->program;
    for (uint32_t i = 0; i < graph->campaign->leave_count; i++) {
        const struct bundle_leave *leave = &program->leave[graph->campaign->leave_first + i];
        if (leave->event != PROGRAM_NONE || leave->target == PROGRAM_NONE) continue;
        for (uint32_t n = 0; n < count; n++) {
            if (nodes[n] == leave->target - graph->code_first) return true;
        }
    }
    return false;
}

/* One circle. `way_out` is the costliest way on from any of its nodes, once it is left. */
static enum status walk_circle(struct graph *graph, const uint32_t *nodes, uint32_t count, int128 way_out)
{
    int64_t limit[64] = {0};
    int128 round[64] = {0}, rounds = 0;
    if (graph->measure == BY_REQUESTS && !leaves_again(graph, nodes, count))
        return refuse(graph, nodes[count - 1], "requests follow one another in a circle without a wait");
    uint64_t removed = graph->removed, counters = counters_of(graph, nodes, count, limit);
    if (counters == 0) {
        uint32_t first = nodes[0];
        for (uint32_t i = 1; i < count; i++) first = nodes[i] < first ? nodes[i] : first;
        return refuse(graph, first, "a way leads back here without a count");
    }
    uint32_t own = graph->group[nodes[0]];
    bool *behind = memory_alloc_array(count, sizeof *behind); /* its COUNT leads on inside the circle */
    if (behind == NULL) return no_memory(graph);
    for (uint32_t i = 0; i < count; i++) {
        behind[i] = nodes[i] < graph->code_count && graph->code[nodes[i]].op == OP_COUNT &&
                    ((counters >> graph->code[nodes[i]].a) & 1) && graph->group[nodes[i] + 1] == own;
    }
    graph->removed = removed | counters;
    enum status status = walk_parts(graph, nodes, count);
    graph->removed = removed;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t counter = graph->code[nodes[i] < graph->code_count ? nodes[i] : 0].a;
        if (behind[i] && graph->best[nodes[i] + 1] > round[counter]) round[counter] = graph->best[nodes[i] + 1];
    }
    memory_release(behind);
    for (unsigned i = 0; i < 64; i++) rounds = capped(rounds + capped(round[i] * limit[i]));
    for (uint32_t i = 0; i < count; i++) graph->best[nodes[i]] = capped(graph->best[nodes[i]] + rounds + way_out);
    return status;
}

/* The costliest way out of one part, by edges to parts that are done; for a node alone that is its costliest walk. */
static int128 way_out_of(const struct graph *graph, const uint32_t *nodes, uint32_t count, uint32_t base)
{
    int128 most = 0;
    struct edge edge;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t n = 0; bounds_edge(graph, nodes[i], n, &edge); n++) {
            if (edge.to == PROGRAM_NONE || graph->group[edge.to] < base ||
                graph->group[edge.to] == graph->group[nodes[i]])
                continue;
            int128 length = capped(graph->best[edge.to] + edge.weight);
            if (length > most) most = length;
        }
    }
    return most;
}

/* Fills best[] for these nodes, looking at no others. Numbers of groups only rise: those of these nodes are `base` and above. */
static enum status walk_parts(struct graph *graph, const uint32_t *nodes, uint32_t count)
{
    uint32_t base = graph->groups;
    uint32_t *order = memory_alloc_array(count, sizeof *order);
    if (order == NULL) return no_memory(graph);
    enum status status = OK;
    if (!divide(graph, nodes, count, base, order)) status = no_memory(graph);
    for (uint32_t first = 0, end; first < count && status == OK; first = end) {
        for (end = first + 1; end < count && graph->group[order[end]] == graph->group[order[first]]; end++) continue;
        int128 way_out = way_out_of(graph, order + first, end - first, base);
        /* A node alone is no circle: code goes forward, and waits lead on through their state. */
        if (end - first == 1)
            graph->best[order[first]] = way_out;
        else
            status = walk_circle(graph, order + first, end - first, way_out);
    }
    memory_release(order);
    return status;
}

/* The costliest walk from the start. */
static enum status walk_from(struct graph *graph, uint32_t start, enum measure measure, int128 *out)
{
    graph->measure = BY_COST; /* with all edges */
    uint32_t *list = memory_alloc_array(graph->node_count, sizeof *list);
    if (list == NULL) return no_memory(graph);
    memset(graph->live, 0, graph->node_count * sizeof *graph->live);
    memset(graph->group, 0, graph->node_count * sizeof *graph->group);
    graph->groups = 1;
    uint32_t count = list_live(graph, start, list);
    graph->measure = measure;
    enum status status = walk_parts(graph, list, count);
    *out = status == OK ? graph->best[start] : 0;
    if (status == OK && measure == BY_REQUESTS) {
        for (uint32_t i = 0; i < count && status == OK; i++) { /* a stretch between waits may begin anywhere */
            if (graph->best[list[i]] > LIMIT_REQUESTS_BETWEEN_WAITS)
                status = refuse(graph, list[i], "more than 15 requests can follow without a wait");
        }
    }
    memory_release(list);
    return status;
}

/* ---------------------------------------------------------------- the numbers of the record */

/* One activation: the longest way through the code, by instructions, by effects, by bytes. */
static enum status bound_activation(const struct graph *graph, struct bundle_bound *out)
{
    struct longest_way {
        uint32_t instructions, made, arena;
    } *way = memory_alloc_array((size_t)graph->code_count + 1, sizeof *way);
    if (way == NULL) return no_memory(graph);
    enum status status = OK;
    for (uint32_t node = graph->code_count; node-- > 0 && status == OK;) {
        const struct instruction *at = &graph->code[node];
        const struct layout_opcode *opcode = layout_opcode(at->op);
        if (!graph->walk->reached[node]) continue;
        struct longest_way longest = {0, 0, 0};
        bool ends = at->op == OP_ACCEPT || at->op == OP_REJECT || at->op == OP_FINISH || at->op == OP_WAIT ||
                    at->op == OP_CREDIT || at->op == OP_ASK || at->op == OP_YIELD || at->op == OP_YIELD_TEXT ||
                    at->op == OP_GIVE_CODE || at->op == OP_RELEASE_CODE;
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
        if (way[node].made > LIMIT_EFFECTS_PER_ACTIVATION)
            status = too_much(graph, node, "more than 64 effects can be made from here in one activation");
        else if (way[node].arena > LIMIT_ACTIVATION_ARENA_BYTES)
            status = too_much(graph, node, "more than 65,536 bytes can be needed from here in one activation");
        if (way[node].instructions > out->instructions) out->instructions = way[node].instructions;
        if (way[node].made > out->effects) out->effects = way[node].made;
        if (way[node].arena > out->arena_bytes) out->arena_bytes = way[node].arena;
    }
    memory_release(way);
    return status;
}

/* The whole journey. */
static enum status bound_journey(struct graph *graph, struct bundle_bound *out)
{
    uint32_t start = graph->campaign->start - graph->code_first;
    int128 requests, cost, rests;
    RETURN_IF_FAILED(walk_from(graph, start, BY_REQUESTS, &requests));
    RETURN_IF_FAILED(walk_from(graph, start, BY_COST, &cost));
    RETURN_IF_FAILED(walk_from(graph, start, BY_RESTS, &rests));
    out->spend_journey = cost > INT64_MAX ? -1 : (int64_t)cost;
    out->activations = rests + 1 >= PROGRAM_NONE ? PROGRAM_NONE : (uint32_t)(rests + 1);
    out->journey_bytes = JOURNEY_HEAD_BYTES + 8 * graph->campaign->variable_count + graph->campaign->text_size;
    return bounds_spend(graph, out);
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
        .error = error,
    };
    *out = (struct bundle_bound){0};
    RETURN_IF_FAILED(bound_activation(&graph, out));
    graph.node_count = graph.code_count + graph.campaign->state_count + 1;
    graph.group = memory_alloc_array(graph.node_count, sizeof *graph.group);
    graph.local = memory_alloc_array(graph.node_count, sizeof *graph.local);
    graph.live = memory_alloc_array(graph.node_count, sizeof *graph.live);
    graph.best = memory_alloc_array(graph.node_count, sizeof *graph.best);
    enum status status = OK;
    if (graph.group == NULL || graph.local == NULL || graph.live == NULL || graph.best == NULL)
        status = no_memory(&graph);
    if (status == OK) status = bound_journey(&graph, out);
    memory_release(graph.group);
    memory_release(graph.local);
    memory_release(graph.live);
    memory_release(graph.best);
    return status;
}
