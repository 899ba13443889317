/*
 * The store in memory. Contract: runtime/store/memory_store.h, engine/log.h.
 */
#include "runtime/store/memory_store.h"

#include "vm/memory.h"

struct kept_record {
    struct log_record record; /* open and secret point into `bytes` by offset until read */
    size_t open_at, secret_at;
};

/* A blob of a checkpoint; `next` is what an unfinished checkpoint wants it to become. */
struct kept_blob {
    uint32_t key;
    struct buffer bytes, next;
    bool present, changed;
};

struct kept_meta {
    struct buffer name, value;
};

struct memory_store {
    struct kept_record *record;
    uint64_t count, room;
    struct buffer bytes;
    struct kept_blob *blob;
    uint32_t blob_count, blob_room;
    uint64_t position, next_position;
    bool begun;
    struct kept_meta meta[8];
    uint32_t meta_count;
    struct keyring *keyring;
};

static enum status no_memory(struct error *error)
{
    return error_set(error, STATUS_NO_MEMORY, "no memory for the store in memory");
}

static enum status append(void *self, const struct log_record *records, uint32_t count, uint64_t *first,
                          struct error *error)
{
    struct memory_store *store = self;
    if (store->room - store->count < count) {
        uint64_t room = (store->count + count) * 2;
        void *grown = memory_resize_array(store->record, (size_t)room, sizeof *store->record);
        if (grown == NULL) return no_memory(error);
        store->record = grown;
        store->room = room;
    }
    size_t before = store->bytes.size;
    for (uint32_t index = 0; index < count; index++) {
        struct kept_record *kept = &store->record[store->count + index];
        kept->record = records[index];
        kept->open_at = store->bytes.size;
        buffer_text(&store->bytes, records[index].open);
        kept->secret_at = store->bytes.size;
        buffer_text(&store->bytes, records[index].secret);
    }
    if (!buffer_ok(&store->bytes)) {
        store->bytes.size = before;
        store->bytes.failed = false;
        return no_memory(error);
    }
    *first = store->count + 1;
    store->count += count;
    return OK;
}

static enum status read_log(void *self, uint64_t from, log_reader reader, void *context, struct error *error)
{
    struct memory_store *store = self;
    for (uint64_t position = from == 0 ? 1 : from; position <= store->count; position++) {
        struct kept_record *kept = &store->record[position - 1];
        struct log_record record = kept->record;
        record.open.at = (const char *)store->bytes.bytes + kept->open_at;
        record.secret.at = (const char *)store->bytes.bytes + kept->secret_at;
        RETURN_IF_FAILED(reader(context, position, &record, error));
    }
    return OK;
}

static uint64_t end(void *self)
{
    const struct memory_store *store = self;
    return store->count + 1;
}

static enum status load(void *self, uint64_t *position, checkpoint_reader reader, void *context, struct error *error)
{
    struct memory_store *store = self;
    *position = store->position;
    for (uint32_t index = 0; index < store->blob_count; index++) {
        struct kept_blob *blob = &store->blob[index];
        if (blob->present) RETURN_IF_FAILED(reader(context, blob->key, buffer_as_text(&blob->bytes), error));
    }
    return OK;
}

static enum status begin(void *self, uint64_t position, struct error *error)
{
    (void)error;
    struct memory_store *store = self;
    for (uint32_t index = 0; index < store->blob_count; index++) store->blob[index].changed = false;
    store->next_position = position;
    store->begun = true;
    return OK;
}

static struct kept_blob *blob_of(struct memory_store *store, uint32_t key)
{
    for (uint32_t index = 0; index < store->blob_count; index++) {
        if (store->blob[index].key == key) return &store->blob[index];
    }
    if (store->blob_count == store->blob_room) {
        uint32_t room = store->blob_room == 0 ? 64 : store->blob_room * 2;
        void *grown = memory_resize_array(store->blob, room, sizeof *store->blob);
        if (grown == NULL) return NULL;
        store->blob = grown;
        store->blob_room = room;
    }
    struct kept_blob *blob = &store->blob[store->blob_count++];
    memset(blob, 0, sizeof *blob);
    blob->key = key;
    return blob;
}

static enum status put(void *self, uint32_t key, struct text bytes, struct error *error)
{
    struct memory_store *store = self;
    INVARIANT(store->begun);
    struct kept_blob *blob = blob_of(store, key);
    if (blob == NULL) return no_memory(error);
    buffer_clear(&blob->next);
    buffer_text(&blob->next, bytes);
    if (!buffer_ok(&blob->next)) return no_memory(error);
    blob->changed = true;
    return OK;
}

static enum status commit(void *self, struct error *error)
{
    (void)error;
    struct memory_store *store = self;
    INVARIANT(store->begun);
    for (uint32_t index = 0; index < store->blob_count; index++) {
        struct kept_blob *blob = &store->blob[index];
        if (!blob->changed) continue;
        struct buffer old = blob->bytes;
        blob->bytes = blob->next;
        blob->next = old;
        blob->present = blob->bytes.size > 0;
        blob->changed = false;
    }
    store->position = store->next_position;
    store->begun = false;
    return OK;
}

static struct kept_meta *meta_of(struct memory_store *store, const char *name)
{
    for (uint32_t index = 0; index < store->meta_count; index++) {
        if (text_equal(buffer_as_text(&store->meta[index].name), text_of(name))) return &store->meta[index];
    }
    return NULL;
}

static enum status get_meta(void *self, const char *name, struct buffer *out, struct error *error)
{
    struct kept_meta *meta = meta_of(self, name);
    if (meta == NULL) return error_set(error, STATUS_NOT_FOUND, "the store says nothing of `%s`", name);
    buffer_clear(out);
    buffer_text(out, buffer_as_text(&meta->value));
    return buffer_ok(out) ? OK : no_memory(error);
}

static enum status set_meta(void *self, const char *name, struct text value, struct error *error)
{
    struct memory_store *store = self;
    struct kept_meta *meta = meta_of(store, name);
    if (meta == NULL) {
        INVARIANT(store->meta_count < sizeof store->meta / sizeof store->meta[0]);
        meta = &store->meta[store->meta_count++];
        buffer_string(&meta->name, name);
    }
    buffer_clear(&meta->value);
    buffer_text(&meta->value, value);
    return buffer_ok(&meta->value) && buffer_ok(&meta->name) ? OK : no_memory(error);
}

static void close_store(void *self)
{
    struct memory_store *store = self;
    keyring_close(store->keyring);
    for (uint32_t index = 0; index < store->blob_count; index++) {
        buffer_deinit(&store->blob[index].bytes);
        buffer_deinit(&store->blob[index].next);
    }
    for (uint32_t index = 0; index < store->meta_count; index++) {
        buffer_deinit(&store->meta[index].name);
        buffer_deinit(&store->meta[index].value);
    }
    memory_release(store->blob);
    memory_release(store->record);
    buffer_deinit(&store->bytes);
    memory_release(store);
}

enum status memory_store_open(struct store *out, struct error *error)
{
    struct memory_store *store = memory_alloc(sizeof *store);
    if (store == NULL) return no_memory(error);
    enum status status = keyring_open(&store->keyring, error);
    if (status != OK) {
        memory_release(store);
        return status;
    }
    *out = (struct store){
        .log = {.self = store, .append = append, .read = read_log, .end = end},
        .checkpoint = {.self = store, .load = load, .begin = begin, .put = put, .commit = commit},
        .keyring = store->keyring,
        .self = store,
        .get_meta = get_meta,
        .set_meta = set_meta,
        .close = close_store,
    };
    return OK;
}
