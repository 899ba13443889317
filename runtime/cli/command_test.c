/*
 * promo test: runs the tests that stand in campaign files and says in the author's words what did not hold.
 *
 * The running is runtime/lab/test_runner.c; this prints: text, JUnit XML or JSON.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/lab/test_runner.h"
#include "vm/decimal.h"

enum { ARENA_LIMIT = 1024 * 1024 * 1024 };
enum format { FORMAT_TEXT, FORMAT_JUNIT, FORMAT_JSON };

struct options {
    enum format format;
    const char *only;
    bool coverage;
    struct cli_paths paths;
};

static const struct argp_option argp_options[] = {
    {"format", 'f', "text|junit|json", 0, "How to print the results (text)", 0},
    {"only", 'n', "TEXT", 0, "Only tests whose name contains this text", 0},
    {"coverage", 'c', NULL, 0,
     "Also tell what no test reached: steps, effects, ends, and conditions that were never yes or never no", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'f':
        if (strcmp(argument, "text") == 0) {
            options->format = FORMAT_TEXT;
        } else if (strcmp(argument, "junit") == 0) {
            options->format = FORMAT_JUNIT;
        } else if (strcmp(argument, "json") == 0) {
            options->format = FORMAT_JSON;
        } else {
            argp_error(state, "`%s` is no format; it is text, junit or json", argument);
        }
        return 0;
    case 'n': options->only = argument; return 0;
    case 'c': options->coverage = true; return 0;
    case ARGP_KEY_END:
        if (options->coverage && options->format == FORMAT_JUNIT) {
            argp_error(state, "--coverage is told as text or json, not as junit");
        }
        return 0;
    default: return cli_paths_key(&options->paths, key, state, "name a file or a folder with tests");
    }
}

static void print_indented(struct buffer *out, struct text lines, const char *indent)
{
    uint32_t start = 0;
    while (start < lines.size) {
        const uint32_t end = text_find(lines, '\n', start);
        buffer_string(out, indent);
        buffer_text(out, text_slice(lines, start, end - start));
        buffer_string(out, "\n");
        start = end + 1;
    }
}

static void print_text(struct buffer *out, const struct test_result *result, bool colour)
{
    const struct compiled_test *test = result->test;
    if (result->failed == 0) {
        buffer_print(out, "%sok%s    %.*s\n", colour ? "\033[32m" : "", colour ? "\033[0m" : "", TEXT_ARGS(test->name));
        return;
    }
    buffer_print(out, "%sFAIL%s  %.*s\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", TEXT_ARGS(test->name));
    for (const struct test_failure *failure = result->failures; failure != NULL; failure = failure->next) {
        buffer_print(out, "  %.*s:%u: ", TEXT_ARGS(test->path), failure->line);
        buffer_text(out, text_trim(failure->words));
        buffer_string(out, "\n    expected: ");
        buffer_text(out, failure->expected);
        buffer_string(out, "\n    what happened:\n");
        print_indented(out, failure->happened, "      ");
    }
}

static void print_xml_text(struct buffer *out, struct text text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const char byte = text.at[i];
        switch (byte) {
        case '<': buffer_string(out, "&lt;"); break;
        case '>': buffer_string(out, "&gt;"); break;
        case '&': buffer_string(out, "&amp;"); break;
        case '"': buffer_string(out, "&quot;"); break;
        default: buffer_append(out, (unsigned char)byte < 0x20 && byte != '\n' && byte != '\t' ? "?" : &byte, 1); break;
        }
    }
}

static void print_junit(struct buffer *out, const struct test_result *result)
{
    buffer_string(out, "  <testcase classname=\"");
    print_xml_text(out, result->test->path);
    buffer_string(out, "\" name=\"");
    print_xml_text(out, result->test->name);
    if (result->failed == 0) {
        buffer_string(out, "\"/>\n");
        return;
    }
    buffer_string(out, "\">\n");
    for (const struct test_failure *failure = result->failures; failure != NULL; failure = failure->next) {
        buffer_string(out, "    <failure message=\"");
        print_xml_text(out, text_trim(failure->words));
        buffer_print(out, "\">line %u: expected ", failure->line);
        print_xml_text(out, failure->expected);
        buffer_string(out, "\n");
        print_xml_text(out, failure->happened);
        buffer_string(out, "</failure>\n");
    }
    buffer_string(out, "  </testcase>\n");
}

static void print_json(struct buffer *out, const struct test_result *result, bool first)
{
    buffer_string(out, first ? "" : ",");
    buffer_string(out, "\n    {\"name\":");
    buffer_json_text(out, result->test->name);
    buffer_string(out, ",\"file\":");
    buffer_json_text(out, result->test->path);
    buffer_print(out, ",\"line\":%u,\"passed\":%s,\"failures\":[", result->test->line,
                 result->failed == 0 ? "true" : "false");
    for (const struct test_failure *failure = result->failures; failure != NULL; failure = failure->next) {
        buffer_print(out, "%s{\"line\":%u,\"words\":", failure == result->failures ? "" : ",", failure->line);
        buffer_json_text(out, text_trim(failure->words));
        buffer_string(out, ",\"expected\":");
        buffer_json_text(out, failure->expected);
        buffer_string(out, ",\"happened\":");
        buffer_json_text(out, failure->happened);
        buffer_string(out, "}");
    }
    buffer_string(out, "]}");
}

/* ------------------------------------------------------------------ coverage */

struct missing {
    struct buffer *out;
    struct text path;
    bool json;
    bool first;
};

static void on_missing(void *context, uint32_t line, struct text words)
{
    struct missing *missing = context;
    struct buffer *out = missing->out;
    if (missing->json) {
        buffer_print(out, "%s{\"line\":%u,\"words\":", missing->first ? "" : ",", line);
        buffer_json_text(out, words);
        buffer_string(out, "}");
    } else if (line > 0) {
        buffer_print(out, "  %.*s:%u: %.*s\n", TEXT_ARGS(missing->path), line, TEXT_ARGS(words));
    } else {
        buffer_print(out, "  %.*s: %.*s\n", TEXT_ARGS(missing->path), TEXT_ARGS(words));
    }
    missing->first = false;
}

static void print_coverage(struct buffer *out, const struct coverage *coverage, const struct program *program,
                           bool json)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        const struct text name = program_text(program, campaign->name);
        const struct text path =
            campaign->file < program->file_count ? program_text(program, program->file[campaign->file].path) : TEXT("");
        const struct coverage_count count = coverage_of(coverage, i);
        struct missing missing = {.out = out, .path = path, .json = json, .first = true};
        if (json) {
            buffer_string(out, i == 0 ? "\n    {\"campaign\":" : ",\n    {\"campaign\":");
            buffer_json_text(out, name);
            buffer_print(out,
                         ",\"steps\":[%u,%u],\"effects\":[%u,%u],\"conditions\":[%u,%u],\"ends\":[%u,%u],\"missing\":[",
                         count.steps_reached, count.steps, count.effects_reached, count.effects, count.ways_reached,
                         count.ways, count.ends_reached, count.ends);
            coverage_missing(coverage, i, on_missing, &missing);
            buffer_string(out, "]}");
        } else {
            buffer_print(
                out,
                "coverage of \"%.*s\": %u of %u steps, %u of %u effects, %u of %u ways of conditions, %u of %u ends\n",
                TEXT_ARGS(name), count.steps_reached, count.steps, count.effects_reached, count.effects,
                count.ways_reached, count.ways, count.ends_reached, count.ends);
            coverage_missing(coverage, i, on_missing, &missing);
        }
    }
}

static bool is_wanted(const struct options *options, const struct compiled_test *test)
{
    if (options->only == NULL) {
        return true;
    }
    const struct text part = text_of(options->only);
    return part.size == 0 || memmem(test->name.at, test->name.size, part.at, part.size) != NULL;
}

static int run_tests(const struct options *options, const struct compiler_output *output)
{
    const struct text bundle = buffer_as_text(&output->bundle);
    const bool colour = options->format == FORMAT_TEXT && cli_colour(stdout);
    struct buffer out = BUFFER_EMPTY;
    uint32_t passed = 0;
    uint32_t failed = 0;
    struct arena kept;
    arena_init(&kept, ARENA_LIMIT);
    struct coverage *coverage = options->coverage ? coverage_new(&kept, &output->program) : NULL;
    if (options->coverage && coverage == NULL) {
        arena_deinit(&kept);
        return cli_fail(CLI_USAGE, "memory is out");
    }
    for (uint32_t i = 0; i < output->test_count; i++) {
        if (!is_wanted(options, &output->tests[i])) {
            continue;
        }
        struct arena arena;
        struct test_result result;
        struct error error = ERROR_NONE;
        arena_init(&arena, ARENA_LIMIT);
        if (test_run(&result, &output->tests[i], &output->program, bundle, coverage, &arena, &error) != OK) {
            arena_deinit(&arena);
            arena_deinit(&kept);
            buffer_deinit(&out);
            return cli_fail(CLI_USAGE, "the test `%.*s` could not be run: %s", TEXT_ARGS(output->tests[i].name),
                            error.message);
        }
        switch (options->format) {
        case FORMAT_TEXT: print_text(&out, &result, colour); break;
        case FORMAT_JUNIT: print_junit(&out, &result); break;
        case FORMAT_JSON: print_json(&out, &result, passed + failed == 0); break;
        }
        *(result.failed == 0 ? &passed : &failed) += 1;
        arena_deinit(&arena);
    }
    if (coverage != NULL && options->format == FORMAT_JSON) {
        buffer_string(&out, "\n  ],\n  \"coverage\": [");
    }
    if (coverage != NULL) {
        print_coverage(&out, coverage, &output->program, options->format == FORMAT_JSON);
    }
    arena_deinit(&kept);
    if (options->format == FORMAT_JUNIT) {
        printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"promo\" tests=\"%u\" failures=\"%u\">\n",
               passed + failed, failed);
    } else if (options->format == FORMAT_JSON) {
        printf("{\n  \"passed\": %u,\n  \"failed\": %u,\n  \"tests\": [", passed, failed);
    }
    cli_print(stdout, &out);
    buffer_deinit(&out);
    switch (options->format) {
    case FORMAT_TEXT: printf("%u passed, %u failed\n", passed, failed); break;
    case FORMAT_JUNIT: printf("</testsuite>\n"); break;
    case FORMAT_JSON: printf("\n  ]\n}\n"); break;
    }
    if (passed + failed == 0) {
        cli_fail(CLI_INPUT, "there is no test %s", options->only == NULL ? "in these files" : "with this name");
        cli_hint("a test begins with `test \"what it shows\"`; see spec/language.md");
        return CLI_INPUT;
    }
    return failed == 0 ? CLI_FINE : CLI_INPUT;
}

int command_test(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH…",
        .doc = "Runs the tests that stand in campaign files, each with an engine of its own and a virtual clock.\v"
               "Exit status: 0 all passed, 1 one failed (or there are mistakes in the files), 2 wrong usage.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct compile compile;
    status = compile_paths(&compile, options.paths.path, options.paths.count);
    if (status == CLI_INPUT) {
        compile_report(&compile, DIAGNOSTIC_TEXT, stderr);
    } else if (status == CLI_FINE) {
        status = run_tests(&options, &compile.output);
    }
    compile_release(&compile);
    return status;
}
