/*
 * promo check: what is wrong in campaign files; where nothing is, what the campaigns can spend at most.
 *
 * Next: runtime/cli/compile.h, which all commands that take campaign files share.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/cli/metric_sizes.h"
#include "runtime/lab/codes_text.h"
#include "runtime/lab/segment_reads.h"
#include "runtime/lab/spend_text.h"
#include "vm/decimal.h"

struct options {
    enum diagnostic_style style;
    bool deny_warnings;
    bool metrics;
    const char *before;
    struct cli_paths paths;
};

static const struct argp_option argp_options[] = {
    {"format", 'f', "text|json|sarif", 0, "How to print the messages (text)", 0},
    {"deny-warnings", 'W', NULL, 0, "Exit with 1 where there are warnings, too", 0},
    {"metrics", 'm', NULL, 0, "Show what each metric keeps for a player, at most", 0},
    {"against", 'a', "PATH", 0,
     "The version before, a bundle or campaign files: steps that were renamed or went missing are told", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'f':
        if (strcmp(argument, "text") == 0) {
            options->style = DIAGNOSTIC_TEXT;
        } else if (strcmp(argument, "json") == 0) {
            options->style = DIAGNOSTIC_JSON;
        } else if (strcmp(argument, "sarif") == 0) {
            options->style = DIAGNOSTIC_SARIF;
        } else {
            argp_error(state, "`%s` is no format; it is text, json or sarif", argument);
        }
        return 0;
    case 'W': options->deny_warnings = true; return 0;
    case 'm': options->metrics = true; return 0;
    case 'a': options->before = argument; return 0;
    default: return cli_paths_key(&options->paths, key, state, "name a file or a folder to check");
    }
}

static bool has_credit(const struct program *program, const struct bundle_campaign *campaign)
{
    for (uint32_t i = 0; i < campaign->effect_count; i++) {
        if (program->effect[campaign->effect_first + i].kind == ACT_CREDIT) {
            return true;
        }
    }
    return false;
}

static void print_summary(const struct compiler_output *output, bool metrics)
{
    const struct program *program = &output->program;
    struct buffer out = BUFFER_EMPTY;
    buffer_string(&out, "ok: ");
    decimal_print_count(&out, program->campaign_count, "campaign");
    buffer_string(&out, ", ");
    decimal_print_count(&out, output->test_count, "test");
    if (output->diagnostics.warning_count > 0) {
        buffer_string(&out, ", ");
        decimal_print_count(&out, output->diagnostics.warning_count, "warning");
    }
    buffer_string(&out, "\n");
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        buffer_string(&out, "  \"");
        buffer_text(&out, program_text(program, campaign->name));
        if (!has_credit(program, campaign)) {
            buffer_string(&out, "\" credits nothing\n");
            continue;
        }
        if (program->bound[i].spend_player == 0) {
            buffer_string(&out, "\" credits nothing that costs money\n");
            continue;
        }
        buffer_string(&out, "\" can spend at most ");
        spend_text_print(&out, program, i, program->bound[i].spend_player, SCOPE_PLAYER, "", "any amount");
        buffer_string(&out, " on a player, ");
        spend_text_print(&out, program, i, program->bound[i].spend_campaign, SCOPE_TOTAL, "", "any amount");
        buffer_string(&out, " in all\n");
    }
    codes_text_print(&out, program);
    if (!segment_reads_print(&out, program)) {
        (void)cli_fail(CLI_USAGE, "memory is out");
    }
    metric_sizes_print(&out, program, metrics);
    cli_print(stdout, &out);
    buffer_deinit(&out);
}

int command_check(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH…",
        .doc =
            "Tells what is wrong in campaign files: code, place, the line with a caret, and how to mend it. Where "
            "nothing is wrong it prints "
            "what each campaign can spend at most, proven from its bytecode, and what its metrics keep for a player.\v"
            "Exit status: 0 nothing is wrong, 1 there are errors (or, with --deny-warnings, warnings), 2 wrong usage.",
    };
    struct options options = {.style = DIAGNOSTIC_TEXT};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct compile compile;
    status = compile_paths_against(&compile, options.paths.path, options.paths.count, options.before);
    if (status == CLI_FINE || status == CLI_INPUT) {
        compile_report(&compile, options.style, options.style == DIAGNOSTIC_TEXT ? stderr : stdout);
        if (status == CLI_FINE && options.style == DIAGNOSTIC_TEXT) {
            print_summary(&compile.output, options.metrics);
        }
        if (options.deny_warnings && compile.output.diagnostics.warning_count > 0) {
            status = CLI_INPUT;
        }
    }
    compile_release(&compile);
    return status;
}
