/* Properties of tournaments. See board_property.h. */
#include "runtime/engine/board_property.h"

#include "runtime/engine/board_view.h"
#include "runtime/engine/settlement_state.h"

int64_t board_property_read(const struct property_read *read, int64_t *changes_at)
{
    struct engine *engine = read->engine;
    const struct title *title = state_title(engine, read->object, false);
    uint32_t tournament = title == NULL || read->player == NULL ? PROGRAM_NONE : board_tournament(engine, title);
    if (tournament == PROGRAM_NONE) return 0;
    struct instance_rule *rule = &engine->newest->instance[tournament];
    struct instance instance;
    struct board_place place;
    if (read->metric->property == PROPERTY_BOARD_PLACE)
        return board_result_place(engine, title, read->player, &place) ? place.place : 0;
    *changes_at = instance_changes(rule, read->now);
    if (instance_current(rule, read->now, &instance))
        return board_score(engine, tournament, read->player, instance.start);
    return board_result_place(engine, title, read->player, &place) ? place.score : 0;
}
