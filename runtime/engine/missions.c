/* Progress of runs. See missions.h. */
#include "runtime/engine/missions.h"

#include <stdio.h>
#include <string.h>

#include "runtime/engine/announce.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/percent.h"
#include "vm/limits.h"
#include "vm/zone.h"

bool missions_prepare(struct use *use)
{
    const struct program *program = &use->program;
    use->mission_of = ARENA_ARRAY(&use->memory, uint32_t, program->campaign_count + 1);
    if (use->memory.failed) return false;
    for (uint32_t i = 0; i <= program->campaign_count; i++) use->mission_of[i] = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->mission_count; i++) use->mission_of[program->mission[i].campaign] = i;
    return true;
}

static const struct bundle_mission *mission_of(const struct use *use, uint32_t campaign)
{
    uint32_t mission = use->mission_of[campaign];
    return mission == PROGRAM_NONE ? NULL : &use->program.mission[mission];
}

/* ---------------------------------------------------------------- how often */

/* The first day of the calendar period that holds the instant. */
static int64_t period_of(enum limit_period period, uint32_t zone, int64_t at)
{
    int64_t date = zone_date(zone, at);
    struct civil_date parts = civil_date_parts(date);
    switch (period) {
    case LIMIT_WEEK: return date - (int64_t)civil_weekday(date);
    case LIMIT_MONTH: return civil_date_of(parts.year, parts.month, 1);
    case LIMIT_YEAR: return civil_date_of(parts.year, 1, 1);
    case LIMIT_EVER: return 0;
    default: return date;
    }
}

bool missions_may_enter(const struct use *use, uint32_t campaign, const struct passage *passage, uint32_t zone,
                        int64_t now)
{
    const struct bundle_mission *mission = mission_of(use, campaign);
    if (mission == NULL || mission->most == 0 || passage == NULL) return true;
    enum limit_period period = (enum limit_period)mission->period;
    int64_t current = period_of(period, zone, now);
    uint32_t used = 0;
    for (uint32_t i = 0; i < passage->completed_count; i++)
        used += period_of(period, zone, passage->completed[i]) == current;
    return used < mission->most;
}

/* Keeps when the latest runs were completed, as many as the limit counts. */
static void keep_completion(struct engine *engine, const struct player *player, struct passage *passage,
                            const struct bundle_mission *mission, int64_t now)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    passage->completions++;
    if (mission->most == 0) return;
    if (passage->completed_count >= mission->most) {
        uint32_t gone = passage->completed_count - mission->most + 1;
        passage->completed_count -= gone;
        memmove(passage->completed, passage->completed + gone, passage->completed_count * sizeof *passage->completed);
    }
    if (passage->completed_count == passage->completed_capacity) {
        uint32_t capacity = passage->completed_capacity == 0 ? 2 : passage->completed_capacity * 2;
        int64_t *grown = slab_alloc(slab, capacity * sizeof *grown);
        if (grown == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        if (passage->completed_count > 0) memcpy(grown, passage->completed, passage->completed_count * sizeof *grown);
        slab_free(slab, passage->completed, passage->completed_capacity * sizeof *grown);
        passage->completed = grown;
        passage->completed_capacity = capacity;
    }
    passage->completed[passage->completed_count++] = now;
}

/* ---------------------------------------------------------------- how far */

/* What the tasks of a run say at `now`. */
static uint32_t measure(struct engine *engine, const struct player *player, const struct journey *journey,
                        const struct bundle_mission *mission, int64_t now, int64_t *changes_at)
{
    const struct program *program = &journey->use->program;
    struct percent_part parts[LIMIT_TASKS_PER_MISSION];
    for (uint32_t i = 0; i < mission->task_count; i++) {
        const struct bundle_task *task = &program->task[mission->task_first + i];
        struct metric_read read;
        metrics_read(engine, player, journey, journey->use, task->metric, now, &read);
        int64_t value = read.known && read.value > 0 ? read.value : 0;
        if (task->in_parts == 0)
            parts[i] = (struct percent_part){.done = value >= task->need, .need = 1};
        else
            parts[i] = (struct percent_part){.done = (uint32_t)(value < task->need ? value : task->need),
                                             .need = (uint32_t)task->need};
        if (read.changes_at < *changes_at) *changes_at = read.changes_at;
    }
    return percent_mean(parts, mission->task_count);
}

static void announce_progress(struct engine *engine, struct player *player, const struct journey *journey,
                              enum role role, int64_t first, int64_t second)
{
    char key[16];
    int size = snprintf(key, sizeof key, "%u", ++player->timers);
    struct announcement announcement = {.role = role,
                                        .player = player,
                                        .about = journey->title->name,
                                        .value = {first, second},
                                        .known = 3,
                                        .currency = PROGRAM_NONE,
                                        .key = text_make(key, (uint32_t)size)};
    announce(engine, &announcement);
}

#define PERCENT INT64_C(10000) /* One hundredth, in millionths. */

void missions_look(struct engine *engine, struct player *player, struct journey *journey)
{
    const struct bundle_mission *mission = mission_of(journey->use, journey->campaign);
    if (mission == NULL || journey->status == JOURNEY_PAUSED || engine->failed != OK) return;
    struct passage *passage = state_passage(engine, player, journey->title, true);
    if (passage == NULL || passage->complete) return;
    int64_t changes_at = INT64_MAX;
    uint32_t percent = measure(engine, player, journey, mission, engine->now, &changes_at), before = passage->percent;
    if (percent == before) return;
    engine->group[player->group].changed = true;
    passage->percent = (uint8_t)percent;
    announce_progress(engine, player, journey, ROLE_MISSION_PROGRESS, percent * PERCENT, before * PERCENT);
    if (percent < 100) return;
    passage->complete = true;
    keep_completion(engine, player, passage, mission, engine->now);
    announce_progress(engine, player, journey, ROLE_MISSION_COMPLETED, passage->completions, 0);
}

static bool hears(const struct engine *engine, uint32_t event)
{
    (void)event;
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        if (use->program.mission_count > 0) return true;
    }
    return false;
}

static void look_at_all(struct engine *engine, const struct turn *turn, struct player *player,
                        const struct kept_event *event)
{
    (void)turn, (void)event;
    for (struct journey *journey = player->journeys; journey != NULL; journey = journey->next)
        missions_look(engine, player, journey);
}

const struct part missions_part = {.name = "missions", .hears = hears, .event = look_at_all};

void missions_entered(const struct use *use, uint32_t campaign, struct passage *passage)
{
    if (mission_of(use, campaign) == NULL) return;
    passage->percent = 0;
    passage->complete = false;
}

void missions_ended(struct engine *engine, struct player *player, const struct journey *journey)
{
    if (mission_of(journey->use, journey->campaign) == NULL) return;
    struct passage *passage = state_passage(engine, player, journey->title, false);
    if (passage != NULL && !passage->complete) passage->percent = 0;
}

uint32_t missions_progress(struct engine *engine, const struct player *player, const struct journey *journey,
                           const struct use *use, uint32_t mission, int64_t now, int64_t *changes_at)
{
    const struct title *title = use->plan[use->program.mission[mission].campaign].title;
    const struct passage *passage = player->passages;
    while (passage != NULL && passage->title != title) passage = passage->next;
    if (passage == NULL) return 0;
    if (journey == NULL || journey->title != title) journey = player->journeys;
    while (journey != NULL && journey->title != title) journey = journey->next;
    if (journey == NULL || passage->complete) return passage->percent;
    const struct bundle_mission *own = mission_of(journey->use, journey->campaign);
    return own == NULL ? 0 : measure(engine, player, journey, own, now, changes_at);
}
