/* Pools, codes and their bytes. See codes_state.h. */
#include "runtime/engine/codes_state.h"

#include <stdlib.h>

#include "runtime/engine/codec.h"
#include "runtime/engine/parts.h"
#include "vm/memory.h"

static bool same_key(struct code_key a, struct code_key b)
{
    return a.low == b.low && a.high == b.high;
}

static int compare_keys(struct code_key a, struct code_key b)
{
    if (a.low != b.low) return a.low < b.low ? -1 : 1;
    return a.high == b.high ? 0 : a.high < b.high ? -1 : 1;
}

static bool copy(struct text *out, struct text text)
{
    *out = (struct text){"", 0};
    if (text.size == 0) return true;
    char *bytes = memory_alloc(text.size);
    if (bytes == NULL) return false;
    memcpy(bytes, text.at, text.size);
    *out = text_make(bytes, text.size);
    return true;
}

static void release(struct text text)
{
    if (text.size > 0) memory_release((void *)(uintptr_t)text.at);
}

/* ---------------------------------------------------------------- pools */

struct pool *codes_pool(struct engine *engine, struct text name, bool make)
{
    struct codes_state *state = engine->shared_part[PART_CODES];
    for (uint32_t i = 0; state != NULL && i < state->count; i++) {
        if (text_equal(state->pool[i]->name, name)) return state->pool[i];
    }
    if (!make) return NULL;
    if (state == NULL) {
        state = memory_alloc(sizeof *state);
        if (state == NULL) return state_no_memory(engine);
        engine->shared_part[PART_CODES] = state;
    }
    struct pool **grown = memory_resize_array(state->pool, state->count + 1, sizeof *grown);
    if (grown == NULL) return state_no_memory(engine);
    state->pool = grown;
    struct pool *pool = memory_alloc(sizeof *pool);
    if (pool == NULL || !copy(&pool->name, name)) {
        memory_release(pool);
        return state_no_memory(engine);
    }
    pool->number = state->count;
    pool->period = INT64_MIN;
    state->pool[state->count++] = pool;
    engine->shared_changed = true;
    return pool;
}

static uint32_t place_of(struct code **place, uint32_t capacity, struct code_key key)
{
    uint32_t at = (uint32_t)key.low & (capacity - 1);
    while (place[at] != NULL && !same_key(place[at]->key, key)) at = (at + 1) & (capacity - 1);
    return at;
}

struct code *codes_find(const struct pool *pool, struct code_key key)
{
    return pool->capacity == 0 ? NULL : pool->place[place_of(pool->place, pool->capacity, key)];
}

static bool make_room(struct pool *pool)
{
    if ((uint64_t)pool->code_count * 4 < (uint64_t)pool->capacity * 3) return true;
    uint32_t capacity = pool->capacity == 0 ? 16 : pool->capacity * 2;
    struct code **place = memory_alloc_array(capacity, sizeof *place);
    if (place == NULL) return false;
    for (uint32_t i = 0; i < pool->capacity; i++) {
        if (pool->place[i] != NULL) place[place_of(place, capacity, pool->place[i]->key)] = pool->place[i];
    }
    memory_release(pool->place);
    pool->place = place;
    pool->capacity = capacity;
    return true;
}

static bool make_arrival(struct pool *pool)
{
    if (pool->arrival_count < pool->arrival_capacity) return true;
    uint32_t capacity = pool->arrival_capacity == 0 ? 16 : pool->arrival_capacity * 2;
    struct code **grown = memory_resize_array(pool->arrival, capacity, sizeof *grown);
    if (grown == NULL) return false;
    pool->arrival = grown;
    pool->arrival_capacity = capacity;
    return true;
}

struct code *codes_make(struct engine *engine, struct pool *pool, struct code_key key, uint64_t number,
                        struct text text)
{
    struct code *code = codes_find(pool, key);
    if (code != NULL) return code;
    code = make_room(pool) && make_arrival(pool) ? memory_alloc(sizeof *code) : NULL;
    if (code == NULL || !copy(&code->text, text)) {
        memory_release(code);
        return state_no_memory(engine);
    }
    code->key = key;
    code->number = text.size > 0 ? pool->arrival_count : number;
    code->given_at = code->day = INT64_MIN;
    pool->place[place_of(pool->place, pool->capacity, key)] = code;
    pool->code_count++;
    if (text.size > 0) pool->arrival[pool->arrival_count++] = code;
    engine->shared_changed = true;
    return code;
}

uint32_t codes_quota(struct engine *engine, struct pool *pool, struct text name)
{
    for (uint32_t i = 0; i < pool->quota_count; i++) {
        if (text_equal(pool->quota[i].name, name)) return i;
    }
    struct pool_quota *grown = memory_resize_array(pool->quota, pool->quota_count + 1, sizeof *grown);
    if (grown != NULL) pool->quota = grown;
    struct pool_quota quota = {.used = 0};
    if (grown == NULL || !copy(&quota.name, name)) {
        (void)state_no_memory(engine);
        return PROGRAM_NONE;
    }
    pool->quota[pool->quota_count] = quota;
    engine->shared_changed = true;
    return pool->quota_count++;
}

static int compare_holds(const struct pool_hold *a, const struct pool_hold *b)
{
    if (a->until != b->until) return a->until < b->until ? -1 : 1;
    int by_code = compare_keys(a->code, b->code);
    return by_code != 0 ? by_code : compare_keys(a->whose, b->whose);
}

bool codes_add_hold(struct engine *engine, struct pool *pool, struct pool_hold hold)
{
    if (pool->hold_count == pool->hold_capacity) {
        uint32_t capacity = pool->hold_capacity == 0 ? 8 : pool->hold_capacity * 2;
        struct pool_hold *grown = memory_resize_array(pool->hold, capacity, sizeof *grown);
        if (grown == NULL) {
            (void)state_no_memory(engine);
            return false;
        }
        pool->hold = grown;
        pool->hold_capacity = capacity;
    }
    uint32_t at = pool->hold_count++;
    while (at > 0 && compare_holds(&pool->hold[at - 1], &hold) > 0) {
        pool->hold[at] = pool->hold[at - 1];
        at--;
    }
    pool->hold[at] = hold;
    engine->shared_changed = true;
    return true;
}

void codes_drop_hold(struct pool *pool, uint32_t index)
{
    memmove(&pool->hold[index], &pool->hold[index + 1], (pool->hold_count - index - 1) * sizeof *pool->hold);
    pool->hold_count--;
}

static void free_pool(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->capacity; i++) {
        if (pool->place[i] == NULL) continue;
        release(pool->place[i]->text);
        memory_release(pool->place[i]);
    }
    for (uint32_t i = 0; i < pool->quota_count; i++) release(pool->quota[i].name);
    release(pool->name);
    memory_release(pool->place);
    memory_release(pool->arrival);
    memory_release(pool->quota);
    memory_release(pool->hold);
    memory_release(pool);
}

void codes_free_shared(struct engine *engine)
{
    struct codes_state *state = engine->shared_part[PART_CODES];
    if (state == NULL) return;
    for (uint32_t i = 0; i < state->count; i++) free_pool(state->pool[i]);
    memory_release(state->pool);
    memory_release(state);
    engine->shared_part[PART_CODES] = NULL;
}

/* ---------------------------------------------------------------- players */

struct player_codes *codes_of(struct engine *engine, struct player *player, bool make)
{
    struct player_codes *codes = parts_of(player, PART_CODES);
    if (codes != NULL || !make) return codes;
    codes = memory_alloc(sizeof *codes);
    if (codes == NULL) return state_no_memory(engine);
    if (parts_put(engine, player, PART_CODES, codes)) return codes;
    memory_release(codes);
    return NULL;
}

struct player_code *codes_add(struct engine *engine, struct player *player, struct player_code code)
{
    struct player_codes *codes = codes_of(engine, player, true);
    if (codes == NULL) return NULL;
    if (codes->count == codes->capacity) {
        uint32_t capacity = codes->capacity == 0 ? 2 : codes->capacity * 2;
        struct player_code *grown = memory_resize_array(codes->code, capacity, sizeof *grown);
        if (grown == NULL) return state_no_memory(engine);
        codes->code = grown;
        codes->capacity = capacity;
    }
    codes->code[codes->count] = code;
    engine->group[player->group].changed = true;
    return &codes->code[codes->count++];
}

void codes_drop(struct player_codes *codes, uint32_t index)
{
    memmove(&codes->code[index], &codes->code[index + 1], (codes->count - index - 1) * sizeof *codes->code);
    codes->count--;
}

struct player_tries *codes_tries(struct engine *engine, struct player *player, uint32_t pool, bool make)
{
    struct player_codes *codes = codes_of(engine, player, make);
    if (codes == NULL) return NULL;
    uint32_t at = 0;
    while (at < codes->tries_count && codes->tries[at]->pool < pool) at++;
    if (at < codes->tries_count && codes->tries[at]->pool == pool) return codes->tries[at];
    if (!make) return NULL;
    struct player_tries **grown = memory_resize_array(codes->tries, codes->tries_count + 1, sizeof *grown);
    if (grown != NULL) codes->tries = grown;
    struct player_tries *tries = grown == NULL ? NULL : memory_alloc(sizeof *tries);
    if (tries == NULL) return state_no_memory(engine);
    *tries = (struct player_tries){.pool = pool, .locked_until = INT64_MIN};
    memmove(&codes->tries[at + 1], &codes->tries[at], (codes->tries_count - at) * sizeof *codes->tries);
    codes->tries[at] = tries;
    codes->tries_count++;
    return tries;
}

void codes_free_player(struct engine *engine, struct player *player)
{
    (void)engine;
    struct player_codes *codes = parts_of(player, PART_CODES);
    for (uint32_t i = 0; i < codes->tries_count; i++) memory_release(codes->tries[i]);
    memory_release(codes->tries);
    memory_release(codes->code);
    memory_release(codes);
}

/* ---------------------------------------------------------------- bytes */

static void put_key(struct buffer *out, struct code_key key)
{
    buffer_u64(out, key.low);
    buffer_u64(out, key.high);
}

static struct code_key read_key(struct buffer_reader *in)
{
    struct code_key key = {.low = buffer_read_u64(in)};
    key.high = buffer_read_u64(in);
    return key;
}

void codes_encode_player(const struct engine *engine, const struct player *player, struct buffer *out)
{
    (void)engine;
    const struct player_codes *codes = parts_of(player, PART_CODES);
    if (codes->count == 0 && codes->tries_count == 0) return;
    buffer_u32(out, codes->count);
    for (uint32_t i = 0; i < codes->count; i++) {
        const struct player_code *code = &codes->code[i];
        buffer_u32(out, code->pool);
        buffer_u8(out, code->kind);
        buffer_u8(out, code->began_count);
        put_key(out, code->code);
        buffer_i64(out, code->at);
        buffer_u32(out, code->quota);
        for (uint32_t j = 0; j < code->began_count; j++) {
            buffer_u32(out, code->began[j].title);
            buffer_u32(out, code->began[j].journey);
        }
    }
    buffer_u32(out, codes->tries_count);
    for (uint32_t i = 0; i < codes->tries_count; i++) {
        const struct player_tries *tries = codes->tries[i];
        buffer_u32(out, tries->pool);
        buffer_i64(out, tries->locked_until);
        buffer_u32(out, tries->count);
        for (uint32_t j = 0; j < tries->count; j++) buffer_i64(out, tries->at[j]);
    }
}

enum status codes_decode_player(struct engine *engine, struct player *player, struct buffer_reader *in,
                                struct error *error)
{
    const struct codes_state *state = engine->shared_part[PART_CODES];
    uint32_t pools = state == NULL ? 0 : state->count, count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct player_code code = {.pool = buffer_read_u32(in)};
        code.kind = buffer_read_u8(in);
        code.began_count = buffer_read_u8(in);
        code.code = read_key(in);
        code.at = buffer_read_i64(in);
        code.quota = buffer_read_u32(in);
        if (in->failed || code.pool >= pools || code.kind > PLAYER_CODE_GIVEN ||
            code.began_count > sizeof code.began / sizeof *code.began ||
            (code.quota != PROGRAM_NONE && code.quota >= state->pool[code.pool]->quota_count))
            return codec_corrupt(error, "a player used a code of no pool");
        for (uint32_t j = 0; j < code.began_count; j++) {
            code.began[j].title = buffer_read_u32(in);
            code.began[j].journey = buffer_read_u32(in);
            if (code.began[j].title >= engine->title_count) return codec_corrupt(error, "a code began no campaign");
        }
        if (codes_add(engine, player, code) == NULL) return codec_no_memory(error);
    }
    uint32_t lists = buffer_read_u32(in);
    for (uint32_t i = 0; i < lists && !in->failed; i++) {
        uint32_t pool = buffer_read_u32(in);
        int64_t until = buffer_read_i64(in);
        uint32_t tries = buffer_read_u32(in);
        if (in->failed || pool >= pools || tries > LIMIT_CODE_TRIES || codes_tries(engine, player, pool, false) != NULL)
            return codec_corrupt(error, "a player tried codes of no pool");
        struct player_tries *list = codes_tries(engine, player, pool, true);
        if (list == NULL) return codec_no_memory(error);
        list->locked_until = until;
        for (list->count = 0; list->count < tries; list->count++) list->at[list->count] = buffer_read_i64(in);
    }
    return OK;
}

static int compare_codes(const void *a, const void *b)
{
    const struct code *const *left = a, *const *right = b;
    return compare_keys((*left)->key, (*right)->key);
}

static void encode_code(const struct code *code, struct buffer *out)
{
    bool day = code->day_uses > 0, given = code->given_at != INT64_MIN;
    put_key(out, code->key);
    buffer_u8(out, (uint8_t)((day ? 1 : 0) | (given ? 2 : 0)));
    buffer_u64(out, code->number);
    buffer_u32(out, code->uses);
    if (day) {
        buffer_i64(out, code->day);
        buffer_u32(out, code->day_uses);
    }
    if (given) {
        buffer_i64(out, code->given_at);
        put_key(out, code->whose);
    }
}

/* Uploaded codes by arrival, with their texts; the others by their keys. Reservations that are over are not state. */
static void encode_pool(const struct engine *engine, const struct pool *pool, struct buffer *out)
{
    buffer_sized_text(out, pool->name);
    buffer_u64(out, pool->cursor);
    buffer_u64(out, pool->used);
    buffer_i64(out, pool->period);
    buffer_u64(out, pool->period_used);
    buffer_u64(out, pool->given);
    buffer_u32(out, pool->quota_count);
    for (uint32_t i = 0; i < pool->quota_count; i++) {
        buffer_sized_text(out, pool->quota[i].name);
        buffer_u64(out, pool->quota[i].used);
    }
    uint32_t first = 0;
    while (first < pool->hold_count && pool->hold[first].until <= engine->now) first++;
    buffer_u32(out, pool->hold_count - first);
    for (uint32_t i = first; i < pool->hold_count; i++) {
        buffer_i64(out, pool->hold[i].until);
        put_key(out, pool->hold[i].code);
        put_key(out, pool->hold[i].whose);
        buffer_u32(out, pool->hold[i].quota);
    }
    buffer_u32(out, pool->arrival_count);
    for (uint32_t i = 0; i < pool->arrival_count; i++) {
        encode_code(pool->arrival[i], out);
        buffer_sized_text(out, pool->arrival[i]->text);
    }
    uint32_t count = 0;
    struct code **sorted = memory_alloc_array((size_t)pool->code_count + 1, sizeof *sorted);
    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < pool->capacity; i++) {
        if (pool->place[i] != NULL && pool->place[i]->text.size == 0) sorted[count++] = pool->place[i];
    }
    qsort(sorted, count, sizeof(struct code *), compare_codes);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) encode_code(sorted[i], out);
    memory_release(sorted);
}

void codes_encode_shared(const struct engine *engine, struct buffer *out)
{
    const struct codes_state *state = engine->shared_part[PART_CODES];
    if (state == NULL) return;
    buffer_u32(out, state->count);
    for (uint32_t i = 0; i < state->count; i++) encode_pool(engine, state->pool[i], out);
}

static enum status decode_codes(struct engine *engine, struct pool *pool, struct buffer_reader *in, bool texts,
                                struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct code read = {.key = read_key(in), .day = INT64_MIN, .given_at = INT64_MIN};
        uint8_t has = buffer_read_u8(in);
        read.number = buffer_read_u64(in);
        read.uses = buffer_read_u32(in);
        if (has & 1) {
            read.day = buffer_read_i64(in);
            read.day_uses = buffer_read_u32(in);
        }
        if (has & 2) {
            read.given_at = buffer_read_i64(in);
            read.whose = read_key(in);
        }
        struct text text = {"", 0};
        if (texts) text = buffer_read_sized_text(in);
        if (in->failed || has > 3 || (texts && (text.size == 0 || text.size > CODE_WORD_SIZE || read.number != i)) ||
            codes_find(pool, read.key) != NULL)
            return codec_corrupt(error, "a code of a pool is cut off, or stands in it twice");
        struct code *code = codes_make(engine, pool, read.key, read.number, text);
        if (code == NULL) return codec_no_memory(error);
        read.text = code->text;
        *code = read;
    }
    return OK;
}

static enum status decode_pool(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    struct text name = buffer_read_sized_text(in);
    if (in->failed || codes_pool(engine, name, false) != NULL)
        return codec_corrupt(error, "a pool of codes stands in it twice");
    struct pool *pool = codes_pool(engine, name, true);
    if (pool == NULL) return codec_no_memory(error);
    pool->cursor = buffer_read_u64(in);
    pool->used = buffer_read_u64(in);
    pool->period = buffer_read_i64(in);
    pool->period_used = buffer_read_u64(in);
    pool->given = buffer_read_u64(in);
    uint32_t quotas = buffer_read_u32(in);
    for (uint32_t i = 0; i < quotas && !in->failed; i++) {
        struct text quota = buffer_read_sized_text(in);
        uint64_t used = buffer_read_u64(in);
        if (in->failed) break;
        if (codes_quota(engine, pool, quota) != i) return codec_corrupt(error, "a quota stands in it twice");
        pool->quota[i].used = used;
    }
    uint32_t holds = buffer_read_u32(in);
    for (uint32_t i = 0; i < holds && !in->failed; i++) {
        struct pool_hold hold = {.until = buffer_read_i64(in)};
        hold.code = read_key(in);
        hold.whose = read_key(in);
        hold.quota = buffer_read_u32(in);
        if (in->failed || (hold.quota != PROGRAM_NONE && hold.quota >= pool->quota_count))
            return codec_corrupt(error, "a reservation of a code is of no quota");
        if (!codes_add_hold(engine, pool, hold)) return codec_no_memory(error);
    }
    RETURN_IF_FAILED(decode_codes(engine, pool, in, true, error));
    return decode_codes(engine, pool, in, false, error);
}

enum status codes_decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) RETURN_IF_FAILED(decode_pool(engine, in, error));
    engine->shared_changed = false;
    return OK;
}
