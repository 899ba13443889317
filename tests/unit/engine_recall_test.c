/* What is taken back, and what a person orders: exclusions, `kill`, `end`, erasure; over restarts and shards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/clock/clock_kit.h"
#include "tests/kit/engine_kit.h"

#include "vm/civil.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

static const char SOURCE[] =
    "message \"hello\"\n  about casino\n  inbox \"en\" \"Hello\"\n  email \"en\" \"Hello\"\nend\n"
    "campaign \"C\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  budget\n    total 100 EUR\n  end\n"
    "  start on registration\n  enter every time\n"
    "  offer cash \"gift\"\n    amount 5 EUR\n    wagering none\n  end\n"
    "  step \"Hello\"\n    send inbox \"hello\"\n    credit \"gift\"\n"
    "    send email \"hello\"\n    wait 10 days\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"D\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  start on registration\n  enter every time\n"
    "  step \"Hello\"\n    send inbox \"hello\"\n    wait 10 days\n    finish as \"DONE\"\n  end\nend\n";

/* One player on both campaigns: two messages in the inbox, a gift that the wallet has not answered, an email in the quiet hours. */
static void begin(struct kit *kit, uint32_t shards)
{
    kit_open(kit, SOURCE, shards);
    kit_line(kit, "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\","
                  "\"set\":{\"age_verified\":true,\"casino_email\":true}}");
    kit_event(kit, "r", "registered", "p", "2026-06-01T20:00:00Z", "");
    kit_settle(kit);
    assert_int_equal(kit_count(&kit->effects, "\"effect\":\"send\""), 2);
    assert_int_equal(kit_count(&kit->effects, "\"effect\":\"credit\""), 1);
    assert_int_equal(kit_count(&kit->notes, "\"note\":\"delayed\""), 1);
}

static void order(struct kit *kit, const char *id, const char *word, const char *at)
{
    char line[200];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"command\",\"id\":\"%s\",\"at\":\"%s\",\"command\":\"%s\",\"campaign\":\"C\"}", id, at,
                   word);
    kit_line(kit, line);
    kit_settle(kit);
}

static void answer(struct kit *kit, const char *id, const char *effect, const char *status)
{
    char line[200];
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"%s\",\"effect\":\"%s\",\"at\":\"2026-06-01T20:10:00Z\",\"status\":\"%s\"}", id,
        effect, status);
    kit_line(kit, line);
    kit_settle(kit);
}

static void exclude(struct kit *kit, const char *id)
{
    kit_event(kit, id, "player.self_excluded", "p", "2026-06-01T20:30:00Z", "");
    kit_settle(kit);
}

/* promise B5 */
static void test_exclusion_asks_back(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    exclude(&kit, "x");
    exclude(&kit, "x");
    exclude(&kit, "y"); /* another one: nothing is left to take back */
    TIMES(effects, "\"effect\":\"cancel\"", 3);
    TIMES(notes, "\"note\":\"finished\"", 2);
    TIMES(notes, "\"note\":\"dropped\"", 1);
    TIMES(notes, "\"reason\":\"DUPLICATE\"", 1);
    char credit[33], wanted[64];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, credit);
    (void)snprintf(wanted, sizeof wanted, "\"of\":\"%s\"", credit);
    TIMES(effects, wanted, 1);
    NONE(notes, "\"note\":\"released\""); /* the wallet has the last word */
    answer(&kit, "w", credit, "failed");
    TIMES(notes, "\"note\":\"released\"", 1);
    kit_close(&kit);
}

/* What was heard of is not asked back: by a reply, or by an event that names the effect. */
static void test_heard_of(void **state)
{
    (void)state;
    struct kit kit;
    char id[33], data[80];
    begin(&kit, 3);
    kit_effect_id(&kit, "\"effect\":\"send\"", 0, id);
    answer(&kit, "1", id, "delivered");
    kit_effect_id(&kit, "\"effect\":\"send\"", 1, id);
    (void)snprintf(data, sizeof data, "\"effect\":\"%s\",\"channel\":\"inbox\"", id);
    kit_event(&kit, "2", "message.opened", "p", "2026-06-01T20:11:00Z", data);
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    answer(&kit, "3", id, "credited");
    exclude(&kit, "x");
    NONE(effects, "\"effect\":\"cancel\"");
    kit_close(&kit);
}

/* Beyond the lateness no message is asked back; a reward is, as long as the wallet is silent. */
static void test_long_ago(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    kit_event(&kit, "x", "player.self_excluded", "p", "2026-06-09T07:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 3);
    TIMES(effects, "\"effect\":\"cancel\"", 1);
    kit_close(&kit);
}

static void test_kill(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 7);
    order(&kit, "k", "kill", "2026-06-01T20:15:00Z");
    TIMES(notes, "\"note\":\"stopped\"", 1);
    HAS(notes, "\"campaign\":\"C\",\"journey\":1,\"step\":\"Hello\",\"reason\":\"KILLED\",\"as\":\"KILLED\"");
    NONE(notes, "\"campaign\":\"D\",\"journey\":1,\"step\":\"Hello\",\"reason\":\"KILLED\"");
    TIMES(notes, "\"note\":\"dropped\"", 1);
    TIMES(effects, "\"effect\":\"cancel\"", 2); /* its message and its reward, not the other campaign's */
    order(&kit, "k", "kill", "2026-06-01T20:15:00Z");
    order(&kit, "k2", "kill", "2026-06-01T20:16:00Z");
    TIMES(notes, "\"note\":\"stopped\"", 1);
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T20:20:00Z", "");
    kit_settle(&kit);
    HAS(notes, "\"player\":\"q\",\"campaign\":\"C\",\"reason\":\"KILLED\"");
    order(&kit, "e", "end", "2026-06-01T20:21:00Z"); /* no way back to being merely ended */
    order(&kit, "o", "resume", "2026-06-01T20:22:00Z");
    kit_event(&kit, "r3", "registered", "q", "2026-06-01T20:23:00Z", "");
    kit_settle(&kit);
    HAS(notes, "\"note\":\"resumed\"");
    HAS(notes, "\"note\":\"entered\",\"at\":\"2026-06-01T20:23:00.000Z\",\"player\":\"q\",\"campaign\":\"C\"");
    kit_close(&kit);
}

/* A message that waits for the morning outlives its journey, but not the campaign. */
static void test_kill_of_what_is_queued(void **state)
{
    (void)state;
    struct kit kit;
    static const char source[] =
        "message \"hello\"\n  about casino\n  email \"en\" \"Hello\"\nend\n"
        "campaign \"C\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
        "  start on registration\n  step \"Hello\"\n    send email \"hello\"\n    finish as \"DONE\"\n  end\nend\n";
    kit_open(&kit, source, 2);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\","
                   "\"set\":{\"age_verified\":true,\"casino_email\":true}}");
    kit_event(&kit, "r", "registered", "p", "2026-06-01T20:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"DONE\"", 1);
    TIMES(notes, "\"note\":\"delayed\"", 1);
    order(&kit, "k", "kill", "2026-06-01T21:00:00Z");
    kit_tick(&kit, "2026-06-03T00:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"dropped\"", 1);
    NONE(effects, "\"effect\":\"send\"");
    kit_close(&kit);
}

static void test_end(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    order(&kit, "e", "end", "2026-06-01T20:15:00Z");
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T20:20:00Z", "");
    kit_tick(&kit, "2026-06-20T00:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"player\":\"q\",\"campaign\":\"C\",\"reason\":\"ENDED\"");
    HAS(notes, "\"player\":\"p\",\"campaign\":\"C\",\"journey\":1,\"step\":\"Hello\",\"as\":\"DONE\"");
    NONE(effects, "\"effect\":\"cancel\"");
    kit_close(&kit);
}

/* Journeys of the newer bundle go on after a roll back, or are ended by the order for it. (promise X6) */
static void test_roll_back(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    static char newer[sizeof SOURCE + 16];
    const char *at = strstr(SOURCE, "wait 10 days");
    (void)snprintf(newer, sizeof newer, "%.*s%s%s", (int)(at - SOURCE), SOURCE, "wait 20 days",
                   at + strlen("wait 10 days"));
    kit_activate(&kit, newer, clock_instant("2026-06-02T10:00:00Z"));
    kit_event(&kit, "r2", "registered", "q", "2026-06-02T11:00:00Z", "");
    kit_activate(&kit, SOURCE, clock_instant("2026-06-02T12:00:00Z"));
    kit_event(&kit, "r3", "registered", "s", "2026-06-02T13:00:00Z", "");
    kit_tick(&kit, "2026-06-13T00:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"player\":\"p\",\"campaign\":\"C\",\"journey\":1,\"step\":\"Hello\",\"as\":\"DONE\"");
    HAS(notes, "\"player\":\"s\",\"campaign\":\"C\",\"journey\":1,\"step\":\"Hello\",\"as\":\"DONE\"");
    NONE(notes, "\"player\":\"q\",\"campaign\":\"C\",\"journey\":1,\"step\":\"Hello\",\"as\"");
    kit_event(&kit, "r4", "registered", "s", "2026-06-13T10:00:00Z", "");
    order(&kit, "j", "end_journeys", "2026-06-13T11:00:00Z");
    HAS(notes,
        "\"player\":\"q\",\"campaign\":\"C\",\"journey\":1,\"step\":\"Hello\",\"reason\":\"KILLED\",\"as\":\"KILLED\"");
    NONE(notes, "\"player\":\"s\",\"campaign\":\"C\",\"journey\":2,\"step\":\"Hello\",\"reason\":\"KILLED\"");
    NONE(effects, "\"effect\":\"cancel\"");
    kit_close(&kit);
}

static void test_erasure(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 3);
    char credit[33];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, credit);
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"e\",\"player\":\"p\",\"at\":\"2026-06-01T20:05:00Z\"}");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"ERASED\"", 2);
    TIMES(effects, "\"effect\":\"cancel\"", 3);
    struct engine_player_view view;
    assert_false(engine_find_player(kit.engine, TEXT(""), TEXT("p"), &view));
    answer(&kit, "w", credit, "credited"); /* the books still know the amount, of nobody */
    TIMES(notes, "\"note\":\"committed\"", 1);
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"e\",\"player\":\"p\",\"at\":\"2026-06-01T20:05:00Z\"}");
    kit_event(&kit, "r2", "registered", "p", "2026-06-01T20:30:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"SUPPRESSED\"", 2);
    kit_line(&kit, "{\"kind\":\"unsuppress\",\"id\":\"u\",\"player\":\"p\",\"at\":\"2026-06-01T20:40:00Z\"}");
    kit_event(&kit, "r3", "registered", "p", "2026-06-01T21:00:00Z", "");
    kit_settle(&kit);
    HAS(notes,
        "\"note\":\"entered\",\"at\":\"2026-06-01T21:00:00.000Z\",\"player\":\"p\",\"campaign\":\"C\",\"journey\":1}");
    kit_close(&kit);
}

/* Stopped and gone on behind each record, with other shards: the same as in one go. */
static void test_restarts(void **state)
{
    (void)state;
    struct kit kit, other;
    struct store store;
    struct error error = ERROR_NONE;
    uint8_t one[32], two[32];
    char id[33];
    assert_int_equal(memory_store_open(&store, &error), OK);
    begin(&kit, 1);
    begin(&other, 5);
    kit_restart(&other, &store, 7);
    kit_effect_id(&kit, "\"effect\":\"send\"", 0, id);
    answer(&kit, "1", id, "delivered");
    answer(&other, "1", id, "delivered");
    kit_restart(&other, &store, 1);
    order(&kit, "e", "end", "2026-06-01T20:15:00Z");
    order(&other, "e", "end", "2026-06-01T20:15:00Z");
    kit_restart(&other, &store, 3);
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T20:20:00Z", "");
    kit_event(&other, "r2", "registered", "q", "2026-06-01T20:20:00Z", "");
    exclude(&kit, "x");
    exclude(&other, "x");
    kit_restart(&other, &store, 2);
    order(&kit, "k", "kill", "2026-06-01T21:15:00Z");
    order(&other, "k", "kill", "2026-06-01T21:15:00Z");
    kit_digest(&kit, one);
    kit_digest(&other, two);
    assert_memory_equal(one, two, sizeof one);
    assert_string_equal(buffer_as_string(&kit.effects), buffer_as_string(&other.effects));
    assert_string_equal(buffer_as_string(&kit.notes), buffer_as_string(&other.notes));
    TIMES(effects, "\"effect\":\"cancel\"", 2);
    HAS(notes, "ENDED");
    kit_close(&kit);
    kit_close(&other);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclusion_asks_back),
        cmocka_unit_test(test_heard_of),
        cmocka_unit_test(test_long_ago),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_kill_of_what_is_queued),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_roll_back),
        cmocka_unit_test(test_erasure),
        cmocka_unit_test(test_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
