/*
 * check_splits: the splits of a campaign as records. See check_campaign.c, which calls both.
 */
#ifndef PROMO_COMPILER_CHECK_SPLITS_H
#define PROMO_COMPILER_CHECK_SPLITS_H

#include "compiler/campaign.h"

/* Counts the splits of a block, with those of the blocks in it, into *count; with `add` each is also judged and put into
 * campaign->splits, which has room for all. */
void splits_find(struct campaign *campaign, const struct block *block, uint32_t *count, bool add);
/* campaign->splits into the builder, in their order, each with its arms. */
void splits_emit(struct campaign *campaign);

#endif
