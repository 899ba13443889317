/* Answers to what the platform asks with an event: a code is entered, a reward claimed, a checkout priced. spec: runtime.md#answers
 *
 * An event `answered by engine` is a request under its id. Each gets one answer: OK or a reason, and named values. The answer leaves as an effect,
 * {"effect":"answer", "to":ID, …}, and is kept with the player for as long as the id of the event is (its time plus the workspace's lateness), so that a
 * repetition is answered again, in the same bytes.
 */
#ifndef PROMO_RUNTIME_ENGINE_ANSWERS_H
#define PROMO_RUNTIME_ENGINE_ANSWERS_H

#include "runtime/engine/parts.h"

/* So many answers are kept of one player; a repetition of an older request is only told that it is one. */
#define ANSWERS_MOST 4096u

extern const struct part answers_part;

/* Gives the answer to the event `asked` of the player: OK with REASON_NONE. `words` (may be empty) is what the player is to read. Within a turn. */
void answers_give(struct engine *engine, struct player *player, const struct kept_event *asked, struct text source,
                  enum reason reason, struct text words, const struct answer_value *values, uint32_t count);
/* A repetition of a request came: its answer is given again. False: none is kept. */
bool answers_repeat(struct engine *engine, const struct record *record);

#endif
