/* Which campaign gets the last place under a cap: by the priorities of today, at once and for messages that became due together,
 * and for players who were held out or in a group when the program changed. Restarts in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#define SCHEMA                                                                                                    \
    "workspace \"Order\"\n  product casino\n  currency EUR\n  channel email, inbox\n  tag seen\n"                 \
    "  timezone \"Europe/Malta\"\n  use events\n  use actions\nend\n"                                             \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"              \
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"                  \
    "message \"m\"\n  about casino\n  email \"en\" \"Hello\"\nend\n"                                              \
    "policy \"House\"\n  send email about casino to everyone\n  messages at most 1 per day, otherwise drop\n"     \
    "  send only between 09:00 and 21:00 in the player's zone, otherwise delay\n  group \"g\" one campaign at a " \
    "time\n"                                                                                                      \
    "end\n"

#define CAMPAIGN(name, event, lines)                                                          \
    "campaign \"" name "\"\n  currency EUR\n  start on " event "\n  enter every time\n" lines \
    "  step \"S\"\n    send email \"m\"\n    wait 2 days\n    finish as \"DONE\"\n  end\nend\n"

static const char ANT_FIRST[] = SCHEMA CAMPAIGN("Ant", "session", "  priority 1\n  group \"g\"\n")
    CAMPAIGN("Bee", "session", "  priority 2\n") CAMPAIGN("Cat", "registration", "  group \"g\"\n");
static const char BEE_FIRST[] = SCHEMA CAMPAIGN("Ant", "session", "  priority 2\n  group \"g\"\n")
    CAMPAIGN("Bee", "session", "  priority 1\n") CAMPAIGN("Cat", "registration", "  group \"g\"\n");

static void restart(struct kit *kit, struct store *store)
{
    kit_settle(kit);
    kit_restart(kit, store, kit->shards == 7 ? 1 : 7);
}

static uint32_t sent(const struct kit *kit, const char *campaign)
{
    char text[96];
    (void)snprintf(text, sizeof text, "\"campaign\":\"%s\"", campaign);
    return kit_count(&kit->effects, text);
}

static void open(struct kit *kit, struct store *store, const char *source)
{
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(store, &error), OK);
    kit_open(kit, source, 1);
}

static void test_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct kit kit;
        struct store store;
        open(&kit, &store, i == 0 ? ANT_FIRST : BEE_FIRST);
        kit_event(&kit, "s1", "session.started", "p", "2026-06-01T10:00:00Z", "");
        restart(&kit, &store);
        assert_int_equal(sent(&kit, "Ant"), i == 0);
        assert_int_equal(sent(&kit, "Bee"), i == 1);
        kit_close(&kit);
        store_close(&store);
    }
}

/* Both wait for nine o'clock; by then the priorities may have changed places. */
static void test_due_together(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct kit kit;
        struct store store;
        open(&kit, &store, ANT_FIRST);
        kit_event(&kit, "s1", "session.started", "p", "2026-06-01T20:00:00Z", "");
        restart(&kit, &store);
        assert_int_equal(kit_count(&kit.notes, "\"note\":\"delayed\""), 2);
        if (i == 1) kit_activate(&kit, BEE_FIRST, engine_now(kit.engine));
        restart(&kit, &store);
        kit_tick(&kit, "2026-06-02T08:00:00Z");
        restart(&kit, &store);
        assert_int_equal(sent(&kit, "Ant"), i == 0);
        assert_int_equal(sent(&kit, "Bee"), i == 1);
        assert_int_equal(kit_count(&kit.notes, "\"PRESSURE\""), 1);
        kit_close(&kit);
        store_close(&store);
    }
}

/* A journey of before the restart keeps its group until it has ended. */
static void test_group_over_restarts(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    open(&kit, &store, ANT_FIRST);
    kit_event(&kit, "s1", "session.started", "p", "2026-06-01T10:00:00Z", "");
    restart(&kit, &store);
    kit_event(&kit, "r1", "registered", "p", "2026-06-02T10:00:00Z", "");
    restart(&kit, &store);
    assert_int_equal(kit_count(&kit.notes, "\"GROUP\""), 1);
    kit_event(&kit, "r2", "registered", "p", "2026-06-03T10:00:01Z", "");
    restart(&kit, &store);
    assert_int_equal(kit_count(&kit.notes, "\"GROUP\""), 1);
    assert_int_equal(sent(&kit, "Cat"), 1);
    kit_close(&kit);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_due_together),
        cmocka_unit_test(test_group_over_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
