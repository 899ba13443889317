/* Codes that players enter and journeys give: what a pool answers. spec: runtime.md#codes
 *
 *   code_entered, code_held, code_released, code_rolled_back (answered by engine), `give code`, `release code`
 *        │ each is a request: the player pauses, requests are served one at a time in turn order, so no code and no quota is used twice
 *        ▼
 *   pool (codes_state.h) and what the player has ──► an answer, code_redeemed or code_given, the journey goes on
 *
 * Pools are those of the newest program, found by name. Codes of a pool of kind MADE are worked out, not kept (vm/code_word.h).
 */
#ifndef PROMO_RUNTIME_ENGINE_CODES_H
#define PROMO_RUNTIME_ENGINE_CODES_H

#include "runtime/engine/codes_state.h"
#include "runtime/engine/parts.h"

extern const struct part codes_part;

/* Serves a request of kind REQUEST_CODE: of a journey, whose `granted`, `reason` and `answer` are set, or of an event, which is answered. */
void codes_serve(struct engine *engine, struct request *request);

/* A journey began by this event of the newest program: where it is `code_redeemed`, the code remembers whom it began. */
void codes_began(struct engine *engine, struct player *player, const struct journey *journey, uint32_t event,
                 const struct bank_read *bank);

/* How many redemptions the pool can still take, by its codes and its total, less what is reserved; false: nothing bounds them. `changes_at`
 * receives when a reservation ends, or INT64_MAX. */
bool codes_left(const struct engine *engine, struct text pool, int64_t now, int64_t *left, int64_t *changes_at);
/* How many redemptions there were, less those taken back: of a pool, or of a quota of any pool by its name. */
int64_t codes_used(const struct engine *engine, struct text pool);
/* The same of a quota of the pool, or of the first of this name in any where `pool` is empty; and what it has left. */
int64_t codes_quota_used(const struct engine *engine, struct text pool, struct text quota);
int64_t codes_quota_left(const struct engine *engine, struct text pool, struct text quota, int64_t now,
                         int64_t *changes_at);

/* A code that the player may use now: given by a journey, or reserved until `until`. */
struct codes_item {
    struct text pool, code; /* `code` lives during the call; empty: the pool does not have it any more. */
    bool held;
    int64_t at, until; /* INT64_MAX: no end. */
};
typedef void (*codes_taker)(void *context, const struct codes_item *item);
/* All of the player, pool by pool as the newest program has them. Changes nothing. */
void codes_list(struct engine *engine, struct player *player, codes_taker take, void *context);

/* See engine_each_code. */
void codes_each(struct engine *engine, struct text pool, void (*each)(void *context, const struct engine_code *code),
                void *context);

/* Takes an uploaded code; a repetition changes nothing. REASON_NONE: it is there now. */
enum reason codes_upload(struct engine *engine, struct text pool, struct text code);
/* For tests: the code is one of the pool, whatever kind it is. */
bool codes_permit(struct engine *engine, struct text pool, struct text code);
/* For tests: the pool, or the quota, has so many redemptions left. */
void codes_set_left(struct engine *engine, struct text pool_or_quota, int64_t left);

#endif
