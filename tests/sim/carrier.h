/* Carries what the outbox holds, by the seed: takes some of what is due, hands it over, and says what came of it, or forgets to.
 *
 * It stands where deliver.h stands, one attempt after the other and without a program at the other end. What it was given it has handed over by the
 * time of its first failure, so a crash in the middle leaves effects that left and of which the log knows nothing.
 */
#ifndef TESTS_SIM_CARRIER_H
#define TESTS_SIM_CARRIER_H

#include "runtime/store/promo_outbox.h"

struct carrier {
    uint64_t random;
    bool patient; /* every attempt is answered, and well */
    void (*receive)(void *context, const char *line, uint32_t size);
    void *context;
    uint64_t carried, failed, unsaid, over;
};

/* One round. `moved_out`: whether there was anything to carry or to say. The first failure of the service is returned. */
MUST_CHECK enum status carrier_step(struct carrier *carrier, struct promo *promo, bool *moved_out, struct error *error);

#endif
