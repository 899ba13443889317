/* Making events. See announce.h. */
#include "runtime/engine/announce.h"

#include "runtime/engine/effects.h"
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
    for (uint32_t i = 0; i < program->earn_count; i++) {
        if (program->earn[i].event == event) return true;
    }
    for (uint32_t i = 0; i < program->weight_count; i++) {
        if (program->weight[i].event == event) return true;
    }
    for (uint32_t i = 0; i < program->measure_count; i++) {
        if (program->measure[i].event == event || program->measure[i].reversal == event) return true;
    }
    return false;
}

void announce_link(struct engine *engine)
{
    for (uint32_t role = 1; role < ROLE_COUNT; role++) {
        uint32_t event = engine->roles[role].event;
        engine->role_heard[role] = false;
        for (const struct use *use = engine->uses; use != NULL && event != PROGRAM_NONE; use = use->next) {
            uint32_t own = use == engine->newest ? event : use->event_of[event];
            if (own != PROGRAM_NONE && listens(&use->program, own)) engine->role_heard[role] = true;
        }
    }
}

bool announce_is_heard(const struct engine *engine, enum role role)
{
    return engine->role_heard[role];
}

static void add_sized(struct crypto_stream *stream, struct text text)
{
    uint8_t size[4] = {(uint8_t)text.size, (uint8_t)(text.size >> 8), (uint8_t)(text.size >> 16),
                       (uint8_t)(text.size >> 24)};
    crypto_stream_add(stream, size, sizeof size);
    crypto_stream_add(stream, text.at, text.size);
}

/* Who was erased and came again has other ids than before. */
static void add_life(struct crypto_stream *stream, const struct player *player)
{
    uint8_t life[5] = {'l', (uint8_t)player->life, (uint8_t)(player->life >> 8), (uint8_t)(player->life >> 16),
                       (uint8_t)(player->life >> 24)};
    if (player->life != 0) crypto_stream_add(stream, life, sizeof life);
}

/* The same for every fold of the log, different for every journey. */
static void name_finished(uint8_t out[16], const struct player *player, const struct title *title, uint32_t journey)
{
    struct crypto_stream stream;
    uint8_t number[4] = {(uint8_t)journey, (uint8_t)(journey >> 8), (uint8_t)(journey >> 16), (uint8_t)(journey >> 24)};
    uint8_t sizes[2] = {player->id_size, player->brand_size};
    crypto_stream_begin(&stream);
    crypto_stream_add(&stream, number, sizeof number);
    crypto_stream_add(&stream, sizes, sizeof sizes);
    crypto_stream_add(&stream, player->name, (size_t)player->id_size + player->brand_size);
    crypto_stream_add(&stream, title->name.at, title->name.size);
    add_life(&stream, player);
    struct crypto_digest digest = crypto_stream_end(&stream);
    memcpy(out, digest.bytes, 16);
}

static void name_event(uint8_t out[16], const struct engine *engine, const struct announcement *what)
{
    struct crypto_stream stream;
    uint8_t role = (uint8_t)what->role;
    const uint8_t none[16] = {0};
    crypto_stream_begin(&stream);
    add_sized(&stream, engine->identity.workspace);
    crypto_stream_add(&stream, &role, 1);
    add_sized(&stream, state_player_brand(what->player));
    add_sized(&stream, state_player_id(what->player));
    add_sized(&stream, what->about);
    crypto_stream_add(&stream, what->effect == NULL ? none : what->effect, 16);
    add_sized(&stream, what->key);
    crypto_stream_add(&stream, &engine->now, sizeof engine->now);
    add_life(&stream, what->player);
    struct crypto_digest digest = crypto_stream_end(&stream);
    memcpy(out, digest.bytes, 16);
}

static int64_t add_bytes(uint8_t *bytes, uint32_t *end, struct text text)
{
    int64_t handle = handle_make(BANK_EVENT, text.size, *end);
    if (text.size > 0) memcpy(bytes + *end, text.at, text.size);
    *end += text.size;
    return handle;
}

/* Within what the field may hold. */
static int64_t clamp(const struct bundle_field *field, int64_t value)
{
    if (value < field->low) return field->low;
    return value > field->high ? field->high : value;
}

static int64_t ordinal_of(const struct program *program, const struct bundle_field *field, struct text word)
{
    const struct bundle_enumeration *enumeration = &program->enumeration[field->of];
    for (uint32_t i = 0; i < enumeration->wording_count; i++) {
        if (text_equal(program_text(program, program->wording[enumeration->wording_first + i].name), word)) return i;
    }
    return -1;
}

/* The number of the role's field that lies in this slot, or ROLE_FIELDS_MOST. */
static uint32_t field_of(const struct role_event *role, uint32_t slot)
{
    uint32_t number = 0;
    while (number < ROLE_FIELDS_MOST && role->slot[number] != slot) number++;
    return number;
}

/* The event as it is kept; NULL when memory is out. */
static struct kept_event *make_event(struct engine *engine, const struct announcement *what, const uint8_t id[16])
{
    const struct role_event *role = &engine->roles[what->role];
    const struct program *program = &engine->newest->program;
    const struct bundle_event *event = &program->event[role->event];
    size_t size = 64 + (size_t)what->about.size;
    for (uint32_t i = 0; i < ROLE_FIELDS_MOST; i++) size += (what->known >> i) & 1 ? what->text[i].size : 0;
    struct kept_event *kept = ARENA_NEW(&engine->instant, struct kept_event);
    int64_t *slot = ARENA_ARRAY(&engine->instant, int64_t, event->slot_count);
    uint64_t *known = ARENA_ARRAY(&engine->instant, uint64_t, event->slot_count / 64 + 1);
    uint8_t *bytes = arena_alloc(&engine->instant, size);
    if (kept == NULL || slot == NULL || known == NULL || bytes == NULL) return state_no_memory(engine);
    char hex[33];
    uint32_t end = 0;
    crypto_hex(hex, id, 16);
    slot[PROGRAM_SLOT_TIME] = engine->now;
    slot[PROGRAM_SLOT_EVENT_ID] = add_bytes(bytes, &end, text_make(hex, 32));
    known[0] = 3;
    if (what->about.size > 0 && event->about != ABOUT_NOTHING) {
        slot[PROGRAM_SLOT_ABOUT] = add_bytes(bytes, &end, what->about);
        known[0] |= UINT64_C(1) << PROGRAM_SLOT_ABOUT;
    }
    if (what->effect != NULL && event->about != ABOUT_NOTHING) {
        crypto_hex(hex, what->effect, 16);
        slot[PROGRAM_SLOT_ABOUT_EFFECT] = add_bytes(bytes, &end, text_make(hex, 32));
        known[0] |= UINT64_C(1) << PROGRAM_SLOT_ABOUT_EFFECT;
    }
    for (uint32_t i = 0; i < event->field_count; i++) {
        const struct bundle_field *field = &program->field[event->field_first + i];
        uint32_t number = field_of(role, field->slot);
        bool given = number < ROLE_FIELDS_MOST && ((what->known >> number) & 1);
        int64_t value = clamp(field, given ? what->value[number] : 0);
        if (field->kind == TYPE_ENUM && given) {
            value = ordinal_of(program, field, what->text[number]);
            if (value < 0) given = false; /* the author's list lacks the word */
            if (value < 0) value = 0;
        }
        if (!given && field->optional) continue;
        if (field->kind == TYPE_TEXT)
            value = add_bytes(bytes, &end, given ? text_slice(what->text[number], 0, field->size) : TEXT(""));
        slot[field->slot] = value;
        known[field->slot / 64] |= UINT64_C(1) << (field->slot % 64);
        if (field->kind != TYPE_MONEY) continue;
        slot[field->slot + 1] = what->currency < program->currency_count ? (int64_t)what->currency : 0;
        known[(field->slot + 1) / 64] |= UINT64_C(1) << ((field->slot + 1) % 64);
    }
    *kept = (struct kept_event){.event = role->event,
                                .slot_count = event->slot_count,
                                .bytes_size = end,
                                .now = engine->now,
                                .slot = slot,
                                .known = known,
                                .bytes = bytes};
    return kept;
}

static void take_turn(struct engine *engine, struct player *player, const struct kept_event *kept)
{
    struct turn made = {.kind = TURN_MADE, .player = player, .made = kept};
    fold_cause(engine, engine->turn, made);
}

void announce_finished(struct engine *engine, struct player *player, const struct title *title, uint32_t journey,
                       struct text reason)
{
    enum role role = ROLE_CAMPAIGN_FINISHED;
    if (!engine->role_heard[role] || engine->turn == NULL || engine->failed != OK) return;
    struct announcement what = {
        .role = role, .player = player, .about = title->name, .known = 1, .text = {reason}, .currency = PROGRAM_NONE};
    uint8_t id[16];
    name_finished(id, player, title, journey);
    const struct kept_event *kept = make_event(engine, &what, id);
    if (kept != NULL) take_turn(engine, player, kept);
}

void announce(struct engine *engine, const struct announcement *what)
{
    if (engine->roles[what->role].event == PROGRAM_NONE || engine->turn == NULL || engine->failed != OK) return;
    if (engine->fill != NULL) return;
    uint8_t id[16];
    name_event(id, engine, what);
    const struct kept_event *kept = make_event(engine, what, id);
    if (kept == NULL) return;
    effects_event(engine, what->player, kept, id);
    take_turn(engine, what->player, kept);
}
