/*
 * Looking for what is wrong. Contract: runtime/store/doctor.h.
 *
 *   raw files ──► pages ──► the pair, keys ──► log rows ──► blobs ──► engine A: the checkpoint
 *                                                 └────► engine B: the log up to there ──► digests, tables anew in memory
 *
 * What is behind a check that failed is left out, and said to be.
 */
#include "runtime/store/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/engine/engine.h"
#include "runtime/store/audit.h"
#include "runtime/store/history.h"
#include "runtime/store/outbox.h"
#include "runtime/store/upgrade.h"
#include "runtime/store/views.h"
#include "vm/civil.h"

static const char from_a_copy[] = "bring both files back from one backup: promo restore --from BACKUP --to FILE";

struct doctor {
    const struct doctor_options *options;
    struct doctor_counts *counts;
    struct store store;
    bool opened;
    struct engine *restored, *folded;
    struct record_space space;
    uint64_t from;              /* records before it are folded already */
    uint64_t base;              /* the fold begins there, with the state that is kept of it; 1: at the beginning */
    uint64_t position, end;     /* of the checkpoint (0: none), and behind the last record */
    struct views *views;        /* the tables anew; NULL: not asked for */
    struct outbox outbox;       /* the table anew; not on: the file has none */
    uint64_t outbox_checkpoint; /* steps that were made up to the checkpoint, as the file says */
    uint64_t outbox_applied;    /* steps that the file's own has seen */
    struct sqlite_store scratch;
    struct store scratch_store;
    bool no_memory; /* what could not be read may be whole */
};

const char *doctor_check_name(enum doctor_check check)
{
    static const char *const names[DOCTOR_CHECK_COUNT] = {
        [DOCTOR_FILES] = "files", [DOCTOR_PAGES] = "pages",           [DOCTOR_KEYS] = "keys",
        [DOCTOR_LOG] = "log",     [DOCTOR_CHECKPOINT] = "checkpoint", [DOCTOR_STATE] = "state",
        [DOCTOR_BOOKS] = "books", [DOCTOR_TABLES] = "tables",         [DOCTOR_OUTBOX] = "outbox",
        [DOCTOR_AUDIT] = "audit", [DOCTOR_CLOCK] = "clock",           [DOCTOR_RESTORE] = "restore"};
    return names[check];
}

static void find(struct doctor *doctor, enum doctor_check check, enum doctor_verdict verdict, const char *cure,
                 const char *format, ...) PRINTF_LIKE(5, 6);

/* What is to be typed, with the database's name where the text says `--db FILE`; `--to FILE` is another one, which the reader names. */
static const char *name_file(char *out, size_t room, const char *cure, const char *database)
{
    static const char word[] = "--db FILE";
    const char *at = strstr(cure, word);
    if (at == NULL) return cure;
    int size = snprintf(out, room, "%.*s--db %s%s", (int)(at - cure), cure, database, at + sizeof word - 1);
    return size > 0 && (size_t)size < room ? out : cure;
}

static void find(struct doctor *doctor, enum doctor_check check, enum doctor_verdict verdict, const char *cure,
                 const char *format, ...)
{
    char what[700];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    char told[8192];
    struct doctor_finding finding = {.check = check,
                                     .verdict = verdict,
                                     .what = what,
                                     .cure = name_file(told, sizeof told, cure, doctor->options->database)};
    if (doctor->no_memory) return;
    doctor->counts->verdict[verdict]++;
    if (doctor->options->found != NULL) doctor->options->found(doctor->options->context, &finding);
}

static void leave_out(struct doctor *doctor, enum doctor_check from, enum doctor_check to, const char *why)
{
    for (enum doctor_check check = from; check <= to; check++) find(doctor, check, DOCTOR_UNLOOKED, "", "%s", why);
}

/* ---------------------------------------------------------------- the files as SQLite has them */

/* The first row of a query as text; false after an error, whose words are in `out`. */
static bool ask(struct doctor *doctor, sqlite3 *database, const char *query, char *out, size_t room)
{
    sqlite3_stmt *statement = NULL;
    bool fine = sqlite3_prepare_v2(database, query, -1, &statement, NULL) == SQLITE_OK;
    int step = fine ? sqlite3_step(statement) : SQLITE_ERROR;
    fine = step == SQLITE_ROW || step == SQLITE_DONE;
    const bool empty = step != SQLITE_ROW || sqlite3_column_type(statement, 0) == SQLITE_NULL;
    const char *text = empty ? NULL : (const char *)sqlite3_column_text(statement, 0);
    if (!empty && text == NULL) doctor->no_memory = true; /* The words for a number could not be made. */
    (void)snprintf(out, room, "%s", fine ? (text == NULL ? "" : text) : sqlite3_errmsg(database));
    /* SQLite's own check says it in a row, as if it were damage. */
    if ((!fine && sqlite3_errcode(database) == SQLITE_NOMEM) || strcmp(out, "out of memory") == 0 ||
        strstr(out, "error code=7") != NULL)
        doctor->no_memory = true;
    (void)sqlite3_finalize(statement);
    return fine;
}

static bool look_at_file(struct doctor *doctor, const char *suffix, const char *id, int64_t format_now, bool *pages)
{
    char path[4096], words[400];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s%s", doctor->options->database, suffix);
    if (stat(path, &about) != 0 || about.st_size == 0) {
        find(doctor, DOCTOR_FILES, DOCTOR_WRONG, from_a_copy, "`%s` is missing or empty", path);
        return false;
    }
    sqlite3 *database = NULL;
    bool fine = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK;
    if (fine) (void)sqlite3_busy_timeout(database, 5000);
    if (!fine && sqlite3_errcode(database) == SQLITE_NOMEM) doctor->no_memory = true;
    if (!fine || !ask(doctor, database, "PRAGMA application_id", words, sizeof words)) {
        find(doctor, DOCTOR_FILES, DOCTOR_WRONG, from_a_copy, "`%s` cannot be read as a database: %s", path,
             fine ? words : sqlite3_errmsg(database));
        (void)sqlite3_close(database);
        return false;
    }
    if (strcmp(words, id) != 0) {
        find(doctor, DOCTOR_FILES, DOCTOR_WRONG, "name the right file, or bring both files back from one backup",
             "`%s` is a database of something else", path);
        (void)sqlite3_close(database);
        return false;
    }
    (void)ask(doctor, database, "PRAGMA user_version", words, sizeof words);
    int64_t format = strtoll(words, NULL, 10);
    if (!upgrade_knows(suffix[0] != '\0', format)) {
        find(doctor, DOCTOR_FILES, DOCTOR_WRONG, "use the program that made it, or a newer one",
             "`%s` has format %s, which this program does not know", path, words);
        (void)sqlite3_close(database);
        return false;
    }
    if (format != format_now) {
        find(doctor, DOCTOR_FILES, DOCTOR_NOTED, "nothing; the next run takes it up to this program's format",
             "`%s` has format %s, this program writes %lld", path, words, (long long)format_now);
    }
    bool read = ask(doctor, database, doctor->options->quick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)",
                    words, sizeof words);
    if (!read || strcmp(words, "ok") != 0) {
        *pages = false;
        find(doctor, DOCTOR_PAGES, DOCTOR_WRONG, from_a_copy, "`%s` is damaged: %s", path, words);
    }
    (void)sqlite3_close(database);
    return true;
}

static bool look_at_files(struct doctor *doctor)
{
    bool pages = true;
    bool main = look_at_file(doctor, "", "1347571023", UPGRADE_MAIN_FORMAT, &pages);
    bool keys = look_at_file(doctor, "-keys", "1347571019", UPGRADE_KEYS_FORMAT, &pages);
    if (!main || !keys) {
        leave_out(doctor, DOCTOR_PAGES, DOCTOR_RESTORE, "not looked at, for a file cannot be opened");
        return false;
    }
    find(doctor, DOCTOR_FILES, DOCTOR_FINE, "", "both are there, and of a format that this program knows");
    if (pages) find(doctor, DOCTOR_PAGES, DOCTOR_FINE, "", "SQLite finds both files whole");
    return true;
}

/* ---------------------------------------------------------------- rows and blobs */

static enum status see_record(void *context, uint64_t position, const struct log_record *record, struct error *error)
{
    struct doctor *doctor = context;
    (void)position;
    (void)record;
    (void)error;
    doctor->counts->records++;
    return OK;
}

static enum status see_blob(void *context, uint32_t key, struct text bytes, struct error *error)
{
    struct doctor *doctor = context;
    (void)key;
    (void)bytes;
    (void)error;
    doctor->counts->blobs++;
    return OK;
}

/* What is not damage but keeps us from looking. */
static bool is_ours(enum status status)
{
    return status == STATUS_NO_MEMORY || status == STATUS_BUSY;
}

static enum status look_at_log(struct doctor *doctor, struct error *error)
{
    struct log *log = &doctor->store.log;
    struct error found = ERROR_NONE;
    doctor->end = log->end(log->self);
    bool quick = doctor->options->quick && doctor->end > 1;
    enum status status = log->read(log->self, quick ? doctor->end - 1 : 1, see_record, doctor, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (quick) doctor->counts->records = doctor->end - 1;
    if (status != OK) {
        find(doctor, DOCTOR_LOG, DOCTOR_WRONG, from_a_copy, "%s", found.message);
    } else if (doctor->end <= 1) {
        find(doctor, DOCTOR_LOG, DOCTOR_NOTED, "", "the log is empty");
    } else {
        find(doctor, DOCTOR_LOG, DOCTOR_FINE, "", "%llu records%s", (unsigned long long)doctor->counts->records,
             quick ? "; only the heads of rows and the last row were read"
                   : ", every row chained and every seal whole");
    }
    return OK;
}

static enum status open_engine(struct doctor *doctor, struct engine **out, struct engine_sink sink,
                               struct error *error);

/* The blobs, and the state that they make. False in `*go_on`: there is none. */
static enum status look_at_checkpoint(struct doctor *doctor, bool *go_on, struct error *error)
{
    struct checkpoint_store *checkpoint = &doctor->store.checkpoint;
    struct error found = ERROR_NONE;
    *go_on = false;
    enum status status = checkpoint->load(checkpoint->self, &doctor->position, see_blob, doctor, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    static const char refold[] = "the log is whole: promo run --db FILE --refold --events /dev/null makes it anew";
    if (status != OK) {
        find(doctor, DOCTOR_CHECKPOINT, DOCTOR_WRONG, refold, "%s", found.message);
        return OK;
    }
    if (doctor->position == 0) {
        find(doctor, DOCTOR_CHECKPOINT, DOCTOR_NOTED, "nothing; a run writes one when it ends",
             "there is no checkpoint yet");
        return OK;
    }
    if (doctor->position > 1 && doctor->position >= doctor->end) {
        find(doctor, DOCTOR_CHECKPOINT, DOCTOR_WRONG, from_a_copy,
             "it stands at record %llu, but the last record of the log is %llu: rows of the log are lost",
             (unsigned long long)doctor->position, (unsigned long long)(doctor->end - 1));
        return OK;
    }
    RETURN_IF_FAILED(open_engine(doctor, &doctor->restored, (struct engine_sink){0}, error));
    uint64_t position = 0;
    status = engine_restore(doctor->restored, checkpoint, &position, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status == STATUS_INVALID) {
        find(doctor, DOCTOR_CHECKPOINT, DOCTOR_NOTED, "nothing; the next run makes it anew from the log", "%s",
             found.message);
    } else if (status != OK) {
        find(doctor, DOCTOR_CHECKPOINT, DOCTOR_WRONG, refold, "%s", found.message);
    } else {
        *go_on = true;
        find(doctor, DOCTOR_CHECKPOINT, DOCTOR_FINE, "", "%llu blobs at record %llu",
             (unsigned long long)doctor->counts->blobs, (unsigned long long)doctor->position);
    }
    return OK;
}

/* ---------------------------------------------------------------- the fold */

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct doctor *doctor = context;
    if (doctor->outbox.on) outbox_effect(&doctor->outbox, effect);
    if (doctor->views != NULL) views_effect(doctor->views, effect);
}

static void on_taken(void *context, const struct engine_taken *taken)
{
    struct doctor *doctor = context;
    if (doctor->outbox.on) outbox_taken(&doctor->outbox, taken);
}

static void on_note(void *context, const struct engine_note *note)
{
    struct doctor *doctor = context;
    if (doctor->views != NULL) views_note(doctor->views, note);
}

static enum status read_history(void *context, uint64_t before, log_reader reader, void *reader_context,
                                struct error *error)
{
    struct doctor *doctor = context;
    return history_of_store(&doctor->store, doctor->options->identity_key, before, reader, reader_context, error);
}

static enum status open_engine(struct doctor *doctor, struct engine **out, struct engine_sink sink, struct error *error)
{
    struct engine_options options = {.shards = 1,
                                     .identity_key = doctor->options->identity_key,
                                     .sink = sink,
                                     .history = read_history,
                                     .history_context = doctor};
    return engine_open(out, &options, error);
}

static enum status fold_record(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct doctor *doctor = context;
    if (position < doctor->from) return OK;
    struct record record;
    enum status status =
        record_decode(&record, &doctor->space, row->open, row->secret, engine_program(doctor->folded), error);
    record.position = position;
    record.number = row->number;
    if (doctor->outbox.on && !doctor->outbox.counting && position >= doctor->outbox.from) {
        /* As a run does: what is decided before belongs to no outbox. */
        if (status == OK && engine_program(doctor->folded) != NULL) status = engine_settle(doctor->folded, error);
        doctor->outbox.counting = true;
    }
    if (status == OK) status = engine_fold(doctor->folded, &record, error);
    if (status == OK && doctor->outbox.on) outbox_record(&doctor->outbox, &record);
    if (status != OK) error_prefix(error, "record %llu of the log", (unsigned long long)position);
    return status;
}

/* The tables as the fold makes them, in memory; numbers of players are the keys' own. */
static enum status open_scratch(struct doctor *doctor, struct error *error)
{
    static char anew[] = "the tables anew";
    struct sqlite_store *scratch = &doctor->scratch;
    *scratch =
        (struct sqlite_store){.path = anew, .mode = SQLITE_STORE_WRITE, .lock = -1, .keyring = doctor->store.keyring};
    if (sqlite3_open_v2(":memory:", &scratch->main, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        return error_set(error, STATUS_NO_MEMORY, "no memory for the tables");
    }
    RETURN_IF_FAILED(upgrade_file(scratch, scratch->main, 0, 0, error));
    doctor->scratch_store = doctor->store;
    doctor->scratch_store.self = scratch;
    char *attach = sqlite3_mprintf("ATTACH %Q AS kept", doctor->options->database);
    if (attach == NULL) return error_set(error, STATUS_NO_MEMORY, "no memory to compare the tables");
    enum status status = sqlite_run(scratch, scratch->main, attach, "reading", error);
    sqlite3_free(attach);
    return status;
}

static enum status open_tables(struct doctor *doctor, struct error *error)
{
    struct sqlite_store *kept = doctor->store.self;
    int64_t tables = 0;
    RETURN_IF_FAILED(
        sqlite_number(kept, kept->main, "SELECT count(*) FROM sqlite_master WHERE name = 'view'", &tables, error));
    return tables == 0 ? OK : views_open(&doctor->views, &doctor->scratch_store, error);
}

/* The outbox as the log makes it, where the file has one. */
static enum status begin_outbox(struct doctor *doctor, struct error *error)
{
    struct outbox *outbox = &doctor->outbox;
    outbox_init(outbox);
    RETURN_IF_FAILED(outbox_open(outbox, &doctor->store, false, error));
    doctor->outbox_applied = outbox->applied;
    doctor->outbox_checkpoint = outbox->made;
    outbox->made = outbox->applied = 0;
    return OK;
}

static enum status see_row(void *context, const struct outbox_row *row, struct error *error)
{
    struct doctor *doctor = context;
    (void)row;
    (void)error;
    doctor->counts->rows++;
    return OK;
}

/* What is log-made of a row; marks of who has it in hand are not. */
#define OUTBOX_COLUMNS "id, number, kind, recallable, recipient, campaign, state, at, until, attempts, base"

static const char outbox_cure[] =
    "the log is right: keep a copy of both files, and bring them back from a backup with promo restore; the wallet's "
    "statement settles what left since";

static enum status look_at_outbox(struct doctor *doctor, struct error *error)
{
    const char *cure = outbox_cure;
    struct outbox *outbox = &doctor->outbox;
    struct error found = ERROR_NONE;
    if (outbox->on && outbox->from < doctor->base) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_FINE, "",
             "every row can be read; it reaches back before the log's base, and was not compared");
        return outbox_each(&doctor->store, OUTBOX_STATE_COUNT, false, see_row, doctor, error);
    }
    int64_t rows = 0;
    struct sqlite_store *kept = doctor->store.self;
    RETURN_IF_FAILED(
        sqlite_number(kept, kept->main, "SELECT count(*) FROM sqlite_master WHERE name = 'outbox'", &rows, error));
    if (rows > 0) RETURN_IF_FAILED(sqlite_number(kept, kept->main, "SELECT count(*) FROM outbox", &rows, error));
    if (rows > 0 && (!outbox->on || doctor->outbox_applied == 0)) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_WRONG, cure, "it has %lld rows, and the file does not say of which steps",
             (long long)rows);
        return OK;
    }
    if (!outbox->on) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_FINE, "", "there is none: effects leave by another way");
        return OK;
    }
    enum status status = outbox_each(&doctor->store, OUTBOX_STATE_COUNT, false, see_row, doctor, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status != OK) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_WRONG, cure, "%s", found.message);
        return OK;
    }
    if (doctor->outbox_applied < outbox->made) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_NOTED, "nothing; the next run takes them in",
             "it is %llu steps behind the log, as after a crash; not compared",
             (unsigned long long)(outbox->made - doctor->outbox_applied));
        return OK;
    }
    if (doctor->outbox_applied > outbox->made) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_WRONG, cure, "it has seen %llu steps, and the log makes %llu",
             (unsigned long long)doctor->outbox_applied, (unsigned long long)outbox->made);
        return OK;
    }
    RETURN_IF_FAILED(outbox_write(outbox, &doctor->scratch_store, error));
    int64_t strangers = 0;
    RETURN_IF_FAILED(sqlite_number(&doctor->scratch, doctor->scratch.main,
                                   "SELECT (SELECT count(*) FROM (SELECT " OUTBOX_COLUMNS
                                   " FROM main.outbox EXCEPT SELECT " OUTBOX_COLUMNS
                                   " FROM kept.outbox)) + (SELECT count(*) FROM (SELECT " OUTBOX_COLUMNS
                                   " FROM kept.outbox EXCEPT SELECT " OUTBOX_COLUMNS " FROM main.outbox))",
                                   &strangers, error));
    if (strangers > 0) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_WRONG, cure, "rows that the log does not make so, lacks or adds: %lld",
             (long long)strangers);
    } else {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_FINE, "", "%llu rows, as the log makes them",
             (unsigned long long)doctor->counts->rows);
    }
    return OK;
}

/* Rows of one table that stand in one place alone. Both are sorted as texts: order of rows means nothing in them. */
static enum status count_strangers(struct doctor *doctor, const char *table, int64_t *out, struct error *error)
{
    char query[500];
    (void)snprintf(query, sizeof query,
                   "SELECT (SELECT count(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM kept.%s)) + "
                   "(SELECT count(*) FROM (SELECT * FROM kept.%s EXCEPT SELECT * FROM main.%s)) + "
                   "abs((SELECT count(*) FROM main.%s) - (SELECT count(*) FROM kept.%s))",
                   table, table, table, table, table, table);
    return sqlite_number(&doctor->scratch, doctor->scratch.main, query, out, error);
}

static const char tables_cure[] =
    "the log is right: promo run --db FILE --refold --events /dev/null writes them anew (all effects leave again)";

/* Some tables are written with every checkpoint, those that are as large as the players are many when a run ends. */
static const char *const always[] = {"ledger", "messages", "budgets", "figures", "results", "codes"};
static const char *const at_ends[] = {"players", "journeys", "rewards",  "points",
                                      "levels",  "badges",   "missions", "used_codes"};
enum {
    ALWAYS = sizeof always / sizeof always[0],
    AT_ENDS = sizeof at_ends / sizeof at_ends[0],
    HISTORIES = 2 /* of `always`, the first: they only grow */
};

/* Where a table stands, as the file says; -1 where it cannot be read. */
static int64_t stands_at(struct doctor *doctor, const char *table)
{
    struct sqlite_store *kept = doctor->store.self;
    char query[200];
    int64_t position = -1;
    (void)snprintf(query, sizeof query, "SELECT coalesce((SELECT position FROM view WHERE name = '%s'), 0)", table);
    enum status status = sqlite_number(kept, kept->main, query, &position, NULL);
    if (status == STATUS_NO_MEMORY) doctor->no_memory = true;
    return status == OK ? position : -1;
}

/* Each table must stand where it was written with the others. Gives where the large ones stand. */
static uint64_t look_at_positions(struct doctor *doctor)
{
    for (size_t index = 0; index < ALWAYS; index++) {
        int64_t position = stands_at(doctor, always[index]);
        if (position == (int64_t)doctor->position) continue;
        find(doctor, DOCTOR_TABLES, DOCTOR_WRONG, tables_cure,
             "`%s` is said to stand at record %lld, and the checkpoint at %llu", always[index], (long long)position,
             (unsigned long long)doctor->position);
    }
    int64_t first = stands_at(doctor, at_ends[0]);
    for (size_t index = 0; index < AT_ENDS; index++) {
        int64_t position = stands_at(doctor, at_ends[index]);
        if (position >= 0 && position == first && position <= (int64_t)doctor->position) continue;
        find(doctor, DOCTOR_TABLES, DOCTOR_WRONG, tables_cure,
             "`%s` is said to stand at record %lld, `%s` at %lld, and the checkpoint at %llu", at_ends[index],
             (long long)position, at_ends[0], (long long)first, (unsigned long long)doctor->position);
        return doctor->position;
    }
    return (uint64_t)first;
}

/* The tables of the list, as the fold stands now. */
static enum status compare_tables(struct doctor *doctor, const char *const *tables, size_t count, uint64_t position,
                                  struct error *error)
{
    RETURN_IF_FAILED(views_write(doctor->views, doctor->folded, position, true, error));
    views_written(doctor->views);
    for (size_t index = 0; index < count; index++) {
        struct error found = ERROR_NONE;
        int64_t strangers = 0;
        enum status status = count_strangers(doctor, tables[index], &strangers, &found);
        if (is_ours(status)) return error_set(error, status, "%s", found.message);
        if (status != OK) {
            find(doctor, DOCTOR_TABLES, DOCTOR_WRONG, tables_cure, "`%s` cannot be read: %s", tables[index],
                 found.message);
        } else if (strangers > 0) {
            find(doctor, DOCTOR_TABLES, DOCTOR_WRONG, tables_cure,
                 "`%s` does not say what the log says: rows that differ, are missing or too many: %lld", tables[index],
                 (long long)strangers);
        }
    }
    return OK;
}

static enum status compare_states(struct doctor *doctor, struct error *error)
{
    uint8_t restored[32], folded[32];
    RETURN_IF_FAILED(engine_digest(doctor->restored, restored, error));
    RETURN_IF_FAILED(engine_digest(doctor->folded, folded, error));
    if (memcmp(restored, folded, sizeof restored) == 0) {
        find(doctor, DOCTOR_STATE, DOCTOR_FINE, "", "the checkpoint is what the %llu records before it make",
             (unsigned long long)(doctor->position - 1));
        return OK;
    }
    find(doctor, DOCTOR_STATE, DOCTOR_WRONG,
         "the log is right: promo run --db FILE --refold --events /dev/null makes the checkpoint anew (all effects "
         "leave again); keep a copy of both files and report it",
         "the checkpoint at record %llu is not what the records before it make", (unsigned long long)doctor->position);
    return OK;
}

/* The records from `from` to before `until`, and their last instant closed. */
static enum status fold_on(struct doctor *doctor, uint64_t from, uint64_t until, struct error *error)
{
    doctor->from = from < doctor->base ? doctor->base : from;
    RETURN_IF_FAILED(history_read(&doctor->store.log, until, fold_record, doctor, error));
    return engine_program(doctor->folded) == NULL ? OK : engine_settle(doctor->folded, error);
}

/* The large tables where they stand, then state and the other tables at the checkpoint. */
static enum status compare_at_checkpoint(struct doctor *doctor, struct error *error)
{
    uint32_t wrong = doctor->counts->verdict[DOCTOR_WRONG];
    uint64_t large = 0;
    if (doctor->views != NULL) {
        large = look_at_positions(doctor);
    }
    if (large > doctor->base && large < doctor->position) {
        RETURN_IF_FAILED(fold_on(doctor, 1, large, error));
        RETURN_IF_FAILED(compare_tables(doctor, at_ends, AT_ENDS, large, error));
    }
    RETURN_IF_FAILED(fold_on(doctor, large > 1 && large < doctor->position ? large : 1, doctor->position, error));
    RETURN_IF_FAILED(compare_states(doctor, error));
    if (doctor->outbox.on && doctor->outbox.from >= doctor->base && doctor->outbox.made != doctor->outbox_checkpoint) {
        find(doctor, DOCTOR_OUTBOX, DOCTOR_WRONG, outbox_cure,
             "up to the checkpoint %llu steps are said to have been made, and the log makes %llu",
             (unsigned long long)doctor->outbox_checkpoint, (unsigned long long)doctor->outbox.made);
    }
    if (doctor->views == NULL) {
        find(doctor, DOCTOR_TABLES, DOCTOR_NOTED, "", "there are no tables for people");
        return OK;
    }
    /* The ledger and the messages of before the base are in no log any more. */
    size_t skipped = doctor->base > 1 ? HISTORIES : 0;
    RETURN_IF_FAILED(compare_tables(doctor, always + skipped, ALWAYS - skipped, doctor->position, error));
    if (large == doctor->position) RETURN_IF_FAILED(compare_tables(doctor, at_ends, AT_ENDS, large, error));
    if (doctor->counts->verdict[DOCTOR_WRONG] == wrong) {
        find(doctor, DOCTOR_TABLES, DOCTOR_FINE, "", "the tables for people say what the log says%s",
             skipped > 0 ? "; the ledger and the messages reach back before its base, and were not compared" : "");
    }
    views_close(doctor->views);
    doctor->views = NULL;
    return OK;
}

/* Where the log's base has moved (a player was erased), the state that stands there. False in `go_on`: it cannot be read. */
static enum status begin_at_base(struct doctor *doctor, bool *go_on, struct error *error)
{
    struct error found = ERROR_NONE;
    doctor->base = 1;
    if (sqlite_store_base_position(&doctor->store) == 0) return OK;
    struct checkpoint_store blobs = sqlite_store_base(&doctor->store);
    enum status status = engine_restore(doctor->folded, &blobs, &doctor->base, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status == OK) return OK;
    *go_on = false;
    engine_close(doctor->folded);
    doctor->folded = NULL;
    if (status == STATUS_INVALID) {
        find(doctor, DOCTOR_STATE, DOCTOR_UNLOOKED, "", "not folded, for the log's base is of an older version");
    } else {
        find(doctor, DOCTOR_STATE, DOCTOR_WRONG, from_a_copy, "the log's base: %s", found.message);
    }
    leave_out(doctor, DOCTOR_TABLES, DOCTOR_OUTBOX, "not compared, for the log was not folded");
    return OK;
}

static enum status look_at_fold(struct doctor *doctor, bool restored, struct error *error)
{
    static const char cure[] = "a record of it was written by a newer program, or cannot be read: bring the file back "
                               "from a backup, or use the newest program";
    struct engine_sink sink = {.context = doctor, .effect = on_effect, .note = on_note, .taken = on_taken};
    struct error found = ERROR_NONE;
    RETURN_IF_FAILED(open_engine(doctor, &doctor->folded, sink, error));
    bool go_on = true;
    RETURN_IF_FAILED(begin_at_base(doctor, &go_on, error));
    if (!go_on) return OK;
    RETURN_IF_FAILED(open_scratch(doctor, error));
    RETURN_IF_FAILED(begin_outbox(doctor, error));
    if (restored) RETURN_IF_FAILED(open_tables(doctor, error));
    enum status status = restored ? compare_at_checkpoint(doctor, &found) : OK;
    if (status == OK) {
        doctor->from = restored ? doctor->position : doctor->base;
        status = history_read(&doctor->store.log, doctor->end, fold_record, doctor, &found);
    }
    /* The outbox knows what was folded, and an instant that is open was not. */
    if (status == OK) RETURN_IF_FAILED(look_at_outbox(doctor, error));
    if (status == OK && engine_program(doctor->folded) != NULL) status = engine_settle(doctor->folded, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status != OK) {
        find(doctor, DOCTOR_STATE, DOCTOR_WRONG, cure, "%s", found.message);
        find(doctor, DOCTOR_OUTBOX, DOCTOR_UNLOOKED, "", "not compared, for the log does not fold");
    } else if (!restored) {
        find(doctor, DOCTOR_STATE, DOCTOR_FINE, "", "every record folds; there is no checkpoint to compare with");
        find(doctor, DOCTOR_TABLES, DOCTOR_UNLOOKED, "", "they are compared at a checkpoint");
    }
    return OK;
}

/* A database belongs to the workspace of its program. */
static enum status look_at_owner(struct doctor *doctor, struct error *error)
{
    const struct engine *engine = doctor->folded != NULL ? doctor->folded : doctor->restored;
    const struct program *program = engine == NULL ? NULL : engine_program(engine);
    if (program == NULL) return OK;
    struct buffer found = BUFFER_EMPTY;
    enum status status = doctor->store.get_meta(doctor->store.self, "workspace", &found, error);
    if (status == OK && !text_equal(buffer_as_text(&found), program_text(program, program->workspace->name))) {
        find(doctor, DOCTOR_STATE, DOCTOR_WRONG, from_a_copy,
             "the file says it belongs to the workspace `%.*s`, and its program to `%.*s`",
             TEXT_ARGS(buffer_as_text(&found)), TEXT_ARGS(program_text(program, program->workspace->name)));
    } else if (status == STATUS_NOT_FOUND) {
        status = OK;
        find(doctor, DOCTOR_STATE, DOCTOR_WRONG, "nothing is lost: the next run with --bundle writes it again",
             "the file does not say which workspace it belongs to");
    }
    buffer_deinit(&found);
    return status;
}

static enum status look_at_books(struct doctor *doctor, struct error *error)
{
    struct engine *engine = doctor->folded != NULL ? doctor->folded : doctor->restored;
    struct error found = ERROR_NONE;
    if (engine == NULL || engine_program(engine) == NULL) {
        find(doctor, DOCTOR_BOOKS, DOCTOR_UNLOOKED, "", "there is no state to look at");
        return OK;
    }
    enum status status = engine_check_books(engine, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status != OK) {
        find(doctor, DOCTOR_BOOKS, DOCTOR_WRONG,
             "stop the runs, keep a copy of both files and report it: no budget can be trusted", "%s", found.message);
    } else {
        find(doctor, DOCTOR_BOOKS, DOCTOR_FINE, "",
             "cap = free + reserved + spent in every limit, and what is reserved is the open credits");
    }
    return OK;
}

struct oldest {
    int64_t now;
    bool seen;
};

static enum status see_oldest(void *context, uint64_t position, const struct log_record *row, struct error *error)
{
    struct oldest *oldest = context;
    (void)position;
    oldest->now = row->now;
    oldest->seen = true;
    return error_set(error, STATUS_NOT_FOUND, "one is enough");
}

/* Whether `promo retain` was forgotten: what goes are whole rows of the log, so it is the end of the first one that counts. */
static void look_at_age(struct doctor *doctor)
{
    const struct engine *engine = doctor->folded != NULL ? doctor->folded : doctor->restored;
    const struct program *program = engine == NULL ? NULL : engine_program(engine);
    struct sqlite_store *store = doctor->store.self;
    struct error unseen = ERROR_NONE;
    struct oldest oldest = {.seen = false};
    int64_t end = 0;
    if (program == NULL ||
        sqlite_number(store, store->main,
                      "SELECT coalesce((SELECT first + count - 1 FROM log ORDER BY first LIMIT 1), 0)", &end,
                      &unseen) != OK)
        return;
    if (end <= 0 || (uint64_t)end >= sqlite_store_checkpoint_position(&doctor->store)) return;
    (void)doctor->store.log.read(doctor->store.log.self, (uint64_t)end, see_oldest, &oldest, &unseen);
    int64_t age = engine_now(engine) - oldest.now, kept = program->workspace->retention_ms;
    if (!oldest.seen || age <= kept + CIVIL_DAY_MS) return;
    find(doctor, DOCTOR_LOG, DOCTOR_NOTED, "run it regularly, once a day say: promo retain --db FILE",
         "the log holds records of %lld days ago, and the workspace's `retention` is %lld days",
         (long long)(age / CIVIL_DAY_MS), (long long)(kept / CIVIL_DAY_MS));
}

static void look_at_clock(struct doctor *doctor)
{
    const struct engine *engine = doctor->folded != NULL ? doctor->folded : doctor->restored;
    if (engine == NULL || engine_program(engine) == NULL || doctor->options->clock == 0) {
        find(doctor, DOCTOR_CLOCK, DOCTOR_UNLOOKED, "", "the log's last instant was not compared with a clock");
        return;
    }
    int64_t ahead = engine_now(engine) - doctor->options->clock;
    char now[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(now, engine_now(engine));
    if (ahead > CIVIL_DAY_MS) {
        find(doctor, DOCTOR_CLOCK, DOCTOR_NOTED,
             "time never goes back: see that the clock is right; if a wrong year came in, bring back a backup from "
             "before it",
             "the log is at %s, %lld days ahead of this machine's clock", now, (long long)(ahead / CIVIL_DAY_MS));
    } else {
        find(doctor, DOCTOR_CLOCK, DOCTOR_FINE, "", "the log is at %s", now);
    }
}

static void look_at_restore(struct doctor *doctor)
{
    struct buffer hold = BUFFER_EMPTY;
    (void)outbox_held(&doctor->store, &hold, NULL);
    const struct engine *engine = doctor->folded != NULL ? doctor->folded : doctor->restored;
    bool held = hold.size > 0, unreconciled = engine != NULL && engine_epoch(engine).unreconciled;
    buffer_deinit(&hold);
    if (held) {
        find(doctor, DOCTOR_RESTORE, DOCTOR_NOTED,
             "look at what it would do, then: promo restore confirm --db FILE --by NAME",
             "it was restored and nobody has confirmed that: nothing leaves");
    }
    if (unreconciled) {
        find(doctor, DOCTOR_RESTORE, DOCTOR_NOTED,
             "bring the wallet's statement: promo restore reconcile --db FILE --wallet STATEMENT --by NAME",
             "it was restored without the whole statement of the wallet: nothing is credited");
    }
    if (!held && !unreconciled) find(doctor, DOCTOR_RESTORE, DOCTOR_FINE, "", "no restore waits for a person");
}

/* ---------------------------------------------------------------- all of it */

static enum status check_key(struct doctor *doctor, struct error *error)
{
    struct buffer found = BUFFER_EMPTY;
    char identity[2 * CRYPTO_DIGEST_SIZE + 1] = "name";
    if (doctor->options->identity_key != NULL) {
        struct crypto_digest digest = crypto_digest256(doctor->options->identity_key, CRYPTO_KEY_SIZE);
        crypto_hex(identity, digest.bytes, sizeof digest.bytes);
    }
    enum status status = doctor->store.get_meta(doctor->store.self, "identity", &found, error);
    if (status == OK && !text_equal(buffer_as_text(&found), text_of(identity))) {
        status = error_set(error, STATUS_REFUSED, "`%s` was begun with another identity key; give the same one",
                           doctor->options->database);
    } else if (status == STATUS_NOT_FOUND) {
        status = OK;
        if (doctor->store.log.end(doctor->store.log.self) > 1) {
            find(doctor, DOCTOR_KEYS, DOCTOR_WRONG,
                 "nothing is lost: the next run, with the key of the runs, writes it again",
                 "the file does not say which identity key it was begun with");
        }
    }
    buffer_deinit(&found);
    return status;
}

static void see_fault(void *context, const char *words)
{
    find(context, DOCTOR_AUDIT, DOCTOR_WRONG,
         "keep both files for whoever looks into it, and compare with a backup: promo audit show --db FILE", "%s",
         words);
}

/* Last of all: it looks at a later moment of FILE than the others, see audit_verify. */
static enum status look_at_audit(struct doctor *doctor, struct error *error)
{
    struct error found = ERROR_NONE;
    struct audit_report report;
    enum status status = audit_verify(&doctor->store, NULL, &report, see_fault, doctor, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status == STATUS_NOT_FOUND) {
        find(doctor, DOCTOR_AUDIT, DOCTOR_NOTED, "nothing; the next run begins one", "there is no audit log");
    } else if (status != OK) {
        find(doctor, DOCTOR_AUDIT, DOCTOR_WRONG, from_a_copy, "%s", found.message);
    } else if (report.faults == 0) {
        find(doctor, DOCTOR_AUDIT, DOCTOR_FINE, "", "%llu rows, each as it was written",
             (unsigned long long)report.rows);
    }
    return OK;
}

static enum status look_inside(struct doctor *doctor, struct error *error)
{
    struct error found = ERROR_NONE;
    enum status status = sqlite_store_open(&doctor->store, doctor->options->database, SQLITE_STORE_READ, &found);
    if (is_ours(status)) return error_set(error, status, "%s", found.message);
    if (status == STATUS_NOT_FOUND) {
        find(doctor, DOCTOR_KEYS, DOCTOR_NOTED, "", "%s", found.message);
        leave_out(doctor, DOCTOR_LOG, DOCTOR_RESTORE, "there is nothing to look at");
        return OK;
    }
    if (status != OK) {
        find(doctor, DOCTOR_KEYS, DOCTOR_WRONG, from_a_copy, "%s", found.message);
        leave_out(doctor, DOCTOR_LOG, DOCTOR_RESTORE, "not looked at, for the files cannot be read together");
        return OK;
    }
    doctor->opened = true;
    doctor->counts->players = keyring_count(doctor->store.keyring) - 1;
    find(doctor, DOCTOR_KEYS, DOCTOR_FINE, "", "%llu players; both files belong together",
         (unsigned long long)doctor->counts->players);
    RETURN_IF_FAILED(check_key(doctor, error));
    uint32_t wrong = doctor->counts->verdict[DOCTOR_WRONG];
    RETURN_IF_FAILED(look_at_log(doctor, error));
    bool log = doctor->counts->verdict[DOCTOR_WRONG] == wrong;
    bool restored = false;
    RETURN_IF_FAILED(look_at_checkpoint(doctor, &restored, error));
    if (doctor->options->quick || doctor->options->unfolded) {
        leave_out(doctor, DOCTOR_STATE, DOCTOR_STATE, "not folded, as was asked for");
    } else if (!log) {
        leave_out(doctor, DOCTOR_STATE, DOCTOR_STATE, "not folded, for the log is damaged");
    } else {
        RETURN_IF_FAILED(look_at_fold(doctor, restored, error));
    }
    RETURN_IF_FAILED(look_at_owner(doctor, error));
    RETURN_IF_FAILED(look_at_books(doctor, error));
    if (doctor->options->quick || doctor->options->unfolded || !log) {
        leave_out(doctor, DOCTOR_TABLES, DOCTOR_OUTBOX, "not compared, for the log was not folded");
    }
    if (log) look_at_age(doctor);
    look_at_clock(doctor);
    look_at_restore(doctor);
    return look_at_audit(doctor, error);
}

enum status doctor_look(const struct doctor_options *options, struct doctor_counts *counts, struct error *error)
{
    struct doctor doctor = {.options = options, .counts = counts};
    char keys[4096];
    struct stat about;
    memset(counts, 0, sizeof *counts);
    if (snprintf(keys, sizeof keys, "%s-keys", options->database) >= (int)sizeof keys)
        return error_set(error, STATUS_USAGE, "the name of the database is too long");
    if (stat(options->database, &about) != 0 && stat(keys, &about) != 0)
        return error_set(error, STATUS_NOT_FOUND, "there is no database `%s`", options->database);
    RETURN_IF_FAILED(crypto_start(error));
    record_space_init(&doctor.space);
    enum status status = OK;
    if (look_at_files(&doctor) && !doctor.no_memory) status = look_inside(&doctor, error);
    if (doctor.no_memory && status == OK)
        status = error_set(error, STATUS_NO_MEMORY, "no memory to look at `%s`", options->database);
    views_close(doctor.views);
    outbox_deinit(&doctor.outbox);
    (void)sqlite3_close(doctor.scratch.main);
    if (doctor.restored != NULL) engine_close(doctor.restored);
    if (doctor.folded != NULL) engine_close(doctor.folded);
    if (doctor.opened) store_close(&doctor.store);
    record_space_deinit(&doctor.space);
    return status;
}
