/*
 * check_offers: the offers of a campaign as records. See check_campaign.c, which calls them.
 */
#ifndef PROMO_COMPILER_CHECK_OFFERS_H
#define PROMO_COMPILER_CHECK_OFFERS_H

#include "compiler/campaign.h"

/* Fills campaign->offers with its own and those of the workspace, each judged; mistakes are reported, and mark the offer as broken. */
void offers_collect(struct campaign *campaign);
/* One offer with its facts into the builder, under the number it was given. */
void offers_emit(struct campaign *campaign, struct campaign_offer *offer);

/* Reports the names in the formulas of an offer that nothing credits: events, fields and attributes that there are not. What else may
 * be wrong in them is judged at each `credit`. */
void offers_judge_names(struct campaign *campaign, const struct declaration *offer);

/* Judges the offers of the workspace that no campaign credits, and warns of each; call it once all campaigns are compiled without a mistake. */
void offers_judge_idle(struct names *names);

#endif
