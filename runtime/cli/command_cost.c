/*
 * promo cost: what each campaign can spend at most, proven from its bytecode, and what bounds it.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/lab/spend_text.h"
#include "runtime/lab/value_text.h"

struct options {
    char **paths;
    unsigned count;
    bool json;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    (void)argument;
    switch (key) {
    case 'j': options->json = true; return 0;
    case ARGP_KEY_ARGS:
        options->paths = state->argv + state->next;
        options->count = (unsigned)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "name campaign files or a folder"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void print_text(struct buffer *out, const struct program *program)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        buffer_print(out, "\"%.*s\"\n", TEXT_ARGS(program_text(program, campaign->name)));
        spend_text_explain(out, program, i);
    }
    if (program->campaign_count == 0) buffer_string(out, "there is no campaign, so nothing is spent\n");
}

static void put_amount(struct buffer *out, const struct program *program, uint32_t currency, const char *name,
                       int64_t amount, const char *by)
{
    buffer_print(out, ",\"%s\":", name);
    if (amount < 0) {
        buffer_string(out, "null");
    } else {
        struct buffer words = BUFFER_EMPTY;
        value_text_print(&words, program, TYPE_MONEY, currency, amount, TEXT(""));
        buffer_json_text(out, buffer_as_text(&words));
        buffer_deinit(&words);
    }
    if (by != NULL) buffer_print(out, ",\"%s_by\":\"%s\"", name, by);
}

static void print_json(struct buffer *out, const struct program *program)
{
    buffer_string(out, "[");
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        const struct bundle_bound *bound = &program->bound[i];
        buffer_string(out, i == 0 ? "\n {\"campaign\":" : ",\n {\"campaign\":");
        buffer_json_text(out, program_text(program, campaign->name));
        put_amount(out, program, campaign->currency, "journey", bound->spend_journey, NULL);
        put_amount(out, program, campaign->currency, "player", bound->spend_player,
                   spend_text_word((enum bound_by)bound->player_by));
        put_amount(out, program, campaign->currency, "in_all", bound->spend_campaign,
                   spend_text_word((enum bound_by)bound->campaign_by));
        put_amount(out, program, campaign->currency, "run", bound->spend_run,
                   spend_text_word((enum bound_by)bound->run_by));
        buffer_u8(out, '}');
    }
    buffer_string(out, "\n]\n");
}

int command_cost(int argc, char **argv)
{
    static const struct argp_option argp_options[] = {{"json", 'j', NULL, 0, "one JSON array", 0}, {0}};
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH…",
        .doc =
            "Prints what each campaign can spend at most: in one journey, on one player, in one run or instance, and "
            "in all; what bounds it, or what is missing where nothing does. The figures are proven from the "
            "bytecode, and proven again by whoever loads the bundle.\v"
            "Exit status: 0 fine, 1 the files have errors, 2 wrong usage.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct compile compile;
    status = compile_paths(&compile, options.paths, options.count);
    if (status == CLI_INPUT) compile_report(&compile, DIAGNOSTIC_TEXT, stderr);
    if (status == CLI_FINE) {
        struct buffer out = BUFFER_EMPTY;
        if (options.json) {
            print_json(&out, &compile.output.program);
        } else {
            print_text(&out, &compile.output.program);
        }
        cli_print(stdout, &out);
        buffer_deinit(&out);
    }
    compile_release(&compile);
    return status;
}
