/* Which pool and which code are meant, and what becomes of reservations by time alone. See codes_find.h. */
#include "runtime/engine/codes_find.h"

#include "runtime/engine/programs.h"
#include "vm/zone.h"

bool codes_same_key(struct code_key a, struct code_key b)
{
    return a.low == b.low && a.high == b.high;
}

struct code_key codes_hash_of(const struct engine *engine, struct text scope, struct text name)
{
    struct dedupe_entry entry = dedupe_hash(engine->id_key, scope, name);
    return (struct code_key){entry.low, entry.high};
}

void codes_aim(struct ask *ask, struct engine *engine, struct player *player, uint32_t index, int64_t now)
{
    const struct program *program = &engine->newest->program;
    const struct bundle_pool *record = &program->pool[index];
    *ask = (struct ask){.engine = engine,
                        .player = player,
                        .program = program,
                        .record = record,
                        .name = program_text(program, record->name),
                        .zone = zone_find_or_utc(program_text(program, record->zone)),
                        .now = now,
                        .quota = PROGRAM_NONE};
    if (player != NULL) ask->whose = codes_hash_of(engine, state_player_brand(player), state_player_id(player));
    ask->test = player != NULL && state_is_test(engine, player);
    ask->pool = codes_pool(engine, ask->name, false);
    if (ask->pool != NULL) codes_expire_holds(engine, ask->pool, now);
}

struct pool *codes_own_pool(struct ask *ask)
{
    if (ask->pool == NULL) ask->pool = codes_pool(ask->engine, ask->name, true);
    return ask->pool;
}

struct text codes_printed(const struct ask *ask)
{
    return text_make(ask->printed, ask->printed_size);
}

void codes_print(struct ask *ask, struct text text)
{
    memcpy(ask->printed, text.at, text.size);
    ask->printed_size = text.size;
}

struct code_key codes_key_of(const struct ask *ask, struct text read)
{
    return codes_hash_of(ask->engine, ask->name, read);
}

bool codes_nth(struct ask *ask, const struct code_word *word, uint64_t number)
{
    struct crypto_key secret = code_word_key(&ask->engine->identity.key, ask->name);
    char read[CODE_WORD_SIZE];
    ask->number = number;
    ask->printed_size = code_word_nth(ask->printed, word, &secret, number);
    uint32_t size = code_word_read(read, codes_printed(ask), pool_reading(ask->record));
    ask->key = codes_key_of(ask, text_make(read, size));
    ask->code = ask->pool == NULL ? NULL : codes_find(ask->engine, ask->pool, ask->key);
    return true;
}

static bool find_made(struct ask *ask, struct text read)
{
    struct code_word word;
    if (!pool_word(ask->program, ask->record, &word)) return false;
    struct crypto_key secret = code_word_key(&ask->engine->identity.key, ask->name);
    if (!code_word_find(&word, &secret, (uint64_t)ask->record->codes, read, &ask->number)) return false;
    ask->printed_size = code_word_nth(ask->printed, &word, &secret, ask->number);
    return true;
}

static bool find_fixed(struct ask *ask, struct text read)
{
    char fixed[CODE_WORD_SIZE];
    struct text pattern = program_text(ask->program, ask->record->pattern);
    uint32_t size = code_word_read(fixed, pattern, pool_reading(ask->record));
    if (!text_equal(text_make(fixed, size), read)) return false;
    codes_print(ask, pattern);
    return true;
}

bool codes_find_typed(struct ask *ask, struct text typed)
{
    char bytes[CODE_WORD_SIZE];
    struct text read = text_make(bytes, code_word_read(bytes, typed, pool_reading(ask->record)));
    if (read.size == 0) return false;
    ask->key = codes_key_of(ask, read);
    ask->code = ask->pool == NULL ? NULL : codes_find(ask->engine, ask->pool, ask->key);
    if (ask->code != NULL && ask->code->text != NULL) {
        ask->number = ask->code->number;
        codes_print(ask, code_printed(ask->code));
        return true;
    }
    switch ((enum pool_kind)ask->record->kind) {
    case POOL_MADE: return find_made(ask, read);
    case POOL_FIXED: return find_fixed(ask, read);
    case POOL_UPLOADED:
    case POOL_KIND_COUNT: break;
    }
    return false;
}
