/* `place of "TOURNAMENT"` and `score of "TOURNAMENT"` (property.h). */
#ifndef PROMO_RUNTIME_ENGINE_BOARD_PROPERTY_H
#define PROMO_RUNTIME_ENGINE_BOARD_PROPERTY_H

#include "runtime/engine/property.h"

/* The number; `changes_at` as of metrics. */
int64_t board_property_read(const struct property_read *read, int64_t *changes_at);

#endif
