/*
 * promo backup: a copy of a database while a run writes it. The work: runtime/store/backup.h.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/store/backup.h"
#include "vm/decimal.h"

enum { KEY_TO = 400, KEY_WHOLE, KEY_IDENTITY = 300 };

struct options {
    const char *database, *to, *identity_key;
    bool whole;
};

static const struct argp_option argp_options[] = {
    {"db", 'd', "FILE", 0, "The database of `promo run --db`", 0},
    {"to", KEY_TO, "FOLDER|FILE", 0,
     "Where to: a folder (the copy is named by the moment), or a file that is not there", 0},
    {"whole", KEY_WHOLE, NULL, 0, "Fold the copy's log too, before it is called whole", 0},
    {"identity-key", KEY_IDENTITY, "FILE", 0, "The key of the runs, if they had one", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd': options->database = argument; return 0;
    case KEY_TO: options->to = argument; return 0;
    case KEY_WHOLE: options->whole = true; return 0;
    case KEY_IDENTITY: options->identity_key = argument; return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s` is not an option; write promo backup --db FILE --to FOLDER", argument);
        return 0;
    case ARGP_KEY_END:
        if (options->database == NULL || options->to == NULL)
            argp_error(state, "name the database and where its copy goes: --db FILE --to FOLDER");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* In a folder: FILE's name and the moment, such as casino-20261122T210548.123Z.db. */
static void name_copy(char out[4096], const struct options *options)
{
    struct stat about;
    if (stat(options->to, &about) != 0 || !S_ISDIR(about.st_mode)) {
        (void)snprintf(out, 4096, "%s", options->to);
        return;
    }
    const char *name = strrchr(options->database, '/');
    name = name == NULL ? options->database : name + 1;
    const char *ending = strrchr(name, '.');
    if (ending == NULL || ending == name) ending = name + strlen(name);
    struct timeval now;
    struct tm parts;
    char moment[32];
    (void)gettimeofday(&now, NULL);
    (void)gmtime_r(&now.tv_sec, &parts);
    (void)strftime(moment, sizeof moment, "%Y%m%dT%H%M%S", &parts);
    size_t folder = strlen(options->to);
    while (folder > 1 && options->to[folder - 1] == '/') folder--;
    (void)snprintf(out, 4096, "%.*s/%.*s-%s.%03ldZ%s", (int)folder, options->to, (int)(ending - name), name, moment,
                   (long)now.tv_usec / 1000, ending);
}

int command_backup(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE --to FOLDER|FILE",
        .doc =
            "Copies a database, FILE and FILE-keys, as they are at one moment, while a run writes them. The copy is "
            "looked at before it gets its name: every page, key, row of the log and part of the checkpoint. It "
            "replaces nothing.\v"
            "The identity key, where the runs have one, is no part of the copy: keep it elsewhere. A copy is brought "
            "back with `promo restore`, never by copying it over the database: effects that left since would get "
            "their ids a second time.\n"
            "Exit status: 0 the copy is whole and durable, 2 there is none.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct buffer key = BUFFER_EMPTY;
    if (!replay_read_key(&key, options.identity_key)) return CLI_USAGE;
    char to[4096];
    name_copy(to, &options);
    const struct backup_options copy = {.database = options.database,
                                        .to = to,
                                        .identity_key = key.size == 32 ? key.bytes : NULL,
                                        .whole = options.whole};
    struct backup_report report;
    struct error error = ERROR_NONE;
    enum status copied = backup_write(&copy, &report, &error);
    buffer_deinit(&key);
    if (copied != OK) return cli_fail(CLI_USAGE, "%s", error.message);
    struct buffer out = BUFFER_EMPTY;
    buffer_print(&out, "%s: ", to);
    decimal_print_count(&out, (int64_t)report.records, "record");
    buffer_string(&out, ", ");
    decimal_print_count(&out, (int64_t)report.players, "player");
    buffer_string(&out, ", ");
    decimal_print(&out, report.bytes, 0, DECIMAL_GROUPS);
    buffer_string(&out, " bytes, whole\n");
    cli_print(stdout, &out);
    buffer_deinit(&out);
    return CLI_FINE;
}
