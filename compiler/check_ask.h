/*
 * check_ask: `query`, `ask`, `tell` and the second half of an `enter` line, for the files that walk a campaign.
 *
 * names_gather.c gathers queries; flow.c lays questions out as nodes; check_journey.c prepares variables; emit_journey.c calls the emitters.
 * Everything reports its own mistakes. See check_ask.c.
 */
#ifndef PROMO_COMPILER_CHECK_ASK_H
#define PROMO_COMPILER_CHECK_ASK_H

#include "compiler/names.h"

struct campaign;
struct emitter;
struct node;

/* The query by name, or NULL. */
const struct query_info *names_query(const struct names *names, struct text name);
/* Judges its type and name, once all events are known. */
void query_judge(struct names *names, struct query_info *query);
/* QUERY records, and behind the declared events one for each answer; raises the largest number of slots. */
void queries_emit(struct names *names, uint32_t *event_slots);

/* The variable for the answer, before any code. */
void ask_prepare(struct campaign *campaign, const struct node *node);
void ask_judge_names(struct campaign *campaign);
void emit_ask(struct campaign *campaign, struct emitter *emitter, struct node *node);
/* `when answered`: keeps the answer with the journey. */
void emit_answer(struct campaign *campaign, struct emitter *emitter, const struct node *node);
void emit_tell(struct campaign *campaign, struct emitter *emitter, struct node *node);

/* Reports campaigns whose events start one another in a circle without a wait. */
void tells_judge_loops(struct names *names);

/* `at most 3 at once` and `restarting as` of an `enter` line (NULL: none) into the record. */
void enter_read_again(struct names *names, const struct line *line, struct bundle_campaign *record);

/* `enter once per player and per device_id, missing keys refused`: KEY records. */
void enter_read_keys(struct names *names, const struct line *line, struct bundle_campaign *record);

#endif
