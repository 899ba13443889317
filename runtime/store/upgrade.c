/*
 * The steps from format to format. Contract: runtime/store/upgrade.h.
 */
#include "runtime/store/upgrade.h"

#include <stdio.h>

static const char *const main_steps[UPGRADE_MAIN_FORMAT] = {
    /* 1 */
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE log(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, numbers INTEGER NOT NULL, body BLOB NOT NULL, "
    "chain BLOB NOT NULL);"
    "CREATE TABLE checkpoint(key INTEGER PRIMARY KEY, position INTEGER NOT NULL, hash INTEGER NOT NULL, bytes BLOB NOT "
    "NULL);",
    /* 2 */
    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, position INTEGER NOT NULL, who TEXT NOT NULL, "
    "action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, reference BLOB NOT NULL, chain BLOB NOT NULL);"
    "CREATE INDEX audit_reference ON audit(reference) WHERE reference <> x'';"
    "CREATE TABLE outbox(serial INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, number INTEGER NOT NULL, kind INTEGER "
    "NOT "
    "NULL, recallable INTEGER NOT NULL, recipient TEXT NOT NULL, campaign TEXT NOT NULL, state INTEGER NOT NULL, at "
    "INTEGER "
    "NOT NULL, next_at INTEGER NOT NULL, first_at INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL, hand_at INTEGER "
    "NOT NULL "
    "DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, base INTEGER NOT NULL DEFAULT 0, "
    "body "
    "BLOB, error BLOB);"
    "CREATE INDEX outbox_due ON outbox(recipient, next_at) WHERE state = 0 AND hand_at = 0;"
    "CREATE INDEX outbox_until ON outbox(until) WHERE state = 0 AND hand_at = 0 AND until < 9223372036854775807;"
    "CREATE INDEX outbox_over ON outbox(state) WHERE state > 0;"
    "CREATE INDEX outbox_number ON outbox(number);"
    "CREATE TABLE base(key INTEGER PRIMARY KEY, bytes BLOB);"
    "CREATE TABLE erased(number INTEGER PRIMARY KEY);"
    /* They held ids; the next checkpoint makes them without. */
    "DROP TABLE IF EXISTS players; DROP TABLE IF EXISTS results;",
};

static const char *const keys_steps[UPGRADE_KEYS_FORMAT] = {
    /* 1 */
    "CREATE TABLE player(number INTEGER PRIMARY KEY, brand BLOB NOT NULL, player BLOB NOT NULL, key BLOB, hash "
    "INTEGER);",
    /* 2 */
    "CREATE TABLE word(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;",
};

bool upgrade_knows(bool keys, int64_t format)
{
    return format >= 1 && format <= (keys ? UPGRADE_KEYS_FORMAT : UPGRADE_MAIN_FORMAT);
}

enum status upgrade_file(const struct sqlite_store *store, sqlite3 *database, int64_t id, int64_t from,
                         struct error *error)
{
    bool keys = database == store->keys;
    const char *const *steps = keys ? keys_steps : main_steps;
    int64_t to = keys ? UPGRADE_KEYS_FORMAT : UPGRADE_MAIN_FORMAT;
    const char *doing = from == 0 ? "making" : "upgrading";
    char head[160];
    (void)snprintf(head, sizeof head, "PRAGMA application_id = %lld; PRAGMA user_version = %lld;", (long long)id,
                   (long long)to);
    enum status status = sqlite_run(store, database, "BEGIN IMMEDIATE", doing, error);
    if (status == OK) status = sqlite_run(store, database, head, doing, error);
    for (int64_t format = from; format < to && status == OK; format++) {
        status = sqlite_run(store, database, steps[format], doing, error);
    }
    if (status == OK) status = sqlite_run(store, database, "COMMIT", doing, error);
    if (status != OK) (void)sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
