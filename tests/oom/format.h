/*
 * The formatter for oom_tool.c, which cannot include the compiler's tree and the engine's records at once (both have a COMMAND_START).
 */
#ifndef TESTS_OOM_FORMAT_H
#define TESTS_OOM_FORMAT_H

#include "vm/buffer.h"

/* The canonical form of a campaign file; nothing for one with mistakes. */
MUST_CHECK enum status format_whole(struct buffer *out, struct text bytes, struct error *error);

#endif
