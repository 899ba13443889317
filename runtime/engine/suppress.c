/* See suppress.h.
 *
 *   entry of a group's table:  low, high: the hash | content: bit 63 suppressed, bits 0 to 31 lives | until: for ever
 */
#include "runtime/engine/suppress.h"

#include "runtime/engine/programs.h"

#define SUPPRESSED (UINT64_C(1) << 63)
#define LIVES      UINT64_C(0xFFFFFFFF)

static struct dedupe_entry entry_of(const uint8_t hash[16])
{
    struct dedupe_entry entry = {.low = buffer_load_u64(hash), .high = buffer_load_u64(hash + 8), .until = STATE_NEVER};
    if (entry.low == 0 && entry.high == 0) entry.high = 1;
    return entry;
}

static struct dedupe_entry player_entry(const struct engine *engine, struct text brand, struct text player)
{
    uint8_t bytes[2 + 2 * 255] = {'p'};
    size_t size = 2;
    INVARIANT(brand.size <= 255 && player.size <= 255);
    bytes[1] = (uint8_t)brand.size;
    if (brand.size > 0) memcpy(bytes + size, brand.at, brand.size);
    size += brand.size;
    if (player.size > 0) memcpy(bytes + size, player.at, player.size);
    struct crypto_id id = crypto_keyed128(bytes, size + player.size, &engine->suppress_key);
    return entry_of(id.bytes);
}

/* ---------------------------------------------------------------- the tables */

static struct dedupe_entry *find(const struct engine *engine, struct dedupe_entry entry)
{
    return dedupe_find(&engine->group[entry.low % RECORD_GROUPS].suppressed, entry, INT64_MIN);
}

static void set(struct engine *engine, struct dedupe_entry entry, bool suppressed, uint32_t more_lives)
{
    struct group *group = &engine->group[entry.low % RECORD_GROUPS];
    struct dedupe_entry *known = find(engine, entry);
    if (known == NULL) {
        if (!suppressed) return;
        entry.content = 0;
        if (dedupe_add(&group->suppressed, entry, INT64_MIN) == DEDUPE_NO_MEMORY) {
            (void)state_no_memory(engine);
            return;
        }
        engine->suppressed_count++;
        known = find(engine, entry);
    }
    uint64_t lives = (known->content & LIVES) + more_lives;
    known->content = (suppressed ? SUPPRESSED : 0) | (lives > LIVES ? LIVES : lives);
    group->changed = true;
    engine->suppress_serial++;
}

static bool is_suppressed(const struct engine *engine, struct dedupe_entry entry)
{
    const struct dedupe_entry *known = find(engine, entry);
    return known != NULL && (known->content & SUPPRESSED) != 0;
}

uint32_t suppress_life(const struct engine *engine, struct text brand, struct text player)
{
    if (engine->suppressed_count == 0) return 0;
    const struct dedupe_entry *known = find(engine, player_entry(engine, brand, player));
    return known == NULL ? 0 : (uint32_t)(known->content & LIVES);
}

/* ---------------------------------------------------------------- players */

/* Contact values that are known of the player: calls `each` for their hashes until it says true. */
static bool any_contact(struct engine *engine, const struct player *player,
                        bool (*each)(struct engine *engine, struct dedupe_entry entry))
{
    const struct program *program = &engine->newest->program;
    const uint64_t *known = state_known_words(player, program->workspace->player_slot_count);
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (attribute->privacy != FIELD_CONTACT || attribute->kind != TYPE_TEXT ||
            !((known[attribute->slot / 64] >> (attribute->slot % 64)) & 1))
            continue;
        int64_t value = player->slot[attribute->slot];
        if (handle_bank(value) != BANK_PLAYER) continue; /* A default is nobody's. */
        uint8_t hash[16];
        struct text text = text_make((const char *)player->bytes + handle_offset(value), handle_size(value));
        if (contact_hash(hash, &engine->suppress_key, text) && each(engine, entry_of(hash))) return true;
    }
    return false;
}

static bool asks(struct engine *engine, struct dedupe_entry entry)
{
    return is_suppressed(engine, entry);
}

static bool sets(struct engine *engine, struct dedupe_entry entry)
{
    set(engine, entry, true, 0);
    return false;
}

static bool clears(struct engine *engine, struct dedupe_entry entry)
{
    set(engine, entry, false, 0);
    return false;
}

bool suppress_holds(struct engine *engine, const struct player *whom)
{
    if (engine->suppressed_count == 0) return false;
    struct player *player = (struct player *)(uintptr_t)whom; /* What is kept with him is no state. */
    if (player->suppress_seen == engine->suppress_serial) return player->suppressed;
    player->suppressed =
        is_suppressed(engine, player_entry(engine, state_player_brand(player), state_player_id(player))) ||
        any_contact(engine, player, asks);
    player->suppress_seen = engine->suppress_serial;
    return player->suppressed;
}

bool suppress_names(const struct engine *engine, struct text brand, struct text player)
{
    return is_suppressed(engine, player_entry(engine, brand, player));
}

void suppress_touch(struct player *player)
{
    player->suppress_seen = 0;
}

void suppress_erased(struct engine *engine, struct text brand, struct text id, const struct player *player)
{
    set(engine, player_entry(engine, brand, id), true, 1);
    if (player != NULL) (void)any_contact(engine, player, sets);
}

void suppress_record(struct engine *engine, const struct record *record)
{
    bool on = record->kind == RECORD_SUPPRESS;
    if (record->player.size == 0) {
        set(engine, entry_of(record->effect), on, 0);
        return;
    }
    set(engine, player_entry(engine, record->brand, record->player), on, 0);
    const struct player *player = state_find_player(engine, record->group, record->brand, record->player);
    if (player != NULL) (void)any_contact(engine, player, on ? sets : clears);
}
