/*
 * promo clock: where a database's time stands beside this machine's clock, and a person's word that a clock which jumped is right.
 * What a service does with its clock: runtime/store/promo_clock.c.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/cli/cli.h"
#include "runtime/store/promo_parts.h"
#include "runtime/store/sqlite_store.h"
#include "vm/civil.h"
#include "vm/decimal.h"

enum { KEY_BY = 400, KEY_AT };

struct options {
    const char *word, *database, *by, *at;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of the service", 0},
    {"by", KEY_BY, "NAME", 0, "accept: who says so; for the audit", 0},
    {"at", KEY_AT, "MOMENT", 0, "The moment that is right, such as 2026-06-10T21:30:00Z; otherwise this machine's", 0},
    {0},
};

static bool is_accept(const struct options *options)
{
    return options->word != NULL && strcmp(options->word, "accept") == 0;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case KEY_BY: options->by = argument; return 0;
    case KEY_AT: options->at = argument; return 0;
    case ARGP_KEY_ARG:
        if (options->word != NULL) argp_error(state, "`%s` is one word too many", argument);
        options->word = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->word == NULL || (strcmp(options->word, "show") != 0 && !is_accept(options)))
            argp_error(state, "say what to do: show or accept");
        if (options->database == NULL) argp_error(state, "name the database: --db FILE");
        if (is_accept(options) != (options->by != NULL))
            argp_error(state, is_accept(options) ? "say who accepts it: --by NAME" : "--by belongs to accept");
        if (options->by != NULL && (strlen(options->by) < 1 || strlen(options->by) > 64))
            argp_error(state, "--by takes 1 to 64 bytes");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static enum status see_last(void *context, uint64_t position, const struct log_record *record, struct error *error)
{
    int64_t *last = context;
    (void)position;
    (void)error;
    *last = record->now;
    return OK;
}

static enum status show(const struct options *options, int64_t wall, struct error *error)
{
    struct store store;
    int64_t last = INT64_MIN;
    RETURN_IF_FAILED(sqlite_store_open(&store, options->database, SQLITE_STORE_READ, error));
    uint64_t end = store.log.end(store.log.self);
    enum status status = end > 1 ? store.log.read(store.log.self, end - 1, see_last, &last, error) : OK;
    store_close(&store);
    if (status != OK) return status;
    char shown[CIVIL_INSTANT_SIZE];
    (void)civil_format_instant(shown, wall);
    printf("this machine's clock  %s\n", shown);
    if (last == INT64_MIN) return OK;
    (void)civil_format_instant(shown, last);
    printf("the log's last instant  %s\n", shown);
    struct buffer out = BUFFER_EMPTY;
    decimal_print_duration(&out, wall > last ? wall - last : last - wall);
    buffer_print(&out, wall >= last ? " behind the clock\n" : " ahead of the clock: time stands until it is there\n");
    cli_print(stdout, &out);
    buffer_deinit(&out);
    return OK;
}

static enum status accept(const struct options *options, int64_t wall, struct error *error)
{
    struct store store;
    RETURN_IF_FAILED(sqlite_store_open(&store, options->database, SQLITE_STORE_WRITE, error));
    enum status status = promo_clock_write(&store, options->by, wall, error);
    store_close(&store);
    return status;
}

int command_clock(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "show --db FILE\naccept --db FILE --by NAME",
        .doc =
            "A service whose clock jumped further ahead than its limit goes on from the last good time until a person "
            "says that the clock is right. `accept` is that word, for a service that does not run; it starts by this "
            "clock then. One that runs takes it by promo_clock_accept().\v"
            "Exit status: 0 done, 2 wrong usage or a fault of the environment (a run has the database).",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct error error = ERROR_NONE;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t wall = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (options.at != NULL && civil_parse_instant(&wall, text_of(options.at), &error) != OK)
        return cli_fail(CLI_USAGE, "--at: %s", error.message);
    enum status done = is_accept(&options) ? accept(&options, wall, &error) : show(&options, wall, &error);
    if (done != OK) return cli_fail(CLI_USAGE, "%s", error.message);
    if (is_accept(&options)) printf("accepted: the service starts by this clock\n");
    return CLI_FINE;
}
