/* Carrying out commands. See commands.h. spec: runtime.md#commands */
#include "runtime/engine/bonus.h"
#include "runtime/engine/commands.h"

#include "runtime/engine/effects.h"
#include "runtime/engine/handed.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/records.h"
#include "runtime/engine/requests.h"
#include "vm/memory.h"

static void tell(struct engine *engine, const struct title *title, enum note_kind kind, enum reason reason)
{
    struct engine_note note = effects_note(engine, kind, NULL, engine->newest, title->campaign, engine->now);
    note.reason = reason;
    effects_emit_note(engine, &note);
}

/* One player: the journeys of the campaign end; with `all` its queued messages go too, and what was handed out is asked back. */
static void stop_player(struct engine *engine, struct player *player, struct title *title, bool all)
{
    for (struct journey *journey = player->journeys, *next; journey != NULL && engine->failed == OK; journey = next) {
        next = journey->next;
        if (journey->title != title || (!all && journey->use == engine->newest)) continue;
        journey_finish(engine, player, journey, TEXT("KILLED"), REASON_KILLED, PROGRAM_NONE, true, engine->now);
    }
    if (!all) return;
    for (struct delayed *delayed = player->delayed, *next; delayed != NULL && engine->failed == OK; delayed = next) {
        next = delayed->next;
        if (delayed->title == title) effects_drop(engine, player, delayed, REASON_KILLED, PROGRAM_NONE, engine->now);
    }
    if (engine->failed == OK) handed_recall(engine, player, title, engine->now);
    if (engine->failed == OK) bonus_kill(engine, player, title);
}

/* All players, by key group and id: an order that no shard and no restart changes. */
static void stop_all(struct engine *engine, struct title *title, bool all)
{
    for (uint32_t i = 0; i < RECORD_GROUPS && engine->failed == OK; i++) {
        const struct group *group = state_group(engine, i);
        if (group->count == 0) continue;
        uint32_t count = 0;
        struct player **sorted = state_sorted_players(group, &count);
        if (sorted == NULL) {
            (void)state_no_memory(engine);
            return;
        }
        for (uint32_t j = 0; j < count && engine->failed == OK; j++) stop_player(engine, sorted[j], title, all);
        memory_release(sorted);
    }
}

static void stop(struct engine *engine, struct title *title, enum title_stopped stopped)
{
    if (title->stopped >= stopped) return;
    title->stopped = (uint8_t)stopped;
    tell(engine, title, NOTE_STOPPED, stopped == TITLE_ENDED ? REASON_ENDED : REASON_KILLED);
}

static void resume(struct engine *engine, struct title *title)
{
    bool stopped = title->stopped != TITLE_OPEN;
    title->stopped = TITLE_OPEN;
    if (title->suspended) {
        requests_resume(engine, engine->newest, title->campaign, engine->now);
    } else if (stopped) {
        tell(engine, title, NOTE_RESUMED, REASON_NONE);
    }
}

void commands_run(struct engine *engine, const struct record *record)
{
    struct title *title = state_title(engine, record->campaign, false);
    /* Journeys go on after their campaign has left the bundle, and may be ended then too. */
    bool of_any = record->command == COMMAND_END_JOURNEYS;
    if (title == NULL || (title->campaign == PROGRAM_NONE && !of_any)) {
        records_not_applied(engine, record, REASON_NONE, "no such campaign");
        return;
    }
    switch ((enum command_kind)record->command) {
    case COMMAND_RESUME: resume(engine, title); break;
    case COMMAND_SUSPEND: requests_suspend(engine, engine->newest, title->campaign, PROGRAM_NONE, engine->now); break;
    case COMMAND_END: stop(engine, title, TITLE_ENDED); break;
    case COMMAND_KILL:
        stop(engine, title, TITLE_KILLED);
        stop_all(engine, title, true);
        break;
    case COMMAND_END_JOURNEYS: stop_all(engine, title, false); break;
    case COMMAND_START: /* Of one player: records.c. */
    case COMMAND_RETRY: /* Of the outbox: runtime/store. */
    case COMMAND_DROP:
    case COMMAND_KIND_COUNT: break;
    }
}
