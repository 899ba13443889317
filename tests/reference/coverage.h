/* Which constructs the stories held: every kind of node of the tree, by its kind's own name, and every opcode of the campaigns' code.
 *
 * The names come out of compiler/ast.h's enumerations; a new kind that is not listed here does not compile or stays at zero, and the test says which was
 * never made. A few are explained away in coverage.c, each with its reason.
 */
#ifndef TESTS_REFERENCE_COVERAGE_H
#define TESTS_REFERENCE_COVERAGE_H

#include "compiler/compiler.h"
#include "compiler/names.h"

struct coverage_counts {
    uint64_t statement[40], value[32], condition[8], comparison[24], clause[8], choice[16], operation[8], line[160],
        declaration[40], aggregate[24], window[16];
};

/* Counts the trees of all files, those of the standard library that are used too. */
void coverage_count(struct coverage_counts *counts, const struct names *names);
/* Prints the counts; how many kinds were never made and are not explained. `opcodes`: by number. */
uint32_t coverage_print(const struct coverage_counts *counts, const uint64_t *opcodes);

#endif
