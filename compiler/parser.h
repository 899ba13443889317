/*
 * parser: from a source to a tree and messages.
 *
 * The stages are lexer (bytes to tokens), balance (every block gets its `end`), repair (a line
 * that does not parse is mended where one small change does it, and reported) and grammar (tokens
 * to tree). A line that cannot be mended is reported and left out of the tree.
 *
 * It checks no names, types or numbers of lines. Next: compiler/grammar.y, compiler/repair.h.
 */
#ifndef PROMO_COMPILER_PARSER_H
#define PROMO_COMPILER_PARSER_H

#include "compiler/ast.h"
#include "compiler/diagnostic.h"
#include "compiler/source.h"
#include "vm/arena.h"

/*
 * Parses any bytes whatsoever. The tree lives in `arena`; mistakes go to `diagnostics`. NULL only
 * where the arena is exhausted. A file with mistakes gives the tree of what could be read, with
 * `is_broken` set on it and on the declarations concerned.
 */
struct ast_file *parser_parse(const struct source *source, struct arena *arena, struct diagnostic_list *diagnostics);

#endif
