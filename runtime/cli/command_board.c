/*
 * promo board: who leads a tournament, or who won it, from a database.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/engine/board_view.h"
#include "vm/civil.h"
#include "vm/decimal.h"

struct options {
    struct replay_options log;
    const char *name;
    const char *started;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    REPLAY_PLAYER_ROWS("Also this player's own place"),
    {"started", 's', "INSTANT", 0, "Of the instance that started then (2026-06-15T10:00:00Z); otherwise the last one",
     0},
    REPLAY_JSON_ROW,
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 's': options->started = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->name != NULL) argp_error(state, "name one tournament");
        options->name = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->log.database == NULL || options->name == NULL)
            argp_error(state, "name the tournament and the database: \"NAME\" --db FILE");
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static void put_instant(struct buffer *out, const char *words, int64_t instant)
{
    char text[CIVIL_INSTANT_SIZE];
    civil_format_instant(text, instant);
    buffer_print(out, "%s%s", words, text);
}

static void put_place(struct buffer *out, const struct board_view *view, const struct board_place *place, bool own)
{
    char code[4] = "";
    memcpy(code, view->currency.at, view->currency.size < 3 ? view->currency.size : 3);
    buffer_print(out, "%7u  ", place->place);
    if (own) {
        buffer_text(out, place->player);
    } else {
        board_view_name(out, view, place->player);
    }
    buffer_string(out, "  ");
    decimal_print(out, place->score, DECIMAL_MILLIONTHS, DECIMAL_GROUPS | DECIMAL_TRIM);
    buffer_string(out, place->score == DECIMAL_ONE ? " point" : " points");
    if (place->prize > 0) {
        buffer_string(out, ", ");
        decimal_print_money(out, place->prize, code);
    }
    if (place->has_last) put_instant(out, ", last ", place->last);
    buffer_u8(out, '\n');
}

struct look {
    const struct options *options;
    struct buffer out;
};

static void take(void *context, const struct board_view *view)
{
    struct look *look = context;
    struct buffer *out = &look->out;
    if (look->options->log.json) {
        board_view_json(out, view);
        return;
    }
    buffer_print(out, "\"%.*s\"", TEXT_ARGS(view->name));
    if (view->state == BOARD_NONE) {
        buffer_string(out, ": no instance yet\n");
        return;
    }
    put_instant(out, " from ", view->start);
    put_instant(out, " until ", view->end);
    put_instant(out,
                view->state == BOARD_RUNNING || view->state == BOARD_ENDED ? ", to be settled at " : ", settled at ",
                view->settles);
    buffer_print(out, ": %s\n", board_view_state(view->state));
    decimal_print_count(out, view->players, "player");
    buffer_print(out, ", %u with a point\n", view->field);
    for (uint32_t i = 0; i < view->count; i++) put_place(out, view, &view->place[i], false);
    if (look->options->log.player == NULL) return;
    if (!view->has_own) {
        buffer_print(out, "`%s` has no place\n", look->options->log.player);
        return;
    }
    buffer_string(out, "own place\n");
    put_place(out, view, &view->own, true);
}

static int show(const struct options *options, struct engine *engine)
{
    struct look look = {.options = options};
    struct error error = ERROR_NONE;
    int64_t started = INT64_MIN;
    if (engine_program(engine) == NULL) return cli_fail(CLI_INPUT, "no program was ever activated in this database");
    if (options->started != NULL && civil_parse_instant(&started, text_of(options->started), &error) != OK)
        return cli_fail(CLI_USAGE, "`%s` is no instant; write one such as 2026-06-15T10:00:00Z", options->started);
    enum status status = board_view(
        engine, text_of(options->name), started, text_of(options->log.brand == NULL ? "" : options->log.brand),
        text_of(options->log.player == NULL ? "" : options->log.player), engine_now(engine), take, &look, &error);
    bool told = buffer_ok(&look.out);
    if (status == OK && told) cli_print(stdout, &look.out);
    buffer_deinit(&look.out);
    if (status == STATUS_NOT_FOUND) return cli_fail(CLI_INPUT, "%s", error.message);
    return status == OK && told ? CLI_FINE : cli_fail(CLI_USAGE, "memory is out");
}

int command_board(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "NAME --db FILE",
        .doc = "Says who leads a tournament: the first places with their points and what they would win now; after the "
               "settlement who won. With --player also that player's own place.\v"
               "Names are masked where the tournament says so, but the own one. It folds the database's log again from "
               "its beginning and changes nothing. All is as of the log's last instant.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct engine *engine = NULL;
    if (!replay_open(&engine, &options.log, (struct engine_sink){0})) return CLI_USAGE;
    status = show(&options, engine);
    engine_close(engine);
    return status;
}
