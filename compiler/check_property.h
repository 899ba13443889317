/*
 * `WORD of "NAME"`: what may be read of an offer, a pool of codes, points, a mission, a tournament (spec/properties.def).
 */
#ifndef PROMO_COMPILER_CHECK_PROPERTY_H
#define PROMO_COMPILER_CHECK_PROPERTY_H

#include "compiler/check.h"

/* Makes the enumerations of their words, before the schema is emitted. */
void property_collect(struct names *names);
/* The property as a slot of BANK_METRIC; reported and broken where there is no such thing or it has no such property. */
struct reading property_reading(struct emitter *emitter, const struct value *value);
/* For tests, which read it without a record: which one, and its type; false (nothing reported): there is none. */
bool property_of(struct emitter *emitter, const struct value *value, enum property *out, struct type *type);

#endif
