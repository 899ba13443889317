/*
 * emit_terms: what the terms of each offer that a campaign credits say to a player, as TERM records (spec/terms.def): from the offer, the
 * terms it follows, and the campaign's days, audience and entries. The words are made where they are shown (runtime/channels/terms.h).
 */
#ifndef PROMO_COMPILER_EMIT_TERMS_H
#define PROMO_COMPILER_EMIT_TERMS_H

#include "compiler/campaign.h"

/* The facts of all offers that the campaign credits. `index`: of its record, whose entry and days are filled in. */
void terms_emit(struct campaign *campaign, const struct bundle_campaign *record, uint32_t index);

#endif
