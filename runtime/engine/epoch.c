/* Restores, as far as they are state. See epoch.h. */
#include "runtime/engine/epoch.h"

#include "runtime/engine/checkpoint.h"
#include "runtime/engine/effects.h"
#include "runtime/engine/records.h"

void epoch_begin(struct engine *engine, const struct record *record)
{
    if (record->epoch <= engine->identity.epoch) {
        records_not_applied(engine, record, REASON_DUPLICATE, "no later epoch");
        return;
    }
    engine->identity.epoch = record->epoch;
    engine->epoch_now = engine->now;
    engine->unreconciled = engine->unreconciled || record->unreconciled;
}

void epoch_reconciled(struct engine *engine, const struct record *record)
{
    if (!engine->unreconciled) {
        records_not_applied(engine, record, REASON_DUPLICATE, "reconciled before");
        return;
    }
    engine->unreconciled = false;
}

static void note_spent(struct engine *engine, const struct record *record, struct player *player, const struct use *use,
                       uint32_t campaign)
{
    struct engine_note note = effects_note(engine, NOTE_LOST, player, use, campaign, engine->now);
    note.amount = record->amount;
    memcpy(note.effect_id, record->effect, sizeof note.effect_id);
    effects_emit_note(engine, &note);
}

void epoch_lost(struct engine *engine, const struct record *record)
{
    const struct use *use = engine->newest;
    const struct title *title = state_title(engine, record->campaign, false);
    uint32_t campaign = title == NULL ? PROGRAM_NONE : title->campaign;
    struct books_request lost = {
        .program = &use->program,
        .campaign = campaign,
        .offer = record->offer,
        .brand = record->brand,
        .player = record->player,
        .group = record->group,
        .now = record->at,
        .run = INT64_MIN,
        .runs_from = INT64_MIN,
        .earliest = record->at,
        .campaign_zone = campaign == PROGRAM_NONE ? use->home_zone : use->plan[campaign].zone,
        .home_zone = use->home_zone,
        .cost = record->amount,
    };
    memcpy(lost.effect, record->effect, sizeof lost.effect);
    engine->group[record->group].changed = true;
    switch (books_lose(engine->books, &lost, record->campaign)) {
    case BOOKS_GRANTED:
        note_spent(engine, record, state_find_player(engine, record->group, record->brand, record->player), use,
                   campaign);
        return;
    case BOOKS_REPEATED: records_not_applied(engine, record, REASON_DUPLICATE, "known before"); return;
    case BOOKS_REFUSED:
    case BOOKS_NO_MEMORY: (void)state_no_memory(engine); return;
    }
}

bool epoch_adopts(struct engine *engine, struct request *request, struct books_request *asked, struct text campaign)
{
    if (!books_adopt(engine->books, asked, campaign)) return false;
    memcpy(request->id, asked->effect, sizeof request->id);
    engine->group[request->player->group].changed = true;
    return true;
}

void epoch_encode(const struct engine *engine, struct buffer *out)
{
    buffer_u64(out, engine->identity.epoch);
    buffer_i64(out, engine->epoch_now);
    buffer_u8(out, engine->unreconciled ? 1 : 0);
}

void epoch_decode(struct engine *engine, struct buffer_reader *in)
{
    if (in->version < CHECKPOINT_EPOCHS) return;
    engine->identity.epoch = buffer_read_u64(in);
    engine->epoch_now = buffer_read_i64(in);
    uint8_t unreconciled = buffer_read_u8(in);
    if (unreconciled > 1) in->failed = true;
    engine->unreconciled = unreconciled == 1;
}
