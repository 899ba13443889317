/*
 * Walks a filter's code once, forward, and names each condition site that it meets. See filter_words.h.
 */
#include "runtime/lab/filter_words.h"

#include "runtime/lab/why_not.h"

enum opcode {
#define OPCODE(number, name, a, b, c, imm, sentence) OP_##name = (number),
#include "spec/opcodes.def"
#undef OPCODE
};

enum { CONDITIONS_MAX = 16 };

/* A filter ends with the ACCEPT or REJECT that no skip goes beyond. */
static bool is_last(const struct instruction *at, uint32_t pc, uint32_t furthest)
{
    return (at->op == OP_ACCEPT || at->op == OP_REJECT) && pc >= furthest;
}

uint32_t filter_words_sites(const struct program *program, uint32_t pc, uint16_t *sites, uint32_t most)
{
    uint32_t count = 0;
    uint32_t furthest = pc;
    for (; pc < program->instruction_count && count < most; pc++) {
        const struct instruction *at = &program->instruction[pc];
        if (at->op >= OP_IF_EQ_EVENT && at->b > 0) {
            bool known = false;
            for (uint32_t i = 0; i < count; i++) {
                known = known || sites[i] == at->b;
            }
            if (!known) {
                sites[count++] = at->b;
            }
        }
        if (at->op == OP_JUMP || at->op >= OP_IF_EQ_EVENT) {
            furthest = pc + 1 + at->c > furthest ? pc + 1 + at->c : furthest;
        }
        if (is_last(at, pc, furthest)) {
            break;
        }
    }
    return count;
}

void filter_words_print(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t event,
                        uint32_t about, uint32_t pc)
{
    if (event < program->event_count) {
        buffer_text(out, program_text(program, program->event[event].name));
    }
    if (about != PROGRAM_NONE) {
        buffer_print(out, " of \"%.*s\"", TEXT_ARGS(program_text(program, about)));
    }
    const struct bundle_region *region = &program->region[program->campaign[campaign].region];
    uint16_t sites[CONDITIONS_MAX];
    const uint32_t count = filter_words_sites(program, pc, sites, CONDITIONS_MAX);
    bool first = true;
    for (uint32_t i = 0; i < count; i++) {
        if (sites[i] < region->site_count && !why_not_is_currency(program, region->site_first + sites[i])) {
            buffer_print(out, "%s%.*s", first ? " where " : ", ",
                         TEXT_ARGS(program_text(program, program->site[region->site_first + sites[i]].text)));
            first = false;
        }
    }
}
