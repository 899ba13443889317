/*
 * promo verify: proves that a bundle is safe to run, as the runtime does before it runs one.
 */
#include "runtime/cli/cli.h"
#include "vm/bundle.h"
#include "vm/decimal.h"
#include "vm/verify.h"

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    char ***paths = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_ARGS: *paths = state->argv + state->next; return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "name a bundle"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int verify_file(const char *path)
{
    struct buffer bytes = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct program program;
    int status = CLI_USAGE;
    if (!cli_read(&bytes, path)) {
        goto done;
    }
    if (bundle_open(&program, bytes.bytes, bytes.size, &error) != OK || verify_program(&program, &error) != OK) {
        status = cli_fail(CLI_INPUT, "`%s` is refused: %s", path, error.message);
        cli_hint("build it again from its source with `promo build`");
        goto done;
    }
    struct buffer out = BUFFER_EMPTY;
    buffer_print(&out, "%s: proven safe; ", path);
    decimal_print_count(&out, program.campaign_count, "campaign");
    buffer_string(&out, ", ");
    decimal_print_count(&out, program.instruction_count, "instruction");
    buffer_print(&out, "; zone rules %.*s\n", TEXT_ARGS(program_text(&program, program.workspace->zone_version)));
    for (uint32_t i = 0; i < program.campaign_count; i++) {
        const struct bundle_campaign *campaign = &program.campaign[i];
        buffer_print(&out, "  \"%.*s\" meaning %016llx%016llx\n", TEXT_ARGS(program_text(&program, campaign->name)),
                     (unsigned long long)campaign->semantic_0, (unsigned long long)campaign->semantic_1);
    }
    cli_print(stdout, &out);
    buffer_deinit(&out);
    cli_zones(path, &program);
    status = CLI_FINE;
done:
    buffer_deinit(&bytes);
    return status;
}

int command_verify(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_option,
        .args_doc = "FILE.pbc…",
        .doc = "Reads a bundle, checks every field and proves its code: no instruction can leave its memory, overflow, "
               "go back or make more effects "
               "than stated, and the bounds on what it can spend are right. A refused bundle never runs. The meaning "
               "of a campaign is what its running journeys are pinned to: comments, layout "
               "and message bodies do not change it.",
    };
    char **paths = NULL;
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &paths, &status)) {
        return status;
    }
    for (; *paths != NULL; paths++) {
        const int one = verify_file(*paths);
        status = one > status ? one : status;
    }
    return status;
}
