/*
 * check_play: how an offer is played, claimed and taken away, as records. See check_offers.c, which calls it.
 */
#ifndef PROMO_COMPILER_CHECK_PLAY_H
#define PROMO_COMPILER_CHECK_PLAY_H

#include "compiler/campaign.h"

/* The lines of an offer's terms beyond wagering, games and expiry into its record, with WEIGHT rows and facts; mistakes are reported. */
void play_emit(struct campaign *campaign, const struct campaign_offer *offer, struct bundle_offer *record);
/* The filters of `cancel on` and `revoke on`, once the campaign's code is written. */
void play_emit_filters(struct campaign *campaign, struct emitter *emitter);

/* The event that the offer's reward stands and falls with (`revoke on` one that reverses it): its id goes along with a credit. NULL: none. */
const struct event_info *play_source(struct campaign *campaign, const struct declaration *offer);
/* `cancel`, `freeze`, `unfreeze`: the OFFER index; PROGRAM_NONE after a report. */
uint32_t play_ordered(struct campaign *campaign, const struct statement *statement);

/* Whether the engine keeps what the offer grants, and tells that it begins. */
bool play_has_life(struct campaign *campaign, const struct declaration *offer);

/* Whether the workspace says that the platform keeps bonuses; such an event then comes from it, though the engine could make it. */
bool play_platform_keeps(const struct names *names);
bool play_is_platforms(const struct names *names, struct text event);

#endif
