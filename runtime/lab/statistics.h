/* The statistics of experiments: is a difference between arms more than chance?
 *
 * Pure functions of counts and exact sums. Numbers are IEEE doubles: they describe, they decide no money. Every function takes any finite
 * arguments in the stated range; where a question has no answer (an arm without players, no variation at all) `valid` is false.
 * Checked against an independent library to 1e-9 over a grid (tests/unit/statistics_test.c).
 *
 * Sources, by the formula's number: NIST Digital Library of Mathematical Functions (dlmf.nist.gov) 8.2, 8.7, 8.9 (incomplete gamma), 8.17 (incomplete
 * beta); Abramowitz & Stegun 26.4, 26.7 (chi-square, t); B. L. Welch, Biometrika 34 (1947) (t with unequal variances); R. G. Newcombe,
 * Statistics in Medicine 17 (1998) 873, method 10 (interval of a difference of proportions); D. Katz et al., Biometrics 34 (1978) (interval of a ratio).
 * Thread rules: none.
 */
#ifndef PROMO_RUNTIME_LAB_STATISTICS_H
#define PROMO_RUNTIME_LAB_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/round.h"

/* P(X > x) for chi-square with `freedom` degrees (1 and more); x from 0. Q(freedom/2, x/2). */
double statistics_chi_square_tail(double x, double freedom);
/* P(|T| > |t|) for Student's t with `freedom` degrees (more than 0, any real). */
double statistics_t_tails(double t, double freedom);
/* The t beyond which lies `tails` (0 to 1, both sides together): 1.96… for 0.05 and many degrees. */
double statistics_t_quantile(double tails, double freedom);
/* The z beyond which lies `tails` of the normal distribution, both sides together. */
double statistics_normal_quantile(double tails);

/* A test's outcome. */
struct statistics_test {
    bool valid;
    double statistic; /* Chi-square, or t. */
    double freedom;
    double p;
};

/* Chi-square goodness of fit of `count` observed counts with expected shares (any positive weights). The sample-ratio check. */
struct statistics_test statistics_fit(const uint64_t *observed, const double *weight, uint32_t count);
/* Chi-square of independence for `count` arms: `yes` of `size` each; count - 1 degrees; without a continuity correction. */
struct statistics_test statistics_independence(const uint64_t *yes, const uint64_t *size, uint32_t count);

/* A sample's size, mean and variance (with n - 1), from its exact sums: `sum` of x and `squares` of x², x in minor units. */
struct statistics_sample {
    uint64_t size;
    double mean, variance;
};
struct statistics_sample statistics_sample_of(uint64_t size, int128 sum, uint128 squares);
/* Welch's t of a - b. */
struct statistics_test statistics_welch(struct statistics_sample a, struct statistics_sample b);

/* An interval around an estimate. */
struct statistics_interval {
    bool valid;
    double estimate, low, high;
};
/* Wilson's interval of one proportion; `tails` 0.05 for 95%. */
struct statistics_interval statistics_proportion(uint64_t yes, uint64_t size, double tails);
/* a - b of two proportions, by Newcombe's hybrid score interval. */
struct statistics_interval statistics_difference(uint64_t yes_a, uint64_t size_a, uint64_t yes_b, uint64_t size_b,
                                                 double tails);
/* a / b - 1, the lift, by Katz's interval of the ratio; not valid where either count is 0. */
struct statistics_interval statistics_lift(uint64_t yes_a, uint64_t size_a, uint64_t yes_b, uint64_t size_b,
                                           double tails);
/* a - b of two means, by Welch. */
struct statistics_interval statistics_mean_difference(struct statistics_sample a, struct statistics_sample b,
                                                      double tails);

#endif
