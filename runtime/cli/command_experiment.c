/*
 * promo experiment: what the arms of a campaign's splits have done, and whether it is more than chance; the same for a `hold out`.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/lab/experiment_report.h"

struct options {
    struct replay_options log;
    const char *database, *identity_key, *split, *hold_out, *campaign;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    {"split", 's', "NAME", 0, "Only this split of the campaign", 0},
    {"holdout", 'o', "NAME", 0, "Instead of a campaign: a `hold out … by NAME` of the policies, over all campaigns", 0},
    REPLAY_JSON_ROW,
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 's': options->split = argument; return 0;
    case 'o': options->hold_out = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->campaign != NULL) argp_error(state, "name one campaign; quote a name with blanks");
        options->campaign = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL) argp_error(state, "name the database: --db FILE");
        if ((options->campaign == NULL) == (options->hold_out == NULL))
            argp_error(state, "name a campaign, or a hold out: --holdout NAME");
        if (options->hold_out != NULL && options->split != NULL)
            argp_error(state, "--split is of a campaign, not of a hold out");
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static int none(const struct experiment_cells *cells, const struct options *options)
{
    const char *name = options->hold_out != NULL ? options->hold_out : options->campaign;
    int status = cli_fail(CLI_USAGE, "nobody was counted for `%s`%s%s", name, options->split != NULL ? " in " : "",
                          options->split != NULL ? options->split : "");
    for (uint32_t i = 0; i < cells->count; i++) {
        const struct engine_cell *cell = &cells->cell[i];
        if (cell->kind == ENGINE_CELL_ENTRIES) continue;
        bool hold_out = cell->kind == ENGINE_CELL_HOLD_OUT;
        if (hold_out && cell->campaign.size == 0)
            cli_hint("there is the hold out `%.*s`", TEXT_ARGS(cell->split));
        else if (!hold_out)
            cli_hint("there is `%.*s` with `%.*s`", TEXT_ARGS(cell->campaign), TEXT_ARGS(cell->split));
        while (i + 1 < cells->count && text_equal(cells->cell[i + 1].split, cell->split)) i++;
    }
    return status;
}

static int show(const struct options *options)
{
    static const struct text nothing = {"", 0};
    struct engine *engine = NULL;
    if (!replay_open(&engine, &options->log, (struct engine_sink){0})) return CLI_USAGE;
    struct experiment_cells cells = {0};
    engine_experiments(engine, experiment_cells_add, &cells);
    engine_close(engine);
    struct experiment_choice choice = {
        .campaign = options->campaign != NULL ? text_of(options->campaign) : nothing,
        .split = options->split != NULL ? text_of(options->split) : nothing,
        .hold_out = options->hold_out != NULL ? text_of(options->hold_out) : nothing,
    };
    struct buffer out = BUFFER_EMPTY;
    int status = CLI_FINE;
    if (!experiment_report(&cells, choice, options->log.json, &out)) status = none(&cells, options);
    if (cells.failed || !buffer_ok(&out))
        status = cli_fail(CLI_USAGE, "memory is out");
    else
        cli_print(stdout, &out);
    buffer_deinit(&out);
    experiment_cells_release(&cells);
    return status;
}

int command_experiment(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "CAMPAIGN --db FILE",
        .doc =
            "Shows, for each arm of the campaign's splits, how many players it has, what they have done by the "
            "campaign's named "
            "goals and measures, and whether that differs from the control by more than chance: lift with a 95% "
            "interval, "
            "chi-square and Welch's t. Sizes of arms that do not fit their shares are an alarm, and then no arm is "
            "compared.\v"
            "The control is the arm named holdout or control, otherwise the first. It folds the database's log again "
            "from its beginning and changes nothing.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    return show(&options);
}
