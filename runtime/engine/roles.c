/* Roles of events. See roles.h. */
#include "runtime/engine/roles.h"

#include "runtime/engine/programs.h"
#include "vm/crypto.h"
#include "vm/memory.h"

struct row {
    struct text event;
    enum role_direction direction;
};
static const struct row rows[ROLE_COUNT] = {
#define ROLE(number, NAME, event, direction, sentence) [number] = {TEXT_INIT(event), ROLE_##direction},
#include "spec/roles.def"
};

static const struct text fields[ROLE_COUNT][ROLE_FIELDS_MOST] = {
#define ROLE_FIELD(NAME, number, field, TYPE, need) [ROLE_##NAME][number] = TEXT_INIT(field),
#include "spec/roles.def"
};

enum role_direction roles_direction(enum role role)
{
    return rows[role].direction;
}

static bool takes_part(const struct bundle_event *event, enum role_direction direction)
{
    switch (direction) {
    case ROLE_MADE: return event->made_by_engine != 0;
    case ROLE_ASKED: return event->answered != 0;
    case ROLE_HEARD: break;
    }
    return event->made_by_engine == 0;
}

static uint32_t slot_of(const struct program *program, const struct bundle_event *event, struct text name)
{
    for (uint32_t i = 0; name.size > 0 && i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (text_equal(program_text(program, field->name), name)) return field->slot;
    }
    return PROGRAM_NONE;
}

bool roles_link(struct engine *engine)
{
    const struct program *program = &engine->newest->program;
    if (engine->roles == NULL) {
        engine->roles = memory_alloc_array(ROLE_COUNT, sizeof *engine->roles);
        if (engine->roles == NULL) return false;
    }
    uint8_t *role_of = memory_resize_array(engine->role_of, program->event_count + 1, sizeof *role_of);
    if (role_of == NULL) return false;
    engine->role_of = role_of;
    memset(role_of, ROLE_NONE, program->event_count + 1);
    engine->roles[ROLE_NONE].event = PROGRAM_NONE;
    for (uint32_t role = 1; role < ROLE_COUNT; role++) {
        struct role_event *found = &engine->roles[role];
        found->event = PROGRAM_NONE;
        for (uint32_t i = 0; rows[role].event.size > 0 && i < program->event_count; i++) {
            const struct bundle_event *event = &program->event[i];
            if (!takes_part(event, rows[role].direction)) continue;
            if (!text_equal(program_text(program, event->name), rows[role].event)) continue;
            found->event = i;
            role_of[i] = (uint8_t)role;
            for (uint32_t j = 0; j < ROLE_FIELDS_MOST; j++) found->slot[j] = slot_of(program, event, fields[role][j]);
        }
    }
    return true;
}

const struct role_event *roles_find(const struct engine *engine, enum role role)
{
    return &engine->roles[role];
}

enum role roles_of(const struct engine *engine, uint32_t event)
{
    return (enum role)engine->role_of[event];
}

static bool is_known(const struct kept_event *event, uint32_t slot)
{
    return slot < event->slot_count && ((event->known[slot / 64] >> (slot % 64)) & 1);
}

static struct text text_at(const struct kept_event *event, uint32_t slot)
{
    int64_t handle = event->slot[slot];
    return text_make((const char *)event->bytes + handle_offset(handle), handle_size(handle));
}

static const struct bundle_field *field_at(const struct engine *engine, enum role role, uint32_t slot)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_event *event = &program->event[engine->roles[role].event];
    for (uint32_t i = 0; i < event->field_count; i++) {
        if (program->field[event->field_first + i].slot == slot) return &program->field[event->field_first + i];
    }
    return NULL;
}

static const struct bundle_field *given(const struct engine *engine, enum role role, uint32_t field,
                                        const struct kept_event *event)
{
    uint32_t slot = engine->roles[role].slot[field];
    return slot == PROGRAM_NONE || !is_known(event, slot) ? NULL : field_at(engine, role, slot);
}

bool roles_number(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                  int64_t *out)
{
    const struct bundle_field *found = given(engine, role, field, event);
    if (found == NULL || found->kind == TYPE_TEXT) return false;
    *out = event->slot[found->slot];
    return true;
}

bool roles_text(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                struct text *out)
{
    const struct bundle_field *found = given(engine, role, field, event);
    if (found == NULL || found->kind != TYPE_TEXT) return false;
    *out = text_at(event, found->slot);
    return true;
}

bool roles_currency(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                    uint32_t *out)
{
    const struct bundle_field *found = given(engine, role, field, event);
    if (found == NULL || found->kind != TYPE_MONEY || !is_known(event, found->slot + 1)) return false;
    *out = (uint32_t)event->slot[found->slot + 1];
    return *out < engine->newest->program.currency_count;
}

bool roles_word(const struct engine *engine, enum role role, uint32_t field, const struct kept_event *event,
                struct text *out)
{
    const struct bundle_field *found = given(engine, role, field, event);
    if (found == NULL || found->kind != TYPE_ENUM) return false;
    const struct program *program = &engine->newest->program;
    const struct bundle_enumeration *enumeration = &program->enumeration[found->of];
    int64_t ordinal = event->slot[found->slot];
    if (ordinal < 0 || ordinal >= (int64_t)enumeration->wording_count) return false;
    *out = program_text(program, program->wording[enumeration->wording_first + (uint32_t)ordinal].name);
    return true;
}

bool roles_about(const struct kept_event *event, struct text *name_out)
{
    if (!is_known(event, PROGRAM_SLOT_ABOUT)) return false;
    *name_out = text_at(event, PROGRAM_SLOT_ABOUT);
    return name_out->size > 0;
}

bool roles_about_effect(const struct kept_event *event, uint8_t id_out[16])
{
    if (!is_known(event, PROGRAM_SLOT_ABOUT_EFFECT)) return false;
    return crypto_unhex(id_out, 16, text_at(event, PROGRAM_SLOT_ABOUT_EFFECT));
}

int64_t roles_time(const struct kept_event *event)
{
    return event->slot[PROGRAM_SLOT_TIME];
}

struct text roles_id(const struct kept_event *event)
{
    return text_at(event, PROGRAM_SLOT_EVENT_ID);
}
