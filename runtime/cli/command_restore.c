/*
 * promo restore: brings a backup back, settles what was lost with the wallet's statement, and lets what is held leave.
 * The work: runtime/store/restore.h.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/store/restore.h"
#include "vm/civil.h"
#include "vm/crypto.h"
#include "vm/decimal.h"

enum { KEY_FROM = 400, KEY_TO, KEY_WALLET, KEY_BY, KEY_AT, KEY_KEYS, KEY_IDENTITY = 300 };

struct options {
    const char *word, *from, *database, *wallet, *keys, *by, *at, *identity_key;
};

static const struct argp_option argp_options[] = {
    {"from", KEY_FROM, "BACKUP", 0, "The backup that is brought back", 0},
    {"to", KEY_TO, "FILE", 0, "The database that is made of it; a file that is not there", 0},
    {"db", 'd', "FILE", 0, "reconcile, confirm: the restored database", 0},
    {"wallet", KEY_WALLET, "FILE|-", 0, "The wallet's statement (spec/events.md); - is standard input", 0},
    {"keys", KEY_KEYS, "FILE-keys", 0,
     "The keys of the database that was lost: who was erased there since the backup is erased here too", 0},
    {"by", KEY_BY, "NAME", 0, "Who orders it; for the audit", 0},
    {"at", KEY_AT, "MOMENT", 0, "When it is ordered, such as 2026-06-10T21:30:00Z; otherwise now", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {0},
};

static bool is_word(const struct options *options, const char *word)
{
    return options->word != NULL && strcmp(options->word, word) == 0;
}

static void check_options(struct argp_state *state, const struct options *options)
{
    if (options->word == NULL) {
        if (options->from == NULL || options->database == NULL)
            argp_error(state, "say what is brought back, and where to: --from BACKUP --to FILE");
    } else if (!is_word(options, "reconcile") && !is_word(options, "confirm")) {
        argp_error(state, "`%s` is not known; write reconcile or confirm, or --from BACKUP --to FILE", options->word);
    } else if (options->database == NULL || options->from != NULL) {
        argp_error(
            state,
            is_word(options, "reconcile")
                ? "name the restored database and the wallet's statement: reconcile --db FILE --wallet FILE --by NAME"
                : "name the restored database: confirm --db FILE --by NAME");
    } else if (is_word(options, "reconcile") != (options->wallet != NULL)) {
        argp_error(state, options->wallet == NULL ? "reconcile needs the wallet's statement: --wallet FILE"
                                                  : "--wallet belongs to reconcile, or to the restore itself");
    }
    if (options->word != NULL && options->keys != NULL) argp_error(state, "--keys belongs to the restore itself");
    if (options->by == NULL) argp_error(state, "say who orders it: --by NAME");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_FROM: options->from = argument; return 0;
    case KEY_TO:
    case 'd': options->database = argument; return 0;
    case KEY_WALLET: options->wallet = argument; return 0;
    case KEY_KEYS: options->keys = argument; return 0;
    case KEY_BY: options->by = argument; return 0;
    case KEY_AT: options->at = argument; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->word != NULL) argp_error(state, "`%s` is one word too many", argument);
        options->word = argument;
        return 0;
    case ARGP_KEY_END: check_options(state, options); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void add_left(void *context, const struct restore_left *left)
{
    struct buffer *out = context;
    buffer_print(out, "  %.*s: at most ", TEXT_ARGS(left->name));
    decimal_print_money(out, left->left, left->currency);
    buffer_string(out, "\n");
}

static void print_statement(struct buffer *out, const struct restore_report *report)
{
    buffer_string(out, "the wallet's statement: ");
    decimal_print_count(out, report->listed, "credit");
    buffer_print(out, "; %u settled now, %u known before, %u lost and booked as spent, %u refused\n", report->settled,
                 report->agreed, report->lost, report->refused);
    if (report->contradicted > 0) {
        char hex[33];
        crypto_hex(hex, report->contradiction, sizeof report->contradiction);
        buffer_print(out,
                     "  %u of them the books hold otherwise, paid here and refused there; nothing was changed: ask the "
                     "wallet about the first, %s\n",
                     report->contradicted, hex);
    }
    if (report->since_too_late) {
        char last[CIVIL_INSTANT_SIZE];
        (void)civil_format_instant(last, report->last);
        buffer_print(out, "  it begins later than the copy ends (%s), so credits may be missing in it\n", last);
    }
}

static void print_erased(struct buffer *out, const struct restore_report *report)
{
    buffer_string(out, "erased since the copy, and here too: ");
    decimal_print_count(out, (int64_t)report->erased, "player");
    buffer_string(out, "; the keys go with the first run after the confirmation\n");
    if (report->strangers == 0) return;
    buffer_string(out, "  ");
    decimal_print_count(out, (int64_t)report->strangers, "player");
    buffer_string(out,
                  " more came after the copy and were erased; give these orders again (`promo erase --in-advance`), or "
                  "what the platform sends again brings them back\n");
}

static void print_restored(struct buffer *out, const struct options *options, const struct restore_report *report,
                           const struct buffer *left)
{
    char epoch[CIVIL_INSTANT_SIZE], last[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(epoch, (int64_t)report->epoch);
    (void)civil_format_instant(last, report->last);
    buffer_print(out, "%s: ", options->database);
    decimal_print_count(out, (int64_t)report->records, "record");
    buffer_print(out, " up to %s; epoch %s\n", last, epoch);
    if (options->wallet != NULL) print_statement(out, report);
    if (report->unreconciled) {
        buffer_string(out, "nothing is credited until the wallet's statement is whole. What can have been paid unseen "
                           "since the copy was made:\n");
        buffer_text(out, buffer_as_text(left));
        buffer_print(out, "next: promo restore reconcile --db %s --wallet STATEMENT --by NAME\n", options->database);
    }
    if (options->keys != NULL) print_erased(out, report);
    buffer_string(out,
                  "nothing leaves until a person has confirmed the restore. Have the platform send again what it sent "
                  "since the copy, and give these orders again that people gave since then: who was erased or "
                  "suppressed is here as before (`promo audit show` of the database that was). ");
    buffer_string(out, options->keys != NULL
                           ? "Then:\n"
                           : "Who was erased is told by the keys of that database too, if they are still there: `promo "
                             "restore` again, with --keys. Then:\n");
    buffer_print(out, "next: promo restore confirm --db %s --by NAME\n", options->database);
}

static int carry_out(const struct options *options, const struct restore_options *asked)
{
    struct restore_options order = *asked;
    struct buffer out = BUFFER_EMPTY, left = BUFFER_EMPTY;
    struct restore_report report;
    struct error error = ERROR_NONE;
    enum status status;
    order.left = add_left;
    order.context = &left;
    if (is_word(options, "confirm")) {
        status = restore_confirm(&order, &report, &error);
        if (status == OK) buffer_print(&out, "confirmed: what `%s` held leaves with the next run\n", options->database);
    } else if (is_word(options, "reconcile")) {
        status = restore_reconcile(&order, &report, &error);
        if (status == OK) {
            print_statement(&out, &report);
            buffer_string(&out, report.unreconciled
                                    ? "nothing is credited until a statement is whole: one with a closing line that "
                                      "reaches back to the copy\n"
                                    : "credits are granted again\n");
        }
    } else {
        status = restore_begin(&order, &report, &error);
        if (status == OK) print_restored(&out, options, &report, &left);
    }
    cli_print(stdout, &out);
    buffer_deinit(&out);
    buffer_deinit(&left);
    if (status == OK) return CLI_FINE;
    return cli_fail(status == STATUS_INVALID || status == STATUS_REFUSED ? CLI_INPUT : CLI_USAGE, "%s", error.message);
}

int command_restore(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--from BACKUP --to FILE --by NAME\nreconcile --db FILE --wallet FILE --by NAME\nconfirm --db FILE "
                    "--by NAME",
        .doc =
            "Makes a database of a backup, in a new epoch: ids of effects are others from then on, since the first "
            "life went on after the copy. Credits that the copy does not know, and the wallet's statement lists, are "
            "booked as spent; without the whole statement nothing is credited until `reconcile` brings it. "
            "Nothing leaves until a person says `confirm`.\v"
            "Stop the first life, and what still delivers its effects, before you ask the wallet for its statement.\n"
            "Exit status: 0 done, 1 the statement or the order is refused, 2 wrong usage or a fault of the "
            "environment.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct restore_options order = {.from = options.from,
                                    .database = options.database,
                                    .statement = options.wallet,
                                    .lost_keys = options.keys,
                                    .by = options.by,
                                    .clock = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
    struct error error = ERROR_NONE;
    if (options.at != NULL && civil_parse_instant(&order.clock, text_of(options.at), &error) != OK)
        return cli_fail(CLI_USAGE, "--at: %s", error.message);
    struct buffer key = BUFFER_EMPTY;
    if (!replay_read_key(&key, options.identity_key)) return CLI_USAGE;
    order.identity_key = key.size == 32 ? key.bytes : NULL;
    status = carry_out(&options, &order);
    buffer_deinit(&key);
    return status;
}
