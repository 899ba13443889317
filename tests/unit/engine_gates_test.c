/* Gates and protection: quiet hours, pressure, time-outs, delayed messages; versions of a program; restarts in between. */
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

#define SCHEMA                                                                                                 \
    "workspace \"Gates\"\n  product casino\n  currency EUR, USD\n  channel email, push, inbox\n  tag seen\n  " \
    "timezone \"Europe/Malta\"\n"                                                                              \
    "  use events\n  use actions\nend\n"                                                                       \
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"           \
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"               \
    "attribute level ranked none, silver, gold, otherwise none\nattribute nick optional text up to 20\n"       \
    "attribute home optional time zone\n"                                                                      \
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\n  email \"en\" \"Hi {player.id}\"\n  push \"en\" "   \
    "\"m\"\nend\n"
#define CONSENT "policy \"Consent\"\n  send email about casino to everyone\n  send push about casino to everyone\nend\n"
#define SAFE                                                                               \
    "policy \"Safe\"\n  finish as \"RG_BLOCKED\" for players where self_excluded is yes\n" \
    "  never message players where timed_out is yes\nend\n"
#define QUIET "policy \"Quiet\"\n  send only between 09:00 and 21:00 in the player's zone, otherwise delay\nend\n"

static const char NIGHT[] = SCHEMA CONSENT SAFE QUIET
    "campaign \"Night\"\n  currency EUR\n  start on registration\n  enter every time\n"
    "  step \"S\"\n    send email \"m\"\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Nights\"\n  currency EUR\n  start on session\n  enter every time\n"
    "  step \"S\"\n    send email \"m\"\n    wait 10 days\n    finish as \"DONE\"\n  end\nend\n";

static void restart(struct kit *kit, struct store *store)
{
    kit_settle(kit);
    kit_restart(kit, store, kit->shards == 7 ? 1 : kit->shards + 2);
}

static void test_delayed_to_the_morning(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, NIGHT, 1);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"tk\",\"at\":\"2026-06-01T00:00:00Z\",\"set\":{"
                   "\"home\":\"Asia/Tokyo\"}}");
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T20:00:00Z", "");  /* 22:00 in Malta */
    kit_event(&kit, "r2", "registered", "tk", "2026-06-01T20:00:00Z", ""); /* 05:00 in Tokyo */
    kit_event(&kit, "r3", "registered", "x", "2026-06-01T20:00:00Z", "");
    kit_event(&kit, "s4", "session.started", "y", "2026-06-01T20:00:00Z", "");
    restart(&kit, &store);
    TIMES(effects, "\"channel\":\"inbox\"", 3);
    NONE(effects, "\"channel\":\"email\"");
    TIMES(notes, "\"note\":\"delayed\"", 4);
    /* The journey of x has finished, and its message is kept, but not against a policy; that of y ends with its message. */
    kit_event(&kit, "z1", "player.self_excluded", "x", "2026-06-01T21:00:00Z", "");
    kit_event(&kit, "z2", "player.self_excluded", "y", "2026-06-01T21:00:00Z", "");
    restart(&kit, &store);
    TIMES(notes, "\"note\":\"dropped\"", 2);
    kit_tick(&kit, "2026-06-02T12:00:00Z");
    restart(&kit, &store);
    TIMES(effects, "\"channel\":\"email\"", 2);
    HAS(effects, "\"at\":\"2026-06-02T00:00:00.000Z\""); /* 09:00 in Tokyo */
    HAS(effects, "\"at\":\"2026-06-02T07:00:00.000Z\""); /* 09:00 in Malta */
    kit_close(&kit);
    store_close(&store);
}

static const char CAPPED[] =
    SCHEMA CONSENT "policy \"Caps\"\n  messages at most 2 per 24 hours, otherwise drop\nend\n"
                   "campaign \"Drop\"\n  currency EUR\n  start on registration\n  enter every time\n"
                   "  step \"S\"\n    send email \"m\"\n    send push \"m\"\n    send email \"m\" as \"b\"\n    send "
                   "inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n"
                   "campaign \"Delay\"\n  currency EUR\n  start on session\n  enter every time\n  messages at most 1 "
                   "per 48 hours, otherwise delay\n"
                   "  step \"S\"\n    send email \"m\"\n    finish as \"DONE\"\n  end\nend\n";

static void test_pressure(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, CAPPED, 3);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 3); /* Two, and the inbox. */
    TIMES(notes, "\"PRESSURE\"", 1);
    restart(&kit, &store);
    /* Exactly 24 hours later the first two no longer count. */
    kit_event(&kit, "r2", "registered", "p", "2026-06-02T10:00:00Z", "");
    restart(&kit, &store);
    TIMES(effects, "\"effect\":\"send\"", 6);
    kit_event(&kit, "s1", "session.started", "q", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "s2", "session.started", "q", "2026-06-02T11:00:00Z", "");
    kit_event(&kit, "s3", "session.started", "q", "2026-06-02T11:30:00Z", "");
    restart(&kit, &store);
    TIMES(effects, "\"effect\":\"send\"", 7);
    kit_tick(&kit, "2026-06-05T00:00:00Z");
    restart(&kit, &store);
    HAS(effects, "\"at\":\"2026-06-04T10:00:00.000Z\""); /* 48 hours after the first. */
    TIMES(effects, "\"effect\":\"send\"", 8);
    kit_tick(&kit, "2026-06-10T00:00:00Z");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 9); /* The third waited for the second. */
    kit_close(&kit);
    store_close(&store);
}

static const char PAUSES[] =
    SCHEMA CONSENT SAFE "campaign \"Pauses\"\n  currency EUR\n  start on registration\n  pause on time_out\n"
                        "  step \"S\"\n    wait 96 hours\n    send email \"m\"\n    finish as \"DONE\"\n  end\nend\n"
                        "campaign \"Ends\"\n  currency EUR\n  start on registration\n"
                        "  step \"S\"\n    wait 96 hours\n    finish as \"DONE\"\n  end\nend\n";

static void test_time_out(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, PAUSES, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "t1", "player.timed_out", "p", "2026-06-02T10:00:00Z", "\"ends_at\":\"2026-06-04T10:00:00Z\"");
    restart(&kit, &store);
    HAS(notes, "\"TIMED_OUT\"");
    TIMES(notes, "\"note\":\"paused\"", 1);
    kit_tick(&kit, "2026-06-07T09:00:00Z");
    restart(&kit, &store);
    TIMES(notes, "\"note\":\"unpaused\"", 1);
    NONE(effects, "\"effect\":\"send\"");
    kit_tick(&kit, "2026-06-08T09:00:00Z");
    kit_settle(&kit);
    HAS(effects, "\"at\":\"2026-06-07T10:00:00.000Z\""); /* Two days later than without the time-out. */
    kit_close(&kit);
    store_close(&store);
}

#define WAITS(note, reason)                                                                                  \
    SCHEMA                                                                                                   \
    "campaign \"Waits\"\n  note \"" note "\"\n  currency EUR\n  start on registration\n  enter every time\n" \
    "  step \"S\"\n    wait 24 hours\n    send inbox \"m\"\n    finish as \"" reason "\"\n  end\nend\n"

static void test_versions(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, WAITS("one", "FIRST"), 2);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p\",\"at\":\"2026-06-01T09:00:00Z\",\"set\":{"
                   "\"nick\":\"Zoe\",\"level\":\"gold\"}}");
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    /* A note says nothing of meaning: the journey moves over. Another reason does: it stays. The schema is laid out anew. */
    kit_activate(&kit, WAITS("two", "FIRST") "attribute aaa whole number, otherwise 7\n", engine_now(kit.engine));
    restart(&kit, &store);
    kit_activate(&kit, "attribute bbb optional text up to 9\n" WAITS("two", "SECOND"), engine_now(kit.engine));
    restart(&kit, &store);
    kit_event(&kit, "r2", "registered", "q", "2026-06-01T11:00:00Z", "");
    restart(&kit, &store);
    struct engine_player_view view;
    assert_true(engine_find_player(kit.engine, (struct text){"", 0}, TEXT("p"), &view));
    const struct program *program = engine_program(kit.engine);
    bool found = false;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (text_equal(program_text(program, attribute->name), TEXT("nick"))) {
            int64_t handle = view.slot[attribute->slot];
            assert_int_equal(handle_bank(handle), BANK_PLAYER);
            assert_int_equal(handle_size(handle), 3);
            assert_memory_equal(view.bytes + handle_offset(handle), "Zoe", 3);
            found = true;
        }
        if (text_equal(program_text(program, attribute->name), TEXT("level")))
            assert_int_equal(view.slot[attribute->slot], 2);
    }
    assert_true(found);
    kit_tick(&kit, "2026-06-03T10:00:00Z");
    restart(&kit, &store);
    TIMES(notes, "\"FIRST\"", 1);
    TIMES(notes, "\"SECOND\"", 1);
    TIMES(effects, "\"effect\":\"send\"", 2);
    kit_close(&kit);
    store_close(&store);
}

/* A journey that stands still for a time-out goes on, though the campaigns of today know no pause. */
static void test_a_pause_outlives_its_version(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, PAUSES, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "t1", "player.timed_out", "p", "2026-06-02T10:00:00Z", "\"ends_at\":\"2026-06-04T10:00:00Z\"");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"paused\"", 1);
    kit_activate(&kit, WAITS("none pauses", "OTHER"), engine_now(kit.engine));
    restart(&kit, &store);
    kit_tick(&kit, "2026-06-30T10:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"unpaused\"", 1);
    HAS(notes,
        "\"note\":\"finished\",\"at\":\"2026-06-07T10:00:00.000Z\""); /* Two days later than without the time-out. */
    kit_close(&kit);
    store_close(&store);
}

#define LETTER(body, days)                                                                                 \
    "workspace \"Letters\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"UTC\"\n  use " \
    "events\nend\n"                                                                                        \
    "message \"m\"\n  about casino\n  inbox \"en\" \"" body "\"\nend\n"                                    \
    "campaign \"Letters\"\n  currency EUR\n  start on registration\n"                                      \
    "  step \"S\"\n    wait " days " days\n    send inbox \"m\"\n    finish as \"DONE\"\n  end\nend\n"

/* A journey keeps its waits and amounts, never the words: a letter that was put right goes out right. */
static void test_words_are_not_pinned(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, LETTER("Helo", "2"), 2);
    kit_event(&kit, "r1", "registered", "old", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    kit_activate(&kit, LETTER("Hello", "3"), engine_now(kit.engine));
    kit_event(&kit, "r2", "registered", "new", "2026-06-01T11:00:00Z", "");
    kit_tick(&kit, "2026-06-09T10:00:00Z");
    kit_settle(&kit);
    HAS(effects, "\"at\":\"2026-06-03T10:00:00.000Z\"");
    HAS(effects, "\"at\":\"2026-06-04T11:00:00.000Z\"");
    const char *content = strstr(buffer_as_string(&kit.effects), "\"content\":\"");
    char same[13 + 32 + 1];
    assert_non_null(content);
    (void)snprintf(same, sizeof same, "%s", content);
    TIMES(effects, same, 2);
    kit_close(&kit);
}

/* What decided is a line of the policies of today, also for a journey of yesterday. */
static void test_a_rule_of_today_is_named(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WAITS("one", "FIRST"), 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    kit_activate(
        &kit, WAITS("two", "SECOND") "policy \"NoMore\"\n  finish as \"GONE\" for players where level is gold\nend\n",
        engine_now(kit.engine));
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p\",\"at\":\"2026-06-01T12:00:00Z\",\"set\":{"
                   "\"level\":\"gold\"}}");
    kit_settle(&kit);
    HAS(notes, "\"GONE\"");
    HAS(notes, "\"rule\":\"NoMore\"");
    kit_close(&kit);
}

#define COINS(campaign_in, pot_in)                  \
    SCHEMA                                          \
    "budget \"pot\"\n  total 100 " pot_in "\nend\n" \
    "campaign \"Coins\"\n  currency " campaign_in   \
    "\n  start on registration\n  step \"S\"\n    wait 1 hour\n    finish as \"DONE\"\n  end\nend\n"

static void test_money_keeps_its_currency(void **state)
{
    (void)state;
    static const char *const sources[] = {COINS("USD", "EUR"), COINS("EUR", "USD")};
    static const char *const words[] = {"campaign `Coins` changes its currency from EUR to USD",
                                        "budget `pot` changes its currency from EUR to USD"};
    struct kit kit;
    kit_open(&kit, COINS("EUR", "EUR"), 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct kit other;
        struct error error = ERROR_NONE;
        kit_open(&other, sources[i], 1);
        struct record record = {.kind = RECORD_ACTIVATE,
                                .position = 100 + i,
                                .bundle = other.bundle.bytes,
                                .bundle_size = other.bundle.size};
        assert_int_equal(engine_fold(kit.engine, &record, &error), STATUS_REFUSED);
        assert_non_null(strstr(error.message, words[i]));
        kit_close(&other);
    }
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", ""); /* The old program goes on. */
    kit_tick(&kit, "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"DONE\"");
    kit_close(&kit);
}

#define PING(words, mood, reason)                                                                                     \
    "workspace \"Words\"\n  product casino\n  currency EUR, USD\n  channel inbox\n  tag seen\n  timezone \"UTC\"\n  " \
    "use events\nend\n"                                                                                               \
    "event ping\n  field color one of " words "\n  field name text up to 20\nend\n"                                   \
    "attribute mood one of " mood ", otherwise dull\nattribute town text up to 20, otherwise \"Rome\"\n"              \
    "message \"m\"\n  about casino\n  inbox \"en\" \"{player.town} {player.mood}\"\nend\n"                            \
    "campaign \"Words\"\n  currency EUR\n  start on registration\n"                                                   \
    "  step \"S\"\n    wait up to 9 days\n      when ping where color is green  go to \"T\"\n      when time is up  " \
    "finish as \"NEVER\"\n    end\n  end\n"                                                                           \
    "  step \"T\"\n    send inbox \"m\"\n    finish as \"" reason "\"\n  end\nend\n"

/* A journey of an older program reads events and attributes of the newer one by their names. */
static void test_words_of_an_older_version(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, PING("red, green, blue", "dull, merry", "OLD"), 2);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p\",\"at\":\"2026-06-01T09:00:00Z\",\"set\":{"
                   "\"mood\":\"merry\"}}");
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    kit_activate(&kit, "attribute aaa whole number, otherwise 3\n" PING("pink, green, red", "merry, sad, dull", "NEW"),
                 engine_now(kit.engine));
    restart(&kit, &store);
    kit_event(&kit, "g1", "ping", "p", "2026-06-01T11:00:00Z",
              "\"color\":\"pink\",\"name\":\"x\""); /* No such word then. */
    kit_event(&kit, "g2", "ping", "p", "2026-06-01T11:01:00Z", "\"color\":\"red\",\"name\":\"x\"");
    restart(&kit, &store);
    NONE(notes, "\"note\":\"finished\"");
    kit_event(&kit, "g3", "ping", "p", "2026-06-01T11:02:00Z", "\"color\":\"green\",\"name\":\"x\"");
    restart(&kit, &store);
    HAS(notes, "\"OLD\"");
    HAS(effects, "\"player.mood\":\"merry\"");
    HAS(effects, "\"player.town\":\"Rome\"");
    kit_close(&kit);
    store_close(&store);
}

static const char LOOKS_BACK[] =
    SCHEMA "campaign \"Looks\"\n  currency EUR\n  start on registration\n"
           "  step \"S\"\n    wait 24 hours\n    wait up to 10 days, including since entry\n"
           "      when deposit where amount is at least 20 EUR  go to \"Met\"\n      when time is up  finish as "
           "\"NEVER\"\n    end\n  end\n"
           "  step \"Met\"\n    if deposit.amount is at least 30 EUR\n      finish as \"LARGE\"\n    end\n    finish "
           "as \"SMALL\"\n  end\nend\n";

static void test_including_since_entry(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, LOOKS_BACK, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "d1", "deposit", "p", "2026-06-01T11:00:00Z",
              "\"amount\":\"5 EUR\",\"first\":false,\"method\":\"card\"");
    kit_event(&kit, "d2", "deposit", "p", "2026-06-01T12:00:00Z",
              "\"amount\":\"25 EUR\",\"first\":false,\"method\":\"card\"");
    kit_event(&kit, "d3", "deposit", "p", "2026-06-01T13:00:00Z",
              "\"amount\":\"35 EUR\",\"first\":false,\"method\":\"card\"");
    restart(&kit, &store);
    kit_tick(&kit, "2026-06-03T10:00:00Z");
    restart(&kit, &store);
    HAS(notes, "\"SMALL\""); /* The first that met it, a day before the wait began. */
    kit_close(&kit);
    store_close(&store);
}

/* After an outage journeys keep the instant they were due at, but nobody is written to at night. */
static void test_catch_up_keeps_quiet(void **state)
{
    (void)state;
    static const char source[] = SCHEMA CONSENT QUIET
        "campaign \"Day\"\n  currency EUR\n  start on registration\n"
        "  step \"S\"\n    wait 24 hours\n    send email \"m\"\n    finish as \"DONE\"\n  end\nend\n";
    struct kit kit;
    kit_open(&kit, source, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    struct error error = ERROR_NONE;
    struct record tick = {.kind = RECORD_TICK,
                          .now = INT64_C(1780369200000),
                          .at = INT64_C(1780369200000),
                          .catch_up = true,
                          .position = 99};
    tick.now = tick.at =
        engine_now(kit.engine) + INT64_C(38) * 3600 * 1000; /* 02:00 in Malta, 14 hours after the deadline. */
    assert_int_equal(engine_fold(kit.engine, &tick, &error), OK);
    kit_settle(&kit);
    NONE(effects, "\"effect\":\"send\"");
    HAS(notes, "\"note\":\"delayed\"");
    kit_tick(&kit, "2026-06-03T12:00:00Z");
    kit_settle(&kit);
    HAS(effects, "\"at\":\"2026-06-03T07:00:00.000Z\"");
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delayed_to_the_morning),
        cmocka_unit_test(test_pressure),
        cmocka_unit_test(test_time_out),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_words_are_not_pinned),
        cmocka_unit_test(test_a_rule_of_today_is_named),
        cmocka_unit_test(test_money_keeps_its_currency),
        cmocka_unit_test(test_a_pause_outlives_its_version),
        cmocka_unit_test(test_words_of_an_older_version),
        cmocka_unit_test(test_including_since_entry),
        cmocka_unit_test(test_catch_up_keeps_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
