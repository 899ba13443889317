/* Questions to people and to the host: `ask`.
 *
 * The effect leaves, the journey rests in an ASK state until the answer or its time limit. It is no request: the player does not
 * pause, events and deadlines go on. Approval takes as many different people as it says; one who refuses decides.
 * The deadline is a wait's like any other (journey.c); identities are found again by whose.c. spec: runtime.md#questions
 */
#ifndef PROMO_RUNTIME_ENGINE_QUESTIONS_H
#define PROMO_RUNTIME_ENGINE_QUESTIONS_H

#include "runtime/engine/fold.h"

/* The journey has come to rest in an ASK state: the question leaves. `nth`: how often its effect was made. */
void questions_ask(struct engine *engine, struct player *player, struct journey *journey, uint32_t effect, uint64_t nth,
                   int64_t now);

/* A reply `approved`, `refused` or `answered`. What nobody waits for is noted. */
void questions_reply(struct engine *engine, const struct turn *turn);

/* Whether the reply is an answer to a question. */
static inline bool questions_is_answer(const struct record *record)
{
    return record->kind == RECORD_REPLY &&
           (record->status == REPLY_APPROVED || record->status == REPLY_REFUSED || record->status == REPLY_ANSWERED);
}

#endif
