/*
 * later: words of constructs that later versions of the language will have.
 *
 * Whoever writes them today is told so; balance skips their blocks, repair leaves their lines out.
 */
#ifndef PROMO_COMPILER_LATER_H
#define PROMO_COMPILER_LATER_H

#include "compiler/shape.h"

/* How the construct is called whose line this is, in a block; NULL where it is none. `count` tokens, at least 2. */
const char *later_line(enum block_kind inside, const struct token *tokens, uint32_t count);

#endif
