/*
 * A store that lives in memory and dies with it: for tests, and for runs that keep nothing.
 * It copies what it is given and seals nothing, since nothing is ever at rest.
 */
#ifndef PROMO_RUNTIME_STORE_MEMORY_STORE_H
#define PROMO_RUNTIME_STORE_MEMORY_STORE_H

#include "runtime/store/store.h"

/* Fills in `out`; release with store_close(). */
MUST_CHECK enum status memory_store_open(struct store *out, struct error *error);

#endif
