/* Keys of entries. Contract: keys.h. */
#include "runtime/engine/keys.h"

#include "runtime/engine/programs.h"

/* The value of a campaign's n-th key of the newest program; empty where it is not known. */
static struct text value_of(const struct engine *engine, const struct player *player, uint32_t campaign, uint32_t n)
{
    const struct program *program = &engine->newest->program;
    uint32_t slot = program->attribute[program->key[program->campaign[campaign].key_first + n].attribute].slot;
    const uint64_t *known = state_known_words(player, program->workspace->player_slot_count);
    if (((known[slot / 64] >> (slot % 64)) & 1) == 0) return (struct text){"", 0};
    int64_t handle = player->slot[slot];
    const uint8_t *bytes = handle_bank(handle) == BANK_PLAYER ? player->bytes : program->bytes;
    return text_make((const char *)bytes + handle_offset(handle), handle_size(handle));
}

static struct dedupe_entry entry_of(const struct engine *engine, uint32_t campaign, uint32_t n, struct text value)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_campaign *record = &program->campaign[campaign];
    struct text name = program_text(program, record->name);
    struct text attribute =
        program_text(program, program->attribute[program->key[record->key_first + n].attribute].name);
    char scope[255];
    INVARIANT(name.size + 1 + attribute.size <= sizeof scope);
    memcpy(scope, name.at, name.size);
    scope[name.size] = '\0'; /* in no name */
    memcpy(scope + name.size + 1, attribute.at, attribute.size);
    struct dedupe_entry entry = dedupe_hash(engine->id_key, text_make(scope, name.size + 1 + attribute.size), value);
    entry.until = INT64_MAX;
    return entry;
}

bool keys_missing(const struct engine *engine, const struct player *player, uint32_t campaign)
{
    const struct bundle_campaign *record = &engine->newest->program.campaign[campaign];
    for (uint32_t i = 0; i < record->key_count && record->keys_needed; i++) {
        if (value_of(engine, player, campaign, i).size == 0) return true;
    }
    return false;
}

bool keys_used(const struct engine *engine, const struct player *player, uint32_t campaign)
{
    for (uint32_t i = 0; i < engine->newest->program.campaign[campaign].key_count; i++) {
        struct text value = value_of(engine, player, campaign, i);
        if (value.size == 0) continue;
        struct dedupe_entry entry = entry_of(engine, campaign, i, value);
        if (dedupe_holds(&engine->group[entry.low % RECORD_GROUPS].keys, entry, engine->now)) return true;
    }
    return false;
}

void keys_take(struct engine *engine, const struct player *player, uint32_t campaign)
{
    for (uint32_t i = 0; i < engine->newest->program.campaign[campaign].key_count; i++) {
        struct text value = value_of(engine, player, campaign, i);
        if (value.size == 0) continue;
        struct dedupe_entry entry = entry_of(engine, campaign, i, value);
        struct group *group = &engine->group[entry.low % RECORD_GROUPS];
        if (dedupe_add(&group->keys, entry, engine->now) == DEDUPE_NO_MEMORY) (void)state_no_memory(engine);
        group->changed = true;
    }
}
