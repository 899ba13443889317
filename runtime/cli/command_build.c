/*
 * promo build: campaign files to one bundle. The same files give the same bytes.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "vm/decimal.h"

struct options {
    const char *output;
    const char *before;
    struct cli_paths paths;
};

static const struct argp_option argp_options[] = {
    {"output", 'o', "FILE.pbc", 0, "Where the bundle goes; - is standard output", 0},
    {"against", 'a', "PATH", 0,
     "The version before, a bundle or campaign files: steps that were renamed or went missing are told", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'o': options->output = argument; return 0;
    case ARGP_KEY_END:
        if (options->output == NULL) {
            argp_error(state, "say where the bundle goes: -o FILE.pbc");
        }
        return 0;
    case 'a': options->before = argument; return 0;
    default: return cli_paths_key(&options->paths, key, state, "name a file or a folder to build");
    }
}

int command_build(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH… -o FILE.pbc",
        .doc = "Compiles campaign files into one bundle, proves it and writes it whole or not at all. Builds are "
               "reproducible byte for byte.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct compile compile;
    status = compile_paths_against(&compile, options.paths.path, options.paths.count, options.before);
    if (status == CLI_FINE || status == CLI_INPUT) {
        compile_report(&compile, DIAGNOSTIC_TEXT, stderr);
    }
    if (status == CLI_FINE) {
        const struct text bytes = buffer_as_text(&compile.output.bundle);
        if (!cli_write(options.output, bytes)) {
            status = CLI_USAGE;
        } else if (strcmp(options.output, "-") != 0) {
            struct buffer out = BUFFER_EMPTY;
            buffer_print(&out, "%s: ", options.output);
            decimal_print_count(&out, compile.output.program.campaign_count, "campaign");
            buffer_string(&out, ", ");
            decimal_print_count(&out, compile.output.program.instruction_count, "instruction");
            buffer_string(&out, ", ");
            decimal_print_count(&out, bytes.size, "byte");
            buffer_string(&out, "\n");
            cli_print(stderr, &out);
            buffer_deinit(&out);
        }
    }
    compile_release(&compile);
    return status;
}
