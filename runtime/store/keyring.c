/*
 * Numbers and keys of players in memory. Contract: runtime/store/keyring.h.
 *
 * Entries stand in the order of their numbers; an open addressing table leads from (brand, id) to the entry.
 */
#include "runtime/store/keyring.h"

#include "vm/arena.h"
#include "vm/memory.h"
#include "vm/split.h"

struct entry {
    struct text brand, player;
    struct crypto_key key;
    uint32_t hash;
    bool destroyed;
};

struct keyring {
    struct entry *entry;
    uint32_t count, room;
    uint64_t *table; /* hash << 32 | entry, 0 is free (entry 0 is nobody): most lookups touch one other place */
    uint32_t table_mask;
    uint64_t saved;
    struct arena names;
};

static uint32_t hash_of(struct text brand, struct text player)
{
    return (uint32_t)split_hash64(player.at, player.size, brand.size == 0 ? 11 : split_hash64(brand.at, brand.size, 11));
}

static void put(struct keyring *keyring, uint32_t index)
{
    uint32_t place = keyring->entry[index].hash & keyring->table_mask;
    while (keyring->table[place] != 0) place = (place + 1) & keyring->table_mask;
    keyring->table[place] = (uint64_t)keyring->entry[index].hash << 32 | index;
}

static bool grow(struct keyring *keyring)
{
    uint32_t room = keyring->room == 0 ? 64 : keyring->room * 2;
    struct entry *entry = memory_alloc_array(room, sizeof *entry);
    uint64_t *table = memory_alloc_array((size_t)room * 2, sizeof *table);
    if (entry == NULL || table == NULL) {
        memory_release(entry);
        memory_release(table);
        return false;
    }
    if (keyring->count > 0) memcpy(entry, keyring->entry, keyring->count * sizeof *entry);
    if (keyring->entry != NULL) crypto_wipe(keyring->entry, keyring->room * sizeof *entry);
    memory_release(keyring->entry);
    memory_release(keyring->table);
    keyring->entry = entry;
    keyring->table = table;
    keyring->room = room;
    keyring->table_mask = room * 2 - 1;
    for (uint32_t index = 1; index < keyring->count; index++) put(keyring, index);
    return true;
}

static enum status add(struct keyring *keyring, struct text brand, struct text player, const struct crypto_key *key,
                       struct error *error)
{
    if (keyring->count == UINT32_MAX / 4) return error_set(error, STATUS_LIMIT, "more players than a store can number");
    if (keyring->count == keyring->room && !grow(keyring)) {
        return error_set(error, STATUS_NO_MEMORY, "no memory for the keys of the players");
    }
    struct entry *entry = &keyring->entry[keyring->count];
    *entry = (struct entry){.brand = arena_copy_text(&keyring->names, brand),
                            .player = arena_copy_text(&keyring->names, player),
                            .hash = hash_of(brand, player)};
    if (entry->brand.at == NULL || entry->player.at == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "no memory for the names of the players");
    }
    if (key != NULL) {
        entry->key = *key;
    } else {
        entry->destroyed = true;
    }
    keyring->count++;
    if (keyring->count > 1) put(keyring, keyring->count - 1);
    return OK;
}

enum status keyring_open(struct keyring **out, struct error *error)
{
    RETURN_IF_FAILED(crypto_start(error));
    struct keyring *keyring = memory_alloc(sizeof *keyring);
    if (keyring == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the keys of the players");
    arena_init(&keyring->names, 0);
    struct crypto_key key;
    crypto_random_key(&key);
    enum status status = add(keyring, TEXT(""), TEXT(""), &key, error);
    crypto_wipe(&key, sizeof key);
    if (status != OK) {
        keyring_close(keyring);
        return status;
    }
    *out = keyring;
    return OK;
}

void keyring_close(struct keyring *keyring)
{
    if (keyring == NULL) return;
    if (keyring->entry != NULL) crypto_wipe(keyring->entry, keyring->room * sizeof *keyring->entry);
    memory_release(keyring->entry);
    memory_release(keyring->table);
    arena_deinit(&keyring->names);
    memory_release(keyring);
}

uint64_t keyring_find(const struct keyring *keyring, struct text brand, struct text player)
{
    uint32_t hash = hash_of(brand, player);
    uint32_t place = hash & keyring->table_mask;
    while (keyring->table[place] != 0) {
        uint64_t found = keyring->table[place];
        if (found >> 32 == hash) {
            const struct entry *entry = &keyring->entry[(uint32_t)found];
            if (text_equal(entry->player, player) && text_equal(entry->brand, brand)) return (uint32_t)found;
        }
        place = (place + 1) & keyring->table_mask;
    }
    return 0;
}

enum status keyring_number(struct keyring *keyring, struct text brand, struct text player, uint64_t *number_out,
                           struct error *error)
{
    if (player.size == 0) {
        *number_out = 0;
        return OK;
    }
    uint64_t number = keyring_find(keyring, brand, player);
    if (number == 0) {
        struct crypto_key key;
        crypto_random_key(&key);
        enum status status = add(keyring, brand, player, &key, error);
        crypto_wipe(&key, sizeof key);
        if (status != OK) return status;
        number = keyring->count - 1u;
    }
    *number_out = number;
    return OK;
}

const struct crypto_key *keyring_key(const struct keyring *keyring, uint64_t number)
{
    if (number >= keyring->count || keyring->entry[number].destroyed) return NULL;
    return &keyring->entry[number].key;
}

bool keyring_name(const struct keyring *keyring, uint64_t number, struct text *brand_out, struct text *player_out)
{
    if (number == 0 || number >= keyring->count) return false;
    *brand_out = keyring->entry[number].brand;
    *player_out = keyring->entry[number].player;
    return true;
}

uint64_t keyring_count(const struct keyring *keyring)
{
    return keyring->count;
}

enum status keyring_load(struct keyring *keyring, struct text brand, struct text player, const struct crypto_key *key,
                         struct error *error)
{
    if (player.size == 0 && keyring->count == 1) {
        if (key == NULL) return error_set(error, STATUS_CORRUPT, "the key of the workspace is missing");
        keyring->entry[0].key = *key;
        return OK;
    }
    if (player.size == 0 || keyring_find(keyring, brand, player) != 0) {
        return error_set(error, STATUS_CORRUPT, "the list of players holds a player twice, or one without an id");
    }
    return add(keyring, brand, player, key, error);
}

uint64_t keyring_saved(const struct keyring *keyring)
{
    return keyring->saved;
}

void keyring_set_saved(struct keyring *keyring, uint64_t count)
{
    INVARIANT(count <= keyring->count);
    keyring->saved = count;
}
