/*
 * promo report: what people must act on, from a database: effects that left between the time an exclusion holds from and the time it was known.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/lab/late_safety.h"

enum { ARENA_LIMIT = 1024 * 1024 * 1024 };

struct options {
    struct replay_options log;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    REPLAY_JSON_ROW,
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not an option; name the database with --db", argument); return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL) {
            argp_error(state, "name the database: --db FILE");
        }
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static int report(const struct options *options, struct arena *arena)
{
    struct late_safety *late = late_safety_new(arena);
    if (late == NULL) {
        return cli_fail(CLI_USAGE, "memory is out");
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        struct engine *engine = NULL;
        if (!replay_open(&engine, &options->log, pass == 0 ? late_safety_first(late) : late_safety_second(late))) {
            return CLI_USAGE;
        }
        engine_close(engine);
    }
    struct buffer out = BUFFER_EMPTY;
    int status = CLI_FINE;
    if (late_safety_render(late, options->log.json, &out)) {
        cli_print(stdout, &out);
    } else {
        status = cli_fail(CLI_USAGE, "memory is out");
    }
    buffer_deinit(&out);
    return status;
}

int command_report(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE",
        .doc = "Lists the effects that were decided after a responsible gaming event took effect and before it was "
               "known: messages that reached an "
               "excluded player, credits to take back. From the moment such an event is known nothing more leaves.\v"
               "It folds the database's log again from its beginning and changes nothing.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct arena arena;
    arena_init(&arena, ARENA_LIMIT);
    status = report(&options, &arena);
    arena_deinit(&arena);
    return status;
}
