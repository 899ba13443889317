/* Proves a program safe before it runs: one linear pass over the code, then the graph of states.
 *
 * After STATUS_OK no instruction can read or write outside its banks, overflow, divide by zero, read an unknown optional, go back, or make
 * more effects than stated; the bounds recomputed here equal the BOUND section. spec: bytecode.md
 */
#ifndef PROMO_VM_VERIFY_H
#define PROMO_VM_VERIFY_H

#include "vm/program.h"
#include "vm/status.h"

/* STATUS_REFUSED with region, instruction number and reason if anything does not hold. Allocates working memory only. */
MUST_CHECK enum status verify_program(const struct program *program, struct error *error);

/* The bounds of every campaign as the verifier computes them (without comparing with the BOUND section), so that the compiler can
 * write that section. `out` has campaign_count records. Refuses as verify_program() does. */
MUST_CHECK enum status verify_bounds(const struct program *program, struct bundle_bound *out, struct error *error);

#endif
