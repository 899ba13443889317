/* Which members of the top level each kind of line must have, and which it may have. For the files of intake_scan.h alone.
 *
 * A line of history says `import` and `row` in the place of `source` and `id`, so its kind follows from them.
 */
#ifndef PROMO_RUNTIME_STORE_INTAKE_MEMBERS_H
#define PROMO_RUNTIME_STORE_INTAKE_MEMBERS_H

#include "runtime/store/schema.h"

/* The kind of record that a line is, of the kind that it says (0: none) and the members that it has (bit n: enum schema_top); 0 where that does not
 * tell. */
uint32_t members_kind(uint32_t said, uint64_t seen);

/* The first member that is missing, or that does not belong to the kind; TOP_COUNT: none. */
uint32_t members_missing(uint32_t kind, uint64_t seen);
uint32_t members_strange(uint32_t kind, uint64_t seen);

/* What a kind of line is called. */
const char *members_word(uint32_t kind);

#endif
