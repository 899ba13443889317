/* What an experiment shows, for people and for programs: sizes of the arms, rates and means, and whether their differences are more than chance.
 *
 * Arms come as the engine counts them (engine_experiments); the arithmetic is statistics.h. Judged in this order:
 *   1. sizes   chi-square of the arms' sizes against their shares; p below 0.001 is an alarm, and nothing further is compared
 *   2. goals   each arm against the control: difference of the shares with its interval, lift with its interval, chi-square
 *   3. measures  the same of the means, with Welch's t
 * A difference counts where p is below 0.05 over the number of comparisons with the control. The control is the arm named "holdout", "control" or
 * "held out", otherwise the first. Not here: what is counted, and when (runtime/engine/experiment.h).
 * Thread rules: none. spec: language.md#experiments
 */
#ifndef PROMO_RUNTIME_LAB_EXPERIMENT_REPORT_H
#define PROMO_RUNTIME_LAB_EXPERIMENT_REPORT_H

#include "runtime/engine/engine.h"

#define EXPERIMENT_ARMS_MOST 64u

/* Cells as they were told, with everything copied; release with experiment_cells_release. */
struct experiment_cells {
    struct engine_cell *cell;
    uint32_t count, capacity;
    bool failed; /* Memory was out: what is there is not all. */
};
/* For engine_experiments: `context` is a struct experiment_cells. */
void experiment_cells_add(void *context, const struct engine_cell *cell);
void experiment_cells_release(struct experiment_cells *cells);

/* Which experiments: of a campaign (of one split where it is not empty), or of a `hold out` where `hold_out` is not empty. */
struct experiment_choice {
    struct text campaign, split, hold_out;
};
/* Writes all that were chosen. False: there are none (nobody was exposed, or a name is wrong), and nothing was written. */
bool experiment_report(const struct experiment_cells *cells, struct experiment_choice choice, bool json,
                       struct buffer *out);

#endif
