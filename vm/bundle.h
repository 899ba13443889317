/* The bundle format: writing and reading .pbc files. Layout: spec/bundle.md.
 *
 * bundle_open checks every byte that the program will rely on, by the rules of spec/bundle.def; verify.h then proves the code.
 */
#ifndef PROMO_VM_BUNDLE_H
#define PROMO_VM_BUNDLE_H

#include "vm/buffer.h"
#include "vm/program.h"
#include "vm/status.h"

/* Writes a program as a bundle. Fills program->full_hash and semantic_hash. The same program gives the same bytes. */
MUST_CHECK enum status bundle_write(struct buffer *out, struct program *program, struct error *error);

/* Reads a bundle in place: `bytes` must be 8-byte aligned and outlive the program. STATUS_CORRUPT or STATUS_REFUSED with
 * what is wrong and where. Does not verify the code: call verify_program() before running. */
MUST_CHECK enum status bundle_open(struct program *out, const uint8_t *bytes, uint64_t size, struct error *error);

/* The file around the sections, for who works on its bytes (signature.c). */
enum { BUNDLE_HEAD_SIZE = 88, BUNDLE_ROW_SIZE = 24, BUNDLE_FULL_HASH_AT = 24 };

/* Writes the full hash anew after bytes were changed. `bytes` is a whole bundle. */
void bundle_rehash(uint8_t *bytes, uint64_t size);

#endif
