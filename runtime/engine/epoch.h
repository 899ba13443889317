/* Epochs: what the engine knows of restores.
 *
 * A restored copy goes on beside a first life that it does not remember. Its epoch goes into every identity from then on, so
 * that no id of the first life stands for anything else; credits that the first life made and the copy has lost are booked as spent
 * when the wallet's statement names them, and the first credit of the same player, campaign and offer takes each over, under its old id: it
 * has been paid. Until a statement was whole nothing is credited. Where the records come from: runtime/store/restore.c.
 * spec: runtime.md#restores
 * Thread rules: as of the engine.
 */
#ifndef PROMO_RUNTIME_ENGINE_EPOCH_H
#define PROMO_RUNTIME_ENGINE_EPOCH_H

#include "runtime/engine/fold.h"

/* EPOCH: from now on; one that is not later than the engine's is of no effect. */
void epoch_begin(struct engine *engine, const struct record *record);
/* LOST: a credit that the wallet paid and nobody here knows. One that is known is of no effect. */
void epoch_lost(struct engine *engine, const struct record *record);
/* RECONCILED: nothing that was lost is unknown any more. */
void epoch_reconciled(struct engine *engine, const struct record *record);

/* Whether the wallet has paid this credit in another life. Then the request and `asked` have its old id, `asked` its cost, and it is
 * reserved. `campaign` is its name. */
bool epoch_adopts(struct engine *engine, struct request *request, struct books_request *asked, struct text campaign);

void epoch_encode(const struct engine *engine, struct buffer *out);
void epoch_decode(struct engine *engine, struct buffer_reader *in);

#endif
