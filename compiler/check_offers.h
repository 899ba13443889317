/*
 * check_offers: the offers of a campaign as records. See check_campaign.c, which calls both.
 */
#ifndef PROMO_COMPILER_CHECK_OFFERS_H
#define PROMO_COMPILER_CHECK_OFFERS_H

#include "compiler/campaign.h"

/* Fills campaign->offers with its own and those of the workspace, each judged; mistakes are reported, and mark the offer as broken. */
void offers_collect(struct campaign *campaign);
/* One offer with its facts into the builder, under the number it was given. */
void offers_emit(struct campaign *campaign, struct campaign_offer *offer);

#endif
