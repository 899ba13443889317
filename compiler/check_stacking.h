/* Stacking orders of checkouts, and the terms that only gift cards have: checked, and made into records. spec: language.md#gift-cards-and-checkout */
#ifndef PROMO_COMPILER_CHECK_STACKING_H
#define PROMO_COMPILER_CHECK_STACKING_H

#include "compiler/campaign.h"

/* Emits STACKING and STACK; after the actions have their numbers. */
void stacking_emit(struct names *names);

/* `use` and `refund` of an offer of this action, into its record. */
void stacking_card_terms(struct campaign *campaign, const struct declaration *offer, const struct action_info *action,
                         struct bundle_offer *record);

#endif
