/* The disk that forgets, with SQLite alone: a bank of two accounts, killed at every call in turn. The sum stays, and what was committed is
 * there, with a rollback journal of each kind and with a write-ahead log; without syncs it must break, or the disk forgets nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/sim/vfs.h"

enum { TRANSFERS = 12, ROUNDS = 400 };

static bool run(sqlite3 *database, const char *statements)
{
    return sqlite3_exec(database, statements, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3 *begin(const char *pragmas)
{
    sqlite3 *database = NULL;
    if (sqlite3_open("bank.db", &database) != SQLITE_OK || !run(database, pragmas)) {
        (void)sqlite3_close(database);
        return NULL;
    }
    return database;
}

/* The only number that a query gives; -1: it fails. */
static int64_t ask(sqlite3 *database, const char *query)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return number;
}

/* One life: killed at the n-th call of a kind, opened again. How many books were wrong. */
static int live(const char *pragmas, uint64_t seed, enum vfs_call call, uint32_t nth)
{
    vfs_begin(seed);
    sqlite3 *database = begin(pragmas);
    assert_non_null(database);
    assert_true(run(database, "CREATE TABLE account(name PRIMARY KEY, money); CREATE TABLE told(n);"
                              "INSERT INTO account VALUES('a', 1000000), ('b', 0); INSERT INTO told VALUES(0)"));
    vfs_arm(VFS_CRASH, call, nth, 1);
    int64_t committed = 0;
    for (int number = 1; number <= TRANSFERS; number++) {
        char text[300];
        /* Enough to spill over several pages. */
        (void)snprintf(text, sizeof text,
                       "BEGIN; UPDATE account SET money = money - %d WHERE name = 'a'; CREATE TABLE t%d(x);"
                       "INSERT INTO t%d VALUES(zeroblob(%d)); UPDATE account SET money = money + %d WHERE name = 'b';"
                       "UPDATE told SET n = %d; COMMIT",
                       number, number, number, 700 * number, number, number);
        if (!run(database, text)) break;
        committed = number;
    }
    vfs_crash();
    (void)sqlite3_close(database);
    vfs_power_on(true);
    database = begin(pragmas);
    if (database == NULL) return 1;
    int64_t told = ask(database, "SELECT n FROM told");
    bool right = ask(database, "SELECT sum(money) FROM account") == 1000000 && told >= committed &&
                 told <= committed + 1 &&
                 ask(database, "SELECT money FROM account WHERE name = 'b'") == told * (told + 1) / 2 &&
                 ask(database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0;
    (void)sqlite3_close(database);
    return right ? 0 : 1;
}

static int wrong(const char *pragmas, int rounds)
{
    int wrong_count = 0;
    for (int round = 0; round < rounds; round++) {
        static const enum vfs_call calls[] = {VFS_WRITE,    VFS_WRITE, VFS_SYNC, VFS_DELETE,
                                              VFS_TRUNCATE, VFS_OPEN,  VFS_LOCK};
        wrong_count += live(pragmas, (uint64_t)round + 1, calls[round % 7], 1 + (uint32_t)round / 7);
    }
    return wrong_count;
}

/* A journal that was deleted without a sync of its folder may be back: SQLite asks for EXTRA where that must not be. */
static void test_rollback_journals_keep_the_books(void **state)
{
    (void)state;
    assert_int_equal(wrong("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA", ROUNDS), 0);
    assert_int_equal(wrong("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL", ROUNDS), 0);
    assert_int_equal(wrong("PRAGMA journal_mode = PERSIST; PRAGMA synchronous = FULL", ROUNDS), 0);
}

static void test_a_write_ahead_log_keeps_the_books(void **state)
{
    (void)state;
    assert_int_equal(wrong("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", ROUNDS), 0);
    assert_int_equal(wrong("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
                           "wal_autocheckpoint = 3",
                           ROUNDS),
                     0);
}

static void test_without_syncs_it_breaks(void **state)
{
    (void)state;
    assert_true(wrong("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF", ROUNDS) > 0);
    assert_true(wrong("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", ROUNDS) > 0);
    assert_true(wrong("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL", ROUNDS) > 0);
}

static void test_faults_are_told_and_pass(void **state)
{
    (void)state;
    vfs_begin(3);
    sqlite3 *database = begin("PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)");
    assert_non_null(database);
    vfs_arm(VFS_FULL, VFS_WRITE, 1, 1);
    assert_int_equal(sqlite3_exec(database, "INSERT INTO t VALUES(zeroblob(9000))", NULL, NULL, NULL), SQLITE_FULL);
    assert_true(vfs_came(VFS_FULL));
    assert_int_equal(ask(database, "SELECT count(*) FROM t"), 1);
    vfs_calm();
    assert_true(run(database, "INSERT INTO t VALUES(2)"));
    vfs_arm(VFS_BUSY, VFS_LOCK, 1, 60000);
    (void)sqlite3_busy_timeout(database, 100);
    int result = sqlite3_exec(database, "INSERT INTO t VALUES(3)", NULL, NULL, NULL);
    assert_true(result == SQLITE_BUSY ||
                result == SQLITE_PROTOCOL); /* a reader who tried for ten seconds says PROTOCOL */
    vfs_pass(60000);
    assert_true(run(database, "INSERT INTO t VALUES(3)"));
    vfs_arm(VFS_FAIL, VFS_SYNC, 1, 1);
    assert_false(run(database, "INSERT INTO t VALUES(4)"));
    assert_true(run(database, "INSERT INTO t VALUES(4)"));
    assert_int_equal(ask(database, "SELECT count(*) FROM t"), 4);
    (void)sqlite3_close(database);
}

int main(void)
{
    vfs_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rollback_journals_keep_the_books),
        cmocka_unit_test(test_a_write_ahead_log_keeps_the_books),
        cmocka_unit_test(test_without_syncs_it_breaks),
        cmocka_unit_test(test_faults_are_told_and_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
