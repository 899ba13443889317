/*
 * Numbers and keys of players in memory. Contract: runtime/store/keyring.h.
 *
 * Names and keys stand in the order of their numbers; an open addressing table leads from (brand, id) to the number. Looking a
 * player up touches one place of the table and one name: short names lie inside their entry.
 */
#include "runtime/store/keyring.h"

#include "vm/arena.h"
#include "vm/memory.h"
#include "vm/split.h"

enum { INSIDE = 30 };

/* Brand and id, one after the other: inside, or in the arena where they are longer. */
struct name {
    uint8_t brand_size, player_size;
    char bytes[INSIDE]; /* or the pointer to them */
};
_Static_assert(sizeof(struct name) == 32, "two names a cache line");

/* LIVE: its name leads to it. RETIRED: an erasure of the player stands in the log; who comes next under the name is another number.
 * PAST: that erasure was folded. DESTROYED: the key and the name are gone. */
enum state { LIVE, RETIRED, PAST, DESTROYED };

struct keyring {
    struct name *name;
    struct crypto_key *key;
    uint8_t *state;    /* enum state */
    uint32_t *retired; /* Their numbers, in no order. */
    uint32_t retired_count, retired_room;
    uint32_t count, room;
    uint64_t *table; /* hash << 32 | number, 0 is free (number 0 is nobody) */
    uint32_t table_mask;
    uint64_t saved;
    bool loaded; /* number 0 */
    struct arena names;
};

static uint32_t hash_of(struct text brand, struct text player)
{
    return (uint32_t)split_hash64(player.at, player.size,
                                  brand.size == 0 ? 11 : split_hash64(brand.at, brand.size, 11));
}

static void put(struct keyring *keyring, uint32_t hash, uint32_t number)
{
    uint32_t place = hash & keyring->table_mask;
    while (keyring->table[place] != 0) place = (place + 1) & keyring->table_mask;
    keyring->table[place] = (uint64_t)hash << 32 | number;
}

static const char *bytes_of(const struct name *name)
{
    if (name->brand_size + name->player_size <= INSIDE) return name->bytes;
    const char *bytes;
    memcpy(&bytes, name->bytes, sizeof bytes);
    return bytes;
}

static bool name_set(struct keyring *keyring, struct name *name, struct text brand, struct text player)
{
    uint32_t size = brand.size + player.size;
    name->brand_size = (uint8_t)brand.size;
    name->player_size = (uint8_t)player.size;
    char *to = name->bytes;
    if (size > INSIDE) {
        to = arena_alloc(&keyring->names, size);
        if (to == NULL) return false;
        memcpy(name->bytes, &to, sizeof to);
    }
    if (brand.size > 0) memcpy(to, brand.at, brand.size);
    if (player.size > 0) memcpy(to + brand.size, player.at, player.size);
    return true;
}

static bool name_is(const struct name *name, struct text brand, struct text player)
{
    if (name->brand_size != brand.size || name->player_size != player.size) return false;
    const char *bytes = bytes_of(name);
    return (brand.size == 0 || memcmp(bytes, brand.at, brand.size) == 0) &&
           memcmp(bytes + brand.size, player.at, player.size) == 0;
}

static void wipe_keys(struct keyring *keyring)
{
    if (keyring->key != NULL) crypto_wipe(keyring->key, keyring->room * sizeof *keyring->key);
}

static bool grow(struct keyring *keyring, uint32_t wanted)
{
    uint32_t room = keyring->room == 0 ? 64 : keyring->room * 2;
    while (room < wanted) room *= 2;
    struct name *name = memory_alloc_array(room, sizeof *name);
    struct crypto_key *key = memory_alloc_array(room, sizeof *key);
    uint8_t *state = memory_alloc_array(room, sizeof *state);
    uint64_t *table = memory_alloc_array((size_t)room * 2, sizeof *table);
    if (name == NULL || key == NULL || state == NULL || table == NULL) {
        memory_release(name);
        memory_release(key);
        memory_release(state);
        memory_release(table);
        return false;
    }
    if (keyring->count > 0) {
        memcpy(name, keyring->name, keyring->count * sizeof *name);
        memcpy(key, keyring->key, keyring->count * sizeof *key);
        memcpy(state, keyring->state, keyring->count * sizeof *state);
    }
    uint64_t *old = keyring->table;
    uint32_t old_size = keyring->room * 2;
    wipe_keys(keyring);
    memory_release(keyring->name);
    memory_release(keyring->key);
    memory_release(keyring->state);
    keyring->name = name;
    keyring->key = key;
    keyring->state = state;
    keyring->table = table;
    keyring->room = room;
    keyring->table_mask = room * 2 - 1;
    for (uint32_t place = 0; place < old_size; place++) {
        if (old[place] != 0) put(keyring, (uint32_t)(old[place] >> 32), (uint32_t)old[place]);
    }
    memory_release(old);
    return true;
}

/* `hash` is that of the names. */
static enum status add(struct keyring *keyring, struct text brand, struct text player, uint32_t hash,
                       const struct crypto_key *key, struct error *error)
{
    if (keyring->count == UINT32_MAX / 4) return error_set(error, STATUS_LIMIT, "more players than a store can number");
    if (brand.size > UINT8_MAX || player.size > UINT8_MAX)
        return error_set(error, STATUS_LIMIT, "the id of a player is too long");
    if (keyring->count == keyring->room && !grow(keyring, 0)) {
        return error_set(error, STATUS_NO_MEMORY, "no memory for the keys of the players");
    }
    uint32_t number = keyring->count;
    if (!name_set(keyring, &keyring->name[number], brand, player)) {
        return error_set(error, STATUS_NO_MEMORY, "no memory for the names of the players");
    }
    keyring->state[number] = key == NULL ? DESTROYED : LIVE;
    if (key != NULL) keyring->key[number] = *key;
    keyring->count++;
    if (number > 0 && player.size > 0) put(keyring, hash, number);
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
    enum status status = add(keyring, TEXT(""), TEXT(""), 0, &key, error);
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
    wipe_keys(keyring);
    memory_release(keyring->name);
    memory_release(keyring->key);
    memory_release(keyring->state);
    memory_release(keyring->table);
    memory_release(keyring->retired);
    arena_deinit(&keyring->names);
    memory_release(keyring);
}

static uint64_t find(const struct keyring *keyring, struct text brand, struct text player, uint32_t hash)
{
    uint32_t place = hash & keyring->table_mask;
    while (keyring->table[place] != 0) {
        uint64_t found = keyring->table[place];
        if (found >> 32 == hash && keyring->state[(uint32_t)found] == LIVE &&
            name_is(&keyring->name[(uint32_t)found], brand, player))
            return (uint32_t)found;
        place = (place + 1) & keyring->table_mask;
    }
    return 0;
}

uint64_t keyring_find(const struct keyring *keyring, struct text brand, struct text player)
{
    return find(keyring, brand, player, hash_of(brand, player));
}

uint64_t keyring_life(const struct keyring *keyring, struct text brand, struct text player)
{
    uint32_t hash = hash_of(brand, player), place = hash & keyring->table_mask, oldest = 0;
    for (; keyring->table[place] != 0; place = (place + 1) & keyring->table_mask) {
        uint64_t found = keyring->table[place];
        uint32_t number = (uint32_t)found;
        if (found >> 32 != hash || keyring->state[number] > RETIRED) continue;
        if ((oldest == 0 || number < oldest) && name_is(&keyring->name[number], brand, player)) oldest = number;
    }
    return oldest;
}

bool keyring_is_past(const struct keyring *keyring, uint64_t number)
{
    return number < keyring->count && keyring->state[number] >= PAST;
}

uint32_t keyring_hint(const struct keyring *keyring, struct text brand, struct text player)
{
    uint32_t hash = hash_of(brand, player);
    __builtin_prefetch(&keyring->table[hash & keyring->table_mask]);
    return hash;
}

void keyring_hint_name(const struct keyring *keyring, uint32_t hint)
{
    uint32_t place = hint & keyring->table_mask;
    while (keyring->table[place] != 0 && keyring->table[place] >> 32 != hint) place = (place + 1) & keyring->table_mask;
    if (keyring->table[place] != 0) __builtin_prefetch(&keyring->name[(uint32_t)keyring->table[place]]);
}

void keyring_hint_key(const struct keyring *keyring, uint64_t number)
{
    if (number < keyring->count) __builtin_prefetch(&keyring->key[number]);
}

enum status keyring_number(struct keyring *keyring, struct text brand, struct text player, uint64_t *number_out,
                           struct error *error)
{
    if (player.size == 0) {
        *number_out = 0;
        return OK;
    }
    uint32_t hash = hash_of(brand, player);
    uint64_t number = find(keyring, brand, player, hash);
    if (number == 0) {
        struct crypto_key key;
        crypto_random_key(&key);
        enum status status = add(keyring, brand, player, hash, &key, error);
        crypto_wipe(&key, sizeof key);
        if (status != OK) return status;
        number = keyring->count - 1u;
    }
    *number_out = number;
    return OK;
}

const struct crypto_key *keyring_key(const struct keyring *keyring, uint64_t number)
{
    if (number >= keyring->count || keyring->state[number] == DESTROYED) return NULL;
    return &keyring->key[number];
}

bool keyring_name(const struct keyring *keyring, uint64_t number, struct text *brand_out, struct text *player_out)
{
    if (number == 0 || number >= keyring->count || keyring->state[number] == DESTROYED) return false;
    const struct name *name = &keyring->name[number];
    const char *bytes = bytes_of(name);
    *brand_out = (struct text){.at = bytes, .size = name->brand_size};
    *player_out = (struct text){.at = bytes + name->brand_size, .size = name->player_size};
    return true;
}

uint64_t keyring_count(const struct keyring *keyring)
{
    return keyring->count;
}

enum status keyring_load(struct keyring *keyring, struct text brand, struct text player, const struct crypto_key *key,
                         struct error *error)
{
    if (player.size == 0 && !keyring->loaded) {
        if (key == NULL) return error_set(error, STATUS_CORRUPT, "the key of the workspace is missing");
        keyring->key[0] = *key;
        keyring->loaded = true;
        return OK;
    }
    if (player.size == 0 && key == NULL) return add(keyring, brand, player, 0, NULL, error);
    if (player.size == 0) return error_set(error, STATUS_CORRUPT, "the list of players holds a player without an id");
    /* A name that stands twice: the player was erased, and came again before the key was destroyed. */
    uint32_t hash = hash_of(brand, player);
    uint64_t before = key == NULL ? 0 : find(keyring, brand, player, hash);
    if (before != 0) RETURN_IF_FAILED(keyring_retire(keyring, before, error));
    return add(keyring, brand, player, hash, key, error);
}

enum status keyring_expect(struct keyring *keyring, uint64_t count, struct error *error)
{
    if (count <= keyring->room || count > UINT32_MAX / 4) return OK;
    if (grow(keyring, (uint32_t)count)) return OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for the keys of the players");
}

enum status keyring_retire(struct keyring *keyring, uint64_t number, struct error *error)
{
    if (number == 0 || number >= keyring->count || keyring->state[number] != LIVE) return OK;
    if (keyring->retired_count == keyring->retired_room) {
        uint32_t room = keyring->retired_room == 0 ? 16 : keyring->retired_room * 2;
        uint32_t *grown = memory_resize_array(keyring->retired, room, sizeof *grown);
        if (grown == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory for the keys of the players");
        keyring->retired = grown;
        keyring->retired_room = room;
    }
    keyring->retired[keyring->retired_count++] = (uint32_t)number;
    keyring->state[number] = RETIRED;
    return OK;
}

void keyring_revive(struct keyring *keyring, uint64_t number)
{
    if (number == 0 || number >= keyring->count || keyring->state[number] != RETIRED) return;
    keyring->state[number] = LIVE;
    for (uint32_t i = 0; i < keyring->retired_count; i++) {
        if (keyring->retired[i] != number) continue;
        keyring->retired[i] = keyring->retired[--keyring->retired_count];
        return;
    }
}

void keyring_end_life(struct keyring *keyring, uint64_t number)
{
    struct text brand, player;
    if (!keyring_name(keyring, number, &brand, &player)) return;
    for (uint32_t i = 0; i < keyring->retired_count; i++) {
        uint32_t other = keyring->retired[i];
        if (other <= number && name_is(&keyring->name[other], brand, player)) keyring->state[other] = PAST;
    }
}

static void destroy(struct keyring *keyring, uint32_t number)
{
    struct name *name = &keyring->name[number];
    if (name->brand_size + name->player_size > INSIDE) {
        char *bytes;
        memcpy(&bytes, name->bytes, sizeof bytes);
        crypto_wipe(bytes, (size_t)name->brand_size + name->player_size);
    }
    crypto_wipe(name, sizeof *name);
    crypto_wipe(&keyring->key[number], sizeof keyring->key[number]);
    keyring->state[number] = DESTROYED;
}

void keyring_destroy(struct keyring *keyring, uint64_t number, void (*each)(void *context, uint64_t number),
                     void *context)
{
    struct text brand, player;
    if (!keyring_name(keyring, number, &brand, &player)) return;
    char kept[2 * UINT8_MAX];
    if (brand.size > 0) memcpy(kept, brand.at, brand.size);
    if (player.size > 0) memcpy(kept + brand.size, player.at, player.size);
    brand.at = kept;
    player.at = kept + brand.size;
    uint32_t left = 0;
    for (uint32_t i = 0; i < keyring->retired_count; i++) {
        uint32_t other = keyring->retired[i];
        if (other > number || !name_is(&keyring->name[other], brand, player)) {
            keyring->retired[left++] = other;
            continue;
        }
        destroy(keyring, other);
        each(context, other);
    }
    keyring->retired_count = left;
    if (keyring->state[number] == LIVE) {
        destroy(keyring, (uint32_t)number);
        each(context, number);
    }
    crypto_wipe(kept, sizeof kept);
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
