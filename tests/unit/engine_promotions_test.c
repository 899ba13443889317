/*
 * Where promotions meet: codes and what they brought, rewards and erasure, counts of grants and the wallet's refusal, points that go with
 * several rewards at once. Each story is of two parts of the engine that keep their own books.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/wallet.h"
#include "vm/code_word.h"
#include "vm/crypto.h"

#define WORKSPACE                                                              \
    "workspace \"W\"\n  product  casino\n  currency EUR\n  timezone \"UTC\"\n" \
    "  use events, attributes, actions\nend\n"
#define LETTERS "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

static void ask(struct kit *kit, const char *id, const char *event, const char *at, const char *pool, const char *code)
{
    char line[400];
    (void)snprintf(
        line, sizeof line,
        "{\"event\":\"%s\",\"id\":\"%s\",\"player\":\"a\",\"at\":\"%s\",\"data\":{\"codes\":\"%s\",\"code\":\"%s\"}}",
        event, id, at, pool, code);
    kit_line(kit, line);
}

static void reply(struct kit *kit, const char *record, const char *effect, const char *at, const char *status)
{
    char line[256];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"reply\",\"id\":\"%s\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"}", record,
                   effect, at, status);
    kit_line(kit, line);
}

/* ---------------------------------------------------------------- codes */

#define POOL(make)                           \
    WORKSPACE "codes \"once\"\n  make " make \
              "\n  hold 2 hours\n  lock 60 minutes after 3 wrong tries in 10 minutes\nend\n"

/* A code that is held, in a pool that has fewer codes now: it is no code any more. */
static void a_wallet_of_a_code_that_is_none_any_more(void **state)
{
    (void)state;
    struct kit kit;
    struct code_word word;
    char code[CODE_WORD_SIZE + 1];
    struct crypto_key identity = crypto_derive_key(TEXT("W"), TEXT("effect identity"));
    struct crypto_key key = code_word_key(&identity, TEXT("once"));
    assert_int_equal(
        code_word_make(&word, TEXT("T-????????????"), TEXT(LETTERS), (struct code_reading){true, true, true}),
        CODE_WORD_FINE);
    code[code_word_nth(code, &word, &key, 800000000)] = 0;
    kit_open(&kit, POOL("900,000,000 like \"T-????????????\" from \"" LETTERS "\""), 1);
    ask(&kit, "h1", "code.held", "2026-06-01T10:00:00Z", "once", code);
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 1);
    kit_activate(&kit, POOL("1 like \"T-?????\" from \"" LETTERS "\""), INT64_C(1780309800000));
    struct buffer out = BUFFER_EMPTY;
    wallet_json(kit.engine, TEXT(""), TEXT("a"), &out);
    assert_true(out.size > 0);
    buffer_deinit(&out);
    kit_close(&kit);
}

#define BRINGS(offers, credits)                                                                                        \
    WORKSPACE "codes \"spring\"\n  fixed \"SPRING\"\n  each player at most 1 times\nend\n"                             \
              "campaign \"C\"\n  product casino\n  currency EUR\n  budget\n    total 100 EUR\n    per player 60 EUR\n" \
              "  end\n  start on code_redeemed of \"spring\"\n  enter every time\n" offers "  step \"One\"\n" credits  \
              "    finish as \"DONE\"\n  end\nend\n"
#define CASH(name) "  offer cash \"" name "\"\n    amount 20 EUR\n  end\n"

/* What was paid is paid, whatever the program says now: the code stays used. */
static void a_code_that_paid_stays_used_under_another_program(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, BRINGS(CASH("gift"), "    credit \"gift\"\n"), 1);
    ask(&kit, "r1", "code.entered", "2026-06-01T10:00:00Z", "spring", "SPRING");
    kit_settle(&kit);
    char id[33];
    kit_effect_id(&kit, "\"gift\"", 0, id);
    reply(&kit, "w1", id, "2026-06-01T10:05:00Z", "credited");
    kit_settle(&kit);
    kit_activate(&kit, BRINGS(CASH("present"), "    credit \"present\"\n"), INT64_C(1780309800000));
    ask(&kit, "r2", "code.rolled_back", "2026-06-01T11:00:00Z", "spring", "SPRING");
    ask(&kit, "r3", "code.entered", "2026-06-01T12:00:00Z", "spring", "SPRING");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ROLLBACK_REFUSED\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"PLAYER_LIMIT\""), 1);
    kit_close(&kit);
}

/* What the wallet refused was never paid: the code may be taken back. */
static void a_code_whose_reward_failed_is_taken_back(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, BRINGS(CASH("gift"), "    credit \"gift\"\n"), 1);
    ask(&kit, "r1", "code.entered", "2026-06-01T10:00:00Z", "spring", "SPRING");
    kit_settle(&kit);
    char id[33];
    kit_effect_id(&kit, "\"gift\"", 0, id);
    reply(&kit, "w1", id, "2026-06-01T10:05:00Z", "failed");
    ask(&kit, "r2", "code.rolled_back", "2026-06-01T11:00:00Z", "spring", "SPRING");
    ask(&kit, "r3", "code.entered", "2026-06-01T12:00:00Z", "spring", "SPRING");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"ROLLBACK_REFUSED\""), 0);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 3);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- counts of grants */

#define ONCE(kind, more)                                                                                               \
    WORKSPACE "campaign \"C\"\n  product casino\n  currency EUR\n  budget\n    total 100 EUR\n    per player 60 EUR\n" \
              "  end\n  start on session\n  enter every time, at most 5 at once\n"                                     \
              "  offer " kind " \"gift\"\n    amount 20 EUR\n" more "    grant once per player\n  end\n"               \
              "  step \"One\"\n    credit \"gift\"\n    finish as \"DONE\"\n  end\nend\n"

static void what_the_wallet_refused_is_not_counted(void **state)
{
    (void)state;
    static const char *const kinds[] = {ONCE("cash", ""), ONCE("bonus", ""),
                                        ONCE("gift_card", "    smallest_order 1 EUR\n")};
    for (size_t i = 0; i < 3; i++) {
        struct kit kit;
        kit_open(&kit, kinds[i], 1);
        kit_event(&kit, "s1", "session", "a", "2026-06-01T10:00:00Z", "");
        kit_event(&kit, "s2", "session", "a", "2026-06-01T10:01:00Z", "");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.notes, "\"ALREADY_GRANTED\""), 1);
        char id[33];
        kit_effect_id(&kit, "\"gift\"", 0, id);
        reply(&kit, "w1", id, "2026-06-01T10:05:00Z", "failed");
        kit_event(&kit, "s3", "session", "a", "2026-06-01T10:06:00Z", "");
        kit_event(&kit, "s4", "session", "a", "2026-06-01T10:07:00Z", "");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.notes, "\"ALREADY_GRANTED\""), 2);
        kit_close(&kit);
    }
}

/* ---------------------------------------------------------------- reversals */

#define LATER                                                                                                 \
    WORKSPACE                                                                                                 \
    "campaign \"C\"\n  product casino\n  currency EUR\n  budget\n    total 100 EUR\n    per player 60 EUR\n"  \
    "  end\n  start on deposit\n  enter every time, at most 5 at once\n"                                      \
    "  offer bonus \"match\"\n    amount 100% of deposit.amount, at most 50 EUR\n    wagering 30x of bonus\n" \
    "    revoke on deposit_reversed\n  end\n  step \"One\"\n    wait 1 hour\n"                                \
    "    credit \"match\", otherwise finish as \"NO\"\n    finish as \"YES\"\n  end\nend\n"

#define REVERSED(deposit)                                                                    \
    "\"deposit_id\":\"" deposit                                                              \
    "\",\"deposited_at\":\"2026-06-01T10:00:00Z\",\"amount\":\"20.00 EUR\",\"first\":false," \
    "\"method\":\"card\""

/* A bonus stands and falls with its deposit, also one that is credited only when that is gone. */
static void what_was_reversed_before_brings_nothing(void **state)
{
    (void)state;
    struct kit_runs runs = {0};
    for (int run = 0; run < 3; run++) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        static const char paid[] = "\"amount\":\"20.00 EUR\",\"first\":false,\"method\":\"card\"";
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, LATER, run == 1 ? 7 : 1);
        kit_event(&kit, "d1", "deposit", "a", "2026-06-01T10:00:00Z", paid);
        kit_event(&kit, "d2", "deposit", "a", "2026-06-01T10:00:00Z", paid);
        kit_event(&kit, "d3", "deposit", "b", "2026-06-01T10:00:00Z", paid);
        kit_event(&kit, "x1", "deposit.reversed", "a", "2026-06-01T10:30:00Z", REVERSED("d1"));
        kit_event(&kit, "x2", "deposit.reversed", "a", "2026-06-01T10:31:00Z", REVERSED("d3"));
        kit_settle(&kit);
        if (run == 2) kit_restart(&kit, &store, 3);
        kit_tick(&kit, "2026-06-01T12:00:00Z");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.notes, "\"REVERSED\""), 1); /* d1; d3 is not that player's. */
        assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 2);
        kit_runs_add(&runs, &kit);
        store_close(&store);
    }
    kit_runs_judge(&runs);
}

/* ---------------------------------------------------------------- erasure */

#define CLAIMED                                                                                               \
    WORKSPACE                                                                                                 \
    "campaign \"C\"\n  product casino\n  currency EUR\n  budget\n    total 20 EUR\n    per player 20 EUR\n"   \
    "  end\n  start on session\n"                                                                             \
    "  offer bonus \"gift\"\n    amount 20 EUR\n    claim within 48 hours\n    wagering 1x of bonus\n  end\n" \
    "  step \"One\"\n    credit \"gift\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n"

/* What an erased player was offered and never took costs nothing. */
static void an_offer_to_an_erased_player_costs_nothing(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, CLAIMED, 1);
    kit_event(&kit, "s1", "session", "a", "2026-06-01T10:00:00Z", "");
    kit_line(&kit, "{\"kind\":\"erase\",\"id\":\"x\",\"player\":\"a\",\"at\":\"2026-06-01T11:00:00Z\"}");
    kit_event(&kit, "s2", "session", "b", "2026-06-01T12:00:00Z", "");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"event\":\"bonus.offered\""), 2);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- suspended */

static void claim(struct kit *kit, const char *id, const char *at)
{
    char line[256];
    (void)snprintf(
        line, sizeof line,
        "{\"event\":\"reward.claimed\",\"id\":\"%s\",\"player\":\"a\",\"at\":\"%s\",\"data\":{\"offer\":\"gift\"}}", id,
        at);
    kit_line(kit, line);
}

/* A person stops what a campaign pays, what is claimed of it too; an empty budget does not: the claim has its part. */
static void a_claim_of_a_suspended_campaign(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, CLAIMED, 1);
    kit_event(&kit, "s1", "session", "a", "2026-06-01T10:00:00Z", "");
    kit_line(&kit, "{\"kind\":\"command\",\"id\":\"c1\",\"command\":\"suspend\",\"campaign\":\"C\",\"at\":\"2026-06-"
                   "01T10:10:00Z\"}");
    claim(&kit, "x1", "2026-06-01T10:20:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"SUSPENDED\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 0);
    kit_line(&kit, "{\"kind\":\"command\",\"id\":\"c2\",\"command\":\"resume\",\"campaign\":\"C\",\"at\":\"2026-06-"
                   "01T10:30:00Z\"}");
    kit_event(&kit, "s2", "session", "b", "2026-06-01T10:40:00Z", ""); /* The budget is empty. */
    claim(&kit, "x2", "2026-06-01T10:50:00Z");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"result\":\"OK\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 1);
    kit_close(&kit);
}

/* ---------------------------------------------------------------- points */

#define STARS(name)                                                                       \
    "  offer points \"" name "\"\n    amount 10\n    unit \"stars\"\n    wagering none\n" \
    "    expires 30 days after grant\n    cancel on withdrawal_requested\n  end\n"

/* Each of two rewards that go at once is told by itself: a platform that drops what it has heard of already misses none. */
static void points_of_two_rewards_go_at_once(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit,
             WORKSPACE
             "points \"stars\"\n  earn 1 per session\n  expires 40 days after grant\nend\n"
             "campaign \"T\"\n  product casino\n  currency EUR\n"
             "  start on points_taken_back\n  enter every time, at most 9 at once\n  step \"One\"\n"
             "    finish as \"TAKEN\"\n  end\nend\n"
             "campaign \"C\"\n  product casino\n  currency EUR\n  budget\n    total 100 EUR\n"
             "    per player 60 EUR\n  end\n  start on registration\n" STARS("one") STARS(
                 "two") "  step \"One\"\n    credit \"one\"\n    credit \"two\"\n    finish as \"DONE\"\n  end\nend\n",
             1);
    kit_event(&kit, "r1", "registration", "a", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "w1", "withdrawal_requested", "a", "2026-06-01T12:00:00Z", "\"amount\":\"5.00 EUR\"");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"event\":\"points.taken_back\""), 2);
    assert_int_equal(kit_count(&kit.notes, "\"as\":\"TAKEN\""), 2);
    char first[33], second[33];
    kit_effect_id(&kit, "\"event\":\"points.taken_back\"", 0, first);
    kit_effect_id(&kit, "\"event\":\"points.taken_back\"", 1, second);
    assert_string_not_equal(first, second);
    kit_close(&kit);
}

/* Two of a kind in one instant are two events, each under its own id. */
static void points_spent_twice_in_one_instant(void **state)
{
    (void)state;
    struct kit kit;
    char first[33], second[33];
    kit_open(&kit, WORKSPACE "points \"stars\"\n  earn 10 per session\n  expires 40 days after grant\nend\n", 1);
    kit_event(&kit, "s1", "session", "a", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "k1", "points.spend", "a", "2026-06-01T11:00:00Z", "\"points\":\"stars\",\"amount\":3");
    kit_event(&kit, "k2", "points.spend", "a", "2026-06-01T11:00:00Z", "\"points\":\"stars\",\"amount\":3");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"event\":\"points.spent\""), 2);
    kit_effect_id(&kit, "\"event\":\"points.spent\"", 0, first);
    kit_effect_id(&kit, "\"event\":\"points.spent\"", 1, second);
    assert_string_not_equal(first, second);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wallet_of_a_code_that_is_none_any_more),
        cmocka_unit_test(a_code_that_paid_stays_used_under_another_program),
        cmocka_unit_test(a_code_whose_reward_failed_is_taken_back),
        cmocka_unit_test(what_the_wallet_refused_is_not_counted),
        cmocka_unit_test(what_was_reversed_before_brings_nothing),
        cmocka_unit_test(an_offer_to_an_erased_player_costs_nothing),
        cmocka_unit_test(a_claim_of_a_suspended_campaign),
        cmocka_unit_test(points_spent_twice_in_one_instant),
        cmocka_unit_test(points_of_two_rewards_go_at_once),
    };
    return cmocka_run_group_tests_name("engine: where promotions meet", tests, NULL, NULL);
}
