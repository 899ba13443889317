/* Questions and events for other players: answers early, late, twice, by the wrong person, over restarts, shards and versions. */
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

#define VOCABULARY                                                                     \
    "query odds percent\nquery game text up to 16\n"                                   \
    "attribute referrer optional text up to 64\n"                                      \
    "event friend_joined\n  field friend text up to 64\n  field paid optional money\n" \
    "  field sort optional one of slots, tables\nend\n"                                \
    "message \"hello\"\n  about casino\n  inbox \"en\" \"Hello\"\nend\n"

#define HEAD(name) "campaign \"" name "\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"

#define APPROVAL                                                                                                    \
    VOCABULARY HEAD(                                                                                                \
        "Gift") "  budget\n    total 100 EUR\n  end\n"                                                              \
                "  start on registration\n  enter every time, at most 2 at once\n  leave on withdrawal_requested\n" \
                "  pause on time_out\n"                                                                             \
                "  offer cash \"gift\"\n    amount 5 EUR\n    wagering none\n  end\n"                               \
                "  step \"Ask\"\n"                                                                                  \
                "    ask \"crm\" for approval by 2 people, up to 24 hours\n"                                        \
                "      when approved    credit \"gift\", otherwise finish as \"DRY\"\n"                             \
                "      when refused     finish as \"REFUSED\"\n"                                                    \
                "      when time is up  finish as \"LATE\"\n"                                                       \
                "    end\n    finish as \"GIFT\"\n  end\nend\n"

#define ODDS                                                                                                      \
    VOCABULARY HEAD("Odds") "  start on session\n  enter every time\n"                                            \
                            "  step \"Ask\"\n"                                                                    \
                            "    ask \"model\" for odds, up to 1 minute\n"                                        \
                            "      when answered    go to \"Game\"\n"                                             \
                            "      when time is up  finish as \"LATE\"\n"                                         \
                            "    end\n  end\n"                                                                    \
                            "  step \"Game\"\n"                                                                   \
                            "    ask \"model\" for game, up to 1 minute\n"                                        \
                            "      when answered    go to \"Judge\"\n"                                            \
                            "      when time is up  finish as \"LATE\"\n"                                         \
                            "    end\n  end\n"                                                                    \
                            "  step \"Judge\"\n"                                                                  \
                            "    if journey.odds is at least 50% and journey.game is \"slots\"\n      finish as " \
                            "\"SURE\"\n    end\n"                                                                 \
                            "    finish as \"UNSURE\"\n  end\nend\n"

static void verified(struct kit *kit, const char *player)
{
    kit_set(kit, player, "2026-06-01T08:00:00Z", "age_verified", "true");
}

static void reply(struct kit *kit, const char *id, const char *effect, const char *at, const char *rest)
{
    char line[400];
    (void)snprintf(line, sizeof line, "{\"kind\":\"reply\",\"id\":\"%s\",\"effect\":\"%s\",\"at\":\"%s\",%s}", id,
                   effect, at, rest);
    kit_line(kit, line);
}

static void decide(struct kit *kit, const char *id, const char *effect, const char *at, const char *word,
                   const char *by)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "\"status\":\"%s\",\"by\":\"%s\"", word, by);
    reply(kit, id, effect, at, rest);
}

static void ask_gift(struct kit *kit, uint32_t shards, char effect[33])
{
    kit_open(kit, APPROVAL, shards);
    verified(kit, "p");
    kit_event(kit, "r", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(kit);
    kit_effect_id(kit, "\"effect\":\"ask\"", 0, effect);
}

static void test_two_people(void **state)
{
    (void)state;
    struct kit kit;
    char ask[33];
    ask_gift(&kit, 1, ask);
    HAS(effects, "\"whom\":\"crm\",\"for\":\"approval\",\"people\":2,\"until\":\"2026-06-02T10:00:00.000Z\"}");
    decide(&kit, "1", ask, "2026-06-01T11:00:00Z", "approved", "anna");
    decide(&kit, "2", ask, "2026-06-01T12:00:00Z", "approved", "anna");
    kit_settle(&kit);
    HAS(notes, "\"detail\":\"approved before by the same person\"");
    NONE(effects, "\"effect\":\"credit\"");
    decide(&kit, "1", ask, "2026-06-01T11:00:00Z", "approved", "anna"); /* delivered again */
    decide(&kit, "3", ask, "2026-06-01T13:00:00Z", "approved", "ben");
    decide(&kit, "4", ask, "2026-06-01T14:00:00Z", "refused", "carl");
    kit_settle(&kit);
    HAS(notes, "\"reason\":\"DUPLICATE\"");
    TIMES(effects, "\"effect\":\"credit\"", 1);
    HAS(notes, "\"as\":\"GIFT\"");
    TIMES(notes, "NOT_ASKED", 1);
    NONE(effects, "\"effect\":\"cancel\"");
    kit_close(&kit);
}

static void test_time_limit_first(void **state)
{
    (void)state;
    struct kit kit;
    char ask[33];
    ask_gift(&kit, 1, ask);
    decide(&kit, "1", ask, "2026-06-01T11:00:00Z", "approved", "anna");
    decide(&kit, "2", ask, "2026-06-02T10:00:00Z", "approved", "ben");
    kit_settle(&kit);
    HAS(notes, "\"as\":\"LATE\"");
    HAS(notes, "NOT_ASKED");
    NONE(effects, "\"effect\":\"credit\"");
    kit_close(&kit);
}

static void test_ended_in_the_meantime(void **state)
{
    (void)state;
    struct kit kit;
    char ask[33];
    ask_gift(&kit, 1, ask);
    kit_event(&kit, "w", "withdrawal.requested", "p", "2026-06-01T11:00:00Z", "\"amount\":\"5 EUR\"");
    decide(&kit, "1", ask, "2026-06-01T11:30:00Z", "approved", "anna");
    decide(&kit, "2", ask, "2026-06-01T11:30:00Z", "approved", "ben");
    kit_tick(&kit, "2026-06-09T00:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"as\":\"LEFT\"");
    TIMES(notes, "NOT_ASKED", 2);
    NONE(notes, "LATE\"");
    TIMES(effects, "\"effect\":\"cancel\"", 1); /* nobody need decide any more */
    HAS(effects, ask);
    kit_close(&kit);
}

static void test_paused(void **state)
{
    (void)state;
    struct kit kit;
    char ask[33];
    ask_gift(&kit, 1, ask);
    decide(&kit, "1", ask, "2026-06-01T11:00:00Z", "approved", "anna");
    kit_event(&kit, "t", "player.timed_out", "p", "2026-06-01T12:00:00Z", "\"ends_at\":\"2026-06-05T12:00:00Z\"");
    decide(&kit, "2", ask, "2026-06-03T12:00:00Z", "approved", "ben");
    kit_settle(&kit);
    HAS(notes, "\"note\":\"not_applied\"");
    HAS(notes, "PAUSED");
    NONE(notes, "LATE\"");
    decide(&kit, "3", ask, "2026-06-06T09:59:59Z", "approved", "ben"); /* 22 hours were left */
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    kit_close(&kit);
}

/* Each journey has its question; an answer goes to the one that asked. */
static void test_two_journeys(void **state)
{
    (void)state;
    struct kit kit;
    char first[33], second[33];
    ask_gift(&kit, 1, first);
    kit_event(&kit, "r2", "registered", "p", "2026-06-01T10:30:00Z", "");
    kit_event(&kit, "r3", "registered", "p", "2026-06-01T10:45:00Z", "");
    kit_settle(&kit);
    HAS(notes, "ALREADY_RUNNING");
    kit_effect_id(&kit, "\"effect\":\"ask\"", 1, second);
    assert_string_not_equal(first, second);
    decide(&kit, "1", second, "2026-06-01T11:00:00Z", "refused", "anna");
    kit_settle(&kit);
    TIMES(notes, "\"as\":\"REFUSED\"", 1);
    HAS(notes, "\"journey\":2,\"step\":\"Ask\",\"as\":\"REFUSED\"");
    decide(&kit, "2", first, "2026-06-01T12:00:00Z", "approved", "anna");
    decide(&kit, "3", first, "2026-06-01T12:00:00Z", "approved", "ben");
    kit_settle(&kit);
    HAS(notes, "\"journey\":1,\"step\":\"Ask\",\"as\":\"GIFT\"");
    kit_close(&kit);
}

static void test_answers_are_typed(void **state)
{
    (void)state;
    struct kit kit;
    char ask[33];
    struct record record;
    struct error error = ERROR_NONE;
    kit_open(&kit, ODDS, 1);
    kit_event(&kit, "s", "session.started", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    kit_effect_id(&kit, "\"effect\":\"ask\"", 0, ask);
    static const struct {
        const char *rest, *words;
    } refused[] = {
        {"\"status\":\"answered\",\"answer\":{\"odds\":\"high\"}",
         "`odds` is `high`; write a percentage such as \"12.5%\", or 0.125"},
        {"\"status\":\"answered\",\"answer\":{\"odd\":\"5%\"}",
         "`odd` is no query of this workspace; did you mean `odds`?"},
        {"\"status\":\"answered\",\"answer\":{}",
         "column 127: `answer` must be an object with one query and its value, as in {\"odds\":\"85%\"}"},
        {"\"status\":\"answered\"", "a record of kind `answered` has no `answer`; it is needed"},
        {"\"status\":\"approved\"", "a record of kind `approved` has no `by`; it is needed"},
        {"\"status\":\"credited\",\"by\":\"anna\"",
         "a record of kind `credited` has no `by`; leave it out, or send a record of its own"},
        {"\"status\":\"answered\",\"answer\":{\"odds\":\"5%\",\"game\":\"slots\"}",
         "column 127: `answer` must be an object with one query and its value, as in {\"odds\":\"85%\"}"},
        {"\"status\":\"answered\",\"answer\":{\"game\":\"a name of more than sixteen\"}",
         "`game` is `a name of more than sixteen`; it has 27 bytes; at most 16 are declared"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char line[400];
        (void)snprintf(line, sizeof line,
                       "{\"kind\":\"reply\",\"id\":\"x\",\"effect\":\"%s\",\"at\":\"2026-06-01T10:00:01Z\",%s}", ask,
                       refused[i].rest);
        assert_int_not_equal(intake_line(kit.intake, line, strlen(line), &record, &error), OK);
        assert_string_equal(error.message, refused[i].words);
    }
    /* A query is not an event that a platform sends, and an answer to the wrong question is none. */
    const char event[] =
        "{\"id\":\"e\",\"event\":\"odds\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:01Z\",\"data\":{\"odds\":1}}";
    assert_int_not_equal(intake_line(kit.intake, event, strlen(event), &record, &error), OK);
    reply(&kit, "g", ask, "2026-06-01T10:00:01Z", "\"status\":\"answered\",\"answer\":{\"game\":\"slots\"}");
    decide(&kit, "h", ask, "2026-06-01T10:00:01Z", "approved", "anna");
    reply(&kit, "o", ask, "2026-06-01T10:00:02Z", "\"status\":\"answered\",\"answer\":{\"odds\":0.75}");
    kit_settle(&kit);
    TIMES(notes, "something else was asked", 2);
    kit_effect_id(&kit, "\"for\":\"game\"", 0, ask);
    reply(&kit, "g2", ask, "2026-06-01T10:00:03Z", "\"status\":\"answered\",\"answer\":{\"game\":\"slots\"}");
    kit_settle(&kit);
    HAS(notes, "\"as\":\"SURE\"");
    kit_close(&kit);
}

/* The same story in one go with one shard, and stopped after every line and gone on with other shards: the same bytes. */
static void tell_story(struct kit *kit, struct store *store, bool stops)
{
    static const char *const lines[] = {
        ("{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\","
         "\"set\":{\"age_verified\":true,\"referrer\":\"q\"}}"),
        "{\"id\":\"r\",\"event\":\"registered\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:00Z\",\"data\":{}}",
        "{\"kind\":\"tick\",\"at\":\"2026-06-01T10:00:00.001Z\"}",
        "REPLY 1 anna 2026-06-01T11:00:00Z",
        "{\"id\":\"r2\",\"event\":\"registered\",\"player\":\"s\",\"at\":\"2026-06-01T11:30:00Z\",\"data\":{}}",
        "REPLY 2 ben 2026-06-01T12:00:00Z",
        "{\"kind\":\"tick\",\"at\":\"2026-06-05T10:00:00Z\"}",
    };
    static const uint32_t shards[] = {7, 1, 3, 5, 2, 7, 1};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char id[8], by[16], at[32], ask[33];
        if (sscanf(lines[i], "REPLY %7s %15s %31s", id, by, at) == 3) {
            kit_effect_id(kit, "\"effect\":\"ask\"", 0, ask);
            decide(kit, id, ask, at, "approved", by);
        } else {
            kit_line(kit, lines[i]);
        }
        kit_settle(kit);
        if (stops) kit_restart(kit, store, shards[i]);
    }
}

#define TELL(wait)                                                                                                 \
    HEAD("Join")                                                                                                   \
    "  start on registration\n  enter once per player\n  step \"Tell\"\n" wait "    if player.referrer is known\n" \
    "      tell player.referrer friend_joined with friend player.id, sort tables, paid 5 EUR\n"                    \
    "    end\n    finish as \"TOLD\"\n  end\nend\n"
#define THANKS                                                                                                       \
    HEAD("Thanks")                                                                                                   \
    "  start on friend_joined where sort is known and sort is tables and paid is known and paid is at least 5 EUR\n" \
    "  enter every time\n  step \"Thank\"\n    send inbox \"hello\"\n    wait 1 day\n    finish as \"THANKED\"\n  "  \
    "end\nend\n"

static const char ODDS_ONLY[] =
    "campaign \"None\"\n  currency EUR\n  start on session\n  step \"S\"\n    finish as \"S\"\n  end\nend\n";
static const char THANKS_ONLY[] = VOCABULARY THANKS;
static const char STORY_LATER[] = VOCABULARY TELL("    wait 1 hour\n") THANKS;
static const char STORY[] = APPROVAL TELL("") THANKS;

static void test_restarts_and_shards(void **state)
{
    (void)state;
    struct kit kit, other;
    uint8_t one[32], two[32];
    kit_open(&kit, STORY, 1);
    tell_story(&kit, NULL, false);
    kit_digest(&kit, one);
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&other, STORY, 3);
    tell_story(&other, &store, true);
    kit_digest(&other, two);
    assert_memory_equal(one, two, sizeof one);
    assert_string_equal(buffer_as_string(&kit.effects), buffer_as_string(&other.effects));
    assert_string_equal(buffer_as_string(&kit.notes), buffer_as_string(&other.notes));
    HAS(notes, "\"player\":\"q\",\"campaign\":\"Thanks\",\"journey\":1}");
    HAS(notes, "\"as\":\"GIFT\"");
    TIMES(effects, "\"effect\":\"send\"", 1);
    kit_close(&kit);
    kit_close(&other);
    store_close(&store);
}

/* The source with one part written otherwise. */
static char *changed(const char *source, const char *from, const char *to)
{
    static char room[16384];
    const char *at = strstr(source, from);
    assert_non_null(at);
    (void)snprintf(room, sizeof room, "%.*s%s%s", (int)(at - source), source, to, at + strlen(from));
    return room;
}

/* A journey waits for its answer in its own program, whatever numbers queries and events have in the new one. */
static void test_answer_in_an_older_program(void **state)
{
    (void)state;
    struct kit kit;
    char ask[33];
    kit_open(&kit, ODDS, 1);
    kit_event(&kit, "s", "session.started", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    kit_effect_id(&kit, "\"effect\":\"ask\"", 0, ask);
    kit_activate(&kit,
                 changed(ODDS, "query odds percent\n", "query first yes or no\nevent early\nend\nquery odds percent\n"),
                 clock_instant("2026-06-01T10:00:10Z"));
    kit_line(&kit, "{\"id\":\"x\",\"event\":\"early\",\"player\":\"p\",\"at\":\"2026-06-01T10:00:11Z\",\"data\":{}}");
    reply(&kit, "f", ask, "2026-06-01T10:00:12Z", "\"status\":\"answered\",\"answer\":{\"first\":true}");
    reply(&kit, "o", ask, "2026-06-01T10:00:13Z", "\"status\":\"answered\",\"answer\":{\"odds\":\"75%\"}");
    kit_settle(&kit);
    TIMES(notes, "something else was asked", 1);
    kit_effect_id(&kit, "\"for\":\"game\"", 0, ask);
    /* In the next one the query has another type: what comes cannot be what was asked for. */
    kit_activate(&kit, changed(ODDS, "query game text up to 16\n", "query game text up to 64\n"),
                 clock_instant("2026-06-01T10:00:20Z"));
    reply(&kit, "g", ask, "2026-06-01T10:00:21Z",
          "\"status\":\"answered\",\"answer\":{\"game\":\"much longer than sixteen\"}");
    kit_settle(&kit);
    TIMES(notes, "something else was asked", 2);
    reply(&kit, "h", ask, "2026-06-01T10:00:22Z", "\"status\":\"answered\",\"answer\":{\"game\":\"slots\"}");
    kit_settle(&kit);
    HAS(notes, "\"as\":\"SURE\"");
    kit_close(&kit);
}

static void join(struct kit *kit)
{
    kit_open(kit, STORY, 1);
    kit_line(kit, "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{"
                  "\"referrer\":\"q\"}}");
    kit_event(kit, "r", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(kit);
}

/* A program that takes effect in the millisecond between reads what was told by its own numbers, or drops it. */
static void test_told_over_an_activation(void **state)
{
    (void)state;
    struct kit kit;
    join(&kit);
    kit_activate(&kit, changed(STORY, "sort optional one of slots, tables", "sort optional one of tables, slots"),
                 clock_instant("2026-06-01T10:00:00Z"));
    kit_tick(&kit, "2026-06-01T11:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"player\":\"q\",\"campaign\":\"Thanks\",\"journey\":1}");
    kit_close(&kit);
    join(&kit);
    kit_activate(&kit, ODDS_ONLY, clock_instant("2026-06-01T10:00:00Z"));
    kit_tick(&kit, "2026-06-01T11:00:00Z");
    kit_settle(&kit);
    TIMES(notes, "\"reason\":\"NOT_KNOWN\"", 1);
    NONE(notes, "Thanks");
    kit_close(&kit);
    /* A journey of an older program tells what the new one knows otherwise: refused, and noted. */
    kit_open(&kit, STORY_LATER, 1);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"p\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{"
                   "\"referrer\":\"q\"}}");
    kit_event(&kit, "r", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_activate(&kit,
                 changed(THANKS_ONLY, "  field friend text up to 64\n",
                         "  field friend text up to 64\n  field place country code\n"),
                 clock_instant("2026-06-01T10:30:00Z"));
    kit_tick(&kit, "2026-06-01T12:00:00Z");
    kit_settle(&kit);
    HAS(notes, "\"reason\":\"NOT_KNOWN\"");
    kit_close(&kit);
}

/* Sixteen events that cause one another without a wait, and no more. */
static void test_a_chain_of_told_events(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer source = BUFFER_EMPTY;
    buffer_string(&source, "attribute referrer optional text up to 64\nmessage \"hello\"\n  about casino\n  inbox "
                           "\"en\" \"Hello\"\nend\n");
    for (int i = 0; i < 20; i++) buffer_print(&source, "event told%d\nend\n", i);
    for (int i = 0; i < 19; i++) {
        buffer_print(&source,
                     "campaign \"C%d\"\n  product casino\n  currency EUR\n  timezone \"UTC\"\n  start on told%d\n"
                     "  enter every time\n  step \"T\"\n    if player.referrer is known\n"
                     "      tell player.referrer told%d\n    end\n    finish as \"DONE%d\"\n  end\nend\n",
                     i, i, i + 1, i);
    }
    kit_open(&kit, buffer_as_string(&source), 3);
    buffer_deinit(&source);
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"a\",\"player\":\"a\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{"
                   "\"referrer\":\"b\"}}");
    kit_line(&kit, "{\"kind\":\"attributes\",\"id\":\"b\",\"player\":\"b\",\"at\":\"2026-06-01T08:00:00Z\",\"set\":{"
                   "\"referrer\":\"a\"}}");
    kit_event(&kit, "e", "told0", "a", "2026-06-01T10:00:00Z", "");
    kit_tick(&kit, "2026-06-01T10:00:01Z");
    kit_settle(&kit);
    HAS(notes, "\"as\":\"DONE15\"");
    NONE(notes, "\"as\":\"DONE16\"");
    TIMES(notes, "CASCADE_LIMIT", 1);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_people),
        cmocka_unit_test(test_time_limit_first),
        cmocka_unit_test(test_ended_in_the_meantime),
        cmocka_unit_test(test_paused),
        cmocka_unit_test(test_two_journeys),
        cmocka_unit_test(test_answers_are_typed),
        cmocka_unit_test(test_restarts_and_shards),
        cmocka_unit_test(test_answer_in_an_older_program),
        cmocka_unit_test(test_told_over_an_activation),
        cmocka_unit_test(test_a_chain_of_told_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
