/*
 * check_versions: what a new version of a campaign says of the one before. Next: compiler/check_versions.c.
 */
#ifndef PROMO_COMPILER_CHECK_VERSIONS_H
#define PROMO_COMPILER_CHECK_VERSIONS_H

#include "compiler/names.h"
#include "vm/program.h"

/*
 * Judges `renamed from` within the campaign and, where `before` is not NULL, against the campaign of the same name in
 * that program: every step that is named there has to be one of it.
 */
void versions_judge(struct names *names, const struct declaration *campaign, const struct program *before);

/* `running journeys move to this version`: each wait of the version before has a place in this program, whose codes and states are whole. */
void versions_judge_moves(struct names *names, const struct program *before, const struct program *now);

#endif
