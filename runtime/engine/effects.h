/* What leaves the engine: effects and notes, and messages that wait for their hour.
 *
 * An activation's results are taken in the order they were made. Each effect gets its identity (identity.h), counts in the
 * figures and for pressure, and goes to the sink. How it is printed: effect_json.h.
 */
#ifndef PROMO_RUNTIME_ENGINE_EFFECTS_H
#define PROMO_RUNTIME_ENGINE_EFFECTS_H

#include "runtime/engine/fold.h"

/* A note about a player and a campaign, to be filled in further and emitted. `player` and `use` may be NULL. */
struct engine_note effects_note(const struct engine *engine, enum note_kind kind, const struct player *player,
                                const struct use *use, uint32_t campaign, int64_t now);
void effects_emit_note(struct engine *engine, const struct engine_note *note);

/* Takes all that the activation in engine->body made for this journey, in order. */
void effects_take(struct engine *engine, const struct turn *turn, struct player *player, struct journey *journey);

/* The identity of the campaign's n-th effect, made for the nth time (from 1). */
void effects_identity(const struct engine *engine, uint8_t out[16], const struct use *use, uint32_t campaign,
                      const struct player *player, uint32_t journey, uint32_t effect, uint64_t nth);
/* Counts one more making of the effect in the activation's variables and gives the number of times. */
uint64_t effects_count(struct engine *engine, const struct use *use, uint32_t campaign, uint32_t effect);
/* Whether an effect with this identity and name could have been made by the journey. Without an identity: was any of that name. */
bool effects_of_journey(const struct engine *engine, const struct player *player, const struct journey *journey,
                        enum about about, struct text name, struct text id);

/* Copies values out of the activation into the instant's memory: numbers, and texts as handles of bank JOURNEY into `bytes_out`. */
bool effects_copy_values(struct engine *engine, const struct activation *activation, const struct bundle_effect *effect,
                         uint32_t first, int64_t **values_out, uint8_t **bytes_out, uint32_t *size_out);

/* The wagering target of a credit that is asked for, if it were `multiple` (millionths) of the bonus, the deposit or both (`of`: enum
 * wagering), in minor units, rounded down; INT64_MAX where that is no number. */
int64_t effects_target(const struct request *request, int64_t multiple, uint32_t of);
/* A question leaves: the journey rests in its ASK state. */
void effects_ask(struct engine *engine, const struct player *player, const struct journey *journey,
                 const struct bundle_ask *ask, const uint8_t id[16], int64_t now);
/* What left with this identity is asked back. */
void effects_recall(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                    uint32_t journey, const uint8_t id[16], int64_t now);
/* A reward that was granted leaves. */
void effects_credit(struct engine *engine, const struct request *request, bool pending);
/* An event that the engine made leaves, under its identity. */
void effects_event(struct engine *engine, const struct player *player, const struct kept_event *made,
                   const uint8_t id[16]);
/* An answer leaves, again too; `low` and `high` are the hash of what asked, `at` when it was first given, `test` whether to a test player. */
void effects_answer(struct engine *engine, const struct player *player, const struct engine_answer *answer,
                    uint64_t low, uint64_t high, int64_t at, bool test);
/* The campaign was suspended: told once. */
void effects_suspended(struct engine *engine, const struct use *use, uint32_t campaign, uint32_t budget, int64_t now);

/* A delayed message is due: sent, delayed again, or dropped. After gates_aim(). */
void effects_delayed_due(struct engine *engine, struct player *player, struct delayed *delayed, int64_t now);
/* Drops a delayed message with a reason. */
void effects_drop(struct engine *engine, struct player *player, struct delayed *delayed, enum reason reason,
                  uint32_t rule, int64_t now);

/* Adds to the figures of a split's arm, numbered as in `program`. */
void effects_count_arm(struct engine *engine, struct title *title, const struct program *program, struct passed passed,
                       uint32_t exposed, uint32_t converted);
/* What a credit with these values costs, minor units; 0 where there is nothing to credit. */
int64_t effects_cost(const struct program *program, const struct bundle_effect *effect, const int64_t *values);
/* Responsible gaming, by this rule, kept what a scheduled run would have credited: its n-th effect, minor units. A row of the ledger, and a figure. */
void effects_withheld(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                      uint32_t journey, uint32_t effect, int64_t cost, uint32_t rule, int64_t now);
/* Counts a refusal in the figures, unless it is of a test player. `player` may be NULL. */
void effects_refused(struct engine *engine, const struct player *player, struct title *title, enum reason reason,
                     const char *detail);

#endif
