/* The list of parts, and what the rest of the engine does with all of them. See parts.h. */
#include "runtime/engine/parts.h"

#include "runtime/engine/answers.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/codes.h"
#include "runtime/engine/badges.h"
#include "runtime/engine/bonus.h"
#include "runtime/engine/experiment.h"
#include "runtime/engine/missions.h"
#include "runtime/engine/persons.h"
#include "runtime/engine/settlement.h"
#include "runtime/engine/card.h"
#include "runtime/engine/points.h"
#include "vm/memory.h"

/* To add a part: its number in parts.h and its row here. */
_Static_assert((uint32_t)PART_COUNT == STATE_PARTS, "a player has a place for each part");

/* clang-format off */
static const struct part *const parts[PART_COUNT] = {
    [PART_ANSWERS] = &answers_part,
    [PART_REWARDS] = &bonus_part,
    [PART_CODES] = &codes_part,
    [PART_CARDS] = &card_part,
    [PART_BOARDS] = &settlement_part,
    [PART_POINTS] = &points_part,
    [PART_MISSIONS] = &missions_part,
    [PART_BADGES] = &badges_part,
    [PART_EXPERIMENTS] = &experiment_part,
    [PART_PERSONS] = &persons_part,
};
/* clang-format on */

bool parts_put(struct engine *engine, struct player *player, enum part_number number, void *block)
{
    engine->group[player->group].changed = true;
    if (player->parts == NULL) {
        if (block == NULL) return true;
        player->parts = slab_alloc(&state_shard(engine, player->group)->slab, sizeof *player->parts);
        if (player->parts == NULL) {
            (void)state_no_memory(engine);
            return false;
        }
        player->parts->due = STATE_NEVER;
    }
    player->parts->part[number] = block;
    return true;
}

int64_t parts_due(const struct engine *engine, const struct player *player)
{
    int64_t due = STATE_NEVER;
    for (uint32_t i = 0; player->parts != NULL && i < PART_COUNT; i++) {
        if (player->parts->part[i] == NULL || parts[i] == NULL || parts[i]->due == NULL) continue;
        int64_t own = parts[i]->due(engine, player);
        if (own < due) due = own;
    }
    return due;
}

void parts_arm(struct engine *engine, struct player *player)
{
    engine->group[player->group].changed = true;
    if (player->parts != NULL) player->parts->due = parts_due(engine, player);
    state_arm_player(engine, player);
}

void parts_collect(struct engine *engine, struct player *player, int64_t now,
                   void (*add)(struct engine *engine, struct player *player, enum part_number number, int64_t due))
{
    if (player->parts == NULL || player->parts->due > now) return;
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (player->parts->part[i] == NULL || parts[i] == NULL || parts[i]->due == NULL) continue;
        int64_t due = parts[i]->due(engine, player);
        if (due <= now) add(engine, player, (enum part_number)i, due);
    }
}

void parts_fire(struct engine *engine, const struct turn *turn)
{
    struct player *player = turn->player;
    const struct part *part = parts[turn->number];
    if (player->parts == NULL || player->parts->part[turn->number] == NULL) return;
    engine->group[player->group].changed = true;
    if (part->due(engine, player) <= turn->due) part->fire(engine, turn, player);
    if (player->parts != NULL) player->parts->due = parts_due(engine, player);
}

void parts_event(struct engine *engine, const struct turn *turn, struct player *player, const struct kept_event *event)
{
    uint32_t hearers = engine->hearers[event->event];
    if (hearers == 0) return;
    for (uint32_t i = 0; i < PART_COUNT && engine->failed == OK; i++) {
        if ((hearers >> i) & 1) parts[i]->event(engine, turn, player, event);
    }
    if (player->parts != NULL) player->parts->due = parts_due(engine, player);
}

void parts_free_player(struct engine *engine, struct player *player)
{
    if (player->parts == NULL) return;
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (player->parts->part[i] != NULL && parts[i] != NULL) parts[i]->free(engine, player);
    }
    slab_free(&state_shard(engine, player->group)->slab, player->parts, sizeof *player->parts);
    player->parts = NULL;
}

void parts_free_shared(struct engine *engine)
{
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (parts[i] != NULL && parts[i]->free_shared != NULL) parts[i]->free_shared(engine);
    }
}

/* ---------------------------------------------------------------- checkpoints */

#define END_OF_PARTS 0xFFu

static void put_part(struct buffer *out, struct buffer *own, uint32_t number)
{
    if (own->size == 0 && buffer_ok(own)) return;
    buffer_u8(out, (uint8_t)number);
    buffer_sized_text(out, buffer_as_text(own));
    if (!buffer_ok(own)) out->failed = true;
}

void parts_encode_player(const struct engine *engine, const struct player *player, struct buffer *out)
{
    struct buffer own = BUFFER_EMPTY;
    for (uint32_t i = 0; player->parts != NULL && i < PART_COUNT; i++) {
        if (player->parts->part[i] == NULL || parts[i] == NULL) continue;
        buffer_clear(&own);
        parts[i]->encode(engine, player, &own);
        put_part(out, &own, i);
    }
    buffer_u8(out, END_OF_PARTS);
    buffer_deinit(&own);
}

void parts_encode_shared(const struct engine *engine, struct buffer *out)
{
    struct buffer own = BUFFER_EMPTY;
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (parts[i] == NULL || parts[i]->encode_shared == NULL) continue;
        buffer_clear(&own);
        parts[i]->encode_shared(engine, &own);
        put_part(out, &own, i);
    }
    buffer_u8(out, END_OF_PARTS);
    buffer_deinit(&own);
}

void parts_encode_group(const struct engine *engine, uint16_t group, struct buffer *out)
{
    struct buffer own = BUFFER_EMPTY;
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (parts[i] == NULL || parts[i]->encode_group == NULL) continue;
        buffer_clear(&own);
        parts[i]->encode_group(engine, group, &own);
        put_part(out, &own, i);
    }
    if (out->size > 0) buffer_u8(out, END_OF_PARTS);
    buffer_deinit(&own);
}

/* Whose bytes are read. */
enum home { HOME_PLAYER, HOME_SHARED, HOME_GROUP };

static bool has_home(const struct part *part, enum home home)
{
    if (home == HOME_SHARED) return part->decode_shared != NULL;
    return home == HOME_GROUP ? part->decode_group != NULL : part->decode != NULL;
}

/* The next part's number and bytes; END_OF_PARTS behind the last. Numbers rise. */
static enum status next_part(struct buffer_reader *in, uint32_t *number, struct buffer_reader *own, enum home home,
                             struct error *error)
{
    uint32_t before = *number;
    *number = buffer_read_u8(in);
    if (in->failed) return codec_corrupt(error, "its parts are cut off");
    if (*number == END_OF_PARTS) return OK;
    bool known = *number < PART_COUNT && parts[*number] != NULL && (before == END_OF_PARTS || *number > before);
    if (!known || !has_home(parts[*number], home)) return codec_corrupt(error, "it has an unknown part");
    *own = buffer_read_part(in);
    if (in->failed)
        return error_set(error, STATUS_CORRUPT, "the checkpoint is damaged: its %s are cut off", parts[*number]->name);
    return OK;
}

static enum status all_read(const struct buffer_reader *own, uint32_t number, struct error *error)
{
    if (!own->failed && own->at == own->size) return OK;
    return error_set(error, STATUS_CORRUPT, "the checkpoint is damaged: its %s have bytes too few or too many",
                     parts[number]->name);
}

enum status parts_decode_player(struct engine *engine, struct player *player, struct buffer_reader *in,
                                struct error *error)
{
    uint32_t number = END_OF_PARTS;
    for (;;) {
        struct buffer_reader own;
        RETURN_IF_FAILED(next_part(in, &number, &own, HOME_PLAYER, error));
        if (number == END_OF_PARTS) break;
        RETURN_IF_FAILED(parts[number]->decode(engine, player, &own, error));
        RETURN_IF_FAILED(all_read(&own, number, error));
    }
    if (player->parts != NULL) player->parts->due = parts_due(engine, player);
    return OK;
}

enum status parts_decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    uint32_t number = END_OF_PARTS;
    for (;;) {
        struct buffer_reader own;
        RETURN_IF_FAILED(next_part(in, &number, &own, HOME_SHARED, error));
        if (number == END_OF_PARTS) return OK;
        RETURN_IF_FAILED(parts[number]->decode_shared(engine, &own, error));
        RETURN_IF_FAILED(all_read(&own, number, error));
    }
}

enum status parts_decode_group(struct engine *engine, uint16_t group, struct buffer_reader *in, struct error *error)
{
    if (in->size == 0) return OK;
    uint32_t number = END_OF_PARTS;
    for (;;) {
        struct buffer_reader own;
        RETURN_IF_FAILED(next_part(in, &number, &own, HOME_GROUP, error));
        if (number == END_OF_PARTS) break;
        RETURN_IF_FAILED(parts[number]->decode_group(engine, group, &own, error));
        RETURN_IF_FAILED(all_read(&own, number, error));
    }
    if (in->at == in->size) return OK;
    return codec_corrupt(error, "the parts of a key group have bytes too many");
}

enum status parts_decoded(struct engine *engine, struct error *error)
{
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (parts[i] != NULL && parts[i]->decoded != NULL) RETURN_IF_FAILED(parts[i]->decoded(engine, error));
    }
    return OK;
}

bool parts_link(struct engine *engine)
{
    const struct program *program = &engine->newest->program;
    uint16_t *hearers = memory_resize_array(engine->hearers, program->event_count + 1, sizeof *hearers);
    if (hearers == NULL) return false;
    engine->hearers = hearers;
    for (uint32_t i = 0; i < PART_COUNT; i++) {
        if (parts[i] != NULL && parts[i]->linked != NULL && !parts[i]->linked(engine)) return false;
    }
    engine->reads_properties = false;
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        for (uint32_t i = 0; i < use->program.metric_count; i++)
            engine->reads_properties = engine->reads_properties || use->program.metric[i].property != PROPERTY_NONE;
    }
    for (uint32_t event = 0; event < program->event_count; event++) {
        hearers[event] = 0;
        for (uint32_t i = 0; i < PART_COUNT; i++) {
            if (parts[i] != NULL && parts[i]->hears != NULL && parts[i]->hears(engine, event))
                hearers[event] |= (uint16_t)(1u << i);
        }
    }
    return true;
}
