/*
 * The summary of a run that a marketer can read: by campaign, who entered, waits and finished how, what was sent and credited, what the
 * budget holds and why something was refused, with the proven bound beside the money really spent.
 */
#ifndef PROMO_RUNTIME_LAB_SUMMARY_H
#define PROMO_RUNTIME_LAB_SUMMARY_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

struct summary_style {
    bool colour;
    bool json; /* an array of objects, one a campaign */
};

/* Appends the summary of the active program's campaigns. */
void summary_print(struct buffer *out, struct engine *engine, struct summary_style style);

#endif
