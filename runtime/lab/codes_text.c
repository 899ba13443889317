/*
 * Lines about pools. Contract: codes_text.h.
 */
#include "runtime/lab/codes_text.h"

#include "vm/decimal.h"
#include "vm/pool.h"

static void print_pool(struct buffer *out, const struct program *program, const struct bundle_pool *pool)
{
    struct code_word word;
    if (pool->kind != POOL_MADE || !pool_word(program, pool, &word)) return;
    uint64_t made = (uint64_t)pool->codes, tries = code_word_tries(pool->lock_tries, pool->lock_ms);
    uint32_t bits = code_word_bits(word.space, made);
    buffer_print(out, "  codes \"%.*s\": ", TEXT_ARGS(program_text(program, pool->name)));
    decimal_print_count(out, pool->codes, "code");
    buffer_string(out, " of ");
    decimal_print_count(out, (int64_t)word.space, "text");
    buffer_print(out, ", %u.%u bits each; ", bits / 1000, bits / 100 % 10);
    buffer_string(out, pool->lock_tries > 0 ? "the " : "(nothing locks) the ");
    decimal_print(out, (int64_t)tries, 0, DECIMAL_GROUPS);
    buffer_string(out, tries == 1 ? " try" : " tries");
    buffer_string(out, " that a player has in an hour hit one with a chance of 1 in ");
    decimal_print(out, (int64_t)(word.space / made / tries), 0, DECIMAL_GROUPS);
    buffer_string(out, "\n");
}

void codes_text_print(struct buffer *out, const struct program *program)
{
    for (uint32_t i = 0; i < program->pool_count; i++) print_pool(out, program, &program->pool[i]);
}

bool codes_text_any_made(const struct program *program)
{
    for (uint32_t i = 0; i < program->pool_count; i++) {
        if (program->pool[i].kind == POOL_MADE) return true;
    }
    return false;
}
