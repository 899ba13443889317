/*
 * promo stdlib: the standard library as it is embedded in the program.
 */
#include "compiler/stdlib_files.h"
#include "runtime/cli/cli.h"

struct options {
    const char *name;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (options->name != NULL) {
            argp_error(state, "name one part at a time");
        }
        options->name = argument;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* "stdlib/events.promo" is called "events". */
static struct text part_name(const struct stdlib_file *file)
{
    struct text name = text_of(file->name);
    if (text_starts_with(name, TEXT("stdlib/"))) {
        name = text_slice(name, 7, name.size - 7);
    }
    if (text_ends_with(name, TEXT(".promo"))) {
        name.size -= 6;
    }
    return name;
}

/* The first comment line of the file, as its summary. */
static struct text first_comment(const struct stdlib_file *file)
{
    const struct text all = {.at = file->bytes, .size = file->size};
    if (all.size == 0 || all.at[0] != '#') {
        return TEXT("");
    }
    return text_trim(text_slice(all, 1, text_find(all, '\n', 0) - 1));
}

static void hint(struct text wanted)
{
    for (unsigned i = 0; i < stdlib_file_count; i++) {
        const struct text name = part_name(&stdlib_files[i]);
        if (text_distance(wanted, name, 2) <= 2) {
            cli_hint("did you mean `promo stdlib %.*s`?", TEXT_ARGS(name));
            return;
        }
    }
    cli_hint("`promo stdlib` lists the parts");
}

int command_stdlib(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_option,
        .args_doc = "[NAME]",
        .doc = "Lists the parts of the standard library, or prints one. A workspace takes a part with a line such as "
               "`use events`.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    for (unsigned i = 0; i < stdlib_file_count; i++) {
        const struct text name = part_name(&stdlib_files[i]);
        if (options.name == NULL) {
            printf("%-12.*s %.*s\n", TEXT_ARGS(name), TEXT_ARGS(first_comment(&stdlib_files[i])));
        } else if (text_equal(name, text_of(options.name))) {
            fwrite(stdlib_files[i].bytes, 1, stdlib_files[i].size, stdout);
            return CLI_FINE;
        }
    }
    if (options.name != NULL) {
        status = cli_fail(CLI_USAGE, "the standard library has no part `%s`", options.name);
        hint(text_of(options.name));
    }
    return status;
}
