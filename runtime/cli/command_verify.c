/*
 * promo verify: proves that a bundle is safe to run, as the runtime does before it runs one.
 */
#include <time.h>

#include "runtime/cli/cli.h"
#include "runtime/store/trust.h"
#include "vm/bundle.h"
#include "vm/decimal.h"
#include "vm/limits.h"
#include "vm/verify.h"

struct options {
    char **paths;
    const char *trust;
};

static const struct argp_option argp_options[] = {
    {"trust", 't', "FILE", 0, "Public keys, one a line; a bundle that none of them signed is refused", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 't': options->trust = argument; return 0;
    case ARGP_KEY_ARGS: options->paths = state->argv + state->next; return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "name a bundle"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool read_trust(struct trust **out, const char *path)
{
    struct buffer file = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    bool fine = cli_read_limited(&file, path, LIMIT_TRUST_FILE_BYTES);
    if (fine && trust_open(out, buffer_as_text(&file), &error) != OK) {
        cli_fail(CLI_USAGE, "`%s`, %s", path, error.message);
        fine = false;
    }
    buffer_deinit(&file);
    return fine;
}

static bool judge(const char *path, const struct buffer *bytes, const struct trust *trust, const struct trust_key **who)
{
    struct error error = ERROR_NONE;
    if (trust == NULL || trust_judge(trust, bytes->bytes, bytes->size, (int64_t)time(NULL) * 1000, who, &error) == OK) {
        return true;
    }
    cli_fail(CLI_INPUT, "`%s` is refused: %s", path, error.message);
    return false;
}

/* Who signed: by name where that was checked. */
static void put_signer(struct buffer *out, const struct buffer *bytes, const struct trust_key *who)
{
    struct signature signature;
    char id[2 * SIGNATURE_KEY_ID_SIZE + 1];
    if (signature_find(&signature, bytes->bytes, bytes->size, NULL) != OK) {
        buffer_string(out, "  not signed\n");
        return;
    }
    crypto_hex(id, signature.key_id.bytes, sizeof signature.key_id.bytes);
    if (who != NULL) {
        buffer_print(out, "  signed by \"%.*s\", key %s\n", TEXT_ARGS(who->name), id);
    } else {
        buffer_print(out, "  says that key %s signed it; --trust FILE checks that\n", id);
    }
}

static int verify_file(const char *path, const struct trust *trust)
{
    const struct trust_key *who = NULL;
    struct buffer bytes = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    struct program program;
    int status = CLI_USAGE;
    if (!cli_read_limited(&bytes, path, LIMIT_BUNDLE_BYTES)) {
        goto done;
    }
    if (!judge(path, &bytes, trust, &who)) {
        status = CLI_INPUT;
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
    put_signer(&out, &bytes, who);
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
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "FILE.pbc…",
        .doc = "Reads a bundle, checks every field and proves its code: no instruction can leave its memory, overflow, "
               "go back or make more effects "
               "than stated, and the bounds on what it can spend are right. A refused bundle never runs. The meaning "
               "of a campaign is what its running journeys are pinned to: comments, layout "
               "and message bodies do not change it.",
    };
    struct options options = {0};
    struct trust *trust = NULL;
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    if (options.trust != NULL && !read_trust(&trust, options.trust)) {
        return CLI_USAGE;
    }
    for (char **path = options.paths; *path != NULL; path++) {
        const int one = verify_file(*path, trust);
        status = one > status ? one : status;
    }
    trust_close(trust);
    return status;
}
