/* One person over several brands: what protects one player protects all of them; over shards, restarts, orders of lines, links and ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/damage.h"
#include "tests/kit/engine_kit.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

static const char SOURCE[] =
    "workspace \"Group\"\n  brand spinhouse, harbour\n  product casino, slots, live, bingo, poker, sports\n  currency "
    "GBP\n"
    "  channel email, sms, push, inbox\n  timezone \"Europe/London\"\n"
    "  use events, attributes, actions, policies\nend\n"
    "message \"hello\"\n  about casino\n  inbox \"en\" \"Hello\"\n  email \"en\" \"Hello\"\nend\n"
    "campaign \"C\"\n  product casino\n  currency GBP\n  timezone \"Europe/London\"\n"
    "  budget\n    total 100 GBP\n  end\n"
    "  start on registration\n  enter every time\n"
    "  offer bonus \"gift\"\n    amount 5 GBP\n    wagering 10x of bonus\n    expires 30 days after grant\n  end\n"
    "  step \"Hello\"\n    send inbox \"hello\"\n    credit \"gift\"\n    send email \"hello\"\n"
    "    wait 3 days\n    send inbox \"hello\" as \"again\"\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"P\"\n  product casino\n  currency GBP\n  timezone \"Europe/London\"\n  start on registration\n"
    "  pause on time_out\n"
    "  step \"Wait\"\n    wait 5 days\n    send inbox \"hello\"\n    finish as \"DONE\"\n  end\nend\n";

/* An event of a player `id@brand`. */
static void happens(struct kit *kit, const char *id, const char *event, const char *player, const char *brand,
                    const char *at, const char *data)
{
    char line[300];
    (void)snprintf(line, sizeof line,
                   "{\"id\":\"%s\",\"event\":\"%s\",\"player\":\"%s\",\"brand\":\"%s\",\"at\":\"%s\",\"data\":{%s}}",
                   id, event, player, brand, at, data);
    kit_line(kit, line);
}

static void link_to(struct kit *kit, const char *id, const char *player, const char *brand, const char *person,
                    const char *at)
{
    char line[300];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"person\",\"id\":\"%s\",\"player\":\"%s\",\"brand\":\"%s\",\"person\":%s,\"at\":\"%s\"}",
                   id, player, brand, person, at);
    kit_line(kit, line);
}

static void enter(struct kit *kit, const char *player, const char *brand)
{
    char line[300], id[40];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"a-%s-%s\",\"player\":\"%s\",\"brand\":\"%s\","
                   "\"at\":\"2026-06-01T08:00:00Z\",\"set\":{\"age_verified\":true,\"casino_email\":true}}",
                   player, brand, player, brand);
    kit_line(kit, line);
    (void)snprintf(id, sizeof id, "r-%s-%s", player, brand);
    happens(kit, id, "registered", player, brand, "2026-06-01T20:30:00Z", "");
}

/* Two players on the way, an email of each in the quiet hours. */
static void begin(struct kit *kit, uint32_t shards)
{
    kit_open(kit, SOURCE, shards);
    enter(kit, "x1", "spinhouse");
    enter(kit, "y1", "harbour");
    kit_settle(kit);
    assert_int_equal(kit_count(&kit->effects, "\"effect\":\"send\""), 2);
    assert_int_equal(kit_count(&kit->effects, "\"effect\":\"credit\""), 2);
    assert_int_equal(kit_count(&kit->notes, "\"note\":\"delayed\""), 2);
}

/* C11.11, promise F10: the exclusion of x1 on one brand ends what y1 has on the other, in the same instant. */
static void test_exclusion_covers_the_person(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_to(&kit, "l1", "x1", "spinhouse", "\"c-77\"", "2026-06-01T20:40:00Z");
    link_to(&kit, "l2", "y1", "harbour", "\"c-77\"", "2026-06-01T20:41:00Z");
    happens(&kit, "e1", "player.self_excluded", "x1", "spinhouse", "2026-06-01T21:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"finished\",\"at\":\"2026-06-01T21:00:00.000Z\",\"player\":\"y1\",\"brand\":\"harbour\"",
          2);
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 4);
    HAS(notes, "\"note\":\"dropped\",\"at\":\"2026-06-01T21:00:00.000Z\",\"player\":\"y1\"");
    HAS(notes, "\"note\":\"protected\",\"at\":\"2026-06-01T21:00:00.000Z\",\"player\":\"y1\",\"brand\":\"harbour\","
               "\"event\":\"self_exclusion\",\"of_brand\":\"spinhouse\",\"since\":\"2026-06-01T21:00:00.000Z\"}");
    TIMES(effects, "\"effect\":\"cancel\"", 4); /* A message and a credit of each. */
    TIMES(effects, "bonus.review_required", 2);
    struct buffer *effects = &kit.effects;
    size_t before = effects->size;
    kit_tick(&kit, "2026-06-20T00:00:00Z");
    kit_settle(&kit);
    assert_int_equal(effects->size, before);
    happens(&kit, "r9", "registered", "y1", "harbour", "2026-06-21T10:00:00Z", "");
    kit_settle(&kit);
    HAS(notes, "\"note\":\"entry_refused\",\"at\":\"2026-06-21T10:00:00.000Z\",\"player\":\"y1\"");
    kit_close(&kit);
}

static void link_both(struct kit *kit, const char *at)
{
    link_to(kit, "l1", "x1", "spinhouse", "\"c-77\"", at);
    link_to(kit, "l2", "y1", "harbour", "\"c-77\"", at);
}

/* C11.2: the other player's timer and the exclusion in the same millisecond: the exclusion wins on both brands. */
static void test_exclusion_before_the_timer(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_both(&kit, "2026-06-01T20:40:00Z");
    happens(&kit, "e1", "player.self_excluded", "x1", "spinhouse", "2026-06-04T20:30:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"DONE\"", 0);
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 4);
    kit_close(&kit);
}

/* C11.13: the same exclusion twice covers once; one for the other brand too changes nothing that was covered. */
static void test_twice(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_both(&kit, "2026-06-01T20:40:00Z");
    for (uint32_t i = 0; i < 2; i++) {
        happens(&kit, "e1", "player.self_excluded", "x1", "spinhouse", "2026-06-01T21:00:00Z", "");
        kit_settle(&kit);
    }
    happens(&kit, "e2", "player.self_excluded", "y1", "harbour", "2026-06-01T21:10:00Z",
            "\"ends_at\":\"2026-06-02T21:00:00Z\"");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"protected\"", 2); /* y1 by the first, x1 by the second */
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 4);
    TIMES(effects, "\"effect\":\"cancel\"", 4);
    /* The end of the second is earlier: the first goes on, of both. */
    happens(&kit, "r9", "registered", "y1", "harbour", "2026-06-08T10:00:00Z", "");
    happens(&kit, "r8", "registered", "x1", "spinhouse", "2026-06-08T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"entry_refused\"", 4);
    kit_close(&kit);
}

/* C11.7 and C11.8: what has an end ends for all at the same instant; a time-out pauses where the campaign says so. */
static void test_ends(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_both(&kit, "2026-06-01T20:40:00Z");
    happens(&kit, "t1", "player.timed_out", "x1", "spinhouse", "2026-06-02T12:00:00Z",
            "\"ends_at\":\"2026-06-03T12:00:00Z\"");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"TIMED_OUT\"", 2);
    HAS(notes, "\"note\":\"paused\",\"at\":\"2026-06-02T12:00:00.000Z\",\"player\":\"y1\"");
    kit_tick(&kit, "2026-06-03T13:00:00Z");
    HAS(notes, "\"note\":\"unpaused\",\"at\":\"2026-06-03T12:00:00.000Z\",\"player\":\"y1\"");
    kit_tick(&kit, "2026-06-08T00:00:00Z");
    TIMES(notes, "\"note\":\"finished\",\"at\":\"2026-06-07T20:30:00.000Z\"", 2); /* a day later, both */
    happens(&kit, "e1", "player.self_excluded", "y1", "harbour", "2026-06-09T10:00:00Z",
            "\"ends_at\":\"2026-06-10T10:00:00Z\"");
    happens(&kit, "r1", "registered", "x1", "spinhouse", "2026-06-10T09:59:00Z", "");
    happens(&kit, "r2", "registered", "x1", "spinhouse", "2026-06-10T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"entry_refused\",\"at\":\"2026-06-10T09:59:00.000Z\",\"player\":\"x1\"", 2);
    TIMES(notes, "\"note\":\"entered\",\"at\":\"2026-06-10T10:00:00.000Z\",\"player\":\"x1\"", 1); /* P lets in once */
    kit_close(&kit);
}

/* C11.9: a harm flag of one takes new bonuses and marketing from the other; what runs goes on. */
static void test_harm_flag(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_both(&kit, "2026-06-01T20:40:00Z");
    happens(&kit, "h1", "player.harm_flagged", "x1", "spinhouse", "2026-06-01T21:00:00Z", "");
    kit_tick(&kit, "2026-06-03T00:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"note\":\"dropped\",\"at\":\"2026-06-02T08:00:00.000Z\",\"player\":\"y1\"");
    NONE(notes, "\"as\":\"RG_BLOCKED\"");
    happens(&kit, "r9", "registered", "y1", "harbour", "2026-06-05T10:00:00Z", "");
    kit_settle(&kit);
    HAS(notes, "\"note\":\"effect_refused\",\"at\":\"2026-06-05T10:00:00.000Z\",\"player\":\"y1\"");
    TIMES(effects, "\"effect\":\"credit\"", 2);
    kit_close(&kit);
}

/* promise F10: whoever is linked to somebody who is excluded is excluded from then on, in either order, until the latest end. */
static void test_linked_late(void **state)
{
    (void)state;
    for (uint32_t turn = 0; turn < 2; turn++) {
        struct kit kit;
        begin(&kit, 1);
        happens(&kit, "e1", "player.self_excluded", "x1", "spinhouse", "2026-06-01T21:00:00Z",
                "\"ends_at\":\"2026-06-20T10:00:00Z\"");
        kit_settle(&kit);
        TIMES(notes, "\"as\":\"RG_BLOCKED\"", 2);
        link_to(&kit, "l1", turn == 0 ? "x1" : "y1", turn == 0 ? "spinhouse" : "harbour", "\"c\"",
                "2026-06-01T21:30:00Z");
        TIMES(notes, "\"as\":\"RG_BLOCKED\"", 2);
        link_to(&kit, "l2", turn == 0 ? "y1" : "x1", turn == 0 ? "harbour" : "spinhouse", "\"c\"",
                "2026-06-01T22:00:00Z");
        kit_settle(&kit);
        TIMES(notes, "\"note\":\"finished\",\"at\":\"2026-06-01T22:00:00.000Z\",\"player\":\"y1\"", 2);
        HAS(notes, "\"note\":\"protected\",\"at\":\"2026-06-01T22:00:00.000Z\",\"player\":\"y1\","
                   "\"brand\":\"harbour\",\"attribute\":\"self_excluded\"");
        TIMES(notes, "\"note\":\"protected\"", 1);
        TIMES(effects, "bonus.review_required", 2);
        happens(&kit, "r1", "registered", "y1", "harbour", "2026-06-20T09:59:59Z", "");
        happens(&kit, "r2", "registered", "y1", "harbour", "2026-06-20T10:00:00Z", "");
        kit_settle(&kit);
        TIMES(notes, "\"note\":\"entry_refused\",\"at\":\"2026-06-20T09:59:59.000Z\",\"player\":\"y1\"", 2);
        TIMES(notes, "\"note\":\"entered\",\"at\":\"2026-06-20T10:00:00.000Z\",\"player\":\"y1\"", 1);
        kit_close(&kit);
    }
}

/* Taking a link back ends nothing, and covers nobody any more; another person is another person. */
static void test_unlinked(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_both(&kit, "2026-06-01T20:40:00Z");
    link_to(&kit, "l3", "y1", "harbour", "null", "2026-06-01T20:50:00Z");
    happens(&kit, "e1", "player.self_excluded", "x1", "spinhouse", "2026-06-01T21:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 2);
    NONE(notes, "\"note\":\"protected\"");
    link_to(&kit, "l4", "y1", "harbour", "\"c-78\"", "2026-06-01T21:10:00Z");
    kit_settle(&kit);
    NONE(notes, "\"note\":\"protected\"");
    link_to(&kit, "l5", "y1", "harbour", "\"c-77\"", "2026-06-01T21:20:00Z");
    link_to(&kit, "l6", "y1", "harbour", "null", "2026-06-01T21:30:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 4);
    happens(&kit, "r9", "registered", "y1", "harbour", "2026-06-08T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"entry_refused\"", 2);
    kit_close(&kit);
}

/* Who is erased is out of the person, the others stay; a line of before the erasure does not bring the link back. */
static void test_erased(void **state)
{
    (void)state;
    struct kit kit;
    begin(&kit, 1);
    link_both(&kit, "2026-06-01T20:40:00Z");
    link_to(&kit, "l3", "z1", "harbour", "\"c-77\"", "2026-06-01T20:41:00Z");
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"x\",\"player\":\"x1\",\"brand\":\"spinhouse\","
                   "\"at\":\"2026-06-01T20:50:00Z\"}");
    link_to(&kit, "l4", "x1", "spinhouse", "\"c-77\"", "2026-06-01T20:45:00Z");
    kit_settle(&kit);
    HAS(notes, "\"note\":\"not_applied\"");
    happens(&kit, "e1", "player.self_excluded", "x1", "spinhouse", "2026-06-01T21:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 0);
    happens(&kit, "e2", "player.self_excluded", "z1", "harbour", "2026-06-01T21:01:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"RG_BLOCKED\"", 2);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- the same, however it is folded */

enum { PEOPLE = 12 };

/* Twelve players of four persons on two brands; in one instant links, an exclusion, a time-out and what they meet, in this order or the other. */
static void tell(struct kit *kit, bool backwards)
{
    char player[8], person[16], id[16];
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(player, sizeof player, "p%d", i);
        enter(kit, player, i % 2 == 0 ? "spinhouse" : "harbour");
    }
    for (int n = 0; n < PEOPLE + 4; n++) {
        int i = backwards ? PEOPLE + 3 - n : n;
        (void)snprintf(player, sizeof player, "p%d", i % PEOPLE);
        (void)snprintf(id, sizeof id, "n%d", i);
        const char *brand = i % 2 == 0 ? "spinhouse" : "harbour";
        if (i < PEOPLE) {
            (void)snprintf(person, sizeof person, "\"g%d\"", i % 4);
            link_to(kit, id, player, brand, person, "2026-06-04T20:30:00Z");
        } else if (i == PEOPLE) {
            happens(kit, id, "player.self_excluded", player, brand, "2026-06-04T20:30:00Z",
                    "\"ends_at\":\"2026-06-09T10:00:00Z\"");
        } else if (i == PEOPLE + 1) {
            happens(kit, id, "player.timed_out", player, brand, "2026-06-04T20:30:00Z",
                    "\"ends_at\":\"2026-06-06T10:00:00Z\"");
        } else {
            happens(kit, id, "registered", player, brand, "2026-06-04T20:30:00Z", "");
        }
    }
}

static void finish_story(struct kit *kit)
{
    link_to(kit, "m1", "p5", "harbour", "\"g0\"",
            "2026-06-05T10:00:00Z"); /* from a person with a time-out to an excluded one */
    link_to(kit, "m2", "p3", "harbour", "\"g9\"", "2026-06-05T10:00:00Z");
    happens(kit, "k1", "player.closed", "p8", "spinhouse", "2026-06-06T10:00:00Z", "");
    for (int i = 0; i < PEOPLE; i++) {
        char player[8], id[16];
        (void)snprintf(player, sizeof player, "p%d", i);
        (void)snprintf(id, sizeof id, "q%d", i);
        happens(kit, id, "registered", player, i % 2 == 0 ? "spinhouse" : "harbour", "2026-06-09T12:00:00Z", "");
    }
    kit_tick(kit, "2026-06-30T00:00:00Z");
}

/* promise F10 */
static void test_same_for_shards_and_restarts(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    struct kit kit;
    kit_open(&kit, SOURCE, 1);
    tell(&kit, false);
    finish_story(&kit);
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"protected\"",
          11); /* 2 by the exclusion, 2 by the time-out, 4 by a link, 3 by the closed account */
    kit_runs_add(&runs, &kit);

    kit_open(&kit, SOURCE, 7);
    tell(&kit, true);
    struct store store, asleep;
    struct error error;
    assert_int_equal(memory_store_open(&store, &error), OK);
    assert_int_equal(memory_store_open(&asleep, &error), OK);
    kit_settle(&kit);
    kit_restart(&kit, &store, 3);
    finish_story(&kit);
    kit_settle(&kit);
    kit_runs_add(&runs, &kit);

    kit_open(&kit, SOURCE, 4);
    tell(&kit, false);
    kit_settle(&kit);
    kit_restart_asleep(&kit, &asleep, 2);
    finish_story(&kit);
    kit_settle(&kit);
    kit_runs_add(&runs, &kit);
    kit_runs_judge(&runs);
    store_close(&store);
    store_close(&asleep);
}

/* ---------------------------------------------------------------- memory and damage */

/* The n-th line of a story of links, exclusions and what they meet. */
static int story_line(char line[DAMAGE_LINE_MAX], int n)
{
    int p = n % 6;
    const char *brand = p % 2 == 0 ? "spinhouse" : "harbour";
    if (n % 5 == 4)
        return snprintf(line, DAMAGE_LINE_MAX,
                        "{\"id\":\"e%d\",\"event\":\"player.%s\",\"player\":\"p%d\",\"brand\":\"%s\","
                        "\"at\":\"2026-06-%02dT10:00:00Z\",\"data\":{\"ends_at\":\"2026-06-%02dT11:00:00Z\"}}",
                        n, n % 2 == 0 ? "timed_out" : "self_excluded", p, brand, 1 + n / 10, 2 + n / 10);
    if (n % 3 == 0)
        return snprintf(line, DAMAGE_LINE_MAX,
                        "{\"id\":\"e%d\",\"event\":\"registered\",\"player\":\"p%d\",\"brand\":\"%s\","
                        "\"at\":\"2026-06-%02dT10:00:00Z\",\"data\":{}}",
                        n, p, brand, 1 + n / 10);
    return snprintf(line, DAMAGE_LINE_MAX,
                    "{\"kind\":\"person\",\"id\":\"e%d\",\"player\":\"p%d\",\"brand\":\"%s\",\"person\":\"g%d\","
                    "\"at\":\"2026-06-%02dT10:00:00Z\"}",
                    n, p, brand, n / 4 % 3, 1 + n / 10);
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    damage_memory(SOURCE, story_line);
}

/* Whatever bytes of the key groups are wrong, they are refused, or read as something that goes on without harm. */
static void test_damaged(void **state)
{
    (void)state;
    static struct damage damage;
    damage_take(&damage, SOURCE, story_line, 30);
    uint32_t random = 7;
    for (int round = 0; round < 1200; round++) {
        random = random * 1664525 + 1013904223;
        uint32_t which = (random >> 8) % damage.count;
        if (damage.blob[which].key >= RECORD_GROUPS || damage.blob[which].size == 0) continue;
        random = random * 1664525 + 1013904223;
        unsigned char *byte = &damage.blob[which].bytes[(random >> 8) % damage.blob[which].size], before = *byte;
        *byte = (unsigned char)(before + 1 + (random >> 4) % 254);
        damage_try(&damage, story_line, 30);
        *byte = before;
    }
    assert_true(damage.refused > 50 && damage.read > 50);
    damage_release(&damage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclusion_covers_the_person),
        cmocka_unit_test(test_exclusion_before_the_timer),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_harm_flag),
        cmocka_unit_test(test_linked_late),
        cmocka_unit_test(test_unlinked),
        cmocka_unit_test(test_erased),
        cmocka_unit_test(test_same_for_shards_and_restarts),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
