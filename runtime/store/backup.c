/*
 * Copies of both files. Contract: runtime/store/backup.h.
 *
 *   FILE:      begin to read ───────────► pages to TO.part       ─┐
 *   FILE-keys:        begin to read ────► pages to TO.part-keys  ─┴► doctor ► fsync ► TO-keys, then TO
 *
 * FILE's moment is taken first: a key is durable before the first record that needs it, so keys read later know every player of
 * that log. A read that is held through the copy keeps its moment, whatever is written meanwhile.
 */
#include "runtime/store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/doctor.h"

enum { PAGES = 1000, PATH_ROOM = 4096 };

struct copy {
    const struct backup_options *options;
    char part[PATH_ROOM]; /* what TO is called until it is whole */
    sqlite3 *main, *keys; /* the database, each in a moment of its own */
    char wrong[512];      /* the doctor's first finding */
};

static enum status failed(sqlite3 *database, const char *doing, const char *path, struct error *error)
{
    int code = database == NULL ? SQLITE_NOMEM : sqlite3_errcode(database) & 0xFF;
    enum status status = code == SQLITE_BUSY || code == SQLITE_LOCKED      ? STATUS_BUSY
                         : code == SQLITE_NOMEM                            ? STATUS_NO_MEMORY
                         : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? STATUS_CORRUPT
                                                                           : STATUS_IO;
    const char *cure = code == SQLITE_FULL        ? "; make room and run again"
                       : status == STATUS_CORRUPT ? "; bring the database back from an older backup"
                       : status == STATUS_BUSY    ? "; run again"
                                                  : "";
    return error_set(error, status, "%s `%s` failed: %s%s", doing, path,
                     database == NULL ? "no memory" : sqlite3_errmsg(database), cure);
}

/* Opens one of the files and holds its moment. */
static enum status hold(const char *path, sqlite3 **out, struct error *error)
{
    struct stat about;
    if (stat(path, &about) != 0) return error_set(error, STATUS_NOT_FOUND, "there is no `%s`", path);
    if (sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return failed(*out, "opening", path, error);
    (void)sqlite3_busy_timeout(*out, 10000);
    if (sqlite3_exec(*out, "BEGIN; SELECT count(*) FROM sqlite_master", NULL, NULL, NULL) != SQLITE_OK)
        return failed(*out, "reading", path, error);
    return OK;
}

static void release(sqlite3 **database)
{
    (void)sqlite3_close(*database);
    *database = NULL;
}

/* The number of the audit log's last row as a file knows it. */
static int64_t audit_head(sqlite3 *database, const char *query)
{
    sqlite3_stmt *row = NULL;
    int64_t seq = 0;
    if (sqlite3_prepare_v2(database, query, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_bytes(row, 0) >= 8) {
        memcpy(&seq, sqlite3_column_blob(row, 0), sizeof seq);
    }
    (void)sqlite3_finalize(row);
    return seq;
}

/* A row of the audit log that came between the two moments would look cut off in the copy: then both are taken again. Where it is so each time it was cut
 * off indeed, which the doctor finds. */
static enum status hold_both(struct copy *copy, const char *keys, struct error *error)
{
    enum { TRIES = 50 };
    for (int try = 0; try < TRIES; try++) {
        if (try > 0) (void)sqlite3_sleep(20);
        release(&copy->main);
        release(&copy->keys);
        RETURN_IF_FAILED(hold(copy->options->database, &copy->main, error));
        RETURN_IF_FAILED(hold(keys, &copy->keys, error));
        if (audit_head(copy->keys, "SELECT value FROM word WHERE name = 'audit head'") <=
            audit_head(copy->main, "SELECT value FROM meta WHERE name = 'audit head'"))
            break;
    }
    return OK;
}

static enum status copy_pages(const struct copy *copy, sqlite3 *from, const char *path, struct error *error)
{
    sqlite3 *to = NULL;
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        enum status status = failed(to, "making", path, error);
        (void)sqlite3_close(to);
        return status;
    }
    int pages = copy->options->pages == 0 ? PAGES : (int)copy->options->pages;
    int step = SQLITE_OK;
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    while (backup != NULL && (step == SQLITE_OK || step == SQLITE_BUSY || step == SQLITE_LOCKED)) {
        step = sqlite3_backup_step(backup, pages);
        if (step != SQLITE_DONE) (void)sqlite3_sleep(step == SQLITE_OK ? 1 : 20);
    }
    if (backup != NULL) (void)sqlite3_backup_finish(backup);
    enum status status = step == SQLITE_DONE ? OK : failed(to, "copying to", path, error);
    (void)sqlite3_close(to);
    return status;
}

static enum status make_durable(const char *path, int flags, struct error *error)
{
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0 || (fsync(file) != 0 && errno != EINVAL && errno != EROFS)) {
        enum status status = error_set(error, STATUS_IO, "making `%s` durable failed: %s", path, strerror(errno));
        if (file >= 0) (void)close(file);
        return status;
    }
    (void)close(file);
    return OK;
}

static void see_finding(void *context, const struct doctor_finding *finding)
{
    struct copy *copy = context;
    if (finding->verdict == DOCTOR_WRONG && copy->wrong[0] == '\0')
        (void)snprintf(copy->wrong, sizeof copy->wrong, "%s: %s", doctor_check_name(finding->check), finding->what);
}

static enum status look_at(struct copy *copy, struct backup_report *out, struct error *error)
{
    struct doctor_options look = {.database = copy->part,
                                  .identity_key = copy->options->identity_key,
                                  .unfolded = !copy->options->whole,
                                  .found = see_finding,
                                  .context = copy};
    struct doctor_counts counts;
    RETURN_IF_FAILED(doctor_look(&look, &counts, error));
    out->records = counts.records;
    out->players = counts.players;
    if (counts.verdict[DOCTOR_WRONG] == 0) return OK;
    return error_set(error, STATUS_CORRUPT,
                     "the copy is not whole, and was removed: %s; ask `promo doctor --db %s` about the database",
                     copy->wrong, copy->options->database);
}

static enum status name_it(const struct copy *copy, const char *suffix, struct backup_report *out, struct error *error)
{
    char from[PATH_ROOM + 8], to[PATH_ROOM + 8];
    struct stat about;
    (void)snprintf(from, sizeof from, "%s%s", copy->part, suffix);
    (void)snprintf(to, sizeof to, "%s%s", copy->options->to, suffix);
    RETURN_IF_FAILED(make_durable(from, O_RDONLY, error));
    if (stat(from, &about) == 0) out->bytes += about.st_size;
    if (rename(from, to) != 0) return error_set(error, STATUS_IO, "naming `%s` failed: %s", to, strerror(errno));
    return OK;
}

static enum status write_copy(struct copy *copy, struct backup_report *out, struct error *error)
{
    char keys[PATH_ROOM + 8], part_keys[PATH_ROOM + 8], folder[PATH_ROOM];
    (void)snprintf(keys, sizeof keys, "%s-keys", copy->options->database);
    (void)snprintf(part_keys, sizeof part_keys, "%s-keys", copy->part);
    RETURN_IF_FAILED(hold_both(copy, keys, error));
    RETURN_IF_FAILED(copy_pages(copy, copy->main, copy->part, error));
    RETURN_IF_FAILED(copy_pages(copy, copy->keys, part_keys, error));
    RETURN_IF_FAILED(look_at(copy, out, error));
    /* The keys first: keys without a log are noticed, and a log without keys could not be read. */
    RETURN_IF_FAILED(name_it(copy, "-keys", out, error));
    RETURN_IF_FAILED(name_it(copy, "", out, error));
    (void)snprintf(folder, sizeof folder, "%s", copy->options->to);
    return make_durable(dirname(folder), O_RDONLY | O_DIRECTORY, error);
}

void backup_remove(const char *path)
{
    static const char *const beside[] = {"",          "-keys",     "-wal",          "-shm", "-journal",
                                         "-keys-wal", "-keys-shm", "-keys-journal", "-lock"};
    for (size_t index = 0; index < sizeof beside / sizeof beside[0]; index++) {
        char name[PATH_ROOM + 16];
        (void)snprintf(name, sizeof name, "%s%s", path, beside[index]);
        (void)unlink(name);
    }
}

enum status backup_write(const struct backup_options *options, struct backup_report *out, struct error *error)
{
    struct copy copy = {.options = options};
    char keys[PATH_ROOM];
    struct stat about;
    memset(out, 0, sizeof *out);
    if (snprintf(copy.part, sizeof copy.part, "%s.part", options->to) >= (int)sizeof copy.part - 16 ||
        strlen(options->database) > sizeof copy.part - 16) {
        return error_set(error, STATUS_USAGE, "the name of the copy is too long");
    }
    (void)snprintf(keys, sizeof keys, "%s-keys", options->to);
    if (stat(options->to, &about) == 0 || stat(keys, &about) == 0) {
        return error_set(error, STATUS_EXISTS, "there is a `%s` already; a backup replaces nothing: name another file",
                         options->to);
    }
    backup_remove(copy.part); /* what a killed backup left */
    enum status status = write_copy(&copy, out, error);
    (void)sqlite3_close(copy.main);
    (void)sqlite3_close(copy.keys);
    backup_remove(copy.part);
    return status;
}
