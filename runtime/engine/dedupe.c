/* Open addressing with linear probing. See dedupe.h. */
#include "runtime/engine/dedupe.h"

#include <stdlib.h>

#include "vm/memory.h"

void dedupe_deinit(struct dedupe_table *table)
{
    memory_release(table->entry);
    *table = (struct dedupe_table){0};
}

struct dedupe_entry dedupe_hash(const uint8_t key[CRYPTO_SIP_KEY_SIZE], struct text source, struct text id)
{
    /* Length-prefixed, so no two pairs share bytes. */
    uint8_t bytes[1 + 255 + 1024];
    size_t size = 0;
    uint32_t source_size = source.size < 255 ? source.size : 255;
    uint32_t id_size = id.size < 1024 ? id.size : 1024;
    bytes[size++] = (uint8_t)source_size;
    if (source_size > 0) memcpy(bytes + size, source.at, source_size);
    size += source_size;
    if (id_size > 0) memcpy(bytes + size, id.at, id_size);
    size += id_size;
    struct crypto_id hash = crypto_siphash128(bytes, size, key);
    struct dedupe_entry entry = {.low = buffer_load_u64(hash.bytes), .high = buffer_load_u64(hash.bytes + 8)};
    if (entry.low == 0 && entry.high == 0) entry.high = 1;
    return entry;
}

static bool is_free(const struct dedupe_entry *entry)
{
    return entry->low == 0 && entry->high == 0;
}

/* The low 12 bits are the group, the same for the whole table: probe by the bits above. */
static uint32_t first_place(const struct dedupe_table *table, uint64_t low)
{
    return (uint32_t)(low >> 12) & (table->capacity - 1);
}

void dedupe_prefetch(const struct dedupe_table *table, uint64_t low)
{
    if (table->capacity > 0) __builtin_prefetch(&table->entry[first_place(table, low)]);
}

static struct dedupe_entry *find(const struct dedupe_table *table, uint64_t low, uint64_t high)
{
    uint32_t place = first_place(table, low);
    while (!is_free(&table->entry[place])) {
        if (table->entry[place].low == low && table->entry[place].high == high) break;
        place = (place + 1) & (table->capacity - 1);
    }
    return &table->entry[place];
}

bool dedupe_holds(const struct dedupe_table *table, struct dedupe_entry entry, int64_t now)
{
    return dedupe_find(table, entry, now) != NULL;
}

struct dedupe_entry *dedupe_find(const struct dedupe_table *table, struct dedupe_entry entry, int64_t now)
{
    if (table->capacity == 0) return NULL;
    struct dedupe_entry *place = find(table, entry.low, entry.high);
    return !is_free(place) && place->until >= now ? place : NULL;
}

/* Makes room for one more, dropping what has expired. */
static bool make_room(struct dedupe_table *table, int64_t now)
{
    if (table->capacity != 0 && (table->count + 1) * 4 <= table->capacity * 3) return true;
    uint32_t live = 0;
    for (uint32_t i = 0; i < table->capacity; i++) live += !is_free(&table->entry[i]) && table->entry[i].until >= now;
    struct dedupe_table grown = {.capacity = 16};
    while (grown.capacity < (live + 1) * 2) grown.capacity *= 2;
    grown.entry = memory_alloc_array(grown.capacity, sizeof *grown.entry);
    if (grown.entry == NULL) return false;
    for (uint32_t i = 0; i < table->capacity; i++) {
        const struct dedupe_entry *entry = &table->entry[i];
        if (is_free(entry) || entry->until < now) continue;
        *find(&grown, entry->low, entry->high) = *entry;
        grown.count++;
    }
    memory_release(table->entry);
    *table = grown;
    return true;
}

enum dedupe_answer dedupe_add(struct dedupe_table *table, struct dedupe_entry entry, int64_t now)
{
    if (!make_room(table, now)) return DEDUPE_NO_MEMORY;
    struct dedupe_entry *place = find(table, entry.low, entry.high);
    if (!is_free(place)) {
        if (place->until >= now) return place->content == entry.content ? DEDUPE_SAME : DEDUPE_REUSED;
        table->count--;
    }
    *place = entry;
    table->count++;
    return DEDUPE_NEW;
}

void dedupe_extend(struct dedupe_table *table, struct dedupe_entry entry, int64_t until)
{
    if (table->capacity == 0) return;
    struct dedupe_entry *place = find(table, entry.low, entry.high);
    if (!is_free(place) && place->until < until) place->until = until;
}

static int compare(const void *left, const void *right)
{
    const struct dedupe_entry *a = left, *b = right;
    if (a->low != b->low) return a->low < b->low ? -1 : 1;
    if (a->high != b->high) return a->high < b->high ? -1 : 1;
    return 0;
}

void dedupe_prolong(struct dedupe_table *table, int64_t by, int64_t now)
{
    for (uint32_t i = 0; i < table->capacity; i++) {
        struct dedupe_entry *entry = &table->entry[i];
        if (!is_free(entry) && entry->until >= now) entry->until += by;
    }
}

bool dedupe_any(const struct dedupe_table *table, int64_t now)
{
    for (uint32_t i = 0; i < table->capacity && table->count > 0; i++) {
        if (!is_free(&table->entry[i]) && table->entry[i].until >= now) return true;
    }
    return false;
}

void dedupe_encode(const struct dedupe_table *table, int64_t now, struct buffer *out)
{
    struct dedupe_entry *live = memory_alloc_array(table->count == 0 ? 1 : table->count, sizeof *live);
    if (live == NULL) {
        out->failed = true;
        return;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->capacity; i++) {
        if (!is_free(&table->entry[i]) && table->entry[i].until >= now) live[count++] = table->entry[i];
    }
    qsort(live, count, sizeof *live, compare);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        buffer_u64(out, live[i].low);
        buffer_u64(out, live[i].high);
        buffer_u64(out, live[i].content);
        buffer_i64(out, live[i].until);
    }
    memory_release(live);
}

enum status dedupe_decode(struct dedupe_table *table, struct buffer_reader *reader, struct error *error)
{
    uint32_t count = buffer_read_u32(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        struct dedupe_entry entry = {0};
        entry.low = buffer_read_u64(reader);
        entry.high = buffer_read_u64(reader);
        entry.content = buffer_read_u64(reader);
        entry.until = buffer_read_i64(reader);
        if (is_free(&entry)) return error_set(error, STATUS_CORRUPT, "an id or key in the checkpoint is empty");
        enum dedupe_answer answer = dedupe_add(table, entry, INT64_MIN);
        if (answer == DEDUPE_NO_MEMORY) return error_set(error, STATUS_NO_MEMORY, "no memory for ids and keys");
        if (answer != DEDUPE_NEW)
            return error_set(error, STATUS_CORRUPT, "an id or key stands twice in the checkpoint");
    }
    if (reader->failed) return error_set(error, STATUS_CORRUPT, "the ids or keys of the checkpoint are cut off");
    return OK;
}
