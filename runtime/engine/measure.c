/* Code over an event, for nobody in particular. See measure.h. */
#include "runtime/engine/measure.h"

#include "runtime/engine/programs.h"
#include "vm/interp.h"

bool measure_event(struct engine *engine, uint32_t pc, const struct kept_event *event, uint32_t zone, int64_t *out)
{
    struct activation *measure = engine->measure;
    measure->program = &engine->newest->program;
    measure->campaign = PROGRAM_NONE;
    measure->event = (struct bank_read){event->slot, event->known, event->bytes};
    measure->player = (struct bank_read){NULL, NULL, NULL};
    measure->journey_slot = NULL;
    measure->journey_known = 0;
    measure->journey_bytes = NULL;
    measure->now = engine->now;
    measure->campaign_zone = measure->player_zone = zone;
    measure->read_metric = NULL;
    if (!interp_enter(measure, pc)) return false;
    *out = measure->yielded;
    return true;
}
