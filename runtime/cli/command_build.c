/*
 * promo build: campaign files to one bundle. The same files give the same bytes.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/store/trust.h"
#include "vm/decimal.h"
#include "vm/limits.h"

enum { KEY_SIGN = 300 };

struct options {
    const char *output;
    const char *before;
    const char *sign;
    struct cli_paths paths;
};

static const struct argp_option argp_options[] = {
    {"output", 'o', "FILE.pbc", 0, "Where the bundle goes; - is standard output", 0},
    {"against", 'a', "PATH", 0,
     "The version before, a bundle or campaign files: steps that were renamed or went missing are told", 0},
    {"sign", KEY_SIGN, "KEYFILE", 0, "Sign it with a key that `promo key new` made", 0},
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
    case KEY_SIGN: options->sign = argument; return 0;
    case 'a': options->before = argument; return 0;
    default: return cli_paths_key(&options->paths, key, state, "name a file or a folder to build");
    }
}

static int sign(struct buffer *out, const struct buffer *bundle, const char *path)
{
    struct buffer file = BUFFER_EMPTY;
    struct crypto_signing_key key;
    struct error error = ERROR_NONE;
    struct text name;
    int status = CLI_FINE;
    if (!cli_read_limited(&file, path, LIMIT_TRUST_FILE_BYTES)) {
        status = CLI_USAGE;
    } else if (trust_read_secret(&key, &name, buffer_as_text(&file), &error) != OK) {
        status = cli_fail(CLI_USAGE, "`%s`: %s", path, error.message);
    } else {
        if (signature_add(out, bundle->bytes, bundle->size, &key, &error) != OK)
            status = cli_fail(CLI_USAGE, "%s", error.message);
        crypto_wipe(&key, sizeof key);
    }
    if (file.size > 0) crypto_wipe(file.bytes, file.size);
    buffer_deinit(&file);
    return status;
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
    struct buffer signed_bundle = BUFFER_EMPTY;
    if (status == CLI_FINE && options.sign != NULL) {
        status = sign(&signed_bundle, &compile.output.bundle, options.sign);
    }
    if (status == CLI_FINE) {
        const struct text bytes = buffer_as_text(options.sign != NULL ? &signed_bundle : &compile.output.bundle);
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
    buffer_deinit(&signed_bundle);
    compile_release(&compile);
    return status;
}
