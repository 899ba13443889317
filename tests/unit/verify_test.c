/*
 * The verifier on programs built by hand: what it accepts, the bounds it finds, and what it refuses with which words.
 * Each instruction's own rules are tested by tests/bytecode/; here are the rules of whole programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "vm/builder.h"
#include "vm/bundle.h"
#include "vm/interp.h"
#include "vm/memory.h"
#include "vm/verify.h"

/* A workspace with one event (deposit: amount), one attribute, one campaign; code and states are added by the tests. */
struct fixture {
    struct builder builder;
    struct program program;
    struct error error;
    uint32_t campaign;
};

static uint32_t word(struct fixture *fixture, const char *string)
{
    return builder_text(&fixture->builder, text_of(string));
}

static void fixture_open(struct fixture *fixture)
{
    struct builder *builder = &fixture->builder;
    *fixture = (struct fixture){.error = ERROR_NONE};
    builder_init(builder);
    builder_add_workspace(builder, &(struct bundle_workspace){.lateness_ms = 1,
                                                              .retention_ms = 1,
                                                              .name = word(fixture, "w"),
                                                              .zone = word(fixture, "UTC"),
                                                              .zone_attribute = PROGRAM_NONE,
                                                              .player_slot_count = 3,
                                                              .event_slot_count = 6,
                                                              .edition = 1});
    builder_add_currency(builder, &(struct bundle_currency){.code = word(fixture, "GBP"), .decimals = 2});
    builder_add_field(builder, &(struct bundle_field){.low = 0,
                                                      .high = 10000000,
                                                      .name = word(fixture, "amount"),
                                                      .kind = TYPE_MONEY,
                                                      .of = PROGRAM_NONE,
                                                      .slot = 4});
    builder_add_event(builder, &(struct bundle_event){.name = word(fixture, "deposit"),
                                                      .wire = word(fixture, "deposit"),
                                                      .field_count = 1,
                                                      .sets = PROGRAM_NONE,
                                                      .until = PROGRAM_NONE,
                                                      .happens_at = PROGRAM_NONE,
                                                      .reverses = PROGRAM_NONE,
                                                      .reverses_by = PROGRAM_NONE,
                                                      .reverses_at = PROGRAM_NONE,
                                                      .slot_count = 6});
    builder_add_attribute(builder, &(struct bundle_attribute){.low = 0,
                                                              .high = 5,
                                                              .name = word(fixture, "level"),
                                                              .kind = TYPE_WHOLE,
                                                              .slot = 2,
                                                              .optional = 1,
                                                              .preset_text = PROGRAM_NONE});
    builder_add_action(builder, &(struct bundle_action){.name = word(fixture, "bonus"), .class = CLASS_REWARD});
    builder_add_offer(builder, &(struct bundle_offer){.name = word(fixture, "welcome"),
                                                      .campaign = PROGRAM_NONE,
                                                      .amount_parameter = PROGRAM_NONE});
    builder_add_gate(builder,
                     &(struct bundle_gate){.class = CLASS_REWARD, .channel = PROGRAM_NONE, .product = PROGRAM_NONE});
    builder_add_step(builder, &(struct bundle_step){.name = word(fixture, "Hello"), .renamed_from = PROGRAM_NONE});
    builder_add_value(builder, &(struct bundle_value){.name = word(fixture, "cost"), .kind = TYPE_MONEY});
    builder_add_effect(builder, &(struct bundle_effect){.kind = ACT_CREDIT,
                                                        .action = word(fixture, "credit"),
                                                        .name = word(fixture, "welcome"),
                                                        .label = PROGRAM_NONE,
                                                        .channel = PROGRAM_NONE,
                                                        .counter = PROGRAM_NONE,
                                                        .value_count = 1});
    builder_add_variable(
        builder, &(struct bundle_variable){.high = 100, .name = word(fixture, ""), .kind = TYPE_WHOLE, .counter = 1});
    builder_add_variable(
        builder, &(struct bundle_variable){.high = 100, .name = word(fixture, ""), .kind = TYPE_WHOLE, .counter = 1});
    fixture->campaign = builder_add_campaign(builder, &(struct bundle_campaign){.runs_from = INT64_MIN,
                                                                                .runs_through = INT64_MAX,
                                                                                .name = word(fixture, "Welcome"),
                                                                                .note = PROGRAM_NONE,
                                                                                .owner = PROGRAM_NONE,
                                                                                .product = PROGRAM_NONE,
                                                                                .jurisdiction = PROGRAM_NONE,
                                                                                .zone = word(fixture, "UTC"),
                                                                                .start_about = PROGRAM_NONE,
                                                                                .start_segment = PROGRAM_NONE,
                                                                                .start_schedule = PROGRAM_NONE,
                                                                                .start_filter = PROGRAM_NONE,
                                                                                .audience = PROGRAM_NONE,
                                                                                .enter_limit = PROGRAM_NONE,
                                                                                .enter_limit_reason = PROGRAM_NONE,
                                                                                .goal_event = PROGRAM_NONE,
                                                                                .goal_filter = PROGRAM_NONE,
                                                                                .budget = PROGRAM_NONE,
                                                                                .pool = PROGRAM_NONE,
                                                                                .step_count = 1,
                                                                                .variable_count = 2,
                                                                                .effect_count = 1,
                                                                                .gate_count = 1,
                                                                                .region = 1,
                                                                                .enter_count = 1});
    builder_add_region(builder, &(struct bundle_region){.campaign = PROGRAM_NONE});
}

static uint32_t code(struct fixture *fixture, enum opcode op, uint32_t a, uint32_t b, uint32_t c, int64_t imm)
{
    return builder_code(&fixture->builder, op, a, b, c, imm);
}

static uint32_t wait_state(struct fixture *fixture, uint32_t timeout, uint32_t deposit)
{
    struct bundle_state state = {.duration = 1000,
                                 .holidays = PROGRAM_NONE,
                                 .kind = STATE_WAIT,
                                 .deadline = DEADLINE_DURATION,
                                 .timeout = timeout,
                                 .granted = PROGRAM_NONE,
                                 .declined = PROGRAM_NONE,
                                 .case_first = builder_count(&fixture->builder, SECTION_CASE)};
    if (deposit != PROGRAM_NONE) {
        builder_add_wait_case(&fixture->builder, &(struct bundle_wait_case){
                                                     .about = PROGRAM_NONE, .filter = PROGRAM_NONE, .target = deposit});
        state.case_count = 1;
    }
    return builder_add_state(&fixture->builder, &state);
}

static uint32_t credit_state(struct fixture *fixture, uint32_t granted, uint32_t declined)
{
    return builder_add_state(&fixture->builder, &(struct bundle_state){.kind = STATE_CREDIT,
                                                                       .holidays = PROGRAM_NONE,
                                                                       .timeout = PROGRAM_NONE,
                                                                       .granted = granted,
                                                                       .declined = declined});
}

static void fixture_close(struct fixture *fixture)
{
    struct bundle_campaign *campaign = builder_at(&fixture->builder, SECTION_CAMPAIGN, fixture->campaign);
    campaign->state_count = builder_count(&fixture->builder, SECTION_STATE);
    builder_add_region(&fixture->builder,
                       &(struct bundle_region){.code_count = builder_count(&fixture->builder, SECTION_CODE),
                                               .site_count = 4,
                                               .campaign = 0,
                                               .register_count = 8});
    assert_int_equal(builder_program(&fixture->program, &fixture->builder, &fixture->error), OK);
}

static struct bundle_bound bounds_of(struct fixture *fixture)
{
    struct bundle_bound bound;
    fixture_close(fixture);
    enum status status = verify_bounds(&fixture->program, &bound, &fixture->error);
    if (status != OK) print_message("%s\n", fixture->error.message);
    assert_int_equal(status, OK);
    builder_deinit(&fixture->builder);
    return bound;
}

static void assert_refused(struct fixture *fixture, const char *part)
{
    struct bundle_bound bound;
    fixture_close(fixture);
    enum status status = verify_bounds(&fixture->program, &bound, &fixture->error);
    assert_int_equal(status, STATUS_REFUSED);
    if (strstr(fixture->error.message, part) == NULL) fail_msg("`%s` does not say `%s`", fixture->error.message, part);
    builder_deinit(&fixture->builder);
}

/* credit of at most `most` minor units of deposit.amount, here and now; falls into the code that follows when declined or granted. */
static void emit_credit(struct fixture *fixture, int64_t most, uint32_t state)
{
    code(fixture, OP_LOAD_EVENT, 0, 4, 0, 0);
    code(fixture, OP_MIN_CONST, 0, 0, 0, most);
    code(fixture, OP_CREDIT, 0, 0, 0, state);
}

/* A wait; the deposit in time gives up to 50.00, a later one up to 25.00 or 2.00: the branches exclude each other. */
static void exclusive_branches_do_not_add(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);   /* 0 */
    emit_credit(&f, 5000, 1);        /* 1-3 */
    code(&f, OP_FINISH, 0, 0, 0, 0); /* 4 */
    code(&f, OP_WAIT, 2, 0, 0, 0);   /* 5 */
    emit_credit(&f, 2500, 1);        /* 6-8 */
    wait_state(&f, 5, 1);            /* state 0 */
    credit_state(&f, 4, 4);          /* state 1 */
    wait_state(&f, 4, 6);            /* state 2 */
    struct bundle_bound bound = bounds_of(&f);
    assert_int_equal(bound.spend_journey, 5000);
    assert_int_equal(bound.spend_player, 5000);
    assert_int_equal(bound.spend_campaign, -1);
    assert_int_equal(bound.instructions, 3);
    assert_int_equal(bound.effects, 1);
    assert_int_equal(bound.activations, 4); /* start, time out, deposit, answer */
}

static void spend_adds_along_a_path(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);   /* 0 */
    emit_credit(&f, 5000, 1);        /* 1-3 */
    code(&f, OP_WAIT, 2, 0, 0, 0);   /* 4 */
    emit_credit(&f, 2500, 3);        /* 5-7 */
    code(&f, OP_FINISH, 0, 0, 0, 0); /* 8 */
    wait_state(&f, 8, 1);
    credit_state(&f, 4, 8);
    wait_state(&f, 8, 5);
    credit_state(&f, 8, 8);
    struct bundle_bound bound = bounds_of(&f);
    assert_int_equal(bound.spend_journey, 7500);
    assert_int_equal(bound.activations, 5);
}

/* A way back with a count of 3: four passages of 10.00. */
static void counted_ways_back_multiply(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);   /* 0 */
    emit_credit(&f, 1000, 1);        /* 1-3 */
    code(&f, OP_COUNT, 0, 0, 1, 3);  /* 4 */
    code(&f, OP_WAIT, 0, 0, 0, 0);   /* 5 */
    code(&f, OP_FINISH, 0, 0, 0, 0); /* 6 */
    wait_state(&f, 6, 1);
    credit_state(&f, 4, 6);
    struct bundle_bound bound = bounds_of(&f);
    assert_int_equal(bound.spend_journey, 4000);
}

/* An outer way of 2 sets the inner count of 3 back: three times four credits. */
static void counts_within_counts_multiply(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);  /* 0 */
    emit_credit(&f, 1000, 1);       /* 1-3 */
    code(&f, OP_COUNT, 0, 0, 1, 3); /* 4 inner */
    code(&f, OP_WAIT, 0, 0, 0, 0);  /* 5 */
    code(&f, OP_COUNT, 1, 0, 3, 2); /* 6 outer */
    code(&f, OP_LOAD_CONST, 0, 0, 0, 0);
    code(&f, OP_STORE, 0, 0, 0, 0);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    code(&f, OP_FINISH, 0, 0, 0, 0); /* 10 */
    wait_state(&f, 10, 1);
    credit_state(&f, 4, 10);
    struct bundle_bound bound = bounds_of(&f);
    assert_int_equal(bound.spend_journey, 12000);
    assert_int_equal(bound.activations, 1 + 12 * 2 + 1); /* a wait and an answer each, and the last wait */
}

static void a_way_back_without_a_count_is_refused(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    wait_state(&f, 2, 1);
    assert_refused(&f, "without a count");
}

static void a_count_that_its_own_circle_sets_back_is_refused(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    code(&f, OP_COUNT, 0, 0, 3, 3); /* 1 */
    code(&f, OP_LOAD_CONST, 0, 0, 0, 0);
    code(&f, OP_STORE, 0, 0, 0, 0);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    wait_state(&f, 5, 1);
    assert_refused(&f, "without a count");
}

static void requests_in_a_circle_without_a_wait_are_refused(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_LOAD_CONST, 0, 0, 0, 1);
    code(&f, OP_CREDIT, 0, 0, 0, 0);
    code(&f, OP_COUNT, 0, 0, 2, 3);
    code(&f, OP_LOAD_CONST, 0, 0, 0, 1);
    code(&f, OP_CREDIT, 0, 0, 0, 0);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    credit_state(&f, 2, 5);
    assert_refused(&f, "without a wait");
}

static void fifteen_requests_are_the_most(void **unused)
{
    (void)unused;
    for (uint32_t many = 15; many <= 16; many++) {
        struct fixture f;
        fixture_open(&f);
        for (uint32_t i = 0; i < many; i++) {
            code(&f, OP_LOAD_CONST, 0, 0, 0, 1);
            code(&f, OP_CREDIT, 0, 0, 0, i);
            credit_state(&f, 2 * (i + 1), 2 * (i + 1));
        }
        code(&f, OP_FINISH, 0, 0, 0, 0);
        if (many == 15)
            assert_int_equal(bounds_of(&f).spend_journey, 15);
        else
            assert_refused(&f, "more than 15 requests");
    }
}

static void budgets_tighten_the_bounds(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    emit_credit(&f, 5000, 1);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    wait_state(&f, 4, 1);
    credit_state(&f, 4, 4);
    builder_add_limit(&f.builder,
                      &(struct bundle_limit){.amount = 300000, .scope = SCOPE_TOTAL, .offer = PROGRAM_NONE});
    builder_add_limit(&f.builder, &(struct bundle_limit){.amount = 2000, .scope = SCOPE_PLAYER, .offer = PROGRAM_NONE});
    builder_add_budget(&f.builder,
                       &(struct bundle_budget){.name = word(&f, "Welcome"), .limit_count = 2, .reason = PROGRAM_NONE});
    struct bundle_campaign *campaign = builder_at(&f.builder, SECTION_CAMPAIGN, 0);
    campaign->budget = 0;
    campaign->enter_limit = 100;
    struct bundle_bound bound = bounds_of(&f);
    assert_int_equal(bound.spend_journey, 5000);
    assert_int_equal(bound.spend_player, 2000);
    assert_int_equal(bound.spend_campaign, 200000); /* 100 players bind before the total */
}

static void entering_again_and_again_is_unbounded(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    emit_credit(&f, 5000, 1);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    wait_state(&f, 4, 1);
    credit_state(&f, 4, 4);
    ((struct bundle_campaign *)builder_at(&f.builder, SECTION_CAMPAIGN, 0))->enter = ENTER_ALWAYS;
    struct bundle_bound bound = bounds_of(&f);
    assert_int_equal(bound.spend_journey, 5000);
    assert_int_equal(bound.spend_player, -1);
    assert_int_equal(bound.spend_campaign, -1);
}

static void the_event_is_gone_after_a_time_out(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    emit_credit(&f, 5000, 1);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    wait_state(&f, 1, 1); /* both the time-out and the deposit lead to the read */
    credit_state(&f, 4, 4);
    assert_refused(&f, "there is no event here");
}

static void code_does_not_run_off_its_end(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_LOAD_CONST, 0, 0, 0, 0);
    assert_refused(&f, "goes on beyond its end");
    fixture_open(&f);
    code(&f, OP_JUMP, 0, 0, 0, 0);
    assert_refused(&f, "skips beyond the end");
}

/* More ways open at once than the verifier keeps in memory. */
static void too_many_open_ways_are_refused(void **unused)
{
    (void)unused;
    for (uint32_t many = 16384; many <= 16385; many++) {
        struct fixture f;
        fixture_open(&f);
        for (uint32_t i = 0; i < many; i++)
            code(&f, OP_IF_EQ_EVENT, 4, 0, many, 0); /* each skips to an end of its own */
        for (uint32_t i = 0; i < many + 1; i++) code(&f, OP_FINISH, 0, 0, 0, 0);
        if (many == 16384)
            assert_int_equal(bounds_of(&f).instructions, many + 1);
        else
            assert_refused(&f, "more than 16,384 ways are open at once");
    }
}

static void an_entry_in_another_region_is_refused(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    builder_add_segment(&f.builder, &(struct bundle_segment){.name = word(&f, "vip"), .filter = 0});
    assert_refused(&f, "lies in another region");
}

static void a_leave_line_that_leads_to_a_wait_needs_a_count(void **unused)
{
    (void)unused;
    for (int counted = 0; counted <= 1; counted++) {
        struct fixture f;
        fixture_open(&f);
        code(&f, OP_WAIT, 0, 0, 0, 0);
        code(&f, OP_COUNT, 0, 0, 1, 1); /* 1 */
        code(&f, OP_WAIT, 1, 0, 0, 0);  /* 2 */
        code(&f, OP_FINISH, 0, 0, 0, 0);
        wait_state(&f, 3, PROGRAM_NONE);
        wait_state(&f, 3, PROGRAM_NONE);
        builder_add_leave(&f.builder,
                          &(struct bundle_leave){
                              .event = 0, .about = PROGRAM_NONE, .filter = PROGRAM_NONE, .target = counted ? 1 : 2});
        ((struct bundle_campaign *)builder_at(&f.builder, SECTION_CAMPAIGN, 0))->leave_count = 1;
        if (counted)
            assert_int_equal(bounds_of(&f).spend_journey, 0);
        else
            assert_refused(&f, "without a count");
    }
}

static void bounds_in_the_bundle_must_be_the_found_ones(void **unused)
{
    (void)unused;
    for (int wrong = 0; wrong <= 1; wrong++) {
        struct fixture f;
        fixture_open(&f);
        code(&f, OP_FINISH, 0, 0, 0, 0);
        fixture_close(&f);
        struct bundle_bound bound;
        assert_int_equal(verify_bounds(&f.program, &bound, &f.error), OK);
        bound.instructions += (uint32_t)wrong;
        builder_add_bound(&f.builder, &bound);
        assert_int_equal(builder_program(&f.program, &f.builder, &f.error), OK);
        assert_int_equal(verify_program(&f.program, &f.error), wrong ? STATUS_REFUSED : OK);
        if (wrong) assert_non_null(strstr(f.error.message, "says that instructions is 2, but it is 1"));
        builder_deinit(&f.builder);
    }
}

/* Every allocation of a verification fails once: each time a clean refusal, nothing leaks (the sanitizers see to that). */
static void memory_may_run_out_anywhere(void **unused)
{
    (void)unused;
    struct fixture f;
    fixture_open(&f);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    emit_credit(&f, 1000, 1);
    code(&f, OP_COUNT, 0, 0, 1, 3);
    code(&f, OP_WAIT, 0, 0, 0, 0);
    code(&f, OP_FINISH, 0, 0, 0, 0);
    wait_state(&f, 6, 1);
    credit_state(&f, 4, 6);
    fixture_close(&f);
    struct bundle_bound bound;
    enum status status = STATUS_NO_MEMORY;
    for (uint64_t nth = 1; status != OK && nth < 1000; nth++) {
        memory_fail_from(nth);
        status = verify_bounds(&f.program, &bound, &f.error);
        assert_true(status == OK || status == STATUS_NO_MEMORY);
    }
    memory_fail_from(0);
    assert_int_equal(status, OK);
    builder_deinit(&f.builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exclusive_branches_do_not_add),
        cmocka_unit_test(spend_adds_along_a_path),
        cmocka_unit_test(counted_ways_back_multiply),
        cmocka_unit_test(counts_within_counts_multiply),
        cmocka_unit_test(a_way_back_without_a_count_is_refused),
        cmocka_unit_test(a_count_that_its_own_circle_sets_back_is_refused),
        cmocka_unit_test(requests_in_a_circle_without_a_wait_are_refused),
        cmocka_unit_test(fifteen_requests_are_the_most),
        cmocka_unit_test(budgets_tighten_the_bounds),
        cmocka_unit_test(entering_again_and_again_is_unbounded),
        cmocka_unit_test(the_event_is_gone_after_a_time_out),
        cmocka_unit_test(code_does_not_run_off_its_end),
        cmocka_unit_test(too_many_open_ways_are_refused),
        cmocka_unit_test(an_entry_in_another_region_is_refused),
        cmocka_unit_test(a_leave_line_that_leads_to_a_wait_needs_a_count),
        cmocka_unit_test(bounds_in_the_bundle_must_be_the_found_ones),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
