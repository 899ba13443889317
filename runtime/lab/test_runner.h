/*
 * Runs the tests that stand in campaign files: tells each story to a fresh engine in memory, on a virtual clock, and judges
 * each `expect` where it stands.
 *
 * It compiles nothing (compiler_compile resolved the tests) and prints nothing (runtime/cli/command_test.c does).
 */
#ifndef PROMO_RUNTIME_LAB_TEST_RUNNER_H
#define PROMO_RUNTIME_LAB_TEST_RUNNER_H

#include "compiler/compiled_test.h"
#include "runtime/lab/coverage.h"
#include "vm/arena.h"
#include "vm/status.h"

/* One `expect` that did not hold, or a line that could not be told. */
struct test_failure {
    uint32_t line;
    struct text words;    /* the line as the author wrote it */
    struct text expected; /* "credit "welcome" where amount is 37.50 GBP" said in a sentence */
    struct text happened; /* what was recorded instead, one fact a line; may be empty */
    struct test_failure *next;
};

struct test_result {
    const struct compiled_test *test;
    uint32_t expects; /* how many `expect` lines were judged */
    uint32_t failed;
    struct test_failure *failures; /* in source order; in the caller's arena */
};

/* Runs one test against a bundle (8-byte aligned, verified by the engine). A test without any `expect` fails: it would pass whatever happens.
 * Not OK only for the world's failures. Thread rules: any number of threads, each with its own arena and
 * coverage (what is reached is added to it; may be NULL). */
enum status test_run(struct test_result *out, const struct compiled_test *test, const struct program *program,
                     struct text bundle, struct coverage *coverage, struct arena *arena,
                     struct error *error) MUST_CHECK;

#endif
