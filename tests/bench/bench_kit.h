/*
 * What the benchmarks share: a clock, medians over interleaved repeats, and rows of build/bench.tsv.
 *
 * A row is: metric, ours, peer, ratio, gate, met. `ours` and `peer` carry a unit in the metric's name; the ratio is what is judged.
 */
#ifndef PROMO_TESTS_BENCH_BENCH_KIT_H
#define PROMO_TESTS_BENCH_BENCH_KIT_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_REPEATS_MAX = 32 };

/* Nanoseconds of a clock that only goes forward. */
uint64_t bench_now(void);
/* Nanoseconds of processor time of this thread: for what is bound by the processor, on a machine that does other things too. */
uint64_t bench_cpu(void);

/* The median; sorts in place. */
double bench_median(double *values, unsigned count);

/* A generator of numbers that is the same on every machine (splitmix64). */
uint64_t bench_random(uint64_t *state);

/* Prints a row with a gate: met if ours / peer <= gate (or >= gate where more is better). Returns whether it was met. */
bool bench_row(const char *metric, double ours, double peer, double gate, bool more_is_better);
/* Prints a row that only informs: no gate. */
void bench_note(const char *metric, double ours, double peer);

/* Reads a whole file; the caller frees. Exits with a message where it can't. */
char *bench_read(const char *path, uint32_t *size);

/* Stops the benchmark with a message: a benchmark whose answers differ says nothing about speed. */
void bench_require(bool holds, const char *what);

#endif
