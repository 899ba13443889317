/*
 * check_policies: groups, shares held out, priorities and hours of policies and campaigns (check_policies.c).
 *
 * What is reported stands in spec/diagnostics.def from 901 on. `rule` is a record with place and name filled in.
 * Next: compiler/check_rules.h for jurisdictions.
 */
#ifndef PROMO_COMPILER_CHECK_POLICIES_H
#define PROMO_COMPILER_CHECK_POLICIES_H

#include "compiler/check.h"

/* `group "x" one campaign at a time` or `hold out 5% by "x"` of a policy. */
void policies_emit_line(struct names *names, const struct line *line, struct bundle_rule rule);
/* `group "x"` of a campaign; `rule.campaign` is its index. */
void policies_emit_member(struct names *names, const struct line *line, struct bundle_rule rule);
/* The number of a `priority` line; a wrong one is reported. */
uint32_t policies_priority(struct names *names, const struct line *line);
/* Reports campaigns of one group with the same priority. */
void policies_judge_groups(struct names *names);
/* Reports a campaign's hours that leave no minute of a policy's. `zone`: the campaign's. */
void policies_judge_hours(struct names *names, const struct line *own, uint32_t zone);
/* A message class by its word, PROGRAM_NONE where none is written; false: unknown and reported. */
bool policies_message_class(struct names *names, const struct name *word, uint32_t *out);

#endif
