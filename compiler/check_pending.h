/*
 * check_pending: what the language can say and the checker cannot judge yet.
 *
 * Nothing that is written is silently left out: a line that parses but that no stage knows is
 * reported here. The table in check_pending.c shrinks as stages learn. Next: compiler/check_pending.c.
 */
#ifndef PROMO_COMPILER_CHECK_PENDING_H
#define PROMO_COMPILER_CHECK_PENDING_H

#include "compiler/ast.h"
#include "compiler/diagnostic.h"

/* Reports every declaration, line and statement of the files that no later stage reads. */
void pending_judge(struct diagnostic_list *diagnostics, struct ast_file *const *files, uint32_t count);

#endif
