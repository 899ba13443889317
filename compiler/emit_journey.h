/*
 * What the files that write a journey's instructions share. Not a contract of the layer: campaign.h is.
 */
#ifndef PROMO_COMPILER_EMIT_JOURNEY_H
#define PROMO_COMPILER_EMIT_JOURNEY_H

#include "compiler/campaign.h"
#include "compiler/check_ask.h"

enum { EFFECT_VALUES_MAX = 16 }; /* as vm/layout.c has it */

/* The value of a `remember`, as the emitter (perhaps one that emits nothing) reads it; see check_journey.c. */
struct reading journey_read_remembered(struct emitter *emitter, const struct statement *statement,
                                       const struct type *type);

/* Puts a node's facts, as they are now, on the way to another node; NULL is allowed. */
void emit_pass_facts(const struct facts *facts, struct node *to);
/* On to the next node: nothing where it follows, otherwise a jump. */
void emit_go_on(struct campaign *campaign, struct emitter *emitter, const struct node *node, struct node *to);
/* Adds the STATE record of a wait or a request, without its entries, and gives its number in the campaign. */
uint32_t emit_state(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                    struct bundle_state state);

/* The number of a node's effect in its campaign; its EFFECT record is filled in at the first use, from `record` and its values. */
uint32_t emit_effect(struct campaign *campaign, struct emitter *emitter, const struct node *node,
                     struct bundle_effect record, const struct bundle_value *values, uint32_t count);

/* One node each. */
void emit_send(struct campaign *campaign, struct emitter *emitter, struct node *node);
void emit_do(struct campaign *campaign, struct emitter *emitter, struct node *node);
void emit_credit(struct campaign *campaign, struct emitter *emitter, struct node *node);
void emit_wait(struct campaign *campaign, struct emitter *emitter, struct node *node);
/* The deadline of a wait or a question: exact or by the calendar. False after a report. */
bool emit_wait_duration(struct names *names, const struct value *value, bool after_entry, struct bundle_state *state);

/* Warn of messages that go out although the credit was declined, and of amounts in them that were typed by hand. */
void emit_warn_after_credit(struct campaign *campaign, struct node *credit);
void emit_warn_amounts(struct campaign *campaign, const struct node *credit);

#endif
