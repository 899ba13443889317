/*
 * inputs: what a reward depends on: the events that every path to it may pass, the conditions on the way, the filters at the
 * entry, the formulas of its offer. Asked by the rules of jurisdictions: does a reward depend on a figure of loss; does a bet on
 * sports qualify for spins in the casino.
 *
 * It follows segments, remembered values and metrics down to what they are made of. It reports nothing. Next: check_rules.c.
 */
#ifndef PROMO_COMPILER_INPUTS_H
#define PROMO_COMPILER_INPUTS_H

#include "compiler/campaign.h"

/* A product by the name that jurisdictions tell products apart by: slots, table and live games are the casino's. */
struct text inputs_family(struct text word);

/* The first place where one of `words` (attributes, metrics, events) is read on the way to `credit`. `word_out` gets the word,
 * `span_out` the place in the campaign. False: nowhere. */
bool inputs_read(struct campaign *campaign, const struct node *credit, const struct campaign_offer *offer,
                 const struct name_list *words, struct text *word_out, struct span *span_out);

/* The first event or figure on the way to `credit` that can be about another product than `family`: a field of products that its
 * filter does not narrow down. `products_out` gets those others, in words. False: none. */
bool inputs_other_product(struct campaign *campaign, const struct node *credit, const struct campaign_offer *offer,
                          struct text family, struct text *products_out, struct span *span_out);

/* Marks (`mark` 1, others 0) every node from which the credit can be reached, itself included. */
void inputs_mark_way(struct flow *flow, const struct node *credit);

#endif
