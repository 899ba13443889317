/*
 * promo terms: the player-facing terms of offers, made from the source, by locale.
 */
#include <stdlib.h>

#include "runtime/channels/terms.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "vm/bundle.h"
#include "vm/verify.h"

struct options {
    const char *path, *offer, *campaign, *locale;
    enum terms_format format;
};

static const struct argp_option argp_options[] = {
    {"offer", 'o', "NAME", 0, "Only this offer", 0},
    {"campaign", 'c', "NAME", 0, "Only offers of this campaign", 0},
    {"locale", 'l', "LOCALE", 0, "In this language: en (the default) or de", 0},
    {"format", 'f', "FORM", 0, "text (the default), md, html or json", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const forms[] = {"text", "md", "html", "json"};
    struct options *options = state->input;
    switch (key) {
    case 'o': options->offer = argument; return 0;
    case 'c': options->campaign = argument; return 0;
    case 'l': options->locale = argument; return 0;
    case 'f':
        for (int i = 0; i < 4; i++) {
            if (strcmp(forms[i], argument) != 0) continue;
            options->format = (enum terms_format)i;
            return 0;
        }
        argp_error(state, "`%s` is no form: text, md, html and json are", argument);
        return 0;
    case ARGP_KEY_ARG:
        if (options->path != NULL) argp_error(state, "one project at a time: `%s` is a second one", argument);
        options->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->path == NULL) argp_error(state, "name the project or bundle");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int write_terms(const struct options *options, const struct program *program)
{
    const struct text locale = text_of(options->locale != NULL ? options->locale : "en");
    const struct text language = text_slice(locale, 0, text_find(locale, '-', 0));
    bool known = false;
    for (unsigned i = 0; terms_language(i).size > 0; i++) known = known || text_equal(terms_language(i), language);
    if (!known) {
        cli_fail(CLI_USAGE, "there are no words for terms in `%s`", options->locale);
        cli_hint("there are: en, de");
        return CLI_USAGE;
    }
    struct buffer out = BUFFER_EMPTY;
    uint32_t count = 0;
    if (options->format == TERMS_JSON) buffer_string(&out, "[");
    for (uint32_t i = 0; i < program->term_count; i++) {
        const struct bundle_term *term = &program->term[i];
        const struct bundle_term *before = i > 0 ? &program->term[i - 1] : NULL;
        if (before != NULL && before->campaign == term->campaign && before->offer == term->offer) continue;
        const struct text campaign = program_text(program, program->campaign[term->campaign].name);
        if (options->offer != NULL &&
            !text_equal(program_text(program, program->offer[term->offer].name), text_of(options->offer)))
            continue;
        if (options->campaign != NULL && !text_equal(campaign, text_of(options->campaign))) continue;
        if (count++ > 0) buffer_string(&out, options->format == TERMS_JSON ? "," : "\n");
        terms_write(&out, program, term->campaign, term->offer, locale, options->format);
    }
    if (options->format == TERMS_JSON) buffer_string(&out, "]\n");
    int status = CLI_FINE;
    if (count == 0 && (options->offer != NULL || options->campaign != NULL))
        status = cli_fail(CLI_INPUT, "no campaign credits such an offer");
    else
        cli_print(stdout, &out);
    buffer_deinit(&out);
    return status;
}

int command_terms(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH",
        .doc = "Writes the terms of each offer that a campaign credits, as players read them: what is given, what has "
               "to be wagered "
               "and with which games, how long, how often, for whom. They are made from the source, so they say what "
               "the campaign does.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct buffer bundle = BUFFER_EMPTY;
    struct program program;
    struct error error = ERROR_NONE;
    status = compile_bundle(&bundle, options.path);
    if (status == CLI_FINE) {
        if (bundle_open(&program, bundle.bytes, bundle.size, &error) != OK || verify_program(&program, &error) != OK)
            status = cli_fail(CLI_INPUT, "`%s` is refused: %s", options.path, error.message);
        else
            status = write_terms(&options, &program);
    }
    buffer_deinit(&bundle);
    return status;
}
