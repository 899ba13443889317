/*
 * check_tests: the in-language tests, resolved (compiler/compiled_test.h).
 *
 * Runs once the program is sound, for a test names events, budgets and arms by their places in it. Mistakes in a test are
 * errors like any other. spec: language.md#tests
 */
#ifndef PROMO_COMPILER_CHECK_TESTS_H
#define PROMO_COMPILER_CHECK_TESTS_H

#include "compiler/compiled_test.h"
#include "compiler/names.h"

/* Resolves all tests of the project into the arena of `names`. */
void tests_resolve(struct names *names, const struct program *program, const struct compiled_test **out,
                   uint32_t *count);

#endif
