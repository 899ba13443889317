/* A ledger of its own: what came of lives, worked out of effects and notes alone, against the bounds and limits of the bundle.
 *
 * It knows nothing of the engine's books: it adds what was reserved and takes off what was released, journey by journey, player by player, run by run,
 * limit by limit, and judges at each reservation, and at each refusal for want of money. What makes the lives: maker.h; who runs them: lives_tool.c.
 */
#ifndef TESTS_LIVES_LEDGER_H
#define TESTS_LIVES_LEDGER_H

#include "runtime/engine/engine.h"

/* Mistakes that are planted, so that it can be seen that the ledger sees. */
enum ledger_plant {
    PLANT_NOTHING,
    PLANT_BOUNDS /* are half of what they are */,
    PLANT_LIMITS,
    PLANT_RELEASES, /* are not booked */
    PLANT_REFUSALS  /* are judged by limits twice as large */
};

struct ledger;

/* Empty; `program` must outlive it. Never NULL: without memory the program ends. */
struct ledger *ledger_open(const struct program *program, enum ledger_plant plant);
void ledger_close(struct ledger *ledger);
/* All accounts are empty again; the largest shares stay. */
void ledger_restart(struct ledger *ledger);

void ledger_note(struct ledger *ledger, const struct engine_note *note);
void ledger_effect(struct ledger *ledger, const struct engine_effect *effect);
/* The wallet said that it failed, or the operator did something that takes it back: its release needs no other word. */
void ledger_told_failed(struct ledger *ledger, const uint8_t effect[16]);
/* The platform said what became of some reward, by its offer alone: what comes back before the next settled instant needs no other word. */
void ledger_told_any(struct ledger *ledger);
/* Whoever comes under this name from now on is another player. */
void ledger_forget(struct ledger *ledger, struct text brand, struct text player);
/* Between two instants: each release had its word. */
void ledger_settled(struct ledger *ledger);

/* What was broken first, or NULL. */
const char *ledger_fault(const struct ledger *ledger);
uint64_t ledger_credits(const struct ledger *ledger);
uint64_t ledger_refusals(const struct ledger *ledger);
uint64_t ledger_returned(const struct ledger *ledger);
/* Prints, campaign by campaign, the largest share of each bound that was reached, then the largest of each kind of limit. */
void ledger_print(const struct ledger *ledger);

#endif
