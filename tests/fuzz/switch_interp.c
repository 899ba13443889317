/* See the header. The interpreter's source is included here, with other names for what it gives. */
#include "tests/fuzz/switch_interp.h"

#define PROMO_SWITCH
#define interp_enter       switch_enter
#define interp_text        switch_text
#define interp_clear_trace switch_clear_trace
#include "vm/interp.c"
#undef interp_enter
#undef interp_text
#undef interp_clear_trace

#include "vm/memory.h"

void switch_begin(struct switch_twin *twin, const struct activation *activation, uint32_t slots, uint32_t bytes,
                  uint32_t pc, bool filter)
{
    *twin = (struct switch_twin){.slot_count = slots, .byte_count = bytes};
    twin->activation = memory_alloc(sizeof *twin->activation);
    twin->slot = memory_alloc_array((size_t)slots + 1, sizeof *twin->slot);
    twin->bytes = memory_alloc(bytes);
    INVARIANT(twin->activation != NULL && twin->slot != NULL && twin->bytes != NULL);
    *twin->activation = *activation;
    if (activation->journey_slot != NULL) {
        memcpy(twin->slot, activation->journey_slot, slots * sizeof *twin->slot);
        if (bytes > 0) memcpy(twin->bytes, activation->journey_bytes, bytes);
        twin->activation->journey_slot = twin->slot;
        twin->activation->journey_bytes = twin->bytes;
    }
    if (!filter) twin->activation->made_count = twin->activation->value_count = 0;
    (void)switch_enter(twin->activation, pc);
}

uint32_t switch_end(struct switch_twin *twin, const struct activation *one)
{
    const struct activation *other = twin->activation;
    INVARIANT(one->outcome == other->outcome && one->state == other->state && one->finish == other->finish &&
              one->credit == other->credit);
    INVARIANT(one->made_count == other->made_count && one->value_count == other->value_count);
    INVARIANT(memcmp(one->made, other->made, one->made_count * sizeof one->made[0]) == 0);
    INVARIANT(memcmp(one->values, other->values, one->value_count * sizeof one->values[0]) == 0);
    INVARIANT(one->changes_at == other->changes_at && one->yielded == other->yielded);
    INVARIANT(one->metric_byte_count == other->metric_byte_count &&
              memcmp(one->metric_bytes, other->metric_bytes, one->metric_byte_count) == 0);
    INVARIANT(memcmp(one->trace, other->trace, sizeof one->trace) == 0);
    INVARIANT(one->journey_known == other->journey_known);
    if (one->journey_slot != NULL) {
        INVARIANT(memcmp(one->journey_slot, twin->slot, twin->slot_count * sizeof *twin->slot) == 0);
        INVARIANT(twin->byte_count == 0 || memcmp(one->journey_bytes, twin->bytes, twin->byte_count) == 0);
    }
    uint32_t steps = other->steps;
    memory_release(twin->activation);
    memory_release(twin->slot);
    memory_release(twin->bytes);
    return steps;
}
