/* The auditor: reads a trace alone and works all sums out anew. And the checks that every story must pass. */
#include "tests/model/model.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char wrong[600];

__attribute__((format(printf, 3, 4))) static const char *say(const struct world *world, const struct line *line,
                                                             const char *format, ...)
{
    char text[MODEL_TEXT];
    char words[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    model_print_line(text, world, line);
    snprintf(wrong, sizeof wrong, "%s: %s", text, words);
    return wrong;
}

/* ------------------------------------------------------------------------------------------------- the auditor */

struct held {
    const struct line *line;
    bool spent, back;
};

static bool same_credit(const struct line *a, const struct line *b)
{
    return a->player == b->player && a->campaign == b->campaign && a->journey == b->journey && a->op == b->op;
}

/* Everything reserved and not given back, up to now. `day` < 0: of all days; `player` < 0: of all players. */
static int64_t used(const struct world *world, const struct held *held, int count, int campaign, int player,
                    int64_t day)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        const struct line *line = held[i].line;
        if (held[i].back) continue;
        if (campaign >= 0 ? line->campaign != campaign : !world->campaign[line->campaign].from_pool) continue;
        if ((player >= 0 && line->player != player) || (day >= 0 && line->day != day)) continue;
        sum += line->amount;
    }
    return sum;
}

/* The first reply about a credit after it was made decides. */
static bool reply_says(const struct story *story, const struct line *line, bool *credited)
{
    for (int i = 0; i < story->input_count; i++) {
        const struct input *input = &story->input[i];
        if (input->kind != IN_REPLY || input->now != line->at || input->player != line->player) continue;
        if (input->campaign == line->campaign && input->journey == line->journey && input->op == line->op &&
            input->yes == *credited)
            return true;
    }
    return false;
}

const char *model_audit(const struct story *story, const struct trace *trace)
{
    const struct world *world = &story->world;
    static struct held held[MODEL_LINES];
    int held_count = 0;
    bool excluded[MODEL_PLAYERS] = {false}, suspended[MODEL_CAMPAIGNS] = {false};
    bool entered[MODEL_CAMPAIGNS][MODEL_PLAYERS] = {{false}};
    int64_t at = 0;
    for (int i = 0; i < trace->count; i++) {
        const struct line *line = &trace->line[i];
        int c = line->campaign;
        if (line->at < at) return say(world, line, "time goes back");
        at = line->at;
        if (line->chain > MODEL_CHAIN_MAX) return say(world, line, "the chain of causes is %d long", line->chain);
        bool made = line->kind == LINE_SEND || line->kind == LINE_CREDIT || line->kind == LINE_TAG ||
                    line->kind == LINE_UNTAG || line->kind == LINE_ENTERED || line->kind == LINE_RESERVED;
        if (made && excluded[line->player]) return say(world, line, "the player had been excluded");
        bool granted = line->kind == LINE_CREDIT || line->kind == LINE_ENTERED;
        if (granted && suspended[c]) return say(world, line, "the campaign was suspended");
        if (line->kind == LINE_SEND || line->kind == LINE_CREDIT) {
            for (int k = 0; k < i; k++) {
                if (trace->line[k].kind == line->kind && same_credit(&trace->line[k], line))
                    return say(world, line, "made twice");
            }
        }
        switch (line->kind) {
        case LINE_EXCLUSION_CAME: excluded[line->player] = true; break;
        case LINE_SUSPENDED:
            if (suspended[c]) return say(world, line, "told twice of one suspension");
            suspended[c] = true;
            break;
        case LINE_RESUMED: suspended[c] = false; break;
        case LINE_ENTERED: {
            entered[c][line->player] = true;
            int players = 0;
            for (int p = 0; p < MODEL_PLAYERS; p++) players += entered[c][p] ? 1 : 0;
            if (world->campaign[c].entrants > 0 && players > world->campaign[c].entrants)
                return say(world, line, "too many players");
            break;
        }
        case LINE_RESERVED: {
            const struct toy_campaign *toy = &world->campaign[c];
            if (line->amount != toy->op[line->op].amount) return say(world, line, "another amount than asked");
            held[held_count++] = (struct held){.line = line};
            if (toy->total > 0 && used(world, held, held_count, c, -1, -1) > toy->total)
                return say(world, line, "over the total");
            if (toy->per_day > 0 && used(world, held, held_count, c, -1, line->day) > toy->per_day)
                return say(world, line, "over the day");
            if (toy->per_player > 0 && used(world, held, held_count, c, line->player, -1) > toy->per_player)
                return say(world, line, "over the player's limit");
            if (toy->from_pool && used(world, held, held_count, -1, -1, -1) > world->pool)
                return say(world, line, "over the pool");
            break;
        }
        case LINE_COMMITTED:
        case LINE_RELEASED: {
            struct held *found = NULL;
            for (int k = 0; k < held_count; k++) {
                if (same_credit(held[k].line, line)) found = &held[k];
            }
            bool commit = line->kind == LINE_COMMITTED;
            if (found == NULL) return say(world, line, "nothing was reserved");
            if (found->spent || found->back) return say(world, line, "settled before");
            if (found->line->amount != line->amount) return say(world, line, "another amount than reserved");
            if (found->line->day != line->day) return say(world, line, "in another period than reserved");
            if (!reply_says(story, line, &commit)) return say(world, line, "no reply said so");
            found->spent = commit;
            found->back = !commit;
            break;
        }
        case LINE_CREDIT: {
            const struct line *before = i > 0 ? &trace->line[i - 1] : NULL;
            if (before == NULL || before->kind != LINE_RESERVED || !same_credit(before, line) ||
                before->amount != line->amount)
                return say(world, line, "without a reservation");
            break;
        }
        case LINE_SEND:
        case LINE_TAG:
        case LINE_UNTAG:
        case LINE_ENTRY_REFUSED:
        case LINE_FINISHED:
        case LINE_REFUSED: break;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------------- checks of a story */

static const char *differ(const struct world *world, const struct trace *a, const struct trace *b, const char *what)
{
    char left[MODEL_TEXT] = "nothing", right[MODEL_TEXT] = "nothing";
    int i = 0, k = 0;
    for (;; i++, k++) {
        /* That an exclusion came is said for the auditor, in the order of arrival. */
        while (i < a->count && a->line[i].kind == LINE_EXCLUSION_CAME) i++;
        while (k < b->count && b->line[k].kind == LINE_EXCLUSION_CAME) k++;
        if (i >= a->count && k >= b->count) return NULL;
        snprintf(left, sizeof left, "nothing");
        snprintf(right, sizeof right, "nothing");
        if (i < a->count) model_print_line(left, world, &a->line[i]);
        if (k < b->count) model_print_line(right, world, &b->line[k]);
        if (strcmp(left, right) == 0) continue;
        snprintf(wrong, sizeof wrong, "%s: `%s` became `%s`", what, left, right);
        return wrong;
    }
}

/* Other order within each instant. Commands keep theirs: it is what counts for them. */
static void shuffle(struct story *story, uint64_t *random)
{
    for (int i = 0; i + 1 < story->input_count; i++) {
        for (int k = i + 1; k < story->input_count && story->input[k].now == story->input[i].now; k++) {
            struct input *a = &story->input[i], *b = &story->input[k];
            bool command =
                a->kind == IN_RESUME || a->kind == IN_SUSPEND || b->kind == IN_RESUME || b->kind == IN_SUSPEND;
            if (command || model_random(random) % 2 == 0) continue;
            struct input one = *a;
            *a = *b;
            *b = one;
        }
    }
}

static void insert(struct story *story, int at, struct input input)
{
    if (story->input_count == MODEL_INPUTS) return;
    memmove(&story->input[at + 1], &story->input[at], sizeof input * (size_t)(story->input_count - at));
    story->input[at] = input;
    story->input_count++;
}

/* Some records come again, now or later. */
static void repeat(struct story *story, uint64_t *random)
{
    int count = story->input_count;
    for (int i = 0; i < count; i++) {
        struct input input = story->input[i];
        if (input.kind == IN_TICK || input.in_pause || model_random(random) % 3 != 0) continue;
        int at = i + 1 + (int)(model_random(random) % 6);
        if (at > story->input_count) at = story->input_count;
        input.now = story->input[at - 1].now;
        insert(story, at, input);
    }
}

static void add_ticks(struct story *story, uint64_t *random)
{
    for (int i = 0; i + 1 < story->input_count; i++) {
        int64_t gap = story->input[i + 1].now - story->input[i].now;
        if (gap < 2 || model_random(random) % 2 == 0) continue;
        int64_t now = story->input[i].now + 1 + (int64_t)(model_random(random) % (uint64_t)(gap - 1));
        insert(story, i + 1, (struct input){.kind = IN_TICK, .now = now});
        i++;
    }
}

const char *model_check_story(const struct story *story, enum mistake mistake, uint64_t seed)
{
    static struct trace one, other;
    static struct story changed;
    const struct world *world = &story->world;
    uint64_t random = seed ^ UINT64_C(0x5DEECE66D);
    model_run(story, 1, mistake, &one);
    const char *found = model_audit(story, &one);
    if (found != NULL) return found;
    static const int shards[] = {4, 7};
    for (int i = 0; i < 2; i++) {
        model_run(story, shards[i], mistake, &other);
        found = model_audit(story, &other);
        if (found == NULL) found = differ(world, &one, &other, shards[i] == 4 ? "4 shards" : "7 shards");
        if (found != NULL) return found;
    }
    changed = *story;
    shuffle(&changed, &random);
    model_run(&changed, 1, mistake, &other);
    found = differ(world, &one, &other, "shuffled");
    if (found != NULL) return found;
    changed = *story;
    repeat(&changed, &random);
    model_run(&changed, 1, mistake, &other);
    found = differ(world, &one, &other, "delivered twice");
    if (found != NULL) return found;
    changed = *story;
    add_ticks(&changed, &random);
    model_run(&changed, 1, mistake, &other);
    return differ(world, &one, &other, "more ticks");
}
