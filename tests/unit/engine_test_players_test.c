/*
 * Test players: they run live and their effects say so, and nothing that is counted counts them: budgets, numbers of players, figures,
 * experiments, journeys that wait; also when a player becomes one, or stops being one, in the middle of a journey.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char source[] =
    "campaign \"C\"\n  product casino\n  currency EUR\n"
    "  budget\n    total 50 EUR\n    per player 20 EUR\n  end\n"
    "  start on registration\n"
    "  enter once per player, at most 2 players\n"
    "  goal within 9 days on deposit\n"
    "  offer cash \"gift\"\n    amount 20 EUR\n    wagering none\n  end\n"
    "  step \"One\"\n"
    "    split \"half\"\n      50% \"A\"  go to \"Two\"\n      50% \"B\"  go to \"Two\"\n    end\n"
    "  end\n"
    "  step \"Two\"\n"
    "    credit \"gift\", otherwise finish as \"NO\"\n"
    "    wait 5 days\n"
    "    finish as \"PAID\"\n  end\nend\n";

static struct engine_campaign_summary seen;

static void keep(void *context, const struct engine_campaign_summary *summary)
{
    (void)context;
    seen = *summary; /* Its lists are gone afterwards; only the counts are looked at. */
}

static void set_test(struct kit *kit, const char *id, const char *player, const char *at, bool test)
{
    char line[256];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"attributes\",\"id\":\"%s\",\"player\":\"%s\",\"at\":\"%s\","
                   "\"set\":{\"test_player\":%s,\"age_verified\":true}}",
                   id, player, at, test ? "true" : "false");
    kit_line(kit, line);
}

static void nothing_counts_a_test_player(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, source, 1);
    for (int i = 0; i < 5; i++) {
        char id[16], player[16];
        (void)snprintf(player, sizeof player, "t%d", i);
        (void)snprintf(id, sizeof id, "a%d", i);
        set_test(&kit, id, player, "2026-06-01T09:00:00Z", true);
        (void)snprintf(id, sizeof id, "e%d", i);
        kit_event(&kit, id, "registration", player, "2026-06-01T10:00:00Z", "");
    }
    set_test(&kit, "a9", "p", "2026-06-01T09:00:00Z", false);
    kit_event(&kit, "e9", "registration", "p", "2026-06-01T11:00:00Z", "");
    kit_event(&kit, "d9", "deposit", "t1", "2026-06-01T12:00:00Z",
              "\"amount\":\"5 EUR\",\"first\":true,\"method\":\"card\"");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"test\":true"), 5);
    assert_int_equal(kit_count(&kit.effects, "\"amount\":\"20.00 EUR\",\"cost\":\"20.00 EUR\""), 6);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"exposure\""), 1);
    assert_int_equal(kit_count(&kit.notes, "\"note\":\"reserved\""), 1);
    struct engine_budget books;
    assert_true(engine_budget(kit.engine, 0, &books));
    assert_int_equal(books.reserved, 2000);
    assert_true(engine_summary(kit.engine, keep, NULL));
    assert_int_equal(seen.entered, 1);
    assert_int_equal(seen.waiting, 1);
    assert_int_equal(seen.converted, 0);
    assert_int_equal(seen.largest_player_spend, 2000);
    kit_tick(&kit, "2026-06-20T00:00:00Z");
    kit_settle(&kit);
    assert_true(engine_summary(kit.engine, keep, NULL));
    assert_int_equal(seen.waiting, 0);
    assert_int_equal(seen.finished_count, 1);
    kit_close(&kit);
}

/* The wallet's answer to a test is taken, and moves no money. */
static void the_wallet_answers_a_test(void **state)
{
    (void)state;
    struct kit kit;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(memory_store_open(&store, &error), OK);
    kit_open(&kit, source, 7);
    set_test(&kit, "a1", "t", "2026-06-01T09:00:00Z", true);
    kit_event(&kit, "e1", "registration", "t", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    char id[33], line[200];
    kit_effect_id(&kit, "\"player\":\"t\"", 0, id);
    kit_restart(&kit, &store, 1);
    set_test(&kit, "a2", "t", "2026-06-01T10:30:00Z", false);
    kit_settle(&kit);
    assert_true(engine_summary(kit.engine, keep, NULL));
    assert_int_equal(seen.waiting, 1); /* He is a player like all others from now on. */
    (void)snprintf(
        line, sizeof line,
        "{\"kind\":\"reply\",\"id\":\"r\",\"effect\":\"%s\",\"at\":\"2026-06-01T11:00:00Z\",\"status\":\"credited\"}",
        id);
    kit_line(&kit, line);
    kit_settle(&kit);
    struct engine_budget books;
    assert_true(engine_budget(kit.engine, 0, &books));
    assert_int_equal(books.reserved + books.spent, 0);
    kit_close(&kit);
    store_close(&store);
}

static const char claimed[] =
    "campaign \"Claims\"\n  product casino\n  currency EUR\n"
    "  budget\n    total 50 EUR\n  end\n"
    "  start on registration\n"
    "  offer bonus \"short\"\n    amount 20 EUR\n    wagering none\n    claim within 3 days\n  end\n"
    "  step \"Give\"\n    credit \"short\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n";

/* What was offered to a test player took nothing from the budget, so it is no money either when he claims it as a player like others; and
 * what a player was offered is money that is reserved, also where he has become a test player. */
static void a_claim_is_what_was_granted(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, claimed, 1);
    set_test(&kit, "a1", "t", "2026-06-01T09:00:00Z", true);
    set_test(&kit, "a2", "q", "2026-06-01T09:00:00Z", false);
    kit_event(&kit, "e1", "registration", "t", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "e2", "registration", "q", "2026-06-01T10:00:00Z", "");
    set_test(&kit, "a3", "t", "2026-06-01T11:00:00Z", false);
    set_test(&kit, "a4", "q", "2026-06-01T11:00:00Z", true);
    kit_event(&kit, "c1", "reward.claimed", "t", "2026-06-01T12:00:00Z", "\"offer\":\"short\"");
    kit_event(&kit, "c2", "reward.claimed", "q", "2026-06-01T12:00:00Z", "\"offer\":\"short\"");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"effect\":\"credit\""), 2);
    buffer_append(&kit.effects, "", 1); /* it ends with a NUL */
    assert_true(buffer_ok(&kit.effects));
    const char *text = (const char *)kit.effects.bytes;
    for (const char *at = text; (at = strstr(at, "\"effect\":\"credit\"")) != NULL; at++) {
        const char *end = strchr(at, '\n'), *test = strstr(at, "\"test\":true"), *of_t = strstr(at, "\"player\":\"t\"");
        bool is_test = test != NULL && test < end, is_t = of_t != NULL && of_t < end;
        assert_int_equal(is_test, is_t);
    }
    struct engine_budget books;
    assert_true(engine_budget(kit.engine, 0, &books));
    assert_int_equal(books.reserved + books.spent, 2000);
    assert_true(engine_summary(kit.engine, keep, NULL));
    assert_int_equal(seen.credits_count, 1);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_counts_a_test_player),
        cmocka_unit_test(the_wallet_answers_a_test),
        cmocka_unit_test(a_claim_is_what_was_granted),
    };
    return cmocka_run_group_tests_name("engine: test players", tests, NULL, NULL);
}
