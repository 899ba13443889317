/* The gates that each effect passes: responsible gaming and the `never` lines, consent, pressure, quiet hours.
 *
 * The engine asks them before an activation, once for each kind of effect that the campaign has, and hands the answers to the
 * interpreter (vm/interp.h), which applies them at each effect in that order. A delayed message is asked again when it is due.
 * Policies are always those of the newest program. The last gate, the budget, is books.h.
 */
#ifndef PROMO_RUNTIME_ENGINE_GATES_H
#define PROMO_RUNTIME_ENGINE_GATES_H

#include "runtime/engine/programs.h"

/* Makes the newest program's reads of this player ready for the rules; to be called when a player's turn begins and after each
 * change of the player. `now` is the activation's; in a catch-up the rules judge by the tick's time. */
void gates_aim(struct engine *engine, const struct player *player, int64_t now);

/* Whether the rule applies to the player that gates_aim() aimed at. A rule without a filter applies to everyone. */
bool gates_applies(struct engine *engine, const struct player *player, uint32_t rule);

/* The first FINISH rule, or NEVER_ENTER rule, that applies; PROGRAM_NONE: none. */
uint32_t gates_finish_rule(struct engine *engine, const struct player *player);
uint32_t gates_enter_rule(struct engine *engine, const struct player *player);
/* RG_BLOCKED or POLICY: what a rule that applies is called. */
enum reason gates_reason(const struct engine *engine, uint32_t rule);

/* Fills in engine->body->gate and ->pressure for all gates of the campaign. After gates_aim(). */
void gates_prepare(struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                   int64_t now);

/* For a reward that is asked for: `never` lines, then the rules of jurisdictions. REASON_NONE lets it pass; `rule_out` is the rule.
 * After gates_aim(). */
enum reason gates_reward(struct engine *engine, const struct player *player, const struct request *request,
                         uint32_t *rule_out);

/* By which instant the gates that protect people judge: `now`, or a catch-up's tick. */
int64_t gates_time(const struct engine *engine, int64_t now);

/* What all gates say of a delayed message that is due now. */
enum gates_answer { GATES_SEND, GATES_DELAY, GATES_DROP };
struct gates_message {
    enum reason reason; /* DELAY, DROP. */
    uint32_t rule;      /* RULE index, or PROGRAM_NONE. */
    int64_t until;      /* DELAY. */
};
enum gates_answer gates_message(struct engine *engine, const struct player *player, const struct use *use,
                                uint32_t campaign, uint32_t gate, int64_t now, struct gates_message *out);

/* The first instant after `now` at which the quiet hours of this gate begin, or INT64_MAX. */
int64_t gates_until(const struct engine *engine, const struct player *player, const struct use *use, uint32_t campaign,
                    uint32_t gate, int64_t now);

/* The RULE index of the n-th pressure rule of a campaign's activations. */
uint32_t gates_pressure_rule(const struct use *use, uint32_t campaign, uint32_t number);

#endif
