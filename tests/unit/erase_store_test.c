/* Keys that are destroyed, and the base that moves with it, at the level of the store. Promise P2 of spec/runtime.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "runtime/store/sqlite_store.h"
#include "vm/memory.h"

static char path[128];

static void open_store(struct store *store, enum sqlite_store_mode mode)
{
    struct error error = ERROR_NONE;
    if (sqlite_store_open(store, path, mode, &error) != OK) fail_msg("%s", error.message);
}

static void begin(struct store *store)
{
    static unsigned serial;
    char command[400];
    (void)snprintf(path, sizeof path, "/tmp/promo-erase-%d-%u.db", (int)getpid(), serial++);
    (void)snprintf(command, sizeof command, "rm -f %s %s-*", path, path);
    assert_int_equal(system(command), 0);
    open_store(store, SQLITE_STORE_WRITE);
}

static void end(struct store *store)
{
    char command[400];
    store_close(store);
    (void)snprintf(command, sizeof command, "rm -f %s %s-*", path, path);
    assert_int_equal(system(command), 0);
}

static uint64_t number_of(struct store *store, const char *player)
{
    uint64_t number = 0;
    struct error error = ERROR_NONE;
    assert_int_equal(keyring_number(store->keyring, TEXT(""), text_of(player), &number, &error), OK);
    return number;
}

static void append(struct store *store, uint64_t number, const char *secret)
{
    struct error error = ERROR_NONE;
    struct log_record record = {.now = 1, .number = number, .kind = 1, .open = TEXT("open"), .secret = text_of(secret)};
    uint64_t first;
    record.audit = TEXT("");
    assert_int_equal(store->log.append(store->log.self, &record, 1, &first, &error), OK);
}

/* A checkpoint of some blobs: "key text" pairs; an empty text removes. */
static void checkpoint(struct store *store, uint64_t position, const char *const (*blobs)[2], uint32_t count)
{
    struct error error = ERROR_NONE;
    struct checkpoint_store *to = &store->checkpoint;
    assert_int_equal(to->begin(to->self, position, &error), OK);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(to->put(to->self, (uint32_t)atoi(blobs[i][0]), text_of(blobs[i][1]), &error), OK);
    }
    if (to->commit(to->self, &error) != OK) fail_msg("%s", error.message);
}

static enum status add_blob(void *context, uint32_t key, struct text bytes, struct error *error)
{
    (void)error;
    buffer_print(context, "%u=%.*s ", key, TEXT_ARGS(bytes));
    return OK;
}

static void assert_blobs(const struct checkpoint_store *from, uint64_t position, const char *wanted)
{
    struct error error = ERROR_NONE;
    struct buffer blobs = BUFFER_EMPTY;
    uint64_t found = 0;
    if (from->load(from->self, &found, add_blob, &blobs, &error) != OK) fail_msg("%s", error.message);
    assert_string_equal(buffer_as_string(&blobs), wanted);
    assert_int_equal(found, position);
    buffer_deinit(&blobs);
}

/* Whether the bytes stand anywhere in the database's files. */
static bool on_disk(const void *bytes, size_t size)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-keys", "-keys-wal", "-keys-shm", "-lock"};
    bool found = false;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[160];
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        FILE *file = fopen(name, "rb");
        if (file == NULL) continue;
        static char all[4 << 20];
        size_t length = fread(all, 1, sizeof all, file);
        (void)fclose(file);
        assert_true(length < sizeof all);
        found = found || memmem(all, length, bytes, size) != NULL;
    }
    return found;
}

static const char *const first[][2] = {{"1", "one"}, {"2", "two"}, {"4096", "shared"}};
static const char *const second[][2] = {{"1", "uno"}, {"4096", "comun"}};
static const char *const third[][2] = {{"1", "ein"}, {"2", ""}, {"3", "drei"}, {"4096", "teil"}};

/* `killed`: between the checkpoint that moves the base and the destruction. */
static void erase(bool killed)
{
    struct store store;
    struct error error = ERROR_NONE;
    begin(&store);
    uint64_t mia = number_of(&store, "mia-planted-id"), ben = number_of(&store, "ben");
    struct crypto_key key = *keyring_key(store.keyring, mia);
    append(&store, mia, "secret");
    checkpoint(&store, 1, first, 3);
    append(&store, ben, "secret");
    assert_true(on_disk("mia-planted-id", 14));
    assert_true(on_disk(key.bytes, sizeof key.bytes));
    /* An erasure stands in the log; who comes under the name before the key goes has another number. */
    assert_int_equal(keyring_retire(store.keyring, mia, &error), OK);
    /* Where its append fails the name leads to the number again, and a next try erases that one. */
    keyring_revive(store.keyring, mia);
    assert_int_equal(keyring_find(store.keyring, TEXT(""), TEXT("mia-planted-id")), mia);
    assert_int_equal(keyring_retire(store.keyring, mia, &error), OK);
    assert_int_equal(keyring_find(store.keyring, TEXT(""), TEXT("mia-planted-id")), 0);
    assert_int_equal(sqlite_store_erase(&store, &mia, 1, &error), OK);
    checkpoint(&store, 2, second, 2);
    if (killed) {
        store_close(&store);
        open_store(&store, SQLITE_STORE_WRITE);
    } else {
        assert_int_equal(sqlite_store_erased(&store, &error), OK);
    }
    assert_null(keyring_key(store.keyring, mia));
    assert_non_null(keyring_key(store.keyring, ben));
    assert_int_equal(keyring_find(store.keyring, TEXT(""), TEXT("mia-planted-id")), 0);
    assert_false(on_disk("mia-planted-id", 14));
    assert_false(on_disk(key.bytes, sizeof key.bytes));
    /* The base stays what it was, whatever checkpoints follow, also over an opening. */
    struct checkpoint_store base = sqlite_store_base(&store);
    assert_blobs(&base, 2, "4096=comun 1=uno 2=two ");
    append(&store, ben, "secret");
    checkpoint(&store, 3, third, 4);
    store_close(&store);
    open_store(&store, SQLITE_STORE_WRITE);
    base = sqlite_store_base(&store);
    assert_int_equal(sqlite_store_base_position(&store), 2);
    assert_blobs(&base, 2, "4096=comun 1=uno 2=two ");
    assert_blobs(&store.checkpoint, 3, "4096=teil 1=ein 3=drei ");
    assert_int_equal(number_of(&store, "mia-planted-id"), 3);
    /* A row of it that is lost looks like one that was never replaced: it is noticed. (promise F5) */
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other,
                     "BEGIN; CREATE TABLE away AS SELECT * FROM base WHERE key = 1; DELETE FROM base WHERE key = 1",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    uint64_t found = 0;
    struct buffer blobs = BUFFER_EMPTY;
    assert_int_equal(base.load(base.self, &found, add_blob, &blobs, &error), STATUS_CORRUPT);
    assert_int_equal(sqlite_store_forget(&store, &error), STATUS_CORRUPT);
    assert_int_equal(sqlite3_exec(other, "INSERT INTO base SELECT * FROM away; DROP TABLE away", NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(other);
    buffer_deinit(&blobs);
    /* Folded again, the log begins there. */
    if (sqlite_store_forget(&store, &error) != OK) fail_msg("%s", error.message);
    assert_blobs(&store.checkpoint, 2, "4096=comun 1=uno 2=two ");
    assert_blobs(&base, 2, "4096=comun 1=uno 2=two ");
    end(&store);
}

static void test_erased(void **state)
{
    (void)state; /* promise P2 */
    erase(false);
}

static void test_killed_in_between(void **state)
{
    (void)state;
    erase(true);
}

/* The player came again before the key was destroyed, and everything was closed: the newer number is the player's. */
static void test_two_lives_in_the_list(void **state)
{
    (void)state;
    struct store store;
    struct error error = ERROR_NONE;
    begin(&store);
    uint64_t old = number_of(&store, "mia");
    assert_int_equal(keyring_retire(store.keyring, old, &error), OK);
    uint64_t new = number_of(&store, "mia");
    assert_int_not_equal(old, new);
    append(&store, new, "secret");
    store_close(&store);
    open_store(&store, SQLITE_STORE_WRITE);
    assert_int_equal(keyring_find(store.keyring, TEXT(""), TEXT("mia")), new);
    checkpoint(&store, 1, first, 3);
    append(&store, new, "secret");
    assert_int_equal(sqlite_store_erase(&store, &old, 1, &error), OK);
    checkpoint(&store, 2, second, 2);
    assert_int_equal(sqlite_store_erased(&store, &error), OK);
    assert_null(keyring_key(store.keyring, old));
    assert_non_null(keyring_key(store.keyring, new));
    assert_int_equal(keyring_find(store.keyring, TEXT(""), TEXT("mia")), new);
    end(&store);
}

/* An erasure that came twice left a number behind that nobody uses: it goes with the next one. */
static void test_older_numbers_go_too(void **state)
{
    (void)state;
    struct store store;
    struct error error = ERROR_NONE;
    begin(&store);
    uint64_t old = number_of(&store, "mia"), other = number_of(&store, "ben");
    assert_int_equal(keyring_retire(store.keyring, old, &error), OK);
    uint64_t new = number_of(&store, "mia");
    append(&store, new, "secret");
    checkpoint(&store, 1, first, 3);
    append(&store, new, "secret");
    assert_int_equal(sqlite_store_erase(&store, &new, 1, &error), OK);
    checkpoint(&store, 2, second, 2);
    assert_int_equal(sqlite_store_erased(&store, &error), OK);
    assert_null(keyring_key(store.keyring, old));
    assert_null(keyring_key(store.keyring, new));
    assert_non_null(keyring_key(store.keyring, other));
    end(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erased),
        cmocka_unit_test(test_killed_in_between),
        cmocka_unit_test(test_two_lives_in_the_list),
        cmocka_unit_test(test_older_numbers_go_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
