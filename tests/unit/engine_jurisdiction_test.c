/* Rules of jurisdictions are of today: they reach journeys that began under a program without them, also those that stay in an older
 * program because their campaign means something else by now; and what a player was given counts over restarts and programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#define SCHEMA                                                                                       \
    "workspace \"Law\"\n  product casino\n  currency EUR\n  channel email, inbox\n  tag seen\n"      \
    "  timezone \"Europe/Malta\"\n  use events\n  use actions\nend\n"                                \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n" \
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"     \
    "attribute jurisdiction country code, otherwise GB\nattribute lost yes or no, otherwise no\n"

#define CAMPAIGN(wagering, reason)                                                                                 \
    "campaign \"A\"\n  currency EUR\n  product casino\n  budget\n    total 1,000 EUR\n  end\n  start on session\n" \
    "  enter every time\n  offer bonus \"b\"\n    amount 10 EUR\n    wagering " wagering " of bonus\n"             \
    "    expires 3 days after grant\n  end\n  step \"S\"\n    wait 24 hours\n    if player.lost is no\n"           \
    "      credit \"b\"\n    end\n    finish as \"" reason "\"\n  end\nend\n"

#define RULES(line) "rules for GB from 2026-01-01\n  " line "\nend\n"

static void restart(struct kit *kit, struct store *store)
{
    kit_settle(kit);
    kit_restart(kit, store, kit->shards == 7 ? 1 : 7);
}

/* A journey begins under the one program, and asks for its reward under the other. */
static uint32_t credits(const char *before, const char *after)
{
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, before, 1);
    kit_event(&kit, "s1", "session.started", "p", "2026-06-01T10:00:00Z", "");
    restart(&kit, &store);
    kit_activate(&kit, after, engine_now(kit.engine));
    restart(&kit, &store);
    kit_tick(&kit, "2026-06-03T10:00:00Z");
    restart(&kit, &store);
    uint32_t made = kit_count(&kit.effects, "\"effect\":\"credit\"");
    assert_int_equal(kit_count(&kit.notes, "\"JURISDICTION\""), 1 - made);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"finished\""), 1);
    kit_close(&kit);
    store_close(&store);
    return made;
}

static void test_rules_of_today(void **state)
{
    (void)state;
    static const char old[] = SCHEMA CAMPAIGN("30x", "DONE");
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "DONE") "attribute other whole number, otherwise 1\n"), 1);
    /* The campaign is the same: the journey has moved over. */
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "DONE") RULES("limit wagering at most 10x")), 0);
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "DONE") RULES("limit wagering at most 30x")), 1);
    /* It is another: the journey stays where it was, with the wagering of then. */
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("10x", "OTHER") RULES("limit wagering at most 10x")), 0);
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "OTHER") RULES("limit wagering at most 40x")), 1);
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "OTHER") RULES("limit expiry at most 2 days")), 0);
    /* What only the compiler sees is known of the credit of that name. */
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "DONE") RULES("forbid rewards by lost")), 0);
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "OTHER") RULES("forbid rewards by lost")), 0);
    assert_int_equal(credits(old, SCHEMA CAMPAIGN("30x", "OTHER") RULES("forbid rewards by harm_flagged")), 1);
}

static void test_rewards_are_counted_for_good(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, SCHEMA CAMPAIGN("10x", "DONE"), 1);
    kit_event(&kit, "s1", "session.started", "p", "2026-06-01T10:00:00Z", "");
    kit_tick(&kit, "2026-06-02T12:00:00Z");
    restart(&kit, &store);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 1);
    /* The law comes later; what was given before counts. */
    kit_activate(&kit, SCHEMA CAMPAIGN("10x", "DONE") RULES("limit rewards at most 2 per player"),
                 engine_now(kit.engine));
    kit_event(&kit, "s2", "session.started", "p", "2026-06-03T10:00:00Z", "");
    kit_tick(&kit, "2026-06-04T12:00:00Z");
    restart(&kit, &store);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 2);
    char id[33], line[256];
    kit_event(&kit, "s3", "session.started", "p", "2026-06-05T10:00:00Z", "");
    kit_tick(&kit, "2026-06-06T12:00:00Z");
    restart(&kit, &store);
    assert_int_equal(kit_count(&kit.notes, "\"JURISDICTION\""), 1);
    /* The wallet refuses one for good: there is room again. */
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"y1\",\"player\":\"p\",\"at\":\"2026-06-07T08:00:00Z\",\"effect\":\"%s\","
        "\"status\":\"failed\",\"reason\":\"closed\"}",
        id);
    kit_line(&kit, line);
    restart(&kit, &store);
    kit_event(&kit, "s4", "session.started", "p", "2026-06-07T10:00:00Z", "");
    kit_tick(&kit, "2026-06-08T12:00:00Z");
    restart(&kit, &store);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 3);
    assert_int_equal(kit_count(&kit.notes, "\"JURISDICTION\""), 1);
    kit_close(&kit);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_of_today),
        cmocka_unit_test(test_rewards_are_counted_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
