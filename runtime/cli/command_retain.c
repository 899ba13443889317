/*
 * promo retain: what is older than it must be kept goes out of a database.
 *
 * The work is promo_retain's (runtime/store/promo.h); what goes and what stays: spec/storage.md#retention.
 */
#include <stdlib.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "vm/decimal.h"

enum { KEY_IDENTITY = 300, KEY_LEDGER, KEY_BY };

struct options {
    const char *database, *identity_key, *by;
    struct promo_retention wanted;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},
    {"ledger", KEY_LEDGER, "DAYS", 0, "Keep the ledger and the messages for so long, from now on (2557)", 0},
    {"by", KEY_BY, "NAME", 0, "Who sets it, for `promo audit`; otherwise the user's name", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case KEY_LEDGER: options->wanted.ledger_days = (uint32_t)cli_number(state, argument, 1, 100000, "days"); return 0;
    case KEY_BY: options->by = cli_by_option(argument, state); return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is one word too many; write --db %s", argument, argument); return 0;
    case ARGP_KEY_END:
        if (options->database == NULL) argp_error(state, "name the database: --db FILE");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print(const struct promo_retained *kept)
{
    struct buffer out = BUFFER_EMPTY;
    decimal_print_count(&out, (int64_t)kept->records, "record");
    buffer_print(&out, " of the log removed; it begins with record %llu\n", (unsigned long long)kept->first);
    decimal_print_count(&out, (int64_t)kept->ledger_rows, "row");
    buffer_print(&out, " of the ledger and the messages removed; they are kept for %u days\n", kept->ledger_days);
    cli_print(stdout, &out);
    buffer_deinit(&out);
}

int command_retain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE",
        .doc =
            "Removes the records of the log that are older than the workspace's `retention`, and what is older of the "
            "ledger and the messages than they are kept. The state stays; explanations reach back to the "
            "first record that is left.\v"
            "Time is the log's: nothing ages while nothing comes. Run it each night.",
    };
    struct options options = {0};
    struct error error = ERROR_NONE;
    struct buffer key = BUFFER_EMPTY;
    struct promo *promo = NULL;
    struct promo_retained kept;
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    if (access(options.database, F_OK) != 0) return cli_fail(CLI_USAGE, "there is no database `%s`", options.database);
    if (!replay_read_key(&key, options.identity_key)) {
        buffer_deinit(&key);
        return CLI_USAGE;
    }
    const struct promo_options opened = {
        .database = options.database, .identity_key = key.size == 32 ? key.bytes : NULL, .by = cli_by(options.by)};
    if (promo_open(&promo, &opened, &error) != OK || promo_retain(promo, &options.wanted, &kept, &error) != OK) {
        status = cli_fail(CLI_USAGE, "%s", error.message);
    } else {
        print(&kept);
    }
    if (promo != NULL && promo_close(promo, &error) != OK) status = cli_fail(CLI_USAGE, "%s", error.message);
    buffer_deinit(&key);
    return status;
}
