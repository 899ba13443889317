/*
 * Splits are independent: of one another, of rollouts, and of how ids are written. Cross tables of 100,000 ids for every pair of 16 names; and the
 * test itself is held against a split that is not independent, and one whose shares are wrong. Vectors and shares: hash_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/lab/statistics.h"
#include "vm/split.h"

enum { NAMES = 16, IDS = 100000, ARMS = 3 };

static const uint32_t cumulative[ARMS] = {100000, 550000, 1000000}; /* 10%, 45%, 45% */

static const char *const names[NAMES] = {"c08-2026q3", "c08-2026q4", "c08-rollout", "a", "b", "A",
                                         "a ",         "welcome",    "welcome-2",   "1", "2", "12",
                                         "holdout",    "rollout",    "ärm",         ""};

enum { STYLES = 3 };

static uint32_t print_id(char out[48], uint32_t style, uint32_t number)
{
    int size = style == 0   ? snprintf(out, 48, "P%06u", number)
               : style == 1 ? snprintf(out, 48, "%u", number)
                            : snprintf(out, 48, "player-%u@example.com", number);
    return (uint32_t)size;
}

static uint8_t arm_of[NAMES][IDS];

static void draw(uint32_t style)
{
    for (uint32_t i = 0; i < IDS; i++) {
        char id[48];
        uint32_t size = print_id(id, style, i + 1);
        for (uint32_t name = 0; name < NAMES; name++)
            arm_of[name][i] = (uint8_t)split_arm(
                cumulative, ARMS, split_millionth(text_make(id, size), split_seed(text_of(names[name]))));
    }
}

/* p of independence of two draws, by the cross table of their arms. */
static double cross(const uint8_t *left, const uint8_t *right)
{
    double table[ARMS][ARMS] = {{0}}, rows[ARMS] = {0}, columns[ARMS] = {0}, chi_square = 0;
    for (uint32_t i = 0; i < IDS; i++) {
        table[left[i]][right[i]]++;
        rows[left[i]]++;
        columns[right[i]]++;
    }
    for (uint32_t i = 0; i < ARMS; i++) {
        for (uint32_t j = 0; j < ARMS; j++) {
            double expected = rows[i] * columns[j] / IDS, off = table[i][j] - expected;
            chi_square += off * off / expected;
        }
    }
    return statistics_chi_square_tail(chi_square, (ARMS - 1) * (ARMS - 1));
}

/* Of 360 pairs about 4 have p below 0.01, and the smallest is below 1e-6 once in 3,000 such tests. */
static void every_two_splits_are_independent(void **state)
{
    (void)state;
    uint32_t pairs = 0, below = 0, halves = 0;
    for (uint32_t style = 0; style < STYLES; style++) {
        draw(style);
        for (uint32_t i = 0; i < NAMES; i++) {
            for (uint32_t j = i + 1; j < NAMES; j++) {
                double p = cross(arm_of[i], arm_of[j]);
                if (p < 0.000001) fail_msg("`%s` and `%s` go together, p %g", names[i], names[j], p);
                pairs++;
                below += p < 0.01;
                halves += p < 0.5;
            }
        }
    }
    assert_int_equal(pairs, 360);
    assert_true(below <= 14);
    assert_true(halves > 130 && halves < 230);
}

/* Whom a rollout of 10% lets in has the same arms as everybody. */
static void a_rollout_changes_no_share(void **state)
{
    (void)state;
    draw(0);
    for (uint32_t rollout = 0; rollout < NAMES; rollout++) {
        for (uint32_t name = 0; name < NAMES; name++) {
            if (name == rollout) continue;
            uint64_t count[ARMS] = {0};
            const double weight[ARMS] = {10, 45, 45};
            for (uint32_t i = 0; i < IDS; i++) count[arm_of[name][i]] += arm_of[rollout][i] == 0;
            struct statistics_test fit = statistics_fit(count, weight, ARMS);
            assert_true(fit.valid && fit.p > 0.00001);
        }
    }
}

/* The mistake that such tests are for: one hash of the id, moved by the name. */
static void a_shared_hash_is_caught(void **state)
{
    (void)state;
    static uint8_t wrong[2][IDS];
    const uint64_t seed = split_seed(TEXT("one for all"));
    for (uint32_t i = 0; i < IDS; i++) {
        char id[48];
        uint32_t size = print_id(id, 0, i + 1);
        uint32_t millionth = split_millionth(text_make(id, size), seed);
        for (uint32_t name = 0; name < 2; name++)
            wrong[name][i] = (uint8_t)split_arm(
                cumulative, ARMS, (millionth + (uint32_t)(split_seed(text_of(names[name])) % 1000000)) % 1000000);
    }
    assert_true(cross(wrong[0], wrong[1]) < 0.000001);
    /* A rollout by the same hash lets in one arm more than another. */
    uint64_t count[ARMS] = {0};
    const double weight[ARMS] = {10, 45, 45};
    for (uint32_t i = 0; i < IDS; i++) count[wrong[0][i]] += wrong[1][i] == 0;
    assert_true(statistics_fit(count, weight, ARMS).p < 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_two_splits_are_independent),
        cmocka_unit_test(a_rollout_changes_no_share),
        cmocka_unit_test(a_shared_hash_is_caught),
    };
    return cmocka_run_group_tests_name("splits are independent", tests, NULL, NULL);
}
