/*
 * The assembler's own words for what it cannot read, and the disassembler's words for people. That both together lose nothing is
 * tested with every file of tests/bytecode/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/fuzz/bundle_kit.h"
#include "vm/assemble.h"
#include "vm/bundle.h"
#include "vm/disassemble.h"
#include "vm/memory.h"

static void mistakes_are_told_with_their_line(void **unused)
{
    (void)unused;
    static const struct {
        const char *source;
        const char *message;
    } cases[] = {
        {"\nfoo bar", "line 2: `foo` is neither a section nor an instruction"},
        {"event naem=\"x\"", "line 1: section `event` has no field `naem`"},
        {"event name", "line 1: write `name=` and a value"},
        {"event slot_count=\"x\"", "line 1: field `slot_count` holds no text"},
        {"event slot_count=ten", "line 1: `ten` is not a number"},
        {"event slot_count=-1", "line 1: field `slot_count` is too small or too large"},
        {"event name=\"x", "line 1: the text has no closing quote"},
        {"event name=\"\\q\"", "line 1: only \\\" \\\\ \\n and \\xHH may follow a backslash"},
        {"FINISH \"x\"", "line 1: write a region before its instructions"},
        {"region\nLOAD_CONST e1, 5", "line 2: `e1` should be `r` and a number"},
        {"region\nLOAD_CONST r70000, 5", "line 2: operand 1 does not fit in 16 bits"},
        {"region\nLOAD_CONST r1, 5 6", "line 2: `6` is more than the instruction takes"},
        {"region\nSCALE r1, r1, 0, 1:2", "line 2: `1` is not a ratio such as 1/2"},
        {"region\nADD_CALENDAR r1, r1, campaign, 5d", "line 2: `5d` is not a calendar duration such as 1m2d300"},
        {"region\nDATE_OF r1, r1, moon", "line 2: `moon` should be campaign or player"},
        {"region\nJUMP nowhere", "line 2: there is no label `nowhere`"},
        {"region\nback: REJECT\nJUMP back", "line 3: label `back` does not lie ahead"},
        {"segment filter=@gone", "line 1: there is no label `gone`"},
        {"string five", "line 1: write a text in quotes"},
        {"region\nREJECT ! x=1", "line 2: write a=, b=, c= or i= and a number"},
        {"= 5", "line 1: a line begins with a section, a label or an instruction"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct builder builder;
        struct error error = ERROR_NONE;
        builder_init(&builder);
        assert_int_equal(assemble(&builder, text_of(cases[i].source), &error), STATUS_INVALID);
        assert_string_equal(error.message, cases[i].message);
        builder_deinit(&builder);
    }
}

static void escapes_and_numbers_are_read(void **unused)
{
    (void)unused;
    struct builder builder;
    struct error error = ERROR_NONE;
    struct program program;
    builder_init(&builder);
    assert_int_equal(assemble(&builder,
                              text_of("string \"a\\\"\\\\\\n\\x41\" # a comment\nword 0xff\nregion\nLOAD_CONST r1, "
                                      "min\nLOAD_CONST r2, -0x10\n"),
                              &error),
                     OK);
    assert_int_equal(builder_program(&program, &builder, &error), OK);
    assert_true(text_equal(program_text(&program, 0), TEXT("a\"\\\nA")));
    assert_int_equal(program.word[0], 0xff);
    assert_true(program.instruction[0].imm == INT64_MIN);
    assert_int_equal(program.instruction[1].imm, -16);
    builder_deinit(&builder);
}

static void disassembly_names_what_it_shows(void **unused)
{
    (void)unused;
    static const char *const parts[] = {
        "# workspace \"tests\": 4 events, 9 attributes, 1 campaigns,",
        "# ---- campaign \"Tests\"\n",
        "# spends at most 50.00 a journey",
        "# the start\n",
        "# filter of when deposit\n",
        "IF_GE_EVENT e4, s2, L",
        "# deposit.amount\n",
        "# deposit.amount's currency\n",
        "# step \"Hello\", line 1\n",
        "# email \"welcome\", line 1\n",
        "SCALE r1, r1, 0, 1/2",
        "ADD_CALENDAR r3, r3, player, 1m2d3000",
    };
    struct buffer sample = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct program program;
    struct error error = ERROR_NONE;
    bundle_kit_sample(&sample);
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    disassemble(&text, &program);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strstr(buffer_as_string(&text), parts[i]) == NULL) fail_msg("the disassembly lacks `%s`", parts[i]);
    }
    buffer_deinit(&text);
    disassemble_instruction(&text, &program, program.campaign[0].start);
    assert_string_equal(buffer_as_string(&text), "STEP 0");
    buffer_deinit(&text);
    buffer_deinit(&sample);
}

/* Each allocation of assembling and disassembling fails once. */
static void memory_may_run_out(void **unused)
{
    (void)unused;
    struct buffer sample = BUFFER_EMPTY;
    struct program program;
    struct error error = ERROR_NONE;
    bundle_kit_sample(&sample);
    assert_int_equal(bundle_open(&program, sample.bytes, sample.size, &error), OK);
    bool whole = false;
    for (uint64_t nth = 1; !whole && nth < 1000; nth++) {
        struct buffer text = BUFFER_EMPTY;
        struct builder builder;
        builder_init(&builder);
        memory_fail_from(nth);
        disassemble(&text, &program);
        if (buffer_ok(&text)) {
            enum status status = assemble(&builder, buffer_as_text(&text), &error);
            assert_true(status == OK || status == STATUS_NO_MEMORY);
            whole = status == OK;
        }
        memory_fail_from(0);
        builder_deinit(&builder);
        buffer_deinit(&text);
    }
    assert_true(whole);
    buffer_deinit(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(escapes_and_numbers_are_read),
        cmocka_unit_test(disassembly_names_what_it_shows),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
