/* What people and segments see of codes, and what tests and operators put in: figures, lists, uploads. See codes.h.
 *
 * Nothing here redeems: rules are in codes.c, finding in codes_find.c.
 */
#include "runtime/engine/codes.h"

#include <stdlib.h>

#include "runtime/engine/codes_find.h"
#include "runtime/engine/programs.h"
#include "vm/memory.h"

bool codes_left(const struct engine *engine, struct text name, int64_t now, int64_t *left, int64_t *changes_at)
{
    const struct program *program = &engine->newest->program;
    uint32_t index = pool_find(program, name);
    *changes_at = INT64_MAX;
    *left = 0;
    if (index == PROGRAM_NONE) return false;
    const struct bundle_pool *record = &program->pool[index];
    const struct pool *pool = codes_pool((struct engine *)(uintptr_t)engine, name, false); /* only looked at */
    int64_t held = 0, used = pool == NULL ? 0 : (int64_t)pool->used, given = pool == NULL ? 0 : (int64_t)pool->given;
    for (uint32_t i = 0; pool != NULL && i < pool->hold_count; i++) {
        if (pool->hold[i]->until <= now) continue;
        if (*changes_at == INT64_MAX) *changes_at = pool->hold[i]->until;
        held++;
    }
    int64_t most = INT64_MAX;
    if (record->code_count > 0 && record->code_period == LIMIT_EVER) {
        int64_t codes =
            record->kind == POOL_UPLOADED ? (pool == NULL ? 0 : (int64_t)pool->arrival_count) : record->codes;
        if (__builtin_mul_overflow(codes, (int64_t)record->code_count, &most)) most = INT64_MAX;
    }
    if (record->total_count > 0 && record->total_period == LIMIT_EVER && (int64_t)record->total_count < most)
        most = record->total_count;
    if (most == INT64_MAX) return false;
    *left = most - used - held - given;
    if (*left < 0) *left = 0;
    return true;
}

int64_t codes_used(const struct engine *engine, struct text name)
{
    const struct pool *pool = codes_pool((struct engine *)(uintptr_t)engine, name, false);
    return pool == NULL ? 0 : (int64_t)pool->used;
}

/* The first quota of this name, in the pool `of` or, where that is empty, in any: its record, its pool and the pool's own
 * number of it (PROGRAM_NONE: nobody used it). */
static const struct bundle_quota *find_quota(const struct engine *engine, struct text of, struct text name,
                                             const struct pool **pool, uint32_t *number)
{
    const struct program *program = &engine->newest->program;
    *pool = NULL;
    *number = PROGRAM_NONE;
    for (uint32_t i = 0; i < program->pool_count; i++) {
        const struct bundle_pool *record = &program->pool[i];
        if (of.size > 0 && !text_equal(program_text(program, record->name), of)) continue;
        for (uint32_t j = record->quota_first; j < record->quota_first + record->quota_count; j++) {
            if (!text_equal(program_text(program, program->quota[j].name), name)) continue;
            *pool = codes_pool((struct engine *)(uintptr_t)engine, program_text(program, record->name), false);
            for (uint32_t k = 0; *pool != NULL && k < (*pool)->quota_count; k++) {
                if (text_equal((*pool)->quota[k].name, name)) *number = k;
            }
            return &program->quota[j];
        }
    }
    return NULL;
}

int64_t codes_quota_used(const struct engine *engine, struct text of, struct text quota)
{
    const struct pool *pool;
    uint32_t number;
    (void)find_quota(engine, of, quota, &pool, &number);
    return number == PROGRAM_NONE ? 0 : (int64_t)pool->quota[number].used;
}

int64_t codes_quota_left(const struct engine *engine, struct text of, struct text quota, int64_t now,
                         int64_t *changes_at)
{
    const struct pool *pool;
    uint32_t number;
    const struct bundle_quota *record = find_quota(engine, of, quota, &pool, &number);
    *changes_at = INT64_MAX;
    if (record == NULL) return 0;
    if (number == PROGRAM_NONE) return record->amount;
    int64_t left = record->amount - (int64_t)pool->quota[number].used;
    for (uint32_t i = 0; i < pool->hold_count; i++) {
        if (pool->hold[i]->until <= now || pool->hold[i]->quota != number) continue;
        if (*changes_at == INT64_MAX) *changes_at = pool->hold[i]->until;
        left--;
    }
    return left < 0 ? 0 : left;
}

void codes_set_left(struct engine *engine, struct text name, int64_t left)
{
    const struct program *program = &engine->newest->program;
    uint32_t index = pool_find(program, name);
    if (index != PROGRAM_NONE) {
        struct pool *own = codes_pool(engine, name, true);
        int64_t most = pool_redemptions(program, &program->pool[index]);
        if (own != NULL && most != INT64_MAX) own->used = left < most ? (uint64_t)(most - left) : 0;
        return;
    }
    for (uint32_t i = 0; i < program->pool_count; i++) {
        const struct bundle_pool *record = &program->pool[i];
        for (uint32_t j = record->quota_first; j < record->quota_first + record->quota_count; j++) {
            if (!text_equal(program_text(program, program->quota[j].name), name)) continue;
            struct pool *own = codes_pool(engine, program_text(program, record->name), true);
            uint32_t number = own == NULL ? PROGRAM_NONE : codes_quota(engine, own, name);
            int64_t amount = program->quota[j].amount;
            if (number != PROGRAM_NONE) own->quota[number].used = left < amount ? (uint64_t)(amount - left) : 0;
            return;
        }
    }
}

static int compare_numbers(const void *a, const void *b)
{
    const struct code *const *left = a, *const *right = b;
    bool texts[2] = {(*left)->text != NULL, (*right)->text != NULL};
    if (texts[0] != texts[1]) return texts[0] ? 1 : -1;
    return (*left)->number < (*right)->number ? -1 : (*left)->number > (*right)->number;
}

void codes_each(struct engine *engine, struct text name, void (*each)(void *context, const struct engine_code *code),
                void *context)
{
    uint32_t index = pool_find(&engine->newest->program, name);
    if (index == PROGRAM_NONE) return;
    struct ask ask;
    codes_aim(&ask, engine, NULL, index, INT64_MIN);
    struct code_word word;
    bool made = ask.record->kind == POOL_MADE && pool_word(ask.program, ask.record, &word);
    struct code **sorted = ask.pool == NULL ? NULL : codes_all(engine, ask.pool);
    uint64_t count = sorted == NULL ? 0 : ask.pool->code_count;
    if (count > 0) qsort(sorted, count, sizeof(struct code *), compare_numbers);
    for (uint64_t i = 0; i < count; i++) {
        struct code *code = sorted[i];
        struct text shown = code_printed(code);
        if (shown.size == 0 && made && code->number < word.space) {
            (void)codes_nth(&ask, &word, code->number);
            shown = codes_printed(&ask);
        } else if (shown.size == 0) {
            shown = program_text(ask.program, ask.record->pattern);
        }
        struct engine_code out = {.code = shown, .uses = code->uses};
        out.given_at = code->given == NULL ? INT64_MIN : code->given->at;
        for (const struct pool_hold *hold = code->hold; hold != NULL; hold = hold->next)
            out.held += hold->until > engine->now;
        each(context, &out);
    }
    memory_release(sorted);
}

static bool permit(struct ask *ask, struct text code)
{
    char bytes[CODE_WORD_SIZE];
    struct text shown = text_trim(code);
    struct text read = text_make(bytes, code_word_read(bytes, shown, pool_reading(ask->record)));
    if (read.size == 0 || shown.size > CODE_WORD_SIZE || codes_own_pool(ask) == NULL) return false;
    return codes_make(ask->engine, ask->pool, codes_key_of(ask, read), 0, shown) != NULL;
}

enum reason codes_upload(struct engine *engine, struct text pool, struct text code)
{
    uint32_t index = pool_find(&engine->newest->program, pool);
    if (index == PROGRAM_NONE) return REASON_NOT_KNOWN;
    struct ask ask;
    codes_aim(&ask, engine, NULL, index, engine->now);
    if (ask.record->kind != POOL_UPLOADED) return REASON_NOT_KNOWN;
    if (codes_find_typed(&ask, code)) return REASON_DUPLICATE;
    if (ask.pool != NULL && (int64_t)ask.pool->arrival_count >= ask.record->codes) return REASON_POOL_EMPTY;
    return permit(&ask, code) ? REASON_NONE : REASON_UNKNOWN_CODE;
}

bool codes_permit(struct engine *engine, struct text pool, struct text code)
{
    uint32_t index = pool_find(&engine->newest->program, pool);
    if (index == PROGRAM_NONE) return false;
    struct ask ask;
    codes_aim(&ask, engine, NULL, index, engine->now);
    return codes_find_typed(&ask, code) || permit(&ask, code);
}

/* The text of a code that is kept; empty where the pool has changed so that it is none any more. */
static struct text text_of_code(struct ask *ask, struct code_key key)
{
    const struct code *code = ask->pool == NULL ? NULL : codes_find(ask->engine, ask->pool, key);
    struct code_word word;
    if (code == NULL) return TEXT("");
    if (code->text != NULL) return code_printed(code);
    if (ask->record->kind == POOL_FIXED) return program_text(ask->program, ask->record->pattern);
    if (ask->record->kind != POOL_MADE || !pool_word(ask->program, ask->record, &word)) return TEXT("");
    if (code->number >= (uint64_t)ask->record->codes) return TEXT("");
    return codes_nth(ask, &word, code->number) ? codes_printed(ask) : TEXT("");
}

static bool is_test_used(const struct player_codes *codes, const struct player_code *given)
{
    for (uint32_t i = 0; i < codes->count; i++) {
        const struct player_code *entry = &codes->code[i];
        if (entry->kind == PLAYER_CODE_TEST_USED && entry->pool == given->pool &&
            codes_same_key(entry->code, given->code))
            return true;
    }
    return false;
}

void codes_list(struct engine *engine, struct player *player, codes_taker take, void *context)
{
    const struct player_codes *codes = parts_of(player, PART_CODES);
    for (uint32_t i = 0; i < engine->newest->program.pool_count; i++) {
        struct ask ask;
        codes_aim(&ask, engine, player, i, INT64_MIN); /* nothing is over: who only looks changes nothing */
        if (ask.pool == NULL) continue;
        struct codes_item item = {.pool = ask.name, .until = INT64_MAX};
        for (uint32_t n = 0; codes != NULL && n < codes->count; n++) {
            const struct player_code *own = &codes->code[n];
            bool test = own->kind == PLAYER_CODE_TEST_GIVEN;
            if (own->pool != ask.pool->number || (own->kind != PLAYER_CODE_GIVEN && !test)) continue;
            const struct code *code = codes_find(engine, ask.pool, own->code);
            if (code == NULL || (test ? is_test_used(codes, own) : code->uses > 0)) continue;
            item.at = own->at;
            item.code = text_of_code(&ask, own->code);
            take(context, &item);
        }
        item.held = true;
        for (uint32_t n = 0; codes != NULL && n < codes->count; n++) {
            const struct player_code *own = &codes->code[n];
            if (own->pool != ask.pool->number || own->kind != PLAYER_CODE_TEST_HELD || own->at <= engine->now) continue;
            item.until = own->at;
            item.at = own->at - ask.record->hold_ms;
            item.code = text_of_code(&ask, own->code);
            take(context, &item);
        }
        for (uint32_t n = 0; n < ask.pool->hold_count; n++) {
            const struct pool_hold *hold = ask.pool->hold[n];
            if (!codes_same_key(hold->whose, ask.whose) || hold->until <= engine->now) continue;
            item.until = hold->until;
            item.at = hold->until - ask.record->hold_ms;
            item.code = text_of_code(&ask, hold->code->key);
            take(context, &item);
        }
    }
}
