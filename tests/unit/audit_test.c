/*
 * The audit log against whoever changes it: rows changed, removed, added, swapped, the end cut off, in FILE by plain SQL.
 * Each must be found, and each honest history must be fine: restarts, repetitions, a lost copy of the head, retention.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "runtime/store/sqlite_store.h"

static char folder[] = "/tmp/promo-audit-XXXXXX";
static char path[128], keys_path[140];
static int made;
static unsigned tampered;

static void fresh_path(void)
{
    (void)snprintf(path, sizeof path, "%s/%d.db", folder, made++);
    (void)snprintf(keys_path, sizeof keys_path, "%s-keys", path);
}

static enum status try_open(struct store *store, struct error *error)
{
    return sqlite_store_open(store, path, SQLITE_STORE_WRITE, error);
}

static struct store open_store(void)
{
    struct store store;
    struct error error = ERROR_NONE;
    enum status status = try_open(&store, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    return store;
}

static void run_sql(const char *file, const char *statements)
{
    sqlite3 *database = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(file, &database), SQLITE_OK);
    if (sqlite3_exec(database, statements, NULL, NULL, &message) != SQLITE_OK) {
        print_message("%s: %s\n", statements, message);
        fail();
    }
    (void)sqlite3_close(database);
}

static int64_t number_of(const char *query)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(database);
    return number;
}

/* One record of the log with an entry; `number` 0: without. The same `number` is the same order again. */
static void append(struct store *store, int number, int64_t now)
{
    struct buffer audit = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    char campaign[40], reference[40];
    (void)snprintf(campaign, sizeof campaign, "campaign %d", number);
    (void)snprintf(reference, sizeof reference, "order %d", number);
    struct audit_entry entry = {.who = TEXT("anna"),
                                .action = TEXT("suspend"),
                                .subject = text_of(campaign),
                                .detail = TEXT(""),
                                .reference = text_of(reference)};
    if (number != 0) audit_encode(&audit, &entry);
    struct log_record record = {.now = now,
                                .kind = RECORD_COMMAND,
                                .open = TEXT("open"),
                                .secret = TEXT("secret"),
                                .audit = buffer_as_text(&audit)};
    uint64_t first = 0;
    assert_int_equal(store->log.append(store->log.self, &record, 1, &first, &error), OK);
    buffer_deinit(&audit);
}

static char said[2000];

static void keep_fault(void *context, const char *words)
{
    (void)context;
    size_t size = strlen(said);
    (void)snprintf(said + size, sizeof said - size, "%s\n", words);
}

/* How many faults a look at the database finds; what they are is in `said`. */
static uint32_t verify(const struct crypto_digest *noted, struct audit_report *report)
{
    struct store store;
    struct error error = ERROR_NONE;
    said[0] = '\0';
    assert_int_equal(sqlite_store_open(&store, path, SQLITE_STORE_READ, &error), OK);
    enum status status = audit_verify(&store, noted, report, keep_fault, NULL, &error);
    if (status != OK) print_message("%s\n", error.message);
    assert_int_equal(status, OK);
    store_close(&store);
    return report->faults;
}

static void make_rows(int count)
{
    fresh_path();
    struct store store = open_store();
    for (int number = 1; number <= count; number++) append(&store, number, 1000 * number);
    store_close(&store);
}

static void assert_fine(uint64_t rows)
{
    struct audit_report report;
    if (verify(NULL, &report) != 0) print_message("%s", said);
    assert_int_equal(report.faults, 0);
    assert_int_equal(report.rows, rows);
}

/* ---------------------------------------------------------------- honest histories */

/* promise S1 */
static void rows_follow_records(void **state)
{
    (void)state;
    fresh_path();
    struct store store = open_store();
    append(&store, 0, 500); /* says nothing to the audit */
    append(&store, 1, 1000);
    append(&store, 2, 2000);
    append(&store, 1, 1000); /* the same order again: one row */
    store_close(&store);
    store = open_store();
    append(&store, 2, 2000);
    append(&store, 3, 3000);
    store_close(&store);
    assert_fine(3);
    assert_int_equal(number_of("SELECT position FROM audit WHERE seq = 2"), 3);
    assert_int_equal(number_of("SELECT position FROM audit WHERE seq = 3"), 6);
    assert_int_equal(number_of("SELECT at FROM audit WHERE seq = 3"), 3000);
    assert_int_equal(number_of("SELECT count(*) FROM audit WHERE who = 'anna' AND action = 'suspend'"), 3);
}

static void an_empty_audit(void **state)
{
    (void)state;
    fresh_path();
    struct store store = open_store();
    append(&store, 0, 500);
    store_close(&store);
    assert_fine(0);
}

/* A kill between the commit and the copy in FILE-keys: the copy stands behind, and the next start mends it. */
static void the_copy_may_stand_behind(void **state)
{
    (void)state;
    make_rows(3);
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "ATTACH '%s' AS f; UPDATE word SET value = (SELECT x'0200000000000000' || chain FROM "
                   "f.audit WHERE seq = 2)",
                   path);
    run_sql(keys_path, sql);
    assert_fine(3);
    struct store store = open_store();
    store_close(&store);
    assert_fine(3);
    run_sql(path, "UPDATE meta SET value = value"); /* the copy is up to date again: row 3 cannot be cut off unseen */
    run_sql(keys_path, "DELETE FROM word");
    struct audit_report report;
    struct error error = ERROR_NONE;
    assert_int_not_equal(verify(NULL, &report), 0);
    assert_non_null(strstr(said, "their copy of the head is gone"));
    assert_int_equal(try_open(&store, &error), STATUS_CORRUPT);
}

static void rows_of_no_record(void **state)
{
    (void)state;
    fresh_path();
    struct store store = open_store();
    struct error error = ERROR_NONE;
    char long_text[3000];
    memset(long_text, 'x', sizeof long_text);
    /* The end falls into a character of three bytes. */
    memcpy(long_text + AUDIT_TEXT_BYTES - 2, "\xE2\x82\xAC", 3);
    struct audit_entry entry = {.at = 5000,
                                .who = TEXT("ben"),
                                .action = TEXT("refuse_program"),
                                .subject = text_make(long_text, sizeof long_text),
                                .detail = TEXT("unsigned")};
    assert_int_equal(audit_append(&store, &entry, &error), OK);
    assert_int_equal(audit_append(&store, &entry, &error), OK);
    store_close(&store);
    assert_fine(2);
    assert_int_equal(number_of("SELECT length(CAST(subject AS BLOB)) FROM audit WHERE seq = 1"), AUDIT_TEXT_BYTES - 2);
    assert_int_equal(number_of("SELECT position FROM audit WHERE seq = 2"), 0);
}

/* The state of the log and the audit after a failed append: neither has moved. */
static void a_failed_append_leaves_nothing(void **state)
{
    (void)state;
    make_rows(2);
    struct store store = open_store();
    /* A row of the audit that is in the way makes the second half of the transaction fail. */
    run_sql(
        path,
        "INSERT INTO audit SELECT 3, at, position, who, action, subject, detail, x'', chain FROM audit WHERE seq = 2");
    struct buffer audit = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct audit_entry entry = {.who = TEXT("a"), .action = TEXT("b"), .subject = TEXT("c"), .detail = TEXT("d")};
    entry.reference = TEXT("");
    audit_encode(&audit, &entry);
    struct log_record record = {
        .now = 9000, .kind = RECORD_COMMAND, .open = TEXT("open"), .audit = buffer_as_text(&audit)};
    uint64_t first = 0;
    uint64_t end = store.log.end(store.log.self);
    assert_int_not_equal(store.log.append(store.log.self, &record, 1, &first, &error), OK);
    assert_int_equal(store.log.end(store.log.self), end);
    assert_int_equal(number_of("SELECT count(*) FROM log"), 2);
    run_sql(path, "DELETE FROM audit WHERE seq = 3");
    assert_int_equal(store.log.append(store.log.self, &record, 1, &first, &error), OK);
    store_close(&store);
    buffer_deinit(&audit);
    assert_fine(3);
}

/* promise S3 */
static void retention_moves_the_base(void **state)
{
    (void)state;
    make_rows(10);
    struct audit_report whole, report;
    assert_int_equal(verify(NULL, &whole), 0);
    struct store store = open_store();
    struct error error = ERROR_NONE;
    uint64_t removed = 99;
    assert_int_equal(audit_prune(&store, 500, &removed, &error), OK);
    assert_int_equal(removed, 0);
    assert_int_equal(audit_prune(&store, 5000, &removed, &error), OK);
    assert_int_equal(removed, 4);
    assert_int_equal(audit_prune(&store, 5000, &removed, &error), OK);
    assert_int_equal(removed, 0);
    append(&store, 11, 11000);
    store_close(&store);
    assert_int_equal(verify(&whole.head, &report), 0);
    assert_int_equal(report.base, 4);
    assert_int_equal(report.rows, 7);
    assert_int_equal(report.noted_at, 10);
    store = open_store();
    assert_int_equal(audit_prune(&store, INT64_MAX, &removed, &error), OK);
    assert_int_equal(removed, 7);
    store_close(&store);
    assert_fine(0);
    store = open_store();
    append(&store, 12, 12000);
    store_close(&store);
    assert_fine(1);
    assert_int_equal(number_of("SELECT seq FROM audit"), 12);
    run_sql(path, "DELETE FROM audit; UPDATE meta SET value = (SELECT value FROM meta WHERE name = 'audit base') WHERE "
                  "name = 'audit head'");
    assert_int_not_equal(verify(NULL, &report), 0); /* the keys know of row 12 */
}

static void how_long_it_is_kept(void **state)
{
    (void)state;
    struct error error = ERROR_NONE;
    uint32_t days = 9;
    const int64_t day = INT64_C(86400000);
    make_rows(5); /* in the first seconds of 1970 */
    struct store store = open_store();
    assert_int_equal(audit_kept(&store, &days, &error), OK);
    assert_int_equal(days, 0);
    assert_int_equal(audit_retain(&store, 4000 * day, &error), OK); /* for ever */
    assert_int_equal(number_of("SELECT count(*) FROM audit"), 5);
    assert_int_equal(audit_keep(&store, 365, TEXT("anna"), 6000, &error), STATUS_INVALID);
    assert_int_equal(audit_keep(&store, AUDIT_DAYS_MOST + 1, TEXT("anna"), 6000, &error), STATUS_INVALID);
    assert_int_equal(audit_keep(&store, 366, TEXT("anna"), 6000, &error), OK);
    assert_int_equal(audit_kept(&store, &days, &error), OK);
    assert_int_equal(days, 366);
    assert_int_equal(audit_retain(&store, 366 * day + 1000, &error), OK); /* the first row is as old as it may be */
    assert_int_equal(number_of("SELECT count(*) FROM audit"), 6);
    assert_int_equal(audit_retain(&store, 366 * day + 3000, &error), OK); /* rows 1 and 2 go */
    assert_int_equal(number_of("SELECT min(seq) FROM audit"), 3);
    assert_int_equal(number_of("SELECT count(*) FROM audit WHERE action = 'prune_audit'"), 1);
    assert_int_equal(audit_retain(&store, 366 * day + 3000, &error), OK); /* and nothing more */
    store_close(&store);
    assert_fine(5);
    run_sql(path, "UPDATE meta SET value = '3' WHERE name = 'audit days'"); /* spoilt: kept for ever */
    store = open_store();
    assert_int_equal(audit_retain(&store, 366 * day + 5000, &error), OK);
    store_close(&store);
    assert_fine(5);
}

/* ---------------------------------------------------------------- tampering */

/* Does a look find it, and does a run refuse it if the end was touched? */
static void assert_found(const char *sql, const char *words)
{
    struct audit_report report;
    run_sql(path, sql);
    tampered++;
    uint32_t faults = verify(NULL, &report);
    if (faults == 0 || strstr(said, words) == NULL) {
        print_message("%s\n  said: %s\n  not: %s\n", sql, said, words);
        fail();
    }
}

/* promise S2 */
static void changed_rows(void **state)
{
    (void)state;
    static const char *const sets[] = {"at = at + 1",
                                       "position = position + 1",
                                       "who = 'ben'",
                                       "action = 'resume'",
                                       "subject = 'campaign 1'",
                                       "detail = 'x'",
                                       "reference = x''",
                                       "chain = zeroblob(32)",
                                       "chain = x''",
                                       "who = who || 'x'",
                                       "who = '', action = who || action"};
    char sql[200];
    for (size_t set = 0; set < sizeof sets / sizeof sets[0]; set++) {
        for (int row = 1; row <= 4; row++) {
            /* Row 1 already has the subject that is set: leave that out. */
            if (set == 4 && row == 1) continue;
            make_rows(4);
            (void)snprintf(sql, sizeof sql, "UPDATE audit SET %s WHERE seq = %d", sets[set], row);
            (void)snprintf(said, sizeof said, "row %d", row);
            assert_found(sql,
                         strncmp(sets[set], "chain", 5) == 0 && row < 4 ? "is not the one that was written" : "row");
        }
    }
}

static void missing_rows(void **state)
{
    (void)state;
    make_rows(5);
    assert_found("DELETE FROM audit WHERE seq = 1", "row 1 is missing");
    make_rows(5);
    assert_found("DELETE FROM audit WHERE seq IN (2, 3)", "rows 2 to 3 are missing");
    make_rows(5);
    assert_found("DELETE FROM audit WHERE seq = 5", "the end was cut off");
    make_rows(5);
    assert_found("DELETE FROM audit", "the end was cut off");
    make_rows(5);
    assert_found("DROP TABLE audit", "is gone");
    make_rows(5); /* and the numbers closed up again */
    assert_found("DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2",
                 "row 2 is not the one");
}

static void added_rows(void **state)
{
    (void)state;
    make_rows(3);
    assert_found(
        "INSERT INTO audit SELECT 4, at, position, who, action, subject, detail, x'', chain FROM audit WHERE seq = 3",
        "the rows from 4 on were added");
    make_rows(3);
    assert_found(
        "INSERT INTO audit SELECT 0, at, position, who, action, subject, detail, x'', chain FROM audit WHERE seq = 3",
        "missing");
}

static void swapped_rows(void **state)
{
    (void)state;
    make_rows(5);
    assert_found("UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET "
                 "seq = 3 WHERE seq = 99",
                 "row 2 is not the one");
}

/* Cut with the head in FILE set back as well: FILE-keys knows better, and a run refuses to go on. */
static void a_cut_that_is_covered_up(void **state)
{
    (void)state;
    make_rows(5);
    assert_found("DELETE FROM audit WHERE seq = 5; UPDATE meta SET value = x'0400000000000000' || (SELECT chain FROM "
                 "audit WHERE seq = 4) WHERE name = 'audit head'",
                 "the keys know of row 5");
    struct store store;
    struct error error = ERROR_NONE;
    assert_int_equal(try_open(&store, &error), STATUS_CORRUPT);
    assert_non_null(strstr(error.message, "promo audit verify"));
    make_rows(5);
    run_sql(path, "DELETE FROM audit WHERE seq = 5");
    assert_int_equal(try_open(&store, &error), STATUS_CORRUPT);
    make_rows(5);
    run_sql(path, "DROP TABLE audit; DELETE FROM meta WHERE name = 'audit head'");
    assert_int_equal(try_open(&store, &error), STATUS_CORRUPT);
}

/* Somebody who knows the rule makes a whole chain of his own: the keys' copy, and a head that was noted elsewhere. */
static void a_chain_written_anew(void **state)
{
    (void)state;
    make_rows(5);
    struct audit_report report;
    assert_int_equal(verify(NULL, &report), 0);
    struct crypto_digest noted = report.head;
    char first[128], first_keys[140];
    (void)snprintf(first, sizeof first, "%s", path);
    (void)snprintf(first_keys, sizeof first_keys, "%s", keys_path);
    make_rows(4); /* a whole and honest chain, of other rows */
    char sql[900];
    (void)snprintf(sql, sizeof sql,
                   "ATTACH '%s' AS other; DELETE FROM audit; INSERT INTO audit SELECT * FROM other.audit; UPDATE meta "
                   "SET value = (SELECT value FROM other.meta WHERE name = 'audit head') WHERE name = 'audit head'",
                   path);
    char second[128];
    (void)snprintf(second, sizeof second, "%s", path);
    (void)snprintf(path, sizeof path, "%s", first);
    (void)snprintf(keys_path, sizeof keys_path, "%s", first_keys);
    assert_found(sql, "the keys");
    /* Even with the keys' copy rewritten, the noted head tells. */
    (void)snprintf(sql, sizeof sql,
                   "ATTACH '%s' AS f; UPDATE word SET value = (SELECT value FROM f.meta WHERE name = 'audit head')",
                   path);
    run_sql(keys_path, sql);
    tampered++;
    assert_int_equal(verify(NULL, &report), 0);       /* whoever writes both files can do this … */
    assert_int_not_equal(verify(&noted, &report), 0); /* … but not against a head that stands elsewhere */
    assert_non_null(strstr(said, "no row has the noted head"));
}

static void torture_line(void **state)
{
    (void)state;
    const char *log = getenv("TORTURE_LOG");
    print_message("%u tampered audit logs, all found\n", tampered);
    if (log == NULL) return;
    FILE *file = fopen(log, "a");
    if (file == NULL) return;
    fprintf(file, "trust\taudit logs changed, cut, mixed or added to by SQL\t%u\t0\t-\t1\n", tampered);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_records),
        cmocka_unit_test(an_empty_audit),
        cmocka_unit_test(the_copy_may_stand_behind),
        cmocka_unit_test(rows_of_no_record),
        cmocka_unit_test(a_failed_append_leaves_nothing),
        cmocka_unit_test(retention_moves_the_base),
        cmocka_unit_test(how_long_it_is_kept),
        cmocka_unit_test(changed_rows),
        cmocka_unit_test(missing_rows),
        cmocka_unit_test(added_rows),
        cmocka_unit_test(swapped_rows),
        cmocka_unit_test(a_cut_that_is_covered_up),
        cmocka_unit_test(a_chain_written_anew),
        cmocka_unit_test(torture_line),
    };
    struct error error = ERROR_NONE;
    if (mkdtemp(folder) == NULL || crypto_start(&error) != OK) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[200];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0) return 1;
    return failed;
}
