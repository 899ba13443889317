/*
 * Gathers and tells what tests reach. See coverage.h.
 */
#include "runtime/lab/coverage.h"

#include "runtime/lab/why_not.h"

enum opcode {
#define OPCODE(number, name, a, b, c, imm, sentence) OP_##name = (number),
#include "spec/opcodes.def"
#undef OPCODE
};

enum { SEEN_NO = 1, SEEN_YES = 2 };

struct coverage {
    const struct program *program;
    bool *step, *effect; /* by index of the program */
    uint8_t *site;       /* by SITE index: SEEN_NO, SEEN_YES */
    bool *finish;        /* by instruction: of each FINISH, whether a journey of its campaign ended so */
};

/* A thing that may be missing, to be told in the order of lines. */
struct missing {
    void (*each)(void *context, uint32_t line, struct text words);
    void *context;
};

struct coverage *coverage_new(struct arena *arena, const struct program *program)
{
    struct coverage *coverage = arena_alloc(arena, sizeof *coverage);
    if (coverage == NULL) {
        return NULL;
    }
    *coverage = (struct coverage){.program = program};
    coverage->step = arena_alloc(arena, program->step_count + 1u);
    coverage->effect = arena_alloc(arena, program->effect_count + 1u);
    coverage->site = arena_alloc(arena, program->site_count + 1u);
    coverage->finish = arena_alloc(arena, program->instruction_count + 1u);
    if (coverage->step == NULL || coverage->effect == NULL || coverage->site == NULL || coverage->finish == NULL) {
        return NULL;
    }
    memset(coverage->step, 0, program->step_count);
    memset(coverage->effect, 0, program->effect_count);
    memset(coverage->site, 0, program->site_count);
    memset(coverage->finish, 0, program->instruction_count);
    return coverage;
}

void coverage_effect(struct coverage *coverage, const struct engine_effect *effect)
{
    if (effect->effect != NULL) {
        coverage->effect[effect->effect - effect->program->effect] = true;
    }
}

void coverage_note(struct coverage *coverage, const struct engine_note *note)
{
    if (note->kind == NOTE_STEP && note->step < coverage->program->step_count) {
        coverage->step[note->step] = true;
    }
    if (note->kind != NOTE_FINISHED || note->campaign >= coverage->program->campaign_count) {
        return;
    }
    const struct bundle_region *region = &coverage->program->region[coverage->program->campaign[note->campaign].region];
    for (uint32_t i = 0; i < region->code_count; i++) {
        const struct instruction *at = &coverage->program->instruction[region->code_first + i];
        if (at->op == OP_FINISH && text_equal(program_text(coverage->program, (uint32_t)at->imm), note->finish)) {
            coverage->finish[region->code_first + i] = true;
        }
    }
}

void coverage_probe(struct coverage *coverage, const struct engine_probe_call *call)
{
    const struct activation *activation = call->activation;
    if (activation->campaign >= coverage->program->campaign_count) {
        return;
    }
    const struct bundle_region *region =
        &coverage->program->region[coverage->program->campaign[activation->campaign].region];
    for (uint32_t i = 1; i < region->site_count && i < ACTIVATION_SITES_MAX; i++) {
        if (activation->trace[i] != 0) {
            coverage->site[region->site_first + i] |= activation->trace[i] == 3 ? SEEN_YES : SEEN_NO;
        }
    }
}

static bool is_same_condition(const struct program *program, uint32_t one, uint32_t other)
{
    return program->site[one].line == program->site[other].line &&
           program->site[one].column == program->site[other].column &&
           text_equal(program_text(program, program->site[one].text), program_text(program, program->site[other].text));
}

/* A condition of the author's: in the campaign's own file, and not the currency that goes without saying. One that was compiled several
 * times counts once, by its first site. */
static bool is_counted_site(const struct coverage *coverage, const struct bundle_campaign *campaign, uint32_t index)
{
    const struct program *program = coverage->program;
    if (program->site[index].file != campaign->file || program->site[index].line == 0 ||
        why_not_is_currency(program, index) || program_text(program, program->site[index].text).size == 0) {
        return false;
    }
    for (uint32_t i = program->region[campaign->region].site_first + 1; i < index; i++) {
        if (is_same_condition(program, i, index)) {
            return false;
        }
    }
    return true;
}

/* SEEN_YES and SEEN_NO of a condition, wherever it was compiled. */
static unsigned seen_of(const struct coverage *coverage, const struct bundle_campaign *campaign, uint32_t index)
{
    const struct bundle_region *region = &coverage->program->region[campaign->region];
    unsigned seen = 0;
    for (uint32_t i = index; i < region->site_first + region->site_count; i++) {
        seen |= is_same_condition(coverage->program, i, index) ? coverage->site[i] : 0u;
    }
    return seen;
}

/* The first FINISH with its reason in the region: each reason counts once. */
static bool is_first_finish(const struct program *program, const struct bundle_region *region, uint32_t pc)
{
    if (program->instruction[pc].op != OP_FINISH ||
        program_text(program, (uint32_t)program->instruction[pc].imm).size == 0) {
        return false; /* an empty reason: the end of what cannot happen */
    }
    for (uint32_t i = region->code_first; i < pc; i++) {
        if (program->instruction[i].op == OP_FINISH && program->instruction[i].imm == program->instruction[pc].imm) {
            return false;
        }
    }
    return true;
}

struct coverage_count coverage_of(const struct coverage *coverage, uint32_t index)
{
    const struct program *program = coverage->program;
    const struct bundle_campaign *campaign = &program->campaign[index];
    const struct bundle_region *region = &program->region[campaign->region];
    struct coverage_count count = {.steps = campaign->step_count, .effects = campaign->effect_count};
    for (uint32_t i = 0; i < campaign->step_count; i++) {
        count.steps_reached += coverage->step[campaign->step_first + i] ? 1 : 0;
    }
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        count.effects_reached += coverage->effect[campaign->effect_first + i] ? 1 : 0;
    }
    for (uint32_t i = 1; i < region->site_count; i++) {
        const uint32_t site = region->site_first + i;
        if (is_counted_site(coverage, campaign, site)) {
            count.ways += 2;
            const unsigned seen = seen_of(coverage, campaign, site);
            count.ways_reached += ((seen & SEEN_YES) != 0 ? 1u : 0u) + ((seen & SEEN_NO) != 0 ? 1u : 0u);
        }
    }
    for (uint32_t pc = region->code_first; pc < region->code_first + region->code_count; pc++) {
        if (is_first_finish(program, region, pc)) {
            count.ends++;
            count.ends_reached += coverage->finish[pc] ? 1 : 0;
        }
    }
    return count;
}

static void tell(const struct missing *missing, uint32_t line, struct buffer *words)
{
    missing->each(missing->context, line, buffer_as_text(words));
    buffer_clear(words);
}

static void tell_effect(const struct program *program, const struct bundle_effect *effect, struct buffer *words)
{
    buffer_print(words, "%s%.*s",
                 effect->kind == ACT_SEND ? "send "
                 : effect->kind == ACT_DO ? "do "
                                          : "",
                 TEXT_ARGS(program_text(program, effect->action)));
    const struct text name = program_text(program, effect->name);
    if (name.size > 0 && !text_equal(name, program_text(program, effect->action))) {
        buffer_print(words, " \"%.*s\"", TEXT_ARGS(name));
    }
    buffer_string(words, " was never made");
}

static void tell_line(const struct coverage *coverage, uint32_t index, uint32_t line, const struct missing *missing,
                      struct buffer *words)
{
    const struct program *program = coverage->program;
    const struct bundle_campaign *campaign = &program->campaign[index];
    const struct bundle_region *region = &program->region[campaign->region];
    for (uint32_t i = campaign->step_first; i < campaign->step_first + campaign->step_count; i++) {
        if (program->step[i].line == line && !coverage->step[i]) {
            buffer_print(words, "step \"%.*s\" was never reached",
                         TEXT_ARGS(program_text(program, program->step[i].name)));
            tell(missing, line, words);
        }
    }
    for (uint32_t i = region->site_first + 1; i < region->site_first + region->site_count; i++) {
        const bool counted = program->site[i].line == line && is_counted_site(coverage, campaign, i);
        const unsigned seen = counted ? seen_of(coverage, campaign, i) : SEEN_YES | SEEN_NO;
        if (seen == (SEEN_YES | SEEN_NO)) {
            continue;
        }
        buffer_print(words, "`%.*s` %s", TEXT_ARGS(program_text(program, program->site[i].text)),
                     seen == 0          ? "was never judged"
                     : seen == SEEN_YES ? "was never no"
                                        : "was never yes");
        tell(missing, line, words);
    }
    for (uint32_t i = campaign->effect_first; i < campaign->effect_first + campaign->effect_count; i++) {
        if (program->effect[i].line == line && !coverage->effect[i]) {
            tell_effect(program, &program->effect[i], words);
            tell(missing, line, words);
        }
    }
}

/* The first line beyond `after` on which something may be missing; PROGRAM_NONE: none. */
static uint32_t next_line(const struct coverage *coverage, uint32_t index, uint32_t after)
{
    const struct program *program = coverage->program;
    const struct bundle_campaign *campaign = &program->campaign[index];
    const struct bundle_region *region = &program->region[campaign->region];
    uint32_t next = PROGRAM_NONE;
    for (uint32_t i = campaign->step_first; i < campaign->step_first + campaign->step_count; i++) {
        next = program->step[i].line > after && program->step[i].line < next ? program->step[i].line : next;
    }
    for (uint32_t i = region->site_first + 1; i < region->site_first + region->site_count; i++) {
        const bool counted = program->site[i].line > after && is_counted_site(coverage, campaign, i);
        next = counted && program->site[i].line < next ? program->site[i].line : next;
    }
    for (uint32_t i = campaign->effect_first; i < campaign->effect_first + campaign->effect_count; i++) {
        next = program->effect[i].line > after && program->effect[i].line < next ? program->effect[i].line : next;
    }
    return next;
}

void coverage_missing(const struct coverage *coverage, uint32_t index,
                      void (*each)(void *context, uint32_t line, struct text words), void *context)
{
    const struct program *program = coverage->program;
    const struct bundle_region *region = &program->region[program->campaign[index].region];
    const struct missing missing = {each, context};
    struct buffer words = BUFFER_EMPTY;
    for (uint32_t line = next_line(coverage, index, 0); line != PROGRAM_NONE; line = next_line(coverage, index, line)) {
        tell_line(coverage, index, line, &missing, &words);
    }
    for (uint32_t pc = region->code_first; pc < region->code_first + region->code_count; pc++) {
        if (is_first_finish(program, region, pc) && !coverage->finish[pc]) {
            buffer_print(&words, "no journey ended as \"%.*s\"",
                         TEXT_ARGS(program_text(program, (uint32_t)program->instruction[pc].imm)));
            tell(&missing, 0, &words);
        }
    }
    buffer_deinit(&words);
}
