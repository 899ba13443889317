/*
 * The statistics of experiments against an independent library (GSL) over a large grid, to 1e-9 of the value (of chances down to 1e-20); known figures; questions
 * without an answer.
 */
#include "runtime/lab/statistics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

static void close_to(double mine, double theirs, const char *what, double x, double y)
{
    double off = fabs(mine - theirs), size = fabs(theirs);
    if (off <= 1e-9 * size || off <= 1e-29) return; /* beyond 1e-20 the other side has fewer digits */
    fail_msg("%s(%g, %g) is %.17g, and should be %.17g", what, x, y, mine, theirs);
}

static void tails_agree(void **state)
{
    (void)state;
    static const double freedoms[] = {1, 2, 3, 4, 5, 7, 10, 15, 19, 20, 21, 30, 63, 100, 255, 1000, 4999, 100000};
    uint32_t points = 0;
    for (size_t i = 0; i < sizeof freedoms / sizeof freedoms[0]; i++) {
        double freedom = freedoms[i];
        for (double x = 1e-6; x < 1200; x *= 1.031) {
            double scaled = x < 40 ? x * freedom : freedom + x; /* around the mean, and far out */
            close_to(statistics_chi_square_tail(scaled, freedom), gsl_cdf_chisq_Q(scaled, freedom), "chi-square",
                     scaled, freedom);
            close_to(statistics_chi_square_tail(x, freedom), gsl_cdf_chisq_Q(x, freedom), "chi-square", x, freedom);
            points += 2;
        }
    }
    static const double halves[] = {0.5, 1, 1.37, 2, 3.9, 5, 8.25, 13, 29.5, 30, 100, 567.8, 8999.9, 123456.7, 5e6};
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        for (double t = 1e-5; t < 60; t *= 1.043) {
            close_to(statistics_t_tails(t, halves[i]), 2 * gsl_cdf_tdist_Q(t, halves[i]), "t", t, halves[i]);
            assert_true(statistics_t_tails(-t, halves[i]) == statistics_t_tails(t, halves[i]));
            points++;
        }
        for (double tails = 0.9; tails > 1e-12; tails *= 0.61) {
            /* GSL's own inverse is less exact far out: its distribution judges. */
            double t = statistics_t_quantile(tails, halves[i]);
            close_to(2 * gsl_cdf_tdist_Q(t, halves[i]), tails, "t quantile", t, halves[i]);
            points++;
        }
    }
    for (double tails = 0.99; tails > 1e-15; tails *= 0.83) {
        close_to(statistics_normal_quantile(tails), gsl_cdf_ugaussian_Qinv(tails / 2), "normal quantile", tails, 0);
        points++;
    }
    printf("statistics: %u points agree to 1e-9\n", points);
    assert_true(points > 15000);
}

/* A deterministic stream of small numbers. */
static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void welch_agrees(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (int round = 0; round < 300; round++) {
        static double a[400], b[400];
        size_t na = 2 + next(&seed) % 398, nb = 2 + next(&seed) % 398;
        int128 sum_a = 0, sum_b = 0;
        uint128 squares_a = 0, squares_b = 0;
        uint32_t base = round % 3 == 0 ? 1000000000u : 0; /* large means and small differences */
        for (size_t i = 0; i < na; i++) {
            int64_t x = (int64_t)base + next(&seed) % 5000;
            a[i] = (double)x;
            sum_a += x;
            squares_a += (uint128)(x * (int128)x);
        }
        for (size_t i = 0; i < nb; i++) {
            int64_t x = (int64_t)base + next(&seed) % 7000;
            b[i] = (double)x;
            sum_b += x;
            squares_b += (uint128)(x * (int128)x);
        }
        struct statistics_sample sa = statistics_sample_of(na, sum_a, squares_a);
        struct statistics_sample sb = statistics_sample_of(nb, sum_b, squares_b);
        close_to(sa.mean, gsl_stats_mean(a, 1, na), "mean", (double)na, 0);
        close_to(sa.variance, gsl_stats_variance(a, 1, na), "variance", (double)na, 0);
        double ea = gsl_stats_variance(a, 1, na) / (double)na, eb = gsl_stats_variance(b, 1, nb) / (double)nb;
        double t = (gsl_stats_mean(a, 1, na) - gsl_stats_mean(b, 1, nb)) / sqrt(ea + eb);
        double freedom = (ea + eb) * (ea + eb) / (ea * ea / (double)(na - 1) + eb * eb / (double)(nb - 1));
        struct statistics_test test = statistics_welch(sa, sb);
        assert_true(test.valid);
        if (fabs(t) > 1e-3) close_to(test.statistic, t, "Welch's t", (double)na, (double)nb);
        close_to(test.freedom, freedom, "Welch's freedom", (double)na, (double)nb);
        if (fabs(t) > 1e-3) close_to(test.p, 2 * gsl_cdf_tdist_Q(fabs(t), freedom), "Welch's p", t, freedom);
        struct statistics_interval interval = statistics_mean_difference(sa, sb, 0.05);
        close_to(interval.high - interval.low, 2 * gsl_cdf_tdist_Qinv(0.025, freedom) * sqrt(ea + eb), "width", t,
                 freedom);
    }
}

/* Three arms of 10, 45 and 45 percent. */
static struct statistics_test ratio(uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t observed[] = {a, b, c};
    const double weight[] = {10, 45, 45};
    return statistics_fit(observed, weight, 3);
}

static void known_figures(void **state)
{
    (void)state;
    struct statistics_test fair = ratio(10050, 44900, 45050), off = ratio(10500, 44500, 45000);
    assert_true(fabs(fair.statistic - 0.528) < 0.0005 && fabs(fair.p - 0.768) < 0.0005);
    assert_true(fabs(off.statistic - 30.556) < 0.0005 && fabs(off.p - 2.3e-7) < 0.05e-7);
    const uint64_t yes[] = {540, 441}, size[] = {4500, 4500};
    struct statistics_test won = statistics_independence(yes, size, 2);
    assert_true(fabs(won.statistic - 11.213) < 0.0005 && fabs(won.p - 0.00081) < 0.000005);
    /* Newcombe's table II, method 10: 56/70 - 48/80 and 9/10 - 3/10. */
    struct statistics_interval one = statistics_difference(56, 70, 48, 80, 0.05);
    assert_true(fabs(one.low - 0.0524) < 0.00005 && fabs(one.high - 0.3339) < 0.00005);
    struct statistics_interval two = statistics_difference(9, 10, 3, 10, 0.05);
    assert_true(fabs(two.low - 0.1705) < 0.00005 && fabs(two.high - 0.8090) < 0.00005);
    struct statistics_interval lift = statistics_lift(540, 4500, 441, 4500, 0.05);
    assert_true(fabs(lift.estimate - 0.22449) < 0.00001 && lift.low > 0 && lift.high < 0.4);
}

static void questions_without_an_answer(void **state)
{
    (void)state;
    const uint64_t none[] = {0, 0}, all[] = {5, 5}, size[] = {5, 5}, empty[] = {0, 5};
    const double weight[] = {1, 1}, zero[] = {1, 0};
    assert_false(statistics_independence(none, size, 2).valid);
    assert_false(statistics_independence(all, size, 2).valid);
    assert_false(statistics_independence(none, empty, 2).valid);
    assert_false(statistics_fit(none, weight, 2).valid);
    assert_false(statistics_fit(all, zero, 2).valid);
    assert_false(statistics_fit(all, weight, 1).valid);
    struct statistics_sample flat = statistics_sample_of(3, 30, 300);
    assert_true(flat.variance == 0 && flat.mean == 10);
    assert_false(statistics_welch(flat, flat).valid);
    assert_false(statistics_welch(statistics_sample_of(1, 1, 1), statistics_sample_of(9, 9, 19)).valid);
    assert_false(statistics_lift(0, 5, 1, 5, 0.05).valid);
    assert_false(statistics_proportion(0, 0, 0.05).valid);
    struct statistics_interval nothing = statistics_proportion(0, 10, 0.05),
                               everything = statistics_proportion(10, 10, 0.05);
    assert_true(nothing.low == 0 && nothing.high > 0 && everything.high == 1 && everything.low < 1);
    assert_true(statistics_chi_square_tail(0, 3) == 1 && statistics_t_tails(0, 3) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_agree),
        cmocka_unit_test(welch_agrees),
        cmocka_unit_test(known_figures),
        cmocka_unit_test(questions_without_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
