/*
 * name_help: what mends an unknown name, where a near name is not it. Next: compiler/names.h.
 */
#ifndef PROMO_COMPILER_NAME_HELP_H
#define PROMO_COMPILER_NAME_HELP_H

#include "compiler/names.h"

/* The help line for an unknown name, in the arena; an empty text for none. */
struct text name_help(const struct names *names, enum diagnostic_code code, struct text name);

#endif
