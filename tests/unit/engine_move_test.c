/*
 * Running journeys that move to a new version: wait by wait, with what they remember, have made and have counted; what has no place stays where it is; no
 * credit is repeated; the same for any number of shards and through a restart.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                                   \
    "message \"hello\"\n  class service\n  about casino\n  inbox \"en\" \"Hello\"\n"                           \
    "end\n"                                                                                                    \
    "message \"more\"\n  class service\n  about casino\n  inbox \"en\" \"You put in {deposit.amount}\"\nend\n" \
    "campaign \"Drip\"\n  product casino\n  currency EUR\n"                                                    \
    "  budget\n    total 1,000 EUR\n  end\n"                                                                   \
    "  start on deposit where amount is at least 1 EUR\n  enter once per player\n"                             \
    "  offer cash \"coin\"\n    amount 5 EUR\n    wagering none\n  end\n"
#define OLD                                                                                              \
    HEAD "  step \"First\"\n    credit \"coin\"\n    remember paid as deposit.amount\n    wait 3 days\n" \
         "    send inbox \"hello\"\n    wait 3 days\n    go to \"Second\"\n  end\n"                      \
         "  step \"Second\"\n    wait 10 days\n    finish as \"OLD\"\n  end\nend\n"
/* A step between, the second one renamed and shorter; the coin once more in the first step would be the same effect. */
#define NEW(line)                                                                                             \
    HEAD line "  step \"First\"\n    credit \"coin\"\n    remember paid as deposit.amount\n    wait 3 days\n" \
              "    send inbox \"more\"\n    wait 5 days\n    go to \"Between\"\n  end\n"                      \
              "  step \"Between\"\n    send inbox \"hello\"\n    go to \"Last\"\n  end\n"                     \
              "  step \"Last\"  renamed from \"Second\"\n    wait 1 day\n"                                    \
              "    if journey.paid is at least 10 EUR\n      finish as \"NEW RICH\"\n    end\n"               \
              "    finish as \"NEW\"\n  end\nend\n"
#define MOVE "  running journeys  move to this version\n"

static void deposit(struct kit *kit, const char *player, const char *at, const char *amount)
{
    char data[80], id[32];
    (void)snprintf(data, sizeof data, "\"amount\":\"%s EUR\",\"first\":true,\"method\":\"card\"", amount);
    (void)snprintf(id, sizeof id, "d-%s", player);
    kit_set(kit, player, "2026-05-31T10:00:00Z", "age_verified", "true");
    kit_event(kit, id, "deposit", player, at, data);
}

/* Three players: at the first wait, at the second, and in the second step. */
static void three_players(struct kit *kit, uint32_t shards)
{
    kit_open(kit, OLD, shards);
    deposit(kit, "c", "2026-06-01T10:00:00Z", "20");
    deposit(kit, "b", "2026-06-05T10:00:00Z", "9");
    deposit(kit, "a", "2026-06-08T10:00:00Z", "30");
    kit_tick(kit, "2026-06-09T10:00:00Z");
}

static int64_t second_of_june_ten(void)
{
    return INT64_C(1781085600000); /* 2026-06-10T10:00:00Z */
}

static void journeys_move_wait_by_wait(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (int run = 0; run < 3; run++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        three_players(&kit, run == 1 ? 7 : 1);
        kit_activate(&kit, NEW(MOVE), second_of_june_ten());
        assert_int_equal(kit_count(&kit.notes, "\"note\":\"moved\""), 3);
        if (run == 2) kit_restart(&kit, &store, 4);
        kit_tick(&kit, "2026-06-11T11:00:00Z");
        /* c's ten days of the old wait go on: the deadline is kept. a's first wait ends as the new version says. */
        assert_int_equal(kit_count(&kit.effects, "\"message\":\"more\""), 1);
        assert_int_equal(kit_count(&kit.effects, "30.00 EUR"), 1);
        kit_tick(&kit, "2026-06-30T11:00:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.notes, "\"as\":\"NEW RICH\""), 2);
        assert_int_equal(kit_count(&kit.notes, "\"as\":\"NEW\""), 1);
        assert_int_equal(kit_count(&kit.notes, "\"as\":\"OLD\""), 0);
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 3);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

static void without_the_line_they_stay(void **state)
{
    (void)state;
    struct kit kit;
    three_players(&kit, 1);
    kit_activate(&kit, NEW(""), second_of_june_ten());
    kit_tick(&kit, "2026-06-30T11:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"moved\""), 0);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"OLD\""), 3);
    kit_close(&kit);
}

/* The new second step needs a value that the old first step has not kept at its wait; its step is gone for another. */
static void what_has_no_place_stays(void **state)
{
    (void)state;
    struct kit kit;
    three_players(&kit, 1);
    kit_activate(&kit,
                 HEAD MOVE
                 "  step \"First\"\n    credit \"coin\"\n    remember risk as player.churn_risk, otherwise 0%\n"
                 "    wait 3 days\n    if journey.risk is at least 10%\n      finish as \"RISK\"\n    end\n"
                 "    finish as \"NEW\"\n  end\nend\n",
                 second_of_june_ten());
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"moved\""), 0);
    assert_int_equal(kit_count(&kit.notes, "\"detail\":\"a value that the new version reads was not kept\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"detail\":\"its step has fewer waits\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"detail\":\"its step is gone\""), 1);
    kit_tick(&kit, "2026-06-30T11:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"OLD\""), 3);
    kit_close(&kit);
}

#define LOOP(times, more)                                                                                           \
    HEAD MOVE "  step \"Loop\"\n    repeat at most " times " times\n      send inbox \"hello\"\n      wait 1 day\n" \
              "    end\n" more "    finish as \"DONE\"\n  end\nend\n"

/* Rounds that were made count on, and the messages of the loop keep their identities: none is sent twice under one. */
static void counts_go_on(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, LOOP("4", ""), 1);
    deposit(&kit, "a", "2026-06-08T10:00:00Z", "30");
    kit_tick(&kit, "2026-06-10T09:00:00Z"); /* two rounds */
    kit_activate(&kit, LOOP("6", "    tag reviewers\n"), second_of_june_ten());
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"moved\""), 1);
    kit_tick(&kit, "2026-06-30T11:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"message\":\"hello\""), 6);
    assert_int_equal(kit_count(&kit.effects, "\"tag\":\"reviewers\""), 1);
    char first[33], other[33];
    for (uint32_t i = 0; i < 6; i++) {
        kit_effect_id(&kit, "\"message\":\"hello\"", i, first);
        for (uint32_t j = 0; j < i; j++) {
            kit_effect_id(&kit, "\"message\":\"hello\"", j, other);
            assert_string_not_equal(first, other);
        }
    }
    kit_close(&kit);
    /* Fewer rounds than were made: the one that runs is the last. */
    kit_open(&kit, LOOP("4", ""), 1);
    deposit(&kit, "a", "2026-06-08T10:00:00Z", "30");
    kit_tick(&kit, "2026-06-10T11:00:00Z"); /* the third round */
    kit_activate(&kit, LOOP("2", ""), second_of_june_ten() + 7200000);
    kit_tick(&kit, "2026-06-30T11:00:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"message\":\"hello\""), 3);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"DONE\""), 1);
    kit_close(&kit);
}

#define BACK(times)                                                                                             \
    HEAD MOVE "  step \"Round\"\n    send inbox \"hello\"\n    wait 1 day\n    go to \"Round\", at most " times \
              " times, otherwise finish as \"DONE\"\n  end\nend\n"

/* The way back was taken twice; with 5 it may be taken three times more, with 1 not once more. A second count is no place for the first. */
static void ways_back_are_counted_on(void **state)
{
    (void)state;
    struct kit kit;
    for (int run = 0; run < 2; run++) {
        kit_open(&kit, BACK("3"), 1);
        deposit(&kit, "a", "2026-06-08T10:00:00Z", "30");
        kit_tick(&kit, "2026-06-10T11:00:00Z");
        kit_activate(&kit, run == 0 ? BACK("5") : BACK("1"), second_of_june_ten() + 7200000);
        assert_int_equal(kit_count(&kit.notes, "\"note\":\"moved\""), 1);
        kit_tick(&kit, "2026-06-30T11:00:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"message\":\"hello\""), run == 0 ? 6 : 3);
        kit_close(&kit);
    }
    kit_open(&kit, BACK("3"), 1);
    deposit(&kit, "a", "2026-06-08T10:00:00Z", "30");
    kit_activate(&kit, LOOP("2", "    go to \"Round\"\n  end\n  step \"Round\"\n    wait 1 day\n"),
                 second_of_june_ten());
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"moved\""), 1); /* one count for one count: in their order */
    kit_close(&kit);
    kit_open(&kit, BACK("3"), 1);
    deposit(&kit, "a", "2026-06-08T10:00:00Z", "30");
    kit_activate(&kit, HEAD MOVE "  step \"Round\"\n    wait 1 day\n    finish as \"DONE\"\n  end\nend\n",
                 second_of_june_ten());
    assert_int_equal(kit_count(&kit.notes, "\"detail\":\"the counted ways are other ones\""), 1);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journeys_move_wait_by_wait), cmocka_unit_test(without_the_line_they_stay),
        cmocka_unit_test(what_has_no_place_stays),    cmocka_unit_test(counts_go_on),
        cmocka_unit_test(ways_back_are_counted_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
