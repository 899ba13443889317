/*
 * Goals and the arms of splits: a journey that reaches its goal converts every split it has passed, each in its arm, also after its end,
 * after a restart and after a change of programs; and the figures of the arms. Splitting itself has its own tests.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/lab/summary.h"

#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

/* Passes "first" twice, an hour after the entry and an hour later, and "second" a day after that. */
#define SOURCE(ARMS)                                                                         \
    "campaign \"C\"\n  product casino\n  currency EUR\n"                                     \
    "  start on registration\n  enter once per player\n  goal within 9 days on deposit\n"    \
    "  step \"One\"\n"                                                                       \
    "    wait 1 hour\n"                                                                      \
    "    repeat at most 2 times\n"                                                           \
    "      split \"first\"\n        50% \"A\"  go on\n        50% \"B\"  go on\n      end\n" \
    "      wait 1 hour\n"                                                                    \
    "    end\n"                                                                              \
    "    wait 1 day\n"                                                                       \
    "    split \"second\"\n" ARMS "    end\n"                                                \
    "    wait 1 day\n"                                                                       \
    "    finish as \"DONE\"\n  end\nend\n"

static const char source[] = SOURCE("      25% \"X\"  go on\n      75% \"Y\"  go on\n");

static void deposit(struct kit *kit, const char *player, const char *at)
{
    char id[64];
    (void)snprintf(id, sizeof id, "d-%s-%s", player, at);
    kit_event(kit, id, "deposit", player, at, "\"amount\":\"5 EUR\",\"first\":true,\"method\":\"card\"");
}

struct seen {
    uint64_t converted, exposed[2];
    int64_t reached[2]; /* By split: "first", "second". */
};

static void look(void *context, const struct engine_campaign_summary *summary)
{
    struct seen *seen = context;
    seen->converted = summary->converted;
    for (uint32_t i = 0; i < summary->arms_count; i++) {
        bool second = text_equal(summary->arms[i].name, TEXT("second"));
        assert_true(second || text_equal(summary->arms[i].name, TEXT("first")));
        seen->exposed[second] += summary->arms[i].count;
        seen->reached[second] += summary->arms[i].amount;
        assert_true((uint64_t)summary->arms[i].amount <= summary->arms[i].count);
    }
}

static struct seen figures(struct kit *kit)
{
    struct seen seen = {0};
    assert_true(engine_summary(kit->engine, look, &seen));
    return seen;
}

static void every_split_that_was_passed(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 7);
    static const char *const players[] = {"none", "one", "both", "after", "never", "late"};
    for (unsigned i = 0; i < sizeof players / sizeof players[0]; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "r%u", i);
        kit_event(&kit, id, "registered", players[i], "2026-06-01T10:00:00Z", "");
    }
    deposit(&kit, "none", "2026-06-01T10:30:00Z"); /* Before any split. */
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"converted\"", 1);
    TIMES(notes, "\"split\":", 0);
    deposit(&kit, "one", "2026-06-01T12:30:00Z"); /* "first" was passed twice. */
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"converted\"", 2);
    TIMES(notes, "\"note\":\"exposure\"", 12);
    struct seen seen = figures(&kit);
    assert_int_equal(seen.exposed[0], 6);
    assert_int_equal(seen.reached[0], 1);
    assert_int_equal(seen.exposed[1], 0);
    kit_tick(&kit, "2026-06-02T14:00:00Z");
    kit_settle(&kit);
    kit_restart(&kit, &store, 1);
    deposit(&kit, "both", "2026-06-02T15:00:00Z");
    kit_tick(&kit, "2026-06-04T00:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"converted\"", 4);
    TIMES(notes, "DONE", 6);
    kit_restart(&kit, &store, 3);
    deposit(&kit, "after", "2026-06-05T10:00:00Z");
    deposit(&kit, "after", "2026-06-05T11:00:00Z"); /* Once is enough. */
    deposit(&kit, "late", "2026-06-10T10:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"converted\"", 6);
    seen = figures(&kit);
    assert_int_equal(seen.converted, 4);
    assert_int_equal(seen.exposed[0], 6);
    assert_int_equal(seen.reached[0], 3);
    assert_int_equal(seen.exposed[1], 6);
    assert_int_equal(seen.reached[1], 2);
    kit_close(&kit);
    store_close(&store);
}

static void test_players_are_out(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 1);
    kit_set(&kit, "t", "2026-06-01T09:00:00Z", "test_player", "true");
    kit_event(&kit, "r1", "registered", "t", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "r2", "registered", "p", "2026-06-01T10:00:00Z", "");
    deposit(&kit, "t", "2026-06-03T15:00:00Z");
    kit_settle(&kit);
    struct seen seen = figures(&kit);
    assert_int_equal(seen.exposed[0], 1);
    assert_int_equal(seen.exposed[1], 1);
    assert_int_equal(seen.reached[0] + seen.reached[1], 0);
    kit_close(&kit);
}

/* What ended under the old program converts by names: arms that moved are followed, what is gone is not told. */
static void after_a_change_of_programs(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 4);
    char id[16], player[16];
    for (int i = 0; i < 20; i++) {
        (void)snprintf(id, sizeof id, "r%d", i);
        (void)snprintf(player, sizeof player, "p%d", i);
        kit_event(&kit, id, "registered", player, "2026-06-01T10:00:00Z", "");
    }
    kit_tick(&kit, "2026-06-05T00:00:00Z");
    kit_settle(&kit);
    uint32_t x = kit_count(&kit.notes, "\"arm\":\"X\""), y = kit_count(&kit.notes, "\"arm\":\"Y\"");
    assert_int_equal(x + y, 20);
    assert_true(x > 0);
    kit_activate(&kit, SOURCE("      50% \"new\"  go on\n      50% \"X\"  go on\n"), engine_now(kit.engine));
    kit_restart(&kit, &store, 2);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(player, sizeof player, "p%d", i);
        deposit(&kit, player, "2026-06-05T10:00:00Z");
    }
    kit_settle(&kit);
    struct seen seen = figures(&kit);
    assert_int_equal(seen.converted, 20);
    assert_int_equal(seen.reached[0], 20);
    assert_int_equal(seen.reached[1], x);
    TIMES(notes, "\"split\":\"second\",\"arm\":\"X\"", 2 * x);
    TIMES(notes, "\"split\":\"second\",\"arm\":\"Y\"", y);
    TIMES(notes, "\"arm\":\"new\"", 0);
    kit_close(&kit);
    store_close(&store);
}

static void same_for_any_shards_and_restarts(void **state)
{
    (void)state;
    const uint32_t shards[3] = {1, 4, 7};
    uint8_t digest[3][32];
    struct buffer summary[3] = {BUFFER_EMPTY, BUFFER_EMPTY, BUFFER_EMPTY};
    for (int run = 0; run < 3; run++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, source, shards[run]);
        char id[16], player[16], at[32];
        for (int i = 0; i < 40; i++) {
            (void)snprintf(id, sizeof id, "r%d", i);
            (void)snprintf(player, sizeof player, "p%d", i);
            kit_event(&kit, id, "registered", player, "2026-06-01T10:00:00Z", "");
        }
        for (int i = 0; i < 40; i++) {
            (void)snprintf(player, sizeof player, "p%d", i * 7 % 40);
            (void)snprintf(at, sizeof at, "2026-06-%02dT%02d:30:00Z", 1 + i / 8, i < 8 ? 10 + i : i / 2);
            if (i % 5 != 4) deposit(&kit, player, at);
            if (run > 0 && i % 6 == 0) {
                kit_settle(&kit);
                kit_restart(&kit, &store, shards[(run + i) % 3]);
            }
        }
        kit_settle(&kit);
        kit_digest(&kit, digest[run]);
        summary_print(&summary[run], kit.engine, (struct summary_style){.json = true});
        assert_true(figures(&kit).reached[1] > 0);
        kit_close(&kit);
        store_close(&store);
    }
    for (int run = 1; run < 3; run++) {
        assert_memory_equal(digest[run], digest[0], sizeof digest[0]);
        assert_string_equal(buffer_as_string(&summary[run]), buffer_as_string(&summary[0]));
    }
    for (int run = 0; run < 3; run++) buffer_deinit(&summary[run]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_that_was_passed),
        cmocka_unit_test(test_players_are_out),
        cmocka_unit_test(after_a_change_of_programs),
        cmocka_unit_test(same_for_any_shards_and_restarts),
    };
    return cmocka_run_group_tests_name("engine: arms and goals", tests, NULL, NULL);
}
