/*
 * How hard the codes of pools are to guess, in words. The figures are vm/code_word.h's.
 */
#ifndef PROMO_RUNTIME_LAB_CODES_TEXT_H
#define PROMO_RUNTIME_LAB_CODES_TEXT_H

#include "vm/buffer.h"
#include "vm/program.h"

/* A line for each pool of made codes: how many, of how many texts, the bits of a code, and how often an hour of guessing hits one. */
void codes_text_print(struct buffer *out, const struct program *program);

/* Whether any pool makes its codes, so that who has the identity key has the codes. */
bool codes_text_any_made(const struct program *program);

#endif
