/*
 * promo segment: who is in which segment, from a database: sizes, samples, and why one player is in or out.
 */
#include <errno.h>
#include <stdlib.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/lab/membership.h"

enum { SAMPLE_MOST = 100000 };

struct options {
    struct replay_options log;
    const char *segment;
    uint32_t sample;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    REPLAY_PLAYER_ROWS("Why this player is in or out"),
    {"sample", 's', "N", 0, "So many players of the segment, the first by id (10)", 0},
    REPLAY_JSON_ROW,
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 's': options->sample = (uint32_t)cli_number(state, argument, 0, SAMPLE_MOST, "players"); return 0;
    case ARGP_KEY_ARG:
        if (options->segment != NULL) {
            argp_error(state, "one segment at a time: `%s` is a second one", argument);
        }
        options->segment = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL) {
            argp_error(state, "name the database: --db FILE");
        }
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static int unknown_segment(const struct program *program, const char *name)
{
    cli_fail(CLI_INPUT, "the program of this database has no segment `%s`", name);
    for (uint32_t i = 0; i < program->segment_count; i++) {
        const struct text candidate = program_text(program, program->segment[i].name);
        if (text_distance(text_of(name), candidate, 3) <= 3) {
            cli_hint("did you mean `%.*s`?", TEXT_ARGS(candidate));
            return CLI_INPUT;
        }
    }
    cli_hint("leave the name out to see all of them");
    return CLI_INPUT;
}

static int look(const struct options *options, struct engine *engine)
{
    const struct program *program = engine_program(engine);
    if (program == NULL) {
        return cli_fail(CLI_INPUT, "no program was ever activated in this database");
    }
    uint32_t segment = PROGRAM_NONE;
    if (options->segment != NULL) {
        segment = membership_find(program, text_of(options->segment));
        if (segment == PROGRAM_NONE) {
            return unknown_segment(program, options->segment);
        }
    }
    struct buffer out = BUFFER_EMPTY;
    bool told = true, known = true;
    if (options->log.player != NULL) {
        const struct text brand = text_of(options->log.brand == NULL ? "" : options->log.brand);
        told = membership_why(engine, brand, text_of(options->log.player), segment, options->log.json, &out, &known);
    } else if (segment == PROGRAM_NONE) {
        told = membership_sizes(engine, options->log.json, &out);
    } else {
        told = membership_sample(engine, segment, options->sample, options->log.json, &out);
    }
    if (told) {
        cli_print(stdout, &out);
    }
    buffer_deinit(&out);
    if (!told) {
        return cli_fail(CLI_USAGE, "memory is out");
    }
    return known ? CLI_FINE : CLI_INPUT;
}

int command_segment(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE [NAME]",
        .doc = "Says how many players are in each segment; of one segment, who (the first by id); of one player, "
               "whether in or out, each "
               "condition with its line and the value it read, when time alone may change it, and what would have to "
               "differ.\v"
               "It folds the database's log again from its beginning and changes nothing. All is as of the log's last "
               "instant.",
    };
    struct options options = {.sample = 10};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct engine *engine = NULL;
    if (!replay_open(&engine, &options.log, (struct engine_sink){0})) return CLI_USAGE;
    status = look(&options, engine);
    engine_close(engine);
    return status;
}
