/*
 * What `promo experiment` says of given counts: the published vectors, the alarm that hides the winner, who is compared with whom, and the words of
 * what follows. The statistics themselves: statistics_test.c; how the counts come about: engine_experiment_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/lab/experiment_report.h"

/* An arm for the tests: shares in percent, `reached` of the goal "login", and x of each player who has any as the measure "revenue". */
struct arm {
    const char *name;
    uint64_t size;
    double share;
    uint64_t reached, payers;
    int64_t x;
};

static void fill(struct experiment_cells *cells, const struct arm *arms, uint32_t count, bool outcomes)
{
    uint64_t players = 0;
    for (uint32_t i = 0; i < count; i++) players += arms[i].size;
    for (uint32_t i = 0; i < count; i++) {
        struct engine_outcome outcome[2] = {
            {.name = TEXT("login"), .is_goal = true, .kind = TYPE_WHOLE, .reached = arms[i].reached},
            {.name = TEXT("revenue"),
             .kind = TYPE_MONEY,
             .currency = {'E', 'U', 'R'},
             .reached = arms[i].payers,
             .sum = (int128)arms[i].x * (int64_t)arms[i].payers,
             .squares = (uint128)((int128)arms[i].x * arms[i].x) * arms[i].payers},
        };
        struct engine_cell cell = {.kind = ENGINE_CELL_ARM,
                                   .campaign = TEXT("Reactivation"),
                                   .split = TEXT("c08"),
                                   .arm = text_of(arms[i].name),
                                   .size = arms[i].size,
                                   .expected = (uint64_t)((double)players * arms[i].share * 10000),
                                   .outcome = outcome,
                                   .outcome_count = outcomes ? 2 : 0};
        experiment_cells_add(cells, &cell);
    }
    assert_false(cells->failed);
}

static char *report(const struct arm *arms, uint32_t count, bool outcomes, bool json)
{
    static char text[20000];
    struct experiment_cells cells = {0};
    struct buffer out = BUFFER_EMPTY;
    fill(&cells, arms, count, outcomes);
    struct experiment_choice choice = {.campaign = TEXT("Reactivation"), .split = TEXT(""), .hold_out = TEXT("")};
    assert_true(experiment_report(&cells, choice, json, &out));
    assert_true(buffer_ok(&out) && out.size < sizeof text);
    memcpy(text, out.bytes, out.size);
    text[out.size] = '\0';
    buffer_deinit(&out);
    experiment_cells_release(&cells);
    return text;
}

static void holds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) fail_msg("`%s` is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) fail_msg("`%s` is in:\n%s", part, text);
}

static void sizes_that_fit(void **state)
{
    (void)state;
    const struct arm arms[] = {{.name = "holdout", .size = 10050, .share = 10},
                               {.name = "A", .size = 44900, .share = 45},
                               {.name = "B", .size = 45050, .share = 45}};
    const char *text = report(arms, 3, false, false);
    holds(text, "chi-square 0.528 with 2 degrees, p 0.768: as their shares say");
    holds(text, "holdout 10,050 (10.05% for 10.00%), A 44,900 (44.90% for 45.00%), B 45,050");
    holds(report(arms, 3, false, true), "\"alarm\":false");
}

static void sizes_that_do_not_fit_hide_the_winner(void **state)
{
    (void)state;
    struct arm arms[] = {{.name = "holdout", .size = 10500, .share = 10, .reached = 500, .payers = 100, .x = 5000},
                         {.name = "A", .size = 44500, .share = 45, .reached = 9000, .payers = 900, .x = 5000},
                         {.name = "B", .size = 45000, .share = 45, .reached = 2000, .payers = 400, .x = 5000}};
    const char *text = report(arms, 3, true, false);
    holds(text, "chi-square 30.556 with 2 degrees, p 2.3e-7: ALARM");
    holds(text, "no arm is compared");
    holds(text, "A 9,000 of 44,500 (20.22%)");
    lacks(text, "beats");
    lacks(text, "against holdout:");
    text = report(arms, 3, true, true);
    holds(text, "\"alarm\":true");
    holds(text, "\"comparisons\":[]");
    lacks(text, "verdict");
    /* The same shares of goals, in sizes that fit. */
    arms[0].size = 10000;
    arms[1].size = arms[2].size = 45000;
    text = report(arms, 3, true, false);
    holds(text, "A beats holdout by 15.00 points");
    holds(text, "B falls short of holdout by 0.56 points");
    lacks(text, "ALARM");
}

static void two_arms_and_a_goal(void **state)
{
    (void)state;
    const struct arm arms[] = {{.name = "A", .size = 4500, .share = 50, .reached = 540},
                               {.name = "B", .size = 4500, .share = 50, .reached = 441}};
    const char *text = report(arms, 2, true, false);
    holds(text, "A 540 of 4,500 (12.00%), B 441 of 4,500 (9.80%)");
    holds(text, "B against A: -2.20 points [");
    holds(text, "chi-square 11.213, p 0.00081");
    holds(text, "B falls short of A by 2.20 points (p 0.00081, below 0.05).");
    text = report(arms, 2, true, true);
    holds(text, "\"verdict\":\"worse\"");
    /* Named, A is no control any more. */
    const struct arm named[] = {{.name = "A", .size = 4500, .share = 50, .reached = 540},
                                {.name = "control", .size = 4500, .share = 50, .reached = 441}};
    holds(report(named, 2, true, false), "A beats control by 2.20 points (p 0.00081, below 0.05).");
}

static void several_comparisons_share_the_threshold(void **state)
{
    (void)state;
    /* p 0.03: below 0.05, and not below half of it. */
    const struct arm two[] = {{.name = "holdout", .size = 1000, .share = 50, .reached = 100},
                              {.name = "A", .size = 1000, .share = 50, .reached = 131}};
    const struct arm three[] = {{.name = "holdout", .size = 1000, .share = 33.3333, .reached = 100},
                                {.name = "A", .size = 1000, .share = 33.3333, .reached = 131},
                                {.name = "B", .size = 1000, .share = 33.3333, .reached = 100}};
    const char *text = report(two, 2, true, false);
    holds(text, "p 0.030");
    holds(text, "A beats holdout");
    text = report(three, 3, true, false);
    lacks(text, "beats");
    holds(text, "Not enough yet: between A and holdout no difference is shown; with these numbers one of ");
}

static void too_few_players_are_not_compared(void **state)
{
    (void)state;
    const struct arm arms[] = {{.name = "holdout", .size = 30, .share = 50, .reached = 0},
                               {.name = "A", .size = 30, .share = 50, .reached = 6}};
    const char *text = report(arms, 2, true, false);
    holds(text, "Not enough yet: too few players of A and holdout to compare them.");
    lacks(text, "beats");
    /* Nobody at all in an arm. */
    const struct arm empty[] = {{.name = "holdout", .size = 0, .share = 10},
                                {.name = "A", .size = 3, .share = 90, .reached = 1}};
    text = report(empty, 2, true, false);
    holds(text, "too few players");
    lacks(text, "nan");
    text = report(empty, 2, true, true);
    lacks(text, "nan");
    lacks(text, "inf");
}

static void means_are_in_money(void **state)
{
    (void)state;
    const struct arm arms[] = {{.name = "holdout", .size = 1000, .share = 50, .payers = 100, .x = 5000},
                               {.name = "A", .size = 1000, .share = 50, .payers = 200, .x = 5000}};
    const char *text = report(arms, 2, true, false);
    holds(text, "holdout 5.00 EUR a player (standard deviation 15.01 EUR), A 10.00 EUR a player (standard deviation "
                "20.01 EUR)");
    holds(text, "A against holdout: +5.00 EUR [+3.45 EUR, +6.55 EUR], t 6.321 with 1852.7 degrees, p 3.2e-10");
    holds(text, "A beats holdout by 5.00 EUR");
}

static void what_is_not_there_is_not_written(void **state)
{
    (void)state;
    const struct arm arms[] = {{.name = "A", .size = 1, .share = 100}};
    struct experiment_cells cells = {0};
    struct buffer out = BUFFER_EMPTY;
    fill(&cells, arms, 1, true);
    struct experiment_choice choice = {.campaign = TEXT("Another"), .split = TEXT(""), .hold_out = TEXT("")};
    assert_false(experiment_report(&cells, choice, true, &out));
    choice = (struct experiment_choice){.campaign = TEXT("Reactivation"), .split = TEXT("c09"), .hold_out = TEXT("")};
    assert_false(experiment_report(&cells, choice, false, &out));
    choice = (struct experiment_choice){.campaign = TEXT(""), .split = TEXT(""), .hold_out = TEXT("c08")};
    assert_false(experiment_report(&cells, choice, false, &out));
    assert_int_equal(out.size, 0);
    /* One arm alone is shown, and compared with nothing. */
    choice = (struct experiment_choice){.campaign = TEXT("Reactivation"), .split = TEXT("c08"), .hold_out = TEXT("")};
    assert_true(experiment_report(&cells, choice, false, &out));
    buffer_deinit(&out);
    experiment_cells_release(&cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_fit),
        cmocka_unit_test(sizes_that_do_not_fit_hide_the_winner),
        cmocka_unit_test(two_arms_and_a_goal),
        cmocka_unit_test(several_comparisons_share_the_threshold),
        cmocka_unit_test(too_few_players_are_not_compared),
        cmocka_unit_test(means_are_in_money),
        cmocka_unit_test(what_is_not_there_is_not_written),
    };
    return cmocka_run_group_tests_name("lab: reports of experiments", tests, NULL, NULL);
}
