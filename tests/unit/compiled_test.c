/*
 * Compiler and verifier together: real campaigns, the bounds that are proven of them, and that what is proven holds when they
 * run with any input (tests/fuzz/bundle_kit.h). Messages of the compiler are tested in tests/diagnostics/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "compiler/compiler.h"
#include "tests/fuzz/bundle_kit.h"
#include "vm/assemble.h"
#include "vm/bundle.h"
#include "vm/crypto.h"
#include "vm/disassemble.h"
#include "vm/memory.h"
#include "vm/verify.h"

/* What all campaigns here have: offers of 5 and of 50. The steps follow. */
#define HEAD                                                                         \
    "campaign \"Test\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n"      \
    "  budget\n    total 900,000 EUR\n    when empty  suspend the campaign\n  end\n" \
    "  start on registration\n"
#define OFFERS                                                                                                     \
    "  offer bonus \"five\"\n    amount 5 EUR\n    wagering 10x of bonus\n    expires 7 days after grant\n  end\n" \
    "  offer bonus \"fifty\"\n    amount 50 EUR\n    wagering 10x of bonus\n    expires 7 days after grant\n  end\n"

static struct compiler_output compile(const char *source)
{
    struct compiler_output out;
    struct error error = ERROR_NONE;
    struct compiler_input input = {TEXT("test.promo"), text_of(source)};
    assert_int_equal(compiler_compile(&out, &input, 1, (struct compiler_options){.default_name = TEXT("test")}, &error),
                     OK);
    if (out.failed) fail_msg("it does not compile:\n%s", source);
    return out;
}

/* Bounds of the one campaign; and it is run with all kinds of input, which must stay within them. */
static struct bundle_bound bounds_of(const char *source)
{
    struct compiler_output out = compile(source);
    struct bundle_bound bound = out.program.bound[0];
    size_t size = out.bundle.size;
    uint8_t *bytes = memory_alloc(size);
    memcpy(bytes, out.bundle.bytes, size);
    for (uint64_t seed = 0; seed < 40; seed++) assert_true(bundle_kit_try(bytes, size, seed));
    memory_release(bytes);
    compiler_release(&out);
    return bound;
}

static void a_repeat_counts_its_turns_and_what_follows_once(void **unused)
{
    (void)unused;
    struct bundle_bound bound = bounds_of(
        HEAD "  enter once per player\n" OFFERS "  step \"One\"\n    repeat at most 3 times\n      wait 1 day\n"
             "      credit \"five\", otherwise finish as \"BUDGET\"\n    end\n"
             "    credit \"fifty\", otherwise finish as \"BUDGET\"\n    finish as \"DONE\"\n  end\nend\n");
    assert_int_equal(bound.spend_journey, 3 * 500 + 5000);
    assert_int_equal(bound.spend_player, 3 * 500 + 5000);
    assert_int_equal(bound.spend_campaign, 90000000);
}

static void a_counted_way_back_multiplies_what_it_goes_round(void **unused)
{
    (void)unused;
    struct bundle_bound bound = bounds_of(
        HEAD
        "  enter once per player\n" OFFERS
        "  step \"One\"\n    wait 1 day\n    credit \"five\", otherwise finish as \"BUDGET\"\n"
        "    go to \"One\", at most 2 times, otherwise go to \"Two\"\n  end\n"
        "  step \"Two\"\n    credit \"fifty\", otherwise finish as \"BUDGET\"\n    finish as \"DONE\"\n  end\nend\n");
    assert_int_equal(bound.spend_journey, 3 * 500 + 5000);
}

static void branches_exclude_each_other(void **unused)
{
    (void)unused;
    struct bundle_bound bound = bounds_of(
        HEAD
        "  enter once per player\n" OFFERS
        "  step \"One\"\n    wait up to 3 days\n      when deposit  go to \"Early\"\n"
        "      when time is up  go to \"Late\"\n    end\n  end\n"
        "  step \"Early\"\n    credit \"fifty\", otherwise finish as \"BUDGET\"\n    finish as \"EARLY\"\n  end\n"
        "  step \"Late\"\n    credit \"five\", otherwise finish as \"BUDGET\"\n    finish as \"LATE\"\n  end\nend\n");
    assert_int_equal(bound.spend_journey, 5000);
}

/* The step waits, so the event may come again while it does: the line moves a journey once. */
static void a_leave_line_that_leads_to_a_wait_is_bounded(void **unused)
{
    (void)unused;
    struct bundle_bound bound =
        bounds_of(HEAD "  enter once per player\n  leave on withdrawal_requested  go to \"Bye\"\n" OFFERS
                       "  step \"One\"\n    wait 3 days\n    credit \"five\", otherwise finish as \"BUDGET\"\n    "
                       "finish as \"DONE\"\n  end\n"
                       "  step \"Bye\"\n    credit \"fifty\", otherwise finish as \"BUDGET\"\n    wait 1 day\n    "
                       "finish as \"BYE\"\n  end\nend\n");
    assert_int_equal(bound.spend_journey, 5000);
}

static void entering_again_is_bounded_by_the_budget_alone(void **unused)
{
    (void)unused;
    struct bundle_bound bound = bounds_of(
        HEAD
        "  enter once per day\n" OFFERS
        "  step \"One\"\n    credit \"five\", otherwise finish as \"BUDGET\"\n    finish as \"DONE\"\n  end\nend\n");
    assert_int_equal(bound.spend_journey, 500);
    assert_int_equal(bound.spend_player, 90000000);
    assert_int_equal(bound.spend_campaign, 90000000);
}

static const char whole_campaign[] =
    HEAD "  enter once per player\n" OFFERS "  step \"One\"\n    split \"half\"\n      50% \"A\"  go to \"A\"\n      "
         "50% \"B\"  finish as \"CONTROL\"\n    end\n  end\n"
         "  step \"A\"\n    wait up to 3 days\n"
         "      when deposit where amount is at least 10 EUR  go to \"Reward\"\n      when time is up  finish as "
         "\"LATE\"\n    end\n  end\n"
         "  step \"Reward\"\n    credit \"five\", otherwise finish as \"BUDGET\"\n    finish as \"DONE\"\n  end\nend\n";

static void compiled_code_survives_the_assembler(void **unused)
{
    (void)unused;
    struct compiler_output out = compile(whole_campaign);
    struct buffer text = BUFFER_EMPTY, again = BUFFER_EMPTY;
    struct builder builder;
    struct program program;
    struct error error = ERROR_NONE;
    disassemble(&text, &out.program);
    builder_init(&builder);
    assert_int_equal(assemble(&builder, buffer_as_text(&text), &error), OK);
    assert_int_equal(builder_program(&program, &builder, &error), OK);
    assert_int_equal(bundle_write(&again, &program, &error), OK);
    assert_int_equal(again.size, out.bundle.size);
    assert_memory_equal(again.bytes, out.bundle.bytes, again.size);
    builder_deinit(&builder);
    buffer_deinit(&text);
    buffer_deinit(&again);
    compiler_release(&out);
}

static void mutated_compiled_bundles_are_refused_or_run_safely(void **unused)
{
    (void)unused;
    struct compiler_output out = compile(whole_campaign);
    uint8_t *bytes = memory_alloc(out.bundle.size);
    unsigned ran = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct bundle_kit_dice dice = {seed};
        memcpy(bytes, out.bundle.bytes, out.bundle.size);
        bundle_kit_mutate(bytes, out.bundle.size, &dice);
        bundle_kit_rehash(bytes, out.bundle.size);
        ran += bundle_kit_try(bytes, out.bundle.size, seed);
    }
    assert_in_range(ran, 1, 1900);
    memory_release(bytes);
    compiler_release(&out);
}

static int start(void **unused)
{
    (void)unused;
    struct error error;
    return crypto_start(&error) == OK ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeat_counts_its_turns_and_what_follows_once),
        cmocka_unit_test(a_counted_way_back_multiplies_what_it_goes_round),
        cmocka_unit_test(branches_exclude_each_other),
        cmocka_unit_test(a_leave_line_that_leads_to_a_wait_is_bounded),
        cmocka_unit_test(entering_again_is_bounded_by_the_budget_alone),
        cmocka_unit_test(compiled_code_survives_the_assembler),
        cmocka_unit_test(mutated_compiled_bundles_are_refused_or_run_safely),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
