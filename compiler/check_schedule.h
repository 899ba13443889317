/*
 * check_schedule: `start every …`, `start on schedule`, `order by`, `business days of` and `holidays` as records.
 *
 * Holidays go into the bundle with the vocabulary; schedules and the values that order a run into region 0, before the campaigns are
 * compiled, which then find theirs. When a schedule is due: vm/schedule.h; whom a run takes: runtime/engine/run.h.
 */
#ifndef PROMO_COMPILER_CHECK_SCHEDULE_H
#define PROMO_COMPILER_CHECK_SCHEDULE_H

#include "compiler/check.h"
#include "vm/schedule.h"

/* HOLIDAYS and HOLIDAY records of all `holidays` blocks. */
void schedule_emit_holidays(struct names *names);

/* The HOLIDAYS record of the campaign's `business days of`; PROGRAM_NONE without such a line, and after a report. */
uint32_t schedule_country(struct names *names, const struct declaration *campaign);
/* The same for a line that needs one: reports where the campaign names no country. `words`: the line, for the message. */
uint32_t schedule_need_country(struct names *names, const struct declaration *campaign, struct span span);

/* The SCHEDULE record, and its ORDER records with their code, of a campaign that starts by schedule. thing->schedule is its index. */
void schedule_emit(struct emitter *emitter, struct thing *campaign);

/* Warns of clock times that a change of clocks skips or repeats in the coming years, in this zone. */
void schedule_warn_clock(struct names *names, struct span span, const struct bundle_schedule *schedule,
                         struct schedule_holidays holidays, uint32_t zone);

#endif
