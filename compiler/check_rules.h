/*
 * check_rules: rules of jurisdictions, as dated data (check_rules.c).
 *
 * Of one jurisdiction one block is in force on a day: the one that began last, unless its `through` is past. A campaign for one
 * jurisdiction must pass every block that is in force on a day of its `runs`, or later while a journey may still come to the reward; for one of the player what is not known yet is
 * judged when the reward is asked for (runtime/engine/jurisdiction.c). spec: language.md#rules-of-a-jurisdiction
 */
#ifndef PROMO_COMPILER_CHECK_RULES_H
#define PROMO_COMPILER_CHECK_RULES_H

#include "compiler/campaign.h"

/* Every line as a RULE record, filters in region 0. */
void rules_emit(struct emitter *emitter);

/* Judges a campaign whose graph and effects stand: reports what one jurisdiction forbids, and leaves BREACH records of what is
 * forbidden to some players. `record`: its runs, their end and what pauses it are read. */
void rules_judge_campaign(struct campaign *campaign, const struct bundle_campaign *record);

/* check_liability.c: the last day on which a journey may come to the node: the last of `runs`, and the longest way from there. INT64_MAX:
 * there is none, also where a pause can last any time. */
int64_t rules_last_day(struct campaign *campaign, const struct node *node, const struct bundle_campaign *record);

/* Reports rewards that can live longer than the campaign's `liability through` date. */
void rules_judge_liability(struct campaign *campaign, const struct bundle_campaign *record);

#endif
