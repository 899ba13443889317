/*
 * The interpreter as its callers see it: what it resets and what it keeps, texts, and that the loop with computed goto and
 * the one with a switch do the same. What each instruction does is tested in tests/bytecode/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/fuzz/bundle_kit.h"
#include "tests/fuzz/switch_interp.h"
#include "vm/assemble.h"
#include "vm/interp.h"
#include "vm/memory.h"
#include "vm/round.h"

static void both_loops_do_the_same(void **unused)
{
    (void)unused;
    struct buffer sample = BUFFER_EMPTY;
    bundle_kit_sample(&sample);
    for (uint64_t seed = 0; seed < 300; seed++)
        assert_true(bundle_kit_try(sample.bytes, sample.size, seed)); /* it runs both */
    buffer_deinit(&sample);
}

/* A program of code alone: what runs needs no schema. */
struct scene {
    struct builder builder;
    struct program program;
    struct activation *activation;
};

static void scene_open(struct scene *scene, const char *code)
{
    struct error error = ERROR_NONE;
    *scene = (struct scene){.activation = memory_alloc(sizeof(struct activation))};
    builder_init(&scene->builder);
    if (assemble(&scene->builder, text_of(code), &error) != OK) fail_msg("%s", error.message);
    assert_int_equal(builder_program(&scene->program, &scene->builder, &error), OK);
    scene->activation->program = &scene->program;
    scene->activation->campaign = PROGRAM_NONE;
}

static void scene_close(struct scene *scene)
{
    builder_deinit(&scene->builder);
    memory_release(scene->activation);
}

static void a_run_resets_its_result_and_keeps_the_trace(void **unused)
{
    (void)unused;
    struct scene scene;
    scene_open(&scene, "region site_count=4 register_count=2\n"
                       "LOAD_CONST r0, 5\nIF_EQ_CONST r0, s1, +0, 5\nACCEPT\n"         /* 0 to 2 */
                       "LOAD_CONST r0, 5\nIF_EQ_CONST r0, s2, +1, 6\nACCEPT\nREJECT\n" /* 3 to 6 */
                       "STEP 3\nFINISH \"done\"\n");                                   /* 7 and 8 */
    assert_true(interp_filter(scene.activation, 0));
    assert_false(interp_filter(scene.activation, 3));
    assert_int_equal(scene.activation->trace[1], 3);
    assert_int_equal(scene.activation->trace[2], 2);
    assert_int_equal(scene.activation->trace[3], 0);
    (void)switch_enter(scene.activation, 3);
    assert_int_equal(scene.activation->steps, 3); /* a skip does not count what it skips */
    for (int i = 0; i < 2; i++) {
        interp_run(scene.activation, 7);
        assert_int_equal(scene.activation->outcome, OUTCOME_FINISH);
        assert_int_equal(scene.activation->made_count, 1);
        assert_int_equal(scene.activation->made[0].kind, MADE_STEP);
        assert_int_equal(scene.activation->made[0].object, 3);
        assert_int_equal(scene.activation->trace[1], 3);
    }
    interp_clear_trace(scene.activation);
    assert_int_equal(scene.activation->trace[1], 0);
    assert_int_equal(scene.activation->trace[2], 0);
    scene_close(&scene);
}

static void texts_come_from_their_bank(void **unused)
{
    (void)unused;
    struct scene scene;
    uint8_t event[] = "event", player[] = "player", journey[] = "journey";
    scene_open(&scene, "string \"constant\"\n");
    scene.activation->event.bytes = event;
    scene.activation->player.bytes = player;
    scene.activation->journey_bytes = journey;
    assert_true(text_equal(interp_text(scene.activation, handle_make(BANK_CONSTANT, 8, 0)), TEXT("constant")));
    assert_true(text_equal(interp_text(scene.activation, handle_make(BANK_EVENT, 5, 0)), TEXT("event")));
    assert_true(text_equal(interp_text(scene.activation, handle_make(BANK_PLAYER, 3, 1)), TEXT("lay")));
    assert_true(text_equal(interp_text(scene.activation, handle_make(BANK_JOURNEY, 4, 3)), TEXT("rney")));
    assert_int_equal(interp_text(scene.activation, handle_make(BANK_EVENT, 0, 99)).size, 0);
    scene_close(&scene);
}

/* Exact beyond 64 bits, and the mirrored rounding below zero. */
static void products_do_not_overflow_on_the_way(void **unused)
{
    (void)unused;
    static const struct {
        int64_t value;
        unsigned rounding;
        int64_t numerator, denominator, result;
    } cases[] = {
        {INT64_C(9000000000000000000), ROUNDING_DOWN, 1000000, 3000000, INT64_C(3000000000000000000)},
        {-5, ROUNDING_DOWN, 1, 2, -2},
        {-5, ROUNDING_UP, 1, 2, -3},
        {5, ROUNDING_HALF_UP, 1, 2, 3},
        {5, ROUNDING_HALF_EVEN, 1, 2, 2},
        {7, ROUNDING_HALF_EVEN, 1, 2, 4},
        {-7, ROUNDING_HALF_UP, 1, 2, -4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char code[256];
        (void)snprintf(code, sizeof code,
                       "variable\nregion register_count=2\nLOAD_CONST r0, %lld\nSCALE r0, r0, %u, %lld/%lld\nSTORE j0, "
                       "r0\nFINISH \"x\"\n",
                       (long long)cases[i].value, cases[i].rounding, (long long)cases[i].numerator,
                       (long long)cases[i].denominator);
        struct scene scene;
        int64_t slot = 0;
        scene_open(&scene, code);
        scene.activation->journey_slot = &slot;
        interp_run(scene.activation, 0);
        assert_int_equal(slot, cases[i].result);
        scene_close(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_loops_do_the_same),
        cmocka_unit_test(a_run_resets_its_result_and_keeps_the_trace),
        cmocka_unit_test(texts_come_from_their_bank),
        cmocka_unit_test(products_do_not_overflow_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
