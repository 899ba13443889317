/*
 * The benchmarks' clock, medians and rows.
 */
#include "tests/bench/bench_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t bench_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

uint64_t bench_cpu(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static int by_value(const void *one, const void *other)
{
    const double left = *(const double *)one;
    const double right = *(const double *)other;
    return left < right ? -1 : left > right ? 1 : 0;
}

double bench_median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, by_value);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

uint64_t bench_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

bool bench_row(const char *metric, double ours, double peer, double gate, bool more_is_better)
{
    const double ratio = ours / peer;
    const bool met = more_is_better ? ratio >= gate : ratio <= gate;
    printf("%s\t%.2f\t%.2f\t%.3f\t%s %.2f\t%s\n", metric, ours, peer, ratio, more_is_better ? "at least" : "at most",
           gate, met ? "yes" : "no");
    fflush(stdout);
    return met;
}

void bench_note(const char *metric, double ours, double peer)
{
    if (peer > 0) {
        printf("%s\t%.2f\t%.2f\t%.3f\tnone\tyes\n", metric, ours, peer, ours / peer);
    } else {
        printf("%s\t%.2f\t-\t-\tnone\tyes\n", metric, ours);
    }
    fflush(stdout);
}

char *bench_read(const char *path, uint32_t *size)
{
    FILE *file = fopen(path, "rb");
    bench_require(file != NULL, path);
    fseek(file, 0, SEEK_END);
    const long length = ftell(file);
    fseek(file, 0, SEEK_SET);
    char *bytes = malloc((size_t)length + 1);
    bench_require(bytes != NULL && fread(bytes, 1, (size_t)length, file) == (size_t)length, path);
    bytes[length] = '\0';
    fclose(file);
    *size = (uint32_t)length;
    return bytes;
}

void bench_require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "bench: stopped: %s\n", what);
        exit(2);
    }
}
