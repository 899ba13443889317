/*
 * terms: what the terms of an offer say to a player, made from the facts that the compiler noted (spec/terms.def), in the words of a
 * language (spec/wording.def). Text and behaviour are from one source, so they cannot differ.
 */
#ifndef PROMO_RUNTIME_CHANNELS_TERMS_H
#define PROMO_RUNTIME_CHANNELS_TERMS_H

#include "vm/buffer.h"
#include "vm/program.h"

enum terms_format { TERMS_TEXT, TERMS_MARKDOWN, TERMS_HTML, TERMS_JSON };

/* "en", "de": the languages that there are words for; the n-th, or an empty text past the end. */
struct text terms_language(unsigned index);

/* Appends the sentences of an offer in a campaign, each ended: with `line` between them (a blank makes a paragraph). Nothing where
 * the campaign does not credit it. A locale without words gets the first language. */
void terms_sentences(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t offer,
                     struct text locale, struct text line);

/* Appends the terms of one offer, with a heading, in a format. JSON: one object with the facts and the sentences. */
void terms_write(struct buffer *out, const struct program *program, uint32_t campaign, uint32_t offer,
                 struct text locale, enum terms_format format);

/* The offer of a campaign by name among those that have terms: its own before a shared one. PROGRAM_NONE: there is none. With an empty
 * campaign the first that has it; `campaign_out` gets which. */
uint32_t terms_find(const struct program *program, struct text campaign, struct text offer, uint32_t *campaign_out);

/* "yes" or "no" in the locale. */
struct text terms_yes_or_no(struct text locale, bool yes);

#endif
