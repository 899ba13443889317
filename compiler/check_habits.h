/*
 * check_habits: warns of statements that are sound and hardly meant. Next: compiler/check_habits.c.
 */
#ifndef PROMO_COMPILER_CHECK_HABITS_H
#define PROMO_COMPILER_CHECK_HABITS_H

#include "compiler/names.h"

/* Walks the steps of a campaign and warns. */
void habits_judge(struct names *names, const struct declaration *campaign);

#endif
