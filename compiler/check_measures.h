/* Named goals and measures of campaigns: MEASURE records and their code in region 0.
 *
 * `goal "login" within 14 days on session` and `measure "revenue" within 14 days of deposit.amount` are what experiments are judged by. Each
 * is kept from its event alone, like a metric. The goal without a name is the campaign's own affair (check_campaign.c).
 * spec: language.md#experiments
 */
#ifndef PROMO_COMPILER_CHECK_MEASURES_H
#define PROMO_COMPILER_CHECK_MEASURES_H

#include "compiler/campaign.h"

/* The records of all campaigns, in their order; the emitter stands in region 0. */
void measures_emit(struct emitter *emitter);
/* What only the campaign knows: whether what a goal is `of` is there. */
void measures_judge(struct campaign *campaign);

#endif
