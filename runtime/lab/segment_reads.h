/*
 * By what a segment's membership can change: attributes, tags, events by way of metrics, and the passing of time alone; read off its code.
 *
 * For `promo check`, which tells it of the segments that campaigns start on. The engine works the same out for itself (runtime/engine/segments.h).
 */
#ifndef PROMO_RUNTIME_LAB_SEGMENT_READS_H
#define PROMO_RUNTIME_LAB_SEGMENT_READS_H

#include "vm/buffer.h"
#include "vm/program.h"

/* Appends a line for each segment that a campaign starts on. False when memory is out. */
bool segment_reads_print(struct buffer *out, const struct program *program);

#endif
