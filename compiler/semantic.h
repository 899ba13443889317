/*
 * semantic: the hash that says whether a campaign still means the same.
 *
 * Over everything a running journey depends on: its code, states, effects, offers, splits, and by name the events and
 * attributes it reads. Not over lines, notes, message bodies, policies and budgets. Journeys pin it.
 * spec: language.md#versions
 */
#ifndef PROMO_COMPILER_SEMANTIC_H
#define PROMO_COMPILER_SEMANTIC_H

#include "vm/arena.h"
#include "vm/builder.h"
#include "vm/status.h"

/* Fills semantic_0 and semantic_1 of every CAMPAIGN and SEGMENT record, identity_0 and identity_1 of every METRIC record. STATUS_NO_MEMORY. */
enum status semantic_hashes(struct builder *builder, struct arena *arena, struct error *error) MUST_CHECK;

#endif
