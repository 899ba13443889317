/*
 * Do FILE and FILE-keys belong together? Contract: runtime/store/sqlite_parts.h; what is promised: spec/storage.md.
 *
 * FILE's word `keys` is the digest of the workspace's key. It is written when the pair is new, before the first record; from
 * then on neither file is ever begun anew beside the other. Each row of the log says how many players were known when it
 * was written, so keys of an older copy are noticed. What a killed run leaves is always the other way round: keys that no
 * record needs yet.
 */
#include <stdio.h>

#include "runtime/store/sqlite_parts.h"

static const char mark_name[] = "keys";

/* There, and not empty: asked of SQLite's own file system, which says so of an empty file too that it is not there. */
static bool is_there(const struct sqlite_store *store, const char *suffix)
{
    char path[4096];
    sqlite3_vfs *files = sqlite3_vfs_find(NULL);
    int there = 0;
    if (snprintf(path, sizeof path, "%s%s", store->path, suffix) >= (int)sizeof path || files == NULL) return false;
    return files->xAccess(files, path, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK && there != 0;
}

static enum status keys_missing(const struct sqlite_store *store, struct error *error)
{
    return error_set(error, STATUS_CORRUPT,
                     "`%s-keys` is missing or empty, and `%s` cannot be read without it; restore it from the "
                     "same copy as `%s`",
                     store->path, store->path, store->path);
}

static enum status main_missing(const struct sqlite_store *store, struct error *error)
{
    return error_set(error, STATUS_CORRUPT,
                     "`%s-keys` knows players of a log (%llu), but `%s` is missing or empty; restore it from the "
                     "same copy, or remove both to begin anew",
                     store->path, (unsigned long long)(keyring_count(store->keyring) - 1), store->path);
}

static bool has_mark(struct sqlite_store *store)
{
    struct buffer mark = BUFFER_EMPTY;
    bool found = sqlite_get_meta(store, mark_name, &mark, NULL) == OK;
    buffer_deinit(&mark);
    return found;
}

enum status sqlite_pair_begin(struct sqlite_store *store, struct error *error)
{
    bool main = is_there(store, "");
    bool keys = is_there(store, "-keys");
    if (store->mode == SQLITE_STORE_READ && !main && !keys) {
        return error_set(error, STATUS_NOT_FOUND, "there is no database `%s`; `promo run --db` makes one", store->path);
    }
    if (main && !keys) {
        RETURN_IF_FAILED(sqlite_open_main(store, error));
        if (store->mode == SQLITE_STORE_READ || has_mark(store)) return keys_missing(store, error);
    }
    if (keys && !main) {
        RETURN_IF_FAILED(sqlite_open_keys(store, error));
        RETURN_IF_FAILED(sqlite_keys_open(store, error));
        if (store->mode == SQLITE_STORE_READ || keyring_count(store->keyring) > 1) return main_missing(store, error);
    }
    return OK;
}

static enum status make_mark(struct sqlite_store *store, struct text mark, struct error *error)
{
    if (keyring_count(store->keyring) > 1) return main_missing(store, error);
    if (store->mode != SQLITE_STORE_WRITE) {
        return error_set(error, STATUS_NOT_FOUND, "the log of `%s` is empty; run some events first", store->path);
    }
    if (store->next > 1) {
        return error_set(error, STATUS_CORRUPT,
                         "`%s` is damaged: it does not say which keys are its own; restore it from a copy",
                         store->path);
    }
    RETURN_IF_FAILED(sqlite_keys_save(store, error));
    return sqlite_set_meta(store, mark_name, mark, error);
}

enum status sqlite_pair_check(struct sqlite_store *store, struct error *error)
{
    struct crypto_digest digest = crypto_digest256(keyring_key(store->keyring, 0)->bytes, CRYPTO_KEY_SIZE);
    struct text mark = text_make((const char *)digest.bytes, sizeof digest.bytes);
    struct buffer found = BUFFER_EMPTY;
    enum status status = sqlite_get_meta(store, mark_name, &found, error);
    uint64_t known = keyring_count(store->keyring);
    if (status == STATUS_NOT_FOUND) {
        status = make_mark(store, mark, error);
    } else if (status == OK && keyring_saved(store->keyring) == 0) {
        status = keys_missing(store, error);
    } else if (status == OK && !text_equal(buffer_as_text(&found), mark)) {
        status =
            error_set(error, STATUS_CORRUPT, "the keys of `%s-keys` are not those of `%s`; restore both from one copy",
                      store->path, store->path);
    } else if (status == OK && known < store->numbers) {
        status =
            error_set(error, STATUS_CORRUPT,
                      "`%s-keys` lacks players that the log of `%s` knows (numbers %llu to %llu); restore both "
                      "from one copy",
                      store->path, store->path, (unsigned long long)known, (unsigned long long)(store->numbers - 1));
    }
    buffer_deinit(&found);
    return status;
}
