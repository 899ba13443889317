/* Missions: how far a player's run has come, and when it is complete.
 *
 * A run is a journey of the mission's campaign. Its tasks are metrics since the entry (metrics.h); after each event of the player what they
 * say becomes a percentage (percent.h), and a change of it is announced: `mission_progress`, and at 100 `mission_completed`. Campaigns wait
 * for these events like for any other, so what a mission does at 25% is code of its campaign. What is kept, with the player's passage: the
 * percentage told last, whether the run is complete, and when runs were completed, as many as the limit looks at.
 * Once complete, nothing that is taken back lessens a run. Thread rules: one thread at a time. spec: runtime.md#missions
 */
#ifndef PROMO_RUNTIME_ENGINE_MISSIONS_H
#define PROMO_RUNTIME_ENGINE_MISSIONS_H

#include "runtime/engine/parts.h"
#include "runtime/engine/programs.h"
#include "runtime/engine/property.h"

/* Finds the mission of each campaign when a program is opened. False when memory is out. */
MUST_CHECK bool missions_prepare(struct use *use);

/* Whether the player may begin a run at `now`, by `complete at most`; the period is that of `zone`. `passage` may be NULL. */
bool missions_may_enter(const struct use *use, uint32_t campaign, const struct passage *passage, uint32_t zone,
                        int64_t now);
/* A run begins: at 0 percent. Does nothing for a campaign that is no mission; so do the next two. */
void missions_entered(const struct use *use, uint32_t campaign, struct passage *passage);
/* The journey ends: of a run that is not complete nothing is left. */
void missions_ended(struct engine *engine, struct player *player, const struct journey *journey);
/* Looks at one journey that is not paused, and announces what changed. Within a turn (engine->turn). */
void missions_look(struct engine *engine, struct player *player, struct journey *journey);

/* A property of a mission or a task, by its name, at `read->now`: of `read->journey` where that is a run of it, otherwise of the player's run.
 * MISSION_PROGRESS: in millionths, 100% of the last run where none goes on and that one was completed; MISSION_COMPLETED: how often; TASK_DONE:
 * in the units of the task. `changes_at` becomes earlier where time alone may change it. */
int64_t missions_read(const struct property_read *read, int64_t *changes_at);

/* For people: the player's missions that run or of which a run was completed, as of engine->now. */
struct missions_task {
    struct text name;
    int64_t done, need;
    uint32_t kind, of; /* Type and currency of both. */
};
struct missions_item {
    struct text name;
    const struct program *program;
    const struct missions_task *tasks; /* Of a run that goes on. */
    uint32_t task_count;
    bool running;         /* A run goes on, … */
    bool complete;        /* … which is complete; or the last one was. */
    uint32_t completions; /* Runs completed so far. */
    uint32_t percent;
    int64_t at, until; /* Entry; when the wait of a running one is over, INT64_MAX where it is in none. */
};
void missions_list(struct engine *engine, const struct player *player,
                   void (*take)(void *context, const struct missions_item *item), void *context);

/* Looks at all journeys of a player after each event. It keeps nothing of its own. */
extern const struct part missions_part;

#endif
