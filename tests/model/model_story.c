/* Random stories by seed, and stories and lines in words. */
#include "tests/model/model.h"

#include <string.h>

uint64_t model_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static int below(uint64_t *random, int count)
{
    return (int)(model_random(random) % (uint64_t)count);
}

static bool one_in(uint64_t *random, int count)
{
    return below(random, count) == 0;
}

/* ------------------------------------------------------------------------------------------------- worlds */

static int later(uint64_t *random, int op, int count)
{
    return op + 1 + below(random, count - op - 1);
}

static void mark_reached(const struct toy_campaign *toy, int op, bool reached[MODEL_OPS])
{
    if (reached[op]) return;
    reached[op] = true;
    enum op_kind kind = toy->op[op].kind;
    if (kind == OP_FINISH) return;
    if (kind == OP_IF_TAG || kind == OP_WAIT_EVENT || kind == OP_WAIT_REPLY) {
        mark_reached(toy, toy->op[op].yes, reached);
        mark_reached(toy, toy->op[op].no, reached);
    } else {
        mark_reached(toy, op + 1, reached);
    }
}

void model_reach(const struct toy_campaign *toy, bool reached[MODEL_OPS])
{
    memset(reached, 0, MODEL_OPS * sizeof reached[0]);
    mark_reached(toy, 0, reached);
}

static void make_campaign(struct toy_campaign *out, uint64_t *random, bool language_only)
{
    memset(out, 0, sizeof *out);
    out->start_event = below(random, MODEL_EVENTS);
    out->start_least = one_in(random, 3) ? 1 + below(random, 4) : 0;
    out->start_tag = -1;
    if (!language_only && one_in(random, 3)) out->start_tag = below(random, MODEL_TAGS);
    out->only_vip = one_in(random, 5);
    out->leave_as_vip = !out->only_vip && one_in(random, 4);
    out->once_a_day = one_in(random, 3);
    out->pauses = one_in(random, 2);
    out->every_time = !one_in(random, 3);
    out->entrants = one_in(random, 4) ? 1 + below(random, 4) : 0;
    out->leave_event = one_in(random, 4) ? below(random, MODEL_EVENTS) : -1;
    if (out->leave_event == out->start_event) out->leave_event = -1;
    out->total = 1000 + 500 * below(random, 8);
    out->per_day = one_in(random, 2) ? 500 + 500 * below(random, 4) : 0;
    out->per_player = one_in(random, 2) ? 300 + 300 * below(random, 4) : 0;
    out->from_pool = one_in(random, 2);
    out->when_empty = (enum when_empty_kind)below(random, 3);
    out->op_count = 2 + below(random, MODEL_OPS - 1);
    for (int i = 0; i < out->op_count; i++) {
        struct op *op = &out->op[i];
        op->kind = (enum op_kind)below(random, OP_FINISH);
        op->credit = -1;
        for (int k = 0; k < i; k++) {
            if (out->op[k].kind == OP_CREDIT && (op->credit < 0 || one_in(random, 2))) op->credit = k;
        }
        op->failed = one_in(random, 2);
        if (op->kind == OP_WAIT_REPLY && op->credit < 0) op->kind = OP_WAIT;
        if (op->kind != OP_CREDIT && one_in(random, 3)) op->kind = OP_CREDIT;
        if (i == out->op_count - 1) op->kind = OP_FINISH;
        op->amount = 100 * below(random, 7);
        op->declined = (enum declined)below(random, 2);
        op->tag = below(random, MODEL_TAGS);
        op->wait_ms = 1000 * (1 + below(random, 12));
        op->event = below(random, MODEL_EVENTS);
        op->least = below(random, 4);
        if (i < out->op_count - 1) {
            op->yes = later(random, i, out->op_count);
            op->no = later(random, i, out->op_count);
        }
    }
    /* The compiler refuses to wait for word of a credit that no step makes. */
    bool reached[MODEL_OPS];
    model_reach(out, reached);
    for (int i = 0; i < out->op_count; i++) {
        if (out->op[i].kind == OP_WAIT_REPLY && !reached[out->op[i].credit]) out->op[i].kind = OP_WAIT_EVENT;
    }
}

static void make_world(struct world *world, uint64_t *random, bool language_only)
{
    static const char *const ids[] = {"7", "12", "3", "100", "a", "b2", "zed", "p1", "p10", "55"};
    memset(world, 0, sizeof *world);
    world->player_count = 2 + below(random, MODEL_PLAYERS - 1);
    int first = below(random, 10);
    for (int i = 0; i < world->player_count; i++)
        snprintf(world->player[i], sizeof world->player[i], "%s", ids[(first + i * 3) % 10]);
    world->campaign_count = 1 + below(random, MODEL_CAMPAIGNS);
    for (int i = 0; i < world->campaign_count; i++) make_campaign(&world->campaign[i], random, language_only);
    world->pool = 1000 + 500 * below(random, 8);
    world->pool_when_empty = (enum when_empty_kind)below(random, 2);
}

/* ------------------------------------------------------------------------------------------------- inputs */

static void name_input(struct input *input, uint64_t *random, int number)
{
    static const char *const sources[] = {"", "core", "b"};
    /* Numbers of one to three digits in no order, so that order by length matters. */
    int shuffled = (number * 389 + 17) % 1000;
    snprintf(input->id, sizeof input->id, one_in(random, 8) ? "x%d" : "%d", shuffled);
    snprintf(input->source, sizeof input->source, "%s", sources[below(random, 3)]);
}

static void sort_inputs(struct story *story)
{
    for (int i = 1; i < story->input_count; i++) {
        struct input one = story->input[i];
        int at = i;
        while (at > 0 && one.now < story->input[at - 1].now) {
            story->input[at] = story->input[at - 1];
            at--;
        }
        story->input[at] = one;
    }
}

/* Answers of the wallet to credits that the story really makes. */
static void add_replies(struct story *story, uint64_t *random)
{
    static struct trace trace;
    model_run(story, 1, MISTAKE_NONE, &trace);
    int number = 500;
    for (int i = 0; i < trace.count && story->input_count < MODEL_INPUTS - 3; i++) {
        const struct line *line = &trace.line[i];
        if (line->kind != LINE_CREDIT || one_in(random, 3)) continue;
        bool twice = one_in(random, 4);
        bool yes = !one_in(random, 3);
        for (int k = 0; k < (twice ? 2 : 1); k++) {
            struct input *input = &story->input[story->input_count++];
            memset(input, 0, sizeof *input);
            input->kind = IN_REPLY;
            input->now = line->at + 1000 * (1 + below(random, 25));
            input->player = line->player;
            input->campaign = line->campaign;
            input->journey = line->journey;
            input->op = line->op;
            input->yes = k == 0 ? yes : one_in(random, 2);
            name_input(input, random, number++);
        }
    }
}

void model_make_story(struct story *out, uint64_t seed, bool language_only)
{
    uint64_t random = seed;
    memset(out, 0, sizeof *out);
    make_world(&out->world, &random, language_only);
    int count = 15 + below(&random, 75);
    int64_t now = 0, reuses_now = 0;
    for (int i = 0; i < count; i++) {
        if (one_in(&random, 2)) now += 1000 * below(&random, 4);
        struct input *input = &out->input[out->input_count++];
        input->now = now;
        input->player = below(&random, out->world.player_count);
        name_input(input, &random, i);
        int kind = below(&random, 20);
        if (kind < 15) {
            input->kind = IN_EVENT;
            input->event = below(&random, MODEL_EVENTS);
            input->n = below(&random, 6);
            input->late = one_in(&random, 25);
            /* Another event under an id that was used before. */
            const struct input *before = &out->input[below(&random, i + 1)];
            if (one_in(&random, 25) && before->kind != IN_TICK && before->now < now && reuses_now < now) {
                reuses_now = now; /* Not twice within an instant. */
                memcpy(input->id, before->id, sizeof input->id);
                memcpy(input->source, before->source, sizeof input->source);
            }
        } else if (kind < 17) {
            input->kind = IN_VIP;
            input->yes = !one_in(&random, 4);
        } else if (kind == 17) {
            input->kind = one_in(&random, 2) ? IN_EXCLUDE : IN_TICK;
            input->in_pause = input->kind == IN_EXCLUDE && !language_only && one_in(&random, 2);
            input->late = input->kind == IN_EXCLUDE && one_in(&random, 3);
            if (one_in(&random, 2)) {
                /* Between the deadlines, so that none of them is due with it. */
                input->kind = IN_TIME_OUT;
                input->late = input->in_pause = false;
                input->now = now + 500;
                input->lasts_ms = 1000 * (1 + below(&random, 15));
            }
        } else if (kind == 18) {
            input->kind = IN_RESUME;
            input->campaign = below(&random, out->world.campaign_count);
        } else {
            input->kind = IN_TICK;
        }
    }
    add_replies(out, &random);
    struct input *last = &out->input[out->input_count++];
    last->kind = IN_TICK;
    sort_inputs(out);
    last = &out->input[out->input_count - 1];
    int64_t end = last->now + 1000 * (20 + below(&random, 20));
    /* The tick that was added stands first now (its time is 0): harmless. One more closes the story. */
    out->input[out->input_count++] = (struct input){.kind = IN_TICK, .now = end};
}

/* ------------------------------------------------------------------------------------------------- words */

void model_print_line(char out[MODEL_TEXT], const struct world *world, const struct line *line)
{
    static const char *const words[] = {
        [LINE_SEND] = "send",
        [LINE_CREDIT] = "credit",
        [LINE_TAG] = "tag",
        [LINE_UNTAG] = "untag",
        [LINE_SUSPENDED] = "suspended",
        [LINE_ENTERED] = "entered",
        [LINE_ENTRY_REFUSED] = "entry refused",
        [LINE_FINISHED] = "finished",
        [LINE_REFUSED] = "refused",
        [LINE_RESERVED] = "reserved",
        [LINE_COMMITTED] = "committed",
        [LINE_RELEASED] = "released",
        [LINE_RESUMED] = "resumed",
        [LINE_EXCLUSION_CAME] = "exclusion came",
    };
    char who[48] = "", step[16] = "", amount[24] = "";
    if (line->kind == LINE_EXCLUSION_CAME)
        snprintf(who, sizeof who, " %s", world->player[line->player]);
    else if (line->player < 0)
        snprintf(who, sizeof who, " C%d", line->campaign);
    else
        snprintf(who, sizeof who, " %s C%d/%d", world->player[line->player], line->campaign, line->journey);
    if (line->op >= 0) snprintf(step, sizeof step, " S%d", line->op);
    if (line->kind == LINE_TAG || line->kind == LINE_UNTAG)
        snprintf(amount, sizeof amount, " t%d", (int)line->amount);
    else if (line->amount != 0)
        snprintf(amount, sizeof amount, " %lld", (long long)line->amount);
    snprintf(out, MODEL_TEXT, "%lld.%03lld %s%s%s%s%s%s", (long long)(line->at / 1000), (long long)(line->at % 1000),
             words[line->kind], who, step, amount, line->reason[0] != '\0' ? " " : "", line->reason);
}

static void print_campaign(FILE *file, const struct world *world, int number)
{
    static const char *const empty[] = {"suspend", "go on", "finish"};
    const struct toy_campaign *toy = &world->campaign[number];
    fprintf(file, "C%d: starts on e%d n>=%d%s", number, toy->start_event, toy->start_least,
            !toy->every_time  ? " once"
            : toy->once_a_day ? " once a day"
                              : " every time");
    if (toy->start_tag >= 0) fprintf(file, ", on tag t%d", toy->start_tag);
    if (toy->only_vip) fprintf(file, ", only vip");
    if (toy->leave_as_vip) fprintf(file, ", not vip");
    if (toy->pauses) fprintf(file, ", pauses");
    if (toy->entrants > 0) fprintf(file, ", at most %d players", toy->entrants);
    if (toy->leave_event >= 0) fprintf(file, ", leaves on e%d", toy->leave_event);
    fprintf(file, ", total %lld day %lld player %lld%s, empty: %s\n", (long long)toy->total, (long long)toy->per_day,
            (long long)toy->per_player, toy->from_pool ? " pool" : "", empty[toy->when_empty]);
    for (int i = 0; i < toy->op_count; i++) {
        const struct op *op = &toy->op[i];
        fprintf(file, "  S%d ", i);
        switch (op->kind) {
        case OP_SEND: fprintf(file, "send\n"); break;
        case OP_CREDIT:
            fprintf(file, "credit %lld, otherwise %s\n", (long long)op->amount,
                    op->declined == DECLINED_FINISH ? "finish" : "go on");
            break;
        case OP_TAG: fprintf(file, "tag t%d\n", op->tag); break;
        case OP_UNTAG: fprintf(file, "untag t%d\n", op->tag); break;
        case OP_IF_TAG: fprintf(file, "if t%d S%d otherwise S%d\n", op->tag, op->yes, op->no); break;
        case OP_WAIT: fprintf(file, "wait %lld ms\n", (long long)op->wait_ms); break;
        case OP_WAIT_EVENT:
            fprintf(file, "wait up to %lld ms, e%d n>=%d S%d, time is up S%d\n", (long long)op->wait_ms, op->event,
                    op->least, op->yes, op->no);
            break;
        case OP_WAIT_REPLY:
            fprintf(file, "wait up to %lld ms, S%d %s S%d, time is up S%d\n", (long long)op->wait_ms, op->credit,
                    op->failed ? "failed" : "credited", op->yes, op->no);
            break;
        case OP_FINISH: fprintf(file, "finish\n"); break;
        }
    }
}

void model_print_story(FILE *file, const struct story *story)
{
    static const char *const words[] = {"event", "exclude", "vip", "reply", "suspend", "resume", "tick", "time out"};
    const struct world *world = &story->world;
    fprintf(file, "pool %lld, empty: %s\n", (long long)world->pool,
            world->pool_when_empty == EMPTY_SUSPENDS ? "suspend" : "go on");
    for (int i = 0; i < world->campaign_count; i++) print_campaign(file, world, i);
    for (int i = 0; i < story->input_count; i++) {
        const struct input *input = &story->input[i];
        fprintf(file, "%lld.%03lld %s", (long long)(input->now / 1000), (long long)(input->now % 1000),
                words[input->kind]);
        if (input->kind != IN_TICK) fprintf(file, " id=%s source=%s", input->id, input->source);
        switch (input->kind) {
        case IN_EVENT:
            fprintf(file, " %s e%d n=%d%s", world->player[input->player], input->event, input->n,
                    input->late ? " late" : "");
            break;
        case IN_EXCLUDE:
            fprintf(file, " %s%s%s", world->player[input->player], input->in_pause ? " in the pause" : "",
                    input->late ? " late" : "");
            break;
        case IN_VIP: fprintf(file, " %s %s", world->player[input->player], input->yes ? "yes" : "no"); break;
        case IN_REPLY:
            fprintf(file, " %s C%d/%d S%d %s", world->player[input->player], input->campaign, input->journey, input->op,
                    input->yes ? "credited" : "failed");
            break;
        case IN_SUSPEND:
        case IN_RESUME: fprintf(file, " C%d", input->campaign); break;
        case IN_TIME_OUT:
            fprintf(file, " %s for %lld ms", world->player[input->player], (long long)input->lasts_ms);
            break;
        case IN_TICK: break;
        }
        fprintf(file, "\n");
    }
}
