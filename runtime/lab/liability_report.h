/* `promo liability`: what is promised and not settled, by campaign and offer, or by the day on which it falls away.
 *
 * The rows are liability.h's, added up; each campaign's sum of what is reserved is held against its books. Days are those of the workspace's zone.
 * Thread rules: none. spec: runtime.md#liability
 */
#ifndef PROMO_RUNTIME_LAB_LIABILITY_REPORT_H
#define PROMO_RUNTIME_LAB_LIABILITY_REPORT_H

#include "runtime/engine/liability.h"

enum liability_style { LIABILITY_TEXT, LIABILITY_JSON, LIABILITY_CSV };

/* What was found, for tests and exit statuses. */
struct liability_sums {
    uint64_t rows;
    bool ties; /* Every campaign with a total: what is reserved is what its books have reserved. */
};

/* Writes the report as of the last instant. False when memory is out. */
bool liability_report(struct engine *engine, bool by_day, enum liability_style style, struct buffer *out,
                      struct liability_sums *sums);

#endif
