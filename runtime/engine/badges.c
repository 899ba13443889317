/* The list of a player's badges. See badges.h. */
#include "runtime/engine/badges.h"

#include <string.h>

#include "runtime/engine/announce.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/property.h"
#include "vm/limits.h"

/* Below zero: `name` comes before the badge's. */
static int compare(struct text name, const struct badge_held *held)
{
    uint32_t common = name.size < held->size ? name.size : held->size;
    int order = common == 0 ? 0 : memcmp(name.at, held->name, common);
    if (order != 0) return order;
    return name.size < held->size ? -1 : name.size > held->size;
}

const struct badge_held *badges_first(const struct player *player)
{
    return parts_of(player, PART_BADGES);
}

const struct badge_held *badges_find(const struct player *player, struct text name)
{
    const struct badge_held *held = badges_first(player);
    while (held != NULL && compare(name, held) > 0) held = held->next;
    return held != NULL && compare(name, held) == 0 ? held : NULL;
}

static struct badge_held *add(struct engine *engine, struct player *player, struct text name, int64_t now)
{
    struct badge_held *before = NULL, *next = parts_of(player, PART_BADGES);
    for (; next != NULL && compare(name, next) > 0; next = next->next) before = next;
    struct badge_held *held = slab_alloc(&state_shard(engine, player->group)->slab, sizeof *held + name.size);
    if (held == NULL) return state_no_memory(engine);
    held->next = next;
    held->at = now;
    held->size = name.size;
    memcpy(held->name, name.at, name.size);
    if (before != NULL)
        before->next = held;
    else if (!parts_put(engine, player, PART_BADGES, held))
        return NULL;
    engine->group[player->group].changed = true;
    return held;
}

bool badges_award(struct engine *engine, struct player *player, struct text name, int64_t now)
{
    if (badges_find(player, name) != NULL || add(engine, player, name, now) == NULL) return false;
    struct announcement announcement = {
        .role = ROLE_BADGE_AWARDED, .player = player, .about = name, .currency = PROGRAM_NONE};
    announce(engine, &announcement);
    property_changed(engine, player);
    return true;
}

static void free_all(struct engine *engine, struct player *player)
{
    struct slab *slab = &state_shard(engine, player->group)->slab;
    struct badge_held *held = parts_of(player, PART_BADGES);
    while (held != NULL) {
        struct badge_held *next = held->next;
        slab_free(slab, held, sizeof *held + held->size);
        held = next;
    }
}

static void encode(const struct engine *engine, const struct player *player, struct buffer *out)
{
    (void)engine;
    for (const struct badge_held *held = badges_first(player); held != NULL; held = held->next) {
        buffer_sized_text(out, text_make(held->name, held->size));
        buffer_i64(out, held->at);
    }
}

static enum status decode(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    const struct badge_held *last = NULL;
    while (in->at < in->size && !in->failed) {
        struct text name = buffer_read_sized_text(in);
        int64_t at = buffer_read_i64(in);
        if (in->failed || name.size == 0 || name.size > LIMIT_STRING_BYTES ||
            (last != NULL && compare(name, last) <= 0))
            return codec_corrupt(error, "badges are out of order");
        last = add(engine, player, name, at);
        if (last == NULL) return codec_no_memory(error);
    }
    return OK;
}

const struct part badges_part = {.name = "badges", .free = free_all, .encode = encode, .decode = decode};
