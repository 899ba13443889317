/* Properties. See property.h. */
#include "runtime/engine/property.h"

#include "runtime/engine/codes.h"
#include "runtime/engine/points.h"
#include "runtime/engine/property_offer.h"
#include "runtime/engine/badges.h"
#include "runtime/engine/board_property.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/fold.h"
#include "runtime/engine/segments.h"

static int64_t points_of(const struct property_read *read, enum points_figure figure, int64_t *changes_at)
{
    if (read->player == NULL) return 0;
    return points_figure(read->engine, read->player, read->object, figure, read->now, changes_at);
}

static int64_t read_number(const struct property_read *read, int64_t *changes_at)
{
    int64_t number = 0;
    switch ((enum property)read->metric->property) {
    case PROPERTY_POINTS_BALANCE: return points_of(read, POINTS_BALANCE, changes_at);
    case PROPERTY_POINTS_EARNED: return points_of(read, POINTS_EARNED, changes_at);
    case PROPERTY_POINTS_EXPIRING: return points_of(read, POINTS_EXPIRING, changes_at);
    case PROPERTY_LEVELS_COUNTED: return points_of(read, POINTS_COUNTED, changes_at);
    case PROPERTY_MISSION_PROGRESS:
    case PROPERTY_MISSION_COMPLETED:
    case PROPERTY_TASK_DONE: return missions_read(read, changes_at);
    case PROPERTY_BOARD_PLACE:
    case PROPERTY_BOARD_SCORE: return board_property_read(read, changes_at);
    case PROPERTY_BADGE_AWARDED: return read->player != NULL && badges_find(read->player, read->object) != NULL;
    case PROPERTY_CODES_LEFT:
        if (!codes_left(read->engine, read->object, read->now, &number, changes_at)) number = read->metric->high;
        return number;
    case PROPERTY_CODES_USED: return codes_used(read->engine, read->object);
    case PROPERTY_QUOTA_LEFT: return codes_quota_left(read->engine, TEXT(""), read->object, read->now, changes_at);
    case PROPERTY_QUOTA_USED: return codes_quota_used(read->engine, TEXT(""), read->object);
    case PROPERTY_OFFER_STATE:
    case PROPERTY_OFFER_PROGRESS:
    case PROPERTY_OFFER_TARGET:
    case PROPERTY_OFFER_LEFT:
    case PROPERTY_OFFER_BALANCE: return property_offer_read(read);
    case PROPERTY_NONE:
    case PROPERTY_COUNT: break;
    }
    return 0;
}

void property_read(const struct property_read *read, struct metric_value *out)
{
    *out = (struct metric_value){.known = true, .text = TEXT(""), .changes_at = INT64_MAX};
    int64_t value = read_number(read, &out->changes_at);
    if (value < read->metric->low) value = read->metric->low;
    if (value > read->metric->high) value = read->metric->high;
    out->value = value;
}

/* The id never changes: what reads a property is listed as if it read the id (segments.c). */
void property_touch(struct engine *engine)
{
    segments_touch_slot(engine, PROGRAM_SLOT_PLAYER_ID);
}

void property_changed(struct engine *engine, struct player *player)
{
    if (!engine->reads_properties) return;
    property_touch(engine);
    if (engine->turn == NULL || player->property_stale || engine->failed != OK || engine->fill != NULL) return;
    player->property_stale = true;
    struct turn turn = {.kind = TURN_PROPERTY, .player = player};
    fold_cause(engine, engine->turn, turn);
}
