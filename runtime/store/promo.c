/*
 * The service: opening, recovery, batches, checkpoints, closing. Contract: runtime/store/promo.h.
 *
 *   record ──► batch ──► log (durable) ──► decoded as the log has it ──► engine ──► sink
 *                        (the writer's thread, in promo_run)                 │
 *                               checkpoint: effects flushed, then state, views and position in one commit
 *
 * What is folded is always what the log's bytes say, never what intake had in its hands, so that a recovery cannot differ.
 */
#include "runtime/store/promo_parts.h"

#include "runtime/store/history.h"
#include "runtime/store/sqlite_store.h"
#include "runtime/store/trust.h"
#include "vm/bundle.h"
#include "vm/crypto.h"
#include "vm/memory.h"
#include "vm/verify.h"

enum { CHECKPOINT_EVERY = 1000000, BATCH_ROOM = 1024 };

/* ---------------------------------------------------------------- the sink between engine and caller */

/* A sink cannot fail: told at the next write. */
static void make_room(struct promo *promo)
{
    if (!outbox_is_full(&promo->outbox) || promo->outbox.failure.status != OK) return;
    struct error error = ERROR_NONE;
    if (promo_outbox_write(promo, &error) != OK) promo->outbox.failure = error;
}

static void on_taken(void *context, const struct engine_taken *taken)
{
    struct promo *promo = context;
    if (!promo->silent) outbox_taken(&promo->outbox, taken);
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct promo *promo = context;
    if (promo->silent) return;
    if (promo->outbox.on) {
        outbox_effect(&promo->outbox, effect);
        make_room(promo);
    }
    if (promo->held) return;
    if (promo->views != NULL) views_effect(promo->views, effect);
    if (promo->folding != NULL) promo_submit_effect(promo, effect);
    if (promo->options.sink.effect != NULL) promo->options.sink.effect(promo->options.sink.context, effect);
}

/* An erasure was folded: the next checkpoint gives the key up. */
static void keep_erased(struct promo *promo, uint64_t number)
{
    if (!promo->stored || promo->silent || number == 0) return;
    if (promo->erased_count == promo->erased_room) {
        uint32_t room = promo->erased_room == 0 ? 16 : promo->erased_room * 2;
        uint64_t *grown = memory_resize_array(promo->erased, room, sizeof *grown);
        if (grown == NULL) {
            promo->erased_failed = true;
            return;
        }
        promo->erased = grown;
        promo->erased_room = room;
    }
    promo->erased[promo->erased_count++] = number;
}

static void end_life(struct promo *promo, const struct engine_note *note)
{
    keep_erased(promo, note->number);
    if (!promo->stored || note->number == 0) return;
    if (promo->outbox.on) outbox_erased(&promo->outbox, note->brand, note->player);
    keyring_end_life(promo->store.keyring, note->number);
}

static void on_note(void *context, const struct engine_note *note)
{
    struct promo *promo = context;
    if (note->kind == NOTE_ERASED) end_life(promo, note);
    if (promo->silent) return;
    if (note->kind == NOTE_NOT_APPLIED) promo->not_applied[note->reason]++;
    if (promo->folding != NULL) promo_submit_note(promo, note);
    if (promo->held) return;
    if (promo->views != NULL) views_note(promo->views, note);
    if (promo->options.sink.note != NULL) promo->options.sink.note(promo->options.sink.context, note);
}

static void on_probe(void *context, const struct engine_probe_call *call)
{
    struct promo *promo = context;
    if (promo->silent) return;
    promo->options.sink.probe(promo->options.sink.context, call);
}

static enum status append_rows(struct promo *promo, struct batch *batch, struct error *error);

/* ---------------------------------------------------------------- the writer */

/* Until the store is ours again; how the append went stays in writer.status. */
static void wait_for_writer(struct promo *promo)
{
    struct writer *writer = &promo->writer;
    if (!writer->running) return;
    (void)pthread_mutex_lock(&writer->mutex);
    while (writer->busy) (void)pthread_cond_wait(&writer->changed, &writer->mutex);
    (void)pthread_mutex_unlock(&writer->mutex);
}

static void *write_batches(void *argument)
{
    struct promo *promo = argument;
    struct writer *writer = &promo->writer;
    (void)pthread_mutex_lock(&writer->mutex);
    for (;;) {
        while (!writer->busy && !writer->stop) (void)pthread_cond_wait(&writer->changed, &writer->mutex);
        if (writer->stop) break;
        (void)pthread_mutex_unlock(&writer->mutex);
        struct error error = ERROR_NONE;
        enum status status = append_rows(promo, &promo->flying, &error);
        (void)pthread_mutex_lock(&writer->mutex);
        writer->status = status;
        writer->error = error;
        writer->busy = false;
        (void)pthread_cond_broadcast(&writer->changed);
    }
    (void)pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

enum status promo_start_writer(struct promo *promo, struct error *error)
{
    struct writer *writer = &promo->writer;
    if (!promo->stored) return OK;
    *writer = (struct writer){.status = OK};
    (void)pthread_mutex_init(&writer->mutex, NULL);
    (void)pthread_cond_init(&writer->changed, NULL);
    int failed = pthread_create(&writer->thread, NULL, write_batches, promo);
    if (failed != 0) return error_set(error, STATUS_IO, "the system gives no thread: %s", strerror(failed));
    writer->running = true;
    return OK;
}

void promo_stop_writer(struct promo *promo)
{
    struct writer *writer = &promo->writer;
    if (!writer->running) return;
    wait_for_writer(promo);
    (void)pthread_mutex_lock(&writer->mutex);
    writer->stop = true;
    (void)pthread_cond_broadcast(&writer->changed);
    (void)pthread_mutex_unlock(&writer->mutex);
    (void)pthread_join(writer->thread, NULL);
    (void)pthread_mutex_destroy(&writer->mutex);
    (void)pthread_cond_destroy(&writer->changed);
    writer->running = false;
}

enum status promo_outbox_write(struct promo *promo, struct error *error)
{
    if (!promo->outbox.on) return OK;
    wait_for_writer(promo);
    return outbox_write(&promo->outbox, &promo->store, error);
}

/* ---------------------------------------------------------------- checkpoints */

static enum status wrapped_load(void *self, uint64_t *position, checkpoint_reader reader, void *context,
                                struct error *error)
{
    struct promo *promo = self;
    return promo->store.checkpoint.load(promo->store.checkpoint.self, position, reader, context, error);
}

static enum status wrapped_begin(void *self, uint64_t position, struct error *error)
{
    struct promo *promo = self;
    return promo->store.checkpoint.begin(promo->store.checkpoint.self, position, error);
}

static enum status wrapped_put(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct promo *promo = self;
    return promo->store.checkpoint.put(promo->store.checkpoint.self, key, bytes, error);
}

static enum status wrapped_commit(void *self, struct error *error)
{
    struct promo *promo = self;
    if (promo->views != NULL) {
        RETURN_IF_FAILED(
            views_write(promo->views, promo->engine, promo->checkpoint_position, promo->full_views, error));
    }
    if (promo->outbox.on) RETURN_IF_FAILED(outbox_checkpoint(&promo->outbox, &promo->store, error));
    RETURN_IF_FAILED(promo->store.checkpoint.commit(promo->store.checkpoint.self, error));
    if (promo->views != NULL) views_written(promo->views);
    return OK;
}

/* State up to (not with) `position`. What left before it is flushed first: after the commit it will not leave again. */
static enum status write_checkpoint(struct promo *promo, uint64_t position, bool full_views, struct error *error)
{
    wait_for_writer(promo);
    RETURN_IF_FAILED(engine_settle(promo->engine, error));
    /* What is held has not left: the next start folds it again. */
    if (promo->held) {
        promo->since_checkpoint = 0;
        return OK;
    }
    RETURN_IF_FAILED(promo_outbox_write(promo, error));
    if (promo->options.flush != NULL) RETURN_IF_FAILED(promo->options.flush(promo->options.flush_context, error));
    promo->since_checkpoint = 0;
    if (!promo->stored) return OK;
    promo->checkpoint_position = position;
    promo->full_views = full_views;
    promo->checkpoints++;
    if (promo->erased_failed) return error_set(error, STATUS_NO_MEMORY, "no memory to erase players");
    if (promo->erased_count > 0)
        RETURN_IF_FAILED(sqlite_store_erase(&promo->store, promo->erased, promo->erased_count, error));
    RETURN_IF_FAILED(engine_checkpoint(promo->engine, &promo->wrapped, position, error));
    if (promo->erased_count == 0) return OK;
    promo->erased_count = 0;
    return sqlite_store_erased(&promo->store, error);
}

/* ---------------------------------------------------------------- batches */

static enum status no_memory(struct error *error)
{
    return error_set(error, STATUS_NO_MEMORY, "no memory for a batch of records");
}

static enum status grow_batch(struct batch *batch, struct error *error)
{
    if (batch->count < batch->room) return OK;
    uint32_t room = batch->room == 0 ? BATCH_ROOM : batch->room * 2;
    void *record = memory_resize_array(batch->record, room, sizeof *batch->record);
    if (record == NULL) return no_memory(error);
    batch->record = record;
    void *rows = memory_resize_array(batch->rows, room, sizeof *batch->rows);
    if (rows == NULL) return no_memory(error);
    batch->rows = rows;
    batch->room = room;
    return OK;
}

static enum status encode_record(struct promo *promo, const struct record *record, struct error *error)
{
    struct batch *batch = &promo->batch;
    RETURN_IF_FAILED(grow_batch(batch, error));
    struct batch_record *row = &batch->record[batch->count];
    *row = (struct batch_record){.record = {.now = record->now, .group = record->group, .kind = record->kind},
                                 .open_at = batch->open.size,
                                 .secret_at = batch->secret.size,
                                 .audit_at = batch->audit.size,
                                 .brand_size = record->brand.size,
                                 .player_size = record->player.size};
    if (promo->stored && record->player.size > 0)
        row->hint = keyring_hint(promo->store.keyring, record->brand, record->player);
    if (record_encode(&batch->open, &batch->secret, record, promo->program) != OK) return no_memory(error);
    if (promo->stored) audit_of_record(&batch->audit, record, promo->program);
    if (!buffer_ok(&batch->audit)) return no_memory(error);
    row->record.audit.size = (uint32_t)(batch->audit.size - row->audit_at);
    row->record.open.size = (uint32_t)(batch->open.size - row->open_at);
    row->record.secret.size = (uint32_t)(batch->secret.size - row->secret_at);
    batch->count++;
    batch->last_now = record->now;
    return OK;
}

/* The program that was given takes effect with the first record after it. */
static enum status add_activate(struct promo *promo, int64_t now, struct error *error)
{
    struct record record = {.kind = RECORD_ACTIVATE,
                            .now = now,
                            .at = now,
                            .bundle = promo->bundle,
                            .bundle_size = promo->options.bundle_size,
                            .incomplete = promo->options.incomplete};
    record.player = record.brand = record.source = TEXT("");
    record.by = promo->options.by == NULL ? TEXT("") : text_of(promo->options.by);
    if (record.by.size > LIMIT_ID_BYTES) record.by.size = LIMIT_ID_BYTES;
    record.id = TEXT("program");
    promo->batch.has_activate = true;
    return encode_record(promo, &record, error);
}

enum status promo_add(struct promo *promo, struct record *record, struct error *error)
{
    struct batch *batch = &promo->batch;
    bool any = promo->any_stamped || batch->count > 0;
    int64_t last = batch->count > 0 ? batch->last_now : promo->stamped_now;
    if (any && record->now < last) record->now = last;
    if (record->now <= promo->settled_now) record->now = promo->settled_now + 1;
    if (promo->activate_waits && !batch->has_activate) {
        RETURN_IF_FAILED(add_activate(promo, record->now, error));
    }
    return encode_record(promo, record, error);
}

enum status promo_add_catch_up(struct promo *promo, int64_t now, struct error *error)
{
    /* Straight into the batch: it belongs before a program that waits to take effect. */
    struct record tick = {.kind = RECORD_TICK, .now = now, .at = now, .catch_up = true};
    return encode_record(promo, &tick, error);
}

static void clear_batch(struct batch *batch)
{
    batch->count = 0;
    batch->has_activate = false;
    buffer_clear(&batch->open);
    buffer_clear(&batch->secret);
    buffer_clear(&batch->audit);
}

void promo_abandon(struct promo *promo)
{
    clear_batch(&promo->batch);
}

/* Is the log closed behind this record: was its last instant ended by a tick, and did nothing come since that counts? So a
 * stream that is delivered again adds no tick, and what comes later is folded at the same `now`. */
static bool closes(const struct promo *promo, const struct record *record)
{
    if (record->kind == RECORD_ACTIVATE || engine_waits(promo->engine)) return false;
    if (promo->any && record->now == promo->last_now) return promo->closed;
    return record->kind == RECORD_TICK && record->at == record->now - 1;
}

/* One record as the log has it. */
enum status promo_fold_one(struct promo *promo, uint64_t position, const struct log_record *row, struct error *error)
{
    if (!promo->silent && promo->since_checkpoint >= promo->options.checkpoint_every &&
        row->now > engine_now(promo->engine)) {
        RETURN_IF_FAILED(write_checkpoint(promo, position, false, error));
    }
    if (promo->outbox.on && !promo->outbox.counting && !promo->silent && position >= promo->outbox.from) {
        /* What the records before it caused is not the outbox's. */
        RETURN_IF_FAILED(engine_settle(promo->engine, error));
        promo->outbox.counting = true;
    }
    struct record record;
    RETURN_IF_FAILED(
        record_decode(&record, &promo->space, row->open, row->secret, engine_program(promo->engine), error));
    record.position = position;
    record.number = row->number;
    if (promo->stored && record.kind == RECORD_ERASE)
        RETURN_IF_FAILED(keyring_retire(promo->store.keyring, record.number, error));
    RETURN_IF_FAILED(engine_fold(promo->engine, &record, error));
    if (promo->outbox.on && !promo->silent) outbox_record(&promo->outbox, &record);
    promo->since_checkpoint++;
    promo->closed = closes(promo, &record);
    promo->last_now = record.now;
    if (record.closes) promo->settled_now = record.now;
    promo->any = true;
    return OK;
}

enum status promo_usable(const struct promo *promo, struct error *error)
{
    if (!promo->broken) return OK;
    return error_set(error, STATUS_CLOSED, "an earlier failure left the state behind the log; open again to go on");
}

/* Gives every player of the batch a number; new ones get a key. */
static enum status number_players(struct promo *promo, struct error *error)
{
    struct batch *batch = &promo->batch;
    struct keyring *keyring = promo->store.keyring;
    for (uint32_t index = 0; index < batch->count; index++) {
        if (batch->record[index].player_size > 0) keyring_hint_name(keyring, batch->record[index].hint);
    }
    for (uint32_t index = 0; index < batch->count; index++) {
        const struct batch_record *record = &batch->record[index];
        if (record->player_size == 0) continue;
        const char *at = batch->rows[index].secret.at + 1;
        struct text brand = {.at = at, .size = record->brand_size};
        struct text player = {.at = at + record->brand_size + 1, .size = record->player_size};
        RETURN_IF_FAILED(keyring_number(keyring, brand, player, &batch->rows[index].number, error));
        if (batch->rows[index].kind == RECORD_ERASE)
            RETURN_IF_FAILED(keyring_retire(keyring, batch->rows[index].number, error));
        keyring_hint_key(keyring, batch->rows[index].number);
    }
    return OK;
}

/* Makes the batch what the log takes, and counts it as handed over. */
static enum status hand_over(struct promo *promo, struct error *error)
{
    struct batch *batch = &promo->batch;
    for (uint32_t index = 0; index < batch->count; index++) {
        struct log_record *row = &batch->rows[index];
        *row = batch->record[index].record;
        row->open.at = (const char *)batch->open.bytes + batch->record[index].open_at;
        row->secret.at = (const char *)batch->secret.bytes + batch->record[index].secret_at;
        if (row->audit.size > 0) row->audit.at = (const char *)batch->audit.bytes + batch->record[index].audit_at;
    }
    if (promo->stored) {
        enum status status = number_players(promo, error);
        if (status != OK) {
            promo_abandon(promo);
            return status;
        }
    }
    batch->first = promo->next;
    promo->next += batch->count;
    promo->stamped_now = batch->last_now;
    promo->any_stamped = true;
    if (batch->has_activate) promo->activate_waits = false;
    return OK;
}

/* The append failed: it was never handed over. Everything before it is folded. */
static void take_back(struct promo *promo, struct batch *batch)
{
    promo->next = batch->first;
    promo->stamped_now = promo->last_now;
    promo->any_stamped = promo->any;
    if (batch->has_activate) promo->activate_waits = true;
    for (uint32_t index = 0; promo->stored && index < batch->count; index++) {
        if (batch->rows[index].kind == RECORD_ERASE) keyring_revive(promo->store.keyring, batch->rows[index].number);
    }
    clear_batch(batch);
}

/* The durable part, in whichever thread. */
static enum status append_rows(struct promo *promo, struct batch *batch, struct error *error)
{
    if (!promo->stored) return OK;
    uint64_t first = 0;
    enum status status = promo->store.log.append(promo->store.log.self, batch->rows, batch->count, &first, error);
    INVARIANT(status != OK || first == batch->first);
    return status;
}

static enum status fold_batch(struct promo *promo, struct batch *batch, struct error *error)
{
    enum status status = OK;
    for (uint32_t index = 0; index < batch->count && status == OK; index++) {
        status = promo_fold_one(promo, batch->first + index, &batch->rows[index], error);
    }
    if (status != OK) promo->broken = true;
    clear_batch(batch);
    return status;
}

/* Appends the batch in this thread. */
static enum status append_batch(struct promo *promo, struct error *error)
{
    RETURN_IF_FAILED(hand_over(promo, error));
    enum status status = append_rows(promo, &promo->batch, error);
    if (status != OK) take_back(promo, &promo->batch);
    return status;
}

enum status promo_commit(struct promo *promo, struct error *error)
{
    if (promo->batch.count == 0) return OK;
    RETURN_IF_FAILED(append_batch(promo, error));
    return fold_batch(promo, &promo->batch, error);
}

/* The batch that the writer has: durable now, or taken back. */
static enum status land(struct promo *promo, struct error *error)
{
    if (promo->flying.count == 0) return OK;
    wait_for_writer(promo);
    if (promo->writer.status == OK) return OK;
    if (error != NULL) *error = promo->writer.error;
    take_back(promo, &promo->flying);
    return promo->writer.status;
}

enum status promo_send(struct promo *promo, struct error *error)
{
    struct writer *writer = &promo->writer;
    if (!writer->running) return promo_commit(promo, error);
    RETURN_IF_FAILED(land(promo, error));
    RETURN_IF_FAILED(hand_over(promo, error));
    struct batch durable = promo->flying;
    promo->flying = promo->batch;
    promo->batch = durable;
    (void)pthread_mutex_lock(&writer->mutex);
    writer->busy = true;
    (void)pthread_cond_broadcast(&writer->changed);
    (void)pthread_mutex_unlock(&writer->mutex);
    return fold_batch(promo, &promo->batch, error);
}

enum status promo_drain(struct promo *promo, struct error *error)
{
    RETURN_IF_FAILED(land(promo, error));
    return fold_batch(promo, &promo->flying, error);
}

enum status promo_settle(struct promo *promo, struct error *error)
{
    enum status status = engine_settle(promo->engine, error);
    if (status != OK) {
        promo->broken = true;
        return status;
    }
    if (promo->any) promo->settled_now = promo->last_now;
    return OK;
}

void promo_close_batch(struct promo *promo)
{
    struct batch *batch = &promo->batch;
    INVARIANT(batch->count > 0 && buffer_ok(&batch->open));
    record_close(batch->open.bytes + batch->record[batch->count - 1].open_at);
}

static enum status finish(struct promo *promo, bool full_views, struct error *error)
{
    RETURN_IF_FAILED(promo_usable(promo, error));
    if (!promo->any) return OK;
    /* Where nothing that counts came since an end that was closed, the clock stands. What came is left behind by a checkpoint all
     * the same, unless something is due in the instant, which more may join. */
    bool stands = promo->closed;
    if (stands && (promo->since_checkpoint <= 1 || engine_next_deadline(promo->engine) <= promo->last_now)) {
        return promo->options.flush == NULL ? OK : promo->options.flush(promo->options.flush_context, error);
    }
    int64_t now = promo->last_now + (stands ? 0 : 1);
    struct record tick = {.kind = RECORD_TICK, .now = now, .at = now - 1};
    RETURN_IF_FAILED(encode_record(promo, &tick, error));
    RETURN_IF_FAILED(append_batch(promo, error));
    /* The tick closes the instant before it; the checkpoint stands between them, so that what comes next may still belong
     * to the tick's own instant. */
    enum status status = write_checkpoint(promo, promo->batch.first, full_views, error);
    if (status == OK) return fold_batch(promo, &promo->batch, error);
    promo_abandon(promo);
    promo->broken = true;
    return status;
}

enum status promo_finish(struct promo *promo, struct error *error)
{
    RETURN_IF_FAILED(finish(promo, true, error));
    return promo_retain_audit(promo, error);
}

enum status promo_destroy_keys(struct promo *promo, struct error *error)
{
    return promo->erased_count == 0 ? OK : finish(promo, false, error);
}

/* ---------------------------------------------------------------- opening */

/* A database belongs to one workspace and one way of making identities, or its effects would come twice. */
static enum status check_meta(struct promo *promo, const char *name, struct text value, const char *words,
                              struct error *error)
{
    struct store *store = &promo->store;
    struct buffer found = BUFFER_EMPTY;
    enum status status = store->get_meta(store->self, name, &found, error);
    if (status == STATUS_NOT_FOUND) {
        status = store->set_meta(store->self, name, value, error);
    } else if (status == OK && !text_equal(buffer_as_text(&found), value)) {
        status = error_set(error, STATUS_REFUSED, "`%s` %s", promo->options.database, words);
    }
    buffer_deinit(&found);
    return status;
}

static enum status check_owner(struct promo *promo, struct error *error)
{
    char identity[2 * CRYPTO_DIGEST_SIZE + 1] = "name";
    if (promo->options.identity_key != NULL) {
        struct crypto_digest digest = crypto_digest256(promo->options.identity_key, CRYPTO_KEY_SIZE);
        crypto_hex(identity, digest.bytes, sizeof digest.bytes);
    }
    RETURN_IF_FAILED(check_meta(promo, "identity", text_of(identity),
                                "was begun with another identity key; give the same one, or begin another database",
                                error));
    if (promo->bundle == NULL) return OK;
    return check_meta(promo, "workspace", program_text(&promo->own, promo->own.workspace->name),
                      "belongs to a workspace of another name; effects would get other ids. Name another database",
                      error);
}

static enum status fold_tail(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct promo *promo = context;
    promo->next = position + 1;
    enum status status = promo_fold_one(promo, position, row, error);
    if (status != OK) error_prefix(error, "record %llu of the log", (unsigned long long)position);
    return status;
}

/* The newest checkpoint, then the records beyond it. */
static enum status recover(struct promo *promo, struct error *error)
{
    uint64_t position = 0;
    enum status status = engine_restore(promo->engine, &promo->wrapped, &position, error);
    /* Of another version: what it stands for is in the log. */
    if (status == STATUS_INVALID) status = promo_refold(promo, position, error);
    if (status == STATUS_REFUSED) error_prefix(error, "`%s`", promo->options.database);
    RETURN_IF_FAILED(status);
    if (position == 0) position = 1;
    uint64_t end = promo->store.log.end(promo->store.log.self);
    promo->next = end;
    if (position > 1) {
        promo->any = true;
        promo->last_now = engine_now(promo->engine);
        promo->closed = true; /* if a record follows that is of the checkpoint's own instant: see promo_finish */
    }
    /* A checkpoint is only written when the record it stands before is durable. */
    if (position > 1 && position >= end) {
        return error_set(error, STATUS_CORRUPT,
                         "the log of `%s` is damaged: its checkpoint stands at record %llu, but its last record is "
                         "%llu; restore the file from a copy",
                         promo->options.database, (unsigned long long)position, (unsigned long long)(end - 1));
    }
    RETURN_IF_FAILED(promo->store.log.read(promo->store.log.self, position, fold_tail, promo, error));
    promo->next = end;
    promo->any_stamped = promo->any;
    promo->stamped_now = promo->last_now;
    return OK;
}

/* A restored copy waits for a person. */
static void ask_hold(struct promo *promo)
{
    struct buffer hold = BUFFER_EMPTY;
    promo->held = outbox_held(&promo->store, &hold, NULL) == OK && hold.size > 0;
    buffer_deinit(&hold);
    if (promo->held) {
        promo_tell(promo, PROMO_ALARM_HELD,
                   "`%s` was restored, and nothing leaves it until a person has confirmed that: promo restore confirm "
                   "--db %s --by NAME",
                   promo->options.database, promo->options.database);
    }
}

static enum status open_store(struct promo *promo, struct error *error)
{
    if (promo->options.database == NULL) return OK;
    RETURN_IF_FAILED(sqlite_store_open(&promo->store, promo->options.database, SQLITE_STORE_WRITE, error));
    promo->stored = true;
    int64_t upgraded = sqlite_store_upgraded(&promo->store);
    if (upgraded > 0) {
        promo_tell(promo, PROMO_ALARM_UPGRADED,
                   "`%s` was of format %lld and is of this program's now; older programs refuse it",
                   promo->options.database, (long long)upgraded);
    }
    promo->wrapped = (struct checkpoint_store){
        .self = promo, .load = wrapped_load, .begin = wrapped_begin, .put = wrapped_put, .commit = wrapped_commit};
    RETURN_IF_FAILED(check_owner(promo, error));
    ask_hold(promo);
    RETURN_IF_FAILED(promo_clock_load(promo, error));
    if (promo->options.refold) RETURN_IF_FAILED(sqlite_store_forget(&promo->store, error));
    RETURN_IF_FAILED(outbox_open(&promo->outbox, &promo->store, promo->options.outbox, error));
    if (promo->options.refold) promo->outbox.made = sqlite_store_base_steps(&promo->store);
    if (promo->options.without_views) return OK;
    return views_open(&promo->views, &promo->store, error);
}

/* What records are read by: the bundle that was given, or the program that the log activated. */
static enum status choose_program(struct promo *promo, struct error *error)
{
    const struct program *active = engine_program(promo->engine);
    RETURN_IF_FAILED(promo_settle_trust(promo, active, error));
    if (promo->bundle == NULL && active == NULL) {
        return error_set(error, STATUS_USAGE, "there is no program: give a bundle, or a database that has one");
    }
    promo->program = active;
    if (promo->bundle != NULL) {
        promo->program = &promo->own;
        promo->activate_waits =
            active == NULL || memcmp(active->full_hash, promo->own.full_hash, sizeof active->full_hash) != 0;
    }
    /* Refused before it stands in the log, where nothing could take it out again. */
    if (promo->activate_waits && promo->stored && !promo->options.incomplete && sqlite_store_start(&promo->store) > 1 &&
        engine_brings_metrics(promo->engine, &promo->own)) {
        return error_set(error, STATUS_REFUSED,
                         "the bundle brings new metrics, and the log begins with record %llu: what happened before it "
                         "is not counted; activate with --incomplete to accept that",
                         (unsigned long long)sqlite_store_base_position(&promo->store));
    }
    RETURN_IF_FAILED(intake_open(&promo->intake, promo->program, error));
    intake_set_key(promo->intake, promo->options.identity_key);
    return OK;
}

/* Records before a position that is being folded are durable. */
enum status promo_read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                               struct error *error)
{
    struct promo *promo = context;
    wait_for_writer(promo);
    return history_of_store(&promo->store, promo->options.identity_key, before, reader, reader_context, error);
}

enum status promo_open_engine(struct promo *promo, struct error *error)
{
    const struct engine_sink *given = &promo->options.sink;
    struct engine_options options = {
        .shards = promo->options.shards, .identity_key = promo->options.identity_key, .lazy = true};
    options.sink = (struct engine_sink){
        .context = promo, .effect = on_effect, .note = on_note, .probe = given->probe != NULL ? on_probe : NULL};
    if (promo->stored) {
        options.untils = promo->outbox.on;
        if (promo->outbox.on) options.sink.taken = on_taken;
        options.history = promo_read_history;
        options.history_context = promo;
    }
    return engine_open(&promo->engine, &options, error);
}

static enum status open_parts(struct promo *promo, struct error *error)
{
    RETURN_IF_FAILED(crypto_start(error));
    RETURN_IF_FAILED(promo_take_bundle(promo, error));
    RETURN_IF_FAILED(open_store(promo, error));
    RETURN_IF_FAILED(promo_open_engine(promo, error));
    if (promo->stored) RETURN_IF_FAILED(recover(promo, error));
    /* Where the outbox begins, an instant ends: nothing joins it, or a later start would cut it elsewhere. */
    if (promo->outbox.on && promo->outbox.from == promo->next) RETURN_IF_FAILED(promo_settle(promo, error));
    return choose_program(promo, error);
}

static void release_batch(struct batch *batch)
{
    buffer_deinit(&batch->open);
    buffer_deinit(&batch->secret);
    buffer_deinit(&batch->audit);
    memory_release(batch->record);
    memory_release(batch->rows);
}

static void release(struct promo *promo)
{
    if (promo->engine != NULL) engine_close(promo->engine);
    intake_close(promo->intake);
    views_close(promo->views);
    outbox_deinit(&promo->outbox);
    store_close(&promo->store);
    record_space_deinit(&promo->space);
    release_batch(&promo->batch);
    release_batch(&promo->flying);
    memory_release(promo->bundle);
    trust_close(promo->trust);
    memory_release(promo->erased);
    (void)pthread_mutex_destroy(&promo->mutex);
    (void)pthread_mutex_destroy(&promo->clock.mutex);
    (void)pthread_cond_destroy(&promo->changed);
    memory_release(promo);
}

enum status promo_open(struct promo **out, const struct promo_options *options, struct error *error)
{
    struct promo *promo = memory_alloc(sizeof *promo);
    if (promo == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to open");
    promo->options = *options;
    if (promo->options.shards == 0) promo->options.shards = 1;
    if (promo->options.checkpoint_every == 0) promo->options.checkpoint_every = CHECKPOINT_EVERY;
    promo->next = 1;
    promo->settled_now = INT64_MIN;
    promo->waiting_end = &promo->waiting;
    record_space_init(&promo->space);
    outbox_init(&promo->outbox);
    (void)pthread_mutex_init(&promo->mutex, NULL);
    (void)pthread_mutex_init(&promo->clock.mutex, NULL);
    (void)pthread_cond_init(&promo->changed, NULL);
    enum status status = open_parts(promo, error);
    if (status != OK) {
        release(promo);
        return status;
    }
    *out = promo;
    return OK;
}

enum status promo_close(struct promo *promo, struct error *error)
{
    if (promo == NULL) return OK;
    enum status status = OK;
    if (promo->submitted && !promo->broken) status = promo_finish(promo, error);
    if (status == OK && !promo->broken) status = promo_outbox_write(promo, error);
    release(promo);
    return status;
}

struct engine *promo_engine(struct promo *promo)
{
    return promo->engine;
}

const struct intake *promo_intake(const struct promo *promo)
{
    return promo->intake;
}
