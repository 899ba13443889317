/*
 * Hostile bundles: what the fuzz target and the mutation test share. Mutated bytes get fresh hashes, so that they reach the
 * reader and the verifier; what those let pass is run from every entry, with anything that intake would let through in
 * the banks and poison in all slots that are not known.
 */
#ifndef TESTS_FUZZ_BUNDLE_KIT_H
#define TESTS_FUZZ_BUNDLE_KIT_H

#include "vm/buffer.h"
#include "vm/program.h"

/* A reproducible row of numbers. */
struct bundle_kit_dice {
    uint64_t state;
};
uint64_t bundle_kit_next(struct bundle_kit_dice *dice);
/* 0 to below - 1; below is not 0. */
uint64_t bundle_kit_below(struct bundle_kit_dice *dice, uint64_t below);

/* The sample of tests/fuzz/sample.asm as a bundle with its bounds. Fails by INVARIANT. Run from the repository root. */
void bundle_kit_sample(struct buffer *out);

/* Changes one to four places: bits, bytes, 4-byte numbers, whole instructions or records. */
void bundle_kit_mutate(uint8_t *bytes, size_t size, struct bundle_kit_dice *dice);

/* Writes both hashes anew where the head and the section table still make sense. */
void bundle_kit_rehash(uint8_t *bytes, size_t size);

/* Opens, verifies and runs. False when the bundle was refused. An INVARIANT fails when a bound does not hold, when a variable
 * leaves its range, or when a journey spends more than was proven. `bytes` is 8-aligned. */
bool bundle_kit_try(const uint8_t *bytes, size_t size, uint64_t seed);

#endif
