/*
 * not_yet: refuses what can be read and written but not be compiled yet.
 *
 * Runs between parser and checker, so that the checker never meets a node that it does not know. Next: compiler/ast.h.
 */
#ifndef PROMO_COMPILER_NOT_YET_H
#define PROMO_COMPILER_NOT_YET_H

#include "compiler/ast.h"
#include "compiler/diagnostic.h"

/* Reports each such declaration, line and statement once and makes it a broken one. */
void not_yet_judge(struct ast_file *const *files, uint32_t count, struct diagnostic_list *diagnostics);

#endif
