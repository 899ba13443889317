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
    const char *database;
    const char *segment;
    const char *player;
    const char *brand;
    const char *identity_key;
    uint32_t sample;
    bool json;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},
    {"player", 'p', "ID", 0, "Why this player is in or out", 0},
    {"brand", 'b', "NAME", 0, "The player's brand, where there are several", 0},
    {"sample", 's', "N", 0, "So many players of the segment, the first by id (10)", 0},
    {"identity-key", 300, "FILE", 0, "The key of the runs, if they had one", 0},
    {"json", 'j', NULL, 0, "One JSON object", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case 'p': options->player = argument; return 0;
    case 'b': options->brand = argument; return 0;
    case 's': {
        char *end = NULL;
        errno = 0;
        const unsigned long number = strtoul(argument, &end, 10);
        if (errno != 0 || end == argument || *end != '\0' || argument[0] == '-' || number > SAMPLE_MOST) {
            argp_error(state, "`%s` is not a number of players: 0 to %d are possible", argument, SAMPLE_MOST);
        }
        options->sample = (uint32_t)number;
        return 0;
    }
    case 300: options->identity_key = argument; return 0;
    case 'j': options->json = true; return 0;
    case ARGP_KEY_ARG:
        if (options->segment != NULL) {
            argp_error(state, "one segment at a time: `%s` is a second one", argument);
        }
        options->segment = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->database == NULL) {
            argp_error(state, "name the database: --db FILE");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
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
    if (options->player != NULL) {
        const struct text brand = text_of(options->brand == NULL ? "" : options->brand);
        told = membership_why(engine, brand, text_of(options->player), segment, options->json, &out, &known);
    } else if (segment == PROGRAM_NONE) {
        told = membership_sizes(engine, options->json, &out);
    } else {
        told = membership_sample(engine, segment, options->sample, options->json, &out);
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
    struct buffer key = BUFFER_EMPTY;
    struct engine *engine = NULL;
    if (!replay_read_key(&key, options.identity_key) ||
        !replay_database(&engine, options.database, &key, (struct engine_sink){0})) {
        buffer_deinit(&key);
        return CLI_USAGE;
    }
    status = look(&options, engine);
    engine_close(engine);
    buffer_deinit(&key);
    return status;
}
