/* The order of turns, repetition, lateness and shared objects. spec: runtime.md#order */
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

#define OPEN_TO_ALL                                                                                               \
    "workspace \"Order\"\n  product casino\n  currency EUR, USD\n  channel email, inbox\n  tag seen\n  timezone " \
    "\"UTC\"\n"                                                                                                   \
    "  use events\n  use actions\nend\n"                                                                          \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"              \
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"                  \
    "attribute vip yes or no, otherwise no\n"                                                                     \
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\nend\n"

/* Each deposit asks for itself; 100 EUR in all. */
static const char PAY[] =
    OPEN_TO_ALL "campaign \"Pay\"\n  currency EUR\n"
                "  budget\n    total 100 EUR\n    when empty go on without rewards\n  end\n"
                "  start on deposit\n  enter every time\n"
                "  offer cash \"back\"\n    amount deposit.amount, at most 1,000 EUR\n  end\n"
                "  step \"S\"\n    credit \"back\", otherwise finish as \"DRY\"\n    finish as \"PAID\"\n  end\n"
                "end\n";

static void reply(struct kit *kit, const char *id, const char *effect, const char *at, const char *status);

static void deposit(struct kit *kit, const char *id, const char *player, const char *at, int amount)
{
    char data[80];
    (void)snprintf(data, sizeof data, "\"amount\":\"%d EUR\",\"first\":false,\"method\":\"card\"", amount);
    kit_event(kit, id, "deposit", player, at, data);
}

/* Requests are served by event id: length first, then bytes; whatever order the records came in. */
static void test_ids_decide_who_gets_the_last(void **state)
{
    (void)state;
    struct buffer first = BUFFER_EMPTY;
    for (uint32_t run = 0; run < 4; run++) {
        struct kit kit;
        kit_open(&kit, PAY, 1 + run * 2);
        const char *ids[] = {"7", "12", "9", "100"};
        const char *players[] = {"z", "a", "b", "c"};
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t n = (i + run) % 4;
            deposit(&kit, ids[n], players[n], "2026-06-01T10:00:00Z", 40);
        }
        kit_settle(&kit);
        TIMES(effects, "\"effect\":\"credit\"", 2);
        HAS(effects, "\"player\":\"z\""); /* 7 … */
        HAS(effects, "\"player\":\"b\""); /* … and 9 come before 12. */
        TIMES(notes, "\"DRY\"", 2);
        if (run == 0) buffer_append(&first, kit.effects.bytes, kit.effects.size);
        assert_int_equal(first.size, kit.effects.size);
        assert_memory_equal(first.bytes, kit.effects.bytes, first.size);
        kit_close(&kit);
    }
    buffer_deinit(&first);
}

static void test_an_id_counts_once(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, PAY, 2);
    deposit(&kit, "d1", "p", "2026-06-01T10:00:00Z", 10);
    deposit(&kit, "d1", "p", "2026-06-01T10:00:00Z", 10);
    kit_settle(&kit);
    deposit(&kit, "d1", "p", "2026-06-01T10:00:00Z", 11);
    kit_settle(&kit);
    deposit(&kit, "d1", "q", "2026-06-01T10:00:00Z", 10); /* The same id for another player. */
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    TIMES(notes, "\"DUPLICATE\"", 1);
    TIMES(notes, "\"EVENT_ID_REUSED\"", 2);
    kit_close(&kit);
}

/* What was refused for another's id is refused again when the stream comes a second time, however late. */
static void test_a_reused_id_stays_refused(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, PAY, 2);
    for (uint32_t time = 0; time < 2; time++) {
        deposit(&kit, "x", "p", "2026-06-01T10:00:00Z", 10);
        deposit(&kit, "y", "p", "2026-06-01T10:00:00Z", 10);
        deposit(&kit, "v", "p", "2026-06-03T10:00:00Z", 10);
        deposit(&kit, "x", "q", "2026-06-07T10:00:00Z", 10);
        kit_event(&kit, "y", "player.self_excluded", "q", "2026-06-07T10:00:00Z", "");
        kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"v\",\"player\":\"q\",\"at\":\"2026-06-04T10:00:00Z\",\"set\":"
                       "{\"vip\":true}}");
        kit_settle(&kit);
        TIMES(notes, "\"EVENT_ID_REUSED\"", time == 0 ? 3 : 6);
        kit_tick(&kit, time == 0 ? "2026-06-09T10:00:00Z" : "2026-08-01T10:00:00Z");
    }
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 3);
    NONE(effects, "\"player\":\"q\"");
    struct engine_player_view view;
    assert_false(engine_find_player(kit.engine, (struct text){"", 0}, TEXT("q"), &view));
    kit_close(&kit);
}

/* A new version looks back further than the ids that are kept: what they knew is not applied a second time. */
static void test_a_longer_lateness_applies_nothing_twice(void **state)
{
    (void)state;
    static const char *const lateness[] = {"1 day", "30 days"};
    char source[sizeof PAY + 40];
    struct kit kit;
    for (uint32_t i = 0; i < 2; i++) {
        const char *after = strstr(PAY, "  use events");
        (void)snprintf(source, sizeof source, "%.*s  lateness %s\n%s", (int)(after - PAY), PAY, lateness[i], after);
        if (i == 0) {
            kit_open(&kit, source, 2);
            deposit(&kit, "old", "p", "2026-06-01T10:00:00Z", 10);
            deposit(&kit, "new", "p", "2026-06-04T09:00:00Z", 10);
            kit_tick(&kit, "2026-06-04T10:00:00Z");
            kit_settle(&kit);
        } else {
            kit_activate(&kit, source, engine_now(kit.engine));
        }
    }
    kit_tick(&kit, "2026-06-09T10:00:00Z");
    deposit(&kit, "old", "p", "2026-06-01T10:00:00Z", 10);
    deposit(&kit, "new", "p", "2026-06-04T09:00:00Z", 10);
    deposit(&kit, "late", "p", "2026-06-05T09:00:00Z", 10);
    kit_settle(&kit);
    TIMES(notes, "\"TOO_LATE\"", 1);
    TIMES(notes, "\"DUPLICATE\"", 1);
    TIMES(effects, "\"effect\":\"credit\"", 3);
    kit_close(&kit);
}

/* Between two days: a deadline with grace asks for its own day, and neither day's book begins anew. */
static void test_grace_and_a_budget_of_days(void **state)
{
    (void)state;
    static const char source[] = OPEN_TO_ALL
        "campaign \"Grace\"\n  currency EUR\n  late events up to 10 minutes\n  budget\n    per day 10 EUR\n  end\n"
        "  start on registration\n  enter every time\n  offer cash \"b\"\n    amount 10 EUR\n  end\n"
        "  step \"A\"\n    wait up to 1 hour\n      when deposit       credit \"b\", otherwise finish as \"NO\"\n"
        "      when time is up    credit \"b\", otherwise finish as \"NO\"\n    end\n    finish as \"YES\"\n  "
        "end\nend\n";
    struct kit kit;
    char effect[33];
    kit_open(&kit, source, 2);
    kit_event(&kit, "e1", "registered", "p1", "2026-06-01T22:00:00Z", "");
    deposit(&kit, "e2", "p1", "2026-06-01T22:30:00Z", 1);
    kit_settle(&kit);
    kit_effect_id(&kit, "credit", 0, effect);
    reply(&kit, "w1", effect, "2026-06-01T22:40:00Z", "credited");
    kit_event(&kit, "e3", "registered", "p3", "2026-06-01T22:57:00Z", "");
    kit_event(&kit, "e4", "registered", "p2", "2026-06-01T23:50:00Z", "");
    kit_event(&kit, "e5", "registered", "p4", "2026-06-01T23:50:00Z", "");
    deposit(&kit, "e6", "p2", "2026-06-02T00:01:00Z", 1);
    kit_settle(&kit);
    kit_effect_id(&kit, "credit", 1, effect);
    reply(&kit, "w2", effect, "2026-06-02T00:02:00Z", "credited");
    kit_tick(&kit, "2026-06-02T00:08:00Z"); /* The time of p3 was up at 23:57. */
    deposit(&kit, "e7", "p4", "2026-06-02T00:10:00Z", 1);
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    TIMES(notes, "\"NO\"", 2);
    kit_close(&kit);
}

static void test_too_late_but_for_safety(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, PAY, 2);
    deposit(&kit, "d1", "p", "2026-06-20T10:00:00Z", 10);
    deposit(&kit, "d2", "p", "2026-06-01T10:00:00Z", 10);
    deposit(&kit, "d3", "p", "2026-06-14T10:00:00Z", 10);
    kit_event(&kit, "x1", "player.self_excluded", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"TOO_LATE\"", 1);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    struct engine_player_view view;
    assert_true(engine_find_player(kit.engine, (struct text){"", 0}, TEXT("p"), &view));
    uint32_t slot = engine_program(kit.engine)->attribute[0].slot;
    assert_int_equal(view.slot[slot], 1);
    kit_close(&kit);
}

/* A credit and an exclusion in one instant: the exclusion comes first, whatever their ids. */
static const char GATED[] = OPEN_TO_ALL
    "policy \"P\"\n  finish as \"RG_BLOCKED\" for players where self_excluded is yes\n"
    "  never reward players where harm_flagged is yes\nend\n"
    "campaign \"Gift\"\n  currency EUR\n"
    "  budget\n    total 100 EUR\n  end\n"
    "  start on registration\n  enter once per player\n"
    "  offer cash \"gift\"\n    amount 5 EUR\n  end\n"
    "  step \"S\"\n    wait 24 hours\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"YES\"\n  end\n"
    "end\n";

/* promise F8 */
static void test_exclusion_before_deadline(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, GATED, 3);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "r3", "registered", "h", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "z9", "player.self_excluded", "p", "2026-06-02T10:00:00Z", "");
    kit_event(&kit, "z8", "player.harm_flagged", "h", "2026-06-02T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    HAS(effects, "\"player\":\"q\"");
    TIMES(notes, "\"NO\"", 1);
    TIMES(notes, "\"RG_BLOCKED\"", 3); /* Finished as, its reason, and the reward of the other one. */
    kit_close(&kit);
}

static void test_deadlines_have_their_own_instants(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, GATED, 3);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_tick(&kit, "2026-09-01T00:00:00Z");
    kit_settle(&kit);
    HAS(effects, "\"at\":\"2026-06-02T10:00:00.000Z\"");
    kit_close(&kit);
}

/* A tag shows in the next generation, where `leave when` sees it. */
static const char TAGS[] =
    OPEN_TO_ALL "campaign \"Waits\"\n  currency EUR\n  start on registration\n  leave when player.tags contains seen\n"
                "  step \"S\"\n    wait 240 hours\n    finish as \"WAITED\"\n  end\nend\n"
                "campaign \"Tags\"\n  currency EUR\n  start on session\n  enter every time\n"
                "  step \"S\"\n    tag seen\n    finish as \"TAGGED\"\n  end\nend\n";

static void test_a_tag_shows_next(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, TAGS, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "s1", "session.started", "p", "2026-06-01T11:00:00Z", "");
    kit_settle(&kit);
    HAS(effects, "\"effect\":\"tag\"");
    HAS(notes, "\"TAGGED\"");
    HAS(notes, "\"LEFT\"");
    kit_close(&kit);
}

/* The wallet's word: a failed credit gives its money back, once. */
static const char WALLET[] = OPEN_TO_ALL
    "event credited\n  about offer\nend\nevent credit_failed\n  about offer\n  field reason optional text up to "
    "40\nend\n"
    "campaign \"Gift\"\n  currency EUR\n  budget\n    total 10 EUR\n    when empty go on without rewards\n  end\n"
    "  start on registration\n  enter every time\n"
    "  offer cash \"gift\"\n    amount 10 EUR\n  end\n"
    "  step \"S\"\n    credit \"gift\", otherwise finish as \"DRY\"\n"
    "    wait up to 24 hours\n"
    "      when credited of \"gift\"       finish as \"THERE\"\n"
    "      when credit_failed of \"gift\"  finish as \"FAILED\"\n"
    "      when time is up               finish as \"SILENT\"\n    end\n  end\nend\n";

static void reply(struct kit *kit, const char *id, const char *effect, const char *at, const char *status)
{
    char line[300];
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"%s\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\",\"reason\":\"no\"}", id,
        effect, at, status);
    kit_line(kit, line);
}

static void test_wallet(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WALLET, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T10:01:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    TIMES(notes, "\"DRY\"", 1);
    char id[33];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    reply(&kit, "w1", id, "2026-06-01T11:00:00Z", "failed");
    reply(&kit, "w2", id, "2026-06-01T11:01:00Z", "credited"); /* Too late: it was released. */
    reply(&kit, "w3", "00000000000000000000000000000000", "2026-06-01T11:02:00Z", "credited");
    kit_settle(&kit);
    HAS(notes, "\"FAILED\"");
    TIMES(notes, "\"note\":\"released\"", 1);
    NONE(notes, "\"note\":\"committed\"");
    kit_event(&kit, "r3", "registered", "q", "2026-06-01T12:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    kit_effect_id(&kit, "\"effect\":\"credit\"", 1, id);
    reply(&kit, "w4", id, "2026-06-01T13:00:00Z", "credited");
    kit_settle(&kit);
    HAS(notes, "\"THERE\"");
    TIMES(notes, "\"note\":\"committed\"", 1);
    kit_close(&kit);
}

/* At most so many entrants, in the order of ids. */
static const char LIMITED[] = OPEN_TO_ALL
    "campaign \"Few\"\n  currency EUR\n  start on registration\n  enter once per player, at most 2 players\n"
    "  step \"S\"\n    send inbox \"m\"\n    finish as \"IN\"\n  end\nend\n";

static void test_entrants(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, LIMITED, 5);
    kit_event(&kit, "3", "registered", "a", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "2", "registered", "b", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "1", "registered", "c", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 2);
    NONE(effects, "\"player\":\"a\"");
    TIMES(notes, "\"ENTRANTS\"", 1);
    kit_close(&kit);
}

/* One instant, many causes, shuffled: the same bytes and the same state. */
static void test_shuffled_within_an_instant(void **state)
{
    (void)state;
    struct buffer first = BUFFER_EMPTY;
    uint8_t digest[32];
    for (uint32_t run = 0; run < 5; run++) {
        struct kit kit;
        kit_open(&kit, PAY, 1 + run);
        for (uint32_t i = 0; i < 30; i++) {
            uint32_t n = (i * 7 + run * 11) % 30;
            char id[16], player[16];
            (void)snprintf(id, sizeof id, "d%u", n);
            (void)snprintf(player, sizeof player, "p%u", n % 6);
            deposit(&kit, id, player, "2026-06-01T10:00:00Z", 7);
        }
        kit_settle(&kit);
        uint8_t own[32];
        kit_digest(&kit, own);
        if (run == 0) {
            buffer_append(&first, kit.effects.bytes, kit.effects.size);
            memcpy(digest, own, sizeof digest);
        }
        assert_int_equal(first.size, kit.effects.size);
        assert_memory_equal(first.bytes, kit.effects.bytes, first.size);
        assert_memory_equal(digest, own, sizeof digest);
        TIMES(effects, "\"effect\":\"credit\"", 14);
        kit_close(&kit);
    }
    buffer_deinit(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_decide_who_gets_the_last),
        cmocka_unit_test(test_an_id_counts_once),
        cmocka_unit_test(test_a_reused_id_stays_refused),
        cmocka_unit_test(test_grace_and_a_budget_of_days),
        cmocka_unit_test(test_a_longer_lateness_applies_nothing_twice),
        cmocka_unit_test(test_too_late_but_for_safety),
        cmocka_unit_test(test_exclusion_before_deadline),
        cmocka_unit_test(test_deadlines_have_their_own_instants),
        cmocka_unit_test(test_a_tag_shows_next),
        cmocka_unit_test(test_wallet),
        cmocka_unit_test(test_entrants),
        cmocka_unit_test(test_shuffled_within_an_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
