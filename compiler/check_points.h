/*
 * Points and levels: what earns, what expires, which words are reached from how many points on; and the statement that spends.
 *
 * A block `levels` is also a campaign of its name, which starts on each level that a player reaches: levels_expand writes it into the tree,
 * and it is checked and compiled like any other. spec: language.md#points, language.md#levels
 */
#ifndef PROMO_COMPILER_CHECK_POINTS_H
#define PROMO_COMPILER_CHECK_POINTS_H

#include "compiler/check.h"

struct campaign;
struct node;

/* Adds the campaigns of `levels` blocks to the trees, before they are gathered. */
void levels_expand(struct arena *arena, struct ast_file *const *files, uint32_t count);
/* Region 0, after the metrics: POINTS and EARN records with their code, LEVELS and LEVEL records. */
void points_emit(struct emitter *emitter);
/* `spend 100 of "stars"`. */
void emit_spend(struct campaign *campaign, struct emitter *emitter, struct node *node);

/* check_metric.c: the code over an event and over the one that takes it back, for a metric_info whose declaration has the field (or none:
 * then each event counts 1), event and filter, and whose currency is known. False after a report. */
struct measure {
    uint32_t event, code, reversal, reversal_code;
    struct reading value; /* what the code yields: its type and range */
};
bool metric_measure(struct emitter *emitter, struct metric_info *info, struct measure *out);

/* The points of that name; PROGRAM_NONE after a report where there are none. */
uint32_t points_need(struct names *names, const struct name *name);

#endif
