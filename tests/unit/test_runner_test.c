/*
 * The judge of `expect`: every form of the line holds where it should, and fails, with these words, where it should not. A judge that
 * cannot fail is worth nothing, so each form stands here twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compiler.h"
#include "runtime/lab/test_runner.h"
#include "vm/buffer.h"
#include "vm/crypto.h"

/* One campaign that does a little of everything: a message, a tag, an action, a credit, a budget, ends. */
static const char SOURCE[] =
    "workspace \"Judge\"\n  product casino\n  currency EUR\n  channel email, inbox\n  tag seen, lost\n  timezone "
    "\"Europe/Malta\"\n"
    "  use events\n  use actions\nend\n"
    "attribute vip yes or no, otherwise no\n"
    "attribute visits whole number, otherwise 0\n"
    "attribute rank ranked none, silver, gold, otherwise none\n"
    "attribute nick optional text up to 20\n"
    "attribute email_ok yes or no, otherwise no\n"
    "segment \"VIPs\" is players where vip is yes\n"
    "policy \"Consent\"\n  send email about casino only to players where email_ok is yes\n  send inbox about casino to "
    "everyone\nend\n"
    "action call\n  class other\n  takes reason text up to 20\n  takes times whole number\nend\n"
    "message \"hello\"\n  about casino\n  inbox \"en\" \"Hello\"\n  email \"en\" \"Hello\"\nend\n"
    "campaign \"Judged\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  budget\n    total 12 EUR\n    per player 10 EUR\n    when empty suspend the campaign\n  end\n"
    "  start on registration\n  enter once per player\n"
    "  offer bonus \"gift\"\n    amount 10%% of deposit.amount, at most 10 EUR\n    wagering 5x of bonus\n  end\n"
    "  step \"One\"\n    send inbox \"hello\"\n    send email \"hello\"\n    tag seen\n    do call with reason "
    "\"new\", times 3\n"
    "    split \"half\"\n      50%% \"A\"\n      50%% \"B\"\n    end\n"
    "    wait up to 3 days\n      when deposit where amount is at least 20 EUR  go to \"Pay\"\n"
    "      when time is up  finish as \"LATE\"\n    end\n  end\n"
    "  step \"Pay\"\n    credit \"gift\", otherwise finish as \"NO_GIFT\"\n    untag seen\n    finish as \"PAID\"\n  "
    "end\nend\n"
    "test \"judged\"\n%s\nend\n";

/* What most stories begin with. */
#define GIVEN  "  given a player where vip is yes and visits is 7 and rank is silver\n"
#define ENTERS GIVEN "  at 2026-06-10 12:00  registration\n"
#define PAID   ENTERS "  at +1 day  deposit where amount is 40 EUR\n"
#define TWO                                                                                                         \
    "  given players \"A\", \"B\" where vip is yes\n  at 2026-06-10 12:00  registration\n"                          \
    "  at +1 day  for \"A\"  deposit where amount is 100 EUR\n  at +2 days  for \"B\"  deposit where amount is 90 " \
    "EUR\n"

static void judge(const char *story, unsigned failed, const char *expected)
{
    struct buffer source = BUFFER_EMPTY;
    buffer_print(&source, SOURCE, story);
    struct compiler_output output;
    struct error error = ERROR_NONE;
    struct compiler_input input = {TEXT("judge.promo"), buffer_as_text(&source)};
    assert_int_equal(
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("judge")}, &error), OK);
    if (output.failed) {
        struct buffer words = BUFFER_EMPTY;
        diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
        fail_msg("%s", buffer_as_string(&words));
    }
    assert_int_equal(output.test_count, 1);
    struct arena arena;
    struct test_result result;
    arena_init(&arena, 64 * 1024 * 1024);
    if (test_run(&result, &output.tests[0], &output.program, buffer_as_text(&output.bundle), NULL, &arena, &error) !=
        OK)
        fail_msg("%s", error.message);
    if (result.failed != failed) {
        const struct test_failure *first = result.failures;
        fail_msg("%u failed, not %u\n%s\n%.*s\n%.*s", result.failed, failed, story,
                 TEXT_ARGS(first == NULL ? TEXT("") : first->expected),
                 TEXT_ARGS(first == NULL ? TEXT("") : first->happened));
    }
    if (failed > 0 &&
        memmem(result.failures->expected.at, result.failures->expected.size, expected, strlen(expected)) == NULL &&
        memmem(result.failures->happened.at, result.failures->happened.size, expected, strlen(expected)) == NULL) {
        fail_msg("expected: %.*s\nhappened: %.*s\nand not: %s", TEXT_ARGS(result.failures->expected),
                 TEXT_ARGS(result.failures->happened), expected);
    }
    arena_deinit(&arena);
    compiler_release(&output);
    buffer_deinit(&source);
}

static void holds(const char *story)
{
    judge(story, 0, "");
}
static void fails(const char *story, const char *expected)
{
    judge(story, 1, expected);
}

static void counts(void **state)
{
    (void)state;
    holds(PAID "  expect credit");
    fails(ENTERS "  expect credit", "at least one such credit, there was none");
    holds(ENTERS "  expect no credit");
    fails(PAID "  expect no credit", "no such credit, there was 1");
    holds(PAID "  expect exactly 1 time credit \"gift\"");
    fails(PAID "  expect exactly 2 times credit \"gift\"", "exactly 2, there was 1");
    holds(PAID "  expect at most 1 time credit \"gift\"");
    fails(TWO "  expect at most 1 time send inbox", "at most 1, there were 2");
    holds(ENTERS "  expect exactly 1 message");
    fails(ENTERS "  expect exactly 2 messages", "exactly 2, there was 1");
    holds(TWO "  expect at most 2 messages");
    fails(TWO "  expect at most 1 message", "at most 1, there were 2");
    holds(GIVEN "  at 2026-06-10 12:00  time passes\n  expect no message");
    fails(ENTERS "  expect no message", "no message, there was 1");
}

static void effects(void **state)
{
    (void)state;
    holds(ENTERS "  expect send inbox \"hello\"");
    fails(ENTERS "  expect send email \"hello\"", "at least one such message");
    holds(ENTERS "  expect send inbox");
    holds(ENTERS "  expect send");
    holds(ENTERS "  expect message");
    fails(GIVEN "  at 2026-06-10 12:00  time passes\n  expect message", "at least one message");
    holds(ENTERS "  expect tag seen");
    fails(ENTERS "  expect tag lost", "at least one such tag");
    holds(PAID "  expect untag seen");
    fails(ENTERS "  expect untag seen", "at least one such untag");
    holds(ENTERS "  expect do call");
    fails(GIVEN "  at 2026-06-10 12:00  time passes\n  expect do call", "at least one such action");
    holds(PAID "  expect finish as \"PAID\"");
    fails(PAID "  expect finish as \"LATE\"", "at least one such end");
    holds(ENTERS "  at +4 days  time passes\n  expect finish as \"LATE\"");
    holds(TWO "  expect exactly 1 time campaign_suspended");
    fails(PAID "  expect campaign_suspended", "at least one such event");
}

static void players_and_times(void **state)
{
    (void)state;
    holds(TWO "  expect credit \"gift\" for \"A\"");
    fails(TWO "  expect credit \"gift\" for \"B\"", "at least one such credit");
    holds(TWO "  expect no credit for \"B\" because BUDGET");
    holds(ENTERS "  expect send inbox \"hello\" at 2026-06-10 12:00");
    fails(ENTERS "  expect send inbox \"hello\" at 2026-06-10 12:01", "at least one such message");
    holds(PAID "  expect finish as \"PAID\" at +1 day");
    fails(PAID "  expect finish as \"PAID\" at +2 days", "at least one such end");
    /* Judged where it stands: what comes later has not happened. */
    holds(ENTERS "  expect no finish as \"LATE\"\n  at +3 days  time passes\n  expect finish as \"LATE\"");
    fails(ENTERS "  expect finish as \"LATE\"\n  at +3 days  time passes\n  expect finish as \"LATE\"",
          "at least one such end");
}

static void reasons(void **state)
{
    (void)state;
    holds(ENTERS "  expect no send email because SKIPPED_NO_CONSENT");
    fails(ENTERS "  expect no send email because BUDGET",
          "a refusal with this reason; no such message was made, but not for it");
    fails(ENTERS "  expect no send inbox because SKIPPED_NO_CONSENT", "no such message, there was 1");
    holds(ENTERS "  at +1 day  registration\n  expect no credit because ALREADY_RUNNING");
    holds(ENTERS "  at +4 days  time passes\n  expect no credit because \"LATE\"");
    fails(ENTERS "  at +4 days  time passes\n  expect no credit because \"PAID\"", "but not for it");
    fails(TWO "  expect no credit for \"A\" because BUDGET", "no such credit, there was 1");
    holds(TWO "  expect exactly 1 message for \"A\"");
    fails(TWO "  expect exactly 2 messages for \"A\"", "exactly 2, there was 1");
    fails(TWO "  expect exactly 2 messages at +1 day", "exactly 2, there were 0");
    holds(TWO "  at +3 days  for \"A\"  player.visits is 9\n  expect player.visits is 9 for \"A\"");
    fails(TWO "  at +3 days  for \"A\"  player.visits is 9\n  expect player.visits is 9 for \"B\"",
          "this to hold for \"B\"");
}

static void values(void **state)
{
    (void)state;
    holds(PAID "  expect credit where amount is 4 EUR");
    fails(PAID "  expect credit where amount is 5 EUR", "at least one such credit");
    holds(PAID "  expect credit where amount is not 5 EUR");
    fails(PAID "  expect credit where amount is not 4 EUR", "at least one");
    holds(PAID "  expect credit where amount is at least 4 EUR");
    fails(PAID "  expect credit where amount is at least 4.01 EUR", "at least one");
    holds(PAID "  expect credit where amount is at most 4 EUR");
    fails(PAID "  expect credit where amount is at most 3.99 EUR", "at least one");
    holds(PAID "  expect credit where amount is more than 3.99 EUR");
    fails(PAID "  expect credit where amount is more than 4 EUR", "at least one");
    holds(PAID "  expect credit where amount is less than 4.01 EUR");
    fails(PAID "  expect credit where amount is less than 4 EUR", "at least one");
    holds(PAID "  expect credit where amount is between 4 EUR and 5 EUR");
    fails(PAID "  expect credit where amount is between 4.01 EUR and 5 EUR", "at least one");
    holds(PAID "  expect credit where amount is one of 3 EUR, 4 EUR");
    fails(PAID "  expect credit where amount is one of 3 EUR, 5 EUR", "at least one");
    holds(PAID "  expect credit where amount is 4 EUR and target is 20 EUR and cost is 4 EUR");
    fails(PAID "  expect credit where amount is 4 EUR and target is 21 EUR", "at least one");
    fails(PAID "  expect credit where cost is 3 EUR", "at least one");
    holds(ENTERS "  expect do call where reason is \"new\" and times is 3");
    fails(ENTERS "  expect do call where reason is \"old\"", "at least one such action");
    holds(ENTERS "  expect do call where reason contains \"ne\"");
    fails(ENTERS "  expect do call where reason contains \"old\"", "at least one such action");
    fails(ENTERS "  expect do call where times is 4", "at least one such action");
}

static void conditions(void **state)
{
    (void)state;
    holds(ENTERS "  expect player.tags contains seen");
    fails(ENTERS "  expect player.tags contains lost", "this to hold; it is seen");
    holds(ENTERS "  expect player is in \"VIPs\"");
    fails(ENTERS "  expect player is not in \"VIPs\"", "this to hold");
    holds(ENTERS "  expect player.visits is at least 7");
    fails(ENTERS "  expect player.visits is less than 7", "this to hold; it is 7");
    holds(ENTERS "  expect player.rank is at least silver");
    fails(ENTERS "  expect player.rank is gold", "this to hold; it is silver");
    holds(ENTERS "  expect player.nick is not known");
    fails(ENTERS "  expect player.nick is known", "this to hold; it is not known");
    holds(ENTERS "  at +1 hour  player.visits is 9\n  expect player.visits is 9");
    holds(PAID "  expect left of budget is 8 EUR");
    fails(PAID "  expect left of budget is 9 EUR", "this to hold; there is 8 EUR");
    holds("  given left of budget is 3 EUR\n" PAID "  expect no credit because BUDGET");
    holds(GIVEN
          "  given arm of \"half\" is \"B\"\n  at 2026-06-10 12:00  registration\n  expect arm of \"half\" is \"B\"");
    fails(GIVEN
          "  given arm of \"half\" is \"B\"\n  at 2026-06-10 12:00  registration\n  expect arm of \"half\" is \"A\"",
          "this to hold; it is \"B\"");
}

static void the_proven_spend(void **state)
{
    (void)state;
    holds(ENTERS "  expect largest spend per player is 10 EUR");
    fails(ENTERS "  expect largest spend per player is 11 EUR", "this bound; the proven one is 10 EUR");
}

static void the_wallet(void **state)
{
    (void)state;
    holds(PAID "  expect left of budget is 8 EUR\n  at +2 days  wallet refuses \"gift\" because \"closed\"\n  expect "
               "left of budget is 12 EUR");
    fails(PAID "  at +2 days  wallet refuses \"gift\" because \"closed\"\n  expect left of budget is 8 EUR",
          "there is 12 EUR");
}

static void what_expects_nothing_fails(void **state)
{
    (void)state;
    fails(ENTERS, "this test expects nothing");
    fails("", "this test expects nothing");
}

static void every_failure_is_told(void **state)
{
    (void)state;
    judge(PAID "  expect no credit\n  expect tag lost\n  expect tag seen\n  expect finish as \"LATE\"", 3,
          "no such credit");
}

/* What happened last is told, and how much is left out. */
static void a_long_story_is_told_from_its_end(void **state)
{
    (void)state;
    fails("  given 20 players where vip is yes\n  at 2026-06-10 12:00  registration\n  expect tag lost",
          "(of what was made the last 12; ");
}

int main(void)
{
    struct error error = ERROR_NONE;
    if (crypto_start(&error) != OK) return 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(effects),
        cmocka_unit_test(players_and_times),
        cmocka_unit_test(reasons),
        cmocka_unit_test(values),
        cmocka_unit_test(conditions),
        cmocka_unit_test(the_wallet),
        cmocka_unit_test(the_proven_spend),
        cmocka_unit_test(what_expects_nothing_fails),
        cmocka_unit_test(every_failure_is_told),
        cmocka_unit_test(a_long_story_is_told_from_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
