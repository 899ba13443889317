/* Erasure: what is forgotten, what stays, and who is not addressed any more. Promises P1 to P4 of spec/runtime.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/contact.h"
#include "tests/kit/engine_kit.h"

#define HAS(where, text)          assert_true(kit_count(&kit.where, text) > 0)
#define NONE(where, text)         assert_int_equal(kit_count(&kit.where, text), 0)
#define TIMES(where, text, times) assert_int_equal(kit_count(&kit.where, text), times)

static const char SOURCE[] =
    "workspace \"Erasure\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"UTC\"\n  use events\n  use "
    "actions\nend\n"
    "attribute self_excluded yes or no, otherwise no\nattribute timed_out yes or no, otherwise no\n"
    "attribute harm_flagged yes or no, otherwise no\nattribute closed yes or no, otherwise no\n"
    "attribute email optional contact text up to 80\nattribute phone optional contact text up to 40\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m {player.id}\"\nend\n"
    "message \"safe\"\n  about casino\n  class service\n  inbox \"en\" \"s\"\nend\n"
    "campaign \"Welcome\"\n  currency EUR\n  budget\n    total 100 EUR\n  end\n  start on registration\n"
    "  enter every time\n  offer cash \"c\"\n    amount 5 EUR\n    wagering none\n  end\n"
    "  step \"S\"\n    send inbox \"m\"\n    credit \"c\", otherwise finish as \"NO\"\n    wait 7 days\n"
    "    send inbox \"m\" as \"later\"\n    finish as \"YES\"\n  end\nend\n"
    "campaign \"Receipt\"\n  currency EUR\n  start on session\n  enter every time\n"
    "  step \"S\"\n    send inbox \"safe\"\n    finish as \"TOLD\"\n  end\nend\n";

static void email(struct kit *kit, const char *id, const char *player, const char *at, const char *attribute,
                  const char *value)
{
    char line[400];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"%s\",\"player\":\"%s\",\"at\":\"%s\",\"set\":{\"%s\":\"%s\"}}",
                   id, player, at, attribute, value);
    kit_line(kit, line);
}

static void say(struct kit *kit, const char *kind, const char *id, const char *at, const char *whom)
{
    char line[400];
    (void)snprintf(line, sizeof line, "{\"kind\":\"%s\",\"id\":\"%s\",\"at\":\"%s\",\"by\":\"Vera\",%s}", kind, id, at,
                   whom);
    kit_line(kit, line);
}

static void restart(struct kit *kit, struct store *store, bool restarts, uint32_t shards)
{
    if (restarts) kit_restart(kit, store, shards);
}

/* A life, its end, and three who come after it: the same id, the same address under another id, somebody else. */
static void story(struct kit_runs *runs, uint32_t shards, bool restarts)
{
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, SOURCE, shards);
    email(&kit, "a1", "p", "2026-06-01T09:00:00Z", "email", " Ann@Example.com ");
    email(&kit, "a2", "p", "2026-06-01T09:00:01Z", "phone", "+44 (7700) 900-123");
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 1);
    TIMES(effects, "\"effect\":\"credit\"", 1);
    char before[33], after[33];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, before);
    say(&kit, "erase", "x1", "2026-06-02T10:00:00Z", "\"player\":\"p\"");
    kit_settle(&kit);
    restart(&kit, &store, restarts, 8 - shards);
    TIMES(notes, "\"note\":\"erased\"", 1);
    TIMES(notes, "\"note\":\"finished\"", 1);
    /* What happened before, and comes only now, does not bring the player back. */
    kit_event(&kit, "s0", "session.started", "p", "2026-06-02T09:00:00Z", "");
    email(&kit, "a3", "p", "2026-06-02T09:00:00Z", "email", "ann@example.com");
    kit_settle(&kit);
    struct engine_player_view view;
    assert_false(engine_find_player(kit.engine, TEXT(""), TEXT("p"), &view));
    TIMES(notes, "\"note\":\"not_applied\"", 2);
    /* The same id; another with the address written otherwise, another with the number; one with neither. */
    kit_event(&kit, "r2", "registered", "p", "2026-06-03T10:00:00Z", "");
    email(&kit, "a4", "q", "2026-06-03T10:00:00Z", "email", "ANN@example.COM");
    kit_event(&kit, "r3", "registered", "q", "2026-06-03T10:00:01Z", "");
    email(&kit, "a5", "r", "2026-06-03T10:00:00Z", "phone", "+44-7700-900123");
    kit_event(&kit, "r4", "registered", "r", "2026-06-03T10:00:01Z", "");
    email(&kit, "a6", "s", "2026-06-03T10:00:00Z", "email", "bea@example.com");
    kit_event(&kit, "r5", "registered", "s", "2026-06-03T10:00:01Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"SUPPRESSED\"", 3);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    /* What is no promotion goes on. */
    kit_event(&kit, "s1", "session.started", "p", "2026-06-03T11:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"safe\"", 1);
    restart(&kit, &store, restarts, shards);
    /* A person allows it again: one address, then the player. */
    say(&kit, "unsuppress", "u1", "2026-06-04T10:00:00Z", "\"contact\":\"ann@example.com\"");
    kit_event(&kit, "r6", "registered", "q", "2026-06-04T10:00:01Z", "");
    kit_event(&kit, "r7", "registered", "p", "2026-06-04T10:00:01Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"SUPPRESSED\"", 4);
    TIMES(effects, "\"effect\":\"credit\"", 3);
    say(&kit, "unsuppress", "u2", "2026-06-05T10:00:00Z", "\"player\":\"p\"");
    kit_event(&kit, "r8", "registered", "p", "2026-06-05T10:00:01Z", "");
    kit_settle(&kit);
    TIMES(notes, "\"SUPPRESSED\"", 4);
    TIMES(effects, "\"effect\":\"credit\"", 4);
    /* The first journey of a second life: another identity than that of the first. */
    kit_effect_id(&kit, "\"effect\":\"credit\"", 3, after);
    assert_string_not_equal(before, after);
    /* By hand, in the middle of a journey: the message of day 7 is not sent. */
    say(&kit, "suppress", "u3", "2026-06-06T10:00:00Z", "\"player\":\"s\"");
    kit_settle(&kit);
    restart(&kit, &store, restarts, 8 - shards);
    TIMES(effects, "\"effect\":\"send\"", 5);
    kit_tick(&kit, "2026-06-30T10:00:00Z");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"send\"", 7);
    TIMES(notes, "\"SUPPRESSED\"", 5);
    store_close(&store);
    kit_runs_add(runs, &kit);
}

static void test_erased_and_back(void **state)
{
    (void)state; /* promise P3 P4 */
    struct kit_runs runs = {0};
    story(&runs, 1, false);
    story(&runs, 7, false);
    story(&runs, 7, true);
    kit_runs_judge(&runs);
}

/* What the books hold stays, whoever is gone: what was handed out waits for the wallet's word. */
static void test_books_stay(void **state)
{
    (void)state; /* promise P2 */
    struct kit kit;
    kit_open(&kit, SOURCE, 2);
    kit_event(&kit, "r1", "registered", "p", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    say(&kit, "erase", "x1", "2026-06-02T10:00:00Z", "\"player\":\"p\"");
    kit_settle(&kit);
    char id[33], line[300];
    kit_effect_id(&kit, "\"effect\":\"credit\"", 0, id);
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"reply\",\"id\":\"w\",\"effect\":\"%s\",\"at\":\"2026-06-03T10:00:00Z\",\"status\":"
                   "\"failed\",\"reason\":\"no account\"}",
                   id);
    kit_line(&kit, line);
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"reserved\"", 1);
    TIMES(notes, "\"note\":\"released\"", 1);
    kit_close(&kit);
}

/* Of whom nothing is known but a credit that a restore found lost: his next life does not take it over, and its money stays spent. */
static void lost_and_erased(bool erased)
{
    struct kit kit;
    char id[33];
    kit_open(&kit, SOURCE, 2);
    kit_event(&kit, "r0", "registered", "other", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    struct record lost = {.kind = RECORD_LOST, .amount = 700, .effect = {0xAB, 0xCD}};
    lost.now = lost.at = engine_now(kit.engine) + 1000;
    lost.brand = lost.by = lost.reason = TEXT("");
    lost.source = TEXT("test");
    lost.player = TEXT("p");
    lost.group = record_group(lost.brand, lost.player);
    lost.campaign = TEXT("Welcome");
    lost.offer = TEXT("c");
    lost.id = TEXT("lost");
    kit_record(&kit, &lost);
    kit_settle(&kit);
    TIMES(notes, "\"note\":\"lost\"", 1);
    if (erased) say(&kit, "erase", "x1", "2026-06-02T10:00:00Z", "\"player\":\"p\"");
    if (erased) say(&kit, "unsuppress", "u1", "2026-06-02T11:00:00Z", "\"player\":\"p\"");
    kit_event(&kit, "r1", "registered", "p", "2026-06-03T10:00:00Z", "");
    kit_settle(&kit);
    TIMES(effects, "\"effect\":\"credit\"", 2);
    kit_effect_id(&kit, "\"effect\":\"credit\"", 1, id);
    assert_int_equal(strncmp(id, "abcd000000", 10) == 0, !erased);
    struct engine_budget budget;
    assert_true(engine_budget(kit.engine, 0, &budget));
    assert_int_equal(budget.reserved + budget.spent, erased ? 500 + 500 + 700 : 500 + 700);
    kit_close(&kit);
}

static void test_lost_credits(void **state)
{
    (void)state; /* promise P2 P4 X2 */
    lost_and_erased(false);
    lost_and_erased(true);
}

static void test_words(void **state)
{
    (void)state;
    struct kit kit;
    struct record record;
    struct error error = ERROR_NONE;
    kit_open(&kit, SOURCE, 1);
    static const char both[] = "{\"kind\":\"suppress\",\"id\":\"1\",\"at\":\"2026-06-02T10:00:00Z\",\"player\":\"p\","
                               "\"contact\":\"a@b\"}";
    assert_int_equal(intake_line(kit.intake, both, strlen(both), &record, &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "names either a `player` or a `contact`"));
    static const char none[] = "{\"kind\":\"unsuppress\",\"id\":\"1\",\"at\":\"2026-06-02T10:00:00Z\"}";
    assert_int_equal(intake_line(kit.intake, none, strlen(none), &record, &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "names either a `player` or a `contact`"));
    static const char blank[] =
        "{\"kind\":\"suppress\",\"id\":\"1\",\"at\":\"2026-06-02T10:00:00Z\",\"contact\":\"  \"}";
    assert_int_equal(intake_line(kit.intake, blank, strlen(blank), &record, &error), STATUS_INVALID);
    assert_non_null(strstr(error.message, "email address"));
    kit_close(&kit);
}

/* The value itself is nowhere in the record; another key gives another hash. */
static void test_hashes(void **state)
{
    (void)state;
    struct crypto_key key = contact_key(TEXT("w"), NULL), other = contact_key(TEXT("v"), NULL);
    uint8_t secret[32] = {1};
    struct crypto_key keyed = contact_key(TEXT("w"), secret);
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"a@b.c", "A@B.C", true},
        {" a@b.c\t", "a@b.c", true},
        {"a@b.c", "a@b.d", false},
        {"+356 21 23-4567", "+35621234567", true},
        {"021234567", "+021234567", false},
        {"12 34", "1234", false},
        {"a b", "ab", false},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        uint8_t a[16], b[16], c[16], d[16];
        assert_true(contact_hash(a, &key, text_of(pairs[i].a)) && contact_hash(b, &key, text_of(pairs[i].b)));
        assert_int_equal(memcmp(a, b, 16) == 0, pairs[i].same);
        assert_true(contact_hash(c, &other, text_of(pairs[i].a)) && contact_hash(d, &keyed, text_of(pairs[i].a)));
        assert_memory_not_equal(a, c, 16);
        assert_memory_not_equal(a, d, 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erased_and_back), cmocka_unit_test(test_books_stay), cmocka_unit_test(test_lost_credits),
        cmocka_unit_test(test_words),           cmocka_unit_test(test_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
