/*
 * What a filter asks, in the author's words, without an event to judge: "deposit where amount is at least 20 EUR".
 *
 * Read off the condition sites of its code. Next: runtime/lab/explain_render.c.
 */
#ifndef PROMO_RUNTIME_LAB_FILTER_WORDS_H
#define PROMO_RUNTIME_LAB_FILTER_WORDS_H

#include "vm/buffer.h"
#include "vm/program.h"

/* Appends the event's name, `of` what, and the conditions of the filter at `pc` (PROGRAM_NONE: none) of the campaign's region. Several
 * conditions follow each other with commas: how they are joined is not in the code, the line says it. */
void filter_words_print(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t event,
                        uint32_t about, uint32_t pc);

/* The condition sites (numbers in their region, each once) that the filter at `pc` may judge, in the order of its code: at most `most`. How
 * many there were; PROGRAM_NONE has none. */
uint32_t filter_words_sites(const struct program *program, uint32_t pc, uint16_t *sites, uint32_t most);

#endif
