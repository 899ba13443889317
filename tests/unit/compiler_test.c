/*
 * The compiler as a whole: what it proves of a campaign, that its output is reproducible, what the semantic hash sees and does
 * not see, and that thousands of damaged campaigns are refused or compiled, never worse (SEED=n replays one damage).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "compiler/compiler.h"
#include "vm/memory.h"

static const char welcome[] = "message \"hello\"\n"
                              "  about  casino\n"
                              "  inbox  \"en\" \"Hello\"\n"
                              "  email  \"en\" \"Hello\"\n"
                              "end\n"
                              "\n"
                              "campaign \"Welcome\"\n"
                              "  product   casino\n"
                              "  currency  GBP\n"
                              "  timezone  \"Europe/London\"\n"
                              "  budget\n"
                              "    total       200,000 GBP\n"
                              "    per player       50 GBP\n"
                              "  end\n"
                              "  start on registration\n"
                              "  only for players where age_verified is yes\n"
                              "  enter once per player\n"
                              "  offer bonus \"welcome\"\n"
                              "    amount    100% of deposit.amount, at most 50 GBP\n"
                              "    wagering  10x of bonus\n"
                              "  end\n"
                              "  offer bonus \"half\"\n"
                              "    amount    50% of deposit.amount, at most 25 GBP\n"
                              "    wagering  10x of bonus\n"
                              "  end\n"
                              "  offer free_spins \"spins\"\n"
                              "    spins     20\n"
                              "    value     0.10 GBP\n"
                              "    game      \"G-BOOK\"\n"
                              "    wagering  none\n"
                              "  end\n"
                              "  step \"Hello\"\n"
                              "    choose by registration.source\n"
                              "      when affiliate  send email \"hello\"\n"
                              "      otherwise       send inbox \"hello\"\n"
                              "    end\n"
                              "    wait up to 72 hours\n"
                              "      when deposit where amount is at least 10 GBP  go to \"Reward\"\n"
                              "      when time is up                               go to \"Second\"\n"
                              "    end\n"
                              "  end\n"
                              "  step \"Reward\"\n"
                              "    credit \"welcome\", otherwise finish as \"BUDGET\"\n"
                              "    finish as \"CONVERTED\"\n"
                              "  end\n"
                              "  step \"Second\"\n"
                              "    split \"c01-offer\"\n"
                              "      50% \"A\"  send email \"hello\"\n"
                              "      50% \"B\"  send inbox \"hello\"\n"
                              "    end\n"
                              "    wait up to 168 hours\n"
                              "      when deposit where amount is at least 10 GBP  go to \"Late\"\n"
                              "      when time is up                               finish as \"EXPIRED\"\n"
                              "    end\n"
                              "  end\n"
                              "  step \"Late\"\n"
                              "    choose by arm of \"c01-offer\"\n"
                              "      when \"A\"  credit \"half\", otherwise finish as \"BUDGET\"\n"
                              "      when \"B\"  credit \"spins\", otherwise finish as \"BUDGET\"\n"
                              "    end\n"
                              "    finish as \"LATE\"\n"
                              "  end\n"
                              "end\n"
                              "\n"
                              "test \"a deposit in time\"\n"
                              "  given a player \"A\" where age_verified is yes\n"
                              "  at 2026-06-10 12:00  registration\n"
                              "  at +50 hours         deposit where amount is 37.50 GBP\n"
                              "  expect credit \"welcome\" where amount is 37.50 GBP\n"
                              "end\n";

static struct compiler_output compile(const char *text)
{
    struct compiler_input input = {TEXT("welcome.promo"), text_of(text)};
    struct compiler_output out;
    struct error error = ERROR_NONE;
    enum status status =
        compiler_compile(&out, &input, 1, (struct compiler_options){.default_name = TEXT("Test")}, &error);
    if (status != OK) print_error("%s\n", error.message);
    assert_int_equal(status, OK);
    return out;
}

static struct compiler_output compile_sound(const char *text)
{
    struct compiler_output out = compile(text);
    if (out.failed) {
        struct buffer words;
        buffer_init(&words, 0);
        diagnostics_render(&out.diagnostics, DIAGNOSTIC_TEXT, &words);
        print_error("%s", buffer_as_string(&words));
        buffer_deinit(&words);
    }
    assert_false(out.failed);
    return out;
}

/* The text with its first `from` made `to`; release it with free(). */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t before = (size_t)(at - text);
    size_t size = strlen(text) - strlen(from) + strlen(to) + 1;
    char *out = malloc(size);
    assert_non_null(out);
    snprintf(out, size, "%.*s%s%s", (int)before, text, to, at + strlen(from));
    return out;
}

static void exclusive_branches_do_not_add_up(void **state)
{
    (void)state;
    struct compiler_output out = compile_sound(welcome);
    assert_int_equal(out.program.campaign_count, 1);
    assert_int_equal(out.program.bound[0].spend_journey, 5000);
    assert_int_equal(out.program.bound[0].spend_player, 5000);
    assert_int_equal(out.program.bound[0].spend_campaign, 20000000);
    compiler_release(&out);
}

static void the_same_text_gives_the_same_bytes(void **state)
{
    (void)state;
    struct compiler_output one = compile_sound(welcome);
    struct compiler_output two = compile_sound(welcome);
    assert_int_equal(one.bundle.size, two.bundle.size);
    assert_memory_equal(one.bundle.bytes, two.bundle.bytes, one.bundle.size);
    compiler_release(&one);
    compiler_release(&two);
}

static bool same_meaning(const char *left, const char *right)
{
    struct compiler_output one = compile_sound(left);
    struct compiler_output two = compile_sound(right);
    bool same = one.program.campaign[0].semantic_0 == two.program.campaign[0].semantic_0 &&
                one.program.campaign[0].semantic_1 == two.program.campaign[0].semantic_1;
    compiler_release(&one);
    compiler_release(&two);
    return same;
}

static void the_semantic_hash_sees_meaning_alone(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool same;
    } changes[] = {
        {"  product   casino\n", "  # A comment.\n  note \"for legal\"\n  product   casino\n", true},
        {"\"Hello\"", "\"Hello again\"", true},
        {"200,000 GBP", "100,000 GBP", true},
        {"message", "attribute aaa  whole number, otherwise 3\nevent aaa\n  field a  text up to 8\nend\nmessage", true},
        {"test", "policy \"House\"\n  never message players where age is less than 18\nend\ntest", true},
        {"at least 10 GBP", "at least 11 GBP", false},
        {"at most 50 GBP", "at most 49 GBP", false},
        {"c01-offer\"\n      50%", "c01-offex\"\n      50%", false},
        {"10x of bonus", "11x of bonus", false},
        {"72 hours", "3 days", false},
        {"\"EXPIRED\"", "\"LATER\"", false},
        {"\"Reward\"", "\"Rewards\"", false},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char *changed = replaced(welcome, changes[i].from, changes[i].to);
        if (strcmp(changes[i].to, "c01-offex\"\n      50%") == 0) {
            char *both = replaced(changed, "arm of \"c01-offer\"", "arm of \"c01-offex\"");
            free(changed);
            changed = both;
        }
        if (strcmp(changes[i].to, "\"Rewards\"") == 0) {
            char *both = replaced(changed, "step \"Reward\"", "step \"Rewards\"");
            free(changed);
            changed = both;
        }
        if (same_meaning(welcome, changed) != changes[i].same)
            fail_msg("`%s` for `%s`", changes[i].to, changes[i].from);
        free(changed);
    }
}

/* A currency in code is a place in the workspace's list: the hash sees which one stands there. */
static void the_semantic_hash_sees_currencies(void **state)
{
    (void)state;
#define OF_TWO(list, condition)                                                                        \
    "workspace \"w\"\n  product casino\n  currency " list                                              \
    "\nend\nevent paid\n  field amount money\nend\ncampaign \"C\"\n  product casino\n  currency EUR\n" \
    "  start on paid where amount is at least " condition "\n  step \"S\"\n    finish as \"S\"\n  end\nend\n"
    assert_true(same_meaning(OF_TWO("EUR, PLN", "20 EUR or 90 PLN"), OF_TWO("EUR, PLN, USD", "20 EUR or 90 PLN")));
    assert_false(same_meaning(OF_TWO("EUR, PLN", "20 EUR or 90 PLN"), OF_TWO("PLN, EUR", "20 PLN or 90 EUR")));
}

/* The hash of the last segment, which is the project's own. */
static void segment_hash(int64_t out[2], const char *text)
{
    struct compiler_output output = compile_sound(text);
    assert_true(output.program.segment_count > 0);
    const struct bundle_segment *segment = NULL;
    for (uint32_t i = 0; i < output.program.segment_count; i++) {
        const struct bundle_segment *one = &output.program.segment[i];
        if (text_equal(program_text(&output.program, one->name), TEXT("Mine"))) segment = one;
    }
    assert_non_null(segment);
    out[0] = segment->semantic_0;
    out[1] = segment->semantic_1;
    compiler_release(&output);
}

static void the_hash_of_a_segment_sees_meaning_alone(void **state)
{
    (void)state;
    static const char base[] = "segment \"Mine\" is players where level is at least gold and age is at least 18\n";
    static const struct {
        const char *text;
        bool same;
    } others[] = {
        {"# A comment.\nsegment \"Mine\" is players where level is at least gold and age is at least 18\n", true},
        {"attribute aaa  whole number, otherwise 3\nsegment \"A\" is players where aaa is 3\n"
         "segment \"Mine\" is players where level is at least gold and age is at least 18\n",
         true},
        {"segment \"Mine\" is players where level is at least gold and age is at least 19\n", false},
        {"attribute age  whole number, otherwise 3\n"
         "segment \"Mine\" is players where level is at least gold and age is at least 18\n",
         false},
    };
    int64_t first[2], hash[2];
    segment_hash(first, base);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        segment_hash(hash, others[i].text);
        bool same = hash[0] == first[0] && hash[1] == first[1];
        if (same != others[i].same) fail_msg("%s", others[i].text);
    }
}

static void a_project_name_replaces_a_standard_one(void **state)
{
    (void)state;
    char *changed = replaced(welcome, "message", "attribute age_verified  yes or no, otherwise yes\nmessage");
    struct compiler_output out = compile_sound(changed);
    uint32_t found = 0;
    for (uint32_t i = 0; i < out.program.attribute_count; i++) {
        if (!text_equal(program_text(&out.program, out.program.attribute[i].name), TEXT("age_verified"))) continue;
        found++;
        assert_int_equal(out.program.attribute[i].preset, 1);
    }
    assert_int_equal(found, 1);
    compiler_release(&out);
    free(changed);
}

static void a_test_is_resolved(void **state)
{
    (void)state;
    struct compiler_output out = compile_sound(welcome);
    assert_int_equal(out.test_count, 1);
    const struct compiled_test *test = &out.tests[0];
    assert_int_equal(test->player_count, 1);
    assert_int_equal(test->players[0].slot_count, 1);
    assert_int_equal(test->players[0].slots[0].value.number, 1);
    assert_int_equal(test->step_count, 3);
    assert_int_equal(test->steps[0].kind, TEST_EVENT);
    assert_true(test->steps[0].at == INT64_C(1781089200000)); /* 12:00 in London is 11:00 UTC */
    assert_true(test->steps[1].at - test->steps[0].at == INT64_C(50) * 3600000);
    assert_int_equal(test->steps[2].kind, TEST_EXPECT_EFFECT);
    assert_int_equal(test->steps[2].condition->values[0].number, 3750);
    compiler_release(&out);
}

static void many_mistakes_are_told_at_once(void **state)
{
    (void)state;
    char *one = replaced(welcome, "at least 10 GBP", "at least 10");
    char *two = replaced(one, "age_verified is yes", "age_verifed is yes");
    char *three = replaced(two, "credit \"half\"", "credit \"haf\"");
    struct compiler_output out = compile(three);
    assert_true(out.failed);
    assert_int_equal(out.diagnostics.error_count, 3);
    assert_int_equal(out.bundle.size, 0);
    compiler_release(&out);
    free(one);
    free(two);
    free(three);
}

/* ------------------------------------------------------------------ damage */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

/* A copy with a word or two removed, doubled, moved, or a line gone. */
static void damage(char *out, size_t capacity, const char *text, uint64_t seed)
{
    snprintf(out, capacity, "%s", text);
    uint64_t turns = 1 + next_random(&seed) % 2;
    for (uint64_t turn = 0; turn < turns; turn++) {
        size_t size = strlen(out);
        size_t at = next_random(&seed) % size;
        while (at > 0 && out[at - 1] != ' ' && out[at - 1] != '\n') at--;
        size_t end = at;
        while (end < size && out[end] != ' ' && out[end] != '\n') end++;
        char word[128];
        snprintf(word, sizeof word, "%.*s", (int)(end - at < 100 ? end - at : 100), out + at);
        switch (next_random(&seed) % 4) {
        case 0: memmove(out + at, out + end, size - end + 1); break;
        case 1: {
            size_t to = next_random(&seed) % size;
            size_t length = strlen(word);
            if (size + length + 2 > capacity) break;
            memmove(out + to + length, out + to, size - to + 1);
            memcpy(out + to, word, length);
            break;
        }
        case 2:
            while (at > 0 && out[at - 1] != '\n') at--;
            while (end < size && out[end] != '\n') end++;
            memmove(out + at, out + end, size - end + 1);
            break;
        default:
            if (end > at) out[at + next_random(&seed) % (end - at)] = (char)(' ' + next_random(&seed) % 95);
            break;
        }
    }
}

static void damaged_campaigns_are_told_or_compiled(void **state)
{
    (void)state;
    const char *given = getenv("SEED");
    uint64_t first = given != NULL ? strtoull(given, NULL, 10) : 20260610;
    uint64_t rounds = given != NULL ? 1 : 1500;
    static char text[8192];
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t seed = first + round;
        damage(text, sizeof text, welcome, seed * UINT64_C(0x9E3779B97F4A7C15) | 1);
        struct compiler_input input = {TEXT("damaged.promo"), text_of(text)};
        struct compiler_output out;
        struct error error = ERROR_NONE;
        enum status status =
            compiler_compile(&out, &input, 1, (struct compiler_options){.default_name = TEXT("Test")}, &error);
        if (status != OK) fail_msg("SEED=%llu build/tests/compiler_test: %s", (unsigned long long)seed, error.message);
        if (out.failed && out.diagnostics.error_count == 0)
            fail_msg("SEED=%llu build/tests/compiler_test: refused without a word", (unsigned long long)seed);
        compiler_release(&out);
    }
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    struct compiler_input input = {TEXT("welcome.promo"), text_of(welcome)};
    for (uint64_t nth = 1; nth < 400; nth++) {
        struct compiler_output out;
        struct error error = ERROR_NONE;
        memory_fail_from(nth);
        enum status status =
            compiler_compile(&out, &input, 1, (struct compiler_options){.default_name = TEXT("Test")}, &error);
        memory_fail_from(0);
        compiler_release(&out);
        if (status == OK) return;
        assert_int_equal(status, STATUS_NO_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exclusive_branches_do_not_add_up),
        cmocka_unit_test(the_same_text_gives_the_same_bytes),
        cmocka_unit_test(the_semantic_hash_sees_meaning_alone),
        cmocka_unit_test(the_semantic_hash_sees_currencies),
        cmocka_unit_test(the_hash_of_a_segment_sees_meaning_alone),
        cmocka_unit_test(a_project_name_replaces_a_standard_one),
        cmocka_unit_test(a_test_is_resolved),
        cmocka_unit_test(many_mistakes_are_told_at_once),
        cmocka_unit_test(damaged_campaigns_are_told_or_compiled),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
