/*
 * Money of several currencies in the running engine: what effects say, what budgets count when rates change, what happens to a player's
 * currency when the workspace declares its currencies in another order.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define WORKSPACE(currencies)                               \
    "workspace \"money\"\n"                                 \
    "  product   casino\n"                                  \
    "  currency  " currencies "\n"                          \
    "  use       events\n  use attributes\n  use actions\n" \
    "end\n"
#define RATES(version, number) \
    "rates \"ecb\"\n  version \"" version "\"\n  rate EUR to PLN " number "\n  rate EUR to JPY 163.31\nend\n"
#define CAMPAIGN                                                             \
    "campaign \"C\"\n  product casino\n  currency EUR\n"                     \
    "  budget\n    total 100 EUR\n    per player 60 EUR\n  end\n"            \
    "  start on registration\n"                                              \
    "  offer bonus \"gift\"\n    amount 20 EUR\n    wagering 10x of bonus\n" \
    "    pays in the player's currency by \"ecb\"\n  end\n"                  \
    "  step \"One\"\n"                                                       \
    "    credit \"gift\", otherwise finish as \"NO\"\n"                      \
    "    wait up to 9 days\n"                                                \
    "      when deposit where amount in EUR by \"ecb\" is at least 20 EUR\n" \
    "        remember worth as deposit.amount in EUR by \"ecb\"\n"           \
    "        credit \"gift\" as \"again\", otherwise finish as \"NO\"\n"     \
    "        finish as \"PAID\"\n"                                           \
    "      when time is up  finish as \"LATE\"\n"                            \
    "    end\n  end\nend\n"

static void currency(struct kit *kit, const char *player, const char *code)
{
    char value[16];
    (void)snprintf(value, sizeof value, "\"%s\"", code);
    kit_set(kit, player, "2026-06-01T09:00:00Z", "currency", value);
}

static void reply(struct kit *kit, const char *effect, const char *at, const char *status)
{
    char line[256];
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"reply\",\"id\":\"r-%s\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"}", effect,
                   effect, at, status);
    kit_line(kit, line);
}

static int64_t left(const struct kit *kit, int64_t *spent, int64_t *reserved)
{
    struct engine_budget books;
    assert_true(engine_budget(kit->engine, 0, &books));
    *spent = books.spent;
    *reserved = books.reserved;
    return books.cap - books.spent - books.reserved;
}

static void the_effect_says_what_is_paid_and_by_which_rates(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WORKSPACE("EUR, PLN, JPY") RATES("1", "4.2651") CAMPAIGN, 1);
    currency(&kit, "p1", "PLN");
    kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
    kit_event(&kit, "e2", "registration", "p2", "2026-06-01T10:00:00Z", "");
    kit_settle(&kit);
    assert_int_equal(
        kit_count(&kit.effects,
                  "\"amount\":\"85.30 PLN\",\"cost\":\"20.00 EUR\",\"paid\":\"85.30 PLN\",\"target\":\"853.00 PLN\""),
        1);
    assert_int_equal(kit_count(&kit.effects, "\"amount\":\"20.00 EUR\",\"cost\":\"20.00 EUR\",\"paid\":\"20.00 EUR\""),
                     1);
    assert_int_equal(kit_count(&kit.effects, "\"rates\":[{\"name\":\"ecb\",\"version\":\"1\",\"content\":\""), 2);
    kit_close(&kit);
}

/* Reserved, committed and released at the cost it was granted with, whatever the rates have become; and running journeys convert by
 * the rates of today, on one shard and on seven, through a restart. */
static void rates_change_while_a_credit_is_open(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, WORKSPACE("EUR, PLN, JPY") RATES("1", "4.2651") CAMPAIGN, shards);
        currency(&kit, "p1", "PLN");
        currency(&kit, "p2", "PLN");
        kit_event(&kit, "e1", "registration", "p1", "2026-06-01T10:00:00Z", "");
        kit_event(&kit, "e2", "registration", "p2", "2026-06-01T10:00:00Z", "");
        kit_settle(&kit);
        int64_t spent, reserved;
        assert_int_equal(left(&kit, &spent, &reserved), 6000);
        assert_int_equal(reserved, 4000);
        char first[33], second[33];
        kit_effect_id(&kit, "\"player\":\"p1\"", 0, first);
        kit_effect_id(&kit, "\"player\":\"p2\"", 0, second);
        kit_activate(&kit, WORKSPACE("EUR, PLN, JPY") RATES("2", "5") CAMPAIGN, INT64_C(1780315200000)); /* 12:00 */
        reply(&kit, first, "2026-06-01T13:00:00Z", "credited");
        reply(&kit, second, "2026-06-01T13:00:00Z", "failed");
        kit_settle(&kit);
        assert_int_equal(left(&kit, &spent, &reserved), 8000);
        assert_int_equal(spent, 2000);
        assert_int_equal(reserved, 0);
        kit_restart(&kit, &store, 8 - shards);
        /* 100 PLN are 20 EUR by now, and were 23.44. */
        kit_event(&kit, "d1", "deposit", "p1", "2026-06-01T14:00:00Z",
                  "\"amount\":\"99.99 PLN\",\"first\":true,\"method\":\"card\"");
        kit_event(&kit, "d2", "deposit", "p1", "2026-06-01T15:00:00Z",
                  "\"amount\":\"100.00 PLN\",\"first\":true,\"method\":\"card\"");
        kit_settle(&kit);
        assert_int_equal(kit_count(&kit.effects, "\"amount\":\"100.00 PLN\",\"cost\":\"20.00 EUR\""), 1);
        assert_int_equal(kit_count(&kit.effects, "\"at\":\"2026-06-01T15:00:00.000Z\""),
                         2); /* it, and that it is active */
        assert_int_equal(kit_count(&kit.effects, "\"version\":\"2\""), 1);
        assert_int_equal(left(&kit, &spent, &reserved), 6000);
        kit_close(&kit);
        store_close(&store);
    }
}

/* A player's currency is kept by its code: other places in the workspace's list change nothing, and one that is gone is unknown. */
static void a_currency_is_known_by_its_code(void **state)
{
    (void)state;
    struct kit kit;
    kit_open(&kit, WORKSPACE("EUR, PLN, JPY") RATES("1", "4.2651") CAMPAIGN, 1);
    currency(&kit, "p1", "PLN");
    currency(&kit, "p2", "JPY");
    kit_settle(&kit);
    kit_activate(&kit, WORKSPACE("USD, JPY, PLN, EUR") RATES("1", "4.2651") CAMPAIGN, INT64_C(1780315200000));
    kit_event(&kit, "e1", "registration", "p1", "2026-06-02T10:00:00Z", "");
    kit_event(&kit, "e2", "registration", "p2", "2026-06-02T10:00:00Z", "");
    kit_settle(&kit);
    assert_int_equal(kit_count(&kit.effects, "\"amount\":\"85.30 PLN\""), 1);
    assert_int_equal(kit_count(&kit.effects, "\"amount\":\"3266 JPY\""), 1);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_effect_says_what_is_paid_and_by_which_rates),
        cmocka_unit_test(rates_change_while_a_credit_is_open),
        cmocka_unit_test(a_currency_is_known_by_its_code),
    };
    return cmocka_run_group_tests_name("engine: money of several currencies", tests, NULL, NULL);
}
