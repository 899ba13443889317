/* Links between players. See persons.h.
 *
 *   of a player:       hash:16
 *   of a key group:    count:32  count x [ hash:16  brand  id (size:32 and bytes each) ], by hash, then in the order of players
 */
#include "runtime/engine/persons.h"

#include "runtime/engine/codec.h"
#include "vm/memory.h"

#define HASH_SIZE 16u

/* A player of a person. The names follow it: brand, then id. */
struct link {
    uint8_t person[HASH_SIZE];
    uint8_t brand_size, id_size;
    char name[];
};

struct link_list {
    struct link **link; /* Sorted. */
    uint32_t count, capacity;
};

struct persons {
    struct link_list group[RECORD_GROUPS];
};

static struct slab *slab_of(struct engine *engine, const struct player *player)
{
    return &state_shard(engine, player->group)->slab;
}

static struct text brand_of(const struct link *link)
{
    return text_make(link->name, link->brand_size);
}

static struct text id_of(const struct link *link)
{
    return text_make(link->name + link->brand_size, link->id_size);
}

/* The key group that is the home of the person. */
static uint16_t home_of(const uint8_t person[HASH_SIZE])
{
    return (uint16_t)(buffer_load_u64(person) % RECORD_GROUPS);
}

static void hash_person(const struct engine *engine, struct text person, uint8_t out[HASH_SIZE])
{
    uint8_t bytes[1 + 64] = {'g'};
    INVARIANT(person.size > 0 && person.size <= 64);
    memcpy(bytes + 1, person.at, person.size);
    struct crypto_id id = crypto_keyed128(bytes, 1 + person.size, &engine->suppress_key);
    memcpy(out, id.bytes, HASH_SIZE);
}

/* ---------------------------------------------------------------- the players of a person */

static int compare_link(const struct link *link, const uint8_t person[HASH_SIZE], struct text brand, struct text id)
{
    int order = memcmp(link->person, person, HASH_SIZE);
    return order != 0 ? order : state_compare_players(id_of(link), brand_of(link), id, brand);
}

/* Where this player of the person stands, or would stand. */
static uint32_t place_of(const struct link_list *list, const uint8_t person[HASH_SIZE], struct text brand,
                         struct text id)
{
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_link(list->link[middle], person, brand, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct link_list *list_of(const struct engine *engine, const uint8_t person[HASH_SIZE])
{
    struct persons *persons = engine->shared_part[PART_PERSONS];
    return persons == NULL ? NULL : &persons->group[home_of(person)];
}

static bool add_link(struct engine *engine, const uint8_t person[HASH_SIZE], struct text brand, struct text id)
{
    INVARIANT(brand.size <= UINT8_MAX && id.size <= UINT8_MAX);
    if (engine->shared_part[PART_PERSONS] == NULL)
        engine->shared_part[PART_PERSONS] = memory_alloc(sizeof(struct persons));
    struct link_list *list = list_of(engine, person);
    if (list == NULL) return false;
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        struct link **grown = memory_resize_array(list->link, capacity, sizeof(struct link *));
        if (grown == NULL) return false;
        list->link = grown;
        list->capacity = capacity;
    }
    struct link *link = memory_alloc(sizeof *link + brand.size + id.size);
    if (link == NULL) return false;
    memcpy(link->person, person, HASH_SIZE);
    link->brand_size = (uint8_t)brand.size;
    link->id_size = (uint8_t)id.size;
    if (brand.size > 0) memcpy(link->name, brand.at, brand.size);
    if (id.size > 0) memcpy(link->name + brand.size, id.at, id.size);
    uint32_t at = place_of(list, person, brand, id);
    memmove(list->link + at + 1, list->link + at, (list->count - at) * sizeof(struct link *));
    list->link[at] = link;
    list->count++;
    engine->group[home_of(person)].changed = true;
    return true;
}

static void drop_link(struct engine *engine, const uint8_t person[HASH_SIZE], struct text brand, struct text id)
{
    struct link_list *list = list_of(engine, person);
    if (list == NULL) return;
    uint32_t at = place_of(list, person, brand, id);
    if (at == list->count || compare_link(list->link[at], person, brand, id) != 0) return;
    memory_release(list->link[at]);
    memmove(list->link + at, list->link + at + 1, (list->count - at - 1) * sizeof(struct link *));
    list->count--;
    engine->group[home_of(person)].changed = true;
}

/* How many players the person has, and where they begin. */
static uint32_t count_links(const struct link_list *list, const uint8_t person[HASH_SIZE], uint32_t *first)
{
    *first = place_of(list, person, TEXT(""), TEXT(""));
    uint32_t count = 0;
    while (*first + count < list->count && memcmp(list->link[*first + count]->person, person, HASH_SIZE) == 0) count++;
    return count;
}

/* ---------------------------------------------------------------- for records.c */

void persons_forget(struct engine *engine, struct player *player)
{
    uint8_t *person = parts_of(player, PART_PERSONS);
    if (person == NULL) return;
    drop_link(engine, person, state_player_brand(player), state_player_id(player));
    slab_free(slab_of(engine, player), person, HASH_SIZE);
    bool taken = parts_put(engine, player, PART_PERSONS, NULL);
    INVARIANT(taken); /* Something stood there, so there is room. */
}

enum persons_answer persons_link(struct engine *engine, struct player *player, struct text person)
{
    uint8_t hash[HASH_SIZE];
    const uint8_t *before = parts_of(player, PART_PERSONS);
    if (person.size == 0) {
        bool linked = before != NULL;
        persons_forget(engine, player);
        return linked ? PERSONS_CHANGED : PERSONS_UNCHANGED;
    }
    hash_person(engine, person, hash);
    if (before != NULL && memcmp(before, hash, HASH_SIZE) == 0) return PERSONS_UNCHANGED;
    const struct link_list *list = list_of(engine, hash);
    uint32_t first;
    if (list != NULL && count_links(list, hash, &first) >= LIMIT_PLAYERS_PER_PERSON) return PERSONS_FULL;
    persons_forget(engine, player);
    uint8_t *kept = slab_alloc(slab_of(engine, player), HASH_SIZE);
    if (kept == NULL || !add_link(engine, hash, state_player_brand(player), state_player_id(player))) {
        (void)state_no_memory(engine);
        return PERSONS_UNCHANGED;
    }
    memcpy(kept, hash, HASH_SIZE);
    return parts_put(engine, player, PART_PERSONS, kept) ? PERSONS_CHANGED : PERSONS_UNCHANGED;
}

struct persons_list persons_of(struct engine *engine, const struct player *player)
{
    struct persons_list out = {NULL, 0};
    const uint8_t *person = parts_of(player, PART_PERSONS);
    const struct link_list *list = person == NULL ? NULL : list_of(engine, person);
    if (list == NULL) return out;
    uint32_t first = 0, count = count_links(list, person, &first);
    out.player = ARENA_ARRAY(&engine->instant, struct player *, count + 1);
    if (out.player == NULL) {
        (void)state_no_memory(engine);
        return out;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct text brand = brand_of(list->link[first + i]), id = id_of(list->link[first + i]);
        struct player *found = state_find_player(engine, record_group(brand, id), brand, id);
        if (found != NULL) out.player[out.count++] = found;
    }
    return out;
}

/* ---------------------------------------------------------------- the part */

static void free_player(struct engine *engine, struct player *player)
{
    slab_free(slab_of(engine, player), parts_of(player, PART_PERSONS), HASH_SIZE);
}

static void encode(const struct engine *engine, const struct player *player, struct buffer *out)
{
    (void)engine;
    buffer_append(out, parts_of(player, PART_PERSONS), HASH_SIZE);
}

static enum status decode(struct engine *engine, struct player *player, struct buffer_reader *in, struct error *error)
{
    const unsigned char *person = buffer_read_bytes(in, HASH_SIZE);
    if (person == NULL) return codec_corrupt(error, "a player's person is cut off");
    uint8_t *kept = slab_alloc(slab_of(engine, player), HASH_SIZE);
    if (kept == NULL) return codec_no_memory(error);
    memcpy(kept, person, HASH_SIZE);
    return parts_put(engine, player, PART_PERSONS, kept) ? OK : codec_no_memory(error);
}

static void free_shared(struct engine *engine)
{
    struct persons *persons = engine->shared_part[PART_PERSONS];
    if (persons == NULL) return;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) {
        for (uint32_t j = 0; j < persons->group[i].count; j++) memory_release(persons->group[i].link[j]);
        memory_release(persons->group[i].link);
    }
    memory_release(persons);
    engine->shared_part[PART_PERSONS] = NULL;
}

static void encode_group(const struct engine *engine, uint16_t group, struct buffer *out)
{
    const struct persons *persons = engine->shared_part[PART_PERSONS];
    if (persons == NULL || persons->group[group].count == 0) return;
    const struct link_list *list = &persons->group[group];
    buffer_u32(out, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        buffer_append(out, list->link[i]->person, HASH_SIZE);
        buffer_sized_text(out, brand_of(list->link[i]));
        buffer_sized_text(out, id_of(list->link[i]));
    }
}

static enum status decode_group(struct engine *engine, uint16_t group, struct buffer_reader *in, struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    if (count == 0) return codec_corrupt(error, "a key group has persons without players");
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *person = buffer_read_bytes(in, HASH_SIZE);
        struct text brand = buffer_read_sized_text(in), id = buffer_read_sized_text(in);
        if (person == NULL || in->failed) return codec_corrupt(error, "the players of a person are cut off");
        bool sound = home_of(person) == group && id.size > 0 && id.size <= 64 && brand.size <= 64;
        const struct link_list *list = sound ? list_of(engine, person) : NULL;
        bool rises =
            list == NULL || list->count == 0 || compare_link(list->link[list->count - 1], person, brand, id) < 0;
        if (!sound || !rises) return codec_corrupt(error, "the players of a person are out of order");
        if (!add_link(engine, person, brand, id)) return codec_no_memory(error);
    }
    return OK;
}

const struct part persons_part = {.name = "persons",
                                  .free = free_player,
                                  .encode = encode,
                                  .decode = decode,
                                  .free_shared = free_shared,
                                  .encode_group = encode_group,
                                  .decode_group = decode_group};
