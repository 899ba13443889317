/* Progress of runs. See missions.h. */
#include "runtime/engine/missions.h"

#include <stdio.h>
#include <string.h>

#include "runtime/engine/announce.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/percent.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/zone.h"

#define PERCENT INT64_C(10000) /* One hundredth, in millionths. */

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

/* A test's word on the mission of a run: 0 to 100, or PROGRAM_NONE. */
static uint32_t given_percent(const struct engine *engine, const struct player *player, const struct journey *journey)
{
    const struct program *newest = &engine->newest->program;
    for (const struct metric_given *given = player->given; given != NULL; given = given->next) {
        const struct bundle_metric *metric = &newest->metric[given->metric];
        if (metric->property == PROPERTY_MISSION_PROGRESS && given->known &&
            text_equal(program_text(newest, metric->object), journey->title->name))
            return (uint32_t)(given->value / PERCENT);
    }
    return PROGRAM_NONE;
}

/* What the tasks of a run say at `now`. */
static uint32_t measure(struct engine *engine, const struct player *player, const struct journey *journey,
                        const struct bundle_mission *mission, int64_t now, int64_t *changes_at)
{
    const struct program *program = &journey->use->program;
    struct percent_part parts[LIMIT_TASKS_PER_MISSION];
    uint32_t given = player->given == NULL ? PROGRAM_NONE : given_percent(engine, player, journey);
    if (given != PROGRAM_NONE) return given;
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
    property_changed(engine, player);
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

/* ---------------------------------------------------------------- properties */

/* The player's run of the mission of this name. */
static const struct journey *run_of(const struct property_read *read)
{
    const struct journey *journey = read->journey;
    if (journey != NULL && text_equal(journey->title->name, read->object)) return journey;
    journey = read->player->journeys;
    while (journey != NULL && !text_equal(journey->title->name, read->object)) journey = journey->next;
    return journey;
}

/* The task of this name in a run; NULL: it has none. */
static const struct bundle_task *task_of(const struct journey *journey, struct text name)
{
    const struct program *program = &journey->use->program;
    const struct bundle_mission *mission = mission_of(journey->use, journey->campaign);
    for (uint32_t i = 0; mission != NULL && i < mission->task_count; i++) {
        const struct bundle_task *task = &program->task[mission->task_first + i];
        if (text_equal(program_text(program, task->name), name)) return task;
    }
    return NULL;
}

static int64_t read_task(const struct property_read *read, int64_t *changes_at)
{
    const struct journey *journey = read->journey;
    const struct bundle_task *task = journey == NULL ? NULL : task_of(journey, read->object);
    for (const struct journey *at = read->player->journeys; at != NULL && task == NULL; at = at->next) {
        task = task_of(at, read->object);
        journey = at;
    }
    if (task == NULL) return 0;
    struct metric_read value;
    metrics_read(read->engine, read->player, journey, journey->use, task->metric, read->now, &value);
    if (value.changes_at < *changes_at) *changes_at = value.changes_at;
    if (!value.known) return 0;
    return journey->use->program.metric[task->metric].kind == TYPE_DECIMAL ? value.value / DECIMAL_ONE : value.value;
}

int64_t missions_read(const struct property_read *read, int64_t *changes_at)
{
    if (read->player == NULL) return 0;
    if (read->metric->property == PROPERTY_TASK_DONE) return read_task(read, changes_at);
    const struct passage *passage = read->player->passages;
    while (passage != NULL && !text_equal(passage->title->name, read->object)) passage = passage->next;
    if (passage == NULL) return 0;
    if (read->metric->property == PROPERTY_MISSION_COMPLETED) return passage->completions;
    const struct journey *journey = run_of(read);
    const struct bundle_mission *own = journey == NULL ? NULL : mission_of(journey->use, journey->campaign);
    if (own == NULL || passage->complete) return passage->percent * PERCENT;
    return measure(read->engine, read->player, journey, own, read->now, changes_at) * PERCENT;
}

static uint32_t list_tasks(struct engine *engine, const struct player *player, const struct journey *journey,
                           const struct bundle_mission *mission, struct missions_task *out)
{
    const struct program *program = &journey->use->program;
    for (uint32_t i = 0; i < mission->task_count; i++) {
        const struct bundle_task *task = &program->task[mission->task_first + i];
        struct metric_read read;
        metrics_read(engine, player, journey, journey->use, task->metric, engine->now, &read);
        out[i] = (struct missions_task){.name = program_text(program, task->name),
                                        .done = read.known ? read.value : 0,
                                        .need = task->need,
                                        .kind = program->metric[task->metric].kind,
                                        .of = program->metric[task->metric].of};
    }
    return mission->task_count;
}

void missions_list(struct engine *engine, const struct player *player,
                   void (*take)(void *context, const struct missions_item *item), void *context)
{
    for (const struct passage *passage = player->passages; passage != NULL; passage = passage->next) {
        const struct journey *journey = player->journeys;
        while (journey != NULL && journey->title != passage->title) journey = journey->next;
        const struct bundle_mission *own = journey == NULL ? NULL : mission_of(journey->use, journey->campaign);
        if (own == NULL && !passage->complete && passage->completions == 0) continue;
        int64_t changes_at = INT64_MAX;
        struct missions_task tasks[LIMIT_TASKS_PER_MISSION];
        struct missions_item item = {.name = passage->title->name,
                                     .tasks = tasks,
                                     .running = own != NULL,
                                     .complete = passage->complete,
                                     .completions = passage->completions,
                                     .percent = passage->percent,
                                     .at = passage->entered_at,
                                     .until = INT64_MAX};
        if (own != NULL && !passage->complete) {
            item.program = &journey->use->program;
            item.percent = measure(engine, player, journey, own, engine->now, &changes_at);
            item.task_count = list_tasks(engine, player, journey, own, tasks);
        }
        if (own != NULL && !passage->complete && journey->due != STATE_NEVER) item.until = journey->due;
        take(context, &item);
    }
}
