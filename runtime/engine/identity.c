/* Identities of effects: the tuple in bytes, then a keyed hash. spec: runtime.md#identity-of-an-effect
 *
 *   "promo effect 1" | workspace | campaign | brand | player | journey u64 | step | action | name | label | nth u64 [ | "l" life u64 ]
 *
 * Each text has its size (u32, little-endian) before it, so the bytes of two different tuples differ. The most that a
 * tuple takes is far below the room on the stack: names are bounded by spec/limits.def; longer ones (a bundle that was
 * not made by the compiler) are hashed first, with their size.
 */
#include "runtime/engine/identity.h"

#define IDENTITY_PURPOSE TEXT("effect identity")
#define TEXT_MAX         256u /* Longer texts go in as their digest. */
#define ROOM             (16u + 9u * (4u + TEXT_MAX) + 32u)

struct tuple {
    uint8_t bytes[ROOM];
    uint32_t size;
};

static void put(struct tuple *tuple, const void *bytes, uint32_t size)
{
    INVARIANT(size <= ROOM - tuple->size);
    if (size > 0) memcpy(tuple->bytes + tuple->size, bytes, size);
    tuple->size += size;
}

static void put_number(struct tuple *tuple, uint64_t number)
{
    uint8_t bytes[8];
    for (uint32_t i = 0; i < 8; i++) bytes[i] = (uint8_t)(number >> (8 * i));
    put(tuple, bytes, sizeof bytes);
}

static void put_text(struct tuple *tuple, struct text text)
{
    uint8_t size[4];
    for (uint32_t i = 0; i < 4; i++) size[i] = (uint8_t)(text.size >> (8 * i));
    put(tuple, size, sizeof size);
    if (text.size <= TEXT_MAX) {
        put(tuple, text.at, text.size);
        return;
    }
    struct crypto_digest digest = crypto_digest256(text.at, text.size);
    put(tuple, digest.bytes, sizeof digest.bytes);
}

static void finish(uint8_t out[16], const struct identity *identity, const struct tuple *tuple)
{
    struct crypto_id id = crypto_keyed128(tuple->bytes, tuple->size, &identity->key);
    memcpy(out, id.bytes, 16);
}

void identity_init(struct identity *out, struct text workspace, const uint8_t *key)
{
    out->workspace = workspace;
    out->epoch = 0;
    if (key != NULL) {
        memcpy(out->key.bytes, key, sizeof out->key.bytes);
    } else {
        out->key = crypto_derive_key(workspace, IDENTITY_PURPOSE);
    }
}

static void put_epoch(struct tuple *tuple, const struct identity *identity)
{
    if (identity->epoch == 0) return;
    put(tuple, "e", 1);
    put_number(tuple, identity->epoch);
}

void identity_effect(uint8_t out[16], const struct identity *identity, const struct identity_parts *parts)
{
    struct tuple tuple;
    tuple.size = 0;
    put(&tuple, "promo effect 1", 14);
    put_text(&tuple, identity->workspace);
    put_text(&tuple, parts->campaign);
    put_text(&tuple, parts->brand);
    put_text(&tuple, parts->player);
    put_number(&tuple, parts->journey);
    put_text(&tuple, parts->step);
    put_text(&tuple, parts->action);
    put_text(&tuple, parts->name);
    put_text(&tuple, parts->label);
    put_number(&tuple, parts->nth);
    /* What is rare stands behind, with a tag: identities of a first life are as they always were. */
    if (parts->life != 0) {
        put(&tuple, "l", 1);
        put_number(&tuple, parts->life);
    }
    put_epoch(&tuple, identity);
    finish(out, identity, &tuple);
}

void identity_suspension(uint8_t out[16], const struct identity *identity, struct text campaign, int64_t at)
{
    struct tuple tuple;
    tuple.size = 0;
    put(&tuple, "promo notice 1", 14);
    put_text(&tuple, identity->workspace);
    put_text(&tuple, campaign);
    put_number(&tuple, (uint64_t)at);
    put_epoch(&tuple, identity);
    finish(out, identity, &tuple);
}

struct text identity_step(const struct program *program, uint32_t step)
{
    const struct bundle_step *record = &program->step[step];
    return program_text(program, record->renamed_from != PROGRAM_NONE ? record->renamed_from : record->name);
}

void identity_fill(struct identity_parts *parts, const struct program *program, uint32_t campaign,
                   const struct bundle_effect *effect)
{
    parts->campaign = program_text(program, program->campaign[campaign].name);
    parts->step = identity_step(program, effect->step);
    parts->action = program_text(program, effect->action);
    parts->name = program_text(program, effect->name);
    parts->label = program_text(program, effect->label);
}
