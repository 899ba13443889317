/* Events from one player to another. See tells.h. */
#include "runtime/engine/tells.h"

#include "runtime/engine/effects.h"
#include "vm/crypto.h"

/* ---------------------------------------------------------------- making one */

static void refuse(struct engine *engine, const struct player *player, const struct journey *journey,
                   const struct bundle_effect *effect, const uint8_t id[16], enum reason reason)
{
    struct engine_note note =
        effects_note(engine, NOTE_EFFECT_REFUSED, player, journey->use, journey->campaign, engine->body->now);
    note.journey = journey->number;
    note.effect = effect;
    note.step = effect->step;
    note.reason = reason;
    memcpy(note.effect_id, id, sizeof note.effect_id);
    effects_refused(engine, player, journey->title, reason, "");
    effects_emit_note(engine, &note);
}

static const struct bundle_field *field_of(const struct program *program, const struct bundle_event *event,
                                           struct text name)
{
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        if (text_equal(program_text(program, field->name), name)) return field;
    }
    return NULL;
}

static void mark(uint64_t *known, uint32_t slot)
{
    known[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static int64_t put_text(struct buffer *bytes, struct text text)
{
    int64_t handle = handle_make(BANK_EVENT, text.size, (uint32_t)bytes->size);
    buffer_text(bytes, text);
    return handle;
}

/* The event by the numbers of the program that tells it. */
static void fill(struct engine *engine, const struct program *program, const struct bundle_effect *effect,
                 const int64_t *values, const uint8_t id[16], int64_t due, int64_t *slot, uint64_t *known,
                 struct buffer *bytes)
{
    const struct bundle_event *event = &program->event[effect->object];
    char hex[33];
    crypto_hex(hex, id, 16);
    slot[PROGRAM_SLOT_TIME] = due;
    slot[PROGRAM_SLOT_EVENT_ID] = put_text(bytes, text_make(hex, 32));
    known[0] |= 3;
    for (uint32_t i = 1; i < effect->value_count; i++) {
        const struct bundle_value *value = &program->value[effect->value_first + i];
        const struct bundle_field *field = field_of(program, event, program_text(program, value->name));
        INVARIANT(field != NULL); /* vm/meaning.c */
        slot[field->slot] =
            field->kind == TYPE_TEXT ? put_text(bytes, interp_text(engine->body, values[i])) : values[i];
        mark(known, field->slot);
        if (field->kind != TYPE_MONEY) continue;
        slot[field->slot + 1] = value->of;
        mark(known, field->slot + 1);
    }
}

void tells_take(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                const struct bundle_effect *effect, const int64_t *values, const uint8_t id[16])
{
    const struct program *program = &journey->use->program;
    struct text whom = interp_text(engine->body, values[0]), brand = state_player_brand(player);
    if (turn->depth >= STATE_CASCADE) {
        refuse(engine, player, journey, effect, id, REASON_CASCADE_LIMIT);
        return;
    }
    uint32_t slots = program->event[effect->object].slot_count;
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, slots);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, slots / 64 + 1);
    if (slot == NULL || known == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    struct buffer bytes = BUFFER_EMPTY;
    int64_t due = engine->now + 1;
    fill(engine, program, effect, values, id, due, slot, known, &bytes);
    struct kept_event event = {.event = effect->object,
                               .slot_count = slots,
                               .bytes_size = (uint32_t)bytes.size,
                               .now = due,
                               .slot = slot,
                               .known = known,
                               .bytes = bytes.bytes};
    struct player *other = NULL;
    if (!buffer_ok(&bytes)) (void)state_no_memory(engine);
    if (engine->failed == OK && !programs_event_onto(engine, journey->use, &event)) {
        refuse(engine, player, journey, effect, id, REASON_NOT_KNOWN);
    } else if (engine->failed == OK) {
        other = state_player(engine, record_group(brand, whom), brand, whom, 0);
    }
    if (other != NULL) {
        struct told told = {.due = due, .hops = (uint8_t)(turn->depth + 1), .event = event};
        memcpy(told.id, id, sizeof told.id);
        if (state_add_told(engine, other, &told)) state_arm_player(engine, other);
    }
    buffer_deinit(&bytes);
}

/* ---------------------------------------------------------------- when it is due */

struct pending *tells_due(struct engine *engine, struct player *player, uint32_t number)
{
    struct told *told = player->told;
    while (told != NULL && told->number != number) told = told->next;
    if (told == NULL) return NULL;
    const struct kept_event *from = &told->event;
    struct arena *arena = &engine->instant;
    struct pending *pending = ARENA_NEW(arena, struct pending);
    const int64_t *slot = arena_copy(arena, from->slot, from->slot_count * sizeof *from->slot);
    const uint64_t *known = arena_copy(arena, from->known, (from->slot_count / 64 + 1) * sizeof *from->known);
    const uint8_t *bytes = arena_copy(arena, from->bytes, from->bytes_size);
    if (pending == NULL || slot == NULL || known == NULL || bytes == NULL) return state_no_memory(engine);
    pending->event = *from;
    pending->event.slot = slot;
    pending->event.known = known;
    pending->event.bytes = bytes;
    pending->record = (struct record){
        .kind = RECORD_EVENT,
        .now = told->due,
        .at = told->due,
        .group = player->group,
        .player = state_player_id(player),
        .brand = state_player_brand(player),
        .id = text_make((const char *)bytes, 32),
        .source = TEXT(""),
        .reason = TEXT(""),
        .campaign = TEXT(""),
        .event = from->event,
        .slot_count = from->slot_count,
        .slot = slot,
        .known = known,
        .bytes = bytes,
        .bytes_size = from->bytes_size,
    };
    state_remove_told(engine, player, told);
    return pending;
}

void tells_move(struct engine *engine, struct player *player, const struct use *old)
{
    struct told *rest = player->told;
    player->told = player->told_last = NULL;
    while (rest != NULL) {
        struct told *told = rest;
        rest = told->next;
        struct told moved = *told;
        if (engine->failed == OK && programs_event_onto(engine, old, &moved.event)) {
            (void)state_add_told(engine, player, &moved);
        } else if (engine->failed == OK) {
            struct engine_note note =
                effects_note(engine, NOTE_NOT_APPLIED, player, engine->newest, PROGRAM_NONE, engine->now);
            note.reason = REASON_NOT_KNOWN;
            memcpy(note.effect_id, told->id, sizeof note.effect_id);
            effects_emit_note(engine, &note);
        }
        state_free_told(engine, player, told);
    }
}
