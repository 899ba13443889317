/* The edges: chains of causes, withdrawn requests, erasure, entry rules, runs, grace, conversions after the end, memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/engine_kit.h"
#include "vm/memory.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

#define SCHEMA                                                                                                       \
    "workspace \"Edges\"\n  product casino\n  currency EUR\n  channel inbox\n  tag early, two\n  timezone \"UTC\"\n" \
    "  use events\n  use actions\nend\n"                                                                             \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"                 \
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"                     \
    "message \"m\"\n  about casino\n  inbox \"en\" \"m {player.id}\"\nend\n"

/* A wait that an event of before meets at once, again and again: the chain ends after 16 causes. */
static void test_a_chain_is_cut(void **state)
{
    (void)state;
    static const char source[] = SCHEMA "campaign \"Chase\"\n  currency EUR\n  start on registration\n"
                                        "  step \"S\"\n    wait up to 1 hour\n      when session     tag early\n      "
                                        "when time is up  finish as \"NEVER\"\n    end\n"
                                        "    repeat at most 40 times\n      wait up to 1 hour, including since entry\n"
                                        "        when session     do notify_crm with team \"a\", level \"b\"\n        "
                                        "when time is up  finish as \"LATER\"\n      end\n    end\n"
                                        "    finish as \"ALL\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "s1", "session.started", "p", "2026-06-01T10:30:00Z", "");
    kit_settle(&kit);
    HAS(notes, "\"CASCADE_LIMIT\"");
    TIMES(effects, "\"effect\":\"do\"", 15); /* The session's own turn is the first of the chain. */
    kit_tick(&kit, "2026-07-01T10:00:00Z");
    kit_settle(&kit);
    NONE(notes, "\"LATER\"");
    kit_close(&kit);
}

/* The first of two responsible gaming events starts a campaign that asks for a reward; the second one does not wait for the answer. */
static void test_a_request_is_withdrawn(void **state)
{
    (void)state;
    static const char source[] =
        SCHEMA "campaign \"Sorry\"\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on harm_flag\n"
               "  offer cash \"c\"\n    amount 5 EUR\n  end\n"
               "  step \"S\"\n    credit \"c\", otherwise finish as \"NO\"\n    finish as \"YES\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 2);
    kit_event(&kit, "1", "player.harm_flagged", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "2", "player.closed", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "3", "player.harm_flagged", "q", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    HAS(effects, "\"player\":\"q\"");
    HAS(notes, "\"WITHDRAWN\"");
    HAS(notes, "\"RG_BLOCKED\"");
    TIMES(notes, "\"note\":\"reserved\"", 1);
    kit_close(&kit);
}

/* Two harm flags of one instant, and campaigns that ask when they start: what protects is done at once, the campaigns of the second
 * wait behind the answer to the first. A campaign that has withdrawn its question may ask again. */
static void test_two_protecting_events_of_one_instant(void **state)
{
    (void)state;
    static const char source[] = SCHEMA
        "campaign \"Care\"\n  currency EUR\n  start on harm_flag\n  enter once per player, at most 1,000 players\n"
        "  step \"S\"\n    send inbox \"m\"\n    finish as \"CARED\"\n  end\nend\n"
        "campaign \"Dare\"\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on harm_flag\n  enter every "
        "time\n"
        "  offer cash \"c\"\n    amount 5 EUR\n  end\n"
        "  step \"S\"\n    credit \"c\", otherwise finish as \"NO\"\n    finish as \"YES\"\n  end\nend\n"
        "campaign \"Leave\"\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on registration\n"
        "  leave on harm_flag go to \"X\"\n  offer cash \"c\"\n    amount 5 EUR\n  end\n"
        "  step \"S\"\n    wait 9 days\n    finish as \"LONG\"\n  end\n"
        "  step \"X\"\n    credit \"c\", otherwise finish as \"NOTHING\"\n    finish as \"SOMETHING\"\n  end\nend\n";
    struct buffer first = BUFFER_EMPTY;
    for (uint32_t run = 0; run < 3; run++) {
        struct kit kit;
        kit_open(&kit, source, 1 + run * 3);
        kit_event(&kit, "r", "registered", "p", "2026-06-01T09:00:00Z", "");
        for (uint32_t i = 0; i < 3; i++) {
            char id[2] = {(char)('1' + (i + run) % 3), 0};
            kit_event(&kit, id, "player.harm_flagged", "p", "2026-06-01T10:00:00Z", "");
        }
        kit_event(&kit, "4", "player.harm_flagged", "q", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        TIMES(effects, "\"effect\":\"send\"", 2); /* Care: p and q, once each. */
        TIMES(notes, "\"CARED\"", 2);
        HAS(notes, "\"WITHDRAWN\"");
        TIMES(notes, "\"SOMETHING\"", 1); /* Asked when all three were known. */
        HAS(notes, "\"YES\"");
        if (run == 0) buffer_append(&first, kit.effects.bytes, kit.effects.size);
        assert_int_equal(first.size, kit.effects.size);
        assert_memory_equal(first.bytes, kit.effects.bytes, first.size);
        kit_close(&kit);
    }
    buffer_deinit(&first);
}

/* A tag that an event's turn sets makes a journey ask; the campaigns behind it hear of the event once, not again with the tag. */
static void test_an_event_is_told_once(void **state)
{
    (void)state;
    static const char source[] = SCHEMA
        "campaign \"A\"\n  currency EUR\n  start on session\n  enter every time\n  step \"T\"\n    tag early\n    "
        "finish "
        "as \"TAGGED\"\n  end\nend\n"
        "campaign \"B\"\n  currency EUR\n  start on registration\n  budget\n    total 100 EUR\n  end\n"
        "  leave when player.tags contains early  go to \"Bye\"\n  offer cash \"b\"\n    amount 1 EUR\n  end\n"
        "  step \"W\"\n    wait 30 days\n    finish as \"X\"\n  end\n"
        "  step \"Bye\"\n    credit \"b\", otherwise finish as \"NO\"\n    finish as \"BYE\"\n  end\nend\n"
        "campaign \"C\"\n  currency EUR\n  start on session\n  enter every time\n  budget\n    total 100 EUR\n  end\n"
        "  offer cash \"c\"\n    amount 5 EUR\n  end\n  step \"S\"\n    credit \"c\", otherwise finish as \"NO\"\n    "
        "finish as \"DONE\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 2);
    kit_event(&kit, "r", "registered", "p", "2026-06-01T09:00:00Z", "");
    kit_event(&kit, "s", "session.started", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"BYE\"", 1);
    TIMES(notes, "\"DONE\"", 1);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    kit_close(&kit);
}

#define LIFE_SOURCE                                                                                                    \
    SCHEMA                                                                                                             \
    "campaign \"Life\"\n  currency EUR\n  budget\n    total 100 EUR\n    per player 10 EUR\n  end\n  start on "        \
    "registration\n  enter every time\n"                                                                               \
    "  offer cash \"c\"\n    amount 5 EUR\n  end\n"                                                                    \
    "  step \"S\"\n    send inbox \"m\"\n    credit \"c\", otherwise finish as \"NO\"\n    wait 24 hours\n    finish " \
    "as \"YES\"\n  end\nend\n"
static const char LIFE[] = LIFE_SOURCE;

static void test_erasure(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, LIFE, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    struct error error = ERROR_NONE;
    struct record erase = {.kind = RECORD_ERASE,
                           .now = engine_now(kit.engine) + 24 * 3600 * 1000,
                           .player = TEXT("p"),
                           .id = TEXT("x"),
                           .group = record_group((struct text){"", 0}, TEXT("p")),
                           .position = 50};
    assert_int_equal(engine_fold(kit.engine, &erase, &error), OK); /* At the very instant of the deadline. */
    kit_settle(&kit);
    struct engine_player_view view;
    assert_false(engine_find_player(kit.engine, (struct text){"", 0}, TEXT("p"), &view));
    assert_true(engine_find_player(kit.engine, (struct text){"", 0}, TEXT("q"), &view));
    TIMES(notes, "\"as\":\"ERASED\"", 1);
    TIMES(notes, "\"YES\"", 1);
    char id[33], line[200];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"w\",\"effect\":\"%s\",\"at\":\"2026-06-03T10:00:00Z\",\"status\":\"credited\"}",
        id);
    kit_line(&kit, line); /* The books go on under no name. */
    kit_settle(&kit);
    HAS(notes, "\"note\":\"committed\"");
    kit_close(&kit);
}

/* Delivered again, long after: neither does the erasure hit who came later, nor does what was known come back. */
static void test_erasure_again(void **state)
{
    (void)state;
    static const char *const known =
        "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:00Z\","
        "\"set\":{\"harm_flagged\":true}}";
    static const char *const erase =
        "{\"kind\":\"erase\",\"id\":\"x1\",\"player\":\"p\",\"at\":\"2026-06-02T10:00:00Z\"}";
    struct engine_player_view view;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        kit_open(&kit, LIFE, shards);
        kit_line(&kit, known);
        kit_line(&kit, erase);
        kit_tick(&kit, "2026-06-20T10:00:00Z");
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_restart(&kit, &store, 8 - shards);
        kit_line(&kit, known);
        kit_settle(&kit);
        assert_false(engine_find_player(kit.engine, TEXT(""), TEXT("p"), &view));
        TIMES(notes, "\"TOO_LATE\"", 1);
        kit_event(&kit, "r1", "registered", "p", "2026-06-20T11:00:00Z", "");
        kit_line(&kit, erase);
        kit_line(&kit, known);
        kit_settle(&kit);
        assert_true(engine_find_player(kit.engine, TEXT(""), TEXT("p"), &view));
        TIMES(notes, "\"DUPLICATE\"", 1);
        TIMES(notes, "\"TOO_LATE\"", 2);
        store_close(&store);
        kit_close(&kit);
    }
}

static void entries(const char *rule, const char *const *at, uint32_t count, uint32_t entered)
{
    char source[2000];
    (void)snprintf(source, sizeof source,
                   SCHEMA "campaign \"E\"\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on session\n  %s\n"
                          "  step \"S\"\n    finish as \"IN\"\n  end\nend\n",
                   rule);
    struct kit kit;
    kit_open(&kit, source, 1);
    for (uint32_t i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "s%u", i);
        kit_event(&kit, id, "session.started", "p", at[i], "");
    }
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"entered\"", entered);
    TIMES(notes, "\"ALREADY_ENTERED\"", count - entered);
    kit_close(&kit);
}

static void test_enter_rules(void **state)
{
    (void)state;
    /* Malta is two hours ahead: 22:30 UTC is the next day there. */
    static const char *const days[] = {"2026-06-01T10:00:00Z", "2026-06-01T21:30:00Z", "2026-06-01T22:30:00Z",
                                       "2026-06-02T10:00:00Z"};
    entries("enter once per player", days, 4, 1);
    entries("enter at most 3 times", days, 4, 3);
    entries("enter every time", days, 4, 4);
    entries("enter once per day", days, 4, 2);
    entries("enter at most 2 times per 24 hours", days, 4, 3);
    static const char *const weeks[] = {"2026-06-06T10:00:00Z", "2026-06-07T10:00:00Z", "2026-06-08T10:00:00Z",
                                        "2026-07-01T10:00:00Z"};
    entries("enter once per week", weeks, 4, 3);
    entries("enter once per month", weeks, 4, 2);
    entries("enter at most 2 times per 90 days", weeks, 4, 2);
}

static void test_runs_end_and_grace(void **state)
{
    (void)state;
    static const char source[] =
        SCHEMA "campaign \"Short\"\n  currency EUR\n  runs from 2026-06-02 through 2026-06-03, then finish as "
               "\"OVER\"\n  start on session\n  enter every time\n"
               "  step \"S\"\n    wait 30 days\n    finish as \"LONG\"\n  end\nend\n"
               "campaign \"Grace\"\n  currency EUR\n  late events up to 10 minutes\n  start on registration\n"
               "  step \"S\"\n    wait up to 60 minutes\n      when session     finish as \"CAME\"\n      when time is "
               "up  go to \"Late\"\n    end\n  end\n"
               "  step \"Late\"\n    wait 5 minutes\n    send inbox \"m\"\n    finish as \"LATE\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 2);
    kit_event(&kit, "s1", "session.started", "a", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "s2", "session.started", "a", "2026-06-02T00:00:00Z", "");
    kit_event(&kit, "s3", "session.started", "b", "2026-06-03T23:59:59Z", "");
    kit_event(&kit, "s4", "session.started", "c", "2026-06-04T00:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"entered\"", 2);
    TIMES(notes, "\"OUTSIDE_RUNS\"", 2);
    TIMES(notes, "\"note\":\"finished\"", 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-10T10:00:00Z", "");
    kit_event(&kit, "r2", "registered", "q", "2026-06-10T10:00:00Z", "");
    kit_event(&kit, "s5", "session.started", "p", "2026-06-10T11:09:59Z", ""); /* Within the grace. */
    kit_tick(&kit, "2026-06-10T11:10:00Z");
    kit_settle(&kit);
    HAS(notes, "\"CAME\"");
    HAS(effects,
        "\"at\":\"2026-06-10T11:05:00.000Z\""); /* As if there had been no grace: five minutes after the deadline. */
    kit_close(&kit);
}

static void test_conversion_after_the_end(void **state)
{
    (void)state;
    static const char source[] = SCHEMA
        "campaign \"Goal\"\n  currency EUR\n  start on registration\n  goal within 48 hours on session\n"
        "  step \"S\"\n    split \"x\"\n      50% \"A\"  send inbox \"m\"\n      50% \"B\"  tag early\n    end\n  "
        "  finish as \"DONE\"\n  end\nend\n";
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 2);
    engine_given_arm(kit.engine, TEXT("x"), 1);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    HAS(notes, "\"DONE\"");
    kit_restart(&kit, &store, 5);
    kit_event(&kit, "s1", "session.started", "p", "2026-06-03T09:59:59Z", "");
    kit_event(&kit, "s2", "session.started", "q", "2026-06-03T10:00:00Z", "");
    kit_event(&kit, "s3", "session.started", "p", "2026-06-03T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"converted\"", 1);
    HAS(notes, "\"arm\":\"B\"");
    kit_close(&kit);
    store_close(&store);
}

static void test_what_the_log_may_not_hold(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, LIFE, 1);
    struct error error = ERROR_NONE;
    kit_tick(&kit, "2026-06-01T10:00:00Z");
    struct record back = {.kind = RECORD_TICK, .now = 5};
    assert_int_equal(engine_fold(kit.engine, &back, &error), STATUS_REFUSED);
    struct record unknown = {.kind = 77, .now = engine_now(kit.engine)};
    assert_int_equal(engine_fold(kit.engine, &unknown, &error), STATUS_REFUSED);
    struct record event = {.kind = RECORD_EVENT, .now = engine_now(kit.engine), .player = TEXT("p"), .event = 9999};
    assert_int_equal(engine_fold(kit.engine, &event, &error), STATUS_REFUSED);
    struct record nobody = {.kind = RECORD_EVENT, .now = engine_now(kit.engine)};
    assert_int_equal(engine_fold(kit.engine, &nobody, &error), STATUS_REFUSED);
    /* Nothing of it stays. */
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    struct engine_options none = {.shards = 0};
    struct engine *engine = NULL;
    assert_int_equal(engine_open(&engine, &none, &error), STATUS_USAGE);
    kit_close(&kit);
}

/* Every damaged checkpoint is refused or harmless; nothing crashes. */
static enum status break_one(void *context, uint32_t key, struct text bytes, struct error *error);
struct breaker {
    checkpoint_reader reader;
    void *context;
    uint32_t seed;
};
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}
static enum status break_one(void *context, uint32_t key, struct text bytes, struct error *error)
{
    struct breaker *breaker = context;
    char *copy = memory_alloc(bytes.size + 1);
    if (copy == NULL) return STATUS_NO_MEMORY;
    if (bytes.size > 0) memcpy(copy, bytes.at, bytes.size);
    struct text broken = {copy, bytes.size};
    if (key < CHECKPOINT_PROGRAM && bytes.size > 0) {
        uint32_t at = next_random(&breaker->seed) % bytes.size;
        if (next_random(&breaker->seed) % 4 == 0) {
            broken.size = at;
        } else {
            copy[at] = (char)(copy[at] ^ (1 << (next_random(&breaker->seed) % 8)));
        }
    }
    enum status status = breaker->reader(breaker->context, key, broken, error);
    memory_release(copy);
    return status;
}

static struct breaker breaker;
static const struct checkpoint_store *sound;
static enum status load_broken(void *self, uint64_t *position, checkpoint_reader reader, void *context,
                               struct error *error)
{
    breaker.reader = reader;
    breaker.context = context;
    return sound->load(self, position, break_one, &breaker, error);
}

static void test_damaged_checkpoints(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, LIFE, 2);
    for (int i = 0; i < 6; i++) {
        char id[16], player[16];
        (void)snprintf(id, sizeof id, "r%d", i);
        (void)snprintf(player, sizeof player, "p%d", i);
        kit_event(&kit, id, "registered", player, "2026-06-01T10:00:00Z", "");
    }
    kit_settle(&kit);
    kit_restart(&kit, &store, 3);
    sound = &store.checkpoint;
    struct checkpoint_store damaged = store.checkpoint;
    damaged.load = load_broken;
    const char *given = getenv("SEED");
    breaker.seed = given != NULL ? (uint32_t)strtoul(given, NULL, 10) : 2026u;
    printf("SEED=%u\n", breaker.seed);
    uint32_t refused = 0;
    for (int i = 0; i < 300; i++) {
        struct engine *engine = NULL;
        struct engine_options options = {.shards = 2};
        uint64_t position;
        assert_int_equal(engine_open(&engine, &options, &error), OK);
        enum status status = engine_restore(engine, &damaged, &position, &error);
        refused += status != OK;
        engine_close(engine);
    }
    assert_true(refused > 200); /* The store itself guards its blobs; this is the second line. */
    kit_close(&kit);
    store_close(&store);
}

/* Each allocation fails once: the fold says so and stays closed, and nothing is lost or leaked. */
static void test_memory_runs_out(void **state)
{
    (void)state;
    for (uint64_t nth = 1; nth < 400; nth++) {
        struct kit kit;
        kit_open(&kit, LIFE, 2);
        struct error error = ERROR_NONE;
        bool failed = false;
        memory_fail_from(nth);
        for (int i = 0; i < 40 && !failed; i++) {
            char line[200];
            int size = snprintf(line, sizeof line,
                                "{\"id\":\"r%d\",\"event\":\"registered\",\"player\":\"p%d\",\"at\":\"2026-06-01T%02d:"
                                "00:00Z\",\"data\":{}}",
                                i, i % 9, i % 24);
            struct record record;
            if (intake_line(kit.intake, line, (size_t)size, &record, &error) != OK) break;
            if (record.now < engine_now(kit.engine)) record.now = engine_now(kit.engine);
            enum status status = engine_fold(kit.engine, &record, &error);
            failed = status != OK;
            if (failed) assert_int_equal(status, STATUS_NO_MEMORY);
        }
        uint64_t used = memory_count();
        memory_fail_from(0);
        if (failed) assert_int_equal(engine_settle(kit.engine, &error), STATUS_NO_MEMORY);
        kit_close(&kit);
        if (!failed && used < nth) break;
    }
}

/* The same while a checkpoint is read, and while a new version lays players out anew. */
static void test_memory_runs_out_between_instants(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, LIFE, 2);
    for (int i = 0; i < 5; i++) {
        char id[16], player[16];
        (void)snprintf(id, sizeof id, "r%d", i);
        (void)snprintf(player, sizeof player, "p%d", i);
        kit_event(&kit, id, "registered", player, "2026-06-01T10:00:00Z", "");
    }
    kit_settle(&kit);
    kit_restart(&kit, &store, 3);
    struct kit next; /* Another version's bundle. */
    kit_open(&next, "attribute aaa optional text up to 9\n" LIFE_SOURCE, 1);
    uint32_t failures = 0, successes = 0;
    for (uint64_t nth = 1; nth < 3000 && successes < 3; nth += 1 + nth / 16) {
        struct engine *engine = NULL;
        struct engine_options options = {.shards = 2};
        uint64_t position;
        memory_fail_from(nth);
        enum status status = engine_open(&engine, &options, &error);
        if (status == OK) status = engine_restore(engine, &store.checkpoint, &position, &error);
        struct record activate = {.kind = RECORD_ACTIVATE,
                                  .now = engine_now(kit.engine),
                                  .bundle = next.bundle.bytes,
                                  .bundle_size = next.bundle.size,
                                  .position = 99};
        if (status == OK) status = engine_fold(engine, &activate, &error);
        memory_fail_from(0);
        assert_true(status == OK || status == STATUS_NO_MEMORY);
        failures += status != OK;
        successes += status == OK;
        engine_close(engine);
    }
    assert_true(failures > 20 && successes > 0);
    kit_close(&next);
    kit_close(&kit);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_is_cut),
        cmocka_unit_test(test_a_request_is_withdrawn),
        cmocka_unit_test(test_an_event_is_told_once),
        cmocka_unit_test(test_two_protecting_events_of_one_instant),
        cmocka_unit_test(test_erasure),
        cmocka_unit_test(test_erasure_again),
        cmocka_unit_test(test_enter_rules),
        cmocka_unit_test(test_runs_end_and_grace),
        cmocka_unit_test(test_conversion_after_the_end),
        cmocka_unit_test(test_what_the_log_may_not_hold),
        cmocka_unit_test(test_damaged_checkpoints),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_memory_runs_out_between_instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
