/* Making events. See announce.h. */
#include "runtime/engine/announce.h"

#include "vm/crypto.h"

static bool listens(const struct program *program, uint32_t event)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (program->campaign[i].start_event == event || program->campaign[i].goal_event == event) return true;
    }
    for (uint32_t i = 0; i < program->leave_count; i++) {
        if (program->leave[i].event == event) return true;
    }
    for (uint32_t i = 0; i < program->wait_case_count; i++) {
        if (program->wait_case[i].event == event) return true;
    }
    for (uint32_t i = 0; i < program->metric_count; i++) {
        if (program->metric[i].event == event || program->metric[i].reversal == event) return true;
    }
    return false;
}

/* The event of this name, if it is one that the engine makes about a campaign. */
static uint32_t find_made(const struct program *program, struct text name)
{
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        if (event->made_by_engine && event->about == ABOUT_CAMPAIGN &&
            text_equal(program_text(program, event->name), name))
            return i;
    }
    return PROGRAM_NONE;
}

void announce_link(struct engine *engine)
{
    const struct program *newest = &engine->newest->program;
    uint32_t event = find_made(newest, TEXT("campaign_finished"));
    engine->finished_event = PROGRAM_NONE;
    for (const struct use *use = engine->uses; use != NULL && event != PROGRAM_NONE; use = use->next) {
        uint32_t own = use == engine->newest ? event : use->event_of[event];
        if (own != PROGRAM_NONE && listens(&use->program, own)) engine->finished_event = event;
    }
}

/* The same for every fold of the log, different for every journey. */
static void name_event(char out[33], const struct player *player, const struct title *title, uint32_t journey)
{
    struct crypto_stream stream;
    uint8_t number[4] = {(uint8_t)journey, (uint8_t)(journey >> 8), (uint8_t)(journey >> 16), (uint8_t)(journey >> 24)};
    uint8_t sizes[2] = {player->id_size, player->brand_size};
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, number, sizeof number);
    crypto_stream_add(&stream, sizes, sizeof sizes);
    crypto_stream_add(&stream, player->name, (size_t)player->id_size + player->brand_size);
    crypto_stream_add(&stream, title->name.at, title->name.size);
    struct crypto_digest digest = crypto_stream_end(&stream);
    crypto_hex(out, digest.bytes, 16);
}

static int64_t add_bytes(uint8_t *bytes, uint32_t *end, struct text text)
{
    int64_t handle = handle_make(BANK_EVENT, text.size, *end);
    if (text.size > 0) memcpy(bytes + *end, text.at, text.size);
    *end += text.size;
    return handle;
}

void announce_finished(struct engine *engine, struct player *player, const struct title *title, uint32_t journey,
                       struct text reason)
{
    if (engine->finished_event == PROGRAM_NONE || engine->turn == NULL || engine->failed != OK) return;
    const struct program *program = &engine->newest->program;
    const struct bundle_event *event = &program->event[engine->finished_event];
    struct kept_event *kept = ARENA_NEW(&engine->instant, struct kept_event);
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, event->slot_count);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, event->slot_count / 64 + 1);
    uint8_t *bytes = arena_alloc(&engine->instant, 32 + (size_t)title->name.size + reason.size);
    if (kept == NULL || slot == NULL || known == NULL || bytes == NULL) {
        (void)state_no_memory(engine);
        return;
    }
    char id[33];
    uint32_t end = 0;
    name_event(id, player, title, journey);
    slot[PROGRAM_SLOT_TIME] = engine->now;
    slot[PROGRAM_SLOT_EVENT_ID] = add_bytes(bytes, &end, text_make(id, 32));
    slot[PROGRAM_SLOT_ABOUT] = add_bytes(bytes, &end, title->name);
    known[0] = 7; /* Time, id, name; it is about no effect. */
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        bool is_reason = field->kind == TYPE_TEXT && text_equal(program_text(program, field->name), TEXT("reason"));
        if (field->optional && !is_reason) continue;
        int64_t value = field->low > 0 ? field->low : field->high < 0 ? field->high : 0;
        if (field->kind == TYPE_TEXT) value = handle_make(BANK_EVENT, 0, 0);
        if (is_reason) value = add_bytes(bytes, &end, text_slice(reason, 0, field->size));
        slot[field->slot] = value;
        known[field->slot / 64] |= UINT64_C(1) << (field->slot % 64);
        if (field->kind == TYPE_MONEY) known[(field->slot + 1) / 64] |= UINT64_C(1) << ((field->slot + 1) % 64);
    }
    *kept = (struct kept_event){.event = engine->finished_event,
                                .slot_count = event->slot_count,
                                .bytes_size = end,
                                .now = engine->now,
                                .slot = slot,
                                .known = known,
                                .bytes = bytes};
    struct turn made = {.kind = TURN_MADE, .player = player, .made = kept};
    fold_cause(engine, engine->turn, made);
}
