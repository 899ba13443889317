/*
 * promo disasm: what is in a bundle, down to its instructions.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "vm/bundle.h"
#include "vm/disassemble.h"

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    const char **path = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (*path != NULL) {
            argp_error(state, "name one bundle at a time");
        }
        *path = argument;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "name a bundle, or campaign files to compile"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int command_disasm(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_option,
        .args_doc = "FILE.pbc|PATH",
        .doc = "Shows what is in a bundle: its vocabulary, campaigns, states and bounds, and its code with the "
               "author's lines. Campaign files are compiled "
               "on the spot. A bundle that cannot be read is told; it need not be proven to be shown.",
    };
    const char *path = NULL;
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &path, &status)) {
        return status;
    }
    struct buffer bytes = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct program program;
    status = compile_bundle(&bytes, path);
    if (status == CLI_FINE && bundle_open(&program, bytes.bytes, bytes.size, &error) != OK) {
        status = cli_fail(CLI_INPUT, "`%s` is refused: %s", path, error.message);
    } else if (status == CLI_FINE) {
        disassemble(&out, &program);
        cli_print(stdout, &out);
    }
    buffer_deinit(&out);
    buffer_deinit(&bytes);
    return status;
}
