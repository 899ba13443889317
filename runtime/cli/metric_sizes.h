/* What the metrics of a program need: the largest number of bytes for one player, proven from the schema.
 *
 * Printed by `promo check`. How much is kept stands in runtime/engine/metric.h. */
#ifndef PROMO_RUNTIME_CLI_METRIC_SIZES_H
#define PROMO_RUNTIME_CLI_METRIC_SIZES_H

#include <stdbool.h>

#include "compiler/compiler.h"
#include "vm/buffer.h"
#include "vm/program.h"

/* Appends a line with the sum, and with `each` a line for each metric; nothing where the program has none. */
void metric_sizes_print(struct buffer *out, const struct program *program, bool each);

/* What one metric can need of a player (or journey) before its author is warned, in bytes. */
#define METRIC_BYTES_MANY 100000u

/* Adds a warning for each metric that can need more, with what makes it smaller. The first `files` sources are the project's: a metric of
 * the standard library is told where they name it. The output must not have failed. */
void metric_sizes_judge(struct compiler_output *output, uint32_t files);

#endif
