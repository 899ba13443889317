/* The statistics of experiments. See statistics.h. */
#include "runtime/lab/statistics.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#define STEPS 10000
#define TINY  1e-300

/* ------------------------------------------------------------------ special functions */

/* log(1 + x) - x, without losing digits near 0. */
static double log1p_less(double x)
{
    if (fabs(x) > 0.5) return log1p(x) - x;
    /* -x²/2 + x³/3 - … by z = x / (2 + x): log1p(x) = 2 atanh(z), and x = 2z / (1 - z). */
    double z = x / (2 + x), square = z * z, term = z, sum = 0;
    for (int n = 3; n < 200; n += 2) {
        term *= square;
        double next = sum + term / n;
        if (next == sum) break;
        sum = next;
    }
    return 2 * sum - z * x;
}

/* lgamma(a) less Stirling's leading terms, a from 10: DLMF 5.11.1. */
static double stirling_rest(double a)
{
    static const double terms[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                   1.0 / 1188, -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400};
    double square = 1 / (a * a), sum = 0;
    for (size_t i = sizeof terms / sizeof terms[0]; i-- > 0;) sum = sum * square + terms[i];
    return sum / a;
}

/* x^a e^-x / gamma(a + 1), also where its parts are too large to be subtracted: DLMF 5.11 for large a. */
static double gamma_weight(double a, double x)
{
    if (a < 10) return exp(a * log(x) - x - lgamma(a + 1));
    double u = (x - a) / a;
    return exp(a * log1p_less(u) - stirling_rest(a)) / sqrt(2 * M_PI * a);
}

/* P(a, x) by its series, DLMF 8.7.1; x up to about a. */
static double gamma_series(double a, double x)
{
    double term = 1, sum = 1;
    for (int n = 1; n < STEPS; n++) {
        term *= x / (a + n);
        sum += term;
        if (term < sum * DBL_EPSILON / 4) break;
    }
    return sum * gamma_weight(a, x);
}

/* Q(a, x) by its continued fraction, DLMF 8.9.2, by Lentz's method; x above a. */
static double gamma_fraction(double a, double x)
{
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
    for (int n = 1; n < STEPS; n++) {
        double an = -n * (n - a);
        b += 2;
        d = an * d + b;
        if (fabs(d) < TINY) d = TINY;
        c = b + an / c;
        if (fabs(c) < TINY) c = TINY;
        d = 1 / d;
        double step = d * c;
        h *= step;
        if (fabs(step - 1) < DBL_EPSILON) break;
    }
    return gamma_weight(a, x) * a * h;
}

double statistics_chi_square_tail(double x, double freedom)
{
    if (!(x > 0)) return 1;
    double a = freedom / 2, half = x / 2;
    return half < a + 1 ? 1 - gamma_series(a, half) : gamma_fraction(a, half);
}

/* The continued fraction of the incomplete beta, DLMF 8.17.22, by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    if (fabs(d) < TINY) d = TINY;
    d = 1 / d;
    double h = d;
    for (int m = 1; m < STEPS; m++) {
        double even = m * (b - m) * x / ((a - 1 + 2 * m) * (a + 2 * m));
        d = 1 + even * d;
        if (fabs(d) < TINY) d = TINY;
        c = 1 + even / c;
        if (fabs(c) < TINY) c = TINY;
        d = 1 / d;
        h *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1 + 2 * m));
        d = 1 + odd * d;
        if (fabs(d) < TINY) d = TINY;
        c = 1 + odd / c;
        if (fabs(c) < TINY) c = TINY;
        d = 1 / d;
        double step = d * c;
        h *= step;
        if (fabs(step - 1) < DBL_EPSILON) break;
    }
    return h;
}

/* log(gamma(a + 1/2) / gamma(a)), without subtracting two large numbers. */
static double gamma_half_ratio(double a)
{
    if (a < 10) return lgamma(a + 0.5) - lgamma(a);
    /* Stirling of both: a log(1 + 1/(2a)) + log(a)/2 - 1/2 and what is left of the rests. */
    return a * log1p(0.5 / a) + 0.5 * log(a) - 0.5 + stirling_rest(a + 0.5) - stirling_rest(a);
}

double statistics_t_tails(double t, double freedom)
{
    if (!(freedom > 0) || isnan(t)) return 1;
    if (t == 0) return 1;
    if (isinf(t)) return 0;
    /* I_x(freedom/2, 1/2) at x = freedom / (freedom + t²); A&S 26.7.1 */
    double a = freedom / 2, square = t * t;
    double x = freedom / (freedom + square), rest = square / (freedom + square);
    /* x^a (1-x)^(1/2) gamma(a+1/2) / (gamma(a) gamma(1/2)) */
    double weight = exp(gamma_half_ratio(a) - a * log1p(square / freedom)) * sqrt(rest / M_PI);
    if (x < (a + 1) / (a + 0.5 + 2)) return weight * beta_fraction(a, 0.5, x) / a;
    return 1 - weight * beta_fraction(0.5, a, rest) / 0.5;
}

/* Where a falling function of one number meets `want`. */
static double solve(double (*tails)(double at, double freedom), double freedom, double want)
{
    double low = 0, high = 1;
    while (tails(high, freedom) > want && high < 1e300) {
        low = high;
        high *= 2;
    }
    for (int i = 0; i < 2000; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) break;
        if (tails(middle, freedom) > want) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

double statistics_t_quantile(double tails, double freedom)
{
    if (tails >= 1) return 0;
    return solve(statistics_t_tails, freedom, tails);
}

static double normal_tails(double z, double unused)
{
    (void)unused;
    return erfc(z / M_SQRT2);
}

double statistics_normal_quantile(double tails)
{
    if (tails >= 1) return 0;
    return solve(normal_tails, 0, tails);
}

/* ------------------------------------------------------------------ counts */

struct statistics_test statistics_fit(const uint64_t *observed, const double *weight, uint32_t count)
{
    double total = 0, weights = 0, sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += (double)observed[i];
        weights += weight[i];
    }
    if (count < 2 || total <= 0 || !(weights > 0)) return (struct statistics_test){.p = 1};
    for (uint32_t i = 0; i < count; i++) {
        double expected = total * weight[i] / weights, off = (double)observed[i] - expected;
        if (!(expected > 0)) return (struct statistics_test){.p = 1};
        sum += off * off / expected;
    }
    return (struct statistics_test){true, sum, count - 1, statistics_chi_square_tail(sum, count - 1)};
}

struct statistics_test statistics_independence(const uint64_t *yes, const uint64_t *size, uint32_t count)
{
    double all_yes = 0, all = 0, sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (size[i] == 0 || yes[i] > size[i]) return (struct statistics_test){.p = 1};
        all_yes += (double)yes[i];
        all += (double)size[i];
    }
    if (count < 2 || all_yes <= 0 || all_yes >= all) return (struct statistics_test){.p = 1};
    double share = all_yes / all;
    for (uint32_t i = 0; i < count; i++) {
        double off = (double)yes[i] - (double)size[i] * share;
        sum += off * off / ((double)size[i] * share * (1 - share));
    }
    return (struct statistics_test){true, sum, count - 1, statistics_chi_square_tail(sum, count - 1)};
}

/* ------------------------------------------------------------------ means */

struct statistics_sample statistics_sample_of(uint64_t size, int128 sum, uint128 squares)
{
    struct statistics_sample sample = {.size = size};
    if (size == 0) return sample;
    long double n = (long double)size, s = (long double)sum;
    sample.mean = (double)(s / n);
    if (size < 2) return sample;
    /* Exactly n * squares - sum² where it fits 127 bits, which money does: then no digits are lost by the difference. */
    long double spread;
    uint128 magnitude = sum < 0 ? (uint128)(-sum) : (uint128)sum;
    bool fits = magnitude < ((uint128)1 << 63) && squares <= (((uint128)1 << 127) - 1) / size;
    if (fits) {
        spread = (long double)(squares * size - magnitude * magnitude);
    } else {
        spread = (long double)squares * n - s * s;
    }
    sample.variance = spread <= 0 ? 0 : (double)(spread / n / (n - 1));
    return sample;
}

/* The squared error of the difference of two means, and Welch's degrees of freedom. */
static bool welch_error(struct statistics_sample a, struct statistics_sample b, double *error, double *freedom)
{
    if (a.size < 2 || b.size < 2) return false;
    double ea = a.variance / (double)a.size, eb = b.variance / (double)b.size;
    *error = ea + eb;
    if (!(*error > 0)) return false;
    *freedom = *error * *error / (ea * ea / ((double)a.size - 1) + eb * eb / ((double)b.size - 1));
    return true;
}

struct statistics_test statistics_welch(struct statistics_sample a, struct statistics_sample b)
{
    double error, freedom;
    if (!welch_error(a, b, &error, &freedom)) return (struct statistics_test){.p = 1};
    double t = (a.mean - b.mean) / sqrt(error);
    return (struct statistics_test){true, t, freedom, statistics_t_tails(t, freedom)};
}

/* ------------------------------------------------------------------ intervals */

struct statistics_interval statistics_proportion(uint64_t yes, uint64_t size, double tails)
{
    if (size == 0 || yes > size) return (struct statistics_interval){0};
    double n = (double)size, p = (double)yes / n, z = statistics_normal_quantile(tails), square = z * z;
    double middle = (p + square / (2 * n)) / (1 + square / n);
    double half = z * sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n);
    struct statistics_interval out = {true, p, middle - half, middle + half};
    if (yes == 0 || out.low < 0) out.low = 0;
    if (yes == size || out.high > 1) out.high = 1;
    return out;
}

struct statistics_interval statistics_difference(uint64_t yes_a, uint64_t size_a, uint64_t yes_b, uint64_t size_b,
                                                 double tails)
{
    struct statistics_interval a = statistics_proportion(yes_a, size_a, tails);
    struct statistics_interval b = statistics_proportion(yes_b, size_b, tails);
    if (!a.valid || !b.valid) return (struct statistics_interval){0};
    double d = a.estimate - b.estimate;
    return (struct statistics_interval){true, d, d - hypot(a.estimate - a.low, b.high - b.estimate),
                                        d + hypot(a.high - a.estimate, b.estimate - b.low)};
}

struct statistics_interval statistics_lift(uint64_t yes_a, uint64_t size_a, uint64_t yes_b, uint64_t size_b,
                                           double tails)
{
    bool there = yes_a > 0 && yes_b > 0 && yes_a <= size_a && yes_b <= size_b;
    if (!there) return (struct statistics_interval){0};
    double ratio = (double)yes_a / (double)size_a / ((double)yes_b / (double)size_b);
    double error = sqrt(1 / (double)yes_a - 1 / (double)size_a + 1 / (double)yes_b - 1 / (double)size_b);
    double factor = exp(statistics_normal_quantile(tails) * error);
    return (struct statistics_interval){true, ratio - 1, ratio / factor - 1, ratio * factor - 1};
}

struct statistics_interval statistics_mean_difference(struct statistics_sample a, struct statistics_sample b,
                                                      double tails)
{
    double error, freedom;
    if (!welch_error(a, b, &error, &freedom)) return (struct statistics_interval){0};
    double half = statistics_t_quantile(tails, freedom) * sqrt(error), d = a.mean - b.mean;
    return (struct statistics_interval){true, d, d - half, d + half};
}
