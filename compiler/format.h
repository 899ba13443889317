/*
 * format: the one canonical form of a campaign file.
 *
 * Two spaces a level, one space between words, clauses of neighbouring lines in columns, symbols
 * as words, numbers with thousands grouped, comments and single blank lines kept. Formatting twice
 * gives the same bytes; parsing the result gives the same tree.
 *
 * It does not format a file with mistakes: its shape is not known. Next: compiler/format.c.
 */
#ifndef PROMO_COMPILER_FORMAT_H
#define PROMO_COMPILER_FORMAT_H

#include <stdbool.h>

#include "compiler/source.h"
#include "vm/arena.h"
#include "vm/buffer.h"
#include "vm/status.h"

struct format_options {
    bool is_explicit; /* also write the defaults that the author left out */
};

/*
 * Appends the canonical form of a source that parses to `out`. STATUS_NO_MEMORY. A source with
 * mistakes must not be given here: parse it first.
 */
enum status format_source(struct buffer *out, const struct source *source, struct arena *arena,
                          struct format_options options, struct error *error) MUST_CHECK;

#endif
