/*
 * Instructions, labels, registers, condition sites and facts (check.h).
 *
 * All skips go forward: a label is always bound after everything that jumps to it, so binding it patches the
 * instructions that wait for it and nothing else has to be remembered.
 */
#include "compiler/flow.h"

#include "vm/limits.h"

void emit_region_begin(struct emitter *emitter)
{
    emitter->code_first = builder_count(emitter->builder, SECTION_CODE);
    emitter->site_first = builder_count(emitter->builder, SECTION_SITE);
    emitter->site_count = 0;
    emitter->register_high = 0;
    struct bundle_site scratch = {
        .text = builder_text(emitter->builder, TEXT("")), .of = PROGRAM_NONE, .bank = BANK_REGISTER};
    builder_add_site(emitter->builder, &scratch);
    emitter->site_count = 1;
}

/* What skips to a jump skips to where the jump goes. From the end backwards, so each is followed in one step. */
static void thread_jumps(struct emitter *emitter)
{
    const uint32_t end = emit_pc(emitter);
    for (uint32_t pc = end; pc-- > emitter->code_first;) {
        struct instruction *at = builder_at(emitter->builder, SECTION_CODE, pc);
        if (at == NULL || layout_opcode(at->op)->c != OPERAND_SKIP) continue;
        const uint32_t target = pc + 1 + at->c;
        if (target >= end) continue;
        const struct instruction *next = builder_at(emitter->builder, SECTION_CODE, target);
        const uint32_t skip = target + 1 + next->c - (pc + 1);
        if (next->op == OP_JUMP && skip <= UINT16_MAX) at->c = (uint16_t)skip;
    }
}

uint32_t emit_entry(const struct emitter *emitter, uint32_t pc)
{
    while (pc < emit_pc(emitter)) {
        const struct instruction *at = builder_at(emitter->builder, SECTION_CODE, pc);
        if (at == NULL || at->op != OP_JUMP) break;
        pc += 1 + (uint32_t)at->c;
    }
    return pc;
}

uint32_t emit_region_end(struct emitter *emitter, uint32_t campaign)
{
    if (!emitter->builder->failed) thread_jumps(emitter);
    struct bundle_region region = {
        .code_first = emitter->code_first,
        .code_count = builder_count(emitter->builder, SECTION_CODE) - emitter->code_first,
        .site_first = emitter->site_first,
        .site_count = emitter->site_count,
        .campaign = campaign,
        .register_count = emitter->register_high,
    };
    if (region.code_count > LIMIT_INSTRUCTIONS_PER_CAMPAIGN || region.site_count > LIMIT_CONDITIONS_PER_CAMPAIGN)
        emitter->too_large = true;
    return builder_add_region(emitter->builder, &region);
}

uint32_t emit_pc(const struct emitter *emitter)
{
    return builder_count(emitter->builder, SECTION_CODE);
}

void emit(struct emitter *emitter, enum opcode op, uint32_t a, uint32_t b, uint32_t c, int64_t imm)
{
    if (emitter->dry) return;
    builder_code(emitter->builder, op, a, b, c, imm);
}

void emit_skip(struct emitter *emitter, enum opcode op, uint32_t a, uint32_t b, struct label *label, int64_t imm)
{
    label->used = true;
    if (emitter->dry) return;
    struct fixup *fixup = ARENA_NEW(emitter->names->arena, struct fixup);
    uint32_t pc = builder_code(emitter->builder, op, a, b, 0, imm);
    if (fixup == NULL) return;
    *fixup = (struct fixup){pc, label->fixups};
    label->fixups = fixup;
}

void emit_jump(struct emitter *emitter, struct label *label)
{
    emit_skip(emitter, OP_JUMP, 0, 0, label, 0);
}

void emit_bind(struct emitter *emitter, struct label *label)
{
    if (emitter->dry) return;
    uint32_t here = emit_pc(emitter);
    emitter->bound = here;
    for (const struct fixup *fixup = label->fixups; fixup != NULL; fixup = fixup->next) {
        uint32_t skip = here - (fixup->pc + 1);
        if (skip > UINT16_MAX) {
            emitter->too_large = true;
            continue;
        }
        struct instruction *instruction = builder_at(emitter->builder, SECTION_CODE, fixup->pc);
        if (instruction != NULL) instruction->c = (uint16_t)skip;
    }
    label->fixups = NULL;
}

uint32_t emit_register(struct emitter *emitter)
{
    uint32_t number = emitter->next_register;
    if (number >= PROGRAM_REGISTERS) {
        if (!emitter->dry && emitter->node != NULL && !emitter->too_large)
            REPORT(emitter->names, DIAGNOSTIC_TOO_MANY, emitter->node->span, TEXT("more than 64"),
                   TEXT("numbers at one time"), TEXT("64: remember a part of it in a line before"));
        emitter->too_large = true;
        return PROGRAM_REGISTERS - 1;
    }
    emitter->next_register++;
    if (!emitter->dry && emitter->next_register > emitter->register_high)
        emitter->register_high = emitter->next_register;
    return number;
}

uint32_t emit_site(struct emitter *emitter, struct span span, struct text words, const struct reading *reading)
{
    if (emitter->dry || emitter->metric != NULL) return 0;
    struct names *names = emitter->names;
    struct bundle_site site = {
        .text = builder_text(emitter->builder, words),
        .file = span.file,
        .line = names_line(names, span),
        .column = names_column(names, span),
        .kind = TYPE_BOOL,
        .of = PROGRAM_NONE,
        .bank = BANK_REGISTER,
    };
    if (reading != NULL && (uint32_t)reading->type.kind < TYPE_COUNT) {
        site.kind = reading->type.kind;
        site.of = reading->type.kind == TYPE_ENUM || reading->type.kind == TYPE_MONEY || reading->type.kind == TYPE_SET
                      ? reading->type.of
                      : PROGRAM_NONE;
        site.bank = reading->bank == BANK_CONSTANT ? BANK_REGISTER : reading->bank;
        site.slot = site.bank == BANK_REGISTER ? 0 : reading->slot;
    }
    builder_add_site(emitter->builder, &site);
    return emitter->site_count++;
}

/* ------------------------------------------------------------------ facts */

static uint64_t *facts_word(struct facts *facts, enum bank bank, uint32_t slot)
{
    if (bank == BANK_EVENT && slot < LAYOUT_EVENT_SLOTS_MAX) return &facts->event[slot / 64];
    if (bank == BANK_PLAYER && slot < LAYOUT_PLAYER_SLOTS_MAX) return &facts->player[slot / 64];
    if (bank == BANK_JOURNEY && slot < 64) return &facts->journey;
    if (bank == BANK_METRIC && slot < LIMIT_METRICS) return &facts->metric[slot / 64];
    return NULL;
}

enum opcode emit_known_opcode(enum bank bank)
{
    return bank == BANK_EVENT    ? OP_IF_KNOWN_EVENT
           : bank == BANK_PLAYER ? OP_IF_KNOWN_PLAYER
           : bank == BANK_METRIC ? OP_IF_KNOWN_METRIC
                                 : OP_IF_KNOWN_JOURNEY;
}

bool facts_has(const struct facts *facts, enum bank bank, uint32_t slot)
{
    const uint64_t *word = facts_word((struct facts *)(uintptr_t)facts, bank, slot); /* only looked at */
    return word != NULL && (*word >> (slot % 64) & 1) != 0;
}

void facts_add(struct facts *facts, enum bank bank, uint32_t slot)
{
    uint64_t *word = facts_word(facts, bank, slot);
    if (word != NULL) *word |= UINT64_C(1) << (slot % 64);
}

void facts_meet(struct facts *facts, const struct facts *other)
{
    for (size_t i = 0; i < sizeof facts->event / sizeof *facts->event; i++) facts->event[i] &= other->event[i];
    for (size_t i = 0; i < sizeof facts->player / sizeof *facts->player; i++) facts->player[i] &= other->player[i];
    for (size_t i = 0; i < sizeof facts->metric / sizeof *facts->metric; i++) facts->metric[i] &= other->metric[i];
    facts->journey &= other->journey;
}
