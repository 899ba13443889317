/* What the metrics of a program need: the largest number of bytes for one player, proven from the schema.
 *
 * Printed by `promo check`. How much is kept stands in runtime/engine/metric.h. */
#ifndef PROMO_RUNTIME_CLI_METRIC_SIZES_H
#define PROMO_RUNTIME_CLI_METRIC_SIZES_H

#include <stdbool.h>

#include "vm/buffer.h"
#include "vm/program.h"

/* Appends a line with the sum, and with `each` a line for each metric; nothing where the program has none. */
void metric_sizes_print(struct buffer *out, const struct program *program, bool each);

#endif
