/*
 * Walks a filter's code once, forward, and names each condition site that it meets. See filter_words.h.
 */
#include "runtime/lab/filter_words.h"

#include "runtime/lab/why_not.h"

enum opcode {
#define OPCODE(number, name, a, b, c, imm, sentence) OP_##name = number,
#include "spec/opcodes.def"
#undef OPCODE
};

enum { CONDITIONS_MAX = 12 };

/* A filter ends with the ACCEPT or REJECT that no skip goes beyond. */
static bool is_last(const struct instruction *at, uint32_t pc, uint32_t furthest)
{
    return (at->op == OP_ACCEPT || at->op == OP_REJECT) && pc >= furthest;
}

void filter_words_print(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t event, uint32_t about, uint32_t pc)
{
    if (event < program->event_count) {
        buffer_text(out, program_text(program, program->event[event].name));
    }
    if (about != PROGRAM_NONE) {
        buffer_print(out, " of \"%.*s\"", TEXT_ARGS(program_text(program, about)));
    }
    if (pc == PROGRAM_NONE) {
        return;
    }
    const struct bundle_region *region = &program->region[program->campaign[campaign].region];
    struct text told[CONDITIONS_MAX];
    uint32_t count = 0;
    uint32_t furthest = pc;
    for (; pc < program->instruction_count; pc++) {
        const struct instruction *at = &program->instruction[pc];
        if (at->op >= OP_IF_EQ_EVENT && at->b > 0 && at->b < region->site_count && count < CONDITIONS_MAX &&
            !why_not_is_currency(program, region->site_first + at->b)) {
            const struct text words = program_text(program, program->site[region->site_first + at->b].text);
            bool known = false;
            for (uint32_t i = 0; i < count; i++) {
                known = known || text_equal(told[i], words);
            }
            if (!known) {
                buffer_print(out, "%s%.*s", count == 0 ? " where " : ", ", TEXT_ARGS(words));
                told[count++] = words;
            }
        }
        if (at->op == OP_JUMP || at->op >= OP_IF_EQ_EVENT) {
            furthest = pc + 1 + at->c > furthest ? pc + 1 + at->c : furthest;
        }
        if (is_last(at, pc, furthest)) {
            return;
        }
    }
}
