/* Which slots there are of players, events and journeys, and what may stand in each. See verify_parts.h. */
#include "vm/verify_parts.h"

#include "vm/limits.h"
#include "vm/meaning.h"
#include "vm/memory.h"

enum { EFFECT_ID_BYTES = 32 };

static struct slot text_slot(uint32_t number, uint32_t size, bool optional)
{
    return (struct slot){.class = SLOT_TEXT, .optional = optional, .proof = number, .high = size};
}

static struct slot make_slot(const struct program *program, uint32_t number, uint32_t kind, uint32_t of, uint32_t size,
                             int64_t low, int64_t high, bool optional)
{
    if (kind == TYPE_TEXT) return text_slot(number, size, optional);
    struct slot slot = {.class = SLOT_NUMBER, .optional = optional, .proof = number, .low = low, .high = high};
    meaning_range(program, kind, of, &slot.low, &slot.high);
    return slot;
}

/* One of the system's own: all numbers of its type. */
static struct slot whole_slot(const struct program *program, uint32_t number, enum type_kind kind)
{
    struct slot slot = {.class = SLOT_NUMBER, .proof = number};
    meaning_range(program, kind, PROGRAM_NONE, &slot.low, &slot.high);
    return slot;
}

static enum status put_slot(struct verify *verify, struct slot *slots, uint32_t count, uint32_t number,
                            struct slot slot, const char *what, uint32_t index)
{
    if (number >= count)
        return error_set(verify->error, STATUS_REFUSED, "section %s, record %u: its slot %u does not exist", what,
                         index, number);
    if (slots[number].class != SLOT_NONE)
        return error_set(verify->error, STATUS_REFUSED, "section %s, record %u: its slot %u is taken", what, index,
                         number);
    slots[number] = slot;
    return OK;
}

static enum status build_event_slots(struct verify *verify, uint32_t index)
{
    const struct program *program = verify->program;
    const struct bundle_event *event = &program->event[index];
    struct slot *slots = verify->event + verify->event_first[index];
    slots[PROGRAM_SLOT_TIME] = whole_slot(program, PROGRAM_SLOT_TIME, TYPE_MOMENT);
    slots[PROGRAM_SLOT_EVENT_ID] = text_slot(PROGRAM_SLOT_EVENT_ID, LIMIT_ID_BYTES, false);
    slots[PROGRAM_SLOT_ABOUT] = text_slot(PROGRAM_SLOT_ABOUT, LIMIT_NAME_BYTES, true);
    slots[PROGRAM_SLOT_ABOUT_EFFECT] = text_slot(PROGRAM_SLOT_ABOUT_EFFECT, EFFECT_ID_BYTES, true);
    for (uint32_t i = 0; i < event->field_count; i++) {
        uint32_t number = event->field_first + i;
        const struct bundle_field *field = &program->field[number];
        RETURN_IF_FAILED(put_slot(verify, slots, event->slot_count, field->slot,
                                  make_slot(program, field->slot, field->kind, field->of, field->size, field->low,
                                            field->high, field->optional != 0),
                                  "field", number));
        if (field->kind == TYPE_MONEY && field->of == PROGRAM_NONE) {
            struct slot currency = {.class = SLOT_NUMBER,
                                    .optional = field->optional != 0,
                                    .proof = field->slot,
                                    .low = 0,
                                    .high = program->currency_count == 0 ? 0 : (int64_t)program->currency_count - 1};
            RETURN_IF_FAILED(put_slot(verify, slots, event->slot_count, field->slot + 1, currency, "field", number));
        }
    }
    return OK;
}

enum status verify_slots(struct verify *verify)
{
    const struct program *program = verify->program;
    uint32_t total = 0;
    verify->event_first = memory_alloc_array(program->event_count, sizeof *verify->event_first);
    verify->player = memory_alloc_array(program->workspace->player_slot_count, sizeof *verify->player);
    if (verify->event_first == NULL || verify->player == NULL) return verify_no_memory(verify);
    for (uint32_t i = 0; i < program->event_count; i++) {
        verify->event_first[i] = total;
        total += program->event[i].slot_count; /* at most 192 each */
    }
    verify->event = memory_alloc_array(total, sizeof *verify->event);
    if (verify->event == NULL) return verify_no_memory(verify);
    for (uint32_t i = 0; i < program->event_count; i++) RETURN_IF_FAILED(build_event_slots(verify, i));
    verify->player[PROGRAM_SLOT_TAGS] = whole_slot(program, PROGRAM_SLOT_TAGS, TYPE_SET);
    verify->player[PROGRAM_SLOT_PLAYER_ID] = text_slot(PROGRAM_SLOT_PLAYER_ID, LIMIT_ID_BYTES, false);
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        RETURN_IF_FAILED(put_slot(verify, verify->player, program->workspace->player_slot_count, attribute->slot,
                                  make_slot(program, attribute->slot, attribute->kind, attribute->of, attribute->size,
                                            attribute->low, attribute->high, attribute->optional != 0),
                                  "attribute", i));
    }
    return OK;
}

struct slot verify_journey_slot(const struct verify *verify, uint32_t number)
{
    const struct bundle_variable *variable = &verify->program->variable[verify->campaign->variable_first + number];
    return make_slot(verify->program, number, variable->kind, variable->of, variable->size, variable->low,
                     variable->high, true);
}
