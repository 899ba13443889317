/* What `state of "OFFER"` and its like are: read off the player's rewards. spec: properties.def */
#ifndef PROMO_RUNTIME_ENGINE_PROPERTY_OFFER_H
#define PROMO_RUNTIME_ENGINE_PROPERTY_OFFER_H

#include "runtime/engine/property.h"

/* A property of an OFFER: in a journey of the latest reward that it was granted by it, elsewhere of the player's latest; without one 0, `none`. */
int64_t property_offer_read(const struct property_read *read);

#endif
