/*
 * promo audit: who changed what in a database, and whether anybody has changed that list since.
 *
 * What stands in it and how rows are bound to each other: runtime/store/audit.h, spec/storage.md#the-audit-log.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/store/sqlite_store.h"
#include "vm/civil.h"
#include "vm/decimal.h"

enum { KEY_SINCE = 300, KEY_HEAD, KEY_BY };

struct options {
    const char *word, *database, *since, *head, *days, *by;
    uint32_t days_kept;
    bool json;
    int64_t since_ms;
    struct crypto_digest noted;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},
    {"since", KEY_SINCE, "MOMENT", 0, "show: from this moment or day on, such as 2026-06-10 or 2026-06-10T21:30:00Z",
     0},
    {"json", 'j', NULL, 0, "One JSON object a row (show), or one of all (verify)", 0},
    {"head", KEY_HEAD, "HASH", 0, "verify: a head that was noted before; it must still be in the chain", 0},
    {"by", KEY_BY, "NAME", 0, "keep: who orders it; otherwise the user's name", 0},
    {0},
};

/* A moment with its zone, or a day, which begins at midnight UTC. */
static bool read_moment(int64_t *out, const char *words)
{
    char whole[CIVIL_INSTANT_SIZE + 16];
    if (strlen(words) == strlen("2026-06-10")) {
        (void)snprintf(whole, sizeof whole, "%sT00:00:00Z", words);
        words = whole;
    }
    return civil_parse_instant(out, text_of(words), NULL) == OK;
}

static bool read_days(uint32_t *out, const char *words)
{
    char *end = NULL;
    *out = 0;
    if (strcmp(words, "ever") == 0) return true;
    const long days = strtol(words, &end, 10);
    *out = days > 0 && days <= AUDIT_DAYS_MOST ? (uint32_t)days : 0;
    return *end == '\0' && *out >= AUDIT_DAYS_LEAST;
}

static void check_words(struct argp_state *state, struct options *options)
{
    bool show = options->word != NULL && strcmp(options->word, "show") == 0;
    bool keep = options->word != NULL && strcmp(options->word, "keep") == 0;
    if (options->word == NULL) {
        argp_error(state, "say what to do: show, verify, or keep DAYS");
        return;
    }
    if (!show && !keep && strcmp(options->word, "verify") != 0) {
        argp_error(state, "`%s` is not known here; write show, verify, or keep DAYS", options->word);
    }
    if (keep != (options->days != NULL)) {
        argp_error(state, keep ? "say how long: keep 400 (days), or keep ever" : "`%s` is one word too many",
                   options->days);
        return;
    }
    if (keep && !read_days(&options->days_kept, options->days)) {
        argp_error(state, "`%s` is not how long; write %d to %d (days), or ever", options->days, AUDIT_DAYS_LEAST,
                   AUDIT_DAYS_MOST);
    }
    if (options->by != NULL && !keep) argp_error(state, "--by belongs to keep");
    if (options->database == NULL) argp_error(state, "name the database: --db FILE");
    if (options->since != NULL && !show) argp_error(state, "--since belongs to show; verify looks at all rows");
    if (options->since != NULL && !read_moment(&options->since_ms, options->since)) {
        argp_error(state, "`%s` is no moment; write 2026-06-10 or 2026-06-10T21:30:00Z", options->since);
    }
    if (options->head != NULL && show) argp_error(state, "--head belongs to verify");
    if (options->head != NULL &&
        !crypto_unhex(options->noted.bytes, sizeof options->noted.bytes, text_of(options->head))) {
        argp_error(state, "`%s` is no head; write the 64 hexadecimal digits that `promo audit verify` printed",
                   options->head);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case 'j': options->json = true; return 0;
    case KEY_SINCE: options->since = argument; return 0;
    case KEY_HEAD: options->head = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->days != NULL) argp_error(state, "`%s` is one word too many", argument);
        *(options->word == NULL ? &options->word : &options->days) = argument;
        return 0;
    case KEY_BY: options->by = cli_by_option(argument, state); return 0;
    case ARGP_KEY_END: check_words(state, options); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------ show */

struct showing {
    struct buffer out;
    bool json;
    uint64_t shown;
};

/* What somebody wrote into a name must not steer the terminal of who reads it. */
static void put_clean(struct buffer *out, struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        buffer_u8(out, byte < 0x20 || byte == 0x7F ? '?' : byte);
    }
}

static void put_member(struct buffer *out, const char *name, struct text text)
{
    buffer_print(out, ",\"%s\":", name);
    buffer_json_text(out, text);
}

static enum status show_row(void *context, const struct audit_row *row, struct error *error)
{
    struct showing *showing = context;
    struct buffer *out = &showing->out;
    char at[CIVIL_INSTANT_SIZE], chain[2 * CRYPTO_DIGEST_SIZE + 1] = "";
    (void)civil_format_instant(at, row->at);
    if (row->chain.size == CRYPTO_DIGEST_SIZE) crypto_hex(chain, row->chain.at, CRYPTO_DIGEST_SIZE);
    if (showing->json) {
        buffer_print(out, "{\"seq\":%llu,\"at\":\"%s\",\"position\":%llu", (unsigned long long)row->seq, at,
                     (unsigned long long)row->position);
        put_member(out, "who", row->who);
        put_member(out, "action", row->action);
        put_member(out, "subject", row->subject);
        put_member(out, "detail", row->detail);
        buffer_print(out, ",\"chain\":\"%s\"}\n", chain);
    } else {
        buffer_print(out, "%6llu  %s  ", (unsigned long long)row->seq, at);
        put_clean(out, row->who.size > 0 ? row->who : TEXT("-"));
        buffer_string(out, "  ");
        put_clean(out, row->action);
        if (row->subject.size > 0) buffer_string(out, "  ");
        put_clean(out, row->subject);
        if (row->detail.size > 0) buffer_string(out, "  (");
        put_clean(out, row->detail);
        if (row->detail.size > 0) buffer_string(out, ")");
        if (row->position > 0) buffer_print(out, "  record %llu", (unsigned long long)row->position);
        buffer_string(out, "\n");
    }
    showing->shown++;
    if (!buffer_ok(out)) return error_set(error, STATUS_NO_MEMORY, "memory is out");
    if (out->size > 65536) {
        cli_print(stdout, out);
        buffer_clear(out);
    }
    return OK;
}

static int show(const struct options *options, struct store *store)
{
    struct showing showing = {.json = options->json};
    struct error error = ERROR_NONE;
    int64_t since = options->since == NULL ? INT64_MIN : options->since_ms;
    enum status status = audit_read(store, since, show_row, &showing, &error);
    cli_print(stdout, &showing.out);
    buffer_deinit(&showing.out);
    if (status != OK) return cli_fail(CLI_USAGE, "%s", error.message);
    if (showing.shown == 0 && !options->json) printf("nothing since then\n");
    return CLI_FINE;
}

/* ------------------------------------------------------------------ verify */

struct telling {
    struct buffer out;
    bool json;
};

static void tell_fault(void *context, const char *words)
{
    struct telling *telling = context;
    if (telling->json) {
        buffer_string(&telling->out, telling->out.size == 0 ? "" : ",");
        buffer_json_text(&telling->out, text_of(words));
    } else {
        buffer_print(&telling->out, "  %s\n", words);
    }
}

static int verify(const struct options *options, struct store *store)
{
    struct telling telling = {.json = options->json};
    struct audit_report report;
    struct error error = ERROR_NONE;
    char head[2 * CRYPTO_DIGEST_SIZE + 1];
    const struct crypto_digest *noted = options->head == NULL ? NULL : &options->noted;
    if (audit_verify(store, noted, &report, tell_fault, &telling, &error) != OK) {
        buffer_deinit(&telling.out);
        return cli_fail(CLI_USAGE, "%s", error.message);
    }
    crypto_hex(head, report.head.bytes, sizeof report.head.bytes);
    if (options->json) {
        printf("{\"rows\":%llu,\"base\":%llu,\"last\":%llu,\"head\":\"%s\",\"noted_at\":%llu,\"faults\":[%.*s]}\n",
               (unsigned long long)report.rows, (unsigned long long)report.base, (unsigned long long)report.last, head,
               (unsigned long long)report.noted_at, TEXT_ARGS(buffer_as_text(&telling.out)));
    } else if (report.faults == 0) {
        struct buffer out = BUFFER_EMPTY;
        decimal_print_count(&out, (int64_t)report.rows, "row");
        buffer_print(&out, ", each as it was written%s\n", report.base > 0 ? "" : ", from the first one on");
        if (report.base > 0) {
            buffer_print(&out, "rows up to %llu were removed by retention\n", (unsigned long long)report.base);
        }
        if (noted != NULL && report.noted_at > 0) {
            buffer_print(&out, "the noted head is row %llu\n", (unsigned long long)report.noted_at);
        }
        buffer_print(&out, "head %s\n", head);
        cli_print(stdout, &out);
        buffer_deinit(&out);
    } else {
        cli_print(stdout, &telling.out);
    }
    buffer_deinit(&telling.out);
    if (report.faults == 0) return CLI_FINE;
    cli_fail(CLI_INPUT, "the audit log of `%s` is not as it was written: %u fault%s", options->database, report.faults,
             report.faults == 1 ? "" : "s");
    cli_hint("keep both files as they are for whoever looks into it, and compare with a copy: what was done stands in "
             "the log of records too");
    return CLI_INPUT;
}

static int keep(const struct options *options, struct store *store)
{
    struct error error = ERROR_NONE;
    const int64_t now = (int64_t)time(NULL) * 1000;
    if (audit_keep(store, options->days_kept, text_of(cli_by(options->by)), now, &error) != OK) {
        return cli_fail(CLI_USAGE, "%s", error.message);
    }
    if (options->days_kept == 0) printf("the audit log is kept for ever\n");
    if (options->days_kept != 0)
        printf("rows of the audit log older than %u days go when a run ends\n", options->days_kept);
    return CLI_FINE;
}

int command_audit(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "show|verify --db FILE\nkeep DAYS|ever --db FILE",
        .doc =
            "show: who activated, suspended, ended, killed, approved, erased or excluded what, one line each, oldest "
            "first. verify: whether each row is the one that was written, none is missing and none was added; prints "
            "the head. A head that is noted elsewhere (--head) proves it even against somebody who can write both "
            "files. keep: how many days rows are kept, at least 366; for ever until somebody says so.\v"
            "Exit status: 0 all is as it was written, 1 something is not, 2 wrong usage or a database that cannot be "
            "read. show and verify change nothing, and may look while a run writes.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct store store;
    struct error error = ERROR_NONE;
    const bool keeps = strcmp(options.word, "keep") == 0;
    if (keeps && access(options.database, F_OK) != 0) {
        return cli_fail(CLI_USAGE, "there is no database `%s`", options.database);
    }
    if (sqlite_store_open(&store, options.database, keeps ? SQLITE_STORE_WRITE : SQLITE_STORE_READ, &error) != OK) {
        return cli_fail(CLI_USAGE, "%s", error.message);
    }
    status = keeps                               ? keep(&options, &store)
             : strcmp(options.word, "show") == 0 ? show(&options, &store)
                                                 : verify(&options, &store);
    store_close(&store);
    return status;
}
