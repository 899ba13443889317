/*
 * The summary that closes a run: word for word for people, and the same figures as JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "runtime/lab/summary.h"
#include "tests/kit/engine_kit.h"

static const char SOURCE[] =
    "workspace \"Summary\"\n  product casino\n  currency EUR\n  channel email, inbox\n  timezone \"UTC\"\n  use "
    "events\n  use actions\nend\n"
    "attribute email_ok yes or no, otherwise no\n"
    "policy \"Consent\"\n  send email about casino only to players where email_ok is yes\n  send inbox about casino to "
    "everyone\nend\n"
    "message \"m\"\n  about casino\n  inbox \"en\" \"m\"\n  email \"en\" \"m\"\nend\n"
    "budget \"pool\"\n  total 40 EUR\nend\n"
    "campaign \"Paid\"\n  product casino\n  currency EUR\n  start on deposit\n  enter every time\n"
    "  goal within 7 days on session\n"
    "  budget\n    from \"pool\"\n    total 20 EUR\n    per player 12 EUR\n    when empty go on without rewards\n  "
    "end\n"
    "  offer cash \"tenth\"\n    amount 10% of deposit.amount, at most 10 EUR\n    wagering none\n  end\n"
    "  step \"S\"\n    split \"half-2026\"\n      50% \"A\"  go on\n      50% \"B\"  go on\n    end\n"
    "    send email \"m\", otherwise send inbox \"m\"\n    credit \"tenth\", otherwise finish as "
    "\"NO_MONEY\"\n"
    "    wait 1 day\n    finish as \"DONE\"\n  end\nend\n"
    "campaign \"Quiet\"\n  product casino\n  currency EUR\n  start on registration\n"
    "  step \"S\"\n    wait 1 day\n    finish as \"DONE\"\n  end\nend\n";

static void fold(struct kit *kit)
{
    kit_open(kit, SOURCE, 3);
    kit_line(kit, "{\"kind\":\"attributes\",\"id\":\"a1\",\"player\":\"p1\",\"at\":\"2026-06-01T00:00:00Z\",\"set\":{"
                  "\"email_ok\":true}}");
    static const char *const players[] = {"p1", "p1", "p2", "p3"};
    char id[8];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(id, sizeof id, "d%u", i);
        kit_event(kit, id, "deposit", players[i], "2026-06-01T10:00:00Z",
                  "\"amount\":\"90 EUR\",\"first\":false,\"method\":\"card\"");
    }
    kit_event(kit, "s1", "session.started", "p2", "2026-06-01T12:00:00Z", "");
    kit_event(kit, "r1", "registered", "p2", "2026-06-01T12:00:00Z", "");
    kit_tick(kit, "2026-06-01T18:00:00Z");
    kit_settle(kit);
}

static void for_people(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer out = BUFFER_EMPTY;
    fold(&kit);
    summary_print(&out, kit.engine, (struct summary_style){.colour = false});
    assert_string_equal(
        buffer_as_string(&out),
        "Paid\n"
        "  entered   3   waiting 2   reached the goal 1 (33.3%)\n"
        "  split     \"half-2026\"  A 1, 0 reached the goal (0.0%)   B 2, 1 (50.0%)\n"
        "  finished  NO_MONEY 1\n"
        "  messages  inbox 2   email 1\n"
        "  credits   tenth 2 for 18 EUR\n"
        "  budget    18 EUR of 20 EUR  ██████████████████░░ (90.0%)\n"
        "  refused   SKIPPED_NO_CONSENT 2   ALREADY_RUNNING (entry) 1   BUDGET (total) 1\n"
        "  proven    at most 12 EUR on a player; the largest was 9 EUR. At most 20 EUR in all; it was 18 EUR\n"
        "\n"
        "Quiet\n"
        "  entered   1   waiting 1\n"
        "\n"
        "Shared budget \"pool\"\n"
        "  used      18 EUR of 40 EUR  █████████░░░░░░░░░░░ (45.0%)\n");
    buffer_deinit(&out);
    kit_close(&kit);
}

static void colours_are_asked_for(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer plain = BUFFER_EMPTY, coloured = BUFFER_EMPTY;
    fold(&kit);
    summary_print(&plain, kit.engine, (struct summary_style){.colour = false});
    summary_print(&coloured, kit.engine, (struct summary_style){.colour = true});
    assert_int_equal(kit_count(&plain, "\033"), 0);
    assert_true(kit_count(&coloured, "\033[1mPaid\033[0m") == 1);
    buffer_deinit(&plain);
    buffer_deinit(&coloured);
    kit_close(&kit);
}

static long long number_at(const json_t *value, const char *name)
{
    const json_t *member = json_object_get(value, name);
    assert_true(json_is_integer(member));
    return json_integer_value(member);
}

static void for_programs(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer out = BUFFER_EMPTY;
    fold(&kit);
    summary_print(&out, kit.engine, (struct summary_style){.json = true});
    json_error_t error;
    json_t *all = json_loads(buffer_as_string(&out), JSON_REJECT_DUPLICATES, &error);
    if (all == NULL) fail_msg("%s\n%s", error.text, buffer_as_string(&out));
    assert_int_equal(json_array_size(all), 2);
    const json_t *paid = json_array_get(all, 0);
    assert_string_equal(json_string_value(json_object_get(paid, "campaign")), "Paid");
    assert_string_equal(json_string_value(json_object_get(paid, "currency")), "EUR");
    assert_int_equal(number_at(paid, "entered"), 3);
    assert_int_equal(number_at(paid, "waiting"), 2);
    assert_int_equal(number_at(paid, "converted"), 1);
    assert_int_equal(number_at(paid, "largest_player_spend"), 900);
    const json_t *budget = json_object_get(paid, "budget");
    assert_int_equal(number_at(budget, "cap"), 2000);
    assert_int_equal(number_at(budget, "reserved") + number_at(budget, "spent"), 1800);
    const json_t *credit = json_array_get(json_object_get(paid, "credits"), 0);
    assert_int_equal(number_at(credit, "count"), 2);
    assert_int_equal(number_at(credit, "minor_units"), 1800);
    assert_int_equal(number_at(json_object_get(paid, "proven"), "player"), 1200);
    const json_t *splits = json_object_get(paid, "splits");
    assert_int_equal(json_array_size(splits), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(splits, 1), "split")), "half-2026");
    assert_string_equal(json_string_value(json_object_get(json_array_get(splits, 1), "arm")), "B");
    assert_int_equal(number_at(json_array_get(splits, 1), "exposed"), 2);
    assert_int_equal(number_at(json_array_get(splits, 1), "converted"), 1);
    const json_t *quiet = json_array_get(all, 1);
    assert_int_equal(json_array_size(json_object_get(quiet, "splits")), 0);
    assert_int_equal(number_at(quiet, "entered"), 1);
    assert_int_equal(number_at(json_object_get(quiet, "budget"), "cap"), -1);
    json_decref(all);
    buffer_deinit(&out);
    kit_close(&kit);
}

/* Without a `total` there is no account of the whole, but what was spent is still told. */
static void without_a_total(void **state)
{
    (void)state;
    struct kit kit;
    struct buffer out = BUFFER_EMPTY;
    kit_open(
        &kit,
        "workspace \"Summary\"\n  product casino\n  currency EUR\n  channel inbox\n  timezone \"UTC\"\n  use events\n  "
        "use actions\nend\n"
        "campaign \"Open\"\n  product casino\n  currency EUR\n  start on deposit\n"
        "  offer cash \"five\"\n    amount 5 EUR\n    wagering none\n  end\n  budget\n    per player 5 EUR\n  end\n"
        "  step \"S\"\n    credit \"five\", otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n",
        1);
    kit_event(&kit, "d1", "deposit", "p1", "2026-06-01T10:00:00Z",
              "\"amount\":\"90 EUR\",\"first\":false,\"method\":\"card\"");
    kit_settle(&kit);
    summary_print(&out, kit.engine, (struct summary_style){.colour = false});
    if (kit_count(&out, "it was 5 EUR") != 1) fail_msg("%s", buffer_as_string(&out));
    buffer_deinit(&out);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_people),
        cmocka_unit_test(colours_are_asked_for),
        cmocka_unit_test(for_programs),
        cmocka_unit_test(without_a_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
