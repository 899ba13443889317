/* A journey's life: activations, waits, resumption, pauses, and its end.
 *
 * Where a wait is resumed: journey_event() for an event, journey_timeout() for the time, journey_answer() for a request;
 * all three run the program from the entry that the STATE record names (journey_run).
 */
#ifndef PROMO_RUNTIME_ENGINE_JOURNEY_H
#define PROMO_RUNTIME_ENGINE_JOURNEY_H

#include "runtime/engine/fold.h"

/* Points engine->body at this player and campaign: program, reads, zones, arms. `event` may be NULL. */
void journey_aim(struct engine *engine, const struct player *player, struct use *use, uint32_t campaign,
                 const struct bank_read *event, int64_t now);
/* Lets filters read the journey's variables; NULL: none. */
void journey_lend(struct engine *engine, const struct journey *journey);
/* Runs a filter of the campaign that journey_aim() aimed at, and tells the probe. PROGRAM_NONE accepts. */
bool journey_filter(struct engine *engine, const struct player *player, uint32_t pc, enum probe_kind kind,
                    uint32_t number, uint32_t about);

/* Runs the journey from `pc` to the end of the activation and does what came of it. The journey may be gone afterwards. */
void journey_run(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                 uint32_t pc, enum journey_way way, uint32_t about, const struct bank_read *event, int64_t now);

/* What a journey that began now would ask for before its first wait, if responsible gaming let its messages pass: the number of the campaign's credit and
 * its cost (minor units, more than 0). False: nothing. It changes nothing and tells nobody; engine->body is used. After gates_aim(). */
bool journey_would_credit(struct engine *engine, struct player *player, struct use *use, uint32_t campaign,
                          uint32_t number, int64_t now, uint32_t *effect_out, int64_t *cost_out);

/* The player's part of a turn for one running journey: `leave` lines, then the open wait. `event` is NULL where only attributes
 * changed; `index` is the event in the newest program. */
void journey_react(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                   uint32_t index, const struct kept_event *event, int64_t now);
void journey_timeout(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey);
/* History was imported: from when on time alone may change a `leave when` is worked out anew for each of the player's journeys. It ends none. */
void journey_look_ahead(struct engine *engine, struct player *player);
/* Time may have changed a `leave when` of the journey. */
void journey_leave(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey);
void journey_since(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey);
void journey_answer(struct engine *engine, const struct turn *turn, struct player *player);
/* A question was answered: on from `pc`, with what came as `event` (may be NULL), unless `leave when` strikes first. */
void journey_answered(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey,
                      uint32_t pc, const struct bank_read *event);

/* Ends the journey. `drop`: its delayed messages go with it, for `reason`. */
void journey_finish(struct engine *engine, struct player *player, struct journey *journey, struct text as,
                    enum reason reason, uint32_t rule, bool drop, int64_t now);
/* Ends all journeys of the player and drops all delayed messages. */
void journey_finish_all(struct engine *engine, struct player *player, struct text as, enum reason reason, uint32_t rule,
                        int64_t now);

/* A time-out stops the journey's clock; its end starts it again. */
void journey_pause(struct engine *engine, struct player *player, struct journey *journey, int64_t now);
void journey_unpause(struct engine *engine, struct player *player, struct journey *journey, int64_t now);

/* Conversions: every open goal that the event meets. */
void journey_goals(struct engine *engine, struct player *player, uint32_t index, const struct kept_event *event,
                   int64_t now);

#endif
