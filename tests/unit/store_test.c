/*
 * The conformance suite of stores: every promise of engine/log.h, against memory and SQLite; then what SQLite alone
 * promises: survival of a crash, one writer, damage noticed, foreign files refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "runtime/store/memory_store.h"
#include "runtime/store/sqlite_store.h"
#include "vm/memory.h"
#include "vm/split.h"

static char folder[] = "/tmp/promo-store-XXXXXX";
static char path[128];
static int made;
static bool durable; /* which store the suite runs against */

static struct store open_store(void)
{
    struct store store;
    struct error error = ERROR_NONE;
    enum status status =
        durable ? sqlite_store_open(&store, path, SQLITE_STORE_WRITE, &error) : memory_store_open(&store, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    return store;
}

static void fresh_path(void)
{
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
}

static int with_memory(void **state)
{
    (void)state;
    durable = false;
    return 0;
}

static int with_sqlite(void **state)
{
    (void)state;
    durable = true;
    fresh_path();
    return 0;
}

/* ---------------------------------------------------------------- records that can be told apart */

struct sample {
    char open[64], secret[64];
    struct log_record record;
};

static void make_record(struct sample *sample, struct keyring *keyring, uint64_t number)
{
    char name[32];
    struct error error = ERROR_NONE;
    (void)snprintf(name, sizeof name, "player-%d", (int)(number % 7));
    int open = snprintf(sample->open, sizeof sample->open, "open %d", (int)number);
    int secret = snprintf(sample->secret, sizeof sample->secret, "secret of %d", (int)number);
    sample->record =
        (struct log_record){.now = 1000 + (int64_t)number,
                            .group = (uint16_t)(number * 37 % 4096),
                            .kind = 1,
                            .open = {.at = sample->open, .size = (uint32_t)open},
                            .secret = {.at = sample->secret, .size = number % 5 == 0 ? 0 : (uint32_t)secret}};
    assert_int_equal(keyring_number(keyring, TEXT("brand"), text_of(name), &sample->record.number, &error), OK);
}

static uint64_t append(struct store *store, uint64_t from, uint32_t count)
{
    static struct sample samples[64];
    struct log_record records[64];
    struct error error = ERROR_NONE;
    for (uint32_t index = 0; index < count; index++) {
        make_record(&samples[index], store->keyring, from + index);
        records[index] = samples[index].record;
    }
    uint64_t first = 0;
    enum status status = store->log.append(store->log.self, records, count, &first, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    return first;
}

struct expectation {
    struct store *store;
    uint64_t next, stop;
};

static enum status expect_record(void *context, uint64_t position, const struct log_record *record, struct error *error)
{
    struct expectation *expected = context;
    struct sample sample;
    assert_int_equal(position, expected->next);
    make_record(&sample, expected->store->keyring, position);
    assert_true(record->now == sample.record.now);
    assert_int_equal(record->number, sample.record.number);
    assert_int_equal(record->group, sample.record.group);
    assert_int_equal(record->kind, sample.record.kind);
    assert_true(text_equal(record->open, sample.record.open));
    assert_true(text_equal(record->secret, sample.record.secret));
    expected->next++;
    return expected->next == expected->stop ? error_set(error, STATUS_CLOSED, "enough") : OK;
}

static enum status read_from(struct store *store, uint64_t from, struct expectation *expected)
{
    struct error error = ERROR_NONE;
    expected->store = store;
    expected->next = from;
    return store->log.read(store->log.self, from, expect_record, expected, &error);
}

static void assert_log(struct store *store, uint64_t count)
{
    assert_int_equal(store->log.end(store->log.self), count + 1);
    for (uint64_t from = 1; from <= count + 1; from += count / 7 + 1) {
        struct expectation expected = {0};
        assert_int_equal(read_from(store, from, &expected), OK);
        assert_int_equal(expected.next, count + 1);
    }
}

/* ---------------------------------------------------------------- the suite */

static void an_empty_store(void **state)
{
    (void)state;
    struct store store = open_store();
    struct expectation expected = {0};
    assert_int_equal(store.log.end(store.log.self), 1);
    assert_int_equal(read_from(&store, 1, &expected), OK);
    assert_int_equal(read_from(&store, 9, &expected), OK);
    uint64_t position = 77;
    struct error error = ERROR_NONE;
    assert_int_equal(store.checkpoint.load(store.checkpoint.self, &position, NULL, NULL, &error), OK);
    assert_int_equal(position, 0);
    struct buffer buffer = BUFFER_EMPTY;
    assert_int_equal(store.get_meta(store.self, "workspace", &buffer, &error), STATUS_NOT_FOUND);
    assert_int_equal(store.set_meta(store.self, "workspace", TEXT("Spinhouse"), &error), OK);
    assert_int_equal(store.set_meta(store.self, "workspace", TEXT("Spinhouse 2"), &error), OK);
    assert_int_equal(store.get_meta(store.self, "workspace", &buffer, &error), OK);
    assert_true(text_equal(buffer_as_text(&buffer), TEXT("Spinhouse 2")));
    buffer_deinit(&buffer);
    store_close(&store);
}

static void batches_and_positions(void **state)
{
    (void)state;
    struct store store = open_store();
    uint64_t next = 1;
    static const uint32_t sizes[] = {1, 3, 64, 1, 17, 5, 33, 2};
    for (size_t batch = 0; batch < sizeof sizes / sizeof sizes[0]; batch++) {
        assert_int_equal(append(&store, next, sizes[batch]), next);
        next += sizes[batch];
    }
    assert_log(&store, next - 1);
    struct expectation expected = {.stop = 20};
    assert_int_equal(read_from(&store, 5, &expected), STATUS_CLOSED);
    assert_int_equal(expected.next, 20);
    store_close(&store);
}

/* promise D2 */
static void a_failed_append_leaves_nothing(void **state)
{
    (void)state;
    struct store store = open_store();
    (void)append(&store, 1, 10);
    static struct sample samples[40];
    struct log_record records[40];
    for (uint32_t index = 0; index < 40; index++) {
        make_record(&samples[index], store.keyring, 11 + index);
        records[index] = samples[index].record;
    }
    bool failed = false;
    for (uint64_t nth = 1; nth <= 3; nth++) {
        uint64_t first = 0;
        struct error error = ERROR_NONE;
        struct log_record wrong[2] = {records[0], records[1]};
        if (durable) {
            wrong[1].number = 1000000; /* a player without a key */
            assert_int_equal(store.log.append(store.log.self, wrong, 2, &first, &error), STATUS_NOT_FOUND);
        }
        memory_fail_from(nth);
        enum status status = store.log.append(store.log.self, records, 40, &first, &error);
        memory_fail_from(0);
        if (status == OK) break; /* There was room already. */
        failed = true;
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_log(&store, 10);
    }
    if (store.log.end(store.log.self) == 11) (void)append(&store, 11, 40);
    (void)failed;
    assert_log(&store, 50);
    store_close(&store);
}

struct blobs {
    uint32_t count;
    uint64_t sum;
};

static enum status add_blob(void *context, uint32_t key, struct text bytes, struct error *error)
{
    (void)error;
    struct blobs *blobs = context;
    blobs->count++;
    blobs->sum += split_hash64(bytes.at, bytes.size, key);
    return OK;
}

static void put(struct store *store, uint32_t key, const char *bytes)
{
    struct error error = ERROR_NONE;
    assert_int_equal(store->checkpoint.put(store->checkpoint.self, key, text_of(bytes), &error), OK);
}

static void begin(struct store *store, uint64_t position)
{
    struct error error = ERROR_NONE;
    assert_int_equal(store->checkpoint.begin(store->checkpoint.self, position, &error), OK);
}

static void commit(struct store *store)
{
    struct error error = ERROR_NONE;
    assert_int_equal(store->checkpoint.commit(store->checkpoint.self, &error), OK);
}

static void assert_checkpoint(struct store *store, uint64_t position, uint32_t count, const uint32_t *keys,
                              const char *const *bytes)
{
    struct blobs blobs = {0};
    uint64_t found = 0;
    uint64_t sum = 0;
    struct error error = ERROR_NONE;
    assert_int_equal(store->checkpoint.load(store->checkpoint.self, &found, add_blob, &blobs, &error), OK);
    for (uint32_t index = 0; index < count; index++)
        sum += split_hash64(bytes[index], strlen(bytes[index]), keys[index]);
    assert_int_equal(found, position);
    assert_int_equal(blobs.count, count);
    assert_true(blobs.sum == sum);
}

/* promise D5 */
static void checkpoints_are_all_or_nothing(void **state)
{
    (void)state;
    struct store store = open_store();
    (void)append(&store, 1, 20);
    begin(&store, 5);
    put(&store, 0, "zero");
    put(&store, 4095, "last");
    put(&store, CHECKPOINT_SHARED, "shared");
    commit(&store);
    assert_checkpoint(&store, 5, 3, (const uint32_t[]){0, 4095, CHECKPOINT_SHARED},
                      (const char *const[]){"zero", "last", "shared"});
    /* Unchanged keys stay, empty ones go. */
    begin(&store, 9);
    put(&store, 4095, "");
    put(&store, 7, "seven");
    put(&store, 0, "null");
    commit(&store);
    static const uint32_t keys[] = {0, 7, CHECKPOINT_SHARED};
    static const char *const bytes[] = {"null", "seven", "shared"};
    assert_checkpoint(&store, 9, 3, keys, bytes);
    /* One that was begun and left says nothing; the next one begins anew. */
    begin(&store, 15);
    put(&store, 0, "lost");
    put(&store, 8, "lost too");
    begin(&store, 16);
    put(&store, 9, "nine");
    commit(&store);
    assert_checkpoint(&store, 16, 4, (const uint32_t[]){0, 7, 9, CHECKPOINT_SHARED},
                      (const char *const[]){"null", "seven", "nine", "shared"});
    assert_log(&store, 20);
    store_close(&store);
}

/* ---------------------------------------------------------------- SQLite alone */

static void reopened(void **state)
{
    (void)state;
    for (uint64_t batch = 0; batch < 5; batch++) {
        struct store store = open_store();
        assert_log(&store, batch * 10);
        (void)append(&store, batch * 10 + 1, 10);
        begin(&store, batch + 1);
        put(&store, 1, "one");
        commit(&store);
        store_close(&store);
    }
    struct store store = open_store();
    assert_checkpoint(&store, 5, 1, (const uint32_t[]){1}, (const char *const[]){"one"});
    store_close(&store);
    struct error error = ERROR_NONE;
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_READ, &error), OK);
    assert_log(&store, 50);
    uint64_t first;
    struct log_record record = {.open = TEXT("x")};
    assert_int_equal(store.log.append(store.log.self, &record, 1, &first, &error), STATUS_USAGE);
    store_close(&store);
}

/* A child dies at a point between two commits; the parent finds all of the last one and nothing of the next. (promise D4) */
static void killed(void **state)
{
    (void)state;
    struct store store = open_store();
    (void)append(&store, 1, 10);
    begin(&store, 11);
    put(&store, 3, "three");
    commit(&store);
    store_close(&store);
    for (int point = 0; point < 3; point++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            store = open_store();
            if (point > 0) begin(&store, 99);
            if (point > 1) {
                for (uint32_t key = 0; key < 4096; key++) put(&store, key, "lost in the crash");
            }
            _exit(0);
        }
        int result;
        assert_int_equal(waitpid(child, &result, 0), child);
        store = open_store();
        assert_log(&store, 10);
        assert_checkpoint(&store, 11, 1, (const uint32_t[]){3}, (const char *const[]){"three"});
        store_close(&store);
    }
    /* And an append that returned is there, whatever comes after it. */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        store = open_store();
        (void)append(&store, 11, 25);
        _exit(0);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    store = open_store();
    assert_log(&store, 35);
    store_close(&store);
}

static void one_writer(void **state)
{
    (void)state;
    struct store store = open_store();
    (void)append(&store, 1, 3);
    struct store second;
    struct error error = ERROR_NONE;
    assert_int_equal(sqlite_store_open(&second, path, SQLITE_STORE_WRITE, &error), STATUS_BUSY);
    assert_non_null(strstr(error.message, "is in use by another run; wait for it to end"));
    store_close(&store);
    assert_int_equal(sqlite_store_open(&second, path, SQLITE_STORE_WRITE, &error), OK);
    assert_log(&second, 3);
    store_close(&second);
}

static void spoil(const char *statement)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, statement, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(database);
}

/* promise F5 */
static void damage_is_noticed(void **state)
{
    (void)state;
    static const struct {
        const char *statement, *words;
    } cases[] = {
        {"UPDATE log SET body = substr(body, 1, 60) || iif(substr(body, 61, 1) = x'00', x'01', x'00') || "
         "substr(body, 62) WHERE first = 11",
         "not those that were written"},
        {"UPDATE log SET body = substr(body, 1, length(body) - 1) WHERE first = 11", "not those that were written"},
        {"DELETE FROM log WHERE first = 11", "records are missing"},
        {"UPDATE log SET first = 12 WHERE first = 11", "records are missing"},
        {"UPDATE log SET body = (SELECT body FROM log WHERE first = 1) WHERE first = 11",
         "not those that were written"},
        {"UPDATE log SET chain = x'00' WHERE first = 11", "the row cannot be"},
        {"UPDATE log SET count = 9 WHERE first = 11", "records are missing"},
        {"UPDATE log SET numbers = 7 WHERE first = 11", "not those that were written"},
        {"DROP TABLE log", NULL},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        fresh_path();
        struct store store = open_store();
        for (uint64_t batch = 0; batch < 3; batch++) (void)append(&store, batch * 10 + 1, 10);
        store_close(&store);
        spoil(cases[index].statement);
        struct error error = ERROR_NONE;
        if (cases[index].words == NULL) {
            assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_WRITE, &error), STATUS_CORRUPT);
            assert_non_null(strstr(error.message, "is damaged (no such table: log); restore it from a copy"));
            continue;
        }
        store = open_store();
        struct expectation expected = {.store = &store, .next = 1};
        enum status status = store.log.read(store.log.self, 1, expect_record, &expected, &error);
        if (status != STATUS_CORRUPT || strstr(error.message, cases[index].words) == NULL) {
            print_message("%s: %s\n", cases[index].statement, error.message);
        }
        assert_int_equal(status, STATUS_CORRUPT);
        assert_non_null(strstr(error.message, cases[index].words));
        assert_true(expected.next <= 11); /* Nothing behind the damage was handed out. */
        store_close(&store);
    }
}

/* Behind the checkpoint only the heads of the rows are looked at; that is enough to miss none. */
static void a_missing_row_is_noticed_wherever_reading_begins(void **state)
{
    (void)state;
    static const char *const statements[] = {"DELETE FROM log WHERE first = 1", "DELETE FROM log WHERE first = 11",
                                             "DELETE FROM log WHERE first < 21"};
    static const char *const words[] = {"damaged at record 1: records are missing",
                                        "damaged at record 11: records are missing",
                                        "damaged at record 1: records are missing"};
    for (size_t index = 0; index < sizeof statements / sizeof statements[0]; index++) {
        fresh_path();
        struct store store = open_store();
        for (uint64_t batch = 0; batch < 3; batch++) (void)append(&store, batch * 10 + 1, 10);
        store_close(&store);
        spoil(statements[index]);
        store = open_store();
        struct error error = ERROR_NONE;
        struct expectation expected = {.store = &store, .next = 25};
        assert_int_equal(store.log.read(store.log.self, 25, expect_record, &expected, &error), STATUS_CORRUPT);
        assert_non_null(strstr(error.message, words[index]));
        assert_int_equal(store.log.read(store.log.self, 31, expect_record, &expected, &error), STATUS_CORRUPT);
        assert_int_equal(expected.next, 25);
        store_close(&store);
    }
}

static void a_damaged_checkpoint_is_noticed(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "UPDATE checkpoint SET bytes = 'thirteen' WHERE key = 12", "DELETE FROM checkpoint",
        "DELETE FROM checkpoint WHERE key = 12", "UPDATE checkpoint SET key = 13 WHERE key = 12",
        "INSERT INTO checkpoint SELECT 14, position, hash, bytes FROM checkpoint WHERE key = 12"};
    for (size_t index = 0; index < sizeof statements / sizeof statements[0]; index++) {
        fresh_path();
        struct store store = open_store();
        begin(&store, 3);
        put(&store, 12, "twelve");
        put(&store, 20, "twenty");
        commit(&store);
        begin(&store, 4);
        put(&store, 20, "");
        put(&store, 21, "more");
        commit(&store);
        store_close(&store);
        spoil(statements[index]);
        store = open_store();
        uint64_t position;
        struct blobs blobs = {0};
        struct error error = ERROR_NONE;
        assert_int_equal(store.checkpoint.load(store.checkpoint.self, &position, add_blob, &blobs, &error),
                         STATUS_CORRUPT);
        assert_non_null(strstr(error.message, "is damaged"));
        assert_non_null(strstr(error.message, "restore the file from a copy"));
        store_close(&store);
    }
}

/* ---------------------------------------------------------------- two files that belong together */

static void name_of(char *out, size_t room, const char *suffix)
{
    (void)snprintf(out, room, "%s%s", path, suffix);
}

static void spoil_keys(const char *statement)
{
    char kept[128], keys[160];
    memcpy(kept, path, sizeof kept);
    name_of(keys, sizeof keys, "-keys");
    (void)snprintf(path, sizeof path, "%.127s", keys);
    spoil(statement);
    memcpy(path, kept, sizeof kept);
}

static void assert_refused(const char *words)
{
    struct store store;
    for (int mode = SQLITE_STORE_WRITE; mode <= SQLITE_STORE_READ; mode++) {
        struct error error = ERROR_NONE;
        enum status status = sqlite_store_open(&store, path, (enum sqlite_store_mode)mode, &error);
        if (status != STATUS_CORRUPT) print_message("%s\n", error.message);
        assert_int_equal(status, STATUS_CORRUPT);
        if (strstr(error.message, words) == NULL) print_message("%s\n", error.message);
        assert_non_null(strstr(error.message, words));
    }
}

static void copy_file(const char *from, const char *to)
{
    char command[400];
    (void)snprintf(command, sizeof command, "cp %s %s", from, to);
    assert_int_equal(system(command), 0);
}

static void neither_file_is_begun_anew_beside_the_other(void **state)
{
    (void)state;
    char keys[160], kept[160];
    struct store store = open_store();
    (void)append(&store, 1, 10);
    store_close(&store);
    name_of(keys, sizeof keys, "-keys");
    name_of(kept, sizeof kept, ".kept");
    /* The keys are gone, or empty. Nothing is made in their place. */
    assert_int_equal(rename(keys, kept), 0);
    assert_refused("-keys` is missing or empty, and `");
    assert_int_equal(access(keys, F_OK), -1);
    fclose(fopen(keys, "w"));
    assert_refused("-keys` is missing or empty, and `");
    assert_int_equal(truncate(keys, 0), 0);
    copy_file(kept, keys);
    spoil_keys("DELETE FROM player");
    assert_refused("-keys` is missing or empty, and `");
    copy_file(kept, keys);
    /* The log is gone, or empty. */
    assert_int_equal(rename(path, kept), 0);
    assert_refused("-keys` knows players of a log (7), but `");
    assert_int_equal(access(path, F_OK), -1);
    fclose(fopen(path, "w"));
    assert_refused("remove both to begin anew");
    copy_file(kept, path);
    store = open_store();
    assert_log(&store, 10);
    store_close(&store);
    /* A log that is empty beside keys with players is what a killed first run leaves, if it is this very pair. */
    spoil("DELETE FROM log");
    store = open_store();
    assert_log(&store, 0);
    store_close(&store);
    spoil("DELETE FROM meta");
    assert_refused("but `");
}

static void keys_of_another_time_or_database_are_refused(void **state)
{
    (void)state;
    char keys[160], kept[160], other[160];
    struct store store = open_store();
    (void)append(&store, 1, 3);
    store_close(&store);
    name_of(keys, sizeof keys, "-keys");
    name_of(kept, sizeof kept, ".kept");
    copy_file(keys, kept);
    store = open_store();
    (void)append(&store, 4, 10);
    store_close(&store);
    name_of(other, sizeof other, ".newer");
    copy_file(keys, other);
    copy_file(kept, keys);
    assert_refused("-keys` lacks players that the log of `");
    copy_file(other, keys);
    spoil_keys("DELETE FROM player WHERE number = 7");
    assert_refused("(numbers 7 to 7); restore both from one copy");
    copy_file(other, keys);
    spoil_keys("DELETE FROM player WHERE number = 3");
    assert_refused("is damaged at player number 4");
    copy_file(other, keys);
    spoil_keys("UPDATE player SET key = zeroblob(32) WHERE number = 5");
    assert_refused("is damaged at player number 5; restore it from a copy");
    copy_file(other, keys);
    spoil_keys("UPDATE player SET player = 'player-x' WHERE number = 5");
    assert_refused("is damaged at player number 5");
    copy_file(other, keys);
    memcpy(kept, path, sizeof path);
    fresh_path();
    store = open_store();
    (void)append(&store, 1, 20);
    store_close(&store);
    name_of(other, sizeof other, "-keys");
    copy_file(other, keys);
    memcpy(path, kept, sizeof path);
    assert_refused("-keys` are not those of `");
}

/* People may ask while a service runs: what was durable when they began. */
static void readers_beside_the_writer(void **state)
{
    (void)state;
    struct store store = open_store();
    (void)append(&store, 1, 3);
    struct store reader;
    struct error error = ERROR_NONE;
    enum status status = sqlite_store_open(&reader, path, SQLITE_STORE_READ, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    (void)append(&store, 4, 20);
    begin(&store, 9);
    put(&store, 3, "three");
    commit(&store);
    assert_log(&reader, 3);
    assert_log(&store, 23);
    store_close(&reader);
    assert_int_equal(sqlite_store_open(&reader, path, SQLITE_STORE_READ, &error), OK);
    assert_log(&reader, 23);
    store_close(&reader);
    (void)append(&store, 24, 5);
    store_close(&store);
}

static void foreign_files_are_refused(void **state)
{
    (void)state;
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_READ, &error), STATUS_NOT_FOUND);
    assert_int_equal(access(path, F_OK), -1);
    spoil("CREATE TABLE other(a)");
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_WRITE, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "is a database of something else; name another file"));
    fresh_path();
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int line = 0; line < 400; line++) fputs("{\"id\":\"e1\"}\n", file);
    fclose(file);
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_WRITE, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "is not a database of promo"));
    fresh_path();
    store = open_store();
    store_close(&store);
    spoil("PRAGMA user_version = 3");
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_WRITE, &error), STATUS_REFUSED);
    assert_non_null(strstr(error.message, "has format 3, and this program knows formats 1 to 2"));
    (void)snprintf(path, sizeof path, "%s/no/such/folder.db", folder);
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_WRITE, &error), STATUS_IO);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

#define ON_BOTH(test)                                    \
    {#test " (memory)", test, with_memory, NULL, NULL},  \
    {                                                    \
#test " (sqlite)", test, with_sqlite, NULL, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(an_empty_store),
        ON_BOTH(batches_and_positions),
        ON_BOTH(a_failed_append_leaves_nothing),
        ON_BOTH(checkpoints_are_all_or_nothing),
        cmocka_unit_test_setup(reopened, with_sqlite),
        cmocka_unit_test_setup(killed, with_sqlite),
        cmocka_unit_test_setup(one_writer, with_sqlite),
        cmocka_unit_test_setup(damage_is_noticed, with_sqlite),
        cmocka_unit_test_setup(a_missing_row_is_noticed_wherever_reading_begins, with_sqlite),
        cmocka_unit_test_setup(a_damaged_checkpoint_is_noticed, with_sqlite),
        cmocka_unit_test_setup(neither_file_is_begun_anew_beside_the_other, with_sqlite),
        cmocka_unit_test_setup(keys_of_another_time_or_database_are_refused, with_sqlite),
        cmocka_unit_test_setup(readers_beside_the_writer, with_sqlite),
        cmocka_unit_test_setup(foreign_files_are_refused, with_sqlite),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
