/*
 * The tables for people: players, journeys, what players hold, ledger, messages, budgets, figures, codes. Written with a checkpoint, in its transaction,
 * and never read back; the table `view` says up to which record each one stands.
 *
 * Ledger and messages grow by what the engine told since the last checkpoint; budgets, figures, results and codes (a row a pool and a
 * quota) are small and written anew; those as large as the players are many (players, journeys, rewards, points, levels, badges,
 * missions, used_codes) are written anew when a run ends. Personal and contact fields and whole codes never stand in them.
 * Thread rules: those of struct promo.
 */
#ifndef PROMO_RUNTIME_STORE_VIEWS_H
#define PROMO_RUNTIME_STORE_VIEWS_H

#include "runtime/engine/engine.h"
#include "runtime/store/store.h"

struct views;

/* Makes the tables if they are not there. `store` must be one of sqlite_store.h. */
MUST_CHECK enum status views_open(struct views **out, struct store *store, struct error *error);
void views_close(struct views *views);

/* Remembers a row for the next checkpoint. */
void views_effect(struct views *views, const struct engine_effect *effect);
void views_note(struct views *views, const struct engine_note *note);

/* Between begin and commit of the store's checkpoint. `full`: those as large as the players are many, too. */
MUST_CHECK enum status views_write(struct views *views, struct engine *engine, uint64_t position, bool full,
                                   struct error *error);

/* After the commit: forgets the rows. */
void views_written(struct views *views);

#endif
