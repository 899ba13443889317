/*
 * check_texts: habits of other mail tools in message texts.
 *
 * Holes that the language knows are read elsewhere (schema_holes in compiler/check_schema.c).
 */
#ifndef PROMO_COMPILER_CHECK_TEXTS_H
#define PROMO_COMPILER_CHECK_TEXTS_H

#include "compiler/names.h"

/* Warns of `{{player.name}}`, `[[name]]` and `%name%` in the body of a LINE_CONTENT: they go out as they stand. */
void texts_judge(struct names *names, const struct line *content);

#endif
