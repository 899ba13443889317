/*
 * ast_dump: a tree as text. For tests, and for people who want to see what a line was read as.
 * Its form is no interface: it may change with the tree. Next: compiler/ast.h.
 */
#ifndef PROMO_COMPILER_AST_DUMP_H
#define PROMO_COMPILER_AST_DUMP_H

#include "compiler/ast.h"
#include "vm/buffer.h"

/* Appends the tree, one node a line, indented by depth, without spans and comments. */
void ast_dump(struct buffer *out, const struct ast_file *file);

#endif
