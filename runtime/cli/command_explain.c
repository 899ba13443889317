/*
 * promo explain: why did this player (not) get it, from a database: the log is folded again with every condition watched.
 */
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/lab/explain.h"

enum { ARENA_LIMIT = 1024 * 1024 * 1024 };

struct options {
    struct replay_options log;
    const char *campaign;
    bool all;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    REPLAY_PLAYER_ROWS("The player, as the platform writes it"),
    {"campaign", 'c', "NAME", 0, "Only this campaign", 0},
    {"all", 'a', NULL, 0, "Everything, also what came again and again and what is long ago", 0},
    REPLAY_JSON_ROW,
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'c': options->campaign = argument; return 0;
    case 'a': options->all = true; return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s` is not an option; name the database with --db and the player with --player", argument);
        return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL || options->log.player == NULL) {
            argp_error(state, "name the database and the player: --db FILE --player ID");
        }
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static bool has_campaign(const struct program *program, const char *name)
{
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        if (text_equal(program_text(program, program->campaign[i].name), text_of(name))) {
            return true;
        }
    }
    return false;
}

static bool has_brand(const struct program *program, const char *name)
{
    for (uint32_t i = 0; i < program->brand_count; i++) {
        if (text_equal(program_text(program, program->brand[i].name), text_of(name))) {
            return true;
        }
    }
    return name[0] == '\0';
}

static int unknown_brand(const struct program *program, const char *name)
{
    cli_fail(CLI_INPUT, "the workspace of this database has no brand `%s`", name);
    struct buffer list = BUFFER_EMPTY;
    for (uint32_t i = 0; i < program->brand_count; i++) {
        buffer_print(&list, "%s`%.*s`", i == 0 ? "" : ", ", TEXT_ARGS(program_text(program, program->brand[i].name)));
    }
    if (list.size == 0) {
        cli_hint("it has no brands at all; leave --brand out");
    } else {
        cli_hint("there is: %s", buffer_as_string(&list));
    }
    buffer_deinit(&list);
    return CLI_INPUT;
}

static int unknown_campaign(const struct program *program, const char *name)
{
    cli_fail(CLI_INPUT, "the program of this database has no campaign `%s`", name);
    for (uint32_t i = 0; i < program->campaign_count; i++) {
        const struct text candidate = program_text(program, program->campaign[i].name);
        if (text_distance(text_of(name), candidate, 3) <= 3) {
            cli_hint("did you mean `%.*s`?", TEXT_ARGS(candidate));
            return CLI_INPUT;
        }
    }
    cli_hint("leave --campaign out to see all of them");
    return CLI_INPUT;
}

static int explain(const struct options *options, struct arena *arena)
{
    struct explain *explain =
        explain_new(arena, text_of(options->log.player), text_of(options->log.brand), text_of(options->campaign));
    if (explain == NULL) {
        return cli_fail(CLI_USAGE, "memory is out");
    }
    struct engine *engine = NULL;
    if (!replay_open(&engine, &options->log, explain_sink(explain))) {
        return CLI_USAGE;
    }
    int status = CLI_FINE;
    const struct program *program = engine_program(engine);
    if (options->campaign != NULL && program != NULL && !has_campaign(program, options->campaign)) {
        status = unknown_campaign(program, options->campaign);
    } else if (options->log.brand != NULL && program != NULL && !has_brand(program, options->log.brand)) {
        status = unknown_brand(program, options->log.brand);
    } else {
        struct buffer out = BUFFER_EMPTY;
        const enum explain_form form = options->log.json ? EXPLAIN_JSON : options->all ? EXPLAIN_ALL : EXPLAIN_SHORT;
        if (!explain_render(explain, engine, form, &out)) {
            status = cli_fail(CLI_USAGE, "memory is out");
        } else {
            cli_print(stdout, &out);
            status = explain_player_seen(explain) ? CLI_FINE : CLI_INPUT;
        }
        buffer_deinit(&out);
    }
    engine_close(engine);
    return status;
}

int command_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE --player ID",
        .doc = "Says why a player did or did not get something: each journey step by step, each condition that was "
               "judged with its line, the value it "
               "read and yes or no, each refusal with its reason, and what would have to differ (tried out before it "
               "is said).\v"
               "It folds the database's log again from its beginning and changes nothing.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) {
        return status;
    }
    struct arena arena;
    arena_init(&arena, ARENA_LIMIT);
    status = explain(&options, &arena);
    arena_deinit(&arena);
    return status;
}
