/*
 * Who is in which segment, and why, in the author's words: for `promo segment`.
 *
 * It asks an engine whose log was folded (runtime/store/promo.h: promo_replay) and changes nothing in it.
 */
#ifndef PROMO_RUNTIME_LAB_MEMBERSHIP_H
#define PROMO_RUNTIME_LAB_MEMBERSHIP_H

#include "runtime/engine/engine.h"
#include "vm/buffer.h"

/* The SEGMENT index of this name in the active program, or PROGRAM_NONE. */
uint32_t membership_find(const struct program *program, struct text name);
/* Whether a line such as `start after 7 days without session` stands for the segment. */
bool membership_is_of_line(const struct program *program, uint32_t segment);
/* Appends a segment's name in quotes; of one that a line stands for, the line. */
void membership_name(struct buffer *out, const struct program *program, uint32_t segment);

/* How a campaign starts, where that is no event: `entering "VIPs"`, `start after 7 days without session`, `command`, a schedule in the author's words.
 * False, with nothing appended, where an event starts it. */
bool membership_print_start(struct buffer *out, const struct program *program, uint32_t campaign);

/* All segments with how many players are in each. False when memory is out, here and below. */
bool membership_sizes(struct engine *engine, bool json, struct buffer *out);
/* One segment: its size, and the first `most` players in it by id. */
bool membership_sample(struct engine *engine, uint32_t segment, uint32_t most, bool json, struct buffer *out);
/* One player and one segment, or with PROGRAM_NONE every one: in or out, each condition that was judged with what it read, when time alone may change
 * it, and what would have to differ. `known_out`: whether the state has this player. */
bool membership_why(struct engine *engine, struct text brand, struct text player, uint32_t segment, bool json,
                    struct buffer *out, bool *known_out);

#endif
