/* The percentage of a mission: known vectors, and every small mission against fractions over one common denominator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/engine/percent.h"
#include "vm/limits.h"

static uint32_t mean3(uint32_t done, uint32_t need, uint32_t second, uint32_t third)
{
    struct percent_part parts[] = {{done, need}, {second, 1}, {third, 1}};
    return percent_mean(parts, 3);
}

static void exact_where_a_float_is_not(void **unused)
{
    (void)unused;
    assert_int_equal(mean3(0, 5, 0, 0), 0);
    assert_int_equal(mean3(3, 5, 0, 0), 20); /* 3/5/3 is 0.19999999999999998 as a float */
    assert_int_equal(mean3(2, 5, 0, 1), 46);
    assert_int_equal(mean3(4, 5, 0, 1), 60);
    assert_int_equal(mean3(3, 5, 1, 0), 53);
    assert_int_equal(mean3(5, 5, 0, 1), 66);
    assert_int_equal(mean3(5, 5, 1, 1), 100);
    struct percent_part one = {29, 100};
    assert_int_equal(percent_mean(&one, 1), 29); /* 0.29 * 100 is 28.999999999999996 */
}

static void every_small_mission(void **unused)
{
    (void)unused;
    /* 1 to 7 divide 420: the sum in 420ths is exact. */
    for (uint32_t a = 1; a <= 7; a++) {
        for (uint32_t b = 1; b <= 7; b++) {
            for (uint32_t i = 0; i <= a; i++) {
                for (uint32_t j = 0; j <= b; j++) {
                    struct percent_part parts[] = {{i, a}, {j, b}, {1, 3}};
                    uint32_t sum = i * 420 / a + j * 420 / b + 140;
                    assert_int_equal(percent_mean(parts, 3), 100 * sum / (420 * 3));
                }
            }
        }
    }
}

/* Sixteen needs near the limit, no two with a common divisor: the denominators fill all words. */
static void the_largest(void **unused)
{
    (void)unused;
    static const uint32_t primes[] = {999999937, 999999929, 999999893, 999999883, 999999797, 999999761,
                                      999999757, 999999751, 999999739, 999999733, 999999677, 999999667,
                                      999999613, 999999607, 999999599, 999999587};
    struct percent_part parts[LIMIT_TASKS_PER_MISSION];
    for (uint32_t i = 0; i < LIMIT_TASKS_PER_MISSION; i++) parts[i] = (struct percent_part){primes[i], primes[i]};
    assert_int_equal(percent_mean(parts, LIMIT_TASKS_PER_MISSION), 100);
    parts[15].done--;
    assert_int_equal(percent_mean(parts, LIMIT_TASKS_PER_MISSION), 99);
    for (uint32_t i = 0; i < LIMIT_TASKS_PER_MISSION; i++) parts[i].done = i < 8 ? primes[i] : 0;
    assert_int_equal(percent_mean(parts, LIMIT_TASKS_PER_MISSION), 50);
    parts[0].done--;
    assert_int_equal(percent_mean(parts, LIMIT_TASKS_PER_MISSION), 49);
    parts[8].done = 1; /* 1/999999739 is more than what the first lacks, 1/999999937 */
    assert_int_equal(percent_mean(parts, LIMIT_TASKS_PER_MISSION), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_where_a_float_is_not),
        cmocka_unit_test(every_small_mission),
        cmocka_unit_test(the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
