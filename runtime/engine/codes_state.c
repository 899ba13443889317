/* Pools, codes and their bytes. See codes_state.h. */
#include "runtime/engine/codes_state.h"

#include <stdlib.h>

#include "runtime/engine/checkpoint.h"
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
        slab_init(&state->slab);
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
    return pool;
}

/* ---------------------------------------------------------------- codes */

_Static_assert(sizeof(struct code) == 64, "spec/storage.md says what a code takes");

static struct codes_state *state_of(const struct engine *engine)
{
    return engine->shared_part[PART_CODES];
}

/* The low bits are the key group, the same for the whole table: probe by the bits above. */
static uint32_t place_of(const struct code_table *table, uint32_t pool, struct code_key key)
{
    uint32_t at = (uint32_t)(key.low / RECORD_GROUPS) & (table->capacity - 1);
    while (table->place[at] != NULL && (table->place[at]->pool != pool || !same_key(table->place[at]->key, key)))
        at = (at + 1) & (table->capacity - 1);
    return at;
}

static struct code *find_in(const struct code_table *table, uint32_t pool, struct code_key key)
{
    return table->capacity == 0 ? NULL : table->place[place_of(table, pool, key)];
}

struct code *codes_find(const struct engine *engine, const struct pool *pool, struct code_key key)
{
    return find_in(&state_of(engine)->group[key.low % RECORD_GROUPS], pool->number, key);
}

static bool make_room(struct code_table *table)
{
    if ((uint64_t)table->count * 4 < (uint64_t)table->capacity * 3) return true;
    struct code_table grown = {.count = table->count, .capacity = table->capacity == 0 ? 4 : table->capacity * 2};
    grown.place = memory_alloc_array(grown.capacity, sizeof *grown.place);
    if (grown.place == NULL) return false;
    for (uint32_t i = 0; i < table->capacity; i++) {
        struct code *code = table->place[i];
        if (code != NULL) grown.place[place_of(&grown, code->pool, code->key)] = code;
    }
    memory_release(table->place);
    *table = grown;
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

/* A code that is new, in its key group. NULL: memory is out, and all is as it was. */
static struct code *add_code(struct codes_state *state, struct pool *pool, struct code_key key, struct text text)
{
    struct code_table *table = &state->group[key.low % RECORD_GROUPS];
    struct code *code = make_room(table) ? slab_alloc(&state->slab, sizeof *code) : NULL;
    if (code == NULL) return NULL;
    if (text.size > 0) {
        code->text = slab_alloc(&state->slab, sizeof *code->text + text.size);
        if (code->text == NULL) {
            slab_free(&state->slab, code, sizeof *code);
            return NULL;
        }
        code->text->size = text.size;
        memcpy(code->text->at, text.at, text.size);
    }
    code->key = key;
    code->pool = pool->number;
    code->day = INT32_MIN;
    table->place[place_of(table, code->pool, key)] = code;
    table->count++;
    pool->code_count++;
    return code;
}

struct code *codes_make(struct engine *engine, struct pool *pool, struct code_key key, uint64_t number,
                        struct text text)
{
    struct code *code = codes_find(engine, pool, key);
    if (code != NULL) return code;
    code = text.size == 0 || make_arrival(pool) ? add_code(state_of(engine), pool, key, text) : NULL;
    if (code == NULL) return state_no_memory(engine);
    code->number = text.size > 0 ? pool->arrival_count : number;
    if (text.size > 0) pool->arrival[pool->arrival_count++] = code;
    codes_touch(engine, code);
    return code;
}

static bool set_given(struct codes_state *state, struct code *code, struct code_given given)
{
    if (code->given == NULL) code->given = slab_alloc(&state->slab, sizeof *code->given);
    if (code->given != NULL) *code->given = given;
    return code->given != NULL;
}

bool codes_set_given(struct engine *engine, struct code *code, int64_t at, struct code_key whose)
{
    codes_touch(engine, code);
    if (set_given(state_of(engine), code, (struct code_given){at, whose})) return true;
    (void)state_no_memory(engine);
    return false;
}

void codes_clear_given(struct engine *engine, struct code *code)
{
    codes_touch(engine, code);
    slab_free(&state_of(engine)->slab, code->given, sizeof *code->given);
    code->given = NULL;
}

struct code **codes_all(const struct engine *engine, const struct pool *pool)
{
    const struct codes_state *state = state_of(engine);
    struct code **all = memory_alloc_array((size_t)pool->code_count + 1, sizeof *all);
    size_t count = 0;
    for (uint32_t group = 0; all != NULL && group < RECORD_GROUPS; group++) {
        const struct code_table *table = &state->group[group];
        for (uint32_t i = 0; i < table->capacity; i++) {
            if (table->place[i] != NULL && table->place[i]->pool == pool->number) all[count++] = table->place[i];
        }
    }
    return all;
}

/* ---------------------------------------------------------------- quotas and reservations */

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
    return pool->quota_count++;
}

static int compare_holds(const struct pool_hold *a, const struct pool_hold *b)
{
    if (a->until != b->until) return a->until < b->until ? -1 : 1;
    int by_code = compare_keys(a->code->key, b->code->key);
    return by_code != 0 ? by_code : compare_keys(a->whose, b->whose);
}

/* Behind all others of its pool. */
static struct pool_hold *append_hold(struct codes_state *state, struct pool *pool, struct pool_hold hold)
{
    if (pool->hold_count == pool->hold_capacity) {
        uint32_t capacity = pool->hold_capacity == 0 ? 8 : pool->hold_capacity * 2;
        struct pool_hold **grown = memory_resize_array(pool->hold, capacity, sizeof *grown);
        if (grown == NULL) return NULL;
        pool->hold = grown;
        pool->hold_capacity = capacity;
    }
    struct pool_hold *added = slab_alloc(&state->slab, sizeof *added);
    if (added == NULL) return NULL;
    *added = hold;
    pool->hold[pool->hold_count++] = added;
    return added;
}

bool codes_add_hold(struct engine *engine, struct pool *pool, struct pool_hold hold)
{
    struct pool_hold *added = append_hold(state_of(engine), pool, hold);
    if (added == NULL) {
        (void)state_no_memory(engine);
        return false;
    }
    uint32_t at = pool->hold_count - 1;
    for (; at > 0 && compare_holds(pool->hold[at - 1], added) > 0; at--) pool->hold[at] = pool->hold[at - 1];
    pool->hold[at] = added;
    struct pool_hold **link = &added->code->hold;
    while (*link != NULL && compare_holds(*link, added) <= 0) link = &(*link)->next;
    added->next = *link;
    *link = added;
    codes_touch(engine, added->code);
    return true;
}

/* Takes it from its code; its place in the pool is the caller's. */
static void free_hold(struct codes_state *state, struct pool_hold *hold)
{
    struct pool_hold **link = &hold->code->hold;
    while (*link != hold) link = &(*link)->next;
    *link = hold->next;
    slab_free(&state->slab, hold, sizeof *hold);
}

void codes_drop_hold(struct engine *engine, struct pool *pool, uint32_t index)
{
    codes_touch(engine, pool->hold[index]->code);
    free_hold(state_of(engine), pool->hold[index]);
    memmove(&pool->hold[index], &pool->hold[index + 1], (pool->hold_count - index - 1) * sizeof(struct pool_hold *));
    pool->hold_count--;
}

void codes_expire_holds(struct engine *engine, struct pool *pool, int64_t now)
{
    uint32_t count = 0;
    while (count < pool->hold_count && pool->hold[count]->until <= now)
        free_hold(state_of(engine), pool->hold[count++]);
    if (count == 0) return;
    memmove(pool->hold, pool->hold + count, (pool->hold_count - count) * sizeof(struct pool_hold *));
    pool->hold_count -= count;
}

static void free_pool(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->quota_count; i++) release(pool->quota[i].name);
    release(pool->name);
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
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) memory_release(state->group[i].place);
    slab_deinit(&state->slab);
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
        if (in->failed || code.pool >= pools ||
            code.kind > (in->version < CHECKPOINT_TEST_CODES ? PLAYER_CODE_GIVEN : PLAYER_CODE_TEST_HELD) ||
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

/* ---------------------------------------------------------------- bytes of what is shared */

/* Counters alone: codes lie in their key groups, and how many there must be is said here. */
static void encode_pool(const struct pool *pool, struct buffer *out)
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
    buffer_u64(out, pool->code_count);
    buffer_u32(out, pool->arrival_count);
}

void codes_encode_shared(const struct engine *engine, struct buffer *out)
{
    const struct codes_state *state = state_of(engine);
    if (state == NULL) return;
    buffer_u32(out, state->count);
    for (uint32_t i = 0; i < state->count; i++) encode_pool(state->pool[i], out);
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
        if (codes_quota(engine, pool, quota) != i)
            return engine->failed == OK ? codec_corrupt(error, "a quota stands in it twice") : codec_no_memory(error);
        pool->quota[i].used = used;
    }
    pool->awaited = buffer_read_u64(in);
    pool->arrival_count = buffer_read_u32(in);
    return OK;
}

enum status codes_decode_shared(struct engine *engine, struct buffer_reader *in, struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) RETURN_IF_FAILED(decode_pool(engine, in, error));
    return OK;
}

/* ---------------------------------------------------------------- bytes of a key group */

/* What is written of a code, in this order. */
enum { HAS_DAY = 1, HAS_GIVEN = 2, HAS_TEXT = 4, HAS_HOLDS = 8, HAS_ALL = 15 };

/* 7 bits a byte, the lowest first. */
static void put_number(struct buffer *out, uint64_t value)
{
    for (; value >= 128; value >>= 7) buffer_u8(out, (uint8_t)(value | 128));
    buffer_u8(out, (uint8_t)value);
}

/* Only what put_number writes of it is one; and no more than `most`. */
static uint64_t read_number(struct buffer_reader *in, uint64_t most)
{
    uint64_t value = 0;
    for (unsigned shift = 0; !in->failed; shift += 7) {
        uint8_t byte = buffer_read_u8(in);
        value |= (uint64_t)(byte & 127) << shift;
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0)) in->failed = true;
        if (byte < 128) break;
    }
    if (value > most) in->failed = true;
    return in->failed ? 0 : value;
}

static int compare_codes(const void *a, const void *b)
{
    const struct code *const *left = a, *const *right = b;
    if ((*left)->pool != (*right)->pool) return (*left)->pool < (*right)->pool ? -1 : 1;
    return compare_keys((*left)->key, (*right)->key);
}

/* Reservations that are over are not state. */
static void encode_holds(const struct pool_hold *hold, struct buffer *out)
{
    uint32_t count = 0;
    for (const struct pool_hold *each = hold; each != NULL; each = each->next) count++;
    put_number(out, count);
    for (; hold != NULL; hold = hold->next) {
        buffer_i64(out, hold->until);
        put_key(out, hold->whose);
        put_number(out, hold->quota == PROGRAM_NONE ? 0 : (uint64_t)hold->quota + 1);
    }
}

static void encode_code(const struct engine *engine, const struct code *code, struct buffer *out)
{
    const struct pool_hold *hold = code->hold;
    while (hold != NULL && hold->until <= engine->now) hold = hold->next;
    put_key(out, code->key);
    buffer_u8(out, (uint8_t)((code->day_uses > 0 ? HAS_DAY : 0) | (code->given != NULL ? HAS_GIVEN : 0) |
                             (code->text != NULL ? HAS_TEXT : 0) | (hold != NULL ? HAS_HOLDS : 0)));
    put_number(out, code->number);
    put_number(out, code->uses);
    if (code->day_uses > 0) {
        buffer_u32(out, (uint32_t)code->day);
        put_number(out, code->day_uses);
    }
    if (code->given != NULL) {
        buffer_i64(out, code->given->at);
        put_key(out, code->given->whose);
    }
    if (code->text != NULL) buffer_sized_text(out, code_printed(code));
    if (hold != NULL) encode_holds(hold, out);
}

/* By pool and key: a pool's number stands once before its codes. */
void codes_encode_group(const struct engine *engine, uint16_t group, struct buffer *out)
{
    const struct codes_state *state = state_of(engine);
    if (state == NULL || state->group[group].count == 0) return;
    const struct code_table *table = &state->group[group];
    struct code **sorted = memory_alloc_array(table->count, sizeof *sorted);
    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->capacity; i++) {
        if (table->place[i] != NULL) sorted[count++] = table->place[i];
    }
    qsort(sorted, count, sizeof(struct code *), compare_codes);
    for (uint32_t first = 0, end; first < count; first = end) {
        end = first;
        while (end < count && sorted[end]->pool == sorted[first]->pool) end++;
        put_number(out, sorted[first]->pool);
        put_number(out, end - first);
        for (uint32_t i = first; i < end; i++) encode_code(engine, sorted[i], out);
    }
    memory_release(sorted);
}

/* Puts the pool's reservations in no order: codes_decoded sorts them. */
static enum status decode_holds(struct engine *engine, struct pool *pool, struct code *code, struct buffer_reader *in,
                                struct error *error)
{
    uint64_t count = read_number(in, UINT32_MAX);
    if (count == 0) in->failed = true;
    struct pool_hold *before = NULL;
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        struct pool_hold hold = {.until = buffer_read_i64(in), .code = code};
        hold.whose = read_key(in);
        uint64_t quota = read_number(in, pool->quota_count);
        hold.quota = quota == 0 ? PROGRAM_NONE : (uint32_t)quota - 1;
        if (in->failed || (before != NULL && compare_holds(before, &hold) >= 0))
            return codec_corrupt(error, "a reservation of a code is cut off, of no quota, or out of order");
        if (hold.until <= engine->now) continue; /* It is over since this key group was written. */
        struct pool_hold *added = append_hold(state_of(engine), pool, hold);
        if (added == NULL) return codec_no_memory(error);
        *(before == NULL ? &code->hold : &before->next) = added;
        before = added;
    }
    return OK;
}

static enum status decode_code(struct engine *engine, uint16_t group, struct pool *pool, struct code_key *last,
                               bool first, struct buffer_reader *in, struct error *error)
{
    static const char wrong[] = "a code of a pool is cut off, out of order, or lies in the wrong key group";
    struct code read = {.key = read_key(in), .day = INT32_MIN};
    uint8_t has = buffer_read_u8(in);
    read.number = read_number(in, UINT64_MAX);
    read.uses = (uint32_t)read_number(in, UINT32_MAX);
    if (has & HAS_DAY) {
        read.day = (int32_t)buffer_read_u32(in);
        read.day_uses = (uint32_t)read_number(in, UINT32_MAX);
        if (read.day_uses == 0) in->failed = true;
    }
    struct code_given given = {0};
    if (has & HAS_GIVEN) {
        given.at = buffer_read_i64(in);
        given.whose = read_key(in);
    }
    struct text text = {"", 0};
    if (has & HAS_TEXT) text = buffer_read_sized_text(in);
    if (in->failed || has > HAS_ALL || read.key.low % RECORD_GROUPS != group ||
        (!first && compare_keys(*last, read.key) >= 0) ||
        ((has & HAS_TEXT) && (text.size == 0 || text.size > CODE_WORD_SIZE)))
        return codec_corrupt(error, wrong);
    struct codes_state *state = state_of(engine);
    struct code *code = add_code(state, pool, read.key, text);
    if (code == NULL || ((has & HAS_GIVEN) && !set_given(state, code, given))) return codec_no_memory(error);
    code->number = read.number;
    code->uses = read.uses;
    code->day = read.day;
    code->day_uses = read.day_uses;
    *last = read.key;
    if (has & HAS_HOLDS) RETURN_IF_FAILED(decode_holds(engine, pool, code, in, error));
    return in->failed ? codec_corrupt(error, wrong) : OK;
}

enum status codes_decode_group(struct engine *engine, uint16_t group, struct buffer_reader *in, struct error *error)
{
    struct codes_state *state = state_of(engine);
    for (uint64_t next = 0; in->at < in->size;) {
        uint64_t number = read_number(in, UINT32_MAX), count = read_number(in, UINT32_MAX);
        if (in->failed || state == NULL || number < next || number >= state->count || count == 0)
            return codec_corrupt(error, "codes of a key group are of no pool");
        next = number + 1;
        struct code_key last = {0, 0};
        for (uint64_t i = 0; i < count; i++)
            RETURN_IF_FAILED(decode_code(engine, group, state->pool[number], &last, i == 0, in, error));
    }
    return OK;
}

static int compare_places(const void *a, const void *b)
{
    const struct pool_hold *const *left = a, *const *right = b;
    return compare_holds(*left, *right);
}

/* Uploaded codes in the order in which they came: each number once. */
static enum status order_arrivals(const struct codes_state *state, struct error *error)
{
    for (uint32_t group = 0; group < RECORD_GROUPS; group++) {
        const struct code_table *table = &state->group[group];
        for (uint32_t i = 0; i < table->capacity; i++) {
            struct code *code = table->place[i];
            if (code == NULL || code->text == NULL) continue;
            struct pool *pool = state->pool[code->pool];
            if (code->number >= pool->arrival_count || pool->arrival[code->number] != NULL)
                return codec_corrupt(error, "two uploaded codes of a pool came at once");
            pool->arrival[code->number] = code;
        }
    }
    return OK;
}

/* All key groups are read: what lies in them together must be what the pools say. */
enum status codes_decoded(struct engine *engine, struct error *error)
{
    struct codes_state *state = state_of(engine);
    if (state == NULL) return OK;
    for (uint32_t i = 0; i < state->count; i++) {
        struct pool *pool = state->pool[i];
        if (pool->code_count != pool->awaited || pool->arrival_count > pool->code_count)
            return codec_corrupt(error, "codes of a pool are missing, or there are too many");
        if (pool->hold_count > 0) qsort(pool->hold, pool->hold_count, sizeof(struct pool_hold *), compare_places);
        pool->arrival = memory_alloc_array((size_t)pool->arrival_count + 1, sizeof(struct code *));
        if (pool->arrival == NULL) return codec_no_memory(error);
        pool->arrival_capacity = pool->arrival_count + 1;
    }
    RETURN_IF_FAILED(order_arrivals(state, error));
    for (uint32_t i = 0; i < state->count; i++) {
        const struct pool *pool = state->pool[i];
        for (uint32_t n = 0; n < pool->arrival_count; n++) {
            if (pool->arrival[n] == NULL) return codec_corrupt(error, "an uploaded code of a pool is missing");
        }
    }
    return OK;
}
