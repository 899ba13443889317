/*
 * Stacking orders in forged bundles: each mistake in a record is refused with words for it. What a checkout makes of a sound one is
 * checkout_test's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "tests/kit/engine_kit.h"

#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/verify.h"

static const char SOURCE[] =
    "workspace \"Forged\"\n  product casino\n  currency EUR\n  channel inbox\n  use events\n  use actions\nend\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\nend\n"
    "campaign \"A\"\n  product casino\n  currency EUR\n  timezone \"Europe/Berlin\"\n  start on deposit\n"
    "  step \"S\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n";

struct forgery {
    void (*change)(struct bundle_stacking *stacking, struct bundle_stack *stack);
    const char *words;
};
#define CHANGE(name, statement)                                                    \
    static void name(struct bundle_stacking *stacking, struct bundle_stack *stack) \
    {                                                                              \
        (void)stacking, (void)stack;                                               \
        statement;                                                                 \
    }
static uint32_t not_a_reward;
CHANGE(same_name, stacking[1].name = stacking[0].name)
CHANGE(no_line, stacking[0].stack_count = 0)
CHANGE(beyond_the_lines, stacking[1].stack_count = 2)
CHANGE(twice, stack[1].action = stack[0].action)
CHANGE(none_of_it, stack[0].most = 0)
CHANGE(too_many, stack[1].most = 17)
CHANGE(no_reward, stack[1].action = not_a_reward)
CHANGE(no_action, stack[0].action = 1000)

static const struct forgery forgeries[] = {
    {same_name, "has its name"}, {no_line, "no line"},
    {beyond_the_lines, "stack"}, {twice, "in the order before it"},
    {none_of_it, "takes none"},  {too_many, "more than 16"},
    {no_reward, "no reward"},    {no_action, "outside its section"},
};

/* The compiled program with two stacking orders behind it. */
static void write_bundle(struct buffer *out, const struct buffer *compiled)
{
    struct error error = ERROR_NONE;
    struct program program;
    assert_int_equal(bundle_open(&program, compiled->bytes, compiled->size, &error), OK);
    struct builder builder;
    builder_init(&builder);
    for (unsigned i = 0; i < layout_section_count; i++) {
        const struct layout_section *section = &layout_sections[i];
        const uint8_t *rows = layout_rows(&program, section);
        for (uint32_t j = 0; j < layout_count(&program, section); j++)
            builder_add(&builder, (enum section)section->number, rows + (size_t)j * section->record_size);
    }
    uint32_t reward[2] = {0}, found = 0;
    for (uint32_t i = 0; i < program.action_count; i++) {
        if (program.action[i].class != CLASS_REWARD) {
            not_a_reward = i;
        } else if (found < 2) {
            reward[found++] = i;
        }
    }
    builder_add_stacking(&builder, &(struct bundle_stacking){.name = program.workspace->name, .stack_count = 2});
    builder_add_stacking(
        &builder, &(struct bundle_stacking){.name = program.campaign[0].name, .stack_first = 2, .stack_count = 1});
    builder_add_stack(&builder, &(struct bundle_stack){.action = reward[0], .most = 1});
    builder_add_stack(&builder, &(struct bundle_stack){.action = reward[1], .most = 16});
    builder_add_stack(&builder, &(struct bundle_stack){.action = reward[0], .most = 2});
    assert_int_equal(builder_program(&program, &builder, &error), OK);
    assert_int_equal(bundle_write(out, &program, &error), OK);
    builder_deinit(&builder);
}

static enum status judge(const struct forgery *forgery, const struct buffer *bundle, struct error *error)
{
    struct buffer copy = BUFFER_EMPTY;
    buffer_append(&copy, bundle->bytes, bundle->size);
    struct program program;
    assert_int_equal(bundle_open(&program, copy.bytes, copy.size, error), OK);
    assert_int_equal(program.stacking_count, 2);
    if (forgery != NULL) {
        forgery->change((struct bundle_stacking *)(uintptr_t)program.stacking,
                        (struct bundle_stack *)(uintptr_t)program.stack);
        bundle_kit_rehash(copy.bytes, copy.size);
    }
    enum status status = bundle_open(&program, copy.bytes, copy.size, error);
    if (status == OK) status = verify_program(&program, error);
    buffer_deinit(&copy);
    return status;
}

static void forged_records_are_refused(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, SOURCE, 1);
    struct buffer bundle = BUFFER_EMPTY;
    write_bundle(&bundle, &kit.bundle);
    struct error error = ERROR_NONE;
    assert_int_equal(judge(NULL, &bundle, &error), OK);
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        error = (struct error)ERROR_NONE;
        if (judge(&forgeries[i], &bundle, &error) == OK) fail_msg("forgery %zu (%s) passes", i, forgeries[i].words);
        if (strstr(error.message, forgeries[i].words) == NULL)
            fail_msg("forgery %zu: `%s` does not say `%s`", i, error.message, forgeries[i].words);
    }
    buffer_deinit(&bundle);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forged_records_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
