/*
 * promo fmt: the one canonical form. Files are rewritten in place, whole or not at all; standard input goes to standard output.
 */
#include "compiler/format.h"
#include "compiler/parser.h"
#include "runtime/cli/cli.h"

enum { ARENA_LIMIT = 256 * 1024 * 1024 };

struct options {
    bool check;
    bool is_explicit;
    struct cli_paths paths;
};

static const struct argp_option argp_options[] = {
    {"check", 'c', NULL, 0, "Change nothing; name the files that are not in canonical form and exit with 1", 0},
    {"explicit", 'e', NULL, 0, "Write the defaults that the author left out", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    (void)argument;
    switch (key) {
    case 'c': options->check = true; return 0;
    case 'e': options->is_explicit = true; return 0;
    default: return cli_paths_key(&options->paths, key, state, "name a file or a folder, or - for standard input");
    }
}

/* Formats one file; its messages go to standard error. */
static int format_file(const struct cli_file *file, const struct options *options)
{
    struct arena arena;
    arena_init(&arena, ARENA_LIMIT);
    struct source_set sources;
    struct diagnostic_list diagnostics;
    struct source *source = NULL;
    struct buffer out = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    int status = CLI_FINE;
    source_set_init(&sources, &arena);
    if (source_set_add(&source, &sources, file->path, file->bytes, &error) != OK) {
        status = cli_fail(CLI_INPUT, "`%.*s`: %s", TEXT_ARGS(file->path), error.message);
        goto done;
    }
    diagnostics_init(&diagnostics, &arena, &sources);
    const struct ast_file *tree = parser_parse(source, &arena, &diagnostics);
    if (tree == NULL) {
        status = cli_fail(CLI_USAGE, "`%.*s` does not fit into memory", TEXT_ARGS(file->path));
        goto done;
    }
    if (diagnostics.error_count > 0) {
        diagnostics_render(&diagnostics, cli_colour(stderr) ? DIAGNOSTIC_TEXT_COLOUR : DIAGNOSTIC_TEXT, &out);
        cli_print(stderr, &out);
        status = CLI_INPUT;
        goto done;
    }
    const struct format_options style = {.is_explicit = options->is_explicit};
    if (format_source(&out, source, &arena, style, &error) != OK) {
        status = cli_fail(CLI_USAGE, "`%.*s`: %s", TEXT_ARGS(file->path), error.message);
        goto done;
    }
    const bool from_stdin = text_equal(file->path, TEXT("standard input"));
    const bool same = text_equal(buffer_as_text(&out), file->bytes);
    char path[4096];
    snprintf(path, sizeof path, "%.*s", TEXT_ARGS(file->path));
    if (options->check) {
        if (!same) {
            fprintf(stderr, "%s: not in canonical form; `promo fmt %s` mends it\n", path, path);
            status = CLI_INPUT;
        }
    } else if (from_stdin) {
        status = cli_write("-", buffer_as_text(&out)) ? CLI_FINE : CLI_USAGE;
    } else if (!same) {
        status = cli_write(path, buffer_as_text(&out)) ? CLI_FINE : CLI_USAGE;
        if (status == CLI_FINE) {
            fprintf(stderr, "%s: formatted\n", path);
        }
    }
done:
    buffer_deinit(&out);
    arena_deinit(&arena);
    return status;
}

int command_fmt(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH…",
        .doc = "Puts campaign files into the one canonical form; comments are kept. A file with mistakes is left as it "
               "is and told.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct cli_files files;
    if (!cli_files_read(&files, options.paths.path, options.paths.count)) {
        cli_files_release(&files);
        return CLI_USAGE;
    }
    for (uint32_t i = 0; i < files.count; i++) {
        const int one = format_file(&files.file[i], &options);
        status = one > status ? one : status;
    }
    cli_files_release(&files);
    return status;
}
