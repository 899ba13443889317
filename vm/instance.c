/* Windows of tournaments. See instance.h. */
#include "vm/instance.h"

#include "vm/civil.h"
#include "vm/schedule.h"

/* Starts follow one another within this: months have 31 days, and clocks change. */
#define BACK_MS (64 * CIVIL_DAY_MS)

struct instance_rule instance_rule_make(const struct program *program, uint32_t tournament, uint32_t zone)
{
    return (struct instance_rule){
        .program = program, .tournament = &program->tournament[tournament], .zone = zone, .pinned = INSTANCE_NOWHERE};
}

static int64_t next_of(const struct instance_rule *rule, uint32_t schedule, int64_t after)
{
    static const struct schedule_holidays none = {NULL, 0};
    return schedule_next(&rule->program->schedule[schedule], none, rule->zone, after);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The instance that starts at `start`, the next one at `next`. */
static struct instance make(const struct instance_rule *rule, int64_t start, int64_t next)
{
    const struct bundle_tournament *tournament = rule->tournament;
    struct instance out = {.start = start, .next = next};
    out.end = earlier(next_of(rule, tournament->end, start), next);
    if (out.end == SCHEDULE_NEVER) out.end = start;
    out.settles = next_of(rule, tournament->settle, out.end - 1);
    if (next != SCHEDULE_NEVER) {
        int64_t after = next_of(rule, tournament->start, next);
        out.settles = earlier(out.settles, earlier(next_of(rule, tournament->end, next), after));
    }
    if (out.settles == SCHEDULE_NEVER || out.settles < out.end) out.settles = out.end;
    return out;
}

bool instance_find(struct instance_rule *rule, int64_t at, struct instance *out)
{
    const struct bundle_tournament *tournament = rule->tournament;
    if (at < CIVIL_INSTANT_MIN + 2 * BACK_MS || at > CIVIL_INSTANT_MAX - 2 * BACK_MS) return false;
    if (tournament->start == PROGRAM_NONE) {
        *out = (struct instance){tournament->from, tournament->until, tournament->settles, INT64_MAX};
        return at >= tournament->from;
    }
    for (uint32_t i = 0; i < rule->known; i++) {
        if (at < rule->last[i].start || at >= rule->last[i].next) continue;
        *out = rule->last[i];
        return true;
    }
    int64_t next = next_of(rule, tournament->start, at), start = at + 1;
    /* Back until a start comes before the next one; a schedule that is due within it has the latest. */
    for (int64_t back = CIVIL_DAY_MS; start > at && back <= BACK_MS; back *= 2) {
        int64_t found = next_of(rule, tournament->start, at - back);
        if (found <= at) start = found;
    }
    if (start > at) return false;
    for (int64_t later = start; later <= at;) {
        start = later;
        later = next_of(rule, tournament->start, later);
    }
    *out = rule->last[rule->older] = make(rule, start, next);
    if (rule->known < 2) rule->known++;
    rule->older = 1 - rule->older;
    return true;
}

bool instance_holds(struct instance_rule *rule, int64_t at, struct instance *out)
{
    return instance_find(rule, at, out) && at < out->end;
}

bool instance_at_start(struct instance_rule *rule, int64_t start, struct instance *out)
{
    return instance_find(rule, start, out) && out->start == start;
}

bool instance_counts(struct instance_rule *rule, int64_t at, int64_t now)
{
    struct instance instance;
    return instance_holds(rule, at, &instance) && now < instance.settles;
}

bool instance_current(struct instance_rule *rule, int64_t now, struct instance *out)
{
    return instance_find(rule, now, out) && now < out->settles;
}

int64_t instance_oldest(struct instance_rule *rule, int64_t now)
{
    struct instance instance, before;
    if (!instance_find(rule, now, &instance)) return now;
    while (instance.settles >= now && instance_find(rule, instance.start - 1, &before) && before.settles >= now)
        instance = before;
    return instance.settles >= now ? instance.start : instance.next;
}

bool instance_next_settlement(struct instance_rule *rule, int64_t after, struct instance *out)
{
    struct instance instance;
    if (rule->tournament->start == PROGRAM_NONE) {
        *out = (struct instance){rule->tournament->from, rule->tournament->until, rule->tournament->settles, INT64_MAX};
        return out->settles > after;
    }
    if (!instance_find(rule, after, out)) {
        int64_t start = next_of(rule, rule->tournament->start, after);
        if (start == SCHEDULE_NEVER || !instance_find(rule, start, out)) return false;
    }
    while (out->settles > after && instance_find(rule, out->start - 1, &instance) && instance.settles > after)
        *out = instance;
    while (out->settles <= after) {
        if (out->next == SCHEDULE_NEVER || !instance_find(rule, out->next, &instance)) return false;
        *out = instance;
    }
    return true;
}

int64_t instance_changes(struct instance_rule *rule, int64_t now)
{
    struct instance instance;
    if (!instance_find(rule, now, &instance)) {
        if (rule->tournament->start == PROGRAM_NONE)
            return rule->tournament->from > now ? rule->tournament->from : INT64_MAX;
        int64_t next = next_of(rule, rule->tournament->start, now);
        return next == SCHEDULE_NEVER ? INT64_MAX : next;
    }
    return instance.settles > now ? earlier(instance.settles, instance.next) : instance.next;
}
