/*
 * What is promised and not settled: credits that wait for the wallet, rewards that live, what falls away when; each once, and as the books have it.
 */
#include "tests/kit/engine_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/lab/liability_report.h"

#define SOURCE                                                                                                      \
    "workspace \"liability\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  use events\n"        \
    "  use attributes\n  use actions\nend\n"                                                                        \
    "campaign \"C\"\n  product casino\n  currency EUR\n  budget\n    total 1,000 EUR\n  end\n"                      \
    "  start on registration\n"                                                                                     \
    "  offer bonus \"gift\"\n    amount 20 EUR\n    wagering 10x of bonus\n    expires 3 days after grant\n  end\n" \
    "  offer cash \"money\"\n    amount 5 EUR\n  end\n"                                                             \
    "  step \"One\"\n    credit \"gift\", otherwise finish as \"NO\"\n    credit \"money\", otherwise finish as "   \
    "\"NO\"\n"                                                                                                      \
    "    finish as \"DONE\"\n  end\nend\n"

struct sums {
    uint32_t count[LIABILITY_KIND_COUNT];
    int64_t amount[LIABILITY_KIND_COUNT];
    uint32_t with_end;
};

static void add(void *context, const struct liability *liability)
{
    struct sums *sums = context;
    sums->count[liability->kind]++;
    sums->amount[liability->kind] += liability->amount;
    sums->with_end += liability->until != INT64_MAX;
    assert_memory_equal(liability->currency, "EUR", 3);
}

/* Checks that what is reserved is what the books say, whatever happened. */
static struct sums look(struct kit *kit)
{
    struct sums sums = {0};
    liability_each(kit->engine, add, &sums);
    struct engine_budget books;
    assert_true(engine_budget(kit->engine, 0, &books));
    assert_int_equal(sums.amount[LIABILITY_RESERVED], books.reserved);
    assert_int_equal(liability_booked(kit->engine, TEXT("C")), books.reserved);
    assert_true(sums.amount[LIABILITY_OPEN] <= books.spent);
    return sums;
}

static void reply(struct kit *kit, const char *player, const char *offer, const char *at, const char *status)
{
    char effect[33], line[256], what[160];
    /* The n-th line of the player: gift, then money. */
    (void)snprintf(what, sizeof what,
                   "\"player\":\"%s\",\"campaign\":\"C\",\"journey\":1,\"step\":\"One\",\"offer\":\"%s\"", player,
                   offer);
    kit_effect_id(kit, what, 0, effect);
    (void)snprintf(line, sizeof line,
                   "{\"kind\":\"reply\",\"id\":\"r-%s\",\"effect\":\"%s\",\"at\":\"%s\",\"status\":\"%s\"}", effect,
                   effect, at, status);
    kit_line(kit, line);
    kit_settle(kit);
}

static void report(struct kit *kit, bool by_day, enum liability_style style, const char *holds)
{
    struct buffer out = BUFFER_EMPTY;
    struct liability_sums sums;
    assert_true(liability_report(kit->engine, by_day, style, &out, &sums));
    assert_true(sums.ties);
    if (kit_count(&out, holds) != 1)
        fail_msg("`%s` is not once in:\n%.*s", holds, (int)out.size, (const char *)out.bytes);
    buffer_deinit(&out);
}

static void each_credit_is_told_once(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= 7; shards += 6) {
        struct kit kit;
        struct store store;
        struct error error = ERROR_NONE;
        assert_int_equal(memory_store_open(&store, &error), OK);
        kit_open(&kit, SOURCE, shards);
        report(&kit, false, LIABILITY_TEXT, "Nothing is promised");
        for (uint32_t i = 1; i <= 3; i++) {
            char player[8], id[8];
            (void)snprintf(player, sizeof player, "p%u", i);
            (void)snprintf(id, sizeof id, "e%u", i);
            kit_event(&kit, id, "registration", player, "2026-06-01T10:00:00Z", "");
        }
        kit_settle(&kit);
        struct sums sums = look(&kit);
        assert_int_equal(sums.count[LIABILITY_RESERVED], 6);
        assert_int_equal(sums.amount[LIABILITY_RESERVED], 7500);
        assert_int_equal(sums.count[LIABILITY_OPEN], 0);
        assert_int_equal(sums.with_end, 3);
        reply(&kit, "p1", "gift", "2026-06-01T11:00:00Z", "credited");
        reply(&kit, "p1", "money", "2026-06-01T11:00:00Z", "credited"); /* Paid out: no promise any more. */
        reply(&kit, "p2", "gift", "2026-06-01T11:00:00Z", "failed");    /* Nothing is owed. */
        kit_restart(&kit, &store, 8 - shards);
        sums = look(&kit);
        assert_int_equal(sums.count[LIABILITY_RESERVED], 3);
        assert_int_equal(sums.amount[LIABILITY_RESERVED], 3000);
        assert_int_equal(sums.count[LIABILITY_OPEN], 1);
        assert_int_equal(sums.amount[LIABILITY_OPEN], 2000);
        report(&kit, false, LIABILITY_TEXT,
               "\"gift\" of \"C\"   reserved 1 for 20 EUR   not played out 1 for 20 EUR   the next falls away on "
               "2026-06-04");
        report(&kit, false, LIABILITY_TEXT, "reserved 3 for 30 EUR   not played out 1 for 20 EUR   as in its books");
        report(&kit, true, LIABILITY_CSV, "\"C\",\"gift\",2026-06-04,1,20.00,1,20.00,EUR\r\n");
        report(&kit, true, LIABILITY_CSV, "\"C\",\"money\",,2,10.00,0,0.00,EUR\r\n");
        report(&kit, true, LIABILITY_JSON,
               "\"expires\":\"2026-06-04\",\"reserved\":{\"count\":1,\"amount\":\"20.00 EUR\"}");
        /* It expires: what the wallet has not answered stays reserved, without an end. */
        kit_tick(&kit, "2026-06-05T10:00:00Z");
        kit_settle(&kit);
        sums = look(&kit);
        assert_int_equal(sums.count[LIABILITY_OPEN], 0);
        assert_int_equal(sums.amount[LIABILITY_RESERVED], 3000);
        assert_int_equal(sums.with_end, 0);
        kit_close(&kit);
        store_close(&store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_credit_is_told_once),
    };
    return cmocka_run_group_tests_name("engine: liability", tests, NULL, NULL);
}
