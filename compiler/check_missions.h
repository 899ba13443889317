/*
 * check_missions: missions and badges.
 *
 * A `mission` stands for a campaign: its tasks are metrics since the entry, its cases of progress are steps that wait for the event
 * `mission_progress` of itself, until the run is over. A badge with `for players where …` stands for a segment and a campaign that awards it.
 * Both are added to the trees before names are gathered, with the spans of the author's lines, so everything that campaigns have they have too.
 * What the engine needs besides are the records MISSION, TASK and BADGE. spec: language.md#missions
 */
#ifndef PROMO_COMPILER_CHECK_MISSIONS_H
#define PROMO_COMPILER_CHECK_MISSIONS_H

#include "compiler/campaign.h"

/* Rewrites missions and adds what badges stand for, in trees that were parsed and not gathered yet; reports what no campaign could say. */
void missions_expand(struct arena *arena, struct ast_file *const *files, uint32_t count,
                     struct diagnostic_list *diagnostics);

/* The records of a mission, after its campaign with the index `campaign` was emitted; nothing for another campaign. */
void missions_emit(struct names *names, const struct declaration *declaration, uint32_t campaign);
/* The metric of the task of this name, in the project's only mission that has one, or in `campaign` (unless PROGRAM_NONE); NULL: there is none. */
struct metric_info *missions_task(const struct names *names, struct text name, uint32_t campaign);

void badges_emit(struct names *names);
/* A declared badge; its BADGE index or PROGRAM_NONE after a report. */
uint32_t badges_need(struct names *names, const struct name *name);

#endif
