/* The model is right by stories worked out by hand, holds its own rules in random ones, and every planted mistake is seen.
 *
 * SEED=n starts the random stories elsewhere; a failure prints the line that replays it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/model/model.h"

enum { RANDOM_STORIES = 300 };

/* ------------------------------------------------------------------------------------------------- stories by hand */

static struct story story;

static void fresh(const char *const *players, int count)
{
    memset(&story, 0, sizeof story);
    story.world.player_count = count;
    for (int i = 0; i < count; i++) snprintf(story.world.player[i], sizeof story.world.player[i], "%s", players[i]);
    story.world.pool = 1000000;
}

static struct toy_campaign *campaign(int start_event, int64_t total)
{
    struct toy_campaign *toy = &story.world.campaign[story.world.campaign_count++];
    *toy = (struct toy_campaign){.start_event = start_event,
                                 .start_tag = -1,
                                 .every_time = true,
                                 .leave_event = -1,
                                 .total = total,
                                 .when_empty = EMPTY_GOES_ON};
    return toy;
}

static void op(struct toy_campaign *toy, struct op one)
{
    toy->op[toy->op_count++] = one;
}

static struct input *input(enum input_kind kind, int64_t now, int player, const char *id)
{
    struct input *one = &story.input[story.input_count++];
    *one = (struct input){.kind = kind, .now = now, .player = player};
    snprintf(one->id, sizeof one->id, "%s", id);
    return one;
}

static void event(int64_t now, int player, const char *id, int number)
{
    input(IN_EVENT, now, player, id)->event = number;
}

/* True if the story's trace is exactly these lines (exclusions' coming left out). */
static bool tells(enum mistake mistake, const char *expected)
{
    static struct trace trace;
    static char text[MODEL_LINES];
    size_t size = 0;
    model_run(&story, 4, mistake, &trace);
    text[0] = '\0';
    for (int i = 0; i < trace.count && size < sizeof text - 200; i++) {
        char line[MODEL_TEXT];
        if (trace.line[i].kind == LINE_EXCLUSION_CAME) continue;
        model_print_line(line, &story.world, &trace.line[i]);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s\n", line);
    }
    if (mistake == MISTAKE_NONE && strcmp(text, expected) != 0)
        print_message("expected:\n%sbut it told:\n%s", expected, text);
    return strcmp(text, expected) == 0;
}

static const char *const seven_and_twelve[] = {"7", "12"};

static bool ids_by_length_then_bytes(enum mistake mistake)
{
    fresh(seven_and_twelve, 2);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 500, .declined = DECLINED_FINISH});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 1, "12", 0);
    event(1000, 0, "7", 0);
    input(IN_TICK, 2000, 0, "");
    return tells(
        mistake,
        "1.000 entered 7 C0/1\n1.000 entered 12 C0/1\n1.000 reserved 7 C0/1 S0 500\n1.000 credit 7 C0/1 S0 500\n"
        "1.000 refused 12 C0/1 S0 total\n1.000 finished 7 C0/1 DONE\n1.000 finished 12 C0/1 NO\n");
}

static bool deadline_before_event_of_its_instant(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_WAIT_EVENT, .wait_ms = 5000, .event = 1, .yes = 2, .no = 1});
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_SEND});
    op(toy, (struct op){.kind = OP_FINISH});
    event(0, 0, "1", 0);
    event(5000, 0, "2", 1);
    input(IN_TICK, 9000, 0, "");
    return tells(
        mistake,
        "0.000 entered 7 C0/1\n5.000 reserved 7 C0/1 S1 100\n5.000 credit 7 C0/1 S1 100\n5.000 send 7 C0/1 S2\n"
        "5.000 finished 7 C0/1 DONE\n");
}

static bool later_turns_wait_behind_the_answer(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_WAIT_EVENT, .wait_ms = 5000, .event = 1, .yes = 2, .no = 3});
    op(toy, (struct op){.kind = OP_SEND});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    event(1000, 0, "2", 1);
    input(IN_TICK, 9000, 0, "");
    return tells(
        mistake,
        "1.000 entered 7 C0/1\n1.000 reserved 7 C0/1 S0 100\n1.000 credit 7 C0/1 S0 100\n1.000 send 7 C0/1 S2\n"
        "1.000 finished 7 C0/1 DONE\n");
}

static bool tag_shows_from_the_next_generation(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_TAG, .tag = 0});
    op(toy, (struct op){.kind = OP_IF_TAG, .tag = 0, .yes = 2, .no = 3});
    op(toy, (struct op){.kind = OP_SEND});
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_IF_TAG, .tag = 0, .yes = 5, .no = 6});
    op(toy, (struct op){.kind = OP_SEND});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    return tells(
        mistake,
        "1.000 entered 7 C0/1\n1.000 tag 7 C0/1 S0 t0\n1.000 reserved 7 C0/1 S3 100\n1.000 credit 7 C0/1 S3 100\n"
        "1.000 send 7 C0/1 S5\n1.000 finished 7 C0/1 DONE\n");
}

static bool chain_of_causes_ends_at_sixteen(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    for (int i = 0; i < 2; i++) {
        struct toy_campaign *toy = campaign(i == 0 ? 0 : 3, 500);
        toy->start_tag = i;
        op(toy, (struct op){.kind = OP_UNTAG, .tag = 1 - i});
        op(toy, (struct op){.kind = OP_TAG, .tag = 1 - i});
        op(toy, (struct op){.kind = OP_FINISH});
    }
    event(1000, 0, "1", 0);
    char expected[2000];
    size_t size = 0;
    for (int i = 0; i < 16; i++) {
        int c = i % 2, n = i / 2 + 1;
        size += (size_t)snprintf(expected + size, sizeof expected - size,
                                 "1.000 entered 7 C%d/%d\n1.000 untag 7 C%d/%d S0 t%d\n1.000 tag 7 C%d/%d S1 "
                                 "t%d\n1.000 finished 7 C%d/%d DONE\n",
                                 c, n, c, n, 1 - c, c, n, 1 - c, c, n);
    }
    snprintf(expected + size, sizeof expected - size, "1.000 entry refused 7 C0/0 CASCADE_LIMIT\n");
    return tells(mistake, expected);
}

static bool requests_are_served_after_all_turns(enum mistake mistake)
{
    fresh(seven_and_twelve, 2);
    struct toy_campaign *toy = campaign(0, 300);
    toy->when_empty = EMPTY_SUSPENDS;
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 500});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    event(1000, 1, "2", 0);
    event(2000, 1, "3", 0);
    return tells(mistake,
                 "1.000 entered 7 C0/1\n1.000 entered 12 C0/1\n1.000 refused 7 C0/1 S0 total\n1.000 suspended C0\n"
                 "1.000 refused 12 C0/1 S0 SUSPENDED\n1.000 finished 7 C0/1 DONE\n1.000 finished 12 C0/1 DONE\n"
                 "2.000 entry refused 12 C0/0 SUSPENDED\n");
}

static bool a_second_request_is_of_the_next_generation(enum mistake mistake)
{
    fresh(seven_and_twelve, 2);
    struct toy_campaign *toy = campaign(0, 250);
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    event(1000, 1, "2", 0);
    return tells(
        mistake,
        "1.000 entered 7 C0/1\n1.000 entered 12 C0/1\n1.000 reserved 7 C0/1 S0 100\n1.000 credit 7 C0/1 S0 100\n"
        "1.000 reserved 12 C0/1 S0 100\n1.000 credit 12 C0/1 S0 100\n1.000 refused 7 C0/1 S1 total\n"
        "1.000 refused 12 C0/1 S1 total\n1.000 finished 7 C0/1 DONE\n1.000 finished 12 C0/1 DONE\n");
}

static bool exclusion_comes_before_everything(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_SEND});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    input(IN_EXCLUDE, 1000, 0, "999");
    return tells(mistake, "1.000 entry refused 7 C0/0 RG_BLOCKED\n");
}

static bool exclusion_withdraws_a_request(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    input(IN_EXCLUDE, 1000, 0, "2")->in_pause = true;
    return tells(mistake, "1.000 entered 7 C0/1\n1.000 finished 7 C0/1 RG_BLOCKED\n");
}

static bool release_is_of_the_day_it_was_reserved(enum mistake mistake)
{
    /* Twenty seconds after the start is midnight. */
    fresh(seven_and_twelve, 2);
    struct toy_campaign *toy = campaign(0, 5000);
    toy->per_day = 100;
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100, .declined = DECLINED_FINISH});
    op(toy, (struct op){.kind = OP_FINISH});
    event(19000, 0, "1", 0);
    event(20000, 1, "2", 0);
    input(IN_REPLY, 21000, 0, "3")->journey = 1;
    event(22000, 0, "4", 0);
    return tells(mistake, "19.000 entered 7 C0/1\n19.000 reserved 7 C0/1 S0 100\n19.000 credit 7 C0/1 S0 100\n19.000 "
                          "finished 7 C0/1 DONE\n"
                          "20.000 entered 12 C0/1\n20.000 reserved 12 C0/1 S0 100\n20.000 credit 12 C0/1 S0 "
                          "100\n20.000 finished 12 C0/1 DONE\n"
                          "21.000 released 7 C0/1 S0 100\n22.000 entered 7 C0/2\n22.000 refused 7 C0/2 S0 "
                          "period\n22.000 finished 7 C0/2 NO\n");
}

static bool only_a_person_resumes(enum mistake mistake)
{
    fresh(seven_and_twelve, 2);
    struct toy_campaign *toy = campaign(0, 100);
    toy->when_empty = EMPTY_SUSPENDS;
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    event(2000, 1, "2", 0);
    input(IN_REPLY, 3000, 0, "3")->journey = 1;
    event(4000, 1, "4", 0);
    input(IN_RESUME, 5000, 0, "5");
    event(5000, 1, "6", 0);
    return tells(
        mistake,
        "1.000 entered 7 C0/1\n1.000 reserved 7 C0/1 S0 100\n1.000 credit 7 C0/1 S0 100\n1.000 finished 7 C0/1 DONE\n"
        "2.000 entered 12 C0/1\n2.000 refused 12 C0/1 S0 total\n2.000 suspended C0\n2.000 finished 12 C0/1 DONE\n"
        "3.000 released 7 C0/1 S0 100\n4.000 entry refused 12 C0/0 SUSPENDED\n5.000 resumed C0\n5.000 entered 12 C0/2\n"
        "5.000 reserved 12 C0/2 S0 100\n5.000 credit 12 C0/2 S0 100\n5.000 finished 12 C0/2 DONE\n");
}

static bool too_late_is_not_applied_but_an_exclusion_is(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_WAIT, .wait_ms = 9000});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    story.input[0].late = true;
    event(2000, 0, "2", 0);
    input(IN_EXCLUDE, 3000, 0, "3")->late = true;
    return tells(mistake, "2.000 entered 7 C0/1\n3.000 finished 7 C0/1 RG_BLOCKED\n");
}

static bool a_reply_is_for_the_journey_that_made_the_credit(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    op(toy, (struct op){.kind = OP_CREDIT, .amount = 100});
    op(toy, (struct op){.kind = OP_WAIT_REPLY, .wait_ms = 3000, .credit = 0, .failed = true, .yes = 2, .no = 3});
    op(toy, (struct op){.kind = OP_SEND});
    op(toy, (struct op){.kind = OP_FINISH});
    event(0, 0, "1", 0);
    event(4000, 0, "2", 0);
    input(IN_REPLY, 5000, 0, "3")->journey = 1;
    input(IN_REPLY, 6000, 0, "4")->journey = 2;
    return tells(
        mistake,
        "0.000 entered 7 C0/1\n0.000 reserved 7 C0/1 S0 100\n0.000 credit 7 C0/1 S0 100\n3.000 finished 7 C0/1 DONE\n"
        "4.000 entered 7 C0/2\n4.000 reserved 7 C0/2 S0 100\n4.000 credit 7 C0/2 S0 100\n5.000 released 7 C0/1 S0 100\n"
        "6.000 released 7 C0/2 S0 100\n6.000 send 7 C0/2 S2\n6.000 finished 7 C0/2 DONE\n");
}

static bool who_becomes_a_vip_leaves(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    toy->leave_as_vip = true;
    op(toy, (struct op){.kind = OP_WAIT, .wait_ms = 9000});
    op(toy, (struct op){.kind = OP_FINISH});
    event(1000, 0, "1", 0);
    input(IN_VIP, 2000, 0, "2")->yes = true;
    event(3000, 0, "3", 0);
    return tells(mistake,
                 "1.000 entered 7 C0/1\n2.000 finished 7 C0/1 LEFT\n3.000 entry refused 7 C0/0 NOT_IN_AUDIENCE\n");
}

static bool once_a_day_ends_at_midnight(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    struct toy_campaign *toy = campaign(0, 500);
    toy->once_a_day = true;
    op(toy, (struct op){.kind = OP_FINISH});
    event(19000, 0, "1", 0);
    event(19999, 0, "2", 0);
    event(20000, 0, "3", 0);
    return tells(mistake, "19.000 entered 7 C0/1\n19.000 finished 7 C0/1 DONE\n19.999 entry refused 7 C0/0 ALREADY\n"
                          "20.000 entered 7 C0/2\n20.000 finished 7 C0/2 DONE\n");
}

static bool a_time_out_stops_the_clock_of_waits(enum mistake mistake)
{
    fresh(seven_and_twelve, 1);
    for (int i = 0; i < 2; i++) {
        struct toy_campaign *toy = campaign(0, 500);
        toy->pauses = i == 0;
        op(toy, (struct op){.kind = OP_WAIT_EVENT, .wait_ms = 6000, .event = 1, .yes = 1, .no = 2});
        op(toy, (struct op){.kind = OP_SEND});
        op(toy, (struct op){.kind = OP_FINISH});
    }
    event(1000, 0, "1", 0);
    input(IN_TIME_OUT, 3500, 0, "2")->lasts_ms = 10000;
    event(5000, 0, "3", 1);
    event(6000, 0, "4", 0);
    input(IN_TICK, 30000, 0, "");
    return tells(
        mistake,
        "1.000 entered 7 C0/1\n1.000 entered 7 C1/1\n3.500 finished 7 C1/1 TIMED_OUT\n"
        "6.000 entry refused 7 C0/0 RESTING\n6.000 entry refused 7 C1/0 RESTING\n17.000 finished 7 C0/1 DONE\n");
}

static bool (*const by_hand[])(enum mistake) = {
    ids_by_length_then_bytes,
    deadline_before_event_of_its_instant,
    later_turns_wait_behind_the_answer,
    tag_shows_from_the_next_generation,
    chain_of_causes_ends_at_sixteen,
    requests_are_served_after_all_turns,
    a_second_request_is_of_the_next_generation,
    exclusion_comes_before_everything,
    exclusion_withdraws_a_request,
    release_is_of_the_day_it_was_reserved,
    only_a_person_resumes,
    too_late_is_not_applied_but_an_exclusion_is,
    a_reply_is_for_the_journey_that_made_the_credit,
    who_becomes_a_vip_leaves,
    once_a_day_ends_at_midnight,
    a_time_out_stops_the_clock_of_waits,
};
enum { BY_HAND = sizeof by_hand / sizeof by_hand[0] };

static void test_stories_by_hand(void **state)
{
    (void)state;
    for (int i = 0; i < BY_HAND; i++) assert_true(by_hand[i](MISTAKE_NONE));
}

/* ------------------------------------------------------------------------------------------------- random stories */

static uint64_t first_seed(void)
{
    const char *given = getenv("SEED");
    return given != NULL ? strtoull(given, NULL, 10) : 1;
}

static void test_random_stories(void **state)
{
    (void)state;
    uint64_t seed = first_seed();
    print_message("SEED=%llu\n", (unsigned long long)seed);
    for (int i = 0; i < RANDOM_STORIES; i++, seed++) {
        static struct story random;
        model_make_story(&random, seed, i % 2 == 0);
        const char *wrong = model_check_story(&random, MISTAKE_NONE, seed);
        if (wrong == NULL) continue;
        print_message("%s\nreplay: SEED=%llu build/tests/model_test\n", wrong, (unsigned long long)seed);
        model_print_story(stderr, &random);
        fail();
    }
}

/* ------------------------------------------------------------------------------------------------- planted mistakes */

static bool seen(enum mistake mistake)
{
    for (int i = 0; i < BY_HAND; i++) {
        if (!by_hand[i](mistake)) return true;
    }
    uint64_t seed = first_seed();
    for (int i = 0; i < RANDOM_STORIES; i++, seed++) {
        static struct story random;
        model_make_story(&random, seed, i % 2 == 0);
        if (model_check_story(&random, mistake, seed) != NULL) return true;
    }
    return false;
}

static void test_every_planted_mistake_is_seen(void **state)
{
    (void)state;
    bool all = true;
    for (int i = MISTAKE_NONE + 1; i < MISTAKE_COUNT; i++) {
        if (seen((enum mistake)i)) continue;
        print_message("unnoticed: %s\n", model_mistake_words((enum mistake)i));
        all = false;
    }
    assert_true(all);
    assert_true(MISTAKE_COUNT - 1 >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories_by_hand),
        cmocka_unit_test(test_random_stories),
        cmocka_unit_test(test_every_planted_mistake_is_seen),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
