/* What a turn does: records of each kind, deadlines, and a player's reaction to them.
 *
 * A reaction goes through the campaigns by priority, then name: the running journey first, then a start. If the player pauses on the
 * way the rest of the reaction moves to the next generation.
 */
#ifndef PROMO_RUNTIME_ENGINE_RECORDS_H
#define PROMO_RUNTIME_ENGINE_RECORDS_H

#include "runtime/engine/fold.h"

/* Whether the record keeps the rules of the log and of the active program's schema: STATUS_REFUSED with what is wrong. */
MUST_CHECK enum status records_check(const struct engine *engine, const struct record *record, struct error *error);
/* Told as not applied at once, if that is certain whatever else the instant holds: it is too late, or its id was known before.
 * Such a record does not wait for the instant to close. `id` is the hash of its identity. */
bool records_turn_away(struct engine *engine, const struct record *record, struct dedupe_entry id);
/* Its class in the order of turns. */
enum turn_class records_class(const struct engine *engine, const struct record *record);
/* Runs one turn, or moves it to the next generation if its player has paused. */
void records_run_turn(struct engine *engine, const struct turn *turn);
/* Notes that a record had no effect, and why; counted in the summary. */
void records_not_applied(struct engine *engine, const struct record *record, enum reason reason, const char *detail);
/* Whether a value keeps the attribute's declared range, which the program's arithmetic relies on. */
bool records_keeps_range(const struct engine *engine, const struct bundle_attribute *attribute, int64_t value);
/* ACTIVATE. */
MUST_CHECK enum status records_activate(struct engine *engine, const struct record *record, struct error *error);

#endif
