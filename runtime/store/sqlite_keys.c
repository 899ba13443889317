/*
 * FILE-keys: who has which number, and each one's key, apart from the log. Contract: runtime/store/sqlite_parts.h.
 * A row whose key is NULL belongs to a player who was forgotten; its hash is NULL too. `hash` is of number, names and key: it
 * tells a damaged row, and hides nothing, since the key stands beside it.
 */
#include "runtime/store/sqlite_parts.h"

#include "vm/split.h"

static int64_t hash_of(uint64_t number, struct text brand, struct text player, const struct crypto_key *key)
{
    uint64_t hash = split_hash64((const char *)key->bytes, sizeof key->bytes, number);
    hash = split_hash64(brand.at, brand.size, hash);
    return (int64_t)split_hash64(player.at, player.size, hash);
}

static enum status damaged(const struct sqlite_store *store, int64_t number, struct error *error)
{
    return error_set(error, STATUS_CORRUPT, "`%s-keys` is damaged at player number %lld; restore it from a copy",
                     store->path, (long long)number);
}

/* Rows are read some ahead of being taken in, because each goes to a place of the table that memory has to be asked for. */
enum { AHEAD = 16, NAME_MOST = 255 };
struct row {
    struct crypto_key key;
    bool has_key;
    uint32_t brand_size, player_size;
    char brand[NAME_MOST], player[NAME_MOST];
};
struct ahead {
    struct row row[AHEAD];
    uint64_t read, taken; /* Rows so far. */
};

static struct text kept(const char *bytes, uint32_t size)
{
    return (struct text){.at = bytes, .size = size};
}

static enum status read_row(struct sqlite_store *store, sqlite3_stmt *from, struct ahead *ahead, struct error *error)
{
    int64_t number = sqlite3_column_int64(from, 0);
    struct row *row = &ahead->row[ahead->read % AHEAD];
    struct text key_bytes = sqlite_column(from, 3);
    if ((key_bytes.size != 0 && key_bytes.size != CRYPTO_KEY_SIZE) || number != (int64_t)ahead->read)
        return damaged(store, number, error);
    row->has_key = key_bytes.size != 0;
    if (row->has_key) memcpy(row->key.bytes, key_bytes.at, sizeof row->key.bytes);
    struct text brand = sqlite_column(from, 1);
    if (brand.size > NAME_MOST) return damaged(store, number, error);
    row->brand_size = brand.size;
    if (brand.size > 0) memcpy(row->brand, brand.at, brand.size);
    struct text player = sqlite_column(from, 2);
    if (player.size > NAME_MOST) return damaged(store, number, error);
    row->player_size = player.size;
    if (player.size > 0) memcpy(row->player, player.at, player.size);
    if (sqlite_lost(store, from, error)) return STATUS_NO_MEMORY;
    brand = kept(row->brand, row->brand_size);
    player = kept(row->player, row->player_size);
    if (row->has_key && sqlite3_column_int64(from, 4) != hash_of((uint64_t)number, brand, player, &row->key))
        return damaged(store, number, error);
    (void)keyring_hint(store->keyring, brand, player);
    ahead->read++;
    return OK;
}

static enum status take_row(struct sqlite_store *store, struct ahead *ahead, struct error *error)
{
    struct row *row = &ahead->row[ahead->taken++ % AHEAD];
    return keyring_load(store->keyring, kept(row->brand, row->brand_size), kept(row->player, row->player_size),
                        row->has_key ? &row->key : NULL, error);
}

static enum status load_rows(struct sqlite_store *store, struct ahead *ahead, struct error *error)
{
    sqlite3_stmt *rows = NULL;
    int64_t players = 0;
    RETURN_IF_FAILED(
        sqlite_number(store, store->keys, "SELECT coalesce(max(number), 0) + 1 FROM player", &players, error));
    RETURN_IF_FAILED(keyring_expect(store->keyring, players < 0 ? 0 : (uint64_t)players, error));
    RETURN_IF_FAILED(sqlite_prepare(
        store, store->keys, "SELECT number, brand, player, key, hash FROM player ORDER BY number", &rows, error));
    enum status status = OK;
    int step;
    while (status == OK && (step = sqlite3_step(rows)) != SQLITE_DONE) {
        if (ahead->read - ahead->taken == AHEAD) status = take_row(store, ahead, error);
        if (status != OK) break;
        status = step == SQLITE_ROW ? read_row(store, rows, ahead, error)
                                    : sqlite_failed(store, store->keys, "reading", error);
    }
    (void)sqlite3_finalize(rows);
    while (status == OK && ahead->taken < ahead->read) status = take_row(store, ahead, error);
    return status;
}

enum status sqlite_keys_open(struct sqlite_store *store, struct error *error)
{
    struct ahead ahead = {.read = 0};
    enum status status = load_rows(store, &ahead, error);
    bool any = ahead.read > 0;
    crypto_wipe(&ahead, sizeof ahead);
    if (status != OK) return status;
    if (any) keyring_set_saved(store->keyring, keyring_count(store->keyring));
    if (store->mode != SQLITE_STORE_WRITE) return OK;
    return sqlite_prepare(store, store->keys, "INSERT INTO player VALUES(?1, ?2, ?3, ?4, ?5)", &store->put_key, error);
}

enum status sqlite_keys_save(struct sqlite_store *store, struct error *error)
{
    uint64_t count = keyring_count(store->keyring);
    uint64_t number = keyring_saved(store->keyring);
    if (number == count) return OK;
    RETURN_IF_FAILED(sqlite_run(store, store->keys, "BEGIN IMMEDIATE", "writing", error));
    enum status status = OK;
    for (; number < count && status == OK; number++) {
        struct text brand = TEXT("");
        struct text player = TEXT("");
        (void)keyring_name(store->keyring, number, &brand, &player);
        const struct crypto_key *key = keyring_key(store->keyring, number);
        (void)sqlite3_bind_int64(store->put_key, 1, (sqlite3_int64)number);
        (void)sqlite3_bind_blob(store->put_key, 2, brand.at, (int)brand.size, SQLITE_STATIC);
        (void)sqlite3_bind_blob(store->put_key, 3, player.at, (int)player.size, SQLITE_STATIC);
        (void)sqlite3_bind_blob(store->put_key, 4, key != NULL ? key->bytes : NULL, key != NULL ? CRYPTO_KEY_SIZE : 0,
                                SQLITE_STATIC);
        if (key != NULL) {
            (void)sqlite3_bind_int64(store->put_key, 5, hash_of(number, brand, player, key));
        } else {
            (void)sqlite3_bind_null(store->put_key, 5);
        }
        status = sqlite_step(store, store->put_key, "writing", error);
    }
    (void)sqlite3_clear_bindings(store->put_key);
    if (status == OK) status = sqlite_run(store, store->keys, "COMMIT", "writing", error);
    if (status != OK) {
        (void)sqlite3_exec(store->keys, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    keyring_set_saved(store->keyring, count);
    return OK;
}
