/* Writing the state down and reading it back. See checkpoint.h.
 *
 *   group blob    [ version | books of its players | ids applied | keys of entries | who is suppressed | codes | players by id: attributes, passages, journeys, messages … ]
 *   shared blob   [ version | clock | programs in use | titles with their figures | shared books ]
 *   program blob  [ bundle ]
 *
 * Players are in checkpoint_player.c. Every number that is read is checked before it is used.
 */
#include "runtime/engine/checkpoint.h"

#include "runtime/engine/checkpoint_player.h"
#include "runtime/engine/codec.h"
#include "runtime/engine/epoch.h"
#include "runtime/engine/metrics.h"
#include "runtime/engine/parts.h"
#include "runtime/engine/programs.h"
#include "runtime/engine/reward.h"
#include "runtime/engine/run.h"
#include "vm/layout.h"
#include "vm/meaning.h"
#include "vm/memory.h"
#include "vm/zone.h"

/* ---------------------------------------------------------------- writing groups */

/* What must be known of players while they sleep: when the first of them has something to do, and how many are in which zone. */
static void write_summary(const struct engine *engine, struct player *const *sorted, uint32_t count, struct buffer *out)
{
    int64_t due = STATE_NEVER;
    for (uint32_t i = 0; i < count; i++) due = civil_earlier(due, state_player_due(sorted[i]));
    buffer_i64(out, due);
    size_t at = out->size;
    uint32_t zones = 0;
    buffer_u32(out, 0);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t zone = state_zone_place(engine, sorted[i]), players = 0;
        bool told = zone == zone_count();
        for (uint32_t j = 0; j < i && !told; j++) told = state_zone_place(engine, sorted[j]) == zone;
        if (told) continue;
        for (uint32_t j = i; j < count; j++) players += state_zone_place(engine, sorted[j]) == zone;
        zones++;
        buffer_sized_text(out, text_of(zone_name(zone)));
        buffer_u32(out, players);
    }
    for (unsigned i = 0; i < 4 && buffer_ok(out); i++) out->bytes[at + i] = (uint8_t)(zones >> (8 * i));
}

/* In the order of their ids. The digest is of players alone: who wakes them when is not part of the state. */
static enum status write_players(const struct engine *engine, uint16_t number, bool digest, struct buffer *out,
                                 struct error *error)
{
    const struct sleepers *sleepers = &engine->group[number].sleepers;
    if (sleepers->bytes != NULL && !digest) {
        buffer_i64(out, sleepers->due);
        buffer_append(out, sleepers->bytes, sleepers->size);
        return OK;
    }
    const struct group *group = state_group(engine, number);
    if (engine->failed != OK) return error_set(error, engine->failed, "%s", engine->asleep_error.message);
    uint32_t count = 0;
    struct player **sorted = state_sorted_players(group, &count);
    if (sorted == NULL) return codec_no_memory(error);
    if (!digest) write_summary(engine, sorted, count, out);
    buffer_u32(out, count);
    for (uint32_t i = 0; i < count; i++) checkpoint_write_player(engine, sorted[i], digest, out);
    memory_release(sorted);
    return OK;
}

/* Nothing at all for a group in which nobody and nothing is. */
static enum status write_group(const struct engine *engine, uint16_t number, bool digest, struct buffer *out,
                               struct error *error)
{
    buffer_clear(out);
    struct buffer books = BUFFER_EMPTY, parts = BUFFER_EMPTY;
    enum status status = books_encode_group(engine->books, number, &books, error);
    parts_encode_group(engine, number, &parts);
    if (status == OK && !buffer_ok(&parts)) status = codec_no_memory(error);
    const struct group *group = &engine->group[number];
    if (status == OK &&
        (books.size > 0 || parts.size > 0 || group->count > 0 || group->sleepers.count > 0 || group->keys.count > 0 ||
         group->suppressed.count > 0 || dedupe_any(&group->ids, engine->now))) {
        buffer_u32(out, CHECKPOINT_VERSION);
        buffer_sized_text(out, buffer_as_text(&books));
        dedupe_encode(&group->ids, engine->now, out);
        dedupe_encode(&group->keys, engine->now, out);
        dedupe_encode(&group->suppressed, engine->now, out);
        buffer_sized_text(out, buffer_as_text(&parts));
        status = write_players(engine, number, digest, out, error);
    }
    buffer_deinit(&books);
    buffer_deinit(&parts);
    if (status == OK && !buffer_ok(out)) status = codec_no_memory(error);
    return status;
}

/* ---------------------------------------------------------------- writing what is shared */

static enum status write_shared(const struct engine *engine, struct buffer *out, struct error *error)
{
    buffer_clear(out);
    buffer_u32(out, CHECKPOINT_VERSION);
    buffer_i64(out, engine->now);
    buffer_u32(out, engine->use_serial);
    buffer_u64(out, engine->refused_records);
    buffer_i64(out, engine->ids_from);
    buffer_i64(out, engine->folded_until);
    epoch_encode(engine, out);
    uint32_t uses = 0;
    for (const struct use *use = engine->uses; use != NULL; use = use->next) uses += programs_needed(engine, use);
    buffer_u32(out, uses);
    for (const struct use *use = engine->uses; use != NULL; use = use->next) {
        if (!programs_needed(engine, use)) continue;
        buffer_u32(out, use->number);
        buffer_append(out, use->program.full_hash, sizeof use->program.full_hash);
    }
    buffer_u32(out, engine->title_count);
    for (uint32_t i = 0; i < engine->title_count; i++) {
        buffer_sized_text(out, engine->title[i]->name);
        buffer_append(out, engine->title[i]->currency, sizeof engine->title[i]->currency);
        buffer_u8(out, engine->title[i]->stopped);
        buffer_u32(out, engine->title[i]->priority);
        buffer_i64(out, engine->title[i]->runs_after);
        figures_encode(&engine->title[i]->figures, out);
    }
    metrics_encode_meters(engine, out);
    run_encode(engine, out);
    parts_encode_shared(engine, out);
    struct buffer books = BUFFER_EMPTY;
    enum status status = books_encode_shared(engine->books, &books, error);
    if (status == OK) buffer_sized_text(out, buffer_as_text(&books));
    buffer_deinit(&books);
    if (status == OK && !buffer_ok(out)) status = codec_no_memory(error);
    return status;
}

/* Bundles that are new go in, those that nothing is pinned to any more go out. */
static enum status write_programs(struct engine *engine, const struct checkpoint_store *store, struct error *error)
{
    for (uint32_t i = 0; i < engine->stored_count; i++) {
        if (programs_find(engine, engine->stored[i]) != NULL) continue;
        RETURN_IF_FAILED(store->put(store->self, CHECKPOINT_PROGRAM + engine->stored[i], (struct text){"", 0}, error));
    }
    uint32_t count = 0;
    for (const struct use *use = engine->uses; use != NULL; use = use->next) count++;
    uint32_t *stored = memory_resize_array(engine->stored, count + 1, sizeof *stored);
    if (stored == NULL) return codec_no_memory(error);
    engine->stored = stored;
    engine->stored_count = 0;
    for (struct use *use = engine->uses; use != NULL; use = use->next) {
        stored[engine->stored_count++] = use->number;
        if (use->stored) continue;
        struct text bytes = text_make((const char *)use->bundle, use->bundle_size);
        RETURN_IF_FAILED(store->put(store->self, CHECKPOINT_PROGRAM + use->number, bytes, error));
    }
    return OK;
}

enum status checkpoint_write(struct engine *engine, const struct checkpoint_store *store, uint64_t position,
                             struct error *error)
{
    if (engine->newest == NULL)
        return error_set(error, STATUS_USAGE, "there is nothing to checkpoint: no program is active");
    programs_sweep(engine);
    RETURN_IF_FAILED(store->begin(store->self, position, error));
    RETURN_IF_FAILED(write_programs(engine, store, error));
    struct buffer out = BUFFER_EMPTY;
    enum status status = write_shared(engine, &out, error);
    if (status == OK) status = store->put(store->self, CHECKPOINT_SHARED, buffer_as_text(&out), error);
    for (uint32_t i = 0; i < RECORD_GROUPS && status == OK; i++) {
        if (!engine->group[i].changed && !books_group_changed(engine->books, (uint16_t)i)) continue;
        status = write_group(engine, (uint16_t)i, false, &out, error);
        if (status == OK)
            status = store->put(store->self, i, out.size == 0 ? (struct text){"", 0} : buffer_as_text(&out), error);
    }
    buffer_deinit(&out);
    if (status == OK) status = store->commit(store->self, error);
    if (status != OK) return status;
    for (uint32_t i = 0; i < RECORD_GROUPS; i++) engine->group[i].changed = false;
    for (struct use *use = engine->uses; use != NULL; use = use->next) use->stored = true;
    books_clear_changed(engine->books);
    return OK;
}

enum status checkpoint_digest(struct engine *engine, uint8_t out[32], struct error *error)
{
    struct crypto_stream stream;
    crypto_stream_begin(&stream);
    struct buffer bytes = BUFFER_EMPTY;
    enum status status = OK;
    if (engine->newest != NULL) status = write_shared(engine, &bytes, error);
    if (status == OK) crypto_stream_add(&stream, bytes.bytes, bytes.size);
    for (uint32_t i = 0; i < RECORD_GROUPS && status == OK && engine->newest != NULL; i++) {
        status = write_group(engine, (uint16_t)i, true, &bytes, error);
        if (status != OK || bytes.size == 0) continue;
        struct crypto_digest digest = crypto_digest256(bytes.bytes, bytes.size);
        uint8_t number[4] = {(uint8_t)i, (uint8_t)(i >> 8), 0, 0};
        crypto_stream_add(&stream, number, sizeof number);
        crypto_stream_add(&stream, digest.bytes, sizeof digest.bytes);
    }
    buffer_deinit(&bytes);
    struct crypto_digest digest = crypto_stream_end(&stream);
    if (status == OK) memcpy(out, digest.bytes, sizeof digest.bytes);
    return status;
}

/* ---------------------------------------------------------------- reading groups */

/* One that is too old is made anew from the log; of a newer one nobody here knows the rules. The reader knows the version from here on. */
static enum status read_version(struct buffer_reader *in, struct error *error)
{
    uint32_t version = in->version = buffer_read_u32(in);
    if (version >= CHECKPOINT_OLDEST && version <= CHECKPOINT_VERSION) return OK;
    bool newer = version > CHECKPOINT_VERSION;
    return error_set(error, newer ? STATUS_REFUSED : STATUS_INVALID,
                     "the checkpoint is of version %u, and this program reads versions %u to %u%s", version,
                     (unsigned)CHECKPOINT_OLDEST, (unsigned)CHECKPOINT_VERSION,
                     newer ? "; use the program that wrote it, or a newer one" : "");
}

/* Over the zones to the number of players. */
static uint32_t read_summary(struct buffer_reader *in)
{
    uint32_t zones = buffer_read_u32(in);
    for (uint32_t i = 0; i < zones && !in->failed; i++) {
        (void)buffer_read_sized_text(in);
        (void)buffer_read_u32(in);
    }
    return buffer_read_u32(in);
}

static enum status read_players(struct engine *engine, uint16_t number, struct text bytes, uint32_t version,
                                int64_t due, struct error *error)
{
    struct group *group = &engine->group[number];
    struct buffer_reader in = buffer_read(bytes.at, bytes.size);
    in.version = version;
    bool changed = group->changed;
    uint32_t count = read_summary(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++)
        RETURN_IF_FAILED(checkpoint_read_player(engine, number, &in, error));
    if (in.failed || in.at != in.size) return codec_corrupt(error, "a key group has bytes too few or too many");
    /* Had they slept, nothing would have woken them in time. */
    for (uint32_t i = 0; i < group->capacity; i++) {
        if (group->seat[i].player != NULL && state_player_due(group->seat[i].player) < due)
            return codec_corrupt(error, "a player has something to do before a key group says so");
    }
    group->changed = changed;
    return OK;
}

/* Whether its players may sleep: the zones must add up, and no other program may be in use, since nobody would see who is pinned to it. Who sleeps is
 * written as he was read, so players of an older version do not. */
static enum status let_sleep(struct engine *engine, uint16_t number, struct text bytes, uint32_t version, int64_t due,
                             bool *sleeps, struct error *error)
{
    *sleeps = false;
    if (!engine->options.lazy || engine->uses->next != NULL || version != CHECKPOINT_VERSION) return OK;
    struct buffer_reader in = buffer_read(bytes.at, bytes.size);
    uint32_t zones = buffer_read_u32(&in);
    uint64_t in_zones = 0;
    for (uint32_t i = 0; i < zones && !in.failed; i++) {
        (void)buffer_read_sized_text(&in);
        in_zones += buffer_read_u32(&in);
    }
    uint32_t count = buffer_read_u32(&in);
    if (in.failed || in_zones > count) return codec_corrupt(error, "the zones of a key group do not add up");
    if (count == 0) return OK;
    struct sleepers sleepers = {
        .bytes = memory_resize(NULL, bytes.size), .size = bytes.size, .due = due, .count = count};
    if (sleepers.bytes == NULL) return codec_no_memory(error);
    memcpy(sleepers.bytes, bytes.at, bytes.size);
    state_sleep(engine, number, &sleepers);
    *sleeps = true;
    return OK;
}

void checkpoint_wake(struct engine *engine, uint16_t number)
{
    struct sleepers sleepers = engine->group[number].sleepers;
    if (engine->failed != OK) return;
    engine->group[number].sleepers = (struct sleepers){.bytes = NULL};
    engine->asleep--;
    engine->player_count -= sleepers.count;
    state_count_sleepers(engine, &sleepers, false);
    struct error error = ERROR_NONE;
    struct text bytes = text_make((const char *)sleepers.bytes, sleepers.size);
    enum status status = read_players(engine, number, bytes, CHECKPOINT_VERSION, sleepers.due, &error);
    memory_release(sleepers.bytes);
    if (status == OK) return;
    engine->failed = status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_CORRUPT;
    engine->asleep_error = error;
}

static enum status read_group(struct engine *engine, uint16_t number, struct text bytes, struct error *error)
{
    struct buffer_reader in = buffer_read(bytes.at, bytes.size);
    RETURN_IF_FAILED(read_version(&in, error));
    struct text books = buffer_read_sized_text(&in);
    if (in.failed) return codec_corrupt(error, "a key group is cut off");
    if (books.size > 0) RETURN_IF_FAILED(books_decode_group(engine->books, number, books, error));
    RETURN_IF_FAILED(dedupe_decode(&engine->group[number].ids, &in, error));
    RETURN_IF_FAILED(dedupe_decode(&engine->group[number].keys, &in, error));
    RETURN_IF_FAILED(dedupe_decode(&engine->group[number].suppressed, &in, error));
    engine->suppressed_count += engine->group[number].suppressed.count;
    struct buffer_reader parts = buffer_read_part(&in);
    if (in.failed) return codec_corrupt(error, "a key group is cut off");
    RETURN_IF_FAILED(parts_decode_group(engine, number, &parts, error));
    /* The next checkpoint leaves no older version behind. */
    engine->group[number].changed = in.version != CHECKPOINT_VERSION;
    int64_t due = buffer_read_i64(&in);
    struct text rest = text_make((const char *)bytes.at + in.at, in.failed ? 0 : in.size - in.at);
    bool sleeps = false;
    RETURN_IF_FAILED(let_sleep(engine, number, rest, in.version, due, &sleeps, error));
    return sleeps ? OK : read_players(engine, number, rest, in.version, due, error);
}

/* ---------------------------------------------------------------- reading what is shared */

/* What came before the shared part could be read: the shared part, programs, and groups of a store that gives these first. */
struct blob {
    uint32_t key;
    unsigned char *bytes;
    size_t size;
};
struct blobs {
    struct engine *engine;
    struct blob *blob;
    uint32_t count, capacity;
    bool shared; /* The shared part has been read: groups are read as they come, from the store's own memory. */
};

static enum status keep_blob(struct blobs *blobs, uint32_t key, struct text bytes, struct error *error)
{
    if (blobs->count == blobs->capacity) {
        uint32_t capacity = blobs->capacity == 0 ? 256 : blobs->capacity * 2;
        struct blob *grown = memory_resize_array(blobs->blob, capacity, sizeof *grown);
        if (grown == NULL) return codec_no_memory(error);
        blobs->blob = grown;
        blobs->capacity = capacity;
    }
    unsigned char *copy = memory_alloc(bytes.size);
    if (copy == NULL) return codec_no_memory(error);
    if (bytes.size > 0) memcpy(copy, bytes.at, bytes.size);
    blobs->blob[blobs->count++] = (struct blob){key, copy, bytes.size};
    return OK;
}

static const struct blob *find_blob(const struct blobs *blobs, uint32_t key)
{
    for (uint32_t i = 0; i < blobs->count; i++) {
        if (blobs->blob[i].key == key) return &blobs->blob[i];
    }
    return NULL;
}

static enum status read_programs(struct engine *engine, const struct blobs *blobs, struct buffer_reader *in,
                                 struct error *error)
{
    uint32_t count = buffer_read_u32(in);
    if (count == 0 || count > 256) return codec_corrupt(error, "it names no program, or too many");
    uint32_t number[256];
    const unsigned char *hash[256];
    for (uint32_t i = 0; i < count; i++) {
        number[i] = buffer_read_u32(in);
        hash[i] = buffer_read_bytes(in, CRYPTO_DIGEST_SIZE);
    }
    if (in->failed) return codec_corrupt(error, "its list of programs is cut off");
    engine->stored = memory_alloc_array(count, sizeof *engine->stored);
    if (engine->stored == NULL) return codec_no_memory(error);
    /* Written newest first, added oldest first. */
    for (uint32_t i = count; i-- > 0;) {
        const struct blob *blob = find_blob(blobs, CHECKPOINT_PROGRAM + number[i]);
        if (blob == NULL) return codec_corrupt(error, "the bundle of a program in use is missing");
        RETURN_IF_FAILED(programs_add(engine, blob->bytes, blob->size, number[i], error));
        if (memcmp(engine->newest->program.full_hash, hash[i], CRYPTO_DIGEST_SIZE) != 0) {
            return codec_corrupt(error, "the bundle of a program in use is another one");
        }
        engine->stored[engine->stored_count++] = number[i];
    }
    return OK;
}

static void read_clock(struct engine *engine, struct buffer_reader *in)
{
    engine->now = buffer_read_i64(in);
    engine->use_serial = buffer_read_u32(in);
    engine->refused_records = buffer_read_u64(in);
    engine->ids_from = buffer_read_i64(in);
    engine->folded_until = buffer_read_i64(in);
    epoch_decode(engine, in);
}

static enum status read_shared(struct engine *engine, const struct blobs *blobs, struct error *error)
{
    const struct blob *blob = find_blob(blobs, CHECKPOINT_SHARED);
    if (blob == NULL) return codec_corrupt(error, "its shared part is missing");
    struct buffer_reader in = buffer_read(blob->bytes, blob->size);
    RETURN_IF_FAILED(read_version(&in, error));
    read_clock(engine, &in);
    RETURN_IF_FAILED(read_programs(engine, blobs, &in, error));
    uint32_t titles = buffer_read_u32(&in);
    for (uint32_t i = 0; i < titles && !in.failed; i++) {
        struct text name = buffer_read_sized_text(&in);
        const unsigned char *currency = buffer_read_bytes(&in, sizeof engine->title[0]->currency);
        uint8_t stopped = buffer_read_u8(&in);
        uint32_t priority = buffer_read_u32(&in);
        if (in.failed) break;
        if (stopped > TITLE_KILLED) return codec_corrupt(error, "a campaign is stopped in an unknown way");
        struct title *title = state_title(engine, name, true);
        if (title == NULL) return codec_no_memory(error);
        if (title->number != i) return codec_corrupt(error, "a campaign stands in it twice");
        memcpy(title->currency, currency, sizeof title->currency);
        title->runs_after = buffer_read_i64(&in);
        title->stopped = stopped;
        title->priority = priority;
        RETURN_IF_FAILED(figures_decode(&title->figures, &in, error));
    }
    RETURN_IF_FAILED(metrics_decode_meters(engine, &in, error));
    RETURN_IF_FAILED(run_decode(engine, &in, error));
    RETURN_IF_FAILED(parts_decode_shared(engine, &in, error));
    struct text books = buffer_read_sized_text(&in);
    if (in.failed || in.at != in.size) return codec_corrupt(error, "its shared part has bytes too few or too many");
    RETURN_IF_FAILED(books_decode_shared(engine->books, books, error));
    return programs_link(engine, error);
}

/* Whether the shared part and all programs that it names have come. */
static bool shared_has_come(const struct blobs *blobs)
{
    const struct blob *blob = find_blob(blobs, CHECKPOINT_SHARED);
    if (blob == NULL) return false;
    struct buffer_reader in = buffer_read(blob->bytes, blob->size);
    struct engine ignored = {.now = 0};
    if (read_version(&in, NULL) != OK) return true; /* whoever reads it says so */
    read_clock(&ignored, &in);
    uint32_t count = buffer_read_u32(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++) {
        if (find_blob(blobs, CHECKPOINT_PROGRAM + buffer_read_u32(&in)) == NULL) return false;
        (void)buffer_read_bytes(&in, CRYPTO_DIGEST_SIZE);
    }
    return true;
}

static enum status take_blob(void *context, uint32_t key, struct text bytes, struct error *error)
{
    struct blobs *blobs = context;
    if (key >= RECORD_GROUPS) return keep_blob(blobs, key, bytes, error);
    if (bytes.size == 0) return OK;
    if (!blobs->shared && blobs->count > 0 && shared_has_come(blobs)) {
        RETURN_IF_FAILED(read_shared(blobs->engine, blobs, error));
        blobs->shared = true;
    }
    return blobs->shared ? read_group(blobs->engine, (uint16_t)key, bytes, error) : keep_blob(blobs, key, bytes, error);
}

enum status checkpoint_read(struct engine *engine, const struct checkpoint_store *store, uint64_t *position,
                            struct error *error)
{
    struct blobs blobs = {.engine = engine};
    enum status status = store->load(store->self, position, take_blob, &blobs, error);
    if (status == OK && blobs.count > 0 && !blobs.shared) status = read_shared(engine, &blobs, error);
    for (uint32_t i = 0; i < blobs.count && status == OK; i++) {
        if (blobs.blob[i].key >= RECORD_GROUPS) continue;
        struct text bytes = text_make((const char *)blobs.blob[i].bytes, blobs.blob[i].size);
        status = read_group(engine, (uint16_t)blobs.blob[i].key, bytes, error);
    }
    if (status == OK && blobs.count > 0) status = parts_decoded(engine, error);
    if (status == OK && blobs.count > 0) status = run_find_players(engine, error);
    if (status == OK && blobs.count > 0) status = books_check(engine->books, error);
    for (uint32_t i = 0; i < blobs.count; i++) memory_release(blobs.blob[i].bytes);
    memory_release(blobs.blob);
    if (status != OK) return status;
    books_clear_changed(engine->books);
    engine->position = engine->pending_position = *position;
    return OK;
}
