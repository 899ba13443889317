/*
 * check_zones: local times of a campaign that nobody gave a zone. Next: compiler/check_zones.c.
 */
#ifndef PROMO_COMPILER_CHECK_ZONES_H
#define PROMO_COMPILER_CHECK_ZONES_H

#include "compiler/names.h"

/* Reports the first local time of a campaign where neither it, its line nor the workspace names a zone. */
void zones_judge(struct names *names, const struct declaration *campaign);

#endif
