/* What responsible gaming keeps from rows of a run: one line WITHHELD_RG each, with the amount, and nothing else of it anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

static const char SOURCE[] =
    "attribute loss money up to 100,000, otherwise 0 EUR\n"
    "message \"paid\"\n  about casino\n  inbox \"en\" \"Paid\"\nend\n"
    "campaign \"Cashback\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  budget\n    per run 1,000 EUR\n    per player 400 EUR per week\n    when empty stop the run\n  end\n"
    "  start every monday at 06:00\n  only for players where loss is more than 0 EUR\n"
    "  order by player.loss from largest, then player.id from smallest\n  enter once per week\n"
    "  offer cash \"back\"\n    amount 10% of player.loss, at most 400 EUR, nothing below 20 EUR\n    wagering none\n  "
    "end\n"
    "  step \"Pay\"\n    send inbox \"paid\"\n    credit \"back\", otherwise finish as \"NOT_PAID\"\n"
    "    finish as \"PAID\"\n  end\nend\n";

static void lost(struct kit *kit, const char *player, const char *loss)
{
    char line[300];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"a-%s\",\"player\":\"%s\",\"at\":\"2026-03-27T10:00:00Z\","
                   "\"set\":{\"age_verified\":true,\"loss\":\"%s EUR\"}}",
                   player, player, loss);
    kit_line(kit, line);
}

/* Five players: one is excluded, one has a harm flag, one is excluded and would have got nothing, two are paid. */
static void begin(struct kit *kit, uint32_t shards)
{
    kit_open(kit, SOURCE, shards);
    lost(kit, "ann", "1234.50");
    lost(kit, "ben", "9000");
    lost(kit, "cat", "199.99");
    lost(kit, "dan", "500");
    lost(kit, "eve", "300");
    kit_event(kit, "x1", "player.self_excluded", "ann", "2026-03-28T10:00:00Z", "");
    kit_event(kit, "x2", "player.harm_flagged", "ben", "2026-03-28T10:00:00Z", "");
    kit_event(kit, "x3", "player.closed", "cat", "2026-03-28T10:00:00Z", "");
    kit_settle(kit);
}

#define WITHHELD(player) "\"note\":\"withheld\",\"at\":\"2026-03-30T04:00:00.000Z\",\"player\":\"" player "\""

/* C03: no message, no credit, a line of the ledger. */
static void test_one_line_each(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    kit_tick(&kit, "2026-03-30T05:00:00Z");
    kit_tick(&kit, "2026-03-30T05:00:00Z"); /* However often time is told. */
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"withheld\"", 2);
    HAS(notes, WITHHELD("ann") ",\"campaign\":\"Cashback\",\"step\":\"Pay\",\"action\":\"credit\",\"name\":\"back\","
                               "\"reason\":\"WITHHELD_RG\",\"rule\":\"Responsible gaming\",");
    TIMES(notes, "\"amount\":\"123.45 EUR\"", 1);
    HAS(notes, WITHHELD("ben") ",\"campaign\":\"Cashback\",\"journey\":1,");
    NONE(notes, WITHHELD("cat"));
    TIMES(effects, "\"effect\":\"credit\"", 2);
    NONE(effects, "\"player\":\"ann\"");
    NONE(effects, "\"offer\":\"back\",\"player\":\"ben\"");
    TIMES(notes, "\"note\":\"reserved\"", 2);
    struct error error = ERROR_NONE;
    assert_int_equal(engine_check_books(kit.engine, &error), OK);
    /* A week later again, and for nobody twice. */
    kit_tick(&kit, "2026-04-06T05:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"withheld\"", 4);
    kit_close(&kit);
}

/* Only runs: who is excluded and does what starts a campaign otherwise is told RG_BLOCKED, as before. A test player has no ledger. */
static void test_nothing_else(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"t\",\"player\":\"ann\",\"at\":\"2026-03-29T10:00:00Z\","
                   "\"set\":{\"loss\":\"0 EUR\"}}");
    kit_tick(&kit, "2026-03-30T05:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"withheld\"", 1); /* ben's: ann is no row */
    kit_close(&kit);
}

static void test_same_for_shards_and_restarts(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (uint32_t round = 0; round < 3; round++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        begin(&kit, round == 0 ? 1 : round == 1 ? 7 : 2);
        if (round == 1) kit_restart(&kit, &store, 3);
        if (round == 2) kit_restart_asleep(&kit, &store, 2);
        kit_tick(&kit, "2026-03-30T05:00:00Z");
        kit_settle(&kit);
        kit_tick(&kit, "2026-04-06T05:00:00Z");
        kit_settle(&kit);
        TIMES(notes, "\"note\":\"withheld\"", 4);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_line_each),
        cmocka_unit_test(test_nothing_else),
        cmocka_unit_test(test_same_for_shards_and_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
