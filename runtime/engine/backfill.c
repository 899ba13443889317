/* See backfill.h. */
#include "runtime/engine/backfill.h"

#include "runtime/engine/fold.h"
#include "vm/memory.h"

struct reading {
    struct engine *engine; /* That reads. */
    struct record_space space;
    bool incomplete; /* May be. */
    bool any;
};

static enum status refuse_moved(struct error *error, uint64_t position)
{
    return error_set(
        error, STATUS_REFUSED,
        "the bundle brings new metrics, and the log begins with record %llu: what happened before it is not "
        "counted; activate with --incomplete to accept that",
        (unsigned long long)position);
}

static bool names_nobody(const struct record *record)
{
    bool of_player = record->kind == RECORD_EVENT || record->kind == RECORD_ATTRIBUTES ||
                     record->kind == RECORD_IMPORT || record->kind == RECORD_ERASE || record->kind == RECORD_HISTORY ||
                     record->kind == RECORD_PERSON;
    return of_player && record->player.size == 0;
}

static enum status read_one(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct reading *reading = context;
    if (!reading->any && position > 1 && !reading->incomplete) return refuse_moved(error, position);
    reading->any = true;
    struct record record;
    RETURN_IF_FAILED(
        record_decode(&record, &reading->space, row->open, row->secret, engine_program(reading->engine), error));
    record.position = position;
    record.number = row->number;
    if (names_nobody(&record)) return OK; /* The key is gone: the player was erased. */
    return engine_fold(reading->engine, &record, error);
}

static bool add_meters(const struct engine *engine, struct engine *reader, const struct use *use)
{
    struct use *fill = reader->fill;
    reader->meter = memory_alloc_array((size_t)use->program.metric_count + 1, sizeof *reader->meter);
    if (reader->meter == NULL) return false;
    reader->meter_capacity = use->program.metric_count + 1;
    for (uint32_t i = 0; i < use->program.metric_count; i++) {
        const struct bundle_metric *metric = &fill->program.metric[i];
        if (!metrics_is_new(engine, metric)) continue;
        bool again = false;
        for (uint32_t j = 0; j < reader->meter_count; j++)
            again = again || (reader->meter[j].identity_0 == metric->identity_0 &&
                              reader->meter[j].identity_1 == metric->identity_1);
        if (again) continue;
        reader->meter[reader->meter_count++] = (struct meter){.identity_0 = metric->identity_0,
                                                              .identity_1 = metric->identity_1,
                                                              .use = fill,
                                                              .metric = i,
                                                              .rule = fill->metric[i]};
    }
    return true;
}

enum status backfill_read(struct engine *engine, const struct use *use, const struct record *activation,
                          struct engine **filled, struct error *error)
{
    *filled = NULL;
    if (engine->newest == NULL || engine->fill != NULL || engine->options.history == NULL ||
        !metrics_any_new(engine, use))
        return OK;
    struct engine_options options = {.shards = 1, .identity_key = engine->options.identity_key};
    struct reading reading = {.incomplete = activation->incomplete};
    RETURN_IF_FAILED(engine_open(&reading.engine, &options, error));
    record_space_init(&reading.space);
    enum status status = programs_open(&reading.engine->fill, use->bundle, use->bundle_size, error);
    if (status == OK && !add_meters(engine, reading.engine, use))
        status = error_set(error, STATUS_NO_MEMORY, "no memory to fill in metrics");
    if (status == OK)
        status =
            engine->options.history(engine->options.history_context, activation->position, read_one, &reading, error);
    if (status == OK) status = engine_settle(reading.engine, error);
    record_space_deinit(&reading.space);
    if (status == OK) {
        *filled = reading.engine;
    } else {
        engine_close(reading.engine);
    }
    return status;
}

static bool move_player(struct engine *engine, const struct engine *filled, const uint32_t *number,
                        const struct player *from)
{
    struct player *player = state_find_player(engine, from->group, state_player_brand(from), state_player_id(from));
    if (player == NULL) return true;
    struct slab *slab = &state_shard(engine, player->group)->slab;
    for (uint32_t i = 0; i < from->metrics.count; i++) {
        const struct metric_state *state = &from->metrics.state[i];
        if (number[state->number] == PROGRAM_NONE) continue;
        struct metric_state *to = metrics_state(engine, &player->metrics, player->group, number[state->number], true);
        if (to == NULL || !metric_copy(to, state, &filled->meter[state->number].rule, slab)) return false;
        engine->group[player->group].changed = true;
    }
    return true;
}

bool backfill_move(struct engine *engine, const struct engine *filled)
{
    uint32_t *number = memory_alloc_array((size_t)filled->meter_count + 1, sizeof *number);
    if (number == NULL) return false;
    for (uint32_t i = 0; i < filled->meter_count; i++)
        number[i] = metrics_find(engine, &filled->fill->program.metric[filled->meter[i].metric]);
    bool moved = true;
    for (uint32_t i = 0; i < RECORD_GROUPS && moved; i++) {
        const struct group *group = state_group(filled, i);
        for (uint32_t j = 0; j < group->capacity && moved; j++) {
            if (group->seat[j].player != NULL) moved = move_player(engine, filled, number, group->seat[j].player);
        }
    }
    memory_release(number);
    return moved;
}
