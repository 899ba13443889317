/*
 * promo liability: what is promised to players and not settled, from a database.
 */
#include <string.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/lab/liability_report.h"

struct options {
    struct replay_options log;
    enum liability_style style;
    bool by_day;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    {"by", 'b', "day", 0, "By the day on which it falls away, in the workspace's zone", 0},
    {"json", 'j', NULL, 0, "One JSON object", 0},
    {"csv", 'c', NULL, 0, "Comma-separated lines, the first one names the fields", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'b':
        if (strcmp(argument, "day") != 0) argp_error(state, "`%s` is not known here; write `--by day`", argument);
        options->by_day = true;
        return 0;
    case 'j': options->style = LIABILITY_JSON; return 0;
    case 'c': options->style = LIABILITY_CSV; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not an option; name the database with --db", argument); return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL) argp_error(state, "name the database: --db FILE");
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static int show(const struct options *options)
{
    struct engine *engine = NULL;
    if (!replay_open(&engine, &options->log, (struct engine_sink){0})) return CLI_USAGE;
    struct buffer out = BUFFER_EMPTY;
    struct liability_sums sums;
    int status = CLI_FINE;
    if (!liability_report(engine, options->by_day, options->style, &out, &sums))
        status = cli_fail(CLI_USAGE, "memory is out");
    else
        cli_print(stdout, &out);
    buffer_deinit(&out);
    engine_close(engine);
    return status;
}

int command_liability(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE",
        .doc =
            "Shows what is promised to players and not settled, by offer: what is reserved because the wallet has not "
            "answered yet, and "
            "what is granted and not played out or used. With --by day by the day on which it falls away.\v"
            "What is reserved is held against the books of each campaign. It folds the database's log again from its "
            "beginning and changes nothing.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    return show(&options);
}
